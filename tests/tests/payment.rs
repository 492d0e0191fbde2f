//! What makes an order paid, and what never does: the real engine, journal and HTTP against the sandbox.

use till_core::order::{Attention, DisputeReason, EndReason, State};
use till_core::rights::Actor;
use till_engine::view::LiveOrder;
use till_sandbox::{CurrencyWord, Dialect, Fault, Operation, Scope, TimeWord};
use till_tests::counter::Counter;

fn queries() -> Scope {
    Scope::Query
}

async fn paid(counter: &Counter, order_no: &str) -> LiveOrder {
    counter.until(order_no, "paid", |order| order.order.state == State::Paid).await
}

#[tokio::test]
async fn a_payment_on_the_phone_is_paid_at_the_till() {
    let counter = Counter::open().await;
    let order = counter.sell().await;
    assert_eq!(order.order.state, State::AwaitingPayment);
    assert!(order.order.qr.as_deref().is_some_and(|qr| qr.starts_with("http://127.0.0.1:")), "{order:?}");
    counter.control.pay(order.order.order_no.as_str()).await.unwrap();
    let order = paid(&counter, &order.order.order_no).await;
    assert_eq!((order.order.paid_minor, order.order.late, order.order.attention), (Some(1250), false, None));
    assert_eq!(counter.control.creates().await.unwrap().get(&order.order.order_no), Some(&1));
    assert_eq!(counter.till.today().paid.get("CNY").map(String::as_str), Some("12.50"));
}

#[tokio::test]
async fn every_channel_of_pooul_can_be_paid() {
    let counter = Counter::open().await;
    counter.control.dialect(Dialect { pay_url: true, ..Dialect::default() }).await.unwrap();
    let extra: &[(&str, &[(&str, &str)])] = &[
        ("wechat.scan", &[]),
        ("alipay.scan", &[]),
        ("qq.scan", &[]),
        ("alipay.jsapi", &[("buyer_id", "2088000000000001")]),
        ("qq.jsapi", &[]),
    ];
    for (channel, extra) in extra {
        let order = counter.sell_on(channel, extra).await;
        assert!(order.order.qr.is_some(), "{channel}: {order:?}");
        counter.control.pay(order.order.order_no.as_str()).await.unwrap();
        paid(&counter, &order.order.order_no).await;
    }
}

/// Each of these answers looks like a payment to a careless reader.
#[tokio::test]
async fn what_proves_nothing_leaves_the_order_open_and_asked() {
    let faults = [
        ("missing signature", Fault::MissingSignature),
        ("wrong signature", Fault::WrongSignature),
        ("no trade_state", Fault::NoTradeState),
        ("paid, but unsigned", Fault::UnsignedPaid),
        ("HTML", Fault::Html),
        ("truncated", Fault::Truncated),
        ("duplicated keys", Fault::DuplicatedKeys),
        ("empty", Fault::Empty),
        ("garbage", Fault::Garbage),
        ("500", Fault::Status { status: 500, retry_after_s: None }),
        ("an unknown code", Fault::Code { code: 4_711, msg: "?".into(), processed: false }),
    ];
    for (name, fault) in faults {
        let counter = Counter::open().await;
        let order = counter.sell().await;
        counter.control.fault_times(queries(), 1_000, fault).await.unwrap();
        counter.control.pay(order.order.order_no.as_str()).await.unwrap();
        let asked = |order: &LiveOrder| order.asking.unanswered >= 3;
        let order = counter.until(&order.order.order_no, name, asked).await;
        assert_eq!(order.order.state, State::AwaitingPayment, "{name}");
        assert_eq!(order.order.paid_minor, None, "{name}");
        assert!(order.asking.trouble.is_some(), "{name}");
        counter.control.clear_faults().await.unwrap();
        paid(&counter, &order.order.order_no).await;
    }
}

