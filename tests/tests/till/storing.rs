//! What cannot be stored.

use crate::machine::{Machine, Says, pass, selling};
use std::time::Duration;
use till_core::error::Code;
use till_core::order::State;
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
