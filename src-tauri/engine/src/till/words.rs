//! Faults of the machine as refusals.

use crate::keyring::KeyringFault;
use crate::reading::FILE;
use crate::settings::SettingsFault;
use crate::storage::StorageFault;
use std::fmt::Display;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use till_core::error::{Code, FileCause, Refusal};

/// The journal cannot be relied on at an event, and the till does not begin.
pub(super) fn damaged_at(seq: u64) -> Refusal {
    Refusal::of(Code::JournalDamaged).with("place", at(seq))
}

/// A part of the journal cannot be read: a subject, its name where it has one that people know, or an event's number.
pub(crate) fn unreadable(part: impl Display) -> Refusal {
    Refusal::of(Code::JournalPartUnreadable).with("part", part)
}

/// The journal does not verify, at an event where one can be named. The till goes on.
pub(crate) fn not_whole(seq: Option<u64>) -> Refusal {
    Refusal::of(Code::JournalNotWhole).with("place", seq.map_or_else(|| FILE.to_owned(), at))
}

fn at(seq: u64) -> String {
    format!("#{seq}")
}

/// What a keyring that refuses is told by.
pub(super) const KEYRING_CODES: [Code; 3] = [Code::KeyringAbsent, Code::KeyringLocked, Code::KeyringFailed];

/// What a keyring's fault means to people. The system's own words are for whoever reads the log.
#[must_use]
pub fn fault_of_keyring(fault: &KeyringFault) -> Refusal {
    tracing::warn!("{fault}");
    meaning(fault)
}

/// What a keyring's fault means to people; its cause is in the log already.
pub(super) fn meaning(fault: &KeyringFault) -> Refusal {
    Refusal::of(match fault {
        KeyringFault::Absent(_) => Code::KeyringAbsent,
        KeyringFault::Locked => Code::KeyringLocked,
        KeyringFault::Failed(_) => Code::KeyringFailed,
    })
}

/// What the system's answer about a file, a folder or an address means.
#[must_use]
pub fn cause_of(kind: ErrorKind) -> FileCause {
    match kind {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => FileCause::Full,
        ErrorKind::NotFound => FileCause::NotThere,
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => FileCause::NotAllowed,
        ErrorKind::NotADirectory => FileCause::NotAFolder,
        ErrorKind::IsADirectory => FileCause::AFolder,
        ErrorKind::AddrInUse | ErrorKind::ResourceBusy => FileCause::InUse,
        _ => FileCause::Other,
    }
}

/// What the system's answer about a file or a folder means to people. Its own words are for whoever reads the log.
#[must_use]
pub fn fault_of_file(file: impl Display, error: &io::Error) -> Refusal {
    let cause = cause_of(error.kind());
    if cause == FileCause::Full {
        return Refusal::of(Code::DiskFull);
    }
    tracing::warn!("{file}: {error}");
    Refusal::of(Code::FileFailed).with("file", file).with("cause", cause.word())
}

/// What the system's answer about the receiver's address means to people.
#[must_use]
pub fn fault_of_listening(listen: SocketAddr, error: &io::Error) -> Refusal {
    let cause = fault_of_file(listen, error).facts.remove("cause");
    Refusal::of(Code::ReceiverNotListening)
        .with("listen", listen)
        .with("cause", cause.unwrap_or_else(|| FileCause::Other.word().to_owned()))
}

/// What a fault of the settings means to people: where it is, and what is wrong there in the log.
#[must_use]
pub fn fault_of_settings(fault: &SettingsFault) -> Refusal {
    tracing::warn!("{fault}");
    let place = match fault {
        SettingsFault::DiskFull(_) => return Refusal::of(Code::DiskFull),
        SettingsFault::Unreadable { path, line, .. } => format!("{}:{line}", path.display()),
        SettingsFault::Wrong { path, line, key, .. } => format!("{}:{line} {key}", path.display()),
        SettingsFault::Disk { path, .. } => path.display().to_string(),
    };
    Refusal::of(Code::SettingsBroken).with("place", place)
}

/// The journal's file turned out to be damaged while the till runs.
pub(super) fn cannot_record() -> Refusal {
    Refusal::of(Code::JournalCannotRecord).with("place", FILE)
}

/// What a storage fault means to people.
#[must_use]
pub fn fault_of_storage(fault: &StorageFault) -> Refusal {
    match fault {
        StorageFault::DiskFull => Refusal::of(Code::DiskFull),
        StorageFault::ReadOnly(folder) => Refusal::of(Code::FolderReadOnly).with("folder", folder),
        StorageFault::Damaged(_) => {
            tracing::error!("{fault}");
            Refusal::of(Code::JournalDamaged).with("place", FILE)
        }
        StorageFault::Unreadable { seq, subject, .. } => {
            tracing::error!("{fault}");
            unreadable(subject.clone().unwrap_or_else(|| at(*seq)))
        }
        StorageFault::Newer { found, known } => {
            Refusal::of(Code::JournalNewer).with("found", found).with("known", known)
        }
        StorageFault::Moved | StorageFault::Failed(_) => super::unexpected(fault),
    }
}

/// What a fault of reading a subject's events means to people.
pub(crate) fn fault_of_stream(subject: &str, fault: &StorageFault) -> Refusal {
    match fault {
        StorageFault::Unreadable { .. } => {
            tracing::error!("{fault}");
            unreadable(subject)
        }
        StorageFault::Moved
        | StorageFault::DiskFull
        | StorageFault::ReadOnly(_)
        | StorageFault::Damaged(_)
        | StorageFault::Newer { .. }
        | StorageFault::Failed(_) => fault_of_storage(fault),
    }
}

/// What a fault means on which the till does not begin: an event that cannot be read stops everything there.
pub(super) fn fault_of_launch(fault: &StorageFault) -> Refusal {
    match fault {
        StorageFault::Unreadable { seq, .. } => {
            tracing::error!("{fault}");
            damaged_at(*seq)
        }
        StorageFault::Moved
        | StorageFault::DiskFull
        | StorageFault::ReadOnly(_)
        | StorageFault::Damaged(_)
        | StorageFault::Newer { .. }
        | StorageFault::Failed(_) => fault_of_storage(fault),
    }
}

/// What a fault means with which [`Journal::open_read_only`](crate::journal::Journal::open_read_only) failed.
#[must_use]
pub fn fault_of_reader(fault: &StorageFault) -> Refusal {
    match fault {
        StorageFault::Damaged(_) => {
            tracing::error!("{fault}");
            Refusal::of(Code::JournalUnopenable).with("place", FILE)
        }
        StorageFault::Moved
        | StorageFault::DiskFull
        | StorageFault::ReadOnly(_)
        | StorageFault::Unreadable { .. }
        | StorageFault::Newer { .. }
        | StorageFault::Failed(_) => fault_of_storage(fault),
    }
}
