//! Money that goes back: what persons at the till want of it, through the window or from the socket.

use super::book::{Told, Wish};
use super::perform::expected;
use super::socket;
use super::staff::{Who, boss};
use super::wire::Dialect;
use super::world::{S, Stage};
use till_core::error::{Code, Refusal};
use till_core::order::Attention;
use till_core::order::mark::Marked;
use till_core::rights::Actor;
use till_engine::request::{Reply, Request};
use till_engine::till::Till;
use till_engine::view::refunds::{MarkRequest, RefundRequest};
use till_engine::view::{Item, LiveOrder};

/// How much of an order is to go back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// All that is left, without naming it.
    Left,
    /// Thousandths of what was paid.
    Permille(i64),
    /// More than was paid.
    Over,
    /// Nothing.
    Zero,
    /// A part, and nobody says why.
    Unexplained,
}

/// Whoever wants money to go back, and who stands beside them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Givers {
    /// Who.
    pub by: Who,
    /// Who stands beside them.
    pub second: Option<Who>,
}

fn giver(actor: &Actor) -> String {
    actor.word().trim_start_matches("operator:").to_owned()
}

/// Notes what somebody wants before the till hears of it.
fn wants(stage: &Stage, words: &str, order_no: &str, by: &Actor, second: Option<&Actor>) {
    let mut world = stage.now();
    let wish = Wish {
        by: giver(by),
        second: second.map(giver),
        order_no: order_no.to_owned(),
        began: world.now,
        settings: world.settings,
        numbers: vec![],
    };
    world.book.wishes.insert(words.to_owned(), wish);
    // Whatever wakes an order's task can have it asked for.
    world.book.person_asked(order_no);
}

fn words_of_its_own(stage: &Stage, what: &str) -> String {
    let mut world = stage.still();
    world.wished += 1;
    format!("{what} {}", world.wished)
}

/// The `place`-th newest order of which something can go back; for 4 the newest that is paid, or any where there is none.
pub fn paid_order(stage: &Stage, place: usize) -> Option<String> {
    let world = stage.still();
    let newest_first = || world.book.drafted.iter().rev();
    let left = |told: &Told| told.paid && told.dialect != Some(Dialect::Jubao) && told.given() < told.minor;
    let mut with_something_left = newest_first().filter(|no| place != 4 && left(&world.book.orders[*no]));
    let found = with_something_left.nth(place).or_else(|| newest_first().find(|no| world.book.orders[*no].paid));
    found.or_else(|| newest_first().next()).cloned()
}

/// Wants money to go back.
pub async fn refund(stage: &Stage, till: &Till, no: &str, part: Part, givers: Givers) {
    let (by, second) = (givers.by.actor(stage), givers.second.map(|second| second.actor(stage)));
    give(stage, till, no, part, (&by, second.as_ref())).await;
}

/// The same from another process: a line of the socket, with the PINs of whoever wants it.
pub async fn refund_from_elsewhere(stage: &Stage, till: &Till, no: &str, part: Part, givers: Givers) {
    let request = asked_for(stage, no, part);
    let reason = request.reason.clone();
    // Who has no PIN stands beside nobody there.
    let has_pin = |who: &Who| who.name().is_some_and(|name| stage.still().book.people.all.contains_key(name));
    let second = givers.second.filter(has_pin);
    wants(stage, &reason, no, &givers.by.actor(stage), second.map(|second| second.actor(stage)).as_ref());
    let refund = Request::Refund { refund: request, wait: false };
    let result = socket::ask(stage, till, Givers { second, ..givers }, refund).await;
    let shown = match &result {
        Ok(replies) => {
            replies.iter().filter(|reply| matches!(reply, Reply::Refund(back) if back.reason == reason)).count()
        }
        Err(_) => 0,
    };
    judge(stage, no, &reason, shown.min(1), result.as_ref().err());
    expected(stage, "refund from elsewhere", result.map_err(|refusal| unless_wrong(refusal, part)));
}

