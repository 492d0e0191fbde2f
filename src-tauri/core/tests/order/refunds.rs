//! Money that goes back: the ceiling, what ends a refund, and when one may be sent again.

use super::any::cases;
use super::any::refunds::story;
use super::given::{AMOUNT, Story, report, terms};
use proptest::prelude::*;
use till_core::error::{Code, Refusal};
use till_core::gateway::call::NoAnswer;
use till_core::gateway::descriptor::{RefundOffer, Resend};
use till_core::gateway::reaction::{Reaction, Said};
use till_core::gateway::refund::{RefundReport, RefundState as Word};
use till_core::gateway::{Read, Unreadable};
use till_core::order::asking::{RefundAsking, Terms, Unproven};
use till_core::order::decide::{Command, Evidence};
use till_core::order::due::{Due, Step, next_due, next_refund, refund_due};
use till_core::order::event::{BackElsewhere, CloseWhy, Item, NoOutcome, OrderEvent};
use till_core::order::further::NotYet;
use till_core::order::mark::{HandMark, Marked, Verdict, markable};
use till_core::order::refund::{
    NotRefundable, RefundDraft, RefundRefusal, RefundState, failed_before, lets_send_again, lines_left,
    may_be_carried_out_until, may_be_made_anew, may_refund, may_send_again, refundable,
};
use till_core::order::report::{Stated, TradeReport, TradeState};
use till_core::order::sale::is_paid_twice;
use till_core::order::{Attention, Order, State};
use till_core::time::{DAY, HOUR, MINUTE, Moment, SECOND};
use till_core::words::Language;

const NO: &str = "TR06G3A9QZ07H3PX000000000001";
const OTHER: &str = "TR06G3A9QZ07H3PX000000000002";
const THIRD: &str = "TR06G3A9QZ07H3PX000000000003";

fn draft(refund_no: &str, amount_minor: i64) -> RefundDraft {
    let (refund_no, reason, by) = (refund_no.to_owned(), "退货".to_owned(), "Lin".to_owned());
    RefundDraft { refund_no, amount_minor, reason, by, second: None, items: vec![] }
}

fn paid() -> Story {
    Story::shown().reporting(report(TradeState::Paid))
}

fn said(state: Word) -> RefundReport {
    RefundReport {
        state,
        refund_no: Stated::Ours,
        order_no: Stated::Ours,
        amount_minor: None,
        merchant: Stated::Ours,
        currency: Stated::Ours,
        gateway_refund_no: Some("59faeb32".to_owned()),
    }
}

trait Refunding {
    fn wishing(self, refund_no: &str, amount_minor: i64) -> Self;
    fn sending(self, refund_no: &str) -> Self;
    fn hearing(self, refund_no: &str, report: RefundReport) -> Self;
    fn refund(&self, refund_no: &str) -> RefundState;
}

impl Refunding for Story {
    fn wishing(self, refund_no: &str, amount_minor: i64) -> Self {
        self.after(SECOND).telling(Command::Refund(Box::new(draft(refund_no, amount_minor))))
    }

    fn sending(self, refund_no: &str) -> Self {
        self.telling(Command::SendRefund(refund_no.to_owned()))
    }

    fn hearing(self, refund_no: &str, report: RefundReport) -> Self {
        let story = self.after(SECOND);
        let evidence = Evidence { asked: story.now, raw: None };
        story.telling(Command::RefundReport(refund_no.to_owned(), report, evidence))
    }

    fn refund(&self, refund_no: &str) -> RefundState {
        self.order.refund(refund_no).expect("it was asked for").state
    }
}

fn answered(story: Story, refund_no: &str, read: Read<RefundReport>) -> Story {
    let asked = story.now;
    story.after(SECOND / 10).telling(Command::RefundAnswered(refund_no.to_owned(), read, Evidence { asked, raw: None }))
}

fn count(order: &Story, of: impl Fn(&OrderEvent) -> bool) -> usize {
    order.events.iter().filter(|(event, _)| of(event)).count()
}

proptest! {
    #![proptest_config(cases(512))]

    #[test]
    fn what_went_back_and_what_is_set_aside_never_exceeds_what_was_paid(story in story()) {
        let order = &story.order;
        let paid = order.payment.as_ref().map_or(0, |payment| payment.minor);
        // What the gateway itself says went back is booked even where it had said before that it failed.
        let flipped = story.events.iter().any(|(event, _)| matches!(event, OrderEvent::RefundFailed { .. }));
        prop_assert!(flipped || order.refunded_minor() + order.reserved_minor() <= paid);
        prop_assert!(order.left_minor() >= 0 && order.left_minor() <= paid);
    }

    #[test]
    fn a_refund_leaves_once_for_each_time_that_somebody_wanted_it(story in story()) {
        for refund in &story.order.refunds {
            let sent = count(&story, |event| matches!(event, OrderEvent::RefundSent { refund_no } if refund_no == refund.no()));
            let again = count(&story, |event| matches!(event, OrderEvent::RefundAgain { refund_no, .. } if refund_no == refund.no()));
            prop_assert!(sent <= 1 + again, "{sent} sendings, wanted again {again} times");
        }
    }

    #[test]
    fn only_a_proof_ends_a_refund(story in story()) {
        for (event, _) in &story.events {
            if let OrderEvent::RefundSucceeded { refund_no, reported } | OrderEvent::RefundFailed { refund_no, reported } = event {
                let refund = story.order.refund(refund_no).expect("it was asked for");
                prop_assert_eq!(&reported.report.refund_no, &Stated::Ours);
                prop_assert!(!reported.report.contradicts(refund.draft.amount_minor));
            }
        }
    }

    #[test]
    fn a_refund_that_has_not_ended_always_has_its_next_step(story in story()) {
        for refund in &story.order.refunds {
            let due = refund_due(&story.order, refund, story.asking.refunds.get(refund.no()), story.now);
            // One that was asked for is held while its order is disputed, another came into doubt or money went back elsewhere.
            let elsewhere = story.order.attention.contains(&Attention::RefundedElsewhere);
            let in_doubt = story.order.refunds.iter().any(|other| {
                let dark = other.disputed || matches!(other.state, RefundState::Sent | RefundState::Unknown);
                other.no() != refund.no() && dark
            });
            let doubt = story.order.state != State::Paid || in_doubt || elsewhere;
            let held = refund.state == RefundState::Requested && doubt;
            // An end that an answer contradicts is asked about like one that nobody knows.
            let over = refund.state.has_ended() && !refund.disputed;
            let waits = over || refund.state == RefundState::Sent || held;
            prop_assert_eq!(due.is_none(), waits, "{:?}", refund.state);
        }
    }

    #[test]
    fn nothing_goes_back_while_another_refund_is_in_the_dark(story in story(), minor in 1..=AMOUNT) {
        let dark = |order: &Order| order.refunds.iter().any(|refund| {
            refund.disputed || matches!(refund.state, RefundState::Requested | RefundState::Sent | RefundState::Unknown)
        });
        prop_assume!(dark(&story.order));
        let before = story.order.refunds.len();
        let story = story.wishing("TR06G3A9QZ07H3PX000000000009", minor);
        prop_assert_eq!(story.order.refunds.len(), before);
    }
}

#[test]
fn a_refund_is_asked_for_sent_taken_on_and_done() {
    let story = paid().wishing(NO, 300);
    assert_eq!((story.refund(NO), story.order.reserved_minor()), (RefundState::Requested, 300));
    assert_eq!(
        next_due(&story.order, &story.asking, &story.terms, story.now),
        Some(Due { at: story.now.boot, step: Step::SendRefund })
    );
    let story = story.sending(NO);
    assert_eq!(story.refund(NO), RefundState::Sent);
    let story = answered(story, NO, Read::Means(said(Word::Processing)));
    assert_eq!((story.refund(NO), story.order.refunded_minor()), (RefundState::Processing, 0));
    let story = story.hearing(NO, said(Word::Succeeded));
    assert_eq!(story.refund(NO), RefundState::Succeeded);
    assert_eq!((story.order.refunded_minor(), story.order.reserved_minor(), story.order.left_minor()), (300, 0, 950));
    assert_eq!(story.order.state, State::Paid);
}

/// The whole order may turn to "refunded" by a part: that is our own doing.
#[test]
fn ruling_5_after_our_own_refund_the_order_may_turn_to_refunded_without_attention() {
    let gone = || answered(paid().wishing(NO, 300).sending(NO), NO, Read::Means(said(Word::Processing)));
    for story in [gone(), gone().hearing(NO, said(Word::Succeeded))] {
        let before = story.order.refunded_minor();
        let story = story.reporting(TradeReport::of(TradeState::Refunded));
        assert!(story.order.attention.is_empty(), "{:?}", story.order.attention);
        assert_eq!((story.order.state, story.order.refunded_minor()), (State::Paid, before));
    }
}

#[test]
fn more_than_what_is_left_is_refused_with_what_is_left() {
    let offer = terms().refunds;
    let story = answered(paid().wishing(NO, 1_000).sending(NO), NO, Read::Means(said(Word::Processing)));
    let refused = may_refund(&story.order, offer.as_ref(), &draft(OTHER, 251));
    assert_eq!(refused, Err(RefundRefusal::OverCeiling(250)));
    assert_eq!(may_refund(&story.order, offer.as_ref(), &draft(OTHER, 250)), Ok(()));
    assert_eq!(story.wishing(OTHER, 251).order.refunds.len(), 1);
    for odd in [0, -1, i64::MIN] {
        assert!(may_refund(&paid().order, offer.as_ref(), &draft(NO, odd)).is_err(), "{odd}");
    }
}

#[test]
fn no_answer_an_error_code_or_a_success_without_proof_leave_it_unknown_and_asked_for() {
    let unproven = RefundReport { refund_no: Stated::Not, ..said(Word::Succeeded) };
    for read in [
        Read::Says(Said::new(Reaction::BalanceShort, "40107", Some("余额不足"))),
        Read::Says(Said::new(Reaction::DuplicateRefund, "493001", None)),
        Read::Unreadable(Unreadable::NotJson),
        Read::Means(unproven),
    ] {
        let story = answered(paid().wishing(NO, AMOUNT).sending(NO), NO, read);
        assert_eq!((story.refund(NO), story.order.left_minor()), (RefundState::Unknown, 0));
        let due = next_due(&story.order, &story.asking, &story.terms, story.now).expect("it is asked for");
        assert_eq!(due.step, Step::AskRefund);
        assert!(due.at <= story.now.boot + 2 * SECOND);
        let why = |order: &Order| refundable(order, terms().refunds.as_ref());
        assert_eq!(why(&story.order), Err(NotRefundable::RefundUnknown));
        let waits = why(&paid().wishing(NO, 1).order);
        assert_eq!(waits, Err(NotRefundable::RefundWaits), "nothing of it left, and a person may withdraw it");
    }
    let story = paid().wishing(NO, 1).sending(NO);
    let story = story.telling(Command::RefundUnanswered(NO.to_owned(), NoAnswer::TimedOut));
    assert_eq!(story.refund(NO), RefundState::Unknown);
}

