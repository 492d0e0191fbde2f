//! Dingdang: orders that customers made at their speaker are taken in, followed, and never made here.

use crate::desk::{open, pay, received};
use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};
use till_core::account::AccountChange;
use till_core::error::Code;
use till_core::gateway::Unreadable;
use till_core::order::refund::RefundState;
use till_core::order::{Attention, DisputeReason, EndReason, State};
use till_core::rights::Actor;
use till_core::words::Language;
use till_engine::till::Named;
use till_engine::view::refunds::RefundRequest;
use till_engine::view::{Item, LiveOrder, OrderQuery, SaleRequest, Trouble};
use till_sandbox::{Fault, Item as Spoken, Operation, Scope, Trade};
use till_tests::counter::Counter;

const LINES: [(&str, u32, i64); 2] = [("tea", 2, 1000), ("cake", 1, 250)];

/// A customer orders for 12.50 at the speaker.
async fn order_by_voice(counter: &Counter) -> Trade {
    let lines = LINES.map(|(id, quantity, amount)| Spoken { item_id: id.into(), quantity: quantity.into(), amount });
    counter.control.voice_order(None, &lines).await.unwrap().trade
}

fn lines() -> Vec<Item> {
    LINES.map(|(id, quantity, amount_minor)| Item { id: id.into(), quantity, amount_minor }).into()
}

async fn adopt(counter: &Counter, named: Named, items: &[Item]) -> LiveOrder {
    counter.till.adopt(&Actor::Owner, "main", &named, items).await.unwrap()
}

async fn refused(counter: &Counter, named: Named, items: &[Item]) -> till_core::error::Refusal {
    counter.till.adopt(&Actor::Owner, "main", &named, items).await.unwrap_err()
}

async fn no_order_is_known(counter: &Counter) {
    assert_eq!(counter.till.snapshot().open, vec![]);
}

#[tokio::test]
async fn an_order_is_taken_in_by_either_number_with_its_lines_and_followed_until_it_is_paid() {
    let counter = open("dingdang", &[]).await;
    for by_trade_no in [true, false] {
        let spoken = order_by_voice(&counter).await;
        let named = if by_trade_no {
            Named::TradeNo(spoken.order_no.clone())
        } else {
            Named::TransactionId(spoken.gateway_no.clone())
        };
        let order = adopt(&counter, named.clone(), &lines()).await;
        assert_eq!((&order.order.order_no, order.order.state), (&spoken.order_no, State::AwaitingPayment));
        assert_eq!(order.order.gateway_no.as_ref(), Some(&spoken.gateway_no));
        assert_eq!((order.order.amount.as_str(), order.order.currency.as_str()), ("12.50", "CNY"));
        assert_eq!((order.order.items.clone(), order.order.qr.clone()), (lines(), None));
        pay(&counter, &spoken.order_no).await;
        let again = adopt(&counter, named, &[]).await;
        assert_eq!((again.order.order_no, again.order.state), (spoken.order_no, State::Paid));
        assert_eq!(again.order.items, lines());
    }
    assert_eq!(counter.payments_today(), 2);
}

#[tokio::test]
async fn an_order_that_is_paid_already_is_taken_in_as_paid_and_one_that_failed_as_failed() {
    let counter = open("dingdang", &[]).await;
    let spoken = order_by_voice(&counter).await;
    counter.control.pay(spoken.order_no.as_str()).await.unwrap();
    let order = adopt(&counter, Named::TradeNo(spoken.order_no), &[]).await;
    assert_eq!((order.order.state, order.order.paid_minor, order.order.late), (State::Paid, Some(1250), false));
    assert_eq!(counter.till.today().paid.get("CNY").map(String::as_str), Some("12.50"));

    let spoken = order_by_voice(&counter).await;
    counter.control.decline(spoken.order_no.as_str()).await.unwrap();
    let order = adopt(&counter, Named::TransactionId(spoken.gateway_no), &lines()).await;
    assert_eq!((order.order.state, order.end_reason), (State::Failed, Some(EndReason::Gateway)));
    assert_eq!(order.order.paid_minor, None);
}

#[tokio::test]
async fn an_order_that_fails_while_it_is_followed_ends_failed() {
    let counter = open("dingdang", &[]).await;
    let spoken = order_by_voice(&counter).await;
    adopt(&counter, Named::TradeNo(spoken.order_no.clone()), &[]).await;
    counter.control.dawdle(spoken.order_no.as_str()).await.unwrap();
    counter.until(&spoken.order_no, "paying", |order| order.order.state == State::Paying).await;
    counter.control.decline(spoken.order_no.as_str()).await.unwrap();
    let order = counter.until(&spoken.order_no, "failed", |order| order.ended).await;
    assert_eq!(order.order.state, State::Failed);
}

