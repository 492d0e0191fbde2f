//! The rights table as it is printed in `docs/rights.md`, for walks that try every way into the till as every kind of person.

use std::collections::BTreeSet;
use till_core::rights::Action;

const PRINTED: &str = include_str!("../../docs/rights.md");

/// The manager of a till that is walked, and their PIN.
pub const MANAGER: (&str, &str) = ("Lin", "2580");

/// Another manager, whom nobody locks out.
pub const ANOTHER: (&str, &str) = ("Chen", "3691");

/// The rows of the table that are about people beside or after whoever acts.
pub const OWN_PIN: &str = "change one's own PIN";
/// See [`OWN_PIN`].
pub const PIN_OF_ANOTHER: &str = "change another's PIN";
/// See [`OWN_PIN`].
pub const SECOND_PERSON: &str = "agree as the second person";

/// Its cashier.
pub const CASHIER: (&str, &str) = ("Mei", "1470");

/// A PIN that is nobody's.
pub const WRONG_PIN: &str = "9630";

/// Whoever tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Person {
    /// Says no name.
    Nobody,
    /// A cashier.
    Cashier,
    /// A manager.
    Manager,
    /// A manager after six wrong PINs, with the right one.
    LockedOut,
}

impl Person {
    /// Everybody, in the order in which they are to try: once locked out, a manager stays so.
    pub const ALL: [Self; 4] = [Self::Nobody, Self::Cashier, Self::Manager, Self::LockedOut];

    /// Name and PIN, where they say who they are.
    #[must_use]
    pub fn claim(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Nobody => None,
            Self::Cashier => Some(CASHIER),
            Self::Manager | Self::LockedOut => Some(MANAGER),
        }
    }

    fn column(self) -> &'static str {
        match self {
            Self::Nobody => "nobody",
            Self::Cashier => "cashier",
            Self::Manager => "manager",
            Self::LockedOut => "locked-out manager",
        }
    }

    /// Whether the printed table lets them; everybody may do what needs no right.
    #[must_use]
    pub fn may(self, needs: Option<Action>) -> bool {
        needs.is_none_or(|action| self.may_by(action.label().en))
    }

    /// Whether the printed row of this name lets them.
    #[must_use]
    pub fn may_by(self, name: &str) -> bool {
        let mut rows = PRINTED.lines().filter(|line| line.starts_with('|')).map(cells);
        let head = rows.next().expect("a head");
        let column = head.iter().position(|name| *name == self.column()).expect("a column");
        let row = rows.find(|row| row.first() == Some(&name)).expect("a row of the action");
        match row.get(column) {
            Some(&"yes") => true,
            Some(&"-") => false,
            other => panic!("{other:?} in the row of {name:?}"),
        }
    }
}

/// Where something is asked for; each has a column of the page's second table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A command in the terminal.
    Terminal = 1,
    /// A command of the cashier's window.
    Window = 2,
}

/// Fails where the printed page names other `calls` of a place than there are: what each is called, and what it needs.
pub fn same_calls<'a>(place: Place, calls: impl Iterator<Item = (&'a str, Option<Action>)> + Clone) {
    let (_, table) = PRINTED.split_once("\n| needs |").expect("the second table");
    for needs in Action::ALL.map(Some).into_iter().chain([None]) {
        let name = needs.map_or("nothing", |action| action.label().en);
        let row = table.lines().map(cells).find(|row| row.first() == Some(&name)).expect("a row of what is needed");
        let printed = row[place as usize].split(", ").map(|call| call.trim_matches('`'));
        let there_are = calls.clone().filter(|(_, needed)| *needed == needs).map(|(call, _)| call);
        same_names(there_are, printed.filter(|call| *call != "-"));
    }
}

fn cells(line: &str) -> Vec<&str> {
    line.trim_matches('|').split('|').map(str::trim).collect()
}

/// Fails where a walk forgets something that there is, or tries something that there is not.
pub fn same_names<'a>(there_are: impl IntoIterator<Item = &'a str>, tried: impl IntoIterator<Item = &'a str>) {
    let there_are: BTreeSet<&str> = there_are.into_iter().collect();
    let tried: BTreeSet<&str> = tried.into_iter().collect();
    let (forgotten, invented) = (&there_are - &tried, &tried - &there_are);
    assert!(forgotten.is_empty() && invented.is_empty(), "not walked: {forgotten:?}; not there: {invented:?}");
}
