//! Ship notices: payments, each of one order, confirmed by a question.

use super::{NEVER, NOBODY, Shop, body, is_refused, is_taken, order_no};
use crate::desk::received;
use till_core::order::{Attention, DisputeReason, EndReason, State};
use till_core::rights::Actor;
use till_engine::till::Named;
use till_engine::view::LiveOrder;
use till_sandbox::{Fault, Notified, Operation, Scope};

#[tokio::test]
async fn ruling_19_a_ship_notice_is_a_payment_committed_before_its_answer_and_confirmed_by_a_question() {
    let shop = Shop::open(&[NEVER]).await;
    let control = &shop.counter.control;
    let order_no = shop.order().await;
    let (taken, late) = shop.copies(100, async || control.pay(order_no.as_str()).await.map(drop).unwrap()).await;
    assert!(taken.iter().all(is_taken), "{taken:?}");
    for again in 0..late {
        assert!(is_taken(&shop.ships(&order_no, None).await), "{again} of {late}");
    }
    let order = shop.live(&order_no).await;
    assert_eq!((order.order.state, order.order.paid_minor, order.order.late), (State::Paid, Some(1250), false));
    let trade = control.trade(&order_no).await.unwrap().trade;
    assert_eq!(order.order.gateway_no, Some(trade.gateway_no));
    assert_eq!((shop.events(&order_no, "paid").await, shop.counter.payments_today()), (1, 1));
    let settled = |order: &LiveOrder| !order.asking.in_flight && order.order.next_query_at.is_none();
    shop.counter.until(&order_no, "confirmed", settled).await;
    assert_eq!(received(&shop.counter, Operation::Query).await.len(), 2, "asked once for all copies");
    assert!(is_taken(&shop.ships(&order_no, None).await), "one more, later");
    shop.counter.until(&order_no, "left alone", settled).await;
    assert_eq!(received(&shop.counter, Operation::Query).await.len(), 2, "and not for that one");
    assert_eq!(shop.events(&order_no, "paid").await, 1);
    let timeline = shop.counter.till.timeline(&Actor::Owner, &order_no).await.unwrap();
    let paid = timeline.entries.iter().find(|entry| entry.kind == "paid").unwrap();
    assert_eq!((paid.actor.as_str(), paid.facts.get("took")), ("gateway", None), "nobody asked");
}

#[tokio::test]
async fn ruling_19_a_ship_notice_that_contradicts_is_disputed_until_a_matching_answer_comes() {
    for (fault, reason) in [
        (Fault::WrongAmount, DisputeReason::Amount),
        (Fault::WrongMerchant, DisputeReason::Merchant),
        (Fault::WrongCustomer, DisputeReason::Customer),
    ] {
        let shop = Shop::open(&[NEVER]).await;
        let order_no = shop.order().await;
        // The gateway cannot be asked, or its answer would settle the matter at once.
        shop.counter.control.fault_times(Scope::Query, 1_000, Fault::DropBefore).await.unwrap();
        shop.pays_in_silence(&order_no).await;
        for copy in 0..3 {
            let sent = shop.ships(&order_no, Some(fault.clone())).await;
            assert!(is_taken(&sent), "ruling 17: committed {fault:?} {copy} {sent:?}");
        }
        let order = shop.live(&order_no).await;
        assert_eq!((order.order.state, order.order.paid_minor), (State::Disputed, None), "{fault:?}");
        assert_eq!(order.order.reason.as_deref(), Some(reason.word()));
        assert_eq!(shop.events(&order_no, "disputed").await, 1, "one event for all copies");
        shop.counter.control.clear_faults().await.unwrap();
        let order = shop.ask(&order_no).await;
        assert_eq!((order.order.state, order.order.attention), (State::Paid, None));
    }
}

