//! What persons do besides selling: reverse, name a gateway's number, take in what was ordered elsewhere.

use super::gateway::{HOUSES, Making, Way};
use super::operation::{Lines, Naming};
use super::perform::expected;
use super::staff::boss;
use super::world::{MIN, Stage, World};
use till_core::error::Code;
use till_engine::till::{Named, Till};
use till_engine::view::Item;

/// An order that somebody wants to take in.
#[derive(Debug, Clone)]
pub struct Adoption {
    account: &'static str,
    order_no: String,
    key: String,
    named: Named,
    items: Vec<Item>,
    wrong: bool,
}

/// Has an order reversed.
pub async fn reverse(stage: &Stage, till: &Till, no: String) {
    let result = till.reverse(&boss(stage, till), &no).await;
    let fine = result.is_ok();
    expected(stage, "reverse", result);
    let mut world = stage.now();
    let told = &world.book.orders[&no];
    if fine && told.off.is_none() && told.state != "disputed" && !told.paid && !told.ended {
        world.fail("a reverse that was promised", no);
    }
}

/// The number that a person names for a recent order.
pub fn number(stage: &Stage, place: usize, naming: Naming) -> Option<(String, String)> {
    let world = stage.still();
    let drafted = &world.book.drafted;
    // One that waits for it, if there is one; else any.
    let stuck = drafted.iter().rev().filter(|no| world.book.orders[*no].is_stuck()).nth(place % 3);
    let no = stuck.or_else(|| drafted.iter().rev().nth(place))?.clone();
    let right = world.platform.trades.get(&no).map(|trade| trade.gateway_no.clone());
    let number = match naming {
        Naming::Right => right?,
        Naming::Nobodys => "7777777".to_owned(),
        Naming::Anothers => {
            let mut others = world.platform.trades.iter().rev().filter(|(other, _)| **other != no);
            others.nth(place)?.1.gateway_no.clone()
        }
    };
    Some((no, number))
}

/// Names a gateway's number.
pub async fn name(stage: &Stage, till: &Till, no: &str, number: &str) -> bool {
    let looking = Looking::begin(stage, number);
    stage.now().book.person_asked(no);
    let result = till.name_gateway_no(&boss(stage, till), no, number).await;
    drop(looking);
    let fine = result.is_ok();
    expected(stage, "name", result);
    let mut world = stage.now();
    let truth = world.platform.trades.get(no).map(|trade| trade.gateway_no.clone());
    if fine && truth.as_deref() != Some(number) {
        world.fail("the number of another", format!("{no} is {truth:?}, not {number}"));
    }
    fine
}

/// Somebody orders through a speaker.
pub fn order_elsewhere(world: &mut World, place: usize, minor: i64) {
    let order_no = format!("DD{:026}", world.platform.elsewhere.len() + 1);
    let making =
        Making { order_no: &order_no, place, minor, expires: None, channel: "voice", link: None, way: Way::Elsewhere };
    if world.create_trade(making).is_ok() {
        world.platform.elsewhere.push(order_no);
    }
}

/// How a person names a recent order that was made elsewhere.
pub fn adoption(stage: &Stage, place: usize, by_theirs: bool, lines: Lines) -> Option<Adoption> {
    let world = stage.still();
    let order_no = world.platform.elsewhere.iter().rev().nth(place)?.clone();
    let trade = &world.platform.trades[&order_no];
    let key = if by_theirs { trade.gateway_no.clone() } else { order_no.clone() };
    let named = if by_theirs { Named::TransactionId(key.clone()) } else { Named::TradeNo(key.clone()) };
    let line = |id: &str, amount_minor: i64| Item { id: id.to_owned(), quantity: 2, amount_minor };
    let items = match lines {
        Lines::No => vec![],
        Lines::Right => vec![line("1", trade.minor / 3), line("2", trade.minor - trade.minor / 3)],
        Lines::Wrong => vec![line("1", trade.minor + 1)],
    };
    let (account, wrong) = (HOUSES[trade.place].0, lines == Lines::Wrong);
    Some(Adoption { account, order_no, key, named, items, wrong })
}

