//! An export for spreadsheets.
//!
//! UTF-8 with a byte order mark, lines end in CR LF (RFC 4180). A cell that a spreadsheet would calculate or would shorten (it
//! begins with `=`, `+`, `-`, `@`, tab or CR, or is a number of more than 11 digits) has an apostrophe before it. So has a text
//! that it may read as a number, a date or a time (there is a digit in it, and nothing but digits, `.`, `,`, `/`, `:`, `-`, `+`,
//! `e`, `E`, `%` and spaces), unless that is a plain whole number without a zero before it. A text that begins with an apostrophe
//! has one more: the first apostrophe of a cell is never the text's own.

use super::manifest::{FileSum, GATHERED, Summed};
use super::table::{Cell, Column, EVENTS, ORDERS, REFUNDS};
use super::{EventFiles, Finish, OrderFiles, OrderLine, RefundLine, Rows};
use crate::reading::EventLine;
use csv::{ByteRecord, ReaderBuilder, Terminator, Writer, WriterBuilder};
use std::borrow::Cow;
use std::io::{self, Read, Write};
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
            Cell::Text(text) => writer.write_field(as_text(&text).as_ref()),
            Cell::Amount(money) => writer.write_field(money.to_string()),
            Cell::Whole(number) => writer.write_field(guarded(&number.to_string()).as_ref()),
            Cell::Day(day) => writer.write_field(guarded(day).as_ref()),
        }
        .map_err(of_csv)?;
    }
    writer.write_record(None::<&[u8]>).map_err(of_csv)
}

/// How many rows a file has, its header aside. Reads to its end.
pub(super) fn rows(file: impl Read) -> io::Result<u64> {
    let mut reader = ReaderBuilder::new().flexible(true).buffer_capacity(GATHERED).from_reader(file);
    let (mut record, mut rows) = (ByteRecord::new(), 0_u64);
    while reader.read_byte_record(&mut record).map_err(of_csv)? {
        rows = rows.saturating_add(1);
    }
    Ok(rows)
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
    let calculated = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\'']);
    let shortened = cell.len() > DIGITS && cell.bytes().all(|byte| byte.is_ascii_digit());
    if calculated || shortened { marked(cell) } else { Cow::Borrowed(cell) }
}

/// A text as a spreadsheet leaves it alone, whatever it looks like.
fn as_text(text: &str) -> Cow<'_, str> {
    if may_be_a_number(text) { marked(text) } else { guarded(text) }
}

fn marked(cell: &str) -> Cow<'_, str> {
    Cow::Owned(format!("'{cell}"))
}

/// Whether a spreadsheet may read it as a number, a date or a time, and show something else than stands there.
fn may_be_a_number(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let plain = digits == text.len() && digits <= DIGITS && (digits == 1 || !text.starts_with('0'));
    digits > 0 && !plain && text.bytes().all(|byte| byte.is_ascii_digit() || b".,/:-+eE% ".contains(&byte))
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
    fn texts_that_a_spreadsheet_would_read_as_something_else_stay_text_and_all_others_are_left_as_they_are() {
        for (cell, expected) in [
            ("=1+1", "'=1+1"),
            ("+86", "'+86"),
            ("-2", "'-2"),
            ("@a", "'@a"),
            ("\tx", "'\tx"),
            ("4200001234201811", "'4200001234201811"),
            ("00123", "'00123"),
            ("00", "'00"),
            ("12E5", "'12E5"),
            ("1e5", "'1e5"),
            ("123456789012E3", "'123456789012E3"),
            ("12/3", "'12/3"),
            ("2026-01-05", "'2026-01-05"),
            ("2026-01-05 10:42", "'2026-01-05 10:42"),
            ("12.50", "'12.50"),
            ("1,000", "'1,000"),
            ("5 %", "'5 %"),
            (" 7", "' 7"),
            ("'=Lin", "''=Lin"),
            ("'", "''"),
            ("12345678901", "12345678901"),
            ("0", "0"),
            ("100", "100"),
            ("2026-12-01T10:00:00+08:00", "2026-12-01T10:00:00+08:00"),
            ("TK12E5", "TK12E5"),
            ("e.E", "e.E"),
            ("练习, \"店\"", "练习, \"店\""),
            ("", ""),
        ] {
            let written = as_text(cell);
            assert_eq!(written, expected);
            assert_eq!(written.strip_prefix('\'').unwrap_or(&written), cell, "the first apostrophe can be taken off");
        }
    }

    #[test]
    fn whole_numbers_and_days_are_written_as_such() {
        for cell in ["100", "12345678901", "2026-01-05"] {
            assert_eq!(guarded(cell), cell);
        }
        assert_eq!(guarded("123456789012"), "'123456789012", "a spreadsheet would shorten it");
    }

    #[test]
    fn rows_are_counted_as_they_were_written_whatever_stands_in_their_cells() {
        let folder = tempfile::tempdir().unwrap();
        let line = || EventLine {
            till_id: "T1".to_owned(),
            seq: 1,
            subject: Some("two\r\nlines, \"quoted\"".to_owned()),
            subject_seq: None,
            at: None,
            day: None,
            actor: None,
            event: None,
            hash: None,
            fault: Some("\n\n".to_owned()),
        };
        for written in 0..4_u64 {
            let place = folder.path().join(written.to_string());
            std::fs::create_dir(&place).unwrap();
            let (_, mut files) = create(&place).unwrap();
            for _ in 0..written {
                files.event(&line()).unwrap();
            }
            files.finish(&Rows { orders: 0, refunds: 0, events: written }).unwrap();
            let file = std::fs::File::open(place.join("events.csv")).unwrap();
            assert_eq!(rows(file).unwrap(), written);
        }
    }
}
