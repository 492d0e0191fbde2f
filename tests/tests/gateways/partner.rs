//! Dingdang's partner side over real HTTP: the stage calls, or somebody who is not Dingdang does.

use crate::desk::{PATIENCE, open, received, refusals};
use serde_json::Value;
use std::time::Duration;
use till_core::account::AccountChange;
use till_core::error::Code;
use till_core::order::refund::RefundState;
use till_core::order::{Attention, DisputeReason, EndReason, State};
use till_core::rights::Actor;
use till_engine::receiver::{Options, Receiver};
use till_engine::till::{Named, Receiving};
use till_engine::view::refunds::RefundRequest;
use till_engine::view::{Item, LiveOrder, OrderQuery};
use till_sandbox::{Fault, Item as Spoken, Notifications, Notified, Operation, Scope, Speech};
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
        let looked = |order: &LiveOrder| order.asking.asked > 0 && !order.asking.in_flight;
        self.counter.until(&order_no, "looked at", looked).await;
        order_no
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
        drop(stream.write_all(bytes).await);
        let mut answer = Vec::new();
        let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
        drop(read.expect("the connection ends"));
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

#[tokio::test]
async fn ruling_20_an_order_by_voice_is_at_the_counter_before_it_has_its_number_and_is_followed() {
    let shop = Shop::open(&[]).await;
    let order_no = shop.order().await;
    let open = shop.counter.till.snapshot().open;
    assert_eq!(open.iter().map(|order| order.order.order_no.as_str()).collect::<Vec<_>>(), [order_no.as_str()]);
    let order = &open[0];
    assert_eq!((order.order.state, order.order.channel.as_str()), (State::AwaitingPayment, "voice"));
    assert_eq!((order.order.amount.as_str(), order.order.currency.as_str()), ("12.50", "CNY"));
    let lines = LINES.map(|(id, quantity, amount_minor)| Item { id: id.into(), quantity, amount_minor });
    assert_eq!((order.order.items.clone(), order.order.qr.clone()), (lines.to_vec(), None));
    assert!(order_no.len() <= 32 && order_no.bytes().all(|byte| byte.is_ascii_alphanumeric()), "004:66");

    let timeline = shop.counter.till.timeline(&Actor::Owner, &order_no).await.unwrap();
    let first = &timeline.entries[0];
    assert_eq!((first.kind.as_str(), first.actor.as_str()), ("adopted", "gateway"));
    let kept = shop.counter.till.raw_answer(&Actor::Owner, first.raw.as_deref().unwrap()).await.unwrap().unwrap();
    assert!(kept.contains("\"details\"") && !kept.contains("user 42"), "{kept}");

    // The poll alone finds the payment.
    shop.pays_in_silence(&order_no).await;
    let order = shop.counter.until(&order_no, "paid", |order| order.order.state == State::Paid).await;
    assert_eq!((order.order.paid_minor, order.order.late), (Some(1250), false));
    assert!(order.order.gateway_no.is_some());
}

#[tokio::test]
async fn ruling_20_the_same_order_a_hundred_times_at_once_later_and_after_a_restart_has_one_number() {
    let shop = Shop::open(&[NEVER]).await;
    let control = &shop.counter.control;
    let speech = Speech { nonce: Some("one".into()), ..shop.speech() };
    let (taken, late) = shop.copies(100, async || control.speak(speech.clone()).await.unwrap()).await;
    let mut numbers: Vec<String> = taken.iter().map(order_no).collect();
    for _ in 0..late {
        numbers.push(order_no(&shop.speak(speech.clone()).await));
    }
    let first = numbers[0].clone();
    assert!(numbers.iter().all(|number| *number == first), "{numbers:?}");
    // Signed anew, and after the order has ended.
    assert_eq!(order_no(&shop.speak(speech.clone()).await), first);
    assert_eq!(shop.numbers().await, [first.as_str()]);
    for other in [
        Speech { nonce: Some("two".into()), ..speech.clone() },
        Speech { user_token: "user 43".into(), ..speech.clone() },
        Speech { items: speech.items[..1].to_vec(), ..speech.clone() },
    ] {
        assert_ne!(order_no(&shop.speak(other).await), first);
    }
    assert_eq!(shop.numbers().await.len(), 4);

    let Shop { counter, receiver } = shop;
    receiver.close().await;
    let Counter { till, sandbox, control, folder } = counter;
    let keyring = till_engine::keyring::MemoryKeyring::default();
    let pem =
        sandbox.announcement()["gateways"]["dingdang"]["credentials"]["skill_private_key"].as_str().unwrap().to_owned();
    drop(till);
    let till = till_tests::counter::launch(folder.path(), std::sync::Arc::new(keyring)).await;
    till.set_secret(&Actor::Owner, "main", "skill_private_key", &pem.into_bytes().into()).await.unwrap();
    let options = Options { listen: "127.0.0.1:0".parse().unwrap(), proxy: None };
    let receiver = Receiver::open(till.clone(), options).await.unwrap();
    let shop = Shop { counter: Counter { till, sandbox, control, folder }, receiver };
    let again = Speech { partner: shop.partner(), ..speech };
    assert_eq!(order_no(&shop.speak(again).await), first, "found in the journal");
    assert_eq!(shop.numbers().await.len(), 4);
}

