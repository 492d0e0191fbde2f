//! What is done to the till in a simulation, drawn from a seed before anything runs.

use super::back::{Givers, Part};
use super::chance::Chance;
use super::gateway::Deed;
use super::network::Weather;
use super::pages::Visit;
use super::staff::Who;
use super::storage::DiskFault;
use super::wire::{Spoil, some_spoil};
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
    /// A gateway sends something about a recent order by itself, so many copies at the same time.
    Notify(usize, usize),
    /// A customer wants to order through a speaker: the gateway has the till make the order.
    Speak {
        /// At whose speaker.
        account: usize,
        /// Fen.
        fen: i64,
        /// What is wrong with the call.
        spoil: Spoil,
        /// So many at the same time.
        copies: usize,
    },
    /// The gateway of a recent order, or somebody in its name, calls the till about it.
    Call {
        /// Which, the newest is 0.
        place: usize,
        /// To say what.
        telling: Telling,
        /// What is wrong with the call.
        spoil: Spoil,
        /// So many at the same time.
        copies: usize,
    },
    /// So many people come to the page of a recent order that has one.
    Visit(usize, Visit, usize),
    /// Somebody searches and reads timelines.
    Read(usize),
    /// Wants money of a recent paid order to go back, once, or twice at the same time: the second time by the other manager.
    Refund(usize, Part, Givers, bool),
    /// Sends a recent refund again.
    Again(usize, Givers),
    /// Takes a recent refund back.
    Withdraw(usize, Who),
    /// Wants money of a recent paid order to go back, and takes that back before it leaves: the disk fails at its sending.
    Regret(usize, Part, Givers),
    /// Marks a recent order by hand: paid, or given back.
    Mark(usize, bool, Givers),
    /// Deals with an attention of a recent order.
    Handle(usize, usize, Who),
    /// A manager lets a further order of a recent order's sale pass.
    Overrule(usize, usize, Who),
    /// Types a PIN, right or wrong, to stay or for one command.
    Pin(Who, bool, bool),
    /// Tries wrong PINs until nobody lets them.
    Guess(Who),
    /// Gets another PIN, from a manager or from themselves.
    ChangePin(Who, bool),
    /// Somebody new: a manager or a cashier.
    Hire(bool),
    /// Somebody goes.
    Fire(Who),
    /// Other limits.
    Limit(usize),
}

/// What a call says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Telling {
    /// Once more what the customer said.
    Speech,
    /// It is paid.
    Paid,
    /// How a refund stands.
    Back,
    /// Money went back without the till; more than was paid.
    Beyond,
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
            let fault = *chance.one_of(&[DiskFault::Full, DiskFault::Flaky, DiskFault::Unread]);
            operation.what = What::Disk(fault, chance.between(S, MIN));
        }
    }
    all
}

/// A day of a busy shop: 300 sales and orders taken in, one every few seconds, under fair weather and foul, with notifications,
/// calls of the partner's gateway and customers on their pages.
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
            7 | 8 => Some(about_money_back(&mut chance)),
            9..=11 => Some(What::Notify(0, 2)),
            12..=14 => Some(from_outside(&mut chance)),
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
    match chance.below(175) {
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
            let fault = *chance.one_of(&[DiskFault::Full, DiskFault::ReadOnly, DiskFault::Flaky, DiskFault::Unread]);
            What::Disk(fault, chance.between(S, 3 * MIN))
        }
        85 => What::SlowDisk(chance.between(S, MIN)),
        86..=87 => What::Keyring(chance.permille(500), chance.between(S, 5 * MIN)),
        88 => What::SetClock(*chance.one_of(&[-H, -5 * MIN, -3 * S, 3 * S, 5 * MIN, H, D])),
        89 => What::GatewayClock(*chance.one_of(&[-600, -30, 0, 0, 3, 45, 600])),
        90 => What::ChangeAccount(account(chance), usize::try_from(chance.below(8)).unwrap()),
        91 => What::ChangeKey(usize::try_from(chance.below(6)).unwrap()),
        92..=97 => {
            let all =
                [Deed::Scan, Deed::Pay, Deed::Pay, Deed::Refund, Deed::RefundPart, Deed::Reverse, Deed::CloseItself];
            What::Deed(recent(chance), *chance.one_of(&all))
        }
        98..=99 => What::Read(recent(chance)),
        157..=174 => from_outside(chance),
        100..=111 => What::Notify(recent(chance), chance.weighted(&[(6, 1), (2, 2), (1, 5)])),
        _ => about_money_back(chance),
    }
}

