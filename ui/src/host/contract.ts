//! What the screens may ask of the till. Everything else is out of their reach.
import type {
  AccountChange,
  AccountForm,
  AccountView,
  Asked,
  Attention,
  AttentionRule,
  Authority,
  Choice,
  Code,
  Descriptor,
  ErrorWords,
  Exported,
  ExportProgress,
  Finding,
  Format,
  Item,
  Label,
  LimitsView,
  MarkRequest,
  Named,
  OrderPage,
  OrderQuery,
  PeopleView,
  ReceiverView,
  RefundPage,
  RefundQuery,
  RefundRequest,
  Refusal,
  Role,
  SaleRequest,
  Settings,
  Shown,
  Snapshot,
  Start,
  Timeline,
  Update,
} from "./bindings.ts";

export type * from "./bindings.ts";
export type { PaymentChannel as Channel } from "./bindings.ts";

/** The till behind the window. Every method rejects with {@link Refused} when the till says no. */
export interface Host {
  /** Words for every code, total by type. */
  readonly errorWords: { readonly [code in Code]: ErrorWords };
  /** Why a question brought nothing that can be relied on, by the word in a refusal or a finding. */
  readonly reasonWords: { readonly [reason: string]: Label };
  /** What is wrong with a list of prices, by the word in a finding, with `{line}` for its line. */
  readonly catalogueWords: { readonly [wrong: string]: Label };
  /** The rules of every attention, total by type. */
  readonly attentionRules: { readonly [attention in Attention]: AttentionRule };
  start(): Promise<Start>;
  /** Whether the system's keyring can be used now. Nobody is asked to unlock it. */
  keyringIsOpen(): Promise<boolean>;
  snapshot(): Promise<Snapshot>;
  /**
   * `paymentCode`: what the scanner read from the customer's phone; it goes out once and is stored nowhere.
   * `overrule`: a manager lets a further order pass.
   */
  sell(request: SaleRequest, paymentCode: string | null, overrule: Authority | null): Promise<Shown>;
  order(orderNo: string): Promise<Shown>;
  ask(orderNo: string): Promise<Asked>;
  close(orderNo: string): Promise<Shown>;
  reverse(orderNo: string): Promise<Shown>;
  nameGatewayNo(orderNo: string, gatewayNo: string): Promise<Shown>;
  adopt(account: string, named: Named, items: Item[]): Promise<Shown>;
  refund(request: RefundRequest, authority: Authority): Promise<Shown>;
  /** The same number once more, which a gateway that keeps its numbers carries out once. */
  refundAgain(orderNo: string, refundNo: string, authority: Authority): Promise<Shown>;
  /** Only what was never sent. */
  withdrawRefund(orderNo: string, refundNo: string): Promise<Shown>;
  refunds(query: RefundQuery): Promise<RefundPage>;
  markByHand(orderNo: string, mark: MarkRequest, authority: Authority): Promise<Shown>;
  handleAttention(orderNo: string, attention: Attention, note: string): Promise<Shown>;
  signIn(name: string, pin: string): Promise<PeopleView>;
  signOut(): Promise<PeopleView>;
  /** `pin`, here and below: of whoever is signed in; none for the owner. */
  addOperator(name: string, role: Role, newPin: string, pin: string | null): Promise<PeopleView>;
  removeOperator(name: string, pin: string | null): Promise<PeopleView>;
  setPin(name: string, newPin: string, pin: string | null): Promise<PeopleView>;
  setLimits(limits: LimitsView, pin: string | null): Promise<PeopleView>;
  orders(query: OrderQuery): Promise<OrderPage>;
  timeline(orderNo: string): Promise<Timeline>;
  rawAnswer(sha: string): Promise<string | null>;
  /** Into a new folder among the user's documents. One that is under way ends. */
  exportJournal(format: Format, choice: Choice): Promise<Exported>;
  /** How far the export under way has come. */
  exportProgress(): Promise<ExportProgress | null>;
  cancelExport(): Promise<null>;
  /** Shows the folder of the newest export. */
  showExport(): Promise<null>;
  gateways(): Promise<Descriptor[]>;
  addAccount(form: AccountForm): Promise<AccountView>;
  changeAccount(name: string, change: AccountChange): Promise<AccountView>;
  setSecret(account: string, field: string, value: string): Promise<AccountView>;
  removeAccount(name: string): Promise<null>;
  checkAccount(name: string): Promise<Finding[]>;
  settings(): Promise<Settings>;
  saveSettings(settings: Settings): Promise<Settings>;
  doctor(): Promise<Finding[]>;
  receiver(): Promise<ReceiverView>;
  /** Sends a request through the public address; nothing is found where there is none. */
  checkReceiver(): Promise<Finding[]>;
  enterTraining(): Promise<null>;
  openPhone(): Promise<null>;
  customerWindow(open: boolean): Promise<null>;
  showCustomer(orderNo: string | null): Promise<null>;
  painted(orderNo: string): Promise<null>;
  /** Whether the system's input method may take keys. */
  allowInputMethod(on: boolean): Promise<null>;
  /** Hears every update from now on; resolves once it listens. */
  onUpdate(heard: (update: Update) => void): Promise<() => void>;
  /** Hears from now on whether the customer's window is open. */
  onCustomerShown(heard: (shown: boolean) => void): Promise<() => void>;
}

/** Time as the screens see it: `now` never jumps, `wall` is for the clock on the wall. Milliseconds. */
export interface Clock {
  now(): number;
  wall(): number;
  every(ms: number, run: () => void): () => void;
  after(ms: number, run: () => void): () => void;
}

/** The till said no. Nothing was done beyond what the refusal says. */
export class Refused extends Error {
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    super(refusal.code);
    this.name = "Refused";
    this.refusal = refusal;
  }
}

/** What to tell people about anything that was thrown. */
export function refusalOf(thrown: unknown): Refusal {
  if (thrown instanceof Refused) return thrown.refusal;
  return { code: "unexpected", facts: { incident: "window" } };
}
