//! An export for programs: the same objects that `--json` prints, one a line.

use super::{Files, OrderLine, RefundLine};
use crate::reading::EventLine;
use serde::Serialize;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// `orders.jsonl`, `refunds.jsonl` and `events.jsonl`.
pub(super) struct JsonFiles {
    orders: BufWriter<File>,
    refunds: BufWriter<File>,
    events: BufWriter<File>,
}

impl JsonFiles {
    pub(super) fn create(folder: &Path) -> io::Result<Self> {
        let begin = |name: &str| File::create_new(folder.join(name)).map(BufWriter::new);
        Ok(Self { orders: begin("orders.jsonl")?, refunds: begin("refunds.jsonl")?, events: begin("events.jsonl")? })
    }
}

fn line(file: &mut BufWriter<File>, value: &impl Serialize) -> io::Result<()> {
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

    fn finish(self: Box<Self>) -> io::Result<()> {
        for file in [self.orders, self.refunds, self.events] {
            file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        }
        Ok(())
    }
}
