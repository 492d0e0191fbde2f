//! The checkout: an amount, a way to pay, and the one order that this screen is about.
import { untrack } from "svelte";
import { erase, isChargeable, paste, type Typed, type, whole } from "../domain/amount.ts";
import { currencyOf } from "../domain/currency.ts";
import { canBeAsked, canBeEnded } from "../domain/standing.ts";
import type { Authority, LiveOrder, Refusal, SaleRequest } from "../host/contract.ts";
import { refusalOf } from "../host/contract.ts";
import type { OwnCode, Tidings } from "../till/notices.svelte.ts";
import type { Held, Till } from "../till/till.svelte.ts";
import { lastFour } from "../words/words.svelte.ts";
import { Aloud } from "./aloud.ts";
import { HeldCode } from "./held-code.svelte.ts";
import { MadeJustNow } from "./made-just-now.ts";
import { isTooEarly, notYet } from "./not-yet.ts";
import { SentCodes } from "./sent-codes.ts";
import { type Choice, keyed, nearKeys, Ways, wantingFields } from "./ways.svelte.ts";

/** What is typed at the moment, so that a scanner's keys can be taken back. */
type Typing = { amount: string; ignored: Typed["ignored"] };

export type Mode = { kind: "pad" } | { kind: "order"; no: string } | { kind: "other"; no: string; since: number };

const blinkMs = 100;
const shownKey = "till:shown";

export class Checkout {
  amount = $state("");
  note = $state("");
  extra = $state<Record<string, string>>({});
  ignored = $state<Typed["ignored"]>(null);
  /** A create is under way, and has been for so long that the screen says so. */
  creating = $state(false);
  mode = $state.raw<Mode>({ kind: "pad" });
  /** In `other`: charge as soon as the order before is confirmed unpaid. */
  armed = $state(false);
  /** The keypad has been on the screen. */
  shownBefore = false;
  /** The customer's payment code is asked for. */
  asking = $state(false);
  /** What was given for a payment code just now cannot be one. */
  badCode = $state.raw<Tidings | null>(null);
  /** A list of ways to pay is open: all of them, or those that take the code that waits. */
  picking = $state<"all" | "code" | null>(null);
  /** A further order of a sale that the till refused, because the one before may still be paid. */
  blocked = $state.raw<SaleRequest | null>(null);
  /** A manager is asked to let it pass. */
  overruling = $state(false);
  #requests = new Map<string, SaleRequest>();
  #selling = false;
  /** What begins to be charged now was read by a scanner: nobody's hand is on Enter. */
  #byScan = false;
  #told: string | null = null;
  /** Dialogs that say themselves what was not used. */
  #saying = 0;
  /** The currency that stood beside the amount when it was begun, or that somebody chose since. */
  #typedIn: string | null = null;
  /** The order that a payment code was told to wait for, and whether its end was asked for by then. */
  #waitsFor = $state.raw<{ no: string; ending: boolean } | null>(null);

