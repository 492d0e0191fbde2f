//! What follows on a verified notification. Nobody asked for it: it may have been on its way for hours, and come many times.

use super::asking::Terms;
use super::due::askable;
use super::report::{TradeReport, TradeState};
use super::{Order, State};
use crate::gateway::notification::Told;

/// What is done about an order that a verified notification names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Follows {
    /// It is one more trade report.
    Report(Box<TradeReport>),
    /// The gateway is asked at once.
    Ask,
    /// It tells nothing new.
    Nothing,
}

/// What follows on what `told` says of `order` (ruling 16).
///
/// A payment and what came after it stay true however late they are told, and a contradiction must be seen. All else can be
/// out of date, so the gateway is asked what holds now; where it cannot be asked, the report is all there is. After a reversal
/// an old word of the payment is no news, and a payment that is told without number or amount proves nothing by being repeated.
#[must_use]
pub fn follows(order: &Order, terms: &Terms, told: Told) -> Follows {
    let report = match told {
        Told::Report(report) => report,
        Told::Ask(_) if order.state == State::Paid => return Follows::Nothing,
        Told::Ask(_) => return Follows::Ask,
    };
    if report.contradiction(order.amount().minor).is_some() || !askable(order, terms) {
        return Follows::Report(report);
    }
    match report.state {
        TradeState::Paid | TradeState::Refunded if order.state == State::Reversed => Follows::Ask,
        TradeState::Paid if report.shortcoming().is_some() => Follows::Ask,
        TradeState::Paid | TradeState::Refunded => Follows::Report(report),
        TradeState::Unpaid | TradeState::Paying if order.state == State::Paid => Follows::Nothing,
        TradeState::Unpaid | TradeState::Paying | TradeState::Closed | TradeState::Failed | TradeState::Reversed => {
            Follows::Ask
        }
    }
}
