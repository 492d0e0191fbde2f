//! BlueOcean: codes of every kind, payment codes, parameters for apps, currencies, and what is not believed.

use crate::desk::{created_once, open, pay, received, scan};
use till_core::gateway::reaction::Reaction;
use till_core::order::{DisputeReason, EndReason, State};
use till_core::rights::Actor;
use till_engine::view::{LiveOrder, Trouble};
use till_sandbox::{Dialect, Fault, Manner, Operation, Purse, Scope, TradeState};
use till_tests::counter::Counter;

const CODES: [&str; 7] = [
    "wechat.qrcode",
    "alipay.qrcode",
    "blueocean.qrcode",
    "unionpay.qrcode",
    "unionpay.link",
    "alipay.wappay",
    "wechat.mweb",
];

/// For integrators: what they take, and the account's own `sub_appid`.
const PARAMETERS: [(&str, &[(&str, &str)]); 3] =
    [("alipay.app", &[]), ("wechat.app", &[]), ("wechat.jsapi", &[("sub_openid", "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o")])];

async fn speaking(dialect: Dialect) -> Counter {
    let counter = open("blueocean", &[]).await;
    counter.control.dialect(dialect).await.unwrap();
    counter
}

#[tokio::test]
async fn every_channel_with_a_code_can_be_paid_in_hong_kong_dollars() {
    let counter = open("blueocean", &[]).await;
    for channel in CODES {
        let order = counter.sell_on(channel, &[]).await;
        assert!(order.order.qr.as_deref().is_some_and(|qr| qr.contains("/phone/")), "{channel}: {order:?}");
        assert_eq!((order.order.currency.as_str(), &order.order.parameters), ("HKD", &None), "{channel}");
        pay(&counter, &order.order.order_no).await;
        created_once(&counter, &order.order.order_no).await;
    }
    assert_eq!(counter.till.today().paid.get("HKD").map(String::as_str), Some("87.50"));
    assert_eq!(counter.till.today().paid.len(), 1);
}

#[tokio::test]
async fn parameters_are_shown_instead_of_a_code_and_can_be_paid_with() {
    let counter = open("blueocean", &[("sub_appid", "wx0123456789abcdef")]).await;
    for (channel, extra) in PARAMETERS {
        let order = counter.sell_on(channel, extra).await;
        assert_eq!((order.order.state, &order.order.qr), (State::AwaitingPayment, &None), "{channel}");
        let parameters: serde_json::Value = serde_json::from_str(order.order.parameters.as_deref().unwrap()).unwrap();
        assert!(parameters.as_object().is_some_and(|parameters| !parameters.is_empty()), "{channel}: {parameters}");
        assert!(!order.link_lost, "{channel}");
        let order = pay(&counter, &order.order.order_no).await;
        assert_eq!(order.order.parameters, None, "{channel}: nobody pays twice");
    }
}

#[tokio::test]
async fn parameters_are_taken_back_with_escape() {
    let counter = open("blueocean", &[]).await;
    let order = counter.sell_on("alipay.app", &[]).await;
    assert!(order.order.parameters.is_some());
    let closing = counter.till.close(&Actor::Owner, &order.order.order_no).await.unwrap();
    assert_eq!(closing.order.parameters, None);
    let order = counter.until(&order.order.order_no, "closed", |order| order.ended).await;
    assert_eq!((order.order.state, order.end_reason), (State::Closed, Some(EndReason::Gateway)));
}

#[tokio::test]
async fn a_payment_code_of_any_wallet_is_paid_at_once() {
    let counter = open("blueocean", &[]).await;
    for purse in [Purse::Wechat, Purse::Alipay, Purse::Unionpay] {
        let code = counter.control.mint_code(Manner::AtOnce, purse).await.unwrap().code;
        let order = scan(&counter, "micropay", &code).await;
        assert_eq!((order.order.state, order.order.paid_minor), (State::Paid, Some(1250)), "{purse:?}");
        created_once(&counter, &order.order.order_no).await;
    }
    assert_eq!(received(&counter, Operation::Query).await, vec![]);
}

#[tokio::test]
async fn a_customer_who_must_confirm_is_asked_for_whether_the_gateway_says_201_or_notpay() {
    for notpay in [false, true] {
        let counter = speaking(Dialect { notpay, ..Dialect::default() }).await;
        let code = counter.control.mint_code(Manner::Confirm, Purse::Alipay).await.unwrap().code;
        let order = scan(&counter, "micropay", &code).await;
        let order_no = &order.order.order_no;
        assert!(!order.ended && order.order.paid_minor.is_none(), "200 is no payment: {order:?}");
        assert_eq!(order.order.state == State::AwaitingPayment, notpay, "{order:?}");
        // 201 is no error (002:127): the same truth, whichever it says.
        let reaction = order.said.as_ref().map(|said| said.reaction);
        assert_eq!(reaction, (!notpay).then_some(Reaction::AwaitsCustomer), "{order:?}");
        counter.until(order_no, "paying", |order| order.order.state == State::Paying).await;
        assert!(!counter.till.order(order_no).await.unwrap().further.allowed);
        pay(&counter, order_no).await;
        created_once(&counter, order_no).await;
    }
}

