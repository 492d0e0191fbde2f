//! One order's task: it decides, commits, and only then acts. One request in flight, everything else waits its turn.

mod customers;
mod notified;
mod refunding;
mod request;
mod saving;
mod unsaid;

use self::customers::{Hurries, Wish};
pub(super) use self::request::fingerprint;
use self::request::{Outcome, What};
pub(super) use self::saving::Given;
use super::dealing::Party;
use super::row::Making;
use super::{Inner, News, fault_of_storage};
use crate::till::NotAccepted;
use crate::view::{Came, NotAsked, Trouble};
use futures_util::future::BoxFuture;
use secrecy::SecretString;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use till_core::account::Keys;
use till_core::error::Refusal;
use till_core::gateway::call::HttpCall;
use till_core::gateway::descriptor::{Channel, Presented};
use till_core::gateway::notification::Told;
use till_core::gateway::reaction::Said;
use till_core::gateway::refund::RefundReport;
use till_core::order::asking::{Asking, Terms};
use till_core::order::decide::Command;
use till_core::order::due::{Due, Step, askable, next_due, unconfirmed_since};
use till_core::order::event::CloseWhy;
use till_core::order::refund::RefundState;
use till_core::order::report::TradeReport;
use till_core::order::{Order, State};
use till_core::rights::Actor;
use till_core::time::{MINUTE, Moment, SECOND};
use tokio::sync::{mpsc, oneshot, watch};

/// The first pause before something that could not be stored is tried again; it doubles each time.
const STORE_AGAIN: i64 = SECOND;
/// The longest.
const STORE_AGAIN_AT_MOST: i64 = MINUTE;

/// What an order's task is told.
pub(super) enum Message {
    /// Ask now; answered when the question is over.
    Ask(oneshot::Sender<Met>),
    /// The same for a customer who wanted to know then, however many want to know at once: never while a question is under way or
    /// soon after one, but as soon as that is over, and not about what is paid.
    AskForCustomer(Moment, oneshot::Sender<Met>),
    /// Ask now about a refund whose outcome is not known; answered when that question is over.
    AskRefund(String, oneshot::Sender<()>),
    /// A run before may have ended before its payment was confirmed.
    Confirm,
    /// Decide a command, with the raw answer it rests on; answered when that is committed, or could not be.
    Do(Box<Given>, oneshot::Sender<Result<(), Refusal>>),
    /// A verified notification; answered when its consequence is committed, or could not be.
    Notified(Box<Notice>, oneshot::Sender<Result<(), NotAccepted>>),
    /// A verified notice of a refund; answered like one.
    RefundTold(Box<RefundTold>, oneshot::Sender<Result<(), NotAccepted>>),
    /// The same of a refund that is none of the till's.
    ElsewhereTold(Box<ElsewhereTold>, oneshot::Sender<Result<(), NotAccepted>>),
    /// The order's code is on a screen.
    Painted,
    /// Answered when the create is over.
    Created(oneshot::Sender<()>),
    /// Another order of the sale is paid; answered when that is decided.
    DoublePayment(oneshot::Sender<()>),
    /// The sale's other payments went back; answered when that is decided.
    SinglePayment(oneshot::Sender<()>),
}

/// What a verified notification says, and its body, which is kept like an answer's.
pub(super) struct Notice {
    pub(super) told: Told,
    pub(super) body: Vec<u8>,
    pub(super) about: About,
}

/// What a notification is sent for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum About {
    /// How a payment stands.
    Payment,
    /// The goods are to be handed over.
    Shipping,
}

/// What a verified notice says of a refund of the till's, and its body.
pub(super) struct RefundTold {
    pub(super) refund_no: String,
    pub(super) report: RefundReport,
    pub(super) body: Vec<u8>,
}

/// What a verified notice says of a refund that is none of the till's and by which money is back, and its body.
pub(super) struct ElsewhereTold {
    pub(super) refund_no: String,
    pub(super) amount_minor: i64,
    /// What it says of the payment.
    pub(super) report: TradeReport,
    pub(super) body: Vec<u8>,
}

