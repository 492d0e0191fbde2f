//! People at the till, their PINs and what those are kept from.

use crate::machine::{Machine, pass};
use secrecy::{ExposeSecret, SecretString};
use std::time::Duration;
use till_core::error::{Code, Refusal};
use till_core::limits::Limits;
use till_core::rights::{Action, Actor, Role};
use till_engine::keyring::{Keyring, KeyringFault};
use till_engine::storage::StorageFault;
use till_engine::till::{Credentials, Till};
use till_engine::view::people::OperatorView;

const MINUTE: u64 = 60;

fn pin(typed: &str) -> SecretString {
    SecretString::from(typed)
}

async fn staffed(machine: &Machine) -> Till {
    let till = machine.launch().await;
    till.add_operator(&Actor::Owner, "Lin", Role::Manager, &pin("2580")).await.unwrap();
    till.add_operator(&lin(), "Mei", Role::Cashier, &pin("1470")).await.unwrap();
    till
}

fn lin() -> Actor {
    Actor::Operator { name: "Lin".into(), role: Role::Manager }
}

fn mei() -> Actor {
    Actor::Operator { name: "Mei".into(), role: Role::Cashier }
}

fn seen(till: &Till, name: &str) -> OperatorView {
    till.operator(name).unwrap()
}

async fn code(tried: impl Future<Output = Result<Actor, Refusal>>) -> Code {
    tried.await.unwrap_err().code
}

async fn lock_out(till: &Till, name: &str) {
    for _ in 0..5 {
        assert_eq!(code(till.identify(name, &pin("0000"))).await, Code::PinWrong);
    }
    assert_eq!(code(till.identify(name, &pin("0000"))).await, Code::LockedOut);
}

#[tokio::test(start_paused = true)]
async fn until_there_is_a_manager_whoever_stands_there_is_the_owner_and_then_nobody() {
    let machine = Machine::new();
    let till = machine.launch().await;
    assert_eq!(till.visitor(), Actor::Owner);
    till.add_operator(&Actor::Owner, "Mei", Role::Cashier, &pin("1470")).await.unwrap();
    assert_eq!(till.visitor(), Actor::Owner);
    till.add_operator(&Actor::Owner, "Lin", Role::Manager, &pin("2580")).await.unwrap();
    assert_eq!(till.visitor(), Actor::Nobody);
    let refused = till.add_operator(&Actor::Owner, "Wu", Role::Manager, &pin("3690")).await.unwrap_err();
    assert_eq!(refused.code, Code::MissingRight, "whoever was the owner is it no longer");
    assert_eq!(till.permit(&Actor::Owner, Action::ManageAccounts).unwrap_err().code, Code::MissingRight);
    assert_eq!(till.identify(" lin ", &pin("２５８０")).await.unwrap(), lin());
    assert_eq!(till.remove_operator(&lin(), "Lin").await.unwrap_err().code, Code::LastManager);
    drop(till);
    assert_eq!(machine.launch().await.visitor(), Actor::Nobody, "after a restart too");
}

#[tokio::test(start_paused = true)]
async fn wrong_pins_are_counted_across_restarts_and_a_right_one_is_then_worth_nothing() {
    let machine = Machine::new();
    let mut till = staffed(&machine).await;
    for left in (1..6).rev() {
        let refusal = till.identify("Lin", &pin("2581")).await.unwrap_err();
        assert_eq!((refusal.code, refusal.facts["left"].clone()), (Code::PinWrong, left.to_string()));
        drop(till);
        till = machine.launch().await;
        assert_eq!(seen(&till, "Lin").wrong_tries, 6 - left);
    }
    assert_eq!(code(till.identify("Lin", &pin("2581"))).await, Code::LockedOut);
    let wrong = till.identify("Lin", &pin("2581")).await.unwrap_err();
    let right = till.identify("Lin", &pin("2580")).await.unwrap_err();
    assert_eq!((right.code, &right), (Code::LockedOut, &wrong), "a right PIN tells nothing");
    assert_eq!(till.permit(&lin(), Action::ManageOperators).unwrap_err().code, Code::MissingRight);
    assert_eq!(till.permit(&lin(), Action::Sell).unwrap(), Actor::Nobody);
    assert_eq!(till.identify("Mei", &pin("1470")).await.unwrap(), mei(), "nobody else is locked out");
}

