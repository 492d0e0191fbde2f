//! Accounts, languages and light in the window.

use serde_json::json;
use std::net::{SocketAddr, TcpListener, TcpStream};
use till_tests::window::{Key, Stage};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_is_connected_through_the_form_and_sells() {
    let stage = Stage::open().await;
    let window = stage.launch().await;
    window.click("first-run-connect").await;
    window.see("save-account").await;

    // The form is the gateway's descriptor.
    let described = window.run_async("return await window.__TAURI_INTERNALS__.invoke('gateways')", vec![]).await;
    let fields = described["value"][0]["fields"].as_array().expect("fields").clone();
    assert!(fields.len() > 5, "{described}");
    let shown = window.settings().form_fields().await;
    for field in &fields {
        let name = field["name"].as_str().unwrap();
        let prefix = if field["kind"] == "secret" { "secret" } else { "field" };
        assert!(shown.contains(&format!("{prefix}-{name}")), "{name} is not asked for: {shown:?}");
    }

    let key = stage.key();
    window.fill("field-name", "main").await;
    window.fill("field-merchant_id", &stage.merchant_id()).await;
    window.fill("field-notify_url", "https://shop.example/notify").await;
    window.fill("field-base_url", &stage.sandbox.base_url()).await;
    window.fill("secret-key", &key).await;
    window.click("save-account").await;
    window.see("account-main").await;

    // The key is in the keyring, and only its tail comes back.
    window.gone("save-account").await;
    let hint = window.text_with("secret-hint-key", &key[key.len() - 4..]).await;
    assert!(!hint.contains(&key), "{hint}");
    let page = "return document.documentElement.outerHTML + [...document.querySelectorAll('input')].map((it) => it.value).join()";
    let page = window.run(page, vec![]).await;
    assert!(!page.as_str().unwrap().contains(&key), "the key is still in the page");
    window.click("check-main").await;
    let well = "return document.querySelector('[data-testid^=finding-]')?.dataset.well === 'true'";
    window.until("the gateway answers well", well, &[]).await;

    window.click("rail-checkout").await;
    let sold = window.checkout().sell_and_show("12.50").await;
    stage.control.pay(&sold.order_no).await.unwrap();
    window.checkout().paid().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_language_changes_at_once_on_every_screen_and_stays_after_a_restart() {
    let (stage, window) = Stage::selling().await;
    let shown = window.checkout().sell_and_show("1234.50").await;
    // What the settings, the list of orders, the refunds and the checkout say, each in its own words.
    let said = [
        ("en", ["Gateway accounts", "Needs a person", "Paid lately", "Waiting for the customer to scan"]),
        ("zh-HK", ["網關帳戶", "只看待處理", "最近收款的訂單", "等候顧客掃碼"]),
        ("zh-CN", ["网关账户", "只看要处理的", "最近收款的订单", "等待顾客扫码"]),
    ];
    for (language, own) in said {
        window.settings().language(language).await;
        for (screen, text) in ["settings", "orders", "refunds", "checkout"].into_iter().zip(own) {
            window.click(&format!("rail-{screen}")).await;
            window.until(text, "return document.body.innerText.includes(arguments[0])", &[json!(text)]).await;
            let page = window.visible().await;
            let foreign = said.iter().filter(|(other, _)| *other != language).flat_map(|(_, texts)| texts);
            for foreign in foreign.filter(|foreign| !own.contains(foreign)) {
                assert!(!page.contains(foreign), "{screen} in {language} says {foreign}: {page}");
            }
        }
        let panel = window.checkout().until(language, |panel| panel.line.contains(own[3])).await;
        assert_eq!((panel.order_no.as_str(), panel.amount.as_str()), (shown.order_no.as_str(), "¥1,234.50"));
    }
    window.settings().language("zh-HK").await;
    window.end().await;
    let window = stage.launch().await;
    window.until("zh-HK", "return document.documentElement.lang === 'zh-HK'", &[]).await;
    window.text_with("rail-orders", "訂單").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn light_and_dark_are_worn_at_once_and_a_code_stays_dark_on_white() {
    let (_stage, window) = Stage::selling().await;
    let light = "return getComputedStyle(document.documentElement).backgroundColor.match(/\\d+/g).slice(0, 3)
        .reduce((sum, part) => sum + Number(part), 0)";
    let brightness = |window, theme: &'static str| {
        let window: &till_tests::window::Window = window;
        async move {
            window.settings().theme(theme).await;
            window.click("rail-checkout").await;
            window.run(light, vec![]).await.as_f64().unwrap()
        }
    };
    window.checkout().sell_and_show("12.50").await;
    let day = brightness(&window, "light").await;
    let night = brightness(&window, "dark").await;
    assert!(day > 600.0 && night < 200.0, "{day} {night}");
    window.see("qr").await;
    let painted =
        "return [...document.querySelectorAll('[data-testid=qr] > *')].map((it) => getComputedStyle(it).fill)";
    assert_eq!(window.run(painted, vec![]).await, json!(["rgb(255, 255, 255)", "rgb(0, 0, 0)"]));
    assert!(till_tests::window::picture::read_code(&window, "qr").await.is_some(), "it scans in the dark");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_check_up_finds_keyring_disk_clock_and_gateway_well() {
    let (_stage, window) = Stage::selling().await;
    window.settings().open("doctor").await;
    window.see("findings").await;
    let found = "return Object.fromEntries([...document.querySelectorAll('[data-testid^=finding-]')]
        .map((it) => [it.dataset.testid.slice(8), it.dataset.well]))";
    let found = window.run(found, vec![]).await;
    for what in ["keyring", "disk", "clock", "gateway:main"] {
        assert_eq!(found[what], "true", "{what}: {found}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_receiver_is_set_moved_and_checked_in_the_window() {
    let (stage, window) = Stage::selling().await;
    let file = stage.data().join("settings.toml");
    std::fs::write(&file, "# the merchant's own words\nfuture = 1\n").unwrap();
    // Of this machine alone, and nobody else takes an address of it by chance.
    let (first, second) = (free_at([127, 7, 0, 1]), free_at([127, 7, 0, 2]));
    let state = |wanted: &'static str| {
        let window = &window;
        async move {
            let body = "return document.querySelector('[data-testid=receiver-state]')?.dataset.state === arguments[0]";
            window.until(wanted, body, &[json!(wanted)]).await;
        }
    };
    window.settings().open("receiver").await;
    state("off").await;

    window.fill("receiver-listen", "anywhere").await;
    window.click("receiver-save").await;
    window.see("receiver-refused").await;
    assert!(!std::fs::read_to_string(&file).unwrap().contains("receiver"), "nothing was written");

    for address in [first, second] {
        window.fill("receiver-listen", &address.to_string()).await;
        window.fill("receiver-address", &format!("http://{address}/")).await;
        window.click("receiver-save").await;
        window.text_with("receiver-state", &address.to_string()).await;
        window.click("receiver-check").await;
        let well =
            "return document.querySelector(\"[data-testid='finding-receiver:outside']\")?.dataset.well === 'true'";
        window.until("reached from outside", well, &[]).await;
        TcpStream::connect(address).unwrap();
    }
    assert!(TcpStream::connect(first).is_err(), "what was received before is not received twice");
    let written = std::fs::read_to_string(&file).unwrap();
    assert!(written.starts_with("# the merchant's own words\nfuture = 1\n"), "{written}");
    assert!(written.contains(&format!("public_address = \"http://{second}\"")), "{written}");

    window.settings().open("accounts").await;
    window.text_with("notified-at-main", &format!("http://{second}/notify/pooul/main")).await;
    window.settings().open("receiver").await;
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    window.fill("receiver-listen", &other.local_addr().unwrap().to_string()).await;
    window.click("receiver-save").await;
    state("failed").await;
    window.fill("receiver-listen", "0").await;
    window.press(Key::Backspace).await;
    window.click("receiver-save").await;
    state("off").await;
}

fn free_at(host: [u8; 4]) -> SocketAddr {
    TcpListener::bind(SocketAddr::from((host, 0))).unwrap().local_addr().unwrap()
}
