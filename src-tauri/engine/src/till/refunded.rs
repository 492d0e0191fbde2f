//! Pictures of refunds and of what was marked by hand.

use super::commit::rfc3339;
use super::life::Published;
use super::show::mark;
use crate::view::BackElsewhere;
use crate::view::refunds::{ByHandView, RefundView, Refundable};
use till_core::gateway;
use till_core::money::Money;
use till_core::order::Order;
use till_core::order::asking::RefundAsking;
use till_core::order::due::refund_due;
use till_core::order::mark::{ByHand, Marked, may_mark};
use till_core::order::refund::{
    Refund, RefundState, lines_left, may_be_made_anew, may_send_again, may_withdraw, refundable,
};
use till_core::time::Moment;

/// An order's refunds, with what the poller remembers of them.
pub(super) fn refunds_shown(published: &Published, now: Moment) -> Vec<RefundView> {
    let (order, offer) = (&published.order, published.terms.refunds.as_ref());
    let shown = |refund: &Refund| {
        let memory = published.asking.refunds.get(refund.no());
        let view = refund_view(order, refund, memory, published.offset_minutes, now);
        let trouble = published.refund_troubles.get(refund.no()).filter(|_| refund.is_open());
        RefundView {
            trouble: trouble.cloned(),
            can_send_again: Some(may_send_again(order, offer, memory, refund.no())),
            ..view
        }
    };
    order.refunds.iter().map(shown).collect()
}

/// A refund as `--json` prints it. `offset_minutes` is the place's at the order's draft.
pub(crate) fn refund_view(
    order: &Order,
    refund: &Refund,
    memory: Option<&RefundAsking>,
    offset_minutes: i16,
    now: Moment,
) -> RefundView {
    let at = |wall: i64| rfc3339(wall, offset_minutes);
    let currency = order.amount().currency;
    // Of one that is to be sent once more the last word on the sendings before does not speak.
    let until = memory.and_then(|memory| memory.may_succeed_until).filter(|until| until.boot > now.boot);
    let until = until.filter(|_| matches!(refund.state, RefundState::Unknown | RefundState::Processing));
    let descriptor = gateway::named(&order.draft.gateway).map(gateway::Gateway::descriptor);
    let offer = descriptor.and_then(|descriptor| descriptor.refunds.as_ref());
    let failed = refund.state == RefundState::Failed;
    let next = refund_due(order, refund, memory, now).map(|due| now.plus(due.at.saturating_sub(now.boot).max(0)).wall);
    RefundView {
        refund_no: refund.no().to_owned(),
        order_no: order.no().to_owned(),
        account: order.draft.account.clone(),
        channel: order.draft.channel.clone(),
        amount: Money { minor: refund.draft.amount_minor, currency }.to_string(),
        amount_minor: refund.draft.amount_minor,
        currency: currency.code().to_owned(),
        state: refund.state,
        reason: refund.draft.reason.clone(),
        by: refund.by.clone(),
        second: refund.second.clone(),
        items: refund.draft.items.iter().map(Into::into).collect(),
        gateway_refund_no: refund.gateway_refund_no.clone(),
        said: refund.said.clone(),
        requested_at: at(refund.requested.wall),
        sent_at: refund.sent.map(|sent| at(sent.wall)),
        ended_at: refund.ended.map(|ended| at(ended.wall)),
        may_succeed_until: until.map(|until| at(until.wall)),
        next_query_at: next.map(at),
        unanswered: memory.map_or(0, |memory| memory.unanswered),
        trouble: None,
        // Of any other one a running till knows more than its events.
        can_send_again: failed.then(|| may_send_again(order, offer, None, refund.no())),
        can_be_made_anew: may_be_made_anew(order, offer, refund.no()),
        can_withdraw: may_withdraw(refund),
        can_be_marked: may_mark(order, Marked::Refunded, refund.draft.amount_minor, Some(refund.no())),
        mark: mark(order.draft.mark.as_deref()),
        by_hand: order.marks_of_refund_in_words(refund.no()),
    }
}

/// What can still go back.
pub(super) fn refundable_shown(published: &Published) -> Refundable {
    let (order, offer) = (&published.order, published.terms.refunds.as_ref());
    let left = offer.map_or_else(|| order.left_minor(), |offer| order.left_for_new(offer));
    let descriptor = gateway::named(&order.draft.gateway).map(gateway::Gateway::descriptor);
    let money = |minor: i64| Money { minor, currency: order.amount().currency }.to_string();
    let unmarked = order.elsewhere_unmarked_minor();
    Refundable {
        left: money(left),
        left_minor: left,
        reserved_minor: order.reserved_minor(),
        by_hand_minor: order.by_hand_minor(),
        kept_minor: offer.map_or(0, |offer| order.kept_minor(offer)),
        markable: money(order.left_minor()),
        by_lines: offer.is_some_and(|offer| offer.by_lines),
        reason_limit: offer.map_or(0, |offer| u32::try_from(offer.reason_limit).unwrap_or(u32::MAX)),
        lines: lines_left(order).iter().map(Into::into).collect(),
        not: refundable(order, offer).err(),
        elsewhere: descriptor.and_then(|descriptor| descriptor.refunds_elsewhere).map(Into::into),
        elsewhere_unmarked: (unmarked > 0).then(|| money(unmarked)),
    }
}

/// What notices told of refunds that are none of the till's.
pub(super) fn elsewhere_shown(order: &Order) -> Vec<BackElsewhere> {
    let currency = order.amount().currency;
    let shown = |(refund_no, minor): (&String, &i64)| BackElsewhere {
        refund_no: refund_no.clone(),
        amount: Money { minor: *minor, currency }.to_string(),
        amount_minor: *minor,
    };
    order.elsewhere.iter().map(shown).collect()
}

/// A mark and what became of it. `offset_minutes` is the place's at the order's draft.
pub(crate) fn by_hand_shown(order: &Order, by_hand: &ByHand, offset_minutes: i16) -> ByHandView {
    ByHandView {
        what: by_hand.mark.what,
        amount: Money { minor: by_hand.mark.amount_minor, currency: order.amount().currency }.to_string(),
        refund_no: by_hand.mark.refund_no.clone(),
        note: by_hand.mark.note.clone(),
        by: by_hand.mark.by.clone(),
        second: by_hand.mark.second.clone(),
        at: rfc3339(by_hand.at.wall, offset_minutes),
        verdict: by_hand.verdict,
    }
}
