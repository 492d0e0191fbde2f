//! Every fault is what it says, and strikes as often as planned.

use std::time::{Duration, Instant};

use crate::shop::{Reply, Shop, get, http};
use serde_json::{Value, json};
use till_sandbox::{ControlError, Down, Fault, Scope, Trade};

async fn paid_order() -> Shop {
    let shop = Shop::open().await;
    shop.create("TK0001", "wechat.scan").await;
    shop.control.pay("TK0001").await.unwrap();
    shop
}

async fn query_under(shop: &Shop, fault: Fault) -> Option<Reply> {
    shop.control.fault(Scope::Query, fault).await.unwrap();
    shop.send("query", shop.about("TK0001")).await
}

#[tokio::test]
async fn an_answer_dropped_after_processing_leaves_a_trade_and_no_byte() {
    let shop = Shop::open().await;
    shop.control.fault(Scope::Create, Fault::DropAfter).await.unwrap();
    assert!(shop.send("pay", shop.signed(shop.order("TK0001", "wechat.scan"))).await.is_none());
    assert_eq!(shop.query("TK0001").await["data"]["trade_state"], 2);
    assert_eq!(shop.control.creates().await.unwrap()["TK0001"], 1);
}

#[tokio::test]
async fn a_request_dropped_before_processing_leaves_no_trade() {
    let shop = Shop::open().await;
    shop.control.fault(Scope::Create, Fault::DropBefore).await.unwrap();
    assert!(shop.send("pay", shop.signed(shop.order("TK0001", "wechat.scan"))).await.is_none());
    assert_eq!(shop.query("TK0001").await["code"], 301);
    assert_eq!(shop.control.creates().await.unwrap()["TK0001"], 1, "it did arrive");
}

#[tokio::test]
async fn a_delayed_answer_is_processed_at_once_and_comes_late() {
    let shop = Shop::open().await;
    shop.control.fault(Scope::Create, Fault::Delay { ms: 1000 }).await.unwrap();
    let began = Instant::now();
    let late = async { (shop.create("TK0001", "wechat.scan").await, Instant::now()) };
    let early = async {
        while shop.control.trades().await.unwrap().is_empty() {}
        Instant::now()
    };
    let ((created, answered), booked) = tokio::join!(late, early);
    assert_eq!(created["code"], 0);
    assert!(answered - began >= Duration::from_secs(1));
    assert!(booked < answered);
}

#[tokio::test]
async fn broken_bodies_are_broken_as_asked() {
    let shop = paid_order().await;
    let html = query_under(&shop, Fault::Html).await.unwrap();
    assert!(html.header("content-type").unwrap().starts_with("text/html") && html.text().contains("<html>"));
    assert!(query_under(&shop, Fault::Empty).await.unwrap().body.is_empty());
    let truncated = query_under(&shop, Fault::Truncated).await.unwrap();
    assert!(truncated.text().starts_with('{') && serde_json::from_slice::<Value>(&truncated.body).is_err());
    let garbage = query_under(&shop, Fault::Garbage).await.unwrap();
    assert!(std::str::from_utf8(&garbage.body).is_err());
    let huge = query_under(&shop, Fault::Huge { bytes: 100_000 }).await.unwrap();
    assert!(huge.body.len() > 100_000 && shop.verifies(&huge.json()));
    let unwell = query_under(&shop, Fault::Status { status: 503, retry_after_s: Some(7) }).await.unwrap();
    assert_eq!((unwell.status, unwell.header("retry-after")), (503, Some("7")));
    let moved = query_under(&shop, Fault::Redirect { location: "http://127.0.0.1:1/".to_owned() }).await.unwrap();
    assert_eq!((moved.status, moved.header("location")), (302, Some("http://127.0.0.1:1/")));
    assert!(shop.verifies(&shop.query("TK0001").await), "each fault strikes once");
}

#[tokio::test]
async fn duplicated_keys_hide_a_second_value_behind_a_valid_signature() {
    let shop = Shop::open().await;
    shop.create("TK0001", "wechat.scan").await;
    let text = query_under(&shop, Fault::DuplicatedKeys).await.unwrap().text();
    assert_eq!(text.matches("\"trade_state\"").count(), 2);
    assert!(text.contains("\"trade_state\":0") && text.contains("\"trade_state\":2"));
}

#[tokio::test]
async fn signatures_can_be_wrong_or_missing() {
    let shop = paid_order().await;
    let wrong = query_under(&shop, Fault::WrongSignature).await.unwrap().json();
    assert!(wrong["sign"].is_string() && !shop.verifies(&wrong));
    let missing = query_under(&shop, Fault::MissingSignature).await.unwrap().json();
    assert!(missing.get("sign").is_none() && missing["data"]["trade_state"] == 0);
    let unsigned = query_under(&shop, Fault::UnsignedPaid).await.unwrap().json();
    assert!(unsigned.get("sign").is_none() && unsigned["data"]["trade_state"] == "0");
    assert_eq!(unsigned["data"]["total_fee"], 1250);
}

#[tokio::test]
async fn contradictions_are_authentic() {
    let shop = paid_order().await;
    let merchant = json!(shop.merchant);
    for (fault, name, honest) in [
        (Fault::WrongAmount, "total_fee", json!(1250)),
        (Fault::WrongNumber, "mch_trade_id", json!("TK0001")),
        (Fault::WrongMerchant, "merchant_id", merchant),
        (Fault::WrongCurrency, "fee_type", json!("CNY")),
        (Fault::NoTradeState, "trade_state", json!(0)),
        (Fault::ResultCode, "result_code", json!(0)),
    ] {
        assert_eq!(shop.query("TK0001").await["data"][name], honest);
        let answer = query_under(&shop, fault.clone()).await.unwrap().json();
        assert!(shop.verifies(&answer), "{fault:?}");
        assert_ne!(answer["data"][name], honest, "{fault:?}");
    }
}

