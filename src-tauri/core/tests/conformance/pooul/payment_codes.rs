//! Payment codes: gateways.md 1.3 to 1.5, ruling 14.

use super::requests::{fields, full_account};
use super::{KEY, KIT, MERCHANT, account_with, answer, exchange, keys, signature, with};
use crate::exchange::{Asked, Exchange, Heard};
use crate::given::{ORDER_NO, dealing, extra};
use secrecy::SecretString;
use serde_json::{Map, Value, json};
use till_core::gateway::descriptor::{FieldKind, PAYMENT_CODE_EXPIRE_S, PAYMENT_CODE_PLAN, Presented};
use till_core::gateway::reaction::{Reaction, Said};
use till_core::gateway::{CreateIntent, ReverseOutcome, Subject, Unbuildable, Unreadable};
use till_core::order::DisputeReason;
use till_core::order::asking::Terms;
use till_core::order::report::{TradeReport, TradeState};

const CHANNELS: [&str; 3] = ["wechat.micro", "alipay.micro", "qq.micro"];
pub(super) const CODE: &str = "134567890123456789";

fn send(channel: &str, code: Option<&str>, pairs: &[(&str, &str)]) -> Result<Map<String, Value>, Unbuildable> {
    let (extra, account, keys) = (extra(pairs), full_account(), keys());
    let code = code.map(SecretString::from);
    let intent = CreateIntent { payment_code: code.as_ref(), ..KIT.intent(channel, &extra) };
    let creating = KIT.gateway().creating().unwrap();
    creating.create(dealing(&account, &keys), &intent).map(|call| fields(&call))
}

#[test]
fn a_payment_code_goes_out_signed_and_without_a_notification_address() {
    for channel in CHANNELS {
        let sent = send(channel, Some(CODE), &[]).unwrap();
        assert_eq!((&sent["pay_type"], &sent["auth_code"]), (&json!(channel), &json!(CODE)));
        assert_eq!(sent["sign"], json!(signature(&sent, KEY, &[])), "{channel}");
        assert!(!sent.contains_key("notify_url"), "{channel}: it notifies nobody");
        assert!(sent["time_start"].is_i64() && sent["time_expire"].is_i64(), "ruling 13: {channel}");
        assert_eq!(sent.contains_key("subject"), channel == "alipay.micro", "{channel}");
    }
    let nameless = account_with(&[("notify_url", "")]);
    let (extra, keys, code) = (extra(&[]), keys(), SecretString::from(CODE));
    let dealing = dealing(&nameless, &keys);
    let plain = CreateIntent { payment_code: Some(&code), ..KIT.intent("wechat.micro", &extra) };
    assert!(KIT.gateway().creating().unwrap().create(dealing, &plain).is_ok(), "it needs none either");
}

/// The public document's sample has 300 s between the two. The till's own 30 s are over before a gateway hears of them whose clock
/// is ahead by more, and WeChat wants more than a minute.
#[test]
fn rulings_13_and_14_a_payment_code_does_not_expire_at_the_gateway_when_the_till_stops_waiting() {
    let (extra, account, keys, code) = (extra(&[]), full_account(), keys(), SecretString::from(CODE));
    for channel in CHANNELS {
        let lasts = |patience: i64| {
            let plain = KIT.intent(channel, &extra);
            let time_expire = plain.time_start + patience;
            let intent = CreateIntent { payment_code: Some(&code), time_expire, ..plain };
            KIT.build(&account, &keys, &intent).map(|call| {
                let sent = fields(&call);
                sent["time_expire"].as_i64().unwrap() - sent["time_start"].as_i64().unwrap()
            })
        };
        assert_eq!(lasts(PAYMENT_CODE_EXPIRE_S.into()), Ok(300), "{channel}");
        assert_eq!(lasts(600), Ok(600), "{channel}: what the cashier sets may be longer");
        assert_eq!(lasts(0), Err(Unbuildable::BadValue("time_expire")), "{channel}");
    }
}

