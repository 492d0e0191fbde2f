//! A till with its receiver in a process of its own, so that its CPU and memory are its own, and so that it can be killed.
//!
//! The engine and the receiver are the real ones, journal and log are the real ones on the disk; the keyring is one in memory. It
//! has an account at each of [`GATEWAYS`], which it asks once in an hour: nothing but a notification tells it of a payment.

use super::gateway::Gateway;
use futures_util::future::join_all;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};
use till_core::account::AccountChange;
use till_core::gateway::named;
use till_core::operator::pin::Cost;
use till_core::rights::Actor;
use till_engine::clock::MachineClock;
use till_engine::journal::{Journal, Options};
use till_engine::keyring::MemoryKeyring;
use till_engine::log;
use till_engine::randomness::MachineRandomness;
use till_engine::receiver::{self, Receiver};
use till_engine::settings::LogLevel;
use till_engine::till::{Caps, Launch, Profile, Seams, Till};
use till_engine::transport::{HttpTransport, Timeouts};
use till_engine::view::SaleRequest;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::broadcast::error::RecvError;

/// The word that makes the bench program the till's process.
pub const WORD: &str = "till";

/// Where it has accounts, each named like its gateway, and what is sold there.
pub const GATEWAYS: [(&str, &str); 3] = [("jubao", "101"), ("pooul", "wechat.scan"), ("blueocean", "wechat.qrcode")];

/// Where it has an account that is called as a partner, and sells nothing.
pub const PARTNER: &str = "dingdang";

/// Where the sales are made that are measured.
const AT: (&str, &str) = GATEWAYS[1];

/// Orders that are made at a time.
const AT_ONCE: usize = 25;

/// Files and connections that it may have open: what a desktop's programs get.
const FILES: &str = "--nofile=1024:1024";

/// A till's process. Dropping it kills the process.
#[derive(Debug)]
pub struct Running {
    child: Child,
    input: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
    /// Where notifications go.
    pub receiver: SocketAddr,
}

impl Running {
    /// Starts it on a folder, at the gateways of `gateway`, whose notifications go to `notified`.
    pub async fn start(gateway: &Gateway, folder: &Path, notified: &str) -> Self {
        let program = std::env::current_exe().expect("this program's path");
        let mut child = Command::new("prlimit")
            .args([FILES, "--"])
            .arg(program)
            .arg(WORD)
            .arg(folder)
            .arg(gateway.announcement().to_string())
            .arg(notified)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the till's process");
        let input = child.stdin.take().expect("its input");
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let first = lines.next_line().await.expect("a readable line").expect("where it listens");
        let receiver = serde_json::from_str(&first).expect("an address");
        Self { child, input, lines, receiver }
    }

    /// Its number.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id().expect("it runs")
    }

    /// Makes orders at an account. Their numbers.
    pub async fn make(&mut self, account: &str, count: usize) -> Vec<String> {
        self.told(&json!({ "make": count, "account": account })).await
    }

    /// Sells one after another, at most one in so many milliseconds. How long each took until its code was known, in milliseconds.
    pub async fn sell(&mut self, count: usize, every: Duration) -> Vec<f64> {
        self.told(&json!({ "sell": count, "every_ms": every.as_millis() })).await
    }

    /// Makes an order whose customer pays on a page. That page's path.
    pub async fn page(&mut self) -> String {
        self.told(&json!({ "page": true })).await
    }

    /// Transactions that its journal has committed, each with a sync.
    pub async fn commits(&mut self) -> u64 {
        self.told(&json!({ "commits": true })).await
    }

    /// Waits until every order has ended.
    pub async fn quiet(&mut self) {
        self.told(&json!({ "quiet": true })).await
    }

    async fn told<T: DeserializeOwned>(&mut self, what: &Value) -> T {
        self.input.write_all(format!("{what}\n").as_bytes()).await.expect("the till still runs");
        let line = self.lines.next_line().await.expect("a readable line").expect("an answer");
        serde_json::from_str(&line).expect("an answer of its kind")
    }

    /// Kills it as a power cut would.
    pub async fn kill(mut self) {
        self.child.kill().await.expect("killed");
    }
}

