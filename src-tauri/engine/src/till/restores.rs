//! What a launch tells of a backup that was put in the journal's place, and what is asked before money goes back.

use super::refund::with_why;
use super::{Inner, Till, fault_of_storage, fault_of_stream, rfc3339};
use crate::storage::{OrderRow, StorageFault, StoredEvent};
use till_core::error::{Code, Refusal};
use till_core::gateway::descriptor::Descriptor;
use till_core::journal::{self, Event, TillEvent, Unread};
use till_core::order::refund::first::is_asked_about_first;
use till_core::time::DAY;

/// How long each launch tells it.
const TOLD_FOR: i64 = 7 * DAY;

/// Events of the till that are looked at together.
const LATEST: u32 = 20;

impl Till {
    /// Asks about an order whose refunds the journal may have forgotten. An error unless a verified report answered.
    pub(super) async fn look_for_forgotten_refunds(&self, order_no: &str) -> Result<(), Refusal> {
        match self.looked_in_vain(order_no).await? {
            Some(came) => Err(with_why(Refusal::of(Code::RefundAfterRestore), came)),
            None => Ok(()),
        }
    }
}

impl Inner {
    /// Whether the gateway that `descriptor` describes is asked about its order before a refund of it is made.
    pub(super) async fn is_asked_about_first(&self, order_no: &str, descriptor: &Descriptor) -> Result<bool, Refusal> {
        let subject = journal::order_subject(order_no);
        let stream = self.seams.storage.stream(&subject).await.map_err(|fault| fault_of_stream(&subject, &fault))?;
        let Some(first) = stream.first() else { return Ok(false) };
        // One that cannot be read may be a restore.
        let may_be_restore = |event: &Result<Event, Unread>| event.as_ref().map_or(true, is_restore);
        let restored = self.newest_after(i64::MIN, first.seq, may_be_restore);
        let restored = restored.await.map_err(|fault| fault_of_storage(&fault))?.map(|restored| restored.seq);
        let events = stream.iter().filter_map(|stored| match journal::read(&stored.payload) {
            Ok(Event::Order { event }) => Some((stored.seq, event)),
            Ok(Event::Till { .. } | Event::Account { .. } | Event::Operators { .. } | Event::Limits { .. })
            | Err(_) => None,
        });
        Ok(is_asked_about_first(events, restored, descriptor))
    }

    /// Tells of the newest restore among the till's own events, if it was lately and something was lost by it: whoever gives money
    /// back must know that the journal does not know everything. `open`: the orders that this launch found open.
    pub(super) async fn tell_of_restores(&self, open: &[OrderRow]) -> Result<(), StorageFault> {
        let lately = self.seams.clock.now().wall.saturating_sub(TOLD_FOR);
        let restored = self.newest_after(lately, 0, |event| event.as_ref().is_ok_and(is_restore));
        let Some(stored) = restored.await? else { return Ok(()) };
        let Ok(Event::Till { event: TillEvent::Restored { old, backup, .. } }) = journal::read(&stored.payload) else {
            return Ok(());
        };
        if old.as_ref() == Some(&backup) {
            return Ok(());
        }
        let last = self.seams.storage.after(backup.seq.saturating_sub(1), 1).await.unwrap_or_default();
        let until = last.first().map(|last| to_the_minute(&rfc3339(last.at.wall, last.at.offset_minutes)));
        let of_backup = open.iter().filter(|row| row.created_at < stored.at.wall).count();
        let notice = Refusal::of(Code::JournalRestored).with("day", &stored.at.day).with("open", of_backup);
        self.notice(notice.with("until", until.unwrap_or_default()));
        Ok(())
    }

    /// The till's newest event that is such a one, after a time, UTC microseconds, and after an event's number.
    async fn newest_after(
        &self,
        wall: i64,
        seq: u64,
        is_such: impl Fn(&Result<Event, Unread>) -> bool,
    ) -> Result<Option<StoredEvent>, StorageFault> {
        let mut before = u64::MAX;
        loop {
            let events = self.seams.storage.latest(journal::TILL, before, LATEST).await?;
            let Some(first) = events.last() else { return Ok(None) };
            before = first.subject_seq;
            for stored in events {
                if stored.at.wall <= wall || stored.seq <= seq {
                    return Ok(None);
                }
                if is_such(&journal::read(&stored.payload)) {
                    return Ok(Some(stored));
                }
            }
        }
    }
}

fn is_restore(event: &Event) -> bool {
    matches!(event, Event::Till { event: TillEvent::Restored { .. } })
}

/// `2027-01-15 10:00` of `2027-01-15T10:00:00+08:00`.
fn to_the_minute(at: &str) -> String {
    at.chars().take(16).map(|letter| if letter == 'T' { ' ' } else { letter }).collect()
}
