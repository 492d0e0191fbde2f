//! The gateways' truth: their orders, and what happens to them. Nothing here knows how the till thinks, or how anybody speaks.

mod back;
mod partner;

pub use back::{NotReturned, Return, Standing};
pub use partner::{About, Calls};

use super::chance::Chance;
use super::network::Happening;
use super::wire::{Dialect, tail};
use super::world::{H, MIN, MS, S, World};
use std::collections::{BTreeMap, BTreeSet};

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
    /// Undone, and what was paid went back.
    Reversed,
    /// The customer's own code or order came to nothing.
    Failed,
}

/// How the customer comes to pay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// Scans what the till shows.
    Shown,
    /// Showed this payment code.
    Code(String),
    /// In the gateway's own place.
    Elsewhere,
}

/// What a customer's payment code will do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nature {
    /// It is charged at once.
    AtOnce,
    /// The customer must enter a password.
    Confirm,
    /// It cannot be charged.
    Refused,
}

/// An order as the gateway knows it.
#[derive(Debug, Clone)]
pub struct Trade {
    /// Whose it is.
    pub place: usize,
    /// The gateway's number.
    pub gateway_no: String,
    /// The wallet's number, once paid.
    pub wallet_no: Option<String>,
    /// Minor units.
    pub minor: i64,
    /// World time.
    pub created: i64,
    /// UTC seconds by the gateway's clock after which nobody can begin to pay.
    pub expires: i64,
    /// The channel, in the gateway's words.
    pub channel: String,
    /// What the customer scans, or an app pays with.
    pub link: Option<String>,
    /// How the customer pays.
    pub way: Way,
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
    /// The till's own reverse gave money back.
    pub taken_back: bool,
    /// What went back behind the till's back, minor units.
    pub elsewhere_minor: i64,
}

/// A merchant at a gateway.
#[derive(Debug, Clone)]
pub struct Merchant {
    /// The gateway's language.
    pub dialect: Dialect,
    /// The merchant's id.
    pub id: String,
    /// The key that signs now.
    pub key: String,
    /// What is paid in.
    pub currency: &'static str,
    /// Whether orders can be reversed.
    pub reverses: bool,
    /// Whether the merchant's till believes signed replies only.
    pub refuses_unsigned: bool,
}

/// The gateways, which know nothing of one another.
pub struct Platform {
    /// Orders by the merchant's number.
    pub trades: BTreeMap<String, Trade>,
    /// Refunds by the merchant's number.
    pub returns: BTreeMap<String, Return>,
    /// The merchant's numbers by the gateway's.
    numbers: BTreeMap<(Dialect, String), String>,
    /// Merchants.
    pub merchants: Vec<Merchant>,
    /// Seconds that its clock is ahead of true time.
    pub ahead_s: i64,
    /// Every payment code that a customer has shown, and what it does.
    pub codes: BTreeMap<String, Nature>,
    used: BTreeSet<String>,
    /// Orders that were made elsewhere.
    pub elsewhere: Vec<String>,
    /// What Dingdang tells and asks by itself.
    pub calls: Calls,
    /// Counts everything that it numbers.
    counter: u64,
}

/// An order that is asked for.
pub struct Making<'a> {
    /// The merchant's number.
    pub order_no: &'a str,
    /// Whose.
    pub place: usize,
    /// Minor units.
    pub minor: i64,
    /// When nobody can begin to pay any more; the gateway's own two hours where nobody says.
    pub expires: Option<i64>,
    /// The channel.
    pub channel: &'a str,
    /// What is given to pay with.
    pub link: Option<String>,
    /// How the customer pays.
    pub way: Way,
}

/// Why no order was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotMade {
    /// There is one of that number.
    Duplicate,
    /// It has expired, or the gateway has trouble.
    Trouble,
    /// The payment code was used before.
    CodeUsed,
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
    /// The back office gives a part of it back.
    RefundPart,
    /// The bank undoes the payment.
    Reverse,
    /// The gateway closes it itself.
    CloseItself,
}

/// The accounts: their names at the till, and their gateways.
pub const HOUSES: [(&str, Dialect); 8] = [
    ("front", Dialect::Pooul),
    ("back", Dialect::Pooul),
    ("street", Dialect::Jubao),
    ("corner", Dialect::Jubao),
    ("harbour", Dialect::BlueOcean),
    ("island", Dialect::BlueOcean),
    ("speaker", Dialect::Dingdang),
    ("parlour", Dialect::Dingdang),
];

/// Stands in every payment code of a simulation, so that one is recognised wherever it turns up.
pub const CODE_MARK: &str = "9137046285";

/// Where no gateway closes an order, its page is gone after this.
const LAPSE: i64 = 20 * H;

