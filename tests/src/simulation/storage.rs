//! A journal in memory with a disk's manners: slow, full, failing, and dying before or after a commit.

use super::world::{MS, Stage, World};
use async_trait::async_trait;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use till_core::error::Code;
use till_engine::storage::{
    Append, OrderRow, OrderSearch, RefundRow, RefundSearch, Row, Storage, StorageFault, StoredEvent, Taken,
};

/// How the disk fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiskFault {
    /// No space.
    Full,
    /// Cannot be written.
    ReadOnly,
    /// Every other write fails.
    Flaky,
    /// Every third reading fails.
    Unread,
}

/// What is on the disk.
#[derive(Default)]
pub struct Disk {
    /// Every event, in order.
    pub events: Vec<StoredEvent>,
    streams: BTreeMap<String, Vec<usize>>,
    pub(super) orders: BTreeMap<String, OrderRow>,
    refunds: BTreeMap<String, RefundRow>,
    /// Numbers of an order's refunds in the order they were asked for.
    places: BTreeMap<String, Vec<String>>,
    accounts: Vec<(String, String)>,
    raws: BTreeMap<[u8; 32], Vec<u8>>,
    /// Writing, or reading, fails until this world time.
    pub fails_until: i64,
    /// How.
    pub fault: Option<DiskFault>,
    /// The order of which the next sending of a refund cannot be written, once.
    pub keeps_back: Option<String>,
    /// Writes are slow until this world time.
    pub slow_until: i64,
}

impl Disk {
    /// One subject's events.
    #[must_use]
    pub fn stream(&self, subject: &str) -> Vec<StoredEvent> {
        let places = self.streams.get(subject).map(Vec::as_slice).unwrap_or_default();
        places.iter().map(|place| self.events[*place].clone()).collect()
    }

    /// Every subject.
    pub fn subjects(&self) -> impl Iterator<Item = &String> {
        self.streams.keys()
    }

    /// The row of an order.
    #[must_use]
    pub fn order(&self, order_no: &str) -> Option<&OrderRow> {
        self.orders.get(order_no)
    }

    /// The row of an account.
    #[must_use]
    pub fn account(&self, id: &str) -> Option<&str> {
        self.accounts.iter().find(|(known, _)| known == id).map(|(_, json)| json.as_str())
    }

    fn refusal(&self, appends: &[Append]) -> Option<StorageFault> {
        let mut lengths: BTreeMap<&str, u64> = BTreeMap::new();
        for append in appends {
            let stored = self.streams.get(&append.subject).map_or(0, Vec::len) as u64;
            let length = lengths.entry(&append.subject).or_insert(stored);
            if *length != append.seen {
                return Some(StorageFault::Moved);
            }
            *length += append.events.len() as u64;
            let named = match &append.row {
                Some(Row::Order(order, _)) => format!("order/{}", order.order_no),
                Some(Row::Account { id, .. }) => format!("account/{id}"),
                None => append.subject.clone(),
            };
            if named != append.subject || *length == 0 {
                return Some(StorageFault::Failed("a row without its stream".to_owned()));
            }
        }
        None
    }

    fn store(&mut self, append: Append) -> Vec<u64> {
        let mut seqs = Vec::new();
        for event in append.events {
            let seq = self.events.len() as u64 + 1;
            let stream = self.streams.entry(append.subject.clone()).or_default();
            stream.push(self.events.len());
            let mut chain = Sha256::new();
            chain.update(self.events.last().map_or([0; 32], |last| last.hash));
            chain.update(append.subject.as_bytes());
            chain.update(&event.payload);
            let stored = StoredEvent {
                seq,
                subject: append.subject.clone(),
                subject_seq: stream.len() as u64,
                at: event.at,
                actor: event.actor,
                payload: event.payload,
                hash: chain.finalize().into(),
            };
            self.events.push(stored);
            seqs.push(seq);
        }
        if let Some(raw) = append.raw {
            self.raws.entry(Sha256::digest(&raw).into()).or_insert(raw);
        }
        match append.row {
            Some(Row::Order(order, refunds)) => {
                let numbers = refunds.iter().map(|refund| refund.refund_no.clone()).collect();
                self.places.insert(order.order_no.clone(), numbers);
                for refund in refunds {
                    self.refunds.insert(refund.refund_no.clone(), refund);
                }
                self.orders.insert(order.order_no.clone(), *order);
            }
            Some(Row::Account { id, json }) => match self.accounts.iter_mut().find(|(known, _)| *known == id) {
                Some((_, old)) => *old = json,
                None => self.accounts.push((id, json)),
            },
            None => {}
        }
        seqs
    }

