//! Orders as they are listed, a page at a time.

use super::{PAGE, Reading};
use crate::storage::{OrderRow, OrderSearch, Storage as _};
use crate::till::fault_of_storage;
use till_core::error::Refusal;
use till_core::order::State;

/// Which orders are listed. Every given part must match.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrdersWanted {
    /// Only those that have not ended.
    pub open: bool,
    /// Only these states; empty: all.
    pub states: Vec<State>,
    /// Only those that this person made, or `owner`, `nobody`, `gateway`.
    pub sold_by: Option<String>,
    /// The first business day, `YYYY-MM-DD`.
    pub from: Option<String>,
    /// The last business day.
    pub to: Option<String>,
    /// A number or a part of one: ours, the gateway's, the wallet's, or a refund's.
    pub number: Option<String>,
    /// Exactly this amount, minor units of any currency.
    pub amount_minor: Option<i64>,
}

impl OrdersWanted {
    /// All that have not ended.
    #[must_use]
    pub fn open() -> Self {
        Self { open: true, ..Self::default() }
    }
}

impl Reading {
    /// One page of orders, newest first; give the last row back as `after` for the next.
    pub async fn order_rows(&self, wanted: &OrdersWanted, after: Option<&OrderRow>) -> Result<Vec<OrderRow>, Refusal> {
        let (from, until) = self.days(wanted.from.as_deref(), wanted.to.as_deref())?;
        let Some(journal) = &self.journal else { return Ok(Vec::new()) };
        let search = OrderSearch {
            number: wanted.number.clone(),
            amount_minor: wanted.amount_minor,
            states: wanted.states.iter().map(|state| state.word().to_owned()).collect(),
            sold_by: wanted.sold_by.clone(),
            from,
            until,
            open: wanted.open.then_some(true),
            after: after.map(|row| (row.created_at, row.order_no.clone())),
            limit: PAGE,
            ..OrderSearch::default()
        };
        journal.orders(&search).await.map_err(|fault| fault_of_storage(&fault))
    }
}
