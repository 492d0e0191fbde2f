//! BlueOcean's MD5 signature (gateways.md 2.6), written for the stage alone.

use md5::{Digest, Md5};
use serde_json::{Map, Value};

/// Which empty values take part: the rule says all of them (`true`); one integrator drops them.
pub(crate) fn sign(fields: &Map<String, Value>, key: &str, with_empties: bool) -> String {
    let mut hashed = Md5::new();
    let mut names: Vec<&String> = fields.keys().filter(|name| *name != "sign" && *name != "key").collect();
    names.sort();
    for name in names {
        let text = match fields.get(name) {
            Some(Value::String(text)) => text.clone(),
            None | Some(Value::Null) => String::new(),
            Some(other) => other.to_string(),
        };
        if with_empties || !text.is_empty() {
            hashed.update(format!("{name}={text}&"));
        }
    }
    hashed.update(format!("key={key}"));
    data_encoding::HEXUPPER.encode(&hashed.finalize())
}

#[cfg(test)]
mod tests {
    use super::sign;
    use serde_json::{Map, Value, json};

    const KEY: &str = "0123456789abcdef0123456789abcdef";

    fn fields(value: Value) -> Map<String, Value> {
        let Value::Object(fields) = value else { panic!("an object") };
        fields
    }

    #[test]
    fn the_published_fields_get_the_published_signature() {
        let published = fields(json!({
            "region": "HK", "appid": "1000010", "name": "BlueOcean Pay", "business": "Online payment",
        }));
        assert_eq!(sign(&published, "sxkj0RH9qMxdaxo0sJ8xlbki4ssOjvXb", true), "08C612FB4D2D52C8C913EA00E3DABC8B");
    }

    #[test]
    fn chinese_text_and_numbers_are_signed_as_they_stand() {
        let request = fields(json!({
            "appid": "1000258", "body": "食品", "out_trade_no": "T20260101000001", "payment": "wechat.qrcode",
            "total_fee": 10, "sign": "not part of itself",
        }));
        assert_eq!(sign(&request, KEY, true), "E1985FE8C6152E4F8DBEB2FCEAE6AD73");
    }

    #[test]
    fn an_empty_text_counts_by_the_rule_and_not_by_the_other_reading() {
        let with = fields(json!({ "a": "", "b": 1 }));
        let without = fields(json!({ "b": 1 }));
        assert_ne!(sign(&with, KEY, true), sign(&without, KEY, true));
        assert_eq!(sign(&with, KEY, false), sign(&without, KEY, true));
    }
}
