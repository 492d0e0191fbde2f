//! One order's task: it decides, commits, and only then acts. One request in flight, everything else waits its turn.

use super::commit::OrderNews;
use super::dealing::{Party, intent, subject};
use super::gate::Place;
use super::{Inner, News, fault_of_storage, row};
use crate::keyring::KeyringFault;
use crate::storage::StorageFault;
use crate::view::Trouble;
use data_encoding::HEXLOWER;
use futures_util::future::BoxFuture;
use sha2::{Digest, Sha256};
use std::collections::VecDeque;
use std::collections::btree_map::Entry;
use std::sync::Arc;
use till_core::account::Keys;
use till_core::error::{Code, Refusal};
use till_core::gateway::call::{HttpAnswer, HttpCall, NoAnswer};
use till_core::gateway::descriptor::Channel;
use till_core::gateway::reaction::{Reaction, Said};
use till_core::gateway::{Read, Unbuildable};
use till_core::journal;
use till_core::order::asking::{Asking, Terms};
use till_core::order::decide::{Command, Evidence, decide};
use till_core::order::due::{Due, Step, next_due};
use till_core::order::event::{CloseWhy, OrderEvent};
use till_core::order::evolve::evolve;
use till_core::order::{Order, State};
use till_core::rights::Actor;
use till_core::time::{Moment, SECOND};
use tokio::sync::{mpsc, oneshot};

/// A pause before something that could not be stored is tried again.
const STORE_AGAIN: i64 = SECOND;

/// What an order's task is told.
pub(super) enum Message {
    /// Ask now; answered when the question is over.
    Ask(oneshot::Sender<()>),
    /// Take the code off and close; answered when that is committed, or could not be.
    Close(CloseWhy, Actor, oneshot::Sender<Result<(), Refusal>>),
    /// Answered when the create is over.
    Created(oneshot::Sender<()>),
    /// Another order of the sale is paid.
    DoublePayment,
}

/// The newest picture of an order, for whoever looks.
#[derive(Debug, Clone)]
pub(super) struct Published {
    pub(super) seq: u64,
    pub(super) order: Order,
    pub(super) asking: Asking,
    pub(super) terms: Terms,
    pub(super) next: Option<Due>,
    pub(super) in_flight: bool,
    pub(super) trouble: Option<Trouble>,
    pub(super) said: Option<Said>,
    pub(super) channel: &'static Channel,
    pub(super) offset_minutes: i16,
}

/// What came of a request.
enum Outcome {
    Created(Moment, Result<HttpAnswer, NoAnswer>, Arc<Keys>),
    Asked(Moment, Result<HttpAnswer, NoAnswer>, Arc<Keys>),
    Closed(Moment, Result<HttpAnswer, NoAnswer>, Arc<Keys>),
    NoKeys(KeyringFault),
    NotBuilt(Unbuildable),
}

/// A command and who gives it, with the raw answer it rests on.
#[derive(Clone)]
struct Given {
    command: Command,
    actor: Actor,
    raw: Option<Vec<u8>>,
}

/// An order's task.
pub(super) struct Life {
    till: Arc<Inner>,
    party: Party,
    channel: &'static Channel,
    order: Order,
    day: String,
    asking: Asking,
    terms: Terms,
    inbox: mpsc::UnboundedReceiver<Message>,
    in_flight: Option<BoxFuture<'static, Outcome>>,
    unsaved: VecDeque<Given>,
    asked_for: Vec<oneshot::Sender<()>>,
    created_for: Vec<oneshot::Sender<()>>,
    trouble: Option<Trouble>,
    said: Option<Said>,
}

impl Life {
    /// Starts the task of `order`. `create` is the call that its committed intention allows to send, once.
    pub(super) fn start(
        till: &Arc<Inner>,
        party: Party,
        channel: &'static Channel,
        order: Order,
        day: String,
        create: Option<(HttpCall, Arc<Keys>)>,
    ) {
        let (sender, inbox) = mpsc::unbounded_channel();
        let terms = Terms::of(party.gateway.descriptor(), &party.account, channel.presented);
        let wanted = create.is_none();
        let mut life = Self {
            till: Arc::clone(till),
            party,
            channel,
            order,
            day,
            asking: Asking { wanted, ..Asking::default() },
            terms,
            inbox,
            in_flight: None,
            unsaved: VecDeque::new(),
            asked_for: Vec::new(),
            created_for: Vec::new(),
            trouble: None,
            said: None,
        };
        if let Some((call, keys)) = create {
            life.in_flight = Some(life.request(call, keys, true, Outcome::Created));
        } else if matches!(life.order.state, State::Drafted | State::Creating) {
            life.unsaved.push_back(Given { command: Command::Stopped, actor: Actor::Engine, raw: None });
        }
        if life.enrol(sender) {
            tokio::spawn(life.run());
        }
    }

