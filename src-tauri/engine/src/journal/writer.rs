//! The one thread that writes. What waits when it gets free is committed together.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior};
use sha2::{Digest, Sha256};
use tokio::sync::{mpsc, oneshot};

use super::chain::{Hash, Link, START};
use super::fault::{counted, stored};
use super::{Project, forget, project, read};
use crate::storage::{Append, NewEvent, StorageFault};

/// Requests that may wait; further ones wait outside.
const WAITING: usize = 1_024;

/// Requests that share one transaction at most, so that the first is not kept waiting for long.
const TOGETHER: usize = 256;

/// What a rebuild did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rebuilt {
    /// Rows written.
    pub rows: u64,
    /// Subjects with an event that cannot be read. Their rows, where they have any, are as they were before.
    pub unreadable: Vec<String>,
}

type Answer<T> = oneshot::Sender<Result<T, StorageFault>>;

enum Request {
    Append(Vec<Append>, Answer<Vec<u64>>),
    Rebuild(Arc<dyn Project>, Answer<Rebuilt>),
    Forget(Vec<Hash>, i64, Answer<()>),
}

/// The writing thread. Dropping it waits until everything that was handed over is written.
#[derive(Debug)]
pub(super) struct Writer {
    requests: Option<mpsc::Sender<Request>>,
    thread: Option<JoinHandle<()>>,
    commits: Arc<AtomicU64>,
}

impl Writer {
    /// Hands the connection over to a thread of its own.
    pub(super) fn start(connection: Connection) -> Result<Self, StorageFault> {
        let (requests, waiting) = mpsc::channel(WAITING);
        let commits = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&commits);
        let thread = std::thread::Builder::new()
            .name("journal".into())
            .spawn(move || run(connection, waiting, &counter))
            .map_err(|error| StorageFault::Failed(error.to_string()))?;
        Ok(Self { requests: Some(requests), thread: Some(thread), commits })
    }

    pub(super) fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    /// Requests that wait for the writer to get free.
    #[cfg(test)]
    pub(super) fn waiting(&self) -> usize {
        self.requests.as_ref().map_or(0, |requests| requests.max_capacity() - requests.capacity())
    }

    pub(super) async fn append(&self, appends: Vec<Append>) -> Result<Vec<u64>, StorageFault> {
        self.ask(|answer| Request::Append(appends, answer)).await
    }

    pub(super) async fn rebuild(&self, project: Arc<dyn Project>) -> Result<Rebuilt, StorageFault> {
        self.ask(|answer| Request::Rebuild(project, answer)).await
    }

    pub(super) async fn forget(&self, answers: Vec<Hash>, until: i64) -> Result<(), StorageFault> {
        self.ask(|answer| Request::Forget(answers, until, answer)).await
    }

    async fn ask<T>(&self, request: impl FnOnce(Answer<T>) -> Request) -> Result<T, StorageFault> {
        let stopped = || StorageFault::Failed("the writer has stopped".into());
        let (answer, answered) = oneshot::channel();
        let requests = self.requests.as_ref().ok_or_else(stopped)?;
        requests.send(request(answer)).await.map_err(|_| stopped())?;
        answered.await.map_err(|_| stopped())?
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.requests = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the journal's writer ended badly");
        }
    }
}

fn run(mut connection: Connection, mut waiting: mpsc::Receiver<Request>, commits: &AtomicU64) {
    while let Some(request) = waiting.blocking_recv() {
        let mut next = Some(request);
        while let Some(request) = next.take() {
            match request {
                Request::Append(appends, answer) => {
                    next = group(&mut connection, (appends, answer), &mut waiting, commits);
                }
                Request::Rebuild(project, answer) => {
                    let done = rebuild(&mut connection, project.as_ref());
                    if done.is_ok() {
                        commits.fetch_add(1, Ordering::Relaxed);
                    }
                    // Whoever asked may have gone; what was done stays done.
                    drop(answer.send(done));
                }
                Request::Forget(answers, until, answer) => {
                    let done = forget::forget(&mut connection, &answers, until);
                    if done.is_ok() {
                        commits.fetch_add(1, Ordering::Relaxed);
                    }
                    drop(answer.send(done));
                }
            }
        }
    }
}

type Waiting = (Vec<Append>, Answer<Vec<u64>>);

/// Commits one request and the appends that wait behind it. Hands back a request of another kind that it met.
fn group(
    connection: &mut Connection,
    first: Waiting,
    waiting: &mut mpsc::Receiver<Request>,
    commits: &AtomicU64,
) -> Option<Request> {
    let mut transaction = match connection.transaction_with_behavior(TransactionBehavior::Immediate) {
        Ok(transaction) => transaction,
        Err(error) => {
            drop(first.1.send(Err(error.into())));
            return None;
        }
    };
    let mut outcomes = Vec::new();
    let mut other = None;
    let mut next = Some(first);
    while let Some((appends, answer)) = next.take() {
        outcomes.push((one(&mut transaction, &appends), answer));
        // A fault of the disk can end the whole transaction; then nothing of it is stored, and nothing may follow.
        if transaction.is_autocommit() || outcomes.len() >= TOGETHER {
            break;
        }
        match waiting.try_recv() {
            Ok(Request::Append(appends, answer)) => next = Some((appends, answer)),
            Ok(request) => other = Some(request),
            Err(_) => {}
        }
    }
    let committed = if transaction.is_autocommit() {
        let fault = outcomes.iter().find_map(|(outcome, _)| outcome.clone().err());
        Err(fault.unwrap_or_else(|| StorageFault::Failed("the transaction was rolled back".into())))
    } else {
        // A commit that fails leaves the transaction open; dropping it rolls back.
        transaction.commit().map_err(StorageFault::from)
    };
    match committed {
        Ok(()) => {
            commits.fetch_add(1, Ordering::Relaxed);
            for (outcome, answer) in outcomes {
                drop(answer.send(outcome));
            }
        }
        // Even one that found the stream moved on may have found it so because of another that is now undone.
        Err(fault) => {
            for (_, answer) in outcomes {
                drop(answer.send(Err(fault.clone())));
            }
        }
    }
    other
}

