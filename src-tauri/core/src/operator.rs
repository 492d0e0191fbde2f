//! The people at the till: what happened to them, and what whoever acts is worth now.

mod decide;
mod lock_out;
mod name;
pub mod pin;

pub use lock_out::{LOCKED_S, SERVED_EVERY_S, TRIES};
pub(crate) use name::is_blank;
pub use name::{alike, operator_name, same_name};

use crate::rights::{Actor, Role};
use crate::time::Moment;
use lock_out::LockOut;
use pin::{KeptPin, PepperMark, PinHash};
use serde::{Deserialize, Serialize};

/// Something that happened to a person at the till. Who did it stands beside the event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum OperatorEvent {
    /// Somebody new.
    Added {
        /// Their name, for ever.
        name: String,
        /// What they are.
        role: Role,
        /// Their PIN, as it is kept.
        pin: PinHash,
        /// Under which pepper.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pepper: Option<PepperMark>,
    },
    /// Another PIN.
    PinChanged {
        /// Whose.
        name: String,
        /// As it is kept.
        pin: PinHash,
        /// Set without any PIN, by whoever owns the machine.
        lost: bool,
        /// Under which pepper it is kept.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pepper: Option<PepperMark>,
    },
    /// Gone. The name stays theirs.
    Removed {
        /// Who.
        name: String,
    },
    /// A wrong PIN was given.
    PinRefused {
        /// Whose it was to be.
        name: String,
    },
    /// The right PIN after wrong ones: they count no longer.
    PinAccepted {
        /// Whose.
        name: String,
    },
    /// The right PIN, to stay.
    SignedIn {
        /// Who.
        name: String,
    },
    /// Gone from the till, or left it alone for too long.
    SignedOut {
        /// Who.
        name: String,
    },
    /// Too many wrong PINs in a row.
    LockedOut {
        /// Whose they were to be.
        name: String,
    },
    /// So much of a lock-out is over, as the engine has measured it.
    LockServed {
        /// Whose lock-out.
        name: String,
        /// Seconds since its beginning in which an engine ran.
        served_s: u32,
    },
}

/// One person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    /// Their name.
    pub name: String,
    /// What they are.
    pub role: Role,
    /// Their PIN.
    pub pin: KeptPin,
    /// Whether they were removed.
    pub removed: bool,
    /// Wrong PINs in a row.
    pub wrong_tries: u32,
    /// UTC microseconds at which their PIN was replaced without any PIN.
    pub pin_replaced_at: Option<i64>,
    lock_out: Option<LockOut>,
}

impl Operator {
    /// Seconds until a lock-out is over; `None` where there is none.
    #[must_use]
    pub fn locked_for_s(&self, now: Moment) -> Option<u32> {
        self.lock_out.as_ref().map(|lock_out| lock_out.left_s(now)).filter(|left| *left > 0)
    }

    /// Who acts where this person does.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor::Operator { name: self.name.clone(), role: self.role }
    }
}

/// Everybody who is or was at the till.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct People {
    all: Vec<Operator>,
    unreadable: bool,
}

impl People {
    /// People of whom some event cannot be read. Nobody can give a PIN, and nobody is the owner: what cannot be read may have
    /// been the first manager.
    #[must_use]
    pub fn unreadable() -> Self {
        Self { all: Vec::new(), unreadable: true }
    }

    /// Whether their events could not be read.
    #[must_use]
    pub fn are_unreadable(&self) -> bool {
        self.unreadable
    }

    /// Everybody, removed ones too, in the order in which they came.
    pub fn all(&self) -> impl Iterator<Item = &Operator> {
        self.all.iter()
    }

