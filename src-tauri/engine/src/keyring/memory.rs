//! A keyring for tests.

use super::{Keyring, KeyringFault};
use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretSlice};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Keeps secrets in memory until it is dropped. It can be told to be missing, locked or broken.
#[derive(Debug, Default)]
pub struct MemoryKeyring {
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    secrets: BTreeMap<String, SecretSlice<u8>>,
    fault: Option<KeyringFault>,
}

impl MemoryKeyring {
    /// From now on every call fails with `fault`; with `None` it serves, and has what it had.
    pub fn fail_with(&self, fault: Option<KeyringFault>) {
        self.held().fault = fault;
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn serving(&self) -> Result<MutexGuard<'_, Held>, KeyringFault> {
        let held = self.held();
        match &held.fault {
            Some(fault) => Err(fault.clone()),
            None => Ok(held),
        }
    }
}

#[async_trait]
impl Keyring for MemoryKeyring {
    async fn get(&self, user: &str) -> Result<Option<SecretSlice<u8>>, KeyringFault> {
        Ok(self.serving()?.secrets.get(user).map(copy))
    }

    async fn set(&self, user: &str, secret: &SecretSlice<u8>) -> Result<(), KeyringFault> {
        self.serving()?.secrets.insert(user.to_owned(), copy(secret));
        Ok(())
    }

    async fn delete(&self, user: &str) -> Result<(), KeyringFault> {
        self.serving()?.secrets.remove(user);
        Ok(())
    }

    async fn status(&self) -> Result<(), KeyringFault> {
        self.serving().map(|_| ())
    }
}

fn copy(secret: &SecretSlice<u8>) -> SecretSlice<u8> {
    SecretSlice::from(secret.expose_secret().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_told_to_be_locked_says_so_and_keeps_its_secrets() {
        let keyring = MemoryKeyring::default();
        keyring.set("t/a/key", &SecretSlice::from(b"k".to_vec())).await.unwrap();
        keyring.fail_with(Some(KeyringFault::Locked));
        assert_eq!(keyring.status().await, Err(KeyringFault::Locked));
        assert_eq!(keyring.get("t/a/key").await.unwrap_err(), KeyringFault::Locked);
        keyring.fail_with(None);
        assert_eq!(keyring.get("t/a/key").await.unwrap().unwrap().expose_secret(), b"k");
        keyring.delete("t/a/key").await.unwrap();
        assert!(keyring.get("t/a/key").await.unwrap().is_none());
        assert!(!format!("{keyring:?}").contains("107"));
    }
}
