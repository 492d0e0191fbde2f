//! What goes back, and why. Amounts are text or whole minor units; the till has the last word about both.
import { minorOf, type } from "../domain/amount.ts";
import type { Item, LiveOrder, Refusal } from "../host/contract.ts";
import { refusalOf } from "../host/contract.ts";
import { Sign } from "../people/sign.svelte.ts";
import type { Till } from "../till/till.svelte.ts";
import { refundWords } from "../words/refunds/table.ts";
import { minorText } from "../words/words.svelte.ts";

/** A reason that takes one key. */
export type Preset = "returned" | "wrong_amount" | "paid_twice" | "paid_late" | "other";

export const presets: Preset[] = ["returned", "wrong_amount", "paid_twice", "paid_late", "other"];

/** A field that the till had something to say about. */
export type Faulty = "amount" | "reason" | "pin" | "second-name" | "second-pin";

/** A line that can still go back, in part or whole. */
export type Line = {
  item: Item;
  /** How many of it have not gone back yet. */
  left: number;
  /** Minor units of one; `null`: it does not divide evenly, so only the whole line can go back. */
  each: number | null;
};

export class RefundForm {
  amount = $state("");
  reason = $state("");
  /** How many of each line, by its place. */
  quantities = $state<Record<number, number>>({});
  busy = $state(false);
  refused = $state.raw<Refusal | null>(null);
  readonly sign: Sign;
  /** A second person is wanted above this, as the till said. */
  #above = $state<string | null>(null);

  live = $derived.by<LiveOrder | null>(() => this.till.orders.get(this.no)?.live ?? null);
  able = $derived(this.live?.refundable ?? null);
  currency = $derived(this.live?.order.currency ?? "CNY");
  limits = $derived.by(() => this.till.people.limits.refunds[this.currency] ?? null);
  lines = $derived.by(() => (this.live === null || this.able?.by_lines !== true ? [] : linesOf(this.live)));
  /** Minor units of what is chosen; `null`: nothing that is an amount. */
  minor = $derived.by(() =>
    this.able?.by_lines === true
      ? this.lines.reduce((sum, line, at) => sum + worth(line, this.quantities[at] ?? 0), 0)
      : minorOf(this.amount),
  );
  chosen = $derived(this.minor !== null && this.minor > 0);
  /** Above which a second person signs, where this refund needs one. */
  above = $derived.by(() => {
    if (this.#above !== null) return this.#above;
    const { kind } = this.till.people.session;
    const limit = this.limits?.second_above ?? null;
    const minor = limit === null ? null : minorOf(limit);
    return kind === "operator" && minor !== null && this.minor !== null && this.minor > minor ? limit : null;
  });
  /** What the till will say to this amount, as far as can be seen from here. */
  tooMuch = $derived.by<"ceiling" | "limit" | null>(() => {
    if (this.minor === null || this.able === null) return null;
    if (this.minor > this.able.left_minor) return "ceiling";
    const limit = this.limits === null ? null : minorOf(this.limits.per_refund);
    return limit !== null && this.minor > limit ? "limit" : null;
  });
  reasonTooLong = $derived.by(() => Array.from(this.reason.trim()).length > (this.able?.reason_limit ?? 0));

  constructor(
    readonly till: Till,
    readonly no: string,
  ) {
    this.sign = new Sign(till);
  }

  typed(text: string): string {
    this.amount = type("", text).text;
    return this.amount;
  }

  /** All that is left. */
  full(): void {
    if (this.able === null) return;
    this.amount = this.able.left;
    this.quantities = Object.fromEntries(this.lines.map(({ left }, at) => [at, left]));
  }

  take(at: number, wanted: number): void {
    const line = this.lines[at];
    if (line === undefined) return;
    const all = line.each === null && wanted > 0 ? line.left : wanted;
    this.quantities = { ...this.quantities, [at]: Math.min(Math.max(0, all), line.left) };
  }

  because(preset: Preset): void {
    this.reason = preset === "other" ? "" : refundWords(this.till.words).preset[preset];
  }

  is(preset: Preset): boolean {
    return preset !== "other" && this.reason.trim() === refundWords(this.till.words).preset[preset];
  }

  /** Asks for it, once; the new refund's number, or `null` where it was refused. */
  async send(): Promise<string | null> {
    if (this.busy || !this.chosen || this.live === null) return null;
    this.refused = this.#missing();
    if (this.refused !== null) return null;
    const before = new Set(this.live.refunds.map(({ refund_no }) => refund_no));
    this.busy = true;
    try {
      const items = this.lines.flatMap((line, at) => itemsOf(line, this.quantities[at] ?? 0));
      const request = {
        order_no: this.no,
        amount: this.able?.by_lines === true ? minorText(this.minor ?? 0) : this.amount.replace(/\.$/, ""),
        reason: this.reason.trim(),
        items,
      };
      const { live } = this.till.take(await this.till.host.refund(request, this.sign.authority(this.above !== null)));
      this.#empty();
      return live.refunds.find(({ refund_no }) => !before.has(refund_no))?.refund_no ?? null;
    } catch (thrown) {
      this.refused = refusalOf(thrown);
      if (this.refused.code === "second_person_needed") this.#above = this.refused.facts.above ?? "";
      else this.sign.forget();
      return null;
    } finally {
      this.busy = false;
    }
  }

  /** Where what was refused can be put right. */
  get faulty(): Faulty | null {
    switch (this.refused?.code) {
      case "reason_needed":
        return "reason";
      case "pin_needed":
      case "pin_wrong":
      case "locked_out":
        return "pin";
      case "second_person_needed":
        return this.sign.secondName.trim() === "" ? "second-name" : "second-pin";
      case "second_person_same":
      case "operator_unknown":
        return "second-name";
      default:
        return this.refused === null ? null : "amount";
    }
  }

  /** What would be refused for certain, so that no PIN leaves for nothing. */
  #missing(): Refusal | null {
    if (this.till.people.limits.reason_required && this.reason.trim() === "")
      return { code: "reason_needed", facts: {} };
    if (!this.sign.complete(false)) return { code: "pin_needed", facts: {} };
    if (this.above === null || this.sign.complete(true)) return null;
    return { code: "second_person_needed", facts: { above: this.above } };
  }

  #empty(): void {
    this.amount = "";
    this.reason = "";
    this.quantities = {};
    this.#above = null;
    this.sign.clear();
  }
}

function linesOf({ order, refunds }: LiveOrder): Line[] {
  const back = refunds.filter(({ state }) => state !== "failed").flatMap(({ items }) => items);
  return order.items.map((item) => {
    const gone = back.filter(({ id }) => id === item.id).reduce((sum, { quantity }) => sum + quantity, 0);
    const even = item.quantity > 0 && item.amount_minor % item.quantity === 0;
    return { item, left: Math.max(0, item.quantity - gone), each: even ? item.amount_minor / item.quantity : null };
  });
}

function worth({ item, left, each }: Line, quantity: number): number {
  if (quantity <= 0) return 0;
  if (each !== null) return each * quantity;
  return left === item.quantity ? item.amount_minor : 0;
}

function itemsOf(line: Line, quantity: number): Item[] {
  const amount_minor = worth(line, quantity);
  return amount_minor === 0 ? [] : [{ id: line.item.id, quantity, amount_minor }];
}
