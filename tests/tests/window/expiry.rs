//! An order whose time is up.

use till_sandbox::{Operation, TradeState};
use till_tests::window::Stage;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_that_nobody_pays_is_closed_when_its_minute_is_over() {
    let stage = Stage::open().await;
    stage.add_account(&[("plan.expire_s", "60"), ("plan.poll_ms", "1000")]).await;
    let window = stage.launch().await;
    let checkout = window.checkout();
    let shown = checkout.sell_and_show("12.50").await;
    let left = "return document.querySelector('[data-testid=countdown]')?.value ?? null";
    let left = window.until("a countdown", left, &[]).await.as_f64().unwrap();
    assert!((1_000.0..=60_000.0).contains(&left), "{left}");

    // Nothing moves for a minute: the journal tells when.
    let order = ["--json", "journal", "list", "--after", "0", "--follow"];
    let mut feed = stage.follow(&order);
    feed.until("the close is asked for", std::time::Duration::from_secs(75), |line| {
        line.contains(&shown.order_no) && line.contains("close_requested")
    })
    .await;
    let ended = checkout.until("closed", |panel| panel.kind == "outcome").await;
    assert_eq!((ended.state.as_str(), &ended.order_no), ("closed", &shown.order_no));
    assert_eq!(stage.control.trade(&shown.order_no).await.unwrap().trade.state, TradeState::Closed);
    let received = stage.control.received(0).await.unwrap();
    let asked: Vec<_> = received.iter().map(|request| request.operation).collect();
    let close = asked.iter().position(|operation| *operation == Operation::Close).expect("a close");
    assert_eq!(asked[close - 1], Operation::Query, "asked before the close");
    assert!(asked[close + 1..].contains(&Operation::Query), "asked after the close: {asked:?}");
}
