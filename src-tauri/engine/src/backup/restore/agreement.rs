//! How far two journals of one till tell the same. The hash of each event covers the one before it, so they agree up to some event and
//! differ from there on.

use crate::backup::look::event;
use crate::journal::Journal;
use crate::storage::Storage;

/// How far a backup agrees with the journal that was there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Agreement {
    /// The newest event that both are known to have; 0 where they have none in common.
    pub(super) until: u64,
    /// Whether the backup is known to go on otherwise than the old journal, or behind its end: it is no earlier state of it.
    pub(super) apart: bool,
}

/// Compares both. An event that cannot be read in one of them shows no difference.
pub(super) async fn agreement(old: &Journal, backup: &Journal) -> Agreement {
    let (old_head, last) = (head(old).await, head(backup).await.unwrap_or(0));
    // The usual case first: an older state of the same journal, which has its newest event too.
    let mut probe = old_head.map_or(last, |head| head.min(last));
    let (mut until, mut beyond, mut apart) = (0, probe.saturating_add(1), false);
    while beyond.saturating_sub(until) > 1 {
        match (event(old, probe).await, event(backup, probe).await) {
            (Some(one), Some(other)) if one.hash == other.hash => until = probe,
            (one, other) => {
                beyond = probe;
                apart |= one.is_some() && other.is_some();
            }
        }
        probe = until.midpoint(beyond);
    }
    let goes_further = old_head == Some(until) && until < last;
    Agreement { until, apart: apart || goes_further }
}

/// The newest event; none where that cannot be told.
async fn head(journal: &Journal) -> Option<u64> {
    let head = journal.head().await.ok()?;
    Some(head.map_or(0, |(seq, _)| seq))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::Options;
    use crate::storage::{Append, NewEvent};
    use till_core::time::Stamp;

    /// A journal of an event for each letter.
    async fn journal(letters: &str) -> (tempfile::TempDir, Journal) {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open(&folder.path().join("journal.sqlite"), Options::default()).unwrap().journal;
        for (seen, letter) in (0..).zip(letters.chars()) {
            let at = Stamp { wall: 1_800_000_000_000_000, offset_minutes: 480, day: "2027-01-15".into() };
            let events = vec![NewEvent { at, actor: "engine".into(), payload: letter.to_string().into_bytes() }];
            let append = Append { subject: "till".into(), seen, events, row: None, raw: None };
            journal.append(vec![append]).await.unwrap();
        }
        (folder, journal)
    }

    #[tokio::test]
    async fn the_last_event_in_common_is_found_and_only_an_earlier_state_is_not_apart() {
        for (old, backup, until, apart) in [
            ("aaaaaaaaa", "aaaaa", 5, false),
            ("aaaaa", "aaaaa", 5, false),
            ("aaaaa", "aaaaaaaaa", 5, true),
            ("aaaabbbbb", "aaaaccc", 4, true),
            ("aaaab", "aaaacaaaaaa", 4, true),
            ("aaaaaaab", "aaaaaaac", 7, true),
            ("abbbbbbbb", "accc", 1, true),
            // What follows another event is another event, whatever it says.
            ("baaaa", "caaaa", 0, true),
        ] {
            let ((_old, old_journal), (_backup, backup_journal)) = (journal(old).await, journal(backup).await);
            let agreed = agreement(&old_journal, &backup_journal).await;
            assert_eq!(agreed, Agreement { until, apart }, "{old} {backup}");
        }
    }
}
