//! Writing events: stamps, day heads, compare-and-set.

use super::row::Making;
use super::{Inner, News, fault_of_storage, row, unexpected};
use crate::clock::JumpWatch;
use crate::seal::{NoSeal, Seal};
use crate::storage::{Append, NewEvent, Row, StorageFault};
use data_encoding::HEXLOWER;
use jiff::Timestamp;
use jiff::tz::Offset;
use till_core::error::{Code, Refusal};
use till_core::journal::{self, AccountEvent, Event, TillEvent};
use till_core::order::Order;
use till_core::order::event::OrderEvent;
use till_core::rights::Actor;
use till_core::time::{Moment, Stamp};

/// What the till remembers of its own stream.
#[derive(Default)]
pub(super) struct Ledger {
    /// Events of the till's own stream.
    pub(super) seen: u64,
    /// The day that new events fall on; the days before it have their heads.
    pub(super) day: Option<String>,
    /// The public half that the journal's first event names, hex.
    pub(super) public_key: Option<String>,
    /// The till's signing key, once the keyring has given it.
    pub(super) seal: Option<Seal>,
    /// Watches the wall clock.
    pub(super) jumps: JumpWatch,
}

/// An order's events, and what it becomes by them.
pub(super) struct OrderNews<'a> {
    /// The order that the decision was made on; none for a new one.
    pub(super) before: Option<&'a Order>,
    /// The order afterwards.
    pub(super) after: &'a Order,
    /// What its first event says of its making.
    pub(super) made: &'a Making,
    /// What happened.
    pub(super) events: &'a [OrderEvent],
    /// Who acted.
    pub(super) actor: &'a Actor,
    /// The raw answer that the events rest on.
    pub(super) raw: Option<Vec<u8>>,
}

impl Inner {
    /// What an event says about when it happened.
    pub(super) fn stamp(&self, now: Moment) -> Stamp {
        let offset_minutes = self.seams.clock.offset_minutes(now.wall);
        Stamp { wall: now.wall, offset_minutes, day: day_of(now.wall, offset_minutes) }
    }

    fn new_event(&self, event: &Event, actor: &Actor, now: Moment) -> Result<NewEvent, StorageFault> {
        let payload = journal::write(event).map_err(|error| StorageFault::Failed(error.to_string()))?;
        Ok(NewEvent { at: self.stamp(now), actor: actor.word(), payload })
    }

    /// Stores. A file that turns out to be damaged takes on nothing new from then on.
    async fn store(&self, append: Append) -> Result<(), StorageFault> {
        let stored = self.seams.storage.append(vec![append]).await;
        if matches!(stored, Err(StorageFault::Damaged(_))) {
            self.found_damaged();
        }
        stored.map(drop)
    }

    /// Commits an order's events together with its row.
    pub(super) async fn commit_order(&self, news: OrderNews<'_>, now: Moment) -> Result<(), StorageFault> {
        self.head_the_day_before(&self.stamp(now).day, now).await?;
        let mut events = Vec::with_capacity(news.events.len());
        for event in news.events {
            events.push(self.new_event(&Event::Order { event: event.clone() }, news.actor, now)?);
        }
        let append = Append {
            subject: journal::order_subject(news.after.no()),
            seen: news.before.map_or(0, |order| order.seen),
            events,
            row: Some(row::of_order(news.after, news.made.clone())),
            raw: news.raw,
        };
        self.store(append).await
    }

    /// Commits an account's event together with its row.
    pub(super) async fn commit_account(&self, seen: u64, event: AccountEvent, actor: &Actor) -> Result<(), Refusal> {
        let now = self.seams.clock.now();
        let fault = |fault: StorageFault| fault_of_storage(&fault);
        let day = self.stamp(now).day;
        self.head_the_day_before(&day, now).await.map_err(fault)?;
        let account = event.account().clone();
        let json = serde_json::to_string(&account).map_err(|error| unexpected(&error))?;
        let append = Append {
            subject: journal::account_subject(&account.id),
            seen,
            events: vec![self.new_event(&Event::Account { event }, actor, now).map_err(fault)?],
            row: Some(Row::Account { id: account.id.clone(), json }),
            raw: None,
        };
        self.store(append).await.map_err(fault)?;
        self.registry.learn(account);
        // What an account lacks is looked at anew by whatever is built next.
        self.withdraw(&[Code::AccountIncomplete, Code::AddressNotReached, Code::TicketNotHad]);
        self.tell(News::Accounts);
        Ok(())
    }

