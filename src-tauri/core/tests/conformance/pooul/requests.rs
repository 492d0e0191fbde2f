//! What goes out to Pooul: gateways.md 1.3, rulings 6 and 10 to 13.

use super::payment_codes::CODE;
use super::{AGENT_KEY, KEY, KIT, MERCHANT, account, account_with, both_keys, keys, signature};
use crate::given::{Extra, NONCE, ORDER_NO, REFUND_NO, dealing, extra, urls};
use secrecy::SecretString;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use till_core::account::{Account, Keys};
use till_core::gateway::call::HttpCall;
use till_core::gateway::descriptor::Presented;
use till_core::gateway::refund::{RefundIntent, RefundSubject};
use till_core::gateway::{CreateIntent, Subject, Unbuildable};
use till_core::money::{Currency, Money};

fn try_create(account: &Account, channel: &str, pairs: &[(&str, &str)]) -> Result<Map<String, Value>, Unbuildable> {
    let (extra, code) = (extra(pairs), SecretString::from(CODE));
    KIT.build(account, &both_keys(), &intent(channel, &extra, &code)).map(|call| fields(&call))
}

/// The suite's sale, by `code` where the customer shows one.
fn intent<'a>(channel: &str, extra: &'a Extra, code: &'a SecretString) -> CreateIntent<'a> {
    let payment_code = Some(code).filter(|_| takes_a_code(channel));
    CreateIntent { payment_code, ..KIT.intent(channel, extra) }
}

fn takes_a_code(channel: &str) -> bool {
    KIT.channel(channel).presented == Presented::Consumer
}

fn create(account: &Account, channel: &str, pairs: &[(&str, &str)]) -> Map<String, Value> {
    try_create(account, channel, pairs).unwrap()
}

pub(super) fn fields(call: &HttpCall) -> Map<String, Value> {
    assert_eq!(call.content_type, "application/json");
    serde_json::from_slice(&call.body).unwrap()
}

/// Every channel, with what it needs.
fn every_channel() -> Vec<(&'static str, Vec<(&'static str, &'static str)>)> {
    let by_code = ["wechat.micro", "alipay.micro", "qq.micro"].map(|channel| (channel, vec![]));
    shown_channels().into_iter().chain(by_code).collect()
}

/// Every channel whose code the till shows.
fn shown_channels() -> Vec<(&'static str, Vec<(&'static str, &'static str)>)> {
    vec![
        ("wechat.scan", vec![]),
        ("alipay.scan", vec![]),
        ("qq.scan", vec![]),
        ("wechat.jsurl", vec![("sub_openid", "oRXdVs97")]),
        ("alipay.jsapi", vec![("buyer_id", "2088")]),
        ("qq.jsapi", vec![]),
    ]
}

pub(super) fn full_account() -> Account {
    account_with(&[("sub_appid", "wx26a0"), ("callback_url", "https://example.com/thanks"), ("op_user_id", "op1")])
}

#[test]
fn ruling_11_every_channel_sends_the_common_fields_and_its_own_signed_and_of_the_documented_types() {
    for (channel, pairs) in every_channel() {
        let (extra, code) = (extra(&pairs), SecretString::from(CODE));
        let call = KIT.build(&full_account(), &keys(), &intent(channel, &extra, &code)).unwrap();
        assert_eq!(call.url, "https://gateway.pooulcloud.cn/paygate/merchant_info/pay");
        let sent = fields(&call);
        for (name, value) in [
            ("pay_type", json!(channel)),
            ("merchant_id", json!(MERCHANT)),
            ("mch_trade_id", json!(ORDER_NO)),
            ("body", json!("天虹龙华店-食品")),
            ("total_fee", json!(1250)),
            ("spbill_create_ip", json!("127.0.0.1")),
            ("device_info", json!("T1")),
            ("nonce_str", json!(NONCE)),
            ("sign_type", json!("MD5")),
        ] {
            assert_eq!(sent.get(name), Some(&value), "{channel} {name}");
        }
        assert_eq!(sent["sign"], json!(signature(&sent, KEY, &[])), "{channel}");
        // Sign rules differ on null, bool, float, array, object and empty text: none of them is ever sent.
        for (name, value) in &sent {
            assert!(value.is_i64() || value.as_str().is_some_and(|text| !text.is_empty()), "{channel} {name}");
        }
        let notifies = (!takes_a_code(channel)).then(|| json!("https://example.com/notify"));
        assert_eq!(sent.get("notify_url"), notifies.as_ref(), "{channel}");
        assert_eq!(sent.get("auth_code"), takes_a_code(channel).then(|| json!(CODE)).as_ref(), "{channel}");
        for name in ["goods_tag", "limit_pay", "settle_type"] {
            assert!(!sent.contains_key(name), "{channel} {name}");
        }
        assert_eq!(sent.contains_key("subject"), ["alipay.scan", "alipay.micro"].contains(&channel));
        assert_eq!(sent.get("op_user_id").is_some(), channel == "alipay.jsapi");
    }
    assert_eq!(create(&account(), "alipay.scan", &[])["subject"], json!("天虹龙华店-食品"));
}

