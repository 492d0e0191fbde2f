//! Refunds on the wire: gateways.md 1.6, ruling 15.

use super::requests::{fields, full_account};
use super::{KEY, KIT, MERCHANT, answer, exchange, keys, signature, with};
use crate::exchange::{Asked, Heard};
use crate::given::{ORDER_NO, REFUND_NO, dealing};
use serde_json::{Map, Value, json};
use till_core::gateway::reaction::Reaction;
use till_core::gateway::refund::{RefundIntent, RefundReport, RefundState, RefundSubject};
use till_core::gateway::{Subject, Unbuildable, Unreadable};
use till_core::money::{Currency, Money};

fn cny(minor: i64) -> Money {
    Money { minor, currency: Currency::Cny }
}

fn order() -> Subject<'static> {
    Subject { order_no: ORDER_NO, channel: KIT.channel("qq.scan"), gateway_no: Some("59706a") }
}

fn refund(refund_no: &str, paid: Money, amount: Money) -> Result<Map<String, Value>, Unbuildable> {
    let (account, keys) = (full_account(), keys());
    let dealing = dealing(&account, &keys);
    let intent = RefundIntent { refund_no, order: order(), paid, amount, reason: "退货", items: &[] };
    KIT.gateway().refunding().unwrap().refund(dealing, &intent).map(|call| {
        assert_eq!(call.url, "https://gateway.pooulcloud.cn/paygate/merchant_info/refund");
        fields(&call)
    })
}

#[test]
fn ruling_15_a_refund_names_both_of_our_numbers_its_amount_and_the_kind_of_signature() {
    let sent = refund(REFUND_NO, cny(1250), cny(300)).unwrap();
    let names: Vec<&str> = sent.keys().map(String::as_str).collect();
    assert_eq!(names, ["mch_refund_id", "mch_trade_id", "merchant_id", "nonce_str", "refund_fee", "sign", "sign_type"]);
    assert_eq!((&sent["mch_refund_id"], &sent["mch_trade_id"]), (&json!(REFUND_NO), &json!(ORDER_NO)));
    assert_eq!((&sent["refund_fee"], &sent["sign_type"]), (&json!(300), &json!("MD5")));
    assert_eq!(sent["sign"], json!(signature(&sent, KEY, &[])));
}

#[test]
fn ruling_15_a_question_about_a_refund_goes_by_our_number_alone() {
    let (account, keys) = (full_account(), keys());
    let dealing = dealing(&account, &keys);
    let subject = RefundSubject { refund_no: REFUND_NO, order: order(), amount: cny(300) };
    let call = KIT.gateway().refunding().unwrap().query_refund(dealing, &subject).unwrap();
    assert_eq!(call.url, "https://gateway.pooulcloud.cn/paygate/merchant_info/refund_query");
    let sent = fields(&call);
    let names: Vec<&str> = sent.keys().map(String::as_str).collect();
    assert_eq!(names, ["mch_refund_id", "merchant_id", "nonce_str", "sign", "sign_type"]);
    assert_eq!((&sent["mch_refund_id"], &sent["sign_type"]), (&json!(REFUND_NO), &json!("MD5")));
    assert_eq!(sent["sign"], json!(signature(&sent, KEY, &[])));
}

#[test]
fn a_refund_that_does_not_fit_is_refused_before_anything_is_sent() {
    for (paid, amount) in [(1250, 0), (1250, -1), (1250, 1251), (0, 1), (1250, i64::MAX)] {
        assert_eq!(refund(REFUND_NO, cny(paid), cny(amount)), Err(Unbuildable::BadValue("refund_fee")), "{amount}");
    }
    let hkd = Money { minor: 300, currency: Currency::Hkd };
    assert_eq!(refund(REFUND_NO, cny(1250), hkd), Err(Unbuildable::BadValue("refund_fee")));
    assert!(refund(REFUND_NO, cny(1250), cny(1250)).is_ok());
    for odd in ["", "TR1", "TR 12345", "TR0123456789012345678901234567890"] {
        assert_eq!(refund(odd, cny(1250), cny(1)), Err(Unbuildable::BadValue("mch_refund_id")), "{odd}");
    }
}

fn heard(asked: Asked, data: &Value) -> Heard {
    let ours =
        json!({"mch_refund_id": REFUND_NO, "mch_trade_id": ORDER_NO, "merchant_id": MERCHANT, "refund_fee": 1250});
    KIT.hear_value(&exchange(asked, "qq.scan"), &answer(&with(ours, data)))
}

fn report(asked: Asked, data: &Value) -> RefundReport {
    match heard(asked, data) {
        Heard::Refund(report) => report,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_refunds_state_has_three_names_and_three_numbers() {
    for asked in [Asked::Refund, Asked::RefundQuery] {
        for name in ["refund_status", "refund_state", "refund_ status"] {
            for (word, state) in [(0, RefundState::Succeeded), (1, RefundState::Processing), (-1, RefundState::Failed)]
            {
                assert_eq!(report(asked, &json!({name: word})).state, state, "{name} {word}");
                assert_eq!(report(asked, &json!({name: word.to_string()})).state, state, "{name} {word}");
            }
            let unknown = heard(asked, &json!({name: 2}));
            assert_eq!(unknown, Heard::Nothing(Unreadable::UnknownWord("2".into())), "2 is a word of v2 alone");
        }
        let two = heard(asked, &json!({"refund_status": 1, "refund_state": 0}));
        assert_eq!(two, Heard::Nothing(Unreadable::BadField("refund_state".into())));
    }
}

#[test]
fn code_0_says_that_a_refund_was_taken_on_and_nothing_of_money() {
    assert_eq!(report(Asked::Refund, &json!({})).state, RefundState::Processing);
    assert_eq!(heard(Asked::RefundQuery, &json!({})), Heard::Nothing(Unreadable::NoState));
    for asked in [Asked::Refund, Asked::RefundQuery] {
        let odd = heard(asked, &json!({"refund_status": 0, "result_code": 1, "err_code": "NOTENOUGH"}));
        assert!(matches!(odd, Heard::Says(ref said) if said.reaction == Reaction::Ask && said.code == "NOTENOUGH"));
    }
}

#[test]
fn an_error_code_of_a_refund_leads_to_a_question_or_a_reaction() {
    for (code, reaction) in [
        (107, Reaction::DuplicateRefund),
        (301, Reaction::NoSuchOrder),
        (600, Reaction::Upstream),
        (601, Reaction::Upstream),
        (101, Reaction::CheckKeys),
        (999, Reaction::Ask),
    ] {
        let said = KIT.hear_value(&exchange(Asked::Refund, "qq.scan"), &json!({"code": code, "msg": "x"}));
        assert!(matches!(said, Heard::Says(ref said) if said.reaction == reaction), "{code}: {said:?}");
    }
}
