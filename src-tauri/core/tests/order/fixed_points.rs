//! The fixed points of the table, for whatever happened before.

use super::any::{Act, came, cases, happen, report, story};
use super::given::{Story, created, report as matching, terms, terms_without_close};
use proptest::prelude::*;
use till_core::gateway::call::NoAnswer;
use till_core::gateway::reaction::{Reaction, Said};
use till_core::gateway::{Read, Unreadable};
use till_core::order::asking::Unproven;
use till_core::order::decide::{Command, Evidence};
use till_core::order::due::{Step, next_due};
use till_core::order::event::{CloseWhy, OrderEvent};
use till_core::order::report::{Stated, TradeReport, TradeState};
use till_core::order::{Attention, DisputeReason, EndReason, Order, State};
use till_core::time::{MINUTE, Moment, SECOND};

const AMOUNT: i64 = super::given::AMOUNT;

/// Said here a second time, so that the rule is not its own judge.
fn contradicts(report: &TradeReport) -> bool {
    let other = |stated: &Stated| matches!(stated, Stated::Other(_));
    let amount = report.amount_minor.unwrap_or(AMOUNT);
    amount != AMOUNT || other(&report.order_no) || other(&report.merchant) || other(&report.currency)
}

/// design.md section 4: state exactly paid; our number and amount present and equal; the rest equal wherever stated.
fn proves_paid(report: &TradeReport) -> bool {
    report.state == TradeState::Paid
        && report.order_no == Stated::Ours
        && report.amount_minor == Some(AMOUNT)
        && report.contradicts_itself.is_none()
        && !contradicts(report)
}

fn is_open(order: &Order) -> bool {
    !order.state.has_ended() && order.state != State::Disputed
}

fn was_sent(order: &Order) -> bool {
    !matches!(order.state, State::Drafted | State::Creating)
}

fn says_ended(report: &TradeReport) -> Option<State> {
    match report.state {
        TradeState::Closed => Some(State::Closed),
        TradeState::Failed => Some(State::Failed),
        TradeState::Reversed => Some(State::Reversed),
        TradeState::Unpaid | TradeState::Paying | TradeState::Paid | TradeState::Refunded => None,
    }
}

/// The order before and after a report whose question leaves a moment later.
fn fresh(story: Story, report: TradeReport) -> (Order, Order) {
    let before = story.order.clone();
    (before, story.reporting(report).order)
}

/// A person who has dealt with it takes it off the list; the state stays.
fn has_handled(story: &Story, what: Attention) -> bool {
    let handled =
        |event: &OrderEvent| matches!(event, OrderEvent::AttentionHandled { attention, .. } if *attention == what);
    story.events.iter().any(|(event, _)| handled(event))
}

