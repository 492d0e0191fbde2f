//! Processes that really end in the middle of an exchange.

use super::*;
use crate::journal::{Checks, Journal, Options, verify};
use crate::storage::{Append, NewEvent, Storage};
use std::process::{Command, Stdio};
use till_core::time::Stamp;

const CHILD: &str = "TILL_TEST_SWAP";
const NAME: &str = "backup::swap::tests::a_process_that_ends_after_any_step_leaves_the_old_journal_or_the_new_one";
const STEPS: [Step; 4] = [Step::Folded, Step::Kept, Step::Cleared, Step::Placed];

fn event(payload: &str) -> NewEvent {
    NewEvent {
        at: Stamp { wall: 1_800_000_000_000_000, offset_minutes: 480, day: "2027-01-15".into() },
        actor: "engine".into(),
        payload: payload.as_bytes().to_vec(),
    }
}

/// A journal of so many events, open.
async fn filled(path: &Path, events: u64, payload: &str) -> Journal {
    let journal = Journal::open(path, Options::default()).unwrap().journal;
    for seen in 0..events {
        let append = Append { subject: "till".into(), seen, events: vec![event(payload)], row: None, raw: None };
        journal.append(vec![append]).await.unwrap();
    }
    journal
}

fn beside(folder: &Path) -> PathBuf {
    folder.join("journal.sqlite.part")
}

fn part(folder: &Path) -> Part {
    Part { path: beside(folder) }
}

/// What the child does: `old` leaves a journal with its log beside it, a step's number ends in the middle of the exchange.
async fn play(folder: &Path, role: &str) {
    let place = folder.join("journal.sqlite");
    if role == "old" {
        let journal = filled(&place, 9, "old").await;
        std::mem::forget(journal);
        std::process::abort();
    }
    let end = STEPS[role.parse::<usize>().unwrap()];
    let kept = Kept::named(&place, "2027-01-15T10:00:00+08:00");
    let stop = &mut |step: Step| if step == end { std::process::abort() } else { Ok(()) };
    swap(&part(folder), &place, kept.as_ref(), stop).unwrap();
}

fn child(folder: &Path, role: &str) {
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", NAME])
        .env(CHILD, format!("{role} {}", folder.display()))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(!status.success(), "it ends in the middle");
}

async fn head(path: &Path) -> Option<(u64, [u8; 32])> {
    assert!(verify(path, Checks::default()).unwrap().ok, "{}", path.display());
    Journal::open_read_only(path).unwrap().head().await.unwrap()
}

#[tokio::test]
async fn a_process_that_ends_after_any_step_leaves_the_old_journal_or_the_new_one() {
    if let Ok(told) = std::env::var(CHILD) {
        let (role, folder) = told.split_once(' ').unwrap();
        return play(Path::new(folder), role).await;
    }
    for (number, step) in STEPS.into_iter().enumerate() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("journal.sqlite");
        child(folder.path(), "old");
        assert!(with_end(&place, "-wal").metadata().unwrap().len() > 0, "its log stands beside it");
        let new = filled(&beside(folder.path()), 4, "new").await;
        let new_head = new.head().await.unwrap();
        drop(new);

        child(folder.path(), &number.to_string());
        let found = head(&place).await;
        let kept = folder.path().join("journal.before-restore-20270115T100000.sqlite");
        match step {
            Step::Placed => {
                assert_eq!(found, new_head, "{step:?}");
                assert_eq!(head(&kept).await.unwrap().0, 9, "and the old one is kept");
            }
            Step::Folded | Step::Kept | Step::Cleared => {
                assert_eq!(found.unwrap().0, 9, "{step:?}");
                // The next try makes it.
                let again = Kept::named(&place, "2027-01-15T10:00:00+08:00").unwrap();
                swap(&part(folder.path()), &place, Some(&again), &mut |_| Ok(())).unwrap();
                assert_eq!(head(&place).await, new_head, "{step:?}");
                assert_eq!(head(again.path()).await.unwrap().0, 9, "{step:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_file_that_is_no_database_is_kept_with_its_log_byte_for_byte() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("journal.sqlite");
    fs::write(&place, [7; 5_000]).unwrap();
    fs::write(with_end(&place, "-wal"), [8; 300]).unwrap();
    let new = filled(&beside(folder.path()), 4, "new").await;
    let new_head = new.head().await.unwrap();
    drop(new);
    let kept = Kept::named(&place, "2027-01-15T10:00:00+08:00").unwrap();
    swap(&part(folder.path()), &place, Some(&kept), &mut |_| Ok(())).unwrap();
    assert_eq!(head(&place).await, new_head);
    assert_eq!(fs::read(kept.path()).unwrap(), [7; 5_000]);
    assert_eq!(fs::read(with_end(kept.path(), "-wal")).unwrap(), [8; 300]);
}

#[tokio::test]
async fn a_log_without_its_file_is_kept_and_not_written_over_the_new_one() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("journal.sqlite");
    child(folder.path(), "old");
    fs::remove_file(&place).unwrap();
    let new = filled(&beside(folder.path()), 4, "new").await;
    let new_head = new.head().await.unwrap();
    drop(new);
    let log = fs::read(with_end(&place, "-wal")).unwrap();
    let kept = Kept::named(&place, "2027-01-15T10:00:00+08:00").unwrap();
    swap(&part(folder.path()), &place, Some(&kept), &mut |_| Ok(())).unwrap();
    assert_eq!(head(&place).await, new_head);
    assert_eq!(fs::read(with_end(kept.path(), "-wal")).unwrap(), log, "it may hold what stands nowhere else");
    assert!(!kept.path().exists());
}
