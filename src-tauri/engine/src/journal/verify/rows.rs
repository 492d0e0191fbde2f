//! The streams and their rows: every subject's events are all there and in order, and its row is what they amount to.
//!
//! The index over the streams is walked once, from end to end, each entry beside its event: an index whose entries are in order, are
//! those of their events, and are as many as there are events, holds what it should.

use std::collections::BTreeMap;
use std::iter::Peekable;
use std::sync::atomic::{AtomicBool, Ordering};
use std::vec::IntoIter;

use rusqlite::Connection;
use rusqlite::types::ValueRef;

use super::super::fault::counted;
use super::super::project::{find, is_account_orphaned, order_rows, refund_rows};
use super::super::read::snapshot;
use super::super::{Project, schema};
use super::handed::Handed;
use super::{Finding, Flaw, last_row};
use crate::storage::{OrderRow, RefundRow, Row, StorageFault, StoredEvent};

/// Events read in one transaction: a few hundred subjects.
const EVENTS: usize = 2_000;

/// Entries of the index over the streams behind a subject, in the order in which it holds them.
const ENTRIES: &str = "SELECT subject, subject_seq, seq FROM journal INDEXED BY sqlite_autoindex_journal_1
    WHERE subject > ?1 ORDER BY subject, subject_seq";

/// What the subjects of orders begin with, and what is behind every one of them.
const ORDERS: (&str, &str) = ("order/", "order0");

/// Compares every subject's row with what its events amount to; without `project` only the streams are looked at. Ends early once
/// it is `over`, and then says nothing. An event that the chain holds is not hashed once more here.
pub(super) fn rows(
    connection: &mut Connection,
    project: Option<&dyn Project>,
    over: &AtomicBool,
    handed: Handed,
) -> Result<Finding, StorageFault> {
    let last = snapshot(connection, last_row)?;
    let mut look = Look { has_refunds: schema::has_refunds(connection)?, handed, last, ..Look::default() };
    // One transaction a page: its events and its rows are of the same moment, however long the rest takes.
    while snapshot(connection, |connection| look.page(connection, project))? {
        if over.load(Ordering::Relaxed) {
            return Ok(None);
        }
    }
    if look.misfit || look.entries != last {
        tracing::warn!("the index over the streams does not hold what the journal does");
        return Ok(Some((Flaw::FileDamaged, None)));
    }
    if look.orphan.is_none() && project.is_some() && is_account_orphaned(connection)? {
        look.orphan = Some((Flaw::ProjectionDiffers, None));
    }
    // What a rebuild puts right goes before what cannot be read, which stays, and would hide it for good.
    Ok(look.hole.map(|seq| (Flaw::Deleted, Some(seq))).or(look.differs).or(look.orphan).or(look.unreadable))
}

/// What was found so far, and up to where.
#[derive(Default)]
struct Look {
    has_refunds: bool,
    handed: Handed,
    /// The last event at the beginning: every one up to it has an entry.
    last: u64,
    /// Entries of such events that were looked at.
    entries: u64,
    /// Whether there is an entry that is not its event's, or is not in its place.
    misfit: bool,
    /// The last subject.
    subject: String,
    /// The number of the last order whose row was looked at.
    order_no: String,
    /// The first event that does not follow the one before it in its stream.
    hole: Option<u64>,
    /// A row that is not what its events amount to.
    differs: Finding,
    /// A row whose subject has no event.
    orphan: Finding,
    /// An event that cannot be read.
    unreadable: Finding,
}

/// A subject and its events.
type Stream = (String, Vec<StoredEvent>);

impl Look {
    /// Looks at the next subjects; false: there are no more.
    fn page(&mut self, connection: &Connection, project: Option<&dyn Project>) -> Result<bool, StorageFault> {
        let Some(streams) = self.streams(connection)? else {
            self.misfit = true;
            return Ok(false);
        };
        let last = streams.last().map(|(subject, _)| subject.clone());
        let mut stored = match project {
            Some(_) => Some(self.stored(connection, last.as_deref())?),
            None => None,
        };
        for (subject, events) in streams {
            if let Some(hole) = hole(&events) {
                self.hole = Some(self.hole.map_or(hole, |first| first.min(hole)));
            }
            if let Some((project, stored)) = project.zip(stored.as_mut()) {
                let row = match subject.strip_prefix(ORDERS.0) {
                    Some(order_no) => stored.take(order_no),
                    None => find(connection, &subject)?,
                };
                self.compare(project, (&subject, &events), row.as_ref());
            }
        }
        if stored.is_some_and(Stored::leaves_any) {
            self.orphan = Some((Flaw::ProjectionDiffers, None));
        }
        let Some(last) = last else { return Ok(false) };
        self.subject = last;
        Ok(true)
    }

