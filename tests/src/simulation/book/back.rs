//! Money that goes back, as events told it: what was set aside, what left, and what the gateway was heard to say.

use super::people::Ask;
use super::{Told, text};
use crate::simulation::wire::{Dialect, Kind, Proof, Request, tail};
use crate::simulation::world::{D, H, MIN, S, World};
use serde_json::Value;
use till_core::time::Stamp;

/// A refund.
#[derive(Debug, Clone, Default)]
pub struct Returned {
    /// Our number.
    pub refund_no: String,
    /// Minor units.
    pub minor: i64,
    /// Where it stands.
    pub state: &'static str,
    /// The wish that it came from.
    pub wish: String,
    states: Vec<&'static str>,
    by: String,
    second: Option<String>,
    /// The business day on which it was asked for last.
    day: String,
    disputed: bool,
    /// Sendings that were committed, and requests that left.
    sendings: u32,
    left: u32,
    sent: i64,
    /// How often the wall clock had been set by then.
    settings: u32,
    /// When the last question left that was answered with "no such refund".
    none: Option<i64>,
    last_query: Option<i64>,
    /// It was asked for, or wanted again, in this run.
    of_this_run: bool,
}

impl Returned {
    /// Nobody here knows what became of it.
    pub fn is_dark(&self) -> bool {
        self.disputed || matches!(self.state, "requested" | "sent" | "unknown")
    }

    /// Two people gave it.
    pub fn is_by_two(&self) -> bool {
        self.second.is_some()
    }

    /// It left more than once.
    pub fn was_sent_again(&self) -> bool {
        self.sendings > 1
    }

    /// It waits to be sent for the first time.
    pub fn never_left(&self) -> bool {
        self.state == "requested" && self.sendings == 0
    }

    /// The gateway has not said how it ended.
    pub fn is_open(&self) -> bool {
        !matches!(self.state, "succeeded" | "failed" | "withdrawn")
    }

    /// "Failed" may be the word on the sending before, while the newest is still on its way to a gateway that takes it once more.
    fn may_be_on_its_way(&self, told: &Told, world: &World) -> bool {
        self.state == "unknown"
            && self.sendings > 1
            && told.dialect == Some(Dialect::Pooul)
            && world.now - self.sent < 2 * H - MIN
            && world.settings == self.settings
    }

    fn came_to_nothing(&self) -> bool {
        matches!(self.state, "failed" | "withdrawn")
    }
}

/// What one call of a person is about.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// Who, as the journal names them in what they give.
    pub by: String,
    /// Who stands beside them.
    pub second: Option<String>,
    /// The order.
    pub order_no: String,
    /// World time of its beginning, and how often the clock had been set.
    pub began: i64,
    /// How often the wall clock had been set by then.
    pub settings: u32,
    /// Refunds that came of it.
    pub numbers: Vec<String>,
}

impl Told {
    /// Gone, on its way or marked by hand, minor units.
    pub fn given(&self) -> i64 {
        let taken = self.returns.iter().filter(|back| !back.came_to_nothing()).map(|back| back.minor);
        taken.sum::<i64>() + self.by_hand
    }

    /// The same, with what came to nothing and is to go out again under its number.
    fn kept(&self) -> i64 {
        let failed = self.returns.iter().filter(|back| back.state == "failed" && self.dialect == Some(Dialect::Pooul));
        self.given() + failed.map(|back| back.minor).sum::<i64>()
    }

    /// Whether the customer has all of it back.
    pub fn is_given_back(&self) -> bool {
        let back = self.returns.iter().filter(|back| back.state == "succeeded").map(|back| back.minor);
        self.paid && back.sum::<i64>() + self.by_hand >= self.minor
    }

    /// All of it is back, the last that was marked so long ago that a gateway which still says "paid" contradicts the marks.
    fn should_be_back(&self, world: &World) -> bool {
        let long_ago = |(at, settings)| settings != world.settings || world.now - at >= D - 5 * S;
        self.is_given_back() && self.back_marked.is_some_and(long_ago)
    }

    /// Whether anything more can go back now.
    pub fn is_refundable(&self) -> bool {
        self.state == "paid"
            && self.dialect != Some(Dialect::Jubao)
            && !self.returns.iter().any(Returned::is_dark)
            && !self.stands("refunded_elsewhere")
            && self.kept() < self.minor
    }

