//! Gateways.md section 7 as far as it speaks of reading Pooul's answers: rulings 1 to 7 and 12.

use super::{
    AGENT_KEY, ENVELOPE, MERCHANT, account_with, answer, asked, both_keys, exchange, keys, paid, pays, report,
};
use super::{KIT, signature, with};
use crate::exchange::{Asked, Heard};
use serde_json::{Value, json};
use till_core::account::{Account, Keys};
use till_core::gateway::bridge::Bridge;
use till_core::gateway::call::HttpAnswer;
use till_core::gateway::{Dealing, Read, Subject, Unreadable};
use till_core::order::report::{Signature, Stated, TradeReport, TradeState};
use till_core::order::{Attention, State};

// Ruling 1: `contradictions::contradiction_6_and_ruling_1_the_currency_has_two_names_and_three_words`.

#[test]
fn ruling_2_the_merchant_is_compared_where_it_is_stated() {
    assert_eq!(report(&paid()).merchant, Stated::Ours);
    for nothing in [Value::Null, json!("")] {
        let fields = with(paid(), &json!({"merchant_id": nothing}));
        assert_eq!(report(&fields).merchant, Stated::Not);
        assert!(pays(&fields));
    }
    let other = with(paid(), &json!({"merchant_id": "7551000001"}));
    assert_eq!(report(&other).merchant, Stated::Other("7551000001".into()));
    assert!(!pays(&other));
}

#[test]
fn ruling_3_other_states_need_neither_number_nor_amount_but_must_not_contradict() {
    let order = exchange(Asked::Query, "wechat.scan");
    for (state, expected) in [
        (1, TradeState::Refunded),
        (2, TradeState::Unpaid),
        (3, TradeState::Closed),
        (4, TradeState::Reversed),
        (6, TradeState::Paying),
    ] {
        let bare = json!({"merchant_id": MERCHANT, "nonce_str": "n", "trade_state": state});
        let signature = Some(Signature::Verified);
        let expected = TradeReport { merchant: Stated::Ours, signature, ..TradeReport::of(expected) };
        assert_eq!(report(&bare), expected);
        for (name, value) in [("total_fee", json!(1)), ("mch_trade_id", json!("another")), ("fee_type", json!("HKD"))] {
            assert!(asked(&with(bare.clone(), &json!({name: value}))).contradicts(&order), "{state} {name}");
        }
    }
}

#[test]
fn ruling_4_another_result_code_beside_state_0_contradicts_itself() {
    let order = exchange(Asked::Query, "wechat.scan");
    for code in [json!(1), json!("1"), json!(-1), json!("FAIL"), json!("00")] {
        let fields = with(paid(), &json!({"result_code": code}));
        let text = code.as_str().map_or_else(|| code.to_string(), str::to_owned);
        assert_eq!(report(&fields).contradicts_itself, Some(text));
        assert!(!pays(&fields) && !asked(&fields).contradicts(&order));
    }
    for code in [json!(0), json!("0"), json!(""), Value::Null] {
        assert_eq!(report(&with(paid(), &json!({"result_code": code}))).contradicts_itself, None);
    }
    let unpaid = with(paid(), &json!({"result_code": 1, "trade_state": 2}));
    assert_eq!(report(&unpaid).contradicts_itself, None);
    let odd = asked(&with(paid(), &json!({"result_code": [0]})));
    assert_eq!(odd, Heard::Nothing(Unreadable::BadField("result_code".into())));
}

#[test]
fn ruling_5_a_refunded_order_was_paid_and_is_booked_with_attention_though_nothing_else_is_stated() {
    let awaiting = KIT.awaiting(&exchange(Asked::Query, "wechat.scan"));
    let bare = json!({"merchant_id": MERCHANT, "nonce_str": "n"});
    for word in [json!(1), json!("1"), json!("REFUND")] {
        for fields in [paid(), bare.clone()] {
            let refunded = report(&with(fields, &json!({"trade_state": word})));
            assert_eq!((refunded.state, refunded.shortcoming()), (TradeState::Refunded, None), "{word}");
            let after = awaiting.hearing(&refunded);
            assert_eq!((after.order.state, after.paid_minor()), (State::Paid, Some(1250)), "{word}");
            assert!(after.order.attention.contains(&Attention::RefundedElsewhere), "{word}");
        }
    }
}

