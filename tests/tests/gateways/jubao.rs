//! Jubao: pages by channel number, an answer that is lost for good, and orders that end by their expiry alone.

use crate::desk::{created_once, open, pay, received, within};
use std::sync::Arc;
use std::time::Duration;
use till_core::error::Code;
use till_core::order::report::Signature;
use till_core::order::{Attention, DisputeReason, EndReason, State};
use till_core::rights::Actor;
use till_core::words::Language;
use till_engine::keyring::MemoryKeyring;
use till_engine::view::{Came, LiveOrder, NotAsked, SaleRequest};
use till_sandbox::{Fault, Operation, Scope};
use till_tests::counter::{Counter, launch, until};

#[tokio::test]
async fn every_channel_is_paid_by_json_and_by_form() {
    for encoding in ["json", "form"] {
        let counter = open("jubao", &[("encoding", encoding), ("channels", "304, 305")]).await;
        counter.control.channels(&["101", "201", "304"]).await.unwrap();
        let channels: [(&str, &[(&str, &str)]); 3] =
            [("101", &[]), ("201", &[("attach", "三号桌")]), ("other", &[("pay_channel_id", "304")])];
        for (channel, extra) in channels {
            let order = counter.sell_on(channel, extra).await;
            assert!(order.order.qr.is_some() && order.order.gateway_no.is_some(), "{encoding} {channel}: {order:?}");
            pay(&counter, &order.order.order_no).await;
            created_once(&counter, &order.order.order_no).await;
        }
        let created = received(&counter, Operation::Create).await;
        let asked: Vec<_> = created.iter().map(|request| request.fields["pay_channel_id"].to_string()).collect();
        assert_eq!(asked.iter().map(|id| id.trim_matches('"')).collect::<Vec<_>>(), ["101", "201", "304"]);
        assert!(received(&counter, Operation::Query).await.iter().all(|query| query.accepted));
    }
}

#[tokio::test]
async fn answers_that_bear_a_signature_are_believed_only_with_the_right_one() {
    let counter = open("jubao", &[]).await;
    counter.control.jubao_signs(true).await.unwrap();
    let order = counter.sell_on("101", &[]).await;
    let order_no = &order.order.order_no;
    counter.control.fault_times(Scope::Query, 10_000, Fault::WrongSignature).await.unwrap();
    counter.control.pay(order_no.as_str()).await.unwrap();
    let order = counter.until(order_no, "asked", |order| order.asking.unanswered >= 3).await;
    assert_eq!((order.order.state, order.order.paid_minor), (State::AwaitingPayment, None));
    counter.control.clear_faults().await.unwrap();
    let paid = pay(&counter, order_no).await;
    assert_eq!(paid.proof.unwrap().signature, Some(Signature::Verified));
    counter.control.jubao_signs(false).await.unwrap();
    let bare = counter.sell_on("101", &[]).await;
    let paid = pay(&counter, &bare.order.order_no).await;
    let proof = paid.proof.unwrap();
    assert_eq!((proof.order_no, proof.amount, proof.signature), (true, true, Some(Signature::Absent)));
    let timeline = counter.till.timeline(&Actor::Owner, &bare.order.order_no).await.unwrap();
    let told: Vec<_> = timeline.entries.iter().filter_map(|entry| entry.proof).collect();
    assert_eq!(told, [proof], "the timeline tells the same, of the payment alone");
}

