//! Contradictions 40 to 42 of gateways.md section 4, and rulings 22 and 23 of section 7 (21: `requests`).
//!
//! Contradiction 40 is in `replies` too, for the place of a reply's signature. Rulings 19 and 20 speak of calls to the merchant.

use super::{KIT, answer_with, exchange, given_back, hear, paid, report, with};
use crate::exchange::{Asked, Exchange, Heard};
use serde_json::{Value, json};
use till_core::gateway::Unreadable;
use till_core::gateway::reaction::{Reaction, Said};
use till_core::gateway::refund::RefundState;
use till_core::order::report::{Stated, TradeState};

fn bad(name: &str) -> Heard {
    Heard::Nothing(Unreadable::BadField(name.into()))
}

#[test]
fn paid_carries_our_number_the_amount_and_our_skill() {
    let order = exchange(Asked::Query);
    assert!(hear(Asked::Query, &paid()).pays(&order));
    for nothing in [Value::Null, json!("")] {
        assert_eq!(hear(Asked::Query, &with(paid(), &json!({"skillId": nothing}))), bad("skillId"));
        for name in ["tradeNo", "totalAmt"] {
            assert!(!hear(Asked::Query, &with(paid(), &json!({name: nothing}))).pays(&order), "{name}");
        }
        // Other states need none of it.
        let unpaid = with(paid(), &json!({"skillId": nothing, "totalAmt": nothing, "tradeStatus": "NOTPAY"}));
        assert_eq!(report(&unpaid).state, TradeState::Unpaid);
    }
    let foreign = hear(Asked::Query, &with(paid(), &json!({"skillId": "another"})));
    assert!(foreign.contradicts(&order) && !foreign.pays(&order));
}

#[test]
fn money_is_back_with_our_number_the_amount_and_our_skill() {
    let refund = exchange(Asked::RefundQuery);
    assert!(hear(Asked::RefundQuery, &given_back()).proves(&refund));
    for nothing in [Value::Null, json!("")] {
        for name in ["skillId", "refundAmt"] {
            assert_eq!(hear(Asked::RefundQuery, &with(given_back(), &json!({name: nothing}))), bad(name));
        }
        let unnamed = hear(Asked::RefundQuery, &with(given_back(), &json!({"refundTradeNo": nothing})));
        assert!(!unnamed.proves(&refund) && !unnamed.contradicts(&refund));
    }
}

/// The document heads this answer with the sentence of the partner's acknowledgement (004:204). It is the gateway's own all the
/// same: an acknowledgement proves nothing, and an envelope beyond `retCode` decides nothing.
#[test]
fn contradiction_40_the_answer_to_a_refund_query_is_the_gateways_and_no_acknowledgement() {
    let refund = exchange(Asked::RefundQuery);
    assert!(matches!(hear(Asked::RefundQuery, &json!({"retCode": "SUCCESS"})), Heard::Nothing(_)));
    assert!(hear(Asked::RefundQuery, &given_back()).proves(&refund));
    for beyond in [json!({"code": 500}), json!({"ret": 1, "message": "x"}), json!({"data": {"retCode": "FAIL"}})] {
        assert!(hear(Asked::RefundQuery, &with(given_back(), &beyond)).proves(&refund), "{beyond}");
        let order = exchange(Asked::Query);
        assert!(hear(Asked::Query, &with(paid(), &beyond)).pays(&order), "{beyond}");
    }
}

#[test]
fn contradiction_41_success_accepts_a_refund_and_never_gives_money_back() {
    let refund = exchange(Asked::Refund);
    // Even a status beside it is not what was asked for.
    for status in [Value::Null, json!("PROCESSING"), json!("SUCCESS"), json!("FAIL")] {
        let heard = hear(Asked::Refund, &with(given_back(), &json!({"refundStatus": status})));
        let Heard::Refund(report) = &heard else { panic!("{heard:?}") };
        assert_eq!(report.state, RefundState::Processing);
        assert_eq!(report.gateway_refund_no.as_deref(), Some("5000"));
        assert!(!heard.proves(&refund) && !heard.contradicts(&refund));
    }
    assert_eq!(hear(Asked::Refund, &with(given_back(), &json!({"refundTradeNo": null}))), bad("refundTradeNo"));
    assert_eq!(hear(Asked::Refund, &with(given_back(), &json!({"totalAmt": 1251}))), bad("totalAmt"));
    assert_eq!(hear(Asked::Refund, &json!({"retCode": "SUCCESS"})), bad("refundTradeNo"));
    for (name, value) in [("refundTradeNo", json!("TR2")), ("refundAmt", json!(1)), ("tradeNo", json!("TK2"))] {
        assert!(hear(Asked::Refund, &with(given_back(), &json!({name: value}))).contradicts(&refund), "{name}");
    }
}

#[test]
fn contradiction_41_no_word_says_closed_or_refunded() {
    for (word, expected) in [
        ("NOTPAY", TradeState::Unpaid),
        ("PROCESSING", TradeState::Paying),
        ("SUCCESS", TradeState::Paid),
        ("FAIL", TradeState::Failed),
    ] {
        assert_eq!(report(&with(paid(), &json!({"tradeStatus": word}))).state, expected);
    }
    for word in ["CLOSED", "REFUND", "REVOKED", "USERPAYING"] {
        let heard = hear(Asked::Query, &with(paid(), &json!({"tradeStatus": word})));
        assert_eq!(heard, Heard::Nothing(Unreadable::UnknownWord(word.into())));
    }
}

