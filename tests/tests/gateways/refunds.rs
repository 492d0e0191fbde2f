//! Money given back at every gateway: taken on, done, failed, unknown, and what people mark where the till cannot.

use crate::desk::{open, pay, received};
use secrecy::SecretString;
use till_core::error::{Code, Refusal};
use till_core::gateway::reaction::Reaction;
use till_core::gateway::unheard::NOT_ASKED;
use till_core::limits::RefundLimits;
use till_core::money::Currency;
use till_core::order::mark::{Marked, Verdict};
use till_core::order::refund::{NotRefundable, RefundState};
use till_core::order::{Attention, State};
use till_core::rights::{Actor, Role};
use till_core::words::Language;
use till_engine::request::{Desk, Errand, Request, answer};
use till_engine::view::refunds::{MarkRequest, RefundQuery, RefundRequest, RefundView};
use till_engine::view::{Item, LiveOrder, Trouble};
use till_sandbox::{Fault, Item as Spoken, Operation, Scope, TradeState};
use till_tests::counter::Counter;
use tokio::sync::{mpsc, watch};

fn request(order: &LiveOrder, amount: &str) -> RefundRequest {
    RefundRequest {
        order_no: order.order.order_no.clone(),
        amount: amount.into(),
        reason: "顾客退货".into(),
        items: vec![],
    }
}

async fn refund(counter: &Counter, order: &LiveOrder, amount: &str) -> Result<LiveOrder, Refusal> {
    counter.till.refund(&Actor::Owner, None, &request(order, amount)).await
}

fn newest(order: &LiveOrder) -> &RefundView {
    order.refunds.last().expect("a refund")
}

async fn stands(counter: &Counter, order_no: &str, state: RefundState) -> LiveOrder {
    counter.until(order_no, state.word(), |order| newest(order).state == state).await
}

/// An order of 12.50 that is paid at `gateway`.
async fn paid_at(gateway: &str) -> (Counter, LiveOrder) {
    let counter = open(gateway, &[]).await;
    counter.control.auto_refund(None).await.unwrap();
    let order = match gateway {
        "pooul" => counter.sell().await,
        "blueocean" => counter.sell_on("wechat.qrcode", &[]).await,
        "jubao" => counter.sell_on("101", &[]).await,
        "dingdang" => {
            let lines = [("tea", 2, 1_000), ("cake", 1, 250)];
            let spoken = lines.map(|(id, quantity, amount)| Spoken { item_id: id.into(), quantity, amount });
            let spoken = counter.control.voice_order(None, &spoken).await.unwrap().trade;
            let items = lines.map(|(id, quantity, amount_minor)| Item {
                id: id.into(),
                quantity: u32::try_from(quantity).unwrap(),
                amount_minor,
            });
            let named = till_engine::till::Named::TradeNo(spoken.order_no);
            counter.till.adopt(&Actor::Owner, "main", &named, &items).await.unwrap()
        }
        other => panic!("{other}"),
    };
    let order = pay(&counter, &order.order.order_no).await;
    (counter, order)
}

#[tokio::test]
async fn a_part_and_then_the_rest_go_back_at_every_gateway_that_gives_back() {
    for gateway in ["pooul", "blueocean", "dingdang"] {
        let (counter, order) = paid_at(gateway).await;
        let no = order.order.order_no.as_str();
        let mut part = request(&order, "2.50");
        if gateway == "dingdang" {
            assert_eq!(refund(&counter, &order, "2.50").await.unwrap_err().code, Code::RefundLinesNeeded);
            part.items = vec![Item { id: "cake".into(), quantity: 1, amount_minor: 250 }];
            for amount in ["2.40", ""] {
                let odd = RefundRequest { amount: amount.into(), ..part.clone() };
                let refused = counter.till.refund(&Actor::Owner, None, &odd).await.unwrap_err();
                assert_eq!(refused.code, Code::RefundLinesDoNotAddUp, "{amount:?}");
            }
        }
        let asked = counter.till.refund(&Actor::Owner, None, &part).await.unwrap();
        let refund_no = newest(&asked).refund_no.clone();
        assert!(refund_no.starts_with("TR") && newest(&asked).amount == "2.50", "{asked:?}");
        stands(&counter, no, RefundState::Processing).await;
        counter.control.settle_refund(Some(&refund_no)).await.unwrap();
        let done = stands(&counter, no, RefundState::Succeeded).await;
        assert_eq!((done.order.refunded_minor, done.order.state), (250, State::Paid), "{gateway}");
        assert_eq!((done.refundable.left.as_str(), done.order.attention), ("10.00", None), "{gateway}");
        let rest = refund(&counter, &done, "").await.unwrap();
        assert_eq!(newest(&rest).amount_minor, 1_000);
        stands(&counter, no, RefundState::Processing).await;
        counter.control.settle_refund(None).await.unwrap();
        let done = stands(&counter, no, RefundState::Succeeded).await;
        assert_eq!(done.refundable.not, Some(NotRefundable::NothingLeft));
        // The whole order may be called refunded now: it is our doing.
        let asked = counter.till.ask(&Actor::Owner, no).await.unwrap().live;
        assert_eq!((asked.order.state, asked.order.attention), (State::Paid, None), "{gateway}");
        assert_eq!(received(&counter, Operation::Refund).await.len(), 2, "{gateway}");
        let booked = counter.control.refunds().await.unwrap();
        assert_eq!(booked.iter().map(|refund| refund.amount_minor).sum::<i64>(), 1_250, "{gateway}");
    }
}