#[tokio::test]
async fn an_authentic_contradiction_is_disputed_until_a_matching_answer_comes() {
    let faults = [
        (Fault::WrongAmount, DisputeReason::Amount),
        (Fault::WrongNumber, DisputeReason::Number),
        (Fault::WrongMerchant, DisputeReason::Merchant),
        (Fault::WrongCurrency, DisputeReason::Currency),
        (Fault::ResultCode, DisputeReason::Itself),
    ];
    for (fault, reason) in faults {
        let counter = Counter::open().await;
        let order = counter.sell().await;
        counter.control.fault_times(queries(), 1_000, fault).await.unwrap();
        counter.control.pay(order.order.order_no.as_str()).await.unwrap();
        let order =
            counter.until(&order.order.order_no, reason.word(), |order| order.order.state == State::Disputed).await;
        assert_eq!(order.order.reason.as_deref(), Some(reason.word()));
        assert_eq!(order.order.attention, Some(Attention::Disputed));
        assert_eq!((order.order.paid_minor, order.order.qr), (None, None));
        counter.control.clear_faults().await.unwrap();
        paid(&counter, &order.order.order_no).await;
    }
}

#[tokio::test]
async fn honest_oddities_are_paid() {
    let plain = Dialect::default();
    let dialects = [
        Dialect { numbers_as_text: true, ..plain.clone() },
        Dialect { old_names: true, ..plain.clone() },
        Dialect { state_words: true, ..plain.clone() },
        Dialect { unknown_fields: true, ..plain.clone() },
        Dialect { nulls: true, ..plain.clone() },
        Dialect { currency: CurrencyWord::One, ..plain.clone() },
        Dialect { currency: CurrencyWord::Rmb, ..plain.clone() },
        Dialect { currency: CurrencyWord::Empty, ..plain.clone() },
        Dialect { currency: CurrencyWord::Absent, ..plain.clone() },
        Dialect { no_merchant_id: true, ..plain.clone() },
        Dialect { debug: true, time: TimeWord::Millis, ..plain.clone() },
        Dialect { time: TimeWord::Calendar, ..plain },
    ];
    let counter = Counter::open().await;
    for dialect in dialects {
        counter.control.dialect(dialect.clone()).await.unwrap();
        let order = counter.sell().await;
        counter.control.pay(order.order.order_no.as_str()).await.unwrap();
        let order = paid(&counter, &order.order.order_no).await;
        assert_eq!(order.order.paid_minor, Some(1250), "{dialect:?}");
        assert!(order.order.gateway_time.is_some(), "{dialect:?}");
    }
}

#[tokio::test]
async fn a_closed_answer_that_carries_no_amount_ends_the_order() {
    let counter = Counter::open().await;
    let order = counter.sell().await;
    counter.control.close(order.order.order_no.as_str()).await.unwrap();
    let order = counter.until(&order.order.order_no, "closed", |order| order.ended).await;
    assert_eq!((order.order.state, order.end_reason), (State::Closed, Some(EndReason::Gateway)));
}

#[tokio::test]
async fn escape_takes_the_code_off_at_once_and_closes_at_the_gateway() {
    let counter = Counter::open().await;
    let order = counter.sell().await;
    let closing = counter.till.close(&Actor::Owner, &order.order.order_no).await.unwrap();
    assert_eq!(closing.order.qr, None);
    let order = counter.until(&order.order.order_no, "closed", |order| order.ended).await;
    assert_eq!(order.order.state, State::Closed);
    let received = counter.control.received(0).await.unwrap();
    assert!(received.iter().any(|request| request.operation == Operation::Close), "{received:?}");
}

#[tokio::test]
async fn a_payment_after_closing_is_paid_late() {
    let counter = Counter::open().await;
    let order = counter.sell().await;
    counter.till.close(&Actor::Owner, &order.order.order_no).await.unwrap();
    counter.until(&order.order.order_no, "closed", |order| order.ended).await;
    counter.control.pay(order.order.order_no.as_str()).await.unwrap();
    let order = counter.till.ask(&Actor::Owner, &order.order.order_no).await.unwrap();
    assert_eq!((order.order.state, order.order.late), (State::Paid, true));
    assert_eq!(order.order.attention, Some(Attention::LatePayment));
}

