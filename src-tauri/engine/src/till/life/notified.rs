//! A notification at its order's task.

use super::saving::Given;
use super::{About, ElsewhereTold, Life, Notice, RefundTold};
use crate::storage::StorageFault;
use crate::till::NotAccepted;
use std::sync::Arc;
use till_core::gateway::Read;
use till_core::gateway::notification::Told;
use till_core::order::State;
use till_core::order::decide::{Command, Evidence};
use till_core::order::due::askable;
use till_core::order::event::BackElsewhere;
use till_core::order::notified::{Follows, came_to_nothing, follows, is_to_be_confirmed};
use till_core::order::report::TradeReport;
use till_core::rights::Actor;
use tokio::sync::oneshot;

impl Life {
    /// Decides on a verified notification, and answers once that is committed; nothing else is awaited. Nobody waits any more
    /// where the deadline has passed: then nothing is booked, and the gateway sends it again.
    pub(super) async fn notified(&mut self, notice: Notice, done: oneshot::Sender<Result<(), NotAccepted>>) {
        if done.is_closed() {
            return;
        }
        let Notice { told, body, about } = notice;
        let said = match &told {
            Told::Report(report) => report.said.clone(),
            Told::Ask(said) => said.clone(),
            Told::Number(_) => None,
        };
        let result = match follows(&self.order, &self.terms, told) {
            Follows::Nothing => Ok(()),
            Follows::NotAccepted => Err(NotAccepted::SaysTooLittle),
            Follows::Ask => {
                if let Some(said) = said {
                    self.quoted(Read::<TradeReport>::Says(said), &body);
                }
                self.asks_as_told(self.till.seams.clock.now());
                Ok(())
            }
            Follows::Name(report) => self.number_told(*report, &body).await,
            Follows::Report(report) => match self.quoted(Read::Means(*report), &body) {
                (Read::Means(report), raw, hex) => {
                    self.quote(Some(&report));
                    let command = Command::Notified(report.clone(), hex);
                    let given = Given { command, actor: Actor::Gateway, raw: Some(raw) };
                    let stored = self.commit_to_be_confirmed(given, about == About::Shipping).await;
                    let nothing = came_to_nothing(&self.order, &self.terms, &report);
                    if stored.is_ok() && nothing { Err(NotAccepted::NothingToAskBy) } else { stored }
                }
                (Read::Says(_) | Read::Unreadable(_), ..) => Ok(()),
            },
        };
        // The sender may have gone: what is committed stays.
        let _gone = done.send(result);
    }

    /// Makes the gateway's number known, by which it is then asked.
    async fn number_told(&mut self, report: TradeReport, body: &[u8]) -> Result<(), NotAccepted> {
        let (Read::Means(report), raw, hex) = self.quoted(Read::Means(report), body) else { return Ok(()) };
        let given = Given { command: Command::NumberTold(report, hex), actor: Actor::Gateway, raw: Some(raw) };
        self.commit_in_turn(given).await.map_err(NotAccepted::NotStored)?;
        if askable(&self.order, &self.terms) { Ok(()) } else { Err(NotAccepted::NothingToAskBy) }
    }

    /// The same for a notice of a refund.
    pub(super) async fn refund_told(&mut self, told: RefundTold, done: oneshot::Sender<Result<(), NotAccepted>>) {
        if done.is_closed() {
            return;
        }
        let RefundTold { refund_no, report, body } = told;
        let now = self.till.seams.clock.now();
        let result = match self.quoted(Read::Means(report), &body) {
            (Read::Means(report), raw, hex) => {
                let evidence = Evidence { asked: now, raw: Some(hex) };
                let command = Command::RefundReport(refund_no.clone(), report, evidence);
                let stored = self.commit_in_turn(Given { command, actor: Actor::Gateway, raw: Some(raw) }).await;
                if stored.is_ok() {
                    // What the last question about it met tells nothing of how it stands.
                    self.refund_troubles.remove(&refund_no);
                }
                stored.map_err(NotAccepted::NotStored)
            }
            (Read::Says(_) | Read::Unreadable(_), ..) => Ok(()),
        };
        // The sender may have gone: what is committed stays.
        let _gone = done.send(result);
    }

    /// The same for a notice that money went back by a refund that is none of the till's.
    pub(super) async fn elsewhere_told(&mut self, told: ElsewhereTold, done: oneshot::Sender<Result<(), NotAccepted>>) {
        if done.is_closed() {
            return;
        }
        let ElsewhereTold { refund_no, amount_minor, report, body } = told;
        let result = match self.quoted(Read::Means(report), &body) {
            (Read::Means(report), raw, hex) => {
                let back = BackElsewhere { refund_no, amount_minor, raw: hex };
                let command = Command::RefundedElsewhere(report, Box::new(back));
                let given = Given { command, actor: Actor::Gateway, raw: Some(raw) };
                self.commit_to_be_confirmed(given, false).await
            }
            (Read::Says(_) | Read::Unreadable(_), ..) => Ok(()),
        };
        // The sender may have gone: what is committed stays.
        let _gone = done.send(result);
    }

    /// Commits what a notification says of a payment, and has a question confirm it where that is due.
    async fn commit_to_be_confirmed(&mut self, given: Given, states_none: bool) -> Result<(), NotAccepted> {
        let before = self.order.state;
        let stored = self.commit_in_turn(given).await;
        if is_to_be_confirmed(before, self.order.state, states_none) {
            self.asking.wanted = true;
            self.asking.unconfirmed_since = Some(self.till.seams.clock.now());
        }
        stored.map_err(NotAccepted::NotStored)
    }

    /// Commits a report, unless something that was learned before it still waits to be stored: a decision that did not know of
    /// that could be another one. What the report leaves open is asked about at once.
    async fn commit_in_turn(&mut self, given: Given) -> Result<(), StorageFault> {
        if !self.unsaved.is_empty() {
            return Err(StorageFault::Failed("what came before is not stored yet".to_owned()));
        }
        let before = Arc::clone(&self.order);
        self.commit(&given).await?;
        let news = !Arc::ptr_eq(&before, &self.order);
        if self.order.state == State::Paid {
            return Ok(());
        }
        if news {
            self.asking.wanted = true;
        } else {
            self.asks_as_told(self.till.seams.clock.now());
        }
        Ok(())
    }
}
