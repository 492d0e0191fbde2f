//! What an event may rest on.

use super::{Shows, Told, text};
use crate::simulation::gateway::Way;
use crate::simulation::wire::Proof;
use crate::simulation::world::{MIN, MS, S, World};
use serde_json::Value;

/// Why an event may not rest on what was heard.
pub(super) fn unproven(kind: &str, body: &Value, proofs: &[Proof], told: &Told) -> Option<&'static str> {
    let needs: &[Proof] = match kind {
        "created" => &[Proof::Created],
        "unpaid" => &[Proof::Unpaid],
        "paying" => &[Proof::Paying],
        "paid" => &[Proof::Paid, Proof::Refunded],
        "self_contradiction" => &[Proof::Contradiction],
        "disputed" if text(&body["reason"]) == "paid_then_ended" => &[Proof::Closed, Proof::Reversed, Proof::Failed],
        "disputed" if text(&body["reason"]) == "paid_or_reversed" => &[Proof::Reversed],
        "disputed" => &[Proof::Contradiction],
        "ended" => match (text(&body["reason"]).as_str(), text(&body["state"]).as_str()) {
            ("gateway", "closed") => &[Proof::Closed],
            ("gateway", "reversed") => &[Proof::Reversed],
            ("gateway", "failed") => &[Proof::Failed],
            ("never_created" | "expired_here", "closed") => return None,
            _ => return Some("no such end at this gateway"),
        },
        "close_answered" | "reverse_answered" => match body["outcome"].as_str() {
            Some("closed" | "already_closed" | "reversed") => &[Proof::EndDone],
            Some(_) => &[Proof::EndRefused],
            None => return None,
        },
        // Whether the number is this order's, the truth says. One that says two things of the payment may name it too.
        "gateway_no_named" => {
            &[Proof::Number, Proof::Unpaid, Proof::Paid, Proof::Refunded, Proof::Closed, Proof::Contradiction]
        }
        _ => return None,
    };
    if !told.intended {
        return Some("before the intention");
    }
    (!proofs.iter().any(|proof| needs.contains(proof))).then_some("that proves something else")
}

/// Why an order may not be taken in.
pub(super) fn not_adoptable(world: &World, told: &Told, proofs: &[Proof]) -> Option<&'static str> {
    let states = [Proof::Unpaid, Proof::Paying, Proof::Paid, Proof::Failed];
    if !proofs.iter().any(|proof| states.contains(proof)) {
        return Some("nothing that was heard says so");
    }
    let Some(trade) = world.platform.trades.get(&told.order_no) else { return Some("there is no such order") };
    let place = &world.platform.merchants[trade.place];
    if trade.way != Way::Elsewhere || told.shows != Shows::Nobody || Some(place.dialect) != told.dialect {
        return Some("it was not made elsewhere");
    }
    if (trade.minor, place.currency) != (told.minor, told.currency.as_str()) {
        return Some("the amount is another");
    }
    (world.book.field(told, place.dialect.merchant_field()) != Some(&place.id)).then_some("it is another merchant's")
}

pub(super) fn never_created(world: &mut World, told: &Told) {
    let grace = world.book.whole(told, "plan.grace_s").unwrap_or(600) * S;
    let answers = &told.run.none;
    let spread = answers.last().copied().unwrap_or(0) - answers.first().copied().unwrap_or(0);
    let forward = world.set_forward - told.forward_then;
    let early = told.drafted + told.expire_s * S + grace > world.now + forward + MS;
    if answers.len() < 5 || spread + MS < grace || early {
        let detail = format!("{}: {} answers over {spread} µs, too early: {early}", told.order_no, answers.len());
        return world.fail("never created", detail);
    }
    let last = answers.last().copied().unwrap_or(0);
    if world.platform.trades.get(&told.order_no).is_some_and(|trade| trade.created < last - MIN) {
        world.fail("never created", format!("{} is there", told.order_no));
    }
}

/// Where nothing can be closed: after expiry, on a verified "unpaid" to a question that left after expiry.
pub(super) fn expired_here(world: &mut World, told: &Told) {
    let forward = world.set_forward - told.forward_then;
    let expiry = told.drafted + told.expire_s * S;
    let early = told.run.answered.is_none_or(|left| left + forward + MS < expiry);
    if told.closes() || early || !told.confirmed || told.state != "expiring" {
        let detail = format!("{} is {}, confirmed: {}, too early: {early}", told.order_no, told.state, told.confirmed);
        world.fail("expired here", detail);
    }
}

/// A person's number is taken only if it is this order's.
pub(super) fn named(world: &mut World, told: &Told, gateway_no: &str) {
    let truth = world.platform.trades.get(&told.order_no).map(|trade| trade.gateway_no.clone());
    if truth.as_deref() != Some(gateway_no) || told.askable() {
        world.fail("the number of another", format!("{} is {truth:?}, not {gateway_no}", told.order_no));
    }
}