    /// Takes its place among the live orders. False where the order has its task already.
    fn enrol(&self, inbox: mpsc::UnboundedSender<Message>) -> bool {
        let published = Arc::new(self.picture(self.till.seams.clock.now()));
        match self.till.live.lock().entry(self.order.no().to_owned()) {
            Entry::Occupied(_) => false,
            Entry::Vacant(place) => {
                place.insert(super::Live { inbox, published });
                true
            }
        }
    }

    async fn run(mut self) {
        self.publish();
        loop {
            self.save_the_unsaved().await;
            let now = self.till.seams.clock.now();
            let due = self.due(now);
            if let Some(due) = due
                && due.at <= now.boot
            {
                self.perform(due.step, now).await;
                self.publish();
                continue;
            }
            let idle = due.is_none() && self.in_flight.is_none() && self.unsaved.is_empty();
            if idle && self.order.state.has_ended() && self.retire() {
                return;
            }
            let wake = if self.unsaved.is_empty() { due.map(|due| due.at) } else { Some(now.plus(STORE_AGAIN).boot) };
            let clock = Arc::clone(&self.till.seams.clock);
            tokio::select! {
                biased;
                message = self.inbox.recv() => match message {
                    Some(message) => self.receive(message).await,
                    None => return,
                },
                outcome = flight(&mut self.in_flight) => {
                    self.in_flight = None;
                    self.arrived(outcome).await;
                }
                () = sleep(clock.as_ref(), wake) => {}
            }
            self.publish();
        }
    }

    fn due(&self, now: Moment) -> Option<Due> {
        if self.in_flight.is_some() || !self.unsaved.is_empty() {
            return None;
        }
        next_due(&self.order, &self.asking, &self.terms, now)
    }

    async fn receive(&mut self, message: Message) {
        match message {
            Message::Ask(done) => {
                self.asking.wanted = true;
                self.asking.not_before = None;
                self.asked_for.push(done);
            }
            Message::Created(done) => {
                if self.order.state == State::Creating {
                    self.created_for.push(done);
                } else {
                    let _gone = done.send(());
                }
            }
            Message::Close(why, actor, done) => {
                let given = Given { command: Command::Close(why), actor, raw: None };
                let result = self.commit(&given).await.map_err(|fault| fault_of_storage(&fault));
                self.publish();
                // Whoever asked may have gone; the close goes on.
                let _gone = done.send(result);
            }
            Message::DoublePayment => {
                self.apply(Given { command: Command::DoublePayment, actor: Actor::Engine, raw: None }).await;
            }
        }
    }

    async fn perform(&mut self, step: Step, now: Moment) {
        match step {
            Step::SendCreate => {
                // The create belongs to the moment of the sale: a draft that was found later is asked for instead.
                self.apply(Given { command: Command::Stopped, actor: Actor::Engine, raw: None }).await;
            }
            Step::Expire => {
                let command = Command::Close(CloseWhy::Expired);
                self.apply(Given { command, actor: Actor::Engine, raw: None }).await;
            }
            Step::Settle => self.settle().await,
            Step::Ask => {
                self.asking.sent(now);
                self.asking.jitter_permille = self.jitter();
                self.in_flight = Some(self.question(false));
            }
            Step::Close => {
                self.asking.closing(now);
                self.in_flight = Some(self.question(true));
            }
        }
    }

    fn jitter(&self) -> u16 {
        let mut bytes = [0; 2];
        match self.till.seams.randomness.fill(&mut bytes) {
            Ok(()) => u16::from_be_bytes(bytes) % 1_001,
            Err(fault) => {
                tracing::warn!(%fault, "no jitter");
                500
            }
        }
    }

