//! What the journal that was there knows and a backup does not: orders that were made or went on after it.

use super::agreement::agreement;
use super::same;
use crate::backup::look::journal;
use crate::journal::Journal;
use crate::reading::Reading;
use crate::storage::{Storage, StorageFault};
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

/// What the old journal tells beside a backup.
#[derive(Debug, Default)]
pub(super) struct Beside {
    /// The orders that differ. None where the old journal cannot be read at all.
    pub(super) lost: Option<Vec<Lost>>,
    /// Whether those are all.
    pub(super) lost_is_whole: bool,
    /// The newest event that both have, where the backup is no earlier state of the old journal.
    pub(super) differs_after: Option<u64>,
}

/// Compares both.
pub(super) async fn beside(old: &Path, backup: &Path) -> Beside {
    let opened = (journal(old).await, journal(backup).await, Reading::open_file(old).await);
    let (Some(before), Some(after), Ok(reading)) = opened else { return Beside::default() };
    let Ok(restored) = Reading::open_file(backup).await else { return Beside::default() };
    let agreed = agreement(&before, &after).await;
    let (order_nos, mut whole) = changed(&before, agreed.until).await;
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
    let differs_after = agreed.apart.then_some(agreed.until);
    Beside { lost: Some(lost), lost_is_whole: whole, differs_after }
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
