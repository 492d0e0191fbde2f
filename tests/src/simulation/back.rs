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
use till_engine::view::refunds::{MarkRequest, RefundRequest, RefundView};
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
    let request = asked_for(stage, till, no, part).await;
    let reason = request.reason.clone();
    let (givers, by, second) = there(stage, givers);
    wants(stage, &reason, no, &by, second.as_ref());
    let refund = Request::Refund { refund: request, wait: false };
    let result = ask_from_elsewhere(stage, till, givers, ("refunds from elsewhere", refund)).await;
    let of_it =
        |reply: &&Reply| matches!(reply, Reply::Refund(back) if back.reason == reason && is_for_something(back));
    let shown = result.as_ref().map_or(0, |replies| replies.iter().filter(of_it).count());
    judge(stage, no, &reason, shown.min(1), result.as_ref().err());
    expected(stage, "refund from elsewhere", result.map_err(|refusal| unless_wrong(refusal, part)));
}

/// Whoever wants something from another process: who has no PIN stands beside nobody there.
fn there(stage: &Stage, givers: Givers) -> (Givers, Actor, Option<Actor>) {
    let has_pin = |who: &Who| who.name().is_some_and(|name| stage.still().book.people.all.contains_key(name));
    let second = givers.second.filter(has_pin);
    (Givers { second, ..givers }, givers.by.actor(stage), second.map(|second| second.actor(stage)))
}

