//! The journal from outside: the feed, files made of it, and what verification says.

use crate::shop::{SALE, Shop, bare, command, run};
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use till_core::journal::{self, Event, TillEvent};
use till_engine::journal::{Journal, Options};
use till_engine::storage::{Append, NewEvent, Storage, StoredEvent};

/// A shop with one paid order, and its journal file with nothing left beside it.
async fn traded() -> (Shop, PathBuf) {
    let shop = Shop::open().await;
    shop.stage.sandbox.control().auto_pay(Some(100)).await.unwrap();
    let sale = shop.run(&SALE).await;
    assert_eq!(sale.code, Some(0), "{sale:?}");
    let file = shop.folder().join("journal.sqlite");
    let log = fs::metadata(shop.folder().join("journal.sqlite-wal")).map_or(0, |log| log.len());
    assert_eq!(log, 0, "a till that ended well leaves one whole file");
    (shop, file)
}

#[tokio::test]
async fn a_changed_byte_is_found_with_6_and_refused_for_selling_but_not_for_reading() {
    let (shop, file) = traded().await;
    assert_eq!(
        shop.run(&["journal", "verify"]).await.last(),
        &json!({"ok": true, "first_bad_seq": null, "kind": null, "signed_to": null})
    );
    let mut bytes = fs::read(&file).unwrap();
    let marked = b"\"type\":\"create_sent\"";
    let at = bytes.windows(marked.len()).position(|window| window == marked).unwrap();
    bytes[at + 8] = b'C';
    fs::write(&file, bytes).unwrap();
    let verified = shop.run(&["journal", "verify"]).await;
    assert_eq!(
        (verified.code, &verified.last()["ok"], &verified.last()["kind"]),
        (Some(6), &false.into(), &"edited".into())
    );
    assert!(verified.last()["first_bad_seq"].is_u64());
    let sale = shop.run(&SALE).await;
    assert_eq!((sale.code, sale.refusal()), (Some(6), "journal_damaged"), "{sale:?}");
    assert!(sale.last()["error"]["next"].as_str().unwrap().contains("export"), "the way out is said");
    let list = shop.run(&["journal", "list"]).await;
    assert_eq!(list.code, Some(6));
    assert!(list.lines.iter().any(|line| line["fault"].is_string()), "the broken event is shown");
    assert_eq!(list.lines.iter().filter(|line| line["fault"].is_null()).count(), list.lines.len() - 1);
    let output = shop.data.path().join("export");
    let folder = output.display().to_string();
    let export = shop.run(&["journal", "export", "--format", "csv", "--output", &folder]).await;
    assert_eq!((export.code, export.last()["unreadable"].as_array().map(Vec::len)), (Some(6), Some(1)), "{export:?}");
    assert!(output.join("events.csv").is_file(), "what can be read has left the journal");
}

/// No day of it was ever signed: what went out before is all that contradicts it.
#[tokio::test]
async fn a_journal_is_compared_with_an_export_that_was_made_of_it() {
    let (shop, file) = traded().await;
    let folder = shop.data.path().join("export").display().to_string();
    let export = ["journal", "export", "--format", "jsonl", "--output", &folder];
    assert_eq!(shop.run(&export).await.code, Some(0));
    let compare = ["journal", "verify", "--export", &folder];
    let before = fs::read(&file).unwrap();
    assert_eq!(shop.run(&SALE).await.code, Some(0));
    let goes_on = shop.run(&compare).await;
    assert_eq!((goes_on.code, &goes_on.last()["ok"]), (Some(0), &true.into()), "{goes_on:?}");
    // A till that was set back to an hour before, and sold something else since.
    fs::write(&file, &before).unwrap();
    let cut = "DROP TRIGGER journal_is_not_deleted; DELETE FROM journal WHERE seq = (SELECT seq FROM head);
        UPDATE head SET (seq, hash) = (SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1);
        DELETE FROM orders; CREATE TRIGGER journal_is_not_deleted BEFORE DELETE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal only grows'); END;";
    change_rows(&file, cut);
    assert_eq!(shop.run(&["journal", "rebuild"]).await.code, Some(0));
    assert_eq!(shop.run(&["journal", "verify"]).await.code, Some(0), "nothing in it tells");
    let found = shop.run(&compare).await;
    assert_eq!((found.code, &found.last()["kind"]), (Some(6), &"cut_off".into()), "{found:?}");
    for _ in 0..2 {
        shop.run(&SALE).await;
    }
    let found = shop.run(&compare).await;
    assert_eq!((found.code, &found.last()["kind"]), (Some(6), &"rewritten".into()), "{found:?}");
    fs::remove_file(Path::new(&folder).join("events.jsonl")).unwrap();
    let unusable = shop.run(&compare).await;
    assert_eq!((unusable.code, &unusable.last()["kind"]), (Some(6), &"file_missing".into()), "{unusable:?}");
}

