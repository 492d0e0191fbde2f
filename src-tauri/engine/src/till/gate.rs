//! Caps per account: so many requests a second, so many in flight, the order on screen first.

use crate::clock::Clock;
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::sync::Arc;
use till_core::time::SECOND;
use tokio::sync::oneshot;

/// How much one account's gateway is asked at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caps {
    /// Requests a second; 0: no cap.
    pub per_second: u32,
    /// Requests in flight; 0: no cap.
    pub in_flight: u32,
}

impl Default for Caps {
    /// 20 a second, 8 in flight (design.md section 4).
    fn default() -> Self {
        Self { per_second: 20, in_flight: 8 }
    }
}

/// Who goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// The order on the cashier's screen, and every create.
    OnScreen,
    /// An order that has not ended.
    Open,
    /// A look at an order that has.
    Ended,
}

/// One account's gate.
#[derive(Debug)]
pub(super) struct Gate {
    caps: Caps,
    queue: Mutex<Queue>,
}

#[derive(Debug, Default)]
struct Queue {
    inside: u32,
    /// When the next request leaves that is not for the order on screen, at the earliest.
    next_slot: i64,
    /// Slots of the last second and those given out already, in order.
    slots: Vec<i64>,
    tickets: u64,
    /// Those who wait, by rank, then in order of arrival.
    waiting: BTreeMap<(Rank, u64), oneshot::Sender<()>>,
}

/// A place in flight. Dropping it lets the next one in.
pub(super) struct Place {
    gate: Arc<Gate>,
}

impl Gate {
    pub(super) fn new(caps: Caps) -> Self {
        Self { caps, queue: Mutex::new(Queue::default()) }
    }

    /// Waits for a place and for the next slot of the second.
    pub(super) async fn enter(self: &Arc<Self>, rank: Rank, clock: &dyn Clock) -> Place {
        if let Some(turn) = self.queue_up(rank) {
            // The sender lives in the queue, which this gate owns: it is used, never dropped.
            let _turn = turn.await;
        }
        let place = Place { gate: Arc::clone(self) };
        let slot = self.take_slot(rank == Rank::OnScreen, clock.now().boot);
        clock.sleep_until(slot).await;
        place
    }

    fn queue_up(&self, rank: Rank) -> Option<oneshot::Receiver<()>> {
        let mut queue = self.queue.lock();
        if self.caps.in_flight == 0 || queue.inside < self.caps.in_flight {
            queue.inside = queue.inside.saturating_add(1);
            return None;
        }
        queue.tickets = queue.tickets.saturating_add(1);
        let (call, turn) = oneshot::channel();
        let ticket = (rank, queue.tickets);
        queue.waiting.insert(ticket, call);
        Some(turn)
    }

    /// A time to leave at. Requests are spread over the second; the order on screen leaves at once, from the few places of
    /// each second that are kept for it, and never beyond the cap.
    fn take_slot(&self, on_screen: bool, now: i64) -> i64 {
        let cap = self.caps.per_second;
        if cap == 0 {
            return now;
        }
        let mut queue = self.queue.lock();
        queue.slots.retain(|slot| *slot > now.saturating_sub(SECOND));
        let step = SECOND / i64::from(cap);
        let (earliest, limit) =
            if on_screen { (now, cap) } else { (queue.next_slot.max(now), cap.saturating_sub(cap / 10)) };
        let slot = first_free(&queue.slots, earliest, usize::try_from(limit).unwrap_or(usize::MAX));
        let place = queue.slots.partition_point(|known| *known <= slot);
        queue.slots.insert(place, slot);
        queue.next_slot = if on_screen { queue.next_slot.max(now) } else { slot }.saturating_add(step);
        slot
    }

    fn leave(&self) {
        let mut queue = self.queue.lock();
        // Whoever gave up waiting is passed over.
        while let Some((_, call)) = queue.waiting.pop_first() {
            if call.send(()).is_ok() {
                return;
            }
        }
        queue.inside = queue.inside.saturating_sub(1);
    }
}

/// The first time from `earliest` on at which one more leaves at most `limit` in every second.
fn first_free(slots: &[i64], earliest: i64, limit: usize) -> i64 {
    let fits = |at: i64| {
        let near = || slots.iter().copied().filter(|slot| (slot - at).abs() < SECOND);
        near().chain([at]).filter(|start| *start <= at).all(|start| {
            let others = near().filter(|slot| (start..start.saturating_add(SECOND)).contains(slot)).count();
            others < limit
        })
    };
    let later = slots.iter().map(|slot| slot.saturating_add(SECOND)).filter(|at| *at > earliest);
    // A second after the last slot there is nothing to collide with.
    std::iter::once(earliest).chain(later).find(|at| fits(*at)).unwrap_or(earliest)
}

impl Drop for Place {
    fn drop(&mut self) {
        self.gate.leave();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::MachineClock;

    #[tokio::test]
    async fn the_order_on_screen_goes_first_then_open_ones_then_looks_at_ended_ones() {
        let gate = Arc::new(Gate::new(Caps { per_second: 0, in_flight: 1 }));
        let clock = MachineClock::new();
        let first = gate.enter(Rank::Open, &clock).await;
        let ended = gate.queue_up(Rank::Ended).unwrap();
        let open = gate.queue_up(Rank::Open).unwrap();
        let mut shown = gate.queue_up(Rank::OnScreen).unwrap();
        drop(first);
        assert_eq!(shown.try_recv(), Ok(()));
        for mut next in [open, ended] {
            assert!(next.try_recv().is_err(), "one place, one inside");
            gate.leave();
            assert_eq!(next.try_recv(), Ok(()));
        }
    }

    #[test]
    fn slots_lie_a_twentieth_of_a_second_apart() {
        let gate = Gate::new(Caps::default());
        let slots: Vec<i64> = (0..4).map(|_| gate.take_slot(false, 1_000)).collect();
        assert_eq!(slots, [1_000, 51_000, 101_000, 151_000]);
        assert_eq!(gate.take_slot(true, 1_000), 1_000);
    }

    #[test]
    fn no_second_sees_more_than_the_cap_although_the_order_on_screen_goes_first() {
        let gate = Gate::new(Caps::default());
        let mut slots: Vec<i64> = Vec::new();
        for number in 0..400 {
            // A rush of sales among the polls of others, faster than the cap.
            slots.push(gate.take_slot(number % 3 == 0, number * 10_000));
        }
        slots.sort_unstable();
        let most =
            slots.iter().map(|start| slots.iter().filter(|slot| (*start..start + SECOND).contains(slot)).count());
        assert_eq!(most.max(), Some(20));
    }

    #[test]
    fn the_order_on_screen_need_not_wait_behind_the_polls_of_others() {
        let gate = Gate::new(Caps::default());
        let mut now = 0;
        for _ in 0..100 {
            now = gate.take_slot(false, now);
        }
        assert_eq!(gate.take_slot(true, now), now);
        assert_eq!(gate.take_slot(true, now + 1), now + 1);
    }
}
