//! What the till writes into its log.

use std::cell::RefCell;
use std::io;
use std::sync::{Arc, Mutex, Once};
use tracing::Level;
use tracing_subscriber::fmt::MakeWriter;

/// The log of one thread, on which a test's whole till runs.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<u8>>>);

thread_local! {
    static LISTENING: RefCell<Option<Log>> = const { RefCell::new(None) };
}

impl Log {
    /// Listens to this thread from now on, to everything. One listener for all threads: those that come and go would have each
    /// other's places in the code forgotten.
    #[must_use]
    pub fn listen() -> Self {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            let all = tracing_subscriber::fmt().with_ansi(false).with_max_level(Level::TRACE).with_writer(Threads);
            tracing::subscriber::set_global_default(all.finish()).unwrap();
        });
        let log = Self::default();
        LISTENING.set(Some(log.clone()));
        log
    }

    /// All that was written.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }

    /// How many lines hold `text`.
    #[must_use]
    pub fn lines_with(&self, text: &str) -> usize {
        self.text().lines().filter(|line| line.contains(text)).count()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Gives each thread its own log; where nobody listens it is forgotten.
struct Threads;

impl MakeWriter<'_> for Threads {
    type Writer = Log;

    fn make_writer(&self) -> Log {
        LISTENING.with_borrow(|log| log.clone().unwrap_or_default())
    }
}