    /// Whoever matches the number most closely, or the amount that it may be as well, as the seam's words say.
    fn by_number(&self, number: &str, amount_minor: Option<i64>) -> Vec<String> {
        let (upper, all) = (number.to_uppercase(), self.orders.values());
        let any = |row: &OrderRow, ours: &dyn Fn(&str) -> bool, theirs: &dyn Fn(&str) -> bool| {
            let refunds = self.refunds_of(&row.order_no);
            let of_order = [&row.gateway_no, &row.wallet_no].map(Clone::clone);
            let mut others = of_order.into_iter().chain(refunds.iter().map(|refund| refund.gateway_refund_no.clone()));
            ours(&row.order_no.to_uppercase())
                || refunds.iter().any(|refund| ours(&refund.refund_no.to_uppercase()))
                || others.any(|known| known.is_some_and(|known| theirs(&known.to_uppercase())))
        };
        let is_tail = |known: &str| {
            let tail: String = known.chars().skip(known.chars().count().saturating_sub(4)).collect();
            tail == upper
        };
        let asked = |row: &OrderRow| amount_minor == Some(row.amount_minor);
        let whole = |row: &OrderRow| any(row, &|known| known == upper || is_tail(known), &|known| known == upper);
        let begins = |row: &OrderRow| any(row, &|known| known.starts_with(&upper), &|known| known.starts_with(&upper));
        let holds = |row: &OrderRow| any(row, &|known| known.contains(&upper), &|known| known.contains(&upper));
        let kinds: [&dyn Fn(&OrderRow) -> bool; 4] = [&whole, &begins, &asked, &holds];
        for kind in kinds {
            let found: Vec<String> = all.clone().filter(|row| kind(row)).map(|row| row.order_no.clone()).collect();
            if !found.is_empty() {
                let besides = all.filter(|row| asked(row)).map(|row| row.order_no.clone());
                return found.into_iter().chain(besides).collect();
            }
        }
        Vec::new()
    }

    /// An order's refunds in the order they were asked for.
    pub fn refunds_of(&self, order_no: &str) -> Vec<RefundRow> {
        self.places.get(order_no).into_iter().flatten().map(|no| self.refunds[no].clone()).collect()
    }

    fn search_refunds(&self, search: &RefundSearch) -> Vec<RefundRow> {
        let holds = |row: &RefundRow, number: &str| {
            let upper = number.to_uppercase();
            let numbers = [Some(&row.refund_no), Some(&row.order_no), row.gateway_refund_no.as_ref()];
            let holds = |known: &String| known.to_uppercase().contains(&upper);
            numbers.into_iter().flatten().any(holds) || search.amount_minor == Some(row.amount_minor)
        };
        let mut found: Vec<&RefundRow> = self
            .refunds
            .values()
            .filter(|row| search.number.as_ref().is_none_or(|number| holds(row, number)))
            .filter(|row| search.number.is_some() || search.amount_minor.is_none_or(|minor| minor == row.amount_minor))
            .filter(|row| search.states.is_empty() || search.states.contains(&row.state))
            .filter(|row| search.given_by.as_ref().is_none_or(|by| *by == row.given_by))
            .filter(|row| search.from.is_none_or(|from| row.requested_at >= from))
            .filter(|row| search.until.is_none_or(|until| row.requested_at < until))
            .filter(|row| search.open.is_none_or(|open| row.open == open))
            .filter(|row| {
                let place = (row.requested_at, row.refund_no.clone());
                search.after.as_ref().is_none_or(|after| place < *after)
            })
            .collect();
        found.sort_by(|a, b| (b.requested_at, &b.refund_no).cmp(&(a.requested_at, &a.refund_no)));
        found.into_iter().take(search.limit as usize).cloned().collect()
    }

