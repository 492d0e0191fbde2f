//! Payment codes: sent once, and kept nowhere.

use crate::log::Log;
use crate::machine::{Machine, Says, WALLET_NO, charging, ready};
use std::future::Future;
use till_core::order::State;
use till_core::rights::Actor;
use tokio::runtime::Builder;

const CODE: &str = "137712345678901234";
const REFUSAL: &str = "code 137712345678901234 refused";

/// One run of the till: what it began ends with it.
fn run<T>(whole: impl Future<Output = T>) -> T {
    Builder::new_current_thread().enable_all().start_paused(true).build().unwrap().block_on(whole)
}

#[test]
fn a_code_that_another_run_sent_is_neither_logged_nor_kept_when_the_gateway_repeats_it() {
    let log = Log::listen();
    let (machine, order_no) = run(async {
        let machine = Machine::new();
        let (_till, order) = charging(&machine, CODE).await;
        (machine, order.order.order_no)
    });
    run(async {
        machine.gateway.says(Says::Error(600, REFUSAL));
        let till = machine.launch().await;
        let order = till.ask(&Actor::Owner, &order_no).await.unwrap().live;
        assert!(!format!("{order:?}").contains("1377"), "{order:?}");
        assert_eq!(log.lines_with("code ****************** refused"), log.lines_with("refused"));
        assert!(log.lines_with("refused") > 0, "what the gateway said is logged");

        machine.gateway.says(Says::PaidWith(CODE));
        let order = till.ask(&Actor::Owner, &order_no).await.unwrap().live;
        assert_eq!(order.order.state, State::Paid);
        assert_eq!(log.lines_with(CODE), 0);

        let mut answers = Vec::new();
        for event in machine.disk.events().await {
            let payload = String::from_utf8(event.payload).unwrap();
            assert!(!payload.contains(CODE), "{payload}");
            if let Some((_, after)) = payload.split_once("\"raw\":\"") {
                answers.extend(till.raw_answer(&Actor::Owner, &after[..64]).await.unwrap());
            }
        }
        let paid = answers.iter().find(|answer| answer.contains("SUCCESS")).expect("the answer is kept");
        assert!(paid.contains(&order_no) && paid.contains(WALLET_NO) && paid.contains("\"total_fee\":1250"), "{paid}");
        assert!(answers.iter().all(|answer| !answer.contains(CODE)), "{answers:?}");
    });
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_told_by_the_words_that_came_with_it_and_by_no_older_ones() {
    let machine = Machine::new();
    machine.gateway.says(Says::Error(600, "the customer must confirm"));
    let (till, order) = charging(&machine, CODE).await;
    let order_no = order.order.order_no;
    let order = till.ask(&Actor::Owner, &order_no).await.unwrap().live;
    assert_eq!(order.said.and_then(|said| said.text).as_deref(), Some("the customer must confirm"));
    machine.gateway.says(Says::State("PAYERROR"));
    let order = till.ask(&Actor::Owner, &order_no).await.unwrap().live;
    assert!(order.asking.asked > 0, "as its task has it");
    assert_eq!((order.order.state, order.said), (State::Failed, None));
}

#[tokio::test(start_paused = true)]
async fn a_gateway_that_got_a_code_was_asked_although_nothing_that_it_says_counts() {
    let machine = Machine::new();
    let before = ready(&machine).await.health();
    assert!(!before.asked);
    let machine = Machine::new();
    machine.gateway.says(Says::Busy(1));
    let (till, _order) = charging(&machine, CODE).await;
    let health = till.health();
    assert_eq!((health.asked, health.answered_ago_ms), (true, None));
}
