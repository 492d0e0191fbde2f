//! The lines of a bundle.

use crate::export::SignedDay;
use crate::reading::{EventLine, KeptAnswer};
use data_encoding::{BASE64, HEXLOWER};
use serde::{Deserialize, Serialize};
use till_core::journal::Point;
use till_core::order::Order;

/// What this program writes and reads.
pub(super) const FORMAT: &str = "tillkeeper bundle 1";

/// A line, named by its one field.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Line {
    /// What the file is.
    Cover(Box<Cover>),
    /// The journal's first event: it names the till and its key.
    Opened(Row),
    /// An event of the order, in order.
    Event(Row),
    /// An answer of the gateway that an event rests on.
    Answer(Answer),
    /// A signed day: from the one that the order began on to the first that ends behind its newest event.
    DayHead(SignedDay),
    /// Ed25519 over every byte before this line, hex.
    Signature(String),
}

/// The first line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Cover {
    /// `tillkeeper bundle 1`.
    pub(super) format: String,
    /// When it was made, RFC 3339.
    pub(super) made_at: String,
    /// The program's version.
    pub(super) version: String,
    /// The till.
    pub(super) till_id: String,
    /// Its Ed25519 public key, hex.
    pub(super) public_key: String,
    /// Whether no money moved.
    pub(super) training: bool,
    /// What the events amount to.
    pub(super) order: Summary,
    /// The journal's newest event.
    pub(super) head: Point,
    /// How many events of the order there are.
    pub(super) events: u64,
    /// How many answers they rest on.
    pub(super) answers: u64,
}

/// What the events of an order amount to, for whoever looks it up. Amounts are minor units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Summary {
    /// Our number.
    pub(super) order_no: String,
    /// The gateway.
    pub(super) gateway: String,
    /// The account's name.
    pub(super) account: String,
    /// The channel.
    pub(super) channel: String,
    /// What was asked for.
    pub(super) amount_minor: i64,
    /// ISO 4217.
    pub(super) currency: String,
    /// The state.
    pub(super) state: String,
    /// Paid after an end.
    pub(super) late: bool,
    /// `training`, `not_a_real_gateway`, or nothing.
    pub(super) mark: Option<String>,
    /// The gateway's number.
    pub(super) gateway_no: Option<String>,
    /// The wallet's number.
    pub(super) wallet_no: Option<String>,
    /// What was paid.
    pub(super) paid_minor: Option<i64>,
    /// What went back.
    pub(super) refunded_minor: i64,
}

impl Summary {
    pub(super) fn of(order: &Order) -> Self {
        let draft = &order.draft;
        Self {
            order_no: draft.order_no.clone(),
            gateway: draft.gateway.clone(),
            account: draft.account.clone(),
            channel: draft.channel.clone(),
            amount_minor: draft.amount.minor,
            currency: draft.amount.currency.code().to_owned(),
            state: order.state.word().to_owned(),
            late: order.late,
            mark: draft.mark.clone(),
            gateway_no: order.gateway_no.clone(),
            wallet_no: order.wallet_no.clone(),
            paid_minor: order.payment.as_ref().map(|payment| payment.minor),
            refunded_minor: order.refunded_minor(),
        }
    }
}

/// An event, and the chain value of the one before it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Row {
    /// Hex.
    pub(super) prev: String,
    /// The event as `journal list --json` prints it, its payload byte for byte.
    pub(super) row: EventLine,
}

/// An answer of the gateway, as it came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Answer {
    /// The event that rests on it.
    pub(super) seq: u64,
    /// SHA-256 of its bytes, hex.
    pub(super) sha256: String,
    /// Its bytes as text, where they are one.
    pub(super) text: Option<String>,
    /// Its bytes in base64, where they are no text.
    pub(super) base64: Option<String>,
    /// After how many days it was old enough to be removed, where it is gone.
    pub(super) removed_after_days: Option<u32>,
}

impl Answer {
    pub(super) fn of(kept: KeptAnswer) -> Self {
        let KeptAnswer { seq, sha256, body, removed_after_days } = kept;
        let (text, base64) = match body.map(String::from_utf8) {
            Some(Ok(text)) => (Some(text), None),
            Some(Err(bytes)) => (None, Some(BASE64.encode(bytes.as_bytes()))),
            None => (None, None),
        };
        Self { seq, sha256: HEXLOWER.encode(&sha256), text, base64, removed_after_days }
    }

    /// Whether nothing of it is left.
    pub(super) fn is_gone(&self) -> bool {
        self.text.is_none() && self.base64.is_none()
    }

    /// Its bytes; `None` where it is gone, or what stands there are none.
    pub(super) fn bytes(&self) -> Option<Vec<u8>> {
        match (&self.text, &self.base64) {
            (Some(text), None) => Some(text.clone().into_bytes()),
            (None, Some(base64)) => BASE64.decode(base64.as_bytes()).ok(),
            (Some(_), Some(_)) | (None, None) => None,
        }
    }
}

/// The bytes that the signature covers.
pub(super) fn message(lines: &[u8]) -> Vec<u8> {
    [b"tillkeeper bundle\n".as_slice(), lines].concat()
}
