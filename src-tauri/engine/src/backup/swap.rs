//! The exchange of the journal's file for another one. A crash at any instant leaves one of them whole in the journal's place.

use super::{Part, sync, with_end};
use crate::journal::is_there;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a reader of the old file may take to let go of it.
const PATIENCE: Duration = Duration::from_secs(5);

/// The name that the old file is kept under.
#[derive(Debug, Clone)]
pub(super) struct Kept(PathBuf);

/// What was done last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// The old file holds everything by itself.
    Folded,
    /// It has its second name.
    Kept,
    /// What stood beside it is there under the second name alone.
    Cleared,
    /// The new file has the place.
    Placed,
}

impl Kept {
    /// Where the file at `place`, or the log that it left, goes at this time (RFC 3339); none where there is neither.
    pub(super) fn named(place: &Path, at: &str) -> Option<Self> {
        if !is_there(place) {
            return None;
        }
        let digits: String = at.chars().take(19).filter(char::is_ascii_alphanumeric).collect();
        let stem = place.file_stem().unwrap_or_default().to_string_lossy();
        let names = (1_u32..).map(|number| {
            let more = if number == 1 { String::new() } else { format!("-{number}") };
            place.with_file_name(format!("{stem}.before-restore-{digits}{more}.sqlite"))
        });
        // Two in one second: the second has a name of its own.
        names.into_iter().find(|path| path.symlink_metadata().is_err()).map(Self)
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    pub(super) fn name(&self) -> String {
        self.0.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }
}

/// Puts `part` into `place`, whose file is kept under another name. `after` each step: an error there ends it at that instant.
pub(super) fn swap(
    part: &Part,
    place: &Path,
    kept: Option<&Kept>,
    after: &mut dyn FnMut(Step) -> io::Result<()>,
) -> io::Result<()> {
    let folder = place.parent().unwrap_or(Path::new("."));
    OpenOptions::new().read(true).write(true).open(&part.path)?.sync_all()?;
    if let Some(kept) = kept {
        if place.exists() {
            fold(place)?;
            after(Step::Folded)?;
            also_as(place, kept.path())?;
        }
        // Where the old file could not be folded, its log is kept beside it.
        let log = with_end(place, "-wal");
        if log.metadata().is_ok_and(|log| log.len() > 0) {
            also_as(&log, &with_end(kept.path(), "-wal"))?;
        }
        sync(folder)?;
        after(Step::Kept)?;
    }
    // A log of the old file would be written over the new one.
    for beside in ["-wal", "-shm", "-journal"] {
        match fs::remove_file(with_end(place, beside)) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    sync(folder)?;
    after(Step::Cleared)?;
    fs::rename(&part.path, place)?;
    after(Step::Placed)?;
    sync(folder)
}

/// Writes the log of the file at `path` into it. A file that is no database has none that could be written.
fn fold(path: &Path) -> io::Result<()> {
    if !is_database(path)? {
        return Ok(());
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let folded = Connection::open_with_flags(path, flags).and_then(|connection| {
        connection.busy_timeout(PATIENCE)?;
        let busy = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0))?;
        connection.close().map_err(|(_, error)| error)?;
        Ok(busy != 0)
    });
    match folded {
        Ok(false) => Ok(()),
        Ok(true) => Err(ErrorKind::ResourceBusy.into()),
        Err(error) => match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
                tracing::warn!(%error, "the old journal keeps its log beside it");
                Ok(())
            }
            Some(ErrorCode::DiskFull) => Err(ErrorKind::StorageFull.into()),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Err(ErrorKind::ResourceBusy.into()),
            _ => Err(io::Error::other(error)),
        },
    }
}

/// Whether it begins as every file of SQLite does. Opening another one would take its log away.
fn is_database(path: &Path) -> io::Result<bool> {
    let mut begins = Vec::new();
    File::open(path)?.take(16).read_to_end(&mut begins)?;
    Ok(begins == b"SQLite format 3\0")
}

/// Gives a file a second name; a copy of it where the file system has one name a file.
fn also_as(path: &Path, name: &Path) -> io::Result<()> {
    match fs::hard_link(path, name) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            fs::copy(path, name)?;
            File::open(name)?.sync_all()
        }
        linked => linked,
    }
}

#[cfg(test)]
mod tests;
