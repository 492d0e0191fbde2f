use super::super::SCHEMA;
use super::super::chain::{Link, START};
use super::*;
use futures_util::FutureExt as _;

#[tokio::test]
async fn a_new_journal_is_its_owners_alone() {
    let place = Place::new();
    let opened = open(&place.path).unwrap();
    assert!(opened.created);
    opened.journal.append(vec![append("till", 0, &["x"])]).await.unwrap();
    #[cfg(unix)]
    for file in ["journal.sqlite", "journal.sqlite-wal", "journal.sqlite-shm"] {
        let mode = std::os::unix::fs::MetadataExt::mode(&place.folder.path().join(file).metadata().unwrap());
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
}

#[tokio::test]
async fn a_journal_that_is_closed_while_it_is_read_leaves_one_whole_file() {
    let place = Place::new();
    let journal = std::sync::Arc::new(place.open());
    journal.append(vec![append("till", 0, &["x"])]).await.unwrap();
    let (begun, is_read) = std::sync::mpsc::channel();
    let (go, wait) = std::sync::mpsc::channel::<()>();
    let reader = std::sync::Arc::clone(&journal);
    let read = tokio::spawn(async move {
        let slowly = move |connection: &Connection| {
            begun.send(()).unwrap();
            // Until the test says so, or its end of the channel is gone.
            let _over = wait.recv();
            super::super::read::head(connection)
        };
        reader.readers.read(slowly).await
    });
    tokio::task::spawn_blocking(move || is_read.recv().unwrap()).await.unwrap();
    // Whoever wanted to know goes, as with a runtime that ends; the thread reads on.
    read.abort();
    assert!(read.await.unwrap_err().is_cancelled());
    let mut closed = std::pin::pin!(journal.closed());
    let closing = std::thread::spawn(move || drop(journal));
    let patience = std::time::Instant::now() + std::time::Duration::from_millis(200);
    while !closing.is_finished() && std::time::Instant::now() < patience {
        std::thread::yield_now();
    }
    assert!(closed.as_mut().now_or_never().is_none(), "it is still read");
    go.send(()).unwrap();
    closed.await;
    assert!(!place.folder.path().join("journal.sqlite-wal").exists());
    closing.join().unwrap();
}

#[tokio::test]
async fn a_newer_journal_is_refused_and_left_alone() {
    let place = Place::new();
    small(&place).await;
    Connection::open(&place.path).unwrap().execute_batch("PRAGMA user_version = 9").unwrap();
    let before = std::fs::read(&place.path).unwrap();
    let newer = StorageFault::Newer { found: 9, known: SCHEMA };
    assert_eq!(open(&place.path).unwrap_err(), newer);
    assert_eq!(Journal::open_read_only(&place.path).unwrap_err(), newer);
    assert_eq!(std::fs::read(&place.path).unwrap(), before);
}

#[tokio::test]
async fn a_journal_of_each_earlier_schema_is_read_as_it_is_and_brought_up_to_date_when_it_is_written() {
    for schema in 1..SCHEMA {
        let place = Place::new();
        let mut older = Connection::open(&place.path).unwrap();
        super::super::schema::make_older(&mut older, usize::try_from(schema).unwrap());
        let made = older.query_row("PRAGMA user_version", [], |row| row.get::<_, u32>(0)).unwrap();
        assert_eq!(made, schema);
        older
            .execute_batch(
                "INSERT INTO orders (order_no, sale, account_id, account, gateway, channel, amount_minor, currency, state, open,
                     late, refunded_minor, day, created_at, paid_at, paid_minor)
                 VALUES ('TK0001', 'S', 'a1', 'Main', 'pooul', 'wechat.scan', 1250, 'CNY', 'paid', 0, 0, 0, '2027-01-15', 5, 7, 1250)",
            )
            .unwrap();
        let mut first = Link {
            seq: 1,
            subject: "order/TK0001".into(),
            subject_seq: 1,
            at: 5,
            offset_minutes: 480,
            day: "2027-01-15".into(),
            actor: "operator:小美".into(),
            payload: vec![],
            prev: START.into(),
            hash: vec![],
        };
        first.hash = first.ought().into();
        first.insert(&older).unwrap();
        older.execute("INSERT INTO head (one, seq, hash) VALUES (1, 1, ?1)", [&first.hash]).unwrap();
        drop(older);
        let paid = crate::storage::OrderSearch {
            states: vec!["paid".into()],
            amount_minor: Some(1250),
            limit: 9,
            ..Default::default()
        };
        let found = async |journal: &Journal| {
            let rows = journal.orders(&paid).await.unwrap();
            let taken = journal.takings((7, 8)).await.unwrap();
            let hers = crate::storage::OrderSearch { sold_by: Some("小美".into()), limit: 9, ..Default::default() };
            assert_eq!(journal.orders(&hers).await.unwrap(), rows, "schema {schema}");
            assert_eq!(rows.first().map(|row| row.sold_by.as_str()), Some("小美"), "schema {schema}");
            (rows.len(), taken.iter().map(|taken| (taken.orders, taken.minor)).collect::<Vec<_>>())
        };
        let as_it_is = Journal::open_read_only(&place.path).unwrap();
        assert_eq!(found(&as_it_is).await, (1, vec![(1, 1250)]), "schema {schema}");
        drop(as_it_is);
        let journal = place.open();
        assert_eq!(found(&journal).await, (1, vec![(1, 1250)]), "schema {schema}");
        drop(journal);
        let newest = Connection::open(&place.path).unwrap();
        let schema = newest.query_row("PRAGMA user_version", [], |row| row.get::<_, u32>(0)).unwrap();
        assert_eq!(schema, SCHEMA);
    }
}

