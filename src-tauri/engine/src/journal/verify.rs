//! The full verification: every event, every row, the file itself. It never writes and never holds others up.

use std::path::Path;

use std::sync::atomic::{AtomicBool, Ordering};

use rusqlite::{Connection, OptionalExtension};
use serde::{Deserialize, Serialize};
use specta::Type;

use self::answers::Answers;
pub(crate) use self::answers::rests_on;
use self::classify::Place;
use self::handed::{Handed, Handing};
use super::chain::{COLUMNS, Hash, Link, START};
use super::fault::{counted, stored};
use super::read::{Access, connect, recorded_head, snapshot};
use super::{Project, open, schema};
use crate::storage::{StorageFault, StoredEvent};

mod answers;
mod classify;
mod handed;
mod indexes;
mod rows;

/// Rows read in one transaction.
const CHUNK: u32 = 500;

/// What a verification compares beyond the chain. Everything is optional.
#[derive(Default, Clone, Copy)]
pub struct Checks<'a> {
    /// Makes rows from events; the stored ones must equal them.
    pub project: Option<&'a dyn Project>,
    /// Reads a signed day head from an event, where it is one.
    pub anchor: Option<&'a ReadAnchor>,
    /// Says from the till's own events until when raw answers may be gone. Without it those that are gone are not looked for.
    pub removed_until: Option<&'a RemovedUntil>,
    /// Position and hash of an event as somebody outside the file remembers it.
    pub known: Option<(u64, [u8; 32])>,
    /// Whether chain, file and rows are looked at at once, on every core: where nobody sells beside it.
    pub at_once: bool,
}

/// Reads the signed day head that an event holds, if it holds one.
pub type ReadAnchor = dyn Fn(&StoredEvent) -> Option<Anchor> + Sync;

/// Until when raw answers were removed, UTC microseconds, by the till's own events; none where none were.
pub type RemovedUntil = dyn Fn(&[StoredEvent]) -> Option<i64> + Sync;

/// What a day head says about an event before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Anchor {
    /// The event's position.
    pub seq: u64,
    /// The event's hash.
    pub hash: [u8; 32],
    /// Whether the till's signature is right.
    pub genuine: bool,
}

/// What is wrong with a journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Flaw {
    /// This event cannot be read: by the database, or by this program. Its subject's row, if it has one, is as it was before.
    Unreadable,
    /// The event is not what it was.
    Edited,
    /// The event that stood here is gone.
    Deleted,
    /// Another event stands here, or this one holds another's content.
    Swapped,
    /// This event was not written by the till.
    Inserted,
    /// The journal once went on here.
    CutOff,
    /// The chain was computed anew: it contradicts a signed day head or what somebody outside remembers.
    Rewritten,
    /// A day head with a wrong signature.
    WrongSignature,
    /// A kept answer does not fit its hash, or is said to be older than the event that rests on it.
    AnswerDiffers,
    /// The raw answer that this event rests on is gone, and the journal does not say that it was removed.
    AnswerMissing,
    /// A row is not what its subject's events amount to; the position is that of the subject's newest event.
    ProjectionDiffers,
    /// Tables, indexes or triggers are not those that the program makes.
    SchemaDiffers,
    /// The database file is damaged.
    FileDamaged,
}

/// The outcome of a verification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// Whether everything fits.
    pub ok: bool,
    /// The first event that does not, where one can be named.
    pub first_bad_seq: Option<u64>,
    /// What is wrong.
    pub kind: Option<Flaw>,
    /// The newest event that a signed day head vouches for, as far as was looked; none where there is no such head.
    pub signed_to: Option<u64>,
}

/// A flaw and the event that it is at, while looking.
type Finding = Option<(Flaw, Option<u64>)>;

/// Verifies the journal at `path` up to the event that is its newest when this begins. Blocks, for long journals long.
///
/// Fails only if the file cannot be opened as a journal at all.
pub fn verify(path: &Path, checks: Checks<'_>) -> Result<Verification, StorageFault> {
    let (mut connection, access) = open::reader(path)?;
    let mut signed_to = None;
    let found = if checks.at_once {
        all_at_once(&mut connection, (path, access), checks, &mut signed_to)
    } else {
        match search(&mut connection, checks, None, &mut signed_to) {
            Ok(None) => rows::rows(&mut connection, checks.project, &AtomicBool::new(false), Handed::default()),
            other => other,
        }
    };
    let finding = match found {
        // Where the database gives up in the middle, nothing more exact can be said.
        Err(StorageFault::Damaged(_)) => Some((Flaw::FileDamaged, None)),
        // A table that is not there can be asked for nothing.
        Err(_) if snapshot(&mut connection, schema::is_as_made) == Ok(false) => Some((Flaw::SchemaDiffers, None)),
        other => other?,
    };
    let (kind, first_bad_seq) = finding.unzip();
    Ok(Verification { ok: kind.is_none(), first_bad_seq: first_bad_seq.flatten(), kind, signed_to })
}

