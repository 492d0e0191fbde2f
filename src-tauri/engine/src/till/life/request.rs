//! Requests of one order: built, sent through the account's gate, and what their answers mean.

use super::super::dealing::{Party, intent, subject};
use super::super::gate::{Place, Rank};
use super::super::{Inner, unexpected};
use super::refunding::RefundOutcome;
use super::saving::Given;
use super::unsaid::{Quoting, Unsaid};
use super::{FirstCall, Heard, Life, Met, tell_all};
use crate::keyring::KeyringFault;
use crate::view::{Came, NotAsked, Trouble};
use data_encoding::HEXLOWER;
use futures_util::future::BoxFuture;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use till_core::account::Keys;
use till_core::error::{Code, Refusal};
use till_core::gateway::call::{HttpAnswer, NoAnswer};
use till_core::gateway::descriptor::Presented;
use till_core::gateway::{Dealing, Read, Unreadable};
use till_core::order::EndReason;
use till_core::order::asking::Unproven;
use till_core::order::decide::{Command, Evidence};
use till_core::order::due::askable;
use till_core::order::report::TradeReport;
use till_core::rights::Actor;
use till_core::time::Moment;
use tokio::sync::watch;

/// What is requested about an order that exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Ask,
    Close,
    Reverse,
}

/// What came of a request.
pub(super) enum Outcome {
    Created(Moment, Result<HttpAnswer, NoAnswer>, Arc<Keys>, Option<SecretString>),
    Answered(What, Moment, Result<HttpAnswer, NoAnswer>, Arc<Keys>),
    Refund(String, RefundOutcome),
    NoKeys(KeyringFault),
    NotBuilt(Refusal),
}

impl Life {
    pub(super) fn jitter(&self) -> u16 {
        let mut bytes = [0; 2];
        match self.till.seams.randomness.fill(&mut bytes) {
            Ok(()) => u16::from_be_bytes(bytes) % 1_001,
            Err(fault) => {
                tracing::warn!(%fault, "no jitter");
                500
            }
        }
    }

