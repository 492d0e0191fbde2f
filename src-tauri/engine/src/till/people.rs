//! The people at the till: who acts, by which PIN, and who may come and go.
//!
//! Core knows every rule. Here PINs are looked at, one at a time, and what comes of it is written down before anybody is told.

mod load;
mod lock_outs;
mod pepper;
mod shop_limits;
mod show;

pub(crate) use load::{limits_of, people_of};
pub(crate) use show::{limits_view, operator_view};

use super::{Inner, News, Till, fault_of_storage, unexpected};
use crate::off_thread::off_thread;
use crate::view::people::OperatorView;
use parking_lot::RwLock;
use secrecy::{SecretSlice, SecretString};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use till_core::error::{Code, Refusal};
use till_core::journal::{self, Event};
use till_core::limits::Limits;
use till_core::operator::pin::{self, Cost, KeptPin, Unkeepable};
use till_core::operator::{OperatorEvent, People, same_name};
use till_core::rights::{Action, Actor, Role, may, may_change_pin};
use tokio::task::JoinError;

/// What the till knows of its people and of the shop's limits.
#[derive(Default)]
pub(super) struct Staff {
    people: RwLock<People>,
    limits: RwLock<Limits>,
    /// Held from the look at people or limits until what was decided on it is written: PINs are tried one after another.
    roster: tokio::sync::Mutex<Roster>,
    /// Whether somebody measures lock-outs already.
    measuring: AtomicBool,
}

/// What a writer of people and limits needs.
#[derive(Default)]
struct Roster {
    people_seen: u64,
    limits_seen: u64,
    limits_unreadable: bool,
    pepper: Option<Arc<SecretSlice<u8>>>,
}

/// Who somebody says they are, and their PIN.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// Their name.
    pub name: String,
    /// Their PIN, as it was typed.
    pub pin: SecretString,
}

/// Who does something, and who stands beside them; both by their PINs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acting {
    /// Who does it.
    pub actor: Actor,
    /// Who agrees to it.
    pub second: Option<Actor>,
}

/// What becomes in this run of an event that could not be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unwritten {
    /// It holds all the same: a wrong PIN was given, whether or not there was room to write it down.
    Holds,
    /// It has not happened.
    Lapses,
}

impl Till {
    /// Whoever stands at the till without having said who they are: its owner until a first manager exists.
    #[must_use]
    pub fn visitor(&self) -> Actor {
        self.inner.staff.people.read().visitor()
    }

    /// What `actor` is worth now.
    #[must_use]
    pub fn worth(&self, actor: &Actor) -> Actor {
        self.inner.staff.people.read().worth(actor, self.inner.seams.clock.now())
    }

    /// Whether `actor` may do `action` now; who that is, for the journal.
    pub fn permit(&self, actor: &Actor, action: Action) -> Result<Actor, Refusal> {
        let worth = self.worth(actor);
        if may(&worth, action) { Ok(worth) } else { Err(Refusal::of(Code::MissingRight).with("action", action.word())) }
    }

    /// Who that is, by their PIN, for one command. A wrong one counts, across restarts; the sixth in a row locks out.
    pub async fn identify(&self, name: &str, pin: &SecretString) -> Result<Actor, Refusal> {
        self.inner.try_pin(name, pin, false).await
    }

    /// Who does something and who stands beside them. Without credentials whoever stands at the till. The second person's wrong
    /// PINs are counted for the second person.
    pub async fn acting(&self, first: Option<&Credentials>, second: Option<&Credentials>) -> Result<Acting, Refusal> {
        if let (Some(first), Some(second)) = (first, second)
            && same_name(&first.name, &second.name)
        {
            return Err(Refusal::of(Code::SecondPersonSame));
        }
        let actor = match first {
            Some(Credentials { name, pin }) => self.identify(name, pin).await?,
            None => self.visitor(),
        };
        let second = match second {
            Some(Credentials { name, pin }) => Some(self.identify(name, pin).await?),
            None => None,
        };
        Ok(Acting { actor, second })
    }

