//! The storage seam: the append-only journal and what is kept beside it.

use async_trait::async_trait;
use till_core::time::Stamp;

/// One event to append. The payload is stored byte for byte as given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// When it happened.
    pub at: Stamp,
    /// Who acted, as core writes it: `owner`, `engine`, `operator:<name>`, ...
    pub actor: String,
    /// The event, serialised once by core (JSON).
    pub payload: Vec<u8>,
}

/// Events for one subject, appended only if the subject's stream is still as long as the decision saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Append {
    /// `till`, `account/<id>` or `order/<order_no>`.
    pub subject: String,
    /// Number of events that the deciding side had seen in this stream.
    pub seen: u64,
    /// The events, in order.
    pub events: Vec<NewEvent>,
    /// The subject's row after these events, where it has one.
    pub row: Option<Row>,
    /// A raw answer that these events rest on; they carry its SHA-256 themselves.
    pub raw: Option<Vec<u8>>,
}

/// The projection of a subject: what lists and searches read. Rebuilt from the journal, never the truth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Row {
    /// An order's row, and those of its refunds in the order they were asked for.
    Order(Box<OrderRow>, Vec<RefundRow>),
    /// An account's row: its state as JSON.
    Account {
        /// The immutable id.
        id: String,
        /// Core's account, serialised.
        json: String,
    },
}

/// The searchable columns of an order. Times are UTC microseconds, amounts minor units.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OrderRow {
    /// Our number.
    pub order_no: String,
    /// The sale it belongs to.
    pub sale: String,
    /// The account's id.
    pub account_id: String,
    /// The account's name.
    pub account: String,
    /// The gateway.
    pub gateway: String,
    /// The channel.
    pub channel: String,
    /// What was asked for.
    pub amount_minor: i64,
    /// ISO 4217.
    pub currency: String,
    /// `snake_case` state.
    pub state: String,
    /// Whether asking goes on by the plan (the order has not ended).
    pub open: bool,
    /// Paid after an end.
    pub late: bool,
    /// The attention code, where a person is needed.
    pub attention: Option<String>,
    /// What the customer paid, once known.
    pub paid_minor: Option<i64>,
    /// What went back.
    pub refunded_minor: i64,
    /// What two people marked by hand, while the gateway has not spoken on it.
    pub by_hand: Option<String>,
    /// The gateway's number.
    pub gateway_no: Option<String>,
    /// The wallet's number (`out_trade_id` and the like).
    pub wallet_no: Option<String>,
    /// Business day of the sale, `YYYY-MM-DD`.
    pub day: String,
    /// When it was drafted.
    pub created_at: i64,
    /// When the payment was known.
    pub paid_at: Option<i64>,
    /// When it ended.
    pub ended_at: Option<i64>,
    /// Who made it: a person's name, else `owner`, `nobody` or `gateway`.
    pub sold_by: String,
}

/// The searchable columns of a refund. Times are UTC microseconds, amounts minor units.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RefundRow {
    /// Our number of it.
    pub refund_no: String,
    /// The order's number.
    pub order_no: String,
    /// What goes back.
    pub amount_minor: i64,
    /// ISO 4217.
    pub currency: String,
    /// `snake_case` state.
    pub state: String,
    /// Whether the gateway has not yet said how it ended.
    pub open: bool,
    /// Who gives it.
    pub given_by: String,
    /// The gateway's number of it.
    pub gateway_refund_no: Option<String>,
    /// When it was asked for.
    pub requested_at: i64,
}

/// A stored event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvent {
    /// Position in the whole journal, from 1, without gaps.
    pub seq: u64,
    /// The subject.
    pub subject: String,
    /// Position in the subject's stream, from 1.
    pub subject_seq: u64,
    /// When it happened.
    pub at: Stamp,
    /// Who acted.
    pub actor: String,
    /// The payload, byte for byte.
    pub payload: Vec<u8>,
    /// SHA-256 chain value of this event.
    pub hash: [u8; 32],
}

/// Why storing did not happen. After [`StorageFault::Moved`] the decision is made again; after any other one nothing was stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StorageFault {
    /// The stream has grown since the decision was made.
    #[error("the journal has moved on")]
    Moved,
    /// No space left on the disk.
    #[error("the disk is full")]
    DiskFull,
    /// The folder or file cannot be written.
    #[error("the journal cannot be written: {0}")]
    ReadOnly(String),
    /// The file is damaged.
    #[error("the journal is damaged: {0}")]
    Damaged(String),
    /// One event cannot be read: its subject stands still, everything else goes on.
    #[error("event {seq} of {} cannot be read: {reason}", .subject.as_deref().unwrap_or("an unknown subject"))]
    Unreadable {
        /// Where it stands, or should stand.
        seq: u64,
        /// Whose it is, where that can be told.
        subject: Option<String>,
        /// What is wrong with it, one clause.
        reason: String,
    },
    /// The file was written by a newer version.
    #[error("the journal is of schema {found}, this program knows up to {known}")]
    Newer {
        /// Schema in the file.
        found: u32,
        /// Newest schema that this program reads.
        known: u32,
    },
    /// Anything else the disk or the database said.
    #[error("the journal failed: {0}")]
    Failed(String),
}

