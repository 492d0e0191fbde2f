//! The throw-away RSA keys of the pretend Dingdang, and TSK-RSA2 (gateways.md 3.2), written for the stage alone.

use std::sync::OnceLock;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, UnparsedPublicKey};
use data_encoding::BASE64;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

const SCHEME: &str = "TSK-RSA2";
const DATETIME: &str = "%Y%m%dT%H%M%SZ";

/// How keys are kept: PKCS#8 in Base64.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct KeptKeys {
    skill: String,
    platform: String,
}

/// The merchant's pair, whose public half the platform has, and the platform's own.
pub(crate) struct Keys {
    skill: KeyPair,
    platform: KeyPair,
}

impl KeptKeys {
    /// RSA-2048, once per process: making them takes a good part of a second.
    pub(crate) fn made() -> Option<Self> {
        static MADE: OnceLock<Option<KeptKeys>> = OnceLock::new();
        let made = || Some(KeptKeys { skill: made_key()?, platform: made_key()? });
        MADE.get_or_init(made).clone()
    }
}

fn made_key() -> Option<String> {
    let pair = KeyPair::generate(KeySize::Rsa2048).ok()?;
    let der: Pkcs8V1Der<'_> = pair.as_der().ok()?;
    Some(BASE64.encode(der.as_ref()))
}

impl Keys {
    pub(crate) fn of(kept: &KeptKeys) -> Option<Self> {
        let read = |text: &str| KeyPair::from_pkcs8(&BASE64.decode(text.as_bytes()).ok()?).ok();
        Some(Self { skill: read(&kept.skill)?, platform: read(&kept.platform)? })
    }

    /// The merchant's private key as PKCS#8 PEM.
    pub(crate) fn skill_pem(&self) -> String {
        let der: Option<Pkcs8V1Der<'_>> = self.skill.as_der().ok();
        let text = BASE64.encode(der.as_ref().map_or(&[], |der| der.as_ref()));
        let lines: Vec<&str> =
            (0..text.len()).step_by(64).filter_map(|from| text.get(from..text.len().min(from + 64))).collect();
        let label = "PRIVATE KEY";
        format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
    }

    /// The platform's public key: the Base64 body of an SPKI PEM.
    pub(crate) fn platform_public(&self) -> String {
        let der: Option<PublicKeyX509Der<'_>> = self.platform.public_key().as_der().ok();
        BASE64.encode(der.as_ref().map_or(&[], |der| der.as_ref()))
    }

    /// The header of a reply that leaves at this second.
    pub(crate) fn sign_reply(&self, body: &str, seconds: i64) -> Option<String> {
        sign(&self.platform, body, seconds)
    }

    /// The header with the signature of somebody else.
    pub(crate) fn sign_wrongly(&self, body: &str, seconds: i64) -> Option<String> {
        sign(&self.skill, body, seconds)
    }

    /// Whether the merchant signed this body at this time.
    pub(crate) fn verifies(&self, body: &[u8], header: &Header<'_>) -> bool {
        let Ok(signature) = BASE64.decode(header.signature.as_bytes()) else { return false };
        let mut content = body.to_vec();
        content.extend_from_slice(header.datetime.as_bytes());
        let public = self.skill.public_key();
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public.as_ref()).verify(&content, &signature).is_ok()
    }
}

fn sign(pair: &KeyPair, body: &str, seconds: i64) -> Option<String> {
    let datetime = Timestamp::from_second(seconds).ok()?.strftime(DATETIME).to_string();
    let mut signature = vec![0; pair.public_modulus_len()];
    let content = format!("{body}{datetime}");
    pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), content.as_bytes(), &mut signature).ok()?;
    Some(format!("{SCHEME} Datetime={datetime}, Signature={}", BASE64.encode(&signature)))
}

/// What a TSK-RSA2 header says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Header<'h> {
    datetime: &'h str,
    signature: &'h str,
    /// Seconds since 1970.
    pub(crate) signed_at: i64,
}

impl<'h> Header<'h> {
    /// Scheme, a space, then `k=v` parted by commas; a value may hold further `=`.
    pub(crate) fn read(header: &'h str) -> Option<Self> {
        let (scheme, rest) = header.split_once(' ')?;
        if scheme != SCHEME {
            return None;
        }
        let mut datetime = None;
        let mut signature = None;
        for part in rest.split(',') {
            match part.trim().split_once('=')? {
                ("Datetime", value) => datetime = Some(value),
                ("Signature", value) => signature = Some(value),
                _ => return None,
            }
        }
        let (datetime, signature) = (datetime?, signature?);
        let at = DateTime::strptime(DATETIME, datetime).ok()?.to_zoned(TimeZone::UTC).ok()?;
        Some(Self { datetime, signature, signed_at: at.timestamp().as_second() })
    }
}

#[cfg(test)]
mod tests {
    use super::{Header, KeptKeys, Keys};

    #[test]
    fn a_header_is_read_by_its_parts_and_a_signature_keeps_its_padding() {
        let header = Header::read("TSK-RSA2 Datetime=20170720T193559Z, Signature=YWJj==").unwrap();
        assert_eq!((header.datetime, header.signature), ("20170720T193559Z", "YWJj=="));
        assert_eq!(header.signed_at, 1_500_579_359);
        for broken in [
            "",
            "TSK-RSA2",
            "TSK-HMAC-SHA256-BASIC Datetime=20170720T193559Z, Signature=YWJj",
            "TSK-RSA2 Signature=YWJj",
            "TSK-RSA2 Datetime=20170720T193559Z",
            "TSK-RSA2 Datetime=2017-07-20, Signature=YWJj",
        ] {
            assert_eq!(Header::read(broken), None, "{broken}");
        }
    }

    #[test]
    fn a_signature_covers_body_and_time_and_belongs_to_one_key() {
        let keys = Keys::of(&KeptKeys::made().unwrap()).unwrap();
        let body = r#"{"skillId":"技能"}"#;
        let by_skill = keys.sign_wrongly(body, 1_500_579_359).unwrap();
        let header = Header::read(&by_skill).unwrap();
        assert!(keys.verifies(body.as_bytes(), &header));
        assert!(!keys.verifies(b"{}", &header));
        let later = by_skill.replace("193559", "193600");
        assert!(!keys.verifies(body.as_bytes(), &Header::read(&later).unwrap()));
        let by_platform = keys.sign_reply(body, 1_500_579_359).unwrap();
        assert!(!keys.verifies(body.as_bytes(), &Header::read(&by_platform).unwrap()));
    }

    #[test]
    fn kept_keys_come_back_as_they_were() {
        let kept = KeptKeys::made().unwrap();
        let text = serde_json::to_string(&kept).unwrap();
        let again = Keys::of(&serde_json::from_str(&text).unwrap()).unwrap();
        let first = Keys::of(&kept).unwrap();
        assert_eq!(again.platform_public(), first.platform_public());
        assert!(first.skill_pem().lines().all(|line| line.len() <= 64));
        assert_ne!(kept.skill, kept.platform);
    }
}
