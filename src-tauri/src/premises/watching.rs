//! What goes on beside the orders for as long as a till is open: a look at the clock, the verification of the whole journal, the
//! daily backup, and when the last notification was accepted.

use super::received::Received;
use super::{Stay, daily};
use std::path::{Path, PathBuf};
use std::time::Duration;
use till_engine::day_head;
use till_engine::journal::{Flaw, Verification};
use till_engine::reading::FILE;
use till_engine::storage::StorageFault;
use till_engine::till::{Till, fault_of_storage};
use tokio::task::JoinHandle;

/// How often the wall clock is compared with the boot clock.
const LOOK: Duration = Duration::from_secs(5);

/// Tasks that end with the till.
pub(super) struct Watching(Vec<JoinHandle<()>>);

impl Drop for Watching {
    fn drop(&mut self) {
        for task in &self.0 {
            task.abort();
        }
    }
}

pub(super) fn begin(till: &Till, folder: &Path, stay: &Stay, received: &Received) -> Watching {
    let mut tasks = vec![tokio::spawn(watch_clock(till.clone()))];
    if !matches!(stay, Stay::Short) {
        tasks.push(tokio::spawn(verify(till.clone(), folder.join(FILE))));
        tasks.push(tokio::spawn(daily::back_up(till.clone(), folder.to_owned())));
        tasks.push(tokio::spawn(received.clone().go_on(till.clone())));
    }
    Watching(tasks)
}

async fn watch_clock(till: Till) {
    let mut looks = tokio::time::interval(LOOK);
    loop {
        looks.tick().await;
        if let Err(refusal) = till.look_at_clock().await {
            till.notice(refusal);
        }
    }
}

/// A journal that was damaged behind what opening checks: said, and what goes on goes on, for what was appended since is sound.
async fn verify(till: Till, journal: PathBuf) {
    let verified = tokio::task::spawn_blocking(move || day_head::verify_all(&journal, false)).await;
    match verified {
        Ok(Ok(verification)) if verification.ok => tracing::info!("the whole journal was verified"),
        Ok(Ok(verification)) => {
            tracing::error!(kind = ?verification.kind, "the journal does not verify");
            till.verified(&verification).await;
        }
        Ok(Err(fault @ StorageFault::Damaged(_))) => {
            tracing::error!("{fault}");
            till.verified(&Verification {
                ok: false,
                first_bad_seq: None,
                kind: Some(Flaw::FileDamaged),
                signed_to: None,
            })
            .await;
        }
        Ok(Err(fault)) => till.notice(fault_of_storage(&fault)),
        Err(error) => tracing::warn!("the verification stopped: {error}"),
    }
}
