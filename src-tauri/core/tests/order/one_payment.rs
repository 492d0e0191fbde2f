//! One payment pays one order: what a number of the gateway's that is another order's does to the one that is told of it.

use super::given::{Story, created, report, terms};
use till_core::gateway::{Created, Read};
use till_core::order::decide::{Command, Evidence};
use till_core::order::report::{TradeReport, TradeState};
use till_core::order::{DisputeReason, State};
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
    assert_eq!(command.number_to_be_held(&story.order), Some(("theirs".to_owned(), false)));
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
fn a_number_is_looked_up_where_an_order_has_none_yet_or_is_paid_under_it() {
    let told = |story: &Story, state| {
        let report = Command::Report(under("theirs", state), Evidence { asked: story.now, raw: None });
        { report }.number_to_be_held(&story.order).map(|(_, pays)| pays)
    };
    let story = Story::shown();
    assert_eq!(told(&story, TradeState::Unpaid), Some(false));
    let Read::Means(answer) = created(Some("weixin://x")) else { panic!("a create's answer") };
    let story = Story::sent().answered(Read::Means(Created { gateway_no: Some("ours".to_owned()), ..answer }));
    assert_eq!(told(&story, TradeState::Unpaid), None, "it goes by one already");
    assert_eq!(told(&story, TradeState::Paid), Some(true));
    let story = story.reporting(under("theirs", TradeState::Paid));
    assert_eq!(story.order.gateway_no.as_deref(), Some("ours"), "the first one that was heard");
    assert_eq!(told(&story, TradeState::Paid), None, "it was paid");
}
