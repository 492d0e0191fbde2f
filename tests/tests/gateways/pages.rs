//! The customer's page of an order over real HTTP, at a receiver with a public address.

use crate::desk::{PATIENCE, open, received};
use serde_json::json;
use std::sync::Arc;
use till_core::account::AccountChange;
use till_core::order::State;
use till_core::rights::Actor;
use till_engine::keyring::MemoryKeyring;
use till_engine::receiver::{Options, Receiver};
use till_engine::till::Till;
use till_engine::view::LiveOrder;
use till_sandbox::{Dialect, Notifications, Operation, Options as Stage, Sandbox};
use till_tests::browser::{ALIPAY, PLAIN, Phone, QQ, WECHAT};
use till_tests::counter::{Counter, add_account, launch};
use till_tests::log::Log;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// No poll comes within any test.
pub const NEVER: (&str, &str) = ("plan.poll_ms", "3600000");

/// A counter whose customers can reach the receiver.
pub struct Street {
    pub counter: Counter,
    pub receiver: Receiver,
}

/// What came back.
pub struct Page {
    pub head: String,
    pub html: String,
}

impl Page {
    pub fn status(&self) -> &str {
        self.head.split(' ').nth(1).unwrap_or_default()
    }

    pub fn header(&self, name: &str) -> &str {
        let line = self.head.lines().find_map(|line| line.split_once(": ").filter(|(known, _)| *known == name));
        line.map_or("", |(_, value)| value)
    }
}

async fn receive(till: &Till) -> Receiver {
    let options = Options { listen: "127.0.0.1:0".parse().unwrap(), proxy: None };
    let receiver = Receiver::open(till.clone(), options).await.unwrap();
    till.set_public_address(Some(format!("http://{}", receiver.addr())));
    receiver
}

impl Street {
    /// An account whose gateway does not notify: what is known, is known by asking.
    pub async fn open(gateway: &str, fields: &[(&str, &str)]) -> Self {
        let fields = [if gateway == "blueocean" { &[("sub_appid", "wx26a0")] } else { &[][..] }, fields].concat();
        let counter = open(gateway, &fields).await;
        counter.control.notifications(Notifications { on: false, ..Notifications::default() }).await.unwrap();
        counter.control.dialect(Dialect { pay_url: false, ..Dialect::default() }).await.unwrap();
        let receiver = receive(&counter.till).await;
        Self { counter, receiver }
    }

    /// Sells on one of the channels that lead to a page.
    pub async fn sell(&self, channel: &str) -> LiveOrder {
        let extra: &[(&str, &str)] = match channel {
            "alipay.jsapi" => &[("buyer_id", "2088")],
            "wechat.jsapi" | "wechat.jsurl" => &[("sub_openid", "oXoP")],
            _ => &[],
        };
        let order = self.counter.sell_on(channel, extra).await;
        assert_eq!(order.order.state, State::AwaitingPayment, "{order:?}");
        order
    }

    pub async fn get(&self, address: &str, agent: &str, language: &str) -> Page {
        self.ask("GET", address, agent, language).await
    }

    async fn ask(&self, method: &str, address: &str, agent: &str, language: &str) -> Page {
        let path = address.strip_prefix(&format!("http://{}", self.receiver.addr())).unwrap_or(address);
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: till\r\nUser-Agent: {agent}\r\nAccept-Language: {language}\r\n\
             Content-Length: 0\r\n\r\n"
        );
        let mut stream = TcpStream::connect(self.receiver.addr()).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
        read.expect("the connection ends").unwrap();
        let answer = String::from_utf8(answer).unwrap();
        let (head, html) = answer.split_once("\r\n\r\n").unwrap();
        Page { head: head.to_owned(), html: html.to_owned() }
    }
}

/// The three channels, at their gateways, with the app that opens them and what a page there calls its bridge with.
pub const CHANNELS: [(&str, &str, &str, &str); 3] = [
    ("pooul", "qq.jsapi", QQ, "tokenId"),
    ("pooul", "alipay.jsapi", ALIPAY, "tradeNO"),
    ("blueocean", "wechat.jsapi", WECHAT, "paySign"),
];