    /// A query or a close, from keys to answer.
    fn question(&self, close: bool) -> BoxFuture<'static, Outcome> {
        let till = Arc::clone(&self.till);
        let party = self.party.clone();
        let (draft, channel, gateway_no) = (self.order.draft.clone(), self.channel, self.order.gateway_no.clone());
        let mut random = [0; 16];
        let random = till.seams.randomness.fill(&mut random).map(|()| random);
        Box::pin(async move {
            let keys = match till.keys(&party).await {
                Ok(keys) => keys,
                Err(fault) => return Outcome::NoKeys(fault),
            };
            let nonce = match random {
                Ok(random) => till_core::number::nonce(random),
                Err(fault) => return Outcome::NoKeys(KeyringFault::Failed(fault.to_string())),
            };
            let about = subject(&draft, channel, gateway_no.as_deref());
            let built = match party.gateway.closing() {
                Some(closing) if close => closing.close(party.dealing(&keys, &nonce), &about),
                Some(_) | None => party.gateway.query(party.dealing(&keys, &nonce), &about),
            };
            match built {
                Ok(call) => {
                    let _place = enter(&till, &party, &draft.order_no).await;
                    let asked = till.seams.clock.now();
                    let result = till.seams.transport.send(call).await;
                    if close { Outcome::Closed(asked, result, keys) } else { Outcome::Asked(asked, result, keys) }
                }
                Err(unbuildable) => Outcome::NotBuilt(unbuildable),
            }
        })
    }

    /// Sends a call that is built already.
    fn request(
        &self,
        call: HttpCall,
        keys: Arc<Keys>,
        first: bool,
        outcome: fn(Moment, Result<HttpAnswer, NoAnswer>, Arc<Keys>) -> Outcome,
    ) -> BoxFuture<'static, Outcome> {
        let till = Arc::clone(&self.till);
        let (party, order_no) = (self.party.clone(), self.order.no().to_owned());
        Box::pin(async move {
            let gate = till.gate(&party.account.id);
            let _place = gate.enter(first || till.shows(&order_no), till.seams.clock.as_ref()).await;
            let asked = till.seams.clock.now();
            let result = till.seams.transport.send(call).await;
            outcome(asked, result, keys)
        })
    }

    async fn arrived(&mut self, outcome: Outcome) {
        let now = self.till.seams.clock.now();
        match outcome {
            Outcome::NoKeys(fault) => {
                self.till.notice(super::fault_of_keyring(&fault));
                self.trouble = Some(Trouble::Keyring);
                self.asking.unverified(false, None, now);
                self.tell_askers();
            }
            Outcome::NotBuilt(unbuildable) => {
                self.till.notice(Refusal::from(unbuildable).with("name", &self.party.account.name));
                self.trouble = Some(Trouble::Keyring);
                self.asking.unverified(false, None, now);
                self.tell_askers();
            }
            Outcome::Created(asked, result, keys) => self.created(asked, result, &keys, now).await,
            Outcome::Asked(asked, result, keys) => {
                self.till.withdraw(&[Code::KeyringAbsent, Code::KeyringLocked, Code::KeyringFailed]);
                self.answered(asked, result, &keys, now).await;
                self.settle().await;
                self.tell_askers();
            }
            Outcome::Closed(asked, result, keys) => self.closed(asked, result, &keys, now).await,
        }
    }

    async fn created(&mut self, asked: Moment, result: Result<HttpAnswer, NoAnswer>, keys: &Keys, now: Moment) {
        let given = match result {
            Err(no_answer) => {
                self.meet(trouble_of(no_answer), asked, now);
                Given { command: Command::CreateUnanswered(no_answer), actor: Actor::Engine, raw: None }
            }
            Ok(answer) => {
                self.till.learn_skew(&self.party, &answer, asked, now);
                let intent = intent(&self.order.draft, self.channel, &self.till.till_id);
                let read = self.party.gateway.read_create(self.party.dealing(keys, ""), &intent, &answer);
                match &read {
                    Read::Means(_) => self.till.heard(asked, now),
                    Read::Says(said) => {
                        self.said = Some(said.clone());
                        self.meet(Trouble::Said(said.clone()), asked, now);
                    }
                    Read::Unreadable(why) => self.meet(Trouble::Unreadable(why.clone()), asked, now),
                }
                let (raw, hex) = fingerprint(answer.body);
                let command = Command::CreateAnswered(read, Evidence { asked, raw: Some(hex) });
                Given { command, actor: Actor::Gateway, raw: Some(raw) }
            }
        };
        self.apply(given).await;
        self.publish();
        tell_all(&mut self.created_for);
    }

    async fn answered(&mut self, asked: Moment, result: Result<HttpAnswer, NoAnswer>, keys: &Keys, now: Moment) {
        let answer = match result {
            Ok(answer) => answer,
            Err(no_answer) => {
                self.asking.unverified(false, None, now);
                return self.meet(trouble_of(no_answer), asked, now);
            }
        };
        self.till.learn_skew(&self.party, &answer, asked, now);
        let about = subject(&self.order.draft, self.channel, self.order.gateway_no.as_deref());
        match self.party.gateway.read_query(self.party.dealing(keys, ""), &about, &answer) {
            Read::Means(report) => {
                self.asking.verified(asked, now);
                self.trouble = None;
                self.till.heard(asked, now);
                let (raw, hex) = fingerprint(answer.body);
                let command = Command::Report(report, Evidence { asked, raw: Some(hex) });
                self.apply(Given { command, actor: Actor::Gateway, raw: Some(raw) }).await;
            }
            Read::Says(said) => {
                let none = said.reaction == Reaction::NoSuchOrder;
                self.asking.unverified(none, answer.retry_after, now);
                self.said = Some(said.clone());
                self.meet(Trouble::Said(said), asked, now);
            }
            Read::Unreadable(why) => {
                self.asking.unverified(false, answer.retry_after, now);
                self.meet(Trouble::Unreadable(why), asked, now);
            }
        }
    }

    async fn closed(&mut self, asked: Moment, result: Result<HttpAnswer, NoAnswer>, keys: &Keys, now: Moment) {
        let given = match (result, self.party.gateway.closing()) {
            (Ok(answer), Some(closing)) => {
                let about = subject(&self.order.draft, self.channel, self.order.gateway_no.as_deref());
                let read = closing.read_close(self.party.dealing(keys, ""), &about, &answer);
                if let Read::Says(said) = &read {
                    self.said = Some(said.clone());
                }
                let (raw, hex) = fingerprint(answer.body);
                let command = Command::CloseAnswered(read, Evidence { asked, raw: Some(hex) });
                Given { command, actor: Actor::Gateway, raw: Some(raw) }
            }
            (Err(no_answer), _) => {
                self.meet(trouble_of(no_answer), asked, now);
                Given { command: Command::CloseUnanswered, actor: Actor::Engine, raw: None }
            }
            (Ok(_), None) => Given { command: Command::CloseUnanswered, actor: Actor::Engine, raw: None },
        };
        self.apply(given).await;
    }

    async fn settle(&mut self) {
        self.apply(Given { command: Command::Settle, actor: Actor::Engine, raw: None }).await;
    }

    /// Decides and commits; what cannot be stored is kept and tried again, so that nothing learned is lost.
    async fn apply(&mut self, given: Given) {
        if let Err(fault) = self.commit(&given).await {
            self.till.notice(fault_of_storage(&fault));
            self.unsaved.push_back(given);
        }
    }

    async fn save_the_unsaved(&mut self) {
        while let Some(given) = self.unsaved.front().cloned() {
            if let Err(fault) = self.commit(&given).await {
                self.till.notice(fault_of_storage(&fault));
                return;
            }
            self.unsaved.pop_front();
            self.till.withdraw(&[Code::DiskFull, Code::FolderReadOnly]);
            // What is stored late is shown at once, or a code could stay on screen until the next question.
            self.publish();
        }
    }

    async fn commit(&mut self, given: &Given) -> Result<(), StorageFault> {
        loop {
            let now = self.till.seams.clock.now();
            let events = decide(&self.order, &self.asking, &self.terms, given.command.clone(), now);
            if events.is_empty() {
                return Ok(());
            }
            let mut after = self.order.clone();
            for event in &events {
                if let Some(next) = evolve(Some(after.clone()), event, now) {
                    after = next;
                }
            }
            let news = OrderNews {
                before: Some(&self.order),
                after: &after,
                day: &self.day,
                events: &events,
                actor: &given.actor,
                raw: given.raw.clone(),
            };
            match self.till.commit_order(news, now).await {
                Ok(()) => {
                    let was_paid = self.order.payment.is_some();
                    self.order = after;
                    self.asking.written();
                    self.after(&events, was_paid);
                    return Ok(());
                }
                Err(StorageFault::Moved) => self.read_again().await?,
                Err(fault) => return Err(fault),
            }
        }
    }

    /// What follows from committed events.
    fn after(&mut self, events: &[OrderEvent], was_paid: bool) {
        // Both are followed by a question at once: the last one before a close, and the one that confirms or contradicts.
        let asks =
            |event: &OrderEvent| matches!(event, OrderEvent::CloseRequested { .. } | OrderEvent::SelfContradiction(_));
        if events.iter().any(asks) {
            self.asking.wanted = true;
        }
        if let Some(payment) = self.order.payment.as_ref().filter(|_| !was_paid) {
            self.till.booked(&self.order, payment);
            // Whoever looks at the sale's orders now must see this one as paid.
            self.publish();
            let till = Arc::clone(&self.till);
            let (sale, order_no) = (self.order.draft.sale.clone(), self.order.no().to_owned());
            tokio::spawn(async move { till.look_for_double_payment(&sale, &order_no).await });
        }
    }

    async fn read_again(&mut self) -> Result<(), StorageFault> {
        let events = self.till.seams.storage.stream(&journal::order_subject(self.order.no())).await?;
        let now = self.till.seams.clock.now();
        match row::replay(&events, now) {
            Ok(Some(order)) => {
                self.order = order;
                Ok(())
            }
            Ok(None) => Err(StorageFault::Failed("an order's stream is empty".to_owned())),
            Err(seq) => Err(StorageFault::Unreadable { seq, subject: None, reason: "unknown event".to_owned() }),
        }
    }

    /// The question is over, and what came of it can be seen.
    fn tell_askers(&mut self) {
        self.publish();
        tell_all(&mut self.asked_for);
    }

    fn meet(&mut self, trouble: Trouble, asked: Moment, now: Moment) {
        tracing::info!(order_no = self.order.no(), ?trouble, took_us = now.since(asked), "no verified answer");
        self.trouble = Some(trouble);
        self.till.unheard();
    }

    fn picture(&self, now: Moment) -> Published {
        Published {
            seq: self.till.next_seq(),
            order: self.order.clone(),
            asking: self.asking.clone(),
            terms: self.terms.clone(),
            next: self.due(now),
            in_flight: self.in_flight.is_some(),
            trouble: self.trouble.clone(),
            said: self.said.clone(),
            channel: self.channel,
            offset_minutes: self.till.seams.clock.offset_minutes(self.order.drafted.wall),
        }
    }

    fn publish(&self) {
        let picture = Arc::new(self.picture(self.till.seams.clock.now()));
        let (seq, order_no) = (picture.seq, self.order.no().to_owned());
        if let Some(entry) = self.till.live.lock().get_mut(&order_no) {
            entry.published = picture;
        }
        self.till.recovery.lock().saw(&self.order, &self.asking);
        self.till.tell(News::Order { order_no, seq });
    }

    /// Leaves the list of live orders, unless somebody has just asked for something.
    fn retire(&mut self) -> bool {
        let mut live = self.till.live.lock();
        if !self.inbox.is_empty() {
            return false;
        }
        live.remove(self.order.no());
        true
    }
}

