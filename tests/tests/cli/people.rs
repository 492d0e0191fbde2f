//! People and limits on the command line.

use crate::shop::{DEADLINE, Ran, SALE, Shop, bare, run, run_with, says};
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
async fn a_line_that_nobodys_pin_can_be_is_refused_as_input_and_counted_as_no_wrong_try() {
    let shop = Shop::open().await;
    let ask = async |arguments: &[&str], input: &str| run_with(shop.command(arguments), input.as_bytes()).await;
    assert_eq!(ask(&["operator", "add", "Lin", "--role", "manager"], "2580\n").await.code, Some(0));
    let mei = ["operator", "add", "Mei", "--role", "cashier", "--operator", "Lin"];
    assert_eq!(ask(&mei, "2580\n1470\n").await.code, Some(0));
    let secret = ["account", "secret", "outside", "key", "--operator", "Lin"];
    let refund = ["refund", "TKNONE", "2.50", "--operator", "Lin", "--second", "Mei"];
    for (arguments, input, name) in [
        // A file with the PIN that has no end of its line, and none at all.
        (&secret[..], "2580MARKEDKEY\n", "Lin"),
        (&secret, "MARKEDKEY\n", "Lin"),
        (&secret, "1111\nMARKEDKEY\n", "Lin"),
        (&refund, "2580\nMARKED\n", "Mei"),
    ] {
        let refused = ask(arguments, input).await;
        assert_eq!((refused.code, refused.refusal()), (Some(2), "bad_request"), "{refused:?}");
        let expected = format!("the PIN of “{name}” was expected, on a line of its own, 4 to 12 digits");
        assert!(refused.out.contains(&expected) && !refused.out.contains("MARKED"), "{refused:?}");
    }
    let people = shop.run(&["operator", "list"]).await.lines;
    assert!(people.iter().all(|one| one["wrong_tries"] == 0), "{people:?}");
    let wrong = ask(&secret, "9630\nMARKEDKEY\n").await;
    assert_eq!((wrong.code, wrong.refusal()), (Some(5), "pin_wrong"), "what may be a PIN is a try: {wrong:?}");
}

#[tokio::test]
async fn what_only_reads_leaves_the_line_of_the_pin_alone_and_is_done_for_somebody_who_is_locked_out() {
    let shop = Shop::open().await;
    let ask = async |arguments: &[&str], input: &str| run_with(shop.command(arguments), input.as_bytes()).await;
    assert_eq!(ask(&["operator", "add", "Lin", "--role", "manager"], "2580\n").await.code, Some(0));
    for arguments in [&["operator", "list"][..], &["limits", "show"], &["order", "list"], &["journal", "verify"]] {
        let named = [arguments, &["--operator", "Lin"]].concat();
        // Nobody's PIN can be that, or none comes at all.
        for input in ["0000\n", ""] {
            let read = ask(&named, input).await;
            assert_eq!(read.code, Some(0), "{arguments:?}: {read:?}");
        }
    }
    let serve = shop.serve().await;
    for _ in 0..6 {
        let wrong = ask(&["limits", "set", "--reason", "optional", "--operator", "Lin"], "9630\n").await;
        assert_eq!(wrong.code, Some(5), "{wrong:?}");
    }
    let refused = ask(&["limits", "set", "--reason", "optional", "--operator", "Lin"], "2580\n").await;
    assert_eq!(refused.refusal(), "locked_out", "{refused:?}");
    // One minute is no plural, and neither is it one of thirty.
    assert!(refused.last()["error"]["next"].as_str().unwrap().contains("about 30 min."), "{refused:?}");
    let anybody = shop.run(&["doctor"]).await;
    let examined = ask(&["doctor", "--operator", "Lin"], "2580\n").await;
    assert_eq!(examined.code, anybody.code, "{examined:?}");
    assert!(!examined.out.contains("locked_out"), "{examined:?}");
    let well = |ran: &Ran| -> Vec<_> {
        let gateway = |what: &str| what.starts_with("gateway:");
        let checked = ran.lines.iter().filter(|line| line["what"].as_str().is_some_and(gateway));
        checked.map(|line| (line["what"].clone(), line["well"].clone())).collect()
    };
    assert!(!well(&anybody).is_empty() && well(&examined) == well(&anybody), "{examined:?}");
    serve.signal("TERM");
    assert_eq!(serve.ends_with().await, Some(0));
}

