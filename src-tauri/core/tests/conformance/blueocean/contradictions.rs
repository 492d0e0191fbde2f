//! Gateways.md section 4, 24 to 39 as far as they reach BlueOcean, each by its number. 21 to 23, 28 to 30 and 38 are the other
//! dialect's or a notification's; the signing example that belongs here stands beside the signing rule.

use super::{AS_A_QUERY, KIT, answer, asked, exchange, paid, pays, report, right, seal, signature, with};
use crate::exchange::{Asked, Exchange, Heard};
use crate::given::ORDER_NO;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use till_core::gateway::bridge::Bridge;
use till_core::gateway::reaction::{Reaction, Said};
use till_core::gateway::{CloseOutcome, Created, ReverseOutcome, Unreadable};
use till_core::order::parts::Parts;
use till_core::order::report::{Stated, TradeState};

fn created(channel: &str, data: &Value) -> Created {
    match KIT.hear_value(&exchange(Asked::Create, channel), &answer(data)) {
        Heard::Created(created) => created,
        other => panic!("{other:?}"),
    }
}

/// The fields of an unpaid order, as a create answers them.
fn unpaid() -> Value {
    with(paid(), &json!({"trade_state": "NOTPAY", "sn": "1120180209", "qrcode": "weixin://wxpay/bizpayurl?pr=1"}))
}

#[test]
fn contradiction_24_an_answer_that_names_neither_success_nor_error_says_nothing() {
    let said = |state: &str| with(paid(), &json!({"trade_state": state, "qrcode": "weixin://wxpay/bizpayurl?pr=1"}));
    for (call, channel, state) in [
        (Asked::Create, "micropay", "SUCCESS"),
        (Asked::Create, "wechat.qrcode", "NOTPAY"),
        (Asked::Query, "wechat.qrcode", "SUCCESS"),
        (Asked::Close, "wechat.qrcode", "CLOSED"),
        (Asked::Reverse, "micropay", "REVOKED"),
    ] {
        let order = exchange(call, channel);
        let whole = answer(&said(state));
        assert!(!KIT.hear_value(&order, &whole).believes_nothing(), "{call:?}");
        let mut in_data = whole.clone();
        in_data.as_object_mut().unwrap().remove("code");
        for bare in [in_data.clone(), with(in_data, &json!({"code": null, "ret": ""})), whole["data"].clone()] {
            assert_eq!(right(&bare), Some(true));
            let heard = KIT.hear_value(&order, &bare);
            assert_eq!(heard, Heard::Nothing(Unreadable::BadField("code".into())), "{call:?} {bare}");
        }
    }
}

#[test]
fn contradictions_24_and_25_both_envelopes_are_read_and_their_zeros_are_opposites() {
    let order = exchange(Asked::Query, "wechat.qrcode");
    let mut whole = answer(&paid());
    whole.as_object_mut().unwrap().remove("code");
    for (envelope, expected) in [(json!({"ret": 0}), true), (json!({"ret": "0", "code": 200}), true)] {
        assert_eq!(KIT.hear_value(&order, &with(whole.clone(), &envelope)).pays(&order), expected, "{envelope}");
    }
    let said = |code: &str| Heard::Says(Said::new(Reaction::Ask, code, Some("success")));
    assert_eq!(KIT.hear_value(&order, &with(whole.clone(), &json!({"code": 0}))), said("0"));
    assert_eq!(KIT.hear_value(&order, &with(whole.clone(), &json!({"ret": 200}))), said("200"));
    for envelope in [json!({"code": 0, "ret": 0}), json!({"code": 200, "ret": 1})] {
        let heard = KIT.hear_value(&order, &with(whole.clone(), &envelope));
        assert_eq!(heard, Heard::Nothing(Unreadable::BadField("ret".into())), "{envelope}");
    }
}

#[test]
fn contradiction_26_codes_decide_and_texts_are_quoted() {
    let order = exchange(Asked::Refund, "micropay");
    for (code, text, reaction) in [
        (40500, "订单号重复", Reaction::Ask),
        (40500, "余额不足", Reaction::Ask),
        (40107, "余额不足", Reaction::BalanceShort),
        (493_001, "退款单号重复", Reaction::DuplicateRefund),
    ] {
        let heard = KIT.hear_value(&order, &json!({"code": code, "message": text}));
        assert_eq!(heard, Heard::Says(Said::new(reaction, code.to_string(), Some(text))));
    }
}

