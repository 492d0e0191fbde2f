//! Every request of the socket, as every kind of person, against the printed table.

use crate::machine::Machine;
use secrecy::SecretString;
use std::collections::BTreeSet;
use std::path::Path;
use till_core::account::AccountChange;
use till_core::error::Code;
use till_core::rights::{Action, Actor, Role};
use till_engine::lock::{self, Lock};
use till_engine::request::{Claim, Errand, Hidden, OpenDesk, Reply, Request, hand_over};
use till_engine::till::{Named, Till};
use till_engine::view::SaleRequest;
use till_engine::view::people::LimitsChange;
use till_engine::view::refunds::RefundRequest;
use till_tests::rights::{ANOTHER, CASHIER, MANAGER, OWN_PIN, PIN_OF_ANOTHER, Person, SECOND_PERSON, WRONG_PIN};
use tokio::sync::mpsc;

/// A number for every kind of request. A new one does not compile until it has one here, and then fails without its sample.
fn number(request: &Request) -> u8 {
    match request {
        Request::Hello => 0,
        Request::Sell { .. } => 1,
        Request::Watch { .. } => 2,
        Request::Ask { .. } => 3,
        Request::Close { .. } => 4,
        Request::Reverse { .. } => 5,
        Request::NameGatewayNo { .. } => 6,
        Request::Adopt { .. } => 7,
        Request::AddAccount { .. } => 8,
        Request::ChangeAccount { .. } => 9,
        Request::SetSecret { .. } => 10,
        Request::RemoveAccount { .. } => 11,
        Request::CheckAccount { .. } => 12,
        Request::ShowWindow => 13,
        Request::AddOperator { .. } => 14,
        Request::RemoveOperator { .. } => 15,
        Request::SetPin { .. } => 16,
        Request::SetLimits { .. } => 17,
        Request::Refund { .. } => 18,
        Request::RefundAgain { .. } => 19,
        Request::WatchRefund { .. } => 20,
        Request::WithdrawRefund { .. } => 21,
        Request::CheckReceiver => 22,
    }
}

const KINDS: u8 = 23;

/// Every request once: what it needs, and what whoever has that is told. Each asks for something that is not there, so that
/// it can be tried over and over.
fn samples() -> Vec<(Request, Option<Action>, Option<Code>)> {
    let order_no = || "TKNONE".to_owned();
    let none = || "none".to_owned();
    let pin = || Hidden::new(b"8642".to_vec());
    let sale = || SaleRequest {
        account: none(),
        channel: "wechat.scan".to_owned(),
        amount: "1".to_owned(),
        ..SaleRequest::default()
    };
    let (manage, people) = (Some(Action::ManageAccounts), Some(Action::ManageOperators));
    let (no_order, no_account) = (Some(Code::UnknownOrder), Some(Code::UnknownAccount));
    vec![
        (Request::Hello, None, None),
        (Request::Sell { sale: sale(), payment_code: None, wait: false }, Some(Action::Sell), no_account),
        (Request::Watch { order_no: order_no() }, Some(Action::Read), no_order),
        (Request::Ask { order_no: order_no() }, Some(Action::Ask), no_order),
        (Request::Close { order_no: order_no() }, Some(Action::Close), no_order),
        (Request::Reverse { order_no: order_no() }, Some(Action::Reverse), no_order),
        (Request::NameGatewayNo { order_no: order_no(), gateway_no: "1".to_owned() }, Some(Action::Adopt), no_order),
        (
            Request::Adopt { account: none(), named: Named::TradeNo("1".to_owned()), items: vec![] },
            Some(Action::Adopt),
            no_account,
        ),
        (
            Request::AddAccount { gateway: none(), name: none(), change: AccountChange::default() },
            manage,
            Some(Code::UnknownGateway),
        ),
        (Request::ChangeAccount { name: none(), change: AccountChange::default() }, manage, no_account),
        (Request::SetSecret { name: none(), field: "key".to_owned(), secret: pin() }, manage, no_account),
        (Request::RemoveAccount { name: none() }, manage, no_account),
        (Request::CheckAccount { name: none() }, Some(Action::Ask), no_account),
        (Request::CheckReceiver, Some(Action::Ask), None),
        (Request::ShowWindow, None, Some(Code::TillInUse)),
        (
            Request::AddOperator { name: "a:b".to_owned(), role: Role::Manager, pin: pin() },
            people,
            Some(Code::BadOperatorName),
        ),
        (Request::RemoveOperator { name: none() }, people, Some(Code::OperatorUnknown)),
        (Request::SetPin { name: none(), pin: pin() }, people, Some(Code::OperatorUnknown)),
        (
            Request::SetLimits { change: LimitsChange { window_days: Some(0), ..LimitsChange::default() } },
            Some(Action::ManageLimits),
            Some(Code::LimitsBad),
        ),
        (
            Request::Refund {
                refund: RefundRequest { order_no: order_no(), reason: none(), ..RefundRequest::default() },
                wait: false,
            },
            Some(Action::Refund),
            no_order,
        ),
        (Request::RefundAgain { order_no: order_no(), refund_no: none(), wait: false }, Some(Action::Refund), no_order),
        (Request::WithdrawRefund { order_no: order_no(), refund_no: none() }, Some(Action::Refund), no_order),
        (Request::WatchRefund { order_no: order_no(), refund_no: none() }, Some(Action::Read), no_order),
    ]
}

