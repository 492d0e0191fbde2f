//! Interfaces 1, 2 and 6 (004:29-102, 004:226-258) and rulings 19, 20 and 23: what the gateway asks of its partner, signed here by
//! hand, and what an opponent makes of it.

use super::openssl::{skill, tsk};
use super::{DATETIME, SKILL, account, header, header_by, keys};
use crate::given::{ORDER_NO, REFUND_NO, dealing, with};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use till_core::account::Account;
use till_core::gateway::partner::{
    CallSays, Interface, NotTaken, PartnerOrder, Partnering, RefundNotice, Reply, ShipNotice, Why, fingerprint,
};
use till_core::gateway::refund::RefundState;
use till_core::gateway::{Unreadable, named};
use till_core::order::DisputeReason;
use till_core::order::event::Item;
use till_core::order::report::{Stated, TradeState};

pub(super) const TOKEN: &str = "用户 token/1";

fn partnering() -> &'static dyn Partnering {
    named("dingdang").unwrap().partnering().unwrap()
}

/// The fields of 004:41-53, with the line that it prints (004:47) and another one.
pub(super) fn create() -> Value {
    json!({
        "skillId": SKILL, "userToken": TOKEN,
        "details": [
            { "itemId": "123456", "quantity": 1, "amount": 100 },
            { "itemId": "茶", "quantity": 3, "amount": 1150 }
        ],
        "totalAmt": 1250, "nonceStr": "O2r8GjZ46e",
    })
}

/// 004:84-91.
fn ship() -> Value {
    json!({
        "skillId": SKILL, "userToken": TOKEN, "transactionId": "1000", "tradeNo": ORDER_NO, "totalAmt": 1250,
        "nonceStr": "O2r8GjZ46e",
    })
}

/// 004:238-249.
fn refund() -> Value {
    json!({
        "skillId": SKILL, "transactionId": "1000", "tradeNo": ORDER_NO, "refundTransactionId": "5000",
        "refundTradeNo": REFUND_NO, "totalAmt": 1250, "refundAmt": 250, "refundStatus": "SUCCESS",
        "refundStatusDesc": "退款成功", "nonceStr": "O2r8GjZ46e",
    })
}

pub(super) const CALLS: [(Interface, fn() -> Value); 3] =
    [(Interface::Create, create), (Interface::Ship, ship), (Interface::Refund, refund)];

pub(super) fn read_by(
    account: &Account,
    interface: Interface,
    header: Option<&str>,
    body: &[u8],
) -> Result<(CallSays, Vec<u8>), NotTaken> {
    let call = partnering().read_call(dealing(account, &keys()), interface, header, body)?;
    Ok((call.says, call.kept))
}

fn read(interface: Interface, fields: &Value) -> Result<CallSays, NotTaken> {
    let body = fields.to_string().into_bytes();
    read_by(&account(), interface, Some(&header(&body, DATETIME)), &body).map(|(says, _)| says)
}

pub(super) fn order(fields: &Value) -> PartnerOrder {
    match read(Interface::Create, fields) {
        Ok(CallSays::Order(order)) => order,
        other => panic!("{other:?}"),
    }
}

fn notice(fields: &Value) -> ShipNotice {
    match read(Interface::Ship, fields) {
        Ok(CallSays::Ship(notice)) => notice,
        other => panic!("{other:?}"),
    }
}

fn refund_notice(fields: &Value) -> RefundNotice {
    match read(Interface::Refund, fields) {
        Ok(CallSays::Refund(notice)) => notice,
        other => panic!("{other:?}"),
    }
}

fn bad(name: &str) -> NotTaken {
    NotTaken::Unread(Unreadable::BadField(name.into()))
}

#[test]
fn other_gateways_ask_nothing_of_a_partner() {
    for gateway in ["pooul", "jubao", "blueocean"] {
        assert!(named(gateway).unwrap().partnering().is_none(), "{gateway}");
    }
}

