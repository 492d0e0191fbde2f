//! Payment codes at Pooul: what the customer's phone shows and the scanner reads (ruling 14).

use crate::desk::{created_once, open, pay, received, scan, within};
use std::time::Duration;
use till_core::error::Code;
use till_core::order::{Attention, EndReason, State};
use till_core::rights::Actor;
use till_engine::view::{LiveOrder, SaleRequest, Trouble};
use till_sandbox::{Fault, Manner, Operation, Purse, Scope, TradeState};
use till_tests::counter::Counter;

/// The 30 s of a payment code, and room for what follows.
const PAST_EXPIRY: Duration = Duration::from_secs(55);

const CHANNELS: [(&str, Purse); 3] =
    [("wechat.micro", Purse::Wechat), ("alipay.micro", Purse::Alipay), ("qq.micro", Purse::Qq)];

async fn code(counter: &Counter, manner: Manner, purse: Purse) -> String {
    counter.control.mint_code(manner, purse).await.unwrap().code
}

/// A customer who must confirm first, up to the moment when the gateway says so to a question.
async fn confirming(counter: &Counter) -> LiveOrder {
    let code = code(counter, Manner::Confirm, Purse::Wechat).await;
    let order = scan(counter, "wechat.micro", &code).await;
    counter.until(&order.order.order_no, "paying", |order| order.order.state == State::Paying).await
}

#[tokio::test]
async fn a_code_that_pays_at_once_is_paid_by_the_answer_to_the_create_alone() {
    let counter = open("pooul", &[]).await;
    for (channel, purse) in CHANNELS {
        let code = code(&counter, Manner::AtOnce, purse).await;
        let order = scan(&counter, channel, &code).await;
        assert_eq!((order.order.state, order.order.paid_minor), (State::Paid, Some(1250)), "{channel}");
        assert_eq!((order.order.qr, order.order.attention), (None, None), "{channel}");
        assert!(order.order.gateway_no.is_some() && order.order.gateway_time.is_some(), "{channel}");
        created_once(&counter, &order.order.order_no).await;
    }
    assert_eq!(received(&counter, Operation::Query).await, vec![]);
    assert_eq!(counter.till.today().paid.get("CNY").map(String::as_str), Some("37.50"));
}

#[tokio::test]
async fn a_customer_who_confirms_later_is_waited_for_and_paid() {
    let counter = open("pooul", &[]).await;
    for (channel, purse) in CHANNELS {
        let code = code(&counter, Manner::Confirm, purse).await;
        let order = scan(&counter, channel, &code).await;
        let order_no = &order.order.order_no;
        assert_eq!(order.order.state, State::CreateUnknown, "{channel}: to be asked for, and nothing more");
        assert_eq!(order.said.map(|said| said.code).as_deref(), Some("USERPAYING"), "{channel}");
        assert!(!order.further.allowed, "{channel}: the code may still be charged");
        counter.until(order_no, "paying", |order| order.order.state == State::Paying).await;
        pay(&counter, order_no).await;
        created_once(&counter, order_no).await;
    }
}

#[tokio::test]
async fn a_customer_who_declines_fails_the_order() {
    let counter = open("pooul", &[]).await;
    let order = confirming(&counter).await;
    counter.control.decline(order.order.order_no.as_str()).await.unwrap();
    let order = counter.until(&order.order.order_no, "failed", |order| order.ended).await;
    assert_eq!((order.order.state, order.end_reason), (State::Failed, Some(EndReason::Gateway)));
    assert!(order.further.allowed);
}

