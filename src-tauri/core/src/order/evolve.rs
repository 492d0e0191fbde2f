//! Applying events. Total: whatever a journal holds gives an order or nothing, never a panic.

use super::event::{Draft, NoOutcome, OrderEvent, Ordered, Reported};
use super::proof::Proof;
use super::refund::RefundState;
use super::report::Stated;
use super::{Attention, Closing, End, Order, Payment, State, mark, refund};
use crate::gateway::{CloseOutcome, ReverseOutcome};
use crate::time::Moment;
use std::collections::{BTreeMap, BTreeSet};

/// The order after `event`, which happened at `at`. `None` where a stream does not begin with a draft.
#[must_use]
#[expect(clippy::too_many_lines, reason = "one table, one arm per event")]
pub fn evolve(order: Option<Order>, event: &OrderEvent, at: Moment) -> Option<Order> {
    let mut order = match (order, event) {
        (Some(order), _) => order,
        (None, OrderEvent::Drafted(draft)) => return Some(drafted(draft, at)),
        (None, OrderEvent::Adopted { draft, ordered }) => return Some(adopted(draft, ordered.as_deref(), at)),
        (None, _) => return None,
    };
    order.seen = order.seen.saturating_add(1);
    match event {
        OrderEvent::Drafted(_) | OrderEvent::Adopted { .. } | OrderEvent::FurtherOverruled { .. } => {}
        OrderEvent::CreateSent => order.state = State::Creating,
        OrderEvent::Created { link, pay_info, parameters, bridge, gateway_no, .. } => {
            order.answered = Some(at);
            order.known_there = true;
            order.link.clone_from(link);
            order.pay_info.clone_from(pay_info);
            order.parameters.clone_from(parameters);
            order.bridge = *bridge;
            order.gateway_no = gateway_no.clone().or_else(|| order.gateway_no.take());
            if order.gateway_no.is_some() {
                order.attention.remove(&Attention::CannotBeAsked);
            }
            order.newest_report = Some(at);
            if matches!(order.state, State::Drafted | State::Creating | State::CreateUnknown) {
                order.state = State::AwaitingPayment;
            }
        }
        OrderEvent::CreateUnknown { trouble, .. } => {
            order.said_to_create = match trouble {
                NoOutcome::Said(said) => Some(said.reaction),
                NoOutcome::NoAnswer(_) | NoOutcome::Unreadable(_) | NoOutcome::Stopped | NoOutcome::AnotherUnheard => {
                    None
                }
            };
            order.create_lost = true;
            // A contradiction that came before stands.
            if order.state != State::Disputed {
                order.state = State::CreateUnknown;
            }
        }
        OrderEvent::Unpaid(reported) => {
            learn(&mut order, reported, at);
            order.declined = reported.report.declined;
            if order.qr_off.is_some_and(|off| asked(reported, at).boot > off.boot) {
                order.unpaid_after_qr_off = true;
            }
            settle_dispute(&mut order);
            order.state = if order.qr_off.is_some() { State::Expiring } else { State::AwaitingPayment };
        }
        OrderEvent::Paying(reported) => {
            learn(&mut order, reported, at);
            order.declined = false;
            order.unpaid_after_qr_off = false;
            settle_dispute(&mut order);
            order.state = State::Paying;
        }
        OrderEvent::Paid { reported, paid_minor, late, under } => {
            learn(&mut order, reported, at);
            order.gateway_no = under.clone().or(order.gateway_no);
            let amount_minor = order.amount().minor;
            order.payment.get_or_insert(Payment {
                minor: *paid_minor,
                known: at,
                gateway_time: reported.report.paid_at,
                proof: Proof::of(&reported.report, amount_minor),
                parts: reported.report.parts,
            });
            order.late |= *late;
            order.late_after = order.end.take().or(order.late_after);
            settle_dispute(&mut order);
            order.attention.remove(&Attention::CannotBeAsked);
            order.attention.remove(&Attention::ExpiredHere);
            order.attention.remove(&Attention::EndRefused);
            order.attention.remove(&Attention::OpenForAWeek);
            order.state = State::Paid;
        }
        OrderEvent::Ended { state, reason, reported, .. } => {
            if let Some(reported) = reported {
                learn(&mut order, reported, at);
            }
            order.end = Some(End { at, state: *state, reason: *reason });
            settle_dispute(&mut order);
            order.attention.remove(&Attention::CannotBeAsked);
            order.attention.remove(&Attention::EndRefused);
            order.attention.remove(&Attention::OpenForAWeek);
            order.state = *state;
        }
        OrderEvent::SelfContradiction(_) => {
            order.self_contradictions = order.self_contradictions.saturating_add(1);
            order.known_there = true;
            // It speaks of a payment: what confirmed "unpaid" before no longer does.
            order.unpaid_after_qr_off = false;
        }
        OrderEvent::Disputed { reason, reported } => {
            order.newest_report = Some(at);
            order.known_there = true;
            order.qr_off.get_or_insert(at);
            order.unpaid_after_qr_off = false;
            // A number beside what contradicts the order is not adopted (ruling 6).
            let fits = reported.report.contradiction(order.amount().minor).is_none();
            if fits && reported.report.order_no == Stated::Ours {
                order.gateway_no = order.gateway_no.or_else(|| reported.report.number_there().cloned());
            }
            order.dispute = Some(*reason);
            order.attention.insert(Attention::Disputed);
            order.state = State::Disputed;
        }
        OrderEvent::CloseRequested { .. } => {
            order.qr_off.get_or_insert(at);
            order.end_wanted = true;
            order.state = State::Expiring;
        }
        OrderEvent::ReverseRequested { .. } => {
            order.qr_off.get_or_insert(at);
            order.reverse_wanted = true;
            order.end_wanted = true;
            order.state = State::Expiring;
        }
        OrderEvent::CloseAnswered { outcome, said, .. } => {
            order.end_said.clone_from(said);
            count(&mut order.closing, outcome.map(|outcome| outcome != CloseOutcome::Refused));
        }
        OrderEvent::ReverseSent => order.reverse_left = true,
        OrderEvent::ReverseAnswered { outcome, said, .. } => {
            order.end_said.clone_from(said);
            order.closing.turned_down = order.closing.turned_down.saturating_add(u32::from(said.is_some()));
            // Journals from before `reverse_sent` know of a reverse by its answer only.
            order.reverse_left |= *outcome != Some(ReverseOutcome::Refused);
            let taken_on = outcome.map(|outcome| outcome != ReverseOutcome::Refused);
            order.closing.reversed |= taken_on == Some(true);
            count(&mut order.closing, taken_on);
        }
        OrderEvent::GatewayNoNamed { gateway_no, .. } => {
            order.gateway_no = Some(gateway_no.clone());
            order.known_there = true;
            order.attention.remove(&Attention::CannotBeAsked);
        }
        OrderEvent::AttentionRaised { attention, elsewhere } => {
            order.attention.insert(*attention);
            if let Some(back) = elsewhere {
                order.elsewhere.insert(back.refund_no.clone(), back.amount_minor);
            }
        }
        OrderEvent::AttentionCleared { attention } | OrderEvent::AttentionHandled { attention, .. } => {
            order.attention.remove(attention);
            order.dealt_with.insert(*attention, at);
        }
        OrderEvent::RefundRequested { refund } => refund::evolve::requested(&mut order, refund, at),
        OrderEvent::RefundAgain { refund_no, by, second } => {
            refund::evolve::again(&mut order, refund_no, (by, second.as_ref()), at);
        }
        OrderEvent::RefundWithdrawn { refund_no } => refund::evolve::withdrawn(&mut order, refund_no, at),
        OrderEvent::RefundSent { refund_no } => refund::evolve::sent(&mut order, refund_no, at),
        OrderEvent::RefundUnknown { refund_no, trouble, .. } => {
            refund::evolve::unknown(&mut order, refund_no, trouble);
        }
        OrderEvent::RefundProcessing { refund_no, reported } => {
            refund::evolve::learned(&mut order, refund_no, RefundState::Processing, reported, at);
        }
        OrderEvent::RefundSucceeded { refund_no, reported } => {
            refund::evolve::learned(&mut order, refund_no, RefundState::Succeeded, reported, at);
        }
        OrderEvent::RefundFailed { refund_no, reported } => {
            refund::evolve::learned(&mut order, refund_no, RefundState::Failed, reported, at);
        }
        OrderEvent::RefundDisputed { refund_no, .. } => refund::evolve::disputed(&mut order, refund_no, at),
        OrderEvent::MarkedByHand { mark } => mark::marked(&mut order, mark, at),
        OrderEvent::MarkJudged { what, refund_no, verdict } => {
            mark::judged(&mut order, *what, refund_no.as_deref(), *verdict, at);
        }
    }
    Some(order)
}

