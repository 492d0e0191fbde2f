//! What happened to the event at which the chain breaks. Only the chain itself is asked, so an answer is the simplest
//! story that explains it, not a proof.

use rusqlite::Connection;

use super::super::chain::{Hash, Link, START};
use super::super::read::snapshot;
use super::{Flaw, links};
use crate::storage::StorageFault;

/// What of an event the search for a break goes by.
pub(super) struct Place {
    pub(super) seq: i64,
    pub(super) prev: Hash,
    pub(super) hash: Hash,
}

/// `link` is the first one that does not fit behind `prior`, where `expected` should stand. `head` is the hash
/// recorded for the end, `last` the newest position there is. Says what is wrong and at which position.
pub(super) fn classify(
    connection: &mut Connection,
    prior: Option<&Place>,
    link: &Link,
    expected: i64,
    (head, last): (Hash, i64),
) -> Result<(Flaw, i64), StorageFault> {
    if link.seq != expected {
        return Ok((Flaw::Deleted, expected));
    }
    // The one before stands between this one and the place where this one was written: it was pushed in, hash and all.
    if let Some(prior) = prior
        && link.prev == prior.prev
        && link.ought_at(prior.seq, &link.payload).as_slice() == link.hash
    {
        return Ok((Flaw::Inserted, prior.seq));
    }
    let prev = prior.map_or(START, |prior| prior.hash);
    let belongs = |other: &Link| {
        other.seq != expected && other.prev == prev && other.ought_at(expected, &other.payload).as_slice() == other.hash
    };
    let moved = holds_elsewhere(connection, link)?;
    if any(connection, last, belongs)? {
        return Ok(if moved { (Flaw::Swapped, expected) } else { (Flaw::Inserted, expected) });
    }
    if link.prev == prev {
        let exchanged = |other: &Link| {
            other.seq != expected
                && link.ought_at(expected, &other.payload).as_slice() == link.hash
                && other.ought_at(other.seq, &link.payload).as_slice() == other.hash
        };
        let swapped = any(connection, last, exchanged)?;
        return Ok(if swapped { (Flaw::Swapped, expected) } else { (Flaw::Edited, expected) });
    }
    if link.holds() && prior.is_some() && goes_on(connection, link, head)? {
        // Everything behind agrees with this one, so it is the one before that was changed and hashed anew.
        return Ok((Flaw::Edited, expected.saturating_sub(1)));
    }
    Ok(if moved { (Flaw::Deleted, expected) } else { (Flaw::Edited, expected) })
}

/// Whether the row carries the right hash for another position than its own.
fn holds_elsewhere(connection: &Connection, link: &Link) -> Result<bool, StorageFault> {
    // Positions in the file are not to be trusted any more, so their number is what bounds the search; rows that were
    // moved up when others were taken out come from somewhat behind.
    let rows: i64 = connection.query_row("SELECT count(*) FROM journal", [], |row| row.get(0))?;
    Ok((1..=rows.saturating_add(1_000))
        .any(|seq| seq != link.seq && link.ought_at(seq, &link.payload).as_slice() == link.hash))
}

/// Whether what follows `link`, an event or the recorded head, knows it.
fn goes_on(connection: &mut Connection, link: &Link, head: Hash) -> Result<bool, StorageFault> {
    let next = link.seq.saturating_add(1);
    let (following, _) = snapshot(connection, |connection| links(connection, next, next))?;
    Ok(following.first().map_or(link.hash == head, |following| following.prev == link.hash))
}

/// Whether any readable event up to `last` is such a one.
fn any(connection: &mut Connection, last: i64, is: impl Fn(&Link) -> bool) -> Result<bool, StorageFault> {
    let mut from = 1;
    while from <= last {
        let (links, _) = snapshot(connection, |connection| links(connection, from, last))?;
        let Some(newest) = links.last() else { return Ok(false) };
        from = newest.seq.saturating_add(1);
        if links.iter().any(&is) {
            return Ok(true);
        }
    }
    Ok(false)
}
