//! Backups: whole copies of the journal, verified, made beside a till that goes on selling.
//!
//! A backup is one file. It appears whole or not at all: it is written under another name beside its place, verified there, synced
//! and renamed. Nothing is ever written over.

mod daily;
mod look;
mod remake;
mod restore;
mod swap;
mod synced_folder;

use crate::day_head::verify_all;
use crate::journal::{CopyFault, Counts, copy};
use crate::off_thread::off_thread;
use crate::storage::StorageFault;
use crate::till::{cause_of, fault_of_file, fault_of_reader, not_whole, unexpected};
pub use daily::{Daily, Made};
use data_encoding::HEXLOWER;
pub use remake::{Remade, is_damaged, remake};
pub use restore::{Candidate, Lost, LostRefund, Restored};
use serde::Serialize;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
pub use synced_folder::client_of;
use till_core::error::{Code, FileCause, Refusal};

/// A backup that was made and verified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BackedUp {
    /// The file.
    pub file: String,
    /// Its length.
    pub bytes: u64,
    /// Its newest event; 0 where there is none.
    pub head: u64,
    /// That event's chain value, hex; none where there is no event.
    pub hash: Option<String>,
    /// Its rows.
    #[serde(flatten)]
    pub rows: Counts,
}

/// Backs the journal at `journal` up into the new file `output`.
pub async fn back_up(journal: &Path, output: &Path) -> Result<BackedUp, Refusal> {
    let (journal, output) = (journal.to_owned(), output.to_owned());
    off_thread(move || make(&journal, &output)).await.map_err(|error| unexpected(&error))?
}

/// The same. Blocks.
pub(crate) fn make(journal: &Path, output: &Path) -> Result<BackedUp, Refusal> {
    let output = std::path::absolute(output).map_err(|error| fault_of_output(output, &error))?;
    let folder = folder_of(&output)?;
    if !journal.is_file() {
        return Err(fault_of_file(journal.display(), &ErrorKind::NotFound.into()));
    }
    if output.symlink_metadata().is_ok() {
        return Err(taken(&output));
    }
    let part = Part::beside(&output).map_err(|error| fault_of_output(&output, &error))?;
    let copied = copy(journal, &part.path).map_err(|fault| match fault {
        fault if reads_otherwise(&fault) => at_fault(journal, &output, not_whole),
        other => fault_of_copy(&output, &other),
    })?;
    if !verifies(&part.path, false) {
        return Err(at_fault(journal, &output, not_whole));
    }
    let bytes = part.path.metadata().map_err(|error| fault_of_output(&output, &error))?.len();
    part.become_file(&output).and_then(|()| sync(folder)).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => taken(&output),
        _ => fault_of_output(&output, &error),
    })?;
    Ok(BackedUp {
        file: output.display().to_string(),
        bytes,
        head: copied.head.map_or(0, |(seq, _)| seq),
        hash: copied.head.map(|(_, hash)| HEXLOWER.encode(&hash)),
        rows: copied.rows,
    })
}

/// The folder that a backup goes into: one that is there, and that no program keeps in step.
fn folder_of(output: &Path) -> Result<&Path, Refusal> {
    let Some((folder, _)) = output.parent().zip(output.file_name()) else {
        return Err(fault_of_output(output, &ErrorKind::IsADirectory.into()));
    };
    if !folder.is_dir() {
        return Err(fault_of_output(folder, &ErrorKind::NotFound.into()));
    }
    match client_of(folder) {
        Some(client) => {
            let refusal = Refusal::of(Code::BackupFolderSynced);
            Err(refusal.with("folder", folder.display()).with("client", client))
        }
        None => Ok(folder),
    }
}

/// Whether a copy is whole, as it can be read back. `at_once`: where nobody sells beside it.
fn verifies(copy: &Path, at_once: bool) -> bool {
    match verify_all(copy, at_once) {
        Ok(verification) => verification.ok,
        Err(fault) => {
            tracing::warn!("{fault}");
            false
        }
    }
}