#[test]
fn an_end_that_names_no_refund_lacks_something_and_one_that_is_under_way_does_not() {
    for (word, ends) in [(Word::Succeeded, true), (Word::Failed, true), (Word::Processing, false)] {
        let unnamed = RefundReport { refund_no: Stated::Not, ..said(word) };
        assert_eq!(unnamed.shortcoming(), ends.then(|| Unreadable::BadField("refund_no".into())), "{word:?}");
        assert_eq!(said(word).shortcoming(), None, "{word:?}");
        let lost = paid().wishing(NO, 300).sending(NO).telling(Command::Stopped);
        let state = if ends { RefundState::Unknown } else { RefundState::Processing };
        assert_eq!(lost.hearing(NO, unnamed).refund(NO), state, "{word:?}");
    }
}

#[test]
fn a_till_that_stopped_while_a_refund_was_under_way_asks_and_does_not_send_again() {
    let story = paid().wishing(NO, 300).sending(NO).telling(Command::Stopped);
    assert_eq!(story.refund(NO), RefundState::Unknown);
    let story = story.after(HOUR);
    let due = next_due(&story.order, &story.asking, &story.terms, story.now).expect("something is due");
    assert_eq!((due.step, due.at <= story.now.boot), (Step::AskRefund, true));
    assert!(story.sending(NO).refund(NO) == RefundState::Unknown, "it was not wanted again");
}

#[test]
fn nothing_leaves_while_an_answer_contradicts_the_payment() {
    let story = paid().wishing(NO, 300).reporting(report(TradeState::Closed));
    assert_eq!((story.order.state, story.refund(NO)), (State::Disputed, RefundState::Requested));
    assert!(next_due(&story.order, &story.asking, &story.terms, story.now).is_some_and(|due| due.step == Step::Ask));
    let story = story.sending(NO);
    assert_eq!(story.refund(NO), RefundState::Requested);
    let story = story.reporting(report(TradeState::Paid)).sending(NO);
    assert_eq!(story.refund(NO), RefundState::Sent);
}

#[test]
fn what_the_gateway_says_failed_may_be_sent_again_under_its_number_where_it_permits_that() {
    let failed = |terms: Terms| {
        let story = Story { terms, ..paid() };
        answered(story.wishing(NO, 300).sending(NO), NO, Read::Means(said(Word::Failed)))
    };
    let story = failed(terms());
    assert_eq!((story.refund(NO), story.order.left_minor()), (RefundState::Failed, AMOUNT));
    assert!(story.order.attention.contains(&Attention::RefundFailed));
    let story = story.after(SECOND).telling(Command::RefundAgain(NO.to_owned(), "Lin".to_owned(), None));
    assert_eq!((story.refund(NO), story.order.reserved_minor()), (RefundState::Requested, 300));
    assert_eq!(
        story.order.refund(NO).map(|refund| refund.by.as_str()),
        Some("Lin"),
        "whoever asked last answers for it"
    );
    assert!(story.order.attention.is_empty());
    let story = answered(story.sending(NO), NO, Read::Means(said(Word::Succeeded)));
    assert_eq!(story.order.refunded_minor(), 300);

    let anew = RefundOffer { resend: Resend::NewNumber, by_lines: false, reason_limit: 80, one_word_for_errors: false };
    let story = failed(Terms { refunds: Some(anew), ..terms() });
    let story = story.telling(Command::RefundAgain(NO.to_owned(), "Lin".to_owned(), None));
    assert_eq!(story.refund(NO), RefundState::Failed);
    assert_eq!(story.wishing(OTHER, 300).refund(OTHER), RefundState::Requested);
}

#[test]
fn a_failed_refund_keeps_its_amount_from_new_numbers_and_is_not_sent_again_once_its_money_went_back_another_way() {
    let failed = || answered(paid().wishing(NO, 1_000).sending(NO), NO, Read::Means(said(Word::Failed)));
    let again = || Command::RefundAgain(NO.to_owned(), "Lin".to_owned(), None);
    let new = |minor| may_refund(&failed().order, terms().refunds.as_ref(), &draft(OTHER, minor));
    assert_eq!((new(250), new(251)), (Ok(()), Err(RefundRefusal::OverCeiling(250))));
    assert_eq!(failed().telling(again()).refund(NO), RefundState::Requested);
    let by_hand = failed().telling(mark(Marked::Refunded, 1_000)).telling(again());
    assert_eq!(by_hand.refund(NO), RefundState::Failed);
}

#[test]
fn what_the_gateway_says_succeeded_after_it_said_failed_is_booked_and_a_persons_business_if_it_is_too_much() {
    let failed = answered(paid().wishing(NO, 1_000).sending(NO), NO, Read::Means(said(Word::Failed)));
    let flipped = failed.clone().hearing(NO, said(Word::Succeeded));
    assert_eq!((flipped.order.refunded_minor(), flipped.order.attention.len()), (1_000, 0));
    let anew = RefundOffer { resend: Resend::NewNumber, ..terms().refunds.unwrap() };
    let story = Story { terms: Terms { refunds: Some(anew), ..terms() }, ..failed };
    let story = answered(story.wishing(OTHER, 1_000).sending(OTHER), OTHER, Read::Means(said(Word::Succeeded)));
    let story = story.hearing(NO, said(Word::Succeeded));
    assert!(story.order.refunded_minor() > AMOUNT && story.order.attention.contains(&Attention::RefundDisputed));
}

#[test]
fn a_refund_that_never_left_can_be_taken_back_and_one_that_left_cannot() {
    let withdraw = || Command::WithdrawRefund(NO.to_owned());
    let story = paid().wishing(NO, 300).telling(withdraw());
    assert_eq!((story.refund(NO), story.order.left_minor()), (RefundState::Withdrawn, AMOUNT));
    assert_eq!(story.sending(NO).refund(NO), RefundState::Withdrawn);
    let failed = answered(paid().wishing(NO, 300).sending(NO), NO, Read::Means(said(Word::Failed)));
    let again = failed.telling(Command::RefundAgain(NO.to_owned(), "Lin".to_owned(), None)).telling(withdraw());
    assert_eq!(again.refund(NO), RefundState::Requested, "it may have arrived the first time");
    let why = refundable(&again.order, terms().refunds.as_ref());
    assert_eq!(why, Err(NotRefundable::RefundAgain), "nobody is told that it never left, and to take it back");
    // Each of its sendings failed: what the gateway calls refunded now went back elsewhere, and it is not sent as well.
    let elsewhere = again.reporting(report(TradeState::Refunded));
    assert!(elsewhere.order.attention.contains(&Attention::RefundedElsewhere));
    assert_eq!(elsewhere.sending(NO).refund(NO), RefundState::Requested);
}

#[test]
fn once_it_is_sent_again_nothing_is_said_any_more_of_when_the_sendings_before_could_still_go_through() {
    let mut memory = RefundAsking { may_succeed_until: Some(Moment { wall: 1, boot: 1 }), ..RefundAsking::default() };
    memory.leaves();
    assert_eq!(memory.may_succeed_until, None);
}

#[test]
fn one_that_cannot_be_sent_for_ten_minutes_needs_a_person_who_is_not_called_again_for_it() {
    let handled = || Command::Handle(Attention::RefundUnknown, "钥匙串已解锁".to_owned());
    let story = paid().wishing(NO, 300).after(10 * MINUTE).telling(Command::Settle);
    assert!(story.order.attention.contains(&Attention::RefundUnknown));
    let story = story.telling(handled()).after(DAY).telling(Command::Settle);
    assert!(story.order.attention.is_empty());
}

#[test]
fn where_every_error_is_one_word_an_unknown_refund_may_go_out_again_under_its_number() {
    let fail = Said::new(Reaction::Ask, "FAIL", Some("余额不足"));
    let none = Said::new(Reaction::NoSuchOrder, "301", None);
    let offer = terms().refunds.unwrap();
    let one_word = RefundOffer { one_word_for_errors: true, ..offer };
    assert!(!lets_send_again(Some(&offer), &fail) && lets_send_again(Some(&offer), &none));
    assert!(lets_send_again(Some(&one_word), &fail));
}

#[test]
fn a_sale_whose_other_payment_went_back_is_not_paid_twice() {
    let kept = paid();
    let back = answered(paid().wishing(NO, AMOUNT).sending(NO), NO, Read::Means(said(Word::Succeeded)));
    let part = answered(paid().wishing(NO, 1).sending(NO), NO, Read::Means(said(Word::Succeeded)));
    assert!(is_paid_twice([&kept.order, &part.order]));
    assert!(!is_paid_twice([&kept.order, &back.order]));
    let flagged = kept.telling(Command::DoublePayment).telling(Command::SinglePayment);
    assert!(flagged.order.attention.is_empty());
}

#[test]
fn an_overrule_holds_for_what_stands_in_the_way_now_and_not_while_a_code_is_on_a_screen() {
    let overruled = |story: Story, not_yet| {
        let after = story.telling(Command::Overrule(not_yet));
        matches!(after.events.last(), Some((OrderEvent::FurtherOverruled { .. }, _)))
    };
    let paying = || Story::shown().reporting(report(TradeState::Paying));
    assert!(overruled(Story::taken_off(), NotYet::Unconfirmed));
    assert!(!overruled(Story::taken_off(), NotYet::Paying), "that was a moment ago");
    assert!(!overruled(paid(), NotYet::AlreadyPaid) && !overruled(Story::shown(), NotYet::CodeShown));
    assert!(!overruled(paying(), NotYet::Paying), "its code is on the screen");
    assert!(overruled(
        paying().telling(Command::Close(CloseWhy::Person)).reporting(report(TradeState::Paying)),
        NotYet::Paying
    ));
}

#[test]
fn the_tills_own_refund_confirms_no_mark_and_a_second_closed_contradicts_one() {
    let story = answered(paid().wishing(NO, 300).sending(NO), NO, Read::Means(said(Word::Succeeded)));
    let story = story.telling(mark(Marked::Refunded, 900)).reporting(report(TradeState::Refunded));
    assert_eq!(story.order.marks.last().map(|by_hand| by_hand.verdict), Some(Verdict::Open));
    let closed = Story::taken_off().reporting(report(TradeState::Closed)).telling(mark(Marked::Paid, AMOUNT));
    let again = closed.reporting(report(TradeState::Closed));
    assert_eq!(again.order.marks.last().map(|by_hand| by_hand.verdict), Some(Verdict::Contradicted));
    assert!(again.order.attention.contains(&Attention::MarkContradicted));
}

#[test]
fn what_a_person_settled_as_refunded_elsewhere_does_not_come_back_with_the_next_answer() {
    let handled = Command::Handle(Attention::RefundedElsewhere, "后台已核对".to_owned());
    let story = paid().reporting(report(TradeState::Refunded)).telling(handled);
    assert!(story.reporting(report(TradeState::Refunded)).order.attention.is_empty());
}

#[test]
fn an_unknown_refund_is_sent_again_only_after_the_gateway_did_not_know_it_since_it_left() {
    let again = || Command::RefundAgain(NO.to_owned(), "Lin".to_owned(), None);
    let mut story = paid().wishing(NO, 300).after(SECOND).sending(NO);
    let sent = story.now;
    story = story.after(SECOND).telling(Command::RefundUnanswered(NO.to_owned(), NoAnswer::TimedOut)).telling(again());
    assert_eq!(story.refund(NO), RefundState::Unknown, "nobody knows");
    let now = story.now;
    story.asking.refund(NO).unverified(true, sent.plus(-SECOND), None, now);
    story = story.telling(again());
    assert_eq!(story.refund(NO), RefundState::Unknown, "that question left before the refund did");
    story.asking.refund(NO).unverified(true, now, None, now);
    story = story.telling(again());
    assert_eq!((story.refund(NO), story.order.reserved_minor()), (RefundState::Requested, 300));
}

