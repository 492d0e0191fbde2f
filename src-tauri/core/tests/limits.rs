//! What refunds are held to.

#![allow(clippy::expect_used, reason = "tests say what they expect")]

use proptest::prelude::*;
use std::collections::BTreeMap;
use till_core::limits::{Limits, OverLimit, RefundAsk, RefundLimits, within};
use till_core::money::{Currency, Money};
use till_core::rights::{Actor, Role};
use till_core::time::{DAY, Moment};

fn manager() -> Actor {
    Actor::Operator { name: "Lin".to_owned(), role: Role::Manager }
}

fn cny(minor: i64) -> Money {
    Money { minor, currency: Currency::Cny }
}

fn ask(actor: &Actor, minor: i64) -> RefundAsk<'_> {
    let now = Moment { wall: 1_800_000_000_000_000, boot: 0 };
    RefundAsk {
        actor,
        amount: cny(minor),
        spent_today_minor: 0,
        of_the_order_minor: 0,
        reason: "broken",
        paid: now,
        now,
        has_second: false,
    }
}

#[test]
fn the_defaults_are_the_safe_ones_in_every_currency() {
    let limits = Limits::default();
    for currency in Currency::ALL {
        let held = limits.of(currency);
        assert_eq!((held.per_refund_minor, held.per_day_minor, held.second_above_minor), (200_000, 500_000, 50_000));
    }
    assert_eq!((limits.reason_required, limits.window_days, limits.idle_lock_s), (true, 90, 180));
    assert_eq!(limits.clone().validated(), Ok(limits));
}

#[test]
fn what_is_exactly_at_a_limit_passes_and_one_cent_more_does_not() {
    let (limits, actor) = (Limits::default(), manager());
    let plain = ask(&actor, 50_000);
    assert_eq!(within(&limits, &plain), Ok(()));
    let above = ask(&actor, 50_001);
    assert_eq!(within(&limits, &above), Err(OverLimit::SecondNeeded { above_minor: 50_000 }));
    let with_second = RefundAsk { has_second: true, ..ask(&actor, 200_000) };
    assert_eq!(within(&limits, &with_second), Ok(()));
    let split = RefundAsk { of_the_order_minor: 40_000, ..ask(&actor, 20_000) };
    assert_eq!(within(&limits, &split), Err(OverLimit::SecondNeeded { above_minor: 50_000 }), "split in two");
    assert_eq!(within(&limits, &RefundAsk { has_second: true, ..split }), Ok(()));
    let more = RefundAsk { amount: cny(200_001), ..with_second };
    assert_eq!(within(&limits, &more), Err(OverLimit::PerRefund { limit_minor: 200_000 }));
    let today = RefundAsk { spent_today_minor: 450_000, ..plain };
    assert_eq!(within(&limits, &today), Ok(()));
    let over = RefundAsk { spent_today_minor: 450_001, ..plain };
    assert_eq!(within(&limits, &over), Err(OverLimit::PerDay { limit_minor: 500_000, spent_minor: 450_001 }));
}

#[test]
fn a_reason_is_words_and_the_window_closes_after_its_last_day() {
    let (limits, actor) = (Limits::default(), manager());
    let plain = ask(&actor, 1);
    assert_eq!(within(&limits, &RefundAsk { reason: " \n", ..plain }), Err(OverLimit::ReasonMissing));
    let free = Limits { reason_required: false, ..Limits::default() };
    assert_eq!(within(&free, &RefundAsk { reason: "", ..plain }), Ok(()));
    let ago = |micros: i64| Moment { wall: plain.now.wall - micros, boot: 0 };
    assert_eq!(within(&limits, &RefundAsk { paid: ago(90 * DAY), ..plain }), Ok(()));
    assert_eq!(within(&limits, &RefundAsk { paid: ago(90 * DAY + 1), ..plain }), Err(OverLimit::TooOld { days: 90 }));
}

#[test]
fn the_owner_has_nobody_to_ask_and_is_held_to_everything_else() {
    let limits = Limits::default();
    assert_eq!(within(&limits, &ask(&Actor::Owner, 200_000)), Ok(()));
    assert_eq!(within(&limits, &ask(&Actor::Owner, 200_001)), Err(OverLimit::PerRefund { limit_minor: 200_000 }));
}

#[test]
fn limits_that_make_no_sense_name_their_field() {
    let of = |held| Limits { refunds: BTreeMap::from([(Currency::Hkd, held)]), ..Limits::default() };
    let usual = RefundLimits::default();
    for (limits, field) in [
        (of(RefundLimits { per_refund_minor: -1, ..usual }), "per_refund"),
        (of(RefundLimits { per_day_minor: i64::MAX, ..usual }), "per_day"),
        (of(RefundLimits { second_above_minor: -5, ..usual }), "second_above"),
        (Limits { window_days: 0, ..Limits::default() }, "window_days"),
        (Limits { window_days: 100_000, ..Limits::default() }, "window_days"),
        (Limits { idle_lock_s: 3, ..Limits::default() }, "idle_lock_s"),
    ] {
        assert_eq!(limits.validated(), Err(field));
    }
    assert!(of(RefundLimits { per_refund_minor: 0, ..usual }).validated().is_ok(), "no refunds at all");
    assert!(Limits { idle_lock_s: 0, ..Limits::default() }.validated().is_ok());
}

proptest! {
    #[test]
    fn nothing_that_passes_is_above_any_limit(
        minor in 1..i64::MAX, spent in 0..i64::MAX, has_second: bool, owner: bool,
        per_refund_minor in 0..1_000_000_i64, per_day_minor in 0..1_000_000_i64, second_above_minor in 0..1_000_000_i64,
    ) {
        let held = RefundLimits { per_refund_minor, per_day_minor, second_above_minor };
        let limits = Limits { refunds: BTreeMap::from([(Currency::Cny, held)]), ..Limits::default() };
        let actor = if owner { Actor::Owner } else { manager() };
        // Small amounts among the large ones, or hardly any would pass.
        let (minor, spent) = (minor % 2_000_000 + 1, spent % 2_000_000);
        let ask = RefundAsk { spent_today_minor: spent, has_second, ..ask(&actor, minor) };
        let passes = minor <= per_refund_minor
            && spent + minor <= per_day_minor
            && (minor <= second_above_minor || has_second || owner);
        prop_assert_eq!(within(&limits, &ask).is_ok(), passes);
    }
}
