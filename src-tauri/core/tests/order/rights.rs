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
A mark by hand bears two names, and the owner has none: add a manager first. A command in the terminal under the name of somebody
who is locked out is refused, unless it only reads, exports or verifies, or needs nothing; so is every request at the socket.
Without a name it is nobody's.

## What needs it

Other tests ask for each of these as everybody, and compare what comes of it with both tables. At the socket the commands of the
terminal ask for the same, and to be shown the window needs nothing. To change one's own PIN is asked for as another's is.

| needs | in the terminal | in the window |
|---|---|---|
";

/// What asks for something that `needs` this right, or none: commands of the terminal, and of the window.
fn calls(needs: Option<Action>) -> [&'static str; 2] {
    let Some(action) = needs else {
        return [
            "journal rebuild, serve, sandbox",
            "sign_in, sign_out, keyring_is_open, gateways, painted, customer_window, show_customer, allow_input_method, \
             export_progress, cancel_export, show_export, enter_training, open_phone",
        ];
    };
    match action {
        Action::Sell => ["sale", "sell"],
        Action::Ask => ["account check, order query", "ask, check_account, check_receiver"],
        Action::Close => ["order close", "close"],
        Action::Reverse => ["order reverse", "reverse"],
        Action::Adopt => ["order adopt", "adopt, name_gateway_no"],
        Action::Read => [
            "account list, account show, channels, order list, order show, refunds, operator list, limits show, journal list, \
             journal latency, doctor",
            "start, snapshot, order, orders, timeline, raw_answer, refunds, settings, receiver, doctor",
        ],
        Action::Export => ["journal export, journal bundle, journal verify, journal backup", "export_journal"],
        Action::ManageAccounts => [
            "account add, account set, account secret, account remove",
            "add_account, change_account, set_secret, remove_account",
        ],
        Action::ManageSettings => ["", "save_settings"],
        Action::Refund => ["refund", "refund, refund_again, withdraw_refund"],
        Action::MarkByHand => ["", "mark_by_hand"],
        Action::HandleAttention => ["", "handle_attention"],
        Action::Overrule => ["", "sell"],
        Action::ManageOperators => {
            ["operator add, operator pin, operator remove", "add_operator, set_pin, remove_operator"]
        }
        Action::ManageLimits => ["limits set", "set_limits"],
        Action::Restore => ["journal restore", ""],
    }
}

fn listed(calls: &str) -> String {
    if calls.is_empty() { "-".to_owned() } else { format!("`{}`", calls.replace(", ", "`, `")) }
}

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
    for needs in Action::ALL.map(Some).into_iter().chain([None]) {
        let [in_the_terminal, in_the_window] = calls(needs).map(listed);
        let name = needs.map_or("nothing", |action| action.label().en);
        writeln!(text, "| {name} | {in_the_terminal} | {in_the_window} |").expect("a string takes all");
    }
    golden::same("docs/rights.md", &text);
}