    /// A query, a close or a reverse, from keys to answer.
    pub(super) fn request(&self, what: What) -> BoxFuture<'static, Outcome> {
        let till = Arc::clone(&self.till);
        let party = self.party.clone();
        let (draft, channel, gateway_no) = (self.order.draft.clone(), self.channel, self.order.gateway_no.clone());
        let rank = if self.order.state.has_ended() { Rank::Ended } else { Rank::Open };
        let awaited = self.awaited.subscribe();
        let mut random = [0; 16];
        let random = till.seams.randomness.fill(&mut random).map(|()| random);
        Box::pin(async move {
            let keys = match till.keys(&party).await {
                Ok(keys) => keys,
                Err(fault) => return Outcome::NoKeys(fault),
            };
            let nonce = match random {
                Ok(random) => till_core::number::nonce(random),
                Err(fault) => return Outcome::NotBuilt(unexpected(&fault)),
            };
            let about = subject(&draft, channel, gateway_no.as_deref());
            let dealing = party.dealing(&keys, &nonce, till.gateway_seconds(&party.account.id));
            let (gateway, closing, reversing) = (party.gateway, party.gateway.closing(), party.gateway.reversing());
            let (what, built) = match (what, closing, reversing) {
                (What::Close, Some(closing), _) => (what, closing.close(dealing, &about)),
                (What::Reverse, _, Some(reversing)) => (what, reversing.reverse(dealing, &about)),
                (What::Ask | What::Close | What::Reverse, _, _) => (What::Ask, gateway.query(dealing, &about)),
            };
            match built {
                Ok(call) => {
                    let _place = enter(&till, &party, &draft.order_no, rank, awaited).await;
                    let asked = till.seams.clock.now();
                    let result = till.send_to_gateway(&party.account.id, call).await;
                    Outcome::Answered(what, asked, result, keys)
                }
                Err(why) => Outcome::NotBuilt(Refusal::from(why).with("name", &party.account.name)),
            }
        })
    }

    /// Sends the one create, which is built already. Somebody waits for its code: it goes first.
    pub(super) fn create(&self, first: FirstCall) -> BoxFuture<'static, Outcome> {
        let FirstCall { call, keys, payment_code } = first;
        let till = Arc::clone(&self.till);
        let account_id = self.party.account.id.clone();
        Box::pin(async move {
            let _place = till.gate(&account_id).enter(Rank::OnScreen, till.seams.clock.as_ref()).await;
            let asked = till.seams.clock.now();
            let result = till.send_to_gateway(&account_id, call).await;
            Outcome::Created(asked, result, keys, payment_code)
        })
    }

    pub(super) async fn arrived(&mut self, outcome: Outcome) {
        let now = self.till.seams.clock.now();
        match outcome {
            Outcome::NoKeys(fault) => {
                self.till.keyring_refused(&fault);
                self.trouble = Some(Trouble::Keyring);
                self.asking.unverified(Unproven::Nothing, None, now);
                self.tell_askers(&Met::not_asked(NotAsked::Keyring));
            }
            Outcome::NotBuilt(refusal) => {
                self.till.notice(refusal);
                self.trouble = Some(Trouble::NotBuilt);
                self.asking.unverified(Unproven::Nothing, None, now);
                self.tell_askers(&Met::not_asked(NotAsked::NotBuilt));
            }
            Outcome::Refund(refund_no, outcome) => self.refund_arrived(refund_no, outcome, now).await,
            Outcome::Created(asked, result, keys, payment_code) => {
                self.payment_code = payment_code;
                self.created(asked, result, &keys, now).await;
            }
            Outcome::Answered(What::Ask, asked, result, keys) => {
                self.asking.left(asked);
                self.customers_are_answered(asked);
                let heard = self.answered(asked, result, &keys, now).await;
                self.settle().await;
                if !heard.again || !self.unsaved.is_empty() {
                    self.tell_askers(&Met::of(heard, asked));
                }
            }
            Outcome::Answered(What::Close, asked, result, keys) => self.closed(asked, result, &keys, now).await,
            Outcome::Answered(What::Reverse, asked, result, keys) => self.reversed(asked, result, &keys, now).await,
        }
    }

    pub(super) async fn created(
        &mut self,
        asked: Moment,
        result: Result<HttpAnswer, NoAnswer>,
        keys: &Keys,
        now: Moment,
    ) {
        let given = match result {
            Err(no_answer) => {
                self.unanswered(no_answer, asked, now);
                Given { command: Command::CreateUnanswered(no_answer), actor: Actor::Engine, raw: None }
            }
            Ok(answer) => {
                let intent = intent(&self.order.draft, self.channel, &self.till.till_id, None);
                let read = match self.party.gateway.creating() {
                    Some(creating) => creating.read_create(self.reading(keys), &intent, &answer),
                    None => Read::Unreadable(Unreadable::NoState),
                };
                let (read, raw, hex) = self.quoted(read, &answer.body);
                self.till.learn_skew(&self.party, &read, &answer, asked, now);
                match &read {
                    Read::Means(created) => {
                        self.quote(created.report.as_ref());
                        self.till.heard(&self.party.account.id, asked, now);
                    }
                    Read::Says(said) => self.meet(Trouble::Said(said.clone()), asked, now),
                    Read::Unreadable(why) => self.meet(Trouble::Unreadable(why.clone()), asked, now),
                }
                let command = Command::CreateAnswered(read, Evidence { asked, raw: Some(hex) });
                Given { command, actor: Actor::Gateway, raw: Some(raw) }
            }
        };
        self.apply(given).await;
        self.publish();
        tell_all(&mut self.created_for);
        if !askable(&self.order, &self.terms) {
            self.tell_askers(&Met::not_asked(NotAsked::NoNumber));
        }
    }

    /// What came of a question.
    pub(super) async fn answered(
        &mut self,
        asked: Moment,
        result: Result<HttpAnswer, NoAnswer>,
        keys: &Keys,
        now: Moment,
    ) -> Heard {
        let answer = match result {
            Ok(answer) => answer,
            Err(no_answer) => {
                self.asking.unverified(Unproven::Nothing, None, now);
                self.unanswered(no_answer, asked, now);
                let came = match no_answer {
                    NoAnswer::NotSent => Came::NotAsked(NotAsked::NotBuilt),
                    NoAnswer::TimedOut | NoAnswer::Untrusted | NoAnswer::Unreachable | NoAnswer::TooLarge => {
                        Came::Unanswered(trouble_of(no_answer))
                    }
                };
                return Heard { came, of_the_payment: false, again: false };
            }
        };
        let about = subject(&self.order.draft, self.channel, self.order.gateway_no.as_deref());
        let read = self.party.gateway.read_query(self.reading(keys), &about, &answer);
        let (read, raw, hex) = self.quoted(read, &answer.body);
        // A gateway that refuses a wrong clock, or signs by another one, tells its own in the same answer.
        let clock_was_off = self.till.learn_skew(&self.party, &read, &answer, asked, now);
        let trouble = match read {
            Read::Means(report) => {
                self.asking.verified(asked, now);
                let of_the_payment = self.asking.looked(&report, self.order.amount().minor);
                self.trouble = None;
                self.till.heard(&self.party.account.id, asked, now);
                self.quote(Some(&report));
                let before = self.order.self_contradictions;
                let command = Command::Report(report, Evidence { asked, raw: Some(hex) });
                self.apply(Given { command, actor: Actor::Gateway, raw: Some(raw) }).await;
                let came = if self.unsaved.is_empty() { Came::Answered } else { Came::NotStored };
                return Heard { came, of_the_payment, again: self.order.self_contradictions > before };
            }
            Read::Says(said) => {
                self.asking.unverified(Unproven::from(&said), answer.retry_after, now);
                Trouble::Said(said)
            }
            Read::Unreadable(why) => {
                self.asking.unverified(Unproven::from(&why), answer.retry_after, now);
                Trouble::Unreadable(why)
            }
        };
        self.meet(trouble.clone(), asked, now);
        let again = clock_was_off && self.asking.again_for_the_clock(now);
        Heard { came: Came::Unanswered(trouble), of_the_payment: false, again }
    }

    pub(super) async fn closed(
        &mut self,
        asked: Moment,
        result: Result<HttpAnswer, NoAnswer>,
        keys: &Keys,
        now: Moment,
    ) {
        let given = match (result, self.party.gateway.closing()) {
            (Ok(answer), Some(closing)) => {
                let about = subject(&self.order.draft, self.channel, self.order.gateway_no.as_deref());
                let read = closing.read_close(self.reading(keys), &about, &answer);
                let (read, raw, hex) = self.quoted(read, &answer.body);
                let command = Command::CloseAnswered(read, Evidence { asked, raw: Some(hex) });
                Given { command, actor: Actor::Gateway, raw: Some(raw) }
            }
            (Err(no_answer), _) => {
                self.unanswered(no_answer, asked, now);
                Given { command: Command::CloseUnanswered, actor: Actor::Engine, raw: None }
            }
            (Ok(_), None) => Given { command: Command::CloseUnanswered, actor: Actor::Engine, raw: None },
        };
        self.apply(given).await;
    }

    pub(super) async fn reversed(
        &mut self,
        asked: Moment,
        result: Result<HttpAnswer, NoAnswer>,
        keys: &Keys,
        now: Moment,
    ) {
        let given = match (result, self.party.gateway.reversing()) {
            (Ok(answer), Some(reversing)) => {
                let about = subject(&self.order.draft, self.channel, self.order.gateway_no.as_deref());
                let read = reversing.read_reverse(self.reading(keys), &about, &answer);
                let (read, raw, hex) = self.quoted(read, &answer.body);
                let command = Command::ReverseAnswered(read, Evidence { asked, raw: Some(hex) });
                Given { command, actor: Actor::Gateway, raw: Some(raw) }
            }
            (Err(no_answer), _) => {
                self.unanswered(no_answer, asked, now);
                Given { command: Command::ReverseUnanswered, actor: Actor::Engine, raw: None }
            }
            (Ok(_), None) => Given { command: Command::ReverseUnanswered, actor: Actor::Engine, raw: None },
        };
        self.apply(given).await;
    }

    /// Keeps why a payment failed or was declined, to be quoted. What was said before the report that ends an order is no reason
    /// of its end, and what was said before one that tells of a payment is over.
    pub(super) fn quote(&mut self, report: Option<&TradeReport>) {
        let Some(report) = report else { return };
        let ended_before = self.order.end.is_some_and(|end| end.reason == EndReason::Gateway);
        let is_over = report.tells_of_a_payment() || (report.tells_of_an_end() && !ended_before);
        if report.said.is_some() || is_over {
            self.said.clone_from(&report.said);
        }
    }

    /// An answer without a payment code that it repeats: what was read, the body that is kept, and its SHA-256 in hex. What
    /// the gateway said can be quoted from now on. Every answer goes through here before anything else is done with it.
    pub(super) fn quoted<T: Quoting>(&mut self, read: Read<T>, body: &[u8]) -> (Read<T>, Vec<u8>, String) {
        let (read, body) = self.unsaid().kept(read, body);
        if let Read::Says(said) = &read {
            self.said = Some(said.clone());
        }
        let (raw, hex) = fingerprint(body);
        (read, raw, hex)
    }

    fn unsaid(&self) -> Unsaid<'_> {
        let code = self.payment_code.as_ref().map(ExposeSecret::expose_secret).filter(|code| !code.is_empty());
        let takes_codes = [self.order.draft.presented, self.channel.presented].contains(&Presented::Consumer);
        match code {
            Some(code) => Unsaid::Code(code, self.numbers()),
            None if takes_codes => Unsaid::Any(self.numbers()),
            None => Unsaid::Nothing,
        }
    }

    /// The numbers that an answer about this order may name.
    fn numbers(&self) -> Vec<String> {
        let order = &self.order;
        let foreign = [&order.gateway_no, &order.wallet_no].into_iter().flatten();
        let refunds = order.refunds.iter();
        let of_refunds = refunds.flat_map(|refund| [Some(&refund.draft.refund_no), refund.gateway_refund_no.as_ref()]);
        let of_account = self.party.account.fields.values();
        std::iter::once(&order.draft.order_no)
            .chain(foreign)
            .chain(of_refunds.flatten())
            .chain(of_account)
            .cloned()
            .collect()
    }

    /// What reading an answer needs.
    pub(super) fn reading<'a>(&'a self, keys: &'a Keys) -> Dealing<'a> {
        self.party.dealing(keys, "", self.till.gateway_seconds(&self.party.account.id))
    }

    /// No answer came. Where nothing was sent, the account's address is at fault and no gateway was silent.
    pub(super) fn unanswered(&mut self, no_answer: NoAnswer, asked: Moment, now: Moment) {
        let trouble = trouble_of(no_answer);
        match no_answer {
            NoAnswer::NotSent => {
                tracing::info!(order_no = self.order.no(), "nothing was sent");
                let notice = Refusal::of(Code::AddressNotReached).with("name", &self.party.account.name);
                self.till.notice(notice);
                self.trouble = Some(trouble);
            }
            NoAnswer::TimedOut | NoAnswer::Untrusted | NoAnswer::Unreachable | NoAnswer::TooLarge => {
                self.meet(trouble, asked, now);
            }
        }
    }

    pub(super) fn meet(&mut self, trouble: Trouble, asked: Moment, now: Moment) {
        tracing::info!(order_no = self.order.no(), ?trouble, took_us = now.since(asked), "no verified answer");
        self.trouble = Some(trouble);
        self.till.unheard(&self.party.account.id);
    }
}

