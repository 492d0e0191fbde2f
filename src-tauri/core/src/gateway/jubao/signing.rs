//! Jubao's MD5 signature (002:23-110; gateways.md 2.2).

use crate::gateway::keyed_md5;
use secrecy::{ExposeSecret, SecretSlice};

/// The signature over `fields`: `sign` itself is left out, the rest sorted by name in byte order and written name after value
/// without any mark between them, an empty value as its name alone; the key stands before and after; MD5 of the UTF-8 bytes
/// in upper-case hex. The document speaks of `&` (002:38), its own example has none.
///
/// This is the reading that `version` 2 asks for (002:102), so `version` 2 must be among the fields that are sent.
pub(super) fn sign<'a>(fields: impl Iterator<Item = (&'a str, &'a str)>, key: &SecretSlice<u8>) -> String {
    digest(&joined(fields), key)
}

/// Whether `claimed` is the signature over `fields`, in either case of letters, compared in constant time.
///
/// Ruling 9: what was signed may be the text as it is or, where the gateway did not think of `version` 2, the text taken for
/// Latin-1 and encoded once more (002:105).
pub(super) fn verifies<'a>(
    fields: impl Iterator<Item = (&'a str, &'a str)>,
    key: &SecretSlice<u8>,
    claimed: &str,
) -> bool {
    reading(fields, key, claimed).is_some()
}

/// Which reading of text beyond ASCII `claimed` is a signature by (ruling 9): `plain`, or `encoded_twice`.
pub(super) fn reading<'a>(
    fields: impl Iterator<Item = (&'a str, &'a str)>,
    key: &SecretSlice<u8>,
    claimed: &str,
) -> Option<&'static str> {
    let plain = joined(fields);
    let matches = |text: &str| keyed_md5::is(&digest(text, key), claimed);
    if matches(&plain) { Some("plain") } else { matches(&encoded_twice(&plain)).then_some("encoded_twice") }
}

/// The text between the keys.
pub(super) fn joined<'a>(fields: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut fields: Vec<_> = fields.filter(|(name, _)| *name != "sign").collect();
    fields.sort_unstable();
    fields.into_iter().flat_map(|(name, value)| [name, value]).collect()
}

/// Every byte of the text as one letter: what PHP's `utf8_encode` makes of a text that is UTF-8 already.
fn encoded_twice(text: &str) -> String {
    text.bytes().map(char::from).collect()
}

fn digest(text: &str, key: &SecretSlice<u8>) -> String {
    let key = key.expose_secret();
    keyed_md5::of_parts(&[key, text.as_bytes(), key])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::json::Object;

    /// The key printed at 002:44.
    const PRINTED: &str = "685c6e3eca5c964b2b8240aa151cb75d";
    const OWN: &str = "0123456789abcdef0123456789abcdef";

    fn key(text: &str) -> SecretSlice<u8> {
        text.as_bytes().to_vec().into()
    }

    fn signed(json: &str, secret: &str) -> String {
        let object = Object::read(json.as_bytes()).unwrap();
        let expected = sign(object.all_scalars(), &key(secret));
        check(json, secret, &expected);
        expected
    }

    /// Verification of `json`, by what is right and what is not.
    fn check(json: &str, secret: &str, expected: &str) {
        let object = Object::read(json.as_bytes()).unwrap();
        assert!(verifies(object.all_scalars(), &key(secret), expected));
        assert!(verifies(object.all_scalars(), &key(secret), &expected.to_lowercase()));
        for wrong in ["", "0", &expected[1..], &format!("{expected}0"), &expected.replace(&expected[..1], "x")] {
            assert!(!verifies(object.all_scalars(), &key(secret), wrong), "{wrong}");
        }
        assert!(!verifies(object.all_scalars(), &key("another key"), expected));
    }

    /// The request printed at 002:26-36, `sign` and all (gateways.md section 4, 22).
    const EXAMPLE: &str = r#"{"mch_id":"10502105689001","pay_channel_id":"304","total_fee":"10000",
        "out_trade_no":"2021020920221357790","notify_url":"https://www.baidu.com","body":"abc","attach":"11",
        "return_url":"https://www.baidu.com","sign":"adsfagasgagahhsshshsh"}"#;

    #[test]
    fn contradictions_21_and_22_the_published_example_matches_without_ampersands_and_without_its_own_sign() {
        let object = Object::read(EXAMPLE.as_bytes()).unwrap();
        let printed = "attach11bodyabcmch_id10502105689001notify_urlhttps://www.baidu.comout_trade_no2021020920221357790\
                       pay_channel_id304return_urlhttps://www.baidu.comtotal_fee10000";
        assert_eq!(joined(object.all_scalars()), printed);
        assert_eq!(signed(EXAMPLE, PRINTED), "FF35FA2EBFB0DD709C33D58A26EEABDE");
    }

    /// The vendor's own function gives up on a field called `_sign` and does not leave `sign` out (002:92). Here `sign` alone is
    /// left out.
    #[test]
    fn contradiction_22_a_field_called_as_the_vendors_guard_is_signed_like_any_other() {
        let guarded = r#"{"a":"1","_sign":"x","b":"2","sign":"y"}"#;
        assert_eq!(joined(Object::read(guarded.as_bytes()).unwrap().all_scalars()), "_signxa1b2");
        assert_ne!(signed(guarded, OWN), signed(r#"{"a":"1","b":"2","sign":"y"}"#, OWN));
    }

    #[test]
    fn the_example_of_the_vendors_later_document_matches() {
        let json = r#"{"mch_id":"10502105689001","pay_channel_id":"201","total_fee":"1",
            "notify_url":"http://www.baidu.com","body":"111","attach":"222","return_url":"http://www.baidu.com"}"#;
        assert_eq!(signed(json, PRINTED), "505D2D1030B1D6562933723EB952632D");
    }

    #[test]
    fn an_empty_value_leaves_its_name_in_the_text() {
        for nothing in ["\"\"", "null"] {
            let json = format!(r#"{{"b":{nothing},"a":"1","c":2}}"#);
            assert_eq!(joined(Object::read(json.as_bytes()).unwrap().all_scalars()), "a1bc2");
        }
        assert_ne!(signed(r#"{"a":"1","b":""}"#, OWN), signed(r#"{"a":"1"}"#, OWN));
    }

    const VERSION_2: &str = r#"{"total_fee":1,"version":"2","body":"商品","mch_id":"10502105689001",
        "out_trade_no":"T20260101000001","pay_channel_id":201,"attach":""}"#;

    #[test]
    fn contradiction_23_version_2_signs_the_plain_text() {
        assert_eq!(signed(VERSION_2, OWN), "D3001B0AE73ADB80A80EF7055E6EE198");
    }

    #[test]
    fn ruling_9_both_readings_of_a_text_that_is_not_ascii_verify_and_one_is_sent() {
        let without = VERSION_2.replace(r#""version":"2","#, "");
        assert_eq!(signed(&without, OWN), "F41ED6DBEB992FCF0677CB9B03EC2683");
        check(&without, OWN, "04855ACA28C45DE8866D3A0DF1DD9CFE");
        assert_eq!(encoded_twice("é商"), "Ã©å\u{95}\u{86}");
        assert_eq!(encoded_twice("plain ~"), "plain ~");
    }
}