#[tokio::test]
async fn more_than_what_is_left_is_refused_and_sends_nothing() {
    let (counter, order) = paid_at("pooul").await;
    let refused = refund(&counter, &order, "12.51").await.unwrap_err();
    assert_eq!((refused.code, refused.facts["left"].as_str()), (Code::RefundOverCeiling, "12.50"));
    assert_eq!(refused.facts["currency"], "CNY");
    refund(&counter, &order, "10.00").await.unwrap();
    let order = stands(&counter, &order.order.order_no, RefundState::Processing).await;
    assert_eq!((order.refundable.reserved_minor, order.refundable.kept_minor), (1_000, 0));
    assert_eq!(order.refundable.markable, "2.50");
    let refused = refund(&counter, &order, "2.51").await.unwrap_err();
    assert_eq!((refused.code, refused.facts["left"].as_str()), (Code::RefundOverCeiling, "2.50"));
    for (amount, code) in [
        ("0", Code::AmountZero),
        ("-1", Code::AmountNegative),
        ("1.234", Code::AmountDecimals),
        ("1,000", Code::AmountGrouped),
        ("x", Code::AmountNotANumber),
    ] {
        assert_eq!(refund(&counter, &order, amount).await.unwrap_err().code, code, "{amount}");
    }
    let silent = RefundRequest { reason: " ".into(), ..request(&order, "1") };
    let refused = counter.till.refund(&Actor::Owner, None, &silent).await.unwrap_err();
    assert_eq!(refused.code, Code::ReasonNeeded);
    let long = RefundRequest { reason: "退".repeat(100), ..request(&order, "1") };
    let refused = counter.till.refund(&Actor::Owner, None, &long).await.unwrap_err();
    assert_eq!((refused.code, refused.facts["limit"].as_str()), (Code::RefundReasonTooLong, "200"));
    assert_eq!(received(&counter, Operation::Refund).await.len(), 1);
}

#[tokio::test]
async fn two_refunds_at_the_same_time_never_exceed_what_was_paid() {
    let (counter, order) = paid_at("pooul").await;
    let (one, two) = tokio::join!(refund(&counter, &order, "8.00"), refund(&counter, &order, "8.00"));
    assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
    stands(&counter, &order.order.order_no, RefundState::Processing).await;
    assert_eq!(received(&counter, Operation::Refund).await.len(), 1);
}

#[tokio::test]
async fn a_refund_whose_answer_was_lost_is_asked_for_and_blocks_a_second_one() {
    let (counter, order) = paid_at("pooul").await;
    let no = order.order.order_no.as_str();
    counter.control.fault(Scope::Refund, Fault::DropAfter).await.unwrap();
    counter.control.fault(Scope::RefundQuery, Fault::Status { status: 500, retry_after_s: None }).await.unwrap();
    refund(&counter, &order, "5.00").await.unwrap();
    let lost = stands(&counter, no, RefundState::Unknown).await;
    assert_eq!(lost.refundable.not, Some(NotRefundable::RefundUnknown));
    let kept = counter.till.remove_account(&Actor::Owner, "main").await.unwrap_err();
    let counted = |fact: &str| kept.facts[fact].as_str();
    assert_eq!((kept.code, counted("count"), counted("refunds")), (Code::AccountHasOpenOrders, "0", "1"));
    let refused = refund(&counter, &order, "1.00").await.unwrap_err();
    assert_eq!((refused.code, &refused.facts["refund_no"]), (Code::RefundUnknownBefore, &newest(&lost).refund_no));
    assert_eq!(newest(&lost).trouble, Some(Trouble::Unreachable), "why its outcome is not known");
    let unreadable = |order: &LiveOrder| matches!(newest(order).trouble, Some(Trouble::Unreadable(_)));
    counter.until(no, "asked", unreadable).await;
    let known = stands(&counter, no, RefundState::Processing).await;
    assert_eq!((newest(&known).can_send_again, &newest(&known).trouble), (Some(false), &None));
    counter.control.settle_refund(None).await.unwrap();
    stands(&counter, no, RefundState::Succeeded).await;
    assert_eq!(received(&counter, Operation::Refund).await.len(), 1, "it was sent once");
}