#[test]
fn a_code_beside_a_payment_is_only_a_code() {
    let order = exchange(Asked::Query, "wechat.qrcode");
    for code in [201, 40101, 40105, 0] {
        let heard = KIT.hear_value(&order, &with(answer(&paid()), &json!({"code": code})));
        assert!(matches!(heard, Heard::Says(Said { reaction: Reaction::Ask, .. })), "{code}: {heard:?}");
    }
}

/// 002:137, 002:139-141.
#[test]
fn a_create_that_is_answered_with_a_state_of_its_order_has_arrived() {
    for code in ["40101", "40103", "40104", "40105"] {
        for channel in ["wechat.qrcode", "micropay"] {
            let told = |call| match KIT.hear_value(&exchange(call, channel), &json!({"code": code, "message": "订单"}))
            {
                Heard::Says(said) => said.reaction,
                other => panic!("{code} {channel}: {other:?}"),
            };
            assert!(told(Asked::Create).tells_that_a_create_arrived(), "{code} {channel}");
            assert_eq!(told(Asked::Query), Reaction::Ask, "{code} {channel}");
        }
    }
}

// Contradiction 27: this gateway speaks of `appid` and `payment`, see `requests`; `mch_id` is the other dialect's.

#[test]
fn contradictions_29_and_37_only_trade_state_tells_how_a_payment_went() {
    for (word, state) in [
        ("NOTPAY", TradeState::Unpaid),
        ("USERPAYING", TradeState::Paying),
        ("SUCCESS", TradeState::Paid),
        ("REFUND", TradeState::Refunded),
        ("CLOSED", TradeState::Closed),
        ("REVOKED", TradeState::Reversed),
    ] {
        let report = report(&with(paid(), &json!({"trade_state": word, "status": 2})));
        assert_eq!((report.state, report.declined), (state, false), "{word}");
        assert_eq!(created("micropay", &with(paid(), &json!({"trade_state": word}))).report.unwrap().state, state);
    }
    let stateless = with(paid(), &json!({"trade_state": null, "status": 2}));
    assert_eq!(asked(&stateless), Heard::Nothing(Unreadable::NoState));
    // Code 200, "OK", and yet not paid (002:446-471): a payment code's order without a state is asked for.
    assert_eq!(created("micropay", &stateless).report, None);
    let order = exchange(Asked::Create, "micropay");
    assert!(KIT.hear_value(&order, &answer(&paid())).pays(&order));
    assert!(!KIT.hear_value(&order, &answer(&unpaid())).pays(&order));
}

#[test]
fn an_abnormal_payment_ends_nothing_whoever_showed_the_code() {
    for channel in ["wechat.qrcode", "micropay"] {
        let order = exchange(Asked::Query, channel);
        let heard = KIT.hear_value(&order, &answer(&with(paid(), &json!({"trade_state": "PAYERROR"}))));
        let Heard::Report(report) = heard else { panic!("{heard:?}") };
        assert_eq!((report.state, report.declined), (TradeState::Unpaid, true), "{channel}");
    }
}

#[test]
fn contradiction_31_scalars_are_numbers_or_strings() {
    assert!(pays(&with(paid(), &json!({"appid": 1_000_258, "total_fee": "1250", "create_time": "1557469674"}))));
    assert!(pays(&with(paid(), &json!({"appid": "1000258", "total_fee": 1250, "create_time": 1_518_155_270}))));
    assert!(pays(&with(paid(), &json!({"cash_fee": "0", "discount": 0, "id": "13152"}))));
}

#[test]
fn contradiction_32_total_fee_is_matched_and_what_the_customer_paid_is_not() {
    for (pay_amount, discount) in [(json!(1000), json!(250)), (json!("2"), json!("0")), (Value::Null, Value::Null)] {
        assert!(pays(&with(paid(), &json!({"pay_amount": pay_amount, "discount": discount, "cash_fee": "900"}))));
    }
    let other = with(paid(), &json!({"total_fee": 1000, "pay_amount": 1250}));
    assert!(!pays(&other) && asked(&other).contradicts(&exchange(Asked::Query, "wechat.qrcode")));
    let without = with(paid(), &json!({"total_fee": null, "pay_amount": 1250}));
    assert_eq!(report(&without).amount_minor, None);
    assert!(!pays(&without));
}

