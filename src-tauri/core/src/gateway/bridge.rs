//! Script bridges: how a page inside a wallet's own browser opens a payment (rulings 24 to 27).
//!
//! A gateway says which bridge an order's create gave something for. What a bridge answers decides nothing (ruling 28).

use super::json::Object;
use crate::words::Label;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The longest value that goes to a bridge, in bytes. The documents' own are under 100.
const VALUE_LIMIT: usize = 512;

/// A wallet's script bridge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum Bridge {
    /// `mqq.tenpay.pay` in QQ (000:109-163).
    Qq,
    /// `AlipayJSBridge.call("tradePay")` in Alipay (003:136-145).
    Alipay,
    /// `WeixinJSBridge.invoke("getBrandWCPayRequest")` in WeChat (002:715).
    Wechat,
    /// `wx.invoke("getH5PrepayRequest")` in WeChat, for the Hong Kong wallet, on a page that its official account signs
    /// (002:717-761).
    HongKong,
}

/// What a channel is where customers pay on the till's own page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, specta::Type)]
pub struct PayPage {
    /// What opens the payment there.
    pub bridge: Bridge,
    /// What the cashier should know then, in place of the channel's note.
    pub note: Label,
}

/// What a bridge is called with, by its own names. All of it is text.
pub type Arguments = BTreeMap<&'static str, String>;

impl Bridge {
    /// What it is called with, from what a create's answer gave: JSON, or the bare token for those that have one. `None` where
    /// that is not what it takes.
    #[must_use]
    pub fn arguments(self, given: &str) -> Option<Arguments> {
        let fields = given.trim_ascii_start().starts_with('{').then(|| Object::read(given.as_bytes()));
        let token = |name| Some(Arguments::from([(name, value(given)?)]));
        match (self, fields) {
            (_, Some(Err(_))) | (Self::Wechat | Self::HongKong, None) => None,
            (Self::Qq, Some(Ok(fields))) => qq(&fields),
            (Self::Qq, None) => token("tokenId").map(with_no_account),
            (Self::Alipay, Some(Ok(fields))) => named(&fields, &["tradeNO"]),
            (Self::Alipay, None) => token("tradeNO"),
            (Self::Wechat, Some(Ok(fields))) => wechat(&fields).filter(|arguments| !signed_with_sha1(arguments)),
            (Self::HongKong, Some(Ok(fields))) => wechat(&fields).filter(signed_with_sha1),
        }
    }
}

/// The text from which `bridge` can be called: what was sent for it where that is JSON, else the token (rulings 24 and 25).
pub(super) fn usable<'a>(bridge: Bridge, sent: Option<&'a str>, token: Option<&'a str>) -> Option<&'a str> {
    let json = sent.filter(|sent| sent.trim_ascii_start().starts_with('{'));
    let token = token.filter(|token| !token.trim_ascii_start().starts_with('{'));
    json.into_iter().chain(token).find(|given| bridge.arguments(given).is_some())
}

/// Ruling 24. The account that the customer may follow afterwards is empty in the document's own sample (000:101).
fn qq(fields: &Object) -> Option<Arguments> {
    let mut arguments = named(fields, &["tokenId"])?;
    for name in ["pubAcc", "pubAccHint"] {
        let text = fields.text(name).ok()?.unwrap_or_default();
        arguments.insert(name, text.chars().take(VALUE_LIMIT).collect());
    }
    Some(arguments)
}

fn with_no_account(mut arguments: Arguments) -> Arguments {
    arguments.extend(["pubAcc", "pubAccHint"].map(|name| (name, String::new())));
    arguments
}

/// Rulings 26 and 27: the same six for both calls.
fn wechat(fields: &Object) -> Option<Arguments> {
    named(fields, &["appId", "timeStamp", "nonceStr", "package", "signType", "paySign"])
}

/// Ruling 27: parameters signed with SHA1 are the Hong Kong wallet's, and it takes no others (002:751).
fn signed_with_sha1(arguments: &Arguments) -> bool {
    arguments.get("signType").is_some_and(|kind| kind == "SHA1")
}

