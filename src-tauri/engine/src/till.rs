//! The till: the running engine behind a window, a terminal, a socket or a test.
//!
//! One task per open order decides (`till/life.rs`); everything it learns goes through core's rules and the journal before
//! anybody is told. The till holds no rule of its own.

mod accounts;
mod adopt;
mod attention;
mod bookings;
mod catalogue;
mod commit;
mod dealing;
mod find;
mod gate;
mod launch;
mod life;
mod notified;
mod outside;
mod page;
mod partner;
mod paying;
mod people;
mod reception;
mod recovery;
mod refund;
mod refunded;
mod restores;
mod retention;
mod row;
mod sell;
mod show;
mod sought;
mod ticket;
mod turns;
mod twice;
mod typed;
mod verified;
mod words;

use crate::clock::Clock;
use crate::keyring::{Keyring, KeyringFault};
use crate::randomness::Randomness;
use crate::storage::Storage;
use crate::transport::Transport;
use crate::view::Health;
pub use adopt::Named;
pub use gate::Caps;
pub use launch::Launch;
pub use notified::NotAccepted;
pub use page::PayPage;
pub use partner::CallRefused;
pub use people::{Acting, Credentials};
pub use reception::Receiving;
pub(crate) use reception::at_rest as reception_at_rest;
pub use row::Replay;
pub(crate) use verified::unreadable_account;
use words::cannot_record;
pub(crate) use words::not_whole;
pub use words::{
    cause_of, fault_of_file, fault_of_keyring, fault_of_listening, fault_of_reader, fault_of_settings, fault_of_storage,
};
pub(crate) use words::{fault_of_stream, unreadable};

pub(crate) use accounts::account_view;
pub(crate) use commit::{day_of, rfc3339};
pub(crate) use people::{limits_of, limits_view, operator_view, people_of};
pub(crate) use refunded::{by_hand_shown, refund_view};
pub(crate) use row::replay;
pub(crate) use show::order_view;
pub(crate) use sought::instant;
pub(crate) use twice::paid_beside_shown;

use dealing::Registry;
use gate::Gate;
use life::{Message, Published};
use parking_lot::{Mutex, RwLock};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use till_core::error::{Code, Refusal};
use till_core::operator::pin::Cost;
use tokio::sync::{broadcast, mpsc};

/// What the engine reaches the world through. Every one of them can be simulated.
#[derive(Clone)]
pub struct Seams {
    /// Clocks.
    pub clock: Arc<dyn Clock>,
    /// HTTP.
    pub transport: Arc<dyn Transport>,
    /// The journal.
    pub storage: Arc<dyn Storage>,
    /// Chance.
    pub randomness: Arc<dyn Randomness>,
    /// Secrets.
    pub keyring: Arc<dyn Keyring>,
}

/// What the till is told about itself by the machine's settings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    /// What customers read where a sale has no text of its own.
    pub shop_name: String,
    /// `spbill_create_ip`: the address that orders are made from.
    pub client_ip: String,
}

/// Something changed: ask for it. Sequence numbers grow in this run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// An order.
    Order {
        /// Its number.
        order_no: String,
        /// Of its newest picture.
        seq: u64,
    },
    /// Accounts.
    Accounts,
    /// People, a session's worth, or limits.
    People,
    /// Health or notices.
    Health,
}

/// The running engine. Clones are handles of the same till.
#[derive(Clone)]
pub struct Till {
    inner: Arc<Inner>,
}

struct Live {
    inbox: mpsc::UnboundedSender<Message>,
    published: Arc<Published>,
}

struct Inner {
    seams: Seams,
    profile: RwLock<Profile>,
    public_address: RwLock<Option<String>>,
    till_id: String,
    training: bool,
    caps: Caps,
    pins: Cost,
    registry: Registry,
    gates: Mutex<BTreeMap<String, Arc<Gate>>>,
    /// The journal's file turned out to be damaged: nothing new is begun in this run.
    damaged: AtomicBool,
    live: Mutex<BTreeMap<String, Live>>,
    on_screen: RwLock<Option<String>>,
    seq: AtomicU64,
    news: broadcast::Sender<News>,
    health: Mutex<Pulse>,
    ledger: tokio::sync::Mutex<commit::Ledger>,
    /// Held from the look at a sale's earlier orders until its further one is committed.
    further: tokio::sync::Mutex<()>,
    /// Held from the look at the payments of a sale until the flag of what is paid twice is set or taken off.
    flagging: tokio::sync::Mutex<()>,
    /// Held from the look at what a person gave back today until the next refund is committed.
    refunding: tokio::sync::Mutex<()>,
    /// Held from the look at an account as it is, or whether its name is taken, until what it becomes is committed.
    keeping: tokio::sync::Mutex<()>,
    /// Held from the look whether the journal holds an order that was made elsewhere, or a number of it, until it is taken in.
    adopting: tokio::sync::Mutex<()>,
    /// Held from the look whether a payment's number at the gateway is another order's until the payment is committed.
    paying: turns::Turns<String>,
    catalogues: catalogue::Readings,
    recovery: Mutex<recovery::Watch>,
    today: Mutex<show::Takings>,
    staff: people::Staff,
    bookings: bookings::Bookings,
    reception: Mutex<reception::Reception>,
    own_requests: outside::OwnRequests,
    tickets: ticket::Tickets,
}

