//! What must still be written because of what was written: whether a sale is paid twice. It needs no gateway, and a till that
//! ends waits for it, or the flag would stand only after the next launch.

use super::Till;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// How long an end waits. The next launch looks again.
const LAST_BOOKINGS: Duration = Duration::from_secs(5);

/// Counts what is under way.
#[derive(Debug)]
pub(super) struct Bookings(Arc<watch::Sender<usize>>);

/// One of them, until it is dropped.
#[derive(Debug)]
pub(super) struct Booking(Arc<watch::Sender<usize>>);

impl Default for Bookings {
    fn default() -> Self {
        Self(Arc::new(watch::channel(0).0))
    }
}

impl Bookings {
    /// To be dropped when it is written.
    pub(super) fn begin(&self) -> Booking {
        self.0.send_modify(|under_way| *under_way = under_way.saturating_add(1));
        Booking(Arc::clone(&self.0))
    }
}

impl Drop for Booking {
    fn drop(&mut self) {
        self.0.send_modify(|under_way| *under_way = under_way.saturating_sub(1));
    }
}

impl Till {
    /// Returns once everything that follows from what was learned is written too. For the end of a till.
    pub async fn finish_bookings(&self) {
        let mut under_way = self.inner.bookings.0.subscribe();
        if tokio::time::timeout(LAST_BOOKINGS, under_way.wait_for(|under_way| *under_way == 0)).await.is_err() {
            tracing::warn!("the till ends before its last bookings; the next launch looks again");
        }
    }
}
