use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::super::{Checks, verify};
use super::*;

#[tokio::test]
async fn what_was_appended_is_read_back_byte_for_byte() {
    let place = Place::new();
    let journal = place.open();
    assert_eq!(journal.head().await, Ok(None));
    let seqs = journal.append(vec![append("till", 0, &["a", "b"]), append("order/1", 0, &["\0é"])]).await;
    assert_eq!(seqs, Ok(vec![1, 2, 3]));
    assert_eq!(journal.append(vec![append("till", 2, &["c"])]).await, Ok(vec![4]));

    let till = journal.stream("till").await.unwrap();
    let told: Vec<_> = till.iter().map(|event| (event.seq, event.subject_seq, event.payload.as_slice())).collect();
    assert_eq!(told, [(1, 1, b"a".as_slice()), (2, 2, b"b"), (4, 3, b"c")]);
    assert_eq!(till[0].at, event("").at);
    assert_eq!(till[0].actor, "operator:小美");
    assert_eq!(journal.stream("order/1").await.unwrap()[0].payload, "\0é".as_bytes());
    assert_eq!(journal.stream("nobody").await, Ok(vec![]));

    drop(journal);
    let reopened = open(&place.path).unwrap();
    assert!(!reopened.created);
    let all = reopened.journal.after(0, 100).await.unwrap();
    assert_eq!(all.len(), 4);
    assert_eq!(reopened.head, Some((4, all[3].hash)));
    assert_eq!(reopened.journal.head().await, Ok(reopened.head));
}

#[tokio::test]
async fn the_hash_is_the_one_that_the_documentation_lays_out() {
    let place = Place::new();
    let journal = place.open();
    journal.append(vec![append("till", 0, &["one", "two"])]).await.unwrap();
    let events = journal.after(0, 2).await.unwrap();
    let mut prev = [0_u8; 32];
    for event in events {
        let long = |bytes: &[u8]| [u64::try_from(bytes.len()).unwrap().to_be_bytes().as_slice(), bytes].concat();
        let header = [
            &event.seq.to_be_bytes()[..],
            &long(b"till"),
            &event.subject_seq.to_be_bytes(),
            &1_800_000_000_000_000_i64.to_be_bytes(),
            &480_i16.to_be_bytes(),
            &long(b"2027-01-15"),
            &long("operator:小美".as_bytes()),
            &prev,
        ]
        .concat();
        let whole = [&b"tillkeeper.journal.1\0"[..], &long(&header), &long(&event.payload)].concat();
        prev = Sha256::digest(whole).into();
        assert_eq!(event.hash, prev);
    }
}

#[tokio::test]
async fn a_stream_that_has_moved_on_refuses_that_request_and_no_other() {
    let place = Place::new();
    let journal = place.open();
    journal.append(vec![append("order/1", 0, &["a"])]).await.unwrap();
    let (stale, fresh) = tokio::join!(
        journal.append(vec![append("order/2", 0, &["x"]), append("order/1", 0, &["b"])]),
        journal.append(vec![append("order/3", 0, &["y"])]),
    );
    assert_eq!(stale, Err(StorageFault::Moved));
    assert_eq!(fresh, Ok(vec![2]));
    assert_eq!(journal.append(vec![append("order/3", 5, &["z"])]).await, Err(StorageFault::Moved));
    assert_eq!(journal.stream("order/2").await, Ok(vec![]), "all or nothing");
    assert_eq!(journal.after(0, 10).await.unwrap().len(), 2);
}

#[tokio::test]
async fn two_decisions_on_one_state_cannot_both_be_stored() {
    let place = Place::new();
    let journal = Arc::new(place.open());
    let tries = (0..16).map(|_| {
        let journal = Arc::clone(&journal);
        tokio::spawn(async move { journal.append(vec![append("order/1", 0, &["refund"])]).await })
    });
    let mut stored = 0;
    for outcome in futures_util::future::join_all(tries).await {
        match outcome.unwrap() {
            Ok(_) => stored += 1,
            Err(fault) => assert_eq!(fault, StorageFault::Moved),
        }
    }
    assert_eq!(stored, 1);
}

