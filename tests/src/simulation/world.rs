//! The world around one till: its time, its chance, what survives a crash, and what was seen to be wrong.

use super::book::Book;
use super::chance::Chance;
use super::gateway::Platform;
use super::keyring::Ring;
use super::network::Network;
use super::storage::Disk;
use axum::Router;
use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard};
use till_core::error::Code;
use tokio::sync::Notify;
use tokio::time::Instant;

/// Microseconds in a millisecond.
pub const MS: i64 = 1_000;
/// Microseconds in a second.
pub const S: i64 = 1_000_000;
/// Microseconds in a minute.
pub const MIN: i64 = 60 * S;
/// Microseconds in an hour.
pub const H: i64 = 60 * MIN;
/// Microseconds in a day.
pub const D: i64 = 24 * H;

/// For so long a command that met a fault may be under way, until somebody is told.
const UNDER_WAY: i64 = 10 * S;

/// The wall clock's reading when a world begins: 2026-03-02T01:40:00Z.
const BEGINNING: i64 = 1_772_415_600 * S;

/// What was found wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The rule that was broken, one word.
    pub rule: &'static str,
    /// What happened.
    pub detail: String,
    /// When, microseconds since the world began.
    pub at: i64,
}

/// One run of the till: from a launch to a stop or a crash.
pub struct Run {
    /// Counts the runs, from 1.
    pub number: u32,
    /// World time at its start.
    origin: i64,
    /// The runtime's clock at its start.
    started: Option<Instant>,
    /// What the boot clock showed at its start.
    boot: i64,
    /// The crash comes at this many effects from now.
    pub crash_after: Option<u32>,
    /// The till is dead: no effect happens any more.
    pub dead: bool,
    /// Rings when it dies.
    pub bell: Arc<Notify>,
    /// Rings when the partner's gateway has something to tell or to ask.
    pub post: Arc<Notify>,
    /// What is answered at the till's receiver.
    pub receiver: Option<Router>,
    /// How far the wall clock was set in this run, and how far the gateway's clock was ahead, at any time: what the till knows of
    /// the difference is one of these, or nothing.
    clocks: (Vec<i64>, Vec<i64>),
    /// By merchant, how far ahead the till may take the gateway's clock to be, seconds.
    ahead: BTreeMap<String, Vec<i64>>,
}

/// Everything that is not the till.
pub struct World {
    /// Chance of the world, sown anew by each operation.
    pub chance: Chance,
    /// Chance that the till draws.
    pub drawn: Chance,
    /// Chance of what is said twice on the way.
    pub doubles: Chance,
    /// Microseconds since the world began.
    pub now: i64,
    /// How far the wall clock was set, microseconds.
    pub wall_set: i64,
    /// Sum of all settings forward.
    pub set_forward: i64,
    /// How often it was set.
    pub settings: u32,
    /// The present run.
    pub run: Run,
    /// The gateway.
    pub platform: Platform,
    /// Between till and gateway.
    pub network: Network,
    /// The journal's disk.
    pub disk: Disk,
    /// The keyring.
    pub ring: Ring,
    /// The reference model.
    pub book: Book,
    /// By what people are told of a fault of disk or keyring: when one last struck.
    struck: BTreeMap<Code, i64>,
    /// The first thing found wrong.
    pub failure: Option<Failure>,
    /// Faults are over.
    pub fair: bool,
    /// Since when, once they are.
    pub fair_since: i64,
    /// Somebody looks who must not disturb.
    pub looking: bool,
    /// Effects so far.
    pub effects: u64,
    /// Whether the till has managers from the beginning; else its owner acts.
    pub staffed: bool,
    /// Whether the till has a public address, so that orders have pages of their own.
    pub receives: bool,
    /// Wishes about money that goes back, so far.
    pub wished: u64,
    /// For how long tills ran in the runs before, microseconds.
    ran: i64,
    /// Microseconds without a till after the next crash.
    pub down: i64,
    story: VecDeque<String>,
    hash: u64,
    /// Whether every line of the story is printed.
    pub aloud: bool,
}

/// The world, shared by the seams.
#[derive(Clone)]
pub struct Stage(Arc<Mutex<World>>);