#[test]
fn contradiction_8_callback_url_goes_out_without_the_space_and_with_its_two_channels() {
    for (channel, pairs) in every_channel() {
        let sent = create(&full_account(), channel, &pairs);
        let expected = ["qq.jsapi", "wechat.jsurl"].contains(&channel).then(|| json!("https://example.com/thanks"));
        assert_eq!(sent.get("callback_url"), expected.as_ref(), "{channel}");
        assert!(sent.keys().all(|name| !name.contains(' ')), "{channel}");
        assert!(!sent.contains_key("time_elapsed"), "contradiction 14: {channel}");
    }
}

#[test]
fn the_orders_own_page_is_where_the_customer_comes_back_to_unless_the_account_has_one() {
    let page = "https://pay.example.com/pay/TK1-abc";
    let without = account_with(&[("sub_appid", "wx26a0")]);
    for (channel, pairs) in every_channel() {
        for (account, landing) in [(&without, page), (&full_account(), "https://example.com/thanks")] {
            let (extra, code) = (extra(&pairs), SecretString::from(CODE));
            let intent = CreateIntent { return_to: Some(page), ..intent(channel, &extra, &code) };
            let sent = fields(&KIT.build(account, &both_keys(), &intent).unwrap());
            let returns = ["qq.jsapi", "wechat.jsurl"].contains(&channel);
            assert_eq!(sent.get("callback_url"), returns.then(|| json!(landing)).as_ref(), "{channel}");
            assert_eq!(KIT.channel(channel).returns, returns, "{channel}");
        }
    }
}

#[test]
fn ruling_10_without_a_fitting_notify_url_no_order_is_built() {
    for (channel, pairs) in shown_channels() {
        let without = Account { fields: [("merchant_id".into(), MERCHANT.into())].into(), ..full_account() };
        assert_eq!(try_create(&without, channel, &pairs), Err(Unbuildable::AccountField("notify_url")), "{channel}");
    }
    for (url, fits) in urls() {
        for name in ["notify_url", "callback_url"] {
            let built = try_create(&account_with(&[(name, &url)]), "qq.jsapi", &[]);
            assert_eq!(built.is_ok(), fits, "{name} {url}");
            if !fits {
                assert_eq!(built, Err(Unbuildable::BadValue(name)));
            }
        }
    }
}

#[test]
fn ruling_11_extra_fields_go_only_where_they_are_documented() {
    let all = [
        ("goods_tag", "WXG", &["wechat.jsurl", "alipay.jsapi"][..]),
        ("limit_pay", "1", &["wechat.jsurl", "alipay.jsapi"]),
        ("settle_type", "yes", &["wechat.jsurl", "alipay.jsapi"]),
        ("product_id", "p1", &["alipay.jsapi"]),
        ("sub_openid", "oRXdVs97", &["wechat.jsurl"]),
        ("buyer_id", "2088", &["alipay.jsapi"]),
        ("op_user_id", "op1", &[]),
        ("attach", "x", &[]),
        ("sign", "x", &[]),
    ];
    for (channel, pairs) in every_channel() {
        for (name, value, channels) in all {
            let mut given = pairs.clone();
            given.push((name, value));
            let built = try_create(&full_account(), channel, &given);
            if channels.contains(&channel) {
                let expected = if name == "settle_type" { json!(0) } else { json!(value) };
                assert_eq!(built.unwrap()[name], expected, "{channel} {name}");
            } else {
                assert_eq!(built, Err(Unbuildable::BadExtra(name.into())), "{channel} {name}");
            }
        }
    }
}

#[test]
fn ruling_11_d0_is_left_out_when_off() {
    for off in [vec![], vec![("settle_type", "no")], vec![("settle_type", "")]] {
        let mut given = off.clone();
        given.push(("buyer_id", "2088"));
        assert!(!create(&account(), "alipay.jsapi", &given).contains_key("settle_type"));
    }
    let odd = try_create(&account(), "alipay.jsapi", &[("buyer_id", "2088"), ("settle_type", "0")]);
    assert_eq!(odd, Err(Unbuildable::NoChoice { field: "settle_type", choices: &["yes", "no"] }));
}

