//! The refunds of the past, for what was chosen.
import type { RefundPage, RefundState, RefundView } from "../host/contract.ts";
import { Pages } from "../till/pages.svelte.ts";

export class History extends Pages<RefundView> {
  state = $state<RefundState | "">("");
  by = $state("");

  get filtered(): boolean {
    return this.text.trim() !== "" || this.state !== "" || this.by !== "" || this.day !== "";
  }

  protected page(after: string | null): Promise<RefundPage> {
    return this.till.host.refunds({
      text: this.sought,
      states: this.state === "" ? [] : [this.state],
      by: this.by === "" ? null : this.by,
      day: this.wholeDay,
      after,
    });
  }
}
