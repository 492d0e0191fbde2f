//! One payment pays one order: what a number of the gateway's that is another order's does to the one that is told of it.

use super::given::{Story, created, report, terms, terms_without_close};
use till_core::gateway::call::NoAnswer;
use till_core::gateway::{Created, Read};
use till_core::order::asking::Terms;
use till_core::order::decide::{Command, Evidence};
use till_core::order::event::{OrderEvent, Reported, Tally};
use till_core::order::evolve::evolve;
use till_core::order::report::{TradeReport, TradeState};
use till_core::order::{Attention, DisputeReason, State};
use till_core::time::SECOND;

const OTHER: &str = "TK06G3A9QZ07H3PX01ANOTHERONE";

fn under(gateway_no: &str, state: TradeState) -> TradeReport {
    TradeReport { gateway_no: Some(gateway_no.to_owned()), ..report(state) }
}

#[test]
fn a_payment_under_the_number_of_another_order_is_in_doubt_until_it_is_told_of_under_one_of_its_own() {
    for state in [TradeState::Paid, TradeState::Refunded] {
        let mut story = Story::shown();
        let mut command = Command::Report(under("theirs", state), Evidence { asked: story.now, raw: None });
        command.names_another(OTHER);
        story.tell(command);
        assert_eq!((story.order.state, story.order.dispute), (State::Disputed, Some(DisputeReason::GatewayNo)));
        assert!(story.order.payment.is_none() && story.order.gateway_no.as_deref() != Some("theirs"));
        let story = story.reporting(under("ours", TradeState::Paid));
        assert_eq!((story.order.state, story.order.dispute), (State::Paid, None));
        assert_eq!(story.order.gateway_no.as_deref(), Some("ours"));
    }
}

#[test]
fn a_create_that_is_answered_with_a_payment_of_another_order_makes_no_number_known() {
    let Read::Means(answer) = created(None) else { panic!("a create's answer") };
    let paid = Some(under("theirs", TradeState::Paid));
    let answer = Created { gateway_no: Some("theirs".to_owned()), report: paid, ..answer };
    let mut story = Story::scanned(terms()).telling(Command::SendCreate);
    let mut command = Command::CreateAnswered(Read::Means(answer), Evidence { asked: story.now, raw: None });
    command.names_another(OTHER);
    story.tell(command);
    assert_eq!((story.order.state, story.order.dispute), (State::Disputed, Some(DisputeReason::GatewayNo)));
    assert_eq!((&story.order.gateway_no, story.order.payment.is_none()), (&None, true));
}

#[test]
fn a_number_of_another_order_is_not_made_known_and_ends_nothing_and_disputes_nothing() {
    let Read::Means(answer) = created(Some("weixin://x")) else { panic!("a create's answer") };
    let answer = Created { gateway_no: Some("theirs".to_owned()), ..answer };
    let mut story = Story::sent();
    let mut command = Command::CreateAnswered(Read::Means(answer), Evidence { asked: story.now, raw: None });
    let named = command.number_to_be_held(&story.order).unwrap();
    assert_eq!(named.gateway_no, "theirs");
    assert!(named.is_kept_by_another(false), "who heard it first goes by it");
    command.names_another(OTHER);
    story.tell(command);
    assert_eq!((story.order.state, &story.order.gateway_no), (State::AwaitingPayment, &None));
    for (state, after) in [(TradeState::Paying, State::Paying), (TradeState::Closed, State::Closed)] {
        story.now = story.now.plus(SECOND);
        story.asking.verified(story.now, story.now);
        let mut command = Command::Report(under("theirs", state), Evidence { asked: story.now, raw: None });
        command.names_another(OTHER);
        story.tell(command);
        assert_eq!((story.order.state, &story.order.gateway_no), (after, &None));
    }
}

