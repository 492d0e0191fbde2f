//! PINs: which ones are taken, and how they are kept.
//!
//! What is kept is Argon2id over the PIN with a salt of its own and a pepper that lives in the keyring: without the pepper
//! nothing can be tried on it.

use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use aws_lc_rs::digest::{Context, SHA256};
use data_encoding::HEXLOWER;
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use serde::{Deserialize, Serialize};
use std::fmt;
use zeroize::Zeroizing;

/// Bytes of a salt.
pub const SALT: usize = 16;

/// Bytes of the pepper.
pub const PEPPER: usize = 32;

/// Bytes of a pepper's mark.
const MARK: usize = 8;

/// How many digits a PIN has.
const DIGITS: std::ops::RangeInclusive<usize> = 4..=12;

/// A PIN as the journal keeps it: a PHC string. Nothing shows it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PinHash(String);

impl fmt::Debug for PinHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PinHash(..)")
    }
}

/// Which pepper a PIN is kept under: 16 hex digits, from which nothing of the pepper can be had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PepperMark(String);

impl PepperMark {
    /// The mark of `pepper`.
    #[must_use]
    pub fn of(pepper: &SecretSlice<u8>) -> Self {
        let mut context = Context::new(&SHA256);
        context.update(b"tillkeeper pepper\n");
        context.update(pepper.expose_secret());
        let digest = context.finish();
        let beginning: Vec<u8> = digest.as_ref().iter().take(MARK).copied().collect();
        Self(HEXLOWER.encode(&beginning))
    }
}

/// A PIN as it is kept, and under which pepper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptPin {
    /// What the journal keeps of it.
    pub hash: PinHash,
    /// The pepper; `None` in journals from before this was written down.
    pub pepper: Option<PepperMark>,
}

impl KeptPin {
    /// Whether it can be looked at with `pepper`, as far as that is known: under another one no PIN is right.
    #[must_use]
    pub fn may_be_under(&self, pepper: &SecretSlice<u8>) -> bool {
        self.pepper.as_ref().is_none_or(|mark| *mark == PepperMark::of(pepper))
    }
}

/// What keeping a PIN costs, and each try at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Cost {
    /// 19 MiB and two passes: what OWASP recommends for Argon2id.
    #[default]
    Recommended,
    /// The least that Argon2id knows, for simulated tills, whose PINs guard nothing.
    Least,
}

impl Cost {
    fn params(self) -> Params {
        match self {
            Self::Recommended => Params::DEFAULT,
            // A cost that Argon2id did not know would be the recommended one: a PIN is never kept for less than was asked.
            Self::Least => {
                Params::new(Params::MIN_M_COST, Params::MIN_T_COST, Params::MIN_P_COST, None).unwrap_or(Params::DEFAULT)
            }
        }
    }
}

/// Why a PIN cannot be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unkeepable {
    /// It is not 4 to 12 digits, or one digit only.
    Bad,
    /// The pepper is not one.
    Pepper,
}

/// A typed PIN as digits. Full-width digits are what the keys say.
fn digits(typed: &SecretString) -> Zeroizing<String> {
    let mut digits = Zeroizing::new(String::with_capacity(typed.expose_secret().len()));
    digits.extend(typed.expose_secret().trim().chars().map(half_width));
    digits
}

fn half_width(typed: char) -> char {
    match typed {
        '\u{ff10}'..='\u{ff19}' => u32::from(typed).checked_sub(0xfee0).and_then(char::from_u32).unwrap_or(typed),
        other => other,
    }
}

/// Whether nothing was typed.
#[must_use]
pub fn is_empty(typed: &SecretString) -> bool {
    typed.expose_secret().trim().is_empty()
}

/// Whether a PIN is 4 to 12 digits, and not one digit over and over.
#[must_use]
pub fn is_pin(typed: &SecretString) -> bool {
    let digits = digits(typed);
    let all_digits = digits.bytes().all(|byte| byte.is_ascii_digit());
    all_digits && DIGITS.contains(&digits.len()) && digits.bytes().any(|byte| Some(byte) != digits.bytes().next())
}

