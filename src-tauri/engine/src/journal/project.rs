//! The projections' rows: orders, refunds and accounts as lists and searches read them.

use rusqlite::{Connection, OptionalExtension, named_params};

use super::fault::stored;
use super::schema;
use crate::storage::{OrderRow, RefundRow, Row, StorageFault};

/// The columns that [`order`] expects, in its order. What an older file's rows do not say yet is said by the events.
pub(super) fn order_columns(connection: &Connection) -> Result<String, StorageFault> {
    let by_hand = if schema::has_refunds(connection)? { "by_hand" } else { "NULL" };
    let sold_by = sold_by(connection)?;
    Ok(format!(
        "order_no, sale, account_id, account, gateway, channel, amount_minor, currency, state, open, late, attention, \
         paid_minor, refunded_minor, gateway_no, wallet_no, day, created_at, paid_at, ended_at, {by_hand}, {sold_by}"
    ))
}

/// Who made an order: SQL.
pub(super) fn sold_by(connection: &Connection) -> Result<&'static str, StorageFault> {
    Ok(if schema::has_sellers(connection)? {
        "sold_by"
    } else {
        "coalesce((SELECT CASE WHEN substr(actor, 1, 9) = 'operator:' THEN substr(actor, 10) ELSE actor END \
         FROM journal WHERE subject = 'order/' || order_no AND subject_seq = 1), '')"
    })
}

/// The columns that [`refund`] expects, in its order.
pub(super) const REFUND_COLUMNS: &str =
    "refund_no, order_no, amount_minor, currency, state, open, given_by, gateway_refund_no, requested_at";

/// The stream that a row belongs to.
pub(super) fn subject(row: &Row) -> String {
    match row {
        Row::Order(order, _) => format!("order/{}", order.order_no),
        Row::Account { id, .. } => format!("account/{id}"),
    }
}

/// Writes a row over the one that is there. `first` is the sequence number of its subject's first event.
pub(super) fn write(connection: &Connection, row: &Row, first: u64) -> Result<(), StorageFault> {
    match row {
        Row::Order(order, refunds) => {
            write_order(connection, order)?;
            (1..).zip(refunds).try_for_each(|(place, refund)| write_refund(connection, place, refund))
        }
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
                 paid_at, ended_at, by_hand, sold_by)
             VALUES (:order_no, :sale, :account_id, :account, :gateway, :channel, :amount_minor, :currency,
                 :state, :open, :late, :attention, :paid_minor, :refunded_minor, :gateway_no, :wallet_no, :day,
                 :created_at, :paid_at, :ended_at, :by_hand, :sold_by)
             ON CONFLICT (order_no) DO UPDATE SET sale = excluded.sale, account_id = excluded.account_id,
                 account = excluded.account, gateway = excluded.gateway, channel = excluded.channel,
                 amount_minor = excluded.amount_minor, currency = excluded.currency, state = excluded.state,
                 open = excluded.open, late = excluded.late, attention = excluded.attention,
                 paid_minor = excluded.paid_minor, refunded_minor = excluded.refunded_minor,
                 gateway_no = excluded.gateway_no, wallet_no = excluded.wallet_no, day = excluded.day,
                 created_at = excluded.created_at, paid_at = excluded.paid_at, ended_at = excluded.ended_at,
                 by_hand = excluded.by_hand, sold_by = excluded.sold_by",
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
            ":by_hand": order.by_hand,
            ":sold_by": order.sold_by,
        })?;
    Ok(())
}

fn write_refund(connection: &Connection, place: i64, refund: &RefundRow) -> Result<(), StorageFault> {
    connection
        .prepare_cached(
            "INSERT INTO refunds (refund_no, order_no, place, amount_minor, currency, state, open, given_by,
                 gateway_refund_no, requested_at)
             VALUES (:refund_no, :order_no, :place, :amount_minor, :currency, :state, :open, :given_by,
                 :gateway_refund_no, :requested_at)
             ON CONFLICT (refund_no) DO UPDATE SET order_no = excluded.order_no, place = excluded.place,
                 amount_minor = excluded.amount_minor, currency = excluded.currency, state = excluded.state,
                 open = excluded.open, given_by = excluded.given_by, gateway_refund_no = excluded.gateway_refund_no,
                 requested_at = excluded.requested_at",
        )?
        .execute(named_params! {
            ":refund_no": refund.refund_no,
            ":order_no": refund.order_no,
            ":place": place,
            ":amount_minor": refund.amount_minor,
            ":currency": refund.currency,
            ":state": refund.state,
            ":open": refund.open,
            ":given_by": refund.given_by,
            ":gateway_refund_no": refund.gateway_refund_no,
            ":requested_at": refund.requested_at,
        })?;
    Ok(())
}