#[test]
fn what_is_no_payment_code_is_refused_before_anything_is_sent() {
    for channel in CHANNELS {
        for odd in [
            None,
            Some(""),
            Some("12345678901"),
            Some("123456789012345678901234567890123"),
            Some("13456789012345678a"),
            Some("１３４５６７８９０１２３４５６７８９"),
            Some("1345678901 2345678"),
            Some("weixin://wxpay/bizpayurl"),
        ] {
            assert_eq!(send(channel, odd, &[]), Err(Unbuildable::PaymentCode), "{channel} {odd:?}");
        }
        for fine in ["123456789012", CODE, "2838123456789012345678901", "12345678901234567890123456789012"] {
            assert_eq!(send(channel, Some(fine), &[]).unwrap()["auth_code"], json!(fine));
        }
    }
}

#[test]
fn a_device_is_mandatory_for_alipay_and_qq_and_a_scene_is_alipays_alone() {
    let (account, keys, extra, code) = (full_account(), keys(), extra(&[]), SecretString::from(CODE));
    for channel in CHANNELS {
        let unnamed = CreateIntent { device_info: "", payment_code: Some(&code), ..KIT.intent(channel, &extra) };
        let dealing = dealing(&account, &keys);
        let built = KIT.gateway().creating().unwrap().create(dealing, &unnamed);
        assert_eq!(built.is_ok(), channel == "wechat.micro", "{channel}");
        assert!(built.is_ok() || built == Err(Unbuildable::BadValue("device_info")), "{channel}");
        let scene = send(channel, Some(CODE), &[("scene", "wave_code")]);
        if channel == "alipay.micro" {
            assert_eq!(scene.unwrap()["scene"], json!("wave_code"));
            assert!(!send(channel, Some(CODE), &[]).unwrap().contains_key("scene"));
        } else {
            assert_eq!(scene, Err(Unbuildable::BadExtra("scene".into())), "{channel}");
        }
    }
    let odd = send("alipay.micro", Some(CODE), &[("scene", "face")]);
    assert_eq!(odd, Err(Unbuildable::NoChoice { field: "scene", choices: &["bar_code", "wave_code"] }));
}

#[test]
fn a_payment_code_is_printed_by_nothing() {
    let (account, keys, extra, code) = (full_account(), keys(), extra(&[]), SecretString::from(CODE));
    let intent = CreateIntent { payment_code: Some(&code), ..KIT.intent("wechat.micro", &extra) };
    let dealing = dealing(&account, &keys);
    let call = KIT.gateway().creating().unwrap().create(dealing, &intent).unwrap();
    assert!(!format!("{intent:?} {call:?}").contains(CODE));
}

fn order(channel: &str) -> Exchange {
    exchange(Asked::Create, channel)
}

/// What a create hears in signed `data` beside our number.
fn heard(data: &Value) -> Heard {
    let ours = with(json!({"mch_trade_id": ORDER_NO, "merchant_id": MERCHANT, "trade_id": "59ba26b7"}), data);
    KIT.hear_value(&order("qq.micro"), &answer(&ours))
}

fn report(data: &Value) -> TradeReport {
    match heard(data) {
        Heard::Created(created) => {
            assert_eq!((created.link, created.pay_info, created.parameters), (None, None, None));
            assert_eq!(created.gateway_no.as_deref(), Some("59ba26b7"));
            created.report.unwrap()
        }
        other => panic!("{other:?}"),
    }
}

fn is_asked_about(data: &Value) {
    let heard = heard(data);
    let asks = matches!(
        heard,
        Heard::Says(Said { reaction: Reaction::Ask | Reaction::AwaitsCustomer, .. }) | Heard::Nothing(_)
    );
    assert!(asks, "{data}: {heard:?}");
}

#[test]
fn a_customer_who_has_yet_to_confirm_is_told_from_a_no() {
    let told = |data: &Value| match heard(data) {
        Heard::Says(said) => said.reaction,
        other => panic!("{other:?}"),
    };
    let refused = json!({"result_code": 1, "need_query": "Y", "err_code": "SYSTEMERROR", "trade_state": -1});
    assert_eq!(told(&refused), Reaction::Ask);
    for waits in [json!({"err_code": "USERPAYING"}), json!({"trade_state": 6}), json!({"trade_state": "USERPAYING"})] {
        assert_eq!(told(&with(refused.clone(), &waits)), Reaction::AwaitsCustomer, "{waits}");
    }
}

