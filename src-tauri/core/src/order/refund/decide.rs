//! Deciding about refunds: what a wish, an answer or time does to them.

use super::super::asking::{Asking, RefundAsking, Terms, Worth};
use super::super::decide::{Evidence, raise};
use super::super::event::{NoOutcome, OrderEvent, RefundReported, Tally};
use super::super::evolve::evolve;
use super::super::mark::{Marked, Verdict, judge};
use super::super::{Attention, Order};
use super::{Refund, RefundDraft, RefundState, may_leave, may_refund, may_send_again, may_withdraw};
use crate::gateway::descriptor::RefundOffer;
use crate::gateway::refund::{RefundReport, RefundState as Word};
use crate::gateway::{Read, Unreadable};
use crate::time::{DAY, MINUTE, Moment};

/// After this time without an outcome a person is told.
const LONG_UNKNOWN: i64 = 10 * MINUTE;
/// From so many answers of "no such refund" on a person is told before that: only a person sends it again.
const NOT_THERE: u32 = 3;
/// After this time a refund that the gateway took on and did not finish is a person's business too.
const LONG_PROCESSING: i64 = 7 * DAY;
/// So many answers in a row that nothing can rest on are no slip.
const UNUSABLE: u32 = 3;

pub(in super::super) fn request(
    order: &Order,
    offer: Option<&RefundOffer>,
    draft: Box<RefundDraft>,
) -> Vec<OrderEvent> {
    let fresh = order.refund(&draft.refund_no).is_none();
    if fresh && may_refund(order, offer, &draft).is_ok() {
        vec![OrderEvent::RefundRequested { refund: draft }]
    } else {
        vec![]
    }
}

/// Once more under its number, as its gateway permits.
pub(in super::super) fn again(
    order: &Order,
    offer: Option<&RefundOffer>,
    asking: Option<&RefundAsking>,
    refund_no: String,
    by: String,
    second: Option<String>,
) -> Vec<OrderEvent> {
    if may_send_again(order, offer, asking, &refund_no) {
        vec![OrderEvent::RefundAgain { refund_no, by, second }]
    } else {
        vec![]
    }
}

/// Nothing of it ever left, and nothing will.
pub(in super::super) fn withdraw(order: &Order, refund_no: String) -> Vec<OrderEvent> {
    let held = order.refund(&refund_no).is_some_and(may_withdraw);
    if held { vec![OrderEvent::RefundWithdrawn { refund_no }] } else { vec![] }
}

pub(in super::super) fn send(order: &Order, refund_no: String) -> Vec<OrderEvent> {
    let due = order.refund(&refund_no).is_some_and(|refund| may_leave(order, refund));
    if due { vec![OrderEvent::RefundSent { refund_no }] } else { vec![] }
}

/// The till stopped while answers were awaited.
pub(in super::super) fn stopped(order: &Order) -> Vec<OrderEvent> {
    let sent = order.refunds.iter().filter(|refund| refund.state == RefundState::Sent);
    sent.map(|refund| unknown(refund, NoOutcome::Stopped, None)).collect()
}

fn unknown(refund: &Refund, trouble: NoOutcome, raw: Option<String>) -> OrderEvent {
    OrderEvent::RefundUnknown { refund_no: refund.no().to_owned(), trouble, raw }
}

/// The answer to the sending of a refund. An error code, signed or not, ends nothing: it may have been carried out.
pub(in super::super) fn answered(
    order: &Order,
    tally: Tally,
    refund_no: &str,
    read: Read<RefundReport>,
    evidence: &Evidence,
    now: Moment,
) -> Vec<OrderEvent> {
    let Some(refund) = order.refund(refund_no) else { return vec![] };
    let trouble = match read {
        Read::Means(report) => {
            // It states a success without what proves it.
            let lacks = report.shortcoming().unwrap_or(Unreadable::NoState);
            let events = reported(order, tally, refund_no, report, evidence, now);
            if !events.is_empty() || refund.state != RefundState::Sent {
                return events;
            }
            NoOutcome::Unreadable(lacks)
        }
        Read::Says(said) => NoOutcome::Said(said),
        Read::Unreadable(why) => NoOutcome::Unreadable(why),
    };
    unanswered(order, refund_no, trouble, evidence.raw.clone())
}

