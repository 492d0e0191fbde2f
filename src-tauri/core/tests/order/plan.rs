//! The poll plan: what is due, when, and the pauses between questions.

use super::any::{cases, story};
use super::given::{EXPIRE, START, Story, report, terms};
use proptest::prelude::*;
use std::collections::BTreeMap;
use till_core::account::Account;
use till_core::gateway::descriptor::DEFAULT_PLAN;
use till_core::order::asking::{Asking, Terms, Unproven};
use till_core::order::decide::Command;
use till_core::order::due::{Due, Step, TAIL, askable, next_due, pause};
use till_core::order::event::CloseWhy;
use till_core::order::report::{TradeReport, TradeState};
use till_core::time::{DAY, HOUR, MINUTE, SECOND};

/// In the middle of the jitter.
const CALM: u16 = 500;

fn calm() -> Asking {
    Asking { jitter_permille: CALM, ..Asking::default() }
}

fn pause_at(story: &Story, asking: &Asking, since_draft: i64) -> i64 {
    pause(&story.order, asking, &story.terms, START.plus(since_draft))
}

fn due(story: &Story) -> Option<Due> {
    next_due(&story.order, &story.asking, &story.terms, story.now)
}

#[test]
fn the_default_plan_asks_every_two_seconds_while_young_then_every_five_and_every_second_while_paying() {
    let (waiting, paying) = (Story::shown(), Story::shown().reporting(report(TradeState::Paying)));
    for (since, expected) in [(0, 2), (29, 2), (30, 5), (299, 5)] {
        assert_eq!(pause_at(&waiting, &calm(), since * SECOND), expected * SECOND, "after {since} s");
        assert_eq!(pause_at(&paying, &calm(), since * SECOND), SECOND, "paying, after {since} s");
    }
    assert_eq!(waiting.terms.plan, DEFAULT_PLAN);
}

#[test]
fn ruling_14_where_paying_says_nothing_it_asks_no_quicker_and_waits_no_longer() {
    let mut paying = Story::shown().reporting(report(TradeState::Paying));
    paying.terms.plan.paying_ms = None;
    for (since, expected) in [(0, 2), (29, 2), (30, 5), (299, 5)] {
        assert_eq!(pause_at(&paying, &calm(), since * SECOND), expected * SECOND, "after {since} s");
    }
    assert_eq!(pause_at(&paying, &calm(), EXPIRE + 20 * SECOND), 20 * SECOND);
}

#[test]
fn after_expiry_the_pauses_double_to_five_minutes_then_it_is_hourly_and_after_a_week_daily() {
    let story = Story::shown().after(EXPIRE).telling(Command::Close(CloseWhy::Expired));
    let mut at = EXPIRE;
    let mut pauses = vec![];
    for _ in 0..9 {
        let pause = pause_at(&story, &calm(), at);
        pauses.push(pause / SECOND);
        at += pause;
    }
    assert_eq!(pauses, [5, 5, 10, 20, 40, 80, 160, 300, 300]);
    assert_eq!(pause_at(&story, &calm(), EXPIRE + DAY - SECOND), 5 * MINUTE);
    assert_eq!(pause_at(&story, &calm(), EXPIRE + DAY), HOUR);
    assert_eq!(pause_at(&story, &calm(), EXPIRE + 7 * DAY - SECOND), HOUR);
    assert_eq!(pause_at(&story, &calm(), EXPIRE + 7 * DAY), DAY);
}

#[test]
fn an_account_may_replace_every_pause_before_expiry_and_no_other() {
    let mut story = Story::shown();
    story.terms.poll = Some(SECOND / 5);
    assert_eq!(pause_at(&story, &calm(), 10 * SECOND), SECOND / 5);
    assert_eq!(pause_at(&story, &calm(), 200 * SECOND), SECOND / 5);
    assert_eq!(pause_at(&story.clone().reporting(report(TradeState::Paying)), &calm(), SECOND), SECOND / 5);
    assert_eq!(pause_at(&story, &calm(), EXPIRE + HOUR), 5 * MINUTE);
}

