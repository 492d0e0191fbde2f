//! What follows on a verified notification. Nobody asked for it: it may have been on its way for hours, and come many times.

use super::asking::{Asking, Terms};
use super::decide::{Command, decide, raise};
use super::due::askable;
use super::event::{BackElsewhere, OrderEvent};
use super::evolve::evolve;
use super::report::{Stated, TradeReport, TradeState};
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
    /// The number that it names is made known, and the gateway is asked by it at once.
    Name(Box<TradeReport>),
    /// It tells nothing new.
    Nothing,
    /// It says too little, and the gateway cannot be asked: it is not accepted, so that the gateway goes on telling.
    NotAccepted,
}

/// What follows on what `told` says of `order` (ruling 16).
///
/// A payment and what came after it stay true however late they are told, and a contradiction must be seen. All else can be
/// out of date, so the gateway is asked what holds now; where it cannot be asked, the report is all there is, if it names what to
/// ask by from then on: without that the order would wait for a gateway that nobody can ask. After a reversal, or in doubt about
/// a payment that is booked, an old word of the payment is no news, and one that is told without number or amount proves nothing
/// by being repeated.
#[must_use]
pub fn follows(order: &Order, terms: &Terms, told: Told) -> Follows {
    let report = match told {
        Told::Report(report) => report,
        Told::Number(report) => return follows_number(order, terms, report),
        Told::Ask(_) if order.state == State::Paid => return Follows::Nothing,
        Told::Ask(_) if !askable(order, terms) => return Follows::NotAccepted,
        Told::Ask(_) => return Follows::Ask,
    };
    if report.contradiction(order.amount().minor).is_some() {
        return Follows::Report(report);
    }
    if !askable(order, terms) {
        let goes_on = matches!(report.state, TradeState::Unpaid | TradeState::Paying);
        let nameless = goes_on && report.number_there().is_none();
        let says_too_little = (nameless || report.shortcoming().is_some()) && order.state != State::Paid;
        return if says_too_little { Follows::NotAccepted } else { Follows::Report(report) };
    }
    let taken_back = order.state == State::Reversed || (order.state == State::Disputed && order.payment.is_some());
    match report.state {
        TradeState::Paid | TradeState::Refunded if taken_back => Follows::Ask,
        TradeState::Paid | TradeState::Refunded if report.shortcoming().is_some() => Follows::Ask,
        TradeState::Paid | TradeState::Refunded => Follows::Report(report),
        TradeState::Unpaid | TradeState::Paying if order.state == State::Paid => Follows::Nothing,
        TradeState::Unpaid | TradeState::Paying | TradeState::Closed | TradeState::Failed | TradeState::Reversed => {
            Follows::Ask
        }
    }
}

fn follows_number(order: &Order, terms: &Terms, report: Box<TradeReport>) -> Follows {
    if order.state == State::Paid {
        Follows::Nothing
    } else if askable(order, terms) {
        Follows::Ask
    } else if order.payment.is_none() && number_of(order, &report).is_some() {
        Follows::Name(report)
    } else {
        Follows::NotAccepted
    }
}

/// The gateway's number that `report` makes known for an order that has none (ruling 6): it names amount and merchant, too.
fn number_of(order: &Order, report: &TradeReport) -> Option<String> {
    let is_whole = report.amount_minor.is_some() && report.merchant == Stated::Ours;
    let gateway_no = report.gateway_no.as_ref().filter(|_| is_whole && order.gateway_no.is_none())?;
    report.confirms_number(gateway_no, order.amount().minor).then(|| gateway_no.clone())
}

/// A notification without a state named the gateway's number.
pub(super) fn number_told(order: &Order, report: &TradeReport) -> Vec<OrderEvent> {
    number_of(order, report).map(|gateway_no| OrderEvent::GatewayNoNamed { gateway_no }).into_iter().collect()
}

/// Whether what a notification has made of an order is confirmed by a question. One that `states_none` tells of a payment without
/// stating it (ruling 19), and one that ends a doubt may have been on its way since before that.
#[must_use]
pub fn is_to_be_confirmed(before: State, after: State, states_none: bool) -> bool {
    (states_none && before != after) || (before == State::Disputed && after == State::Paid)
}

/// A person is needed for each refund that is none of the till's, whatever is known of the order: no answer to any question would
/// tell of it again. What the notice says of the payment besides is judged like any other notification. A copy is no news. Refunds
/// that together come to more than was paid contradict the order.
pub(super) fn refunded_elsewhere(
    order: &Order,
    asking: &Asking,
    terms: &Terms,
    report: TradeReport,
    back: Box<BackElsewhere>,
    now: Moment,
) -> Vec<OrderEvent> {
    let mut events = match follows(order, terms, Told::Report(Box::new(report))) {
        Follows::Report(report) => decide(order, asking, terms, Command::Notified(*report, back.raw.clone()), now),
        Follows::Ask | Follows::Name(_) | Follows::Nothing | Follows::NotAccepted => vec![],
    };
    if order.elsewhere.get(&back.refund_no) != Some(&back.amount_minor) {
        let attention = Attention::RefundedElsewhere;
        let without_it = OrderEvent::AttentionRaised { attention, elsewhere: None };
        events.retain(|event| *event != without_it);
        let told = OrderEvent::AttentionRaised { attention, elsewhere: Some(back) };
        let after = evolve(Some(order.clone()), &told, now);
        events.push(told);
        if after.is_some_and(|after| after.beyond_paid_minor() > 0) {
            events.extend(raise(order, Attention::RefundDisputed));
        }
    }
    events
}
