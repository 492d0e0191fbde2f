//! The reference model: what the journal may say, from what was sent and heard and from the bytes that were stored.
//! It reads events as plain JSON and knows nothing of how the till decides.

mod asking;
mod back;
mod called;
mod page;
mod people;
mod proof;
mod screen;
mod told;

pub use asking::leaves;
pub use back::{Returned, Wish};
pub use called::{Called, called, replied};
pub use page::wants_to_know;
pub use people::People;
pub use screen::seen;
pub use told::{Shows, Told};

use super::gateway::CODE_MARK;
use super::wire::{Dialect, Proof, Request, TOKEN_MARK, tail};
use super::world::{S, World};
use serde_json::Value;
use std::collections::BTreeMap;
use till_core::gateway::call::HttpAnswer;
use till_core::time::Stamp;
use till_engine::storage::Append;
use told::{ThisRun, drafted};

/// Answers about one order: what each proves, and when its question left.
type Heard = BTreeMap<Vec<u8>, (Vec<Proof>, i64)>;

/// The book.
#[derive(Debug, Default)]
pub struct Book {
    /// Orders by number.
    pub orders: BTreeMap<String, Told>,
    /// Numbers in the order of their drafts.
    pub drafted: Vec<String>,
    accounts: BTreeMap<String, BTreeMap<u64, BTreeMap<String, String>>>,
    /// By the merchant's number, whether the journal knows it or not.
    heard: BTreeMap<String, Heard>,
    /// Numbers that persons are asking about outside an order's own life.
    pub looking: BTreeMap<String, u32>,
    /// How often each payment code was given to the till, and how often it left.
    pub codes: BTreeMap<String, (u32, u32)>,
    /// What persons wanted of money that goes back, each by its own words.
    pub wishes: BTreeMap<String, Wish>,
    /// The order of each refund that the journal knows.
    refunds: BTreeMap<String, String>,
    /// Everybody at the till.
    pub people: People,
    /// What came of the calls that gateways made.
    pub called: Called,
    /// Creates that reached the gateway after everything.
    pub arrived_after_all: u32,
}

impl Book {
    /// Whether an order's code may be seen by a customer: committed, and not taken off.
    #[must_use]
    pub fn shown(&self, order_no: &str) -> bool {
        self.orders.get(order_no).is_some_and(|told| {
            (told.link.is_some() || told.parameters.is_some() || told.pay_page().is_some())
                && told.off.is_none()
                && told.is_open()
        })
    }

    /// The gateway's number that another order of the same account was paid under.
    #[must_use]
    pub fn payment_of_another(&self, order_no: &str) -> Option<String> {
        let told = self.orders.get(order_no)?;
        let paid = |other: &&Told| other.paid && other.account.0 == told.account.0 && other.order_no != order_no;
        self.orders.values().filter(paid).find_map(|other| other.gateway_no.clone())
    }

    /// The order of a refund that the journal knows.
    #[must_use]
    pub fn order_of_refund(&self, refund_no: &str) -> Option<&str> {
        self.refunds.get(refund_no).map(String::as_str)
    }

    /// The world time after which the gateway no longer denies an order that it knows.
    #[must_use]
    pub fn known_for_sure(&self, order_no: &str) -> i64 {
        self.orders.get(order_no).map_or(i64::MAX, |told| told.drafted + told.expire_s * S)
    }

