//! What leaves the engine for a window, a terminal or a socket: whole snapshots, serialised once.
//!
//! Instants are RFC 3339 with offset; `*_in_ms` and `*_ago_ms` are relative to the moment of the snapshot, so that a
//! countdown needs no agreement of clocks. Amounts: `amount` is text (`12.50`), `*_minor` are minor units.

pub mod people;
pub mod receiver;
pub mod refunds;

use refunds::{ByHandView, RefundView, Refundable};
use serde::{Deserialize, Serialize};
use specta::Type;
use specta_typescript::Number;
use std::collections::BTreeMap;
use till_core::error::Refusal;
use till_core::gateway::Unreadable;
use till_core::gateway::descriptor::{Presented, Wallet};
use till_core::gateway::reaction::Said;
use till_core::money::Currency;
use till_core::order::further::NotYet;
use till_core::order::mark::Marked;
use till_core::order::proof::Proof;
use till_core::order::{Attention, EndReason, State};

/// An order, as `--json` prints it (design.md section 8).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct OrderView {
    /// Our number.
    pub order_no: String,
    /// The sale's number.
    pub sale: String,
    /// The account's name.
    pub account: String,
    /// The channel's name.
    pub channel: String,
    /// `12.50`.
    pub amount: String,
    /// Minor units.
    #[specta(type = Number)]
    pub amount_minor: i64,
    /// ISO 4217.
    pub currency: String,
    /// Where its life stands.
    pub state: State,
    /// Paid after it had ended.
    pub late: bool,
    /// What a person must look at first.
    pub attention: Option<Attention>,
    /// Everything that a person must look at, weightiest first.
    pub attentions: Vec<Attention>,
    /// Training, or not a real gateway.
    pub mark: Option<Mark>,
    /// The manual marks, the oldest first: what, how much, what the gateway said of it, and the two who put it.
    pub by_hand: Option<String>,
    /// The text in the QR code, while it may be shown.
    pub qr: Option<String>,
    /// What an integrator's app pays with, while it can be paid.
    pub parameters: Option<String>,
    /// The gateway's number.
    pub gateway_no: Option<String>,
    /// What the customer paid.
    #[specta(type = Option<Number>)]
    pub paid_minor: Option<i64>,
    /// What went back.
    #[specta(type = Number)]
    pub refunded_minor: i64,
    /// What notices told of refunds that are none of the till's; `refunded_minor` counts none of it.
    pub refunded_elsewhere: Vec<BackElsewhere>,
    /// How much more went back, by the till's refunds and by those, than was paid or could be.
    #[specta(type = Number)]
    pub beyond_paid_minor: i64,
    /// Whether what went back elsewhere is marked by hand, as far as is known how much that is.
    pub elsewhere_marked: bool,
    /// When it was drafted.
    pub created_at: String,
    /// When the customer can no longer pay.
    pub expires_at: String,
    /// When the till knew of the payment.
    pub paid_at: Option<String>,
    /// When the customer paid by the gateway's clock.
    pub gateway_time: Option<String>,
    /// When it is asked for next.
    pub next_query_at: Option<String>,
    /// Why it ended, or what contradicts.
    pub reason: Option<String>,
    /// Lines, where a gateway has lines.
    pub items: Vec<Item>,
}

/// A line of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Item {
    /// The line's id.
    pub id: String,
    /// How many.
    pub quantity: u32,
    /// Minor units for the whole line.
    #[specta(type = Number)]
    pub amount_minor: i64,
}

impl From<&till_core::order::event::Item> for Item {
    fn from(item: &till_core::order::event::Item) -> Self {
        Self { id: item.id.clone(), quantity: item.quantity, amount_minor: item.amount_minor }
    }
}

impl From<&Item> for till_core::order::event::Item {
    fn from(item: &Item) -> Self {
        Self { id: item.id.clone(), quantity: item.quantity, amount_minor: item.amount_minor }
    }
}

/// Money that went back by a refund that is none of the till's, as a notice of the gateway's told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct BackElsewhere {
    /// The number that the notice gave the refund.
    pub refund_no: String,
    /// `12.50`.
    pub amount: String,
    /// Minor units.
    #[specta(type = Number)]
    pub amount_minor: i64,
}

/// Why an order is no real money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// Made in training.
    Training,
    /// Made outside training on an account whose address is this machine.
    NotARealGateway,
}

impl Mark {
    /// The word in `--json` and in exports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Training => "training",
            Self::NotARealGateway => "not_a_real_gateway",
        }
    }
}

