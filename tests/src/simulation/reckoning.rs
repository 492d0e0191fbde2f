//! The reckoning: journal against gateway, rows against events, when nothing is open any more.

use super::book::Told;
use super::gateway::{Standing, Truth, Way};
use super::world::{D, Stage, World};
use std::collections::BTreeMap;
use till_engine::journal::Project;
use till_engine::storage::Row;
use till_engine::till::{Replay, Till};

/// Orders that have not ended, but for those that only a person can settle.
pub fn open(world: &World) -> Vec<String> {
    let orders = world.book.orders.values();
    orders
        .filter(|told| told.is_open() && !for_a_person(world, told))
        .map(|told| format!("{} {}", told.order_no, told.state))
        .collect()
}

/// Every order has ended.
pub fn ended(stage: &Stage) {
    let mut world = stage.now();
    let open = open(&world);
    if !open.is_empty() {
        world.fail("every order ends", open.join(", "));
    }
}

/// Paid, and then undone by the bank; or one that nobody can ask about: a person must look.
fn for_a_person(world: &World, told: &Told) -> bool {
    let truth = world.platform.trades.get(&told.order_no).map(|trade| trade.truth);
    // The customer went before the gateway knew the number of what they wanted.
    if told.is_stuck() || (told.ordered && truth.is_none()) {
        return true;
    }
    told.state == "disputed" && told.paid && truth == Some(Truth::Reversed)
}

/// Journal and gateway agree on each order. Where somebody set the clock after an end, the looks of its tail can have been
/// missed: a launch looks once more, at what ended within a week. The last one was three days and an hour ago.
pub fn agreed(stage: &Stage, launched: bool) {
    let mut world = stage.now();
    let mut wrong = Vec::new();
    let mut after_all = 0;
    for (no, trade) in &world.platform.trades {
        if trade.way != Way::Elsewhere && !world.book.orders.contains_key(no) {
            wrong.push(format!("{no} is not in the journal"));
        }
    }
    let mut sales: BTreeMap<&str, Vec<&Told>> = BTreeMap::new();
    for told in world.book.orders.values() {
        let trade = world.platform.trades.get(&told.order_no);
        let (truth, taken_back) = (trade.map(|trade| trade.truth), trade.is_some_and(|trade| trade.taken_back));
        let agrees = match (truth, told.state) {
            _ if told.is_stuck() => true,
            (None, state) if told.ordered => told.is_open() && state != "disputed",
            (None, state) => state == "closed" && told.end_reason == "never_created",
            // It arrived after all, hours later, and was not paid.
            (Some(Truth::Unpaid | Truth::Failed), "closed") if told.end_reason == "never_created" => {
                after_all += 1;
                true
            }
            (Some(Truth::Closed), state) => state == "closed",
            (Some(Truth::Failed), state) => state == "failed",
            (Some(Truth::Paid | Truth::Refunded), "closed") => {
                let looked = launched && world.wall() - told.ended_wall < (7 + 3) * D;
                world.settings > told.settings_at_end && !looked
            }
            (Some(Truth::Paid | Truth::Refunded), state) => state == "paid",
            // What a bank undoes behind a booked payment no question of the till's would ever show.
            (Some(Truth::Reversed), state) => {
                let unheard = state == "paid" && told.paid_heard && !taken_back && !told.undone;
                matches!(state, "reversed" | "disputed") || unheard
            }
            // Nobody can close it there: its page goes by itself.
            (Some(Truth::Unpaid), state) if told.end_reason == "expired_here" => state == "closed",
            (Some(Truth::Unpaid | Truth::Paying), _) => false,
        };
        if !agrees {
            wrong.push(format!("{}: gateway {truth:?}, journal {}", told.order_no, told.state));
        }
        let number = world.disk.orders.get(&told.order_no).and_then(|row| row.gateway_no.as_ref());
        if number.is_some() && trade.map(|trade| &trade.gateway_no) != number {
            wrong.push(format!("{} goes by {number:?}, which is another's", told.order_no));
        }
        if told.creates > 1 {
            wrong.push(format!("{} was created {} times", told.order_no, told.creates));
        }
        if told.late && !told.was_told("late_payment") {
            wrong.push(format!("{} is late without attention", told.order_no));
        }
        if told.paid {
            sales.entry(&told.sale).or_default().push(told);
        }
    }
    for (sale, paid) in sales {
        let flagged = paid.iter().any(|told| told.was_told("double_payment"));
        let kept = paid.iter().filter(|told| !told.is_given_back()).count();
        if (flagged && paid.len() < 2) || (!flagged && kept > 1) {
            wrong.push(format!("{sale}: {} payments, flagged: {flagged}", paid.len()));
        }
        // Each that bears the flag may go back in full: one payment stays.
        let flags = paid.iter().filter(|told| told.stands("double_payment") && !told.is_given_back()).count();
        if flags > usize::from(kept > 1) {
            wrong.push(format!("{sale}: {flags} of {kept} payments are to go back"));
        }
    }
    world.book.arrived_after_all = after_all;
    if !wrong.is_empty() {
        world.fail("journal and gateway agree", wrong.join("; "));
    }
}

