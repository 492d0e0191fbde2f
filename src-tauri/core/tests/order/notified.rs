//! What follows on a notification, in every state of an order.

use super::given::{AMOUNT, Story, created, report, terms, terms_without_close};
use std::collections::BTreeSet;
use till_core::gateway::call::NoAnswer;
use till_core::gateway::notification::Told;
use till_core::gateway::{Created, Read};
use till_core::order::asking::{Terms, Unproven};
use till_core::order::decide::Command;
use till_core::order::due::{Due, Step, next_due, unconfirmed_since};
use till_core::order::event::{BackElsewhere, CloseWhy, OrderEvent};
use till_core::order::notified::{Follows, came_to_nothing, follows};
use till_core::order::refund::{NotRefundable, refundable};
use till_core::order::report::{Stated, TradeReport, TradeState};
use till_core::order::{Attention, DisputeReason, State};
use till_core::time::{DAY, MINUTE, SECOND};

fn waiting() -> Story {
    Story::shown()
}

fn after(story: &Story, report: TradeReport) -> Follows {
    follows(&story.order, &story.terms, Told::Report(Box::new(report)))
}

fn reports(report: TradeReport) -> Follows {
    Follows::Report(Box::new(report))
}

#[test]
fn ruling_16_without_a_state_the_gateway_is_asked_unless_the_payment_is_known() {
    let story = waiting();
    assert_eq!(follows(&story.order, &story.terms, Told::Ask(None)), Follows::Ask);
    for (state, expected) in [(TradeState::Closed, Follows::Ask), (TradeState::Paid, Follows::Nothing)] {
        let story = waiting().reporting(report(state));
        assert_eq!(follows(&story.order, &story.terms, Told::Ask(None)), expected, "{state:?}");
    }
}

#[test]
fn a_payment_and_what_came_after_it_are_reports_however_late_they_are_told() {
    for state in [TradeState::Paid, TradeState::Refunded] {
        for before in [TradeState::Unpaid, TradeState::Paying, TradeState::Closed, TradeState::Paid] {
            let story = waiting().reporting(report(before));
            assert_eq!(after(&story, report(state)), reports(report(state)), "{before:?} {state:?}");
        }
    }
}

#[test]
fn an_old_word_of_a_payment_that_was_reversed_is_no_news() {
    let story = waiting().reporting(report(TradeState::Reversed));
    assert_eq!(story.order.state, State::Reversed);
    assert_eq!(after(&story, report(TradeState::Paid)), Follows::Ask);
}

#[test]
fn an_old_word_of_a_payment_does_not_end_the_dispute_about_what_became_of_it() {
    for state in [TradeState::Paid, TradeState::Refunded] {
        let taken_back = waiting().reporting(report(TradeState::Paid)).reporting(report(TradeState::Reversed));
        assert_eq!(taken_back.order.dispute, Some(DisputeReason::PaidThenEnded));
        assert_eq!(after(&taken_back, report(state)), Follows::Ask, "{state:?}");
    }
}

#[test]
fn ruling_19_a_payment_that_was_told_without_being_stated_is_asked_about_until_that_is_answered() {
    let mut story = Story::adopted().telling(Command::Notified(report(TradeState::Paid), "d4".into()));
    assert_eq!(next_due(&story.order, &story.asking, &story.terms, story.now), None);
    story.asking.unconfirmed_since = Some(story.now);
    let due = |story: &Story| next_due(&story.order, &story.asking, &story.terms, story.now);
    assert_eq!(due(&story), Some(Due { at: story.now.boot, step: Step::Ask }));
    // What left before it was told confirms nothing, and what is not answered is asked again.
    let before = story.now;
    story.asking.sent(story.now);
    story.now = story.now.plus(SECOND);
    story.asking.verified(before.plus(-SECOND), story.now);
    story.asking.unverified(Unproven::Nothing, None, story.now);
    assert_eq!(due(&story), Some(Due { at: before.plus(2 * MINUTE).boot, step: Step::Ask }));
    let mut long_after = story.clone();
    long_after.asking.last_sent = Some(before.plus(7 * DAY));
    assert_eq!(due(&long_after), None, "for a week");
    story.asking.verified(story.now, story.now);
    assert_eq!(due(&story), None);
}

#[test]
fn a_run_that_takes_up_an_order_made_elsewhere_does_not_know_whether_its_payment_was_confirmed() {
    let told = Story::adopted().telling(Command::Notified(report(TradeState::Paid), "d4".into()));
    assert_eq!(unconfirmed_since(&told.order, told.now), Some(told.now));
    assert_eq!(unconfirmed_since(&told.order, told.now.plus(7 * DAY)), None);
    let stated = waiting().reporting(report(TradeState::Paid));
    assert_eq!(unconfirmed_since(&stated.order, stated.now), None, "its payment was stated");
}

