//! A machine whose clock stands still while anything can go on, and then jumps to whatever is waited for next: hours pass at
//! once, and the same in every run. Its disk is a real journal. Tests on it run with `start_paused`.

use async_trait::async_trait;
use md5::{Digest, Md5};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use till_core::account::AccountChange;
use till_core::error::Refusal;
use till_core::gateway::call::{HttpAnswer, HttpCall, NoAnswer};
use till_core::operator::pin::Cost;
use till_core::rights::Actor;
use till_core::time::Moment;
use till_engine::clock::Clock;
use till_engine::journal::{Journal, Options};
use till_engine::keyring::MemoryKeyring;
use till_engine::randomness::{Randomness, RandomnessFault};
use till_engine::storage::{
    Append, OrderRow, OrderSearch, RefundRow, RefundSearch, Storage, StorageFault, StoredEvent, Taken,
};
use till_engine::till::{Caps, Launch, Profile, Seams, Till};
use till_engine::transport::Transport;
use till_engine::view::{LiveOrder, SaleRequest};
use tokio::runtime::Builder;
use tokio::time::Instant;

/// 2027-01-15, 15:20 in Shanghai.
const BEGINNING: i64 = 1_799_997_600_000_000;

/// How long a gateway is waited for.
pub const SILENCE: Duration = Duration::from_secs(20);

const KEY: &str = "0123456789abcdef0123456789abcdef";

/// The wallet's number of a payment.
pub const WALLET_NO: &str = "4200001234202701155678901234";

/// The machine's seams, and what can be done to them.
#[derive(Clone)]
pub struct Machine {
    pub gateway: Arc<Gateway>,
    pub disk: Arc<Disk>,
    pub keyring: Arc<MemoryKeyring>,
    clock: Arc<JumpingClock>,
    chance: Arc<Counted>,
}

impl Machine {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open(&folder.path().join("journal.sqlite"), Options::default()).unwrap().journal;
        let began = Instant::now();
        Self {
            gateway: Arc::new(Gateway {
                says: Mutex::new(Says::State("NOTPAY")),
                says_of: Mutex::default(),
                asked: Mutex::default(),
                questions_take: Mutex::default(),
                takes: Mutex::default(),
                refunds: Mutex::default(),
                unnamed: Mutex::default(),
                out_of_reach: AtomicBool::new(false),
                began,
            }),
            disk: Arc::new(Disk {
                journal: Arc::new(journal),
                fault: Mutex::default(),
                slow: Mutex::default(),
                once: Mutex::default(),
                tries: Mutex::default(),
                unreadable: Mutex::default(),
                began,
                folder,
            }),
            keyring: Arc::default(),
            clock: Arc::new(JumpingClock { began, wall_ahead: AtomicI64::new(0) }),
            chance: Arc::default(),
        }
    }

    pub async fn launch(&self) -> Till {
        let seams = Seams {
            clock: self.clock.clone(),
            transport: self.gateway.clone(),
            storage: self.disk.clone(),
            randomness: self.chance.clone(),
            keyring: self.keyring.clone(),
        };
        let profile = Profile { shop_name: "示例便利店".into(), client_ip: "127.0.0.1".into() };
        let launch =
            Launch { training: false, version: "test".into(), profile, caps: Caps::default(), pins: Cost::default() };
        Till::launch(seams, launch).await.unwrap()
    }

    /// Somebody sets the clock on the wall ahead by `seconds`, or back.
    pub fn set_wall_clock(&self, seconds: i64) {
        self.clock.wall_ahead.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }

    /// Seconds since it was switched on.
    pub fn second(&self) -> u64 {
        self.clock.began.elapsed().as_secs()
    }
}

/// Adds an account that lacks nothing but its key.
pub async fn add_account(till: &Till, name: &str) -> Result<(), Refusal> {
    let mut change = AccountChange { base_url: Some("https://gateway.example.com".into()), ..AccountChange::default() };
    change.fields.insert("merchant_id".into(), "1000000000000001".into());
    change.fields.insert("notify_url".into(), "https://shop.example/notify".into());
    till.add_account(&Actor::Owner, "pooul", name, &change).await.map(drop)
}

