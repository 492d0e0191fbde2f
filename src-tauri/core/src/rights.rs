//! Who may do what. The engine asks here before every command.

use crate::operator::{alike, same_name};
use serde::{Deserialize, Serialize};

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// Whoever stands at the till before a first manager exists.
    Owner,
    /// Whoever stands there afterwards without having said who they are.
    Nobody,
    /// A person who gave a PIN.
    Operator {
        /// Their name.
        name: String,
        /// What they are.
        role: Role,
    },
    /// The program itself.
    Engine,
    /// A gateway, by a verified message.
    Gateway,
}

impl Actor {
    /// As the journal writes it.
    #[must_use]
    pub fn word(&self) -> String {
        match self {
            Self::Owner => "owner".to_owned(),
            Self::Nobody => "nobody".to_owned(),
            Self::Operator { name, .. } => format!("operator:{name}"),
            Self::Engine => "engine".to_owned(),
            Self::Gateway => "gateway".to_owned(),
        }
    }

    /// Whom such a word names: a person by name, anybody else by the word.
    #[must_use]
    pub fn name_in(word: &str) -> &str {
        word.strip_prefix("operator:").unwrap_or(word)
    }
}

/// What a person at the till is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Sells.
    Cashier,
    /// Sells, and answers for money that leaves.
    Manager,
}

/// What can be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Make an order.
    Sell,
    /// Ask a gateway about an order.
    Ask,
    /// Close an unpaid order.
    Close,
    /// Reverse an unpaid order.
    Reverse,
    /// Take in an order that was made elsewhere, or name the gateway's number of one.
    Adopt,
    /// Read orders, accounts without secrets, the journal.
    Read,
    /// Export and verify.
    Export,
    /// Add, change or retire accounts and enter their secrets.
    ManageAccounts,
    /// Change the machine's settings.
    ManageSettings,
    /// Give a customer's money back, and send a failed refund again.
    Refund,
    /// Put a mark beside an order for what a person saw and the till cannot.
    MarkByHand,
    /// Say that an attention has been dealt with.
    HandleAttention,
    /// Let a further order of a sale pass the guard.
    Overrule,
    /// Add and remove people, and give them another PIN.
    ManageOperators,
    /// Change what refunds are held to.
    ManageLimits,
    /// Put a backup in the journal's place.
    Restore,
}

impl Action {
    /// Every action, in the order of the table.
    pub const ALL: [Self; 16] = [
        Self::Sell,
        Self::Ask,
        Self::Close,
        Self::Reverse,
        Self::Adopt,
        Self::Read,
        Self::Export,
        Self::ManageAccounts,
        Self::ManageSettings,
        Self::Refund,
        Self::MarkByHand,
        Self::HandleAttention,
        Self::Overrule,
        Self::ManageOperators,
        Self::ManageLimits,
        Self::Restore,
    ];

    /// The word in errors and in the printed table.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Sell => "sell",
            Self::Ask => "ask",
            Self::Close => "close",
            Self::Reverse => "reverse",
            Self::Adopt => "adopt",
            Self::Read => "read",
            Self::Export => "export",
            Self::ManageAccounts => "manage_accounts",
            Self::ManageSettings => "manage_settings",
            Self::Refund => "refund",
            Self::MarkByHand => "mark_by_hand",
            Self::HandleAttention => "handle_attention",
            Self::Overrule => "overrule",
            Self::ManageOperators => "manage_operators",
            Self::ManageLimits => "manage_limits",
            Self::Restore => "restore",
        }
    }
}

/// Whether `actor` may do `action`.
#[must_use]
pub fn may(actor: &Actor, action: Action) -> bool {
    match actor {
        Actor::Owner | Actor::Operator { role: Role::Manager, .. } => true,
        Actor::Nobody | Actor::Operator { role: Role::Cashier, .. } => match action {
            Action::Sell | Action::Ask | Action::Close | Action::Reverse | Action::Read | Action::Export => true,
            // A name stands behind whatever enters the books by hand.
            Action::Adopt => *actor != Actor::Nobody,
            Action::ManageAccounts
            | Action::ManageSettings
            | Action::Refund
            | Action::MarkByHand
            | Action::HandleAttention
            | Action::Overrule
            | Action::ManageOperators
            | Action::ManageLimits
            | Action::Restore => false,
        },
        Actor::Engine => match action {
            Action::Ask | Action::Close | Action::Reverse | Action::Read => true,
            Action::Sell
            | Action::Adopt
            | Action::Export
            | Action::ManageAccounts
            | Action::ManageSettings
            | Action::Refund
            | Action::MarkByHand
            | Action::HandleAttention
            | Action::Overrule
            | Action::ManageOperators
            | Action::ManageLimits
            | Action::Restore => false,
        },
        Actor::Gateway => false,
    }
}

