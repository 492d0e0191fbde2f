//! Between till and gateway: what is lost, late, cut off or forged; and the requests that are under way.

use super::gateway::Deed;
use super::wire::{self, Dress, Fault, Kind, Reply, Request, tail};
use super::world::{H, MIN, MS, S, Stage, World};
use async_trait::async_trait;
use std::collections::{BTreeMap, VecDeque};
use till_core::gateway::call::{HttpAnswer, HttpCall, NoAnswer};
use till_engine::transport::Transport;

/// How bad the network is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Weather {
    /// One message in thirty has something.
    #[default]
    Fair,
    /// One in four.
    Rain,
    /// Two in three.
    Storm,
    /// Nothing gets through.
    Outage,
}

/// What happens at a time, whether a till runs or not.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Happening {
    /// A request reaches the gateway.
    Arrival(u64),
    /// It reaches the gateway once more: somebody on the way has sent it twice.
    Copy(u64),
    /// Somebody does something about an order.
    Deed(String, Deed),
    /// A refund is done, or comes to nothing.
    Return(String, bool),
}

/// A request under way.
struct UnderWay {
    request: Request,
    order_no: String,
    run: u32,
    reply: Option<Reply>,
    arrives: bool,
}

/// What becomes of a message, decided when it leaves.
struct Fate {
    /// Microseconds until the request arrives; none: never.
    arrives: Option<i64>,
    /// Microseconds until the till has its result.
    result: i64,
    /// The answer's dress; or why there is none.
    dress: Result<Dress, NoAnswer>,
}

impl Fate {
    /// What it is counted as; `None`: it goes as it should.
    fn what_is_wrong(&self) -> Option<&'static str> {
        match (self.arrives, &self.dress) {
            (None, Err(_)) => Some("dropped"),
            // The till has given up, and asks: what it sent before arrives behind that.
            (Some(arrives), Err(_)) if arrives >= self.result => Some("overtaken"),
            (Some(_), Err(_)) => Some("answers lost"),
            (_, Ok(Dress::Status(..))) => Some("refused by a server"),
            (_, Ok(Dress::Plain)) => (self.result > S).then_some("delayed"),
            (_, Ok(_)) => Some("garbled"),
        }
    }
}

/// The network.
#[derive(Default)]
pub struct Network {
    agenda: BTreeMap<(i64, u64), Happening>,
    planned: u64,
    sent: u64,
    under_way: BTreeMap<u64, UnderWay>,
    /// Requests that will reach the gateway once more.
    copies: BTreeMap<u64, Request>,
    /// The weather, and until when.
    pub weather: Weather,
    /// World time.
    pub until: i64,
    departures: BTreeMap<String, VecDeque<i64>>,
    /// Until when a merchant's requests may have had to queue for a place.
    crowded: BTreeMap<String, i64>,
    /// Requests so far, by what they ask for.
    pub counts: BTreeMap<&'static str, u64>,
}

/// How long a till waits for an answer.
const PATIENCE: i64 = 20 * S;

impl Network {
    /// Plans a happening.
    pub fn plan(&mut self, at: i64, happening: Happening) {
        self.planned += 1;
        self.agenda.insert((at, self.planned), happening);
    }

    /// The next happening, if it is due.
    pub fn next_due(&mut self, now: i64) -> Option<(i64, Happening)> {
        let entry = self.agenda.first_entry()?;
        (entry.key().0 <= now).then(|| (entry.key().0, entry.get().clone())).inspect(|_| {
            self.agenda.pop_first();
        })
    }

    /// Another run: nothing is in flight for it.
    pub fn new_run(&mut self) {
        self.under_way.retain(|_, way| way.arrives && way.reply.is_none());
        self.departures.clear();
    }

    /// Whether requests have to queue, so that their pauses say little.
    #[must_use]
    pub fn busy(&self, merchant: &str, now: i64) -> bool {
        self.departures.get(merchant).is_some_and(|left| left.iter().filter(|at| now - **at < S).count() > 8)
            || self.crowded.get(merchant).is_some_and(|until| now < *until)
    }

    fn in_flight(&self, run: u32, what: impl Fn(&UnderWay) -> bool) -> usize {
        self.under_way.values().filter(|way| way.run == run && what(way)).count()
    }
}

impl World {
    /// A notification was answered.
    pub fn notified(&mut self, accepted: bool) {
        let what = if accepted { "notifications accepted" } else { "notifications refused" };
        *self.network.counts.entry(what).or_default() += 1;
    }

