//! Dingdang's partner side over real HTTP: the stage calls, or somebody who is not Dingdang does.

mod callers;
mod catalogue;
mod orders;
mod refund_notices;
mod ship;

use crate::desk::{PATIENCE, open, refusals};
use serde_json::Value;
use std::time::Duration;
use till_core::account::AccountChange;
use till_core::rights::Actor;
use till_engine::receiver::{Options, Receiver};
use till_engine::view::{LiveOrder, OrderQuery};
use till_sandbox::{Fault, Item as Spoken, Notifications, Notified, Scope, Speech};
use till_tests::counter::Counter;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// No poll comes within any test.
const NEVER: (&str, &str) = ("plan.poll_ms", "3600000");

const LINES: [(&str, u32, i64); 2] = [("tea", 2, 1000), ("cake", 1, 250)];

const NOBODY: &str = r#"{"retCode":"FAIL"}"#;

/// A counter whose Dingdang account is called at a receiver.
struct Shop {
    counter: Counter,
    receiver: Receiver,
}

impl Shop {
    async fn open(fields: &[(&str, &str)]) -> Self {
        let counter = open("dingdang", fields).await;
        let options = Options { listen: "127.0.0.1:0".parse().unwrap(), proxy: None };
        let receiver = Receiver::open(counter.till.clone(), options).await.unwrap();
        Self { counter, receiver }
    }

    fn partner(&self) -> String {
        format!("http://{}/dingdang/main", self.receiver.addr())
    }

    /// `second`, with the same keys as `main`.
    async fn second_account(&self) {
        let announced = self.counter.sandbox.announcement();
        let of_gateway = &announced["gateways"]["dingdang"];
        let text_of = |value: &Value| value.as_str().unwrap().to_owned();
        let mut change = AccountChange { base_url: Some(text_of(&of_gateway["base_url"])), ..AccountChange::default() };
        for field in ["skill_id", "tsk_public_key"] {
            change.fields.insert(field.into(), text_of(&of_gateway["credentials"][field]));
        }
        self.counter.till.add_account(&Actor::Owner, "dingdang", "second", &change).await.unwrap();
        let key = text_of(&of_gateway["credentials"]["skill_private_key"]).into_bytes().into();
        self.counter.till.set_secret(&Actor::Owner, "second", "skill_private_key", &key).await.unwrap();
    }

    /// What a customer says who wants tea and a cake.
    fn speech(&self) -> Speech {
        let items =
            LINES.map(|(id, quantity, amount)| Spoken { item_id: id.into(), quantity: quantity.into(), amount });
        let (partner, user_token) = (self.partner(), "user 42".to_owned());
        Speech { partner, items: items.into(), user_token, nonce: None, total: None }
    }

