//! What to do about an order next, and when. Pure: the poll plan of design.md section 4.

mod refunds;

pub use refunds::{next_refund, refund_due};

use super::asking::{Asking, Ending, Terms};
use super::mark::{ASKED_FOR, HandMark, Marked};
use super::refund::RefundState;
use super::refund::decide::too_long_at;
use super::{Attention, End, Order, State};
use crate::gateway::descriptor::Presented;
use crate::time::{DAY, HOUR, MINUTE, Moment, SECOND};

/// Pauses after an end at which a payment that came late is looked for.
pub const TAIL: [i64; 3] = [30 * MINUTE, 2 * HOUR, 24 * HOUR];

/// Looks after an end and after a mark that fall due closer together than this are one.
const ONE_LOOK: u64 = SECOND.unsigned_abs();
/// A close rests on an answer no older than this.
const FRESH: i64 = 10 * SECOND;
/// The longest pause that errors alone bring about before expiry.
const ERROR_CAP: i64 = 20 * SECOND;
/// How long past expiry a paying customer is not disturbed by a close.
const PATIENCE: i64 = MINUTE;

/// How long a payment that was told without being stated is asked about.
pub const CONFIRMED_WITHIN: i64 = 7 * DAY;

/// Since when a paid order that this run takes up waits for the gateway's own word on its payment. Whether an earlier run had
/// it, the journal does not tell: an answer that confirms is no event.
#[must_use]
pub fn unconfirmed_since(order: &Order, now: Moment) -> Option<Moment> {
    let known = order.payment.as_ref().filter(|_| order.draft.presented == Presented::Elsewhere)?.known;
    (order.state == State::Paid && now.since(known) < CONFIRMED_WITHIN).then_some(now)
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Send the one create.
    SendCreate,
    /// The expiry has come: take the code off.
    Expire,
    /// Close it at the gateway.
    Close,
    /// Commit to a reverse: it may leave once that is durable.
    SendReverse,
    /// Reverse it at the gateway.
    Reverse,
    /// Send the refund that is to leave next.
    SendRefund,
    /// Ask the gateway about the refund whose turn it is.
    AskRefund,
    /// Ask the gateway.
    Ask,
    /// Look whether time alone changes something.
    Settle,
}

/// A step and the boot time at which it is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// Boot microseconds; may lie in the past.
    pub at: i64,
    /// What.
    pub step: Step,
}

/// The next step of an order that has nothing in flight.
#[must_use]
pub fn next_due(order: &Order, asking: &Asking, terms: &Terms, now: Moment) -> Option<Due> {
    let refund = next_refund(order, asking, now).map(|(_, due)| due);
    let steps = [refund, person_for_refunds(order, asking), of_the_order(order, asking, terms, now)];
    steps.into_iter().flatten().min_by_key(|due| (due.at.max(now.boot), due.step))
}

/// A person is told in time, however long the pauses between the questions have become.
fn person_for_refunds(order: &Order, asking: &Asking) -> Option<Due> {
    let unsaid = !order.attention.contains(&Attention::RefundUnknown);
    let at = too_long_at(order, asking).filter(|_| unsaid)?;
    Some(Due { at, step: Step::Settle })
}

fn of_the_order(order: &Order, asking: &Asking, terms: &Terms, now: Moment) -> Option<Due> {
    match order.state {
        State::Drafted => Some(Due { at: now.boot, step: Step::SendCreate }),
        State::Creating => None,
        State::Paid => wanted(order, asking, terms, now)
            .or_else(|| before_refunds(order, asking, terms, now))
            .or_else(|| confirmation(order, asking, terms, now))
            .or_else(|| after_a_reverse(order, asking, terms))
            .or_else(|| after_a_mark(order, asking, terms)),
        State::Closed | State::Failed | State::Reversed => {
            let looks = || one_look(tail(order, asking, terms), after_a_mark(order, asking, terms), now);
            wanted(order, asking, terms, now).or_else(looks)
        }
        State::CreateUnknown | State::AwaitingPayment | State::Paying | State::Expiring | State::Disputed => {
            let steps = [expiry(order, terms), close(order, asking, terms, now), ask(order, asking, terms, now)];
            steps.into_iter().flatten().min_by_key(|due| (due.at.max(now.boot), due.step))
        }
    }
}

/// Whether the gateway can be asked about this order at all.
#[must_use]
pub fn askable(order: &Order, terms: &Terms) -> bool {
    terms.asked_by_our_number || order.gateway_no.is_some()
}

