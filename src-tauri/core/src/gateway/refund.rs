//! Refunds on the wire: the intention to give money back, and what a gateway says of it.

use super::{Subject, Unreadable};
use crate::money::Money;
use crate::order::event::Item;
use crate::order::report::Stated;
use serde::{Deserialize, Serialize};

/// The intention to give money back. Sent again, it is sent with the same number.
#[derive(Debug, Clone)]
pub struct RefundIntent<'a> {
    /// Our number of the refund.
    pub refund_no: &'a str,
    /// The order.
    pub order: Subject<'a>,
    /// What the customer paid for the order.
    pub paid: Money,
    /// What goes back now.
    pub amount: Money,
    /// Why, as the customer may read it.
    pub reason: &'a str,
    /// The lines that go back, where the gateway refunds by line. Their amounts add up to `amount`.
    pub items: &'a [Item],
}

impl<'a> RefundIntent<'a> {
    /// The refund, as a question names it.
    #[must_use]
    pub fn subject(&self) -> RefundSubject<'a> {
        RefundSubject { refund_no: self.refund_no, order: self.order.clone(), amount: self.amount }
    }
}

/// Which refund a question is about.
#[derive(Debug, Clone)]
pub struct RefundSubject<'a> {
    /// Our number of the refund.
    pub refund_no: &'a str,
    /// The order.
    pub order: Subject<'a>,
    /// What went back, or should have.
    pub amount: Money,
}

/// The state of a refund in the words of every gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum RefundState {
    /// Taken on; the money is not back yet.
    Processing,
    /// The money is back.
    Succeeded,
    /// It came to nothing, and may be tried again under the same number.
    Failed,
}

/// What one verified answer says of a refund.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundReport {
    /// The state.
    pub state: RefundState,
    /// Our number of the refund.
    pub refund_no: Stated,
    /// Our number of the order.
    pub order_no: Stated,
    /// What goes back, minor units.
    pub amount_minor: Option<i64>,
    /// The merchant.
    pub merchant: Stated,
    /// The currency.
    pub currency: Stated,
    /// The gateway's number of the refund.
    pub gateway_refund_no: Option<String>,
}

impl RefundReport {
    /// Whether it proves that this refund's money is back: the state, our number, and nothing that contradicts.
    #[must_use]
    pub fn proves_succeeded(&self, amount_minor: i64) -> bool {
        self.state == RefundState::Succeeded && self.is_ours(amount_minor)
    }

    /// Whether it names this refund and contradicts nothing: only then its state may end it.
    #[must_use]
    pub fn is_ours(&self, amount_minor: i64) -> bool {
        self.refund_no == Stated::Ours && !self.contradicts(amount_minor)
    }

    /// Why the end that it states is not believed: nothing says that it is this refund's. One that is under way ends nothing, and
    /// needs no number.
    #[must_use]
    pub fn shortcoming(&self) -> Option<Unreadable> {
        let ends = match self.state {
            RefundState::Succeeded | RefundState::Failed => true,
            RefundState::Processing => false,
        };
        (ends && self.refund_no == Stated::Not).then(|| Unreadable::BadField("refund_no".to_owned()))
    }

    /// Whether it states something that is not this refund's.
    #[must_use]
    pub fn contradicts(&self, amount_minor: i64) -> bool {
        let other = |stated: &Stated| matches!(stated, Stated::Other(_));
        [&self.refund_no, &self.order_no, &self.merchant, &self.currency].into_iter().any(other)
            || self.amount_minor.is_some_and(|minor| minor != amount_minor)
    }
}
