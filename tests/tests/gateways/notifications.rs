//! Notifications over real HTTP: the stage sends them, or somebody who is not the gateway does.

use crate::desk::{PATIENCE, open, received, refusals};
use data_encoding::HEXUPPER;
use md5::{Digest, Md5};
use std::time::{Duration, Instant};
use till_core::account::AccountChange;
use till_core::error::Code;
use till_core::gateway::descriptor::NOTIFY_URL;
use till_core::order::{Attention, DisputeReason, State};
use till_core::rights::Actor;
use till_engine::receiver::{Options, Receiver};
use till_engine::till::Receiving;
use till_engine::view::LiveOrder;
use till_engine::view::receiver::NotTaken;
use till_engine::view::refunds::RefundRequest;
use till_sandbox::{Fault, Notifications, Notified, Operation, Scope, TradeState};
use till_tests::counter::Counter;
use till_tests::log::Log;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// No poll comes within any test.
pub const NEVER: (&str, &str) = ("plan.poll_ms", "3600000");

/// A counter whose account is notified at a receiver.
pub struct Post {
    pub counter: Counter,
    pub receiver: Receiver,
    channel: &'static str,
    accepted: &'static str,
}

impl Post {
    pub async fn open(gateway: &str, fields: &[(&str, &str)]) -> Self {
        Self::behind(gateway, fields, None).await
    }

    /// The same behind a proxy.
    async fn behind(gateway: &str, fields: &[(&str, &str)], proxy: Option<&str>) -> Self {
        let counter = open(gateway, fields).await;
        let listen = "127.0.0.1:0".parse().unwrap();
        let proxy = proxy.map(|proxy| proxy.parse().unwrap());
        let receiver = Receiver::open(counter.till.clone(), Options { listen, proxy }).await.unwrap();
        let post = Self {
            counter,
            receiver,
            channel: match gateway {
                "pooul" => "wechat.scan",
                "jubao" => "101",
                _ => "wechat.qrcode",
            },
            accepted: if gateway == "pooul" { "success" } else { "SUCCESS" },
        };
        post.notified_at(&format!("/notify/{gateway}/main")).await;
        post
    }

    pub async fn notified_at(&self, path: &str) {
        let mut change = AccountChange::default();
        change.fields.insert(NOTIFY_URL.name.into(), format!("http://{}{path}", self.receiver.addr()));
        self.counter.till.change_account(&Actor::Owner, "main", &change).await.unwrap();
    }

    pub async fn sell(&self) -> String {
        let order = self.counter.sell_on(self.channel, &[]).await;
        assert_eq!(order.order.state, State::AwaitingPayment, "{order:?}");
        order.order.order_no
    }

    pub async fn order(&self, order_no: &str) -> LiveOrder {
        self.counter.till.order(order_no).await.unwrap()
    }

    async fn until(&self, order_no: &str, state: State) -> LiveOrder {
        self.counter.until(order_no, state.word(), |order| order.order.state == state).await
    }