#[tokio::test]
async fn one_order_adopted_twice_at_once_is_one_order() {
    let counter = open("dingdang", &[]).await;
    let spoken = order_by_voice(&counter).await;
    counter.control.pay(spoken.order_no.as_str()).await.unwrap();
    let by = |named| counter.till.adopt(&Actor::Owner, "main", named, &[]);
    let (trade_no, gateway_no) =
        (Named::TradeNo(spoken.order_no.clone()), Named::TransactionId(spoken.gateway_no.clone()));
    let (one, other) = tokio::join!(by(&trade_no), by(&gateway_no));
    for adopted in [one, other] {
        assert_eq!(adopted.unwrap().order.order_no, spoken.order_no);
    }
    assert_eq!(counter.payments_today(), 1, "one payment");
}

#[tokio::test]
async fn lines_that_do_not_add_up_and_numbers_that_nobody_knows_take_nothing_in() {
    let counter = open("dingdang", &[]).await;
    let spoken = order_by_voice(&counter).await;
    let named = Named::TradeNo(spoken.order_no.clone());
    let mut wrong = lines();
    wrong[1].amount_minor += 1;
    assert_eq!(refused(&counter, named.clone(), &wrong).await.code, Code::LinesDoNotAddUp);
    let nobody = refused(&counter, Named::TradeNo("V404".into()), &[]).await;
    assert_eq!((nobody.code, nobody.facts["reason"].as_str()), (Code::NotConfirmed, "no such order"));
    let unknown = counter.till.adopt(&Actor::Owner, "nobody", &named, &[]).await.unwrap_err();
    assert_eq!(unknown.code, Code::UnknownAccount);
    no_order_is_known(&counter).await;
    let order = adopt(&counter, named.clone(), &lines()).await;
    assert_eq!(order.order.items, lines());
    let again = adopt(&counter, named, &lines()).await;
    assert_eq!(again.order.items, lines(), "the same lines again are no others");
}

#[tokio::test]
async fn lines_that_come_after_their_order_are_refused_and_not_dropped() {
    let counter = open("dingdang", &[]).await;
    let spoken = order_by_voice(&counter).await;
    let named = Named::TradeNo(spoken.order_no);
    assert_eq!(adopt(&counter, named.clone(), &[]).await.order.items, []);
    let refusal = refused(&counter, named.clone(), &lines()).await;
    assert_eq!(refusal.code, Code::LinesDoNotAddUp);
    let sentence = refusal.sentence(Language::En);
    assert!(sentence.what.contains("cannot be changed"), "{sentence:?}");
    assert_eq!(sentence.money, "Nothing was changed; no money moved.", "it was asked about");
    assert_eq!(adopt(&counter, named, &[]).await.order.items, []);
}

/// No answer to a query tells an order's lines (004:124-139): the gateway judges those that a person names.
#[tokio::test]
async fn ruling_21_an_order_taken_in_without_lines_goes_back_by_lines_that_a_person_names() {
    let counter = open("dingdang", &[]).await;
    counter.control.auto_refund(None).await.unwrap();
    let spoken = order_by_voice(&counter).await;
    let order_no = spoken.order_no.as_str();
    adopt(&counter, Named::TradeNo(order_no.to_owned()), &[]).await;
    assert_eq!(pay(&counter, order_no).await.order.items, []);
    let by_lines = RefundRequest {
        order_no: order_no.to_owned(),
        amount: "12.50".into(),
        reason: "顾客退货".into(),
        items: lines(),
    };
    let without = RefundRequest { items: vec![], ..by_lines.clone() };
    let refusal = counter.till.refund(&Actor::Owner, None, &without).await.unwrap_err();
    assert_eq!(refusal.code, Code::RefundLinesUnknown);
    assert!(refusal.sentence(Language::En).next.contains("--item ID:QTY:AMOUNT"));
    counter.till.refund(&Actor::Owner, None, &by_lines).await.unwrap();
    let taken_on = |order: &LiveOrder| order.refunds.iter().any(|refund| refund.state == RefundState::Processing);
    counter.until(order_no, "taken on", taken_on).await;
    counter.control.settle_refund(None).await.unwrap();
    let back = counter.until(order_no, "given back", |order| order.order.refunded_minor == 1_250).await;
    assert_eq!(back.refunds.last().map(|refund| refund.items.clone()), Some(lines()));
}

