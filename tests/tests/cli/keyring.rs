//! Tills that take money keep their keys in the system's keyring: a real one, none, and a locked one.

use crate::shop::{DEADLINE, Running, SALE, Stage, bare, program, run, run_with};
use std::path::Path;
use std::process::Stdio;
use std::time::Instant;
use till_tests::session::{Keyring, Session};
use tokio::io::{AsyncBufReadExt as _, BufReader};

/// The program in a session, printing JSON, for a till that takes money.
fn till_in(session: &Session, data: &Path, arguments: &[&str]) -> tokio::process::Command {
    let mut command = bare(data);
    command.arg("--json").args(arguments).envs(session.variables());
    command
}

#[tokio::test]
async fn a_key_goes_from_standard_input_into_the_keyring_and_sells_from_there() {
    let (session, stage, data) = (Session::begin(), Stage::start().await, tempfile::tempdir().unwrap());
    let keyring = Keyring::open(session.variables());
    stage.sandbox.control().auto_pay(Some(200)).await.unwrap();
    let account = stage.account();
    let arguments: Vec<&str> = account.iter().map(String::as_str).collect();
    assert_eq!(run(till_in(&session, data.path(), &arguments)).await.code, Some(0));
    let incomplete = run(till_in(&session, data.path(), &SALE)).await;
    assert_eq!((incomplete.code, incomplete.refusal()), (Some(2), "account_incomplete"));
    let set =
        run_with(till_in(&session, data.path(), &["account", "secret", "outside", "key"]), stage.key.as_bytes()).await;
    assert_eq!(set.code, Some(0), "{set:?}");
    let sale = run(till_in(&session, data.path(), &SALE)).await;
    assert_eq!((sale.code, &sale.last()["mark"]), (Some(0), &"not_a_real_gateway".into()), "{sale:?}");
    let examined = run(till_in(&session, data.path(), &["doctor"])).await;
    assert_eq!(examined.code, Some(0), "{examined:?}");
    for entry in std::fs::read_dir(data.path()).unwrap().map(|entry| entry.unwrap()) {
        if entry.file_type().unwrap().is_file() {
            let bytes = std::fs::read(entry.path()).unwrap();
            let key = stage.key.as_bytes();
            assert!(!bytes.windows(key.len()).any(|window| window == key), "{}", entry.path().display());
        }
    }

    keyring.lock();
    let locked = run(till_in(&session, data.path(), &SALE)).await;
    assert_eq!((locked.code, locked.refusal()), (Some(5), "keyring_locked"), "{locked:?}");
    let listed = run(till_in(&session, data.path(), &["order", "list"])).await;
    assert_eq!((listed.code, listed.lines.len()), (Some(0), 1), "reading needs no keyring");
    let folder = data.path().join("unsigned");
    let export = ["journal", "export", "--format", "csv", "--output", folder.to_str().unwrap()];
    for (keyring, said) in [
        (session.variables(), "The keyring is locked, or was never set up."),
        (Vec::new(), "This computer has no keyring service that can be used."),
    ] {
        let mut unsigned = bare(data.path());
        unsigned.args(export).envs(keyring);
        let exported = run(unsigned).await;
        let words = format!("Not signed: the till's key could not be had from the keyring.\n{said}\n");
        assert!(exported.code == Some(0) && exported.err.starts_with(&words), "{exported:?}");
        assert!(!exported.err.contains("zbus") && !exported.err.contains("error"), "{exported:?}");
        std::fs::remove_dir_all(&folder).unwrap();
    }
    let query = ["order", "query", sale.last()["order_no"].as_str().unwrap()];
    let asked = run(till_in(&session, data.path(), &query)).await;
    assert_eq!(asked.code, Some(5), "{asked:?}");
    assert!(asked.err.contains("Nothing was sent: the keyring is locked or cannot be used."), "{asked:?}");
}

/// Gives the till of `data` the account `outside` of `stage`, its key in the session's keyring.
async fn furnish(session: &Session, stage: &Stage, data: &Path) {
    let account = stage.account();
    let arguments: Vec<&str> = account.iter().map(String::as_str).collect();
    let added = run(till_in(session, data, &arguments)).await;
    assert_eq!(added.code, Some(0), "{added:?}");
    let set = run_with(till_in(session, data, &["account", "secret", "outside", "key"]), stage.key.as_bytes()).await;
    assert_eq!(set.code, Some(0), "{set:?}");
}

