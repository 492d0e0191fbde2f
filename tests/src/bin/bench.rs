//! `make bench`: measures and says of each figure whether it is within its limit. Exit status 1: one is over.
//!
//! `bench [PART]...`: parts are `polling`, `parts`, `people`, `burst`, `siege`, `sale`, `scan`, `inbound`, `start` and `journal`;
//! without one all of them.

use std::process::ExitCode;
use till_tests::bench::report::Report;
use till_tests::bench::{
    burst, gateway, inbound, journal, launch, parts, people, polling, sale, scan, siege, start, supervise, till,
};
use till_tests::window::Stage;

/// What can be measured alone.
const PARTS: [&str; 10] =
    ["polling", "parts", "people", "burst", "siege", "sale", "scan", "inbound", "start", "journal"];

#[tokio::main]
async fn main() -> ExitCode {
    let given: Vec<_> = std::env::args_os().skip(1).collect();
    let words: Vec<String> = given.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    match words.first().map(String::as_str) {
        Some(gateway::WORD) => {
            gateway::serve().await;
            ExitCode::SUCCESS
        }
        Some(till::WORD) => {
            till::serve(&words[1..]).await;
            ExitCode::SUCCESS
        }
        Some(launch::WORD) => launch::become_program(&given[1..]),
        Some(supervise::WORD) => measure(&words[1..]).await,
        _ => match words.iter().find(|word| !PARTS.contains(&word.as_str())) {
            Some(word) => {
                eprintln!("there is no part {word}; there are {}", PARTS.join(", "));
                ExitCode::from(2)
            }
            None => supervise::measure(&words).await,
        },
    }
}

async fn measure(names: &[String]) -> ExitCode {
    let wanted = |part: &str| names.is_empty() || names.iter().any(|word| word == part);
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    println!("This machine has {cores} cores. Figures of other machines differ; the limits are meant for two cores.");
    let mut report = Report::default();
    if wanted("polling") {
        polling::measure(&mut report).await;
    }
    if wanted("parts") {
        parts::measure(&report).await;
    }
    if wanted("people") {
        people::measure(&mut report).await;
    }
    if wanted("burst") {
        burst::measure(&mut report).await;
    }
    if wanted("siege") {
        siege::measure(&mut report).await;
    }
    if ["sale", "scan", "start"].into_iter().any(wanted) {
        let stage = Stage::open().await;
        stage.add_account(&[("plan.poll_ms", "2000")]).await;
        if wanted("sale") {
            sale::measure(&mut report, &stage).await;
        }
        if wanted("scan") {
            scan::measure(&mut report, &stage).await;
        }
        if wanted("start") {
            start::measure(&mut report, &stage).await;
        }
    }
    if wanted("inbound") {
        inbound::measure(&mut report).await;
    }
    if wanted("journal") {
        journal::measure(&mut report).await;
    }
    if report.is_over() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