#[tokio::test]
async fn a_refund_that_never_arrived_is_sent_again_under_its_number_once_the_gateway_does_not_know_it() {
    let (counter, order) = paid_at("pooul").await;
    let no = order.order.order_no.as_str();
    counter.control.fault(Scope::Refund, Fault::DropBefore).await.unwrap();
    let asked = refund(&counter, &order, "5.00").await.unwrap();
    let refund_no = newest(&asked).refund_no.clone();
    let unknown = counter.until(no, "not known there", |order| newest(order).can_send_again == Some(true)).await;
    assert_eq!(newest(&unknown).state, RefundState::Unknown);
    let Some(Trouble::Said(said)) = &newest(&unknown).trouble else { panic!("{unknown:?}") };
    assert_eq!((said.reaction, said.code.as_str()), (Reaction::NoSuchOrder, "301"), "it answered");
    counter.till.refund_again(&Actor::Owner, None, no, &refund_no).await.unwrap();
    stands(&counter, no, RefundState::Processing).await;
    counter.control.settle_refund(None).await.unwrap();
    let done = stands(&counter, no, RefundState::Succeeded).await;
    assert_eq!((done.refunds.len(), &newest(&done).refund_no), (1, &refund_no));
    assert_eq!(newest(&done).trouble, None);
    let booked = counter.control.refunds().await.unwrap();
    assert_eq!(booked.iter().map(|refund| refund.refund_no.as_str()).collect::<Vec<_>>(), [refund_no.as_str()]);
    let refused = counter.till.refund_again(&Actor::Owner, None, no, &refund_no).await.unwrap_err();
    assert_eq!(refused.code, Code::RefundNotAgain);
}

/// A paid order at Pooul with a refund of 5.00 that never arrived and that the gateway does not know, and the refund's number.
async fn unheard_of() -> (Counter, LiveOrder, String) {
    let (counter, order) = paid_at("pooul").await;
    counter.control.fault(Scope::Refund, Fault::DropBefore).await.unwrap();
    refund(&counter, &order, "5.00").await.unwrap();
    let again = |order: &LiveOrder| newest(order).can_send_again == Some(true);
    let order = counter.until(&order.order.order_no, "not known there", again).await;
    let refund_no = newest(&order).refund_no.clone();
    (counter, order, refund_no)
}

#[tokio::test]
async fn a_refund_that_is_not_known_there_is_not_sent_again_while_its_order_is_called_given_back() {
    let (counter, order, refund_no) = unheard_of().await;
    let no = order.order.order_no.as_str();
    // The run that is asked to send it again has not heard that.
    counter.control.set_state(no, TradeState::Refunded).await.unwrap();
    let refused = counter.till.refund_again(&Actor::Owner, None, no, &refund_no).await.unwrap_err();
    assert_eq!(refused.code, Code::RefundNotAgain);
    let held = counter.till.order(no).await.unwrap();
    assert_eq!((newest(&held).state, newest(&held).can_send_again), (RefundState::Unknown, Some(false)));
    assert_eq!((held.order.state, held.order.attention), (State::Paid, None));
    assert!(counter.control.refunds().await.unwrap().is_empty());
    counter.control.set_state(no, TradeState::Paid).await.unwrap();
    counter.till.refund_again(&Actor::Owner, None, no, &refund_no).await.unwrap();
    stands(&counter, no, RefundState::Processing).await;
}

