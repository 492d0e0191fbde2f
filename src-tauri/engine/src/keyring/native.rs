//! The stores of macOS and Windows, which are always there; the system itself asks a person to unlock.

use super::KeyringFault;
use keyring_core::CredentialStore;
use std::sync::Arc;

/// Nothing to watch over.
#[derive(Debug, Default)]
pub(super) struct Watch;

impl Watch {
    /// Always ready.
    #[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "the same shape as with Secret Service")]
    pub(super) fn ready(&mut self) -> Result<(), KeyringFault> {
        Ok(())
    }

    /// Never known: only a use tells, and that asks a person.
    #[expect(clippy::unused_self, reason = "the same shape as with Secret Service")]
    pub(super) fn is_open(&mut self) -> bool {
        false
    }
}

#[cfg(target_os = "macos")]
pub(super) fn open() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(apple_native_keyring_store::keychain::Store::new()?)
}

#[cfg(windows)]
pub(super) fn open() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(windows_native_keyring_store::Store::new()?)
}
