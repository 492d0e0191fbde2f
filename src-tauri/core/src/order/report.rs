//! A trade report: what one verified answer or notification says about an order.

use super::parts::Parts;
use crate::gateway::reaction::Said;
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

impl Stated {
    /// Whether the answer does not state it.
    #[must_use]
    pub fn is_not(&self) -> bool {
        *self == Self::Not
    }
}

/// What proved that an answer or a notification is the gateway's, beside the connection that it came over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum Signature {
    /// It bears a signature, and that is right.
    Verified,
    /// It bears none.
    Absent,
    /// It bears one that nobody could check: the account holds no key for it.
    Unchecked,
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
    /// Whose order it is, where an order was made for somebody that the gateway names (ruling 19).
    #[serde(default, skip_serializing_if = "Stated::is_not")]
    pub customer: Stated,
    /// Whose the gateway's number is, as this till knows: it states the number of another order that goes by it.
    #[serde(default, skip_serializing_if = "Stated::is_not")]
    pub whose_number: Stated,
    /// The answer contradicts itself (Pooul: `result_code` other than 0 beside a paid state, ruling 4; none where only 0 is
    /// success, 1.4; the wallet's number of a payment beside state 4, 1.5; Jubao, BlueOcean: a refund without the number or the
    /// amount that they state beside every state). Holds the code, or the name of what is missing.
    pub contradicts_itself: Option<String>,
    /// The gateway's number.
    pub gateway_no: Option<String>,
    /// The wallet's number.
    pub wallet_no: Option<String>,
    /// When the customer paid by the gateway's clock, UTC seconds since 1970.
    pub paid_at: Option<i64>,
    /// The customer's last attempt failed, and the code can still be paid: the screen may say so, nothing else follows.
    #[serde(default)]
    pub declined: bool,
    /// Why it failed or was declined, in the gateway's words: quoted, never judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<Said>,
    /// What it is proved by; `None` in journals from before this was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<Signature>,
    /// Who bore what of the payment.
    #[serde(default, skip_serializing_if = "Parts::is_empty")]
    pub parts: Parts,
}

impl TradeReport {
    /// The gateway's number that it makes known for this order: none that is another order's.
    #[must_use]
    pub fn number_there(&self) -> Option<&String> {
        self.gateway_no.as_ref().filter(|_| self.whose_number.is_not())
    }

    /// What it states that is not ours. Number and amount are checked wherever they are present.
    #[must_use]
    pub fn contradiction(&self, amount_minor: i64) -> Option<super::DisputeReason> {
        use super::DisputeReason;
        let other = |stated: &Stated| matches!(stated, Stated::Other(_));
        if other(&self.order_no) {
            Some(DisputeReason::Number)
        } else if self.amount_minor.is_some_and(|minor| minor != amount_minor) {
            Some(DisputeReason::Amount)
        } else if other(&self.currency) {
            Some(DisputeReason::Currency)
        } else if other(&self.merchant) {
            Some(DisputeReason::Merchant)
        } else if other(&self.customer) {
            Some(DisputeReason::Customer)
        } else if other(&self.whose_number) && self.tells_of_a_payment() {
            Some(DisputeReason::GatewayNo)
        } else {
            None
        }
    }

    /// Whether it proves that this order was paid: state, our number and amount, and nothing that contradicts.
    #[must_use]
    pub fn proves_paid(&self, amount_minor: i64) -> bool {
        self.state == TradeState::Paid && self.contradiction(amount_minor).is_none() && self.shortcoming().is_none()
    }

    /// Whether it confirms that the order of our number goes by `gateway_no` at the gateway: it names our number, no other of
    /// the gateway's, contradicts nothing, and does not tell of a payment without its amount.
    #[must_use]
    pub fn confirms_number(&self, gateway_no: &str, amount_minor: i64) -> bool {
        let same = self.gateway_no.as_ref().is_none_or(|stated| stated == gateway_no);
        let nobody_elses = self.whose_number.is_not();
        let whole = self.shortcoming() != Some(super::DisputeReason::Incomplete);
        let fits = whole && self.contradiction(amount_minor).is_none();
        same && nobody_elses && self.order_no == Stated::Ours && fits
    }

    /// Why a state that tells of a payment is not yet believed although nothing contradicts the order. Refunded may come without
    /// number and amount (rulings 3 and 5), unless its gateway always states them: then the answer contradicts itself.
    #[must_use]
    pub fn shortcoming(&self) -> Option<super::DisputeReason> {
        use super::DisputeReason;
        let itself = self.contradicts_itself.is_some();
        let incomplete = self.order_no != Stated::Ours || self.amount_minor.is_none();
        match self.state {
            TradeState::Paid if itself => Some(DisputeReason::Itself),
            TradeState::Paid if incomplete => Some(DisputeReason::Incomplete),
            TradeState::Refunded if itself && incomplete => Some(DisputeReason::Incomplete),
            TradeState::Paid
            | TradeState::Refunded
            | TradeState::Unpaid
            | TradeState::Paying
            | TradeState::Closed
            | TradeState::Failed
            | TradeState::Reversed => None,
        }
    }

    /// Whether it tells of a payment.
    #[must_use]
    pub fn tells_of_a_payment(&self) -> bool {
        match self.state {
            TradeState::Paid | TradeState::Refunded => true,
            TradeState::Unpaid
            | TradeState::Paying
            | TradeState::Closed
            | TradeState::Failed
            | TradeState::Reversed => false,
        }
    }

    /// Whether it tells that nobody pays any more.
    #[must_use]
    pub fn tells_of_an_end(&self) -> bool {
        match self.state {
            TradeState::Closed | TradeState::Failed | TradeState::Reversed => true,
            TradeState::Unpaid | TradeState::Paying | TradeState::Paid | TradeState::Refunded => false,
        }
    }

    /// Whether the answer to a create is believed with it. Rulings 3 and 5 speak of queries: before its create was answered nothing
    /// could be paid and given back, and a refund is asked about.
    #[must_use]
    pub fn may_answer_a_create(&self) -> bool {
        self.state != TradeState::Refunded
    }

    /// Whether "reversed" is said in a way that can also mean "paid for good".
    #[must_use]
    pub fn may_mean_paid(&self) -> bool {
        self.state == TradeState::Reversed && self.contradicts_itself.is_some()
    }

    /// A report that states nothing but a state.
    #[must_use]
    pub fn of(state: TradeState) -> Self {
        Self {
            state,
            order_no: Stated::Not,
            amount_minor: None,
            currency: Stated::Not,
            merchant: Stated::Not,
            customer: Stated::Not,
            whose_number: Stated::Not,
            contradicts_itself: None,
            gateway_no: None,
            wallet_no: None,
            paid_at: None,
            declined: false,
            said: None,
            signature: None,
            parts: Parts::default(),
        }
    }
}
