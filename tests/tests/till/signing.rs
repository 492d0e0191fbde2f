//! The till's own key.

use crate::machine::{Machine, add_account, pass};
use std::time::Duration;
use till_core::error::Code;
use till_core::journal::{self, Event, TillEvent};
use till_engine::keyring::Keyring;
use till_engine::till::Till;

const DAY: Duration = Duration::from_secs(24 * 3_600);

/// The days whose heads the journal holds.
async fn heads(machine: &Machine) -> Vec<String> {
    let events = machine.disk.events().await;
    let days = events.iter().filter_map(|stored| match journal::read(&stored.payload).unwrap() {
        Event::Till { event: TillEvent::DayHead { day, .. } } => Some(day),
        Event::Till { .. }
        | Event::Account { .. }
        | Event::Order { .. }
        | Event::Operators { .. }
        | Event::Limits { .. } => None,
    });
    days.collect()
}

fn complaints(till: &Till) -> Vec<String> {
    let notices = till.health().notices.into_iter().filter(|notice| notice.code == Code::SealGone);
    notices.map(|notice| notice.facts["reason"].clone()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_signing_key_that_is_not_the_journals_is_said_and_signs_no_day() {
    let machine = Machine::new();
    let name = format!("{}/till/signing_key", machine.launch().await.id());
    let own = machine.keyring.get(&name).await.unwrap().expect("made with the journal");
    machine.keyring.set(&name, &vec![7; 32].into()).await.unwrap();

    let till = machine.launch().await;
    assert_eq!(complaints(&till), ["the till's signing key is not this journal's"]);
    pass(DAY).await;
    add_account(&till, "traded-on").await.unwrap();
    assert_eq!(heads(&machine).await, [""; 0]);

    // The journal's own key signs later what was left unsigned.
    machine.keyring.set(&name, &own).await.unwrap();
    add_account(&till, "later").await.unwrap();
    assert_eq!(heads(&machine).await, ["2027-01-15"]);
}

#[tokio::test(start_paused = true)]
async fn a_day_is_signed_before_the_first_event_of_the_next() {
    let machine = Machine::new();
    let till = machine.launch().await;
    add_account(&till, "first").await.unwrap();
    assert_eq!(heads(&machine).await, [""; 0]);
    pass(DAY).await;
    add_account(&till, "second").await.unwrap();
    assert_eq!(heads(&machine).await, ["2027-01-15"]);
    assert_eq!(complaints(&till), [""; 0]);
}
