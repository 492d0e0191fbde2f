//! The keyring seam: the one module that reads and writes secrets.

mod memory;
#[cfg(not(all(unix, not(target_os = "macos"))))]
mod native;
#[cfg(all(unix, not(target_os = "macos")))]
mod secret_service;
mod system;
mod throw_away;

pub use memory::MemoryKeyring;
pub use system::OsKeyring;
pub use throw_away::ThrowAwayKeyring;

use async_trait::async_trait;
use secrecy::SecretSlice;

/// Why the keyring did not serve.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyringFault {
    /// There is no keyring service on this machine or in this session.
    #[error("no keyring service: {0}")]
    Absent(String),
    /// It is locked and was not unlocked, or its service has no default keyring yet.
    #[error("the keyring is locked or was never set up")]
    Locked,
    /// It answered with an error.
    #[error("the keyring failed: {0}")]
    Failed(String),
}

/// Under which name the secret of an account's field is kept.
#[must_use]
pub fn secret_name(till_id: &str, account_id: &str, field: &str) -> String {
    format!("{till_id}/{account_id}/{field}")
}

/// Reads and writes secrets. `user` is a name as [`secret_name`] gives it; the service is always `tillkeeper`.
#[async_trait]
pub trait Keyring: Send + Sync {
    /// The secret, or `None` where nothing is stored under that name.
    async fn get(&self, user: &str) -> Result<Option<SecretSlice<u8>>, KeyringFault>;
    /// Stores a secret, replacing an older one.
    async fn set(&self, user: &str, secret: &SecretSlice<u8>) -> Result<(), KeyringFault>;
    /// Removes a secret; removing what is not there succeeds.
    async fn delete(&self, user: &str) -> Result<(), KeyringFault>;
    /// Whether the keyring can be used now.
    async fn status(&self) -> Result<(), KeyringFault>;
}
