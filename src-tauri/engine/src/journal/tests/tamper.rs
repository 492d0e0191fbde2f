//! Somebody changes the file. Each change is named, and never read as if nothing had happened.

use super::super::chain::{COLUMNS, Hash, Link};
use super::super::{Anchor, Checks, Flaw, Verification, verify};
use super::*;
use crate::storage::{OrderSearch, RefundRow, RefundSearch};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

fn verified(path: &Path) -> (Option<Flaw>, Option<u64>) {
    let Verification { ok, first_bad_seq, kind, .. } = verify(path, Checks::default()).expect("it is still a journal");
    assert_eq!(ok, kind.is_none());
    (kind, first_bad_seq)
}

fn links(raw: &Connection) -> Vec<Link> {
    let mut statement = raw.prepare(&format!("SELECT {COLUMNS} FROM journal ORDER BY seq")).unwrap();
    statement.query_map([], Link::read).unwrap().collect::<Result<_, _>>().unwrap()
}

/// Computes the chain anew from `from` on, as somebody who has read this program could.
fn rehash(raw: &Connection, from: i64) {
    let mut prev: Option<Hash> = None;
    for mut link in links(raw) {
        if let Some(prev) = prev
            && link.seq >= from
        {
            link.prev = prev.to_vec();
        }
        let hash = link.ought();
        raw.execute("UPDATE journal SET prev = ?2, hash = ?3 WHERE seq = ?1", (link.seq, &link.prev, hash)).unwrap();
        prev = Some(hash);
    }
    raw.execute("UPDATE head SET (seq, hash) = (SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1)", []).unwrap();
}

/// Tampers with a fresh small journal and verifies it.
async fn after(work: impl FnOnce(&Connection)) -> (Option<Flaw>, Option<u64>) {
    let place = Place::new();
    small(&place).await;
    tamper(&place.path, work);
    verified(&place.path)
}

#[tokio::test]
async fn an_untouched_journal_verifies() {
    assert_eq!(after(|_| ()).await, (None, None));
    let place = Place::new();
    drop(place.open());
    assert_eq!(verified(&place.path), (None, None), "an empty one too");
}

#[tokio::test]
async fn each_edited_column_of_each_row_is_named() {
    for seq in 1..=7_i64 {
        for edit in [
            "event = x'00'",
            "at = at + 1",
            "actor = 'owner'",
            "offset_minutes = 0",
            "day = '2027-01-16'",
            "subject = 'order/other'",
            "subject_seq = 9",
            "hash = zeroblob(32)",
            "prev = hash",
        ] {
            let found =
                after(|raw| raw.execute_batch(&format!("UPDATE journal SET {edit} WHERE seq = {seq}")).unwrap());
            assert_eq!(found.await, (Some(Flaw::Edited), u64::try_from(seq).ok()), "{edit}");
        }
        let hashed_anew = after(|raw| {
            raw.execute("UPDATE journal SET actor = 'owner' WHERE seq = ?1", [seq]).unwrap();
            let hash = links(raw)[usize::try_from(seq - 1).unwrap()].ought();
            raw.execute("UPDATE journal SET hash = ?2 WHERE seq = ?1", (seq, hash)).unwrap();
        });
        assert_eq!(hashed_anew.await, (Some(Flaw::Edited), u64::try_from(seq).ok()), "hashed anew");
    }
}

#[tokio::test]
async fn each_deleted_row_is_named() {
    for seq in 1..=6_i64 {
        let named = (Some(Flaw::Deleted), u64::try_from(seq).ok());
        let gap = after(|raw| raw.execute_batch(&format!("DELETE FROM journal WHERE seq = {seq}")).unwrap()).await;
        assert_eq!(gap, named);
        let renumbered = after(|raw| {
            raw.execute("DELETE FROM journal WHERE seq = ?1", [seq]).unwrap();
            for later in seq + 1..=7 {
                raw.execute("UPDATE journal SET seq = seq - 1 WHERE seq = ?1", [later]).unwrap();
            }
            raw.execute("UPDATE head SET seq = 6", []).unwrap();
        });
        assert_eq!(renumbered.await, named, "renumbered");
    }
}

#[tokio::test]
async fn each_truncation_is_named() {
    for seq in 1..=7_i64 {
        let cut = after(|raw| raw.execute_batch(&format!("DELETE FROM journal WHERE seq >= {seq}")).unwrap()).await;
        assert_eq!(cut, (Some(Flaw::CutOff), u64::try_from(seq).ok()));
    }
}

