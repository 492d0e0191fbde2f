//! An engine that ends while other processes wait for it.

use crate::machine::{Machine, Says, pass, selling};
use std::time::Duration;
use till_engine::lock::{self, Lock};
use till_engine::request::{Errand, OpenDesk, Reply, Request, hand_over};
use tokio::sync::mpsc;
use tokio::time::Instant;

/// Whoever closes the window must not wait as long as a gateway may: a question can be asked by somebody else.
#[tokio::test(start_paused = true)]
async fn a_question_of_another_process_is_given_back_when_the_engine_ends() {
    let (machine, folder) = (Machine::new(), tempfile::tempdir().unwrap());
    let (till, order) = selling(&machine).await;
    let order_no = order.order.order_no;
    for request in [Request::Ask { order_no: order_no.clone() }, Request::CheckAccount { name: "main".into() }] {
        let Ok(Lock::Held(held)) = lock::acquire(folder.path()) else { panic!("taken") };
        let (_desk, open) = OpenDesk::open(&held, till.clone(), None);
        machine.gateway.says(Says::Nothing);
        let (replies, mut said) = mpsc::channel(4);
        let place = folder.path().to_owned();
        let handed = tokio::spawn(async move { hand_over(&place, &Errand::of(request), &replies).await });
        pass(Duration::from_secs(1)).await;
        let begun = Instant::now();
        open.close().await;
        assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
        assert!(matches!(said.recv().await, Some(Reply::Leaving)));
        handed.await.unwrap().unwrap();
        // What was asked is still under way, and its answer is not lost.
        machine.gateway.says(Says::State("NOTPAY"));
        pass(Duration::from_secs(60)).await;
    }
}
