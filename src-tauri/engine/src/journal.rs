//! The journal file: [`Storage`] on SQLite, in write-ahead mode, with one writer and a few readers.
//!
//! One thread owns the only writing connection. Appends that wait when it gets free share one transaction and so one
//! sync; each keeps its own all or nothing and its own outcome, and nobody is answered before the commit returned.
//! Readers use their own read-only connections in short transactions, so the write-ahead log is never pinned.
//!
//! # The chain
//!
//! Every event carries `hash = SHA-256(tag, L(header), header, L(payload), payload)` and, as `prev`, the hash of the
//! event before it, 32 zero bytes for the first. `L(x)` is the length of `x` in bytes as 8 bytes, most significant
//! first, as all numbers here. Text is UTF-8. The payload is what is stored, byte for byte.
//!
//! | part | bytes | what |
//! |---|---|---|
//! | tag | 21 | ASCII `tillkeeper.journal.1` and one zero byte |
//! | `L(header)` | 8 | length of the header |
//! | header: seq | 8 | position in the journal, from 1 |
//! | header: subject | 8 + n | `L(subject)`, subject |
//! | header: `subject_seq` | 8 | position in the subject's stream, from 1 |
//! | header: at | 8 | UTC microseconds since 1970, two's complement |
//! | header: offset | 2 | minutes that local time was ahead of UTC, two's complement |
//! | header: day | 8 + n | `L(day)`, business day `YYYY-MM-DD` |
//! | header: actor | 8 + n | `L(actor)`, actor |
//! | header: prev | 32 | the previous event's hash |
//! | `L(payload)` | 8 | length of the payload |
//! | payload | n | the event |
//!
//! An event is checked against its hash each time it is read. The chain alone shows what was changed by somebody who
//! did not compute it anew; the rest is for the signed day heads ([`Anchor`]).

mod chain;
mod copy;
mod fault;
mod forget;
mod in_order;
mod open;
mod project;
mod read;
mod salvage;
mod schema;
mod search;
mod verify;
mod writer;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use async_trait::async_trait;
use rusqlite::Connection;
use tokio::sync::watch;

use crate::storage::{
    Append, OrderRow, OrderSearch, RefundRow, RefundSearch, Row, Storage, StorageFault, StoredEvent, Taken,
};
pub(crate) use chain::{START, chain_value};
pub use copy::{Copied, CopyFault, Counts, copy};
pub(crate) use in_order::Stream;
pub use open::{Opened, Options, is_there};
use read::{Access, Readers};
pub use salvage::salvage;
pub use schema::SCHEMA;
pub(crate) use verify::rests_on;
pub use verify::{Anchor, Checks, Flaw, ReadAnchor, RemovedUntil, Verification, verify};
pub use writer::Rebuilt;
use writer::Writer;

/// Says what a subject's events amount to. Core knows; the journal does not know events.
pub trait Project: Send + Sync {
    /// The subject's row after `events`, all of them and in order; `None` where it has none. Fails with the number of the
    /// first event that cannot be read.
    fn row(&self, subject: &str, events: &[StoredEvent]) -> Result<Option<Row>, u64>;
}

/// An open journal file. Dropping the last one waits for the writer to finish and closes the file.
#[derive(Debug)]
pub struct Journal {
    /// Closed before the writer, for only a writer that closes last can fold the log into the file.
    readers: Readers,
    /// `None` in a journal that was opened for reading.
    writer: Option<Writer>,
    /// The last to go: whoever waits for [`Journal::closed`] hears it.
    open: watch::Sender<()>,
}

impl Journal {
    /// Whether it is read as it was when it was opened: where nothing could be written then.
    #[must_use]
    pub fn stands_still(&self) -> bool {
        self.readers.access() == Access::Immutable
    }

    fn of(readers: Readers, writer: Option<Writer>) -> Self {
        Self { readers, writer, open: watch::Sender::new(()) }
    }

    /// Waits, without keeping it open, until nobody has this journal open any more and its file is closed.
    pub fn closed(&self) -> impl Future<Output = ()> + use<> {
        let mut open = self.open.subscribe();
        async move { while open.changed().await.is_ok() {} }
    }

    /// Transactions committed since opening. Each cost one sync; appends that waited together share one.
    #[must_use]
    pub fn commits(&self) -> u64 {
        self.writer.as_ref().map_or(0, Writer::commits)
    }