/// A till that shows a code for 12.50.
pub async fn selling(machine: &Machine) -> (Till, LiveOrder) {
    let (till, order) = sold(machine, "wechat.scan", None).await;
    assert!(order.order.qr.is_some(), "{order:?}");
    (till, order)
}

/// A till that has sent `code` for 12.50.
pub async fn charging(machine: &Machine, code: &str) -> (Till, LiveOrder) {
    sold(machine, "wechat.micro", Some(code)).await
}

/// A till that can sell.
pub async fn ready(machine: &Machine) -> Till {
    let till = machine.launch().await;
    add_account(&till, "main").await.unwrap();
    till.set_secret(&Actor::Owner, "main", "key", &KEY.as_bytes().to_vec().into()).await.unwrap();
    till
}

async fn sold(machine: &Machine, channel: &str, code: Option<&str>) -> (Till, LiveOrder) {
    let till = ready(machine).await;
    let order = sell(&till, channel, code).await;
    (till, order)
}

/// Sells 12.50 at a till that has its account, and waits for the create's answer.
pub async fn sell(till: &Till, channel: &str, code: Option<&str>) -> LiveOrder {
    let order = begin(till, channel, code).await;
    till.created(&order.order.order_no).await;
    till.order(&order.order.order_no).await.unwrap()
}

/// The same, and does not wait.
pub async fn begin(till: &Till, channel: &str, code: Option<&str>) -> LiveOrder {
    let request = SaleRequest {
        account: "main".into(),
        channel: channel.into(),
        amount: "12.50".into(),
        ..SaleRequest::default()
    };
    till.sell(&Actor::Owner, &request, code.map(Into::into), None).await.unwrap()
}

pub async fn pass(time: Duration) {
    tokio::time::sleep(time).await;
}

struct JumpingClock {
    began: Instant,
    wall_ahead: AtomicI64,
}

#[async_trait]
impl Clock for JumpingClock {
    fn now(&self) -> Moment {
        let since = i64::try_from(self.began.elapsed().as_micros()).unwrap();
        let ahead = self.wall_ahead.load(Ordering::SeqCst);
        Moment { wall: BEGINNING + since + ahead, boot: since }
    }

    fn offset_minutes(&self, _wall: i64) -> i16 {
        480
    }

    async fn sleep_until(&self, boot: i64) {
        tokio::time::sleep_until(self.began + Duration::from_micros(u64::try_from(boot).unwrap_or(0))).await;
    }
}

/// Bytes that look drawn and are the same in every run.
#[derive(Default)]
struct Counted(AtomicU64);

impl Randomness for Counted {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomnessFault> {
        for chunk in bytes.chunks_mut(16) {
            let drawn = Md5::digest(self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes());
            chunk.copy_from_slice(&drawn[..chunk.len()]);
        }
        Ok(())
    }
}

