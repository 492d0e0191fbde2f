//! What a trade report does to an order: the total table (`docs/order-states.md`).

use super::decide::{Evidence, raise};
use super::event::{CloseWhy, OrderEvent, Reported, Tally};
use super::mark::{Marked, Verdict, is_marked_back, judge};
use super::report::{Stated, TradeReport, TradeState};
use super::{Attention, DisputeReason, EndReason, Order, State};
use crate::gateway::descriptor::Presented;
use crate::time::Moment;

/// The total table of state and trade report (`docs/order-states.md`).
pub(super) fn reported(
    order: &Order,
    tally: Tally,
    report: &TradeReport,
    evidence: &Evidence,
    now: Moment,
) -> Vec<OrderEvent> {
    judged(order, is_overtaken(order, evidence), tally, report, evidence, now)
}

/// Whether the question left before the newest applied answer arrived.
pub(super) fn is_overtaken(order: &Order, evidence: &Evidence) -> bool {
    order.newest_report.is_some_and(|newest| evidence.asked.boot < newest.boot)
}

/// The same, where the caller knows whether the report is overtaken.
pub(super) fn judged(
    order: &Order,
    overtaken: bool,
    tally: Tally,
    report: &TradeReport,
    evidence: &Evidence,
    now: Moment,
) -> Vec<OrderEvent> {
    let state = report.state;
    let contradiction = report.contradiction(order.amount().minor);
    let shortcoming = report.shortcoming();
    let reported = || {
        Box::new(Reported { report: report.clone(), took: now.since(evidence.asked), raw: evidence.raw.clone(), tally })
    };

    // Disputed is left by a later matching report only.
    if order.state == State::Disputed && overtaken {
        return vec![];
    }
    if let Some(reason) = contradiction {
        let known = order.state == State::Disputed && order.dispute == Some(reason);
        let backwards = overtaken && order.state == State::Paid;
        return if known || backwards { vec![] } else { vec![OrderEvent::Disputed { reason, reported: reported() }] };
    }
    // Beside another order's number it makes nothing known of one that was never heard of, which may have to be asked for by its own.
    if order.state == State::CreateUnknown && matches!(report.whose_number, Stated::Other(_)) {
        return vec![];
    }
    if let Some(reason) = shortcoming {
        return match (order.state, order.self_contradictions) {
            // It books no payment; that money of a booked one went back must be seen all the same.
            _ if state == TradeState::Refunded && order.payment.is_some() => back(order),
            (State::Paid | State::Disputed, _) => vec![],
            (_, 0) => vec![OrderEvent::SelfContradiction(reported())],
            (_, _) => vec![OrderEvent::Disputed { reason, reported: reported() }],
        };
    }
    if report.may_mean_paid() && !order.closing.reversed {
        return paid_or_reversed(order, overtaken, reported());
    }
    match state {
        TradeState::Paid => paid(order, reported()),
        TradeState::Refunded => refunded(order, reported()),
        TradeState::Closed => ended(order, State::Closed, overtaken, reported()),
        TradeState::Failed => ended(order, State::Failed, overtaken, reported()),
        TradeState::Reversed => ended(order, State::Reversed, overtaken, reported()),
        TradeState::Paying => match order.state {
            State::CreateUnknown | State::AwaitingPayment | State::Expiring | State::Drafted | State::Creating
                if !overtaken =>
            {
                vec![OrderEvent::Paying(reported())]
            }
            State::Disputed if order.payment.is_none() => vec![OrderEvent::Paying(reported())],
            State::CreateUnknown
            | State::AwaitingPayment
            | State::Expiring
            | State::Drafted
            | State::Creating
            | State::Paying
            | State::Paid
            | State::Closed
            | State::Failed
            | State::Reversed
            | State::Disputed => vec![],
        },
        TradeState::Unpaid => unpaid(order, overtaken, evidence, reported()),
    }
}

/// Never the end of an order that nobody knows to be reversed: a person looks, and the asking goes on.
fn paid_or_reversed(order: &Order, overtaken: bool, reported: Box<Reported>) -> Vec<OrderEvent> {
    let reason = DisputeReason::PaidOrReversed;
    let known = order.state == State::Reversed || (order.state == State::Disputed && order.dispute == Some(reason));
    let backwards = overtaken && order.state.has_ended();
    if known || backwards { vec![] } else { vec![OrderEvent::Disputed { reason, reported }] }
}

