//! An index that does not hold what its table does is found, whichever it is and whatever differs.

use super::super::handed::Handed;
use super::super::{Flaw, LONG, rows};
use super::*;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use tempfile::TempDir;

/// Tables whose indexes are compared, and the one whose index is compared where the streams are looked at.
fn tables() -> impl Iterator<Item = &'static str> {
    ["journal"].into_iter().chain(LONG)
}

/// Makes the tables with this many rows each, without what keeps the journal from being changed.
fn filled(path: &Path, rows: u32) {
    let mut connection = Connection::open(path).unwrap();
    schema::prepare_writer(&mut connection).unwrap();
    connection
        .execute_batch(&format!(
            "DROP TRIGGER journal_is_not_updated; DROP TRIGGER journal_is_not_deleted; DROP TRIGGER journal_grows_at_its_end;
WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {rows})
INSERT INTO journal SELECT n, 'order/TK' || n % 7, n, n, 0, '2027-01-15', 'owner', x'7b7d', zeroblob(32), zeroblob(32) FROM n;
WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {rows})
INSERT INTO answers SELECT unhex(printf('%064x', n * 7919 % 65536 * 256)), n, x'00' FROM n;
WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {rows})
INSERT INTO orders (order_no, sale, account_id, account, gateway, channel, amount_minor, currency, state, open, late, attention,
    by_hand, paid_minor, refunded_minor, gateway_no, wallet_no, day, created_at, paid_at, ended_at)
SELECT printf('Tk%cz%05d', 65 + n % 40, n * 7919 % 65536), 'S' || n / 3, 'a1', 'main', 'pooul', 'wechat.scan', n % 5 - 2, 'CNY',
    iif(n % 3, 'paid', 'closed'), n % 4 = 0, 0, iif(n % 5, NULL, 'paid_late'), iif(n % 6, NULL, 'paid'), n, 0,
    iif(n % 7, NULL, 'g' || n % 9), iif(n % 8, NULL, printf('%c', 64 + n % 60)), '2027-01-15', n / 2, iif(n % 9, n, NULL),
    iif(n % 10, n, NULL) FROM n;"
        ))
        .unwrap();
    let _: String = connection.query_row("PRAGMA journal_mode = DELETE", [], |row| row.get(0)).unwrap();
}

fn all_fit(path: &Path) -> bool {
    let mut connection = Connection::open(path).unwrap();
    let of_streams = rows::rows(&mut connection, None, &AtomicBool::new(false), Handed::default()).unwrap();
    of_streams != Some((Flaw::FileDamaged, None)) && LONG.into_iter().all(|table| fit(&connection, table).unwrap())
}

#[test]
fn indexes_as_the_database_keeps_them_fit() {
    let folder = TempDir::new().unwrap();
    for rows in [0, 1, 2, 5_000] {
        let path = folder.path().join(format!("{rows}.sqlite"));
        filled(&path, rows);
        assert!(all_fit(&path), "{rows} rows");
    }
}

#[test]
fn every_index_of_the_long_tables_is_one_that_is_compared() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("journal.sqlite");
    filled(&path, 1);
    let connection = Connection::open(&path).unwrap();
    let of_streams: Vec<String> =
        indexes_of(&connection, "journal").unwrap().into_iter().map(|index| index.name).collect();
    assert_eq!(of_streams, ["sqlite_autoindex_journal_1"], "the one that is walked with the streams");
    for table in tables() {
        let indexes = indexes_of(&connection, table).unwrap();
        let there: u32 = connection
            .query_row("SELECT count(*) FROM sqlite_schema WHERE type = 'index' AND tbl_name = ?1", [table], |row| {
                row.get(0)
            })
            .unwrap();
        assert_eq!(u32::try_from(indexes.len()), Ok(there), "{table}");
        for index in indexes {
            assert!(!index.columns.is_empty(), "{}", index.name);
            let partial: bool = connection
                .query_row("SELECT partial FROM pragma_index_list(?1) WHERE name = ?2", [table, &index.name], |row| {
                    row.get(0)
                })
                .unwrap();
            assert_eq!(partial, index.filter.is_some(), "{}", index.name);
        }
    }
}

/// Changes of one row each, and the columns of indexes that they change.
const CHANGES: [(&str, &str, &[&str]); 17] = [
    ("journal", "subject = 'order/TKx'", &["subject"]),
    ("journal", "subject_seq = 99", &["subject_seq"]),
    ("answers", "sha256 = zeroblob(32)", &["sha256"]),
    ("orders", "order_no = order_no || 'A'", &["order_no", "tail"]),
    // Of the same place in the order of its index.
    ("orders", "order_no = upper(order_no)", &["order_no", "tail"]),
    ("orders", "created_at = 77", &["created_at"]),
    ("orders", "state = 'failed'", &["state"]),
    ("orders", "sale = 'T'", &["sale"]),
    ("orders", "amount_minor = 77", &["amount_minor"]),
    ("orders", "ended_at = coalesce(ended_at, 0) + 77", &["ended_at"]),
    ("orders", "gateway_no = 'G0'", &["gateway_no"]),
    ("orders", "wallet_no = 'W0'", &["wallet_no"]),
    ("orders", "paid_at = coalesce(paid_at, 0) + 77", &["paid_at"]),
    ("orders", "currency = 'HKD', paid_at = coalesce(paid_at, 1)", &["currency"]),
    ("orders", "paid_minor = 77, paid_at = coalesce(paid_at, 1)", &["paid_minor"]),
    ("orders", "open = 1 - open", &["open"]),
    (
        "orders",
        "attention = iif(attention IS NULL, 'paid_late', NULL), by_hand = iif(by_hand IS NULL, 'paid', NULL)",
        &["attention", "by_hand"],
    ),
];

