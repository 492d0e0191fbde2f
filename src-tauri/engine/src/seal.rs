//! The till's Ed25519 key: what it signs, and how that is checked without it.

use crate::keyring::{Keyring, KeyringFault};
use aws_lc_rs::error::KeyRejected;
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use data_encoding::HEXLOWER;
use secrecy::{ExposeSecret, SecretSlice};

/// The key.
pub struct Seal(Ed25519KeyPair);

/// Why the till cannot sign.
#[derive(Debug, thiserror::Error)]
pub enum NoSeal {
    /// The keyring did not serve.
    #[error(transparent)]
    Keyring(#[from] KeyringFault),
    /// The keyring has no key of this till.
    #[error("the till's signing key is gone")]
    Gone,
    /// The keyring's key is not the one that the journal names.
    #[error("the till's signing key is not this journal's")]
    AnotherTill,
    /// What the keyring holds is no key.
    #[error("the till's signing key cannot be used: {0}")]
    Unusable(#[from] KeyRejected),
}

impl Seal {
    /// Makes the key from a seed of 32 bytes.
    pub fn from_seed(seed: &SecretSlice<u8>) -> Result<Self, KeyRejected> {
        Ed25519KeyPair::from_seed_unchecked(seed.expose_secret()).map(Self)
    }

    /// The key of a till, where it is the one whose public half `public_key` is.
    pub async fn of_till(keyring: &dyn Keyring, till_id: &str, public_key: Option<&str>) -> Result<Self, NoSeal> {
        let seed = keyring.get(&secret_name(till_id)).await?.ok_or(NoSeal::Gone)?;
        let seal = Self::from_seed(&seed)?;
        let fits = public_key.is_none_or(|named| named == seal.public_key());
        if fits { Ok(seal) } else { Err(NoSeal::AnotherTill) }
    }

    /// Its public half, hex.
    #[must_use]
    pub fn public_key(&self) -> String {
        HEXLOWER.encode(self.0.public_key().as_ref())
    }

    /// Its signature of a message, hex.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> String {
        HEXLOWER.encode(self.0.sign(message).as_ref())
    }
}

/// The keyring's name of a till's key.
pub(crate) fn secret_name(till_id: &str) -> String {
    format!("{till_id}/till/signing_key")
}

/// Whether `signature`, hex, is that of `message` by the key whose public half is `public_key`, hex.
#[must_use]
pub fn is_signed(message: &[u8], signature: &str, public_key: &str) -> bool {
    let bytes = |hex: &str| HEXLOWER.decode(hex.as_bytes()).ok();
    let (Some(key), Some(signature)) = (bytes(public_key), bytes(signature)) else { return false };
    UnparsedPublicKey::new(&ED25519, key).verify(message, &signature).is_ok()
}
