//! Backups beside a selling till, and what may and may not be put in the journal's place.

use crate::shop::{Ran, SALE, Shop, bare, command, run, run_with};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;
use till_core::journal::{self, Event, TillEvent};
use till_core::time::Stamp;
use till_engine::journal::{Journal, Options};
use till_engine::storage::{Append, NewEvent, Storage};

/// A shop whose stage pays at once, and where its backups go.
async fn paying() -> (Shop, PathBuf) {
    let shop = Shop::open().await;
    shop.stage.sandbox.control().auto_pay(Some(100)).await.unwrap();
    let backups = shop.data.path().join("backups");
    fs::create_dir(&backups).unwrap();
    (shop, backups)
}

async fn sold(shop: &Shop) -> String {
    let sale = shop.run(&SALE).await;
    assert_eq!(sale.code, Some(0), "{sale:?}");
    sale.last()["order_no"].as_str().unwrap().to_owned()
}

async fn backed_up(shop: &Shop, file: &Path) -> Value {
    let made = shop.run(&["journal", "backup", file.to_str().unwrap()]).await;
    assert_eq!(made.code, Some(0), "{made:?}");
    made.last().clone()
}

async fn restore(shop: &Shop, file: &Path) -> Ran {
    shop.run(&["journal", "restore", file.to_str().unwrap()]).await
}