#[test]
fn ruling_20_an_order_is_read_with_its_lines_whose_amounts_add_up() {
    let read = order(&create());
    assert_eq!((read.amount.minor, read.amount.currency.code()), (1250, "CNY"));
    let item = |id: &str, quantity, amount_minor| Item { id: id.into(), quantity, amount_minor };
    assert_eq!(read.items, [item("123456", 1, 100), item("茶", 3, 1150)], "the quantity is not multiplied");
    assert_eq!(read.customer, fingerprint(&account(), TOKEN));
    // Numbers come as texts, too, and fields may be added (004:25).
    let texts = json!([{ "itemId": 123_456, "quantity": "1", "amount": "1250", "colour": "red" }]);
    let read = order(&with(create(), &json!({ "details": texts, "totalAmt": "1250", "fieldOfNextYear": [1] })));
    assert_eq!(read.items, [item("123456", 1, 1250)]);
}

#[test]
fn ruling_20_an_order_that_does_not_add_up_or_lacks_something_is_none() {
    for name in ["skillId", "userToken", "totalAmt", "nonceStr"] {
        for nothing in [Value::Null, json!(""), json!([]), json!({})] {
            let read = read(Interface::Create, &with(create(), &json!({ name: nothing })));
            assert_eq!(read, Err(bad(name)), "{name} {nothing}");
        }
    }
    for (name, value) in [
        ("totalAmt", json!(1251)),
        ("totalAmt", json!(1249)),
        ("totalAmt", json!(0)),
        ("totalAmt", json!(-1250)),
        ("totalAmt", json!(12.5)),
        ("totalAmt", json!("12.50")),
        ("totalAmt", json!(1e3)),
        ("skillId", json!("another")),
        ("nonceStr", json!("n".repeat(33))),
    ] {
        let read = read(Interface::Create, &with(create(), &json!({ name: value })));
        assert_eq!(read, Err(bad(name)), "{name} {value}");
    }
    for (sum, taken) in [(5_000_000, true), (5_000_001, false), (i64::MAX, false)] {
        let line = json!([{ "itemId": "a", "quantity": 1, "amount": sum }]);
        let read = read(Interface::Create, &with(create(), &json!({ "details": line, "totalAmt": sum })));
        assert_eq!(read.is_ok(), taken, "{sum}: {read:?}");
    }
    let lines = |lines: Value| read(Interface::Create, &with(create(), &json!({ "details": lines })));
    for none in [json!([]), Value::Null, json!("")] {
        assert_eq!(lines(none), Err(bad("totalAmt")), "no lines add up to something");
    }
    for odd in [json!({}), json!([1]), json!("[]"), json!([[]])] {
        assert_eq!(lines(odd), Err(bad("details")));
    }
    for (name, value) in [
        ("itemId", json!("")),
        ("itemId", json!("i".repeat(33))),
        ("itemId", json!(["a"])),
        ("quantity", json!(0)),
        ("quantity", json!(-1)),
        ("quantity", json!(1.5)),
        ("quantity", json!(2_147_483_648_u32)),
        ("amount", json!(-1250)),
        ("amount", json!(1250.0)),
        ("amount", Value::Null),
    ] {
        let line = with(json!({ "itemId": "a", "quantity": 1, "amount": 1250 }), &json!({ name: value }));
        assert_eq!(lines(json!([line])), Err(bad(name)), "{name} {value}");
    }
    let huge = json!({ "itemId": "a", "quantity": 1, "amount": i64::MAX });
    assert_eq!(lines(json!([huge, huge])), Err(bad("totalAmt")), "beyond counting");
}

