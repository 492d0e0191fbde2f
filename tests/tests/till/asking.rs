//! When gateways are asked.

use crate::machine::{Machine, Says, begin, pass, ready, sell, selling};
use std::time::Duration;
use till_core::gateway::Unreadable;
use till_core::order::{DisputeReason, State};
use till_core::rights::Actor;
use till_engine::storage::StorageFault;
use till_engine::view::{Came, NotAsked, Trouble};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;

/// A payment could hide behind a look that was not answered.
#[tokio::test(start_paused = true)]
async fn a_look_after_the_end_that_is_not_answered_is_taken_again_until_it_is() {
    let machine = Machine::new();
    let (till, order) = selling(&machine).await;
    machine.gateway.says(Says::State("CLOSED"));
    let order = till.ask(&Actor::Owner, &order.order.order_no).await.unwrap().live;
    assert_eq!(order.order.state, State::Closed);
    let end = machine.second();
    machine.gateway.asked();

    machine.gateway.says(Says::Nothing);
    pass(Duration::from_secs(70 * MINUTE)).await;
    let minutes = |asked: Vec<u64>| asked.into_iter().map(|at| (at - end) / MINUTE).collect::<Vec<_>>();
    assert_eq!(minutes(machine.gateway.asked()), [30, 32, 36, 44, 60], "at 30 minutes, then with growing pauses");
    machine.gateway.says(Says::State("CLOSED"));
    pass(Duration::from_secs(2 * HOUR - 70 * MINUTE - 1)).await;
    assert_eq!(minutes(machine.gateway.asked()), [92], "once it was answered no more");

    machine.gateway.says(Says::Nothing);
    pass(Duration::from_secs(MINUTE)).await;
    assert_eq!(minutes(machine.gateway.asked()), [120], "the next look");
    machine.gateway.says(Says::State("SUCCESS"));
    pass(Duration::from_secs(3 * MINUTE)).await;
    assert_eq!(minutes(machine.gateway.asked()), [122]);
    let order = till.order(&order.order.order_no).await.unwrap();
    assert_eq!((order.order.state, order.order.late), (State::Paid, true), "what hid behind it is found");
}

#[tokio::test(start_paused = true)]
async fn a_person_is_answered_at_once_while_the_gateway_wants_patience_and_asked_for_when_that_is_over() {
    let machine = Machine::new();
    let (till, order) = selling(&machine).await;
    machine.gateway.says(Says::Busy(90));
    machine.gateway.asked();
    let order_no = order.order.order_no;
    till.ask(&Actor::Owner, &order_no).await.unwrap();
    let busy = machine.second();
    assert_eq!(machine.gateway.asked(), [busy]);

    machine.gateway.says(Says::State("SUCCESS"));
    pass(Duration::from_secs(10)).await;
    for _ in 0..5 {
        let order = till.ask(&Actor::Owner, &order_no).await.unwrap().live;
        assert_eq!((order.order.state, machine.second()), (State::AwaitingPayment, busy + 10));
    }
    pass(Duration::from_secs(79)).await;
    assert_eq!(machine.gateway.asked(), [0; 0], "a person's hurry does not overrule the gateway");
    pass(Duration::from_secs(2)).await;
    assert_eq!(machine.gateway.asked(), [busy + 90]);
    assert_eq!(till.order(&order_no).await.unwrap().order.state, State::Paid);
}

#[tokio::test(start_paused = true)]
async fn whoever_asks_is_told_whether_a_question_left_and_whether_its_answer_is_stored() {
    let machine = Machine::new();
    let (till, order) = selling(&machine).await;
    let order_no = order.order.order_no;
    machine.gateway.asked();
    let ask = async || {
        let asked = till.ask(&Actor::Owner, &order_no).await.unwrap();
        (asked.came, machine.gateway.asked().len())
    };
    assert_eq!(ask().await, (Came::Answered, 1));
    machine.gateway.says(Says::Error(600, "refused"));
    let (came, left) = ask().await;
    assert!(matches!(&came, Came::Unanswered(Trouble::Said(said)) if said.code == "600"), "{came:?}");
    assert_eq!(left, 1);
    machine.gateway.says(Says::Busy(90));
    let busy = Came::Unanswered(Trouble::Unreadable(Unreadable::Status(503)));
    assert_eq!(ask().await, (busy, 1));
    assert_eq!(ask().await, (Came::NotAsked(NotAsked::Patience), 0));

    machine.gateway.says(Says::State("NOTPAY"));
    pass(Duration::from_secs(100)).await;
    machine.gateway.asked();
    machine.gateway.says(Says::State("SUCCESS"));
    machine.disk.fail_with(Some(StorageFault::DiskFull));
    assert_eq!(ask().await, (Came::NotStored, 1));
    assert_eq!(ask().await, (Came::NotAsked(NotAsked::StoresFirst), 0));
    machine.disk.fail_with(None);
    pass(Duration::from_secs(MINUTE)).await;
    assert_eq!(till.order(&order_no).await.unwrap().order.state, State::Paid);
    machine.gateway.asked();
    assert_eq!(ask().await, (Came::Answered, 1), "its task had ended, and begins for the question");
}