fn named(fields: &Object, names: &[&'static str]) -> Option<Arguments> {
    names.iter().map(|name| Some((*name, value(fields.text(name).ok()??)?))).collect()
}

fn value(text: &str) -> Option<String> {
    let fits = (1..=VALUE_LIMIT).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    fits.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn called(bridge: Bridge, given: &str) -> Option<Vec<(&'static str, String)>> {
        bridge.arguments(given).map(|arguments| arguments.into_iter().collect())
    }

    fn all(pairs: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
        pairs.iter().map(|(name, text)| (*name, (*text).to_owned())).collect()
    }

    #[test]
    fn ruling_24_qq_takes_three_texts_from_the_json_else_the_token() {
        let printed = r#"{"tokenId":"0V41fae78af237d4e35be725eb0f972c","pubAccHint":"","pubAcc":""}"#;
        let expected = [("pubAcc", ""), ("pubAccHint", ""), ("tokenId", "0V41fae78af237d4e35be725eb0f972c")];
        assert_eq!(called(Bridge::Qq, printed).unwrap_or_default(), all(&expected));
        assert_eq!(called(Bridge::Qq, "0V41fae78af237d4e35be725eb0f972c").unwrap_or_default(), all(&expected));
        // 000:109: everything is text, whatever type it came with.
        let numbers = r#"{"tokenId":41,"pubAccHint":"关注","pubAcc":10000}"#;
        assert_eq!(
            called(Bridge::Qq, numbers).unwrap_or_default(),
            all(&[("pubAcc", "10000"), ("pubAccHint", "关注"), ("tokenId", "41")])
        );
        for useless in ["", "{}", r#"{"tokenId":""}"#, r#"{"tokenId":{}}"#, "{", r#"{"tokenId":"1","tokenId":"2"}"#] {
            assert_eq!(called(Bridge::Qq, useless), None, "{useless}");
        }
    }

    #[test]
    fn ruling_24_what_was_sent_is_taken_where_it_serves_else_the_token() {
        let json = r#"{"tokenId":"1"}"#;
        let chosen = |sent, token| usable(Bridge::Qq, sent, token);
        assert_eq!(chosen(Some(json), Some("2")), Some(json));
        for useless in [None, Some("{}"), Some("余额不足"), Some("{")] {
            assert_eq!(chosen(useless, Some("2")), Some("2"), "{useless:?}");
            assert_eq!(chosen(useless, None), None, "{useless:?}");
        }
        assert_eq!(chosen(None, Some("a b")), None);
    }

    #[test]
    fn ruling_25_alipay_takes_the_trade_number_from_the_json_else_the_token() {
        assert_eq!(called(Bridge::Alipay, r#"{"tradeNO":"2018"}"#).unwrap_or_default(), all(&[("tradeNO", "2018")]));
        assert_eq!(called(Bridge::Alipay, "40c470dfa1b1").unwrap_or_default(), all(&[("tradeNO", "40c470dfa1b1")]));
        assert_eq!(usable(Bridge::Alipay, Some(r#"{"tradeNo":"x"}"#), Some("40c4")), Some("40c4"));
        assert_eq!(called(Bridge::Alipay, "a\u{200b}b"), None);
    }

    #[test]
    fn ruling_26_wechat_takes_the_six_fields_of_the_parsed_json() {
        let sample = r#"{"appId":"wx6f","timeStamp":1530669821,"nonceStr":"lNTH","package":"prepay_id=wx04","signType":"MD5","paySign":"CED5","more":"1"}"#;
        let expected = [
            ("appId", "wx6f"),
            ("nonceStr", "lNTH"),
            ("package", "prepay_id=wx04"),
            ("paySign", "CED5"),
            ("signType", "MD5"),
            ("timeStamp", "1530669821"),
        ];
        assert_eq!(called(Bridge::Wechat, sample).unwrap_or_default(), all(&expected));
        assert_eq!(called(Bridge::Wechat, &sample.replace("paySign", "sign")), None);
        assert_eq!(called(Bridge::Wechat, "wx04"), None);
    }

    #[test]
    fn ruling_27_parameters_signed_with_sha1_are_the_hong_kong_wallets_and_all_others_wechats_own() {
        let sample = r#"{"appId":"wx6f","timeStamp":"1","nonceStr":"l","package":"prepay_id=1","signType":"SHA1","paySign":"C"}"#;
        for (given, wechats, hong_kongs) in [(sample, false, true), (&sample.replace("SHA1", "MD5"), true, false)] {
            assert_eq!(called(Bridge::Wechat, given).is_some(), wechats, "{given}");
            assert_eq!(called(Bridge::HongKong, given).is_some(), hong_kongs, "{given}");
        }
        let names: Vec<_> = Bridge::HongKong.arguments(sample).unwrap_or_default().into_keys().collect();
        assert_eq!(names, ["appId", "nonceStr", "package", "paySign", "signType", "timeStamp"]);
        assert_eq!(called(Bridge::HongKong, &sample.replace("paySign", "sign")), None);
        assert_eq!(called(Bridge::HongKong, "wx04"), None);
    }
}
