//! What goes out to Jubao: gateways.md 2.1 to 2.3, rulings 6, 9 and 13.

use super::{GATEWAY_NO, KEY, KIT, MERCHANT, account, account_with, keys, signature};
use crate::given::{ORDER_NO, dealing, extra, urls};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use till_core::account::{Account, AccountChange, Keys};
use till_core::gateway::call::HttpCall;
use till_core::gateway::{CreateIntent, Subject, Unbuildable};
use till_core::money::{Currency, Money};

fn try_create(account: &Account, channel: &str, pairs: &[(&str, &str)]) -> Result<Map<String, Value>, Unbuildable> {
    let extra = extra(pairs);
    KIT.build(account, &keys(), &KIT.intent(channel, &extra)).map(|call| fields(&call))
}

fn query(account: &Account, gateway_no: Option<&str>) -> Result<HttpCall, Unbuildable> {
    let subject = Subject { order_no: ORDER_NO, channel: KIT.channel("201"), gateway_no };
    KIT.gateway().query(dealing(account, &keys()), &subject)
}

fn fields(call: &HttpCall) -> Map<String, Value> {
    assert_eq!(call.content_type, "application/json");
    serde_json::from_slice(&call.body).unwrap()
}

/// A form as its reader decodes it.
fn decoded(body: &[u8]) -> Map<String, Value> {
    let text = |part: &str| {
        let mut bytes = vec![];
        let mut rest = part.bytes();
        while let Some(byte) = rest.next() {
            bytes.push(match byte {
                b'+' => b' ',
                b'%' => {
                    let digits = [rest.next().unwrap(), rest.next().unwrap()];
                    u8::from_str_radix(str::from_utf8(&digits).unwrap(), 16).unwrap()
                }
                plain => plain,
            });
        }
        String::from_utf8(bytes).unwrap()
    };
    let body = str::from_utf8(body).unwrap();
    body.split('&')
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap();
            (text(name), json!(text(value)))
        })
        .collect()
}

fn full_account() -> Account {
    account_with(&[
        ("notify_url", "https://example.com/notify?a=1&b=2"),
        ("return_url", "https://example.com/thanks"),
        ("channels", "304, 305"),
    ])
}

#[test]
fn contradiction_28_a_create_sends_the_documented_fields_as_text_signed_with_version_2() {
    for (channel, pairs, id) in [
        ("101", &[("attach", "桌 12")][..], "101"),
        ("201", &[("attach", "桌 12")], "201"),
        ("other", &[("attach", "桌 12"), ("pay_channel_id", "304")], "304"),
    ] {
        let given = extra(pairs);
        let call = KIT.build(&full_account(), &keys(), &KIT.intent(channel, &given)).unwrap();
        assert_eq!(call.url, "https://api.epepsb.cn/index.php?_m=pay_gateway&_a=apply_pay");
        assert!(call.headers.is_empty());
        let sent = fields(&call);
        let expected = json!({
            "mch_id": MERCHANT, "pay_channel_id": id, "total_fee": "1250", "out_trade_no": ORDER_NO,
            "body": "天虹龙华店-食品", "attach": "桌 12", "notify_url": "https://example.com/notify?a=1&b=2",
            "return_url": "https://example.com/thanks", "version": "2", "sign": signature(&sent, KEY, false)
        });
        assert_eq!(Value::Object(sent), expected, "{channel}");
    }
}

#[test]
fn what_is_not_given_is_not_sent() {
    for given in [&[][..], &[("attach", "")]] {
        let sent = try_create(&account(), "201", given).unwrap();
        let names: Vec<&str> = sent.keys().map(String::as_str).collect();
        assert_eq!(names, ["body", "mch_id", "out_trade_no", "pay_channel_id", "sign", "total_fee", "version"]);
        // Sign rules differ on null, bool, float, array, object and empty text: none of them is ever sent.
        assert!(sent.values().all(|value| value.as_str().is_some_and(|text| !text.is_empty())));
    }
}

