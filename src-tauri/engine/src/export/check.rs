//! Whether an export is as the till wrote it: by its folder alone, without journal, keyring or network.

use super::manifest::{FORMAT, FileSum, Found, Head, MANIFEST, Manifest, READ, SIGNATURE, SignedDay, is_genuine};
use super::{csv_files, xlsx_file};
use crate::journal::{START, chain_value};
use crate::reading::{self, EventLine};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::path::Path;
use till_core::journal;

/// The file whose rows carry the chain byte for byte.
const EVENTS: &str = "events.jsonl";

/// Files that nothing but an export has.
const OWN: [&str; 8] =
    ["orders.csv", "refunds.csv", "events.csv", "orders.jsonl", "refunds.jsonl", EVENTS, xlsx_file::NAME, SIGNATURE];

/// What an export is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Difference {
    /// The file that stands as the manifest is not one.
    NoManifest,
    /// A later version of the program wrote it.
    NewerFormat,
    /// The till did not sign the manifest, or a day head in it.
    WrongSignature,
    /// A file that the manifest names is gone, or the manifest itself.
    FileMissing,
    /// A file that it does not name lies beside it.
    FileAdded,
    /// A file is not what the manifest says of it.
    FileDiffers,
    /// An event is not what it was.
    Edited,
    /// An event is gone.
    Deleted,
    /// An event stands before an earlier one, or twice.
    Swapped,
    /// The events are whole in themselves and contradict a signed day head.
    Rewritten,
}

/// The outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// Whether everything fits.
    pub ok: bool,
    /// The first event that does not, where one can be named.
    pub first_bad_seq: Option<u64>,
    /// What is wrong.
    pub kind: Option<Difference>,
    /// In which file.
    pub file: Option<String>,
    /// Whether the manifest bears the signature of the key that it names.
    pub signed: bool,
    /// That key, hex: whoever knows the till's compares it.
    pub public_key: String,
    /// Whether it is of some days or some orders: then what was left out of it is known by the manifest alone.
    pub partial: bool,
    /// What was wrong with the journal that it was made from, as the manifest says.
    pub found: Option<Found>,
}

/// Where something is wrong, and at which event.
struct Finding {
    kind: Difference,
    file: String,
    seq: Option<u64>,
}

impl Finding {
    fn in_file(kind: Difference, file: &str) -> Self {
        Self { kind, file: file.to_owned(), seq: None }
    }

    fn at(kind: Difference, seq: u64) -> Self {
        Self { kind, file: EVENTS.to_owned(), seq: Some(seq) }
    }
}

/// Whether a folder is an export's. One that lost its manifest, or was never completed, is.
#[must_use]
pub fn is_export(folder: &Path) -> bool {
    let holds = |name: &str| folder.join(name).is_file();
    holds(MANIFEST) || (!holds(reading::FILE) && OWN.into_iter().any(holds))
}

/// Checks the export in `folder`. Blocks. Fails only where a file that is there cannot be read.
pub fn check(folder: &Path) -> io::Result<Checked> {
    let unread = |kind| Ok(outcome(Some(Finding::in_file(kind, MANIFEST)), false, Says::default()));
    let bytes = match fs::read(folder.join(MANIFEST)) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return unread(Difference::FileMissing),
        Err(error) => return Err(error),
    };
    // What a later version says besides need not be known here.
    if serde_json::from_slice::<Named>(&bytes).is_ok_and(|named| named.is_newer()) {
        return unread(Difference::NewerFormat);
    }
    let Some(manifest) = serde_json::from_slice(&bytes).ok().filter(names_its_own_files) else {
        return unread(Difference::NoManifest);
    };
    let signature = match fs::read_to_string(folder.join(SIGNATURE)) {
        Ok(signature) => Some(signature),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let signed = signature.as_ref().is_some_and(|signature| is_genuine(&bytes, &manifest, signature));
    let finding = look(folder, &manifest, signature.is_some() && !signed)?;
    let partial = !manifest.choice.is_everything();
    Ok(outcome(finding, signed, Says { public_key: manifest.public_key, partial, found: manifest.found }))
}

/// What a manifest says that is told to whoever checks it.
#[derive(Default)]
struct Says {
    public_key: String,
    partial: bool,
    found: Option<Found>,
}

/// The journal's newest event when an export was made of it, and its chain value, as the manifest says.
pub fn head_of(folder: &Path) -> io::Result<Option<(u64, [u8; 32])>> {
    let manifest: Manifest = serde_json::from_slice(&fs::read(folder.join(MANIFEST))?)?;
    let hash = |head: &Head| HEXLOWER.decode(head.hash.as_bytes()).ok()?.try_into().ok();
    Ok(manifest.head.and_then(|head| Some((head.seq, hash(&head)?))))
}

/// What every version's manifest says of itself.
#[derive(Deserialize)]
struct Named {
    format: String,
}

impl Named {
    fn is_newer(&self) -> bool {
        let (family, _) = FORMAT.rsplit_once(' ').unwrap_or((FORMAT, ""));
        !READ.contains(&self.format.as_str())
            && self.format.strip_prefix(family).is_some_and(|rest| rest.starts_with(' '))
    }
}

/// Whether it is of this format, and no name in it leads out of its folder.
fn names_its_own_files(manifest: &Manifest) -> bool {
    let plain = |file: &FileSum| Path::new(&file.name).file_name().is_some_and(|name| name == file.name.as_str());
    READ.contains(&manifest.format.as_str()) && manifest.files.iter().all(plain)
}