/// What a connection may keep of the file, in kibibytes: each reads from end to end.
const KEPT: u32 = 8_000;

/// The rows and the file by connections of their own, while this one looks at everything else and hands the events of the chain over
/// to the rows. What this one finds goes before, and the file before its rows.
fn all_at_once(
    connection: &mut Connection,
    (path, access): (&Path, Access),
    checks: Checks<'_>,
    signed_to: &mut Option<u64>,
) -> Result<Finding, StorageFault> {
    let over = &AtomicBool::new(false);
    let (handing, handed) = handed::way();
    let badly = || Err(StorageFault::Failed("a thread ended badly".into()));
    std::thread::scope(|scope| {
        let rows = scope.spawn(move || rows::rows(&mut keeping(connect(path, access)?)?, checks.project, over, handed));
        let whole = scope.spawn(|| file(&mut keeping(connect(path, access)?)?));
        let found = search(connection, checks, Some(handing), signed_to);
        over.store(!matches!(found, Ok(None)), Ordering::Relaxed);
        let of_file = whole.join().unwrap_or_else(|_| badly());
        let of_rows = rows.join().unwrap_or_else(|_| badly());
        [found, of_file].into_iter().find(|found| !matches!(found, Ok(None))).unwrap_or(of_rows)
    })
}

fn keeping(connection: Connection) -> Result<Connection, StorageFault> {
    connection.execute_batch(&format!("PRAGMA cache_size = -{KEPT}"))?;
    Ok(connection)
}

/// Everything but the rows; and but the file, where events are handed over to others that look beside.
fn search(
    connection: &mut Connection,
    checks: Checks<'_>,
    beside: Option<Handing>,
    signed_to: &mut Option<u64>,
) -> Result<Finding, StorageFault> {
    let alone = beside.is_none();
    let (head, last) = snapshot(connection, |connection| Ok((recorded_head(connection)?, last_row(connection)?)))?;
    let end = head.map_or(0, |(seq, _)| seq);
    let mut answers = Answers::new(checks.removed_until);
    if let Some((seq, hash)) = head {
        let mut seen = Along { checks, answers: &mut answers, signed_to };
        if let Some(finding) = chain(connection, (seq, hash), last, &mut seen, beside)? {
            return Ok(Some(finding));
        }
    }
    if last > end {
        return Ok(Some((Flaw::Inserted, Some(end.saturating_add(1)))));
    }
    if let Some((seq, hash)) = checks.known {
        if seq > end {
            return Ok(Some((Flaw::CutOff, Some(end.saturating_add(1)))));
        }
        if hash_at(connection, seq)? != Some(hash) {
            return Ok(Some((Flaw::Rewritten, Some(seq))));
        }
    }
    if alone && let Some(finding) = file(connection)? {
        return Ok(Some(finding));
    }
    answers.finish(connection)
}

/// The position of the last row; 0 where there is none.
fn last_row(connection: &Connection) -> Result<u64, StorageFault> {
    let last: Option<i64> = connection.query_row("SELECT max(seq) FROM journal", [], |row| row.get(0))?;
    Ok(last.map(counted).transpose()?.unwrap_or(0))
}

/// What is looked at along the chain, event by event.
struct Along<'a, 'b> {
    checks: Checks<'b>,
    answers: &'a mut Answers<'b>,
    signed_to: &'a mut Option<u64>,
}