/// The newest picture of an order, for whoever looks.
#[derive(Debug, Clone)]
pub(super) struct Published {
    pub(super) seq: u64,
    pub(super) order: Arc<Order>,
    pub(super) asking: Asking,
    pub(super) terms: Terms,
    pub(super) next: Option<Due>,
    pub(super) in_flight: bool,
    pub(super) trouble: Option<Trouble>,
    /// What the last question about each refund brought instead of a verified answer.
    pub(super) refund_troubles: BTreeMap<String, Trouble>,
    pub(super) said: Option<Said>,
    pub(super) channel: &'static Channel,
    pub(super) offset_minutes: i16,
}

/// The one create of an order, which leaves when its task begins.
pub(super) struct FirstCall {
    pub(super) call: HttpCall,
    pub(super) keys: Arc<Keys>,
    /// What must not be kept of the answer either, should the gateway repeat it.
    pub(super) payment_code: Option<SecretString>,
}

/// An order's task.
pub(super) struct Life {
    till: Arc<Inner>,
    party: Party,
    channel: &'static Channel,
    /// Shared with its pictures, most of which show the same order.
    order: Arc<Order>,
    made: Making,
    asking: Asking,
    terms: Terms,
    inbox: mpsc::UnboundedReceiver<Message>,
    in_flight: Option<BoxFuture<'static, Outcome>>,
    unsaved: VecDeque<Given>,
    store_again: i64,
    asked_for: Vec<oneshot::Sender<Met>>,
    /// Somebody at the till is among those, and not customers alone.
    a_person_asks: bool,
    /// A person had it closed or reversed in this run.
    ends_for_a_person: bool,
    /// Whether a person waits for what its gateway is asked: a request that waits for its turn looks at it.
    awaited: watch::Sender<bool>,
    wish: Option<Wish>,
    /// Questions that notifications had asked at once.
    hurries: Hurries,
    refunds_asked_for: Vec<(String, oneshot::Sender<()>)>,
    created_for: Vec<oneshot::Sender<()>>,
    trouble: Option<Trouble>,
    refund_troubles: BTreeMap<String, Trouble>,
    said: Option<Said>,
    /// Known in this run only, so that no answer of the gateway brings it into the journal.
    payment_code: Option<SecretString>,
}

/// What came of a question, for whoever waited for it: the task may be over by the time that they look.
#[derive(Clone)]
pub(super) struct Met {
    pub(super) came: Came,
    /// Whether the answer speaks of the order's payment.
    pub(super) of_the_payment: bool,
    /// When the question left; none where none did.
    pub(super) left: Option<Moment>,
}

/// What a question brought.
pub(super) struct Heard {
    came: Came,
    /// Whether the answer speaks of the order's payment.
    of_the_payment: bool,
    /// It is put again at once, and whoever waits is told what comes of that. It was refused while this machine's clock turned out to
    /// be off, or its answer contradicts itself for the first time.
    again: bool,
}

impl Met {
    /// No question left.
    pub(super) fn not_asked(why: NotAsked) -> Self {
        Self { came: Came::NotAsked(why), of_the_payment: false, left: None }
    }

    /// What came of a question that was to leave at `asked`.
    fn of(heard: Heard, asked: Moment) -> Self {
        let Heard { came, of_the_payment, again: _ } = heard;
        let left = (!matches!(came, Came::NotAsked(_))).then_some(asked);
        Self { came, of_the_payment, left }
    }
}