fn wanted(order: &Order, asking: &Asking, terms: &Terms, now: Moment) -> Option<Due> {
    let at = asking.not_before.map_or(now.boot, |patience| patience.max(now.boot));
    (asking.wanted && askable(order, terms)).then_some(Due { at, step: Step::Ask })
}

fn expiry(order: &Order, terms: &Terms) -> Option<Due> {
    let stuck = !order.state.can_be_asked_about(terms.asked_by_our_number, order.gateway_no.as_deref());
    let expires = order.qr_off.is_none() && order.state != State::Disputed && !stuck;
    expires.then(|| Due { at: order.expires().boot, step: Step::Expire })
}

fn ask(order: &Order, asking: &Asking, terms: &Terms, now: Moment) -> Option<Due> {
    if !askable(order, terms) {
        return None;
    }
    let planned = match asking.last_sent {
        Some(sent) if !asking.wanted => sent.boot.saturating_add(pause(order, asking, terms, sent)),
        Some(_) | None if asking.wanted => now.boot,
        // The create's answer was a verified look at the order: the first pause runs from it. A payment code keeps its rhythm
        // from the charge on, whatever was heard of that (ruling 14): the first of six questions comes after the first pause.
        Some(_) | None => {
            let charged = (order.draft.presented == Presented::Consumer).then_some(order.drafted);
            let from = order.answered.or(charged);
            from.map_or(now.boot, |from| from.boot.saturating_add(pause(order, asking, terms, from)))
        }
    };
    let at = asking.not_before.map_or(planned, |patience| planned.max(patience));
    Some(Due { at, step: Step::Ask })
}

fn close(order: &Order, asking: &Asking, terms: &Terms, now: Moment) -> Option<Due> {
    let (ending, floor) = terms.ending(order)?;
    let by_code = order.draft.presented == Presented::Consumer;
    let off = order.qr_off?.boot;
    // A payment code is on no screen: an answer that put it in doubt shortens nothing of its rhythm (ruling 14).
    let off = if by_code && !order.end_wanted { off.max(order.expires().boot) } else { off };
    // Whoever sent a code may be charged for as long as nothing ends it: a gateway that says nothing of it is no reason to wait (ruling
    // 14). A close takes nothing from whoever paid, so it leaves whenever its floor lets it. A reverse takes the payment back: it leaves
    // while the customer waits here; later, and in another run, the customer may have paid and gone.
    let here_until = match ending {
        Ending::Close => i64::MAX,
        Ending::Reverse => order.expires().boot.saturating_add(PATIENCE),
    };
    let ends_in_vain = by_code
        && match ending {
            Ending::Close => !is_not_known_there(asking),
            Ending::Reverse => asking.charged && now.boot <= here_until,
        };
    if order.state == State::Disputed || !(order.known_there || ends_in_vain) {
        return None;
    }
    let mut at = order.there_since().boot.saturating_add(floor).max(off);
    if order.state == State::Paying && is_patient(order, terms) {
        at = at.max(order.expires().boot.saturating_add(PATIENCE));
    }
    if let Some(sent) = asking.close_sent {
        let doubled = 5_i64.saturating_mul(1_i64.checked_shl(asking.closes.min(10)).unwrap_or(i64::MAX));
        let again = doubled.saturating_mul(SECOND).min(5 * MINUTE).max(planned_pause(order, terms, sent));
        at = at.max(sent.boot.saturating_add(again));
    }
    let at = at.max(now.boot);
    // A close rests on a fresh answer: ask first, at once unless the gateway has been silent.
    let asked_since_off = asking.answered_question.is_some_and(|asked| asked.boot >= off);
    let fresh = asked_since_off && asking.answered.is_some_and(|answered| at.saturating_sub(answered.boot) <= FRESH);
    let at = if fresh { at } else { asking.not_before.map_or(at, |patience| patience.max(at)) };
    let asked_in_vain = ends_in_vain && at <= here_until && asking.last_left.is_some_and(|left| left.boot >= off);
    // A question that is still wanted goes before: what came last may have said paid, and not quite well enough.
    if (fresh || asked_in_vain) && !asking.wanted {
        let step = match ending {
            Ending::Close => Step::Close,
            Ending::Reverse if order.reverse_left => Step::Reverse,
            Ending::Reverse => Step::SendReverse,
        };
        return Some(Due { at, step });
    }
    let silent = asking.unanswered > 0 || asking.not_before.is_some();
    (!silent).then_some(Due { at, step: Step::Ask })
}

