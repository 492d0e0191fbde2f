//! Exports that the window asks for: one at a time, on a thread that may block, into a new folder among the user's documents.

use super::desk::Desk;
use crate::premises;
use jiff::Zoned;
use serde::Serialize;
use specta::Type;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use till_core::error::{Code, Refusal};
use till_core::rights::Action;
use till_engine::export::{Choice, Exported, Format, Progress, export};
use till_engine::reading::Reading;
use till_engine::till::fault_of_file;
use tokio::runtime::Handle;
use tokio::sync::watch;

/// What opens a folder for people.
const OPENER: &str = if cfg!(windows) {
    "explorer"
} else if cfg!(target_os = "macos") {
    "open"
} else {
    "xdg-open"
};

/// How long the last step of one that was given up may take.
const LAST_STEP: Duration = Duration::from_secs(5);

/// The export under way: whoever waits for its end hears of it.
type Running = Arc<watch::Sender<Option<Arc<Progress>>>>;

/// The export under way, and the folder of the newest that was done.
#[derive(Default)]
pub(crate) struct Exporting {
    running: Running,
    newest: Mutex<Option<PathBuf>>,
}

/// How far an export has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type)]
pub(crate) struct ExportProgress {
    /// Rows that were looked at.
    pub(crate) done: u64,
    /// How many there are; 0 before that is known.
    pub(crate) of: u64,
}

impl Exporting {
    /// A new export; one that is still under way ends.
    fn begin(&self) -> Arc<Progress> {
        let progress = Arc::new(Progress::default());
        let before = self.running.send_replace(Some(Arc::clone(&progress)));
        if let Some(before) = before {
            before.cancel();
        }
        progress
    }

    /// Gives up the export under way and waits until nothing of it is left, for the end of the process.
    pub(crate) async fn leave(&self) {
        self.cancel();
        let mut running = self.running.subscribe();
        if tokio::time::timeout(LAST_STEP, running.wait_for(Option::is_none)).await.is_err() {
            tracing::warn!("the process ends in the middle of an export");
        }
    }

    /// How far it has come; `None` where none is under way.
    pub(crate) fn so_far(&self) -> Option<ExportProgress> {
        let (done, of) = self.running.borrow().as_ref()?.so_far();
        Some(ExportProgress { done, of })
    }

    /// Gives up the export under way, if there is one.
    pub(crate) fn cancel(&self) {
        if let Some(progress) = self.running.borrow().as_ref() {
            progress.cancel();
        }
    }

    /// Shows the folder of the newest export. Which one that is the screens do not say.
    pub(crate) fn show(&self) -> Result<(), Refusal> {
        let folder = locked(&self.newest).clone();
        let folder = folder.ok_or_else(|| Refusal::of(Code::BadRequest).with("reason", "export"))?;
        let mut opener = tokio::process::Command::new(OPENER);
        opener.arg(&folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        opener.spawn().map(drop).map_err(|error| fault_of_file(OPENER, &error))
    }
}

/// Writes what is chosen, and says where it lies.
pub(crate) async fn perform(desk: &Desk, format: Format, choice: Choice) -> Result<Exported, Refusal> {
    desk.till().await?.permit(&desk.actor(), Action::Export)?;
    let place = desk.place().clone();
    let output = new_folder(documents()?.as_path(), place.training);
    let progress = desk.exporting.begin();
    let (running, runtime) = (Arc::clone(&desk.exporting.running), Handle::current());
    let written = tokio::task::spawn_blocking(move || {
        let written = runtime.block_on(async {
            let reading = Reading::open(&place.folder()).await?;
            // Without its key an export is not signed, and says so.
            let seal = premises::seal(&place, &reading).await.ok();
            let program = (env!("CARGO_PKG_VERSION"), seal.as_ref());
            export(&reading, &output, (format, &choice), program, &progress).await
        });
        end(&running, &progress);
        written
    });
    let exported = written
        .await
        .map_err(|error| Refusal::of(Code::Unexpected).with("incident", till_engine::log::incident(&error)))??;
    *locked(&desk.exporting.newest) = Some(PathBuf::from(&exported.folder));
    Ok(exported)
}

/// An export is over; one that was begun meanwhile is not.
fn end(running: &Running, progress: &Arc<Progress>) {
    running.send_if_modified(|running| {
        let it_is = running.as_ref().is_some_and(|running| Arc::ptr_eq(running, progress));
        if it_is {
            *running = None;
        }
        it_is
    });
}

/// The user's documents, else their home.
fn documents() -> Result<PathBuf, Refusal> {
    let user = directories::UserDirs::new();
    let user = user.ok_or_else(|| fault_of_file("HOME", &std::io::ErrorKind::NotFound.into()))?;
    let documents = user.document_dir().filter(|documents| documents.is_dir());
    Ok(documents.unwrap_or_else(|| user.home_dir()).to_owned())
}

/// A folder that is named by what it is and when it was made, and is not there yet.
fn new_folder(documents: &Path, training: bool) -> PathBuf {
    let kind = if training { "Tillkeeper training" } else { "Tillkeeper" };
    let name = format!("{kind} {}", Zoned::now().strftime("%Y-%m-%d %H%M%S"));
    let numbered = (2..100).map(|number| documents.join(format!("{name} ({number})")));
    let plain = documents.join(&name);
    [plain.clone()].into_iter().chain(numbered).find(|folder| !folder.exists()).unwrap_or(plain)
}

fn locked<T>(held: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[test]
    fn a_second_export_ends_the_first_and_only_its_own_end_is_one() {
        let exporting = Exporting::default();
        assert_eq!(exporting.so_far(), None);
        let first = exporting.begin();
        let second = exporting.begin();
        end(&exporting.running, &first);
        assert_eq!(exporting.so_far(), Some(ExportProgress { done: 0, of: 0 }), "the second goes on");
        end(&exporting.running, &second);
        assert_eq!(exporting.so_far(), None);
        exporting.cancel();
        assert!(exporting.show().is_err(), "there is no folder to show");
    }

    #[tokio::test]
    async fn leaving_waits_until_the_export_that_it_gives_up_has_ended() {
        let exporting = Exporting::default();
        exporting.leave().await;
        let progress = exporting.begin();
        let running = Arc::clone(&exporting.running);
        let ends = async {
            tokio::task::yield_now().await;
            end(&running, &progress);
        };
        let began = Instant::now();
        tokio::join!(exporting.leave(), ends);
        assert_eq!(exporting.so_far(), None);
        assert!(began.elapsed() < LAST_STEP, "it does not wait for longer");
    }

    #[test]
    fn a_folder_is_never_one_that_is_there_and_training_says_so_in_its_name() {
        let documents = tempfile::tempdir().unwrap();
        let first = new_folder(documents.path(), true);
        assert!(first.file_name().unwrap().to_str().unwrap().starts_with("Tillkeeper training 2"));
        std::fs::create_dir(&first).unwrap();
        assert_ne!(new_folder(documents.path(), true), first);
        assert!(!new_folder(documents.path(), false).to_str().unwrap().contains("training"));
    }
}
