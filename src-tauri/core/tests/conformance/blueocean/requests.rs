//! What goes out to BlueOcean: gateways.md 2.6, rulings 6 and 15.

use super::{APPID, KEY, KIT, account, account_with, keys, signature};
use crate::given::{Extra, ORDER_NO, REFUND_NO, dealing, extra, urls};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use till_core::account::{Account, Keys};
use till_core::gateway::call::HttpCall;
use till_core::gateway::descriptor::Presented;
use till_core::gateway::refund::{RefundIntent, RefundSubject};
use till_core::gateway::{CreateIntent, Subject, Unbuildable};
use till_core::money::{Currency, Money};

const CODE: &str = "134602370743606195";

fn hkd(minor: i64) -> Money {
    Money { minor, currency: Currency::Hkd }
}

/// Builds a create; a consumer-presented channel gets its payment code.
fn build(account: &Account, keys: &Keys, intent: &CreateIntent<'_>) -> Result<HttpCall, Unbuildable> {
    let code = CODE.to_owned().into();
    let scanned = (intent.channel.presented == Presented::Consumer).then_some(&code);
    let intent = CreateIntent { payment_code: intent.payment_code.or(scanned), ..intent.clone() };
    KIT.build(account, keys, &intent)
}

fn try_create(account: &Account, channel: &str, pairs: &[(&str, &str)]) -> Result<Map<String, Value>, Unbuildable> {
    let extra = extra(pairs);
    build(account, &keys(), &KIT.intent(channel, &extra)).map(|call| fields(&call))
}

fn create(account: &Account, channel: &str, pairs: &[(&str, &str)]) -> Map<String, Value> {
    try_create(account, channel, pairs).unwrap()
}

/// The fields of a call that is signed and bears what every call must.
fn fields(call: &HttpCall) -> Map<String, Value> {
    assert_eq!(call.content_type, "application/json");
    assert_eq!(call.headers, [("user-agent", "BoPayPos/1.1.0 NetType/WIFI Language/zh_CN".to_owned())]);
    let sent: Map<String, Value> = serde_json::from_slice(&call.body).unwrap();
    assert_eq!(sent["sign"], json!(signature(&sent, KEY, true)));
    assert_eq!(sent["appid"], json!(APPID));
    // The readings of the signature differ on empty text, null and the like: none of them is ever sent.
    for (name, value) in &sent {
        assert!(value.is_i64() || value.as_str().is_some_and(|text| !text.is_empty()), "{name}");
    }
    sent
}

fn full_account() -> Account {
    account_with(&[
        ("notify_url", "https://example.com/notify"),
        ("store_id", "1000342"),
        ("wallet", "CN"),
        ("sub_appid", "wx6f4b43"),
    ])
}

/// Every channel with what it needs.
fn every_channel() -> Vec<(&'static str, Vec<(&'static str, &'static str)>)> {
    let names = KIT.gateway().descriptor().channels.iter().map(|channel| channel.name);
    names.map(|name| (name, if name == "wechat.jsapi" { vec![("sub_openid", "oxoPW5")] } else { vec![] })).collect()
}

#[test]
fn the_channels_are_those_of_the_documents_and_of_no_other_name() {
    let mut names: Vec<_> = every_channel().into_iter().map(|(name, _)| name).collect();
    names.sort_unstable();
    let documented = [
        "alipay.app",
        "alipay.qrcode",
        "alipay.wappay",
        "blueocean.qrcode",
        "micropay",
        "unionpay.link",
        "unionpay.qrcode",
        "wechat.app",
        "wechat.jsapi",
        "wechat.mweb",
        "wechat.qrcode",
    ];
    assert_eq!(names, documented);
}

#[test]
fn every_channel_sends_the_common_fields_signed_and_of_the_documented_types() {
    for (channel, pairs) in every_channel() {
        let extra = extra(&pairs);
        let call = build(&full_account(), &keys(), &KIT.intent(channel, &extra)).unwrap();
        assert_eq!(call.url, "https://api.hk.blueoceanpay.com/payment/pay");
        let sent = fields(&call);
        for (name, value) in [
            ("payment", json!(channel)),
            ("out_trade_no", json!(ORDER_NO)),
            ("total_fee", json!(1250)),
            ("body", json!("天虹龙华店-食品")),
            ("notify_url", json!("https://example.com/notify")),
            ("store_id", json!("1000342")),
        ] {
            assert_eq!(sent.get(name), Some(&value), "{channel} {name}");
        }
    }
}

