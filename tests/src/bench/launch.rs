//! Starting a program through this one, which notes the moment and then becomes it.

use crate::window::{Stage, Window};
use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The word that makes the bench program another one.
pub const WORD: &str = "launch";

/// How long a program may take to end before it is told more sternly.
const ENDS_WITHIN: Duration = Duration::from_secs(2);

/// A program to measure.
#[derive(Debug, Clone)]
pub struct Program {
    /// Its file.
    pub file: PathBuf,
    /// What it is told.
    pub arguments: Vec<String>,
}

/// A program that runs, with its window.
pub struct Running {
    /// Its window.
    pub window: Window,
    /// Its number.
    pub pid: u32,
    /// When its process began: UTC milliseconds.
    pub began: f64,
}

impl Program {
    /// Opens its window on `stage`.
    pub async fn launch(&self, stage: &Stage) -> Running {
        let this = std::env::current_exe().expect("this program's path");
        let note = stage.folder().join("began");
        let mut arguments = vec![WORD.to_owned(), note.display().to_string(), self.file.display().to_string()];
        arguments.extend(self.arguments.iter().cloned());
        let window = stage.launch_program(&this, &arguments).await;
        let noted = std::fs::read_to_string(&note).expect("the moment of the start");
        let (pid, began) = noted.split_once(' ').expect("number and moment");
        Running { window, pid: pid.parse().expect("a number"), began: began.parse().expect("a moment") }
    }
}

impl Running {
    /// Milliseconds from the process's begin to a mark of its page, once that is set.
    pub async fn until_mark(&self, name: &str) -> f64 {
        let body = "const mark = performance.getEntriesByName(arguments[0], 'mark').at(-1);
            return mark === undefined ? null : performance.timeOrigin + mark.startTime;";
        let at = self.window.until(&format!("mark {name}"), body, &[name.into()]).await;
        at.as_f64().expect("a moment") - self.began
    }

    /// Ends the program and waits until its process is gone. Closing the session closes the page; what is left is told to end.
    pub async fn quit(self) {
        let Self { window, pid, .. } = self;
        window.client.clone().close().await.expect("closed");
        let signals = [None, Some("-TERM"), Some("-KILL")];
        for signal in signals {
            if let Some(signal) = signal {
                // It may have ended meanwhile.
                let _gone = Command::new("kill").args([signal, &pid.to_string()]).stderr(Stdio::null()).status();
            }
            let deadline = Instant::now() + ENDS_WITHIN;
            while Instant::now() < deadline {
                if !Path::new(&format!("/proc/{pid}")).exists() {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
        panic!("process {pid} does not end");
    }
}

/// Notes process number and moment in the first argument's file, and becomes the program of the others.
pub fn become_program(arguments: &[OsString]) -> ExitCode {
    let [note, program, rest @ ..] = arguments else { return ExitCode::from(2) };
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970");
    let text = format!("{} {:.3}", std::process::id(), since.as_secs_f64() * 1_000.0);
    std::fs::write(note, text).expect("the moment is noted");
    let error = Command::new(program).args(rest).exec();
    eprintln!("{}: {error}", program.display());
    ExitCode::FAILURE
}