    fn search(&self, search: &OrderSearch) -> Vec<OrderRow> {
        let number = search.number.as_deref().map(str::trim).filter(|number| !number.is_empty());
        let numbers = number.map(|number| self.by_number(number, search.amount_minor));
        let within = |at: i64| search.happened.is_none_or(|(from, until)| (from..until).contains(&at));
        let mut found: Vec<&OrderRow> = self
            .orders
            .values()
            .filter(|row| numbers.as_ref().is_none_or(|numbers| numbers.contains(&row.order_no)))
            .filter(|row| numbers.is_some() || search.amount_minor.is_none_or(|minor| minor == row.amount_minor))
            .filter(|row| within(row.created_at) || row.paid_at.is_some_and(within))
            .filter(|row| search.states.is_empty() || search.states.contains(&row.state))
            .filter(|row| search.account_id.as_ref().is_none_or(|id| *id == row.account_id))
            .filter(|row| search.sale.as_ref().is_none_or(|sale| *sale == row.sale))
            .filter(|row| search.gateway_no.is_none() || search.gateway_no == row.gateway_no)
            .filter(|row| search.from.is_none_or(|from| row.created_at >= from))
            .filter(|row| search.until.is_none_or(|until| row.created_at < until))
            .filter(|row| search.open.is_none_or(|open| row.open == open))
            .filter(|row| search.attention.is_none_or(|wanted| row.attention.is_some() == wanted))
            .filter(|row| search.by_hand.is_none_or(|wanted| row.by_hand.is_some() == wanted))
            .filter(|row| search.ended_from.is_none_or(|from| row.ended_at.is_some_and(|at| at >= from)))
            .collect();
        let place = |row: &OrderRow| {
            let at = if search.ended_from.is_some() { row.ended_at.unwrap_or_default() } else { row.created_at };
            (at, row.order_no.clone())
        };
        found.retain(|row| search.after.as_ref().is_none_or(|after| place(row) < *after));
        found.sort_by_key(|row| std::cmp::Reverse(place(row)));
        found.into_iter().take(search.limit as usize).cloned().collect()
    }
}

/// The storage seam.
pub struct SimStorage(pub Stage);

impl SimStorage {
    async fn spin(&self, micros: impl FnOnce(&mut World) -> i64) {
        let at = {
            let mut world = self.0.now();
            if world.looking {
                return;
            }
            world.now + micros(&mut world)
        };
        self.0.until(at).await;
    }

    async fn read<T>(&self, read: impl FnOnce(&Disk) -> T) -> Result<T, StorageFault> {
        let found = {
            let mut world = self.0.now();
            let fails = !world.fair && !world.looking && world.now < world.disk.fails_until;
            if fails && world.disk.fault == Some(DiskFault::Unread) && world.chance.permille(333) {
                *world.network.counts.entry("readings failed").or_default() += 1;
                Err(StorageFault::Failed("an input/output error".to_owned()))
            } else {
                Ok(read(&world.disk))
            }
        };
        self.0.effect("read").await;
        self.spin(|world| if world.fair { 100 } else { world.chance.between(50, 3 * MS) }).await;
        if found.is_err() {
            self.0.now().strikes(Code::Unexpected);
        }
        found
    }
}

#[async_trait]
impl Storage for SimStorage {
    async fn append(&self, appends: Vec<Append>) -> Result<Vec<u64>, StorageFault> {
        let writing = |world: &mut World| {
            let slow = !world.fair && world.now < world.disk.slow_until;
            world.chance.between(200, if slow { 900 * MS } else { 4 * MS })
        };
        self.spin(writing).await;
        self.0.effect("before the commit").await;
        let result = {
            let mut world = self.0.now();
            commit(&mut world, appends)
        };
        self.0.effect("after the commit").await;
        self.spin(|world| world.chance.between(0, MS)).await;
        result
    }

    async fn stream(&self, subject: &str) -> Result<Vec<StoredEvent>, StorageFault> {
        self.read(|disk| disk.stream(subject)).await
    }

    async fn latest(&self, subject: &str, before: u64, limit: u32) -> Result<Vec<StoredEvent>, StorageFault> {
        let stream = self.read(|disk| disk.stream(subject)).await?;
        let older = stream.into_iter().rev().filter(|event| event.subject_seq < before);
        Ok(older.take(limit as usize).collect())
    }