    /// Something happens.
    pub fn happens(&mut self, happening: Happening) {
        match happening {
            Happening::Deed(order_no, deed) => self.deed(&order_no, deed),
            Happening::Return(refund_no, done) => self.decided(&refund_no, done),
            Happening::Arrival(id) => {
                let Some(way) = self.network.under_way.get(&id) else { return };
                let request = way.request.clone();
                let reply = wire::answer(self, &request);
                match self.network.under_way.get_mut(&id) {
                    Some(way) if way.run != 0 => way.reply = Some(reply),
                    Some(_) | None => {
                        self.network.under_way.remove(&id);
                    }
                }
            }
            Happening::Copy(id) => {
                let Some(request) = self.network.copies.remove(&id) else { return };
                self.tell(format_args!("the network says {} {} twice", request.kind.word(), tail(&request.order_no)));
                let reply = wire::answer(self, &request);
                // Whoever sent it twice hands on the last answer.
                if let Some(way) = self.network.under_way.get_mut(&id).filter(|way| way.run != 0) {
                    way.reply = Some(reply);
                }
            }
        }
    }

    fn weather(&self) -> Weather {
        if self.fair {
            Weather::Fair
        } else if self.now < self.network.until {
            self.network.weather
        } else {
            Weather::Fair
        }
    }

    fn fate(&mut self) -> Fate {
        let weather = self.weather();
        let fair = self.fair;
        let chance = &mut self.chance;
        let there = chance.between(10 * MS, 120 * MS);
        let back = chance.between(10 * MS, 120 * MS);
        let fine = Fate { arrives: Some(there), result: there + back, dress: Ok(Dress::Plain) };
        let trouble = match weather {
            _ if fair => 0,
            Weather::Fair => 33,
            Weather::Rain => 250,
            Weather::Storm => 650,
            Weather::Outage => 1_000,
        };
        if !chance.permille(trouble) {
            return fine;
        }
        let gone = |result| Fate { arrives: None, result, dress: Err(NoAnswer::Unreachable) };
        if weather == Weather::Outage {
            return if chance.permille(900) {
                gone(chance.between(MS, 5 * S))
            } else {
                Fate { arrives: None, result: PATIENCE, dress: Err(NoAnswer::TimedOut) }
            };
        }
        match chance.below(20) {
            0 => gone(chance.between(MS, 5 * S)),
            1 => Fate { arrives: None, result: PATIENCE, dress: Err(NoAnswer::TimedOut) },
            2 => Fate { arrives: Some(there), result: there + back, dress: Err(NoAnswer::Unreachable) },
            3 => Fate { arrives: Some(there), result: PATIENCE, dress: Err(NoAnswer::TimedOut) },
            4 => {
                // Kept somewhere on the way, delivered long after the till has given up.
                let late = if chance.permille(50) { chance.between(MIN, H) } else { chance.between(PATIENCE, MIN) };
                Fate { arrives: Some(late), result: PATIENCE, dress: Err(NoAnswer::TimedOut) }
            }
            5 | 6 => {
                let slow = chance.between(S, 12 * S);
                Fate { arrives: Some(there + slow / 2), result: there + slow, dress: Ok(Dress::Plain) }
            }
            7 => Fate { arrives: Some(there), result: there + chance.between(S, 18 * S), dress: Ok(Dress::Plain) },
            _ => {
                let dress = wire::some_dress(chance);
                let arrives = dress.reaches_the_gateway().then_some(there);
                Fate { arrives, result: there + back, dress: Ok(dress) }
            }
        }
    }

