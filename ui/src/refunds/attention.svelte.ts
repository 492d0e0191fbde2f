//! All orders that need a person, weightiest first.
import type { Attention, OrderLine, OrderQuery, RefundView } from "../host/contract.ts";
import type { Till } from "../till/till.svelte.ts";

const pauseMs = 150;
/** More matters than this are counted as "more". */
const most = 200;

export type Matter = { line: OrderLine; attention: Attention };

/** What of a matter two people may mark by hand: the order, or each of these refunds. */
export type Markable = { ofOrder: boolean; refunds: RefundView[] };

/** Matters of a refund whose outcome is in doubt: what was seen is of that refund, never of the order beside it. */
const ofRefunds: Attention[] = ["refund_unknown", "refund_disputed"];

/** A matter, and what of it giving all of the payment back puts right. */
export type EndedByRefund = { matter: Matter; attention: Attention };

export class AttentionList {
  matters = $state.raw<Matter[]>([]);
  more = $state(false);
  answered = $state(false);
  /** How many, as text; empty: none. */
  count = $derived(this.matters.length === 0 ? "" : `${this.matters.length}${this.more ? "+" : ""}`);
  /** The first of the list that a full refund puts right. */
  refundable = $derived.by<EndedByRefund | null>(() => {
    for (const matter of this.matters) {
      const attention = this.endedByRefund(matter);
      if (attention !== null) return { matter, attention };
    }
    return null;
  });
  #asked = 0;
  #pause: ReturnType<typeof setTimeout> | null = null;

  constructor(readonly till: Till) {}

  /** An order has moved on: asks again in a moment, however much moves on meanwhile. */
  stale(): void {
    this.#pause ??= setTimeout(() => {
      this.#pause = null;
      void this.again();
    }, pauseMs);
  }

  stop(): void {
    if (this.#pause !== null) clearTimeout(this.#pause);
    this.#pause = null;
  }

  /** All that an order needs somebody for, as far as this window knows. */
  all({ line, attention }: Matter): Attention[] {
    const known = this.till.orders.get(line.order_no)?.live.order.attentions ?? [];
    return known.includes(attention) ? known : [attention, ...known];
  }

  /** The weightiest that giving back all of the payment puts right, unless nothing can go back now. */
  endedByRefund(matter: Matter): Attention | null {
    const live = this.till.orders.get(matter.line.order_no)?.live;
    if (live !== undefined && live.refundable.not !== null) return null;
    return this.all(matter).find((one) => this.till.host.attentionRules[one].ends_by_full_refund) ?? null;
  }

  /** Nothing, until this window knows the order. */
  markable(matter: Matter): Markable {
    const live = this.till.orders.get(matter.line.order_no)?.live;
    if (live === undefined) return { ofOrder: false, refunds: [] };
    if (this.all(matter).some((one) => ofRefunds.includes(one)))
      return { ofOrder: false, refunds: live.refunds.filter(({ can_be_marked }) => can_be_marked) };
    return { ofOrder: live.can_be_marked.length > 0, refunds: [] };
  }

  /** Gets the orders of the list that this window does not know: the list names only the weightiest of each. */
  async complete(): Promise<void> {
    const unknown = this.matters.filter(({ line }) => !this.till.orders.has(line.order_no));
    const { host, notices } = this.till;
    const got = await Promise.all(unknown.map(({ line }) => notices.orTell(() => host.order(line.order_no))));
    for (const one of got) if (one !== null) this.till.take(one.value);
  }

  async again(): Promise<void> {
    this.#asked += 1;
    const asked = this.#asked;
    const lines: OrderLine[] = [];
    let after: string | null = null;
    do {
      const query: OrderQuery = { text: "", states: [], attention_only: true, sold_by: null, day: null, after };
      const got = await this.till.notices.orTell(() => this.till.host.orders(query));
      if (got === null || asked !== this.#asked) return;
      lines.push(...got.value.rows);
      after = got.value.next;
    } while (after !== null && lines.length < most);
    const rules = this.till.host.attentionRules;
    this.matters = lines
      .flatMap((line) => (line.attention === null ? [] : [{ line, attention: line.attention }]))
      .sort((a, b) => rules[a.attention].place - rules[b.attention].place);
    this.more = after !== null;
    this.answered = true;
  }
}
