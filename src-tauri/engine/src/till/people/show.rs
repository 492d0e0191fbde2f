//! People and limits as screens and the command line show them.

use super::super::Till;
use super::super::commit::rfc3339;
use crate::view::people::{LimitsView, OperatorView, PeopleView, RefundLimits, Session, SessionKind};
use till_core::limits::Limits;
use till_core::money::{Currency, Money};
use till_core::operator::Operator;
use till_core::rights::{Action, Actor, may};
use till_core::time::Moment;

impl Till {
    /// Everybody, the limits, and what `actor` may do now.
    #[must_use]
    pub fn people(&self, actor: &Actor) -> PeopleView {
        let clock = &self.inner.seams.clock;
        let now = clock.now();
        let people = self.inner.staff.people.read();
        let view = |operator| operator_view(operator, now, |wall| clock.offset_minutes(wall));
        PeopleView {
            session: session(&people.worth(actor, now)),
            operators: people.all().map(view).collect(),
            limits: limits_view(&self.limits()),
        }
    }
}

fn session(worth: &Actor) -> Session {
    let may = Action::ALL.into_iter().filter(|action| may(worth, *action)).collect();
    let (kind, name, role) = match worth {
        Actor::Owner => (SessionKind::Owner, None, None),
        Actor::Operator { name, role } => (SessionKind::Operator, Some(name.clone()), Some(*role)),
        Actor::Nobody | Actor::Engine | Actor::Gateway => (SessionKind::Nobody, None, None),
    };
    Session { kind, name, role, may }
}

/// Somebody as people see them. `offset_minutes` says how far local time is ahead of UTC.
pub(crate) fn operator_view(operator: &Operator, now: Moment, offset_minutes: impl Fn(i64) -> i16) -> OperatorView {
    OperatorView {
        name: operator.name.clone(),
        role: operator.role,
        removed: operator.removed,
        wrong_tries: operator.wrong_tries,
        locked_for_s: operator.locked_for_s(now),
        pin_replaced_at: operator.pin_replaced_at.map(|wall| rfc3339(wall, offset_minutes(wall))),
    }
}

/// Limits with their amounts as people write them, every currency's.
pub(crate) fn limits_view(limits: &Limits) -> LimitsView {
    let of = |currency| {
        let said = |minor| Money { minor, currency }.to_string();
        let held = limits.of(currency);
        RefundLimits {
            per_refund: said(held.per_refund_minor),
            per_day: said(held.per_day_minor),
            second_above: said(held.second_above_minor),
        }
    };
    LimitsView {
        refunds: Currency::ALL.into_iter().map(|currency| (currency, of(currency))).collect(),
        reason_required: limits.reason_required,
        window_days: limits.window_days,
        idle_lock_s: limits.idle_lock_s,
    }
}
