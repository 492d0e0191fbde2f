//! What follows on a verified notification. Nobody asked for it: it may have been on its way for hours, and come many times.

use super::asking::{Asking, Terms};
use super::decide::{Command, decide};
use super::due::askable;
use super::event::OrderEvent;
use super::mark::by_hand_minor;
use super::report::{TradeReport, TradeState};
use super::{Attention, Order, State};
use crate::gateway::notification::Told;
use crate::time::Moment;

/// What is done about an order that a verified notification names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Follows {
    /// It is one more trade report.
    Report(Box<TradeReport>),
    /// The gateway is asked at once.
    Ask,
    /// It tells nothing new.
    Nothing,
    /// It says too little, and the gateway cannot be asked: it is not accepted, so that the gateway goes on telling.
    NotAccepted,
}

/// What follows on what `told` says of `order` (ruling 16).
///
/// A payment and what came after it stay true however late they are told, and a contradiction must be seen. All else can be
/// out of date, so the gateway is asked what holds now; where it cannot be asked, the report is all there is. After a reversal,
/// or in doubt about a payment that is booked, an old word of the payment is no news, and one that is told without number or
/// amount proves nothing by being repeated.
#[must_use]
pub fn follows(order: &Order, terms: &Terms, told: Told) -> Follows {
    let report = match told {
        Told::Report(report) => report,
        Told::Ask(_) if order.state == State::Paid => return Follows::Nothing,
        Told::Ask(_) if !askable(order, terms) => return Follows::NotAccepted,
        Told::Ask(_) => return Follows::Ask,
    };
    if report.contradiction(order.amount().minor).is_some() || !askable(order, terms) {
        return Follows::Report(report);
    }
    let taken_back = order.state == State::Reversed || (order.state == State::Disputed && order.payment.is_some());
    match report.state {
        TradeState::Paid | TradeState::Refunded if taken_back => Follows::Ask,
        TradeState::Paid if report.shortcoming().is_some() => Follows::Ask,
        TradeState::Paid | TradeState::Refunded => Follows::Report(report),
        TradeState::Unpaid | TradeState::Paying if order.state == State::Paid => Follows::Nothing,
        TradeState::Unpaid | TradeState::Paying | TradeState::Closed | TradeState::Failed | TradeState::Reversed => {
            Follows::Ask
        }
    }
}

/// Whether what a notification has made of an order is confirmed by a question. One that `states_none` tells of a payment without
/// stating it (ruling 19), and one that ends a doubt may have been on its way since before that.
#[must_use]
pub fn is_to_be_confirmed(before: State, after: State, states_none: bool) -> bool {
    (states_none && before != after) || (before == State::Disputed && after == State::Paid)
}

/// Unless somebody at this shop knows of it already, a person is needed: what the till itself gave back does not explain it.
pub(super) fn refunded_elsewhere(
    order: &Order,
    asking: &Asking,
    terms: &Terms,
    report: TradeReport,
    raw: String,
    now: Moment,
) -> Vec<OrderEvent> {
    let attention = Attention::RefundedElsewhere;
    let known =
        order.attention.contains(&attention) || order.dealt_with.contains_key(&attention) || by_hand_minor(order) > 0;
    let contradicts = report.contradiction(order.amount().minor).is_some();
    let mut events = decide(order, asking, terms, Command::Notified(report, raw), now);
    let raised = OrderEvent::AttentionRaised { attention };
    if !known && !contradicts && !events.contains(&raised) {
        events.push(raised);
    }
    events
}
