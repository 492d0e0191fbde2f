//! Decisions about people. Each gives the events to write, or why not.

use super::pin::KeptPin;
use super::{LOCKED_S, Operator, OperatorEvent, People, TRIES, alike, operator_name};
use crate::error::{Code, Refusal};
use crate::rights::{Actor, Role};
use crate::time::Moment;

impl People {
    /// Whether somebody of that name can be added; the name as it is kept.
    pub fn can_add(&self, typed: &str) -> Result<String, Refusal> {
        self.readable()?;
        let name = operator_name(typed).ok_or_else(|| Refusal::of(Code::BadOperatorName).with("name", typed.trim()))?;
        match self.all.iter().find(|operator| alike(&operator.name, &name)) {
            Some(operator) => Err(Refusal::of(Code::OperatorNameTaken).with("name", &operator.name)),
            None => Ok(name),
        }
    }

    /// Adds somebody.
    pub fn add(&self, typed: &str, role: Role, kept: KeptPin) -> Result<OperatorEvent, Refusal> {
        let KeptPin { hash: pin, pepper } = kept;
        Ok(OperatorEvent::Added { name: self.can_add(typed)?, role, pin, pepper })
    }

    /// Removes somebody. The last manager who can sign in stays: without one the till would have an owner again, or, while the
    /// others are locked out, nobody who may refund.
    pub fn remove(&self, name: &str, now: Moment) -> Result<OperatorEvent, Refusal> {
        let operator = self.present(name)?;
        let stays = |other: &&Operator| other.name != operator.name && other.locked_for_s(now).is_none();
        if operator.role == Role::Manager && !self.managers().any(|other| stays(&other)) {
            return Err(Refusal::of(Code::LastManager));
        }
        Ok(OperatorEvent::Removed { name: operator.name.clone() })
    }

    /// Gives somebody another PIN. A lock-out stays as it is.
    pub fn change_pin(&self, name: &str, kept: KeptPin, lost: bool) -> Result<OperatorEvent, Refusal> {
        let KeptPin { hash: pin, pepper } = kept;
        Ok(OperatorEvent::PinChanged { name: self.present(name)?.name.clone(), pin, lost, pepper })
    }

    /// Somebody who is here.
    pub fn present(&self, name: &str) -> Result<&Operator, Refusal> {
        self.readable()?;
        self.named(name).ok_or_else(|| Refusal::of(Code::OperatorUnknown).with("name", name.trim()))
    }

    /// Somebody whose PIN may be tried now.
    pub fn to_be_tried(&self, name: &str, now: Moment) -> Result<&Operator, Refusal> {
        let operator = self.present(name)?;
        match operator.locked_for_s(now) {
            Some(left_s) => Err(locked_out(operator, left_s)),
            None => Ok(operator),
        }
    }

    /// What a PIN of `name` comes to that was `right` or not: what to write, and who that is or why not.
    pub fn tried(
        &self,
        name: &str,
        right: bool,
        to_stay: bool,
        now: Moment,
    ) -> (Vec<OperatorEvent>, Result<Actor, Refusal>) {
        let operator = match self.to_be_tried(name, now) {
            Ok(operator) => operator,
            Err(refusal) => return (Vec::new(), Err(refusal)),
        };
        let name = || operator.name.clone();
        let mut events = Vec::new();
        let mut wrong_before = operator.wrong_tries;
        if operator.lock_out.is_some() {
            // It is over and that is not yet written down.
            events.push(OperatorEvent::LockServed { name: name(), served_s: LOCKED_S });
            wrong_before = 0;
        }
        if right {
            if to_stay {
                events.push(OperatorEvent::SignedIn { name: name() });
            } else if wrong_before > 0 {
                events.push(OperatorEvent::PinAccepted { name: name() });
            }
            return (events, Ok(operator.actor()));
        }
        events.push(OperatorEvent::PinRefused { name: name() });
        let left = TRIES.saturating_sub(wrong_before.saturating_add(1));
        if left == 0 {
            events.push(OperatorEvent::LockedOut { name: name() });
            return (events, Err(locked_out(operator, LOCKED_S)));
        }
        (events, Err(Refusal::of(Code::PinWrong).with("name", &operator.name).with("left", left)))
    }

    fn readable(&self) -> Result<(), Refusal> {
        if self.unreadable {
            return Err(Refusal::of(Code::JournalPartUnreadable).with("part", crate::journal::OPERATORS));
        }
        Ok(())
    }
}

fn locked_out(operator: &Operator, left_s: u32) -> Refusal {
    Refusal::of(Code::LockedOut).with("name", &operator.name).with("minutes", left_s.div_ceil(60))
}
