//! A journal of which a part cannot be read: that part stands still and is named once, nothing else is touched.

use crate::machine::{Machine, Says, pass, selling};
use std::collections::BTreeSet;
use std::time::Duration;
use till_core::account::AccountChange;
use till_core::error::{Code, Refusal};
use till_core::journal;
use till_core::order::Attention;
use till_core::rights::Actor;
use till_engine::journal::{Flaw, Verification};
use till_engine::reading::Reading;
use till_engine::storage::{Append, NewEvent, Storage, StorageFault};
use till_engine::till::Till;
use till_engine::view::{LiveOrder, PaidBeside, SaleRequest};
use tokio::runtime::Builder;

/// Appends to a subject's stream what only a later version can read. Gives the event's number.
async fn from_the_future(machine: &Machine, subject: &str) -> u64 {
    let stream = machine.disk.stream(subject).await.unwrap();
    let newest = stream.last().unwrap();
    let payload = br#"{"v":1,"subject":"order","event":{"type":"from_the_future"}}"#.to_vec();
    let events = vec![NewEvent { at: newest.at.clone(), actor: newest.actor.clone(), payload }];
    let append = Append { subject: subject.to_owned(), seen: stream.len() as u64, events, row: None, raw: None };
    machine.disk.append(vec![append]).await.unwrap()[0]
}

fn notices(till: &Till) -> Vec<Refusal> {
    till.health().notices
}

fn unreadable(part: &str) -> Refusal {
    Refusal::of(Code::JournalPartUnreadable).with("part", part)
}

fn flaw(kind: Flaw, seq: u64) -> Verification {
    Verification { ok: false, first_bad_seq: Some(seq), kind: Some(kind), signed_to: None }
}

async fn sells(till: &Till) -> Result<(), Code> {
    let request = SaleRequest {
        account: "main".into(),
        channel: "wechat.scan".into(),
        amount: "8.00".into(),
        ..SaleRequest::default()
    };
    till.sell(&Actor::Owner, &request, None, None).await.map(drop).map_err(|refusal| refusal.code)
}

#[tokio::test(start_paused = true)]
async fn an_open_order_that_cannot_be_read_is_named_once_and_not_said_to_be_asked_about() {
    let machine = Machine::new();
    let (till, order) = selling(&machine).await;
    let subject = journal::order_subject(&order.order.order_no);
    drop(till);
    let seq = from_the_future(&machine, &subject).await;
    let till = machine.launch().await;
    assert_eq!(notices(&till), [unreadable(&subject)]);
    till.verified(&flaw(Flaw::Unreadable, seq)).await;
    assert_eq!(notices(&till), [unreadable(&subject)], "an equal notice is not told twice");
    let recovery = till.recovery().unwrap();
    assert_eq!((recovery.still_asking, recovery.not_asked), (0, 1), "{recovery:?}");
    assert_eq!(sells(&till).await, Ok(()));
}

#[tokio::test(start_paused = true)]
async fn what_a_verification_finds_beside_a_selling_till_is_not_told_as_if_it_did_not_sell() {
    let machine = Machine::new();
    let (till, _order) = selling(&machine).await;
    till.verified(&flaw(Flaw::Edited, 2)).await;
    assert_eq!(notices(&till), [Refusal::of(Code::JournalNotWhole).with("place", "#2")]);
    assert_eq!(sells(&till).await, Ok(()));
}

#[tokio::test(start_paused = true)]
async fn in_a_file_that_turns_out_to_be_damaged_nothing_new_is_begun_and_what_is_open_is_asked_about() {
    let machine = Machine::new();
    let (till, order) = selling(&machine).await;
    let cannot = || [Refusal::of(Code::JournalCannotRecord).with("place", "journal.sqlite")];
    machine.gateway.says(Says::State("SUCCESS"));
    machine.disk.fail_with(Some(StorageFault::Damaged("database disk image is malformed".into())));
    machine.gateway.asked();
    pass(Duration::from_secs(30)).await;
    assert!(!machine.gateway.asked().is_empty());
    assert_eq!(notices(&till), cannot(), "what it learned is not recorded");
    assert_eq!(sells(&till).await, Err(Code::JournalCannotRecord));
    machine.disk.fail_with(None);
    assert_eq!(sells(&till).await, Err(Code::JournalCannotRecord), "not in this run");
    pass(Duration::from_secs(120)).await;
    assert_eq!(
        till.order(&order.order.order_no).await.unwrap().order.state.word(),
        "paid",
        "what it learned is stored"
    );

    let machine = Machine::new();
    let (till, _order) = selling(&machine).await;
    till.verified(&flaw(Flaw::FileDamaged, 2)).await;
    assert_eq!((notices(&till), sells(&till).await), (cannot().into(), Err(Code::JournalCannotRecord)));
}