#[tokio::test]
async fn a_truncation_that_also_moves_the_recorded_end_is_seen_by_whoever_remembers_it() {
    let place = Place::new();
    let events = small(&place).await;
    tamper(&place.path, |raw| {
        raw.execute("DELETE FROM journal WHERE seq >= 6", []).unwrap();
        rehash(raw, 100);
    });
    assert_eq!(verified(&place.path), (None, None), "the file alone does not show it");
    let known = Checks { known: Some((7, events[6].hash)), ..Checks::default() };
    let found = verify(&place.path, known).unwrap();
    assert_eq!((found.kind, found.first_bad_seq), (Some(Flaw::CutOff), Some(6)));
}

#[tokio::test]
async fn swapped_rows_and_swapped_contents_are_named() {
    for (one, other) in [(1_i64, 2_i64), (2, 5), (3, 4), (1, 7), (6, 7)] {
        let named = (Some(Flaw::Swapped), u64::try_from(one).ok());
        let rows = after(|raw| {
            for (from, to) in [(one, 100), (other, one), (100, other)] {
                raw.execute("UPDATE journal SET seq = ?2 WHERE seq = ?1", [from, to]).unwrap();
            }
        });
        assert_eq!(rows.await, named, "{one} and {other}");
        let contents = after(|raw| {
            let links = links(raw);
            let [a, b] = [one, other].map(|seq| &links[usize::try_from(seq - 1).unwrap()]);
            for (seq, payload) in [(one, &b.payload), (other, &a.payload)] {
                raw.execute("UPDATE journal SET event = ?2 WHERE seq = ?1", (seq, payload)).unwrap();
            }
        });
        // Two drafts have the same content: exchanging it changes nothing.
        let same = (one, other) == (3, 4);
        assert_eq!(contents.await, if same { (None, None) } else { named }, "contents of {one} and {other}");
    }
}

#[tokio::test]
async fn an_inserted_row_is_named() {
    let insert = |raw: &Connection, at: i64, hashed: bool| {
        for later in (at..=7).rev() {
            raw.execute("UPDATE journal SET seq = seq + 1 WHERE seq = ?1", [later]).unwrap();
        }
        let links = links(raw);
        let prior = usize::try_from(at - 1).unwrap();
        let mut link = links[0].clone();
        link.seq = at;
        link.subject = b"order/forged".to_vec();
        link.subject_seq = 1;
        link.prev = if prior == 0 { vec![0; 32] } else { links[prior - 1].hash.clone() };
        link.hash = if hashed { link.ought().to_vec() } else { vec![7; 32] };
        raw.execute(
            "INSERT INTO journal VALUES (?1, 'order/forged', 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            (
                link.seq,
                link.at,
                link.offset_minutes,
                String::from_utf8(link.day).unwrap(),
                String::from_utf8(link.actor).unwrap(),
                link.payload,
                link.prev,
                link.hash,
            ),
        )
        .unwrap();
    };
    for at in 1..=8_i64 {
        for hashed in [true, false] {
            for moved_end in [false, true] {
                let found = after(|raw| {
                    insert(raw, at, hashed);
                    if moved_end {
                        raw.execute("UPDATE head SET seq = 8", []).unwrap();
                    }
                })
                .await;
                // At the very end, with the recorded end moved along but its hash not, it looks like an edit.
                let kind = if at == 8 && moved_end { Flaw::Edited } else { Flaw::Inserted };
                assert_eq!(found, (Some(kind), u64::try_from(at).ok()), "at {at}, hashed {hashed}, {moved_end}");
            }
        }
    }
}

#[tokio::test]
async fn a_chain_that_was_computed_anew_contradicts_its_day_head() {
    let place = Place::new();
    let events = small(&place).await;
    tamper(&place.path, |raw| {
        raw.execute("UPDATE journal SET actor = 'owner' WHERE seq = 3", []).unwrap();
        rehash(raw, 1);
    });
    assert_eq!(verified(&place.path), (None, None), "the chain alone does not show it");
    let signed = events[4].hash;
    for (genuine, expected) in
        [(true, (Some(Flaw::Rewritten), Some(5))), (false, (Some(Flaw::WrongSignature), Some(7)))]
    {
        let anchor = move |event: &StoredEvent| (event.seq == 7).then_some(Anchor { seq: 5, hash: signed, genuine });
        let found = verify(&place.path, Checks { anchor: Some(&anchor), ..Checks::default() }).unwrap();
        assert_eq!((found.kind, found.first_bad_seq), expected);
    }
}

