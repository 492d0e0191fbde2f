//! What is done to the till in a simulation, drawn from a seed before anything runs.

use super::chance::Chance;
use super::gateway::Deed;
use super::network::Weather;
use super::storage::DiskFault;
use super::world::{D, H, MIN, MS, S};

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// Sows chance anew, so that leaving other operations out changes little.
    pub salt: u64,
    /// Microseconds that pass afterwards.
    pub then: i64,
    /// What.
    pub what: What,
}

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Sells.
    Sell {
        /// Which account.
        account: usize,
        /// Which channel.
        channel: usize,
        /// Fen.
        fen: i64,
        /// Seconds until expiry.
        expire_s: Option<u32>,
    },
    /// Asks for a further order of a recent order's sale, allowed or not.
    Further {
        /// Which order, the newest is 0.
        order: usize,
        /// Which channel.
        channel: usize,
    },
    /// Several sales at once.
    Rush(usize),
    /// Asks.
    Ask(usize),
    /// Closes.
    Close(usize),
    /// Has an order reversed.
    Reverse(usize),
    /// Names the gateway's number of a recent order that cannot be asked about.
    Name(usize, Naming),
    /// Somebody orders elsewhere, through that account.
    OrderElsewhere(usize, i64),
    /// Takes in a recent order that was made elsewhere.
    Adopt {
        /// Which, the newest is 0.
        order: usize,
        /// By the gateway's number, not the merchant's.
        by_theirs: bool,
        /// With what lines.
        lines: Lines,
        /// Twice at the same time.
        twice: bool,
    },
    /// Puts an order on screen, or takes the screen empty.
    Show(Option<usize>),
    /// Nothing: time passes.
    Wait,
    /// Stops and starts again.
    Restart {
        /// Microseconds without a till.
        down: i64,
    },
    /// Dies in the middle of something.
    Crash {
        /// Effects from now.
        after: u32,
        /// Microseconds without a till.
        down: i64,
    },
    /// The network gets worse.
    Network(Weather, i64),
    /// The disk gets worse.
    Disk(DiskFault, i64),
    /// The disk gets slow.
    SlowDisk(i64),
    /// The keyring does not serve; locked or missing.
    Keyring(bool, i64),
    /// Somebody sets the wall clock.
    SetClock(i64),
    /// The gateway's clock goes wrong, seconds.
    GatewayClock(i64),
    /// A field of an account changes.
    ChangeAccount(usize, usize),
    /// A key changes, first at the gateway.
    ChangeKey(usize),
    /// Somebody does something at the gateway.
    Deed(usize, Deed),
    /// Somebody searches and reads timelines.
    Read(usize),
}

/// Which number a person names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Naming {
    /// The order's own.
    Right,
    /// One that nobody has.
    Nobodys,
    /// Another order's.
    Anothers,
}

/// What lines a person names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lines {
    /// None.
    No,
    /// Some that add up.
    Right,
    /// Some that do not.
    Wrong,
}

/// Operations of a seed. The last quarter has neither stop nor crash, so that what a run has lost no launch makes good.
#[must_use]
pub fn drawn(seed: u64, count: usize) -> Vec<Operation> {
    let mut chance = Chance::of(seed);
    let mut all: Vec<Operation> = (0..count).map(|_| one(&mut chance)).collect();
    for operation in all.iter_mut().skip(count * 3 / 4) {
        if matches!(operation.what, What::Restart { .. } | What::Crash { .. }) {
            operation.what = What::Disk(*chance.one_of(&[DiskFault::Full, DiskFault::Flaky]), chance.between(S, MIN));
        }
    }
    all
}

/// A day of a busy shop: 300 sales and orders taken in, one every few seconds, under fair weather and foul.
#[must_use]
pub fn busy(seed: u64) -> Vec<Operation> {
    let mut chance = Chance::of(seed);
    let mut all = Vec::new();
    for place in 0..300 {
        let sold = match chance.below(20) {
            0 => What::OrderElsewhere(usize::try_from(chance.between(6, 8)).unwrap(), chance.between(1, 500_000)),
            _ => loop {
                let sold = what(&mut chance);
                if matches!(sold, What::Sell { .. }) {
                    break sold;
                }
            },
        };
        let trouble = match chance.below(20) {
            0 => Some(What::Crash { after: u32::try_from(chance.below(40)).unwrap(), down: chance.between(S, MIN) }),
            1 => Some(What::Network(Weather::Rain, chance.between(10 * S, 2 * MIN))),
            2 => Some(What::Network(Weather::Storm, chance.between(10 * S, MIN))),
            3 => Some(What::Adopt { order: 0, by_theirs: chance.permille(500), lines: Lines::Right, twice: false }),
            4 => Some(What::Close(0)),
            5 => Some(What::Reverse(0)),
            6 => Some(What::Name(0, Naming::Right)),
            _ => None,
        };
        let trouble = trouble.filter(|trouble| place < 250 || !matches!(trouble, What::Crash { .. }));
        for what in [Some(sold), trouble].into_iter().flatten() {
            all.push(Operation { salt: chance.number(), then: chance.between(MS, 4 * S), what });
        }
    }
    all
}

