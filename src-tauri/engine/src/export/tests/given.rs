//! Lines whose cells a spreadsheet would spoil.

use crate::export::sums::{Sum, Sums};
use crate::export::{OrderLine, RefundLine};
use crate::reading::EventLine;
use crate::view::refunds::RefundView;
use crate::view::{BackElsewhere, Item, Mark, OrderView};
use serde_json::value::RawValue;
use till_core::money::Currency;
use till_core::order::parts::Parts;
use till_core::order::refund::RefundState;
use till_core::order::{Attention, State};

/// Texts that look like something else.
const HOSTILE: [&str; 18] = [
    "=1+1",
    "+86 139",
    "-2+3",
    "@SUM(A1)",
    "\tx",
    "4200001234567890123456789012",
    "练习 🧾, \"店\"",
    "two\nlines, 'quoted'",
    "_x0041_ & <b>",
    "  spaces  ",
    "2026-01-05T10:42:00+08:00",
    "00123",
    "12E5",
    "1E5",
    "123456789012E3",
    "12/3",
    "'=Lin",
    "4711",
];

pub(super) fn order(order_no: &str, state: State, currency: Currency, parts: Parts) -> OrderLine {
    let paid = state == State::Paid;
    OrderLine {
        order: OrderView {
            order_no: order_no.to_owned(),
            sale: "S06G3A9QZ".to_owned(),
            account: "main".to_owned(),
            channel: "wechat.scan".to_owned(),
            amount: "12.50".to_owned(),
            amount_minor: 1250,
            currency: currency.code().to_owned(),
            state,
            late: paid,
            attention: paid.then_some(Attention::LatePayment),
            attentions: if paid { vec![Attention::LatePayment, Attention::RefundedElsewhere] } else { vec![] },
            mark: (currency == Currency::Hkd).then_some(Mark::Training),
            by_hand: Some("paid 12.50: marked by hand (林 with \"Chan\")".to_owned()),
            qr: Some("weixin://wxpay/bizpayurl?pr=AbCdEf&x=1".to_owned()),
            parameters: None,
            gateway_no: Some("59706a00fd4eb0196a03e898".to_owned()),
            paid_minor: paid.then_some(1250),
            refunded_minor: if paid { 75 } else { 0 },
            refunded_elsewhere: if paid { elsewhere() } else { vec![] },
            beyond_paid_minor: 0,
            elsewhere_marked: false,
            created_at: "2026-01-05T10:42:00.123456+08:00".to_owned(),
            expires_at: "2026-01-05T10:47:00+08:00".to_owned(),
            paid_at: paid.then(|| "2026-01-05T10:43:00+08:00".to_owned()),
            gateway_time: None,
            next_query_at: None,
            reason: None,
            items: vec![Item { id: "=tea".to_owned(), quantity: 2, amount_minor: 1250 }],
        },
        gateway: "pooul".to_owned(),
        wallet_no: Some("4200001234567890123456789012".to_owned()),
        day: "2026-01-05".to_owned(),
        sold_by: "林小姐".to_owned(),
        parts,
        currency,
    }
}

/// Two refunds of somebody else's, the first with a number that a spreadsheet would calculate.
fn elsewhere() -> Vec<BackElsewhere> {
    let back = |refund_no: &str, amount: &str, amount_minor| BackElsewhere {
        refund_no: refund_no.to_owned(),
        amount: amount.to_owned(),
        amount_minor,
    };
    vec![back("=EX1", "3.00", 300), back("EX2", "0.25", 25)]
}

pub(super) fn orders() -> Vec<OrderLine> {
    let parts = Parts { customer_paid_minor: Some(1_000), received_minor: None, discount_minor: Some(250) };
    vec![
        order("TK06G3A9QZ07H3PX0123456789AB", State::Paid, Currency::Cny, parts),
        order("TK06G3A9QZ07H3PX0123456789AC", State::Closed, Currency::Cny, Parts::default()),
        // The largest that a cell can hold as a number, and one that it cannot.
        OrderLine {
            order: OrderView {
                amount_minor: 999_999_999_999_999,
                refunded_minor: 1_000_000_000_000_000,
                ..order("TK3", State::Drafted, Currency::Hkd, Parts::default()).order
            },
            ..order("TK3", State::Drafted, Currency::Hkd, Parts { received_minor: Some(0), ..Parts::default() })
        },
    ]
}

pub(super) fn refunds() -> Vec<RefundLine> {
    let refund = |(at, reason): (usize, &&str)| RefundLine {
        refund: RefundView {
            refund_no: format!("TR06G3A9QZ07H3PX0123456789{at:02}"),
            order_no: "TK06G3A9QZ07H3PX0123456789AB".to_owned(),
            account: "main".to_owned(),
            channel: "wechat.scan".to_owned(),
            amount: "2.50".to_owned(),
            amount_minor: 250,
            currency: "CNY".to_owned(),
            state: RefundState::Unknown,
            reason: (*reason).to_owned(),
            by: "Lin".to_owned(),
            second: None,
            items: vec![],
            gateway_refund_no: Some((*reason).to_owned()),
            said: None,
            requested_at: "2026-01-05T10:42:00+08:00".to_owned(),
            sent_at: None,
            ended_at: None,
            may_succeed_until: None,
            next_query_at: None,
            unanswered: 0,
            trouble: None,
            can_send_again: None,
            can_be_made_anew: false,
            can_withdraw: false,
            can_be_marked: false,
            mark: None,
            by_hand: None,
        },
        day: "2026-02-28".to_owned(),
        currency: Currency::Cny,
    };
    HOSTILE.iter().enumerate().map(refund).collect()
}

pub(super) fn events() -> Vec<EventLine> {
    let event = |seq: u64, json: &str| EventLine {
        till_id: "T1".to_owned(),
        seq,
        subject: Some("order/TK1".to_owned()),
        subject_seq: Some(1),
        at: Some("2026-01-05T10:42:00+08:00".to_owned()),
        day: Some("2026-01-05".to_owned()),
        actor: Some("operator:林".to_owned()),
        event: Some(RawValue::from_string(json.to_owned()).unwrap()),
        hash: Some("1234567890".repeat(6) + "1234"),
        fault: None,
    };
    vec![event(1, r#"{"v":1,"body":"=1+1 \"茶\" 🍵"}"#), event(12_345_678_901, "{}")]
}

pub(super) fn sums() -> Vec<Sum> {
    let mut sums = Sums::default();
    let known = Parts { customer_paid_minor: Some(1_000), received_minor: None, discount_minor: Some(250) };
    let whole = Parts { customer_paid_minor: Some(1_250), ..Parts::default() };
    sums.add(&order("TK1", State::Paid, Currency::Cny, known));
    sums.add(&order("TK2", State::Paid, Currency::Cny, whole));
    sums.add(&order("TK3", State::Closed, Currency::Cny, Parts::default()));
    sums.add(&order("TK4", State::Paid, Currency::Hkd, Parts::default()));
    sums.all()
}
