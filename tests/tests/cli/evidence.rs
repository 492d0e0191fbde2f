//! What leaves the till proves itself: an export with its manifest and signature, checked without the till.

use crate::journal::sold_on_two_days;
use crate::shop::{Ran, Shop, bare, run};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use till_engine::export::{Checked, Difference, check, is_export};

/// An export of everything, as JSON Lines, and of the shop that it is of.
async fn exported(format: &str) -> (Shop, PathBuf) {
    let (shop, _) = sold_on_two_days().await;
    let folder = shop.data.path().join(format);
    let arguments = ["journal", "export", "--format", format, "--output", folder.to_str().unwrap()];
    let exported = shop.run(&arguments).await;
    assert_eq!((exported.code, &exported.last()["signed"]), (Some(0), &true.into()), "{exported:?}");
    (shop, folder)
}

/// A copy that may be spoiled.
fn copied(folder: &Path) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
    }
    copy
}

fn manifest(folder: &Path) -> Value {
    serde_json::from_slice(&fs::read(folder.join("manifest.json")).unwrap()).unwrap()
}

/// What `journal verify` says of the folder where there is no till.
async fn verified(folder: &Path, options: &[&str]) -> Ran {
    let elsewhere = tempfile::tempdir().unwrap();
    let mut command = bare(elsewhere.path());
    command.args(options).args(["journal", "verify"]).arg(folder);
    run(command).await
}

/// What a check of the copy says once its file's lines were changed.
fn with_lines(folder: &Path, file: &str, change: impl FnOnce(&mut Vec<String>)) -> Checked {
    let copy = copied(folder);
    let path = copy.path().join(file);
    let mut lines: Vec<String> = fs::read_to_string(&path).unwrap().lines().map(str::to_owned).collect();
    change(&mut lines);
    fs::write(&path, lines.join("\n") + "\n").unwrap();
    check(copy.path()).unwrap()
}

#[tokio::test]
async fn an_export_is_checked_without_its_till_and_says_what_it_holds() {
    let (shop, folder) = exported("csv").await;
    let checked = verified(&folder, &["--json"]).await;
    let first = shop.run(&["journal", "list"]).await.lines.swap_remove(0);
    assert_eq!((checked.code, &checked.last()["signed"]), (Some(0), &true.into()), "{checked:?}");
    assert_eq!(checked.last()["public_key"], first["event"]["event"]["public_key"]);

    let manifest = manifest(&folder);
    assert_eq!((&manifest["till_id"], &manifest["training"]), (&first["till_id"], &true.into()));
    let last = shop.run(&["journal", "list"]).await.lines.pop().unwrap();
    assert_eq!((&manifest["head"]["seq"], &manifest["head"]["hash"]), (&last["seq"], &last["hash"]));
    assert!(!manifest["day_heads"].as_array().unwrap().is_empty(), "signed days leave the till with each export");
    let sum = &manifest["sums"][0];
    assert_eq!((&sum["state"], &sum["currency"], &sum["mark"]), (&"paid".into(), &"CNY".into(), &"training".into()));
    let orders = sum["orders"].as_i64().unwrap();
    let minor = |name: &str| sum[name].as_i64().unwrap();
    assert_eq!((orders, minor("amount_minor"), minor("paid_minor")), (3, 3 * 1250, 3 * 1250));
    assert_eq!(minor("refunded_minor"), 0);
    let rows: Vec<i64> = manifest["files"].as_array().unwrap().iter().map(|f| f["rows"].as_i64().unwrap()).collect();
    assert_eq!(rows, [3, 0, last["seq"].as_i64().unwrap()]);

    fs::write(
        folder.join("orders.csv"),
        fs::read_to_string(folder.join("orders.csv")).unwrap().replace("12.50", "1.50"),
    )
    .unwrap();
    let checked = verified(&folder, &["--json"]).await;
    let said = (checked.code, &checked.last()["kind"], &checked.last()["file"]);
    assert_eq!(said, (Some(6), &"file_differs".into(), &"orders.csv".into()), "{checked:?}");
}

