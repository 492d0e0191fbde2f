//! The reference model: what the journal may say, from what was sent and heard and from the bytes that were stored.
//! It reads events as plain JSON and knows nothing of how the till decides.

use super::wire::{Kind, Proof, Request};
use super::world::{D, H, MIN, MS, S, World};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use till_core::gateway::call::HttpAnswer;
use till_core::time::Stamp;
use till_engine::storage::Append;
use till_engine::view::LiveOrder;

/// The longest from a decision to its commit: two slow writes.
const SLOWEST: i64 = 2 * S;

/// An order as its events told it, and what was heard about it.
#[derive(Debug, Clone, Default)]
pub struct Told {
    /// Our number.
    pub order_no: String,
    /// The sale.
    pub sale: String,
    /// The account's id and version.
    pub account: (String, u64),
    /// The account's name.
    pub account_name: String,
    /// Fen.
    pub fen: i64,
    /// Seconds.
    pub expire_s: i64,
    /// World time.
    pub drafted: i64,
    /// Run.
    pub drafted_in: u32,
    forward_then: i64,
    settings_then: u32,
    intended: bool,
    /// Creates that left.
    pub creates: u32,
    /// The committed link.
    pub link: Option<String>,
    /// When the code went off, world time.
    pub off: Option<i64>,
    /// The state that the events give.
    pub state: &'static str,
    states: BTreeSet<&'static str>,
    /// It has ended unpaid at some time.
    pub ended: bool,
    /// When, by the wall clock.
    pub ended_wall: i64,
    /// How often the wall clock had been set by then.
    pub settings_at_end: u32,
    /// Ended by the till's own rule.
    pub never_created: bool,
    /// Booked as paid.
    pub paid: bool,
    /// Paid after an end.
    pub late: bool,
    /// The business day of the payment.
    pub paid_day: String,
    /// Attention that stands.
    pub attention: BTreeSet<String>,
    /// Events.
    pub events: u32,
    heard: BTreeMap<Vec<u8>, (Proof, i64)>,
    /// Answers that contradicted.
    pub contradictions: u32,
    /// A verified paid answer was heard, booked or not.
    pub paid_heard: bool,
    /// "Unpaid", committed, to a question that left after the code was taken off.
    confirmed: bool,
    /// When a further order of the sale was last allowed, world time.
    further: Option<i64>,
    run: ThisRun,
}

/// What counts within one run.
#[derive(Debug, Clone, Default)]
struct ThisRun {
    last_query: Option<i64>,
    credit: u32,
    /// The last question was not answered.
    silent: bool,
    /// The question that comes before the first close.
    looked: bool,
    none: Vec<i64>,
}

/// The book.
#[derive(Debug, Default)]
pub struct Book {
    /// Orders by number.
    pub orders: BTreeMap<String, Told>,
    /// Numbers in the order of their drafts.
    pub drafted: Vec<String>,
    accounts: BTreeMap<String, BTreeMap<u64, BTreeMap<String, String>>>,
    /// Creates that reached the gateway after everything.
    pub arrived_after_all: u32,
}

impl Told {
    /// design.md section 4, "A sale may have a further order": (a), (b) and (c) for a code on our screen.
    fn lets_another(&self) -> bool {
        match self.state {
            "closed" | "reversed" => true,
            "create_unknown" | "awaiting_payment" | "paying" | "expiring" => {
                self.link.is_none() || (self.state != "paying" && self.off.is_some() && self.confirmed)
            }
            _ => false,
        }
    }
}

impl Book {
    /// Whether an order's code may be seen by a customer: committed, and not taken off.
    #[must_use]
    pub fn shown(&self, order_no: &str) -> bool {
        self.orders.get(order_no).is_some_and(|told| told.link.is_some() && told.off.is_none())
    }

    /// The world time after which the gateway no longer denies an order that it knows.
    #[must_use]
    pub fn known_for_sure(&self, order_no: &str) -> i64 {
        self.orders.get(order_no).map_or(i64::MAX, |told| told.drafted + told.expire_s * S)
    }

