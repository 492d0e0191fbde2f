//! The checkout: typing an amount, choosing a way to pay, and the one order that this screen is about.
import { erase, isAmountKey, isChargeable, paste, type Typed, type, whole } from "../domain/amount.ts";
import { standing } from "../domain/standing.ts";
import type {
  Authority,
  Channel,
  Descriptor,
  ExtraField,
  LiveOrder,
  Refusal,
  SaleRequest,
  Wallet,
} from "../host/contract.ts";
import { refusalOf } from "../host/contract.ts";
import type { Held, Till } from "../till/till.svelte.ts";
import { walletHint } from "./scanner.ts";

/** A way to pay that can be chosen now. */
export type Choice = {
  id: string;
  testId: string;
  account: string;
  channel: Channel;
  gateway: Descriptor;
  key: string | null;
  currency: string;
  /** What the cashier gives besides the amount, through this account. */
  fields: ExtraField[];
  favourite: boolean;
};

/** What is typed at the moment, so that a scanner's keys can be taken back. */
type Typing = { amount: string; ignored: Typed["ignored"] };

export type Mode = { kind: "pad" } | { kind: "order"; no: string } | { kind: "other"; no: string; since: number };

/** F5 asks, F6 writes a note, F9 changes the way to pay. */
export const channelKeys = ["F1", "F2", "F3", "F4", "F7", "F8"];
const blinkMs = 100;
const shownKey = "till:shown";
const choiceKey = "till:choice";
const favouritesKey = "till:favourites";
/** Wallets renew a payment code every minute. */
const codeLastsMs = 60_000;

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
  /** A payment code waits for its amount: all that is told of it is the wallet that it may come from. */
  ready = $state.raw<{ hint: Wallet | null } | null>(null);
  /** The customer's payment code is asked for. */
  asking = $state(false);
  /** What was given for a payment code just now cannot be one. */
  badCode = $state(false);
  /** A list of ways to pay is open: all of them, or those that take the code that waits. */
  picking = $state<"all" | "code" | null>(null);
  /** A further order of a sale that the till refused, because the one before may still be paid. */
  blocked = $state.raw<SaleRequest | null>(null);
  /** A manager is asked to let it pass. */
  overruling = $state(false);
  #favourites = $state.raw<string[]>(readFavourites());
  /** The payment code itself: here until it has gone out or is dropped, and nowhere else. */
  #code: string | null = null;
  #codeEnds: (() => void) | null = null;
  /** The way that the cashier picked for it. */
  #codeBy: string | null = null;
  #chosen = $state<string | null>(localStorage.getItem(choiceKey));
  #requests = new Map<string, SaleRequest>();
  #selling = false;
  #told: string | null = null;
  #standingTold = new Map<string, string>();

  choices = $derived.by(() => this.#findChoices());
  choice = $derived(this.choices.find(({ id }) => id === this.#chosen) ?? this.choices[0] ?? null);
  held = $derived.by<Held | null>(() =>
    this.mode.kind === "pad" ? null : (this.till.orders.get(this.mode.no) ?? null),
  );
  /** What is asked for, in the pad or again for the same customer. */
  due = $derived.by(() => (this.mode.kind === "other" ? (this.held?.live.order.amount ?? "") : whole(this.amount)));
  /** Fields that must be filled in before charging. */
  wanting = $derived.by(() => wantingFields(this.choice, this.extra));
  canCharge = $derived(
    !this.creating &&
      isChargeable(this.due) &&
      (this.ready !== null || (this.choice !== null && this.wanting.length === 0)),
  );
  /** Ways to pay that take a payment code. */
  takers = $derived(this.choices.filter(({ channel }) => channel.presented === "consumer"));

  constructor(readonly till: Till) {}

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
    const held = this.held;
    if (held === null) return;
    const { order, further } = held.live;
    const said = standing(held.live, 0, this.till.words);
    const key = `${order.state}/${held.live.declined}/${held.live.closing !== null}/${held.live.asking.unanswered >= 3}`;
    if (this.#standingTold.get(order.order_no) !== key) {
      this.#standingTold.set(order.order_no, key);
      this.till.say(`${this.till.words.money(order.amount, order.currency)} ${said.title}`);
    }
    if (this.mode.kind !== "other") return;
    if (order.state === "paid" || order.state === "disputed") {
      this.armed = false;
      this.show(order.order_no);
    } else if (this.armed && further.allowed && this.canCharge) {
      this.armed = false;
      void this.charge();
    }
  }

  typed(): Typing {
    return { amount: this.amount, ignored: this.ignored };
  }

  retype({ amount, ignored }: Typing): void {
    this.amount = amount;
    this.ignored = ignored;
  }

  type(typed: string): void {
    this.#typed(type(this.amount, typed));
  }

  paste(pasted: string): void {
    this.#typed(paste(this.amount, pasted));
  }

  erase(): void {
    this.#typed({ text: erase(this.amount), ignored: null });
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
    if (held !== null) this.show(no);
  }

  /** The scanner read a payment code, or somebody typed it. */
  scanned(code: string): void {
    const live = this.mode.kind === "order" ? this.held?.live : undefined;
    if (live !== undefined && !live.ended) {
      if (live.presented !== "merchant" || live.order.state === "disputed") {
        const seconds = String(Math.ceil((live.asking.next_in_ms ?? 0) / 1000));
        const why = live.further.not_yet ?? "payment_code_sent";
        this.till.notices.tell({ code: "further_order_not_yet", facts: { why, seconds } });
        return;
      }
      // The customer of this order pays otherwise; one more Enter says so, for it may be the next one's phone.
      this.#keepCode(code);
      void this.otherWay();
      return;
    }
    if (this.mode.kind === "order") this.next();
    const asked = this.asking;
    this.stopAsking();
    this.#keepCode(code);
    if (!this.canCharge) return;
    if (asked && this.choice?.channel.presented === "consumer") void this.#chargeCode(this.choice);
    else if (this.mode.kind === "pad") void this.charge();
  }

  dropCode(): void {
    this.#code = null;
    this.#codeBy = null;
    this.#codeEnds?.();
    this.#codeEnds = null;
    this.ready = null;
    if (this.picking === "code") this.picking = null;
  }

  /** What was scanned or typed is no payment code: said where the eyes are. */
  refuseCode(): void {
    if (this.asking) this.badCode = true;
    else this.till.notices.tell({ code: "payment_code_bad", facts: {} });
  }

  /** Closes the question for a payment code. */
  stopAsking(): void {
    this.asking = false;
    this.badCode = false;
  }

  /** Chosen from a list of ways to pay. */
  pick(choice: Choice): void {
    const forCode = this.picking === "code";
    this.picking = null;
    if (forCode) {
      this.#codeBy = choice.id;
      void this.#chargeCode(choice);
    } else this.choose(choice.id);
  }

  /** The key of the first, the second, ... */
  keyAt(at: number): string | undefined {
    return channelKeys[at];
  }

  /** Opens the list of all ways to pay, where there are more than keys. */
  list(): void {
    if (this.choices.length > channelKeys.length) this.picking = "all";
  }

  stopPicking(): void {
    if (this.picking === "code") this.dropCode();
    this.picking = null;
  }

  /** Favourites come first, and get the first keys. */
  star(id: string): void {
    const others = this.#favourites.filter((one) => one !== id);
    this.#favourites = others.length === this.#favourites.length ? [...others, id] : others;
    localStorage.setItem(favouritesKey, JSON.stringify(this.#favourites));
  }

  choose(id: string): void {
    this.#chosen = id;
    localStorage.setItem(choiceKey, id);
    this.extra = {};
  }

  async charge(): Promise<void> {
    if (this.#selling || !this.canCharge) return;
    if (this.mode.kind === "other" && this.held?.live.further.allowed !== true) {
      this.armed = this.held !== null;
      return;
    }
    if (this.#code !== null) return this.#chargeFitting();
    if (this.choice?.channel.presented === "consumer") this.asking = true;
    else if (this.choice !== null) await this.#charge(this.choice, null);
  }

  /** A further order is wanted before the one before is known to be unpaid: only a manager may let it pass. */
  askOverrule(): void {
    if (this.mode.kind !== "other") this.overruling = this.blocked !== null;
    else if (this.choice?.channel.presented === "consumer" && this.#code === null) this.asking = true;
    else this.overruling = this.canCharge;
  }

  stopOverruling(): void {
    this.overruling = false;
  }

  /** Sells although the order before may still be paid, on a manager's word. What refused it comes back. */
  async overrule(authority: Authority): Promise<Refusal | null> {
    const choice = this.#code === null ? this.choice : (this.#fitting() ?? this.choice);
    const chosen = choice === null ? null : this.#request(choice);
    const request = this.mode.kind === "other" ? chosen : this.blocked;
    if (request === null || this.#selling) return null;
    const refused = await this.#sell(request, this.#code, authority);
    if (refused === null) this.overruling = false;
    return refused;
  }

  /** With the code that waits, by the one way that fits it; which of several is for the cashier to say. */
  async #chargeFitting(): Promise<void> {
    if (this.takers.length === 0) {
      this.dropCode();
      const channel = this.choice?.channel.name ?? "";
      this.till.notices.tell({ code: "payment_code_not_taken", facts: { channel } });
      return;
    }
    const chosen = this.#fitting();
    if (chosen === undefined) this.picking = "code";
    else await this.#chargeCode(chosen);
  }

  /** The way that the code which waits goes by, where it is clear. */
  #fitting(): Choice | undefined {
    const { choice, takers } = this;
    const first = takers[0];
    if (first === undefined) return undefined;
    const account = choice?.account ?? first.account;
    const hint = this.ready?.hint ?? null;
    const fitting = takers.filter(
      (one) =>
        one.account === account && (hint === null || one.channel.wallet === hint || one.channel.wallet === "other"),
    );
    return (
      takers.find(({ id }) => id === this.#codeBy) ??
      fitting.find(({ id }) => id === choice?.id) ??
      (fitting.length === 1 ? fitting[0] : undefined)
    );
  }

  async #chargeCode(choice: Choice): Promise<void> {
    const code = this.#code;
    if (code === null) return;
    if (wantingFields(choice, this.extra).length > 0) {
      this.choose(choice.id);
      return;
    }
    if (this.mode.kind === "other" && this.held?.live.further.allowed !== true) {
      this.armed = true;
      return;
    }
    this.dropCode();
    await this.#charge(choice, code);
  }

  #keepCode(code: string): void {
    this.dropCode();
    this.#code = code;
    this.ready = { hint: walletHint(code) };
    this.#codeEnds = this.till.clock.after(codeLastsMs, () => {
      this.armed = false;
      this.dropCode();
    });
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
      body: other === null ? note || null : (before?.body ?? null),
      extra: Object.fromEntries(Object.entries(this.extra).filter(([, value]) => value !== "")),
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
      this.#chosen = `${account}/${channel}`;
      this.asking = true;
      return;
    }
    const before = this.#requests.get(order_no);
    await this.#sell(
      { account, channel, amount, body: before?.body ?? null, extra: before?.extra ?? {}, expire_s: null, sale },
      null,
    );
  }

  /** Brings an order to this screen. */
  show(no: string): void {
    this.mode = { kind: "order", no };
    this.armed = false;
    this.asking = false;
    this.blocked = null;
    this.dropCode();
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

  /** Ends the order on screen: a payment code may be charged at any moment, so what it has paid must go back. */
  async close(): Promise<void> {
    const held = this.held;
    if (held === null || held.live.ended || held.live.closing !== null || held.live.presented === "elsewhere") return;
    const { host, notices } = this.till;
    const no = held.live.order.order_no;
    const got = await notices.orTell(() => (reverses(held.live) ? host.reverse(no) : host.close(no)));
    if (got !== null) this.till.take(got.value);
  }

  async ask(): Promise<void> {
    const held = this.held;
    if (held === null) return;
    const got = await this.till.notices.orTell(() => this.till.host.ask(held.live.order.order_no));
    if (got !== null) this.till.take(got.value);
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
    if (another !== undefined && this.choice?.channel.name === held.live.order.channel) this.#chosen = another.id;
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

  /** A key of the checkout; `true` when it meant something here. `inField`: typed into a text of its own. */
  key(key: string, inField: boolean): boolean {
    switch (this.mode.kind) {
      case "pad":
        return this.#padKey(key, inField);
      case "order":
        return this.#orderKey(key);
      case "other":
        return this.#otherKey(key);
    }
  }

  #padKey(key: string, inField: boolean): boolean {
    if (this.#chooseByKey(key)) return true;
    if (key === "F5" || key === "F9") return true;
    if (key === "Enter") {
      void this.charge();
      return true;
    }
    if (key === "Escape" && this.ready !== null) {
      this.dropCode();
      return true;
    }
    if (inField) return false;
    if (key === "Escape") this.clear();
    else if (key === "Backspace" || key === "Delete") this.erase();
    else if (isAmountKey(key) || key === "," || key === "-") this.type(key);
    else return this.#step(key);
    return true;
  }

  #orderKey(key: string): boolean {
    const live = this.held?.live;
    if (live === undefined) return false;
    if (key === "F5") void this.ask();
    else if (key === "F9") void this.otherWay();
    else if (key === "Escape") {
      const leaves = live.ended || live.closing !== null || live.order.state === "disputed";
      if (leaves || live.presented === "elsewhere") this.next();
      else void this.close();
    } else if (key === "Enter") {
      if (live.link_lost && !live.ended && live.further.allowed) void this.again();
      else this.next();
    } else if (live.ended && isAmountKey(key)) {
      this.next();
      this.type(key);
    } else return this.#step(key);
    return true;
  }

  #otherKey(key: string): boolean {
    if (this.#chooseByKey(key)) return true;
    if (key === "Enter") void this.charge();
    else if (key === "Escape" && this.ready !== null) {
      this.armed = false;
      this.dropCode();
    } else if (key === "Escape") this.backToOrder();
    else if (key === "F6" && this.held?.live.further.allowed === false) this.askOverrule();
    else return key === "F5" || key === "F6" || key === "F9";
    return true;
  }

  #chooseByKey(key: string): boolean {
    const choice = this.choices.find((one) => one.key === key);
    if (choice !== undefined) this.choose(choice.id);
    return choice !== undefined;
  }

  #step(key: string): boolean {
    if (key === "PageDown") this.step(1);
    else if (key === "PageUp") this.step(-1);
    else return false;
    return true;
  }

  /** Whoever types on has read what was said about the amount before. */
  #typed(typed: Typed): void {
    this.till.notices.clear();
    this.amount = typed.text;
    this.ignored = typed.ignored;
  }

  /** What a manager's word did not help comes back; anything else that refuses is told. */
  async #sell(request: SaleRequest, code: string | null, overrule: Authority | null = null): Promise<Refusal | null> {
    this.#selling = true;
    // What is over in the blink of an eye is not drawn: drawing it would hold up the code.
    const slow = this.till.clock.after(blinkMs, () => {
      this.creating = true;
    });
    this.till.notices.clear();
    try {
      const held = this.till.take(await this.till.host.sell(request, code, overrule));
      this.#remember(held.live.order.order_no, request);
      this.clear();
      this.show(held.live.order.order_no);
      return null;
    } catch (thrown) {
      const refusal = refusalOf(thrown);
      if (refusal.code === "further_order_not_yet") {
        this.blocked = request;
        // It was not sent: it waits once more.
        if (code !== null && this.#code === null) this.#keepCode(code);
      }
      if (overrule === null) this.till.notices.tell(refusal);
      return refusal;
    } finally {
      slow();
      this.creating = false;
      this.#selling = false;
    }
  }

  /** What was asked for lately, for asking again. */
  #remember(no: string, request: SaleRequest): void {
    this.#requests.set(no, request);
    for (const old of [...this.#requests.keys()].slice(0, -50)) this.#requests.delete(old);
    for (const old of [...this.#standingTold.keys()].slice(0, -50)) this.#standingTold.delete(old);
  }

  #showCustomer(no: string | null): void {
    if (this.#told === no && no !== null) return;
    this.#told = no;
    this.till.host.showCustomer(no).catch((thrown) => this.till.notices.tell(refusalOf(thrown)));
  }

  #findChoices(): Choice[] {
    const usable = this.till.accounts.filter(({ retired, missing }) => !retired && missing.length === 0);
    const found = usable.flatMap((account) => {
      const gateway = this.till.descriptor(account.gateway);
      if (gateway === null || !gateway.creates) return [];
      return gateway.channels
        .filter(({ presented }) => presented !== "elsewhere")
        .filter(({ needs }) => needs === null || (account.fields[needs] ?? "") !== "")
        .map((channel) => ({ account, gateway, channel }));
    });
    const seen = new Set<string>();
    const choices = found.map(({ account, gateway, channel }) => {
      const first = !seen.has(channel.name);
      seen.add(channel.name);
      const id = `${account.name}/${channel.name}`;
      return {
        id,
        testId: first ? `channel-${channel.name}` : `channel-${account.name}-${channel.name}`,
        account: account.name,
        channel,
        gateway,
        key: null,
        fields: channel.fields.filter(({ unless }) => unless === null || account.fields[unless] !== "yes"),
        currency: account.fields.currency ?? gateway.currencies[0] ?? "CNY",
        favourite: this.#favourites.includes(id),
      };
    });
    const rank = ({ id, favourite }: Choice) => (favourite ? this.#favourites.indexOf(id) : this.#favourites.length);
    return choices.sort((a, b) => rank(a) - rank(b)).map((choice, at) => ({ ...choice, key: channelKeys[at] ?? null }));
  }
}

/** Whether ending this order means to reverse it. */
export function reverses({ presented, can_reverse }: Pick<LiveOrder, "presented" | "can_reverse">): boolean {
  return presented === "consumer" && can_reverse;
}

function readFavourites(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(favouritesKey) ?? "[]");
    return Array.isArray(kept) ? kept.filter((id) => typeof id === "string") : [];
  } catch {
    // Nothing that this window wrote: it begins with none.
    return [];
  }
}

/** Names of fields that are still needed; of an `either` group the first stands for all. */
function wantingFields(choice: Choice | null, extra: Record<string, string>): string[] {
  if (choice === null) return [];
  const given = (name: string) => (extra[name] ?? "").trim() !== "";
  const { fields } = choice;
  const alone = fields.filter(({ required, either, name }) => required && either === null && !given(name));
  const groups = new Map<string, boolean>();
  for (const { either, name } of fields) {
    if (either !== null) groups.set(either, groups.get(either) === true || given(name));
  }
  const lacking = [...groups].filter(([, filled]) => !filled).map(([group]) => group);
  return [
    ...alone.map(({ name }) => name),
    ...lacking.flatMap((group) => fields.find(({ either }) => either === group)?.name ?? []),
  ];
}
