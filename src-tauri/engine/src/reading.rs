//! Reading a till's folder beside its engine, or without one: orders, accounts and the feed of events.
//!
//! Takes no lock, needs no keyring, sends nothing, and works on a damaged journal as far as its events can be read.

mod days;
mod evidence;
mod in_order;
mod latency;
mod orders;
mod refunds;

use crate::clock::{Clock, MachineClock};
use crate::day_head::verify_all;
use crate::export::Found;
use crate::journal::{Flaw, Journal, Project as _, Verification, is_there};
use crate::off_thread::off_thread;
use crate::storage::{OrderSearch, RefundSearch, Storage, StorageFault, StoredEvent};
use crate::till::{
    Replay, account_view, by_hand_shown, day_of, fault_of_reader, fault_of_storage, fault_of_stream, limits_of,
    limits_view, operator_view, paid_beside_shown, people_of, refund_view, replay, rfc3339, unexpected, unreadable,
    unreadable_account,
};
use crate::view::people::{LimitsView, OperatorView};
use crate::view::refunds::{ByHandView, RefundView};
use crate::view::{AccountView, OrderView, PaidBeside};
use data_encoding::HEXLOWER;
pub(crate) use evidence::KeptAnswer;
pub(crate) use in_order::{Looked, Told};
use jiff::Timestamp;
use jiff::fmt::temporal::Pieces;
pub(crate) use latency::spans_of;
pub use latency::{LatencyLine, SpanLine};
pub use orders::OrdersWanted;
pub use refunds::RefundsWanted;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use till_core::account::Account;
use till_core::error::{Code, Refusal};
use till_core::gateway::descriptor::Presented;
use till_core::gateway::named;
use till_core::gateway::reaction::{Reaction, Said};
use till_core::journal::{self, Event, TillEvent};
use till_core::order::event::{NoOutcome, OrderEvent};
use till_core::order::refund::Refund;
use till_core::order::{Attention, Order, State};
use till_core::rights::Actor;
use till_core::time::{DAY, Stamp};

/// Name of the journal in the data folder.
pub const FILE: &str = "journal.sqlite";

/// Events and orders that are read at a time.
const PAGE: u32 = 500;

/// A till's folder, for reading. A copy reads by the same connections.
#[derive(Debug, Clone)]
pub struct Reading {
    /// `None` where no till has been here yet.
    journal: Option<Arc<Journal>>,
    path: PathBuf,
    till_id: String,
    public_key: String,
    training: bool,
    clock: MachineClock,
}

/// One event of the feed, as `journal list --json` prints it.
#[derive(Debug, Serialize, Deserialize)]
pub struct EventLine {
    /// Together with `seq` unique among all tills.
    pub till_id: String,
    /// Position in the journal, from 1.
    pub seq: u64,
    /// `till`, `account/<id>` or `order/<order_no>`; `None` where it cannot be told.
    pub subject: Option<String>,
    /// Position among its subject's events, from 1.
    pub subject_seq: Option<u64>,
    /// When, RFC 3339.
    pub at: Option<String>,
    /// Business day.
    pub day: Option<String>,
    /// Who.
    pub actor: Option<String>,
    /// The payload, as it is stored but for what is kept of PINs.
    pub event: Option<Box<RawValue>>,
    /// Chain value, hex.
    pub hash: Option<String>,
    /// Why it cannot be read.
    pub fault: Option<String>,
}

impl EventLine {
    /// When it happened, as the chain counts it.
    pub(crate) fn stamp(&self) -> Option<Stamp> {
        let (at, day) = (self.at.as_ref()?, self.day.clone()?);
        let wall = at.parse::<Timestamp>().ok()?.as_microsecond();
        let offset = Pieces::parse(at).ok()?.to_numeric_offset()?;
        let offset_minutes = i16::try_from(offset.seconds().checked_div(60)?).ok()?;
        Some(Stamp { wall, offset_minutes, day })
    }

