//! A refunding process killed at any instant: the money goes back once, and the journal knows what became of it.

use super::{Drawn, MEASURED, PAYS_AFTER_MS};
use crate::shop::{Ran, Running, SALE, Stage, command, furnish, run};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use till_sandbox::{Fault, Operation, Refund, RefundState, Scope};

/// Tills that are killed beside each other: a refund that was killed is asked for seconds later, and most of it is waiting.
const TILLS: u64 = 10;

/// How often each is.
const KILLS: u64 = 20;

/// When the stage has a refund done.
const DONE_AFTER_MS: u64 = 150;

/// How long the stage takes to answer a refund: so long it has left and is not answered.
const ANSWERS_AFTER_MS: u64 = 600;

/// How long it takes to answer a question about a refund: so long a further refund of the order is set aside and waits its turn.
const TELLS_AFTER_MS: u64 = 250;

/// What each refund gives back of 12.50: one that is measured, ten that are killed and some before them fit.
const GIVES: &str = "0.55";

/// How long it may take until nothing is in the dark after a kill.
const SETTLED_WITHIN: Duration = Duration::from_secs(240);

/// After so long without a further event, what stays unknown is sent again.
const SILENCE: Duration = Duration::from_millis(300);

/// How often each till is killed while it sends a refund again.
const AGAIN: u64 = 2;

/// A refund as the journal's events tell it.
#[derive(Debug, Clone)]
struct Told {
    order_no: String,
    minor: i64,
    state: &'static str,
    /// Sendings that the journal was told of.
    sendings: usize,
}

/// What the journal holds of a refund whose process was killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    /// Nothing.
    Before,
    /// The wish, and no sending.
    SetAside,
    /// A sending, and no answer to it.
    Left,
    /// An answer, or what a question brought.
    Answered,
    /// How it ended.
    Ended,
}

impl Phase {
    fn of(told: Option<&Told>) -> Self {
        match told.map(|told| told.state) {
            None => Self::Before,
            Some("requested") => Self::SetAside,
            Some("sent") => Self::Left,
            Some("succeeded") => Self::Ended,
            Some(_) => Self::Answered,
        }
    }
}

/// Kills in each phase.
type Hits = BTreeMap<Phase, usize>;

