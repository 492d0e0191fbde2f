//! What goes back, and why. Amounts are text or whole minor units; the till has the last word about both.
import { halfWidth, minorOf } from "../domain/amount.ts";
import { FieldRefusal } from "../domain/field-refusal.svelte.ts";
import type { Item, LiveOrder, Refusal } from "../host/contract.ts";
import { refusalOf } from "../host/contract.ts";
import { Sign, type SignField } from "../people/sign.svelte.ts";
import type { Till } from "../till/till.svelte.ts";
import { refundWords } from "../words/refunds/table.ts";
import { minorText } from "../words/words.svelte.ts";

/** A reason that takes one key. */
export type Preset = "returned" | "wrong_amount" | "paid_twice" | "paid_late" | "other";

export const presets: Preset[] = ["returned", "wrong_amount", "paid_twice", "paid_late", "other"];

/** A field of the form; the goods, where they are the amount, are one. */
export type Field = "amount" | "reason" | SignField;

export const fields: Field[] = ["amount", "reason", "pin", "second-name", "second-pin"];

/** Goods that were chosen, and the amount that they came to. */
type Goods = {
  amount: string;
  quantities: Readonly<Record<string, number>>;
  lowered: ReadonlyMap<string, number>;
};

const noGoods: Goods = { amount: "", quantities: {}, lowered: new Map() };

/** What is refused for the reason that was given. */
const ofTheReason: string[] = [
  "reason_needed",
  "refund_reason_too_long",
  "refund_reason_not_one_line",
  "refund_reason_hidden",
];

export class RefundForm {
  amount = $state("");
  reason = $state("");
  /** How many of each line, by its id. */
  quantities = $state<Record<string, number>>({});
  /** How many were typed of lines of which so many are not left: all that is left stands there instead. */
  lowered = $state.raw<ReadonlyMap<string, number>>(new Map());
  /** Enter was pressed beside such a line: one more sends. */
  held = $state(false);
  busy = $state(false);
  /** The field that had the focus last. */
  last = $state<Field>("amount");
  readonly sign: Sign;
  /** The goods that were chosen last, until a hand writes their amount itself. */
  #goods = noGoods;
  readonly #said = new FieldRefusal<Field>((field) => this.#content(field));
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
  /** The first field in which something is missing. */
  missing = $derived.by<Field | null>(() => {
    if (!this.chosen) return "amount";
    if (this.till.people.limits.reason_required && this.reason.trim() === "") return "reason";
    return this.sign.missing(this.above !== null);
  });
  /** Something was filled in, which nobody should have to type again. */
  begun = $derived.by(() => {
    const { pin, secondName, secondPin } = this.sign;
    const typed = [this.amount, this.reason, pin, secondName, secondPin];
    return this.items.length > 0 || typed.some((text) => text.trim() !== "");
  });

  constructor(
    readonly till: Till,
    readonly no: string,
  ) {
    this.sign = new Sign(till);
  }

  /** Why it was not sent, until another text stands in the field that this speaks of. */
  get refused(): Refusal | null {
    return this.#said.refusal;
  }

  /** Where what was refused can be put right. */
  get faulty(): Field | null {
    return this.#said.field;
  }

  /**
   * Kept as it was typed: what is no amount is said to be none, and never becomes another one. `undone`: the amount as it stood
   * before a scanner's keys came in between, and with it the goods.
   */
  typed(text: string, undone = false): string {
    this.amount = halfWidth(text);
    const same = this.amount === this.#goods.amount;
    // A hand that writes the same amount chooses no goods by it.
    if (same && !undone) this.#goods = noGoods;
    const { quantities, lowered } = same ? this.#goods : noGoods;
    this.quantities = { ...quantities };
    this.lowered = lowered;
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
    this.lowered = new Map();
    this.#keepGoods();
  }

  /** How many of a line are chosen; what went back meanwhile is not among them. */
  taken({ id, quantity }: Item): number {
    return Math.min(this.quantities[id] ?? 0, quantity);
  }

  take({ id, quantity }: Item, wanted: number): void {
    const lowered = new Map(this.lowered);
    if (wanted > quantity) lowered.set(id, wanted);
    else lowered.delete(id);
    this.lowered = lowered;
    this.held = false;
    this.quantities = { ...this.quantities, [id]: Math.min(Math.max(0, wanted), quantity) };
    const sum = this.items.reduce((all, { amount_minor }) => all + amount_minor, 0);
    this.amount = sum === 0 ? "" : minorText(sum);
    this.#keepGoods();
  }

  #keepGoods(): void {
    const { amount, quantities, lowered } = this;
    this.#goods = { amount, quantities, lowered };
  }

  because(preset: Preset): void {
    this.reason = preset === "other" ? "" : refundWords(this.till.words).preset[preset];
  }

  is(preset: Preset): boolean {
    return preset !== "other" && this.reason.trim() === refundWords(this.till.words).preset[preset];
  }

  /** Enter was pressed. Whether it may send: what stands there instead of what was typed is confirmed by one more. */
  enter(): boolean {
    if (this.held || this.lowered.size === 0) return true;
    this.held = true;
    return false;
  }

  /** Asks for it, once; the new refund's number, or `null` where it was refused. */
  async send(): Promise<string | null> {
    if (this.busy || !this.chosen || this.live === null) return null;
    this.#said.clear();
    const missing = this.#missing();
    if (missing !== null) {
      this.#said.say(missing, this.#fieldOf(missing));
      return null;
    }
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
      const refusal = refusalOf(thrown);
      if (refusal.code === "second_person_needed") this.#above = refusal.facts.above ?? "";
      else this.sign.forget();
      this.#said.say(refusal, this.#fieldOf(refusal));
      return null;
    } finally {
      this.busy = false;
    }
  }

  #fieldOf(refusal: Refusal): Field {
    if (ofTheReason.includes(refusal.code)) return "reason";
    return this.sign.fieldOf(refusal) ?? "amount";
  }

  #content(field: Field): string {
    if (field === "amount") return JSON.stringify([this.amount, this.quantities]);
    return field === "reason" ? this.reason : this.sign.held(field);
  }

  /** What would be refused for certain, so that no PIN leaves for nothing. */
  #missing(): Refusal | null {
    if (this.till.people.limits.reason_required && this.reason.trim() === "")
      return { code: "reason_needed", facts: {} };
    if (!this.sign.complete(false)) return { code: "pin_needed", facts: { name: this.sign.signer ?? "—" } };
    if (this.above === null || this.sign.complete(true)) return null;
    return { code: "second_person_needed", facts: { above: this.above, currency: this.live?.order.currency ?? "" } };
  }

  #empty(): void {
    this.amount = "";
    this.reason = "";
    this.quantities = {};
    this.lowered = new Map();
    this.#goods = noGoods;
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