/// Whether everybody who gave a PIN may do `action`, whatever they are.
#[must_use]
pub fn may_once_signed_in(action: Action) -> bool {
    may(&Actor::Operator { name: String::new(), role: Role::Cashier }, action)
}

/// Whether `actor` may keep the accounts of a till that is `training` or not. In training the program itself does too: its
/// pretend gateways move, and their accounts with them.
#[must_use]
pub fn may_keep_accounts(actor: &Actor, training: bool) -> bool {
    may(actor, Action::ManageAccounts) || (training && *actor == Actor::Engine)
}

/// Whether `actor` may give `name` another PIN: oneself, or as somebody who manages people anybody.
#[must_use]
pub fn may_change_pin(actor: &Actor, name: &str) -> bool {
    let own =
        matches!(actor, Actor::Operator { name: own, role: Role::Cashier | Role::Manager } if same_name(own, name));
    own || may(actor, Action::ManageOperators)
}

/// Why somebody cannot stand beside whoever acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotBeside {
    /// They are the same person.
    Same,
    /// They are nobody who gave a PIN.
    NoOperator,
}

/// Whether `second`, as worth now, may stand beside `first`: another person who gave a PIN, whatever they are, with a name that
/// can be told from the first one's.
pub fn may_stand_beside(first: &Actor, second: &Actor) -> Result<(), NotBeside> {
    match (first, second) {
        (Actor::Operator { name: first, .. }, Actor::Operator { name: second, .. }) if alike(first, second) => {
            Err(NotBeside::Same)
        }
        (_, Actor::Operator { .. }) => Ok(()),
        (_, Actor::Owner | Actor::Nobody | Actor::Engine | Actor::Gateway) => Err(NotBeside::NoOperator),
    }
}

/// Whether a mark by hand has its two names: the owner has none.
#[must_use]
pub fn marks_with_two_names(first: &Actor, second: Option<&Actor>) -> bool {
    matches!(first, Actor::Operator { .. }) && second.is_some_and(|second| may_stand_beside(first, second).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gateway_commands_nothing_and_the_engine_never_sells() {
        assert!(Action::ALL.into_iter().all(|action| !may(&Actor::Gateway, action)));
        assert!(!may(&Actor::Engine, Action::Sell));
    }

    #[test]
    fn the_program_itself_keeps_accounts_in_training_only() {
        assert!(may_keep_accounts(&Actor::Engine, true) && !may_keep_accounts(&Actor::Engine, false));
        assert!(!may_keep_accounts(&Actor::Nobody, true) && may_keep_accounts(&Actor::Owner, false));
    }

    #[test]
    fn without_a_name_one_may_sell_but_not_touch_accounts() {
        assert!(may(&Actor::Nobody, Action::Sell) && may(&Actor::Nobody, Action::Close));
        assert!(!may(&Actor::Nobody, Action::ManageAccounts) && !may(&Actor::Nobody, Action::ManageSettings));
    }

    #[test]
    fn money_leaves_and_people_come_by_owners_and_managers_alone() {
        let operator = |role| Actor::Operator { name: "Lin".to_owned(), role };
        let actions = [
            Action::Refund,
            Action::MarkByHand,
            Action::HandleAttention,
            Action::Overrule,
            Action::ManageOperators,
            Action::ManageLimits,
            Action::Restore,
        ];
        for action in actions {
            assert!(may(&Actor::Owner, action) && may(&operator(Role::Manager), action), "{action:?}");
            for actor in [Actor::Nobody, operator(Role::Cashier), Actor::Engine, Actor::Gateway] {
                assert!(!may(&actor, action), "{actor:?} {action:?}");
            }
        }
    }
}
