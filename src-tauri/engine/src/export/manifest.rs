//! What an export says of itself: `manifest.json`, and the till's signature of it in `manifest.sig`.

use super::Choice;
use super::sums::Sum;
use crate::journal::Flaw;
use crate::reading::EventLine;
use crate::seal::{Seal, is_signed};
use crate::storage::StoredEvent;
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use specta::Type;
use specta_typescript::Number;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use till_core::journal::{self, Event, TillEvent};

/// The manifest's file.
pub(super) const MANIFEST: &str = "manifest.json";
/// The signature's file: hex, and a line's end.
pub(super) const SIGNATURE: &str = "manifest.sig";
/// What this program writes.
pub(super) const FORMAT: &str = "tillkeeper export 2";
/// What it reads: the format before knew of days alone.
pub(super) const READ: [&str; 2] = ["tillkeeper export 1", FORMAT];

/// What an export holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Manifest {
    /// `tillkeeper export 2`.
    pub(super) format: String,
    /// When it was begun, RFC 3339.
    pub(super) made_at: String,
    /// The program's version.
    pub(super) version: String,
    /// The till; empty where none has begun.
    pub(super) till_id: String,
    /// Its Ed25519 public key, hex.
    pub(super) public_key: String,
    /// Whether no money moved.
    pub(super) training: bool,
    /// What of the journal it is.
    #[serde(flatten)]
    pub(super) choice: Choice,
    /// The journal's newest event at the beginning; none where there was none.
    pub(super) head: Option<Head>,
    /// Every signed day of the journal up to then, whatever days are exported.
    pub(super) day_heads: Vec<SignedDay>,
    /// The files beside this one.
    pub(super) files: Vec<FileSum>,
    /// What the orders amount to.
    pub(super) sums: Vec<Sum>,
    /// Orders that cannot be told because an event of theirs cannot be read.
    pub(super) unreadable: Vec<String>,
    /// What is wrong with the journal, where its rows and its events did not go together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) found: Option<Found>,
}

/// What a verification found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Found {
    /// What is wrong.
    pub kind: Flaw,
    /// The first event that does not fit, where one can be named.
    #[specta(type = Option<Number>)]
    pub first_bad_seq: Option<u64>,
}

/// An event of the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Head {
    /// Its position.
    pub(super) seq: u64,
    /// Its chain value, hex.
    pub(super) hash: String,
}

/// A day head as the journal holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SignedDay {
    /// The business day.
    pub(super) day: String,
    /// Its last event, and that one's chain value.
    #[serde(flatten)]
    pub(super) head: Head,
    /// The till's signature of it, hex.
    pub(super) signature: String,
}

impl SignedDay {
    /// The day head that an event is, if it is one.
    pub(super) fn of(line: &EventLine) -> Option<Self> {
        let payload = line.event.as_ref().filter(|_| line.subject.as_deref() == Some(journal::TILL))?;
        Self::read(payload.get().as_bytes())
    }

    /// The same of an event that comes from the journal.
    pub(crate) fn of_stored(stored: &StoredEvent) -> Option<Self> {
        Self::read(&stored.payload).filter(|_| stored.subject == journal::TILL)
    }

    fn read(payload: &[u8]) -> Option<Self> {
        match journal::read(payload) {
            Ok(Event::Till { event: TillEvent::DayHead { day, seq, hash, signature } }) => {
                Some(Self { day, head: Head { seq, hash }, signature })
            }
            Ok(_) | Err(_) => None,
        }
    }

    /// Its last event.
    pub(crate) fn seq(&self) -> u64 {
        self.head.seq
    }

    /// That event's chain value, hex.
    pub(crate) fn hash(&self) -> &str {
        &self.head.hash
    }

    /// Whether the till signed it.
    pub(crate) fn is_genuine(&self, till_id: &str, public_key: &str) -> bool {
        let Self { day, head, signature } = self;
        is_signed(&journal::day_head_message(till_id, day, head.seq, &head.hash), signature, public_key)
    }
}

/// A file of the export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FileSum {
    /// Its name.
    pub(super) name: String,
    /// Rows, a header aside.
    pub(super) rows: u64,
    /// Its length.
    pub(super) bytes: u64,
    /// SHA-256 of its bytes, hex.
    pub(super) sha256: String,
    /// The sheets in it, where it has any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) sheets: Vec<Sheet>,
}

/// A sheet of a workbook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sheet {
    /// Its name.
    pub(super) name: String,
    /// Rows, the header aside.
    pub(super) rows: u64,
}

/// Bytes of a file that are gathered before they are written to it.
pub(super) const GATHERED: usize = 64 << 10;

/// Bytes that are on their way to the disk at most. At the end there is little to wait for, and a till that sells beside waits for little.
const UNDER_WAY: u64 = 16 << 20;

/// A file that is being written, and what the manifest will say of it.
pub(super) struct Summed {
    file: File,
    name: &'static str,
    bytes: u64,
    /// How many of them have reached the disk.
    synced: u64,
    digest: Sha256,
}

impl Summed {
    pub(super) fn create(folder: &Path, name: &'static str) -> io::Result<Self> {
        Ok(Self::of(File::create_new(folder.join(name))?, name))
    }

    pub(super) fn of(file: File, name: &'static str) -> Self {
        Self { file, name, bytes: 0, synced: 0, digest: Sha256::new() }
    }

    /// Everything written reaches the disk.
    pub(super) fn finish(self, rows: u64) -> io::Result<FileSum> {
        self.file.sync_all()?;
        let sha256 = HEXLOWER.encode(&self.digest.finalize());
        Ok(FileSum { name: self.name.to_owned(), rows, bytes: self.bytes, sha256, sheets: Vec::new() })
    }
}

impl Write for Summed {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        if self.bytes.saturating_sub(self.synced) >= UNDER_WAY {
            self.file.sync_data()?;
            self.synced = self.bytes;
        }
        let written = self.file.write(buffer)?;
        self.digest.update(buffer.get(..written).unwrap_or(buffer));
        self.bytes = self.bytes.saturating_add(u64::try_from(written).unwrap_or(u64::MAX));
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// The bytes that the signature covers.
fn message(manifest: &[u8]) -> Vec<u8> {
    [b"tillkeeper export\n".as_slice(), manifest].concat()
}

/// Writes the manifest, and the signature where there is a key.
pub(super) fn write(folder: &Path, manifest: &Manifest, seal: Option<&Seal>) -> io::Result<()> {
    let mut text = serde_json::to_vec_pretty(manifest)?;
    text.push(b'\n');
    synced(folder, MANIFEST, &text)?;
    match seal {
        Some(seal) => synced(folder, SIGNATURE, format!("{}\n", seal.sign(&message(&text))).as_bytes()),
        None => Ok(()),
    }
}

fn synced(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create_new(folder.join(name))?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Whether the manifest's bytes were signed by the key that it names.
pub(super) fn is_genuine(bytes: &[u8], manifest: &Manifest, signature: &str) -> bool {
    signature.strip_suffix('\n').is_some_and(|hex| is_signed(&message(bytes), hex, &manifest.public_key))
}
