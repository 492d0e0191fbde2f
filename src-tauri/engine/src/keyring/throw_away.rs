//! The keyring of training mode.

use super::{Keyring, KeyringFault};
use crate::off_thread::off_thread;
use crate::whole_file::{self, Readers};
use async_trait::async_trait;
use data_encoding::BASE64;
use secrecy::{ExposeSecret, SecretSlice};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use zeroize::{Zeroize, Zeroizing};

/// Name of the file in the training folder.
const FILE: &str = "throw-away-keyring.json";

/// Keeps the secrets of training in one file of the training folder, readable by its owner.
///
/// This is the only exemption from "no secret in a file", and only because there is nothing to protect: the values are
/// made by the sandbox for its pretend gateways and are thrown away with the folder. It must never be opened for a till
/// that takes money.
#[derive(Debug, Clone)]
pub struct ThrowAwayKeyring {
    path: Arc<PathBuf>,
    one_at_a_time: Arc<Mutex<()>>,
}

type Values = BTreeMap<String, String>;

impl ThrowAwayKeyring {
    /// The keyring of a training folder, which must exist.
    #[must_use]
    pub fn in_training_folder(folder: &Path) -> Self {
        Self { path: Arc::new(folder.join(FILE)), one_at_a_time: Arc::new(Mutex::new(())) }
    }

    /// Acts on the file off the async threads.
    async fn act<T: Send + 'static>(
        &self,
        act: impl FnOnce(&Path) -> io::Result<T> + Send + 'static,
    ) -> Result<T, KeyringFault> {
        let Self { path, one_at_a_time } = self.clone();
        let done = off_thread(move || {
            let _turn = one_at_a_time.lock().unwrap_or_else(PoisonError::into_inner);
            act(&path)
        });
        match done.await {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(error)) => Err(KeyringFault::Failed(error.to_string())),
            Err(error) => Err(KeyringFault::Failed(error.to_string())),
        }
    }
}

fn read(path: &Path) -> io::Result<Values> {
    match std::fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&Zeroizing::new(bytes)).map_err(io::Error::from),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Values::new()),
        Err(error) => Err(error),
    }
}

fn write(path: &Path, values: Values) -> io::Result<()> {
    let bytes = Zeroizing::new(serde_json::to_vec(&values)?);
    for mut value in values.into_values() {
        value.zeroize();
    }
    whole_file::replace(path, &bytes, Readers::Owner)
}

#[async_trait]
impl Keyring for ThrowAwayKeyring {
    async fn get(&self, user: &str) -> Result<Option<SecretSlice<u8>>, KeyringFault> {
        let user = user.to_owned();
        self.act(move |path| {
            let Some(value) = read(path)?.remove(&user).map(Zeroizing::new) else { return Ok(None) };
            let bytes = BASE64.decode(value.as_bytes()).map_err(io::Error::other)?;
            Ok(Some(SecretSlice::from(bytes)))
        })
        .await
    }

    async fn set(&self, user: &str, secret: &SecretSlice<u8>) -> Result<(), KeyringFault> {
        let user = user.to_owned();
        let value = BASE64.encode(secret.expose_secret());
        self.act(move |path| {
            let mut values = read(path)?;
            values.insert(user, value);
            write(path, values)
        })
        .await
    }

    async fn delete(&self, user: &str) -> Result<(), KeyringFault> {
        let user = user.to_owned();
        self.act(move |path| {
            let mut values = read(path)?;
            match values.remove(&user) {
                Some(_) => write(path, values),
                None => Ok(()),
            }
        })
        .await
    }

    async fn status(&self) -> Result<(), KeyringFault> {
        self.act(|path| read(path).map(|_| ())).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn values_outlive_the_process_and_go_when_they_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let keyring = ThrowAwayKeyring::in_training_folder(folder.path());
        assert!(keyring.get("a").await.unwrap().is_none());
        keyring.delete("a").await.unwrap();
        keyring.set("a", &SecretSlice::from(vec![0, 255, 10])).await.unwrap();
        keyring.set("b", &SecretSlice::from(b"first".to_vec())).await.unwrap();
        keyring.set("b", &SecretSlice::from(b"second".to_vec())).await.unwrap();
        let again = ThrowAwayKeyring::in_training_folder(folder.path());
        assert_eq!(again.get("a").await.unwrap().unwrap().expose_secret(), [0, 255, 10]);
        assert_eq!(again.get("b").await.unwrap().unwrap().expose_secret(), b"second");
        again.delete("b").await.unwrap();
        assert!(again.get("b").await.unwrap().is_none());
        again.status().await.unwrap();
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn the_file_is_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let keyring = ThrowAwayKeyring::in_training_folder(folder.path());
        keyring.set("a", &SecretSlice::from(vec![1])).await.unwrap();
        let mode = std::fs::metadata(folder.path().join(FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[tokio::test]
    async fn a_damaged_file_is_a_fault_and_is_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE), "{").unwrap();
        let keyring = ThrowAwayKeyring::in_training_folder(folder.path());
        assert!(matches!(keyring.status().await, Err(KeyringFault::Failed(_))));
        assert!(keyring.set("a", &SecretSlice::from(vec![1])).await.is_err());
        assert_eq!(std::fs::read(folder.path().join(FILE)).unwrap(), b"{");
    }
}