    /// Another run.
    pub fn new_run(&mut self) {
        for told in self.orders.values_mut() {
            told.run = ThisRun { credit: 1, ..ThisRun::default() };
        }
    }

    /// A person asked for a question.
    pub fn person_asked(&mut self, order_no: &str) {
        if let Some(told) = self.orders.get_mut(order_no) {
            // A task that is woken asks once itself.
            told.run.credit += 2;
        }
    }

    fn field(&self, told: &Told, name: &str) -> Option<&str> {
        self.accounts.get(&told.account.0)?.get(&told.account.1)?.get(name).map(String::as_str)
    }

    fn whole(&self, told: &Told, name: &str) -> Option<i64> {
        self.field(told, name)?.parse().ok()
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Something is about to be stored.
pub fn committed(world: &mut World, append: &Append) {
    for event in &append.events {
        let Ok(payload) = serde_json::from_slice::<Value>(&event.payload) else {
            return world.fail("payload", "not JSON".to_owned());
        };
        let body = &payload["event"];
        match text(&payload["subject"]).as_str() {
            "order" => order_event(world, append, body, &event.at),
            "account" => {
                let account = &body["account"];
                let fields = account["fields"].as_object().into_iter().flatten();
                let fields = fields.map(|(name, value)| (name.clone(), text(value))).collect();
                let version = account["version"].as_u64().unwrap_or_default();
                world.book.accounts.entry(text(&account["id"])).or_default().insert(version, fields);
            }
            _ => till_event(world, body),
        }
    }
}

fn till_event(world: &mut World, body: &Value) {
    let kind = text(&body["type"]);
    world.tell(format_args!("journal: till {kind}"));
    if kind == "day_head" {
        let seq = body["seq"].as_u64().unwrap_or_default();
        let place = usize::try_from(seq).unwrap_or_default().wrapping_sub(1);
        let hash = world
            .disk
            .events
            .get(place)
            .map(|event| event.hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
        if hash.as_deref() != body["hash"].as_str() {
            world.fail("day head", format!("{seq} does not have that hash"));
        }
    }
}

fn order_event(world: &mut World, append: &Append, body: &Value, at: &Stamp) {
    let kind = text(&body["type"]);
    let order_no = append.subject.trim_start_matches("order/").to_owned();
    world.tell(format_args!("journal: {} {kind}", &order_no[24..]));
    let now = world.now;
    if kind == "drafted" {
        let told = Told {
            order_no: order_no.clone(),
            sale: text(&body["sale"]),
            account: (text(&body["account_id"]), body["account_version"].as_u64().unwrap_or_default()),
            account_name: text(&body["account"]),
            fen: body["amount"]["minor"].as_i64().unwrap_or_default(),
            expire_s: body["expire_s"].as_i64().unwrap_or_default(),
            // Decided then, stored now.
            drafted: match world.wall() - at.wall {
                passed if (0..SLOWEST).contains(&passed) => now - passed,
                // Somebody set the clock in between.
                _ => now - SLOWEST,
            },
            drafted_in: world.run.number,
            forward_then: match world.wall() - at.wall {
                set if set > SLOWEST => world.set_forward - set,
                _ => world.set_forward,
            },
            // Somebody may have set the clock while it was being stored.
            settings_then: world.settings.saturating_sub(u32::from(!(0..SLOWEST).contains(&(world.wall() - at.wall)))),
            state: "drafted",
            events: 1,
            ..Told::default()
        };
        let too_early =
            |earlier: &&Told| !earlier.lets_another() && earlier.further.is_none_or(|allowed| now - allowed > 3 * S);
        let earlier = world.book.orders.values().filter(|earlier| earlier.sale == told.sale).find(too_early);
        if let Some(earlier) = earlier {
            let detail = format!("{order_no} while {} is {}", earlier.order_no, earlier.state);
            return world.fail("a further order too early", detail);
        }
        if world.book.orders.insert(order_no.clone(), told).is_some() {
            world.fail("drafted twice", order_no.clone());
        }
        world.book.drafted.push(order_no);
        return;
    }
    let Some(told) = world.book.orders.get(&order_no).cloned() else {
        return world.fail("no draft", format!("{kind} of {order_no}"));
    };
    let raw = append.raw.as_ref();
    let heard = raw.and_then(|raw| told.heard.get(raw).copied());
    let proof = heard.map(|(proof, _)| proof);
    if let Some(wrong) = unproven(&kind, body, proof, &told) {
        return world.fail("unproven", format!("{order_no}: {kind} rests on {proof:?}: {wrong}"));
    }
    if kind == "ended" && text(&body["reason"]) == "never_created" {
        never_created(world, &told);
    }
    let allowed_after_paid =
        ["paid", "disputed", "attention_raised", "attention_cleared", "close_answered"].contains(&kind.as_str());
    if told.paid && !allowed_after_paid {
        return world.fail("paid never goes back", format!("{order_no}: {kind} after paid"));
    }
    let was_paid = told.paid;
    let Some(told) = world.book.orders.get_mut(&order_no) else { return };
    if told.lets_another() {
        told.further = Some(now);
    }
    told.events += 1;
    let attention = text(&body["attention"]);
    match kind.as_str() {
        "create_sent" => {
            told.intended = true;
            told.state = "creating";
        }
        "created" => {
            told.link = body["link"].as_str().map(str::to_owned);
            if matches!(told.state, "creating" | "create_unknown") {
                told.state = "awaiting_payment";
            }
        }
        "create_unknown" => told.state = "create_unknown",
        "unpaid" => {
            told.state = if told.off.is_some() { "expiring" } else { "awaiting_payment" };
            told.confirmed |= told.off.is_some_and(|off| heard.is_some_and(|(_, left)| left >= off));
        }
        "paying" => {
            told.state = "paying";
            told.confirmed = false;
        }
        "paid" => {
            told.late = body["late"].as_bool().unwrap_or_default() || told.late;
            if !told.paid {
                told.paid_day.clone_from(&at.day);
            }
            told.paid = true;
            told.state = "paid";
        }
        "ended" => {
            told.ended = true;
            told.ended_wall = at.wall;
            told.settings_at_end = world.settings;
            told.never_created = text(&body["reason"]) == "never_created";
            told.state = if text(&body["state"]) == "reversed" { "reversed" } else { "closed" };
        }
        "disputed" => {
            told.off.get_or_insert(now);
            told.confirmed = false;
            told.state = "disputed";
        }
        "close_requested" => {
            told.off.get_or_insert(now);
            told.run.credit += 2;
            told.state = "expiring";
        }
        "attention_raised" => {
            // A task that was woken for it asks once.
            told.run.credit += 1;
            told.attention.insert(attention);
        }
        "attention_cleared" => {
            told.attention.remove(&attention);
        }
        // It is asked again at once, so that the second answer decides.
        "self_contradiction" => told.run.credit += 1,
        "close_answered" => {}
        other => {
            let other = other.to_owned();
            return world.fail("unknown event", other);
        }
    }
    told.states.insert(told.state);
    let trade = world.platform.trades.get(&order_no);
    let told = &world.book.orders[&order_no];
    let bound = 14 + 3 * told.contradictions + 2 * trade.map_or(0, |trade| trade.changes) + world.run.number;
    if told.events > bound {
        let detail = format!("{order_no} has {} events, {bound} were to be expected", told.events);
        return world.fail("the journal grows with trade", detail);
    }
    if kind == "paid"
        && (body["paid_minor"].as_i64() != Some(told.fen) || (body["late"] != Value::Bool(told.ended) && !was_paid))
    {
        world.fail("paid", format!("{order_no}: {body}, ended before: {}", told.ended));
    }
}

/// Why an event may not rest on what was heard.
fn unproven(kind: &str, body: &Value, proof: Option<Proof>, told: &Told) -> Option<&'static str> {
    let needs: &[Proof] = match kind {
        "created" => &[Proof::Created],
        "unpaid" => &[Proof::Unpaid],
        "paying" => &[Proof::Paying],
        "paid" => &[Proof::Paid, Proof::Refunded],
        "self_contradiction" => &[Proof::Contradiction],
        "disputed" if text(&body["reason"]) == "paid_then_ended" => &[Proof::Closed, Proof::Reversed],
        "disputed" => &[Proof::Contradiction],
        "ended" => match (text(&body["reason"]).as_str(), text(&body["state"]).as_str()) {
            ("gateway", "closed") => &[Proof::Closed],
            ("gateway", "reversed") => &[Proof::Reversed],
            ("never_created", "closed") => return None,
            _ => return Some("no such end at this gateway"),
        },
        "close_answered" => match body["outcome"].as_str() {
            Some("closed" | "already_closed") => &[Proof::CloseDone],
            Some(_) => &[Proof::CloseRefused],
            None => return None,
        },
        _ => return None,
    };
    if !told.intended {
        return Some("before the intention");
    }
    (!proof.is_some_and(|proof| needs.contains(&proof))).then_some("that proves something else")
}

fn never_created(world: &mut World, told: &Told) {
    let grace = world.book.whole(told, "plan.grace_s").unwrap_or(600) * S;
    let answers = &told.run.none;
    let spread = answers.last().copied().unwrap_or(0) - answers.first().copied().unwrap_or(0);
    let forward = world.set_forward - told.forward_then;
    let early = told.drafted + told.expire_s * S + grace > world.now + forward + MS;
    if answers.len() < 5 || spread + MS < grace || early {
        let detail = format!("{}: {} answers over {spread} µs, too early: {early}", told.order_no, answers.len());
        return world.fail("never created", detail);
    }
    let last = answers.last().copied().unwrap_or(0);
    if world.platform.trades.get(&told.order_no).is_some_and(|trade| trade.created < last - MIN) {
        world.fail("never created", format!("{} is there", told.order_no));
    }
}

/// A request leaves the till.
pub fn leaves(world: &mut World, request: &Request) {
    let order_no = request.order_no().to_owned();
    let (now, fair, forward) = (world.now, world.fair, world.set_forward);
    let run = world.run.number;
    let Some(told) = world.book.orders.get(&order_no).cloned() else {
        // An account's check asks for a number that was never used.
        if request.kind != Kind::Query {
            world.fail("journal before effect", format!("{:?} of {order_no}", request.kind));
        }
        return;
    };
    if world.book.field(&told, "merchant_id") != Some(request.merchant()) {
        return world.fail("account version", format!("{order_no} speaks for {}", request.merchant()));
    }
    match request.kind {
        Kind::Create => {
            if !told.intended || told.creates > 0 {
                return world.fail("create once, after its intention", order_no);
            }
            if request.fields.get("total_fee").and_then(Value::as_i64) != Some(told.fen) {
                return world.fail("amount", order_no);
            }
        }
        Kind::Close => {
            let floor = world.book.whole(&told, "plan.close_floor_s").unwrap_or(300) * S;
            let earlier = if told.drafted_in == run { 0 } else { forward - told.forward_then };
            if now + earlier + MS < told.drafted + floor {
                return world.fail("close after its floor", format!("{order_no} after {} µs", now - told.drafted));
            }
            if told.off.is_none() {
                return world.fail("close after the code is off", order_no);
            }
            if told.paid {
                return world.fail("no close of what is paid", order_no);
            }
        }
        Kind::Query => {
            let poll = world.book.whole(&told, "plan.poll_ms").map(|ms| ms * MS);
            let troubled = (now < world.disk.fails_until + MIN && !fair) || world.network.busy(request.merchant(), now);
            let aged = told.drafted_in != run && world.settings > told.settings_then;
            let least = |last| if aged { 700 * MS } else { least_pause(&told, poll, last) };
            let pause = told.run.last_query.map(|last| (now - last, least(last)));
            if let Some((pause, least)) = pause.filter(|(pause, least)| pause < least && !troubled) {
                let floor = told.drafted + world.book.whole(&told, "plan.close_floor_s").unwrap_or(300) * S;
                let before_close = told.off.is_some() && now >= floor && !told.run.looked;
                if before_close {
                    world.book.orders.get_mut(&order_no).expect("it was there").run.looked = true;
                    world.book.orders.get_mut(&order_no).expect("it was there").run.credit += 1;
                } else if told.run.credit == 0 {
                    let detail = format!("{order_no} after {pause} µs, {least} at least ({})", told.state);
                    return world.fail("no more questions than the plan", detail);
                }
                world.book.orders.get_mut(&order_no).expect("it was there").run.credit -= 1;
            }
        }
    }
    let told = world.book.orders.get_mut(&order_no).expect("it was there");
    match request.kind {
        Kind::Create => told.creates += 1,
        Kind::Close => told.run.credit += 2,
        Kind::Query => {
            told.run.last_query = Some(now);
            told.run.silent = true;
        }
    }
}

/// The shortest pause that the plan knows after a question at `last`, with all jitter.
fn least_pause(told: &Told, poll: Option<i64>, last: i64) -> i64 {
    let past = last - (told.drafted + told.expire_s * S);
    let whole = if matches!(told.state, "paid" | "closed" | "reversed") {
        // Looks of the tail; one that was not answered is taken again.
        return if told.run.silent { MIN } else { 20 * MIN };
    } else if past < 0 {
        let least = poll.unwrap_or(if last - told.drafted < 30 * S + 2 * SLOWEST { 2 * S } else { 5 * S });
        if told.states.contains("paying") && poll.is_none() { S } else { least }
    } else if past < MIN && told.states.contains("paying") {
        S
    } else if past < D {
        past.clamp(S, 5 * MIN)
    } else if past < 7 * D {
        H
    } else {
        D
    };
    whole * 6 / 10
}

/// An answer came.
pub fn heard(world: &mut World, request: &Request, answer: &HttpAnswer, proof: Proof) {
    let now = world.now;
    let Some(told) = world.book.orders.get_mut(request.order_no()) else { return };
    told.heard.insert(answer.body.clone(), (proof, request.left));
    told.run.silent &= matches!(proof, Proof::Nothing | Proof::Code);
    match proof {
        Proof::NoSuchOrder if request.kind == Kind::Query => told.run.none.push(now),
        Proof::Contradiction => {
            told.contradictions += 1;
            told.run.none.clear();
        }
        Proof::Paid | Proof::Refunded => told.paid_heard = true,
        Proof::Unpaid | Proof::Paying | Proof::Closed | Proof::Reversed | Proof::Created => told.run.none.clear(),
        Proof::Nothing | Proof::Code | Proof::NoSuchOrder | Proof::CloseDone | Proof::CloseRefused => {}
    }
}

/// Somebody sees an order on a screen.
pub fn seen(world: &mut World, live: &LiveOrder) {
    let no = &live.order.order_no;
    let Some(told) = world.book.orders.get(no) else {
        return world.fail("seen before its draft", no.clone());
    };
    let state = live.order.state.word();
    if state != told.state && !told.states.contains(state) {
        return world.fail("seen before it was committed", format!("{no} {state}, the journal says {}", told.state));
    }
    if live.order.paid_minor.is_some() != told.paid && live.order.paid_minor.is_some() {
        return world.fail("paid before it was committed", no.clone());
    }
    if let Some(qr) = &live.order.qr {
        if told.link.as_ref() != Some(qr) {
            return world.fail("a code before its commit", format!("{no} {qr}"));
        }
        // Stored is not yet acknowledged.
        if let Some(off) = told.off.filter(|off| world.now - off > 3 * MS) {
            let detail = format!("{no}, {} µs after it was taken off", world.now - off);
            return world.fail("a code that was taken off", detail);
        }
        let truth = world.platform.trades.get(no).and_then(|trade| trade.link.as_ref());
        if truth != Some(qr) {
            world.fail("a code that is not this order's", format!("{no} {qr}"));
        }
    }
}
