//! The journal on real files.

mod append;
mod copy;
mod crash;
mod disk;
mod in_order;
mod opening;
mod retention;
mod search;
mod tamper;

use std::path::{Path, PathBuf};

use rusqlite::Connection;
use tempfile::TempDir;
use till_core::time::Stamp;

use super::{Journal, Opened, Options, Project, is_there};
use crate::storage::{Append, NewEvent, OrderRow, Row, Storage, StorageFault, StoredEvent};

/// A folder that goes away, and a journal's path in it.
struct Place {
    folder: TempDir,
    path: PathBuf,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("journal.sqlite");
        Self { folder, path }
    }

    fn open(&self) -> Journal {
        open(&self.path).expect("the journal opens").journal
    }
}

fn open(path: &Path) -> Result<Opened, StorageFault> {
    Journal::open(path, Options::default())
}

fn event(payload: &str) -> NewEvent {
    NewEvent {
        at: Stamp { wall: 1_800_000_000_000_000, offset_minutes: 480, day: "2027-01-15".into() },
        actor: "operator:小美".into(),
        payload: payload.as_bytes().to_vec(),
    }
}

fn append(subject: &str, seen: u64, payloads: &[&str]) -> Append {
    let events = payloads.iter().map(|payload| event(payload)).collect();
    Append { subject: subject.into(), seen, events, row: None, raw: None }
}

/// An order that is drafted and, with `row`, listed.
fn drafted(row: &OrderRow) -> Append {
    let mut append = append(&format!("order/{}", row.order_no), 0, &["drafted"]);
    append.row = Some(Row::Order(Box::new(row.clone()), vec![]));
    append
}

fn order_row(order_no: &str, created_at: i64) -> OrderRow {
    OrderRow {
        order_no: order_no.into(),
        sale: format!("S{order_no}"),
        account_id: "a1".into(),
        account: "Main".into(),
        gateway: "pooul".into(),
        channel: "wechat.scan".into(),
        amount_minor: 1250,
        currency: "CNY".into(),
        state: "awaiting_payment".into(),
        open: true,
        day: "2027-01-15".into(),
        created_at,
        ..OrderRow::default()
    }
}

/// A journal of seven events over three subjects, closed.
async fn small(place: &Place) -> Vec<StoredEvent> {
    let journal = place.open();
    let mut drafts = vec![append("till", 0, &["opened"])];
    drafts.extend(["TK0001", "TK0002", "TK0003"].map(|order_no| drafted(&order_row(order_no, 5))));
    journal.append(drafts).await.expect("drafts are stored");
    for (order, payload) in [("TK0001", "paid"), ("TK0002", "closed"), ("TK0003", "failed")] {
        journal.append(vec![append(&format!("order/{order}"), 1, &[payload])]).await.expect("stored");
    }
    journal.after(0, 100).await.expect("read back")
}

/// A connection that may do anything to the file, its triggers gone for as long as `work` takes.
fn tamper(path: &Path, work: impl FnOnce(&Connection)) {
    let connection = Connection::open(path).expect("the file opens");
    let triggers: Vec<(String, String)> = connection
        .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
        .and_then(|mut statement| statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect())
        .expect("the triggers are known");
    for (name, _) in &triggers {
        connection.execute_batch(&format!("DROP TRIGGER {name}")).expect("dropped");
    }
    work(&connection);
    for (_, sql) in &triggers {
        connection.execute_batch(sql).expect("made again");
    }
}

/// Rows as the tests' events mean them: as drafted, and closed by anything that follows but what is not known.
struct Lives;

impl Project for Lives {
    fn row(&self, subject: &str, events: &[StoredEvent]) -> Result<Option<Row>, u64> {
        if let Some(unknown) = events.iter().find(|event| event.payload == b"from_the_future") {
            return Err(unknown.seq);
        }
        if let Some(id) = subject.strip_prefix("account/") {
            let json = events.last().and_then(|event| String::from_utf8(event.payload.clone()).ok());
            return Ok(json.map(|json| Row::Account { id: id.into(), json }));
        }
        let order_no = subject.strip_prefix("order/");
        Ok(order_no.map(|order_no| Row::Order(Box::new(order_row(order_no, 5)), vec![])))
    }
}
