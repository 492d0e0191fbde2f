//! The people at the till as the journal tells them, what each may do, and the shop's limits.

use super::text;
use crate::simulation::world::{MIN, S, World};
use serde_json::Value;
use std::collections::BTreeMap;

/// Wrong PINs in a row that lock somebody out, and for how long an engine must run then.
const TRIES: u32 = 6;
const LOCKED: i64 = 30 * MIN;

/// From a decision to its commit, at most.
const LEEWAY: i64 = 3 * S;

/// One of them.
#[derive(Debug, Clone, Default)]
pub struct Person {
    manager: bool,
    /// World time.
    removed: Option<i64>,
    /// Wrong PINs in a row.
    pub wrong: u32,
    /// Wrong PINs of this run that could not be written down: they hold all the same.
    pub unwritten: u32,
    /// World time, and for how long engines had run by then.
    locked: Option<(i64, i64)>,
    /// The PIN that the journal keeps.
    pub pin: String,
}

/// Everybody, and what they are held to.
#[derive(Debug, Default)]
pub struct People {
    /// By name.
    pub all: BTreeMap<String, Person>,
    /// PINs that are on their way into the journal.
    pub coming: BTreeMap<String, String>,
    /// How often somebody was locked out.
    pub lock_outs: u32,
    /// What holds since when, the newest last.
    limits: Vec<(i64, Value)>,
    /// World time of the first manager.
    owned_until: Option<i64>,
}

impl People {
    /// Another run knows only what is written.
    pub fn new_run(&mut self) {
        self.coming.clear();
        for person in self.all.values_mut() {
            person.unwritten = 0;
        }
    }

    /// Whether `name` may act as a manager at `began`, or since; `owner` until there was one.
    pub fn may_answer(&self, name: &str, began: i64, ran: i64) -> bool {
        if name == "owner" {
            return self.owned_until.is_none_or(|until| began <= until + LEEWAY);
        }
        self.is_somebody(name, began, ran) && self.all[name].manager
    }

    /// Whether `name` stood at the till at `began`: added, not removed, and not locked out.
    pub fn is_somebody(&self, name: &str, began: i64, ran: i64) -> bool {
        self.all.get(name).is_some_and(|person| {
            let gone = person.removed.is_some_and(|at| at < began);
            // Since it began, or it is over.
            let locked = person.locked.is_some_and(|(at, then)| at < began && ran - then < LOCKED - LEEWAY);
            !gone && !locked
        })
    }

    /// Whether limits that held since `began` let `within` be true.
    fn some_limit(&self, began: i64, within: impl Fn(&Value) -> bool) -> bool {
        let newest_before = self.limits.iter().rposition(|(at, _)| *at <= began).unwrap_or(0);
        let all = self.limits.iter().skip(newest_before).map(|(_, limits)| limits);
        self.limits.first().is_none_or(|(at, _)| *at > began) && within(&Value::Null) || all.into_iter().any(within)
    }

    /// Whether a refund of that much is allowed: the amount, what the giver gave that day besides, and whether two people gave it.
    pub fn lets(&self, began: i64, currency: &str, ask: &Ask) -> bool {
        self.some_limit(began, |limits| {
            let of = |field: &str, otherwise: i64| limits["refunds"][currency][field].as_i64().unwrap_or(otherwise);
            let (per_refund, per_day) = (of("per_refund_minor", 200_000), of("per_day_minor", 500_000));
            let second = of("second_above_minor", 50_000);
            let days = limits["window_days"].as_i64().unwrap_or(90);
            ask.minor <= per_refund
                && ask.spent.is_none_or(|spent| spent + ask.minor <= per_day)
                && (ask.of_the_order + ask.minor <= second || ask.second || ask.by_owner)
                && ask.age_days.is_none_or(|age| age <= days)
        })
    }
}

