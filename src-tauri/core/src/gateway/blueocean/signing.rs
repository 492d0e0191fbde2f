//! BlueOcean's MD5 signature (gateways.md 2.6, from section 1.2 and the PHP sample of the gateway's public documents).

use crate::gateway::keyed_md5;
use secrecy::SecretSlice;

/// Which fields a signature of the gateway covers (ruling 8: no document proves either).
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub(super) enum Reading {
    /// Empty ones too, as the gateway's own sample code does it.
    WithEmpty,
    /// Only those that are not empty.
    WithoutEmpty,
    /// The answer has no empty field, so that both are the same.
    Either,
}

impl Reading {
    /// The word of the account's check.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::WithEmpty => "with_empty",
            Self::WithoutEmpty => "without_empty",
            Self::Either => "either",
        }
    }
}

/// The signature over `fields`: all but `sign` and `key`, sorted by name in byte order, as `name=value&`, raw; the key
/// follows; MD5 of the UTF-8 bytes in upper-case hex. Empty values count if they are among `fields`.
pub(super) fn sign<'a>(fields: impl Iterator<Item = (&'a str, &'a str)>, key: &SecretSlice<u8>) -> String {
    keyed_md5::of_pairs(fields.filter(|(name, _)| !matches!(*name, "sign" | "key")), key)
}

/// How `claimed` is the signature over `fields`, empty ones included; `None`: it is not. Either case of letters, compared
/// in constant time.
pub(super) fn verify<'a>(
    fields: impl Iterator<Item = (&'a str, &'a str)>,
    key: &SecretSlice<u8>,
    claimed: &str,
) -> Option<Reading> {
    let fields: Vec<_> = fields.collect();
    let with = keyed_md5::is(&sign(fields.iter().copied(), key), claimed);
    let filled = fields.iter().copied().filter(|(_, value)| !value.is_empty());
    let without = keyed_md5::is(&sign(filled, key), claimed);
    match (with, without) {
        (true, true) => Some(Reading::Either),
        (true, false) => Some(Reading::WithEmpty),
        (false, true) => Some(Reading::WithoutEmpty),
        (false, false) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::json::Object;

    const OWN: &str = "0123456789abcdef0123456789abcdef";

    fn key(text: &str) -> SecretSlice<u8> {
        text.as_bytes().to_vec().into()
    }

    fn check(json: &str, secret: &str, expected: &str, reading: Reading) {
        let object = Object::read(json.as_bytes()).unwrap();
        let verified = |secret: &str, claimed: &str| verify(object.all_scalars(), &key(secret), claimed);
        assert_eq!(verified(secret, expected), Some(reading));
        assert_eq!(verified(secret, &expected.to_lowercase()), Some(reading));
        for wrong in ["", "0", &expected[1..], &format!("{expected}0"), &expected.replace(&expected[..1], "x")] {
            assert_eq!(verified(secret, wrong), None, "{wrong}");
        }
        assert_eq!(verified("another key", expected), None);
    }

    #[test]
    fn the_published_example_matches() {
        let json = r#"{"appid":"1000010","name":"BlueOcean Pay","region":"HK","business":"Online payment"}"#;
        let secret = "sxkj0RH9qMxdaxo0sJ8xlbki4ssOjvXb";
        assert_eq!(
            sign(Object::read(json.as_bytes()).unwrap().all_scalars(), &key(secret)),
            "08C612FB4D2D52C8C913EA00E3DABC8B"
        );
        check(json, secret, "08C612FB4D2D52C8C913EA00E3DABC8B", Reading::Either);
    }

    #[test]
    fn a_create_with_a_chinese_body_matches() {
        let json = r#"{"appid":"1000258","payment":"wechat.qrcode","total_fee":10,"body":"食品",
            "out_trade_no":"T20260101000001"}"#;
        check(json, OWN, "E1985FE8C6152E4F8DBEB2FCEAE6AD73", Reading::Either);
        let with_both_ignored = json.replacen('{', r#"{"sign":"FFFF","key":"x","#, 1);
        check(&with_both_ignored, OWN, "E1985FE8C6152E4F8DBEB2FCEAE6AD73", Reading::Either);
    }

    #[test]
    fn ruling_8_a_signature_counts_with_empty_fields_or_without() {
        let json = r#"{"appid":"1000258","payment":"wechat.qrcode","total_fee":10,"body":"食品","attach":"","detail":null,
            "out_trade_no":"T20260101000001"}"#;
        check(json, OWN, "E1985FE8C6152E4F8DBEB2FCEAE6AD73", Reading::WithoutEmpty);
        check(json, OWN, WITH_EMPTY, Reading::WithEmpty);
    }

    /// `appid=1000258&attach=&body=食品&detail=&out_trade_no=T20260101000001&payment=wechat.qrcode&total_fee=10&key=...`,
    /// hashed with another tool.
    const WITH_EMPTY: &str = "3D668AAF77B3112F0B4F5D24F25B70A3";
}
