//! `make bench`: measures and says of each figure whether it is within its limit. Exit status 1: one is over.
//!
//! `bench [PART]...`: parts are `polling`, `parts`, `sale` and `start`; without one all of them.

use std::process::ExitCode;
use till_tests::bench::report::Report;
use till_tests::bench::{gateway, launch, parts, polling, sale, start};
use till_tests::window::Stage;

/// What can be measured alone.
const PARTS: [&str; 4] = ["polling", "parts", "sale", "start"];

#[tokio::main]
async fn main() -> ExitCode {
    let given: Vec<_> = std::env::args_os().skip(1).collect();
    let words: Vec<String> = given.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    match words.first().map(String::as_str) {
        Some(gateway::WORD) => {
            gateway::serve().await;
            return ExitCode::SUCCESS;
        }
        Some(launch::WORD) => return launch::become_program(&given[1..]),
        _ => {}
    }
    if let Some(word) = words.iter().find(|word| !PARTS.contains(&word.as_str())) {
        eprintln!("there is no part {word}; there are {}", PARTS.join(", "));
        return ExitCode::from(2);
    }
    let wanted = |part: &str| words.is_empty() || words.iter().any(|word| word == part);
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    println!("This machine has {cores} cores. Figures of other machines differ; the limits are meant for two cores.");
    let mut report = Report::default();
    if wanted("polling") {
        polling::measure(&mut report).await;
    }
    if wanted("parts") {
        parts::measure(&report).await;
    }
    if wanted("sale") || wanted("start") {
        let stage = Stage::open().await;
        stage.add_account(&[("plan.poll_ms", "2000")]).await;
        if wanted("sale") {
            sale::measure(&mut report, &stage).await;
        }
        if wanted("start") {
            start::measure(&mut report, &stage).await;
        }
    }
    if report.is_over() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
