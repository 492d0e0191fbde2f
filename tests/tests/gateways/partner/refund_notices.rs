//! Notices of refunds: of the till's own, and of those that are none of its.

use super::{LINES, NEVER, NOBODY, Shop, is_taken, order_no, said};
use till_core::error::Code;
use till_core::order::refund::RefundState;
use till_core::order::{Attention, DisputeReason, State};
use till_core::rights::Actor;
use till_engine::view::refunds::RefundRequest;
use till_engine::view::{Item, LiveOrder, Trouble};
use till_sandbox::{Fault, Notifications, Scope};

/// An order that is paid, and a refund of its cake that leaves.
async fn giving_back(shop: &Shop) -> String {
    let control = &shop.counter.control;
    control.auto_refund(None).await.unwrap();
    let order_no = shop.order().await;
    shop.pays_in_silence(&order_no).await;
    assert!(is_taken(&shop.ships(&order_no, None).await));
    let (id, quantity, amount_minor) = LINES[1];
    let request = RefundRequest {
        order_no: order_no.clone(),
        amount: "2.50".into(),
        reason: "cold".into(),
        items: vec![Item { id: id.into(), quantity, amount_minor }],
    };
    shop.counter.till.refund(&Actor::Owner, None, &request).await.unwrap();
    order_no
}

/// The same once the gateway has taken the refund on, and that one's number.
async fn refunding(shop: &Shop) -> (String, String) {
    let order_no = giving_back(shop).await;
    let taken_on = |order: &LiveOrder| order.refunds.iter().any(|refund| refund.state == RefundState::Processing);
    let order = shop.counter.until(&order_no, "taken on", taken_on).await;
    (order_no, order.refunds[0].refund_no.clone())
}

#[tokio::test]
async fn a_refund_notice_ends_our_refund_as_an_answer_would_and_its_copies_change_nothing() {
    for done in [true, false] {
        let shop = Shop::open(&[]).await;
        let control = &shop.counter.control;
        let (order_no, refund_no) = refunding(&shop).await;
        control.fault_times(Scope::RefundQuery, 10_000, Fault::DropBefore).await.unwrap();
        let notify = async || control.notify_refund(&refund_no).await.unwrap();
        assert!(is_taken(&shop.answers(1, notify).await[0]), "it is still being processed");
        if done {
            control.settle_refund(Some(&refund_no)).await.unwrap();
        } else {
            control.fail_refund(Some(&refund_no)).await.unwrap();
        }
        for fault in [Fault::WrongSignature, Fault::Stale { seconds: 400 }] {
            control.fault_for(&order_no, Scope::Notification, 1, fault).await.unwrap();
            let sent = shop.answers(1, notify).await;
            assert_eq!(sent[0].answer.as_deref(), Some(NOBODY));
        }
        assert_eq!(shop.live(&order_no).await.refunds[0].state, RefundState::Processing);
        let (taken, late) = shop.copies(20, notify).await;
        assert!(taken.iter().all(is_taken), "{taken:?}");
        for again in 0..late {
            assert!(is_taken(&shop.answers(1, notify).await[0]), "{again} of {late}");
        }
        let order = shop.live(&order_no).await;
        let (state, kind) =
            if done { (RefundState::Succeeded, "refund_succeeded") } else { (RefundState::Failed, "refund_failed") };
        assert_eq!(order.refunds[0].state, state);
        assert_eq!(order.order.refunded_minor, if done { 250 } else { 0 });
        assert_eq!(shop.events(&order_no, kind).await, 1);
    }
}

#[tokio::test]
async fn after_a_refund_notice_nothing_is_told_any_more_of_what_the_last_question_met() {
    let shop = Shop::open(&[]).await;
    let control = &shop.counter.control;
    control.fault(Scope::Refund, Fault::DropAfter).await.unwrap();
    // One question, and then a long pause.
    let busy = Fault::Status { status: 503, retry_after_s: Some(200) };
    control.fault(Scope::RefundQuery, busy).await.unwrap();
    let order_no = giving_back(&shop).await;
    let met = |order: &LiveOrder| matches!(order.refunds[0].trouble, Some(Trouble::Unreadable(_)));
    let order = shop.counter.until(&order_no, "met with trouble", met).await;
    assert_eq!(order.refunds[0].state, RefundState::Unknown);
    let refund_no = order.refunds[0].refund_no.clone();
    assert!(is_taken(&shop.answers(1, async || control.notify_refund(&refund_no).await.unwrap()).await[0]));
    let taken_on = |order: &LiveOrder| order.refunds[0].state == RefundState::Processing;
    let order = shop.counter.until(&order_no, "taken on", taken_on).await;
    assert_eq!(order.refunds[0].trouble, None);
}