fn one(chance: &mut Chance) -> Operation {
    let what = what(chance);
    let then = match (what, chance.below(20)) {
        (What::Wait, 0) => chance.between(H, 2 * D),
        (What::Wait, 1 | 2) => chance.between(10 * MIN, 3 * H),
        (What::Wait, 3..=8) => chance.between(MIN, 10 * MIN),
        (What::Wait, _) => chance.between(S, MIN),
        (_, 0..=6) => chance.between(0, 5 * MS),
        (_, 7..=14) => chance.between(5 * MS, 3 * S),
        (_, _) => chance.between(S, 20 * S),
    };
    Operation { salt: chance.number(), then, what }
}

fn what(chance: &mut Chance) -> What {
    let recent = |chance: &mut Chance| usize::try_from(chance.below(4) * chance.below(4)).unwrap();
    let channel = |chance: &mut Chance| usize::try_from(chance.below(330)).unwrap();
    let account = |chance: &mut Chance| usize::try_from(chance.below(8)).unwrap();
    match chance.below(100) {
        0..=13 => What::Sell {
            account: chance.weighted(&[(4, 0), (4, 1), (2, 2), (2, 3), (4, 4), (3, 5)]),
            channel: channel(chance),
            fen: chance.between(1, 500_000),
            expire_s: chance.permille(500).then(|| u32::try_from(chance.between(60, 400)).unwrap()),
        },
        14..=18 => What::Further { order: recent(chance), channel: channel(chance) },
        19 if chance.permille(200) => What::Rush(usize::try_from(chance.between(9, 30)).unwrap()),
        19..=25 => What::Ask(recent(chance)),
        26..=33 => What::Close(recent(chance)),
        34..=35 => What::Reverse(recent(chance)),
        36..=37 => What::Name(
            recent(chance),
            *chance.one_of(&[Naming::Right, Naming::Right, Naming::Nobodys, Naming::Anothers]),
        ),
        38..=39 => What::OrderElsewhere(usize::try_from(chance.between(6, 8)).unwrap(), chance.between(1, 500_000)),
        40..=41 => What::Adopt {
            order: usize::try_from(chance.below(3)).unwrap(),
            by_theirs: chance.permille(400),
            lines: chance.weighted(&[(5, Lines::No), (3, Lines::Right), (1, Lines::Wrong)]),
            twice: chance.permille(250),
        },
        42..=44 => What::Show(chance.permille(800).then(|| recent(chance))),
        45..=64 => What::Wait,
        65..=68 => What::Restart { down: down(chance) },
        69..=76 => What::Crash { after: u32::try_from(chance.below(40)).unwrap(), down: down(chance) },
        77..=82 => {
            let weather = chance.weighted(&[(4, Weather::Rain), (3, Weather::Storm), (2, Weather::Outage)]);
            What::Network(weather, chance.between(10 * S, 20 * MIN))
        }
        83..=84 => {
            let fault = *chance.one_of(&[DiskFault::Full, DiskFault::ReadOnly, DiskFault::Flaky]);
            What::Disk(fault, chance.between(S, 3 * MIN))
        }
        85 => What::SlowDisk(chance.between(S, MIN)),
        86..=87 => What::Keyring(chance.permille(500), chance.between(S, 5 * MIN)),
        88 => What::SetClock(*chance.one_of(&[-H, -5 * MIN, -3 * S, 3 * S, 5 * MIN, H, D])),
        89 => What::GatewayClock(*chance.one_of(&[-600, -30, 0, 0, 3, 45, 600])),
        90 => What::ChangeAccount(account(chance), usize::try_from(chance.below(8)).unwrap()),
        91 => What::ChangeKey(usize::try_from(chance.below(6)).unwrap()),
        92..=97 => {
            let all = [Deed::Scan, Deed::Pay, Deed::Pay, Deed::Refund, Deed::Refund, Deed::Reverse, Deed::CloseItself];
            What::Deed(recent(chance), *chance.one_of(&all))
        }
        _ => What::Read(recent(chance)),
    }
}

fn down(chance: &mut Chance) -> i64 {
    match chance.below(20) {
        0 => chance.between(H, D),
        1..=4 => chance.between(MIN, H),
        _ => chance.between(100 * MS, MIN),
    }
}