#[tokio::test]
async fn closing_without_a_keyring_ends_with_5_and_waits_where_one_can_be_unlocked() {
    let (session, stage, data) = (Session::begin(), Stage::start().await, tempfile::tempdir().unwrap());
    let keyring = Keyring::open(session.variables());
    furnish(&session, &stage, data.path()).await;
    let floor = ["account", "set", "outside", "--set", "plan.close_floor_s=300"];
    assert_eq!(run(till_in(&session, data.path(), &floor)).await.code, Some(0));
    let sale = run(till_in(&session, data.path(), &[&SALE[..], &["--no-wait"]].concat())).await;
    assert_eq!(sale.code, Some(0), "{sale:?}");
    let close = ["order", "close", sale.last()["order_no"].as_str().unwrap()];
    let before = stage.sandbox.control().received(0).await.unwrap().len();
    let mut without = bare(data.path());
    without.arg("--json").args(close);
    let ended = run(without).await;
    assert_eq!((ended.code, &ended.last()["state"]), (Some(5), &"expiring".into()), "{ended:?}");
    for said in ["Nothing was sent", "has no keyring service", "install gnome-keyring", "The order stays open."] {
        assert!(ended.err.contains(said), "{said}: {ended:?}");
    }
    assert!(!ended.err.contains("lets it be ended"), "no wait ends it without a keyring: {ended:?}");
    for command in ["show", "query", "close"] {
        let mut people = bare(data.path());
        people.args(["order", command, close[2]]);
        let told = run(people).await;
        let promise = "It is asked about until it is closed: the customer may have scanned the code.\n";
        let takes = "  Asking takes a running till that has the account's key; without one nothing is sent.\n";
        assert!(told.out.contains(&format!("{promise}{takes}")), "{command}: {told:?}");
        assert_eq!(told.out.matches(promise).count(), 1, "{command}: {told:?}");
    }
    assert_eq!(stage.sandbox.control().received(0).await.unwrap().len(), before, "nothing was sent");

    keyring.lock();
    let mut waits = till_in(&session, data.path(), &close);
    let mut waits = waits.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(waits.stderr.take().expect("it is a pipe")).lines();
    let mut line = async || tokio::time::timeout(DEADLINE, said.next_line()).await.expect("in time").unwrap();
    while !line().await.expect("it says so").contains("Nothing was sent") {}
    let pid = waits.id().expect("it waits").to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    assert_eq!(waits.wait().await.unwrap().code(), Some(4), "a person may unlock it");
}

#[tokio::test]
async fn the_doctor_calls_no_keyring_missing_that_the_open_till_has_in_its_own_session() {
    let (session, stage, data) = (Session::begin(), Stage::start().await, tempfile::tempdir().unwrap());
    let _keyring = Keyring::open(session.variables());
    furnish(&session, &stage, data.path()).await;
    let mut serve = Running::start(till_in(&session, data.path(), &["serve"]));
    serve.line().await.expect("it serves");
    // From a terminal that has none.
    let mut doctor = bare(data.path());
    doctor.args(["--json", "doctor"]);
    let examined = run(doctor).await;
    let found = |what: &str| examined.lines.iter().find(|line| line["what"] == what).unwrap();
    let keyring = found("keyring");
    assert!(keyring["fault"].is_null() && keyring["well"] == true, "its account was asked with it: {keyring}");
    assert_eq!(found("gateway:outside")["well"], true, "it has the key: {examined:?}");
    assert_eq!(examined.code, Some(0), "{examined:?}");
    let mut people = bare(data.path());
    people.arg("doctor");
    let said = run(people).await;
    let line = said.out.lines().find(|line| line.starts_with("keyring")).unwrap();
    assert!(line.contains("  well ") && line.contains("the keyring of its own session"), "{line}");
    serve.signal("TERM");
    assert_eq!(serve.ends_with().await, Some(0));
}

#[tokio::test]
async fn a_till_without_a_gateway_does_not_know_how_its_clock_stands_and_that_is_no_fault() {
    let (session, data) = (Session::begin(), tempfile::tempdir().unwrap());
    let _keyring = Keyring::open(session.variables());
    let begun = run(till_in(&session, data.path(), &["limits", "set", "--window-days", "30"])).await;
    assert_eq!(begun.code, Some(0), "{begun:?}");
    let examined = run(till_in(&session, data.path(), &["doctor"])).await;
    let clock = examined.lines.iter().find(|line| line["what"] == "clock").unwrap();
    assert_eq!((examined.code, &clock["facts"]["not_known"]), (Some(0), &"no_gateway_time".into()), "{examined:?}");
    assert!(clock["well"] == false && clock["fault"].is_null(), "{clock}");
    let mut people = bare(data.path());
    people.arg("doctor").envs(session.variables());
    let said = run(people).await;
    let line = said.out.lines().find(|line| line.starts_with("clock")).unwrap();
    assert!(line.contains("unknown") && line.ends_with("no gateway has answered with its time"), "{line}");
    assert!(!line.contains("well"), "{line}");
}

