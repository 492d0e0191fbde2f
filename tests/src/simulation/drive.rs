//! One world from its beginning to its end: runs of the real till, one after another, on what survives.

use super::book;
use super::keyring::SimKeyring;
use super::machine::{SimChance, SimClock};
use super::network::SimTransport;
use super::operation::{Operation, What};
use super::reckoning;
use super::storage::SimStorage;
use super::world::{D, Failure, H, S, Stage};
use futures_util::FutureExt;
use secrecy::SecretSlice;
use std::collections::BTreeMap;
use std::sync::Arc;
use till_core::account::AccountChange;
use till_core::error::{Code, Refusal};
use till_core::rights::Actor;
use till_engine::till::{Caps, Launch, News, Profile, Seams, Till};
use till_engine::view::{OrderQuery, SaleRequest};
use tokio::sync::broadcast::error::RecvError;

/// The accounts' names.
pub const ACCOUNTS: [&str; 2] = ["front", "back"];
const CHANNELS: [&str; 6] = ["wechat.scan", "alipay.scan", "qq.scan", "wechat.jsurl", "alipay.jsapi", "qq.jsapi"];

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

/// Plays a world to its end.
#[must_use]
pub fn play(seed: u64, operations: &[Operation], aloud: bool) -> Outcome {
    let stage = Stage::new(seed);
    stage.still().aloud = aloud;
    let mut next = 0;
    in_a_run(&stage, async |stage, till| {
        stage.still().fair = true;
        open_accounts(stage, till).await;
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
    let world = stage.still();
    let mut counts = world.network.counts.clone();
    counts.insert("runs", world.run.number.into());
    counts.insert("orders", world.book.drafted.len() as u64);
    counts.insert("paid", world.book.orders.values().filter(|told| told.paid).count() as u64);
    counts.insert("late", world.book.orders.values().filter(|told| told.late).count() as u64);
    counts.insert("never created", world.book.orders.values().filter(|told| told.never_created).count() as u64);
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
        world.run.crash_after = None;
        world.tell(format_args!("faults are over"));
    }
    give_keys(stage, till).await;
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
    reckoning::today(stage, till);
}

/// Another launch finds the same, and nothing is written for time alone.
async fn start_once_more(stage: &Stage, till: &Till) {
    pass(stage, till, H).await;
    let before = stage.now().disk.events.len();
    pass(stage, till, 3 * D).await;
    let after = stage.now().disk.events.len();
    // An order that only a person can settle says so after a week.
    let disputed = stage.still().book.orders.values().filter(|told| told.state == "disputed").count();
    if after > before + 2 * disputed {
        stage.now().fail("the journal grows with trade, not with time", format!("{before} -> {after}"));
    }
    reckoning::ended(stage);
    reckoning::agreed(stage, true);
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
        };
        match Till::launch(seams, launch).await {
            Ok(till) => return till,
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
            Ok(News::Accounts | News::Health) | Err(RecvError::Lagged(_)) => {}
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

async fn open_accounts(stage: &Stage, till: &Till) {
    for (place, name) in ACCOUNTS.into_iter().enumerate() {
        let merchant = stage.still().platform.merchants[place].id.clone();
        let fields = [
            ("merchant_id", merchant.as_str()),
            ("notify_url", "https://shop.example.com/notify"),
            ("sub_appid", "wx0123456789abcdef"),
        ];
        let change = AccountChange {
            base_url: Some("https://gateway.example.com".to_owned()),
            fields: fields.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        };
        till.add_account(&Actor::Owner, "pooul", name, &change).await.unwrap();
    }
    give_keys(stage, till).await;
}

async fn give_keys(stage: &Stage, till: &Till) {
    for (place, name) in ACCOUNTS.into_iter().enumerate() {
        let key = stage.still().platform.merchants[place].key.clone();
        let secret = SecretSlice::from(key.into_bytes());
        till.set_secret(&Actor::Owner, name, "key", &secret).await.unwrap();
    }
}

/// Lets time pass; looks at everything afterwards.
async fn pass(stage: &Stage, till: &Till, micros: i64) {
    let at = stage.now().now + micros;
    stage.until(at).await;
    for live in till.snapshot().open {
        book::seen(&mut stage.now(), &live);
    }
}

/// Does one step. True: this run is over.
async fn perform(stage: &Stage, till: &Till, operation: &Operation) -> bool {
    let now = {
        let mut world = stage.now();
        world.chance = super::chance::Chance::of(operation.salt);
        world.drawn = super::chance::Chance::of(operation.salt ^ 0x5eed);
        world.tell(format_args!("-- {:?}, then {:.3} s", operation.what, operation.then as f64 / 1e6));
        world.now
    };
    let order = |place: usize| {
        let world = stage.still();
        let drafted = &world.book.drafted;
        drafted.len().checked_sub(place + 1).map(|place| drafted[place].clone())
    };
    match operation.what {
        What::Sell { account, channel, fen, expire_s } => sell(stage, till, request(account, channel, fen, expire_s)),
        What::Further { order: place, channel } => {
            if let Some(no) = order(place) {
                let (sale, fen, account) = {
                    let world = stage.still();
                    let told = &world.book.orders[&no];
                    (told.sale.clone(), told.fen, ACCOUNTS.iter().position(|name| *name == told.account_name))
                };
                let request = request(account.unwrap_or(0), channel, fen, None);
                sell(stage, till, SaleRequest { sale: Some(sale), ..request });
            }
        }
        What::Rush(count) => {
            for place in 0..count {
                sell(stage, till, request(0, place % 3, 100 + i64::try_from(place).unwrap(), Some(60)));
            }
        }
        What::Ask(place) => {
            if let Some(no) = order(place) {
                stage.still().book.person_asked(&no);
                let (stage, till) = (stage.clone(), till.clone());
                tokio::spawn(async move { expected(&stage, "ask", till.ask(&Actor::Owner, &no).await) });
            }
        }
        What::Close(place) => {
            if let Some(no) = order(place) {
                let (stage, till) = (stage.clone(), till.clone());
                tokio::spawn(async move {
                    let result = till.close(&Actor::Owner, &no).await;
                    let fine = result.is_ok();
                    expected(&stage, "close", result);
                    let mut world = stage.now();
                    let told = &world.book.orders[&no];
                    if fine && told.off.is_none() && told.link.is_some() && !told.paid && !told.ended {
                        world.fail("a close that was promised", no);
                    }
                });
            }
        }
        What::Show(place) => till.put_on_screen(place.and_then(order)),
        What::Wait => {}
        What::Restart { .. } => {
            pass(stage, till, operation.then).await;
            return true;
        }
        What::Crash { after, down } => {
            let mut world = stage.now();
            world.run.crash_after = Some(after);
            world.down = down;
        }
        What::Network(weather, lasts) => {
            let mut world = stage.now();
            world.network.weather = weather;
            world.network.until = now + lasts;
        }
        What::Disk(fault, lasts) => {
            let mut world = stage.now();
            world.disk.fault = Some(fault);
            world.disk.fails_until = now + lasts;
        }
        What::SlowDisk(lasts) => stage.now().disk.slow_until = now + lasts,
        What::Keyring(locked, lasts) => {
            let mut world = stage.now();
            world.ring.locked = locked;
            world.ring.fails_until = now + lasts;
        }
        What::SetClock(by) => {
            let mut world = stage.now();
            world.wall_set += by;
            world.set_forward += by.max(0);
            world.settings += 1;
        }
        What::GatewayClock(ahead_s) => stage.now().platform.ahead_s = ahead_s,
        What::ChangeAccount(account, which) => {
            let (name, value) = [
                ("plan.poll_ms", "3000"),
                ("plan.poll_ms", ""),
                ("plan.close_floor_s", "30"),
                ("plan.close_floor_s", ""),
                ("plan.grace_s", "900"),
                ("plan.expire_s", "120"),
            ][which];
            let change =
                AccountChange { fields: [(name.to_owned(), value.to_owned())].into(), ..AccountChange::default() };
            let (stage, till) = (stage.clone(), till.clone());
            tokio::spawn(async move {
                expected(&stage, "account", till.change_account(&Actor::Owner, ACCOUNTS[account], &change).await);
            });
        }
        What::ChangeKey(account) => {
            let key = {
                let mut world = stage.now();
                let world = &mut *world;
                world.platform.change_key(account, &mut world.chance);
                world.platform.merchants[account].key.clone()
            };
            let (stage, till) = (stage.clone(), till.clone());
            tokio::spawn(async move {
                let secret = SecretSlice::from(key.into_bytes());
                expected(&stage, "key", till.set_secret(&Actor::Owner, ACCOUNTS[account], "key", &secret).await);
            });
        }
        What::Deed(place, deed) => {
            if let Some(no) = order(place) {
                stage.now().deed(&no, deed);
            }
        }
        What::Read(place) => {
            if let Some(no) = order(place) {
                let (stage, till) = (stage.clone(), till.clone());
                tokio::spawn(async move {
                    let query = OrderQuery { text: no[24..].to_owned(), ..OrderQuery::default() };
                    let page = till.orders(&Actor::Owner, &query).await;
                    let found = page.as_ref().is_ok_and(|page| page.rows.iter().any(|row| row.order_no == no));
                    let timeline = till.timeline(&Actor::Owner, &no).await;
                    if !found || !timeline.is_ok_and(|timeline| !timeline.entries.is_empty()) {
                        stage.now().fail("an order that cannot be found", no);
                    }
                });
            }
        }
    }
    if let Err(refusal) = till.look_at_clock().await {
        stage.now().tell(format_args!("clock: {:?}", refusal.code));
    }
    pass(stage, till, operation.then).await;
    false
}

fn request(account: usize, channel: usize, fen: i64, expire_s: Option<u32>) -> SaleRequest {
    let extra: &[(&str, &str)] = match CHANNELS[channel] {
        "wechat.jsurl" => &[("sub_openid", "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"), ("settle_type", "yes")],
        "alipay.jsapi" => &[("buyer_id", "2088123412341234")],
        _ => &[],
    };
    SaleRequest {
        account: ACCOUNTS[account].to_owned(),
        channel: CHANNELS[channel].to_owned(),
        amount: format!("{}.{:02}", fen / 100, fen % 100),
        body: None,
        extra: extra.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        items: vec![],
        expire_s,
        sale: None,
    }
}

fn sell(stage: &Stage, till: &Till, request: SaleRequest) {
    let (stage, till) = (stage.clone(), till.clone());
    tokio::spawn(async move {
        let result = till.sell(&Actor::Owner, &request, None).await;
        if let Ok(live) = &result {
            book::seen(&mut stage.now(), live);
        }
        expected(&stage, "sell", result);
    });
}

/// Tells what came of a command; refusals that no fault explains are wrong.
fn expected<T>(stage: &Stage, what: &'static str, result: Result<T, Refusal>) {
    let mut world = stage.now();
    match result {
        Ok(_) => world.tell(format_args!("{what}: done")),
        Err(refusal) => {
            let fine = matches!(
                refusal.code,
                Code::KeyringAbsent
                    | Code::KeyringLocked
                    | Code::DiskFull
                    | Code::FolderReadOnly
                    | Code::FurtherOrderNotYet
                    | Code::OrderEnded
                    | Code::Unexpected
            );
            world.tell(format_args!("{what}: {:?} {:?}", refusal.code, refusal.facts.get("why")));
            if !fine {
                world.fail("a refusal without a reason", format!("{what}: {refusal:?}"));
            }
        }
    }
}