#[test]
fn contradiction_42_texts_longer_than_documented_are_borne() {
    let long = "支付成功".repeat(100);
    let fields = with(paid(), &json!({"retMsg": long, "tradeStatusDesc": long}));
    assert!(hear(Asked::Query, &fields).pays(&exchange(Asked::Query)));
    let fields = with(given_back(), &json!({"retMsg": [long], "refundStatusDesc": {"text": long}}));
    assert!(hear(Asked::RefundQuery, &fields).proves(&exchange(Asked::RefundQuery)));
    // What is quoted is cut to what a screen can show.
    let heard = hear(Asked::Query, &json!({"retCode": "FAIL", "retMsg": long}));
    assert_eq!(heard, Heard::Says(Said::new(Reaction::Ask, "FAIL", Some(&long))));
    assert!(matches!(heard, Heard::Says(said) if said.text.as_ref().is_some_and(|text| text.chars().count() == 200)));
}

#[test]
fn contradiction_42_an_amount_is_as_long_as_a_long_and_no_longer() {
    for (amount, minor) in [(json!(i64::MAX), i64::MAX), (json!("9223372036854775807"), i64::MAX), (json!(1), 1)] {
        assert_eq!(report(&with(paid(), &json!({"totalAmt": amount}))).amount_minor, Some(minor), "{amount}");
    }
    let beyond = 1_u64 << 63;
    for amount in [json!(beyond), json!(beyond.to_string())] {
        assert_eq!(hear(Asked::Query, &with(paid(), &json!({"totalAmt": amount}))), bad("totalAmt"));
        assert_eq!(hear(Asked::RefundQuery, &with(given_back(), &json!({"refundAmt": amount}))), bad("refundAmt"));
    }
}

#[test]
fn ruling_23_fail_is_unknown_whatever_was_asked() {
    for asked in [Asked::Query, Asked::Look, Asked::Refund, Asked::RefundQuery] {
        for beside in [json!({}), paid(), given_back()] {
            let fields = with(beside, &json!({"retCode": "FAIL", "retMsg": "订单不存在"}));
            assert_eq!(hear(asked, &fields), Heard::Says(Said::new(Reaction::Ask, "FAIL", Some("订单不存在"))));
        }
        for (code, expected) in [
            (json!("OK"), Heard::Nothing(Unreadable::UnknownWord("OK".into()))),
            (json!("success"), Heard::Nothing(Unreadable::UnknownWord("success".into()))),
            (json!(0), Heard::Nothing(Unreadable::UnknownWord("0".into()))),
            (Value::Null, bad("retCode")),
            (json!(["SUCCESS"]), bad("retCode")),
        ] {
            assert_eq!(hear(asked, &with(paid(), &json!({"retCode": code}))), expected);
        }
    }
}

#[test]
fn ruling_22_there_is_nothing_to_sell_close_or_reverse_with() {
    let gateway = KIT.gateway();
    assert!(gateway.creating().is_none() && gateway.closing().is_none() && gateway.reversing().is_none());
    assert!(gateway.adopting().is_some());
}

/// A look by one of the two numbers.
fn look(by_gateway_no: bool) -> Exchange {
    Exchange { by_gateway_no, gateway_no: Some("1000".to_owned()), ..exchange(Asked::Look) }
}

#[test]
fn ruling_22_an_order_is_taken_in_by_either_number() {
    for by_gateway_no in [false, true] {
        let look = look(by_gateway_no);
        let heard = KIT.hear_signed(&look, &paid());
        let Heard::Adopted(adopted) = &heard else { panic!("{heard:?}") };
        assert_eq!((adopted.order_no.as_str(), adopted.amount.minor), ("TK01JB2W3Y4Z5A6B7C8D9E", 1250));
        assert_eq!(adopted.report.order_no, Stated::Ours);
        assert_eq!(adopted.report.gateway_no.as_deref(), Some("1000"));
        assert!(heard.pays(&look));
        for nothing in [Value::Null, json!("")] {
            for name in ["tradeNo", "totalAmt", "skillId"] {
                let fields = with(paid(), &json!({name: nothing}));
                assert_eq!(KIT.hear_signed(&look, &fields), bad(name));
            }
        }
        for (name, value) in [
            ("skillId", json!("another")),
            ("totalAmt", json!(0)),
            ("tradeNo", json!("TK_1")),
            ("tradeNo", json!("1".repeat(33))),
        ] {
            assert_eq!(KIT.hear_signed(&look, &with(paid(), &json!({name: value}))), bad(name), "{value}");
        }
    }
    // The answer must be about the number that was asked for; the other one is what it tells.
    assert_eq!(KIT.hear_signed(&look(false), &with(paid(), &json!({"tradeNo": "Shop42"}))), bad("tradeNo"));
    let other = with(paid(), &json!({"transactionId": "1001"}));
    assert_eq!(KIT.hear_signed(&look(true), &other), bad("transactionId"));
    assert_eq!(KIT.hear_signed(&look(true), &with(paid(), &json!({"transactionId": null}))), bad("transactionId"));
    let heard = KIT.hear_signed(&look(true), &with(paid(), &json!({"tradeNo": "Shop42"})));
    assert!(matches!(heard, Heard::Adopted(adopted) if adopted.order_no == "Shop42"));
}

#[test]
fn ruling_22_every_state_is_taken_in_as_it_is() {
    for (word, expected) in [
        ("NOTPAY", TradeState::Unpaid),
        ("PROCESSING", TradeState::Paying),
        ("SUCCESS", TradeState::Paid),
        ("FAIL", TradeState::Failed),
    ] {
        let heard = KIT.hear_signed(&look(false), &with(paid(), &json!({"tradeStatus": word})));
        assert!(matches!(&heard, Heard::Adopted(adopted) if adopted.report.state == expected), "{heard:?}");
    }
    let bare = KIT.hear_answer(&look(false), &answer_with(&with(paid(), &json!({"tradeStatus": null})), None));
    assert_eq!(bare, Heard::Nothing(Unreadable::NoState));
}