pub(in super::super) fn unanswered(
    order: &Order,
    refund_no: &str,
    trouble: NoOutcome,
    raw: Option<String>,
) -> Vec<OrderEvent> {
    let refund = order.refund(refund_no).filter(|refund| refund.state == RefundState::Sent);
    refund.map(|refund| unknown(refund, trouble, raw)).into_iter().collect()
}

/// What a verified answer does to a refund.
pub(in super::super) fn reported(
    order: &Order,
    tally: Tally,
    refund_no: &str,
    report: RefundReport,
    evidence: &Evidence,
    now: Moment,
) -> Vec<OrderEvent> {
    let Some(refund) = order.refund(refund_no) else { return vec![] };
    // A question that left before the refund did, or before the newest answer came, knows less than the till does.
    let known_since = refund.newest_report.into_iter().chain(refund.sent).map(|at| at.boot).max();
    if refund.sent.is_none() || known_since.is_some_and(|known| evidence.asked.boot < known) {
        return vec![];
    }
    let (amount_minor, refund_no) = (refund.draft.amount_minor, refund_no.to_owned());
    let (said, contradicts, proven) = (report.state, report.contradicts(amount_minor), report.is_ours(amount_minor));
    let reported =
        Box::new(RefundReported { report, took: now.since(evidence.asked), raw: evidence.raw.clone(), tally });
    if contradicts {
        let known = refund.disputed;
        return if known { vec![] } else { vec![OrderEvent::RefundDisputed { refund_no, reported }] };
    }
    match (said, refund.state) {
        // What contradicts nothing ends the doubt, news or none.
        (Word::Processing, RefundState::Processing) if refund.disputed => {
            and_still_beyond(order, OrderEvent::RefundProcessing { refund_no, reported }, now)
        }
        // Wanted again, it turns out to have arrived the first time.
        (Word::Processing, RefundState::Sent | RefundState::Unknown | RefundState::Requested) => {
            and_still_beyond(order, OrderEvent::RefundProcessing { refund_no, reported }, now)
        }
        (Word::Succeeded, state) if proven && (refund.disputed || state != RefundState::Succeeded) => {
            succeeded(order, refund, reported, now)
        }
        (Word::Failed, RefundState::Failed) if proven && refund.disputed => {
            and_still_beyond(order, OrderEvent::RefundFailed { refund_no, reported }, now)
        }
        (Word::Failed, RefundState::Sent | RefundState::Processing | RefundState::Unknown) if proven => {
            let judged = judge(order, Marked::Refunded, Some(&refund_no), Verdict::Contradicted);
            let mut events = and_still_beyond(order, OrderEvent::RefundFailed { refund_no, reported }, now);
            events.extend(raise(order, Attention::RefundFailed));
            events.extend(judged);
            events
        }
        (Word::Failed, RefundState::Succeeded) if proven => raise(order, Attention::RefundDisputed),
        (
            Word::Processing | Word::Succeeded | Word::Failed,
            RefundState::Requested
            | RefundState::Sent
            | RefundState::Processing
            | RefundState::Succeeded
            | RefundState::Failed
            | RefundState::Unknown
            | RefundState::Withdrawn,
        ) => vec![],
    }
}

/// A word on a refund. The doubt that it ends may stand for other refunds as well: where all of them are more than was paid, it
/// is raised again, unless a person has dealt with it.
fn and_still_beyond(order: &Order, event: OrderEvent, now: Moment) -> Vec<OrderEvent> {
    let stood = order.attention.contains(&Attention::RefundDisputed);
    let after = evolve(Some(order.clone()), &event, now).filter(|after| stood && after.beyond_paid_minor() > 0);
    let mut events = vec![event];
    events.extend(after.iter().flat_map(|after| raise(after, Attention::RefundDisputed)));
    events
}

