//! The pictures of the documents, taken from the real window where `TILLKEEPER_PICTURES` names their folder.

use std::path::PathBuf;
use till_tests::window::{Bench, Key, Stage, Window, picture};

async fn keep(window: &Window, folder: &Option<PathBuf>, name: &str) {
    let taken = picture::take(window).await;
    let folder = folder.clone().unwrap_or_else(|| picture::folder().join("docs"));
    std::fs::create_dir_all(&folder).expect("a folder");
    let file = folder.join(format!("{name}.png"));
    picture::write(&taken, &file);
    let size = std::fs::metadata(&file).expect("written").len();
    assert!((2_000..200_000).contains(&size), "{name} has {size} bytes");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_documents_pictures_are_of_the_real_window() {
    let folder = std::env::var_os("TILLKEEPER_PICTURES").map(|given| {
        // Tests run in the folder of their package.
        let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).parent().expect("the root").to_owned();
        root.join(given)
    });
    let stage = Stage::with(Bench { screen: (1400, 900), ..Bench::default() }).await;
    let window = stage.launch().await;
    window.resize(1200, 750).await;
    window.see("first-run-training").await;
    keep(&window, &folder, "first-run").await;

    window.settings_from_first_run().await;
    window.settings().open("general").await;
    window.fill("shop-name", "示例便利店").await;
    window.press(Key::Tab).await;
    window.fill("till-name", "一号机").await;
    window.press(Key::Tab).await;
    let heading = "return document.querySelector('h1').innerText === '示例便利店 · 一号机'";
    window.until("both names are kept, however quickly they were typed", heading, &[]).await;
    stage.add_account(&[]).await;
    window.click("rail-checkout").await;
    let checkout = window.checkout();
    for amount in ["8.00", "30.00", "6.50", "128.00"] {
        let shown = checkout.sell_and_show(amount).await;
        if amount != "30.00" {
            stage.control.pay(&shown.order_no).await.unwrap();
            checkout.paid().await;
        }
        checkout.next_customer().await;
    }
    checkout.ready().await;
    window.keys("12.5").await;
    checkout.amount("12.5").await;
    keep(&window, &folder, "checkout").await;
    window.press(Key::Enter).await;
    let shown = checkout.until("a code", |panel| panel.qr).await;
    window.click("customer-window").await;
    window.customer().await.shows("qr").await;
    window.resize(1024, 700).await;
    keep(&window, &folder, "customer").await;
    window.cashier().await;
    keep(&window, &folder, "qr").await;
    stage.control.pay(&shown.order_no).await.unwrap();
    checkout.paid().await;
    keep(&window, &folder, "paid").await;
    window.press(Key::Enter).await;
    window.orders().open().await;
    window.see(&format!("order-row-{}", shown.last_four())).await;
    keep(&window, &folder, "orders").await;
    window.orders().timeline(shown.last_four()).await;
    window.orders().tells(&["drafted", "create_sent", "created", "paid"]).await;
    keep(&window, &folder, "timeline").await;
    window.settings().open("accounts").await;
    window.see("account-main").await;
    keep(&window, &folder, "settings").await;
    giving_back(&stage, &window, &folder, &shown.order_no).await;
}

/// A part that goes back with two signatures, and what needs a person.
async fn giving_back(stage: &Stage, window: &Window, folder: &Option<PathBuf>, paid: &str) {
    let (checkout, refunds) = (window.checkout(), window.refunds());
    stage.control.auto_refund(None).await.unwrap();
    window.click("rail-checkout").await;
    let late = checkout.sell_and_show("30.00").await;
    window.press(Key::Escape).await;
    checkout.until("closed", |panel| panel.kind == "outcome" && panel.order_no == late.order_no).await;
    stage.control.pay(&late.order_no).await.unwrap();
    window.press(Key::F5).await;
    checkout.until("paid late", |panel| panel.kind == "paid" && panel.order_no == late.order_no).await;
    let (manager, pin) = ("陈店长", "2580");
    stage.done(&["operator", "add", manager, "--role", "manager"], pin).await;
    let cashier = ["operator", "add", "小李", "--role", "cashier", "--operator", manager];
    stage.done(&cashier, &format!("{pin}\n1470")).await;
    let limit = ["limits", "set", "--second-above", "5", "--operator", manager];
    stage.done(&limit, pin).await;
    window.people().sign_in(manager, pin).await;
    window.resize(1200, 900).await;
    refunds.find(paid, paid).await;
    refunds.fill_in(Some("8")).await;
    window.fill("refund-pin", pin).await;
    window.fill("refund-second-name", "小李").await;
    window.fill("refund-second-pin", "1470").await;
    keep(window, folder, "refunds").await;
    window.resize(1200, 750).await;
    window.press(Key::Escape).await;
    window.gone("refund-order").await;
    refunds.matter(&late.order_no, "late_payment").await;
    keep(window, folder, "attention").await;
}
