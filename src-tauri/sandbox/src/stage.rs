//! Everything the pretend gateways know, shared by gateway routes, phone pages and the control surface.

use std::collections::VecDeque;
use std::future::Future;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::watch;

use crate::clock;
use crate::dialect::Dialect;
use crate::fault::PlannedFault;
use crate::notify::{Due, Notifications, Notified};
use crate::received::Log;
use crate::store::{Kept, Store};
use crate::trade::{Tap, Trade};
use crate::{blueocean, dingdang, jubao};

/// How the gateways are out of reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Down {
    /// Every request's connection closes without a byte and without being processed.
    Refuse,
    /// Requests are taken and never answered; they are released, unprocessed, when the gateways are up again.
    Silent,
}

/// What the control surface can turn.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Settings {
    /// No close before a trade is this many seconds old. 300 is the only floor that a document prints.
    pub close_floor_s: i64,
    /// No reverse before a trade is this many seconds old; 15 is what the later Pooul and WeChat print (gateways.md 0.5).
    pub reverse_floor_s: i64,
    /// A refund is done by itself after this many milliseconds; null: when somebody decides it.
    pub auto_refund_ms: Option<u64>,
    /// How far the gateway's clock is ahead of the machine's, in seconds; negative if behind.
    pub skew_s: i64,
    /// Whether Dingdang takes a request whatever its time; what Tencent enforces is unknown (gateways.md 3.4).
    #[serde(default)]
    pub takes_any_time: bool,
    /// Every new trade is paid by itself after this many milliseconds.
    pub auto_pay_ms: Option<u64>,
    /// How much of every payment a coupon bears, minor units, and that answers say who bore what; null: they do not.
    pub coupon_minor: Option<i64>,
    /// The merchant's WeChat channel is Beijing Rural Commercial Bank's: `sub_appid` and `sub_openid` must be empty (001:46-47).
    pub beijing_rural: bool,
    /// The channels of all gateways that the merchant may use; others are refused. Further numbers are ids that Jubao
    /// has given to this merchant.
    pub channels: Vec<String>,
    /// What BlueOcean trades in.
    pub blueocean_currency: String,
    /// Whether Jubao signs its answers; no sample does (gateways.md 2.3).
    pub jubao_signs: bool,
    /// For how many seconds a ticket of the official account holds; null: its server gives none.
    pub ticket_s: Option<u32>,
    /// How payments are notified.
    pub notifications: Notifications,
    /// How answers are worded.
    pub dialect: Dialect,
    /// If set, every answer is worded by the next dialect drawn from this seed.
    pub restless_seed: Option<u64>,
}

/// What is true on the stage at one moment.
pub(crate) struct Book {
    pub(crate) kept: Kept,
    pub(crate) blueocean: blueocean::Credentials,
    pub(crate) jubao: jubao::Credentials,
    pub(crate) dingdang: dingdang::Credentials,
    pub(crate) settings: Settings,
    pub(crate) faults: Vec<PlannedFault>,
    pub(crate) received: Log,
    pub(crate) notified: VecDeque<Notified>,
    /// Takes what the gateways send by themselves.
    pub(crate) outbox: UnboundedSender<Due>,
    pub(crate) answers: u64,
    /// How often a ticket of the official account was asked for.
    pub(crate) tickets: u64,
    revision: u64,
}

impl Book {
    /// Makes what is missing of the keys; nothing if that fails.
    pub(crate) fn new(mut kept: Kept, settings: Settings, outbox: UnboundedSender<Due>) -> Option<Self> {
        let keys = kept.dingdang.take().or_else(dingdang::KeptKeys::made)?;
        Some(Self {
            blueocean: blueocean::Credentials::drawn(&kept.ids, &kept.merchants),
            jubao: jubao::Credentials::drawn(&kept.ids, &kept.merchants),
            dingdang: dingdang::Credentials::of(&kept.ids, &kept.merchants, &keys)?,
            kept: Kept { dingdang: Some(keys), ..kept },
            settings,
            faults: Vec::new(),
            received: Log::default(),
            notified: VecDeque::new(),
            outbox,
            answers: 0,
            tickets: 0,
            revision: 1,
        })
    }

    /// Marks that there is something to save.
    pub(crate) fn touch(&mut self) {
        self.revision += 1;
    }

    /// How the next answer is worded.
    pub(crate) fn dialect(&self) -> Dialect {
        match self.settings.restless_seed {
            Some(seed) => Dialect::from_seed(seed.wrapping_add(self.answers)),
            None => self.settings.dialect.clone(),
        }
    }

    /// A text that no other answer holds.
    pub(crate) fn nonce(&self) -> String {
        self.kept.ids.short("nonce", self.answers)
    }

    /// The unguessable part of the address of the customer's payment code.
    pub(crate) fn code_token(&self) -> String {
        self.kept.ids.draw("payment code page", 0)
    }

    pub(crate) fn gateway_s(&self) -> i64 {
        clock::gateway_s(self.settings.skew_s)
    }

    /// The trade of this number, or the newest one.
    pub(crate) fn find(&mut self, order_no: Option<&str>) -> Option<&mut Trade> {
        match order_no {
            Some(order_no) => self.kept.trades.get_mut(order_no),
            None => self.kept.trades.values_mut().max_by_key(|trade| trade.sequence),
        }
    }

    pub(crate) fn by_token(&self, token: &str) -> Option<&Trade> {
        self.kept.trades.values().find(|trade| trade.token == token)
    }

