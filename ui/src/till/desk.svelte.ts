//! Which screen is in front.
export type Screen = "checkout" | "orders" | "settings";
export type SettingsPart = "general" | "accounts" | "doctor";

export class Desk {
  screen = $state<Screen>("checkout");
  settingsPart = $state<SettingsPart>("general");
  /** The order whose timeline is open. */
  timelineNo = $state<string | null>(null);
  /** Counts wishes to search, so that the field takes the focus each time. */
  searchWish = $state(0);
  help = $state(false);

  go(screen: Screen): void {
    this.screen = screen;
  }

  search(): void {
    this.screen = "orders";
    this.searchWish += 1;
  }

  timeline(orderNo: string): void {
    this.timelineNo = orderNo;
    this.screen = "orders";
  }

  accounts(): void {
    this.settingsPart = "accounts";
    this.screen = "settings";
  }
}