#[tokio::test(start_paused = true)]
async fn a_lock_out_is_over_after_thirty_minutes_of_running_and_no_clock_brings_that_nearer() {
    let machine = Machine::new();
    let till = staffed(&machine).await;
    lock_out(&till, "Lin").await;
    machine.set_wall_clock(24 * 3_600);
    assert_eq!(code(till.identify("Lin", &pin("2580"))).await, Code::LockedOut);
    drop(till);
    let till = machine.launch().await;
    assert_eq!(code(till.identify("Lin", &pin("2580"))).await, Code::LockedOut, "a day later by the wall clock");
    machine.set_wall_clock(-48 * 3_600);
    pass(Duration::from_secs(29 * MINUTE)).await;
    assert_eq!(code(till.identify("Lin", &pin("2580"))).await, Code::LockedOut);
    pass(Duration::from_secs(MINUTE + 1)).await;
    assert_eq!(seen(&till, "Lin").locked_for_s, None);
    assert_eq!(till.identify("Lin", &pin("2580")).await.unwrap(), lin());
}

#[tokio::test(start_paused = true)]
async fn time_without_an_engine_does_not_count_and_a_restart_loses_five_minutes_at_most() {
    let machine = Machine::new();
    let mut till = staffed(&machine).await;
    lock_out(&till, "Lin").await;
    let mut ran = 0;
    for _ in 0..4 {
        pass(Duration::from_secs(7 * MINUTE)).await;
        ran += 7 * MINUTE;
        drop(till);
        // The shop is closed: hours, in which nobody measures anything.
        pass(Duration::from_secs(600 * MINUTE)).await;
        till = machine.launch().await;
        let left = u64::from(seen(&till, "Lin").locked_for_s.unwrap());
        assert!(left >= 30 * MINUTE - ran, "{left} s are left after {ran} s");
    }
    let left = u64::from(seen(&till, "Lin").locked_for_s.unwrap());
    assert_eq!(left, 10 * MINUTE, "of each seven minutes five were written down");
    pass(Duration::from_secs(left - 1)).await;
    assert_eq!(code(till.identify("Lin", &pin("2580"))).await, Code::LockedOut);
    pass(Duration::from_secs(1)).await;
    assert_eq!(till.identify("Lin", &pin("2580")).await.unwrap(), lin());
    let served = machine.disk.events().await.iter().filter(|event| holds(&event.payload, "lock_served")).count();
    assert_eq!(served, 6, "every five minutes, and no more once it is over");
}

fn holds(payload: &[u8], word: &str) -> bool {
    String::from_utf8_lossy(payload).contains(word)
}

#[tokio::test(start_paused = true)]
async fn a_full_disk_gives_no_free_tries() {
    let machine = Machine::new();
    let till = staffed(&machine).await;
    machine.disk.fail_with(Some(StorageFault::DiskFull));
    for _ in 0..6 {
        assert_eq!(code(till.identify("Lin", &pin("0000"))).await, Code::DiskFull);
    }
    machine.disk.fail_with(None);
    assert_eq!(code(till.identify("Lin", &pin("2580"))).await, Code::LockedOut);
}

#[tokio::test(start_paused = true)]
async fn the_second_persons_wrong_pins_are_the_second_persons() {
    let machine = Machine::new();
    let till = staffed(&machine).await;
    let says = |name: &str, typed: &str| Credentials { name: name.into(), pin: pin(typed) };
    let both = till.acting(Some(&says("Lin", "2580")), Some(&says("Mei", "1470"))).await.unwrap();
    assert_eq!((both.actor, both.second), (lin(), Some(mei())));
    let refused = till.acting(Some(&says("Lin", "2580")), Some(&says("Mei", "9999"))).await.unwrap_err();
    assert_eq!(refused.code, Code::PinWrong);
    assert_eq!((seen(&till, "Lin").wrong_tries, seen(&till, "Mei").wrong_tries), (0, 1));
    let same = till.acting(Some(&says("Lin", "2580")), Some(&says("lin", "2580"))).await.unwrap_err();
    assert_eq!(same.code, Code::SecondPersonSame);
    let nobody = till.acting(None, None).await.unwrap();
    assert_eq!((nobody.actor, nobody.second), (Actor::Nobody, None));
    assert_eq!(code(till.identify("Lin", &pin("  "))).await, Code::PinNeeded);
    assert_eq!(code(till.identify("Wu", &pin("2580"))).await, Code::OperatorUnknown);
}

