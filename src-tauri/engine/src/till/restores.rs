//! What a launch tells of a backup that was put in the journal's place.

use super::{Inner, rfc3339};
use crate::storage::{OrderRow, StorageFault, StoredEvent};
use till_core::error::{Code, Refusal};
use till_core::journal::{self, Event, Point, TillEvent};
use till_core::time::DAY;

/// How long each launch tells it.
const TOLD_FOR: i64 = 7 * DAY;

/// Events of the till that are looked at together.
const LATEST: u32 = 20;

impl Inner {
    /// Tells of the newest restore among the till's own events, if it was lately and something was lost by it: whoever gives money
    /// back must know that the journal does not know everything. `open`: the orders that this launch found open.
    pub(super) async fn tell_of_restores(&self, open: &[OrderRow]) -> Result<(), StorageFault> {
        let Some((stored, old, backup)) = self.restored_lately().await? else { return Ok(()) };
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

    /// The newest restore, if it was lately: the event, the newest one of the journal that was there, and of the backup.
    async fn restored_lately(&self) -> Result<Option<(StoredEvent, Option<Point>, Point)>, StorageFault> {
        let since = self.seams.clock.now().wall.saturating_sub(TOLD_FOR);
        let mut before = u64::MAX;
        loop {
            let events = self.seams.storage.latest(journal::TILL, before, LATEST).await?;
            let Some(first) = events.last() else { return Ok(None) };
            before = first.subject_seq;
            for stored in events {
                if stored.at.wall <= since {
                    return Ok(None);
                }
                if let Ok(Event::Till { event: TillEvent::Restored { old, backup, .. } }) =
                    journal::read(&stored.payload)
                {
                    return Ok(Some((stored, old, backup)));
                }
            }
        }
    }
}

/// `2027-01-15 10:00` of `2027-01-15T10:00:00+08:00`.
fn to_the_minute(at: &str) -> String {
    at.chars().take(16).map(|letter| if letter == 'T' { ' ' } else { letter }).collect()
}