#[tokio::test]
async fn a_stream_with_a_hole_is_named_even_if_the_chain_was_computed_anew() {
    let found = after(|raw| {
        raw.execute("UPDATE journal SET subject_seq = 3 WHERE seq = 5", []).unwrap();
        rehash(raw, 1);
    });
    assert_eq!(found.await, (Some(Flaw::Deleted), Some(5)));
}

#[tokio::test]
async fn rows_that_differ_from_their_events_are_named_and_rebuilt() {
    let project = Checks { project: Some(&Lives), ..Checks::default() };
    for (change, seq) in [
        ("UPDATE orders SET amount_minor = 1 WHERE order_no = 'TK0002'", Some(6)),
        ("UPDATE orders SET state = 'paid' WHERE order_no = 'TK0001'", Some(5)),
        ("DELETE FROM orders WHERE order_no = 'TK0003'", Some(7)),
        ("INSERT INTO accounts VALUES ('ghost', 1, '{}')", None),
        ("UPDATE orders SET order_no = 'TK0009' WHERE order_no = 'TK0003'", Some(7)),
    ] {
        let place = Place::new();
        small(&place).await;
        assert!(verify(&place.path, project).unwrap().ok);
        tamper(&place.path, |raw| raw.execute_batch(change).unwrap());
        let found = verify(&place.path, project).unwrap();
        assert_eq!((found.kind, found.first_bad_seq), (Some(Flaw::ProjectionDiffers), seq), "{change}");

        let connection = Connection::open(&place.path).unwrap();
        connection.execute_batch("UPDATE orders SET open = 0").unwrap();
        let journal = place.open();
        assert_eq!(journal.rebuild(std::sync::Arc::new(Lives)).await.unwrap().rows, 3);
        assert!(verify(&place.path, project).unwrap().ok, "{change}, rebuilt");
    }
}

#[tokio::test]
async fn a_subject_that_cannot_be_read_keeps_its_row_and_is_named() {
    let place = Place::new();
    small(&place).await;
    let project = Checks { project: Some(&Lives), ..Checks::default() };
    let verified = || {
        let found = verify(&place.path, project).unwrap();
        (found.kind, found.first_bad_seq)
    };
    let journal = place.open();
    journal.append(vec![append("order/TK0002", 2, &["from_the_future"])]).await.unwrap();
    journal.append(vec![append("order/TK0004", 0, &["from_the_future"])]).await.unwrap();
    assert_eq!(verified(), (Some(Flaw::Unreadable), Some(8)));
    tamper(&place.path, |raw| raw.execute_batch("UPDATE orders SET sale = 'X' WHERE order_no = 'TK0003'").unwrap());
    assert_eq!(verified(), (Some(Flaw::ProjectionDiffers), Some(7)), "what a rebuild mends is not hidden");

    let rows = async || journal.orders(&OrderSearch { limit: 9, ..OrderSearch::default() }).await.unwrap();
    let before = rows().await;
    let rebuilt = journal.rebuild(std::sync::Arc::new(Lives)).await.unwrap();
    assert_eq!((rebuilt.rows, rebuilt.unreadable), (2, vec!["order/TK0002".into(), "order/TK0004".into()]));
    let after = rows().await;
    assert_eq!(after.len(), 3, "what had no row has none");
    let row = |rows: &[OrderRow]| rows.iter().find(|row| row.order_no == "TK0002").cloned().unwrap();
    assert_eq!(row(&after), row(&before));
    assert!(row(&after).open);
    assert_eq!(verified(), (Some(Flaw::Unreadable), Some(8)), "and it is named for as long as it is so");

    tamper(&place.path, |raw| raw.execute_batch("UPDATE journal SET event = x'00' WHERE seq = 7").unwrap());
    let rebuilt = journal.rebuild(std::sync::Arc::new(Lives)).await.unwrap();
    assert_eq!(rebuilt.unreadable, ["order/TK0002", "order/TK0003", "order/TK0004"], "one that was changed too");
    assert_eq!(rows().await.len(), 3);
}

