//! From a failing list of operations to a short one.

use super::drive::Outcome;
use super::operation::Operation;
use std::time::{Duration, Instant};

/// The shortest list found in `within` that breaks the same rule where `play` plays it, and what it comes to.
#[must_use]
pub fn shrunk(
    operations: Vec<Operation>,
    rule: &str,
    within: Duration,
    play: impl Fn(&[Operation]) -> Outcome,
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
            let played = play(&without);
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

#[cfg(test)]
mod tests {
    use super::super::drive::Outcome;
    use super::super::operation::{Operation, drawn};
    use super::super::told_of;
    use super::super::world::Failure;
    use std::collections::BTreeMap;

    const SEED: u64 = 4_711;

    /// A world of a rule that holds until both of two operations are played, and of another one that a short list breaks.
    fn broken_by(both: [Operation; 2]) -> impl Fn(&[Operation]) -> Outcome {
        move |operations| {
            let broken = |rule, detail: &str| Some(Failure { rule, detail: detail.to_owned(), at: 0 });
            let failure = match both.iter().filter(|one| operations.contains(one)).count() {
                2 => broken("two at once", &format!("both among {}", operations.len())),
                _ if operations.len() < 3 => broken("another rule", "too few"),
                _ => None,
            };
            let story = vec![format!("{} operations were played", operations.len())];
            Outcome { failure, story, hash: 0, counts: BTreeMap::new() }
        }
    }

    #[test]
    fn a_broken_rule_is_told_with_its_seed_and_the_shortest_list_that_breaks_the_same_rule() {
        let operations = drawn(SEED, 400);
        let both = [operations[91].clone(), operations[333].clone()];
        let found = told_of(SEED, operations, broken_by(both.clone())).expect_err("a rule is broken");
        let lines: Vec<&str> = found.report.lines().map(str::trim).collect();
        let expected = [
            format!("seed {SEED}, 400 steps: broken \"two at once\": both among 400"),
            "shrunk to 2 operations:".to_owned(),
            format!("{:?}", both[0]),
            format!("{:?}", both[1]),
            "there: both among 2".to_owned(),
            "the end of its story:".to_owned(),
            "2 operations were played".to_owned(),
        ];
        assert_eq!(lines, expected);
    }

    #[test]
    fn a_world_that_breaks_nothing_tells_nothing() {
        let operations = drawn(SEED, 10);
        let absent = [operations[0].clone(), Operation { salt: 1, ..operations[1].clone() }];
        assert!(told_of(SEED, operations, broken_by(absent)).is_ok());
    }
}
