//! Every station of the counter as a picture, for people to look at; and that nothing is cut off or overlaps.

use crate::people::{hire, sold};
use std::time::Duration;
use till_sandbox::{Down, Fault, Manner, Purse, Scope};
use till_tests::rights::{CASHIER, MANAGER, WRONG_PIN};
use till_tests::window::{Bench, Key, Stage, Window, picture};

const SIZES: [(u32, u32); 2] = [(1024, 700), (1920, 1080)];
const THEMES: [&str; 2] = ["light", "dark"];
const LANGUAGES: [&str; 3] = ["zh-CN", "zh-HK", "en"];

/// What sticks out of the window or of its own box, by its words.
const OVERFLOW: &str = "
    const out = [];
    for (const root of [document.scrollingElement, document.getElementById('app')])
      if (root.scrollWidth > root.clientWidth) out.push(`the page is ${root.scrollWidth} wide`);
    for (const it of document.querySelectorAll('button, h1, h2, h3, dd, dt, label, [data-testid]')) {
      if (!it.checkVisibility() || it.closest('.hidden, .scroll, svg, pre') !== null) continue;
      const box = it.getBoundingClientRect();
      if (box.width === 0 || box.height === 0) continue;
      const name = it.dataset.testid ?? it.innerText;
      if (box.right > innerWidth + 1 || box.left < -1) out.push(`${name} sticks out at the side`);
      const pressed = it.closest('[data-testid=state] .actions') !== null;
      if (pressed && (box.bottom > innerHeight + 1 || box.top < -1)) out.push(`${name} is out of sight`);
      const whole = it.tagName === 'BUTTON' || name === 'amount';
      if (whole && it.scrollWidth > it.clientWidth + 1) out.push(`${name}: its words are wider than it`);
    }
    // A line that is cut is higher than what a font needs above and below its letters.
    for (const it of document.querySelectorAll('[data-testid^=channel-] b, [data-testid^=pick-] b'))
      if (it.scrollHeight > it.clientHeight + 8 || it.scrollWidth > it.clientWidth + 1) out.push(`${it.innerText} is cut`);
    for (const card of document.querySelectorAll('label[data-testid^=channel-]')) {
      const edge = card.getBoundingClientRect();
      const key = card.querySelector('kbd')?.getBoundingClientRect();
      for (const it of card.querySelectorAll('b, .account, .currency, .leads, .refused')) {
        const box = it.getBoundingClientRect();
        if (box.width === 0) continue;
        const wide = box.left < edge.left - 1 || box.right > edge.right + 1;
        const high = box.top < edge.top - 1 || box.bottom > edge.bottom + 1;
        if (wide || high) out.push(`${it.innerText} sticks out of its card`);
        const beside = key === undefined || key.width === 0 || box.right <= key.left || box.left >= key.right;
        if (!beside && box.bottom > key.top && box.top < key.bottom) out.push(`${it.innerText} lies over its key`);
      }
    }
    const ways = document.querySelector('form .choose');
    if (ways !== null && ways.scrollWidth > ways.clientWidth + 1) out.push('the ways to pay are scrolled sideways');
    return out";

/// Whether the first field that a way to pay asks for is in sight, whole; or it asks for none.
const FIELD_IN_SIGHT: &str = "
    const field = document.querySelector('.choose .extra .field')?.getBoundingClientRect();
    if (field === undefined) return true;
    const room = document.querySelector('.choose').getBoundingClientRect();
    return field.top >= room.top && field.bottom <= room.bottom && field.right <= room.right";