    /// The event that it prints; `None` where a part of it is missing.
    pub(crate) fn stored(&self) -> Option<StoredEvent> {
        Some(StoredEvent {
            seq: self.seq,
            subject: self.subject.clone()?,
            subject_seq: self.subject_seq?,
            at: self.stamp()?,
            actor: self.actor.clone()?,
            payload: self.event.as_ref()?.get().as_bytes().to_vec(),
            hash: HEXLOWER.decode(self.hash.as_ref()?.as_bytes()).ok()?.try_into().ok()?,
        })
    }
}

/// What the journal tells of an order besides its picture.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Background {
    /// Who shows a code.
    pub presented: Presented,
    /// Whether its gateway closes orders.
    pub closes: bool,
    /// Its code never reached the till: nobody can pay it.
    pub link_lost: bool,
    /// The gateway answered the create and gave nothing to pay with.
    pub gave_no_code: bool,
    /// The gateway refused the create: no code came of it, and none was lost.
    pub create_refused: bool,
    /// An integrator's app pays it, with parameters, and no code is ever shown.
    pub by_parameters: bool,
    /// The gateway said that the customer's last try did not go through; another try is possible.
    pub declined: bool,
    /// Why nobody knows what became of its create; none where that is known, or was never unknown.
    pub create_trouble: Option<NoOutcome>,
    /// What the gateway said when it failed, when it declined the last try, or instead of an outcome; none in any other state.
    pub said: Option<Said>,
    /// The error code that the last close or reverse of an open order was answered with.
    pub end_said: Option<Said>,
    /// The gateway answered a close or a reverse of it by saying that it has ended; its state tells whether a query shows that.
    pub end_answered: bool,
    /// What people marked by hand, oldest first.
    pub by_hand: Vec<ByHandView>,
}

impl Reading {
    /// Opens the journal of a data folder.
    pub async fn open(folder: &Path) -> Result<Self, Refusal> {
        Self::open_file(&folder.join(FILE)).await
    }

    /// Opens a journal by its file.
    pub async fn open_file(path: &Path) -> Result<Self, Refusal> {
        let path = path.to_owned();
        let journal = if is_there(&path) { Some(Arc::new(opened(path.clone()).await?)) } else { None };
        let (till_id, public_key) = (String::new(), String::new());
        let mut reading = Self { journal, path, till_id, public_key, training: false, clock: MachineClock::new() };
        let first = match &reading.journal {
            // What the first event says is not needed to read the others.
            Some(journal) => journal.after(0, 1).await.unwrap_or_default(),
            None => Vec::new(),
        };
        let opened = first.first().and_then(|stored| journal::read(&stored.payload).ok());
        if let Some(Event::Till { event: TillEvent::Opened { till_id, public_key, training, .. } }) = opened {
            reading.till_id = till_id;
            reading.public_key = public_key;
            reading.training = training;
        }
        Ok(reading)
    }

