//! What needs a person: late and double payments, a manager's word at the counter, and a gateway that gives nothing back.

use crate::people::{hire, sold, staffed};
use till_sandbox::{Fault, Scope};
use till_tests::rights::{CASHIER, MANAGER};
use till_tests::window::{Key, Stage, Window};

/// One key opens the full refund of the matter in front, filled in with amount and reason; the PIN is typed as always.
async fn give_it_back(stage: &Stage, window: &Window, order_no: &str, amount: &str, reason: &str) {
    let refunds = window.refunds();
    window.press(Key::F4).await;
    refunds.of(order_no).await;
    let filled =
        "return ['refund-amount', 'refund-reason'].map((id) => document.querySelector(`[data-testid=${id}]`)?.value)";
    let filled = window.run(filled, vec![]).await;
    assert_eq!(filled, serde_json::json!([amount, reason]));
    refunds.refused("pin_needed").await;
    window.fill("refund-pin", MANAGER.1).await;
    window.press(Key::Enter).await;
    refunds.state("processing").await;
    stage.control.settle_refund(None).await.unwrap();
    refunds.state("succeeded").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_late_payment_is_counted_until_one_key_has_given_it_back() {
    let (stage, window) = staffed().await;
    let (checkout, refunds) = (window.checkout(), window.refunds());
    stage.control.auto_refund(None).await.unwrap();
    let shown = checkout.sell_and_show("12.50").await;
    window.press(Key::Escape).await;
    checkout.until("closed", |panel| panel.kind == "outcome").await;
    stage.control.pay(&shown.order_no).await.unwrap();
    window.press(Key::F5).await;
    let late = checkout.paid().await;
    assert!(late.text.contains("这一单已经关闭，之后才得知付款"), "{late:?}");
    refunds.matters("1").await;
    window.text_with("open-matters", "1").await;

    window.people().sign_in(MANAGER.0, MANAGER.1).await;
    refunds.matter(&shown.order_no, "late_payment").await;
    give_it_back(&stage, &window, &shown.order_no, "12.50", "过时付款").await;
    refunds.matters("").await;
    assert!(!window.has("open-matters").await);
    window.press(Key::Escape).await;
    window.press(Key::F2).await;
    window.gone(&format!("attention-row-{}", shown.order_no)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_manager_lets_a_further_order_pass_and_what_was_then_paid_twice_goes_back_once() {
    let (stage, window) = staffed().await;
    let (checkout, refunds) = (window.checkout(), window.refunds());
    stage.control.auto_refund(None).await.unwrap();
    window.people().sign_in(CASHIER.0, CASHIER.1).await;
    let first = checkout.sell_and_show("12.50").await;
    // Whether it was paid cannot be learnt.
    for scope in [Scope::Query, Scope::Close] {
        stage.control.fault_for(&first.order_no, scope, 1_000, Fault::DropBefore).await.unwrap();
    }
    window.press(Key::F9).await;
    let waits = "return document.querySelector('[data-testid=other-panel]')?.dataset.allowed === 'false'";
    window.until("the till waits", waits, &[]).await;
    window.press(Key::F2).await;
    checkout.chosen("alipay.scan").await;
    window.press(Key::F6).await;
    window.see("overrule-dialog").await;
    // A cashier's own word is not enough.
    window.fill("overrule-name", CASHIER.0).await;
    window.fill("overrule-pin", CASHIER.1).await;
    window.press(Key::Enter).await;
    let code = "return document.querySelector('[data-testid=overrule-dialog] [data-code]')?.dataset.code ?? null";
    assert_eq!(window.until("it is refused", code, &[]).await, "missing_right");
    window.fill("overrule-name", MANAGER.0).await;
    window.fill("overrule-pin", MANAGER.1).await;
    window.press(Key::Enter).await;
    let second = checkout.until("the second code", |panel| panel.qr && panel.order_no != first.order_no).await;
    window.gone("overrule-dialog").await;
    window.people().here(CASHIER.0).await;

    for order in [&first, &second] {
        stage.control.pay(&order.order_no).await.unwrap();
    }
    stage.control.clear_faults().await.unwrap();
    checkout.paid().await;
    // By itself the first one is asked about again only after a pause that silence has lengthened.
    stage.done(&["order", "query", &first.order_no], "").await;
    refunds.matters("1").await;
    window.people().sign_in(MANAGER.0, MANAGER.1).await;
    let twice = "return document.querySelector('[data-attention=double_payment]')?.dataset.testid.slice('attention-row-'.length)";
    window.chord(&[Key::Alt], '3').await;
    window.see("refund-tab-attention").await;
    window.press(Key::F2).await;
    let twice = window.until("paid twice", twice, &[]).await.as_str().unwrap().to_owned();
    give_it_back(&stage, &window, &twice, "12.50", "重复付款").await;
    refunds.matters("").await;

    window.orders().open().await;
    window.orders().timeline(first.last_four()).await;
    window.orders().tells(&["further_overruled", "paid"]).await;
    window.text_with("timeline-entry-further_overruled", MANAGER.0).await;
    let booked = stage.control.refunds().await.unwrap();
    assert_eq!(booked.iter().map(|refund| refund.amount_minor).collect::<Vec<_>>(), [1_250]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_jubao_gave_back_in_its_back_office_is_marked_by_two_people_and_confirmed_by_its_word() {
    let stage = Stage::open().await;
    stage.connect("jubao", "jubao", &[]).await;
    hire(&stage).await;
    let window = stage.launch().await;
    let refunds = window.refunds();
    window.checkout().ready().await;
    window.checkout().choose("101").await;
    window.click("amount-input").await;
    let paid = sold(&stage, &window, "12.50").await;
    window.people().sign_in(MANAGER.0, MANAGER.1).await;
    let order = refunds.find(&paid.order_no, &paid.order_no).await;
    assert_eq!((order.not.as_deref(), order.form), (Some("gateway_cannot"), false), "{order:?}");
    assert!(order.text.contains("后台"), "it says where: {order:?}");

    window.click_until("refund-not-mark", "mark-dialog").await;
    window.fill("mark-note", "back office, 10:42").await;
    window.fill("mark-pin", MANAGER.1).await;
    window.fill("mark-second-name", CASHIER.0).await;
    window.fill("mark-second-pin", CASHIER.1).await;
    window.press(Key::Enter).await;
    window.gone("mark-dialog").await;
    let marked = window.text_with("by-hand", "人工标记，未经平台确认").await;
    let both = format!("{} + {}", MANAGER.0, CASHIER.0);
    assert!(marked.contains(&both) && marked.contains("¥12.50"), "{marked}");
    let shown = stage.done(&["--json", "order", "show", &paid.order_no], "").await.json();
    assert_eq!(
        (&shown["state"], &shown["refunded_minor"]),
        (&"paid".into(), &0.into()),
        "it changes no state: {shown}"
    );

    // The gateway's own word, whenever it comes, confirms it.
    stage.control.refund(&paid.order_no).await.unwrap();
    stage.done(&["order", "query", &paid.order_no], "").await;
    let verdict = "return document.querySelector('[data-testid=by-hand]')?.dataset.verdict === 'confirmed'";
    window.until("confirmed", verdict, &[]).await;
}
