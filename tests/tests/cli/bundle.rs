//! One order's evidence: a file that anybody can check, and that says what was done to it.

use crate::shop::{SALE, Shop, bare, run};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use till_engine::bundle::{Checked, Fault, check};

/// A shop with a paid order among others, and the bundle of that order.
async fn bundled() -> (Shop, String, PathBuf) {
    let shop = Shop::open().await;
    let mut order_nos = Vec::new();
    for _ in 0..3 {
        let sale = shop.run(&[&SALE[..], &["--no-wait"]].concat()).await;
        order_nos.push(sale.last()["order_no"].as_str().unwrap().to_owned());
    }
    let order_no = order_nos.swap_remove(1);
    shop.stage.sandbox.control().pay(&order_no).await.unwrap();
    assert_eq!(shop.run(&["order", "query", &order_no]).await.last()["state"], "paid");
    let file = shop.data.path().join("evidence.jsonl");
    let bundled = shop.run(&["journal", "bundle", &order_no, "--output", file.to_str().unwrap()]).await;
    assert_eq!((bundled.code, &bundled.last()["signed"]), (Some(0), &true.into()), "{bundled:?}");
    (shop, order_no, file)
}

fn lines(file: &Path) -> Vec<String> {
    fs::read_to_string(file).unwrap().lines().map(str::to_owned).collect()
}

/// What a check of a copy says once its lines were changed.
fn changed(file: &Path, change: impl FnOnce(&mut Vec<String>)) -> Checked {
    let copy = tempfile::tempdir().unwrap();
    let path = copy.path().join("copy");
    let mut lines = lines(file);
    change(&mut lines);
    fs::write(&path, lines.join("\n") + "\n").unwrap();
    check(&path).unwrap()
}

fn kinds(lines: &[String]) -> Vec<String> {
    let kind = |line: &String| {
        let value: Value = serde_json::from_str(line).unwrap();
        value.as_object().unwrap().keys().next().unwrap().clone()
    };
    lines.iter().map(kind).collect()
}

#[tokio::test]
async fn a_bundle_is_checked_without_its_till_and_holds_nothing_of_other_orders() {
    let (shop, order_no, file) = bundled().await;
    let elsewhere = tempfile::tempdir().unwrap();
    let verify = |file: &Path| {
        let mut command = bare(elsewhere.path());
        command.args(["--json", "journal", "verify"]).arg(file);
        run(command)
    };
    let checked = verify(&file).await;
    let first = shop.run(&["journal", "list"]).await.lines.swap_remove(0);
    assert_eq!((checked.code, &checked.last()["signed"]), (Some(0), &true.into()), "{checked:?}");
    assert_eq!(checked.last()["order_no"].as_str(), Some(order_no.as_str()));
    assert_eq!(checked.last()["public_key"], first["event"]["event"]["public_key"]);

    let text = fs::read_to_string(&file).unwrap();
    let listed = shop.run(&["order", "list"]).await;
    let others = listed.lines.iter().map(|line| line["order_no"].as_str().unwrap()).filter(|other| *other != order_no);
    assert_eq!(others.map(|other| assert!(!text.contains(other), "{other}")).count(), 2);
    let cover: Value = serde_json::from_str(&lines(&file)[0]).unwrap();
    let order = &cover["cover"]["order"];
    assert_eq!((&order["state"], &order["paid_minor"]), (&"paid".into(), &1250.into()));
    let events = shop.run(&["journal", "list"]).await;
    let own = events.lines.iter().filter(|event| event["subject"] == format!("order/{order_no}")).count();
    let found = kinds(&lines(&file));
    assert_eq!(found.iter().filter(|kind| *kind == "event").count(), own);
    assert!(found.iter().filter(|kind| *kind == "answer").count() >= 2, "{found:?}");
    assert_eq!(found.last().map(String::as_str), Some("signature"));

    let again = shop.run(&["journal", "bundle", &order_no, "--output", file.to_str().unwrap()]).await;
    assert_eq!((again.code, again.refusal()), (Some(2), "file_taken"), "{again:?}");
    let next = again.last()["error"]["next"].as_str().unwrap();
    assert!(next.contains("Name a file that is not there yet"), "{next}");
    assert_eq!(fs::read_to_string(&file).unwrap(), text, "nothing is written over");
    let unknown = shop.run(&["journal", "bundle", "TKNONE", "--output", "none"]).await;
    assert_eq!((unknown.code, unknown.refusal()), (Some(2), "unknown_order"), "{unknown:?}");
    let spoiled = shop.data.path().join("spoiled.jsonl");
    fs::write(&spoiled, text.replacen("\"actor\":\"", "\"actor\":\"x", 1)).unwrap();
    let checked = verify(&spoiled).await;
    assert_eq!((checked.code, &checked.last()["kind"]), (Some(6), &"edited".into()), "{checked:?}");
}