#[tokio::test]
async fn ruling_19_a_ship_notice_with_another_number_of_the_platforms_than_the_orders_is_disputed_until_it_is_asked() {
    let shop = Shop::open(&[NEVER]).await;
    let control = &shop.counter.control;
    let order_no = shop.order().await;
    let known = shop.ask(&order_no).await.order.gateway_no;
    assert_eq!(known, Some(control.trade(&order_no).await.unwrap().trade.gateway_no));
    control.fault_times(Scope::Query, 1_000, Fault::DropBefore).await.unwrap();
    shop.pays_in_silence(&order_no).await;
    for copy in 0..3 {
        let sent = shop.ships(&order_no, Some(Fault::WrongTransaction)).await;
        assert!(is_taken(&sent), "ruling 17: committed {copy} {sent:?}");
    }
    let order = shop.live(&order_no).await.order;
    assert_eq!((order.state, order.paid_minor, order.gateway_no), (State::Disputed, None, known.clone()));
    assert_eq!(order.reason.as_deref(), Some(DisputeReason::Number.word()));
    assert_eq!(shop.events(&order_no, "disputed").await, 1, "one event for all copies");
    control.clear_faults().await.unwrap();
    let order = shop.ask(&order_no).await.order;
    assert_eq!((order.state, order.attention, order.gateway_no), (State::Paid, None, known));

    // Of an order that is paid it may tell of a second payment: that is seen as well, and what is booked stays booked.
    assert!(is_taken(&shop.ships(&order_no, Some(Fault::WrongTransaction)).await));
    assert_eq!(shop.events(&order_no, "disputed").await, 2);
    let order = shop.counter.until(&order_no, "paid again", |order| order.order.state == State::Paid).await;
    assert_eq!((order.order.paid_minor, order.order.attention), (Some(1250), None));
}

#[tokio::test]
async fn ruling_19_a_number_of_the_platforms_pays_one_order_and_another_one_that_is_shipped_by_it_is_disputed() {
    let shop = Shop::open(&[NEVER]).await;
    let control = &shop.counter.control;
    // Nothing but the notices tells the platform's numbers.
    control.fault_times(Scope::Query, 1_000, Fault::DropBefore).await.unwrap();
    let mut orders = Vec::new();
    for expected in [State::Paid, State::Disputed] {
        let order_no = order_no(&shop.speak(shop.speech()).await);
        shop.pays_in_silence(&order_no).await;
        let sent = shop.ships(&order_no, Some(Fault::WrongTransaction)).await;
        assert!(is_taken(&sent), "ruling 17: committed {sent:?}");
        assert_eq!(shop.live(&order_no).await.order.state, expected);
        orders.push(order_no);
    }
    let disputed = shop.live(&orders[1]).await.order;
    assert_eq!((disputed.paid_minor, disputed.gateway_no), (None, None));
    assert_eq!(disputed.reason.as_deref(), Some(DisputeReason::GatewayNo.word()));
    let timeline = shop.counter.till.timeline(&Actor::Owner, &orders[1]).await.unwrap();
    let told = timeline.entries.iter().find(|entry| entry.kind == "disputed").unwrap();
    assert_eq!(told.facts.get("other"), Some(&orders[0]), "whose number it is");
    assert_eq!(shop.live(&orders[0]).await.order.state, State::Paid);

    control.clear_faults().await.unwrap();
    let settled = shop.ask(&orders[1]).await.order;
    let its_own = control.trade(&orders[1]).await.unwrap().trade.gateway_no;
    assert_eq!((settled.state, settled.gateway_no), (State::Paid, Some(its_own)));
}

#[tokio::test]
async fn ruling_19_a_ship_notice_that_comes_slowly_is_taken_within_its_time_and_not_beyond_it() {
    let shop = Shop::open(&[NEVER]).await;
    let order_no = shop.order().await;
    shop.pays_in_silence(&order_no).await;
    // The whole of it would take more than a minute.
    let sent = shop.ships(&order_no, Some(Fault::Trickle { bytes: 1, ms: 600 })).await;
    assert_eq!((sent.answer.as_deref(), sent.signed), (Some(NOBODY), None));
    assert_eq!(shop.live(&order_no).await.order.state, State::AwaitingPayment);
    let sent = shop.ships(&order_no, Some(Fault::Trickle { bytes: 60, ms: 20 })).await;
    assert!(is_taken(&sent), "{sent:?}");
    assert_eq!(shop.live(&order_no).await.order.state, State::Paid);
}

