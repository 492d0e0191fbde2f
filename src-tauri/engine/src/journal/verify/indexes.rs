//! Whether each index of a table holds exactly the table's rows, each in its place.
//!
//! SQLite's own check looks every row up in every index. Here the table and each of its indexes are read once, from end to end: an index
//! whose entries are in order and are, taken together, those that the rows make, holds what it should. "Taken together" is a sum of keyed
//! hashes of 64 bits, whose key is made anew for every look.

use std::hash::{BuildHasher, Hasher, RandomState};

use rusqlite::types::{FromSql, FromSqlResult, ValueRef};
use rusqlite::{Connection, Row};

use super::super::schema;
use crate::storage::StorageFault;

/// What entries come to, whatever their order.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Sum {
    entries: u64,
    hashes: u64,
}

impl Sum {
    fn add(&mut self, hash: u64) {
        self.entries = self.entries.wrapping_add(1);
        self.hashes = self.hashes.wrapping_add(hash);
    }
}

/// A column of an index.
struct Column {
    name: String,
    /// Whether capital and small letters count as one.
    nocase: bool,
}

/// An index, as the database describes it.
struct Index {
    name: String,
    columns: Vec<Column>,
    unique: bool,
    /// Which rows it holds, where it does not hold all: SQL.
    filter: Option<String>,
}

/// Whether all indexes of `table` hold its rows. They must be those that this program makes; none may be of an expression.
pub(super) fn fit(connection: &Connection, table: &str) -> Result<bool, StorageFault> {
    let indexes = indexes_of(connection, table)?;
    let key = RandomState::new();
    let due = sums_of_rows(connection, table, &indexes, &key)?;
    for (index, due) in indexes.iter().zip(due) {
        let fits = sum_of_entries(connection, table, index, &key)? == Some(due);
        if !fits || holds_more(connection, index, due.entries)? {
            tracing::warn!(table, index = index.name, "an index does not hold what the table does");
            return Ok(false);
        }
    }
    Ok(true)
}

fn indexes_of(connection: &Connection, table: &str) -> Result<Vec<Index>, StorageFault> {
    let mut listed = connection.prepare("SELECT name, \"unique\" FROM pragma_index_list(?1) ORDER BY seq")?;
    let listed: Vec<(String, bool)> =
        listed.query_map([table], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    let mut described =
        connection.prepare("SELECT name, coll FROM pragma_index_xinfo(?1) WHERE key = 1 ORDER BY seqno")?;
    let index = |(name, unique): (String, bool)| {
        let column = |row: &Row<'_>| {
            let collation: String = row.get(1)?;
            Ok(Column { name: row.get(0)?, nocase: collation.eq_ignore_ascii_case("NOCASE") })
        };
        let columns = described.query_map([&name], column)?.collect::<Result<_, _>>()?;
        let filter = schema::filter_of(connection, &name)?;
        Ok(Index { name, columns, unique, filter })
    };
    listed.into_iter().map(index).collect()
}

/// What the entries of each index ought to come to, by one pass over the rows.
fn sums_of_rows(
    connection: &Connection,
    table: &str,
    indexes: &[Index],
    key: &RandomState,
) -> Result<Vec<Sum>, StorageFault> {
    let mut columns: Vec<&str> =
        indexes.iter().flat_map(|index| &index.columns).map(|column| column.name.as_str()).collect();
    columns.sort_unstable();
    columns.dedup();
    let filters = indexes.iter().map(|index| index.filter.as_deref().unwrap_or("1"));
    let wanted: Vec<&str> = ["rowid"].into_iter().chain(columns.iter().copied()).chain(filters).collect();
    // Of each index the places of its columns among those that are read, and of its filter.
    let mut places = Vec::new();
    for (index, filter) in indexes.iter().zip(columns.len().saturating_add(1)..) {
        let of_columns: Option<Vec<usize>> = index
            .columns
            .iter()
            .map(|column| columns.binary_search(&column.name.as_str()).ok()?.checked_add(1))
            .collect();
        places.push((of_columns.unwrap_or_default(), filter));
    }
    let mut statement = connection.prepare(&format!("SELECT {} FROM {table} NOT INDEXED", wanted.join(", ")))?;
    let mut rows = statement.query([])?;
    let mut sums = vec![Sum::default(); indexes.len()];
    let mut hashes = Vec::new();
    while let Some(row) = rows.next()? {
        hashes.clear();
        for place in 0..=columns.len() {
            hashes.push(hash_of(row.get_ref(place)?, key));
        }
        for (sum, (of_columns, filter)) in sums.iter_mut().zip(&places) {
            if row.get::<_, Truth>(*filter)?.0 {
                let of_columns = of_columns.iter().chain(&[0]);
                sum.add(joined(of_columns.filter_map(|place| hashes.get(*place)), key));
            }
        }
    }
    Ok(sums)
}

