//! Standard output that cannot be written: a script that gets an empty file is told so, and money goes on.

use crate::shop::{DEADLINE, SALE, Shop, bare, command, run};
use std::fs::File;
use std::process::Stdio;
use tokio::process::Command;

const TOLD: &str = "Standard output could not be written: no space is left there.";

/// The exit code and standard error of a run whose standard output is `out`.
async fn printed_to(out: impl Into<Stdio>, mut command: Command) -> (Option<i32>, String) {
    let child = command.stdout(out).stderr(Stdio::piped()).spawn().unwrap();
    let output = tokio::time::timeout(DEADLINE, child.wait_with_output()).await.expect("in time").unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// A disk without room.
fn full() -> File {
    File::options().write(true).open("/dev/full").unwrap()
}

#[tokio::test]
async fn what_could_not_be_printed_is_told_and_is_no_success() {
    let shop = Shop::open().await;
    shop.stage.sandbox.control().auto_pay(Some(0)).await.unwrap();
    let sale = shop.run(&SALE).await;
    let no = sale.last()["order_no"].as_str().unwrap();
    for arguments in [
        &["order", "list"][..],
        &["order", "show", no],
        &["account", "list"],
        &["channels"],
        &["limits", "show"],
        &["journal", "list"],
        &["journal", "latency"],
        &["journal", "verify"],
        &["--help"],
    ] {
        let (code, err) = printed_to(full(), shop.command(arguments)).await;
        assert_eq!((code, err.matches(TOLD).count()), (Some(5), 1), "{arguments:?} {err}");
        let mut people = bare(shop.data.path());
        people.arg("--training").args(arguments);
        let (code, err) = printed_to(full(), people).await;
        assert_eq!((code, err.matches(TOLD).count()), (Some(5), 1), "{arguments:?} {err}");
    }
    let refused = shop.command(&["sale", "nobody", "wechat.scan", "1"]);
    let (code, err) = printed_to(full(), refused).await;
    assert_eq!((code, err.contains(TOLD)), (Some(2), true), "what it ended with stays: {err}");
}

#[tokio::test]
async fn a_sale_of_which_nothing_can_be_printed_is_made_to_its_end() {
    let data = tempfile::tempdir().unwrap();
    let mut sale = bare(data.path());
    sale.args(["--training", "sale", "practice", "wechat.scan", "1", "--play-customer"]);
    let (code, err) = printed_to(full(), sale).await;
    assert_eq!((code, err.contains(TOLD)), (Some(0), true), "whoever hears of a failure sells again: {err}");
    let listed = run(command(data.path(), &["order", "list"])).await;
    assert_eq!((listed.lines.len(), &listed.last()["state"]), (1, &"paid".into()), "{listed:?}");
}

#[tokio::test]
async fn a_reader_who_has_gone_is_no_fault() {
    let shop = Shop::open().await;
    for arguments in [&["journal", "list"][..], &["account", "list"], &["--help"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let (code, err) = printed_to(writer, shop.command(arguments)).await;
        assert_eq!((code, err.as_str()), (Some(0), ""), "{arguments:?}");
    }
}