/// Where the first page of an index lies. Each has but one.
fn page_of(path: &Path, index: &str) -> std::ops::Range<usize> {
    let connection = Connection::open(path).unwrap();
    let page: u32 =
        connection.query_row("SELECT rootpage FROM sqlite_schema WHERE name = ?1", [index], |row| row.get(0)).unwrap();
    let size: u32 = connection.query_row("PRAGMA page_size", [], |row| row.get(0)).unwrap();
    let at = |page: u32| usize::try_from(page * size).unwrap();
    at(page - 1)..at(page)
}

#[test]
fn an_index_that_was_left_behind_is_found_whatever_changed() {
    let folder = TempDir::new().unwrap();
    let place = |name: &str| folder.path().join(name);
    filled(&place("before"), 12);
    let before = std::fs::read(place("before")).unwrap();
    let (mut left_behind, mut names) = (0, std::collections::BTreeSet::new());
    for (table, change, columns) in CHANGES {
        for rowid in 1..=12 {
            std::fs::write(place("after"), &before).unwrap();
            let connection = Connection::open(place("after")).unwrap();
            connection.execute_batch(&format!("UPDATE {table} SET {change} WHERE rowid = {rowid}")).unwrap();
            let indexes = indexes_of(&connection, table).unwrap();
            drop(connection);
            assert!(all_fit(&place("after")), "{change}");
            let after = std::fs::read(place("after")).unwrap();
            for index in indexes {
                let touches = |column: &&str| {
                    index.columns.iter().any(|of_index| of_index.name == **column)
                        || index.filter.as_ref().is_some_and(|filter| filter.contains(*column))
                };
                let page = page_of(&place("after"), &index.name);
                if !columns.iter().any(touches) || after[page.clone()] == before[page.clone()] {
                    continue;
                }
                let mut spliced = after.clone();
                spliced[page.clone()].copy_from_slice(&before[page]);
                std::fs::write(place("spliced"), &spliced).unwrap();
                assert!(!all_fit(&place("spliced")), "{} keeps what was before {change} of {rowid}", index.name);
                left_behind += 1;
                names.insert(index.name);
            }
        }
    }
    let connection = Connection::open(place("before")).unwrap();
    let every: Vec<String> =
        tables().flat_map(|table| indexes_of(&connection, table).unwrap()).map(|index| index.name).collect();
    assert_eq!(names.len(), every.len(), "{every:?}: each was left behind once at least: {names:?}");
    assert!(left_behind > 300, "{left_behind}");
}

#[test]
fn entries_out_of_their_order_are_found() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("journal.sqlite");
    filled(&path, 12);
    let intact = std::fs::read(&path).unwrap();
    let connection = Connection::open(&path).unwrap();
    let indexes: Vec<Index> = tables().flat_map(|table| indexes_of(&connection, table).unwrap()).collect();
    for index in indexes {
        let page = page_of(&path, &index.name).start;
        // The pointers to the page's entries follow its header of eight bytes; the first two change places.
        let entries = u16::from_be_bytes([intact[page + 3], intact[page + 4]]);
        if entries < 2 {
            continue;
        }
        let mut exchanged = intact.clone();
        exchanged.copy_within(page + 8..page + 10, page + 10);
        exchanged[page + 8..page + 10].copy_from_slice(&intact[page + 10..page + 12]);
        let place = folder.path().join("exchanged");
        std::fs::write(&place, exchanged).unwrap();
        assert!(!all_fit(&place), "{}", index.name);
    }
}

#[test]
fn an_index_with_entries_of_rows_that_it_does_not_hold_is_found() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("journal.sqlite");
    filled(&path, 500);
    let intact = std::fs::read(&path).unwrap();
    let connection = Connection::open(&path).unwrap();
    let partial: Vec<(String, String)> = connection
        .prepare(
            "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'orders' AND sql LIKE '% WHERE %'",
        )
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    drop(connection);
    assert_eq!(partial.len(), 7, "{partial:?}");
    for (name, made) in partial {
        std::fs::write(&path, &intact).unwrap();
        let (whole, _) = made.split_once(" WHERE ").unwrap();
        let connection = Connection::open(&path).unwrap();
        connection.execute_batch(&format!("DROP INDEX {name}; {whole}; PRAGMA writable_schema = ON;")).unwrap();
        connection.execute("UPDATE sqlite_schema SET sql = ?2 WHERE name = ?1", [&name, &made]).unwrap();
        drop(connection);
        assert!(!all_fit(&path), "{name}");
    }
}