#[tokio::test]
async fn ruling_20_a_sum_that_is_not_the_lines_makes_no_order() {
    let shop = Shop::open(&[NEVER]).await;
    for total in [1251, 1249, 0, -1] {
        is_refused(&shop.speak(Speech { total: Some(total), ..shop.speech() }).await, "totalAmt");
    }
    is_refused(&shop.speak(Speech { items: vec![], total: Some(1250), ..shop.speech() }).await, "totalAmt");
    let odd = vec![Spoken { item_id: "tea".into(), quantity: 0, amount: 1250 }];
    is_refused(&shop.speak(Speech { items: odd, ..shop.speech() }).await, "quantity");
    shop.counter.control.fault(Scope::Notification, Fault::WrongMerchant).await.unwrap();
    is_refused(&shop.speak(shop.speech()).await, "skillId");
    assert_eq!(shop.numbers().await, Vec::<String>::new());
}

#[tokio::test]
async fn whoever_is_not_dingdang_or_not_now_makes_no_order_and_learns_nothing() {
    let shop = Shop::open(&[NEVER]).await;
    for fault in [
        Fault::WrongSignature,
        Fault::MissingSignature,
        Fault::Stale { seconds: 200 },
        Fault::Stale { seconds: -200 },
        Fault::Truncated,
        Fault::Empty,
    ] {
        shop.counter.control.fault(Scope::Notification, fault.clone()).await.unwrap();
        let sent = shop.speak(shop.speech()).await;
        assert_eq!((sent.answer.as_deref(), sent.signed), (Some(NOBODY), None), "{fault:?}");
    }
    shop.counter.control.fault(Scope::Notification, Fault::Stale { seconds: 170 }).await.unwrap();
    let sent = shop.speak(shop.speech()).await;
    let first = order_no(&sent);
    let header = format!("Authorization: {}\r\n", sent.authorization.as_deref().unwrap());
    let more = sent.body.replace("1000", "1001");
    for (path, headers, sent) in [
        ("/dingdang/main/create", header.clone(), more.as_str()),
        ("/dingdang/nobody/create", header.clone(), &sent.body),
        ("/dingdang/main/ship", String::new(), &sent.body),
        ("/dingdang/main/create", header.repeat(2), &sent.body),
    ] {
        let answer = shop.knock(path, &headers, sent).await;
        assert!(answer.starts_with("HTTP/1.1 200") && body(&answer) == NOBODY, "{path} {answer}");
        assert!(!answer.to_lowercase().contains("authorization"), "{answer}");
    }
    for request in [
        "GET /dingdang/main/create HTTP/1.1\r\nHost: till\r\n\r\n",
        "POST /dingdang/main/pay HTTP/1.1\r\nHost: till\r\nContent-Length: 0\r\n\r\n",
        "POST /dingdang/main HTTP/1.1\r\nHost: till\r\nContent-Length: 0\r\n\r\n",
    ] {
        let answer = shop.raw(request.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 404") && body(&answer).is_empty(), "{answer}");
    }
    let huge = "POST /dingdang/main/create HTTP/1.1\r\nHost: till\r\nContent-Length: 99999999\r\n\r\n";
    assert_eq!(body(&shop.raw(huge.as_bytes()).await), NOBODY);
    assert_eq!(shop.numbers().await, [first]);
    // Refusals count against their source, and only they.
    for _ in 0..60 {
        shop.knock("/dingdang/main/create", "", "{}").await;
    }
    let answer = shop.again(&sent).await;
    assert_eq!(body(&answer), NOBODY, "not even what is right, for a while");
}

#[tokio::test]
async fn what_is_right_never_counts_against_its_source() {
    let shop = Shop::open(&[NEVER]).await;
    let sent = shop.speak(shop.speech()).await;
    let first = order_no(&sent);
    for _ in 0..100 {
        assert!(shop.again(&sent).await.contains(&first), "the same bytes are the same order");
    }
}

#[tokio::test]
async fn ruling_19_a_ship_notice_is_a_payment_committed_before_its_answer_and_confirmed_by_a_question() {
    let shop = Shop::open(&[NEVER]).await;
    let control = &shop.counter.control;
    let order_no = shop.order().await;
    let (taken, late) = shop.copies(100, async || control.pay(order_no.as_str()).await.map(drop).unwrap()).await;
    assert!(taken.iter().all(is_taken), "{taken:?}");
    for again in 0..late {
        assert!(is_taken(&shop.ships(&order_no, None).await), "{again} of {late}");
    }
    let order = shop.live(&order_no).await;
    assert_eq!((order.order.state, order.order.paid_minor, order.order.late), (State::Paid, Some(1250), false));
    let trade = control.trade(&order_no).await.unwrap().trade;
    assert_eq!(order.order.gateway_no, Some(trade.gateway_no));
    assert_eq!((shop.events(&order_no, "paid").await, shop.counter.till.today().count), (1, 1));
    while received(&shop.counter, Operation::Query).await.len() < 2 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(is_taken(&shop.ships(&order_no, None).await), "one more, later");
    assert_eq!(received(&shop.counter, Operation::Query).await.len(), 2, "asked once for all copies");
    assert_eq!(shop.events(&order_no, "paid").await, 1);
    let timeline = shop.counter.till.timeline(&Actor::Owner, &order_no).await.unwrap();
    let paid = timeline.entries.iter().find(|entry| entry.kind == "paid").unwrap();
    assert_eq!((paid.actor.as_str(), paid.facts.get("took")), ("gateway", None), "nobody asked");
}

#[tokio::test]
async fn ruling_19_a_ship_notice_that_contradicts_is_disputed_until_a_matching_answer_comes() {
    for (fault, reason) in [
        (Fault::WrongAmount, DisputeReason::Amount),
        (Fault::WrongMerchant, DisputeReason::Merchant),
        (Fault::WrongCustomer, DisputeReason::Customer),
    ] {
        let shop = Shop::open(&[NEVER]).await;
        let order_no = shop.order().await;
        // The gateway cannot be asked, or its answer would settle the matter at once.
        shop.counter.control.fault_times(Scope::Query, 1_000, Fault::DropBefore).await.unwrap();
        shop.pays_in_silence(&order_no).await;
        for copy in 0..3 {
            let sent = shop.ships(&order_no, Some(fault.clone())).await;
            assert!(is_taken(&sent), "ruling 17: committed {fault:?} {copy} {sent:?}");
        }
        let order = shop.live(&order_no).await;
        assert_eq!((order.order.state, order.order.paid_minor), (State::Disputed, None), "{fault:?}");
        assert_eq!(order.order.reason.as_deref(), Some(reason.word()));
        assert_eq!(shop.events(&order_no, "disputed").await, 1, "one event for all copies");
        shop.counter.control.clear_faults().await.unwrap();
        // The first may only hear of a question that was under way before.
        for _ in 0..2 {
            shop.counter.till.ask(&Actor::Owner, &order_no).await.unwrap();
        }
        let order = shop.live(&order_no).await;
        assert_eq!((order.order.state, order.order.attention), (State::Paid, None));
    }
}

#[tokio::test]
async fn ruling_19_a_ship_notice_with_another_number_of_the_platforms_than_the_orders_is_disputed_until_it_is_asked() {
    let shop = Shop::open(&[NEVER]).await;
    let control = &shop.counter.control;
    let ask = async |order_no: &str| {
        // The first may only hear of a question that was under way before.
        for _ in 0..2 {
            shop.counter.till.ask(&Actor::Owner, order_no).await.unwrap();
        }
        shop.live(order_no).await.order
    };
    let order_no = shop.order().await;
    let known = ask(&order_no).await.gateway_no;
    assert_eq!(known, Some(control.trade(&order_no).await.unwrap().trade.gateway_no));
    control.fault_times(Scope::Query, 1_000, Fault::DropBefore).await.unwrap();
    shop.pays_in_silence(&order_no).await;
    for copy in 0..3 {
        let sent = shop.ships(&order_no, Some(Fault::WrongTransaction)).await;
        assert!(is_taken(&sent), "ruling 17: committed {copy} {sent:?}");
    }
    let order = shop.live(&order_no).await.order;
    assert_eq!((order.state, order.paid_minor, order.gateway_no), (State::Disputed, None, known.clone()));
    assert_eq!(order.reason.as_deref(), Some(DisputeReason::Number.word()));
    assert_eq!(shop.events(&order_no, "disputed").await, 1, "one event for all copies");
    control.clear_faults().await.unwrap();
    let order = ask(&order_no).await;
    assert_eq!((order.state, order.attention, order.gateway_no), (State::Paid, None, known));

    // Of an order that is paid it may tell of a second payment: that is seen as well, and what is booked stays booked.
    assert!(is_taken(&shop.ships(&order_no, Some(Fault::WrongTransaction)).await));
    assert_eq!(shop.events(&order_no, "disputed").await, 2);
    let order = shop.counter.until(&order_no, "paid again", |order| order.order.state == State::Paid).await;
    assert_eq!((order.order.paid_minor, order.order.attention), (Some(1250), None));
}

#[tokio::test]
async fn ruling_19_a_number_of_the_platforms_pays_one_order_and_another_one_that_is_shipped_by_it_is_disputed() {
    let shop = Shop::open(&[NEVER]).await;
    let control = &shop.counter.control;
    // Nothing but the notices tells the platform's numbers.
    control.fault_times(Scope::Query, 1_000, Fault::DropBefore).await.unwrap();
    let mut orders = Vec::new();
    for expected in [State::Paid, State::Disputed] {
        let order_no = order_no(&shop.speak(shop.speech()).await);
        shop.pays_in_silence(&order_no).await;
        let sent = shop.ships(&order_no, Some(Fault::WrongTransaction)).await;
        assert!(is_taken(&sent), "ruling 17: committed {sent:?}");
        assert_eq!(shop.live(&order_no).await.order.state, expected);
        orders.push(order_no);
    }
    let disputed = shop.live(&orders[1]).await.order;
    assert_eq!((disputed.paid_minor, disputed.gateway_no), (None, None));
    assert_eq!(disputed.reason.as_deref(), Some(DisputeReason::Number.word()));
    assert_eq!(shop.live(&orders[0]).await.order.state, State::Paid);

    control.clear_faults().await.unwrap();
    // The first may only hear of a question that was under way before.
    for _ in 0..2 {
        shop.counter.till.ask(&Actor::Owner, &orders[1]).await.unwrap();
    }
    let settled = shop.live(&orders[1]).await.order;
    let its_own = control.trade(&orders[1]).await.unwrap().trade.gateway_no;
    assert_eq!((settled.state, settled.gateway_no), (State::Paid, Some(its_own)));
}

#[tokio::test]
async fn ruling_19_a_ship_notice_that_comes_slowly_is_taken_within_its_time_and_not_beyond_it() {
    let shop = Shop::open(&[NEVER]).await;
    let order_no = shop.order().await;
    shop.pays_in_silence(&order_no).await;
    // The whole of it would take more than a minute.
    let sent = shop.ships(&order_no, Some(Fault::Trickle { bytes: 1, ms: 600 })).await;
    assert_eq!((sent.answer.as_deref(), sent.signed), (Some(NOBODY), None));
    assert_eq!(shop.live(&order_no).await.order.state, State::AwaitingPayment);
    let sent = shop.ships(&order_no, Some(Fault::Trickle { bytes: 60, ms: 20 })).await;
    assert!(is_taken(&sent), "{sent:?}");
    assert_eq!(shop.live(&order_no).await.order.state, State::Paid);
}

#[tokio::test]
async fn ruling_19_a_ship_notice_that_is_forged_stale_or_for_no_order_of_the_account_books_nothing() {
    let shop = Shop::open(&[NEVER]).await;
    let order_no = shop.order().await;
    shop.pays_in_silence(&order_no).await;
    for fault in
        [Fault::WrongSignature, Fault::MissingSignature, Fault::Stale { seconds: 181 }, Fault::Truncated, Fault::Empty]
    {
        let sent = shop.ships(&order_no, Some(fault.clone())).await;
        assert_eq!((sent.answer.as_deref(), sent.signed), (Some(NOBODY), None), "{fault:?}");
    }
    is_refused(&shop.ships(&order_no, Some(Fault::WrongNumber)).await, "订单不存在");
    is_refused(&shop.ships(&order_no, Some(Fault::DuplicatedKeys)).await, "无法解析");
    let order = shop.live(&order_no).await;
    assert_eq!((order.order.state, order.order.paid_minor), (State::AwaitingPayment, None));

    // The order of another account with the same keys.
    shop.second_account().await;
    let mut sent = shop.counter.control.notified().await.unwrap().pop().unwrap();
    sent = Notified { url: sent.url.clone(), ..shop.ships(&order_no, Some(Fault::Delay { ms: 0 })).await };
    assert!(is_taken(&sent), "the same words at the right place: {sent:?}");
    let elsewhere = Notified { url: sent.url.replace("/main/", "/second/"), ..sent };
    assert!(body(&shop.again(&elsewhere).await).contains("订单不存在"));
}

#[tokio::test]
async fn an_order_that_was_taken_in_by_hand_is_paid_once_the_gateway_itself_says_so() {
    let shop = Shop::open(&[NEVER]).await;
    let control = &shop.counter.control;
    let trade = control.voice_order_at(&shop.partner(), &shop.speech().items).await.unwrap().trade;
    let named = Named::TradeNo(trade.order_no.clone());
    shop.counter.till.adopt(&Actor::Owner, "main", &named, &[]).await.unwrap();
    shop.pays_in_silence(&trade.order_no).await;
    is_refused(&shop.ships(&trade.order_no, None).await, "尚未确认");
    shop.counter.until(&trade.order_no, "paid", |order| order.order.state == State::Paid).await;
    assert!(is_taken(&shop.ships(&trade.order_no, None).await), "the gateway notifies again");
}

#[tokio::test]
async fn a_ship_notice_after_the_end_is_a_late_payment() {
    let shop = Shop::open(&[NEVER]).await;
    let control = &shop.counter.control;
    let order_no = shop.order().await;
    control.decline(order_no.as_str()).await.unwrap();
    let ended = shop.counter.till.ask(&Actor::Owner, &order_no).await.unwrap();
    assert_eq!((ended.order.state, ended.end_reason), (State::Failed, Some(EndReason::Gateway)));
    let sent = shop.answers(1, async || control.pay(order_no.as_str()).await.map(drop).unwrap()).await;
    assert!(is_taken(&sent[0]), "{sent:?}");
    let order = shop.live(&order_no).await;
    assert_eq!((order.order.state, order.order.late), (State::Paid, true));
    assert_eq!(order.order.attention, Some(Attention::LatePayment));
}

/// An order that is paid, and a refund of its cake that the gateway has taken on.
async fn refunding(shop: &Shop) -> (String, String) {
    let control = &shop.counter.control;
    control.auto_refund(None).await.unwrap();
    let order_no = shop.order().await;
    shop.pays_in_silence(&order_no).await;
    assert!(is_taken(&shop.ships(&order_no, None).await));
    let (id, quantity, amount_minor) = LINES[1];
    let request = RefundRequest {
        order_no: order_no.clone(),
        amount: "2.50".into(),
        reason: "cold".into(),
        items: vec![Item { id: id.into(), quantity, amount_minor }],
    };
    shop.counter.till.refund(&Actor::Owner, None, &request).await.unwrap();
    let taken_on = |order: &LiveOrder| order.refunds.iter().any(|refund| refund.state == RefundState::Processing);
    let order = shop.counter.until(&order_no, "taken on", taken_on).await;
    (order_no, order.refunds[0].refund_no.clone())
}

#[tokio::test]
async fn a_refund_notice_ends_our_refund_as_an_answer_would_and_its_copies_change_nothing() {
    for done in [true, false] {
        let shop = Shop::open(&[]).await;
        let control = &shop.counter.control;
        let (order_no, refund_no) = refunding(&shop).await;
        control.fault_times(Scope::RefundQuery, 10_000, Fault::DropBefore).await.unwrap();
        let notify = async || control.notify_refund(&refund_no).await.unwrap();
        assert!(is_taken(&shop.answers(1, notify).await[0]), "it is still being processed");
        if done {
            control.settle_refund(Some(&refund_no)).await.unwrap();
        } else {
            control.fail_refund(Some(&refund_no)).await.unwrap();
        }
        for fault in [Fault::WrongSignature, Fault::Stale { seconds: 400 }] {
            control.fault_for(&order_no, Scope::Notification, 1, fault).await.unwrap();
            let sent = shop.answers(1, notify).await;
            assert_eq!(sent[0].answer.as_deref(), Some(NOBODY));
        }
        assert_eq!(shop.live(&order_no).await.refunds[0].state, RefundState::Processing);
        let (taken, late) = shop.copies(20, notify).await;
        assert!(taken.iter().all(is_taken), "{taken:?}");
        for again in 0..late {
            assert!(is_taken(&shop.answers(1, notify).await[0]), "{again} of {late}");
        }
        let order = shop.live(&order_no).await;
        let (state, kind) =
            if done { (RefundState::Succeeded, "refund_succeeded") } else { (RefundState::Failed, "refund_failed") };
        assert_eq!(order.refunds[0].state, state);
        assert_eq!(order.order.refunded_minor, if done { 250 } else { 0 });
        assert_eq!(shop.events(&order_no, kind).await, 1);
    }
}

#[tokio::test]
async fn a_refund_notice_that_contradicts_our_refund_is_disputed() {
    let shop = Shop::open(&[]).await;
    let control = &shop.counter.control;
    let (order_no, refund_no) = refunding(&shop).await;
    control.fault_times(Scope::RefundQuery, 10_000, Fault::DropBefore).await.unwrap();
    control.fault_for(&order_no, Scope::Notification, 1, Fault::WrongAmount).await.unwrap();
    let sent = shop.answers(1, async || control.notify_refund(&refund_no).await.unwrap()).await;
    assert!(is_taken(&sent[0]), "{sent:?}");
    let order = shop.live(&order_no).await;
    assert_eq!(order.order.attention, Some(Attention::RefundDisputed));
    assert_eq!(order.refunds[0].state, RefundState::Processing);
}

#[tokio::test]
async fn a_refund_that_is_none_of_ours_calls_for_a_person() {
    let shop = Shop::open(&[NEVER]).await;
    let control = &shop.counter.control;
    let order_no = shop.order().await;
    shop.pays_in_silence(&order_no).await;
    assert!(is_taken(&shop.ships(&order_no, None).await));
    control.notifications(Notifications { copies: 5, ..Notifications::default() }).await.unwrap();
    let sent = shop.answers(5, async || control.give_back(&order_no).await.map(drop).unwrap()).await;
    assert!(sent.iter().all(is_taken), "{sent:?}");
    let order = shop.live(&order_no).await;
    assert_eq!((order.order.state, order.order.attention), (State::Paid, Some(Attention::RefundedElsewhere)));
    assert_eq!((order.order.refunded_minor, order.refunds.len()), (0, 0), "the till has given nothing back");
    assert_eq!(shop.events(&order_no, "attention_raised").await, 1);
    let refund_no = control.refunds().await.unwrap().remove(0).refund_no;
    let timeline = shop.counter.till.timeline(&Actor::Owner, &order_no).await.unwrap();
    let raised = timeline.entries.iter().find(|entry| entry.kind == "attention_raised").unwrap();
    assert_eq!((raised.facts["refund_no"].as_str(), raised.facts["amount_minor"].as_str()), (&*refund_no, "1250"));
    let kept = shop.counter.till.raw_answer(&Actor::Owner, raised.raw.as_deref().unwrap()).await.unwrap().unwrap();
    assert!(kept.contains(&refund_no), "{kept}");

    // To whoever dealt with it a copy is no news, and another refund is.
    control.notifications(Notifications::default()).await.unwrap();
    let till = &shop.counter.till;
    till.handle_attention(&Actor::Owner, &order_no, Attention::RefundedElsewhere, "looked up").await.unwrap();
    for (fault, events) in [(Fault::Delay { ms: 0 }, 1), (Fault::WrongNumber, 2)] {
        control.fault_for(&order_no, Scope::Notification, 1, fault).await.unwrap();
        let sent = shop.answers(1, async || control.notify_refund(&refund_no).await.unwrap()).await;
        assert!(is_taken(&sent[0]), "{sent:?}");
        assert_eq!(shop.events(&order_no, "attention_raised").await, events);
    }
    assert_eq!(shop.live(&order_no).await.order.attention, Some(Attention::RefundedElsewhere));
}

#[tokio::test]
async fn a_refund_that_is_none_of_ours_is_told_while_its_order_is_disputed_and_stays_when_that_is_settled() {
    let shop = Shop::open(&[NEVER]).await;
    let control = &shop.counter.control;
    let order_no = shop.order().await;
    shop.pays_in_silence(&order_no).await;
    assert!(is_taken(&shop.ships(&order_no, None).await));
    // The gateway cannot be asked, or its answer would settle the matter at once.
    control.fault_times(Scope::Query, 1_000, Fault::DropBefore).await.unwrap();
    assert!(is_taken(&shop.ships(&order_no, Some(Fault::WrongTransaction)).await));
    assert_eq!(shop.live(&order_no).await.order.state, State::Disputed);
    control.notifications(Notifications::default()).await.unwrap();
    let sent = shop.answers(1, async || control.give_back(&order_no).await.map(drop).unwrap()).await;
    assert!(is_taken(&sent[0]), "{sent:?}");
    let order = shop.live(&order_no).await;
    assert_eq!(order.order.state, State::Disputed);
    assert!(order.attentions.contains(&Attention::RefundedElsewhere), "{:?}", order.attentions);

    control.clear_faults().await.unwrap();
    // The first may only hear of a question that was under way before.
    for _ in 0..2 {
        shop.counter.till.ask(&Actor::Owner, &order_no).await.unwrap();
    }
    let order = shop.live(&order_no).await;
    assert_eq!((order.order.state, order.order.attention), (State::Paid, Some(Attention::RefundedElsewhere)));
    let request = RefundRequest {
        order_no,
        amount: "12.50".into(),
        reason: "cold".into(),
        items: LINES.map(|(id, quantity, amount_minor)| Item { id: id.into(), quantity, amount_minor }).into(),
    };
    let refused = shop.counter.till.refund(&Actor::Owner, None, &request).await.unwrap_err();
    assert_eq!(refused.code, Code::RefundedElsewhereFirst, "it is not given back once more");
}

#[tokio::test]
async fn a_partner_without_dingdangs_key_takes_no_call() {
    let shop = Shop::open(&[NEVER, ("tsk_public_key", "")]).await;
    let sent = shop.speak(shop.speech()).await;
    assert_eq!((sent.answer.as_deref(), sent.signed), (Some(NOBODY), None));
    assert_eq!(shop.numbers().await, Vec::<String>::new());
}

#[tokio::test]
async fn ruling_20_with_a_catalogue_goods_are_sold_that_are_in_it_at_their_price() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("goods.csv");
    std::fs::write(&file, "id,name,price\ntea,红茶,500\ncake,蛋糕,250\n").unwrap();
    let shop = Shop::open(&[NEVER, ("catalogue", file.to_str().unwrap())]).await;
    let order_no = shop.order().await;
    let known = shop.speech();
    for (id, quantity, amount) in [("coffee", 1, 500), ("tea", 2, 999), ("tea", 2, 500), ("tea", 1, 1000)] {
        let items = vec![Spoken { item_id: id.into(), quantity, amount }];
        is_refused(&shop.speak(Speech { items, ..known.clone() }).await, "商品不存在或价格不符");
    }
    std::fs::write(&file, r#"[{"id":"tea","name":"红茶","price":501},{"id":"cake","name":"蛋糕","price":248}]"#)
        .unwrap();
    is_refused(&shop.speak(known.clone()).await, "价格不符");
    for broken in ["id,name,price\ntea,红茶,5.00\n", "[{]"] {
        std::fs::write(&file, broken).unwrap();
        is_refused(&shop.speak(known.clone()).await, "暂时无法处理");
    }
    std::fs::remove_file(&file).unwrap();
    is_refused(&shop.speak(known).await, "暂时无法处理");
    assert_eq!(shop.numbers().await, [order_no], "what nobody can price makes no order");
}

#[cfg(unix)]
#[tokio::test]
async fn ruling_20_a_catalogue_that_does_not_open_keeps_no_other_account_waiting() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("goods.csv");
    let good = "id,name,price\ntea,红茶,500\ncake,蛋糕,250\n";
    std::fs::write(&file, good).unwrap();
    let shop = Shop::open(&[NEVER, ("catalogue", file.to_str().unwrap())]).await;
    shop.second_account().await;
    std::fs::remove_file(&file).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(&file).status().unwrap().success());
    let control = &shop.counter.control;
    let beside = Speech { partner: shop.partner().replace("/main", "/second"), ..shop.speech() };
    let both = async || {
        control.speak(shop.speech()).await.unwrap();
        control.speak(beside).await.unwrap();
    };
    let sent = shop.answers(2, both).await;
    assert!(sent[0].url.contains("/second/"), "answered first: {sent:?}");
    order_no(&sent[0]);
    is_refused(&sent[1], "暂时无法处理");

    // It opens at last, and is a file again.
    std::fs::write(&file, good).unwrap();
    std::fs::remove_file(&file).unwrap();
    std::fs::write(&file, good).unwrap();
    order_no(&shop.speak(shop.speech()).await);
}