#[tokio::test(start_paused = true)]
async fn an_account_that_cannot_be_read_is_not_in_use_and_its_orders_are_asked_about() {
    let machine = Machine::new();
    let (till, order) = selling(&machine).await;
    let id = till.account("main").unwrap().id;
    drop(till);
    let seq = from_the_future(&machine, &journal::account_subject(&id)).await;
    machine.gateway.says(Says::State("SUCCESS"));
    let till = machine.launch().await;
    assert_eq!(notices(&till), [unreadable("account/main")]);
    till.verified(&flaw(Flaw::Unreadable, seq)).await;
    assert_eq!(notices(&till), [unreadable("account/main")]);
    assert_eq!(sells(&till).await, Err(Code::AccountRetired));
    let change = till.change_account(&Actor::Owner, "main", &AccountChange::default()).await;
    assert!(change.is_err(), "nothing is written behind what is not known");
    pass(Duration::from_secs(60)).await;
    let paid = till.order(&order.order.order_no).await.unwrap();
    assert!(paid.order.state.has_ended(), "{paid:?}");
    assert_eq!(till.recovery().unwrap().paid, 1);
}

#[tokio::test(start_paused = true)]
async fn an_open_order_that_the_disk_did_not_give_at_a_launch_has_its_task_once_it_does() {
    let machine = Machine::new();
    let (before, order) = selling(&machine).await;
    drop(before);
    machine.disk.silent(Some(&format!("order/{}", order.order.order_no)));
    let till = machine.launch().await;
    pass(Duration::from_secs(60)).await;
    assert!(till.snapshot().open.is_empty());
    machine.disk.silent(None);
    pass(Duration::from_secs(60)).await;
    let open: Vec<String> = till.snapshot().open.into_iter().map(|live| live.order.order_no).collect();
    assert_eq!(open, [order.order.order_no]);
}

/// A sale of the till, both of whose orders get paid; of the first one only the disk knows when the second one's payment is learned.
async fn pay_twice(machine: &Machine, till: &Till, first: LiveOrder, silent: bool) -> [String; 2] {
    let no = first.order.order_no.clone();
    till.close(&Actor::Owner, &no).await.unwrap();
    machine.gateway.says(Says::State("CLOSED"));
    till.ask(&Actor::Owner, &no).await.unwrap();
    let further = SaleRequest { sale: Some(first.order.sale.clone()), ..sale() };
    let second = till.sell(&Actor::Owner, &further, None, None).await.unwrap().order.order_no;
    till.created(&second).await;
    machine.gateway.says(Says::State("SUCCESS"));
    till.ask(&Actor::Owner, &no).await.unwrap();
    // The first one's task has gone: it is paid, and only the disk knows.
    pass(Duration::from_secs(60)).await;
    if silent {
        machine.disk.silent(Some(&format!("order/{no}")));
    }
    till.ask(&Actor::Owner, &second).await.unwrap();
    pass(Duration::from_secs(60)).await;
    [no, second]
}

fn sale() -> SaleRequest {
    SaleRequest {
        account: "main".into(),
        channel: "wechat.scan".into(),
        amount: "12.50".into(),
        ..SaleRequest::default()
    }
}

/// How many of these orders bear the flag of a double payment.
async fn flags(till: &Till, orders: &[String]) -> usize {
    let mut flags = 0;
    for no in orders {
        flags += usize::from(till.order(no).await.unwrap().order.attentions.contains(&Attention::DoublePayment));
    }
    flags
}