#[test]
fn contradiction_27_an_account_sends_appid_and_payment_and_only_what_it_has() {
    let sent = create(&account(), "alipay.qrcode", &[]);
    let names: Vec<_> = sent.keys().map(String::as_str).collect();
    assert_eq!(names, ["appid", "body", "out_trade_no", "payment", "sign", "total_fee"]);
    let none = Extra::new();
    let unnamed = CreateIntent { body: " ", ..KIT.intent("alipay.qrcode", &none) };
    assert!(!fields(&build(&account(), &keys(), &unnamed).unwrap()).contains_key("body"));
}

#[test]
fn fields_go_only_where_they_are_documented() {
    let with_wallet = ["alipay.qrcode", "alipay.wappay", "alipay.app", "wechat.jsapi", "wechat.app", "unionpay.link"];
    for (channel, pairs) in every_channel() {
        let sent = create(&full_account(), channel, &pairs);
        assert_eq!(sent.contains_key("wallet"), with_wallet.contains(&channel), "{channel}");
        let sub_appid = ["wechat.jsapi", "wechat.app"].contains(&channel).then(|| json!("wx6f4b43"));
        assert_eq!(sent.get("sub_appid"), sub_appid.as_ref(), "{channel}");
        let ip = (channel == "wechat.mweb").then(|| json!("127.0.0.1"));
        assert_eq!(sent.get("spbill_create_ip"), ip.as_ref(), "{channel}");
        let code = (channel == "micropay").then(|| json!(CODE));
        assert_eq!(sent.get("code"), code.as_ref(), "{channel}");
        assert_eq!(sent.contains_key("sub_openid"), channel == "wechat.jsapi", "{channel}");
    }
}

#[test]
fn extra_fields_go_only_with_their_channels() {
    let landing = "https://example.com/thanks";
    let all = [
        ("h5_redirect_url", landing, &["alipay.wappay", "alipay.app", "wechat.mweb", "wechat.jsapi"][..]),
        ("sub_openid", "oxoPW5", &["wechat.jsapi"]),
        ("sub_appid", "wxmini", &["wechat.jsapi", "wechat.app"]),
        ("wallet", "HK", &[]),
        ("code", CODE, &[]),
        ("attach", "x", &[]),
        ("sign", "x", &[]),
    ];
    for (channel, pairs) in every_channel() {
        for (name, value, channels) in all {
            let mut given = pairs.clone();
            given.push((name, value));
            let built = try_create(&full_account(), channel, &given);
            if channels.contains(&channel) {
                assert_eq!(built.unwrap()[name], json!(value), "{channel} {name}");
            } else {
                assert_eq!(built, Err(Unbuildable::BadExtra(name.into())), "{channel} {name}");
            }
        }
    }
    for bad in ["/thanks", "example.com", "https://", "javascript:x"] {
        let built = try_create(&account(), "wechat.mweb", &[("h5_redirect_url", bad)]);
        assert_eq!(built, Err(Unbuildable::BadExtra("h5_redirect_url".into())), "{bad}");
    }
}

#[test]
fn an_official_account_a_mini_program_and_an_app_need_their_wechat_appid() {
    let pairs = [("sub_openid", "oxoPW5")];
    assert_eq!(try_create(&account(), "wechat.jsapi", &pairs), Err(Unbuildable::AccountField("sub_appid")));
    assert_eq!(try_create(&account(), "wechat.app", &[]), Err(Unbuildable::AccountField("sub_appid")));
    let own = create(&account(), "wechat.jsapi", &[("sub_openid", "oxoPW5"), ("sub_appid", "wxmini")]);
    assert_eq!(own["sub_appid"], json!("wxmini"));
    assert_eq!(try_create(&full_account(), "wechat.jsapi", &[]), Err(Unbuildable::ExtraField("sub_openid")));
}

#[test]
fn a_payment_code_goes_with_its_channel_alone_and_is_digits() {
    let none = Extra::new();
    for odd in ["", "12345", "13460237074360619x", "1346 0237 0743 6061", "https://qr.alipay.com/x", &"1".repeat(33)] {
        let code = odd.to_owned().into();
        let odd_code = CreateIntent { payment_code: Some(&code), ..KIT.intent("micropay", &none) };
        assert_eq!(build(&account(), &keys(), &odd_code), Err(Unbuildable::PaymentCode), "{odd}");
    }
    let code = CODE.to_owned().into();
    let shown = CreateIntent { payment_code: Some(&code), ..KIT.intent("wechat.qrcode", &none) };
    assert_eq!(build(&account(), &keys(), &shown), Err(Unbuildable::PaymentCode));
    let (account, keys) = (account(), keys());
    let creating = KIT.gateway().creating().unwrap();
    let without = creating.create(dealing(&account, &keys), &KIT.intent("micropay", &none));
    assert_eq!(without, Err(Unbuildable::PaymentCode));
    let call = build(&account, &keys, &KIT.intent("micropay", &none)).unwrap();
    assert!(!format!("{call:?}").contains(CODE));
}