#[tokio::test]
async fn a_catalogue_that_cannot_be_used_is_said_as_that_until_it_can() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("goods.csv");
    let path = file.to_str().unwrap();
    let good = "id,name,price\ntea,红茶,500\ncake,蛋糕,250\n";
    std::fs::write(&file, good).unwrap();
    let shop = Shop::open(&[NEVER, ("catalogue", path)]).await;
    let till = &shop.counter.till;
    till.set_receiving(Receiving::On { listen: shop.receiver.addr(), public_address: None });
    let unusable = async || {
        let checked = till.check_account(&Actor::Owner, "main").await.unwrap();
        let came = till.examine_receiver(&Actor::Owner).await.unwrap().pop().unwrap();
        assert_eq!(came.what, "notifications:main");
        [checked, came].map(|finding| {
            assert_eq!(finding.well, finding.fault.is_none(), "{finding:?}");
            finding.fault.map(|fault| (fault.code, fault.facts["file"].clone()))
        })
    };
    let order_no = shop.order().await;
    assert_eq!(unusable().await, [None, None]);

    std::fs::write(&file, "id,name\n").unwrap();
    let said = Some((Code::CatalogueUnusable, path.to_owned()));
    assert_eq!(unusable().await, [said.clone(), None], "nobody has ordered yet");
    is_refused(&shop.speak(shop.speech()).await, "暂时无法处理");
    shop.pays_in_silence(&order_no).await;
    shop.ships(&order_no, None).await;
    assert_eq!(unusable().await, [said.clone(), said], "a notice that is taken says nothing of it");

    std::fs::write(&file, good).unwrap();
    shop.speak(shop.speech()).await;
    assert_eq!(unusable().await, [None, None]);
}
