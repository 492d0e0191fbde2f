//! A copy of a journal as it is at one moment, made page by page beside whoever writes it.
//!
//! The copy sees one state of the file from its first page to its last, so no writer waits for it and none of their work makes it
//! begin anew. The write-ahead log cannot be folded meanwhile and grows by what they write: a copy that is too slow for that lets
//! go, and is begun again.

use std::ffi::c_int;
use std::fs::OpenOptions;
use std::io;
use std::path::Path;
use std::time::Duration;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};
use serde::Serialize;

use super::chain::Hash;
use super::fault::counted;
use super::read::{Access, connect, recorded_head, snapshot};
use super::{open, schema};
use crate::storage::StorageFault;

/// How a copy goes about it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    /// Pages of one step.
    pub(super) pages: c_int,
    /// How far the write-ahead log may grow while its beginning is held, in bytes.
    pub(super) log: u64,
    /// How often it is begun.
    pub(super) tries: u32,
}

/// A megabyte at a time.
const PACE: Pace = Pace { pages: 256, log: 256 << 20, tries: 3 };

/// A pause after each step, in which others have the disk.
const PAUSE: Duration = Duration::from_millis(2);

/// How often a file that another program holds is tried again.
const BUSY: u32 = 2_000;

/// What a copy holds, as counted where it was made from and once more where it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Copied {
    /// Position and hash of the newest event.
    pub head: Option<(u64, [u8; 32])>,
    /// Rows.
    pub rows: Counts,
}

/// Rows of a journal's tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Counts {
    /// Of events.
    pub events: u64,
    /// Of orders.
    pub orders: u64,
    /// Of refunds.
    pub refunds: u64,
    /// Of accounts.
    pub accounts: u64,
    /// Of raw answers.
    pub answers: u64,
}

/// Why there is no copy.
#[derive(Debug, thiserror::Error)]
pub enum CopyFault {
    /// What was to be copied cannot be opened.
    #[error("the journal cannot be opened: {0}")]
    Unopenable(StorageFault),
    /// What was to be copied cannot be read to its end.
    #[error("the journal cannot be read: {0}")]
    Unread(StorageFault),
    /// The copy cannot be written.
    #[error("the copy cannot be written: {0}")]
    Unwritten(StorageFault),
    /// The copy's file cannot be made.
    #[error("the copy's file cannot be made: {0}")]
    File(io::Error),
    /// The copy takes longer than the write-ahead log may grow.
    #[error("the copy is slower than the journal grows")]
    TooSlow,
    /// What was read back is not what was written.
    #[error("the copy is not what was copied: {0}")]
    Differs(String),
}

/// Copies the journal at `from` into the new file `to`, which is readable by its owner only, holds everything by itself, and has
/// reached the disk. Blocks. After a fault the file may be there in part.
pub fn copy(from: &Path, to: &Path) -> Result<Copied, CopyFault> {
    copy_by(from, to, PACE, &mut || std::thread::sleep(PAUSE))
}

/// The same; `after_step` is called after each step.
pub(super) fn copy_by(from: &Path, to: &Path, pace: Pace, after_step: &mut dyn FnMut()) -> Result<Copied, CopyFault> {
    let (source, _) = open::reader(from).map_err(CopyFault::Unopenable)?;
    make(to).map_err(CopyFault::File)?;
    for _ in 0..pace.tries {
        if let Some(copied) = once(&source, (from, to), pace, after_step)? {
            settle(to)?;
            let found = check(to)?;
            return if found == copied { Ok(copied) } else { Err(CopyFault::Differs(format!("{copied:?} {found:?}"))) };
        }
        empty(to).map_err(CopyFault::File)?;
    }
    Err(CopyFault::TooSlow)
}

