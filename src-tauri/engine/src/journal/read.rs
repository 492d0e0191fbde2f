//! Reading: a few read-only connections, each used for one short transaction at a time.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension};
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

use super::chain::{COLUMNS, Hash, Link};
use super::fault::{counted, stored};
use super::schema;
use crate::off_thread::off_thread;
use crate::storage::{StorageFault, StoredEvent};

/// Readers at the same time; more wait.
const READERS: usize = 4;

/// How long the last reads may take when the journal is closed.
const LAST_READS: Duration = Duration::from_secs(5);

/// How a reading connection is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// Beside a writer, perhaps of another process.
    Shared,
    /// The file lies where nothing can be written now, and nobody writes it.
    Immutable,
}

/// The reading connections of one journal.
#[derive(Debug)]
pub(super) struct Readers {
    pool: Arc<Pool>,
}

#[derive(Debug)]
struct Pool {
    path: PathBuf,
    access: Access,
    idle: Mutex<Vec<Connection>>,
    under_way: Mutex<usize>,
    quiet: Condvar,
    turns: Semaphore,
}

/// A read that is not over: neither done nor given up before it began.
struct Reading(Arc<Pool>);

impl Readers {
    pub(super) fn access(&self) -> Access {
        self.pool.access
    }

    pub(super) fn new(path: &Path, access: Access) -> Self {
        let pool = Pool {
            path: path.to_owned(),
            access,
            idle: Mutex::default(),
            under_way: Mutex::new(0),
            quiet: Condvar::new(),
            turns: Semaphore::new(READERS),
        };
        Self { pool: Arc::new(pool) }
    }

    /// Runs `work` on a thread that may block, in a transaction of its own, so that it sees one state.
    pub(super) async fn read<T, F>(&self, work: F) -> Result<T, StorageFault>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StorageFault> + Send + 'static,
    {
        let _turn = self.pool.turns.acquire().await.map_err(|error| StorageFault::Failed(error.to_string()))?;
        let reading = Reading::begin(&self.pool);
        off_thread(move || reading.0.read(work))
            .await
            .map_err(|error| StorageFault::Failed(format!("a reader stopped: {error}")))?
    }
}

/// Whoever was waiting for a read may have gone with the runtime; its thread has not. The writer must close after it.
impl Drop for Readers {
    fn drop(&mut self) {
        let under_way = locked(&self.pool.under_way);
        let waited = self.pool.quiet.wait_timeout_while(under_way, LAST_READS, |under_way| *under_way > 0);
        if waited.is_ok_and(|(_, waited)| waited.timed_out()) {
            tracing::warn!("the journal was read to the end");
        }
        locked(&self.pool.idle).clear();
    }
}

impl Reading {
    fn begin(pool: &Arc<Pool>) -> Self {
        let mut under_way = locked(&pool.under_way);
        *under_way = under_way.saturating_add(1);
        Self(Arc::clone(pool))
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        let mut under_way = locked(&self.0.under_way);
        *under_way = under_way.saturating_sub(1);
        self.0.quiet.notify_all();
    }
}

fn locked<T>(held: &Mutex<T>) -> MutexGuard<'_, T> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Pool {
    fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T, StorageFault>) -> Result<T, StorageFault> {
        let idle = locked(&self.idle).pop();
        let mut connection = match idle {
            Some(connection) => connection,
            None => connect(&self.path, self.access)?,
        };
        let found = snapshot(&mut connection, work);
        // What a connection has cached says nothing about the file after a fault; the next reader looks afresh.
        if found.is_ok() {
            locked(&self.idle).push(connection);
        }
        found
    }
}

/// Runs `work` in a read transaction that ends with it.
pub(super) fn snapshot<T>(
    connection: &mut Connection,
    work: impl FnOnce(&Connection) -> Result<T, StorageFault>,
) -> Result<T, StorageFault> {
    let transaction = connection.transaction()?;
    let found = work(&transaction);
    transaction.finish()?;
    found
}

/// Opens a reading connection and checks the header. A file without content is [`StorageFault::Damaged`].
pub(super) fn connect(path: &Path, access: Access) -> Result<Connection, StorageFault> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = match access {
        Access::Shared => Connection::open_with_flags(path, flags)?,
        Access::Immutable => Connection::open_with_flags(immutable(path)?, flags | OpenFlags::SQLITE_OPEN_URI)?,
    };
    schema::prepare_reader(&connection)?;
    match schema::kind(&connection)? {
        schema::Kind::Journal => Ok(connection),
        schema::Kind::Empty => Err(StorageFault::Damaged("the file is empty".into())),
    }
}

/// The path as an SQLite URI that says that nothing will change the file.
fn immutable(path: &Path) -> Result<String, StorageFault> {
    let path = path.to_str().ok_or_else(|| StorageFault::Failed("the path is not UTF-8".into()))?;
    let mut uri = String::from("file:");
    if cfg!(windows) {
        uri.push('/');
    }
    for character in path.chars() {
        match character {
            '%' => uri.push_str("%25"),
            '?' => uri.push_str("%3f"),
            '#' => uri.push_str("%23"),
            '\\' if cfg!(windows) => uri.push('/'),
            other => uri.push(other),
        }
    }
    uri.push_str("?immutable=1");
    Ok(uri)
}