impl Life {
    /// Starts the task of `order`. `create` is the call that its committed intention allows to send, once.
    pub(super) fn start(
        till: &Arc<Inner>,
        party: Party,
        channel: &'static Channel,
        order: Order,
        made: Making,
        create: Option<FirstCall>,
    ) {
        let (sender, inbox) = mpsc::unbounded_channel();
        let terms = Terms::of(party.gateway.descriptor(), &party.account, channel);
        let look_before_refunds = order.refunds.iter().any(|refund| refund.state == RefundState::Requested);
        // A paid order is asked only if somebody wants to know.
        let unsure =
            order.state != State::Paid || order.waits_for_a_verdict(till.seams.clock.now()) || look_before_refunds;
        let wanted = create.is_none() && unsure;
        let mut life = Self {
            till: Arc::clone(till),
            party,
            channel,
            order: Arc::new(order),
            made,
            asking: Asking { wanted, look_before_refunds, ..Asking::default() },
            terms,
            inbox,
            in_flight: None,
            unsaved: VecDeque::new(),
            store_again: STORE_AGAIN,
            asked_for: Vec::new(),
            a_person_asks: false,
            ends_for_a_person: false,
            awaited: watch::Sender::new(false),
            wish: None,
            hurries: Hurries::NONE,
            refunds_asked_for: Vec::new(),
            created_for: Vec::new(),
            trouble: None,
            refund_troubles: BTreeMap::new(),
            said: None,
            payment_code: None,
        };
        if let Some(first) = create {
            life.asking.charged = life.order.draft.presented == Presented::Consumer;
            life.in_flight = Some(life.create(first));
        } else if life.has_refund_in_flight()
            || matches!(life.order.state, State::Drafted | State::Creating | State::Expiring | State::Disputed)
        {
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
            self.tell_askers_of_the_unsaved();
            let now = self.till.seams.clock.now();
            self.heed_customers(now);
            let due = self.due(now);
            if let Some(due) = due
                && due.at <= now.boot
            {
                self.perform(due.step, now).await;
                self.publish();
                continue;
            }
            let idle = due.is_none() && self.in_flight.is_none() && self.unsaved.is_empty() && self.wish.is_none();
            if idle && self.order.state.has_ended() && self.retire() {
                return;
            }
            let awaited = self.is_awaited();
            self.awaited.send_if_modified(|before| std::mem::replace(before, awaited) != awaited);
            let wake = if self.unsaved.is_empty() {
                [due.map(|due| due.at), self.wish_due()].into_iter().flatten().min()
            } else {
                Some(now.plus(self.store_again).boot)
            };
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
                // Nothing has changed yet that anybody could look at.
                () = sleep(clock.as_ref(), wake) => continue,
            }
            self.tell_askers_of_the_settled();
            self.publish();
        }
    }

    /// Whether a person waits for what its gateway is asked: for an answer, an end, money that is to go back, or a payment by a code
    /// that was scanned in this run.
    fn is_awaited(&self) -> bool {
        let asks = self.a_person_asks || !self.refunds_asked_for.is_empty();
        let ends = (self.ends_for_a_person || self.asking.charged) && !self.order.state.has_ended();
        asks || ends || self.order.refunds.iter().any(|refund| refund.state == RefundState::Requested)
    }

    fn due(&self, now: Moment) -> Option<Due> {
        if self.in_flight.is_some() || !self.unsaved.is_empty() {
            return None;
        }
        next_due(&self.order, &self.asking, &self.terms, now)
    }

    async fn receive(&mut self, message: Message) {
        match message {
            Message::Ask(done) => self.wants_to_know(done),
            Message::AskForCustomer(pressed, done) => self.customer_wants_to_know(pressed, done),
            Message::AskRefund(refund_no, done) => self.wants_to_know_of_a_refund(refund_no, done),
            Message::Confirm => {
                self.asking.unconfirmed_since = unconfirmed_since(&self.order, self.till.seams.clock.now());
            }
            Message::Painted => self.asking.painted(self.till.seams.clock.now()),
            Message::Created(done) => {
                if self.order.state == State::Creating {
                    self.created_for.push(done);
                } else {
                    let _gone = done.send(());
                }
            }
            Message::Do(given, done) => {
                // It rests on a verified answer: what was met before is over.
                if matches!(given.command, Command::NameGatewayNo(..) | Command::Report(..)) {
                    self.trouble = None;
                }
                if let Command::Close(CloseWhy::Person) | Command::Reverse(CloseWhy::Person) = given.command {
                    self.ends_for_a_person = true;
                }
                let result = self.commit(&given).await.map_err(|fault| fault_of_storage(&fault));
                self.publish();
                // Whoever asked may have gone; the close goes on.
                let _gone = done.send(result);
            }
            Message::Notified(notice, done) => self.notified(*notice, done).await,
            Message::RefundTold(told, done) => self.refund_told(*told, done).await,
            Message::ElsewhereTold(told, done) => self.elsewhere_told(*told, done).await,
            Message::DoublePayment(done) => self.flag(Command::DoublePayment, done).await,
            Message::SinglePayment(done) => self.flag(Command::SinglePayment, done).await,
        }
    }

    /// A person wants to know: of the order, and of its refunds.
    fn wants_to_know(&mut self, done: oneshot::Sender<Met>) {
        self.hurry_refunds();
        self.a_person_asks |= self.asks_now_for(done);
    }

    /// Whether an answer is waited for.
    fn asks_now_for(&mut self, done: oneshot::Sender<Met>) -> bool {
        self.asking.wanted = true;
        let not_now = self.not_asked_now();
        match not_now {
            Some(why) => drop(done.send(Met::not_asked(why))),
            None => self.asked_for.push(done),
        }
        not_now.is_none()
    }

    /// Why whoever wants to know now has no answer to wait for.
    fn not_asked_now(&self) -> Option<NotAsked> {
        let now = self.till.seams.clock.now();
        if !askable(&self.order, &self.terms) && self.in_flight.is_none() {
            // Nothing will be asked until somebody names the gateway's number.
            Some(NotAsked::NoNumber)
        } else if !self.unsaved.is_empty() {
            // Nothing is asked before what was learned is stored; a notice says why it is not.
            Some(NotAsked::StoresFirst)
        } else if self.asking.not_before.is_some_and(|patience| patience > now.boot) {
            // The gateway asked for patience: whoever waits here would wait that long, too.
            Some(NotAsked::Patience)
        } else {
            None
        }
    }

    async fn flag(&mut self, command: Command, done: oneshot::Sender<()>) {
        self.apply(Given { command, actor: Actor::Engine, raw: None }).await;
        // Whoever looks at the sale next must see it.
        self.publish();
        let _gone = done.send(());
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
            Step::SendRefund | Step::AskRefund => self.about_a_refund(now),
            Step::Ask => {
                self.asking.sent(now);
                self.asking.jitter_permille = self.jitter();
                self.in_flight = Some(self.request(What::Ask));
            }
            Step::Close => {
                self.asking.closing(now);
                self.in_flight = Some(self.request(What::Close));
            }
            Step::SendReverse => {
                self.apply(Given { command: Command::SendReverse, actor: Actor::Engine, raw: None }).await;
            }
            Step::Reverse => {
                self.asking.closing(now);
                self.in_flight = Some(self.request(What::Reverse));
            }
        }
    }

    /// The question is over, and what came of it can be seen.
    fn tell_askers(&mut self, met: &Met) {
        if !self.asked_for.is_empty() {
            self.publish();
            for done in self.asked_for.drain(..) {
                let _gone = done.send(met.clone());
            }
            self.a_person_asks = false;
        }
    }

    /// No question leaves before what was learned is stored: whoever waits for one would wait for the disk.
    fn tell_askers_of_the_unsaved(&mut self) {
        if self.in_flight.is_none() && !self.unsaved.is_empty() {
            self.tell_askers(&Met::not_asked(NotAsked::StoresFirst));
            self.tell_all_askers_of_refunds();
        }
    }

    fn picture(&self, now: Moment) -> Published {
        Published {
            seq: self.till.next_seq(),
            order: Arc::clone(&self.order),
            asking: self.asking.clone(),
            terms: self.terms.clone(),
            next: self.due(now),
            in_flight: self.in_flight.is_some(),
            trouble: self.trouble.clone(),
            refund_troubles: self.refund_troubles.clone(),
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
