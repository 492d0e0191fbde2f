//! A year of trade: a journal of as many orders as are wanted, up to now.
//!
//! Three orders are sold by the engine at the sandbox: one is paid, one closed, one paid and refunded. Every other order is one of
//! them with numbers, amount and times of its own, appended through the journal as a till appends; each day is signed.

use super::super::gateway::Gateway;
use super::super::place;
use data_encoding::HEXLOWER;
use jiff::Timestamp;
use jiff::tz::Offset;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use till_core::journal::{self, Event, TillEvent};
use till_core::number::Kind;
use till_core::rights::Actor;
use till_core::time::{Moment, Stamp};
use till_engine::journal::{Journal, Options, Project};
use till_engine::seal::Seal;
use till_engine::storage::{Append, NewEvent, Storage, StoredEvent};
use till_engine::till::{Caps, Replay};
use till_engine::transport::{HttpTransport, Timeouts};
use till_engine::view::SaleRequest;
use till_engine::view::refunds::RefundRequest;

/// Days that the orders are spread over.
const DAYS: usize = 365;

/// Of so many orders the last is refunded, the one before it closed, the others paid.
const ROUND: usize = 20;

/// What the sold orders cost, minor units.
const PRICE: &str = "1250";

/// Hours of local time ahead of UTC.
const OFFSET: i64 = 8;

/// An order that the engine sold: what its events say, and when after the first.
struct Sold {
    events: Vec<Recorded>,
    /// Every number in them that belongs to this order alone.
    numbers: Vec<String>,
    began: i64,
}

struct Recorded {
    after: i64,
    actor: String,
    payload: String,
    /// The raw answer that it rests on, and that one's SHA-256.
    raw: Option<(String, String)>,
}

/// The journal, and who signs it.
#[derive(Clone)]
pub struct Year {
    /// The till's folder.
    pub folder: PathBuf,
    /// How many orders.
    pub orders: usize,
    /// How many events.
    pub events: u64,
    /// The till's id.
    pub till_id: String,
    /// The seed of its key.
    pub seed: [u8; 32],
    /// Numbers of some orders over the year, oldest first.
    pub samples: Vec<Numbers>,
    /// How long appending took.
    pub took: Duration,
}

