//! The refund screen at work: which order it is about, what was sent, and which question is open.
import { Asker } from "../domain/asker.svelte.ts";
import type { Attention, LiveOrder, RefundView, Refusal } from "../host/contract.ts";
import { refusalOf } from "../host/contract.ts";
import { Search } from "../orders/search.svelte.ts";
import { Sign } from "../people/sign.svelte.ts";
import type { Desk } from "../till/desk.svelte.ts";
import type { Till } from "../till/till.svelte.ts";
import { type Preset, RefundForm } from "./form.svelte.ts";
import { History } from "./history.svelte.ts";

/** What is to be marked by hand: the order, or one refund of it. */
export type Marking = { refundNo: string | null };

/** A matter that somebody says they have looked after. */
export type Handling = { orderNo: string; attention: Attention };

export class RefundWork {
  readonly asker: Asker;
  readonly find: Search;
  readonly history: History;
  form = $state.raw<RefundForm | null>(null);
  /** The order that was asked for, whether or not it is here yet. */
  wanted: string | null = null;
  /** The refund that was just sent, or is looked at. */
  followed = $state<string | null>(null);
  /** The form is put away: what was sent is followed instead. */
  sent = $state(false);
  /** A mark is to be put beside the order on screen, or beside one refund of it. */
  marking = $state.raw<Marking | null>(null);
  handling = $state.raw<Handling | null>(null);
  /** A refund that is to be sent again, once somebody has signed. */
  again = $state.raw<RefundView | null>(null);
  /** A refund that is there already is being acted on: not twice. */
  busy = $state(false);
  paidOnly = $state(true);

  live = $derived.by<LiveOrder | null>(() => this.form?.live ?? null);

  constructor(
    readonly till: Till,
    readonly desk: Desk,
  ) {
    this.asker = new Asker(till);
    this.find = new Search(till, ["paid"]);
    this.history = new History(till);
  }

  /** Whether the form for giving back is on the screen. */
  get filling(): boolean {
    const { form, till, sent } = this;
    return form !== null && !sent && form.able?.not === null && !form.lacksLines && till.may("refund");
  }

  /** Whether something was filled in of a refund that can be sent now, or once somebody has signed in who may. */
  get holdsDraft(): boolean {
    const { form, sent } = this;
    return form !== null && !sent && form.able?.not === null && form.begun;
  }

  /** Shows an order as the till has it now; `why`: all of it is to go back. Whether it is the one on screen now. */
  async show(no: string | null, why: Preset | null): Promise<boolean> {
    this.wanted = no;
    this.till.looked = no;
    if (no === null) {
      this.#put(null);
      return false;
    }
    const got = await this.till.notices.orTell(() => this.till.host.order(no));
    if (this.desk.refundNo !== no) return false;
    if (got === null) {
      this.desk.refundNo = null;
      return false;
    }
    this.till.take(got.value);
    const form = new RefundForm(this.till, no);
    if (why !== null) {
      form.full();
      form.because(why);
    }
    this.sent = false;
    this.followed = null;
    this.#put(form);
    return true;
  }

  /** A mark is about the order that was on screen when it was asked for, never about the next one. */
  #put(form: RefundForm | null): void {
    if (form?.no !== this.form?.no) this.marking = null;
    this.form = form;
  }

  mark(refundNo: string | null): void {
    if (refundNo === null && (this.live?.can_be_marked.length ?? 0) === 0) return;
    this.marking = { refundNo };
  }

  onlyPaid(only: boolean): void {
    this.paidOnly = only;
    this.find.states = only ? ["paid"] : [];
    void this.find.again();
  }

  async send(): Promise<void> {
    const no = (await this.form?.send()) ?? null;
    if (no === null) return;
    this.followed = no;
    this.sent = true;
  }

  /** Another part of the same order. */
  more(): void {
    this.sent = false;
  }

  next(): void {
    this.desk.refundNo = null;
    this.desk.refundTab = "find";
    this.desk.searchWish = true;
  }

  /** Sends a refund again under its number; the owner has no PIN to give. */
  resend(refund: RefundView): void {
    if (this.busy) return;
    if (this.till.people.session.kind === "owner") void this.sendAgain(refund, new Sign(this.till), false);
    else this.again = refund;
  }

  /** Takes a refund back that was never sent. */
  async withdraw({ order_no, refund_no }: RefundView): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    const got = await this.till.notices.orTell(() => this.till.host.withdrawRefund(order_no, refund_no));
    this.busy = false;
    if (got === null) return;
    this.till.take(got.value);
    this.followed = refund_no;
  }

  async sendAgain(refund: RefundView, sign: Sign, second: boolean): Promise<Refusal | null> {
    const authority = sign.authority(second);
    sign.forget();
    this.busy = true;
    try {
      this.till.take(await this.till.host.refundAgain(refund.order_no, refund.refund_no, authority));
      this.followed = refund.refund_no;
      this.sent = true;
      this.again = null;
      return null;
    } catch (thrown) {
      const refusal = refusalOf(thrown);
      if (this.again === null) this.till.notices.tell(refusal);
      return refusal;
    } finally {
      this.busy = false;
    }
  }
}

/** Why a full refund puts this right. */
export function presetFor(attention: Attention): Preset {
  return attention === "double_payment" ? "paid_twice" : "paid_late";
}