/// How many of 200 kills are to hit each phase at least, however fast the machine is. From the wish on there is something to
/// lose.
const LEAST: [(Phase, usize); 4] = [(Phase::Before, 3), (Phase::SetAside, 3), (Phase::Left, 15), (Phase::Answered, 10)];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refund_killed_at_any_of_200_instants_is_neither_lost_nor_given_twice() {
    let stage = Arc::new(Stage::start().await);
    let control = stage.sandbox.control();
    control.auto_pay(Some(PAYS_AFTER_MS)).await.unwrap();
    control.auto_refund(Some(DONE_AFTER_MS)).await.unwrap();
    let slow = Fault::Delay { ms: ANSWERS_AFTER_MS };
    control.fault_times(Scope::Refund, 100_000, slow).await.unwrap();
    control.fault_times(Scope::RefundQuery, 100_000, Fault::Delay { ms: TELLS_AFTER_MS }).await.unwrap();
    let tills: Vec<_> = (0..TILLS).map(|till| tokio::spawn(kill_one_till(Arc::clone(&stage), till))).collect();
    let mut told: BTreeMap<String, Told> = BTreeMap::new();
    let mut hits = Hits::new();
    for till in tills {
        let (of_till, hit) = till.await.unwrap();
        told.extend(of_till);
        hit.into_iter().for_each(|(phase, times)| *hits.entry(phase).or_default() += times);
    }

    let there = given(&stage).await;
    for (no, refund) in &there {
        let told = told.get(no).unwrap_or_else(|| panic!("the gateway gave {no}, the journal does not know it"));
        assert_eq!((told.order_no.as_str(), told.minor), (refund.order_no.as_str(), refund.amount_minor), "{no}");
    }
    let mut went: BTreeMap<&str, i64> = BTreeMap::new();
    for (no, told) in &told {
        assert_eq!(told.state, "succeeded", "{no} {told:?}: nothing is in the dark at the end");
        assert!(there.contains_key(no), "{no} {told:?} never reached the gateway");
        *went.entry(&told.order_no).or_default() += told.minor;
    }
    assert!(went.values().all(|minor| *minor <= 1_250), "beyond what was paid: {went:?}");
    let whole = usize::try_from(TILLS * KILLS.div_ceil(MEASURED)).unwrap();
    let again = told.values().filter(|told| told.sendings > 1).count();
    println!("{hits:?}; {again} refunds had to be sent again");
    let before = hits.get(&Phase::Before).copied().unwrap_or_default();
    assert_eq!(hits.values().sum::<usize>(), usize::try_from(TILLS * KILLS).unwrap());
    let earlier = (0..TILLS * KILLS).filter(|kill| follows_another(kill % KILLS)).count();
    let killed = hits.values().sum::<usize>() - before;
    assert_eq!(told.len(), whole + earlier + killed, "one number for each wish that was written");
    for (phase, least) in LEAST {
        assert!(hits.get(&phase).is_some_and(|times| *times >= least), "too few kills hit {phase:?}: {hits:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refund_that_is_killed_while_it_is_sent_again_keeps_its_number_and_is_given_once() {
    let stage = Arc::new(Stage::start().await);
    let control = stage.sandbox.control();
    control.auto_pay(Some(PAYS_AFTER_MS)).await.unwrap();
    control.auto_refund(Some(DONE_AFTER_MS)).await.unwrap();
    let tills: Vec<_> = (0..TILLS).map(|till| tokio::spawn(kill_again(Arc::clone(&stage), till))).collect();
    let mut told: BTreeMap<String, Told> = BTreeMap::new();
    let mut sent = 0;
    for till in tills {
        let (of_till, hits) = till.await.unwrap();
        told.extend(of_till);
        sent += hits;
    }
    let there = given(&stage).await;
    assert_eq!(there.keys().collect::<Vec<_>>(), told.keys().collect::<Vec<_>>());
    assert_eq!(there.len(), usize::try_from(TILLS * AGAIN).unwrap(), "each under the one number that it had");
    println!("{sent} of {} were killed after they had left again", told.len());
    assert!(sent > 0 && sent < told.len(), "kills hit before and after: {sent}");
    for (no, told) in &told {
        assert_eq!((told.state, told.minor), ("succeeded", there[no].amount_minor), "{no}");
    }
}

/// The refunds that the gateway holds, done by now.
async fn given(stage: &Stage) -> BTreeMap<String, Refund> {
    let refunds = stage.sandbox.control().refunds().await.unwrap();
    assert!(refunds.iter().all(|refund| refund.state != RefundState::Failed), "{refunds:?}");
    let count = refunds.len();
    let by_number: BTreeMap<_, _> = refunds.into_iter().map(|refund| (refund.refund_no.clone(), refund)).collect();
    assert_eq!(by_number.len(), count, "a number is given once");
    by_number
}

/// Kills one till over and over while it gives money back; its refunds at the end, and where the kills hit.
async fn kill_one_till(stage: Arc<Stage>, till: u64) -> (BTreeMap<String, Told>, Hits) {
    let data = tempfile::tempdir().unwrap();
    furnish(data.path(), &stage).await;
    let mut drawn = Drawn(till + 100);
    let mut took = Took::default();
    let mut order_no = String::new();
    let mut known = BTreeMap::new();
    let mut hits = Hits::new();
    for kill in 0..KILLS {
        if kill % MEASURED == 0 {
            order_no = sold(data.path()).await;
            took = Took::measured(data.path(), &order_no).await;
        }
        if follows_another(kill) {
            let earlier = [&refund_words(&order_no)[..], &["--no-wait"]].concat();
            let earlier = run(command(data.path(), &earlier)).await;
            assert_eq!(earlier.code, Some(0), "{earlier:?}");
        }
        if kill % MEASURED == 0 || follows_another(kill) {
            known = told(data.path()).await;
        }
        let arrived = Arrivals::from_now_on(&stage).await;
        let mut refund = Running::start(refunding(data.path(), &order_no));
        match kill % 8 {
            // While it starts.
            0 => tokio::time::sleep(drawn.instant(took.first)).await,
            // The first line says that the wish is written: at once, or within the little time in which it leaves.
            1 | 2 => drop(refund.line().await.expect("it says that it is wanted")),
            3 => {
                refund.line().await.expect("it says that it is wanted");
                let (begun, instant) = (Instant::now(), drawn.instant(Duration::from_millis(3)));
                while begun.elapsed() < instant {
                    std::hint::spin_loop();
                }
            }
            // Around its leaving.
            4 => {
                refund.line().await.expect("it says that it is wanted");
                tokio::time::sleep(drawn.instant(Duration::from_millis(60))).await;
            }
            // Before the gateway answers.
            5 => {
                refund.until("sent").await;
                tokio::time::sleep(drawn.instant(Duration::from_millis(ANSWERS_AFTER_MS / 4))).await;
            }
            // From its answer to the end.
            _ => {
                refund.until("processing").await;
                tokio::time::sleep(drawn.instant(took.rest)).await;
            }
        }
        refund.child.start_kill().unwrap();
        refund.child.wait().await.unwrap();

        let (mut new, after) = settled(data.path()).await;
        new.retain(|no, _| !known.contains_key(no));
        assert!(new.len() <= 1, "one wish has one number: {new:?}");
        *hits.entry(Phase::of(new.values().next())).or_default() += 1;
        assert_eq!(after.len(), known.len() + new.len(), "nothing that was killed is wished for anew");
        arrived.are_no_more_than_were_sent(&stage, &order_no, &after).await;
        known = after;
    }
    verified(data.path(), till).await;
    (known, hits)
}

/// Kills one till while it sends refunds again that never arrived; its refunds, and how many had left a second time.
async fn kill_again(stage: Arc<Stage>, till: u64) -> (BTreeMap<String, Told>, usize) {
    let data = tempfile::tempdir().unwrap();
    furnish(data.path(), &stage).await;
    let control = stage.sandbox.control();
    let mut drawn = Drawn(till + 200);
    let order_no = sold(data.path()).await;
    let mut sent = 0;
    for kill in 0..AGAIN {
        let arrived = Arrivals::from_now_on(&stage).await;
        // What sends it again must have asked about it first: the till that goes on is the one that is killed.
        let mut serve = Running::start(command(data.path(), &["serve"]));
        serve.line().await.expect("it serves");
        control.fault_for(&order_no, Scope::Refund, 1, Fault::DropBefore).await.unwrap();
        let lost = run(refunding(data.path(), &order_no)).await;
        assert_eq!(lost.last()["state"], "unknown", "{lost:?}");
        let no = lost.last()["refund_no"].as_str().unwrap().to_owned();
        let slow = Fault::Delay { ms: ANSWERS_AFTER_MS };
        control.fault_for(&order_no, Scope::Refund, 1, slow).await.unwrap();

        let mut again = Running::start(command(data.path(), &["refund", &order_no, "--again", &no]));
        match (kill + till) % 3 {
            0 => tokio::time::sleep(drawn.instant(Duration::from_millis(60))).await,
            1 => {
                again.line().await.expect("it says that it is wanted again");
                tokio::time::sleep(drawn.instant(Duration::from_millis(ANSWERS_AFTER_MS))).await;
            }
            _ => {
                again.until("sent").await;
                tokio::time::sleep(drawn.instant(Duration::from_millis(ANSWERS_AFTER_MS))).await;
            }
        }
        serve.child.kill().await.unwrap();
        again.child.kill().await.unwrap();
        let (killed, after) = settled(data.path()).await;
        sent += usize::from(killed[&no].sendings > 1);
        assert_eq!(after.keys().collect::<Vec<_>>(), killed.keys().collect::<Vec<_>>(), "it keeps its number");
        arrived.are_no_more_than_were_sent(&stage, &order_no, &after).await;
    }
    verified(data.path(), till).await;
    (told(data.path()).await, sent)
}

/// Whether the refund that is killed comes while an earlier one of its order is still being asked about.
fn follows_another(kill: u64) -> bool {
    matches!(kill % 8, 1 | 2)
}

/// How long a whole refund takes to say its first line, and from its answer to the end.
#[derive(Default)]
struct Took {
    first: Duration,
    rest: Duration,
}

impl Took {
    async fn measured(data: &Path, order_no: &str) -> Self {
        let begun = Instant::now();
        let mut refund = Running::start(refunding(data, order_no));
        refund.line().await.expect("a line");
        let first = begun.elapsed();
        refund.until("processing").await;
        let answered = Instant::now();
        refund.until("succeeded").await;
        let rest = answered.elapsed();
        assert_eq!(refund.ends_with().await, Some(0));
        Self { first, rest }
    }
}

/// What arrives at the gateway after an instant.
struct Arrivals {
    after: u64,
}

impl Arrivals {
    async fn from_now_on(stage: &Stage) -> Self {
        let received = stage.sandbox.control().received(0).await.unwrap();
        Self { after: received.last().map_or(0, |last| last.index) }
    }

    /// Every number of this order arrived at most as often as the journal says that it was sent.
    async fn are_no_more_than_were_sent(&self, stage: &Stage, order_no: &str, told: &BTreeMap<String, Told>) {
        let mut arrived: BTreeMap<String, usize> = BTreeMap::new();
        for request in stage.sandbox.control().received(self.after).await.unwrap() {
            let of_this_order = request.fields.get("mch_trade_id").and_then(Value::as_str) == Some(order_no);
            if let (Operation::Refund, true) = (request.operation, of_this_order) {
                let no = request.fields["mch_refund_id"].as_str().unwrap();
                *arrived.entry(no.to_owned()).or_default() += 1;
            }
        }
        for (no, times) in arrived {
            let told = told.get(&no).unwrap_or_else(|| panic!("{no} arrived, the journal does not know it"));
            assert!(times <= told.sendings, "{no} arrived {times} times, {told:?}");
        }
    }
}

/// An order that is paid; its number.
async fn sold(data: &Path) -> String {
    let sale: Ran = run(command(data, &SALE)).await;
    assert_eq!(sale.code, Some(0), "{sale:?}");
    sale.last()["order_no"].as_str().unwrap().to_owned()
}

fn refund_words(order_no: &str) -> [&str; 5] {
    ["refund", order_no, GIVES, "--reason", "killed"]
}

fn refunding(data: &Path, order_no: &str) -> tokio::process::Command {
    command(data, &refund_words(order_no))
}

async fn verified(data: &Path, till: u64) {
    let verified = run(command(data, &["journal", "verify"])).await;
    assert_eq!(verified.code, Some(0), "till {till}: {verified:?}");
}

/// Starts the till again and waits until every refund has ended; all of them as they were left, and as they ended. What the gateway
/// does not know is sent once more.
async fn settled(data: &Path) -> (BTreeMap<String, Told>, BTreeMap<String, Told>) {
    let (left, seq) = told_up_to(data).await;
    let mut all = left.clone();
    if all.values().all(|told| told.state == "succeeded") {
        return (left, all);
    }
    // Nothing is sent again before it serves: what sends while no till runs would be the till, and ask about nothing once it has sent.
    let mut serve = Running::start(command(data, &["serve"]));
    serve.line().await.expect("it serves");
    let mut feed = Running::start(command(data, &["journal", "list", "--after", &seq.to_string(), "--follow"]));
    let deadline = Instant::now() + SETTLED_WITHIN;
    while all.values().any(|told| told.state != "succeeded") {
        assert!(Instant::now() < deadline, "in the dark: {all:?}");
        tokio::select! {
            event = feed.line() => take(&mut all, &event.expect("it goes on")),
            () = tokio::time::sleep(SILENCE) => {
                for (no, told) in all.iter().filter(|(_, told)| told.state == "unknown") {
                    // Refused until the gateway has been asked and did not know it.
                    run(command(data, &["refund", &told.order_no, "--again", no, "--no-wait"])).await;
                }
            }
        }
    }
    feed.child.kill().await.unwrap();
    serve.child.kill().await.unwrap();
    (left, all)
}

/// Every refund of the journal, by its events.
async fn told(data: &Path) -> BTreeMap<String, Told> {
    told_up_to(data).await.0
}

/// The same, and the position of the last of them.
async fn told_up_to(data: &Path) -> (BTreeMap<String, Told>, u64) {
    let listed = run(command(data, &["journal", "list"])).await;
    assert_eq!(listed.code, Some(0), "{listed:?}");
    let mut refunds = BTreeMap::new();
    listed.lines.iter().for_each(|line| take(&mut refunds, line));
    (refunds, listed.last()["seq"].as_u64().unwrap())
}

/// What an event, one line of the journal's feed, says of refunds.
fn take(refunds: &mut BTreeMap<String, Told>, line: &Value) {
    let Some(order_no) = line["subject"].as_str().and_then(|subject| subject.strip_prefix("order/")) else { return };
    let event = &line["event"]["event"];
    let state = match event["type"].as_str().unwrap() {
        "refund_requested" => {
            let draft = &event["refund"];
            let told = Told {
                order_no: order_no.to_owned(),
                minor: draft["amount_minor"].as_i64().unwrap(),
                state: "requested",
                sendings: 0,
            };
            let before = refunds.insert(draft["refund_no"].as_str().unwrap().to_owned(), told);
            assert!(before.is_none(), "{event}");
            return;
        }
        "refund_again" => "requested",
        "refund_sent" => "sent",
        "refund_unknown" => "unknown",
        "refund_processing" => "processing",
        "refund_succeeded" => "succeeded",
        "refund_failed" => "failed",
        _ => return,
    };
    let refund = refunds.get_mut(event["refund_no"].as_str().unwrap()).unwrap();
    refund.state = state;
    refund.sendings += usize::from(state == "sent");
}
