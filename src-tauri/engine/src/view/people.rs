//! Pictures of the people at the till and of the shop's limits.

use serde::{Deserialize, Serialize};
use specta::Type;
use std::collections::BTreeMap;
use till_core::error::{Code, Refusal};
use till_core::limits::Limits;
use till_core::money::{AmountRefusal, Currency, parse_amount};
use till_core::rights::{Action, Role};

/// What kind of actor a session is worth now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum SessionKind {
    /// Whoever stands at a till that has no manager yet.
    Owner,
    /// Nobody who has said who they are, or somebody who may no longer act.
    Nobody,
    /// A person.
    Operator,
}

/// Who acts, and what they may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Session {
    /// What kind of actor.
    pub kind: SessionKind,
    /// The person's name.
    pub name: Option<String>,
    /// What they are.
    pub role: Option<Role>,
    /// What they may do.
    pub may: Vec<Action>,
}

/// A person as screens and the command line show them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct OperatorView {
    /// Their name.
    pub name: String,
    /// What they are.
    pub role: Role,
    /// Whether they were removed.
    pub removed: bool,
    /// Wrong PINs in a row.
    pub wrong_tries: u32,
    /// Seconds until a lock-out is over.
    pub locked_for_s: Option<u32>,
    /// When their PIN was replaced without any PIN, RFC 3339.
    pub pin_replaced_at: Option<String>,
}

/// Limits of one currency, as people write amounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(deny_unknown_fields)]
pub struct RefundLimits {
    /// Of one refund.
    pub per_refund: String,
    /// Of all refunds of one person in one business day.
    pub per_day: String,
    /// Of one order, with what went back of it before: above this a second person's PIN is asked for.
    pub second_above: String,
}

/// What refunds are held to, as people write it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(deny_unknown_fields)]
pub struct LimitsView {
    /// By currency.
    #[specta(type = BTreeMap<String, RefundLimits>)]
    pub refunds: BTreeMap<Currency, RefundLimits>,
    /// Whether a refund needs a reason.
    pub reason_required: bool,
    /// Days after a payment in which it can be refunded.
    pub window_days: u32,
    /// Seconds without a touch after which whoever is signed in no longer is; 0 for never.
    pub idle_lock_s: u32,
}

impl LimitsView {
    /// As they are kept. A currency that is not named keeps what held `before`.
    pub fn read(&self, before: &Limits) -> Result<Limits, Refusal> {
        let mut refunds = before.refunds.clone();
        for (currency, limits) in &self.refunds {
            refunds.insert(
                *currency,
                till_core::limits::RefundLimits {
                    per_refund_minor: minor(&limits.per_refund, "per_refund")?,
                    per_day_minor: minor(&limits.per_day, "per_day")?,
                    second_above_minor: minor(&limits.second_above, "second_above")?,
                },
            );
        }
        let Self { refunds: _, reason_required, window_days, idle_lock_s } = *self;
        Ok(Limits { refunds, reason_required, window_days, idle_lock_s })
    }
}

/// What is to change about the limits; what is not named stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitsChange {
    /// Whose amounts are named here.
    pub currency: Option<Currency>,
    /// Of one refund.
    pub per_refund: Option<String>,
    /// Of all refunds of one person in one business day.
    pub per_day: Option<String>,
    /// Of one order, with what went back of it before: above this a second person's PIN is asked for.
    pub second_above: Option<String>,
    /// Whether a refund needs a reason.
    pub reason_required: Option<bool>,
    /// Days after a payment in which it can be refunded.
    pub window_days: Option<u32>,
    /// Seconds without a touch after which whoever is signed in no longer is; 0 for never.
    pub idle_lock_s: Option<u32>,
}

impl LimitsChange {
    /// What it makes of what held `before`. Amounts without a currency are renminbi.
    pub fn read(&self, before: &Limits) -> Result<Limits, Refusal> {
        let mut after = before.clone();
        let currency = self.currency.unwrap_or(Currency::Cny);
        let mut limits = before.of(currency);
        for (typed, kept, field) in [
            (&self.per_refund, &mut limits.per_refund_minor, "per_refund"),
            (&self.per_day, &mut limits.per_day_minor, "per_day"),
            (&self.second_above, &mut limits.second_above_minor, "second_above"),
        ] {
            if let Some(typed) = typed {
                *kept = minor(typed, field)?;
            }
        }
        if limits != before.of(currency) {
            after.refunds.insert(currency, limits);
        }
        after.reason_required = self.reason_required.unwrap_or(before.reason_required);
        after.window_days = self.window_days.unwrap_or(before.window_days);
        after.idle_lock_s = self.idle_lock_s.unwrap_or(before.idle_lock_s);
        Ok(after)
    }
}

/// A limit's amount. Unlike an amount that is sold, it can be zero.
fn minor(text: &str, field: &str) -> Result<i64, Refusal> {
    match parse_amount(text, i64::MAX) {
        Ok(minor) => Ok(minor),
        Err(AmountRefusal::Zero) => Ok(0),
        Err(_) => Err(Refusal::of(Code::LimitsBad).with("field", field).with("values", Limits::values(field))),
    }
}

/// Everybody, the limits, and who acts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct PeopleView {
    /// Who acts where this picture is shown.
    pub session: Session,
    /// Everybody, removed ones too, in the order in which they came.
    pub operators: Vec<OperatorView>,
    /// What refunds are held to.
    pub limits: LimitsView,
}
