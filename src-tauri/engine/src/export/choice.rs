//! What of a journal is handed out: some days, and orders by account, channel, state and who sold.

use crate::reading::{Reading, Told};
use serde::{Deserialize, Serialize};
use specta::Type;
use till_core::error::{Code, Refusal};
use till_core::gateway::REGISTRY;
use till_core::gateway::descriptor::listed;
use till_core::order::State;

/// Actors that are no people at the till and can make an order.
const NO_PEOPLE: [&str; 4] = ["owner", "nobody", "engine", "gateway"];

/// What is handed out. Every given part must fit; an empty list, or no day, is no limit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Choice {
    /// The first business day, `YYYY-MM-DD`.
    pub from: Option<String>,
    /// The last business day.
    pub to: Option<String>,
    /// Names of accounts.
    #[serde(default)]
    pub accounts: Vec<String>,
    /// Names of channels.
    #[serde(default)]
    pub channels: Vec<String>,
    /// Who made the order: names of people, or `owner`, `nobody`, `gateway`.
    #[serde(default)]
    pub sold_by: Vec<String>,
    /// Where the order stands.
    #[serde(default)]
    pub states: Vec<State>,
}

impl Choice {
    /// Whether everything is handed out.
    pub(super) fn is_everything(&self) -> bool {
        *self == Self::default()
    }

    /// Whether some orders are left out for another reason than their day.
    pub(super) fn picks_orders(&self) -> bool {
        let Self { from: _, to: _, accounts, channels, sold_by, states } = self;
        !(accounts.is_empty() && channels.is_empty() && sold_by.is_empty() && states.is_empty())
    }

    /// Whether a business day is among them.
    pub(super) fn includes_day(&self, day: &str) -> bool {
        self.from.as_deref().is_none_or(|from| from <= day) && self.to.as_deref().is_none_or(|to| day <= to)
    }

    /// Whether an order is among them.
    pub(super) fn includes_order(&self, told: &Told) -> bool {
        self.includes_day(&told.day) && self.includes_refunds_of(told)
    }

    /// Whether refunds of an order are, by their own days.
    pub(super) fn includes_refunds_of(&self, told: &Told) -> bool {
        let draft = &told.order.draft;
        named(&self.accounts, &draft.account)
            && named(&self.channels, &draft.channel)
            && named(&self.sold_by, &told.sold_by)
            && (self.states.is_empty() || self.states.contains(&told.order.state))
    }

    /// Refuses days in the wrong order, and names that nothing has: an export without rows would look like a day without sales.
    pub(super) async fn check(&self, reading: &Reading) -> Result<(), Refusal> {
        if let Self { from: Some(from), to: Some(to), .. } = self
            && from > to
        {
            return Err(Refusal::of(Code::DaysReversed).with("from", from).with("to", to));
        }
        let accounts = if self.accounts.is_empty() && self.channels.is_empty() {
            Vec::new()
        } else {
            reading.every_account().await?
        };
        known(&self.accounts, |name| accounts.iter().any(|account| account.name == name))?;
        known(&self.channels, |name| {
            let lists = accounts.iter().filter_map(|account| account.fields.get("channels"));
            let mut further = lists.flat_map(|list| listed(list));
            let mut offered = REGISTRY.iter().flat_map(|gateway| gateway.descriptor().channels);
            offered.any(|channel| channel.name == name) || further.any(|number| number == name)
        })?;
        if self.sold_by.is_empty() {
            return Ok(());
        }
        let people = reading.operators().await?;
        known(&self.sold_by, |name| NO_PEOPLE.contains(&name) || people.iter().any(|person| person.name == name))
    }
}

fn named(wanted: &[String], name: &str) -> bool {
    wanted.is_empty() || wanted.iter().any(|wanted| wanted == name)
}

fn known(names: &[String], is_known: impl Fn(&str) -> bool) -> Result<(), Refusal> {
    match names.iter().find(|name| !is_known(name)) {
        Some(name) => Err(Refusal::of(Code::NothingSoNamed).with("name", name)),
        None => Ok(()),
    }
}
