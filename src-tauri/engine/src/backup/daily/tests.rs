//! Daily backups in a folder in which other files lie too.

use super::*;
use crate::journal::{Journal, Options};
use crate::storage::{Append, NewEvent};
use std::time::SystemTime;
use till_core::time::Stamp;

/// When the till of these tests said its only event: as 25 November 2026 began in the shop.
const SAID: i64 = 1_795_536_000_000_000;

fn daily(folder: &Path, keep: u32) -> Daily {
    let settings = settings::Backup { folder: Some(folder.display().to_string()), keep };
    Daily::of(&settings, "T1").unwrap()
}

/// The journal of a till that was opened.
async fn opened(path: &Path, till_id: &str) {
    let journal = Journal::open(path, Options::default()).unwrap().journal;
    let event = TillEvent::Opened {
        till_id: till_id.into(),
        public_key: "ab".repeat(32),
        version: "test".into(),
        training: false,
    };
    let payload = events::write(&Event::Till { event }).unwrap();
    let at = Stamp { wall: SAID, offset_minutes: 480, day: "2026-11-25".into() };
    let events = vec![NewEvent { at, actor: "engine".into(), payload }];
    let append = Append { subject: events::TILL.into(), seen: 0, events, row: None, raw: None };
    journal.append(vec![append]).await.unwrap();
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn one_a_day_is_made_and_only_files_of_its_own_go_when_they_are_old() {
    let (till, backups) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let journal = till.path().join("journal.sqlite");
    opened(&journal, "T1").await;
    let others = [
        "tillkeeper-T2-2026-01-01.sqlite",
        "tillkeeper-T1-2026-01-01.sqlite.mine",
        "tillkeeper-T1-2026-01-01-10.sqlite",
        "tillkeeper-T1-2026-01-01-x.sqlite",
        "tillkeeper-T1-2026-13-01.sqlite",
        "tillkeeper-T1-.sqlite",
        "journal.sqlite",
    ];
    let old = [
        "tillkeeper-T1-2026-01-01.sqlite",
        "tillkeeper-T1-2026-01-01-2.sqlite",
        "tillkeeper-T1-2026-01-02.sqlite.77.part",
        "tillkeeper-T1-2026-01-02-3.sqlite.77.part",
    ];
    for name in others.iter().chain(&old) {
        fs::write(backups.path().join(name), "x").unwrap();
    }
    fs::create_dir(backups.path().join("tillkeeper-T1-2026-01-03.sqlite")).unwrap();
    let daily = daily(backups.path(), 2);
    for day in ["2026-11-26", "2026-11-27", "2026-11-28"] {
        assert!(daily.is_due(day).await);
        daily.make(&journal, day).await.unwrap();
        assert!(!daily.is_due(day).await);
        assert_eq!(daily.newest().await.unwrap().unwrap().day, day);
    }
    let mut kept: Vec<String> = others.map(str::to_owned).to_vec();
    kept.extend(["01-03", "11-27", "11-28"].map(|day| format!("tillkeeper-T1-2026-{day}.sqlite")));
    kept.sort();
    assert_eq!(names(backups.path()), kept);
}

#[tokio::test]
async fn what_has_the_days_name_and_is_no_backup_of_this_till_does_not_count_and_stays_as_it_is() {
    let (till, backups) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (journal, other) = (till.path().join("journal.sqlite"), till.path().join("other.sqlite"));
    opened(&journal, "T1").await;
    opened(&other, "T2").await;
    let daily = daily(backups.path(), 2);
    let (first, second) = ("tillkeeper-T1-2026-12-09.sqlite", "tillkeeper-T1-2026-12-09-2.sqlite");
    fs::write(backups.path().join(first), "12345678").unwrap();
    assert!(daily.is_due("2026-12-09").await);
    assert_eq!(daily.newest().await, Ok(None));
    let made = daily.make(&journal, "2026-12-09").await.unwrap();
    assert_eq!(made.file, backups.path().join(second).display().to_string());
    assert_eq!(fs::read(backups.path().join(first)).unwrap(), b"12345678");
    assert!(!daily.is_due("2026-12-09").await);
    assert_eq!(daily.newest().await.unwrap().unwrap().day, "2026-12-09");
    make(&other, &daily.path("2026-12-10", 1)).unwrap();
    assert!(daily.is_due("2026-12-10").await, "another till's");
    assert_eq!(daily.newest().await.unwrap().unwrap().day, "2026-12-09");
    daily.make(&journal, "2026-12-20").await.unwrap();
    assert_eq!(names(backups.path()), ["tillkeeper-T1-2026-12-20.sqlite"]);
}

#[tokio::test]
async fn the_newest_is_that_of_the_newest_day_and_no_copys_time_is_taken_for_that_of_its_making() {
    let (till, backups) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let journal = till.path().join("journal.sqlite");
    opened(&journal, "T1").await;
    let daily = daily(backups.path(), 30);
    let written_at = |day: &str, at: SystemTime| {
        File::options().write(true).open(daily.path(day, 1)).unwrap().set_modified(at).unwrap();
    };
    for day in ["2026-11-27", "2026-11-28"] {
        daily.make(&journal, day).await.unwrap();
    }
    let day: Date = "2026-11-28".parse().unwrap();
    let noon = day.at(12, 0, 0, 0).to_zoned(TimeZone::system()).unwrap().timestamp();
    written_at("2026-11-27", SystemTime::now());
    written_at("2026-11-28", noon.into());
    assert_eq!(daily.newest().await, Ok(Some(Made { day: "2026-11-28".into(), at: noon })));
    let long_after = noon.checked_add(Span::new().hours(72)).unwrap();
    written_at("2026-11-28", long_after.into());
    let said = Timestamp::from_microsecond(SAID).unwrap();
    assert_eq!(daily.newest().await, Ok(Some(Made { day: "2026-11-28".into(), at: said })));
}

#[tokio::test]
async fn without_a_new_one_no_old_one_goes_and_the_failure_names_its_cause() {
    let (till, backups) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let journal = till.path().join("journal.sqlite");
    fs::write(&journal, [7; 9_000]).unwrap();
    let daily = daily(backups.path(), 1);
    fs::write(backups.path().join("tillkeeper-T1-2026-01-01.sqlite"), "x").unwrap();
    let failed = daily.make(&journal, "2026-11-26").await.unwrap_err();
    assert_eq!(failed.code, Code::BackupFailed);
    assert_eq!(names(backups.path()), ["tillkeeper-T1-2026-01-01.sqlite"]);
    assert_eq!(daily.try_folder("2026-11-26").await, Ok(()));
    assert_eq!(names(backups.path()), ["tillkeeper-T1-2026-01-01.sqlite"], "a try leaves nothing");
    fs::create_dir(backups.path().join(".stfolder")).unwrap();
    drop(fs::remove_file(&journal));
    drop(Journal::open(&journal, Options::default()).unwrap());
    let failed = daily.make(&journal, "2026-11-26").await.unwrap_err();
    assert_eq!((failed.code, failed.facts["cause"].as_str()), (Code::BackupFailed, "synced"));
    assert_eq!(daily.try_folder("2026-11-26").await, Err(failed));
    let gone = Daily { folder: backups.path().join("gone"), ..daily };
    assert_eq!(gone.newest().await.unwrap_err().facts["cause"], "not_there");
    assert_eq!(gone.make(&journal, "2026-11-26").await.unwrap_err().facts["cause"], "not_there");
}
