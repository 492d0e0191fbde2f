//! What orders amount to, by currency, state and mark. Amounts of two currencies are never added.

use super::OrderLine;
use crate::view::Mark;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use till_core::money::Currency;

/// Orders of one currency in one state, minor units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sum {
    /// ISO 4217.
    pub(super) currency: Currency,
    /// The state.
    pub(super) state: String,
    /// `training`, `not_a_real_gateway`, or nothing.
    pub(super) mark: Option<String>,
    /// How many.
    pub(super) orders: u64,
    /// What was asked for.
    pub(super) amount_minor: i64,
    /// What customers paid.
    pub(super) paid_minor: i64,
    /// What went back.
    pub(super) refunded_minor: i64,
    /// What the customers paid, where the gateway said it.
    #[serde(default)]
    pub(super) customer_paid: PartSum,
    /// What the merchant received, where the gateway said it.
    #[serde(default)]
    pub(super) received: PartSum,
    /// What others bore, where the gateway said it.
    #[serde(default)]
    pub(super) discount: PartSum,
}

/// A part of payments, of those orders alone whose gateway said it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PartSum {
    /// How many.
    pub(super) orders: u64,
    /// What it comes to in them.
    pub(super) minor: i64,
}

impl PartSum {
    fn add(&mut self, orders: u64, minor: i64) {
        self.orders = self.orders.saturating_add(orders);
        self.minor = self.minor.saturating_add(minor);
    }

    fn add_one(&mut self, part: Option<i64>) {
        if let Some(minor) = part {
            self.add(1, minor);
        }
    }

    /// What it comes to; `None` where no gateway said it.
    pub(super) fn known(&self) -> Option<i64> {
        (self.orders > 0).then_some(self.minor)
    }
}

impl Sum {
    fn none(currency: Currency, state: &str, mark: Option<&str>) -> Self {
        Self {
            currency,
            state: state.to_owned(),
            mark: mark.map(str::to_owned),
            orders: 0,
            amount_minor: 0,
            paid_minor: 0,
            refunded_minor: 0,
            customer_paid: PartSum::default(),
            received: PartSum::default(),
            discount: PartSum::default(),
        }
    }

    fn add(&mut self, other: &Self) {
        self.orders = self.orders.saturating_add(other.orders);
        self.amount_minor = self.amount_minor.saturating_add(other.amount_minor);
        self.paid_minor = self.paid_minor.saturating_add(other.paid_minor);
        self.refunded_minor = self.refunded_minor.saturating_add(other.refunded_minor);
        self.customer_paid.add(other.customer_paid.orders, other.customer_paid.minor);
        self.received.add(other.received.orders, other.received.minor);
        self.discount.add(other.discount.orders, other.discount.minor);
    }
}

/// The sums of each currency and mark, over every state, behind those of its states. What moved no money is never added to what
/// did.
pub(super) fn with_totals(sums: &[Sum]) -> Vec<Sum> {
    let mut groups: BTreeMap<(Currency, Option<&str>), Vec<&Sum>> = BTreeMap::new();
    for sum in sums {
        groups.entry((sum.currency, sum.mark.as_deref())).or_default().push(sum);
    }
    let mut rows = Vec::new();
    for ((currency, mark), states) in groups {
        let mut total = Sum::none(currency, "all", mark);
        for sum in states {
            total.add(sum);
            rows.push(sum.clone());
        }
        rows.push(total);
    }
    rows
}

/// Adds orders up by currency, state and mark.
#[derive(Default)]
pub(super) struct Sums(BTreeMap<(Currency, &'static str, Option<&'static str>), Sum>);

impl Sums {
    pub(super) fn add(&mut self, line: &OrderLine) {
        let order = &line.order;
        let (state, mark) = (order.state.word(), order.mark.map(Mark::word));
        let sum = self.0.entry((line.currency, state, mark)).or_insert_with(|| Sum::none(line.currency, state, mark));
        sum.orders = sum.orders.saturating_add(1);
        sum.amount_minor = sum.amount_minor.saturating_add(order.amount_minor);
        sum.paid_minor = sum.paid_minor.saturating_add(order.paid_minor.unwrap_or(0));
        sum.refunded_minor = sum.refunded_minor.saturating_add(order.refunded_minor);
        sum.customer_paid.add_one(line.parts.customer_paid_minor);
        sum.received.add_one(line.parts.received_minor);
        sum.discount.add_one(line.parts.discount_minor);
    }

    pub(super) fn all(&self) -> Vec<Sum> {
        self.0.values().cloned().collect()
    }
}
