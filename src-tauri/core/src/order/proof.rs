//! What a payment is believed by: as much of an answer as a person wants to know of it.

use super::report::{Signature, Stated, TradeReport};
use serde::{Deserialize, Serialize};

/// What the answer that booked a payment stated, and equally: each is `false` where the answer did not say.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own that a screen names")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
pub struct Proof {
    /// Our number.
    pub order_no: bool,
    /// The amount.
    pub amount: bool,
    /// The merchant.
    pub merchant: bool,
    /// The currency.
    pub currency: bool,
    /// What it is proved by; `None` where the journal does not tell.
    pub signature: Option<Signature>,
}

impl Proof {
    /// What `report` proves of an order that asks for `amount_minor`, minor units.
    #[must_use]
    pub fn of(report: &TradeReport, amount_minor: i64) -> Self {
        Self {
            order_no: report.order_no == Stated::Ours,
            amount: report.amount_minor == Some(amount_minor),
            merchant: report.merchant == Stated::Ours,
            currency: report.currency == Stated::Ours,
            signature: report.signature,
        }
    }
}
