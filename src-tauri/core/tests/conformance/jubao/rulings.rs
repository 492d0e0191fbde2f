//! Gateways.md section 7 as far as it speaks of reading Jubao's answers: rulings 2, 5, 6, 9 and 18.

use super::{
    GATEWAY_NO, KEY, KIT, account, answer, asked, created, exchange, keys, made, paid, pays, report, seal, signature,
    with,
};
use crate::exchange::{Asked, Heard};
use serde_json::{Value, json};
use till_core::account::Keys;
use till_core::gateway::call::HttpAnswer;
use till_core::gateway::jubao::Jubao;
use till_core::gateway::{Dealing, Gateway as _, Read, Subject, Unreadable};
use till_core::order::report::{Stated, TradeState};
use till_core::order::{Attention, DisputeReason, State};

#[test]
fn ruling_2_the_merchant_is_compared_where_it_is_stated() {
    assert_eq!(report(&paid()).merchant, Stated::Ours);
    for nothing in [Value::Null, json!("")] {
        let fields = with(paid(), &json!({"mch_id": nothing}));
        assert_eq!(report(&fields).merchant, Stated::Not);
        assert!(pays(&fields));
    }
    let other = with(paid(), &json!({"mch_id": "10502105689002"}));
    assert_eq!(report(&other).merchant, Stated::Other("10502105689002".into()));
    assert!(!pays(&other));
    let elsewhere = made(&with(created(), &json!({"mch_id": "10502105689002"})));
    assert_eq!(elsewhere, Heard::Nothing(Unreadable::BadField("mch_id".into())));
}

#[test]
fn ruling_5_a_refunded_order_was_paid_and_is_booked_with_attention() {
    let refunded = report(&with(paid(), &json!({"status": 3})));
    assert_eq!((refunded.state, refunded.shortcoming()), (TradeState::Refunded, None));
    let after = KIT.awaiting(&exchange(Asked::Query, "201")).hearing(&refunded);
    assert_eq!((after.order.state, after.paid_minor()), (State::Paid, Some(1250)));
    assert!(after.order.attention.contains(&Attention::RefundedElsewhere));
}

/// The documents print both beside every status (2.3): an answer without them may be of any order.
#[test]
fn ruling_5_a_refund_that_names_no_order_or_no_amount_books_nothing() {
    let awaiting = KIT.awaiting(&exchange(Asked::Query, "201"));
    let whole = with(paid(), &json!({"status": 3}));
    let mut incomplete = vec![json!({"status": 3})];
    for name in ["out_trade_no", "total_fee"] {
        incomplete.extend([Value::Null, json!("")].map(|nothing| with(whole.clone(), &json!({name: nothing}))));
    }
    for fields in incomplete {
        let once = awaiting.hearing(&report(&fields));
        assert_eq!((once.order.state, once.order.self_contradictions), (State::AwaitingPayment, 1), "{fields}");
        let twice = once.hearing(&report(&fields));
        assert_eq!((twice.order.state, twice.paid_minor()), (State::Disputed, None), "{fields}");
        assert_eq!(twice.order.dispute, Some(DisputeReason::Incomplete), "{fields}");
        assert_eq!(twice.hearing(&report(&whole)).order.state, State::Paid, "{fields}");
    }
}

#[test]
fn ruling_6_the_number_to_ask_by_is_taken_only_from_an_answer_that_names_our_order() {
    assert_eq!(made(&created()).gateway_no(), Some(GATEWAY_NO));
    // Elsewhere the link is shown without it. Here nothing else can be asked by: what may be another's is not shown, and the
    // order waits for a notification or for a person who knows its number.
    for other in [Value::Null, json!(""), json!("another"), json!([1])] {
        let heard = made(&with(created(), &json!({"out_trade_no": other})));
        assert_eq!(heard, Heard::Nothing(Unreadable::BadField("out_trade_no".into())), "{other}");
    }
    assert_eq!(report(&paid()).gateway_no.as_deref(), Some(GATEWAY_NO));
    for (other, order_no) in [("", Stated::Not), ("another", Stated::Other("another".into()))] {
        let heard = report(&with(paid(), &json!({"out_trade_no": other})));
        assert_eq!((heard.order_no, heard.gateway_no), (order_no, None));
    }
}

#[test]
fn a_code_that_nobody_could_ask_about_is_not_shown() {
    for number in [Value::Null, json!(""), json!("5".repeat(65)), json!([1])] {
        let heard = made(&with(created(), &json!({"order_sn": number})));
        assert_eq!(heard, Heard::Nothing(Unreadable::BadField("order_sn".into())), "{number}");
    }
}

#[test]
fn an_answer_about_another_number_than_was_asked_for_is_none() {
    let other = with(paid(), &json!({"order_sn": "20210223213715012842"}));
    assert_eq!(asked(&other), Heard::Nothing(Unreadable::BadField("order_sn".into())));
    assert!(pays(&with(paid(), &json!({"order_sn": ""}))));
}

