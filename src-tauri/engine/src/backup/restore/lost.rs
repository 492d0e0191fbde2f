//! What the journal that was there knows and a backup does not: orders that were made or went on after it.

use super::same;
use crate::journal::Journal;
use crate::off_thread::off_thread;
use crate::reading::Reading;
use crate::storage::{Storage, StorageFault, StoredEvent};
use serde::Serialize;
use std::collections::BTreeSet;
use std::path::Path;
use till_core::order::State;
use till_core::order::refund::RefundState;

/// Events that are read at a time.
const PAGE: u32 = 500;

/// An order that the old journal knows more of than the backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lost {
    /// Its number.
    pub order_no: String,
    /// The account's name.
    pub account: String,
    /// What was asked for.
    pub amount: String,
    /// ISO 4217.
    pub currency: String,
    /// What the old journal says of it.
    pub state: State,
    /// What it says that the customer paid, in minor units.
    pub paid_minor: Option<i64>,
    /// What it says that went back, in minor units.
    pub refunded_minor: i64,
    /// Refunds that it knows and the backup does not, or not as far.
    pub refunds: Vec<LostRefund>,
    /// What the backup says of it; none where it does not know the order.
    pub in_backup: Option<State>,
}

/// A refund that the old journal knows more of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LostRefund {
    /// Its number.
    pub refund_no: String,
    /// How much.
    pub amount: String,
    /// What the old journal says of it.
    pub state: RefundState,
}

/// The orders that differ, and whether those are all. None where the old journal cannot be read at all.
pub(super) async fn lost(old: &Path, backup: &Path) -> (Option<Vec<Lost>>, bool) {
    let opened = (journal(old).await, journal(backup).await, Reading::open_file(old).await);
    let (Some(before), Some(after), Ok(reading)) = opened else { return (None, false) };
    let Ok(restored) = Reading::open_file(backup).await else { return (None, false) };
    let (order_nos, mut whole) = changed(&before, common(&before, &after).await).await;
    let mut lost = Vec::new();
    for order_no in order_nos {
        let Ok(order) = reading.order(&order_no).await else {
            whole = false;
            continue;
        };
        let known = restored.order(&order_no).await.ok();
        let refunds = reading.refunds(&order_no).await.unwrap_or_default();
        let told = restored.refunds(&order_no).await.unwrap_or_default();
        let further = refunds
            .into_iter()
            .filter(|refund| !told.iter().any(|told| told.refund_no == refund.refund_no && told.state == refund.state));
        let refunds: Vec<LostRefund> = further
            .map(|refund| LostRefund { refund_no: refund.refund_no, amount: refund.amount, state: refund.state })
            .collect();
        if refunds.is_empty() && known.as_ref().is_some_and(|known| same(known, &order)) {
            continue;
        }
        lost.push(Lost {
            order_no,
            account: order.account,
            amount: order.amount,
            currency: order.currency,
            state: order.state,
            paid_minor: order.paid_minor,
            refunded_minor: order.refunded_minor,
            refunds,
            in_backup: known.map(|known| known.state),
        });
    }
    (Some(lost), whole)
}

async fn journal(path: &Path) -> Option<Journal> {
    let path = path.to_owned();
    off_thread(move || Journal::open_read_only(&path)).await.ok()?.ok()
}

/// The newest event that both have: whatever stands before an equal hash is equal too.
async fn common(one: &Journal, other: &Journal) -> u64 {
    let head = async |journal: &Journal| journal.head().await.ok().flatten().map_or(0, |(seq, _)| seq);
    let (mut equal, mut beyond) = (0, head(other).await.saturating_add(1));
    while beyond.saturating_sub(equal) > 1 {
        // The usual case first: an older state of the same journal, which has its newest event too.
        let probe = if equal == 0 && beyond == head(other).await.saturating_add(1) {
            beyond.saturating_sub(1)
        } else {
            equal.midpoint(beyond)
        };
        let (one, other) = (event(one, probe).await, event(other, probe).await);
        match (one, other) {
            (Some(one), Some(other)) if one.hash == other.hash => equal = probe,
            _ => beyond = probe,
        }
    }
    equal
}

async fn event(journal: &Journal, seq: u64) -> Option<StoredEvent> {
    let found = journal.after(seq.checked_sub(1)?, 1).await.ok()?.into_iter().next()?;
    (found.seq == seq).then_some(found)
}

/// The orders that have events behind `seq`, and whether all of those could be read.
async fn changed(journal: &Journal, mut seq: u64) -> (BTreeSet<String>, bool) {
    let (mut order_nos, mut whole) = (BTreeSet::new(), true);
    let mut keep = |subject: &str| {
        if let Some(order_no) = subject.strip_prefix("order/") {
            order_nos.insert(order_no.to_owned());
        }
    };
    loop {
        match journal.after(seq, PAGE).await {
            Ok(events) => {
                let Some(last) = events.last() else { break };
                seq = last.seq;
                for event in &events {
                    keep(&event.subject);
                }
            }
            Err(StorageFault::Unreadable { seq: bad, subject, .. }) if bad > seq => {
                (seq, whole) = (bad, false);
                if let Some(subject) = subject {
                    keep(&subject);
                }
            }
            Err(_) => {
                whole = false;
                break;
            }
        }
    }
    (order_nos, whole)
}