#[test]
fn with_result_code_0_the_state_says_what_became_of_it() {
    for (word, state) in [
        (json!(0), TradeState::Paid),
        (json!("SUCCESS"), TradeState::Paid),
        (json!(2), TradeState::Unpaid),
        (json!(6), TradeState::Paying),
        (json!(7), TradeState::Failed),
        (json!(3), TradeState::Closed),
        (json!(4), TradeState::Reversed),
    ] {
        let report = report(&json!({"result_code": 0, "trade_state": word, "total_fee": 1250}));
        assert_eq!((report.state, report.declined), (state, false), "{word}");
    }
    let paid = heard(&json!({"result_code": "0", "trade_state": "0", "total_fee": "1250", "fee_type": "CNY"}));
    assert!(paid.pays(&order("qq.micro")));
    for word in [Value::Null, json!(""), json!(5), json!(-1), json!(8), json!("成功")] {
        is_asked_about(&json!({"result_code": 0, "trade_state": word, "total_fee": 1250}));
    }
}

#[test]
fn only_a_plain_no_that_needs_no_query_is_a_definite_failure() {
    let declined = json!({"result_code": 1, "need_query": "N", "err_code": "X", "err_msg": "付款码已失效"});
    let failed = report(&declined);
    let why = Said::new(Reaction::Refused, "X", Some("付款码已失效"));
    assert_eq!((failed.state, failed.said), (TradeState::Failed, Some(why)), "its words are quoted");
    for state in [json!(-1), json!(2), json!(7), json!("PAYERROR"), json!("NOTPAY"), json!(3), Value::Null] {
        assert_eq!(
            report(&with(declined.clone(), &json!({"trade_state": state}))).state,
            TradeState::Failed,
            "{state}"
        );
    }
    for need in [Value::Null, json!(""), json!("Y"), json!("n"), json!("NO"), json!(0), json!(false)] {
        is_asked_about(&with(declined.clone(), &json!({"need_query": need})));
    }
    // Money that moved, or may be moving, contradicts a failure.
    for state in [json!(0), json!("SUCCESS"), json!(1), json!(4), json!(5), json!(6), json!("USERPAYING"), json!(9)] {
        is_asked_about(&with(declined.clone(), &json!({"trade_state": state})));
    }
    // A failure that does not say whose it is fails nobody.
    let nobodys = json!({"result_code": 1, "need_query": "N", "merchant_id": MERCHANT});
    let heard = KIT.hear_value(&order("qq.micro"), &answer(&nobodys));
    assert!(matches!(heard, Heard::Says(Said { reaction: Reaction::Ask, .. })), "{heard:?}");
    for (name, value) in [("mch_trade_id", "another"), ("merchant_id", "another"), ("total_fee", "9")] {
        let other = self::heard(&with(declined.clone(), &json!({name: value})));
        assert_eq!(other, Heard::Nothing(Unreadable::BadField(name.into())));
    }
}

#[test]
fn contradiction_7_without_result_code_a_paid_state_is_asked_about_at_once_and_proves_nothing() {
    for state in [json!(0), json!("SUCCESS")] {
        let stated = report(&json!({"trade_state": state, "total_fee": 1250, "fee_type": "CNY"}));
        assert!(!stated.proves_paid(1250) && stated.contradiction(1250).is_none(), "{stated:?}");
        assert_eq!(stated.shortcoming(), Some(DisputeReason::Itself), "which is asked about at once");
    }
    for state in [json!(2), json!(3), json!(4), json!(6), json!(7)] {
        is_asked_about(&json!({"trade_state": state, "total_fee": 1250}));
    }
    let odd = heard(&json!({"trade_state": 0, "total_fee": 1250, "fee_type": "HKD"}));
    assert!(odd.contradicts(&order("qq.micro")), "ruling 1: {odd:?}");
    // What the question brings needs no such field (000:269 prints none either).
    let question = KIT.hear_value(
        &exchange(Asked::Query, "qq.micro"),
        &answer(&json!({
            "mch_trade_id": ORDER_NO, "merchant_id": MERCHANT, "trade_state": 0, "total_fee": 1250
        })),
    );
    assert!(question.pays(&exchange(Asked::Query, "qq.micro")), "{question:?}");
}

