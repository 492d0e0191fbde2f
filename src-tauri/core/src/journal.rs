//! What the journal says: every event of every subject, as written and as read back.
//!
//! Payloads are JSON with a version; fields are only ever added, as options. The hash chain covers the bytes as stored, so
//! nothing here is ever serialised again for checking.

mod in_one_pass;

use self::in_one_pass::InOnePass;
use crate::account::Account;
use crate::limits::LimitsEvent;
use crate::operator::OperatorEvent;
use crate::order::event::OrderEvent;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::borrow::Cow;

/// The payloads' version.
pub const VERSION: u32 = 1;

/// An event of any subject. [`read`] knows the subjects by these names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "subject", rename_all = "snake_case")]
pub enum Event {
    /// Of the till itself.
    Till {
        /// What happened.
        event: TillEvent,
    },
    /// Of an account.
    Account {
        /// What happened.
        event: AccountEvent,
    },
    /// Of an order.
    Order {
        /// What happened.
        event: OrderEvent,
    },
    /// Of the people at the till.
    Operators {
        /// What happened.
        event: OperatorEvent,
    },
    /// Of the limits that refunds are held to.
    Limits {
        /// What happened.
        event: LimitsEvent,
    },
}

/// Something that happened to the till itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum TillEvent {
    /// The first event of every journal.
    Opened {
        /// The till's id.
        till_id: String,
        /// Its Ed25519 public key, hex.
        public_key: String,
        /// The program's version.
        version: String,
        /// Whether this journal is training's: no money moves, and its keys are throw-away values.
        training: bool,
    },
    /// A business day is over: its last event is signed.
    DayHead {
        /// The day, `YYYY-MM-DD`.
        day: String,
        /// Its last event's number.
        seq: u64,
        /// Its last event's chain value, hex.
        hash: String,
        /// Ed25519 over [`day_head_message`], hex.
        signature: String,
    },
    /// The wall clock jumped against the boot clock, or lay at a start before the newest event: it was set back while no till ran.
    ClockJumped {
        /// Microseconds, forward positive; at a start it is so far back at least.
        by: i64,
    },
    /// A backup was put in the journal's place: everything before this is the backup's.
    Restored {
        /// The newest event of the journal that was there; none where there was none, or it could not be read.
        old: Option<Point>,
        /// The newest event of the backup.
        backup: Point,
        /// The name that the old file was kept under, in the till's folder.
        kept: Option<String>,
    },
    /// Raw answers are old enough to go, as the settings say; they are removed after this was written.
    AnswersRemoved {
        /// Every answer of a moment before this one may be gone, UTC microseconds.
        until: i64,
        /// After how many days they go.
        days: u32,
        /// How many go now.
        answers: u64,
    },
    /// An event that this version cannot read.
    #[serde(other)]
    Unknown,
}

/// An event of the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Point {
    /// Its number.
    pub seq: u64,
    /// Its chain value, hex.
    pub hash: String,
}

/// Something that happened to an account. Each carries the account whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum AccountEvent {
    /// Added.
    Added {
        /// The account.
        account: Account,
    },
    /// Fields, address or a secret changed.
    Changed {
        /// The account afterwards.
        account: Account,
        /// The secret that was entered, by field name.
        secret: Option<String>,
    },
    /// Taken out of use.
    Retired {
        /// The account afterwards.
        account: Account,
    },
}

impl AccountEvent {
    /// The account after the event.
    #[must_use]
    pub fn account(&self) -> &Account {
        match self {
            Self::Added { account } | Self::Changed { account, .. } | Self::Retired { account } => account,
        }
    }
}

#[derive(Serialize)]
struct Payload<'a> {
    v: u32,
    #[serde(flatten)]
    event: &'a Event,
}

/// A payload whose event is still the text that it is: a year has millions of them, and whose it is says how it is read.
#[derive(Deserialize)]
struct Stored<'a> {
    v: u32,
    #[serde(borrow)]
    subject: Cow<'a, str>,
    #[serde(borrow)]
    event: &'a RawValue,
}

/// A payload of an order with one of the events that nearly every order has.
#[derive(Deserialize)]
struct StoredOrder<'a> {
    v: u32,
    #[serde(borrow)]
    subject: Cow<'a, str>,
    event: InOnePass,
}

/// How one begins.
const OF_ORDER: &[u8] = br#"{"v":1,"subject":"order","#;

/// Why a stored payload could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the stored event cannot be read: {0}")]
pub struct Unread(String);

/// The bytes that the journal keeps of an event.
pub fn write(event: &Event) -> Result<Vec<u8>, Unread> {
    serde_json::to_vec(&Payload { v: VERSION, event }).map_err(|error| Unread(error.to_string()))
}

/// Reads stored bytes.
pub fn read(payload: &[u8]) -> Result<Event, Unread> {
    let unread = |error: serde_json::Error| Unread(error.to_string());
    if payload.starts_with(OF_ORDER)
        && let Ok(StoredOrder { v: VERSION, subject, event: InOnePass(event) }) = serde_json::from_slice(payload)
        && subject == "order"
    {
        return Ok(Event::Order { event });
    }
    let stored: Stored<'_> = serde_json::from_slice(payload).map_err(unread)?;
    if stored.v > VERSION {
        return Err(Unread(format!("version {} is newer than {VERSION}", stored.v)));
    }
    let event = stored.event.get();
    match stored.subject.as_ref() {
        "till" => serde_json::from_str(event).map(|event| Event::Till { event }),
        "account" => serde_json::from_str(event).map(|event| Event::Account { event }),
        "order" => serde_json::from_str(event).map(|event| Event::Order { event }),
        "operators" => serde_json::from_str(event).map(|event| Event::Operators { event }),
        "limits" => serde_json::from_str(event).map(|event| Event::Limits { event }),
        other => return Err(Unread(format!("{other} is the subject of no event"))),
    }
    .map_err(unread)
}

/// A stored payload as it leaves the journal's folder: byte for byte, but without what is kept of a PIN. With the keyring's
/// pepper at hand a PIN could be guessed from that.
#[must_use]
pub fn for_people(subject: &str, payload: Vec<u8>) -> Vec<u8> {
    if subject != OPERATORS {
        return payload;
    }
    let Ok(mut value) = serde_json::from_slice::<serde_json::Value>(&payload) else { return Vec::new() };
    let Some(pin) = value.pointer_mut("/event/pin") else { return payload };
    *pin = serde_json::Value::Null;
    serde_json::to_vec(&value).unwrap_or_default()
}

/// Whether a payload as it leaves the journal's folder may lack what was stored ([`for_people`]).
#[must_use]
pub fn is_abridged(subject: &str, payload: &[u8]) -> bool {
    let without_pin = |value: serde_json::Value| value.pointer("/event/pin").is_some_and(serde_json::Value::is_null);
    subject == OPERATORS && serde_json::from_slice(payload).is_ok_and(without_pin)
}

/// The bytes that a day head's signature covers.
#[must_use]
pub fn day_head_message(till_id: &str, day: &str, seq: u64, hash: &str) -> Vec<u8> {
    format!("tillkeeper day head\n{till_id}\n{day}\n{seq}\n{hash}\n").into_bytes()
}

/// The subject of the till itself.
pub const TILL: &str = "till";

/// The subject of the people at the till.
pub const OPERATORS: &str = "operators";

/// The subject of the limits.
pub const LIMITS: &str = "limits";

/// The subject of an account.
#[must_use]
pub fn account_subject(id: &str) -> String {
    format!("account/{id}")
}

/// The subject of an order.
#[must_use]
pub fn order_subject(order_no: &str) -> String {
    format!("order/{order_no}")
}
