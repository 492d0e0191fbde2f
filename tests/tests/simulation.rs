//! The real engine in simulated worlds of all gateways: 20,000 operations under every fault, sales by the thousand, and the
//! same world twice.

use std::collections::BTreeMap;
use till_tests::simulation::drive::play;
use till_tests::simulation::{operation, regression, sales, world};

/// Operations of one world.
const WORLD: usize = 400;
/// Sales that `make test` makes; `fuzz sales --steps 10000` makes the rest.
const SALES: u64 = 3_000;

#[test]
fn no_world_of_twenty_thousand_steps_breaks_a_rule() {
    let mut seen: BTreeMap<&str, u64> = BTreeMap::new();
    for seed in 1..=50 {
        match world(seed, WORLD, false) {
            Ok(outcome) => {
                for (what, count) in outcome.counts {
                    *seen.entry(what).or_default() += count;
                }
            }
            Err(found) => panic!("{}", found.report),
        }
    }
    println!("{seen:?}");
    for (what, least) in [
        ("paid", 500),
        ("payment codes", 200),
        ("adopted", 100),
        ("reversed", 10),
        ("failed", 20),
        ("expired here", 50),
        ("named", 20),
        ("cannot be asked", 20),
        ("never created", 50),
        ("late", 10),
        ("taken back after all", 1),
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
