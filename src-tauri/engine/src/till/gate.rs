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

/// One account's gate.
#[derive(Debug)]
pub(super) struct Gate {
    caps: Caps,
    queue: Mutex<Queue>,
}

#[derive(Debug, Default)]
struct Queue {
    inside: u32,
    next_slot: i64,
    tickets: u64,
    /// Those who wait, the order on screen before others, then in order of arrival.
    waiting: BTreeMap<(bool, u64), oneshot::Sender<()>>,
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
    pub(super) async fn enter(self: &Arc<Self>, on_screen: bool, clock: &dyn Clock) -> Place {
        if let Some(turn) = self.queue_up(on_screen) {
            // The sender lives in the queue, which this gate owns: it is used, never dropped.
            let _turn = turn.await;
        }
        let place = Place { gate: Arc::clone(self) };
        let slot = self.take_slot(on_screen, clock.now().boot);
        clock.sleep_until(slot).await;
        place
    }

    fn queue_up(&self, on_screen: bool) -> Option<oneshot::Receiver<()>> {
        let mut queue = self.queue.lock();
        if self.caps.in_flight == 0 || queue.inside < self.caps.in_flight {
            queue.inside = queue.inside.saturating_add(1);
            return None;
        }
        queue.tickets = queue.tickets.saturating_add(1);
        let (call, turn) = oneshot::channel();
        let ticket = (!on_screen, queue.tickets);
        queue.waiting.insert(ticket, call);
        Some(turn)
    }

    fn take_slot(&self, on_screen: bool, now: i64) -> i64 {
        if self.caps.per_second == 0 {
            return now;
        }
        let mut queue = self.queue.lock();
        let step = SECOND / i64::from(self.caps.per_second);
        let slot = if on_screen { now } else { queue.next_slot.max(now) };
        queue.next_slot = queue.next_slot.max(now).saturating_add(step);
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
    async fn the_order_on_screen_goes_before_those_that_came_earlier() {
        let gate = Arc::new(Gate::new(Caps { per_second: 0, in_flight: 1 }));
        let clock = MachineClock::new();
        let first = gate.enter(false, &clock).await;
        let earlier = gate.queue_up(false).unwrap();
        let shown = gate.queue_up(true).unwrap();
        drop(first);
        shown.await.unwrap();
        gate.leave();
        earlier.await.unwrap();
    }

    #[test]
    fn slots_lie_a_twentieth_of_a_second_apart() {
        let gate = Gate::new(Caps::default());
        let slots: Vec<i64> = (0..4).map(|_| gate.take_slot(false, 1_000)).collect();
        assert_eq!(slots, [1_000, 51_000, 101_000, 151_000]);
        assert_eq!(gate.take_slot(true, 1_000), 1_000);
    }
}
