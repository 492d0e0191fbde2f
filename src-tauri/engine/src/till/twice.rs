//! A sale that is paid twice: one of its orders bears the flag until the payments too many went back.

use super::commit::rfc3339;
use super::life::Message;
use super::sell::may_pass;
use super::{Inner, News};
use crate::view::PaidBeside;
use std::sync::Arc;
use till_core::error::{Code, Refusal};
use till_core::money::Money;
use till_core::order::sale::{Flagging, flag_after_giving_back, flag_after_payment, flagged_beside, kept_beside};
use till_core::order::{Attention, Order};
use till_core::time::{MINUTE, SECOND};
use tokio::sync::{MutexGuard, oneshot};

/// What the journal knows of the other payments of an order's sale that did not go back.
#[derive(Default)]
pub(super) struct Beside {
    /// All of them, where the order bears the flag.
    pub(super) paid: Vec<PaidBeside>,
    /// The number of the one that bears the flag.
    pub(super) too_many: Option<String>,
    /// Why there may be others.
    pub(super) fault: Option<Refusal>,
}

impl Inner {
    /// The orders of a sale as far as they can be read, and the turn to flag them: two payments that are learned at the same time
    /// would each flag themselves, and both could go back. What fails otherwise is tried again, with pauses that double up to a
    /// minute, in which other sales have their turn: a flag that is not set is money that nobody looks for.
    async fn orders_to_look_at(self: &Arc<Self>, sale: &str) -> (MutexGuard<'_, ()>, Vec<Order>) {
        let mut pause = SECOND;
        loop {
            let turn = self.flagging.lock().await;
            match self.readable_orders_of_sale(sale).await {
                Ok(orders) => return (turn, orders),
                Err(refusal) => self.notice(refusal),
            }
            drop(turn);
            let clock = &self.seams.clock;
            clock.sleep_until(clock.now().plus(pause).boot).await;
            pause = pause.saturating_mul(2).min(MINUTE);
        }
    }

    async fn readable_orders_of_sale(&self, sale: &str) -> Result<Vec<Order>, Refusal> {
        let mut orders = Vec::new();
        for found in self.rows_of_sale(sale).await? {
            match self.current(&found.order_no).await {
                Ok(order) => orders.push(order),
                // It stands still, and says so; the others do not.
                Err(refusal) if refusal.code == Code::JournalPartUnreadable => self.notice(refusal),
                Err(refusal) => return Err(refusal),
            }
        }
        Ok(orders)
    }

    /// What stands beside an order, which is nothing where nobody paid it or its payment went back.
    pub(super) async fn beside(&self, order: &Order) -> Beside {
        let bears = order.attention.contains(&Attention::DoublePayment);
        if !bears && (order.payment.is_none() || order.is_given_back()) {
            return Beside::default();
        }
        let rows = match self.rows_of_sale(&order.draft.sale).await {
            Ok(rows) => rows,
            Err(refusal) => return Beside { fault: Some(refusal), ..Beside::default() },
        };
        let (mut orders, mut fault) = (vec![order.clone()], None);
        for row in rows {
            // A sale that was paid once costs no more than the look at its rows.
            let counts = bears || row.paid_at.is_some();
            if row.order_no == order.no() || !counts {
                continue;
            }
            match self.current(&row.order_no).await {
                Ok(other) => orders.push(other),
                Err(refusal) => fault = fault.or(Some(refusal)),
            }
        }
        let offset_minutes = |wall| self.seams.clock.offset_minutes(wall);
        let paid = if bears { paid_beside_shown(order.no(), &orders, offset_minutes) } else { Vec::new() };
        let too_many = flagged_beside(&orders, order.no()).map(|flagged| flagged.no().to_owned());
        Beside { paid, too_many, fault }
    }

    /// After a payment went back.
    pub(super) async fn look_for_single_payment(self: &Arc<Self>, sale: &str) {
        self.look(sale, None).await;
    }