#[tokio::test]
async fn rulings_24_to_26_the_code_is_a_page_that_offers_the_bridge_inside_its_own_app_alone() {
    for (gateway, channel, app, argument) in CHANNELS {
        let street = Street::open(gateway, &[NEVER]).await;
        let order = street.sell(channel).await;
        let address = order.order.qr.clone().unwrap();
        assert!(address.starts_with(&format!("http://{}/pay/{}-", street.receiver.addr(), order.order.order_no)));
        assert_eq!(order.order.parameters.is_some(), channel == "wechat.jsapi", "an integrator still finds them");
        let page = street.get(&address, app, "zh-CN").await;
        assert_eq!(page.status(), "200", "{}", page.head);
        for seen in ["示例便利店", "12.50", argument, "id=\"pay\"", "id=\"check\"", "lang=\"zh-CN\"", "等待付款"]
        {
            assert!(page.html.contains(seen), "{channel} lacks {seen}: {}", page.html);
        }
        for other in [PLAIN, QQ, ALIPAY, WECHAT].into_iter().filter(|other| *other != app) {
            let page = street.get(&address, other, "en").await;
            assert!(page.html.contains("id=\"elsewhere\"") && page.html.contains("id=\"check\""), "{}", page.html);
            assert!(!page.html.contains("id=\"pay\"") && !page.html.contains(argument), "{channel} tells {other}");
        }
    }
}

#[tokio::test]
async fn a_page_is_strict_about_where_anything_comes_from_and_qqs_own_script_is_allowed_in_qq_alone() {
    for (gateway, channel, app, _) in CHANNELS {
        let street = Street::open(gateway, &[NEVER]).await;
        let address = street.sell(channel).await.order.qr.unwrap();
        for agent in [app, PLAIN] {
            let page = street.get(&address, agent, "en").await;
            let policy = page.header("content-security-policy");
            assert!(policy.starts_with("default-src 'none'; script-src 'sha256-"), "{policy}");
            for part in ["base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'", "style-src 'sha256-"] {
                assert!(policy.contains(part), "{policy}");
            }
            assert!(!policy.contains("unsafe") && !policy.contains('*') && !policy.contains("http:"), "{policy}");
            let theirs = channel == "qq.jsapi" && agent == app;
            let scripts = policy.split(';').nth(1).unwrap();
            assert_eq!(scripts.ends_with(" https://pub.idqqimg.com/qqmobile/qqapi.js"), theirs, "{channel}: {policy}");
            assert_eq!(policy.matches("https:").count(), usize::from(theirs), "{channel} {agent}: {policy}");
            assert_eq!(page.html.contains("qqapi.js"), theirs, "{channel} {agent}");
            assert_eq!(page.header("cache-control"), "no-store");
            assert_eq!(page.header("referrer-policy"), "no-referrer");
            assert_eq!(page.header("x-content-type-options"), "nosniff");
        }
    }
}

#[tokio::test]
async fn ruling_24_of_qqs_host_only_the_documents_script_may_run() {
    let street = Street::open("pooul", &[NEVER]).await;
    let address = street.sell("qq.jsapi").await.order.qr.unwrap();
    let phone = Phone::open(QQ, "en").await;
    phone.go(&address).await;
    let [theirs, other] =
        ["qqapi.js?_bid=152", "other.js?_bid=152"].map(|file| format!("https://pub.idqqimg.com/qqmobile/{file}"));
    // Nothing outside this machine can be reached here: what may run is looked for in vain, all else is not even looked for.
    let add = format!(
        "window.refused = []; \
         document.addEventListener('securitypolicyviolation', (event) => window.refused.push(event.blockedURI)); \
         for (const src of ['{theirs}', '{other}']) {{ \
           const one = document.createElement('script'); one.src = src; document.head.append(one); \
         }}"
    );
    phone.run(&add).await;
    phone.until("window.refused.length > 0").await;
    assert_eq!(phone.run("return window.refused").await, json!([other]));
    phone.close().await;
}

#[tokio::test]
async fn a_page_speaks_the_customers_language() {
    let street = Street::open("pooul", &[NEVER]).await;
    let address = street.sell("qq.jsapi").await.order.qr.unwrap();
    for (language, tag, word) in [
        ("zh-CN,zh;q=0.9", "zh-CN", "请用这个应用打开"),
        ("zh-HK", "zh-HK", "請用這個應用程式開啟"),
        ("en-GB", "en", "Please open this in"),
        ("fr", "en", "Please open this in"),
    ] {
        let page = street.get(&address, PLAIN, language).await;
        assert!(
            page.html.contains(&format!("lang=\"{tag}\"")) && page.html.contains(word),
            "{language}: {}",
            page.html
        );
    }
}