    /// The same to stay: the journal says that they came.
    pub async fn sign_in(&self, name: &str, pin: &SecretString) -> Result<Actor, Refusal> {
        self.inner.try_pin(name, pin, true).await
    }

    /// Whoever signed in goes.
    pub async fn sign_out(&self, actor: &Actor) -> Result<(), Refusal> {
        let Actor::Operator { name, role: _ } = actor else { return Ok(()) };
        let mut roster = self.inner.staff.roster.lock().await;
        let event = OperatorEvent::SignedOut { name: name.clone() };
        self.inner.write_people(&mut roster, vec![event], actor, Unwritten::Lapses).await
    }

    /// Somebody as people see them, removed or not.
    pub fn operator(&self, name: &str) -> Result<OperatorView, Refusal> {
        let own = self.inner.own_name(name);
        let people = self.people(&Actor::Nobody).operators;
        let found = people.into_iter().find(|operator| operator.name == own);
        found.ok_or_else(|| Refusal::of(Code::OperatorUnknown).with("name", name.trim()))
    }

    /// Adds somebody. The first manager ends the owner's rights.
    pub async fn add_operator(&self, actor: &Actor, name: &str, role: Role, pin: &SecretString) -> Result<(), Refusal> {
        let mut roster = self.inner.staff.roster.lock().await;
        let actor = self.permit(actor, Action::ManageOperators)?;
        self.inner.staff.people.read().can_add(name)?;
        let kept = self.inner.kept(&mut roster, pin, false).await?;
        let event = self.inner.staff.people.read().add(name, role, kept)?;
        self.inner.write_people(&mut roster, vec![event], &actor, Unwritten::Lapses).await
    }

    /// Removes somebody. The name is not given again.
    pub async fn remove_operator(&self, actor: &Actor, name: &str) -> Result<(), Refusal> {
        let mut roster = self.inner.staff.roster.lock().await;
        let actor = self.permit(actor, Action::ManageOperators)?;
        let event = self.inner.staff.people.read().remove(name, self.inner.seams.clock.now())?;
        self.inner.write_people(&mut roster, vec![event], &actor, Unwritten::Lapses).await
    }

    /// Gives somebody another PIN: oneself, or as a manager anybody.
    pub async fn set_pin(&self, actor: &Actor, name: &str, pin: &SecretString) -> Result<(), Refusal> {
        let mut roster = self.inner.staff.roster.lock().await;
        let worth = self.worth(actor);
        let actor = if may_change_pin(&worth, &self.inner.own_name(name)) {
            worth
        } else {
            self.permit(actor, Action::ManageOperators)?
        };
        self.inner.change_pin(&mut roster, name, pin, &actor, false).await
    }

    /// Gives somebody another PIN without any PIN. For whoever owns the machine, in the process that holds the folder: no
    /// request of another process and no screen leads here. It stays in the journal, and every launch tells it for a week.
    pub async fn replace_lost_pin(&self, name: &str, pin: &SecretString) -> Result<(), Refusal> {
        let mut roster = self.inner.staff.roster.lock().await;
        self.inner.change_pin(&mut roster, name, pin, &Actor::Owner, true).await
    }
}

impl Inner {
    /// The name of somebody as it is kept; as it was typed where it is nobody's.
    fn own_name(&self, typed: &str) -> String {
        self.staff.people.read().whose(typed).map_or_else(|| typed.to_owned(), |operator| operator.name.clone())
    }