/// One request, all or nothing within the shared transaction.
fn one(transaction: &mut Transaction<'_>, appends: &[Append]) -> Result<Vec<u64>, StorageFault> {
    let savepoint = transaction.savepoint()?;
    let written = write(&savepoint, appends)?;
    savepoint.commit()?;
    Ok(written)
}

fn write(connection: &Connection, appends: &[Append]) -> Result<Vec<u64>, StorageFault> {
    let before = read::recorded_head(connection)?;
    let (mut seq, mut prev) = before.unwrap_or((0, START));
    let mut written = Vec::new();
    for append in appends {
        let mut subject_seq = length(connection, &append.subject)?;
        if subject_seq != append.seen {
            return Err(StorageFault::Moved);
        }
        for event in &append.events {
            seq = seq.saturating_add(1);
            subject_seq = subject_seq.saturating_add(1);
            prev = insert(connection, &append.subject, event, (seq, subject_seq), &prev)?;
            written.push(seq);
        }
        if let Some(body) = &append.raw {
            keep(connection, append.events.first(), body)?;
        }
        if let Some(row) = &append.row {
            if project::subject(row) != append.subject {
                return Err(StorageFault::Failed(format!("{} was given another subject's row", append.subject)));
            }
            project::write(connection, row, first(connection, &append.subject)?)?;
        }
    }
    if !written.is_empty() {
        connection
            .prepare_cached(
                "INSERT INTO head (one, seq, hash) VALUES (1, ?1, ?2)
                 ON CONFLICT (one) DO UPDATE SET seq = excluded.seq, hash = excluded.hash",
            )?
            .execute((stored(seq)?, prev))?;
    }
    Ok(written)
}

fn insert(
    connection: &Connection,
    subject: &str,
    event: &NewEvent,
    (seq, subject_seq): (u64, u64),
    prev: &Hash,
) -> Result<Hash, StorageFault> {
    let mut link = Link {
        seq: stored(seq)?,
        subject: subject.into(),
        subject_seq: stored(subject_seq)?,
        at: event.at.wall,
        offset_minutes: event.at.offset_minutes.into(),
        day: event.at.day.clone().into(),
        actor: event.actor.clone().into(),
        payload: event.payload.clone(),
        prev: prev.to_vec(),
        hash: Vec::new(),
    };
    let hash = link.ought();
    link.hash = hash.to_vec();
    link.insert(connection)?;
    Ok(hash)
}

fn length(connection: &Connection, subject: &str) -> Result<u64, StorageFault> {
    let length = connection
        .prepare_cached("SELECT coalesce(max(subject_seq), 0) FROM journal WHERE subject = ?1")?
        .query_row([subject], |row| row.get(0))?;
    counted(length)
}

fn first(connection: &Connection, subject: &str) -> Result<u64, StorageFault> {
    let first: Option<i64> = connection
        .prepare_cached("SELECT seq FROM journal WHERE subject = ?1 AND subject_seq = 1")?
        .query_row([subject], |row| row.get(0))
        .optional()?;
    first.map_or_else(|| Err(StorageFault::Failed(format!("{subject} has a row but no event"))), counted)
}

fn keep(connection: &Connection, event: Option<&NewEvent>, body: &[u8]) -> Result<(), StorageFault> {
    let Some(event) = event else {
        return Err(StorageFault::Failed("an answer was given without the events that rest on it".into()));
    };
    connection
        .prepare_cached(
            "INSERT INTO answers (sha256, at, body) VALUES (?1, ?2, ?3) 
             ON CONFLICT (sha256) DO UPDATE SET at = max(at, excluded.at)",
        )?
        .execute((Hash::from(Sha256::digest(body)), event.at.wall, body))?;
    Ok(())
}

fn rebuild(connection: &mut Connection, project: &dyn Project) -> Result<Rebuilt, StorageFault> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    project::remove_orphans(&transaction)?;
    let mut rebuilt = Rebuilt { rows: 0, unreadable: Vec::new() };
    let mut subject = next_subject(&transaction, "")?;
    while let Some(current) = subject {
        let events = match read::stream(&transaction, &current) {
            Err(StorageFault::Unreadable { .. }) => None,
            events => Some(events?),
        };
        match events.as_ref().map(|events| (project.row(&current, events), events.first())) {
            Some((Ok(row), first)) => {
                project::remove(&transaction, &current)?;
                if let Some(row) = row {
                    if project::subject(&row) != current {
                        return Err(StorageFault::Failed(format!("{current} was given another subject's row")));
                    }
                    project::write(&transaction, &row, first.map_or(0, |event| event.seq))?;
                    rebuilt.rows += 1;
                }
            }
            // The row is all that tells of it: an order that had not ended must not vanish from the open ones.
            Some((Err(_), _)) | None => rebuilt.unreadable.push(current.clone()),
        }
        subject = next_subject(&transaction, &current)?;
    }
    transaction.commit()?;
    Ok(rebuilt)
}

/// The subject behind `subject`, in the order of their names.
fn next_subject(connection: &Connection, subject: &str) -> Result<Option<String>, StorageFault> {
    let next = connection
        .prepare_cached("SELECT subject FROM journal WHERE subject > ?1 ORDER BY subject LIMIT 1")?
        .query_row([subject], |row| row.get(0))
        .optional()?;
    Ok(next)
}
