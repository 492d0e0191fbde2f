//! How many cases an opponent tries, and the chance that draws them.
//!
//! Chance begins with `PROPTEST_RNG_SEED`, as for every property, else with a number of the run's own; a failure says which, so
//! that it can be had again.

use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestError, TestRng, TestRunner};
use std::cell::Cell;

/// Cases of each operation of each gateway, and of each sender of notifications, unless `TILL_CASES` says how many.
const CASES: usize = 20_000;

/// How many cases are wanted.
pub(crate) fn cases() -> usize {
    let wanted = std::env::var("TILL_CASES").ok();
    wanted.map_or(CASES, |cases| cases.parse().expect("TILL_CASES is a number"))
}

/// What the chance of a run begins with.
pub(crate) fn seed() -> u64 {
    match ProptestConfig::default().rng_seed {
        RngSeed::Fixed(seed) => seed,
        RngSeed::Random => {
            let mut bytes = [0; 8];
            aws_lc_rs::rand::fill(&mut bytes).unwrap();
            u64::from_le_bytes(bytes)
        }
    }
}

/// One seed, and each trial still draws other cases.
pub(crate) struct Seeds {
    seed: u64,
    runner: TestRunner,
}

impl Seeds {
    pub(crate) fn of(seed: u64) -> Self {
        let config = ProptestConfig { rng_seed: RngSeed::Fixed(seed), ..ProptestConfig::default() };
        Self { seed, runner: TestRunner::new(config) }
    }

    /// So many cases for the next trial.
    pub(crate) fn cases(&mut self, cases: usize) -> Cases {
        let cases = u32::try_from(cases).unwrap();
        let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
        Cases { config, chance: self.runner.new_rng(), seed: self.seed }
    }
}

/// How many cases a trial has, and the chance by which, which began with the seed.
pub(crate) struct Cases {
    config: ProptestConfig,
    chance: TestRng,
    seed: u64,
}

impl Cases {
    /// What draws them.
    pub(crate) fn runner(self) -> TestRunner {
        TestRunner::new_with_rng(self.config, self.chance)
    }

    /// Tries every case of the trial `name` that is `drawn`.
    pub(crate) fn try_all<S: Strategy>(
        self,
        name: &str,
        drawn: &S,
        holds: impl Fn(S::Value) -> Result<(), TestCaseError>,
    ) {
        let (cases, seed, cases_run) = (self.config.cases, self.seed, Cell::new(0_u32));
        let tried = self.runner().run(drawn, |case| {
            cases_run.set(cases_run.get() + 1);
            holds(case)
        });
        if let Err(TestError::Fail(why, case)) = &tried {
            panic!("{name}: {why}\n{case:#?}\nwith PROPTEST_RNG_SEED={seed}");
        }
        tried.unwrap();
        assert_eq!(cases_run.get(), cases, "{name}");
    }
}