#[test]
fn contradiction_30_an_order_is_asked_for_at_the_one_documented_address_by_the_gateways_number_alone() {
    let call = query(&account(), Some(GATEWAY_NO)).unwrap();
    assert_eq!(call.url, "https://api.epepsb.cn/index.php?_m=payment&_a=query");
    let sent = fields(&call);
    let expected = json!({
        "mch_id": MERCHANT, "order_sn": GATEWAY_NO, "version": "2", "sign": signature(&sent, KEY, false)
    });
    assert_eq!(Value::Object(sent), expected);
    for nothing in [None, Some("")] {
        assert_eq!(query(&account(), nothing), Err(Unbuildable::BadValue("order_sn")));
    }
}

#[test]
fn a_form_carries_what_json_carries_under_the_same_signature() {
    let given = extra(&[("attach", "50% & more+1*-._~\u{1f35c}")]);
    for (encoding, content_type) in [("json", "application/json"), ("form", "application/x-www-form-urlencoded")] {
        let account = account_with(&[("encoding", encoding), ("notify_url", "https://example.com/n?a=1&b=2")]);
        let create = KIT.build(&account, &keys(), &KIT.intent("101", &given)).unwrap();
        let query = query(&account, Some(GATEWAY_NO)).unwrap();
        for call in [&create, &query] {
            assert_eq!(call.content_type, content_type);
            let sent = if encoding == "form" { decoded(&call.body) } else { fields(call) };
            assert_eq!(sent["sign"], json!(signature(&sent, KEY, false)));
        }
        let sent = if encoding == "form" { decoded(&create.body) } else { fields(&create) };
        assert_eq!(sent["attach"], json!("50% & more+1*-._~\u{1f35c}"));
        assert_eq!(sent["body"], json!("天虹龙华店-食品"));
        if encoding == "form" {
            assert!(create.body.is_ascii());
            let text = String::from_utf8(create.body).unwrap();
            assert!(text.contains("&notify_url=https%3A%2F%2Fexample.com%2Fn%3Fa%3D1%26b%3D2&"), "{text}");
        }
    }
    let odd = account_with(&[("encoding", "xml")]);
    assert_eq!(try_create(&odd, "101", &[]), Err(Unbuildable::BadValue("encoding")));
}

#[test]
fn contradictions_27_and_28_a_further_channel_is_one_that_the_account_lists() {
    let refused = Err(Unbuildable::BadExtra("pay_channel_id".into()));
    for listed in ["304", "304,305", " 305 , 304 ", "305，304", "305、304"] {
        let sent = try_create(&account_with(&[("channels", listed)]), "other", &[("pay_channel_id", "304")]);
        assert_eq!(sent.unwrap()["pay_channel_id"], json!("304"), "{listed}");
        for id in ["30", "3040", "306", "0304", "30 4", "３０４", "304,305", "wechat"] {
            let built = try_create(&account_with(&[("channels", listed)]), "other", &[("pay_channel_id", id)]);
            assert_eq!(built, refused, "{listed}: {id}");
        }
    }
    assert_eq!(try_create(&account_with(&[("channels", "wechat")]), "other", &[("pay_channel_id", "wechat")]), refused);
    let none = try_create(&account(), "other", &[("pay_channel_id", "304")]);
    assert_eq!(none, Err(Unbuildable::AccountField("channels")));
    let unnamed = try_create(&full_account(), "other", &[]);
    assert_eq!(unnamed, Err(Unbuildable::ExtraField("pay_channel_id")));
    // The channels of the document take no other id, and no field of the other gateway's examples is a field here.
    for name in ["pay_channel_id", "appid", "payment", "wallet", "store_id", "sub_openid", "code", "version", "sign"] {
        assert_eq!(try_create(&full_account(), "101", &[(name, "101")]), Err(Unbuildable::BadExtra(name.into())));
    }
}

#[test]
fn ruling_13_no_times_go_out_since_the_document_takes_none() {
    let sent = try_create(&full_account(), "201", &[]).unwrap();
    assert!(!sent.keys().any(|name| name.contains("time")));
}