#[tokio::test]
async fn an_answer_that_is_not_about_this_order_or_not_to_be_believed_takes_nothing_in() {
    let counter = open("dingdang", &[]).await;
    let spoken = order_by_voice(&counter).await;
    let named = Named::TradeNo(spoken.order_no.clone());
    for fault in [
        Fault::WrongNumber,
        Fault::WrongMerchant,
        Fault::WrongSignature,
        Fault::NoTradeState,
        Fault::DuplicatedKeys,
        Fault::DropAfter,
        Fault::Html,
        Fault::Status { status: 500, retry_after_s: None },
    ] {
        counter.control.fault(Scope::Query, fault.clone()).await.unwrap();
        assert_eq!(refused(&counter, named.clone(), &[]).await.code, Code::NotVerified, "{fault:?}");
        no_order_is_known(&counter).await;
    }
    adopt(&counter, named, &[]).await;
}

#[tokio::test]
async fn a_transaction_that_the_journal_knows_is_not_taken_in_under_another_number() {
    let counter = open("dingdang", &[]).await;
    let spoken = order_by_voice(&counter).await;
    counter.control.pay(spoken.order_no.as_str()).await.unwrap();
    let named = Named::TransactionId(spoken.gateway_no.clone());
    assert_eq!(adopt(&counter, named.clone(), &[]).await.order.state, State::Paid);
    counter.control.fault(Scope::Query, Fault::WrongNumber).await.unwrap();
    let refusal = refused(&counter, named.clone(), &[]).await;
    assert_eq!(refusal.code, Code::NumberOfAnother);
    let sentence = refusal.sentence(Language::En);
    assert_eq!(sentence.what, format!("{} is the number of another order.", spoken.gateway_no));
    assert_eq!(sentence.money, "The journal stays as it is, and so does the money.", "no order is spoken of");
    let known = counter.till.orders(&Actor::Owner, &OrderQuery::default()).await.unwrap().rows;
    assert_eq!(known.iter().map(|row| row.order_no.as_str()).collect::<Vec<_>>(), [spoken.order_no.as_str()]);
    assert_eq!(adopt(&counter, named, &[]).await.order.order_no, spoken.order_no);
}

/// What is known of an order is contradicted by whatever answer is authentic, whoever asked for it.
#[tokio::test]
async fn an_order_that_is_taken_in_once_more_with_another_amount_is_disputed_and_shown() {
    let counter = open("dingdang", &[]).await;
    for by_trade_no in [true, false] {
        let spoken = order_by_voice(&counter).await;
        // Nobody asks about what is paid, so the answer to the look is the first to contradict.
        counter.control.pay(spoken.order_no.as_str()).await.unwrap();
        let order = adopt(&counter, Named::TradeNo(spoken.order_no.clone()), &lines()).await;
        assert_eq!(order.order.state, State::Paid);
        counter.control.fault_times(Scope::Query, 10_000, Fault::WrongAmount).await.unwrap();
        let named = if by_trade_no {
            Named::TradeNo(spoken.order_no.clone())
        } else {
            Named::TransactionId(spoken.gateway_no.clone())
        };
        let order = adopt(&counter, named, &[]).await;
        assert_eq!((&order.order.order_no, order.order.state), (&spoken.order_no, State::Disputed));
        assert_eq!(order.order.reason.as_deref(), Some(DisputeReason::Amount.word()));
        assert_eq!((order.order.amount.as_str(), order.order.attention), ("12.50", Some(Attention::Disputed)));
        counter.control.clear_faults().await.unwrap();
        let order = counter.until(&spoken.order_no, "paid", |order| order.order.state == State::Paid).await;
        assert_eq!(order.order.paid_minor, Some(1_250));
    }
}

