//! One world from its beginning to its end: runs of the real till, one after another, on what survives.

use super::book::{self, Shows, Told};
use super::gateway::{HOUSES, Truth};
use super::keyring::SimKeyring;
use super::log;
use super::machine::{SimChance, SimClock};
use super::network::SimTransport;
use super::operation::{Operation, What};
use super::persons;
use super::reckoning;
use super::storage::SimStorage;
use super::wire::{self, Dialect, tail};
use super::world::{D, Failure, H, S, Stage};
use futures_util::FutureExt;
use secrecy::{SecretSlice, SecretString};
use std::collections::BTreeMap;
use std::sync::Arc;
use till_core::account::AccountChange;
use till_core::error::{Code, Refusal};
use till_core::rights::Actor;
use till_engine::till::{Caps, Launch, News, Profile, Seams, Till};
use till_engine::view::{OrderQuery, SaleRequest};
use tokio::sync::broadcast::error::RecvError;

/// Channels through which the till sells; payment codes twice, since they are what is new at a counter.
fn channels(dialect: Dialect) -> &'static [&'static str] {
    match dialect {
        Dialect::Pooul => &[
            "wechat.scan",
            "alipay.scan",
            "qq.scan",
            "wechat.jsurl",
            "alipay.jsapi",
            "qq.jsapi",
            "wechat.micro",
            "alipay.micro",
            "qq.micro",
        ],
        Dialect::Jubao => &["101", "201", "other"],
        Dialect::BlueOcean => &[
            "wechat.qrcode",
            "alipay.qrcode",
            "blueocean.qrcode",
            "unionpay.qrcode",
            "unionpay.link",
            "alipay.wappay",
            "wechat.mweb",
            "wechat.jsapi",
            "wechat.app",
            "alipay.app",
            "micropay",
            "micropay",
            "micropay",
        ],
        Dialect::Dingdang => &["voice"],
    }
}

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
    let log = log::listen();
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
    if let Some(line) = log.code_found() {
        stage.still().fail("no payment code in the log", line);
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
    count("never created", &|told| told.end_reason == "never_created");
    count("expired here", &|told| told.end_reason == "expired_here");
    count("payment codes", &|told| told.shows == Shows::Customer);
    count("reversed", &|told| told.state == "reversed");
    count("failed", &|told| told.state == "failed");
    count("adopted", &|told| told.shows == Shows::Nobody);
    count("named", &|told| told.named);
    count("cannot be asked", &Told::is_stuck);
    // A reverse that was kept on its way, and came after a question had found the payment.
    count("reversed behind our back", &|told| {
        let truth = world.platform.trades.get(&told.order_no).map(|trade| trade.truth);
        told.paid && told.reverse_sent && truth == Some(Truth::Reversed)
    });
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
    persons::settle(stage, till).await;
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
    // An order that only a person can settle says so after a week, and one that expired here is settled after a day.
    let waiting = |told: &&Told| told.is_open() || told.attention.contains("expired_here");
    let waiting = stage.still().book.orders.values().filter(waiting).count();
    if after > before + 2 * waiting {
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

async fn open_accounts(stage: &Stage, till: &Till) {
    for (place, (name, dialect)) in HOUSES.into_iter().enumerate() {
        let merchant = stage.still().platform.merchants[place].clone();
        let mut fields = vec![(dialect.merchant_field(), merchant.id)];
        let mut set = |name: &'static str, value: &str| fields.push((name, value.to_owned()));
        if dialect != Dialect::Dingdang {
            set("notify_url", "https://shop.example.com/notify");
        }
        match (dialect, name) {
            (Dialect::Pooul, _) => {
                set("sub_appid", "wx0123456789abcdef");
                set("micro_reverse", if merchant.reverses { "yes" } else { "no" });
            }
            (Dialect::Jubao, _) => {
                set("channels", "304");
                set("encoding", if name == "corner" { "form" } else { "json" });
            }
            (Dialect::BlueOcean, _) => {
                set("sub_appid", "wx0123456789abcdef");
                set("currency", merchant.currency);
            }
            (Dialect::Dingdang, _) => {
                set("tsk_public_key", &wire::tsk_public_key());
                set("unsigned_replies", if merchant.refuses_unsigned { "refuse" } else { "accept" });
            }
        }
        let change = AccountChange {
            base_url: Some(dialect.base_url()),
            fields: fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        };
        till.add_account(&Actor::Owner, dialect.gateway(), name, &change).await.unwrap();
    }
    give_keys(stage, till).await;
}

async fn give_keys(stage: &Stage, till: &Till) {
    for (place, (name, dialect)) in HOUSES.into_iter().enumerate() {
        let (field, key) = match dialect {
            Dialect::Dingdang => ("skill_private_key", wire::skill_key_pem()),
            Dialect::Pooul | Dialect::Jubao | Dialect::BlueOcean => {
                ("key", stage.still().platform.merchants[place].key.clone())
            }
        };
        let secret = SecretSlice::from(key.into_bytes());
        till.set_secret(&Actor::Owner, name, field, &secret).await.unwrap();
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
        What::Sell { account, channel, fen, expire_s } => {
            sell(stage, till, request(account, channel, fen, expire_s));
        }
        What::Further { order: place, channel } => {
            if let Some(no) = order(place) {
                let (sale, fen, account) = {
                    let world = stage.still();
                    let told = &world.book.orders[&no];
                    (told.sale.clone(), told.minor, HOUSES.iter().position(|(name, _)| *name == told.account_name))
                };
                let account = account.filter(|place| HOUSES[*place].1 != Dialect::Dingdang).unwrap_or(0);
                let request = request(account, channel, fen, None);
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
        What::Reverse(place) => {
            if let Some(no) = order(place) {
                let (stage, till) = (stage.clone(), till.clone());
                tokio::spawn(async move { persons::reverse(&stage, &till, no).await });
            }
        }
        What::Name(place, naming) => {
            if let Some((no, number)) = persons::number(stage, place, naming) {
                let (stage, till) = (stage.clone(), till.clone());
                tokio::spawn(async move { persons::name(&stage, &till, &no, &number).await });
            }
        }
        What::OrderElsewhere(account, fen) => persons::order_elsewhere(&mut stage.now(), account, fen),
        What::Adopt { order, by_theirs, lines, twice } => {
            if let Some(adoption) = persons::adoption(stage, order, by_theirs, lines) {
                for _ in 0..1 + usize::from(twice) {
                    let (stage, till, adoption) = (stage.clone(), till.clone(), adoption.clone());
                    tokio::spawn(async move { persons::adopt(&stage, &till, adoption).await });
                }
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
                ("plan.reverse_floor_s", "40"),
                ("plan.reverse_floor_s", ""),
            ][which];
            let change =
                AccountChange { fields: [(name.to_owned(), value.to_owned())].into(), ..AccountChange::default() };
            let (stage, till) = (stage.clone(), till.clone());
            tokio::spawn(async move {
                expected(&stage, "account", till.change_account(&Actor::Owner, HOUSES[account].0, &change).await);
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
                expected(&stage, "key", till.set_secret(&Actor::Owner, HOUSES[account].0, "key", &secret).await);
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
                    let query = OrderQuery { text: tail(&no).to_owned(), ..OrderQuery::default() };
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
    let (name, dialect) = HOUSES[account];
    let channels = channels(dialect);
    let channel = channels[channel % channels.len()];
    let extra: &[(&str, &str)] = match channel {
        "wechat.jsurl" => &[("sub_openid", "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"), ("settle_type", "yes")],
        "wechat.jsapi" => &[("sub_openid", "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o")],
        "alipay.jsapi" => &[("buyer_id", "2088123412341234")],
        "other" => &[("pay_channel_id", "304")],
        _ => &[],
    };
    SaleRequest {
        account: name.to_owned(),
        channel: channel.to_owned(),
        amount: format!("{}.{:02}", fen / 100, fen % 100),
        body: None,
        extra: extra.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        items: vec![],
        expire_s,
        sale: None,
    }
}

fn sell(stage: &Stage, till: &Till, request: SaleRequest) {
    let code = (request.channel.contains("micro")).then(|| {
        let mut world = stage.now();
        let world = &mut *world;
        let code = world.platform.payment_code(&mut world.chance);
        world.book.codes.entry(code.clone()).or_default().0 += 1;
        code
    });
    let (stage, till) = (stage.clone(), till.clone());
    tokio::spawn(async move {
        let result = till.sell(&Actor::Owner, &request, code.map(SecretString::from), None).await;
        if let Ok(live) = &result {
            book::seen(&mut stage.now(), live);
        }
        expected(&stage, "sell", result);
    });
}

/// Tells what came of a command; refusals that no fault explains are wrong.
pub(super) fn expected<T>(stage: &Stage, what: &'static str, result: Result<T, Refusal>) {
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
            ) || match what {
                "reverse" => refusal.code == Code::GatewayCannot,
                "name" => matches!(
                    refusal.code,
                    Code::NotConfirmed | Code::NumberOfAnother | Code::UnknownOrder | Code::GatewayCannot
                ),
                "adopt" => matches!(refusal.code, Code::NotConfirmed | Code::LinesDoNotAddUp),
                _ => false,
            };
            world.tell(format_args!("{what}: {:?} {:?}", refusal.code, refusal.facts.get("why")));
            if !fine {
                world.fail("a refusal without a reason", format!("{what}: {refusal:?}"));
            }
        }
    }
}