#[tokio::test(start_paused = true)]
async fn whoever_asks_while_something_else_is_under_way_is_told_where_its_answer_cannot_be_stored() {
    let machine = Machine::new();
    let till = ready(&machine).await;
    machine.gateway.takes(Duration::from_secs(5));
    let order_no = begin(&till, "wechat.scan", None).await.order.order_no;
    let ask = async || {
        let asked = tokio::time::timeout(Duration::from_secs(MINUTE), till.ask(&Actor::Owner, &order_no)).await;
        asked.expect("nobody waits for the disk").unwrap().came
    };
    let began = machine.second();
    let fills = async {
        pass(Duration::from_secs(1)).await;
        machine.disk.fail_with(Some(StorageFault::DiskFull));
    };
    let (came, ()) = tokio::join!(ask(), fills);
    assert_eq!((came, machine.second()), (Came::NotAsked(NotAsked::StoresFirst), began + 5), "with the create");
    assert_eq!(machine.gateway.asked(), [0; 0]);

    machine.disk.fail_with(None);
    pass(Duration::from_secs(3)).await;
    assert_eq!(machine.gateway.asked(), [began + 7], "it is asked about as soon as that is stored");
    assert_eq!(till.order(&order_no).await.unwrap().order.state, State::AwaitingPayment);
}

#[tokio::test(start_paused = true)]
async fn an_order_in_doubt_of_the_run_before_is_being_asked_about_until_its_gateway_has_answered() {
    let machine = Machine::new();
    let (till, order) = selling(&machine).await;
    for state in ["SUCCESS", "CLOSED"] {
        machine.gateway.says(Says::State(state));
        till.ask(&Actor::Owner, &order.order.order_no).await.unwrap();
    }
    assert_eq!(till.order(&order.order.order_no).await.unwrap().order.state, State::Disputed);
    drop(till);
    machine.gateway.says(Says::Nothing);
    let till = machine.launch().await;
    let counts = || till.recovery().map(|recovery| (recovery.still_asking, recovery.in_doubt));
    pass(Duration::from_secs(MINUTE)).await;
    assert_eq!(counts(), Some((1, 0)));
    machine.gateway.says(Says::State("CLOSED"));
    pass(Duration::from_secs(HOUR)).await;
    assert_eq!(counts(), Some((0, 1)));
}

const THEIRS: &str = "59706a00fd4eb0196a03e898";
const OURS: &str = "59706a00fd4eb0196a03e899";

#[tokio::test(start_paused = true)]
async fn what_paid_one_order_pays_no_other_whatever_else_the_answer_states() {
    let machine = Machine::new();
    let (till, first) = selling(&machine).await;
    machine.gateway.says(Says::StateUnder("SUCCESS", THEIRS));
    let first = till.ask(&Actor::Owner, &first.order.order_no).await.unwrap().live;
    assert_eq!((first.order.state, first.order.gateway_no.as_deref()), (State::Paid, Some(THEIRS)));

    let second = sell(&till, "wechat.scan", None).await.order.order_no;
    let doubted = till.ask(&Actor::Owner, &second).await.unwrap().live.order;
    assert_eq!((doubted.state, doubted.reason.as_deref()), (State::Disputed, Some(DisputeReason::GatewayNo.word())));
    assert_eq!((doubted.paid_minor, doubted.gateway_no), (None, None));
    let again = till.ask(&Actor::Owner, &first.order.order_no).await.unwrap().live;
    assert_eq!(again.order.state, State::Paid, "its own number contradicts nothing");

    machine.gateway.says(Says::StateUnder("SUCCESS", OURS));
    let paid = till.ask(&Actor::Owner, &second).await.unwrap().live.order;
    assert_eq!((paid.state, paid.paid_minor), (State::Paid, Some(1250)));
}

#[tokio::test(start_paused = true)]
async fn of_two_orders_that_are_told_of_one_payment_at_once_one_is_paid() {
    let machine = Machine::new();
    let (till, first) = selling(&machine).await;
    let second = sell(&till, "wechat.scan", None).await;
    machine.disk.slow(Duration::from_secs(1));
    machine.gateway.says(Says::StateUnder("SUCCESS", THEIRS));
    let ask = async |order_no: &str| till.ask(&Actor::Owner, order_no).await.unwrap().live.order.state;
    let (first, second) = tokio::join!(ask(&first.order.order_no), ask(&second.order.order_no));
    let mut states = [first, second];
    states.sort_unstable();
    assert_eq!(states, [State::Paid, State::Disputed]);
}

#[tokio::test(start_paused = true)]
async fn one_payment_pays_one_of_two_orders_that_go_by_numbers_of_their_own() {
    let machine = Machine::new();
    let (till, first) = selling(&machine).await;
    let (first, second) = (first.order.order_no, sell(&till, "wechat.scan", None).await.order.order_no);
    let told = async |order_no: &str, state, gateway_no| {
        machine.gateway.says(Says::StateUnder(state, gateway_no));
        let order = till.ask(&Actor::Owner, order_no).await.unwrap().live.order;
        (order.state, order.gateway_no)
    };
    let goes_by = |gateway_no: &str| Some(gateway_no.to_owned());
    assert_eq!(told(&first, "USERPAYING", THEIRS).await, (State::Paying, goes_by(THEIRS)));
    assert_eq!(told(&second, "USERPAYING", OURS).await, (State::Paying, goes_by(OURS)));
    // Under a third number, which is the first one's from here on.
    let third = "59706a00fd4eb0196a03e89a";
    assert_eq!(told(&first, "SUCCESS", third).await, (State::Paid, goes_by(third)));
    assert_eq!(told(&second, "SUCCESS", third).await, (State::Disputed, goes_by(OURS)));
    assert_eq!(told(&second, "SUCCESS", OURS).await, (State::Paid, goes_by(OURS)));
}