#[test]
fn who_bore_what_is_read_where_it_makes_up_the_total_and_is_in_the_orders_currency() {
    let parts =
        |customer_paid_minor, discount_minor| Parts { customer_paid_minor, received_minor: None, discount_minor };
    let none = Parts::default();
    for (fields, expected) in [
        (json!({"pay_amount": 1000, "discount": "250"}), parts(Some(1000), Some(250))),
        (json!({"pay_amount": "1250", "discount": 0, "cash_fee": "0"}), parts(Some(1250), Some(0))),
        (json!({"pay_amount": 1000, "discount": null}), parts(Some(1000), None)),
        (json!({"pay_amount": null, "discount": 250}), parts(None, Some(250))),
        (json!({"pay_amount": "2", "discount": "0"}), none),
        (json!({"pay_amount": "12.50", "discount": 0}), parts(None, Some(0))),
        (json!({"pay_amount": i64::MAX, "discount": 1}), none),
        (json!({"pay_amount": 1251, "discount": null}), none),
        (json!({"pay_amount": null, "cash_fee": 1000, "cash_fee_type": "HKD"}), parts(Some(1000), None)),
        (json!({"pay_amount": null, "cash_fee": 900, "cash_fee_type": "CNY"}), none),
        (
            json!({"pay_amount": 1250, "discount": 0, "cash_fee": 900, "cash_fee_type": "CNY"}),
            parts(Some(1250), Some(0)),
        ),
        (json!({"pay_amount": 1250, "discount": 0, "cash_fee": 900, "cash_fee_type": "HKD"}), none),
    ] {
        let bare =
            with(paid(), &json!({"pay_amount": null, "discount": null, "cash_fee": null, "cash_fee_type": null}));
        let data = with(bare, &fields);
        assert_eq!(report(&data).parts, expected, "{fields}");
        assert!(pays(&data), "{fields}");
        assert_eq!(report(&with(data, &json!({"trade_state": "NOTPAY"}))).parts, none, "{fields}");
    }
}

#[test]
fn contradiction_33_the_time_of_payment_is_seconds_a_calendar_or_nothing() {
    for (time, expected) in [
        (json!(1_518_155_297), Some(1_518_155_297)),
        (json!("1518155297"), Some(1_518_155_297)),
        (json!("20190402162714"), Some(1_554_193_634)),
        (json!(0), None),
        (json!("0"), None),
        (Value::Null, None),
    ] {
        assert_eq!(report(&with(paid(), &json!({"time_end": time}))).paid_at, expected, "{time}");
    }
}

/// 002:501-537 to the letter, but for the signature, which the document masks.
const AS_PRINTED: &str = include_str!("alipay_app_as_printed.txt");