#[test]
fn a_payment_that_is_in_doubt_is_not_settled_by_the_payment_of_another_order() {
    let paid = Story::shown().reporting(under("ours", TradeState::Paid));
    let mut again = Command::Report(under("theirs", TradeState::Paid), Evidence { asked: paid.now, raw: None });
    assert_eq!(again.number_to_be_held(&paid.order), None, "it has its payment");
    let mut story = paid.reporting(report(TradeState::Closed));
    assert_eq!(story.order.state, State::Disputed);
    let mut command = Command::Report(under("theirs", TradeState::Paid), Evidence { asked: story.now, raw: None });
    let named = command.number_to_be_held(&story.order).unwrap();
    assert!(named.is_kept_by_another(true));
    command.names_another(OTHER);
    story.tell(command);
    assert_eq!((story.order.state, story.order.gateway_no.as_deref()), (State::Disputed, Some("ours")));
    assert_eq!(story.reporting(under("ours", TradeState::Paid)).order.state, State::Paid);
}

/// Jubao is asked by its own number alone: without one what was made could be paid and never asked about.
#[test]
fn a_code_beside_the_number_of_another_order_is_not_shown_where_the_gateway_goes_by_its_number() {
    let Read::Means(answer) = created(Some("https://pay.example/1")) else { panic!("a create's answer") };
    let answer = Created { gateway_no: Some("theirs".to_owned()), ..answer };
    let mut story = Story::sent();
    story.terms = Terms { asked_by_our_number: false, ..terms_without_close() };
    let mut command = Command::CreateAnswered(Read::Means(answer), Evidence { asked: story.now, raw: None });
    command.names_another(OTHER);
    story.tell(command);
    assert_eq!((story.order.state, story.order.qr()), (State::CreateUnknown, None));
    assert_eq!(story.order.first_attention(), Some(Attention::CannotBeAsked));
}

#[test]
fn an_order_that_was_never_heard_of_stays_so_by_what_goes_by_the_number_of_another_one() {
    for state in [TradeState::Unpaid, TradeState::Paying, TradeState::Closed, TradeState::Failed] {
        let mut story = Story::sent();
        story.terms = Terms { asked_by_our_number: false, ..terms_without_close() };
        let mut story = story.telling(Command::CreateUnanswered(NoAnswer::TimedOut));
        let mut told = Command::Notified(under("theirs", state), "raw".to_owned());
        told.names_another(OTHER);
        assert_eq!(story.tell(told), [], "{state:?}");
        assert_eq!((story.order.state, story.order.known_there), (State::CreateUnknown, false));
        let heard = story.telling(Command::Notified(under("ours", state), "raw".to_owned()));
        assert_eq!(heard.order.gateway_no.as_deref(), Some("ours"), "{state:?}");
    }
}

#[test]
fn a_payment_takes_its_number_from_whoever_only_heard_it_and_from_nobody_who_was_paid_under_it() {
    let story = Story::shown();
    let told = |state| {
        let mut report = Command::Report(under("theirs", state), Evidence { asked: story.now, raw: None });
        report.number_to_be_held(&story.order).unwrap()
    };
    for (state, of_the_unpaid) in [(TradeState::Paid, false), (TradeState::Refunded, false), (TradeState::Unpaid, true)]
    {
        let named = told(state);
        assert_eq!(
            (named.is_kept_by_another(false), named.is_kept_by_another(true)),
            (of_the_unpaid, true),
            "{state:?}"
        );
    }
}

#[test]
fn a_number_is_looked_up_where_an_order_has_none_yet_or_is_paid_under_it() {
    let looked_up = |story: &Story, state| {
        let mut report = Command::Report(under("theirs", state), Evidence { asked: story.now, raw: None });
        report.number_to_be_held(&story.order).is_some()
    };
    assert!(looked_up(&Story::shown(), TradeState::Unpaid));
    let Read::Means(answer) = created(Some("weixin://x")) else { panic!("a create's answer") };
    let story = Story::sent().answered(Read::Means(Created { gateway_no: Some("ours".to_owned()), ..answer }));
    assert!(!looked_up(&story, TradeState::Unpaid), "it goes by one already");
    assert!(looked_up(&story, TradeState::Paid));
    assert_eq!(story.order.gateway_no.as_deref(), Some("ours"));
    let story = story.reporting(under("theirs", TradeState::Paid));
    assert_eq!(story.order.gateway_no.as_deref(), Some("theirs"), "what it was paid under");
    assert!(!looked_up(&story, TradeState::Paid), "it was paid");
    let unnumbered = Story::shown().reporting(TradeReport { gateway_no: None, ..report(TradeState::Paid) });
    assert_eq!((unnumbered.order.state, &unnumbered.order.gateway_no), (State::Paid, &None));
    assert!(looked_up(&unnumbered, TradeState::Refunded), "it goes by none");
}

