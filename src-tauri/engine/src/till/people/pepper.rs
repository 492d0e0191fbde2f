//! The pepper of the PINs: in the keyring, and once it was needed in memory.

use super::super::{Inner, fault_of_keyring};
use super::Roster;
use secrecy::SecretSlice;
use std::sync::Arc;
use till_core::error::{Code, Refusal};
use till_core::operator::pin::PEPPER;

impl Inner {
    /// The pepper. Where there is none it is made only if `anew`: a new one makes every older PIN wrong.
    pub(super) async fn pepper(&self, roster: &mut Roster, anew: bool) -> Result<Arc<SecretSlice<u8>>, Refusal> {
        if let Some(pepper) = &roster.pepper {
            return Ok(Arc::clone(pepper));
        }
        let name = self.secret_name("till", "pin_pepper");
        let found = self.seams.keyring.get(&name).await.map_err(|fault| fault_of_keyring(&fault))?;
        let pepper = match found {
            Some(pepper) => pepper,
            None if anew => {
                let made: SecretSlice<u8> = self.random::<PEPPER>()?.to_vec().into();
                self.seams.keyring.set(&name, &made).await.map_err(|fault| fault_of_keyring(&fault))?;
                made
            }
            None => return Err(odd()),
        };
        Ok(Arc::clone(roster.pepper.insert(Arc::new(pepper))))
    }
}

/// The keyring does not have what the PINs were made with.
pub(super) fn odd() -> Refusal {
    Refusal::of(Code::PinsLost)
}
