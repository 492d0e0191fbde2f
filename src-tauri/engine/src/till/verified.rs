//! What a verification of the whole journal found, while the till goes on.

use super::{Inner, Till, cannot_record, fault_of_storage, not_whole, unreadable};
use crate::journal::{Flaw, Verification};
use crate::storage::StorageFault;
use std::sync::atomic::Ordering;
use till_core::account::Account;
use till_core::error::Refusal;

impl Till {
    /// Tells what a verification found. What was appended since the journal was opened is sound, and goes on; nothing new is begun
    /// in a file that is damaged, for what comes of it may not be recorded.
    pub async fn verified(&self, found: &Verification) {
        if found.ok {
            return;
        }
        let notice = match (found.kind, found.first_bad_seq) {
            (Some(Flaw::FileDamaged), _) => return self.inner.found_damaged(),
            (Some(Flaw::Unreadable), Some(seq)) => self.inner.unreadable_at(seq).await,
            (_, seq) => not_whole(seq),
        };
        self.notice(notice);
    }
}

impl Inner {
    /// The file is damaged, though it could be opened.
    pub(super) fn found_damaged(&self) {
        self.damaged.store(true, Ordering::Relaxed);
        self.notice(cannot_record());
    }

    /// Why something new could not be stored, and so was not begun.
    pub(super) fn not_begun(&self, fault: &StorageFault) -> Refusal {
        self.may_begin().err().unwrap_or_else(|| fault_of_storage(fault))
    }

    /// Whether something new may be begun, of which more must be recorded later.
    pub(super) fn may_begin(&self) -> Result<(), Refusal> {
        if self.damaged.load(Ordering::Relaxed) { Err(cannot_record()) } else { Ok(()) }
    }

    /// Which part of the journal an event that cannot be read belongs to, as a launch names it.
    async fn unreadable_at(&self, seq: u64) -> Refusal {
        let subject = match self.seams.storage.after(seq.saturating_sub(1), 1).await {
            Ok(events) => events.into_iter().next().map(|event| event.subject),
            Err(StorageFault::Unreadable { subject, .. }) => subject,
            Err(
                StorageFault::Moved
                | StorageFault::DiskFull
                | StorageFault::ReadOnly(_)
                | StorageFault::Damaged(_)
                | StorageFault::Newer { .. }
                | StorageFault::Failed(_),
            ) => None,
        };
        let Some(subject) = subject else { return not_whole(Some(seq)) };
        let Some(id) = subject.strip_prefix("account/") else { return unreadable(subject) };
        let rows = self.seams.storage.accounts().await.unwrap_or_default();
        let accounts = rows.iter().filter_map(|row| serde_json::from_str::<Account>(row).ok());
        let name = accounts.into_iter().find(|account| account.id == id).map(|account| account.name);
        unreadable_account(name.as_deref().unwrap_or(id))
    }
}

/// An account cannot be read, as far as its name is known.
pub(crate) fn unreadable_account(name: &str) -> Refusal {
    unreadable(format!("account/{name}"))
}
