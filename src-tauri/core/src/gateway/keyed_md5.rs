//! MD5 signatures with a key among what is hashed: what is the same in the rules of several gateways. Which fields take part
//! is each gateway's own rule.

use md5::{Digest, Md5};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretSlice};
use subtle::ConstantTimeEq;

/// The fields sorted by name in byte order, as `name=value&`, raw; `key=` and the key follow.
pub(super) fn of_pairs<'a>(fields: impl Iterator<Item = (&'a str, &'a str)>, key: &SecretSlice<u8>) -> String {
    let mut fields: Vec<_> = fields.collect();
    fields.sort_unstable();
    let mut parts: Vec<_> = fields.into_iter().flat_map(|(name, value)| [name, "=", value, "&"]).collect();
    parts.push("key=");
    let mut parts: Vec<_> = parts.into_iter().map(str::as_bytes).collect();
    parts.push(key.expose_secret());
    of_parts(&parts)
}

/// One part after another; MD5 of the bytes in upper-case hex.
pub(super) fn of_parts(parts: &[&[u8]]) -> String {
    let length = parts.iter().map(|part| part.len()).sum();
    // As long as it will be: growing would leave copies of the key behind in memory.
    let mut message = Zeroizing::new(Vec::with_capacity(length));
    for part in parts {
        message.extend_from_slice(part);
    }
    data_encoding::HEXUPPER.encode(&Md5::digest(message.as_slice()))
}

/// Whether `claimed` is that signature, in either case of letters, compared in constant time.
pub(super) fn is(signature: &str, claimed: &str) -> bool {
    signature.as_bytes().ct_eq(claimed.to_ascii_uppercase().as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn md5_itself_is_the_published_one() {
        for (text, hash) in
            [("123abc", "A906449D5769FA7361D7ECC6AA3F6D28"), ("123abc中文", "6A52514AA32CB230DA6FB7AF0F5345CE")]
        {
            assert_eq!(of_parts(&[text.as_bytes()]), hash);
        }
    }

    #[test]
    fn fields_stand_sorted_by_bytes_and_the_key_last() {
        let key: SecretSlice<u8> = b"k".to_vec().into();
        let fields = [("b", "2"), ("B", ""), ("a", "食品")];
        assert_eq!(of_pairs(fields.into_iter(), &key), of_parts(&["B=&a=食品&b=2&key=k".as_bytes()]));
    }

    #[test]
    fn a_signature_matches_in_either_case_and_whole() {
        for (claimed, expected) in [("A0FF", true), ("a0ff", true), ("A0F", false), ("A0FFA", false), ("", false)] {
            assert_eq!(is("A0FF", claimed), expected, "{claimed}");
        }
    }
}
