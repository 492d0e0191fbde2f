//! What a person waits for, and a look at an order that ended, beside so many open orders that their polls take every place.

use crate::machine::{Machine, Says, pass, sell, selling};
use std::time::Duration;
use till_core::rights::Actor;
use till_engine::till::Till;
use till_engine::view::Came;
use till_engine::view::refunds::RefundRequest;
use tokio::time::{Instant, sleep_until, timeout};

const MINUTE: Duration = Duration::from_secs(60);

/// As long as a person waits: for one of eight places, each taken for 3 s, and as long for the answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// A till, and an order of which its gateway says `state` for good.
async fn ended(machine: &Machine, state: &'static str) -> (Till, String) {
    let (till, order) = selling(machine).await;
    let order_no = order.order.order_no;
    machine.gateway.says_of(&order_no, Says::State(state));
    let order = till.ask(&Actor::Owner, &order_no).await.unwrap().live;
    assert!(order.ended, "{order:?}");
    (till, order_no)
}

/// 24 customers who do not pay, at a gateway that takes 3 s to answer a question.
async fn crowd(machine: &Machine, till: &Till) {
    machine.gateway.questions_take(Duration::from_secs(3));
    for _ in 0..24 {
        sell(till, "wechat.scan", None).await;
    }
    pass(Duration::from_secs(40)).await;
}

#[tokio::test(start_paused = true)]
async fn a_question_about_a_paid_order_and_a_refund_of_it_do_not_wait_behind_the_polls_of_open_ones() {
    let machine = Machine::new();
    let (till, paid) = ended(&machine, "SUCCESS").await;
    crowd(&machine, &till).await;
    let asked = timeout(PATIENCE, till.ask(&Actor::Owner, &paid)).await.expect("it is answered").unwrap();
    assert_eq!(asked.came, Came::Answered);

    let order_no = paid.clone();
    let request = RefundRequest { order_no, amount: "2.00".into(), reason: "退货".into(), items: vec![] };
    let wish = async {
        // A question about its order is under way.
        pass(Duration::from_millis(100)).await;
        till.refund(&Actor::Owner, None, &request).await.unwrap();
    };
    let (asked, ()) = timeout(PATIENCE, async { tokio::join!(till.ask(&Actor::Owner, &paid), wish) }).await.unwrap();
    assert_eq!(asked.unwrap().came, Came::Answered);
    pass(PATIENCE).await;
    assert_eq!(machine.gateway.refunds(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_look_at_an_order_that_ended_is_taken_although_the_polls_of_open_ones_keep_coming() {
    let machine = Machine::new();
    let (till, closed) = ended(&machine, "CLOSED").await;
    let end = Instant::now();
    pass(MINUTE * 29).await;
    crowd(&machine, &till).await;
    sleep_until(end + MINUTE * 30 + MINUTE / 2).await;
    let answered_ago_ms = till.order(&closed).await.unwrap().asking.answered_ago_ms;
    assert!(answered_ago_ms.is_some_and(|ago| ago < 30_000), "{answered_ago_ms:?}");
}