#[test]
fn what_can_be_out_of_date_is_asked_about() {
    for state in [TradeState::Unpaid, TradeState::Paying, TradeState::Closed, TradeState::Failed, TradeState::Reversed]
    {
        assert_eq!(after(&waiting(), report(state)), Follows::Ask, "{state:?}");
        let paid = waiting().reporting(report(TradeState::Paid));
        let stale = matches!(state, TradeState::Unpaid | TradeState::Paying);
        assert_eq!(after(&paid, report(state)), if stale { Follows::Nothing } else { Follows::Ask }, "{state:?}");
    }
}

#[test]
fn a_contradiction_is_a_report_whatever_state_it_comes_with() {
    for state in [TradeState::Unpaid, TradeState::Paid, TradeState::Closed] {
        let other = TradeReport { amount_minor: Some(1), ..report(state) };
        assert_eq!(after(&waiting(), other.clone()), reports(other), "{state:?}");
    }
}

#[test]
fn a_payment_without_its_amount_is_asked_about_however_often_it_is_told() {
    let short = TradeReport { amount_minor: None, ..report(TradeState::Paid) };
    assert_eq!(after(&waiting(), short), Follows::Ask);
}

#[test]
fn where_the_gateway_cannot_be_asked_a_report_is_all_there_is() {
    let story = Story { terms: Terms { asked_by_our_number: false, ..terms() }, ..waiting() };
    assert_eq!(story.order.gateway_no, None);
    for state in [TradeState::Unpaid, TradeState::Closed, TradeState::Paid] {
        assert_eq!(after(&story, report(state)), reports(report(state)), "{state:?}");
    }
    // One that says nothing to rely on is not accepted: the gateway would take its answer for the end of the matter.
    assert_eq!(follows(&story.order, &story.terms, Told::Ask(None)), Follows::NotAccepted);
    // Nor is one after which the gateway could not be asked either; a payment and a contradiction are seen all the same.
    let nameless = |state| TradeReport { gateway_no: None, ..report(state) };
    for state in [TradeState::Unpaid, TradeState::Paying] {
        assert_eq!(after(&story, nameless(state)), Follows::NotAccepted, "{state:?}");
    }
    let ended = [TradeState::Paid, TradeState::Closed, TradeState::Failed, TradeState::Reversed].map(nameless);
    let other = TradeReport { amount_minor: Some(1), ..nameless(TradeState::Unpaid) };
    for seen in ended.into_iter().chain([other]) {
        assert_eq!(after(&story, seen.clone()), reports(seen));
    }
}

#[test]
fn ruling_6_a_number_beside_a_contradiction_is_not_adopted_and_the_right_one_still_is() {
    let lost = || {
        let mut story = Story::sent();
        story.terms.asked_by_our_number = false;
        story.telling(Command::CreateUnanswered(NoAnswer::TimedOut))
    };
    for state in [TradeState::Paid, TradeState::Unpaid, TradeState::Closed] {
        for wrong in [
            TradeReport { amount_minor: Some(1), ..report(state) },
            TradeReport { merchant: Stated::Other("another".into()), ..report(state) },
        ] {
            let wrong = TradeReport { gateway_no: Some("SNW".into()), ..wrong };
            let disputed = lost().telling(Command::Notified(wrong, "d4".into()));
            assert_eq!(
                (disputed.order.state, disputed.order.gateway_no.as_deref()),
                (State::Disputed, None),
                "{state:?}"
            );
            assert!(disputed.order.attention.contains(&Attention::CannotBeAsked), "a person is needed still");
            let right = TradeReport { gateway_no: Some("SNR".into()), ..report(TradeState::Paid) };
            let paid = disputed.telling(Command::Notified(right, "d5".into()));
            assert_eq!((paid.order.state, paid.order.gateway_no.as_deref()), (State::Paid, Some("SNR")), "{state:?}");
            assert!(paid.order.attention.is_empty(), "{:?}", paid.order.attention);
        }
    }
}

