//! Committing what one order decides; what cannot be stored is kept and tried again.

use super::super::commit::OrderNews;
use super::super::{fault_of_storage, row};
use super::{Life, STORE_AGAIN, STORE_AGAIN_AT_MOST};
use crate::storage::StorageFault;
use std::sync::Arc;
use till_core::error::Code;
use till_core::journal;
use till_core::order::Order;
use till_core::order::decide::{Command, decide};
use till_core::order::event::OrderEvent;
use till_core::order::evolve::evolve;
use till_core::order::report::TradeState;
use till_core::rights::Actor;

/// A command and who gives it, with the raw answer it rests on.
#[derive(Clone)]
pub(in super::super) struct Given {
    pub(in super::super) command: Command,
    pub(in super::super) actor: Actor,
    pub(in super::super) raw: Option<Vec<u8>>,
}

impl Life {
    pub(super) async fn settle(&mut self) {
        self.apply(Given { command: Command::Settle, actor: Actor::Engine, raw: None }).await;
    }

    /// Decides and commits; what cannot be stored is kept and tried again, so that nothing learned is lost. Whatever waits for
    /// that goes first: a decision that did not know of it could end an order against its newest answer.
    pub(super) async fn apply(&mut self, given: Given) {
        if !self.unsaved.is_empty() {
            return self.unsaved.push_back(given);
        }
        if let Err(fault) = self.commit(&given).await {
            self.till.notice(fault_of_storage(&fault));
            self.unsaved.push_back(given);
        }
    }

    pub(super) async fn save_the_unsaved(&mut self) {
        while let Some(given) = self.unsaved.front().cloned() {
            if let Err(fault) = self.commit(&given).await {
                self.till.notice(fault_of_storage(&fault));
                self.store_again = self.store_again.saturating_mul(2).min(STORE_AGAIN_AT_MOST);
                return;
            }
            self.unsaved.pop_front();
            self.store_again = STORE_AGAIN;
            self.till.withdraw(&[Code::DiskFull, Code::FolderReadOnly]);
            // What is stored late is shown at once, or a code could stay on screen until the next question.
            self.publish();
        }
    }

    pub(super) async fn commit(&mut self, given: &Given) -> Result<(), StorageFault> {
        self.mind(&given.command);
        loop {
            let mut command = given.command.clone();
            let _turn = self.till.held_against_others(&self.order, &mut command).await?;
            let now = self.till.seams.clock.now();
            let events = decide(&self.order, &self.asking, &self.terms, command, now);
            if events.is_empty() {
                return Ok(());
            }
            let mut after = Order::clone(&self.order);
            for event in &events {
                if let Some(next) = evolve(Some(after.clone()), event, now) {
                    after = next;
                }
            }
            let news = OrderNews {
                before: Some(self.order.as_ref()),
                after: &after,
                made: &self.made,
                events: &events,
                actor: &given.actor,
                raw: given.raw.clone(),
            };
            match self.till.commit_order(news, now).await {
                Ok(()) => {
                    let was_paid = self.order.payment.is_some();
                    self.order = Arc::new(after);
                    self.asking.written(&events);
                    self.after(&events, was_paid);
                    return Ok(());
                }
                Err(StorageFault::Moved) => self.read_again().await?,
                Err(fault) => return Err(fault),
            }
        }
    }

    /// What the gateway says of the order speaks of its refunds as well. Of a notification, which may have been on its way for hours,
    /// only that money went back is minded.
    fn mind(&mut self, command: &Command) {
        if let Command::Report(report, evidence) = command {
            self.asking.told(&self.order, report, evidence.asked);
        } else if let Command::Notified(report, _) = command
            && report.state == TradeState::Refunded
        {
            let now = self.till.seams.clock.now();
            self.asking.told(&self.order, report, now);
        }
    }

    /// What follows from committed events.
    pub(super) fn after(&mut self, events: &[OrderEvent], was_paid: bool) {
        if events.iter().any(OrderEvent::is_asked_about) {
            self.asking.wanted = true;
        }
        if events.iter().any(OrderEvent::gives_back) && self.order.is_given_back() {
            // An end that follows on the picture must find the booking begun.
            let booking = self.till.bookings.begin();
            // Whoever looks at the sale's orders now must see what went back.
            self.publish();
            let (till, sale) = (Arc::clone(&self.till), self.order.draft.sale.clone());
            tokio::spawn(async move {
                till.look_for_single_payment(&sale).await;
                drop(booking);
            });
        }
        if let Some(payment) = self.order.payment.as_ref().filter(|_| !was_paid) {
            self.till.booked(&self.order, payment);
            let booking = self.till.bookings.begin();
            // Whoever looks at the sale's orders now must see this one as paid.
            self.publish();
            let till = Arc::clone(&self.till);
            let (sale, order_no) = (self.order.draft.sale.clone(), self.order.no().to_owned());
            tokio::spawn(async move {
                till.look_for_double_payment(&sale, &order_no).await;
                drop(booking);
            });
        }
    }

    pub(super) async fn read_again(&mut self) -> Result<(), StorageFault> {
        let subject = journal::order_subject(self.order.no());
        let events = self.till.seams.storage.stream(&subject).await?;
        let now = self.till.seams.clock.now();
        match row::replay(&events, now) {
            Ok(Some(order)) => {
                self.order = Arc::new(order);
                Ok(())
            }
            Ok(None) => Err(StorageFault::Failed("an order's stream is empty".to_owned())),
            Err(seq) => {
                Err(StorageFault::Unreadable { seq, subject: Some(subject), reason: "unknown event".to_owned() })
            }
        }
    }
}
