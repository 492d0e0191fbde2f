//! RSA keys of an account: what a person types, what is kept of it, and what is done with it (gateways.md 3.2).

use super::descriptor::FieldKind;
use crate::words::Label;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, PublicKey};
use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256};
use data_encoding::BASE64;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretSlice};

/// The largest entry that every keyring holds, in bytes (design.md section 6). An RSA key of 4096 bits fits.
const KEPT_LIMIT: usize = 2_560;

/// The shortest modulus of a key, in bytes: 2048 bits.
const SHORTEST_MODULUS: usize = 256;

/// What no secret of one line holds beside control characters: U+2028 and U+2029, which end a line, and a byte order mark.
const UNSEEN: [char; 3] = ['\u{2028}', '\u{2029}', '\u{feff}'];

/// Why what was typed is no key. Nothing of it is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadKey {
    /// No key of the wanted sort in PEM, or damaged text in it.
    #[error("no key in PEM")]
    NotAKey,
    /// A key that is itself locked with a passphrase.
    #[error("the key is locked with a passphrase")]
    Encrypted,
    /// Not an RSA key, one of fewer than 2048 bits, or one whose parts do not fit each other.
    #[error("no usable RSA key of 2048 bits or more")]
    Unusable,
    /// More than a keyring holds: more than 4096 bits.
    #[error("the key is longer than 4096 bits")]
    TooLong,
    /// A line break or another control character in a secret of one line.
    #[error("the secret is not one line")]
    NotOneLine,
}

impl BadKey {
    /// Every reason.
    pub const ALL: [Self; 5] = [Self::NotAKey, Self::Encrypted, Self::Unusable, Self::TooLong, Self::NotOneLine];

    /// The word in facts.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::NotAKey => "no_private_key",
            Self::Encrypted => "key_locked",
            Self::Unusable => "key_unfit",
            Self::TooLong => "key_too_long",
            Self::NotOneLine => "not_one_line",
        }
    }

    /// What people read, without a full stop.
    #[must_use]
    pub const fn label(self) -> Label {
        match self {
            Self::NotAKey => Label::new(
                "这不是完整的 PKCS#1 或 PKCS#8 私钥（PEM）",
                "這不是完整的 PKCS#1 或 PKCS#8 私鑰（PEM）",
                "It is not a whole private key of PKCS#1 or PKCS#8 in PEM",
            ),
            Self::Encrypted => Label::new(
                "私钥有密码保护，须先用 openssl rsa 去掉密码",
                "私鑰有密碼保護，須先以 openssl rsa 移除密碼",
                "It is locked with a passphrase, which openssl rsa takes off",
            ),
            Self::Unusable => Label::new(
                "这不是 2048 位或以上的 RSA 私钥",
                "這不是 2048 位或以上的 RSA 私鑰",
                "It is not an RSA private key of 2048 bits or more",
            ),
            Self::TooLong => Label::new("私钥超过 4096 位", "私鑰超過 4096 位", "It has more than 4096 bits"),
            Self::NotOneLine => Label::new(
                "里面有换行或其他控制字符",
                "內有換行或其他控制字元",
                "It holds a line break or another control character",
            ),
        }
    }
}

/// What the keyring keeps of a secret that was typed: the DER of an RSA key in PKCS#1 or PKCS#8 PEM, which must be usable;
/// any other secret as it is, which must be one line: blanks may belong to it.
pub fn stored_form(kind: FieldKind, typed: &SecretSlice<u8>) -> Result<SecretSlice<u8>, BadKey> {
    match kind {
        FieldKind::PrivateKey => private_der(typed.expose_secret()),
        FieldKind::Secret if !is_one_line(typed.expose_secret()) => Err(BadKey::NotOneLine),
        FieldKind::Text
        | FieldKind::Numbers
        | FieldKind::Url
        | FieldKind::CalledUrl
        | FieldKind::YesNo
        | FieldKind::Choice(_)
        | FieldKind::Secret
        | FieldKind::PublicKey => Ok(typed.clone()),
    }
}

/// Checks the value of a [`FieldKind::PublicKey`]: an RSA key of 2048 bits or more, as PEM or as the Base64 between its
/// header and footer.
pub fn check_public_key(typed: &str) -> Result<(), BadKey> {
    public_key(typed).map(|_| ())
}

