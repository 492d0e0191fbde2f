//! Launching: the first event or the whole past, then every order that has not ended is asked for first.

use super::bookings::{Booking, Bookings};
use super::commit::Ledger;
use super::dealing::Registry;
use super::gate::Caps;
use super::life::Message;
use super::outside::OwnRequests;
use super::sell::may_pass;
use super::ticket::Tickets;
use super::turns::Turns;
use super::words::{damaged_at, fault_of_launch};
use super::{
    Inner, Profile, Pulse, Seams, Till, catalogue, fault_of_keyring, fault_of_storage, people, recovery, show,
};
use crate::clock::JumpWatch;
use crate::seal::{self, Seal};
use crate::storage::{OrderRow, OrderSearch, RefundSearch};
use parking_lot::{Mutex, RwLock};
use secrecy::SecretSlice;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64};
use till_core::account::Account;
use till_core::error::{Code, Refusal};
use till_core::gateway;
use till_core::gateway::descriptor::{Channel, Descriptor};
use till_core::journal::{self, Event, TillEvent};
use till_core::number;
use till_core::operator::pin::Cost;
use till_core::order::again::{Again, LOOK_BACK, again};
use till_core::time::{MINUTE, SECOND, Stamp};
use tokio::sync::broadcast;

/// What a launch needs besides its seams.
#[derive(Debug, Clone)]
pub struct Launch {
    /// Whether this is training. It must be what the journal says.
    pub training: bool,
    /// The program's version.
    pub version: String,
    /// What settings say.
    pub profile: Profile,
    /// Caps per account.
    pub caps: Caps,
    /// What keeping a new PIN costs.
    pub pins: Cost,
}

impl Till {
    /// Takes up the till of `seams.storage`, or makes a new one in an empty journal.
    pub async fn launch(seams: Seams, launch: Launch) -> Result<Self, Refusal> {
        let first = seams.storage.after(0, 1).await.map_err(|fault| fault_of_launch(&fault))?;
        let opened = first.first().map(|stored| journal::read(&stored.payload));
        let (till_id, fresh) = match opened {
            None => (new_till_id(&seams)?, true),
            Some(Ok(Event::Till { event: TillEvent::Opened { till_id, training, .. } }))
                if training == launch.training =>
            {
                (till_id, false)
            }
            Some(Ok(Event::Till { event: TillEvent::Opened { .. } })) => {
                return Err(Refusal::of(Code::JournalOfOtherKind));
            }
            Some(_) => {
                tracing::error!("the journal's first event is none that a till begins with");
                return Err(damaged_at(1));
            }
        };
        let version = launch.version.clone();
        let inner = Arc::new(Inner::new(seams, launch, till_id));
        if fresh {
            inner.open(&version).await?;
        } else {
            inner.take_up().await?;
        }
        Ok(Self { inner })
    }

    /// The till of `seams.storage` as far as its people go: who may do what to it while it stands still. No order is taken up, and
    /// nothing is asked.
    pub async fn at_the_door(seams: Seams, launch: Launch) -> Result<Self, Refusal> {
        let first = seams.storage.after(0, 1).await.map_err(|fault| fault_of_launch(&fault))?;
        let opened = first.first().and_then(|stored| journal::read(&stored.payload).ok());
        let Some(Event::Till { event: TillEvent::Opened { till_id, .. } }) = opened else { return Err(damaged_at(1)) };
        let inner = Arc::new(Inner::new(seams, launch, till_id));
        inner.take_up_ledger().await?;
        inner.load_people().await?;
        Ok(Self { inner })
    }
}

fn channel_of(row: &OrderRow) -> Option<(&'static Descriptor, &'static Channel)> {
    let descriptor = gateway::named(&row.gateway)?.descriptor();
    Some((descriptor, Account::channel(descriptor, &row.channel)?))
}

fn new_till_id(seams: &Seams) -> Result<String, Refusal> {
    let mut random = [0; 8];
    seams.randomness.fill(&mut random).map_err(|fault| super::unexpected(&fault))?;
    Ok(number::till_id(random))
}

impl Inner {
    fn new(seams: Seams, launch: Launch, till_id: String) -> Self {
        let (news, _) = broadcast::channel(4_096);
        Self {
            seams,
            profile: RwLock::new(launch.profile),
            public_address: RwLock::new(None),
            till_id,
            training: launch.training,
            caps: launch.caps,
            pins: launch.pins,
            registry: Registry::default(),
            gates: Mutex::new(BTreeMap::new()),
            damaged: AtomicBool::new(false),
            live: Mutex::new(BTreeMap::new()),
            on_screen: RwLock::new(None),
            seq: AtomicU64::new(0),
            news,
            health: Mutex::new(Pulse::default()),
            ledger: tokio::sync::Mutex::new(Ledger::default()),
            further: tokio::sync::Mutex::new(()),
            flagging: tokio::sync::Mutex::new(()),
            refunding: tokio::sync::Mutex::new(()),
            keeping: tokio::sync::Mutex::new(()),
            adopting: tokio::sync::Mutex::new(()),
            paying: Turns::default(),
            catalogues: catalogue::Readings::default(),
            recovery: Mutex::new(recovery::Watch::default()),
            today: Mutex::new(show::Takings::default()),
            staff: people::Staff::default(),
            bookings: Bookings::default(),
            reception: Mutex::default(),
            own_requests: OwnRequests::default(),
            tickets: Tickets::default(),
        }
    }

