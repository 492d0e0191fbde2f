//! Pooul's MD5 signature (gateways.md 1.2), written for the stage alone.

use md5::{Digest, Md5};
use serde_json::{Map, Value};

/// The signature over these fields: non-empty scalars but `sign`, by name in byte order, then the key; upper-case hex.
/// Values that are objects or lists take no part.
pub(crate) fn sign(fields: &Map<String, Value>, key: &str) -> String {
    let mut parts: Vec<(&str, String)> = fields
        .iter()
        .filter(|(name, _)| name.as_str() != "sign")
        .filter_map(|(name, value)| Some((name.as_str(), text(value)?)))
        .collect();
    parts.sort();
    let mut line: Vec<String> = parts.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    line.push(format!("key={key}"));
    hash(&line.join("&"))
}

fn hash(text: &str) -> String {
    data_encoding::HEXUPPER.encode(&Md5::digest(text))
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{hash, sign};
    use serde_json::{Map, Value, json};

    fn fields(value: Value) -> Map<String, Value> {
        let Value::Object(fields) = value else { panic!("an object") };
        fields
    }

    #[test]
    fn the_published_hashes_are_those_of_the_texts_bytes() {
        assert_eq!(hash("123abc"), "A906449D5769FA7361D7ECC6AA3F6D28");
        assert_eq!(hash("123abc中文"), "6A52514AA32CB230DA6FB7AF0F5345CE");
    }

    #[test]
    fn the_published_string_gets_the_published_signature() {
        let published = fields(json!({
            "zx_wechat_channel_type": "中信微信经营类目编号", "address": "详细地址", "appid": "公众号",
            "full_name": "商户全名称", "id": "xxxxxxxxx", "industry": "经营行业",
            "mch_deal_type": "商户经营类型: 实体/虚拟", "mch_type": "商户类型(个体，企业)", "memo": "商户备注",
            "method": "merchant.create", "name": "商户简称", "partner_id": "123456",
            "partner_mch_id": "partner_mch_id", "pfb_channel_type": "农商行普付宝经营类目", "province": "省",
            "urbn": "市", "zone": "区", "zx_alipay_channel_type": "中信支付宝经营类目编号",
        }));
        assert_eq!(sign(&published, "0123456789abcdef"), "D365A1FBE6C5C8D366A0A2C3D0932368");
    }

    #[test]
    fn a_published_refund_answer_verifies_over_its_data_alone() {
        let data = fields(json!({
            "mch_trade_id": "alex.wechat.1509616329", "merchant_id": "59382e3cffea0e5fcd0cfc3e",
            "trade_id": "59faead1fd4eb0751a4f8c41", "refund_id": "59faeb32fd4eb0751a4f8c50", "refund_status": 1,
            "mch_refund_id": "1509616430", "refund_fee": 1, "nonce_str": "59faeb33fd4eb0751a4f8c53",
        }));
        assert_eq!(sign(&data, "m4X2zlJufeTWZLNHOrmNCbJ4TQrKuaCo"), "6457494F9C78AB7D2B763889B13248A1");
    }

    #[test]
    fn a_create_is_signed_over_every_field_that_is_not_empty() {
        let request = fields(json!({
            "merchant_id": "5399355381712172", "pay_type": "wechat.scan", "mch_trade_id": "T20260101000001",
            "body": "天虹龙华店-食品", "total_fee": 1, "spbill_create_ip": "127.0.0.1",
            "notify_url": "https://example.com/notify", "time_start": 1_767_225_600, "time_expire": 1_767_225_900,
            "nonce_str": "abcdef0123456789", "sign_type": "MD5", "attach": "", "sign": "not part of itself",
        }));
        assert_eq!(sign(&request, "0123456789abcdef0123456789abcdef"), "AA1DEFF03C0E363F7FCDFF1A423D6A4A");
    }

    #[test]
    fn nulls_and_empty_texts_of_an_answer_take_no_part() {
        let data = fields(json!({
            "result_code": 0, "code_url": "weixin://wxpay/bizpayurl?pr=AbCdEf", "trade_id": "59706a00fd4eb0196a03e898",
            "attach": "非零售", "device_info": null, "err_msg": "", "mch_trade_id": "T20260101000001",
            "merchant_id": "5399355381712172", "pay_type": "wechat.scan", "nonce_str": "59706a00fd4eb0196a03e899",
        }));
        assert_eq!(sign(&data, "0123456789abcdef0123456789abcdef"), "6D6A11A885FE85D3ECA503BDB991FF0F");
    }
}