/// What a refund of `part` of an order says.
fn asked_for(stage: &Stage, no: &str, part: Part) -> RefundRequest {
    let (paid, by_lines) = {
        let world = stage.still();
        let told = &world.book.orders[no];
        (told.minor, told.dialect == Some(Dialect::Dingdang))
    };
    let minor = match part {
        Part::Left => 0,
        Part::Permille(thousandths) => (paid * thousandths / 1_000).max(1),
        Part::Over => paid + 1,
        Part::Zero => 0,
        Part::Unexplained => 1,
    };
    let named = part != Part::Left;
    let line = Item { id: "2".to_owned(), quantity: 1, amount_minor: minor };
    let reason = match part {
        Part::Unexplained => " ".to_owned(),
        _ => words_of_its_own(stage, "退货"),
    };
    RefundRequest {
        order_no: no.to_owned(),
        amount: if named { format!("{}.{:02}", minor / 100, minor % 100) } else { String::new() },
        reason,
        items: if named && by_lines { vec![line] } else { vec![] },
    }
}

async fn give(stage: &Stage, till: &Till, no: &str, part: Part, (by, second): (&Actor, Option<&Actor>)) {
    let request = asked_for(stage, no, part);
    let reason = &request.reason;
    wants(stage, reason, no, by, second);
    let result = till.refund(by, second, &request).await;
    let shown = |live: &LiveOrder| live.refunds.iter().filter(|back| back.reason == *reason).count();
    judge(stage, no, reason, result.as_ref().map_or(0, shown), result.as_ref().err());
    expected(stage, "refund", result.map_err(|refusal| unless_wrong(refusal, part)));
}

/// A wish that was granted is one refund in the journal, and shown; one that was refused is none.
fn judge(stage: &Stage, no: &str, reason: &str, shown: usize, refusal: Option<&Refusal>) {
    let mut world = stage.now();
    let numbers = world.book.wishes[reason].numbers.clone();
    let right = if refusal.is_none() { numbers.len() == 1 && shown == 1 } else { numbers.is_empty() };
    if !right {
        let code = refusal.map(|refusal| refusal.code);
        world.fail("one wish is one refund", format!("{reason} for {no} came to {numbers:?}, {code:?}"));
    }
}

/// Zero, no reason and too much are refused as such; nothing else is.
fn unless_wrong(refusal: Refusal, part: Part) -> Refusal {
    let wrong = match part {
        Part::Zero => Some(Code::AmountZero),
        Part::Unexplained => Some(Code::ReasonNeeded),
        _ => None,
    };
    if Some(refusal.code) == wrong { Refusal::of(Code::RefundOverCeiling) } else { refusal }
}

/// Sends a refund again that did not come to its end.
pub async fn again(stage: &Stage, till: &Till, place: usize, givers: Givers) {
    let found = {
        let world = stage.still();
        let waiting = world.book.drafted.iter().rev().flat_map(|no| &world.book.orders[no].returns);
        let waiting = waiting.filter(|back| matches!(back.state, "unknown" | "failed"));
        waiting.map(|back| back.refund_no.clone()).nth(place)
    };
    let Some(refund_no) = found else { return };
    let (by, second) = (givers.by.actor(stage), givers.second.map(|second| second.actor(stage)));
    send_again(stage, till, &refund_no, (&by, second.as_ref())).await;
}

async fn send_again(stage: &Stage, till: &Till, refund_no: &str, (by, second): (&Actor, Option<&Actor>)) {
    let no = stage.still().book.order_of_refund(refund_no).unwrap_or_default().to_owned();
    let words = format!("again {refund_no} {} {:?}", giver(by), second.map(giver));
    wants(stage, &words, &no, by, second);
    expected(stage, "again", till.refund_again(by, second, &no, refund_no).await);
}

