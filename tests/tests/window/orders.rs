//! The list of orders and what one order went through.

use std::fs;
use std::path::PathBuf;
use till_engine::export::check;
use till_tests::window::{Key, Stage};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn orders_are_found_by_number_amount_and_gateways_number_and_tell_their_story() {
    let (stage, window) = Stage::selling().await;
    let checkout = window.checkout();
    let mut sold = Vec::new();
    for amount in ["12.50", "8.00", "30.00"] {
        let shown = checkout.sell_and_show(amount).await;
        stage.control.pay(&shown.order_no).await.unwrap();
        sold.push(checkout.paid().await);
        window.press(Key::Enter).await;
    }
    checkout.ready().await;
    let last: Vec<&str> = sold.iter().map(|panel| panel.last_four()).collect();
    let orders = window.orders();
    orders.open().await;
    orders.listed("all", &last).await;
    orders.find("8.00", &last[1..2]).await;
    orders.find(&sold[0].order_no, &last[..1]).await;
    orders.find(last[2], &last[2..]).await;
    let gateway_no = stage.done(&["--json", "order", "show", &sold[1].order_no], "").await.json();
    let gateway_no = gateway_no["gateway_no"].as_str().expect("the gateway's number").to_owned();
    orders.find(&gateway_no, &last[1..2]).await;
    orders.find("no such order", &[]).await;
    orders.find("30.00", &last[2..]).await;

    orders.timeline(last[2]).await;
    orders.tells(&["drafted", "create_sent", "created", "paid"]).await;
    let raw = "const all = [...document.querySelectorAll('[data-testid=timeline] button[aria-expanded]')];
        all.at(-1).click(); return all.length";
    assert!(window.run(raw, vec![]).await.as_i64().unwrap() >= 2, "the answers that changed something are kept");
    let raw = window.text_with("raw-answer", "trade_state").await;
    assert!(raw.contains(&sold[2].order_no), "{raw}");
    window.press(Key::Escape).await;
    window.gone("timeline").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_list_is_narrowed_to_is_exported_into_a_folder_that_is_named() {
    let (stage, window) = Stage::selling().await;
    let checkout = window.checkout();
    for amount in ["12.50", "8.00"] {
        let shown = checkout.sell_and_show(amount).await;
        if amount == "8.00" {
            stage.control.pay(&shown.order_no).await.unwrap();
            checkout.paid().await;
        }
        checkout.next_customer().await;
    }
    window.orders().open().await;
    window.select("search-state", "paid").await;
    window.click("export").await;
    window.select("export-format", "csv").await;
    window.click("export-start").await;
    window.see("export-done").await;
    let folder = PathBuf::from(window.text("export-folder").await.trim());
    let checked = check(&folder).unwrap();
    assert!(checked.ok && checked.partial, "{checked:?}");
    let orders = fs::read_to_string(folder.join("orders.csv")).unwrap();
    assert!(orders.contains(",8.00,") && !orders.contains(",12.50,"), "{orders}");
    assert_eq!(orders.lines().count(), 2, "{orders}");
    window.click("export-close").await;
    window.gone("export-dialog").await;
}
