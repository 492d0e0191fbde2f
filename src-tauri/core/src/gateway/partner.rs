//! What a gateway asks of its partner: calls that it makes by itself and that want more than a word for an answer (004,
//! interfaces 1, 2 and 6; rulings 19, 20 and 23). Nothing in one is believed before its signature is right.

use super::answer::stated;
use super::refund::{RefundReport, RefundState};
use super::{Dealing, Unbuildable, Unreadable};
use crate::account::Account;
use crate::money::Money;
use crate::order::event::Item;
use crate::order::report::{Signature, Stated, TradeReport, TradeState};
use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;

/// Which of the partner's interfaces is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interface {
    /// An order is to be made (004:33).
    Create,
    /// A customer has paid: the goods are to be handed over (004:70).
    Ship,
    /// How a refund stands (004:226).
    Refund,
}

impl Interface {
    /// Every interface, and the word at the end of its path.
    pub const ALL: [(Self, &str); 3] = [(Self::Create, "create"), (Self::Ship, "ship"), (Self::Refund, "refund")];

    /// The interface at the end of a path of the receiver.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, known)| *known == word).map(|(interface, _)| interface)
    }
}

/// A verified call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// What it says.
    pub says: CallSays,
    /// Its body as it may be kept: without the customer's token, which can be a key to an account of theirs (004:46).
    pub kept: Vec<u8>,
}

/// What a verified call says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallSays {
    /// A customer wants to buy.
    Order(PartnerOrder),
    /// A customer has paid.
    Ship(ShipNotice),
    /// How a refund stands.
    Refund(RefundNotice),
}

/// An order that is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartnerOrder {
    /// What the customer is to pay.
    pub amount: Money,
    /// What for. The amounts of the lines add up to it.
    pub items: Vec<Item>,
    /// Whose it is: see [`fingerprint`].
    pub customer: String,
    /// The same for the same order asked for again, and for no other (ruling 20).
    pub identity: [u8; 32],
}

/// A notice that an order is paid. It states no state: that it comes says so (ruling 19).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShipNotice {
    /// Our number of the order.
    pub order_no: String,
    /// Whose order it is: see [`fingerprint`].
    pub customer: String,
    /// Who is to hand over.
    pub merchant: String,
    /// What was to be paid, minor units.
    pub amount_minor: i64,
    /// The gateway's number.
    pub gateway_no: Option<String>,
}

impl ShipNotice {
    /// The payment that it reports, held against whose order it is, who sells, and the gateway's number of it, `gateway_no`, as far
    /// as that is known.
    ///
    /// An order is asked for by either number (004:117-118): a notice that names another of the gateway's contradicts the order,
    /// whatever else is right (ruling 19).
    #[must_use]
    pub fn report(&self, merchant: Option<&str>, customer: &str, gateway_no: Option<&str>) -> TradeReport {
        let customer = if self.customer == customer { Stated::Ours } else { Stated::Other(self.customer.clone()) };
        TradeReport {
            order_no: named(self.gateway_no.as_ref(), gateway_no),
            amount_minor: Some(self.amount_minor),
            merchant: stated(Some(&self.merchant), merchant),
            customer,
            whose_number: Stated::Not,
            gateway_no: self.gateway_no.clone(),
            signature: Some(Signature::Verified),
            ..TradeReport::of(TradeState::Paid)
        }
    }
}

/// Which order the gateway's number `says` a notice is about, where `known` is the number that the order has there.
fn named(says: Option<&String>, known: Option<&str>) -> Stated {
    let contradicts = |says: &str| known.is_some_and(|known| known != says);
    says.filter(|says| contradicts(says)).map_or(Stated::Ours, |says| Stated::Other(says.clone()))
}

/// A notice of how a refund stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundNotice {
    /// Our number of the order.
    pub order_no: String,
    /// The merchant's number of the refund.
    pub refund_no: String,
    /// How it stands.
    pub state: RefundState,
    /// Whose refund it is.
    pub merchant: String,
    /// What was paid, minor units.
    pub total_minor: i64,
    /// What goes back, minor units.
    pub amount_minor: i64,
    /// The gateway's number of the order.
    pub gateway_no: Option<String>,
    /// The gateway's number of the refund.
    pub gateway_refund_no: Option<String>,
}