#[tokio::test]
async fn every_row_of_the_events_that_is_edited_gone_moved_or_doubled_is_named() {
    let (_shop, folder) = exported("jsonl").await;
    let whole = check(&folder).unwrap();
    assert!(whole.ok && whole.signed, "{whole:?}");
    let rows = fs::read_to_string(folder.join("events.jsonl")).unwrap().lines().count();
    assert!(rows > 20, "{rows}");
    let named = |checked: Checked| (checked.kind.expect("something is wrong"), checked.first_bad_seq.expect("a row"));
    for at in 0..rows {
        let seq = at as u64 + 1;
        let spoiled =
            |change: &dyn Fn(&mut Vec<String>)| named(with_lines(&folder, "events.jsonl", |lines| change(lines)));
        let edited = spoiled(&|lines| lines[at] = lines[at].replacen("\"type\":\"", "\"type\":\"x", 1));
        assert_eq!(edited, (Difference::Edited, seq));
        let actor = spoiled(&|lines| lines[at] = lines[at].replacen("\"actor\":\"", "\"actor\":\"x", 1));
        assert_eq!(actor, (Difference::Edited, seq));
        assert_eq!(spoiled(&|lines| drop(lines.remove(at))), (Difference::Deleted, seq));
        assert_eq!(spoiled(&|lines| lines.insert(at, lines[at].clone())), (Difference::Swapped, seq));
        let hidden = spoiled(&|lines| {
            lines[at] = format!(r#"{{"till_id":"","seq":{},"subject":null,"fault":"x"}}"#, seq + 1);
        });
        assert_eq!(hidden, (Difference::Deleted, seq), "a row that nobody can read covers no other");
        if at > 0 {
            assert_eq!(spoiled(&|lines| lines.swap(at - 1, at)), (Difference::Deleted, seq - 1));
        }
    }
}

#[tokio::test]
async fn every_byte_that_is_flipped_is_noticed_and_no_file_comes_or_goes() {
    let (_shop, folder) = exported("jsonl").await;
    let copy = copied(&folder);
    for entry in fs::read_dir(copy.path()).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        // A prime step: every column of a row is hit somewhere.
        for at in (0..bytes.len()).step_by(if bytes.len() > 2_000 { 13 } else { 1 }) {
            let mut spoiled = bytes.clone();
            spoiled[at] ^= 1;
            fs::write(&path, spoiled).unwrap();
            let checked = check(copy.path()).unwrap();
            assert!(!checked.ok, "byte {at} of {}", path.display());
        }
        fs::write(&path, &bytes).unwrap();
    }
    let kind = || check(copy.path()).unwrap().kind;
    fs::write(copy.path().join("more.csv"), "x").unwrap();
    assert_eq!(kind(), Some(Difference::FileAdded));
    fs::remove_file(copy.path().join("more.csv")).unwrap();
    fs::write(copy.path().join(".DS_Store"), "x").unwrap();
    assert_eq!(kind(), None, "what a desktop leaves there for itself is passed over");
    fs::remove_file(copy.path().join("refunds.jsonl")).unwrap();
    assert_eq!(kind(), Some(Difference::FileMissing));
}

#[tokio::test]
async fn an_export_that_lacks_its_manifest_is_one_all_the_same_and_the_manifest_is_what_is_missing() {
    for format in ["csv", "jsonl", "xlsx"] {
        let (_shop, folder) = exported(format).await;
        let copy = copied(&folder);
        fs::remove_file(copy.path().join("manifest.json")).unwrap();
        let checked = verified(copy.path(), &["--json"]).await;
        let said = (checked.code, &checked.last()["kind"], &checked.last()["file"]);
        assert_eq!(said, (Some(6), &"file_missing".into(), &"manifest.json".into()), "{checked:?}");
        // One that was killed has no signature either, and not every file.
        fs::remove_file(copy.path().join("manifest.sig")).unwrap();
        for name in ["refunds", "events"] {
            let _none_in_a_workbook = fs::remove_file(copy.path().join(name).with_extension(format));
        }
        let killed = verified(copy.path(), &["--lang", "en"]).await;
        assert_eq!(killed.code, Some(6), "{killed:?}");
        assert!(killed.out.contains("manifest.json: the file is gone"), "{killed:?}");
        fs::write(copy.path().join("journal.sqlite"), "x").unwrap();
        assert!(!is_export(copy.path()), "a data folder is its journal's, whatever lies beside that");
    }
    let empty = tempfile::tempdir().unwrap();
    assert!(!is_export(empty.path()));
}