#[tokio::test]
async fn a_refund_is_not_sent_again_before_a_question_about_its_order_is_answered() {
    let (counter, order, refund_no) = unheard_of().await;
    let no = order.order.order_no.as_str();
    let busy = |retry_after_s| Fault::Status { status: 503, retry_after_s };
    let mut questions = counter.till.order(no).await.unwrap().asking.asked;
    // After the last of them the gateway wants a pause, and is not asked.
    for (fault, asks, reason) in [
        (Some(busy(None)), 1, "status"),
        (Some(Fault::Html), 1, "not_json"),
        (Some(busy(Some(200))), 1, "status"),
        (None, 0, NOT_ASKED),
    ] {
        if let Some(fault) = fault {
            counter.control.fault(Scope::Query, fault).await.unwrap();
        }
        let refused = counter.till.refund_again(&Actor::Owner, None, no, &refund_no).await.unwrap_err();
        assert_eq!((refused.code, refused.facts["reason"].as_str()), (Code::RefundNotLookedAt, reason));
        let held = counter.till.order(no).await.unwrap();
        assert_eq!((newest(&held).state, newest(&held).can_send_again), (RefundState::Unknown, Some(true)));
        questions += asks;
        assert_eq!(held.asking.asked, questions, "{reason}");
    }
    assert!(counter.control.refunds().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_refund_is_not_sent_again_for_somebody_who_has_gone_before_its_order_was_looked_at() {
    let (counter, order, refund_no) = unheard_of().await;
    let order_no = order.order.order_no;
    counter.control.fault(Scope::Query, Fault::Delay { ms: 1_000 }).await.unwrap();
    let (_leaving, left) = watch::channel(false);
    let desk = Desk::new(counter.till.clone(), left, None);
    let again = Request::RefundAgain { order_no: order_no.clone(), refund_no, wait: true };
    let errand = Errand::of(again);
    let (replies, said) = mpsc::channel(1);
    let goes = async {
        counter.until(&order_no, "looked at", |order| order.asking.in_flight).await;
        drop(said);
    };
    tokio::join!(answer(&desk, &errand, &replies), goes);
    let held = counter.till.order(&order_no).await.unwrap();
    assert_eq!((newest(&held).state, newest(&held).can_send_again), (RefundState::Unknown, Some(true)));
    assert!(counter.control.refunds().await.unwrap().is_empty());
}

#[tokio::test]
async fn whoever_sends_a_refund_again_is_not_told_to_try_once_more_where_the_gateway_does_not_have_its_order() {
    let (counter, order, refund_no) = unheard_of().await;
    let no = order.order.order_no.as_str();
    let none = Fault::Code { code: 301, msg: "订单不存在".into(), processed: false };
    counter.control.fault(Scope::Query, none).await.unwrap();
    let refused = counter.till.refund_again(&Actor::Owner, None, no, &refund_no).await.unwrap_err();
    assert_eq!((refused.code, refused.facts["reason"].as_str()), (Code::RefundOrderNotThere, "订单不存在"));
    let what = refused.sentence(Language::En).what;
    assert!(what.ends_with("error 301 “订单不存在”. The gateway says it has no such order."), "{what}");
    for (language, office, again) in [
        (Language::ZhCn, "商户后台", "稍后"),
        (Language::ZhHk, "商戶後台", "稍後"),
        (Language::En, "back office", "in a moment"),
    ] {
        let next = refused.sentence(language).next;
        assert!(next.contains(office) && next.contains(&refund_no) && !next.contains(again), "{next}");
    }
    assert!(counter.control.refunds().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_limit_that_refuses_a_refund_says_whether_it_may_have_left_before() {
    let (counter, order, refund_no) = unheard_of().await;
    let other = counter.sell().await;
    let other = pay(&counter, &other.order.order_no).await;
    let mut limits = counter.till.limits();
    let of_cny = RefundLimits { per_refund_minor: 499, ..RefundLimits::default() };
    limits.refunds.insert(Currency::Cny, of_cny);
    counter.till.set_limits(&Actor::Owner, |_| Ok(limits)).await.unwrap();
    let again = counter.till.refund_again(&Actor::Owner, None, &order.order.order_no, &refund_no).await.unwrap_err();
    let first = refund(&counter, &other, "5.00").await.unwrap_err();
    for (refused, may_have_left) in [(again, "true"), (first, "false")] {
        assert_eq!((refused.code, refused.facts["again"].as_str()), (Code::RefundOverLimit, may_have_left));
    }
    let (lin, _, _) = people(&counter).await;
    let mut limits = counter.till.limits();
    let of_cny = RefundLimits { second_above_minor: 499, ..RefundLimits::default() };
    limits.refunds.insert(Currency::Cny, of_cny);
    counter.till.set_limits(&lin, |_| Ok(limits)).await.unwrap();
    let again = counter.till.refund_again(&lin, None, &order.order.order_no, &refund_no).await.unwrap_err();
    let first = counter.till.refund(&lin, None, &request(&other, "5.00")).await.unwrap_err();
    for (refused, may_have_left) in [(again, "true"), (first, "false")] {
        assert_eq!((refused.code, refused.facts["again"].as_str()), (Code::SecondPersonNeeded, may_have_left));
    }
}

#[tokio::test]
async fn a_refund_that_its_gateway_does_not_know_comes_before_a_person_long_before_ten_minutes() {
    let (counter, order, refund_no) = unheard_of().await;
    let no = order.order.order_no.as_str();
    let told = |order: &LiveOrder| order.order.attentions.contains(&Attention::RefundUnknown);
    let order = counter.until(no, "a person's business", told).await;
    assert_eq!((newest(&order).state, newest(&order).can_send_again), (RefundState::Unknown, Some(true)));
    counter.till.refund_again(&Actor::Owner, None, no, &refund_no).await.unwrap();
    stands(&counter, no, RefundState::Processing).await;
    counter.control.settle_refund(None).await.unwrap();
    let done = stands(&counter, no, RefundState::Succeeded).await;
    assert!(!told(&done), "{done:?}");
}

#[tokio::test]
async fn a_refund_that_failed_is_not_sent_again_before_its_order_has_been_asked_about() {
    let (counter, order) = paid_at("pooul").await;
    let no = order.order.order_no.as_str();
    let asked = refund(&counter, &order, "5.00").await.unwrap();
    let refund_no = newest(&asked).refund_no.clone();
    stands(&counter, no, RefundState::Processing).await;
    counter.control.fail_refund(None).await.unwrap();
    stands(&counter, no, RefundState::Failed).await;
    counter.control.fault(Scope::Query, Fault::Status { status: 503, retry_after_s: None }).await.unwrap();
    let refused = counter.till.refund_again(&Actor::Owner, None, no, &refund_no).await.unwrap_err();
    assert_eq!((refused.code, refused.facts["reason"].as_str()), (Code::RefundNotLookedAt, "status"));
    assert_eq!(received(&counter, Operation::Refund).await.len(), 1, "nothing left");
    counter.till.refund_again(&Actor::Owner, None, no, &refund_no).await.unwrap();
    stands(&counter, no, RefundState::Processing).await;
    assert_eq!(received(&counter, Operation::Refund).await.len(), 2);
}

#[tokio::test]
async fn a_reason_with_what_nobody_sees_in_it_is_refused_as_that() {
    let (counter, order) = paid_at("pooul").await;
    for (reason, code, letter) in [
        ("two\nlines", Code::RefundReasonNotOneLine, "U+000A"),
        ("a\ttab", Code::RefundReasonNotOneLine, "U+0009"),
        ("turned \u{202e}round", Code::RefundReasonHidden, "U+202E"),
    ] {
        let request = RefundRequest { reason: reason.into(), ..request(&order, "1") };
        let refused = counter.till.refund(&Actor::Owner, None, &request).await.unwrap_err();
        assert_eq!((refused.code, refused.facts["letter"].as_str()), (code, letter));
        for language in [Language::ZhCn, Language::ZhHk, Language::En] {
            let what = refused.sentence(language).what;
            let too_long = ["too long", "太长", "過長"].iter().any(|word| what.contains(word));
            assert!(what.contains(letter) && !too_long, "{what}");
        }
    }
    assert!(received(&counter, Operation::Refund).await.is_empty());
}

#[tokio::test]
async fn a_failed_refund_needs_a_person_and_goes_out_again_as_its_gateway_permits() {
    for (gateway, under_its_number) in [("pooul", true), ("blueocean", false)] {
        let (counter, order) = paid_at(gateway).await;
        let no = order.order.order_no.as_str();
        refund(&counter, &order, "5.00").await.unwrap();
        stands(&counter, no, RefundState::Processing).await;
        counter.control.fail_refund(None).await.unwrap();
        let failed = stands(&counter, no, RefundState::Failed).await;
        // What goes out again under its own number keeps its amount from new ones.
        let left = if under_its_number { "7.50" } else { "12.50" };
        assert_eq!((failed.order.attention, failed.refundable.left.as_str()), (Some(Attention::RefundFailed), left));
        let refund_no = newest(&failed).refund_no.clone();
        let tried_again = (newest(&failed).can_send_again, newest(&failed).can_be_made_anew);
        assert_eq!(tried_again, (Some(under_its_number), !under_its_number), "{gateway}");
        let too_much: &[&str] = if under_its_number { &["", "7.51"] } else { &[] };
        for amount in too_much {
            let refused = refund(&counter, &failed, amount).await.unwrap_err();
            let facts = ["refund_no", "amount", "left"].map(|fact| refused.facts[fact].as_str());
            assert_eq!((refused.code, facts), (Code::RefundFailedBefore, [refund_no.as_str(), "5.00", "7.50"]));
        }
        let again = counter.till.refund_again(&Actor::Owner, None, no, &refund_no).await;
        if under_its_number {
            again.unwrap();
        } else {
            assert_eq!(again.unwrap_err().code, Code::RefundNotAgain);
            refund(&counter, &failed, "5.00").await.unwrap();
        }
        stands(&counter, no, RefundState::Processing).await;
        counter.control.settle_refund(None).await.unwrap();
        let done = stands(&counter, no, RefundState::Succeeded).await;
        // Whether another number stands for the one that failed, a person knows.
        let attention = if under_its_number { None } else { Some(Attention::RefundFailed) };
        assert_eq!((done.order.refunded_minor, done.order.attention), (500, attention), "{gateway}");
        assert!(done.refunds.iter().all(|refund| !refund.can_be_made_anew), "{gateway}");
        assert_eq!(done.refunds.len(), if under_its_number { 1 } else { 2 });
    }
}

#[tokio::test]
async fn nothing_of_an_order_goes_back_while_an_answer_contradicts_it() {
    let (counter, order) = paid_at("pooul").await;
    let no = order.order.order_no.as_str();
    counter.control.set_state(no, TradeState::Closed).await.unwrap();
    counter.till.ask(&Actor::Owner, no).await.unwrap();
    counter.until(no, "disputed", |order| order.order.state == State::Disputed).await;
    assert_eq!(refund(&counter, &order, "").await.unwrap_err().code, Code::RefundInDispute);
    assert_eq!(refund(&counter, &order, "1").await.unwrap_err().code, Code::RefundInDispute);
    assert_eq!(received(&counter, Operation::Refund).await.len(), 0);
}

#[tokio::test]
async fn an_answer_about_another_amount_is_a_persons_business_and_the_asking_goes_on() {
    let (counter, order) = paid_at("pooul").await;
    let no = order.order.order_no.as_str();
    counter.control.fault(Scope::Refund, Fault::WrongAmount).await.unwrap();
    refund(&counter, &order, "5.00").await.unwrap();
    let disputed =
        counter.until(no, "disputed", |order| order.order.attentions.contains(&Attention::RefundDisputed)).await;
    assert_eq!((newest(&disputed).state, disputed.order.refunded_minor), (RefundState::Unknown, 0));
    counter.control.settle_refund(None).await.unwrap();
    let done = stands(&counter, no, RefundState::Succeeded).await;
    assert_eq!((done.order.refunded_minor, done.order.attentions), (500, vec![]));
}

async fn people(counter: &Counter) -> (Actor, Actor, Actor) {
    let pin = |digits: &str| SecretString::from(digits.to_owned());
    let till = &counter.till;
    till.add_operator(&Actor::Owner, "Lin", Role::Manager, &pin("135790")).await.unwrap();
    let lin = till.identify("Lin", &pin("135790")).await.unwrap();
    till.add_operator(&lin, "Chan", Role::Cashier, &pin("246801")).await.unwrap();
    till.add_operator(&lin, "Wong", Role::Manager, &pin("975310")).await.unwrap();
    let chan = till.identify("Chan", &pin("246801")).await.unwrap();
    (lin, chan, till.identify("Wong", &pin("975310")).await.unwrap())
}

#[tokio::test]
async fn jubao_gives_nothing_back_here_and_two_people_mark_what_they_saw_in_its_back_office() {
    let (counter, order) = paid_at("jubao").await;
    let no = order.order.order_no.as_str();
    assert_eq!(refund(&counter, &order, "1").await.unwrap_err().code, Code::RefundElsewhere);
    assert!(order.refundable.elsewhere.as_ref().is_some_and(|place| place.en.contains("back office")));
    let (amount, note) = (String::new(), "后台退款截图".to_owned());
    let mark = MarkRequest { what: Marked::Refunded, amount, refund_no: None, note };
    let alone = counter.till.mark_by_hand(&Actor::Owner, None, no, &mark).await.unwrap_err();
    assert_eq!(alone.code, Code::SecondPersonNeeded);
    let (lin, chan, _) = people(&counter).await;
    for (actor, second, code) in [
        (&Actor::Owner, Some(&chan), Code::MissingRight),
        (&chan, Some(&lin), Code::MissingRight),
        (&lin, None, Code::SecondPersonNeeded),
        (&lin, Some(&lin), Code::SecondPersonSame),
    ] {
        assert_eq!(counter.till.mark_by_hand(actor, second, no, &mark).await.unwrap_err().code, code);
    }
    let silent = MarkRequest { note: " ".into(), ..mark.clone() };
    assert_eq!(counter.till.mark_by_hand(&lin, Some(&chan), no, &silent).await.unwrap_err().code, Code::NoteNeeded);
    let marked = counter.till.mark_by_hand(&lin, Some(&chan), no, &mark).await.unwrap();
    assert_eq!((marked.order.state, marked.order.refunded_minor), (State::Paid, 0));
    assert_eq!((marked.refundable.by_hand_minor, marked.refundable.left_minor), (1_250, 0));
    assert_eq!(marked.order.by_hand.as_deref(), Some("refunded 12.50: marked by hand, not confirmed (Lin with Chan)"));
    let by_hand = &marked.by_hand[0];
    assert_eq!((by_hand.by.as_str(), by_hand.second.as_str(), by_hand.amount.as_str()), ("Lin", "Chan", "12.50"));
    // The gateway's word, whenever it comes, confirms it.
    counter.control.refund(no).await.unwrap();
    let confirmed = counter.till.ask(&lin, no).await.unwrap().live;
    assert_eq!((confirmed.by_hand[0].verdict, confirmed.order.attention), (Verdict::Confirmed, None));
}

#[tokio::test]
async fn limits_and_rights_stand_before_every_refund() {
    let (counter, order) = paid_at("pooul").await;
    let (lin, chan, wong) = people(&counter).await;
    let limits = |per_refund, per_day, second| {
        let mut limits = counter.till.limits();
        let of_cny = RefundLimits { per_refund_minor: per_refund, per_day_minor: per_day, second_above_minor: second };
        limits.refunds.insert(Currency::Cny, of_cny);
        limits
    };
    counter.till.set_limits(&lin, |_| Ok(limits(500, 700, 300))).await.unwrap();
    let give = |actor: Actor, second: Option<Actor>, amount: &'static str| {
        let (till, request) = (counter.till.clone(), request(&order, amount));
        async move { till.refund(&actor, second.as_ref(), &request).await }
    };
    for (actor, second, amount, code) in [
        (Actor::Owner, None, "1", Code::MissingRight),
        (Actor::Nobody, None, "1", Code::MissingRight),
        (chan.clone(), Some(lin.clone()), "1", Code::MissingRight),
        (lin.clone(), None, "5.01", Code::RefundOverLimit),
        (lin.clone(), None, "3.01", Code::SecondPersonNeeded),
        (lin.clone(), Some(lin.clone()), "3.01", Code::SecondPersonSame),
    ] {
        assert_eq!(give(actor.clone(), second, amount).await.unwrap_err().code, code, "{actor:?} {amount}");
    }
    let given = give(lin.clone(), Some(chan.clone()), "5.00").await.unwrap();
    assert_eq!((newest(&given).by.as_str(), newest(&given).second.as_deref()), ("Lin", Some("Chan")));
    stands(&counter, &order.order.order_no, RefundState::Processing).await;
    let refused = give(lin.clone(), None, "2.01").await.unwrap_err();
    assert_eq!((refused.code, refused.facts["left"].as_str()), (Code::RefundOverDay, "2.00"));
    // Above three of one order somebody else signs, in how many parts or by whom it may go back.
    assert_eq!(give(wong.clone(), None, "2.01").await.unwrap_err().code, Code::SecondPersonNeeded);
    give(wong.clone(), Some(chan.clone()), "2.01").await.unwrap();
    stands(&counter, &order.order.order_no, RefundState::Processing).await;
    for (by, amounts) in [("Wong", vec!["2.01"]), ("Lin", vec!["5.00"]), ("Chan", vec![])] {
        let query = RefundQuery { by: Some(by.into()), ..RefundQuery::default() };
        let page = counter.till.refunds(&lin, &query).await.unwrap();
        let listed: Vec<_> = page.rows.iter().map(|row| row.amount.as_str()).collect();
        assert_eq!((listed, page.next), (amounts, None), "given back by {by}");
    }
    assert_eq!(received(&counter, Operation::Refund).await.len(), 2);
}

#[tokio::test]
async fn while_a_sale_is_paid_more_than_once_one_of_its_payments_calls_for_a_person() {
    let counter = open("pooul", &[]).await;
    counter.control.auto_refund(None).await.unwrap();
    let (lin, chan, _) = people(&counter).await;
    let first = counter.sell().await;
    let mut numbers = vec![first.order.order_no.clone()];
    // No question is answered before the third is paid, however many are asked.
    counter.control.fault_times(Scope::Query, 1_000, Fault::DropBefore).await.unwrap();
    for channel in ["alipay.scan", "qq.scan"] {
        let last = numbers.last().unwrap().as_str();
        counter.control.pay(last).await.unwrap();
        counter.till.close(&chan, last).await.unwrap();
        let further = till_engine::view::SaleRequest {
            account: "main".into(),
            channel: channel.into(),
            amount: "12.50".into(),
            sale: Some(first.order.sale.clone()),
            ..Default::default()
        };
        let further = counter.till.sell(&chan, &further, None, Some(&lin)).await.unwrap();
        let no = further.order.order_no;
        counter.until(&no, "a code", |order| order.order.qr.is_some()).await;
        numbers.push(no);
    }
    counter.control.pay(numbers[2].as_str()).await.unwrap();
    counter.control.clear_faults().await.unwrap();
    for no in &numbers {
        counter.till.ask(&lin, no).await.unwrap();
    }
    // Whether a sale was paid twice is looked for behind each payment.
    counter.till.finish_bookings().await;
    for left in [3, 2] {
        let mut flagged = Vec::new();
        for no in &numbers {
            let order = counter.until(no, "booked", |order| order.order.state == State::Paid).await;
            if order.order.attentions.contains(&Attention::DoublePayment) {
                flagged.push(order);
            }
        }
        assert_eq!(flagged.len(), 1, "of {left} payments");
        let no = flagged[0].order.order_no.clone();
        let request = RefundRequest { reason: "重复付款".into(), ..request(&flagged[0], "") };
        counter.till.refund(&Actor::Owner, None, &request).await.unwrap_err();
        counter.till.refund(&lin, Some(&chan), &request).await.unwrap();
        stands(&counter, &no, RefundState::Processing).await;
        counter.control.settle_refund(None).await.unwrap();
        let done = stands(&counter, &no, RefundState::Succeeded).await;
        assert_eq!(done.order.attentions, []);
        numbers.retain(|kept| *kept != no);
        if left == 3 {
            counter
                .until(&numbers[1], "flagged", |order| order.order.attentions.contains(&Attention::DoublePayment))
                .await;
        }
    }
    let last = counter.till.order(&numbers[0]).await.unwrap();
    assert_eq!(last.order.attentions, [], "one payment is left");
}

#[tokio::test]
async fn a_payment_that_came_late_is_settled_by_a_full_refund_or_by_a_persons_word() {
    let counter = open("pooul", &[]).await;
    counter.control.auto_refund(None).await.unwrap();
    let late = || async {
        let order = counter.sell().await;
        let no = order.order.order_no.clone();
        counter.till.close(&Actor::Owner, &no).await.unwrap();
        counter.until(&no, "closed", |order| order.order.state == State::Closed).await;
        counter.control.set_state(no.as_str(), TradeState::Paid).await.unwrap();
        counter.till.ask(&Actor::Owner, &no).await.unwrap();
        counter.until(&no, "paid late", |order| order.order.late).await
    };
    let order = late().await;
    assert_eq!(order.order.attentions, [Attention::LatePayment]);
    refund(&counter, &order, "").await.unwrap();
    stands(&counter, &order.order.order_no, RefundState::Processing).await;
    counter.control.settle_refund(None).await.unwrap();
    let done = stands(&counter, &order.order.order_no, RefundState::Succeeded).await;
    assert_eq!((done.order.attentions, done.order.late), (vec![], true));

    let order = late().await;
    let no = order.order.order_no.as_str();
    let handle = |attention, note| counter.till.handle_attention(&Actor::Owner, no, attention, note);
    assert_eq!(handle(Attention::LatePayment, "").await.unwrap_err().code, Code::NoteNeeded);
    assert_eq!(handle(Attention::Disputed, "x").await.unwrap_err().code, Code::AttentionNotThere);
    assert_eq!(handle(Attention::LatePayment, "顾客已取货").await.unwrap().order.attentions, []);
}

#[tokio::test]
async fn a_manager_lets_a_further_order_pass_that_an_earlier_one_stands_in_the_way_of() {
    let counter = open("pooul", &[]).await;
    let (lin, chan, _) = people(&counter).await;
    let sold = counter.sell().await;
    counter.control.fault(Scope::Query, Fault::Delay { ms: 30_000 }).await.unwrap();
    counter.till.close(&chan, &sold.order.order_no).await.unwrap();
    let further = till_engine::view::SaleRequest {
        account: "main".into(),
        channel: "alipay.scan".into(),
        amount: "12.50".into(),
        sale: Some(sold.order.sale.clone()),
        ..Default::default()
    };
    let refused = counter.till.sell(&chan, &further, None, None).await.unwrap_err();
    assert_eq!((refused.code, refused.facts["why"].as_str()), (Code::FurtherOrderNotYet, "unconfirmed"));
    assert_eq!(counter.till.sell(&chan, &further, None, Some(&chan)).await.unwrap_err().code, Code::MissingRight);
    let second = counter.till.sell(&chan, &further, None, Some(&lin)).await.unwrap();
    assert_eq!(second.order.sale, sold.order.sale);
    let story = counter.till.timeline(&lin, &sold.order.order_no).await.unwrap();
    let overruled = story.entries.iter().find(|entry| entry.kind == "further_overruled").expect("it is in the journal");
    assert_eq!(overruled.actor, "operator:Lin");
}