    /// A request leaves the till.
    fn depart(&mut self, call: &HttpCall) -> Option<(u64, i64, Result<Dress, NoAnswer>)> {
        let run = self.run.number;
        let Some(request) = Request::read(self, call) else {
            self.fail("request", format!("not a request that the gateway knows: {}", call.url));
            return None;
        };
        let (order_no, merchant) = (request.order_no.clone(), request.merchant.clone());
        *self.network.counts.entry(request.kind.word()).or_insert(0) += 1;
        let looking = [&request.named, &order_no].map(|no| self.book.looking.get(no).copied().unwrap_or(0));
        let looking = looking[0] + looking[1];
        if self.network.in_flight(run, |way| way.order_no == order_no) > usize::try_from(looking).unwrap() {
            self.fail("one in flight", order_no.clone());
        }
        let now = self.now;
        match self.network.in_flight(run, |way| way.request.merchant == merchant) {
            0..=6 => {}
            7 => {
                self.network.crowded.insert(merchant.clone(), now + MIN);
            }
            _ => self.fail("eight in flight", merchant.clone()),
        }
        let left = self.network.departures.entry(merchant.clone()).or_default();
        // A hundredth for the timers' whole milliseconds.
        while left.front().is_some_and(|at| now - at >= S - 10 * MS) {
            left.pop_front();
        }
        left.push_back(now);
        let left_now = left.len();
        if left_now > 8 {
            let until = self.network.crowded.entry(merchant.clone()).or_insert(0);
            *until = (*until).max(now + 10 * S);
        }
        if left_now > 20 {
            self.fail("twenty a second", format!("{left_now} of {merchant}"));
        }
        super::book::leaves(self, &request, &call.body);
        let mut fate = self.fate();
        if request.kind == Kind::Reverse && !self.fair && self.chance.permille(250) {
            // Kept on its way, while the customer pays: a question finds the payment which it will take back.
            let longest = if self.chance.permille(300) { H } else { 2 * MIN };
            let late = self.chance.between(PATIENCE + 5 * S, longest);
            let paid = self.chance.between(S, PATIENCE);
            self.later(paid, &order_no, Deed::Pay);
            fate = Fate { arrives: Some(late), result: PATIENCE, dress: Err(NoAnswer::TimedOut) };
        }
        if let Some(what) = fate.what_is_wrong() {
            *self.network.counts.entry(what).or_default() += 1;
        }
        self.network.sent += 1;
        let id = self.network.sent;
        self.tell(format_args!(
            "till -> {} {}{}",
            request.kind.word(),
            tail(&order_no),
            if fate.arrives.is_none() { " (never arrives)" } else { "" }
        ));
        if let Some(arrives) = fate.arrives
            && !self.fair
            && self.doubles.permille(20)
        {
            let again = arrives + self.doubles.between(MS, 5 * S);
            *self.network.counts.entry("doubled").or_default() += 1;
            self.network.copies.insert(id, request.clone());
            self.network.plan(now + again, Happening::Copy(id));
        }
        let way = UnderWay { request, order_no, run, reply: None, arrives: fate.arrives.is_some() };
        self.network.under_way.insert(id, way);
        if let Some(after) = fate.arrives {
            self.network.plan(now + after, Happening::Arrival(id));
        }
        Some((id, now + fate.result, fate.dress))
    }

    fn deliver(&mut self, id: u64, dress: Result<Dress, NoAnswer>) -> Result<HttpAnswer, NoAnswer> {
        let way = self.network.under_way.get(&id);
        let (request, reply) = match way {
            Some(way) => (way.request.clone(), way.reply.clone()),
            None => return Err(NoAnswer::Unreachable),
        };
        let word = request.kind.word();
        let tail = tail(&request.order_no).to_owned();
        let dress = match dress {
            // An honest gateway that knows an order says "no such order" for a while at most.
            Ok(Dress::Fault(Fault::NoSuchOrder)) if self.now > self.book.known_for_sure(&request.order_no) => {
                Dress::Status(500, true)
            }
            Ok(dress) => dress,
            Err(no_answer) => {
                self.tell(format_args!("till <- {word} {tail}: {no_answer:?}"));
                return Err(no_answer);
            }
        };
        let (answer, proofs) = wire::dressed(self, &request, reply, dress);
        self.tell(format_args!("till <- {word} {tail}: {proofs:?} {dress:?}"));
        super::book::heard(self, &request, &answer, &proofs);
        Ok(answer)
    }
}

/// The transport seam.
pub struct SimTransport(pub Stage);

/// A request in flight; when the till lets go of it, it is not in flight any more.
struct Flight(Stage, u64);

impl Drop for Flight {
    fn drop(&mut self) {
        let mut world = self.0.still();
        let gone = world.network.under_way.get_mut(&self.1).is_none_or(|way| {
            // It may still arrive; it is nobody's any more.
            way.run = 0;
            way.reply.is_some() || !way.arrives
        });
        if gone {
            world.network.under_way.remove(&self.1);
        }
    }
}

#[async_trait]
impl Transport for SimTransport {
    fn may_reach(&self, _url: &str) -> bool {
        true
    }

    /// Nothing but gateways is in this world.
    async fn get(&self, _url: &str) -> Result<HttpAnswer, NoAnswer> {
        Err(NoAnswer::Unreachable)
    }

    async fn send(&self, call: HttpCall) -> Result<HttpAnswer, NoAnswer> {
        self.0.effect("before a request").await;
        let departed = self.0.now().depart(&call);
        let Some((id, result, dress)) = departed else { return std::future::pending().await };
        let _flight = Flight(self.0.clone(), id);
        self.0.effect("after a request").await;
        self.0.until(result).await;
        self.0.effect("before an answer").await;
        self.0.now().deliver(id, dress)
    }
}
