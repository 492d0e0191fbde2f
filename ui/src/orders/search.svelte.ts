//! The orders list, for what was typed.
import type { OrderLine, OrderPage, State } from "../host/contract.ts";
import { Pages } from "../till/pages.svelte.ts";
import type { Till } from "../till/till.svelte.ts";

export class Search extends Pages<OrderLine> {
  attentionOnly = $state(false);
  /** Only these; empty: all. */
  states = $state.raw<State[]>([]);

  constructor(till: Till, states: State[] = []) {
    super(till);
    this.states = states;
  }

  protected page(after: string | null): Promise<OrderPage> {
    return this.till.host.orders({
      text: this.sought,
      states: this.states,
      attention_only: this.attentionOnly,
      day: this.wholeDay,
      after,
    });
  }
}
