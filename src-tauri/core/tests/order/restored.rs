//! What a restore leaves to be asked about before money goes back.

use crate::given::{Story, report};
use till_core::gateway::named;
use till_core::order::event::OrderEvent;
use till_core::order::refund::first::is_asked_about_first;
use till_core::order::report::TradeState;

fn numbered(story: &Story) -> Vec<(u64, OrderEvent)> {
    (11..).zip(story.events.iter().map(|(event, _)| event.clone())).collect()
}

fn is_asked(story: &Story, restored: Option<u64>, gateway: &str) -> bool {
    let descriptor = named(gateway).expect("a gateway").descriptor();
    is_asked_about_first(numbered(story), restored, descriptor)
}

#[test]
fn an_order_that_was_paid_before_the_newest_restore_is_asked_about_before_a_first_refund() {
    let paid = Story::shown().reporting(report(TradeState::Paid));
    let booked = numbered(&paid).last().expect("it was booked").0;
    assert!(is_asked(&paid, Some(booked + 1), "pooul"));
    assert!(!is_asked(&paid, Some(booked - 1), "pooul"), "it was paid since");
    assert!(!is_asked(&paid, None, "pooul"), "nothing was restored");
    assert!(!is_asked(&paid, Some(booked + 1), "dingdang"), "it has no word for what went back");
    assert!(!is_asked(&Story::shown(), Some(99), "pooul"), "nothing was paid");
}
