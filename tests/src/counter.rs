//! A counter: the real engine on a real SQLite file, over real HTTP, against the sandbox on loopback.

use secrecy::SecretString;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use till_core::account::AccountChange;
use till_core::operator::pin::Cost;
use till_core::rights::Actor;
use till_engine::clock::MachineClock;
use till_engine::journal::{Journal, Options};
use till_engine::keyring::MemoryKeyring;
use till_engine::randomness::MachineRandomness;
use till_engine::till::{Caps, Launch, News, Profile, Seams, Till};
use till_engine::transport::{HttpTransport, Timeouts};
use till_engine::view::{LiveOrder, SaleRequest};
use till_sandbox::{Control, Options as Stage, Sandbox};

/// How long anything at the counter may take before a test fails.
const PATIENCE: Duration = Duration::from_mins(1);

/// A till, its folder and the gateway behind it.
pub struct Counter {
    /// The till.
    pub till: Till,
    /// The gateway.
    pub sandbox: Sandbox,
    /// Its control surface.
    pub control: Control,
    /// The journal's folder.
    pub folder: tempfile::TempDir,
}

impl Counter {
    /// A fresh till with the account `main`, polling every 50 ms, at a gateway that closes at once.
    pub async fn open() -> Self {
        let sandbox = Sandbox::start(Stage { close_floor_s: 0, ..Stage::default() }).await.expect("the sandbox starts");
        let folder = tempfile::tempdir().expect("a folder");
        let till = launch(folder.path(), Arc::new(MemoryKeyring::default())).await;
        add_account(&till, &sandbox, &[("plan.poll_ms", "100"), ("plan.close_floor_s", "0")]).await;
        let control = sandbox.control();
        Self { till, sandbox, control, folder }
    }

    /// Sells 12.50 on `wechat.scan` and waits for the create's answer.
    pub async fn sell(&self) -> LiveOrder {
        self.sell_on("wechat.scan", &[]).await
    }

    /// Sells 12.50 on a channel and waits for the create's answer.
    pub async fn sell_on(&self, channel: &str, extra: &[(&str, &str)]) -> LiveOrder {
        self.sell_with(channel, extra, None).await
    }

    /// Sells 12.50 to the customer whose payment code was scanned, and waits for the first answer.
    pub async fn charge(&self, channel: &str, payment_code: &str) -> LiveOrder {
        self.sell_with(channel, &[], Some(payment_code.into())).await
    }

    async fn sell_with(&self, channel: &str, extra: &[(&str, &str)], code: Option<SecretString>) -> LiveOrder {
        let request = SaleRequest {
            account: "main".into(),
            channel: channel.into(),
            amount: "12.50".into(),
            extra: extra.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
            ..SaleRequest::default()
        };
        let order = self.till.sell(&Actor::Owner, &request, code, None).await.expect("sold");
        self.till.created(&order.order.order_no).await;
        self.till.order(&order.order.order_no).await.expect("known")
    }

    /// How many payments the till counts today, in whatever currency.
    pub fn payments_today(&self) -> u32 {
        self.till.today().counts.values().sum()
    }

    /// Waits until `seen` holds for an order.
    pub async fn until(&self, order_no: &str, what: &str, seen: impl Fn(&LiveOrder) -> bool) -> LiveOrder {
        until(&self.till, order_no, what, seen).await
    }
}

/// Waits until `seen` holds for an order of `till`.
pub async fn until(till: &Till, order_no: &str, what: &str, seen: impl Fn(&LiveOrder) -> bool) -> LiveOrder {
    let mut news = till.news();
    let wait = async {
        loop {
            let order = till.order(order_no).await.expect("known");
            if seen(&order) {
                return order;
            }
            // Lagging behind only means that there is something new.
            while let Ok(News::Order { order_no: changed, .. }) = news.recv().await {
                if changed == order_no {
                    break;
                }
            }
        }
    };
    match tokio::time::timeout(PATIENCE, wait).await {
        Ok(order) => order,
        Err(_) => panic!("not {what} after {PATIENCE:?}: {:#?}", till.order(order_no).await),
    }
}

/// Launches a till on a folder.
pub async fn launch(folder: &Path, keyring: Arc<MemoryKeyring>) -> Till {
    let opened = Journal::open(&folder.join("journal.sqlite"), Options::default()).expect("a journal");
    let seams = Seams {
        clock: Arc::new(MachineClock::new()),
        transport: Arc::new(HttpTransport::new(Timeouts::default()).expect("a client")),
        storage: Arc::new(opened.journal),
        randomness: Arc::new(MachineRandomness),
        keyring,
    };
    let launch = Launch {
        training: false,
        version: "test".into(),
        profile: Profile { shop_name: "示例便利店".into(), client_ip: "127.0.0.1".into() },
        caps: Caps::default(),
        pins: Cost::default(),
    };
    Till::launch(seams, launch).await.expect("launched")
}

/// Adds the account `main` with the sandbox's credentials.
pub async fn add_account(till: &Till, sandbox: &Sandbox, fields: &[(&str, &str)]) {
    let announced = sandbox.announcement();
    let pooul = &announced["gateways"]["pooul"];
    let text = |value: &serde_json::Value| value.as_str().expect("announced").to_owned();
    let mut change = AccountChange { base_url: Some(text(&pooul["base_url"])), ..AccountChange::default() };
    change.fields.insert("merchant_id".into(), text(&pooul["credentials"]["merchant_id"]));
    change.fields.insert("notify_url".into(), "https://shop.example/notify".into());
    for (name, value) in fields {
        change.fields.insert((*name).into(), (*value).into());
    }
    till.add_account(&Actor::Owner, "pooul", "main", &change).await.expect("added");
    let key = text(&pooul["credentials"]["key"]).into_bytes().into();
    till.set_secret(&Actor::Owner, "main", "key", &key).await.expect("stored");
}