    /// The first event of a new journal. Its key is in the keyring before the journal speaks of it.
    async fn open(self: &Arc<Self>, version: &str) -> Result<(), Refusal> {
        let seed: SecretSlice<u8> = self.random::<32>()?.to_vec().into();
        let seal = Seal::from_seed(&seed).map_err(|rejected| super::unexpected(&rejected))?;
        let stored = self.seams.keyring.set(&seal::secret_name(&self.till_id), &seed).await;
        stored.map_err(|fault| fault_of_keyring(&fault))?;
        let mut ledger = self.ledger.lock().await;
        let now = self.seams.clock.now();
        let opened = TillEvent::Opened {
            till_id: self.till_id.clone(),
            public_key: seal.public_key(),
            version: version.to_owned(),
            training: self.training,
        };
        ledger.day = Some(self.stamp(now).day);
        ledger.public_key = Some(seal.public_key());
        ledger.seal = Some(seal);
        ledger.jumps.look(now);
        self.commit_till(&mut ledger, opened, now).await.map_err(|fault| fault_of_storage(&fault))
    }

    /// The till's own stream: where it stands, on which day, and by which key it signs.
    async fn take_up_ledger(&self) -> Result<(), Refusal> {
        let fault = |fault: crate::storage::StorageFault| fault_of_launch(&fault);
        let first = self.seams.storage.after(0, 1).await.map_err(fault)?;
        let newest = self.seams.storage.latest(journal::TILL, u64::MAX, 1).await.map_err(fault)?;
        let mut ledger = self.ledger.lock().await;
        ledger.seen = newest.first().map_or(0, |newest| newest.subject_seq);
        if let Some(newest) = self.newest().await? {
            ledger.jumps = JumpWatch::after(newest.wall);
            ledger.day = Some(newest.day);
        }
        ledger.public_key = first.first().and_then(|opened| match journal::read(&opened.payload) {
            Ok(Event::Till { event: TillEvent::Opened { public_key, .. } }) => Some(public_key),
            Ok(
                Event::Till { .. }
                | Event::Account { .. }
                | Event::Order { .. }
                | Event::Operators { .. }
                | Event::Limits { .. },
            )
            | Err(_) => None,
        });
        self.fetch_seal(&mut ledger).await;
        Ok(())
    }

    async fn take_up(self: &Arc<Self>) -> Result<(), Refusal> {
        self.take_up_ledger().await?;
        self.load_people().await?;
        self.load_accounts().await?;
        // Whatever a launch can fail by is read before the first task begins: tasks of a till that there is not would go on asking
        // and writing, beside those of the next one.
        let open = self.every(&OrderSearch { open: Some(true), ..OrderSearch::default() }).await?;
        let refunded = self.with_open_refunds().await?;
        let by_hand = self.every(&OrderSearch { by_hand: Some(true), ..OrderSearch::default() }).await?;
        self.count_today().await?;
        self.tell_of_restores(&open).await.map_err(|fault| fault_of_launch(&fault))?;

        if let Err(refusal) = self.look_at_clock().await {
            tracing::warn!(code = ?refusal.code, "that the clock was set is not in the journal");
        }
        self.recover(open.iter().map(|row| row.order_no.clone()).collect());
        for row in &open {
            if let Err(refusal) = self.wake(&row.order_no).await {
                self.recovery.lock().not_asked(&row.order_no);
                self.wake_later(row.order_no.clone(), &refusal);
                self.notice(refusal);
            }
        }
        // Each is asked for, or sent if it never was.
        for order_no in refunded {
            if let Err(refusal) = self.wake(&order_no).await {
                self.wake_later(order_no, &refusal);
                self.notice(refusal);
            }
        }
        for row in by_hand {
            // The till goes on asking whether the gateway knows what two people marked; each order's own task knows for how long.
            if let Err(refusal) = self.wake(&row.order_no).await {
                self.wake_later(row.order_no, &refusal);
                self.notice(refusal);
            }
        }
        let (till, booking) = (Arc::clone(self), self.bookings.begin());
        // Beside everything else: a launch does not wait for reading what a week has sold.
        tokio::spawn(async move { till.look_back(booking).await });
        Ok(())
    }

    /// Orders whose refunds had not ended.
    async fn with_open_refunds(&self) -> Result<Vec<String>, Refusal> {
        let mut search = RefundSearch { open: Some(true), limit: 500, ..RefundSearch::default() };
        let mut orders = Vec::new();
        loop {
            let page = self.seams.storage.refunds(&search).await.map_err(|fault| fault_of_storage(&fault))?;
            let Some(last) = page.last() else { return Ok(orders) };
            search.after = Some((last.requested_at, last.refund_no.clone()));
            orders.extend(page.into_iter().map(|row| row.order_no));
        }
    }

