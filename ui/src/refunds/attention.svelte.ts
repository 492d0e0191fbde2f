//! All orders that need a person, weightiest first.
import type { Attention, OrderLine, OrderQuery } from "../host/contract.ts";
import type { Till } from "../till/till.svelte.ts";

/** Money in doubt comes before money that is only in the wrong place. */
export const byWeight: Attention[] = [
  "disputed",
  "refund_disputed",
  "mark_contradicted",
  "double_payment",
  "refund_unknown",
  "late_payment",
  "refund_failed",
  "refunded_elsewhere",
  "end_refused",
  "cannot_be_asked",
  "expired_here",
  "open_for_a_week",
];

/** Those that a full refund puts right. */
export const refundedInFull: Attention[] = ["double_payment", "late_payment"];

export const inDoubt: Attention[] = [
  "disputed",
  "refund_disputed",
  "mark_contradicted",
  "double_payment",
  "end_refused",
];

const pauseMs = 150;
/** More matters than this are counted as "more". */
const most = 200;

export type Matter = { line: OrderLine; attention: Attention };

export class AttentionList {
  matters = $state.raw<Matter[]>([]);
  more = $state(false);
  answered = $state(false);
  /** How many, as text; empty: none. */
  count = $derived(this.matters.length === 0 ? "" : `${this.matters.length}${this.more ? "+" : ""}`);
  #asked = 0;
  #pause: ReturnType<typeof setTimeout> | null = null;

  constructor(readonly till: Till) {}

  /** An order has moved on: asks again in a moment. */
  stale(): void {
    this.stop();
    this.#pause = setTimeout(() => void this.again(), pauseMs);
  }

  stop(): void {
    if (this.#pause !== null) clearTimeout(this.#pause);
    this.#pause = null;
  }

  async again(): Promise<void> {
    this.#asked += 1;
    const asked = this.#asked;
    const lines: OrderLine[] = [];
    let after: string | null = null;
    do {
      const query: OrderQuery = { text: "", states: [], attention_only: true, day: null, after };
      const got = await this.till.notices.orTell(() => this.till.host.orders(query));
      if (got === null || asked !== this.#asked) return;
      lines.push(...got.value.rows);
      after = got.value.next;
    } while (after !== null && lines.length < most);
    this.matters = lines
      .flatMap((line) => (line.attention === null ? [] : [{ line, attention: line.attention }]))
      .sort((a, b) => byWeight.indexOf(a.attention) - byWeight.indexOf(b.attention));
    this.more = after !== null;
    this.answered = true;
  }
}