/// Orders whose numbers are in the order of their time and others whose numbers are not, some of which something happens to long after.
async fn long(place: &Place) {
    let journal = place.open();
    let mut order_nos = Vec::new();
    for order in 0..3_000_u32 {
        order_nos.push(if order % 3 == 0 { format!("TK{:05}", order * 7919 % 3_000) } else { format!("TL{order:05}") });
    }
    let mut appends = vec![append("till", 0, &["opened"])];
    for (order, order_no) in order_nos.iter().enumerate() {
        appends.push(drafted(&order_row(order_no, 5)));
        if order % 2 == 0 {
            appends.push(append(&format!("order/{order_no}"), 1, &["paid"]));
        }
    }
    appends.extend(order_nos.iter().skip(1).step_by(2).map(|no| append(&format!("order/{no}"), 1, &["closed"])));
    appends.push(append("till", 1, &["day_head"]));
    for some in appends.chunks(1_000) {
        journal.append(some.to_vec()).await.expect("stored");
    }
}

#[tokio::test]
async fn whatever_the_order_of_the_streams_all_at_once_finds_what_one_thing_after_another_does() {
    let place = Place::new();
    long(&place).await;
    let intact = std::fs::read(&place.path).unwrap();
    for (change, expected) in [
        ("", (None, None)),
        ("UPDATE journal SET actor = 'owner' WHERE seq = 4321", (Some(Flaw::Edited), Some(4321))),
        ("UPDATE orders SET amount_minor = 1 WHERE order_no = 'TL00001'", (Some(Flaw::ProjectionDiffers), Some(4502))),
        ("DELETE FROM orders WHERE order_no = 'TK00000'", (Some(Flaw::ProjectionDiffers), Some(3))),
        ("INSERT INTO accounts VALUES ('ghost', 1, '{}')", (Some(Flaw::ProjectionDiffers), None)),
    ] {
        std::fs::write(&place.path, &intact).unwrap();
        tamper(&place.path, |raw| raw.execute_batch(change).unwrap());
        for at_once in [false, true] {
            let checks = Checks { project: Some(&Lives), at_once, ..Checks::default() };
            let found = verify(&place.path, checks).unwrap();
            assert_eq!((found.kind, found.first_bad_seq), expected, "{change}, at once: {at_once}");
        }
    }
}

#[tokio::test]
async fn a_hole_in_a_stream_is_named_at_once_too() {
    let place = Place::new();
    long(&place).await;
    tamper(&place.path, |raw| {
        raw.execute("UPDATE journal SET subject_seq = 3 WHERE seq = 3", []).unwrap();
        rehash(raw, 1);
    });
    for at_once in [false, true] {
        let found = verify(&place.path, Checks { at_once, ..Checks::default() }).unwrap();
        assert_eq!((found.kind, found.first_bad_seq), (Some(Flaw::Deleted), Some(3)), "at once: {at_once}");
    }
}

#[tokio::test]
async fn other_changes_to_the_file_are_named() {
    let dropped = after(|raw| raw.execute_batch("DROP INDEX orders_sale").unwrap()).await;
    assert_eq!(dropped, (Some(Flaw::SchemaDiffers), None));
    let gone = after(|raw| raw.execute_batch("DROP TABLE refunds").unwrap()).await;
    assert_eq!(gone, (Some(Flaw::SchemaDiffers), None));
    let far_away = after(|raw| {
        raw.execute_batch("UPDATE journal SET seq = 9000000000000000000 WHERE seq = 6").unwrap();
        raw.execute_batch("UPDATE journal SET actor = 'x' WHERE seq = 2").unwrap();
        raw.execute_batch("UPDATE head SET seq = 9000000000000000000").unwrap();
    });
    assert_eq!(far_away.await, (Some(Flaw::Edited), Some(2)), "positions may be anything");
    let headless = after(|raw| raw.execute_batch("DELETE FROM head").unwrap()).await;
    assert_eq!(headless, (Some(Flaw::Inserted), Some(1)));

    let place = Place::new();
    let journal = place.open();
    let mut paid = append("order/1", 0, &["paid"]);
    paid.raw = Some(b"{}".to_vec());
    journal.append(vec![paid]).await.unwrap();
    drop(journal);
    tamper(&place.path, |raw| raw.execute_batch("UPDATE answers SET body = x'00'").unwrap());
    assert_eq!(verified(&place.path), (Some(Flaw::AnswerDiffers), None));
    tamper(&place.path, |raw| raw.execute_batch("DELETE FROM answers").unwrap());
    assert_eq!(verified(&place.path), (None, None), "retention may remove answers");
}

