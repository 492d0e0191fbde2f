//! A trade report: what one verified answer or notification says about an order.

use serde::{Deserialize, Serialize};

/// The state of a payment in the words of every gateway's state table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum TradeState {
    /// Known, not paid.
    Unpaid,
    /// The customer is at it.
    Paying,
    /// Paid.
    Paid,
    /// Closed unpaid.
    Closed,
    /// Failed for good.
    Failed,
    /// Reversed: the money went back as part of the payment itself.
    Reversed,
    /// Refunded, wholly or in part: it was paid.
    Refunded,
}

/// A value that an answer may state and that must then be ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Stated {
    /// The answer does not say.
    #[default]
    Not,
    /// It states ours.
    Ours,
    /// It states another one: this.
    Other(String),
}

/// What one verified answer says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TradeReport {
    /// The state.
    pub state: TradeState,
    /// Our number.
    pub order_no: Stated,
    /// The amount that was asked for, minor units.
    pub amount_minor: Option<i64>,
    /// The currency, compared by the gateway's own words for it.
    pub currency: Stated,
    /// The merchant.
    pub merchant: Stated,
    /// The answer contradicts itself (Pooul: `result_code` other than 0 beside a paid state; ruling 4). Holds the code.
    pub contradicts_itself: Option<String>,
    /// The gateway's number.
    pub gateway_no: Option<String>,
    /// The wallet's number.
    pub wallet_no: Option<String>,
    /// When the customer paid by the gateway's clock, UTC seconds since 1970.
    pub paid_at: Option<i64>,
}

impl TradeReport {
    /// A report that states nothing but a state.
    #[must_use]
    pub fn of(state: TradeState) -> Self {
        Self {
            state,
            order_no: Stated::Not,
            amount_minor: None,
            currency: Stated::Not,
            merchant: Stated::Not,
            contradicts_itself: None,
            gateway_no: None,
            wallet_no: None,
            paid_at: None,
        }
    }
}
