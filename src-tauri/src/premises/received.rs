//! When the last notification was accepted, kept while a till is open.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use till_engine::received;
use till_engine::till::Till;
use tokio::sync::Mutex;

/// How often it is looked whether there is anything new: so much of it a crash may forget.
const LOOK: Duration = Duration::from_secs(5);

/// What the folder's file says.
#[derive(Clone)]
pub(super) struct Received(Arc<Kept>);

struct Kept {
    folder: PathBuf,
    written: Mutex<BTreeMap<String, i64>>,
}

impl Received {
    /// Reads the file, and lets the till know.
    pub(super) fn recalled(till: &Till, folder: &Path) -> Self {
        let written = received::read(folder);
        till.recall_accepted(written.clone());
        Self(Arc::new(Kept { folder: folder.to_owned(), written: Mutex::new(written) }))
    }

    /// Writes the file, if there is anything new. Nobody waits for it, and what could not be written is said with the next one.
    pub(super) async fn keep(&self, till: &Till) {
        let mut written = self.0.written.lock().await;
        let accepted = till.last_accepted();
        if *written == accepted {
            return;
        }
        written.clone_from(&accepted);
        let kept = Arc::clone(&self.0);
        match tokio::task::spawn_blocking(move || received::write(&kept.folder, &accepted)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "when the last notification was accepted is not kept"),
            Err(error) => tracing::warn!(%error, "when the last notification was accepted is not kept"),
        }
    }

    /// Keeps it, from time to time.
    pub(super) async fn go_on(self, till: Till) {
        let mut looks = tokio::time::interval(LOOK);
        loop {
            looks.tick().await;
            self.keep(&till).await;
        }
    }
}
