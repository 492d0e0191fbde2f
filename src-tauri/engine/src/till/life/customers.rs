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

/// Notifications that had the gateway asked at once: a few in a row, and then one in each spacing.
pub(super) struct Hurries {
    /// Up to when the spacings of those that there were reach, boot time.
    upto: i64,
}

impl Hurries {
    /// There were none.
    pub(super) const NONE: Self = Self { upto: i64::MIN };

    /// Whether one more may have the gateway asked at once.
    fn one_more(&mut self, now: Moment) -> bool {
        let upto = self.upto.max(now.boot);
        let may = upto.saturating_sub(now.boot) <= (AT_ONCE - 1) * SPACING;
        if may {
            self.upto = upto.saturating_add(SPACING);
        }
        may
    }
}

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
        if self.hurries.one_more(now) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_in_a_row_have_the_gateway_asked_at_once_and_then_one_every_two_seconds() {
        let mut hurries = Hurries::NONE;
        let mut may = |millis: i64| hurries.one_more(Moment { wall: 0, boot: millis * 1_000 });
        let at: Vec<i64> = (0..10_000).step_by(100).filter(|millis| may(*millis)).collect();
        assert_eq!(at, [0, 100, 200, 2_000, 4_000, 6_000, 8_000]);
        let later: Vec<i64> = (60_000..60_010).filter(|millis| may(*millis)).collect();
        assert_eq!(later, [60_000, 60_001, 60_002], "whoever was quiet for a while has three again");
    }
}