proptest! {
    #![proptest_config(cases(512))]

    #[test]
    fn nothing_but_a_complete_matching_paid_or_a_refund_books_a_payment(mut story in story(), report in report(), ago in 0..600 * SECOND) {
        let before = story.order.clone();
        let asked = story.now.plus(-ago);
        story.report(report.clone(), asked);
        if story.order.payment != before.payment || (story.order.state == State::Paid && before.state != State::Paid) {
            let refunded = report.state == TradeState::Refunded && !contradicts(&report);
            prop_assert!(proves_paid(&report) || refunded, "{:?}", report);
        }
    }

    #[test]
    fn what_is_booked_stays_booked_whatever_happens(mut story in story(), acts in prop::collection::vec(super::any::act(), 0..20)) {
        let mut booked = None;
        for act in acts {
            happen(&mut story, act);
            if booked.is_some() {
                prop_assert_eq!(&story.order.payment, &booked);
                prop_assert!(matches!(story.order.state, State::Paid | State::Disputed));
            }
            booked = story.order.payment.clone();
        }
    }

    #[test]
    fn paid_then_closed_failed_or_reversed_is_disputed_with_the_payment_still_booked(story in story(), bare: bool, state in 0..3_usize) {
        let state = [TradeState::Closed, TradeState::Failed, TradeState::Reversed][state];
        let paid = story.reporting(matching(TradeState::Paid));
        prop_assert_eq!(paid.order.state, State::Paid);
        let (before, after) = fresh(paid, if bare { TradeReport::of(state) } else { matching(state) });
        prop_assert_eq!((after.state, after.dispute), (State::Disputed, Some(DisputeReason::PaidThenEnded)));
        prop_assert!(after.payment.is_some() && after.payment == before.payment);
        prop_assert!(after.attention.contains(&Attention::Disputed));
    }

    #[test]
    fn paid_never_goes_back_to_unpaid_or_paying(story in story(), report in report()) {
        let paid = story.reporting(matching(TradeState::Paid));
        let unpaid = matches!(report.state, TradeState::Unpaid | TradeState::Paying);
        let (before, after) = fresh(paid, report.clone());
        if unpaid && !contradicts(&report) {
            prop_assert_eq!(after, before);
        } else {
            prop_assert!(matches!(after.state, State::Paid | State::Disputed));
        }
    }

    #[test]
    fn a_payment_after_an_end_is_paid_and_late_with_attention(story in story()) {
        let story = if is_open(&story.order) { story.reporting(TradeReport::of(TradeState::Failed)) } else { story };
        prop_assume!(matches!(story.order.state, State::Closed | State::Failed | State::Reversed));
        let (_, after) = fresh(story, matching(TradeState::Paid));
        prop_assert_eq!((after.state, after.late), (State::Paid, true));
        prop_assert!(after.attention.contains(&Attention::LatePayment));
    }

    #[test]
    fn a_matching_payment_is_booked_from_everywhere(story in story()) {
        let (before, after) = fresh(story, matching(TradeState::Paid));
        prop_assert_eq!(after.state, State::Paid);
        prop_assert_eq!(after.payment.as_ref().map(|payment| payment.minor), before.payment.map_or(Some(AMOUNT), |paid| Some(paid.minor)));
        prop_assert!(!after.attention.contains(&Attention::Disputed) && after.dispute.is_none());
    }

    #[test]
    fn ruling_5_a_refund_that_is_not_ours_is_a_payment_with_attention_and_changes_nothing_in_what_we_refunded(story in story(), bare: bool) {
        let report = if bare { TradeReport::of(TradeState::Refunded) } else { matching(TradeState::Refunded) };
        let handled = has_handled(&story, Attention::RefundedElsewhere);
        let (before, after) = fresh(story, report);
        prop_assert_eq!(after.state, State::Paid);
        // What this till gave back, two people marked, or a person dealt with, is no surprise.
        let known = handled || before.has_refunded() || before.left_minor() < before.payment.as_ref().map_or(0, |paid| paid.minor);
        prop_assert!(known || after.attention.contains(&Attention::RefundedElsewhere));
        prop_assert_eq!(after.refunded_minor(), before.refunded_minor());
    }

    #[test]
    fn an_older_report_moves_nothing_backwards(mut story in story(), report in report(), ago in 1..600 * SECOND) {
        let before = story.order.clone();
        let Some(newest) = before.newest_report else { return Ok(()) };
        story.report(report, newest.plus(-ago));
        let after = &story.order;
        match before.state {
            State::Paid => prop_assert!(after.payment == before.payment && after.state == State::Paid),
            State::Disputed => prop_assert_eq!(after, &before),
            State::Closed | State::Failed | State::Reversed => prop_assert!(!is_open(after)),
            _ => prop_assert!(after.state == before.state || !is_open(after)),
        }
        let confirmed = after.unpaid_after_qr_off;
        prop_assert!(!confirmed || before.unpaid_after_qr_off || !is_open(after), "an older unpaid confirms nothing");
    }

    #[test]
    fn paying_may_go_back_to_unpaid(story in story()) {
        let story = story.reporting(TradeReport::of(TradeState::Paying));
        prop_assume!(story.order.state == State::Paying);
        let (before, after) = fresh(story, TradeReport::of(TradeState::Unpaid));
        let lost = before.link_lost() && before.answered.is_none();
        let open = if before.qr_off.is_none() && !lost { State::AwaitingPayment } else { State::Expiring };
        prop_assert_eq!(after.state, open);
    }

    #[test]
    fn an_authentic_contradiction_is_disputed_and_takes_the_code_off(story in story(), report in report()) {
        prop_assume!(contradicts(&report));
        let handled = has_handled(&story, Attention::Disputed);
        let (_, after) = fresh(story, report.clone());
        prop_assert_eq!((after.state, after.dispute), (State::Disputed, report.contradiction(AMOUNT)));
        prop_assert!(after.qr().is_none());
        prop_assert!(handled || after.attention.contains(&Attention::Disputed));
    }

    #[test]
    fn a_dispute_is_left_only_by_a_later_matching_report(mut story in story(), act in super::any::act()) {
        prop_assume!(story.order.state == State::Disputed);
        let newest = story.order.newest_report.expect("a report led to the dispute");
        let now = story.now;
        let report = match &act {
            Act::Report(report, ago) | Act::Name(_, report, ago) => Some((report, now.boot - ago)),
            Act::Create(Read::Means(created)) => created.report.as_ref().map(|report| (report, now.boot)),
            _ => None,
        };
        let leads_out = report.is_some_and(|(report, asked)| {
            let whole = report.state != TradeState::Paid || proves_paid(report);
            whole && !contradicts(report) && asked >= newest.boot
        });
        happen(&mut story, act);
        prop_assert!(story.order.state == State::Disputed || leads_out);
        let shown = story.order.attention.contains(&Attention::Disputed);
        prop_assert!(story.order.state == State::Disputed || !shown);
        prop_assert!(story.order.state != State::Disputed || shown || has_handled(&story, Attention::Disputed));
    }

    #[test]
    fn a_bare_end_ends_what_is_open_and_a_bare_unpaid_ends_nothing(story in story(), state in super::any::trade_state()) {
        prop_assume!(is_open(&story.order) && was_sent(&story.order));
        let report = TradeReport::of(state);
        let (before, after) = fresh(story, report.clone());
        match (state, says_ended(&report)) {
            (_, Some(end)) => prop_assert_eq!((after.state, after.end.map(|end| end.reason)), (end, Some(EndReason::Gateway))),
            (TradeState::Unpaid, None) => prop_assert!(is_open(&after)),
            (TradeState::Paying, None) => prop_assert_eq!(after.state, State::Paying),
            (TradeState::Refunded, None) => prop_assert_eq!(after.state, State::Paid),
            // Without number and amount it proves nothing: noted, and disputed the second time.
            (_, None) => prop_assert!(after.payment.is_none() && (after.state == before.state || after.state == State::Disputed)),
        }
    }

    #[test]
    fn what_proves_nothing_ends_nothing(mut story in story(), act in super::any::act()) {
        let proves = matches!(&act, Act::Report(..) | Act::Name(..) | Act::Settle)
            || matches!(&act, Act::Create(Read::Means(created)) if created.report.is_some());
        let before = story.order.clone();
        happen(&mut story, act);
        if !proves {
            prop_assert_eq!(story.order.state.has_ended(), before.state.has_ended());
            prop_assert_eq!(story.order.payment, before.payment);
        }
    }

    #[test]
    fn never_created_needs_five_no_such_order_and_nothing_else_until_well_after_expiry(
        pauses in prop::collection::vec((0..200 * SECOND, came()), 1..24),
        known: bool,
        settle_after in 0..100 * SECOND,
    ) {
        let mut story = Story::sent().telling(Command::CreateUnanswered(NoAnswer::TimedOut));
        if known {
            story = story.reporting(TradeReport::of(TradeState::Unpaid));
        }
        let mut answers: Vec<Moment> = vec![];
        for (pause, came) in pauses {
            story.now = story.now.plus(pause);
            story.asking.unverified(came, None, story.now);
            match came {
                Unproven::Nothing => {}
                Unproven::NoSuchOrder => answers.push(story.now),
                Unproven::SomethingElse => answers.clear(),
            }
        }
        story.now = story.now.plus(settle_after);
        story.tell(Command::Settle);
        let deadline = super::given::START.plus(super::given::EXPIRE + 10 * MINUTE);
        let spread = answers.first().zip(answers.last()).is_some_and(|(first, last)| {
            last.boot - first.boot >= 10 * MINUTE && last.boot >= deadline.boot
        });
        let expected = !known && answers.len() >= 5 && spread;
        prop_assert_eq!(story.order.end.map(|end| end.reason), expected.then_some(EndReason::NeverCreated));
        prop_assert_eq!(story.order.state == State::Closed, expected);
    }

    #[test]
    fn expired_here_is_only_for_gateways_that_cannot_close(mut story in story(), waits in prop::collection::vec(0..400 * SECOND, 1..6)) {
        let closes = story.terms.ending(&story.order).is_some();
        for wait in waits {
            story = story.after(wait).telling(Command::Close(CloseWhy::Expired)).reporting(TradeReport::of(TradeState::Unpaid));
            for event in story.tell(Command::Settle) {
                if let OrderEvent::Ended { reason: EndReason::ExpiredHere, .. } = event {
                    prop_assert!(!closes && story.now.boot >= story.order.expires().boot);
                    prop_assert!(story.order.attention.contains(&Attention::ExpiredHere));
                }
            }
        }
    }
}

