//! The merchant's list of goods and prices, a file beside the till. It is read for each order, so that a price that was changed
//! counts from then on.

mod readings;

use super::cause_of;
pub(super) use readings::Readings;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;
use till_core::account::Account;
use till_core::catalogue::{Catalogue, Goods, Wrong};
use till_core::error::FileCause;

/// The account's field with the file's path.
pub(super) const FIELD: &str = "catalogue";

/// The columns of a table, in any order and among others.
const COLUMNS: [&str; 3] = ["id", "name", "price"];

/// The largest file that is read, in bytes: many thousands of lines.
const SIZE_LIMIT: u64 = 4 * 1024 * 1024;

/// A line of the file. The price is in minor units of the gateway's currency, a whole number.
#[derive(Deserialize)]
struct Line {
    id: String,
    name: String,
    price: i64,
}

impl Line {
    fn goods(self) -> (String, Goods) {
        (self.id, Goods { name: self.name, price_minor: self.price })
    }
}

/// Why a catalogue cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unusable {
    /// It was not read in this time.
    #[error("it was not read within {} seconds", .0.as_secs())]
    Late(Duration),
    /// No file is there.
    #[error("it is not there")]
    NotThere,
    /// The system does not give it, or it is no text.
    #[error("{said}")]
    Unread {
        /// Why.
        cause: FileCause,
        /// The system's number of that.
        number: Option<i32>,
        /// The system's words for the log.
        said: String,
    },
    /// It is no catalogue, as a whole.
    #[error("{}", .0.word())]
    Wrong(Wrong),
    /// One of its lines is wrong.
    #[error("line {line}: {said}")]
    Line {
        /// Its number from 1 on.
        line: u64,
        /// What is wrong with it.
        wrong: Wrong,
        /// The words for the log of whatever read it.
        said: String,
    },
}

impl Unusable {
    /// The facts of a finding that say so of `file`: names, and values that need no language.
    pub(super) fn facts(&self, file: &str) -> Vec<(String, String)> {
        let (name, value) = match self {
            Self::Late(patience) => ("catalogue_late", format!("{} s", patience.as_secs())),
            Self::NotThere => ("catalogue_not_there", file.to_owned()),
            Self::Unread { cause: FileCause::Other, number: Some(number), .. } => {
                ("catalogue_error", number.to_string())
            }
            Self::Unread { cause, .. } => ("catalogue_unread", cause.word().to_owned()),
            Self::Wrong(wrong) | Self::Line { wrong, .. } => ("catalogue_wrong", wrong.word().to_owned()),
        };
        let line = match self {
            Self::Line { line, .. } => Some(("catalogue_line", line.to_string())),
            Self::Late(_) | Self::NotThere | Self::Unread { .. } | Self::Wrong(_) => None,
        };
        [(name, value)].into_iter().chain(line).map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

impl From<io::Error> for Unusable {
    fn from(error: io::Error) -> Self {
        let cause = cause_of(error.kind());
        if cause == FileCause::NotThere {
            return Self::NotThere;
        }
        Self::Unread { cause, number: error.raw_os_error(), said: error.to_string() }
    }
}

/// The account's catalogue; none where it has none. An error says, for the merchant, why it cannot be used: then nobody knows
/// what anything costs.
pub(super) async fn of(account: &Account, readings: &Readings) -> Result<Option<Catalogue>, Unusable> {
    let Some(path) = account.field(FIELD).map(PathBuf::from) else { return Ok(None) };
    readings.of(path, read).await.map(Some)
}

fn read(path: &Path) -> Result<Catalogue, Unusable> {
    if !path.is_absolute() {
        return Err(Unusable::Wrong(Wrong::RelativePath));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(SIZE_LIMIT.saturating_add(1)).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length <= SIZE_LIMIT) {
        parse(&bytes)
    } else {
        Err(Unusable::Wrong(Wrong::TooLong))
    }
}

/// JSON, an array of objects, or a table whose first line names the columns.
fn parse(bytes: &[u8]) -> Result<Catalogue, Unusable> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let said = error.to_string();
        Unusable::Unread { cause: FileCause::NotUtf8, number: None, said }
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = if text.trim_ascii_start().starts_with('[') { of_json(text) } else { of_table(text) }?;
    let mut reached = 0;
    let goods = lines.into_iter().map(|(begins, line)| {
        reached = begins;
        line.goods()
    });
    Catalogue::of(goods).map_err(|bad| {
        let (line, wrong) = (line_at(text.as_bytes(), reached), bad.wrong());
        Unusable::Line { line, wrong, said: bad.to_string() }
    })
}

/// The goods of a JSON array, each with the byte that it begins at.
fn of_json(text: &str) -> Result<Vec<(u64, Line)>, Unusable> {
    let bad = |lines_before: u64, error: &serde_json::Error| {
        let wrong = if error.is_data() { Wrong::Fields } else { Wrong::NotJson };
        let line = u64::try_from(error.line()).unwrap_or(u64::MAX).saturating_add(lines_before);
        Unusable::Line { line, wrong, said: error.to_string() }
    };
    let all: Vec<&RawValue> = serde_json::from_str(text).map_err(|error| bad(0, &error))?;
    let mut lines = Vec::with_capacity(all.len());
    let mut reached = 0_usize;
    for one in all {
        let rest = text.get(reached..).unwrap_or_default();
        // Nothing but a comma and space lies before it, so that it stands where it is found first.
        let begins = reached.saturating_add(rest.find(one.get()).unwrap_or(0));
        reached = begins.saturating_add(one.get().len());
        let begins = u64::try_from(begins).unwrap_or(u64::MAX);
        let lines_before = || line_at(text.as_bytes(), begins).saturating_sub(1);
        lines.push((begins, serde_json::from_str(one.get()).map_err(|error| bad(lines_before(), &error))?));
    }
    Ok(lines)
}

/// The goods of a table, each with the byte that it begins at.
fn of_table(text: &str) -> Result<Vec<(u64, Line)>, Unusable> {
    let bytes = text.as_bytes();
    let bad = |error: csv::Error| {
        let begins = error.position().map_or(0, csv::Position::byte);
        // All columns but the price are texts.
        let of_a_value = matches!(error.kind(), csv::ErrorKind::Deserialize { .. });
        let wrong = if of_a_value { Wrong::Price } else { Wrong::Values };
        Unusable::Line { line: line_at(bytes, begins), wrong, said: error.to_string() }
    };
    let mut table = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes);
    let columns = table.headers().map_err(bad)?.clone();
    if COLUMNS.iter().any(|wanted| columns.iter().filter(|column| column == wanted).count() != 1) {
        let said = format!("it does not name the columns {} once each", COLUMNS.join(", "));
        return Err(Unusable::Line { line: line_at(bytes, 0), wrong: Wrong::Columns, said });
    }
    let mut lines = Vec::new();
    for record in table.records() {
        let record = record.map_err(bad)?;
        let begins = record.position().map_or(0, csv::Position::byte);
        lines.push((begins, record.deserialize::<Line>(Some(&columns)).map_err(bad)?));
    }
    Ok(lines)
}