/// Changes the file as anybody can who may write it.
fn change_rows(file: &Path, statements: &str) {
    let done = Command::new("sqlite3").arg(file).arg(statements).status().expect("sqlite3 (Debian: sqlite3)");
    assert!(done.success(), "{statements}");
}

/// A list that somebody changed is not what goes out as if nothing were missing.
#[tokio::test]
async fn an_export_of_rows_that_are_not_those_of_the_events_says_so_in_its_manifest_and_ends_with_6() {
    let (shop, file) = traded().await;
    let no = shop.run(&["order", "list"]).await.last()["order_no"].as_str().unwrap().to_owned();
    assert_eq!(shop.run(&["refund", &no, "2.50", "--reason", "x"]).await.code, Some(0));
    assert_eq!(shop.run(&SALE).await.code, Some(0));
    let last_of_it = format!(
        "DROP TRIGGER journal_is_not_deleted;
         DELETE FROM journal WHERE seq = (SELECT max(seq) FROM journal WHERE subject = 'order/{no}')"
    );
    let whole = fs::read(&file).unwrap();
    let all: &[&str] = &[];
    for (name, change, options) in [
        ("row", "DELETE FROM orders", all),
        ("refund", "DELETE FROM refunds", all),
        ("day", "UPDATE orders SET day = '2020-01-01'", &["--from", "2024-01-01"]),
        ("days", "UPDATE orders SET day = '2020-01-01'", all),
        ("event", &last_of_it, all),
    ] {
        fs::write(&file, &whole).unwrap();
        change_rows(&file, change);
        let output = shop.data.path().join(name);
        let folder = output.display().to_string();
        let words = [&["journal", "export", "--format", "jsonl", "--output", &folder], options].concat();
        let export = shop.run(&words).await;
        assert_eq!(export.code, Some(6), "{name}: {export:?}");
        assert!(export.last()["found"]["kind"].is_string(), "{name}: {export:?}");
        let verified = shop.run(&["journal", "verify", &folder]).await;
        assert_eq!(
            (verified.code, &verified.last()["found"]),
            (Some(6), &export.last()["found"]),
            "{name}: {verified:?}"
        );
        let mut people = bare(shop.data.path());
        people.args(["--lang", "en", "journal", "verify", &folder]);
        let said = run(people).await;
        assert!(said.err.contains("what the export lacks because of that cannot be seen in it"), "{name}: {said:?}");
        let bundle = shop.data.path().join(format!("{name}.json")).display().to_string();
        let bundled = shop.run(&["journal", "bundle", &no, "--output", &bundle]).await;
        assert_eq!((bundled.code, Path::new(&bundle).exists()), (Some(6), false), "{name}: {bundled:?}");
    }
    // What is made of some accounts, channels, people or states goes by the events alone.
    fs::write(&file, &whole).unwrap();
    let change = "UPDATE orders SET account = 'other', channel = 'other', sold_by = 'other', state = 'closed'";
    change_rows(&file, change);
    let folder = shop.data.path().join("picked").display().to_string();
    let words = ["--account", "outside", "--channel", "wechat.scan", "--state", "paid", "--sold-by", "owner"];
    let export = shop.run(&[&["journal", "export", "--format", "csv", "--output", &folder], &words[..]].concat()).await;
    assert_eq!((export.code, &export.last()["orders"]), (Some(0), &2.into()), "{export:?}");
}

/// A shop that sold on two days: at the same time in two places of the earth.
pub async fn sold_on_two_days() -> (Shop, PathBuf) {
    let (shop, file) = traded().await;
    for place in ["Etc/GMT+12", "Etc/GMT-14"] {
        let mut sale = shop.command(&SALE);
        sale.env("TZ", place);
        let sale = run(sale).await;
        assert_eq!(sale.code, Some(0), "{sale:?}");
    }
    (shop, file)
}

