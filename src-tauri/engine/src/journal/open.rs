//! Opening a journal: making it, checking it quickly, or only reading it.

use std::fs::{File, OpenOptions};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use super::chain::{COLUMNS, Hash, Link, START};
use super::fault::stored;
use super::read::{self, Access, Readers, connect};
use super::writer::Writer;
use super::{Journal, schema};
use crate::storage::StorageFault;

/// How far the checks of an opening go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options {
    /// The chain is checked from this event on: the newest day head. 0 checks the whole of it.
    pub checked_from: u64,
}

/// A journal that passed the checks of an opening.
#[derive(Debug)]
pub struct Opened {
    /// The journal, ready to be written.
    pub journal: Journal,
    /// Whether the file was made.
    pub created: bool,
    /// Position and hash of the newest event.
    pub head: Option<(u64, [u8; 32])>,
}

impl Journal {
    /// Opens the journal at `path` for writing, or makes it (readable by its owner only).
    ///
    /// Checks the header, the schema, the chain from [`Options::checked_from`] on and the streams of all open orders.
    /// [`StorageFault::Damaged`] leaves [`Journal::open_read_only`]. Blocks.
    pub fn open(path: &Path, options: Options) -> Result<Opened, StorageFault> {
        must_not_be_emptied(path)?;
        let created = match path.symlink_metadata() {
            Ok(_) => false,
            // Only where there certainly is none: what cannot be looked at just now may hold everything.
            Err(error) if error.kind() == ErrorKind::NotFound => true,
            Err(error) => return Err(refused(&error)),
        };
        if created {
            make_whole(path)?;
        }
        // By a connection that only reads: one that writes would fold the log into a file that is none of this program's.
        if let Err(fault @ (StorageFault::Damaged(_) | StorageFault::Newer { .. })) = reader(path) {
            return Err(fault);
        }
        let mut connection = writing(path)?;
        // It is given its name with its tables in it: one without any held something once, and what that was is gone.
        if schema::kind(&connection)? == schema::Kind::Empty {
            return Err(StorageFault::Damaged("it is empty".into()));
        }
        if connection.is_readonly("main")? {
            return Err(StorageFault::ReadOnly("the file may not be written".into()));
        }
        schema::prepare_writer(&mut connection)?;
        let head = read::snapshot(&mut connection, |connection| check(connection, options))?;
        let journal = Journal::of(Readers::new(path, Access::Shared), Some(Writer::start(connection)?));
        Ok(Opened { journal, created, head })
    }

    /// Opens the journal at `path` for reading and exporting only, beside a writer or in a folder that cannot be
    /// written, damaged or not, as far as its header and schema can be read. Blocks.
    pub fn open_read_only(path: &Path) -> Result<Self, StorageFault> {
        let (_, access) = reader(path)?;
        Ok(Self::of(Readers::new(path, access), None))
    }
}

fn writing(path: &Path) -> Result<Connection, StorageFault> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Ok(Connection::open_with_flags(path, flags)?)
}

/// Makes a journal without an event beside its place, and gives it its name once it is whole.
fn make_whole(path: &Path) -> Result<(), StorageFault> {
    let beside = &with_end(path, ".new");
    for left in ["", "-wal", "-shm", "-journal"] {
        match std::fs::remove_file(with_end(beside, left)) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(refused(&error)),
            Ok(()) | Err(_) => {}
        }
    }
    make(beside)?;
    let mut connection = writing(beside)?;
    schema::prepare_writer(&mut connection)?;
    let busy: i64 = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    connection.close().map_err(|(_, error)| error)?;
    if busy != 0 || has_log(beside) {
        return Err(StorageFault::Failed("somebody reads the journal that is being made".into()));
    }
    let named = || {
        OpenOptions::new().read(true).write(true).open(beside)?.sync_all()?;
        std::fs::rename(beside, path)?;
        sync_folder(path)
    };
    named().map_err(|error| refused(&error))
}

fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut named = path.as_os_str().to_owned();
    named.push(end);
    named.into()
}

/// Whether there is a journal, or what is left of one.
#[must_use]
pub fn is_there(path: &Path) -> bool {
    path.symlink_metadata().is_ok() || has_log(path)
}