    /// Makes every projection anew from the events, in one transaction. The row of a subject that cannot be read stays as it is.
    pub async fn rebuild(&self, project: Arc<dyn Project>) -> Result<Rebuilt, StorageFault> {
        self.writer()?.rebuild(project).await
    }

    /// Orders behind a place, the oldest first, with the events of those that are wanted.
    pub(crate) async fn orders_in_order(
        &self,
        after: Option<(i64, String)>,
        wanted: impl Fn(&OrderRow) -> bool + Send + 'static,
        limit: u32,
    ) -> Result<Vec<(OrderRow, Option<Stream>)>, StorageFault> {
        self.readers.read(move |connection| in_order::orders(connection, after, wanted, limit)).await
    }

    /// Refunds behind a number, by number, with the events of their orders.
    pub(crate) async fn refunds_in_order(
        &self,
        after: String,
        limit: u32,
    ) -> Result<Vec<(RefundRow, Stream)>, StorageFault> {
        self.readers.read(move |connection| in_order::refunds(connection, &after, limit)).await
    }

    /// The chain value of the event before the one at `seq`, as that one names it.
    pub(crate) async fn prev(&self, seq: u64) -> Result<[u8; 32], StorageFault> {
        self.readers.read(move |connection| read::prev(connection, seq)).await
    }

    /// A subject's events and its row, of the same moment.
    pub(crate) async fn stream_and_row(&self, subject: &str) -> Result<(Vec<StoredEvent>, Option<Row>), StorageFault> {
        let subject = subject.to_owned();
        let both = move |connection: &Connection| {
            Ok((read::stream(connection, &subject)?, project::find(connection, &subject)?))
        };
        self.readers.read(both).await
    }

    /// How many orders and refunds there are.
    pub(crate) async fn counts(&self) -> Result<(u64, u64), StorageFault> {
        self.readers.read(in_order::counts).await
    }

    fn writer(&self) -> Result<&Writer, StorageFault> {
        self.writer.as_ref().ok_or_else(|| StorageFault::ReadOnly("it was opened for reading".into()))
    }
}

#[async_trait]
impl Storage for Journal {
    async fn append(&self, appends: Vec<Append>) -> Result<Vec<u64>, StorageFault> {
        self.writer()?.append(appends).await
    }

    async fn stream(&self, subject: &str) -> Result<Vec<StoredEvent>, StorageFault> {
        let subject = subject.to_owned();
        self.readers.read(move |connection| read::stream(connection, &subject)).await
    }

    async fn latest(&self, subject: &str, before: u64, limit: u32) -> Result<Vec<StoredEvent>, StorageFault> {
        let subject = subject.to_owned();
        self.readers.read(move |connection| read::latest(connection, &subject, before, limit)).await
    }

    async fn after(&self, seq: u64, limit: u32) -> Result<Vec<StoredEvent>, StorageFault> {
        self.readers.read(move |connection| read::after(connection, seq, limit)).await
    }

    async fn head(&self) -> Result<Option<(u64, [u8; 32])>, StorageFault> {
        self.readers.read(read::head).await
    }

    async fn orders(&self, search: &OrderSearch) -> Result<Vec<OrderRow>, StorageFault> {
        let search = search.clone();
        self.readers.read(move |connection| search::orders(connection, &search)).await
    }

    async fn takings(&self, known: (i64, i64)) -> Result<Vec<Taken>, StorageFault> {
        self.readers.read(move |connection| search::takings(connection, known)).await
    }

    async fn refunds(&self, search: &RefundSearch) -> Result<Vec<RefundRow>, StorageFault> {
        let search = search.clone();
        self.readers.read(move |connection| search::refunds(connection, &search)).await
    }

    async fn accounts(&self) -> Result<Vec<String>, StorageFault> {
        self.readers.read(project::accounts).await
    }

    async fn raw(&self, sha256: &[u8; 32]) -> Result<Option<Vec<u8>>, StorageFault> {
        let sha256 = *sha256;
        self.readers.read(move |connection| read::raw(connection, &sha256)).await
    }

    async fn old_answers(&self, until: i64) -> Result<Vec<[u8; 32]>, StorageFault> {
        forget::old(&self.readers, until).await
    }

    async fn forget(&self, answers: Vec<[u8; 32]>, until: i64) -> Result<(), StorageFault> {
        self.writer()?.forget(answers, until).await
    }
}
