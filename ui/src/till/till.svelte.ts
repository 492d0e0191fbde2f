//! The window's picture of the till. It holds no truth: it asks once when it mounts, and takes what it is told.
import { SvelteMap } from "svelte/reactivity";
import type {
  AccountView,
  Action,
  Channel,
  Clock,
  Descriptor,
  Health,
  Host,
  Label,
  Language,
  LiveOrder,
  OperatorView,
  PeopleView,
  QrPicture,
  Recovery,
  Refusal,
  Settings,
  Shown,
  Start,
  Today,
  Update,
} from "../host/contract.ts";
import { refusalOf } from "../host/contract.ts";
import { asSpoken } from "../words/languages.ts";
import { Words } from "../words/words.svelte.ts";
import { Notices } from "./notices.svelte.ts";
import { RefusedWays } from "./refused-ways.ts";
import { TypingOn } from "./typing-on.ts";

/** An order as last told, and when (by this window's clock). */
export type Held = { live: LiveOrder; qr: QrPicture | null; at: number };

/** How long an order that ended stays beside the open ones. */
const afterglowMs = 90_000;
/** How long nothing is said while the till opens. */
const greetMs = 100;
/** How often it is looked whether a locked keyring was unlocked. */
const unlockedMs = 3_000;
/** A payment that is older than this is no news. */
const newsMs = 60_000;
/** How long this window remembers one that ended. */
const forgetMs = 600_000;

const noHealth: Health = {
  asked: false,
  answered_ago_ms: null,
  latency_ms: null,
  unanswered: 0,
  clock_ahead_s: null,
  backup_at: null,
  notices: [],
};
const noPeople: PeopleView = {
  session: { kind: "nobody", name: null, role: null, may: [] },
  operators: [],
  limits: { refunds: {}, reason_required: true, window_days: 0, idle_lock_s: 0 },
};
const noToday: Today = { paid: {}, not_real: {}, counts: {}, known_after_ms: null };

export class Till {
  readonly words = new Words(asSpoken);
  readonly notices: Notices;
  readonly typingOn: TypingOn;
  readonly orders = new SvelteMap<string, Held>();
  /** Orders that ended while this window looked on, and when. */
  readonly ended = new SvelteMap<string, number>();
  readonly refusedWays = new RefusedWays();

  start = $state.raw<Start | null>(null);
  /** The window could not even ask. */
  failed = $state.raw<Refusal | null>(null);
  settings = $state.raw<Settings | null>(null);
  accounts = $state.raw<AccountView[]>([]);
  gateways = $state.raw<Descriptor[]>([]);
  /** Whether customers can reach pages of this till, to pay there. */
  servesPages = $state(false);
  /** Whether the customer's window is open. */
  customerShown = $state(false);
  health = $state.raw<Health>(noHealth);
  healthAt = $state(0);
  today = $state.raw<Today>(noToday);
  recovery = $state.raw<Recovery | null>(null);
  /** Who stands here, who may, and what the shop allows. */
  people = $state.raw<PeopleView>(noPeople);
  peopleAt = $state(0);
  /** Counts who comes and goes: a PIN typed in one stay is not there in the next. */
  stay = $state(0);
  /** This window's clock, renewed several times a second. */
  now = $state(0);
  wall = $state(0);
  /** Read aloud by screen readers. */
  announcement = $state("");

  /** Orders that have not ended, newest first. */
  open = $derived.by(() =>
    [...this.orders.values()]
      .filter(({ live }) => !live.ended)
      .sort((a, b) => (a.live.order.created_at < b.live.order.created_at ? 1 : -1)),
  );
  justEnded = $derived.by(() =>
    [...this.ended.entries()]
      .filter(([, at]) => this.now - at < afterglowMs)
      .flatMap(([no]) => this.orders.get(no) ?? []),
  );

  /** Whether the shop has a manager. */
  managed = $derived(this.people.operators.some(({ role, removed }) => role === "manager" && !removed));

  /** Orders are of several accounts: each names its own. */
  severalAccounts = $derived(this.accounts.length > 1);

  /** The order that the checkout shows. */
  kept: string | null = null;
  /** The order that the refund screen shows. */
  looked: string | null = null;
  #seq = -1;
  #accountsSeq = -1;
  #peopleSeq = -1;
  #stop: (() => void)[] = [];

  constructor(
    readonly host: Host,
    readonly clock: Clock,
  ) {
    this.notices = new Notices(clock);
    this.typingOn = new TypingOn(clock, this.notices);
    this.now = clock.now();
    this.wall = clock.wall();
  }