#[tokio::test]
async fn a_flipped_byte_never_yields_other_events_without_a_word() {
    let place = Place::new();
    let events = small(&place).await;
    assert!(!place.folder.path().join("journal.sqlite-wal").exists(), "the whole journal is in one file");
    let intact = std::fs::read(&place.path).unwrap();
    let subjects = ["till", "order/TK0001", "order/TK0002", "order/TK0003"];
    let copy = place.folder.path().join("flipped.sqlite");
    let mut noticed = 0;
    // Every written byte of the pages that hold the journal is worth a try, the empty rest of a page is not.
    let written: Vec<usize> = (0..intact.len()).filter(|at| intact[*at] != 0).collect();
    for at in written.into_iter().step_by(31) {
        let mut bytes = intact.clone();
        bytes[at] ^= 0x11;
        std::fs::write(&copy, &bytes).unwrap();
        for beside in ["flipped.sqlite-wal", "flipped.sqlite-shm"] {
            drop(std::fs::remove_file(place.folder.path().join(beside)));
        }
        let Ok(journal) = Journal::open_read_only(&copy) else {
            noticed += 1;
            continue;
        };
        let all = journal.after(0, 100).await;
        for event in all.iter().flatten() {
            assert_eq!(Some(event), events.get(usize::try_from(event.seq).unwrap() - 1), "byte {at}");
        }
        let mut same = all.as_ref() == Ok(&events);
        for subject in subjects {
            let stream = journal.stream(subject).await;
            for event in stream.iter().flatten() {
                assert_eq!(Some(event), events.get(usize::try_from(event.seq).unwrap() - 1), "byte {at}");
            }
            let whole: Vec<_> = events.iter().filter(|event| event.subject == subject).cloned().collect();
            same &= stream == Ok(whole);
        }
        drop(journal);
        let fine = verify(&copy, Checks::default()).is_ok_and(|verification| verification.ok);
        assert!(same || !fine, "byte {at} changes what is read and nothing says so");
        noticed += usize::from(!fine);
    }
    assert!(noticed > 50, "only {noticed} changes were noticed");
}

/// What the rows of a journal are by its subjects, as they were before anything was done to it.
struct Before(BTreeMap<String, Row>);

impl Project for Before {
    fn row(&self, subject: &str, _: &[StoredEvent]) -> Result<Option<Row>, u64> {
        Ok(self.0.get(subject).cloned())
    }
}

