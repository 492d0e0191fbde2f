//! Reading files that may hang: a share that is gone can keep a reading for ever.

use super::super::turns::Turns;
use super::Unusable;
use std::path::{Path, PathBuf};
use std::time::Duration;
use till_core::catalogue::{Catalogue, Wrong};
use tokio::sync::oneshot;

/// Nobody waits longer for a file, so that a gateway hears in time that no order is taken.
const PATIENCE: Duration = Duration::from_secs(2);

/// Whose turn it is to read each file. One that hangs has one thread then, not one a call.
#[derive(Default)]
pub(in super::super) struct Readings(Turns<PathBuf>);

impl Readings {
    /// What `read` makes of a file, or why that did not come in time.
    pub(super) async fn of(&self, path: PathBuf, read: Read) -> Result<Catalogue, Unusable> {
        let late = |_| Err(Unusable::Late(PATIENCE));
        tokio::time::timeout(PATIENCE, self.apart(path, read)).await.unwrap_or_else(late)
    }

    /// Reads on a thread of its own: one that hangs takes none from the runtime, which could not end before it.
    async fn apart(&self, path: PathBuf, read: Read) -> Result<Catalogue, Unusable> {
        let turn = self.0.of(path.clone()).await;
        let (done, over) = oneshot::channel();
        let begun = std::thread::Builder::new().name("till-catalogue".to_owned()).spawn(move || {
            let read = read(&path);
            drop(turn);
            // Whoever waited may have gone.
            let _gone = done.send(read);
        });
        begun?;
        over.await.unwrap_or(Err(Unusable::Wrong(Wrong::BrokeOff)))
    }
}

/// Reads a file.
type Read = fn(&Path) -> Result<Catalogue, Unusable>;

#[cfg(all(test, unix))]
mod tests {
    use super::super::read;
    use super::*;
    use futures_util::FutureExt;

    #[tokio::test(start_paused = true)]
    async fn a_file_that_does_not_open_is_given_up_and_holds_up_no_other() {
        let readings = Readings::default();
        let folder = tempfile::tempdir().unwrap();
        let (hung, good) = (folder.path().join("hung.csv"), folder.path().join("good.csv"));
        let text = "id,name,price\ntea,红茶,500\n";
        assert!(std::process::Command::new("mkfifo").arg(&hung).status().unwrap().success());
        std::fs::write(&good, text).unwrap();
        for _ in 0..3 {
            assert_eq!(readings.of(hung.clone(), read).await.unwrap_err(), Unusable::Late(PATIENCE));
        }
        assert!(readings.0.of(hung.clone()).now_or_never().is_none(), "one thread has the turn of that file");
        // From here on time passes as it does.
        tokio::time::resume();
        assert!(readings.of(good, read).await.is_ok());
        // It opens at last, and the next reading has its turn.
        std::fs::write(&hung, text).unwrap();
        std::fs::remove_file(&hung).unwrap();
        std::fs::write(&hung, text).unwrap();
        assert!(readings.of(hung, read).await.is_ok());
    }
}
