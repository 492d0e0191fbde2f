//! `serve` where the merchant gave it an address.

use crate::gateways::shop_at;
use crate::shop::{DEADLINE, Ran, SALE, Shop, bare, run};
use serde_json::Value;
use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;
use till_sandbox::{Control, Fault, Item, Notifications, Notified, Scope, Speech};
use tokio::net::TcpSocket;

async fn sold(shop: &Shop) -> String {
    let sale = shop.run(&[&SALE[..], &["--no-wait"]].concat()).await;
    assert_eq!((sale.code, &sale.last()["state"]), (Some(0), &"awaiting_payment".into()), "{sale:?}");
    sale.last()["order_no"].as_str().unwrap().to_owned()
}

async fn set(shop: &Shop, fields: &[&str]) -> Value {
    let fields: Vec<&str> = fields.iter().flat_map(|field| ["--set", field]).collect();
    let set = shop.run(&[&["account", "set", "outside"], &fields[..]].concat()).await;
    assert_eq!(set.code, Some(0), "{set:?}");
    set.last().clone()
}

#[tokio::test]
async fn serve_says_where_it_listens_and_prints_a_payment_that_it_was_notified_of() {
    let shop = Shop::open().await;
    let mut serve = shop.start(&["serve", "--listen", "127.0.0.1:0"]);
    let listen = serve.line().await.unwrap()["listen"].as_str().unwrap().to_owned();
    let there = format!("notify_url=http://{listen}/notify/pooul/outside");
    set(&shop, &[&there, "plan.poll_ms=3600000"]).await;
    let order_no = sold(&shop).await;
    shop.stage.sandbox.control().pay(&order_no).await.unwrap();
    let paid = serve.until("paid").await;
    assert_eq!((&paid["order_no"], &paid["paid_minor"]), (&order_no.into(), &1250.into()));
    // The stage writes a sending down once it has read the answer to its end.
    let control = shop.stage.sandbox.control();
    let written = async {
        loop {
            let sent = control.notified().await.unwrap();
            if !sent.is_empty() {
                break sent;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let sent = tokio::time::timeout(DEADLINE, written).await.expect("the stage writes down what it sent");
    assert_eq!(sent[0].answer.as_deref(), Some("success"));
    serve.signal("INT");
    assert_eq!(serve.ends_with().await, Some(0));
}

#[tokio::test]
async fn what_was_accepted_is_durable_although_the_till_is_killed_right_after() {
    let shop = Shop::open().await;
    let control = shop.stage.sandbox.control();
    control.notifications(Notifications { state: true, copies: 20, ..Notifications::default() }).await.unwrap();
    let mut serve = shop.start(&["serve", "--listen", "127.0.0.1:0"]);
    let listen = serve.line().await.unwrap()["listen"].as_str().unwrap().to_owned();
    let there = format!("notify_url=http://{listen}/notify/pooul/outside");
    set(&shop, &[&there, "plan.poll_ms=3600000"]).await;
    let order_no = sold(&shop).await;
    control.pay(&order_no).await.unwrap();
    let accepted = |sent: &Notified| sent.answer.as_deref() == Some("success");
    while !control.notified().await.unwrap().iter().any(accepted) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    serve.signal("KILL");
    serve.ends_with().await;
    let shown = shop.run(&["order", "show", &order_no]).await;
    assert_eq!(shown.last()["state"], "paid", "{shown:?}");
    assert_eq!(shop.run(&["journal", "verify"]).await.last()["ok"], true);
    let paid = |line: &&Value| line.to_string().contains(r#""type":"paid""#);
    assert_eq!(shop.run(&["journal", "list"]).await.lines.iter().filter(paid).count(), 1);
}

/// The number that a create was answered with.
fn number(sent: &Notified) -> Option<String> {
    let answer: Value = serde_json::from_str(sent.answer.as_deref()?).ok()?;
    Some(answer["tradeNo"].as_str()?.to_owned())
}

/// The number of the first order by voice, once it has one.
async fn first_number(control: &Control) -> String {
    loop {
        if let Some(order_no) = control.notified().await.unwrap().iter().find_map(number) {
            break order_no;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test]
async fn ruling_20_an_order_by_voice_that_has_its_number_is_durable_although_the_till_is_killed_right_after() {
    let shop = shop_at("dingdang", &["plan.poll_ms=3600000"]).await;
    let control = shop.stage.sandbox.control();
    control.notifications(Notifications { copies: 20, ..Notifications::default() }).await.unwrap();
    let mut serve = shop.start(&["serve", "--listen", "127.0.0.1:0"]);
    let listen = serve.line().await.unwrap()["listen"].as_str().unwrap().to_owned();
    let items = vec![Item { item_id: "tea".into(), quantity: 2, amount: 1250 }];
    let (partner, user_token) = (format!("http://{listen}/dingdang/there"), "42".to_owned());
    let speech = Speech { partner, items, user_token, nonce: Some("one".into()), total: None };
    control.speak(speech.clone()).await.unwrap();
    let order_no = first_number(&control).await;
    serve.signal("KILL");
    serve.ends_with().await;
    let shown = shop.run(&["order", "show", &order_no]).await;
    let order = shown.last();
    assert_eq!((&order["state"], &order["qr"]), (&"awaiting_payment".into(), &Value::Null), "{shown:?}");
    assert_eq!(order["items"], serde_json::json!([{ "id": "tea", "quantity": 2, "amount_minor": 1250 }]));
    assert_eq!(shop.run(&["journal", "verify"]).await.last()["ok"], true);

    // The next `serve` finds it again, and takes its payment.
    let mut serve = shop.start(&["serve", "--listen", "127.0.0.1:0"]);
    let listen = serve.line().await.unwrap()["listen"].as_str().unwrap().to_owned();
    control.notifications(Notifications::default()).await.unwrap();
    let before = control.notified().await.unwrap().len();
    let again = Speech { partner: format!("http://{listen}/dingdang/there"), ..speech };
    control.speak(again).await.unwrap();
    let sent = loop {
        let sent = control.notified().await.unwrap();
        if sent.len() > before && sent.last().is_some_and(|sent| sent.url.contains(&listen)) {
            break sent;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    assert_eq!(sent.last().and_then(number).as_deref(), Some(order_no.as_str()));
    let adopted = |line: &&Value| line.to_string().contains(r#""type":"adopted""#);
    assert_eq!(shop.run(&["journal", "list"]).await.lines.iter().filter(adopted).count(), 1);
}

#[tokio::test]
async fn a_refund_whose_end_a_notice_contradicts_is_open_and_shown_with_what_the_questions_about_it_bring() {
    let shop = shop_at("dingdang", &["plan.poll_ms=3600000"]).await;
    let control = shop.stage.sandbox.control();
    control.auto_refund(Some(0)).await.unwrap();
    let mut serve = shop.start(&["serve", "--listen", "127.0.0.1:0"]);
    let listen = serve.line().await.unwrap()["listen"].as_str().unwrap().to_owned();
    let item = |id: &str, quantity, amount| Item { item_id: id.into(), quantity, amount };
    let items = vec![item("tea", 2, 1000), item("cake", 1, 250)];
    let (partner, user_token) = (format!("http://{listen}/dingdang/there"), "42".to_owned());
    control.speak(Speech { partner, items, user_token, nonce: None, total: None }).await.unwrap();
    let no = first_number(&control).await;
    // No notice but those that are asked for here.
    control.notifications(Notifications { on: false, ..Notifications::default() }).await.unwrap();
    control.pay(&no).await.unwrap();
    control.notify(&no).await.unwrap();
    serve.until("paid").await;
    let given = shop.run(&["refund", &no, "2.50", "--reason", "cold", "--item", "cake:1:2.50"]).await;
    assert_eq!((given.code, &given.last()["state"]), (Some(0), &"succeeded".into()), "{given:?}");
    let none = shop.run(&["refunds", "--open"]).await;
    assert_eq!((none.code, none.lines.len()), (Some(0), 0), "{none:?}");

    let refund_no = given.last()["refund_no"].as_str().unwrap();
    control.fault_times(Scope::RefundQuery, 10_000, Fault::DropBefore).await.unwrap();
    control.fault_for(&no, Scope::Notification, 1, Fault::WrongAmount).await.unwrap();
    control.notify_refund(refund_no).await.unwrap();
    let met = async {
        loop {
            let shown = shop.run(&["order", "show", &no]).await;
            if shown.last()["refunds"][0]["trouble"] != Value::Null {
                break shown;
            }
        }
    };
    let shown = tokio::time::timeout(DEADLINE, met).await.expect("the till tells what came of its question");
    assert_eq!(shown.last()["refunds"][0]["state"], "succeeded", "{shown:?}");
    let open = shop.run(&["refunds", "--open"]).await;
    assert_eq!((open.code, open.lines.len()), (Some(0), 1), "{open:?}");
    assert_eq!((&open.last()["refund_no"], &open.last()["state"]), (&refund_no.into(), &"succeeded".into()));
    assert_ne!(open.last()["trouble"], Value::Null, "{open:?}");
    let kept = shop.run(&["account", "remove", "there"]).await;
    assert_eq!((kept.code, kept.refusal()), (Some(2), "account_has_open_orders"), "{kept:?}");
    let said = kept.last()["error"]["message"].as_str().unwrap();
    assert!(said.contains("Refunds: 1") && said.contains("final answer"), "{said}");
    serve.signal("TERM");
    assert_eq!(serve.ends_with().await, Some(0));
}

/// An address of this machine at which nobody else will listen while it is held; whoever is told it can.
fn free_address() -> (TcpSocket, SocketAddr) {
    let held = TcpSocket::new_v4().unwrap();
    held.set_reuseaddr(true).unwrap();
    held.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = held.local_addr().unwrap();
    (held, address)
}

#[tokio::test]
async fn ruling_10_with_a_public_address_an_account_needs_none_of_its_own() {
    let shop = Shop::open().await;
    let (_held, free) = free_address();
    let settings = format!("[receiver]\nlisten = \"{free}\"\npublic_address = \"http://{free}\"\n");
    fs::write(shop.folder().join("settings.toml"), settings).unwrap();
    assert_eq!(
        set(&shop, &["notify_url=", "plan.poll_ms=3600000"]).await["missing"],
        serde_json::json!(["notify_url"])
    );
    let refused = shop.run(&SALE).await;
    assert_eq!((refused.code, refused.refusal()), (Some(2), "account_incomplete"), "nothing listens for one sale");
    let listed = shop.run(&["order", "list"]).await;
    assert_eq!((listed.code, listed.lines.len()), (Some(0), 0), "refused before there was an order: {listed:?}");

    let mut serve = shop.start(&["serve"]);
    assert_eq!(serve.line().await.unwrap()["listen"], free.to_string());
    let order_no = sold(&shop).await;
    let control = shop.stage.sandbox.control();
    let trade = control.trade(&order_no).await.unwrap().trade;
    assert_eq!(trade.notify_url, format!("http://{free}/notify/pooul/outside"));
    control.pay(&order_no).await.unwrap();
    serve.until("paid").await;
}

#[tokio::test]
async fn an_address_that_is_taken_or_none_ends_serve_before_it_begins() {
    let shop = Shop::open().await;
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let refused = shop.run(&["serve", "--listen", &address]).await;
    assert_eq!((refused.code, refused.refusal()), (Some(5), "receiver_not_listening"), "{refused:?}");
    assert_eq!(shop.run(&["serve", "--listen", "shop.example"]).await.code, Some(2));
}

fn finding<'a>(examined: &'a Ran, what: &str) -> &'a Value {
    examined.lines.iter().find(|line| line["what"] == what).unwrap_or_else(|| panic!("no {what}: {examined:?}"))
}

#[tokio::test]
async fn the_doctor_tells_of_the_receiver_beside_a_running_till_and_without_one() {
    let shop = Shop::open().await;
    let off = shop.run(&["doctor"]).await;
    assert_eq!((off.code, &finding(&off, "receiver")["facts"]), (Some(0), &serde_json::json!({ "state": "off" })));

    let (_held, free) = free_address();
    let settings = format!("[receiver]\nlisten = \"{free}\"\npublic_address = \"http://{free}\"\n");
    fs::write(shop.folder().join("settings.toml"), settings).unwrap();
    set(&shop, &["plan.poll_ms=3600000"]).await;
    let resting = shop.run(&["doctor"]).await;
    assert_eq!(resting.code, Some(4), "it is set up to receive, and does not: {resting:?}");
    is_not_running(&resting, free);
    assert!(!resting.out.contains("receiver:outside"), "nothing is asked for where nothing can answer: {resting:?}");
    let others = resting.lines.iter().filter(|line| line["what"] != "receiver");
    assert!(others.into_iter().all(|line| line["well"] == true), "everything else is well: {resting:?}");
    let mut people = bare(shop.data.path());
    people.args(["--training", "--lang", "en", "doctor"]);
    let people = run(people).await;
    for said in [
        "not well  receiving: not now, listens at",
        "nothing receives them now",
        "run tillkeeper serve",
        "tillkeeper --training serve",
    ] {
        assert!(people.out.contains(said), "{said}: {people:?}");
    }

    let mut serve = shop.start(&["serve"]);
    assert_eq!(serve.line().await.unwrap()["listen"], free.to_string());
    let order_no = sold(&shop).await;
    shop.stage.sandbox.control().pay(&order_no).await.unwrap();
    serve.until("paid").await;
    let examined = shop.run(&["doctor"]).await;
    assert_eq!(examined.code, Some(0), "{examined:?}");
    let receiver = finding(&examined, "receiver");
    assert_eq!((&receiver["facts"]["state"], &receiver["facts"]["listen"]), (&"on".into(), &free.to_string().into()));
    assert_eq!(finding(&examined, "receiver:outside")["well"], true);
    let came = finding(&examined, "notifications:outside")["facts"].clone();
    assert_eq!(came["accepted"], "1");
    serve.signal("INT");
    assert_eq!(serve.ends_with().await, Some(0));

    // When that was is known to the next run, and without any.
    let resting = shop.run(&["doctor"]).await;
    let at = &came["accepted_at"];
    assert_eq!(finding(&resting, "notifications:outside")["facts"], serde_json::json!({ "accepted_at": at }));
    let mut serve = shop.start(&["serve"]);
    serve.line().await.unwrap();
    let examined = shop.run(&["doctor"]).await;
    let facts = &finding(&examined, "notifications:outside")["facts"];
    assert_eq!((&facts["accepted"], &facts["accepted_at"]), (&"0".into(), at));
}

fn is_not_running(examined: &Ran, listen: SocketAddr) {
    let receiver = finding(examined, "receiver");
    assert_eq!((&receiver["well"], &receiver["fault"]["code"]), (&false.into(), &"receiver_not_running".into()));
    let facts = &receiver["facts"];
    assert_eq!(
        facts,
        &serde_json::json!({
            "state": "no_till_runs", "listen": listen.to_string(), "public_address": format!("http://{listen}"),
        })
    );
}

#[tokio::test]
async fn a_till_that_is_open_for_one_sale_alone_receives_nothing_and_the_doctor_says_so() {
    let shop = Shop::open().await;
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let settings = format!("[receiver]\nlisten = \"{free}\"\npublic_address = \"http://{free}\"\n");
    fs::write(shop.folder().join("settings.toml"), settings).unwrap();
    let mut sale = shop.start(&SALE);
    sale.until("awaiting_payment").await;
    let examined = shop.run(&["doctor"]).await;
    assert_eq!(examined.code, Some(4), "{examined:?}");
    is_not_running(&examined, free);
}

#[tokio::test]
async fn a_public_address_without_one_to_listen_on_is_half_of_what_it_takes() {
    let shop = Shop::open().await;
    let settings = "[receiver]\npublic_address = \"https://pay.example.com\"\n";
    fs::write(shop.folder().join("settings.toml"), settings).unwrap();
    let half = |examined: &Ran| {
        let receiver = finding(examined, "receiver");
        assert_eq!((&receiver["well"], &receiver["fault"]["code"]), (&false.into(), &"receiver_has_no_listen".into()));
        let facts = serde_json::json!({ "state": "off", "public_address": "https://pay.example.com" });
        assert_eq!((examined.code, &receiver["facts"]), (Some(4), &facts), "{examined:?}");
    };
    half(&shop.run(&["doctor"]).await);
    let mut serve = shop.start(&["serve"]);
    assert_eq!(serve.line().await.unwrap()["listen"], Value::Null);
    half(&shop.run(&["doctor"]).await);
    serve.signal("INT");
    serve.ends_with().await;

    let backup = format!("{settings}[backup]\nfolder = \"{}\"\n", shop.data.path().join("missing").display());
    fs::write(shop.folder().join("settings.toml"), backup).unwrap();
    assert_eq!(shop.run(&["doctor"]).await.code, Some(5), "what is graver decides, wherever it stands");
}