async fn staffed(machine: &Machine) -> Till {
    let till = machine.launch().await;
    let pin = |(_, pin): (&str, &str)| SecretString::from(pin);
    till.add_operator(&Actor::Owner, CASHIER.0, Role::Cashier, &pin(CASHIER)).await.unwrap();
    till.add_operator(&Actor::Owner, MANAGER.0, Role::Manager, &pin(MANAGER)).await.unwrap();
    till
}

/// The request of whoever claims to be somebody, with whoever is said to stand beside them: the code it is refused with.
async fn asked(
    folder: &Path,
    first: Option<(&str, &str)>,
    second: Option<(&str, &str)>,
    request: Request,
) -> Option<Code> {
    let claim = |(name, pin): (&str, &str)| Claim { name: name.into(), pin: Hidden::new(pin.into()) };
    let errand = Errand { first: first.map(claim), second: second.map(claim), request };
    let (replies, mut said) = mpsc::channel(4);
    hand_over(folder, &errand, &replies).await.unwrap();
    match said.recv().await.expect("an answer") {
        Reply::Refused(refusal) => Some(refusal.code),
        _ => None,
    }
}

async fn lock_out(till: &Till) {
    for _ in 0..6 {
        till.identify(MANAGER.0, &WRONG_PIN.into()).await.unwrap_err();
    }
}

#[tokio::test(start_paused = true)]
async fn every_request_of_the_socket_is_done_for_whom_the_printed_table_says_and_refused_to_everybody_else() {
    let walked: BTreeSet<u8> = samples().iter().map(|(request, ..)| number(request)).collect();
    assert_eq!(walked, (0..KINDS).collect(), "every kind of request is tried");

    let (machine, folder) = (Machine::new(), tempfile::tempdir().unwrap());
    let till = staffed(&machine).await;
    let Ok(Lock::Held(held)) = lock::acquire(folder.path()) else { panic!("taken") };
    let (_desk, open) = OpenDesk::open(&held, till.clone(), None);
    for person in Person::ALL {
        if person == Person::LockedOut {
            lock_out(&till).await;
        }
        for (request, needs, then) in samples() {
            let kind = number(&request);
            let told = asked(folder.path(), person.claim(), None, request).await;
            let expected = match person {
                // A name is given, and the PIN of somebody who is locked out is not looked at.
                Person::LockedOut => Some(Code::LockedOut),
                _ if person.may(needs) => then,
                _ => Some(Code::MissingRight),
            };
            assert_eq!(told, expected, "request {kind} as {person:?}");
        }
    }
    // Whoever was somebody before the lock-out is worth no more than the table says.
    let session = Actor::Operator { name: MANAGER.0.to_owned(), role: Role::Manager };
    for action in Action::ALL {
        assert_eq!(till.permit(&session, action).is_ok(), Person::LockedOut.may(Some(action)), "{action:?}");
    }
    open.close().await;
}