/// The newest question was answered with "no such order".
fn is_not_known_there(asking: &Asking) -> bool {
    asking.not_found.is_some_and(|answers| asking.last_left.is_none_or(|left| left.boot <= answers.last.boot))
}

/// The till goes on asking whether the gateway knows what two people marked, after the first day once a day. A gateway without a
/// word for what went back has nothing to say of that.
fn after_a_mark(order: &Order, asking: &Asking, terms: &Terms) -> Option<Due> {
    let told = |mark: &HandMark| match mark.what {
        Marked::Paid => true,
        Marked::Refunded => terms.tells_refunded,
    };
    let open = order.open_marks().filter(|open| open.mark.refund_no.is_none() && told(&open.mark));
    let marked = open.map(|open| open.at.boot).max()?;
    let asked_until = asking.last_sent.map_or(marked, |sent| sent.boot.max(marked));
    let look = TAIL.into_iter().map(|after| marked.saturating_add(after)).find(|at| *at > asked_until);
    let look = look.unwrap_or_else(|| asked_until.saturating_add(DAY));
    let again = look_again(asking).filter(|at| *at < marked.saturating_add(7 * DAY));
    let at = again.map_or(look, |again| again.min(look));
    let at = asking.not_before.map_or(at, |patience| patience.max(at));
    let within = at < marked.saturating_add(ASKED_FOR);
    (within && askable(order, terms)).then_some(Due { at, step: Step::Ask })
}

/// What waits for an answer is not kept waiting for long.
fn before_refunds(order: &Order, asking: &Asking, terms: &Terms, now: Moment) -> Option<Due> {
    let waits = asking.look_before_refunds && order.refunds.iter().any(|refund| refund.state == RefundState::Requested);
    let at = asking.last_sent.map_or(now.boot, |sent| sent.boot.saturating_add(before_a_look(asking)));
    let at = asking.not_before.map_or(at, |patience| patience.max(at));
    (waits && askable(order, terms)).then_some(Due { at, step: Step::Ask })
}

/// A payment that was told without being stated is asked about until the gateway has answered, for a week at most.
fn confirmation(order: &Order, asking: &Asking, terms: &Terms, now: Moment) -> Option<Due> {
    let told = asking.unconfirmed_since?;
    let at = asking.last_sent.map_or(now.boot, |sent| sent.boot.saturating_add(before_a_look(asking)));
    let at = asking.not_before.map_or(at, |patience| patience.max(at));
    let within = at < told.boot.saturating_add(CONFIRMED_WITHIN);
    (within && askable(order, terms)).then_some(Due { at, step: Step::Ask })
}

/// A reverse that may still be on its way could take a payment back that was seen after it had left: such an order is looked
/// after for a day, and once by each run that finds it: no look of the run before is known to have been answered.
fn after_a_reverse(order: &Order, asking: &Asking, terms: &Terms) -> Option<Due> {
    let known = order.payment.as_ref().filter(|_| order.reverse_left)?.known.boot;
    let asked_until = asking.last_sent.map_or(known, |sent| sent.boot.max(known));
    let look =
        std::iter::once(MINUTE).chain(TAIL).map(|after| known.saturating_add(after)).find(|at| *at > asked_until);
    let again = look_again(asking).filter(|at| *at < known.saturating_add(7 * DAY));
    let at = [look, again].into_iter().flatten().min()?;
    let at = asking.not_before.map_or(at, |patience| patience.max(at));
    askable(order, terms).then_some(Due { at, step: Step::Ask })
}

fn one_look(tail: Option<Due>, of_the_mark: Option<Due>, now: Moment) -> Option<Due> {
    match (tail, of_the_mark) {
        (Some(one), Some(other)) if one.step == other.step && one.at.abs_diff(other.at) < ONE_LOOK => {
            // The later one: it answers for both.
            Some(if one.at > other.at { one } else { other })
        }
        _ => [tail, of_the_mark].into_iter().flatten().min_by_key(|due| (due.at.max(now.boot), due.step)),
    }
}