/// Walks the chain from the first event to the head, and hands over what it holds. Behind it there should be nothing, up to `newest`.
fn chain(
    connection: &mut Connection,
    head: (u64, Hash),
    newest: u64,
    along: &mut Along<'_, '_>,
    mut beside: Option<Handing>,
) -> Result<Finding, StorageFault> {
    let (last, newest) = (stored(head.0)?, stored(newest)?);
    let mut prior: Option<Place> = None;
    let mut expected = 1;
    while expected <= last {
        let (links, unreadable) = snapshot(connection, |connection| {
            let found = links(connection, expected, last)?;
            along.answers.look(connection, &found.0)?;
            Ok(found)
        })?;
        if links.is_empty() {
            let flaw = if unreadable { Flaw::Unreadable } else { Flaw::CutOff };
            return Ok(Some((flaw, Some(counted(expected)?))));
        }
        let mut events = Vec::with_capacity(links.len());
        for link in links {
            let (prev, ought) = (prior.as_ref().map_or(START, |prior| prior.hash), link.ought());
            if link.seq != expected || link.prev != prev || link.hash != ought {
                let (flaw, seq) = classify::classify(connection, prior.as_ref(), &link, expected, (head.1, newest))?;
                return Ok(Some((flaw, Some(counted(seq)?))));
            }
            prior = Some(Place { seq: link.seq, prev, hash: ought });
            match event(connection, link, along)? {
                Ok(event) => events.push(event),
                Err(finding) => return Ok(Some(finding)),
            }
            expected += 1;
        }
        // Whoever has seen enough takes no more.
        if beside.as_ref().is_some_and(|beside| beside.send(events).is_err()) {
            beside = None;
        }
    }
    let Some(prior) = prior.filter(|prior| prior.hash != head.1) else { return Ok(None) };
    // The event that was the newest may have been pushed on, behind the recorded end.
    let (behind, _) = snapshot(connection, |connection| links(connection, last.saturating_add(1), newest))?;
    let pushed = behind.first().is_some_and(|behind| behind.hash == head.1 && behind.prev == prior.prev);
    Ok(Some((if pushed { Flaw::Inserted } else { Flaw::Edited }, Some(head.0))))
}

/// Events from `from` to `last`, as many as one transaction reads, and whether the database stopped at one.
fn links(connection: &Connection, from: i64, last: i64) -> Result<(Vec<Link>, bool), StorageFault> {
    let mut statement = connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM journal WHERE seq BETWEEN ?1 AND ?2 ORDER BY seq LIMIT ?3"))?;
    let mut links = Vec::new();
    for link in statement.query_map((from, last, CHUNK), Link::read)? {
        match link {
            Ok(link) => links.push(link),
            Err(_) => return Ok((links, true)),
        }
    }
    Ok((links, false))
}

/// One event of the chain, or what the chain does not show about it: it is none of this program's, or a day head that is wrong.
fn event(
    connection: &Connection,
    link: Link,
    along: &mut Along<'_, '_>,
) -> Result<Result<StoredEvent, (Flaw, Option<u64>)>, StorageFault> {
    let seq = counted(link.seq)?;
    let Ok(event) = link.taken_as_it_is() else { return Ok(Err((Flaw::Edited, Some(seq)))) };
    match along.checks.anchor.and_then(|anchor| anchor(&event)) {
        Some(anchor) if !anchor.genuine => Ok(Err((Flaw::WrongSignature, Some(seq)))),
        Some(anchor) if hash_at(connection, anchor.seq)? != Some(anchor.hash) => {
            Ok(Err((Flaw::Rewritten, Some(anchor.seq))))
        }
        Some(anchor) => {
            *along.signed_to = Some(anchor.seq);
            Ok(Ok(event))
        }
        None => Ok(Ok(event)),
    }
}

fn hash_at(connection: &Connection, seq: u64) -> Result<Option<Hash>, StorageFault> {
    let hash = connection
        .prepare_cached("SELECT hash FROM journal WHERE seq = ?1")?
        .query_row([stored(seq)?], |row| row.get(0))
        .optional()?;
    Ok(hash)
}

/// Tables whose indexes are compared with them in one pass each. That of the journal's streams is compared where they are looked at; the
/// other tables are short, and one of them has an index of an expression.
const LONG: [&str; 2] = ["answers", "orders"];

/// Tables, one at a time, the schema, and then the indexes.
fn file(connection: &mut Connection) -> Result<Finding, StorageFault> {
    let refunds = schema::has_refunds(connection)?.then_some("refunds");
    let quick = ["journal"].into_iter().chain(LONG).map(|table| ("quick_check", table));
    let whole = ["head", "accounts"].into_iter().chain(refunds).map(|table| ("integrity_check", table));
    for (check, table) in quick.chain(whole) {
        let said: String = connection.query_row(&format!("PRAGMA {check}({table})"), [], |row| row.get(0))?;
        if said != "ok" {
            tracing::warn!(table, said, "the database file is damaged");
            return Ok(Some((Flaw::FileDamaged, None)));
        }
    }
    if !snapshot(connection, schema::is_as_made)? {
        return Ok(Some((Flaw::SchemaDiffers, None)));
    }
    for table in LONG {
        if !snapshot(connection, |connection| indexes::fit(connection, table))? {
            return Ok(Some((Flaw::FileDamaged, None)));
        }
    }
    Ok(None)
}