#[test]
fn ruling_20_the_same_order_has_one_identity_and_every_other_another() {
    let ours = order(&create()).identity;
    // The order of fields, numbers as texts and what is added do not make another order of it.
    let mut turned = Map::new();
    let fields = create();
    for (name, value) in fields.as_object().unwrap().iter().rev() {
        turned.insert(name.clone(), value.clone());
    }
    assert_eq!(order(&turned.into()).identity, ours);
    assert_eq!(order(&with(create(), &json!({ "totalAmt": "1250", "more": 1 }))).identity, ours);
    let line = |id: &str, quantity: u32, amount: u32| json!({ "itemId": id, "quantity": quantity, "amount": amount });
    let mut seen = vec![ours];
    for other in [
        json!({ "userToken": "用户 token/2" }),
        json!({ "nonceStr": "O2r8GjZ46f" }),
        json!({ "details": [line("茶", 3, 1150), line("123456", 1, 100)] }),
        json!({ "details": [line("123456", 2, 100), line("茶", 3, 1150)] }),
        json!({ "details": [line("123456", 1, 101), line("茶", 3, 1149)] }),
        json!({ "details": [line("12345", 1, 100), line("茶", 3, 1150)] }),
        json!({ "details": [line("茶", 3, 1250)] }),
    ] {
        let identity = order(&with(create(), &other)).identity;
        assert!(!seen.contains(&identity), "{other}");
        seen.push(identity);
    }
    let body = create().to_string().into_bytes();
    let other = Account { id: "a2".into(), ..account() };
    let read = read_by(&other, Interface::Create, Some(&header(&body, DATETIME)), &body);
    assert!(matches!(read, Ok((CallSays::Order(order), _)) if order.identity != ours), "another account's");
}

#[test]
fn ruling_19_a_ship_notice_reports_a_payment_held_against_skill_customer_amount_and_the_number_that_is_known() {
    let customer = fingerprint(&account(), TOKEN);
    let report = notice(&ship()).report(Some(SKILL), &customer, None);
    assert!(report.proves_paid(1250) && !report.proves_paid(1251));
    assert_eq!((report.state, report.gateway_no.as_deref()), (TradeState::Paid, Some("1000")));
    assert_eq!((report.merchant, report.customer), (Stated::Ours, Stated::Ours));
    let known = |number| notice(&ship()).report(Some(SKILL), &customer, Some(number));
    assert!(known("1000").proves_paid(1250) && known("1000").contradiction(1250).is_none());
    assert!(!known("1001").proves_paid(1250));
    assert_eq!(known("1001").contradiction(1250), Some(DisputeReason::Number));
    for (name, value) in [("skillId", json!("another")), ("userToken", json!("u2")), ("totalAmt", json!(1251))] {
        let report = notice(&with(ship(), &json!({ name: value }))).report(Some(SKILL), &customer, None);
        assert!(!report.proves_paid(1250) && report.contradiction(1250).is_some(), "{name}");
    }
    for name in ["skillId", "userToken", "transactionId", "tradeNo", "totalAmt", "nonceStr"] {
        for nothing in [Value::Null, json!(""), json!([1])] {
            assert_eq!(read(Interface::Ship, &with(ship(), &json!({ name: nothing }))), Err(bad(name)), "{name}");
        }
    }
    for odd in ["TK/1", "TK 1", &"T".repeat(33)] {
        assert_eq!(read(Interface::Ship, &with(ship(), &json!({ "tradeNo": odd }))), Err(bad("tradeNo")));
    }
}

