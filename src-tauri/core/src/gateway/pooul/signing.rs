//! Pooul's MD5 signature (gateways.md 1.2, from `_signature_algorithm.md` of the gateway's public documents).

use crate::gateway::keyed_md5;
use secrecy::SecretSlice;

/// The signature over `fields`: empty values and `sign` itself are left out, the rest sorted by name in byte order, joined
/// as `name=value` with `&`, raw; the key follows; MD5 of the UTF-8 bytes in upper-case hex.
pub(super) fn sign<'a>(fields: impl Iterator<Item = (&'a str, &'a str)>, key: &SecretSlice<u8>) -> String {
    keyed_md5::of_pairs(fields.filter(|(name, value)| *name != "sign" && !value.is_empty()), key)
}

/// Whether `claimed` is the signature over `fields`, in either case of letters, compared in constant time.
pub(super) fn verifies<'a>(
    fields: impl Iterator<Item = (&'a str, &'a str)>,
    key: &SecretSlice<u8>,
    claimed: &str,
) -> bool {
    keyed_md5::is(&sign(fields, key), claimed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::json::Object;

    /// The key printed in section 3.2 of the gateway's documents.
    const PRINTED: &str = "m4X2zlJufeTWZLNHOrmNCbJ4TQrKuaCo";
    const OWN: &str = "0123456789abcdef0123456789abcdef";

    fn key(text: &str) -> SecretSlice<u8> {
        text.as_bytes().to_vec().into()
    }

    fn check(json: &str, secret: &str, expected: &str) {
        let object = Object::read(json.as_bytes()).unwrap();
        assert_eq!(sign(object.scalars(), &key(secret)), expected);
        assert!(verifies(object.scalars(), &key(secret), expected));
        assert!(verifies(object.scalars(), &key(secret), &expected.to_lowercase()));
        for wrong in ["", "0", &expected[1..], &format!("{expected}0"), &expected.replace(&expected[..1], "x")] {
            assert!(!verifies(object.scalars(), &key(secret), wrong), "{wrong}");
        }
        assert!(!verifies(object.scalars(), &key("another key"), expected));
    }

    #[test]
    fn the_published_onboarding_example_matches() {
        let json = r#"{"address":"详细地址","appid":"公众号","full_name":"商户全名称","id":"xxxxxxxxx",
            "industry":"经营行业","mch_deal_type":"商户经营类型: 实体/虚拟","mch_type":"商户类型(个体，企业)",
            "memo":"商户备注","method":"merchant.create","name":"商户简称","partner_id":123456,
            "partner_mch_id":"partner_mch_id","pfb_channel_type":"农商行普付宝经营类目","province":"省","urbn":"市",
            "zone":"区","zx_alipay_channel_type":"中信支付宝经营类目编号","zx_wechat_channel_type":"中信微信经营类目编号"}"#;
        check(json, "0123456789abcdef", "D365A1FBE6C5C8D366A0A2C3D0932368");
    }

    #[test]
    fn the_published_refund_answer_verifies_over_its_data() {
        let json = r#"{"mch_trade_id":"alex.wechat.1509616329","merchant_id":"59382e3cffea0e5fcd0cfc3e",
            "trade_id":"59faead1fd4eb0751a4f8c41","refund_id":"59faeb32fd4eb0751a4f8c50","refund_status":1,
            "mch_refund_id":"1509616430","refund_fee":1,"nonce_str":"59faeb33fd4eb0751a4f8c53"}"#;
        check(json, PRINTED, "6457494F9C78AB7D2B763889B13248A1");
    }

    #[test]
    fn a_create_signs_every_field_but_the_empty_ones() {
        let json = r#"{"merchant_id":"5399355381712172","pay_type":"wechat.scan","mch_trade_id":"T20260101000001",
            "body":"天虹龙华店-食品","total_fee":1,"spbill_create_ip":"127.0.0.1",
            "notify_url":"https://example.com/notify","time_start":1767225600,"time_expire":1767225900,
            "nonce_str":"abcdef0123456789","sign_type":"MD5","attach":""}"#;
        check(json, OWN, "AA1DEFF03C0E363F7FCDFF1A423D6A4A");
    }

    #[test]
    fn an_answer_drops_null_and_empty_fields() {
        let json = r#"{"result_code":0,"code_url":"weixin://wxpay/bizpayurl?pr=AbCdEf","trade_id":"59706a00fd4eb0196a03e898",
            "attach":"非零售","device_info":null,"err_msg":"","mch_trade_id":"T20260101000001",
            "merchant_id":"5399355381712172","pay_type":"wechat.scan","nonce_str":"59706a00fd4eb0196a03e899"}"#;
        check(json, OWN, "6D6A11A885FE85D3ECA503BDB991FF0F");
        let without = json.replace(r#""device_info":null,"err_msg":"","#, "");
        check(&without, OWN, "6D6A11A885FE85D3ECA503BDB991FF0F");
        let with_sign_and_object = json.replacen('{', r#"{"sign":"FFFF","pay_info":{"a":1},"list":[1],"#, 1);
        check(&with_sign_and_object, OWN, "6D6A11A885FE85D3ECA503BDB991FF0F");
    }
}
