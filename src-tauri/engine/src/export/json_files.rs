//! An export for programs: the same objects that `--json` prints, one a line.

use super::manifest::{FileSum, Summed};
use super::{Files, OrderLine, RefundLine, Rows};
use crate::reading::EventLine;
use serde::Serialize;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// `orders.jsonl`, `refunds.jsonl` and `events.jsonl`.
pub(super) struct JsonFiles {
    orders: BufWriter<Summed>,
    refunds: BufWriter<Summed>,
    events: BufWriter<Summed>,
}

impl JsonFiles {
    pub(super) fn create(folder: &Path) -> io::Result<Self> {
        let begin = |name| Summed::create(folder, name).map(BufWriter::new);
        Ok(Self { orders: begin("orders.jsonl")?, refunds: begin("refunds.jsonl")?, events: begin("events.jsonl")? })
    }
}

fn line(file: &mut BufWriter<Summed>, value: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *file, value)?;
    file.write_all(b"\n")
}

impl Files for JsonFiles {
    fn order(&mut self, order: &OrderLine) -> io::Result<()> {
        line(&mut self.orders, &order.order)
    }

    fn refund(&mut self, refund: &RefundLine) -> io::Result<()> {
        line(&mut self.refunds, &refund.refund)
    }

    fn event(&mut self, event: &EventLine) -> io::Result<()> {
        line(&mut self.events, event)
    }

    fn finish(self: Box<Self>, rows: &Rows) -> io::Result<Vec<FileSum>> {
        [(self.orders, rows.orders), (self.refunds, rows.refunds), (self.events, rows.events)]
            .into_iter()
            .map(|(file, rows)| file.into_inner().map_err(io::IntoInnerError::into_error)?.finish(rows))
            .collect()
    }
}
