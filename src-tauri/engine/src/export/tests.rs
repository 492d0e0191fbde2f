//! What leaves as a table, read back by a spreadsheet that we did not write.

mod given;
mod office;

use super::manifest::Summed;
use super::table::{Cell, Column, EVENTS, ORDERS, REFUNDS};
use super::xlsx_file::NAME;
use super::{EventFiles, Finish, OrderFiles, Rows, XlsxFile, csv_files, json_files};
use given::{events, orders, refunds};
use office::{Read, Sheet, read};
use serde_json::{Value, json};
use std::fs::File;
use std::io::{ErrorKind, Read as _};
use till_core::money::{Currency, Money};
use zip::ZipArchive;

/// The largest number that a spreadsheet keeps digit by digit.
const MOST: i64 = 999_999_999_999_999;

fn write_orders(files: &mut impl OrderFiles) {
    for line in orders() {
        files.order(&line).unwrap();
    }
    for line in refunds() {
        files.refund(&line).unwrap();
    }
}

fn write_events(files: &mut impl EventFiles) {
    for line in events() {
        files.event(&line).unwrap();
    }
}

fn rows() -> Rows {
    let count = |length: usize| u64::try_from(length).unwrap();
    Rows { orders: count(orders().len()), refunds: count(refunds().len()), events: count(events().len()) }
}

/// All of it in a workbook.
fn written(mut file: XlsxFile) -> Vec<super::FileSum> {
    write_orders(&mut file);
    write_events(&mut file);
    file.finish(&rows(), &given::sums()).unwrap()
}