#[tokio::test]
async fn a_refund_notice_that_contradicts_our_refund_is_disputed() {
    let shop = Shop::open(&[]).await;
    let control = &shop.counter.control;
    let (order_no, refund_no) = refunding(&shop).await;
    control.fault_times(Scope::RefundQuery, 10_000, Fault::DropBefore).await.unwrap();
    control.fault_for(&order_no, Scope::Notification, 1, Fault::WrongAmount).await.unwrap();
    let sent = shop.answers(1, async || control.notify_refund(&refund_no).await.unwrap()).await;
    assert!(is_taken(&sent[0]), "{sent:?}");
    let order = shop.live(&order_no).await;
    assert_eq!(order.order.attention, Some(Attention::RefundDisputed));
    assert_eq!(order.refunds[0].state, RefundState::Processing);
}

#[tokio::test]
async fn a_refund_that_is_none_of_ours_calls_for_a_person() {
    let shop = Shop::open(&[NEVER]).await;
    let control = &shop.counter.control;
    let order_no = shop.order().await;
    shop.pays_in_silence(&order_no).await;
    assert!(is_taken(&shop.ships(&order_no, None).await));
    control.notifications(Notifications { copies: 5, ..Notifications::default() }).await.unwrap();
    let sent = shop.answers(5, async || control.give_back(&order_no).await.map(drop).unwrap()).await;
    assert!(sent.iter().all(is_taken), "{sent:?}");
    let order = shop.live(&order_no).await;
    assert_eq!((order.order.state, order.order.attention), (State::Paid, Some(Attention::RefundedElsewhere)));
    assert_eq!((order.order.refunded_minor, order.refunds.len()), (0, 0), "the till has given nothing back");
    assert_eq!(shop.events(&order_no, "attention_raised").await, 1);
    let refund_no = control.refunds().await.unwrap().remove(0).refund_no;
    let gone = &order.order.refunded_elsewhere;
    assert_eq!((gone.len(), &gone[0].refund_no, gone[0].amount_minor), (1, &refund_no, 1_250));
    assert_eq!(order.refundable.elsewhere_unmarked.as_deref(), Some("12.50"));
    let timeline = shop.counter.till.timeline(&Actor::Owner, &order_no).await.unwrap();
    let raised = timeline.entries.iter().find(|entry| entry.kind == "attention_raised").unwrap();
    assert_eq!((raised.facts["refund_no"].as_str(), raised.facts["amount_minor"].as_str()), (&*refund_no, "1250"));
    let kept = shop.counter.till.raw_answer(&Actor::Owner, raised.raw.as_deref().unwrap()).await.unwrap().unwrap();
    assert!(kept.contains(&refund_no), "{kept}");

    // To whoever dealt with it a copy is no news, and another refund is.
    control.notifications(Notifications::default()).await.unwrap();
    let till = &shop.counter.till;
    till.handle_attention(&Actor::Owner, &order_no, Attention::RefundedElsewhere, "looked up").await.unwrap();
    // The other one is more than was paid, which is said as well.
    for (fault, events) in [(Fault::Delay { ms: 0 }, 1), (Fault::WrongNumber, 3)] {
        control.fault_for(&order_no, Scope::Notification, 1, fault).await.unwrap();
        let sent = shop.answers(1, async || control.notify_refund(&refund_no).await.unwrap()).await;
        assert!(is_taken(&sent[0]), "{sent:?}");
        assert_eq!(shop.events(&order_no, "attention_raised").await, events);
    }
    let order = shop.live(&order_no).await.order;
    assert_eq!(order.attentions, [Attention::RefundDisputed, Attention::RefundedElsewhere]);
    assert_eq!(order.beyond_paid_minor, 1_250);
}

#[tokio::test]
async fn a_notice_of_more_back_than_it_says_was_paid_makes_nothing_known_of_a_refund_that_is_none_of_ours() {
    let shop = Shop::open(&[NEVER]).await;
    let control = &shop.counter.control;
    control.fault_times(Scope::Query, 1_000, Fault::DropBefore).await.unwrap();
    let order_no = order_no(&shop.speak(shop.speech()).await);
    shop.pays_in_silence(&order_no).await;
    control.notifications(Notifications::default()).await.unwrap();
    control.fault_for(&order_no, Scope::Notification, 1, Fault::WrongAmount).await.unwrap();
    let sent = shop.answers(1, async || control.give_back(&order_no).await.map(drop).unwrap()).await.remove(0);
    assert!(sent.body.contains("\"refundAmt\":1251"), "{sent:?}");
    let answer = said(&sent);
    assert_eq!((answer["retCode"].as_str(), sent.signed), (Some("FAIL"), Some(true)), "{sent:?}");
    assert!(answer["retMsg"].as_str().unwrap().contains("refundAmt"), "{answer}");
    let order = shop.live(&order_no).await.order;
    assert_eq!((order.paid_minor, order.attention, order.refunded_elsewhere.len()), (None, None, 0));
    let refund_no = control.refunds().await.unwrap().remove(0).refund_no;
    let sent = shop.answers(1, async || control.notify_refund(&refund_no).await.unwrap()).await.remove(0);
    assert!(is_taken(&sent), "the right one is taken: {sent:?}");
    assert_eq!(shop.live(&order_no).await.order.refunded_elsewhere.len(), 1);
}

