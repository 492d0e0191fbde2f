//! A clock that somebody sets while no till runs.

use crate::machine::{Machine, add_account, pass};
use std::time::Duration;
use till_core::journal::{self, Event, TillEvent};

const HOUR: i64 = 3_600;

/// How far the journal says that the clock was set, in whole minutes.
async fn jumps(machine: &Machine) -> Vec<i64> {
    let events = machine.disk.events().await;
    let jumps = events.iter().filter_map(|stored| match journal::read(&stored.payload).unwrap() {
        Event::Till { event: TillEvent::ClockJumped { by } } => Some(by.div_euclid(60_000_000)),
        _ => None,
    });
    jumps.collect()
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_was_set_back_while_no_till_ran_is_journaled_at_the_next_start_and_once() {
    let machine = Machine::new();
    drop(machine.launch().await);
    machine.set_wall_clock(2 * HOUR);
    let till = machine.launch().await;
    add_account(&till, "main").await.unwrap();
    drop(till);
    assert_eq!(jumps(&machine).await, [0; 0], "two hours may have passed");
    machine.set_wall_clock(-HOUR);
    drop(machine.launch().await);
    assert_eq!(jumps(&machine).await, [-60]);
    pass(Duration::from_secs(1)).await;
    machine.set_wall_clock(-2);
    drop(machine.launch().await);
    assert_eq!(jumps(&machine).await, [-60], "told once, and a second is no jump");
}
