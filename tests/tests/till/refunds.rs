//! Refunds that several people want while the disk is slow, and one that it holds up.

use crate::machine::{Machine, Says, pass, selling};
use futures_util::future::join_all;
use secrecy::SecretString;
use std::time::Duration;
use till_core::error::Code;
use till_core::gateway::Unreadable;
use till_core::limits::RefundLimits;
use till_core::money::Currency;
use till_core::order::Attention;
use till_core::order::refund::RefundState;
use till_core::rights::{Actor, Role};
use till_engine::request::{Desk, Errand, Reply, Request, answer};
use till_engine::storage::StorageFault;
use till_engine::view::Trouble;
use till_engine::view::refunds::RefundRequest;
use tokio::sync::{mpsc, watch};

#[tokio::test(start_paused = true)]
async fn what_is_given_at_once_is_counted_together_before_a_second_person_is_done_without() {
    let machine = Machine::new();
    let (till, order) = selling(&machine).await;
    let no = order.order.order_no.as_str();
    machine.gateway.says(Says::State("SUCCESS"));
    till.ask(&Actor::Owner, no).await.unwrap();
    let pin = SecretString::from("135790");
    till.add_operator(&Actor::Owner, "Lin", Role::Manager, &pin).await.unwrap();
    let lin = till.identify("Lin", &pin).await.unwrap();
    let mut limits = till.limits();
    let of_cny = RefundLimits { per_refund_minor: 500, per_day_minor: 5_000, second_above_minor: 300 };
    limits.refunds.insert(Currency::Cny, of_cny);
    till.set_limits(&lin, |_| Ok(limits)).await.unwrap();

    machine.disk.slow(Duration::from_millis(300));
    let request = RefundRequest { order_no: no.into(), amount: "2.00".into(), reason: "退货".into(), items: vec![] };
    let give = |place: u32| {
        let (till, lin, request) = (&till, &lin, &request);
        async move {
            pass(Duration::from_millis(50) * place).await;
            till.refund(lin, None, request).await
        }
    };
    let given = join_all((0..40).map(give)).await;
    let codes: Vec<Code> = given.iter().filter_map(|given| Some(given.as_ref().err()?.code)).collect();
    assert_eq!((codes.len(), machine.gateway.refunds()), (39, 1), "{codes:?}");
    // While the first one is on its way there is no second; then it is known what went back already.
    let waits = |code: &Code| matches!(code, Code::RefundWaitsBefore | Code::RefundUnknownBefore);
    let known = codes.iter().position(|code| !waits(code)).unwrap();
    assert!(codes[known..].iter().all(|code| *code == Code::SecondPersonNeeded), "{codes:?}");
}

#[tokio::test(start_paused = true)]
async fn a_refund_that_the_disk_held_up_leaves_only_after_a_look_at_its_payment() {
    for (word, left) in [("SUCCESS", 1), ("REFUND", 0)] {
        let machine = Machine::new();
        let (till, order) = selling(&machine).await;
        let no = order.order.order_no.as_str();
        machine.gateway.says(Says::State("SUCCESS"));
        till.ask(&Actor::Owner, no).await.unwrap();
        machine.gateway.says(Says::State(word));
        machine.gateway.asked();
        // The wish is stored, that it leaves is not.
        machine.disk.fail_once_after(1, StorageFault::DiskFull);
        let request =
            RefundRequest { order_no: no.into(), amount: "2.00".into(), reason: "退货".into(), items: vec![] };
        till.refund(&Actor::Owner, None, &request).await.unwrap();
        pass(Duration::from_secs(60)).await;
        assert!(!machine.gateway.asked().is_empty(), "{word}: it was looked at");
        assert_eq!(machine.gateway.refunds(), left, "{word}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_end_that_names_no_refund_ends_none_and_why_is_said_beside_it() {
    let machine = Machine::new();
    let (till, order) = selling(&machine).await;
    let no = order.order.order_no.as_str();
    machine.gateway.says(Says::State("SUCCESS"));
    till.ask(&Actor::Owner, no).await.unwrap();
    let request = RefundRequest { order_no: no.into(), amount: "2.00".into(), reason: "退货".into(), items: vec![] };
    till.refund(&Actor::Owner, None, &request).await.unwrap();
    let lacks = Some(Trouble::Unreadable(Unreadable::BadField("refund_no".into())));
    for (status, trouble) in [(0, &lacks), (1, &None), (-1, &lacks)] {
        machine.gateway.names_no_refund(status);
        pass(Duration::from_secs(900)).await;
        let refund = till.order(no).await.unwrap().refunds.remove(0);
        assert_eq!((refund.state, &refund.trouble), (RefundState::Processing, trouble), "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_waits_for_a_refund_is_told_once_when_a_person_has_to_look_at_it() {
    let machine = Machine::new();
    let (till, order) = selling(&machine).await;
    let no = order.order.order_no;
    machine.gateway.says(Says::State("SUCCESS"));
    till.ask(&Actor::Owner, &no).await.unwrap();
    machine.gateway.names_no_refund(0);
    let (_leaving, left) = watch::channel(false);
    let desk = Desk::new(till, left, None);
    let refund = RefundRequest { order_no: no, amount: "2.00".into(), reason: "退货".into(), items: vec![] };
    let errand = Errand::of(Request::Refund { refund, wait: true });
    let (replies, mut said) = mpsc::channel(1_000);
    let hears = async move {
        let mut raised = [Vec::new(), Vec::new()];
        for (minutes, raised) in [9, 30].into_iter().zip(&mut raised) {
            pass(Duration::from_secs(60 * minutes)).await;
            while let Ok(reply) = said.try_recv() {
                if let Reply::Raised(attention) = reply {
                    raised.push(attention);
                }
            }
        }
        drop(said);
        raised
    };
    let ((), raised) = tokio::join!(answer(&desk, &errand, &replies), hears);
    assert_eq!(raised, [vec![], vec![Attention::RefundUnknown]]);
}