#[tokio::test]
async fn a_manifest_that_nobody_signed_has_to_fit_the_rows_of_its_files_and_is_vouched_for_by_nobody() {
    for format in ["csv", "jsonl"] {
        let (_shop, folder) = exported(format).await;
        let copy = copied(&folder);
        fs::remove_file(copy.path().join("manifest.sig")).unwrap();
        for (lang, sentence) in
            [("en", "nobody vouches for the manifest"), ("zh-CN", "没有人为清单担保"), ("zh-HK", "沒有人為清單擔保")]
        {
            let unsigned = verified(copy.path(), &["--lang", lang]).await;
            assert_eq!(unsigned.code, Some(0), "{unsigned:?}");
            assert!(unsigned.out.contains(sentence), "{unsigned:?}");
        }
        let whole = manifest(copy.path());
        for (at, file) in whole["files"].as_array().unwrap().iter().enumerate() {
            let mut other = whole.clone();
            other["files"][at]["rows"] = (file["rows"].as_u64().unwrap() + 1).into();
            fs::write(copy.path().join("manifest.json"), serde_json::to_vec_pretty(&other).unwrap()).unwrap();
            let checked = check(copy.path()).unwrap();
            let said = (checked.kind, checked.file.as_deref());
            assert_eq!(said, (Some(Difference::FileDiffers), file["name"].as_str()), "{checked:?}");
        }
    }
}

#[tokio::test]
async fn without_its_signature_an_export_can_be_written_anew_but_not_past_a_signed_day() {
    let (_shop, folder) = exported("jsonl").await;
    let copy = copied(&folder);
    fs::remove_file(copy.path().join("manifest.sig")).unwrap();
    let unsigned = check(copy.path()).unwrap();
    assert!(unsigned.ok && !unsigned.signed, "it says that nobody signed it: {unsigned:?}");
    let mut forged = manifest(copy.path());
    forged["day_heads"][0]["hash"] = "ab".repeat(32).into();
    fs::write(copy.path().join("manifest.json"), serde_json::to_vec_pretty(&forged).unwrap()).unwrap();
    assert_eq!(check(copy.path()).unwrap().kind, Some(Difference::WrongSignature));
    let mut newer = manifest(&folder);
    newer["format"] = "tillkeeper export 3".into();
    fs::write(copy.path().join("manifest.json"), serde_json::to_vec_pretty(&newer).unwrap()).unwrap();
    newer.as_object_mut().unwrap().remove("sums");
    fs::write(copy.path().join("manifest.json"), serde_json::to_vec_pretty(&newer).unwrap()).unwrap();
    assert_eq!(check(copy.path()).unwrap().kind, Some(Difference::NewerFormat));
    let mut before = manifest(&folder);
    before["format"] = "tillkeeper export 1".into();
    for name in ["accounts", "channels", "sold_by", "states"] {
        before.as_object_mut().unwrap().remove(name);
    }
    fs::write(copy.path().join("manifest.json"), serde_json::to_vec_pretty(&before).unwrap()).unwrap();
    let earlier = check(copy.path()).unwrap();
    assert!(earlier.ok && !earlier.partial, "an export of an earlier version is checked as before: {earlier:?}");
    let mut outside = manifest(&folder);
    outside["files"][0]["name"] = "../orders.jsonl".into();
    fs::write(copy.path().join("manifest.json"), serde_json::to_vec_pretty(&outside).unwrap()).unwrap();
    assert_eq!(check(copy.path()).unwrap().kind, Some(Difference::NoManifest));
}

#[tokio::test]
async fn an_export_of_some_days_is_whole_in_itself_and_a_till_without_its_key_says_that_it_signed_nothing() {
    let (shop, _) = sold_on_two_days().await;
    let days: Vec<String> = shop
        .run(&["journal", "list"])
        .await
        .lines
        .iter()
        .map(|line| line["day"].as_str().unwrap().to_owned())
        .collect();
    let last = days.iter().max().unwrap();
    let folder = shop.data.path().join("day");
    let output = folder.to_str().unwrap();
    let arguments = ["journal", "export", "--format", "jsonl", "--from", last, "--output", output];
    let exported = shop.run(&arguments).await;
    assert_eq!(exported.code, Some(0), "{exported:?}");
    let rows = days.iter().filter(|day| *day == last).count();
    assert!(rows < days.len(), "a part of the journal");
    assert_eq!(exported.last()["events"].as_u64(), Some(rows as u64));
    let checked = check(&folder).unwrap();
    assert!(checked.ok && checked.signed, "{checked:?}");

    fs::remove_file(shop.folder().join("throw-away-keyring.json")).unwrap();
    let folder = shop.data.path().join("unsigned");
    let mut command = shop.command(&["journal", "export", "--format", "csv"]);
    command.arg("--output").arg(&folder);
    let exported = run(command).await;
    assert_eq!((exported.code, &exported.last()["signed"]), (Some(0), &false.into()), "{exported:?}");
    assert!(exported.err.contains("Not signed") && exported.err.contains("keyring does not hold it."), "{exported:?}");
    assert!(check(&folder).unwrap().ok);
}