/// Sent and not heard of, a minute ago.
fn lost() -> Story {
    let story = paid().wishing(NO, 300).sending(NO);
    story.telling(Command::RefundUnanswered(NO.to_owned(), NoAnswer::TimedOut)).after(MINUTE)
}

/// A question that leaves now is answered with "no such refund".
fn is_not_known_there(story: &mut Story) {
    let now = story.now;
    story.asking.refund(NO).unverified(true, now, None, now);
}

/// A question about the order that leaves now, or left so long ago, is answered with this.
fn says_of_the_order(story: &mut Story, report: &TradeReport, ago: i64) {
    let asked = story.now.plus(-ago);
    story.asking.told(&story.order, report, asked);
}

fn is_offered(story: &Story) -> bool {
    may_send_again(&story.order, story.terms.refunds.as_ref(), story.asking.refunds.get(NO), NO)
}

#[test]
fn an_order_that_is_said_to_be_given_back_speaks_for_the_refund_until_it_is_said_to_be_paid_and_no_more() {
    let mut story = lost();
    is_not_known_there(&mut story);
    assert!(is_offered(&story));
    says_of_the_order(&mut story, &report(TradeState::Refunded), 2 * MINUTE);
    assert!(is_offered(&story), "that question left before the refund did");
    let another = TradeReport { amount_minor: Some(AMOUNT + 1), ..report(TradeState::Refunded) };
    says_of_the_order(&mut story, &another, 0);
    assert!(is_offered(&story), "that is not its order");
    says_of_the_order(&mut story, &TradeReport::of(TradeState::Refunded), 0);
    assert!(!is_offered(&story), "it may have been carried out");
    story.now = story.now.plus(MINUTE);
    is_not_known_there(&mut story);
    assert!(!is_offered(&story), "nobody signed that the gateway does not know it");
    let again = story.clone().telling(Command::RefundAgain(NO.to_owned(), "Lin".to_owned(), None));
    assert_eq!((again.refund(NO), again.order.state), (RefundState::Unknown, State::Paid), "it is asked for, no more");
    says_of_the_order(&mut story, &report(TradeState::Paid), 2 * MINUTE);
    assert!(!is_offered(&story), "an older word");
    says_of_the_order(&mut story, &report(TradeState::Paid), 0);
    assert!(is_offered(&story));
}

#[test]
fn an_order_that_something_else_explains_as_given_back_speaks_for_no_refund() {
    let given = || answered(paid().wishing(OTHER, 100).sending(OTHER), OTHER, Read::Means(said(Word::Succeeded)));
    let marked = || paid().telling(mark(Marked::Refunded, 100));
    let handled = Command::Handle(Attention::RefundedElsewhere, "后台已核对".to_owned());
    let elsewhere = paid().reporting(report(TradeState::Refunded)).telling(handled);
    for story in [given(), marked(), elsewhere] {
        let story = story.wishing(NO, 300).sending(NO);
        let mut story = story.telling(Command::RefundUnanswered(NO.to_owned(), NoAnswer::TimedOut)).after(MINUTE);
        is_not_known_there(&mut story);
        says_of_the_order(&mut story, &report(TradeState::Refunded), 0);
        assert!(is_offered(&story));
    }
}

#[test]
fn a_sending_that_was_answered_with_its_number_used_before_is_never_sent_again_and_another_error_may_be() {
    for (reaction, code, offered) in
        [(Reaction::DuplicateRefund, "107", false), (Reaction::Upstream, "600", true), (Reaction::Ask, "999", true)]
    {
        let says = Read::Says(Said::new(reaction, code, None));
        let mut story = answered(paid().wishing(NO, 300).sending(NO), NO, says).after(MINUTE);
        is_not_known_there(&mut story);
        assert_eq!(is_offered(&story), offered, "{code}");
        let due = next_refund(&story.order, &story.asking, story.now).map(|(_, due)| due.step);
        assert_eq!(due, Some(Step::AskRefund), "it is asked on");
    }
}

#[test]
fn a_refund_that_failed_stands_before_all_that_is_left_and_is_made_anew_where_a_number_is_taken_once() {
    let failed = |terms: Terms| {
        let story = Story { terms, ..paid() };
        answered(story.wishing(NO, 1_000).sending(NO), NO, Read::Means(said(Word::Failed)))
    };
    let before = |story: &Story| {
        let failed = failed_before(&story.order, story.terms.refunds.as_ref());
        (failed.map(|refund| refund.no().to_owned()), may_be_made_anew(&story.order, story.terms.refunds.as_ref(), NO))
    };
    let kept = |story: &Story| story.terms.refunds.as_ref().map(|offer| story.order.kept_minor(offer));
    assert_eq!(before(&failed(terms())), (Some(NO.to_owned()), false));
    assert_eq!(kept(&failed(terms())), Some(1_000));
    let partly = failed(terms()).telling(mark(Marked::Refunded, 500));
    assert_eq!(kept(&partly), Some(0), "it is more than what is left, and goes out no more");
    assert_eq!(refundable(&partly.order, partly.terms.refunds.as_ref()), Ok(AMOUNT - 500));
    let once = RefundOffer { resend: Resend::NewNumber, ..terms().refunds.unwrap() };
    let once = Terms { refunds: Some(once), ..terms() };
    assert_eq!(before(&failed(once.clone())), (None, true));
    assert_eq!(kept(&failed(once.clone())), Some(0));
    for terms in [terms(), once] {
        let gone = failed(terms).telling(mark(Marked::Refunded, 1_000));
        assert_eq!(before(&gone), (None, false), "its money went back another way");
    }
    assert_eq!(before(&paid().wishing(NO, 300)), (None, false));
}

#[test]
fn a_refund_that_failed_is_not_made_anew_once_a_later_one_may_stand_for_it() {
    let once = RefundOffer { resend: Resend::NewNumber, ..terms().refunds.unwrap() };
    let story = Story { terms: Terms { refunds: Some(once), ..terms() }, ..paid() };
    let failed = |story: Story, no: &str| answered(story.sending(no), no, Read::Means(said(Word::Failed)));
    let anew = |story: &Story, no: &str| may_be_made_anew(&story.order, story.terms.refunds.as_ref(), no);
    let story = failed(story.wishing(NO, 300), NO);
    assert!(anew(&story, NO));
    let twice = failed(story.clone().wishing(OTHER, 300), OTHER);
    assert!(anew(&twice, NO) && anew(&twice, OTHER), "nothing went back");
    let story = answered(story.wishing(OTHER, 300).sending(OTHER), OTHER, Read::Means(said(Word::Succeeded)));
    assert_eq!(refundable(&story.order, story.terms.refunds.as_ref()), Ok(AMOUNT - 300));
    assert!(!anew(&story, NO), "so much is left, and the money is back");
    let story = failed(story.wishing(THIRD, 300), THIRD);
    assert!(!anew(&story, NO) && anew(&story, THIRD), "an earlier one stands for none");
}

/// Failed, wanted again, and then nothing was heard of the second sending.
fn sent_again_without_an_answer() -> Story {
    let story = answered(paid().wishing(NO, 300).sending(NO), NO, Read::Means(said(Word::Failed)));
    let again = Command::RefundAgain(NO.to_owned(), "Lin".to_owned(), None);
    let story = story.after(MINUTE).telling(again).sending(NO).after(SECOND);
    story.telling(Command::RefundUnanswered(NO.to_owned(), NoAnswer::TimedOut))
}

#[test]
fn failed_may_be_the_word_on_the_sending_before_while_the_newest_is_on_its_way() {
    let story = sent_again_without_an_answer().after(20 * SECOND).hearing(NO, said(Word::Failed));
    assert_eq!((story.refund(NO), story.order.reserved_minor()), (RefundState::Unknown, 300));
    let done = story.after(SECOND).hearing(NO, said(Word::Succeeded));
    assert_eq!(done.refund(NO), RefundState::Succeeded, "it arrived after all");
    let taken_on = sent_again_without_an_answer().after(SECOND).hearing(NO, said(Word::Processing));
    assert_eq!(taken_on.after(SECOND).hearing(NO, said(Word::Failed)).refund(NO), RefundState::Failed);
    let waited = sent_again_without_an_answer().after(2 * HOUR).hearing(NO, said(Word::Failed));
    assert_eq!(waited.refund(NO), RefundState::Failed, "nothing is on its way for so long");
}

#[test]
fn failed_ends_at_once_what_was_sent_once_or_where_a_number_is_taken_only_once() {
    let once = paid().wishing(NO, 300).sending(NO);
    let once = once.telling(Command::RefundUnanswered(NO.to_owned(), NoAnswer::TimedOut)).after(SECOND);
    assert_eq!(once.hearing(NO, said(Word::Failed)).refund(NO), RefundState::Failed);
    let mut story = sent_again_without_an_answer();
    let offer = RefundOffer { resend: Resend::NewNumber, ..story.terms.refunds.unwrap() };
    story.terms.refunds = Some(offer);
    assert_eq!(story.after(SECOND).hearing(NO, said(Word::Failed)).refund(NO), RefundState::Failed);
}

#[test]
fn failed_is_not_the_end_while_an_older_sending_of_which_nothing_was_heard_may_be_on_its_way() {
    let third = || {
        let mut story = sent_again_without_an_answer().after(SECOND);
        let now = story.now;
        story.asking.refund(NO).not_arrived = Some(now);
        story.telling(Command::RefundAgain(NO.to_owned(), "Lin".to_owned(), None)).sending(NO).after(SECOND)
    };
    let directly = answered(third(), NO, Read::Means(said(Word::Failed)));
    assert_eq!((directly.refund(NO), directly.order.reserved_minor()), (RefundState::Unknown, 300));
    let trouble = NoOutcome::AnotherUnheard;
    let newest = directly.events.last().map(|(event, _)| event.clone());
    assert_eq!(newest, Some(OrderEvent::RefundUnknown { refund_no: NO.to_owned(), trouble, raw: None }));
    let taken_on =
        answered(third(), NO, Read::Means(said(Word::Processing))).after(MINUTE).hearing(NO, said(Word::Failed));
    assert_eq!(taken_on.refund(NO), RefundState::Processing);
    assert_eq!(taken_on.after(2 * HOUR).hearing(NO, said(Word::Failed)).refund(NO), RefundState::Failed);
    assert_eq!(third().hearing(NO, said(Word::Succeeded)).refund(NO), RefundState::Succeeded);
}

