//! Exports: who bore what of a payment, some orders of many, workbooks, and what becomes of one that is given up.

use crate::shop::{DEADLINE, Ran, SALE, Shop, run};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use till_core::error::Code;
use till_core::journal::{self, Event, TillEvent};
use till_engine::export::{Choice, Format, Progress, check, export};
use till_engine::journal::{Journal, Options};
use till_engine::reading::Reading;
use till_engine::storage::{Append, NewEvent, Storage as _};

const ALIPAY: [&str; 4] = ["sale", "outside", "alipay.scan", "10.00"];

async fn exported(shop: &Shop, name: &str, arguments: &[&str]) -> (Ran, PathBuf) {
    let folder = shop.data.path().join(name);
    let fixed = ["journal", "export", "--output", folder.to_str().unwrap()];
    (shop.run(&[&fixed[..], arguments].concat()).await, folder)
}

fn lines(file: &Path) -> Vec<Value> {
    fs::read_to_string(file).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The rows of a CSV file as columns by name.
fn table(file: &Path) -> Vec<serde_json::Map<String, Value>> {
    let text = fs::read_to_string(file).unwrap();
    let mut rows = text.trim_start_matches('\u{feff}').split("\r\n").filter(|row| !row.is_empty()).map(cells);
    let header = rows.next().unwrap();
    rows.map(|row| header.iter().cloned().zip(row.into_iter().map(Value::from)).collect()).collect()
}

/// The cells of a row without line breaks in them.
fn cells(row: &str) -> Vec<String> {
    let (mut cells, mut quoted) = (vec![String::new()], false);
    for letter in row.chars() {
        match letter {
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            other => cells.last_mut().unwrap().push(other),
        }
    }
    cells
}

/// A shop that was paid by WeChat, and by Alipay with a coupon.
async fn paid_twice() -> Shop {
    let shop = Shop::open().await;
    let control = shop.stage.sandbox.control();
    control.auto_pay(Some(50)).await.unwrap();
    let plain = shop.run(&SALE).await;
    control.coupon(Some(150)).await.unwrap();
    let with_coupon = shop.run(&ALIPAY).await;
    assert_eq!((plain.code, with_coupon.code), (Some(0), Some(0)), "{plain:?} {with_coupon:?}");
    shop
}

#[tokio::test]
async fn what_a_gateway_says_of_who_bore_what_stands_in_columns_of_its_own_and_nothing_where_it_does_not() {
    let shop = paid_twice().await;
    let (csv, folder) = exported(&shop, "csv", &["--format", "csv"]).await;
    assert_eq!(csv.code, Some(0), "{csv:?}");
    let rows = table(&folder.join("orders.csv"));
    let money = |row: usize| {
        ["amount", "paid", "customer_paid", "received", "discount", "refunded", "customer_paid_minor", "discount_minor"]
            .map(|name| rows[row][name].as_str().unwrap().to_owned())
    };
    assert_eq!(money(0), ["12.50", "12.50", "", "", "", "0.00", "", ""], "it said nothing");
    assert_eq!(money(1), ["10.00", "10.00", "8.50", "10.00", "1.50", "0.00", "850", "150"]);
    assert_eq!(
        (&rows[1]["mark"], &rows[1]["late"], &rows[1]["sold_by"]),
        (&json!("training"), &json!("false"), &json!("owner"))
    );

    let (json, folder) = exported(&shop, "jsonl", &["--format", "jsonl"]).await;
    assert_eq!(json.code, Some(0), "{json:?}");
    let orders = lines(&folder.join("orders.jsonl"));
    let minor = |row: usize| {
        ["amount_minor", "paid_minor", "customer_paid_minor", "received_minor", "discount_minor"]
            .map(|name| orders[row][name].clone())
    };
    assert_eq!(minor(0), [json!(1250), json!(1250), Value::Null, Value::Null, Value::Null]);
    assert_eq!(minor(1), [json!(1000), json!(1000), json!(850), json!(1000), json!(150)]);
    let manifest: Value = serde_json::from_slice(&fs::read(folder.join("manifest.json")).unwrap()).unwrap();
    let sum = &manifest["sums"][0];
    assert_eq!((&sum["paid_minor"], &sum["orders"]), (&json!(2250), &json!(2)));
    assert_eq!(sum["customer_paid"], json!({"orders": 1, "minor": 850}), "of how many it is known is said");
    assert_eq!(sum["received"], json!({"orders": 1, "minor": 1000}));
    let verified = shop.run(&["journal", "verify"]).await;
    assert_eq!(verified.code, Some(0), "the journal holds with what was added to its events: {verified:?}");
}

#[tokio::test]
async fn some_orders_go_out_with_all_of_their_events_and_no_others_and_that_is_said() {
    let shop = paid_twice().await;
    shop.stage.sandbox.control().auto_pay(None).await.unwrap();
    let open = shop.run(&[&SALE[..], &["--no-wait"]].concat()).await;
    assert_eq!(open.code, Some(0), "{open:?}");
    let all: Vec<Value> = shop.run(&["journal", "list"]).await.lines;
    let orders = shop.run(&["order", "list"]).await.lines;
    let numbers = |wanted: &dyn Fn(&Value) -> bool| -> BTreeSet<String> {
        orders
            .iter()
            .filter(|order| wanted(order))
            .map(|order| order["order_no"].as_str().unwrap().to_owned())
            .collect()
    };
    let of_channel = |channel: &'static str| numbers(&move |order| order["channel"] == channel);
    for (name, arguments, expected) in [
        ("channel", vec!["--channel", "alipay.scan"], of_channel("alipay.scan")),
        ("both", vec!["--channel", "alipay.scan", "--channel", "wechat.scan"], numbers(&|_| true)),
        ("state", vec!["--state", "paid"], numbers(&|order| order["state"] == "paid")),
        (
            "states",
            vec!["--state", "closed", "--state", "awaiting_payment"],
            numbers(&|order| order["state"] != "paid"),
        ),
        ("account", vec!["--account", "outside"], numbers(&|_| true)),
        ("owner", vec!["--sold-by", "owner"], numbers(&|_| true)),
        ("nobody", vec!["--sold-by", "nobody"], BTreeSet::new()),
        (
            "together",
            vec!["--state", "paid", "--channel", "wechat.scan"],
            numbers(&|order| order["state"] == "paid" && order["channel"] == "wechat.scan"),
        ),
        ("before", vec!["--channel", "alipay.scan", "--to", "2001-01-01"], BTreeSet::new()),
    ] {
        let (ran, folder) = exported(&shop, name, &[&["--format", "jsonl"], &arguments[..]].concat()).await;
        assert_eq!(ran.code, Some(0), "{name}: {ran:?}");
        let rows: BTreeSet<String> = lines(&folder.join("orders.jsonl"))
            .iter()
            .map(|row| row["order_no"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(rows, expected, "{name}");
        let of_them = |event: &&Value| {
            event["subject"].as_str().unwrap().strip_prefix("order/").is_some_and(|no| expected.contains(no))
        };
        let events: Vec<Value> = all.iter().filter(of_them).cloned().collect();
        assert_eq!(lines(&folder.join("events.jsonl")), events, "{name}");
        let checked = check(&folder).unwrap();
        assert!(checked.ok && checked.signed && checked.partial, "{name}: {checked:?}");
    }
    let manifest: Value =
        serde_json::from_slice(&fs::read(shop.data.path().join("together/manifest.json")).unwrap()).unwrap();
    assert_eq!((&manifest["states"], &manifest["channels"]), (&json!(["paid"]), &json!(["wechat.scan"])));
    assert_eq!((&manifest["accounts"], &manifest["format"]), (&json!([]), &json!("tillkeeper export 2")));

    let mut people = crate::shop::bare(shop.data.path());
    people.args(["--lang", "en", "journal", "verify"]).arg(shop.data.path().join("channel"));
    let people = run(people).await;
    assert!(people.err.contains("a part of the journal") && people.err.contains("signature alone"), "{people:?}");
    // An event that is taken out is noticed by the file's hash: the gaps hide which it was.
    let events = shop.data.path().join("channel/events.jsonl");
    let text = fs::read_to_string(&events).unwrap();
    fs::write(&events, text.split_once('\n').unwrap().1).unwrap();
    let checked = check(&shop.data.path().join("channel")).unwrap();
    assert_eq!((checked.ok, checked.first_bad_seq), (false, None), "{checked:?}");
}

#[tokio::test]
async fn a_name_that_nothing_has_is_refused_rather_than_found_empty() {
    let shop = Shop::open().await;
    for arguments in [["--account", "Outside"], ["--channel", "wechat.scam"], ["--sold-by", "Lin"]] {
        let (ran, folder) = exported(&shop, "none", &[&["--format", "csv"], &arguments[..]].concat()).await;
        assert_eq!((ran.code, ran.refusal()), (Some(2), "nothing_so_named"), "{arguments:?} {ran:?}");
        assert!(!folder.exists());
    }
    let (ran, folder) = exported(&shop, "none", &["--format", "csv", "--state", "payed"]).await;
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.out.contains("awaiting_payment") && !folder.exists(), "the states are named: {ran:?}");
}

#[tokio::test]
async fn a_workbook_is_one_file_that_the_manifest_covers() {
    let shop = paid_twice().await;
    let (ran, folder) = exported(&shop, "xlsx", &["--format", "xlsx"]).await;
    assert_eq!((ran.code, &ran.last()["orders"]), (Some(0), &json!(2)), "{ran:?}");
    let mut names: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["manifest.json", "manifest.sig", "orders.xlsx"]);
    let manifest: Value = serde_json::from_slice(&fs::read(folder.join("manifest.json")).unwrap()).unwrap();
    let head = ran.last()["head"].as_u64().unwrap();
    let sheets = json!([
        {"name": "orders", "rows": 2}, {"name": "refunds", "rows": 0}, {"name": "events", "rows": head},
        {"name": "totals", "rows": 2},
    ]);
    assert_eq!((&manifest["files"][0]["sheets"], &manifest["files"][0]["rows"]), (&sheets, &json!(2 + head)));
    let checked = check(&folder).unwrap();
    assert!(checked.ok && checked.signed && !checked.partial, "{checked:?}");
    let mut bytes = fs::read(folder.join("orders.xlsx")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(folder.join("orders.xlsx"), bytes).unwrap();
    assert!(!check(&folder).unwrap().ok);
}

#[tokio::test]
async fn an_export_that_is_given_up_leaves_nothing_and_says_so() {
    let shop = paid_twice().await;
    let reading = Reading::open(&shop.folder()).await.unwrap();
    let place = tempfile::tempdir().unwrap();
    for format in [Format::Csv, Format::Xlsx, Format::JsonLines] {
        let progress = Progress::default();
        progress.cancel();
        let output = place.path().join("given-up");
        let given_up = export(&reading, &output, (format, &Choice::default()), ("0", None), &progress).await;
        assert_eq!(given_up.unwrap_err().code, Code::ExportCancelled, "{format:?}");
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0, "{format:?}");
    }
    let progress = Progress::default();
    let whole = place.path().join("whole");
    export(&reading, &whole, (Format::Csv, &Choice::default()), ("0", None), &progress).await.unwrap();
    let (done, of) = progress.so_far();
    assert!(of > 2 && done == of, "all that there is was looked at: {done} of {of}");
}

/// A journal that takes some seconds to hand out: clocks that jumped thousands of times.
async fn lengthened(shop: &Shop) {
    let file = shop.folder().join("journal.sqlite");
    let journal = Journal::open(&file, Options::default()).unwrap().journal;
    let stream = journal.stream(journal::TILL).await.unwrap();
    let (mut seen, last) = (stream.len() as u64, stream.last().unwrap());
    let payload = journal::write(&Event::Till { event: TillEvent::ClockJumped { by: 1 } }).unwrap();
    let event = NewEvent { at: last.at.clone(), actor: last.actor.clone(), payload };
    for _ in 0..60 {
        let events = vec![event.clone(); 1_000];
        let append = Append { subject: journal::TILL.into(), seen, events, row: None, raw: None };
        journal.append(vec![append]).await.unwrap();
        seen += 1_000;
    }
}

#[tokio::test]
async fn ctrl_c_ends_an_export_in_the_middle_and_leaves_nothing() {
    let shop = paid_twice().await;
    lengthened(&shop).await;
    let place = tempfile::tempdir().unwrap();
    let output = place.path().join("export");
    let arguments = ["journal", "export", "--format", "jsonl", "--output", output.to_str().unwrap()];
    let mut running = shop.start(&arguments);
    let in_the_middle = || {
        let half = fs::read_dir(place.path()).unwrap().next()?.unwrap().path();
        fs::metadata(half.join("events.jsonl")).ok().filter(|events| events.len() > 100_000)
    };
    tokio::time::timeout(DEADLINE, async {
        while in_the_middle().is_none() {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("it writes");
    running.signal("INT");
    let said = running.line().await.expect("it says why it ended");
    assert_eq!(said["error"]["code"], "export_cancelled", "{said}");
    assert_eq!(running.ends_with().await, Some(4));
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0, "no half folder");
}