    /// Whole subjects behind the last one, in the order of their names; `None` where the index is not that of the events.
    fn streams(&mut self, connection: &Connection) -> Result<Option<Vec<Stream>>, StorageFault> {
        let mut statement = connection.prepare_cached(ENTRIES)?;
        let mut entries = statement.query([&self.subject])?;
        let mut streams: Vec<Stream> = Vec::new();
        let mut read = 0_usize;
        while let Some(entry) = entries.next()? {
            let (ValueRef::Text(subject), ValueRef::Integer(subject_seq), ValueRef::Integer(seq)) =
                (entry.get_ref(0)?, entry.get_ref(1)?, entry.get_ref(2)?)
            else {
                return Ok(None);
            };
            let (seq, goes_on) = (counted(seq)?, streams.last().is_some_and(|(last, _)| last.as_bytes() == subject));
            if !goes_on {
                if read >= EVENTS {
                    break;
                }
                self.handed.begin(seq);
            }
            let Some(event) = self.handed.take(connection, seq)? else { return Ok(None) };
            let is_its = event.subject.as_bytes() == subject && i64::try_from(event.subject_seq) == Ok(subject_seq);
            if !is_its || !self.follows(&streams, &event) {
                return Ok(None);
            }
            match streams.last_mut() {
                Some((_, events)) if goes_on => events.push(event),
                _ => streams.push((event.subject.clone(), vec![event])),
            }
            read = read.saturating_add(1);
            self.entries = self.entries.saturating_add(u64::from(seq <= self.last));
        }
        Ok(Some(streams))
    }

    /// Whether an event's entry stands behind those before it, by its subject and its position in it.
    fn follows(&self, streams: &[Stream], event: &StoredEvent) -> bool {
        match streams.last() {
            Some((last, events)) if *last == event.subject => {
                events.last().is_some_and(|before| before.subject_seq < event.subject_seq)
            }
            Some((last, _)) => *last < event.subject,
            None => self.subject < event.subject,
        }
    }

    /// The rows of the orders up to `last`, a subject; of all that are left where there are no more orders.
    fn stored(&mut self, connection: &Connection, last: Option<&str>) -> Result<Stored, StorageFault> {
        let upto = match last {
            Some(last) if last < ORDERS.0 => return Ok(Stored::of(Vec::new(), Vec::new())),
            Some(last) if last < ORDERS.1 => last.strip_prefix(ORDERS.0),
            Some(_) | None => None,
        };
        let orders = order_rows(connection, &self.order_no, upto)?;
        let refunds = if self.has_refunds { refund_rows(connection, &self.order_no, upto)? } else { Vec::new() };
        // Behind the last order stands what no number comes near.
        self.order_no = upto.map_or("\u{10ffff}".to_owned(), str::to_owned);
        Ok(Stored::of(orders, refunds))
    }

    fn compare(&mut self, project: &dyn Project, (subject, events): (&str, &[StoredEvent]), stored: Option<&Row>) {
        match project.row(subject, events) {
            Ok(row) if row.as_ref() == stored => {}
            Ok(_) => {
                self.differs = self.differs.or(Some((Flaw::ProjectionDiffers, events.last().map(|event| event.seq))));
            }
            Err(seq) => self.unreadable = self.unreadable.or(Some((Flaw::Unreadable, Some(seq)))),
        }
    }
}

/// The first event that is not the next of its stream, or stands before the one that it follows.
fn hole(events: &[StoredEvent]) -> Option<u64> {
    let mut prior = 0;
    for (expected, event) in (1..).zip(events) {
        if event.subject_seq != expected || event.seq <= prior {
            return Some(event.seq);
        }
        prior = event.seq;
    }
    None
}

/// Rows of orders and their refunds, to be taken in the order of their numbers.
struct Stored {
    orders: Peekable<IntoIter<OrderRow>>,
    refunds: BTreeMap<String, Vec<RefundRow>>,
    /// Whether one was passed that nobody took.
    unclaimed: bool,
}

impl Stored {
    fn of(orders: Vec<OrderRow>, all: Vec<RefundRow>) -> Self {
        let mut refunds: BTreeMap<String, Vec<RefundRow>> = BTreeMap::new();
        for refund in all {
            refunds.entry(refund.order_no.clone()).or_default().push(refund);
        }
        Self { orders: orders.into_iter().peekable(), refunds, unclaimed: false }
    }

    /// The row of an order, as a projection hands it out.
    fn take(&mut self, order_no: &str) -> Option<Row> {
        while self.orders.next_if(|row| row.order_no.as_str() < order_no).is_some() {
            self.unclaimed = true;
        }
        // Refunds without their order's row are found by that: it is missing.
        let refunds = self.refunds.remove(order_no).unwrap_or_default();
        let row = self.orders.next_if(|row| row.order_no == order_no)?;
        Some(Row::Order(Box::new(row), refunds))
    }

    /// Whether there is a row that no subject took.
    fn leaves_any(mut self) -> bool {
        self.unclaimed || self.orders.next().is_some() || !self.refunds.is_empty()
    }
}
