//! How far an export has come, and whether it is to go on: shared between who writes and who watches.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use till_core::error::{Code, Refusal};

/// Looked at by whoever watches, at any time and from any thread. A copy tells of the same export.
#[derive(Debug, Clone, Default)]
pub struct Progress(Arc<Told>);

#[derive(Debug, Default)]
struct Told {
    done: AtomicU64,
    of: AtomicU64,
    cancelled: AtomicBool,
}

impl Progress {
    /// Rows that were looked at, and how many there are; of none before it is known.
    #[must_use]
    pub fn so_far(&self) -> (u64, u64) {
        (self.0.done.load(Ordering::Relaxed), self.0.of.load(Ordering::Relaxed))
    }

    /// The export ends at its next step and leaves nothing.
    pub fn cancel(&self) {
        self.0.cancelled.store(true, Ordering::Relaxed);
    }

    /// So many rows there are.
    pub(super) fn expect(&self, rows: u64) {
        self.0.of.store(rows, Ordering::Relaxed);
    }

    /// So many more were looked at. Refused once it was cancelled.
    pub(super) fn advance(&self, rows: usize) -> Result<(), Refusal> {
        self.0.done.fetch_add(u64::try_from(rows).unwrap_or(u64::MAX), Ordering::Relaxed);
        self.go_on()
    }

    /// Refused once it was cancelled.
    pub(super) fn go_on(&self) -> Result<(), Refusal> {
        if self.0.cancelled.load(Ordering::Relaxed) { Err(Refusal::of(Code::ExportCancelled)) } else { Ok(()) }
    }
}