/// Reads a row of [`REFUND_COLUMNS`].
pub(super) fn refund(row: &rusqlite::Row<'_>) -> rusqlite::Result<RefundRow> {
    Ok(RefundRow {
        refund_no: row.get(0)?,
        order_no: row.get(1)?,
        amount_minor: row.get(2)?,
        currency: row.get(3)?,
        state: row.get(4)?,
        open: row.get(5)?,
        given_by: row.get(6)?,
        gateway_refund_no: row.get(7)?,
        requested_at: row.get(8)?,
    })
}

/// Reads a row of [`order_columns`].
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
        by_hand: row.get(20)?,
        sold_by: row.get(21)?,
    })
}

fn refunds_of(connection: &Connection, order_no: &str) -> Result<Vec<RefundRow>, StorageFault> {
    if !schema::has_refunds(connection)? {
        return Ok(Vec::new());
    }
    let mut statement = connection
        .prepare_cached(&format!("SELECT {REFUND_COLUMNS} FROM refunds WHERE order_no = ?1 ORDER BY place"))?;
    let rows = statement.query_map([order_no], refund)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The row that is stored for a subject.
pub(super) fn find(connection: &Connection, subject: &str) -> Result<Option<Row>, StorageFault> {
    if let Some(order_no) = subject.strip_prefix("order/") {
        let found = connection
            .prepare_cached(&format!("SELECT {} FROM orders WHERE order_no = ?1", order_columns(connection)?))?
            .query_row([order_no], order)
            .optional()?;
        let Some(order) = found else { return Ok(None) };
        return Ok(Some(Row::Order(Box::new(order), refunds_of(connection, order_no)?)));
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

/// Takes a subject's rows away.
pub(super) fn remove(connection: &Connection, subject: &str) -> Result<(), StorageFault> {
    if let Some(order_no) = subject.strip_prefix("order/") {
        connection.prepare_cached("DELETE FROM refunds WHERE order_no = ?1")?.execute([order_no])?;
        connection.prepare_cached("DELETE FROM orders WHERE order_no = ?1")?.execute([order_no])?;
    }
    if let Some(id) = subject.strip_prefix("account/") {
        connection.prepare_cached("DELETE FROM accounts WHERE id = ?1")?.execute([id])?;
    }
    Ok(())
}

/// Takes away every row whose subject has no event.
pub(super) fn remove_orphans(connection: &Connection) -> Result<(), StorageFault> {
    connection.execute_batch(
        "DELETE FROM orders WHERE NOT EXISTS (SELECT 1 FROM journal WHERE subject = 'order/' || order_no);
         DELETE FROM refunds WHERE NOT EXISTS (SELECT 1 FROM journal WHERE subject = 'order/' || order_no);
         DELETE FROM accounts WHERE NOT EXISTS (SELECT 1 FROM journal WHERE subject = 'account/' || id);",
    )?;
    Ok(())
}

/// Whether there is an account's row whose subject has no event.
pub(super) fn is_account_orphaned(connection: &Connection) -> Result<bool, StorageFault> {
    Ok(connection
        .prepare_cached(
            "SELECT 1 FROM accounts WHERE NOT EXISTS (SELECT 1 FROM journal WHERE subject = 'account/' || id)",
        )?
        .exists([])?)
}

/// The rows of the orders behind a number up to another, or to the last, by number.
pub(super) fn order_rows(
    connection: &Connection,
    behind: &str,
    upto: Option<&str>,
) -> Result<Vec<OrderRow>, StorageFault> {
    let columns = order_columns(connection)?;
    let end = if upto.is_some() { "AND order_no <= ?2" } else { "AND ?2 IS NULL" };
    let mut statement = connection
        .prepare_cached(&format!("SELECT {columns} FROM orders WHERE order_no > ?1 {end} ORDER BY order_no"))?;
    let rows = statement.query_map((behind, upto), order)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The rows of the refunds of such orders, in the order that each order's were asked for in.
pub(super) fn refund_rows(
    connection: &Connection,
    behind: &str,
    upto: Option<&str>,
) -> Result<Vec<RefundRow>, StorageFault> {
    let end = if upto.is_some() { "AND order_no <= ?2" } else { "AND ?2 IS NULL" };
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {REFUND_COLUMNS} FROM refunds WHERE order_no > ?1 {end} ORDER BY order_no, place"
    ))?;
    let rows = statement.query_map((behind, upto), refund)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Accounts as JSON, in order of creation.
pub(super) fn accounts(connection: &Connection) -> Result<Vec<String>, StorageFault> {
    let mut statement = connection.prepare_cached("SELECT json FROM accounts ORDER BY created, id")?;
    let rows = statement.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
