//! Money that goes back: found, given, followed to its end, and never twice.

use crate::people::{sold, staffed};
use till_sandbox::{Fault, Operation, Scope};
use till_tests::rights::{CASHIER, MANAGER, WRONG_PIN};
use till_tests::window::{Key, Stage};

/// How often a refund reached the gateway.
async fn arrived(stage: &Stage) -> usize {
    let received = stage.control.received(0).await.unwrap();
    received.iter().filter(|request| request.operation == Operation::Refund).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_owner_finds_a_payment_by_typing_or_scanning_its_number_and_gives_all_of_it_back() {
    let (stage, window) = Stage::selling().await;
    let (refunds, control) = (window.refunds(), &stage.control);
    control.auto_refund(None).await.unwrap();
    let typed = sold(&stage, &window, "12.50").await;
    let scanned = sold(&stage, &window, "8.00").await;

    let order = refunds.find(typed.last_four(), &typed.order_no).await;
    assert!(order.form && order.refunds.is_empty(), "{order:?}");
    refunds.fill_in(None).await;
    window.press(Key::Enter).await;
    let given = refunds.state("processing").await;
    assert!(given.text.contains("网关已受理") && given.text.contains("¥12.50"), "{given:?}");
    control.settle_refund(Some(&given.refund_no)).await.unwrap();
    let done = refunds.state("succeeded").await;
    assert!(done.refund_no == given.refund_no && done.text.contains("已退给顾客"), "{done:?}");

    window.press(Key::Enter).await;
    window.gone("refund-order").await;
    stage.scan(&window, &scanned.order_no).await;
    refunds.of(&scanned.order_no).await;
    refunds.fill_in(None).await;
    window.press(Key::Enter).await;
    refunds.state("processing").await;
    control.settle_refund(None).await.unwrap();
    refunds.state("succeeded").await;
    assert_eq!(arrived(&stage).await, 2);

    // Everywhere else it is seen, too; what was taken stays taken.
    window.text_with("today", "¥20.50").await;
    window.orders().open().await;
    for (panel, amount) in [(&typed, "12.50"), (&scanned, "8.00")] {
        let row = window.text(&format!("order-row-{}", panel.last_four())).await;
        assert!(row.contains(amount) && row.contains("已全部退款"), "{row}");
    }
    window.orders().timeline(typed.last_four()).await;
    window.orders().tells(&["paid", "refund_requested", "refund_sent", "refund_processing", "refund_succeeded"]).await;
    window.text_with("refunded", "¥12.50").await;
    let shown = stage.done(&["--json", "order", "show", &typed.order_no], "").await.json();
    assert_eq!((&shown["refunded_minor"], &shown["state"]), (&1_250.into(), &"paid".into()), "{shown}");
    assert_eq!((&shown["refunds"][0]["amount"], &shown["refunds"][0]["state"]), (&"12.50".into(), &"succeeded".into()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_manager_gives_a_part_back_with_a_pin_and_never_more_than_is_left() {
    let (stage, window) = staffed().await;
    let refunds = window.refunds();
    stage.control.auto_refund(None).await.unwrap();
    let paid = sold(&stage, &window, "30.00").await;
    window.people().sign_in(MANAGER.0, MANAGER.1).await;

    refunds.find("30.00", &paid.order_no).await;
    refunds.fill_in(Some("30.01")).await;
    refunds.until("said before it is sent", |order| order.text.contains("超过还能退的 ¥30.00")).await;
    window.fill("refund-pin", MANAGER.1).await;
    refunds.refused("refund_over_ceiling").await;
    refunds.until("what is left", |order| order.text.contains("最多还可以退 30.00")).await;
    assert_eq!(arrived(&stage).await, 0);

    refunds.fill_in(Some("12.50")).await;
    // No PIN outlives its deed.
    refunds.refused("pin_needed").await;
    window.fill("refund-pin", MANAGER.1).await;
    window.press(Key::Enter).await;
    let given = refunds.state("processing").await;
    assert!(given.text.contains(MANAGER.0), "{given:?}");
    window.click_until("refund-more", "refund-amount").await;
    refunds.fill_in(Some("17.51")).await;
    window.fill("refund-pin", MANAGER.1).await;
    // What is on its way is counted.
    refunds.refused("refund_over_ceiling").await;
    stage.control.settle_refund(None).await.unwrap();
    refunds.state("succeeded").await;
    refunds.fill_in(None).await;
    window.fill("refund-pin", MANAGER.1).await;
    window.press(Key::Enter).await;
    refunds.state("processing").await;
    stage.control.settle_refund(None).await.unwrap();
    let rest = refunds.state("succeeded").await;
    assert!(rest.text.contains("¥17.50"), "{rest:?}");
    window.press(Key::Enter).await;
    let order = refunds.find(&paid.order_no, &paid.order_no).await;
    assert_eq!((order.not.as_deref(), order.refunds.len()), (Some("nothing_left"), 2), "{order:?}");
    assert_eq!(arrived(&stage).await, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn above_the_limit_somebody_else_signs_and_both_names_stay() {
    let (stage, window) = staffed().await;
    let refunds = window.refunds();
    stage.control.auto_refund(None).await.unwrap();
    let paid = sold(&stage, &window, "600.00").await;
    window.people().sign_in(MANAGER.0, MANAGER.1).await;
    refunds.find(&paid.order_no, &paid.order_no).await;
    refunds.fill_in(None).await;
    refunds.until("a second person is wanted", |order| order.text.contains("连同以前退的超过 ¥500.00")).await;
    window.fill("refund-pin", MANAGER.1).await;
    refunds.refused("second_person_needed").await;
    window.fill("refund-second-name", MANAGER.0).await;
    window.fill("refund-second-pin", MANAGER.1).await;
    refunds.refused("second_person_same").await;
    assert_eq!(arrived(&stage).await, 0);

    window.fill("refund-pin", MANAGER.1).await;
    window.fill("refund-second-name", CASHIER.0).await;
    window.fill("refund-second-pin", CASHIER.1).await;
    window.press(Key::Enter).await;
    let given = refunds.state("processing").await;
    let both = format!("{} + {}", MANAGER.0, CASHIER.0);
    assert!(given.text.contains(&both), "{given:?}");
    stage.control.settle_refund(None).await.unwrap();
    refunds.state("succeeded").await;

    window.chord(&[Key::Alt], 'o').await;
    window.see("timeline").await;
    window.orders().tells(&["refund_requested", "refund_succeeded"]).await;
    let entry = window.text("timeline-entry-refund_requested").await;
    assert!(entry.contains(MANAGER.0) && entry.contains(CASHIER.0), "{entry}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refund_whose_outcome_is_unknown_blocks_a_second_one_until_it_is_known() {
    let (stage, window) = Stage::selling().await;
    let (refunds, control) = (window.refunds(), &stage.control);
    control.auto_refund(None).await.unwrap();
    let paid = sold(&stage, &window, "12.50").await;
    control.fault(Scope::Refund, Fault::DropAfter).await.unwrap();
    let silent = Fault::Status { status: 500, retry_after_s: None };
    control.fault_times(Scope::RefundQuery, 1_000, silent).await.unwrap();
    refunds.find(&paid.order_no, &paid.order_no).await;
    refunds.fill_in(Some("5.00")).await;
    window.press(Key::Enter).await;
    let lost = refunds.state("unknown").await;
    assert!(lost.text.contains("问清之前不能再退第二笔"), "{lost:?}");

    window.press(Key::Enter).await;
    window.gone("refund-order").await;
    let order = refunds.find(&paid.order_no, &paid.order_no).await;
    assert!(!order.form && order.not.as_deref() == Some("refund_unknown"), "{order:?}");
    let more = stage.command(&["--json", "refund", &paid.order_no, "1.00", "--reason", "x"], "").await;
    assert!(more.code == Some(2) && more.out.contains("refund_unknown_before"), "{more:?}");

    control.clear_faults().await.unwrap();
    let known = refunds.state("processing").await;
    assert_eq!(known.refund_no, lost.refund_no);
    control.settle_refund(None).await.unwrap();
    refunds.state("succeeded").await;
    refunds.until("the rest can go back", |order| order.form && order.not.is_none()).await;
    assert_eq!(arrived(&stage).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refund_that_never_arrived_is_sent_again_under_its_number_with_a_pin() {
    let (stage, window) = staffed().await;
    let (refunds, control) = (window.refunds(), &stage.control);
    control.auto_refund(None).await.unwrap();
    let paid = sold(&stage, &window, "12.50").await;
    window.people().sign_in(MANAGER.0, MANAGER.1).await;
    control.fault(Scope::Refund, Fault::DropBefore).await.unwrap();
    refunds.find(&paid.order_no, &paid.order_no).await;
    refunds.fill_in(None).await;
    window.fill("refund-pin", MANAGER.1).await;
    window.press(Key::Enter).await;
    let lost = refunds.state("unknown").await;
    window.see(&format!("refund-again-{}", lost.refund_no)).await;
    window.chord(&[Key::Alt], 'a').await;
    window.see("again-dialog").await;
    window.fill("again-pin", MANAGER.1).await;
    window.press(Key::Enter).await;
    window.gone("again-dialog").await;
    let given = refunds.state("processing").await;
    control.settle_refund(None).await.unwrap();
    let done = refunds.state("succeeded").await;
    assert!(given.refund_no == lost.refund_no && done.refund_no == lost.refund_no, "{lost:?} {done:?}");
    let booked = control.refunds().await.unwrap();
    let booked: Vec<_> = booked.iter().map(|refund| (refund.refund_no.as_str(), refund.amount_minor)).collect();
    assert_eq!(booked, [(lost.refund_no.as_str(), 1_250)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_power_cut_in_the_middle_of_a_refund_loses_nothing_and_gives_nothing_twice() {
    let (stage, window) = Stage::selling().await;
    stage.control.auto_refund(None).await.unwrap();
    let paid = sold(&stage, &window, "12.50").await;
    window.refunds().find(&paid.order_no, &paid.order_no).await;
    window.refunds().fill_in(None).await;
    window.press(Key::Enter).await;
    let given = window.refunds().state("processing").await;
    window.cut_power().await;
    stage.control.settle_refund(None).await.unwrap();

    let window = stage.launch().await;
    window.checkout().ready().await;
    let refunds = window.refunds();
    refunds.open().await;
    window.press(Key::F3).await;
    let row = format!("history-row-{}", given.refund_no);
    let done = "return document.querySelector(`[data-testid='${arguments[0]}']`)?.dataset.state === 'succeeded'";
    window.until("done in the history", done, &[row.as_str().into()]).await;
    window.click_until(&row, "refund-order").await;
    let done = refunds.state("succeeded").await;
    assert!(done.refund_no == given.refund_no && done.text.contains("已退给顾客"), "{done:?}");
    assert_eq!(arrived(&stage).await, 1);
    let verified = stage.done(&["--json", "journal", "verify"], "").await.json();
    assert_eq!(verified["ok"], true, "{verified}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_that_is_not_known_to_be_paid_is_not_called_unpaid_and_one_key_asks_about_it() {
    let (stage, window) = Stage::selling().await;
    let (refunds, control) = (window.refunds(), &stage.control);
    let shown = window.checkout().sell_and_show("12.50").await;
    control.fault_for(&shown.order_no, Scope::Query, 100_000, Fault::DropBefore).await.unwrap();
    control.pay(&shown.order_no).await.unwrap();
    window.checkout().next_customer().await;
    let order = refunds.find(&shown.order_no, &shown.order_no).await;
    assert_eq!((order.not.as_deref(), order.form), (Some("not_paid"), false), "{order:?}");
    assert!(order.text.contains("还不知道这一单有没有付款") && !order.text.contains("没有收到款"), "{order:?}");
    control.clear_faults().await.unwrap();
    window.press(Key::F5).await;
    refunds.until("what was paid can be given back", |order| order.form).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_lock_the_form_goes_on_where_something_is_missing_in_sight_beside_a_notice_in_the_smallest_window() {
    let (stage, window) = staffed().await;
    stage.control.auto_refund(None).await.unwrap();
    let paid = sold(&stage, &window, "12.50").await;
    stage.close(window).await;
    stage.done(&["operator", "pin", MANAGER.0, "--lost"], "7531").await;
    let window = stage.launch().await;
    window.checkout().ready().await;
    window.see("till-notice").await;
    window.resize(1024, 700).await;
    let (refunds, people) = (window.refunds(), window.people());
    people.sign_in(MANAGER.0, "7531").await;
    refunds.find(&paid.order_no, &paid.order_no).await;
    refunds.fill_in(Some("5.00")).await;
    window.chord(&[Key::Alt], 'l').await;
    people.is("nobody").await;
    people.sign_in(MANAGER.0, "7531").await;
    let seen = "const field = document.activeElement; const { left, top, bottom } = field.getBoundingClientRect();
        return field.dataset.testid === 'refund-pin' &&
          [top + 2, bottom - 2].every((y) => document.elementFromPoint(left + 20, y) === field)";
    window.until("the PIN in sight", seen, &[]).await;
    window.keys("7531").await;
    window.press(Key::Enter).await;
    let given = refunds.state("processing").await;
    assert!(given.text.contains("¥5.00"), "{given:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn six_wrong_pins_in_the_refund_form_lock_the_manager_out_and_nothing_leaves() {
    let (stage, window) = staffed().await;
    let refunds = window.refunds();
    let paid = sold(&stage, &window, "12.50").await;
    window.people().sign_in(MANAGER.0, MANAGER.1).await;
    refunds.find(&paid.order_no, &paid.order_no).await;
    refunds.fill_in(Some("5.00")).await;
    for left in (1..=5).rev() {
        window.fill("refund-pin", WRONG_PIN).await;
        refunds.refused("pin_wrong").await;
        window.text_with("refund-refused", &format!("还可以试 {left} 次")).await;
    }
    window.fill("refund-pin", WRONG_PIN).await;
    window.press(Key::Enter).await;
    // Whoever is locked out is nobody here any more, and the form is gone with the right to it.
    window.people().is("nobody").await;
    refunds.until("no form any more", |order| !order.form).await;
    window.people().choose(MANAGER.0).await;
    let (code, words) = window.people().refused_pin(MANAGER.1).await;
    assert!(code == "locked_out" && words.contains("30 分钟"), "{code}: {words}");
    window.press(Key::Escape).await;
    window.gone("sign-in").await;
    assert_eq!(arrived(&stage).await, 0);
    let shown = stage.done(&["--json", "order", "show", &paid.order_no], "").await.json();
    assert_eq!(shown["refunds"].as_array().map_or(0, Vec::len), 0, "{shown}");
}