#[tokio::test(start_paused = true)]
async fn a_request_without_a_name_or_with_a_wrong_one_is_nobodys() {
    let (machine, folder) = (Machine::new(), tempfile::tempdir().unwrap());
    let till = staffed(&machine).await;
    let Ok(Lock::Held(held)) = lock::acquire(folder.path()) else { panic!("taken") };
    let (_desk, open) = OpenDesk::open(&held, till.clone(), None);
    for (first, second, code) in [
        (Some(("Wu", "2580")), None, Code::OperatorUnknown),
        (Some((MANAGER.0, "")), None, Code::PinNeeded),
        (Some((MANAGER.0, WRONG_PIN)), None, Code::PinWrong),
        (Some(MANAGER), Some(MANAGER), Code::SecondPersonSame),
        (Some(MANAGER), Some((CASHIER.0, WRONG_PIN)), Code::PinWrong),
        (None, None, Code::MissingRight),
    ] {
        let request = Request::RemoveOperator { name: CASHIER.0.to_owned() };
        assert_eq!(asked(folder.path(), first, second, request).await, Some(code));
    }
    assert!(!till.operator(CASHIER.0).unwrap().removed, "nothing was done");
    assert_eq!(till.operator(CASHIER.0).unwrap().wrong_tries, 1, "the second person's wrong PIN is theirs");
    open.close().await;
}

#[tokio::test(start_paused = true)]
async fn pins_are_changed_and_a_second_person_agrees_as_the_printed_table_says() {
    let (machine, folder) = (Machine::new(), tempfile::tempdir().unwrap());
    let till = staffed(&machine).await;
    let manager = Actor::Operator { name: MANAGER.0.to_owned(), role: Role::Manager };
    till.add_operator(&manager, ANOTHER.0, Role::Manager, &ANOTHER.1.into()).await.unwrap();
    let Ok(Lock::Held(held)) = lock::acquire(folder.path()) else { panic!("taken") };
    let (_desk, open) = OpenDesk::open(&held, till.clone(), None);
    for person in Person::ALL {
        if person == Person::LockedOut {
            lock_out(&till).await;
        }
        // Each gets the PIN that they have, so that it can be tried over and over.
        for (row, (name, pin)) in [(OWN_PIN, person.claim().unwrap_or(CASHIER)), (PIN_OF_ANOTHER, ANOTHER)] {
            let request = Request::SetPin { name: name.to_owned(), pin: Hidden::new(pin.into()) };
            let told = asked(folder.path(), person.claim(), None, request).await;
            let expected = match person {
                Person::LockedOut => Some(Code::LockedOut),
                _ if person.may_by(row) => None,
                _ => Some(Code::MissingRight),
            };
            assert_eq!(told, expected, "{row} as {person:?}");
        }
        // Whoever may not stand beside somebody is told so before anything is looked at.
        let Some(second) = person.claim() else { continue };
        let refund =
            RefundRequest { order_no: "TKNONE".to_owned(), reason: "none".to_owned(), ..RefundRequest::default() };
        let told = asked(folder.path(), Some(ANOTHER), Some(second), Request::Refund { refund, wait: false }).await;
        let expected = if person.may_by(SECOND_PERSON) { Code::UnknownOrder } else { Code::LockedOut };
        assert_eq!(told, Some(expected), "second: {person:?}");
    }
    open.close().await;
}
