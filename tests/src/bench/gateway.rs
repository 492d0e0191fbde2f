//! The sandbox in a process of its own, so that its CPU is not counted as the till's. It notes when each question arrived.

use serde_json::Value;
use std::collections::BTreeMap;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;
use till_core::account::AccountChange;
use till_core::operator::pin::Cost;
use till_core::rights::Actor;
use till_engine::clock::MachineClock;
use till_engine::keyring::MemoryKeyring;
use till_engine::randomness::MachineRandomness;
use till_engine::storage::Storage;
use till_engine::till::{Caps, Launch, Profile, Seams, Till};
use till_engine::transport::Transport;
use till_sandbox::{Control, Operation, Options, Sandbox};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::oneshot;

/// The word that makes the bench program the gateway's process.
pub const WORD: &str = "gateway";

/// How often the stage's list is emptied into ours: it forgets after 20,000 requests.
const OFTEN: Duration = Duration::from_secs(2);

/// When each order was asked for: UTC milliseconds by the gateway's clock, by order number.
pub type Asked = BTreeMap<String, Vec<i64>>;

/// A gateway's process. Dropping it kills the process.
#[derive(Debug)]
pub struct Gateway {
    child: Child,
    input: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
    announcement: Value,
}

impl Gateway {
    /// Starts the process and waits until it serves.
    pub async fn start() -> Self {
        let program = std::env::current_exe().expect("this program's path");
        let mut child = Command::new(program)
            .arg(WORD)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the gateway's process");
        let input = child.stdin.take().expect("its input");
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let first = lines.next_line().await.expect("a readable line").expect("an announcement");
        let announcement = serde_json::from_str(&first).expect("the announcement is JSON");
        Self { child, input, lines, announcement }
    }

    /// Where the gateway is.
    #[must_use]
    pub fn base_url(&self) -> String {
        self.announced(&["gateways", "pooul", "base_url"])
    }

    /// What it says of itself.
    #[must_use]
    pub fn announcement(&self) -> &Value {
        &self.announcement
    }

    /// Its control surface.
    #[must_use]
    pub fn control(&self) -> Control {
        Control::at(&self.announced(&["control"])).expect("a control URL")
    }

    /// A working credential.
    #[must_use]
    pub fn credential(&self, name: &str) -> String {
        self.announced(&["gateways", "pooul", "credentials", name])
    }

    /// A till on these seams, with the account `main` at this gateway.
    pub async fn till(
        &self,
        storage: Arc<dyn Storage>,
        transport: Arc<dyn Transport>,
        caps: Caps,
        fields: &[(&str, &str)],
    ) -> Till {
        let seams = Seams {
            clock: Arc::new(MachineClock::new()),
            transport,
            storage,
            randomness: Arc::new(MachineRandomness),
            keyring: Arc::new(MemoryKeyring::default()),
        };
        let profile = Profile { shop_name: "示例便利店".into(), client_ip: "127.0.0.1".into() };
        let launch = Launch { training: false, version: "bench".into(), profile, caps, pins: Cost::default() };
        let till = Till::launch(seams, launch).await.expect("launched");
        let mut change = AccountChange { base_url: Some(self.base_url()), ..AccountChange::default() };
        change.fields.insert("merchant_id".into(), self.credential("merchant_id"));
        change.fields.insert("notify_url".into(), "https://shop.example/notify".into());
        change.fields.extend(fields.iter().map(|(name, value)| ((*name).into(), (*value).into())));
        till.add_account(&Actor::Owner, "pooul", "main", &change).await.expect("added");
        let key = self.credential("key").into_bytes().into();
        till.set_secret(&Actor::Owner, "main", "key", &key).await.expect("stored");
        till
    }

    fn announced(&self, path: &[&str]) -> String {
        let value = path.iter().fold(&self.announcement, |value, name| &value[*name]);
        value.as_str().expect("announced").to_owned()
    }

    /// Stops the gateway and says when it was asked for which order.
    pub async fn stop(mut self) -> Asked {
        self.input.write_all(b"stop\n").await.expect("the gateway still runs");
        let line = self.lines.next_line().await.expect("a readable line").expect("what was asked");
        self.child.wait().await.expect("the gateway's end");
        serde_json::from_str(&line).expect("what was asked is JSON")
    }
}

/// The gateway's process: announces itself, serves until it is told to stop, and says what it was asked.
pub async fn serve() {
    let sandbox = Sandbox::start(Options::default()).await.expect("the sandbox starts");
    println!("{}", sandbox.announcement());
    let control = sandbox.control();
    let (mut asked, mut seen) = (Asked::new(), 0);
    let (tell, mut told) = oneshot::channel();
    std::thread::spawn(move || {
        // A line, or the end of whoever would write one.
        let _told = std::io::stdin().read_line(&mut String::new());
        let _gone = tell.send(());
    });
    loop {
        let stop = tokio::time::timeout(OFTEN, &mut told).await.is_ok();
        for request in control.received(seen).await.expect("what was received") {
            seen = request.index;
            if let (Operation::Query, Some(order_no)) = (request.operation, request.order_no) {
                asked.entry(order_no).or_default().push(request.at_ms);
            }
        }
        if stop {
            break;
        }
    }
    println!("{}", serde_json::to_string(&asked).expect("JSON"));
}
