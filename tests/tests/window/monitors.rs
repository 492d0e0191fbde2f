//! A second monitor: the customer's window opens on it by itself, goes with it, and comes back with it.

use serde_json::{Value, json};
use till_tests::window::picture::read_code;
use till_tests::window::{Bench, Stage, Window};

/// Waits until the page in front fills the second monitor: its left edge, top edge, width and height.
async fn fills_the_second_monitor(window: &Window) {
    let place = "return [screenX, screenY, innerWidth, innerHeight]";
    let filled = |place: Value| (place == json!([1400, 0, 1024, 768])).then_some(());
    window.until_seen("the second monitor is filled", place, &[], filled).await;
}

/// Waits until the cashier's key for the customer's window says whether that is open.
async fn the_key_says(window: &Window, open: bool) {
    window.cashier().await;
    let key = "return document.querySelector('[data-testid=customer-window]').getAttribute('aria-pressed')";
    let says = |pressed: Value| (pressed == json!(open.to_string())).then_some(());
    window.until_seen("the key says whether the customer's window is open", key, &[], says).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_customers_window_fills_the_second_monitor_goes_with_it_and_comes_back_with_the_open_order() {
    let stage = Stage::with(Bench { screen: (1400, 900), second_monitor: true, ..Bench::default() }).await;
    stage.add_account(&[]).await;
    let window = stage.launch().await;
    let checkout = window.checkout();
    checkout.ready().await;
    window.customer().await.shows("blank").await;
    fills_the_second_monitor(&window).await;

    the_key_says(&window, true).await;
    let shown = checkout.sell_and_show("12.50").await;
    let code = stage.sandbox.phone_url(&shown.order_no);
    window.customer().await.shows("qr").await;
    assert_eq!(read_code(&window, "qr").await, code);

    window.cashier().await;
    stage.unplug_monitor();
    window.alone().await;
    the_key_says(&window, false).await;
    window.text_with("till-notice", "顾客屏幕断开了").await;
    let kept = checkout.until("the code on the cashier's screen", |panel| panel.qr).await;
    assert_eq!(kept.order_no, shown.order_no);

    stage.plug_monitor();
    window.customer().await.shows("qr").await;
    fills_the_second_monitor(&window).await;
    assert_eq!(read_code(&window, "qr").await, code);
    stage.control.pay(&shown.order_no).await.unwrap();
    window.customer().await.shows("paid").await;
    window.cashier().await;
    checkout.paid().await;
    window.gone("till-notice").await;
}
