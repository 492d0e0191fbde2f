//! The manual mark: what two people saw beside what the till knows. It changes no state.
import { halfWidth, minorOf } from "../domain/amount.ts";
import { FieldRefusal } from "../domain/field-refusal.svelte.ts";
import { markedBack } from "../domain/standing.ts";
import type { ByHandView, LiveOrder, Marked, RefundView, Refusal } from "../host/contract.ts";
import { refusalOf } from "../host/contract.ts";
import { Sign, type SignField } from "../people/sign.svelte.ts";
import type { Till } from "../till/till.svelte.ts";

type Field = "amount" | "note" | SignField;

export class MarkForm {
  what = $state<Marked>("paid");
  amount = $state("");
  note = $state("");
  busy = $state(false);
  /** It is in the journal. */
  #saved = $state(false);
  readonly sign: Sign;
  readonly #said = new FieldRefusal<Field>((field) => this.#content(field));

  /** More than a mark of money given back can say: the most that it can. */
  most = $derived.by(() => {
    const { markable } = this.live.refundable;
    const ofOrder = this.what === "refunded" && this.refund === null;
    return ofOrder && (minorOf(this.amount) ?? 0) > (minorOf(markable) ?? 0) ? markable : null;
  });

  /** The first field in which something is missing, but for the amount. */
  missing = $derived.by<"note" | SignField | null>(() => (this.note.trim() === "" ? "note" : this.sign.missing(true)));

  ready = $derived.by(() => {
    const minor = minorOf(this.amount);
    const fits = minor !== null && minor > 0 && this.most === null;
    return !this.busy && fits && this.note.trim() !== "" && this.sign.complete(true);
  });

  constructor(
    readonly till: Till,
    readonly live: LiveOrder,
    /** The refund that the proof is of; `null`: it is of the order. */
    readonly refund: RefundView | null = null,
  ) {
    this.sign = new Sign(till);
    this.choose(refund === null ? (live.can_be_marked[0] ?? "paid") : "refunded");
  }

  /** Why it was not marked, until another text stands in the field that this speaks of. */
  get refused(): Refusal | null {
    return this.#said.refusal;
  }

  /** Whether what was chosen can be said no longer of the order, or of the refund, as it stands by now. */
  isOver(live: LiveOrder, refund: RefundView | null): boolean {
    if (this.busy || this.#saved) return false;
    return refund === null ? !live.can_be_marked.includes(this.what) : !refund.can_be_marked;
  }

  choose(what: Marked): void {
    const { order, refundable, by_hand: marks } = this.live;
    const { left, left_minor, elsewhere_unmarked: told } = refundable;
    this.what = what;
    if (this.refund !== null) this.amount = this.refund.amount;
    // How much a notice told is what the proof should say: the two people look at it and may type another amount. Once that is
    // marked, nothing says that all the rest went back as well.
    else if (what === "refunded" && left_minor > 0) this.amount = told ?? (isPartly(order, marks) ? "" : left);
    else this.amount = order.amount;
  }

  /** Kept as it was typed: what is no amount never becomes another one. */
  typed(text: string): string {
    this.amount = halfWidth(text);
    return this.amount;
  }

  /** `true`: it is in the journal. */
  async save(): Promise<boolean> {
    if (!this.ready) return false;
    const mark = {
      what: this.what,
      amount: this.amount.trim().replace(/\.$/, ""),
      refund_no: this.refund?.refund_no ?? null,
      note: this.note.trim(),
    };
    const authority = this.sign.authority(true);
    this.sign.forget();
    this.busy = true;
    this.#said.clear();
    try {
      const shown = await this.till.host.markByHand(this.live.order.order_no, mark, authority);
      this.#saved = true;
      this.till.take(shown);
      return true;
    } catch (thrown) {
      const refusal = refusalOf(thrown);
      this.#said.say(refusal, refusal.code === "note_needed" ? "note" : (this.sign.fieldOf(refusal) ?? "amount"));
      return false;
    } finally {
      this.busy = false;
    }
  }

  #content(field: Field): string {
    if (field === "amount") return this.amount;
    return field === "note" ? this.note : this.sign.held(field);
  }
}

/** Some of what went back elsewhere is known: nothing says that all the rest did as well. */
function isPartly({ refunded_elsewhere: told, attentions }: LiveOrder["order"], marks: ByHandView[]): boolean {
  return told.length > 0 || (attentions.includes("refunded_elsewhere") && markedBack(marks) > 0);
}
