//! Finding orders and refunds, newest first, page after page.

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::project::{REFUND_COLUMNS, order, order_columns, refund};
use super::schema;
use crate::storage::{OrderRow, OrderSearch, RefundRow, RefundSearch, StorageFault};

/// Ways in which a number can match an order or a refund of it, the closest first, in any case of its letters. `?` is the
/// number, `~` what comes behind all that begin with it.
pub(super) const CLOSE: [Numbers; 2] = [
    Numbers {
        of_orders: "SELECT order_no FROM orders WHERE order_no = ? COLLATE NOCASE
            UNION ALL SELECT order_no FROM orders WHERE tail = ? COLLATE NOCASE
            UNION ALL SELECT order_no FROM orders WHERE gateway_no = ? COLLATE NOCASE
            UNION ALL SELECT order_no FROM orders WHERE wallet_no = ? COLLATE NOCASE",
        of_refunds: "SELECT order_no FROM refunds WHERE refund_no = ? COLLATE NOCASE
            UNION ALL SELECT order_no FROM refunds WHERE substr(refund_no, -4) = ? COLLATE NOCASE
            UNION ALL SELECT order_no FROM refunds WHERE gateway_refund_no = ? COLLATE NOCASE",
    },
    Numbers {
        of_orders: "SELECT order_no FROM orders WHERE order_no >= ? COLLATE NOCASE AND order_no < ~ COLLATE NOCASE
            UNION ALL SELECT order_no FROM orders WHERE gateway_no >= ? COLLATE NOCASE AND gateway_no < ~ COLLATE NOCASE
            UNION ALL SELECT order_no FROM orders WHERE wallet_no >= ? COLLATE NOCASE AND wallet_no < ~ COLLATE NOCASE",
        of_refunds: "SELECT order_no FROM refunds WHERE refund_no >= ? COLLATE NOCASE AND refund_no < ~ COLLATE NOCASE
            UNION ALL SELECT order_no FROM refunds
                WHERE gateway_refund_no >= ? COLLATE NOCASE AND gateway_refund_no < ~ COLLATE NOCASE",
    },
];

/// The fewest characters by which a number is named.
const NAMED_BY: usize = 4;

/// When nothing matches closely: anywhere within. Reads every order's and refund's numbers.
const WITHIN: Numbers = Numbers {
    of_orders: "SELECT order_no FROM orders WHERE instr(upper(order_no), upper(?)) > 0
        OR instr(upper(gateway_no), upper(?)) > 0 OR instr(upper(wallet_no), upper(?)) > 0",
    of_refunds: "SELECT order_no FROM refunds
        WHERE instr(upper(refund_no), upper(?)) > 0 OR instr(upper(gateway_refund_no), upper(?)) > 0",
};

/// Created or paid between two times.
pub(super) const HAPPENED: &str = "order_no IN (SELECT order_no FROM orders WHERE created_at >= ? AND created_at < ?
    UNION ALL SELECT order_no FROM orders WHERE paid_at >= ? AND paid_at < ?)";

/// Orders by a number of theirs, and by one of their refunds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Numbers {
    of_orders: &'static str,
    of_refunds: &'static str,
}

impl Numbers {
    /// The condition on orders. A file of the first schema has no refunds.
    pub(super) fn condition(self, has_refunds: bool) -> String {
        let Self { of_orders, of_refunds } = self;
        if has_refunds {
            format!("order_no IN ({of_orders} UNION ALL {of_refunds})")
        } else {
            format!("order_no IN ({of_orders})")
        }
    }
}

/// What is read for a number that was typed.
#[derive(Debug, Clone, Copy)]
enum Match {
    /// Orders that one of the numbers leads to.
    Number(Numbers),
    /// None has that number: only the amount that it may be as well.
    AmountAlone,
}

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

    fn amount(&mut self, amount_minor: Option<i64>) {
        if let Some(amount) = amount_minor {
            self.with("amount_minor = ?", amount);
        }
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

    /// Adds a condition on a number, or on the amount that the same text may be.
    fn number(&mut self, condition: &str, number: &str, amount_minor: Option<i64>) {
        for mark in condition.chars().filter(|mark| matches!(mark, '?' | '~')) {
            let end = if mark == '~' { "\u{10ffff}" } else { "" };
            self.bound.push(Value::from(format!("{number}{end}")));
        }
        let condition = condition.replace('~', "?");
        self.bound.extend(amount_minor.map(Value::from));
        self.parts.push(match amount_minor {
            Some(_) => format!("({condition} OR amount_minor = ?)"),
            None => format!("({condition})"),
        });
    }
}

/// Orders that match, newest first.
pub(super) fn orders(connection: &Connection, search: &OrderSearch) -> Result<Vec<OrderRow>, StorageFault> {
    let mut query = Query::default();
    if let Some(number) = search.number.as_deref().map(str::trim).filter(|number| !number.is_empty()) {
        match (closest(connection, number, search.amount_minor)?, search.amount_minor) {
            (Match::Number(numbers), amount) => {
                query.number(&numbers.condition(schema::has_refunds(connection)?), number, amount);
            }
            (Match::AmountAlone, amount) => query.amount(amount),
        }
    } else {
        query.amount(search.amount_minor);
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
    if let Some((from, until)) = search.happened {
        query.with(HAPPENED, from);
        query.bound.extend([until, from, until].map(Value::from));
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
const REFUND: &str = "instr(upper(refund_no), upper(?)) > 0 OR instr(upper(order_no), upper(?)) > 0
    OR instr(upper(gateway_refund_no), upper(?)) > 0";

/// Refunds that match, newest first.
pub(super) fn refunds(connection: &Connection, search: &RefundSearch) -> Result<Vec<RefundRow>, StorageFault> {
    if !schema::has_refunds(connection)? {
        return Ok(Vec::new());
    }
    let mut query = Query::default();
    if let Some(number) = search.number.as_deref().map(str::trim).filter(|number| !number.is_empty()) {
        query.number(REFUND, number, search.amount_minor);
    } else {
        query.amount(search.amount_minor);
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

/// The closest way in which the number, or the amount that it may be as well, leads to some order: a whole number or its last
/// four, an amount, the beginning of a number, a part of one. The same for every page of a search, as the page plays no part in
/// it. Nobody names a number by fewer characters than its last four: fewer begin, or lie within, too many to be read through.
fn closest(connection: &Connection, number: &str, amount_minor: Option<i64>) -> Result<Match, StorageFault> {
    let has_refunds = schema::has_refunds(connection)?;
    let leads = |numbers: Numbers| {
        let mut query = Query::default();
        query.number(&numbers.condition(has_refunds), number, None);
        exists(connection, query)
    };
    let [whole, beginning] = CLOSE;
    if leads(whole)? {
        return Ok(Match::Number(whole));
    }
    if amount_minor.is_some() {
        let mut query = Query::default();
        query.amount(amount_minor);
        if number.len() < NAMED_BY || exists(connection, query)? {
            return Ok(Match::AmountAlone);
        }
    }
    Ok(Match::Number(if number.len() >= NAMED_BY && leads(beginning)? { beginning } else { WITHIN }))
}

fn exists(connection: &Connection, query: Query) -> Result<bool, StorageFault> {
    let sql = format!("SELECT EXISTS (SELECT 1 FROM orders WHERE {})", query.parts.concat());
    Ok(connection.prepare_cached(&sql)?.query_row(params_from_iter(query.bound), |row| row.get(0))?)
}