/// Journal and gateway agree on each refund: what reached the gateway has its outcome, and what never did has none.
pub fn returned(stage: &Stage) {
    let mut world = stage.now();
    let mut wrong = Vec::new();
    for (no, back) in &world.platform.returns {
        let told = world.book.orders.get(&back.order_no);
        let known = told.is_some_and(|told| told.returns.iter().any(|told| told.refund_no == *no));
        if !known || back.paid_out > 1 {
            wrong.push(format!("{no} of {} in the journal: {known}, {back:?}", back.order_no));
        }
    }
    for told in world.book.orders.values() {
        let mut paid_out = 0;
        for back in told.returns.iter().filter(|back| back.state != "withdrawn") {
            let there = world.platform.returns.get(&back.refund_no);
            // Its order is disputed, or somebody has to look at what was refunded elsewhere: it does not leave.
            let waits = back.state == "requested" && (told.state != "paid" || told.stands("refunded_elsewhere"));
            let agrees = match there.map(|there| there.standing) {
                Some(Standing::Done) => back.state == "succeeded",
                Some(Standing::Failed) => back.state == "failed" || waits,
                Some(Standing::UnderWay) => matches!(back.state, "processing" | "unknown"),
                // Lost on its way, and nobody sent it again.
                None => back.state == "unknown" || waits,
            };
            if !agrees || there.is_some_and(|there| there.minor != back.minor) {
                wrong.push(format!("{}: {back:?}, the gateway {there:?}", told.order_no));
            }
            paid_out += there.map_or(0, |there| there.minor * i64::from(there.paid_out));
        }
        if paid_out > told.minor || told.given() > told.minor {
            wrong.push(format!("{}: {paid_out} went back, {} may", told.order_no, told.given()));
        }
    }
    if !wrong.is_empty() {
        world.fail("journal and gateway agree on refunds", wrong.join("; "));
    }
}

/// Today's figures are those of the journal.
pub fn today(stage: &Stage, till: &Till) {
    let today = till.today();
    let mut world = stage.now();
    let day = jiff::Timestamp::from_microsecond(world.wall()).unwrap();
    let day = jiff::tz::Offset::constant(8).to_datetime(day).date().to_string();
    let paid: Vec<&Told> = world.book.orders.values().filter(|told| told.paid && told.paid_day == day).collect();
    let mut minor: BTreeMap<String, i64> = BTreeMap::new();
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    for told in &paid {
        *minor.entry(told.currency.clone()).or_default() += told.minor;
        *counts.entry(told.currency.clone()).or_default() += 1;
    }
    let expected: BTreeMap<String, String> =
        minor.into_iter().map(|(currency, minor)| (currency, format!("{}.{:02}", minor / 100, minor % 100))).collect();
    if today.counts != counts || today.paid != expected {
        let (told, of) = (&today.paid, &today.counts);
        world.fail("today", format!("{told:?} in {of:?} payments, the journal says {expected:?} in {counts:?}"));
    }
}

/// Rows equal what the events give, by the till's own replay and by the book; numbers have no gap.
pub fn rows(stage: &Stage, all: bool) {
    let mut world = stage.still();
    let mut wrong = None;
    let recent = if all { usize::MAX } else { 12 };
    for no in world.book.drafted.iter().rev().take(recent) {
        let subject = format!("order/{no}");
        let events = world.disk.stream(&subject);
        let replayed = Replay.row(&subject, &events);
        let row = world.disk.order(no).cloned();
        let refunds = world.disk.refunds_of(no);
        if replayed != Ok(row.clone().map(|row| Row::Order(Box::new(row), refunds))) {
            wrong = Some(format!("{no}: stored {row:?}, replayed {replayed:?}"));
        }
        let told = &world.book.orders[no];
        let same = row.is_some_and(|row| {
            row.state == told.state && row.late == told.late && row.paid_minor == told.paid.then_some(told.minor)
        });
        if !same {
            wrong = Some(format!("{no}: the row is not what the book says: {}", told.state));
        }
    }
    if all {
        for subject in world.disk.subjects().filter(|subject| subject.starts_with("account/")) {
            let events = world.disk.stream(subject);
            let stored = world.disk.account(subject.trim_start_matches("account/")).map(str::to_owned);
            let replayed = Replay.row(subject, &events);
            if !matches!(replayed, Ok(Some(Row::Account { json, .. })) if Some(&json) == stored.as_ref()) {
                wrong = Some(format!("{subject} is not what its events give"));
            }
        }
        let gapless = world.disk.events.iter().zip(1..).all(|(event, seq)| event.seq == seq);
        if !gapless {
            wrong = Some("a gap in the journal".to_owned());
        }
    }
    if let Some(wrong) = wrong {
        world.fail("rows equal replay", wrong);
    }
}
