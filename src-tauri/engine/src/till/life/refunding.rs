//! Refunds of one order: prepared, committed, sent, and asked for until the gateway has said how they ended.

use super::super::dealing::{Party, subject};
use super::super::gate::Rank;
use super::super::words::KEYRING_CODES;
use super::super::{Inner, fault_of_storage};
use super::request::{Outcome, enter};
use super::saving::Given;
use super::{Life, tell_all};
use crate::view::Trouble;
use futures_util::future::BoxFuture;
use std::sync::Arc;
use till_core::account::Keys;
use till_core::error::Refusal;
use till_core::gateway::call::{HttpAnswer, HttpCall, NoAnswer};
use till_core::gateway::descriptor::Channel;
use till_core::gateway::refund::RefundIntent;
use till_core::gateway::{Read, Unbuildable, Unreadable};
use till_core::money::Money;
use till_core::number;
use till_core::order::Order;
use till_core::order::decide::{Command, Evidence};
use till_core::order::due::{Step, next_refund};
use till_core::order::refund::{RefundDraft, RefundState, lets_send_again, may_be_carried_out_until};
use till_core::rights::Actor;
use till_core::time::Moment;
use tokio::sync::oneshot;

/// What came of something about a refund.
pub(in super::super) enum RefundOutcome {
    /// It can be sent.
    Prepared(HttpCall, Arc<Keys>),
    /// It cannot be sent now.
    HeldUp(Refusal),
    /// It was sent.
    Sent(Moment, Result<HttpAnswer, NoAnswer>, Arc<Keys>),
    /// It was asked for.
    Asked(Moment, Result<HttpAnswer, NoAnswer>, Arc<Keys>),
}

/// The intention of a refund, as its gateway takes it.
pub(in super::super) fn intent<'a>(
    order: &'a Order,
    channel: &'static Channel,
    draft: &'a RefundDraft,
) -> RefundIntent<'a> {
    let currency = order.amount().currency;
    RefundIntent {
        refund_no: &draft.refund_no,
        order: subject(&order.draft, channel, order.gateway_no.as_deref()),
        paid: Money { minor: order.payment.as_ref().map_or(0, |payment| payment.minor), currency },
        amount: Money { minor: draft.amount_minor, currency },
        reason: &draft.reason,
        items: &draft.items,
    }
}

