//! The tables, and what every connection is told before its first statement.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, TransactionBehavior};
use rusqlite_migration::{M, Migrations};

use crate::storage::StorageFault;

/// The newest schema that this program reads and writes, `user_version` in the file's header.
pub const SCHEMA: u32 = 5;

/// `TILL` in ASCII, `application_id` in the file's header.
const APPLICATION: i32 = 0x5449_4c4c;

/// How long a connection waits for another one's lock.
const PATIENCE: Duration = Duration::from_secs(10);

/// Step by step from an empty file; a step that was ever shipped never changes.
const STEPS: &[M<'static>] = &[
    M::up(
        "PRAGMA application_id = 0x54494c4c;

CREATE TABLE journal (
    seq            INTEGER PRIMARY KEY CHECK (seq > 0),
    subject        TEXT    NOT NULL,
    subject_seq    INTEGER NOT NULL CHECK (subject_seq > 0),
    at             INTEGER NOT NULL,
    offset_minutes INTEGER NOT NULL,
    day            TEXT    NOT NULL,
    actor          TEXT    NOT NULL,
    event          BLOB    NOT NULL,
    prev           BLOB    NOT NULL CHECK (length(prev) = 32),
    hash           BLOB    NOT NULL CHECK (length(hash) = 32),
    UNIQUE (subject, subject_seq)
) STRICT;

CREATE TRIGGER journal_is_not_updated BEFORE UPDATE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal only grows'); END;

CREATE TRIGGER journal_is_not_deleted BEFORE DELETE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal only grows'); END;

CREATE TRIGGER journal_grows_at_its_end BEFORE INSERT ON journal
WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM journal)
  OR NEW.subject_seq <> (SELECT coalesce(max(subject_seq), 0) + 1 FROM journal WHERE subject = NEW.subject)
BEGIN SELECT RAISE(ABORT, 'the journal grows at its end only'); END;

CREATE TABLE head (
    one  INTEGER PRIMARY KEY CHECK (one = 1),
    seq  INTEGER NOT NULL,
    hash BLOB    NOT NULL CHECK (length(hash) = 32)
) STRICT;

CREATE TABLE answers (
    sha256 BLOB    PRIMARY KEY CHECK (length(sha256) = 32),
    at     INTEGER NOT NULL,
    body   BLOB    NOT NULL
) STRICT;

CREATE TABLE accounts (
    id      TEXT    PRIMARY KEY,
    created INTEGER NOT NULL,
    json    TEXT    NOT NULL
) STRICT;

CREATE TABLE orders (
    order_no       TEXT    PRIMARY KEY,
    tail           TEXT    NOT NULL GENERATED ALWAYS AS (substr(order_no, -4)) VIRTUAL,
    sale           TEXT    NOT NULL,
    account_id     TEXT    NOT NULL,
    account        TEXT    NOT NULL,
    gateway        TEXT    NOT NULL,
    channel        TEXT    NOT NULL,
    amount_minor   INTEGER NOT NULL,
    currency       TEXT    NOT NULL,
    state          TEXT    NOT NULL,
    open           INTEGER NOT NULL CHECK (open IN (0, 1)),
    late           INTEGER NOT NULL CHECK (late IN (0, 1)),
    attention      TEXT,
    paid_minor     INTEGER,
    refunded_minor INTEGER NOT NULL,
    gateway_no     TEXT,
    wallet_no      TEXT,
    day            TEXT    NOT NULL,
    created_at     INTEGER NOT NULL,
    paid_at        INTEGER,
    ended_at       INTEGER
) STRICT;

CREATE INDEX orders_newest     ON orders (created_at, order_no);
CREATE INDEX orders_open       ON orders (created_at, order_no) WHERE open = 1;
CREATE INDEX orders_attention  ON orders (created_at, order_no) WHERE attention IS NOT NULL;
CREATE INDEX orders_state      ON orders (state, created_at, order_no);
CREATE INDEX orders_sale       ON orders (sale, created_at, order_no);
CREATE INDEX orders_account    ON orders (account_id, created_at, order_no);
CREATE INDEX orders_amount     ON orders (amount_minor, created_at, order_no);
CREATE INDEX orders_ended      ON orders (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX orders_tail       ON orders (tail);
CREATE INDEX orders_gateway_no ON orders (gateway_no) WHERE gateway_no IS NOT NULL;
CREATE INDEX orders_wallet_no  ON orders (wallet_no) WHERE wallet_no IS NOT NULL;
",
    ),
    M::up(
        "ALTER TABLE orders ADD COLUMN by_hand TEXT;

CREATE INDEX orders_by_hand ON orders (created_at, order_no) WHERE by_hand IS NOT NULL;

CREATE TABLE refunds (
    refund_no         TEXT    PRIMARY KEY,
    order_no          TEXT    NOT NULL,
    place             INTEGER NOT NULL,
    amount_minor      INTEGER NOT NULL,
    currency          TEXT    NOT NULL,
    state             TEXT    NOT NULL,
    open              INTEGER NOT NULL CHECK (open IN (0, 1)),
    given_by          TEXT    NOT NULL,
    gateway_refund_no TEXT,
    requested_at      INTEGER NOT NULL
) STRICT;

CREATE INDEX refunds_newest ON refunds (requested_at, refund_no);
CREATE INDEX refunds_open   ON refunds (requested_at, refund_no) WHERE open = 1;
CREATE INDEX refunds_order  ON refunds (order_no, place);
CREATE INDEX refunds_giver  ON refunds (given_by, requested_at, refund_no);
",
    ),
    // Numbers are found in any case: a number that a gateway or a skill made may have small letters.
    M::up(
        "DROP INDEX orders_tail;
DROP INDEX orders_gateway_no;
DROP INDEX orders_wallet_no;

CREATE INDEX orders_number     ON orders (order_no COLLATE NOCASE);
CREATE INDEX orders_tail       ON orders (tail COLLATE NOCASE);
CREATE INDEX orders_gateway_no ON orders (gateway_no COLLATE NOCASE) WHERE gateway_no IS NOT NULL;
CREATE INDEX orders_wallet_no  ON orders (wallet_no COLLATE NOCASE) WHERE wallet_no IS NOT NULL;
CREATE INDEX orders_paid       ON orders (paid_at) WHERE paid_at IS NOT NULL;

CREATE INDEX refunds_number     ON refunds (refund_no COLLATE NOCASE);
CREATE INDEX refunds_tail       ON refunds (substr(refund_no, -4) COLLATE NOCASE);
CREATE INDEX refunds_gateway_no ON refunds (gateway_refund_no COLLATE NOCASE) WHERE gateway_refund_no IS NOT NULL;
",
    ),
    // The newest orders of an amount in a state are found without reading those in other states, and a day is added up without
    // reading its orders. By their account alone no orders are looked for.
    M::up(
        "DROP INDEX orders_account;
DROP INDEX orders_amount;
DROP INDEX orders_paid;

CREATE INDEX orders_amount ON orders (amount_minor, state, created_at, order_no);
CREATE INDEX orders_paid   ON orders (paid_at, currency, paid_minor) WHERE paid_at IS NOT NULL;
",
    ),
    // The newest orders that somebody made, in a state or in any, are found without reading those of others.
    M::up(
        "ALTER TABLE orders ADD COLUMN sold_by TEXT NOT NULL DEFAULT '';

UPDATE orders SET sold_by = coalesce(
    (SELECT CASE WHEN substr(actor, 1, 9) = 'operator:' THEN substr(actor, 10) ELSE actor END
        FROM journal WHERE subject = 'order/' || order_no AND subject_seq = 1),
    '');

CREATE INDEX orders_sold_by ON orders (sold_by, state, created_at, order_no);
",
    ),
];

