//! How an order stands, in one true sentence.
import type { LiveOrder, OrderLine, Trouble } from "../host/contract.ts";
import { countdown, type Words } from "../words/words.svelte.ts";

/** Colour and shape of a state; never its only sign. */
export type Tone = "wait" | "busy" | "look" | "good" | "doubt" | "off";

export type Standing = { tone: Tone; title: string; detail: string | null; brief: string };

/** From this many questions in a row without an answer the screen says so. */
const silence = 3;

/** `passed`: milliseconds since this picture of the order arrived. */
export function standing(live: LiveOrder, passed: number, words: Words): Standing {
  const { t } = words;
  const is = (tone: Tone, title: string, brief: string, detail: string | null = null): Standing => ({
    tone,
    title,
    detail,
    brief,
  });
  const { state, late, reason } = live.order;
  switch (state) {
    case "paid":
      return late
        ? is("look", t.order.paidLate, t.attention.late_payment, t.order.paidLateDetail)
        : is("good", t.order.paid, t.state.paid, attentionNext(live, words));
    case "closed":
      if (live.end_reason === "never_created")
        return is("off", t.order.neverCreated, t.state.closed, t.order.neverCreatedDetail);
      if (live.end_reason === "expired_here")
        return is("look", t.order.expiredHere, t.state.closed, t.order.expiredHereDetail);
      return is("off", t.order.closed, t.state.closed, t.order.closedDetail);
    case "failed":
      return is("off", t.order.failed, t.state.failed, t.order.failedDetail);
    case "reversed":
      return is("off", t.order.reversed, t.state.reversed, t.order.reversedDetail);
    case "disputed": {
      const why = reason === null ? "" : t.order.disputeReason(reason);
      return is("doubt", t.order.disputed, t.open.disputed, `${why}${t.order.disputedDetail}`);
    }
    case "drafted":
      return is("wait", t.order.drafted, t.open.creating);
    case "creating":
      return is("wait", t.order.creating(words.calm(live.drafted_ago_ms + passed)), t.open.creating);
    case "create_unknown":
    case "awaiting_payment":
    case "paying":
    case "expiring":
      return asked(live, passed, words, is);
  }
}

function asked(
  live: LiveOrder,
  passed: number,
  words: Words,
  is: (tone: Tone, title: string, brief: string, detail?: string | null) => Standing,
): Standing {
  const { t } = words;
  const { asking, order, closing } = live;
  if (asking.unanswered >= silence) {
    const title =
      asking.answered_ago_ms === null
        ? t.order.silentEver
        : t.order.silent(words.seconds(asking.answered_ago_ms + passed));
    return is("look", title, t.open.silent, live.link_lost ? t.order.lostDetail : t.order.silentDetail);
  }
  if (order.state === "paying") return is("busy", t.order.paying, t.open.paying, t.order.payingDetail);
  if (live.link_lost) return is("look", t.order.lost, t.open.lost, t.order.lostDetail);
  if (order.state === "create_unknown") return is("look", t.order.unknown, t.open.unknown);
  if (closing !== null) {
    const left = closing.floor_in_ms - passed;
    const title = left > 0 ? t.order.closingWait(countdown(left)) : t.order.closingNow;
    const detail = closing.refused > 0 ? t.order.closingRefused(closing.refused) : t.order.closingDetail;
    return is("wait", title, t.open.closing, detail);
  }
  if (order.state === "expiring") return is("wait", t.order.expiring, t.open.expiring, t.order.closingDetail);
  if (live.declined) return is("look", t.order.declined, t.open.declined);
  return is("wait", t.order.waiting, t.open.waiting);
}

function attentionNext(live: LiveOrder, words: Words): string | null {
  const { attention } = live.order;
  return attention === null
    ? null
    : words.t.common.colon(words.t.attention[attention], words.t.attentionNext[attention]);
}

/** A row of the list has less to go by. */
export function lineStanding(line: OrderLine, words: Words): { tone: Tone; brief: string } {
  const { t } = words;
  const state = t.state[line.state];
  if (line.attention !== null) {
    const doubt = line.attention === "disputed" || line.attention === "double_payment";
    const brief = line.state === "disputed" ? state : t.common.of(state, t.attention[line.attention]);
    return { tone: doubt ? "doubt" : "look", brief };
  }
  switch (line.state) {
    case "paid":
      return { tone: "good", brief: state };
    case "disputed":
      return { tone: "doubt", brief: state };
    case "paying":
      return { tone: "busy", brief: state };
    case "closed":
    case "failed":
    case "reversed":
      return { tone: "off", brief: state };
    case "create_unknown":
      return { tone: "look", brief: state };
    case "drafted":
    case "creating":
    case "awaiting_payment":
    case "expiring":
      return { tone: "wait", brief: state };
  }
}

/** What was wrong with the last answer, for people. */
export function troubleText(trouble: Trouble, words: Words): string {
  const { t } = words;
  if (typeof trouble === "string") return t.trouble[trouble];
  if ("said" in trouble) return t.common.colon(t.trouble.said(trouble.said.code), t.reaction[trouble.said.reaction]);
  return t.trouble.unreadable;
}