/// What the journal keeps of a PIN.
pub fn hash(
    typed: &SecretString,
    pepper: &SecretSlice<u8>,
    salt: [u8; SALT],
    cost: Cost,
) -> Result<KeptPin, Unkeepable> {
    if !is_pin(typed) {
        return Err(Unkeepable::Bad);
    }
    let digits = digits(typed);
    let hashed = argon2(pepper, cost.params())?.hash_password_with_salt(digits.as_bytes(), &salt);
    let kept = |hash: String| KeptPin { hash: PinHash(hash), pepper: Some(PepperMark::of(pepper)) };
    hashed.map(|hashed| kept(hashed.to_string())).map_err(|_| Unkeepable::Pepper)
}

/// Whether `typed` is the PIN of `kept`. Takes as long for a right one as for a wrong one; tens of milliseconds.
#[must_use]
pub fn is_right(typed: &SecretString, pepper: &SecretSlice<u8>, kept: &KeptPin) -> bool {
    let digits = digits(typed);
    // What is kept names its own cost.
    argon2(pepper, Params::DEFAULT)
        .is_ok_and(|argon2| argon2.verify_password(digits.as_bytes(), kept.hash.0.as_str()).is_ok())
}

fn argon2(pepper: &SecretSlice<u8>, params: Params) -> Result<Argon2<'_>, Unkeepable> {
    if pepper.expose_secret().len() != PEPPER {
        return Err(Unkeepable::Pepper);
    }
    Argon2::new_with_secret(pepper.expose_secret(), Algorithm::Argon2id, Version::V0x13, params)
        .map_err(|_| Unkeepable::Pepper)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str) -> SecretString {
        SecretString::from(text)
    }

    fn pepper(byte: u8) -> SecretSlice<u8> {
        vec![byte; PEPPER].into()
    }

    #[test]
    fn a_pin_is_right_under_its_own_pepper_only_and_full_width_digits_are_digits() {
        let kept = hash(&typed("２５８０"), &pepper(7), [1; SALT], Cost::default()).unwrap();
        assert!(is_right(&typed("2580"), &pepper(7), &kept) && is_right(&typed(" 2580 "), &pepper(7), &kept));
        for (wrong, byte) in [("2581", 7), ("25800", 7), ("", 7), ("2580", 8)] {
            assert!(!is_right(&typed(wrong), &pepper(byte), &kept), "{wrong} {byte}");
        }
        assert!(!is_right(&typed("2580"), &vec![7; PEPPER - 1].into(), &kept));
        let cheap = hash(&typed("2580"), &pepper(7), [1; SALT], Cost::Least).unwrap();
        assert!(is_right(&typed("2580"), &pepper(7), &cheap) && !is_right(&typed("2581"), &pepper(7), &cheap));
    }

    #[test]
    fn what_is_kept_depends_on_the_salt_names_argon2id_and_shows_itself_to_no_log() {
        let of = |salt| hash(&typed("2580"), &pepper(7), [salt; SALT], Cost::default()).unwrap();
        assert_ne!(of(1), of(2));
        let PinHash(text) = of(1).hash;
        assert!(text.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{text}");
        assert!(!format!("{:?}", of(1)).contains("argon2id"));
    }

    #[test]
    fn what_is_kept_names_its_pepper_by_a_mark_and_from_before_that_none() {
        let kept = hash(&typed("2580"), &pepper(7), [1; SALT], Cost::Least).unwrap();
        assert!(kept.may_be_under(&pepper(7)) && !kept.may_be_under(&pepper(8)));
        let PepperMark(mark) = PepperMark::of(&pepper(7));
        assert!(mark.len() == 2 * MARK && !mark.contains("0707"), "{mark}");
        assert!(KeptPin { pepper: None, ..kept }.may_be_under(&pepper(8)), "nobody wrote it down");
    }

    #[test]
    fn a_pin_is_four_to_twelve_digits_and_not_one_of_them_over_and_over() {
        for good in ["0001", "2580", "123456789012", "１２３４"] {
            assert!(is_pin(&typed(good)), "{good}");
        }
        for bad in ["", "123", "1111", "１１１１", "000000000000", "1234567890123", "12a4", "12 34", "-1234", "٣٤٥٦"]
        {
            assert!(!is_pin(&typed(bad)), "{bad}");
            assert_eq!(hash(&typed(bad), &pepper(1), [0; SALT], Cost::default()), Err(Unkeepable::Bad), "{bad}");
        }
    }
}