    /// Appends to a stream of the shop as a whole: its people, its limits.
    pub(super) async fn commit_shop(
        &self,
        subject: &str,
        seen: u64,
        events: Vec<Event>,
        actor: &Actor,
        now: Moment,
    ) -> Result<(), StorageFault> {
        self.head_the_day_before(&self.stamp(now).day, now).await?;
        let events = events.iter().map(|event| self.new_event(event, actor, now)).collect::<Result<_, _>>()?;
        let append = Append { subject: subject.to_owned(), seen, events, row: None, raw: None };
        self.store(append).await
    }

    /// Appends to the till's own stream.
    pub(super) async fn commit_till(
        &self,
        ledger: &mut Ledger,
        event: TillEvent,
        now: Moment,
    ) -> Result<(), StorageFault> {
        let append = Append {
            subject: journal::TILL.to_owned(),
            seen: ledger.seen,
            events: vec![self.new_event(&Event::Till { event }, &Actor::Engine, now)?],
            row: None,
            raw: None,
        };
        match self.store(append).await {
            Ok(()) => ledger.seen = ledger.seen.saturating_add(1),
            Err(StorageFault::Moved) => {
                // An order's task takes "moved" for its own stream and would decide again without end.
                let stream = self.seams.storage.stream(journal::TILL).await?;
                ledger.seen = u64::try_from(stream.len()).unwrap_or(u64::MAX);
                return Err(StorageFault::Failed("the till's own stream had moved on".to_owned()));
            }
            Err(fault) => return Err(fault),
        }
        Ok(())
    }

    /// Signs the newest event of the day that is over, before the first event of a new day is written.
    async fn head_the_day_before(&self, day: &str, now: Moment) -> Result<(), StorageFault> {
        let mut ledger = self.ledger.lock().await;
        if ledger.day.as_deref().is_some_and(|written| written >= day) {
            return Ok(());
        }
        if ledger.seal.is_none() {
            self.fetch_seal(&mut ledger).await;
        }
        if let (Some(over), Some(seal)) = (&ledger.day, &ledger.seal)
            && let Some((seq, hash)) = self.seams.storage.head().await?
        {
            let hash = HEXLOWER.encode(&hash);
            let message = journal::day_head_message(&self.till_id, over, seq, &hash);
            let head = TillEvent::DayHead { day: over.clone(), seq, hash, signature: seal.sign(&message) };
            self.commit_till(&mut ledger, head, now).await?;
        }
        // Without its key the till trades on: the next head that can be signed covers these days too.
        if ledger.day.is_none() || ledger.seal.is_some() {
            ledger.day = Some(day.to_owned());
        }
        Ok(())
    }

    pub(super) async fn fetch_seal(&self, ledger: &mut Ledger) {
        match Seal::of_till(self.seams.keyring.as_ref(), &self.till_id, ledger.public_key.as_deref()).await {
            Ok(seal) => {
                ledger.seal = Some(seal);
                self.withdraw(&[Code::SealGone]);
            }
            Err(NoSeal::Keyring(fault)) => {
                self.keyring_refused(&fault);
            }
            Err(NoSeal::Unusable(rejected)) => self.notice(unexpected(&rejected)),
            Err(fault @ (NoSeal::Gone | NoSeal::AnotherTill)) => {
                self.notice(Refusal::of(Code::SealGone).with("reason", fault));
            }
        }
    }

    /// Looks whether the wall clock was set since the last look, and journals a jump.
    pub(super) async fn look_at_clock(&self) -> Result<(), Refusal> {
        let mut ledger = self.ledger.lock().await;
        let now = self.seams.clock.now();
        let before = ledger.jumps.clone();
        let Some(by) = ledger.jumps.look(now) else { return Ok(()) };
        self.forget_skews();
        let written = self.commit_till(&mut ledger, TillEvent::ClockJumped { by }, now).await;
        if written.is_err() {
            // The next look finds it again.
            ledger.jumps = before;
        }
        written.map_err(|fault| fault_of_storage(&fault))
    }
}

/// The business day: the local date.
pub(crate) fn day_of(wall: i64, offset_minutes: i16) -> String {
    let at = Timestamp::from_microsecond(wall).unwrap_or(Timestamp::UNIX_EPOCH);
    offset_of(offset_minutes).to_datetime(at).date().to_string()
}

/// RFC 3339 with the offset of the place.
pub(crate) fn rfc3339(wall: i64, offset_minutes: i16) -> String {
    let at = Timestamp::from_microsecond(wall).unwrap_or(Timestamp::UNIX_EPOCH);
    at.display_with_offset(offset_of(offset_minutes)).to_string()
}

fn offset_of(minutes: i16) -> Offset {
    Offset::from_seconds(i32::from(minutes).saturating_mul(60)).unwrap_or(Offset::UTC)
}