#[tokio::test]
async fn a_file_that_is_no_journal_is_refused_and_left_alone() {
    let place = Place::new();
    std::fs::write(&place.path, "not a database, but long enough to have a header that is none ".repeat(20)).unwrap();
    assert!(matches!(open(&place.path), Err(StorageFault::Damaged(_))));

    let other = place.folder.path().join("other.sqlite");
    Connection::open(&other).unwrap().execute_batch("CREATE TABLE recipes (id)").unwrap();
    let before = std::fs::read(&other).unwrap();
    assert!(matches!(open(&other), Err(StorageFault::Damaged(_))));
    assert!(matches!(Journal::open_read_only(&other), Err(StorageFault::Damaged(_))));
    assert_eq!(std::fs::read(&other).unwrap(), before);
}

#[tokio::test]
async fn a_journal_whose_making_was_interrupted_is_made() {
    let place = Place::new();
    let beside = place.folder.path().join("journal.sqlite.new");
    assert_eq!(place.path.with_file_name("journal.sqlite.new"), beside);
    Connection::open(&beside).unwrap().pragma_update(None, "journal_mode", "wal").unwrap();
    let opened = open(&place.path).unwrap();
    assert!(opened.created && !beside.exists());
    opened.journal.append(vec![append("till", 0, &["x"])]).await.unwrap();
}

/// The log of what was there would be written over the new one, and what a link leads to may only be away.
#[tokio::test]
async fn where_a_journal_was_no_new_one_is_made() {
    let place = Place::new();
    let log = place.path.with_file_name("journal.sqlite-wal");
    std::fs::write(&log, "what was not yet in the file").unwrap();
    assert!(is_there(&place.path));
    assert!(matches!(open(&place.path), Err(StorageFault::Damaged(_))));
    assert!(matches!(Journal::open_read_only(&place.path), Err(StorageFault::Damaged(_))));
    assert!(!place.path.exists() && log.exists());

    let elsewhere = Place::new();
    let away = elsewhere.folder.path().join("away/journal.sqlite");
    #[cfg(unix)]
    std::os::unix::fs::symlink(&away, &elsewhere.path).unwrap();
    assert!(open(&elsewhere.path).is_err());
    assert_eq!(std::fs::read_link(&elsewhere.path).unwrap(), away);
}

/// A new till in its place would never ask about the orders that were open.
#[tokio::test]
async fn a_journal_that_was_emptied_is_damaged_and_no_new_one() {
    let place = Place::new();
    small(&place).await;
    std::fs::write(&place.path, "").unwrap();
    let log = place.path.with_file_name("journal.sqlite-wal");
    std::fs::write(&log, "what was not yet in the file").unwrap();
    assert!(matches!(open(&place.path), Err(StorageFault::Damaged(_))));
    assert!(matches!(Journal::open_read_only(&place.path), Err(StorageFault::Damaged(_))));
    assert_eq!(std::fs::read(&place.path).unwrap(), b"");
    assert_eq!(std::fs::read(&log).unwrap(), b"what was not yet in the file", "the newest of it may stand there alone");
}