    async fn try_pin(self: &Arc<Self>, name: &str, pin: &SecretString, to_stay: bool) -> Result<Actor, Refusal> {
        if pin::is_empty(pin) {
            return Err(Refusal::of(Code::PinNeeded).with("name", self.own_name(name)));
        }
        let mut roster = self.staff.roster.lock().await;
        let kept = {
            let people = self.staff.people.read();
            people.to_be_tried(name, self.seams.clock.now())?.pin.clone()
        };
        let pepper = self.pepper(&mut roster, false).await?;
        if !kept.may_be_under(&pepper) {
            return Err(Refusal::of(Code::PinOutdated).with("name", self.own_name(name)));
        }
        let typed = pin.clone();
        let tried = self.hashing(move || pin::is_right(&typed, &pepper, &kept)).await;
        let right = tried.map_err(|error| unexpected(&error))?;
        let (events, verdict) = self.staff.people.read().tried(name, right, to_stay, self.seams.clock.now());
        let actor = match &verdict {
            Ok(actor) => actor.clone(),
            Err(_) => self.staff.people.read().visitor(),
        };
        let unwritten = if right { Unwritten::Lapses } else { Unwritten::Holds };
        self.write_people(&mut roster, events, &actor, unwritten).await?;
        verdict
    }

    async fn change_pin(
        self: &Arc<Self>,
        roster: &mut Roster,
        name: &str,
        pin: &SecretString,
        actor: &Actor,
        lost: bool,
    ) -> Result<(), Refusal> {
        self.staff.people.read().present(name)?;
        let kept = self.kept(roster, pin, lost).await?;
        let event = self.staff.people.read().change_pin(name, kept, lost)?;
        self.write_people(roster, vec![event], actor, Unwritten::Lapses).await
    }

    /// What the journal keeps of a new PIN.
    async fn kept(&self, roster: &mut Roster, pin: &SecretString, lost: bool) -> Result<KeptPin, Refusal> {
        if !pin::is_pin(pin) {
            return Err(Refusal::of(Code::BadPin));
        }
        let first = self.staff.people.read().all().next().is_none();
        let pepper = self.pepper(roster, first || lost).await?;
        let (typed, salt, cost) = (pin.clone(), self.random()?, self.pins);
        let hashed = self.hashing(move || pin::hash(&typed, &pepper, salt, cost)).await;
        hashed.map_err(|error| unexpected(&error))?.map_err(|unkeepable| match unkeepable {
            Unkeepable::Bad => Refusal::of(Code::BadPin),
            Unkeepable::Pepper => pepper::odd(),
        })
    }

    /// Hashes on a thread that may block. What costs next to nothing is hashed here: a simulated till's story has no threads in it.
    async fn hashing<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, JoinError> {
        match self.pins {
            Cost::Recommended => off_thread(work).await,
            Cost::Least => Ok(work()),
        }
    }

    /// Writes what happened to people, then takes it in and tells it.
    async fn write_people(
        self: &Arc<Self>,
        roster: &mut Roster,
        events: Vec<OperatorEvent>,
        actor: &Actor,
        unwritten: Unwritten,
    ) -> Result<(), Refusal> {
        if events.is_empty() {
            return Ok(());
        }
        let now = self.seams.clock.now();
        let payloads = events.iter().map(|event| Event::Operators { event: event.clone() }).collect();
        let written = self.commit_shop(journal::OPERATORS, roster.people_seen, payloads, actor, now).await;
        match &written {
            Ok(()) => roster.people_seen = roster.people_seen.saturating_add(count(events.len())),
            Err(_) if unwritten == Unwritten::Holds => {}
            Err(fault) => return Err(fault_of_storage(fault)),
        }
        {
            let mut people = self.staff.people.write();
            for event in &events {
                people.evolve(event, now);
            }
        }
        self.measure_lock_outs();
        self.tell(News::People);
        written.map_err(|fault| fault_of_storage(&fault))
    }
}

/// The actor may not do that.
pub(super) fn missing(action: Action) -> Refusal {
    Refusal::of(Code::MissingRight).with("action", action.word())
}

fn count(events: usize) -> u64 {
    u64::try_from(events).unwrap_or(u64::MAX)
}