#[test]
fn ruling_6_a_number_of_the_gateway_is_adopted_only_beside_our_own() {
    let order = exchange(Asked::Create, "wechat.scan");
    let created = |data: &Value| match KIT.hear_value(&order, &answer(data)) {
        Heard::Created(created) => created.gateway_no,
        other => panic!("{other:?}"),
    };
    let ours = json!({"code_url": "weixin://x", "trade_id": "5970", "mch_trade_id": order.order_no});
    assert_eq!(created(&ours).as_deref(), Some("5970"));
    assert_eq!(created(&json!({"code_url": "weixin://x", "trade_id": "5970"})), None);
    let endless = with(ours, &json!({"trade_id": "5".repeat(65)}));
    assert_eq!(created(&endless), None);
}

fn flat(fields: &Value, without: &[&str], key: &str) -> Value {
    let mut whole = with(json!({"code": "0", "msg": "OK", "version": "2.0", "sign_type": "MD5"}), fields);
    let sign = signature(whole.as_object().unwrap(), key, without);
    whole["sign"] = json!(sign);
    whole
}

#[test]
fn ruling_7_a_reply_without_data_is_read_where_its_signature_verifies() {
    let order = exchange(Asked::Query, "wechat.scan");
    for without in [&[][..], &ENVELOPE] {
        let whole = flat(&paid(), without, super::KEY);
        assert!(KIT.hear_value(&order, &whole).pays(&order));
        for nothing in [Value::Null, json!("")] {
            assert!(KIT.hear_value(&order, &with(whole.clone(), &json!({"data": nothing}))).pays(&order));
        }
        let wrong = with(whole.clone(), &json!({"total_fee": 1251}));
        assert_eq!(KIT.hear_value(&order, &wrong), Heard::Nothing(Unreadable::WrongSignature));
        let unsigned = with(whole, &json!({"sign": null}));
        assert_eq!(KIT.hear_value(&order, &unsigned), Heard::Nothing(Unreadable::Unsigned));
    }
    let foreign = flat(&paid(), &[], "another key");
    assert_eq!(KIT.hear_value(&order, &foreign), Heard::Nothing(Unreadable::WrongSignature));
    for data in [json!("text"), json!([paid()]), json!(1)] {
        let heard = KIT.hear_value(&order, &with(answer(&paid()), &json!({"data": data})));
        assert_eq!(heard, Heard::Nothing(Unreadable::BadField("data".into())));
    }
}

#[test]
fn ruling_7_the_signature_may_stand_inside_data() {
    let order = exchange(Asked::Query, "wechat.scan");
    let mut whole = answer(&paid());
    let sign = whole["sign"].take();
    assert_eq!(KIT.hear_value(&order, &whole), Heard::Nothing(Unreadable::Unsigned));
    whole["data"]["sign"] = sign;
    assert!(KIT.hear_value(&order, &whole).pays(&order));
    whole["data"]["sign"] = json!("00000000000000000000000000000000");
    assert_eq!(KIT.hear_value(&order, &whole), Heard::Nothing(Unreadable::WrongSignature));
    // Fields beside `data` are not signed and not read.
    let beside = with(answer(&json!({"merchant_id": MERCHANT})), &paid());
    assert_eq!(KIT.hear_value(&order, &beside), Heard::Nothing(Unreadable::NoState));
}