    /// Another run knows nothing of the questions of the one before.
    pub(super) fn new_run(&mut self) {
        for back in &mut self.returns {
            back.last_query = None;
            back.of_this_run = false;
        }
    }

    fn back(&mut self, refund_no: &str) -> Option<&mut Returned> {
        self.returns.iter_mut().find(|back| back.refund_no == refund_no)
    }
}

/// Whether the event is about money that goes back; it was then taken in.
pub(super) fn takes(
    world: &mut World,
    told: &Told,
    (kind, body): (&str, &Value),
    at: &Stamp,
    actor: &str,
    proofs: &[Proof],
) -> bool {
    let wrong = match kind {
        "refund_requested" => requested(world, told, &body["refund"], at, actor),
        "refund_again" => again(world, told, body, at, actor),
        "refund_sent" | "refund_unknown" | "refund_processing" | "refund_succeeded" | "refund_failed"
        | "refund_disputed" => moves(world, told, kind, &text(&body["refund_no"]), proofs),
        "marked_by_hand" => marked(world, told, &body["mark"], actor),
        "mark_judged" => {
            let (said, what) = (text(&body["verdict"]), text(&body["what"]));
            let of_a_refund = body["refund_no"].is_string();
            let heard = proofs.iter().any(|proof| match (what.as_str(), said.as_str()) {
                ("refunded", "confirmed") if of_a_refund => *proof == Proof::RefundDone,
                ("refunded", "contradicted") if of_a_refund => *proof == Proof::RefundFailed,
                _ if of_a_refund => false,
                ("paid", "confirmed") => matches!(proof, Proof::Paid | Proof::Refunded),
                ("paid", "contradicted") => matches!(proof, Proof::Closed | Proof::Reversed | Proof::Failed),
                ("refunded", "confirmed") => *proof == Proof::Refunded,
                ("refunded", "contradicted") => *proof == Proof::Paid && told.should_be_back(world),
                _ => false,
            });
            if what == "refunded" && said == "contradicted" && !of_a_refund {
                // It counts under the ceiling for all of the payment until a person has dealt with that.
                if let Some(told) = world.book.orders.get_mut(&told.order_no) {
                    (told.doubted, told.back_marked) = (true, None);
                }
            }
            (!heard).then(|| format!("a mark {what} is {said} by {proofs:?}"))
        }
        "refund_withdrawn" => withdrawn(world, told, &text(&body["refund_no"]), actor),
        "attention_handled" | "further_overruled" => {
            let cleared = kind == "attention_handled" && body["attention"] == "mark_contradicted" && told.doubted;
            if let Some(told) = world.book.orders.get_mut(&told.order_no).filter(|_| cleared) {
                (told.by_hand, told.doubted) = (0, false);
            }
            by_a_manager(world, told, actor, kind)
        }
        _ => return false,
    };
    if let Some(wrong) = wrong {
        world.fail("money goes back by the rules", format!("{}: {kind}: {wrong}", told.order_no));
    }
    true
}

/// What the rest of an order's events says of the wish that they came from.
fn by_a_manager(world: &World, told: &Told, actor: &str, kind: &str) -> Option<String> {
    let name = actor.strip_prefix("operator:").unwrap_or(actor);
    let wishes =
        world.book.wishes.values().filter(|wish| wish.order_no == told.order_no || kind == "further_overruled");
    let may = |wish: &Wish| wish.by == name && world.book.people.may_answer(name, wish.began, world.ran());
    (!wishes.into_iter().any(may)).then(|| format!("{actor} may not, or did not want it"))
}