/// What comes in at the receiver besides notifications.
fn from_outside(chance: &mut Chance) -> What {
    match chance.below(18) {
        0..=5 => What::Speak {
            account: usize::try_from(chance.between(6, 8)).unwrap(),
            fen: chance.between(1, 500_000),
            spoil: some_spoil(chance),
            copies: chance.weighted(&[(6, 1), (2, 2), (1, 5)]),
        },
        6..=12 => What::Call {
            place: usize::try_from(chance.below(3) * chance.below(3)).unwrap(),
            telling: chance.weighted(&[
                (3, Telling::Speech),
                (4, Telling::Paid),
                (3, Telling::Back),
                (1, Telling::Beyond),
            ]),
            spoil: some_spoil(chance),
            copies: chance.weighted(&[(6, 1), (2, 2), (1, 5)]),
        },
        _ => {
            let guess = Visit::Guess(chance.below(7), chance.permille(300));
            let visit = chance.weighted(&[(5, Visit::Page), (2, Visit::State), (4, Visit::Check), (4, guess)]);
            let recent = usize::try_from(chance.below(4) * chance.below(4)).unwrap();
            What::Visit(recent, visit, chance.weighted(&[(5, 1), (2, 3), (1, 20)]))
        }
    }
}

/// What people want of money that goes back, and what happens to them.
fn about_money_back(chance: &mut Chance) -> What {
    let recent = |chance: &mut Chance| usize::try_from(chance.below(3) * chance.below(3)).unwrap();
    let channel = |chance: &mut Chance| usize::try_from(chance.below(330)).unwrap();
    let who = |chance: &mut Chance| {
        chance.weighted(&[(8, Who::Mei), (8, Who::Lin), (2, Who::Bo), (1, Who::Owner), (1, Who::Nobody)])
    };
    let named = |chance: &mut Chance| *chance.one_of(&[Who::Mei, Who::Lin, Who::Lin, Who::Bo, Who::Bo]);
    let givers = |chance: &mut Chance| {
        let by = who(chance);
        let others = if by == Who::Mei { [Who::Lin, Who::Bo] } else { [Who::Mei, Who::Bo] };
        let second = match chance.below(20) {
            0 => Some(by),
            1..=14 => Some(*chance.one_of(&others)),
            _ => None,
        };
        Givers { by, second }
    };
    match chance.below(100) {
        0..=3 => What::Withdraw(usize::try_from(chance.below(3)).unwrap(), who(chance)),
        4..=5 => What::Regret(recent(chance), Part::Permille(chance.between(1, 300)), givers(chance)),
        6..=54 => {
            let thousandths = if chance.permille(700) { chance.between(1, 300) } else { chance.between(1, 1_001) };
            let parts = [
                (8, Part::Permille(thousandths)),
                (5, Part::Left),
                (1, Part::Over),
                (1, Part::Zero),
                (1, Part::Unexplained),
            ];
            let part = chance.weighted(&parts);
            What::Refund(recent(chance), part, givers(chance), chance.permille(250))
        }
        55..=66 => What::Again(usize::try_from(chance.below(3)).unwrap(), givers(chance)),
        67..=71 => What::Mark(recent(chance), chance.permille(600), givers(chance)),
        72..=80 => What::Handle(recent(chance), usize::try_from(chance.below(3)).unwrap(), who(chance)),
        81..=86 => What::Overrule(recent(chance), channel(chance), who(chance)),
        87..=91 => What::Pin(named(chance), chance.permille(700), chance.permille(500)),
        92 => What::Guess(named(chance)),
        93 => What::ChangePin(named(chance), chance.permille(500)),
        94 if chance.permille(300) => What::Hire(chance.permille(500)),
        95 if chance.permille(300) => What::Fire(*chance.one_of(&[Who::Lin, Who::Bo])),
        _ => What::Limit(chance.weighted(&[(1, 0), (5, 1), (3, 2), (1, 3)])),
    }
}

fn down(chance: &mut Chance) -> i64 {
    match chance.below(20) {
        0 => chance.between(H, D),
        1..=4 => chance.between(MIN, H),
        _ => chance.between(100 * MS, MIN),
    }
}
