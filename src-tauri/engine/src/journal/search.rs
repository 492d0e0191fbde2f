//! Finding orders and refunds, newest first, page after page.

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::project::{REFUND_COLUMNS, order, order_columns, refund};
use super::schema;
use crate::storage::{OrderRow, OrderSearch, RefundRow, RefundSearch, StorageFault};

/// Ways in which a number can match, the closest first. `?` is the number, `~` what comes behind all that begin with it.
const CLOSE: [&str; 2] = [
    "order_no IN (SELECT order_no FROM orders WHERE order_no = upper(?)
        UNION ALL SELECT order_no FROM orders WHERE tail = upper(?)
        UNION ALL SELECT order_no FROM orders WHERE gateway_no = ?
        UNION ALL SELECT order_no FROM orders WHERE wallet_no = ?)",
    "order_no IN (SELECT order_no FROM orders WHERE order_no >= upper(?) AND order_no < upper(~)
        UNION ALL SELECT order_no FROM orders WHERE gateway_no >= ? AND gateway_no < ~
        UNION ALL SELECT order_no FROM orders WHERE wallet_no >= ? AND wallet_no < ~)",
];

/// When nothing matches closely: anywhere within. Reads every order's numbers.
const WITHIN: &str = "(instr(order_no, upper(?)) > 0 OR instr(gateway_no, ?) > 0 OR instr(wallet_no, ?) > 0)";

/// Conditions and what is bound to them.
#[derive(Debug, Default)]
struct Query {
    parts: Vec<String>,
    bound: Vec<Value>,
}

impl Query {
    fn with(&mut self, part: &str, bound: impl Into<Value>) {
        self.parts.push(part.to_owned());
        self.bound.push(bound.into());
    }

    /// The column has one of these values; of none, any.
    fn one_of(&mut self, column: &str, values: &[String]) {
        if !values.is_empty() {
            self.parts.push(format!("{column} IN ({})", vec!["?"; values.len()].join(", ")));
            self.bound.extend(values.iter().cloned().map(Value::from));
        }
    }

    /// Spelled out, not bound: only so can the partial indexes serve.
    fn flag(&mut self, yes: &str, no: &str, wanted: Option<bool>) {
        if let Some(wanted) = wanted {
            self.parts.push(if wanted { yes } else { no }.to_owned());
        }
    }

    /// The whole condition, and what is bound to it and to the page's limit.
    fn page(mut self, limit: u32) -> (String, Vec<Value>) {
        let condition = if self.parts.is_empty() { "1".to_owned() } else { self.parts.join(" AND ") };
        self.bound.push(Value::from(i64::from(limit)));
        (condition, self.bound)
    }

    /// Adds a condition of [`CLOSE`] or [`WITHIN`].
    fn number(&mut self, condition: &str, number: &str) {
        for mark in condition.chars().filter(|mark| matches!(mark, '?' | '~')) {
            let end = if mark == '~' { "\u{10ffff}" } else { "" };
            self.bound.push(Value::from(format!("{number}{end}")));
        }
        self.parts.push(condition.replace('~', "?"));
    }
}

/// Orders that match, newest first.
pub(super) fn orders(connection: &Connection, search: &OrderSearch) -> Result<Vec<OrderRow>, StorageFault> {
    let mut query = Query::default();
    if let Some(number) = search.number.as_deref().map(str::trim).filter(|number| !number.is_empty()) {
        query.number(closest(connection, number)?, number);
    }
    if let Some(amount) = search.amount_minor {
        query.with("amount_minor = ?", amount);
    }
    query.one_of("state", &search.states);
    if let Some(account_id) = &search.account_id {
        query.with("account_id = ?", account_id.clone());
    }
    if let Some(sale) = &search.sale {
        query.with("sale = ?", sale.clone());
    }
    if let Some(from) = search.from {
        query.with("created_at >= ?", from);
    }
    if let Some(until) = search.until {
        query.with("created_at < ?", until);
    }
    query.flag("open = 1", "open = 0", search.open);
    query.flag("attention IS NOT NULL", "attention IS NULL", search.attention);
    if search.by_hand.is_some() && !schema::has_refunds(connection)? {
        return Ok(Vec::new());
    }
    query.flag("by_hand IS NOT NULL", "by_hand IS NULL", search.by_hand);
    if let Some(ended_from) = search.ended_from {
        query.with("ended_at >= ?", ended_from);
    }
    if let Some((created_at, order_no)) = &search.after {
        query.with("(created_at, order_no) < (?, ?)", *created_at);
        query.bound.push(Value::from(order_no.clone()));
    }
    let (condition, bound) = query.page(search.limit);
    let columns = order_columns(connection)?;
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {columns} FROM orders WHERE {condition} ORDER BY created_at DESC, order_no DESC LIMIT ?"
    ))?;
    let rows = statement.query_map(params_from_iter(bound), order)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// A refund by a part of a number.
const REFUND: &str =
    "(instr(refund_no, upper(?)) > 0 OR instr(order_no, upper(?)) > 0 OR instr(gateway_refund_no, ?) > 0)";

/// Refunds that match, newest first.
pub(super) fn refunds(connection: &Connection, search: &RefundSearch) -> Result<Vec<RefundRow>, StorageFault> {
    if !schema::has_refunds(connection)? {
        return Ok(Vec::new());
    }
    let mut query = Query::default();
    if let Some(number) = search.number.as_deref().map(str::trim).filter(|number| !number.is_empty()) {
        query.number(REFUND, number);
    }
    if let Some(amount) = search.amount_minor {
        query.with("amount_minor = ?", amount);
    }
    query.one_of("state", &search.states);
    if let Some(given_by) = &search.given_by {
        query.with("given_by = ?", given_by.clone());
    }
    if let Some(from) = search.from {
        query.with("requested_at >= ?", from);
    }
    if let Some(until) = search.until {
        query.with("requested_at < ?", until);
    }
    query.flag("open = 1", "open = 0", search.open);
    if let Some((requested_at, refund_no)) = &search.after {
        query.with("(requested_at, refund_no) < (?, ?)", *requested_at);
        query.bound.push(Value::from(refund_no.clone()));
    }
    let (condition, bound) = query.page(search.limit);
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {REFUND_COLUMNS} FROM refunds WHERE {condition} ORDER BY requested_at DESC, refund_no DESC LIMIT ?"
    ))?;
    let rows = statement.query_map(params_from_iter(bound), refund)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The closest condition that some order meets. The same for every page of a search, as the page plays no part in it.
fn closest(connection: &Connection, number: &str) -> Result<&'static str, StorageFault> {
    for condition in CLOSE {
        let mut query = Query::default();
        query.number(condition, number);
        let sql = format!("SELECT EXISTS (SELECT 1 FROM orders WHERE {})", query.parts.concat());
        let any: bool = connection.prepare_cached(&sql)?.query_row(params_from_iter(query.bound), |row| row.get(0))?;
        if any {
            return Ok(condition);
        }
    }
    Ok(WITHIN)
}