#[test]
fn a_refund_that_failed_is_a_persons_business_until_its_own_money_went_back() {
    let failed = || answered(paid().wishing(NO, 300).sending(NO), NO, Read::Means(said(Word::Failed)));
    let called = |story: &Story| story.order.attention.contains(&Attention::RefundFailed);
    let another = answered(failed().wishing(OTHER, 500).sending(OTHER), OTHER, Read::Means(said(Word::Succeeded)));
    assert!(called(&another), "that customer still has no money");
    let mut twice = failed();
    // Where each try has a number of its own.
    twice.terms.refunds = twice.terms.refunds.map(|offer| RefundOffer { resend: Resend::NewNumber, ..offer });
    let twice = answered(twice.wishing(OTHER, 300).sending(OTHER), OTHER, Read::Means(said(Word::Failed)));
    let once = answered(twice.wishing(THIRD, 300).sending(THIRD), THIRD, Read::Means(said(Word::Succeeded)));
    assert!(called(&once), "two came to nothing, and one of them went back");
    let alike = answered(failed().wishing(OTHER, 300).sending(OTHER), OTHER, Read::Means(said(Word::Succeeded)));
    assert!(called(&alike), "the same amount may be for other goods: a person knows");
    // Two on their way at once: the one that succeeded first does not stand for the one that failed then.
    let both = paid().wishing(NO, 300).sending(NO).hearing(NO, said(Word::Processing));
    let both = both.wishing(OTHER, 300).sending(OTHER).hearing(OTHER, said(Word::Processing)).after(SECOND);
    let both = both.hearing(OTHER, said(Word::Succeeded)).after(SECOND).hearing(NO, said(Word::Failed));
    let third = answered(both.wishing(THIRD, 100).sending(THIRD), THIRD, Read::Means(said(Word::Succeeded)));
    assert!(called(&third) && third.refund(NO) == RefundState::Failed);
    let again = failed().telling(Command::RefundAgain(NO.to_owned(), "Lin".to_owned(), None));
    assert!(called(&failed()) && !called(&again));
}

#[test]
fn a_failure_after_a_success_stays_a_persons_business_whatever_else_is_heard() {
    let story = answered(paid().wishing(NO, 300).sending(NO), NO, Read::Means(said(Word::Succeeded)));
    let story = story.after(SECOND).hearing(NO, said(Word::Failed));
    assert!(story.order.attention.contains(&Attention::RefundDisputed));
    let story = answered(story.wishing(OTHER, 100).sending(OTHER), OTHER, Read::Means(said(Word::Succeeded)));
    assert!(story.order.attention.contains(&Attention::RefundDisputed));
}

#[test]
fn what_two_people_saw_go_back_is_not_given_once_more_because_the_gateway_says_that_it_failed() {
    let story = paid().wishing(NO, 300).sending(NO);
    let story = story.telling(Command::RefundUnanswered(NO.to_owned(), NoAnswer::TimedOut)).after(SECOND);
    let story = story.telling(mark_of(Some(NO), Marked::Refunded, 300)).after(SECOND).hearing(NO, said(Word::Failed));
    let offer = story.terms.refunds;
    assert!(story.order.attention.contains(&Attention::MarkContradicted));
    assert_eq!((story.refund(NO), story.order.left_minor()), (RefundState::Failed, AMOUNT - 300));
    assert!(!may_send_again(&story.order, offer.as_ref(), None, NO));
    let settled =
        story.after(SECOND).telling(Command::Handle(Attention::MarkContradicted, "it was another's".to_owned()));
    assert_eq!(settled.order.left_minor(), AMOUNT);
    assert!(may_send_again(&settled.order, offer.as_ref(), None, NO));
}

#[test]
fn what_may_be_on_its_way_may_be_sent_again_under_its_number_meanwhile() {
    let mut story = sent_again_without_an_answer().after(SECOND);
    let (now, failed) = (story.now, said(Word::Failed));
    let offer = story.terms.refunds;
    let until = may_be_carried_out_until(&story.order, offer.as_ref(), NO, &failed, now);
    assert!(until.is_some_and(|until| (1..=2 * HOUR).contains(&until.since(now))), "{until:?}");
    story.asking.refund(NO).not_arrived = Some(now);
    let story = story.telling(Command::RefundAgain(NO.to_owned(), "Lin".to_owned(), None));
    assert_eq!(story.refund(NO), RefundState::Requested);
}

#[test]
fn an_answer_about_another_refund_is_disputed_and_the_asking_goes_on() {
    let other = RefundReport { amount_minor: Some(299), ..said(Word::Succeeded) };
    let story = answered(paid().wishing(NO, 300).sending(NO), NO, Read::Means(other));
    assert_eq!((story.refund(NO), story.order.refunded_minor()), (RefundState::Unknown, 0));
    assert!(story.order.attention.contains(&Attention::RefundDisputed));
    assert!(refund_due(&story.order, story.order.refund(NO).unwrap(), None, story.now).is_some());
    let story = story.hearing(NO, said(Word::Succeeded));
    assert_eq!((story.refund(NO), story.order.attention.len()), (RefundState::Succeeded, 0));
}

#[test]
fn an_answer_from_before_the_newest_one_changes_nothing() {
    let story = answered(paid().wishing(NO, 300).sending(NO), NO, Read::Means(said(Word::Processing)));
    let asked = story.now.plus(-SECOND);
    let late = Command::RefundReport(NO.to_owned(), said(Word::Failed), Evidence { asked, raw: None });
    assert_eq!(story.telling(late).refund(NO), RefundState::Processing);
}

#[test]
fn a_full_refund_settles_a_payment_that_came_late_or_twice_and_a_part_of_it_does_not() {
    let late = || {
        let story = Story::taken_off().reporting(report(TradeState::Closed)).reporting(report(TradeState::Paid));
        story.telling(Command::DoublePayment)
    };
    assert_eq!(late().order.attention.len(), 2);
    let story = answered(late().wishing(NO, AMOUNT).sending(NO), NO, Read::Means(said(Word::Succeeded)));
    assert!(story.order.attention.is_empty(), "{:?}", story.order.attention);
    let story = answered(late().wishing(NO, 1).sending(NO), NO, Read::Means(said(Word::Succeeded)));
    assert_eq!(story.order.attention.len(), 2);
}

#[test]
fn nothing_goes_back_of_what_is_not_paid_is_in_doubt_or_went_back_elsewhere() {
    let offer = terms().refunds;
    for (story, why) in [
        (Story::shown(), NotRefundable::NotPaid),
        (Story::taken_off().reporting(report(TradeState::Closed)), NotRefundable::NotPaid),
        (paid().reporting(report(TradeState::Closed)), NotRefundable::Disputed),
        (paid().reporting(report(TradeState::Refunded)), NotRefundable::RefundedElsewhere),
    ] {
        assert_eq!(refundable(&story.order, offer.as_ref()), Err(why));
        assert!(story.wishing(NO, 1).order.refunds.is_empty());
    }
    assert_eq!(refundable(&paid().order, None), Err(NotRefundable::GatewayCannot));
    let settled = paid()
        .reporting(report(TradeState::Refunded))
        .telling(Command::Handle(Attention::RefundedElsewhere, "后台没有退款".to_owned()));
    assert_eq!(refundable(&settled.order, offer.as_ref()), Ok(AMOUNT));
}

#[test]
fn a_reason_that_the_gateway_may_not_take_is_refused() {
    let offer = RefundOffer { reason_limit: 6, ..terms().refunds.unwrap() };
    let with =
        |reason: &str| may_refund(&paid().order, Some(&offer), &RefundDraft { reason: reason.into(), ..draft(NO, 1) });
    assert_eq!(with("退货"), Ok(()));
    assert_eq!(with("退货了"), Err(RefundRefusal::ReasonTooLong(6)));
}

#[test]
fn a_reason_that_would_not_read_as_it_was_written_is_refused_for_what_is_in_it() {
    let offer = terms().refunds;
    let with = |reason: &str| {
        may_refund(&paid().order, offer.as_ref(), &RefundDraft { reason: reason.into(), ..draft(NO, 1) })
    };
    for letter in ['\n', '\r', '\t', '\u{7}', '\u{7f}', '\u{85}', '\u{2028}'] {
        assert_eq!(with(&format!("a{letter}b")), Err(RefundRefusal::ReasonNotOneLine(letter)), "{letter:?}");
    }
    for letter in ['\u{202e}', '\u{2066}', '\u{200b}', '\u{200d}', '\u{feff}', '\u{ad}'] {
        assert_eq!(with(&format!("a{letter}b")), Err(RefundRefusal::ReasonHidden(letter)), "{letter:?}");
    }
    for plain in ["退货", "尺码不对 M → L", "\u{2764}\u{fe0f}"] {
        assert_eq!(with(plain), Ok(()), "{plain}");
    }
}

fn line(id: &str, quantity: u32, amount_minor: i64) -> Item {
    Item { id: id.to_owned(), quantity, amount_minor }
}

#[test]
fn ruling_21_lines_are_the_orders_own_once_and_add_up() {
    let offer = RefundOffer { by_lines: true, reason_limit: 64, resend: Resend::NewNumber, one_word_for_errors: false };
    let mut story = paid();
    story.order.draft.items = vec![line("tea", 2, 1_000), line("cake", 1, 250)];
    story.terms.refunds = Some(offer);
    let with = |order: &Order, minor, items: Vec<Item>| {
        may_refund(order, Some(&offer), &RefundDraft { items, ..draft(OTHER, minor) })
    };
    assert_eq!(with(&story.order, 250, vec![]), Err(RefundRefusal::LinesNeeded));
    assert_eq!(with(&story.order, 250, vec![line("cake", 1, 249)]), Err(RefundRefusal::LinesDoNotAddUp));
    for (wrong, id) in [
        (vec![line("cake", 2, 250)], "cake"),
        (vec![line("pie", 1, 250)], "pie"),
        (vec![line("tea", 1, 125), line("tea", 1, 125)], "tea"),
    ] {
        assert_eq!(with(&story.order, 250, wrong), Err(RefundRefusal::LineNotLeft(id.to_owned())));
    }
    assert_eq!(with(&story.order, 250, vec![line("cake", 1, 250)]), Ok(()));
    let tea = RefundDraft { items: vec![line("tea", 1, 500)], ..draft(NO, 500) };
    let story = story.telling(Command::Refund(Box::new(tea))).sending(NO);
    let story = answered(story, NO, Read::Means(said(Word::Succeeded)));
    assert_eq!(lines_left(&story.order), [line("tea", 1, 500), line("cake", 1, 250)]);
    assert_eq!(with(&story.order, 1_000, vec![line("tea", 2, 1_000)]), Err(RefundRefusal::OverCeiling(750)));
    assert_eq!(with(&story.order, 750, lines_left(&story.order)), Ok(()));
}

/// A paid order of these lines, at a gateway that goes by them.
fn paid_by_lines(items: Vec<Item>) -> Story {
    let offer = RefundOffer { by_lines: true, reason_limit: 64, resend: Resend::NewNumber, one_word_for_errors: true };
    let mut story = paid();
    let minor = items.iter().map(|item| item.amount_minor).sum();
    story.order.draft.amount.minor = minor;
    story.order.payment.as_mut().expect("it is paid").minor = minor;
    story.order.draft.items = items;
    story.terms.refunds = Some(offer);
    story
}

fn of_lines(refund_no: &str, items: Vec<Item>) -> RefundDraft {
    let minor = items.iter().map(|item| item.amount_minor).sum();
    RefundDraft { items, ..draft(refund_no, minor) }
}

/// Whether lines may go back now.
fn may_go_back(story: &Story, items: Vec<Item>) -> Result<(), RefundRefusal> {
    may_refund(&story.order, story.terms.refunds.as_ref(), &of_lines("TR06G3A9QZ07H3PX000000000009", items))
}