    async fn after(&self, seq: u64, limit: u32) -> Result<Vec<StoredEvent>, StorageFault> {
        let from = usize::try_from(seq).unwrap_or(usize::MAX);
        self.read(|disk| disk.events.iter().skip(from).take(limit as usize).cloned().collect()).await
    }

    async fn head(&self) -> Result<Option<(u64, [u8; 32])>, StorageFault> {
        self.read(|disk| disk.events.last().map(|last| (last.seq, last.hash))).await
    }

    async fn orders(&self, search: &OrderSearch) -> Result<Vec<OrderRow>, StorageFault> {
        self.read(|disk| disk.search(search)).await
    }

    async fn takings(&self, (from, until): (i64, i64)) -> Result<Vec<Taken>, StorageFault> {
        self.read(|disk| {
            let mut taken: BTreeMap<String, Taken> = BTreeMap::new();
            for row in disk.orders.values().filter(|row| row.paid_at.is_some_and(|at| at >= from && at < until)) {
                let none = Taken { currency: row.currency.clone(), orders: 0, minor: 0 };
                let sum = taken.entry(row.currency.clone()).or_insert(none);
                sum.orders += 1;
                sum.minor += row.paid_minor.unwrap_or(0);
            }
            taken.into_values().collect()
        })
        .await
    }

    async fn refunds(&self, search: &RefundSearch) -> Result<Vec<RefundRow>, StorageFault> {
        self.read(|disk| disk.search_refunds(search)).await
    }

    async fn accounts(&self) -> Result<Vec<String>, StorageFault> {
        self.read(|disk| disk.accounts.iter().map(|(_, json)| json.clone()).collect()).await
    }

    async fn raw(&self, sha256: &[u8; 32]) -> Result<Option<Vec<u8>>, StorageFault> {
        self.read(|disk| disk.raws.get(sha256).cloned()).await
    }

    /// No till of the simulation is told to remove answers.
    async fn old_answers(&self, _until: i64) -> Result<Vec<[u8; 32]>, StorageFault> {
        Ok(Vec::new())
    }

    async fn forget(&self, _answers: Vec<[u8; 32]>, _until: i64) -> Result<(), StorageFault> {
        Ok(())
    }
}

fn commit(world: &mut World, appends: Vec<Append>) -> Result<Vec<u64>, StorageFault> {
    if let Some(fault) = world.disk.refusal(&appends) {
        return Err(fault);
    }
    if !world.fair && world.disk.keeps_back.take_if(|order_no| sends_a_refund(order_no, &appends)).is_some() {
        world.strikes(Code::Unexpected);
        return Err(StorageFault::Failed("disk I/O error".to_owned()));
    }
    if !world.fair && world.now < world.disk.fails_until {
        let struck = match world.disk.fault {
            Some(DiskFault::Full) => Some((Code::DiskFull, StorageFault::DiskFull)),
            Some(DiskFault::ReadOnly) => Some((Code::FolderReadOnly, StorageFault::ReadOnly("/till".to_owned()))),
            Some(DiskFault::Flaky) if world.chance.permille(500) => {
                Some((Code::Unexpected, StorageFault::Failed("disk I/O error".to_owned())))
            }
            Some(DiskFault::Flaky | DiskFault::Unread) | None => None,
        };
        if let Some((code, fault)) = struck {
            world.strikes(code);
            return Err(fault);
        }
    }
    let mut seqs = Vec::new();
    for append in appends {
        super::book::committed(world, &append);
        seqs.extend(world.disk.store(append));
    }
    Ok(seqs)
}

/// Whether a refund of this order is to leave once these are written.
fn sends_a_refund(order_no: &str, appends: &[Append]) -> bool {
    let sends = |payload: &[u8]| {
        serde_json::from_slice::<Value>(payload).is_ok_and(|payload| payload["event"]["type"] == "refund_sent")
    };
    let subject = format!("order/{order_no}");
    let of_it = appends.iter().filter(|append| append.subject == subject);
    of_it.flat_map(|append| &append.events).any(|event| sends(&event.payload))
}