#[test]
fn a_signature_that_stands_there_must_be_right() {
    let mut inside = answer(&with(paid(), &json!({"body": "商品", "attach": ""})));
    let order = exchange(Asked::Query, "201");
    seal(&mut inside);
    assert!(KIT.hear_value(&order, &inside).pays(&order));
    for name in ["attach", "body", "total_fee", "status"] {
        let mut without = inside.clone();
        without["data"].as_object_mut().unwrap().remove(name);
        let heard = KIT.hear_value(&order, &without);
        assert_eq!(heard, Heard::Nothing(Unreadable::WrongSignature), "{name}");
    }
    // Without the key nothing can be checked.
    let (account, none) = (account(), Keys::default());
    let subject = Subject { order_no: &order.order_no, channel: order.channel, gateway_no: Some(GATEWAY_NO) };
    let dealing = Dealing { account: &account, keys: &none, nonce: "n", seconds: 0 };
    let read = KIT.gateway().read_query(dealing, &subject, &KIT.sent(inside.to_string().into_bytes()));
    assert_eq!(read, Read::Unreadable(Unreadable::WrongSignature));
}

#[test]
fn a_signature_outside_data_covers_either_the_data_or_the_envelope() {
    let order = exchange(Asked::Query, "201");
    let plain = answer(&paid());
    let of_data = signature(plain["data"].as_object().unwrap(), KEY, false);
    let of_envelope = signature(plain.as_object().unwrap(), KEY, false);
    for sign in [of_data, of_envelope] {
        assert!(KIT.hear_value(&order, &with(plain.clone(), &json!({"sign": sign}))).pays(&order));
        let wrong = with(plain.clone(), &json!({"sign": sign.replace(&sign[..1], "x")}));
        assert_eq!(KIT.hear_value(&order, &wrong), Heard::Nothing(Unreadable::WrongSignature));
    }
    // A right one does not excuse a wrong one.
    let mut both = plain;
    seal(&mut both);
    both["sign"] = json!("00000000000000000000000000000000");
    assert_eq!(KIT.hear_value(&order, &both), Heard::Nothing(Unreadable::WrongSignature));
}

#[test]
fn the_check_of_an_account_says_how_an_answer_is_signed_and_that_one_is_not() {
    let (account, keys) = (account(), keys());
    let dealing = Dealing { account: &account, keys: &keys, nonce: "n", seconds: 0 };
    let reads = |whole: &Value| {
        let body = whole.to_string().into_bytes();
        let heard = HttpAnswer { status: 200, body, date: None, retry_after: None, authorization: None };
        Jubao.signature_reading(dealing, &heard)
    };
    let plain = answer(&paid());
    assert_eq!(reads(&plain), Some("unsigned"));
    assert_eq!(reads(&json!({"ret": 40102, "msg": "no such order"})), Some("unsigned"));
    let mut inside = plain.clone();
    seal(&mut inside);
    assert_eq!(reads(&inside), Some("plain"));
    let of_envelope = signature(plain.as_object().unwrap(), KEY, false);
    assert_eq!(reads(&with(plain.clone(), &json!({"sign": of_envelope}))), Some("plain"));
    assert_eq!(reads(&with(plain, &json!({"sign": "00000000000000000000000000000000"}))), Some("wrong"));
}

#[test]
fn ruling_9_both_readings_of_text_that_is_not_ascii_verify() {
    let order = exchange(Asked::Query, "201");
    for fields in [with(paid(), &json!({"body": "天虹龙华店-食品"})), paid()] {
        for encoded in [false, true] {
            let sign = signature(fields.as_object().unwrap(), KEY, encoded);
            for sign in [sign.to_lowercase(), sign] {
                let heard = KIT.hear_value(&order, &answer(&with(fields.clone(), &json!({"sign": sign}))));
                assert!(heard.pays(&order), "{encoded}: {heard:?}");
            }
        }
        let foreign = signature(fields.as_object().unwrap(), "another key", false);
        let heard = asked(&with(fields, &json!({"sign": foreign})));
        assert_eq!(heard, Heard::Nothing(Unreadable::WrongSignature));
    }
}

#[test]
fn ruling_18_a_signature_covers_unknown_fields_too() {
    let order = exchange(Asked::Query, "201");
    let mut whole = answer(&with(paid(), &json!({"unknown": "x", "nothing": null, "number": 1.50})));
    seal(&mut whole);
    assert!(KIT.hear_value(&order, &whole).pays(&order));
    for name in ["unknown", "nothing", "number"] {
        let mut without = whole.clone();
        without["data"].as_object_mut().unwrap().remove(name);
        let heard = KIT.hear_value(&order, &without);
        assert_eq!(heard, Heard::Nothing(Unreadable::WrongSignature), "{name}");
    }
}
