//! The facts of one event that people can use, in words. Everything else stays in the journal.
import { reactionOf, reactionText, staleText } from "../domain/standing.ts";
import type { TimelineEntry } from "../host/contract.ts";
import { minorText, shortNo, type Words } from "../words/words.svelte.ts";

export type Fact = { name: string; value: string };

export function factsOf(
  entry: TimelineEntry,
  currency: string,
  words: Words,
  channel: (name: string) => string,
): Fact[] {
  const { t } = words;
  const f = t.orders.fact;
  const found: Fact[] = [];
  const say = (name: string, value: string | undefined) => {
    if (value !== undefined && value !== "" && value !== "null") found.push({ name, value });
  };
  const word = (value: string | undefined) =>
    value === undefined ? undefined : ((t.orders.value as Record<string, string>)[value] ?? value);
  const { facts, kind } = entry;
  const micros = Number(facts.took ?? Number.NaN);

  if (kind === "drafted") {
    say(
      f.amount,
      facts.minor === undefined ? undefined : words.money(minorText(Number(facts.minor)), facts.currency ?? currency),
    );
    say(f.channel, facts.channel === undefined ? undefined : channel(facts.channel));
    say(f.body, facts.body);
  }
  if (kind === "paid") {
    say(
      f.paid,
      facts.paid_minor === undefined ? undefined : words.money(minorText(Number(facts.paid_minor)), currency),
    );
    if (facts.paid_at !== undefined) say(f.gateway_time, words.time(Number(facts.paid_at) * 1000));
    if (facts.late === "true") say(f.note, t.attention.late_payment);
    say(f.wallet_no, facts.wallet_no);
  }
  if (kind.startsWith("refund_") || kind === "marked_by_hand") {
    const minor = facts.minor ?? facts.amount_minor;
    say(f.what, kind === "marked_by_hand" ? word(facts.what) : undefined);
    say(f.amount, minor === undefined ? undefined : words.money(minorText(Number(minor)), currency));
    say(f.refund_no, facts.refund_no === undefined ? undefined : shortNo(facts.refund_no));
    say(f.gateway_refund_no, facts.gateway_refund_no);
  }
  if (kind === "refund_requested") say(f.body, facts.reason);
  if (kind === "marked_by_hand" || kind === "attention_handled") say(f.body, facts.note);
  say(f.second, facts.second);
  if (kind === "further_overruled") say(f.by, facts.by);
  if (kind === "created" || kind === "paid") say(f.gateway_no, facts.gateway_no);
  if (kind === "ended") say(f.state, word(facts.state));
  if (kind !== "disputed" && kind !== "refund_requested") say(f.reason, word(facts.reason ?? facts.why));
  if (kind === "disputed") {
    if (facts.reason !== undefined) say(f.reason, t.order.disputeReason(facts.reason).trim());
    say(f.amount, facts.amount_minor === undefined ? undefined : words.minor(Number(facts.amount_minor), currency));
  }
  say(f.outcome, word(kind === "reverse_answered" && facts.outcome === "refused" ? "reverse_refused" : facts.outcome));
  say(f.attention, word(facts.attention));
  if (kind === "attention_raised") {
    say(f.amount, facts.amount_minor === undefined ? undefined : words.minor(Number(facts.amount_minor), currency));
    // A number of somebody else's, which is looked up there.
    say(f.refund_no, facts.refund_no);
  }
  say(f.reason, word(facts.trouble ?? facts.unreadable));
  if (facts.stale !== undefined) say(f.reason, staleText(facts.stale, words));
  say(f.reason, facts.no_answer);
  if (facts.status !== undefined) say(f.reason, `HTTP ${facts.status}`);
  if (facts.declined === "true") say(f.note, t.order.declined);
  say(f.code, facts.code);
  // What was over with this event promises nothing; of what was not, another order might have been one too many.
  const over = kind === "ended" || kind === "refund_failed";
  const reaction = reactionOf(facts.reaction, words);
  say(f.note, reaction === null ? undefined : (reactionText(reaction, !over, words, !over) ?? undefined));
  say(f.text, facts.text === undefined ? undefined : words.t.common.quote(facts.text));
  if (Number.isFinite(micros)) say(f.took, words.span(micros / 1000));
  if (Number(facts.asked ?? 0) > 1) say(f.asked, facts.asked);
  if (Number(facts.unanswered ?? 0) > 0) say(f.unanswered, facts.unanswered);
  return found;
}
