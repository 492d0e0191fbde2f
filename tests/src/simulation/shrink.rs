//! From a failing list of operations to a short one.

use super::drive::{Outcome, play};
use super::operation::Operation;
use std::time::{Duration, Instant};

/// The shortest list found in `within` that breaks the same rule, and what it comes to.
#[must_use]
pub fn shrunk(
    seed: u64,
    operations: Vec<Operation>,
    rule: &str,
    within: Duration,
) -> (Vec<Operation>, Option<Outcome>) {
    let mut least = operations;
    let mut outcome = None;
    let began = Instant::now();
    let mut chunk = least.len().div_ceil(2);
    while chunk > 0 && began.elapsed() < within {
        let mut start = 0;
        let mut smaller = false;
        while start < least.len() && began.elapsed() < within {
            let end = (start + chunk).min(least.len());
            let mut without = least.clone();
            without.drain(start..end);
            let played = play(seed, &without, false);
            if played.failure.as_ref().is_some_and(|failure| failure.rule == rule) {
                least = without;
                outcome = Some(played);
                smaller = true;
            } else {
                start = end;
            }
        }
        if !smaller || chunk > least.len() {
            chunk = if chunk == 1 && !smaller { 0 } else { (chunk / 2).max(usize::from(smaller)) };
        }
    }
    (least, outcome)
}