#[tokio::test]
async fn every_line_that_is_edited_gone_moved_or_doubled_is_named() {
    let (_shop, _, file) = bundled().await;
    let whole = check(&file).unwrap();
    assert!(whole.ok && whole.signed, "{whole:?}");
    let all = lines(&file);
    let (kinds, values): (Vec<String>, Vec<Value>) =
        (kinds(&all), all.iter().map(|line| serde_json::from_str(line).unwrap()).collect());
    let events: Vec<usize> = (0..kinds.len()).filter(|at| kinds[*at] == "event").collect();
    for at in events.iter().copied() {
        let seq = values[at]["event"]["row"]["seq"].as_u64();
        let named = |change: &dyn Fn(&mut Vec<String>)| {
            let checked = changed(&file, |lines| change(lines));
            (checked.kind, checked.first_bad_seq, checked.signed)
        };
        for (from, to) in [
            ("\"type\":\"", "\"type\":\"x"),
            ("\"actor\":\"", "\"actor\":\"x"),
            ("\"prev\":\"", "\"prev\":\"00"),
            ("\"at\":\"2", "\"at\":\"3"),
        ] {
            let edited = named(&|lines| lines[at] = lines[at].replacen(from, to, 1));
            assert_eq!(edited, (Some(Fault::Edited), seq, false), "{from}");
        }
        let next = events.iter().copied().find(|next| *next > at);
        // Behind the last one nothing tells but that there are too few.
        let of = |at: usize| values[at]["event"]["row"]["seq"].as_u64();
        let before = events.iter().rev().copied().find(|before| *before < at);
        let behind = next.map_or_else(|| before.and_then(of).map(|seq| seq + 1), of);
        assert_eq!(named(&|lines| drop(lines.remove(at))), (Some(Fault::Deleted), behind, false));
        assert_eq!(named(&|lines| lines.insert(at, lines[at].clone())), (Some(Fault::Swapped), seq, false));
        if let Some(next) = next {
            let (kind, _, signed) = named(&|lines| lines.swap(at, next));
            assert_eq!((kind, signed), (Some(Fault::Swapped), false));
        }
    }
    for at in (0..kinds.len()).filter(|at| kinds[*at] == "answer") {
        let seq = values[at]["answer"]["seq"].as_u64();
        let named = |change: &dyn Fn(&mut Vec<String>)| {
            let checked = changed(&file, |lines| change(lines));
            (checked.kind, checked.first_bad_seq)
        };
        let edited = named(&|lines| lines[at] = lines[at].replacen("\"text\":\"", "\"text\":\" ", 1));
        assert_eq!(edited, (Some(Fault::AnswerDiffers), seq));
        assert_eq!(named(&|lines| drop(lines.remove(at))), (Some(Fault::AnswerMissing), seq));
        assert_eq!(named(&|lines| lines.insert(at, lines[at].clone())).0, Some(Fault::AnswerAdded));
    }
    let cover = changed(&file, |lines| lines[0] = lines[0].replacen("\"paid_minor\":1250", "\"paid_minor\":1251", 1));
    assert_eq!((cover.kind, cover.signed), (Some(Fault::CoverDiffers), false));
    let till = changed(&file, |lines| lines[0] = lines[0].replacen("\"till_id\":\"", "\"till_id\":\"X", 1));
    assert_eq!((till.kind, till.first_bad_seq), (Some(Fault::AnotherTill), Some(1)));
    let made = changed(&file, |lines| lines[0] = lines[0].replacen("\"made_at\":\"2", "\"made_at\":\"3", 1));
    assert_eq!(made.kind, Some(Fault::WrongSignature));
    let newer = changed(&file, |lines| lines[0] = lines[0].replacen("bundle 1", "bundle 2", 1));
    assert_eq!(newer.kind, Some(Fault::NewerFormat));
    let unsigned = changed(&file, |lines| drop(lines.pop()));
    assert!(unsigned.ok && !unsigned.signed, "it says that nobody signed it: {unsigned:?}");
}

#[tokio::test]
async fn every_byte_that_is_flipped_and_every_cut_is_noticed() {
    let (_shop, _, file) = bundled().await;
    let bytes = fs::read(&file).unwrap();
    let copy = file.with_extension("copy");
    for at in 0..bytes.len() {
        let mut spoiled = bytes.clone();
        spoiled[at] ^= 1;
        fs::write(&copy, spoiled).unwrap();
        let checked = check(&copy).unwrap();
        assert!(!checked.ok, "byte {at}");
    }
    for length in 0..bytes.len() {
        fs::write(&copy, &bytes[..length]).unwrap();
        let checked = check(&copy).unwrap();
        // Cut off before its signature it is unsigned, and says so.
        assert!(!checked.ok || !checked.signed, "cut at {length}");
    }
}

#[tokio::test]
async fn without_its_key_a_till_says_that_it_signed_nothing() {
    let (shop, order_no, _) = bundled().await;
    fs::remove_file(shop.folder().join("throw-away-keyring.json")).unwrap();
    let file = shop.data.path().join("unsigned.jsonl");
    let mut command = shop.command(&["journal", "bundle", &order_no]);
    command.arg("--output").arg(&file);
    let bundled = run(command).await;
    assert_eq!((bundled.code, &bundled.last()["signed"]), (Some(0), &false.into()), "{bundled:?}");
    assert!(bundled.err.contains("Not signed"), "{bundled:?}");
    let checked = check(&file).unwrap();
    assert!(checked.ok && !checked.signed, "{checked:?}");
}