/// What a gateway says when it is asked about an order.
#[derive(Clone, Copy)]
pub enum Says {
    /// This `trade_state`, signed.
    State(&'static str),
    /// This `trade_state`, signed, under this number of the gateway's.
    StateUnder(&'static str, &'static str),
    /// Paid, signed, and in fields of the gateway's own this text.
    PaidWith(&'static str),
    /// An error of this number with this text.
    Error(u32, &'static str),
    /// Nothing within [`SILENCE`].
    Nothing,
    /// "Busy", with a `Retry-After` of so many seconds.
    Busy(u32),
}

/// A gateway that says the same of every order, but for those of which it says something else.
pub struct Gateway {
    says: Mutex<Says>,
    /// What it says of one order, by its number.
    says_of: Mutex<BTreeMap<String, Says>>,
    asked: Mutex<Vec<u64>>,
    questions_take: Mutex<Duration>,
    takes: Mutex<Duration>,
    /// Amounts by the merchant's number of the refund.
    refunds: Mutex<BTreeMap<String, Value>>,
    /// The `refund_status` that it says without a number when it is asked about a refund.
    unnamed: Mutex<Option<i64>>,
    /// Nothing is sent to its address.
    pub out_of_reach: AtomicBool,
    began: Instant,
}

impl Gateway {
    /// How many refunds came here.
    pub fn refunds(&self) -> usize {
        self.refunds.lock().unwrap().len()
    }

    /// From now on it says this `refund_status` when it is asked about a refund, and names none.
    pub fn names_no_refund(&self, status: i64) {
        *self.unnamed.lock().unwrap() = Some(status);
    }

    pub fn says(&self, says: Says) {
        *self.says.lock().unwrap() = says;
    }

    /// From now on it says this of one order, whatever it says of others.
    pub fn says_of(&self, order_no: &str, says: Says) {
        self.says_of.lock().unwrap().insert(order_no.to_owned(), says);
    }

    /// From now on it takes so long to answer a question about an order.
    pub fn questions_take(&self, time: Duration) {
        *self.questions_take.lock().unwrap() = time;
    }

    /// From now on it takes so long to answer anything but a question about an order.
    pub fn takes(&self, time: Duration) {
        *self.takes.lock().unwrap() = time;
    }

    /// The seconds at which it was asked about an order since this was asked last.
    pub fn asked(&self) -> Vec<u64> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }
}

#[async_trait]
impl Transport for Gateway {
    fn may_reach(&self, _url: &str) -> bool {
        !self.out_of_reach.load(Ordering::SeqCst)
    }

    async fn get(&self, _url: &str) -> Result<HttpAnswer, NoAnswer> {
        Err(NoAnswer::Unreachable)
    }

    async fn send(&self, call: HttpCall) -> Result<HttpAnswer, NoAnswer> {
        let asked: Map<String, Value> = serde_json::from_slice(&call.body).unwrap();
        let number = asked.get("mch_trade_id").cloned().unwrap_or_default();
        let says_of = number.as_str().and_then(|number| self.says_of.lock().unwrap().get(number).copied());
        let mut data = Map::from_iter([("mch_trade_id".into(), number)]);
        if !call.url.ends_with("/query") {
            let takes = *self.takes.lock().unwrap();
            pass(takes).await;
        }
        if call.url.ends_with("/pay") {
            data.extend([("result_code".into(), json!(0)), ("code_url".into(), json!("weixin://wxpay/1"))]);
        } else if call.url.ends_with("/query") {
            self.asked.lock().unwrap().push(self.began.elapsed().as_secs());
            let takes = *self.questions_take.lock().unwrap();
            if !takes.is_zero() {
                pass(takes).await;
            }
            let says = says_of.unwrap_or_else(|| *self.says.lock().unwrap());
            match says {
                Says::State(state) => {
                    data.extend([("trade_state".into(), json!(state)), ("total_fee".into(), json!(1250))])
                }
                Says::StateUnder(state, gateway_no) => data.extend([
                    ("trade_state".into(), json!(state)),
                    ("total_fee".into(), json!(1250)),
                    ("trade_id".into(), json!(gateway_no)),
                ]),
                Says::PaidWith(text) => data.extend([
                    ("trade_state".into(), json!("SUCCESS")),
                    ("total_fee".into(), json!(1250)),
                    ("out_trade_id".into(), json!(WALLET_NO)),
                    ("attach".into(), json!(text)),
                    ("auth_code".into(), json!(text)),
                ]),
                Says::Error(code, text) => {
                    let body = json!({ "code": code, "msg": text });
                    return Ok(answer(200, body.to_string().into_bytes(), None));
                }
                Says::Nothing => {
                    pass(SILENCE).await;
                    return Err(NoAnswer::TimedOut);
                }
                Says::Busy(seconds) => return Ok(answer(503, b"busy".to_vec(), Some(seconds))),
            }
        } else if call.url.contains("/refund") {
            let refund = asked["mch_refund_id"].as_str().unwrap().to_owned();
            let mut refunds = self.refunds.lock().unwrap();
            let minor = asked.get("refund_fee").map_or_else(|| refunds[&refund].clone(), Clone::clone);
            refunds.insert(refund.clone(), minor.clone());
            // Taken on, and never done.
            data = Map::from_iter([
                ("mch_refund_id".into(), json!(refund)),
                ("refund_fee".into(), minor),
                ("refund_status".into(), json!(1)),
            ]);
            let unnamed = *self.unnamed.lock().unwrap();
            if let Some(status) = unnamed.filter(|_| call.url.ends_with("/refund_query")) {
                data = Map::from_iter([("refund_status".into(), json!(status))]);
            }
        } else {
            data.insert("close_status".into(), json!(0));
        }
        let body = json!({ "code": 0, "msg": "OK", "sign": signature(&data), "data": data });
        Ok(answer(200, body.to_string().into_bytes(), None))
    }
}

fn answer(status: u16, body: Vec<u8>, retry_after: Option<u32>) -> HttpAnswer {
    HttpAnswer { status, body, date: None, retry_after, authorization: None }
}

/// What the gateway sends by itself about an order of 12.50.
pub fn notification(order_no: &str, state: &str) -> Vec<u8> {
    let data = json!({ "mch_trade_id": order_no, "trade_state": state, "total_fee": 1250 });
    let data = data.as_object().unwrap();
    json!({ "code": 0, "msg": null, "sign": signature(data), "data": data }).to_string().into_bytes()
}

fn signature(data: &Map<String, Value>) -> String {
    let mut pairs: Vec<String> =
        data.iter().map(|(name, value)| format!("{name}={}", value.to_string().trim_matches('"'))).collect();
    pairs.sort();
    let text = format!("{}&key={KEY}", pairs.join("&"));
    Md5::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02X}")).collect()
}

/// A real journal, on a disk that can be full or slow.
pub struct Disk {
    journal: Arc<Journal>,
    fault: Mutex<Option<StorageFault>>,
    slow: Mutex<Duration>,
    once: Mutex<Option<(u32, StorageFault)>>,
    tries: Mutex<Vec<u64>>,
    unreadable: Mutex<Option<(String, StorageFault)>>,
    began: Instant,
    folder: tempfile::TempDir,
}

impl Disk {
    /// From now on nothing can be stored, or again everything can.
    pub fn fail_with(&self, fault: Option<StorageFault>) {
        *self.fault.lock().unwrap() = fault;
    }

