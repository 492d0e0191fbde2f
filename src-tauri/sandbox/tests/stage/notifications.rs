//! What the stage sends by itself once a trade is paid, and what can be made wrong with it.

use crate::shop::{Shop, signature};
use serde_json::Value;
use std::time::Duration;
use till_sandbox::{Fault, Notifications, Notified, Scope};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Takes whatever comes and answers every request with `answer`.
async fn mailbox(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/notify/pooul/main", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut heard = vec![0; 64 * 1024];
                drop(stream.read(&mut heard).await);
                drop(stream.write_all(format!("HTTP/1.1 200 OK\r\n\r\n{answer}").as_bytes()).await);
            });
        }
    });
    url
}

/// What was sent and answered, once it is so many.
async fn answered(shop: &Shop, count: usize) -> Vec<Notified> {
    let wait = async {
        loop {
            let sent = shop.control.notified().await.unwrap();
            if sent.len() >= count {
                return sent;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), wait).await.expect("sent")
}

async fn notified_shop() -> Shop {
    let shop = Shop::open().await;
    let url = mailbox("success").await;
    let mut order = shop.order("TK0001", "wechat.scan");
    order["notify_url"] = url.into();
    assert_eq!(shop.send("pay", shop.signed(order)).await.unwrap().json()["code"], 0);
    shop
}

#[tokio::test]
async fn a_payment_is_notified_once_signed_and_without_a_state() {
    let shop = notified_shop().await;
    shop.control.pay("TK0001").await.unwrap();
    let sent = answered(&shop, 1).await;
    assert_eq!((sent.len(), sent[0].answer.as_deref()), (1, Some("success")));
    let body: Value = serde_json::from_str(&sent[0].body).unwrap();
    let data = body["data"].as_object().unwrap();
    assert_eq!((&data["mch_trade_id"], &data["total_fee"]), (&"TK0001".into(), &1250.into()));
    assert!(!data.contains_key("trade_state"), "no table lists it");
    assert_eq!(body["sign"], signature(data, &shop.key));
}

#[tokio::test]
async fn copies_states_and_silence_are_as_asked_for() {
    let shop = notified_shop().await;
    shop.control.notifications(Notifications { on: false, ..Notifications::default() }).await.unwrap();
    shop.control.pay("TK0001").await.unwrap();
    let how = Notifications { on: false, copies: 3, state: true, ..Notifications::default() };
    assert_eq!(shop.control.notifications(how.clone()).await.unwrap().notifications, how);
    shop.control.notify("TK0001").await.unwrap();
    let sent = answered(&shop, 3).await;
    assert_eq!(sent.len(), 3, "the payment itself was not notified");
    assert!(sent.iter().all(|each| *each == sent[0]));
    let body: Value = serde_json::from_str(&sent[0].body).unwrap();
    assert_eq!(body["data"]["trade_state"], 0);
}

#[tokio::test]
async fn faults_of_notifications_strike_them_alone() {
    let shop = notified_shop().await;
    shop.control.fault(Scope::Notification, Fault::DropBefore).await.unwrap();
    shop.control.fault(Scope::Notification, Fault::WrongSignature).await.unwrap();
    shop.control.fault(Scope::Notification, Fault::WrongAmount).await.unwrap();
    for _ in 0..3 {
        shop.control.pay("TK0001").await.unwrap();
    }
    let sent = answered(&shop, 2).await;
    let bodies: Vec<Value> = sent.iter().map(|sent| serde_json::from_str(&sent.body).unwrap()).collect();
    let right = |body: &Value| body["sign"] == signature(body["data"].as_object().unwrap(), &shop.key);
    assert_eq!(sent.len(), 2, "one was lost");
    assert_eq!(bodies.iter().filter(|body| right(body)).count(), 1);
    let wrong = bodies.iter().find(|body| right(body)).unwrap();
    assert_eq!(wrong["data"]["total_fee"], 1251, "authentic, and another amount");
    assert!(shop.control.faults().await.unwrap().is_empty());
    shop.control.fault(Scope::Any, Fault::Empty).await.unwrap();
    shop.control.notify("TK0001").await.unwrap();
    assert_ne!(answered(&shop, 3).await[2].body, "", "any request of the till's is none of the stage's");
}

#[tokio::test]
async fn a_late_notification_leaves_when_its_time_has_come() {
    let shop = notified_shop().await;
    shop.control.fault(Scope::Notification, Fault::Delay { ms: 300 }).await.unwrap();
    let paid = std::time::Instant::now();
    shop.control.pay("TK0001").await.unwrap();
    answered(&shop, 1).await;
    assert!(paid.elapsed() >= Duration::from_millis(300));
}

#[tokio::test]
async fn nobody_outside_this_machine_is_written_to() {
    let shop = Shop::open().await;
    assert_eq!(shop.create("TK0001", "wechat.scan").await["code"], 0);
    shop.control.pay("TK0001").await.unwrap();
    assert_eq!(shop.control.trade("TK0001").await.unwrap().trade.notify_url, "https://example.com/notify");
    // They leave in the order of the payments.
    let mut near = shop.order("TK0002", "wechat.scan");
    near["notify_url"] = mailbox("success").await.into();
    assert_eq!(shop.send("pay", shop.signed(near)).await.unwrap().json()["code"], 0);
    shop.control.pay("TK0002").await.unwrap();
    let sent = answered(&shop, 1).await;
    assert_eq!(sent.iter().map(|sent| sent.order_no.as_str()).collect::<Vec<_>>(), ["TK0002"]);
}