    /// Whether a till has been here.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.journal.is_some()
    }

    /// Whether it goes on showing what was there when it was opened, whatever is written meanwhile.
    #[must_use]
    pub fn stands_still(&self) -> bool {
        self.journal.as_ref().is_some_and(|journal| journal.stands_still())
    }

    /// The till's id; empty where no till has been here yet.
    #[must_use]
    pub fn till_id(&self) -> &str {
        &self.till_id
    }

    /// The public half of the till's key, hex; empty where no till has been here yet.
    #[must_use]
    pub fn public_key(&self) -> &str {
        &self.public_key
    }

    /// Whether it is training's.
    #[must_use]
    pub fn is_training(&self) -> bool {
        self.training
    }

    /// Position of the newest event; 0 where there is none.
    pub async fn newest_seq(&self) -> Result<u64, Refusal> {
        Ok(self.head().await?.map_or(0, |(seq, _)| seq))
    }

    /// Position and chain value of the newest event.
    pub(crate) async fn head(&self) -> Result<Option<(u64, [u8; 32])>, Refusal> {
        let Some(journal) = &self.journal else { return Ok(None) };
        journal.head().await.map_err(|fault| fault_of_storage(&fault))
    }

    /// What a verification of the whole journal finds wrong. Takes as long as that does.
    pub(crate) async fn verified(&self) -> Result<Option<Found>, Refusal> {
        let path = self.path.clone();
        match off_thread(move || verify_all(&path, false)).await.map_err(|error| unexpected(&error))? {
            Ok(Verification { kind, first_bad_seq, .. }) => Ok(kind.map(|kind| Found { kind, first_bad_seq })),
            Err(StorageFault::Damaged(_)) => Ok(Some(Found { kind: Flaw::FileDamaged, first_bad_seq: None })),
            Err(fault) => Err(fault_of_storage(&fault)),
        }
    }

    /// The newest event; none where there is none.
    pub(crate) async fn newest(&self) -> Result<Option<StoredEvent>, Refusal> {
        let (Some(journal), Some((seq, _))) = (&self.journal, self.head().await?) else { return Ok(None) };
        let newest = journal.after(seq.saturating_sub(1), 1).await.map_err(|fault| fault_of_storage(&fault))?;
        Ok(newest.into_iter().next())
    }

    /// A moment of this machine's clock as the journal writes them.
    pub(crate) fn now(&self) -> String {
        self.moment(self.clock.now().wall)
    }

    /// A moment, UTC microseconds, as the journal writes it.
    pub(crate) fn moment(&self, wall: i64) -> String {
        rfc3339(wall, self.clock.offset_minutes(wall))
    }

    /// The business day before today's.
    pub(crate) fn yesterday(&self) -> String {
        let wall = self.clock.now().wall.saturating_sub(DAY);
        day_of(wall, self.clock.offset_minutes(wall))
    }

    /// One order.
    pub async fn order(&self, order_no: &str) -> Result<OrderView, Refusal> {
        let order = self.replayed(order_no, &self.events_of(order_no).await?)?;
        let order = order.ok_or_else(|| Refusal::of(Code::UnknownOrder).with("order_no", order_no))?;
        Ok(self.view_of(&order))
    }

    /// The refunds of one order, in the order they were asked for.
    pub async fn refunds(&self, order_no: &str) -> Result<Vec<RefundView>, Refusal> {
        Ok(self.refunds_and_open(order_no).await?.0)
    }

    /// The same, and whether the gateway is still asked about one of them: it has not ended, or an answer contradicts its end.
    pub async fn refunds_and_open(&self, order_no: &str) -> Result<(Vec<RefundView>, bool), Refusal> {
        let Some(order) = self.replayed_of(order_no).await? else { return Ok((Vec::new(), false)) };
        let refunds = order.refunds.iter().map(|refund| self.refund_of(&order, refund)).collect();
        Ok((refunds, order.refunds.iter().any(Refund::is_open)))
    }

    /// What is paid beside an order that is the payment too many of its sale, and why others may be missing: the journal does not
    /// give all of the sale's orders. An error where it does not give the order itself.
    pub async fn paid_beside(&self, order_no: &str) -> Result<(Vec<PaidBeside>, Option<Refusal>), Refusal> {
        let order = self.replayed_of(order_no).await?;
        let flagged = order.filter(|order| order.attention.contains(&Attention::DoublePayment));
        let (Some(journal), Some(order)) = (&self.journal, flagged) else { return Ok((Vec::new(), None)) };
        let search = OrderSearch { sale: Some(order.draft.sale), limit: PAGE, ..OrderSearch::default() };
        let rows = match journal.orders(&search).await {
            Ok(rows) => rows,
            Err(fault) => return Ok((Vec::new(), Some(fault_of_storage(&fault)))),
        };
        let (mut orders, mut fault) = (Vec::new(), None);
        for row in rows {
            match self.replayed_of(&row.order_no).await {
                Ok(order) => orders.extend(order),
                Err(refusal) => fault = fault.or(Some(refusal)),
            }
        }
        Ok((paid_beside_shown(order_no, &orders, |wall| self.clock.offset_minutes(wall)), fault))
    }

    /// What the journal tells of an order besides its picture.
    pub async fn background(&self, order_no: &str) -> Result<Background, Refusal> {
        let events = self.events_of(order_no).await?;
        let order = self
            .replayed(order_no, &events)?
            .ok_or_else(|| Refusal::of(Code::UnknownOrder).with("order_no", order_no))?;
        let newest_first = || {
            events.iter().rev().filter_map(|stored| match journal::read(&stored.payload) {
                Ok(Event::Order { event, .. }) => Some(event),
                Ok(_) | Err(_) => None,
            })
        };
        let mut create = newest_first().filter_map(|event| {
            if let OrderEvent::CreateUnknown { trouble, .. } = event { Some(trouble) } else { None }
        });
        let trouble = create.next();
        let declined = newest_first()
            .find_map(|event| if let OrderEvent::Unpaid(reported) = event { Some(reported.report.said) } else { None });
        let of_create = || trouble.clone().and_then(|trouble| said_instead(&trouble));
        let when_declined = declined.flatten().or_else(of_create).filter(|said| {
            // That the customer had yet to confirm is no reason for a try that did not go through.
            order.state == State::AwaitingPayment && order.declined && said.reaction != Reaction::AwaitsCustomer
        });
        // For as long as the gateway has not shown that it knows the order.
        let create_trouble = trouble.filter(|_| !order.known_there && order.payment.is_none());
        let end = newest_first().filter_map(|event| {
            if let OrderEvent::Ended { reported, .. } = event { Some(reported?.report.said) } else { None }
        });
        let when_it_failed = end.take(usize::from(order.state == State::Failed)).next().flatten();
        let instead = create_trouble.as_ref().and_then(said_instead);
        let offset = self.clock.offset_minutes(order.drafted.wall);
        let gateway = named(&order.draft.gateway);
        let channel = gateway.and_then(|gateway| Account::channel(gateway.descriptor(), &order.draft.channel));
        Ok(Background {
            by_hand: order.marks.iter().map(|by_hand| by_hand_shown(&order, by_hand, offset)).collect(),
            presented: order.draft.presented,
            closes: gateway.is_none_or(|gateway| gateway.closing().is_some()),
            link_lost: order.link_lost(),
            gave_no_code: order.gave_no_code(),
            create_refused: order.create_refused(),
            by_parameters: channel.is_some_and(|channel| order.is_paid_by_parameters(channel)),
            declined: order.declined,
            create_trouble,
            said: when_it_failed.or(when_declined).or(instead),
            end_said: order.end_said.clone().filter(|_| !order.state.has_ended()),
            end_answered: order.closing.accepted,
        })
    }

    /// When it is asked for next only a running till knows.
    fn refund_of(&self, order: &Order, refund: &Refund) -> RefundView {
        let offset = self.clock.offset_minutes(order.drafted.wall);
        RefundView { next_query_at: None, ..refund_view(order, refund, None, offset, self.clock.now()) }
    }

    async fn events_of(&self, order_no: &str) -> Result<Vec<StoredEvent>, Refusal> {
        let Some(journal) = &self.journal else { return Ok(Vec::new()) };
        let subject = journal::order_subject(order_no);
        journal.stream(&subject).await.map_err(|fault| fault_of_stream(&subject, &fault))
    }

    /// `None` where there is no event of it yet.
    async fn replayed_of(&self, order_no: &str) -> Result<Option<Order>, Refusal> {
        self.replayed(order_no, &self.events_of(order_no).await?)
    }

    /// `None` where there is no event of it yet.
    fn replayed(&self, order_no: &str, events: &[StoredEvent]) -> Result<Option<Order>, Refusal> {
        if events.is_empty() {
            return Ok(None);
        }
        match replay(events, self.clock.now()) {
            Ok(Some(order)) => Ok(Some(order)),
            Ok(None) | Err(_) => Err(unreadable(journal::order_subject(order_no))),
        }
    }

    /// What cannot be read of all that a running till goes by: orders and refunds that have not ended, accounts, people, limits.
    pub async fn unreadable(&self) -> Result<Vec<Refusal>, Refusal> {
        let Some(journal) = &self.journal else { return Ok(Vec::new()) };
        let mut order_nos = BTreeSet::new();
        let mut last = None;
        loop {
            let page = self.order_rows(&OrdersWanted::open(), last.as_ref()).await?;
            order_nos.extend(page.iter().map(|row| row.order_no.clone()));
            let Some(end) = page.into_iter().next_back() else { break };
            last = Some(end);
        }
        let mut search = RefundSearch { open: Some(true), limit: PAGE, ..RefundSearch::default() };
        loop {
            let page = journal.refunds(&search).await.map_err(|fault| fault_of_storage(&fault))?;
            order_nos.extend(page.iter().map(|row| row.order_no.clone()));
            let Some(end) = page.into_iter().next_back() else { break };
            search.after = Some((end.requested_at, end.refund_no));
        }
        let mut found = Vec::new();
        for order_no in order_nos {
            found.extend(self.order(&order_no).await.err());
        }
        for row in journal.accounts().await.map_err(|fault| fault_of_storage(&fault))? {
            let Ok(account) = serde_json::from_str::<Account>(&row) else {
                found.push(unreadable("account"));
                continue;
            };
            let subject = journal::account_subject(&account.id);
            let events = journal.stream(&subject).await;
            if events.is_ok_and(|events| Replay.row(&subject, &events).is_ok()) {
                continue;
            }
            found.push(unreadable_account(&account.name));
        }
        found.extend(self.operators().await.err());
        found.extend(self.limits().await.err());
        Ok(found)
    }

    /// Accounts in use, in order of creation.
    pub async fn accounts(&self) -> Result<Vec<AccountView>, Refusal> {
        let mut accounts = self.every_account().await?;
        accounts.retain(|account| !account.retired);
        Ok(accounts.iter().map(|account| account_view(account, self.training)).collect())
    }

    /// One account by its name.
    pub async fn account(&self, name: &str) -> Result<AccountView, Refusal> {
        let accounts = self.every_account().await?;
        let found = accounts.iter().find(|account| account.name == name);
        let account = found.ok_or_else(|| Refusal::of(Code::UnknownAccount).with("name", name))?;
        Ok(account_view(account, self.training))
    }

    /// Accounts, those out of use too.
    pub(crate) async fn every_account(&self) -> Result<Vec<Account>, Refusal> {
        let Some(journal) = &self.journal else { return Ok(Vec::new()) };
        let rows = journal.accounts().await.map_err(|fault| fault_of_storage(&fault))?;
        rows.iter().map(|row| serde_json::from_str(row).map_err(|error| unexpected(&error))).collect()
    }

    /// Everybody at the till, removed ones too, in the order in which they came. What an engine has measured of a lock-out and
    /// not yet written down is not known here.
    pub async fn operators(&self) -> Result<Vec<OperatorView>, Refusal> {
        let now = self.clock.now();
        let people = people_of(&self.stream(journal::OPERATORS).await?, now);
        if people.are_unreadable() {
            return Err(unreadable(journal::OPERATORS));
        }
        Ok(people.all().map(|operator| operator_view(operator, now, |wall| self.clock.offset_minutes(wall))).collect())
    }

    /// The name of whoever is meant by `typed`, also of somebody who was removed; none: it is nobody's.
    pub async fn person(&self, typed: &str) -> Result<Option<String>, Refusal> {
        let people = people_of(&self.stream(journal::OPERATORS).await?, self.clock.now());
        if people.are_unreadable() {
            return Err(unreadable(journal::OPERATORS));
        }
        let exactly = people.all().find(|person| person.name == typed);
        Ok(exactly.or_else(|| people.whose(typed)).map(|person| person.name.clone()))
    }

    /// Whoever stands at the till without having said who they are.
    pub async fn visitor(&self) -> Result<Actor, Refusal> {
        let people = people_of(&self.stream(journal::OPERATORS).await?, self.clock.now());
        if people.are_unreadable() { Err(unreadable(journal::OPERATORS)) } else { Ok(people.visitor()) }
    }

    /// What refunds are held to.
    pub async fn limits(&self) -> Result<LimitsView, Refusal> {
        let limits = limits_of(&self.stream(journal::LIMITS).await?);
        let limits = limits.ok_or_else(|| unreadable(journal::LIMITS))?;
        Ok(limits_view(&limits))
    }

    async fn stream(&self, subject: &str) -> Result<Vec<StoredEvent>, Refusal> {
        let Some(journal) = &self.journal else { return Ok(Vec::new()) };
        journal.stream(subject).await.map_err(|fault| fault_of_stream(subject, &fault))
    }

    /// Events behind `seq`, oldest first. One that cannot be read comes alone, with its fault. Empty: there are no more.
    pub async fn events(&self, seq: u64) -> Result<Vec<EventLine>, Refusal> {
        let Some(journal) = &self.journal else { return Ok(Vec::new()) };
        match journal.after(seq, PAGE).await {
            Ok(events) => {
                let reading = self.clone();
                beside(move || Ok(events.into_iter().map(|event| reading.line(event)).collect())).await
            }
            Err(StorageFault::Unreadable { seq, subject, reason }) => Ok(vec![EventLine {
                till_id: self.till_id.clone(),
                seq,
                subject,
                subject_seq: None,
                at: None,
                day: None,
                actor: None,
                event: None,
                hash: None,
                fault: Some(reason),
            }]),
            Err(fault) => Err(fault_of_storage(&fault)),
        }
    }

    fn line(&self, stored: StoredEvent) -> EventLine {
        let event = raw(journal::for_people(&stored.subject, stored.payload));
        let fault = event.as_ref().err().map(ToString::to_string);
        EventLine {
            till_id: self.till_id.clone(),
            seq: stored.seq,
            subject: Some(stored.subject),
            subject_seq: Some(stored.subject_seq),
            at: Some(rfc3339(stored.at.wall, stored.at.offset_minutes)),
            day: Some(stored.at.day),
            actor: Some(stored.actor),
            event: event.ok(),
            hash: Some(HEXLOWER.encode(&stored.hash)),
            fault,
        }
    }
}

/// A payload as the JSON that it is.
fn raw(payload: Vec<u8>) -> serde_json::Result<Box<RawValue>> {
    match String::from_utf8(payload) {
        Ok(text) => RawValue::from_string(text),
        Err(fault) => serde_json::from_slice(fault.as_bytes()),
    }
}

/// Telling a page takes a while, and goes on beside whoever writes the page before.
async fn beside<T: Send + 'static>(tell: impl FnOnce() -> Result<T, Refusal> + Send + 'static) -> Result<T, Refusal> {
    off_thread(tell).await.map_err(|error| unexpected(&error))?
}

/// Opening blocks, and so has a thread of its own.
async fn opened(path: PathBuf) -> Result<Journal, Refusal> {
    let opened = off_thread(move || Journal::open_read_only(&path)).await;
    opened.map_err(|error| unexpected(&error))?.map_err(|fault| fault_of_reader(&fault))
}

/// What a gateway said instead of an outcome.
fn said_instead(trouble: &NoOutcome) -> Option<Said> {
    match trouble {
        NoOutcome::Said(said) => Some(said.clone()),
        NoOutcome::NoAnswer(_) | NoOutcome::Unreadable(_) | NoOutcome::Stopped | NoOutcome::AnotherUnheard => None,
    }
}