fn unpaid(order: &Order, overtaken: bool, evidence: &Evidence, reported: Box<Reported>) -> Vec<OrderEvent> {
    if overtaken {
        return vec![];
    }
    let declined = reported.report.declined;
    match order.state {
        State::CreateUnknown => {
            let mut events = vec![OrderEvent::Unpaid(reported)];
            if order.qr_off.is_none() && order.link_lost() {
                events.push(OrderEvent::CloseRequested { why: CloseWhy::LinkLost });
            }
            events
        }
        State::Paying => {
            let lost = order.qr_off.is_none() && order.link_lost() && order.answered.is_none();
            let close = lost.then_some(OrderEvent::CloseRequested { why: CloseWhy::LinkLost });
            [OrderEvent::Unpaid(reported)].into_iter().chain(close).collect()
        }
        State::Disputed if order.payment.is_none() => vec![OrderEvent::Unpaid(reported)],
        State::AwaitingPayment if declined != order.declined || tells_its_number(order, &reported) => {
            vec![OrderEvent::Unpaid(reported)]
        }
        State::Expiring => {
            let confirms = order.qr_off.is_some_and(|off| evidence.asked.boot > off.boot);
            if (confirms && !order.unpaid_after_qr_off) || !order.known_there {
                vec![OrderEvent::Unpaid(reported)]
            } else {
                vec![]
            }
        }
        State::AwaitingPayment
        | State::Drafted
        | State::Creating
        | State::Paid
        | State::Closed
        | State::Failed
        | State::Reversed
        | State::Disputed => vec![],
    }
}

/// Whether an answer makes the gateway's number known of an order that was made elsewhere: no create of ours was answered
/// with it.
fn tells_its_number(order: &Order, reported: &Reported) -> bool {
    let report = &reported.report;
    let news = order.gateway_no.is_none() && report.gateway_no.is_some() && report.order_no == Stated::Ours;
    news && order.draft.presented == Presented::Elsewhere
}

/// What was paid under a number of the gateway's is found by it, so that it pays no other order.
fn booked(order: &Order, reported: Box<Reported>, late: bool) -> OrderEvent {
    let first = order.payment.is_none() && order.gateway_no.is_some();
    let under = reported.report.number_there().filter(|no| first && order.gateway_no.as_ref() != Some(*no)).cloned();
    OrderEvent::Paid { reported, paid_minor: order.amount().minor, late, under }
}

fn paid(order: &Order, reported: Box<Reported>) -> Vec<OrderEvent> {
    if order.state == State::Paid {
        return vec![];
    }
    let late = order.end.is_some();
    let mut events = vec![booked(order, reported, late)];
    events.extend(judge(order, Marked::Paid, None, Verdict::Confirmed));
    if late {
        events.extend(raise(order, Attention::LatePayment));
    }
    events
}

/// It was paid, and given back: by refunds of the till's or what was marked by hand, else by somebody else, with attention.
/// Money of it went back.
fn back(order: &Order) -> Vec<OrderEvent> {
    if order.has_refunded() || order.dealt_with.contains_key(&Attention::RefundedElsewhere) {
        // The till's own refund may have turned the whole order (ruling 5): that says nothing of a mark.
        vec![]
    } else if is_marked_back(order) {
        judge(order, Marked::Refunded, None, Verdict::Confirmed)
    } else {
        raise(order, Attention::RefundedElsewhere)
    }
}

fn refunded(order: &Order, reported: Box<Reported>) -> Vec<OrderEvent> {
    if order.state == State::Paid {
        return back(order);
    }
    let late = order.end.is_some();
    let mut events = vec![booked(order, reported, late)];
    events.extend(judge(order, Marked::Paid, None, Verdict::Confirmed));
    events.extend(back(order));
    if late {
        events.extend(raise(order, Attention::LatePayment));
    }
    events
}

fn ended(order: &Order, state: State, overtaken: bool, reported: Box<Reported>) -> Vec<OrderEvent> {
    if order.payment.is_some() {
        let silent = overtaken || order.state == State::Disputed;
        return if silent {
            vec![]
        } else {
            vec![OrderEvent::Disputed { reason: DisputeReason::PaidThenEnded, reported }]
        };
    }
    let confirmed = order.state == state && order.end.is_some_and(|end| end.reason == EndReason::Gateway);
    if overtaken && order.state.has_ended() {
        return vec![];
    }
    if confirmed {
        return judge(order, Marked::Paid, None, Verdict::Contradicted);
    }
    let mut events = vec![OrderEvent::Ended {
        state,
        reason: EndReason::Gateway,
        reported: Some(reported),
        tally: Tally::default(),
    }];
    events.extend(judge(order, Marked::Paid, None, Verdict::Contradicted));
    if order.attention.contains(&Attention::ExpiredHere) {
        events.push(OrderEvent::AttentionCleared { attention: Attention::ExpiredHere });
    }
    events
}