    /// What the customer did on the phone page; nothing if there is no such page, else whether it changed anything.
    pub(crate) fn tap(&mut self, token: &str, tap: Tap) -> Option<bool> {
        let gateway_s = self.gateway_s();
        let ids = self.kept.ids.clone();
        let trade = self.kept.trades.values_mut().find(|trade| trade.token == token)?;
        let wallet_no = ids.digits("wallet", trade.sequence);
        let changed = trade.tap(tap, wallet_no, clock::now_ms(), gateway_s);
        let paid = (changed && tap == Tap::Pay).then(|| trade.order_no.clone());
        if changed {
            self.touch();
        }
        if let Some(order_no) = paid {
            self.notify_payment(order_no);
        }
        Some(changed)
    }

    /// A payment by the test's own hand: it is booked whatever state the trade is in. Its number, if there is such a trade.
    pub(crate) fn pay(&mut self, order_no: Option<&str>) -> Option<String> {
        let ids = self.kept.ids.clone();
        let trade = self.find(order_no)?;
        let wallet_no = ids.digits("wallet", trade.sequence);
        trade.pay(wallet_no, clock::now_ms());
        let order_no = trade.order_no.clone();
        self.touch();
        self.notify_payment(order_no.clone());
        Some(order_no)
    }

    /// Has a payment notified, if payments are.
    fn notify_payment(&self, order_no: String) {
        if self.settings.notifications.on {
            self.send(Due::Payment(order_no));
        }
    }

    /// The same for a refund.
    pub(crate) fn notify_refund(&self, refund_no: String) {
        if self.settings.notifications.on {
            self.send(Due::Refund(refund_no));
        }
    }

    /// Has something sent. Nobody takes it while the stage ends.
    pub(crate) fn send(&self, due: Due) {
        drop(self.outbox.send(due));
    }
}

pub(crate) struct Stage {
    /// `http://host:port`, as a customer's phone reaches it.
    phone_base: String,
    book: Mutex<Book>,
    store: Option<Store>,
    /// The newest revision on the disk; held while writing.
    saved: Arc<tokio::sync::Mutex<u64>>,
    pub(crate) down: watch::Sender<Option<Down>>,
    stop: watch::Receiver<bool>,
}

impl Stage {
    pub(crate) fn new(book: Book, store: Option<Store>, phone_base: String, stop: watch::Receiver<bool>) -> Self {
        Self { phone_base, book: Mutex::new(book), store, saved: Arc::default(), down: watch::Sender::new(None), stop }
    }

    /// Works on the state while nobody else does.
    pub(crate) fn with<T>(&self, work: impl FnOnce(&mut Book) -> T) -> T {
        work(&mut self.book.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns once everything changed so far is on the disk, if there is a folder for it.
    pub(crate) async fn save(&self) -> io::Result<()> {
        let Some(store) = self.store.clone() else { return Ok(()) };
        let mut saved = Arc::clone(&self.saved).lock_owned().await;
        let (revision, kept) = self.with(|book| {
            let newer = book.revision > *saved;
            (book.revision, newer.then(|| serde_json::to_vec(&book.kept)))
        });
        let Some(bytes) = kept.transpose()? else { return Ok(()) };
        // The lock goes along: a caller who hangs up meanwhile must not let a second writer in.
        let write = move || store.save(&bytes).map(|()| *saved = revision);
        tokio::task::spawn_blocking(write).await?
    }

    pub(crate) fn phone_url(&self, token: &str) -> String {
        format!("{}/phone/{token}", self.phone_base)
    }

    /// The trades and where their phone pages are, the newest first.
    pub(crate) fn trades_newest_first(&self) -> Vec<Trade> {
        let mut trades: Vec<Trade> = self.with(|book| book.kept.trades.values().cloned().collect());
        trades.sort_by_key(|trade| std::cmp::Reverse(trade.sequence));
        trades
    }

    /// Waits, but not beyond the end of the stage.
    pub(crate) async fn unless_stopped(&self, wait: impl Future<Output = ()>) {
        let mut stop = self.stop.clone();
        tokio::select! {
            () = wait => {}
            // An error means that the stage was dropped, which stops it as well.
            _ = stop.wait_for(|stopped| *stopped) => {}
        }
    }

    pub(crate) async fn pause(&self, ms: u64) {
        self.unless_stopped(tokio::time::sleep(Duration::from_millis(ms))).await;
    }

    /// Whether the gateways are out of reach.
    pub(crate) fn is_down(&self) -> bool {
        self.down.borrow().is_some()
    }

    /// Waits while the gateways keep silent.
    pub(crate) async fn silence(&self) {
        let mut down = self.down.subscribe();
        self.unless_stopped(async {
            // The sender lives in `self`, so this ends only by a change.
            drop(down.wait_for(|how| *how != Some(Down::Silent)).await);
        })
        .await;
    }

    /// Pays a new trade by itself if the settings say so.
    pub(crate) fn pay_by_itself(self: &Arc<Self>, order_no: String) {
        let Some(after_ms) = self.with(|book| book.settings.auto_pay_ms) else { return };
        let stage = Arc::clone(self);
        tokio::spawn(async move {
            stage.pause(after_ms).await;
            let token = stage.with(|book| book.find(Some(&order_no)).map(|trade| trade.token.clone()));
            if let Some(token) = token {
                stage.with(|book| book.tap(&token, Tap::Pay));
                // Nobody waits for this answer; the next change saves again.
                drop(stage.save().await);
            }
        });
    }
}
