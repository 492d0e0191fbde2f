//! Every call of the command line, as every kind of person, against the printed table.

use crate::shop::{Ran, Running, SALE, Shop, run_with, says};
use serde_json::Value;
use std::process::Stdio;
use till_core::rights::Action;
use till_tests::rights::{
    ANOTHER, CASHIER, MANAGER, OWN_PIN, PIN_OF_ANOTHER, Person, Place, SECOND_PERSON, WRONG_PIN, same_calls, same_names,
};
use tokio::io::AsyncWriteExt as _;

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
    (
        "sale",
        &["none", "wechat.micro", "1", "--payment-code", "134567890123456789"],
        Handed,
        Some(Action::Sell),
        Some("unknown_account"),
    ),
    ("order list", &[], Reads, Some(Action::Read), None),
    ("order show", &["TKNONE"], Reads, Some(Action::Read), Some("unknown_order")),
    ("order query", &["TKNONE"], Handed, Some(Action::Ask), Some("unknown_order")),
    ("order close", &["TKNONE"], Handed, Some(Action::Close), Some("unknown_order")),
    ("order reverse", &["TKNONE"], Handed, Some(Action::Reverse), Some("unknown_order")),
    ("order adopt", &["TKNONE", "--gateway-no", "1"], Handed, Some(Action::Adopt), Some("unknown_order")),
    ("order adopt", &["none", "--trade-no", "1"], Handed, Some(Action::Adopt), Some("unknown_account")),
    ("order adopt", &["none", "--transaction-id", "1"], Handed, Some(Action::Adopt), Some("unknown_account")),
    ("refund", &["TKNONE", "--again", "TRNONE"], Handed, Some(Action::Refund), Some("unknown_order")),
    ("refund", &["TKNONE", "--withdraw", "TRNONE"], Handed, Some(Action::Refund), Some("unknown_order")),
    ("refund", &["TKNONE", "--reason", "none"], Handed, Some(Action::Refund), Some("unknown_order")),
    ("refunds", &[], Reads, Some(Action::Read), None),
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
    ("journal latency", &[], Reads, Some(Action::Read), None),
    // There, too.
    ("journal bundle", &["TKNONE", "--output", "/dev/null"], Reads, Some(Action::Export), Some("file_taken")),
    ("journal verify", &[], Reads, Some(Action::Export), None),
    ("journal backup", &["/dev/null"], Reads, Some(Action::Export), Some("backup_taken")),
    ("journal restore", &["/dev/null"], Alone, Some(Action::Restore), Some("till_elsewhere")),
    ("journal rebuild", &[], Alone, None, Some("till_elsewhere")),
    ("serve", &[], Alone, None, Some("till_elsewhere")),
    ("sandbox", &["--listen", "192.0.2.1:1"], Apart, None, Some("bad_request")),
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

/// Lets everybody in; the managers first, so that there is somebody to let the others in.
async fn hire(shop: &Shop) {
    for ((name, pin), role) in [(CASHIER, "cashier"), (ANOTHER, "manager"), (MANAGER, "manager")] {
        let mut arguments = vec!["operator", "add", name, "--role", role];
        let mut input = format!("{pin}\n");
        if name == MANAGER.0 {
            arguments.extend(["--operator", ANOTHER.0]);
            input.insert_str(0, &format!("{}\n", ANOTHER.1));
        }
        let added = run_with(shop.command(&arguments), input.as_bytes()).await;
        assert_eq!(added.code, Some(0), "{added:?}");
    }
}

/// Six wrong PINs of the manager, whom a right one does not help any more.
async fn lock_out(shop: &Shop) {
    let wrong = format!("{WRONG_PIN}\n");
    for _ in 0..6 {
        let arguments = ["account", "remove", "none", "--operator", MANAGER.0];
        assert_eq!(run_with(shop.command(&arguments), wrong.as_bytes()).await.code, Some(5));
    }
}

/// What this person adds to a command, and the first line that it reads.
fn claimed(person: Person) -> (Vec<&'static str>, String) {
    person.claim().map_or_else(Default::default, |(name, pin)| (vec!["--operator", name], format!("{pin}\n")))
}

/// `rest` is left for a secret or a new PIN.
async fn call(shop: &Shop, person: Person, words: &str, arguments: &[&str], rest: &str) -> Ran {
    let (claim, first) = claimed(person);
    let all: Vec<&str> = words.split_whitespace().chain(arguments.iter().copied()).chain(claim).collect();
    run_with(shop.command(&all), format!("{first}{rest}\n").as_bytes()).await
}

