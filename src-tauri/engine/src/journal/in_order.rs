//! Orders and refunds in the order in which they are handed out, each with its order's events: page after page behind a place
//! that no row ever leaves, whatever is sold or given back meanwhile.

use rusqlite::Connection;
use till_core::journal::order_subject;

use super::project::{REFUND_COLUMNS, order, order_columns, refund};
use super::read;
use super::schema;
use crate::storage::{OrderRow, RefundRow, StorageFault, StoredEvent};

/// The events of an order, or why they cannot be read.
pub(crate) type Stream = Result<Vec<StoredEvent>, StorageFault>;

/// Orders behind a place, the oldest first; the events of those that are wanted.
pub(super) fn orders(
    connection: &Connection,
    after: Option<(i64, String)>,
    wanted: impl Fn(&OrderRow) -> bool,
    limit: u32,
) -> Result<Vec<(OrderRow, Option<Stream>)>, StorageFault> {
    let columns = order_columns(connection)?;
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {columns} FROM orders WHERE (created_at, order_no) > (?1, ?2) ORDER BY created_at, order_no LIMIT ?3"
    ))?;
    let (created_at, order_no) = after.unwrap_or((i64::MIN, String::new()));
    let rows = statement.query_map((created_at, order_no, limit), order)?.collect::<Result<Vec<_>, _>>()?;
    let with_stream = |row: OrderRow| {
        let stream = wanted(&row).then(|| read::stream(connection, &order_subject(&row.order_no)));
        (row, stream)
    };
    Ok(rows.into_iter().map(with_stream).collect())
}

/// Refunds behind a number, by number, each with the events of its order. When one was asked for may change: its number does not.
pub(super) fn refunds(
    connection: &Connection,
    after: &str,
    limit: u32,
) -> Result<Vec<(RefundRow, Stream)>, StorageFault> {
    if !schema::has_refunds(connection)? {
        return Ok(Vec::new());
    }
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {REFUND_COLUMNS} FROM refunds WHERE refund_no > ?1 ORDER BY refund_no LIMIT ?2"
    ))?;
    let rows = statement.query_map((after, limit), refund)?.collect::<Result<Vec<_>, _>>()?;
    let with_stream = |row: RefundRow| {
        let stream = read::stream(connection, &order_subject(&row.order_no));
        (row, stream)
    };
    Ok(rows.into_iter().map(with_stream).collect())
}

/// How many orders and refunds there are.
pub(super) fn counts(connection: &Connection) -> Result<(u64, u64), StorageFault> {
    let count = |table: &str| -> Result<u64, StorageFault> {
        let found: i64 = connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))?;
        Ok(u64::try_from(found).unwrap_or(0))
    };
    let refunds = if schema::has_refunds(connection)? { count("refunds")? } else { 0 };
    Ok((count("orders")?, refunds))
}
