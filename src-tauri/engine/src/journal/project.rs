//! The projections' rows: orders and accounts as lists and searches read them.

use rusqlite::{Connection, OptionalExtension, named_params};

use super::fault::stored;
use crate::storage::{OrderRow, Row, StorageFault};

/// The columns that [`order`] expects, in its order.
pub(super) const ORDER_COLUMNS: &str = "order_no, sale, account_id, account, gateway, channel, amount_minor, \
     currency, state, open, late, attention, paid_minor, refunded_minor, gateway_no, wallet_no, day, created_at, \
     paid_at, ended_at";

/// The stream that a row belongs to.
pub(super) fn subject(row: &Row) -> String {
    match row {
        Row::Order(order) => format!("order/{}", order.order_no),
        Row::Account { id, .. } => format!("account/{id}"),
    }
}

/// Writes a row over the one that is there. `first` is the sequence number of its subject's first event.
pub(super) fn write(connection: &Connection, row: &Row, first: u64) -> Result<(), StorageFault> {
    match row {
        Row::Order(order) => write_order(connection, order),
        Row::Account { id, json } => {
            connection
                .prepare_cached(
                    "INSERT INTO accounts (id, created, json) VALUES (?1, ?2, ?3)
                     ON CONFLICT (id) DO UPDATE SET created = excluded.created, json = excluded.json",
                )?
                .execute((id, stored(first)?, json))?;
            Ok(())
        }
    }
}

fn write_order(connection: &Connection, order: &OrderRow) -> Result<(), StorageFault> {
    connection
        .prepare_cached(
            "INSERT INTO orders (order_no, sale, account_id, account, gateway, channel, amount_minor, currency,
                 state, open, late, attention, paid_minor, refunded_minor, gateway_no, wallet_no, day, created_at,
                 paid_at, ended_at)
             VALUES (:order_no, :sale, :account_id, :account, :gateway, :channel, :amount_minor, :currency,
                 :state, :open, :late, :attention, :paid_minor, :refunded_minor, :gateway_no, :wallet_no, :day,
                 :created_at, :paid_at, :ended_at)
             ON CONFLICT (order_no) DO UPDATE SET sale = excluded.sale, account_id = excluded.account_id,
                 account = excluded.account, gateway = excluded.gateway, channel = excluded.channel,
                 amount_minor = excluded.amount_minor, currency = excluded.currency, state = excluded.state,
                 open = excluded.open, late = excluded.late, attention = excluded.attention,
                 paid_minor = excluded.paid_minor, refunded_minor = excluded.refunded_minor,
                 gateway_no = excluded.gateway_no, wallet_no = excluded.wallet_no, day = excluded.day,
                 created_at = excluded.created_at, paid_at = excluded.paid_at, ended_at = excluded.ended_at",
        )?
        .execute(named_params! {
            ":order_no": order.order_no,
            ":sale": order.sale,
            ":account_id": order.account_id,
            ":account": order.account,
            ":gateway": order.gateway,
            ":channel": order.channel,
            ":amount_minor": order.amount_minor,
            ":currency": order.currency,
            ":state": order.state,
            ":open": order.open,
            ":late": order.late,
            ":attention": order.attention,
            ":paid_minor": order.paid_minor,
            ":refunded_minor": order.refunded_minor,
            ":gateway_no": order.gateway_no,
            ":wallet_no": order.wallet_no,
            ":day": order.day,
            ":created_at": order.created_at,
            ":paid_at": order.paid_at,
            ":ended_at": order.ended_at,
        })?;
    Ok(())
}

/// Reads a row of [`ORDER_COLUMNS`].
pub(super) fn order(row: &rusqlite::Row<'_>) -> rusqlite::Result<OrderRow> {
    Ok(OrderRow {
        order_no: row.get(0)?,
        sale: row.get(1)?,
        account_id: row.get(2)?,
        account: row.get(3)?,
        gateway: row.get(4)?,
        channel: row.get(5)?,
        amount_minor: row.get(6)?,
        currency: row.get(7)?,
        state: row.get(8)?,
        open: row.get(9)?,
        late: row.get(10)?,
        attention: row.get(11)?,
        paid_minor: row.get(12)?,
        refunded_minor: row.get(13)?,
        gateway_no: row.get(14)?,
        wallet_no: row.get(15)?,
        day: row.get(16)?,
        created_at: row.get(17)?,
        paid_at: row.get(18)?,
        ended_at: row.get(19)?,
    })
}

/// The row that is stored for a subject.
pub(super) fn find(connection: &Connection, subject: &str) -> Result<Option<Row>, StorageFault> {
    if let Some(order_no) = subject.strip_prefix("order/") {
        let found = connection
            .prepare_cached(&format!("SELECT {ORDER_COLUMNS} FROM orders WHERE order_no = ?1"))?
            .query_row([order_no], order)
            .optional()?;
        return Ok(found.map(|order| Row::Order(Box::new(order))));
    }
    if let Some(id) = subject.strip_prefix("account/") {
        let found = connection
            .prepare_cached("SELECT json FROM accounts WHERE id = ?1")?
            .query_row([id], |row| row.get(0))
            .optional()?;
        return Ok(found.map(|json| Row::Account { id: id.to_owned(), json }));
    }
    Ok(None)
}

/// Looks for a row whose subject has no event, among the rows behind `key`. Hands back the key of the last row that it
/// looked at (`None` at the end), and whether one was found.
pub(super) fn orphan(connection: &Connection, rows: Rows, key: &str) -> Result<(Option<String>, bool), StorageFault> {
    let (table, column, prefix) = match rows {
        Rows::Orders => ("orders", "order_no", "order/"),
        Rows::Accounts => ("accounts", "id", "account/"),
    };
    let found = connection
        .prepare_cached(&format!(
            "SELECT max({column}), coalesce(max(NOT EXISTS (SELECT 1 FROM journal WHERE subject = '{prefix}' || {column})), 0)
             FROM (SELECT {column} FROM {table} WHERE {column} > ?1 ORDER BY {column} LIMIT 1000)"
        ))?
        .query_row([key], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(found)
}

/// The two tables of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rows {
    Orders,
    Accounts,
}

/// Accounts as JSON, in order of creation.
pub(super) fn accounts(connection: &Connection) -> Result<Vec<String>, StorageFault> {
    let mut statement = connection.prepare_cached("SELECT json FROM accounts ORDER BY created, id")?;
    let rows = statement.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