/// What a search for orders looks for. Every given part must match.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrderSearch {
    /// A number of the order or of one of its refunds (ours, the gateway's, the wallet's), in any case of its letters. The
    /// closest kind of match that finds anything counts: a whole number or the last four characters of ours, else the
    /// beginning of one, else a part of one.
    pub number: Option<String>,
    /// Exactly this amount, in minor units of any currency. Beside a number: what the same text may mean as well, so that
    /// either matches, and a part of a number is looked for only where no order has the amount.
    pub amount_minor: Option<i64>,
    /// `snake_case` states.
    pub states: Vec<String>,
    /// The account's id.
    pub account_id: Option<String>,
    /// Who made it, as its row says.
    pub sold_by: Option<String>,
    /// The sale.
    pub sale: Option<String>,
    /// Exactly this number of the gateway's. Goes with no other number and no amount.
    pub gateway_no: Option<String>,
    /// Created at or after, UTC microseconds.
    pub from: Option<i64>,
    /// Created before, UTC microseconds.
    pub until: Option<i64>,
    /// Created, or known as paid, at or after the first and before the second, UTC microseconds.
    pub happened: Option<(i64, i64)>,
    /// Only orders that have not ended.
    pub open: Option<bool>,
    /// Only orders with an attention.
    pub attention: Option<bool>,
    /// Only orders with a mark by hand that the gateway has not spoken on.
    pub by_hand: Option<bool>,
    /// Ended at or after, UTC microseconds. Then those that ended last come first. Goes with no number.
    pub ended_from: Option<i64>,
    /// Continue after this row: `(created_at, order_no)` of the last one seen, newest first, or `(ended_at, order_no)` of one
    /// that was sought by its end.
    pub after: Option<(i64, String)>,
    /// At most this many rows.
    pub limit: u32,
}

/// Payments in one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// ISO 4217.
    pub currency: String,
    /// How many.
    pub orders: u64,
    /// What they come to, minor units.
    pub minor: i64,
}

/// What a search for refunds looks for. Every given part must match.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RefundSearch {
    /// A number, or a part of one, in any case of its letters: ours of the refund or of the order, or the gateway's of the
    /// refund.
    pub number: Option<String>,
    /// Exactly this amount, in minor units of any currency. Beside a number either matches.
    pub amount_minor: Option<i64>,
    /// `snake_case` states.
    pub states: Vec<String>,
    /// Who gave it.
    pub given_by: Option<String>,
    /// Asked for at or after, UTC microseconds.
    pub from: Option<i64>,
    /// Asked for before, UTC microseconds.
    pub until: Option<i64>,
    /// Whether the gateway has not yet said how it ended.
    pub open: Option<bool>,
    /// Continue after this row: `(requested_at, refund_no)` of the last one seen, newest first.
    pub after: Option<(i64, String)>,
    /// At most this many rows.
    pub limit: u32,
}

/// The journal and its projections. Every append is durable when it returns.
#[async_trait]
pub trait Storage: Send + Sync {
    /// Appends all or nothing, in one transaction, and returns the sequence number of each event.
    async fn append(&self, appends: Vec<Append>) -> Result<Vec<u64>, StorageFault>;
    /// One subject's events, oldest first.
    async fn stream(&self, subject: &str) -> Result<Vec<StoredEvent>, StorageFault>;
    /// The newest of one subject's events before its `subject_seq`, newest first, at most `limit`.
    async fn latest(&self, subject: &str, before: u64, limit: u32) -> Result<Vec<StoredEvent>, StorageFault>;
    /// Events with a sequence number above `seq`, oldest first, at most `limit`. Fewer than `limit` does not mean that
    /// there are no more, an empty answer does: a chunk ends before an event that cannot be read, the next one is
    /// [`StorageFault::Unreadable`] with its number, and asking after that number goes on behind it.
    async fn after(&self, seq: u64, limit: u32) -> Result<Vec<StoredEvent>, StorageFault>;
    /// Sequence number and hash of the newest event; `None` in an empty journal.
    async fn head(&self) -> Result<Option<(u64, [u8; 32])>, StorageFault>;
    /// Orders, newest first.
    async fn orders(&self, search: &OrderSearch) -> Result<Vec<OrderRow>, StorageFault>;
    /// What orders were booked as paid at or after the first and before the second time, UTC microseconds.
    async fn takings(&self, known: (i64, i64)) -> Result<Vec<Taken>, StorageFault>;
    /// Refunds, newest first.
    async fn refunds(&self, search: &RefundSearch) -> Result<Vec<RefundRow>, StorageFault>;
    /// Accounts' rows as JSON, in order of creation, retired ones too.
    async fn accounts(&self) -> Result<Vec<String>, StorageFault>;
    /// A raw answer by its SHA-256, unless retention has removed it.
    async fn raw(&self, sha256: &[u8; 32]) -> Result<Option<Vec<u8>>, StorageFault>;
    /// Raw answers that no event since `until`, UTC microseconds, rests on: the oldest ones, as many as are removed after one event. None:
    /// there are no more, or they stand behind many that are newer.
    async fn old_answers(&self, until: i64) -> Result<Vec<[u8; 32]>, StorageFault>;
    /// Removes those of `answers` that no event since `until` rests on, in one short transaction.
    async fn forget(&self, answers: Vec<[u8; 32]>, until: i64) -> Result<(), StorageFault>;
}
