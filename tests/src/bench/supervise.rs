//! Measuring in a process of its own. Release programs end at once when they panic, so that nothing in them tidies up: this
//! side does, however the other one ends.

use super::place;
use std::process::{Command as Plain, ExitCode, Stdio};
use tokio::process::Command;

/// The word that makes the bench program the one that measures.
pub const WORD: &str = "measure";

/// Measures `parts` in another process, then ends whatever it left running and removes its folders.
pub async fn measure(parts: &[String]) -> ExitCode {
    let (disk, memory) = (place::on_disk(), place::in_memory());
    let stages = tempfile::Builder::new().prefix("till").tempdir().expect("a folder");
    let program = std::env::current_exe().expect("this program's path");
    let mut child = Command::new(program)
        .arg(WORD)
        .args(parts)
        .env(place::DISK, disk.path())
        .env(place::MEMORY, memory.path())
        .env("TMPDIR", stages.path())
        .kill_on_drop(true)
        .spawn()
        .expect("a process to measure in");
    let mark = format!("TILLKEEPER_STAGE={}-", child.id().expect("it was not waited for"));
    let ended = tokio::select! {
        ended = child.wait() => Some(ended.expect("its end")),
        _ = tokio::signal::ctrl_c() => None,
    };
    if ended.is_none() {
        child.kill().await.expect("it can be ended");
    }
    end_marked(&mark);
    match ended.and_then(|status| status.code()) {
        Some(0) => ExitCode::SUCCESS,
        Some(_) | None => ExitCode::FAILURE,
    }
}

/// Ends every process that was started with `mark` in its environment.
fn end_marked(mark: &str) {
    let processes = std::fs::read_dir("/proc").expect("a Linux system").flatten();
    for process in processes {
        // A process may end while it is looked at.
        let environment = std::fs::read(process.path().join("environ")).unwrap_or_default();
        if environment.split(|byte| *byte == 0).any(|variable| variable.starts_with(mark.as_bytes())) {
            let pid = process.file_name();
            let _gone = Plain::new("kill").arg("-KILL").arg(pid).stderr(Stdio::null()).status();
        }
    }
}