#[test]
fn a_refund_notice_says_of_our_refund_what_a_refundquery_would_and_of_another_that_money_is_back() {
    for (word, state) in
        [("PROCESSING", RefundState::Processing), ("SUCCESS", RefundState::Succeeded), ("FAIL", RefundState::Failed)]
    {
        let notice = refund_notice(&with(refund(), &json!({ "refundStatus": word })));
        let report = notice.of_refund(Some(SKILL), ORDER_NO);
        assert_eq!((report.state, report.gateway_refund_no.as_deref()), (state, Some("5000")));
        assert!(report.is_ours(250) && !report.is_ours(251));
    }
    let notice = refund_notice(&refund());
    assert!(notice.of_refund(Some(SKILL), "TK2").contradicts(250), "the refund of another order");
    assert!(notice.of_refund(Some("another"), ORDER_NO).contradicts(250));
    let beyond = refund_notice(&with(refund(), &json!({ "refundAmt": 1251 })));
    assert!(beyond.of_refund(Some(SKILL), ORDER_NO).contradicts(250), "of ours, more than was paid is seen");
    assert!(beyond.contradicts_itself() && !notice.contradicts_itself());
    let report = notice.of_order(Some(SKILL), Some("1000")).expect("money is back");
    assert_eq!((report.state, report.amount_minor), (TradeState::Refunded, Some(1250)));
    assert_eq!(report.contradiction(1250), None);
    let other = notice.of_order(Some(SKILL), Some("1001")).expect("money is back");
    assert_eq!(other.contradiction(1250), Some(DisputeReason::Number));
    let names = [
        "skillId",
        "transactionId",
        "tradeNo",
        "refundTransactionId",
        "refundTradeNo",
        "totalAmt",
        "refundAmt",
        "nonceStr",
    ];
    for name in names {
        assert_eq!(read(Interface::Refund, &with(refund(), &json!({ name: null }))), Err(bad(name)), "{name}");
    }
    for (refunded, taken) in [(1, true), (1250, true), (0, false), (1251, true)] {
        for word in ["PROCESSING", "SUCCESS", "FAIL"] {
            let fields = with(refund(), &json!({ "refundAmt": refunded, "refundStatus": word }));
            let read = read(Interface::Refund, &fields);
            assert_eq!(read.err(), (!taken).then(|| bad("refundAmt")), "{refunded} {word}");
        }
    }
    let odd = read(Interface::Refund, &with(refund(), &json!({ "refundStatus": "OK" })));
    assert_eq!(odd, Err(NotTaken::Unread(Unreadable::UnknownWord("OK".into()))));
}

#[test]
fn nothing_is_read_before_the_signature_is_right_and_from_just_now() {
    for (interface, fields) in CALLS {
        let body = fields().to_string().into_bytes();
        let right = header(&body, DATETIME);
        let unverified =
            |account: &Account, header: Option<&str>, body: &[u8]| match read_by(account, interface, header, body) {
                Err(NotTaken::Unverified(why)) => why,
                other => panic!("{interface:?} {other:?}"),
            };
        let account = account();
        assert!(read_by(&account, interface, Some(&right), &body).is_ok());
        assert_eq!(unverified(&account, None, &body), Unreadable::Unsigned);
        let forged = [
            header_by(skill(), &body, DATETIME),
            header(b"{}", DATETIME),
            right.replace("T000000Z", "T000001Z"),
            right.replace("TSK-RSA2", "TSK-HMAC-SHA256-BASIC"),
            right.replace("Signature=", "Signature=A"),
            "TSK-RSA2 Datetime=20260101T000000Z, Signature=".into(),
            String::new(),
        ];
        for header in &forged {
            assert_eq!(unverified(&account, Some(header), &body), Unreadable::WrongSignature, "{header}");
        }
        let mut other = body.clone();
        other.push(b' ');
        assert_eq!(unverified(&account, Some(&right), &other), Unreadable::WrongSignature, "not even a space");
        // 3 minutes either way, and no second more.
        for (datetime, off_s) in [
            ("20251231T235700Z", None),
            ("20260101T000300Z", None),
            ("20251231T235659Z", Some(181)),
            ("20260101T000301Z", Some(181)),
            ("20260101T010000Z", Some(3_600)),
        ] {
            let read = read_by(&account, interface, Some(&header(&body, datetime)), &body);
            let stale = off_s.map(|off_s| NotTaken::Unverified(Unreadable::Stale(off_s)));
            assert_eq!(read.err(), stale, "{datetime}");
        }
        let no_time = header(&body, "now");
        assert_eq!(unverified(&account, Some(&no_time), &body), Unreadable::BadField("Datetime".into()));
        let mut without = account.clone();
        without.fields.remove("tsk_public_key");
        assert_eq!(unverified(&without, Some(&right), &body), Unreadable::BadField("tsk_public_key".into()));
    }
}