/// The numbers of an order.
#[derive(Debug, Clone, Default)]
pub struct Numbers {
    /// Ours.
    pub order_no: String,
    /// All of them, ours among them, by name.
    pub all: Vec<(&'static str, String)>,
}

/// Names of the numbers that an order's events hold.
const NAMES: [&str; 6] = ["order_no", "sale", "gateway_no", "wallet_no", "refund_no", "gateway_refund_no"];

impl Year {
    /// Makes it in `folder`.
    pub async fn make(folder: &Path, orders: usize) -> Self {
        let (sold, accounts, till_id) = sell_three().await;
        let seed = [7; 32];
        let seal = Seal::from_seed(&seed.to_vec().into()).expect("a key");
        let path = folder.join("journal.sqlite");
        let journal = Journal::open(&path, Options::default()).expect("a journal").journal;
        let began = Instant::now();
        let now = Timestamp::now().as_microsecond();
        let first = now - i64::try_from(DAYS).expect("few") * 86_400_000_000;
        let opened = TillEvent::Opened {
            till_id: till_id.clone(),
            public_key: seal.public_key(),
            version: "bench".into(),
            training: false,
        };
        let mut seen = 0;
        append_till(&journal, &mut seen, opened, first).await;
        journal.append(accounts).await.expect("appended");
        let mut year =
            Self { folder: folder.to_owned(), orders, events: 0, till_id, seed, samples: vec![], took: Duration::ZERO };
        for day in 0..DAYS {
            let (from, until) = (orders * day / DAYS, orders * (day + 1) / DAYS);
            let mut appends = Vec::new();
            for order in from..until {
                // The last one began long enough ago to have ended.
                let at = now
                    - 600_000_000
                    - i64::try_from(orders - order).expect("fits")
                        * (i64::try_from(DAYS).expect("few") * 86_400_000_000 / i64::try_from(orders).expect("fits"));
                let prototype = match order % ROUND {
                    18 => &sold[1],
                    19 => &sold[2],
                    _ => &sold[0],
                };
                appends.extend(prototype.copy(
                    order,
                    at,
                    (order % (orders / 1_000).max(1) == 0).then_some(&mut year.samples),
                ));
                if appends.len() >= 2_000 {
                    journal.append(std::mem::take(&mut appends)).await.expect("appended");
                }
            }
            journal.append(appends).await.expect("appended");
            let (seq, hash) = journal.head().await.expect("read").expect("events");
            let hash = HEXLOWER.encode(&hash);
            let at = first + i64::try_from(day + 1).expect("few") * 86_400_000_000 - 1;
            let day = stamp(at).day;
            let signature = seal.sign(&journal::day_head_message(&year.till_id, &day, seq, &hash));
            append_till(&journal, &mut seen, TillEvent::DayHead { day, seq, hash, signature }, at).await;
        }
        year.events = journal.head().await.expect("read").expect("events").0;
        drop(journal);
        year.took = began.elapsed();
        year
    }
}

async fn append_till(journal: &Journal, seen: &mut u64, event: TillEvent, at: i64) {
    let payload = journal::write(&Event::Till { event }).expect("written");
    let events = vec![NewEvent { at: stamp(at), actor: "engine".into(), payload }];
    let append = Append { subject: journal::TILL.into(), seen: *seen, events, row: None, raw: None };
    journal.append(vec![append]).await.expect("appended");
    *seen += 1;
}

fn stamp(wall: i64) -> Stamp {
    let offset = Offset::from_hours(i8::try_from(OFFSET).expect("few")).expect("an offset");
    let local = offset.to_datetime(Timestamp::from_microsecond(wall).expect("a time"));
    Stamp { wall, offset_minutes: 480, day: local.date().to_string() }
}

impl Sold {
    /// The events of the order with this place in the year.
    fn copy(&self, order: usize, at: i64, samples: Option<&mut Vec<Numbers>>) -> Vec<Append> {
        let price = (100 + order * 37 % 99_900).to_string();
        let mut swaps: Vec<(String, String)> =
            self.numbers.iter().map(|number| (number.clone(), renumbered(number, order, at))).collect();
        swaps.push((format!("minor\":{PRICE}"), format!("minor\":{price}")));
        for seconds in [self.began / 1_000_000, self.began / 1_000_000 + 1, self.began / 1_000_000 + 2] {
            swaps.push((format!(":{seconds},"), format!(":{},", at / 1_000_000)));
        }
        let swapped = |text: &str| swaps.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
        let order_no = self.number("order_no").map(|number| renumbered(&number, order, at)).expect("a number");
        let subject = journal::order_subject(&order_no);
        let mut stored: Vec<StoredEvent> = Vec::with_capacity(self.events.len());
        let mut appends: Vec<Append> = Vec::new();
        for (seen, recorded) in (0..).zip(&self.events) {
            let mut payload = swapped(&recorded.payload);
            let raw = recorded.raw.as_ref().map(|(body, sha256)| {
                let body = swapped(body);
                payload = payload.replace(sha256, &HEXLOWER.encode(&Sha256::digest(&body)));
                body.into_bytes()
            });
            let event = NewEvent {
                at: stamp(at + recorded.after),
                actor: recorded.actor.clone(),
                payload: payload.into_bytes(),
            };
            stored.push(StoredEvent {
                seq: 1,
                subject: subject.clone(),
                subject_seq: seen + 1,
                at: event.at.clone(),
                actor: event.actor.clone(),
                payload: event.payload.clone(),
                hash: [0; 32],
            });
            appends.push(Append { subject: subject.clone(), seen, events: vec![event], row: None, raw });
        }
        let row = Replay.row(&subject, &stored).expect("events that can be read");
        appends.last_mut().expect("events").row = row;
        if let Some(samples) = samples {
            let all =
                NAMES.iter().filter_map(|name| Some((*name, renumbered(&self.number(name)?, order, at)))).collect();
            samples.push(Numbers { order_no, all });
        }
        appends
    }

