//! Starting, stopping and what outlives it.

use crate::shop::{Shop, get, http};
use serde_json::Value;
use till_sandbox::{Merchants, Options, Remembered, Sandbox, SandboxError};

#[tokio::test]
async fn a_restarted_stage_knows_its_trades_its_credentials_and_its_links() {
    let folder = tempfile::tempdir().unwrap();
    let options = || Options { state_folder: Some(folder.path().join("deep")), ..Options::default() };
    let shop = Shop::open_with(options()).await;
    shop.create("TK0001", "wechat.scan").await;
    let second = shop.create("TK0002", "wechat.scan").await;
    shop.control.pay("TK0001").await.unwrap();
    let key = shop.key.clone();
    let page = shop.sandbox.phone_url("TK0002").unwrap();
    shop.sandbox.stop().await.unwrap();

    let shop = Shop::open_with(options()).await;
    assert_eq!(shop.key, key);
    assert_eq!(shop.query("TK0001").await["data"]["trade_state"], 0);
    assert_eq!(shop.query("TK0002").await["data"]["trade_state"], 2);
    assert_eq!(shop.control.creates().await.unwrap()["TK0001"], 1);
    assert_eq!(get(&page, &[]).await.status, 200, "the port is the same");
    assert_eq!(shop.create("TK0001", "wechat.scan").await["code"], 107);
    let third = shop.create("TK0003", "wechat.scan").await;
    assert_ne!(third["data"]["trade_id"], second["data"]["trade_id"], "no number is given twice");
}

#[tokio::test]
async fn a_stage_that_finds_its_port_taken_goes_elsewhere_and_says_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let options = || Options { state_folder: Some(folder.path().to_owned()), ..Options::default() };
    let first = Sandbox::start(options()).await.unwrap();
    let at = first.addr();
    assert_eq!(first.former_ports(), [0_u16; 0]);
    first.stop().await.unwrap();
    let taken = std::net::TcpListener::bind(at).unwrap();
    let second = Sandbox::start(options()).await.unwrap();
    assert_ne!(second.addr(), at);
    assert_eq!(second.former_ports(), [at.port()]);
    second.stop().await.unwrap();
    drop(taken);
    let third = Sandbox::start(options()).await.unwrap();
    assert_eq!(third.former_ports(), [at.port()], "it stays where it went");
    third.stop().await.unwrap();
    let back = Sandbox::start(Options { listen: at, ..options() }).await.unwrap();
    assert!(!back.former_ports().contains(&at.port()) && back.former_ports().len() == 1);
}

#[tokio::test]
async fn a_stage_made_anew_goes_on_as_the_merchants_that_a_till_remembers_with_other_keys() {
    let before = Sandbox::start(Options::default()).await.unwrap();
    let (was, at) = (before.announcement()["gateways"].clone(), before.addr().port());
    before.stop().await.unwrap();
    let known = was.as_object().unwrap().iter().map(|(gateway, offered)| {
        let fields = serde_json::from_value(offered["credentials"].clone()).unwrap();
        (gateway.clone(), fields)
    });
    let remembered = Remembered { merchants: Merchants(known.collect()), ports: vec![9, at, 9, at] };
    let folder = tempfile::tempdir().unwrap();
    let options =
        |remembered| Options { state_folder: Some(folder.path().to_owned()), remembered, ..Options::default() };
    let other = Merchants([("jubao".into(), [("mch_id".into(), "1".into())].into())].into());
    let another = Remembered { merchants: other, ..Remembered::default() };
    // The second one has its own file, which wins.
    for remembered in [remembered, another] {
        let stage = Sandbox::start(options(remembered)).await.unwrap();
        let is = stage.announcement()["gateways"].clone();
        for (gateway, field, same) in [
            ("pooul", "merchant_id", true),
            ("pooul", "sign_agentno", true),
            ("jubao", "mch_id", true),
            ("blueocean", "appid", true),
            ("dingdang", "skill_id", true),
            ("pooul", "key", false),
            ("pooul", "agent_key", false),
            ("jubao", "key", false),
            ("blueocean", "key", false),
        ] {
            let [was, is] = [&was, &is].map(|gateways| &gateways[gateway]["credentials"][field]);
            assert_eq!(was == is, same, "{gateway} {field}: {was} {is}");
        }
        let former = stage.former_ports();
        assert!(former.contains(&9) && (former.contains(&at) || stage.addr().port() == at), "{former:?}");
        stage.stop().await.unwrap();
    }
}

#[tokio::test]
async fn what_was_answered_is_kept_even_if_the_stage_is_never_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let options = || Options { state_folder: Some(folder.path().to_owned()), ..Options::default() };
    let shop = Shop::open_with(options()).await;
    shop.create("TK0001", "wechat.scan").await;
    let text = std::fs::read_to_string(folder.path().join("sandbox.json")).unwrap();
    assert!(serde_json::from_str::<Value>(&text).unwrap()["trades"]["TK0001"].is_object());
    drop(shop);
    let shop = Shop::open_with(options()).await;
    assert_eq!(shop.query("TK0001").await["data"]["trade_state"], 2);
}

#[tokio::test]
async fn a_damaged_file_is_an_error_and_not_an_empty_stage() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("sandbox.json"), "{\"trades\"").unwrap();
    let options = Options { state_folder: Some(folder.path().to_owned()), ..Options::default() };
    assert!(matches!(Sandbox::start(options).await, Err(SandboxError::State { .. })));
}

