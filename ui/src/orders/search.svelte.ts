//! The orders list, for what was typed.
import type { OrderLine, OrderPage, State } from "../host/contract.ts";
import { Pages } from "../till/pages.svelte.ts";
import type { Till } from "../till/till.svelte.ts";

export class Search extends Pages<OrderLine> {
  attentionOnly = $state(false);
  /** Only these; empty: all. */
  states = $state.raw<State[]>([]);
  /** Who made them; empty: anybody. */
  soldBy = $state("");

  constructor(till: Till, states: State[] = []) {
    super(till);
    this.states = states;
  }

  get filtered(): boolean {
    const chosen = this.attentionOnly || this.states.length > 0 || this.soldBy !== "" || this.day !== "";
    return chosen || this.text.trim() !== "";
  }

  protected page(after: string | null): Promise<OrderPage> {
    return this.till.host.orders({
      text: this.sought,
      states: this.states,
      attention_only: this.attentionOnly,
      sold_by: this.soldBy === "" ? null : this.soldBy,
      day: this.wholeDay,
      after,
    });
  }
}