#[tokio::test]
async fn an_answer_that_contradicts_the_order_is_disputed() {
    let counter = open("dingdang", &[]).await;
    for (fault, reason) in [
        (Fault::WrongAmount, DisputeReason::Amount),
        (Fault::WrongNumber, DisputeReason::Number),
        (Fault::WrongMerchant, DisputeReason::Merchant),
    ] {
        let spoken = order_by_voice(&counter).await;
        adopt(&counter, Named::TradeNo(spoken.order_no.clone()), &[]).await;
        counter.control.fault_times(Scope::Query, 10_000, fault).await.unwrap();
        counter.control.pay(spoken.order_no.as_str()).await.unwrap();
        let disputed = |order: &LiveOrder| order.order.state == State::Disputed;
        let order = counter.until(&spoken.order_no, reason.word(), disputed).await;
        assert_eq!(order.order.reason.as_deref(), Some(reason.word()));
        assert_eq!((order.order.attention, order.order.paid_minor), (Some(Attention::Disputed), None));
        counter.control.clear_faults().await.unwrap();
        pay(&counter, &spoken.order_no).await;
    }
}

#[tokio::test]
async fn unsigned_replies_are_believed_unless_the_account_refuses_them() {
    for (unsigned_replies, believed) in [("accept", true), ("refuse", false)] {
        let counter = open("dingdang", &[("unsigned_replies", unsigned_replies)]).await;
        let spoken = order_by_voice(&counter).await;
        counter.control.pay(spoken.order_no.as_str()).await.unwrap();
        counter.control.fault(Scope::Query, Fault::MissingSignature).await.unwrap();
        let named = Named::TradeNo(spoken.order_no);
        let adopted = counter.till.adopt(&Actor::Owner, "main", &named, &[]).await;
        match adopted {
            Ok(order) => assert!(believed && order.order.state == State::Paid, "{order:?}"),
            Err(refusal) => assert!(!believed && refusal.code == Code::NotVerified, "{refusal:?}"),
        }
        let order = adopt(&counter, named, &[]).await;
        assert_eq!(order.order.state, State::Paid, "a signed reply is believed by everybody");
    }
}

#[tokio::test]
async fn ruling_22_a_sale_is_refused_and_nothing_is_closed_or_reversed_here() {
    let counter = open("dingdang", &[]).await;
    let request = SaleRequest {
        account: "main".into(),
        channel: "voice".into(),
        amount: "12.50".into(),
        ..SaleRequest::default()
    };
    let refusal = counter.till.sell(&Actor::Owner, &request, None, None).await.unwrap_err();
    assert_eq!(refusal.code, Code::GatewayCannot);
    assert!(refusal.sentence(Language::En).next.contains("take the order in by its number"), "{refusal:?}");
    no_order_is_known(&counter).await;
    let spoken = order_by_voice(&counter).await;
    adopt(&counter, Named::TradeNo(spoken.order_no.clone()), &[]).await;
    let reversed = counter.till.reverse(&Actor::Owner, &spoken.order_no).await.unwrap_err();
    assert_eq!(reversed.code, Code::GatewayCannot);
    for operation in [Operation::Create, Operation::Close, Operation::Reverse] {
        assert_eq!(received(&counter, operation).await, vec![]);
    }
}

/// A clock that is wrong by more than three minutes is refused by either side. The answer tells by how much.
#[tokio::test]
async fn a_wrong_clock_is_named_in_seconds_and_the_question_that_it_spoiled_is_put_once_more() {
    for key in [None, Some("")] {
        let fields: Vec<(&str, &str)> = key.map(|key| ("tsk_public_key", key)).into_iter().collect();
        let counter = open("dingdang", &fields).await;
        let spoken = order_by_voice(&counter).await;
        counter.control.skew(600).await.unwrap();
        let named = Named::TradeNo(spoken.order_no.clone());
        let order = adopt(&counter, named, &[]).await;
        assert_eq!(order.order.state, State::AwaitingPayment);
        assert!(counter.till.health().clock_ahead_s.is_some_and(|ahead| (-610..=-590).contains(&ahead)));
        // The gateway sets its clock right while the order is followed.
        counter.control.skew(0).await.unwrap();
        pay(&counter, &spoken.order_no).await;
        assert_eq!(counter.till.health().clock_ahead_s, None);
    }
}

/// A gateway that takes the till's time and signs by another clock is known by its own answer: without that no payment would ever
/// be believed.
#[tokio::test]
async fn a_wrong_clock_is_known_from_an_answer_that_is_signed_by_the_other_one() {
    let counter = open("dingdang", &[("unsigned_replies", "refuse")]).await;
    counter.control.takes_any_time(true).await.unwrap();
    let spoken = order_by_voice(&counter).await;
    counter.control.skew(-600).await.unwrap();
    let order = adopt(&counter, Named::TradeNo(spoken.order_no.clone()), &[]).await;
    assert_eq!(order.order.state, State::AwaitingPayment);
    assert!(counter.till.health().clock_ahead_s.is_some_and(|ahead| (590..=610).contains(&ahead)));
    counter.control.skew(600).await.unwrap();
    pay(&counter, &spoken.order_no).await;
    assert!(counter.till.health().clock_ahead_s.is_some_and(|ahead| (-610..=-590).contains(&ahead)));
    counter.control.skew(0).await.unwrap();
    let check = counter.till.check_account(&Actor::Owner, "main").await.unwrap();
    assert_eq!(check.facts.get("gateway_ahead_s").map(String::as_str), Some("0"), "{check:?}");
}