/// When the question left that `reported` answers, given that the answer arrived at `at`.
fn asked(reported: &Reported, at: Moment) -> Moment {
    at.plus(reported.took.saturating_neg())
}

fn settle_dispute(order: &mut Order) {
    order.dispute = None;
    order.attention.remove(&Attention::Disputed);
}

fn learn(order: &mut Order, reported: &Reported, at: Moment) {
    order.known_there = true;
    order.newest_report = Some(at);
    if let Some(no) = reported.report.number_there() {
        order.gateway_no.get_or_insert_with(|| no.clone());
        order.attention.remove(&Attention::CannotBeAsked);
    }
    if let Some(no) = &reported.report.wallet_no {
        order.wallet_no = Some(no.clone());
    }
}

fn count(closing: &mut Closing, accepted: Option<bool>) {
    closing.tries = closing.tries.saturating_add(1);
    match accepted {
        Some(true) => closing.accepted = true,
        Some(false) => closing.refused = closing.refused.saturating_add(1),
        None => {}
    }
}

/// Nobody at this till can pay it by a code. The gateway knows it, unless it has yet to hear the number that its call is
/// answered with.
fn adopted(draft: &Draft, ordered: Option<&Ordered>, at: Moment) -> Order {
    let (known_there, ordered) = (ordered.is_none(), ordered.cloned());
    Order { state: State::AwaitingPayment, answered: Some(at), known_there, ordered, ..drafted(draft, at) }
}

fn drafted(draft: &Draft, at: Moment) -> Order {
    Order {
        draft: draft.clone(),
        ordered: None,
        seen: 1,
        state: State::Drafted,
        drafted: at,
        answered: None,
        said_to_create: None,
        create_lost: false,
        link: None,
        pay_info: None,
        parameters: None,
        bridge: None,
        reverse_left: false,
        reverse_wanted: false,
        end_wanted: false,
        known_there: false,
        gateway_no: None,
        wallet_no: None,
        qr_off: None,
        unpaid_after_qr_off: false,
        declined: false,
        newest_report: None,
        self_contradictions: 0,
        payment: None,
        late: false,
        late_after: None,
        end: None,
        dispute: None,
        closing: Closing::default(),
        end_said: None,
        attention: BTreeSet::new(),
        refunds: vec![],
        marks: vec![],
        dealt_with: BTreeMap::new(),
        elsewhere: BTreeMap::new(),
    }
}
