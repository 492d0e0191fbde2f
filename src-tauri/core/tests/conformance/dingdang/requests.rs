//! What leaves for Dingdang: bodies, headers, and what is refused before anything leaves.

use super::openssl::skill;
use super::{DATETIME, KIT, account, account_with, dealing, keys, keys_from};
use crate::given::{NONCE, ORDER_NO, REFUND_NO};
use serde_json::{Value, json};
use till_core::account::Keys;
use till_core::gateway::call::HttpCall;
use till_core::gateway::refund::{RefundIntent, RefundSubject};
use till_core::gateway::{AdoptBy, Dealing, Subject, Unbuildable};
use till_core::money::{Currency, Money};
use till_core::order::event::Item;

fn subject(order_no: &str) -> Subject<'_> {
    Subject { order_no, channel: KIT.channel("voice"), gateway_no: Some("1000") }
}

fn fen(minor: i64) -> Money {
    Money { minor, currency: Currency::Cny }
}

fn item(id: &str, quantity: u32, amount_minor: i64) -> Item {
    Item { id: id.into(), quantity, amount_minor }
}

fn intent<'a>(amount: i64, reason: &'a str, items: &'a [Item]) -> RefundIntent<'a> {
    let order = subject(ORDER_NO);
    RefundIntent { refund_no: REFUND_NO, order, paid: fen(1250), amount: fen(amount), reason, items }
}

fn query(order_no: &str) -> Result<HttpCall, Unbuildable> {
    KIT.gateway().query(dealing(&account(), &keys()), &subject(order_no))
}

fn refund(intent: &RefundIntent<'_>) -> Result<HttpCall, Unbuildable> {
    KIT.gateway().refunding().unwrap().refund(dealing(&account(), &keys()), intent)
}

fn look(by: AdoptBy<'_>) -> Result<HttpCall, Unbuildable> {
    KIT.gateway().adopting().unwrap().look(dealing(&account(), &keys()), by)
}

fn body(call: &HttpCall) -> Value {
    serde_json::from_slice(&call.body).unwrap()
}

/// The header's time and signature.
fn sealed(call: &HttpCall) -> (&str, &str) {
    let [("authorization", header)] = call.headers.as_slice() else { panic!("{} headers", call.headers.len()) };
    let (datetime, signature) = header.strip_prefix("TSK-RSA2 Datetime=").unwrap().split_once(", Signature=").unwrap();
    (datetime, signature)
}

#[test]
fn every_call_is_what_the_document_lists() {
    let items = [item("123456", 2, 400), item("拿铁", 1, 100)];
    let subject = RefundSubject { refund_no: REFUND_NO, order: subject("TK01"), amount: fen(500) };
    let refund_query = KIT.gateway().refunding().unwrap().query_refund(dealing(&account(), &keys()), &subject);
    let common = json!({"skillId": "8d0e1e2c4b5a", "nonceStr": NONCE});
    for (call, path, expected) in [
        (query(ORDER_NO), "orderquery", json!({"tradeNo": ORDER_NO})),
        (look(AdoptBy::TradeNo("Shop0042")), "orderquery", json!({"tradeNo": "Shop0042"})),
        (look(AdoptBy::TransactionId("1000-17")), "orderquery", json!({"transactionId": "1000-17"})),
        (refund_query, "refundquery", json!({"refundTradeNo": REFUND_NO})),
        (
            refund(&intent(500, "客人退货", &items)),
            "refund",
            json!({
                "tradeNo": ORDER_NO, "refundTradeNo": REFUND_NO, "totalAmt": 1250, "refundAmt": 500,
                "refundDesc": "客人退货", "refundDetails": [
                    {"itemId": "123456", "quantity": 2, "amount": 400}, {"itemId": "拿铁", "quantity": 1, "amount": 100}
                ]
            }),
        ),
    ] {
        let call = call.unwrap();
        let mut expected = expected;
        expected.as_object_mut().unwrap().extend(common.as_object().unwrap().clone());
        assert_eq!(body(&call), expected);
        assert_eq!(call.url, format!("https://aiwx.html5.qq.com/paycgi/{path}"));
        assert_eq!(call.content_type, "application/json;charset=UTF-8");
        let (datetime, signature) = sealed(&call);
        assert_eq!(datetime, DATETIME);
        let content = [call.body.as_slice(), DATETIME.as_bytes()].concat();
        assert!(skill().openssl_verifies(&content, signature), "{path}");
        assert_eq!(signature, skill().openssl_sign(&content), "{path}");
    }
}

#[test]
fn a_key_signs_alike_in_both_of_its_forms() {
    let items = [item("拿铁", 1, 500)];
    let by = |pem: &str| {
        let (account, keys) = (account(), keys_from(pem));
        let refunding = KIT.gateway().refunding().unwrap();
        refunding.refund(dealing(&account, &keys), &intent(500, "天虹龙华店-退货", &items)).unwrap()
    };
    let (old, new) = (by(&skill().pkcs1), by(&skill().pkcs8));
    assert!(String::from_utf8_lossy(&old.body).contains("天虹龙华店"));
    assert_eq!(old, new);
    let content = [old.body.as_slice(), DATETIME.as_bytes()].concat();
    assert_eq!(sealed(&old).1, skill().openssl_sign(&content));
    // What was signed is what leaves, at the moment that the header names.
    let elsewhere = [old.body.as_slice(), b"20260101T000001Z"].concat();
    assert!(!skill().openssl_verifies(&elsewhere, sealed(&old).1));
}