#[test]
fn an_order_of_which_the_gateway_also_says_something_else_is_not_taken_for_one_that_never_was() {
    let deadline = super::given::START.plus(super::given::EXPIRE + 10 * MINUTE);
    for (between, ends) in [
        (Unproven::from(&Unreadable::WrongSignature), false),
        (Unproven::from(&Unreadable::NoState), false),
        (Unproven::from(&Unreadable::UnknownWord("PAID?".to_owned())), false),
        (Unproven::from(&Said::new(Reaction::Ask, "301", Some("ask"))), false),
        (Unproven::from(&Said::new(Reaction::DuplicateNumber, "302", Some("used"))), false),
        (Unproven::from(&Said::new(Reaction::Busy, "303", Some("busy"))), true),
        (Unproven::from(&Said::new(Reaction::NoSuchOrder, "301", Some("no such order"))), true),
        (Unproven::from(&Unreadable::NotJson), true),
        (Unproven::from(&Unreadable::Status(502)), true),
        (Unproven::Nothing, true),
    ] {
        let mut story = Story::sent().telling(Command::CreateUnanswered(NoAnswer::TimedOut));
        for after_deadline in [-900, -600, -300, 0, 300] {
            story.now = deadline.plus(after_deadline * SECOND);
            story.asking.unverified(Unproven::NoSuchOrder, None, story.now);
        }
        let mut mixed = story.clone();
        mixed.now = mixed.now.plus(MINUTE);
        mixed.asking.unverified(between, None, mixed.now);
        mixed.tell(Command::Settle);
        let ended = mixed.order.end.map(|end| end.reason);
        assert_eq!(ended, ends.then_some(EndReason::NeverCreated), "{between:?}");
    }
}