fn tail(order: &Order, asking: &Asking, terms: &Terms) -> Option<Due> {
    let end = order.end?;
    let asked_until = asking.last_sent.map_or(end.at.boot, |sent| sent.boot);
    let look = TAIL.into_iter().map(|after| end.at.boot.saturating_add(after)).find(|at| *at > asked_until);
    let again = look_again(asking).filter(|at| *at < end.at.boot.saturating_add(7 * DAY));
    match [look, again].into_iter().flatten().min() {
        // Looks that fell into the time before this run are made up for by the one at launch.
        Some(at) if askable(order, terms) => Some(Due { at, step: Step::Ask }),
        Some(_) | None => order
            .attention
            .contains(&Attention::ExpiredHere)
            .then(|| Due { at: tail_over(order, asking, terms, end), step: Step::Settle }),
    }
}

/// When nothing more is to be expected of an order that ended here: a day after its end, once a look that left by then was
/// answered; without an answer a week after.
#[must_use]
pub(super) fn tail_over(order: &Order, asking: &Asking, terms: &Terms, end: End) -> i64 {
    let day = end.at.boot.saturating_add(DAY);
    let answered = asking.answered_question.into_iter().chain(asking.not_found.map(|answers| answers.last));
    let looked = !askable(order, terms) || answered.map(|at| at.boot).any(|at| at >= day);
    if looked { day } else { end.at.boot.saturating_add(7 * DAY) }
}

/// A look that was not answered has not been taken: a payment could hide behind it. "No such order" is an answer here.
fn look_again(asking: &Asking) -> Option<i64> {
    let sent = asking.last_sent.filter(|_| asking.unanswered > 0)?;
    if asking.not_found.is_some_and(|answers| answers.last.boot >= sent.boot) {
        return None;
    }
    let at = sent.boot.saturating_add(before_a_look(asking));
    Some(asking.not_before.map_or(at, |patience| patience.max(at)))
}

/// The pause before another look: a minute, doubled by each question in a row that was not answered, up to an hour.
fn before_a_look(asking: &Asking) -> i64 {
    let doubled = MINUTE.saturating_mul(1_i64.checked_shl(asking.unanswered.min(7)).unwrap_or(i64::MAX));
    doubled.min(HOUR)
}

/// The pause after a question that left at `sent`, microseconds, jitter and errors counted in.
#[must_use]
pub fn pause(order: &Order, asking: &Asking, terms: &Terms, sent: Moment) -> i64 {
    let base = planned_pause(order, terms, sent);
    // A payment code's rhythm is the gateway's own: it does not slow down on errors, and nothing is added or taken (ruling 14).
    let keeps_time = order.draft.presented == Presented::Consumer && sent.boot < order.expires().boot;
    if keeps_time {
        return base;
    }
    let grown = match asking.unanswered {
        0 => base,
        failures => {
            let doubled = base.saturating_mul(1_i64.checked_shl(failures.min(16)).unwrap_or(i64::MAX));
            doubled.min(ERROR_CAP).max(base)
        }
    };
    let permille = 900_i64.saturating_add(i64::from(asking.jitter_permille.min(1_000)) / 5);
    grown.saturating_mul(permille) / 1_000
}

/// Whether "paying" is worth waiting for: not where it is said from the beginning, and not where a payment code's own rhythm
/// has ended.
fn is_patient(order: &Order, terms: &Terms) -> bool {
    terms.plan.paying_ms.is_some() && order.draft.presented == Presented::Merchant
}

fn planned_pause(order: &Order, terms: &Terms, sent: Moment) -> i64 {
    let millis = |ms: u32| i64::from(ms).saturating_mul(1_000);
    let past_expiry = sent.boot.saturating_sub(order.expires().boot);
    if past_expiry < 0 || (order.state == State::Paying && is_patient(order, terms) && past_expiry < PATIENCE) {
        if let Some(poll) = terms.poll {
            return poll;
        }
        let young = sent.since(order.drafted) < i64::from(terms.plan.young_s).saturating_mul(SECOND);
        return match terms.plan.paying_ms.filter(|_| order.state == State::Paying) {
            Some(paying) => millis(paying),
            None if young => millis(terms.plan.young_ms),
            None => millis(terms.plan.later_ms),
        };
    }
    if past_expiry < DAY {
        // As long as it has been expired, so that each pause doubles the time: 5 s, 10 s, 20 s ... 5 minutes.
        past_expiry.clamp(5 * SECOND, 5 * MINUTE)
    } else if past_expiry < 7 * DAY {
        HOUR
    } else {
        DAY
    }
}