#[test]
fn what_is_signed_and_no_object_of_unlike_names_is_not_read() {
    let sealed = |body: &[u8]| read_by(&account(), Interface::Ship, Some(&header(body, DATETIME)), body);
    let twice = ship().to_string().replacen('{', "{\"totalAmt\":1,", 1);
    assert_eq!(sealed(twice.as_bytes()), Err(NotTaken::Unread(Unreadable::DuplicatedKey)));
    assert_eq!(sealed(b""), Err(NotTaken::Unread(Unreadable::Empty)));
    for body in ["[]", "null", "<html>", "{\"a\":1"] {
        assert_eq!(sealed(body.as_bytes()), Err(NotTaken::Unread(Unreadable::NotJson)), "{body}");
    }
}

#[test]
fn the_customers_token_is_not_kept() {
    for (interface, fields) in CALLS {
        let body = fields().to_string().into_bytes();
        let (_, kept) = read_by(&account(), interface, Some(&header(&body, DATETIME)), &body).unwrap();
        let kept = String::from_utf8(kept).unwrap();
        assert!(!kept.contains(TOKEN) && kept.contains("nonceStr"), "{kept}");
    }
}

#[test]
fn ruling_23_replies_are_signed_in_the_header_of_the_requests_as_openssl_signs() {
    for (reply, fields) in [
        (Reply::Order(ORDER_NO), json!({ "retCode": "SUCCESS", "tradeNo": ORDER_NO })),
        (Reply::Taken, json!({ "retCode": "SUCCESS" })),
        (Reply::Not(Why::UnknownOrder), json!({ "retCode": "FAIL", "retMsg": "订单不存在" })),
    ] {
        let account = account();
        let signed = partnering().reply(dealing(&account, &keys()), &reply).unwrap();
        assert_eq!(serde_json::from_str::<Value>(&signed.body).unwrap(), fields);
        let claimed = signed.authorization.strip_prefix(&format!("TSK-RSA2 Datetime={DATETIME}, Signature="));
        let content = [signed.body.as_bytes(), DATETIME.as_bytes()].concat();
        assert!(skill().openssl_verifies(&content, claimed.unwrap()), "{reply:?}");
    }
    assert_eq!(partnering().turned_away(), r#"{"retCode":"FAIL"}"#);
}

/// A call that openssl itself has signed.
#[test]
fn a_signature_of_openssl_is_taken() {
    let body = create().to_string().into_bytes();
    let signature = tsk().openssl_sign(&[body.as_slice(), DATETIME.as_bytes()].concat());
    let header = format!("TSK-RSA2 Datetime={DATETIME}, Signature={signature}");
    assert!(read_by(&account(), Interface::Create, Some(&header), &body).is_ok());
}

proptest! {
    #[test]
    fn a_body_with_other_bytes_is_never_verified(
        which in 0..3_usize,
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        how in 0..4_u8,
    ) {
        let (interface, fields) = CALLS[which];
        let mut body = fields().to_string().into_bytes();
        let (signed, right) = (body.clone(), header(&body, DATETIME));
        let at = at.index(body.len());
        match how {
            0 => body[at] = byte,
            1 => body.insert(at, byte),
            2 => drop(body.remove(at)),
            _ => body.truncate(at),
        }
        prop_assume!(body != signed);
        let read = read_by(&account(), interface, Some(&right), &body);
        prop_assert_eq!(read, Err(NotTaken::Unverified(Unreadable::WrongSignature)));
    }

    #[test]
    fn nothing_signed_panics(body in "[\\[\\]{}\":,a0-9.e\\\\u n]{0,60}", which in 0..3_usize) {
        let (interface, _) = CALLS[which];
        let _ = read_by(&account(), interface, Some(&header(body.as_bytes(), DATETIME)), body.as_bytes());
    }
}
