//! What cannot be stored.

use crate::machine::{Machine, Says, pass, selling};
use std::time::Duration;
use till_core::error::Code;
use till_core::order::State;
use till_core::time::{DAY, MINUTE};
use till_engine::storage::StorageFault;

#[tokio::test(start_paused = true)]
async fn what_cannot_be_stored_is_tried_again_with_pauses_that_double_up_to_a_minute() {
    let machine = Machine::new();
    let (till, order) = selling(&machine).await;
    machine.disk.fail_with(Some(StorageFault::DiskFull));
    machine.gateway.says(Says::State("SUCCESS"));
    pass(Duration::from_secs(4 * 60)).await;
    let tries = machine.disk.tries();
    let mut pauses: Vec<u64> = tries.windows(2).map(|two| two[1] - two[0]).collect();
    pauses.retain(|pause| *pause > 0);
    assert_eq!(pauses, [2, 4, 8, 16, 32, 60, 60], "{tries:?}");
    assert_eq!(till.order(&order.order.order_no).await.unwrap().order.state, State::AwaitingPayment);
    let said = |code: Code| till.health().notices.iter().any(|notice| notice.code == code);
    assert!(said(Code::DiskFull));

    machine.disk.fail_with(None);
    pass(Duration::from_secs(60)).await;
    let paid = till.order(&order.order.order_no).await.unwrap();
    assert_eq!(paid.order.state, State::Paid, "the answer was kept until it could be stored");
    assert!(!said(Code::DiskFull), "and what was complained of is over");
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_could_not_be_stored_at_once_goes_before_what_time_decides_without_it() {
    let machine = Machine::new();
    let (till, order) = selling(&machine).await;
    // Unpaid whatever is closed, until the till would call for a person because a week has passed.
    pass(Duration::from_micros(u64::try_from(7 * DAY + 4 * MINUTE).unwrap())).await;
    machine.gateway.says(Says::State("SUCCESS"));
    machine.disk.fail_once_with(StorageFault::DiskFull);
    pass(Duration::from_secs(2 * 60 * 60)).await;
    let paid = till.order(&order.order.order_no).await.unwrap();
    assert_eq!((paid.order.state, paid.order.attention), (State::Paid, None));
    let events = machine.disk.events().await;
    let told = |word: &str| events.iter().any(|event| String::from_utf8_lossy(&event.payload).contains(word));
    assert!(told("\"paid\"") && machine.disk.tries().len() == 1, "it was stored at the second try");
    assert!(!told("open_for_a_week"), "nothing was decided as if the answer had not come");
}
