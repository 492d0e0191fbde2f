//! What a customer sees of an order on its own page: what holds, and only for a while after its end.

use super::{Order, State};
use crate::gateway::bridge::{Arguments, Bridge};
use crate::time::{HOUR, Moment};

/// How long a page still tells how its order ended, in microseconds. Then the link leads nowhere.
const LINGERS: i64 = HOUR;

/// How an order stands for its customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It waits for the payment.
    Open,
    /// The gateway says that the customer is paying.
    Paying,
    /// The last try failed; another is possible.
    Declined,
    /// Its code is off every screen, and it is being ended.
    Ending,
    /// It is paid.
    Paid,
    /// It was paid, and all of it is given back.
    GivenBack,
    /// It ended unpaid.
    Ended,
    /// Nobody can tell yet.
    Unclear,
}

/// How `order` stands for its customer, or nothing where its page is over.
#[must_use]
pub fn standing(order: &Order, now: Moment) -> Option<Standing> {
    let ended = match order.state {
        State::Paid => order.payment.as_ref().map(|payment| payment.known),
        State::Closed | State::Failed | State::Reversed => order.end.map(|end| end.at),
        State::Drafted
        | State::Creating
        | State::CreateUnknown
        | State::AwaitingPayment
        | State::Paying
        | State::Expiring
        | State::Disputed => None,
    };
    if ended.is_some_and(|ended| now.since(ended) > LINGERS) {
        return None;
    }
    let paid = order.payment.as_ref().map(|payment| payment.minor);
    Some(match order.state {
        State::AwaitingPayment | State::Paying if !order.is_shown() => Standing::Ending,
        State::AwaitingPayment if order.declined => Standing::Declined,
        State::AwaitingPayment => Standing::Open,
        State::Paying => Standing::Paying,
        State::Expiring => Standing::Ending,
        State::Paid if paid.is_some_and(|paid| order.refunded_minor() >= paid) => Standing::GivenBack,
        State::Paid => Standing::Paid,
        State::Closed | State::Failed | State::Reversed => Standing::Ended,
        State::Drafted | State::Creating | State::CreateUnknown | State::Disputed => Standing::Unclear,
    })
}

/// The bridge that opens the payment and what it is called with, while the customer may pay.
#[must_use]
pub fn call(order: &Order) -> Option<(Bridge, Arguments)> {
    let bridge = order.bridge.filter(|_| order.is_shown())?;
    let given = match bridge {
        Bridge::Qq | Bridge::Alipay => order.pay_info.as_deref(),
        Bridge::Wechat | Bridge::HongKong => order.parameters.as_deref(),
    };
    Some((bridge, bridge.arguments(given?)?))
}
