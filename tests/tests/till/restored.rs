//! Refunds of a till whose journal was put back from a backup: what went back since the backup only the gateway knows.

use crate::machine::{Machine, Says, pass, selling};
use std::time::Duration;
use till_core::error::{Code, Refusal};
use till_core::journal::{self, Event, Point, TillEvent};
use till_core::rights::Actor;
use till_core::words::Language;
use till_engine::request::{Desk, Errand, Request, answer};
use till_engine::storage::{Append, NewEvent, Storage};
use till_engine::till::Till;
use till_engine::view::LiveOrder;
use till_engine::view::refunds::RefundRequest;
use tokio::sync::{mpsc, watch};

/// Says in the journal that a backup was put in its place: one with all that is in it.
async fn restore(machine: &Machine) {
    let (seq, _) = machine.disk.head().await.unwrap().unwrap();
    let stream = machine.disk.stream(journal::TILL).await.unwrap();
    let backup = Point { seq, hash: "00".repeat(32) };
    let event = TillEvent::Restored { old: None, backup, kept: None };
    let payload = journal::write(&Event::Till { event }).unwrap();
    let events = vec![NewEvent { at: stream.last().unwrap().at.clone(), actor: "owner".into(), payload }];
    let append = Append { subject: journal::TILL.into(), seen: stream.len() as u64, events, row: None, raw: None };
    machine.disk.append(vec![append]).await.unwrap();
}

async fn refund(till: &Till, order_no: &str, amount: &str) -> Result<LiveOrder, Refusal> {
    let (order_no, amount) = (order_no.to_owned(), amount.to_owned());
    let request = RefundRequest { order_no, amount, reason: "退货".into(), items: vec![] };
    till.refund(&Actor::Owner, None, &request).await
}

#[tokio::test(start_paused = true)]
async fn of_an_order_that_was_paid_before_a_restore_a_first_refund_waits_for_the_gateways_word_on_it() {
    for (says, code) in [
        (Says::State("SUCCESS"), None),
        (Says::State("REFUND"), Some(Code::RefundedElsewhereFirst)),
        (Says::State("NOTPAY"), Some(Code::RefundAfterRestore)),
        (Says::Busy(5), Some(Code::RefundAfterRestore)),
        (Says::Error(301, "订单不存在"), Some(Code::RefundAfterRestore)),
        (Says::Nothing, Some(Code::RefundAfterRestore)),
    ] {
        let machine = Machine::new();
        let (till, order) = selling(&machine).await;
        let no = order.order.order_no.as_str();
        machine.gateway.says(Says::State("SUCCESS"));
        till.ask(&Actor::Owner, no).await.unwrap();
        drop(till);
        restore(&machine).await;
        let till = machine.launch().await;
        machine.gateway.says(says);
        machine.gateway.asked();
        assert_eq!(refund(&till, no, "12.51").await.unwrap_err().code, Code::RefundOverCeiling);
        assert!(machine.gateway.asked().is_empty(), "what is refused in any case asks nobody");
        let given = refund(&till, no, "2.00").await;
        let refused = given.err();
        assert_eq!(refused.as_ref().map(|refused| refused.code), code);
        if matches!(says, Says::Error(..)) {
            let what = refused.unwrap().sentence(Language::En).what;
            assert!(what.ends_with("error 301 “订单不存在”. The gateway says it has no such order."), "{what}");
        }
        assert_eq!(machine.gateway.asked().len(), 1, "{code:?}: it was asked");
        pass(Duration::from_secs(60)).await;
        assert_eq!(machine.gateway.refunds(), usize::from(code.is_none()), "{code:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_paid_after_a_restore_or_without_one_is_given_back_without_a_question() {
    for restored in [false, true] {
        let machine = Machine::new();
        let (till, order) = selling(&machine).await;
        let no = order.order.order_no.as_str();
        if restored {
            restore(&machine).await;
        }
        machine.gateway.says(Says::State("SUCCESS"));
        till.ask(&Actor::Owner, no).await.unwrap();
        machine.gateway.asked();
        refund(&till, no, "2.00").await.unwrap();
        assert!(machine.gateway.asked().is_empty(), "restored: {restored}");
        pass(Duration::from_secs(60)).await;
        assert_eq!(machine.gateway.refunds(), 1, "restored: {restored}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_first_refund_that_waits_for_the_gateways_word_is_not_made_for_somebody_who_has_gone() {
    let machine = Machine::new();
    let (till, order) = selling(&machine).await;
    let order_no = order.order.order_no;
    machine.gateway.says(Says::State("SUCCESS"));
    till.ask(&Actor::Owner, &order_no).await.unwrap();
    drop(till);
    restore(&machine).await;
    machine.gateway.questions_take(Duration::from_secs(3));
    let (_leaving, left) = watch::channel(false);
    let desk = Desk::new(machine.launch().await, left, None);
    let refund =
        RefundRequest { order_no: order_no.clone(), amount: "2.00".into(), reason: "退货".into(), items: vec![] };
    let errand = Errand::of(Request::Refund { refund, wait: true });
    let (replies, said) = mpsc::channel(1);
    let goes = async move {
        pass(Duration::from_secs(1)).await;
        drop(said);
    };
    tokio::join!(answer(&desk, &errand, &replies), goes);
    pass(Duration::from_secs(60)).await;
    let order = desk.till().order(&order_no).await.unwrap();
    assert_eq!((order.refunds.len(), machine.gateway.refunds()), (0, 0));
}
