//! A keyring that is locked or missing for a while.

use super::world::{MS, Stage};
use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretSlice};
use std::collections::BTreeMap;
use till_core::error::Code;
use till_engine::keyring::{Keyring, KeyringFault};

/// What the keyring holds, and until when it does not serve.
#[derive(Default)]
pub struct Ring {
    held: BTreeMap<String, Vec<u8>>,
    /// It fails until this world time.
    pub fails_until: i64,
    /// How it fails.
    pub locked: bool,
}

/// The keyring seam.
pub struct SimKeyring(pub Stage);

impl SimKeyring {
    async fn serve(&self) -> Result<(), KeyringFault> {
        self.0.effect("keyring").await;
        let (answer, at) = {
            let mut world = self.0.now();
            let slow = if world.fair { 1 } else { world.chance.between(1, 30) };
            let fails = !world.fair && world.now < world.ring.fails_until;
            let fault = match (fails, world.ring.locked) {
                (false, _) => Ok(()),
                (true, true) => {
                    world.strikes(Code::KeyringLocked);
                    Err(KeyringFault::Locked)
                }
                (true, false) => {
                    world.strikes(Code::KeyringAbsent);
                    Err(KeyringFault::Absent("no service".to_owned()))
                }
            };
            (fault, world.now + slow * MS)
        };
        self.0.until(at).await;
        answer
    }
}

#[async_trait]
impl Keyring for SimKeyring {
    async fn get(&self, user: &str) -> Result<Option<SecretSlice<u8>>, KeyringFault> {
        // Read first, then slow to say so: what was read can be old by then.
        let read = self.0.now().ring.held.get(user).cloned();
        self.serve().await?;
        Ok(read.map(SecretSlice::from))
    }

    async fn set(&self, user: &str, secret: &SecretSlice<u8>) -> Result<(), KeyringFault> {
        self.serve().await?;
        self.0.now().ring.held.insert(user.to_owned(), secret.expose_secret().to_vec());
        Ok(())
    }

    async fn delete(&self, user: &str) -> Result<(), KeyringFault> {
        self.serve().await?;
        self.0.now().ring.held.remove(user);
        Ok(())
    }

    async fn status(&self) -> Result<(), KeyringFault> {
        self.serve().await
    }
}