/// Lines go back, or come to nothing.
fn went_back(story: Story, refund_no: &str, items: Vec<Item>, word: Word) -> Story {
    let story = story.after(SECOND).telling(Command::Refund(Box::new(of_lines(refund_no, items)))).sending(refund_no);
    answered(story, refund_no, Read::Means(said(word)))
}

#[test]
fn ruling_21_a_line_whose_money_is_gone_is_not_among_what_is_left() {
    let story = paid_by_lines(vec![line("cup", 2, 900), line("pot", 1, 800)]);
    let story = went_back(story, NO, vec![line("cup", 1, 900)], Word::Succeeded);
    assert_eq!(lines_left(&story.order), [line("pot", 1, 800)]);
    let cup = RefundRefusal::LineNotLeft("cup".to_owned());
    assert_eq!(may_go_back(&story, vec![line("cup", 1, 0), line("pot", 1, 800)]), Err(cup));
    let lines = lines_left(&story.order);
    let story = went_back(story, OTHER, lines, Word::Succeeded);
    assert_eq!((story.refund(OTHER), story.order.left_minor()), (RefundState::Succeeded, 0));
}

#[test]
fn ruling_21_a_line_for_nothing_is_refused() {
    let story = paid_by_lines(vec![line("cup", 2, 900), line("pot", 1, 800)]);
    let nothing = may_go_back(&story, vec![line("cup", 1, 0), line("pot", 1, 800)]);
    assert_eq!(nothing, Err(RefundRefusal::LinesDoNotAddUp));
}

#[test]
fn ruling_21_money_that_stays_behind_when_every_piece_went_back_goes_back_under_one_of_them() {
    let story = paid_by_lines(vec![line("cup", 2, 900), line("pot", 1, 800)]);
    let story = went_back(story, NO, vec![line("cup", 2, 850)], Word::Succeeded);
    assert_eq!(lines_left(&story.order), [line("cup", 1, 50), line("pot", 1, 800)]);
    let cup = RefundRefusal::LineNotLeft("cup".to_owned());
    assert_eq!(may_go_back(&story, vec![line("cup", 2, 50)]), Err(cup.clone()));
    assert_eq!(may_go_back(&story, vec![line("cup", 1, 51)]), Err(cup));
    assert_eq!(may_go_back(&story, lines_left(&story.order)), Ok(()));
    let story = went_back(story, OTHER, vec![line("cup", 1, 50)], Word::Succeeded);
    let lines = lines_left(&story.order);
    let story = went_back(story, THIRD, lines, Word::Succeeded);
    assert_eq!((story.refund(THIRD), story.order.left_minor()), (RefundState::Succeeded, 0));
    assert_eq!(lines_left(&story.order), []);
}

proptest! {
    #![proptest_config(cases(256))]

    /// Pieces and money of a line are drawn apart, and so is what comes of each refund.
    #[test]
    fn ruling_21_whatever_went_back_before_all_that_is_left_are_lines_that_a_gateway_takes(
        bought in prop::collection::vec((1..4_u32, 0..1_000_i64), 1..4),
        wishes in prop::collection::vec((0..3_usize, 1..5_u32, 0..1_000_i64, any::<bool>()), 0..8),
    ) {
        let ids = ["cup", "pot", "tea"];
        let items = ids.iter().zip(&bought).map(|(id, (quantity, minor))| line(id, *quantity, *minor));
        let items: Vec<Item> = items.collect();
        prop_assume!(items.iter().any(|item| item.amount_minor > 0));
        let mut story = paid_by_lines(items.clone());
        for (at, (which, quantity, minor, fails)) in wishes.into_iter().enumerate() {
            let wish = vec![line(ids[which], quantity, minor)];
            match may_go_back(&story, wish.clone()) {
                Ok(()) => prop_assert!(minor > 0 && minor <= story.order.left_minor()),
                Err(RefundRefusal::LineNotLeft(id)) => {
                    prop_assert_eq!(id, ids[which]);
                    continue;
                }
                Err(why) => {
                    let too_much = minor < 1 || minor > story.order.left_minor();
                    prop_assert!(too_much, "{why:?}");
                    continue;
                }
            }
            let word = if fails { Word::Failed } else { Word::Succeeded };
            let refund_no = format!("TR06G3A9QZ07H3PX00000000010{at}");
            story = went_back(story, &refund_no, wish, word);
            prop_assert!(story.refund(&refund_no).has_ended());
        }
        let lines = lines_left(&story.order);
        prop_assert_eq!(lines.iter().map(|left| left.amount_minor).sum::<i64>(), story.order.left_minor());
        for left in &lines {
            let bought = items.iter().find(|bought| bought.id == left.id).expect("it was bought");
            let back = story.order.refunds.iter().filter(|refund| refund.state == RefundState::Succeeded);
            let back = back.flat_map(|refund| &refund.draft.items).filter(|line| line.id == left.id);
            let pieces = bought.quantity.saturating_sub(back.map(|line| line.quantity).sum());
            prop_assert!(left.amount_minor > 0 && left.quantity > 0 && left.quantity <= pieces.max(1), "{left:?}");
        }
        if lines.is_empty() {
            let why = refundable(&story.order, story.terms.refunds.as_ref());
            prop_assert_eq!(why, Err(NotRefundable::NothingLeft));
        } else {
            prop_assert_eq!(may_go_back(&story, lines.clone()), Ok(()));
            let story = went_back(story, NO, lines, Word::Succeeded);
            prop_assert_eq!((story.order.is_given_back(), lines_left(&story.order)), (true, vec![]));
        }
    }
}

#[test]
fn what_failed_or_was_taken_back_before_it_left_counts_as_nothing_given() {
    let nothing: Vec<RefundState> = RefundState::ALL.into_iter().filter(|state| state.came_to_nothing()).collect();
    assert_eq!(nothing, [RefundState::Failed, RefundState::Withdrawn]);
}

#[test]
fn an_order_that_was_sold_without_lines_gives_none_back() {
    let by_amount = RefundOffer { by_lines: false, ..terms().refunds.unwrap() };
    let invented = RefundDraft { items: vec![line("a", 1, 100)], ..draft(NO, 100) };
    let why = RefundRefusal::LineNotLeft("a".to_owned());
    assert_eq!(may_refund(&paid().order, Some(&by_amount), &invented), Err(why));
    let by_lines = RefundOffer { by_lines: true, ..by_amount };
    assert_eq!(may_refund(&paid().order, Some(&by_lines), &invented), Ok(()), "its lines are not known here");
}

#[test]
fn an_order_that_is_not_paid_says_so_where_the_gateway_gives_nothing_back_either() {
    assert_eq!(refundable(&Story::shown().order, None), Err(NotRefundable::NotPaid));
    let other = TradeReport { amount_minor: Some(AMOUNT + 1), ..report(TradeState::Paid) };
    assert_eq!(refundable(&paid().reporting(other).order, None), Err(NotRefundable::Disputed));
}

#[test]
fn paid_a_day_after_all_was_marked_as_given_back_contradicts_the_mark_and_a_part_is_never_contradicted() {
    let verdict = |story: &Story| story.order.marks.last().map(|by_hand| by_hand.verdict);
    let later =
        |minor, wait| paid().telling(mark(Marked::Refunded, minor)).after(wait).reporting(report(TradeState::Paid));
    let soon = later(AMOUNT, DAY - 2 * SECOND);
    assert_eq!((verdict(&soon), soon.order.attention.is_empty()), (Some(Verdict::Open), true));
    assert_eq!(verdict(&later(AMOUNT - 1, 3 * DAY)), Some(Verdict::Open));
    let contradicted = later(AMOUNT, DAY);
    assert_eq!(verdict(&contradicted), Some(Verdict::Contradicted));
    assert!(contradicted.order.attention.contains(&Attention::MarkContradicted));
    let left = |story: &Story| (story.order.state, story.order.left_minor());
    assert_eq!(left(&contradicted), (State::Paid, 0), "two people saw it go back");
    let dealt_with = Command::Handle(Attention::MarkContradicted, "凭据是另一笔的".to_owned());
    assert_eq!(left(&contradicted.clone().telling(dealt_with)), (State::Paid, AMOUNT));
    let mut silent = paid();
    silent.terms.tells_refunded = false;
    let silent = silent.telling(mark(Marked::Refunded, AMOUNT)).after(DAY).reporting(report(TradeState::Paid));
    assert_eq!(verdict(&silent), Some(Verdict::Open), "it has no word for what went back");
    let half = paid().telling(mark(Marked::Refunded, AMOUNT / 2)).telling(mark(Marked::Refunded, AMOUNT / 2));
    let of_half = "refunded 6.25: marked by hand, not confirmed (Lin with Chan)";
    assert_eq!(half.order.marks_in_words(), Some(format!("{of_half}; {of_half}")), "each of them is told");
    let halves = half.clone().after(DAY).reporting(report(TradeState::Paid));
    let contradicted_halves = of_half.replace("not confirmed", "contradicted");
    assert_eq!(halves.order.marks_in_words(), Some(format!("{contradicted_halves}; {contradicted_halves}")));
    let given = answered(paid().wishing(NO, AMOUNT / 2).sending(NO), NO, Read::Means(said(Word::Succeeded)));
    let rest = given.telling(mark(Marked::Refunded, AMOUNT / 2)).after(DAY).reporting(report(TradeState::Paid));
    assert_eq!(verdict(&rest), Some(Verdict::Contradicted), "the rest of what the till gave back");
    let late =
        paid().telling(mark(Marked::Refunded, AMOUNT / 2)).after(DAY).telling(mark(Marked::Refunded, AMOUNT / 2));
    assert_eq!(verdict(&late.reporting(report(TradeState::Paid))), Some(Verdict::Open), "the newer half is fresh");
    let of_all = "refunded 12.50: marked by hand, contradicted (Lin with Chan)";
    assert_eq!(contradicted.order.marks_in_words().as_deref(), Some(of_all));
    assert_eq!(paid().order.marks_in_words(), None);
}

#[test]
fn the_last_look_after_a_mark_comes_late_enough_to_contradict_it() {
    let mut story = paid().telling(mark(Marked::Refunded, AMOUNT));
    while let Some(due) = next_due(&story.order, &story.asking, &story.terms, story.now) {
        story.now = story.now.plus((due.at - story.now.boot).max(0));
        story.asking.sent(story.now);
        let asked = story.now;
        story.report(report(TradeState::Paid), asked);
    }
    assert_eq!(story.order.marks.last().map(|by_hand| by_hand.verdict), Some(Verdict::Contradicted));
}

