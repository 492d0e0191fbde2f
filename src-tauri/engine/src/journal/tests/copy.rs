//! Copies that are made while somebody writes.

use super::super::copy::{Copied, CopyFault, Counts, Pace, copy, copy_by};
use super::super::{Checks, verify};
use super::*;
use tokio::runtime::Handle;

const SMALL: Pace = Pace { pages: 1, log: 1 << 30, tries: 2 };

async fn length(journal: &Journal) -> u64 {
    u64::try_from(journal.stream("till").await.unwrap().len()).unwrap()
}

/// Copies in this manner while `steps` events are appended, one after each step.
async fn beside(place: &Place, journal: &Journal, manner: Pace, steps: u64) -> (Result<Copied, CopyFault>, u64) {
    let (from, to) = (place.path.clone(), place.folder.path().join("copy"));
    let first = length(journal).await;
    let runtime = Handle::current();
    tokio::task::block_in_place(|| {
        let mut appended = 0;
        let copied = copy_by(&from, &to, manner, &mut || {
            if appended < steps {
                let next = append("till", first + appended, &["x".repeat(3_000).as_str()]);
                runtime.block_on(journal.append(vec![next])).expect("no writer waits for a copy");
                appended += 1;
            }
        });
        (copied, appended)
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_is_of_the_moment_it_was_begun_and_no_writer_waits_for_it() {
    let place = Place::new();
    let events = small(&place).await;
    let journal = place.open();
    let (copied, appended) = beside(&place, &journal, SMALL, u64::MAX).await;
    let rows = Counts { events: 7, orders: 3, refunds: 0, accounts: 0, answers: 0 };
    assert_eq!(copied.unwrap(), Copied { head: Some((7, events[6].hash)), rows });
    assert!(appended > 10, "{appended}");
    let copy = place.folder.path().join("copy");
    assert!(verify(&copy, Checks::default()).unwrap().ok);
    assert_eq!(Journal::open_read_only(&copy).unwrap().after(0, 100).await.unwrap(), events);
    let mut beside: Vec<String> = std::fs::read_dir(place.folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("copy"))
        .collect();
    beside.sort();
    assert_eq!(beside, ["copy"], "it holds everything by itself");
    assert_eq!(length(&journal).await, 1 + appended, "and everything that was written meanwhile is in the journal");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_that_is_slower_than_the_journal_grows_is_begun_anew_and_given_up_at_last() {
    let place = Place::new();
    small(&place).await;
    let journal = place.open();
    let narrow = Pace { log: 60_000, ..SMALL };
    let (copied, _) = beside(&place, &journal, narrow, 5).await;
    let Copied { head, .. } = copied.expect("once the writing slows down it comes to its end");
    assert!(head.unwrap().0 > 7, "begun anew, it is of a later moment");
    std::fs::remove_file(place.folder.path().join("copy")).unwrap();
    let (copied, _) = beside(&place, &journal, narrow, u64::MAX).await;
    assert!(matches!(copied, Err(CopyFault::TooSlow)), "{copied:?}");
}

#[tokio::test]
async fn a_copy_is_readable_by_its_owner_only_and_never_written_over_a_file() {
    let place = Place::new();
    small(&place).await;
    let to = place.folder.path().join("copy");
    copy(&place.path, &to).unwrap();
    #[cfg(unix)]
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&to.metadata().unwrap().permissions()) & 0o777, 0o600);
    let before = std::fs::read(&to).unwrap();
    assert!(matches!(copy(&place.path, &to), Err(CopyFault::File(_))));
    assert_eq!(std::fs::read(&to).unwrap(), before);
    std::fs::write(&place.path, [1; 9_000]).unwrap();
    let none = copy(&place.path, &place.folder.path().join("none"));
    assert!(matches!(none, Err(CopyFault::Unopenable(StorageFault::Damaged(_)))), "{none:?}");
}