#[test]
fn an_accounts_fields_override_its_gateways_terms() {
    let pooul = till_core::gateway::named("pooul").expect("it is registered").descriptor();
    let mut account = Account {
        id: "TA1".to_owned(),
        name: "shop".to_owned(),
        gateway: "pooul".to_owned(),
        version: 1,
        base_url: pooul.base_url.to_owned(),
        fields: BTreeMap::new(),
        secrets: BTreeMap::new(),
        retired: false,
    };
    assert_eq!(Terms::of(pooul, &account, &pooul.channels[0]), terms());
    for (name, value) in [("plan.poll_ms", "250"), ("plan.grace_s", "7"), ("plan.close_floor_s", "0")] {
        account.fields.insert(name.to_owned(), value.to_owned());
    }
    let terms = Terms::of(pooul, &account, &pooul.channels[0]);
    assert_eq!((terms.poll, terms.grace, terms.close_floor), (Some(250_000), 7 * SECOND, Some(0)));
}

#[test]
fn errors_make_the_pauses_grow_to_twenty_seconds_and_an_answer_makes_them_short_again() {
    let story = Story::shown();
    let mut asking = calm();
    let mut pauses = vec![];
    for _ in 0..6 {
        asking.unverified(Unproven::Nothing, None, story.now);
        pauses.push(pause_at(&story, &asking, 10 * SECOND) / SECOND);
    }
    assert_eq!(pauses, [4, 8, 16, 20, 20, 20]);
    asking.verified(story.now, story.now);
    assert_eq!(pause_at(&story, &asking, 10 * SECOND), 2 * SECOND);
    let expired = story.after(EXPIRE).telling(Command::Close(CloseWhy::Expired));
    asking.unverified(Unproven::Nothing, None, expired.now);
    assert_eq!(pause_at(&expired, &asking, EXPIRE + HOUR), 5 * MINUTE, "errors never shorten a pause");
}

#[test]
fn retry_after_is_honoured_and_forgotten_with_the_next_answer() {
    let mut story = Story::shown();
    story.asking = calm();
    story.asking.sent(story.now);
    story.asking.unverified(Unproven::Nothing, Some(90), story.now);
    assert_eq!(due(&story), Some(Due { at: story.now.boot + 90 * SECOND, step: Step::Ask }));
    story.asking.wanted = true;
    assert_eq!(due(&story).map(|due| due.at), Some(story.now.boot + 90 * SECOND), "a person does not overrule it");
    story.asking.wanted = false;
    story.asking.verified(story.now, story.now);
    assert_eq!(due(&story).map(|due| due.at), Some(story.now.boot + 2 * SECOND));
}

#[test]
fn the_first_question_comes_a_pause_after_the_answer_and_at_once_where_there_was_none() {
    let mut shown = Story::shown();
    shown.asking = calm();
    assert_eq!(due(&shown), Some(Due { at: shown.now.boot + 2 * SECOND, step: Step::Ask }));
    let lost = Story::sent().telling(Command::Stopped);
    assert_eq!(due(&lost), Some(Due { at: lost.now.boot, step: Step::Ask }));
    assert_eq!(due(&Story::sent()), None, "while the create is in flight nothing is due");
    let drafted = Story::drafted(terms());
    assert_eq!(due(&drafted), Some(Due { at: drafted.now.boot, step: Step::SendCreate }));
}

#[test]
fn an_ended_order_is_looked_at_after_half_an_hour_two_hours_and_a_day_and_then_no_more() {
    let mut story = Story::shown().reporting(report(TradeState::Closed));
    let end = story.order.end.expect("it ended").at.boot;
    assert_eq!(TAIL, [30 * MINUTE, 2 * HOUR, 24 * HOUR]);
    for after in TAIL {
        assert_eq!(due(&story), Some(Due { at: end + after, step: Step::Ask }));
        story.now = story.now.plus(end + after - story.now.boot);
        story.asking.sent(story.now);
        let asked = story.now;
        story.report(report(TradeState::Closed), asked);
    }
    assert_eq!(due(&story), None);
    story.asking.wanted = true;
    assert_eq!(due(&story), Some(Due { at: story.now.boot, step: Step::Ask }), "once at launch");
}

