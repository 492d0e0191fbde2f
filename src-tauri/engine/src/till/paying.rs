//! One payment pays one order: a number of the gateway's that an order was paid under pays no other order of the account, and one that
//! an order goes by is made known for no other.

use super::Inner;
use crate::storage::{OrderRow, OrderSearch, StorageFault};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::sync::{Arc, Weak};
use till_core::order::Order;
use till_core::order::decide::Command;
use tokio::sync::OwnedMutexGuard;

/// Orders of one number that are looked at.
const LOOKED_AT: u32 = 100;

/// Of two orders that are said to go by one number, the second looks when the first is in the journal. Different numbers do not
/// wait for each other.
#[derive(Debug, Default)]
pub(super) struct Paying(Mutex<BTreeMap<String, Weak<tokio::sync::Mutex<()>>>>);

impl Paying {
    /// The turn of one of a gateway's numbers, until it is dropped.
    pub(super) async fn turn(&self, gateway_no: &str) -> OwnedMutexGuard<()> {
        let turn = {
            let mut turns = self.0.lock();
            turns.retain(|_, turn| turn.strong_count() > 0);
            let taken = turns.get(gateway_no).and_then(Weak::upgrade);
            taken.unwrap_or_else(|| {
                let turn = Arc::new(tokio::sync::Mutex::new(()));
                turns.insert(gateway_no.to_owned(), Arc::downgrade(&turn));
                turn
            })
        };
        turn.lock_owned().await
    }
}

impl Inner {
    /// Holds what a command says of `order` against the journal: a payment under the number of another one contradicts this one,
    /// whatever else is stated. The turn is kept until what follows is committed.
    pub(super) async fn held_against_others(
        &self,
        order: &Order,
        command: &mut Command,
    ) -> Result<Option<OwnedMutexGuard<()>>, StorageFault> {
        let Some((gateway_no, pays)) = command.number_to_be_held(order) else { return Ok(None) };
        let turn = self.paying.turn(&gateway_no).await;
        let search = OrderSearch {
            gateway_no: Some(gateway_no),
            account_id: Some(order.draft.account_id.clone()),
            limit: LOOKED_AT,
            ..OrderSearch::default()
        };
        let known = self.seams.storage.orders(&search).await?;
        // A payment is proof enough against whoever only heard the number.
        let holds = |row: &&OrderRow| row.order_no != order.no() && (!pays || row.paid_minor.is_some());
        if let Some(other) = known.iter().find(holds) {
            command.names_another(&other.order_no);
        }
        Ok(Some(turn))
    }
}