#[test]
fn a_mark_is_asked_about_until_the_gateway_has_spoken_even_where_it_is_silent_for_days() {
    let mut story = paid().telling(mark(Marked::Refunded, AMOUNT));
    let marked = story.now;
    let mut asked = vec![];
    let mut look = |story: &mut Story| {
        let due = next_due(&story.order, &story.asking, &story.terms, story.now).expect("it is asked about");
        story.now = story.now.plus((due.at - story.now.boot).max(0));
        story.asking.sent(story.now);
        asked.push(story.now.since(marked));
    };
    while story.now.since(marked) < 9 * DAY {
        look(&mut story);
        let now = story.now;
        story.asking.unverified(Unproven::Nothing, None, now);
    }
    look(&mut story);
    let now = story.now;
    story.report(report(TradeState::Paid), now);
    assert_eq!(story.order.marks.last().map(|by_hand| by_hand.verdict), Some(Verdict::Contradicted));
    let gaps: Vec<i64> = asked.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(gaps.iter().all(|gap| *gap <= DAY), "{gaps:?}");
    assert!((150..250).contains(&asked.len()), "{} questions in nine days", asked.len());

    let mut wordless = paid();
    wordless.terms.tells_refunded = false;
    let wordless = wordless.telling(mark(Marked::Refunded, AMOUNT));
    assert_eq!(next_due(&wordless.order, &wordless.asking, &wordless.terms, wordless.now), None);
}

/// "Paid" is also the state of a payment of which a part went back, so a gateway may never speak on such a mark.
#[test]
fn a_mark_on_which_no_gateway_ever_speaks_is_asked_about_for_ninety_days_by_the_looks_of_the_newest() {
    let mut story = paid().telling(mark(Marked::Refunded, 1));
    let mut days = 0;
    while let Some(due) = next_due(&story.order, &story.asking, &story.terms, story.now) {
        story.now = story.now.plus((due.at - story.now.boot).max(0));
        story.asking.sent(story.now);
        let asked = story.now;
        story.report(report(TradeState::Paid), asked);
        days += 1;
        assert!(days < 200, "it is never given up");
        if days == 60 {
            story = story.telling(mark(Marked::Refunded, 2));
            let newer = next_due(&story.order, &story.asking, &story.terms, story.now).expect("it is asked about");
            assert!(newer.at - story.now.boot <= 30 * MINUTE, "a newer mark has looks of its own");
        }
    }
    assert!((120..170).contains(&days), "{days}");
    let story = story.after(2 * DAY);
    assert!(!story.order.waits_for_a_verdict(story.now), "a launch does not ask either");
    assert!(story.order.open_marks().count() == 2 && story.order.attention.is_empty());
}

#[test]
fn looks_after_an_end_and_after_a_mark_that_are_due_together_are_one() {
    for (apart, expected) in [(SECOND / 5, 3), (2 * SECOND, 6)] {
        let story = Story::shown().reporting(report(TradeState::Closed));
        let mut story = story.after(apart).telling(mark(Marked::Paid, AMOUNT));
        let a_day_on = story.now.boot + DAY;
        let mut looks = vec![];
        while let Some(due) = next_due(&story.order, &story.asking, &story.terms, story.now) {
            assert_eq!(due.step, Step::Ask);
            if due.at > a_day_on {
                break;
            }
            story.now = story.now.plus((due.at - story.now.boot).max(0));
            looks.push(story.now.boot);
            story.asking.sent(story.now);
        }
        assert_eq!(looks.len(), expected, "{looks:?}");
        assert!(looks.windows(2).all(|pair| pair[1] - pair[0] >= SECOND), "{looks:?}");
    }
}

#[test]
fn a_refund_without_an_outcome_is_asked_for_ever_more_rarely_and_a_person_is_told_after_ten_minutes() {
    let mut story = paid().wishing(NO, 300).sending(NO);
    story = story.telling(Command::RefundUnanswered(NO.to_owned(), NoAnswer::TimedOut));
    let (sent, mut asked, mut settled) = (story.now, 0, vec![]);
    while story.now.since(sent) < 8 * DAY {
        let due = next_due(&story.order, &story.asking, &story.terms, story.now).expect("it is asked for");
        story.now = story.now.plus((due.at - story.now.boot).max(0));
        let now = story.now;
        match due.step {
            Step::AskRefund => {
                story.asking.refund(NO).sent(now);
                story.asking.refund(NO).unverified(false, now, None, now);
                asked += 1;
                assert!(asked < 1_000, "time stands still");
            }
            Step::Settle => settled.push(now.since(sent)),
            other => panic!("{other:?}"),
        }
        story = story.telling(Command::Settle);
        let told = story.order.attention.contains(&Attention::RefundUnknown);
        assert_eq!(told, story.now.since(sent) >= 10 * MINUTE, "after {} s", story.now.since(sent) / SECOND);
    }
    assert_eq!(settled, [10 * MINUTE], "not at the next question, and once");
    let handled = Command::Handle(Attention::RefundUnknown, "问过网关".to_owned());
    let handled = story.clone().telling(handled);
    let due = next_due(&handled.order, &handled.asking, &handled.terms, handled.now).map(|due| due.step);
    assert_eq!(due, Some(Step::AskRefund), "nobody is called again for it");
    assert!((300..600).contains(&asked), "{asked} questions in eight days");
    let story = story.hearing(NO, said(Word::Succeeded));
    assert!(story.order.attention.is_empty());
}

#[test]
fn a_refund_under_way_whose_answers_three_times_say_nothing_to_rest_on_is_a_persons_business_after_ten_minutes() {
    let asked = |mut story: Story, usable: bool| {
        let now = story.now;
        story.asking.refund(NO).sent(now);
        let memory = story.asking.refund(NO);
        memory.verified(usable, now);
        if !usable {
            memory.unusable();
        }
        story.telling(Command::Settle)
    };
    let told = |story: &Story| story.order.attention.contains(&Attention::RefundUnknown);
    let mut story = paid().wishing(NO, 300).sending(NO).hearing(NO, said(Word::Processing));
    for _ in 0..3 {
        story = asked(story.after(SECOND), false);
        assert!(!told(&story), "not before ten minutes");
    }
    let usable = asked(asked(story.clone(), true).after(10 * MINUTE), false);
    assert!(!told(&usable), "what came between was right");
    let mut another_run = paid().wishing(NO, 300).sending(NO).hearing(NO, said(Word::Processing)).after(10 * MINUTE);
    another_run.asking.refunds.clear();
    let mut garbled = another_run.clone();
    garbled.asking.refund(NO).unusable();
    assert!(!told(&garbled.telling(Command::Settle)), "one answer that cannot be read says nothing of the refund");
    assert!(told(&asked(another_run, false)), "what an earlier run heard is not known");
    let story = asked(story.after(10 * MINUTE), false);
    assert!(told(&story));
    assert!(story.hearing(NO, said(Word::Succeeded)).order.attention.is_empty());
}

#[test]
fn a_refund_that_its_gateway_says_three_times_not_to_know_is_a_persons_business_at_once_and_once() {
    let mut story = paid().wishing(NO, 300).sending(NO);
    story = story.telling(Command::RefundUnanswered(NO.to_owned(), NoAnswer::TimedOut));
    let asked = |mut story: Story, none: bool| {
        story = story.after(SECOND);
        let now = story.now;
        story.asking.refund(NO).sent(now);
        story.asking.refund(NO).unverified(none, now, None, now);
        story.telling(Command::Settle)
    };
    let told = |story: &Story| story.order.attention.contains(&Attention::RefundUnknown);
    for none in [false, true, false, true, false] {
        story = asked(story, none);
        assert!(!told(&story));
    }
    story = asked(story, true);
    assert!(told(&story), "nobody else sends it again");
    let handled = Command::Handle(Attention::RefundUnknown, "asked the gateway".to_owned());
    let story = asked(story.telling(handled), true);
    assert!(!told(&story), "a person has dealt with it");
    let again = Command::RefundAgain(NO.to_owned(), "Lin".to_owned(), None);
    let mut story = story.telling(again).sending(NO);
    story.asking.refund(NO).leaves();
    story = story.telling(Command::RefundUnanswered(NO.to_owned(), NoAnswer::TimedOut));
    assert!(!told(&asked(story.clone(), true)), "what was said of the sending before counts no more");
    let heard = asked(asked(asked(story, true), true), true);
    assert!(told(&heard), "sent once more, it is another matter");
    assert!(heard.hearing(NO, said(Word::Succeeded)).order.attention.is_empty());
}

#[test]
fn a_refund_does_not_leave_while_its_order_is_disputed_and_what_is_the_tills_own_is_not_refunded_elsewhere() {
    let other = || TradeReport { amount_minor: Some(AMOUNT + 1), ..report(TradeState::Paid) };
    let story = paid().wishing(NO, 300).reporting(other());
    assert_eq!(story.order.state, State::Disputed);
    assert!(next_refund(&story.order, &story.asking, story.now).is_none());
    let story = story.sending(NO);
    assert_eq!(story.refund(NO), RefundState::Requested);
    let story = story.reporting(report(TradeState::Paid)).sending(NO);
    assert_eq!(story.refund(NO), RefundState::Sent, "a matching report settles the dispute");

    let story = story.hearing(NO, said(Word::Succeeded)).reporting(other()).reporting(report(TradeState::Refunded));
    assert_eq!((story.order.state, story.order.refunded_minor()), (State::Paid, 300));
    assert!(story.order.attention.is_empty(), "{:?}", story.order.attention);
}

#[test]
fn a_refund_that_waits_does_not_leave_while_money_went_back_elsewhere() {
    let other = TradeReport { amount_minor: Some(AMOUNT + 1), ..report(TradeState::Paid) };
    let story = paid().wishing(NO, 300).reporting(other).reporting(report(TradeState::Refunded));
    assert_eq!(story.order.state, State::Paid);
    assert!(story.order.attention.contains(&Attention::RefundedElsewhere), "{:?}", story.order.attention);
    assert!(next_refund(&story.order, &story.asking, story.now).is_none());
    let story = story.sending(NO);
    assert_eq!(story.refund(NO), RefundState::Requested);
    let looked_up = Command::Handle(Attention::RefundedElsewhere, "another customer's".to_owned());
    assert_eq!(story.telling(looked_up).sending(NO).refund(NO), RefundState::Sent, "a person has looked");
}

#[test]
fn a_refund_that_another_run_left_waiting_leaves_after_a_look_at_its_order() {
    let mut story = paid().wishing(NO, 300);
    story.asking.look_before_refunds = true;
    let ask_at = |story: &Story| next_due(&story.order, &story.asking, &story.terms, story.now);
    assert_eq!(ask_at(&story), Some(Due { at: story.now.boot, step: Step::Ask }));
    let asked = story.now;
    story.asking.sent(asked);
    story.asking.unverified(Unproven::Nothing, None, asked);
    let again = ask_at(&story).expect("it is asked again");
    assert_eq!((again.step, again.at - asked.boot), (Step::Ask, 2 * MINUTE));
    story.now = story.now.plus(again.at - asked.boot);
    let (asked, now) = (story.now, story.now);
    story.asking.sent(asked);
    story.asking.verified(asked, now);
    let other = TradeReport { amount_minor: Some(AMOUNT + 1), ..report(TradeState::Paid) };
    let torn = TradeReport { amount_minor: None, ..report(TradeState::Paid) };
    for answer in [report(TradeState::Unpaid), other, torn] {
        assert!(!story.asking.looked(&answer, AMOUNT), "{answer:?}");
        assert_eq!(ask_at(&story).map(|due| due.step), Some(Step::Ask), "{answer:?}");
    }
    assert!(story.asking.looked(&report(TradeState::Paid), AMOUNT));
    assert_eq!(ask_at(&story).map(|due| due.step), Some(Step::SendRefund));
}

