//! From a failing list of operations to a short one.

use super::drive::{Outcome, play};
use super::operation::Operation;

/// The shortest list found that breaks the same rule, and what it comes to. At most `tries` worlds are played.
#[must_use]
pub fn shrunk(seed: u64, operations: Vec<Operation>, rule: &str, tries: u32) -> (Vec<Operation>, Option<Outcome>) {
    let mut least = operations;
    let mut outcome = None;
    let mut left = tries;
    let mut chunk = least.len().div_ceil(2);
    while chunk > 0 && left > 0 {
        let mut start = 0;
        let mut smaller = false;
        while start < least.len() && left > 0 {
            let end = (start + chunk).min(least.len());
            let mut without = least.clone();
            without.drain(start..end);
            left -= 1;
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