/// Copies one state of `source`. None where the log has grown too far meanwhile.
fn once(
    source: &Connection,
    (from, to): (&Path, &Path),
    pace: Pace,
    after_step: &mut dyn FnMut(),
) -> Result<Option<Copied>, CopyFault> {
    let unread = |error: rusqlite::Error| CopyFault::Unread(error.into());
    let unwritten = |error: rusqlite::Error| CopyFault::Unwritten(error.into());
    let state = source.unchecked_transaction().map_err(unread)?;
    // The first look fixes the state that everything after it sees.
    let copied = look(&state).map_err(CopyFault::Unread)?;
    let before = log_length(from);
    let mut target = Connection::open_with_flags(to, flags()).map_err(unwritten)?;
    // It counts for nothing before it is whole: what a crash leaves of it is thrown away.
    target.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;").map_err(unwritten)?;
    let backup = Backup::new(&state, &mut target).map_err(unwritten)?;
    let mut busy = 0_u32;
    loop {
        match backup.step(pace.pages).map_err(of_step)? {
            StepResult::Done => break,
            StepResult::More => {}
            // Somebody looks at the new file: a scanner for viruses, an index.
            _ => {
                busy = busy.saturating_add(1);
                if busy > BUSY {
                    return Err(CopyFault::File(io::ErrorKind::ResourceBusy.into()));
                }
            }
        }
        after_step();
        if log_length(from).saturating_sub(before) > pace.log {
            return Ok(None);
        }
    }
    drop(backup);
    target.close().map_err(|(_, error)| unwritten(error))?;
    state.finish().map_err(unread)?;
    Ok(Some(copied))
}

/// A step reads there and writes here; only what is damaged was read.
fn of_step(error: rusqlite::Error) -> CopyFault {
    match StorageFault::from(error) {
        fault @ StorageFault::Damaged(_) => CopyFault::Unread(fault),
        fault => CopyFault::Unwritten(fault),
    }
}

/// Makes one file of it that needs none beside it, and sees it onto the disk.
fn settle(path: &Path) -> Result<(), CopyFault> {
    let unwritten = |error: rusqlite::Error| CopyFault::Unwritten(error.into());
    let connection = Connection::open_with_flags(path, flags()).map_err(unwritten)?;
    // Alone with it, no shared memory is needed, which some file systems do not have.
    connection.execute_batch("PRAGMA locking_mode = EXCLUSIVE;").map_err(unwritten)?;
    let mode: String = connection.query_row("PRAGMA journal_mode = DELETE", [], |row| row.get(0)).map_err(unwritten)?;
    if mode != "delete" {
        return Err(CopyFault::Differs(format!("its journal mode stayed {mode}")));
    }
    connection.close().map_err(|(_, error)| unwritten(error))?;
    let file = OpenOptions::new().read(true).write(true).open(path).map_err(CopyFault::File)?;
    file.sync_all().map_err(CopyFault::File)
}

/// Reads the copy back: the whole file by SQLite's own check, its rows and its end.
fn check(path: &Path) -> Result<Copied, CopyFault> {
    let differs = |fault: StorageFault| CopyFault::Differs(fault.to_string());
    let mut connection = connect(path, Access::Shared).map_err(differs)?;
    let said: String = connection
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .map_err(|error| CopyFault::Differs(error.to_string()))?;
    if said != "ok" {
        return Err(CopyFault::Differs(said));
    }
    snapshot(&mut connection, look).map_err(differs)
}

fn look(connection: &Connection) -> Result<Copied, StorageFault> {
    let many =
        |table: &str| counted(connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))?);
    let refunds = if schema::has_refunds(connection)? { many("refunds")? } else { 0 };
    let rows = Counts {
        events: many("journal")?,
        orders: many("orders")?,
        refunds,
        accounts: many("accounts")?,
        answers: many("answers")?,
    };
    let head: Option<(u64, Hash)> = recorded_head(connection)?;
    Ok(Copied { head, rows })
}

fn flags() -> OpenFlags {
    OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX
}

fn make(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

fn empty(path: &Path) -> io::Result<()> {
    OpenOptions::new().write(true).truncate(true).open(path).map(drop)
}

fn log_length(journal: &Path) -> u64 {
    let mut log = journal.as_os_str().to_owned();
    log.push("-wal");
    Path::new(&log).metadata().map_or(0, |log| log.len())
}
