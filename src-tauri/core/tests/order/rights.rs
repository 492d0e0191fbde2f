//! The rights table as people read it.

use super::golden;
use std::fmt::Write as _;
use till_core::operator::pin::{self, Cost, PEPPER, SALT};
use till_core::operator::{People, TRIES};
use till_core::rights::{Action, Actor, Role, marks_with_two_names, may, may_change_pin, may_stand_beside};
use till_core::time::Moment;

const PREFACE: &str = "\
# Who may do what

Written by a test (`cargo test -p till-core --test order`, with `UPDATE_GOLDEN=1`). The engine asks the same table before
every command. The owner is whoever stands at the till until a first manager exists; afterwards whoever has not said who
they are is nobody. A manager who is locked out after too many wrong PINs is worth no more than nobody.

";

const NOTES: &str = "
A mark by hand bears two names, and the owner has none: add a manager first. A command in the terminal, or at the socket, under the
name of somebody who is locked out is refused, unless it only reads, exports or verifies; without a name it is nobody's.
";

/// What a manager is worth who has just been locked out, by the people's own rules.
fn locked_out_manager() -> Actor {
    let now = Moment { wall: 0, boot: 0 };
    let pin = pin::hash(&"2580".into(), &vec![7; PEPPER].into(), [1; SALT], Cost::Least).expect("a PIN");
    let mut people = People::default();
    people.evolve(&people.add("Lin", Role::Manager, pin).expect("the first one"), now);
    let manager = people.worth(&Actor::Operator { name: "Lin".to_owned(), role: Role::Manager }, now);
    assert!(may(&manager, Action::Refund));
    for _ in 0..TRIES {
        let (events, _) = people.tried("Lin", false, false, now);
        for event in &events {
            people.evolve(event, now);
        }
    }
    people.worth(&manager, now)
}

#[test]
fn the_rights_in_the_documents_are_the_rights_in_the_code() {
    let operator = |role| Actor::Operator { name: "Lin".to_owned(), role };
    let actors = [
        ("owner", Actor::Owner),
        ("nobody", Actor::Nobody),
        ("cashier", operator(Role::Cashier)),
        ("manager", operator(Role::Manager)),
        ("locked-out manager", locked_out_manager()),
        ("engine", Actor::Engine),
        ("gateway", Actor::Gateway),
    ];
    let mut text = PREFACE.to_owned();
    text.push_str("| action |");
    for (name, _) in &actors {
        write!(text, " {name} |").expect("a string takes all");
    }
    text.push_str("\n|---|");
    text.push_str(&"---|".repeat(actors.len()));
    let mut row = |name: &str, may: &dyn Fn(&Actor) -> bool| {
        write!(text, "\n| {name} |").expect("a string takes all");
        for (_, actor) in &actors {
            text.push_str(if may(actor) { " yes |" } else { " - |" });
        }
    };
    let another = Actor::Operator { name: "Chen".to_owned(), role: Role::Manager };
    for action in Action::ALL {
        row(action.label().en, &|actor| {
            may(actor, action) && (action != Action::MarkByHand || marks_with_two_names(actor, Some(&another)))
        });
    }
    row("change one's own PIN", &|actor| may_change_pin(actor, "Lin"));
    row("change another's PIN", &|actor| may_change_pin(actor, "Chen"));
    row("agree as the second person", &|second| may_stand_beside(&another, second).is_ok());
    text.push('\n');
    text.push_str(NOTES);
    golden::same("docs/rights.md", &text);
}