/// The newest day head of a journal, and how many events the till's own stream has.
async fn newest_head(journal: &Journal) -> (StoredEvent, u64) {
    let stream = journal.stream(journal::TILL).await.unwrap();
    let is_head = |stored: &&StoredEvent| {
        matches!(journal::read(&stored.payload).unwrap(), Event::Till { event: TillEvent::DayHead { .. } })
    };
    let head = stream.iter().rev().find(is_head).expect("a day was signed").clone();
    (head, stream.len() as u64)
}

/// Appends what looks like the next day head, well chained as only the program itself would do it.
async fn forge(file: &Path, change: impl FnOnce(&mut TillEvent)) {
    let journal = Journal::open(file, Options::default()).unwrap().journal;
    let (head, seen) = newest_head(&journal).await;
    let Event::Till { mut event } = journal::read(&head.payload).unwrap() else { panic!("a day head") };
    change(&mut event);
    let payload = journal::write(&Event::Till { event }).unwrap();
    let events = vec![NewEvent { at: head.at, actor: head.actor, payload }];
    let append = Append { subject: journal::TILL.into(), seen, events, row: None, raw: None };
    journal.append(vec![append]).await.unwrap();
}

#[tokio::test]
async fn a_day_head_that_is_changed_or_signed_by_another_till_is_found_with_6() {
    let (shop, file) = sold_on_two_days().await;
    let verified = shop.run(&["journal", "verify"]).await;
    assert_eq!((verified.code, &verified.last()["ok"]), (Some(0), &true.into()), "{verified:?}");
    let (_other, theirs) = sold_on_two_days().await;
    let (theirs, _) = newest_head(&Journal::open_read_only(&theirs).unwrap()).await;
    let Event::Till { event: TillEvent::DayHead { signature: theirs, .. } } = journal::read(&theirs.payload).unwrap()
    else {
        panic!("a day head")
    };
    for what in ["repeated", "another day", "another event", "another hash", "another till's"] {
        let copy = shop.data.path().join(format!("{what}.sqlite"));
        fs::copy(&file, &copy).unwrap();
        forge(&copy, |head| {
            let TillEvent::DayHead { day, seq, hash, signature } = head else { panic!("a day head") };
            match what {
                "another day" => "2031-01-01".clone_into(day),
                "another event" => *seq -= 1,
                "another hash" => *hash = "ab".repeat(32),
                "another till's" => theirs.clone_into(signature),
                _ => {}
            }
        })
        .await;
        let verified = shop.run(&["journal", "verify", copy.to_str().unwrap()]).await;
        if what == "repeated" {
            assert_eq!((verified.code, &verified.last()["ok"]), (Some(0), &true.into()), "{verified:?}");
        } else {
            let said = (verified.code, &verified.last()["kind"]);
            assert_eq!(said, (Some(6), &"wrong_signature".into()), "{what}: {verified:?}");
        }
    }
}

