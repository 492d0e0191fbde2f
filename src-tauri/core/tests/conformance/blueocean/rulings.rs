//! Gateways.md section 7 as far as it speaks of reading BlueOcean's answers: rulings 1, 2, 5, 6, 8 and 14. Ruling 18 is a
//! notification's.

use super::{APPID, KEY, KIT, account, account_with, answer, asked, exchange, keys, paid, pays, report};
use super::{signature, with};
use crate::exchange::{Asked, Heard};
use serde_json::{Value, json};
use till_core::account::Account;
use till_core::gateway::Gateway;
use till_core::gateway::blueocean::BlueOcean;
use till_core::gateway::call::HttpAnswer;
use till_core::gateway::descriptor::{DEFAULT_PLAN, PAYMENT_CODE_EXPIRE_S, PAYMENT_CODE_PLAN, Presented};
use till_core::gateway::{Dealing, Read, Subject, Unreadable};
use till_core::order::report::{Stated, TradeReport, TradeState};
use till_core::order::{Attention, DisputeReason, State};

/// A successful answer that nobody signed.
fn answer_unsigned(data: &Value) -> Value {
    json!({"code": 200, "message": "success", "data": data})
}

fn http(whole: &Value) -> HttpAnswer {
    let body = whole.to_string().into_bytes();
    HttpAnswer { status: 200, body, date: None, retry_after: None, authorization: None }
}

fn heard_by(account: &Account, data: &Value) -> TradeReport {
    let order = exchange(Asked::Query, "wechat.qrcode");
    let subject = Subject { order_no: &order.order_no, channel: order.channel, gateway_no: None };
    let keys = keys();
    let dealing = Dealing { account, keys: &keys, nonce: "n", seconds: 0 };
    match KIT.gateway().read_query(dealing, &subject, &http(&answer(data))) {
        Read::Means(report) => report,
        other => panic!("{other:?}"),
    }
}

#[test]
fn ruling_1_the_currency_is_that_of_the_account_and_never_the_customers() {
    for (currency, word, expected) in [
        ("HKD", "HKD", Stated::Ours),
        ("", "HKD", Stated::Ours),
        ("CNY", "CNY", Stated::Ours),
        ("CNY", "HKD", Stated::Other("HKD".into())),
        ("HKD", "CNY", Stated::Other("CNY".into())),
        ("HKD", "AUD", Stated::Other("AUD".into())),
        ("HKD", "hkd", Stated::Other("hkd".into())),
        ("HKD", "1", Stated::Other("1".into())),
        ("HKD", "", Stated::Not),
    ] {
        for cash in ["CNY", "HKD", "USD", ""] {
            let fields = with(paid(), &json!({"fee_type": word, "cash_fee_type": cash}));
            let report = heard_by(&account_with(&[("currency", currency)]), &fields);
            assert_eq!(report.currency, expected, "{currency} {word} {cash}");
            assert_eq!(report.proves_paid(1250), !matches!(expected, Stated::Other(_)));
        }
    }
    // No code is shown that asks for another currency.
    let create = with(paid(), &json!({"trade_state": "NOTPAY", "fee_type": "AUD", "qrcode": "weixin://x"}));
    let heard = KIT.hear_value(&exchange(Asked::Create, "wechat.qrcode"), &answer(&create));
    assert_eq!(heard, Heard::Nothing(Unreadable::BadField("fee_type".into())));
}

#[test]
fn ruling_2_paid_accepts_the_appid_or_one_of_the_accounts_list() {
    let foreign = with(paid(), &json!({"appid": 1_000_343}));
    assert_eq!(report(&foreign).merchant, Stated::Other("1000343".into()));
    assert!(!pays(&foreign));
    for (also, expected) in [
        ("1000343", true),
        ("1000001, 1000343", true),
        ("1000001，1000343", true),
        ("10003430,100034", false),
        (",", false),
        ("", false),
    ] {
        let account = account_with(&[("appid_also", also)]);
        assert_eq!(heard_by(&account, &foreign).proves_paid(1250), expected, "{also}");
        assert!(heard_by(&account, &paid()).proves_paid(1250), "{also}");
    }
    for nothing in [Value::Null, json!("")] {
        let silent = with(paid(), &json!({"appid": nothing}));
        assert_eq!(report(&silent).merchant, Stated::Not);
        assert!(pays(&silent));
    }
}

