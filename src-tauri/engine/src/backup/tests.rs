//! Whose fault it is that a copy is not whole.

use super::*;
use crate::journal::{Journal, Options};
use crate::storage::{Append, NewEvent, Storage};
use till_core::journal::{self, Event, TillEvent};
use till_core::time::Stamp;

/// One whole file, without anything beside it, of a till that has told a little.
async fn whole(folder: &Path) -> PathBuf {
    let (path, copy) = (folder.join("journal.sqlite"), folder.join("whole.sqlite"));
    let journal = Journal::open(&path, Options::default()).unwrap().journal;
    let opened = TillEvent::Opened {
        till_id: "T1".into(),
        public_key: "ab".repeat(32),
        version: "test".into(),
        training: false,
    };
    let told = std::iter::once(opened).chain((1..9).map(|by| TillEvent::ClockJumped { by }));
    for (seen, event) in (0..).zip(told) {
        let payload = journal::write(&Event::Till { event }).unwrap();
        let at = Stamp { wall: 1_800_000_000_000_000, offset_minutes: 480, day: "2027-01-15".into() };
        let events = vec![NewEvent { at, actor: "engine".into(), payload }];
        let append = Append { subject: journal::TILL.into(), seen, events, row: None, raw: None };
        journal.append(vec![append]).await.unwrap();
    }
    drop(journal);
    make(&path, &copy).unwrap();
    copy
}

#[tokio::test]
async fn whichever_page_of_the_journal_is_damaged_the_copys_disk_is_not_blamed_and_nothing_half_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = fs::read(whole(folder.path()).await).unwrap();
    let page = usize::from(u16::from_be_bytes([bytes[16], bytes[17]]));
    let (journal, backups) = (folder.path().join("damaged.sqlite"), folder.path().join("backups"));
    fs::create_dir(&backups).unwrap();
    let mut refused = 0;
    // The first page holds the header: without it, it is no journal.
    for place in (page..bytes.len()).step_by(page) {
        let mut damaged = bytes.clone();
        damaged[place..place + page].fill(0xa7);
        fs::write(&journal, damaged).unwrap();
        let output = backups.join(format!("{place}.sqlite"));
        let Err(refusal) = make(&journal, &output) else {
            fs::remove_file(output).unwrap();
            continue;
        };
        assert!(matches!(refusal.code, Code::JournalNotWhole | Code::JournalUnopenable), "{place}: {refusal:?}");
        assert_eq!(fs::read_dir(&backups).unwrap().count(), 0, "{place}");
        refused += 1;
    }
    assert!(refused > 0);
}

#[tokio::test]
async fn where_the_journal_verifies_the_copys_disk_is_blamed() {
    let folder = tempfile::tempdir().unwrap();
    let journal = whole(folder.path()).await;
    let refusal = at_fault(&journal, &folder.path().join("copy.sqlite"), not_whole);
    assert_eq!((refusal.code, refusal.facts["cause"].as_str()), (Code::FileFailed, "differs"));
}
