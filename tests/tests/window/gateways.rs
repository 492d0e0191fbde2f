//! One sale of each kind at the further gateways, by clicks, by keys and by scanner.

use serde_json::json;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;
use till_sandbox::{Dialect, Fault, Item, Manner, Operation, Purse, Scope, Speech};
use till_tests::browser::{ALIPAY, QQ, WECHAT};
use till_tests::window::{Key, Stage, Window};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How long a page may take.
const PAGE_WITHIN: Duration = Duration::from_secs(40);

/// A machine with an account at Pooul and another one at `gateway`, and its window.
async fn beside_pooul(gateway: &str, fields: &[(&str, &str)]) -> (Stage, Window) {
    let stage = Stage::open().await;
    stage.add_account(&[]).await;
    stage.connect(gateway, gateway, fields).await;
    let window = stage.launch().await;
    window.checkout().ready().await;
    (stage, window)
}

/// Has the till receive at a free port of `host`, where nobody else takes one by chance, and goes back to the checkout. `public`:
/// customers reach it there.
async fn receive_at(window: &Window, host: [u8; 4], public: bool) -> SocketAddr {
    let address = TcpListener::bind(SocketAddr::from((host, 0))).unwrap().local_addr().unwrap();
    window.settings().open("receiver").await;
    window.fill("receiver-listen", &address.to_string()).await;
    if public {
        window.fill("receiver-address", &format!("http://{address}")).await;
    }
    window.click("receiver-save").await;
    let on = "return document.querySelector('[data-testid=receiver-state]')?.dataset.state === 'on'";
    window.until("it receives", on, &[]).await;
    window.click("rail-checkout").await;
    window.checkout().ready().await;
    address
}