  /** Listens first and asks then, so that nothing falls between. */
  async begin(): Promise<void> {
    this.end();
    this.#stop.push(
      this.clock.every(250, () => {
        this.now = this.clock.now();
        this.wall = this.clock.wall();
      }),
    );
    const greeting = this.clock.after(greetMs, () => void this.#greet());
    let told: boolean | null = null;
    try {
      const [stop, stopShown, start, gateways] = await Promise.all([
        this.host.onUpdate((update) => this.hear(update)),
        this.host.onCustomerShown((shown) => {
          told = this.customerShown = shown;
        }),
        this.host.start(),
        this.host.gateways(),
      ]);
      this.#stop.push(stop, stopShown);
      this.gateways = gateways;
      await this.use(start.settings);
      this.start = start;
      this.customerShown = told ?? start.customer_shown;
      this.failed = null;
      if (start.snapshot !== null) {
        if (start.fault !== null) this.notices.tell(start.fault);
        this.servesPages = start.snapshot.serves_pages;
        const { seq, open, accounts, health, today, recovery, people } = start.snapshot;
        this.hear({ seq, orders: open, accounts, health, today, recovery, people });
      }
    } catch (thrown) {
      await this.#greet();
      this.failed = refusalOf(thrown);
    } finally {
      greeting();
    }
  }

