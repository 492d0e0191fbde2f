//! One payment pays one order: a number of the gateway's that an order was paid under pays no other order of the account, and one
//! that an order goes by is made known for no other. Which orders go by a number is looked up elsewhere.

use super::decide::Command;
use super::report::{Stated, TradeReport};
use super::{Order, State};
use crate::gateway::Read;

/// A number of the gateway's that an answer names for an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The number.
    pub gateway_no: String,
    /// Whether a payment is told of under it.
    pays: bool,
}

impl Named {
    /// Whether another order that goes by it, and was `paid` under it or not, keeps it. A payment is proof enough against whoever
    /// only heard the number.
    #[must_use]
    pub fn is_kept_by_another(&self, paid: bool) -> bool {
        !self.pays || paid
    }
}

impl Command {
    /// The trade report that it brings.
    fn report_mut(&mut self) -> Option<&mut TradeReport> {
        match self {
            Self::Report(report, _)
            | Self::Notified(report, _)
            | Self::NumberTold(report, _)
            | Self::RefundedElsewhere(report, _)
            | Self::NameGatewayNo(_, report, _) => Some(report),
            Self::CreateAnswered(Read::Means(created), _) => created.report.as_mut(),
            Self::CreateAnswered(Read::Says(_) | Read::Unreadable(_), _)
            | Self::SendCreate
            | Self::CreateUnanswered(_)
            | Self::Stopped
            | Self::Close(_)
            | Self::CloseAnswered(..)
            | Self::CloseUnanswered
            | Self::Reverse(_)
            | Self::SendReverse
            | Self::ReverseAnswered(..)
            | Self::ReverseUnanswered
            | Self::DoublePayment
            | Self::Refund(_)
            | Self::RefundAgain(..)
            | Self::WithdrawRefund(_)
            | Self::SinglePayment
            | Self::SendRefund(_)
            | Self::RefundAnswered(..)
            | Self::RefundUnanswered(..)
            | Self::RefundReport(..)
            | Self::Mark(_)
            | Self::Handle(..)
            | Self::Overrule(_)
            | Self::Settle => None,
        }
    }

    /// The gateway's number that it makes known or tells of a payment under: whose that is must be looked up. `order` keeps the
    /// one that it was paid under, else the first one that it hears; what is in doubt is not settled by another one's payment.
    pub fn number_to_be_held(&mut self, order: &Order) -> Option<Named> {
        if order.payment.is_some() && order.gateway_no.is_some() && order.state != State::Disputed {
            return None;
        }
        let (creates, of_answer) = match self {
            Self::CreateAnswered(Read::Means(created), _) => (true, created.gateway_no.clone()),
            _ => (false, None),
        };
        let report = self.report_mut();
        let believed = |report: &TradeReport| !creates || report.may_answer_a_create();
        let pays = report.as_ref().is_some_and(|report| report.tells_of_a_payment() && believed(report));
        let gateway_no = report.and_then(|report| report.gateway_no.clone()).or(of_answer)?;
        (pays || order.gateway_no.is_none()).then_some(Named { gateway_no, pays })
    }

    /// The gateway's number that it names is that of another order of the account, of this number: it makes none known, and what
    /// it tells of a payment contradicts.
    pub fn names_another(&mut self, order_no: &str) {
        if let Self::CreateAnswered(Read::Means(created), _) = self {
            created.gateway_no = None;
        }
        if let Some(report) = self.report_mut() {
            report.whose_number = Stated::Other(order_no.to_owned());
        }
    }
}