/// An empty file held something once, and so did one that is gone and has left its log. SQLite would take the log away.
fn must_not_be_emptied(path: &Path) -> Result<(), StorageFault> {
    match path.metadata() {
        Ok(file) if file.is_file() && file.len() == 0 => Err(StorageFault::Damaged("it is empty".into())),
        Err(error) if error.kind() == ErrorKind::NotFound && has_log(path) => {
            Err(StorageFault::Damaged("it is gone, and its log is still there".into()))
        }
        Ok(_) | Err(_) => Ok(()),
    }
}

/// A reading connection, in the way that the file's place allows.
pub(super) fn reader(path: &Path) -> Result<(Connection, Access), StorageFault> {
    must_not_be_emptied(path)?;
    match connect(path, Access::Shared) {
        // Without a write-ahead log beside it the file is complete, and where nothing can be made nobody writes.
        Err(StorageFault::ReadOnly(_) | StorageFault::DiskFull) if path.is_file() && !has_log(path) => {
            Ok((connect(path, Access::Immutable)?, Access::Immutable))
        }
        other => Ok((other?, Access::Shared)),
    }
}

fn has_log(path: &Path) -> bool {
    with_end(path, "-wal").metadata().is_ok_and(|log| log.len() > 0)
}

/// Makes an empty file for its owner, if there is none, and makes sure that its name survives a power cut.
pub(super) fn make(path: &Path) -> Result<(), StorageFault> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(file) => file.sync_all().and_then(|()| sync_folder(path)).map_err(|error| refused(&error)),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        // A read-only disk says so even if the file is there; then opening it tells more.
        Err(_) if path.is_file() => Ok(()),
        Err(error) => Err(refused(&error)),
    }
}

fn sync_folder(path: &Path) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Windows gives no handle on a folder, and keeps names by itself.
    if cfg!(windows) { Ok(()) } else { File::open(folder)?.sync_all() }
}

fn refused(error: &std::io::Error) -> StorageFault {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => StorageFault::DiskFull,
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem | ErrorKind::NotFound => {
            StorageFault::ReadOnly(error.to_string())
        }
        _ => StorageFault::Failed(error.to_string()),
    }
}

fn check(connection: &Connection, options: Options) -> Result<Option<(u64, Hash)>, StorageFault> {
    if !schema::is_as_made(connection)? {
        return Err(StorageFault::Damaged("its tables are not those that this program makes".into()));
    }
    let head = read::head(connection)?;
    chain(connection, options.checked_from, head)?;
    open_orders(connection)?;
    Ok(head)
}

/// Checks that the events from `from` to the head are all there, unchanged and linked.
fn chain(connection: &Connection, from: u64, head: Option<(u64, Hash)>) -> Result<(), StorageFault> {
    let Some((last, hash)) = head else { return Ok(()) };
    let from = stored(from.clamp(1, last))?;
    let mut prev = if from == 1 { Some(START.to_vec()) } else { None };
    let mut statement = connection.prepare(&format!("SELECT {COLUMNS} FROM journal WHERE seq >= ?1 ORDER BY seq"))?;
    for (expected, link) in (from..).zip(statement.query_map([from], Link::read)?) {
        let link = link?;
        // The first one that is looked at in the middle of the journal is taken at its word about what is before it.
        let linked = prev.as_ref().is_none_or(|prev| *prev == link.prev);
        if link.seq != expected || !linked || !link.holds() {
            return Err(StorageFault::Damaged(format!("the chain is broken at event {expected}")));
        }
        prev = Some(link.hash);
    }
    if prev.as_deref() != Some(hash.as_slice()) {
        return Err(StorageFault::Damaged("the chain does not reach its end".into()));
    }
    Ok(())
}

/// Every order that is open, or has a refund that is, can be read. Each list is named: asked for both at once the database walks
/// through every order that there ever was.
fn open_orders(connection: &Connection) -> Result<(), StorageFault> {
    for list in ["orders INDEXED BY orders_open", "refunds INDEXED BY refunds_open"] {
        let mut statement = connection.prepare(&format!("SELECT DISTINCT order_no FROM {list} WHERE open = 1"))?;
        for order_no in statement.query_map([], |row| row.get::<_, String>(0))? {
            let order_no = order_no?;
            let events = read::stream(connection, &format!("order/{order_no}"))
                .map_err(|fault| StorageFault::Damaged(format!("open order {order_no}: {fault}")))?;
            if events.is_empty() {
                return Err(StorageFault::Damaged(format!("open order {order_no} has no events")));
            }
        }
    }
    Ok(())
}