#[test]
fn a_contradiction_that_was_under_way_when_a_refund_was_wanted_again_is_asked_about_first() {
    let mut story = paid().wishing(NO, 300).sending(NO);
    story = story.telling(Command::RefundUnanswered(NO.to_owned(), NoAnswer::TimedOut)).after(MINUTE);
    let asked = story.now;
    story.asking.refund(NO).not_arrived = Some(asked);
    let story = story.telling(Command::RefundAgain(NO.to_owned(), "Lin".to_owned(), None));
    assert_eq!(story.refund(NO), RefundState::Requested);
    let other = RefundReport { merchant: Stated::Other("another".to_owned()), ..said(Word::Processing) };
    let story = story.hearing(NO, other);
    assert_eq!(story.refund(NO), RefundState::Unknown);
    assert_eq!(story.sending(NO).refund(NO), RefundState::Unknown, "it does not leave");
}

#[test]
fn a_refund_that_was_asked_for_does_not_leave_once_another_has_come_into_doubt() {
    let story = paid().wishing(NO, 300).sending(NO).hearing(NO, said(Word::Processing)).wishing(OTHER, 200);
    assert_eq!(story.refund(OTHER), RefundState::Requested);
    let other_merchant = RefundReport { merchant: Stated::Other("another".to_owned()), ..said(Word::Processing) };
    let story = story.hearing(NO, other_merchant);
    let next = next_refund(&story.order, &story.asking, story.now).expect("the first one is asked for");
    assert_eq!((next.0.no(), next.1.step), (NO, Step::AskRefund));
    let story = story.sending(OTHER);
    assert_eq!(story.refund(OTHER), RefundState::Requested);
    let story = story.hearing(NO, said(Word::Succeeded)).sending(OTHER);
    assert_eq!(story.refund(OTHER), RefundState::Sent, "the doubt is over");
}

fn mark(what: Marked, amount_minor: i64) -> Command {
    mark_of(None, what, amount_minor)
}

fn mark_of(refund_no: Option<&str>, what: Marked, amount_minor: i64) -> Command {
    let (note, by, second) = ("收据".to_owned(), "Lin".to_owned(), "Chan".to_owned());
    let refund_no = refund_no.map(str::to_owned);
    Command::Mark(Box::new(HandMark { what, amount_minor, refund_no, note, by, second }))
}

#[test]
fn a_mark_by_hand_changes_no_state_and_the_gateways_word_confirms_or_contradicts_it() {
    let marked = || Story::taken_off().telling(mark(Marked::Paid, AMOUNT));
    assert_eq!((marked().order.state, marked().order.payment.is_none()), (State::Expiring, true));
    assert_eq!(marked().order.marks.last().map(|by_hand| by_hand.verdict), Some(Verdict::Open));
    let confirmed = marked().reporting(report(TradeState::Paid));
    assert_eq!(confirmed.order.marks.last().map(|by_hand| by_hand.verdict), Some(Verdict::Confirmed));
    let contradicted = marked().reporting(report(TradeState::Closed));
    assert_eq!(contradicted.order.state, State::Closed);
    assert_eq!(contradicted.order.marks.last().map(|by_hand| by_hand.verdict), Some(Verdict::Contradicted));
    assert!(contradicted.order.attention.contains(&Attention::MarkContradicted));
    assert!(paid().telling(mark(Marked::Paid, AMOUNT)).order.marks.is_empty(), "it is booked");
}

#[test]
fn what_a_disputed_order_tells_to_do_can_be_done() {
    let other = TradeReport { amount_minor: Some(AMOUNT + 1), ..report(TradeState::Paid) };
    let unbooked = Story::shown().reporting(other);
    assert_eq!((unbooked.order.state, markable(&unbooked.order)), (State::Disputed, vec![Marked::Paid]));
    let booked = paid().reporting(report(TradeState::Closed));
    assert_eq!((booked.order.state, markable(&booked.order)), (State::Disputed, vec![Marked::Refunded]));
    for story in [unbooked, booked] {
        let handled = Command::Handle(Attention::Disputed, "后台已退".to_owned());
        assert!(story.telling(handled).order.attention.is_empty());
    }
    let next = Refusal::of(Code::RefundInDispute).sentence(Language::En).next;
    assert!(next.contains("where this order takes such a mark") && next.contains("handled"), "{next}");
}

#[test]
fn what_went_back_elsewhere_is_marked_first_and_handled_then_in_every_language() {
    for (language, mark, handled) in [
        (Language::En, "mark that amount by hand", "as handled"),
        (Language::ZhCn, "人工标记", "标为已处理"),
        (Language::ZhHk, "人手標記", "標記為已處理"),
    ] {
        let refused = Refusal::of(Code::RefundedElsewhereFirst).sentence(language).next;
        for next in [refused.as_str(), Attention::RefundedElsewhere.next().in_language(language)] {
            let at = |words: &str| next.find(words).unwrap_or_else(|| panic!("{words}: {next}"));
            assert!(at(mark) < at(handled), "{next}");
        }
    }
}

#[test]
fn once_what_went_back_elsewhere_is_marked_it_is_to_be_handled_and_not_marked_again_in_every_language() {
    for (language, is_marked, first, handled) in [
        (Language::En, "is marked by hand", "first", "as handled"),
        (Language::ZhCn, "已经人工标记", "先", "标为已处理"),
        (Language::ZhHk, "已人手標記", "先", "標記為已處理"),
    ] {
        let next = Attention::RefundedElsewhere.next_among(&[], true).unwrap().in_language(language);
        assert!(next.contains(is_marked) && next.contains(handled) && !next.contains(first), "{next}");
        assert_ne!(next, Attention::RefundedElsewhere.next_among(&[], false).unwrap().in_language(language));
        for other in [Attention::LatePayment, Attention::Disputed] {
            assert_eq!(other.next_among(&[], true).unwrap().in_language(language), other.next().in_language(language));
        }
    }
}

#[test]
fn what_was_marked_as_given_back_counts_under_the_ceiling_and_is_asked_about() {
    let story = paid().telling(mark(Marked::Refunded, 1_000));
    assert_eq!((story.order.left_minor(), story.order.refunded_minor()), (250, 0));
    assert!(story.clone().telling(mark(Marked::Refunded, 251)).order.marks.len() == 1);
    let due = next_due(&story.order, &story.asking, &story.terms, story.now).expect("the till goes on asking");
    assert_eq!(due.step, Step::Ask);
    let all = story.clone().telling(mark(Marked::Refunded, 250)).reporting(report(TradeState::Refunded));
    assert_eq!(verdicts(&all), [Verdict::Confirmed; 2], "all that was paid went back");
    assert!(all.order.attention.is_empty());
    let part = story.reporting(report(TradeState::Refunded));
    assert_eq!(
        part.order.first_attention(),
        Some(Attention::RefundedElsewhere),
        "more may have gone back than was marked"
    );
    let handled = part.telling(Command::Handle(Attention::RefundedElsewhere, "就是那 10.00".to_owned()));
    assert!(handled.reporting(report(TradeState::Refunded)).order.attention.is_empty(), "a person has dealt with it");
}

fn verdicts(story: &Story) -> Vec<Verdict> {
    story.order.marks.iter().map(|by_hand| by_hand.verdict).collect()
}

#[test]
fn refunded_without_an_amount_confirms_no_mark_of_a_part() {
    let elsewhere = paid().reporting(report(TradeState::Refunded));
    assert!(elsewhere.order.attention.contains(&Attention::RefundedElsewhere));
    for story in [paid(), elsewhere] {
        let part = story.clone().telling(mark(Marked::Refunded, AMOUNT - 1)).reporting(report(TradeState::Refunded));
        assert_eq!(verdicts(&part), [Verdict::Open]);
        assert!(part.order.waits_for_a_verdict(part.now), "the till goes on asking");
        let all = story.telling(mark(Marked::Refunded, AMOUNT)).reporting(report(TradeState::Refunded));
        assert_eq!(verdicts(&all), [Verdict::Confirmed]);
    }
    let contradicted = paid().telling(mark(Marked::Refunded, AMOUNT)).after(DAY).reporting(report(TradeState::Paid));
    let dealt_with = Command::Handle(Attention::MarkContradicted, "凭据是另一笔的".to_owned());
    let anew = contradicted.telling(dealt_with).telling(mark(Marked::Refunded, 300));
    let anew = anew.reporting(report(TradeState::Refunded));
    assert_eq!(verdicts(&anew), [Verdict::Contradicted, Verdict::Open], "what was wrong counts for nothing");
}

#[test]
fn a_notice_of_a_refund_elsewhere_confirms_marks_of_no_more_than_the_amounts_that_were_named() {
    let told = |refund_no: &str, amount_minor: i64, paid_minor: i64| {
        let back = BackElsewhere { refund_no: refund_no.to_owned(), amount_minor, raw: "d4".to_owned() };
        let report = TradeReport { amount_minor: Some(paid_minor), ..report(TradeState::Refunded) };
        Command::RefundedElsewhere(report, Box::new(back))
    };
    for (marked, named, verdict) in [
        (300, 300, Verdict::Confirmed),
        (300, 299, Verdict::Open),
        (AMOUNT, 300, Verdict::Open),
        (AMOUNT, AMOUNT, Verdict::Confirmed),
    ] {
        let story = paid().telling(mark(Marked::Refunded, marked));
        let story = story.telling(told("EX1", named, AMOUNT)).telling(told("EX1", named, AMOUNT));
        assert_eq!(verdicts(&story), [verdict], "{named} of {marked}, and a copy");
    }
    let both = paid().telling(mark(Marked::Refunded, 300)).telling(told("EX1", 200, AMOUNT));
    assert_eq!(verdicts(&both.telling(told("EX2", 100, AMOUNT))), [Verdict::Confirmed]);
    let contradicts = paid().telling(mark(Marked::Refunded, 300)).telling(told("EX1", 300, AMOUNT + 1));
    assert_eq!((contradicts.order.state, verdicts(&contradicts)), (State::Disputed, vec![Verdict::Open]));
}