/// The page at an address as the browser of an app gets it.
async fn page_in(app: &str, address: &str) -> String {
    let (host, path) = address.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).await.unwrap();
    let request = format!("GET /{path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {app}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut page = String::new();
    let read = tokio::time::timeout(PAGE_WITHIN, stream.read_to_string(&mut page)).await;
    read.expect("the page ends").unwrap();
    page
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn blueocean_sells_by_clicks_by_scanner_and_by_parameters() {
    let (stage, window) = beside_pooul("blueocean", &[]).await;
    let checkout = window.checkout();
    window.click("customer-window").await;
    window.customer().await.shows("blank").await;
    window.cashier().await;

    // A code, by clicks alone.
    for key in ["1", "2", ".", "5"] {
        window.click(&format!("key-{key}")).await;
    }
    checkout.amount("12.5").await;
    checkout.pick("unionpay.qrcode").await;
    window.click("charge").await;
    let shown = checkout.until("a code", |panel| panel.qr).await;
    assert_eq!(shown.amount, "HK$12.50");
    let link = till_tests::window::picture::read_code(&window, "qr").await;
    assert_eq!(link, stage.sandbox.phone_url(&shown.order_no));
    window.customer().await.shows("qr").await;
    window.cashier().await;
    stage.control.pay(&shown.order_no).await.unwrap();
    checkout.paid().await;

    // A payment code: the account whose way to pay is chosen takes it.
    checkout.next_customer().await;
    window.keys("8").await;
    checkout.amount("8").await;
    let code = stage.control.mint_code(Manner::AtOnce, Purse::Unionpay).await.unwrap().code;
    stage.scan(&window, &code).await;
    let paid = checkout.until("paid", |panel| panel.kind == "paid" && panel.order_no != shown.order_no).await;
    let trade = stage.control.trade(&paid.order_no).await.unwrap().trade;
    assert_eq!((trade.channel.as_str(), trade.amount_minor, trade.currency.as_str()), ("micropay", 800, "HKD"));

    // Parameters for an app: text to copy here, nothing to scan anywhere.
    window.press(Key::Enter).await;
    checkout.ready().await;
    checkout.pick("wechat.app").await;
    window.run("document.querySelector('.extra summary').click(); return true", vec![]).await;
    window.fill("field-sub_appid", "wx0123456789abcdef").await;
    window.click("amount-input").await;
    window.keys("6.60").await;
    checkout.amount("6.60").await;
    window.click("charge").await;
    window.see("parameters").await;
    let given = checkout.state("awaiting_payment").await;
    assert!(!given.qr && given.text.contains("prepay"), "{given:?}");
    window.customer().await;
    assert!(!window.has("qr").await, "the customer's window shows a code");
    window.cashier().await;
    let text = "return document.querySelector('[data-testid=parameters] pre').textContent";
    let text = window.run(text, vec![]).await;
    let copied = "return document.querySelector('[data-testid=copy-parameters]').innerText.includes('已复制')";
    window.click_until_so("copy-parameters", "copied", copied, &[]).await;
    window.orders().open().await;
    window.fill("search", "").await;
    window.chord(&[Key::Control], 'v').await;
    let pasted = "return document.querySelector('[data-testid=search]').value === arguments[0]";
    window.until("the parameters are pasted as they were shown", pasted, &[text]).await;
    window.click("rail-checkout").await;
    stage.control.pay(&given.order_no).await.unwrap();
    assert_eq!(checkout.paid().await.amount, "HK$6.60");
    assert!(stage.control.creates().await.unwrap().values().all(|times| *times == 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_amount_typed_in_yuan_is_not_offered_in_dollars_when_a_payment_code_fits_nothing() {
    let (stage, window) = beside_pooul("blueocean", &[]).await;
    let checkout = window.checkout();
    // Whose way it is, and in which currency, is seen in the smallest window, too.
    window.resize(1024, 700).await;
    let named = "const card = document.querySelector('[data-testid=\"channel-wechat.scan\"]');
        const [box, line] = [card, card.querySelector('.line')].map((it) => it.getBoundingClientRect());
        return line.width > 0 && line.bottom <= box.bottom && /main\\s*· CNY/.test(card.innerText)";
    window.until("the card names its account", named, &[]).await;
    window.keys("7").await;
    checkout.amount("7").await;
    // Pooul's ways take no code of UnionPay; BlueOcean's one takes any, in Hong Kong dollars.
    let code = stage.control.mint_code(Manner::AtOnce, Purse::Unionpay).await.unwrap().code;
    stage.scan(&window, &code).await;
    window.text_with("picker-amount", "¥7").await;
    window.text_with("picker-others", "HKD").await;
    assert!(window.has("pick-wechat.micro").await && !window.has("pick-micropay").await);
    window.press(Key::Escape).await;
    window.gone("picker").await;
    assert!(stage.control.creates().await.unwrap().is_empty());
    // Chosen by a person, with its sign beside the amount, it takes the code.
    window.press(Key::Escape).await;
    checkout.pick("micropay").await;
    window.keys("7").await;
    window.text_with("charge", "HK$7").await;
    stage.scan(&window, &code).await;
    let paid = checkout.paid().await;
    let trade = stage.control.trade(&paid.order_no).await.unwrap().trade;
    assert_eq!((trade.amount_minor, trade.currency.as_str()), (700, "HKD"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn blueocean_shows_a_page_of_each_kind_as_a_code() {
    let (stage, window) = beside_pooul("blueocean", &[]).await;
    let checkout = window.checkout();
    for (channel, amount) in [("alipay.wappay", "3.10"), ("wechat.mweb", "3.20"), ("unionpay.link", "3.30")] {
        checkout.pick(channel).await;
        let shown = checkout.sell_and_show(amount).await;
        let link = till_tests::window::picture::read_code(&window, "qr").await;
        assert_eq!(link, stage.sandbox.phone_url(&shown.order_no), "{channel}");
        assert_eq!(stage.control.trade(&shown.order_no).await.unwrap().trade.channel, channel);
        stage.control.pay(&shown.order_no).await.unwrap();
        assert_eq!(checkout.paid().await.amount, format!("HK${amount}"));
        window.press(Key::Enter).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pooul_sells_by_a_link_that_one_customers_wallet_opens_once_that_customer_is_named() {
    let stage = Stage::open().await;
    stage.add_account(&[("sub_appid", "wx0123456789abcdef")]).await;
    let window = stage.launch().await;
    let checkout = window.checkout();
    checkout.ready().await;
    checkout.pick("wechat.jsurl").await;
    window.text_with("channel-note", "OpenID").await;
    window.click("amount-input").await;
    window.keys("5.50").await;
    checkout.amount("5.50").await;
    // Without the name of whoever is to pay nothing can be charged, neither by a click nor by Enter.
    let disabled = "return document.querySelector('[data-testid=charge]').disabled";
    assert_eq!(window.run(disabled, vec![]).await, json!(true));
    window.press(Key::Enter).await;
    assert!(stage.control.creates().await.unwrap().is_empty());

    window.fill("field-sub_openid", "oRXdVs97-customer").await;
    window.click("charge").await;
    let shown = checkout.until("a code", |panel| panel.qr).await;
    assert_eq!(shown.amount, "¥5.50");
    let link = till_tests::window::picture::read_code(&window, "qr").await;
    assert_eq!(link, stage.sandbox.phone_url(&shown.order_no));
    let received = stage.control.received(0).await.unwrap();
    let create = received.iter().find(|request| request.operation == Operation::Create).unwrap();
    assert_eq!(
        (&create.fields["pay_type"], &create.fields["sub_openid"], &create.fields["sub_appid"]),
        (&json!("wechat.jsurl"), &json!("oRXdVs97-customer"), &json!("wx0123456789abcdef"))
    );
    stage.control.pay(&shown.order_no).await.unwrap();
    assert_eq!(checkout.paid().await.order_no, shown.order_no);
    // The next customer is somebody else.
    window.press(Key::Enter).await;
    checkout.ready().await;
    let name = "return document.querySelector('[data-testid=field-sub_openid]')?.value ?? ''";
    assert_eq!(window.run(name, vec![]).await, json!(""));
    assert_eq!(stage.control.creates().await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pooul_sells_inside_alipay_by_keyboard_alone_once_the_buyer_is_named() {
    let (stage, window) = Stage::selling().await;
    stage.control.dialect(Dialect { pay_url: true, ..Dialect::default() }).await.unwrap();
    let checkout = window.checkout();
    window.keys("/").await;
    window.see("picker-search").await;
    window.keys("alipay.jsapi").await;
    // No page of the till's own can be reached here, so there is a code only with a link of the gateway's.
    window.text_with("pick-alipay.jsapi", "网关给出链接才有二维码").await;
    window.press(Key::Enter).await;
    checkout.chosen("alipay.jsapi").await;
    checkout.ready().await;
    window.keys("4.20").await;
    checkout.amount("4.20").await;
    window.press(Key::Enter).await;
    assert!(stage.control.creates().await.unwrap().is_empty(), "nobody is named yet");

    window.tab_to("field-buyer_logon_id").await;
    window.keys("buyer@example.com").await;
    window.press(Key::Enter).await;
    let shown = checkout.until("a code", |panel| panel.qr).await;
    assert_eq!(shown.amount, "¥4.20");
    let link = till_tests::window::picture::read_code(&window, "qr").await;
    assert_eq!(link, stage.sandbox.phone_url(&shown.order_no));
    let received = stage.control.received(0).await.unwrap();
    let create = received.iter().find(|request| request.operation == Operation::Create).unwrap();
    assert_eq!(
        (&create.fields["pay_type"], &create.fields["buyer_logon_id"]),
        (&json!("alipay.jsapi"), &json!("buyer@example.com"))
    );
    stage.control.pay(&shown.order_no).await.unwrap();
    assert_eq!(checkout.paid().await.order_no, shown.order_no);
    assert_eq!(stage.control.creates().await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_page_of_the_tills_own_there_are_parameters_and_with_one_a_code_for_each_wallet() {
    let (stage, window) = beside_pooul("blueocean", &[("sub_appid", "wx0123456789abcdef")]).await;
    let checkout = window.checkout();
    // No customer reaches this till yet: parameters for the merchant's own official account, by clicks.
    checkout.pick("wechat.jsapi").await;
    window.fill("field-sub_openid", "oXoP").await;
    for key in ["7", ".", "2"] {
        window.click(&format!("key-{key}")).await;
    }
    checkout.amount("7.2").await;
    window.click("charge").await;
    window.see("parameters").await;
    let given = checkout.state("awaiting_payment").await;
    assert!(!given.qr && given.text.contains("prepay_id"), "{given:?}");
    stage.control.pay(&given.order_no).await.unwrap();
    assert_eq!(checkout.paid().await.amount, "HK$7.20");
    checkout.next_customer().await;

    // Pages, by keyboard alone.
    let address = receive_at(&window, [127, 7, 0, 4], true).await;
    let kinds = [
        ("qq.jsapi", None, QQ, "¥7.30"),
        ("alipay.jsapi", Some(("field-buyer_id", "2088")), ALIPAY, "¥7.40"),
        ("wechat.jsapi", Some(("field-sub_openid", "oXoP")), WECHAT, "HK$7.50"),
    ];
    for (channel, customer, app, amount) in kinds {
        window.keys("/").await;
        window.see("picker-search").await;
        window.fill("picker-search", channel).await;
        window.press(Key::Enter).await;
        checkout.chosen(channel).await;
        checkout.ready().await;
        let typed = amount.trim_start_matches(['H', 'K', '$', '¥']);
        window.keys(typed).await;
        checkout.amount(typed).await;
        if let Some((field, name)) = customer {
            window.tab_to(field).await;
            window.keys(name).await;
        }
        window.press(Key::Enter).await;
        let shown = checkout.until("a code", |panel| panel.qr).await;
        assert_eq!(shown.amount, amount, "{channel}");
        let link = till_tests::window::picture::read_code(&window, "qr").await.unwrap();
        assert!(link.starts_with(&format!("http://{address}/pay/{}-", shown.order_no)), "{channel}: {link}");
        let page = page_in(app, &link).await;
        assert!(page.contains("id=\"pay\"") && page.contains(typed), "{channel}: {page}");
        assert_eq!(stage.control.trade(&shown.order_no).await.unwrap().trade.channel, channel);
        stage.control.pay(&shown.order_no).await.unwrap();
        assert_eq!(checkout.paid().await.order_no, shown.order_no);
        window.press(Key::Enter).await;
        checkout.ready().await;
    }
    assert!(stage.control.creates().await.unwrap().values().all(|times| *times == 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pooul_charges_a_payment_code_of_each_wallet() {
    let (stage, window) = Stage::selling().await;
    let checkout = window.checkout();
    let wallets = [("wechat.micro", Purse::Wechat), ("alipay.micro", Purse::Alipay), ("qq.micro", Purse::Qq)];
    for (at, (channel, purse)) in wallets.into_iter().enumerate() {
        let amount = format!("4.{}0", at + 1);
        let code = stage.control.mint_code(Manner::AtOnce, purse).await.unwrap().code;
        if purse == Purse::Qq {
            // Nothing chosen: the code itself tells which wallet it may come from.
            checkout.pick("wechat.scan").await;
            window.keys(&amount).await;
            checkout.amount(&amount).await;
        } else {
            checkout.pick(channel).await;
            window.keys(&amount).await;
            checkout.amount(&amount).await;
            window.press(Key::Enter).await;
            window.see("scan-prompt").await;
        }
        stage.scan(&window, &code).await;
        let paid = checkout.paid().await;
        assert_eq!(paid.amount, format!("¥{amount}"));
        let trade = stage.control.trade(&paid.order_no).await.unwrap().trade;
        assert_eq!((trade.channel.as_str(), trade.by_code), (channel, true));
        window.press(Key::Enter).await;
        checkout.ready().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn jubao_sells_by_keys_and_asks_by_a_typed_number_what_became_of_a_lost_order() {
    let (stage, window) = beside_pooul("jubao", &[("channels", "304")]).await;
    let checkout = window.checkout();
    window.keys("/").await;
    window.see("picker-search").await;
    window.fill("picker-search", "jubao 101").await;
    window.press(Key::Enter).await;
    checkout.chosen("101").await;
    window.keys("12.50").await;
    checkout.amount("12.50").await;
    window.press(Key::Enter).await;
    let shown = checkout.until("a code", |panel| panel.qr).await;
    let link = till_tests::window::picture::read_code(&window, "qr").await;
    assert_eq!(link, stage.sandbox.phone_url(&shown.order_no));
    stage.control.pay(&shown.order_no).await.unwrap();
    checkout.paid().await;

    window.press(Key::Enter).await;
    stage.control.fault(Scope::Create, Fault::DropAfter).await.unwrap();
    let lost = checkout.sell("7.70").await;
    window.see("gateway-no").await;
    let known = stage.control.pay(&lost.order_no).await.unwrap().trade.gateway_no;
    // A number of another order is refused; the right one books the payment.
    let other = stage.control.trade(&shown.order_no).await.unwrap().trade.gateway_no;
    window.fill("gateway-no", &other).await;
    window.press(Key::Enter).await;
    let code = "return document.querySelector('[data-testid=notice] [data-code]')?.dataset.code ?? null";
    assert_eq!(window.until("a notice", code, &[]).await, "number_of_another");
    window.fill("gateway-no", &known).await;
    window.press(Key::Enter).await;
    let paid = checkout.paid().await;
    assert_eq!((paid.order_no, paid.amount.as_str()), (lost.order_no, "¥7.70"));

    // The other page, by clicks.
    checkout.next_customer().await;
    checkout.pick("201").await;
    for key in ["6", ".", "1"] {
        window.click(&format!("key-{key}")).await;
    }
    checkout.amount("6.1").await;
    window.click("charge").await;
    let page = checkout.until("a code", |panel| panel.qr).await;
    let link = till_tests::window::picture::read_code(&window, "qr").await;
    assert_eq!(link, stage.sandbox.phone_url(&page.order_no));
    assert_eq!(stage.control.trade(&page.order_no).await.unwrap().trade.channel, "201");
    stage.control.pay(&page.order_no).await.unwrap();
    assert_eq!(checkout.paid().await.amount, "¥6.10");

    // One that the account's settings name, by its number.
    stage.control.channels(&["101", "201", "304"]).await.unwrap();
    checkout.next_customer().await;
    checkout.pick("other").await;
    checkout.ready().await;
    window.keys("5.20").await;
    checkout.amount("5.20").await;
    window.tab_to("field-pay_channel_id").await;
    window.keys("304").await;
    window.press(Key::Enter).await;
    let numbered = checkout.until("a code", |panel| panel.qr).await;
    let link = till_tests::window::picture::read_code(&window, "qr").await;
    assert_eq!(link, stage.sandbox.phone_url(&numbered.order_no));
    assert_eq!(stage.control.trade(&numbered.order_no).await.unwrap().trade.channel, "304");
    stage.control.pay(&numbered.order_no).await.unwrap();
    assert_eq!(checkout.paid().await.amount, "¥5.20");
    let creates = stage.control.creates().await.unwrap();
    assert!(creates.len() == 4 && creates.values().all(|times| *times == 1), "{creates:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dingdang_is_connected_with_a_pasted_key_and_an_order_of_its_speaker_is_taken_in_by_keyboard() {
    let stage = Stage::open().await;
    let announced = stage.sandbox.announcement();
    let here = &announced["gateways"]["dingdang"];
    let given = |name: &str| here["credentials"][name].as_str().unwrap();
    let window = stage.launch().await;
    window.click("first-run-connect").await;
    window.select("field-gateway", "dingdang").await;
    window.fill("field-name", "speaker").await;
    window.fill("field-skill_id", given("skill_id")).await;
    window.paste("field-tsk_public_key", given("tsk_public_key")).await;
    window.paste("secret-skill_private_key", given("skill_private_key")).await;
    window.fill("field-base_url", here["base_url"].as_str().unwrap()).await;
    window.click("save-account").await;
    window.see("account-speaker").await;
    window.gone("save-account").await;
    // A line of the key stands for all of it.
    let page = "return document.documentElement.outerHTML + [...document.querySelectorAll('textarea')].map((it) => it.value).join()";
    let page = window.run(page, vec![]).await;
    let line = given("skill_private_key").lines().nth(3).unwrap();
    assert!(!page.as_str().unwrap().contains(line), "the key is still in the page");

    let lines = [("tea", 2, 1_000), ("cake", 1, 250)];
    let spoken = lines.map(|(id, quantity, amount)| Item { item_id: id.into(), quantity, amount });
    let trade = stage.control.voice_order(None, &spoken).await.unwrap().trade;
    // Taken in by keyboard alone, from the list of orders to the checkout.
    window.chord(&[Key::Control], 'f').await;
    window.see("search").await;
    window.tab_to("adopt").await;
    window.press(Key::Enter).await;
    window.see("adopt-dialog").await;
    window
        .until("the number can be typed", "return document.activeElement?.dataset.testid === 'adopt-number'", &[])
        .await;
    window.keys(&trade.order_no).await;
    for (field, text) in [("adopt-id-0", "tea"), ("adopt-quantity-0", "2"), ("adopt-amount-0", "10.00")] {
        window.tab_to(field).await;
        window.chord(&[Key::Control], 'a').await;
        window.keys(text).await;
    }
    window.tab_to("adopt-add").await;
    window.press(Key::Enter).await;
    window.see("adopt-id-1").await;
    // The quantity is 1 as it stands.
    for (field, text) in [("adopt-id-1", "cake"), ("adopt-amount-1", "2.50")] {
        window.tab_to(field).await;
        window.keys(text).await;
    }
    window.press(Key::Enter).await;
    window.see("timeline").await;
    window.gone("adopt-dialog").await;
    window.chord(&[Key::Alt], '1').await;
    window.gone("timeline").await;
    window.press(Key::PageDown).await;
    let taken = window.checkout().state("awaiting_payment").await;
    assert!(taken.amount == "¥12.50" && !taken.qr, "{taken:?}");

    stage.control.pay(&trade.order_no).await.unwrap();
    window.press(Key::F5).await;
    let paid = window.checkout().paid().await;
    assert_eq!((paid.order_no, paid.amount.as_str()), (taken.order_no, "¥12.50"));
    let received = stage.control.received(0).await.unwrap();
    assert!(received.iter().all(|request| request.operation == Operation::Query), "{received:?}");
    assert_eq!(window.run("return document.querySelector('[data-testid=qr]')", vec![]).await, json!(null));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_customer_orders_by_voice_appears_at_the_counter_by_itself_and_without_a_code() {
    let (stage, window) = beside_pooul("dingdang", &[]).await;
    let address = receive_at(&window, [127, 7, 0, 3], false).await;

    let lines = [("tea", 2, 1_000), ("cake", 1, 250)];
    let items = lines.map(|(id, quantity, amount)| Item { item_id: id.into(), quantity, amount });
    let (partner, user_token) = (format!("http://{address}/dingdang/dingdang"), "user 42".to_owned());
    let speech = Speech { partner, items: items.into(), user_token, nonce: None, total: None };
    stage.control.speak(speech).await.unwrap();
    let first = "return document.querySelector(`[data-testid^='open-order-']`)?.dataset.testid ?? null";
    let card = window.until("an order at the counter", first, &[]).await;
    window.click(card.as_str().unwrap()).await;
    let shown = window.checkout().state("awaiting_payment").await;
    assert!(shown.amount == "¥12.50" && !shown.qr, "{shown:?}");
    assert!(!window.has("qr").await && !window.has("parameters").await, "nobody here shows anything");
    let trades = stage.control.trades().await.unwrap();
    let numbers: Vec<&str> = trades.iter().map(|known| known.trade.order_no.as_str()).collect();
    assert_eq!(numbers, [shown.order_no.as_str()], "the platform has its number");

    stage.control.pay(&shown.order_no).await.unwrap();
    let paid = window.checkout().paid().await;
    assert_eq!((paid.order_no, paid.amount.as_str()), (shown.order_no, "¥12.50"));
    assert!(stage.control.creates().await.unwrap().is_empty(), "the till has made none");
}
