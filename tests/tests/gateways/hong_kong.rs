//! The page of the Hong Kong wallet (ruling 27): signed with a ticket that the merchant's own server gives, and in real Chromium
//! with WeChat's script played.

use crate::pages::{NEVER, Page, Street};
use crate::phones::fits;
use serde_json::{Value, json};
use till_core::account::AccountChange;
use till_core::error::Code;
use till_core::rights::Actor;
use till_engine::view::Finding;
use till_sandbox::Dialect;
use till_tests::browser::{ALIPAY, PLAIN, Phone, QQ, WECHAT};
use till_tests::log::Log;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// WeChat's script, in the version that the document names.
const SCRIPT: &str = "https://res.wx.qq.com/open/js/jweixin-1.2.0.js";

const TICKET: &str = "bxLdikRXVbTPdHSM05e5u5sUoXNKd8-41ZO3MhKoyN5OfkWITDGgnr2fwJ0m9E8NYzWKVZvdVtaUgWvsdshFKA";

/// An account whose create answers are the Hong Kong wallet's, with these fields over those that the stage names.
async fn street(fields: &[(&str, &str)]) -> Street {
    let street = Street::open("blueocean", &[NEVER]).await;
    street.counter.control.dialect(Dialect { hong_kong: true, ..Dialect::default() }).await.unwrap();
    let announced = street.counter.sandbox.announcement();
    let mut change = AccountChange::default();
    for name in ["sub_appid", "ticket_url"] {
        let value = announced["gateways"]["blueocean"][name].as_str().unwrap();
        change.fields.insert(name.to_owned(), value.to_owned());
    }
    for (name, value) in fields {
        change.fields.insert((*name).to_owned(), (*value).to_owned());
    }
    street.counter.till.change_account(&Actor::Owner, "main", &change).await.unwrap();
    street
}

/// The merchant's server, which answers everybody the same.
async fn server(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/ticket?of=shop", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut asked = [0; 4096];
            let read = stream.read(&mut asked).await.unwrap();
            assert!(asked[..read].starts_with(b"GET /ticket?of=shop HTTP/1.1\r\n"));
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    address
}

/// The call of `wx.config` that a page makes with what it was signed with.
fn config(page: &Page) -> Value {
    let signature = page.html.split("data-signature=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let mut config: Value = serde_json::from_str(&signature.replace("&quot;", "\"")).unwrap();
    config.as_object_mut().unwrap().extend([
        ("beta".to_owned(), json!(true)),
        ("debug".to_owned(), json!(false)),
        ("jsApiList".to_owned(), json!(["getH5PrepayRequest"])),
    ]);
    config
}

fn cannot_be_paid(page: &Page) -> bool {
    let told = page.html.contains("id=\"unsigned\"") && page.html.contains("id=\"check\"");
    assert!(!told || !page.html.contains("id=\"pay\"") && !page.html.contains("paySign"), "{}", page.html);
    assert!(!told || !page.header("content-security-policy").contains("https:") && !page.html.contains("jweixin"));
    told
}

#[tokio::test]
async fn ruling_27_the_hong_kong_wallets_page_is_signed_by_its_official_account_inside_wechat_alone() {
    let street = street(&[]).await;
    let order = street.sell("wechat.jsapi").await;
    let address = order.order.qr.clone().unwrap();
    assert!(address.contains("/pay/TK") && order.order.parameters.is_some_and(|given| given.contains("SHA1")));
    for other in [PLAIN, QQ, ALIPAY] {
        let page = street.get(&address, other, "en").await;
        assert!(page.html.contains("Please open this in <strong>WeChat</strong>"), "{}", page.html);
        for hidden in ["paySign", "id=\"pay\"", "jweixin", "data-signature"] {
            assert!(!page.html.contains(hidden), "{other} is told {hidden}");
        }
        assert!(!page.header("content-security-policy").contains("https:"), "{}", page.head);
    }
    assert_eq!(street.counter.sandbox.tickets_asked(), 0, "no ticket is had for whom it is of no use");
    let page = street.get(&address, WECHAT, "zh-HK").await;
    for seen in ["data-bridge=\"hong_kong\"", "paySign", "id=\"check\"", SCRIPT] {
        assert!(page.html.contains(seen), "{seen}: {}", page.html);
    }
    let policy = page.header("content-security-policy");
    assert!(policy.contains(&format!(" {SCRIPT};")) && policy.matches("https:").count() == 1, "{policy}");
    assert!(street.counter.sandbox.accepts_page(&config(&page), &address));
    assert!(!street.counter.sandbox.accepts_page(&config(&page), &format!("{address}x")));
    // WeChat itself adds to the address of a page that was passed on.
    let passed_on = format!("{address}?from=singlemessage&isappinstalled=0");
    let page = street.get(&passed_on, WECHAT, "en").await;
    assert!(street.counter.sandbox.accepts_page(&config(&page), &passed_on));
    assert!(!street.counter.sandbox.accepts_page(&config(&page), &address));
    assert_eq!(street.counter.sandbox.tickets_asked(), 1, "a ticket is kept while it holds");
}