/// An order with what a screen shows beside it.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own that a screen shows")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct LiveOrder {
    /// Grows with each snapshot of this run; an older one is dropped.
    #[specta(type = Number)]
    pub seq: u64,
    /// The order.
    pub order: OrderView,
    /// The wallet.
    pub wallet: Wallet,
    /// Who shows a code.
    pub presented: Presented,
    /// Whether an integrator's app pays it, with parameters, and no code is ever shown.
    pub by_parameters: bool,
    /// Whether it can be reversed at its gateway.
    pub can_reverse: bool,
    /// Whether its gateway closes orders. Where it does not, an unpaid order ends here at its expiry.
    pub closes: bool,
    /// Why it ended.
    pub end_reason: Option<EndReason>,
    /// The end that a late payment came after.
    pub late_after: Option<LateAfter>,
    /// What the answer stated that told of the payment.
    pub proof: Option<Proof>,
    /// Whether it was ended.
    pub ended: bool,
    /// The gateway said that the customer's last try did not go through; another try is possible.
    pub declined: bool,
    /// The create reached the till's knowledge: without a link nobody can pay ("the code was lost").
    pub link_lost: bool,
    /// The gateway answered the create and gave nothing to pay with: a code was never there, and none was lost.
    pub gave_no_code: bool,
    /// The gateway refused the create: no code came of it, and none was lost.
    pub create_refused: bool,
    /// Milliseconds since it was drafted.
    #[specta(type = Number)]
    pub drafted_ago_ms: i64,
    /// Milliseconds until expiry; negative afterwards.
    #[specta(type = Number)]
    pub expires_in_ms: i64,
    /// Milliseconds from draft to expiry.
    #[specta(type = Number)]
    pub lasts_ms: i64,
    /// Milliseconds until its gateway lets it be closed or reversed; negative afterwards, none where it does neither.
    #[specta(type = Option<Number>)]
    pub end_floor_in_ms: Option<i64>,
    /// From draft to the create's answer, milliseconds.
    #[specta(type = Option<Number>)]
    pub answered_after_ms: Option<i64>,
    /// From the customer's payment by the gateway's clock to the till knowing, milliseconds; the gateway's clock has whole seconds.
    #[specta(type = Option<Number>)]
    pub known_after_ms: Option<i64>,
    /// Whether closing was asked for, and what came of it so far.
    pub closing: Option<Closing>,
    /// How the asking goes.
    pub asking: AskingView,
    /// The last error code of the gateway, quoted.
    pub said: Option<Said>,
    /// Money that goes back, in the order it was asked for.
    pub refunds: Vec<RefundView>,
    /// Whether all that was paid went back, by the till or by hand.
    pub given_back: bool,
    /// What can still go back.
    pub refundable: Refundable,
    /// What people marked by hand, oldest first.
    pub by_hand: Vec<ByHandView>,
    /// What a mark by hand can say of it now.
    pub can_be_marked: Vec<Marked>,
    /// Whether this sale may have a further order now.
    pub further: Further,
    /// While it is the payment too many of its sale: the sale's other payments that did not go back, the oldest first.
    pub paid_beside: Vec<PaidBeside>,
    /// While another order is the payment too many of its sale, and this one is paid too: the number of that order.
    pub too_many_beside: Option<String>,
    /// Why more may be paid beside it than is named: the journal does not give all of the sale's orders.
    pub paid_beside_fault: Option<Refusal>,
}

/// Another payment of an order's sale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct PaidBeside {
    /// The number of its order.
    pub order_no: String,
    /// The account's name.
    pub account: String,
    /// The channel's name.
    pub channel: String,
    /// `12.50`, what the customer paid.
    pub amount: String,
    /// ISO 4217.
    pub currency: String,
    /// When the till knew of it.
    pub paid_at: String,
}

/// An end that was followed by a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct LateAfter {
    /// `closed`, `failed` or `reversed`.
    pub state: State,
    /// Why.
    pub reason: EndReason,
}

/// A closing under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Closing {
    /// Closes that the gateway refused.
    pub refused: u32,
    /// The error code that the last close or reverse was answered with.
    pub said: Option<Said>,
}

/// How the asking goes, from the poller's memory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct AskingView {
    /// Questions so far in this run.
    pub asked: u32,
    /// Questions in a row without a verified answer. From three on the screen says so.
    pub unanswered: u32,
    /// Milliseconds since the last verified answer.
    #[specta(type = Option<Number>)]
    pub answered_ago_ms: Option<i64>,
    /// Milliseconds until the next question.
    #[specta(type = Option<Number>)]
    pub next_in_ms: Option<i64>,
    /// A question is under way.
    pub in_flight: bool,
    /// What was wrong with the last answer.
    pub trouble: Option<Trouble>,
}

/// Why a question got no verified answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// No connection.
    Unreachable,
    /// The deadline passed.
    TimedOut,
    /// The certificate was refused.
    Untrusted,
    /// An answer that cannot be relied on.
    Unreadable(Unreadable),
    /// An error code.
    Said(Said),
    /// The keyring is locked or gone: nothing can be signed.
    Keyring,
    /// Nothing was sent: the account lacks something, a value does not fit, or its address is none that this till sends to.
    NotBuilt,
}

