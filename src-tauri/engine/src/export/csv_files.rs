//! An export for spreadsheets.
//!
//! UTF-8 with a byte order mark, lines end in CR LF (RFC 4180). A cell that a spreadsheet would calculate or would shorten (it
//! begins with `=`, `+`, `-`, `@`, tab or CR, or is a number of more than 11 digits) begins with an apostrophe instead.

use super::manifest::{FileSum, Summed};
use super::{Files, OrderLine, RefundLine, Rows};
use crate::reading::EventLine;
use csv::{Terminator, Writer, WriterBuilder};
use std::borrow::Cow;
use std::io::{self, Write};
use std::path::Path;

/// Marks the file as UTF-8 for spreadsheets.
const MARK: &[u8] = b"\xef\xbb\xbf";

const ORDERS: [&str; 25] = [
    "order_no",
    "sale",
    "account",
    "gateway",
    "channel",
    "amount",
    "amount_minor",
    "currency",
    "state",
    "late",
    "attention",
    "mark",
    "by_hand",
    "gateway_no",
    "wallet_no",
    "paid_minor",
    "refunded_minor",
    "day",
    "created_at",
    "expires_at",
    "paid_at",
    "gateway_time",
    "reason",
    "items",
    "qr",
];

const REFUNDS: [&str; 19] = [
    "refund_no",
    "order_no",
    "account",
    "channel",
    "amount",
    "amount_minor",
    "currency",
    "state",
    "reason",
    "by",
    "second",
    "mark",
    "by_hand",
    "gateway_refund_no",
    "day",
    "requested_at",
    "sent_at",
    "ended_at",
    "items",
];

const EVENTS: [&str; 10] = ["till_id", "seq", "subject", "subject_seq", "at", "day", "actor", "event", "hash", "fault"];

/// The longest number that spreadsheets show digit by digit.
const DIGITS: usize = 11;

/// `orders.csv`, `refunds.csv` and `events.csv`.
pub(super) struct CsvFiles {
    orders: Writer<Summed>,
    refunds: Writer<Summed>,
    events: Writer<Summed>,
}

impl CsvFiles {
    pub(super) fn create(folder: &Path) -> io::Result<Self> {
        Ok(Self {
            orders: begin(folder, "orders.csv", &ORDERS)?,
            refunds: begin(folder, "refunds.csv", &REFUNDS)?,
            events: begin(folder, "events.csv", &EVENTS)?,
        })
    }
}

fn begin(folder: &Path, name: &'static str, header: &[&str]) -> io::Result<Writer<Summed>> {
    let mut file = Summed::create(folder, name)?;
    file.write_all(MARK)?;
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(file);
    writer.write_record(header)?;
    Ok(writer)
}

impl Files for CsvFiles {
    fn order(&mut self, line: &OrderLine) -> io::Result<()> {
        let OrderLine { order, row } = line;
        let number = |minor: i64| minor.to_string();
        let items = if order.items.is_empty() { None } else { serde_json::to_string(&order.items).ok() };
        let cells: [Option<String>; 25] = [
            Some(order.order_no.clone()),
            Some(order.sale.clone()),
            Some(order.account.clone()),
            Some(row.gateway.clone()),
            Some(order.channel.clone()),
            Some(order.amount.clone()),
            Some(number(order.amount_minor)),
            Some(order.currency.clone()),
            Some(order.state.word().to_owned()),
            Some(order.late.to_string()),
            order.attention.map(|attention| attention.word().to_owned()),
            order.mark.map(|mark| mark.word().to_owned()),
            order.by_hand.clone(),
            order.gateway_no.clone(),
            row.wallet_no.clone(),
            order.paid_minor.map(number),
            Some(number(order.refunded_minor)),
            Some(row.day.clone()),
            Some(order.created_at.clone()),
            Some(order.expires_at.clone()),
            order.paid_at.clone(),
            order.gateway_time.clone(),
            order.reason.clone(),
            items,
            order.qr.clone(),
        ];
        record(&mut self.orders, cells)
    }