/// A till that has measured the difference signs by the gateway's clock and is answered; one that has just started is not.
#[tokio::test]
async fn a_clock_further_off_than_signed_times_may_be_is_not_well_however_the_check_is_answered() {
    let counter = open("dingdang", &[]).await;
    let spoken = order_by_voice(&counter).await;
    adopt(&counter, Named::TradeNo(spoken.order_no.clone()), &[]).await;
    for (seconds, well) in [(120, true), (7_200, false), (-7_200, false)] {
        counter.control.skew(seconds).await.unwrap();
        counter.till.check_account(&Actor::Owner, "main").await.unwrap();
        let check = counter.till.check_account(&Actor::Owner, "main").await.unwrap();
        assert_eq!((check.well, check.facts["signature"].as_str()), (well, "verified"), "{seconds}: {check:?}");
        let fault = check.fault.as_ref().unwrap();
        let off: i64 = fault.facts["seconds"].parse().unwrap();
        let about = seconds.abs() - 10..=seconds.abs() + 10;
        assert!(fault.code == Code::ClockWrong && about.contains(&off), "{seconds}: {check:?}");
        // The question was signed in time: the clocks are not why, whatever is wrong.
        let beyond = ["skew_limit_s", "signed_by"].map(|name| check.facts.get(name).map(String::as_str));
        assert_eq!(beyond, if well { [None; 2] } else { [Some("180"), Some("gateways_clock")] }, "{seconds}");
    }
}

#[tokio::test]
async fn a_fault_that_a_check_found_stays_beside_clocks_that_are_too_far_apart() {
    let counter = open("dingdang", &[]).await;
    let spoken = order_by_voice(&counter).await;
    adopt(&counter, Named::TradeNo(spoken.order_no.clone()), &[]).await;
    let folder = tempfile::tempdir().unwrap();
    let nowhere = folder.path().join("goods.csv");
    let fields = BTreeMap::from([("catalogue".to_owned(), nowhere.to_str().unwrap().to_owned())]);
    let change = AccountChange { fields, ..AccountChange::default() };
    counter.till.change_account(&Actor::Owner, "main", &change).await.unwrap();
    counter.control.skew(7_200).await.unwrap();
    counter.till.check_account(&Actor::Owner, "main").await.unwrap();
    let check = counter.till.check_account(&Actor::Owner, "main").await.unwrap();
    let fault = check.fault.as_ref().map(|fault| fault.code);
    assert_eq!((check.well, fault), (false, Some(Code::CatalogueUnusable)), "{check:?}");
    assert!(check.facts.contains_key("skew_limit_s") && check.facts.contains_key("gateway_ahead_s"), "{check:?}");
}

#[tokio::test]
async fn an_answer_whose_right_signature_is_out_of_time_is_refused_with_the_seconds_that_it_is_off() {
    // As many as it is made off, but for what the exchange takes.
    let about_600 = 570..=660;
    let counter = open("dingdang", &[]).await;
    let spoken = order_by_voice(&counter).await;
    let named = Named::TradeNo(spoken.order_no.clone());
    for seconds in [600, -600] {
        counter.control.fault(Scope::Query, Fault::Stale { seconds }).await.unwrap();
        let refusal = refused(&counter, named.clone(), &[]).await;
        assert_eq!(refusal.code, Code::SignatureStale, "{refusal:?}");
        let off_s: u32 = refusal.facts["seconds"].parse().unwrap();
        assert!(about_600.contains(&off_s), "{seconds}: {refusal:?}");
        assert!(refusal.sentence(Language::En).what.contains(&format!("{off_s} s off")), "{refusal:?}");
        no_order_is_known(&counter).await;
    }

    adopt(&counter, named, &[]).await;
    counter.control.fault_times(Scope::Query, 10_000, Fault::Stale { seconds: 600 }).await.unwrap();
    counter.control.pay(spoken.order_no.as_str()).await.unwrap();
    let off_s = |order: &LiveOrder| match &order.asking.trouble {
        Some(Trouble::Unreadable(Unreadable::Stale(off_s))) => Some(*off_s),
        Some(_) | None => None,
    };
    let order = counter.until(&spoken.order_no, "told", |order| off_s(order).is_some()).await;
    assert!(off_s(&order).is_some_and(|off_s| about_600.contains(&off_s)), "{order:?}");
    assert_eq!((order.order.state, order.order.paid_minor), (State::AwaitingPayment, None), "it proves nothing");
    counter.control.clear_faults().await.unwrap();
    counter.until(&spoken.order_no, "paid", |order| order.order.state == State::Paid).await;
}