    /// What was sent and answered, once it is so many.
    pub async fn answered(&self, count: usize) -> Vec<Notified> {
        let wait = async {
            loop {
                let sent = self.counter.control.notified().await.unwrap();
                if sent.len() >= count {
                    return sent;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(PATIENCE, wait).await.expect("answered")
    }

    /// Sends one more notification of an order with something wrong in it, and returns what was answered.
    async fn sends(&self, order_no: &str, fault: Fault) -> Option<String> {
        let before = self.counter.control.notified().await.unwrap().len();
        self.counter.control.fault_for(order_no, Scope::Notification, 1, fault).await.unwrap();
        self.counter.control.notify(order_no).await.unwrap();
        self.answered(before + 1).await.pop().unwrap().answer
    }

    /// Of copies that were sent at once a busy machine may answer some too late, and refuses none otherwise. A gateway sends those
    /// again, and then they are accepted.
    async fn accepts(&self, order_no: &str, sent: &[Notified]) {
        let late = sent.iter().filter(|sent| sent.answer.as_deref() != Some(self.accepted)).count();
        assert_eq!(refusals(&self.counter), (late, late), "all of them for being too late: {sent:?}");
        for again in 0..late {
            let answer = self.sends(order_no, Fault::Delay { ms: 1 }).await;
            assert_eq!(answer.as_deref(), Some(self.accepted), "{again} of {late}");
        }
    }

    /// How often an event of this kind was journaled of an order.
    async fn events(&self, order_no: &str, kind: &str) -> usize {
        let timeline = self.counter.till.timeline(&Actor::Owner, order_no).await.unwrap();
        timeline.entries.iter().filter(|entry| entry.kind == kind).count()
    }

    /// What comes back for these bytes; empty where the connection is closed without a word.
    pub async fn raw(&self, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.receiver.addr()).await.unwrap();
        let mut answer = Vec::new();
        let exchange = async {
            drop(stream.write_all(bytes).await);
            drop(stream.read_to_end(&mut answer).await);
        };
        tokio::time::timeout(PATIENCE, exchange).await.expect("the connection ends");
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// How often something was refused for this reason and no account.
    fn refused(&self, why: NotTaken) -> u32 {
        let view = self.counter.till.receiver(&Actor::Owner).unwrap();
        view.elsewhere.reasons.iter().find(|one| one.why == why).map_or(0, |one| one.count)
    }

    async fn knock(&self, path: &str, headers: &str, body: &str) -> String {
        let head = format!("POST {path} HTTP/1.1\r\nHost: till\r\n{headers}Content-Length: {}\r\n\r\n", body.len());
        self.raw(format!("{head}{body}").as_bytes()).await
    }
}

pub fn text(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}

#[tokio::test]
async fn ruling_17_a_payment_is_known_by_its_notification_and_no_poll_is_waited_for() {
    for gateway in ["pooul", "jubao", "blueocean"] {
        let post = Post::open(gateway, &[NEVER]).await;
        let order_no = post.sell().await;
        post.counter.control.pay(&order_no).await.unwrap();
        let order = post.until(&order_no, State::Paid).await;
        assert_eq!((order.order.paid_minor, order.order.late), (Some(1250), false), "{gateway}");
        let sent = post.answered(1).await;
        assert_eq!(sent[0].answer.as_deref(), Some(post.accepted), "{gateway}");
        // Ruling 16: Jubao's states the payment; the others' are a reason to ask, once.
        let questions = received(&post.counter, Operation::Query).await.len();
        assert_eq!(questions, usize::from(gateway != "jubao"), "{gateway}");
        if gateway == "jubao" {
            let timeline = post.counter.till.timeline(&Actor::Owner, &order_no).await.unwrap();
            let paid = timeline.entries.iter().find(|entry| entry.kind == "paid").unwrap();
            assert_eq!((paid.actor.as_str(), paid.facts.get("took")), ("gateway", None), "nobody asked");
            let kept = post.counter.till.raw_answer(&Actor::Owner, paid.raw.as_deref().unwrap()).await.unwrap();
            assert_eq!(kept.as_deref(), Some(sent[0].body.as_str()), "kept like an answer");
        }
        post.receiver.close().await;
    }
}

#[tokio::test]
async fn ruling_17_a_hundred_copies_at_once_are_all_accepted_and_booked_once() {
    for gateway in ["pooul", "jubao"] {
        let post = Post::open(gateway, &[NEVER]).await;
        let how = Notifications { copies: 100, state: true, ..Notifications::default() };
        post.counter.control.notifications(how).await.unwrap();
        let order_no = post.sell().await;
        post.counter.control.pay(&order_no).await.unwrap();
        let sent = post.answered(100).await;
        let one = Notifications { state: true, ..Notifications::default() };
        post.counter.control.notifications(one).await.unwrap();
        post.accepts(&order_no, &sent).await;
        assert_eq!(post.order(&order_no).await.order.state, State::Paid, "{gateway}");
        assert_eq!(post.events(&order_no, "paid").await, 1, "{gateway}");
        assert_eq!(post.counter.payments_today(), 1, "{gateway}");
        assert_eq!(
            post.sends(&order_no, Fault::Delay { ms: 1 }).await.as_deref(),
            Some(post.accepted),
            "one more, later"
        );
        assert_eq!(post.events(&order_no, "paid").await, 1, "{gateway}");
    }
}

#[tokio::test]
async fn ruling_17_what_is_not_verified_or_names_no_order_of_the_account_is_answered_fail_and_books_nothing() {
    for gateway in ["pooul", "jubao", "blueocean"] {
        let post = Post::open(gateway, &[NEVER]).await;
        post.counter.control.notifications(Notifications { on: false, ..Notifications::default() }).await.unwrap();
        let order_no = post.sell().await;
        post.counter.control.pay(&order_no).await.unwrap();
        for fault in [
            Fault::WrongSignature,
            Fault::MissingSignature,
            Fault::WrongNumber,
            Fault::Truncated,
            Fault::Empty,
            Fault::Huge { bytes: 200_000 },
        ] {
            let answer = post.sends(&order_no, fault.clone()).await;
            assert_ne!(answer.as_deref(), Some(post.accepted), "{gateway} {fault:?}");
            assert!(matches!(fault, Fault::Huge { .. }) || answer.as_deref() == Some("fail"), "{gateway} {fault:?}");
        }

        // What is genuine, for an account that is not there or at a gateway that is not its own.
        post.notified_at(&format!("/notify/{gateway}/nobody")).await;
        let genuine_no = post.sell().await;
        post.counter.control.pay(&genuine_no).await.unwrap();
        let before = post.counter.control.notified().await.unwrap().len();
        post.counter.control.notify(&genuine_no).await.unwrap();
        let genuine = post.answered(before + 1).await.pop().unwrap();
        assert_eq!(genuine.answer.as_deref(), Some("fail"), "{gateway}: {genuine:?}");
        for path in ["/notify/dingdang/main", "/notify/none/main"] {
            assert_eq!(text(&post.knock(path, "", &genuine.body).await), "fail", "{path}");
        }
        for order_no in [&order_no, &genuine_no] {
            let order = post.order(order_no).await;
            assert_eq!((order.order.state, order.order.paid_minor), (State::AwaitingPayment, None), "{gateway}");
        }
        assert!(received(&post.counter, Operation::Query).await.is_empty(), "{gateway}: nothing is asked either");
        let right = post.knock(&format!("/notify/{gateway}/main"), "", &genuine.body).await;
        assert_eq!(text(&right), post.accepted, "{gateway}: the same words at the right place");
        post.until(&genuine_no, State::Paid).await;
    }
}

#[tokio::test]
async fn ruling_17_a_body_that_comes_slowly_is_accepted_within_the_deadline_and_answered_fail_beyond_it() {
    let post = Post::open("jubao", &[NEVER]).await;
    post.counter.control.notifications(Notifications { on: false, ..Notifications::default() }).await.unwrap();
    let order_no = post.sell().await;
    post.counter.control.pay(&order_no).await.unwrap();
    // The whole of it would take more than a minute.
    let answer = post.sends(&order_no, Fault::Trickle { bytes: 1, ms: 600 }).await;
    assert_eq!(answer.as_deref(), Some("fail"));
    assert_eq!(post.order(&order_no).await.order.state, State::AwaitingPayment);
    let came = post.counter.till.receiver(&Actor::Owner).unwrap().accounts.remove(0).came;
    let reasons: Vec<_> = came.reasons.iter().map(|one| (one.why, one.count)).collect();
    assert_eq!((came.accepted, reasons), (0, vec![(NotTaken::NoBody, 1)]));

    let answer = post.sends(&order_no, Fault::Trickle { bytes: 60, ms: 20 }).await;
    assert_eq!(answer.as_deref(), Some(post.accepted), "slow, and in time");
    assert_eq!(post.order(&order_no).await.order.state, State::Paid);
}

#[tokio::test]
async fn ruling_17_a_notification_that_comes_for_another_account_books_nothing_even_where_both_have_one_key() {
    let post = Post::open("jubao", &[NEVER]).await;
    let announced = post.counter.sandbox.announcement();
    let of_gateway = &announced["gateways"]["jubao"];
    let text_of = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let mut change = AccountChange { base_url: Some(text_of(&of_gateway["base_url"])), ..AccountChange::default() };
    change.fields.insert("mch_id".into(), text_of(&of_gateway["credentials"]["mch_id"]));
    post.counter.till.add_account(&Actor::Owner, "jubao", "second", &change).await.unwrap();
    let key = text_of(&of_gateway["credentials"]["key"]).into_bytes().into();
    post.counter.till.set_secret(&Actor::Owner, "second", "key", &key).await.unwrap();

    post.notified_at("/notify/jubao/second").await;
    let order_no = post.sell().await;
    post.counter.control.pay(&order_no).await.unwrap();
    let sent = post.answered(1).await;
    assert_eq!(sent[0].answer.as_deref(), Some("fail"));
    assert_eq!(post.order(&order_no).await.order.state, State::AwaitingPayment);
    let right = post.knock("/notify/jubao/main", "", &sent[0].body).await;
    assert_eq!(text(&right), "SUCCESS", "the same words at the right place");
    assert_eq!(post.order(&order_no).await.order.state, State::Paid);
}

#[tokio::test]
async fn an_order_that_waits_for_its_notification_is_paid_by_it_when_its_account_is_out_of_use() {
    let post = Post::open("jubao", &[NEVER]).await;
    post.counter.control.fault(Scope::Create, Fault::DropAfter).await.unwrap();
    let lost = post.counter.sell_on(post.channel, &[]).await;
    assert_eq!(lost.order.attention, Some(Attention::CannotBeAsked), "{lost:?}");
    post.counter.till.remove_account(&Actor::Owner, "main").await.unwrap();
    post.counter.control.pay(&lost.order.order_no).await.unwrap();
    let paid = post.until(&lost.order.order_no, State::Paid).await;
    assert_eq!((paid.order.paid_minor, paid.order.attention), (Some(1250), None));
    assert_eq!(post.answered(1).await[0].answer.as_deref(), Some(post.accepted));
}

#[tokio::test]
async fn ruling_17_a_contradiction_is_accepted_once_it_is_committed_as_disputed() {
    for (gateway, fault, reason) in [
        ("jubao", Fault::WrongAmount, DisputeReason::Amount),
        ("jubao", Fault::WrongMerchant, DisputeReason::Merchant),
        ("pooul", Fault::WrongAmount, DisputeReason::Amount),
        ("blueocean", Fault::WrongCurrency, DisputeReason::Currency),
    ] {
        let post = Post::open(gateway, &[NEVER]).await;
        let how = Notifications { on: false, state: true, ..Notifications::default() };
        post.counter.control.notifications(how).await.unwrap();
        let order_no = post.sell().await;
        // The gateway itself goes on contradicting, or its answer would settle the matter at once.
        post.counter.control.fault_times(Scope::Query, 1_000, fault.clone()).await.unwrap();
        post.counter.control.pay(&order_no).await.unwrap();
        for copy in 0..3 {
            let answer = post.sends(&order_no, fault.clone()).await;
            assert_eq!(answer.as_deref(), Some(post.accepted), "{gateway} {fault:?} {copy}");
        }
        let order = post.order(&order_no).await;
        assert_eq!((order.order.state, order.order.paid_minor), (State::Disputed, None), "{gateway} {fault:?}");
        assert_eq!(order.order.reason.as_deref(), Some(reason.word()), "{gateway}");
        assert_eq!(post.events(&order_no, "disputed").await, 1, "{gateway}: one event for all copies");
    }
}

#[tokio::test]
async fn ruling_16_a_notification_without_a_state_makes_the_till_ask_and_proves_nothing_itself() {
    for gateway in ["pooul", "blueocean"] {
        let post = Post::open(gateway, &[NEVER]).await;
        let order_no = post.sell().await;
        for (fault, asked) in [(Fault::Delay { ms: 0 }, 1), (Fault::WrongAmount, 2)] {
            let answer = post.sends(&order_no, fault).await;
            assert_eq!(answer.as_deref(), Some(post.accepted), "{gateway}");
            post.counter
                .until(&order_no, "asked", |order| order.asking.asked == asked && !order.asking.in_flight)
                .await;
            let order = post.order(&order_no).await;
            assert_eq!((order.order.state, order.order.paid_minor), (State::AwaitingPayment, None), "{gateway}");
        }
        assert_eq!(received(&post.counter, Operation::Query).await.len(), 2, "{gateway}");
    }
}

#[tokio::test]
async fn a_notification_without_a_state_that_is_sent_over_and_over_asks_thrice_at_once_and_then_every_two_seconds() {
    let post = Post::open("pooul", &[NEVER]).await;
    let order_no = post.sell().await;
    let began = Instant::now();
    for _ in 0..12 {
        let answer = post.sends(&order_no, Fault::WrongAmount).await;
        assert_eq!(answer.as_deref(), Some(post.accepted));
        // Whatever it made the till ask is over: the next one would ask at once again.
        post.counter.until(&order_no, "asked", |order| order.asking.asked > 0 && !order.asking.in_flight).await;
    }
    post.counter.until(&order_no, "asked once more", |order| order.asking.asked > 1 && !order.asking.in_flight).await;
    let most = 4 + began.elapsed().as_secs() / 2;
    let asked = received(&post.counter, Operation::Query).await.len();
    assert!(u64::try_from(asked).unwrap() <= most, "{asked} questions, {most} at most");
}

#[tokio::test]
async fn ruling_18_jubao_and_blueocean_are_understood_in_form_and_in_json() {
    for gateway in ["jubao", "blueocean"] {
        let post = Post::open(gateway, &[NEVER]).await;
        for (json, state) in [(false, false), (false, true), (true, false), (true, true)] {
            let how = Notifications { json, state, ..Notifications::default() };
            post.counter.control.notifications(how).await.unwrap();
            let order_no = post.sell().await;
            post.counter.control.pay(&order_no).await.unwrap();
            post.until(&order_no, State::Paid).await;
        }
        let sent = post.answered(4).await;
        assert!(sent.iter().all(|sent| sent.answer.as_deref() == Some("SUCCESS")), "{sent:?}");
        assert_eq!(sent.iter().map(|sent| sent.body.starts_with('{')).collect::<Vec<_>>(), [false, false, true, true]);
    }
}

#[tokio::test]
async fn an_answer_that_left_before_the_payment_does_not_undo_its_notification() {
    let post = Post::open("jubao", &[NEVER]).await;
    let order_no = post.sell().await;
    // Within the 20 s that the till waits for an answer, and longer than a notification takes on a busy machine.
    post.counter.control.fault_for(&order_no, Scope::Query, 1, Fault::Delay { ms: 10_000 }).await.unwrap();
    let notified = async {
        let asked = async {
            while received(&post.counter, Operation::Query).await.is_empty() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(PATIENCE, asked).await.expect("the question reaches the gateway");
        post.counter.control.pay(&order_no).await.unwrap();
        let order = post.until(&order_no, State::Paid).await;
        assert!(order.asking.in_flight, "the question is still under way: {order:?}");
    };
    let (answered, ()) = tokio::join!(post.counter.till.ask(&Actor::Owner, &order_no), notified);
    answered.unwrap();
    let settled = |order: &LiveOrder| !order.asking.in_flight;
    let order = post.counter.until(&order_no, "answered", settled).await;
    assert_eq!((order.order.state, order.order.attention), (State::Paid, None));
    assert_eq!(post.events(&order_no, "paid").await, 1);
}

#[tokio::test]
async fn polls_and_copies_that_race_for_one_payment_book_it_once() {
    for gateway in ["pooul", "jubao", "blueocean"] {
        let post = Post::open(gateway, &[("plan.poll_ms", "100")]).await;
        let how = Notifications { copies: 10, state: true, ..Notifications::default() };
        post.counter.control.notifications(how).await.unwrap();
        for round in 1..=5 {
            let order_no = post.sell().await;
            post.counter.control.pay(&order_no).await.unwrap();
            post.until(&order_no, State::Paid).await;
            let sent = post.answered(10 * round).await;
            assert!(sent.iter().all(|sent| sent.answer.as_deref() == Some(post.accepted)), "{gateway}");
            assert_eq!(post.events(&order_no, "paid").await, 1, "{gateway}");
        }
        assert_eq!(post.counter.payments_today(), 5, "{gateway}");
    }
}

#[tokio::test]
async fn a_notification_is_the_way_out_for_an_order_that_cannot_be_asked_for() {
    let post = Post::open("jubao", &[NEVER]).await;
    post.counter.control.fault(Scope::Create, Fault::DropAfter).await.unwrap();
    let order = post.counter.sell_on("101", &[]).await;
    let order_no = order.order.order_no;
    assert_eq!(order.order.state, State::CreateUnknown);
    assert_eq!(order.order.attention, Some(Attention::CannotBeAsked));
    post.counter.control.pay(&order_no).await.unwrap();
    let order = post.until(&order_no, State::Paid).await;
    assert_eq!((order.order.attention, order.order.paid_minor), (None, Some(1250)));
    assert!(order.order.gateway_no.is_some());
}

#[tokio::test]
async fn ruling_16_of_an_order_that_cannot_be_asked_for_only_its_number_is_enough_to_ask() {
    let post = Post::open("jubao", &[NEVER]).await;
    let control = &post.counter.control;
    control.notifications(Notifications { on: false, ..Notifications::default() }).await.unwrap();
    let another = post.sell().await;
    let theirs = post.order(&another).await.order.gateway_no.unwrap();
    let announced = post.counter.sandbox.announcement();
    let credentials = &announced["gateways"]["jubao"]["credentials"];
    let [mch_id, key] = ["mch_id", "key"].map(|name| credentials[name].as_str().unwrap());
    let letter = |order_no: &str, order_sn: &str, status: &str, total_fee: &str| {
        let fields = [
            ("mch_id", mch_id),
            ("order_sn", order_sn),
            ("out_trade_no", order_no),
            ("status", status),
            ("total_fee", total_fee),
        ];
        let joined: String = fields.iter().flat_map(|(name, value)| [*name, *value]).collect();
        let sign = HEXUPPER.encode(&Md5::digest(format!("{key}{joined}{key}")));
        let pairs: Vec<_> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
        format!("{}&sign={sign}", pairs.join("&"))
    };
    for status in ["", "9"] {
        control.fault(Scope::Create, Fault::DropAfter).await.unwrap();
        let order_no = post.counter.sell_on(post.channel, &[]).await.order.order_no;
        let number = control.trade(&order_no).await.unwrap().trade.gateway_no;
        for (order_sn, status, total_fee) in [
            ("", "1", "1250"),
            ("", status, "1250"),
            (number.as_str(), status, "1251"),
            (theirs.as_str(), status, "1250"),
            (theirs.as_str(), "1", "1250"),
            (theirs.as_str(), "4", "1250"),
        ] {
            let body = letter(&order_no, order_sn, status, total_fee);
            assert_eq!(text(&post.knock("/notify/jubao/main", "", &body).await), "fail", "{order_sn:?} {status:?}");
            let order = post.order(&order_no).await.order;
            assert_eq!((order.state, order.attention), (State::CreateUnknown, Some(Attention::CannotBeAsked)));
            assert_eq!(order.gateway_no, None);
        }
        let body = letter(&order_no, &number, status, "1250");
        assert_eq!(text(&post.knock("/notify/jubao/main", "", &body).await), "SUCCESS", "{status:?}");
        let asked = |order: &LiveOrder| order.asking.asked > 0 && !order.asking.in_flight;
        let order = post.counter.until(&order_no, "asked", asked).await.order;
        assert_eq!((order.gateway_no, order.attention, order.paid_minor), (Some(number), None, None));
        let timeline = post.counter.till.timeline(&Actor::Owner, &order_no).await.unwrap();
        let named = timeline.entries.iter().find(|entry| entry.kind == "gateway_no_named").unwrap();
        let kept = post.counter.till.raw_answer(&Actor::Owner, named.raw.as_deref().unwrap()).await.unwrap();
        assert_eq!(kept, Some(body), "what named it is kept");
        control.pay(&order_no).await.unwrap();
        let paid = post.counter.till.ask(&Actor::Owner, &order_no).await.unwrap().live.order;
        assert_eq!((paid.state, paid.paid_minor), (State::Paid, Some(1_250)));
    }
}

#[tokio::test]
async fn a_payment_after_the_end_is_known_by_its_notification_and_an_old_one_undoes_no_end() {
    let post = Post::open("pooul", &[NEVER]).await;
    let how = Notifications { state: true, ..Notifications::default() };
    post.counter.control.notifications(how).await.unwrap();
    let order_no = post.sell().await;
    post.counter.till.close(&Actor::Owner, &order_no).await.unwrap();
    post.until(&order_no, State::Closed).await;
    assert_eq!(post.sends(&order_no, Fault::Delay { ms: 0 }).await.as_deref(), Some("success"), "closed, once more");
    assert_eq!(post.order(&order_no).await.order.state, State::Closed);
    // Unpaid, as before its end: the gateway is asked, and says so as well.
    post.counter.control.set_state(&order_no, TradeState::Unpaid).await.unwrap();
    assert_eq!(post.sends(&order_no, Fault::Delay { ms: 0 }).await.as_deref(), Some("success"));
    let asked = post.counter.till.ask(&Actor::Owner, &order_no).await.unwrap().live;
    assert_eq!(asked.order.state, State::Closed);
    post.counter.control.pay(&order_no).await.unwrap();
    let order = post.until(&order_no, State::Paid).await;
    assert!(order.order.late);

    let order_no = post.sell().await;
    post.counter
        .control
        .notifications(Notifications { on: false, state: true, ..Notifications::default() })
        .await
        .unwrap();
    post.counter.control.pay(&order_no).await.unwrap();
    post.counter.till.ask(&Actor::Owner, &order_no).await.unwrap();
    post.counter.control.set_state(&order_no, TradeState::Unpaid).await.unwrap();
    assert_eq!(post.sends(&order_no, Fault::Delay { ms: 0 }).await.as_deref(), Some("success"));
    assert_eq!(post.order(&order_no).await.order.state, State::Paid, "paid never goes back to unpaid");
}

#[tokio::test]
async fn a_late_success_after_a_refund_is_accepted_and_undoes_nothing() {
    for gateway in ["pooul", "jubao", "blueocean"] {
        let post = Post::open(gateway, &[NEVER]).await;
        let how = Notifications { state: true, ..Notifications::default() };
        post.counter.control.notifications(how).await.unwrap();
        let order_no = post.sell().await;
        post.counter.control.pay(&order_no).await.unwrap();
        post.until(&order_no, State::Paid).await;
        // Jubao gives nothing back for the till: somebody did in its back office.
        let before = if gateway == "jubao" {
            post.counter.control.set_state(&order_no, TradeState::Refunded).await.unwrap();
            post.counter.till.ask(&Actor::Owner, &order_no).await.unwrap().live
        } else {
            let all =
                RefundRequest { order_no: order_no.clone(), reason: "顾客退货".into(), ..RefundRequest::default() };
            post.counter.till.refund(&Actor::Owner, None, &all).await.unwrap();
            let given_back = |order: &LiveOrder| order.order.refunded_minor == 1_250;
            post.counter.until(&order_no, "refunded", given_back).await
        };
        let elsewhere = (gateway == "jubao").then_some(Attention::RefundedElsewhere);
        assert_eq!((before.order.state, before.order.attention), (State::Paid, elsewhere), "{gateway}");
        // What was said of the payment before, once more and late.
        post.counter.control.set_state(&order_no, TradeState::Paid).await.unwrap();
        for copy in 0..2 {
            let answer = post.sends(&order_no, Fault::Delay { ms: 1 }).await;
            assert_eq!(answer.as_deref(), Some(post.accepted), "{gateway} {copy}");
        }
        let after = post.order(&order_no).await;
        assert_eq!(
            (after.order.state, after.order.refunded_minor, after.order.attention),
            (State::Paid, before.order.refunded_minor, elsewhere),
            "{gateway}"
        );
        assert_eq!(post.events(&order_no, "paid").await, 1, "{gateway}");
    }
}

#[tokio::test]
async fn whoever_knocks_wrongly_learns_nothing() {
    let post = Post::open("pooul", &[NEVER]).await;
    let path = "/notify/pooul/main";
    for (request, status) in [
        (format!("GET {path} HTTP/1.1\r\nHost: till\r\n\r\n"), "404"),
        ("GET / HTTP/1.1\r\nHost: till\r\n\r\n".into(), "404"),
        ("POST /notify/pooul HTTP/1.1\r\nHost: till\r\nContent-Length: 0\r\n\r\n".into(), "404"),
        ("POST /notify/%ff/%ff HTTP/1.1\r\nHost: till\r\nContent-Length: 0\r\n\r\n".into(), "404"),
        (format!("POST {path} HTTP/1.1\r\nHost: till\r\nContent-Length: 99999999\r\n\r\n"), "200"),
        (format!("POST {path} HTTP/1.1\r\nHost: till\r\nContent-Length: 10\r\n\r\n{{"), "200"),
        (format!("POST {path} HTTP/1.1\r\nHost: till\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), "200"),
        (format!("POST {path} HTTP/1.1\r\nHost: till\r\nContent-Length: -1\r\n\r\n"), "400"),
        ("nonsense\r\n\r\n".into(), "400"),
    ] {
        let answer = post.raw(request.as_bytes()).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{request} {answer}");
        assert_eq!(text(&answer), if status == "200" { "fail" } else { "" }, "{request} {answer}");
        assert!(!answer.to_lowercase().contains("server"), "{answer}");
    }
    let two = format!("POST {path} HTTP/1.1\r\nHost: till\r\nContent-Length: 0\r\n\r\n").repeat(2);
    assert_eq!(post.raw(two.as_bytes()).await.matches("HTTP/1.1").count(), 1, "one request a connection");
}

#[tokio::test]
async fn what_is_refused_before_any_route_hears_of_it_is_in_the_log_and_counted_by_its_reason_too() {
    let log = Log::listen();
    let post = Post::open("pooul", &[NEVER]).await;
    let path = "/notify/pooul/main";
    let begin = format!("POST {path} HTTP/1.1\r\nHost: till\r\n");
    for shape in [
        "nonsense\r\n\r\n".to_owned(),
        format!("{begin}Content-Length: -1\r\n\r\n"),
        format!("{begin}Content-Length: 0\r\nContent-Length: 5\r\n\r\n"),
        format!("{begin}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
        format!("{begin}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n"),
        format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(70_000)),
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(),
    ] {
        let before = post.refused(NotTaken::Malformed);
        post.raw(shape.as_bytes()).await;
        assert_eq!(post.refused(NotTaken::Malformed), before + 1, "{shape}");
    }
    assert_eq!(log.text().matches("no request that can be read").count(), 7, "{}", log.text());
    for _ in 0..60 {
        post.raw(b"GET / HTTP/1.1\r\nHost: till\r\n\r\n").await;
    }
    assert_eq!((post.refused(NotTaken::NothingHere), post.refused(NotTaken::NotRead)), (53, 7), "all of them count");
    assert!(log.text().contains("its source was refused too often"), "{}", log.text());
    let findings = post.counter.till.examine_receiver(&Actor::Owner).await.unwrap();
    let facts = &findings[0].facts;
    assert_eq!((facts["refused_elsewhere"].as_str(), facts["refused.malformed"].as_str()), ("67", "7"));
}

#[tokio::test]
async fn a_source_that_is_refused_too_often_is_not_read_for_a_while_and_nobody_else_pays_for_it() {
    let post = Post::behind("jubao", &[NEVER], Some("127.0.0.1")).await;
    let path = "/notify/jubao/main";
    let (attacker, gateway) = ("X-Forwarded-For: 203.0.113.7\r\n", "X-Forwarded-For: 203.0.113.7, 198.51.100.2\r\n");
    for _ in 0..70 {
        assert_eq!(text(&post.knock(path, attacker, "sign=x").await), "fail");
    }
    let order_no = post.sell().await;
    post.counter.control.pay(&order_no).await.unwrap();
    let sent = post.answered(1).await.pop().unwrap();
    assert_eq!(sent.answer.as_deref(), Some("SUCCESS"), "who comes from elsewhere is read");
    let body = sent.body;
    assert_eq!(text(&post.knock(path, attacker, &body).await), "fail", "not even what is right");
    for _ in 0..200 {
        assert_eq!(text(&post.knock(path, gateway, &body).await), "SUCCESS", "what is right never counts");
    }
}

#[tokio::test]
async fn a_proxy_that_is_not_named_is_told_of_by_what_the_gateway_signed_and_by_nothing_else() {
    let post = Post::open("jubao", &[NEVER]).await;
    let till = &post.counter.till;
    let order_no = post.sell().await;
    post.counter.control.pay(&order_no).await.unwrap();
    let body = post.answered(1).await.pop().unwrap().body;
    till.set_receiving(Receiving::On { listen: post.receiver.addr(), public_address: None });
    let fault = || till.receiver(&Actor::Owner).unwrap().fault.map(|fault| fault.code);
    let (path, forwarded) = ("/notify/jubao/main", "X-Forwarded-For: 203.0.113.7\r\n");
    assert_eq!(text(&post.knock(path, forwarded, "sign=x").await), "fail");
    assert_eq!(text(&post.knock("/notify/jubao/nobody", forwarded, &body).await), "fail");
    assert_eq!(text(&post.knock(path, "", &body).await), "SUCCESS");
    assert_eq!(fault(), None);
    assert_eq!(text(&post.knock(path, forwarded, &body).await), "SUCCESS");
    assert_eq!(fault(), Some(Code::ReceiverProxyUnnamed));
}

#[tokio::test]
async fn those_who_say_nothing_or_never_all_hold_up_neither_sales_nor_notifications() {
    let post = Post::behind("jubao", &[NEVER], Some("127.0.0.1")).await;
    let mut idle = Vec::new();
    for number in 0..900 {
        let mut stream = TcpStream::connect(post.receiver.addr()).await.unwrap();
        let half: &[u8] = match number % 3 {
            0 => b"",
            1 => b"POST /notify/jubao/main HTTP/1.1\r\nHost: t",
            _ => b"POST /notify/jubao/main HTTP/1.1\r\nContent-Length: 900\r\n\r\nsign=",
        };
        drop(stream.write_all(half).await);
        idle.push(stream);
    }
    let begun = Instant::now();
    let order_no = post.sell().await;
    post.counter.control.pay(&order_no).await.unwrap();
    post.until(&order_no, State::Paid).await;
    let sent = post.answered(1).await;
    assert_eq!(sent[0].answer.as_deref(), Some("SUCCESS"));
    // Behind them all it would have waited for 8 s three times: 900 that may stay so long, 256 at a time.
    assert!(begun.elapsed() < Duration::from_secs(10), "in time for the gateway: {:?}", begun.elapsed());
    let came = post.counter.till.receiver(&Actor::Owner);
    assert_eq!(post.refused(NotTaken::NotRead), 0, "who was shown out did nothing wrong: {came:?}");
    // On a busy machine many have had their time before their place is needed.
    assert!(post.refused(NotTaken::Crowded) >= 100, "{came:?}");
    drop(idle);
}
