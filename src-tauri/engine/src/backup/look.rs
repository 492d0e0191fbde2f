//! Looking into a journal's file of which nothing is known yet, event by event.

use crate::journal::Journal;
use crate::off_thread::off_thread;
use crate::storage::{Storage, StoredEvent};
use std::path::Path;

/// The journal at `path`, for reading. None where it does not open as one.
pub(super) async fn journal(path: &Path) -> Option<Journal> {
    let path = path.to_owned();
    off_thread(move || Journal::open_read_only(&path)).await.ok()?.ok()
}

/// One event. None where it is not there, or is not what it was.
pub(super) async fn event(journal: &Journal, seq: u64) -> Option<StoredEvent> {
    let found = journal.after(seq.checked_sub(1)?, 1).await.ok()?.into_iter().next()?;
    (found.seq == seq).then_some(found)
}
