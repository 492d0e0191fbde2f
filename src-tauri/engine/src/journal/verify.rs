//! The full verification: every event, every row, the file itself. It never writes and never holds others up.

use std::path::Path;

use data_encoding::HEXLOWER;
use rusqlite::{Connection, OptionalExtension};
use serde::Serialize;
use sha2::{Digest, Sha256};
use till_core::journal::TILL;

use super::chain::{COLUMNS, Hash, Link, START};
use super::fault::{counted, stored};
use super::project::{Rows, orphan};
use super::read::{recorded_head, snapshot, stream};
use super::writer::next_subject;
use super::{Project, open, project, schema};
use crate::storage::{StorageFault, StoredEvent};

mod classify;

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
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
    /// A kept answer does not fit its hash.
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
}

impl Verification {
    const FINE: Self = Self { ok: true, first_bad_seq: None, kind: None };

    fn flaw(kind: Flaw, first_bad_seq: Option<u64>) -> Self {
        Self { ok: false, first_bad_seq, kind: Some(kind) }
    }
}

/// A flaw and the event that it is at, while looking.
type Finding = Option<(Flaw, Option<u64>)>;

/// Verifies the journal at `path` up to the event that is its newest when this begins. Blocks, for long journals long.
///
/// Fails only if the file cannot be opened as a journal at all.
pub fn verify(path: &Path, checks: Checks<'_>) -> Result<Verification, StorageFault> {
    let (mut connection, _) = open::reader(path)?;
    let finding = match search(&mut connection, checks) {
        // Where the database gives up in the middle, nothing more exact can be said.
        Err(StorageFault::Damaged(_)) => Some((Flaw::FileDamaged, None)),
        other => other?,
    };
    Ok(finding.map_or(Verification::FINE, |(kind, seq)| Verification::flaw(kind, seq)))
}

