//! The first minute of a newcomer.

use std::time::{Duration, Instant};
use till_tests::window::{Bench, Stage};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_run_offers_training_as_a_process_of_its_own() {
    let stage = Stage::open().await;
    let window = stage.launch().await;
    window.see("first-run-connect").await;
    window.click("first-run-training").await;
    let deadline = Instant::now() + Duration::from_mins(1);
    let lock = stage.data().join("training").join("lock");
    let training = loop {
        let tills = stage.tills();
        let found = tills.into_iter().find(|till| till.arguments.iter().any(|argument| argument == "--training"));
        // It writes its number into the lock of its folder once the folder is its own.
        let locked = std::fs::read_to_string(&lock).unwrap_or_default();
        if let Some(training) = found
            && locked.trim() == training.pid.to_string()
        {
            break training;
        }
        assert!(Instant::now() < deadline, "no training after a minute; lock: {locked:?}; {:?}", stage.tills());
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert_ne!(training.pid, window.pid());
    // Training answers beside the real till, and knows another till than it.
    let accounts = stage.done(&["--training", "--json", "channels"], "").await;
    assert!(accounts.out.contains("wechat.scan"), "{accounts:?}");
    let real = stage.done(&["--json", "account", "list"], "").await;
    assert_eq!(real.out.trim(), "", "nothing of it reaches the real till");
    assert!(window.has("first-run-training").await, "the real window stays");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn training_sells_and_is_paid_from_the_practice_phone_without_a_keyring() {
    let stage = Stage::with(Bench { keyring: false, ..Bench::default() }).await;
    let window = stage.launch_with(&["--training"]).await;
    let checkout = window.checkout();
    window.see("training-mark").await;
    let shown = checkout.sell_and_show("12.50").await;
    assert!(shown.text.contains("练习"), "the order bears the mark: {shown:?}");
    window.click("open-phone").await;
    window.other_window("the customer's phone", "return document.querySelector('#pay') !== null").await;
    window.run("document.querySelector('#pay').click(); return true", vec![]).await;
    window.cashier().await;
    let paid = checkout.paid().await;
    assert_eq!((paid.order_no.as_str(), paid.amount.as_str()), (shown.order_no.as_str(), "¥12.50"));

    // Quit and start again: it is in the journal.
    window.end().await;
    let window = stage.launch_with(&["--training"]).await;
    checkout_ready(&window).await;
    window.orders().open().await;
    window.orders().listed("the sale of before", &[shown.last_four()]).await;
    assert!(!stage.data().join("journal.sqlite").exists(), "the real journal is out of reach");
}

async fn checkout_ready(window: &till_tests::window::Window) {
    window.checkout().ready().await;
}
