//! What a launch tells of a backup that was put in the journal's place.

use super::{Inner, rfc3339};
use crate::storage::StoredEvent;
use till_core::error::{Code, Refusal};
use till_core::journal::{self, Event, TillEvent};
use till_core::time::DAY;

/// How long each launch tells it.
const TOLD_FOR: i64 = 7 * DAY;

impl Inner {
    /// Tells of the newest restore among the till's own events, if it was lately and something was lost by it: whoever gives money
    /// back must know that the journal does not know everything.
    pub(super) async fn tell_of_restores(&self, stream: &[StoredEvent]) {
        let newest = stream.iter().rev().find_map(|stored| match journal::read(&stored.payload) {
            Ok(Event::Till { event: TillEvent::Restored { old, backup, .. } }) => Some((stored, old, backup)),
            Ok(_) | Err(_) => None,
        });
        let Some((stored, old, backup)) = newest else { return };
        let lately = self.seams.clock.now().wall.saturating_sub(stored.at.wall) < TOLD_FOR;
        if !lately || old.as_ref() == Some(&backup) {
            return;
        }
        let last = self.seams.storage.after(backup.seq.saturating_sub(1), 1).await.unwrap_or_default();
        let until = last.first().map(|last| to_the_minute(&rfc3339(last.at.wall, last.at.offset_minutes)));
        let notice = Refusal::of(Code::JournalRestored).with("day", &stored.at.day);
        self.notice(notice.with("until", until.unwrap_or_default()));
    }
}

/// `2027-01-15 10:00` of `2027-01-15T10:00:00+08:00`.
fn to_the_minute(at: &str) -> String {
    at.chars().take(16).map(|letter| if letter == 'T' { ' ' } else { letter }).collect()
}