/// Asks from another process, and counts what was done. Right PINs are taken there as well.
async fn ask_from_elsewhere(
    stage: &Stage,
    till: &Till,
    givers: Givers,
    (counted, request): (&'static str, Request),
) -> Result<Vec<Reply>, Refusal> {
    let before = pins(stage, givers);
    let result = socket::ask(stage, till, givers, request).await;
    let after = pins(stage, givers);
    let mut world = stage.now();
    match &result {
        Ok(_) => *world.network.counts.entry(counted).or_default() += 1,
        Err(refusal) if refusal.code == Code::PinWrong && before.is_some() && before == after => {
            world.fail("the right PIN is taken", format!("{givers:?} from elsewhere: {refusal:?}"));
        }
        Err(_) => {}
    }
    drop(world);
    result
}

/// Their PINs and whether they are here; none while a PIN is being changed, or where somebody has none.
fn pins(stage: &Stage, givers: Givers) -> Option<Vec<(String, bool)>> {
    let world = stage.now();
    let people = &world.book.people;
    let of = |who: Who| {
        let name = who.name().filter(|name| !people.coming.contains_key(*name))?;
        Some((people.all.get(name)?.pin.clone(), people.is_somebody(name, world.now, world.ran())))
    };
    [Some(givers.by), givers.second].into_iter().flatten().map(of).collect()
}

/// Whether each of its lines is some pieces for some money: a gateway takes no other.
fn is_for_something(back: &RefundView) -> bool {
    back.items.iter().all(|line| line.quantity > 0 && line.amount_minor > 0)
}

/// What a refund of `part` of an order says. Where the gateway goes by lines it is of one that the till says is left: so many pieces
/// for so much, each drawn for itself.
async fn asked_for(stage: &Stage, till: &Till, no: &str, part: Part) -> RefundRequest {
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
    let known = if named && by_lines { till.order(no).await.ok() } else { None };
    let left = known.map(|live| live.refundable.lines).filter(|left| !left.is_empty());
    let line = match left {
        Some(left) => {
            let mut world = stage.still();
            let Item { id, quantity, amount_minor } = world.chance.one_of(&left).clone();
            let quantity = u32::try_from(world.chance.between(1, i64::from(quantity) + 1)).unwrap();
            let part_of_it = matches!(part, Part::Permille(_));
            Item { id, quantity, amount_minor: if part_of_it { minor.min(amount_minor) } else { minor } }
        }
        // Of an order that was taken in without its lines the gateway judges what is named.
        None => Item { id: "2".to_owned(), quantity: 1, amount_minor: minor },
    };
    let minor = line.amount_minor;
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

/// The number of the refund that came of it, if one did.
async fn give(
    stage: &Stage,
    till: &Till,
    no: &str,
    part: Part,
    (by, second): (&Actor, Option<&Actor>),
) -> Option<String> {
    let request = asked_for(stage, till, no, part).await;
    let reason = &request.reason;
    wants(stage, reason, no, by, second);
    let result = till.refund(by, second, &request).await;
    let of_it = |back: &&RefundView| back.reason == *reason && is_for_something(back);
    let shown = |live: &LiveOrder| live.refunds.iter().filter(of_it).count();
    judge(stage, no, reason, result.as_ref().map_or(0, shown), result.as_ref().err());
    expected(stage, "refund", result.map_err(|refusal| unless_wrong(refusal, part)));
    stage.still().book.wishes[reason].numbers.first().cloned()
}

/// Wants money to go back, and takes that back while it waits for a disk that did not take its sending.
pub async fn regret(stage: &Stage, till: &Till, no: &str, part: Part, givers: Givers) {
    let (by, second) = (givers.by.actor(stage), givers.second.map(|second| second.actor(stage)));
    stage.still().disk.keeps_back = Some(no.to_owned());
    let Some(refund_no) = give(stage, till, no, part, (&by, second.as_ref())).await else {
        stage.still().disk.keeps_back = None;
        return;
    };
    // It is sent two seconds later at the earliest.
    let at = {
        let mut world = stage.now();
        world.now + world.chance.between(0, S)
    };
    stage.until(at).await;
    take_back(stage, till, &refund_no, &by).await;
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

/// The `place`-th newest refund that did not come to its end.
fn without_an_end(stage: &Stage, place: usize) -> Option<String> {
    let world = stage.still();
    let waiting = world.book.drafted.iter().rev().flat_map(|no| &world.book.orders[no].returns);
    let mut waiting = waiting.filter(|back| matches!(back.state, "unknown" | "failed"));
    waiting.nth(place).map(|back| back.refund_no.clone())
}

/// The order of a refund, and a wish to have that sent again.
fn wants_again(stage: &Stage, refund_no: &str, (by, second): (&Actor, Option<&Actor>)) -> String {
    let no = stage.still().book.order_of_refund(refund_no).unwrap_or_default().to_owned();
    let words = format!("again {refund_no} {} {:?}", giver(by), second.map(giver));
    wants(stage, &words, &no, by, second);
    no
}

/// Sends a refund again that did not come to its end.
pub async fn again(stage: &Stage, till: &Till, place: usize, givers: Givers) {
    let Some(refund_no) = without_an_end(stage, place) else { return };
    let (by, second) = (givers.by.actor(stage), givers.second.map(|second| second.actor(stage)));
    send_again(stage, till, &refund_no, (&by, second.as_ref())).await;
}

/// The same from another process.
pub async fn again_from_elsewhere(stage: &Stage, till: &Till, place: usize, givers: Givers) {
    let Some(refund_no) = without_an_end(stage, place) else { return };
    let (givers, by, second) = there(stage, givers);
    let order_no = wants_again(stage, &refund_no, (&by, second.as_ref()));
    let again = Request::RefundAgain { order_no, refund_no, wait: false };
    let result = ask_from_elsewhere(stage, till, givers, ("sent again from elsewhere", again)).await;
    expected(stage, "again from elsewhere", result);
}

async fn send_again(stage: &Stage, till: &Till, refund_no: &str, (by, second): (&Actor, Option<&Actor>)) {
    let no = wants_again(stage, refund_no, (by, second));
    expected(stage, "again", till.refund_again(by, second, &no, refund_no).await);
}

/// One that waits to be sent for the first time, where there is one; else the `place`-th newest.
fn to_take_back(stage: &Stage, place: usize) -> Option<String> {
    let world = stage.still();
    let all = world.book.drafted.iter().rev().flat_map(|no| &world.book.orders[no].returns);
    let waiting = all.clone().find(|back| back.never_left());
    waiting.or_else(|| all.clone().nth(place)).map(|back| back.refund_no.clone())
}

/// The order of a refund, and a wish to take that back.
fn wants_back(stage: &Stage, refund_no: &str, by: &Actor) -> String {
    let no = stage.still().book.order_of_refund(refund_no).unwrap_or_default().to_owned();
    let words = words_of_its_own(stage, "withdraw");
    wants(stage, &words, &no, by, None);
    no
}

/// Takes a recent refund back, whether or not it has left.
pub async fn withdraw(stage: &Stage, till: &Till, place: usize, by: Who) {
    let by = by.actor(stage);
    let Some(refund_no) = to_take_back(stage, place) else { return };
    take_back(stage, till, &refund_no, &by).await;
}

/// The same from another process.
pub async fn withdraw_from_elsewhere(stage: &Stage, till: &Till, place: usize, by: Who) {
    let Some(refund_no) = to_take_back(stage, place) else { return };
    let order_no = wants_back(stage, &refund_no, &by.actor(stage));
    let back = Request::WithdrawRefund { order_no, refund_no: refund_no.clone() };
    let givers = Givers { by, second: None };
    let result = ask_from_elsewhere(stage, till, givers, ("withdrawn from elsewhere", back)).await;
    let result = result.map_err(|refusal| unless_just_requested(stage, refusal, &refund_no));
    expected(stage, "withdraw from elsewhere", result);
}

async fn take_back(stage: &Stage, till: &Till, refund_no: &str, by: &Actor) {
    let no = wants_back(stage, refund_no, by);
    let result = till.withdraw_refund(by, &no, refund_no).await;
    expected(stage, "withdraw", result.map_err(|refusal| unless_just_requested(stage, refusal, refund_no)));
}

/// Nobody can have seen the number of a refund that was asked for within the last second: it is in the journal, and about to be
/// shown.
fn unless_just_requested(stage: &Stage, refusal: Refusal, refund_no: &str) -> Refusal {
    let just_requested = || {
        let world = stage.still();
        let mut wishes = world.book.wishes.values().filter(|wish| wish.numbers.iter().any(|no| no == refund_no));
        wishes.any(|wish| world.now - wish.began < S)
    };
    let unknown = refusal.code == Code::UnknownRefund;
    if unknown && just_requested() { Refusal::of(Code::RefundLeft) } else { refusal }
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