/// What the entries of an index come to; `None` if one is not where it should be.
fn sum_of_entries(
    connection: &Connection,
    table: &str,
    index: &Index,
    key: &RandomState,
) -> Result<Option<Sum>, StorageFault> {
    let mut wanted: Vec<&str> = index.columns.iter().map(|column| column.name.as_str()).collect();
    wanted.push("rowid");
    let filter = index.filter.as_deref().unwrap_or("1");
    let mut statement = connection.prepare(&format!(
        "SELECT {} FROM {table} INDEXED BY {} WHERE {filter}",
        wanted.join(", "),
        index.name
    ))?;
    let mut rows = statement.query([])?;
    let mut sum = Sum::default();
    let (mut place, mut before) = (Vec::new(), Vec::new());
    let mut hashes = Vec::new();
    while let Some(row) = rows.next()? {
        place.clear();
        hashes.clear();
        for (column, at) in index.columns.iter().zip(0..) {
            let value = row.get_ref(at)?;
            hashes.push(hash_of(value, key));
            put(&mut place, value, column.nocase);
        }
        let rowid = row.get_ref(index.columns.len())?;
        hashes.push(hash_of(rowid, key));
        if !index.unique {
            put(&mut place, rowid, false);
        }
        if place <= before {
            return Ok(None);
        }
        std::mem::swap(&mut place, &mut before);
        sum.add(joined(&hashes, key));
    }
    Ok(Some(sum))
}

/// Whether an index holds more entries than those that were read. By its filter SQLite begins behind those without a first column,
/// of which there should be none.
fn holds_more(connection: &Connection, index: &Index, read: u64) -> Result<bool, StorageFault> {
    if index.filter.is_none() {
        return Ok(false);
    }
    let entries: i64 = connection.query_row(
        "SELECT ncell FROM dbstat WHERE aggregate = TRUE AND name = ?1",
        [&index.name],
        |row| row.get(0),
    )?;
    Ok(u64::try_from(entries) != Ok(read))
}

/// What SQL takes for true.
struct Truth(bool);

impl FromSql for Truth {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Ok(Self(!matches!(value, ValueRef::Null | ValueRef::Integer(0))))
    }
}

fn hash_of(value: ValueRef<'_>, key: &RandomState) -> u64 {
    let mut hasher = key.build_hasher();
    match value {
        ValueRef::Null => hasher.write_u8(0),
        ValueRef::Integer(number) => {
            hasher.write_u8(1);
            hasher.write_i64(number);
        }
        ValueRef::Real(number) => {
            hasher.write_u8(2);
            hasher.write_u64(number.to_bits());
        }
        ValueRef::Text(text) => {
            hasher.write_u8(3);
            hasher.write(text);
        }
        ValueRef::Blob(bytes) => {
            hasher.write_u8(4);
            hasher.write(bytes);
        }
    }
    hasher.finish()
}

fn joined<'a>(parts: impl IntoIterator<Item = &'a u64>, key: &RandomState) -> u64 {
    let mut hasher = key.build_hasher();
    parts.into_iter().for_each(|part| hasher.write_u64(*part));
    hasher.finish()
}

/// Appends a value to a place, so that places compare byte by byte as SQLite orders entries.
fn put(place: &mut Vec<u8>, value: ValueRef<'_>, nocase: bool) {
    match value {
        ValueRef::Null => place.push(0),
        ValueRef::Integer(number) => {
            place.push(1);
            // The sign bit turned over, negative numbers come first.
            place.extend((number ^ i64::MIN).to_be_bytes());
        }
        // No column of the journal holds any.
        ValueRef::Real(number) => place.extend(number.to_be_bytes()),
        ValueRef::Text(text) if nocase => {
            // SQLite compares up to a zero byte, and then lengths.
            place.push(2);
            place.extend(text.iter().take_while(|byte| **byte != 0).map(u8::to_ascii_lowercase));
            place.push(0);
            place.extend(text.len().to_be_bytes());
        }
        ValueRef::Text(bytes) => put_bytes(place, 2, bytes),
        ValueRef::Blob(bytes) => put_bytes(place, 3, bytes),
    }
}

/// A zero byte is followed by 0xFF, the end by another zero, so that a beginning comes before what goes on.
fn put_bytes(place: &mut Vec<u8>, kind: u8, bytes: &[u8]) {
    place.push(kind);
    for piece in bytes.split_inclusive(|byte| *byte == 0) {
        place.extend(piece);
        if piece.ends_with(&[0]) {
            place.push(0xFF);
        }
    }
    place.extend([0, 0]);
}

#[cfg(test)]
mod tests;