#[tokio::test]
async fn a_file_that_is_no_journal_any_more_is_said_with_6() {
    let (shop, file) = traded().await;
    let noise: Vec<u8> = (0..20_000_u32).map(|at| at.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect();
    fs::write(&file, &noise).unwrap();
    let verified = shop.run(&["journal", "verify"]).await;
    assert_eq!((verified.code, &verified.last()["ok"]), (Some(6), &false.into()), "{verified:?}");
    let output = shop.data.path().join("export").display().to_string();
    let export = ["journal", "export", "--format", "csv", "--output", &output];
    for arguments in [&SALE[..], &["serve"], &["order", "list"], &["journal", "rebuild"], &export] {
        let refused = shop.run(arguments).await;
        assert_eq!((refused.code, refused.refusal()), (Some(6), "journal_unopenable"), "{arguments:?} {refused:?}");
        let said = refused.last()["error"].to_string();
        assert!(!said.contains("journal export") && said.contains("back office"), "{said}");
        assert!(said.contains("journal restore"), "{said}");
    }
    assert_eq!(fs::read(&file).unwrap(), noise, "and the file is as it was");
    let mut verify = bare(shop.data.path());
    verify.args(["--training", "journal", "verify"]);
    let verified = run(verify).await;
    assert!(!verified.err.contains("journal export") && verified.err.contains("new data folder"), "{verified:?}");
}

#[tokio::test]
async fn a_journal_whose_tables_are_not_ours_any_more_leads_to_a_restore() {
    let (shop, file) = traded().await;
    let made = std::process::Command::new("sqlite3").arg(&file).arg("CREATE TABLE another(one)").status();
    assert!(made.unwrap().success());
    for arguments in [&SALE[..], &["journal", "verify"]] {
        let mut people = bare(shop.data.path());
        people.arg("--training").args(arguments);
        let said = run(people).await;
        assert_eq!(said.code, Some(6), "{said:?}");
        assert!(said.err.ends_with(" --training journal restore FILE\n"), "{said:?}");
    }
    // Of another file that is found so no journal is put back.
    let aside = shop.data.path().join("aside.sqlite");
    std::fs::copy(&file, &aside).unwrap();
    let mut people = bare(shop.data.path());
    people.arg("--training").args(["journal", "verify"]).arg(&aside);
    let said = run(people).await;
    assert!(said.code == Some(6) && !said.err.contains("restore"), "{said:?}");
}

/// Appends to a stream what only a later version can read, well chained as that version would.
async fn from_the_future(file: &Path, subject: &str) -> u64 {
    let journal = Journal::open(file, Options::default()).unwrap().journal;
    let (stream, first) = (journal.stream(subject).await.unwrap(), journal.after(0, 1).await.unwrap());
    let newest = stream.last().unwrap_or(&first[0]);
    let payload = br#"{"v":1,"subject":"order","event":{"type":"from_the_future"}}"#.to_vec();
    let events = vec![NewEvent { at: newest.at.clone(), actor: newest.actor.clone(), payload }];
    let append = Append { subject: subject.to_owned(), seen: stream.len() as u64, events, row: None, raw: None };
    journal.append(vec![append]).await.unwrap()[0]
}

#[tokio::test]
async fn an_open_order_that_cannot_be_read_outlives_a_rebuild_and_is_named_everywhere() {
    let (shop, file) = traded().await;
    shop.stage.sandbox.control().auto_pay(None).await.unwrap();
    let sale = shop.run(&[&SALE[..], &["--no-wait"]].concat()).await;
    let order_no = sale.last()["order_no"].as_str().unwrap().to_owned();
    let seq = from_the_future(&file, &journal::order_subject(&order_no)).await;
    let people = async |arguments: &[&str]| {
        let mut command = bare(shop.data.path());
        command.arg("--training").args(arguments);
        run(command).await
    };
    for rebuilt in [false, true] {
        let verified = shop.run(&["journal", "verify"]).await;
        let found = json!({"ok": false, "first_bad_seq": seq, "kind": "unreadable", "signed_to": null});
        assert_eq!((verified.code, verified.last()), (Some(6), &found), "rebuilt: {rebuilt}");
        let advised = people(&["journal", "verify"]).await;
        assert!(!advised.err.contains("rebuild") && advised.err.contains("export"), "{advised:?}");
        let open = shop.run(&["order", "list", "--open"]).await;
        assert_eq!((open.code, open.refusal()), (Some(6), "journal_part_unreadable"), "{open:?}");
        assert!(open.last()["error"]["message"].as_str().unwrap().contains(&order_no), "{open:?}");
        let doctor = shop.run(&["doctor"]).await;
        let what = format!("journal:order/{order_no}");
        let finding = doctor.lines.iter().find(|line| line["what"] == what.as_str()).expect("the doctor names it");
        assert_eq!((&finding["well"], &finding["fault"]["code"]), (&false.into(), &"journal_part_unreadable".into()));
        if !rebuilt {
            let done = shop.run(&["journal", "rebuild"]).await;
            let subject = format!("order/{order_no}");
            assert_eq!((done.code, &done.last()["unreadable"]), (Some(6), &json!([subject])), "{done:?}");
            assert!(done.err.contains(&format!("order {order_no}")), "{done:?}");
        }
    }
    shop.stage.sandbox.control().auto_pay(Some(100)).await.unwrap();
    let sale = shop.run(&SALE).await;
    assert_eq!(sale.code, Some(0), "everything else goes on: {sale:?}");
}

#[tokio::test]
async fn refunds_are_found_by_their_giver_where_the_people_cannot_be_read() {
    let (shop, file) = traded().await;
    let sale = shop.run(&["order", "list"]).await;
    let order_no = sale.last()["order_no"].as_str().unwrap();
    let refund = shop.run(&["refund", order_no, "1.00", "--reason", "wrong size"]).await;
    let refund_no = refund.last()["refund_no"].as_str().unwrap();
    from_the_future(&file, journal::OPERATORS).await;
    for (by, found, told) in [("Owner", true, false), ("店主", true, true), ("Lin", false, true)] {
        let mut command = bare(shop.data.path());
        command.args(["--training", "--lang", "en", "refunds", "--by", by]);
        let listed = run(command).await;
        assert_eq!((listed.code, listed.out.contains(refund_no)), (Some(0), found), "{by}: {listed:?}");
        assert_eq!(listed.err.contains("the people at the till"), told, "{by}: {listed:?}");
    }
}

#[tokio::test]
async fn a_journal_of_a_newer_version_is_refused_with_6_and_left_as_it_is() {
    let (shop, file) = traded().await;
    let mut bytes = fs::read(&file).unwrap();
    // SQLite keeps `user_version` at offset 60 of the header.
    bytes[60..64].copy_from_slice(&9_999_u32.to_be_bytes());
    fs::write(&file, &bytes).unwrap();
    for arguments in [&SALE[..], &["order", "list"], &["journal", "verify"]] {
        let refused = shop.run(arguments).await;
        assert_eq!((refused.code, refused.refusal()), (Some(6), "journal_newer"), "{refused:?}");
    }
    assert!(fs::read(&file).unwrap() == bytes);
}

#[tokio::test]
async fn the_feed_goes_on_behind_any_event_and_follows_new_ones() {
    let (shop, _) = traded().await;
    let all = shop.run(&["journal", "list"]).await.lines;
    let seqs: Vec<u64> = all.iter().map(|line| line["seq"].as_u64().unwrap()).collect();
    assert_eq!(seqs, (1..=seqs.len() as u64).collect::<Vec<_>>());
    assert!(all.iter().all(|line| line["till_id"] == all[0]["till_id"] && line["event"].is_object()));
    let head = seqs.len();
    let rest = shop.run(&["journal", "list", "--after", &(head - 2).to_string()]).await.lines;
    assert_eq!(rest, all[head - 2..]);
    let mut follower = shop.start(&["journal", "list", "--follow", "--after", &head.to_string()]);
    let sale = shop.run(&[&SALE[..], &["--no-wait"]].concat()).await;
    assert_eq!(sale.code, Some(0));
    let next = follower.line().await.unwrap();
    assert_eq!((next["seq"].as_u64(), &next["event"]["event"]["type"]), (Some(head as u64 + 1), &"drafted".into()));
    follower.signal("INT");
    assert_eq!(follower.ends_with().await, Some(0));
}

#[tokio::test]
async fn an_export_beside_a_selling_till_holds_whole_files_up_to_one_event() {
    let (shop, _) = traded().await;
    let serve = shop.serve().await;
    let selling = shop.start(&SALE);
    let out = shop.data.path().join("csv");
    let exported = shop.run(&["journal", "export", "--format", "csv", "--output", out.to_str().unwrap()]).await;
    assert_eq!(exported.code, Some(0), "{exported:?}");
    assert_eq!(selling.ends_with().await, Some(0));
    let read = |name: &str| fs::read_to_string(out.join(name)).unwrap();
    let orders = read("orders.csv");
    assert!(orders.starts_with("\u{feff}order_no,sale,account,"), "{orders}");
    assert!(orders.lines().nth(1).unwrap().contains(",12.50,1250,CNY,paid,"), "{orders}");
    assert_eq!(orders.matches("\r\n").count(), orders.matches('\n').count());
    let head = exported.last()["head"].as_u64().unwrap();
    assert_eq!(exported.last()["events"].as_u64(), Some(head));
    let refunds = read("refunds.csv");
    assert!(refunds.starts_with("\u{feff}refund_no,order_no,account,"), "{refunds}");
    assert_eq!(refunds.lines().count(), 1, "nothing went back: {refunds}");
    let again = shop.run(&["journal", "export", "--format", "csv", "--output", out.to_str().unwrap()]).await;
    assert_eq!((again.code, again.refusal()), (Some(2), "folder_taken"), "an export is never written over");
    let none = shop.data.path().join("none");
    let days = ["--from", "2026-03-02", "--to", "2026-03-01"];
    let reversed = ["journal", "export", "--format", "csv", "--output", none.to_str().unwrap()];
    let reversed = shop.run(&[&reversed[..], &days].concat()).await;
    assert_eq!((reversed.code, reversed.refusal()), (Some(2), "days_reversed"), "{reversed:?}");
    assert!(!none.exists());
    let json = shop.data.path().join("jsonl");
    let exported = shop.run(&["journal", "export", "--format", "jsonl", "--output", json.to_str().unwrap()]).await;
    assert_eq!(exported.code, Some(0), "{exported:?}");
    let lines = fs::read_to_string(json.join("orders.jsonl")).unwrap();
    let listed = shop.run(&["order", "list"]).await.lines;
    let mut handed: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    handed.reverse();
    for (handed, listed) in handed.iter().zip(&listed) {
        let same = listed.as_object().unwrap().iter().all(|(name, value)| handed.get(name) == Some(value));
        assert!(same, "all that is listed is handed out: {handed} {listed}");
    }
    assert_eq!(handed.len(), listed.len());
    let none = shop.data.path().join("none");
    let arguments = ["journal", "export", "--format", "csv", "--to", "2001-01-01", "--output", none.to_str().unwrap()];
    assert_eq!(shop.run(&arguments).await.last()["orders"], 0);
    serve.signal("TERM");
    assert_eq!(serve.ends_with().await, Some(0));
}

#[tokio::test]
async fn rows_are_made_anew_from_the_events() {
    let (shop, _) = traded().await;
    let before = shop.run(&["order", "list"]).await.lines;
    let rebuilt = shop.run(&["journal", "rebuild"]).await;
    assert_eq!((rebuilt.code, &rebuilt.last()["unreadable"]), (Some(0), &json!([])), "{rebuilt:?}");
    assert_eq!(shop.run(&["order", "list"]).await.lines, before);
    assert_eq!(shop.run(&["journal", "verify"]).await.code, Some(0));
}

#[tokio::test]
async fn a_damaged_part_that_events_make_is_made_anew_in_a_new_file_and_a_damaged_event_is_not_left_out() {
    for (part, mended) in [
        ("orders", true),
        ("orders_paid", true),
        ("orders_ended", true),
        ("accounts", true),
        ("sqlite_autoindex_answers_1", true),
        ("sqlite_autoindex_journal_1", true),
        ("journal", false),
    ] {
        let (shop, _) = traded().await;
        let file = shop.folder().join("journal.sqlite");
        let before = shop.run(&["journal", "list"]).await.lines;
        let orders = shop.run(&["order", "list"]).await.lines;
        damage(&file, part);
        let damaged = fs::read(&file).unwrap();
        let rebuilt = shop.run(&["journal", "rebuild"]).await;
        if !mended {
            assert_eq!((rebuilt.code, rebuilt.refusal()), (Some(6), "journal_damaged"), "{part}: {rebuilt:?}");
            assert_eq!(fs::read(&file).unwrap(), damaged, "{part}: nothing was changed");
            continue;
        }
        assert_eq!(rebuilt.code, Some(0), "{part}: {rebuilt:?}");
        let kept = rebuilt.last()["kept"].as_str().expect("the old file");
        assert!(fs::metadata(kept).is_ok_and(|kept| kept.len() > 0), "{part}");
        assert_eq!(shop.run(&["journal", "list"]).await.lines, before, "{part}");
        assert_eq!(shop.run(&["order", "list"]).await.lines, orders, "{part}");
        let verified = shop.run(&["journal", "verify"]).await;
        assert_eq!(verified.code, Some(0), "{part}: {verified:?}");
        shop.stage.sandbox.control().auto_pay(Some(0)).await.unwrap();
        let sale = shop.run(&SALE).await;
        assert_eq!((sale.code, &sale.last()["state"]), (Some(0), &"paid".into()), "{part}: {sale:?}");
    }
}

/// Overwrites the first page of a table or an index.
fn damage(file: &Path, part: &str) {
    let query = format!("SELECT rootpage FROM sqlite_schema WHERE name = '{part}'");
    let address = format!("file:{}?immutable=1", file.display());
    let said = std::process::Command::new("sqlite3").arg(address).arg(query).output().unwrap();
    let page: usize = String::from_utf8(said.stdout).unwrap().trim().parse().expect("a page");
    let mut bytes = fs::read(file).unwrap();
    let size = usize::from(u16::from_be_bytes([bytes[16], bytes[17]]));
    bytes[(page - 1) * size..page * size].fill(0xa5);
    fs::write(file, bytes).unwrap();
}

#[tokio::test]
async fn a_folder_where_no_till_has_been_is_read_as_empty() {
    let data = tempfile::tempdir().unwrap();
    for arguments in [&["order", "list"][..], &["journal", "list"], &["account", "list"]] {
        let read = run(command(data.path(), arguments)).await;
        assert_eq!((read.code, read.out.as_str()), (Some(0), ""), "{arguments:?}");
    }
    assert!(fs::read_dir(data.path()).unwrap().next().is_none(), "reading makes nothing");
}