/// Where everything went back, what a payment too many or too late called for is done. More than was paid went back only
/// where the gateway had said before that it had not, or by refunds of others: a person's business, until they have dealt with it.
fn succeeded(order: &Order, refund: &Refund, reported: Box<RefundReported>, now: Moment) -> Vec<OrderEvent> {
    let event = OrderEvent::RefundSucceeded { refund_no: refund.no().to_owned(), reported };
    let after = evolve(Some(order.clone()), &event, now);
    let mut events = vec![event];
    events.extend(judge(order, Marked::Refunded, Some(refund.no()), Verdict::Confirmed));
    let Some(after) = after else { return events };
    if after.is_given_back() {
        let done = order.attention.iter().filter(|attention| attention.ends_by_full_refund());
        events.extend(done.map(|attention| OrderEvent::AttentionCleared { attention: *attention }));
    }
    let stood = order.attention.contains(&Attention::RefundDisputed);
    let beyond = after.beyond_paid_minor();
    if beyond > order.beyond_paid_minor() || (stood && beyond > 0) {
        events.extend(raise(&after, Attention::RefundDisputed));
    }
    events
}

/// A refund whose end has been waited for too long, or that its gateway does not know and nothing but a person moves on, unless a
/// person has dealt with that since it left.
pub(in super::super) fn settle(order: &Order, asking: &Asking, terms: &Terms, now: Moment) -> Vec<OrderEvent> {
    let not_there = |refund: &Refund| {
        let memory = asking.refunds.get(refund.no()).filter(|memory| memory.not_there >= NOT_THERE);
        refund.state == RefundState::Unknown
            && memory.is_some()
            && may_send_again(order, terms.refunds.as_ref(), memory, refund.no())
            && refund.sent.is_some_and(|sent| is_open_since(order, sent))
    };
    let needs_a_person =
        order.refunds.iter().any(not_there) || too_long_at(order, asking).is_some_and(|at| at <= now.boot);
    if needs_a_person { raise(order, Attention::RefundUnknown) } else { vec![] }
}

/// No person has dealt with it since then.
fn is_open_since(order: &Order, since: Moment) -> bool {
    order.dealt_with.get(&Attention::RefundUnknown).is_none_or(|dealt_with| dealt_with.boot < since.boot)
}

/// The boot time from which on the end of a refund has been waited for too long, as things stand.
pub(in super::super) fn too_long_at(order: &Order, asking: &Asking) -> Option<i64> {
    // Whatever its gateway says of it, the till cannot tell how it stands. What the runs before heard is not known: in one whose
    // verified reports are worth nothing a single one of them is enough.
    let is_unusable = |refund: &Refund| {
        let memory = asking.refunds.get(refund.no());
        memory.is_some_and(|memory| memory.unusable >= UNUSABLE || memory.worth == Some(Worth::Nothing))
    };
    let too_long = |refund: &Refund| {
        let (since, patience) = match refund.state {
            // It could not be sent at all.
            RefundState::Requested => (Some(refund.requested), LONG_UNKNOWN),
            RefundState::Unknown => (refund.sent, LONG_UNKNOWN),
            RefundState::Processing if is_unusable(refund) => (refund.sent, LONG_UNKNOWN),
            RefundState::Processing => (refund.sent, LONG_PROCESSING),
            RefundState::Sent | RefundState::Succeeded | RefundState::Failed | RefundState::Withdrawn => return None,
        };
        since.filter(|since| is_open_since(order, *since)).map(|since| since.boot.saturating_add(patience))
    };
    order.refunds.iter().filter_map(too_long).min()
}
