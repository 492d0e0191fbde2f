//! One world from its beginning to its end: runs of the real till, one after another, on what survives.

use super::accounts::{give_keys, open_accounts};
use super::back;
use super::book::{self, Returned, Shows, Told};
use super::keyring::SimKeyring;
use super::log;
use super::machine::{SimChance, SimClock};
use super::network::SimTransport;
use super::notify;
use super::operation::{Operation, What};
use super::pages;
use super::partner;
use super::perform::perform;
use super::persons;
use super::reckoning;
use super::staff::{hire_all, wait_for_a_boss};
use super::storage::SimStorage;
use super::wire::Dialect;
use super::world::{D, Failure, H, S, Stage};
use futures_util::FutureExt;
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use till_core::operator::pin::Cost;
use till_engine::receiver::routes;
use till_engine::till::{Caps, Launch, News, Profile, Receiving, Seams, Till};
use tokio::sync::broadcast::error::RecvError;

/// What came of a world.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The first rule that was broken.
    pub failure: Option<Failure>,
    /// The last lines of the story.
    pub story: Vec<String>,
    /// A number for everything that happened.
    pub hash: u64,
    /// What there was to see, by name.
    pub counts: BTreeMap<&'static str, u64>,
}

/// Every gateway with every way in which its orders are paid: what they are counted as, all of them and those that were paid.
const WAYS: [(&str, &str, Dialect, Shows); 6] = [
    ("pooul, shown", "pooul, shown and paid", Dialect::Pooul, Shows::Till),
    ("pooul, by code", "pooul, by code and paid", Dialect::Pooul, Shows::Customer),
    ("jubao, shown", "jubao, shown and paid", Dialect::Jubao, Shows::Till),
    ("blueocean, shown", "blueocean, shown and paid", Dialect::BlueOcean, Shows::Till),
    ("blueocean, by code", "blueocean, by code and paid", Dialect::BlueOcean, Shows::Customer),
    ("dingdang", "dingdang, paid", Dialect::Dingdang, Shows::Nobody),
];