  /** Speaks the system's language until the settings are known. */
  async #greet(): Promise<void> {
    if (this.settings === null) await this.words.speak(spoken(navigator.language));
  }

  /** Does `then` as soon as the keyring can be used. Nobody is asked to unlock it for that. Returns what ends the waiting. */
  onceUnlocked(then: () => void): () => void {
    let looking = false;
    let over = false;
    const look = async () => {
      if (looking) return;
      looking = true;
      const open = await this.host.keyringIsOpen().catch(() => false);
      looking = false;
      if (open && !over) then();
    };
    const stop = this.clock.every(unlockedMs, () => void look());
    return () => {
      over = true;
      stop();
    };
  }

  end(): void {
    for (const stop of this.#stop.splice(0)) stop();
  }

  /** Takes an update, unless a newer one came before it. */
  hear(update: Update): void {
    for (const shown of update.orders) {
      const before = this.orders.get(shown.live.order.order_no)?.live ?? null;
      const { live } = this.take(shown);
      if (this.#seq >= 0) this.#tellElsewhere(live, before);
    }
    // Only the first picture and changes of accounts carry them: a newer update without them does not make them old.
    if (update.accounts !== null && update.seq >= this.#accountsSeq) {
      this.#accountsSeq = update.seq;
      this.refusedWays.renew(update.accounts, this.accounts);
      this.accounts = update.accounts;
    }
    if (update.people !== null && update.seq >= this.#peopleSeq) {
      this.#peopleSeq = update.seq;
      this.meet(update.people);
    }
    if (update.seq < this.#seq) return;
    this.#seq = update.seq;
    this.#withdraw(update.health);
    this.health = update.health;
    this.notices.said(update.health.notices);
    this.healthAt = this.clock.now();
    this.today = update.today;
    this.recovery = update.recovery;
    this.#forget();
  }

  /** Nobody at this till made it: that it came, or was paid, is said where another order is on the screen. */
  #tellElsewhere(live: LiveOrder, before: LiveOrder | null): void {
    const { order, presented, ended } = live;
    if (presented !== "elsewhere" || order.order_no === this.kept) return;
    const paid = order.state === "paid" && before?.order.state !== "paid";
    // One that this window sees for the first time may have been paid long ago.
    const isNews = before !== null || this.clock.wall() - Date.parse(order.paid_at ?? "") < newsMs;
    if (paid && isNews) this.ended.set(order.order_no, this.clock.now());
    if ((before === null && !ended) || (paid && isNews)) {
      const title = paid ? this.words.t.order.paid : this.words.t.order.elsewhere;
      const money = this.words.money(order.amount, order.currency);
      this.say(`${this.channelLabel(order.account, order.channel)} ${money} ${title}`);
    }
  }

  /** What a command was refused for is over once the till itself says so no longer. */
  #withdraw({ notices }: Health): void {
    const standing = new Set(notices.map(({ code }) => code));
    for (const { code } of this.health.notices) if (!standing.has(code)) this.notices.withdraw(code);
  }

  /** Orders that ended a while ago are the journal's; the one on screen stays. */
  #forget(): void {
    const now = this.clock.now();
    const kept = new Set([this.kept, this.looked, ...(this.recovery?.order_nos ?? [])]);
    for (const [no, { live, at }] of this.orders) {
      if (live.ended && now - at > forgetMs && !kept.has(no)) {
        this.orders.delete(no);
        this.ended.delete(no);
      }
    }
  }

  /** Takes a picture of an order, unless a newer one of it came before. */
  take(shown: Shown): Held {
    const { live, qr } = shown;
    const no = live.order.order_no;
    const before = this.orders.get(no);
    if (before !== undefined && live.seq < before.live.seq) return before;
    const at = this.clock.now();
    this.now = at;
    const held = { live, qr, at };
    this.orders.set(no, held);
    this.refusedWays.hear(live, before?.live ?? null);
    if (before !== undefined && !before.live.ended && live.ended) this.ended.set(no, at);
    return held;
  }

  /** An order that may not be in the picture yet. */
  async fetch(orderNo: string): Promise<Held | null> {
    const known = this.orders.get(orderNo);
    if (known !== undefined) return known;
    const got = await this.notices.orTell(() => this.host.order(orderNo));
    return got === null ? null : this.take(got.value);
  }

  /** The order that one of our refunds is of, by its number; `no` is `null` where there is none. What kept it from being sought is told. */
  async orderOfRefund(refundNo: string): Promise<{ no: string | null } | null> {
    const query = { text: refundNo, states: [], by: null, day: null, after: null };
    const got = await this.notices.orTell(() => this.host.refunds(query));
    return got === null
      ? null
      : { no: got.value.rows.find(({ refund_no }) => refund_no === refundNo)?.order_no ?? null };
  }

  /** Milliseconds since `held` was told. */
  passed(held: Held): number {
    return Math.max(0, this.now - held.at);
  }

  account(view: AccountView): void {
    const others = this.accounts.filter(({ id }) => id !== view.id);
    const at = this.accounts.findIndex(({ id }) => id === view.id);
    this.refusedWays.renew([view], this.accounts);
    this.accounts = at < 0 ? [...others, view] : this.accounts.map((old) => (old.id === view.id ? view : old));
  }

  /** Takes who is here, as the till says it. */
  meet(people: PeopleView): void {
    const { session, operators } = this.people;
    if (people.session.kind !== session.kind || people.session.name !== session.name) this.stay += 1;
    this.people = people;
    this.peopleAt = this.clock.now();
    this.#tellLocked(operators);
  }

  /** Wrong PINs lock a person out wherever they were typed, and the form that asked may be gone with whoever stood here. */
  #tellLocked(before: OperatorView[]): void {
    const lockedBefore = new Map(before.map(({ name, locked_for_s }) => [name, locked_for_s !== null]));
    for (const { name, locked_for_s } of this.people.operators) {
      const was = lockedBefore.get(name);
      if (locked_for_s === null && was === true) this.notices.withdraw("locked_out", name);
      if (locked_for_s === null || was !== false) continue;
      const minutes = Math.ceil(locked_for_s / 60);
      this.notices.tell({ code: "locked_out", facts: { name, minutes: String(minutes) } }, true);
      this.say(this.words.t.who.lockedOut(name, minutes));
    }
  }

  /** Whether whoever stands here may do that. The till has the last word. */
  may(action: Action): boolean {
    return this.people.session.may.includes(action);
  }

  /** Leaves the window to nobody. What a customer is paying goes on. */
  async lock(): Promise<void> {
    if (this.people.session.kind !== "operator") return;
    const got = await this.notices.orTell(() => this.host.signOut());
    if (got === null) return;
    this.meet(got.value);
    this.say(this.words.t.who.locked);
  }

  descriptor(gateway: string): Descriptor | null {
    return this.gateways.find(({ name }) => name === gateway) ?? null;
  }

  /** A channel of an account, or of any gateway where the account is gone. */
  channel(account: string, channel: string): Channel | null {
    const gateway = this.accounts.find(({ name }) => name === account)?.gateway;
    const found = this.gateways
      .filter(({ name }) => gateway === undefined || name === gateway)
      .flatMap(({ channels }) => channels)
      .find(({ name }) => name === channel);
    return found ?? null;
  }

  /** What the cashier should know of a channel, as customers pay by it now. */
  noteOf({ note, page }: Channel): Label | null {
    return this.servesPages && page !== null ? page.note : note;
  }

  /** A channel's name for people. */
  channelLabel(account: string, channel: string): string {
    const found = this.channel(account, channel);
    return found === null ? channel : this.words.label(found.label);
  }

  /** The name of a channel whose orders are made elsewhere; `null`: of any other one. */
  elsewhereLabel({ account, channel }: { account: string; channel: string }): string | null {
    const found = this.channel(account, channel);
    return found?.presented === "elsewhere" ? this.words.label(found.label) : null;
  }

  /** A way to pay, and the account that takes the money where there are several. */
  withAccount(way: string, account: string): string {
    return this.severalAccounts ? this.words.t.common.of(way, account) : way;
  }

  /** Settings take effect at once. */
  async use(settings: Settings): Promise<void> {
    this.settings = settings;
    document.documentElement.dataset.theme = settings.theme;
    await this.words.speak(settings.language);
    document.documentElement.lang = this.words.language;
  }

  say(text: string): void {
    this.announcement = text;
  }
}

/** The language to greet in, until the settings are known. */
function spoken(tag: string): Language {
  if (/^zh-(hk|mo|tw|hant)/i.test(tag)) return "zh-HK";
  return /^zh/i.test(tag) ? "zh-CN" : "en";
}