#[tokio::test]
async fn without_a_public_address_codes_and_parameters_are_what_they_were() {
    let street = Street::open("pooul", &[NEVER]).await;
    street.counter.control.dialect(Dialect { pay_url: true, ..Dialect::default() }).await.unwrap();
    let page = |order: &LiveOrder| order.order.qr.as_deref().is_some_and(|qr| qr.contains("/pay/TK"));
    assert!(page(&street.sell("qq.jsapi").await), "QQ's own link is for trial only (000:102)");
    assert!(!page(&street.sell("alipay.jsapi").await), "Alipay's own page goes before the till's");
    street.counter.till.set_public_address(None);
    let order = street.sell("qq.jsapi").await;
    assert!(order.order.qr.is_some() && !page(&order));
    let street = Street::open("blueocean", &[NEVER]).await;
    street.counter.till.set_public_address(None);
    let order = street.sell("wechat.jsapi").await;
    assert_eq!((order.order.qr, order.order.parameters.is_some()), (None, true));
}

#[tokio::test]
async fn a_restart_keeps_the_link_and_what_is_paid_with() {
    let sandbox = Sandbox::start(Stage { close_floor_s: 0, ..Stage::default() }).await.unwrap();
    let (folder, keyring) = (tempfile::tempdir().unwrap(), Arc::new(MemoryKeyring::default()));
    let till = launch(folder.path(), Arc::clone(&keyring)).await;
    add_account(&till, &sandbox, &[NEVER]).await;
    let (control, receiver) = (sandbox.control(), receive(&till).await);
    control.dialect(Dialect { pay_url: false, ..Dialect::default() }).await.unwrap();
    let street = Street { counter: Counter { till, sandbox, control, folder }, receiver };
    let order = street.sell("qq.jsapi").await;
    let address = order.order.qr.unwrap();
    let link = address.rsplit('/').next().unwrap();
    let before = street.get(&address, QQ, "en").await;
    // Another till on the same journal, as after a crash: nothing of the first one's memory is left to it.
    let again = launch(street.counter.folder.path(), keyring).await;
    let receiver = receive(&again).await;
    let street = Street { receiver, ..street };
    let after = street.get(&format!("/pay/{link}"), QQ, "en").await;
    assert_eq!(after.html, before.html);
    assert_eq!(again.order(&order.order.order_no).await.unwrap().order.qr, Some(address), "and so does the code");
}

#[tokio::test]
async fn a_guessed_link_leads_nowhere_and_counts_against_whoever_guesses() {
    let street = Street::open("pooul", &[NEVER]).await;
    let address = street.sell("qq.jsapi").await.order.qr.unwrap();
    let link = address.rsplit('/').next().unwrap().to_owned();
    let (order_no, secret) = link.split_once('-').unwrap();
    assert!(secret.len() >= 26, "at five bits a character these are at least 128 random bits: {secret}");
    let plain = street.sell("wechat.scan").await.order.order_no;
    let mut turned: String = secret.to_owned();
    let last = turned.pop().unwrap();
    turned.push(if last == 'a' { 'b' } else { 'a' });
    let guesses = [
        order_no.to_owned(),
        format!("{order_no}-"),
        format!("{order_no}-{turned}"),
        format!("{order_no}-{}", secret.to_ascii_uppercase()),
        format!("{order_no}-{secret}-"),
        format!("{order_no}-{secret}/x"),
        String::new(),
        format!("TK00000000000000000000000000-{secret}"),
        format!("{plain}-{secret}"),
        format!("{plain}-"),
        "x".repeat(5_000),
    ];
    let mut told = Vec::new();
    for guess in &guesses {
        for (method, path) in [("GET", format!("/pay/{guess}")), ("POST", format!("/pay/{guess}/state"))] {
            let page = street.ask(method, &path, QQ, "en").await;
            assert_eq!(page.status(), "404", "{guess}");
            told.push(page.html);
        }
    }
    told.dedup();
    assert_eq!(told.len(), 1, "whatever was wrong, the same page");
    assert!(!told[0].contains("12.50") && !told[0].contains("示例便利店"), "{}", told[0]);
    assert_eq!(street.get(&address, QQ, "en").await.status(), "200", "what is right is shown meanwhile");
    for _ in 0..60 {
        street.get("/pay/TK1-guess", QQ, "en").await;
    }
    assert_eq!(street.get("/pay/TK1-guess", QQ, "en").await.status(), "503", "and then nothing more is looked into");
}