/// Plays a world to its end.
#[must_use]
pub fn play(seed: u64, operations: &[Operation], aloud: bool) -> Outcome {
    let stage = Stage::new(seed);
    stage.still().aloud = aloud;
    let log = log::listen();
    let mut next = 0;
    in_a_run(&stage, async |stage, till| {
        stage.still().fair = true;
        open_accounts(stage, till).await;
        hire_all(stage, till).await;
        stage.still().fair = false;
    });
    let mut finished = false;
    while !finished && stage.still().failure.is_none() {
        let place = &mut next;
        let over = &mut finished;
        let died = in_a_run(&stage, async move |stage, till| {
            while let Some(operation) = operations.get(*place) {
                *place += 1;
                if perform(stage, till, operation).await {
                    return;
                }
            }
            // The same run goes on, so that nothing is made good by a launch alone.
            finish(stage, till).await;
            *over = true;
        });
        reckoning::rows(&stage, false);
        let down = match (died, operations.get(next.wrapping_sub(1)).map(|operation| operation.what)) {
            (false, Some(What::Restart { down })) => down,
            _ => stage.still().down,
        };
        stage.pass(down);
    }
    if stage.still().failure.is_none() {
        in_a_run(&stage, start_once_more);
    }
    reckoning::rows(&stage, true);
    if let Some(line) = log.secret_found() {
        stage.still().fail("no secret of a customer in the log", line);
    }
    let world = stage.still();
    let mut counts = world.network.counts.clone();
    counts.insert("runs", world.run.number.into());
    counts.insert("orders", world.book.drafted.len() as u64);
    counts.insert("paid", world.book.orders.values().filter(|told| told.paid).count() as u64);
    counts.insert("late", world.book.orders.values().filter(|told| told.late).count() as u64);
    let mut count = |what: &'static str, which: &dyn Fn(&Told) -> bool| {
        counts.insert(what, world.book.orders.values().filter(|told| which(told)).count() as u64);
    };
    for (made, paid, dialect, shows) in WAYS {
        let is_one = |told: &Told| told.dialect == Some(dialect) && told.shows == shows;
        count(made, &is_one);
        count(paid, &|told| is_one(told) && told.paid);
    }
    count("never created", &|told| told.end_reason == "never_created");
    count("expired here", &|told| told.end_reason == "expired_here");
    count("payment codes", &|told| told.shows == Shows::Customer);
    count("reversed", &|told| told.state == "reversed");
    count("failed", &|told| told.state == "failed");
    count("adopted", &|told| told.shows == Shows::Nobody && !told.ordered);
    count("ordered", &|told| told.ordered);
    count("on a page", &|told| told.pay_page().is_some());
    count("named", &|told| told.named);
    count("cannot be asked", &Told::is_stuck);
    // A reverse that was kept on its way, and came after a question had found the payment.
    count("taken back after all", &|told| {
        told.paid && world.platform.trades.get(&told.order_no).is_some_and(|trade| trade.taken_back)
    });
    let returns = || world.book.orders.values().flat_map(|told| &told.returns);
    let mut count = |what: &'static str, which: &dyn Fn(&Returned) -> bool| {
        counts.insert(what, returns().filter(|back| which(back)).count() as u64);
    };
    count("refunds", &|_| true);
    count("refunded", &|back| back.state == "succeeded");
    count("refunds failed", &|back| back.state == "failed");
    count("refunds lost", &|back| back.state == "unknown");
    count("refunds sent again", &Returned::was_sent_again);
    count("refunds by two", &Returned::is_by_two);
    count("refunds withdrawn", &|back| back.state == "withdrawn");
    let mut count = |what: &'static str, which: &dyn Fn(&Told) -> bool| {
        counts.insert(what, world.book.orders.values().filter(|told| which(told)).count() as u64);
    };
    count("marked paid", &|told| told.paid_marked);
    count("overruled", &|told| told.overruled);
    count("marked refunded", &|told| told.by_hand > 0);
    count("a refund marked", &|told| told.refund_marked);
    count("dealt with", &|told| !told.dealt.is_empty());
    counts.insert("locked out", world.book.people.lock_outs.into());
    counts.insert("arrived after all", world.book.arrived_after_all.into());
    counts.insert("effects", world.effects);
    counts.insert("events", world.disk.events.len() as u64);
    Outcome {
        failure: world.failure.clone(),
        story: world.story().map(str::to_owned).collect(),
        hash: world.hash(),
        counts,
    }
}

/// Faults are over: every order must come to its end, and journal and gateway must agree.
async fn finish(stage: &Stage, till: &Till) {
    {
        let mut world = stage.now();
        world.fair = true;
        world.fair_since = world.now;
        world.run.crash_after = None;
        world.tell(format_args!("faults are over"));
    }
    wait_for_a_boss(stage, till).await;
    give_keys(stage, till).await;
    persons::settle(stage, till).await;
    partner::settle(stage, till).await;
    pass(stage, till, H).await;
    wait_for_a_boss(stage, till).await;
    back::settle(stage, till).await;
    for pause in [H, 11 * H, 13 * H, 12 * H, 27 * H] {
        pass(stage, till, pause).await;
    }
    // Whoever was away for a week is asked about once a day.
    for _ in 0..8 {
        if !reckoning::open(&stage.now()).is_empty() {
            pass(stage, till, D).await;
        }
    }
    reckoning::ended(stage);
    reckoning::agreed(stage, false);
    reckoning::returned(stage);
    reckoning::today(stage, till);
    notify::all(stage, till).await;
    partner::all(stage).await;
    pass(stage, till, H).await;
    reckoning::ended(stage);
    reckoning::agreed(stage, false);
    reckoning::returned(stage);
}