  held = $derived.by<Held | null>(() =>
    this.mode.kind === "pad" ? null : (this.till.orders.get(this.mode.no) ?? null),
  );
  /** What is asked for, in the pad or again for the same customer. */
  due = $derived.by(() => (this.mode.kind === "other" ? (this.held?.live.order.amount ?? "") : whole(this.amount)));
  /** Ways to pay that can be chosen now; those of another currency than the sale's can have no order of it. */
  choices = $derived.by<Choice[]>(() => {
    const due = this.mode.kind === "other" ? this.held?.live.order.currency : undefined;
    const { all } = this.ways;
    return due === undefined ? all : keyed(all.filter(({ currency }) => currency === due));
  });
  /** The one that the next order takes. */
  choice = $derived(this.choices.find(({ id }) => id === this.ways.chosen?.id) ?? this.choices[0] ?? null);
  /** The way that the code which waits goes by, where that is clear. */
  codeGoesBy = $derived.by<Choice | null>(() => (this.ready === null ? null : (this.#fitting() ?? null)));
  /** What Enter charges by: the way of the code that waits, or the chosen one. */
  goesBy = $derived(this.codeGoesBy ?? this.choice);
  /** Those that stand beside the amount: the first ones, the chosen one, and the one that Enter charges by. */
  near = $derived.by(() => {
    const named = [this.choice?.id, this.goesBy?.id];
    return this.choices.filter(({ id }, at) => at < nearKeys.length || named.includes(id));
  });
  /** The currency that stands beside the amount, and that it is charged in. */
  currency = $derived.by(() => {
    const due = this.mode.kind === "other" ? this.held?.live.order.currency : undefined;
    return due ?? this.choice?.currency ?? "CNY";
  });
  /** Ways to pay that take a payment code for the amount in its currency. */
  takers = $derived(this.choices.filter((one) => takesCode(one) && one.currency === this.currency));
  /** The other currencies in which a payment code could be taken once the amount is typed anew, each once. */
  otherCurrencies = $derived(this.mode.kind === "other" ? [] : this.#currenciesBeside(this.currency));
  /** Fields that must be filled in before charging. */
  wanting = $derived.by(() => wantingFields(this.choice, this.extra));
  canCharge = $derived(
    !this.creating &&
      this.ignored === null &&
      isChargeable(this.due) &&
      (this.ready !== null || (this.choice !== null && this.wanting.length === 0)),
  );

  readonly ways: Ways;
  readonly #code: HeldCode;
  readonly #sent: SentCodes;
  readonly #aloud: Aloud;
  readonly #madeJustNow = new MadeJustNow();

  constructor(readonly till: Till) {
    this.ways = new Ways(till);
    this.#aloud = new Aloud(till);
    this.#sent = new SentCodes(till.clock);
    this.#code = new HeldCode(till.clock, () => this.#runOut());
  }

  /** Those that the code which waits may go by, the ones of its probable wallet first. */
  get takersOfCode(): Choice[] {
    const hint = this.ready?.hint ?? null;
    const rank = ({ channel }: Choice) => (channel.wallet === hint ? 0 : channel.wallet === "other" ? 1 : 2);
    return hint === null ? this.takers : [...this.takers].sort((a, b) => rank(a) - rank(b));
  }

  /** A payment code waits. */
  get ready(): HeldCode["ready"] {
    return this.#code.ready;
  }

  /** After a reload the order that was on screen comes back. */
  async restore(): Promise<void> {
    const no = sessionStorage.getItem(shownKey);
    if (no === null) return this.#showCustomer(null);
    try {
      this.till.take(await this.till.host.order(no));
      this.show(no);
    } catch {
      // Another journal, or none: the till does not know this order, so there is nothing to come back to.
      this.next();
    }
  }

  /** Follows the shown order: says its changes aloud, and leaves `other` when the answer is there. */
  follow(): void {
    this.#followWait();
    this.#holdCurrency();
    const held = this.held;
    if (held === null) return;
    const { order, further } = held.live;
    this.#aloud.say(held.live);
    this.#madeJustNow.follow(held.live, this.till.clock.now());
    const isPaid = order.state === "paid";
    const asked = this.#asks();
    // No manager can let a further order of a paid sale pass; one beside a disputed order they can.
    if (isPaid) {
      this.blocked = null;
      this.overruling = false;
    }
    if (this.mode.kind === "other" && (isPaid || order.state === "disputed")) {
      this.armed = false;
      // A manager who is asked answers first.
      if (!this.overruling) this.show(order.order_no);
    } else if (this.mode.kind === "other" && this.armed && further.allowed && this.canCharge) {
      this.armed = false;
      void this.charge();
    }
    if (asked && !this.#asks()) this.#giveWay();
  }

  /** A dialog or a list of the checkout is open, into which somebody may be typing. */
  #asks(): boolean {
    return this.overruling || this.asking || this.picking !== null;
  }

  /** It has closed by itself: what is still typed into it is nothing to the order that stands there. */
  #giveWay(): void {
    const { mode } = this;
    this.till.typingOn.closed(() => this.mode === mode);
  }

  /** What was typed beside one currency is no sum in another that comes in its place without anybody's choice. */
  #holdCurrency(): void {
    const { amount, currency } = this;
    if (this.mode.kind !== "pad" || amount === "") this.#typedIn = null;
    else this.#typedIn ??= currency;
    const was = this.#typedIn;
    // What is being sold was seen as it is sent.
    if (was === null || was === currency || this.#selling) return;
    untrack(() => {
      this.amount = "";
      this.till.notices.tell({ code: "currency_changed", facts: { amount, was, now: currency } });
    });
  }

  typed(): Typing {
    return { amount: this.amount, ignored: this.ignored };
  }

  retype({ amount, ignored }: Typing): void {
    this.amount = amount;
    this.ignored = ignored;
  }

  /** What stopped being an amount grows no further, and is not charged, until that key is taken back. */
  type(typed: string): void {
    if (this.ignored === null) this.#typed(type(this.amount, typed));
  }

  paste(pasted: string): void {
    this.#typed(paste(this.amount, pasted));
  }

  /** Takes the last key back, also one that was not taken. */
  erase(): void {
    this.#typed({ text: this.ignored === null ? erase(this.amount) : this.amount, ignored: null });
  }

  clear(): void {
    this.#typed({ text: "", ignored: null });
    this.note = "";
    this.extra = {};
    this.dropCode();
  }

  /** The scanner read one of our numbers. */
  async open(no: string): Promise<void> {
    const held = await this.till.fetch(no);
    if (held === null) return;
    this.till.notices.clear();
    this.show(no);
  }

  /** The scanner read our number of a refund: it opens the order that this is a refund of, which is said. */
  async openRefund(refundNo: string): Promise<void> {
    const { mode } = this;
    const got = await this.till.orderOfRefund(refundNo);
    // Whoever has gone on meanwhile is not called back.
    if (got === null || this.mode !== mode || this.#selling) return;
    if (got.no === null) return this.#refuseCode({ code: "unknown_refund", facts: { refund_no: refundNo } });
    await this.open(got.no);
    if (this.mode.kind === "order" && this.mode.no === got.no)
      this.till.notices.tell({ code: "scan_refund", facts: { tail: lastFour(got.no) } });
  }

  /** The scanner read a payment code. */
  scanned(code: string): void {
    this.#byScan = true;
    this.take(code);
    this.#byScan = false;
  }

  /** A sale has got this code already: it was read twice. */
  wasSent(code: string): boolean {
    return this.#sent.has(code);
  }

  /** A payment code is there: somebody typed it, or the scanner read it. */
  take(code: string): void {
    if (this.wasSent(code)) {
      this.refuseScan("code_sent_before");
      return;
    }
    const { held } = this;
    // One that was asked for goes out on a manager's word.
    if (held !== null && !this.asking && isTooEarly(held.live, this.till.passed(held))) {
      this.#refuseTooEarly(held);
      return;
    }
    const live = this.mode.kind === "order" ? held?.live : undefined;
    if (live !== undefined && !live.ended) {
      if (!this.ways.all.some((one) => takesCode(one) && one.currency === live.order.currency)) {
        this.#refuseForSale(live);
        return;
      }
      // The customer of this order pays otherwise; one more Enter says so, for it may be the next one's phone.
      this.till.notices.clear();
      this.#keepCode(code);
      void this.otherWay();
      return;
    }
    if (this.mode.kind === "order") this.next();
    if (this.mode.kind === "other" && this.takers.length === 0 && this.held !== null) {
      this.#refuseForSale(this.held.live);
      return;
    }
    const asked = this.asking;
    this.stopAsking();
    this.picking = null;
    // What was said of a scan before is over.
    this.till.notices.clear();
    this.#keepCode(code);
    if (!this.canCharge) return;
    if (asked && this.choice?.channel.presented === "consumer") void this.#chargeFitting();
    else if (this.mode.kind === "pad") void this.charge();
  }

  /** Says how long the next payment code has to wait, until it need not any more. */
  #refuseTooEarly(held: Held): void {
    const { live } = held;
    this.till.notices.tell(notYet(live, this.till.passed(held), this.mode.kind === "order"));
    this.#waitsFor = { no: live.order.order_no, ending: live.closing !== null };
  }

  /** Drops the code that waits where the order before lets none go out while it lives; `true`: it did, and said so. */
  #dropTooEarly(): boolean {
    const { held } = this;
    if (this.#selling || this.ready === null || this.mode.kind !== "other" || held === null) return false;
    if (!isTooEarly(held.live, this.till.passed(held))) return false;
    this.dropCode();
    this.#refuseTooEarly(held);
    return true;
  }

  dropCode(): void {
    this.#code.drop();
    if (this.picking === "code") this.picking = null;
  }

  /** A minute has passed since the code was read. Whether one that is being sold has left, the till's answer tells. */
  #runOut(): void {
    if (this.#selling) return;
    const ranOut: Tidings = { code: "code_ran_out", facts: {} };
    const asked = this.overruling || this.picking === "code";
    this.armed = false;
    // What was asked about this code is not asked about anything else.
    this.overruling = false;
    this.dropCode();
    this.till.notices.withdraw("code_other_currency");
    // The dialog that asked is gone, and says nothing.
    if (asked) {
      this.#giveWay();
      this.till.notices.tell(ranOut);
    } else this.#refuseCode(ranOut);
  }

  /** What was typed is no payment code: said where the eyes are. */
  refuseCode(): void {
    this.#refuseCode({ code: "payment_code_bad", facts: {} });
  }

  /** What a scanner typed was not used. */
  refuseScan(code: OwnCode, facts: Refusal["facts"] = {}): void {
    this.#refuseCode({ code, facts });
  }

  #refuseCode(why: Tidings): void {
    if (this.asking || this.#saying > 0) this.badCode = why;
    else this.till.notices.tell(why);
  }

  /** A dialog says what was not used for as long as it is open. */
  sayInside(): () => void {
    this.#saying += 1;
    return () => {
      this.#saying -= 1;
      this.badCode = null;
    };
  }

  /** Once the order before has ended or lets another one be made, nobody waits for it any more. */
  #followWait(): void {
    const waits = this.#waitsFor;
    if (waits === null) return;
    const held = this.till.orders.get(waits.no);
    const { notices } = this.till;
    if (held === undefined || held.live.ended || held.live.further.allowed) {
      this.#waitsFor = null;
      untrack(() => {
        notices.withdraw("code_not_yet");
        if (this.blocked === null) notices.withdraw("further_order_not_yet");
      });
    } else if (held.live.closing !== null && !waits.ending) {
      // Its end comes at another time by now, and nobody makes it come sooner.
      this.#waitsFor = { ...waits, ending: true };
      untrack(() => {
        if (notices.withdraw("code_not_yet")) this.#refuseTooEarly(held);
      });
    }
  }

  /** Closes the question for a payment code. */
  stopAsking(): void {
    this.asking = false;
    this.badCode = null;
  }

  /** Chosen from a list of ways to pay. */
  pick(choice: Choice): void {
    const forCode = this.picking === "code";
    this.picking = null;
    if (forCode) {
      this.#code.by = choice.id;
      void this.#chargeCode(choice);
    } else this.choose(choice.id);
  }

  /** Opens the list of all ways to pay, where there are more than stand beside the amount. */
  list(): void {
    if (this.choices.length > nearKeys.length) this.picking = "all";
  }

  stopPicking(): void {
    if (this.picking === "code") this.dropCode();
    this.picking = null;
  }

  choose(id: string): void {
    this.ways.choose(id);
    this.#typedIn = null;
    this.extra = {};
  }

  async charge(): Promise<void> {
    if (this.#selling) return;
    if (this.mode.kind === "pad" && this.ignored === null && this.amount !== "" && !isChargeable(this.due))
      return this.till.notices.tell({ code: "amount_zero", facts: {} });
    if (!this.canCharge) return;
    const code = this.#code.text;
    // What no way to pay takes is not waited for.
    if (code !== null && this.takers.length === 0) return this.#chargeFitting();
    if (this.mode.kind === "other" && this.held?.live.further.allowed !== true) {
      if (!this.#dropTooEarly()) this.armed = this.held !== null;
      return;
    }
    if (code !== null) return this.#chargeFitting();
    if (this.choice?.channel.presented === "consumer") {
      this.picking = null;
      this.asking = true;
    } else if (this.choice !== null) await this.#charge(this.choice, null);
  }

  /** A further order is wanted before the one before is known to be unpaid: only a manager may let it pass. */
  askOverrule(): void {
    if (this.mode.kind !== "other") this.overruling = this.blocked !== null;
    else if (this.choice?.channel.presented === "consumer" && this.#code.text === null) this.asking = true;
    else this.overruling = this.canCharge;
  }

  stopOverruling(): void {
    this.overruling = false;
    this.#dropTooEarly();
  }

  /** Sells although the order before may still be paid, on a manager's word. What refused it comes back. */
  async overrule(authority: Authority): Promise<Refusal | null> {
    const code = this.#code.text;
    const choice = code === null ? this.choice : (this.#fitting() ?? this.choice);
    const chosen = choice === null ? null : this.#request(choice);
    const request = this.mode.kind === "other" ? chosen : this.blocked;
    if (request === null || this.#selling) return null;
    return this.#sell(request, code, authority);
  }

  /** With the code that waits, by the one way that fits it; which one, if that is not clear, is for the cashier to say. */
  async #chargeFitting(): Promise<void> {
    if (this.takers.length === 0) {
      if (this.mode.kind === "other" && this.held !== null) return this.#refuseForSale(this.held.live);
      if (this.otherCurrencies.length > 0) return this.#refuseCurrency();
      this.dropCode();
      const channel = this.choice?.channel.name ?? "";
      this.till.notices.tell({ code: "payment_code_not_taken", facts: { channel } });
      return;
    }
    const chosen = this.#fitting();
    if (chosen === undefined) this.picking = "code";
    else await this.#chargeCode(chosen);
  }

  /** The code can be charged in another currency only: what was typed in this one is not what would be paid. */
  #refuseCurrency(): void {
    const { currency } = this;
    const facts = { amount: this.due, currency, currencies: this.otherCurrencies.join(" ") };
    this.amount = "";
    this.till.notices.tell({ code: "code_other_currency", facts });
  }

  /** No way to pay takes a payment code in the currency of this sale, which nothing can change: its code stays where it is. */
  #refuseForSale({ order: { amount, currency, channel } }: LiveOrder): void {
    const currencies = this.#currenciesBeside(currency);
    this.dropCode();
    this.till.notices.tell(
      currencies.length === 0
        ? { code: "payment_code_not_taken", facts: { channel } }
        : { code: "code_other_currency_sale", facts: { amount, currency, currencies: currencies.join(" ") } },
    );
  }

  /** Currencies beside this one in which some way to pay takes a payment code. */
  #currenciesBeside(currency: string): string[] {
    const others = this.ways.all.filter((one) => takesCode(one) && one.currency !== currency);
    return [...new Set(others.map((one) => one.currency))];
  }

  /**
   * The way that the code which waits goes by, where it is clear. The wallet that its digits hint at never overrules a way
   * that the cashier chose, nor sends a customer twice to one that has just failed.
   */
  #fitting(): Choice | undefined {
    const { choice, takers } = this;
    const first = takers[0];
    if (first === undefined) return undefined;
    const picked = takers.find(({ id }) => id === this.#code.by);
    if (picked !== undefined) return picked;
    const account = choice?.account ?? first.account;
    const hint = this.ready?.hint ?? null;
    const fitting = takers.filter(
      (one) =>
        one.account === account && (hint === null || one.channel.wallet === hint || one.channel.wallet === "other"),
    );
    if (choice?.channel.presented === "consumer") return fitting.find(({ id }) => id === choice.id);
    return fitting.length === 1 ? fitting.find(({ id }) => id !== this.#failed) : undefined;
  }

  /** The way by which this customer's try has just come to nothing. */
  get #failed(): string | null {
    if (this.mode.kind !== "other" || this.held?.live.ended !== true) return null;
    const { account, channel } = this.held.live.order;
    return `${account}/${channel}`;
  }

  async #chargeCode(choice: Choice): Promise<void> {
    const code = this.#code.text;
    if (code === null) return;
    if (wantingFields(choice, this.#extraFor(choice)).length > 0) {
      this.choose(choice.id);
      return;
    }
    if (this.mode.kind === "other" && this.held?.live.further.allowed !== true) {
      if (this.held !== null && isTooEarly(this.held.live, this.till.passed(this.held))) this.overruling = true;
      else this.armed = true;
      return;
    }
    this.dropCode();
    await this.#charge(choice, code);
  }

  #keepCode(code: string): void {
    this.dropCode();
    this.#code.keep(code);
  }

  /** What was filled in, as far as this way takes it: where a code goes by another one than was chosen, the fields were that one's. */
  #extraFor({ account, fields }: Choice): Record<string, string> {
    const takes = (name: string) => this.choice?.account === account && fields.some((field) => field.name === name);
    return Object.fromEntries(Object.entries(this.extra).filter(([name, value]) => value !== "" && takes(name)));
  }

  async #charge(choice: Choice, code: string | null): Promise<void> {
    const request = this.#request(choice);
    if (request !== null) await this.#sell(request, code);
  }