#[tokio::test]
async fn ruling_19_a_ship_notice_that_is_forged_stale_or_for_no_order_of_the_account_books_nothing() {
    let shop = Shop::open(&[NEVER]).await;
    let order_no = shop.order().await;
    shop.pays_in_silence(&order_no).await;
    for fault in
        [Fault::WrongSignature, Fault::MissingSignature, Fault::Stale { seconds: 181 }, Fault::Truncated, Fault::Empty]
    {
        let sent = shop.ships(&order_no, Some(fault.clone())).await;
        assert_eq!((sent.answer.as_deref(), sent.signed), (Some(NOBODY), None), "{fault:?}");
    }
    is_refused(&shop.ships(&order_no, Some(Fault::WrongNumber)).await, "订单不存在");
    is_refused(&shop.ships(&order_no, Some(Fault::DuplicatedKeys)).await, "无法解析");
    let order = shop.live(&order_no).await;
    assert_eq!((order.order.state, order.order.paid_minor), (State::AwaitingPayment, None));

    // The order of another account with the same keys. Without the space before it the call is genuine.
    shop.second_account().await;
    let spoilt = shop.ships(&order_no, Some(Fault::Huge { bytes: 1 })).await;
    assert_eq!((spoilt.answer.as_deref(), spoilt.signed), (Some(NOBODY), None));
    let genuine = Notified { body: spoilt.body.trim_start().to_owned(), ..spoilt };
    let elsewhere = Notified { url: genuine.url.replace("/main/", "/second/"), ..genuine.clone() };
    assert!(body(&shop.again(&elsewhere).await).contains("订单不存在"));
    assert_eq!(shop.live(&order_no).await.order.state, State::AwaitingPayment);
    assert_eq!(body(&shop.again(&genuine).await), r#"{"retCode":"SUCCESS"}"#, "the same words at the right place");
    assert_eq!(shop.live(&order_no).await.order.state, State::Paid);
}

#[tokio::test]
async fn an_order_that_was_taken_in_by_hand_is_paid_once_the_gateway_itself_says_so() {
    let shop = Shop::open(&[NEVER]).await;
    let control = &shop.counter.control;
    let trade = control.voice_order_at(&shop.partner(), &shop.speech().items).await.unwrap().trade;
    let named = Named::TradeNo(trade.order_no.clone());
    shop.counter.till.adopt(&Actor::Owner, "main", &named, &[]).await.unwrap();
    shop.pays_in_silence(&trade.order_no).await;
    is_refused(&shop.ships(&trade.order_no, None).await, "尚未确认");
    shop.counter.until(&trade.order_no, "paid", |order| order.order.state == State::Paid).await;
    assert!(is_taken(&shop.ships(&trade.order_no, None).await), "the gateway notifies again");
}

#[tokio::test]
async fn a_ship_notice_after_the_end_is_a_late_payment() {
    let shop = Shop::open(&[NEVER]).await;
    let control = &shop.counter.control;
    let order_no = shop.order().await;
    control.decline(order_no.as_str()).await.unwrap();
    let ended = shop.counter.till.ask(&Actor::Owner, &order_no).await.unwrap().live;
    assert_eq!((ended.order.state, ended.end_reason), (State::Failed, Some(EndReason::Gateway)));
    let sent = shop.answers(1, async || control.pay(order_no.as_str()).await.map(drop).unwrap()).await;
    assert!(is_taken(&sent[0]), "{sent:?}");
    let order = shop.live(&order_no).await;
    assert_eq!((order.order.state, order.order.late), (State::Paid, true));
    assert_eq!(order.order.attention, Some(Attention::LatePayment));
}
