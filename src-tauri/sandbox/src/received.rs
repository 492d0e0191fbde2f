//! The list of what the gateways were asked, for tests and for people who look.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::fault::{Fault, Operation};

/// Older entries than this many are forgotten; the counts of creates are not.
const KEPT: usize = 20_000;

/// Fields that no entry keeps: what proves the merchant, and the payment code that a customer's wallet showed, as Pooul and as
/// BlueOcean call it.
const SECRETS: [&str; 4] = ["sign", "password", "auth_code", "code"];

/// One request as it arrived.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Received {
    /// Counts from 1 since the start of the stage.
    pub index: u64,
    /// Milliseconds since 1970 by the machine's clock.
    pub at_ms: i64,
    /// For example `pooul`.
    pub gateway: String,
    /// What was asked for.
    pub operation: Operation,
    /// The order it is about, where the request says so.
    pub order_no: Option<String>,
    /// The request's fields without signature, password and payment code; empty if it could not be read.
    pub fields: Map<String, Value>,
    /// Whether the gateway did what was asked.
    pub accepted: bool,
    /// The answer's code; nothing if the answer carried none.
    pub code: Option<i64>,
    /// The fault that struck, other than a delay.
    pub fault: Option<Fault>,
}

/// The newest requests, in the order of their arrival.
#[derive(Default)]
pub(crate) struct Log {
    entries: VecDeque<Received>,
    last: u64,
}

impl Log {
    pub(crate) fn note(&mut self, mut entry: Received) {
        self.last += 1;
        entry.index = self.last;
        entry.fields.retain(|name, _| !SECRETS.contains(&name.as_str()));
        self.entries.push_back(entry);
        if self.entries.len() > KEPT {
            self.entries.pop_front();
        }
    }

    /// What arrived after the entry with this index.
    pub(crate) fn after(&self, index: u64) -> Vec<Received> {
        self.entries.iter().filter(|entry| entry.index > index).cloned().collect()
    }
}