#[test]
fn a_paid_order_is_asked_about_only_when_somebody_wants_it() {
    let mut paid = Story::shown().reporting(report(TradeState::Paid));
    assert_eq!(due(&paid), None);
    paid.asking.wanted = true;
    assert_eq!(due(&paid), Some(Due { at: paid.now.boot, step: Step::Ask }));
}

#[test]
fn at_expiry_the_code_goes_off_whatever_else_is_due() {
    let story = Story::shown().after(EXPIRE);
    assert_eq!(due(&story).map(|due| due.step), Some(Step::Expire));
    let paying = Story::shown().reporting(report(TradeState::Paying)).after(EXPIRE);
    assert_eq!(due(&paying).map(|due| due.step), Some(Step::Expire));
}

#[test]
fn a_close_waits_for_its_floor_and_for_a_fresh_answer() {
    let mut story = Story::taken_off().reporting(report(TradeState::Unpaid));
    story.asking.sent(story.now);
    assert_eq!(due(&story).map(|due| due.step), Some(Step::Ask), "before its floor it is only asked");
    let floor = START.boot + story.terms.close_floor.expect("it closes");
    story.now = story.now.plus(floor - story.now.boot);
    assert_eq!(due(&story).map(|due| due.step), Some(Step::Ask), "the last answer is five minutes old");
    let mut fresh = story.clone().reporting(report(TradeState::Unpaid));
    assert_eq!(due(&fresh).map(|due| due.step), Some(Step::Close));
    fresh.asking.closing(fresh.now);
    assert_eq!(due(&fresh), Some(Due { at: fresh.now.boot, step: Step::Ask }), "and then it is asked again");
    story.asking.unverified(Unproven::Nothing, None, story.now);
    assert_ne!(due(&story).map(|due| due.step), Some(Step::Close), "a silent gateway closes nothing");
}

#[test]
fn a_disputed_order_is_asked_about_and_not_closed() {
    let odd = TradeReport { amount_minor: Some(1), ..report(TradeState::Unpaid) };
    let disputed = Story::shown().after(EXPIRE).reporting(odd);
    assert_eq!(disputed.order.state, till_core::order::State::Disputed);
    assert_eq!(due(&disputed).map(|due| due.step), Some(Step::Ask));
}

#[test]
fn a_gateway_that_answers_slowly_is_closed_at_too() {
    let mut story = Story::taken_off().after(EXPIRE);
    let asked = story.now;
    story.asking.sent(asked);
    story.now = story.now.plus(25 * SECOND);
    story.report(report(TradeState::Unpaid), asked);
    assert_eq!(due(&story).map(|due| due.step), Some(Step::Close));
}

#[test]
fn a_customer_who_is_paying_is_not_disturbed_by_a_close_until_a_minute_after_expiry() {
    let paying = Story::taken_off().after(EXPIRE).reporting(report(TradeState::Paying));
    assert_eq!(due(&paying).map(|due| due.step), Some(Step::Ask));
    let stuck = paying.after(MINUTE).reporting(report(TradeState::Paying));
    assert_eq!(due(&stuck).map(|due| due.step), Some(Step::Close));
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn jitter_stays_within_a_tenth(story in story(), since in 0..9 * DAY, jitter: u16, unanswered in 0_u32..40) {
        let asking = |jitter_permille| Asking { jitter_permille, unanswered, ..Asking::default() };
        let base = pause_at(&story, &asking(CALM), since);
        let drawn = pause_at(&story, &asking(jitter), since);
        prop_assert!((drawn - base).abs() <= base / 10 + 1, "{} of {}", drawn, base);
        prop_assert!(drawn > 0);
    }

    #[test]
    fn an_open_order_that_can_be_asked_always_has_something_due(story in story()) {
        let open = !story.order.state.has_ended() && story.order.state != till_core::order::State::Creating;
        if open && askable(&story.order, &story.terms) {
            prop_assert!(due(&story).is_some(), "{:?}", story.order.state);
        }
    }
}
