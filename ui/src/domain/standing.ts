//! How an order stands, in one true sentence.
import type { LateAfter, LiveOrder, OrderLine, Trouble } from "../host/contract.ts";
import { countdown, type Words } from "../words/words.svelte.ts";

/** Colour and shape of a state; never its only sign. */
export type Tone = "wait" | "busy" | "look" | "good" | "doubt" | "off";

export type Standing = { tone: Tone; title: string; detail: string | null; brief: string };

/** From this many questions in a row without an answer the screen says so. */
export const silence = 3;

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
        ? is("look", t.order.paidLate, t.attention.late_payment, lateDetail(live, words))
        : is("good", t.order.paid, t.state.paid, attentionNext(live, words));
    case "closed":
      if (live.end_reason === "never_created")
        return is("off", t.order.neverCreated, t.state.closed, t.order.neverCreatedDetail);
      if (live.end_reason === "expired_here")
        return is("look", t.order.expiredHere, t.state.closed, t.order.expiredHereDetail);
      return is("off", t.order.closed, t.state.closed, t.order.closedDetail);
    case "failed":
      if (live.presented === "consumer")
        return is("off", t.order.codeDeclined, t.state.failed, saidText(live, words) ?? t.order.failedDetail);
      return is("off", t.order.failed, t.state.failed, t.order.failedDetail);
    case "reversed":
      return is("off", t.order.reversed, t.state.reversed, t.order.reversedDetail);
    case "disputed": {
      const why = reason === null ? "" : t.order.disputeReason(reason);
      return is("doubt", t.order.disputed, t.open.disputed, `${why}${t.order.disputedDetail}`);
    }
    case "drafted":
      return is("wait", t.order.drafted, t.open.creating);
    case "creating": {
      const since = words.calm(live.drafted_ago_ms + passed);
      const title = live.presented === "consumer" ? t.order.sending(since) : t.order.creating(since);
      return is("wait", title, t.open.creating);
    }
    case "create_unknown":
    case "awaiting_payment":
    case "paying":
    case "expiring":
      return asked(live, passed, words, is);
  }
}

/** What the payment came after, and where the money is now. */
function lateDetail({ late_after: after, attentions }: LiveOrder, words: Words): string {
  const { t } = words;
  const back = "refunded_elsewhere";
  const money = attentions.includes(back)
    ? t.common.colon(t.attention[back], t.attentionNext[back])
    : t.order.paidLateMoney;
  return after === null ? money : words.sentences([t.order.paidLateAfter[endOf(after)], money]);
}

type After = keyof Words["t"]["order"]["paidLateAfter"];

function endOf({ state, reason }: LateAfter): After {
  if (reason !== "gateway") return reason;
  return state === "failed" || state === "reversed" ? state : "closed";
}

type Is = (tone: Tone, title: string, brief: string, detail?: string | null) => Standing;

function asked(live: LiveOrder, passed: number, words: Words, is: Is): Standing {
  const { t } = words;
  const { asking, order, closing } = live;
  const { attention } = order;
  if (attention === "end_refused")
    return is("doubt", t.attention.end_refused, t.open.refused, t.attentionNext.end_refused);
  if (live.attentions.includes("cannot_be_asked"))
    return is("look", t.attention.cannot_be_asked, t.open.unknown, t.attentionNext.cannot_be_asked);
  if (asking.unanswered >= silence) return unheard(live, passed, words, is);
  if (live.presented === "consumer") return confirming(live, passed, words, is);
  if (order.state === "paying")
    return closing === null
      ? is("busy", t.order.paying, t.open.paying, t.order.payingDetail)
      : is("busy", t.order.payingClosing, t.open.paying, t.order.payingClosingDetail);
  if (live.presented === "elsewhere") return is("wait", t.order.elsewhere, t.open.elsewhere, t.order.elsewhereDetail);
  if (live.gave_no_code) return is("look", t.order.noCode, t.open.noCode, lackDetail(live, words));
  if (live.link_lost) return is("look", t.order.lost, t.open.lost, lackDetail(live, words));
  if (order.state === "create_unknown") return is("look", t.order.unknown, t.open.unknown);
  if (closing !== null) {
    const left = closing.floor_in_ms - passed;
    const title = left > 0 ? t.order.closingWait(countdown(left)) : t.order.closingNow;
    const detail = closing.refused > 0 ? t.order.closingRefused(closing.refused) : t.order.closingDetail;
    return is("wait", title, t.open.closing, detail);
  }
  if (order.state === "expiring") return is("wait", t.order.expiring, t.open.expiring, t.order.closingDetail);
  if (live.declined) return is("look", t.order.declined, t.open.declined);
  if (live.parameters !== null && order.qr === null) return is("wait", t.order.appWaiting, t.state.awaiting_payment);
  return is("wait", t.order.waiting, t.open.waiting);
}

/** Why there was no verified answer for a while: nobody answered, nobody could be asked, or what came was none. */
export type Silence = "no_answer" | "cannot_ask" | "untrusted" | "unreadable" | "said";

