//! Payment codes: sent once, and kept nowhere.

use crate::machine::{Machine, Says, WALLET_NO, charging, pass, ready, sell};
use std::future::Future;
use std::time::Duration;
use till_core::account::AccountChange;
use till_core::order::State;
use till_core::rights::Actor;
use till_engine::till::Till;
use till_tests::log::Log;
use tokio::runtime::Builder;

const CODE: &str = "137712345678901234";
const REFUSAL: &str = "code 137712345678901234 refused";

/// A till whose account has payment codes reversed.
async fn reversing(machine: &Machine) -> Till {
    let till = ready(machine).await;
    let mut change = AccountChange::default();
    change.fields.insert("micro_reverse".into(), "yes".into());
    till.change_account(&Actor::Owner, "main", &change).await.unwrap();
    till
}

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
async fn what_the_gateway_said_before_a_payment_is_quoted_no_more_once_it_tells_of_that() {
    let machine = Machine::new();
    let till = reversing(&machine).await;
    let order = sell(&till, "wechat.micro", Some(CODE)).await;
    let order_no = order.order.order_no;
    till.close(&Actor::Owner, &order_no).await.unwrap();
    // By then the reverse has left: the order keeps its task after a payment, too.
    pass(Duration::from_secs(30)).await;
    machine.gateway.says(Says::Error(101, "签名错误"));
    let order = till.ask(&Actor::Owner, &order_no).await.unwrap().live;
    assert_eq!(order.said.and_then(|said| said.text).as_deref(), Some("签名错误"));
    machine.gateway.says(Says::State("SUCCESS"));
    let order = till.ask(&Actor::Owner, &order_no).await.unwrap().live;
    assert!(order.asking.asked > 0, "as its task has it");
    assert_eq!((order.order.state, order.said), (State::Paid, None));
}

#[tokio::test(start_paused = true)]
async fn when_a_code_can_be_ended_is_told_from_the_start_and_stays_so_when_somebody_wants_it() {
    let tells = |left: Option<i64>, ms: i64| left.is_some_and(|left| (ms - 100..=ms).contains(&left));
    for (reverses, floor_ms) in [(false, 300_000), (true, 15_000)] {
        let machine = Machine::new();
        let till = if reverses { reversing(&machine).await } else { ready(&machine).await };
        let sold = sell(&till, "wechat.micro", Some(CODE)).await;
        assert!(sold.closing.is_none() && tells(sold.end_floor_in_ms, floor_ms), "{sold:?}");
        pass(Duration::from_secs(5)).await;
        let ending = till.close(&Actor::Owner, &sold.order.order_no).await.unwrap();
        assert!(ending.closing.is_some() && tells(ending.end_floor_in_ms, floor_ms - 5_000), "{ending:?}");
    }
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
