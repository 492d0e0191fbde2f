//! Sales that go as they should, and customers who think twice.

use till_sandbox::{Operation, TradeState};
use till_tests::window::{Key, Stage, picture};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sale_is_typed_shown_and_paid() {
    let (stage, window) = Stage::selling().await;
    let checkout = window.checkout();
    for key in ["1", "2", ".", "5"] {
        window.click(&format!("key-{key}")).await;
    }
    checkout.amount("12.5").await;
    checkout.choose("alipay.scan").await;
    window.click("charge").await;
    let shown = checkout.until("a code", |panel| panel.qr).await;
    assert_eq!(shown.amount, "¥12.50");
    checkout.open_order(shown.last_four(), "awaiting_payment").await;

    let link = picture::read_code(&window, "qr").await;
    assert_eq!(link, stage.sandbox.phone_url(&shown.order_no), "the painted code is the customer's link");
    let column =
        "const told = [...document.querySelectorAll('.timings dd')].map((it) => it.getBoundingClientRect().left);
        return told.length > 1 && told.every((left) => Math.abs(left - told[0]) < 1)";
    window.until("what happened stands in one column", column, &[]).await;

    stage.control.pay(&shown.order_no).await.unwrap();
    let paid = checkout.paid().await;
    assert_eq!((paid.amount.as_str(), &paid.order_no, paid.qr), ("¥12.50", &shown.order_no, false));
    assert!(paid.line.contains("已收款"), "{paid:?}");
    window.text_with("today", "¥12.50").await;
    window.resize(1200, 750).await;
    let large = "const amount = document.querySelector('[data-testid=order-amount] .amount');
        return parseFloat(getComputedStyle(amount).fontSize) > 80";
    window.until("what was paid is large in a low window too", large, &[]).await;

    // The next amount can be typed at once.
    window.keys("8").await;
    checkout.amount("8").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_amount_that_could_be_meant_in_two_ways_is_charged_only_once_that_key_is_taken_back() {
    let (stage, window) = Stage::selling().await;
    let checkout = window.checkout();
    checkout.ready().await;
    let stopped = "return document.querySelector('[data-testid=charge]').disabled
        && document.getElementById('amount-hint').innerText.includes('不成金额')";
    window.keys("9,50").await;
    window.until("said to be no amount", stopped, &[]).await;
    checkout.amount("9").await;
    window.press(Key::Enter).await;
    window.press(Key::Backspace).await;
    window.until("an amount again", &format!("return !({})", &stopped["return ".len()..]), &[]).await;
    window.keys(".50").await;
    window.press(Key::Enter).await;
    assert_eq!(checkout.until("a code", |panel| panel.qr).await.amount, "¥9.50");
    let received = stage.control.received(0).await.unwrap();
    assert_eq!(received.iter().filter(|call| call.operation == Operation::Create).count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sale_needs_no_mouse() {
    let (stage, window) = Stage::selling().await;
    let checkout = window.checkout();
    checkout.ready().await;
    window.press(Key::F2).await;
    checkout.chosen("alipay.scan").await;
    // The third way behind those beside the amount.
    window.chord(&[Key::Control], '3').await;
    checkout.chosen("qq.jsapi").await;
    window.press(Key::F1).await;
    checkout.chosen("wechat.scan").await;
    window.keys("12.55").await;
    window.press(Key::Backspace).await;
    window.keys("0").await;
    checkout.amount("12.50").await;
    window.press(Key::F6).await;
    window.until("the note has the focus", "return document.activeElement?.id === 'note'", &[]).await;
    window.keys("3 apples").await;
    window.press(Key::Enter).await;
    let shown = checkout.until("a code", |panel| panel.qr).await;
    let trade = stage.control.trade(&shown.order_no).await.unwrap().trade;
    assert_eq!((trade.body.as_str(), trade.amount_minor), ("3 apples", 1_250));

    stage.control.pay(&shown.order_no).await.unwrap();
    checkout.paid().await;
    window.press(Key::Enter).await;
    checkout.ready().await;
    window.chord(&[Key::Alt], '2').await;
    window.see(&format!("order-row-{}", shown.last_four())).await;
    window.chord(&[Key::Alt], '1').await;
    checkout.ready().await;
    window.keys("?").await;
    window.see("shortcuts").await;
    window.press(Key::Escape).await;
    window.gone("shortcuts").await;
    checkout.ready().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_declined_payment_is_said_and_can_still_be_paid() {
    let (stage, window) = Stage::selling().await;
    let checkout = window.checkout();
    let shown = checkout.sell_and_show("12.50").await;
    stage.control.dawdle(&shown.order_no).await.unwrap();
    checkout.state("paying").await;
    stage.control.decline(&shown.order_no).await.unwrap();
    let declined = checkout.until("declined", |panel| panel.line.contains("没有付成")).await;
    assert!(declined.qr, "the same code still works: {declined:?}");
    stage.control.pay(&shown.order_no).await.unwrap();
    assert_eq!(checkout.paid().await.order_no, shown.order_no);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn escape_closes_the_order_at_the_gateway() {
    let (stage, window) = Stage::selling().await;
    let checkout = window.checkout();
    let shown = checkout.sell_and_show("12.50").await;
    window.press(Key::Escape).await;
    let ended = checkout.until("ended", |panel| panel.kind == "outcome").await;
    assert_eq!((ended.state.as_str(), ended.qr, &ended.order_no), ("closed", false, &shown.order_no));
    assert_eq!(stage.control.trade(&shown.order_no).await.unwrap().trade.state, TradeState::Closed);
    let received = stage.control.received(0).await.unwrap();
    assert_eq!(received.iter().filter(|request| request.operation == Operation::Close).count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_customer_changes_from_one_wallet_to_another() {
    let (stage, window) = Stage::selling().await;
    let checkout = window.checkout();
    checkout.ready().await;
    checkout.choose("wechat.scan").await;
    window.click("amount-input").await;
    let first = checkout.sell_and_show("12.50").await;

    window.press(Key::F9).await;
    window.see("other-panel").await;
    window.press(Key::F2).await;
    checkout.chosen("alipay.scan").await;
    window.press(Key::Enter).await;
    let second = checkout.until("the second code", |panel| panel.qr && panel.order_no != first.order_no).await;
    assert_eq!(second.amount, "¥12.50");

    let trade = |order_no: String| {
        let control = stage.control.clone();
        async move { control.trade(&order_no).await.unwrap().trade }
    };
    assert_eq!(trade(second.order_no.clone()).await.channel, "alipay.scan");
    stage.control.pay(&second.order_no).await.unwrap();
    assert_eq!(checkout.paid().await.order_no, second.order_no);
    // Its close may still be on its way when the second is paid.
    window.orders().open().await;
    window.orders().listed("both orders", &[first.last_four(), second.last_four()]).await;
    let row = "return document.querySelector(`[data-testid='order-row-${arguments[0]}']`)?.dataset.state === 'closed'";
    window.until("the first is closed", row, &[first.last_four().into()]).await;
    assert_eq!(trade(first.order_no.clone()).await.state, TradeState::Closed);
    assert!(stage.control.creates().await.unwrap().values().all(|times| *times == 1));

    let sale = |order_no: String| {
        let stage = &stage;
        async move { stage.done(&["--json", "order", "show", &order_no], "").await.json()["sale"].clone() }
    };
    assert_eq!(sale(first.order_no.clone()).await, sale(second.order_no.clone()).await, "one sale, two orders");
}