#[test]
fn what_does_not_fit_is_refused_before_anything_is_sent() {
    let none = extra(&[]);
    let plain = KIT.intent("201", &none);
    let (long_body, code) = ("字".repeat(128), "134567890123456789".to_owned().into());
    let cny = |minor| Money { minor, currency: Currency::Cny };
    let hkd = Money { minor: 1250, currency: Currency::Hkd };
    for (odd, field) in [
        (CreateIntent { order_no: "", ..plain.clone() }, "out_trade_no"),
        (CreateIntent { order_no: "a.b", ..plain.clone() }, "out_trade_no"),
        (CreateIntent { order_no: "TK0123456789012345678901234567890", ..plain.clone() }, "out_trade_no"),
        (CreateIntent { body: " ", ..plain.clone() }, "body"),
        (CreateIntent { body: "a\nb", ..plain.clone() }, "body"),
        (CreateIntent { amount: cny(0), ..plain.clone() }, "total_fee"),
        (CreateIntent { amount: cny(-1), ..plain.clone() }, "total_fee"),
        (CreateIntent { amount: cny(5_000_001), ..plain.clone() }, "total_fee"),
        (CreateIntent { amount: hkd, ..plain.clone() }, "total_fee"),
    ] {
        assert_eq!(KIT.build(&account(), &keys(), &odd), Err(Unbuildable::BadValue(field)));
    }
    let long = CreateIntent { body: &long_body, ..plain.clone() };
    assert_eq!(KIT.build(&account(), &keys(), &long), Err(Unbuildable::TooLong { field: "body", limit: 127 }));
    let scanned = CreateIntent { payment_code: Some(&code), ..plain.clone() };
    assert_eq!(KIT.build(&account(), &keys(), &scanned), Err(Unbuildable::PaymentCode));
    assert_eq!(KIT.build(&account(), &Keys::default(), &plain), Err(Unbuildable::Secret("key")));
    let nameless = Account { fields: BTreeMap::new(), ..account() };
    assert_eq!(KIT.build(&nameless, &keys(), &plain), Err(Unbuildable::AccountField("mch_id")));
    let longest = "字".repeat(128);
    assert_eq!(try_create(&account(), "201", &[("attach", &longest)]).unwrap()["attach"], json!(longest));
    let too_long = try_create(&account(), "201", &[("attach", &format!("{longest}字"))]);
    assert_eq!(too_long, Err(Unbuildable::BadExtra("attach".into())));
}

/// What a notification is bound by may stand in it once: see the tests of notifications.
#[test]
fn a_text_that_holds_the_name_of_a_field_that_notifications_are_bound_by_is_refused_before_anything_is_sent() {
    let none = extra(&[]);
    for name in ["out_trade_no", "total_fee", "status", "mch_id", "order_sn", "finish_time"] {
        let text = format!("桌 12 {name}2");
        let odd = CreateIntent { body: &text, ..KIT.intent("201", &none) };
        assert_eq!(KIT.build(&account(), &keys(), &odd), Err(Unbuildable::HoldsName { field: "body", name }));
        let attached = try_create(&account(), "201", &[("attach", &text)]);
        assert_eq!(attached, Err(Unbuildable::HoldsName { field: "attach", name }));
        let apart = text.to_uppercase();
        assert_eq!(try_create(&account(), "201", &[("attach", &apart)]).unwrap()["attach"], json!(apart));
    }
}

#[test]
fn ruling_10_addresses_are_absolute_and_at_most_255_characters_and_may_be_missing() {
    for (url, fits) in urls() {
        for name in ["notify_url", "return_url"] {
            let built = try_create(&account_with(&[(name, &url)]), "201", &[]);
            if fits {
                assert_eq!(built.unwrap()[name], json!(url));
            } else {
                assert_eq!(built, Err(Unbuildable::BadValue(name)), "{name} {url}");
            }
        }
    }
}

#[test]
fn the_address_is_the_accounts_and_may_be_changed() {
    let change = AccountChange { base_url: Some("https://api.234k.cn/".into()), ..AccountChange::default() };
    let moved = change.apply(&account(), KIT.gateway().descriptor()).unwrap();
    assert_eq!(query(&moved, Some(GATEWAY_NO)).unwrap().url, "https://api.234k.cn/index.php?_m=payment&_a=query");
}

#[test]
fn what_jubao_cannot_do_is_absent() {
    let gateway = KIT.gateway();
    assert!(gateway.closing().is_none() && gateway.reversing().is_none());
    assert!(gateway.refunding().is_none() && gateway.adopting().is_none());
    let descriptor = gateway.descriptor();
    assert_eq!((descriptor.close_floor_s, descriptor.reverse_floor_s), (None, None));
    assert!(!descriptor.asked_by_our_number && descriptor.refunds.is_none() && descriptor.creates);
    assert_eq!(descriptor.currencies, [Currency::Cny]);
}
