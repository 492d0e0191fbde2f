//! An export for spreadsheets.
//!
//! UTF-8 with a byte order mark, lines end in CR LF (RFC 4180). A cell that a spreadsheet would calculate or would shorten (it
//! begins with `=`, `+`, `-`, `@`, tab or CR, or is a number of more than 11 digits) begins with an apostrophe instead.

use super::manifest::{FileSum, GATHERED, Summed};
use super::table::{Cell, Column, EVENTS, ORDERS, REFUNDS};
use super::{EventFiles, Finish, OrderFiles, OrderLine, RefundLine, Rows};
use crate::reading::EventLine;
use csv::{Terminator, Writer, WriterBuilder};
use std::borrow::Cow;
use std::io::{self, Write};
use std::path::Path;

/// Marks the file as UTF-8 for spreadsheets.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// The longest number that spreadsheets show digit by digit.
const DIGITS: usize = 11;

/// `orders.csv` and `refunds.csv`.
pub(super) struct CsvOrders {
    orders: Writer<Summed>,
    refunds: Writer<Summed>,
}

/// `events.csv`.
pub(super) struct CsvEvents(Writer<Summed>);

pub(super) fn create(folder: &Path) -> io::Result<(CsvOrders, CsvEvents)> {
    let orders =
        CsvOrders { orders: begin(folder, "orders.csv", &ORDERS)?, refunds: begin(folder, "refunds.csv", &REFUNDS)? };
    Ok((orders, CsvEvents(begin(folder, "events.csv", &EVENTS)?)))
}

fn begin<T>(folder: &Path, name: &'static str, columns: &[Column<T>]) -> io::Result<Writer<Summed>> {
    let mut file = Summed::create(folder, name)?;
    file.write_all(MARK)?;
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).buffer_capacity(GATHERED).from_writer(file);
    writer.write_record(columns.iter().map(|column| column.name)).map_err(of_csv)?;
    Ok(writer)
}

impl OrderFiles for CsvOrders {
    fn order(&mut self, line: &OrderLine) -> io::Result<()> {
        row(&mut self.orders, &ORDERS, line)
    }

    fn refund(&mut self, line: &RefundLine) -> io::Result<()> {
        row(&mut self.refunds, &REFUNDS, line)
    }
}

impl EventFiles for CsvEvents {
    fn event(&mut self, line: &EventLine) -> io::Result<()> {
        row(&mut self.0, &EVENTS, line)
    }
}

impl Finish for CsvOrders {
    fn finish(self, rows: &Rows) -> io::Result<Vec<FileSum>> {
        Ok(vec![end(self.orders, rows.orders)?, end(self.refunds, rows.refunds)?])
    }
}

impl Finish for CsvEvents {
    fn finish(self, rows: &Rows) -> io::Result<Vec<FileSum>> {
        Ok(vec![end(self.0, rows.events)?])
    }
}

fn end(writer: Writer<Summed>, rows: u64) -> io::Result<FileSum> {
    let file = writer.into_inner();
    file.map_err(|error| io::Error::new(error.error().kind(), error.to_string()))?.finish(rows)
}

fn row<T>(writer: &mut Writer<Summed>, columns: &[Column<T>], row: &T) -> io::Result<()> {
    for column in columns {
        match (column.cell)(row) {
            Cell::Empty => writer.write_field(""),
            Cell::Text(text) => writer.write_field(guarded(&text).as_ref()),
            Cell::Amount(money) => writer.write_field(money.to_string()),
            Cell::Whole(number) => writer.write_field(guarded(&number.to_string()).as_ref()),
            Cell::Day(day) => writer.write_field(guarded(day).as_ref()),
        }
        .map_err(of_csv)?;
    }
    writer.write_record(None::<&[u8]>).map_err(of_csv)
}

/// What the disk said, as it said it: that it is full is told as that.
fn of_csv(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
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
    use till_core::money::Currency;
    use till_core::order::refund::RefundState;

    #[test]
    fn a_refund_that_was_marked_by_hand_says_so_in_its_own_column() {
        let folder = tempfile::tempdir().unwrap();
        let (mut files, _) = create(folder.path()).unwrap();
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
            may_succeed_until: None,
            next_query_at: None,
            unanswered: 0,
            trouble: None,
            can_send_again: None,
            can_be_made_anew: false,
            can_withdraw: false,
            can_be_marked: false,
            mark: None,
            by_hand: Some(words.to_owned()),
        };
        let (day, currency) = ("2026-01-05".to_owned(), Currency::Cny);
        files.refund(&RefundLine { refund, day, currency }).unwrap();
        files.finish(&Rows { orders: 0, refunds: 1, events: 0 }).unwrap();
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
