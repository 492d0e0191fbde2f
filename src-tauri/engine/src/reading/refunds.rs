//! Refunds of every order, a page at a time.

use super::{PAGE, Reading};
use crate::storage::{RefundRow, RefundSearch, Storage as _};
use crate::till::fault_of_storage;
use till_core::error::Refusal;
use till_core::order::refund::RefundState;

/// Which refunds are listed. Every given part must match.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RefundsWanted {
    /// Only those that have not ended, or whose end an answer contradicts.
    pub open: bool,
    /// Only these states; empty: all.
    pub states: Vec<RefundState>,
    /// Only those that this person gave back, or `owner`.
    pub by: Option<String>,
    /// The first business day, `YYYY-MM-DD`.
    pub from: Option<String>,
    /// The last business day.
    pub to: Option<String>,
    /// A number or a part of one.
    pub number: Option<String>,
    /// Exactly this amount, minor units of any currency.
    pub amount_minor: Option<i64>,
}

impl Reading {
    /// One page of refunds, newest first; give the last row back as `after` for the next.
    pub async fn refund_rows(
        &self,
        wanted: &RefundsWanted,
        after: Option<&RefundRow>,
    ) -> Result<Vec<RefundRow>, Refusal> {
        let search = self.refund_search(wanted, after)?;
        let Some(journal) = &self.journal else { return Ok(Vec::new()) };
        journal.refunds(&search).await.map_err(|fault| fault_of_storage(&fault))
    }

    fn refund_search(&self, wanted: &RefundsWanted, after: Option<&RefundRow>) -> Result<RefundSearch, Refusal> {
        let (from, until) = self.days(wanted.from.as_deref(), wanted.to.as_deref())?;
        let number = wanted.number.as_deref().map(str::trim).filter(|number| !number.is_empty());
        Ok(RefundSearch {
            number: number.map(str::to_owned),
            amount_minor: wanted.amount_minor,
            states: wanted.states.iter().map(|state| state.word().to_owned()).collect(),
            given_by: wanted.by.clone(),
            from,
            until,
            open: wanted.open.then_some(true),
            after: after.map(|row| (row.requested_at, row.refund_no.clone())),
            limit: PAGE,
        })
    }
}