#[tokio::test]
async fn a_refund_that_is_none_of_ours_is_told_while_its_order_is_disputed_and_stays_when_that_is_settled() {
    let shop = Shop::open(&[NEVER]).await;
    let control = &shop.counter.control;
    let order_no = shop.order().await;
    shop.pays_in_silence(&order_no).await;
    assert!(is_taken(&shop.ships(&order_no, None).await));
    // The gateway cannot be asked, or its answer would settle the matter at once.
    control.fault_times(Scope::Query, 1_000, Fault::DropBefore).await.unwrap();
    assert!(is_taken(&shop.ships(&order_no, Some(Fault::WrongTransaction)).await));
    assert_eq!(shop.live(&order_no).await.order.state, State::Disputed);
    control.notifications(Notifications::default()).await.unwrap();
    let sent = shop.answers(1, async || control.give_back(&order_no).await.map(drop).unwrap()).await;
    assert!(is_taken(&sent[0]), "{sent:?}");
    let order = shop.live(&order_no).await;
    assert_eq!(order.order.state, State::Disputed);
    assert!(order.order.attentions.contains(&Attention::RefundedElsewhere), "{:?}", order.order.attentions);

    control.clear_faults().await.unwrap();
    let order = shop.ask(&order_no).await;
    assert_eq!((order.order.state, order.order.attention), (State::Paid, Some(Attention::RefundedElsewhere)));
    let request = RefundRequest {
        order_no,
        amount: "12.50".into(),
        reason: "cold".into(),
        items: LINES.map(|(id, quantity, amount_minor)| Item { id: id.into(), quantity, amount_minor }).into(),
    };
    let refused = shop.counter.till.refund(&Actor::Owner, None, &request).await.unwrap_err();
    assert_eq!(refused.code, Code::RefundedElsewhereFirst, "it is not given back once more");
}

#[tokio::test]
async fn ruling_19_a_refund_notice_with_the_platforms_number_of_another_order_pays_none_and_leaves_that_one_alone() {
    let shop = Shop::open(&[NEVER]).await;
    let control = &shop.counter.control;
    let asked_about = shop.order().await;
    let known = shop.ask(&asked_about).await.order.gateway_no;
    assert_eq!(known, Some(control.trade(&asked_about).await.unwrap().trade.gateway_no));
    // From here on nothing but the notices tells the platform's numbers.
    control.fault_times(Scope::Query, 1_000, Fault::DropBefore).await.unwrap();
    let never_asked_about = order_no(&shop.speak(shop.speech()).await);
    let other = order_no(&shop.speak(shop.speech()).await);
    shop.pays_in_silence(&other).await;
    assert!(is_taken(&shop.ships(&other, Some(Fault::WrongTransaction)).await));
    let the_other = async || {
        let order = shop.live(&other).await;
        let timeline = shop.counter.till.timeline(&Actor::Owner, &other).await.unwrap();
        (
            order.order.state,
            order.order.gateway_no,
            order.order.refunded_minor,
            order.order.attentions,
            timeline.entries,
        )
    };
    let before = the_other().await;
    assert_eq!(before.0, State::Paid);
    let its_number = before.1.clone().unwrap();

    for (order_no, known, reason) in
        [(&asked_about, known, DisputeReason::Number), (&never_asked_about, None, DisputeReason::GatewayNo)]
    {
        shop.pays_in_silence(order_no).await;
        let refund_no = control.give_back(order_no).await.unwrap().refund_no;
        // Nobody has paid it after all.
        control.unpay(order_no).await.unwrap();
        control.fault_for(order_no, Scope::Notification, 1, Fault::WrongTransaction).await.unwrap();
        let sent = shop.answers(1, async || control.notify_refund(&refund_no).await.unwrap()).await.remove(0);
        assert!(is_taken(&sent) && sent.body.contains(&its_number), "ruling 17: committed {sent:?}");
        let order = shop.live(order_no).await;
        assert_eq!((order.order.state, order.order.paid_minor, order.order.gateway_no), (State::Disputed, None, known));
        assert_eq!(order.order.reason.as_deref(), Some(reason.word()));
        assert!(order.order.attentions.contains(&Attention::RefundedElsewhere), "{:?}", order.order.attentions);
        assert_eq!(the_other().await, before);
    }

    control.clear_faults().await.unwrap();
    for order_no in [&asked_about, &never_asked_about] {
        let order = shop.ask(order_no).await.order;
        let its_own = control.trade(order_no).await.unwrap().trade.gateway_no;
        assert_eq!((order.state, order.paid_minor, order.gateway_no), (State::Expiring, None, Some(its_own)));
        assert_eq!(shop.events(order_no, "paid").await, 0);
    }
    assert_eq!(shop.counter.payments_today(), 1, "the other one");
}