    /// From now on it takes so long to store something.
    pub fn slow(&self, pause: Duration) {
        *self.slow.lock().unwrap() = pause;
    }

    /// The next try to store something fails.
    pub fn fail_once_with(&self, fault: StorageFault) {
        self.fail_once_after(0, fault);
    }

    /// The try to store something behind the next `tries` fails.
    pub fn fail_once_after(&self, tries: u32, fault: StorageFault) {
        *self.once.lock().unwrap() = Some((tries, fault));
    }

    /// What becomes of this try.
    fn fault_of_this_try(&self) -> Option<StorageFault> {
        let mut once = self.once.lock().unwrap();
        match once.take() {
            Some((0, fault)) => return Some(fault),
            Some((tries, fault)) => *once = Some((tries - 1, fault)),
            None => {}
        }
        self.fault.lock().unwrap().clone()
    }

    /// From now on the stream of `subject` cannot be read.
    pub fn unreadable(&self, subject: &str) {
        let fault = StorageFault::Unreadable { seq: 2, subject: Some(subject.to_owned()), reason: "its hash".into() };
        *self.unreadable.lock().unwrap() = Some((subject.to_owned(), fault));
    }

    /// From now on the disk gives nothing of the stream of `subject`, or again everything.
    pub fn silent(&self, subject: Option<&str>) {
        let fault = StorageFault::Failed("an input/output error".into());
        *self.unreadable.lock().unwrap() = subject.map(|subject| (subject.to_owned(), fault));
    }