/// An order that its gateway was to be asked about now, and what came of that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// The order afterwards.
    pub live: LiveOrder,
    /// What came of it.
    pub came: Came,
}

/// What came of asking a gateway about an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Came {
    /// A verified report answered the question, and what is new in it is stored.
    Answered,
    /// A verified report answered the question, and could not be stored yet.
    NotStored,
    /// A question left, and nothing came back that can be relied on.
    Unanswered(Trouble),
    /// No question left.
    NotAsked(NotAsked),
}

/// Why no question about an order left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum NotAsked {
    /// The gateway asked for patience.
    Patience,
    /// What was learned before could not be stored yet.
    StoresFirst,
    /// Only the gateway's number of it could be asked for, and nobody has named that yet.
    NoNumber,
    /// The keyring is locked or gone: nothing can be signed.
    Keyring,
    /// The account lacks something, a value does not fit, or its address is none that this till sends to.
    NotBuilt,
    /// The order's task was over first.
    Over,
}

/// Whether the sale may have a further order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Further {
    /// It may.
    pub allowed: bool,
    /// Why not yet.
    pub not_yet: Option<NotYet>,
}

/// A row of the orders list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct OrderLine {
    /// Our number.
    pub order_no: String,
    /// The sale.
    pub sale: String,
    /// The account's name.
    pub account: String,
    /// The channel.
    pub channel: String,
    /// The wallet.
    pub wallet: Wallet,
    /// `12.50`.
    pub amount: String,
    /// ISO 4217.
    pub currency: String,
    /// Where its life stands.
    pub state: State,
    /// Paid after it had ended.
    pub late: bool,
    /// What a person must look at.
    pub attention: Option<Attention>,
    /// What went back, `0.00` where nothing did.
    pub refunded: String,
    /// The gateway's number.
    pub gateway_no: Option<String>,
    /// When it was drafted.
    pub created_at: String,
    /// When the till knew of the payment.
    pub paid_at: Option<String>,
    /// Training, or not a real gateway.
    pub mark: Option<Mark>,
    /// Whether something of it was marked by hand that the gateway has not spoken on.
    pub marked_by_hand: bool,
}

/// One page of the orders list, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct OrderPage {
    /// The rows.
    pub rows: Vec<OrderLine>,
    /// Give this back as `after` for the next page; `None`: that was all.
    pub next: Option<String>,
}

/// What the orders list asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct OrderQuery {
    /// Any number or its end, or an amount (`12.50`), or a time of day (`10:43`, `10:43:07`).
    pub text: String,
    /// Only these states; empty: all.
    pub states: Vec<State>,
    /// Only orders with an attention.
    pub attention_only: bool,
    /// Only orders that this person made, or `owner`, `nobody`, `gateway`.
    pub sold_by: Option<String>,
    /// A business day, `YYYY-MM-DD`.
    pub day: Option<String>,
    /// From a page's `next`.
    pub after: Option<String>,
}

/// One event of an order's life, for its timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct TimelineEntry {
    /// Position in the journal.
    #[specta(type = Number)]
    pub seq: u64,
    /// When.
    pub at: String,
    /// Milliseconds since the first event.
    #[specta(type = Number)]
    pub since_ms: i64,
    /// Who: `owner`, `nobody`, `operator:<name>`, `engine`, `gateway`.
    pub actor: String,
    /// The event's type as core names it.
    pub kind: String,
    /// Facts for its sentence: plain values by name.
    pub facts: BTreeMap<String, String>,
    /// What the answer stated, where it told of the payment.
    pub proof: Option<Proof>,
    /// SHA-256 of the raw answer it rests on, where one is kept.
    pub raw: Option<String>,
    /// After how many days that answer was old enough to be removed; none where it is not yet.
    pub raw_kept_days: Option<u32>,
    /// Its chain value, in hex.
    pub hash: String,
}

/// An order's timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Timeline {
    /// The order.
    pub order: LiveOrder,
    /// How long its parts took.
    pub spans: SpansView,
    /// Its events, oldest first.
    pub entries: Vec<TimelineEntry>,
}

/// How long the parts of a sale took, milliseconds; none where an end of it is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
pub struct SpansView {
    /// From the request to the gateway's answer.
    #[specta(type = Option<Number>)]
    pub answered_ms: Option<i64>,
    /// From the request to the painted code.
    #[specta(type = Option<Number>)]
    pub painted_ms: Option<i64>,
    /// From the painted code to the payment, by the gateway's time.
    #[specta(type = Option<Number>)]
    pub paid_ms: Option<i64>,
    /// From the payment, by the gateway's time, to the till knowing.
    #[specta(type = Option<Number>)]
    pub known_ms: Option<i64>,
}

