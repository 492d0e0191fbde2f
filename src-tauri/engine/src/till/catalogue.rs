//! The merchant's list of goods and prices, a file beside the till. It is read for each order, so that a price that was changed
//! counts from then on.

mod readings;

pub(super) use readings::Readings;
use serde::Deserialize;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use till_core::account::Account;
use till_core::catalogue::{Catalogue, Goods};

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

/// The account's catalogue; none where it has none. An error says, for the merchant, why it cannot be used: then nobody knows
/// what anything costs.
pub(super) async fn of(account: &Account, readings: &Readings) -> Result<Option<Catalogue>, String> {
    let Some(path) = account.field(FIELD).map(PathBuf::from) else { return Ok(None) };
    readings.of(path, read).await.map(Some)
}

fn read(path: &Path) -> Result<Catalogue, String> {
    if !path.is_absolute() {
        return Err("its path is not absolute".to_owned());
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| error.to_string())?;
    file.take(SIZE_LIMIT.saturating_add(1)).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length <= SIZE_LIMIT) {
        parse(&bytes)
    } else {
        Err(format!("it is longer than {SIZE_LIMIT} bytes"))
    }
}

/// JSON, an array of objects, or a table whose first line names the columns.
fn parse(bytes: &[u8]) -> Result<Catalogue, String> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let lines: Vec<Line> = if bytes.trim_ascii_start().starts_with(b"[") {
        serde_json::from_slice(bytes).map_err(|error| error.to_string())?
    } else {
        let mut table = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes);
        let columns = table.headers().map_err(|error| error.to_string())?;
        if COLUMNS.iter().any(|wanted| !columns.iter().any(|column| column == *wanted)) {
            return Err(format!("its first line does not name the columns {}", COLUMNS.join(", ")));
        }
        table.deserialize().collect::<Result<_, _>>().map_err(|error| error.to_string())?
    };
    let goods = lines.into_iter().map(|Line { id, name, price }| (id, Goods { name, price_minor: price }));
    Catalogue::of(goods).map_err(|bad| bad.to_string())
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
    fn a_file_that_is_not_there_is_too_long_or_named_relatively_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("goods.csv");
        assert!(read(&path).is_err());
        assert!(read(Path::new("goods.csv")).unwrap_err().contains("absolute"));
        std::fs::write(&path, "id,name,price\ntea,红茶,500\n").unwrap();
        assert!(read(&path).is_ok());
        std::fs::write(&path, " ".repeat(usize::try_from(SIZE_LIMIT).unwrap() + 1)).unwrap();
        assert!(read(&path).unwrap_err().contains("longer"));
    }
}
