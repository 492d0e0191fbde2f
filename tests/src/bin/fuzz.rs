//! Long runs: `fuzz simulation --steps N [--seed S] [--aloud]` plays worlds until N operations were done.

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
    let (Some("simulation"), Some(steps)) = (given.first().map(String::as_str), number("--steps")) else {
        eprintln!("fuzz simulation --steps N [--seed S] [--aloud]");
        return ExitCode::from(2);
    };
    let mut seed = number("--seed").unwrap_or(1);
    let aloud = given.iter().any(|word| word == "--aloud");
    let began = Instant::now();
    let mut done = 0;
    while done < steps {
        let count = WORLD.min(usize::try_from(steps - done).unwrap_or(WORLD));
        match simulation::world(seed, count, aloud) {
            Ok(outcome) => {
                done += count as u64;
                println!(
                    "seed {seed}: {count} steps, {done} in all, {:.1} s, {:?}",
                    began.elapsed().as_secs_f64(),
                    outcome.counts
                );
            }
            Err(found) => {
                let Found { report } = *found;
                println!("{report}");
                println!("found after {} steps", done + count as u64);
                return ExitCode::FAILURE;
            }
        }
        seed += 1;
    }
    ExitCode::SUCCESS
}