/// Takes in an order.
pub async fn adopt(stage: &Stage, till: &Till, adoption: Adoption) -> bool {
    let Adoption { account, order_no, key, named, items, wrong } = adoption;
    let known = stage.now().book.orders.contains_key(&order_no);
    let looking = [Looking::begin(stage, &key), Looking::begin(stage, &order_no)];
    stage.now().book.person_asked(&order_no);
    let result = till.adopt(&boss(stage, till), account, &named, &items).await;
    drop(looking);
    let taken = result.as_ref().ok().map(|live| live.order.order_no.clone());
    let anothers = result.as_ref().is_err_and(|refusal| refusal.code == Code::NumberOfAnother);
    expected(stage, "adopt", result);
    let mut world = stage.now();
    // Only an order that the journal holds already can be another one than the answer speaks of.
    if anothers && !world.book.orders.contains_key(&order_no) {
        world.fail("adopted", format!("{order_no} is refused as another's"));
    }
    match taken {
        Some(taken) if taken != order_no => world.fail("adopted", format!("{taken}, not {order_no}")),
        Some(_) if wrong && !known && !world.book.orders.contains_key(&order_no) => {
            world.fail("adopted", format!("{order_no} with lines that do not add up"));
        }
        Some(_) if !world.book.orders.contains_key(&order_no) => {
            world.fail("adopted", format!("{order_no} is not in the journal"));
        }
        Some(_) => return true,
        None => {}
    }
    false
}

/// Faults are over: half of the numbers that are missing are named, and every order that was made elsewhere is taken in.
pub async fn settle(stage: &Stage, till: &Till) {
    let stuck: Vec<(String, String)> = {
        let world = stage.now();
        let stuck = world.book.orders.values().filter(|told| told.is_stuck());
        let known = stuck.filter_map(|told| {
            let number = world.platform.trades.get(&told.order_no)?.gateway_no.clone();
            Some((told.order_no.clone(), number))
        });
        known.enumerate().filter(|(place, _)| place % 2 == 0).map(|(_, pair)| pair).collect()
    };
    for (no, number) in stuck {
        // Somebody who began before may have named it meanwhile.
        let named = name(stage, till, &no, &number).await;
        if !named && stage.now().book.orders[&no].is_stuck() {
            stage.now().fail("a person's way out", format!("{no} could not be named {number}"));
        }
    }
    let elsewhere = stage.now().platform.elsewhere.clone();
    for (count, wanted) in elsewhere.iter().enumerate() {
        // The first question may show the till that its clock is wrong.
        for again in 0..8 {
            // More are made meanwhile.
            let place = stage.still().platform.elsewhere.iter().rev().position(|no| no == wanted);
            let adoption = place.and_then(|place| adoption(stage, place, count % 2 == 0, Lines::No));
            let Some(adoption) = adoption else { return };
            let no = adoption.order_no.clone();
            if adopt(stage, till, adoption).await {
                break;
            }
            if again == 7 {
                stage.now().fail("adopted", format!("{no} could not be taken in"));
            }
            let at = stage.now().now + MIN;
            stage.until(at).await;
        }
    }
}

/// A person's question about a number is under way.
struct Looking(Stage, String);

impl Looking {
    fn begin(stage: &Stage, number: &str) -> Self {
        *stage.now().book.looking.entry(number.to_owned()).or_default() += 1;
        Self(stage.clone(), number.to_owned())
    }
}

impl Drop for Looking {
    fn drop(&mut self) {
        let mut world = self.0.still();
        if let Some(count) = world.book.looking.get_mut(&self.1) {
            *count -= 1;
            if *count == 0 {
                world.book.looking.remove(&self.1);
            }
        }
    }
}