#[tokio::test]
async fn other_machines_are_let_in_only_by_leave() {
    let listen = "0.0.0.0:0".parse().unwrap();
    let refused = Sandbox::start(Options { listen, ..Options::default() }).await;
    assert!(matches!(refused, Err(SandboxError::NotLoopback(_))));
}

#[tokio::test]
async fn a_seed_gives_the_same_numbers_and_otherwise_nobody_can_guess_them() {
    let page = |seed| async move {
        let shop = Shop::open_with(Options { seed, ..Options::default() }).await;
        let created = shop.create("TK0001", "wechat.scan").await;
        let token = shop.sandbox.phone_url("TK0001").unwrap().rsplit('/').next().unwrap().to_owned();
        (created["data"]["trade_id"].clone(), token, shop.key)
    };
    assert_eq!(page(Some(7)).await, page(Some(7)).await);
    assert_ne!(page(Some(7)).await, page(Some(8)).await);
    assert_ne!(page(None).await, page(None).await);
}

#[tokio::test]
async fn the_announcement_says_where_everything_is() {
    let shop = Shop::open().await;
    let announced = shop.sandbox.announcement();
    assert_eq!(announced["listen"], shop.sandbox.addr().to_string());
    assert_eq!(announced["control"], shop.sandbox.control_url());
    let pooul = &announced["gateways"]["pooul"];
    assert_eq!(pooul["base_url"], shop.sandbox.base_url());
    assert_eq!(pooul["channels"].as_array().unwrap().len(), 9);
    assert!(pooul["notify_url"].as_str().unwrap().starts_with("http://127.0.0.1:"));
    assert!(!format!("{:?}", shop.sandbox).contains(&shop.key));
    let settings = get(&format!("{}/settings", shop.sandbox.control_url()), &[]).await;
    assert!(!settings.text().contains(&shop.key));
}

#[tokio::test]
async fn a_stopped_or_dropped_stage_listens_no_longer() {
    let shop = Shop::open().await;
    let addr = shop.sandbox.addr();
    shop.sandbox.stop().await.unwrap();
    assert!(tokio::net::TcpStream::connect(addr).await.is_err());
    let shop = Shop::open().await;
    let addr = shop.sandbox.addr();
    drop(shop);
    let gone = async { while tokio::net::TcpStream::connect(addr).await.is_ok() {} };
    tokio::time::timeout(std::time::Duration::from_mins(1), gone).await.expect("it stops listening");
}

#[tokio::test]
async fn the_control_surface_answers_every_way_it_documents() {
    let shop = Shop::open().await;
    let control = shop.sandbox.control_url();
    assert_eq!(http("POST", &format!("{control}/pay"), &[], b"").await.unwrap().status, 404);
    assert_eq!(http("POST", &format!("{control}/pya"), &[], b"").await.unwrap().status, 400);
    assert_eq!(http("GET", &format!("{control}/clear_faults"), &[], b"").await.unwrap().status, 405);
    let foreign = [("Origin", "https://example.com")];
    assert_eq!(http("POST", &format!("{control}/trades"), &foreign, b"").await.unwrap().status, 403);
    shop.create("TK0001", "wechat.scan").await;
    let trades = get(&format!("{control}/trades"), &[]).await.json();
    assert_eq!(trades[0]["order_no"], "TK0001");
    assert!(trades[0]["phone_url"].is_string());
    assert_eq!(get(&format!("{control}/received?after=1"), &[]).await.json(), serde_json::json!([]));
    let inside = shop.sandbox.control();
    assert_eq!(inside.pay(None).await.unwrap(), shop.control.pay("TK0001").await.unwrap());
}

#[tokio::test]
async fn many_orders_at_once_are_all_kept() {
    let folder = tempfile::tempdir().unwrap();
    let options = || Options { state_folder: Some(folder.path().to_owned()), ..Options::default() };
    let shop = std::sync::Arc::new(Shop::open_with(options()).await);
    let mut orders = tokio::task::JoinSet::new();
    for count in 0..40 {
        let shop = std::sync::Arc::clone(&shop);
        orders.spawn(async move {
            let create = async { shop.create(&format!("TK00{count:02}"), "wechat.scan").await };
            // Some tills hang up while the stage is still writing.
            let patience = std::time::Duration::from_millis(if count % 4 == 0 { 2 } else { 60_000 });
            drop(tokio::time::timeout(patience, create).await);
        });
    }
    orders.join_all().await;
    let before = shop.control.trades().await.unwrap();
    assert!(before.len() >= 30);
    std::sync::Arc::into_inner(shop).unwrap().sandbox.stop().await.unwrap();
    let shop = Shop::open_with(options()).await;
    let after = shop.control.trades().await.unwrap();
    assert!(before.iter().all(|view| after.contains(view)));
}

#[tokio::test]
async fn a_stage_stops_at_once_although_a_till_still_waits() {
    let shop = Shop::open().await;
    let idle = tokio::net::TcpStream::connect(shop.sandbox.addr()).await.unwrap();
    shop.control.down(till_sandbox::Down::Silent).await.unwrap();
    let (url, fields) = (shop.url("query"), shop.about("TK0001"));
    let waiting =
        tokio::spawn(async move { http("POST", &url, &[], Value::Object(fields).to_string().as_bytes()).await });
    while shop.control.received(0).await.unwrap().is_empty() {}
    let began = std::time::Instant::now();
    shop.sandbox.stop().await.unwrap();
    // Not after the 3 s that answers under way are given.
    assert!(began.elapsed() < std::time::Duration::from_millis(2_900));
    assert!(waiting.await.unwrap().is_none());
    drop(idle);
}