    /// An order whose task could not begin because the disk gave nothing: tried again. What cannot be read at all stays as it is.
    fn wake_later(self: &Arc<Self>, order_no: String, why: &Refusal) {
        if !may_pass(why) {
            return;
        }
        let till = Arc::clone(self);
        tokio::spawn(async move {
            if let Err(refusal) = till.wake_patiently(&order_no).await {
                till.notice(refusal);
            }
        });
    }

    /// Orders that ended within the last days: unpaid ones are asked for once, paid ones are compared by sale, and looked after where a reverse may still take the payment back.
    async fn look_back(self: &Arc<Self>, booking: Booking) {
        let ended = self.lately_ended().await;
        let mut paid: BTreeMap<String, String> = BTreeMap::new();
        let (mut reversible, mut unconfirmed, mut twice) = (Vec::new(), Vec::new(), Vec::new());
        for row in ended {
            let Again { ask, confirm, mind_reverse } = again(row.paid_at.is_some(), channel_of(&row));
            if ask {
                if let Err(refusal) = self.wake(&row.order_no).await {
                    self.wake_later(row.order_no, &refusal);
                    self.notice(refusal);
                }
                continue;
            }
            if confirm {
                unconfirmed.push(row.order_no.clone());
            }
            if mind_reverse {
                reversible.push(row.order_no.clone());
            }
            if let Some(other) = paid.insert(row.sale.clone(), row.order_no.clone()) {
                twice.push((row.sale.clone(), other));
            }
        }
        for (sale, other) in twice {
            self.look_for_double_payment(&sale, &other).await;
        }
        drop(booking);
        self.look_after_reverses(&reversible).await;
        self.confirm(&unconfirmed);
    }

    /// What ended within the last days. What the disk does not give is tried again, with pauses that double up to a minute.
    async fn lately_ended(&self) -> Vec<OrderRow> {
        let clock = &self.seams.clock;
        let since = clock.now().wall.saturating_sub(LOOK_BACK);
        let search = OrderSearch { open: Some(false), ended_from: Some(since), ..OrderSearch::default() };
        let mut pause = SECOND;
        loop {
            match self.every(&search).await {
                Ok(ended) => return ended,
                // No pause mends that.
                Err(refusal) if refusal.code == Code::JournalDamaged => {
                    self.found_damaged();
                    return Vec::new();
                }
                Err(refusal) => self.notice(refusal),
            }
            clock.sleep_until(clock.now().plus(pause).boot).await;
            pause = pause.saturating_mul(2).min(MINUTE);
        }
    }

    /// A reverse that left in a run before may arrive in this one.
    async fn look_after_reverses(self: &Arc<Self>, paid: &[String]) {
        for order_no in paid {
            let woken = match self.read_order(order_no).await {
                Ok((order, _)) if order.reverse_left => self.wake(order_no).await,
                read => read.map(|_| ()),
            };
            if let Err(refusal) = woken {
                // A task that finds nothing to do goes again.
                self.wake_later(order_no.clone(), &refusal);
                self.notice(refusal);
            }
        }
    }

    /// Payments that were told without being stated: each is asked about, for no earlier run says that it was confirmed.
    fn confirm(self: &Arc<Self>, paid: &[String]) {
        for order_no in paid {
            let (till, order_no) = (Arc::clone(self), order_no.clone());
            // Each for itself: one that the disk does not give keeps no other from being confirmed.
            tokio::spawn(async move {
                if let Err(refusal) = till.deliver_patiently(&order_no, Message::Confirm).await {
                    till.notice(refusal);
                }
            });
        }
    }

    /// Every row of a search, page by page.
    pub(super) async fn every(&self, search: &OrderSearch) -> Result<Vec<OrderRow>, Refusal> {
        let mut search = OrderSearch { limit: 500, ..search.clone() };
        let mut rows = Vec::new();
        loop {
            let page = self.seams.storage.orders(&search).await.map_err(|fault| fault_of_storage(&fault))?;
            let Some(last) = page.last() else { return Ok(rows) };
            let at = search.ended_from.map_or(last.created_at, |_| last.ended_at.unwrap_or_default());
            search.after = Some((at, last.order_no.clone()));
            rows.extend(page);
        }
    }

    /// When the newest event happened.
    async fn newest(&self) -> Result<Option<Stamp>, Refusal> {
        let fault = |fault: crate::storage::StorageFault| fault_of_launch(&fault);
        let Some((seq, _)) = self.seams.storage.head().await.map_err(fault)? else { return Ok(None) };
        let newest = self.seams.storage.after(seq.saturating_sub(1), 1).await.map_err(fault)?;
        Ok(newest.first().map(|stored| stored.at.clone()))
    }
}
