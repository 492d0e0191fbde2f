//! Which screen is in front, and what it is about.
import type { AttentionList } from "../refunds/attention.svelte.ts";
import type { Preset } from "../refunds/form.svelte.ts";

export type Screen = "checkout" | "orders" | "refunds" | "settings";
export type SettingsPart = "general" | "accounts" | "people" | "limits" | "receiver" | "doctor";
export type RefundTab = "find" | "attention" | "history";

export class Desk {
  screen = $state<Screen>("checkout");
  settingsPart = $state<SettingsPart>("general");
  /** The order whose timeline is open. */
  timelineNo = $state<string | null>(null);
  /** Somebody wants to search: the field that takes the focus for it grants the wish. */
  searchWish = $state(false);
  help = $state(false);
  /** Somebody wants to say who they are. */
  signingIn = $state(false);
  refundTab = $state<RefundTab>("find");
  /** The order on the refund screen. */
  refundNo = $state<string | null>(null);
  /** A full refund is wanted for this reason: its form comes filled in. */
  refundFor = $state<Preset | null>(null);
  /** What needs a person, once somebody has counted. */
  attention = $state.raw<AttentionList | null>(null);

  go(screen: Screen): void {
    this.screen = screen;
  }

  search(): void {
    if (this.screen === "refunds") this.refundTab = "find";
    else this.screen = "orders";
    this.searchWish = true;
  }

  timeline(orderNo: string): void {
    this.timelineNo = orderNo;
    this.screen = "orders";
  }

  /** Opens an order on the refund screen; `why`: all of it is to go back. */
  refund(orderNo: string, why: Preset | null = null): void {
    this.refundNo = orderNo;
    this.refundFor = why;
    this.screen = "refunds";
  }

  matters(): void {
    this.refundNo = null;
    this.refundTab = "attention";
    this.screen = "refunds";
  }

  accounts(): void {
    this.settingsPart = "accounts";
    this.screen = "settings";
  }

  people(): void {
    this.settingsPart = "people";
    this.screen = "settings";
  }
}
