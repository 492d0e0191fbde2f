//! Who bore what of a payment, as far as an answer says it. For an accountant: it decides nothing.

use serde::{Deserialize, Serialize};

/// Whole minor units of the order's currency. `None`: the answer does not say it, says it in a way that can mean two things,
/// or contradicts itself about it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parts {
    /// What the customer paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_paid_minor: Option<i64>,
    /// What the merchant received.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received_minor: Option<i64>,
    /// What somebody else than the customer bore: a coupon, or another discount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discount_minor: Option<i64>,
}

impl Parts {
    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Those that can be parts of `total`, minor units: no other amount is one.
    #[must_use]
    pub fn of_total(self, total: Option<i64>) -> Self {
        let within = |part: Option<i64>| part.filter(|part| total.is_some_and(|total| (0..=total).contains(part)));
        Self {
            customer_paid_minor: within(self.customer_paid_minor),
            received_minor: within(self.received_minor),
            discount_minor: within(self.discount_minor),
        }
    }
}
