//! Sales while the journal is verified, exported and backed up by processes that have no network.

use super::super::gateway::Gateway;
use super::super::report::{Figures, Report};
use super::super::siege::sale_limit;
use super::super::till::Running;
use super::year::Year;
use crate::window::built;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::process::Command;
use tokio::sync::watch;

/// Sales beside each, and the pause between two of them.
const SALES: (usize, Duration) = (60, Duration::from_millis(150));
/// Between two looks at the log.
const LOOK: Duration = Duration::from_millis(20);
/// What the write-ahead log may come to, in megabytes: what it is cut back to when it was read through.
const LOG_LIMIT: f64 = 16.8;
/// Nobody is notified here.
const NOWHERE: &str = "http://127.0.0.1:9";

/// What is done beside them, and whether it writes what is named behind its words.
const WORK: [(&str, &[&str], bool); 3] = [
    ("verify", &["journal", "verify"], false),
    ("export", &["journal", "export", "--format", "csv", "--output"], true),
    ("backup", &["journal", "backup"], true),
];

/// Measures.
pub async fn measure(report: &mut Report, year: &Year) {
    let gateway = Gateway::start().await;
    let mut till = Running::start(&gateway, &year.folder, NOWHERE).await;
    till.sell(SALES.0, SALES.1).await;
    let quiet = Figures::of(till.sell(SALES.0, SALES.1).await);
    let limit = sale_limit(&quiet);
    report.note(format!("quiet: ms, a sale            {quiet}"));
    for (name, words, writes) in WORK {
        let (stop, stopped) = watch::channel(false);
        let output = writes.then(|| year.folder.join(format!("beside-{name}")));
        let working = tokio::spawn(again_and_again(year.folder.clone(), words, output, stopped.clone()));
        let looking = tokio::spawn(largest(year.folder.join("journal.sqlite-wal"), stopped));
        let sales = Figures::of(till.sell(SALES.0, SALES.1).await);
        stop.send_replace(true);
        let (times, log) = (working.await.expect("done"), looking.await.expect("looked"));
        report.note(format!("beside {name}, {times} times: ms, a sale {sales}"));
        report.at_most(&format!("a sale beside {name}, p95"), sales.percentile(95), limit, "ms");
        report.at_most(&format!("write-ahead log beside {name}"), log, LOG_LIMIT, "MB");
    }
    till.kill().await;
    gateway.stop().await;
}

/// Runs the program without a network until told to stop, each time to its end. What it writes is taken away. How many times it ran.
async fn again_and_again(
    folder: PathBuf,
    words: &'static [&'static str],
    output: Option<PathBuf>,
    stopped: watch::Receiver<bool>,
) -> usize {
    let mut times = 0;
    while !*stopped.borrow() {
        let mut program = Command::new("unshare");
        program.args(["--map-root-user", "--net", "--"]).arg(built("tillkeeper")).arg("--data-dir").arg(&folder);
        program.args(words).args(&output).stdout(Stdio::null()).kill_on_drop(true);
        let ended = program.status().await.expect("unshare (Debian: util-linux)");
        assert!(ended.success(), "{words:?}: {ended}");
        times += 1;
        if let Some(output) = &output {
            take_away(output);
        }
    }
    times
}

fn take_away(written: &Path) {
    let gone = if written.is_dir() { fs::remove_dir_all(written) } else { fs::remove_file(written) };
    gone.expect("it was written");
}

/// The most that a file came to until told to stop, in megabytes.
async fn largest(file: PathBuf, stopped: watch::Receiver<bool>) -> f64 {
    let mut most = 0;
    while !*stopped.borrow() {
        most = most.max(fs::metadata(&file).map_or(0, |file| file.len()));
        tokio::time::sleep(LOOK).await;
    }
    f64::from(u32::try_from(most / 1_000).expect("less than terabytes")) / 1_000.0
}