/// Builds the call that sends a refund, or the one that asks for it.
async fn built(
    till: &Inner,
    party: &Party,
    about: (&Order, &'static Channel, &RefundDraft),
    asks: bool,
) -> Result<(HttpCall, Arc<Keys>), Refusal> {
    let keys = till.keys_or_refusal(party).await?;
    let nonce = number::nonce(till.random()?);
    let dealing = party.dealing(&keys, &nonce, till.gateway_seconds(&party.account.id));
    let (order, channel, draft) = about;
    let intent = intent(order, channel, draft);
    let call = match party.gateway.refunding() {
        Some(refunding) if asks => refunding.query_refund(dealing, &intent.subject()),
        Some(refunding) => refunding.refund(dealing, &intent),
        None => Err(Unbuildable::BadValue("refund")),
    };
    let call = call.map_err(|unbuildable| Refusal::from(unbuildable).with("name", &party.account.name))?;
    Ok((call, keys))
}

impl Inner {
    /// Whether a refund can be built as it is meant: nothing is sent.
    pub(in super::super) async fn try_refund(
        &self,
        party: &Party,
        about: (&Order, &'static Channel, &RefundDraft),
    ) -> Result<(), Refusal> {
        built(self, party, about, false).await.map(drop)
    }
}

impl Life {
    /// Whether this order's refunds still want something when it begins: one that was under way when the till stopped.
    pub(super) fn has_refund_in_flight(&self) -> bool {
        self.order.refunds.iter().any(|refund| refund.state == RefundState::Sent)
    }

    /// Somebody wants to know now: refunds that have not ended are asked for at once, as far as their gateway has patience.
    pub(super) fn hurry_refunds(&mut self) {
        for memory in self.asking.refunds.values_mut() {
            memory.last_sent = None;
        }
    }

    /// The same of one refund for somebody who waits for its answer; not where there is none to wait for: it is not in the dark, or
    /// the gateway asked for patience, or what was learned is not stored yet.
    pub(super) fn wants_to_know_of_a_refund(&mut self, refund_no: String, done: oneshot::Sender<()>) {
        let now = self.till.seams.clock.now();
        let in_the_dark = self.order.refund(&refund_no).is_some_and(|refund| refund.state == RefundState::Unknown);
        let memory = self.asking.refund(&refund_no);
        if !in_the_dark || !self.unsaved.is_empty() || memory.not_before.is_some_and(|patience| patience > now.boot) {
            let _gone = done.send(());
            return;
        }
        memory.last_sent = None;
        self.refunds_asked_for.push((refund_no, done));
    }

    /// The question about a refund is over, or could not be put, and what came of it can be seen.
    fn tell_askers_of(&mut self, refund_no: &str) {
        self.tell_askers_where(|no, _| no == refund_no);
    }

    /// Whoever waits for an answer about a refund that has left the dark otherwise, by a notice or as somebody else sent it again,
    /// would wait for a question that nobody asks any more.
    pub(super) fn tell_askers_of_the_settled(&mut self) {
        self.tell_askers_where(|no, order| order.refund(no).is_none_or(|refund| refund.state != RefundState::Unknown));
    }

    pub(super) fn tell_all_askers_of_refunds(&mut self) {
        self.tell_askers_where(|_, _| true);
    }

    fn tell_askers_where(&mut self, over: impl Fn(&str, &Order) -> bool) {
        let asked = std::mem::take(&mut self.refunds_asked_for);
        let (over, waiting) = asked.into_iter().partition(|(no, _)| over(no, &self.order));
        self.refunds_asked_for = waiting;
        let mut over: Vec<_> = over.into_iter().map(|(_, done): (String, _)| done).collect();
        if !over.is_empty() {
            self.publish();
            tell_all(&mut over);
        }
    }

    /// Sends or asks for the refund whose turn it is.
    pub(super) fn about_a_refund(&mut self, now: Moment) {
        let Some((refund, due)) = next_refund(&self.order, &self.asking, now) else { return };
        let draft = refund.draft.clone();
        let asks = due.step == Step::AskRefund;
        if asks {
            self.asking.refund(&draft.refund_no).sent(now);
        }
        self.in_flight = Some(self.refund_call(draft, asks));
    }

    fn refund_call(&self, draft: RefundDraft, asks: bool) -> BoxFuture<'static, Outcome> {
        let (till, party, channel) = (Arc::clone(&self.till), self.party.clone(), self.channel);
        let (order, awaited) = (self.order.clone(), self.awaited.subscribe());
        Box::pin(async move {
            let outcome = match built(&till, &party, (&order, channel, &draft), asks).await {
                Ok((call, keys)) if asks => {
                    let _place = enter(&till, &party, order.no(), Rank::Open, awaited).await;
                    let asked = till.seams.clock.now();
                    RefundOutcome::Asked(asked, till.send_to_gateway(&party.account.id, call).await, keys)
                }
                Ok((call, keys)) => RefundOutcome::Prepared(call, keys),
                Err(refusal) => RefundOutcome::HeldUp(refusal),
            };
            Outcome::Refund(draft.refund_no, outcome)
        })
    }

    pub(super) async fn refund_arrived(&mut self, refund_no: String, outcome: RefundOutcome, now: Moment) {
        match outcome {
            RefundOutcome::HeldUp(refusal) => {
                let keyring = KEYRING_CODES.contains(&refusal.code);
                self.till.notice(refusal);
                self.trouble = Some(if keyring { Trouble::Keyring } else { Trouble::NotBuilt });
                self.met_about(&refund_no);
                self.held_up(&refund_no, now);
                self.settle().await;
                self.tell_askers_of(&refund_no);
            }
            RefundOutcome::Prepared(call, keys) => self.send_refund(refund_no, call, keys, now).await,
            RefundOutcome::Sent(asked, result, keys) => self.refund_sent(refund_no, asked, result, &keys, now).await,
            RefundOutcome::Asked(asked, result, keys) => {
                self.refund_asked(&refund_no, asked, result, &keys, now).await;
                self.settle().await;
                self.tell_askers_of(&refund_no);
            }
        }
    }

    /// It waits, perhaps for hours: until it can leave, the money may go back elsewhere, and the payment is looked at first.
    fn held_up(&mut self, refund_no: &str, now: Moment) {
        self.asking.refund(refund_no).held_up(now);
        self.asking.look_before_refunds = true;
    }

    /// The first byte leaves after its sending is durable, and only then.
    async fn send_refund(&mut self, refund_no: String, call: HttpCall, keys: Arc<Keys>, now: Moment) {
        let command = Command::SendRefund(refund_no.clone());
        let given = Given { command, actor: Actor::Engine, raw: None };
        if let Err(fault) = self.commit(&given).await {
            self.till.notice(fault_of_storage(&fault));
            self.held_up(&refund_no, now);
            return;
        }
        let leaves = self.order.refund(&refund_no).is_some_and(|refund| refund.state == RefundState::Sent);
        if leaves {
            self.asking.refund(&refund_no).leaves();
            self.refund_troubles.remove(&refund_no);
            let (till, account_id) = (Arc::clone(&self.till), self.party.account.id.clone());
            self.in_flight = Some(Box::pin(async move {
                let _place = till.gate(&account_id).enter(Rank::OnScreen, till.seams.clock.as_ref()).await;
                let asked = till.seams.clock.now();
                let result = till.send_to_gateway(&account_id, call).await;
                Outcome::Refund(refund_no, RefundOutcome::Sent(asked, result, keys))
            }));
        }
    }

    async fn refund_sent(
        &mut self,
        refund_no: String,
        asked: Moment,
        result: Result<HttpAnswer, NoAnswer>,
        keys: &Keys,
        now: Moment,
    ) {
        let answer = match result {
            Ok(answer) => answer,
            Err(no_answer) => {
                self.unanswered(no_answer, asked, now);
                self.met_about(&refund_no);
                let command = Command::RefundUnanswered(refund_no, no_answer);
                return self.apply(Given { command, actor: Actor::Engine, raw: None }).await;
            }
        };
        let read = match (self.party.gateway.refunding(), self.order.refund(&refund_no)) {
            (Some(refunding), Some(refund)) => {
                let intent = intent(&self.order, self.channel, &refund.draft);
                refunding.read_refund(self.reading(keys), &intent, &answer)
            }
            (None, _) | (_, None) => Read::Unreadable(Unreadable::NoState),
        };
        let (read, raw, hex) = self.quoted(read, &answer.body);
        self.refund_read(&read, &answer, asked, now);
        match &read {
            Read::Unreadable(_) => self.met_about(&refund_no),
            Read::Means(report) => {
                let lacks = report.shortcoming().map(|why| (refund_no.clone(), Trouble::Unreadable(why)));
                self.refund_troubles.extend(lacks);
            }
            // An error is kept with the refund itself.
            Read::Says(_) => {}
        }
        self.asking.refund(&refund_no).patient(answer.retry_after, now);
        let command = Command::RefundAnswered(refund_no, read, Evidence { asked, raw: Some(hex) });
        self.apply(Given { command, actor: Actor::Gateway, raw: Some(raw) }).await;
    }

    async fn refund_asked(
        &mut self,
        refund_no: &str,
        asked: Moment,
        result: Result<HttpAnswer, NoAnswer>,
        keys: &Keys,
        now: Moment,
    ) {
        let memory = self.asking.refund(refund_no);
        memory.last_sent = Some(asked);
        let answer = match result {
            Ok(answer) => answer,
            Err(no_answer) => {
                memory.unverified(false, asked, None, now);
                self.unanswered(no_answer, asked, now);
                return self.met_about(refund_no);
            }
        };
        let read = match (self.party.gateway.refunding(), self.order.refund(refund_no)) {
            (Some(refunding), Some(refund)) => {
                let intent = intent(&self.order, self.channel, &refund.draft);
                refunding.read_query_refund(self.reading(keys), &intent.subject(), &answer)
            }
            (None, _) | (_, None) => Read::Unreadable(Unreadable::NoState),
        };
        let (read, raw, hex) = self.quoted(read, &answer.body);
        self.refund_read(&read, &answer, asked, now);
        self.met_about(refund_no);
        match read {
            Read::Means(report) => {
                let shortcoming = report.shortcoming();
                let memory = self.asking.refund(refund_no);
                memory.verified(shortcoming.is_none(), now);
                if let Some(why) = shortcoming {
                    memory.unusable();
                    self.refund_troubles.insert(refund_no.to_owned(), Trouble::Unreadable(why));
                }
                let offer = self.terms.refunds.as_ref();
                let until = may_be_carried_out_until(&self.order, offer, refund_no, &report, asked);
                let memory = self.asking.refund(refund_no);
                memory.may_succeed_until = until;
                memory.not_arrived = until.map(|_| asked);
                let command = Command::RefundReport(refund_no.to_owned(), report, Evidence { asked, raw: Some(hex) });
                self.apply(Given { command, actor: Actor::Gateway, raw: Some(raw) }).await;
            }
            Read::Says(said) => {
                let again = lets_send_again(self.terms.refunds.as_ref(), &said);
                let memory = self.asking.refund(refund_no);
                memory.unusable = 0;
                memory.unverified(again, asked, answer.retry_after, now);
            }
            Read::Unreadable(_) => {
                let memory = self.asking.refund(refund_no);
                memory.unusable();
                memory.unverified(false, asked, answer.retry_after, now);
            }
        }
    }

    /// What kept the sending of a refund, or the question about it, that is just over from being answered well, if anything did.
    fn met_about(&mut self, refund_no: &str) {
        match self.trouble.clone() {
            Some(trouble) => self.refund_troubles.insert(refund_no.to_owned(), trouble),
            None => self.refund_troubles.remove(refund_no),
        };
    }

    /// What an answer about a refund says of the gateway itself.
    fn refund_read<T>(&mut self, read: &Read<T>, answer: &HttpAnswer, asked: Moment, now: Moment) {
        self.till.learn_skew(&self.party, read, answer, asked, now);
        match read {
            Read::Means(_) => {
                self.trouble = None;
                self.till.heard(&self.party.account.id, asked, now);
            }
            Read::Says(said) => self.meet(Trouble::Said(said.clone()), asked, now),
            Read::Unreadable(why) => self.meet(Trouble::Unreadable(why.clone()), asked, now),
        }
    }
}