#[test]
fn an_order_whose_create_arrived_by_the_gateways_own_word_is_not_taken_for_one_that_never_was() {
    let deadline = super::given::START.plus(super::given::EXPIRE + 10 * MINUTE);
    let says = |reaction| Read::Says(Said::new(reaction, "1", None));
    for (read, ends) in [
        (says(Reaction::DuplicateNumber), false),
        (says(Reaction::AwaitsCustomer), false),
        (says(Reaction::CheckKeys), true),
        (says(Reaction::Ask), true),
        (Read::Unreadable(Unreadable::NoState), true),
        (Read::Unreadable(Unreadable::UnknownWord("PAID?".to_owned())), true),
        (Read::Unreadable(Unreadable::WrongSignature), true),
        (Read::Unreadable(Unreadable::NotJson), true),
        (created(None), false),
    ] {
        let mut story = Story::sent().answered(read.clone());
        for after_deadline in [-900, -600, -300, 0, 300] {
            story.now = deadline.plus(after_deadline * SECOND);
            story.asking.unverified(Unproven::NoSuchOrder, None, story.now);
        }
        story.tell(Command::Settle);
        let ended = story.order.end.map(|end| end.reason);
        assert_eq!(ended, ends.then_some(EndReason::NeverCreated), "{read:?}");
    }
}

