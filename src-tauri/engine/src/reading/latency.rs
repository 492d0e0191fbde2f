//! The latency ledger: how long each part of a sale took, by account and day, read order by order.

use super::{PAGE, Reading};
use crate::storage::StoredEvent;
use crate::till::fault_of_storage;
use jiff::civil::Date;
use serde::Serialize;
use std::collections::BTreeMap;
use till_core::error::{Code, Refusal};
use till_core::journal::{self, Event};
use till_core::order::latency::{Percentiles, Points, Samples, Spans, Summed};
use till_core::time::DAY;

/// One account on one business day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LatencyLine {
    /// The day that the orders were made on.
    pub day: String,
    /// The account's name.
    pub account: String,
    /// Orders made.
    pub orders: u64,
    /// From the request to the gateway's answer.
    pub answered: SpanLine,
    /// From the request to the painted code.
    pub painted: SpanLine,
    /// From the painted code to the payment, by the gateway's time.
    pub paid: SpanLine,
    /// From the payment, by the gateway's time, to the till knowing.
    pub known: SpanLine,
}

/// A part over those orders of which it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct SpanLine {
    /// How many.
    pub orders: u64,
    /// Half took no longer, milliseconds; none of none.
    pub p50_ms: Option<i64>,
    /// 95 of 100 took no longer, milliseconds; none of none.
    pub p95_ms: Option<i64>,
}

impl From<Percentiles> for SpanLine {
    fn from(Percentiles { count, p50, p95 }: Percentiles) -> Self {
        let ms = |span: i64| (count > 0).then_some(span / 1_000);
        Self { orders: count, p50_ms: ms(p50), p95_ms: ms(p95) }
    }
}

impl LatencyLine {
    fn of(day: &str, account: String, samples: Samples) -> Self {
        let Summed { orders, answered, painted, paid, known } = samples.summed();
        let [answered, painted, paid, known] = [answered, painted, paid, known].map(SpanLine::from);
        Self { day: day.to_owned(), account, orders, answered, painted, paid, known }
    }
}

impl Reading {
    /// The ledger of the orders that were made from one business day to another, a line for each account and day, the oldest first;
    /// `tell` is given each and says whether it wants more. Holds no more than a day. An order that cannot be read is in none.
    pub async fn latencies(
        &self,
        (from, to): (Option<&str>, Option<&str>),
        mut tell: impl FnMut(LatencyLine) -> bool,
    ) -> Result<(), Refusal> {
        let Some(journal) = &self.journal else { return Ok(()) };
        if let (Some(from), Some(to)) = (from, to)
            && from > to
        {
            return Err(Refusal::of(Code::DaysReversed).with("from", from).with("to", to));
        }
        let mut after = from.and_then(beginning_of).map(|at| (at, String::new()));
        let mut of_day: BTreeMap<String, Samples> = BTreeMap::new();
        let mut day = String::new();
        loop {
            let (first, last) = (from.map(str::to_owned), to.map(str::to_owned));
            let wanted = move |row: &crate::storage::OrderRow| {
                first.as_ref().is_none_or(|first| *first <= row.day)
                    && last.as_ref().is_none_or(|last| row.day <= *last)
            };
            let page = journal.orders_in_order(after.take(), wanted, PAGE).await;
            let page = page.map_err(|fault| fault_of_storage(&fault))?;
            let Some((end, _)) = page.last() else { break };
            // The days of orders go up with their times but for where the place's clock was set: a day more is looked at.
            let over = to.and_then(end_of).is_some_and(|over| end.created_at > over);
            after = Some((end.created_at, end.order_no.clone()));
            for (row, stream) in page {
                let Some(Ok(events)) = stream else { continue };
                if row.day > day {
                    if !told(&day, &mut of_day, &mut tell) {
                        return Ok(());
                    }
                    day.clone_from(&row.day);
                }
                of_day.entry(row.account).or_default().add(spans_of(&events));
            }
            if over {
                break;
            }
        }
        told(&day, &mut of_day, &mut tell);
        Ok(())
    }
}

/// Tells the lines of a day that is over; false: no more are wanted.
fn told(day: &str, of_day: &mut BTreeMap<String, Samples>, tell: &mut impl FnMut(LatencyLine) -> bool) -> bool {
    std::mem::take(of_day).into_iter().all(|(account, samples)| tell(LatencyLine::of(day, account, samples)))
}

/// How long the parts of an order took, by its events.
pub(crate) fn spans_of(events: &[StoredEvent]) -> Spans {
    let mut points = Points::default();
    for stored in events {
        if let Ok(Event::Order { event }) = journal::read(&stored.payload) {
            points.see(&event, stored.at.wall);
        }
    }
    points.spans()
}

/// A moment before which no order of a day was made, wherever the place is, UTC microseconds.
fn beginning_of(day: &str) -> Option<i64> {
    Some(midnight(day)?.saturating_sub(DAY))
}

/// A moment after which no order of a day was made.
fn end_of(day: &str) -> Option<i64> {
    Some(midnight(day)?.saturating_add(DAY.saturating_mul(2)))
}

fn midnight(day: &str) -> Option<i64> {
    let midnight = day.parse::<Date>().ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(midnight.timestamp().as_microsecond())
}