#[test]
fn contradiction_18_the_rural_bank_gets_neither_app_nor_open_id() {
    let pairs = [("sub_openid", "oRXdVs97")];
    let usual = create(&full_account(), "wechat.jsurl", &pairs);
    assert_eq!((&usual["sub_appid"], &usual["sub_openid"]), (&json!("wx26a0"), &json!("oRXdVs97")));
    assert_eq!(try_create(&full_account(), "wechat.jsurl", &[]), Err(Unbuildable::ExtraField("sub_openid")));
    assert_eq!(try_create(&account(), "wechat.jsurl", &pairs), Err(Unbuildable::AccountField("sub_appid")));
    let rural = account_with(&[("bjrcb", "yes"), ("sub_appid", "wx26a0")]);
    for pairs in [&pairs[..], &[]] {
        let sent = create(&rural, "wechat.jsurl", pairs);
        assert!(!sent.contains_key("sub_appid") && !sent.contains_key("sub_openid"));
    }
}

#[test]
fn contradiction_17_alipay_jsapi_names_its_buyer_and_never_by_the_misspelling() {
    for name in ["buyer_id", "buyer_logon_id"] {
        assert_eq!(create(&account(), "alipay.jsapi", &[(name, "2088")])[name], json!("2088"));
    }
    let both = create(&account(), "alipay.jsapi", &[("buyer_id", "2088"), ("buyer_logon_id", "a@b.cn")]);
    assert!(both.contains_key("buyer_id") && both.contains_key("buyer_logon_id"));
    for none in [&[][..], &[("buyer_id", "")]] {
        assert_eq!(
            try_create(&account(), "alipay.jsapi", none),
            Err(Unbuildable::OneOf(vec!["buyer_id", "buyer_logon_id"]))
        );
    }
    let slip = try_create(&account(), "alipay.jsapi", &[("buger_id", "2088")]);
    assert_eq!(slip, Err(Unbuildable::BadExtra("buger_id".into())));
}

#[test]
fn ruling_12_the_agent_signs_qq_jsapi_creates_and_nothing_else() {
    let with_agent = account_with(&[("sign_agentno", "A1"), ("sub_appid", "wx26a0")]);
    for (channel, pairs) in every_channel() {
        let sent = create(&with_agent, channel, &pairs);
        let by_agent = channel == "qq.jsapi";
        assert_eq!(sent.get("sign_agentno"), by_agent.then(|| json!("A1")).as_ref(), "{channel}");
        let key = if by_agent { AGENT_KEY } else { KEY };
        assert_eq!(sent["sign"], json!(signature(&sent, key, &[])), "{channel}");
    }
    let none = extra(&[]);
    let built = KIT.build(&with_agent, &keys(), &KIT.intent("qq.jsapi", &none));
    assert_eq!(built, Err(Unbuildable::Secret("agent_key")));
    for channel in ["qq.jsapi", "qq.micro"] {
        let others = every_other_request(&with_agent, channel);
        for call in &others {
            let sent = fields(call);
            assert!(!sent.contains_key("sign_agentno"), "{}", call.url);
            assert_eq!(sent["sign"], json!(signature(&sent, KEY, &[])), "{}", call.url);
        }
        let of_one_kind: BTreeSet<&str> = others.iter().map(|call| call.url.as_str()).collect();
        assert_eq!(of_one_kind.len(), others.len(), "every kind of request is tried");
    }
}

/// One of every request but a create with a code: what is asked of an order, of a refund, and a payment code that is presented.
fn every_other_request(account: &Account, channel: &str) -> Vec<HttpCall> {
    let keys = both_keys();
    let (dealing, gateway) = (dealing(account, &keys), KIT.gateway());
    let order = Subject { order_no: ORDER_NO, channel: KIT.channel(channel), gateway_no: Some("59706a") };
    let cny = |minor| Money { minor, currency: Currency::Cny };
    let refund = RefundIntent {
        refund_no: REFUND_NO,
        order: order.clone(),
        paid: cny(1250),
        amount: cny(300),
        reason: "退货",
        items: &[],
    };
    let back = RefundSubject { refund_no: REFUND_NO, order: order.clone(), amount: cny(300) };
    let (none, code) = (extra(&[]), SecretString::from(CODE));
    let presented = intent("qq.micro", &none, &code);
    let [query, close] = asking(account, channel);
    let (refunding, reversing) = (gateway.refunding().unwrap(), gateway.reversing().unwrap());
    vec![
        query,
        close,
        reversing.reverse(dealing, &order).unwrap(),
        refunding.refund(dealing, &refund).unwrap(),
        refunding.query_refund(dealing, &back).unwrap(),
        gateway.creating().unwrap().create(dealing, &presented).unwrap(),
    ]
}

