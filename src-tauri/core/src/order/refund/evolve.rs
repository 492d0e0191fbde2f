//! Applying events about refunds.

use super::super::event::{NoOutcome, RefundReported};
use super::super::{Attention, Order};
use super::{Refund, RefundDraft, RefundState};
use crate::time::Moment;

pub(in super::super) fn requested(order: &mut Order, draft: &RefundDraft, at: Moment) {
    order.refunds.push(Refund {
        draft: draft.clone(),
        state: RefundState::Requested,
        by: draft.by.clone(),
        second: draft.second.clone(),
        requested: at,
        sent: None,
        sent_again: false,
        unheard: None,
        ended: None,
        gateway_refund_no: None,
        said: None,
        newest_report: None,
        disputed: false,
    });
}

pub(in super::super) fn again(order: &mut Order, refund_no: &str, (by, second): (&str, Option<&String>), at: Moment) {
    let in_the_dark = order.refund(refund_no).is_some_and(|refund| refund.state == RefundState::Unknown);
    change(order, refund_no, |refund| {
        by.clone_into(&mut refund.by);
        refund.second = second.cloned();
        refund.requested = at;
        refund.state = RefundState::Requested;
        refund.ended = None;
        refund.said = None;
        // Nothing was heard of the sending before: it may be on its way as well.
        if in_the_dark {
            refund.unheard = refund.sent;
        }
    });
    no_longer_failed(order);
}

pub(in super::super) fn withdrawn(order: &mut Order, refund_no: &str, at: Moment) {
    change(order, refund_no, |refund| {
        refund.state = RefundState::Withdrawn;
        refund.ended = Some(at);
    });
}

pub(in super::super) fn sent(order: &mut Order, refund_no: &str, at: Moment) {
    change(order, refund_no, |refund| {
        refund.state = RefundState::Sent;
        refund.sent_again = refund.sent.is_some();
        refund.sent = Some(at);
    });
}

pub(in super::super) fn unknown(order: &mut Order, refund_no: &str, trouble: &NoOutcome) {
    change(order, refund_no, |refund| {
        refund.state = RefundState::Unknown;
        refund.said = match trouble {
            NoOutcome::Said(said) => Some(said.clone()),
            NoOutcome::NoAnswer(_) | NoOutcome::Unreadable(_) | NoOutcome::Stopped | NoOutcome::AnotherUnheard => None,
        };
    });
}

/// The gateway's word on a refund.
pub(in super::super) fn learned(
    order: &mut Order,
    refund_no: &str,
    state: RefundState,
    reported: &RefundReported,
    at: Moment,
) {
    let was_disputed = order.refund(refund_no).is_some_and(|refund| refund.disputed);
    change(order, refund_no, |refund| {
        // What only ends a doubt moves no end.
        let ended = refund.ended.filter(|_| refund.state == state).unwrap_or(at);
        refund.state = state;
        refund.newest_report = Some(at);
        refund.ended = state.has_ended().then_some(ended);
        refund.disputed = false;
        refund.said = None;
        if let Some(no) = &reported.report.gateway_refund_no {
            refund.gateway_refund_no.get_or_insert_with(|| no.clone());
        }
    });
    if state == RefundState::Succeeded {
        no_longer_failed(order);
    }
    if was_disputed && !order.refunds.iter().any(|refund| refund.disputed) {
        order.attention.remove(&Attention::RefundDisputed);
    }
}

/// No refund that came to nothing is left for a person: each was sent again, or everything went back. Another refund of the
/// same amount may be for something else: whether it stands for the failed one, a person knows.
fn no_longer_failed(order: &mut Order) {
    let failed = order.refunds.iter().any(|refund| refund.state == RefundState::Failed);
    if order.is_given_back() || !failed {
        order.attention.remove(&Attention::RefundFailed);
    }
}

pub(in super::super) fn disputed(order: &mut Order, refund_no: &str, at: Moment) {
    change(order, refund_no, |refund| {
        refund.disputed = true;
        refund.newest_report = Some(at);
        // One that was wanted again is asked about first.
        let left = refund.state == RefundState::Requested && refund.sent.is_some();
        if left || refund.state == RefundState::Sent {
            refund.state = RefundState::Unknown;
        }
    });
    order.attention.insert(Attention::RefundDisputed);
}

/// Changes one refund; nobody waits for it any more once none is in the dark.
fn change(order: &mut Order, refund_no: &str, with: impl FnOnce(&mut Refund)) {
    if let Some(refund) = order.refunds.iter_mut().find(|refund| refund.no() == refund_no) {
        with(refund);
    }
    let waiting = |refund: &Refund| !refund.state.has_ended();
    if !order.refunds.iter().any(waiting) {
        order.attention.remove(&Attention::RefundUnknown);
    }
}
