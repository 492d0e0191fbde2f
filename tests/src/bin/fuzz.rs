//! Long runs: `fuzz simulation --steps N [--seed S] [--aloud]` plays worlds until N operations were done,
//! `fuzz sales --steps N [--seed S] [--aloud]` days of busy shops until N sales were made.

use std::process::ExitCode;
use std::time::Instant;
use till_tests::simulation::{self, Found};

/// Operations of one world.
const WORLD: usize = 400;

fn main() -> ExitCode {
    let given: Vec<String> = std::env::args().skip(1).collect();
    let number = |name: &str| -> Option<u64> {
        let place = given.iter().position(|word| word == name)?;
        given.get(place + 1)?.parse().ok()
    };
    let (Some(what @ ("simulation" | "sales")), Some(steps)) = (given.first().map(String::as_str), number("--steps"))
    else {
        eprintln!("fuzz simulation|sales --steps N [--seed S] [--aloud]");
        return ExitCode::from(2);
    };
    let sales = what == "sales";
    let mut seed = number("--seed").unwrap_or(1);
    let aloud = given.iter().any(|word| word == "--aloud");
    let began = Instant::now();
    let mut done = 0;
    while done < steps {
        let count = WORLD.min(usize::try_from(steps - done).unwrap_or(WORLD));
        let played = if sales { simulation::sales(seed, aloud) } else { simulation::world(seed, count, aloud) };
        match played {
            Ok(outcome) => {
                let count = if sales { outcome.counts["orders"] } else { count as u64 };
                done += count;
                println!(
                    "seed {seed}: {count} {what}, {done} in all, {:.1} s, {:?}",
                    began.elapsed().as_secs_f64(),
                    outcome.counts
                );
            }
            Err(found) => {
                let Found { report } = *found;
                println!("{report}");
                println!("found after {} {what}", done + count as u64);
                return ExitCode::FAILURE;
            }
        }
        seed += 1;
    }
    ExitCode::SUCCESS
}