#[tokio::test]
async fn refunded_elsewhere_is_paid_with_attention() {
    let counter = Counter::open().await;
    let order = counter.sell().await;
    counter.control.refund(order.order.order_no.as_str()).await.unwrap();
    let order = paid(&counter, &order.order.order_no).await;
    assert_eq!(order.order.attention, Some(Attention::RefundedElsewhere));
}

#[tokio::test]
async fn a_lost_create_answer_shows_no_code_is_sent_once_and_closed_in_the_background() {
    let counter = Counter::open().await;
    counter.control.fault(Scope::Create, Fault::DropAfter).await.unwrap();
    let order = counter.sell().await;
    assert!(order.link_lost && order.order.qr.is_none(), "{order:?}");
    assert!(order.further.allowed, "the link never reached the till");
    let ended = counter.until(&order.order.order_no, "closed", |order| order.ended).await;
    assert_eq!(ended.order.state, State::Closed);
    assert_eq!(counter.control.creates().await.unwrap().get(&order.order.order_no), Some(&1));
}

#[tokio::test]
async fn another_way_to_pay_waits_for_a_verified_unpaid_after_the_code_is_off() {
    let counter = Counter::open().await;
    let first = counter.sell().await;
    assert!(!first.further.allowed);
    let request = till_engine::view::SaleRequest {
        account: "main".into(),
        channel: "alipay.scan".into(),
        amount: "12.50".into(),
        sale: Some(first.order.sale.clone()),
        ..Default::default()
    };
    let refused = counter.till.sell(&Actor::Owner, &request, None).await.unwrap_err();
    assert_eq!(refused.facts.get("why").map(String::as_str), Some("code_shown"));
    counter.till.close(&Actor::Owner, &first.order.order_no).await.unwrap();
    counter.until(&first.order.order_no, "free", |order| order.further.allowed).await;
    let second = counter.till.sell(&Actor::Owner, &request, None).await.unwrap();
    assert_eq!(second.order.sale, first.order.sale);
    assert_ne!(second.order.order_no, first.order.order_no);
}

#[tokio::test]
async fn both_orders_of_a_sale_paid_is_a_double_payment() {
    let counter = Counter::open().await;
    let first = counter.sell().await;
    counter.till.close(&Actor::Owner, &first.order.order_no).await.unwrap();
    counter.until(&first.order.order_no, "free", |order| order.further.allowed).await;
    let request = till_engine::view::SaleRequest {
        account: "main".into(),
        channel: "alipay.scan".into(),
        amount: "12.50".into(),
        sale: Some(first.order.sale.clone()),
        ..Default::default()
    };
    let second = counter.till.sell(&Actor::Owner, &request, None).await.unwrap();
    counter.till.created(&second.order.order_no).await;
    counter.control.pay(second.order.order_no.as_str()).await.unwrap();
    paid(&counter, &second.order.order_no).await;
    counter.control.pay(first.order.order_no.as_str()).await.unwrap();
    counter.till.ask(&Actor::Owner, &first.order.order_no).await.unwrap();
    let flagged = |order: &LiveOrder| order.order.attention == Some(Attention::DoublePayment);
    counter.until(&first.order.order_no, "flagged", flagged).await;
}

#[tokio::test]
async fn escape_while_the_code_is_being_made_keeps_it_off_the_screen_and_closes_it() {
    let counter = Counter::open().await;
    counter.control.fault(Scope::Create, Fault::Delay { ms: 700 }).await.unwrap();
    let request = till_engine::view::SaleRequest {
        account: "main".into(),
        channel: "wechat.scan".into(),
        amount: "12.50".into(),
        ..Default::default()
    };
    let order = counter.till.sell(&Actor::Owner, &request, None).await.unwrap();
    assert_eq!(order.order.state, State::Creating);
    let order = counter.till.close(&Actor::Owner, &order.order.order_no).await.unwrap();
    assert_eq!(order.order.state, State::Expiring);
    counter.till.created(&order.order.order_no).await;
    let order = counter.until(&order.order.order_no, "closed", |order| order.ended).await;
    assert_eq!((order.order.state, order.order.qr), (State::Closed, None));
    assert_eq!(counter.control.creates().await.unwrap().get(&order.order.order_no), Some(&1));
}