#[tokio::test]
async fn appends_that_wait_together_share_one_commit() {
    let place = Place::new();
    let journal = Arc::new(place.open());
    let other = Connection::open(&place.path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let writers: Vec<_> = (0..8)
        .map(|writer| {
            let journal = Arc::clone(&journal);
            tokio::spawn(async move { journal.append(vec![append(&format!("order/{writer}"), 0, &["x"])]).await })
        })
        .collect();
    let late = {
        let journal = Arc::clone(&journal);
        let both = vec![append("order/9", 0, &["x"]), append("order/8", 1, &["x"])];
        tokio::spawn(async move { journal.append(both).await })
    };
    // The first one is with the writer, which waits for the lock; eight wait behind it.
    while journal.writer.as_ref().unwrap().waiting() != 8 {
        tokio::task::yield_now().await;
    }
    assert_eq!(journal.commits(), 0);
    other.execute_batch("ROLLBACK").unwrap();
    for outcome in futures_util::future::join_all(writers).await {
        outcome.unwrap().unwrap();
    }
    assert_eq!(late.await.unwrap(), Err(StorageFault::Moved), "each has its own outcome");
    assert_eq!(journal.commits(), 1);
    assert_eq!(journal.after(0, 100).await.unwrap().len(), 8, "and its own all or nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_writers_cost_fewer_syncs_than_appends() {
    let place = Place::new();
    let journal = Arc::new(place.open());
    let writers = (0..8).map(|writer| {
        let journal = Arc::clone(&journal);
        tokio::spawn(async move {
            for seen in 0..25 {
                journal.append(vec![append(&format!("order/{writer}"), seen, &["x"])]).await.unwrap();
            }
        })
    });
    for outcome in futures_util::future::join_all(writers).await {
        outcome.unwrap();
    }
    assert_eq!(journal.after(0, 1_000).await.unwrap().len(), 200);
    assert!(journal.commits() < 200, "{} commits for 200 appends", journal.commits());
}

#[tokio::test]
async fn the_file_refuses_to_change_what_is_written() {
    let place = Place::new();
    small(&place).await;
    let connection = Connection::open(&place.path).unwrap();
    let copy = "SELECT seq, subject, subject_seq, at, offset_minutes, day, 'thief', event, prev, hash FROM journal";
    for refused in [
        "UPDATE journal SET actor = 'thief' WHERE seq = 2",
        "DELETE FROM journal WHERE seq = 7",
        "DELETE FROM journal",
        &format!("INSERT INTO journal {} WHERE seq = 2", copy.replace("seq, subject,", "9, 'new',")),
        &format!("INSERT INTO journal {} WHERE seq = 2", copy.replace("seq, subject, subject_seq", "8, 'new', 2")),
        &format!("INSERT OR REPLACE INTO journal {copy} WHERE seq = 2"),
        &format!("REPLACE INTO journal {}", copy.replace("seq, subject,", "100, subject,")),
    ] {
        for recursive in ["ON", "OFF"] {
            connection.execute_batch(&format!("PRAGMA recursive_triggers = {recursive}")).unwrap();
            let error = connection.execute_batch(refused).expect_err(refused).to_string();
            assert!(error.contains("the journal"), "{refused}: {error}");
        }
    }
    assert_eq!(place.open().after(0, 100).await.unwrap().len(), 7);
}

#[tokio::test]
async fn a_raw_answer_is_kept_under_its_hash() {
    let place = Place::new();
    let journal = place.open();
    let mut paid = append("order/1", 0, &["paid"]);
    paid.raw = Some(b"{\"code\":0}".to_vec());
    journal.append(vec![paid.clone()]).await.unwrap();
    let sha256 = Sha256::digest(b"{\"code\":0}").into();
    assert_eq!(journal.raw(&sha256).await, Ok(Some(b"{\"code\":0}".to_vec())));
    assert_eq!(journal.raw(&[0; 32]).await, Ok(None));
    paid.seen = 1;
    journal.append(vec![paid]).await.expect("the same answer may come twice");

    tamper(&place.path, |raw| raw.execute_batch("UPDATE answers SET body = x'00'").unwrap());
    assert!(journal.raw(&sha256).await.is_err(), "a changed answer is not handed out");
}

#[tokio::test]
async fn accounts_come_in_order_of_creation_and_with_their_newest_state() {
    let place = Place::new();
    let journal = place.open();
    for (id, seen, json) in [("zoo", 0, "1"), ("ape", 0, "2"), ("zoo", 1, "3")] {
        let mut append = append(&format!("account/{id}"), seen, &[json]);
        append.row = Some(Row::Account { id: id.into(), json: json.into() });
        journal.append(vec![append]).await.unwrap();
    }
    assert_eq!(journal.accounts().await, Ok(vec!["3".to_owned(), "2".to_owned()]));
    let rebuilt = journal.rebuild(Arc::new(Lives)).await.unwrap();
    assert_eq!((rebuilt.rows, rebuilt.unreadable), (2, vec![]));
    assert_eq!(journal.accounts().await, Ok(vec!["3".to_owned(), "2".to_owned()]));
}

#[tokio::test]
async fn a_row_of_another_subject_is_refused() {
    let place = Place::new();
    let journal = place.open();
    let mut wrong = append("order/1", 0, &["x"]);
    wrong.row = Some(Row::Order(Box::new(order_row("2", 0)), vec![]));
    assert!(matches!(journal.append(vec![wrong]).await, Err(StorageFault::Failed(_))));
    assert_eq!(journal.head().await, Ok(None));
}

#[tokio::test]
async fn the_feed_pages_through_every_event_once() {
    let place = Place::new();
    let events = small(&place).await;
    let journal = Journal::open_read_only(&place.path).unwrap();
    let mut seen = Vec::new();
    loop {
        let page = journal.after(seen.last().map_or(0, |event: &StoredEvent| event.seq), 3).await.unwrap();
        if page.is_empty() {
            break;
        }
        seen.extend(page);
    }
    assert_eq!(seen, events);
    assert!(matches!(journal.append(vec![]).await, Err(StorageFault::ReadOnly(_))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_verification_beside_a_busy_writer_finds_nothing() {
    let place = Place::new();
    let journal = Arc::new(place.open());
    let writing = {
        let journal = Arc::clone(&journal);
        tokio::spawn(async move {
            for n in 0..300 {
                journal.append(vec![drafted(&order_row(&format!("TK{n:04}"), 5))]).await.unwrap();
            }
        })
    };
    let mut rounds = 0;
    while !writing.is_finished() || rounds == 0 {
        let path = place.path.clone();
        let checks = Checks { project: Some(&Lives), ..Checks::default() };
        let found = tokio::task::spawn_blocking(move || verify(&path, checks)).await.unwrap();
        assert_eq!(found.map(|verification| verification.kind), Ok(None));
        rounds += 1;
    }
    writing.await.unwrap();
}