/// A refund, as far as limits care; none of what nobody can know since somebody set the clock.
pub struct Ask {
    /// Minor units.
    pub minor: i64,
    /// What went back, or may, by the order's other refunds.
    pub of_the_order: i64,
    /// What the giver gave that day besides.
    pub spent: Option<i64>,
    /// Two people gave it.
    pub second: bool,
    /// The giver owns the till.
    pub by_owner: bool,
    /// Whole days since the payment.
    pub age_days: Option<i64>,
}

/// Something happened to people.
pub(super) fn people_event(world: &mut World, body: &Value) {
    let kind = text(&body["type"]);
    let name = text(&body["name"]);
    world.tell(format_args!("journal: {name} {kind}"));
    let (now, ran) = (world.now, world.ran());
    let people = &mut world.book.people;
    if kind == "added" {
        let manager = body["role"] == "manager";
        if manager {
            people.owned_until.get_or_insert(now);
        }
        let pin = people.coming.remove(&name).unwrap_or_default();
        let person = Person { manager, pin, ..Person::default() };
        if people.all.insert(name.clone(), person).is_some() {
            world.fail("a name is given once", name);
        }
        return;
    }
    let coming = if kind == "pin_changed" { people.coming.remove(&name) } else { None };
    let Some(person) = people.all.get_mut(&name) else { return world.fail("nobody of that name", name) };
    let over = person.locked.is_some_and(|(_, then)| ran - then >= LOCKED - LEEWAY);
    people.lock_outs += u32::from(kind == "locked_out");
    if matches!(kind.as_str(), "pin_refused" | "pin_accepted" | "signed_in") {
        // That a lock-out was over may have been said while nothing could be written: then only the till knew.
        if person.locked.take_if(|_| over).is_some() {
            (person.wrong, person.unwritten) = (0, 0);
        }
    }
    let wrong = match kind.as_str() {
        "pin_changed" => {
            person.pin = coming.unwrap_or_default();
            None
        }
        "removed" => {
            person.removed = Some(now);
            None
        }
        "pin_refused" => {
            person.wrong += 1;
            (person.wrong > TRIES || person.locked.is_some()).then_some("a try too many")
        }
        "pin_accepted" | "signed_in" => {
            (person.wrong, person.unwritten) = (0, 0);
            person.locked.is_some().then_some("somebody who is locked out")
        }
        "locked_out" => {
            person.locked = Some((now, ran));
            (person.wrong > TRIES || person.wrong + person.unwritten < TRIES).then_some("locked out too early")
        }
        "lock_served" if body["served_s"].as_i64() == Some(LOCKED / S) => {
            // Where the beginning could not be written down, nobody but the till knows it.
            let known = person.locked.take().is_some();
            (person.wrong, person.unwritten) = (0, 0);
            (known && !over).then_some("out again too early")
        }
        _ => None,
    };
    if let Some(wrong) = wrong {
        world.fail("wrong PINs lock out", format!("{name}: {wrong}"));
    }
}

/// Nobody may have six wrong tries and not be locked out, once all that belongs together is written.
pub(super) fn after_people(world: &mut World) {
    let loose = world.book.people.all.iter().find(|(_, person)| person.wrong >= TRIES && person.locked.is_none());
    if let Some((name, _)) = loose {
        let name = name.clone();
        world.fail("wrong PINs lock out", format!("{name} is not locked out"));
    }
}

pub(super) fn limits_event(world: &mut World, body: &Value) {
    world.tell(format_args!("journal: limits"));
    let now = world.now;
    world.book.people.limits.push((now, body["after"].clone()));
}

/// Somebody who was removed or locked out a while ago acted.
pub(super) fn acted(world: &mut World, actor: &str, kind: &str) {
    let (now, ran) = (world.now, world.ran());
    let Some(name) = actor.strip_prefix("operator:") else {
        let until = world.book.people.owned_until;
        if actor == "owner" && until.is_some_and(|until| until + MIN < now) && kind != "pin_changed" {
            world.fail("who acts may", format!("the owner {kind}, although there is a manager"));
        }
        return;
    };
    if !world.book.people.is_somebody(name, now - MIN, ran) {
        world.fail("who acts may", format!("{name} {kind}, although locked out, removed or unknown"));
    }
}