#[test]
fn contradiction_34_the_invalid_nested_json_is_unreadable_so_that_the_order_is_asked_for() {
    let printed = include_str!("alipay_app_create.json");
    assert!(AS_PRINTED.contains(r#""app":"{"_input_charset":"UTF-8""#));
    let order = KIT.exchanges().into_iter().find(|exchange| exchange.name.ends_with("/alipay_app_create")).unwrap();
    assert_eq!(KIT.hear(&order, AS_PRINTED.as_bytes()), Heard::Nothing(Unreadable::NotJson));
    // Its repaired twin differs in those quotation marks alone, and is read.
    let repaired = serde_json::from_str::<Value>(printed).unwrap();
    assert!(repaired["answer"]["data"]["app"].as_str().is_some_and(|app| AS_PRINTED.contains(app)));
    assert!(KIT.hear_signed(&order, &order.answer).shows_a_code());
}

#[test]
fn rulings_26_and_27_the_parameters_of_an_official_account_open_wechats_bridge_and_the_hong_kong_wallets_with_a_ticket_alone()
 {
    let jsapi = |kind: &str| {
        let fields = json!({"appId": "wx6f", "timeStamp": "1", "nonceStr": "l", "package": "prepay_id=1", "signType": kind, "paySign": "C"});
        with(unpaid(), &json!({"jsapi": fields.to_string()}))
    };
    for (channel, data, bridge) in [
        ("wechat.jsapi", jsapi("MD5"), Some(Bridge::Wechat)),
        ("wechat.jsapi", jsapi("SHA1"), None),
        ("wechat.jsapi", with(unpaid(), &json!({"jsapi": "{}"})), None),
        ("wechat.app", with(unpaid(), &json!({"app": "{\"appid\":\"wxa4d\"}"})), None),
    ] {
        let created = created(channel, &data);
        assert_eq!((created.bridge, created.parameters.is_some()), (bridge, true), "{channel} {data}");
    }
    let (ticket, own) = (("ticket_url", "https://shop.example/ticket"), ("sub_appid", "wx6f"));
    let another = ("sub_appid", "wx70");
    for (set, kind, bridge) in [
        (vec![ticket, own], "SHA1", Some(Bridge::HongKong)),
        (vec![ticket, own], "MD5", Some(Bridge::Wechat)),
        (vec![ticket, own], "sha1", Some(Bridge::Wechat)),
        (vec![own], "SHA1", None),
        (vec![ticket], "SHA1", None),
        (vec![ticket, another], "SHA1", None),
    ] {
        let set: BTreeMap<_, _> = set.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let exchange = Exchange { set, ..exchange(Asked::Create, "wechat.jsapi") };
        let heard = KIT.hear_value(&exchange, &answer(&jsapi(kind)));
        let Heard::Created(created) = heard else { panic!("{heard:?}") };
        assert_eq!((created.bridge, created.parameters.is_some()), (bridge, true), "{:?} {kind}", exchange.set);
    }
}

#[test]
fn contradiction_34_parameters_are_the_gateways_text_as_sent() {
    let app = "{\"appid\":\"wxa4d\",\"package\":\"Sign=WXPay\"}";
    let line = "_input_charset=\"UTF-8\"&body=\"测试\"";
    for (channel, fields, expected) in [
        ("wechat.app", json!({"app": app}), Some(app)),
        ("wechat.jsapi", json!({"jsapi": app}), Some(app)),
        ("wechat.jsapi", json!({"app": app}), None),
        ("alipay.app", json!({"app": app, "app_format": line}), Some(app)),
        ("alipay.app", json!({"app": "", "app_format": line}), Some(line)),
        ("alipay.app", json!({}), None),
        ("wechat.qrcode", json!({"app": app}), None),
    ] {
        let created = created(channel, &with(unpaid(), &fields));
        assert_eq!(created.parameters.as_deref(), expected, "{channel} {fields}");
        assert_eq!(created.link.is_some(), channel == "wechat.qrcode", "parameters are never drawn as a code");
    }
    // An object is kept as it was printed; how it counts in the signature nobody says.
    let mut object = answer(&unpaid());
    object["data"]["app"] = json!({"appid": "wxa4d"});
    let heard = KIT.hear_value(&exchange(Asked::Create, "wechat.app"), &object);
    assert!(matches!(heard, Heard::Created(created) if created.parameters.as_deref() == Some(r#"{"appid":"wxa4d"}"#)));
    let endless = with(unpaid(), &json!({"app": "x".repeat(20_000)}));
    assert_eq!(created("wechat.app", &endless).parameters, None, "the order is there all the same");
}

#[test]
fn contradiction_35_links_of_replaced_names_are_not_usable() {
    for link in ["http://api.hk.聚宝pay.com/order/qrcode/97736", "javascript:alert(1)", "ftp://x/y", "聚宝.qrcode"]
    {
        let created = created("blueocean.qrcode", &with(unpaid(), &json!({"qrcode": link})));
        assert_eq!(created.link, None, "{link}: the order is there all the same, and its number is known");
        assert_eq!(created.gateway_no.as_deref(), Some("1120180209"));
    }
    // What a person put beside it decides nothing.
    assert!(pays(&with(paid(), &json!({"provider": "聚宝", "mch_name": "聚宝 Pay"}))));
}

#[test]
fn contradiction_36_the_code_has_three_names_and_may_be_empty() {
    let none = with(unpaid(), &json!({"qrcode": ""}));
    assert_eq!(created("wechat.qrcode", &none).link, None);
    for name in ["qrcode", "code_url", "mweb_url"] {
        let created = created("wechat.mweb", &with(none.clone(), &json!({name: "https://wx.tenpay.com/x?a=1"})));
        assert_eq!(created.link.as_deref(), Some("https://wx.tenpay.com/x?a=1"), "{name}");
    }
    let all = json!({"qrcode": "https://a/", "code_url": "https://b/", "mweb_url": "https://c/"});
    assert_eq!(created("wechat.mweb", &with(none.clone(), &all)).link.as_deref(), Some("https://a/"));
    assert_eq!(created("wechat.mweb", &none).gateway_no.as_deref(), Some("1120180209"));
}

#[test]
fn a_code_that_nobody_can_pay_any_more_is_not_shown() {
    for (word, shown) in [
        ("NOTPAY", true),
        ("USERPAYING", true),
        ("PAYERROR", true),
        ("SUCCESS", false),
        ("CLOSED", false),
        ("REVOKED", false),
        ("REFUND", false),
    ] {
        let created = created("wechat.qrcode", &with(unpaid(), &json!({"trade_state": word})));
        assert_eq!((created.link.is_some(), created.report), (shown, None), "{word}");
    }
    assert!(created("wechat.qrcode", &with(unpaid(), &json!({"trade_state": null}))).link.is_some());
}

#[test]
fn contradiction_39_the_wallets_number_is_no_evidence_of_payment() {
    let early = with(unpaid(), &json!({"transaction_id": "P5631V"}));
    assert_eq!(report(&early).wallet_no.as_deref(), Some("P5631V"));
    assert!(!pays(&early));
    assert!(pays(&with(paid(), &json!({"transaction_id": ""}))));
}

#[test]
fn ends_are_what_the_order_says_and_never_another_orders() {
    assert!(AS_A_QUERY.contains("asked for again"));
    let (close, reverse) = (exchange(Asked::Close, "wechat.qrcode"), exchange(Asked::Reverse, "micropay"));
    for (word, closed, reversed) in [
        ("CLOSED", CloseOutcome::Closed, ReverseOutcome::Reversed),
        ("REVOKED", CloseOutcome::AlreadyClosed, ReverseOutcome::Reversed),
        ("SUCCESS", CloseOutcome::Refused, ReverseOutcome::Refused),
        ("REFUND", CloseOutcome::Refused, ReverseOutcome::Refused),
        ("NOTPAY", CloseOutcome::Refused, ReverseOutcome::Refused),
        ("USERPAYING", CloseOutcome::Refused, ReverseOutcome::Refused),
        ("PAYERROR", CloseOutcome::Refused, ReverseOutcome::Refused),
    ] {
        let said = answer(&with(paid(), &json!({"trade_state": word})));
        assert_eq!(KIT.hear_value(&close, &said), Heard::Close(closed), "{word}");
        assert_eq!(KIT.hear_value(&reverse, &said), Heard::Reverse(reversed), "{word}");
    }
    for order in [close, reverse] {
        for (name, value) in [("out_trade_no", "another"), ("appid", "1000343")] {
            let other = answer(&with(paid(), &json!({"trade_state": "CLOSED", name: value})));
            assert_eq!(KIT.hear_value(&order, &other), Heard::Nothing(Unreadable::BadField(name.into())));
        }
        let bare = json!({"code": 200, "message": "success"});
        assert_eq!(KIT.hear_value(&order, &bare), Heard::Nothing(Unreadable::Unsigned));
        let said = KIT.hear_value(&order, &json!({"code": 40101, "message": "订单已支付"}));
        assert_eq!(said, Heard::Says(Said::new(Reaction::Ask, "40101", Some("订单已支付"))));
    }
}

#[test]
fn refunds_come_with_an_envelope_or_without_and_must_name_themselves() {
    let order = exchange(Asked::Refund, "micropay");
    let fields = json!({"out_refund_no": order.refund_no, "out_trade_no": ORDER_NO, "refund_fee": "1250",
        "refund_status": "SUCCESS", "appid": 1_000_258, "fee_type": "HKD", "refund_id": "5000", "sign": ""});
    let mut bare = fields.clone();
    bare["sign"] = json!(signature(fields.as_object().unwrap(), super::KEY, true));
    assert_eq!(right(&bare), Some(true));
    for whole in [answer(&fields), bare.clone()] {
        let heard = KIT.hear_value(&order, &whole);
        assert!(heard.proves(&order), "{heard:?}");
        let Heard::Refund(refund) = heard else { panic!() };
        assert_eq!((refund.order_no, refund.merchant, refund.currency), (Stated::Ours, Stated::Ours, Stated::Ours));
        assert_eq!(refund.gateway_refund_no.as_deref(), Some("5000"));
    }
    // Printed without an envelope the fields stand outside (2.6): an envelope that names no success is none.
    for question in [Asked::Refund, Asked::RefundQuery].map(|call| exchange(call, "micropay")) {
        assert!(KIT.hear_value(&question, &bare).proves(&question));
        let heard = KIT.hear_value(&question, &json!({"message": "success", "data": bare}));
        assert_eq!(heard, Heard::Nothing(Unreadable::BadField("code".into())));
    }
    bare["refund_fee"] = json!("1251");
    assert_eq!(KIT.hear_value(&order, &bare), Heard::Nothing(Unreadable::WrongSignature));
    seal(&mut bare);
    assert!(KIT.hear_value(&order, &bare).contradicts(&order));
    // Without a state a refund that names itself is taken on; a question about it is not answered by that.
    let stateless = with(fields.clone(), &json!({"refund_status": ""}));
    let heard = KIT.hear_value(&order, &answer(&stateless));
    assert!(matches!(&heard, Heard::Refund(_)) && !heard.proves(&order), "{heard:?}");
    let nameless = with(stateless.clone(), &json!({"out_refund_no": null}));
    let question = exchange(Asked::RefundQuery, "micropay");
    for (order, fields) in [(&order, &nameless), (&question, &stateless), (&question, &nameless)] {
        assert_eq!(KIT.hear_value(order, &answer(fields)), Heard::Nothing(Unreadable::NoState));
    }
}
