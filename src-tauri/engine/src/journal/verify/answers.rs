//! The raw answers: each fits its hash, and each event's is there unless its removal was said.

use std::collections::VecDeque;

use data_encoding::HEXLOWER;
use memchr::memmem::find;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension};
use sha2::{Digest, Sha256};
use till_core::journal::TILL;

use super::super::chain::{Hash, Link};
use super::super::fault::counted;
use super::super::read::{snapshot, stream};
use super::{Finding, Flaw, RemovedUntil};
use crate::storage::StorageFault;

/// Answers read at a time.
const AHEAD: u32 = 200;

/// How far ahead an event's answer is looked for: some between may be no event's any more.
const NEAR: usize = 50;

/// Reads the answers in the order in which they were kept, which is that of the events that rest on them: walked beside the chain,
/// hardly one has to be looked up.
pub(super) struct Answers<'a> {
    removed_until: Option<&'a RemovedUntil>,
    /// What happened before this may have lost its answer, as far as was read.
    until: i64,
    /// The first event whose answer is missing.
    missing: Option<i64>,
    /// The first event whose answer is there and is not what it was.
    changed: Option<i64>,
    /// Answers that were read and that no event has come to yet.
    ahead: VecDeque<Kept>,
    /// The last row that was read.
    last: i64,
    /// Whether one does not fit its hash.
    differs: bool,
}

/// An answer that is kept.
#[derive(Debug, Clone, Copy)]
struct Kept {
    sha256: Hash,
    /// When the newest event happened that rests on it, UTC microseconds.
    at: i64,
    /// Whether its hash is that of its body.
    fits: bool,
}

impl Kept {
    fn read(sha256: ValueRef<'_>, at: ValueRef<'_>, body: ValueRef<'_>) -> Self {
        let ought = Hash::from(Sha256::digest(body.as_blob().unwrap_or_default()));
        let sha256 = sha256.as_blob().ok().and_then(|bytes| Hash::try_from(bytes).ok()).unwrap_or_default();
        Self { sha256, at: at.as_i64().unwrap_or(i64::MIN), fits: sha256 == ought }
    }
}

impl<'a> Answers<'a> {
    pub(super) fn new(removed_until: Option<&'a RemovedUntil>) -> Self {
        Self {
            removed_until,
            until: i64::MIN,
            missing: None,
            changed: None,
            ahead: VecDeque::new(),
            last: i64::MIN,
            differs: false,
        }
    }

    /// Looks for the answers that these events rest on, the next ones of the chain.
    pub(super) fn look(&mut self, connection: &Connection, links: &[Link]) -> Result<(), StorageFault> {
        let Some(removed_until) = self.removed_until.filter(|_| self.missing.is_none()) else { return Ok(()) };
        for link in links {
            let Some(sha256) = rests_on(&link.payload) else { continue };
            if let Some((kept, first)) = self.kept(connection, &sha256)? {
                // An older program left it at the moment of the first event that rests on it.
                if !kept.fits || (first && kept.at < link.at) {
                    self.changed = self.changed.or(Some(link.seq));
                }
                continue;
            }
            if link.at < self.until {
                continue;
            }
            // What is removed while this looks was said before it went: the newest word counts.
            let said = stream(connection, TILL).ok().and_then(|events| removed_until(&events));
            self.until = said.unwrap_or(i64::MIN);
            if link.at >= self.until {
                self.missing = Some(link.seq);
                return Ok(());
            }
        }
        Ok(())
    }

    /// Reads what is left of them, and says what is wrong.
    pub(super) fn finish(&mut self, connection: &mut Connection) -> Result<Finding, StorageFault> {
        while snapshot(connection, |connection| self.read(connection))? {
            self.ahead.clear();
        }
        // An answer whose own hash was changed is nobody's any more: the event that lacks one is that which it was of.
        let at = self.changed.or(self.missing).map(counted).transpose()?;
        Ok(if self.differs || self.changed.is_some() {
            Some((Flaw::AnswerDiffers, at))
        } else {
            at.map(|seq| (Flaw::AnswerMissing, Some(seq)))
        })
    }

    /// What is kept of an answer, and whether no event before is known to rest on it.
    fn kept(&mut self, connection: &Connection, sha256: &Hash) -> Result<Option<(Kept, bool)>, StorageFault> {
        if self.ahead.len() < NEAR {
            self.read(connection)?;
        }
        if let Some(place) = self.ahead.iter().take(NEAR).position(|ahead| ahead.sha256 == *sha256) {
            return Ok(self.ahead.drain(..=place).next_back().map(|kept| (kept, true)));
        }
        let found = connection
            .prepare_cached("SELECT sha256, at, body FROM answers WHERE sha256 = ?1")?
            .query_row([sha256], |row| Ok(Kept::read(row.get_ref(0)?, row.get_ref(1)?, row.get_ref(2)?)))
            .optional()?;
        Ok(found.map(|kept: Kept| (kept, false)))
    }

    /// Reads some more of them; false: there are no more.
    fn read(&mut self, connection: &Connection) -> Result<bool, StorageFault> {
        let mut statement = connection
            .prepare_cached("SELECT rowid, sha256, at, body FROM answers WHERE rowid > ?1 ORDER BY rowid LIMIT ?2")?;
        let mut rows = statement.query((self.last, AHEAD))?;
        let before = self.last;
        while let Some(row) = rows.next()? {
            self.last = row.get(0)?;
            let kept = Kept::read(row.get_ref(1)?, row.get_ref(2)?, row.get_ref(3)?);
            self.differs |= !kept.fits;
            self.ahead.push_back(kept);
        }
        Ok(self.last != before)
    }
}

/// The SHA-256 of the answer that an event rests on. Inside a text of somebody else's the marks around the name would be escaped.
pub(crate) fn rests_on(event: &[u8]) -> Option<Hash> {
    let at = find(event, RAW)?;
    let hex = event.get(at.checked_add(RAW.len())?..)?.first_chunk::<65>()?;
    let (quote, hex) = hex.split_last()?;
    let bytes = HEXLOWER.decode(hex).ok().filter(|_| *quote == b'"')?;
    bytes.try_into().ok()
}

/// How an event names the answer that it rests on.
const RAW: &[u8] = b"\"raw\":\"";
