//! The customer's window: what it shows, and that it may ask for nothing.

use serde_json::json;
use till_sandbox::{Fault, Scope};
use till_tests::window::picture::keep;
use till_tests::window::{Key, Stage};

/// Asks for a command as a page would, and says how it was answered.
const INVOKE: &str = "
    const [command, given] = arguments;
    const internals = window.__TAURI_INTERNALS__;
    if (internals === undefined) return 'nobody to ask';
    const answer = internals.invoke(command, given).then((got) => `answered: ${JSON.stringify(got)}`, (no) => `denied: ${no}`);
    const silence = new Promise((end) => setTimeout(end, 5000, 'silence'));
    return await Promise.race([answer, silence]);";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_customers_window_shows_one_order_and_nothing_of_the_next() {
    let (stage, window) = Stage::selling().await;
    let checkout = window.checkout();
    window.click("customer-window").await;
    let customer = window.customer().await;
    customer.shows("blank").await;

    window.cashier().await;
    let shown = checkout.sell_and_show("12.50").await;
    let customer = window.customer().await;
    customer.shows("qr").await;
    assert_eq!(customer.amount().await, "12.50");
    let link = till_tests::window::picture::read_code(&window, "qr").await;
    assert_eq!(link, stage.sandbox.phone_url(&shown.order_no), "the customer's code is the same");
    stage.control.dawdle(&shown.order_no).await.unwrap();
    customer.shows("paying").await;
    stage.control.pay(&shown.order_no).await.unwrap();
    customer.shows("paid").await;
    assert_eq!(customer.amount().await, "12.50");

    window.cashier().await;
    checkout.paid().await;
    window.press(Key::Enter).await;
    checkout.ready().await;
    let customer = window.customer().await;
    customer.shows("blank").await;
    assert!(!window.visible().await.contains("12.50"), "nothing of the order before is left");

    // Another way to pay takes the code off here at once.
    window.cashier().await;
    checkout.sell_and_show("8.00").await;
    window.customer().await.shows("qr").await;
    window.cashier().await;
    window.press(Key::F9).await;
    window.see("other-panel").await;
    window.customer().await.shows("blank").await;

    window.cashier().await;
    window.click("customer-window").await;
    window.alone().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_customer_is_told_no_more_than_is_so_of_a_code_taken_back_and_of_money_that_went_back() {
    let (stage, window) = Stage::selling().await;
    let checkout = window.checkout();
    checkout.ready().await;
    window.click("customer-window").await;
    window.customer().await.shows("blank").await;

    // Until a close is answered the customer may still have paid, and here has.
    window.cashier().await;
    let shown = checkout.sell_and_show("8.00").await;
    stage.control.fault_times(Scope::Close, 1_000, Fault::DropBefore).await.unwrap();
    window.press(Key::Escape).await;
    window.customer().await.shows("withdrawn").await;
    let said = window.visible().await;
    assert!(said.contains("如已付款，请告诉收银员") && !said.contains("已不能付款"), "{said}");
    keep(&window, "customer-withdrawn").await;
    stage.control.pay(&shown.order_no).await.unwrap();
    window.customer().await.shows("paid").await;

    window.cashier().await;
    checkout.paid().await;
    assert!(window.visible().await.contains("已收款"));
    stage.done(&["refund", &shown.order_no, "--reason", "退货"], "").await;
    window.until("all of it refunded", ALL_BACK, &[]).await;
    keep(&window, "paid-given-back").await;
    window.customer().await.shows("blank").await;
}

/// The panel of a payment tells that refunds gave all of it back, and is no good news any more.
const ALL_BACK: &str = "const panel = document.querySelector('[data-testid=paid]');
return panel !== null && panel.innerText.includes('已全部退款') && !panel.classList.contains('good')";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_customers_window_is_denied_everything_it_may_ask_for() {
    let (stage, window) = Stage::selling().await;
    let shown = window.checkout().sell_and_show("12.50").await;
    window.click("customer-window").await;
    let commands = [
        ("start", json!({})),
        ("snapshot", json!({})),
        ("order", json!({ "orderNo": shown.order_no })),
        (
            "orders",
            json!({ "query": { "text": "", "states": [], "attention_only": false, "sold_by": null, "day": null, "after": null } }),
        ),
        ("close", json!({ "orderNo": shown.order_no })),
        ("settings", json!({})),
        ("set_secret", json!({ "account": "main", "field": "key", "value": "stolen" })),
        ("remove_account", json!({ "name": "main" })),
        ("show_customer", json!({ "orderNo": null })),
        ("painted", json!({ "orderNo": shown.order_no })),
        ("plugin:event|listen", json!({ "event": "update", "target": { "kind": "Any" }, "handler": 1 })),
        ("plugin:event|emit", json!({ "event": "update", "payload": {} })),
        ("plugin:app|version", json!({})),
        ("plugin:window|close", json!({ "label": "main" })),
        ("plugin:webview|create_webview_window", json!({ "options": { "label": "other" } })),
    ];
    // The same question is answered in the cashier's window: what is denied is the window.
    let answer = window.run_async(INVOKE, vec![json!("snapshot"), json!({})]).await;
    assert!(answer["value"].as_str().unwrap_or_default().starts_with("answered: {"), "{answer}");
    let customer = window.customer().await;
    customer.shows("qr").await;
    for (command, given) in commands {
        let answer = window.run_async(INVOKE, vec![json!(command), given]).await;
        let answer = answer["value"].as_str().unwrap_or_default();
        assert!(answer.starts_with("denied: ") && answer.contains("not allowed"), "{command}: {answer}");
    }
    // Nor does it leave its page, or open another.
    let away = "const before = location.href; location.href = 'https://example.invalid/'; return before";
    let before = window.run(away, vec![]).await;
    customer.shows("qr").await;
    assert_eq!(window.run("return location.href", vec![]).await, before);
    assert!(window.run("return window.open('https://example.invalid/') === null", vec![]).await == json!(true));
    assert_eq!(window.client.windows().await.unwrap().len(), 2);
    window.cashier().await;
    stage.control.pay(&shown.order_no).await.unwrap();
    window.checkout().paid().await;
}
