//! A till without a machine around it: sells, asks and ends as its script says, on a clock that can be moved.

import { minorText } from "../../words/words.svelte.ts";
import { attentionRules, catalogueWords, errorWords, reasonWords } from "../bindings.ts";
import type {
  AccountForm,
  AccountView,
  Asked,
  Attention,
  Authority,
  Came,
  Choice,
  Clock,
  Code,
  Descriptor,
  Exported,
  ExportProgress,
  Finding,
  Format,
  Health,
  Host,
  Item,
  LimitsView,
  MarkRequest,
  Named,
  OrderLine,
  OrderQuery,
  PaidBeside,
  PeopleView,
  ReceiverView,
  Recovery,
  RefundQuery,
  RefundRequest,
  Refusal,
  Role,
  Said,
  SaleRequest,
  Settings,
  Shown,
  SpansView,
  Start,
  State,
  Today,
  Trouble,
  Update,
} from "../contract.ts";
import { currencyOfAccount, gateways, pooul, account as usualAccount } from "./gateways.ts";
import { endFloor, type FakeOrder, goneMinor, hasEnded, minorOf, shown, timelineOf, twoDecimals } from "./order.ts";
import { type FakeOperator, FakePeople, refused } from "./people.ts";
import { FakeReceiver } from "./receiver.ts";
import { FakeRefunds } from "./refunds.ts";

export type TickingClock = Clock & { readonly began: number };

export type Script = {
  accounts?: AccountView[];
  settings?: Partial<Settings>;
  training?: boolean;
  fault?: Code;
  faultFacts?: Refusal["facts"];
  recovery?: Recovery;
  /** Customers can reach pages of this till. */
  servesPages?: boolean;
  /** Milliseconds until the gateway answers a create; `lost`: it never does; `no_code`: at once, without a code; `refused`: with an error. */
  create?: number | "lost" | "no_code" | "refused";
  operators?: FakeOperator[];
  /** Who is signed in at the beginning. */
  signedIn?: string;
};

const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

export class FakeTill implements Host {
  readonly errorWords = errorWords;
  readonly reasonWords = reasonWords;
  readonly catalogueWords = catalogueWords;
  readonly attentionRules = attentionRules;
  readonly orderList: FakeOrder[] = [];
  readonly calls: string[] = [];
  /** Whether exports are signed. */
  signs = true;
  /** What an export finds wrong with the journal. */
  journalFault: Exported["found"] = null;
  #exporting: ExportProgress | null = null;
  #cancelExport: () => void = () => {};
  /** Payment codes that went out to a gateway. */
  readonly codesSent: string[] = [];
  gatewayUp = true;
  /** What is wrong with its answers while it is not up. */
  trouble: Trouble = "unreachable";
  refuseNext: Code | null = null;
  /** What the till has to say besides. */
  notices: Refusal[] = [];
  /** When the newest daily backup was made. */
  backupAt: string | null = null;
  clockAheadS: number | null = null;
  /** Whether the raw answers are gone, and after how many days they were old enough for that. */
  rawGone = false;
  rawKeptDays: number | null = null;
  spans: SpansView = { answered_ms: null, painted_ms: null, paid_ms: null, known_ms: null };
  shownToCustomer: string | null = null;
  /** The system's input method may take keys. */
  inputMethod = false;
  secrets = new Map<string, string>();
  accounts: AccountView[];
  readonly people: FakePeople;
  readonly refunding: FakeRefunds;
  readonly receiving: FakeReceiver;
  #settings: Settings;
  #heard = new Set<(update: Update) => void>();
  #sawCustomers = new Set<(shown: boolean) => void>();
  #customerShown = false;
  #seq = 0;
  #count = 0;
  #recovery: Recovery | null;
  #servesPages: boolean;

