//! One row of the journal, and the hash that binds it to the row before it.

use rusqlite::Connection;
use rusqlite::types::ValueRef;
use sha2::{Digest, Sha256};
use till_core::time::Stamp;

use super::fault::counted;
use crate::storage::{StorageFault, StoredEvent};

/// A chain value.
pub(crate) type Hash = [u8; 32];

/// What stands before the first event.
pub(crate) const START: Hash = [0; 32];

/// Keeps these hashes apart from any other use of SHA-256. See the layout in the module's documentation.
const TAG: &[u8; 21] = b"tillkeeper.journal.1\0";

/// The columns that [`Link::read`] expects, in its order.
pub(super) const COLUMNS: &str = "seq, subject, subject_seq, at, offset_minutes, day, actor, event, prev, hash";

/// A row as its bytes are, so that it can be hashed even where it makes no sense.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) seq: i64,
    pub(super) subject: Vec<u8>,
    pub(super) subject_seq: i64,
    pub(super) at: i64,
    pub(super) offset_minutes: i64,
    pub(super) day: Vec<u8>,
    pub(super) actor: Vec<u8>,
    pub(super) payload: Vec<u8>,
    pub(super) prev: Vec<u8>,
    pub(super) hash: Vec<u8>,
}

impl Link {
    /// Reads a row of [`COLUMNS`]. Fails only where SQLite itself cannot read it.
    pub(super) fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            seq: number(row.get_ref(0)?),
            subject: bytes(row.get_ref(1)?),
            subject_seq: number(row.get_ref(2)?),
            at: number(row.get_ref(3)?),
            offset_minutes: number(row.get_ref(4)?),
            day: bytes(row.get_ref(5)?),
            actor: bytes(row.get_ref(6)?),
            payload: bytes(row.get_ref(7)?),
            prev: bytes(row.get_ref(8)?),
            hash: bytes(row.get_ref(9)?),
        })
    }

    /// Appends it as it is.
    pub(super) fn insert(&self, connection: &Connection) -> Result<(), StorageFault> {
        let text = |bytes| str::from_utf8(bytes).map_err(|_| self.unreadable("its text is not UTF-8"));
        connection
            .prepare_cached(&format!(
                "INSERT INTO journal ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
            ))?
            .execute((
                self.seq,
                text(&self.subject)?,
                self.subject_seq,
                self.at,
                self.offset_minutes,
                text(&self.day)?,
                text(&self.actor)?,
                &self.payload,
                &self.prev,
                &self.hash,
            ))?;
        Ok(())
    }

    /// The hash that this row ought to carry.
    pub(super) fn ought(&self) -> Hash {
        self.ought_at(self.seq, &self.payload)
    }

    /// The hash that this row ought to carry if it stood at `seq` and held `payload`.
    pub(super) fn ought_at(&self, seq: i64, payload: &[u8]) -> Hash {
        let mut header = Vec::with_capacity(256);
        header.extend(seq.to_be_bytes());
        prefixed(&mut header, &self.subject);
        header.extend(self.subject_seq.to_be_bytes());
        header.extend(self.at.to_be_bytes());
        // An offset that does not fit into two bytes was not written by this program; it hashes to something else.
        match i16::try_from(self.offset_minutes) {
            Ok(minutes) => header.extend(minutes.to_be_bytes()),
            Err(_) => header.extend(self.offset_minutes.to_be_bytes()),
        }
        prefixed(&mut header, &self.day);
        prefixed(&mut header, &self.actor);
        header.extend(&self.prev);
        Sha256::new()
            .chain_update(TAG)
            .chain_update(length(&header))
            .chain_update(&header)
            .chain_update(length(payload))
            .chain_update(payload)
            .finalize()
            .into()
    }

    /// Whether the row carries the hash that it ought to.
    pub(super) fn holds(&self) -> bool {
        self.hash == self.ought()
    }

    /// The event in this row, if it carries the right hash.
    pub(super) fn event(self) -> Result<StoredEvent, StorageFault> {
        if self.holds() { self.taken_as_it_is() } else { Err(self.unreadable("its hash does not fit its content")) }
    }

    /// The event in this row, whose hash is looked at elsewhere.
    pub(super) fn taken_as_it_is(self) -> Result<StoredEvent, StorageFault> {
        if [&self.subject, &self.day, &self.actor].into_iter().any(|text| str::from_utf8(text).is_err()) {
            return Err(self.unreadable("its text is not UTF-8"));
        }
        let Ok(offset_minutes) = i16::try_from(self.offset_minutes) else {
            return Err(self.unreadable("its offset from UTC is impossible"));
        };
        let Ok(hash) = Hash::try_from(self.hash.as_slice()) else {
            return Err(self.unreadable("its hash is none"));
        };
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap_or_default();
        Ok(StoredEvent {
            seq: counted(self.seq)?,
            subject: text(self.subject),
            subject_seq: counted(self.subject_seq)?,
            at: Stamp { wall: self.at, offset_minutes, day: text(self.day) },
            actor: text(self.actor),
            payload: self.payload,
            hash,
        })
    }

    fn unreadable(&self, reason: &str) -> StorageFault {
        StorageFault::Unreadable {
            seq: u64::try_from(self.seq).unwrap_or(0),
            subject: str::from_utf8(&self.subject).ok().map(str::to_owned),
            reason: reason.to_owned(),
        }
    }
}

/// The hash that an event ought to carry behind one whose hash is `prev`.
pub(crate) fn chain_value(event: &StoredEvent, prev: &Hash) -> Hash {
    // No count of this program's reaches a number that a signed one cannot hold.
    let signed = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let link = Link {
        seq: signed(event.seq),
        subject: event.subject.clone().into_bytes(),
        subject_seq: signed(event.subject_seq),
        at: event.at.wall,
        offset_minutes: event.at.offset_minutes.into(),
        day: event.at.day.clone().into_bytes(),
        actor: event.actor.clone().into_bytes(),
        payload: event.payload.clone(),
        prev: prev.to_vec(),
        hash: event.hash.to_vec(),
    };
    link.ought()
}

fn prefixed(into: &mut Vec<u8>, bytes: &[u8]) {
    into.extend(length(bytes));
    into.extend(bytes);
}

fn length(bytes: &[u8]) -> [u8; 8] {
    // Rust holds no byte string longer than `isize::MAX`, so it always fits.
    u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes()
}

fn number(value: ValueRef<'_>) -> i64 {
    match value {
        ValueRef::Integer(number) => number,
        ValueRef::Null | ValueRef::Real(_) | ValueRef::Text(_) | ValueRef::Blob(_) => i64::MIN,
    }
}

fn bytes(value: ValueRef<'_>) -> Vec<u8> {
    match value {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes.to_vec(),
        ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) => Vec::new(),
    }
}