#[tokio::test]
async fn a_new_pin_that_is_given_twice_has_a_line_too_many() {
    let shop = Shop::open().await;
    let ask = async |arguments: &[&str], input: &str| run_with(shop.command(arguments), input.as_bytes()).await;
    assert_eq!(ask(&["operator", "add", "Lin", "--role", "manager"], "2580\n").await.code, Some(0));
    for arguments in [
        &["operator", "add", "Mei", "--role", "cashier", "--operator", "Lin"][..],
        &["operator", "pin", "Lin", "--operator", "Lin"],
    ] {
        let refused = ask(arguments, "2580\n1470\n1470\n").await;
        assert_eq!((refused.code, refused.refusal()), (Some(2), "bad_request"), "{refused:?}");
        assert!(refused.out.contains("a line too many") && !refused.out.contains("1470"), "{refused:?}");
    }
    let added = ask(&["operator", "add", "Mei", "--role", "cashier", "--operator", "Lin"], "2580\n1470\n\n").await;
    assert_eq!(added.code, Some(0), "an empty one is none: {added:?}");
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
    for (option, value, values) in [
        ("--per-day", "abc", "0.00 – 100000000.00"),
        ("--per-day", "-5", "0.00 – 100000000.00"),
        ("--window-days", "0", "1 – 3650"),
        ("--window-days", "99999999", "1 – 3650"),
        ("--idle-lock-s", "3", "0, 15 – 86400"),
    ] {
        let refused = shop.run(&["limits", "set", option, value]).await;
        assert_eq!(refused.refusal(), "limits_bad", "{refused:?}");
        let next = refused.last()["error"]["next"].as_str().unwrap();
        assert!(next.contains(&format!("It can be: {values}.")), "{next}");
    }
}

#[tokio::test]
async fn the_second_persons_limit_is_one_orders_with_what_went_back_before_and_is_called_that() {
    let shop = Shop::open().await;
    let control = shop.stage.sandbox.control();
    control.auto_pay(Some(0)).await.unwrap();
    control.auto_refund(Some(0)).await.unwrap();
    let added = run_with(shop.command(&["operator", "add", "Lin", "--role", "manager"]), b"2580\n").await;
    assert_eq!(added.code, Some(0), "{added:?}");
    let lin = async |arguments: &[&str]| {
        run_with(shop.command(&[arguments, &["--operator", "Lin"]].concat()), b"2580\n").await
    };
    assert_eq!(lin(&["limits", "set", "--second-above", "5"]).await.code, Some(0));
    let sale = shop.run(&SALE).await;
    let no = sale.last()["order_no"].as_str().unwrap();
    let first = lin(&["refund", no, "4.99", "--reason", "wrong size"]).await;
    assert_eq!(first.code, Some(0), "{first:?}");
    let more = lin(&["refund", no, "0.02", "--reason", "wrong size"]).await;
    assert_eq!((more.code, more.refusal()), (Some(2), "second_person_needed"), "{more:?}");
    let of_the_order = "of one order, with what went back of it before, a second person";
    let message = more.last()["error"]["message"].as_str().unwrap();
    assert!(message.starts_with("Above 5.00 CNY") && message.contains(of_the_order), "{message}");
    let read = async |arguments: &[&str]| {
        let mut people = bare(shop.data.path());
        people.args(["--training", "--lang", "en"]).args(arguments);
        run(people).await.out.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let shown = read(&["limits", "show"]).await;
    assert!(shown.contains(&format!("{of_the_order} above 5.00")), "{shown}");
    let help = read(&["limits", "set", "--help"]).await;
    assert!(help.contains(&format!("Above this {of_the_order}")), "{help}");
}

#[tokio::test]
async fn whoever_lacks_a_right_is_told_who_has_it_and_before_a_secret_is_read() {
    let shop = Shop::open().await;
    let added = run_with(shop.command(&["operator", "add", "Lin", "--role", "manager"]), "2580\n".as_bytes()).await;
    assert_eq!(added.code, Some(0), "{added:?}");
    let told = async |arguments: &[&str]| {
        let mut people = bare(shop.data.path());
        people.args(["--training", "--lang", "en"]).args(arguments);
        run(people).await.err
    };
    let adopt = told(&["order", "adopt", "outside", "--trade-no", "1"]).await;
    assert!(adopt.contains("everybody who has one here may") && !adopt.contains("a new PIN to set"), "{adopt}");
    let remove = told(&["account", "remove", "outside"]).await;
    assert!(remove.contains("a manager may") && !remove.contains("a new PIN to set"), "{remove}");
    // No secret is that long: who may enter one is looked at first.
    let long = "x".repeat(40_000);
    let secret = run_with(shop.command(&["account", "secret", "outside", "key"]), long.as_bytes()).await;
    assert_eq!(secret.refusal(), "missing_right", "{secret:?}");
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