/// Why no answer came, as it is shown.
fn trouble_of(no_answer: NoAnswer) -> Trouble {
    match no_answer {
        NoAnswer::NotSent => Trouble::NotBuilt,
        NoAnswer::TimedOut => Trouble::TimedOut,
        NoAnswer::Untrusted => Trouble::Untrusted,
        NoAnswer::Unreachable => Trouble::Unreachable,
        // It answered, and nothing of the gateway's is that long.
        NoAnswer::TooLarge => Trouble::Unreadable(Unreadable::NotJson),
    }
}

/// Waits for a request's turn. `awaited`: whether a person waits for what the order's task asks, which may become so meanwhile.
pub(super) async fn enter(
    till: &Arc<Inner>,
    party: &Party,
    order_no: &str,
    rank: Rank,
    awaited: watch::Receiver<bool>,
) -> Place {
    let rank = if till.shows(order_no) { Rank::OnScreen } else { rank };
    let gate = till.gate(&party.account.id);
    gate.enter_with(rank, until_awaited(awaited), till.seams.clock.as_ref()).await
}

async fn until_awaited(mut awaited: watch::Receiver<bool>) {
    // A task that is gone takes its requests along.
    let _gone = awaited.wait_for(|awaited| *awaited).await;
}

pub(in super::super) fn fingerprint(body: Vec<u8>) -> (Vec<u8>, String) {
    let hex = HEXLOWER.encode(&Sha256::digest(&body));
    (body, hex)
}
