//! Notifications at a till whose disk or whose time is not what it should be.

use crate::machine::{Machine, Says, notification, pass, selling};
use std::time::Duration;
use till_core::order::State;
use till_engine::storage::StorageFault;
use till_engine::till::{NotAccepted, Till};

async fn state(till: &Till, order_no: &str) -> State {
    till.order(order_no).await.unwrap().order.state
}

#[tokio::test(start_paused = true)]
async fn ruling_17_what_cannot_be_stored_is_not_accepted_and_books_nothing() {
    let machine = Machine::new();
    let (till, order) = selling(&machine).await;
    let order_no = order.order.order_no;
    let told = || till.notified("pooul", "main", notification(&order_no, "SUCCESS"));
    machine.disk.fail_with(Some(StorageFault::DiskFull));
    assert_eq!(told().await, Err(NotAccepted::NotStored(StorageFault::DiskFull)));
    assert_eq!(state(&till, &order_no).await, State::AwaitingPayment);
    machine.disk.fail_with(None);
    assert_eq!(told().await, Ok("success"));
    assert_eq!(state(&till, &order_no).await, State::Paid);
    assert_eq!(told().await, Ok("success"), "a duplicate");
}

#[tokio::test(start_paused = true)]
async fn a_notification_waits_for_what_was_learned_before_it() {
    let machine = Machine::new();
    let (till, order) = selling(&machine).await;
    let order_no = order.order.order_no;
    machine.gateway.says(Says::State("CLOSED"));
    machine.disk.fail_with(Some(StorageFault::DiskFull));
    pass(Duration::from_secs(3)).await;
    assert!(!machine.disk.tries().is_empty(), "what the gateway said waits to be stored");
    machine.disk.fail_with(None);
    let told = till.notified("pooul", "main", notification(&order_no, "SUCCESS")).await;
    assert!(matches!(told, Err(NotAccepted::NotStored(StorageFault::Failed(_)))), "{told:?}");
    pass(Duration::from_secs(60)).await;
    assert_eq!(state(&till, &order_no).await, State::Closed);
    assert_eq!(till.notified("pooul", "main", notification(&order_no, "SUCCESS")).await, Ok("success"));
    let order = till.order(&order_no).await.unwrap().order;
    assert_eq!((order.state, order.late), (State::Paid, true));
}

#[tokio::test(start_paused = true)]
async fn ruling_17_after_the_deadline_nothing_is_booked() {
    let machine = Machine::new();
    let (till, order) = selling(&machine).await;
    let order_no = order.order.order_no;
    let told = till.notified("pooul", "main", notification(&order_no, "SUCCESS"));
    assert!(tokio::time::timeout(Duration::ZERO, told).await.is_err(), "nobody waits for it any more");
    pass(Duration::from_secs(1)).await;
    assert_eq!(state(&till, &order_no).await, State::AwaitingPayment);
}

#[tokio::test(start_paused = true)]
async fn ruling_17_an_order_that_ended_long_ago_takes_a_duplicate_and_a_late_payment() {
    let machine = Machine::new();
    let (till, order) = selling(&machine).await;
    let order_no = order.order.order_no;
    machine.gateway.says(Says::State("CLOSED"));
    pass(Duration::from_secs(3 * 24 * 60 * 60)).await;
    assert!(till.snapshot().open.is_empty());
    for (said, expected) in [("CLOSED", State::Closed), ("SUCCESS", State::Paid), ("SUCCESS", State::Paid)] {
        machine.gateway.says(Says::State(said));
        assert_eq!(till.notified("pooul", "main", notification(&order_no, said)).await, Ok("success"), "{said}");
        pass(Duration::from_secs(1)).await;
        assert_eq!(state(&till, &order_no).await, expected, "{said}");
    }
    let events = machine.disk.events().await;
    let paid =
        events.iter().filter(|event| String::from_utf8_lossy(&event.payload).contains("\"type\":\"paid\"")).count();
    assert_eq!(paid, 1);
}
