//! The rhythm of refunds: sent as soon as they can be, asked for until the gateway has said how they ended.

use super::{Due, Step};
use crate::order::Order;
use crate::order::asking::{Asking, RefundAsking};
use crate::order::refund::{Refund, RefundState, may_leave};
use crate::time::{DAY, HOUR, MINUTE, Moment, SECOND};

/// The first pause after a sending or a question.
const SOON: i64 = 2 * SECOND;

/// The refund whose turn it is, and what is to be done about it when.
#[must_use]
pub fn next_refund<'a>(order: &'a Order, asking: &Asking, now: Moment) -> Option<(&'a Refund, Due)> {
    let held = |refund: &Refund| asking.look_before_refunds && refund.state == RefundState::Requested;
    let due = |refund: &'a Refund| Some((refund, refund_due(order, refund, asking.refunds.get(refund.no()), now)?));
    order
        .refunds
        .iter()
        .filter(|refund| !held(refund))
        .filter_map(due)
        .min_by_key(|(_, due)| (due.at.max(now.boot), due.step))
}

/// What is to be done about one refund of `order`, and when. None leaves while its order is disputed, or another is.
#[must_use]
pub fn refund_due(order: &Order, refund: &Refund, memory: Option<&RefundAsking>, now: Moment) -> Option<Due> {
    let not_before = memory.and_then(|memory| memory.not_before).unwrap_or(i64::MIN);
    match refund.state {
        RefundState::Requested if may_leave(order, refund) => {
            Some(Due { at: now.boot.max(not_before), step: Step::SendRefund })
        }
        RefundState::Processing | RefundState::Unknown => {
            let asked = memory.and_then(|memory| memory.last_sent);
            let at = match (asked, refund.sent) {
                (Some(asked), Some(sent)) if asked.boot >= sent.boot => asked.boot.saturating_add(pause(sent, asked)),
                // Nothing is known of it in this run, or since it left: it is asked for soon.
                (Some(_) | None, Some(sent)) => sent.boot.saturating_add(SOON),
                (Some(_) | None, None) => now.boot,
            };
            Some(Due { at: at.max(not_before), step: Step::AskRefund })
        }
        // One that an answer contradicts is asked about until another ends the doubt.
        RefundState::Succeeded | RefundState::Failed if refund.disputed => {
            let asked = memory.and_then(|memory| memory.last_sent).zip(refund.sent);
            let at = asked.map_or(now.boot, |(asked, sent)| asked.boot.saturating_add(pause(sent, asked)));
            Some(Due { at: at.max(not_before), step: Step::AskRefund })
        }
        RefundState::Requested
        | RefundState::Sent
        | RefundState::Succeeded
        | RefundState::Failed
        | RefundState::Withdrawn => None,
    }
}

/// As long as it has been under way, so that each pause doubles the time, up to 5 minutes; hourly after a day, daily after a week.
fn pause(sent: Moment, asked: Moment) -> i64 {
    let under_way = asked.since(sent);
    if under_way < DAY {
        under_way.clamp(SOON, 5 * MINUTE)
    } else if under_way < 7 * DAY {
        HOUR
    } else {
        DAY
    }
}