#[tokio::test]
async fn a_look_at_the_head_of_a_page_is_a_look_and_never_counts() {
    let street = Street::open("pooul", &[NEVER]).await;
    let address = street.sell("qq.jsapi").await.order.qr.unwrap();
    let state = format!("{address}/state");
    for address in [&address, &state] {
        let whole = street.get(address, QQ, "en").await;
        for _ in 0..70 {
            let page = street.ask("HEAD", address, QQ, "en").await;
            assert_eq!((page.status(), page.html.as_str()), ("200", ""), "{}", page.head);
            for name in ["content-length", "content-type", "content-security-policy"] {
                assert_eq!(page.header(name), whole.header(name));
            }
        }
    }
    assert_eq!(street.counter.till.receiver(&Actor::Owner).unwrap().elsewhere.refused, 0);
    assert_eq!(street.ask("HEAD", &format!("{address}x"), QQ, "en").await.status(), "404");
    assert_eq!(street.ask("PUT", &address, QQ, "en").await.status(), "404");
    assert_eq!(street.counter.till.receiver(&Actor::Owner).unwrap().elsewhere.refused, 2);
}

#[tokio::test]
async fn ruling_28_the_till_asks_when_a_customer_wants_to_know_but_not_as_often_as_the_customer_likes() {
    let street = Street::open("pooul", &[NEVER]).await;
    let order = street.sell("qq.jsapi").await.order;
    let address = order.qr.unwrap();
    let state = format!("{address}/state");
    street.counter.control.pay(&order.order_no).await.unwrap();
    assert!(street.get(&state, PLAIN, "en").await.html.contains("data-standing=\"open\""), "looking asks nobody");
    assert!(received(&street.counter, Operation::Query).await.is_empty());
    let asked = street.ask("POST", &state, PLAIN, "en").await;
    assert_eq!((asked.status(), asked.header("location").starts_with("../")), ("303", true), "{}", asked.head);
    assert!(street.get(&state, PLAIN, "en").await.html.contains("data-standing=\"paid\""));
    assert_eq!(received(&street.counter, Operation::Query).await.len(), 1);

    let order = street.sell("qq.jsapi").await.order;
    let state = format!("{}/state", order.qr.unwrap());
    let many = (0..40).map(|_| street.ask("POST", &state, PLAIN, "en"));
    futures_util::future::join_all(many).await;
    let asked = received(&street.counter, Operation::Query).await.len() - 1;
    assert!((1..=3).contains(&asked), "{asked} questions for 40 wishes");
}

#[tokio::test]
async fn ruling_28_a_customer_who_paid_after_the_end_has_the_till_ask_as_long_as_there_is_a_page() {
    let street = Street::open("pooul", &[]).await;
    let order = street.sell("qq.jsapi").await.order;
    let state = format!("{}/state", order.qr.unwrap());
    street.counter.till.close(&Actor::Owner, &order.order_no).await.unwrap();
    // The till itself looks again after half an hour.
    let rests = |order: &LiveOrder| !order.asking.in_flight && order.asking.next_in_ms.is_some_and(|ms| ms > 600_000);
    let ended = |order: &LiveOrder| order.order.state == State::Closed && rests(order);
    street.counter.until(&order.order_no, "closed", ended).await;
    street.counter.control.pay(&order.order_no).await.unwrap();
    let before = received(&street.counter, Operation::Query).await.len();
    assert!(street.get(&state, PLAIN, "en").await.html.contains("data-standing=\"ended\""), "looking asks nobody");
    let wishes = async {
        while !street.get(&state, PLAIN, "en").await.html.contains("data-standing=\"paid\"") {
            let asked = street.ask("POST", &state, PLAIN, "en").await;
            assert_eq!(asked.status(), "303", "{}", asked.head);
        }
    };
    tokio::time::timeout(PATIENCE, wishes).await.expect("the page says paid");
    assert_eq!(received(&street.counter, Operation::Query).await.len(), before + 1, "however often it was pressed");
    let known = street.counter.till.order(&order.order_no).await.unwrap();
    assert_eq!((known.order.state, known.order.late, known.order.paid_minor), (State::Paid, true, Some(1250)));
    let timeline = street.counter.till.timeline(&Actor::Owner, &order.order_no).await.unwrap();
    assert_eq!(timeline.entries.iter().filter(|entry| entry.kind == "paid").count(), 1);
}

