//! Customers who want to know, and notifications that have the gateway asked, at their order's task: one question for all of them, a
//! while after the last one.

use super::{Life, Met};
use till_core::order::State;
use till_core::time::{Moment, SECOND};
use tokio::sync::oneshot;

/// They have the gateway asked this long after the last question at the earliest.
const SPACING: i64 = 2 * SECOND;
/// So many notifications in a row have the gateway asked at once.
const AT_ONCE: i64 = 3;

/// Somebody wants to know, and no question is known to have left since.
pub(super) struct Wish {
    /// When that was wanted last.
    pressed: Moment,
    /// One waits for the answer, and since when. All others look again by themselves: a hurry takes no more of the receiver's places.
    waits: Option<(Moment, oneshot::Sender<Met>)>,
}

impl Life {
    /// Keeps a customer's wish until a question answers it.
    pub(super) fn customer_wants_to_know(&mut self, pressed: Moment, done: oneshot::Sender<Met>) {
        let waits = match self.wish.take().and_then(|wish| wish.waits) {
            Some((since, first)) if !first.is_closed() => (since, first),
            Some(_) | None => (pressed, done),
        };
        self.wish = Some(Wish { pressed, waits: Some(waits) });
    }

    /// Has the gateway asked because a notification of it says nothing that counts: at once, however lately a question left. Where
    /// that is sent over and over, those beyond a few wait as customers do.
    pub(super) fn asks_as_told(&mut self, now: Moment) {
        let told = self.told_to_ask.max(now.boot);
        if told.saturating_sub(now.boot) < AT_ONCE * SPACING {
            self.told_to_ask = told.saturating_add(SPACING);
            self.asking.wanted = true;
        } else {
            let waits = self.wish.take().and_then(|wish| wish.waits);
            self.wish = Some(Wish { pressed: now, waits });
        }
    }

    /// When the gateway may be asked for customers, boot time. Never while a request is under way.
    pub(super) fn wish_due(&self) -> Option<i64> {
        let waits = self.wish.is_some() && self.in_flight.is_none();
        let last = self.asking.last_sent;
        waits.then(|| last.map_or(i64::MIN, |sent| sent.boot.saturating_add(SPACING)))
    }

    /// Has the gateway asked for customers once that may be. What is paid is not asked about; an order that ended unpaid may be
    /// paid late: its page promises an answer as long as it is there.
    pub(super) fn heed_customers(&mut self, now: Moment) {
        let paid = self.order.state == State::Paid;
        if !paid && self.wish_due().is_none_or(|at| at > now.boot) {
            return;
        }
        let Some(wish) = self.wish.take().filter(|_| !paid) else { return };
        let waits = wish.waits.map_or_else(|| oneshot::channel().0, |(_, waits)| waits);
        self.asks_now_for(waits);
    }

    /// A question that left at `asked` is over: it answers whoever wanted to know before.
    pub(super) fn customers_are_answered(&mut self, asked: Moment) {
        let Some(wish) = &mut self.wish else { return };
        let answered = wish.waits.take_if(|(since, _)| since.boot <= asked.boot);
        self.asked_for.extend(answered.map(|(_, waits)| waits));
        self.wish.take_if(|wish| wish.pressed.boot <= asked.boot);
    }
}