#[tokio::test]
async fn the_skills_key_is_taken_in_both_forms_of_pem_and_nothing_else_is() {
    let counter = open("dingdang", &[]).await;
    let announced = counter.sandbox.announcement();
    let eight = announced["gateways"]["dingdang"]["credentials"]["skill_private_key"].as_str().unwrap().to_owned();
    let one = openssl(&["rsa", "-traditional"], &eight);
    assert!(one.starts_with("-----BEGIN RSA PRIVATE KEY-----") && eight.starts_with("-----BEGIN PRIVATE KEY-----"));
    let set = async |pem: &str| {
        let secret = pem.as_bytes().to_vec().into();
        counter.till.set_secret(&Actor::Owner, "main", "skill_private_key", &secret).await
    };
    for pem in [&one, &eight] {
        set(pem).await.unwrap();
        let spoken = order_by_voice(&counter).await;
        adopt(&counter, Named::TradeNo(spoken.order_no), &[]).await;
    }
    let short = openssl(&["genrsa", "-traditional", "1024"], "");
    let locked = openssl(&["rsa", "-aes128", "-passout", "pass:1234"], &eight);
    let public = openssl(&["rsa", "-pubout"], &eight);
    for pem in [short.as_str(), &locked, &public, &eight[..eight.len() / 2], "MIIE", ""] {
        let refused = if pem.is_empty() { Code::BadValue } else { Code::SecretUnusable };
        assert_eq!(set(pem).await.unwrap_err().code, refused, "{} bytes", pem.len());
    }
    let stranger = openssl(&["genrsa", "2048"], "");
    set(&stranger).await.unwrap();
    let spoken = order_by_voice(&counter).await;
    let refusal = refused(&counter, Named::TradeNo(spoken.order_no), &[]).await;
    assert_eq!(refusal.facts["reason"], "signature error");
}

fn openssl(arguments: &[&str], input: &str) -> String {
    let mut command = Command::new("openssl");
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().expect("openssl is installed");
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "openssl {arguments:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[cfg(unix)]
#[tokio::test]
async fn a_check_of_the_account_says_why_its_catalogue_cannot_be_used() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("goods.csv");
    let path = file.to_str().unwrap();
    let counter = open("dingdang", &[("catalogue", path)]).await;
    let why = async || -> Vec<(String, String)> {
        let found = counter.till.check_account(&Actor::Owner, "main").await.unwrap();
        let facts: Vec<_> = found.facts.into_iter().filter(|(name, _)| name.starts_with("catalogue")).collect();
        let unusable = found.fault.is_some_and(|fault| fault.code == Code::CatalogueUnusable);
        assert_eq!(unusable, !facts.is_empty(), "{facts:?}");
        facts
    };
    let said = |name: &str, value: &str| vec![(name.to_owned(), value.to_owned())];
    assert_eq!(why().await, said("catalogue_not_there", path));
    std::fs::create_dir(&file).unwrap();
    assert_eq!(why().await, said("catalogue_unread", "a_folder"));
    std::fs::remove_dir(&file).unwrap();
    std::fs::write(&file, "id,name,price\ntea,红茶,500\ncake,蛋糕,2.50\n").unwrap();
    assert_eq!(why().await, [said("catalogue_line", "3"), said("catalogue_wrong", "price")].concat());
    std::fs::remove_file(&file).unwrap();
    assert!(Command::new("mkfifo").arg(&file).status().unwrap().success());
    assert_eq!(why().await, said("catalogue_late", "2 s"));

    // It opens at last, and is a file again.
    let good = "id,name,price\ntea,红茶,500\n";
    std::fs::write(&file, good).unwrap();
    std::fs::remove_file(&file).unwrap();
    std::fs::write(&file, good).unwrap();
    assert!(why().await.is_empty());
}
