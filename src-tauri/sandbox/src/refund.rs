//! Money given back, as the gateway sees it.

use serde::{Deserialize, Serialize};

use crate::clock;
use crate::stage::Book;
use crate::trade::{Item, TradeState};

/// How a refund stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundState {
    /// Accepted, not yet decided.
    Processing,
    /// The money is back.
    Done,
    /// It stays with the merchant.
    Failed,
}

/// One refund. Amounts are integer fen or cents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// Which pretend gateway holds it.
    pub gateway: String,
    /// The merchant's number of the order.
    pub order_no: String,
    /// The merchant's own number, `refund_no` of the till.
    pub refund_no: String,
    /// The gateway's number.
    pub gateway_no: String,
    /// Fen or cents.
    pub amount_minor: i64,
    /// As last set; [`Refund::state_at`] says what is reported.
    pub state: RefundState,
    /// Done by itself from then on, in milliseconds since 1970.
    pub settles_ms: Option<i64>,
    /// Milliseconds since 1970.
    pub created_ms: i64,
    /// The lines that go back, where the gateway takes any.
    #[serde(default)]
    pub items: Vec<Item>,
    /// Counts the refunds of this stage.
    pub sequence: u64,
}

impl Refund {
    /// What is reported at this moment.
    #[must_use]
    pub fn state_at(&self, now_ms: i64) -> RefundState {
        match self.state {
            RefundState::Processing if self.settles_ms.is_some_and(|settles| now_ms >= settles) => RefundState::Done,
            state => state,
        }
    }
}

/// Why nothing is given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoRefund {
    NotPaid,
    AlreadyRefunded,
    TooMuch,
    Duplicated,
}

/// What is to be given back.
pub(crate) struct Wish<'w> {
    pub(crate) gateway: &'w str,
    pub(crate) order_no: &'w str,
    pub(crate) refund_no: &'w str,
    /// Nothing: all that is left.
    pub(crate) amount_minor: Option<i64>,
    pub(crate) items: Vec<Item>,
    /// Whether the order is called refunded from then on.
    pub(crate) turns_order: bool,
}

impl Book {
    /// What refunds have taken or may still take of an order.
    pub(crate) fn given_back(&self, order_no: &str) -> i64 {
        let live = |refund: &&Refund| refund.order_no == order_no && refund.state != RefundState::Failed;
        self.kept.refunds.values().filter(live).map(|refund| refund.amount_minor).sum()
    }

    /// Books a refund. A failed one may be asked for again under its number (gateways.md 1.6); any other number that is
    /// known already is refused.
    pub(crate) fn give_back(&mut self, wish: Wish<'_>) -> Result<Refund, NoRefund> {
        let known = self.kept.refunds.get(wish.refund_no);
        if known.is_some_and(|known| known.state != RefundState::Failed || known.order_no != wish.order_no) {
            return Err(NoRefund::Duplicated);
        }
        let taken = self.given_back(wish.order_no);
        let Some(trade) = self.kept.trades.get_mut(wish.order_no) else { return Err(NoRefund::NotPaid) };
        match trade.state {
            TradeState::Paid => {}
            TradeState::Refunded if taken > 0 => {}
            TradeState::Refunded => return Err(NoRefund::AlreadyRefunded),
            _ => return Err(NoRefund::NotPaid),
        }
        let left = trade.amount_minor.saturating_sub(taken);
        let amount_minor = wish.amount_minor.unwrap_or(left);
        if left <= 0 {
            return Err(NoRefund::AlreadyRefunded);
        }
        if amount_minor > left {
            return Err(NoRefund::TooMuch);
        }
        if wish.turns_order {
            trade.state = TradeState::Refunded;
        }
        let now_ms = clock::now_ms();
        let sequence = self.kept.next_refund;
        let settles = self.settings.auto_refund_ms.and_then(|after| i64::try_from(after).ok());
        let refund = Refund {
            gateway: wish.gateway.to_owned(),
            order_no: wish.order_no.to_owned(),
            refund_no: wish.refund_no.to_owned(),
            gateway_no: self.kept.ids.short("refund", sequence),
            amount_minor,
            state: RefundState::Processing,
            settles_ms: settles.map(|after| now_ms.saturating_add(after)),
            created_ms: now_ms,
            items: wish.items,
            sequence,
        };
        self.kept.next_refund += 1;
        self.kept.refunds.insert(refund.refund_no.clone(), refund.clone());
        self.touch();
        Ok(refund)
    }

    /// The refund that a gateway knows under its own number, which wins, or under the merchant's.
    pub(crate) fn refund(&self, gateway: &str, gateway_no: Option<&str>, refund_no: Option<&str>) -> Option<&Refund> {
        let refund = match (gateway_no, refund_no) {
            (Some(gateway_no), _) => self.kept.refunds.values().find(|refund| refund.gateway_no == gateway_no),
            (None, Some(refund_no)) => self.kept.refunds.get(refund_no),
            (None, None) => None,
        };
        refund.filter(|refund| refund.gateway == gateway)
    }

    /// Decides a refund, the newest one if none is named.
    pub(crate) fn decide_refund(&mut self, refund_no: Option<&str>, state: RefundState) -> Option<Refund> {
        let refunds = &mut self.kept.refunds;
        let refund = match refund_no {
            Some(refund_no) => refunds.get_mut(refund_no),
            None => refunds.values_mut().max_by_key(|refund| refund.sequence),
        }?;
        refund.state = state;
        refund.settles_ms = None;
        let decided = refund.clone();
        let taken = self.given_back(&decided.order_no);
        if let Some(trade) = self.kept.trades.get_mut(&decided.order_no)
            && trade.state == TradeState::Refunded
            && taken == 0
        {
            trade.state = TradeState::Paid;
        }
        self.touch();
        Some(decided)
    }
}
