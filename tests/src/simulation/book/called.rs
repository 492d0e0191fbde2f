//! What a gateway's own call may come to.

use super::{Told, blotted, notified, text};
use crate::simulation::gateway::About;
use crate::simulation::wire::{Dialect, Due, Letter, Proof, Replied};
use crate::simulation::world::{MIN, World};
use serde_json::Value;
use std::collections::BTreeMap;

/// What calls were about that may be taken, and what came of those that asked for an order.
#[derive(Debug, Default)]
pub struct Called {
    /// Whose speech a body is, by what is kept of it.
    bodies: BTreeMap<Vec<u8>, usize>,
    /// The order of each speech that the journal holds.
    orders: BTreeMap<usize, String>,
}

/// A call comes to the till. What need not be believed leaves no trace here: nothing may rest on it.
pub fn called(world: &mut World, letter: &Letter, due: Due) {
    if matches!(due, Due::Refused | Due::NotTaken | Due::TurnedAway) {
        return;
    }
    let kept = letter.kept.as_bytes();
    match &letter.about {
        About::Speech(place) => {
            world.book.called.bodies.insert(blotted(kept), *place);
        }
        About::Paid(order_no) => notified(world, order_no, kept, &letter.proofs, letter.made),
        About::Back(_) => notified(world, &letter.order_no, kept, &letter.proofs, letter.made),
        About::BackElsewhere(order_no, _) => {
            notified(world, order_no, kept, &letter.proofs, letter.made);
            if let Some(told) = world.book.orders.get_mut(order_no) {
                told.back_elsewhere = true;
            }
        }
    }
}

/// Why the journal may not hold an order that a call made: for one speech there is one, and it is what was said.
pub(super) fn not_ordered(world: &mut World, told: &Told, draft: &Value, actor: &str, raw: &[u8]) -> Option<String> {
    let Some(place) = world.book.called.bodies.get(&blotted(raw)).copied() else {
        return Some("nobody who may has asked for it".to_owned());
    };
    if let Some(first) = world.book.called.orders.insert(place, told.order_no.clone()) {
        return Some(format!("the same was said of {first}"));
    }
    let speech = &world.platform.calls.speeches[place];
    let merchant = &world.platform.merchants[speech.place];
    let lines: Vec<(String, u64, i64)> = draft["items"].as_array().into_iter().flatten().map(line).collect();
    let said: Vec<(String, u64, i64)> =
        speech.lines.iter().map(|(id, quantity, minor)| ((*id).to_owned(), u64::from(*quantity), *minor)).collect();
    let fits = lines == said
        && told.minor == speech.minor()
        && told.currency == "CNY"
        && told.dialect == Some(Dialect::Dingdang)
        && world.book.field(told, Dialect::Dingdang.merchant_field()) == Some(&merchant.id)
        && actor == "gateway";
    (!fits).then(|| format!("{draft} by {actor} is not what was said: {speech:?}"))
}

fn line(item: &Value) -> (String, u64, i64) {
    (
        text(&item["id"]),
        item["quantity"].as_u64().unwrap_or_default(),
        item["amount_minor"].as_i64().unwrap_or_default(),
    )
}

/// The till has replied. What it has taken is in the journal by now, and what it need not believe is not taken.
pub fn replied(world: &mut World, letter: &Letter, due: Due, reply: &Replied) {
    let wrong = match (due, reply) {
        (Due::TurnedAway, Replied::TurnedAway) => None,
        (Due::TurnedAway | Due::Refused | Due::NotTaken, Replied::Taken(_)) => {
            Some(("nothing is taken that is not the gateway's word", String::new()))
        }
        (Due::TurnedAway, Replied::Refused(words)) => {
            Some(("whoever is not the gateway learns nothing", words.clone()))
        }
        (Due::Refused | Due::NotTaken, Replied::Refused(_)) => None,
        (Due::Refused | Due::Taken, Replied::TurnedAway) if world.fair => {
            Some(("a call that should be read", String::new()))
        }
        (_, Replied::TurnedAway) => None,
        (Due::Either | Due::Taken, Replied::Refused(words)) => {
            // What a fault kept from being stored before is stored within a minute after it, and comes first.
            let faults = !world.fair || world.now - world.fair_since < MIN;
            let not_now = faults && words.starts_with("暂时无法处理");
            let rightly = not_now || may_be_refused(world, letter);
            (!rightly).then(|| ("a call that should be taken", words.clone()))
        }
        (Due::Either | Due::Taken, Replied::Taken(number)) => {
            not_booked(world, letter, number.as_deref()).map(|why| ("what is taken is booked", why))
        }
    };
    if let Some((rule, why)) = wrong {
        world.fail(rule, format!("{:?} {:?} of {}: {why}", letter.about, letter.spoil, letter.order_no));
    }
}

/// Whether the till rightly says no to the gateway itself.
fn may_be_refused(world: &World, letter: &Letter) -> bool {
    match (&letter.about, world.book.orders.get(&letter.order_no)) {
        (About::Speech(_), _) => false,
        (_, None) => true,
        // Whose order it is can be told of one only that a call has made: of another one the till asks first.
        (About::Paid(_), Some(told)) => !told.ordered && !told.paid,
        (About::Back(_), Some(_)) => false,
        // More back than its order was of, which the same notice says.
        (About::BackElsewhere(no, minor), Some(_)) => world.platform.trades[no].minor < *minor,
    }
}

/// What should be in the journal, and is not.
fn not_booked(world: &World, letter: &Letter, number: Option<&str>) -> Option<String> {
    if let About::Speech(place) = letter.about {
        let held = world.book.called.orders.get(&place).map(String::as_str);
        return (held.is_none() || number != held)
            .then(|| format!("{number:?} was replied, the journal holds {held:?}"));
    }
    let Some(told) = world.book.orders.get(&letter.order_no) else { return Some("there is no such order".to_owned()) };
    if number.is_some() {
        return Some(format!("{number:?} was replied to a notice"));
    }
    let refund = |no: &str| told.returns.iter().find(|back| back.refund_no == no).map(|back| back.state);
    let booked = match (&letter.about, letter.proofs.first()) {
        (About::Back(no), Some(Proof::RefundDone)) => refund(no) == Some("succeeded"),
        (About::Back(no), Some(Proof::RefundFailed)) => refund(no) == Some("failed"),
        // Whatever is known of the order: nothing else will ever tell of it.
        (About::BackElsewhere(_, minor), Some(Proof::Refunded)) => told.paid && told.was_told_elsewhere(*minor),
        (_, Some(Proof::Contradiction)) => {
            !told.ordered
                || told.states.contains("disputed")
                || !told.attention.is_empty()
                || told.paid
                || !told.is_open()
        }
        (About::Paid(_), _) => told.paid,
        _ => true,
    };
    (!booked).then(|| format!("it is {}, {:?}, {:?}", told.state, told.attention, told.returns))
}
