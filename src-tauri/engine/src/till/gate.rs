//! Caps per account: so many requests a second, so many in flight, the order on screen first, then what a person waits for.

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
    /// The order on the cashier's screen, every create, and a refund that is sent.
    OnScreen,
    /// What a person waits for.
    Awaited,
    /// An order that has not ended.
    Open,
    /// A look at an order that has.
    Ended,
}

/// After so many places that are given by rank, one goes to whoever has waited longest. A share, and no bound on the waiting: where a
/// launch takes up a thousand ended orders, each has soon waited longer than any bound, and all would go before what is open.
const BY_RANK: u32 = 3;

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
    /// Places given by rank since the last one that was not.
    by_rank: u32,
    /// Those who wait, by rank, then in order of arrival.
    waiting: BTreeMap<Ticket, oneshot::Sender<()>>,
}

/// A rank, and a number in order of arrival.
type Ticket = (Rank, u64);

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
        self.enter_with(rank, std::future::pending(), clock).await
    }

    /// The same for what a person may come to wait for: `awaited` returns as soon as one does.
    pub(super) async fn enter_with(
        self: &Arc<Self>,
        rank: Rank,
        awaited: impl Future<Output = ()>,
        clock: &dyn Clock,
    ) -> Place {
        if let Some((ticket, mut turn)) = self.queue_up(rank) {
            // The sender lives in the queue, which this gate owns: it is used, never dropped.
            tokio::select! {
                biased;
                _turn = &mut turn => {}
                () = awaited => {
                    self.raise(ticket);
                    let _turn = turn.await;
                }
            }
        }
        let place = Place { gate: Arc::clone(self) };
        let slot = self.take_slot(rank == Rank::OnScreen, clock.now().boot);
        clock.sleep_until(slot).await;
        place
    }

    fn queue_up(&self, rank: Rank) -> Option<(Ticket, oneshot::Receiver<()>)> {
        let mut queue = self.queue.lock();
        if self.caps.in_flight == 0 || queue.inside < self.caps.in_flight {
            queue.inside = queue.inside.saturating_add(1);
            return None;
        }
        queue.tickets = queue.tickets.saturating_add(1);
        let (call, turn) = oneshot::channel();
        let ticket = (rank, queue.tickets);
        queue.waiting.insert(ticket, call);
        Some((ticket, turn))
    }

    /// A person waits for it: it goes before what nobody waits for, and keeps its number.
    fn raise(&self, ticket: Ticket) {
        let (rank, number) = ticket;
        let mut queue = self.queue.lock();
        if rank > Rank::Awaited
            && let Some(call) = queue.waiting.remove(&ticket)
        {
            queue.waiting.insert((Rank::Awaited, number), call);
        }
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
        while let Some(call) = queue.take_next() {
            if call.send(()).is_ok() {
                return;
            }
        }
        queue.inside = queue.inside.saturating_sub(1);
    }
}

impl Queue {
    /// Takes out who goes next. What is on screen goes first and is not counted. Of all other places every fourth one goes to the
    /// oldest: whoever finds so many in front of them goes in after at most four times as many and four, whatever comes behind them.
    fn take_next(&mut self) -> Option<oneshot::Sender<()>> {
        let mut next = *self.waiting.first_key_value()?.0;
        if next.0 != Rank::OnScreen {
            self.by_rank = self.by_rank.saturating_add(1);
            if self.by_rank > BY_RANK {
                self.by_rank = 0;
                next = self.waiting.keys().copied().min_by_key(|(_, number)| *number)?;
            }
        }
        self.waiting.remove(&next)
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
    use futures_util::FutureExt;

    fn queued(gate: &Gate, rank: Rank) -> oneshot::Receiver<()> {
        gate.queue_up(rank).unwrap().1
    }

    #[tokio::test]
    async fn the_order_on_screen_goes_first_then_what_a_person_waits_for_then_open_ones_then_looks_at_ended_ones() {
        let gate = Arc::new(Gate::new(Caps { per_second: 0, in_flight: 1 }));
        let clock = MachineClock::new();
        let first = gate.enter(Rank::Open, &clock).await;
        let ended = queued(&gate, Rank::Ended);
        let open = queued(&gate, Rank::Open);
        let awaited = queued(&gate, Rank::Awaited);
        let mut shown = queued(&gate, Rank::OnScreen);
        drop(first);
        assert_eq!(shown.try_recv(), Ok(()));
        for mut next in [awaited, open, ended] {
            assert!(next.try_recv().is_err(), "one place, one inside");
            gate.leave();
            assert_eq!(next.try_recv(), Ok(()));
        }
    }

    #[tokio::test]
    async fn a_question_that_waits_goes_before_a_hundred_polls_as_soon_as_a_person_wants_its_answer() {
        let gate = Arc::new(Gate::new(Caps { per_second: 0, in_flight: 1 }));
        let clock = MachineClock::new();
        let first = gate.enter(Rank::Open, &clock).await;
        let mut polls: Vec<_> = (0..100).map(|_| queued(&gate, Rank::Open)).collect();
        let (wants, wanted) = oneshot::channel();
        let mut look = Box::pin(gate.enter_with(Rank::Ended, wanted.map(drop), &clock));
        assert!((&mut look).now_or_never().is_none(), "it waits behind the polls");
        wants.send(()).unwrap();
        assert!((&mut look).now_or_never().is_none(), "one place, one inside");
        drop(first);
        let place = look.now_or_never().expect("its turn has come");
        assert!(polls.iter_mut().all(|poll| poll.try_recv().is_err()));
        drop(place);
        assert_eq!(polls[0].try_recv(), Ok(()), "the polls go on");
    }

    #[test]
    fn a_look_at_an_ended_order_has_its_share_while_polls_and_creates_keep_coming() {
        let gate = Gate::new(Caps { per_second: 0, in_flight: 1 });
        assert!(gate.queue_up(Rank::Open).is_none(), "it is inside");
        let mut polls: Vec<_> = (0..7).map(|_| queued(&gate, Rank::Open)).collect();
        let mut look = queued(&gate, Rank::Ended);
        let served = (1..=32).find(|_| {
            polls.push(queued(&gate, Rank::Open));
            polls.push(queued(&gate, Rank::Awaited));
            let mut create = queued(&gate, Rank::OnScreen);
            gate.leave();
            assert_eq!(create.try_recv(), Ok(()), "a create goes first");
            gate.leave();
            look.try_recv().is_ok()
        });
        assert_eq!(served, Some(32), "seven were in front of it");
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