#[tokio::test]
async fn a_refused_code_is_asked_for_and_reversed_with_escape() {
    let counter = open("blueocean", &[]).await;
    let used = counter.control.mint_code(Manner::AtOnce, Purse::Alipay).await.unwrap().code;
    assert_eq!(scan(&counter, "micropay", &used).await.order.state, State::Paid);
    let refused = counter.control.mint_code(Manner::Refused, Purse::Alipay).await.unwrap().code;
    for code in [refused, used] {
        let order = scan(&counter, "micropay", &code).await;
        assert_eq!(order.order.paid_minor, None);
        assert!(order.said.is_some_and(|said| said.text.is_some()), "the gateway's words are shown");
        // An error code is unsigned, and "abnormal" no end: the money is safe once the gateway has reversed.
        let order_no = &order.order.order_no;
        let order = counter.until(order_no, "declined", |order| order.declined).await;
        assert!(!order.ended && !order.further.allowed, "{order:?}");
        counter.till.close(&Actor::Owner, order_no).await.unwrap();
        let order = counter.until(order_no, "ended", |order| order.ended).await;
        assert_eq!((order.order.state, order.end_reason), (State::Reversed, Some(EndReason::Gateway)));
        created_once(&counter, order_no).await;
    }
}

#[tokio::test]
async fn a_lost_answer_to_a_payment_code_is_asked_for() {
    let counter = open("blueocean", &[]).await;
    for fault in [Fault::DropAfter, Fault::Garbage, Fault::MissingSignature] {
        let code = counter.control.mint_code(Manner::AtOnce, Purse::Wechat).await.unwrap().code;
        counter.control.fault(Scope::Create, fault.clone()).await.unwrap();
        let order = scan(&counter, "micropay", &code).await;
        let paid = |order: &LiveOrder| order.order.state == State::Paid;
        counter.until(&order.order.order_no, "paid", paid).await;
        created_once(&counter, &order.order.order_no).await;
    }
}

#[tokio::test]
async fn reversing_gives_back_what_was_paid_in_between() {
    let counter = open("blueocean", &[]).await;
    let order = counter.sell_on("alipay.qrcode", &[]).await;
    let order_no = &order.order.order_no;
    // The till does not see the payment before it reverses.
    counter.control.fault_times(Scope::Query, 10_000, Fault::NoTradeState).await.unwrap();
    counter.control.pay(order_no.as_str()).await.unwrap();
    let reversing = counter.till.reverse(&Actor::Owner, order_no).await.unwrap();
    assert_eq!((reversing.order.qr, reversing.order.state), (None, State::Expiring));
    counter.control.clear_faults().await.unwrap();
    let order = counter.until(order_no, "ended", |order| order.ended).await;
    // A fresh answer comes before a reverse: a payment that it tells of stays.
    assert_eq!((order.order.state, order.order.paid_minor), (State::Paid, Some(1250)));
    assert_eq!(received(&counter, Operation::Reverse).await, vec![]);

    let order = counter.sell_on("alipay.qrcode", &[]).await;
    let order_no = &order.order.order_no;
    counter.till.reverse(&Actor::Owner, order_no).await.unwrap();
    let order = counter.until(order_no, "ended", |order| order.ended).await;
    assert_eq!((order.order.state, order.order.paid_minor), (State::Reversed, None));
    assert_eq!(counter.control.trade(order_no).await.unwrap().trade.state, TradeState::Reversed);
}

#[tokio::test]
async fn an_account_in_another_currency_sells_in_it() {
    for code in ["CNY", "AUD"] {
        let counter = open("blueocean", &[("currency", code)]).await;
        counter.control.currency(code).await.unwrap();
        let order = counter.sell_on("wechat.qrcode", &[]).await;
        assert_eq!(order.order.currency, code);
        pay(&counter, &order.order.order_no).await;
    }
}

#[tokio::test]
async fn a_gateway_that_trades_in_another_currency_shows_no_code_and_is_disputed() {
    let counter = open("blueocean", &[]).await;
    counter.control.currency("AUD").await.unwrap();
    let order = counter.sell_on("wechat.qrcode", &[]).await;
    assert_eq!(order.order.qr, None, "a code in another currency must not be paid");
    let disputed = |order: &LiveOrder| order.order.state == State::Disputed;
    let order = counter.until(&order.order.order_no, "disputed", disputed).await;
    assert_eq!(order.order.reason.as_deref(), Some(DisputeReason::Currency.word()));
}