impl Platform {
    /// Gateways with two merchants each.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let mut chance = Chance::of(seed ^ 0x9a7e);
        let merchants = HOUSES
            .into_iter()
            .enumerate()
            .map(|(place, (name, dialect))| Merchant {
                dialect,
                id: format!("53993{place}53817121"),
                key: key(&mut chance),
                currency: if name == "harbour" { "HKD" } else { "CNY" },
                reverses: dialect == Dialect::BlueOcean || name == "back",
                refuses_unsigned: name == "parlour",
            })
            .collect();
        Self {
            trades: BTreeMap::new(),
            returns: BTreeMap::new(),
            numbers: BTreeMap::new(),
            merchants,
            ahead_s: 0,
            codes: BTreeMap::new(),
            used: BTreeSet::new(),
            elsewhere: Vec::new(),
            calls: Calls::default(),
            counter: 0,
        }
    }

    /// A number of its own.
    pub fn number(&mut self) -> String {
        self.counter += 1;
        format!("59706a00fd4eb{:011x}", self.counter)
    }

    /// Whose order the gateway's number means.
    #[must_use]
    pub fn ours(&self, dialect: Dialect, gateway_no: &str) -> Option<&str> {
        self.numbers.get(&(dialect, gateway_no.to_owned())).map(String::as_str)
    }

    /// The merchant of that id.
    #[must_use]
    pub fn merchant(&self, dialect: Dialect, id: &str) -> Option<usize> {
        self.merchants.iter().position(|known| known.dialect == dialect && known.id == id)
    }

    /// A new key for a merchant, valid at once.
    pub fn change_key(&mut self, place: usize, chance: &mut Chance) {
        self.merchants[place].key = key(chance);
    }

    /// A customer's phone shows a payment code: a new one, or one that was charged before.
    pub fn payment_code(&mut self, chance: &mut Chance) -> String {
        let shown: Vec<&String> = self.codes.keys().collect();
        if chance.permille(60) && !shown.is_empty() {
            return (*chance.one_of(&shown)).clone();
        }
        self.counter += 1;
        let prefix = *chance.one_of(&["10", "13", "28", "62", "91"]);
        let code = format!("{prefix}{CODE_MARK}{:06}", self.counter);
        let nature = chance.weighted(&[(6, Nature::AtOnce), (5, Nature::Confirm), (1, Nature::Refused)]);
        self.codes.insert(code.clone(), nature);
        code
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

    /// The gateway makes an order, or says why not.
    pub fn create_trade(&mut self, making: Making<'_>) -> Result<(), NotMade> {
        let Making { order_no, place, minor, expires, channel, link, way } = making;
        if self.platform.trades.contains_key(order_no) {
            return Err(NotMade::Duplicate);
        }
        // An order that has expired before it begins is refused.
        let expired = expires.is_some_and(|expires| expires <= self.gateway_seconds());
        if expired || (!self.fair && self.chance.permille(15)) {
            return Err(NotMade::Trouble);
        }
        let nature = match &way {
            Way::Code(code) if !self.platform.used.insert(code.clone()) => return Err(NotMade::CodeUsed),
            Way::Code(code) => self.platform.codes.get(code).copied().or(Some(Nature::Refused)),
            Way::Shown | Way::Elsewhere => None,
        };
        let dialect = self.platform.merchants[place].dialect;
        let gateway_no = self.platform.number();
        let trade = Trade {
            place,
            gateway_no: gateway_no.clone(),
            wallet_no: None,
            minor,
            created: self.now,
            expires: expires.unwrap_or(self.gateway_seconds() + 7_200),
            channel: channel.to_owned(),
            link,
            way: way.clone(),
            truth: Truth::Unpaid,
            declined: false,
            paid_at: None,
            changes: 0,
            ever_paid: false,
            taken_back: false,
            elsewhere_minor: 0,
        };
        self.platform.numbers.insert((dialect, gateway_no), order_no.to_owned());
        self.platform.trades.insert(order_no.to_owned(), trade);
        self.tell(format_args!("gateway: {} made at {}, {way:?}", tail(order_no), dialect.gateway()));
        match (&way, nature) {
            (Way::Code(_), Some(Nature::AtOnce)) => self.deed(order_no, Deed::Pay),
            (Way::Code(_), Some(Nature::Confirm)) => self.deed(order_no, Deed::Begin),
            (Way::Code(_), Some(Nature::Refused) | None) => self.becomes(order_no, Truth::Failed),
            (Way::Elsewhere, _) => {
                let begin = self.chance.between(S, 200 * S);
                self.later(begin, order_no, Deed::Begin);
            }
            (Way::Shown, _) => self.customer_comes(order_no),
        }
        if way == Way::Shown && !self.fair && self.chance.permille(200) {
            let after = self.chance.between(300 * S, 2 * H);
            self.later(after, order_no, Deed::CloseItself);
        }
        Ok(())
    }

    /// A customer appears before an order that the gateway has just made.
    fn customer_comes(&mut self, order_no: &str) {
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

    /// An order stands otherwise from now on.
    fn becomes(&mut self, order_no: &str, after: Truth) {
        let seconds = self.true_wall().div_euclid(S) + self.platform.ahead_s;
        let wallet = (after == Truth::Paid).then(|| self.platform.number());
        let trade = self.platform.trades.get_mut(order_no).expect("it was there");
        if trade.truth == after {
            return;
        }
        trade.truth = after;
        trade.changes += 1;
        if after == Truth::Paid {
            trade.ever_paid = true;
            trade.paid_at = Some(seconds);
            trade.wallet_no = wallet;
            self.tells_of(order_no);
        }
    }

    /// Something happens to an order.
    pub fn deed(&mut self, order_no: &str, deed: Deed) {
        if matches!(deed, Deed::Refund | Deed::RefundPart) {
            return self.gives_elsewhere(order_no, deed);
        }
        let shown = self.book.shown(order_no);
        let ahead = self.gateway_seconds();
        let Some(trade) = self.platform.trades.get(order_no) else { return };
        let dialect = self.platform.merchants[trade.place].dialect;
        if !dialect.closes() && self.now > trade.created + LAPSE {
            return;
        }
        let over = ahead >= trade.expires;
        let by_code = matches!(trade.way, Way::Code(_));
        let (before, way) = (trade.truth, trade.way.clone());
        let chance = &mut self.chance;
        let mut next: Vec<(i64, Deed)> = Vec::new();
        let mut declined = trade.declined;
        let after = match (deed, before) {
            (Deed::Scan, Truth::Unpaid) if shown && !over => {
                next.push((chance.between(S / 2, 8 * S), Deed::Begin));
                before
            }
            (Deed::Begin, Truth::Unpaid) if by_code || !over || chance.permille(300) => {
                let think = match chance.below(12) {
                    0 => chance.between(30 * S, 6 * MIN),
                    _ => chance.between(S, 20 * S),
                };
                next.push((think, if chance.permille(800) { Deed::Pay } else { Deed::Decline }));
                Truth::Paying
            }
            (Deed::Pay, Truth::Paying | Truth::Unpaid) => Truth::Paid,
            (Deed::Decline, Truth::Paying) if by_code => Truth::Failed,
            (Deed::Decline, Truth::Paying) if way == Way::Elsewhere && chance.permille(500) => Truth::Failed,
            (Deed::Decline, Truth::Paying) => {
                declined = true;
                if chance.permille(400) {
                    next.push((chance.between(2 * S, 60 * S), Deed::Begin));
                }
                Truth::Unpaid
            }
            (Deed::Resurrect, Truth::Closed) => Truth::Paid,
            (Deed::Reverse, Truth::Paid) if dialect.closes() => Truth::Reversed,
            (Deed::CloseItself, Truth::Unpaid) if way == Way::Elsewhere => Truth::Failed,
            (Deed::CloseItself, Truth::Unpaid) => Truth::Closed,
            _ => before,
        };
        if after == before && next.is_empty() {
            return;
        }
        let trade = self.platform.trades.get_mut(order_no).expect("looked up above");
        trade.declined = declined && after == Truth::Unpaid;
        self.becomes(order_no, after);
        self.tell(format_args!("gateway: {} {deed:?}, {before:?} -> {after:?}", tail(order_no)));
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
            Truth::Unpaid if !refuse => 0,
            Truth::Unpaid | Truth::Paying | Truth::Paid | Truth::Refunded | Truth::Reversed | Truth::Failed => -1,
        };
        if status == 0 {
            self.becomes(order_no, Truth::Closed);
            self.tell(format_args!("gateway: {} closed", tail(order_no)));
            if back {
                let after = self.chance.between(S, 20 * H);
                self.later(after, order_no, Deed::Resurrect);
            }
        }
        Some(status)
    }

    /// Somebody asks for an order to be reversed: whether it is now, or was ended before. What was paid goes back.
    pub fn reverse_trade(&mut self, order_no: &str) -> Option<bool> {
        let refuse = !self.fair && self.chance.permille(80);
        let trade = self.platform.trades.get_mut(order_no)?;
        let done = match trade.truth {
            Truth::Closed | Truth::Reversed => true,
            Truth::Refunded => false,
            Truth::Unpaid | Truth::Paying | Truth::Paid | Truth::Failed => !refuse,
        };
        if done && trade.truth != Truth::Closed {
            let before = trade.truth;
            trade.taken_back |= before == Truth::Paid;
            self.becomes(order_no, Truth::Reversed);
            self.tell(format_args!("gateway: {} reversed, {before:?} before", tail(order_no)));
        }
        Some(done)
    }
}
