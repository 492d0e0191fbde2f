//! An export for programs: the same objects that `--json` prints, one a line. Those of orders have a few fields more.

use super::manifest::{FileSum, GATHERED, Summed};
use super::{EventFiles, Finish, OrderFiles, OrderLine, RefundLine, Rows};
use crate::reading::EventLine;
use crate::view::OrderView;
use serde::Serialize;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// `orders.jsonl` and `refunds.jsonl`.
pub(super) struct JsonOrders {
    orders: BufWriter<Summed>,
    refunds: BufWriter<Summed>,
}

/// `events.jsonl`.
pub(super) struct JsonEvents(BufWriter<Summed>);

pub(super) fn create(folder: &Path) -> io::Result<(JsonOrders, JsonEvents)> {
    let begin = |name| Ok::<_, io::Error>(BufWriter::with_capacity(GATHERED, Summed::create(folder, name)?));
    let orders = JsonOrders { orders: begin("orders.jsonl")?, refunds: begin("refunds.jsonl")? };
    Ok((orders, JsonEvents(begin("events.jsonl")?)))
}

/// An order, with what the accounts need besides.
#[derive(Serialize)]
struct Told<'a> {
    #[serde(flatten)]
    order: &'a OrderView,
    gateway: &'a str,
    wallet_no: Option<&'a str>,
    day: &'a str,
    sold_by: &'a str,
    customer_paid_minor: Option<i64>,
    received_minor: Option<i64>,
    discount_minor: Option<i64>,
}

fn line(file: &mut BufWriter<Summed>, value: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *file, value)?;
    file.write_all(b"\n")
}

impl OrderFiles for JsonOrders {
    fn order(&mut self, order: &OrderLine) -> io::Result<()> {
        let OrderLine { order, gateway, wallet_no, day, sold_by, parts, currency: _ } = order;
        let told = Told {
            order,
            gateway,
            wallet_no: wallet_no.as_deref(),
            day,
            sold_by,
            customer_paid_minor: parts.customer_paid_minor,
            received_minor: parts.received_minor,
            discount_minor: parts.discount_minor,
        };
        line(&mut self.orders, &told)
    }

    fn refund(&mut self, refund: &RefundLine) -> io::Result<()> {
        line(&mut self.refunds, &refund.refund)
    }
}

impl EventFiles for JsonEvents {
    fn event(&mut self, event: &EventLine) -> io::Result<()> {
        line(&mut self.0, event)
    }
}

impl Finish for JsonOrders {
    fn finish(self, rows: &Rows) -> io::Result<Vec<FileSum>> {
        Ok(vec![end(self.orders, rows.orders)?, end(self.refunds, rows.refunds)?])
    }
}

impl Finish for JsonEvents {
    fn finish(self, rows: &Rows) -> io::Result<Vec<FileSum>> {
        Ok(vec![end(self.0, rows.events)?])
    }
}

fn end(file: BufWriter<Summed>, rows: u64) -> io::Result<FileSum> {
    file.into_inner().map_err(io::IntoInnerError::into_error)?.finish(rows)
}
