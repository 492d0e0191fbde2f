//! People and limits as the journal has them, at a launch.

use super::super::{Inner, fault_of_storage, unreadable};
use super::count;
use crate::storage::{StorageFault, StoredEvent};
use std::sync::Arc;
use till_core::error::{Code, Refusal};
use till_core::journal::{self, Event};
use till_core::limits::{Limits, LimitsEvent};
use till_core::operator::People;
use till_core::time::{DAY, Moment};

/// How long each launch tells that a PIN was replaced without any PIN.
const TOLD_FOR: i64 = 7 * DAY;

impl Inner {
    /// Reads people and limits back from the journal.
    pub(in super::super) async fn load_people(self: &Arc<Self>) -> Result<(), Refusal> {
        let mut roster = self.staff.roster.lock().await;
        let now = self.seams.clock.now();
        let people = whole_or_damaged(self.seams.storage.stream(journal::OPERATORS).await)?;
        roster.people_seen = people.as_ref().map_or(0, |events| count(events.len()));
        let people = people.map_or_else(People::unreadable, |events| people_of(&events, now));
        if people.are_unreadable() {
            self.notice(unreadable(journal::OPERATORS));
        }
        for (name, at) in people.pins_replaced(now, TOLD_FOR) {
            let day = self.stamp(Moment { wall: at, boot: now.boot }).day;
            self.notice(Refusal::of(Code::PinReplaced).with("name", name).with("day", day));
        }
        *self.staff.people.write() = people;
        self.measure_lock_outs();

        let limits = whole_or_damaged(self.seams.storage.stream(journal::LIMITS).await)?;
        roster.limits_seen = limits.as_ref().map_or(0, |events| count(events.len()));
        if let Some(Some(limits)) = limits.as_deref().map(limits_of) {
            *self.staff.limits.write() = limits;
        } else {
            // What cannot be read may have been stricter; the default is safe, and nothing is written over it.
            roster.limits_unreadable = true;
            self.notice(unreadable(journal::LIMITS));
        }
        Ok(())
    }
}

/// A stream, or `None` where the file is damaged. What the disk did not give this time fails the launch: a till without it would
/// know nobody, or other limits, until the next one.
fn whole_or_damaged(read: Result<Vec<StoredEvent>, StorageFault>) -> Result<Option<Vec<StoredEvent>>, Refusal> {
    match read {
        Ok(events) => Ok(Some(events)),
        Err(StorageFault::Unreadable { .. } | StorageFault::Damaged(_)) => Ok(None),
        Err(fault) => Err(fault_of_storage(&fault)),
    }
}

/// People from their stored events. One that cannot be read makes all of them unreadable: it may have taken a right away.
pub(crate) fn people_of(events: &[StoredEvent], now: Moment) -> People {
    let mut people = People::default();
    for stored in events {
        let Ok(Event::Operators { event }) = journal::read(&stored.payload) else { return People::unreadable() };
        people.evolve(&event, Moment { wall: stored.at.wall, boot: now.boot });
    }
    people
}

/// Limits from their stored events: the newest ones. `None` if it cannot be read.
pub(crate) fn limits_of(events: &[StoredEvent]) -> Option<Limits> {
    let Some(newest) = events.last() else { return Some(Limits::default()) };
    match journal::read(&newest.payload) {
        Ok(Event::Limits { event: LimitsEvent::Changed { before: _, after } }) => Some(after),
        Ok(Event::Till { .. } | Event::Account { .. } | Event::Order { .. } | Event::Operators { .. }) | Err(_) => None,
    }
}