#[tokio::test]
async fn ruling_27_without_a_ticket_of_the_official_account_the_parameters_are_shown_only() {
    for fields in [("ticket_url", ""), ("sub_appid", "wx26a0")] {
        let street = street(&[fields]).await;
        let order = street.sell("wechat.jsapi").await;
        assert_eq!(order.order.qr, None, "{fields:?}");
        assert!(order.order.parameters.is_some_and(|given| given.contains("SHA1")), "{fields:?}");
        assert_eq!(street.counter.sandbox.tickets_asked(), 0);
    }
    let street = street(&[]).await;
    street.counter.control.dialect(Dialect::default()).await.unwrap();
    let address = street.sell("wechat.jsapi").await.order.qr.unwrap();
    let page = street.get(&address, WECHAT, "en").await;
    assert!(page.html.contains("data-bridge=\"wechat\"") && !page.html.contains("jweixin"), "{}", page.html);
}

#[tokio::test]
async fn a_ticket_that_is_not_had_is_said_on_the_page_at_the_till_and_by_the_check_of_the_account() {
    let street = street(&[]).await;
    let till = &street.counter.till;
    street.counter.control.tickets(None).await.unwrap();
    let order = street.sell("wechat.jsapi").await;
    assert!(order.order.parameters.is_some(), "the parameters stay at hand");
    let address = order.order.qr.unwrap();
    let told = async || -> Vec<Code> { till.health().notices.into_iter().map(|notice| notice.code).collect() };
    assert_eq!(told().await, []);
    let visits = (0..20).map(|_| street.get(&address, WECHAT, "en"));
    let pages = futures_util::future::join_all(visits).await;
    assert!(pages.iter().all(cannot_be_paid));
    assert_eq!(street.counter.sandbox.tickets_asked(), 1, "the server is not asked for each of them");
    assert_eq!(told().await, [Code::TicketNotHad]);
    let check = async || -> Finding { till.check_account(&Actor::Owner, "main").await.unwrap() };
    let found = check().await;
    assert_eq!((found.well, found.facts["ticket"].as_str()), (false, "no_ticket"));
    assert_eq!(found.fault.map(|fault| fault.code), Some(Code::TicketNotHad));
    street.counter.control.tickets(Some(7_200)).await.unwrap();
    let found = check().await;
    assert_eq!((found.well, found.facts["ticket"].as_str(), &found.fault), (true, "had", &None));
    assert_eq!(told().await, []);
    let page = street.get(&address, WECHAT, "en").await;
    assert!(street.counter.sandbox.accepts_page(&config(&page), &address), "{}", page.html);
}

#[tokio::test]
async fn only_a_whole_answer_of_the_merchants_own_server_is_a_ticket() {
    let no_ticket = [
        "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\n<html>",
        "HTTP/1.1 200 OK\r\nContent-Length: 90\r\nConnection: close\r\n\r\n{\"ticket\":\"b\",\"expires_in\":7200}",
    ];
    for answer in no_ticket {
        let street = street(&[("ticket_url", &server(answer).await)]).await;
        let address = street.sell("wechat.jsapi").await.order.qr.unwrap();
        assert!(cannot_be_paid(&street.get(&address, WECHAT, "zh-CN").await), "{answer}");
    }
}

