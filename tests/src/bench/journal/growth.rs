//! Durable appends a second: by one writer beside SQLite alone with the same pragmas, and by eight at once.

use super::super::place;
use super::super::report::Report;
use futures_util::future::join_all;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;
use till_core::time::Stamp;
use till_engine::journal::{Journal, Options};
use till_engine::storage::{Append, NewEvent, Storage};

/// Appends of a run.
const APPENDS: usize = 2_000;
/// Runs of each, in turns.
const RUNS: usize = 3;
/// Writers at once.
const WRITERS: usize = 8;
/// The least part of SQLite's own rate.
const PART: f64 = 0.8;

/// What is appended: as long as an event of a sale.
const PAYLOAD: [u8; 500] = [b'x'; 500];

/// Measures.
pub async fn measure(report: &mut Report) {
    let (mut alone, mut ours, mut eight, mut syncs) = (0.0_f64, 0.0_f64, 0.0_f64, 0.0_f64);
    for _ in 0..RUNS {
        let place = place::on_disk();
        alone = alone.max(sqlite_alone(place.path()));
        let place = place::on_disk();
        ours = ours.max(appended(place.path(), 1).await.0);
        let place = place::on_disk();
        let (rate, commits) = appended(place.path(), WRITERS).await;
        if rate > eight {
            (eight, syncs) = (rate, commits);
        }
    }
    report.note(format!("durable appends a second, best of {RUNS}: SQLite alone {alone:.0}, one writer {ours:.0}, {WRITERS} writers {eight:.0} with {syncs:.0} syncs a second"));
    report.at_least("one writer to SQLite alone", ours / alone, PART, "times");
    let more = format!("{WRITERS} writers append more than one sync each would allow: {:.2} times", eight / syncs);
    report.must(&more, eight > syncs);
}

/// Appends a second and syncs a second.
async fn appended(folder: &Path, writers: usize) -> (f64, f64) {
    let journal = Journal::open(&folder.join("journal.sqlite"), Options::default()).expect("a journal").journal;
    let each = APPENDS / writers;
    let began = Instant::now();
    let writer = |writer: usize| {
        let journal = &journal;
        async move {
            for seen in 0..u64::try_from(each).expect("few") {
                let at = Stamp { wall: 1_800_000_000_000_000, offset_minutes: 480, day: "2027-01-15".into() };
                let events = vec![NewEvent { at, actor: "engine".into(), payload: PAYLOAD.to_vec() }];
                let append = Append { subject: format!("order/{writer}"), seen, events, row: None, raw: None };
                journal.append(vec![append]).await.expect("appended");
            }
        }
    };
    join_all((0..writers).map(writer)).await;
    let seconds = began.elapsed().as_secs_f64();
    let rate = |count: f64| count / seconds;
    (rate(count(each * writers)), rate(count(usize::try_from(journal.commits()).expect("few"))))
}

/// The same rows by the sqlite3 command line, each in a transaction of its own.
fn sqlite_alone(folder: &Path) -> f64 {
    let mut sqlite = Command::new("sqlite3")
        .arg(folder.join("alone.sqlite"))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("the sqlite3 command line (Debian: sqlite3)");
    let mut input = sqlite.stdin.take().expect("its input");
    let mut script = String::from(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON;
         PRAGMA journal_size_limit = 16777216; PRAGMA temp_store = MEMORY;
         CREATE TABLE journal (seq INTEGER PRIMARY KEY, subject TEXT NOT NULL, subject_seq INTEGER NOT NULL, at INTEGER NOT NULL,
             offset_minutes INTEGER NOT NULL, day TEXT NOT NULL, actor TEXT NOT NULL, event BLOB NOT NULL, prev BLOB NOT NULL,
             hash BLOB NOT NULL, UNIQUE (subject, subject_seq)) STRICT;\n",
    );
    let payload = "78".repeat(PAYLOAD.len());
    let hash = "00".repeat(32);
    for seq in 1..=APPENDS {
        script += &format!(
            "INSERT INTO journal VALUES ({seq}, 'order/0', {seq}, 1800000000000000, 480, '2027-01-15', 'engine', x'{payload}', x'{hash}', x'{hash}');\n"
        );
    }
    let began = Instant::now();
    input.write_all(script.as_bytes()).expect("it reads");
    drop(input);
    assert!(sqlite.wait().expect("its end").success());
    count(APPENDS) / began.elapsed().as_secs_f64()
}

fn count(count: usize) -> f64 {
    f64::from(u32::try_from(count).expect("few"))
}