impl World {
    fn new(seed: u64) -> Self {
        Self {
            chance: Chance::of(seed),
            drawn: Chance::of(seed ^ 0x5eed),
            doubles: Chance::of(seed ^ 0x2222),
            now: 0,
            wall_set: 0,
            set_forward: 0,
            settings: 0,
            run: Run {
                number: 0,
                origin: 0,
                started: None,
                boot: 0,
                crash_after: None,
                dead: false,
                bell: Arc::new(Notify::new()),
                post: Arc::new(Notify::new()),
                receiver: None,
                clocks: (vec![], vec![]),
                ahead: BTreeMap::new(),
            },
            platform: Platform::new(seed),
            network: Network::default(),
            disk: Disk::default(),
            ring: Ring::default(),
            book: Book::default(),
            struck: BTreeMap::new(),
            failure: None,
            fair: false,
            fair_since: 0,
            looking: false,
            effects: 0,
            staffed: !seed.is_multiple_of(4),
            receives: !seed.is_multiple_of(3),
            wished: 0,
            ran: 0,
            down: S,
            story: VecDeque::new(),
            hash: 0xcbf2_9ce4_8422_2325,
            aloud: false,
        }
    }

    /// The wall clock, UTC microseconds.
    #[must_use]
    pub fn wall(&self) -> i64 {
        BEGINNING + self.now + self.wall_set
    }

    /// True time, UTC microseconds.
    #[must_use]
    pub fn true_wall(&self) -> i64 {
        BEGINNING + self.now
    }

    /// Somebody may have set a clock.
    pub fn clocks_change(&mut self) {
        self.run.clocks.0.push(self.wall_set.div_euclid(S));
        self.run.clocks.1.push(self.platform.ahead_s);
    }

    /// An answer to a question that left at `left` bears `date`: whether the till may see another difference of the clocks than
    /// before. What refuses a question is always believed about that, anything else perhaps.
    pub fn shows_another_clock(&mut self, merchant: &str, (left, date): (i64, i64), refuses: bool) -> bool {
        let middle = self.wall() - (self.now - left) / 2;
        let ahead = date - middle.div_euclid(S);
        let known = self.run.ahead.entry(merchant.to_owned()).or_default();
        // A till that saw its own clock jump has forgotten what it knew.
        let another = known.iter().chain([&0]).any(|before| (ahead - before).abs() >= 4);
        if refuses {
            known.clear();
        }
        known.push(ahead);
        another
    }

    /// Whether the till surely, or possibly, takes `at`, UTC seconds by the gateway's clock, for a time within three minutes.
    #[must_use]
    pub fn is_now_for_the_till(&self, at: i64) -> (bool, bool) {
        // An answer may have been under way for a while when it told of the gateway's clock.
        const DOUBT: i64 = 25;
        let (walls, aheads) = &self.run.clocks;
        let known = aheads.iter().flat_map(|ahead| walls.iter().map(move |wall| ahead - wall));
        let off = known.chain([0]).map(|skew| (at - self.wall().div_euclid(S) - skew).abs());
        let (nearest, farthest) = (off.clone().min().unwrap_or(0), off.max().unwrap_or(0));
        (farthest <= 180 - DOUBT, nearest <= 180 + DOUBT)
    }

    /// The boot clock, microseconds.
    #[must_use]
    pub fn boot(&self) -> i64 {
        self.run.boot + (self.now - self.run.origin)
    }

    /// For how long tills have run so far, microseconds.
    #[must_use]
    pub fn ran(&self) -> i64 {
        self.ran + if self.run.started.is_some() { self.now - self.run.origin } else { 0 }
    }

    /// A fault of disk or keyring strikes, of which people are told by `code`.
    pub fn strikes(&mut self, code: Code) {
        self.struck.insert(code, self.now);
    }

    /// Whether such a fault has struck, so lately that what is told of now can have met it.
    #[must_use]
    pub fn has_struck(&self, code: Code) -> bool {
        self.struck.get(&code).is_some_and(|at| self.now - at <= UNDER_WAY)
    }