    /// The first number of this name.
    fn number(&self, name: &str) -> Option<String> {
        let mark = format!("\"{name}\":\"");
        let found = self.events.iter().find_map(|event| {
            let rest = event.payload.split_once(&mark)?.1;
            Some(rest.split_once('"')?.0.to_owned())
        });
        found.filter(|number| self.numbers.contains(number))
    }
}

/// A number like `number`, of the order with this place, which began at `at`. One of ours is made as a till makes it, with its time
/// in front; of another one the last characters are others, spread as if they were drawn.
fn renumbered(number: &str, order: usize, at: i64) -> String {
    let kind = match number.get(..2) {
        Some("TK") => Some(Kind::Order),
        Some("TS") => Some(Kind::Sale),
        Some("TR") => Some(Kind::Refund),
        _ => None,
    };
    if let Some(kind) = kind
        && number.len() == 28
    {
        let random = u64::try_from(order + 1).expect("fits").wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes();
        return till_core::number::number(kind, Moment { wall: at, boot: 0 }, &number[11..16], random);
    }
    let alphabet: &[u8] = if number.bytes().all(|byte| byte.is_ascii_digit()) {
        b"0123456789"
    } else if number.bytes().all(|byte| byte.is_ascii_hexdigit() && !byte.is_ascii_uppercase()) {
        b"0123456789abcdef"
    } else {
        b"0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    };
    // Odd, and so a permutation of the numbers below 2^32.
    let mut rest = (u64::try_from(order).expect("fits") * 2_654_435_761) & 0xffff_ffff;
    let base = u64::try_from(alphabet.len()).expect("few");
    let mut end = [0; 10];
    for place in end.iter_mut().rev() {
        *place = alphabet[usize::try_from(rest % base).expect("small")];
        rest /= base;
    }
    let kept = number.len() - end.len();
    format!("{}{}", &number[..kept], String::from_utf8_lossy(&end))
}

/// Three orders, the events of the account that they were sold with, and the till's id.
async fn sell_three() -> (Vec<Sold>, Vec<Append>, String) {
    let gateway = Gateway::start().await;
    let place = place::in_memory();
    let opened = Journal::open(&place.path().join("journal.sqlite"), Options::default()).expect("a journal");
    let storage = Arc::new(opened.journal);
    let transport = Arc::new(HttpTransport::new(Timeouts::default()).expect("a client"));
    let no_caps = Caps { per_second: 0, in_flight: 0 };
    let till = gateway
        .till(storage.clone(), transport, no_caps, &[("plan.poll_ms", "60000"), ("plan.close_floor_s", "0")])
        .await;
    let control = gateway.control();
    control.auto_refund(Some(0)).await.expect("set");
    control.close_floor(0).await.expect("set");
    let mut sold = Vec::new();
    for what in ["paid", "closed", "refunded"] {
        let request = SaleRequest {
            account: "main".into(),
            channel: "wechat.scan".into(),
            amount: "12.50".into(),
            ..SaleRequest::default()
        };
        let order_no = till.sell(&Actor::Owner, &request, None, None).await.expect("sold").order.order_no;
        till.created(&order_no).await;
        if what == "closed" {
            till.close(&Actor::Owner, &order_no).await.expect("closed");
        } else {
            control.pay(order_no.as_str()).await.expect("paid");
            till.ask(&Actor::Owner, &order_no).await.expect("asked");
        }
        if what == "refunded" {
            let request = RefundRequest {
                order_no: order_no.clone(),
                amount: String::new(),
                reason: "退货".into(),
                items: vec![],
            };
            till.refund(&Actor::Owner, None, &request).await.expect("refunded");
        }
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            let live = till.ask(&Actor::Owner, &order_no).await.expect("asked").live;
            let so = match what {
                "refunded" => live.order.refunded_minor > 0,
                word => live.order.state.word() == word,
            };
            if so {
                break;
            }
            assert!(Instant::now() < deadline, "{order_no} is not {what}: {live:?}");
        }
        sold.push(record(&storage, &order_no).await);
    }
    let mut accounts = Vec::new();
    for stored in storage.after(0, 1_000).await.expect("read") {
        if stored.subject.starts_with("account/") {
            let seen = stored.subject_seq - 1;
            let event =
                NewEvent { at: stored.at.clone(), actor: stored.actor.clone(), payload: stored.payload.clone() };
            let stream = storage.stream(&stored.subject).await.expect("read");
            let row = Replay.row(&stored.subject, &stream[..usize::try_from(seen + 1).expect("few")]).expect("read");
            accounts.push(Append { subject: stored.subject, seen, events: vec![event], row, raw: None });
        }
    }
    let till_id = till.id().to_owned();
    (sold, accounts, till_id)
}

async fn record(journal: &Journal, order_no: &str) -> Sold {
    let stream = journal.stream(&journal::order_subject(order_no)).await.expect("read");
    let began = stream[0].at.wall;
    let (mut events, mut numbers) = (Vec::new(), BTreeSet::new());
    for stored in stream {
        let value: Value = serde_json::from_slice(&stored.payload).expect("JSON");
        collect(&value, &mut numbers);
        let mut raw = None;
        if let Some(sha256) = find(&value, "raw") {
            let hash = HEXLOWER.decode(sha256.as_bytes()).expect("hex").try_into().expect("a hash");
            let body = journal.raw(&hash).await.expect("read").expect("kept");
            raw = Some((String::from_utf8(body).expect("text"), sha256));
        }
        let payload = String::from_utf8(stored.payload).expect("text");
        events.push(Recorded { after: stored.at.wall - began, actor: stored.actor, payload, raw });
    }
    Sold { events, numbers: numbers.into_iter().collect(), began }
}

/// Every number of an order in `value`. "Ours" stands for one that is the order's own.
fn collect(value: &Value, numbers: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value.as_str() {
                    Some(number) if NAMES.contains(&name.as_str()) && number.len() > 10 => {
                        numbers.insert(number.to_owned());
                    }
                    _ => collect(value, numbers),
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, numbers)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn find(value: &Value, wanted: &str) -> Option<String> {
    let fields = value.as_object()?;
    let here = fields.get(wanted).and_then(Value::as_str).map(str::to_owned);
    here.or_else(|| fields.values().find_map(|value| find(value, wanted)))
}
