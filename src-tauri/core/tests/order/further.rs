//! When a sale may have a further order, and every reason why not yet.

use super::given::{LINK, START, Story, created, report};
use till_core::gateway::call::NoAnswer;
use till_core::gateway::descriptor::Presented::{self, Consumer, Merchant};
use till_core::order::decide::{Command, Evidence};
use till_core::order::due::{Due, Step, next_due};
use till_core::order::event::CloseWhy;
use till_core::order::further::{NotYet, further_order};
use till_core::order::report::{TradeReport, TradeState};
use till_core::time::SECOND;

fn may(story: &Story, presented: Presented) -> Result<(), NotYet> {
    let mut order = story.order.clone();
    order.draft.presented = presented;
    further_order(&order)
}

fn unknown() -> Story {
    Story::sent().telling(Command::CreateUnanswered(NoAnswer::TimedOut))
}

#[test]
fn after_an_unpaid_end_a_further_order_is_allowed_for_everybody() {
    for state in [TradeState::Closed, TradeState::Failed, TradeState::Reversed] {
        let ended = Story::shown().reporting(TradeReport::of(state));
        assert_eq!((may(&ended, Merchant), may(&ended, Consumer)), (Ok(()), Ok(())), "{state:?}");
    }
}

#[test]
fn a_link_that_never_reached_the_till_allows_one_but_a_payment_code_that_was_sent_does_not() {
    assert_eq!(may(&unknown(), Merchant), Ok(()));
    assert_eq!(may(&unknown(), Consumer), Err(NotYet::PaymentCodeSent));
    let without_link = Story::sent().answered(created(None));
    assert_eq!(may(&without_link, Merchant), Ok(()));
    assert_eq!(without_link.order.qr(), None);
}

#[test]
fn a_code_taken_off_and_then_confirmed_unpaid_allows_one() {
    let off = Story::taken_off();
    assert_eq!(may(&off, Merchant), Err(NotYet::Unconfirmed));
    assert_eq!(may(&off.reporting(TradeReport::of(TradeState::Unpaid)), Merchant), Ok(()));
}

#[test]
fn an_unpaid_to_a_question_from_before_the_code_went_off_confirms_nothing() {
    let mut off = Story::taken_off();
    let asked = off.now.plus(-SECOND / 2);
    off = off.after(SECOND);
    let evidence = Evidence { asked, raw: None };
    let old = off.clone().telling(Command::Report(report(TradeState::Unpaid), evidence));
    assert_eq!(may(&old, Merchant), Err(NotYet::Unconfirmed));
    assert_eq!(may(&old.reporting(report(TradeState::Unpaid)), Merchant), Ok(()));
}

#[test]
fn a_customer_who_began_to_pay_after_the_confirmation_makes_it_wait_again() {
    let paying = Story::taken_off().reporting(report(TradeState::Unpaid)).reporting(report(TradeState::Paying));
    assert_eq!(may(&paying, Merchant), Err(NotYet::Paying));
    assert_eq!(may(&paying.reporting(report(TradeState::Unpaid)), Merchant), Ok(()));
}

#[test]
fn every_other_order_says_why_it_must_wait() {
    let disputed = TradeReport { amount_minor: Some(1), ..report(TradeState::Paid) };
    for (story, why) in [
        (Story::drafted(super::given::terms()), NotYet::BeingCreated),
        (Story::sent(), NotYet::BeingCreated),
        (Story::shown(), NotYet::CodeShown),
        (Story::shown().reporting(report(TradeState::Paying)), NotYet::Paying),
        (Story::shown().reporting(disputed), NotYet::Disputed),
        (Story::shown().reporting(report(TradeState::Paid)), NotYet::AlreadyPaid),
    ] {
        assert_eq!(may(&story, Merchant), Err(why));
    }
    for story in [Story::shown(), Story::taken_off().reporting(report(TradeState::Unpaid))] {
        assert_eq!(may(&story, Consumer), Err(NotYet::PaymentCodeSent));
    }
}

#[test]
fn a_person_who_closes_takes_the_code_off_at_once_and_long_before_the_floor() {
    let shown = Story::shown();
    assert_eq!(shown.order.qr(), Some(LINK));
    let off = shown.after(SECOND).telling(Command::Close(CloseWhy::Person));
    assert_eq!(off.order.qr(), None);
    assert!(off.now.since(START) < off.terms.close_floor.expect("it closes"));
    assert_eq!(off.clone().reporting(report(TradeState::Paying)).order.qr(), None, "it never comes back");
    assert_eq!(off.reporting(report(TradeState::Unpaid)).order.qr(), None, "it never comes back");
}

#[test]
fn a_floor_counts_from_the_answer_to_the_create_for_the_gateway_counts_from_when_that_came() {
    let mut off = Story::taken_off();
    let floor = off.terms.close_floor.expect("it closes");
    let answered = off.order.answered.expect("it is shown");
    assert!(answered.since(off.order.drafted) > 0);
    off.now = answered.plus(floor - SECOND);
    let at = off.now;
    off.asking.sent(at);
    off.report(report(TradeState::Unpaid), at);
    let due = next_due(&off.order, &off.asking, &off.terms, off.now);
    assert_eq!(due, Some(Due { at: answered.boot + floor, step: Step::Close }));
}

#[test]
fn a_question_that_left_in_the_very_moment_of_the_close_confirms_nothing() {
    let mut story = Story::taken_off();
    let left = story.now;
    story.now = story.now.plus(SECOND);
    story.report(report(TradeState::Unpaid), left);
    assert_eq!(further_order(&story.order), Err(NotYet::Unconfirmed));
    let later = story.reporting(report(TradeState::Unpaid));
    assert_eq!(further_order(&later.order), Ok(()));
}
