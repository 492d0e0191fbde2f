//! What became of the orders that had not ended when the till stopped.

use super::Inner;
use crate::view::Recovery;
use std::collections::BTreeMap;
use std::sync::Arc;
use till_core::order::asking::Asking;
use till_core::order::{Attention, Order, State};

/// Watches the orders of the run before until each has been answered for.
#[derive(Debug, Default)]
pub(super) struct Watch {
    fates: BTreeMap<String, Fate>,
    order_nos: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Asking,
    Paid,
    Ended,
    Open,
    InDoubt,
    NotAsked,
}

impl Watch {
    /// These had not ended when the till stopped, newest first.
    pub(super) fn begin(&mut self, order_nos: Vec<String>) {
        self.fates = order_nos.iter().map(|no| (no.clone(), Fate::Asking)).collect();
        self.order_nos = order_nos;
    }

    /// Takes note of what an order has become.
    pub(super) fn saw(&mut self, order: &Order, asking: &Asking) {
        let Some(fate) = self.fates.get_mut(order.no()) else { return };
        *fate = match order.state {
            State::Paid => Fate::Paid,
            State::Closed | State::Failed | State::Reversed => Fate::Ended,
            // Where a notification has brought the gateway's number meanwhile, it is asked again.
            _ if order.attention.contains(&Attention::CannotBeAsked) && order.gateway_no.is_none() => Fate::NotAsked,
            _ if asking.answered.is_none() => Fate::Asking,
            // Something was said of a payment, and does not fit.
            State::Disputed => Fate::InDoubt,
            State::Drafted
            | State::Creating
            | State::CreateUnknown
            | State::AwaitingPayment
            | State::Paying
            | State::Expiring => Fate::Open,
        };
    }

    /// This one has no task: it cannot be read, or what it was made with cannot.
    pub(super) fn not_asked(&mut self, order_no: &str) {
        if let Some(fate) = self.fates.get_mut(order_no) {
            *fate = Fate::NotAsked;
        }
    }

    fn picture(&self) -> Option<Recovery> {
        let many =
            |fate: Fate| u32::try_from(self.fates.values().filter(|known| **known == fate).count()).unwrap_or(u32::MAX);
        (!self.order_nos.is_empty()).then(|| Recovery {
            order_nos: self.order_nos.clone(),
            still_asking: many(Fate::Asking),
            paid: many(Fate::Paid),
            ended: many(Fate::Ended),
            open: many(Fate::Open),
            in_doubt: many(Fate::InDoubt),
            not_asked: many(Fate::NotAsked),
        })
    }
}

impl super::Till {
    /// What became of the orders of the run before; `None` where there were none.
    #[must_use]
    pub fn recovery(&self) -> Option<Recovery> {
        self.inner.recovery.lock().picture()
    }
}

impl Inner {
    pub(super) fn recover(self: &Arc<Self>, order_nos: Vec<String>) {
        self.recovery.lock().begin(order_nos);
    }
}
