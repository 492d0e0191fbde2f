//! The real engine in simulated worlds: 20,000 operations, and the same world twice.

use till_tests::simulation::drive::play;
use till_tests::simulation::{operation, regression, world};

/// Operations of one world.
const WORLD: usize = 400;

#[test]
fn no_world_of_twenty_thousand_steps_breaks_a_rule() {
    let mut paid = 0;
    for seed in 1..=50 {
        match world(seed, WORLD, false) {
            Ok(outcome) => paid += outcome.counts["paid"],
            Err(found) => panic!("{}", found.report),
        }
    }
    assert!(paid > 500, "{paid} payments are no trade");
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