#[test]
fn the_region_chooses_the_host_unless_the_account_has_its_own_address() {
    for (region, host) in [
        ("", "https://api.hk.blueoceanpay.com"),
        ("hk", "https://api.hk.blueoceanpay.com"),
        ("au", "https://api.au.blueoceanpay.com"),
        ("us", "https://api.us.blueoceanpay.com"),
        ("uk", "https://api.uk.blueoceanpay.com"),
    ] {
        let account = account_with(&[("region", region)]);
        let call = build(&account, &keys(), &KIT.intent("alipay.qrcode", &Extra::new())).unwrap();
        assert_eq!(call.url, format!("{host}/payment/pay"));
        assert_eq!(KIT.gateway().base_url(&account), host, "what is shown is what is called");
        let own = Account { base_url: "http://127.0.0.1:8000/blueocean".into(), ..account };
        let call = build(&own, &keys(), &KIT.intent("alipay.qrcode", &Extra::new())).unwrap();
        assert_eq!(call.url, "http://127.0.0.1:8000/blueocean/payment/pay");
        assert_eq!(KIT.gateway().base_url(&own), "http://127.0.0.1:8000/blueocean");
    }
}

/// What a notification is bound by may stand in it once: see the tests of notifications.
#[test]
fn a_text_that_holds_the_name_of_a_field_that_notifications_are_bound_by_is_refused_before_anything_is_sent() {
    let none = Extra::new();
    for name in ["out_trade_no", "total_fee"] {
        for text in [format!("case_nq &{name}=TKX"), format!("{name}=5"), name.to_owned()] {
            let named =
                |body: &str| build(&account(), &keys(), &CreateIntent { body, ..KIT.intent("wechat.qrcode", &none) });
            assert_eq!(named(&text), Err(Unbuildable::HoldsName { field: "body", name }), "{text}");
            let apart = text.to_uppercase();
            assert_eq!(fields(&named(&apart).unwrap())["body"], json!(apart));
        }
    }
}

fn order(gateway_no: Option<&str>) -> Subject<'_> {
    Subject { order_no: ORDER_NO, channel: KIT.channel("micropay"), gateway_no }
}

#[test]
fn ruling_6_orders_are_asked_for_closed_and_reversed_by_our_number_alone() {
    let (account, keys, gateway) = (account(), keys(), KIT.gateway());
    let dealing = dealing(&account, &keys);
    let subject = order(Some("1120180207"));
    for (call, path) in [
        (gateway.query(dealing, &subject), "query"),
        (gateway.closing().unwrap().close(dealing, &subject), "close"),
        (gateway.reversing().unwrap().reverse(dealing, &subject), "reverse"),
    ] {
        let call = call.unwrap();
        assert_eq!(call.url, format!("https://api.hk.blueoceanpay.com/order/{path}"));
        let sent = fields(&call);
        let names: Vec<_> = sent.keys().map(String::as_str).collect();
        assert_eq!((names, &sent["out_trade_no"]), (vec!["appid", "out_trade_no", "sign"], &json!(ORDER_NO)));
    }
    let odd = Subject { order_no: "TK 1", ..subject };
    assert_eq!(gateway.query(dealing, &odd), Err(Unbuildable::BadValue("out_trade_no")));
}

fn refund_intent() -> RefundIntent<'static> {
    let order = order(Some("1120180207"));
    RefundIntent { refund_no: REFUND_NO, order, paid: hkd(1250), amount: hkd(300), reason: "退货", items: &[] }
}

fn refund(keys: &Keys, intent: &RefundIntent<'_>) -> Result<HttpCall, Unbuildable> {
    let account = account();
    KIT.gateway().refunding().unwrap().refund(dealing(&account, keys), intent)
}

