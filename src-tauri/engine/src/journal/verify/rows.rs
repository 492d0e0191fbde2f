//! The streams and their rows: every subject's events are all there and in order, and its row is what they amount to.

use std::collections::BTreeMap;
use std::iter::Peekable;
use std::sync::atomic::{AtomicBool, Ordering};
use std::vec::IntoIter;

use rusqlite::Connection;

use super::super::chain::{COLUMNS, Link};
use super::super::project::{find, is_account_orphaned, order_rows, refund_rows};
use super::super::read::snapshot;
use super::super::{Project, schema};
use super::{Finding, Flaw};
use crate::storage::{OrderRow, RefundRow, Row, StorageFault, StoredEvent};

/// Events read in one transaction: a few hundred subjects.
const EVENTS: usize = 2_000;

/// What the subjects of orders begin with, and what is behind every one of them.
const ORDERS: (&str, &str) = ("order/", "order0");

/// Compares every subject's row with what its events amount to; without `project` only the streams are looked at. Ends early once
/// it is `over`. An event that the chain holds is not hashed once more here.
pub(super) fn rows(
    connection: &mut Connection,
    project: Option<&dyn Project>,
    over: &AtomicBool,
) -> Result<Finding, StorageFault> {
    let mut look = Look { has_refunds: schema::has_refunds(connection)?, ..Look::default() };
    // One transaction a page: its events and its rows are of the same moment, however long the rest takes.
    while !over.load(Ordering::Relaxed) && snapshot(connection, |connection| look.page(connection, project))? {}
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
        let streams = streams(connection, &self.subject)?;
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

/// Whole subjects behind one, in the order of their names.
fn streams(connection: &Connection, behind: &str) -> Result<Vec<Stream>, StorageFault> {
    let mut statement = connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM journal WHERE subject > ?1 ORDER BY subject, subject_seq"))?;
    let mut streams: Vec<Stream> = Vec::new();
    let mut read = 0_usize;
    for link in statement.query_map([behind], Link::read)? {
        let event = link?.taken_as_it_is()?;
        match streams.last_mut() {
            Some((subject, events)) if *subject == event.subject => events.push(event),
            _ if read >= EVENTS => break,
            _ => streams.push((event.subject.clone(), vec![event])),
        }
        read = read.saturating_add(1);
    }
    Ok(streams)
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