#[test]
fn one_that_is_contradicted_while_its_create_is_under_way_waits_for_a_person_once_no_answer_comes() {
    let mut creating = Story::sent();
    creating.terms.asked_by_our_number = false;
    let wrong = TradeReport { amount_minor: Some(1), gateway_no: Some("SNW".into()), ..report(TradeState::Unpaid) };
    let disputed = creating.telling(Command::Notified(wrong, "d6".into()));
    assert_eq!(disputed.order.state, State::Disputed);
    assert!(disputed.order.attention.contains(&Attention::CannotBeAsked), "it is said at once");
    let lost = [Command::CreateUnanswered(NoAnswer::TimedOut), Command::Stopped];
    for lost in lost {
        let story = disputed.clone().telling(lost);
        assert_eq!(story.order.state, State::Disputed);
        assert!(story.order.attention.contains(&Attention::CannotBeAsked), "nothing else would ever move it");
        assert!(
            story.events.iter().any(|(event, _)| matches!(event, OrderEvent::CreateUnknown { .. })),
            "and why is kept"
        );
        let handled =
            story.after(SECOND).telling(Command::Handle(Attention::CannotBeAsked, "asked the gateway".into()));
        let events = handled.events.len();
        assert_eq!(handled.telling(Command::Stopped).events.len(), events, "the next run has nothing to add");
    }
    let Read::Means(created) = created(Some("weixin://x")) else { unreachable!() };
    let created = Read::Means(Created { gateway_no: Some("SNR".into()), ..created });
    let answered = disputed.answered(created).telling(Command::Stopped);
    assert_eq!(answered.order.gateway_no.as_deref(), Some("SNR"));
    assert!(!answered.order.attention.contains(&Attention::CannotBeAsked), "it has the number of the answer");
}

#[test]
fn ruling_16_without_a_state_the_number_that_alone_can_be_asked_by_is_made_known() {
    let names = || report(TradeState::Unpaid);
    let told = |story: &Story, names| follows(&story.order, &story.terms, Told::Number(Box::new(names)));
    assert_eq!(told(&waiting(), names()), Follows::Ask, "it can be asked by our number");
    let lost = || {
        let mut story = Story::sent();
        story.terms.asked_by_our_number = false;
        story.telling(Command::CreateUnanswered(NoAnswer::TimedOut))
    };
    assert_eq!(told(&lost(), names()), Follows::Name(Box::new(names())));
    for refused in [
        TradeReport { gateway_no: None, ..names() },
        TradeReport { amount_minor: Some(1), ..names() },
        TradeReport { amount_minor: None, ..names() },
        TradeReport { merchant: Stated::Other("another".into()), ..names() },
        TradeReport { merchant: Stated::Not, ..names() },
    ] {
        assert_eq!(told(&lost(), refused.clone()), Follows::NotAccepted, "ruling 6");
        assert_eq!(lost().tell(Command::NumberTold(refused, "d4".into())), vec![]);
    }
    let mut story = lost();
    let (gateway_no, raw) = (names().gateway_no.unwrap(), Some("d4".to_owned()));
    let event = OrderEvent::GatewayNoNamed { gateway_no, raw };
    assert_eq!(story.tell(Command::NumberTold(names(), "d4".into())), vec![event], "with the hash of what named it");
    assert_eq!((story.order.state, story.order.first_attention()), (State::CreateUnknown, None));
    assert!(next_due(&story.order, &story.asking, &story.terms, story.now).is_some(), "it is asked about");
    let mut of_another = lost();
    let mut command = Command::NumberTold(names(), "d4".into());
    command.names_another("TK2");
    assert_eq!(of_another.tell(command), vec![]);
}

#[test]
fn ruling_17_what_goes_by_the_number_of_another_order_comes_to_nothing_where_only_its_number_can_be_asked_by() {
    let terms = || Terms { asked_by_our_number: false, ..terms_without_close() };
    let creating = || Story { terms: terms(), ..Story::sent() };
    let lost = || creating().telling(Command::CreateUnanswered(NoAnswer::TimedOut));
    let closing = || creating().telling(Command::Close(CloseWhy::Person));
    let other = || TradeReport { amount_minor: Some(1), gateway_no: None, ..report(TradeState::Unpaid) };
    let in_doubt = || lost().telling(Command::Notified(other(), "d4".into()));
    let told = |mut story: Story, report: TradeReport, of_another: bool| {
        let mut command = Command::Notified(report.clone(), "d4".into());
        if of_another {
            command.names_another("TK2");
        }
        let events = story.tell(command);
        (events.is_empty(), came_to_nothing(&story.order, &story.terms, &report))
    };
    for (story, before) in [
        (creating(), State::Creating),
        (lost(), State::CreateUnknown),
        (closing(), State::Expiring),
        (in_doubt(), State::Disputed),
    ] {
        assert_eq!((story.order.state, &story.order.gateway_no), (before, &None));
        for state in [TradeState::Unpaid, TradeState::Closed] {
            assert_eq!(told(story.clone(), report(state), true), (true, true), "{before:?} {state:?}");
        }
        assert_eq!(told(story.clone(), report(TradeState::Paid), true), (false, false), "{before:?}: it contradicts");
        assert_eq!(told(story.clone(), report(TradeState::Closed), false), (false, false), "{before:?}");
        let learned = before != State::Creating;
        assert_eq!(told(story, report(TradeState::Unpaid), false), (!learned, !learned), "{before:?}: its own number");
    }
    // A copy of what is known is no news, and accepted.
    assert_eq!(told(in_doubt(), other(), false), (true, false));
}