    /// Whether something that was learned may still wait to be stored: the disk failed so lately that the next try to store it,
    /// after a minute at most, is yet to come or under way.
    #[must_use]
    pub fn stores_again(&self) -> bool {
        let faults = [Code::DiskFull, Code::FolderReadOnly, Code::Unexpected];
        let struck = faults.iter().filter_map(|code| self.struck.get(code));
        struck.max().is_some_and(|at| self.now - at <= MIN + UNDER_WAY)
    }

    /// Adds a line to the story.
    pub fn tell(&mut self, line: std::fmt::Arguments<'_>) {
        let mut text = String::new();
        write!(text, "{:>12.3} r{} {line}", self.now as f64 / 1e6, self.run.number).unwrap();
        for byte in text.bytes() {
            self.hash = (self.hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        if self.aloud {
            eprintln!("{text}");
        }
        if self.story.len() >= 300 {
            self.story.pop_front();
        }
        self.story.push_back(text);
    }

    /// What was told last.
    pub fn story(&self) -> impl Iterator<Item = &str> {
        self.story.iter().map(String::as_str)
    }

    /// A number for everything that happened so far.
    #[must_use]
    pub fn hash(&self) -> u64 {
        self.hash
    }

    /// Something is wrong: everything stops.
    pub fn fail(&mut self, rule: &'static str, detail: String) {
        self.tell(format_args!("BROKEN {rule}: {detail}"));
        if self.failure.is_none() {
            self.failure = Some(Failure { rule, detail, at: self.now });
        }
        self.die();
    }

    /// The till dies here.
    pub fn die(&mut self) {
        self.run.dead = true;
        self.run.crash_after = None;
        self.run.bell.notify_one();
    }

    /// Lets everything happen that is due until now.
    fn catch_up(&mut self) {
        while let Some((at, happening)) = self.network.next_due(self.now) {
            let now = std::mem::replace(&mut self.now, at);
            self.happens(happening);
            self.now = now;
        }
    }
}

impl Stage {
    /// A world from a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(World::new(seed))))
    }

    /// The world as it was left, without a look at the clock.
    pub fn still(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// The world now: everything that was due has happened.
    pub fn now(&self) -> MutexGuard<'_, World> {
        let mut world = self.still();
        if let Some(started) = world.run.started {
            let passed = i64::try_from(started.elapsed().as_micros()).unwrap();
            world.now = world.run.origin + passed;
            world.catch_up();
        }
        world
    }

    /// A run begins; the boot clock starts again. Inside its runtime.
    pub fn begin(&self) {
        let mut world = self.still();
        world.run.number += 1;
        world.run.origin = world.now;
        world.run.boot = world.drawn.between(S, H);
        world.run.started = Some(Instant::now());
        world.run.dead = false;
        world.run.crash_after = None;
        world.run.bell = Arc::new(Notify::new());
        world.run.post = Arc::new(Notify::new());
        world.run.clocks = (vec![], vec![]);
        world.run.ahead.clear();
        world.clocks_change();
        world.network.new_run();
        world.book.new_run();
    }

    /// The run is over. Inside its runtime, as its last word.
    pub fn end(&self) {
        let mut world = self.now();
        world.ran = world.ran();
        world.run.receiver = None;
        world.run.dead = true;
        world.run.started = None;
    }

    /// Time passes while no till runs.
    pub fn pass(&self, micros: i64) {
        let mut world = self.still();
        world.now += micros;
        world.catch_up();
    }

    /// The runtime's instant of a world time.
    pub fn instant(&self, at: i64) -> Instant {
        let world = self.still();
        let started = world.run.started.expect("a run");
        started + std::time::Duration::from_micros(u64::try_from((at - world.run.origin).max(0)).unwrap())
    }

    /// Waits until a world time.
    pub async fn until(&self, at: i64) {
        tokio::time::sleep_until(self.instant(at)).await;
    }

    /// A point at which the till can die. A dead till has no further effect: whoever comes here stays.
    pub async fn effect(&self, what: &'static str) {
        {
            let mut world = self.now();
            if world.looking {
                return;
            }
            world.effects += 1;
            if !world.run.dead {
                match world.run.crash_after {
                    None => return,
                    Some(0) => {
                        world.tell(format_args!("CRASH at {what}"));
                        world.die();
                    }
                    Some(left) => {
                        world.run.crash_after = Some(left - 1);
                        return;
                    }
                }
            }
        }
        std::future::pending().await
    }
}
