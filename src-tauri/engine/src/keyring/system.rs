//! The operating system's keyring.

#[cfg(not(all(unix, not(target_os = "macos"))))]
use super::native::{Watch, open};
#[cfg(all(unix, not(target_os = "macos")))]
use super::secret_service::{Watch, open};
use super::{Keyring, KeyringFault};
use async_trait::async_trait;
use keyring_core::{CredentialStore, Entry, Error};
use secrecy::{ExposeSecret, SecretSlice};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;
use zeroize::{Zeroize, Zeroizing};

/// The service under which every secret is kept.
const SERVICE: &str = "tillkeeper";

/// How long a caller waits for the keyring.
const DEADLINE: Duration = Duration::from_secs(10);

/// Secret Service, Keychain or Credential Manager.
///
/// Every call goes, in order, through one thread of its own, so that neither the async threads nor the end of the
/// process wait for a keyring that hangs. A service that is missing is looked for again at each call. A call that fails
/// because its deadline passed may still take effect.
#[derive(Debug)]
pub struct OsKeyring {
    deadline: Duration,
    worker: Mutex<Option<Sender<Job>>>,
}

type Job = Box<dyn FnOnce(&mut Store) + Send>;

impl OsKeyring {
    /// The keyring of this session. Nothing is opened before the first call.
    #[must_use]
    pub fn new() -> Self {
        Self::with_deadline(DEADLINE)
    }

    /// As [`OsKeyring::new`], with callers waiting at most `deadline`.
    #[must_use]
    pub fn with_deadline(deadline: Duration) -> Self {
        Self { deadline, worker: Mutex::new(None) }
    }

    /// Whether it is known to be open now. Unlike every other call this one asks nobody to unlock it.
    pub async fn is_open(&self) -> bool {
        self.ask(|store| Ok(store.watch.is_open())).await.unwrap_or(false)
    }

    async fn ask<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut Store) -> Result<T, KeyringFault> + Send + 'static,
    ) -> Result<T, KeyringFault> {
        let (reply, answer) = oneshot::channel();
        self.hand_over(Box::new(move |store| {
            // Nobody waits any more for a call that stood behind a hanging one.
            if !reply.is_closed() {
                let _unheard = reply.send(act(store));
            }
        }))?;
        match tokio::time::timeout(self.deadline, answer).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(KeyringFault::Failed("the keyring's thread ended".to_owned())),
            Err(_) => Err(KeyringFault::Failed(format!("no answer within {} s", self.deadline.as_secs()))),
        }
    }

    /// Gives the job to the thread, which is begun at the first job and anew if it has ended.
    fn hand_over(&self, mut job: Job) -> Result<(), KeyringFault> {
        let mut worker = self.worker.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(worker) = worker.as_ref() {
            match worker.send(job) {
                Ok(()) => return Ok(()),
                Err(returned) => job = returned.0,
            }
        }
        let (sender, jobs) = channel::<Job>();
        std::thread::Builder::new()
            .name("till-keyring".to_owned())
            .spawn(move || {
                let mut store = Store::default();
                for job in jobs {
                    job(&mut store);
                }
            })
            .map_err(|error| KeyringFault::Failed(error.to_string()))?;
        sender.send(job).map_err(|_| KeyringFault::Failed("the keyring's thread ended".to_owned()))?;
        *worker = Some(sender);
        Ok(())
    }
}

impl Default for OsKeyring {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Keyring for OsKeyring {
    async fn get(&self, user: &str) -> Result<Option<SecretSlice<u8>>, KeyringFault> {
        let user = user.to_owned();
        self.ask(move |store| {
            store.act(&user, |entry| match entry.get_secret() {
                Ok(secret) => {
                    let secret = Zeroizing::new(secret);
                    Ok(Some(SecretSlice::from(secret.to_vec())))
                }
                Err(Error::NoEntry) => Ok(None),
                Err(error) => Err(error),
            })
        })
        .await
    }

    async fn set(&self, user: &str, secret: &SecretSlice<u8>) -> Result<(), KeyringFault> {
        let user = user.to_owned();
        let secret = Zeroizing::new(secret.expose_secret().to_vec());
        self.ask(move |store| {
            store.act(&user, |entry| match entry.set_secret(&secret) {
                Err(Error::Ambiguous(entries)) => {
                    remove(&entries)?;
                    entry.set_secret(&secret)
                }
                done => done,
            })
        })
        .await
    }

    async fn delete(&self, user: &str) -> Result<(), KeyringFault> {
        let user = user.to_owned();
        self.ask(move |store| {
            store.act(&user, |entry| match entry.delete_credential() {
                Ok(()) | Err(Error::NoEntry) => Ok(()),
                Err(Error::Ambiguous(entries)) => remove(&entries),
                Err(error) => Err(error),
            })
        })
        .await
    }

    async fn status(&self) -> Result<(), KeyringFault> {
        self.ask(|store| {
            store.watch.ready()?;
            store.opened().map(|_| ())
        })
        .await
    }
}

/// Removes entries that all go by the same name, as another program or a restored keyring may have left them.
fn remove(entries: &[Entry]) -> keyring_core::Result<()> {
    entries.iter().try_for_each(|entry| match entry.delete_credential() {
        Err(Error::NoEntry) => Ok(()),
        done => done,
    })
}

/// What the thread has at hand.
#[derive(Default)]
struct Store {
    watch: Watch,
    /// `None` until it could be opened, and after it broke.
    open: Option<Arc<CredentialStore>>,
}

impl Store {
    fn opened(&mut self) -> Result<Arc<CredentialStore>, KeyringFault> {
        if let Some(store) = &self.open {
            return Ok(store.clone());
        }
        let store = open().map_err(|error| KeyringFault::Absent(error.to_string()))?;
        Ok(self.open.insert(store).clone())
    }

    /// Acts on one entry. A store that breaks, because its service was restarted, is opened anew once: each of our acts
    /// may be done twice.
    fn act<T>(&mut self, user: &str, act: impl Fn(&Entry) -> keyring_core::Result<T>) -> Result<T, KeyringFault> {
        self.watch.ready()?;
        let on = |store: &CredentialStore| act(&store.build(SERVICE, user, None)?);
        let done = match on(&*self.opened()?) {
            Err(Error::PlatformFailure(_)) => {
                self.open = None;
                on(&*self.opened()?)
            }
            done => done,
        };
        done.map_err(fault)
    }
}

/// Says what went wrong without the bytes that some errors carry.
fn fault(error: Error) -> KeyringFault {
    match error {
        Error::NoStorageAccess(_) => KeyringFault::Locked,
        Error::BadEncoding(mut bytes) | Error::BadDataFormat(mut bytes, _) => {
            bytes.zeroize();
            KeyringFault::Failed("the stored secret is malformed".to_owned())
        }
        Error::TooLong(_, most) => KeyringFault::Failed(format!("more than this keyring's {most} bytes")),
        Error::Ambiguous(entries) => KeyringFault::Failed(format!("stored {} times", entries.len())),
        other => KeyringFault::Failed(other.to_string()),
    }
}

#[cfg(test)]
mod tests;