#[test]
fn ruling_2_a_create_does_not_fail_on_another_appid() {
    let foreign = json!({"appid": 1_000_343, "trade_state": "NOTPAY", "qrcode": "weixin://x", "app": "{}"});
    for channel in ["wechat.qrcode", "wechat.app", "micropay"] {
        let order = exchange(Asked::Create, channel);
        let heard = KIT.hear_value(&order, &answer(&with(paid(), &foreign)));
        let Heard::Created(created) = &heard else { panic!("{heard:?}") };
        assert_eq!(heard.shows_a_code(), channel != "micropay");
        // A payment code's order is then asked for; a query has the merchant to compare.
        assert_eq!(created.report, None, "{channel}");
    }
    let order = exchange(Asked::Create, "micropay");
    let paid_elsewhere = KIT.hear_value(&order, &answer(&with(paid(), &json!({"appid": 1_000_343}))));
    assert!(!paid_elsewhere.pays(&order) && paid_elsewhere.contradicts(&order));
}

#[test]
fn ruling_5_a_refunded_order_was_paid_and_is_booked_with_attention() {
    let refunded = report(&with(paid(), &json!({"trade_state": "REFUND"})));
    assert_eq!((refunded.state, refunded.shortcoming()), (TradeState::Refunded, None));
    let after = KIT.awaiting(&exchange(Asked::Query, "wechat.qrcode")).hearing(&refunded);
    assert_eq!((after.order.state, after.paid_minor()), (State::Paid, Some(1250)));
    assert!(after.order.attention.contains(&Attention::RefundedElsewhere));
    for word in ["refund", "REFUNDED", "1"] {
        let heard = asked(&with(paid(), &json!({"trade_state": word})));
        assert_eq!(heard, Heard::Nothing(Unreadable::UnknownWord(word.into())));
    }
}

/// Every printed answer has both: one without them may be of any order, whoever showed the code and whatever was asked.
#[test]
fn ruling_5_a_refund_that_names_no_order_or_no_amount_books_nothing() {
    let whole = with(paid(), &json!({"trade_state": "REFUND"}));
    let mut incomplete = vec![json!({"trade_state": "REFUND"})];
    for name in ["out_trade_no", "total_fee"] {
        incomplete.extend([Value::Null, json!("")].map(|nothing| with(whole.clone(), &json!({name: nothing}))));
    }
    for call in [exchange(Asked::Query, "wechat.qrcode"), exchange(Asked::Create, "micropay")] {
        let awaiting = KIT.awaiting(&call);
        let told = |fields: &Value| KIT.hear_value(&call, &answer(fields)).report().cloned().unwrap();
        for fields in &incomplete {
            let once = awaiting.hearing(&told(fields));
            assert_eq!((once.order.state, once.order.self_contradictions), (State::AwaitingPayment, 1), "{fields}");
            let twice = once.hearing(&told(fields));
            assert_eq!((twice.order.state, twice.paid_minor()), (State::Disputed, None), "{fields}");
            assert_eq!(twice.order.dispute, Some(DisputeReason::Incomplete), "{fields}");
            assert_eq!(twice.hearing(&told(&whole)).order.state, State::Paid, "{fields}");
        }
    }
}

#[test]
fn ruling_6_a_number_of_the_gateway_is_adopted_only_beside_our_own() {
    let order = exchange(Asked::Create, "wechat.qrcode");
    let adopted = |data: &Value| match KIT.hear_value(&order, &answer(data)) {
        Heard::Created(created) => created.gateway_no,
        other => panic!("{other:?}"),
    };
    let ours = json!({"qrcode": "weixin://x", "sn": "1120180209", "out_trade_no": order.order_no});
    assert_eq!(adopted(&ours).as_deref(), Some("1120180209"));
    assert_eq!(adopted(&with(ours.clone(), &json!({"out_trade_no": ""}))), None);
    assert_eq!(adopted(&with(ours, &json!({"sn": "5".repeat(65)}))), None);
}