/// Settings of the connection that writes. Also brings an empty or older file to [`SCHEMA`].
pub(super) fn prepare_writer(connection: &mut Connection) -> Result<(), StorageFault> {
    prepare(connection)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_transaction_behavior(TransactionBehavior::Immediate);
    let mode: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    if mode != "wal" {
        return Err(StorageFault::Failed(format!("the file system does not allow a write-ahead log ({mode})")));
    }
    connection.execute_batch(
        "PRAGMA synchronous = FULL;
         PRAGMA fullfsync = ON;
         PRAGMA checkpoint_fullfsync = ON;
         PRAGMA recursive_triggers = ON;
         PRAGMA journal_size_limit = 16777216;
         PRAGMA temp_store = MEMORY;",
    )?;
    Migrations::from_slice(STEPS).to_latest(connection).map_err(|error| match error {
        rusqlite_migration::Error::RusqliteError { err, .. } => StorageFault::from(err),
        other => StorageFault::Failed(other.to_string()),
    })
}

/// Settings of a connection that reads.
pub(super) fn prepare_reader(connection: &Connection) -> Result<(), StorageFault> {
    prepare(connection)?;
    connection.execute_batch("PRAGMA query_only = ON; PRAGMA temp_store = MEMORY;")?;
    Ok(())
}

