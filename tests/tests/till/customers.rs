//! Customers who want to know how their order stands.

use crate::machine::{Machine, SILENCE, Says, pass, selling};
use std::time::Duration;
use till_core::order::State;
use till_core::rights::Actor;
use till_engine::till::Till;

/// A till, the number of an order that was asked about just now, and when: the plan lets five seconds pass before the next question.
async fn just_asked(machine: &Machine) -> (Till, String, u64) {
    let (till, order) = selling(machine).await;
    let order_no = order.order.order_no;
    pass(Duration::from_secs(40)).await;
    machine.gateway.asked();
    till.ask(&Actor::Owner, &order_no).await.unwrap();
    let asked = machine.second();
    assert_eq!(machine.gateway.asked(), [asked]);
    (till, order_no, asked)
}

#[tokio::test(start_paused = true)]
async fn customers_who_press_right_after_a_question_have_one_more_asked_two_seconds_after_it() {
    let machine = Machine::new();
    let (till, order_no, asked) = just_asked(&machine).await;
    machine.gateway.says(Says::State("SUCCESS"));
    futures_util::future::join_all((0..300).map(|_| till.ask_for_customer(&order_no))).await;
    assert_eq!(machine.gateway.asked(), [asked + 2], "one question for all of them");
    assert_eq!(till.order(&order_no).await.unwrap().order.state, State::Paid);
}

#[tokio::test(start_paused = true)]
async fn a_customer_who_presses_while_a_question_is_under_way_has_another_one_asked_when_it_is_over() {
    let machine = Machine::new();
    let (till, order) = selling(&machine).await;
    let order_no = order.order.order_no;
    pass(Duration::from_secs(40)).await;
    machine.gateway.asked();
    machine.gateway.says(Says::Nothing);
    pass(Duration::from_secs(6)).await;
    let under_way = machine.gateway.asked()[0];
    machine.gateway.says(Says::State("SUCCESS"));
    till.ask_for_customer(&order_no).await;
    assert_eq!(machine.gateway.asked(), [0; 0], "one question at a time");
    pass(SILENCE).await;
    assert_eq!(machine.gateway.asked(), [under_way + SILENCE.as_secs()]);
    assert_eq!(till.order(&order_no).await.unwrap().order.state, State::Paid);
}

#[tokio::test(start_paused = true)]
async fn a_question_that_leaves_after_a_customers_press_answers_it() {
    let machine = Machine::new();
    let (till, order_no, asked) = just_asked(&machine).await;
    let cashier = async {
        pass(Duration::from_secs(1)).await;
        till.ask(&Actor::Owner, &order_no).await.unwrap()
    };
    tokio::join!(till.ask_for_customer(&order_no), cashier);
    pass(Duration::from_secs(3)).await;
    assert_eq!(machine.gateway.asked(), [asked + 1], "the cashier's question was the customer's as well");
}
