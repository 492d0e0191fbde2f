//! What a damaged file still holds, in a new one: its events and the gateways' raw answers. All else is made from the events.

use super::chain::{COLUMNS, Link, START};
use super::read::{self, snapshot};
use super::{open, schema};
use crate::storage::StorageFault;
use rusqlite::{Connection, OpenFlags};
use std::path::Path;

/// Copies every event of the journal at `from` into a new journal at `to`, and the raw answers as far as they can be read. Tables and
/// indexes that are made from the events are not looked at. Blocks.
///
/// Fails where an event cannot be read, the chain does not hold, or its end is not the one that was written down: no event is ever
/// left out.
pub fn salvage(from: &Path, to: &Path) -> Result<(), StorageFault> {
    let (mut old, _) = open::reader(from)?;
    open::make(to)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut new = Connection::open_with_flags(to, flags)?;
    schema::prepare_writer(&mut new)?;
    snapshot(&mut old, |old| {
        events(old, &mut new)?;
        answers(old, &mut new)
    })?;
    new.close().map_err(|(_, error)| error.into())
}

fn events(old: &Connection, new: &mut Connection) -> Result<(), StorageFault> {
    let end = read::head(old)?;
    let new = new.transaction()?;
    let mut last = (0, START);
    // By their places alone: an index may be what is damaged.
    let mut rows = old.prepare(&format!("SELECT {COLUMNS} FROM journal NOT INDEXED ORDER BY seq"))?;
    for (seq, link) in (1_i64..).zip(rows.query_map([], Link::read)?) {
        let link = link?;
        if link.seq != seq || link.prev != last.1 || !link.holds() {
            return Err(StorageFault::Damaged(format!("the chain is broken at event {seq}")));
        }
        last = (seq, link.ought());
        link.insert(&new)?;
    }
    let reached = end.is_some_and(|(seq, hash)| i64::try_from(seq) == Ok(last.0) && hash == last.1);
    if !reached {
        return Err(StorageFault::Damaged("the chain does not reach its end".into()));
    }
    new.execute("INSERT INTO head (one, seq, hash) VALUES (1, ?1, ?2)", last)?;
    Ok(new.commit()?)
}

/// Where the database gives up the answers end: a verification names the first event whose answer is missing.
fn answers(old: &Connection, new: &mut Connection) -> Result<(), StorageFault> {
    let new = new.transaction()?;
    let mut rows = old.prepare("SELECT sha256, at, body FROM answers NOT INDEXED")?;
    let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    for answer in rows.query_map([], read)? {
        let answer: (Vec<u8>, i64, Vec<u8>) = match answer.map_err(StorageFault::from) {
            Ok(answer) => answer,
            Err(StorageFault::Damaged(reason)) => {
                tracing::warn!(reason, "raw answers that cannot be read are left behind");
                break;
            }
            Err(fault) => return Err(fault),
        };
        new.prepare_cached("INSERT OR IGNORE INTO answers (sha256, at, body) VALUES (?1, ?2, ?3)")?.execute(answer)?;
    }
    Ok(new.commit()?)
}