fn outcome(finding: Option<Finding>, signed: bool, says: Says) -> Checked {
    let Says { public_key, partial, found } = says;
    let (first_bad_seq, kind, file) = match finding {
        Some(Finding { kind, file, seq }) => (seq, Some(kind), Some(file)),
        None => (None, None, None),
    };
    let ok = kind.is_none() && found.is_none();
    Checked { ok, first_bad_seq, kind, file, signed, public_key, partial, found }
}

fn look(folder: &Path, manifest: &Manifest, forged: bool) -> io::Result<Option<Finding>> {
    if forged {
        return Ok(Some(Finding::in_file(Difference::WrongSignature, SIGNATURE)));
    }
    let genuine = |day: &SignedDay| day.is_genuine(&manifest.till_id, &manifest.public_key);
    if !manifest.day_heads.iter().all(genuine) {
        return Ok(Some(Finding::in_file(Difference::WrongSignature, MANIFEST)));
    }
    // The events first: there the row can be named.
    let mut named: Vec<&FileSum> = manifest.files.iter().collect();
    named.sort_by_key(|file| file.name != EVENTS);
    for file in named {
        let path = folder.join(&file.name);
        if !path.is_file() {
            return Ok(Some(Finding::in_file(Difference::FileMissing, &file.name)));
        }
        if file.name == EVENTS
            && let Some(finding) = events(&path, manifest)?
        {
            return Ok(Some(finding));
        }
        if !fits(&path, file)? || !has_its_rows(&path, file)? {
            return Ok(Some(Finding::in_file(Difference::FileDiffers, &file.name)));
        }
    }
    added(folder, manifest)
}

fn fits(path: &Path, sum: &FileSum) -> io::Result<bool> {
    let mut file = BufReader::new(File::open(path)?);
    let (mut digest, mut bytes) = (Sha256::new(), 0_u64);
    loop {
        let read = file.fill_buf()?;
        let length = read.len();
        if length == 0 {
            break;
        }
        digest.update(read);
        file.consume(length);
        bytes = bytes.saturating_add(u64::try_from(length).unwrap_or(u64::MAX));
    }
    Ok(bytes == sum.bytes && HEXLOWER.encode(&digest.finalize()) == sum.sha256)
}

/// Whether it has as many rows as the manifest says. For those of a workbook its bytes speak alone.
fn has_its_rows(path: &Path, sum: &FileSum) -> io::Result<bool> {
    let rows = match path.extension().and_then(OsStr::to_str) {
        Some("csv") => csv_files::rows(File::open(path)?)?,
        Some("jsonl") => lines(BufReader::new(File::open(path)?))?,
        Some(_) | None => return Ok(true),
    };
    Ok(rows == sum.rows)
}

fn lines(mut file: impl BufRead) -> io::Result<u64> {
    let mut lines = 0_u64;
    while file.skip_until(b'\n')? > 0 {
        lines = lines.saturating_add(1);
    }
    Ok(lines)
}

/// A file that does not belong there. A desktop leaves some of its own whose names begin with a dot: those are passed over.
fn added(folder: &Path, manifest: &Manifest) -> io::Result<Option<Finding>> {
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let known = name == MANIFEST || name == SIGNATURE || manifest.files.iter().any(|file| file.name == name);
        if !known && !name.starts_with('.') {
            return Ok(Some(Finding::in_file(Difference::FileAdded, &name)));
        }
    }
    Ok(None)
}

/// Walks the chain through the rows. Where days or orders were left out it is taken up behind the gap, as what stands there says.
fn events(path: &Path, manifest: &Manifest) -> io::Result<Option<Finding>> {
    let all = manifest.choice.is_everything();
    let mut prior: (u64, [u8; 32]) = (0, START);
    let mut whole = true;
    for line in BufReader::new(File::open(path)?).lines() {
        let next = prior.0.saturating_add(1);
        let Some(row) = line.ok().and_then(|line| serde_json::from_str::<EventLine>(&line).ok()) else {
            return Ok(Some(Finding::at(Difference::Edited, next)));
        };
        if row.seq < next {
            return Ok(Some(Finding::at(Difference::Swapped, row.seq)));
        }
        if row.seq > next && all {
            return Ok(Some(Finding::at(Difference::Deleted, next)));
        }
        if row.fault.is_some() {
            // The till could not read it either.
            (prior, whole) = ((row.seq, START), false);
            continue;
        }
        let Some(event) = row.stored() else { return Ok(Some(Finding::at(Difference::Edited, row.seq))) };
        // What is kept of a PIN leaves no till: those rows are bound by the one behind them.
        let follows = row.seq == next && whole && !journal::is_abridged(&event.subject, &event.payload);
        if follows && chain_value(&event, &prior.1) != event.hash {
            return Ok(Some(Finding::at(Difference::Edited, row.seq)));
        }
        let signed = manifest.day_heads.iter().find(|day| day.head.seq == row.seq);
        if signed.is_some_and(|day| day.head.hash != HEXLOWER.encode(&event.hash)) {
            return Ok(Some(Finding::at(Difference::Rewritten, row.seq)));
        }
        (prior, whole) = ((row.seq, event.hash), true);
    }
    let Some(head) = manifest.head.as_ref().filter(|_| all) else { return Ok(None) };
    if prior.0 < head.seq {
        return Ok(Some(Finding::at(Difference::Deleted, prior.0.saturating_add(1))));
    }
    let other = whole && HEXLOWER.encode(&prior.1) != head.hash;
    Ok(other.then(|| Finding::at(Difference::Rewritten, head.seq)))
}