/// Whether the amount that nobody has typed yet can be read: a contrast of 3 to 1, as large text needs it.
const READABLE: &str = "
    const part = (value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
    const light = (color) => {
      const [red, green, blue] = color.match(/[0-9.]+/g).map((value) => part(value / 255));
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const ghost = light(getComputedStyle(document.querySelector('.ghost')).color);
    const paper = light(getComputedStyle(document.documentElement).backgroundColor);
    return (Math.max(ghost, paper) + 0.05) / (Math.min(ghost, paper) + 0.05) >= 3";

/// Takes every size and theme of what is in front.
async fn station(window: &Window, language: &str, name: &str, faults: &mut Vec<String>) {
    look(window, language, name, &THEMES, faults).await;
}

async fn look(window: &Window, language: &str, name: &str, themes: &[&str], faults: &mut Vec<String>) {
    for (width, height) in SIZES {
        window.resize(width, height).await;
        for theme in themes {
            light(window, theme).await;
            picture::keep(window, &format!("{name}-{language}-{width}x{height}-{theme}")).await;
        }
        judge(window, &format!("{name}, {language}, {width}x{height}"), faults).await;
    }
}

async fn judge(window: &Window, station: &str, faults: &mut Vec<String>) {
    let found: Vec<String> = serde_json::from_value(window.run(OVERFLOW, vec![]).await).expect("words");
    faults.extend(found.into_iter().map(|fault| format!("{station}: {fault}")));
}

async fn light(window: &Window, theme: &str) {
    window.run("document.documentElement.dataset.theme = arguments[0]; return true", vec![theme.into()]).await;
}

/// What is seen rarely: in one Chinese, and in English, whose words are the longest.
async fn rare(window: &Window, language: &str, name: &str, faults: &mut Vec<String>) {
    match language {
        "zh-HK" => {}
        "en" => look(window, language, name, &THEMES[..1], faults).await,
        _ => station(window, language, name, faults).await,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_station_sticks_out_in_any_language_at_any_size() {
    let stage = Stage::with(Bench { screen: (2000, 1200), ..Bench::default() }).await;
    let window = stage.launch().await;
    let mut faults = Vec::new();
    for language in LANGUAGES {
        window.settings_from_first_run().await;
        window.settings().language(language).await;
        window.click("rail-checkout").await;
        window.see("first-run-training").await;
        station(&window, language, "first-run", &mut faults).await;
    }
    stage.add_account(&[]).await;
    window.see("amount-input").await;
    for language in LANGUAGES {
        stations(&stage, &window, language, &mut faults).await;
        code_stations(&stage, &window, language, &mut faults).await;
    }
    assert_eq!(faults, Vec::<String>::new());
}

async fn stations(stage: &Stage, window: &Window, language: &str, faults: &mut Vec<String>) {
    let checkout = window.checkout();
    window.settings().language(language).await;
    station(window, language, "settings", faults).await;
    window.settings().open("accounts").await;
    window.see("account-main").await;
    station(window, language, "accounts", faults).await;
    window.click("add-account").await;
    window.see("save-account").await;
    rare(window, language, "account-form", faults).await;

    window.click("rail-checkout").await;
    checkout.ready().await;
    rare(window, language, "checkout-empty", faults).await;
    window.keys("12.5").await;
    checkout.amount("12.5").await;
    station(window, language, "checkout", faults).await;
    window.press(Key::Enter).await;
    let shown = checkout.until("a code", |panel| panel.qr).await;
    station(window, language, "qr", faults).await;
    stage.control.decline(&shown.order_no).await.unwrap();
    checkout
        .until("declined", |panel| {
            ["没有付成", "did not go through", "今次未能付款"].iter().any(|said| panel.line.contains(said))
        })
        .await;
    rare(window, language, "declined", faults).await;
    stage.control.pay(&shown.order_no).await.unwrap();
    checkout.paid().await;
    station(window, language, "paid", faults).await;
    window.press(Key::Enter).await;

    checkout.sell_and_show("8.00").await;
    stage.control.down(Down::Refuse).await.unwrap();
    window.until("silence", "return document.querySelector('.health .tone-look') !== null", &[]).await;
    rare(window, language, "silent", faults).await;
    stage.control.up().await.unwrap();
    window.press(Key::F5).await;
    window.until("an answer", "return document.querySelector('.health .tone-look') === null", &[]).await;
    window.press(Key::F9).await;
    window
        .until("free", "return document.querySelector('[data-testid=other-panel]')?.dataset.allowed === 'true'", &[])
        .await;
    rare(window, language, "other-way", faults).await;
    window.press(Key::Escape).await;
    checkout.state("closed").await;
    rare(window, language, "closed", faults).await;
    window.press(Key::Enter).await;

    stage.control.fault_times(Scope::Close, 100_000, Fault::DropBefore).await.unwrap();
    stage.control.fault(Scope::Create, Fault::DropAfter).await.unwrap();
    let lost = checkout.sell("3.00").await;
    checkout.until("lost", |panel| panel.order_no == lost.order_no && panel.state != "creating").await;
    rare(window, language, "lost", faults).await;
    // Before its end takes the button away under the click.
    checkout.next_customer().await;
    stage.control.clear_faults().await.unwrap();

    let doubt = checkout.sell_and_show("30.00").await;
    stage.control.fault_for(&doubt.order_no, Scope::Query, 100_000, Fault::WrongAmount).await.unwrap();
    stage.control.pay(&doubt.order_no).await.unwrap();
    checkout.state("disputed").await;
    rare(window, language, "disputed", faults).await;
    checkout.next_customer().await;
    window.keys("?").await;
    window.see("shortcuts").await;
    rare(window, language, "shortcuts", faults).await;
    window.press(Key::Escape).await;
    window.keys("99999999").await;
    window.press(Key::Enter).await;
    window.see("notice").await;
    rare(window, language, "refused", faults).await;
    window.press(Key::Escape).await;
    window.gone("notice").await;

    window.orders().open().await;
    window.see(&format!("order-row-{}", shown.last_four())).await;
    station(window, language, "orders", faults).await;
    window.click("export").await;
    window.see("export-start").await;
    station(window, language, "export", faults).await;
    window.click("export-start").await;
    window.see("export-done").await;
    rare(window, language, "exported", faults).await;
    window.click("export-close").await;
    window.orders().timeline(shown.last_four()).await;
    window.orders().tells(&["paid"]).await;
    station(window, language, "timeline", faults).await;
    window.click("timeline-close").await;
    window.settings().open("doctor").await;
    window.see("findings").await;
    rare(window, language, "doctor", faults).await;
    stage.control.clear_faults().await.unwrap();
    window.click("rail-checkout").await;
}

/// The pad before an amount, and the customer confirming after a payment code was scanned.
async fn code_stations(stage: &Stage, window: &Window, language: &str, faults: &mut Vec<String>) {
    let checkout = window.checkout();
    checkout.ready().await;
    for theme in THEMES {
        light(window, theme).await;
        window.until(&format!("readable in {theme}"), READABLE, &[]).await;
    }
    window.keys("12.50").await;
    checkout.amount("12.50").await;
    let code = stage.control.mint_code(Manner::Confirm, Purse::Wechat).await.unwrap().code;
    stage.scan(window, &code).await;
    checkout.state("paying").await;
    look(window, language, "confirming", &THEMES[..1], faults).await;
    checkout.next_customer().await;
}

/// With two accounts each way says whose it is, beside the amount and in the list of all.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_name_of_a_way_to_pay_is_cut_where_two_accounts_offer_ways() {
    let stage = Stage::with(Bench { screen: (2000, 1200), ..Bench::default() }).await;
    stage.add_account(&[]).await;
    let longest = "warehouse_shop_north_entrance_01";
    stage.connect("blueocean", longest, &[("sub_appid", "wx0123456789abcdef")]).await;
    let window = stage.launch().await;
    let checkout = window.checkout();
    let mut faults = Vec::new();
    for language in LANGUAGES {
        window.settings().language(language).await;
        window.click("rail-checkout").await;
        checkout.ready().await;
        for channel in ["wechat.micro", "wechat.jsapi"] {
            checkout.pick(channel).await;
            window.resize(1440, 900).await;
            window.until("the field in sight", FIELD_IN_SIGHT, &[]).await;
            judge(&window, &format!("way-{channel}, {language}, 1440x900"), &mut faults).await;
            look(&window, language, &format!("way-{channel}"), &THEMES[..1], &mut faults).await;
        }
        window.click("all-channels").await;
        window.see("picker").await;
        look(&window, language, "picker", &THEMES[..1], &mut faults).await;
        window.press(Key::Escape).await;
        window.gone("picker").await;
    }
    assert_eq!(faults, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_station_of_refunds_and_people_sticks_out_in_any_language_at_any_size() {
    let stage = Stage::with(Bench { screen: (2000, 1200), ..Bench::default() }).await;
    stage.add_account(&[]).await;
    hire(&stage).await;
    stage.control.auto_refund(None).await.unwrap();
    let window = stage.launch().await;
    let checkout = window.checkout();
    for amount in ["8.00", "128.00"] {
        sold(&stage, &window, amount).await;
    }
    for amount in ["30.00", "6.50"] {
        let late = checkout.sell_and_show(amount).await;
        window.press(Key::Escape).await;
        checkout.until("closed", |panel| panel.kind == "outcome").await;
        stage.control.pay(&late.order_no).await.unwrap();
        window.press(Key::F5).await;
        checkout.until("paid late", |panel| panel.kind == "paid" && panel.order_no == late.order_no).await;
        window.press(Key::Enter).await;
    }
    let large = sold(&stage, &window, "1288.00").await.order_no;
    window.people().sign_in(MANAGER.0, MANAGER.1).await;
    let mut faults = Vec::new();
    for language in LANGUAGES {
        window.settings().language(language).await;
        staff_stations(&stage, &window, language, &large, &mut faults).await;
    }
    assert_eq!(faults, Vec::<String>::new());
}

async fn staff_stations(stage: &Stage, window: &Window, language: &str, large: &str, faults: &mut Vec<String>) {
    let refunds = window.refunds();
    let (narrow, low) = SIZES[0];
    for part in ["people", "limits", "receiver"] {
        window.settings().open(part).await;
        rare(window, language, part, faults).await;
    }
    refunds.open().await;
    window.see(&format!("refund-row-{large}")).await;
    rare(window, language, "refund-find", faults).await;
    window.resize(narrow, low).await;
    refunds.find(large, large).await;
    refunds.fill_in(Some("600")).await;
    window.fill("refund-pin", MANAGER.1).await;
    window.fill("refund-second-name", MANAGER.0).await;
    window.fill("refund-second-pin", CASHIER.1).await;
    station(window, language, "refund-form", faults).await;
    window.resize(narrow, low).await;
    refunds.refused("second_person_same").await;
    // What is to be put right is in sight, beside what was said about it.
    let seen = "const field = document.activeElement; const { left, top, bottom } = field.getBoundingClientRect();
        return field.dataset.testid === 'refund-second-name' &&
          [top + 2, bottom - 2].every((y) => document.elementFromPoint(left + 20, y) === field)";
    window.until("the second name in sight", seen, &[]).await;
    rare(window, language, "refund-refused", faults).await;
    refunds.fill_in(Some("2.50")).await;
    window.fill("refund-pin", MANAGER.1).await;
    window.press(Key::Enter).await;
    refunds.state("processing").await;
    station(window, language, "refund-processing", faults).await;
    stage.control.settle_refund(None).await.unwrap();
    // The pictures have taken their time, and the till takes as long until it asks again.
    refunds.state_within(Duration::from_mins(2), "succeeded").await;
    rare(window, language, "refund-succeeded", faults).await;
    window.click("mark-open").await;
    window.see("mark-dialog").await;
    // The system would draw its bar over the dialog.
    let behind = "return [...document.querySelectorAll('#app *')].filter((it) => it.closest('dialog') === null &&
        ['auto', 'scroll'].includes(getComputedStyle(it).overflowY)).map((it) => it.className)";
    assert_eq!(window.run(behind, vec![]).await, serde_json::json!([]), "something scrolls behind a dialog");
    rare(window, language, "mark", faults).await;
    window.press(Key::Escape).await;
    window.gone("mark-dialog").await;
    window.press(Key::Escape).await;
    window.press(Key::F2).await;
    window
        .until("matters", "return document.querySelectorAll('[data-testid^=attention-row-]').length === 2", &[])
        .await;
    station(window, language, "attention", faults).await;
    window.press(Key::F3).await;
    window.until("history", "return document.querySelector('[data-testid^=history-row-]') !== null", &[]).await;
    rare(window, language, "history", faults).await;
    window.people().choose(CASHIER.0).await;
    station(window, language, "sign-in", faults).await;
    window.people().refused_pin(WRONG_PIN).await;
    rare(window, language, "sign-in-refused", faults).await;
    window.press(Key::Escape).await;
    window.gone("sign-in").await;
}

/// Why there is no till, each as it stands on the screen.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_fault_screen_sticks_out_in_any_language_at_any_size() {
    let mut faults = Vec::new();
    let screen = (2000, 1200);
    let bare = Stage::with(Bench { screen, keyring: false, ..Bench::default() }).await;
    fault_screens(&bare, "keyring_absent", &mut faults).await;
    drop(bare);

    let damaged = Stage::with(Bench { screen, ..Bench::default() }).await;
    damaged.add_account(&[]).await;
    let journal = damaged.data().join("journal.sqlite");
    let mut bytes = std::fs::read(&journal).unwrap();
    let marked = b"\"type\":\"opened\"";
    let at = bytes.windows(marked.len()).position(|window| window == marked).unwrap();
    bytes[at + 8] = b'O';
    std::fs::write(&journal, &bytes).unwrap();
    fault_screens(&damaged, "journal_damaged", &mut faults).await;
    bytes.iter_mut().for_each(|byte| *byte ^= 0x55);
    std::fs::write(&journal, bytes).unwrap();
    fault_screens(&damaged, "journal_unopenable", &mut faults).await;
    assert_eq!(faults, Vec::<String>::new());
}

async fn fault_screens(stage: &Stage, code: &str, faults: &mut Vec<String>) {
    std::fs::create_dir_all(stage.data()).unwrap();
    for language in LANGUAGES {
        std::fs::write(stage.data().join("settings.toml"), format!("language = \"{language}\"\n")).unwrap();
        let window = stage.launch().await;
        window.see("fault").await;
        let said = "const said = document.querySelector('[data-testid=fault]');
            return [said.dataset.code, document.documentElement.lang]";
        assert_eq!(window.run(said, vec![]).await, serde_json::json!([code, language]));
        station(&window, language, &format!("fault-{code}"), faults).await;
        // Nothing of it has to be scrolled to at the smallest size.
        let (narrow, low) = SIZES[0];
        window.resize(narrow, low).await;
        let below = "const fault = document.querySelector('[data-testid=fault]').getBoundingClientRect();
            return fault.bottom <= innerHeight && fault.top >= 0";
        window.until("all of the fault in sight", below, &[]).await;
        window.end().await;
    }
}