impl RefundNotice {
    /// What it says of a refund of ours, which belongs to the order `order_no`.
    #[must_use]
    pub fn of_refund(&self, merchant: Option<&str>, order_no: &str) -> RefundReport {
        RefundReport {
            state: self.state,
            refund_no: Stated::Ours,
            order_no: stated(Some(&self.order_no), Some(order_no)),
            amount_minor: Some(self.amount_minor),
            merchant: stated(Some(&self.merchant), merchant),
            currency: Stated::Not,
            gateway_refund_no: self.gateway_refund_no.clone(),
        }
    }

    /// Whether more goes back than it says was paid. Of a refund of ours that contradicts what was asked for, which is seen; of
    /// another one it makes nothing known.
    #[must_use]
    pub fn contradicts_itself(&self) -> bool {
        self.amount_minor > self.total_minor
    }

    /// What it says of its order where the refund is none of ours: it was paid, and money of it is back. Nothing while it is
    /// not. `gateway_no`: see [`ShipNotice::report`].
    #[must_use]
    pub fn of_order(&self, merchant: Option<&str>, gateway_no: Option<&str>) -> Option<TradeReport> {
        match self.state {
            RefundState::Succeeded => Some(TradeReport {
                order_no: named(self.gateway_no.as_ref(), gateway_no),
                amount_minor: Some(self.total_minor),
                merchant: stated(Some(&self.merchant), merchant),
                gateway_no: self.gateway_no.clone(),
                signature: Some(Signature::Verified),
                ..TradeReport::of(TradeState::Refunded)
            }),
            RefundState::Processing | RefundState::Failed => None,
        }
    }
}

/// Why a call is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotTaken {
    /// Nobody knows who makes it: the caller is told nothing.
    Unverified(Unreadable),
    /// The gateway makes it, and it cannot be read.
    Unread(Unreadable),
}

/// What a call of the gateway's is answered with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply<'a> {
    /// The order has this number.
    Order(&'a str),
    /// Taken.
    Taken,
    /// Not taken.
    Not(Why<'a>),
}

/// What the gateway is told about a call that is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why<'a> {
    /// It cannot be read.
    Unreadable,
    /// This field is missing, or has a value that it cannot have.
    Field(&'a str),
    /// Nothing of this sort is for sale at this price.
    NotForSale,
    /// There is no such order.
    UnknownOrder,
    /// The till asks first whether it is so.
    Unconfirmed,
    /// The till cannot take it now.
    NotNow,
}

/// A reply as it leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedReply {
    /// JSON.
    pub body: String,
    /// The header `Authorization`.
    pub authorization: String,
}

/// Answering a gateway's calls.
pub trait Partnering: Send + Sync {
    /// Verifies and reads a call. `authorization`: its header of that name.
    fn read_call(
        &self,
        dealing: Dealing<'_>,
        interface: Interface,
        authorization: Option<&str>,
        body: &[u8],
    ) -> Result<Call, NotTaken>;

    /// Who the account is in the gateway's calls.
    fn merchant<'a>(&self, account: &'a Account) -> Option<&'a str>;

    /// The reply to a verified call.
    fn reply(&self, dealing: Dealing<'_>, reply: &Reply<'_>) -> Result<SignedReply, Unbuildable>;

    /// The whole reply to anybody else. It says nothing, and nobody vouches for it.
    fn turned_away(&self) -> &'static str;
}

/// What is kept of a customer's token to know the customer again by: its SHA-256 together with the account, in hex.
#[must_use]
pub fn fingerprint(account: &Account, token: &str) -> String {
    HEXLOWER.encode(&hash(&[account.id.as_str(), token]))
}

/// SHA-256 over texts, none of which can run into the next.
pub(super) fn hash(texts: &[&str]) -> [u8; 32] {
    let mut message = Vec::new();
    for text in texts {
        message.extend_from_slice(text.len().to_string().as_bytes());
        message.push(b':');
        message.extend_from_slice(text.as_bytes());
    }
    let mut hash = [0; 32];
    hash.iter_mut().zip(digest(&SHA256, &message).as_ref()).for_each(|(to, from)| *to = *from);
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_do_not_run_into_each_other() {
        assert_eq!(hash(&["a", "bc"]), hash(&["a", "bc"]));
        for other in [&["ab", "c"][..], &["a", "b", "c"], &["abc"], &["1:a", "bc"], &["a", "2:bc"]] {
            assert_ne!(hash(&["a", "bc"]), hash(other), "{other:?}");
        }
    }
}
