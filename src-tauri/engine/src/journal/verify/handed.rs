//! Events on their way from the chain to the streams. Streams are looked at by their names, and numbers of orders begin with their time:
//! an event is nearly always one that the chain has just been at, and need not be read once more.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use rusqlite::{Connection, OptionalExtension};

use super::super::chain::{COLUMNS, Link};
use super::super::fault::stored;
use crate::storage::{StorageFault, StoredEvent};

/// Where the chain hands its events over, all of them and in their order. It waits while too many wait there.
pub(super) type Handing = SyncSender<Vec<StoredEvent>>;

/// Times that the chain may hand events over before it waits.
const WAITING: usize = 4;

/// How far ahead an event is waited for. One that is further is looked up.
const NEAR: u64 = 2_000;

/// Events that are kept until they are asked for.
const KEPT: usize = 4_000;

/// What the chain handed over. Where nobody hands anything over every event is looked up.
#[derive(Default)]
pub(super) struct Handed {
    from: Option<Receiver<Vec<StoredEvent>>>,
    /// The newest ones, the oldest first; those that were taken are gone.
    kept: VecDeque<Option<StoredEvent>>,
    /// The newest one's position.
    newest: u64,
    /// Where the subject begins that is being looked at.
    begins: u64,
}

/// Both ends.
pub(super) fn way() -> (Handing, Handed) {
    let (handing, from) = sync_channel(WAITING);
    (handing, Handed { from: Some(from), ..Handed::default() })
}

impl Handed {
    /// The next subject begins at this position. What is far ahead comes nearer by what was handed over already: nothing is waited for.
    pub(super) fn begin(&mut self, seq: u64) {
        self.begins = seq;
        if seq > self.newest.saturating_add(NEAR) {
            let handed = self.from.as_ref().and_then(|from| from.try_recv().ok());
            self.keep(handed.unwrap_or_default());
        }
    }

    /// The subject's event at a position, which it gives away; `None` if there is none.
    pub(super) fn take(&mut self, connection: &Connection, seq: u64) -> Result<Option<StoredEvent>, StorageFault> {
        while seq > self.newest && seq <= self.begins.min(self.newest).saturating_add(NEAR) && self.receive() {}
        match self.kept(seq) {
            Some(event) => Ok(Some(event)),
            None => looked_up(connection, seq),
        }
    }

    /// Waits for the next ones; false: there are no more.
    fn receive(&mut self) -> bool {
        let Some(Ok(events)) = self.from.as_ref().map(Receiver::recv) else {
            self.from = None;
            return false;
        };
        self.keep(events);
        true
    }

    fn keep(&mut self, events: Vec<StoredEvent>) {
        self.newest = self.newest.saturating_add(u64::try_from(events.len()).unwrap_or(u64::MAX));
        self.kept.extend(events.into_iter().map(Some));
        self.kept.drain(..self.kept.len().saturating_sub(KEPT));
    }

    fn kept(&mut self, seq: u64) -> Option<StoredEvent> {
        let behind = usize::try_from(self.newest.checked_sub(seq)?).ok()?;
        let place = self.kept.len().checked_sub(behind)?.checked_sub(1)?;
        self.kept.get_mut(place)?.take()
    }
}

fn looked_up(connection: &Connection, seq: u64) -> Result<Option<StoredEvent>, StorageFault> {
    let found = connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM journal WHERE seq = ?1"))?
        .query_row([stored(seq)?], Link::read)
        .optional()?;
    found.map(Link::taken_as_it_is).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread::JoinHandle;
    use till_core::time::Stamp;

    /// A journal in which nothing can be looked up.
    fn empty() -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(&format!("CREATE TABLE journal ({COLUMNS})")).unwrap();
        connection
    }

    fn event(seq: u64) -> StoredEvent {
        StoredEvent {
            seq,
            subject: "order/TK1".into(),
            subject_seq: 1,
            at: Stamp { wall: 0, offset_minutes: 0, day: "2027-01-15".into() },
            actor: "owner".into(),
            payload: vec![],
            hash: [0; 32],
        }
    }

    /// So many events, handed over 500 at a time. How many were.
    fn handing_over(events: u64) -> (JoinHandle<u64>, Handed) {
        let (handing, handed) = way();
        let chain = std::thread::spawn(move || {
            let pages = (0..events / 500).map(|page| (page * 500 + 1..=page * 500 + 500).map(event).collect());
            pages.take_while(|page: &Vec<StoredEvent>| handing.send(page.clone()).is_ok()).map(|_| 500).sum()
        });
        (chain, handed)
    }

    #[test]
    fn what_is_near_is_taken_as_it_was_handed_over_and_what_is_not_is_looked_up() {
        let (chain, mut handed) = handing_over(10_000);
        let nothing = empty();
        for seq in (1..10_000).step_by(2) {
            handed.begin(seq);
            let mut take = |seq| handed.take(&nothing, seq).unwrap().map(|event| event.seq);
            assert_eq!((take(seq), take(seq + 1)), (Some(seq), Some(seq + 1)));
            assert_eq!((take(seq), take(seq + NEAR + 1)), (None, None), "given away, and far ahead");
        }
        assert_eq!(handed.take(&nothing, 10_001).unwrap(), None, "none was handed over");
        assert_eq!(chain.join().unwrap(), 10_000);
    }

    #[test]
    fn subjects_that_begin_far_ahead_let_the_chain_get_on() {
        let (chain, mut handed) = handing_over(10_000);
        let nothing = empty();
        let mut take = || {
            handed.begin(4_000);
            handed.take(&nothing, 4_000).unwrap().map(|event| event.seq)
        };
        assert_eq!(take(), None, "it is far ahead");
        while take() != Some(4_000) {
            std::thread::yield_now();
        }
        drop(handed);
        assert!(chain.join().unwrap() < 10_000, "nobody takes the rest");
    }
}
