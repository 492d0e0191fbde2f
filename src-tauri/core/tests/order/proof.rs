//! What is known of a payment, of an end before it, and of an order that no code was given for.

use super::given::{LINK, Story, created, report};
use till_core::gateway::Read;
use till_core::gateway::reaction::{Reaction, Said};
use till_core::order::decide::Command;
use till_core::order::parts::Parts;
use till_core::order::proof::Proof;
use till_core::order::report::{Signature, TradeReport, TradeState};
use till_core::order::{EndReason, State};

/// What a payment is believed by that `report` tells of.
fn proof(report: TradeReport) -> Proof {
    Story::shown().reporting(report).order.payment.expect("it is paid").proof
}

#[test]
fn a_payment_is_known_by_what_the_answer_stated_and_by_nothing_else() {
    let signature = Some(Signature::Verified);
    let whole = TradeReport { signature, ..report(TradeState::Paid) };
    let all = Proof { order_no: true, amount: true, merchant: true, currency: true, signature };
    assert_eq!(proof(whole), all);
    let bare = Proof { order_no: false, amount: false, merchant: false, currency: false, signature: None };
    assert_eq!(proof(TradeReport::of(TradeState::Refunded)), bare, "refunded is believed without number and amount");
    let signature = Some(Signature::Absent);
    assert_eq!(proof(TradeReport { signature, ..report(TradeState::Paid) }), Proof { signature, ..all });
}

#[test]
fn who_bore_what_is_known_by_the_answer_that_booked_the_payment_and_changes_nothing_else() {
    let parts = Parts { customer_paid_minor: Some(1), received_minor: Some(2), discount_minor: None };
    let paid = Story::shown().reporting(TradeReport { parts, ..report(TradeState::Paid) });
    let plain = Story::shown().reporting(report(TradeState::Paid)).order;
    let payment = paid.order.payment.clone().expect("it is paid");
    assert_eq!(payment.parts, parts);
    let plain_payment = plain.payment.clone().expect("it is paid");
    assert_eq!((payment.minor, paid.order.state), (plain_payment.minor, plain.state));
    let again = paid.reporting(TradeReport { parts: Parts::default(), ..report(TradeState::Paid) }).order;
    assert_eq!(again.payment.map(|payment| payment.parts), Some(parts), "the payment is booked once");
}

#[test]
fn a_late_payment_keeps_the_end_that_it_came_after() {
    for (trade, state) in [
        (TradeState::Closed, State::Closed),
        (TradeState::Failed, State::Failed),
        (TradeState::Reversed, State::Reversed),
    ] {
        let ended = Story::shown().reporting(report(trade));
        let late = ended.reporting(report(TradeState::Paid)).order;
        let after = late.late_after.map(|end| (end.state, end.reason));
        assert_eq!((late.late, late.end, after), (true, None, Some((state, EndReason::Gateway))));
        let disputed = Story::shown().reporting(report(trade)).reporting(report(TradeState::Paid));
        let again = disputed.reporting(report(TradeState::Closed)).reporting(report(TradeState::Paid)).order;
        assert_eq!(again.late_after.map(|end| end.state), Some(state), "a dispute in between is no end");
    }
    assert_eq!(Story::shown().reporting(report(TradeState::Paid)).order.late_after, None);
}

#[test]
fn a_code_that_never_came_is_not_one_that_was_lost() {
    let without = Story::sent().answered(created(None)).order;
    assert!(without.link_lost() && without.gave_no_code());
    let lost = Story::sent().telling(Command::Stopped).order;
    assert!(lost.link_lost() && !lost.gave_no_code());
    assert!(!Story::sent().answered(created(Some(LINK))).order.gave_no_code());
    assert!(!Story::scanned(super::given::terms_with_reverse()).order.gave_no_code());
    assert!(without.qr_off.is_some(), "it is closed by itself");
}

#[test]
fn an_order_whose_create_was_refused_has_lost_no_code_until_the_gateway_shows_that_it_knows_it() {
    let said = |reaction| Story::sent().answered(Read::Says(Said::new(reaction, "1", None)));
    for (reaction, refused) in [
        (Reaction::CheckKeys, true),
        (Reaction::CheckAccount, true),
        (Reaction::ChannelOff, true),
        (Reaction::ChannelMisconfigured, true),
        (Reaction::OutOfHours, true),
        (Reaction::OurFault, true),
        (Reaction::BalanceShort, true),
        (Reaction::Unsupported, true),
        (Reaction::ExchangeRate, true),
        (Reaction::Ask, false),
        (Reaction::DuplicateNumber, false),
        (Reaction::Upstream, false),
        (Reaction::Busy, false),
    ] {
        let order = said(reaction).order;
        assert!(order.link_lost() && !order.gave_no_code(), "{reaction:?}");
        assert_eq!((order.state, order.create_refused()), (State::CreateUnknown, refused), "{reaction:?}");
    }
    let known = said(Reaction::ChannelOff).reporting(report(TradeState::Unpaid)).order;
    assert!(known.link_lost() && !known.create_refused(), "it arrived all the same: its code is lost");
    assert!(!Story::shown().order.create_refused());
}