fn requested(world: &mut World, told: &Told, draft: &Value, at: &Stamp, actor: &str) -> Option<String> {
    let (no, reason, by) = (text(&draft["refund_no"]), text(&draft["reason"]), text(&draft["by"]));
    let minor = draft["amount_minor"].as_i64().unwrap_or_default();
    let second = draft["second"].as_str().map(str::to_owned);
    if world.book.order_of_refund(&no).is_some() {
        return Some(format!("{no} is not new"));
    }
    if !told.is_refundable() {
        return Some(format!("the order is {}, {:?}, {:?}", told.state, told.attention, told.returns));
    }
    if minor < 1 || told.kept() + minor > told.minor {
        return Some(format!("{minor} beside {} of {}", told.kept(), told.minor));
    }
    let lines = draft["items"].as_array().map(Vec::as_slice).unwrap_or_default();
    let sum: i64 = lines.iter().filter_map(|line| line["amount_minor"].as_i64()).sum();
    if (told.dialect == Some(Dialect::Dingdang) || !lines.is_empty()) && sum != minor {
        return Some("its lines do not add up".to_owned());
    }
    let Some(wish) = world.book.wishes.get(&reason).cloned() else { return Some("nobody wanted it".to_owned()) };
    if wish.order_no != told.order_no || wish.by != by || wish.second != second || !wish.numbers.is_empty() {
        return Some(format!("{wish:?} was wanted"));
    }
    if let Some(wrong) = not_given(world, told, &wish, (minor, &no, at), actor) {
        return Some(wrong);
    }
    world.book.refunds.insert(no.clone(), told.order_no.clone());
    if let Some(wish) = world.book.wishes.get_mut(&reason) {
        wish.numbers.push(no.clone());
    }
    let told = world.book.orders.get_mut(&told.order_no)?;
    told.may_have += 7;
    told.returns.push(Returned {
        refund_no: no,
        minor,
        state: "requested",
        wish: reason,
        by,
        second,
        day: at.day.clone(),
        of_this_run: true,
        ..Returned::default()
    });
    None
}

/// Why `wish` may not be given: rights, the second person, limits.
fn not_given(
    world: &World,
    told: &Told,
    wish: &Wish,
    (minor, refund_no, at): (i64, &str, &Stamp),
    actor: &str,
) -> Option<String> {
    let (people, ran) = (&world.book.people, world.ran());
    let named = actor.strip_prefix("operator:").unwrap_or(actor);
    if named != wish.by || !people.may_answer(&wish.by, wish.began, ran) {
        return Some(format!("{actor} may not"));
    }
    let beside = wish.second.as_ref();
    if beside.is_some_and(|second| *second == wish.by || !people.is_somebody(second, wish.began, ran)) {
        return Some(format!("{beside:?} cannot stand beside {}", wish.by));
    }
    let all = world.book.orders.values().filter(|order| order.currency == told.currency);
    let that_day = |back: &&Returned| {
        back.by == wish.by && back.day == at.day && !back.came_to_nothing() && back.refund_no != refund_no
    };
    let spent = all.flat_map(|order| &order.returns).filter(that_day).map(|back| back.minor).sum();
    let besides = told.returns.iter().filter(|back| !back.came_to_nothing() && back.refund_no != refund_no);
    let steady = world.settings == wish.settings;
    let ask = Ask {
        minor,
        of_the_order: besides.map(|back| back.minor).sum(),
        spent: steady.then_some(spent),
        second: beside.is_some(),
        by_owner: wish.by == "owner",
        age_days: steady.then(|| (at.wall - told.paid_wall - 5 * S).max(0) / D),
    };
    (!people.lets(wish.began, &told.currency, &ask))
        .then(|| format!("{minor} beside {spent} of {} that day is over a limit", wish.by))
}

fn again(world: &mut World, told: &Told, body: &Value, at: &Stamp, actor: &str) -> Option<String> {
    let (no, by) = (text(&body["refund_no"]), text(&body["by"]));
    let back = told.returns.iter().find(|back| back.refund_no == no)?;
    let others_dark = told.returns.iter().any(|other| other.refund_no != no && other.is_dark());
    let fits = match back.state {
        "failed" => told.dialect == Some(Dialect::Pooul) && !others_dark && told.given() + back.minor <= told.minor,
        "unknown" => !back.disputed && back.none.is_some_and(|left| left >= back.sent),
        _ => false,
    };
    if !fits || told.state != "paid" {
        return Some(format!("{back:?} of an order that is {}", told.state));
    }
    let second = body["second"].as_str().map(str::to_owned);
    let wish = format!("again {no} {by} {second:?}");
    let Some(wish) = world.book.wishes.get(&wish).cloned() else { return Some("nobody wanted it".to_owned()) };
    if let Some(wrong) = not_given(world, told, &wish, (back.minor, &no, at), actor) {
        return Some(wrong);
    }
    let told = world.book.orders.get_mut(&told.order_no)?;
    told.may_have += 7;
    let back = told.back(&no)?;
    (back.by, back.second, back.day) = (by, second, at.day.clone());
    back.state = "requested";
    back.of_this_run = true;
    told.no_longer_failed();
    None
}