    /// The seconds at which something could not be stored since this was asked last.
    pub fn tries(&self) -> Vec<u64> {
        std::mem::take(&mut *self.tries.lock().unwrap())
    }

    /// The journal's file.
    pub fn path(&self) -> std::path::PathBuf {
        self.folder.path().join("journal.sqlite")
    }

    /// Every event so far.
    pub async fn events(&self) -> Vec<StoredEvent> {
        self.after(0, 10_000).await.unwrap()
    }

    /// The journal works on threads of its own; the clock waits for them. They belong to a runtime of their own: one that ends
    /// starts no thread any more, and would wait for this work for ever.
    async fn work<T, F>(&self, work: impl FnOnce(Arc<Journal>) -> F) -> T
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        let work = work(Arc::clone(&self.journal));
        let done = tokio::task::spawn_blocking(move || Builder::new_current_thread().build().unwrap().block_on(work));
        done.await.unwrap()
    }
}

#[async_trait]
impl Storage for Disk {
    async fn append(&self, appends: Vec<Append>) -> Result<Vec<u64>, StorageFault> {
        if let Some(fault) = self.fault_of_this_try() {
            self.tries.lock().unwrap().push(self.began.elapsed().as_secs());
            return Err(fault);
        }
        let slow = *self.slow.lock().unwrap();
        pass(slow).await;
        self.work(|journal| async move { journal.append(appends).await }).await
    }

    async fn stream(&self, subject: &str) -> Result<Vec<StoredEvent>, StorageFault> {
        let subject = subject.to_owned();
        let fault = self.unreadable.lock().unwrap().clone();
        if let Some((_, fault)) = fault.filter(|(unreadable, _)| *unreadable == subject) {
            return Err(fault);
        }
        self.work(|journal| async move { journal.stream(&subject).await }).await
    }

    async fn latest(&self, subject: &str, before: u64, limit: u32) -> Result<Vec<StoredEvent>, StorageFault> {
        let subject = subject.to_owned();
        self.work(move |journal| async move { journal.latest(&subject, before, limit).await }).await
    }

    async fn after(&self, seq: u64, limit: u32) -> Result<Vec<StoredEvent>, StorageFault> {
        self.work(|journal| async move { journal.after(seq, limit).await }).await
    }

    async fn head(&self) -> Result<Option<(u64, [u8; 32])>, StorageFault> {
        self.work(|journal| async move { journal.head().await }).await
    }

    async fn orders(&self, search: &OrderSearch) -> Result<Vec<OrderRow>, StorageFault> {
        let search = search.clone();
        self.work(|journal| async move { journal.orders(&search).await }).await
    }

    async fn takings(&self, known: (i64, i64)) -> Result<Vec<Taken>, StorageFault> {
        self.work(move |journal| async move { journal.takings(known).await }).await
    }

    async fn refunds(&self, search: &RefundSearch) -> Result<Vec<RefundRow>, StorageFault> {
        let search = search.clone();
        self.work(|journal| async move { journal.refunds(&search).await }).await
    }

    async fn accounts(&self) -> Result<Vec<String>, StorageFault> {
        self.work(|journal| async move { journal.accounts().await }).await
    }

    async fn raw(&self, sha256: &[u8; 32]) -> Result<Option<Vec<u8>>, StorageFault> {
        let sha256 = *sha256;
        self.work(|journal| async move { journal.raw(&sha256).await }).await
    }

    async fn old_answers(&self, until: i64) -> Result<Vec<[u8; 32]>, StorageFault> {
        self.work(|journal| async move { journal.old_answers(until).await }).await
    }

    async fn forget(&self, answers: Vec<[u8; 32]>, until: i64) -> Result<(), StorageFault> {
        self.work(|journal| async move { journal.forget(answers, until).await }).await
    }
}