/// The Base64 of the RSA PKCS#1 v1.5 signature over the SHA-256 of `message`, standard alphabet with padding, by a key as
/// [`stored_form`] gives it.
pub(super) fn sign(key: &SecretSlice<u8>, message: &[u8]) -> Result<String, BadKey> {
    let pair = key_pair(key.expose_secret())?;
    let mut signature = vec![0; pair.public_modulus_len()];
    // Nothing random goes into this signature: the argument is the library's form, and it is not read.
    let unread = SystemRandom::new();
    pair.sign(&RSA_PKCS1_SHA256, &unread, message, &mut signature).map_err(|_| BadKey::Unusable)?;
    Ok(BASE64.encode(&signature))
}

/// Whether `claimed` is such a signature over `message` by the owner of the public key.
pub(super) fn verifies(public_key: &ParsedPublicKey, message: &[u8], claimed: &str) -> bool {
    BASE64.decode(claimed.as_bytes()).is_ok_and(|signature| public_key.verify_sig(message, &signature).is_ok())
}

/// The RSA key in a value that [`check_public_key`] takes.
pub(super) fn public_key(typed: &str) -> Result<ParsedPublicKey, BadKey> {
    let typed = typed.trim();
    let body = match between(typed, &["PUBLIC KEY", "RSA PUBLIC KEY"]) {
        Some(body) => body,
        None if typed.contains("-----") => return Err(BadKey::NotAKey),
        None => typed,
    };
    let der = decoded(body)?;
    let modulus = PublicKey::from_der(&der).map_err(|_| BadKey::Unusable)?.modulus_len();
    if modulus < SHORTEST_MODULUS {
        return Err(BadKey::Unusable);
    }
    ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der.as_slice()).map_err(|_| BadKey::Unusable)
}

/// Whether neither a control character nor one that breaks a line or marks an order of bytes is in it. What is no text is looked
/// at byte by byte.
fn is_one_line(typed: &[u8]) -> bool {
    match str::from_utf8(typed) {
        Ok(text) => !text.chars().any(|letter| letter.is_control() || UNSEEN.contains(&letter)),
        Err(_) => !typed.iter().any(u8::is_ascii_control),
    }
}

fn private_der(typed: &[u8]) -> Result<SecretSlice<u8>, BadKey> {
    let text = str::from_utf8(typed).map_err(|_| BadKey::NotAKey)?;
    if between(text, &["ENCRYPTED PRIVATE KEY"]).is_some() {
        return Err(BadKey::Encrypted);
    }
    let body = between(text, &["PRIVATE KEY", "RSA PRIVATE KEY"]).ok_or(BadKey::NotAKey)?;
    if body.contains("ENCRYPTED") {
        return Err(BadKey::Encrypted);
    }
    let der = decoded(body)?;
    key_pair(&der)?;
    if der.len() > KEPT_LIMIT {
        return Err(BadKey::TooLong);
    }
    // A copy of its exact length: making a longer buffer shorter could leave the key behind in memory.
    Ok(der.to_vec().into())
}

/// PKCS#8 as new versions of OpenSSL write it, or PKCS#1 as old ones do.
fn key_pair(der: &[u8]) -> Result<KeyPair, BadKey> {
    KeyPair::from_pkcs8(der).or_else(|_| KeyPair::from_der(der)).map_err(|_| BadKey::Unusable)
}

/// What stands between the header and the footer of one of these labels. The line breaks of PEM are not looked at: a field
/// of one line swallows them.
fn between<'a>(text: &'a str, labels: &[&str]) -> Option<&'a str> {
    labels.iter().find_map(|label| {
        let (_, rest) = text.split_once(&format!("-----BEGIN {label}-----"))?;
        rest.split_once(&format!("-----END {label}-----")).map(|(body, _)| body)
    })
}

fn decoded(body: &str) -> Result<Zeroizing<Vec<u8>>, BadKey> {
    let mut packed = Zeroizing::new(Vec::with_capacity(body.len()));
    packed.extend(body.bytes().filter(|byte| !byte.is_ascii_whitespace()));
    let der = Zeroizing::new(BASE64.decode(&packed).map_err(|_| BadKey::NotAKey)?);
    if der.is_empty() { Err(BadKey::NotAKey) } else { Ok(der) }
}
