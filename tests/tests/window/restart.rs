//! Reloads, power cuts and second launches in the middle of a sale.

use till_tests::window::Stage;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reload_in_the_middle_of_a_sale_loses_nothing() {
    let (stage, window) = Stage::selling().await;
    let checkout = window.checkout();
    let shown = checkout.sell_and_show("12.50").await;
    window.reload().await;
    let again = checkout.until("the code again", |panel| panel.qr).await;
    assert_eq!((&again.order_no, &again.amount), (&shown.order_no, &shown.amount));
    stage.control.pay(&shown.order_no).await.unwrap();
    assert_eq!(checkout.paid().await.order_no, shown.order_no);
    assert_eq!(stage.control.creates().await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reload_while_the_code_is_being_made_makes_no_second_one() {
    let (stage, window) = Stage::selling().await;
    let checkout = window.checkout();
    stage.control.fault(till_sandbox::Scope::Create, till_sandbox::Fault::Delay { ms: 8_000 }).await.unwrap();
    let made = checkout.sell("12.50").await;
    assert_eq!(made.state, "creating");
    window.reload().await;
    let shown = checkout.until("the code", |panel| panel.qr).await;
    assert_eq!(shown.order_no, made.order_no);
    let creates = stage.control.creates().await.unwrap();
    assert_eq!((creates.get(&made.order_no), creates.len()), (Some(&1), 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_power_cut_a_sheet_says_what_became_of_the_open_orders() {
    let (stage, window) = Stage::selling().await;
    let mut orders = Vec::new();
    for amount in ["12.50", "8.00", "30.00"] {
        let checkout = window.checkout();
        orders.push(checkout.sell_and_show(amount).await);
        checkout.next_customer().await;
    }
    window.cut_power().await;
    stage.control.pay(&orders[0].order_no).await.unwrap();
    stage.control.close(&orders[1].order_no).await.unwrap();

    let window = stage.launch().await;
    for part in ["停机时有 3 笔没有结束", "1 笔已收款", "1 笔已结束，没有得知付款", "1 笔还没有付款，仍开着"]
    {
        window.text_with("recovery", part).await;
    }
    window.click("recovery-dismiss").await;
    window.gone("recovery").await;

    // The one that waits can be brought back; its code was in the journal.
    window.click_until(&format!("open-order-{}", orders[2].last_four()), "qr").await;
    let checkout = window.checkout();
    let back = checkout.until("the code of the third", |panel| panel.qr).await;
    assert_eq!((back.order_no.as_str(), back.amount.as_str()), (orders[2].order_no.as_str(), "¥30.00"));
    stage.control.pay(&back.order_no).await.unwrap();
    checkout.paid().await;
    let creates = stage.control.creates().await.unwrap();
    assert!(creates.len() == 3 && creates.values().all(|times| *times == 1), "{creates:?}");
    let verified = stage.done(&["--json", "journal", "verify"], "").await.json();
    assert_eq!(verified["ok"], true, "{verified}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_power_cut_while_the_code_is_being_made_leaves_an_order_that_is_asked_for() {
    let (stage, window) = Stage::selling().await;
    stage.control.fault(till_sandbox::Scope::Create, till_sandbox::Fault::Delay { ms: 60_000 }).await.unwrap();
    let made = window.checkout().sell("12.50").await;
    stage.arrived(&made.order_no).await;
    window.cut_power().await;
    let window = stage.launch().await;
    // Its code was lost with the answer: nobody can pay it, and it is closed without a second create.
    window.text_with("recovery", "1 笔已结束，没有得知付款").await;
    let creates = stage.control.creates().await.unwrap();
    assert_eq!((creates.get(&made.order_no), creates.len()), (Some(&1), 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_launch_ends_and_leaves_the_first_its_one_window_and_a_command_is_handed_to_it() {
    let (stage, window) = Stage::selling().await;
    let before = stage.tills().len();
    let second = stage.command(&[], "").await;
    assert_eq!(second.code, Some(0), "{second:?}");
    assert_eq!(stage.tills().len(), before, "the second has ended");
    assert_eq!(window.client.windows().await.unwrap().len(), 1);

    let sold = stage.done(&["--json", "sale", "main", "wechat.scan", "8.00", "--no-wait"], "").await.json();
    let order_no = sold["order_no"].as_str().expect("a number").to_owned();
    let last_four = &order_no[order_no.len() - 4..];
    window.checkout().open_order(last_four, "awaiting_payment").await;
    stage.control.pay(&order_no).await.unwrap();
    window.checkout().open_order(last_four, "paid").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_left_open_is_taken_up_by_the_next_launch() {
    let (stage, window) = Stage::selling().await;
    let shown = window.checkout().sell_and_show("12.50").await;
    window.end().await;
    stage.control.pay(&shown.order_no).await.unwrap();
    let window = stage.launch().await;
    window.text_with("recovery", "1 笔已收款").await;
    window.text_with("today", "¥12.50").await;
}