fn withdrawn(world: &mut World, told: &Told, no: &str, actor: &str) -> Option<String> {
    let back = told.returns.iter().find(|back| back.refund_no == no)?;
    if !back.never_left() {
        return Some(format!("{back:?}"));
    }
    let wrong = by_a_manager(world, told, actor, "refund_withdrawn");
    let told = world.book.orders.get_mut(&told.order_no)?;
    told.may_have += 1;
    told.back(no)?.state = "withdrawn";
    if !told.waits_for_refunds() {
        told.attention.remove("refund_unknown");
    }
    wrong
}

fn moves(world: &mut World, told: &Told, kind: &str, no: &str, proofs: &[Proof]) -> Option<String> {
    let (now, settings) = (world.now, world.settings);
    let Some(back) = told.returns.iter().find(|back| back.refund_no == no) else {
        return Some(format!("{no} was never asked for"));
    };
    let heard = |proof: Proof| proofs.contains(&proof);
    let others_dark = told.returns.iter().any(|other| other.refund_no != no && other.is_dark());
    let (fits, state) = match kind {
        "refund_sent" => {
            let elsewhere = told.stands("refunded_elsewhere");
            // What another run left waiting goes only after a look at the payment.
            let looked = back.of_this_run || told.run.paid;
            (back.state == "requested" && !others_dark && !elsewhere && looked && told.state == "paid", "sent")
        }
        "refund_unknown" => (back.state == "sent", "unknown"),
        "refund_processing" => {
            let open = matches!(back.state, "sent" | "unknown" | "requested") && back.sendings > 0;
            let doubted = back.state == "processing" && back.disputed;
            (heard(Proof::RefundUnderWay) && (open || doubted), "processing")
        }
        "refund_succeeded" => (heard(Proof::RefundDone) && back.sendings > 0, "succeeded"),
        "refund_failed" => {
            let doubted = back.state == "failed" && back.disputed;
            let heard = heard(Proof::RefundFailed) && ((back.state != "requested" && back.is_open()) || doubted);
            (heard && !back.may_be_on_its_way(told, world), "failed")
        }
        _ => (heard(Proof::Contradiction), if back.state == "sent" { "unknown" } else { back.state }),
    };
    if !fits {
        return Some(format!("{back:?} after {proofs:?} of an order that is {}", told.state));
    }
    let told = world.book.orders.get_mut(&told.order_no)?;
    let back = told.back(no)?;
    let was_disputed = back.disputed;
    back.state = state;
    back.states.push(state);
    back.disputed = match kind {
        "refund_disputed" => true,
        "refund_processing" | "refund_succeeded" | "refund_failed" => false,
        _ => back.disputed,
    };
    if kind == "refund_sent" {
        back.sendings += 1;
        (back.sent, back.settings) = (now, settings);
    }
    let (dark, waits) = (told.returns.iter().any(|back| back.disputed), told.waits_for_refunds());
    if kind == "refund_disputed" {
        told.attention.insert("refund_disputed".to_owned());
    } else if was_disputed && !dark {
        told.attention.remove("refund_disputed");
    }
    if kind == "refund_succeeded" {
        told.no_longer_failed();
    }
    if !waits {
        told.attention.remove("refund_unknown");
    }
    let too_much = told.given() > told.minor;
    too_much.then(|| format!("{} of {} went back or may", told.given(), told.minor))
}

impl Told {
    /// Each refund that failed was sent again, or everything went back.
    fn no_longer_failed(&mut self) {
        if self.is_given_back() || self.returns.iter().all(|back| back.state != "failed") {
            self.attention.remove("refund_failed");
        }
    }

    fn waits_for_refunds(&self) -> bool {
        self.returns.iter().any(Returned::is_open)
    }
}

