//! What the till asks for, as a gateway reads it.

use super::{Dialect, Fields};
use crate::simulation::world::World;
use serde_json::Value;
use till_core::gateway::call::HttpCall;

/// What a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Makes an order.
    Create,
    /// Asks about one.
    Query,
    /// Closes one.
    Close,
    /// Reverses one.
    Reverse,
    /// Gives money back.
    Refund,
    /// Asks about a refund.
    RefundQuery,
}

impl Kind {
    /// For the story.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Query => "query",
            Self::Close => "close",
            Self::Reverse => "reverse",
            Self::Refund => "refund",
            Self::RefundQuery => "refund query",
        }
    }

    /// Whether it is about money that goes back.
    #[must_use]
    pub fn is_of_a_refund(self) -> bool {
        matches!(self, Self::Refund | Self::RefundQuery)
    }
}

/// How a request names its order.
pub(super) enum Number {
    /// By the merchant's number.
    Ours(String),
    /// By the gateway's.
    Theirs(String),
    /// By the merchant's number of a refund of it.
    Refunds,
}

/// What a dialect reads in a call.
pub(super) struct Asked {
    pub(super) kind: Kind,
    pub(super) merchant: String,
    pub(super) number: Number,
    /// The merchant's number of the refund, where there is one.
    pub(super) refund_no: String,
    pub(super) minor: Option<i64>,
    pub(super) code: Option<String>,
    pub(super) fields: Fields,
}

/// A request as the gateway reads it.
#[derive(Debug, Clone)]
pub struct Request {
    /// Its language.
    pub dialect: Dialect,
    /// What for.
    pub kind: Kind,
    /// The merchant.
    pub merchant: String,
    /// The merchant's number of the order; where only the gateway's was given, the truth knows whose it is.
    pub order_no: String,
    /// The number that it named, whoever's.
    pub named: String,
    /// The merchant's number of the refund; empty where it is about none.
    pub refund_no: String,
    /// Minor units, where it makes an order or gives money back.
    pub minor: Option<i64>,
    /// The customer's payment code.
    pub code: Option<String>,
    /// When it left, world time.
    pub left: i64,
    pub(super) fields: Fields,
    pub(super) authorization: Option<String>,
    pub(super) body: Vec<u8>,
}

impl Request {
    /// Reads a call to one of the gateways' addresses.
    #[must_use]
    pub fn read(world: &World, call: &HttpCall) -> Option<Self> {
        let (dialect, path) = Dialect::ALL
            .into_iter()
            .find_map(|dialect| Some((dialect, call.url.strip_prefix(&format!("{}/", dialect.base_url()))?)))?;
        let Asked { kind, merchant, number, refund_no, minor, code, fields } = dialect.speaker().read(path, call)?;
        let (order_no, named) = match number {
            Number::Ours(no) => (no.clone(), no),
            Number::Theirs(no) => {
                let ours = world.platform.ours(dialect, &no).map(str::to_owned);
                (ours.unwrap_or_else(|| format!("?{no}")), no)
            }
            Number::Refunds => {
                let ours = world.book.order_of_refund(&refund_no).map(str::to_owned);
                (ours.unwrap_or_else(|| format!("?{refund_no}")), refund_no.clone())
            }
        };
        if order_no.is_empty() || merchant.is_empty() || kind.is_of_a_refund() == refund_no.is_empty() {
            return None;
        }
        let authorization = call.headers.iter().find(|(name, _)| *name == "authorization");
        Some(Self {
            dialect,
            kind,
            merchant,
            order_no,
            named,
            refund_no,
            minor,
            code,
            left: world.now,
            fields,
            authorization: authorization.map(|(_, value)| value.clone()),
            body: call.body.clone(),
        })
    }

    pub(super) fn text(&self, name: &str) -> &str {
        self.fields.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    pub(super) fn whole(&self, name: &str) -> Option<i64> {
        self.fields.get(name).and_then(Value::as_i64)
    }
}