#[test]
fn the_fifth_no_such_order_closes_as_never_created_and_the_fourth_does_not() {
    let mut story = Story::sent().telling(Command::CreateUnanswered(NoAnswer::TimedOut));
    for seconds in [1, 100, 300, 601] {
        story.now = super::given::START.plus(seconds * SECOND);
        story.asking.unverified(Unproven::NoSuchOrder, None, story.now);
        assert_eq!(story.tell(Command::Settle), vec![], "after {seconds} s");
    }
    let deadline = super::given::START.plus(super::given::EXPIRE + 10 * MINUTE);
    let mut before = story.clone();
    before.now = deadline.plus(-1);
    before.asking.unverified(Unproven::NoSuchOrder, None, before.now);
    assert_eq!(before.tell(Command::Settle), vec![], "the fifth came too early");
    before.now = deadline;
    assert_eq!(before.tell(Command::Settle), vec![], "time alone proves nothing");
    let mut late = Story::sent().telling(Command::CreateUnanswered(NoAnswer::TimedOut));
    for after_deadline in [-800, -400, 0, 60] {
        late.now = deadline.plus(after_deadline * SECOND);
        late.asking.unverified(Unproven::NoSuchOrder, None, late.now);
    }
    assert_eq!(late.tell(Command::Settle), vec![], "four are too few, however late and spread");
    late.asking.unverified(Unproven::NoSuchOrder, None, late.now);
    late.tell(Command::Settle);
    assert_eq!(late.order.end.map(|end| end.reason), Some(EndReason::NeverCreated));
}

#[test]
fn five_no_such_order_in_a_few_minutes_are_no_spread() {
    let mut story = Story::sent().telling(Command::CreateUnanswered(NoAnswer::TimedOut)).after(2 * 3_600 * SECOND);
    for _ in 0..9 {
        story.now = story.now.plus(MINUTE);
        story.asking.unverified(Unproven::NoSuchOrder, None, story.now);
        assert_eq!(story.tell(Command::Settle), vec![]);
    }
}

#[test]
fn paid_without_number_or_without_amount_is_not_paid() {
    for lacking in [
        TradeReport { order_no: Stated::Not, ..matching(TradeState::Paid) },
        TradeReport { amount_minor: None, ..matching(TradeState::Paid) },
    ] {
        let (_, noted) = fresh(Story::shown(), lacking.clone());
        assert_eq!((noted.state, noted.payment), (State::AwaitingPayment, None));
        let (_, disputed) = fresh(Story::shown().reporting(lacking.clone()), lacking);
        assert_eq!((disputed.state, disputed.dispute), (State::Disputed, Some(DisputeReason::Incomplete)));
    }
}

#[test]
fn expired_here_waits_for_an_answer_to_a_question_after_expiry() {
    let mut story = Story::sent();
    story.terms = terms_without_close();
    let mut story = story
        .answered(created(Some("weixin://x")))
        .after(10 * SECOND)
        .telling(Command::Close(CloseWhy::Person))
        .reporting(matching(TradeState::Unpaid))
        .after(400 * SECOND);
    assert_eq!(story.tell(Command::Settle), vec![]);
    let story = story.reporting(matching(TradeState::Unpaid)).telling(Command::Settle);
    assert_eq!(story.order.end.map(|end| end.reason), Some(EndReason::ExpiredHere));
    let day = 24 * 3_600 * SECOND;
    let mut silent = story.clone();
    for _ in 0..6 {
        silent = silent.after(day).telling(Command::Settle);
        assert!(!silent.order.attention.is_empty(), "a payment could hide behind a look that nobody answered");
        let due = next_due(&silent.order, &silent.asking, &silent.terms, silent.now).expect("it goes on");
        assert!(due.step == Step::Ask || due.at > silent.now.boot, "time passes: {due:?}");
    }
    assert!(silent.after(day).telling(Command::Settle).order.attention.is_empty(), "for a week at most");
    let mut looked = story.after(day);
    looked.asking.sent(looked.now);
    let looked = looked.reporting(matching(TradeState::Unpaid));
    let due = next_due(&looked.order, &looked.asking, &looked.terms, looked.now);
    assert_eq!(due.map(|due| due.step), Some(Step::Settle));
    assert!(looked.telling(Command::Settle).order.attention.is_empty(), "the tail has passed");
}

#[test]
fn expired_here_waits_for_the_question_that_an_answer_against_itself_leads_to() {
    let mut story = Story::sent();
    story.terms = terms_without_close();
    let odd = TradeReport { contradicts_itself: Some("1".to_owned()), ..matching(TradeState::Paid) };
    let mut story = story
        .answered(created(Some("weixin://x")))
        .telling(Command::Close(CloseWhy::Person))
        .after(10 * SECOND)
        .reporting(matching(TradeState::Unpaid))
        .after(400 * SECOND)
        .reporting(odd);
    story.asking.wanted = true;
    assert_eq!(story.tell(Command::Settle), vec![]);
    story.asking.wanted = false;
    let story = story.reporting(matching(TradeState::Unpaid)).telling(Command::Settle);
    assert_eq!(story.order.end.map(|end| end.reason), Some(EndReason::ExpiredHere));
}