fn search(connection: &mut Connection, checks: Checks<'_>) -> Result<Finding, StorageFault> {
    let (head, last) = snapshot(connection, |connection| {
        let last: Option<i64> = connection.query_row("SELECT max(seq) FROM journal", [], |row| row.get(0))?;
        Ok((recorded_head(connection)?, last.map(counted).transpose()?.unwrap_or(0)))
    })?;
    let end = head.map_or(0, |(seq, _)| seq);
    let mut gone = Gone::new(checks.removed_until);
    if let Some((seq, hash)) = head
        && let Some(finding) = chain(connection, (seq, hash), last, (checks, &mut gone))?
    {
        return Ok(Some(finding));
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
    if let Some(finding) = file(connection)? {
        return Ok(Some(finding));
    }
    if let Some(finding) = answers(connection)? {
        return Ok(Some(finding));
    }
    if let Some(seq) = gone.first {
        return Ok(Some((Flaw::AnswerMissing, Some(counted(seq)?))));
    }
    match checks.project {
        Some(project) => rows(connection, project),
        None => Ok(None),
    }
}

/// Walks the chain from the first event to the head. Behind it there should be nothing, up to `newest`.
fn chain(
    connection: &mut Connection,
    head: (u64, Hash),
    newest: u64,
    (checks, gone): (Checks<'_>, &mut Gone<'_>),
) -> Result<Finding, StorageFault> {
    let (last, newest) = (stored(head.0)?, stored(newest)?);
    let mut prior: Option<Link> = None;
    let mut expected = 1;
    while expected <= last {
        let (links, unreadable) = snapshot(connection, |connection| {
            let found = links(connection, expected, last)?;
            gone.look(connection, &found.0)?;
            Ok(found)
        })?;
        if links.is_empty() {
            let flaw = if unreadable { Flaw::Unreadable } else { Flaw::CutOff };
            return Ok(Some((flaw, Some(counted(expected)?))));
        }
        for link in links {
            let prev = prior.as_ref().map_or(START.as_slice(), |prior| &prior.hash);
            if link.seq != expected || link.prev != prev || !link.holds() {
                let (flaw, seq) = classify::classify(connection, prior.as_ref(), &link, expected, (head.1, newest))?;
                return Ok(Some((flaw, Some(counted(seq)?))));
            }
            if let Some(finding) = event(connection, &link, checks)? {
                return Ok(Some(finding));
            }
            expected += 1;
            prior = Some(link);
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

/// What the chain does not show about one event: its place in its stream, and what it says if it is a day head.
fn event(connection: &mut Connection, link: &Link, checks: Checks<'_>) -> Result<Finding, StorageFault> {
    let seq = counted(link.seq)?;
    let Ok(event) = link.clone().event() else { return Ok(Some((Flaw::Edited, Some(seq)))) };
    let follows = event.subject_seq == 1 || {
        connection
            .prepare_cached("SELECT 1 FROM journal WHERE subject = ?1 AND subject_seq = ?2 AND seq < ?3")?
            .exists((&event.subject, link.subject_seq.saturating_sub(1), link.seq))?
    };
    if !follows {
        return Ok(Some((Flaw::Deleted, Some(seq))));
    }
    match checks.anchor.and_then(|anchor| anchor(&event)) {
        Some(anchor) if !anchor.genuine => Ok(Some((Flaw::WrongSignature, Some(seq)))),
        Some(anchor) if hash_at(connection, anchor.seq)? != Some(anchor.hash) => {
            Ok(Some((Flaw::Rewritten, Some(anchor.seq))))
        }
        Some(_) | None => Ok(None),
    }
}

fn hash_at(connection: &Connection, seq: u64) -> Result<Option<Hash>, StorageFault> {
    let hash = connection
        .prepare_cached("SELECT hash FROM journal WHERE seq = ?1")?
        .query_row([stored(seq)?], |row| row.get(0))
        .optional()?;
    Ok(hash)
}

/// SQLite's own check, a table at a time, and the schema.
fn file(connection: &mut Connection) -> Result<Finding, StorageFault> {
    let refunds = schema::has_refunds(connection)?.then_some("refunds");
    for table in ["journal", "head", "answers", "accounts", "orders"].into_iter().chain(refunds) {
        let said: String = connection.query_row(&format!("PRAGMA integrity_check({table})"), [], |row| row.get(0))?;
        if said != "ok" {
            tracing::warn!(table, said, "the database file is damaged");
            return Ok(Some((Flaw::FileDamaged, None)));
        }
    }
    let as_made = snapshot(connection, schema::is_as_made)?;
    Ok(if as_made { None } else { Some((Flaw::SchemaDiffers, None)) })
}

fn answers(connection: &mut Connection) -> Result<Finding, StorageFault> {
    let mut last: Vec<u8> = Vec::new();
    loop {
        let kept: Vec<(Vec<u8>, Vec<u8>)> = snapshot(connection, |connection| {
            let mut statement = connection
                .prepare_cached("SELECT sha256, body FROM answers WHERE sha256 > ?1 ORDER BY sha256 LIMIT ?2")?;
            let rows = statement.query_map((&last, CHUNK), |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })?;
        let Some((newest, _)) = kept.last() else { return Ok(None) };
        last.clone_from(newest);
        if kept.iter().any(|(sha256, body)| Hash::from(Sha256::digest(body)) != sha256.as_slice()) {
            return Ok(Some((Flaw::AnswerDiffers, None)));
        }
    }
}

/// Looks for the answers that events rest on.
struct Gone<'a> {
    removed_until: Option<&'a RemovedUntil>,
    /// What happened before this may have lost its answer, as far as was read.
    until: i64,
    /// The first event whose answer is missing.
    first: Option<i64>,
}

impl<'a> Gone<'a> {
    fn new(removed_until: Option<&'a RemovedUntil>) -> Self {
        Self { removed_until, until: i64::MIN, first: None }
    }

    fn look(&mut self, connection: &Connection, links: &[Link]) -> Result<(), StorageFault> {
        let Some(removed_until) = self.removed_until.filter(|_| self.first.is_none()) else { return Ok(()) };
        for link in links {
            let Some(sha256) = rests_on(&link.payload).filter(|_| link.at >= self.until) else { continue };
            if connection.prepare_cached("SELECT 1 FROM answers WHERE sha256 = ?1")?.exists([sha256])? {
                continue;
            }
            // What is removed while this looks was said before it went: the newest word counts.
            let said = stream(connection, TILL).ok().and_then(|events| removed_until(&events));
            self.until = said.unwrap_or(i64::MIN);
            if link.at >= self.until {
                self.first = Some(link.seq);
                return Ok(());
            }
        }
        Ok(())
    }
}

/// The SHA-256 of the answer that an event rests on. Inside a text of somebody else's the marks around the name would be escaped.
fn rests_on(event: &[u8]) -> Option<Hash> {
    let at = event.windows(RAW.len()).position(|window| window == RAW)?;
    let hex = event.get(at.checked_add(RAW.len())?..)?.first_chunk::<65>()?;
    let (quote, hex) = hex.split_last()?;
    let bytes = HEXLOWER.decode(hex).ok().filter(|_| *quote == b'"')?;
    bytes.try_into().ok()
}

/// How an event names the answer that it rests on.
const RAW: &[u8] = b"\"raw\":\"";

/// Compares every subject's row with what its events amount to. What a rebuild puts right goes before what cannot be read,
/// which stays, and would hide it for good.
fn rows(connection: &mut Connection, project: &dyn Project) -> Result<Finding, StorageFault> {
    let mut unreadable = None;
    let mut subject = next_subject(connection, "")?;
    while let Some(current) = subject {
        // One transaction a subject: its events and its row are of the same moment, however long the rest takes.
        let finding = snapshot(connection, |connection| row(connection, project, &current))?;
        match finding {
            Some((Flaw::Unreadable, _)) => unreadable = unreadable.or(finding),
            Some(_) => return Ok(finding),
            None => {}
        }
        subject = next_subject(connection, &current)?;
    }
    for rows in [Rows::Orders, Rows::Accounts, Rows::Refunds] {
        let mut key = Some(String::new());
        while let Some(last) = key {
            let (next, found) = snapshot(connection, |connection| orphan(connection, rows, &last))?;
            if found {
                return Ok(Some((Flaw::ProjectionDiffers, None)));
            }
            key = next;
        }
    }
    Ok(unreadable)
}

fn row(connection: &Connection, project: &dyn Project, subject: &str) -> Result<Finding, StorageFault> {
    let events = match stream(connection, subject) {
        Ok(events) => events,
        Err(StorageFault::Unreadable { seq, .. }) => return Ok(Some((Flaw::Unreadable, Some(seq)))),
        Err(fault) => return Err(fault),
    };
    match project.row(subject, &events) {
        Ok(row) if row == project::find(connection, subject)? => Ok(None),
        Ok(_) => Ok(Some((Flaw::ProjectionDiffers, events.last().map(|event| event.seq)))),
        Err(seq) => Ok(Some((Flaw::Unreadable, Some(seq)))),
    }
}
