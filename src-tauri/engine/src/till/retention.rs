//! Raw answers go after the days that the settings say. The journal says so before they do.

use super::{Till, fault_of_storage};
use std::time::Duration;
use till_core::error::Refusal;
use till_core::journal::TillEvent;
use till_core::time::DAY;

/// Answers that are removed in one transaction.
const TOGETHER: usize = 100;

/// A pause between two, in which others write.
const PAUSE: Duration = Duration::from_millis(20);

impl Till {
    /// Removes the raw answers of everything that is older than `days`. How many.
    pub async fn remove_old_answers(&self, days: u32) -> Result<u64, Refusal> {
        let (inner, mut removed) = (&self.inner, 0_u64);
        let until = inner.seams.clock.now().wall.saturating_sub(i64::from(days).saturating_mul(DAY));
        loop {
            let fault = |fault: crate::storage::StorageFault| fault_of_storage(&fault);
            let old = inner.seams.storage.old_answers(until).await.map_err(fault)?;
            if old.is_empty() {
                return Ok(removed);
            }
            let answers = u64::try_from(old.len()).unwrap_or(u64::MAX);
            {
                let mut ledger = inner.ledger.lock().await;
                let event = TillEvent::AnswersRemoved { until, days, answers };
                inner.commit_till(&mut ledger, event, inner.seams.clock.now()).await.map_err(fault)?;
            }
            for some in old.chunks(TOGETHER) {
                inner.seams.storage.forget(some.to_vec(), until).await.map_err(fault)?;
                tokio::time::sleep(PAUSE).await;
            }
            removed = removed.saturating_add(answers);
        }
    }
}
