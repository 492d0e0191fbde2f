//! The columns of orders, refunds, events and totals: the same in every format for spreadsheets.

use super::sums::Sum;
use super::{OrderLine, RefundLine};
use crate::reading::EventLine;
use crate::view::{BackElsewhere, Item};
use std::borrow::Cow;
use till_core::money::{Currency, Money};
use till_core::order::Attention;

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cell<'a> {
    /// Nothing: nobody has said it.
    Empty,
    /// A text, whatever it looks like.
    Text(Cow<'a, str>),
    /// Money, in major units.
    Amount(Money),
    /// A whole number.
    Whole(i64),
    /// A business day, `YYYY-MM-DD`.
    Day(&'a str),
}

/// A column: its name, and its cell of a row.
pub(super) struct Column<T> {
    pub(super) name: &'static str,
    pub(super) cell: for<'a> fn(&'a T) -> Cell<'a>,
}

const fn column<T>(name: &'static str, cell: for<'a> fn(&'a T) -> Cell<'a>) -> Column<T> {
    Column { name, cell }
}

fn text(text: &str) -> Cell<'_> {
    Cell::Text(Cow::Borrowed(text))
}

fn maybe(text: Option<&str>) -> Cell<'_> {
    text.map_or(Cell::Empty, |text| Cell::Text(Cow::Borrowed(text)))
}

fn minor<'a>(minor: Option<i64>) -> Cell<'a> {
    minor.map_or(Cell::Empty, Cell::Whole)
}

fn major<'a>(minor: Option<i64>, currency: Currency) -> Cell<'a> {
    minor.map_or(Cell::Empty, |minor| Cell::Amount(Money { minor, currency }))
}

fn count<'a>(count: u64) -> Cell<'a> {
    Cell::Whole(i64::try_from(count).unwrap_or(i64::MAX))
}

fn items(items: &[Item]) -> Cell<'_> {
    let written = if items.is_empty() { None } else { serde_json::to_string(items).ok() };
    written.map_or(Cell::Empty, |text| Cell::Text(Cow::Owned(text)))
}

/// What they come to; none where no notice told of any.
fn elsewhere_minor(told: &[BackElsewhere]) -> Option<i64> {
    (!told.is_empty()).then(|| told.iter().fold(0_i64, |sum, back| sum.saturating_add(back.amount_minor)))
}

/// Each with its number: `EX1 3.00; EX2 9.50`.
fn each(told: &[BackElsewhere]) -> Cell<'_> {
    listed(told.iter().map(|back| format!("{} {}", back.refund_no, back.amount)))
}

/// One behind another in one cell.
fn listed<'a, T: Into<Cow<'a, str>>>(words: impl Iterator<Item = T>) -> Cell<'a> {
    let joined = words.map(Into::into).reduce(|all: Cow<'a, str>, next| Cow::Owned(format!("{all}; {next}")));
    joined.map_or(Cell::Empty, Cell::Text)
}

pub(super) const ORDERS: [Column<OrderLine>; 37] = [
    column("order_no", |line| text(&line.order.order_no)),
    column("sale", |line| text(&line.order.sale)),
    column("account", |line| text(&line.order.account)),
    column("gateway", |line| text(&line.gateway)),
    column("channel", |line| text(&line.order.channel)),
    column("amount", |line| major(Some(line.order.amount_minor), line.currency)),
    column("amount_minor", |line| Cell::Whole(line.order.amount_minor)),
    column("currency", |line| text(&line.order.currency)),
    column("state", |line| text(line.order.state.word())),
    column("late", |line| text(if line.order.late { "true" } else { "false" })),
    column("attention", |line| listed(line.order.attentions.iter().copied().map(Attention::word))),
    column("mark", |line| maybe(line.order.mark.map(crate::view::Mark::word))),
    column("by_hand", |line| maybe(line.order.by_hand.as_deref())),
    column("gateway_no", |line| maybe(line.order.gateway_no.as_deref())),
    column("wallet_no", |line| maybe(line.wallet_no.as_deref())),
    column("paid", |line| major(line.order.paid_minor, line.currency)),
    column("paid_minor", |line| minor(line.order.paid_minor)),
    column("customer_paid", |line| major(line.parts.customer_paid_minor, line.currency)),
    column("customer_paid_minor", |line| minor(line.parts.customer_paid_minor)),
    column("received", |line| major(line.parts.received_minor, line.currency)),
    column("received_minor", |line| minor(line.parts.received_minor)),
    column("discount", |line| major(line.parts.discount_minor, line.currency)),
    column("discount_minor", |line| minor(line.parts.discount_minor)),
    column("refunded", |line| major(Some(line.order.refunded_minor), line.currency)),
    column("refunded_minor", |line| Cell::Whole(line.order.refunded_minor)),
    column("refunded_elsewhere", |line| major(elsewhere_minor(&line.order.refunded_elsewhere), line.currency)),
    column("refunded_elsewhere_minor", |line| minor(elsewhere_minor(&line.order.refunded_elsewhere))),
    column("refunds_elsewhere", |line| each(&line.order.refunded_elsewhere)),
    column("day", |line| Cell::Day(&line.day)),
    column("created_at", |line| text(&line.order.created_at)),
    column("expires_at", |line| text(&line.order.expires_at)),
    column("paid_at", |line| maybe(line.order.paid_at.as_deref())),
    column("gateway_time", |line| maybe(line.order.gateway_time.as_deref())),
    column("reason", |line| maybe(line.order.reason.as_deref())),
    column("items", |line| items(&line.order.items)),
    column("qr", |line| maybe(line.order.qr.as_deref())),
    column("sold_by", |line| text(&line.sold_by)),
];