  constructor(
    readonly clock: TickingClock,
    readonly script: Script = {},
  ) {
    this.accounts = script.accounts ?? [usualAccount];
    this.#recovery = script.recovery ?? null;
    this.#servesPages = script.servesPages ?? false;
    this.people = new FakePeople(clock, script.operators, () => this.#tell([]));
    const here = this.people.operators.find(({ name }) => name === script.signedIn);
    if (here !== undefined) this.people.signIn(here.name, here.pin);
    this.receiving = new FakeReceiver(new Date(clock.wall()).toISOString());
    this.refunding = new FakeRefunds({
      clock,
      people: this.people,
      orders: this.orderList,
      find: (no) => this.#find(no),
      gateway: (name) => this.#gateway(this.accounts.find((account) => account.name === name)?.gateway ?? ""),
      event: (order, kind, facts, actor) => this.#event(order, kind, facts, actor),
      tell: (order) => this.#tell([order]),
    });
    this.#settings = {
      language: "zh-CN",
      theme: "light",
      shop_name: "示例便利店",
      till_name: "1 号收银台",
      customer_window: "auto",
      spbill_create_ip: null,
      log_level: "info",
      receiver: { listen: "", public_address: "", proxy: "" },
      backup: { folder: "", keep: 30, keep_raw_days: null },
      ...script.settings,
    };
    clock.every(2_000, () => this.#poll());
  }

  // What a test, or a person in a browser, does to the world outside.

  /** The order sold last. */
  get last(): FakeOrder {
    const order = this.orderList.at(-1);
    if (order === undefined) throw new Error("nothing was sold yet");
    return order;
  }

  /** Whatever kept it from opening is over. */
  mend(): void {
    delete this.script.fault;
  }

  scan(order = this.last): void {
    this.#to(order, "paying", "paying");
  }

  pay(order = this.last): void {
    const now = this.clock.now();
    order.late = hasEnded(order.state);
    order.lateAfter = order.late ? { state: order.state, reason: order.endReason ?? "gateway" } : null;
    const paidTwice = this.orderList.filter((one) => one.sale === order.sale && one !== order && one.state === "paid");
    order.attentions = order.late ? ["late_payment"] : [];
    for (const one of paidTwice.length > 0 ? [order, ...paidTwice] : [])
      one.attentions = ["double_payment", ...one.attentions];
    for (const mark of order.marks) if (mark.what === "paid") mark.verdict = "confirmed";
    order.paidAt = now;
    order.gatewayTime = now - 800;
    order.declined = false;
    this.#to(order, "paid", "paid", { paid_minor: String(minorOf(order.request.amount)), took: "187000" });
  }

  decline(order = this.last): void {
    order.declined = true;
    this.#to(order, "awaiting_payment", "unpaid");
  }

  end(state: "closed" | "failed" | "reversed", reason: FakeOrder["endReason"] = "gateway", order = this.last): void {
    order.endReason = reason;
    if (reason === "expired_here") order.attentions = ["expired_here"];
    this.#to(order, state, "ended", { state });
  }

  /** Paid, with less in the answer than there might be. */
  payWith(proof: Partial<FakeOrder["proof"]>, order = this.last): void {
    order.proof = { ...order.proof, ...proof };
    this.pay(order);
  }

  /** The gateway's last word about an order. */
  says(said: Said, order = this.last): void {
    order.said = said;
    this.#tell([order]);
  }

  /** The gateway will not reverse or close it. */
  refuseEnd(order = this.last): void {
    order.closeFloor = null;
    order.closeRefused += 1;
    order.attentions = ["end_refused"];
    this.#event(order, "attention_raised", { attention: "end_refused" }, "engine");
    this.#tell([order]);
  }

  /** Its link and the gateway's number are lost, at a gateway that cannot be asked by ours. */
  loseNumber(order = this.last): void {
    order.link = null;
    order.answeredAfter = null;
    order.attentions = ["cannot_be_asked"];
    this.#to(order, "create_unknown", "create_unknown");
  }

  /** The create's answer never came, and the gateway knows the order all the same. */
  loseCode(order = this.last): void {
    order.link = null;
    order.answeredAfter = null;
    this.#tell([order]);
  }

  /** `facts`: what the answer named, as the journal has it. */
  dispute(reason: string, order = this.last, facts: Record<string, string> = {}): void {
    order.reason = reason;
    order.attentions = ["disputed"];
    this.#to(order, "disputed", "disputed", { reason, ...facts });
  }

  /** The gateway's next question is answered now. */
  poll(): void {
    this.#poll();
  }

  recover(recovery: Recovery | null): void {
    this.#recovery = recovery;
    this.#tell([]);
  }

  send(update: Update): void {
    for (const heard of this.#heard) heard(update);
  }

  update(orders: FakeOrder[], seq = ++this.#seq): Update {
    return {
      seq,
      orders: orders.map((order) => this.#shown(order)),
      health: this.#health(),
      today: this.#today(),
      recovery: this.#recovery,
      accounts: this.accounts,
      people: this.people.view(),
    };
  }

  /** An order that is there already, `ago` milliseconds old. */
  seed(amount: string, state: State, ago: number, more: Partial<FakeOrder> = {}): FakeOrder {
    const usual = {
      account: "main",
      channel: "wechat.scan",
      amount,
      currency: null,
      body: null,
      extra: {},
      expire_s: null,
      sale: null,
    };
    const order = this.#draft(more.request ?? usual, this.clock.now() - ago);
    this.#answer(order, 212);
    order.state = state;
    if (state === "paid") {
      order.paidAt = order.drafted + 9_800;
      order.gatewayTime = order.drafted + 9_000;
    }
    if (hasEnded(state)) {
      order.events.push({
        at: order.drafted + 9_800,
        kind: state === "paid" ? "paid" : "ended",
        actor: "gateway",
        facts: {},
        raw: "ab".repeat(32),
      });
      order.endReason = state === "paid" ? null : "gateway";
    }
    return Object.assign(order, more);
  }

  // The host.

  async start(): Promise<Start> {
    const { fault, training = false } = this.script;
    const folder = `~/.local/share/tillkeeper${training ? "/training" : ""}`;
    return {
      training,
      version: "0.1.0",
      till_id: fault === undefined ? "7Q2F9M" : null,
      data_folder: folder,
      log_folder: `${folder}/logs`,
      settings: this.#settings,
      settings_notices: [],
      customer_shown: this.#customerShown,
      fault: fault === undefined ? null : { code: fault, facts: this.script.faultFacts ?? {} },
      snapshot: fault === undefined ? await this.snapshot() : null,
    };
  }

  async keyringIsOpen(): Promise<boolean> {
    this.calls.push("keyring");
    return this.script.fault !== "keyring_locked";
  }

  async snapshot() {
    const { seq, orders, health, today, recovery } = this.update(
      this.orderList.filter(({ state }) => !hasEnded(state)),
    );
    return {
      seq,
      open: orders,
      accounts: this.accounts,
      health,
      today,
      recovery,
      people: this.people.view(),
      serves_pages: this.#servesPages,
    };
  }

  async sell(request: SaleRequest, paymentCode: string | null, overrule: Authority | null): Promise<Shown> {
    this.calls.push(`sell ${request.channel} ${request.amount}`);
    this.#refuse();
    const overruler = this.#guard(request, overrule);
    const channel = this.#channel(request);
    const limit = channel?.limit_minor ?? 0;
    if (channel?.presented === "consumer" && paymentCode === null) throw refused("payment_code_bad", {});
    if (channel?.presented === "merchant" && paymentCode !== null)
      throw refused("payment_code_not_taken", { channel: request.channel });
    const { amount, currency: shown } = request;
    const taken = this.#currency(request.account);
    if (shown !== null && shown !== taken) throw refused("other_currency", { name: request.account, shown, taken });
    if (paymentCode !== null) this.codesSent.push(paymentCode);
    if (minorOf(amount) > limit) throw refused("amount_over_limit", { limit: "50000.00" });
    const order = this.#draft(request, this.clock.now());
    if (overruler !== null) this.#event(order, "further_overruled", { by: overruler }, this.people.actor);
    const create = this.script.create ?? 0;
    if (create === 0) this.#answer(order, 212);
    else if (create === "no_code") this.#answer(order, 212, false);
    else if (create === "refused") {
      this.clock.after(212, () => {
        order.createRefused = true;
        order.said = { reaction: "channel_off", code: "202", text: null };
        this.#to(order, "create_unknown", "create_unknown");
      });
    } else if (create === "lost") {
      this.clock.after(5_000, () => this.#to(order, "create_unknown", "create_unknown"));
    } else {
      this.clock.after(create, () => {
        this.#answer(order, create);
        this.#tell([order]);
      });
    }
    return this.#shown(order);
  }

  async order(orderNo: string): Promise<Shown> {
    return this.#shown(this.#find(orderNo));
  }

  async ask(orderNo: string): Promise<Asked> {
    this.calls.push(`ask ${orderNo}`);
    this.#refuse();
    const order = this.#find(orderNo);
    const came = this.#question(order);
    return { shown: this.#shown(order), came };
  }

  async close(orderNo: string): Promise<Shown> {
    this.calls.push(`close ${orderNo}`);
    this.#refuse();
    const order = this.#find(orderNo);
    if (hasEnded(order.state)) throw refused("order_ended", { order_no: orderNo });
    order.qrOff = true;
    order.closeFloor = order.drafted + 300_000;
    this.#event(order, "close_requested", { why: "person" }, this.people.actor);
    return this.#shown(order);
  }

  async reverse(orderNo: string): Promise<Shown> {
    this.calls.push(`reverse ${orderNo}`);
    this.#refuse();
    const order = this.#find(orderNo);
    if (hasEnded(order.state)) throw refused("order_ended", { order_no: orderNo });
    if (!order.canReverse) throw refused("gateway_cannot", { what: "reverse" });
    order.qrOff = true;
    order.closeFloor = order.drafted + 15_000;
    this.#event(order, "reverse_requested", { why: "person" }, this.people.actor);
    return this.#shown(order);
  }

  async nameGatewayNo(orderNo: string, gatewayNo: string): Promise<Shown> {
    this.calls.push(`name ${orderNo} ${gatewayNo}`);
    this.#refuse();
    const order = this.#find(orderNo);
    order.attentions = [];
    order.answeredAfter = this.clock.now() - order.drafted;
    this.#event(order, "gateway_no_named", { gateway_no: gatewayNo }, this.people.actor);
    this.#to(order, "awaiting_payment", "unpaid");
    return this.#shown(order);
  }

  async adopt(account: string, named: Named, items: Item[]): Promise<Shown> {
    const number = named.trade_no ?? `DD${named.transaction_id}`;
    this.calls.push(`adopt ${account} ${JSON.stringify(named)} ${JSON.stringify(items)}`);
    this.#refuse();
    const minor = items.length === 0 ? 1000 : items.reduce((sum, { amount_minor }) => sum + amount_minor, 0);
    const text = String(minor).padStart(3, "0");
    const request = { account, channel: "voice", currency: null, body: null, extra: {}, expire_s: null, sale: null };
    const order = this.#draft({ ...request, amount: `${text.slice(0, -2)}.${text.slice(-2)}` }, this.clock.now());
    Object.assign(order, { no: number, items, events: [] });
    this.#event(order, "adopted", {}, this.people.actor);
    this.pay(order);
    return this.#shown(order);
  }

  async refund(request: RefundRequest, authority: Authority): Promise<Shown> {
    this.calls.push(`refund ${request.amount || "all"}`);
    this.#refuse();
    return this.#shown(this.refunding.ask(request, authority));
  }

  async refundAgain(orderNo: string, refundNo: string, authority: Authority): Promise<Shown> {
    this.calls.push(`again ${refundNo}`);
    this.#refuse();
    return this.#shown(this.refunding.again(orderNo, refundNo, authority));
  }

  async withdrawRefund(orderNo: string, refundNo: string): Promise<Shown> {
    this.calls.push(`withdraw ${refundNo}`);
    this.#refuse();
    return this.#shown(this.refunding.withdraw(orderNo, refundNo));
  }

  async refunds(query: RefundQuery) {
    return this.refunding.page(query);
  }

  async markByHand(orderNo: string, mark: MarkRequest, authority: Authority): Promise<Shown> {
    this.calls.push(`mark ${mark.what} ${mark.amount}`);
    this.#refuse();
    return this.#shown(this.refunding.mark(orderNo, mark, authority));
  }

  async handleAttention(orderNo: string, attention: Attention, note: string): Promise<Shown> {
    this.calls.push(`handle ${attention}`);
    this.#refuse();
    return this.#shown(this.refunding.handle(orderNo, attention, note));
  }

  async signIn(name: string, pin: string): Promise<PeopleView> {
    return this.#changePeople(`sign in ${name}`, () => this.people.signIn(name, pin));
  }

  async signOut(): Promise<PeopleView> {
    return this.#changePeople("sign out", () => this.people.signOut());
  }

  async addOperator(name: string, role: Role, newPin: string, pin: string | null): Promise<PeopleView> {
    return this.#changePeople(`add ${role} ${name}`, () => this.people.add(name, role, newPin, pin));
  }

  async removeOperator(name: string, pin: string | null): Promise<PeopleView> {
    return this.#changePeople(`remove ${name}`, () => this.people.remove(name, pin));
  }

  async setPin(name: string, newPin: string, pin: string | null): Promise<PeopleView> {
    return this.#changePeople(`set pin of ${name}`, () => this.people.setPin(name, newPin, pin));
  }

  async setLimits(limits: LimitsView, pin: string | null): Promise<PeopleView> {
    return this.#changePeople("set limits", () => this.people.setLimits(limits, pin));
  }

  async orders(query: OrderQuery) {
    const text = query.text.trim().toUpperCase();
    const all = [...this.orderList]
      .sort((a, b) => b.drafted - a.drafted)
      .filter((order) => !query.attention_only || order.attentions.length > 0)
      .filter((order) => query.states.length === 0 || query.states.includes(order.state))
      .filter((order) => query.sold_by === null || order.events[0]?.actor.replace(/^operator:/, "") === query.sold_by)
      .filter((order) => {
        const line = this.#line(order);
        return text === "" || order.no.endsWith(text) || order.no === text || line.amount.startsWith(text);
      });
    const from = query.after === null ? 0 : Number(query.after);
    const rows = all.slice(from, from + 50).map((order) => this.#line(order));
    return { rows, next: from + 50 < all.length ? String(from + 50) : null };
  }

  async timeline(orderNo: string) {
    const order = this.#find(orderNo);
    const entries = timelineOf(order, this.clock.began, this.rawKeptDays);
    return { order: this.#shown(order).live, spans: this.spans, entries };
  }

  async rawAnswer(sha: string): Promise<string | null> {
    if (this.rawGone || sha === "") return null;
    return '{"code":0,"msg":"SUCCESS","data":{"trade_state":0,"total_fee":1250}}';
  }

  /** A year of orders takes a second: a thousand rows each tenth of it. */
  exportJournal(format: Format, choice: Choice): Promise<Exported> {
    const { from, to, accounts = [], channels = [], sold_by = [], states = [] } = choice;
    const narrowed = [states, accounts, channels, sold_by].filter(({ length }) => length > 0).join(" ");
    this.calls.push(`export ${format} ${from ?? ""}..${to ?? ""} ${narrowed}`.trim());
    return new Promise((done, failed) => {
      this.#refuse();
      this.#cancelExport = () => {
        stop();
        this.#exporting = null;
        failed(refused("export_cancelled", {}));
      };
      this.#exporting = { done: 0, of: 10_000 };
      const stop = this.clock.every(100, () => {
        const { done: before, of } = this.#exporting ?? { done: 0, of: 0 };
        this.#exporting = { done: before + 1_000, of };
        if (before + 1_000 < of) return;
        stop();
        this.#exporting = null;
        const folder = "/home/till/Documents/Tillkeeper 2026-03-02 104200";
        done({
          folder,
          orders: 1_200,
          refunds: 30,
          events: 8_770,
          unreadable: [],
          found: this.journalFault,
          head: 8_770,
          signed: this.signs,
        });
      });
    });
  }

  async exportProgress(): Promise<ExportProgress | null> {
    return this.#exporting;
  }

  async cancelExport(): Promise<null> {
    this.calls.push("cancel export");
    if (this.#exporting !== null) this.#cancelExport();
    return null;
  }

  async showExport(): Promise<null> {
    this.calls.push("show export");
    return null;
  }

  async gateways(): Promise<Descriptor[]> {
    return gateways;
  }

  async addAccount(form: AccountForm): Promise<AccountView> {
    this.calls.push(`add ${form.name}`);
    this.#refuse();
    if (this.accounts.some(({ name }) => name === form.name)) throw refused("account_name_taken", { name: form.name });
    const added: AccountView = {
      ...usualAccount,
      id: `a${this.accounts.length + 1}`,
      name: form.name,
      gateway: form.gateway,
      base_url: form.base_url ?? this.#gateway(form.gateway).base_url,
      own_base_url: form.base_url,
      fields: form.fields,
      secrets: {},
      missing: [],
    };
    this.accounts = [...this.accounts, added];
    return this.#changed(added.name, {});
  }

  async changeAccount(name: string, change: { base_url: string | null; fields: Record<string, string> }) {
    this.#refuse();
    const before = this.#account(name);
    const fields = Object.fromEntries(
      Object.entries({ ...before.fields, ...change.fields }).filter(([, v]) => v !== ""),
    );
    const base_url = change.base_url ?? before.base_url;
    const own_base_url = base_url === this.#gateway(before.gateway).base_url ? null : base_url;
    return this.#changed(name, { fields, base_url, own_base_url });
  }

  async setSecret(name: string, field: string, value: string) {
    this.#refuse();
    const account = this.#account(name);
    this.secrets.set(`${name}/${field}`, value);
    return this.#changed(name, { secrets: { ...account.secrets, [field]: `…${value.slice(-4)}` } });
  }

  async removeAccount(name: string): Promise<null> {
    this.#refuse();
    const isAsked = ({ request, state, attentions }: FakeOrder) =>
      request.account === name && !hasEnded(state) && !attentions.includes("cannot_be_asked");
    const open = this.orderList.filter(isAsked).length;
    if (open > 0) throw refused("account_has_open_orders", { name, count: String(open), refunds: "0" });
    this.accounts = this.accounts.filter((account) => account.name !== name);
    this.#tell([]);
    return null;
  }

  async checkAccount(name: string): Promise<Finding[]> {
    this.#account(name);
    const facts = {
      latency_ms: "187",
      gateway_ahead_s: "-3",
      signature: "without_empty",
      till_rank: "7",
    };
    return [{ what: `gateway:${name}`, well: true, facts, fault: null }];
  }

  async settings(): Promise<Settings> {
    return this.#settings;
  }

  async saveSettings(settings: Settings): Promise<Settings> {
    this.#refuse();
    const { listen, public_address, proxy } = settings.receiver;
    if (listen !== "" && !/^[\d.]+:\d{1,5}$|^\[[\da-f:]+\]:\d{1,5}$/.test(listen))
      throw refused("receiver_listen_bad", {});
    if (public_address !== "" && !/^https?:\/\/[^/?#]+[^?#]*$/.test(public_address))
      throw refused("receiver_address_bad", {});
    if (proxy !== "" && !/^[\d.]+$|^[\da-f:]+$/.test(proxy)) throw refused("receiver_proxy_bad", {});
    this.#settings = settings;
    return settings;
  }

  async doctor(): Promise<Finding[]> {
    return [
      { what: "keyring", well: true, facts: {}, fault: null },
      { what: "disk", well: true, facts: { free_bytes: "81604378624" }, fault: null },
      {
        what: "clock",
        well: this.gatewayUp,
        facts: this.gatewayUp ? { ahead_s: "0" } : { not_known: "no_gateway_time" },
        fault: null,
      },
      {
        what: "gateway:main",
        well: this.gatewayUp,
        facts: { latency_ms: "187" },
        fault: this.gatewayUp ? null : { code: "unexpected" as const, facts: { incident: "K7Q2" } },
      },
      ...this.receiving.examine(this.#settings, await this.receiver()),
    ];
  }

  async receiver(): Promise<ReceiverView> {
    const accounts = this.accounts.map(({ name, gateway, fields }) => ({
      name,
      gateway,
      notifyUrl: fields.notify_url ?? null,
    }));
    return this.receiving.view(this.#settings, accounts);
  }

  async checkReceiver(): Promise<Finding[]> {
    this.calls.push("check receiver");
    return this.receiving.check(this.#settings);
  }

  async enterTraining(): Promise<null> {
    this.calls.push("training");
    return null;
  }

  async openPhone(): Promise<null> {
    this.calls.push("phone");
    const order = this.orderList.filter(({ state }) => state === "awaiting_payment").at(-1);
    if (order !== undefined) {
      this.clock.after(1_000, () => this.scan(order));
      this.clock.after(3_000, () => this.pay(order));
    }
    return null;
  }

  async customerWindow(open: boolean): Promise<null> {
    this.calls.push(`customer window ${open}`);
    this.showCustomers(open);
    return null;
  }

  /** The customer's window opens or closes, by itself too. */
  showCustomers(shown: boolean): void {
    this.#customerShown = shown;
    for (const saw of this.#sawCustomers) saw(shown);
  }

  async allowInputMethod(on: boolean): Promise<null> {
    this.calls.push(`input method ${on}`);
    this.inputMethod = on;
    return null;
  }

  async painted(orderNo: string): Promise<null> {
    this.calls.push(`painted ${orderNo}`);
    return null;
  }

  async showCustomer(orderNo: string | null): Promise<null> {
    this.shownToCustomer = orderNo;
    return null;
  }

  async onUpdate(heard: (update: Update) => void): Promise<() => void> {
    this.#heard.add(heard);
    return () => this.#heard.delete(heard);
  }

  async onCustomerShown(heard: (shown: boolean) => void): Promise<() => void> {
    this.#sawCustomers.add(heard);
    return () => this.#sawCustomers.delete(heard);
  }

  /** Who let a further order of a sale pass; `null`: nobody had to. */
  #guard({ sale, account, amount }: SaleRequest, overrule: Authority | null): string | null {
    const before = this.orderList.filter((order) => sale !== null && order.sale === sale);
    const other = before.find(
      (order) => order.currency !== this.#currency(account) || minorOf(order.request.amount) !== minorOf(amount),
    );
    if (other !== undefined) throw refused("other_amount", { amount: other.request.amount, currency: other.currency });
    const waits = before.map((order) => this.#shown(order).live).find(({ further }) => !further.allowed);
    if (waits === undefined) return null;
    if (overrule === null)
      throw refused("further_order_not_yet", { why: waits.further.not_yet ?? "unconfirmed", seconds: "2" });
    return this.people.overrule(overrule);
  }

  #changePeople(call: string, change: () => void): PeopleView {
    this.calls.push(call);
    this.#refuse();
    try {
      change();
    } finally {
      // A wrong try changes what is shown, too.
      this.#tell([]);
    }
    return this.people.view();
  }

  #draft(request: SaleRequest, at: number): FakeOrder {
    this.#count += 1;
    const mixed = (this.#count * 7919 + 40_503) % 1_048_576;
    const last = [15, 10, 5, 0].map((bits) => alphabet[(mixed >> bits) & 31] ?? "0").join("");
    const no = `TK7Q2F9M0K3C5D8E1HABMNPQ${last}`;
    const channel = this.#channel(request);
    const account = this.accounts.find(({ name }) => name === request.account);
    const order: FakeOrder = {
      no,
      sale: request.sale ?? `S${no.slice(2)}`,
      request,
      currency: this.#currency(request.account),
      wallet: channel?.wallet ?? "other",
      presented: channel?.presented ?? "merchant",
      parameters: null,
      byParameters: channel?.gives === "parameters" && !(this.#servesPages && channel.page !== null),
      createRefused: false,
      closes: this.#gateway(account?.gateway ?? "").close_floor_s !== null,
      canReverse: this.#gateway(account?.gateway ?? "").reverse_floor_s !== null,
      items: [],
      said: null,
      state: "creating",
      drafted: at,
      lasts: (request.expire_s ?? channel?.expire_s ?? 300) * 1000,
      answeredAfter: null,
      link: null,
      qrOff: false,
      unpaidAfterQrOff: false,
      closeFloor: null,
      closeRefused: 0,
      declined: false,
      late: false,
      lateAfter: null,
      proof: { order_no: true, amount: true, merchant: true, currency: true, signature: "verified" },
      mark: account?.mark ?? null,
      attentions: [],
      refunds: [],
      marks: [],
      elsewhere: [],
      besideFault: null,
      endReason: null,
      reason: null,
      paidAt: null,
      gatewayTime: null,
      asked: 0,
      unanswered: 0,
      answeredAt: null,
      trouble: null,
      events: [],
    };
    order.events.push({
      at,
      kind: "drafted",
      actor: this.people.actor,
      facts: { minor: String(minorOf(request.amount)), currency: "CNY", channel: request.channel },
      raw: null,
    });
    order.events.push({ at: at + 2, kind: "create_sent", actor: "engine", facts: {}, raw: null });
    this.orderList.push(order);
    return order;
  }

  #answer(order: FakeOrder, after: number, payable = true): void {
    order.state = "awaiting_payment";
    const gives = this.#channel(order.request)?.gives;
    const page = this.#channel(order.request)?.page ?? null;
    if (!payable) order.qrOff = true;
    else if (gives === "parameters") order.parameters = parameters(order.no);
    if (payable && page !== null && this.#servesPages) order.link = `https://pay.example.com/pay/${order.no}-abcdefgh`;
    else if (payable && gives !== "parameters" && order.presented === "merchant")
      order.link = `weixin://wxpay/bizpayurl?pr=${order.no.slice(-10)}`;
    order.answeredAfter = after;
    order.answeredAt = order.drafted + after;
    order.events.push({
      at: order.drafted + after,
      kind: "created",
      actor: "gateway",
      facts: {
        took: String(after * 1000),
        ...(order.link === null ? {} : { link: order.link }),
        ...(order.parameters === null ? {} : { parameters: order.parameters }),
      },
      raw: "cd".repeat(32),
    });
  }

  #poll(): void {
    const open = this.orderList.filter(({ state }) => !hasEnded(state) && state !== "drafted" && state !== "creating");
    for (const order of open) this.#question(order);
    if (open.length > 0) this.#tell(open);
  }

  #question(order: FakeOrder): Came {
    const now = this.clock.now();
    order.asked += 1;
    if (!this.gatewayUp) {
      order.unanswered += 1;
      const { trouble } = this;
      order.trouble = trouble;
      return trouble === "keyring" || trouble === "not_built" ? { not_asked: trouble } : { unanswered: trouble };
    }
    order.unanswered = 0;
    order.trouble = null;
    order.answeredAt = now;
    if (order.qrOff && order.state !== "paying") order.unpaidAfterQrOff = true;
    const expired = now >= order.drafted + order.lasts;
    const floored = now >= (order.closeFloor ?? endFloor(order) ?? 0);
    if (order.state === "awaiting_payment" && expired) {
      order.qrOff = true;
      const kind = reverses(order) ? "reverse_requested" : "close_requested";
      this.#to(order, "expiring", kind, { why: "expired" });
    } else if (floored && (order.state === "expiring" || order.closeFloor !== null))
      this.end(reverses(order) ? "reversed" : "closed", "gateway", order);
    else if (order.state === "create_unknown" && expired) this.end("closed", "never_created", order);
    return "answered";
  }

  #to(order: FakeOrder, state: State, kind: string, facts: Record<string, string> = {}): void {
    order.state = state;
    this.#event(order, kind, facts, "gateway");
    this.#tell([order]);
  }

  #event(order: FakeOrder, kind: string, facts: Record<string, string>, actor: string): void {
    const raw = actor === "gateway" ? "ef".repeat(32) : null;
    order.events.push({ at: this.clock.now(), kind, actor, facts, raw });
  }

  #tell(orders: FakeOrder[]): void {
    this.send(this.update(orders));
  }

  #shown(order: FakeOrder): Shown {
    this.#seq += 1;
    const back = {
      refunds: order.refunds.map((refund) => this.refunding.view(order, refund)),
      refundable: this.refunding.refundable(order),
      paid_beside: this.#paidBeside(order),
      too_many_beside: this.#tooManyBeside(order),
      paid_beside_fault: order.besideFault,
    };
    return shown(order, this.#seq, { now: this.clock.now(), began: this.clock.began }, back);
  }

  #paidBeside({ no, sale, attentions }: FakeOrder): PaidBeside[] {
    if (!attentions.includes("double_payment")) return [];
    return this.orderList.flatMap((other) => {
      const { request, currency, paidAt } = other;
      if (other.no === no || other.sale !== sale || paidAt === null) return [];
      if (goneMinor(other) >= minorOf(request.amount)) return [];
      const paid_at = new Date(this.clock.began + paidAt).toISOString().replace("Z", "+00:00");
      const amount = twoDecimals(request.amount);
      return [{ order_no: other.no, account: request.account, channel: request.channel, amount, currency, paid_at }];
    });
  }

  #tooManyBeside(order: FakeOrder): string | null {
    const bears = ({ attentions }: FakeOrder) => attentions.includes("double_payment");
    const isKept = (one: FakeOrder) => one.paidAt !== null && goneMinor(one) < minorOf(one.request.amount);
    if (!isKept(order) || bears(order)) return null;
    return this.orderList.find((other) => other.sale === order.sale && isKept(other) && bears(other))?.no ?? null;
  }

  #line(order: FakeOrder): OrderLine {
    const { order: view, wallet } = this.#shown(order).live;
    const {
      order_no,
      sale,
      account,
      channel,
      amount,
      currency,
      state,
      late,
      attention,
      gateway_no,
      created_at,
      paid_at,
      mark,
    } = view;
    return {
      order_no,
      sale,
      account,
      channel,
      wallet,
      amount,
      currency,
      state,
      late,
      attention,
      refunded: minorText(view.refunded_minor),
      marked_by_hand: order.marks.some(({ verdict }) => verdict === "open"),
      gateway_no,
      created_at,
      paid_at,
      mark,
    };
  }

  #health(): Health {
    const now = this.clock.now();
    const answered = Math.max(...this.orderList.map(({ answeredAt }) => answeredAt ?? Number.NEGATIVE_INFINITY));
    return {
      asked: this.orderList.length > 0,
      answered_ago_ms: Number.isFinite(answered) ? now - answered : null,
      latency_ms: 187,
      unanswered: Math.max(0, ...this.orderList.map(({ unanswered }) => unanswered)),
      clock_ahead_s: this.clockAheadS,
      backup_at: this.backupAt,
      notices: this.notices,
    };
  }

  #today(): Today {
    const paid = this.orderList.filter(({ state }) => state === "paid");
    const each = <T>(orders: FakeOrder[], tell: (ofOne: FakeOrder[]) => T): Record<string, T> => {
      const currencies = [...new Set(orders.map(({ currency }) => currency))].sort();
      return Object.fromEntries(
        currencies.map((one) => [one, tell(orders.filter(({ currency }) => currency === one))]),
      );
    };
    const told = (orders: FakeOrder[]): Today["paid"] =>
      each(orders, (ofOne) => minorText(ofOne.reduce((all, order) => all + minorOf(order.request.amount), 0)));
    return {
      paid: told(paid),
      not_real: told(paid.filter(({ mark }) => mark === "not_a_real_gateway")),
      counts: each(paid, ({ length }) => length),
      known_after_ms: paid.length === 0 ? null : 900,
    };
  }

  #changed(name: string, change: Partial<AccountView>): AccountView {
    const before = this.#account(name);
    const after = { ...before, ...change, version: before.version + 1 };
    after.currency = currencyOfAccount(after.gateway, after.fields);
    after.missing = this.#gateway(after.gateway)
      .fields.filter(
        ({ required, kind, name: field }) =>
          required &&
          (kind === "secret" || kind === "private_key"
            ? after.secrets[field] === undefined
            : (after.fields[field] ?? "") === ""),
      )
      .map(({ name: field }) => field);
    this.accounts = this.accounts.map((account) => (account.name === name ? after : account));
    this.#tell([]);
    return after;
  }

  #account(name: string): AccountView {
    const account = this.accounts.find((one) => one.name === name);
    if (account === undefined) throw refused("unknown_account", { name });
    return account;
  }

  #gateway(name: string): Descriptor {
    return gateways.find((gateway) => gateway.name === name) ?? pooul;
  }