fn prepare(connection: &Connection) -> Result<(), StorageFault> {
    connection.busy_timeout(PATIENCE)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.execute_batch("PRAGMA cell_size_check = ON;")?;
    Ok(())
}

/// Whether the file has rows of refunds and marks by hand: they came with schema 2.
pub(super) fn has_refunds(connection: &Connection) -> Result<bool, StorageFault> {
    Ok(version(connection)? >= 2)
}

/// Whether orders say who made them: that came with schema 5.
pub(super) fn has_sellers(connection: &Connection) -> Result<bool, StorageFault> {
    Ok(version(connection)? >= 5)
}

fn version(connection: &Connection) -> Result<u16, StorageFault> {
    Ok(connection.query_row("PRAGMA user_version", [], |row| row.get(0))?)
}

/// What the header says that the file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Nothing was ever written to it, or creating it was interrupted.
    Empty,
    /// A journal that this program reads.
    Journal,
}

/// Reads the header. Refuses a newer journal and a file that is something else.
pub(super) fn kind(connection: &Connection) -> Result<Kind, StorageFault> {
    let application: i32 = connection.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let parts: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if application == 0 && version == 0 && parts == 0 {
        return Ok(Kind::Empty);
    }
    if application != APPLICATION {
        return Err(StorageFault::Damaged("its header is not that of a till's journal".into()));
    }
    match u32::try_from(version) {
        Ok(found) if found > SCHEMA => Err(StorageFault::Newer { found, known: SCHEMA }),
        Ok(found) if found > 0 && parts > 0 => Ok(Kind::Journal),
        _ => Err(StorageFault::Damaged(format!("its header names schema {version}"))),
    }
}

/// Whether tables, indexes and triggers are exactly those that this program makes of the file's schema: a file that was only
/// ever read since an older program wrote it is not brought up to date.
pub(super) fn is_as_made(connection: &Connection) -> Result<bool, StorageFault> {
    let schema = version(connection)?;
    Ok(parts(connection)? == *made(schema)?)
}

/// Type, name and statement of each table, index and trigger, in order.
type Parts = Vec<(String, String, Option<String>)>;

/// What this program makes of a schema: found out once for each.
fn made(schema: u16) -> Result<Arc<Parts>, StorageFault> {
    static MADE: Mutex<BTreeMap<u16, Arc<Parts>>> = Mutex::new(BTreeMap::new());
    let mut known = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(made) = known.get(&schema) {
        return Ok(Arc::clone(made));
    }
    let mut empty = Connection::open_in_memory()?;
    Migrations::from_slice(STEPS)
        .to_version(&mut empty, usize::from(schema))
        .map_err(|error| StorageFault::Failed(error.to_string()))?;
    let made = Arc::new(parts(&empty)?);
    known.insert(schema, Arc::clone(&made));
    Ok(made)
}

/// Which rows an index of this program holds, where it does not hold all of its table: SQL.
pub(super) fn filter_of(connection: &Connection, index: &str) -> Result<Option<String>, StorageFault> {
    let made: Option<String> =
        connection.query_row("SELECT sql FROM sqlite_schema WHERE name = ?1", [index], |row| row.get(0))?;
    Ok(made.and_then(|made| Some(made.split_once(" WHERE ")?.1.to_owned())))
}

/// Brings an empty file to an older schema, as the program of that time left it.
#[cfg(test)]
pub(super) fn make_older(connection: &mut Connection, schema: usize) {
    Migrations::from_slice(STEPS).to_version(connection, schema).expect("a schema there was");
}

fn parts(connection: &Connection) -> Result<Parts, StorageFault> {
    let mut statement = connection.prepare(
        "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_stat%' ESCAPE '\\' ORDER BY type, name",
    )?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
