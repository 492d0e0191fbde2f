//! What makes an order paid, and what never does: the real engine, journal and HTTP against the sandbox.

use std::collections::BTreeSet;
use till_core::account::AccountChange;
use till_core::gateway::descriptor::{Channel, Presented, Wallet};
use till_core::order::{Attention, DisputeReason, EndReason, State};
use till_core::rights::Actor;
use till_engine::reading::Reading;
use till_engine::till::News;
use till_engine::view::{LiveOrder, PaidBeside};
use till_sandbox::{CurrencyWord, Dialect, Fault, Manner, Operation, Purse, Scope, TimeWord};
use till_tests::counter::Counter;
use tokio::sync::broadcast::Receiver;

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

/// What a cashier types for a channel besides the amount.
fn extra_of(channel: &str) -> &'static [(&'static str, &'static str)] {
    match channel {
        "wechat.jsurl" => &[("sub_openid", "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o")],
        "alipay.jsapi" => &[("buyer_id", "2088000000000001")],
        _ => &[],
    }
}

fn purse_of(channel: &Channel) -> Purse {
    match channel.wallet {
        Wallet::Wechat => Purse::Wechat,
        Wallet::Alipay => Purse::Alipay,
        Wallet::Qq => Purse::Qq,
        Wallet::Unionpay | Wallet::Other => panic!("no payment code: {}", channel.name),
    }
}

fn channels(presented: Presented) -> impl Iterator<Item = &'static Channel> {
    let pooul = till_core::gateway::named("pooul").expect("registered").descriptor();
    pooul.channels.iter().filter(move |channel| channel.presented == presented)
}

#[tokio::test]
async fn every_channel_of_pooul_with_a_code_on_the_screen_can_be_paid() {
    let counter = Counter::open().await;
    counter.control.dialect(Dialect { pay_url: true, ..Dialect::default() }).await.unwrap();
    let mut change = AccountChange::default();
    change.fields.insert("sub_appid".into(), "wx2421b1c4370ec43b".into());
    counter.till.change_account(&Actor::Owner, "main", &change).await.unwrap();
    let mut paid_on = Vec::new();
    for channel in channels(Presented::Merchant) {
        let order = counter.sell_on(channel.name, extra_of(channel.name)).await;
        assert!(order.order.qr.is_some(), "{}: {order:?}", channel.name);
        counter.control.pay(order.order.order_no.as_str()).await.unwrap();
        let order = paid(&counter, &order.order.order_no).await;
        assert_eq!((order.order.channel.as_str(), order.order.paid_minor), (channel.name, Some(1250)));
        paid_on.push(channel.name);
    }
    assert_eq!(paid_on, ["wechat.scan", "alipay.scan", "qq.scan", "wechat.jsurl", "alipay.jsapi", "qq.jsapi"]);
}

#[tokio::test]
async fn every_channel_of_pooul_for_payment_codes_is_paid_at_once_or_when_the_customer_confirms_or_not_at_all() {
    let counter = Counter::open().await;
    let mut paid_on = Vec::new();
    for channel in channels(Presented::Consumer) {
        let mint = |manner| counter.control.mint_code(manner, purse_of(channel));
        let order = counter.charge(channel.name, &mint(Manner::AtOnce).await.unwrap().code).await;
        let order = paid(&counter, &order.order.order_no).await;
        assert_eq!((order.order.paid_minor, order.order.qr), (Some(1250), None), "{}", channel.name);

        let order = counter.charge(channel.name, &mint(Manner::Confirm).await.unwrap().code).await;
        counter.until(&order.order.order_no, "paying", |order| order.order.state == State::Paying).await;
        counter.control.pay(order.order.order_no.as_str()).await.unwrap();
        paid(&counter, &order.order.order_no).await;

        let order = counter.charge(channel.name, &mint(Manner::Refused).await.unwrap().code).await;
        let order = counter.until(&order.order.order_no, "refused", |order| order.ended).await;
        assert_eq!((order.order.state, order.order.paid_minor), (State::Failed, None), "{}", channel.name);
        paid_on.push(channel.name);
    }
    assert_eq!(paid_on, ["wechat.micro", "alipay.micro", "qq.micro"]);
    let creates = counter.control.creates().await.unwrap();
    assert!(creates.len() == 9 && creates.values().all(|times| *times == 1), "{creates:?}");
}

