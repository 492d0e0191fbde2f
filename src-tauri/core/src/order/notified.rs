//! What follows on a verified notification. Nobody asked for it: it may have been on its way for hours, and come many times.

use super::asking::{Asking, Terms};
use super::decide::{Command, Evidence, decide, raise};
use super::due::askable;
use super::event::{BackElsewhere, OrderEvent};
use super::evolve::evolve;
use super::mark::{Marked, named_back};
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

/// A notification without a state named the gateway's number. `raw`: the SHA-256 of its body in hex.
pub(super) fn number_told(order: &Order, report: &TradeReport, raw: String) -> Vec<OrderEvent> {
    let gateway_no = number_of(order, report);
    gateway_no.map(|gateway_no| OrderEvent::GatewayNoNamed { gateway_no, raw: Some(raw) }).into_iter().collect()
}

/// A notification is one more report, which rests on its arrival. `raw`: the SHA-256 of its body in hex.
///
/// Where the gateway can be asked by its own number alone, one that goes by the number of another order makes nothing known of an
/// order that has none (ruling 6): it would stand there by a word that nobody could ask about. A payment that is told of like that
/// contradicts.
pub(super) fn told(
    order: &Order,
    asking: &Asking,
    terms: &Terms,
    report: TradeReport,
    raw: String,
    now: Moment,
) -> Vec<OrderEvent> {
    let of_another = matches!(report.whose_number, Stated::Other(_));
    if of_another && !askable(order, terms) && report.contradiction(order.amount().minor).is_none() {
        return vec![];
    }
    let mut events =
        decide(order, asking, terms, Command::Report(report, Evidence { asked: now, raw: Some(raw) }), now);
    let after = events.iter().try_fold(order.clone(), |order, event| evolve(Some(order), event, now));
    // A doubt that no question can end, whatever becomes of a create that is under way.
    let doubted = after.filter(|after| after.state == State::Disputed && !askable(after, terms));
    if order.state != State::Disputed {
        events.extend(doubted.iter().flat_map(|after| raise(after, Attention::CannotBeAsked)));
    }
    events
}

/// Whether a notification's `report` has come to nothing where it was decided on: `order` goes on, its gateway can be asked as little as
/// before, and what it tells is neither of a payment nor a contradiction. It is not accepted, so that the gateway goes on telling.
#[must_use]
pub fn came_to_nothing(order: &Order, terms: &Terms, report: &TradeReport) -> bool {
    let goes_on = !askable(order, terms) && !order.state.has_ended();
    goes_on && !report.tells_of_a_payment() && report.contradiction(order.amount().minor).is_none()
}

/// Whether what a notification has made of an order is confirmed by a question. One that `states_none` tells of a payment without
/// stating it (ruling 19), and one that ends a doubt may have been on its way since before that.
#[must_use]
pub fn is_to_be_confirmed(before: State, after: State, states_none: bool) -> bool {
    (states_none && before != after) || (before == State::Disputed && after == State::Paid)
}

/// A person is needed for each refund that is none of the till's, whatever is known of the order: no answer to any question would
/// tell of it again. What the notice says of the payment besides is judged like any other notification; marks are judged by the
/// amounts that were named, unless it contradicts the order. A copy is no news. Refunds that together come to more than was paid
/// contradict the order.
pub(super) fn refunded_elsewhere(
    order: &Order,
    asking: &Asking,
    terms: &Terms,
    report: TradeReport,
    back: Box<BackElsewhere>,
    now: Moment,
) -> Vec<OrderEvent> {
    let contradicts = report.contradiction(order.amount().minor).is_some();
    let mut events = match follows(order, terms, Told::Report(Box::new(report))) {
        Follows::Report(report) => decide(order, asking, terms, Command::Notified(*report, back.raw.clone()), now),
        Follows::Ask | Follows::Name(_) | Follows::Nothing | Follows::NotAccepted => vec![],
    };
    events.retain(|event| !matches!(event, OrderEvent::MarkJudged { what: Marked::Refunded, .. }));
    if order.elsewhere.get(&back.refund_no) != Some(&back.amount_minor) {
        let attention = Attention::RefundedElsewhere;
        let without_it = OrderEvent::AttentionRaised { attention, elsewhere: None };
        events.retain(|event| *event != without_it);
        let told = OrderEvent::AttentionRaised { attention, elsewhere: Some(back) };
        let after = evolve(Some(order.clone()), &told, now);
        events.push(told);
        if after.as_ref().is_some_and(|after| after.beyond_paid_minor() > 0) {
            events.extend(raise(order, Attention::RefundDisputed));
        }
        events.extend(after.iter().filter(|_| !contradicts).flat_map(named_back));
    }
    events
}