    fn refund(&mut self, line: &RefundLine) -> io::Result<()> {
        let RefundLine { refund, day } = line;
        let items = if refund.items.is_empty() { None } else { serde_json::to_string(&refund.items).ok() };
        let cells: [Option<String>; 19] = [
            Some(refund.refund_no.clone()),
            Some(refund.order_no.clone()),
            Some(refund.account.clone()),
            Some(refund.channel.clone()),
            Some(refund.amount.clone()),
            Some(refund.amount_minor.to_string()),
            Some(refund.currency.clone()),
            Some(refund.state.word().to_owned()),
            Some(refund.reason.clone()),
            Some(refund.by.clone()),
            refund.second.clone(),
            refund.mark.map(|mark| mark.word().to_owned()),
            refund.by_hand.clone(),
            refund.gateway_refund_no.clone(),
            Some(day.clone()),
            Some(refund.requested_at.clone()),
            refund.sent_at.clone(),
            refund.ended_at.clone(),
            items,
        ];
        record(&mut self.refunds, cells)
    }

    fn event(&mut self, line: &EventLine) -> io::Result<()> {
        let cells: [Option<String>; 10] = [
            Some(line.till_id.clone()),
            Some(line.seq.to_string()),
            line.subject.clone(),
            line.subject_seq.map(|seq| seq.to_string()),
            line.at.clone(),
            line.day.clone(),
            line.actor.clone(),
            line.event.as_ref().map(|event| event.get().to_owned()),
            line.hash.clone(),
            line.fault.clone(),
        ];
        record(&mut self.events, cells)
    }

    fn finish(self: Box<Self>, rows: &Rows) -> io::Result<Vec<FileSum>> {
        [(self.orders, rows.orders), (self.refunds, rows.refunds), (self.events, rows.events)]
            .into_iter()
            .map(|(writer, rows)| {
                let file = writer.into_inner();
                file.map_err(|error| io::Error::new(error.error().kind(), error.to_string()))?.finish(rows)
            })
            .collect()
    }
}

fn record<const N: usize>(writer: &mut Writer<Summed>, cells: [Option<String>; N]) -> io::Result<()> {
    let cells = cells.map(Option::unwrap_or_default);
    writer.write_record(cells.iter().map(|cell| guarded(cell).into_owned()))?;
    Ok(())
}

/// A cell as a spreadsheet leaves it alone.
fn guarded(cell: &str) -> Cow<'_, str> {
    let calculated = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let shortened = cell.len() > DIGITS && cell.bytes().all(|byte| byte.is_ascii_digit());
    if calculated || shortened { Cow::Owned(format!("'{cell}")) } else { Cow::Borrowed(cell) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::refunds::RefundView;
    use till_core::order::refund::RefundState;

    #[test]
    fn a_refund_that_was_marked_by_hand_says_so_in_its_own_column() {
        let folder = tempfile::tempdir().unwrap();
        let mut files = CsvFiles::create(folder.path()).unwrap();
        let words = "refunded 2.50 (refund TR1): marked by hand, not confirmed (Lin with Chan)";
        let refund = RefundView {
            refund_no: "TR1".to_owned(),
            order_no: "TK1".to_owned(),
            account: "main".to_owned(),
            channel: "wechat.scan".to_owned(),
            amount: "2.50".to_owned(),
            amount_minor: 250,
            currency: "CNY".to_owned(),
            state: RefundState::Unknown,
            reason: "退货".to_owned(),
            by: "Lin".to_owned(),
            second: None,
            items: vec![],
            gateway_refund_no: None,
            said: None,
            requested_at: "2026-01-05T10:42:00+08:00".to_owned(),
            sent_at: None,
            ended_at: None,
            next_query_at: None,
            unanswered: 0,
            can_send_again: false,
            can_withdraw: false,
            can_be_marked: false,
            mark: None,
            by_hand: Some(words.to_owned()),
        };
        files.refund(&RefundLine { refund, day: "2026-01-05".to_owned() }).unwrap();
        Box::new(files).finish(&Rows { orders: 0, refunds: 1, events: 0 }).unwrap();
        let mut read = csv::Reader::from_path(folder.path().join("refunds.csv")).unwrap();
        let place = read.headers().unwrap().iter().position(|name| name == "by_hand").unwrap();
        let row = read.records().next().unwrap().unwrap();
        assert_eq!(row.get(place), Some(words));
    }

    #[test]
    fn formulas_and_long_numbers_stay_text_and_everything_else_is_left_as_it_is() {
        for (cell, expected) in [
            ("=1+1", "'=1+1"),
            ("+86", "'+86"),
            ("-2", "'-2"),
            ("@a", "'@a"),
            ("\tx", "'\tx"),
            ("4200001234201811", "'4200001234201811"),
            ("12345678901", "12345678901"),
            ("12.50", "12.50"),
            ("练习, \"店\"", "练习, \"店\""),
            ("", ""),
        ] {
            assert_eq!(guarded(cell), expected);
        }
    }
}