/// Why a copy is not whole: what it was made of does not verify either, which `of_source` says with the first event where one can be
/// named, or else the copy's own disk is at fault.
fn at_fault(source: &Path, output: &Path, of_source: impl FnOnce(Option<u64>) -> Refusal) -> Refusal {
    match verify_all(source, false) {
        Ok(verification) if verification.ok => failed(output, FileCause::Differs),
        Ok(verification) => of_source(verification.first_bad_seq),
        Err(StorageFault::Damaged(_)) => of_source(None),
        Err(fault) => fault_of_reader(&fault),
    }
}

/// Whether what was written is there and cannot be read back as it was read: a fault of the copy's disk, or of what was copied.
fn reads_otherwise(fault: &CopyFault) -> bool {
    let otherwise = matches!(fault, CopyFault::Differs(_) | CopyFault::Unwritten(StorageFault::Damaged(_)));
    if otherwise {
        tracing::warn!("{fault}");
    }
    otherwise
}

fn taken(output: &Path) -> Refusal {
    Refusal::of(Code::BackupTaken).with("file", output.display())
}

fn failed(file: &Path, cause: FileCause) -> Refusal {
    Refusal::of(Code::FileFailed).with("file", file.display()).with("cause", cause.word())
}

/// What the system's answer about a file means that is written to leave the till. A disk that is full is that file's and not the
/// till's, which goes on selling.
pub(crate) fn fault_of_output(file: &Path, error: &io::Error) -> Refusal {
    let cause = cause_of(error.kind());
    if cause == FileCause::Full { failed(file, cause) } else { fault_of_file(file.display(), error) }
}

/// What a copy's fault means to people.
pub(crate) fn fault_of_copy(output: &Path, fault: &CopyFault) -> Refusal {
    tracing::warn!("{fault}");
    match fault {
        CopyFault::Unopenable(fault) => fault_of_reader(fault),
        CopyFault::Unread(_) => not_whole(None),
        CopyFault::Unwritten(StorageFault::DiskFull) => failed(output, FileCause::Full),
        CopyFault::Unwritten(StorageFault::ReadOnly(_)) => failed(output, FileCause::NotAllowed),
        CopyFault::Unwritten(_) => failed(output, FileCause::Other),
        CopyFault::File(error) => fault_of_output(output, error),
        CopyFault::TooSlow => failed(output, FileCause::TooSlow),
        CopyFault::Differs(_) => failed(output, FileCause::Differs),
    }
}

/// A file that is being written beside its place. Dropped before it has become that file, it goes.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) path: PathBuf,
}

/// What SQLite may leave beside a file that it was writing.
const BESIDE: [&str; 3] = ["-wal", "-shm", "-journal"];

impl Part {
    pub(crate) fn beside(output: &Path) -> io::Result<Self> {
        let name = output.file_name().unwrap_or_default();
        let mut part = name.to_owned();
        part.push(format!(".{}{PART}", std::process::id()));
        let part = Self { path: output.with_file_name(part) };
        // What a process of the same number left, which is no more.
        part.remove()?;
        Ok(part)
    }

    /// Gives it its name, unless another file has that.
    pub(crate) fn become_file(self, output: &Path) -> io::Result<()> {
        match fs::hard_link(&self.path, output) {
            // The other name goes when this is dropped.
            Ok(()) => Ok(()),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(error),
            // A file system that gives a file one name only.
            Err(_) if output.symlink_metadata().is_err() => fs::rename(&self.path, output),
            Err(_) => Err(ErrorKind::AlreadyExists.into()),
        }
    }

    fn remove(&self) -> io::Result<()> {
        for end in std::iter::once("").chain(BESIDE) {
            match fs::remove_file(with_end(&self.path, end)) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if let Err(error) = self.remove() {
            tracing::warn!(%error, "a half file could not be removed");
        }
    }
}

/// What ends the name of a backup that is being written.
pub(crate) const PART: &str = ".part";

/// A path with something behind its name.
pub(crate) fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(end);
    path.into()
}

/// Names in a folder survive a power cut.
pub(crate) fn sync(folder: &Path) -> io::Result<()> {
    // Windows gives no handle on a folder, and keeps names by itself.
    if cfg!(windows) { Ok(()) } else { File::open(folder)?.sync_all() }
}

#[cfg(test)]
mod tests;