/// Verifies a file as somebody who has neither till nor keyring.
async fn verified(file: &Path) -> Ran {
    let elsewhere = tempfile::tempdir().unwrap();
    let mut verify = bare(elsewhere.path());
    verify.args(["--json", "journal", "verify"]).arg(file);
    run(verify).await
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Changes a byte of an event.
fn spoil(file: &Path) {
    let mut bytes = fs::read(file).unwrap();
    let marked = b"\"type\":\"create_sent\"";
    let at = bytes.windows(marked.len()).position(|window| window == marked).unwrap();
    bytes[at + 8] = b'C';
    fs::write(file, bytes).unwrap();
}

#[tokio::test]
async fn a_backup_beside_a_selling_till_verifies_without_it_and_is_never_written_over() {
    let (shop, backups) = paying().await;
    sold(&shop).await;
    let serve = shop.serve().await;
    let selling: Vec<_> = (0..3).map(|_| shop.start(&SALE)).collect();
    let file = backups.join("one.sqlite");
    let made = backed_up(&shop, &file).await;
    for sale in selling {
        assert_eq!(sale.ends_with().await, Some(0), "sales go on beside it");
    }
    let found = verified(&file).await;
    assert_eq!((found.code, &found.last()["ok"]), (Some(0), &true.into()), "{found:?}");
    let events = shop.run(&["journal", "list"]).await.lines;
    let head = made["head"].as_u64().unwrap();
    assert_eq!((&made["hash"], &made["events"]), (&events[head as usize - 1]["hash"], &made["head"]));
    assert_eq!(made["bytes"].as_u64(), Some(file.metadata().unwrap().len()));
    assert_eq!(names(&backups), ["one.sqlite"], "nothing stands beside it");

    let bytes = fs::read(&file).unwrap();
    let again = shop.run(&["journal", "backup", file.to_str().unwrap()]).await;
    assert_eq!((again.code, again.refusal()), (Some(2), "backup_taken"), "{again:?}");
    assert!(fs::read(&file).unwrap() == bytes);
    let nowhere = backups.join("none/one.sqlite");
    let none = shop.run(&["journal", "backup", nowhere.to_str().unwrap()]).await;
    assert_eq!((none.code, none.refusal()), (Some(5), "file_failed"), "{none:?}");
    fs::create_dir(backups.join(".stfolder")).unwrap();
    let below = backups.join("below");
    fs::create_dir(&below).unwrap();
    let synced = shop.run(&["journal", "backup", below.join("one.sqlite").to_str().unwrap()]).await;
    assert_eq!((synced.code, synced.refusal()), (Some(2), "backup_folder_synced"), "{synced:?}");
    assert!(synced.last()["error"]["message"].as_str().unwrap().contains("Syncthing"), "{synced:?}");
    assert!(names(&below).is_empty());
    serve.signal("TERM");
    assert_eq!(serve.ends_with().await, Some(0));
}

#[tokio::test]
async fn a_backup_that_was_changed_is_named_to_its_event_and_not_restored() {
    let (shop, backups) = paying().await;
    sold(&shop).await;
    let file = backups.join("one.sqlite");
    backed_up(&shop, &file).await;
    let before = shop.run(&["journal", "list"]).await.lines;
    spoil(&file);
    let found = verified(&file).await;
    assert_eq!((found.code, &found.last()["kind"]), (Some(6), &"edited".into()), "{found:?}");
    let seq = found.last()["first_bad_seq"].as_u64().unwrap();
    let refused = restore(&shop, &file).await;
    assert_eq!((refused.code, refused.refusal()), (Some(6), "backup_damaged"), "{refused:?}");
    assert!(refused.last()["error"]["message"].as_str().unwrap().contains(&format!("#{seq}")), "{refused:?}");
    fs::write(&file, [7; 20_000]).unwrap();
    let refused = restore(&shop, &file).await;
    assert_eq!((refused.code, refused.refusal()), (Some(6), "backup_damaged"), "{refused:?}");
    assert!(refused.last()["error"]["message"].as_str().unwrap().contains("(it is no whole journal)"), "{refused:?}");
    assert_eq!(shop.run(&["journal", "list"]).await.lines, before, "the journal is as it was");
    let here: Vec<String> = names(&shop.folder()).into_iter().filter(|name| name.starts_with("journal")).collect();
    assert!(here.iter().all(|name| !name.contains("part") && !name.contains("before-restore")), "{here:?}");
    // A journal that is damaged itself is not handed out as a backup of it.
    spoil(&shop.folder().join("journal.sqlite"));
    let refused = shop.run(&["journal", "backup", backups.join("two.sqlite").to_str().unwrap()]).await;
    assert_eq!((refused.code, refused.refusal()), (Some(6), "journal_not_whole"), "{refused:?}");
    assert_eq!(names(&backups), ["one.sqlite"]);
}

/// A journal that is whole, of a real till.
async fn real(file: &Path) {
    let journal = Journal::open(file, Options::default()).unwrap().journal;
    let opened = TillEvent::Opened {
        till_id: "T1REA".to_owned(),
        public_key: "ab".repeat(32),
        version: "test".to_owned(),
        training: false,
    };
    let at = Stamp { wall: 1_795_000_000_000_000, offset_minutes: 480, day: "2026-11-18".into() };
    let payload = journal::write(&Event::Till { event: opened }).unwrap();
    let events = vec![NewEvent { at, actor: "engine".into(), payload }];
    let append = Append { subject: journal::TILL.into(), seen: 0, events, row: None, raw: None };
    journal.append(vec![append]).await.unwrap();
}

#[tokio::test]
async fn another_tills_backup_and_one_of_the_other_kind_are_refused() {
    let (shop, backups) = paying().await;
    let (other, theirs) = paying().await;
    sold(&other).await;
    let file = theirs.join("theirs.sqlite");
    backed_up(&other, &file).await;
    let before = shop.run(&["journal", "list"]).await.lines;
    let refused = restore(&shop, &file).await;
    assert_eq!((refused.code, refused.refusal()), (Some(2), "backup_of_another"), "{refused:?}");

    let of_real = backups.join("real.sqlite");
    real(&of_real).await;
    let refused = restore(&shop, &of_real).await;
    assert_eq!((refused.code, refused.refusal()), (Some(2), "backup_is_real"), "{refused:?}");
    assert_eq!(shop.run(&["journal", "list"]).await.lines, before);

    let fresh = tempfile::tempdir().unwrap();
    let into_real = |file: &Path| {
        let mut restore = bare(fresh.path());
        restore.args(["--json", "journal", "restore"]).arg(file);
        run(restore)
    };
    let refused = into_real(&file).await;
    assert_eq!((refused.code, refused.refusal()), (Some(2), "backup_is_training"), "{refused:?}");
    // On a new computer nothing is there yet that could be another till.
    let taken = into_real(&of_real).await;
    assert_eq!((taken.code, &taken.last()["kept"]), (Some(0), &Value::Null), "{taken:?}");
    let mut list = bare(fresh.path());
    list.args(["--json", "journal", "list"]);
    let said = run(list).await.lines.pop().unwrap();
    let event = &said["event"]["event"];
    assert_eq!((&event["type"], &event["old"], &event["backup"]["seq"]), (&"restored".into(), &Value::Null, &1.into()));
}

#[tokio::test]
async fn an_older_backup_is_taken_keeps_the_old_file_and_names_what_it_does_not_know() {
    let (shop, backups) = paying().await;
    let control = shop.stage.sandbox.control();
    control.auto_refund(Some(0)).await.unwrap();
    let refunded = sold(&shop).await;
    control.auto_pay(None).await.unwrap();
    let sale = shop.run(&[&SALE[..], &["--no-wait"]].concat()).await;
    let open = sale.last()["order_no"].as_str().unwrap().to_owned();
    let file = backups.join("one.sqlite");
    let made = backed_up(&shop, &file).await;

    control.auto_pay(Some(100)).await.unwrap();
    let later = sold(&shop).await;
    let refund = shop.run(&["refund", &refunded, "1.00", "--reason", "none"]).await;
    assert_eq!(refund.code, Some(0), "{refund:?}");
    let old = shop.run(&["journal", "list"]).await.lines;

    let restored = restore(&shop, &file).await;
    assert_eq!(restored.code, Some(0), "{restored:?}");
    let told = restored.last();
    assert_eq!((&told["head"], &told["old_head"]), (&made["head"], &old.last().unwrap()["seq"]));
    assert_eq!((&told["open"], &told["lost_is_whole"]), (&json!([open]), &true.into()), "{told}");
    assert_eq!(told.get("differs_after"), None, "it is an earlier state: {told}");
    let lost: Vec<&Value> = told["lost"].as_array().unwrap().iter().collect();
    let of = |order_no: &str| *lost.iter().find(|lost| lost["order_no"] == order_no).expect("it is named");
    assert_eq!((&of(&later)["in_backup"], &of(&later)["paid_minor"]), (&Value::Null, &1250.into()));
    assert_eq!((&of(&refunded)["in_backup"], &of(&refunded)["refunded_minor"]), (&"paid".into(), &100.into()));
    assert_eq!(of(&refunded)["refunds"][0]["amount"], "1.00");

    let kept = PathBuf::from(told["kept"].as_str().unwrap());
    assert_eq!(kept.parent(), Some(shop.folder().as_path()));
    let whole = verified(&kept).await;
    assert_eq!((whole.code, &whole.last()["ok"]), (Some(0), &true.into()), "the old file is kept whole: {whole:?}");
    let events = shop.run(&["journal", "list"]).await.lines;
    let (said, before) = events.split_last().unwrap();
    let head = made["head"].as_u64().unwrap() as usize;
    assert_eq!(before, &old[..head]);
    let event = &said["event"]["event"];
    assert_eq!(event["type"], "restored");
    assert_eq!((&event["backup"]["seq"], &event["backup"]["hash"]), (&made["head"], &made["hash"]));
    let newest = old.last().unwrap();
    assert_eq!((&event["old"]["seq"], &event["old"]["hash"]), (&newest["seq"], &newest["hash"]));
    let found = shop.run(&["journal", "verify"]).await;
    assert_eq!((found.code, &found.last()["ok"]), (Some(0), &true.into()), "{found:?}");

    let told = shop.run(&["order", "query", &open]).await;
    assert!(told.err.contains("were open at this start: 1."), "{told:?}");

    // At the next start the open one is asked for: it was paid meanwhile.
    control.pay(Some(open.as_str())).await.unwrap();
    let mut serve = shop.start(&["serve"]);
    let paid = serve.until("paid").await;
    assert_eq!(paid["order_no"], open.as_str(), "{paid}");
    serve.signal("TERM");
    assert_eq!(serve.ends_with().await, Some(0));
    let mut people = bare(shop.data.path());
    people.args(["--training", "sale"]).args(&SALE[1..]);
    let sale = run(people).await;
    assert_eq!(sale.code, Some(0), "{sale:?}");
    assert!(sale.err.contains("restored from a backup"), "whoever sells is told for a week: {sale:?}");
    let doctor = shop.run(&["doctor"]).await;
    assert_eq!(doctor.err.matches("restored from a backup").count(), 1, "and whoever asks how it stands: {doctor:?}");

    // The gateway knows of the refund that the backup does not.
    let twice = shop.run(&["refund", &refunded, "1.00", "--reason", "none"]).await;
    assert_eq!((twice.code, twice.refusal()), (Some(2), "refunded_elsewhere_first"), "{twice:?}");
    assert_eq!(control.refunds().await.unwrap().len(), 1, "it went back once");
}

#[tokio::test]
async fn a_backup_that_tells_another_story_is_restored_and_the_event_is_named_after_which_it_differs() {
    let (shop, backups) = paying().await;
    let (one, two) = (backups.join("one.sqlite"), backups.join("two.sqlite"));
    let of_one = backed_up(&shop, &one).await;
    sold(&shop).await;
    backed_up(&shop, &two).await;
    let restored = restore(&shop, &one).await;
    assert_eq!((restored.code, restored.last().get("differs_after")), (Some(0), None), "{restored:?}");
    let other = sold(&shop).await;
    let restored = restore(&shop, &two).await;
    let told = restored.last();
    assert_eq!((restored.code, &told["differs_after"]), (Some(0), &of_one["head"]), "{restored:?}");
    let lost: Vec<&Value> = told["lost"].as_array().unwrap().iter().map(|lost| &lost["order_no"]).collect();
    assert_eq!(lost, [other.as_str()], "of the branch that was left");
    let mut people = bare(shop.data.path());
    people.args(["--training", "journal", "restore"]).arg(&one);
    let restored = run(people).await;
    assert!(restored.code == Some(0) && !restored.out.contains("different stories"), "an earlier state: {restored:?}");
    let mut people = bare(shop.data.path());
    people.args(["--training", "journal", "restore"]).arg(&two);
    let restored = run(people).await;
    let from = format!("From event {} on", of_one["head"].as_u64().unwrap() + 1);
    assert!(restored.code == Some(0) && restored.out.contains(&from), "{restored:?}");
}

#[tokio::test]
async fn only_a_manager_restores_and_a_wrong_pin_counts() {
    let (shop, backups) = paying().await;
    let (file, early) = (backups.join("one.sqlite"), backups.join("early.sqlite"));
    backed_up(&shop, &early).await;
    for (name, role, pin) in [("Mei", "cashier", "1470"), ("Lin", "manager", "2580")] {
        let pin = format!("{pin}\n");
        let added = run_with(shop.command(&["operator", "add", name, "--role", role]), pin.as_bytes()).await;
        assert_eq!(added.code, Some(0), "{added:?}");
    }
    backed_up(&shop, &file).await;
    let before = shop.run(&["journal", "list"]).await.lines;
    let of = async |file: &Path, name: &str, pin: &str| {
        let restore = shop.command(&["journal", "restore", file.to_str().unwrap(), "--operator", name]);
        run_with(restore, format!("{pin}\n").as_bytes()).await
    };
    let by = async |name: &str, pin: &str| of(&file, name, pin).await;
    let nobody = restore(&shop, &file).await;
    assert_eq!((nobody.code, nobody.refusal()), (Some(5), "missing_right"), "{nobody:?}");
    let cashier = by("Mei", "1470").await;
    assert_eq!((cashier.code, cashier.refusal()), (Some(5), "missing_right"), "{cashier:?}");
    assert!(cashier.last()["error"]["message"].as_str().unwrap().contains("restore the journal"), "{cashier:?}");
    let wrong = by("Lin", "9630").await;
    assert_eq!((wrong.code, wrong.refusal()), (Some(5), "pin_wrong"), "{wrong:?}");
    let people = shop.run(&["operator", "list"]).await.lines;
    assert_eq!(people.iter().find(|one| one["name"] == "Lin").unwrap()["wrong_tries"], 1, "{people:?}");
    assert_eq!(shop.run(&["journal", "list"]).await.lines[..before.len()], before, "nothing was restored");
    let done = by("Lin", "2580").await;
    assert_eq!(done.code, Some(0), "{done:?}");
    let said = shop.run(&["journal", "list"]).await.lines.pop().unwrap();
    assert_eq!((&said["actor"], &said["event"]["event"]["type"]), (&"operator:Lin".into(), &"restored".into()));
    assert_eq!(done.last()["forgets_people"], false, "{done:?}");
    let open = of(&early, "Lin", "2580").await;
    assert_eq!(
        (open.code, &open.last()["forgets_people"]),
        (Some(0), &true.into()),
        "nobody has a PIN there: {open:?}"
    );
}

#[tokio::test]
async fn a_journal_that_cannot_be_read_any_more_is_replaced_where_the_keyring_knows_the_till() {
    let (shop, backups) = paying().await;
    sold(&shop).await;
    let file = backups.join("one.sqlite");
    backed_up(&shop, &file).await;
    let place = shop.folder().join("journal.sqlite");
    fs::write(&place, [7; 20_000]).unwrap();
    let keyring = shop.folder().join("throw-away-keyring.json");
    let keys = fs::read(&keyring).unwrap();
    fs::remove_file(&keyring).unwrap();
    let unknown = restore(&shop, &file).await;
    assert_eq!((unknown.code, unknown.refusal()), (Some(2), "backup_of_unknown"), "{unknown:?}");
    assert_eq!(fs::read(&place).unwrap(), [7; 20_000]);
    fs::write(&keyring, keys).unwrap();
    let restored = restore(&shop, &file).await;
    assert_eq!((restored.code, &restored.last()["lost"]), (Some(0), &Value::Null), "{restored:?}");
    let kept = restored.last()["kept"].as_str().unwrap();
    assert_eq!(fs::read(kept).unwrap(), [7; 20_000], "it is kept as it was");
    sold(&shop).await;
    assert_eq!(shop.run(&["journal", "verify"]).await.code, Some(0));
}

/// Restores that are killed.
const KILLS: u64 = 16;

#[tokio::test]
async fn a_restore_that_is_killed_at_any_instant_leaves_the_old_journal_or_the_new_one() {
    let (shop, backups) = paying().await;
    sold(&shop).await;
    let file = backups.join("one.sqlite");
    let made = backed_up(&shop, &file).await;
    sold(&shop).await;
    let newest = async || shop.run(&["journal", "list"]).await.lines.pop().unwrap();
    let old = newest().await;
    let begun = std::time::Instant::now();
    let (mut before, mut after) = (0, 0);
    let mut whole = {
        let restored = restore(&shop, &backups.join("one.sqlite")).await;
        assert_eq!(restored.code, Some(0), "{restored:?}");
        // Back to where it began.
        fs::rename(restored.last()["kept"].as_str().unwrap(), shop.folder().join("journal.sqlite")).unwrap();
        begun.elapsed()
    };
    for kill in 0.. {
        if kill >= KILLS {
            if before > 0 && after > 0 {
                break;
            }
            // The machine is busier or quicker than when it was measured.
            whole = whole.mul_f64(if before == 0 { 0.7 } else { 1.4 });
        }
        assert!(kill < 3 * KILLS, "kills hit before and after it: {before} {after}");
        assert_eq!(newest().await, old);
        let restore = ["journal", "restore", file.to_str().unwrap()];
        let mut killed = command(shop.data.path(), &restore).stdout(std::process::Stdio::null()).spawn().unwrap();
        let instant = whole.mul_f64(0.3 + 0.8 * (kill % KILLS) as f64 / KILLS as f64);
        tokio::time::sleep(instant.min(Duration::from_secs(20))).await;
        killed.kill().await.unwrap();
        let found = shop.run(&["journal", "verify"]).await;
        assert_eq!((found.code, &found.last()["ok"]), (Some(0), &true.into()), "{found:?}");
        let newest = newest().await;
        if newest == old {
            before += 1;
        } else {
            let event = &newest["event"]["event"];
            assert_eq!((&event["type"], &event["backup"]["seq"]), (&"restored".into(), &made["head"]));
            after += 1;
            let kept = names(&shop.folder()).into_iter().rfind(|name| name.contains("before-restore")).unwrap();
            fs::rename(shop.folder().join(kept), shop.folder().join("journal.sqlite")).unwrap();
        }
        for left in names(&shop.folder()).into_iter().filter(|name| name.contains("before-restore")) {
            fs::remove_file(shop.folder().join(left)).unwrap();
        }
    }
}

#[tokio::test]
async fn a_serving_till_makes_the_daily_backup_by_itself_and_the_doctor_tells_of_it() {
    let (shop, backups) = paying().await;
    sold(&shop).await;
    let finding = async || {
        let doctor = shop.run(&["doctor"]).await;
        doctor.lines.into_iter().find(|line| line["what"] == "backup")
    };
    assert_eq!(finding().await, None, "without a folder in the settings none is made");
    let settings = format!("[backup]\nfolder = '{}'\nkeep = 3\n", backups.display());
    fs::write(shop.folder().join("settings.toml"), settings).unwrap();
    let due = finding().await.unwrap();
    assert_eq!((&due["well"], &due["facts"]["due"]), (&true.into(), &"first_backup".into()), "{due}");
    let file = fs::File::options().write(true).open(shop.folder().join("settings.toml")).unwrap();
    file.set_modified(std::time::SystemTime::now() - Duration::from_secs(3_660)).unwrap();
    let none = finding().await.unwrap();
    assert_eq!((&none["well"], &none["fault"]["code"]), (&false.into(), &"backup_failed".into()), "{none}");
    let till_id = shop.run(&["journal", "list"]).await.lines[0]["till_id"].as_str().unwrap().to_owned();
    let old = format!("tillkeeper-{till_id}-2020-01-01.sqlite");
    fs::write(backups.join(&old), "x").unwrap();
    let today = jiff::Zoned::now().date();
    let garbage = format!("tillkeeper-{till_id}-{today}.sqlite");
    fs::write(backups.join(&garbage), "12345678").unwrap();
    let none = finding().await.unwrap();
    assert_eq!((&none["well"], &none["facts"]["made_at"]), (&false.into(), &Value::Null), "no backup yet: {none}");

    let serve = shop.serve().await;
    let deadline = std::time::Instant::now() + crate::shop::DEADLINE;
    let made = loop {
        let names = names(&backups);
        let further: Vec<&String> = names.iter().filter(|name| **name != garbage).collect();
        if let [name] = further[..]
            && *name != old
            && name.ends_with(".sqlite")
        {
            break backups.join(name);
        }
        assert!(std::time::Instant::now() < deadline, "{names:?}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    assert_eq!(fs::read(backups.join(&garbage)).unwrap(), b"12345678", "it is not written over");
    let found = verified(&made).await;
    assert_eq!((found.code, &found.last()["ok"]), (Some(0), &true.into()), "{found:?}");
    let well = finding().await.unwrap();
    assert_eq!((&well["well"], &well["facts"]["folder"]), (&true.into(), &backups.display().to_string().into()));
    assert!(well["facts"]["made_at"].is_string(), "{well}");
    serve.signal("TERM");
    assert_eq!(serve.ends_with().await, Some(0));
    fs::remove_dir_all(&backups).unwrap();
    let gone = finding().await.unwrap();
    assert_eq!((&gone["well"], &gone["fault"]["facts"]["cause"]), (&false.into(), &"not_there".into()), "{gone}");
}