fn marked(world: &mut World, told: &Told, mark: &Value, actor: &str) -> Option<String> {
    let (by, second) = (text(&mark["by"]), text(&mark["second"]));
    let minor = mark["amount_minor"].as_i64().unwrap_or_default();
    let (ran, now, settings) = (world.ran(), world.now, world.settings);
    let people = &world.book.people;
    let may = |wish: &Wish| {
        wish.by == by
            && wish.second.as_ref() == Some(&second)
            && people.may_answer(&by, wish.began, ran)
            && people.is_somebody(&second, wish.began, ran)
    };
    if by == second || actor != format!("operator:{by}") || !world.book.wishes.values().any(may) {
        return Some(format!("{actor} and {second} may not, or did not want it"));
    }
    let refunded = mark["what"] == "refunded";
    let of_a_refund = mark["refund_no"].as_str();
    let fits = match of_a_refund {
        Some(no) => {
            let untold = |back: &Returned| matches!(back.state, "unknown" | "processing") && back.minor == minor;
            refunded && told.returns.iter().any(|back| back.refund_no == no && untold(back))
        }
        None if refunded => told.paid && minor > 0 && told.given() + minor <= told.minor,
        None => !told.paid,
    };
    if !fits {
        return Some(format!("{minor} {} beside {} of {}", mark["what"], told.given(), told.minor));
    }
    let told = world.book.orders.get_mut(&told.order_no)?;
    told.may_have += 3;
    told.marked = true;
    told.paid_marked |= mark["what"] == "paid";
    told.refund_marked |= of_a_refund.is_some();
    if refunded && of_a_refund.is_none() {
        told.by_hand += minor;
        told.back_marked = Some((now, settings));
    }
    None
}

/// A request about money that goes back leaves the till.
pub(super) fn leaves(world: &mut World, told: &Told, request: &Request) {
    let (now, no) = (world.now, request.refund_no.as_str());
    let Some(back) = told.returns.iter().find(|back| back.refund_no == no) else {
        return world.fail("journal before effect", format!("{:?} {no} of {}", request.kind, told.order_no));
    };
    let others_dark = told.returns.iter().any(|other| other.refund_no != no && other.is_dark());
    let wrong = match request.kind {
        Kind::Refund if back.state != "sent" || back.left >= back.sendings => Some("without its own sending"),
        Kind::Refund if request.minor != Some(back.minor) => Some("of another amount"),
        Kind::Refund if others_dark => Some("while another is in the dark"),
        Kind::Refund if told.given() > told.minor => Some("beyond what was paid"),
        Kind::RefundQuery if back.sendings == 0 => Some("before it left"),
        _ => None,
    };
    if let Some(wrong) = wrong {
        return world.fail("one refund leaves at a time, once", format!("{} {wrong}: {back:?}", tail(no)));
    }
    let soon = request.kind == Kind::RefundQuery && back.last_query.is_some_and(|last| now - last < S);
    let told = world.book.orders.get_mut(&request.order_no).expect("it was there");
    let spent = soon && told.run.credit == 0;
    if soon && !spent {
        told.run.credit -= 1;
    }
    let back = told.back(no).expect("found above");
    match request.kind {
        Kind::Refund => back.left += 1,
        _ => back.last_query = Some(now),
    }
    if spent {
        world.fail("no more questions than the plan", format!("refund {no} twice within a second"));
    }
}

/// An answer about a refund came.
pub(super) fn heard(world: &mut World, request: &Request, proofs: &[Proof]) {
    let Some(told) = world.book.orders.get_mut(&request.order_no) else { return };
    if proofs.contains(&Proof::Contradiction) {
        told.contradictions += 1;
    }
    let Some(back) = told.back(&request.refund_no) else { return };
    // One has a single word for every error, and takes a number only once. Another says "failed" of the sending before.
    let none = proofs.contains(&Proof::NoSuchOrder)
        || (request.dialect == Dialect::Dingdang && proofs.contains(&Proof::Code))
        || (request.dialect == Dialect::Pooul && back.sendings > 1 && proofs.contains(&Proof::RefundFailed));
    if request.kind == Kind::RefundQuery && none {
        back.none = Some(request.left);
    }
}

/// Whether a picture shows what the journal says of a refund.
pub(super) fn is_seen_as(told: &Told, refund_no: &str, state: &str) -> bool {
    let back = told.returns.iter().find(|back| back.refund_no == refund_no);
    back.is_some_and(|back| state == "requested" || back.state == state || back.states.contains(&state))
}