/// Compares a sheet with what was written, cell by cell.
fn compare<T>(sheet: &Sheet, columns: &[Column<T>], lines: &[T], same: impl Fn(&Cell<'_>, &Read) -> bool) {
    let header: Vec<Read> = columns.iter().map(|column| Read::Text(column.name.to_owned())).collect();
    assert_eq!(sheet.rows.first(), Some(&header), "{}", sheet.name);
    assert_eq!(sheet.rows.len(), lines.len() + 1, "{}", sheet.name);
    for (line, row) in lines.iter().zip(&sheet.rows[1..]) {
        for (place, column) in columns.iter().enumerate() {
            let (cell, read) = ((column.cell)(line), row.get(place).unwrap_or(&Read::Empty));
            assert!(same(&cell, read), "{} {}: {cell:?} was read as {read:?}", sheet.name, column.name);
        }
    }
}

/// A workbook's cells have the type that they were given.
fn same_in_a_workbook(cell: &Cell<'_>, read: &Read) -> bool {
    match (cell, read) {
        (Cell::Empty, Read::Empty) => true,
        (Cell::Text(text), Read::Text(read)) => text == read,
        (Cell::Text(text), Read::Empty) => text.is_empty(),
        (Cell::Amount(money), Read::Number(read)) => padded(read) == money.to_string(),
        (Cell::Amount(money), Read::Text(read)) => money.minor > MOST && *read == money.to_string(),
        (Cell::Whole(whole), Read::Number(read)) => *read == whole.to_string(),
        (Cell::Whole(whole), Read::Text(read)) => *whole > MOST && *read == whole.to_string(),
        (Cell::Day(day), Read::Day(read)) => day == read,
        _ => false,
    }
}

/// In a text file the spreadsheet decides what is a number: every digit is kept, and nothing is calculated.
fn same_in_a_text_file(cell: &Cell<'_>, read: &Read) -> bool {
    let calculated = |text: &str| text.starts_with(['=', '+', '-', '@', '\t', '\r', '\'']);
    let otherwise = |text: &str| text.chars().all(|char| "0123456789.,/:-+eE% ".contains(char)) && !plain(text);
    let digit = |text: &str| text.chars().any(|char| char.is_ascii_digit());
    let marked = |text: &str| calculated(text) || (digit(text) && otherwise(text));
    match (cell, read) {
        (Cell::Text(text), Read::Text(read)) if marked(text) => *read == format!("'{text}"),
        (Cell::Text(text), Read::Truth(read)) => text == read,
        (Cell::Text(text), Read::Number(read)) => plain(text) && text == read,
        (Cell::Whole(whole), Read::Text(read)) => *whole > 99_999_999_999 && *read == format!("'{whole}"),
        _ => same_in_a_workbook(cell, read),
    }
}

/// A whole number that a spreadsheet shows as it is written.
fn plain(text: &str) -> bool {
    text.parse::<u64>().is_ok_and(|number| number <= 99_999_999_999 && number.to_string() == text)
}

/// `12.5` as an amount is written.
fn padded(number: &str) -> String {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    format!("{whole}.{fraction:0<2}")
}

#[test]
fn a_workbook_is_read_back_by_another_program_cell_by_cell() {
    let folder = tempfile::tempdir().unwrap();
    let sums = written(XlsxFile::create(folder.path()).unwrap());
    let sheets: Vec<(&str, u64)> = sums[0].sheets.iter().map(|sheet| (sheet.name.as_str(), sheet.rows)).collect();
    assert_eq!((sums.len(), sums[0].name.as_str()), (1, "orders.xlsx"));
    assert_eq!(sheets, [("orders", 3), ("refunds", 18), ("events", 2), ("totals", 5)]);
    let read = read(&folder.path().join("orders.xlsx"), None);
    let names: Vec<&str> = read.iter().map(|sheet| sheet.name.as_str()).collect();
    assert_eq!(names, ["orders", "refunds", "events", "totals"]);
    compare(&read[0], &ORDERS, &orders(), same_in_a_workbook);
    compare(&read[1], &REFUNDS, &refunds(), same_in_a_workbook);
    compare(&read[2], &EVENTS, &events(), same_in_a_workbook);
    // LibreOffice forgets how a sheet is looked at when it converts one.
    let mut archive = ZipArchive::new(File::open(folder.path().join(NAME)).unwrap()).unwrap();
    for number in 1..=4 {
        let mut sheet = String::new();
        let mut part = archive.by_name(&format!("xl/worksheets/sheet{number}.xml")).unwrap();
        part.read_to_string(&mut sheet).unwrap();
        assert!(sheet.contains(r#"<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>"#));
    }
    let totals: Vec<[&str; 4]> = read[3].rows[1..].iter().map(|row| [0, 1, 2, 3].map(|at| row[at].shown())).collect();
    assert_eq!(
        totals,
        [
            ["CNY", "", "closed", "1"],
            ["CNY", "", "paid", "2"],
            ["CNY", "", "all", "3"],
            ["HKD", "training", "paid", "1"],
            ["HKD", "training", "all", "1"],
        ]
    );
    let all: Vec<&str> = read[3].rows[3].iter().skip(4).map(Read::shown).collect();
    assert_eq!(all, ["37.5", "25", "22.5", "2", "", "0", "2.5", "1", "1.5"], "nothing is added up of what nobody said");
}

#[test]
fn text_files_are_read_back_by_another_program_cell_by_cell() {
    let folder = tempfile::tempdir().unwrap();
    let (mut orders_and_refunds, mut events_alone) = csv_files::create(folder.path()).unwrap();
    write_orders(&mut orders_and_refunds);
    write_events(&mut events_alone);
    let files = [orders_and_refunds.finish(&rows()).unwrap(), events_alone.finish(&rows()).unwrap()].concat();
    assert_eq!(files.iter().map(|file| file.rows).collect::<Vec<_>>(), [3, 18, 2]);
    let sheet = |name: &str| read(&folder.path().join(name), Some(office::CSV)).swap_remove(0);
    compare(&sheet("orders.csv"), &ORDERS, &orders(), same_in_a_text_file);
    compare(&sheet("refunds.csv"), &REFUNDS, &refunds(), same_in_a_text_file);
    compare(&sheet("events.csv"), &EVENTS, &events(), same_in_a_text_file);
}

#[test]
fn all_that_calls_for_a_person_and_all_that_went_back_elsewhere_stands_in_an_orders_row() {
    let folder = tempfile::tempdir().unwrap();
    let (mut files, _) = csv_files::create(folder.path()).unwrap();
    write_orders(&mut files);
    files.finish(&rows()).unwrap();
    let mut table = csv::Reader::from_path(folder.path().join("orders.csv")).unwrap();
    let header = table.headers().unwrap().clone();
    let lines: Vec<csv::StringRecord> = table.records().map(Result::unwrap).collect();
    let told = |row: usize| {
        ["attention", "refunded", "refunded_elsewhere", "refunded_elsewhere_minor", "refunds_elsewhere"]
            .map(|name| lines[row][header.iter().position(|column| column == name).unwrap()].to_owned())
    };
    assert_eq!(told(0), ["late_payment; refunded_elsewhere", "0.75", "3.25", "325", "'=EX1 3.00; EX2 0.25"]);
    assert_eq!(told(1), ["", "0.00", "", "", ""], "no notice told of any");

    let (mut files, _) = json_files::create(folder.path()).unwrap();
    write_orders(&mut files);
    files.finish(&rows()).unwrap();
    let text = std::fs::read_to_string(folder.path().join("orders.jsonl")).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let each = json!([
        {"refund_no": "=EX1", "amount": "3.00", "amount_minor": 300},
        {"refund_no": "EX2", "amount": "0.25", "amount_minor": 25},
    ]);
    assert_eq!((&lines[0]["refunded_elsewhere"], &lines[1]["refunded_elsewhere"]), (&each, &json!([])));
}

#[test]
fn rows_that_a_sheet_does_not_hold_go_on_in_a_further_one() {
    let folder = tempfile::tempdir().unwrap();
    let file = Summed::create(folder.path(), NAME).unwrap();
    let mut files = XlsxFile::over(file, 3).unwrap();
    let lines = refunds();
    lines.iter().take(5).for_each(|line| files.refund(line).unwrap());
    let sums = files.finish(&Rows { orders: 0, refunds: 5, events: 0 }, &[]).unwrap();
    let sheets: Vec<(&str, u64)> = sums[0].sheets.iter().map(|sheet| (sheet.name.as_str(), sheet.rows)).collect();
    let expected = [("orders", 0), ("refunds", 2), ("refunds 2", 2), ("refunds 3", 1), ("events", 0), ("totals", 0)];
    assert_eq!(sheets, expected);
    let read = read(&folder.path().join("orders.xlsx"), None);
    compare(&read[1], &REFUNDS, &refunds()[..2], same_in_a_workbook);
    compare(&read[2], &REFUNDS, &refunds()[2..4], same_in_a_workbook);
    compare(&read[3], &REFUNDS, &refunds()[4..5], same_in_a_workbook);
}

#[test]
fn a_workbook_that_a_full_disk_stops_says_so_and_can_be_given_up() {
    let full = File::options().write(true).open("/dev/full").unwrap();
    let fault = XlsxFile::over(Summed::of(full, NAME), 1_000_000).err().expect("it does not fit");
    assert_eq!(fault.kind(), ErrorKind::StorageFull);
}

/// A spreadsheet keeps a number as a binary fraction of 53 bits. One of 15 digits comes out of it as it went in.
#[test]
fn every_amount_that_is_written_as_a_number_reads_back_exactly() {
    let mut minor: i64 = 1;
    let mut tried = 0_u32;
    while minor <= MOST {
        for minor in [minor, minor - 1, minor / 9 * 7, MOST - minor] {
            let written = Money { minor, currency: Currency::Cny }.to_string();
            let held: f64 = written.parse().unwrap();
            assert_eq!(format!("{held:.2}"), written);
            tried += 1;
        }
        minor += 1 + minor / 5_000;
    }
    assert!(tried > 300_000, "{tried}");
    for minor in 0..=5_000_000 {
        let written = Money { minor, currency: Currency::Cny }.to_string();
        assert_eq!(format!("{:.2}", written.parse::<f64>().unwrap()), written, "every amount that a channel takes");
    }
}
