//! Numbers that are ours and unique for ever.
//!
//! `TK` (orders), `TR` (refunds), `TS` (sales) or `TA` (accounts), then Crockford base32: nine characters of time (milliseconds since 2020), five
//! of the till's id, twelve (60 bits) at random. 28 characters, upper case.

use crate::time::Moment;

/// Crockford's alphabet: no I, L, O, U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// 2020-01-01T00:00:00Z in milliseconds.
const EPOCH_MS: i64 = 1_577_836_800_000;

/// What a number is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An order: `TK`.
    Order,
    /// A refund: `TR`.
    Refund,
    /// A sale: `TS`.
    Sale,
    /// An account: `TA`.
    Account,
}

/// Makes a number from the time, the till's id and eight random bytes.
#[must_use]
pub fn number(kind: Kind, now: Moment, till_id: &str, random: [u8; 8]) -> String {
    let ms = u64::try_from(now.wall.div_euclid(1_000).saturating_sub(EPOCH_MS).max(0)).unwrap_or(0);
    let till: String = till_id.chars().chain(std::iter::repeat('0')).take(5).collect();
    format!("{}{}{till}{}", prefix(kind), base32(ms, 9), base32(u64::from_be_bytes(random), 12))
}

/// A number that always stands for the same thing: 128 bits of its hash instead of time, till and chance.
#[must_use]
pub fn of_identity(kind: Kind, identity: [u8; 32]) -> String {
    let [high, low] = [0, 8].map(|from| {
        let bytes = identity.get(from..).and_then(|rest| rest.first_chunk::<8>());
        u64::from_be_bytes(bytes.copied().unwrap_or_default())
    });
    format!("{}{}{}", prefix(kind), base32(high, 13), base32(low, 13))
}

/// A till's id: five characters from random bytes.
#[must_use]
pub fn till_id(random: [u8; 8]) -> String {
    base32(u64::from_be_bytes(random), 5)
}

/// A nonce of 32 characters `[0-9a-z]` for a gateway's `nonce_str`.
#[must_use]
pub fn nonce(random: [u8; 16]) -> String {
    data_encoding::HEXLOWER.encode(&random)
}

fn prefix(kind: Kind) -> &'static str {
    match kind {
        Kind::Order => "TK",
        Kind::Refund => "TR",
        Kind::Sale => "TS",
        Kind::Account => "TA",
    }
}

/// The low `5 * length` bits of `value`.
fn base32(value: u64, length: u32) -> String {
    (0..length)
        .rev()
        .map(|place| {
            let digit = value.checked_shr(place.saturating_mul(5)).unwrap_or(0) & 31;
            let letter = usize::try_from(digit).ok().and_then(|digit| ALPHABET.get(digit));
            char::from(letter.copied().unwrap_or(b'0'))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_number_has_28_characters_that_every_gateway_takes() {
        let now = Moment { wall: 1_795_000_000_000_000, boot: 0 };
        let no = number(Kind::Order, now, "7H3PX", [0xff; 8]);
        assert_eq!(no.len(), 28);
        assert!(no.starts_with("TK"));
        assert!(no.bytes().all(|letter| letter.is_ascii_digit() || letter.is_ascii_uppercase()));
        assert_eq!(&no[11..16], "7H3PX");
        assert_eq!(&no[16..], "ZZZZZZZZZZZZ");
    }

    proptest! {
        #[test]
        fn numbers_of_different_chance_differ_and_sort_by_time(a: [u8; 8], b: [u8; 8], early in 0..1_000_000_i64) {
            let first = Moment { wall: 1_795_000_000_000_000 + early * 1_000, boot: 0 };
            let later = Moment { wall: first.wall + 1_000, ..first };
            let low = |bytes: [u8; 8]| u64::from_be_bytes(bytes) & ((1 << 60) - 1);
            prop_assert_eq!(
                number(Kind::Order, first, "TILL1", a) == number(Kind::Order, first, "TILL1", b),
                low(a) == low(b)
            );
            prop_assert!(number(Kind::Order, first, "TILL1", a) < number(Kind::Order, later, "TILL1", b));
        }
    }
}