/// How the till is, from what its orders meet.
#[derive(Debug, Default)]
struct Pulse {
    /// By account: one gateway's answers say nothing of another's silence.
    gateways: BTreeMap<String, Hearing>,
    /// Why the keyring refused, as the log has it.
    keyring: Option<KeyringFault>,
    /// When the newest daily backup was made, UTC microseconds.
    backup_at: Option<i64>,
    /// By code and whom or what it names: what is told of one does not hide what is told of another.
    notices: BTreeMap<(Code, Option<String>), Refusal>,
}

/// How one account's gateway answers.
#[derive(Debug, Clone, Copy, Default)]
struct Hearing {
    answered: Option<till_core::time::Moment>,
    latency: Option<i64>,
    unanswered: u32,
}

impl Till {
    /// The till's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.inner.till_id
    }

    /// Whether this is training.
    #[must_use]
    pub fn training(&self) -> bool {
        self.inner.training
    }

    /// What changes from now on. A receiver that lags misses news, not state: ask for the snapshot.
    #[must_use]
    pub fn news(&self) -> broadcast::Receiver<News> {
        self.inner.news.subscribe()
    }

    /// Takes over changed settings.
    pub fn set_profile(&self, profile: Profile) {
        *self.inner.profile.write() = profile;
    }

    /// Where gateways reach the receiver from outside, without a slash at its end. Orders made from now on are notified there.
    pub fn set_public_address(&self, address: Option<String>) {
        *self.inner.public_address.write() = address;
    }

    /// The order on the cashier's screen is asked for before others.
    pub fn put_on_screen(&self, order_no: Option<String>) {
        *self.inner.on_screen.write() = order_no;
    }

    /// An order's code is painted, or handed to the command line. When that was is written with the next event of the order; one
    /// that nothing happens to any more keeps no ledger.
    pub fn painted(&self, order_no: &str) {
        let _nobody = self.inner.send(order_no, Message::Painted);
    }

    /// How the till is.
    #[must_use]
    pub fn health(&self) -> Health {
        self.inner.health_at(self.inner.seams.clock.now())
    }

    /// Shows a notice until it is withdrawn: something a person should know that stops nothing.
    pub fn notice(&self, refusal: Refusal) {
        self.inner.notice(refusal);
    }

    /// What a notice spoke of is over.
    pub fn withdraw(&self, code: Code) {
        self.inner.withdraw(&[code]);
    }

    /// When the newest daily backup was made; none where there is none.
    pub fn backed_up(&self, at: Option<jiff::Timestamp>) {
        let at = at.map(jiff::Timestamp::as_microsecond);
        let before = std::mem::replace(&mut self.inner.health.lock().backup_at, at);
        if before != at {
            self.inner.tell(News::Health);
        }
    }

    /// The business day, `YYYY-MM-DD`.
    #[must_use]
    pub fn business_day(&self) -> String {
        self.inner.stamp(self.inner.seams.clock.now()).day
    }

    /// Whether no order is open that is watched here.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        self.inner.live.lock().values().all(|live| live.published.order.state.has_ended())
    }

    /// Looks once whether the wall clock was set, and journals a jump.
    pub async fn look_at_clock(&self) -> Result<(), Refusal> {
        self.inner.look_at_clock().await
    }
}

impl Inner {
    fn next_seq(&self) -> u64 {
        self.seq.fetch_add(1, Ordering::SeqCst).saturating_add(1)
    }

    fn tell(&self, news: News) {
        // Nobody listening is not a fault: a window asks when it mounts.
        let _listeners = self.news.send(news);
    }

    fn notice(&self, refusal: Refusal) {
        // A till that runs says by words of its own that its file is damaged: it does not open anything.
        let refusal = if refusal.code == Code::JournalDamaged { cannot_record() } else { refusal };
        let of = ["name", "place", "part"].into_iter().find_map(|fact| refusal.facts.get(fact));
        let key = (refusal.code, of.cloned());
        let mut pulse = self.health.lock();
        if pulse.notices.get(&key) == Some(&refusal) {
            return;
        }
        tracing::warn!(code = ?refusal.code, facts = ?refusal.facts, "notice");
        pulse.notices.insert(key, refusal);
        drop(pulse);
        self.tell(News::Health);
    }

    fn withdraw(&self, codes: &[Code]) {
        let mut pulse = self.health.lock();
        let before = pulse.notices.len();
        pulse.notices.retain(|(code, _), _| !codes.contains(code));
        let changed = pulse.notices.len() != before;
        drop(pulse);
        if changed {
            self.tell(News::Health);
        }
    }

    fn gate(&self, account_id: &str) -> Arc<Gate> {
        Arc::clone(self.gates.lock().entry(account_id.to_owned()).or_insert_with(|| Arc::new(Gate::new(self.caps))))
    }

    fn random<const N: usize>(&self) -> Result<[u8; N], Refusal> {
        let mut bytes = [0; N];
        self.seams.randomness.fill(&mut bytes).map_err(|fault| unexpected(&fault))?;
        Ok(bytes)
    }
}

/// An error that nobody foresaw: its number finds it in the log.
pub(crate) fn unexpected(error: &(dyn std::error::Error + 'static)) -> Refusal {
    Refusal::of(Code::Unexpected).with("incident", crate::log::incident(error))
}
