//! The gateway's truth: its orders, and what happens to them. Nothing here knows how the till thinks.

use super::chance::Chance;
use super::network::Happening;
use super::world::{H, MIN, MS, S, World};
use std::collections::BTreeMap;

/// How an order stands at the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Truth {
    /// Created, and nobody has begun to pay.
    Unpaid,
    /// The customer is entering the password.
    Paying,
    /// The money is there.
    Paid,
    /// Closed unpaid.
    Closed,
    /// Paid, and given back in the back office.
    Refunded,
    /// Paid, and undone by the bank.
    Reversed,
}

/// An order as the gateway knows it.
#[derive(Debug, Clone)]
pub struct Trade {
    /// The gateway's number.
    pub trade_id: String,
    /// The wallet's number, once paid.
    pub wallet_id: Option<String>,
    /// Fen.
    pub fen: i64,
    /// World time.
    pub created: i64,
    /// `time_expire` in true UTC seconds.
    pub expires: i64,
    /// What the customer scans.
    pub link: Option<String>,
    /// How it stands.
    pub truth: Truth,
    /// The last attempt failed.
    pub declined: bool,
    /// Paid at, true UTC seconds.
    pub paid_at: Option<i64>,
    /// Changes of `truth`.
    pub changes: u32,
    /// Somebody once had money in it.
    pub ever_paid: bool,
}

/// A merchant at the gateway.
#[derive(Debug, Clone)]
pub struct Merchant {
    /// `merchant_id`.
    pub id: String,
    /// The key that signs now.
    pub key: String,
}

/// The gateway.
pub struct Platform {
    /// Orders by our number.
    pub trades: BTreeMap<String, Trade>,
    /// Merchants.
    pub merchants: Vec<Merchant>,
    /// Seconds that its clock is ahead of true time.
    pub ahead_s: i64,
    /// Counts everything that it numbers.
    counter: u64,
}

/// What somebody does about an order at the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Deed {
    /// A customer scans the code, if it is on a screen.
    Scan,
    /// A customer who has scanned begins to pay.
    Begin,
    /// Pays.
    Pay,
    /// Declines or fails.
    Decline,
    /// Money that arrives although the order was closed.
    Resurrect,
    /// The back office gives the money back.
    Refund,
    /// The bank undoes the payment.
    Reverse,
    /// The gateway closes it itself.
    CloseItself,
}

impl Platform {
    /// A gateway with two merchants.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let mut chance = Chance::of(seed ^ 0x9a7e);
        let merchants =
            (0..2).map(|place| Merchant { id: format!("53993{place}5381712172"), key: key(&mut chance) }).collect();
        Self { trades: BTreeMap::new(), merchants, ahead_s: 0, counter: 0 }
    }

    /// A number of its own.
    pub fn number(&mut self) -> String {
        self.counter += 1;
        format!("59706a00fd4eb{:011x}", self.counter)
    }

    /// A new key for a merchant, valid at once.
    pub fn change_key(&mut self, place: usize, chance: &mut Chance) {
        self.merchants[place].key = key(chance);
    }
}

fn key(chance: &mut Chance) -> String {
    format!("{:016x}{:016x}", chance.number(), chance.number())
}

impl World {
    /// UTC seconds by the gateway's clock.
    #[must_use]
    pub fn gateway_seconds(&self) -> i64 {
        self.true_wall().div_euclid(S) + self.platform.ahead_s
    }

    /// A customer appears before an order that the gateway has just made.
    pub fn customer_comes(&mut self, order_no: &str) {
        let chance = &mut self.chance;
        let scan = match chance.below(10) {
            0..=5 => chance.between(2 * S, 40 * S),
            6 => chance.between(S, 400 * S),
            7 => chance.between(200 * MS, 2 * S),
            _ => return,
        };
        let again = chance.permille(150).then(|| scan + chance.between(5 * S, 60 * S));
        for at in [Some(scan), again].into_iter().flatten() {
            self.later(at, order_no, Deed::Scan);
        }
    }

    /// Something will happen to an order.
    pub fn later(&mut self, after: i64, order_no: &str, deed: Deed) {
        self.network.plan(self.now + after, Happening::Deed(order_no.to_owned(), deed));
    }

    /// Something happens to an order.
    pub fn deed(&mut self, order_no: &str, deed: Deed) {
        let shown = self.book.shown(order_no);
        let ahead = self.gateway_seconds();
        let Some(trade) = self.platform.trades.get(order_no) else { return };
        let over = ahead >= trade.expires;
        let (truth, before) = (trade.truth, trade.truth);
        let chance = &mut self.chance;
        let mut next: Vec<(i64, Deed)> = Vec::new();
        let mut declined = trade.declined;
        let after = match (deed, truth) {
            (Deed::Scan, Truth::Unpaid) if shown && !over => {
                next.push((chance.between(S / 2, 8 * S), Deed::Begin));
                truth
            }
            (Deed::Begin, Truth::Unpaid) if !over || chance.permille(300) => {
                let think = match chance.below(12) {
                    0 => chance.between(30 * S, 6 * MIN),
                    _ => chance.between(S, 20 * S),
                };
                next.push((think, if chance.permille(800) { Deed::Pay } else { Deed::Decline }));
                Truth::Paying
            }
            (Deed::Pay, Truth::Paying | Truth::Unpaid) => Truth::Paid,
            (Deed::Decline, Truth::Paying) => {
                declined = true;
                if chance.permille(400) {
                    next.push((chance.between(2 * S, 60 * S), Deed::Begin));
                }
                Truth::Unpaid
            }
            (Deed::Resurrect, Truth::Closed) => Truth::Paid,
            (Deed::Refund, Truth::Paid) => Truth::Refunded,
            (Deed::Reverse, Truth::Paid) => Truth::Reversed,
            (Deed::CloseItself, Truth::Unpaid) => Truth::Closed,
            _ => truth,
        };
        if after == before && next.is_empty() {
            return;
        }
        let wallet = (after == Truth::Paid).then(|| self.platform.number());
        let seconds = self.true_wall().div_euclid(S) + self.platform.ahead_s;
        let trade = self.platform.trades.get_mut(order_no).expect("looked up above");
        trade.declined = declined && after == Truth::Unpaid;
        if after != before {
            trade.truth = after;
            trade.changes += 1;
            if after == Truth::Paid {
                trade.ever_paid = true;
                trade.paid_at = Some(seconds);
                trade.wallet_id = wallet;
            }
        }
        self.tell(format_args!("gateway: {} {deed:?}, {before:?} -> {after:?}", &order_no[24..]));
        for (at, deed) in next {
            self.later(at, order_no, deed);
        }
    }

    /// Somebody asks for an order to be closed: whether it is closed now, was before, or cannot be.
    pub fn close_trade(&mut self, order_no: &str) -> Option<i64> {
        let refuse = !self.fair && self.chance.permille(80);
        let back = !self.fair && self.chance.permille(100);
        let trade = self.platform.trades.get_mut(order_no)?;
        let status = match trade.truth {
            Truth::Closed => 1,
            Truth::Unpaid if !refuse => {
                trade.truth = Truth::Closed;
                trade.changes += 1;
                0
            }
            Truth::Unpaid | Truth::Paying | Truth::Paid | Truth::Refunded | Truth::Reversed => -1,
        };
        if status == 0 && back {
            let after = self.chance.between(S, 20 * H);
            self.later(after, order_no, Deed::Resurrect);
        }
        Some(status)
    }
}
