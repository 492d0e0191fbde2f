//! Raw answers that are old enough go, and nothing else with them.

use crate::machine::{Machine, Says, pass, selling};
use std::time::Duration;
use till_core::journal::{self, Event, TillEvent};
use till_core::rights::Actor;
use till_engine::day_head::verify_all;
use till_engine::till::Till;

const DAY: Duration = Duration::from_secs(24 * 3_600);

/// What became of each answer that the order's story rests on: its text, where it is still there, and after how many days it goes.
async fn answers(till: &Till, order_no: &str) -> Vec<(bool, Option<u32>)> {
    let mut found = Vec::new();
    for entry in till.timeline(&Actor::Owner, order_no).await.unwrap().entries {
        if let Some(sha256) = entry.raw {
            let text = till.raw_answer(&Actor::Owner, &sha256).await.unwrap();
            found.push((text.is_some(), entry.raw_kept_days));
        }
    }
    found
}

async fn removals(machine: &Machine) -> Vec<(u32, u64)> {
    let events = machine.disk.events().await;
    let removals = events.iter().filter_map(|stored| match journal::read(&stored.payload).unwrap() {
        Event::Till { event: TillEvent::AnswersRemoved { days, answers, .. } } => Some((days, answers)),
        _ => None,
    });
    removals.collect()
}

#[tokio::test(start_paused = true)]
async fn answers_go_after_their_days_with_an_event_that_says_so_and_the_journal_verifies() {
    let machine = Machine::new();
    let (till, order) = selling(&machine).await;
    machine.gateway.says(Says::State("SUCCESS"));
    pass(Duration::from_secs(60)).await;
    let order_no = order.order.order_no;
    let before = answers(&till, &order_no).await;
    assert!(before.len() > 1 && before.iter().all(|answer| *answer == (true, None)), "{before:?}");

    pass(30 * DAY).await;
    assert_eq!(till.remove_old_answers(90).await.unwrap(), 0, "nothing is old enough");
    assert_eq!((answers(&till, &order_no).await, removals(&machine).await), (before.clone(), vec![]));

    pass(61 * DAY).await;
    let removed = till.remove_old_answers(90).await.unwrap();
    assert!(removed > 0);
    assert_eq!(removals(&machine).await, [(90, removed)]);
    let after = answers(&till, &order_no).await;
    assert_eq!(after, vec![(false, Some(90)); before.len()]);
    assert_eq!(till.remove_old_answers(90).await.unwrap(), 0, "once is enough");
    assert_eq!(removals(&machine).await.len(), 1);

    let path = machine.disk.path();
    let verified = tokio::task::spawn_blocking(move || verify_all(&path, false).unwrap()).await.unwrap();
    assert!(verified.ok, "{verified:?}");
}