#[test]
fn ruling_5_what_says_refunded_without_number_or_amount_where_both_are_due_books_nothing_and_is_seen_of_what_is_paid() {
    let short =
        || TradeReport { contradicts_itself: Some("total_fee".into()), ..TradeReport::of(TradeState::Refunded) };
    let waiting = waiting().reporting(short());
    assert!(waiting.order.payment.is_none() && waiting.order.state != State::Paid, "{:?}", waiting.order.state);
    let paid = Story::shown().reporting(report(TradeState::Paid)).reporting(short());
    assert!(paid.order.state == State::Paid && paid.order.attention.contains(&Attention::RefundedElsewhere));
    let doubted = Story::shown().reporting(report(TradeState::Paid)).reporting(report(TradeState::Closed));
    let doubted = doubted.reporting(short());
    assert_eq!(doubted.order.state, State::Disputed);
    assert!(doubted.order.attention.contains(&Attention::RefundedElsewhere), "no other answer need ever tell of it");
    assert_eq!(after(&waiting, short()), Follows::Ask);
    // Nobody can ask for what is left out: the gateway is to tell it again.
    let terms = Terms { asked_by_our_number: false, ..terms() };
    assert_eq!(follows(&waiting.order, &terms, Told::Report(Box::new(short()))), Follows::NotAccepted);
    assert_eq!(after(&paid, short()), Follows::Ask);
}

#[test]
fn ruling_19_another_customer_contradicts_and_the_right_one_does_not() {
    let told = |customer| TradeReport { customer, ..report(TradeState::Paid) };
    let mut story = Story::adopted();
    let ours = story.tell(Command::Notified(told(Stated::Ours), "d4".into()));
    assert!(matches!(ours.as_slice(), [OrderEvent::Paid { .. }]), "{ours:?}");
    let other = || told(Stated::Other("c2".into()));
    let mut story = Story::adopted();
    assert_eq!(after(&story, other()), reports(other()));
    story.tell(Command::Notified(other(), "d4".into()));
    assert_eq!((story.order.state, story.order.dispute), (State::Disputed, Some(DisputeReason::Customer)));
    assert_eq!(story.order.payment, None);
}

fn back(refund_no: &str, amount_minor: i64) -> BackElsewhere {
    BackElsewhere { refund_no: refund_no.to_owned(), amount_minor, raw: "d4".to_owned() }
}

/// A notice of a refund that is none of ours.
fn elsewhere(refund_no: &str, amount_minor: i64) -> Command {
    Command::RefundedElsewhere(report(TradeState::Refunded), Box::new(back(refund_no, amount_minor)))
}

/// All that such a notice comes to where the payment is known.
fn raised(refund_no: &str, amount_minor: i64) -> OrderEvent {
    let elsewhere = Some(Box::new(back(refund_no, amount_minor)));
    OrderEvent::AttentionRaised { attention: Attention::RefundedElsewhere, elsewhere }
}

#[test]
fn a_refund_that_is_none_of_ours_calls_for_a_person_with_its_number_and_how_much_it_is() {
    let mut story = Story::adopted();
    let events = story.tell(elsewhere("EX1", 300));
    assert!(matches!(events.as_slice(), [OrderEvent::Paid { .. }, last] if *last == raised("EX1", 300)), "{events:?}");
    assert_eq!((story.order.state, story.order.first_attention()), (State::Paid, Some(Attention::RefundedElsewhere)));
    assert_eq!(story.order.refunded_minor(), 0, "the till's own books count what the till gave back");
    assert_eq!(story.tell(elsewhere("EX1", 300)), [], "once");
    assert_eq!(story.clone().tell(elsewhere("EX2", 949)), [raised("EX2", 949)], "each");

    let handle = || Command::Handle(Attention::RefundedElsewhere, "seen".into());
    let mut handled = story.telling(handle());
    assert_eq!(handled.tell(elsewhere("EX1", 300)), [], "a copy is no news to whoever dealt with it");
    for (refund_no, amount_minor) in [("EX2", 949), ("EX1", 301)] {
        assert_eq!(handled.tell(elsewhere(refund_no, amount_minor)), [raised(refund_no, amount_minor)]);
        assert_eq!(refundable(&handled.order, handled.terms.refunds.as_ref()), Err(NotRefundable::RefundedElsewhere));
        handled.tell(handle());
    }
}

