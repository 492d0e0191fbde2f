//! An export as one workbook, `orders.xlsx`: sheets of orders, refunds, events and totals.
//!
//! Written in one pass from the first row to the last, straight into the archive: nothing is held but one row, and a disk that is
//! full is an error like any other. Amounts are numbers whose digits are those of the minor units (no float is computed), days are
//! dates, times are texts with their offset, and everything else is text. Nothing in a text is ever calculated.

use super::manifest::{FileSum, Sheet, Summed};
use super::sums::{Sum, with_totals};
use super::table::{Cell, Column, EVENTS, ORDERS, REFUNDS, TOTALS};
use super::{EventFiles, OrderFiles, OrderLine, RefundLine, Rows};
use crate::reading::EventLine;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::Path;
use till_core::money::Money;
use words::{CONTENT_TYPES, RELATIONS, STYLES, SheetWords};
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, ZipWriter};

mod words;

/// The workbook's file.
pub(super) const NAME: &str = "orders.xlsx";

/// Rows of a sheet, the header among them; more go on in a further sheet.
const ROWS: u32 = 1_048_576;

/// What one sheet may come to before it is packed: an archive's entry of 4 GiB needs a format that not every program reads.
const BYTES: u64 = 3 << 30;

/// The longest text of a cell, in UTF-16 units.
const LONGEST: usize = 32_767;

/// What stands at the end of a text that is longer.
const CUT: &str = " … (cut: CSV and JSON Lines have all of it)";

/// Spreadsheets count with 15 digits: a number of more is a text, so that each of its digits stays.
const DIGITS: usize = 15;

/// The sheets, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Orders,
    Refunds,
    Events,
    Totals,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Orders, Self::Refunds, Self::Events, Self::Totals];

    fn name(self) -> &'static str {
        match self {
            Self::Orders => "orders",
            Self::Refunds => "refunds",
            Self::Events => "events",
            Self::Totals => "totals",
        }
    }

    fn header(self) -> Vec<&'static str> {
        fn names<T>(columns: &[Column<T>]) -> Vec<&'static str> {
            columns.iter().map(|column| column.name).collect()
        }
        match self {
            Self::Orders => names(&ORDERS),
            Self::Refunds => names(&REFUNDS),
            Self::Events => names(&EVENTS),
            Self::Totals => names(&TOTALS),
        }
    }
}

/// A sheet that is being written.
struct Open {
    kind: Kind,
    /// Which one of its kind, from 1.
    part: u32,
    /// Rows so far, the header among them.
    rows: u32,
    bytes: u64,
}

/// `orders.xlsx`.
pub(super) struct XlsxFile {
    zip: ZipWriter<StreamWriter<Latched>>,
    open: Option<Open>,
    sheets: Vec<Sheet>,
    /// The row that is being put together.
    row: String,
    /// Rows of a sheet.
    limit: u32,
}

impl XlsxFile {
    pub(super) fn create(folder: &Path) -> io::Result<Self> {
        Self::over(Summed::create(folder, NAME)?, ROWS)
    }

    /// A workbook in this file, of sheets of so many rows.
    pub(super) fn over(file: Summed, limit: u32) -> io::Result<Self> {
        let mut zip = ZipWriter::new_stream(Latched { file, failed: false });
        for (name, text) in [("_rels/.rels", RELATIONS), ("xl/styles.xml", STYLES)] {
            zip.start_file(name, packed())?;
            zip.write_all(text.as_bytes())?;
        }
        Ok(Self { zip, open: None, sheets: Vec::new(), row: String::new(), limit })
    }

    /// The totals, and everything reaches the disk.
    pub(super) fn finish(mut self, rows: &Rows, sums: &[Sum]) -> io::Result<Vec<FileSum>> {
        self.turn_to(Kind::Totals)?;
        for sum in with_totals(sums) {
            self.put(Kind::Totals, &TOTALS, &sum)?;
        }
        self.close()?;
        let names: Vec<&str> = self.sheets.iter().map(|sheet| sheet.name.as_str()).collect();
        for (name, text) in [
            ("xl/workbook.xml", SheetWords::workbook(&names)),
            ("xl/_rels/workbook.xml.rels", SheetWords::relations(names.len())),
            ("[Content_Types].xml", CONTENT_TYPES.replace("{sheets}", &SheetWords::types(names.len()))),
        ] {
            self.zip.start_file(name, packed())?;
            self.zip.write_all(text.as_bytes())?;
        }
        let rows = rows.orders.saturating_add(rows.refunds).saturating_add(rows.events);
        let sum = self.zip.finish()?.into_inner().file.finish(rows)?;
        Ok(vec![FileSum { sheets: self.sheets, ..sum }])
    }

    fn put<T>(&mut self, kind: Kind, columns: &[Column<T>], line: &T) -> io::Result<()> {
        self.turn_to(kind)?;
        let cells = columns.iter().map(|column| (column.cell)(line));
        self.write_row(cells, false)
    }

    /// Goes on in a sheet of `kind` that takes another row. Those before it are there, even if nothing stands in them.
    fn turn_to(&mut self, kind: Kind) -> io::Result<()> {
        loop {
            let (next, part) = match &self.open {
                None => (Kind::Orders, 1),
                Some(open) if open.kind == kind => {
                    if open.rows < self.limit && open.bytes < BYTES {
                        return Ok(());
                    }
                    (kind, open.part.saturating_add(1))
                }
                Some(open) => match Kind::ALL.into_iter().find(|later| *later > open.kind) {
                    Some(later) => (later, 1),
                    None => return Err(io::Error::other("a sheet that was closed")),
                },
            };
            self.close()?;
            self.begin(next, part)?;
        }
    }