pub(super) const REFUNDS: [Column<RefundLine>; 19] = [
    column("refund_no", |line| text(&line.refund.refund_no)),
    column("order_no", |line| text(&line.refund.order_no)),
    column("account", |line| text(&line.refund.account)),
    column("channel", |line| text(&line.refund.channel)),
    column("amount", |line| major(Some(line.refund.amount_minor), line.currency)),
    column("amount_minor", |line| Cell::Whole(line.refund.amount_minor)),
    column("currency", |line| text(&line.refund.currency)),
    column("state", |line| text(line.refund.state.word())),
    column("reason", |line| text(&line.refund.reason)),
    column("by", |line| text(&line.refund.by)),
    column("second", |line| maybe(line.refund.second.as_deref())),
    column("mark", |line| maybe(line.refund.mark.map(crate::view::Mark::word))),
    column("by_hand", |line| maybe(line.refund.by_hand.as_deref())),
    column("gateway_refund_no", |line| maybe(line.refund.gateway_refund_no.as_deref())),
    column("day", |line| Cell::Day(&line.day)),
    column("requested_at", |line| text(&line.refund.requested_at)),
    column("sent_at", |line| maybe(line.refund.sent_at.as_deref())),
    column("ended_at", |line| maybe(line.refund.ended_at.as_deref())),
    column("items", |line| items(&line.refund.items)),
];

pub(super) const EVENTS: [Column<EventLine>; 10] = [
    column("till_id", |line| text(&line.till_id)),
    column("seq", |line| count(line.seq)),
    column("subject", |line| maybe(line.subject.as_deref())),
    column("subject_seq", |line| line.subject_seq.map_or(Cell::Empty, count)),
    column("at", |line| maybe(line.at.as_deref())),
    column("day", |line| line.day.as_deref().map_or(Cell::Empty, Cell::Day)),
    column("actor", |line| maybe(line.actor.as_deref())),
    column("event", |line| maybe(line.event.as_ref().map(|event| event.get()))),
    column("hash", |line| maybe(line.hash.as_deref())),
    column("fault", |line| maybe(line.fault.as_deref())),
];

/// Columns of the totals. Beside a sum of parts stands of how many orders it is: those whose gateway said the part.
pub(super) const TOTALS: [Column<Sum>; 13] = [
    column("currency", |sum| text(sum.currency.code())),
    column("mark", |sum| maybe(sum.mark.as_deref())),
    column("state", |sum| text(&sum.state)),
    column("orders", |sum| count(sum.orders)),
    column("amount", |sum| major(Some(sum.amount_minor), sum.currency)),
    column("paid", |sum| major(Some(sum.paid_minor), sum.currency)),
    column("customer_paid", |sum| major(sum.customer_paid.known(), sum.currency)),
    column("customer_paid_orders", |sum| count(sum.customer_paid.orders)),
    column("received", |sum| major(sum.received.known(), sum.currency)),
    column("received_orders", |sum| count(sum.received.orders)),
    column("discount", |sum| major(sum.discount.known(), sum.currency)),
    column("discount_orders", |sum| count(sum.discount.orders)),
    column("refunded", |sum| major(Some(sum.refunded_minor), sum.currency)),
];