/// What a call of this person is refused with; nothing where it is done.
fn expected(person: Person, way: Way, needs: Option<Action>, then: Option<&'static str>) -> Option<&'static str> {
    match (person, way) {
        // Nobody is looked at before the till is had.
        (_, Alone) => then,
        // A name is given, and the PIN of somebody who is locked out is not looked at.
        (Person::LockedOut, Handed) => Some("locked_out"),
        _ if person.may(needs) => then,
        _ => Some("missing_right"),
    }
}

/// Serves as this person until it is told to end.
async fn serves(shop: &Shop, person: Person) {
    let (claim, first) = claimed(person);
    let mut command = shop.command(&[&["serve"][..], claim.as_slice()].concat());
    command.stdin(Stdio::piped());
    let mut serve = Running::start(command);
    let mut input = serve.child.stdin.take().unwrap();
    input.write_all(first.as_bytes()).await.unwrap();
    drop(input);
    let line = serve.line().await.expect("the first line");
    assert!(person.may(None) && line.get("listen").is_some(), "serve as {person:?}: {line}");
    serve.signal("TERM");
    assert_eq!(serve.ends_with().await, Some(0), "serve as {person:?}");
}

fn refusal(ran: &Ran) -> Option<&str> {
    ran.lines.last().and_then(|line| line["error"]["code"].as_str())
}

#[tokio::test]
async fn every_call_is_done_for_whom_the_printed_table_says_and_refused_to_everybody_else() {
    let shop = Shop::open().await;
    let there_are = leaves(&shop).await;
    same_names(there_are.iter().map(String::as_str), CALLS.iter().map(|(words, ..)| *words));
    same_calls(Place::Terminal, CALLS.iter().map(|(words, _, _, needs, _)| (*words, *needs)));

    hire(&shop).await;
    let serve = shop.serve().await;
    for person in Person::ALL {
        if person == Person::LockedOut {
            lock_out(&shop).await;
        }
        for (words, arguments, way, needs, then) in CALLS {
            let ran = call(&shop, person, words, arguments, "8642").await;
            let expected = expected(person, *way, *needs, *then);
            assert_eq!(refusal(&ran), expected, "{words} as {person:?}: {ran:?}");
            let denied = matches!(expected, Some("missing_right" | "locked_out"));
            assert!(!denied || ran.code == Some(5), "{words} as {person:?}: {ran:?}");
            // Who only reads is told the same as everybody, and no secret with it.
            let pins = [CASHIER.1, MANAGER.1, ANOTHER.1];
            let told = ran.out.contains(&shop.stage.key) || pins.iter().any(|pin| says(&ran.out, pin));
            assert!(*way != Reads || !told, "{words}: {ran:?}");
        }
        // A PIN that was lost is replaced by no name and no PIN, only where nobody else has the till.
        let lost = call(&shop, person, "operator pin", &[CASHIER.0, "--lost"], "8642").await;
        let expected = if person == Person::Nobody { "till_elsewhere" } else { "bad_request" };
        assert_eq!(refusal(&lost), Some(expected), "--lost as {person:?}: {lost:?}");
    }
    let people = shop.run(&["operator", "list"]).await;
    let removed: Vec<&Value> = people.lines.iter().map(|operator| &operator["removed"]).collect();
    assert_eq!(removed, [false, false, false], "nothing of all that was done: {people:?}");
    serve.signal("TERM");
    assert_eq!(serve.ends_with().await, Some(0));
}

#[tokio::test]
async fn a_till_that_is_closed_is_opened_for_the_same_calls_and_restored_for_whom_the_printed_table_says() {
    let shop = Shop::open().await;
    hire(&shop).await;
    let backup = shop.data.path().join("backup.sqlite");
    let backup = backup.to_str().unwrap();
    let made = shop.run(&["journal", "backup", backup]).await;
    assert_eq!(made.code, Some(0), "{made:?}");
    for person in Person::ALL {
        if person == Person::LockedOut {
            lock_out(&shop).await;
        }
        for (words, arguments, way, needs, then) in CALLS.iter().filter(|(_, _, way, ..)| *way == Handed) {
            let ran = call(&shop, person, words, arguments, "8642").await;
            assert_eq!(refusal(&ran), expected(person, *way, *needs, *then), "{words} as {person:?}: {ran:?}");
        }
        // Whoever may is taken at their word, and nobody else has the backup put in the journal's place.
        let restored = call(&shop, person, "journal restore", &[backup], "").await;
        let expected = expected(person, Handed, Some(Action::Restore), None);
        assert_eq!(refusal(&restored), expected, "restore as {person:?}: {restored:?}");
        assert_eq!(restored.code, Some(if expected.is_none() { 0 } else { 5 }), "restore as {person:?}: {restored:?}");
        let rebuilt = call(&shop, person, "journal rebuild", &[], "").await;
        assert_eq!((rebuilt.code, refusal(&rebuilt)), (Some(0), None), "rebuild as {person:?}: {rebuilt:?}");
        assert!(person.may(None), "rebuild as {person:?}");
        serves(&shop, person).await;
        // The PIN that was lost is the one that they get, so that it can be tried over and over.
        let lost = call(&shop, person, "operator pin", &[CASHIER.0, "--lost"], CASHIER.1).await;
        let expected = if person == Person::Nobody { None } else { Some("bad_request") };
        assert_eq!(refusal(&lost), expected, "--lost as {person:?}: {lost:?}");
    }
    // Where nothing is needed nobody's PIN is looked at: a wrong one is no try.
    let arguments = ["journal", "rebuild", "--operator", ANOTHER.0];
    let rebuilt = run_with(shop.command(&arguments), format!("{WRONG_PIN}\n").as_bytes()).await;
    assert_eq!((rebuilt.code, refusal(&rebuilt)), (Some(0), None), "{rebuilt:?}");
    let people = shop.run(&["operator", "list"]).await.lines;
    let stand = |name: &str| people.iter().find(|one| one["name"] == name).expect("they are here");
    assert_eq!(stand(ANOTHER.0)["wrong_tries"], 0, "{people:?}");
    assert!(stand(MANAGER.0)["locked_for_s"].is_number(), "no launch lifts it: {people:?}");
    assert!(people.iter().all(|one| one["removed"] == false), "nothing of all that was done: {people:?}");
}

#[tokio::test]
async fn pins_are_changed_and_a_second_person_agrees_as_the_printed_table_says() {
    let shop = Shop::open().await;
    let control = shop.stage.sandbox.control();
    control.auto_pay(Some(0)).await.unwrap();
    control.auto_refund(Some(0)).await.unwrap();
    let serve = shop.serve().await;
    let sale = shop.run(&SALE).await;
    assert_eq!(sale.code, Some(0), "{sale:?}");
    let order_no = sale.last()["order_no"].as_str().unwrap().to_owned();
    hire(&shop).await;
    let limit = ["limits", "set", "--second-above", "0.50", "--operator", ANOTHER.0];
    let limited = run_with(shop.command(&limit), format!("{}\n", ANOTHER.1).as_bytes()).await;
    assert_eq!(limited.code, Some(0), "{limited:?}");

    for person in Person::ALL {
        if person == Person::LockedOut {
            lock_out(&shop).await;
        }
        // Each gets the PIN that they have, so that it can be tried over and over.
        for (row, (name, pin)) in [(OWN_PIN, person.claim().unwrap_or(CASHIER)), (PIN_OF_ANOTHER, ANOTHER)] {
            let mut arguments = vec!["operator", "pin", name];
            let mut input = format!("{pin}\n");
            if let Some((own, own_pin)) = person.claim() {
                arguments.extend(["--operator", own]);
                input.insert_str(0, &format!("{own_pin}\n"));
            }
            let ran = run_with(shop.command(&arguments), input.as_bytes()).await;
            let expected = match person {
                Person::LockedOut => Some("locked_out"),
                _ if person.may_by(row) => None,
                _ => Some("missing_right"),
            };
            assert_eq!(refusal(&ran), expected, "{row} as {person:?}: {ran:?}");
            assert_eq!(ran.code, Some(if expected.is_none() { 0 } else { 5 }), "{row} as {person:?}: {ran:?}");
            assert!(!(person == Person::LockedOut && person.may_by(row)), "{row}");
        }

        let mut arguments = vec!["refund", &order_no, "1.00", "--reason", "none", "--operator", ANOTHER.0];
        let mut input = format!("{}\n", ANOTHER.1);
        if let Some((second, pin)) = person.claim() {
            arguments.extend(["--second", second]);
            input.push_str(&format!("{pin}\n"));
        }
        let ran = run_with(shop.command(&arguments), input.as_bytes()).await;
        let expected = match person {
            Person::Nobody => Some("second_person_needed"),
            Person::LockedOut => Some("locked_out"),
            Person::Cashier | Person::Manager => None,
        };
        assert_eq!(expected.is_none(), person.may_by(SECOND_PERSON), "{person:?}");
        assert_eq!(refusal(&ran), expected, "second: {person:?}: {ran:?}");
        assert!(expected.is_some() || ran.last()["state"] == "succeeded", "second: {person:?}: {ran:?}");
    }
    let given = control.refunds().await.unwrap();
    assert_eq!(given.len(), 2, "one for each who may agree: {given:?}");
    serve.signal("TERM");
    assert_eq!(serve.ends_with().await, Some(0));
}
