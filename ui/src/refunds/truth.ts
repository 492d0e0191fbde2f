//! How a refund stands, in one true sentence.
import { saidText, type Tone } from "../domain/standing.ts";
import type { RefundView } from "../host/contract.ts";
import { refundWords } from "../words/refunds/table.ts";
import type { Words } from "../words/words.svelte.ts";

export type RefundTruth = { tone: Tone; title: string; brief: string; detail: string; more: string[] };

/** From this long without an answer the screen says so. */
const silenceMs = 3_000;

export function truth(refund: RefundView, wall: number, words: Words): RefundTruth {
  const t = refundWords(words);
  const { state, sent_at, next_query_at, unanswered } = refund;
  const silent = sent_at === null ? 0 : wall - Date.parse(sent_at);
  const is = (tone: Tone, detail: string): RefundTruth => ({
    tone,
    title: t.state[state],
    brief: t.brief[state],
    detail,
    more: [],
  });
  const said = saidText(refund, words);
  const asking = () => {
    const next = next_query_at === null ? null : Date.parse(next_query_at) - wall;
    return [
      ...(unanswered > 0 ? [t.truth.unanswered(unanswered)] : []),
      ...(next !== null && next > 0 ? [t.truth.asks(words.calm(next))] : []),
    ];
  };
  const quoted = said === null ? [] : [words.t.common.colon(words.t.order.gatewaySaid, said)];
  switch (state) {
    case "requested":
      return is("wait", t.truth.requested);
    case "sent": {
      const line = silent >= silenceMs ? t.truth.sent(words.seconds(silent)) : t.truth.sentNow;
      return { ...is(silent >= silenceMs ? "look" : "busy", line), more: asking() };
    }
    case "processing":
      return { ...is("busy", t.truth.processing), more: asking() };
    case "succeeded":
      return is("good", t.truth.succeeded);
    case "failed":
      return { ...is("look", t.truth.failed), more: quoted };
    case "unknown":
      return { ...is("doubt", t.truth.unknown), more: [...quoted, ...asking()] };
  }
}