    /// Has something sent, and returns the answers that it brought.
    async fn answers(&self, count: usize, send: impl AsyncFnOnce()) -> Vec<Notified> {
        let before = self.counter.control.notified().await.unwrap().len();
        send().await;
        let wait = async {
            loop {
                let sent = self.counter.control.notified().await.unwrap();
                if sent.len() >= before + count {
                    return sent[before..].to_vec();
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(PATIENCE, wait).await.expect("answered")
    }

    /// Has `count` copies sent at once: those that were taken, and how many a busy machine answered too late. None is refused
    /// otherwise. A gateway sends the late ones again, and then they are taken.
    async fn copies(&self, count: usize, send: impl AsyncFnOnce()) -> (Vec<Notified>, usize) {
        let control = &self.counter.control;
        control.notifications(Notifications { copies: count, ..Notifications::default() }).await.unwrap();
        let (refused, too_late) = refusals(&self.counter);
        let sent = self.answers(count, send).await;
        control.notifications(Notifications::default()).await.unwrap();
        let (late, taken): (Vec<_>, Vec<_>) = sent.into_iter().partition(|sent| sent.answer.as_deref() == Some(NOBODY));
        let since = (refused + late.len(), too_late + late.len());
        assert_eq!(refusals(&self.counter), since, "all of them for being too late: {late:?}");
        (taken, late.len())
    }

    async fn speak(&self, speech: Speech) -> Notified {
        self.answers(1, async || self.counter.control.speak(speech).await.unwrap()).await.remove(0)
    }

    /// An order by voice that the till has taken and looked at once.
    async fn order(&self) -> String {
        let order_no = order_no(&self.speak(self.speech()).await);
        self.looked(&order_no).await;
        order_no
    }

    /// An order once the till has looked at it.
    async fn looked(&self, order_no: &str) -> LiveOrder {
        let looked = |order: &LiveOrder| order.asking.asked > 0 && !order.asking.in_flight;
        self.counter.until(order_no, "looked at", looked).await
    }

    /// An order as the gateway tells it now.
    async fn ask(&self, order_no: &str) -> LiveOrder {
        // The first may only hear of a question that was under way before.
        for _ in 0..2 {
            self.counter.till.ask(&Actor::Owner, order_no).await.unwrap();
        }
        self.live(order_no).await
    }

    async fn ships(&self, order_no: &str, fault: Option<Fault>) -> Notified {
        let control = &self.counter.control;
        if let Some(fault) = fault {
            control.fault_for(order_no, Scope::Notification, 1, fault).await.unwrap();
        }
        self.answers(1, async || control.notify(order_no).await.unwrap()).await.remove(0)
    }

    async fn pays_in_silence(&self, order_no: &str) {
        let control = &self.counter.control;
        control.notifications(Notifications { on: false, ..Notifications::default() }).await.unwrap();
        control.pay(order_no).await.unwrap();
    }

    async fn live(&self, order_no: &str) -> LiveOrder {
        self.counter.till.order(order_no).await.unwrap()
    }

    async fn events(&self, order_no: &str, kind: &str) -> usize {
        let timeline = self.counter.till.timeline(&Actor::Owner, order_no).await.unwrap();
        timeline.entries.iter().filter(|entry| entry.kind == kind).count()
    }

    async fn numbers(&self) -> Vec<String> {
        let known = self.counter.till.orders(&Actor::Owner, &OrderQuery::default()).await.unwrap().rows;
        known.into_iter().map(|row| row.order_no).collect()
    }

    async fn knock(&self, path: &str, headers: &str, body: &str) -> String {
        let length = body.len();
        let request = format!("POST {path} HTTP/1.1\r\nHost: till\r\n{headers}Content-Length: {length}\r\n\r\n{body}");
        self.raw(request.as_bytes()).await
    }

    async fn raw(&self, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.receiver.addr()).await.unwrap();
        let mut answer = Vec::new();
        let exchange = async {
            drop(stream.write_all(bytes).await);
            drop(stream.read_to_end(&mut answer).await);
        };
        tokio::time::timeout(PATIENCE, exchange).await.expect("the connection ends");
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// The very bytes that were sent once.
    async fn again(&self, sent: &Notified) -> String {
        let path = format!("/{}", sent.url.splitn(4, '/').nth(3).unwrap());
        let header = format!("Authorization: {}\r\n", sent.authorization.as_deref().unwrap());
        self.knock(&path, &header, &sent.body).await
    }
}

fn said(sent: &Notified) -> Value {
    serde_json::from_str(sent.answer.as_deref().unwrap()).unwrap()
}

/// The number that a create was answered with, rightly signed (ruling 23).
fn order_no(sent: &Notified) -> String {
    assert_eq!((said(sent)["retCode"].as_str(), sent.signed), (Some("SUCCESS"), Some(true)), "{sent:?}");
    said(sent)["tradeNo"].as_str().unwrap().to_owned()
}

fn is_taken(sent: &Notified) -> bool {
    sent.answer.as_deref() == Some(r#"{"retCode":"SUCCESS"}"#) && sent.signed == Some(true)
}

/// Refused, and told why in a reply that is signed.
fn is_refused(sent: &Notified, why: &str) {
    let said = said(sent);
    assert_eq!((said["retCode"].as_str(), said["tradeNo"].as_str()), (Some("FAIL"), None), "{sent:?}");
    let message = said["retMsg"].as_str().unwrap();
    assert!(message.contains(why) && message.chars().count() <= 32, "{message}");
    assert_eq!(sent.signed, Some(true), "ruling 23");
}

fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}