    /// After a payment was learned of.
    pub(super) async fn look_for_double_payment(self: &Arc<Self>, sale: &str, paid_now: &str) {
        self.look(sale, Some(paid_now)).await;
    }

    /// After a person has dealt with a sale that was paid twice.
    pub(super) async fn dealt_with_double_payment(&self, sale: &str) {
        match self.readable_orders_of_sale(sale).await {
            Ok(orders) => self.tell_payments(&orders),
            Err(refusal) => self.notice(refusal),
        }
    }

    /// Tells of each payment of a sale where there are several: what is said of one depends on the others.
    fn tell_payments(&self, orders: &[Order]) {
        let paid: Vec<&Order> = orders.iter().filter(|order| order.payment.is_some()).collect();
        if paid.len() < 2 {
            return;
        }
        for order in paid {
            let shown = self.live.lock().get(order.no()).map(|live| live.published.seq);
            let seq = shown.unwrap_or_else(|| self.next_seq());
            self.tell(News::Order { order_no: order.no().to_owned(), seq });
        }
    }

    /// Where the disk does not give an order's task what it needs, the sale is looked at anew after a pause, and others have their
    /// turn meanwhile.
    async fn look(self: &Arc<Self>, sale: &str, paid_now: Option<&str>) {
        let mut pause = SECOND;
        loop {
            let (turn, orders) = self.orders_to_look_at(sale).await;
            let flagging = match paid_now {
                Some(order_no) => flag_after_payment(&orders, order_no),
                None => flag_after_giving_back(&orders),
            };
            match self.flag_as(flagging).await {
                Ok(()) => return self.tell_payments(&orders),
                Err(refusal) if may_pass(&refusal) => self.notice(refusal),
                Err(refusal) => return self.notice(refusal),
            }
            drop(turn);
            let clock = &self.seams.clock;
            clock.sleep_until(clock.now().plus(pause).boot).await;
            pause = pause.saturating_mul(2).min(MINUTE);
        }
    }

    async fn flag_as(self: &Arc<Self>, flagging: Flagging<'_>) -> Result<(), Refusal> {
        match flagging {
            Flagging::Stays => {}
            Flagging::Raised(order_no) => {
                tracing::warn!(order_no, "paid twice");
                self.flag(order_no, Message::DoublePayment).await?;
            }
            Flagging::Taken(orders) => {
                for order_no in orders {
                    self.flag(order_no, Message::SinglePayment).await?;
                }
            }
        }
        Ok(())
    }

    /// Returns once it is decided, so that whoever looks next sees it.
    async fn flag(
        self: &Arc<Self>,
        order_no: &str,
        message: impl FnOnce(oneshot::Sender<()>) -> Message,
    ) -> Result<(), Refusal> {
        let (done, over) = oneshot::channel();
        let booking = self.bookings.begin();
        self.deliver(order_no, message(done)).await?;
        // A task that is gone had nothing left to write.
        drop(over.await);
        drop(booking);
        Ok(())
    }
}

/// What of a sale's `orders` is paid beside `order_no`. `offset_minutes`: the place's at a moment, UTC microseconds.
pub(crate) fn paid_beside_shown(
    order_no: &str,
    orders: &[Order],
    offset_minutes: impl Fn(i64) -> i16,
) -> Vec<PaidBeside> {
    let shown = |other: &Order| {
        let payment = other.payment.as_ref()?;
        let (known, currency) = (payment.known.wall, other.amount().currency);
        Some(PaidBeside {
            order_no: other.no().to_owned(),
            account: other.draft.account.clone(),
            channel: other.draft.channel.clone(),
            amount: Money { minor: payment.minor, currency }.to_string(),
            currency: currency.code().to_owned(),
            paid_at: rfc3339(known, offset_minutes(known)),
        })
    };
    kept_beside(orders, order_no).into_iter().filter_map(shown).collect()
}
