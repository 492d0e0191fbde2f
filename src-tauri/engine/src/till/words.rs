//! Faults of the machine as refusals.

use crate::keyring::KeyringFault;
use crate::storage::StorageFault;
use till_core::error::{Code, Refusal};

/// What a keyring's fault means to people.
#[must_use]
pub fn fault_of_keyring(fault: &KeyringFault) -> Refusal {
    match fault {
        KeyringFault::Absent(reason) => Refusal::of(Code::KeyringAbsent).with("reason", reason),
        KeyringFault::Locked => Refusal::of(Code::KeyringLocked),
        KeyringFault::Failed(reason) => Refusal::of(Code::KeyringFailed).with("reason", reason),
    }
}

/// What a storage fault means to people.
#[must_use]
pub fn fault_of_storage(fault: &StorageFault) -> Refusal {
    match fault {
        StorageFault::DiskFull => Refusal::of(Code::DiskFull),
        StorageFault::ReadOnly(folder) => Refusal::of(Code::FolderReadOnly).with("folder", folder),
        StorageFault::Damaged(reason) => Refusal::of(Code::JournalDamaged).with("reason", reason),
        StorageFault::Unreadable { seq, reason, .. } => {
            Refusal::of(Code::JournalDamaged).with("reason", format!("{seq}: {reason}"))
        }
        StorageFault::Newer { found, known } => {
            Refusal::of(Code::JournalNewer).with("found", found).with("known", known)
        }
        StorageFault::Moved | StorageFault::Failed(_) => super::unexpected(fault),
    }
}