#[test]
fn nothing_leaves_without_key_skill_and_numbers_that_fit() {
    let (account, keys) = (account(), keys());
    let gateway = KIT.gateway();
    let fine = subject("TK01");
    assert_eq!(
        gateway.query(dealing(&account, &Keys::default()), &fine),
        Err(Unbuildable::Secret("skill_private_key"))
    );
    let mut damaged = Keys::default();
    damaged.insert("skill_private_key", b"no key".to_vec().into());
    assert_eq!(gateway.query(dealing(&account, &damaged), &fine), Err(Unbuildable::Secret("skill_private_key")));
    let nobody = account_with(&[("skill_id", "")]);
    assert_eq!(gateway.query(dealing(&nobody, &keys), &fine), Err(Unbuildable::AccountField("skill_id")));
    for nonce in ["", "0123456789abcdefghijklmnopqrstuvw"] {
        let odd = Dealing { nonce, ..dealing(&account, &keys) };
        assert_eq!(gateway.query(odd, &fine), Err(Unbuildable::BadValue("nonceStr")));
    }
    let never = Dealing { seconds: i64::MAX, ..dealing(&account, &keys) };
    assert_eq!(gateway.query(never, &fine), Err(Unbuildable::BadValue("Datetime")));
    let long = "1".repeat(33);
    for odd in ["", "TK_1", "TK-1", "单号", "TK 1", long.as_str()] {
        assert_eq!(query(odd), Err(Unbuildable::BadValue("tradeNo")), "{odd}");
        assert_eq!(look(AdoptBy::TradeNo(odd)), Err(Unbuildable::BadValue("tradeNo")), "{odd}");
        let items = [item("1", 1, 500)];
        let odd_refund = RefundIntent { refund_no: odd, ..intent(500, "", &items) };
        assert_eq!(refund(&odd_refund), Err(Unbuildable::BadValue("refundTradeNo")), "{odd}");
        let odd_order = RefundIntent { order: subject(odd), ..intent(500, "", &items) };
        assert_eq!(refund(&odd_order), Err(Unbuildable::BadValue("tradeNo")), "{odd}");
    }
    for odd in ["", "1 0", "单号", long.as_str()] {
        assert_eq!(look(AdoptBy::TransactionId(odd)), Err(Unbuildable::BadValue("transactionId")), "{odd}");
    }
    assert!(query(&"1".repeat(32)).is_ok() && look(AdoptBy::TransactionId(&"1".repeat(32))).is_ok());
}

#[test]
fn a_refund_is_of_this_order_s_money_and_no_more() {
    let items = [item("1", 1, 1251)];
    for (paid, amount, expected) in [
        (fen(0), fen(1), "totalAmt"),
        (Money { minor: 1250, currency: Currency::Hkd }, fen(1), "totalAmt"),
        (fen(1250), fen(0), "refundAmt"),
        (fen(1250), fen(-1), "refundAmt"),
        (fen(1250), fen(1251), "refundAmt"),
        (fen(1250), Money { minor: 1250, currency: Currency::Hkd }, "refundAmt"),
    ] {
        let odd = RefundIntent { paid, amount, ..intent(1, "", &items) };
        assert_eq!(refund(&odd), Err(Unbuildable::BadValue(expected)), "{paid:?} {amount:?}");
    }
}

#[test]
fn ruling_21_a_refund_needs_lines_that_add_up_to_it() {
    let line = |minor: i64| item("1", 1, minor);
    for items in [
        vec![],
        vec![line(499)],
        vec![line(501)],
        vec![line(400), line(99)],
        vec![line(600), line(-100)],
        vec![line(i64::MAX), line(i64::MAX), line(502)],
        // The quantity is not multiplied (ruling 20).
        vec![item("1", 2, 250)],
    ] {
        assert_eq!(refund(&intent(500, "", &items)), Err(Unbuildable::RefundLines), "{items:?}");
    }
    // A full refund takes all lines; a partial one those that go back.
    let all = [item("1", 3, 900), item("2", 1, 350)];
    assert_eq!(body(&refund(&intent(1250, "", &all)).unwrap())["refundDetails"].as_array().unwrap().len(), 2);
    assert_eq!(body(&refund(&intent(350, "", &all[1..])).unwrap())["refundDetails"][0]["amount"], 350);
    for (odd, expected) in [
        (item("", 1, 500), "itemId"),
        (item(&"品".repeat(33), 1, 500), "itemId"),
        (item("1", 0, 500), "quantity"),
        (item("1", u32::MAX, 500), "quantity"),
    ] {
        assert_eq!(refund(&intent(500, "", &[odd])), Err(Unbuildable::BadValue(expected)));
    }
    assert!(refund(&intent(500, "", &[item(&"品".repeat(32), 1, 500)])).is_ok());
}

#[test]
fn contradiction_42_a_reason_that_the_gateway_may_not_take_is_refused() {
    let items = [item("1", 1, 500)];
    let sent = |reason: &str| body(&refund(&intent(500, reason, &items)).unwrap())["refundDesc"].clone();
    assert_eq!(sent(" 客人退货 "), "客人退货");
    assert_eq!(sent(&"x".repeat(64)), "x".repeat(64));
    // 21 characters of three bytes fit, whatever the document counts.
    assert_eq!(sent(&"退".repeat(21)), "退".repeat(21));
    assert_eq!(sent("  "), Value::Null);
    for long in ["x".repeat(65), "退".repeat(22)] {
        assert_eq!(refund(&intent(500, &long, &items)), Err(Unbuildable::BadValue("refundDesc")));
    }
}
