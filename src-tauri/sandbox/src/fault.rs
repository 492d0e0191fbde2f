//! What can go wrong with the next answers of a gateway, planned by a test.

use serde::{Deserialize, Serialize};

/// What the till asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// A new trade.
    Create,
    /// How a trade stands.
    Query,
    /// Ending an unpaid trade.
    Close,
    /// Ending a trade and giving back what was paid.
    Reverse,
    /// Money back.
    Refund,
    /// How a refund stands.
    RefundQuery,
}

/// Which requests a fault meets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Every operation that the till asks for.
    #[default]
    Any,
    /// Only creates.
    Create,
    /// Only queries.
    Query,
    /// Only closes.
    Close,
    /// Only reverses.
    Reverse,
    /// Only refunds.
    Refund,
    /// Only queries of refunds.
    RefundQuery,
    /// No request of the till's: what the gateway sends by itself.
    Notification,
}

impl Scope {
    fn covers(self, operation: Operation) -> bool {
        match self {
            Self::Any => true,
            Self::Create => operation == Operation::Create,
            Self::Query => operation == Operation::Query,
            Self::Close => operation == Operation::Close,
            Self::Reverse => operation == Operation::Reverse,
            Self::Refund => operation == Operation::Refund,
            Self::RefundQuery => operation == Operation::RefundQuery,
            Self::Notification => false,
        }
    }
}

/// One way in which an answer is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// The request is processed at once, its answer leaves `ms` milliseconds later. It comes on top of another fault.
    Delay {
        /// Milliseconds.
        ms: u64,
    },
    /// Processed; the connection then closes without a byte.
    DropAfter,
    /// Not processed; the connection closes without a byte.
    DropBefore,
    /// Not processed; an HTTP status with a short text, and a `Retry-After` header if asked for.
    Status {
        /// For example 500, 502, 503, 429.
        status: u16,
        /// Seconds.
        #[serde(default)]
        retry_after_s: Option<u64>,
    },
    /// Processed; a redirect (302) to `location` instead of the answer.
    Redirect {
        /// An absolute address.
        location: String,
    },
    /// Processed; an HTML error page with status 200.
    Html,
    /// Processed; status 200 and no body.
    Empty,
    /// Processed; the answer's second half is missing.
    Truncated,
    /// Processed; the signed data holds its state, its number and its nonce twice. The first state says paid.
    DuplicatedKeys,
    /// Processed; bytes that are not UTF-8.
    Garbage,
    /// Processed; the right answer after `bytes` spaces.
    Huge {
        /// How many bytes of padding.
        bytes: usize,
    },
    /// Processed; the signature belongs to other data.
    WrongSignature,
    /// Processed; no signature at all.
    MissingSignature,
    /// Processed; signed, with an amount one fen too high.
    WrongAmount,
    /// Processed; signed, with another order's number.
    WrongNumber,
    /// Processed; signed, with another merchant.
    WrongMerchant,
    /// Processed; signed, in US dollars.
    WrongCurrency,
    /// Processed; signed, without the state.
    NoTradeState,
    /// Not processed; paid, with the right number and amount, unsigned.
    UnsignedPaid,
    /// Processed; signed, `result_code` 1. Meant for answers that say paid.
    ResultCode,
    /// Processed; the parameters for an app are JSON inside JSON without escapes, as one sample prints them (002:505).
    NestedJson,
    /// A call or an answer of Dingdang's, signed so many seconds before it is made.
    Stale {
        /// Seconds; negative: after it.
        seconds: i64,
    },
    /// A call of Dingdang's, signed, with somebody else's token.
    WrongCustomer,
    /// A call of Dingdang's, signed, with another number of its own for the order.
    WrongTransaction,
    /// Of what a gateway sends by itself the body comes slowly: `bytes` bytes every `ms` milliseconds.
    Trickle {
        /// Bytes at a time, one at least.
        bytes: usize,
        /// Milliseconds before each of them.
        ms: u64,
    },
    /// An unsigned error reply with this code.
    Code {
        /// For example 601, or a number that no document knows.
        code: i64,
        /// The reply's text.
        #[serde(default)]
        msg: String,
        /// Whether the request was processed nevertheless.
        #[serde(default)]
        processed: bool,
    },
}

impl Fault {
    /// Whether the gateway does what was asked before it answers wrongly.
    pub(crate) fn processes(&self) -> bool {
        match self {
            Self::DropBefore | Self::Status { .. } | Self::UnsignedPaid => false,
            Self::Code { processed, .. } => *processed,
            Self::Delay { .. }
            | Self::DropAfter
            | Self::Redirect { .. }
            | Self::Html
            | Self::Empty
            | Self::Truncated
            | Self::DuplicatedKeys
            | Self::Garbage
            | Self::Huge { .. }
            | Self::WrongSignature
            | Self::MissingSignature
            | Self::WrongAmount
            | Self::WrongNumber
            | Self::WrongMerchant
            | Self::WrongCurrency
            | Self::NoTradeState
            | Self::NestedJson
            | Self::Stale { .. }
            | Self::WrongCustomer
            | Self::WrongTransaction
            | Self::Trickle { .. }
            | Self::ResultCode => true,
        }
    }
}

/// A fault, and which of the next requests it meets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedFault {
    /// Which operation.
    pub operation: Scope,
    /// Only requests about this order, or about any.
    pub order_no: Option<String>,
    /// How many requests are still met.
    pub times: u64,
    /// What goes wrong.
    pub fault: Fault,
}

/// What the faults do to one request.
#[derive(Debug, Default)]
pub(crate) struct Struck {
    pub(crate) delay_ms: u64,
    pub(crate) fault: Option<Fault>,
}

/// Takes the first planned delay and the first other planned fault that meet this request.
pub(crate) fn strike(planned: &mut Vec<PlannedFault>, operation: Operation, order_no: Option<&str>) -> Struck {
    take(planned, order_no, |scope| scope.covers(operation))
}

/// The same for a notification.
pub(crate) fn strike_notification(planned: &mut Vec<PlannedFault>, order_no: &str) -> Struck {
    take(planned, Some(order_no), |scope| scope == Scope::Notification)
}

fn take(planned: &mut Vec<PlannedFault>, order_no: Option<&str>, covers: impl Fn(Scope) -> bool) -> Struck {
    let mut struck = Struck::default();
    let mut delayed = false;
    for plan in planned.iter_mut() {
        let meant = covers(plan.operation) && plan.order_no.as_deref().is_none_or(|meant| order_no == Some(meant));
        if !meant || plan.times == 0 {
            continue;
        }
        if let Fault::Delay { ms } = plan.fault {
            if !delayed {
                delayed = true;
                struck.delay_ms = ms;
                plan.times -= 1;
            }
        } else if struck.fault.is_none() {
            struck.fault = Some(plan.fault.clone());
            plan.times -= 1;
        }
    }
    planned.retain(|plan| plan.times > 0);
    struck
}