  /** What is asked for: the amount that was typed, or once more that of the order before. */
  #request(choice: Choice): SaleRequest | null {
    const other = this.mode.kind === "other" ? this.held : null;
    if (this.mode.kind === "other" && other === null) return null;
    const before = other === null ? undefined : this.#requests.get(other.live.order.order_no);
    const note = this.note.trim();
    return {
      account: choice.account,
      channel: choice.channel.name,
      amount: other === null ? this.amount.replace(/\.$/, "") : other.live.order.amount,
      currency: currencyOf(this.currency),
      body: other === null ? note || null : (before?.body ?? null),
      extra: this.#extraFor(choice),
      expire_s: null,
      sale: other?.live.order.sale ?? null,
    };
  }

  /** The same sale once more, the same way. */
  async again(): Promise<void> {
    const held = this.held;
    if (held === null || this.#selling) return;
    if (!held.live.further.allowed) return this.otherWay();
    const { order_no, account, channel, amount, sale } = held.live.order;
    if (held.live.presented === "consumer") {
      await this.otherWay();
      this.ways.suggest(`${account}/${channel}`);
      this.asking = true;
      return;
    }
    const before = this.#requests.get(order_no);
    const currency = currencyOf(held.live.order.currency);
    const { body = null, extra = {} } = before ?? {};
    await this.#sell({ account, channel, amount, currency, body, extra, expire_s: null, sale }, null);
  }

  /** Brings an order to this screen. */
  show(no: string): void {
    const listed = this.picking !== null;
    this.mode = { kind: "order", no };
    this.armed = false;
    this.asking = false;
    this.picking = null;
    // Whoever chose from the list has closed it.
    if (listed) this.#giveWay();
    // Whatever a manager was asked was asked about another order, or is answered.
    this.overruling = false;
    this.blocked = null;
    this.dropCode();
    // What was said of a scan was said beside another order, or none.
    untrack(() => this.till.notices.leave());
    this.till.kept = no;
    sessionStorage.setItem(shownKey, no);
    this.till.ended.delete(no);
    this.#showCustomer(no);
  }

  /** Ready for the next customer. The order goes on in its column. */
  next(): void {
    if (this.mode.kind !== "pad") this.till.ended.delete(this.mode.no);
    this.mode = { kind: "pad" };
    this.armed = false;
    this.asking = false;
    this.blocked = null;
    this.clear();
    this.till.kept = null;
    sessionStorage.removeItem(shownKey);
    this.#showCustomer(null);
  }

  /** The same by Enter, which must not take away what nobody has seen yet. */
  nextByEnter(live: LiveOrder): void {
    if (!this.#madeJustNow.hides(live, this.till.clock.now())) this.next();
  }

  /** Ends the order on screen: a payment code may be charged at any moment, so what it has paid must go back. */
  async close(): Promise<void> {
    const held = this.held;
    if (held === null || !canBeEnded(held.live)) return;
    const { host, notices } = this.till;
    const no = held.live.order.order_no;
    const got = await notices.orTell(() => (reverses(held.live) ? host.reverse(no) : host.close(no)));
    if (got !== null) this.till.take(got.value);
  }

  async ask(): Promise<void> {
    const held = this.held;
    if (held === null || !canBeAsked(held.live)) return;
    const got = await this.till.notices.orTell(() => this.till.host.ask(held.live.order.order_no));
    if (got !== null) this.till.take(got.value.shown);
  }

  /** Another way to pay for the same customer: the old code goes off first. */
  async otherWay(): Promise<void> {
    const held = this.held;
    if (held === null || held.live.order.state === "paid" || held.live.presented === "elsewhere") return;
    this.mode = { kind: "other", no: held.live.order.order_no, since: this.till.clock.now() };
    this.extra = {};
    this.#showCustomer(null);
    const another = this.choices.find(
      ({ channel }) => channel.wallet !== held.live.wallet && channel.presented === "merchant",
    );
    if (another !== undefined && this.choice?.channel.name === held.live.order.channel) this.ways.suggest(another.id);
    if (!held.live.further.allowed && !held.live.ended) await this.close();
  }

  backToOrder(): void {
    if (this.mode.kind === "other") this.show(this.mode.no);
  }

  /** The next or the previous open order. */
  step(by: 1 | -1): void {
    const open = this.till.open;
    const no = this.mode.kind === "pad" ? null : this.mode.no;
    const at = open.findIndex(({ live }) => live.order.order_no === no);
    const to = at < 0 ? (by > 0 ? 0 : open.length - 1) : (at + by + open.length) % open.length;
    const held = open[to];
    if (held !== undefined) this.show(held.live.order.order_no);
  }

  /** Whoever types on has read what was said about the amount before. */
  #typed(typed: Typed): void {
    this.till.notices.clear();
    this.amount = typed.text;
    this.ignored = typed.ignored;
  }

  /** What refuses comes back, to be said in the manager's dialog; where none is open it is told. */
  async #sell(request: SaleRequest, code: string | null, overrule: Authority | null = null): Promise<Refusal | null> {
    this.#selling = true;
    const byHand = !this.#byScan;
    if (code !== null) this.#sent.add(code);
    // What is over in the blink of an eye is not drawn: drawing it would hold up the code.
    const slow = this.till.clock.after(blinkMs, () => {
      this.creating = true;
    });
    this.till.notices.clear();
    try {
      const held = this.till.take(await this.till.host.sell(request, code, overrule));
      this.#remember(held.live.order.order_no, request);
      this.#madeJustNow.made(held.live, byHand);
      this.clear();
      this.show(held.live.order.order_no);
      return null;
    } catch (thrown) {
      const refusal = refusalOf(thrown);
      if (code !== null && refusal.code !== "unexpected") this.#sent.forget(code);
      else if (code !== null && code === this.#code.text) {
        // It may have left: nobody lets it go out again.
        this.dropCode();
        this.overruling = false;
      }
      if (refusal.code === "further_order_not_yet") {
        this.blocked = request;
        // It was not sent: it waits once more.
        if (code !== null && this.#code.text === null) this.#keepCode(code);
      }
      if (overrule === null || !this.overruling) this.till.notices.tell(refusal);
      return refusal;
    } finally {
      slow();
      this.creating = false;
      this.#selling = false;
      if (this.#code.over) this.#runOut();
      // What changed meanwhile changed for what is still typed.
      this.#holdCurrency();
    }
  }

  /** What was asked for lately, for asking again. */
  #remember(no: string, request: SaleRequest): void {
    this.#requests.set(no, request);
    for (const old of [...this.#requests.keys()].slice(0, -50)) this.#requests.delete(old);
  }

  #showCustomer(no: string | null): void {
    if (this.#told === no && no !== null) return;
    this.#told = no;
    this.till.host.showCustomer(no).catch((thrown) => this.till.notices.tell(refusalOf(thrown)));
  }
}

function takesCode({ channel }: Choice): boolean {
  return channel.presented === "consumer";
}

/** Whether ending this order means to reverse it. */
export function reverses({ presented, can_reverse }: Pick<LiveOrder, "presented" | "can_reverse">): boolean {
  return presented === "consumer" && can_reverse;
}