#[tokio::test]
async fn an_answer_that_contradicts_is_disputed_until_a_matching_one_comes() {
    let counter = open("jubao", &[]).await;
    for (fault, reason) in [
        (Fault::WrongAmount, DisputeReason::Amount),
        (Fault::WrongNumber, DisputeReason::Number),
        (Fault::WrongMerchant, DisputeReason::Merchant),
        (Fault::WrongCurrency, DisputeReason::Currency),
    ] {
        let order = counter.sell_on("201", &[]).await;
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
async fn an_error_code_that_speaks_of_an_end_ends_nothing() {
    let counter = open("jubao", &[]).await;
    let order = counter.sell_on("101", &[]).await;
    let order_no = &order.order.order_no;
    for code in [40101, 40103, 40105, 499_999] {
        let fault = Fault::Code { code, msg: "订单".into(), processed: true };
        counter.control.fault_times(Scope::Query, 10_000, fault).await.unwrap();
        let order = counter.till.ask(&Actor::Owner, order_no).await.unwrap().live;
        assert!(matches!(&order.said, Some(said) if said.code == code.to_string()), "{order:?}");
        assert_eq!((order.order.state, order.order.paid_minor), (State::AwaitingPayment, None), "{code}");
        counter.control.clear_faults().await.unwrap();
    }
}

/// An order whose create's answer was lost.
async fn lost(counter: &Counter) -> LiveOrder {
    counter.control.fault(Scope::Create, Fault::DropAfter).await.unwrap();
    let order = counter.sell_on("101", &[]).await;
    assert_eq!((order.order.state, &order.order.qr), (State::CreateUnknown, &None), "{order:?}");
    assert_eq!(order.order.attention, Some(Attention::CannotBeAsked));
    assert_eq!(order.order.next_query_at, None);
    order
}

#[tokio::test]
async fn a_lost_answer_cannot_be_asked_for_until_a_person_types_the_right_number() {
    let counter = open("jubao", &[]).await;
    let order = lost(&counter).await;
    let order_no = &order.order.order_no;
    assert!(order.further.allowed, "nobody has its code");
    let request = SaleRequest {
        account: "main".into(),
        channel: "101".into(),
        amount: "12.50".into(),
        sale: Some(order.order.sale.clone()),
        ..SaleRequest::default()
    };
    let second = counter.till.sell(&Actor::Owner, &request, None, None).await.unwrap();
    counter.till.created(&second.order.order_no).await;
    let second = counter.till.order(&second.order.order_no).await.unwrap();
    assert_eq!((&second.order.sale, second.order.state), (&order.order.sale, State::AwaitingPayment));

    let name = async |number: &str| counter.till.name_gateway_no(&Actor::Owner, order_no, number).await;
    let of_the_second = second.order.gateway_no.clone().unwrap();
    // It was asked: the sentence must not say that nothing was sent.
    let unknown = name("20202020202020202020").await.unwrap_err();
    assert_eq!((unknown.code, unknown.facts["reaction"].as_str()), (Code::NotConfirmed, "no_such_order"));
    assert!(unknown.sentence(Language::En).what.ends_with(". The gateway says it has no such order."), "{unknown:?}");
    assert_eq!(name(&of_the_second).await.unwrap_err().code, Code::NumberOfAnother);
    counter.control.fault(Scope::Query, Fault::DropAfter).await.unwrap();
    let right = counter.control.trade(order_no).await.unwrap().trade.gateway_no;
    // The second order is asked about as well: its question may have met the fault instead.
    counter.control.fault_for(order_no, Scope::Query, 1, Fault::Truncated).await.unwrap();
    assert_eq!(name(&right).await.unwrap_err().code, Code::NotVerified);
    let still = counter.till.order(order_no).await.unwrap();
    assert_eq!((still.order.state, &still.order.gateway_no), (State::CreateUnknown, &None));
    assert_eq!(still.order.attention, Some(Attention::CannotBeAsked));

    counter.control.clear_faults().await.unwrap();
    let known = name(&format!(" {right}\n")).await.unwrap();
    assert_eq!(known.order.gateway_no, Some(right.clone()));
    assert_eq!((known.order.attention, known.order.paid_minor), (None, None));
    pay(&counter, order_no).await;
    created_once(&counter, order_no).await;
    assert_eq!(name(&right).await.unwrap_err().code, Code::NumberNotNeeded, "there is nothing to name any more");
    assert_eq!(name(&of_the_second).await.unwrap_err().code, Code::NumberNotNeeded);
}

#[tokio::test]
async fn after_a_launch_it_is_not_said_that_such_an_order_is_being_asked_about() {
    let counter = open("jubao", &[]).await;
    let order = lost(&counter).await;
    let Counter { till, folder, .. } = counter;
    drop(till);
    let till = launch(folder.path(), Arc::new(MemoryKeyring::default())).await;
    until(&till, &order.order.order_no, "taken up", |_| {
        till.recovery().is_some_and(|recovery| (recovery.still_asking, recovery.not_asked) == (0, 1))
    })
    .await;
}

#[tokio::test]
async fn a_number_that_tells_of_a_payment_books_it_at_once() {
    let counter = open("jubao", &[]).await;
    let order = lost(&counter).await;
    let order_no = &order.order.order_no;
    assert!(order.asking.trouble.is_some(), "its create was not answered");
    let paid = counter.control.pay(order_no.as_str()).await.unwrap().trade;
    let order = counter.till.name_gateway_no(&Actor::Owner, order_no, &paid.gateway_no).await.unwrap();
    assert_eq!((order.order.state, order.order.paid_minor, order.order.late), (State::Paid, Some(1250), false));
    assert_eq!((order.order.attention, order.asking.trouble), (None, None), "what was met before is over");
}

#[tokio::test]
async fn a_number_whose_answer_names_another_amount_is_not_taken() {
    let counter = open("jubao", &[]).await;
    let order = lost(&counter).await;
    let order_no = &order.order.order_no;
    let right = counter.control.pay(order_no.as_str()).await.unwrap().trade.gateway_no;
    for (fault, code, doubt) in [
        (Fault::WrongAmount, Code::AnswerDoesNotFit, Some("amount")),
        (Fault::WrongMerchant, Code::AnswerDoesNotFit, Some("merchant")),
        (Fault::WrongCurrency, Code::AnswerDoesNotFit, Some("currency")),
        (Fault::WrongNumber, Code::NumberOfAnother, None),
    ] {
        counter.control.fault(Scope::Query, fault).await.unwrap();
        let refused = counter.till.name_gateway_no(&Actor::Owner, order_no, &right).await.unwrap_err();
        assert_eq!((refused.code, refused.facts.get("doubt").map(String::as_str)), (code, doubt));
        assert_eq!(refused.facts["number"], right);
    }
    assert_eq!(counter.till.order(order_no).await.unwrap().order.state, State::CreateUnknown);
}

#[tokio::test]
async fn who_asks_about_an_order_that_cannot_be_asked_for_does_not_wait() {
    let counter = open("jubao", &[]).await;
    let order = lost(&counter).await;
    let asked = counter.till.ask(&Actor::Owner, &order.order.order_no);
    let asked = tokio::time::timeout(Duration::from_secs(15), asked).await.expect("at once").unwrap();
    assert_eq!(asked.came, Came::NotAsked(NotAsked::NoNumber));
    let order = asked.live.order;
    assert_eq!((order.state, order.attention), (State::CreateUnknown, Some(Attention::CannotBeAsked)));

    // Somebody asks while the create is under way, and its answer is lost.
    counter.control.fault(Scope::Create, Fault::Delay { ms: 500 }).await.unwrap();
    counter.control.fault(Scope::Create, Fault::DropAfter).await.unwrap();
    let request =
        SaleRequest { account: "main".into(), channel: "101".into(), amount: "1".into(), ..SaleRequest::default() };
    let order = counter.till.sell(&Actor::Owner, &request, None, None).await.unwrap();
    assert_eq!(order.order.state, State::Creating);
    let asked = counter.till.ask(&Actor::Owner, &order.order.order_no);
    let asked = tokio::time::timeout(Duration::from_secs(15), asked).await.expect("after the create").unwrap();
    let came = Came::NotAsked(NotAsked::NoNumber);
    assert_eq!((asked.live.order.state, asked.came), (State::CreateUnknown, came));
}

#[tokio::test]
async fn escape_leaves_a_lost_order_where_it_is() {
    let counter = open("jubao", &[]).await;
    let order = lost(&counter).await;
    let closed = counter.till.close(&Actor::Owner, &order.order.order_no).await.unwrap();
    assert_eq!((closed.order.state, closed.order.attention), (State::CreateUnknown, Some(Attention::CannotBeAsked)));
    assert_eq!(received(&counter, Operation::Query).await, vec![]);
}

#[tokio::test]
async fn an_account_is_taken_out_of_use_while_an_order_waits_for_its_number_and_never_while_one_is_asked_about() {
    let counter = open("jubao", &[]).await;
    let order = lost(&counter).await;
    let asked = counter.sell_on("101", &[]).await;
    let kept = counter.till.remove_account(&Actor::Owner, "main").await.unwrap_err();
    assert_eq!((kept.code, kept.facts["count"].as_str()), (Code::AccountHasOpenOrders, "1"));
    pay(&counter, &asked.order.order_no).await;
    counter.till.remove_account(&Actor::Owner, "main").await.unwrap();
    assert!(counter.till.accounts().is_empty());
    let order_no = &order.order.order_no;
    assert_eq!(counter.till.order(order_no).await.unwrap().order.attention, Some(Attention::CannotBeAsked));

    let paid = counter.control.pay(order_no.as_str()).await.unwrap().trade;
    let known = counter.till.name_gateway_no(&Actor::Owner, order_no, &paid.gateway_no).await.unwrap();
    assert_eq!((known.order.state, known.order.paid_minor), (State::Paid, Some(1250)));
}

/// One test, so that the minute until expiry is waited for once.
#[tokio::test]
async fn expiry_ends_an_order_here_alone_and_asking_finds_a_later_payment() {
    let counter = open("jubao", &[("plan.expire_s", "60")]).await;
    let lost = lost(&counter).await;
    let order = counter.sell_on("101", &[]).await;
    let order_no = &order.order.order_no;
    // Taken off the screen before: nothing can be closed, so it is asked on until its expiry.
    let dropped = counter.sell_on("201", &[]).await;
    let closing = counter.till.close(&Actor::Owner, &dropped.order.order_no).await.unwrap();
    assert_eq!((closing.order.state, &closing.order.qr), (State::Expiring, &None));
    let confirmed = |order: &LiveOrder| order.further.allowed;
    counter.until(&dropped.order.order_no, "unpaid without its code", confirmed).await;

    for order_no in [order_no, &dropped.order.order_no] {
        let ended = within(Duration::from_secs(90), &counter, order_no, "closed", |order| order.ended).await;
        assert_eq!((ended.order.state, ended.end_reason), (State::Closed, Some(EndReason::ExpiredHere)));
        assert_eq!(ended.order.reason.as_deref(), Some("expired_here"));
        assert_eq!(ended.order.attention, Some(Attention::ExpiredHere));
        assert!(ended.drafted_ago_ms >= 60_000, "{ended:?}");
    }
    let lost = counter.till.order(&lost.order.order_no).await.unwrap();
    assert_eq!((lost.order.state, lost.order.attention), (State::CreateUnknown, Some(Attention::CannotBeAsked)));

    let unpaid = counter.till.ask(&Actor::Owner, order_no).await.unwrap().live;
    assert_eq!((unpaid.order.state, unpaid.order.attention), (State::Closed, Some(Attention::ExpiredHere)));
    counter.control.pay(order_no.as_str()).await.unwrap();
    let paid = counter.till.ask(&Actor::Owner, order_no).await.unwrap().live;
    assert_eq!((paid.order.state, paid.order.late, paid.order.paid_minor), (State::Paid, true, Some(1250)));
    assert_eq!(paid.order.attention, Some(Attention::LatePayment));
    counter.control.close(dropped.order.order_no.as_str()).await.unwrap();
    let closed = counter.till.ask(&Actor::Owner, &dropped.order.order_no).await.unwrap().live;
    assert_eq!((closed.end_reason, closed.order.attention), (Some(EndReason::Gateway), None));
}
