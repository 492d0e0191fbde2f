//! People at the till: the first manager, taking turns, the idle lock, wrong PINs and lost ones.

use std::time::Duration;
use till_tests::rights::{CASHIER, MANAGER, WRONG_PIN};
use till_tests::window::{Key, Panel, Stage, Window};

/// Whoever takes over must not keep a queue waiting.
const SOON: Duration = Duration::from_secs(2);

/// A machine with the account `main`, a manager and a cashier, and its window; nobody has said who they are.
pub(super) async fn staffed() -> (Stage, Window) {
    let stage = Stage::open().await;
    stage.add_account(&[]).await;
    hire(&stage).await;
    let window = stage.launch().await;
    window.checkout().ready().await;
    (stage, window)
}

/// Adds the manager and the cashier on the command line.
pub(super) async fn hire(stage: &Stage) {
    stage.done(&["operator", "add", MANAGER.0, "--role", "manager"], MANAGER.1).await;
    let cashier = ["operator", "add", CASHIER.0, "--role", "cashier", "--operator", MANAGER.0];
    stage.done(&cashier, &format!("{}\n{}", MANAGER.1, CASHIER.1)).await;
}

/// Sells something, has it paid, and is ready for the next customer.
pub(super) async fn sold(stage: &Stage, window: &Window, amount: &str) -> Panel {
    let checkout = window.checkout();
    let shown = checkout.sell_and_show(amount).await;
    stage.control.pay(&shown.order_no).await.unwrap();
    let paid = checkout.paid().await;
    window.press(Key::Enter).await;
    checkout.ready().await;
    paid
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_manager_ends_the_owners_time_and_people_take_turns_within_two_seconds() {
    let (stage, window) = Stage::selling().await;
    let people = window.people();
    let paid = sold(&stage, &window, "30.00").await;
    people.is("owner").await;
    people.add(MANAGER.0, "manager", MANAGER.1, None).await;
    people.is("nobody").await;
    people.sign_in(MANAGER.0, MANAGER.1).await;
    people.add(CASHIER.0, "cashier", CASHIER.1, Some(MANAGER.1)).await;

    let cashier = people.switch('2', CASHIER.0, CASHIER.1).await;
    println!("a cashier took over within {cashier:?}");
    // A cashier sees the payment, and whom it needs to give it back.
    let order = window.refunds().find(&paid.order_no, &paid.order_no).await;
    assert!(!order.form && order.text.contains("退款要店长登录"), "{order:?}");
    let manager = people.switch('1', MANAGER.0, MANAGER.1).await;
    println!("a manager took over within {manager:?}");
    // The driver's own time is in it, and a busy machine's: three of five are in time.
    let (mut cashiers, mut managers) = (vec![cashier], vec![manager]);
    while managers.len() < 5 {
        cashiers.push(people.switch('2', CASHIER.0, CASHIER.1).await);
        managers.push(people.switch('1', MANAGER.0, MANAGER.1).await);
    }
    let soon = |switches: &[Duration]| switches.iter().filter(|switch| **switch < SOON).count() >= 3;
    assert!(soon(&cashiers) && soon(&managers), "{cashiers:?} {managers:?}");
    window.refunds().until("a form for giving back", |order| order.form && order.order_no == paid.order_no).await;

    window.chord(&[Key::Alt], 'l').await;
    people.is("nobody").await;
    window.refunds().until("no form any more", |order| !order.form).await;
    window.chord(&[Key::Alt], '1').await;
    window.checkout().sell_and_show("8.00").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_till_that_nobody_touches_locks_itself_and_leaves_the_code_to_the_customer() {
    let (stage, window) = staffed().await;
    let (people, checkout) = (window.people(), window.checkout());
    people.sign_in(MANAGER.0, MANAGER.1).await;
    people.limit("idle", "15", MANAGER.1).await;
    window.click("rail-checkout").await;
    let shown = checkout.sell_and_show("12.50").await;
    let left = "return document.querySelector('[data-testid=countdown]')?.value ?? null";
    let before = window.until("a countdown", left, &[]).await.as_f64().unwrap();
    people.here(MANAGER.0).await;

    people.is("nobody").await;
    let still = checkout.until("the code", |panel| panel.qr).await;
    assert_eq!((&still.order_no, &still.amount), (&shown.order_no, &shown.amount));
    let after = window.until("a countdown", left, &[]).await.as_f64().unwrap();
    assert!((5_000.0..25_000.0).contains(&(before - after)), "it goes on counting: {before} {after}");
    stage.control.pay(&shown.order_no).await.unwrap();
    assert_eq!(checkout.paid().await.order_no, shown.order_no);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn six_wrong_pins_lock_a_manager_out_and_neither_the_right_one_nor_a_restart_helps() {
    let (stage, window) = staffed().await;
    let people = window.people();
    people.choose(MANAGER.0).await;
    for left in (1..=5).rev() {
        let (code, words) = people.refused_pin(WRONG_PIN).await;
        assert!(code == "pin_wrong" && words.contains(&format!("还可以试 {left} 次")), "{code}: {words}");
    }
    for pin in [WRONG_PIN, MANAGER.1] {
        let (code, words) = people.refused_pin(pin).await;
        assert!(code == "locked_out" && words.contains("30 分钟"), "{code}: {words}");
    }

    window.end().await;
    let window = stage.launch().await;
    window.checkout().ready().await;
    let people = window.people();
    people.choose(MANAGER.0).await;
    let (code, _) = people.refused_pin(MANAGER.1).await;
    assert_eq!(code, "locked_out");
    window.press(Key::Escape).await;
    window.gone("sign-in").await;
    // Nobody else is kept out with that manager.
    people.sign_in(CASHIER.0, CASHIER.1).await;
    window.settings().open("people").await;
    assert!(people.locked(MANAGER.0).await && !people.locked(CASHIER.0).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_pin_is_replaced_at_the_closed_till_and_everybody_is_told() {
    let (stage, window) = staffed().await;
    let lost = ["operator", "pin", MANAGER.0, "--lost"];
    let refused = stage.command(&lost, "7531").await;
    assert_eq!(refused.code, Some(5), "the till is open: {refused:?}");
    stage.close(window).await;
    stage.done(&lost, "7531").await;

    let window = stage.launch().await;
    window.checkout().ready().await;
    let people = window.people();
    let notice = window.text_with("till-notice", MANAGER.0).await;
    let code = "return document.querySelector('[data-testid=till-notice] [data-code]')?.dataset.code";
    assert_eq!(window.run(code, vec![]).await, "pin_replaced", "{notice}");
    people.choose(MANAGER.0).await;
    assert_eq!(people.refused_pin(MANAGER.1).await.0, "pin_wrong");
    people.try_pin("7531").await;
    people.here(MANAGER.0).await;
    window.settings().open("people").await;
    window.text_with(&format!("operator-row-{}", MANAGER.0), "换过").await;
}