    /// Another run.
    pub fn new_run(&mut self) {
        self.looking.clear();
        self.people.new_run();
        for told in self.orders.values_mut() {
            told.run = ThisRun { credit: 1, ..ThisRun::default() };
            told.new_run();
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

    /// Whether the order is reversed, not closed: its customer showed a code, or a person wants it so; and it can be.
    #[must_use]
    pub fn reverses(&self, told: &Told) -> bool {
        let can = match told.dialect {
            Some(Dialect::BlueOcean) => true,
            Some(Dialect::Pooul) => self.field(told, "micro_reverse") == Some("yes") && told.shows == Shows::Customer,
            Some(Dialect::Jubao | Dialect::Dingdang) | None => false,
        };
        can && (told.shows == Shows::Customer || (told.reverse_asked && !told.turned_down))
    }

    /// Microseconds after the draft before it may be closed or reversed.
    fn floor(&self, told: &Told) -> i64 {
        let (name, otherwise) = match told.dialect {
            _ if self.reverses(told) => ("plan.reverse_floor_s", 15),
            Some(Dialect::BlueOcean) => ("plan.close_floor_s", 0),
            _ => ("plan.close_floor_s", 300),
        };
        self.whole(told, name).unwrap_or(otherwise) * S
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Whether a payment code stands in it, or what proves to the merchant who a customer is.
pub fn holds_a_secret(bytes: &[u8]) -> bool {
    let holds = |mark: &str| bytes.windows(mark.len()).any(|part| part == mark.as_bytes());
    holds(CODE_MARK) || holds(TOKEN_MARK)
}

/// Something is about to be stored.
pub fn committed(world: &mut World, append: &Append) {
    for event in &append.events {
        if holds_a_secret(&event.payload) {
            let payload = String::from_utf8_lossy(&event.payload).into_owned();
            return world.fail("no secret of a customer in the journal", payload);
        }
        let Ok(payload) = serde_json::from_slice::<Value>(&event.payload) else {
            return world.fail("payload", "not JSON".to_owned());
        };
        people::acted(world, &event.actor, &text(&payload["event"]["type"]));
        let body = &payload["event"];
        match text(&payload["subject"]).as_str() {
            "order" => order_event(world, append, body, (&event.at, &event.actor)),
            "operators" => people::people_event(world, body),
            "limits" => people::limits_event(world, body),
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
    people::after_people(world);
    if append.raw.as_deref().is_some_and(holds_a_secret) {
        return world.fail("no secret of a customer in what is kept", append.subject.clone());
    }
    if let Some(told) = world.book.orders.get(append.subject.trim_start_matches("order/")) {
        let (stuck, refused) = (told.state == "create_unknown" && !told.askable(), told.refused);
        let missing = match () {
            () if stuck && !told.was_told("cannot_be_asked") => "cannot_be_asked",
            () if refused && told.is_open() && !told.was_told("end_refused") => "end_refused",
            () => return,
        };
        let detail = format!("{} is {} without {missing}", told.order_no, told.state);
        world.fail("attention", detail);
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
fn begun(world: &mut World, order_no: String, mut told: Told) {
    let now = world.now;
    // A screen may show for a moment what the order began as.
    told.states.insert(told.state);
    let too_early = |earlier: &&Told| !earlier.lets_another() && earlier.further.is_none_or(|until| now > until);
    let earlier = world.book.orders.values().filter(|earlier| earlier.sale == told.sale).find(too_early);
    if let Some(earlier) = earlier {
        let detail = format!("{order_no} while {} is {}", earlier.order_no, earlier.state);
        return world.fail("a further order too early", detail);
    }
    if world.book.orders.insert(order_no.clone(), told).is_some() {
        world.fail("drafted twice", order_no.clone());
    }
    world.book.drafted.push(order_no);
}

fn order_event(world: &mut World, append: &Append, body: &Value, (at, actor): (&Stamp, &str)) {
    let kind = text(&body["type"]);
    let order_no = append.subject.trim_start_matches("order/").to_owned();
    world.tell(format_args!("journal: {} {kind}", tail(&order_no)));
    let now = world.now;
    if kind == "drafted" {
        let told = drafted(world, body, at);
        return begun(world, order_no, told);
    }
    let heard = append.raw.as_ref().and_then(|raw| world.book.heard.get(&order_no)?.get(&blotted(raw)).cloned());
    let (proofs, left) = heard.map_or((Vec::new(), None), |(proofs, left)| (proofs, Some(left)));
    if kind == "adopted" {
        let mut told = drafted(world, &body["draft"], at);
        told.state = "awaiting_payment";
        told.intended = true;
        told.ordered = body["ordered"].is_object();
        let wrong = if told.ordered {
            let raw = append.raw.as_deref().unwrap_or_default();
            called::not_ordered(world, &told, &body["draft"], actor, raw)
        } else {
            proof::not_adoptable(world, &told, &proofs).map(str::to_owned)
        };
        if let Some(wrong) = wrong {
            return world.fail("adopted", format!("{order_no}: {wrong}"));
        }
        return begun(world, order_no, told);
    }
    let Some(told) = world.book.orders.get(&order_no).cloned() else {
        return world.fail("no draft", format!("{kind} of {order_no}"));
    };
    if let Some(wrong) = proof::unproven(&kind, body, &proofs, &told) {
        return world.fail("unproven", format!("{order_no}: {kind} rests on {proofs:?}: {wrong}"));
    }
    match (kind.as_str(), text(&body["reason"]).as_str()) {
        ("ended", "never_created") => proof::never_created(world, &told),
        ("ended", "expired_here") => proof::expired_here(world, &told),
        ("gateway_no_named", _) => proof::named(world, &told, &text(&body["gateway_no"])),
        _ => {}
    }
    let of_money_back = back::takes(world, &told, (&kind, body), at, actor, &proofs);
    let allowed_after_paid =
        ["paid", "disputed", "attention_raised", "attention_cleared", "close_answered", "reverse_answered"];
    // A notification may book the payment while the create is still unanswered.
    let late_answer = kind == "created" && !told.answered;
    if told.paid && !of_money_back && !late_answer && !allowed_after_paid.contains(&kind.as_str()) {
        return world.fail("paid never goes back", format!("{order_no}: {kind} after paid"));
    }
    if let Some(wrong) = unfounded(world, &told, body) {
        return world.fail("attention", format!("{order_no}: {kind}: {wrong}"));
    }
    let was_paid = told.paid;
    let (run, settings) = (world.run.number, world.settings);
    let Some(told) = world.book.orders.get_mut(&order_no) else { return };
    if told.lets_another() {
        told.further = Some(now + 3 * S);
    }
    if kind == "further_overruled" {
        told.further = Some(now + 20 * S);
    }
    told.events += 1;
    if let Err(unknown) = told.takes(&kind, body, at, now, left, settings) {
        return world.fail("unknown event", unknown);
    }
    told.states.insert(told.state);
    told.moved = now;
    let trade = world.platform.trades.get(&order_no);
    let told = &world.book.orders[&order_no];
    let bound = 15 + 3 * told.contradictions + 2 * trade.map_or(0, |trade| trade.changes) + run + told.may_have;
    if told.events > bound {
        let detail = format!("{order_no} has {} events, {bound} were to be expected", told.events);
        return world.fail("the journal grows with trade", detail);
    }
    if kind == "paid"
        && (body["paid_minor"].as_i64() != Some(told.minor) || (body["late"] != Value::Bool(told.ended) && !was_paid))
    {
        world.fail("paid", format!("{order_no}: {body}, ended before: {}", told.ended));
    }
}

/// Why somebody is called although there is no reason, or none that is new.
fn unfounded(world: &World, told: &Told, body: &Value) -> Option<&'static str> {
    if body["type"] != "attention_raised" {
        return None;
    }
    match body["attention"].as_str()? {
        "refunded_elsewhere" => {
            let trade = world.platform.trades.get(&told.order_no);
            let none = trade.is_none_or(|trade| trade.elsewhere_minor == 0);
            let back = &body["elsewhere"];
            let known = told.elsewhere.get(&text(&back["refund_no"])).copied();
            let again = known.is_some() && known == back["amount_minor"].as_i64();
            match () {
                () if none && !told.back_elsewhere => Some("nothing went back elsewhere"),
                () if again => Some("it was told of this refund before"),
                () => None,
            }
        }
        "double_payment" => {
            let kept = |order: &&Told| order.sale == told.sale && order.paid && !order.is_given_back();
            let paid: Vec<&Told> = world.book.orders.values().filter(kept).collect();
            // By either clock: somebody may have set one of them.
            let dealt = |order: &&Told| order.dealt.get("double_payment").copied();
            let dealt = paid.iter().filter_map(dealt).max();
            let after = |order: &&Told, (now, wall)| order.paid_at >= now || order.paid_wall >= wall;
            let news = dealt.is_none_or(|dealt| paid.iter().any(|order| after(order, dealt)));
            (paid.len() < 2 || !news).then_some("the sale has no payment too many that nobody has dealt with")
        }
        _ => None,
    }
}

/// An answer came.
pub fn heard(world: &mut World, request: &Request, answer: &HttpAnswer, proofs: &[Proof]) {
    let now = world.now;
    // What is kept of an answer does not hold the code that was sent.
    let mut kept = answer.body.clone();
    if let Some(code) = &request.code {
        let text = String::from_utf8_lossy(&kept).replace(code.as_str(), &"*".repeat(code.len()));
        kept = text.into_bytes();
    }
    let heard = world.book.heard.entry(request.order_no.clone()).or_default();
    heard.insert(blotted(&kept), (proofs.to_vec(), request.left));
    let refused = proofs.iter().any(|proof| matches!(proof, Proof::Code | Proof::NoSuchOrder));
    let another_clock =
        answer.date.is_some_and(|date| world.shows_another_clock(&request.merchant, (request.left, date), refused));
    if request.kind.is_of_a_refund() {
        return back::heard(world, request, proofs);
    }
    let Some(told) = world.book.orders.get_mut(&request.order_no) else { return };
    // A question that was refused may have been so for its time alone: it is put once more.
    told.run.credit += u32::from(another_clock && refused);
    told.run.silent &= proofs.iter().all(|proof| matches!(proof, Proof::Nothing | Proof::Code));
    for proof in proofs {
        match proof {
            Proof::NoSuchOrder if request.kind == super::wire::Kind::Query => told.run.none.push(now),
            Proof::Contradiction => {
                told.contradictions += 1;
                told.run.none.clear();
            }
            Proof::Paid | Proof::Refunded => (told.paid_heard, told.run.paid) = (true, true),
            Proof::Unpaid | Proof::Paying | Proof::Closed | Proof::Reversed | Proof::Failed | Proof::Created => {
                told.run.none.clear();
                told.run.answered = Some(request.left);
            }
            // A gateway that says anything else of an order does not only say that there is none.
            Proof::Nothing if request.kind == super::wire::Kind::Query && is_in_form(answer) => {
                told.run.none.clear();
            }
            Proof::Nothing | Proof::Number | Proof::Code | Proof::NoSuchOrder => {}
            Proof::EndDone | Proof::EndRefused => {}
            Proof::RefundUnderWay | Proof::RefundDone | Proof::RefundFailed => {}
        }
    }
}

/// Whether it is a gateway's word at all, and not something that stood between.
fn is_in_form(answer: &HttpAnswer) -> bool {
    answer.status == 200 && serde_json::from_slice::<serde_json::Value>(&answer.body).is_ok()
}

/// Something comes by itself: it may be believed as an answer is, and lets the till ask.
pub fn notified(world: &mut World, order_no: &str, body: &[u8], proofs: &[Proof], made: i64) {
    let heard = world.book.heard.entry(order_no.to_owned()).or_default();
    heard.insert(blotted(body), (proofs.to_vec(), made));
    let Some(told) = world.book.orders.get_mut(order_no) else { return };
    told.run.credit += 2;
    told.contradictions += u32::from(proofs.contains(&Proof::Contradiction));
    told.paid_heard |= proofs.iter().any(|proof| matches!(proof, Proof::Paid | Proof::Refunded));
    // It may have been on its way since before the till's own refund came to nothing: nobody at the till can tell.
    told.back_elsewhere |= proofs.contains(&Proof::Refunded)
        && told.returns.iter().all(|back| matches!(back.state, "failed" | "requested"));
}

/// An answer without its long numbers: a till that does not know a payment code any more keeps none that could be one.
fn blotted(raw: &[u8]) -> Vec<u8> {
    let blots = |byte: u8| byte.is_ascii_digit() || byte == b'*';
    let rows = raw.chunk_by(|one, next| blots(*one) == blots(*next));
    let plain =
        |row: &[u8]| if row.len() >= 12 && row.iter().all(|byte| blots(*byte)) { vec![b'*'] } else { row.to_vec() };
    rows.flat_map(plain).collect()
}