/// One subject's events. Fails for this subject only, if one is missing or its hash does not fit.
pub(super) fn stream(connection: &Connection, subject: &str) -> Result<Vec<StoredEvent>, StorageFault> {
    let mut statement =
        connection.prepare_cached(&format!("SELECT {COLUMNS} FROM journal WHERE subject = ?1 ORDER BY subject_seq"))?;
    let mut events = Vec::new();
    for (expected, link) in (1..).zip(statement.query_map([subject], Link::read)?) {
        let event = link?.event()?;
        if event.subject != subject || event.subject_seq != expected {
            return Err(StorageFault::Unreadable {
                seq: event.seq,
                subject: Some(subject.to_owned()),
                reason: format!("it is not number {expected} of its stream"),
            });
        }
        events.push(event);
    }
    Ok(events)
}

/// The newest of one subject's events before a place in its stream, newest first. Fails for this subject only, like [`stream`].
pub(super) fn latest(
    connection: &Connection,
    subject: &str,
    before: u64,
    limit: u32,
) -> Result<Vec<StoredEvent>, StorageFault> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM journal WHERE subject = ?1 AND subject_seq < ?2 ORDER BY subject_seq DESC LIMIT ?3"
    ))?;
    let mut events: Vec<StoredEvent> = Vec::new();
    // A place that SQLite cannot even store is behind every event.
    let before = stored(before).unwrap_or(i64::MAX);
    for link in statement.query_map((subject, before, limit), Link::read)? {
        let event = link?.event()?;
        let follows = events.last().is_none_or(|next| next.subject_seq.checked_sub(1) == Some(event.subject_seq));
        if event.subject != subject || !follows {
            return Err(StorageFault::Unreadable {
                seq: event.seq,
                subject: Some(subject.to_owned()),
                reason: "it is not the next of its stream".into(),
            });
        }
        events.push(event);
    }
    Ok(events)
}

/// Events behind `seq`, up to the head or to one that cannot be read.
pub(super) fn after(connection: &Connection, seq: u64, limit: u32) -> Result<Vec<StoredEvent>, StorageFault> {
    let Some(head) = recorded_head(connection)? else { return Ok(Vec::new()) };
    let mut events = Vec::new();
    let mut fault = None;
    let mut expected = seq;
    let mut statement = connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM journal WHERE seq > ?1 AND seq <= ?2 ORDER BY seq LIMIT ?3"))?;
    // A position that SQLite cannot even store is behind every head.
    let Ok(from) = stored(seq) else { return Ok(Vec::new()) };
    for link in statement.query_map((from, stored(head.0)?, limit), Link::read)? {
        expected = expected.saturating_add(1);
        match link.map_err(StorageFault::from).and_then(Link::event) {
            Ok(event) if event.seq == expected => events.push(event),
            Ok(_) => fault = Some(missing(expected)),
            Err(reason) => fault = Some(reason),
        }
        if fault.is_some() {
            break;
        }
    }
    if fault.is_none() && events.is_empty() && limit > 0 && seq < head.0 {
        fault = Some(missing(seq.saturating_add(1)));
    }
    match fault {
        Some(fault) if events.is_empty() => Err(fault),
        _ => Ok(events),
    }
}

fn missing(seq: u64) -> StorageFault {
    StorageFault::Unreadable { seq, subject: None, reason: "it is not there".into() }
}

/// The newest event's position and hash.
pub(super) fn head(connection: &Connection) -> Result<Option<(u64, Hash)>, StorageFault> {
    let last = connection
        .prepare_cached("SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1")?
        .query_row([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Hash>(1)?)))
        .optional()?;
    let recorded = recorded_head(connection)?;
    match (last, recorded) {
        (None, None) => Ok(None),
        (Some((seq, hash)), Some(head)) if (counted(seq)?, hash) == head => Ok(Some(head)),
        _ => Err(StorageFault::Damaged("its end is not where it was left".into())),
    }
}

/// What the last transaction wrote down as the journal's end.
pub(super) fn recorded_head(connection: &Connection) -> Result<Option<(u64, Hash)>, StorageFault> {
    let found = connection
        .prepare_cached("SELECT seq, hash FROM head")?
        .query_row([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Hash>(1)?)))
        .optional()?;
    found.map(|(seq, hash)| Ok((counted(seq)?, hash))).transpose()
}

/// What the event at `seq` names as the chain value of the one before it.
pub(super) fn prev(connection: &Connection, seq: u64) -> Result<Hash, StorageFault> {
    let prev = connection
        .prepare_cached("SELECT prev FROM journal WHERE seq = ?1")?
        .query_row([stored(seq)?], |row| row.get(0))
        .optional()?;
    prev.ok_or_else(|| missing(seq))
}

/// A raw answer, if it is still kept.
pub(super) fn raw(connection: &Connection, sha256: &Hash) -> Result<Option<Vec<u8>>, StorageFault> {
    let body: Option<Vec<u8>> = connection
        .prepare_cached("SELECT body FROM answers WHERE sha256 = ?1")?
        .query_row([sha256], |row| row.get(0))
        .optional()?;
    match body {
        Some(body) if Hash::from(Sha256::digest(&body)) != *sha256 => {
            Err(StorageFault::Failed("a stored answer does not fit its hash".into()))
        }
        other => Ok(other),
    }
}