#[test]
fn refunds_that_together_are_more_than_was_paid_contradict_the_order_and_are_told_all_the_same() {
    let disputed = OrderEvent::AttentionRaised { attention: Attention::RefundDisputed, elsewhere: None };
    let told = Story::adopted().reporting(report(TradeState::Paid)).telling(elsewhere("EX1", 300));
    assert_eq!(told.clone().tell(elsewhere("EX2", AMOUNT - 300)), [raised("EX2", AMOUNT - 300)], "all of it");
    let mut story = told;
    assert_eq!(story.tell(elsewhere("EX2", AMOUNT - 299)), [raised("EX2", AMOUNT - 299), disputed.clone()]);
    assert_eq!(story.order.first_attention(), Some(Attention::RefundDisputed));
    assert_eq!(story.tell(elsewhere("EX2", AMOUNT - 299)), [], "a copy");
    assert_eq!(story.tell(elsewhere("EX3", 1)), [raised("EX3", 1)], "a person is called already");

    // Of an order that nobody is known to have paid no more can go back than it is for.
    let contradicts = TradeReport { amount_minor: Some(9_999), ..report(TradeState::Refunded) };
    let beyond = Command::RefundedElsewhere(contradicts, Box::new(back("EX1", 9_999)));
    let events = Story::adopted().tell(beyond);
    assert!(matches!(events.as_slice(), [OrderEvent::Disputed { .. }, _, last] if *last == disputed), "{events:?}");
}

#[test]
fn a_refund_that_is_none_of_ours_is_told_whatever_state_its_order_is_in() {
    let taken_back = Story::adopted().reporting(report(TradeState::Paid)).reporting(report(TradeState::Failed));
    assert_eq!(taken_back.order.dispute, Some(DisputeReason::PaidThenEnded));
    let reversed = waiting().reporting(report(TradeState::Reversed));
    for mut story in [taken_back.clone(), reversed] {
        let before = story.order.state;
        assert_eq!(story.tell(elsewhere("EX1", 300)), [raised("EX1", 300)], "{before:?}");
        assert_eq!(story.order.state, before, "it says nothing new of the payment");
    }
    let settled = taken_back.telling(elsewhere("EX1", 300)).reporting(report(TradeState::Paid));
    assert_eq!((settled.order.state, settled.order.dispute), (State::Paid, None));
    let stays = BTreeSet::from([Attention::RefundedElsewhere]);
    assert_eq!(settled.order.attention, stays, "it stays when the dispute is settled");
    assert_eq!(refundable(&settled.order, settled.terms.refunds.as_ref()), Err(NotRefundable::RefundedElsewhere));
}

#[test]
fn ruling_17_a_notice_of_a_refund_elsewhere_that_contradicts_its_order_is_disputed_and_the_refund_is_told() {
    let contradicts = |refund_no: &str| {
        let report = TradeReport { amount_minor: Some(1), ..report(TradeState::Refunded) };
        Command::RefundedElsewhere(report, Box::new(back(refund_no, 300)))
    };
    let mut story = Story::adopted();
    story.tell(contradicts("EX1"));
    assert_eq!(story.order.state, State::Disputed);
    assert_eq!(story.order.attention, BTreeSet::from([Attention::Disputed, Attention::RefundedElsewhere]));
    assert_eq!(story.tell(contradicts("EX1")), [], "a copy");
    assert_eq!(story.tell(contradicts("EX2")), [raised("EX2", 300)]);
}

#[test]
fn an_order_made_by_a_call_is_known_there_by_an_answer_and_ends_with_its_expiry() {
    let story = Story::ordered();
    assert_eq!((story.order.state, story.order.customer()), (State::AwaitingPayment, Some("c1")));
    assert!(!story.order.known_there, "nobody knows whether the reply arrived");
    let told = story.clone().reporting(report(TradeState::Unpaid));
    assert!(told.order.known_there && told.order.gateway_no.is_some());
    let expired = story.after(300 * SECOND).telling(Command::Close(CloseWhy::Expired));
    let unpaid = expired.reporting(report(TradeState::Unpaid)).telling(Command::Settle);
    assert_eq!((unpaid.order.state, unpaid.order.first_attention()), (State::Closed, Some(Attention::ExpiredHere)));
    assert_eq!(unpaid.reporting(report(TradeState::Paid)).order.state, State::Paid);
}
