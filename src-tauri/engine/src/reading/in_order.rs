//! Orders and refunds for handing out, in an order in which none moves, as the events up to a fixed one tell them.

use super::{PAGE, Reading, beside};
use crate::clock::Clock;
use crate::journal::Stream;
use crate::storage::{OrderRow, RefundRow};
use crate::till::{fault_of_storage, fault_of_stream, order_view};
use crate::view::OrderView;
use crate::view::refunds::RefundView;
use till_core::error::{Code, Refusal};
use till_core::journal::{self, Event};
use till_core::order::Order;
use till_core::order::event::OrderEvent;
use till_core::rights::Actor;

/// An order, as its events up to the fixed one tell it.
pub(crate) struct Told {
    pub(crate) order: Order,
    /// The business day it was made on.
    pub(crate) day: String,
    /// Who made it: a name, or `owner`, `nobody`, `engine`, `gateway`.
    pub(crate) sold_by: String,
    /// Positions of its events.
    pub(crate) seqs: Vec<u64>,
    /// When each refund was asked for, by business day.
    refund_days: Vec<(String, String)>,
}

impl Told {
    /// The business day on which a refund of it was asked for.
    pub(crate) fn refund_day(&self, refund_no: &str) -> Option<&str> {
        self.refund_days.iter().find(|(no, _)| no == refund_no).map(|(_, day)| day.as_str())
    }
}

/// What became of a row that was looked at.
pub(crate) enum Looked {
    /// It is not wanted.
    Passed,
    /// None of its events was there yet.
    NotYet,
    /// It was read.
    Told(Box<Told>),
    /// An event of its order cannot be read.
    Unreadable,
}

impl Reading {
    /// How many orders and refunds there are now.
    pub(crate) async fn counts(&self) -> Result<(u64, u64), Refusal> {
        let Some(journal) = &self.journal else { return Ok((0, 0)) };
        journal.counts().await.map_err(|fault| fault_of_storage(&fault))
    }

    /// One page of orders, the oldest first; give the last row back as `after` for the next. Only what is `wanted` is read.
    pub(crate) async fn orders_in_order(
        &self,
        after: Option<&OrderRow>,
        head: u64,
        wanted: impl Fn(&OrderRow) -> bool + Send + 'static,
    ) -> Result<Vec<(OrderRow, Looked)>, Refusal> {
        let Some(journal) = &self.journal else { return Ok(Vec::new()) };
        let after = after.map(|row| (row.created_at, row.order_no.clone()));
        let page = journal.orders_in_order(after, wanted, PAGE).await.map_err(|fault| fault_of_storage(&fault))?;
        let reading = self.clone();
        beside(move || {
            let looked = |(row, stream): (OrderRow, Option<Stream>)| {
                let looked = stream.map_or(Ok(Looked::Passed), |stream| reading.told(&row.order_no, stream, head))?;
                Ok((row, looked))
            };
            page.into_iter().map(looked).collect()
        })
        .await
    }

    /// One page of refunds, by number, with what is told of their orders; give the last number back as `after` for the next.
    pub(crate) async fn refunds_in_order(&self, after: &str, head: u64) -> Result<Vec<(RefundRow, Looked)>, Refusal> {
        let Some(journal) = &self.journal else { return Ok(Vec::new()) };
        let page = journal.refunds_in_order(after.to_owned(), PAGE).await.map_err(|fault| fault_of_storage(&fault))?;
        let looked = |(row, stream): (RefundRow, Stream)| {
            let looked = self.told(&row.order_no, stream, head)?;
            Ok((row, looked))
        };
        page.into_iter().map(looked).collect()
    }

    /// An order as it is shown.
    pub(crate) fn view_of(&self, order: &Order) -> OrderView {
        order_view(order, self.clock.offset_minutes(order.drafted.wall), None)
    }

    /// A refund of it as it is shown; `None` if it was not asked for yet.
    pub(crate) fn view_of_refund(&self, order: &Order, refund_no: &str) -> Option<RefundView> {
        order.refund(refund_no).map(|refund| self.refund_of(order, refund))
    }

    fn told(&self, order_no: &str, stream: Stream, head: u64) -> Result<Looked, Refusal> {
        let subject = journal::order_subject(order_no);
        let read = stream.map_err(|fault| fault_of_stream(&subject, &fault)).and_then(|mut events| {
            events.retain(|event| event.seq <= head);
            Ok((self.replayed(order_no, &events)?, events))
        });
        let (order, events) = match read {
            Ok((Some(order), events)) => (order, events),
            Ok((None, _)) => return Ok(Looked::NotYet),
            Err(Refusal { code: Code::JournalDamaged | Code::JournalPartUnreadable, .. }) => {
                return Ok(Looked::Unreadable);
            }
            Err(refusal) => return Err(refusal),
        };
        let first = events.first();
        let sold_by = first.map(|event| Actor::name_in(&event.actor).to_owned());
        let refund_days = if order.refunds.is_empty() {
            Vec::new()
        } else {
            let requested = |payload: &[u8]| match journal::read(payload) {
                Ok(Event::Order { event: OrderEvent::RefundRequested { refund } }) => Some(refund.refund_no),
                Ok(_) | Err(_) => None,
            };
            events.iter().filter_map(|event| Some((requested(&event.payload)?, event.at.day.clone()))).collect()
        };
        Ok(Looked::Told(Box::new(Told {
            day: first.map(|event| event.at.day.clone()).unwrap_or_default(),
            sold_by: sold_by.unwrap_or_default(),
            seqs: events.iter().map(|event| event.seq).collect(),
            refund_days,
            order,
        })))
    }
}