/// An account, without its secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct AccountView {
    /// Immutable id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The gateway's name.
    pub gateway: String,
    /// The address that is called for it.
    pub base_url: String,
    /// The address that was given for it, where that is not its gateway's usual one.
    pub own_base_url: Option<String>,
    /// The currency that it sells in.
    pub currency: Currency,
    /// Fields that are not secret.
    pub fields: BTreeMap<String, String>,
    /// Secret fields that are set, with their hint.
    pub secrets: BTreeMap<String, String>,
    /// Fields and secrets that it still needs.
    pub missing: Vec<String>,
    /// Changes so far, from 1.
    pub version: u32,
    /// Out of use.
    pub retired: bool,
    /// Training, or not a real gateway.
    pub mark: Option<Mark>,
}

/// How the till is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Health {
    /// Whether any gateway was asked in this run.
    pub asked: bool,
    /// Milliseconds since the gateway with the most unanswered questions gave a verified answer or passed a check; where all answer,
    /// since any did.
    #[specta(type = Option<Number>)]
    pub answered_ago_ms: Option<i64>,
    /// From question to that answer, milliseconds.
    #[specta(type = Option<Number>)]
    pub latency_ms: Option<i64>,
    /// Questions in a row, over all orders of one account, without a verified answer: the most of any that is being asked.
    pub unanswered: u32,
    /// Seconds that this machine's clock is ahead of a gateway's, where that is more than 5: the most of any.
    #[specta(type = Option<Number>)]
    pub clock_ahead_s: Option<i64>,
    /// When the newest daily backup was made, RFC 3339; none where there is none, or none is to be made.
    pub backup_at: Option<String>,
    /// What else must be said, newest last.
    pub notices: Vec<Refusal>,
}

/// Today's figures, from the journal.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Today {
    /// Paid today, per currency, as text.
    pub paid: BTreeMap<String, String>,
    /// What of that was paid at no real gateway and outside training, which has nothing else.
    pub not_real: BTreeMap<String, String>,
    /// Number of payments, per currency.
    pub counts: BTreeMap<String, u32>,
    /// Median from the customer's payment (gateway's whole seconds) to the till knowing, milliseconds.
    #[specta(type = Option<Number>)]
    pub known_after_ms: Option<i64>,
}

/// What became of the orders that had not ended when the till stopped.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Recovery {
    /// Their numbers, newest first. Ask for each to show what it is now.
    pub order_nos: Vec<String>,
    /// How many of them have not been answered for yet in this run.
    pub still_asking: u32,
    /// Paid since.
    pub paid: u32,
    /// Closed, failed or reversed since.
    pub ended: u32,
    /// Answered for, still open.
    pub open: u32,
    /// In doubt: what the gateway says contradicts the order.
    pub in_doubt: u32,
    /// Not asked about in this run: they cannot be read, or what they were made with cannot. The notices say which.
    pub not_asked: u32,
}

/// A whole picture of the till.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Snapshot {
    /// Grows in this run.
    #[specta(type = Number)]
    pub seq: u64,
    /// Orders that have not ended, newest first.
    pub open: Vec<LiveOrder>,
    /// Accounts, in order of creation, without retired ones.
    pub accounts: Vec<AccountView>,
    /// How the till is.
    pub health: Health,
    /// Today's figures.
    pub today: Today,
    /// What became of orders from the run before; `None` where there were none.
    pub recovery: Option<Recovery>,
}

/// What a sale asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct SaleRequest {
    /// The account's name.
    pub account: String,
    /// The channel's name.
    pub channel: String,
    /// As typed.
    pub amount: String,
    /// The currency that was shown beside the amount: where the account takes another, nothing is sold. `None`: none was shown.
    pub currency: Option<Currency>,
    /// What the customer reads; the shop's name where absent.
    pub body: Option<String>,
    /// Extra fields, by the gateway's names.
    pub extra: BTreeMap<String, String>,
    /// Lines; their amounts add up to the amount. Empty: none are named.
    #[serde(default)]
    pub items: Vec<Item>,
    /// Seconds until expiry, 60 to 7,200; the channel's, the account's or 300 where absent.
    pub expire_s: Option<u32>,
    /// The sale that this is a further order of.
    pub sale: Option<String>,
}

/// One finding of the doctor or of an account check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Finding {
    /// What was looked at: `keyring`, `disk`, `clock`, `gateway:<account>`, ...
    pub what: String,
    /// Whether it is well.
    pub well: bool,
    /// Facts: milliseconds, bytes, seconds, by name.
    pub facts: BTreeMap<String, String>,
    /// What is wrong; where it is well all the same, what should be put right.
    pub fault: Option<Refusal>,
}
