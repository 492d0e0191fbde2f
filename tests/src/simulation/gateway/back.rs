//! Money that goes back at the gateways: by the till's refunds, or behind its back.

use super::{About, Deed, Truth};
use crate::simulation::network::Happening;
use crate::simulation::wire::{Dialect, Request, tail};
use crate::simulation::world::{H, MS, S, World};

/// How a refund stands at its gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Taken on.
    UnderWay,
    /// The customer has the money.
    Done,
    /// It came to nothing.
    Failed,
}

/// A refund that a gateway has taken on.
#[derive(Debug, Clone)]
pub struct Return {
    /// The merchant's number of the order.
    pub order_no: String,
    /// The gateway's number of the refund.
    pub gateway_no: String,
    /// Minor units.
    pub minor: i64,
    /// How it stands.
    pub standing: Standing,
    /// How often it was taken on.
    pub taken_on: u32,
    /// How often its money went to the customer.
    pub paid_out: u32,
    /// World time of its failing.
    failed: i64,
}

/// Why a gateway takes no refund on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotReturned {
    /// It knows no such order.
    NoOrder,
    /// There is nothing to give back, or not so much.
    TooMuch,
    /// The number was used before.
    Duplicate,
    /// The merchant's balance is short.
    Balance,
    /// The payment is too long ago.
    TooLate,
}

impl World {
    /// What the till's refunds of an order have taken or may still take.
    fn returning(&self, order_no: &str) -> i64 {
        let returns = self.platform.returns.values().filter(|back| back.order_no == order_no);
        returns.filter(|back| back.standing != Standing::Failed).map(|back| back.minor).sum()
    }

    /// A refund reaches its gateway.
    pub fn take_on(&mut self, request: &Request, minor: i64) -> Result<Return, NotReturned> {
        let (no, order_no) = (request.refund_no.as_str(), request.order_no.as_str());
        if let Some(known) = self.platform.returns.get(no) {
            // Only what came to nothing is taken on once more, and only at a gateway that says so. What was kept on its way
            // since before is not a second try.
            let again = request.dialect == Dialect::Pooul
                && known.standing == Standing::Failed
                && request.left > known.failed
                && known.order_no == order_no;
            if !again {
                return Err(NotReturned::Duplicate);
            }
        }
        let gone = self.returning(order_no);
        let Some(trade) = self.platform.trades.get(order_no) else { return Err(NotReturned::NoOrder) };
        let left = match trade.truth {
            Truth::Paid | Truth::Refunded => trade.minor - trade.elsewhere_minor - gone,
            Truth::Unpaid | Truth::Paying | Truth::Closed | Truth::Reversed | Truth::Failed => 0,
        };
        if minor < 1 || minor > left {
            return Err(NotReturned::TooMuch);
        }
        if !self.fair && self.chance.permille(100) {
            return Err(if self.chance.permille(600) { NotReturned::Balance } else { NotReturned::TooLate });
        }
        let gateway_no = self.platform.number();
        let back = self.platform.returns.entry(no.to_owned()).or_insert_with(|| Return {
            order_no: order_no.to_owned(),
            gateway_no,
            minor,
            standing: Standing::UnderWay,
            taken_on: 0,
            paid_out: 0,
            failed: 0,
        });
        back.standing = Standing::UnderWay;
        back.taken_on += 1;
        let whole = minor == left;
        self.tell(format_args!("gateway: {} gives {minor} back as {}", tail(order_no), tail(no)));
        if request.dialect == Dialect::BlueOcean || (whole && request.dialect == Dialect::Pooul) {
            self.turns(order_no, Truth::Refunded);
        }
        let after = match self.chance.below(10) {
            0..=2 => 0,
            3..=7 => self.chance.between(100 * MS, 20 * S),
            8 if !self.fair => self.chance.between(20 * S, 3 * H),
            _ => self.chance.between(S, 60 * S),
        };
        let done = !self.chance.permille(if self.fair { 50 } else { 250 });
        if after == 0 {
            self.decided(no, done);
        } else {
            self.network.plan(self.now + after, Happening::Return(no.to_owned(), done));
        }
        Ok(self.platform.returns[no].clone())
    }

    /// A refund comes to its end.
    pub fn decided(&mut self, refund_no: &str, done: bool) {
        let now = self.now;
        let Some(back) = self.platform.returns.get_mut(refund_no) else { return };
        if back.standing != Standing::UnderWay {
            return;
        }
        back.standing = if done { Standing::Done } else { Standing::Failed };
        back.paid_out += u32::from(done);
        back.failed = now;
        let (order_no, twice) = (back.order_no.clone(), back.paid_out > 1);
        self.tell(format_args!("gateway: refund {} {}", tail(refund_no), if done { "done" } else { "failed" }));
        if self.is_called_by(&order_no) && self.chance.permille(600) {
            self.owes(&About::Back(refund_no.to_owned()));
        }
        if twice {
            self.fail("a refund is paid out once", refund_no.to_owned());
        }
        let nothing_went = self.returning(&order_no) == 0 && self.platform.trades[&order_no].elsewhere_minor == 0;
        if !done && nothing_went && self.platform.trades[&order_no].truth == Truth::Refunded {
            self.turns(&order_no, Truth::Paid);
        }
    }

    /// The back office gives back what is left, or a part of it.
    pub fn gives_elsewhere(&mut self, order_no: &str, deed: Deed) {
        let gone = self.returning(order_no);
        let Some(trade) = self.platform.trades.get_mut(order_no) else { return };
        let dialect = self.platform.merchants[trade.place].dialect;
        let left = trade.minor - trade.elsewhere_minor - gone;
        if !matches!(trade.truth, Truth::Paid | Truth::Refunded) || left < 1 {
            return;
        }
        let minor = if deed == Deed::Refund { left } else { self.chance.between(1, left + 1) };
        trade.elsewhere_minor += minor;
        self.tell(format_args!("gateway: {} gives {minor} of {left} back in the back office", tail(order_no)));
        match dialect {
            // It has no word for that but its notice.
            Dialect::Dingdang => {
                self.platform.calls.elsewhere.push((order_no.to_owned(), minor));
                self.owes(&About::BackElsewhere(order_no.to_owned(), minor));
            }
            Dialect::BlueOcean => self.turns(order_no, Truth::Refunded),
            Dialect::Pooul | Dialect::Jubao if deed == Deed::Refund => self.turns(order_no, Truth::Refunded),
            Dialect::Pooul | Dialect::Jubao => {}
        }
    }

    /// The order is called otherwise; what was paid stays as it was.
    fn turns(&mut self, order_no: &str, truth: Truth) {
        let trade = self.platform.trades.get_mut(order_no).expect("it was there");
        if trade.truth != truth {
            trade.truth = truth;
            trade.changes += 1;
        }
    }
}