    fn begin(&mut self, kind: Kind, part: u32) -> io::Result<()> {
        let name = if part == 1 { kind.name().to_owned() } else { format!("{} {part}", kind.name()) };
        self.sheets.push(Sheet { name, rows: 0 });
        self.zip.start_file(SheetWords::path(self.sheets.len()), packed())?;
        let header = kind.header();
        self.zip.write_all(SheetWords::beginning(header.len(), self.sheets.len() == 1).as_bytes())?;
        self.open = Some(Open { kind, part, rows: 0, bytes: 0 });
        self.write_row(header.into_iter().map(|name| Cell::Text(name.into())), true)
    }

    fn close(&mut self) -> io::Result<()> {
        let Some(open) = self.open.take() else { return Ok(()) };
        if let Some(sheet) = self.sheets.last_mut() {
            sheet.rows = u64::from(open.rows.saturating_sub(1));
        }
        self.zip.write_all(SheetWords::END.as_bytes())
    }

    fn write_row<'a>(&mut self, cells: impl Iterator<Item = Cell<'a>>, header: bool) -> io::Result<()> {
        let Some(open) = &mut self.open else { return Err(io::Error::other("no sheet is open")) };
        open.rows = open.rows.saturating_add(1);
        self.row.clear();
        // Nothing fails that is written to a text.
        let _ = write!(self.row, "<row r=\"{}\">", open.rows);
        for (place, cell) in cells.enumerate() {
            write_cell(&mut self.row, &cell, &format!("{}{}", letters(place), open.rows), header);
        }
        self.row.push_str("</row>");
        open.bytes = open.bytes.saturating_add(u64::try_from(self.row.len()).unwrap_or(u64::MAX));
        self.zip.write_all(self.row.as_bytes())
    }
}

impl OrderFiles for XlsxFile {
    fn order(&mut self, line: &OrderLine) -> io::Result<()> {
        self.put(Kind::Orders, &ORDERS, line)
    }

    fn refund(&mut self, line: &RefundLine) -> io::Result<()> {
        self.put(Kind::Refunds, &REFUNDS, line)
    }
}

impl EventFiles for XlsxFile {
    fn event(&mut self, line: &EventLine) -> io::Result<()> {
        self.put(Kind::Events, &EVENTS, line)
    }
}

fn packed() -> SimpleFileOptions {
    SimpleFileOptions::default().compression_method(CompressionMethod::Deflated)
}

/// `A`, ..., `Z`, `AA`, ...: the name of a column, counted from 0.
fn letters(place: usize) -> String {
    let letter = |place: usize| char::from(b'A'.saturating_add(u8::try_from(place % 26).unwrap_or(0)));
    match (place / 26).checked_sub(1) {
        None => letter(place).to_string(),
        Some(before) => format!("{}{}", letters(before), letter(place)),
    }
}

fn write_cell(row: &mut String, cell: &Cell<'_>, name: &str, header: bool) {
    let number = |row: &mut String, style: u8, digits: &str| {
        let _ = write!(row, "<c r=\"{name}\" s=\"{style}\"><v>{digits}</v></c>");
    };
    match cell {
        Cell::Empty => {}
        Cell::Amount(money) => match exact(*money) {
            Some(digits) => number(row, words::AMOUNT, &digits),
            None => write_text(row, &money.to_string(), name, words::TEXT),
        },
        Cell::Whole(whole) => {
            let digits = whole.to_string();
            if counted(&digits) <= DIGITS {
                number(row, words::WHOLE, &digits);
            } else {
                write_text(row, &digits, name, words::TEXT);
            }
        }
        Cell::Day(day) => match words::serial(day) {
            Some(serial) => number(row, words::DAY, &serial.to_string()),
            None => write_text(row, day, name, words::TEXT),
        },
        Cell::Text(text) => write_text(row, text, name, if header { words::HEADER } else { words::TEXT }),
    }
}

/// The digits of an amount, where a spreadsheet keeps every one of them.
fn exact(money: Money) -> Option<String> {
    let digits = money.to_string();
    (counted(&digits) <= DIGITS).then_some(digits)
}

fn counted(digits: &str) -> usize {
    digits.bytes().filter(u8::is_ascii_digit).count()
}

fn write_text(row: &mut String, text: &str, name: &str, style: u8) {
    if text.is_empty() {
        return;
    }
    let _ = write!(row, "<c r=\"{name}\" s=\"{style}\" t=\"inlineStr\"><is><t xml:space=\"preserve\">");
    if text.encode_utf16().count() > LONGEST {
        let mut left = LONGEST.saturating_sub(CUT.encode_utf16().count());
        let fits = |letter: &char| {
            let still = left.checked_sub(letter.len_utf16());
            left = still.unwrap_or(0);
            still.is_some()
        };
        let kept: String = text.chars().take_while(fits).collect();
        words::escape(row, &kept);
        words::escape(row, CUT);
    } else {
        words::escape(row, text);
    }
    row.push_str("</t></is></c>");
}

/// A file that swallows everything once a write of it has failed: an archive that is given up writes its end nevertheless.
struct Latched {
    file: Summed,
    failed: bool,
}

impl Write for Latched {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        if self.failed {
            return Ok(buffer.len());
        }
        let written = self.file.write(buffer);
        self.failed = written.as_ref().is_err_and(|error| error.kind() != io::ErrorKind::Interrupted);
        written
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.failed { Ok(()) } else { self.file.flush() }
    }
}