#[test]
fn ruling_15_a_refund_always_says_how_much() {
    let whole = RefundIntent { amount: hkd(1250), ..refund_intent() };
    for (intent, minor) in [(refund_intent(), 300), (whole, 1250)] {
        let call = refund(&keys(), &intent).unwrap();
        assert_eq!(call.url, "https://api.hk.blueoceanpay.com/payment/refund");
        let sent = fields(&call);
        for (name, value) in [
            ("refund_fee", json!(minor)),
            ("out_refund_no", json!(REFUND_NO)),
            ("out_trade_no", json!(ORDER_NO)),
            ("refund_desc", json!("退货")),
        ] {
            assert_eq!(sent.get(name), Some(&value), "{name}");
        }
        assert!(!sent.contains_key("sn") && !sent.contains_key("password"));
    }
    for amount in [hkd(0), hkd(-1), hkd(1251), Money { minor: 300, currency: Currency::Cny }] {
        let built = refund(&keys(), &RefundIntent { amount, ..refund_intent() });
        assert_eq!(built, Err(Unbuildable::BadValue("refund_fee")), "{amount:?}");
    }
    let silent = RefundIntent { reason: "", ..refund_intent() };
    assert!(!fields(&refund(&keys(), &silent).unwrap()).contains_key("refund_desc"));
}

#[test]
fn the_refund_password_goes_with_refunds_alone() {
    let mut keys = keys();
    keys.insert("refund_password", b"pw-20260101".to_vec().into());
    let call = refund(&keys, &refund_intent()).unwrap();
    assert_eq!(fields(&call)["password"], json!("pw-20260101"));
    assert!(!format!("{call:?}").contains("pw-20260101"));
    let account = account();
    let query = KIT.gateway().query(dealing(&account, &keys), &order(None)).unwrap();
    assert!(!fields(&query).contains_key("password"));
}

#[test]
fn a_refund_is_asked_for_by_our_number_of_it() {
    let (account, keys) = (account(), keys());
    let subject = RefundSubject { refund_no: REFUND_NO, order: order(None), amount: hkd(300) };
    let call = KIT.gateway().refunding().unwrap().query_refund(dealing(&account, &keys), &subject).unwrap();
    assert_eq!(call.url, "https://api.hk.blueoceanpay.com/order/refundquery");
    let sent = fields(&call);
    let names: Vec<_> = sent.keys().map(String::as_str).collect();
    assert_eq!((names, &sent["customer_refund_no"]), (vec!["appid", "customer_refund_no", "sign"], &json!(REFUND_NO)));
}

#[test]
fn what_does_not_fit_is_refused_before_anything_is_sent() {
    let none = Extra::new();
    let plain = KIT.intent("wechat.mweb", &none);
    let long_body = "字".repeat(128);
    let cny = Money { minor: 1250, currency: Currency::Cny };
    for (odd, field) in [
        (CreateIntent { order_no: "", ..plain.clone() }, "out_trade_no"),
        (CreateIntent { order_no: "TK-1", ..plain.clone() }, "out_trade_no"),
        (CreateIntent { order_no: "TK0123456789012345678901234567890", ..plain.clone() }, "out_trade_no"),
        (CreateIntent { body: "a\nb", ..plain.clone() }, "body"),
        (CreateIntent { client_ip: "localhost", ..plain.clone() }, "spbill_create_ip"),
        (CreateIntent { amount: hkd(0), ..plain.clone() }, "total_fee"),
        (CreateIntent { amount: hkd(-1), ..plain.clone() }, "total_fee"),
        (CreateIntent { amount: hkd(5_000_001), ..plain.clone() }, "total_fee"),
        (CreateIntent { amount: cny, ..plain.clone() }, "total_fee"),
    ] {
        assert_eq!(build(&account(), &keys(), &odd), Err(Unbuildable::BadValue(field)));
    }
    let long = CreateIntent { body: &long_body, ..plain.clone() };
    assert_eq!(build(&account(), &keys(), &long), Err(Unbuildable::TooLong { field: "body", limit: 127 }));
    let mainland = account_with(&[("currency", "CNY")]);
    assert!(build(&mainland, &keys(), &CreateIntent { amount: cny, ..plain.clone() }).is_ok());
    assert_eq!(build(&mainland, &keys(), &plain), Err(Unbuildable::BadValue("total_fee")));
    assert_eq!(build(&account(), &Keys::default(), &plain), Err(Unbuildable::Secret("key")));
    let nameless = Account { fields: BTreeMap::new(), ..account() };
    assert_eq!(build(&nameless, &keys(), &plain), Err(Unbuildable::AccountField("appid")));
    for (url, fits) in urls() {
        let built = try_create(&account_with(&[("notify_url", &url)]), "alipay.qrcode", &[]);
        if fits {
            assert_eq!(built.unwrap()["notify_url"], json!(url));
        } else {
            assert_eq!(built, Err(Unbuildable::BadValue("notify_url")), "{url}");
        }
    }
}