/// A code belongs to one payment: whoever scans it twice is not paid twice.
#[tokio::test]
async fn a_payment_code_that_was_used_before_pays_nothing() {
    let counter = Counter::open().await;
    let code = counter.control.mint_code(Manner::AtOnce, Purse::Wechat).await.unwrap().code;
    let first = counter.charge("wechat.micro", &code).await;
    paid(&counter, &first.order.order_no).await;
    let second = counter.charge("wechat.micro", &code).await;
    let second = counter.until(&second.order.order_no, "refused", |order| order.ended).await;
    assert_eq!((second.order.state, second.order.paid_minor), (State::Failed, None));
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
    let order = counter.till.ask(&Actor::Owner, &order.order.order_no).await.unwrap().live;
    assert_eq!((order.order.state, order.order.late), (State::Paid, true));
    assert_eq!(order.order.attention, Some(Attention::LatePayment));
    let after = order.late_after.map(|after| (after.state, after.reason));
    assert_eq!(after, Some((State::Closed, EndReason::Gateway)));
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
    assert!(order.link_lost && !order.gave_no_code && order.order.qr.is_none(), "{order:?}");
    assert!(order.further.allowed, "the link never reached the till");
    let ended = counter.until(&order.order.order_no, "closed", |order| order.ended).await;
    assert_eq!(ended.order.state, State::Closed);
    assert_eq!(counter.control.creates().await.unwrap().get(&order.order.order_no), Some(&1));
}

#[tokio::test]
async fn an_order_that_no_code_came_for_has_lost_none_and_is_closed() {
    let counter = Counter::open().await;
    let order = counter.sell_on("qq.jsapi", &[]).await;
    assert!(order.gave_no_code && order.order.qr.is_none() && order.further.allowed, "{order:?}");
    let ended = counter.until(&order.order.order_no, "closed", |order| order.ended).await;
    assert_eq!((ended.order.state, ended.gave_no_code), (State::Closed, true));
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
    let refused = counter.till.sell(&Actor::Owner, &request, None, None).await.unwrap_err();
    assert_eq!(refused.facts.get("why").map(String::as_str), Some("code_shown"));
    counter.till.close(&Actor::Owner, &first.order.order_no).await.unwrap();
    counter.until(&first.order.order_no, "free", |order| order.further.allowed).await;
    let second = counter.till.sell(&Actor::Owner, &request, None, None).await.unwrap();
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
    let second = counter.till.sell(&Actor::Owner, &request, None, None).await.unwrap();
    counter.till.created(&second.order.order_no).await;
    counter.control.pay(second.order.order_no.as_str()).await.unwrap();
    paid(&counter, &second.order.order_no).await;
    counter.till.finish_bookings().await;
    let mut news = counter.till.news();
    counter.control.pay(first.order.order_no.as_str()).await.unwrap();
    counter.till.ask(&Actor::Owner, &first.order.order_no).await.unwrap();
    counter.till.finish_bookings().await;
    assert!(changed(&mut news).contains(&second.order.order_no), "what is said of it is another thing");
    let flagged = counter.till.order(&first.order.order_no).await.unwrap();
    let why = "a till that ends now has flagged it";
    assert_eq!(flagged.order.attention, Some(Attention::DoublePayment), "{why}");
    let other = counter.till.order(&second.order.order_no).await.unwrap();
    let beside = PaidBeside {
        order_no: second.order.order_no.clone(),
        account: "main".into(),
        channel: "alipay.scan".into(),
        amount: "12.50".into(),
        currency: "CNY".into(),
        paid_at: other.order.paid_at.clone().unwrap(),
    };
    assert_eq!((flagged.paid_beside, other.paid_beside), (vec![beside.clone()], vec![]));
    let too_many = first.order.order_no.clone();
    assert_eq!((flagged.too_many_beside, other.too_many_beside), (None, Some(too_many)));
    let told = counter.till.timeline(&Actor::Owner, &first.order.order_no).await.unwrap();
    assert_eq!(told.order.paid_beside, std::slice::from_ref(&beside));
    let reading = Reading::open(counter.folder.path()).await.unwrap();
    assert_eq!(reading.paid_beside(&first.order.order_no).await.unwrap(), (vec![beside], None));
    assert_eq!(reading.paid_beside(&second.order.order_no).await.unwrap(), (vec![], None));
    changed(&mut news);
    let handled = counter.till.handle_attention(&Actor::Owner, &first.order.order_no, Attention::DoublePayment, "cash");
    assert!(!handled.await.unwrap().order.attentions.contains(&Attention::DoublePayment));
    assert!(changed(&mut news).contains(&second.order.order_no));
    assert_eq!(counter.till.order(&second.order.order_no).await.unwrap().too_many_beside, None);
}

/// The orders of which something changed since this was asked last.
fn changed(news: &mut Receiver<News>) -> BTreeSet<String> {
    let order = |news: News| if let News::Order { order_no, .. } = news { Some(order_no) } else { None };
    std::iter::from_fn(|| news.try_recv().ok()).filter_map(order).collect()
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
    let order = counter.till.sell(&Actor::Owner, &request, None, None).await.unwrap();
    assert_eq!(order.order.state, State::Creating);
    let order = counter.till.close(&Actor::Owner, &order.order.order_no).await.unwrap();
    assert_eq!(order.order.state, State::Expiring);
    counter.till.created(&order.order.order_no).await;
    let order = counter.until(&order.order.order_no, "closed", |order| order.ended).await;
    assert_eq!((order.order.state, order.order.qr), (State::Closed, None));
    assert_eq!(counter.control.creates().await.unwrap().get(&order.order.order_no), Some(&1));
}
