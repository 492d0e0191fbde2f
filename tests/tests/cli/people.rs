//! People and limits on the command line.

use crate::shop::{DEADLINE, Shop, run_with, says};
use std::process::Stdio;
use till_engine::journal::Journal;
use till_engine::storage::Storage as _;
use tokio::io::{AsyncBufReadExt as _, BufReader};

#[tokio::test]
async fn people_come_get_other_pins_and_go_and_each_says_who_they_are_on_standard_input() {
    let shop = Shop::open().await;
    let ask = async |arguments: &[&str], input: &str| run_with(shop.command(arguments), input.as_bytes()).await;
    let added = ask(&["operator", "add", "林小姐", "--role", "manager"], "２５８０\n").await;
    assert_eq!((added.code, &added.last()["role"]), (Some(0), &"manager".into()), "{added:?}");
    let refused = ask(&["operator", "add", "Mei", "--role", "cashier"], "1470\n").await;
    assert_eq!((refused.code, refused.refusal()), (Some(5), "missing_right"), "there is no owner any more");
    let added = ask(&["--operator", "林小姐", "operator", "add", "Mei", "--role", "cashier"], "2580\n1470\n").await;
    assert_eq!(added.code, Some(0), "{added:?}");
    let own = ask(&["operator", "pin", "Mei", "--operator", "Mei"], "1470\r\n8642\r\n").await;
    assert_eq!(own.code, Some(0), "{own:?}");
    let old = ask(&["operator", "pin", "Mei", "--operator", "Mei"], "1470\n8643\n").await;
    assert_eq!((old.code, old.refusal()), (Some(5), "pin_wrong"));
    let bad = ask(&["operator", "pin", "Mei", "--operator", "Mei"], "8642\n7777\n").await;
    assert_eq!((bad.code, bad.refusal()), (Some(2), "bad_pin"));
    let silent = ask(&["operator", "remove", "Mei", "--operator", "林小姐"], "").await;
    assert_eq!((silent.code, silent.refusal()), (Some(5), "pin_needed"));
    let last = ask(&["operator", "remove", "林小姐", "--operator", "林小姐"], "2580\n").await;
    assert_eq!((last.code, last.refusal()), (Some(2), "last_manager"));
    let removed = ask(&["operator", "remove", "Mei", "--operator", "林小姐"], "2580\n").await;
    assert_eq!((removed.code, &removed.last()["removed"]), (Some(0), &true.into()), "{removed:?}");
    let taken = ask(&["operator", "add", "mei", "--role", "cashier", "--operator", "林小姐"], "2580\n1470\n").await;
    assert_eq!((taken.code, taken.refusal()), (Some(2), "operator_name_taken"));
    let list = shop.run(&["operator", "list"]).await;
    let names: Vec<&str> = list.lines.iter().map(|operator| operator["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["林小姐", "Mei"]);
}

#[tokio::test]
async fn a_lost_pin_is_replaced_only_where_nothing_else_has_the_till_and_is_told_afterwards() {
    let shop = Shop::open().await;
    let ask = async |arguments: &[&str], input: &str| run_with(shop.command(arguments), input.as_bytes()).await;
    assert_eq!(ask(&["operator", "add", "Lin", "--role", "manager"], "2580\n").await.code, Some(0));
    let serve = shop.serve().await;
    let refused = ask(&["operator", "pin", "Lin", "--lost"], "7531\n").await;
    assert_eq!((refused.code, refused.refusal()), (Some(5), "till_elsewhere"));
    assert!(refused.err.contains("Close the till first"), "{refused:?}");
    serve.signal("TERM");
    assert_eq!(serve.ends_with().await, Some(0));
    let replaced = ask(&["operator", "pin", "Lin", "--lost"], "7531\n").await;
    assert_eq!(replaced.code, Some(0), "{replaced:?}");
    assert!(replaced.last()["pin_replaced_at"].is_string());
    let new = ask(&["limits", "set", "--reason", "optional", "--operator", "Lin"], "7531\n").await;
    assert_eq!((new.code, &new.last()["reason_required"]), (Some(0), &false.into()), "{new:?}");
    assert!(new.err.contains("The PIN of “Lin” was replaced on"), "{new:?}");
    assert!(new.lines.len() == 1 && !new.out.contains("replaced on"), "beside the results: {new:?}");
    let mut serve =
        shop.command(&["serve"]).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
    let mut told = BufReader::new(serve.stderr.take().expect("it is a pipe")).lines();
    let heard = async {
        while let Some(line) = told.next_line().await.unwrap() {
            if line.contains("The PIN of “Lin” was replaced on") {
                return true;
            }
        }
        false
    };
    assert!(tokio::time::timeout(DEADLINE, heard).await.expect("it is told at once"), "serve ended without a word");
    serve.kill().await.unwrap();
    let feed = shop.run(&["journal", "list"]).await;
    let event = feed.lines.iter().find(|line| line["event"]["event"]["lost"] == true).expect("it is in the journal");
    assert_eq!((&event["actor"], &event["event"]["event"]["pin"]), (&"owner".into(), &serde_json::Value::Null));
    for secret in ["argon2id", "2580", "7531"] {
        assert!(!says(&feed.out, secret), "{secret}");
        for entry in std::fs::read_dir(shop.folder().join("logs")).unwrap() {
            let log = std::fs::read_to_string(entry.unwrap().path()).unwrap();
            assert!(!says(&log, secret), "{secret} in the log");
        }
    }
}

#[tokio::test]
async fn limits_change_by_what_is_named_and_stay_otherwise() {
    let shop = Shop::open().await;
    let set = shop.run(&["limits", "set", "--currency", "hkd", "--per-refund", "10", "--second-above", "0"]).await;
    assert_eq!(set.code, Some(0), "{set:?}");
    let shown = shop.run(&["limits", "show"]).await;
    assert_eq!(shown.last(), set.last());
    let hkd = serde_json::json!({ "per_refund": "10.00", "per_day": "5000.00", "second_above": "0.00" });
    let cny = serde_json::json!({ "per_refund": "2000.00", "per_day": "5000.00", "second_above": "500.00" });
    assert_eq!((&shown.last()["refunds"]["HKD"], &shown.last()["refunds"]["CNY"]), (&hkd, &cny));
    for (arguments, code) in [
        (&["limits", "set", "--per-day", "1,5"][..], "limits_bad"),
        (&["limits", "set", "--idle-lock-s", "3"], "limits_bad"),
        (&["limits", "set"], "bad_request"),
        (&["limits", "set", "--currency", "HKD"], "bad_request"),
        (&["limits", "set", "--currency", "EUR", "--per-day", "1"], "bad_request"),
    ] {
        let refused = shop.run(arguments).await;
        assert_eq!((refused.code, refused.refusal()), (Some(2), code), "{arguments:?}");
    }
}

#[tokio::test]
async fn the_program_keeps_pins_at_the_recommended_cost() {
    let shop = Shop::open().await;
    let added = run_with(shop.command(&["operator", "add", "Lin", "--role", "manager"]), "2580\n".as_bytes()).await;
    assert_eq!(added.code, Some(0), "{added:?}");
    let journal = Journal::open_read_only(&shop.folder().join("journal.sqlite")).unwrap();
    let kept = journal.stream(till_core::journal::OPERATORS).await.unwrap();
    let payload = String::from_utf8(kept[0].payload.clone()).unwrap();
    assert!(payload.contains("$argon2id$v=19$m=19456,t=2,p=1$"), "{payload}");
}