async fn enter(till: &Arc<Inner>, party: &Party, order_no: &str) -> Place {
    till.gate(&party.account.id).enter(till.shows(order_no), till.seams.clock.as_ref()).await
}

/// Tells everybody who waits; whoever has gone does not need to know.
fn tell_all(waiting: &mut Vec<oneshot::Sender<()>>) {
    for done in waiting.drain(..) {
        let _gone = done.send(());
    }
}

async fn flight(in_flight: &mut Option<BoxFuture<'static, Outcome>>) -> Outcome {
    match in_flight {
        Some(request) => request.await,
        None => std::future::pending().await,
    }
}

async fn sleep(clock: &dyn crate::clock::Clock, wake: Option<i64>) {
    match wake {
        Some(boot) => clock.sleep_until(boot).await,
        None => std::future::pending().await,
    }
}

fn trouble_of(no_answer: NoAnswer) -> Trouble {
    match no_answer {
        NoAnswer::TimedOut => Trouble::TimedOut,
        NoAnswer::Untrusted => Trouble::Untrusted,
        NoAnswer::NotSent | NoAnswer::Unreachable | NoAnswer::TooLarge => Trouble::Unreachable,
    }
}

fn fingerprint(body: Vec<u8>) -> (Vec<u8>, String) {
    let hex = HEXLOWER.encode(&Sha256::digest(&body));
    (body, hex)
}
