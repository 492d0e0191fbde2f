//! An order's row, and rows replayed from events.

use crate::journal::Project;
use crate::storage::{OrderRow, RefundRow, Row, StoredEvent};
use till_core::journal::{self, Event};
use till_core::order::Order;
use till_core::order::evolve::evolve;
use till_core::order::refund::Refund;
use till_core::rights::Actor;
use till_core::time::Moment;

/// What an order's first event says of its making.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Making {
    /// The business day.
    pub(super) day: String,
    /// Who made it: a person's name, else the word of whoever it was.
    pub(super) by: String,
}

impl Making {
    /// Of an order that is made now, on `day`.
    pub(super) fn by(actor: &Actor, day: String) -> Self {
        Self { day, by: Actor::name_in(&actor.word()).to_owned() }
    }

    pub(super) fn of(first: &StoredEvent) -> Self {
        Self { day: first.at.day.clone(), by: Actor::name_in(&first.actor).to_owned() }
    }
}

/// The searchable columns of an order and of its refunds.
pub(super) fn of_order(order: &Order, made: Making) -> Row {
    let refunds = order.refunds.iter().map(|refund| of_refund(order, refund)).collect();
    Row::Order(Box::new(columns(order, made)), refunds)
}

fn of_refund(order: &Order, refund: &Refund) -> RefundRow {
    RefundRow {
        refund_no: refund.no().to_owned(),
        order_no: order.no().to_owned(),
        amount_minor: refund.draft.amount_minor,
        currency: order.amount().currency.code().to_owned(),
        state: refund.state.word().to_owned(),
        open: refund.is_open(),
        given_by: refund.by.clone(),
        gateway_refund_no: refund.gateway_refund_no.clone(),
        requested_at: refund.requested.wall,
    }
}

fn columns(order: &Order, made: Making) -> OrderRow {
    let draft = &order.draft;
    OrderRow {
        order_no: draft.order_no.clone(),
        sale: draft.sale.clone(),
        account_id: draft.account_id.clone(),
        account: draft.account.clone(),
        gateway: draft.gateway.clone(),
        channel: draft.channel.clone(),
        amount_minor: draft.amount.minor,
        currency: draft.amount.currency.code().to_owned(),
        state: order.state.word().to_owned(),
        open: !order.state.has_ended(),
        late: order.late,
        attention: order.first_attention().map(|attention| attention.word().to_owned()),
        paid_minor: order.payment.as_ref().map(|payment| payment.minor),
        refunded_minor: order.refunded_minor(),
        by_hand: order.open_marks().next().map(|by_hand| by_hand.mark.what.word().to_owned()),
        gateway_no: order.gateway_no.clone(),
        wallet_no: order.wallet_no.clone(),
        day: made.day,
        created_at: order.drafted.wall,
        paid_at: order.payment.as_ref().map(|payment| payment.known.wall),
        ended_at: order.end.map(|end| end.at.wall).or_else(|| order.payment.as_ref().map(|payment| payment.known.wall)),
        sold_by: made.by,
    }
}

/// An order from its stored events, placed on this run's clocks. `None` where the stream does not begin with a draft.
/// Fails with the number of the first event that cannot be read.
pub(crate) fn replay(events: &[StoredEvent], now: Moment) -> Result<Option<Order>, u64> {
    let mut order = None;
    for stored in events {
        match journal::read(&stored.payload) {
            Ok(Event::Order { event }) => order = evolve(order, &event, now.recalled(stored.at.wall)),
            Ok(Event::Till { .. } | Event::Account { .. } | Event::Operators { .. } | Event::Limits { .. })
            | Err(_) => {
                return Err(stored.seq);
            }
        }
    }
    Ok(order)
}

/// Rebuilds rows from events, for `verify` and for rebuilding projections.
#[derive(Debug, Clone, Copy, Default)]
pub struct Replay;

impl Project for Replay {
    fn row(&self, subject: &str, events: &[StoredEvent]) -> Result<Option<Row>, u64> {
        let Some(first) = events.first() else { return Ok(None) };
        let (kind, _) = subject.split_once('/').unwrap_or((subject, ""));
        if kind == "order" {
            let end_of_time = Moment { wall: i64::MAX, boot: i64::MAX };
            let order = replay(events, end_of_time)?.ok_or(first.seq)?;
            return Ok(Some(of_order(&order, Making::of(first))));
        }
        let mut row = None;
        for stored in events {
            match (journal::read(&stored.payload).map_err(|_| stored.seq)?, kind) {
                (Event::Account { event }, "account") => {
                    let account = event.account();
                    let json = serde_json::to_string(account).map_err(|_| stored.seq)?;
                    row = Some(Row::Account { id: account.id.clone(), json });
                }
                (Event::Till { .. }, journal::TILL)
                | (Event::Operators { .. }, journal::OPERATORS)
                | (Event::Limits { .. }, journal::LIMITS) => {}
                (
                    Event::Till { .. }
                    | Event::Account { .. }
                    | Event::Order { .. }
                    | Event::Operators { .. }
                    | Event::Limits { .. },
                    _,
                ) => return Err(stored.seq),
            }
        }
        Ok(row)
    }
}
