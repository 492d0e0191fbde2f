//! Everything that the journal holds of one order, for handing it out by itself.

use super::{EventLine, Reading};
use crate::day_head::removed;
use crate::export::SignedDay;
use crate::journal::{Journal, Project as _, START, rests_on};
use crate::storage::{Storage, StoredEvent};
use crate::till::{Replay, fault_of_storage, fault_of_stream, not_whole, unreadable};
use till_core::error::{Code, Refusal};
use till_core::journal;
use till_core::order::Order;

/// An event as the feed prints it, behind the chain value of the one before it, hex.
type Linked = (String, EventLine);

/// What there is of an order.
#[derive(Debug)]
pub(crate) struct Evidence {
    /// The journal's first event.
    pub(crate) opened: Linked,
    /// The order's events.
    pub(crate) events: Vec<Linked>,
    /// The answers that they rest on.
    pub(crate) answers: Vec<KeptAnswer>,
    /// The signed days from the one it began on to the first that ends behind its newest event.
    pub(crate) day_heads: Vec<SignedDay>,
    /// What the events amount to.
    pub(crate) order: Order,
    /// The journal's newest event, and its chain value.
    pub(crate) head: (u64, [u8; 32]),
}

/// An answer of the gateway that an event rests on.
#[derive(Debug)]
pub(crate) struct KeptAnswer {
    pub(crate) seq: u64,
    pub(crate) sha256: [u8; 32],
    /// `None` where it is gone.
    pub(crate) body: Option<Vec<u8>>,
    /// After how many days it was old enough to be removed, where the journal says so.
    pub(crate) removed_after_days: Option<u32>,
}

impl Reading {
    /// What there is of an order. Refused where an event of it, or the journal's first, cannot be read.
    pub(crate) async fn evidence_of(&self, order_no: &str) -> Result<Evidence, Refusal> {
        let unknown = || Refusal::of(Code::UnknownOrder).with("order_no", order_no);
        let Some(journal) = &self.journal else { return Err(unknown()) };
        let subject = journal::order_subject(order_no);
        let events = that_fit(journal, &subject).await?;
        let Some(order) = self.replayed(order_no, &events)? else { return Err(unknown()) };
        let till = journal.stream(journal::TILL).await.map_err(|fault| fault_of_stream(journal::TILL, &fault))?;
        let Some(opened) = till.first().cloned() else { return Err(unknown()) };
        // The newest one that there is now: every event that was read stands before it, or is it.
        let head = journal.head().await.map_err(|fault| fault_of_storage(&fault))?.ok_or_else(unknown)?;
        let mut answers = Vec::new();
        for event in &events {
            answers.extend(answer(journal, event, &till).await?);
        }
        let first = events.first().map_or(0, |event| event.seq);
        let last = events.last().map_or(0, |event| event.seq);
        let mut day_heads: Vec<SignedDay> = Vec::new();
        for day in till.iter().filter_map(SignedDay::of_stored).filter(|day| day.seq() >= first) {
            let behind = day.seq() >= last;
            day_heads.push(day);
            if behind {
                break;
            }
        }
        let mut linked = Vec::with_capacity(events.len());
        for event in events {
            let prev = journal.prev(event.seq).await.map_err(|fault| fault_of_stream(&subject, &fault))?;
            linked.push((hex(&prev), self.line(event)));
        }
        let opened = (hex(&START), self.line(opened));
        Ok(Evidence { opened, events: linked, answers, day_heads, order, head })
    }
}

/// A subject's events, where they amount to its row: where one was taken away, the row still tells of it.
async fn that_fit(journal: &Journal, subject: &str) -> Result<Vec<StoredEvent>, Refusal> {
    let read = journal.stream_and_row(subject).await;
    let (events, row) = read.map_err(|fault| fault_of_stream(subject, &fault))?;
    let ought = Replay.row(subject, &events).map_err(|_| unreadable(subject))?;
    if row == ought { Ok(events) } else { Err(not_whole(events.last().map(|event| event.seq))) }
}

fn hex(hash: &[u8; 32]) -> String {
    data_encoding::HEXLOWER.encode(hash)
}

/// The answer that an event rests on, if it rests on one.
async fn answer(journal: &Journal, event: &StoredEvent, till: &[StoredEvent]) -> Result<Option<KeptAnswer>, Refusal> {
    let Some(sha256) = rests_on(&event.payload) else { return Ok(None) };
    let body = journal.raw(&sha256).await.map_err(|fault| fault_of_storage(&fault))?;
    let old = removed(till).find(|(until, _)| event.at.wall < *until).map(|(_, days)| days);
    let removed_after_days = old.filter(|_| body.is_none());
    Ok(Some(KeptAnswer { seq: event.seq, sha256, body, removed_after_days }))
}