#[test]
fn ruling_7_objects_are_left_out_of_the_signature_and_never_decide() {
    let order = exchange(Asked::Query, "wechat.scan");
    let mut whole = answer(&paid());
    whole["data"]["pay_info"] = json!({"appId": "x"});
    assert!(KIT.hear_value(&order, &whole).pays(&order));
    for name in ["trade_state", "mch_trade_id", "total_fee", "merchant_id", "fee_type", "result_code"] {
        let mut smuggled = answer(&with(paid(), &json!({name: null})));
        smuggled["data"][name] = json!({"x": 1});
        let heard = KIT.hear_value(&order, &smuggled);
        assert_eq!(heard, Heard::Nothing(Unreadable::BadField(name.into())), "{name}");
    }
}

fn hear_as(account: &Account, keys: &Keys, whole: &Value) -> Read<TradeReport> {
    let order = exchange(Asked::Query, "qq.jsapi");
    let subject = Subject { order_no: &order.order_no, channel: order.channel, gateway_no: None };
    let answer = HttpAnswer {
        status: 200,
        body: whole.to_string().into_bytes(),
        date: None,
        retry_after: None,
        authorization: None,
    };
    KIT.gateway().read_query(Dealing { account, keys, nonce: "n", seconds: 0 }, &subject, &answer)
}

#[test]
fn rulings_24_and_25_what_a_create_gave_for_a_bridge_is_told_with_it() {
    let bridge = json!({"tokenId": "0V41", "pubAccHint": "", "pubAcc": ""}).to_string();
    let trade = json!({"tradeNO": "2018"}).to_string();
    let link = "https://pay.example.com/1";
    for (channel, fields, expected) in [
        ("qq.jsapi", json!({"pay_info": bridge, "token_id": "0V42"}), (Some(bridge.as_str()), Some(Bridge::Qq))),
        ("qq.jsapi", json!({"pay_info": bridge, "pay_url": link}), (Some(&bridge), Some(Bridge::Qq))),
        ("qq.jsapi", json!({"token_id": "0V42"}), (Some("0V42"), Some(Bridge::Qq))),
        ("qq.jsapi", json!({"pay_info": "{}", "token_id": "0V42"}), (Some("0V42"), Some(Bridge::Qq))),
        ("qq.jsapi", json!({"pay_info": "余额不足"}), (Some("余额不足"), None)),
        ("alipay.jsapi", json!({"pay_info": trade, "token_id": "1376"}), (Some(&trade), Some(Bridge::Alipay))),
        ("alipay.jsapi", json!({"Token_Id": "1376"}), (Some("1376"), Some(Bridge::Alipay))),
        ("alipay.jsapi", json!({"token_id": "1376", "pay_url": link}), (Some("1376"), None)),
        ("wechat.jsurl", json!({"token_id": "1170", "pay_url": link}), (Some("1170"), None)),
        ("qq.jsapi", json!({}), (None, None)),
    ] {
        let heard = KIT.hear_value(&exchange(Asked::Create, channel), &answer(&fields));
        let Heard::Created(created) = heard else { panic!("{channel} {fields}: {heard:?}") };
        assert_eq!((created.pay_info.as_deref(), created.bridge), expected, "{channel} {fields}");
    }
}

#[test]
fn ruling_12_answers_are_believed_with_either_key_where_an_agent_stands_between() {
    let with_agent = account_with(&[("sign_agentno", "A1")]);
    let mut by_agent = answer(&paid());
    by_agent["sign"] = json!(signature(by_agent["data"].as_object().unwrap(), AGENT_KEY, &[]));
    let wrong = Read::Unreadable(Unreadable::WrongSignature);
    assert!(matches!(hear_as(&with_agent, &both_keys(), &by_agent), Read::Means(_)));
    assert!(matches!(hear_as(&with_agent, &both_keys(), &answer(&paid())), Read::Means(_)));
    // Without the agent's number its key counts for nothing, and without any key nothing is believed.
    assert_eq!(hear_as(&account_with(&[]), &both_keys(), &by_agent), wrong);
    assert_eq!(hear_as(&with_agent, &keys(), &by_agent), wrong);
    assert_eq!(hear_as(&with_agent, &Keys::default(), &by_agent), wrong);
}
