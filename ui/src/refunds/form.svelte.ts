//! What goes back, and why. Amounts are text or whole minor units; the till has the last word about both.
import { halfWidth, minorOf } from "../domain/amount.ts";
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

export class RefundForm {
  amount = $state("");
  reason = $state("");
  /** How many of each line, by its id. */
  quantities = $state<Record<string, number>>({});
  busy = $state(false);
  refused = $state.raw<Refusal | null>(null);
  readonly sign: Sign;
  /** A second person is wanted above this, as the till said. */
  #above = $state<string | null>(null);

  live = $derived.by<LiveOrder | null>(() => this.till.orders.get(this.no)?.live ?? null);
  able = $derived(this.live?.refundable ?? null);
  currency = $derived(this.live?.order.currency ?? "CNY");
  limits = $derived.by(() => this.till.people.limits.refunds[this.currency] ?? null);
  /** Lines that can go back; where the gateway does not go by them, an amount alone is enough. */
  lines = $derived.by(() => this.able?.lines ?? []);
  /** The gateway goes by lines, and none of this order are known here. */
  lacksLines = $derived(this.able?.by_lines === true && this.lines.length === 0);
  /** What of which line goes back. */
  items = $derived.by(() => this.lines.flatMap((line) => partOf(line, this.taken(line))));
  /** Minor units of what is chosen; `null`: nothing that is an amount. */
  minor = $derived.by(() =>
    this.able?.by_lines === true
      ? this.items.reduce((sum, { amount_minor }) => sum + amount_minor, 0)
      : minorOf(this.amount),
  );
  chosen = $derived(this.minor !== null && this.minor > 0);
  noAmount = $derived(this.minor === null && this.amount.trim() !== "");
  /** What of the order went back before, or may: it counts as well when a second person is wanted. */
  #before = $derived.by(() =>
    (this.live?.refunds ?? [])
      .filter(({ state }) => state !== "failed" && state !== "withdrawn")
      .reduce((sum, { amount_minor }) => sum + amount_minor, 0),
  );
  /** Above which a second person signs, where this refund needs one. */
  above = $derived.by(() => {
    if (this.#above !== null) return this.#above;
    const { kind } = this.till.people.session;
    const limit = this.limits?.second_above ?? null;
    const minor = limit === null ? null : minorOf(limit);
    if (kind !== "operator" || minor === null || this.minor === null) return null;
    return this.#before + this.minor > minor ? limit : null;
  });
  /** What the till will say to this amount, as far as can be seen from here. */
  tooMuch = $derived.by<"ceiling" | "limit" | null>(() => {
    if (this.minor === null || this.able === null) return null;
    if (this.minor > this.able.left_minor) return "ceiling";
    const limit = this.limits === null ? null : minorOf(this.limits.per_refund);
    return limit !== null && this.minor > limit ? "limit" : null;
  });
  /** The limit is in bytes: a Chinese character takes three of them. */
  reasonTooLong = $derived.by(
    () => new TextEncoder().encode(this.reason.trim()).length > (this.able?.reason_limit ?? 0),
  );

  constructor(
    readonly till: Till,
    readonly no: string,
  ) {
    this.sign = new Sign(till);
  }

  /** Kept as it was typed: what is no amount is said to be none, and never becomes another one. */
  typed(text: string): string {
    this.amount = halfWidth(text);
    this.quantities = {};
    return this.amount;
  }

  /** All that is left. */
  full(): void {
    if (this.able === null) return;
    this.amount = this.able.left;
    const { by_lines, left_minor } = this.able;
    const worth = this.lines.reduce((sum, { amount_minor }) => sum + amount_minor, 0);
    // What went back as an amount is missing in no line: then the lines come to another sum.
    const all = by_lines || worth === left_minor ? this.lines : [];
    this.quantities = Object.fromEntries(all.map(({ id, quantity }) => [id, quantity]));
  }

  /** How many of a line are chosen; what went back meanwhile is not among them. */
  taken({ id, quantity }: Item): number {
    return Math.min(this.quantities[id] ?? 0, quantity);
  }

  take({ id, quantity }: Item, wanted: number): void {
    this.quantities = { ...this.quantities, [id]: Math.min(Math.max(0, wanted), quantity) };
    const sum = this.items.reduce((all, { amount_minor }) => all + amount_minor, 0);
    this.amount = sum === 0 ? "" : minorText(sum);
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
      const request = {
        order_no: this.no,
        amount: this.able?.by_lines === true ? minorText(this.minor ?? 0) : this.amount.trim().replace(/\.$/, ""),
        reason: this.reason.trim(),
        items: this.items,
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
      case "refund_reason_too_long":
        return "reason";
      case "value_does_not_fit":
        return "amount";
      case "pin_needed":
        return "pin";
      case "pin_wrong":
      case "locked_out":
        return this.refused.facts.name === this.sign.secondName.trim() ? "second-pin" : "pin";
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
    if (!this.sign.complete(false)) return { code: "pin_needed", facts: { name: this.sign.signer ?? "—" } };
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

/** All that is left of a line, or a part of it, rounded down; nothing where that is worth nothing. */
function partOf({ id, quantity: left, amount_minor: worth }: Item, quantity: number): Item[] {
  if (quantity <= 0) return [];
  const amount_minor = quantity === left ? worth : Number((BigInt(worth) * BigInt(quantity)) / BigInt(left));
  return amount_minor === 0 ? [] : [{ id, quantity, amount_minor }];
}
