//! How a refund stands, in one true sentence.
import { quoted, saidOf, silenceOf, type Tone, troubleText } from "../domain/standing.ts";
import type { RefundView } from "../host/contract.ts";
import { refundWords } from "../words/refunds/table.ts";
import type { Words } from "../words/words.svelte.ts";

export type RefundTruth = { tone: Tone; title: string; brief: string; detail: string; more: string[] };

/** From this long without an answer the screen says so. */
const silenceMs = 3_000;

/**
 * The state in words; one that could not be sent is not "about to be sent", one that left before is not "not sent yet", and one that
 * failed and may yet succeed not "under way".
 */
export function stateText(refund: RefundView, words: Words): string {
  const t = refundWords(words);
  const { state, unanswered, may_succeed_until } = refund;
  if (may_succeed_until !== null) return t.truth.notFinalTitle;
  if (isWantedAgain(refund)) return t.truth.againTitle;
  return state === "requested" && unanswered > 0 ? t.truth.unsentTitle : t.state[state];
}

/** It left, and is to be sent once more under its number. */
function isWantedAgain({ state, sent_at }: RefundView): boolean {
  return state === "requested" && sent_at !== null;
}

/** `why`: what keeps a refund from being sent, where that is known. */
export function truth(refund: RefundView, wall: number, words: Words, why: string | null = null): RefundTruth {
  const t = refundWords(words);
  const { state, sent_at, next_query_at, unanswered } = refund;
  const silent = sent_at === null ? 0 : wall - Date.parse(sent_at);
  const is = (tone: Tone, detail: string): RefundTruth => ({
    tone,
    title: stateText(refund, words),
    brief: t.brief[state],
    detail,
    more: [],
  });
  const isAsked = state === "sent" || state === "processing" || state === "unknown";
  const said = quoted(refund.said, isAsked, words);
  const asking = () => {
    const next = next_query_at === null ? null : Date.parse(next_query_at) - wall;
    return [...came(refund, words), ...(next !== null && next > 0 ? [t.truth.asks(words.calm(next))] : [])];
  };
  if (refund.may_succeed_until !== null) {
    return { ...is("doubt", t.truth.notFinal(words.when(refund.may_succeed_until, wall))), more: asking() };
  }
  const quotation = said === null ? [] : [words.t.common.colon(words.t.order.gatewaySaid, said)];
  switch (state) {
    case "requested":
      if (isWantedAgain(refund)) return is("wait", why === null ? t.truth.again : t.truth.againFor(why));
      if (unanswered === 0) return is("wait", t.truth.requested);
      return is("look", why === null ? t.truth.unsent : t.truth.unsentFor(why));
    case "sent": {
      const line = silent >= silenceMs ? t.truth.sent(words.seconds(silent)) : t.truth.sentNow;
      return { ...is(silent >= silenceMs ? "look" : "busy", line), more: asking() };
    }
    case "processing":
      return { ...is("busy", t.truth.processing), more: asking() };
    case "succeeded":
      return is("good", t.truth.succeeded);
    case "failed":
      return { ...is("look", t.truth.failed), more: quotation };
    case "unknown":
      return { ...is("doubt", t.truth.unknown), more: [...quotation, ...asking()] };
    case "withdrawn":
      return is("off", t.truth.withdrawn);
  }
}

/** What the questions about a refund brought instead of its outcome: no answer, or what the last one was. */
function came({ trouble, unanswered }: RefundView, words: Words): string[] {
  if (trouble === null) return [];
  const { truth: t } = refundWords(words);
  const said = saidOf(trouble);
  const last = () => {
    if (said?.reaction === "no_such_order") return t.notKnown(said.code);
    return silenceOf(trouble) === "no_answer" ? t.unanswered : troubleText(trouble, true, words);
  };
  return [last(), ...(unanswered > 1 ? [t.fruitless(unanswered)] : [])];
}
