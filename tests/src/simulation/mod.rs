//! A seed-driven simulation of the real engine over a simulated machine, network and gateway, with crashes between any
//! two effects, against a reference model that is written differently (design.md section 10).

mod accounts;
mod back;
mod book;
pub mod chance;
pub mod drive;
mod gateway;
mod keyring;
mod log;
mod machine;
mod network;
mod notify;
pub mod operation;
mod pages;
mod partner;
mod perform;
mod persons;
mod reckoning;
pub mod regression;
pub mod shrink;
mod socket;
mod staff;
mod storage;
mod wire;
mod world;

use drive::{Outcome, play};
use std::fmt::Write as _;
use std::time::Duration;

/// A world that broke a rule.
#[derive(Debug, Clone)]
pub struct Found {
    /// Seed, rule, the shortest list of operations that still breaks it, and the end of that story.
    pub report: String,
}

/// Plays a world of `count` operations; where it breaks a rule, looks for a short list that does too.
pub fn world(seed: u64, count: usize, aloud: bool) -> Result<Outcome, Box<Found>> {
    told(seed, operation::drawn(seed, count), aloud)
}

/// Plays a day of a busy shop: sales above all, with drops, 500s, delays, garbling and now and then a crash.
pub fn sales(seed: u64, aloud: bool) -> Result<Outcome, Box<Found>> {
    told(seed, operation::busy(seed), aloud)
}

fn told(seed: u64, operations: Vec<operation::Operation>, aloud: bool) -> Result<Outcome, Box<Found>> {
    // Aloud only once: the shorter lists are many.
    let loud = std::cell::Cell::new(aloud);
    told_of(seed, operations, |operations| play(seed, operations, loud.take()))
}

/// What comes of a list where `play` plays it; where that breaks a rule, what a person needs who looks for the cause.
fn told_of(
    seed: u64,
    operations: Vec<operation::Operation>,
    play: impl Fn(&[operation::Operation]) -> Outcome,
) -> Result<Outcome, Box<Found>> {
    let count = operations.len();
    let outcome = play(&operations);
    let Some(failure) = outcome.failure.clone() else { return Ok(outcome) };
    let (least, shorter) = shrink::shrunk(operations, failure.rule, Duration::from_secs(45), play);
    let last = shorter.unwrap_or_else(|| outcome.clone());
    let mut report = String::new();
    writeln!(report, "seed {seed}, {count} steps: broken \"{}\": {}", failure.rule, failure.detail).unwrap();
    writeln!(report, "shrunk to {} operations:", least.len()).unwrap();
    for operation in &least {
        writeln!(report, "    {operation:?}").unwrap();
    }
    if let Some(failure) = &last.failure {
        writeln!(report, "there: {}", failure.detail).unwrap();
    }
    writeln!(report, "the end of its story:").unwrap();
    for line in last.story.iter().rev().take(80).rev() {
        writeln!(report, "    {line}").unwrap();
    }
    Err(Box::new(Found { report }))
}