#[test]
fn an_unsigned_error_ends_no_payment_code() {
    for (code, reaction) in [("600", Reaction::Upstream), ("601", Reaction::Upstream), ("7", Reaction::Ask)] {
        let whole = json!({"code": code, "msg": "付款码无效", "data": {"result_code": 1, "need_query": "N"}});
        let heard = KIT.hear_value(&order("wechat.micro"), &whole);
        assert_eq!(heard, Heard::Says(Said::new(reaction, code, Some("付款码无效"))));
    }
}

#[test]
fn state_7_ends_a_payment_code_and_not_a_code_on_our_screen() {
    let failed = |channel| match KIT.hear_value(&exchange(Asked::Query, channel), &answer(&json!({"trade_state": 7}))) {
        Heard::Report(report) => (report.state, report.declined),
        other => panic!("{other:?}"),
    };
    assert_eq!(failed("wechat.micro"), (TradeState::Failed, false));
    assert_eq!(failed("wechat.scan"), (TradeState::Unpaid, true));
}

#[test]
fn ruling_14_payment_codes_keep_their_rhythm_and_reverse_only_by_the_merchants_word() {
    let descriptor = KIT.gateway().descriptor();
    for name in CHANNELS {
        let channel = KIT.channel(name);
        assert_eq!(channel.presented, Presented::Consumer);
        assert_eq!((channel.plan, channel.expire_s), (Some(PAYMENT_CODE_PLAN), Some(PAYMENT_CODE_EXPIRE_S)));
        for (fields, reverses) in
            [(&[][..], false), (&[("micro_reverse", "no")], false), (&[("micro_reverse", "yes")], true)]
        {
            let terms = Terms::of(descriptor, &account_with(fields), channel);
            assert_eq!(terms.reverse_floor.is_some(), reverses, "{name} {fields:?}");
            assert!(terms.close_floor.is_some());
        }
    }
    assert_eq!((PAYMENT_CODE_PLAN.young_ms, PAYMENT_CODE_EXPIRE_S), (5_000, 30), "5 s, six times");
    let switch = descriptor.fields.iter().find(|field| field.name == "micro_reverse").unwrap();
    assert_eq!(switch.kind, FieldKind::YesNo);
    let help = switch.help.unwrap();
    assert!(help.zh_cn.contains("推测") && help.zh_hk.contains("推測") && help.en.contains("guess"));
}

#[test]
fn a_reverse_goes_to_a_guessed_address_by_our_number_and_says_only_what_cannot_be_mistaken() {
    let (account, keys) = (full_account(), keys());
    let dealing = dealing(&account, &keys);
    let subject = Subject { order_no: ORDER_NO, channel: KIT.channel("wechat.micro"), gateway_no: Some("59706a") };
    let call = KIT.gateway().reversing().unwrap().reverse(dealing, &subject).unwrap();
    assert_eq!(call.url, "https://gateway.pooulcloud.cn/paygate/merchant_info/reverse");
    let sent = fields(&call);
    let names: Vec<&str> = sent.keys().map(String::as_str).collect();
    assert_eq!(names, ["mch_trade_id", "merchant_id", "nonce_str", "sign", "sign_type"]);
    assert_eq!(sent["sign"], json!(signature(&sent, KEY, &[])));

    let order = exchange(Asked::Reverse, "wechat.micro");
    let heard = |data: Value| KIT.hear_value(&order, &answer(&data));
    for state in [json!(4), json!("REVERSE"), json!(3)] {
        assert_eq!(heard(json!({"trade_state": state})), Heard::Reverse(ReverseOutcome::Reversed));
        assert_eq!(heard(json!({"trade_state": state, "result_code": 1})), Heard::Reverse(ReverseOutcome::Refused));
    }
    for state in [json!(0), json!(2), json!(5), json!(6), json!("REVOK")] {
        assert!(heard(json!({"trade_state": state})).is_unreadable(), "{state}");
    }
    assert_eq!(heard(json!({"result_code": 0, "mch_trade_id": ORDER_NO})), Heard::Nothing(Unreadable::NoState));
}