#[tokio::test]
async fn an_authentic_contradiction_is_disputed_until_a_matching_answer_comes() {
    let counter = open("blueocean", &[]).await;
    for (fault, reason) in [
        (Fault::WrongAmount, DisputeReason::Amount),
        (Fault::WrongNumber, DisputeReason::Number),
        (Fault::WrongMerchant, DisputeReason::Merchant),
        (Fault::WrongCurrency, DisputeReason::Currency),
    ] {
        let order = counter.sell_on("wechat.qrcode", &[]).await;
        let order_no = &order.order.order_no;
        counter.control.fault_times(Scope::Query, 10_000, fault).await.unwrap();
        counter.control.pay(order_no.as_str()).await.unwrap();
        let disputed = |order: &LiveOrder| order.order.state == State::Disputed;
        let order = counter.until(order_no, reason.word(), disputed).await;
        assert_eq!((order.order.reason.as_deref(), order.order.paid_minor), (Some(reason.word()), None));
        counter.control.clear_faults().await.unwrap();
        pay(&counter, order_no).await;
    }
}

#[tokio::test]
async fn what_is_signed_wrongly_or_not_at_all_is_never_paid() {
    let counter = open("blueocean", &[]).await;
    for fault in [
        Fault::WrongSignature,
        Fault::MissingSignature,
        Fault::UnsignedPaid,
        Fault::NoTradeState,
        Fault::DuplicatedKeys,
        Fault::Truncated,
        Fault::Code { code: 40101, msg: "订单已支付".into(), processed: false },
    ] {
        let order = counter.sell_on("wechat.qrcode", &[]).await;
        let order_no = &order.order.order_no;
        counter.control.fault_times(Scope::Query, 10_000, fault.clone()).await.unwrap();
        counter.control.pay(order_no.as_str()).await.unwrap();
        let asked = |order: &LiveOrder| order.asking.unanswered >= 3;
        let order = counter.until(order_no, "asked three times", asked).await;
        assert_eq!((order.order.state, order.order.paid_minor), (State::AwaitingPayment, None), "{fault:?}");
        counter.control.clear_faults().await.unwrap();
        pay(&counter, order_no).await;
    }
}

#[tokio::test]
async fn both_readings_of_the_signature_and_every_honest_wording_are_paid() {
    let plain = Dialect::default();
    for dialect in [
        Dialect { empties_unsigned: true, ..plain.clone() },
        Dialect { empties_unsigned: false, ..plain.clone() },
        Dialect { numbers_as_text: true, ..plain.clone() },
        Dialect { old_names: true, ..plain.clone() },
        Dialect { unknown_fields: true, ..plain.clone() },
        Dialect { no_merchant_id: true, ..plain },
    ] {
        let counter = speaking(dialect).await;
        let order = counter.sell_on("alipay.qrcode", &[]).await;
        pay(&counter, &order.order.order_no).await;
    }
}

#[tokio::test]
async fn invalid_json_inside_the_answer_to_a_create_leaves_the_order_known_and_asked_for() {
    // Nothing is closed here, so that what follows can be looked at.
    let counter = open("blueocean", &[("plan.close_floor_s", "300")]).await;
    counter.control.fault(Scope::Create, Fault::NestedJson).await.unwrap();
    let order = counter.sell_on("alipay.app", &[]).await;
    let order_no = &order.order.order_no;
    assert!(matches!(order.asking.trouble, Some(Trouble::Unreadable(_))), "{order:?}");
    assert_eq!((order.order.state, &order.order.parameters), (State::CreateUnknown, &None));
    assert!(order.link_lost && order.further.allowed, "the parameters never reached the till");
    let known = |order: &LiveOrder| order.order.gateway_no.is_some();
    let order = counter.until(order_no, "known", known).await;
    assert!(!order.ended);
    created_once(&counter, order_no).await;
    pay(&counter, order_no).await;
}

#[tokio::test]
async fn unionpay_by_link_is_being_paid_from_its_birth_and_may_still_be_closed() {
    let counter = open("blueocean", &[]).await;
    let order = counter.sell_on("unionpay.link", &[]).await;
    let order_no = &order.order.order_no;
    counter.until(order_no, "paying", |order| order.order.state == State::Paying).await;
    let order = counter.till.order(order_no).await.unwrap();
    assert!(order.order.qr.is_some(), "{order:?}");
    counter.till.close(&Actor::Owner, order_no).await.unwrap();
    let order = counter.until(order_no, "closed", |order| order.ended).await;
    assert_eq!(order.order.state, State::Closed);
}
