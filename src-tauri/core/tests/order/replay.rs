//! Events replayed are events lived, and no stream of events is too odd to read.

use super::any::{cases, event, story};
use super::given::{START, terms, terms_without_close};
use proptest::prelude::*;
use serde_json::Value;
use till_core::journal::{Event, read, write};
use till_core::order::Order;
use till_core::order::asking::Asking;
use till_core::order::decide::{Command, decide};
use till_core::order::due::{next_due, pause};
use till_core::order::event::OrderEvent;
use till_core::order::evolve::evolve;
use till_core::order::further::further_order;
use till_core::time::Moment;

fn replay<'a>(events: impl IntoIterator<Item = &'a (OrderEvent, Moment)>) -> Option<Order> {
    events.into_iter().fold(None, |order, (event, at)| evolve(order, event, *at))
}

/// Puts a field that no version knows into every object.
fn with_unknown_fields(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.values_mut().for_each(with_unknown_fields);
            fields.insert("not_yet_invented".to_owned(), Value::from("x"));
        }
        Value::Array(values) => values.iter_mut().for_each(with_unknown_fields),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Enums that carry a value are objects with one key: an unknown one beside it would make two.
fn with_unknown_fields_of_structs(payload: &mut Value) {
    const STRUCTS: [&str; 4] = ["event", "reported", "report", "tally"];
    if let Value::Object(fields) = payload {
        for name in STRUCTS {
            if let Some(inner @ Value::Object(_)) = fields.get_mut(name) {
                with_unknown_fields_of_structs(inner);
            }
        }
        fields.insert("not_yet_invented".to_owned(), Value::from("x"));
    }
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn events_replayed_give_the_order_that_was_lived(story in story()) {
        prop_assert_eq!(replay(&story.events), Some(story.order.clone()));
        prop_assert_eq!(story.order.seen, u64::try_from(story.events.len()).expect("few"));
    }

    #[test]
    fn events_read_back_from_the_journal_as_they_were_written(lived in story(), odd in event()) {
        let written = lived.events.into_iter().map(|(event, _)| event).chain([odd]);
        for event in written {
            let event = Event::Order { event };
            let payload = write(&event).expect("it can be written");
            prop_assert_eq!(read(&payload), Ok(event.clone()));
            let mut newer: Value = serde_json::from_slice(&payload).expect("it is JSON");
            with_unknown_fields_of_structs(&mut newer);
            prop_assert_eq!(read(newer.to_string().as_bytes()), Ok(event));
        }
    }

    #[test]
    fn no_stream_of_events_panics(events in prop::collection::vec((event(), any::<(i64, i64)>()), 0..24), now in any::<(i64, i64)>()) {
        let moment = |(wall, boot)| Moment { wall, boot };
        let begins = matches!(events.first(), Some((OrderEvent::Drafted(_), _)));
        let stream: Vec<_> = events.into_iter().map(|(event, at)| (event, moment(at))).collect();
        let order = replay(&stream);
        prop_assert!(order.is_some() || !begins);
        let Some(order) = order else { return Ok(()) };
        let (now, mut asking) = (moment(now), Asking::default());
        for terms in [terms(), terms_without_close()] {
            let _ = next_due(&order, &asking, &terms, now);
            let _ = pause(&order, &asking, &terms, now);
            let _ = decide(&order, &asking, &terms, Command::Settle, now);
            asking.sent(now);
            asking.closing(now);
        }
        let _ = (further_order(&order), order.qr());
    }
}

#[test]
fn a_stream_that_does_not_begin_with_a_draft_gives_no_order() {
    assert_eq!(evolve(None, &OrderEvent::CreateSent, START), None);
}

#[test]
fn a_payload_of_a_newer_version_or_an_unknown_event_is_refused_and_not_guessed() {
    let mut payload: Value =
        serde_json::from_slice(&write(&Event::Order { event: OrderEvent::CreateSent }).expect("it can be written"))
            .expect("it is JSON");
    with_unknown_fields(&mut payload);
    assert!(read(payload.to_string().as_bytes()).is_ok());
    payload.as_object_mut().expect("an object").insert("v".to_owned(), Value::from(2));
    assert!(read(payload.to_string().as_bytes()).is_err());
    assert!(read(br#"{"v":1,"subject":"order","event":{"type":"teleported"}}"#).is_err());
    assert!(read(b"").is_err() && read(b"{").is_err() && read(b"[]").is_err());
}
