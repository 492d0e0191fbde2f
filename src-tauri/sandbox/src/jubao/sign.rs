//! Jubao's MD5 signature (002 section 1.2, gateways.md 2.2), written for the stage alone.

use std::collections::BTreeMap;

use md5::{Digest, Md5};
use serde_json::{Map, Value};

/// The signature over these fields: names and values by name in byte order without anything between, empty values too,
/// inside two copies of the key. Unless `version` is 2 every byte beyond ASCII is encoded a second time, as the vendor's
/// PHP does (002:102-106).
pub(crate) fn sign(fields: &Map<String, Value>, key: &str) -> String {
    let line = line(fields);
    let second = fields.get("version").is_some_and(|version| text(version) == "2");
    hash(&if second { line } else { line.bytes().map(char::from).collect() }, key)
}

fn line(fields: &Map<String, Value>) -> String {
    let texts: BTreeMap<&str, String> =
        fields.iter().filter(|(name, _)| *name != "sign").map(|(name, value)| (name.as_str(), text(value))).collect();
    texts.iter().flat_map(|(name, value)| [*name, value.as_str()]).collect()
}

fn hash(line: &str, key: &str) -> String {
    data_encoding::HEXUPPER.encode(&Md5::digest(format!("{key}{line}{key}")))
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::{hash, line, sign};
    use serde_json::{Map, Value, json};

    const KEY: &str = "0123456789abcdef0123456789abcdef";

    fn fields(value: Value) -> Map<String, Value> {
        let Value::Object(fields) = value else { panic!("an object") };
        fields
    }

    #[test]
    fn the_documents_worked_example_is_exactly_right() {
        let request = fields(json!({
            "mch_id": "10502105689001", "pay_channel_id": "304", "total_fee": "10000",
            "out_trade_no": "2021020920221357790", "notify_url": "https://www.baidu.com", "body": "abc",
            "attach": "11", "return_url": "https://www.baidu.com", "sign": "adsfagasgagahhsshshsh",
        }));
        assert_eq!(sign(&request, "685c6e3eca5c964b2b8240aa151cb75d"), "FF35FA2EBFB0DD709C33D58A26EEABDE");
    }

    #[test]
    fn version_2_signs_chinese_text_as_it_stands_and_an_empty_value_by_its_name() {
        let mut request = fields(json!({
            "attach": "", "body": "商品", "mch_id": "10502105689001", "out_trade_no": "T20260101000001",
            "pay_channel_id": "201", "total_fee": "1", "version": "2",
        }));
        assert_eq!(sign(&request, KEY), "D3001B0AE73ADB80A80EF7055E6EE198");
        request.insert("total_fee".to_owned(), json!(1));
        assert_eq!(sign(&request, KEY), "D3001B0AE73ADB80A80EF7055E6EE198", "a number signs as its digits");
    }

    #[test]
    fn without_a_version_the_text_is_encoded_twice() {
        let request = fields(json!({
            "attach": "", "body": "商品", "mch_id": "10502105689001", "out_trade_no": "T20260101000001",
            "pay_channel_id": "201", "total_fee": "1",
        }));
        assert_eq!(sign(&request, KEY), "04855ACA28C45DE8866D3A0DF1DD9CFE");
        assert_eq!(hash(&line(&request), KEY), "F41ED6DBEB992FCF0677CB9B03EC2683", "the text as it is would be this");
    }
}
