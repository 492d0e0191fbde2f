//! Whether the rows that lists are made of are those that the events make: what is handed out goes by rows, and a row that somebody
//! took away would be missing without a word.

use crate::reading::EventLine;
use memchr::memmem::find;
use std::hash::{BuildHasher as _, RandomState};

/// What the subjects of orders begin with.
const ORDER: &str = "order/";

/// How the event begins that asks for a refund. Inside a text of somebody else's the marks would be escaped.
const REQUESTED: &[u8] = b"\"type\":\"refund_requested\"";

/// Orders by number and day, and refunds: as rows list them or as events tell of them, in whatever order.
#[derive(Debug, Clone)]
pub(super) struct Tally {
    /// The same for both that are compared, and another one for every export.
    key: RandomState,
    orders: u64,
    hashes: u64,
    refunds: u64,
    /// Whether one could not be read.
    faulty: bool,
}

impl Tally {
    pub(super) fn by(key: &RandomState) -> Self {
        Self { key: key.clone(), orders: 0, hashes: 0, refunds: 0, faulty: false }
    }

    pub(super) fn order(&mut self, order_no: &str, day: &str) {
        self.orders = self.orders.wrapping_add(1);
        self.hashes = self.hashes.wrapping_add(self.key.hash_one((order_no, day)));
    }

    pub(super) fn refund(&mut self) {
        self.refunds = self.refunds.wrapping_add(1);
    }

    /// An order or refund whose events cannot be read.
    pub(super) fn fault(&mut self) {
        self.faulty = true;
    }

    pub(super) fn event(&mut self, event: &EventLine) {
        self.faulty |= event.fault.is_some();
        let Some(order_no) = event.subject.as_deref().and_then(|subject| subject.strip_prefix(ORDER)) else { return };
        if event.subject_seq == Some(1) {
            self.order(order_no, event.day.as_deref().unwrap_or_default());
        }
        if event.event.as_ref().is_some_and(|event| find(event.get().as_bytes(), REQUESTED).is_some()) {
            self.refund();
        }
    }

    /// Whether both tell the same, and everything of it could be read.
    pub(super) fn agrees(&self, with: &Self) -> bool {
        let counts = |tally: &Self| (tally.orders, tally.hashes, tally.refunds);
        counts(self) == counts(with) && !self.faulty && !with.faulty
    }
}
