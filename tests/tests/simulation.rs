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
    for (what, least) in [
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
        ("marked refunded", 10),
        ("a refund marked", 10),
        ("dealt with", 100),
        ("ordered", 200),
        ("calls taken", 1_000),
        ("calls refused", 200),
        ("calls turned away", 500),
        ("notifications accepted", 3_000),
        ("notifications refused", 300),
        ("on a page", 100),
        ("pages visited", 500),
        ("links guessed", 100),
        ("locked out", 30),
        ("readings failed", 500),
    ] {
        assert!(seen[what] > least, "{what}: {} is too little to prove anything", seen[what]);
    }
}

#[test]
fn thousands_of_sales_end_in_full_agreement_of_journal_and_gateways() {
    let (mut made, mut seed) = (0, 1_000);
    while made < SALES {
        match sales(seed, false) {
            Ok(outcome) => made += outcome.counts["orders"],
            Err(found) => panic!("{}", found.report),
        }
        seed += 1;
    }
    println!("{made} sales in {} worlds", seed - 1_000);
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