/// A journal with rows of every kind, closed.
async fn varied(place: &Place) -> Before {
    small(place).await;
    let journal = place.open();
    let mut rows = BTreeMap::new();
    for order_no in ["TK0001", "TK0002", "TK0003"] {
        rows.insert(format!("order/{order_no}"), Row::Order(Box::new(order_row(order_no, 5)), vec![]));
    }
    let mut paid = order_row("TK0004", 9);
    (paid.paid_at, paid.paid_minor, paid.ended_at, paid.open) = (Some(11), Some(1250), Some(11), false);
    (paid.attention, paid.by_hand) = (Some("double_payment".into()), Some("paid".into()));
    (paid.gateway_no, paid.wallet_no) = (Some("4200".into()), Some("w-1".into()));
    let refund = RefundRow {
        refund_no: "TR0004".into(),
        order_no: "TK0004".into(),
        amount_minor: 250,
        currency: "CNY".into(),
        state: "succeeded".into(),
        given_by: "owner".into(),
        gateway_refund_no: Some("5030".into()),
        requested_at: 12,
        ..RefundRow::default()
    };
    let row = Row::Order(Box::new(paid), vec![refund]);
    let hash = HEXLOWER.encode(&Sha256::digest(ANSWER));
    let mut sold = append("order/TK0004", 0, &[&format!(r#"{{"raw":"{hash}"}}"#)]);
    (sold.row, sold.raw) = (Some(row.clone()), Some(ANSWER.to_vec()));
    rows.insert("order/TK0004".into(), row);
    let row = Row::Account { id: "a1".into(), json: r#"{"name":"Main"}"#.into() };
    let mut account = append("account/a1", 0, &["added"]);
    account.row = Some(row.clone());
    rows.insert("account/a1".into(), row);
    journal.append(vec![sold, account]).await.unwrap();
    Before(rows)
}

const ANSWER: &[u8] = br#"{"trade_state":"0"}"#;

/// Everything that is read of a journal.
type All = (Vec<StoredEvent>, Vec<OrderRow>, Vec<RefundRow>, Vec<String>, Option<Vec<u8>>);

async fn all(path: &Path) -> Result<All, StorageFault> {
    let journal = Journal::open_read_only(path)?;
    Ok((
        journal.after(0, 100).await?,
        journal.orders(&OrderSearch { limit: 100, ..OrderSearch::default() }).await?,
        journal.refunds(&RefundSearch { limit: 100, ..RefundSearch::default() }).await?,
        journal.accounts().await?,
        journal.raw(&Sha256::digest(ANSWER).into()).await?,
    ))
}

/// Places of the bytes that anything is kept in: of each page all but what lies free between the list of its cells and the cells.
fn kept(file: &[u8]) -> Vec<usize> {
    let size = match u16::from_be_bytes([file[16], file[17]]) {
        1 => 65_536,
        size => usize::from(size),
    };
    let mut places = Vec::new();
    for (number, page) in file.chunks(size).enumerate() {
        let head = if number == 0 { 100 } else { 0 };
        let word = |at: usize| usize::from(u16::from_be_bytes([page[head + at], page[head + at + 1]]));
        let header = match page[head] {
            2 | 5 => 12,
            10 | 13 => 8,
            _ => {
                places.extend(number * size..(number + 1) * size);
                continue;
            }
        };
        let free = head + header + 2 * word(3)..word(5);
        // Nobody reads what is free; that is looked at, too, here and there.
        places.extend((0..page.len()).filter(|at| !free.contains(at) || at % 509 == 0).map(|at| number * size + at));
    }
    places
}

/// What SQLite's own and far slower check finds in any of the tables. It looks at no CHECK of a file that is opened for reading only.
fn whole(path: &Path) -> Option<String> {
    let raw = Connection::open_with_flags(path, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    ["journal", "head", "answers", "accounts", "orders", "refunds"].into_iter().find_map(|table| {
        let said: String = raw.query_row(&format!("PRAGMA integrity_check({table})"), [], |row| row.get(0)).unwrap();
        (said != "ok").then_some(said)
    })
}

/// Flips each of the bytes that anything is kept in, one after the other, and verifies, all `at_once` or one thing after another;
/// where nothing is named everything must read as before. How many were named.
fn flip_each(intact: &[u8], at_once: bool, before: &Before, expected: &All) -> usize {
    let places = kept(intact);
    assert!(places.len() > 5_000, "{}", places.len());
    let next = AtomicUsize::new(0);
    let named = AtomicUsize::new(0);
    let until = |_: &[StoredEvent]| None;
    let checks = Checks { project: Some(before), removed_until: Some(&until), at_once, ..Checks::default() };
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let folder = tempfile::tempdir().unwrap();
                let path = folder.path().join("flipped.sqlite");
                let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
                let mut bytes = intact.to_vec();
                while let Some(at) = places.get(next.fetch_add(1, Ordering::Relaxed)) {
                    bytes[*at] ^= 0x11;
                    for beside in ["", "-wal", "-shm", "-journal"] {
                        drop(std::fs::remove_file(folder.path().join(format!("flipped.sqlite{beside}"))));
                    }
                    std::fs::write(&path, &bytes).unwrap();
                    bytes[*at] ^= 0x11;
                    if verify(&path, checks).is_ok_and(|verification| verification.ok) {
                        let read = runtime.block_on(all(&path));
                        assert_eq!(read.as_ref(), Ok(expected), "byte {at} changes what is read and nothing names it");
                        assert_eq!(whole(&path), None, "byte {at} is damage and nothing names it");
                    } else {
                        named.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    named.into_inner()
}

#[tokio::test]
async fn every_flipped_byte_of_a_journal_is_named_or_changes_nothing_that_is_read() {
    let place = Place::new();
    let before = varied(&place).await;
    let expected = all(&place.path).await.unwrap();
    assert_eq!((expected.0.len(), expected.1.len(), expected.2.len(), expected.3.len()), (9, 4, 1, 1));
    drop(place.open());
    let named = flip_each(&std::fs::read(&place.path).unwrap(), false, &before, &expected);
    assert!(named > 5_000, "only {named} were named");
}

#[tokio::test]
async fn every_flipped_byte_of_a_backup_is_named_or_changes_nothing_that_is_read() {
    let place = Place::new();
    let before = varied(&place).await;
    let backup = place.folder.path().join("backup");
    super::super::copy(&place.path, &backup).unwrap();
    let expected = all(&backup).await.unwrap();
    let named = flip_each(&std::fs::read(&backup).unwrap(), true, &before, &expected);
    assert!(named > 5_000, "only {named} were named");
}
