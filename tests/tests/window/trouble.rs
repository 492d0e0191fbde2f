//! What a cashier sees when the gateway does not do as it should.

use till_sandbox::{Down, Fault, Scope, TradeState};
use till_tests::window::{Key, Stage};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_that_is_away_is_said_and_asked_on_until_it_answers_paid() {
    let (stage, window) = Stage::selling().await;
    let checkout = window.checkout();
    let shown = checkout.sell_and_show("12.50").await;
    stage.control.down(Down::Refuse).await.unwrap();
    stage.control.pay(&shown.order_no).await.unwrap();
    let silent = checkout.until("said to be away", |panel| panel.line.contains("没有应答，仍在询问")).await;
    assert_eq!((silent.state.as_str(), silent.kind.as_str()), ("awaiting_payment", "state"));
    assert!(silent.text.contains("连不上网关"), "{silent:?}");
    window.text_with("health", "没有应答").await;
    stage.control.up().await.unwrap();
    assert_eq!(checkout.paid().await.order_no, shown.order_no);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_answer_to_a_create_costs_a_code_and_never_a_second_create() {
    let (stage, window) = Stage::selling().await;
    let checkout = window.checkout();
    // The lost order must still be there when Enter is pressed.
    stage.control.fault_times(Scope::Close, 1_000, Fault::DropBefore).await.unwrap();
    stage.control.fault(Scope::Create, Fault::DropAfter).await.unwrap();
    let lost = checkout.sell("12.50").await;
    let lost = checkout
        .until("said to be lost", |panel| panel.order_no == lost.order_no && panel.line.contains("二维码丢失"))
        .await;
    assert!(!lost.qr, "{lost:?}");
    window.press(Key::Enter).await;
    let second = checkout.until("a new code", |panel| panel.qr && panel.order_no != lost.order_no).await;
    assert_eq!(second.amount, "¥12.50");
    stage.control.pay(&second.order_no).await.unwrap();
    assert_eq!(checkout.paid().await.order_no, second.order_no);

    stage.control.clear_faults().await.unwrap();
    window.orders().open().await;
    let row = "return document.querySelector(`[data-testid='order-row-${arguments[0]}']`)?.dataset.state === 'closed'";
    window.until("the lost one is closed in the background", row, &[lost.last_four().into()]).await;
    assert_eq!(stage.control.trade(&lost.order_no).await.unwrap().trade.state, TradeState::Closed);
    let creates = stage.control.creates().await.unwrap();
    assert_eq!((creates.get(&lost.order_no), creates.get(&second.order_no), creates.len()), (Some(&1), Some(&1), 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payment_of_another_amount_is_shown_as_doubt_and_never_as_paid() {
    let (stage, window) = Stage::selling().await;
    let checkout = window.checkout();
    let shown = checkout.sell_and_show("12.50").await;
    stage.control.fault_times(Scope::Query, 1_000, Fault::WrongAmount).await.unwrap();
    stage.control.pay(&shown.order_no).await.unwrap();
    let doubt = checkout.state("disputed").await;
    assert_eq!((doubt.kind.as_str(), doubt.qr), ("state", false), "{doubt:?}");
    assert!(doubt.text.contains("金额不符"), "{doubt:?}");
    assert!(!window.has("paid").await);
    window.text_with("today", "还没有").await;
    checkout.open_order(shown.last_four(), "disputed").await;
    // Only a matching answer ends the doubt.
    stage.control.clear_faults().await.unwrap();
    assert_eq!(checkout.paid().await.order_no, shown.order_no);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sale_that_the_till_refuses_says_why_and_what_to_do() {
    let (stage, window) = Stage::selling().await;
    let checkout = window.checkout();
    checkout.ready().await;
    window.keys("99999999").await;
    window.press(Key::Enter).await;
    let code = "return document.querySelector('[data-testid=notice] [data-code]')?.dataset.code ?? null";
    assert_eq!(window.until("a notice", code, &[]).await, "amount_over_limit");
    assert!(stage.control.creates().await.unwrap().is_empty());
    checkout.amount("99999999").await;
    // Whoever types on has read it: it stands in nobody's way.
    window.press(Key::Backspace).await;
    checkout.amount("9999999").await;
    window.gone("notice").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_that_is_open_while_the_keyring_is_locked_goes_on_once_it_is_unlocked() {
    let (mut stage, window) = Stage::selling().await;
    let shown = window.checkout().sell_and_show("12.50").await;
    // Nobody is there who could be asked for its password, and the till has to read its keys again.
    stage.lock_keyring();
    window.cut_power().await;
    stage.control.pay(&shown.order_no).await.unwrap();
    let window = stage.launch().await;
    let checkout = window.checkout();
    window.see("recovery").await;
    window.click("recovery-dismiss").await;
    window.click_until(&format!("open-order-{}", shown.last_four()), "state").await;
    let locked = checkout.until("said to be locked", |panel| panel.text.contains("收银台无法发出询问")).await;
    assert_eq!((locked.order_no.as_str(), locked.kind.as_str()), (shown.order_no.as_str(), "state"), "{locked:?}");
    // A new sale is refused for the same reason, and sends nothing.
    let refused = stage.command(&["--json", "sale", "main", "wechat.scan", "8.00"], "").await;
    assert!(refused.code == Some(5) && refused.out.contains("keyring_locked"), "{refused:?}");
    assert_eq!(stage.control.creates().await.unwrap().len(), 1);

    stage.unlock_keyring().await;
    let paid = checkout.paid().await;
    assert_eq!((paid.order_no, paid.amount.as_str()), (shown.order_no, "¥12.50"));
    stage.done(&["--json", "sale", "main", "wechat.scan", "8.00", "--no-wait"], "").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_till_whose_keyring_is_locked_opens_by_itself_once_it_is_unlocked() {
    let mut stage = Stage::open().await;
    stage.lock_keyring();
    let window = stage.launch().await;
    let fault = "return document.querySelector('[data-testid=fault]')?.dataset.code ?? null";
    assert_eq!(window.until("a fault", fault, &[]).await, "keyring_locked");
    stage.unlock_keyring().await;
    window.see("first-run-connect").await;
    window.gone("fault").await;
}