/// Another launch finds the same, and nothing is written for time alone.
async fn start_once_more(stage: &Stage, till: &Till) {
    pass(stage, till, H).await;
    // An order that only a person can settle says so after a week, and one that expired here is settled after a day.
    let waits =
        |told: &&Told| told.is_open() || told.stands("expired_here") || told.returns.iter().any(Returned::is_open);
    let waiting = stage.still().book.orders.values().filter(waits).count();
    let before = stage.now().disk.events.len();
    pass(stage, till, 3 * D).await;
    let after = stage.now().disk.events.len();
    if after > before + 2 * waiting {
        stage.now().fail("the journal grows with trade, not with time", format!("{before} -> {after}"));
    }
    reckoning::ended(stage);
    reckoning::agreed(stage, true);
    reckoning::returned(stage);
    reckoning::today(stage, till);
}

/// A runtime of its own, a launch, and then what is to be done. True: the till died before that was over.
fn in_a_run(stage: &Stage, work: impl AsyncFnOnce(&Stage, &Till)) -> bool {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let died = runtime.block_on(async {
        stage.begin();
        let bell = Arc::clone(&stage.still().run.bell);
        let died = tokio::select! {
            biased;
            () = bell.notified() => true,
            () = async {
                let till = launch(stage).await;
                tokio::spawn(watch(stage.clone(), till.clone()));
                tokio::spawn(partner::post(stage.clone()));
                work(stage, &till).await;
            } => false,
        };
        stage.end();
        died
    });
    drop(runtime);
    died
}

async fn launch(stage: &Stage) -> Till {
    loop {
        let seams = Seams {
            clock: Arc::new(SimClock(stage.clone())),
            transport: Arc::new(SimTransport(stage.clone())),
            storage: Arc::new(SimStorage(stage.clone())),
            randomness: Arc::new(SimChance(stage.clone())),
            keyring: Arc::new(SimKeyring(stage.clone())),
        };
        let launch = Launch {
            training: false,
            version: "simulated".to_owned(),
            profile: Profile { shop_name: "天虹".to_owned(), client_ip: "192.0.2.7".to_owned() },
            caps: Caps::default(),
            pins: Cost::Least,
        };
        match Till::launch(seams, launch).await {
            Ok(till) => {
                let receives = stage.still().receives;
                if receives {
                    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 8_787));
                    till.set_receiving(Receiving::On { listen, public_address: Some(pages::PUBLIC.to_owned()) });
                }
                stage.now().run.receiver = Some(routes(till.clone(), None));
                return till;
            }
            Err(refusal) => {
                let at = {
                    let mut world = stage.now();
                    world.tell(format_args!("no launch: {:?}", refusal.code));
                    world.now + 5 * S
                };
                stage.until(at).await;
            }
        }
    }
}

/// Whoever looks at the screens.
async fn watch(stage: Stage, till: Till) {
    let mut news = till.news();
    loop {
        match news.recv().await {
            Ok(News::Order { order_no, .. }) => look(&stage, &till, &order_no),
            Ok(News::Accounts | News::People | News::Health) | Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return,
        }
    }
}

/// Looks at one order without disturbing.
fn look(stage: &Stage, till: &Till, order_no: &str) {
    stage.now().looking = true;
    let view = till.order(order_no).now_or_never();
    let mut world = stage.now();
    world.looking = false;
    match view {
        Some(Ok(live)) => book::seen(&mut world, &live),
        Some(Err(refusal)) => world.fail("an order that cannot be seen", format!("{order_no} {refusal:?}")),
        None => world.fail("looking waits", order_no.to_owned()),
    }
}

/// Lets time pass; looks at everything afterwards.
pub(super) async fn pass(stage: &Stage, till: &Till, micros: i64) {
    let at = stage.now().now + micros;
    stage.until(at).await;
    for live in till.snapshot().open {
        book::seen(&mut stage.now(), &live);
    }
}
