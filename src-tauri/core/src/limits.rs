//! What a shop holds its refunds to.

use crate::money::{Currency, Money};
use crate::order::refund::RefundState;
use crate::rights::Actor;
use crate::time::{DAY, Moment};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The highest limit that can be set, in minor units: a hundred million.
const HIGHEST_MINOR: i64 = 10_000_000_000;

/// The longest time after a payment in which refunds can be allowed.
const LONGEST_WINDOW_DAYS: u32 = 3_650;

/// An idle lock may not be shorter than it takes to type a name and a PIN, nor longer than a day.
const IDLE_LOCK_S: std::ops::RangeInclusive<u32> = 15..=86_400;

/// The limits of one currency, in minor units. What is exactly at a limit is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RefundLimits {
    /// Of one refund.
    pub per_refund_minor: i64,
    /// Of all refunds of one person in one business day.
    pub per_day_minor: i64,
    /// Of one order, with what went back of it before: above this a second person's PIN is asked for.
    pub second_above_minor: i64,
}

impl Default for RefundLimits {
    fn default() -> Self {
        Self { per_refund_minor: 200_000, per_day_minor: 500_000, second_above_minor: 50_000 }
    }
}

/// What refunds are held to, and when a till that nobody touches asks who is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// By currency; one that is not named has the default.
    pub refunds: BTreeMap<Currency, RefundLimits>,
    /// Whether a refund needs a reason.
    pub reason_required: bool,
    /// Days after a payment in which it can be refunded.
    pub window_days: u32,
    /// Seconds without a touch after which whoever is signed in no longer is; 0 for never.
    pub idle_lock_s: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { refunds: BTreeMap::new(), reason_required: true, window_days: 90, idle_lock_s: 180 }
    }
}

impl Limits {
    /// The limits of `currency`.
    #[must_use]
    pub fn of(&self, currency: Currency) -> RefundLimits {
        self.refunds.get(&currency).copied().unwrap_or_default()
    }

    /// The values that a field can have, read alike in every language.
    #[must_use]
    pub fn values(field: &str) -> String {
        let (first, last) = (IDLE_LOCK_S.start(), IDLE_LOCK_S.end());
        match field {
            "window_days" => format!("1 – {LONGEST_WINDOW_DAYS}"),
            "idle_lock_s" => format!("0, {first} – {last}"),
            _ => format!("0.00 – {}", Money { minor: HIGHEST_MINOR, currency: Currency::Cny }),
        }
    }

    /// The limits, if they make sense; else the field that does not.
    pub fn validated(self) -> Result<Self, &'static str> {
        for limits in self.refunds.values() {
            for (field, minor) in [
                ("per_refund", limits.per_refund_minor),
                ("per_day", limits.per_day_minor),
                ("second_above", limits.second_above_minor),
            ] {
                if !(0..=HIGHEST_MINOR).contains(&minor) {
                    return Err(field);
                }
            }
        }
        if !(1..=LONGEST_WINDOW_DAYS).contains(&self.window_days) {
            return Err("window_days");
        }
        if self.idle_lock_s != 0 && !IDLE_LOCK_S.contains(&self.idle_lock_s) {
            return Err("idle_lock_s");
        }
        Ok(self)
    }
}

/// Something that happened to the limits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum LimitsEvent {
    /// Set anew.
    Changed {
        /// What held before.
        before: Limits,
        /// What holds from now on.
        after: Limits,
    },
}

/// Which limit stands in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OverLimit {
    /// More than one refund may be.
    PerRefund {
        /// The limit, in minor units.
        limit_minor: i64,
    },
    /// More than one person may give back in a day.
    PerDay {
        /// The limit, in minor units.
        limit_minor: i64,
        /// What they gave back today, in minor units.
        spent_minor: i64,
    },
    /// So much of one order, with what went back of it before, that a second person has to agree.
    SecondNeeded {
        /// Above what, in minor units.
        above_minor: i64,
    },
    /// The shop wants a reason.
    ReasonMissing,
    /// The payment is too long ago.
    TooOld {
        /// Days after which nothing is refunded.
        days: u32,
    },
}

/// A refund that is asked for, as far as the limits care.
#[derive(Debug, Clone, Copy)]
pub struct RefundAsk<'a> {
    /// Who asks, as they are worth now.
    pub actor: &'a Actor,
    /// How much is to go back.
    pub amount: Money,
    /// What `actor` gave back in this business day, in minor units of the same currency: reserved, or gone.
    pub spent_today_minor: i64,
    /// What else of this order went back or may, minor units: a second person is wanted for the sum, however it is split.
    pub of_the_order_minor: i64,
    /// The reason given.
    pub reason: &'a str,
    /// When the payment was known.
    pub paid: Moment,
    /// Now.
    pub now: Moment,
    /// Whether a second person gave a PIN.
    pub has_second: bool,
}

/// What refunds come to that one person gave on one day: all but those that came to nothing. One in a state that nobody knows
/// counts.
pub fn spent_minor(given: impl Iterator<Item = (Option<RefundState>, i64)>) -> i64 {
    let counts = given.filter(|(state, _)| !state.is_some_and(RefundState::came_to_nothing));
    counts.fold(0, |sum, (_, minor)| sum.saturating_add(minor))
}

/// Whether `limits` let the refund pass.
pub fn within(limits: &Limits, ask: &RefundAsk<'_>) -> Result<(), OverLimit> {
    let RefundLimits { per_refund_minor, per_day_minor, second_above_minor } = limits.of(ask.amount.currency);
    if limits.reason_required && ask.reason.trim().is_empty() {
        return Err(OverLimit::ReasonMissing);
    }
    let age = ask.now.wall.saturating_sub(ask.paid.wall);
    if age > DAY.saturating_mul(i64::from(limits.window_days)) {
        return Err(OverLimit::TooOld { days: limits.window_days });
    }
    let minor = ask.amount.minor;
    if minor > per_refund_minor {
        return Err(OverLimit::PerRefund { limit_minor: per_refund_minor });
    }
    if ask.spent_today_minor.saturating_add(minor) > per_day_minor {
        return Err(OverLimit::PerDay { limit_minor: per_day_minor, spent_minor: ask.spent_today_minor });
    }
    // While the till has no manager there is nobody else to ask.
    let alone = *ask.actor == Actor::Owner;
    if ask.of_the_order_minor.saturating_add(minor) > second_above_minor && !ask.has_second && !alone {
        return Err(OverLimit::SecondNeeded { above_minor: second_above_minor });
    }
    Ok(())
}