#[test]
fn what_is_booked_keeps_the_number_that_it_was_paid_under() {
    for state in [TradeState::Paid, TradeState::Refunded] {
        let closed = Story::shown().reporting(under("ours", TradeState::Paid)).reporting(report(TradeState::Closed));
        assert_eq!((closed.order.state, closed.order.dispute), (State::Disputed, Some(DisputeReason::PaidThenEnded)));
        let again = closed.reporting(under("theirs", state));
        assert_eq!((again.order.state, again.order.gateway_no.as_deref()), (State::Paid, Some("ours")), "{state:?}");
    }
}

#[test]
fn a_journal_of_before_is_read_as_it_was() {
    let Read::Means(answer) = created(Some("weixin://x")) else { panic!("a create's answer") };
    let story = Story::sent().answered(Read::Means(Created { gateway_no: Some("ours".to_owned()), ..answer }));
    let (report, tally) = (under("theirs", TradeState::Paid), Tally::default());
    let reported = Box::new(Reported { report, took: 0, raw: None, tally });
    let paid = |under| OrderEvent::Paid { reported: reported.clone(), paid_minor: 1_250, late: false, under };
    let goes_by = |event| evolve(Some(story.order.clone()), &event, story.now).unwrap().gateway_no;
    assert_eq!(goes_by(paid(None)).as_deref(), Some("ours"), "the first number that it heard");
    assert_eq!(goes_by(paid(Some("theirs".to_owned()))).as_deref(), Some("theirs"));
}

#[test]
fn a_create_that_is_answered_with_refunded_is_asked_about_unless_it_contradicts() {
    let Read::Means(answer) = created(None) else { panic!("a create's answer") };
    let told = |report| {
        let answer = Read::Means(Created { report: Some(report), ..answer.clone() });
        let story = Story::scanned(terms()).telling(Command::SendCreate).answered(answer);
        (story.order.state, story.order.payment.is_some())
    };
    let whole = report(TradeState::Refunded);
    let bare = TradeReport::of(TradeState::Refunded);
    for refunded in [whole.clone(), bare] {
        assert_eq!(told(refunded), (State::AwaitingPayment, false), "nothing could be paid and given back before");
    }
    assert_eq!(told(TradeReport { amount_minor: Some(9), ..whole }), (State::Disputed, false));
    for (state, of_the_unpaid) in [(TradeState::Paid, false), (TradeState::Refunded, true)] {
        let answer = Created { report: Some(under("theirs", state)), ..answer.clone() };
        let evidence = Evidence { asked: Story::sent().now, raw: None };
        let named = Command::CreateAnswered(Read::Means(answer), evidence).number_to_be_held(&Story::sent().order);
        assert_eq!(named.unwrap().is_kept_by_another(false), of_the_unpaid, "{state:?}");
    }
}

#[test]
fn a_create_that_is_answered_after_the_payment_leaves_the_number_that_it_was_paid_under() {
    let Read::Means(answer) = created(Some("weixin://x")) else { panic!("a create's answer") };
    let answer = Read::Means(Created { gateway_no: Some("ours".to_owned()), ..answer });
    let story = Story::sent().reporting(under("theirs", TradeState::Paid)).answered(answer);
    assert_eq!((story.order.state, story.order.gateway_no.as_deref()), (State::Paid, Some("theirs")));
}