#[tokio::test(start_paused = true)]
async fn one_changes_ones_own_pin_and_a_manager_anybodys() {
    let machine = Machine::new();
    let till = staffed(&machine).await;
    till.set_pin(&mei(), "Mei", &pin("8642")).await.unwrap();
    assert_eq!(till.identify("Mei", &pin("8642")).await.unwrap(), mei());
    assert_eq!(till.set_pin(&mei(), "Lin", &pin("8642")).await.unwrap_err().code, Code::MissingRight);
    assert_eq!(till.set_pin(&till.visitor(), "Mei", &pin("8642")).await.unwrap_err().code, Code::MissingRight);
    till.set_pin(&lin(), "Mei", &pin("1357")).await.unwrap();
    assert_eq!(till.identify("Mei", &pin("1357")).await.unwrap(), mei());
    assert_eq!(till.set_pin(&lin(), "Mei", &pin("1111")).await.unwrap_err().code, Code::BadPin);
    let changed = machine.disk.events().await;
    let by: Vec<&str> =
        changed.iter().filter(|event| holds(&event.payload, "pin_changed")).map(|event| event.actor.as_str()).collect();
    assert_eq!(by, ["operator:Mei", "operator:Lin"]);
}

#[tokio::test(start_paused = true)]
async fn a_lost_pin_is_replaced_by_the_machines_owner_and_every_launch_tells_it_for_a_week() {
    let machine = Machine::new();
    let till = staffed(&machine).await;
    lock_out(&till, "Lin").await;
    till.replace_lost_pin("Lin", &pin("7531")).await.unwrap();
    assert_eq!(code(till.identify("Lin", &pin("7531"))).await, Code::LockedOut, "it lifts no lock-out");
    assert!(seen(&till, "Lin").pin_replaced_at.is_some());
    pass(Duration::from_secs(31 * MINUTE)).await;
    assert_eq!(till.identify("Lin", &pin("7531")).await.unwrap(), lin());
    let event = machine.disk.events().await.into_iter().find(|event| holds(&event.payload, "\"lost\":true")).unwrap();
    assert_eq!(event.actor, "owner");
    till.replace_lost_pin("Mei", &pin("9630")).await.unwrap();
    till.remove_operator(&lin(), "Mei").await.unwrap();
    drop(till);
    let till = machine.launch().await;
    let told = |till: &Till| -> Vec<(String, String)> {
        let notices = till.health().notices.into_iter().filter(|notice| notice.code == Code::PinReplaced);
        notices.map(|notice| (notice.facts["name"].clone(), notice.facts["day"].clone())).collect()
    };
    let day = "2027-01-15".to_owned();
    assert_eq!(told(&till), [("Lin".to_owned(), day.clone()), ("Mei".to_owned(), day)]);
    drop(till);
    pass(Duration::from_secs(7 * 24 * 60 * MINUTE)).await;
    let till = machine.launch().await;
    assert_eq!(told(&till), []);
    assert!(seen(&till, "Lin").pin_replaced_at.is_some(), "it stays where people are listed");
}