/// The number of the line at a byte, past what ends the line before it and lines without anything.
fn line_at(bytes: &[u8], begins: u64) -> u64 {
    let begins = usize::try_from(begins).unwrap_or(usize::MAX);
    let (before, rest) = bytes.split_at_checked(begins).unwrap_or((bytes, &[]));
    let ends = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
    let breaks = before.iter().chain(ends).filter(|byte| **byte == b'\n').count();
    u64::try_from(breaks).unwrap_or(u64::MAX).saturating_add(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use till_core::order::event::Item;

    #[test]
    fn a_catalogue_is_json_or_a_table_and_its_prices_are_whole() {
        let item = [Item { id: "tea".into(), quantity: 2, amount_minor: 1000 }];
        for text in [
            "[{\"id\":\"tea\",\"name\":\"红茶\",\"price\":500,\"colour\":\"red\"}]",
            "id,name,price\r\ntea,红茶,500\r\n",
            "\u{feff}name,price,stock,id\n\"红茶\", 500 ,3,tea\n",
        ] {
            let catalogue = parse(text.as_bytes()).unwrap();
            assert_eq!((catalogue.sells(&item), catalogue.names(&item)), (Ok(()), "红茶".into()), "{text}");
        }
        for text in [
            "",
            "id,name\ntea,红茶\n",
            "id,name,price\ntea,红茶,5.00\n",
            "id,name,price\ntea,红茶,-5\n",
            "id,name,price\ntea,红茶,5e2\n",
            "id,name,price\ntea,红茶,5\ntea,红茶,6\n",
            "[{\"id\":\"tea\",\"name\":\"红茶\",\"price\":5.0}]",
            "[{\"id\":\"tea\",\"name\":\"红茶\",\"price\":\"5\"}]",
            "{\"tea\":5}",
        ] {
            let read = parse(text.as_bytes());
            assert!(read.is_err(), "{text}");
        }
    }

    #[test]
    fn of_a_line_that_is_wrong_it_is_told_what_and_where() {
        for (text, wrong, line) in [
            ("", Wrong::Columns, 1),
            ("id,name\ntea,红茶\n", Wrong::Columns, 1),
            ("id,id,name,price\na,tea,红茶,500\n", Wrong::Columns, 1),
            ("id,name,price\ntea,红茶,500\ncake,蛋糕,2.50\n", Wrong::Price, 3),
            ("id,name,price\r\ntea,红茶,500\r\ncake,蛋糕,2.50\r\n", Wrong::Price, 3),
            ("id,name,price\ntea,红茶,99999999999999999999\n", Wrong::Price, 2),
            ("id,name,price\n\n\"a\n b\",红茶,500\n\ncake,蛋糕\n", Wrong::Values, 6),
            ("id,name,price\ntea,红茶,500\ncake,蛋糕,1\ntea,红茶,6\nbag,袋,0\n", Wrong::Twice, 4),
            ("\u{feff}id,name,price\ntea,红茶,-5", Wrong::BelowZero, 2),
            ("id,name,price\ntea,红茶,5\n,蛋糕,5\n", Wrong::NoId, 3),
            ("[{\"id\":\"a\",\"name\":\"a\",\"price\":1},\n{\"id\":\"b\",\"price\":\"1\"}]", Wrong::Fields, 2),
            ("\n[\n{\"id\":\"a\",\n\"name\":\"a\",\n\"price\":5.0}]", Wrong::Fields, 5),
            ("\n[\n 5]", Wrong::Fields, 3),
            ("\n[\n{]", Wrong::NotJson, 3),
            ("[", Wrong::NotJson, 1),
            (
                "[{\"id\":\"a\",\"name\":\"a\",\"price\":1},\n{\"id\":\"b\",\n\"name\":\"b\",\"price\":1},\n\n\
                 {\"id\":\"a\",\"name\":\"a\",\"price\":1}]",
                Wrong::Twice,
                5,
            ),
            ("[\n{\"id\":\"a\",\"name\":\"a\",\"price\":-1}]", Wrong::BelowZero, 2),
        ] {
            let said = parse(text.as_bytes()).unwrap_err();
            let facts = [("catalogue_wrong", wrong.word().to_owned()), ("catalogue_line", line.to_string())];
            let facts = facts.map(|(name, value)| (name.to_owned(), value));
            assert_eq!(said.facts("/shop/goods.csv"), facts, "{text}: {said}");
        }
    }

    #[test]
    fn why_a_file_is_not_read_is_said_in_our_words_or_by_the_systems_number() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("goods.csv");
        let file = path.to_str().unwrap();
        std::fs::write(&path, b"id,name,price\ntea,\xba\xec\xb2\xe8,500\n").unwrap();
        let told = |wrong: Unusable| wrong.facts(file);
        let fact = |name: &str, value: &str| vec![(name.to_owned(), value.to_owned())];
        assert_eq!(told(read(&path).unwrap_err()), fact("catalogue_unread", "not_utf8"), "as Chinese Excel writes it");
        for (error, expected) in [
            (io::Error::from(io::ErrorKind::NotFound), fact("catalogue_not_there", file)),
            (io::Error::from(io::ErrorKind::PermissionDenied), fact("catalogue_unread", "not_allowed")),
            (io::Error::from(io::ErrorKind::IsADirectory), fact("catalogue_unread", "a_folder")),
            (io::Error::from(io::ErrorKind::NotADirectory), fact("catalogue_unread", "not_a_folder")),
            (io::Error::from(io::ErrorKind::Unsupported), fact("catalogue_unread", "other")),
            (io::Error::from_raw_os_error(99_999), fact("catalogue_error", "99999")),
        ] {
            assert_eq!(told(error.into()), expected);
        }
    }

    #[test]
    fn a_file_that_is_not_there_is_too_long_or_named_relatively_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("goods.csv");
        assert_eq!(read(&path).unwrap_err(), Unusable::NotThere);
        let relative = read(Path::new("goods.csv")).unwrap_err();
        assert_eq!(relative, Unusable::Wrong(Wrong::RelativePath));
        let facts = vec![("catalogue_wrong".to_owned(), "relative_path".to_owned())];
        assert_eq!(relative.facts("goods.csv"), facts, "of no line");
        std::fs::write(&path, "id,name,price\ntea,红茶,500\n").unwrap();
        assert!(read(&path).is_ok());
        std::fs::write(&path, " ".repeat(usize::try_from(SIZE_LIMIT).unwrap() + 1)).unwrap();
        assert_eq!(read(&path).unwrap_err(), Unusable::Wrong(Wrong::TooLong));
    }
}
