//! A damaged journal in a new file, while no till runs in the folder: every event as it is, all else made from the events. The old
//! file is kept under another name.

use super::swap::{Kept, swap};
use super::{Part, fault_of_output};
use crate::clock::Clock;
use crate::day_head::verify_all;
use crate::journal::{Flaw, Journal, Options, Rebuilt, salvage};
use crate::lock::LockGuard;
use crate::off_thread::off_thread;
use crate::reading::FILE;
use crate::storage::StorageFault;
use crate::till::{Replay, fault_of_file, fault_of_storage, rfc3339, unexpected};
use std::path::Path;
use std::sync::Arc;
use till_core::error::Refusal;

/// What became of making a journal anew.
#[derive(Debug)]
pub struct Remade {
    /// The rows.
    pub rebuilt: Rebuilt,
    /// The old file under its new name; none where the file itself was not damaged, and is the same.
    pub kept: Option<String>,
}

/// Puts the journal of the folder that `held` holds into a new file. Refused, with nothing changed, where an event cannot be read.
/// Nothing else may have the journal open.
pub async fn remake(held: &LockGuard, clock: &dyn Clock) -> Result<Remade, Refusal> {
    let place = held.folder().join(FILE);
    let part = Part::beside(&place).map_err(|error| fault_of_output(&place, &error))?;
    let (from, to) = (place.clone(), part.path.clone());
    let salvaged = off_thread(move || salvage(&from, &to)).await.map_err(|error| unexpected(&error))?;
    salvaged.map_err(|fault| fault_of_storage(&fault))?;
    let rebuilt = rebuilt(&part.path).await?;
    let now = clock.now().wall;
    let kept = Kept::named(&place, &rfc3339(now, clock.offset_minutes(now)));
    let to = place.clone();
    let swapped = off_thread(move || swap(&part, &to, kept.as_ref(), &mut |_| Ok(())).map(|()| kept)).await;
    let kept = swapped.map_err(|error| unexpected(&error))?.map_err(|error| fault_of_file(place.display(), &error))?;
    Ok(Remade { rebuilt, kept: kept.map(|kept| kept.path().display().to_string()) })
}

/// Whether the database file at `path` is damaged, whatever its events say. Blocks.
pub fn is_damaged(path: &Path) -> Result<bool, Refusal> {
    match verify_all(path, true) {
        Ok(found) => Ok(found.kind == Some(Flaw::FileDamaged)),
        Err(StorageFault::Damaged(_)) => Ok(true),
        Err(fault) => Err(fault_of_storage(&fault)),
    }
}

/// Makes the rows of a journal that has none, and closes it.
async fn rebuilt(path: &Path) -> Result<Rebuilt, Refusal> {
    let path = path.to_owned();
    // All of it was read just now.
    let options = Options { checked_from: u64::MAX };
    let opened = off_thread(move || Journal::open(&path, options)).await.map_err(|error| unexpected(&error))?;
    let journal = opened.map_err(|fault| fault_of_storage(&fault))?.journal;
    let rebuilt = journal.rebuild(Arc::new(Replay)).await.map_err(|fault| fault_of_storage(&fault))?;
    off_thread(move || drop(journal)).await.map_err(|error| unexpected(&error))?;
    Ok(rebuilt)
}