export function silenceOf(trouble: Trouble | null): Silence {
  if (trouble === null || trouble === "unreachable" || trouble === "timed_out") return "no_answer";
  if (trouble === "keyring" || trouble === "not_built") return "cannot_ask";
  if (typeof trouble === "string") return trouble;
  return "said" in trouble ? "said" : "unreadable";
}

/** How an order ends that nobody can pay for want of a code, and what to do meanwhile. */
function lackDetail({ gave_no_code: none, closes }: LiveOrder, { t }: Words): string {
  if (none) return closes ? t.order.noCodeDetail : t.order.noCodeExpires;
  return closes ? t.order.lostDetail : t.order.lostExpires;
}

function unheard(live: LiveOrder, passed: number, words: Words, is: Is): Standing {
  const { t } = words;
  const { trouble, answered_ago_ms: ago } = live.asking;
  const detail = live.link_lost ? lackDetail(live, words) : t.order.silentDetail;
  switch (silenceOf(trouble)) {
    case "cannot_ask":
      return is("look", t.order.cannotAsk, t.open.cannotAsk, t.order.cannotAskDetail);
    case "untrusted":
      return is("look", t.order.notTrusted, t.open.notTrusted, detail);
    case "unreadable":
      return is("look", t.order.answersUnusable, t.open.answersUnusable, detail);
    case "said":
      return is("look", t.order.answersError(codeOf(trouble)), t.open.answersError, detail);
    case "no_answer": {
      const title = ago === null ? t.order.silentEver : t.order.silent(words.seconds(ago + passed));
      return is("look", title, t.open.silent, detail);
    }
  }
}

function codeOf(trouble: Trouble | null): string {
  return trouble !== null && typeof trouble === "object" && "said" in trouble ? (trouble.said?.code ?? "") : "";
}

/** What the customer's payment code cannot do any more: this attempt ends, and then the next code is taken. */
function isCodeRefused({ said, declined }: LiveOrder): boolean {
  return said !== null && !declined && (said.reaction === "fresh_code" || said.reaction === "refused");
}

/** The customer's payment code was sent: it may be charged at any moment, until the gateway says that it will not. */
function confirming(live: LiveOrder, passed: number, words: Words, is: Is): Standing {
  const { t } = words;
  const { order, closing } = live;
  const ending = isCodeRefused(live) ? t.order.codeRefusedEnding : t.order.endingDetail;
  if (closing !== null) {
    const left = closing.floor_in_ms - passed;
    const span = countdown(left);
    const refused = closing.refused > 0;
    if (live.can_reverse) {
      const title = left > 0 ? t.order.reversingWait(span) : t.order.reversingNow;
      const detail = refused ? t.order.reversingRefused(closing.refused) : ending;
      return is("wait", title, t.open.reversing, detail);
    }
    const title = left > 0 ? t.order.closingCodeWait(span) : t.order.closingCodeNow;
    return is("wait", title, t.open.closing, refused ? t.order.closingRefused(closing.refused) : ending);
  }
  if (order.state === "paying") return is("busy", t.order.paying, t.open.paying, t.order.confirmingDetail);
  if (isCodeRefused(live) && order.state !== "expiring") {
    const left = countdown(live.expires_in_ms - passed);
    return is("look", t.order.codeRefused, t.open.codeRefused, t.order.codeRefusedDetail(left));
  }
  if (order.state === "create_unknown" && live.said?.reaction === "awaits_customer")
    return is("busy", t.order.confirming, t.open.confirming, t.order.confirmingDetail);
  if (order.state === "create_unknown")
    return is("look", t.order.codeUnknown, t.open.unknown, t.order.codeUnknownDetail);
  if (order.state === "expiring") return is("wait", t.order.codeEnding, t.open.expiring, ending);
  if (live.declined) return is("look", t.order.declined, t.open.declined, saidText(live, words));
  return is("wait", t.order.confirming, t.open.confirming, t.order.confirmingDetail);
}

/** The gateway's own words, quoted, and what they lead to. */
export function saidText(live: Pick<LiveOrder, "said">, words: Words): string | null {
  if (live.said === null) return null;
  const { text, code, reaction } = live.said;
  return words.t.common.of(words.t.common.quote(text ?? code), words.t.reaction[reaction]);
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
    const doubt = ["disputed", "double_payment", "end_refused", "refund_disputed", "mark_contradicted"].includes(
      line.attention,
    );
    const brief = line.state === "disputed" ? state : t.common.of(state, t.attention[line.attention]);
    return { tone: doubt ? "doubt" : "look", brief };
  }
  switch (line.state) {
    case "paid":
      return { tone: "good", brief: refundedText(line, words) };
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

function refundedText({ state, amount, refunded }: OrderLine, words: Words): string {
  const { t } = words;
  if (!/[1-9]/.test(refunded)) return t.state[state];
  return t.common.of(t.state[state], amount === refunded ? t.orders.refundedAll : t.orders.refundedPart);
}

/** What was wrong with the last answer, for people. */
export function troubleText(trouble: Trouble, words: Words): string {
  const { t } = words;
  if (typeof trouble === "string") return t.trouble[trouble];
  if ("said" in trouble) return t.common.colon(t.trouble.said(trouble.said.code), t.reaction[trouble.said.reaction]);
  return t.trouble.unreadable;
}