#[test]
fn a_refund_whose_outcome_the_till_does_not_know_can_be_marked_and_its_own_end_judges_the_mark() {
    let verdict = |story: &Story| story.order.marks.last().map(|by_hand| by_hand.verdict);
    let lost = || {
        let story = paid().wishing(NO, 300).sending(NO);
        story.telling(Command::RefundUnanswered(NO.to_owned(), NoAnswer::TimedOut))
    };
    let mine = || mark_of(Some(NO), Marked::Refunded, 300);
    let marked = lost().telling(mine());
    assert_eq!((verdict(&marked), marked.refund(NO)), (Some(Verdict::Open), RefundState::Unknown));
    assert_eq!((marked.order.left_minor(), marked.order.reserved_minor()), (AMOUNT - 300, 300), "it counts once");
    let words = format!("refunded 3.00 (refund {NO}): marked by hand, not confirmed (Lin with Chan)");
    assert_eq!(marked.order.marks_in_words().as_ref(), Some(&words));
    assert_eq!(marked.order.marks_of_refund_in_words(NO), Some(words));
    assert_eq!(marked.order.marks_of_refund_in_words(OTHER), None);
    let another = may_refund(&marked.order, terms().refunds.as_ref(), &draft(OTHER, 100));
    assert_eq!(another, Err(RefundRefusal::Not(NotRefundable::RefundUnknown)));
    let next = next_refund(&marked.order, &marked.asking, marked.now).expect("the till goes on asking");
    assert_eq!(next.1.step, Step::AskRefund);
    assert_eq!(marked.clone().telling(mine()).order.marks.len(), 1, "once is enough");

    let confirmed = marked.clone().hearing(NO, said(Word::Succeeded));
    assert_eq!((verdict(&confirmed), confirmed.order.refunded_minor()), (Some(Verdict::Confirmed), 300));
    assert_eq!(confirmed.order.left_minor(), AMOUNT - 300);
    let contradicted = marked.clone().hearing(NO, said(Word::Failed));
    assert_eq!((verdict(&contradicted), contradicted.refund(NO)), (Some(Verdict::Contradicted), RefundState::Failed));
    assert!(contradicted.order.attention.contains(&Attention::MarkContradicted));
    assert_eq!((contradicted.order.by_hand_minor(), contradicted.order.left_minor()), (300, AMOUNT - 300));
    let offer = contradicted.terms.refunds.as_ref().unwrap();
    assert_eq!(contradicted.order.left_for_new(offer), AMOUNT - 300, "its money is set aside once");
    let elsewhere = marked.clone().reporting(report(TradeState::Refunded));
    assert_eq!(verdict(&elsewhere), Some(Verdict::Open), "what the order's answer says may be another refund");

    let mut unknown_there = marked.clone().after(MINUTE);
    let asked = unknown_there.now;
    unknown_there.asking.refund(NO).not_arrived = Some(asked);
    let again =
        |story: &Story| may_send_again(&story.order, terms().refunds.as_ref(), story.asking.refunds.get(NO), NO);
    assert!(!again(&unknown_there), "what two people saw go back does not go back once more");
    let mut unmarked = lost().after(MINUTE);
    unmarked.asking.refund(NO).not_arrived = Some(asked);
    assert!(again(&unmarked));

    for wrong in [
        mark_of(Some(NO), Marked::Refunded, 299),
        mark_of(Some(NO), Marked::Paid, 300),
        mark_of(Some("TR9"), Marked::Refunded, 300),
    ] {
        assert!(lost().telling(wrong).order.marks.is_empty());
    }
    assert!(paid().wishing(NO, 300).telling(mine()).order.marks.is_empty(), "it has not left");
    assert!(lost().hearing(NO, said(Word::Failed)).telling(mine()).order.marks.is_empty(), "its end is known");
}

/// No document prints a refusal that is signed, so none ends a refund (gateways.md 1.2, 2.4, 3.3).
#[test]
fn a_refund_that_is_refused_outright_stays_unknown_and_all_that_went_back_in_the_back_office_is_marked_beside_it() {
    let refused = Read::Says(Said::new(Reaction::RefundTooLate, "40108", Some("订单超过退款期限")));
    let story = answered(paid().wishing(NO, 300).sending(NO), NO, refused);
    let another = may_refund(&story.order, terms().refunds.as_ref(), &draft(OTHER, 100));
    assert_eq!(another, Err(RefundRefusal::Not(NotRefundable::RefundUnknown)));
    assert_eq!(story.clone().telling(Command::WithdrawRefund(NO.to_owned())).refund(NO), RefundState::Unknown);
    let marked = story.telling(mark_of(Some(NO), Marked::Refunded, 300)).telling(mark(Marked::Refunded, AMOUNT - 300));
    assert_eq!((marked.order.marks.len(), marked.order.left_minor()), (2, 0));
    assert_eq!((marked.refund(NO), marked.order.refunded_minor()), (RefundState::Unknown, 0));
    let next = next_refund(&marked.order, &marked.asking, marked.now).expect("the till goes on asking");
    assert_eq!(next.1.step, Step::AskRefund);
}

#[test]
fn what_a_notice_told_that_went_back_elsewhere_is_what_a_mark_of_it_comes_to_until_it_is_marked() {
    let told = |refund_no: &str, amount_minor: i64| {
        let back = BackElsewhere { refund_no: refund_no.to_owned(), amount_minor, raw: "d4".to_owned() };
        Command::RefundedElsewhere(report(TradeState::Refunded), Box::new(back))
    };
    assert_eq!(paid().order.elsewhere_unmarked_minor(), 0);
    let story = paid().telling(told("EX1", 300));
    assert_eq!((story.order.elsewhere_unmarked_minor(), story.order.left_minor()), (300, AMOUNT), "nothing is booked");
    let marked = story.clone().telling(mark(Marked::Refunded, 300));
    assert_eq!(marked.order.elsewhere_unmarked_minor(), 0);
    assert_eq!(marked.telling(told("EX2", 900)).order.elsewhere_unmarked_minor(), 900, "only what is new");
    let more = story.telling(told("EX2", AMOUNT));
    assert_eq!(more.order.elsewhere_unmarked_minor(), AMOUNT, "a mark says no more than what is left");
}

#[test]
fn what_went_back_elsewhere_is_marked_once_marks_come_to_what_notices_told_or_say_anything_where_none_did() {
    let told = |refund_no: &str, amount_minor: i64| {
        let back = BackElsewhere { refund_no: refund_no.to_owned(), amount_minor, raw: "d4".to_owned() };
        Command::RefundedElsewhere(report(TradeState::Refunded), Box::new(back))
    };
    let marked = |story: &Story| story.order.elsewhere_is_marked();
    let story = paid().telling(told("EX1", 300));
    let part = story.clone().telling(mark(Marked::Refunded, 299));
    let whole = story.clone().telling(mark(Marked::Refunded, 300));
    assert_eq!([marked(&story), marked(&part), marked(&whole)], [false, false, true]);
    assert!(!marked(&whole.telling(told("EX2", 1))), "there is more");

    let untold = paid().reporting(report(TradeState::Refunded));
    assert!(!marked(&untold) && marked(&untold.telling(mark(Marked::Refunded, 1))));
    let given = answered(paid().wishing(NO, AMOUNT).sending(NO), NO, Read::Means(said(Word::Succeeded)));
    assert!(!marked(&given.telling(told("EX1", 300))), "nothing can be marked, and nothing was");
    let beside = paid().telling(mark(Marked::Refunded, 100)).wishing(NO, AMOUNT - 100).sending(NO);
    let beside = answered(beside, NO, Read::Means(said(Word::Succeeded))).telling(told("EX1", 400));
    assert_eq!(beside.order.left_minor(), 0);
    assert!(!marked(&beside), "nothing is left to be marked, and less was marked than was told");
}

#[test]
fn a_refund_that_succeeds_beside_one_elsewhere_is_a_persons_business_once_both_are_more_than_was_paid() {
    let under_way = answered(paid().wishing(NO, 1_000).sending(NO), NO, Read::Means(said(Word::Processing)));
    for (amount_minor, beyond) in [(AMOUNT - 1_000, false), (AMOUNT - 999, true)] {
        let back = BackElsewhere { refund_no: "EX1".to_owned(), amount_minor, raw: "d4".to_owned() };
        let told = Command::RefundedElsewhere(report(TradeState::Refunded), Box::new(back));
        let story = under_way.clone().telling(told).hearing(NO, said(Word::Succeeded));
        assert_eq!(story.refund(NO), RefundState::Succeeded);
        assert_eq!(story.order.attention.contains(&Attention::RefundDisputed), beyond, "{amount_minor}");
        assert_eq!(story.order.beyond_paid_minor(), i64::from(beyond), "{amount_minor}");
    }
}

#[test]
fn the_doubt_about_one_refund_ends_without_hiding_that_the_others_are_more_than_was_paid() {
    let doubt = |story: &Story| story.order.attention.contains(&Attention::RefundDisputed);
    let told = |refund_no: &str, amount_minor: i64| {
        let back = BackElsewhere { refund_no: refund_no.to_owned(), amount_minor, raw: "d4".to_owned() };
        Command::RefundedElsewhere(report(TradeState::Refunded), Box::new(back))
    };
    for (before, word) in [
        (None, Word::Processing),
        (Some(Word::Processing), Word::Processing),
        (None, Word::Failed),
        (Some(Word::Failed), Word::Failed),
        (Some(Word::Succeeded), Word::Succeeded),
    ] {
        let sent = paid().wishing(NO, 300).sending(NO);
        let heard = before.map_or_else(|| sent.clone(), |before| sent.clone().hearing(NO, said(before)));
        let disputed = heard.hearing(NO, RefundReport { amount_minor: Some(301), ..said(word) });
        assert!(doubt(&disputed) && disputed.order.refund(NO).unwrap().disputed, "{before:?} {word:?}");
        let own = if word == Word::Succeeded { 300 } else { 0 };
        for (second, beyond) in [(AMOUNT - 300 - own, false), (AMOUNT - 299 - own, true)] {
            let story = disputed.clone().telling(told("EX1", 300)).telling(told("EX2", second));
            let settled = story.clone().hearing(NO, said(word));
            assert!(!settled.order.refund(NO).unwrap().disputed);
            assert_eq!(doubt(&settled), beyond, "{before:?} {word:?}");
            assert_eq!(settled.order.beyond_paid_minor(), i64::from(beyond));

            // Whoever has dealt with the excess is not called for it once more.
            let handled = story.telling(Command::Handle(Attention::RefundDisputed, "核对过".to_owned()));
            assert!(!doubt(&handled.hearing(NO, said(word))), "{before:?} {word:?}");
        }
    }
}

#[test]
fn what_a_person_has_dealt_with_is_off_the_list_with_what_they_did() {
    let story = Story::taken_off()
        .reporting(report(TradeState::Closed))
        .reporting(report(TradeState::Paid))
        .telling(Command::Handle(Attention::LatePayment, "顾客已取货".to_owned()));
    assert!(story.order.attention.is_empty() && story.order.late);
    let again = story.clone().telling(Command::Handle(Attention::LatePayment, "又一次".to_owned()));
    assert_eq!(again.events.len(), story.events.len(), "there is nothing to deal with");
    assert_eq!(Story::shown().telling(Command::Close(CloseWhy::Person)).order.attention.len(), 0);
}

#[test]
fn a_contradiction_of_a_refund_that_ended_is_asked_about_until_an_answer_ends_the_doubt() {
    for word in [Word::Succeeded, Word::Failed, Word::Processing] {
        let heard = paid().wishing(NO, 300).sending(NO).hearing(NO, said(word));
        let before = heard.order.refund(NO).unwrap().clone();
        let other = RefundReport { amount_minor: Some(301), ..said(word) };
        let doubted = heard.hearing(NO, other);
        assert!(doubted.order.attention.contains(&Attention::RefundDisputed), "{word:?}");
        let refund = doubted.order.refund(NO).unwrap();
        assert!(refund.is_open());
        let due = refund_due(&doubted.order, refund, doubted.asking.refunds.get(NO), doubted.now);
        assert_eq!(due.map(|due| due.step), Some(Step::AskRefund), "{word:?}");
        let settled = doubted.hearing(NO, said(word));
        let refund = settled.order.refund(NO).unwrap();
        assert_eq!((refund.state, refund.ended, refund.disputed), (before.state, before.ended, false));
        assert!(!settled.order.attention.contains(&Attention::RefundDisputed), "{word:?}");
        assert_eq!(settled.clone().hearing(NO, said(word)).events.len(), settled.events.len(), "once");
    }
}