  #currency(name: string): string {
    const account = this.accounts.find((one) => one.name === name);
    return account?.currency ?? "CNY";
  }

  #channel({ account, channel }: SaleRequest) {
    const gateway = this.accounts.find(({ name }) => name === account)?.gateway ?? "";
    return this.#gateway(gateway).channels.find(({ name }) => name === channel);
  }

  #find(orderNo: string): FakeOrder {
    const order = this.orderList.find(({ no }) => no === orderNo);
    if (order === undefined) throw refused("unknown_order", { order_no: orderNo });
    return order;
  }

  #refuse(): void {
    const code = this.refuseNext;
    this.refuseNext = null;
    if (code !== null) throw refused(code, { incident: "K7Q2" });
  }
}

const reverses = (order: FakeOrder) => order.presented === "consumer" && order.canReverse;

/** What an integrator's app would pay with. */
function parameters(no: string): string {
  return JSON.stringify({
    appId: "wx2421b1c4370ec43b",
    timeStamp: "1767581320",
    nonceStr: "5K8264ILTKCH16CQ2502SI8ZNMTM67VS",
    package: `prepay_id=wx${no.slice(-12).toLowerCase()}`,
    signType: "MD5",
    paySign: "C380BEC2BFD727A4B6845133519F3AD6",
  });
}
