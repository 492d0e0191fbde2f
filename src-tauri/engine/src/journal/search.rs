//! Finding orders and refunds, newest first, page after page.

use std::collections::BTreeMap;

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params_from_iter};

use super::project::{REFUND_COLUMNS, order, order_columns, refund, sold_by};
use super::schema;
use crate::storage::{OrderRow, OrderSearch, RefundRow, RefundSearch, StorageFault, Taken};

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
#[derive(Debug, Clone, Default)]
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

    /// The same, and what `more` says.
    fn and(mut self, more: &Self) -> Self {
        self.parts.extend(more.parts.iter().cloned());
        self.bound.extend(more.bound.iter().cloned());
        self
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

/// The order of a list.
const NEWEST: &str = "created_at DESC, order_no DESC";

/// One way to orders that are sought. An index leads along it from the newest on, and it is followed for one page: all orders of
/// a state are never sorted for their newest.
#[derive(Debug)]
struct Way {
    from: &'static str,
    query: Query,
    order: &'static str,
}

impl Way {
    /// Along the index on what the query asks for.
    fn along(query: Query) -> Self {
        Self { from: "orders", query, order: NEWEST }
    }

    /// Along an index that leads to few orders, though that on states looks as good to the database.
    fn along_few(query: Query, few: &Few) -> Self {
        Self { from: few.from, query, order: NEWEST }
    }

    /// Through the few orders that the query names: a walk through all orders that looks for them is never the shorter way.
    fn through(query: Query) -> Self {
        Self { from: "orders", query, order: "+created_at DESC, order_no DESC" }
    }
}

/// What few orders have, or at least not all, with an index on it and, within it, on the state.
struct Few {
    from: &'static str,
    condition: &'static str,
    value: Value,
    /// The state behind one, among the states of such orders.
    next_state: &'static str,
}

impl Few {
    fn of_amount(amount_minor: i64) -> Self {
        Self {
            from: "orders INDEXED BY orders_amount",
            condition: "amount_minor = ?",
            value: amount_minor.into(),
            next_state: "SELECT state FROM orders WHERE amount_minor = ?1 AND state > ?2 ORDER BY state LIMIT 1",
        }
    }

    fn of_maker(name: &str) -> Self {
        Self {
            from: "orders INDEXED BY orders_sold_by",
            condition: "sold_by = ?",
            value: name.to_owned().into(),
            next_state: "SELECT state FROM orders WHERE sold_by = ?1 AND state > ?2 ORDER BY state LIMIT 1",
        }
    }

    /// The fewest that a search leads to. A file of an earlier schema has no index on who made its orders.
    fn sought(connection: &Connection, search: &OrderSearch) -> Result<Option<Self>, StorageFault> {
        if let Some(amount_minor) = search.amount_minor {
            return Ok(Some(Self::of_amount(amount_minor)));
        }
        let Some(name) = &search.sold_by else { return Ok(None) };
        Ok(schema::has_sellers(connection)?.then(|| Self::of_maker(name)))
    }
}

/// Orders that match, newest first.
pub(super) fn orders(connection: &Connection, search: &OrderSearch) -> Result<Vec<OrderRow>, StorageFault> {
    let Some((sql, bound)) = statement(connection, search)? else { return Ok(Vec::new()) };
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map(params_from_iter(bound), order)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// What is asked of the tables, and what is bound to it; `None` where no order can match.
pub(super) fn statement(
    connection: &Connection,
    search: &OrderSearch,
) -> Result<Option<(String, Vec<Value>)>, StorageFault> {
    if search.by_hand.is_some() && !schema::has_refunds(connection)? {
        return Ok(None);
    }
    let (ways, newest) = match search.ended_from {
        Some(from) => (vec![ended(connection, search, from)?], ENDED),
        None => (ways(connection, search)?, NEWEST),
    };
    if ways.is_empty() {
        return Ok(None);
    }
    let columns = order_columns(connection)?;
    let (mut selects, mut bound) = (Vec::new(), Vec::new());
    for Way { from, query, order } in ways {
        let (condition, values) = query.page(search.limit);
        bound.extend(values);
        selects
            .push(format!("SELECT * FROM (SELECT {columns} FROM {from} WHERE {condition} ORDER BY {order} LIMIT ?)"));
    }
    bound.push(Value::from(i64::from(search.limit)));
    // An order that two ways lead to is one.
    Ok(Some((format!("{} ORDER BY {newest} LIMIT ?", selects.join(" UNION ")), bound)))
}

/// The ways that together lead to everything that is sought.
fn ways(connection: &Connection, search: &OrderSearch) -> Result<Vec<Way>, StorageFault> {
    // Beside something that leads to few orders the states only pass on them, and so does who made them: nothing is looked up by those.
    let mut states = Query::default();
    states.one_of("+state", &search.states);
    let states = states.and(&made(connection, search)?);
    if let Some(gateway_no) = &search.gateway_no {
        // The index is of every case; the number is not.
        let mut query = Query::default();
        query.with("gateway_no = ? COLLATE NOCASE", gateway_no.clone());
        query.with("+gateway_no = ?", gateway_no.clone());
        return Ok(vec![Way::through(query.and(&rest(search, "+created_at")).and(&states))]);
    }
    let mut ways = Vec::new();
    let number = search.number.as_deref().map(str::trim).filter(|number| !number.is_empty());
    if let Some(number) = number
        && let Match::Number(numbers) = closest(connection, number, search.amount_minor)?
    {
        let mut query = Query::default();
        query.number(&numbers.condition(schema::has_refunds(connection)?), number, None);
        ways.push(Way::through(query.and(&rest(search, "+created_at")).and(&states)));
        if search.amount_minor.is_none() {
            return Ok(ways);
        }
    }
    let mut amount = Query::default();
    amount.amount(search.amount_minor);
    if search.happened.is_some() {
        ways.push(Way::through(amount.and(&rest(search, "+created_at")).and(&states)));
        return Ok(ways);
    }
    let query = rest(search, "created_at");
    let flagged = [search.open, search.attention, search.by_hand].contains(&Some(true));
    if flagged || search.account_id.is_some() || search.sale.is_some() {
        ways.push(Way::along(amount.and(&query).and(&states)));
        return Ok(ways);
    }
    let few = Few::sought(connection, search)?;
    let made = match &few {
        Some(_) if search.amount_minor.is_none() => Query::default(),
        Some(_) | None => made(connection, search)?,
    };
    let states = match &few {
        Some(few) if search.states.is_empty() => states_of(connection, few)?,
        None if search.states.is_empty() => {
            ways.push(Way::along(query.and(&made)));
            return Ok(ways);
        }
        Some(_) | None => search.states.clone(),
    };
    ways.extend(states.into_iter().map(|state| {
        let mut of_state = Query::default();
        if let Some(few) = &few {
            of_state.with(few.condition, few.value.clone());
        }
        of_state.with("state = ?", state);
        let query = of_state.and(&query).and(&made);
        few.as_ref().map_or_else(|| Way::along(query.clone()), |few| Way::along_few(query.clone(), few))
    }));
    Ok(ways)
}

/// Who made them, as what only passes on orders that are found.
fn made(connection: &Connection, search: &OrderSearch) -> Result<Query, StorageFault> {
    let mut query = Query::default();
    if let Some(name) = &search.sold_by {
        query.with(&format!("+{} = ?", sold_by(connection)?), name.clone());
    }
    Ok(query)
}

/// Everything that is asked for but number, amount, states and who made it. `created_at`: that column, with a plus where no index may lead
/// along it.
fn rest(search: &OrderSearch, created_at: &str) -> Query {
    let mut query = Query::default();
    if let Some(account_id) = &search.account_id {
        query.with("account_id = ?", account_id.clone());
    }
    if let Some(sale) = &search.sale {
        query.with("sale = ?", sale.clone());
    }
    if let Some(from) = search.from {
        query.with(&format!("{created_at} >= ?"), from);
    }
    if let Some(until) = search.until {
        query.with(&format!("{created_at} < ?"), until);
    }
    if let Some((from, until)) = search.happened {
        query.with(HAPPENED, from);
        query.bound.extend([until, from, until].map(Value::from));
    }
    query.flag("open = 1", "open = 0", search.open);
    query.flag("attention IS NOT NULL", "attention IS NULL", search.attention);
    query.flag("by_hand IS NOT NULL", "by_hand IS NULL", search.by_hand);
    if let Some((created, order_no)) = &search.after {
        query.with(&format!("({created_at}, order_no) < (?, ?)"), *created);
        query.bound.push(Value::from(order_no.clone()));
    }
    query
}

/// The states of few orders: each is found behind the one before it, and none of the orders is read.
fn states_of(connection: &Connection, few: &Few) -> Result<Vec<String>, StorageFault> {
    let mut statement = connection.prepare_cached(few.next_state)?;
    let mut states: Vec<String> = Vec::new();
    loop {
        let last = states.last().map_or("", String::as_str);
        match statement.query_row((&few.value, last), |row| row.get(0)).optional()? {
            Some(next) => states.push(next),
            None => return Ok(states),
        }
    }
}

/// The order of what ended since a time.
const ENDED: &str = "ended_at DESC, order_no DESC";

/// What ended since a time, whatever else is sought of it.
fn ended(connection: &Connection, search: &OrderSearch, from: i64) -> Result<Way, StorageFault> {
    let mut query = Query::default();
    query.with("ended_at >= ?", from);
    if let Some((ended_at, order_no)) = &search.after {
        query.with("(ended_at, order_no) < (?, ?)", *ended_at);
        query.bound.push(Value::from(order_no.clone()));
    }
    query.amount(search.amount_minor);
    query.one_of("+state", &search.states);
    let search = OrderSearch { after: None, ..search.clone() };
    let query = query.and(&made(connection, &search)?).and(&rest(&search, "+created_at"));
    Ok(Way { from: "orders", query, order: ENDED })
}

/// What was booked as paid between two times, by currency. The index alone tells it. A sum that is too large for one number stops
/// nothing: it stands at the largest.
pub(super) fn takings(connection: &Connection, (from, until): (i64, i64)) -> Result<Vec<Taken>, StorageFault> {
    let mut statement = connection.prepare_cached(
        "SELECT currency, paid_minor FROM orders WHERE paid_at >= ?1 AND paid_at < ?2 AND paid_minor IS NOT NULL",
    )?;
    let mut by_currency: BTreeMap<String, Taken> = BTreeMap::new();
    let mut rows = statement.query((from, until))?;
    while let Some(row) = rows.next()? {
        let currency: String = row.get(0)?;
        let minor: i64 = row.get(1)?;
        let none = || Taken { currency: currency.clone(), orders: 0, minor: 0 };
        let taken = by_currency.entry(currency.clone()).or_insert_with(none);
        taken.orders = taken.orders.saturating_add(1);
        taken.minor = taken.minor.saturating_add(minor);
    }
    Ok(by_currency.into_values().collect())
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
