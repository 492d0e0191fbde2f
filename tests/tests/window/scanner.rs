//! The scanner: a keyboard that types a customer's payment code, wherever the focus is.

use crate::secrets::{Marked, RECORD, listen, search};
use till_sandbox::{Manner, Operation, Purse, TradeState};
use till_tests::window::{Key, Stage};

async fn minted(stage: &Stage, manner: Manner) -> String {
    stage.control.mint_code(manner, Purse::Wechat).await.unwrap().code
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scanned_code_is_charged_at_once_and_is_found_nowhere_afterwards() {
    let (stage, window) = Stage::selling().await;
    let checkout = window.checkout();
    let talkative = "const settings = await window.__TAURI_INTERNALS__.invoke('settings');
        return await window.__TAURI_INTERNALS__.invoke('save_settings', { settings: { ...settings, log_level: 'trace' } })";
    window.run_async(talkative, vec![]).await;
    window.run(RECORD, vec![]).await;
    let codes = [minted(&stage, Manner::AtOnce).await, minted(&stage, Manner::AtOnce).await];
    let marked = Marked::of(&[&codes[0], &codes[1]]);
    let mut heard = Vec::new();

    window.keys("12.50").await;
    checkout.amount("12.50").await;
    stage.scan(&window, &codes[0]).await;
    let paid = checkout.paid().await;
    assert!(paid.amount == "¥12.50" && !paid.qr, "{paid:?}");
    let trade = stage.control.trade(&paid.order_no).await.unwrap().trade;
    assert_eq!((trade.channel.as_str(), trade.amount_minor, trade.by_code), ("wechat.micro", 1_250, true));
    listen(&window, &mut heard).await;

    // Read once more it is held for nobody, and the payment stays on the screen.
    stage.scan(&window, &codes[0]).await;
    window.see("notice").await;
    assert_eq!(checkout.paid().await.order_no, paid.order_no);

    // Behind a paid order the scanner begins with the next customer.
    stage.scan(&window, &codes[1]).await;
    window.see("code-ready").await;
    checkout.amount("").await;
    listen(&window, &mut heard).await;
    window.keys("8").await;
    window.press(Key::Enter).await;
    let second = checkout.until("paid", |panel| panel.kind == "paid" && panel.order_no != paid.order_no).await;
    assert_eq!(second.amount, "¥8.00");
    window.gone("code-ready").await;
    window.orders().open().await;
    window.orders().listed("both", &[paid.last_four(), second.last_four()]).await;
    window.orders().timeline(second.last_four()).await;
    listen(&window, &mut heard).await;
    assert_eq!(search(&stage, &heard, &marked), Vec::<String>::new());

    // The codes went out, each once, and both journals of what happened agree.
    let used = stage.control.codes().await.unwrap();
    let by = |code: &str| used.iter().find(|one| one.code == code).and_then(|one| one.used_by.clone());
    assert_eq!(codes.map(|code| by(&code)), [Some(paid.order_no), Some(second.order_no)]);
    window.end().await;
    assert_eq!(search(&stage, &[], &marked), Vec::<String>::new(), "after the end");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_may_want_the_customers_finger_or_be_refused() {
    let (stage, window) = Stage::selling().await;
    let checkout = window.checkout();
    window.keys("12.50").await;
    checkout.amount("12.50").await;
    stage.scan(&window, &minted(&stage, Manner::Confirm).await).await;
    let asks = checkout.state("paying").await;
    assert!(!asks.qr, "{asks:?}");
    window.see("on-the-phone").await;
    stage.control.pay(&asks.order_no).await.unwrap();
    window.press(Key::F5).await;
    assert_eq!(checkout.paid().await.order_no, asks.order_no);

    window.press(Key::Enter).await;
    checkout.ready().await;
    window.keys("9.90").await;
    checkout.amount("9.90").await;
    stage.scan(&window, &minted(&stage, Manner::Refused).await).await;
    let refused = checkout.until("refused", |panel| panel.kind == "outcome").await;
    assert!(refused.state == "failed" && refused.amount.starts_with("¥9.90"), "{refused:?}");
    assert_eq!(stage.control.trade(&refused.order_no).await.unwrap().trade.state, TradeState::Failed);
    assert!(refused.text.contains("“the wallet refuses”"), "the wallet's own words are quoted: {refused:?}");

    // Another code for the same customer is another order of the same sale.
    window.click_until("again", "scan-prompt").await;
    stage.scan(&window, &minted(&stage, Manner::AtOnce).await).await;
    let paid = checkout.paid().await;
    assert!(paid.order_no != refused.order_no && paid.amount == "¥9.90", "{paid:?}");
    assert!(stage.control.creates().await.unwrap().values().all(|times| *times == 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scan_leaves_no_digit_in_a_field_and_our_own_number_opens_its_order() {
    let (stage, window) = Stage::selling().await;
    let checkout = window.checkout();
    window.keys("12.50").await;
    checkout.amount("12.50").await;
    // Nothing to charge with this: that is said, and the amount has no digit of it.
    stage.scan(&window, "690123456789").await;
    window.see("notice").await;
    checkout.amount("12.50").await;

    window.press(Key::F6).await;
    window.fill("note", "3 apples").await;

    let filled = "window.notes = [];
        document.querySelector('[data-testid=note]').addEventListener('input', ({ target }) => window.notes.push(target.value));
        return true";
    window.run(filled, vec![]).await;
    stage.scan(&window, &minted(&stage, Manner::AtOnce).await).await;
    let first = checkout.paid().await;
    assert_eq!(window.run("return window.notes.at(-1)", vec![]).await, "3 apples", "the digits are taken back");
    let trade = stage.control.trade(&first.order_no).await.unwrap().trade;
    assert_eq!((trade.body.as_str(), trade.amount_minor), ("3 apples", 1_250));

    window.press(Key::Enter).await;
    checkout.ready().await;
    window.keys("5").await;
    checkout.amount("5").await;
    stage.scan(&window, &first.order_no).await;
    let opened = checkout.paid().await;
    assert_eq!((opened.order_no, opened.amount), (first.order_no, first.amount));
    let received = stage.control.received(0).await.unwrap();
    assert_eq!(received.iter().filter(|request| request.operation == Operation::Create).count(), 1);
}