/// Takes a recent refund back, whether or not it has left.
pub async fn withdraw(stage: &Stage, till: &Till, place: usize, by: Who) {
    let by = by.actor(stage);
    let found = {
        let world = stage.still();
        let all = world.book.drafted.iter().rev().flat_map(|no| &world.book.orders[no].returns);
        // One that waits to be sent, where there is one.
        let waiting = all.clone().find(|back| back.state == "requested");
        waiting.or_else(|| all.clone().nth(place)).map(|back| back.refund_no.clone())
    };
    let Some(refund_no) = found else { return };
    let no = stage.still().book.order_of_refund(&refund_no).unwrap_or_default().to_owned();
    let words = words_of_its_own(stage, "withdraw");
    wants(stage, &words, &no, &by, None);
    let mut result = till.withdraw_refund(&by, &no, &refund_no).await;
    if matches!(&result, Err(refusal) if refusal.code == Code::UnknownRefund) && just_requested(stage, &refund_no) {
        // Nobody can have seen its number yet: it is in the journal, and about to be shown.
        result = Err(Refusal::of(Code::RefundLeft));
    }
    expected(stage, "withdraw", result);
}

/// Whether a refund was asked for within the last second.
fn just_requested(stage: &Stage, refund_no: &str) -> bool {
    let world = stage.still();
    let mut wishes = world.book.wishes.values().filter(|wish| wish.numbers.iter().any(|no| no == refund_no));
    wishes.any(|wish| world.now - wish.began < S)
}

/// Marks an order by hand.
pub async fn mark(stage: &Stage, till: &Till, no: &str, paid: bool, givers: Givers) {
    let (by, second) = (givers.by.actor(stage), givers.second.map(|second| second.actor(stage)));
    let note = words_of_its_own(stage, "mark");
    wants(stage, &note, no, &by, second.as_ref());
    let what = if paid { Marked::Paid } else { Marked::Refunded };
    let untold = |told: &Told| {
        told.returns
            .iter()
            .find(|back| matches!(back.state, "unknown" | "processing"))
            .map(|back| back.refund_no.clone())
    };
    // Where the till does not know what became of a refund, it is that one which somebody saw.
    let refund_no = if paid { None } else { untold(&stage.still().book.orders[no]) };
    let request = MarkRequest { what, amount: String::new(), refund_no, note };
    expected(stage, "mark", till.mark_by_hand(&by, second.as_ref(), no, &request).await);
}

/// Says that an order's weightiest attention, or another, has been dealt with.
pub async fn handle(stage: &Stage, till: &Till, no: &str, which: usize, by: Who) {
    let by = by.actor(stage);
    let attention = {
        let world = stage.still();
        let standing = &world.book.orders[no].attention;
        let known = Attention::ALL.into_iter().filter(|attention| standing.contains(attention.word()));
        known.cycle().nth(which)
    };
    let Some(attention) = attention else { return };
    let note = words_of_its_own(stage, "handled");
    wants(stage, &note, no, &by, None);
    expected(stage, "handle", till.handle_attention(&by, no, attention, &note).await);
}

/// A manager is to let a further order of a sale pass.
pub fn overruling(stage: &Stage, no: &str, by: Who) -> Actor {
    let by = by.actor(stage);
    let words = words_of_its_own(stage, "overrule");
    wants(stage, &words, no, &by, None);
    by
}

/// Faults are over: half of what nobody knows the outcome of is sent again, and where something is left some of it goes back.
pub async fn settle(stage: &Stage, till: &Till) {
    let by = boss(stage, till);
    let beside = {
        let world = stage.now();
        let people = &world.book.people;
        let mut others = people.all.keys().filter(|name| **name != giver(&by));
        let here = others.find(|name| people.is_somebody(name, world.now, world.ran()));
        here.map(|name| Actor::Operator { name: name.clone(), role: till_core::rights::Role::Cashier })
    };
    let unknown: Vec<String> = {
        let world = stage.still();
        let all = world.book.orders.values().flat_map(|told| &told.returns);
        all.filter(|back| back.state == "unknown").map(|back| back.refund_no.clone()).step_by(2).collect()
    };
    for refund_no in unknown {
        send_again(stage, till, &refund_no, (&by, beside.as_ref())).await;
    }
    let open: Vec<String> = {
        let world = stage.still();
        world
            .book
            .orders
            .values()
            .filter(|told| told.is_refundable())
            .map(|told| told.order_no.clone())
            .take(3)
            .collect()
    };
    for no in open {
        give(stage, till, &no, Part::Permille(1), (&by, beside.as_ref())).await;
    }
}