#[tokio::test]
async fn a_page_ends_with_its_order() {
    for (gateway, channel, app, argument) in CHANNELS {
        let street = Street::open(gateway, &[]).await;
        let order = street.sell(channel).await.order;
        let address = order.qr.unwrap();
        street.counter.till.close(&Actor::Owner, &order.order_no).await.unwrap();
        let page = street.get(&address, app, "en").await;
        assert!(!page.html.contains(argument) && !page.html.contains("id=\"pay\""), "{channel}: {}", page.html);
        street.counter.until(&order.order_no, "closed", |order| order.order.state == State::Closed).await;
        let page = street.get(&address, app, "en").await;
        assert!(page.html.contains("data-standing=\"ended\"") && !page.html.contains(argument), "{}", page.html);
    }
}

#[tokio::test]
async fn the_customer_comes_back_to_the_orders_page_unless_the_merchant_has_one() {
    let street = Street::open("pooul", &[NEVER, ("sub_appid", "wx26a0")]).await;
    let landing = async |order_no: &str| {
        let creates = received(&street.counter, Operation::Create).await;
        let create = creates.into_iter().find(|create| create.order_no.as_deref() == Some(order_no)).unwrap();
        create.fields.get("callback_url").map(|there| there.as_str().unwrap().to_owned())
    };
    let qq = street.sell("qq.jsapi").await.order;
    assert_eq!(landing(&qq.order_no).await, qq.qr);
    let url = street.sell("wechat.jsurl").await.order;
    let there = landing(&url.order_no).await.unwrap();
    assert_ne!(url.qr.as_ref(), Some(&there), "its own link is what is scanned");
    let page = street.get(&there, WECHAT, "en").await;
    assert!(page.html.contains("data-standing=\"open\"") && page.html.contains("id=\"check\""), "{}", page.html);
    assert!(!page.html.contains("id=\"pay\"") && !page.html.contains("id=\"elsewhere\""), "{}", page.html);
    street.counter.control.pay(&url.order_no).await.unwrap();
    street.ask("POST", &format!("{there}/state"), WECHAT, "en").await;
    assert!(street.get(&there, WECHAT, "en").await.html.contains("data-standing=\"paid\""));
    assert_eq!(landing(&street.sell("wechat.scan").await.order.order_no).await, None);

    let mut change = AccountChange::default();
    change.fields.insert("callback_url".into(), "https://shop.example/thanks".into());
    street.counter.till.change_account(&Actor::Owner, "main", &change).await.unwrap();
    let order = street.sell("qq.jsapi").await.order;
    assert_eq!(landing(&order.order_no).await.as_deref(), Some("https://shop.example/thanks"));
}

#[tokio::test]
async fn the_log_has_neither_a_link_nor_what_a_bridge_is_called_with() {
    let log = Log::listen();
    let street = Street::open("pooul", &[NEVER]).await;
    let order = street.sell("qq.jsapi").await.order;
    let address = order.qr.unwrap();
    let page = street.get(&address, QQ, "en").await;
    let token = page.html.split("tokenId&quot;:&quot;").nth(1).and_then(|rest| rest.split("&quot;").next()).unwrap();
    street.ask("POST", &format!("{address}/state"), QQ, "en").await;
    assert_eq!(street.get(&format!("{address}x"), QQ, "en").await.status(), "404");
    street.counter.till.close(&Actor::Owner, &order.order_no).await.unwrap();
    let written = log.text();
    assert!(written.contains("refused at the receiver"), "the log is listened to: {written}");
    let (_, secret) = address.rsplit_once('-').unwrap();
    for hidden in [token, secret] {
        let told: Vec<&str> = written.lines().filter(|line| line.contains(hidden)).collect();
        assert!(told.is_empty(), "{told:?}");
    }
}
