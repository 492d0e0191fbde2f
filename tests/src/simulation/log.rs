//! What the till writes into its log while a world is played: no payment code and no customer's token may stand in it.

use super::book::holds_a_secret;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::fmt::MakeWriter;

/// Reads the log of this thread as long as it lives.
pub struct Listener {
    found: Found,
    _guard: DefaultGuard,
}

impl Listener {
    /// The first line that holds one.
    pub fn secret_found(&self) -> Option<String> {
        self.found.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[derive(Clone, Default)]
struct Found(Arc<Mutex<Option<String>>>);

impl io::Write for Found {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if holds_a_secret(line) {
            let line = String::from_utf8_lossy(line).into_owned();
            self.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(line);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Found {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Begins to read, at every level.
pub fn listen() -> Listener {
    let found = Found::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .without_time()
        .with_writer(found.clone())
        .finish();
    Listener { found, _guard: tracing::subscriber::set_default(subscriber) }
}