#[test]
fn ruling_4_an_answer_that_contradicts_itself_is_asked_for_again_and_disputed_the_second_time() {
    let odd = || TradeReport { contradicts_itself: Some("1".to_owned()), ..matching(TradeState::Paid) };
    let once = Story::shown().reporting(odd());
    assert_eq!((once.order.state, once.order.self_contradictions), (State::AwaitingPayment, 1));
    let (asked, due) = (once.now.boot, next_due(&once.order, &once.asking, &once.terms, once.now));
    assert!(due.is_some_and(|due| due.step == Step::Ask && due.at <= asked + 5 * SECOND), "{due:?}");
    let twice = once.reporting(odd());
    assert_eq!((twice.order.state, twice.order.dispute), (State::Disputed, Some(DisputeReason::Itself)));
    assert_eq!(twice.reporting(matching(TradeState::Paid)).order.state, State::Paid);
}

#[test]
fn an_order_that_cannot_be_asked_stays_create_unknown_with_attention_until_its_number_is_known() {
    let mut story = Story::sent();
    story.terms.asked_by_our_number = false;
    let mut story = story.telling(Command::CreateUnanswered(NoAnswer::TimedOut)).after(86_400 * SECOND);
    assert!(story.order.attention.contains(&Attention::CannotBeAsked));
    assert!(next_due(&story.order, &story.asking, &story.terms, story.now).is_none());
    assert_eq!(story.tell(Command::Close(CloseWhy::Expired)), vec![]);
    assert_eq!(story.tell(Command::Settle), vec![]);
    assert_eq!(story.order.state, State::CreateUnknown);
    let asked = story.now;
    story.report(matching(TradeState::Unpaid), asked);
    assert!(!story.order.attention.contains(&Attention::CannotBeAsked));
    assert!(next_due(&story.order, &story.asking, &story.terms, story.now).is_some());
}

#[test]
fn an_order_that_was_closed_while_its_create_was_under_way_and_cannot_be_asked_waits_for_a_person_too() {
    for failure in [Command::CreateUnanswered(NoAnswer::TimedOut), Command::Stopped] {
        let mut story = Story::sent();
        story.terms.asked_by_our_number = false;
        let mut story = story.telling(Command::Close(CloseWhy::Person)).telling(failure.clone());
        assert_eq!(story.order.state, State::CreateUnknown);
        assert!(story.order.attention.contains(&Attention::CannotBeAsked));
        assert_eq!(story.tell(failure), vec![], "once is enough");
        let asked = story.now;
        story.report(matching(TradeState::Unpaid), asked);
        assert_eq!(story.order.state, State::Expiring);
    }
    let mut answered = Story::shown();
    answered.terms.asked_by_our_number = false;
    assert_eq!(answered.telling(Command::Close(CloseWhy::Person)).tell(Command::Stopped), vec![]);
    assert_eq!(
        Story::sent().telling(Command::Close(CloseWhy::Person)).tell(Command::Stopped),
        vec![],
        "it can be asked"
    );
}

#[test]
fn a_link_that_never_came_is_closed_in_the_background_also_when_the_gateway_said_paying_between() {
    let story = Story::sent()
        .telling(Command::CreateUnanswered(NoAnswer::TimedOut))
        .reporting(TradeReport::of(TradeState::Paying))
        .reporting(TradeReport::of(TradeState::Unpaid));
    assert_eq!((story.order.state, story.order.qr()), (State::Expiring, None));
    assert!(story.order.qr_off.is_some());
    assert_eq!(story.terms, terms());
}

#[test]
fn the_gateways_number_outlives_an_answer_that_does_not_name_it() {
    let story = Story::sent().reporting(matching(TradeState::Paying));
    let no = story.order.gateway_no.clone();
    assert!(no.is_some());
    let evidence = Evidence { asked: story.now, raw: None };
    let late = story.telling(Command::CreateAnswered(created(Some("weixin://x")), evidence));
    assert_eq!(late.order.gateway_no, no);
}
