//! Secret Service: the store, whether its default collection is open, and asking a person to open it.

use super::KeyringFault;
use keyring_core::CredentialStore;
use secret_service::blocking::SecretService;
use secret_service::{EncryptionType, Error};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Opens a store with a connection of its own.
pub(super) fn open() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(zbus_secret_service_keyring_store::Store::new()?)
}

/// How long a person who has closed the password prompt is left in peace.
const PEACE: Duration = Duration::from_mins(1);

/// Looks before the store is used: the store itself would wait for a person behind a prompt, with no end.
#[derive(Default)]
pub(super) struct Watch {
    service: Option<SecretService<'static>>,
    prompt: Arc<Mutex<Prompt>>,
}

/// The one prompt that may be open.
#[derive(Default)]
struct Prompt {
    open: bool,
    closed: Option<Instant>,
}

/// What the default collection is like.
enum Collection {
    Open,
    Locked,
    Missing,
}

impl Watch {
    /// Whether the default collection can be used now. Where it cannot, the desktop is asked to show its prompt, once at
    /// a time, and the caller may ask again.
    pub(super) fn ready(&mut self) -> Result<(), KeyringFault> {
        match self.found() {
            Ok(Collection::Open) => Ok(()),
            // The service is there: a person opens its keyring, or chooses a password for the first one, in the same prompt.
            Ok(Collection::Locked | Collection::Missing) => {
                self.ask_a_person();
                Err(KeyringFault::Locked)
            }
            Err(error) => {
                self.service = None;
                Err(KeyringFault::Absent(error.to_string()))
            }
        }
    }

    /// Whether the default collection can be used now. Asks nobody to open it.
    pub(super) fn is_open(&mut self) -> bool {
        matches!(self.found(), Ok(Collection::Open))
    }

    /// A service that was restarted has forgotten our session: one fresh connection is tried.
    fn found(&mut self) -> Result<Collection, Error> {
        self.look().or_else(|_| {
            self.service = None;
            self.look()
        })
    }

    fn look(&mut self) -> Result<Collection, Error> {
        let service = match &mut self.service {
            Some(service) => service,
            none => none.insert(SecretService::connect(EncryptionType::Plain)?),
        };
        match service.get_default_collection() {
            Ok(collection) if collection.is_locked()? => Ok(Collection::Locked),
            Ok(_) => Ok(Collection::Open),
            Err(Error::NoResult) => Ok(Collection::Missing),
            Err(error) => Err(error),
        }
    }

    /// Shows the desktop's prompt on a thread of its own, which waits for the person.
    fn ask_a_person(&self) {
        let mut prompt = self.prompt.lock().unwrap_or_else(PoisonError::into_inner);
        if prompt.open || prompt.closed.is_some_and(|closed| closed.elapsed() < PEACE) {
            return;
        }
        let ours = self.prompt.clone();
        let begun = std::thread::Builder::new().name("till-unlock".to_owned()).spawn(move || {
            let done = unlock();
            let mut prompt = ours.lock().unwrap_or_else(PoisonError::into_inner);
            prompt.open = false;
            prompt.closed = done.is_err().then(Instant::now);
            drop(prompt);
            match done {
                Ok(()) => tracing::info!("the keyring was unlocked"),
                Err(error) => tracing::warn!("the keyring stays locked: {error}"),
            }
        });
        match begun {
            Ok(_) => prompt.open = true,
            Err(error) => tracing::warn!("no thread for the keyring's prompt: {error}"),
        }
    }
}

fn unlock() -> Result<(), Error> {
    let service = SecretService::connect(EncryptionType::Plain)?;
    match service.get_default_collection() {
        Ok(collection) => collection.unlock(),
        Err(Error::NoResult) => service.create_collection("Default keyring", "default").map(|_| ()),
        Err(error) => Err(error),
    }
}
