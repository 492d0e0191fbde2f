//! Every call of the command line, as every kind of person, against the printed table.

use crate::shop::{Ran, Shop, run_with};
use serde_json::Value;
use till_core::rights::Action;
use till_tests::rights::{CASHIER, MANAGER, Person, WRONG_PIN, same_names};

/// How a call gets what it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// It only reads, beside whatever engine there is: nobody's PIN is looked at.
    Reads,
    /// It is done by the engine that has the folder.
    Handed,
    /// It wants the folder for itself, and another engine has it.
    Alone,
    /// It has no till.
    Apart,
}

use Way::{Alone, Apart, Handed, Reads};

/// A call: its words as clap lists them, its arguments, how it gets there, what it needs, and what whoever has that is told
/// (nothing where it is done).
type Call = (&'static str, &'static [&'static str], Way, Option<Action>, Option<&'static str>);

/// Every call once, about something that is not there, so that it can be tried over and over.
const CALLS: &[Call] = &[
    ("account add", &["none", "none"], Handed, Some(Action::ManageAccounts), Some("unknown_gateway")),
    ("account list", &[], Reads, Some(Action::Read), None),
    ("account show", &["none"], Reads, Some(Action::Read), Some("unknown_account")),
    ("account set", &["none", "--set", "a=b"], Handed, Some(Action::ManageAccounts), Some("unknown_account")),
    ("account remove", &["none"], Handed, Some(Action::ManageAccounts), Some("unknown_account")),
    ("account check", &["none"], Handed, Some(Action::Ask), Some("unknown_account")),
    ("account secret", &["none", "key"], Handed, Some(Action::ManageAccounts), Some("unknown_account")),
    ("channels", &[], Reads, Some(Action::Read), None),
    ("sale", &["none", "wechat.scan", "1"], Handed, Some(Action::Sell), Some("unknown_account")),
    ("order list", &[], Reads, Some(Action::Read), None),
    ("order show", &["TKNONE"], Reads, Some(Action::Read), Some("unknown_order")),
    ("order query", &["TKNONE"], Handed, Some(Action::Ask), Some("unknown_order")),
    ("order close", &["TKNONE"], Handed, Some(Action::Close), Some("unknown_order")),
    ("order reverse", &["TKNONE"], Handed, Some(Action::Reverse), Some("unknown_order")),
    ("order adopt", &["TKNONE", "--gateway-no", "1"], Handed, Some(Action::Adopt), Some("unknown_order")),
    ("refund", &["TKNONE", "--reason", "none"], Handed, Some(Action::Refund), Some("unknown_order")),
    ("operator add", &["a:b", "--role", "manager"], Handed, Some(Action::ManageOperators), Some("bad_operator_name")),
    ("operator list", &[], Reads, Some(Action::Read), None),
    ("operator remove", &["none"], Handed, Some(Action::ManageOperators), Some("operator_unknown")),
    ("operator pin", &["none"], Handed, Some(Action::ManageOperators), Some("operator_unknown")),
    ("limits show", &[], Reads, Some(Action::Read), None),
    ("limits set", &["--window-days", "0"], Handed, Some(Action::ManageLimits), Some("limits_bad")),
    ("journal list", &[], Reads, Some(Action::Read), None),
    // Where it stands there is a file already.
    (
        "journal export",
        &["--format", "csv", "--output", "/dev/null"],
        Reads,
        Some(Action::Export),
        Some("folder_taken"),
    ),
    ("journal verify", &[], Reads, Some(Action::Export), None),
    ("journal rebuild", &[], Alone, None, Some("till_elsewhere")),
    ("serve", &[], Alone, None, Some("till_elsewhere")),
    ("sandbox", &["--listen", "192.0.2.1:1"], Apart, None, Some("bad_address")),
    ("doctor", &[], Reads, Some(Action::Read), None),
];

/// The words of every call that does something, as the program itself lists them.
async fn leaves(shop: &Shop) -> Vec<String> {
    let mut found = Vec::new();
    let mut branches = vec![String::new()];
    while let Some(branch) = branches.pop() {
        let words: Vec<&str> = branch.split_whitespace().chain(["--help"]).collect();
        let below = listed(&shop.run(&words).await);
        if below.is_empty() {
            found.push(branch.trim().to_owned());
        }
        branches.extend(below.into_iter().map(|word| format!("{branch} {word}")));
    }
    found
}

fn listed(help: &Ran) -> Vec<String> {
    assert_eq!(help.code, Some(0), "{help:?}");
    let Some((_, commands)) = help.out.split_once("Commands:\n") else { return vec![] };
    let lines = commands.lines().take_while(|line| line.starts_with("  "));
    // Further lines of a long description are set deeper.
    let named = lines.filter(|line| !line.starts_with("   ")).filter_map(|line| line.split_whitespace().next());
    named.filter(|word| *word != "help").map(str::to_owned).collect()
}

async fn call(shop: &Shop, person: Person, words: &str, arguments: &[&str]) -> Ran {
    let mut all: Vec<&str> = words.split_whitespace().chain(arguments.iter().copied()).collect();
    let mut input = String::new();
    if let Some((name, pin)) = person.claim() {
        all.extend(["--operator", name]);
        input = format!("{pin}\n");
    }
    // What is left for a secret or a new PIN.
    input.push_str("8642\n");
    run_with(shop.command(&all), input.as_bytes()).await
}

fn refusal(ran: &Ran) -> Option<&str> {
    ran.lines.last().and_then(|line| line["error"]["code"].as_str())
}

#[tokio::test]
async fn every_call_is_done_for_whom_the_printed_table_says_and_refused_to_everybody_else() {
    let shop = Shop::open().await;
    let there_are = leaves(&shop).await;
    same_names(there_are.iter().map(String::as_str), CALLS.iter().map(|(words, ..)| *words));

    for ((name, pin), role) in [(CASHIER, "cashier"), (MANAGER, "manager")] {
        let added = run_with(shop.command(&["operator", "add", name, "--role", role]), pin.as_bytes()).await;
        assert_eq!(added.code, Some(0), "{added:?}");
    }
    let serve = shop.serve().await;
    for person in Person::ALL {
        if person == Person::LockedOut {
            for _ in 0..6 {
                let wrong = format!("{WRONG_PIN}\n");
                let arguments = ["account", "remove", "none", "--operator", MANAGER.0];
                assert_eq!(run_with(shop.command(&arguments), wrong.as_bytes()).await.code, Some(5));
            }
        }
        for (words, arguments, way, needs, then) in CALLS {
            let ran = call(&shop, person, words, arguments).await;
            let expected = match (person, way) {
                // A name is given, and the PIN of somebody who is locked out is not looked at.
                (Person::LockedOut, Handed) => Some("locked_out"),
                _ if person.may(*needs) => *then,
                _ => Some("missing_right"),
            };
            assert_eq!(refusal(&ran), expected, "{words} as {person:?}: {ran:?}");
            let denied = matches!(expected, Some("missing_right" | "locked_out"));
            assert!(!denied || ran.code == Some(5), "{words} as {person:?}: {ran:?}");
        }
    }
    let people = shop.run(&["operator", "list"]).await;
    let removed: Vec<&Value> = people.lines.iter().map(|operator| &operator["removed"]).collect();
    assert_eq!(removed, [false, false], "nothing of all that was done: {people:?}");
    serve.signal("TERM");
    assert_eq!(serve.ends_with().await, Some(0));
}