#[tokio::test]
async fn a_ticket_stands_neither_in_the_log_nor_in_the_tills_folder_nor_on_a_page() {
    let log = Log::listen();
    let answer = "HTTP/1.1 200 OK\r\nContent-Length: 127\r\nConnection: close\r\n\r\n\
                  {\"errcode\":0,\"ticket\":\"bxLdikRXVbTPdHSM05e5u5sUoXNKd8-41ZO3MhKoyN5OfkWITDGgnr2fwJ0m9E8NYzWKVZvdVtaUgWvsdshFKA\",\
                  \"expires_in\":60}";
    let street = street(&[("ticket_url", &server(answer).await)]).await;
    let address = street.sell("wechat.jsapi").await.order.qr.unwrap();
    let page = street.get(&address, WECHAT, "en").await;
    assert!(page.html.contains("id=\"pay\""), "it was had: {}", page.html);
    assert!(!page.html.contains(TICKET));
    let told = log.text();
    assert!(!told.is_empty(), "the log is listened to");
    let with_it: Vec<&str> = told.lines().filter(|line| line.contains(TICKET)).collect();
    assert!(with_it.is_empty(), "{with_it:?}");
    for file in std::fs::read_dir(street.counter.folder.path()).unwrap() {
        let path = file.unwrap().path();
        let bytes = if path.is_file() { std::fs::read(&path).unwrap() } else { continue };
        assert!(!bytes.windows(TICKET.len()).any(|part| part == TICKET.as_bytes()), "{path:?}");
    }
}

/// WeChat's script, which keeps what it is called with: `accepted` or not, and the wallet's answer, if it gives one.
async fn wechat(phone: &Phone, accepted: bool, answer: Option<&Value>) {
    let answer = answer.map_or_else(String::new, |answer| format!("setTimeout(() => back({answer}), 20)"));
    // After a refusal the real one calls whoever waits for `ready` as well.
    let script = format!(
        "const waiting = {{}}; \
         const look = () => {{ if (!{accepted}) waiting.error({{ errMsg: 'config:invalid signature' }}); waiting.ready(); }}; \
         window.wx = {{ \
           config: (given) => {{ window.config = given; setTimeout(look, 20); \
             window.wx.invoke = (...all) => {{ const back = all.pop(); window.called = all; {answer} }} }}, \
           ready: (then) => {{ waiting.ready = then }}, \
           error: (then) => {{ waiting.error = then }}, \
         }};"
    );
    phone.run(&script).await;
}

async fn hint(phone: &Phone, word: &str) {
    phone.until(&format!("document.getElementById('hint').dataset.word === '{word}'")).await;
}

const STANDING: &str = "document.getElementById('order').dataset.standing";

#[tokio::test]
async fn rulings_27_and_28_each_answer_of_the_hong_kong_wallet_is_told_and_what_a_query_says_is_shown() {
    let street = street(&[]).await;
    let phone = Phone::open(WECHAT, "zh-HK").await;
    for (answer, word) in [
        (json!({ "errMsg": "getH5PrepayRequest:ok" }), "ok"),
        (json!({ "err_msg": "getH5PrepayRequest:cancel" }), "cancelled"),
        (json!({ "errMsg": "", "err_msg": "getH5PrepayRequest:fail" }), "failed"),
        (json!({ "errMsg": "system error" }), "failed"),
        (json!({}), "other"),
        (json!(null), "other"),
    ] {
        // An order of its own: its gateway has not been asked yet, and is at once.
        phone.go(&street.sell("wechat.jsapi").await.order.qr.unwrap()).await;
        wechat(&phone, true, Some(&answer)).await;
        phone.tap("#pay").await;
        hint(&phone, word).await;
        phone.until("!document.getElementById('check').disabled").await;
        phone.until(&format!("{STANDING} === 'open'")).await;
        assert_eq!(phone.text("#outcome .said").await.as_deref(), Some("等待付款"), "{answer}");
    }
    let config = phone.run("return window.config").await;
    let shown = phone.run("return location.href").await;
    assert!(street.counter.sandbox.accepts_page(&config, shown.as_str().unwrap()), "{config} {shown}");
    let called = phone.run("return window.called").await;
    assert_eq!((&called[0], &called[1]["signType"]), (&json!("getH5PrepayRequest"), &json!("SHA1")));
    assert_eq!(called[1].as_object().unwrap().len(), 6, "{called}");
    // The wallet says no, the gateway says paid.
    let order = street.sell("wechat.jsapi").await.order;
    street.counter.control.pay(&order.order_no).await.unwrap();
    phone.go(&order.qr.unwrap()).await;
    wechat(&phone, true, Some(&json!({ "errMsg": "getH5PrepayRequest:cancel" }))).await;
    phone.tap("#pay").await;
    phone.until(&format!("{STANDING} === 'paid'")).await;
    assert_eq!(phone.text("#pay").await, None);
    phone.close().await;
}

