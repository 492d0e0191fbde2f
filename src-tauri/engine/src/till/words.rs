//! Faults of the machine as refusals.

use crate::keyring::KeyringFault;
use crate::reading::FILE;
use crate::storage::StorageFault;
use till_core::error::{Code, Refusal};

/// An event of the journal cannot be relied on.
#[must_use]
pub fn damaged_at(seq: u64) -> Refusal {
    Refusal::of(Code::JournalDamaged).with("place", format!("#{seq}"))
}

/// What a keyring's fault means to people.
#[must_use]
pub fn fault_of_keyring(fault: &KeyringFault) -> Refusal {
    // The system's own words are for whoever reads the log.
    match fault {
        KeyringFault::Absent(cause) => {
            tracing::warn!("no keyring: {cause}");
            Refusal::of(Code::KeyringAbsent)
        }
        KeyringFault::Locked => Refusal::of(Code::KeyringLocked),
        KeyringFault::Failed(cause) => {
            tracing::warn!("the keyring failed: {cause}");
            Refusal::of(Code::KeyringFailed)
        }
    }
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
        StorageFault::Unreadable { seq, .. } => {
            tracing::error!("{fault}");
            damaged_at(*seq)
        }
        StorageFault::Newer { found, known } => {
            Refusal::of(Code::JournalNewer).with("found", found).with("known", known)
        }
        StorageFault::Moved | StorageFault::Failed(_) => super::unexpected(fault),
    }
}
