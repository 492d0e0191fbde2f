//! What holds for the orders of one sale together.

use super::event::Item;
use super::further::{NotYet, further_order};
use super::{Attention, Order};
use crate::account::Account;
use crate::gateway::descriptor::Channel;
use crate::money::{Currency, Money};

/// Seconds until expiry where nobody says (design.md section 8).
const EXPIRE_S: u32 = 300;

/// What a cashier may set, in seconds (design.md section 8).
const EXPIRE_RANGE: std::ops::RangeInclusive<u32> = 60..=7_200;

/// The expiry asked for is not between 60 and 7,200 seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExpiryOutOfRange;

/// Seconds from the draft to expiry: what the cashier sets, else the channel's own, else the account's, else 300.
pub fn expiry(wanted: Option<u32>, channel: &Channel, account: &Account) -> Result<u32, ExpiryOutOfRange> {
    if wanted.is_some_and(|seconds| !EXPIRE_RANGE.contains(&seconds)) {
        return Err(ExpiryOutOfRange);
    }
    let of_account = || account.field("plan.expire_s").and_then(|seconds| seconds.parse().ok());
    Ok(wanted.or(channel.expire_s).or_else(of_account).unwrap_or(EXPIRE_S))
}

/// Somebody saw another currency beside the amount than the one that would be charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OtherCurrency {
    /// What stood there.
    pub shown: Currency,
    /// What the account takes.
    pub taken: Currency,
}

/// Whoever saw another currency beside the amount did not mean this sum: the account may have changed meanwhile, and a screen may
/// be wrong. Nothing follows where nobody says what was seen.
pub fn as_shown(shown: Option<Currency>, taken: Currency) -> Result<(), OtherCurrency> {
    shown.filter(|shown| *shown != taken).map_or(Ok(()), |shown| Err(OtherCurrency { shown, taken }))
}

/// What lines come to, in minor units; `None` where that cannot be counted.
#[must_use]
pub fn lines_minor(items: &[Item]) -> Option<i64> {
    items.iter().try_fold(0_i64, |sum, item| sum.checked_add(item.amount_minor))
}

/// Whether lines, where any are named, add up to `amount`.
#[must_use]
pub fn adds_up(items: &[Item], amount: Money) -> bool {
    items.is_empty()
        || (lines_minor(items) == Some(amount.minor)
            && items.iter().all(|item| item.amount_minor >= 0 && item.quantity > 0))
}

/// Whether a further order for `amount` may join the sale of `earlier`, as far as that one is concerned.
pub fn may_join(earlier: &Order, amount: Money) -> Result<(), NotYet> {
    if earlier.amount() == amount { further_order(earlier) } else { Err(NotYet::OtherAmount) }
}

/// What becomes of the flag for two payments of one sale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flagging<'a> {
    /// It stays as it is.
    Stays,
    /// This order bears it from now on.
    Raised(&'a str),
    /// It is taken off these orders.
    Taken(Vec<&'a str>),
}

/// What follows for the flag from a payment of `paid_now` that has just been learned: one of the orders bears it.
#[must_use]
pub fn flag_after_payment<'a>(orders: &'a [Order], paid_now: &'a str) -> Flagging<'a> {
    let borne = kept(orders).any(|order| order.attention.contains(&Attention::DoublePayment));
    if borne || !is_paid_twice(orders) { Flagging::Stays } else { Flagging::Raised(paid_now) }
}

/// What follows for the flag from money that went back: where one payment is left with the shop it is taken off, and where more
/// are left one of those bears it.
#[must_use]
pub fn flag_after_giving_back(orders: &[Order]) -> Flagging<'_> {
    if is_paid_twice(orders) {
        let newest = kept(orders).filter_map(|order| Some((order.payment.as_ref()?.known.wall, order.no()))).max();
        return newest.map_or(Flagging::Stays, |(_, newest)| flag_after_payment(orders, newest));
    }
    let bears = |order: &&Order| order.attention.contains(&Attention::DoublePayment);
    Flagging::Taken(orders.iter().filter(bears).map(Order::no).collect())
}

/// The orders of a sale besides one of them whose payment did not go back, the payment that was known first coming first.
#[must_use]
pub fn kept_beside<'a>(orders: &'a [Order], order_no: &str) -> Vec<&'a Order> {
    let is_beside = |order: &&Order| order.no() != order_no && order.payment.is_some();
    let mut beside: Vec<&Order> = kept(orders).filter(is_beside).collect();
    beside.sort_by_key(|order| order.payment.as_ref().map(|payment| payment.known.wall));
    beside
}

/// The order of a sale that bears the flag, beside another order of it whose payment did not go back either.
#[must_use]
pub fn flagged_beside<'a>(orders: &'a [Order], order_no: &str) -> Option<&'a Order> {
    let bears = |order: &&Order| order.attention.contains(&Attention::DoublePayment);
    let beside = kept(orders).find(|order| order.no() == order_no && order.payment.is_some())?;
    if bears(&beside) { None } else { kept(orders).find(bears) }
}

/// Orders that are not given back.
fn kept(orders: &[Order]) -> impl Iterator<Item = &Order> {
    orders.iter().filter(|order| !order.is_given_back())
}

/// Whether more than one payment of a sale is with the shop, and nobody has dealt with that since the newest of those payments was known.
pub fn is_paid_twice<'a>(orders: impl IntoIterator<Item = &'a Order>) -> bool {
    let orders: Vec<&Order> = orders.into_iter().filter(|order| !order.is_given_back()).collect();
    let known = orders.iter().filter_map(|order| order.payment.as_ref()).map(|payment| payment.known.wall);
    let dealt_with = orders.iter().filter_map(|order| order.dealt_with.get(&Attention::DoublePayment));
    let dealt_with = dealt_with.map(|at| at.wall).max();
    known.clone().count() > 1 && dealt_with.is_none_or(|at| known.max() >= Some(at))
}
