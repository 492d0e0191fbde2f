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
    let channel = |chance: &mut Chance| usize::try_from(chance.below(6)).unwrap();
    match chance.below(100) {
        0..=13 => What::Sell {
            account: usize::try_from(chance.below(2)).unwrap(),
            channel: channel(chance),
            fen: chance.between(1, 500_000),
            expire_s: chance.permille(600).then(|| u32::try_from(chance.between(60, 400)).unwrap()),
        },
        14..=20 => What::Further { order: recent(chance), channel: channel(chance) },
        21 if chance.permille(200) => What::Rush(usize::try_from(chance.between(9, 30)).unwrap()),
        21..=28 => What::Ask(recent(chance)),
        29..=38 => What::Close(recent(chance)),
        39..=41 => What::Show(chance.permille(800).then(|| recent(chance))),
        42..=64 => What::Wait,
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
        90 => What::ChangeAccount(usize::try_from(chance.below(2)).unwrap(), usize::try_from(chance.below(6)).unwrap()),
        91 => What::ChangeKey(usize::try_from(chance.below(2)).unwrap()),
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