    /// Somebody who is here, by name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Operator> {
        self.whose(name).filter(|operator| !operator.removed)
    }

    /// Whose name that is, whether or not they were removed. Where nobody has exactly this one it is that of whoever is here
    /// with a name that looks the same; a journal may hold two that do.
    #[must_use]
    pub fn whose(&self, name: &str) -> Option<&Operator> {
        let own = self.all.iter().find(|operator| same_name(&operator.name, name));
        own.or_else(|| self.all.iter().find(|operator| !operator.removed && alike(&operator.name, name)))
    }

    /// Whose PIN was replaced without any PIN in the `period` microseconds before `now`, and when. Removing somebody does not
    /// hide it.
    pub fn pins_replaced(&self, now: Moment, period: i64) -> impl Iterator<Item = (&str, i64)> {
        let lately = move |at: &i64| now.wall.saturating_sub(*at) < period;
        self.all
            .iter()
            .filter_map(move |operator| Some((operator.name.as_str(), operator.pin_replaced_at.filter(lately)?)))
    }

    /// Takes in what happened. `at.wall`: when. `at.boot`: since when this run measures a lock-out that the event leaves.
    pub fn evolve(&mut self, event: &OperatorEvent, at: Moment) {
        match event {
            OperatorEvent::Added { name, role, pin, pepper } => self.all.push(Operator {
                name: name.clone(),
                role: *role,
                pin: KeptPin { hash: pin.clone(), pepper: pepper.clone() },
                removed: false,
                wrong_tries: 0,
                pin_replaced_at: None,
                lock_out: None,
            }),
            OperatorEvent::PinChanged { name, pin, lost, pepper } => self.change(name, |operator| {
                operator.pin = KeptPin { hash: pin.clone(), pepper: pepper.clone() };
                if *lost {
                    operator.pin_replaced_at = Some(at.wall);
                }
            }),
            OperatorEvent::Removed { name } => self.change(name, |operator| {
                operator.removed = true;
                operator.lock_out = None;
            }),
            OperatorEvent::PinRefused { name } => self.change(name, |operator| {
                operator.wrong_tries = operator.wrong_tries.saturating_add(1);
            }),
            OperatorEvent::PinAccepted { name } | OperatorEvent::SignedIn { name } => {
                self.change(name, |operator| operator.wrong_tries = 0);
            }
            OperatorEvent::SignedOut { name: _ } => {}
            OperatorEvent::LockedOut { name } => self.change(name, |operator| {
                operator.lock_out = Some(LockOut::begun(at));
            }),
            OperatorEvent::LockServed { name, served_s } => self.change(name, |operator| {
                operator.lock_out = LockOut::served(*served_s, at);
                if operator.lock_out.is_none() {
                    operator.wrong_tries = 0;
                }
            }),
        }
    }

    fn change(&mut self, name: &str, change: impl FnOnce(&mut Operator)) {
        if let Some(operator) = self.all.iter_mut().find(|operator| same_name(&operator.name, name)) {
            change(operator);
        }
    }

    /// Whether the till has a manager, and so no owner any more.
    #[must_use]
    pub fn have_manager(&self) -> bool {
        self.unreadable || self.managers().next().is_some()
    }

    fn managers(&self) -> impl Iterator<Item = &Operator> {
        self.all.iter().filter(|operator| operator.role == Role::Manager && !operator.removed)
    }

    /// Whoever stands at the till without having said who they are.
    #[must_use]
    pub fn visitor(&self) -> Actor {
        if self.have_manager() { Actor::Nobody } else { Actor::Owner }
    }

    /// What an actor is worth now who was somebody a while ago: the role as it is recorded, and nobody where they were removed
    /// or are locked out.
    #[must_use]
    pub fn worth(&self, actor: &Actor, now: Moment) -> Actor {
        match actor {
            Actor::Owner => self.visitor(),
            Actor::Operator { name, role: _ } => match self.named(name) {
                Some(operator) if operator.locked_for_s(now).is_none() => operator.actor(),
                Some(_) | None => Actor::Nobody,
            },
            Actor::Nobody | Actor::Engine | Actor::Gateway => actor.clone(),
        }
    }
}