#[tokio::test]
async fn any_code_can_be_answered_with_or_without_processing() {
    let shop = Shop::open().await;
    let code = |processed| Fault::Code { code: 601, msg: "upstream timeout".to_owned(), processed };
    shop.control.fault(Scope::Create, code(false)).await.unwrap();
    assert_eq!(shop.create("TK0001", "wechat.scan").await["code"], 601);
    assert_eq!(shop.query("TK0001").await["code"], 301);
    shop.control.fault(Scope::Create, code(true)).await.unwrap();
    let answer = shop.create("TK0001", "wechat.scan").await;
    assert!(answer["code"] == 601 && answer.get("sign").is_none());
    assert_eq!(shop.query("TK0001").await["data"]["trade_state"], 2);
}

#[tokio::test]
async fn a_fault_meets_its_operation_its_order_and_its_number_of_requests() {
    let shop = Shop::open().await;
    shop.create("TK0001", "wechat.scan").await;
    shop.create("TK0002", "wechat.scan").await;
    shop.control.fault_for("TK0002", Scope::Any, 2, Fault::Html).await.unwrap();
    assert_eq!(shop.query("TK0001").await["code"], 0);
    for _ in 0..2 {
        let reply = shop.send("query", shop.about("TK0002")).await.unwrap();
        assert!(reply.text().contains("<html>"));
    }
    assert_eq!(shop.query("TK0002").await["code"], 0);
    shop.control.fault_times(Scope::Close, 5, Fault::Html).await.unwrap();
    assert_eq!(shop.query("TK0001").await["code"], 0);
    assert_eq!(shop.control.faults().await.unwrap().len(), 1);
    shop.control.clear_faults().await.unwrap();
    assert_eq!(shop.close("TK0001").await["code"], 0);
}

#[tokio::test]
async fn a_forgotten_order_is_unknown() {
    let shop = paid_order().await;
    shop.control.forget("TK0001").await.unwrap();
    assert_eq!(shop.query("TK0001").await["code"], 301);
    assert!(matches!(shop.control.pay("TK0001").await, Err(ControlError::NoSuchTrade)));
    assert!(matches!(shop.sandbox.control().pay("TK0001").await, Err(ControlError::NoSuchTrade)));
}

#[tokio::test]
async fn a_gateway_that_is_down_answers_nothing_until_it_is_up() {
    let shop = Shop::open().await;
    shop.create("TK0001", "wechat.scan").await;
    shop.control.down(Down::Refuse).await.unwrap();
    assert!(shop.send("query", shop.about("TK0001")).await.is_none());
    shop.control.down(Down::Silent).await.unwrap();
    let mut silent = std::pin::pin!(shop.send("query", shop.about("TK0001")));
    let arrived = async { while shop.control.received(2).await.unwrap().is_empty() {} };
    tokio::select! {
        _ = &mut silent => panic!("it is answered"),
        () = arrived => {}
    }
    let nothing = tokio::time::timeout(Duration::from_millis(200), silent).await;
    assert!(nothing.is_err(), "nothing is answered");
    let received = shop.control.received(0).await.unwrap();
    let last = received.last().unwrap();
    assert_eq!((received.len(), last.accepted, last.code), (3, false, None), "both queries arrived in vain");
    let released = async {
        let (reply, ()) = tokio::join!(shop.send("query", shop.about("TK0001")), async {
            while shop.control.received(3).await.unwrap().is_empty() {}
            shop.control.up().await.unwrap();
        });
        reply
    };
    assert!(released.await.is_none(), "what was asked in the silence is lost");
    assert_eq!(shop.query("TK0001").await["code"], 0);
}

#[tokio::test]
async fn a_skewed_clock_shows_in_the_date_and_in_expiry() {
    let shop = Shop::open().await;
    let now = i64::try_from(std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs()).unwrap();
    let mut fields = shop.order("TK0001", "wechat.scan");
    fields.insert("time_expire".to_owned(), json!(now + 300));
    shop.send("pay", shop.signed(fields)).await.unwrap();
    let page = shop.sandbox.phone_url("TK0001").unwrap();
    assert!(get(&page, &[]).await.text().contains("data-standing=\"open\""));

    shop.control.dawdle("TK0001").await.unwrap();
    shop.control.skew(86_400 * 400).await.unwrap();
    let reply = shop.send("query", shop.about("TK0001")).await.unwrap();
    let year = reply.header("date").unwrap().split(' ').nth(3).unwrap().parse::<i64>().unwrap();
    assert!(year > 1970 + now / 31_557_600, "{:?}", reply.header("date"));
    assert_eq!(reply.json()["data"]["trade_state"], 2, "the wallet gave up, the order stays unpaid");
    assert!(get(&page, &[]).await.text().contains("data-standing=\"expired\""));
    http("POST", &format!("{page}/pay"), &[], b"").await.unwrap();
    assert_eq!(shop.query("TK0001").await["data"]["trade_state"], 2, "the wallet refuses");
    assert_eq!(shop.close("TK0001").await["data"]["close_status"], 0);
    let expired: Trade = shop.control.trade("TK0001").await.unwrap().trade;
    assert_eq!(expired.paid_ms, None);
}
