//! A selling process killed at any instant: what the journal says and what the gateway says agree, and nothing is sent twice.

mod refund;

use crate::shop::{Running, SALE, Stage, command, furnish, run};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};
use till_sandbox::{Down, TradeState};

/// Tills that are killed beside each other.
const TILLS: u64 = 4;

/// How often each is.
const KILLS: u64 = 50;

/// A whole sale is measured anew after so many kills, for the machine may be busy.
const MEASURED: u64 = 10;

/// When the customer of the stage pays.
const PAYS_AFTER_MS: u64 = 200;

/// Numbers that look drawn and are the same in every run.
struct Drawn(u64);

impl Drawn {
    /// SplitMix64.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// An instant of a run that takes `whole`.
    fn instant(&mut self, whole: Duration) -> Duration {
        Duration::from_micros(self.next() % u64::try_from(whole.as_micros()).unwrap())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sale_killed_at_any_of_200_instants_is_neither_lost_nor_made_twice() {
    let stage = Arc::new(Stage::start().await);
    stage.sandbox.control().auto_pay(Some(PAYS_AFTER_MS)).await.unwrap();
    let tills: Vec<_> = (0..TILLS).map(|till| tokio::spawn(kill_one_till(Arc::clone(&stage), till))).collect();
    let mut journalled: BTreeMap<String, Value> = BTreeMap::new();
    let mut sent = 0;
    for till in tills {
        for order in till.await.unwrap() {
            sent += 1;
            journalled.insert(order["order_no"].as_str().unwrap().to_owned(), order);
        }
    }
    assert_eq!(journalled.len(), sent, "every number is unique");
    let control = stage.sandbox.control();
    let creates = control.creates().await.unwrap();
    for (order_no, times) in &creates {
        assert_eq!(*times, 1, "{order_no} was sent {times} times");
        assert!(journalled.contains_key(order_no), "the gateway knows {order_no}, the journal does not");
    }
    let trades = control.trades().await.unwrap();
    let held: BTreeMap<&str, TradeState> =
        trades.iter().map(|view| (view.trade.order_no.as_str(), view.trade.state)).collect();
    for (order_no, order) in &journalled {
        let expected = match held.get(order_no.as_str()) {
            Some(TradeState::Paid) => "paid",
            Some(other) => panic!("the stage pays every trade: {order_no} {other:?}"),
            // Intended, and killed before its create arrived.
            None => "create_unknown",
        };
        assert_eq!(order["state"], expected, "{order}");
    }
    let whole = usize::try_from(TILLS * KILLS.div_ceil(MEASURED)).unwrap();
    let arrived = creates.len() - whole;
    assert!(
        arrived > 20 && arrived < usize::try_from(TILLS * KILLS).unwrap(),
        "kills hit before and after the create: {arrived}"
    );
}

/// How many sales are killed before their create is worked on.
const NEVER_ARRIVED: usize = 6;

/// Their time, longer than killing all of them takes; and how long all of it may take.
const EXPIRES: &str = "90";
const FOUND_OUT_WITHIN: Duration = Duration::from_secs(240);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn orders_killed_before_they_reached_the_gateway_are_found_to_be_never_created() {
    let stage = Stage::start().await;
    let data = tempfile::tempdir().unwrap();
    furnish(data.path(), &stage).await;
    let set = run(command(data.path(), &["account", "set", "outside", "--set", "plan.grace_s=1"])).await;
    assert_eq!(set.code, Some(0), "{set:?}");
    stage.sandbox.control().down(Down::Silent).await.unwrap();
    let mut drawn = Drawn(TILLS);
    let mut killed: Vec<Value> = Vec::new();
    while killed.len() < NEVER_ARRIVED {
        let mut sale = Running::start(command(data.path(), &[&SALE[..], &["--expire", EXPIRES]].concat()));
        // The first line says that the intention is in the journal; some are killed before it.
        if drawn.next().is_multiple_of(2) {
            sale.line().await.expect("it says that the code is being made");
        }
        tokio::time::sleep(drawn.instant(Duration::from_millis(60))).await;
        sale.child.kill().await.unwrap();
        killed = run(command(data.path(), &["order", "list"])).await.lines;
    }
    stage.sandbox.control().up().await.unwrap();
    let mut serve = Running::start(command(data.path(), &["serve"]));
    let mut waiting: BTreeSet<String> = killed.iter().map(|order| order["order_no"].as_str().unwrap().into()).collect();
    let deadline = Instant::now() + FOUND_OUT_WITHIN;
    while !waiting.is_empty() {
        let left = deadline.saturating_duration_since(Instant::now());
        let line = serve.line_within(left).await.expect("it goes on");
        if line["state"] == "closed" {
            assert_eq!(line["reason"], "never_created", "{line}");
            waiting.remove(line["order_no"].as_str().unwrap());
        }
    }
    serve.child.kill().await.unwrap();
    assert!(stage.sandbox.control().trades().await.unwrap().is_empty());
    let orders = run(command(data.path(), &["order", "list"])).await.lines;
    assert_eq!(orders.len(), killed.len(), "nothing was made anew");
    assert!(orders.iter().all(|order| order["state"] == "closed" && order["attention"].is_null()), "{orders:?}");
}

/// Kills one till over and over; the orders of its journal at the end.
async fn kill_one_till(stage: Arc<Stage>, till: u64) -> Vec<Value> {
    let data = tempfile::tempdir().unwrap();
    furnish(data.path(), &stage).await;
    let mut drawn = Drawn(till);
    let mut whole = Duration::ZERO;
    for kill in 0..KILLS {
        if kill % MEASURED == 0 {
            let begun = Instant::now();
            let sale = run(command(data.path(), &SALE)).await;
            assert_eq!(sale.code, Some(0), "{sale:?}");
            whole = begun.elapsed();
        }
        let mut sale = command(data.path(), &SALE).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        tokio::time::sleep(drawn.instant(whole)).await;
        sale.kill().await.unwrap();
        answered(data.path(), &stage).await;
    }
    let verified = run(command(data.path(), &["journal", "verify"])).await;
    assert_eq!(verified.code, Some(0), "till {till}: {verified:?}");
    run(command(data.path(), &["order", "list"])).await.lines
}

/// Starts the till again, if anything is left to it, and waits until every order that the gateway knows is known here as what it is
/// there.
async fn answered(data: &Path, stage: &Stage) {
    if is_answered(data, stage).await {
        return;
    }
    let mut serve = Running::start(command(data, &["serve"]));
    loop {
        // At first that it serves, and then each change.
        serve.line().await.expect("it goes on");
        if is_answered(data, stage).await {
            break;
        }
    }
    serve.child.kill().await.unwrap();
}

async fn is_answered(data: &Path, stage: &Stage) -> bool {
    let listed = run(command(data, &["order", "list", "--open"])).await;
    assert_eq!(listed.code, Some(0), "{listed:?}");
    let trades = stage.sandbox.control().trades().await.unwrap();
    let known = |order: &Value| trades.iter().any(|view| order["order_no"] == view.trade.order_no.as_str());
    // What never arrived stays unknown until its time is over.
    listed.lines.iter().all(|order| order["state"] == "create_unknown" && !known(order))
}
