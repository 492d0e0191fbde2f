//! The real engine in simulated worlds of all gateways: 50,000 operations under every fault, sales by the thousand, and the
//! same world twice.

use std::collections::BTreeMap;
use till_tests::simulation::drive::play;
use till_tests::simulation::{operation, regression, sales, world};

/// Operations of one world.
const WORLD: usize = 400;
/// Worlds that `make test` plays; `make fuzz` plays 2,500.
const WORLDS: u64 = 125;
/// Sales that `make test` makes; `fuzz sales --steps 10000` makes the rest.
const SALES: u64 = 3_000;

#[test]
fn no_world_of_fifty_thousand_steps_breaks_a_rule() {
    let mut seen: BTreeMap<&str, u64> = BTreeMap::new();
    // Two tests of half as much would run beside each other; so do these.
    let half = |seeds: std::ops::Range<u64>| {
        seeds.map(|seed| world(seed, WORLD, false)).collect::<Result<Vec<_>, _>>().map_err(|found| found.report)
    };
    let worlds = std::thread::scope(|scope| {
        let others = scope.spawn(|| half(63..WORLDS + 1));
        let mine = half(1..63);
        [mine, others.join().unwrap()]
    });
    for outcome in worlds.into_iter().flat_map(|worlds| worlds.unwrap_or_else(|report| panic!("{report}"))) {
        for (what, count) in outcome.counts {
            *seen.entry(what).or_default() += count;
        }
    }
    println!("{seen:?}");
    enough(
        &seen,
        &[
            ("paid", 1_000),
            ("payment codes", 400),
            ("adopted", 200),
            ("reversed", 20),
            ("failed", 50),
            ("expired here", 100),
            ("named", 40),
            ("cannot be asked", 40),
            ("never created", 100),
            ("late", 20),
            ("taken back after all", 0),
            ("refunded", 600),
            ("refunds failed", 60),
            ("refunds lost", 20),
            ("refunds sent again", 60),
            ("refunds by two", 300),
            ("refunds withdrawn", 5),
            ("refunds from elsewhere", 40),
            ("sent again from elsewhere", 3),
            ("overruled", 5),
            ("marked paid", 5),
            ("marked refunded", 10),
            ("a refund marked", 5),
            ("dealt with", 100),
            ("ordered", 200),
            ("calls taken", 1_000),
            ("calls refused", 200),
            ("calls turned away", 500),
            ("on a page", 100),
            ("pages visited", 500),
            ("links guessed", 100),
            ("locked out", 30),
            ("readings failed", 500),
            ("pooul, shown and paid", 200),
            ("pooul, by code and paid", 120),
            ("jubao, shown and paid", 80),
            ("blueocean, shown and paid", 150),
            ("blueocean, by code and paid", 25),
            ("dingdang, paid", 200),
            ("dropped", 2_000),
            ("answers lost", 500),
            ("refused by a server", 500),
            ("delayed", 800),
            ("garbled", 3_000),
            ("doubled", 700),
            ("overtaken", 250),
            ("others' payments", 50),
            ("notifications accepted", 3_000),
            ("notifications refused", 300),
        ],
    );
}

/// Worlds prove something of what happened in them, and nothing of what did not.
fn enough(seen: &BTreeMap<&str, u64>, least: &[(&str, u64)]) {
    for (what, least) in least {
        let count = seen.get(what).copied().unwrap_or(0);
        assert!(count > *least, "{what}: {count} is too little to prove anything");
    }
}

#[test]
fn thousands_of_sales_end_in_full_agreement_of_journal_and_gateways() {
    let mut seen: BTreeMap<&str, u64> = BTreeMap::new();
    let mut seed = 1_000;
    while seen.get("orders").copied().unwrap_or(0) < SALES {
        let outcome = sales(seed, false).unwrap_or_else(|found| panic!("{}", found.report));
        for (what, count) in outcome.counts {
            *seen.entry(what).or_default() += count;
        }
        seed += 1;
    }
    println!("{} worlds: {seen:?}", seed - 1_000);
    enough(
        &seen,
        &[
            ("pooul, shown and paid", 150),
            ("pooul, by code and paid", 120),
            ("jubao, shown and paid", 100),
            ("blueocean, shown and paid", 150),
            ("blueocean, by code and paid", 70),
            ("dingdang, paid", 100),
            ("dropped", 700),
            ("answers lost", 700),
            ("refused by a server", 500),
            ("delayed", 1_000),
            ("garbled", 3_000),
            ("doubled", 500),
            ("overtaken", 300),
            ("notifications accepted", 1_500),
        ],
    );
}

#[test]
fn the_same_seed_gives_the_same_world() {
    let operations = operation::drawn(7, WORLD);
    let (first, second) = (play(7, &operations, false), play(7, &operations, false));
    assert_eq!((first.hash, first.story), (second.hash, second.story));
    assert_ne!(first.hash, play(8, &operations, false).hash);
}

#[test]
fn what_went_wrong_once_does_not_go_wrong_again() {
    for (what, seed, operations) in regression::all() {
        let outcome = play(seed, &operations, false);
        assert_eq!(outcome.failure, None, "{what}: {}", outcome.story.join("\n"));
    }
}
