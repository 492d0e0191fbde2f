//! The people at the till: who they are, what they type, and who of them can act.

use super::perform::expected;
use super::world::{MIN, Stage};
use secrecy::SecretString;
use till_core::error::{Code, Refusal};
use till_core::limits::{Limits, RefundLimits};
use till_core::money::Currency;
use till_core::rights::{Action, Actor, Role};
use till_engine::till::Till;

/// Somebody at the till.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// The owner, whether or not there is a manager.
    Owner,
    /// Whoever has not said who they are.
    Nobody,
    /// A manager.
    Mei,
    /// Another one.
    Lin,
    /// A cashier.
    Bo,
}

/// Everybody with a PIN at the beginning.
const ALL: [(Who, &str, Role); 3] =
    [(Who::Mei, "Mei", Role::Manager), (Who::Lin, "Lin", Role::Manager), (Who::Bo, "Bo", Role::Cashier)];

impl Who {
    /// Their name, where they have one.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        ALL.into_iter().find(|(who, ..)| *who == self).map(|(_, name, _)| name)
    }

    /// Who acts: where there never were managers, the owner for them.
    #[must_use]
    pub fn actor(self, stage: &Stage) -> Actor {
        let staffed = stage.still().staffed;
        match ALL.into_iter().find(|(who, ..)| *who == self) {
            Some((_, _, Role::Manager)) if !staffed => Actor::Owner,
            Some((_, name, role)) => Actor::Operator { name: name.to_owned(), role },
            None if self == Self::Nobody => Actor::Nobody,
            None => Actor::Owner,
        }
    }
}

/// Whoever can do everything now: the owner, or a manager who is here and not locked out, as the till itself sees it.
#[must_use]
pub fn boss(stage: &Stage, till: &Till) -> Actor {
    let names: Vec<String> = stage.still().book.people.all.keys().cloned().collect();
    let managers = names.into_iter().map(|name| Actor::Operator { name, role: Role::Manager });
    let can = |actor: &Actor| till.permit(actor, Action::ManageOperators).is_ok();
    managers.into_iter().find(can).unwrap_or(Actor::Owner)
}

/// Waits until some manager is not locked out.
pub async fn wait_for_a_boss(stage: &Stage, till: &Till) {
    if till.permit(&boss(stage, till), Action::ManageOperators).is_err() {
        let at = stage.now().now + 31 * MIN;
        stage.until(at).await;
    }
}

/// The people that most worlds begin with.
pub async fn hire_all(stage: &Stage, till: &Till) {
    if !stage.still().staffed {
        return;
    }
    for (place, (_, name, role)) in ALL.into_iter().enumerate() {
        let pin = format!("258{place}");
        hire(stage, till, name, role, &pin).await.unwrap();
    }
}

async fn hire(stage: &Stage, till: &Till, name: &str, role: Role, pin: &str) -> Result<(), Refusal> {
    let by = boss(stage, till);
    stage.still().book.people.coming.insert(name.to_owned(), pin.to_owned());
    till.add_operator(&by, name, role, &SecretString::from(pin)).await
}

/// Somebody new.
pub async fn newcomer(stage: &Stage, till: &Till, manager: bool) {
    let name = format!("Kai{}", stage.still().book.people.all.len());
    if stage.still().book.people.coming.contains_key(&name) {
        return;
    }
    let role = if manager { Role::Manager } else { Role::Cashier };
    expected(stage, "people", hire(stage, till, &name, role, "7319").await);
}

/// Somebody goes.
pub async fn fire(stage: &Stage, till: &Till, who: Who) {
    if let Some(name) = who.name() {
        let result = till.remove_operator(&boss(stage, till), name).await;
        expected(stage, "people", result);
    }
}

/// Somebody gets another PIN, from a manager or from themselves.
pub async fn change_pin(stage: &Stage, till: &Till, who: Who, themselves: bool) {
    let Some(name) = who.name() else { return };
    let by = if themselves { who.actor(stage) } else { boss(stage, till) };
    let pin = {
        let mut world = stage.now();
        if world.book.people.coming.contains_key(name) {
            return;
        }
        let pin = format!("{}", world.chance.between(100_001, 999_998));
        world.book.people.coming.insert(name.to_owned(), pin.clone());
        pin
    };
    let result = till.set_pin(&by, name, &SecretString::from(pin)).await;
    if result.is_err() {
        stage.now().book.people.coming.remove(name);
    }
    expected(stage, "people", result);
}

/// Somebody types a PIN. True: it was taken.
pub async fn type_pin(stage: &Stage, till: &Till, who: Who, right: bool, to_stay: bool) -> bool {
    let Some(name) = who.name() else { return false };
    let known = |stage: &Stage| {
        let world = stage.now();
        let people = &world.book.people;
        let coming = people.coming.contains_key(name);
        let here = people.is_somebody(name, world.now, world.ran());
        people.all.get(name).filter(|_| !coming).map(|person| (person.pin.clone(), here))
    };
    let before = known(stage);
    let typed = match &before {
        Some((pin, _)) if right => pin.clone(),
        Some(_) | None => "0123".to_owned(),
    };
    let typed = SecretString::from(typed);
    let result = if to_stay { till.sign_in(name, &typed).await } else { till.identify(name, &typed).await };
    let after = known(stage);
    let taken = result.is_ok();
    let mut world = stage.now();
    let wrong_tries = world.book.people.all.get(name).map_or(0, |person| person.wrong);
    match &result {
        Ok(_) if !right => world.fail("a wrong PIN opens nothing", name.to_owned()),
        Ok(actor) if actor.word() != format!("operator:{name}") => {
            world.fail("a PIN is its owner's", format!("{name}: {actor:?}"));
        }
        Err(refusal) if refusal.code == Code::PinWrong => {
            let left = refusal.facts.get("left").and_then(|left| left.parse::<u32>().ok());
            if left.is_none_or(|left| left + wrong_tries > 6) {
                world.fail("wrong PINs lock out", format!("{name}: {left:?} left after {wrong_tries}"));
            } else if right && before.is_some() && before == after {
                world.fail("the right PIN is taken", name.to_owned());
            }
        }
        Err(refusal) if !right && matches!(refusal.code, Code::DiskFull | Code::FolderReadOnly | Code::Unexpected) => {
            if let Some(person) = world.book.people.all.get_mut(name) {
                person.unwritten += 1;
            }
        }
        Ok(_) | Err(_) => {}
    }
    drop(world);
    expected(stage, "pin", result);
    taken
}

/// The shop changes what refunds are held to.
pub async fn set_limits(stage: &Stage, till: &Till, which: usize) {
    let of = |per_refund_minor, per_day_minor, second_above_minor| RefundLimits {
        per_refund_minor,
        per_day_minor,
        second_above_minor,
    };
    let refunds = match which {
        0 => of(200_000, 500_000, 50_000),
        1 => of(600_000, 1_000_000, 600_000),
        2 => of(600_000, 700_000, 300_000),
        _ => of(20_000, 60_000, 0),
    };
    let refunds = Currency::ALL.into_iter().map(|currency| (currency, refunds)).collect();
    let result = till.set_limits(&boss(stage, till), |_| Ok(Limits { refunds, ..Limits::default() })).await;
    expected(stage, "people", result);
}
