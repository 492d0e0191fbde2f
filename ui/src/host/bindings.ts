// The shape of what the app exports: its types, commands, events and constants. The app's own export takes this
// file's place.
import { invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";

import { standIn } from "./fake/errors.ts";

export const errorWords = standIn as { [code in Code]: ErrorWords };

export const commands = {
  start: () => typedError<Start, Refusal>(invoke("start")),
  snapshot: () => typedError<Snapshot, Refusal>(invoke("snapshot")),
  sell: (request: SaleRequest) => typedError<Shown, Refusal>(invoke("sell", { request })),
  order: (orderNo: string) => typedError<Shown, Refusal>(invoke("order", { orderNo })),
  ask: (orderNo: string) => typedError<Shown, Refusal>(invoke("ask", { orderNo })),
  close: (orderNo: string) => typedError<Shown, Refusal>(invoke("close", { orderNo })),
  orders: (query: OrderQuery) => typedError<OrderPage, Refusal>(invoke("orders", { query })),
  timeline: (orderNo: string) => typedError<Timeline, Refusal>(invoke("timeline", { orderNo })),
  rawAnswer: (sha: string) => typedError<string | null, Refusal>(invoke("raw_answer", { sha })),
  gateways: () => typedError<Descriptor[], Refusal>(invoke("gateways")),
  addAccount: (form: AccountForm) => typedError<AccountView, Refusal>(invoke("add_account", { form })),
  changeAccount: (name: string, change: AccountChange) =>
    typedError<AccountView, Refusal>(invoke("change_account", { name, change })),
  setSecret: (account: string, field: string, value: string) =>
    typedError<AccountView, Refusal>(invoke("set_secret", { account, field, value })),
  removeAccount: (name: string) => typedError<null, Refusal>(invoke("remove_account", { name })),
  checkAccount: (name: string) => typedError<Finding[], Refusal>(invoke("check_account", { name })),
  settings: () => typedError<Settings, Refusal>(invoke("settings")),
  saveSettings: (settings: Settings) => typedError<Settings, Refusal>(invoke("save_settings", { settings })),
  doctor: () => typedError<Finding[], Refusal>(invoke("doctor")),
  enterTraining: () => typedError<null, Refusal>(invoke("enter_training")),
  openPhone: () => typedError<null, Refusal>(invoke("open_phone")),
  customerWindow: (open: boolean) => typedError<null, Refusal>(invoke("customer_window", { open })),
  showCustomer: (orderNo: string | null) => typedError<null, Refusal>(invoke("show_customer", { orderNo })),
};

export const events = {
  update: { listen: (heard: (event: { payload: Update }) => void) => listen<Update>("update", heard) },
};

export type Language = "zh-CN" | "zh-HK" | "en";
export type Label = { "zh-CN": string; "zh-HK": string; en: string };
export type Theme = "system" | "light" | "dark";
export type CustomerWindow = "auto" | "always" | "never";
export type LogLevel = "error" | "warn" | "info" | "debug" | "trace";
export type Settings = {
  language: Language;
  theme: Theme;
  shop_name: string;
  till_name: string;
  customer_window: CustomerWindow;
  spbill_create_ip: string | null;
  log_level: LogLevel;
};
export type Start = {
  training: boolean;
  version: string;
  till_id: string | null;
  data_folder: string;
  log_folder: string;
  settings: Settings;
  settings_notices: string[];
  fault: Refusal | null;
  snapshot: Snapshot | null;
};
export type QrPicture = { size: number; path: string };
export type Shown = { live: LiveOrder; qr: QrPicture | null };
export type Update = {
  seq: number;
  orders: Shown[];
  health: Health;
  today: Today;
  recovery: Recovery | null;
  accounts: AccountView[] | null;
};
export type AccountForm = { gateway: string; name: string; base_url: string | null; fields: { [key in string]: string } };
export type AccountChange = { base_url: string | null; fields: { [key in string]: string } };

export type State =
  | "drafted"
  | "creating"
  | "create_unknown"
  | "awaiting_payment"
  | "paying"
  | "expiring"
  | "paid"
  | "closed"
  | "failed"
  | "reversed"
  | "disputed";
export type EndReason = "gateway" | "never_created" | "expired_here";
export type Attention =
  | "disputed"
  | "double_payment"
  | "late_payment"
  | "refunded_elsewhere"
  | "cannot_be_asked"
  | "expired_here"
  | "open_for_a_week";
export type NotYet =
  | "being_created"
  | "code_shown"
  | "unconfirmed"
  | "paying"
  | "disputed"
  | "payment_code_sent"
  | "already_paid";
export type Reaction =
  | "ask"
  | "no_such_order"
  | "duplicate_number"
  | "check_keys"
  | "check_account"
  | "channel_off"
  | "out_of_hours"
  | "our_fault"
  | "upstream";
export type Said = { reaction: Reaction; code: string; text: string | null };
export type Unreadable =
  | { status: number }
  | "empty"
  | "not_json"
  | "duplicated_key"
  | "unsigned"
  | "wrong_signature"
  | "no_state"
  | { unknown_word: string }
  | { bad_field: string };
export type Trouble =
  | "unreachable"
  | "timed_out"
  | "untrusted"
  | { unreadable: Unreadable }
  | { said: Said }
  | "keyring";
export type Mark = "training" | "not_a_real_gateway";
export type Item = { id: string; quantity: number; amount_minor: number };
export type OrderView = {
  order_no: string;
  sale: string;
  account: string;
  channel: string;
  amount: string;
  amount_minor: number;
  currency: string;
  state: State;
  late: boolean;
  attention: Attention | null;
  mark: Mark | null;
  by_hand: string | null;
  qr: string | null;
  gateway_no: string | null;
  paid_minor: number | null;
  refunded_minor: number;
  created_at: string;
  expires_at: string;
  paid_at: string | null;
  gateway_time: string | null;
  next_query_at: string | null;
  reason: string | null;
  items: Item[];
};
export type Closing = { floor_in_ms: number; refused: number };
export type AskingView = {
  asked: number;
  unanswered: number;
  answered_ago_ms: number | null;
  next_in_ms: number | null;
  in_flight: boolean;
  trouble: Trouble | null;
};
export type Further = { allowed: boolean; not_yet: NotYet | null };
export type LiveOrder = {
  seq: number;
  order: OrderView;
  wallet: Wallet;
  presented: Presented;
  end_reason: EndReason | null;
  ended: boolean;
  declined: boolean;
  link_lost: boolean;
  drafted_ago_ms: number;
  expires_in_ms: number;
  lasts_ms: number;
  answered_after_ms: number | null;
  known_after_ms: number | null;
  closing: Closing | null;
  asking: AskingView;
  said: Said | null;
  further: Further;
};
export type OrderLine = {
  order_no: string;
  sale: string;
  account: string;
  channel: string;
  wallet: Wallet;
  amount: string;
  currency: string;
  state: State;
  late: boolean;
  attention: Attention | null;
  refunded: string;
  gateway_no: string | null;
  created_at: string;
  paid_at: string | null;
};
export type OrderPage = { rows: OrderLine[]; next: string | null };
export type OrderQuery = {
  text: string;
  states: State[];
  attention_only: boolean;
  day: string | null;
  after: string | null;
};
export type TimelineEntry = {
  seq: number;
  at: string;
  since_ms: number;
  actor: string;
  kind: string;
  facts: { [key in string]: string };
  raw: string | null;
  hash: string;
};
export type Timeline = { order: LiveOrder; entries: TimelineEntry[] };
export type AccountView = {
  id: string;
  name: string;
  gateway: string;
  base_url: string;
  fields: { [key in string]: string };
  secrets: { [key in string]: string };
  missing: string[];
  version: number;
  retired: boolean;
  mark: Mark | null;
};
export type Health = {
  answered_ago_ms: number | null;
  latency_ms: number | null;
  unanswered: number;
  clock_ahead_s: number | null;
  notices: Refusal[];
};
export type Today = { paid: { [key in string]: string }; count: number; known_after_ms: number | null };
export type Recovery = { order_nos: string[]; still_asking: number; paid: number; ended: number; open: number };
export type Snapshot = {
  seq: number;
  open: Shown[];
  accounts: AccountView[];
  health: Health;
  today: Today;
  recovery: Recovery | null;
};
export type SaleRequest = {
  account: string;
  channel: string;
  amount: string;
  body: string | null;
  extra: { [key in string]: string };
  expire_s: number | null;
  sale: string | null;
};
export type Finding = { what: string; well: boolean; facts: { [key in string]: string }; fault: Refusal | null };

export type Currency = "CNY" | "HKD";
export type Wallet = "wechat" | "alipay" | "qq" | "unionpay" | "other";
export type Presented = "merchant" | "consumer";
export type FieldKind = "text" | "url" | "yes_no" | { choice: string[] } | "secret";
export type Plan = { young_ms: number; young_s: number; later_ms: number; paying_ms: number };
export type AccountField = {
  name: string;
  label: Label;
  help: Label | null;
  kind: FieldKind;
  required: boolean;
  max_chars: number;
};
export type ExtraField = {
  name: string;
  label: Label;
  kind: FieldKind;
  required: boolean;
  unless: string | null;
  either: string | null;
  max_chars: number;
};
export type Channel = {
  name: string;
  wallet: Wallet;
  label: Label;
  presented: Presented;
  fields: ExtraField[];
  limit_minor: number;
  note: Label | null;
};
export type Descriptor = {
  name: string;
  label: Label;
  base_url: string;
  fields: AccountField[];
  channels: Channel[];
  currencies: Currency[];
  plan: Plan;
  close_floor_s: number | null;
  reverse_floor_s: number | null;
  asked_by_our_number: boolean;
};

export type Code =
  | "amount_empty"
  | "amount_decimals"
  | "amount_grouped"
  | "amount_negative"
  | "amount_not_a_number"
  | "amount_zero"
  | "amount_over_limit"
  | "unknown_account"
  | "account_retired"
  | "account_incomplete"
  | "unknown_channel"
  | "channel_field_missing"
  | "channel_field_bad"
  | "value_does_not_fit"
  | "expire_out_of_range"
  | "further_order_not_yet"
  | "unknown_order"
  | "order_ended"
  | "gateway_cannot"
  | "unknown_gateway"
  | "bad_account_name"
  | "account_name_taken"
  | "unknown_field"
  | "secret_field"
  | "bad_value"
  | "bad_address"
  | "account_has_open_orders"
  | "missing_right"
  | "keyring_absent"
  | "keyring_locked"
  | "keyring_failed"
  | "disk_full"
  | "folder_read_only"
  | "journal_damaged"
  | "journal_newer"
  | "settings_broken"
  | "till_in_use"
  | "customer_screen_gone"
  | "bad_request"
  | "file_failed"
  | "unexpected";
export type Severity = "info" | "warning" | "danger";
export type ErrorWords = { severity: Severity; what: Label; money: Label; next: Label };
export type Refusal = { code: Code; facts: { [key in string]: string } };

async function typedError<T, E>(
  result: Promise<T>,
): Promise<{ status: "ok"; data: T } | { status: "error"; error: E }> {
  try {
    return { status: "ok", data: await result };
  } catch (e) {
    if (e instanceof Error) throw e;
    return { status: "error", error: e as E };
  }
}
