//! Raw answers that are old enough to go. The events keep their SHA-256, so the chain stays as it is.

use rusqlite::{Connection, TransactionBehavior};

use super::chain::Hash;
use super::read::Readers;
use crate::storage::StorageFault;

/// Rows that one look goes through.
const LOOK: u32 = 5_000;

/// The oldest answers that no event since `until` rests on. Rows stand in the order in which they were first kept: where a whole look
/// finds none, there are none behind it, but for what a clock that was set may have left there.
pub(super) async fn old(readers: &Readers, until: i64) -> Result<Vec<Hash>, StorageFault> {
    readers.read(move |connection| look(connection, until)).await
}

fn look(connection: &Connection, until: i64) -> Result<Vec<Hash>, StorageFault> {
    let mut statement = connection
        .prepare_cached("SELECT sha256 FROM (SELECT sha256, at FROM answers ORDER BY rowid LIMIT ?2) WHERE at < ?1")?;
    let rows = statement.query_map((until, LOOK), |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Removes them, all or none.
pub(super) fn forget(connection: &mut Connection, answers: &[Hash], until: i64) -> Result<(), StorageFault> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for sha256 in answers {
        // An event may have come to rest on it meanwhile.
        transaction.prepare_cached("DELETE FROM answers WHERE sha256 = ?1 AND at < ?2")?.execute((sha256, until))?;
    }
    transaction.commit()?;
    Ok(())
}
