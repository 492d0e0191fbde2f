//! What a gateway is about to say, and the one thing in it that a fault makes wrong.

use serde_json::{Map, Value, json};

use crate::fault::Fault;

/// How a gateway calls what its answers state. Empty: it has no such field.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Names {
    pub(crate) amount: &'static str,
    pub(crate) number: &'static str,
    pub(crate) merchant: &'static str,
    pub(crate) currency: &'static str,
    pub(crate) state: &'static str,
    pub(crate) result: &'static str,
}

/// A granted request: the plain data, and what faults need to falsify it.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) data: Map<String, Value>,
    /// What signs the answer.
    pub(crate) key: String,
    /// The envelope's number.
    pub(crate) code: i64,
    /// The merchant's number of the order or of the refund.
    pub(crate) number: String,
    /// Fen or cents.
    pub(crate) amount_minor: i64,
    pub(crate) names: Names,
}

/// An answer as it leaves.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) text: String,
    /// The header in which Dingdang signs.
    pub(crate) authorization: Option<String>,
    pub(crate) code: i64,
}

impl Said {
    pub(crate) fn plain(code: i64, text: String) -> Self {
        Self { text, authorization: None, code }
    }
}

impl Answered {
    /// Makes one thing wrong; it is signed afterwards, so the answer is authentic.
    pub(crate) fn falsify(&mut self, fault: &Fault) {
        let Names { amount, number, merchant, currency, state, result } = self.names;
        let data = &mut self.data;
        let mut put = |name: &str, value: Value| {
            if !name.is_empty() {
                data.insert(name.to_owned(), value);
            }
        };
        match fault {
            Fault::WrongAmount => put(amount, json!(self.amount_minor.saturating_add(1))),
            Fault::WrongNumber => {
                let other: String = self.number.chars().rev().chain(['X']).take(32).collect();
                put(number, json!(other));
            }
            Fault::WrongMerchant => put(merchant, json!("1000000000000001")),
            Fault::WrongCurrency => put(currency, json!("USD")),
            Fault::ResultCode => put(result, json!(1)),
            Fault::NoTradeState => {
                data.remove(state);
            }
            Fault::Delay { .. }
            | Fault::DropAfter
            | Fault::DropBefore
            | Fault::Status { .. }
            | Fault::Redirect { .. }
            | Fault::Html
            | Fault::Empty
            | Fault::Truncated
            | Fault::DuplicatedKeys
            | Fault::Garbage
            | Fault::Huge { .. }
            | Fault::WrongSignature
            | Fault::MissingSignature
            | Fault::UnsignedPaid
            | Fault::NestedJson
            | Fault::Stale { .. }
            | Fault::WrongCustomer
            | Fault::WrongTransaction
            | Fault::Trickle { .. }
            | Fault::Code { .. } => {}
        }
    }
}