#[tokio::test(start_paused = true)]
async fn a_sale_whose_other_order_the_disk_does_not_give_is_flagged_as_paid_twice_once_it_does_and_others_meanwhile() {
    let machine = Machine::new();
    let (till, first) = selling(&machine).await;
    let held = pay_twice(&machine, &till, first, true).await;
    machine.gateway.says(Says::State("NOTPAY"));
    let other = till.sell(&Actor::Owner, &sale(), None, None).await.unwrap().order.order_no;
    till.created(&other).await;
    let other = till.order(&other).await.unwrap();
    let other = pay_twice(&machine, &till, other, false).await;
    assert_eq!(flags(&till, &other).await, 1, "it does not wait for the one that cannot be read");
    machine.disk.silent(None);
    pass(Duration::from_secs(120)).await;
    assert_eq!(flags(&till, &held).await, 1);
}

/// What the journal's file tells beside the till of payments beside an order's. The clock waits for it.
async fn read_beside(machine: &Machine, order_no: &str) -> (Vec<PaidBeside>, Option<Refusal>) {
    let (path, order_no) = (machine.disk.path(), order_no.to_owned());
    let read = async move { Reading::open_file(&path).await?.paid_beside(&order_no).await };
    let done = tokio::task::spawn_blocking(move || Builder::new_current_thread().build().unwrap().block_on(read));
    done.await.unwrap().unwrap()
}

#[tokio::test(start_paused = true)]
async fn that_the_other_payment_of_a_sale_cannot_be_read_is_said_and_not_taken_for_none() {
    let machine = Machine::new();
    let (till, first) = selling(&machine).await;
    let [flagged, read, unread] = pay_three_times(&machine, &till, first).await;
    let named = |beside: &[PaidBeside]| beside.iter().map(|other| other.order_no.clone()).collect::<BTreeSet<_>>();
    let (both, one) = (BTreeSet::from([read.clone(), unread.clone()]), BTreeSet::from([read.clone()]));
    let live = till.order(&flagged).await.unwrap();
    assert_eq!((named(&live.paid_beside), live.paid_beside_fault), (both.clone(), None));
    let (beside, fault) = read_beside(&machine, &flagged).await;
    assert_eq!((named(&beside), fault), (both, None));
    assert_eq!(notices(&till), []);

    let subject = journal::order_subject(&unread);
    machine.disk.silent(Some(&subject));
    for _ in 0..2 {
        let live = till.order(&flagged).await.unwrap();
        let fault = live.paid_beside_fault.map(|fault| fault.code);
        assert_eq!((named(&live.paid_beside), fault), (one.clone(), Some(Code::Unexpected)));
        assert_eq!(notices(&till), [], "a look leaves no notice");
    }
    for (silent, too_many) in [(&unread, Some(&flagged)), (&flagged, None)] {
        machine.disk.silent(Some(&journal::order_subject(silent)));
        let other = till.order(&read).await.unwrap();
        let fault = other.paid_beside_fault.map(|fault| fault.code);
        assert_eq!((other.too_many_beside.as_ref(), fault), (too_many, Some(Code::Unexpected)));
    }
    machine.disk.silent(None);
    from_the_future(&machine, &subject).await;
    let (beside, fault) = read_beside(&machine, &flagged).await;
    assert_eq!((named(&beside), fault), (one, Some(unreadable(&subject))));
}

/// A sale all three of whose orders get paid: the one that bears the flag, and the others.
async fn pay_three_times(machine: &Machine, till: &Till, first: LiveOrder) -> [String; 3] {
    let no = first.order.order_no.clone();
    till.close(&Actor::Owner, &no).await.unwrap();
    machine.gateway.says(Says::State("CLOSED"));
    till.ask(&Actor::Owner, &no).await.unwrap();
    machine.gateway.says(Says::State("NOTPAY"));
    let further = SaleRequest { sale: Some(first.order.sale.clone()), ..sale() };
    let second = till.sell(&Actor::Owner, &further, None, None).await.unwrap().order.order_no;
    till.created(&second).await;
    let second = till.order(&second).await.unwrap();
    let [second, third] = pay_twice(machine, till, second, false).await;
    till.ask(&Actor::Owner, &no).await.unwrap();
    pass(Duration::from_secs(60)).await;
    let mut orders = [no, second, third];
    for place in 0..orders.len() {
        if flags(till, &orders[place..=place]).await == 1 {
            orders.swap(0, place);
        }
    }
    orders
}