#[tokio::test]
async fn a_code_that_is_refused_used_up_or_none_at_all_fails_the_order_at_once() {
    let counter = open("pooul", &[]).await;
    let used = code(&counter, Manner::AtOnce, Purse::Wechat).await;
    let first = scan(&counter, "wechat.micro", &used).await;
    assert_eq!(first.order.state, State::Paid);
    let refused = code(&counter, Manner::Refused, Purse::Wechat).await;
    let of_another_wallet = code(&counter, Manner::AtOnce, Purse::Alipay).await;
    for (name, code) in [
        ("refused", refused.as_str()),
        ("used before", used.as_str()),
        ("another wallet's", of_another_wallet.as_str()),
        ("nobody's", "130000000000000000"),
    ] {
        let order = scan(&counter, "wechat.micro", code).await;
        assert_eq!((order.order.state, order.end_reason), (State::Failed, Some(EndReason::Gateway)), "{name}");
        assert_eq!((order.order.paid_minor, order.order.attention), (None, None), "{name}");
        assert!(order.further.allowed, "{name}: a fresh code may be tried at once");
        created_once(&counter, &order.order.order_no).await;
    }
    assert_eq!(received(&counter, Operation::Query).await, vec![], "a definite refusal needs no question");
    let first = counter.till.ask(&Actor::Owner, &first.order.order_no).await.unwrap().live;
    assert_eq!(first.order.state, State::Paid, "the order that used the code first keeps its payment");
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_and_the_code_is_never_presented_again() {
    let counter = open("pooul", &[]).await;
    for fault in [
        Fault::DropAfter,
        Fault::Html,
        Fault::Truncated,
        Fault::WrongSignature,
        Fault::Code { code: 601, msg: "upstream timeout".into(), processed: true },
    ] {
        let code = code(&counter, Manner::AtOnce, Purse::Wechat).await;
        counter.control.fault(Scope::Create, fault.clone()).await.unwrap();
        let order = scan(&counter, "wechat.micro", &code).await;
        let order_no = &order.order.order_no;
        assert_ne!(order.order.state, State::Failed, "{fault:?}");
        let order = counter.until(order_no, "paid", |order| order.order.state == State::Paid).await;
        assert_eq!(order.order.paid_minor, Some(1250), "{fault:?}");
        created_once(&counter, order_no).await;
    }
}

#[tokio::test]
async fn a_create_that_never_arrived_is_asked_for_and_stays_unknown() {
    let counter = open("pooul", &[]).await;
    let code = code(&counter, Manner::AtOnce, Purse::Wechat).await;
    counter.control.fault(Scope::Create, Fault::DropBefore).await.unwrap();
    let order = scan(&counter, "wechat.micro", &code).await;
    let asked = |order: &LiveOrder| order.asking.unanswered >= 4;
    let order = counter.until(&order.order.order_no, "asked four times", asked).await;
    assert_eq!(order.order.state, State::CreateUnknown);
    assert!(matches!(&order.asking.trouble, Some(Trouble::Said(said)) if said.code == "301"), "{order:?}");
    assert!(!order.further.allowed, "a code that was sent may be charged as long as nobody knows");
    created_once(&counter, &order.order.order_no).await;
    assert_eq!(counter.control.codes().await.unwrap()[0].used_by, None);
}

#[tokio::test]
async fn without_a_plan_of_its_own_the_account_asks_every_five_seconds() {
    let counter = open("pooul", &[("plan.poll_ms", "")]).await;
    let order = confirming(&counter).await;
    let thrice = |order: &LiveOrder| order.asking.asked >= 3;
    let order = within(PAST_EXPIRY, &counter, &order.order.order_no, "asked three times", thrice).await;
    let at: Vec<i64> = received(&counter, Operation::Query).await.iter().map(|request| request.at_ms).collect();
    let mut gaps: Vec<i64> = at.windows(2).map(|pair| pair[1] - pair[0]).collect();
    gaps.sort_unstable();
    // One that arrives late makes the gap before it longer and the next one shorter.
    let median = i64::midpoint(gaps[(gaps.len() - 1) / 2], gaps[gaps.len() / 2]);
    assert!((4_400..=9_000).contains(&median), "5 s, and later where the machine is busy: {at:?}");
    assert_eq!(order.lasts_ms, 30_000, "six times 5 s");
    pay(&counter, &order.order.order_no).await;
}

/// An order whose code nobody confirmed, once it has ended. Where it cannot be reversed it is closed once the wallet `gives_up`,
/// which is sooner here than a wallet does.
async fn left_alone(counter: &Counter, gives_up: bool) -> LiveOrder {
    let order = confirming(counter).await;
    let order_no = &order.order.order_no;
    if gives_up {
        let expiring = |order: &LiveOrder| order.order.state == State::Expiring;
        within(PAST_EXPIRY, counter, order_no, "expiring", expiring).await;
        counter.control.unpay(order_no.as_str()).await.unwrap();
    }
    let order = within(PAST_EXPIRY, counter, order_no, "ended", |order| order.ended).await;
    assert!(order.drafted_ago_ms >= 30_000 && order.further.allowed, "{order:?}");
    assert_eq!(order.end_reason, Some(EndReason::Gateway));
    order
}

/// One test, so that the 30 seconds are waited for once.
#[tokio::test]
async fn a_code_that_nobody_confirms_is_closed_after_30_seconds_or_reversed_where_the_account_says_so() {
    let (closing, reversing) = (open("pooul", &[]).await, open("pooul", &[("micro_reverse", "yes")]).await);
    let (closed, reversed) = tokio::join!(left_alone(&closing, true), left_alone(&reversing, false));
    assert_eq!((closed.order.state, reversed.order.state), (State::Closed, State::Reversed));
    assert_eq!(received(&closing, Operation::Reverse).await, vec![], "reversing is a guess that nobody switched on");
    assert_eq!(received(&reversing, Operation::Close).await, vec![]);
    let trade = reversing.control.trade(&reversed.order.order_no).await.unwrap().trade;
    assert_eq!(trade.state, TradeState::Reversed);
    closing.control.pay(closed.order.order_no.as_str()).await.unwrap();
    let late = closing.till.ask(&Actor::Owner, &closed.order.order_no).await.unwrap().live;
    assert_eq!((late.order.state, late.order.late), (State::Paid, true));
    assert_eq!(late.order.attention, Some(Attention::LatePayment));
}

#[tokio::test]
async fn escape_reverses_a_presented_code_and_closes_it_where_reversing_is_off() {
    for (micro_reverse, ended) in [("yes", State::Reversed), ("no", State::Closed)] {
        let counter = open("pooul", &[("micro_reverse", micro_reverse)]).await;
        let order = confirming(&counter).await;
        let order_no = &order.order.order_no;
        assert_eq!(order.can_reverse, micro_reverse == "yes");
        // The wallet gives up, so that the gateway may close as well.
        counter.control.unpay(order_no.as_str()).await.unwrap();
        counter.till.close(&Actor::Owner, order_no).await.unwrap();
        let order = counter.until(order_no, "ended", |order| order.ended).await;
        assert_eq!(order.order.state, ended);
    }
}

#[tokio::test]
async fn a_refused_reverse_leaves_the_order_open_with_attention_until_it_ends() {
    let counter = open("pooul", &[("micro_reverse", "yes")]).await;
    for paid in [true, false] {
        counter.control.reverse_floor(3_600).await.unwrap();
        let order = confirming(&counter).await;
        let order_no = &order.order.order_no;
        counter.till.close(&Actor::Owner, order_no).await.unwrap();
        let flagged = |order: &LiveOrder| order.order.attention == Some(Attention::EndRefused);
        let order = counter.until(order_no, "flagged", flagged).await;
        assert!(!order.ended && !order.further.allowed, "{order:?}");
        assert_eq!(order.closing.map(|closing| closing.refused), Some(1));
        let asked = order.asking.asked;
        counter.until(order_no, "asked on", |order| order.asking.asked > asked).await;
        let order = if paid {
            pay(&counter, order_no).await
        } else {
            counter.control.reverse_floor(0).await.unwrap();
            within(PAST_EXPIRY, &counter, order_no, "reversed", |order| order.order.state == State::Reversed).await
        };
        assert_eq!(order.order.attention, None);
    }
}

#[tokio::test]
async fn ruling_14_a_refused_close_leaves_a_presented_code_open_with_attention() {
    let counter = open("pooul", &[]).await;
    let order = confirming(&counter).await;
    let order_no = &order.order.order_no;
    counter.till.close(&Actor::Owner, order_no).await.unwrap();
    // The customer stands before the confirmation: Pooul does not close that.
    let flagged = |order: &LiveOrder| order.order.attention == Some(Attention::EndRefused);
    let order = counter.until(order_no, "flagged", flagged).await;
    assert!(!order.ended);
    let order = pay(&counter, &order.order.order_no).await;
    assert_eq!((order.order.attention, order.order.late), (None, false));
}

#[tokio::test]
async fn what_only_looks_like_a_payment_pays_no_presented_code() {
    let counter = open("pooul", &[]).await;
    for (fault, state) in [
        (Fault::WrongAmount, State::Disputed),
        (Fault::WrongNumber, State::Disputed),
        (Fault::WrongCurrency, State::Disputed),
        (Fault::MissingSignature, State::CreateUnknown),
        (Fault::DuplicatedKeys, State::CreateUnknown),
        (Fault::UnsignedPaid, State::CreateUnknown),
    ] {
        let code = code(&counter, Manner::AtOnce, Purse::Wechat).await;
        counter.control.fault(Scope::Create, fault.clone()).await.unwrap();
        counter.control.fault_times(Scope::Query, 10_000, fault.clone()).await.unwrap();
        let order = scan(&counter, "wechat.micro", &code).await;
        let order_no = &order.order.order_no;
        let order =
            counter.until(order_no, "judged", |order| order.order.state == state && order.asking.asked >= 3).await;
        assert_eq!(order.order.paid_minor, None, "{fault:?}");
        counter.control.clear_faults().await.unwrap();
    }
}

#[tokio::test]
async fn a_payment_code_goes_where_one_is_taken_and_nowhere_else() {
    let counter = open("pooul", &[]).await;
    let sell = async |channel: &str, code: Option<&str>| {
        let request = SaleRequest {
            account: "main".into(),
            channel: channel.into(),
            amount: "12.50".into(),
            ..SaleRequest::default()
        };
        counter.till.sell(&Actor::Owner, &request, code.map(secrecy::SecretString::from), None).await.unwrap_err().code
    };
    assert_eq!(sell("wechat.scan", Some("130000000000000000")).await, Code::PaymentCodeNotTaken);
    assert_eq!(sell("wechat.micro", None).await, Code::PaymentCodeBad);
    assert_eq!(sell("wechat.micro", Some("付款码")).await, Code::PaymentCodeBad);
    assert_eq!(sell("wechat.micro", Some("")).await, Code::PaymentCodeBad);
    assert!(counter.control.creates().await.unwrap().is_empty());
}

/// Where no signature bears a time, the orders carry the gateway's: the difference is worth a remark.
#[tokio::test]
async fn a_clock_that_is_off_is_a_remark_where_signatures_bear_no_time() {
    let counter = open("pooul", &[]).await;
    for (seconds, remarks) in [(0, false), (7_200, true), (-7_200, true)] {
        counter.control.skew(seconds).await.unwrap();
        let check = counter.till.check_account(&Actor::Owner, "main").await.unwrap();
        let remark = check.fault.as_ref().map(|fault| fault.code);
        assert_eq!((check.well, remark), (true, remarks.then_some(Code::ClockWrong)), "{seconds}: {check:?}");
    }
}

/// A gateway shows its clock in every answer: the times that an order is sent with are by that clock.
#[tokio::test]
async fn ruling_13_the_times_of_an_order_are_corrected_by_the_measured_skew() {
    let counter = open("pooul", &[]).await;
    for ahead in [600, -600, 0] {
        counter.control.skew(ahead).await.unwrap();
        counter.till.check_account(&Actor::Owner, "main").await.unwrap();
        let request = SaleRequest {
            account: "main".into(),
            channel: "wechat.scan".into(),
            amount: "12.50".into(),
            expire_s: Some(300),
            ..SaleRequest::default()
        };
        let now = || jiff::Timestamp::now().as_second() + ahead;
        let before = now();
        let order = counter.till.sell(&Actor::Owner, &request, None, None).await.unwrap();
        counter.till.created(&order.order.order_no).await;
        let sent = received(&counter, Operation::Create).await.pop().unwrap().fields;
        let seconds = |name: &str| sent[name].as_i64().unwrap();
        // A header has whole seconds, less than two apart count as none, and an answer may be late.
        assert!((before - 5..=now() + 5).contains(&seconds("time_start")), "{ahead}: {sent:?}");
        assert_eq!(seconds("time_expire") - seconds("time_start"), 300, "{ahead}: {sent:?}");
        assert_eq!(seconds("time_start").to_string().len(), 10);
        pay(&counter, &order.order.order_no).await;
    }
}