/// The till's process: `FOLDER ANNOUNCEMENT NOTIFIED`. Says where it listens, and does what it is told until nobody tells it more.
pub async fn serve(arguments: &[String]) {
    let [folder, announcement, notified] = arguments else { panic!("folder, announcement, address") };
    let announcement: Value = serde_json::from_str(announcement).expect("JSON");
    let _log = log::start(Path::new(folder), LogLevel::Info).expect("a log");
    let path = Path::new(folder).join("journal.sqlite");
    let journal = Arc::new(Journal::open(&path, Options::default()).expect("a journal").journal);
    let till = launch(&journal).await;
    for gateway in GATEWAYS.map(|(gateway, _)| gateway).into_iter().chain([PARTNER]) {
        open_account(&till, gateway, &announcement["gateways"][gateway], notified).await;
    }
    let listen = "127.0.0.1:0".parse().expect("an address");
    let receiver = Receiver::open(till.clone(), receiver::Options { listen, proxy: None }).await.expect("a receiver");
    println!("{}", json!(receiver.addr()));
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Some(line) = lines.next_line().await.expect("a readable line") {
        let told: Value = serde_json::from_str(&line).expect("JSON");
        let count = |name: &str| told[name].as_u64().and_then(|count| usize::try_from(count).ok());
        let answer = if let Some(orders) = count("make") {
            let account = told["account"].as_str().expect("an account");
            json!(make(&till, account, orders).await)
        } else if let Some(sales) = count("sell") {
            json!(sell(&till, sales, Duration::from_millis(told["every_ms"].as_u64().expect("a pause"))).await)
        } else if told["page"] == true {
            json!(page(&till, receiver.addr()).await)
        } else if told["quiet"] == true {
            json!(quiet(&till).await)
        } else {
            json!(journal.commits())
        };
        println!("{answer}");
    }
}

async fn launch(journal: &Arc<Journal>) -> Till {
    let seams = Seams {
        clock: Arc::new(MachineClock::new()),
        transport: Arc::new(HttpTransport::new(Timeouts::default()).expect("a client")),
        storage: Arc::<Journal>::clone(journal),
        randomness: Arc::new(MachineRandomness),
        keyring: Arc::new(MemoryKeyring::default()),
    };
    let profile = Profile { shop_name: "示例便利店".into(), client_ip: "127.0.0.1".into() };
    // Thousands of orders are made beforehand, which no till does.
    let caps = Caps { per_second: 0, in_flight: 0 };
    let launch = Launch { training: false, version: "bench".into(), profile, caps, pins: Cost::default() };
    Till::launch(seams, launch).await.expect("launched")
}

/// An account with what the gateway announced, named like it.
async fn open_account(till: &Till, gateway: &str, announced: &Value, notified: &str) {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let mut change = AccountChange { base_url: Some(text(&announced["base_url"])), ..AccountChange::default() };
    let described = named(gateway).expect("a gateway").descriptor().fields;
    if described.iter().any(|field| field.name == "notify_url") {
        change.fields.insert("notify_url".into(), format!("{notified}/notify/{gateway}/{gateway}"));
    }
    change.fields.insert("plan.poll_ms".into(), "3600000".into());
    let is_secret = |name: &str| described.iter().any(|field| field.name == name && field.kind.is_secret());
    let credentials = announced["credentials"].as_object().expect("announced");
    let (secrets, known): (Vec<_>, Vec<_>) = credentials.iter().partition(|(name, _)| is_secret(name));
    change.fields.extend(known.into_iter().map(|(name, value)| (name.clone(), text(value))));
    till.add_account(&Actor::Owner, gateway, gateway, &change).await.expect("added");
    for (name, value) in secrets {
        till.set_secret(&Actor::Owner, gateway, name, &text(value).into_bytes().into()).await.expect("stored");
    }
}

async fn make(till: &Till, account: &str, count: usize) -> Vec<String> {
    let channel = GATEWAYS.iter().find(|(gateway, _)| *gateway == account).expect("an account").1;
    let mut made = Vec::with_capacity(count);
    while made.len() < count {
        let wave = AT_ONCE.min(count - made.len());
        made.extend(join_all((0..wave).map(|_| code_of(till, account, channel))).await);
    }
    made
}

async fn sell(till: &Till, count: usize, every: Duration) -> Vec<f64> {
    let mut took = Vec::with_capacity(count);
    let mut next = tokio::time::interval(every);
    for _ in 0..count {
        next.tick().await;
        let begun = Instant::now();
        code_of(till, AT.0, AT.1).await;
        took.push(begun.elapsed().as_secs_f64() * 1_000.0);
    }
    took
}

/// The till is reached from outside as long as this order is made, so that no other one is notified there.
async fn page(till: &Till, receiver: SocketAddr) -> String {
    let public = format!("http://{receiver}");
    till.set_public_address(Some(public.clone()));
    let order_no = code_of(till, AT.0, "qq.jsapi").await;
    till.set_public_address(None);
    let code = till.order(&order_no).await.expect("known").order.qr.expect("a code");
    code.strip_prefix(&public).expect("a page of the till's own").to_owned()
}

async fn quiet(till: &Till) {
    let mut news = till.news();
    // Lagging behind only means that there is something new.
    while !till.is_quiet() && !matches!(news.recv().await, Err(RecvError::Closed)) {}
}

/// One sale until its code is known. Its number.
async fn code_of(till: &Till, account: &str, channel: &str) -> String {
    let request = SaleRequest {
        account: account.into(),
        channel: channel.into(),
        amount: "12.50".into(),
        expire_s: Some(7_200),
        ..SaleRequest::default()
    };
    let order = till.sell(&Actor::Owner, &request, None, None).await.expect("sold");
    till.created(&order.order.order_no).await;
    let order = till.order(&order.order.order_no).await.expect("known").order;
    assert!(order.qr.is_some(), "no code: {order:?}");
    order.order_no
}
