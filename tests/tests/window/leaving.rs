//! Closing the window ends the program, whatever it is doing, and loses nothing.

use std::time::Duration;
use till_sandbox::{Down, Fault, Scope};
use till_tests::window::Stage;

/// Closing must not make anybody wait: not even for a gateway that does not answer. Waiting for that one would take 20 s or more.
const SOON: Duration = Duration::from_secs(15);

/// The folder is free for another engine, and the journal whole.
async fn nothing_is_lost(stage: &Stage, arguments: &[&str], order_no: &str, state: &str) {
    assert_eq!(stage.tills().len(), 0, "no process of the till is left");
    let said = |command: &[&'static str]| [arguments, &["--json"], command].concat();
    let verified = stage.done(&said(&["journal", "verify"]), "").await.json();
    assert_eq!(verified["ok"], true, "{verified}");
    let shown = stage.done(&[&said(&["order", "show"])[..], &[order_no]].concat(), "").await.json();
    assert_eq!(shown["state"], state, "{shown}");
    // What writes needs the lock.
    let rebuilt = stage.done(&said(&["journal", "rebuild"]), "").await.json();
    assert_eq!(rebuilt["unreadable"], serde_json::json!([]), "{rebuilt}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn closing_the_window_in_the_middle_of_a_sale_ends_the_program_and_leaves_the_order_to_the_next_launch() {
    let (stage, window) = Stage::selling().await;
    let shown = window.checkout().sell_and_show("12.50").await;
    window.click("customer-window").await;
    window.customer().await.shows("qr").await;
    window.cashier().await;
    let took = stage.close(window).await;
    assert!(took < SOON, "{took:?}");
    nothing_is_lost(&stage, &[], &shown.order_no, "awaiting_payment").await;

    stage.control.pay(&shown.order_no).await.unwrap();
    let window = stage.launch().await;
    window.text_with("recovery", "1 笔已收款").await;
    let took = stage.close(window).await;
    assert!(took < SOON, "{took:?}");
    nothing_is_lost(&stage, &[], &shown.order_no, "paid").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn closing_the_window_does_not_wait_for_a_gateway_that_is_silent() {
    let (stage, window) = Stage::selling().await;
    let checkout = window.checkout();
    checkout.sell_and_show("8.00").await;
    checkout.next_customer().await;
    stage.control.fault(Scope::Create, Fault::Delay { ms: 60_000 }).await.unwrap();
    let made = checkout.sell("12.50").await;
    stage.arrived(&made.order_no).await;
    stage.control.down(Down::Silent).await.unwrap();
    let took = stage.close(window).await;
    assert!(took < SOON, "{took:?}");
    stage.control.up().await.unwrap();
    nothing_is_lost(&stage, &[], &made.order_no, "creating").await;
    let creates = stage.control.creates().await.unwrap();
    assert_eq!(creates.get(&made.order_no), Some(&1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn closing_the_window_of_training_ends_its_stage_too() {
    let stage = Stage::open().await;
    let window = stage.launch_with(&["--training"]).await;
    let checkout = window.checkout();
    checkout.ready().await;
    let shown = checkout.sell_and_show("12.50").await;
    let took = stage.close(window).await;
    assert!(took < SOON, "{took:?}");
    nothing_is_lost(&stage, &["--training"], &shown.order_no, "awaiting_payment").await;
}