#[tokio::test(start_paused = true)]
async fn without_the_keyring_no_pin_is_right_and_none_is_counted_as_wrong() {
    let machine = Machine::new();
    let till = staffed(&machine).await;
    let pepper = format!("{}/till/pin_pepper", till.id());
    let kept = machine.keyring.get(&pepper).await.unwrap().expect("it is in the keyring");
    assert_eq!(kept.expose_secret().len(), 32);
    drop(till);
    let till = machine.launch().await;
    machine.keyring.fail_with(Some(KeyringFault::Locked));
    assert_eq!(code(till.identify("Lin", &pin("2580"))).await, Code::KeyringLocked);
    machine.keyring.fail_with(None);
    machine.keyring.delete(&pepper).await.unwrap();
    assert_eq!(code(till.identify("Lin", &pin("2580"))).await, Code::PinsLost);
    assert_eq!(seen(&till, "Lin").wrong_tries, 0);
    till.replace_lost_pin("Lin", &pin("7531")).await.unwrap();
    assert_eq!(till.identify("Lin", &pin("7531")).await.unwrap(), lin(), "a new pepper begins with a lost PIN");
    for typed in ["1470", "0000"] {
        let refused = till.identify("Mei", &pin(typed)).await.unwrap_err();
        assert_eq!((refused.code, refused.facts["name"].as_str()), (Code::PinOutdated, "Mei"), "right or wrong");
    }
    assert_eq!(seen(&till, "Mei").wrong_tries, 0);
    drop(till);
    let till = machine.launch().await;
    assert_eq!(code(till.identify("Mei", &pin("1470"))).await, Code::PinOutdated, "after a restart too");
    till.set_pin(&lin(), "Mei", &pin("9630")).await.unwrap();
    assert_eq!(till.identify("Mei", &pin("9630")).await.unwrap(), mei());
}

#[tokio::test(start_paused = true)]
async fn people_who_cannot_be_read_make_nobody_the_owner() {
    let machine = Machine::new();
    drop(staffed(&machine).await);
    machine.disk.unreadable("operators");
    let till = machine.launch().await;
    assert_eq!(till.visitor(), Actor::Nobody);
    assert_eq!(code(till.identify("Lin", &pin("2580"))).await, Code::JournalPartUnreadable);
    assert_eq!(till.permit(&Actor::Owner, Action::Sell).unwrap(), Actor::Nobody);
    let told: Vec<Code> = till.health().notices.into_iter().map(|notice| notice.code).collect();
    assert_eq!(told, [Code::JournalPartUnreadable], "the till sells and asks, and does not say that it does not");
}

#[tokio::test(start_paused = true)]
async fn the_journal_says_who_came_who_went_and_what_the_limits_were_and_shows_no_pin() {
    let machine = Machine::new();
    let till = staffed(&machine).await;
    let actor = till.sign_in("Lin", &pin("2580")).await.unwrap();
    let set = till.set_limits(&mei(), |before| Ok(before.clone())).await.unwrap_err();
    assert_eq!(set.code, Code::MissingRight);
    till.set_limits(&actor, |before| Ok(Limits { window_days: 30, ..before.clone() })).await.unwrap();
    let bad = till.set_limits(&actor, |before| Ok(Limits { window_days: 0, ..before.clone() })).await.unwrap_err();
    assert_eq!((bad.code, bad.facts["field"].as_str()), (Code::LimitsBad, "window_days"));
    till.sign_out(&actor).await.unwrap();
    drop(till);
    let till = machine.launch().await;
    assert_eq!(till.limits(), Limits { window_days: 30, ..Limits::default() });
    let events = machine.disk.events().await;
    let said: Vec<(&str, String)> = events
        .iter()
        .filter(|event| event.subject == "operators" || event.subject == "limits")
        .map(|event| {
            let value: serde_json::Value = serde_json::from_slice(&event.payload).unwrap();
            (event.actor.as_str(), value["event"]["type"].as_str().unwrap().to_owned())
        })
        .collect();
    let said: Vec<(&str, &str)> = said.iter().map(|(actor, kind)| (*actor, kind.as_str())).collect();
    assert_eq!(
        said,
        [
            ("owner", "added"),
            ("operator:Lin", "added"),
            ("operator:Lin", "signed_in"),
            ("operator:Lin", "changed"),
            ("operator:Lin", "signed_out"),
        ]
    );
    for event in &events {
        assert!(!holds(&event.payload, "2580") && !holds(&event.payload, "1470"));
    }
}