#[tokio::test]
async fn a_hong_kong_wallet_that_never_answers_or_a_page_that_wechat_refuses_leaves_the_check_button() {
    let street = street(&[]).await;
    let order = street.sell("wechat.jsapi").await.order;
    let address = order.qr.unwrap();
    let phone = Phone::open(WECHAT, "en").await;
    phone.go(&address).await;
    wechat(&phone, false, Some(&json!({ "errMsg": "getH5PrepayRequest:ok" }))).await;
    phone.tap("#pay").await;
    hint(&phone, "unaccepted").await;
    let told = phone.text("#hint").await.unwrap();
    assert!(told.contains("did not accept this page"), "{told}");
    assert_eq!(phone.run("return window.called ?? null").await, Value::Null, "nothing was opened");

    phone.go(&address).await;
    phone.tap("#pay").await;
    hint(&phone, "absent").await;

    phone.go(&address).await;
    wechat(&phone, true, None).await;
    phone.tap("#pay").await;
    phone.until("window.called").await;
    street.counter.control.pay(&order.order_no).await.unwrap();
    phone.until("!document.getElementById('pay').disabled").await;
    assert_eq!(phone.text("#outcome .said").await.as_deref(), Some("Waiting for your payment"));
    phone.tap("#check").await;
    phone.until(&format!("{STANDING} === 'paid'")).await;
    phone.close().await;
}

/// A WeChat that accepts the page when it is told to, and counts what it opens.
async fn slow_wechat(phone: &Phone) {
    let script = "window.opened = 0; let ready = null; window.accept = () => ready(); \
        window.wx = { config: (given) => { window.config = given }, error: () => {}, \
          ready: (then) => { ready = then }, invoke: () => { window.opened += 1 } };";
    phone.run(script).await;
}

#[tokio::test]
async fn while_wechat_takes_its_time_a_second_touch_opens_no_second_wallet_and_an_ended_order_none() {
    let street = street(&[]).await;
    let phone = Phone::open(WECHAT, "en").await;
    phone.go(&street.sell("wechat.jsapi").await.order.qr.unwrap()).await;
    slow_wechat(&phone).await;
    phone.tap("#pay").await;
    phone.until("window.config").await;
    phone.until("!document.getElementById('pay').disabled").await;
    phone.tap("#pay").await;
    phone.run("window.accept()").await;
    phone.until("window.opened > 0").await;
    assert_eq!(phone.run("return window.opened").await, json!(1), "one wallet for two touches");

    let order = street.sell("wechat.jsapi").await.order;
    phone.go(&order.qr.unwrap()).await;
    slow_wechat(&phone).await;
    phone.tap("#pay").await;
    phone.until("window.config").await;
    street.counter.control.pay(&order.order_no).await.unwrap();
    phone.tap("#check").await;
    phone.until(&format!("{STANDING} === 'paid'")).await;
    phone.run("window.accept()").await;
    assert_eq!(phone.run("return window.opened").await, json!(0), "nobody pays twice");
    phone.close().await;
}

#[tokio::test]
async fn the_hong_kong_wallets_page_ends_with_its_order_and_a_guessed_link_shows_nothing() {
    let street = street(&[("plan.poll_ms", "100")]).await;
    let order = street.sell("wechat.jsapi").await.order;
    let address = order.qr.unwrap();
    let phone = Phone::open(WECHAT, "en").await;
    phone.go(&address).await;
    assert!(phone.text("#pay").await.is_some_and(|label| label == "Pay HK$12.50"));
    street.counter.till.close(&Actor::Owner, &order.order_no).await.unwrap();
    phone.until(&format!("{STANDING} === 'ended'")).await;
    assert_eq!(phone.text("#pay").await, None);
    let asked = street.counter.sandbox.tickets_asked();
    let page = street.get(&address, WECHAT, "en").await;
    assert!(!page.html.contains("paySign") && !page.html.contains("jweixin") && !page.html.contains("data-signature"));
    phone.go(&format!("{address}x")).await;
    assert_eq!(phone.text("h1").await.as_deref(), Some("There is no payment here"));
    assert_eq!(street.counter.sandbox.tickets_asked(), asked, "no ticket is had for either");
    phone.close().await;

    let phone = Phone::open(WECHAT, "zh-CN").await;
    street.counter.control.tickets(None).await.unwrap();
    let order = street.sell("wechat.jsapi").await.order;
    street.counter.till.check_account(&Actor::Owner, "main").await.unwrap();
    phone.go(&order.qr.unwrap()).await;
    let told = phone.text("#unsigned").await.unwrap();
    assert!(told.starts_with("现在不能在这里付款"), "{told}");
    assert!(phone.text("#check").await.is_some());
    fits(&phone, "unsigned").await;
    phone.close().await;
}
