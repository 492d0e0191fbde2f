//! A secret on its way into the keyring.

use data_encoding::BASE64;
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use till_core::error::{Code, Refusal};
use zeroize::Zeroizing;

/// A secret that a person has just entered. Its bytes go into the keyring, or over the owner's own socket to the engine that
/// has one; nothing prints them.
#[derive(Debug, Clone)]
pub struct Hidden(SecretSlice<u8>);

impl Hidden {
    /// Takes the bytes over; their place in memory is wiped when this is dropped.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(SecretSlice::from(bytes))
    }

    /// The bytes, still behind their guard.
    #[must_use]
    pub fn bytes(&self) -> &SecretSlice<u8> {
        &self.0
    }

    /// The same as text; none where it is not UTF-8.
    #[must_use]
    pub fn text(&self) -> Option<SecretString> {
        str::from_utf8(self.0.expose_secret()).ok().map(SecretString::from)
    }

    /// A payment code: as a scanner reads it, or a person types it the way the phone shows it, in groups.
    pub fn payment_code(&self) -> Result<SecretString, Refusal> {
        let text = str::from_utf8(self.0.expose_secret()).map_err(|_| Refusal::of(Code::PaymentCodeBad))?;
        // As long as what was typed: one that grew would leave copies of its beginning in memory.
        let mut code = Zeroizing::new(String::with_capacity(text.len()));
        code.extend(text.split_whitespace());
        Ok(SecretString::from(code.as_str()))
    }
}

impl Serialize for Hidden {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = Zeroizing::new(BASE64.encode(self.0.expose_secret()));
        serializer.serialize_str(&text)
    }
}

impl<'de> Deserialize<'de> for Hidden {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Zeroizing::new(String::deserialize(deserializer)?);
        let bytes = BASE64.decode(text.as_bytes()).map_err(|_| D::Error::custom("not base64"))?;
        Ok(Self::new(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payment_code_is_taken_as_the_phone_shows_it() {
        let typed = Hidden::new(b"1337 4700 5736 8707 77\n".to_vec());
        assert_eq!(typed.payment_code().unwrap().expose_secret(), "133747005736870777");
        assert!(Hidden::new(vec![0xff]).payment_code().is_err());
    }

    #[test]
    fn a_secret_survives_the_socket_and_shows_itself_to_no_log() {
        let hidden = Hidden::new(b"MARKED\n\x00".to_vec());
        let line = serde_json::to_string(&hidden).unwrap();
        let back: Hidden = serde_json::from_str(&line).unwrap();
        assert_eq!(back.bytes().expose_secret(), b"MARKED\n\x00");
        assert!(!format!("{hidden:?}").contains("MARKED"));
    }
}