#[tokio::test]
async fn a_folder_that_is_not_there_cannot_be_written() {
    let place = Place::new();
    assert!(matches!(open(&place.folder.path().join("gone/journal.sqlite")), Err(StorageFault::ReadOnly(_))));
}

#[tokio::test]
async fn a_journal_without_its_triggers_is_damaged_but_read() {
    let place = Place::new();
    let events = small(&place).await;
    Connection::open(&place.path).unwrap().execute_batch("DROP TRIGGER journal_is_not_deleted").unwrap();
    assert!(matches!(open(&place.path), Err(StorageFault::Damaged(_))));
    assert_eq!(Journal::open_read_only(&place.path).unwrap().after(0, 100).await, Ok(events));
}

#[tokio::test]
async fn opening_checks_the_chain_from_the_day_head_and_the_open_orders() {
    let place = Place::new();
    let journal = place.open();
    let mut ended = order_row("TK0002", 5);
    ended.open = false;
    journal.append(vec![drafted(&order_row("TK0001", 5)), drafted(&ended)]).await.unwrap();
    journal.append(vec![append("till", 0, &["day head", "next day"])]).await.unwrap();
    drop(journal);
    let from = |checked_from| Journal::open(&place.path, Options { checked_from });

    tamper(&place.path, |raw| raw.execute_batch("UPDATE journal SET actor = 'x' WHERE seq = 2").unwrap());
    drop(from(3).expect("an ended order before the day head is left to the full verification"));
    assert_eq!(from(0).unwrap_err(), StorageFault::Damaged("the chain is broken at event 2".into()));

    tamper(&place.path, |raw| raw.execute_batch("UPDATE journal SET actor = 'x' WHERE seq = 1").unwrap());
    let StorageFault::Damaged(sentence) = from(3).unwrap_err() else { panic!("not damaged") };
    assert!(sentence.contains("open order TK0001"), "{sentence}");
}

#[tokio::test]
async fn an_event_that_cannot_be_read_stops_its_subject_and_no_other() {
    let place = Place::new();
    let events = small(&place).await;
    tamper(&place.path, |raw| drop(raw.execute("UPDATE journal SET event = 'x' WHERE seq = 3", []).unwrap_err()));
    tamper(&place.path, |raw| raw.execute_batch("UPDATE journal SET event = x'00' WHERE seq = 3").unwrap());
    assert!(matches!(open(&place.path), Err(StorageFault::Damaged(_))));
    let opened = Journal::open(&place.path, Options { checked_from: 5 });
    assert!(matches!(opened, Err(StorageFault::Damaged(_))), "the order is open");
    let journal = Journal::open_read_only(&place.path).unwrap();
    let unreadable = |fault: StorageFault| match fault {
        StorageFault::Unreadable { seq, subject, .. } => (seq, subject),
        other => panic!("{other}"),
    };
    let told = (3, Some("order/TK0002".to_owned()));
    assert_eq!(unreadable(journal.stream("order/TK0002").await.unwrap_err()), told);
    assert_eq!(journal.stream("order/TK0001").await.unwrap().len(), 2);
    assert_eq!(journal.after(0, 100).await.unwrap(), events[..2]);
    assert_eq!(unreadable(journal.after(2, 100).await.unwrap_err()), told);
    assert_eq!(journal.after(3, 100).await.unwrap(), events[3..]);
}

#[tokio::test]
async fn a_gap_in_the_feed_is_said_and_can_be_passed() {
    let place = Place::new();
    let events = small(&place).await;
    tamper(&place.path, |raw| raw.execute_batch("DELETE FROM journal WHERE seq IN (3, 7)").unwrap());
    let journal = Journal::open_read_only(&place.path).unwrap();
    let missing = |seq| StorageFault::Unreadable { seq, subject: None, reason: "it is not there".into() };
    assert_eq!(journal.after(0, 100).await.unwrap(), events[..2]);
    assert_eq!(journal.after(2, 100).await, Err(missing(3)));
    assert_eq!(journal.after(3, 100).await.unwrap(), events[3..6]);
    assert_eq!(journal.after(6, 100).await, Err(missing(7)));
    assert_eq!(journal.after(7, 100).await, Ok(vec![]));
}