#[test]
fn ruling_8_both_readings_of_empty_fields_verify_and_the_check_tells_which() {
    let (account, keys) = (account(), keys());
    let dealing = Dealing { account: &account, keys: &keys, nonce: "n", seconds: 0 };
    let order = exchange(Asked::Query, "wechat.qrcode");
    let full = with(paid(), &json!({"attach": "x"}));
    for (fields, with_empty, expected) in [
        (with(paid(), &json!({"detail": null})), true, "with_empty"),
        (with(paid(), &json!({"detail": null})), false, "without_empty"),
        (full.clone(), true, "either"),
        (full, false, "either"),
    ] {
        let sign = signature(fields.as_object().unwrap(), KEY, with_empty);
        for sign in [sign.clone(), sign.to_lowercase()] {
            let whole =
                json!({"code": 200, "message": "success", "data": with(fields.clone(), &json!({"sign": sign}))});
            assert!(KIT.hear_value(&order, &whole).pays(&order), "{expected:?}");
            assert_eq!(BlueOcean.signature_reading(dealing, &http(&whole)), Some(expected));
            let flat = http(&whole["data"]);
            assert_eq!(BlueOcean.signature_reading(dealing, &flat), Some(expected));
            let changed = with(whole["data"].clone(), &json!({"total_fee": 1251}));
            assert_eq!(BlueOcean.signature_reading(dealing, &http(&changed)), Some("wrong"));
        }
    }
    let whole = answer(&paid());
    let status = HttpAnswer { status: 500, ..http(&whole) };
    assert_eq!(BlueOcean.signature_reading(dealing, &status), None);
    for bare in [json!({"code": 200}), json!({"code": 40102, "message": "no such order"}), answer_unsigned(&paid())] {
        assert_eq!(BlueOcean.signature_reading(dealing, &http(&bare)), Some("unsigned"), "{bare}");
    }
    let none = till_core::account::Keys::default();
    assert_eq!(BlueOcean.signature_reading(Dealing { keys: &none, ..dealing }, &http(&whole)), None);
}

#[test]
fn ruling_8_objects_are_left_out_of_the_signature_and_never_decide() {
    let order = exchange(Asked::Query, "wechat.qrcode");
    for name in ["trade_state", "out_trade_no", "total_fee", "appid", "fee_type"] {
        let mut smuggled = paid();
        smuggled.as_object_mut().unwrap().remove(name);
        let mut smuggled = answer(&smuggled);
        smuggled["data"][name] = json!({"x": 1});
        let heard = KIT.hear_value(&order, &smuggled);
        assert_eq!(heard, Heard::Nothing(Unreadable::BadField(name.into())), "{name}");
    }
    // The signature stands among the fields: one beside `data` counts for nothing, and fields beside it are not read.
    let mut outside = answer(&paid());
    outside["sign"] = outside["data"].as_object_mut().unwrap().remove("sign").unwrap();
    assert_eq!(KIT.hear_value(&order, &outside), Heard::Nothing(Unreadable::Unsigned));
    let beside = with(answer(&json!({"appid": APPID})), &paid());
    assert_eq!(KIT.hear_value(&order, &beside), Heard::Nothing(Unreadable::NoState));
}

#[test]
fn ruling_14_payment_codes_and_links_keep_a_rhythm_of_their_own() {
    let descriptor = KIT.gateway().descriptor();
    for channel in descriptor.channels {
        match channel.name {
            "micropay" => {
                assert_eq!(channel.presented, Presented::Consumer);
                assert_eq!(channel.plan, Some(PAYMENT_CODE_PLAN));
                assert_eq!(channel.expire_s, Some(PAYMENT_CODE_EXPIRE_S));
            }
            "unionpay.link" | "wechat.mweb" => {
                let plan = channel.plan.unwrap();
                assert_eq!((plan.paying_ms, plan.later_ms), (None, DEFAULT_PLAN.later_ms));
            }
            _ => assert_eq!((channel.plan, channel.expire_s), (None, None)),
        }
    }
    assert_eq!((descriptor.reverse_floor_s, descriptor.reverse_switch), (Some(15), None));
    // The word itself is still what it is: the order is not closed under a customer who pays.
    let paying = with(paid(), &json!({"trade_state": "USERPAYING"}));
    assert!(matches!(asked(&paying), Heard::Report(report) if report.state == TradeState::Paying));
}