#[test]
fn ruling_13_times_are_ten_digits_of_seconds() {
    let none = extra(&[]);
    for (channel, pairs) in every_channel() {
        let sent = create(&full_account(), channel, &pairs);
        assert_eq!((&sent["time_start"], &sent["time_expire"]), (&json!(1_767_225_600), &json!(1_767_225_900)));
    }
    for (time_start, time_expire, bad) in [
        (1_767_225_600_000, 1_767_225_900, "time_start"),
        (0, 1_767_225_900, "time_start"),
        (1_767_225_600, 1_767_225_900_000, "time_expire"),
        (1_767_225_600, 1_767_225_600, "time_expire"),
    ] {
        let odd = CreateIntent { time_start, time_expire, ..KIT.intent("wechat.scan", &none) };
        assert_eq!(KIT.build(&account(), &keys(), &odd), Err(Unbuildable::BadValue(bad)));
    }
}

/// A query and a close of one order whose gateway's number is known.
fn asking(account: &Account, channel: &str) -> [HttpCall; 2] {
    let subject = Subject { order_no: ORDER_NO, channel: KIT.channel(channel), gateway_no: Some("59706a") };
    let keys = both_keys();
    let dealing = dealing(account, &keys);
    let gateway = KIT.gateway();
    [gateway.query(dealing, &subject).unwrap(), gateway.closing().unwrap().close(dealing, &subject).unwrap()]
}

#[test]
fn rulings_6_and_15_orders_are_asked_for_and_closed_by_our_number_alone_and_the_close_names_its_sign_type() {
    for (channel, _) in every_channel() {
        let [query, close] = asking(&account(), channel);
        assert_eq!(query.url, "https://gateway.pooulcloud.cn/paygate/merchant_info/query");
        assert_eq!(close.url, "https://gateway.pooulcloud.cn/paygate/merchant_info/order_close");
        for call in [&query, &close] {
            let sent = fields(call);
            assert_eq!(sent["mch_trade_id"], json!(ORDER_NO));
            assert_eq!(sent["merchant_id"], json!(MERCHANT));
            assert!(!sent.contains_key("trade_id"));
            assert_eq!((&sent["sign_type"], &sent["nonce_str"]), (&json!("MD5"), &json!(NONCE)));
            assert_eq!(sent["sign"], json!(signature(&sent, KEY, &[])));
        }
        assert_eq!(fields(&query).contains_key("pay_type"), channel.starts_with("qq."), "{channel}");
        assert!(!fields(&close).contains_key("pay_type"));
    }
}

#[test]
fn what_does_not_fit_is_refused_before_anything_is_sent() {
    let none = extra(&[]);
    let plain = KIT.intent("qq.scan", &none);
    let long_body = "字".repeat(128);
    let cny = |minor| Money { minor, currency: Currency::Cny };
    let hkd = Money { minor: 1250, currency: Currency::Hkd };
    for (odd, field) in [
        (CreateIntent { order_no: "TK1", ..plain.clone() }, "mch_trade_id"),
        (CreateIntent { order_no: "alex.qq.1496910822", ..plain.clone() }, "mch_trade_id"),
        (CreateIntent { order_no: "TK0123456789012345678901234567890", ..plain.clone() }, "mch_trade_id"),
        (CreateIntent { body: " ", ..plain.clone() }, "body"),
        (CreateIntent { body: "a\nb", ..plain.clone() }, "body"),
        (CreateIntent { device_info: "", ..plain.clone() }, "device_info"),
        (CreateIntent { client_ip: "localhost", ..plain.clone() }, "spbill_create_ip"),
        (CreateIntent { amount: cny(0), ..plain.clone() }, "total_fee"),
        (CreateIntent { amount: cny(-1), ..plain.clone() }, "total_fee"),
        (CreateIntent { amount: cny(5_000_001), ..plain.clone() }, "total_fee"),
        (CreateIntent { amount: hkd, ..plain.clone() }, "total_fee"),
    ] {
        assert_eq!(KIT.build(&account(), &keys(), &odd), Err(Unbuildable::BadValue(field)));
    }
    let long = CreateIntent { body: &long_body, ..plain.clone() };
    assert_eq!(KIT.build(&account(), &keys(), &long), Err(Unbuildable::TooLong { field: "body", limit: 127 }));
    let long = "x".repeat(129);
    let too_long = try_create(&full_account(), "wechat.jsurl", &[("sub_openid", &long)]);
    assert_eq!(too_long, Err(Unbuildable::BadExtra("sub_openid".into())));
    assert_eq!(KIT.build(&account(), &Keys::default(), &plain), Err(Unbuildable::Secret("key")));
    let nameless = Account { fields: BTreeMap::new(), ..account() };
    assert_eq!(KIT.build(&nameless, &keys(), &plain), Err(Unbuildable::AccountField("merchant_id")));
    let unnamed_device = CreateIntent { device_info: "", ..KIT.intent("wechat.scan", &none) };
    let sent = fields(&KIT.build(&account(), &keys(), &unnamed_device).unwrap());
    assert!(!sent.contains_key("device_info"));
}