#[tokio::test]
async fn serve_goes_on_without_keys_where_its_till_has_been_opened_with_them_and_makes_no_till_without() {
    let (session, stage, data) = (Session::begin(), Stage::start().await, tempfile::tempdir().unwrap());
    let keyring = Keyring::open(session.variables());
    furnish(&session, &stage, data.path()).await;
    keyring.lock();
    let mut serve = Running::start(till_in(&session, data.path(), &["serve"]));
    serve.line().await.expect("it serves");
    serve.signal("TERM");
    assert_eq!(serve.ends_with().await, Some(0));
    let fresh = tempfile::tempdir().unwrap();
    let refused = run(till_in(&session, fresh.path(), &["serve"])).await;
    assert_eq!((refused.code, refused.refusal()), (Some(5), "keyring_locked"), "{refused:?}");
    let mut people = bare(fresh.path());
    people.arg("serve").envs(session.variables());
    let refused = run(people).await;
    assert!(refused.err.contains("the password given is most likely not the one"), "{refused:?}");
}

/// As the bus of a session without a desktop starts it: nobody has unlocked it, and no keyring was ever made.
#[tokio::test]
async fn a_keyring_service_that_nobody_set_up_is_not_called_absent() {
    let (session, data) = (Session::begin(), tempfile::tempdir().unwrap());
    let mut service = tokio::process::Command::new("gnome-keyring-daemon");
    service.args(["--start", "--foreground", "--components=secrets"]).envs(session.variables());
    let _service = service.stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true).spawn().unwrap();
    let deadline = Instant::now() + DEADLINE;
    let keyring = loop {
        let examined = run(till_in(&session, data.path(), &["doctor"])).await;
        let keyring = examined.lines.into_iter().find(|line| line["what"] == "keyring").unwrap();
        if keyring["fault"]["code"] != "keyring_absent" {
            break keyring;
        }
        assert!(Instant::now() < deadline, "called absent: {keyring}");
    };
    assert_eq!(keyring["fault"]["code"], "keyring_locked", "{keyring}");
    let mut people = bare(data.path());
    people.args(["account", "add", "pooul", "mine"]).envs(session.variables());
    let refused = run(people).await;
    assert!(refused.err.contains("was never set up") && refused.err.contains("dbus-run-session"), "{refused:?}");
    // Beside a service that runs, that unlocks nothing.
    assert!(!refused.err.contains("--unlock"), "{refused:?}");
}

#[tokio::test]
async fn without_a_keyring_service_selling_says_what_to_install_and_training_sells() {
    let data = tempfile::tempdir().unwrap();
    let mut real = bare(data.path());
    real.args(["--json"]).args(["account", "add", "pooul", "mine"]);
    let refused = run(real).await;
    assert_eq!((refused.code, refused.refusal()), (Some(5), "keyring_absent"), "{refused:?}");
    let next = refused.last()["error"]["next"].as_str().unwrap();
    assert!(next.contains("gnome-keyring") && next.contains("dbus-run-session"), "{refused:?}");
    let mut doctor = bare(data.path());
    doctor.args(["--json", "doctor"]);
    let examined = run(doctor).await;
    let keyring = examined.lines.iter().find(|line| line["what"] == "keyring").unwrap();
    assert_eq!((examined.code, &keyring["fault"]["code"]), (Some(5), &"keyring_absent".into()));
    let mut people = bare(data.path());
    people.arg("doctor");
    let said = run(people).await;
    let found = "This computer has no keyring service that can be used.\n  Without it there are no keys";
    assert!(said.out.contains(found) && said.out.contains("install gnome-keyring"), "{said:?}");
    assert!(!said.out.contains("othing was sent"), "nobody asked for a sale: {said:?}");
    assert!(program().is_file());
    let train = async |channel: &[&str]| {
        let mut training = bare(data.path());
        training.args(["--json", "--training", "sale", "--play-customer"]).args(channel);
        let sale = run(training).await;
        assert_eq!((sale.code, &sale.last()["state"]), (Some(0), &"paid".into()), "{channel:?}: {sale:?}");
    };
    train(&["practice", "wechat.scan", "12.50"]).await;
    // Where the wallet opens a link, the gateway's own is shown.
    train(&["practice", "wechat.jsurl", "1", "--set", "sub_openid=oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"]).await;
    train(&["practice", "alipay.jsapi", "1", "--set", "buyer_id=2088123412341234"]).await;
    train(&["practice", "qq.jsapi", "1"]).await;
}
