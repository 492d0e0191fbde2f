//! The checkout: typing an amount, choosing a way to pay, and the one order that this screen is about.
import { erase, isAmountKey, isChargeable, paste, type Typed, type, whole } from "../domain/amount.ts";
import { standing } from "../domain/standing.ts";
import type { Channel, Descriptor, ExtraField, SaleRequest } from "../host/contract.ts";
import { refusalOf } from "../host/contract.ts";
import type { Held, Till } from "../till/till.svelte.ts";

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
};

export type Mode = { kind: "pad" } | { kind: "order"; no: string } | { kind: "other"; no: string; since: number };

/** F5 asks, F6 writes a note, F9 changes the way to pay. */
const channelKeys = ["F1", "F2", "F3", "F4", "F7", "F8"];
const blinkMs = 100;
const shownKey = "till:shown";
const choiceKey = "till:choice";

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
  canCharge = $derived(!this.creating && this.choice !== null && this.wanting.length === 0 && isChargeable(this.due));

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
  }

  choose(id: string): void {
    this.#chosen = id;
    localStorage.setItem(choiceKey, id);
    this.extra = {};
  }

  async charge(): Promise<void> {
    const choice = this.choice;
    if (this.#selling || !this.canCharge || choice === null) return;
    const other = this.mode.kind === "other" ? this.held : null;
    if (this.mode.kind === "other") {
      if (other === null) return;
      if (!other.live.further.allowed) {
        this.armed = true;
        return;
      }
    }
    const before = other === null ? undefined : this.#requests.get(other.live.order.order_no);
    const note = this.note.trim();
    await this.#sell({
      account: choice.account,
      channel: choice.channel.name,
      amount: other === null ? this.amount.replace(/\.$/, "") : other.live.order.amount,
      body: other === null ? note || null : (before?.body ?? null),
      extra: Object.fromEntries(Object.entries(this.extra).filter(([, value]) => value !== "")),
      expire_s: null,
      sale: other?.live.order.sale ?? null,
    });
  }

  /** The same sale once more, the same way. */
  async again(): Promise<void> {
    const held = this.held;
    if (held === null || this.#selling) return;
    if (!held.live.further.allowed) return this.otherWay();
    const { order_no, account, channel, amount, sale } = held.live.order;
    const before = this.#requests.get(order_no);
    await this.#sell({
      account,
      channel,
      amount,
      body: before?.body ?? null,
      extra: before?.extra ?? {},
      expire_s: null,
      sale,
    });
  }

  /** Brings an order to this screen. */
  show(no: string): void {
    this.mode = { kind: "order", no };
    this.armed = false;
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
    this.clear();
    this.till.kept = null;
    sessionStorage.removeItem(shownKey);
    this.#showCustomer(null);
  }

  async close(): Promise<void> {
    const held = this.held;
    if (held === null || held.live.ended || held.live.closing !== null) return;
    const got = await this.till.notices.orTell(() => this.till.host.close(held.live.order.order_no));
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
    if (held === null || held.live.order.state === "paid") return;
    this.mode = { kind: "other", no: held.live.order.order_no, since: this.till.clock.now() };
    this.extra = {};
    this.#showCustomer(null);
    const another = this.choices.find(({ channel }) => channel.wallet !== held.live.wallet);
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
      if (live.ended || live.closing !== null || live.order.state === "disputed") this.next();
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
    else if (key === "Escape") this.backToOrder();
    else return key === "F5" || key === "F9";
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

  async #sell(request: SaleRequest): Promise<void> {
    this.#selling = true;
    // What is over in the blink of an eye is not drawn: drawing it would hold up the code.
    const slow = this.till.clock.after(blinkMs, () => {
      this.creating = true;
    });
    this.till.notices.clear();
    try {
      const held = this.till.take(await this.till.host.sell(request, null));
      this.#remember(held.live.order.order_no, request);
      this.clear();
      this.show(held.live.order.order_no);
    } catch (thrown) {
      this.till.notices.tell(refusalOf(thrown));
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
      if (gateway === null) return [];
      return gateway.channels
        .filter(({ presented }) => presented === "merchant")
        .map((channel) => ({ account, gateway, channel }));
    });
    const seen = new Set<string>();
    return found.map(({ account, gateway, channel }, at) => {
      const first = !seen.has(channel.name);
      seen.add(channel.name);
      return {
        id: `${account.name}/${channel.name}`,
        testId: first ? `channel-${channel.name}` : `channel-${account.name}-${channel.name}`,
        account: account.name,
        channel,
        gateway,
        key: channelKeys[at] ?? null,
        fields: channel.fields.filter(({ unless }) => unless === null || account.fields[unless] !== "yes"),
        currency: account.fields.currency ?? gateway.currencies[0] ?? "CNY",
      };
    });
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
