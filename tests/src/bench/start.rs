//! Start and idle memory, beside the emptiest window of the same Tauri, built the same way.
//!
//! Both are started in turns on the same machine in small, each through a process that notes the moment and becomes the
//! program. The end of the start is the page's own mark `till:usable`: the till sets it when a sale can be typed, the empty
//! page in its only script. The till has an account, its key in the keyring, and a journal with orders in it. Both run under WebKit's
//! driver, which costs both the same.

use super::launch::{Program, Running};
use super::memory::{self, Held};
use super::report::{Figures, Report};
use crate::window::{Stage, built};
use std::time::Duration;

/// The mark that ends the start.
const USABLE: &str = "till:usable";
/// Starts of each program that count; one before them warms the disk's cache.
const STARTS: usize = 12;
/// Starts of each program after which its memory is read.
const READINGS: usize = 4;
/// How long a window lies idle before its memory is read.
const IDLE: Duration = Duration::from_secs(10);
/// How many times an empty window's start.
const START_LIMIT: f64 = 1.3;
/// How many times an empty window's memory.
const MEMORY_LIMIT: f64 = 1.2;

/// What was measured of one program.
#[derive(Default)]
struct Measured {
    starts: Vec<f64>,
    stages: Vec<Stages>,
    memory: Vec<Vec<Held>>,
}

/// Measures on `stage`, which has the account `main`.
pub async fn measure(report: &mut Report, stage: &Stage) {
    report.chapter("Start and idle memory, beside an empty Tauri window");
    let till =
        Program { file: built("tillkeeper"), arguments: vec!["--data-dir".into(), stage.data().display().to_string()] };
    let empty = Program { file: built("empty-window"), arguments: vec![] };
    let (mut of_till, mut of_empty) = (Measured::default(), Measured::default());
    for turn in 0..=STARTS {
        for (program, measured) in [(&empty, &mut of_empty), (&till, &mut of_till)] {
            let running = program.launch(stage).await;
            let start = running.until_mark(USABLE).await;
            if turn > 0 {
                measured.starts.push(start);
                measured.stages.push(Stages::of(&running, start).await);
            }
            if turn > STARTS - READINGS {
                tokio::time::sleep(IDLE).await;
                measured.memory.push(memory::of_tree(running.pid));
            }
            running.quit().await;
        }
    }
    let (till_starts, empty_starts) = (Figures::of(of_till.starts), Figures::of(of_empty.starts));
    report.note(format!("start to usable, ms: till {till_starts}: {}", stages(&of_till.stages)));
    report.note(format!("start to usable, ms: empty window {empty_starts}: {}", stages(&of_empty.stages)));
    let ratio = till_starts.median() / empty_starts.median();
    report.at_most("start, till to empty window (medians)", ratio, START_LIMIT, "times");

    let (till_memory, empty_memory) = (totals(&of_till.memory), totals(&of_empty.memory));
    report.note(format!("idle memory, MB PSS: till {till_memory}: {}", parts(&of_till.memory)));
    report.note(format!("idle memory, MB PSS: empty window {empty_memory}: {}", parts(&of_empty.memory)));
    let ratio = till_memory.median() / empty_memory.median();
    report.at_most("idle memory, till to empty window (medians)", ratio, MEMORY_LIMIT, "times");
}

/// How a start is made up, milliseconds.
struct Stages {
    /// From the process's begin until its page begins to load.
    window: f64,
    /// Until the page was read.
    page: f64,
    /// Until the mark.
    script: f64,
}

impl Stages {
    async fn of(running: &Running, start: f64) -> Self {
        let body = "return [performance.timeOrigin, performance.getEntriesByType('navigation')[0].domInteractive];";
        let read = running.window.run(body, vec![]).await;
        let at = |place: usize| read[place].as_f64().expect("a moment");
        let window = at(0) - running.began;
        Self { window, page: at(1), script: start - window - at(1) }
    }
}

/// Medians of the stages of all starts.
fn stages(starts: &[Stages]) -> String {
    let median = |part: fn(&Stages) -> f64| Figures::of(starts.iter().map(part)).median();
    let (window, page, script) = (median(|s| s.window), median(|s| s.page), median(|s| s.script));
    format!("process to page {window:.0}, page read {page:.0}, from there to the mark {script:.0}")
}

fn totals(readings: &[Vec<Held>]) -> Figures {
    Figures::of(readings.iter().map(|processes| processes.iter().map(|held| held.total).sum()))
}

/// The processes of the last reading.
fn parts(readings: &[Vec<Held>]) -> String {
    let last = readings.last().expect("a reading");
    let part = |held: &Held| format!("{} {:.1} (own {:.1}, files {:.1})", held.name, held.total, held.own, held.files);
    last.iter().map(part).collect::<Vec<_>>().join(", ")
}
