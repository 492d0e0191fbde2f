//! Looks up whose a number of the gateway's is, so that one payment pays one order.

use super::Inner;
use crate::storage::{OrderRow, OrderSearch, StorageFault};
use till_core::order::Order;
use till_core::order::decide::Command;
use tokio::sync::OwnedMutexGuard;

/// Orders of one number that are looked at.
const LOOKED_AT: u32 = 100;

impl Inner {
    /// Holds what a command says of `order` against the journal. The turn is kept until what follows is committed: of two orders
    /// that are said to go by one number, the second looks when the first is in the journal.
    pub(super) async fn held_against_others(
        &self,
        order: &Order,
        command: &mut Command,
    ) -> Result<Option<OwnedMutexGuard<()>>, StorageFault> {
        let Some(named) = command.number_to_be_held(order) else { return Ok(None) };
        let turn = self.paying.of(named.gateway_no.clone()).await;
        let search = OrderSearch {
            gateway_no: Some(named.gateway_no.clone()),
            account_id: Some(order.draft.account_id.clone()),
            limit: LOOKED_AT,
            ..OrderSearch::default()
        };
        let known = self.seams.storage.orders(&search).await?;
        let keeps = |row: &&OrderRow| row.order_no != order.no() && named.is_kept_by_another(row.paid_minor.is_some());
        if let Some(other) = known.iter().find(keeps) {
            command.names_another(&other.order_no);
        }
        Ok(Some(turn))
    }
}
