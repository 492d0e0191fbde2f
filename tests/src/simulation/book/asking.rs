//! What may leave the till, and when.

use super::back;
use super::page::CUSTOMERS;
use super::told::SLOWEST;
use super::{Shows, Told, holds_a_secret};
use crate::simulation::wire::{Dialect, Kind, Request};
use crate::simulation::world::{D, H, MIN, MS, S, World};

/// States in which the till forgets an order until it is asked about it.
const ENDS: [&str; 4] = ["paid", "closed", "reversed", "failed"];

/// A request leaves the till.
pub fn leaves(world: &mut World, request: &Request, body: &[u8]) {
    if request.kind != Kind::Create && holds_a_secret(body) {
        return world.fail("a payment code leaves once, in its create", request.order_no.clone());
    }
    let order_no = request.order_no.clone();
    let Some(told) = world.book.orders.get(&order_no).cloned() else {
        // An account's check, or a person's question about an order that the journal does not hold.
        if request.kind != Kind::Query {
            world.fail("journal before effect", format!("{:?} of {order_no}", request.kind));
        }
        return;
    };
    let looking = [&request.named, &order_no].iter().any(|no| world.book.looking.contains_key(*no));
    let merchant = request.dialect.merchant_field();
    if !looking && world.book.field(&told, merchant) != Some(request.merchant.as_str()) {
        return world.fail("account version", format!("{order_no} speaks for {}", request.merchant));
    }
    match request.kind {
        Kind::Create => create(world, &told, request),
        Kind::Close | Kind::Reverse => end(world, &told, request.kind),
        Kind::Query => query(world, &told, looking),
        Kind::Refund | Kind::RefundQuery => return back::leaves(world, &told, request),
    }
    let now = world.now;
    let told = world.book.orders.get_mut(&order_no).expect("it was there");
    match request.kind {
        Kind::Create => told.creates += 1,
        Kind::Close | Kind::Reverse => told.run.credit += 2,
        Kind::Query if looking => told.run.silent = true,
        Kind::Query => {
            // A look of the tail that is taken again, or one that a customer wanted, may come shortly before the next one that was
            // planned.
            if (told.run.silent || told.run.customer_waits) && !told.is_open() {
                told.run.credit = told.run.credit.max(1);
            }
            told.run.last_query = Some(now);
            told.run.customer_waits = false;
            told.run.silent = true;
        }
        Kind::Refund | Kind::RefundQuery => {}
    }
}

fn create(world: &mut World, told: &Told, request: &Request) {
    if !told.intended || told.creates > 0 {
        return world.fail("create once, after its intention", told.order_no.clone());
    }
    if request.minor != Some(told.minor) {
        return world.fail("amount", told.order_no.clone());
    }
    if request.code.is_some() != (told.shows == Shows::Customer) {
        return world.fail("a payment code where one is needed", told.order_no.clone());
    }
    if let Some(code) = &request.code {
        let (given, sent) = world.book.codes.entry(code.clone()).or_default();
        *sent += 1;
        if sent > given {
            world.fail("a payment code leaves once, in its create", told.order_no.clone());
        }
    }
}

fn end(world: &mut World, told: &Told, kind: Kind) {
    let floor = world.book.floor(told);
    let (now, forward) = (world.now, world.set_forward);
    let earlier = if told.drafted_in == world.run.number { 0 } else { forward - told.forward_then };
    let no = told.order_no.clone();
    if kind == Kind::Reverse && !told.reverse_intended {
        return world.fail("journal before effect", format!("{kind:?} of {no}"));
    }
    let waited = kind == Kind::Close && told.may_close_yet(now);
    if world.book.reverses(told) != (kind == Kind::Reverse) && !waited {
        return world.fail("payment codes are reversed, the rest is closed", format!("{kind:?} of {no}"));
    }
    if !waited && now + earlier + MS < told.drafted + floor {
        return world.fail("close after its floor", format!("{no} after {} µs", now - told.drafted));
    }
    if told.off.is_none() {
        return world.fail("close after the code is off", no);
    }
    if told.paid {
        world.fail("no close of what is paid", no);
    }
}

fn query(world: &mut World, told: &Told, looking: bool) {
    let (now, fair, order_no) = (world.now, world.fair, &told.order_no);
    let poll = world.book.whole(told, "plan.poll_ms").map(|ms| ms * MS);
    let merchant = world.book.field(told, told.dialect.map_or("", Dialect::merchant_field)).unwrap_or_default();
    let troubled = (now < world.disk.fails_until + 2 * MIN && !fair) || world.network.busy(merchant, now) || looking;
    // A question that was under way, or a disk that was full, holds the expiry up; nothing else does.
    let expired = told.drafted + told.expire_s * S + 90 * S < now && told.drafted_in == world.run.number;
    if expired && !troubled && told.off.is_none() && told.is_open() && told.state != "disputed" {
        return world.fail("expiry takes the code off", format!("{order_no} is {}", told.state));
    }
    // An order that had ended, or whose run did, is read from the journal again: its age is the wall clock's, which was set.
    let read_again = told.drafted_in != world.run.number || ENDS.iter().any(|end| told.states.contains(end));
    let aged = read_again && world.settings > told.settings_then;
    let least = |last| if aged { 700 * MS } else { least_pause(told, poll, last) };
    let pause = told.run.last_query.map(|last| (now - last, least(last)));
    if let Some((pause, least)) = pause.filter(|(pause, least)| pause < least && !troubled) {
        let floor = told.drafted + world.book.floor(told);
        let before_close = told.off.is_some() && now >= floor && !told.run.looked;
        let run = &mut world.book.orders.get_mut(order_no).expect("it was there").run;
        if before_close {
            run.looked = true;
        } else if run.customer_waits && pause >= CUSTOMERS {
            // What was wanted is taken note of where it leaves.
        } else if run.credit == 0 {
            let detail = format!("{order_no} after {pause} µs, {least} at least ({})", told.state);
            world.fail("no more questions than the plan", detail);
        } else {
            run.credit -= 1;
        }
    }
}

/// The shortest pause that the plan knows after a question at `last`, with all jitter.
fn least_pause(told: &Told, poll: Option<i64>, last: i64) -> i64 {
    let past = last - (told.drafted + told.expire_s * S);
    // "Paying" quickens nothing for a payment code, nor where it is said from the beginning.
    let quick = told.states.contains("paying")
        && told.shows != Shows::Customer
        && !matches!(told.channel.as_str(), "unionpay.link" | "wechat.mweb");
    let whole = if ENDS.contains(&told.state) {
        // Looks of the tail; one that was not answered is taken again. A mark by hand has looks of its own, which come when they
        // come.
        return match (told.marked, told.run.silent) {
            (true, _) => S,
            (false, true) => MIN,
            (false, false) => 20 * MIN,
        };
    } else if past < 0 {
        let young = last - told.drafted < 30 * S + 2 * SLOWEST && told.shows != Shows::Customer;
        let least = poll.unwrap_or(if young { 2 * S } else { 5 * S });
        if quick && poll.is_none() { S } else { least }
    } else if past < MIN && quick {
        S
    } else if past < D {
        past.clamp(S, 5 * MIN)
    } else if past < 7 * D {
        H
    } else {
        D
    };
    whole * 6 / 10
}
