//! What people read on a terminal.

use crate::shop::{Ran, SALE, Shop, bare, command, run, run_with};
use std::fs;
use std::process::Stdio;
use till_core::order::State;
use till_sandbox::{Down, Fault, Scope};
use tokio::io::{AsyncBufReadExt as _, BufReader};

#[tokio::test]
async fn reading_where_no_till_has_been_says_so_to_people_and_makes_none() {
    let data = tempfile::tempdir().unwrap();
    let nowhere = data.path().join("mistyped");
    for arguments in [&["order", "list"][..], &["order", "show", "TKNONE"], &["journal", "list"], &["doctor"]] {
        let mut people = bare(data.path());
        people.args(arguments).arg("--data-dir").arg(&nowhere);
        let said = run(people).await;
        assert!(said.err.contains(&format!("There is no till in {}", nowhere.display())), "{arguments:?} {said:?}");
        let mut machine = bare(data.path());
        machine.args(arguments).arg("--json").arg("--data-dir").arg(&nowhere);
        let said = run(machine).await;
        assert!(!said.err.contains("There is no till"), "{arguments:?} {said:?}");
    }
    // What is handed out of it would look like a shop that sold nothing.
    let output = data.path().join("handed out");
    let mut export = bare(data.path());
    export.args(["--json"]).args(["journal", "export", "--format", "csv", "--output", output.to_str().unwrap()]);
    export.arg("--data-dir").arg(&nowhere);
    let exported = run(export).await;
    assert_eq!((exported.code, exported.refusal()), (Some(5), "file_failed"), "{exported:?}");
    assert!(!nowhere.exists() && !output.exists());
}

#[tokio::test]
async fn a_file_that_is_no_journal_is_called_that_and_one_that_is_not_there_is_not_found() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("letter.txt");
    fs::write(&file, "Dear accountant, enclosed you find what you asked for.\n".repeat(100)).unwrap();
    let mut verify = bare(data.path());
    verify.args(["journal", "verify"]).arg(&file);
    let said = run(verify).await;
    assert_eq!(said.code, Some(6), "{said:?}");
    assert!(said.out.starts_with("This is not a journal"), "{said:?}");

    let missing = data.path().join("missing.sqlite");
    let mut verify = bare(data.path());
    verify.args(["journal", "verify"]).arg(&missing);
    let said = run(verify).await;
    let expected = format!("{} could not be written or read: not found.", missing.display());
    assert_eq!((said.code, said.err.lines().next()), (Some(5), Some(expected.as_str())), "{said:?}");
}

#[tokio::test]
async fn the_list_says_what_went_back_and_a_refusal_the_command_that_helps() {
    let shop = Shop::open().await;
    shop.stage.sandbox.control().auto_pay(Some(0)).await.unwrap();
    shop.stage.sandbox.control().auto_refund(Some(0)).await.unwrap();
    let sale = shop.run(&SALE).await;
    let no = sale.last()["order_no"].as_str().unwrap();
    let people = async |arguments: &[&str]| {
        let mut command = bare(shop.data.path());
        command.arg("--training").args(arguments);
        run(command).await
    };
    assert!(!people(&["order", "list"]).await.out.contains("refunded"));
    let given = shop.run(&["refund", no, "2.50", "--reason", "wrong size"]).await;
    assert_eq!(given.code, Some(0), "{given:?}");
    let listed = people(&["order", "list"]).await;
    assert!(listed.out.contains("12.50 CNY") && listed.out.contains("[refunded 2.50 CNY]"), "{listed:?}");
    // With the day, should it be tomorrow by now.
    let made = sale.last()["created_at"].as_str().unwrap();
    let made = made.split_once('T').unwrap().1.get(..5).unwrap();
    let shown = people(&["order", "show", no]).await;
    for row in [listed.out.lines().next(), shown.out.lines().next()].map(Option::unwrap) {
        assert!(row.contains(&format!(" {made}  ")), "{row}");
    }

    let unknown = people(&["order", "show", "TKNONE"]).await;
    assert!(unknown.err.ends_with("tillkeeper --training order list\n"), "{unknown:?}");
    let machine = run(command(shop.data.path(), &["order", "show", "TKNONE"])).await;
    assert!(!machine.out.contains("tillkeeper order list") && machine.err.is_empty(), "{machine:?}");
}

#[tokio::test]
async fn what_the_doctor_found_stands_in_columns() {
    let shop = Shop::open().await;
    let mut doctor = bare(shop.data.path());
    doctor.args(["--training", "doctor"]);
    let said = run(doctor).await;
    let found: Vec<&str> = said.out.lines().filter(|line| !line.starts_with(' ')).collect();
    assert!(found.iter().any(|line| line.starts_with("gateway:practice-blueocean ")), "{said:?}");
    let columns: Vec<usize> = found
        .iter()
        .map(|line| {
            line.find("  ").map_or(0, |end| {
                let gap = line[end..].find(|letter: char| letter != ' ').unwrap_or_default();
                end + gap
            })
        })
        .collect();
    assert!(columns.iter().all(|column| Some(column) == columns.first()), "{said:?}");
}

/// What people read who run this in training.
async fn people(shop: &Shop, arguments: &[&str]) -> Ran {
    let mut command = bare(shop.data.path());
    command.arg("--training").args(arguments);
    run(command).await
}

/// The log of a shop's till.
fn log(shop: &Shop) -> String {
    let files = fs::read_dir(shop.folder().join("logs")).unwrap().map(|entry| entry.unwrap().path());
    files.map(|file| fs::read_to_string(file).unwrap()).collect()
}

#[tokio::test]
async fn what_the_gateway_said_to_a_wrong_key_is_said_when_selling_asking_and_showing() {
    let shop = Shop::open().await;
    let wrong = shop.stage.key.chars().rev().collect::<String>();
    let set = run_with(shop.command(&["account", "secret", "outside", "key"]), wrong.as_bytes()).await;
    assert_eq!(set.code, Some(0), "{set:?}");
    let refused = "The gateway refuses the key or the merchant ID.";
    let sale = people(&shop, &[&SALE[..], &["--no-wait"]].concat()).await;
    assert_eq!(sale.code, Some(4), "{sale:?}");
    assert!(sale.err.contains("The gateway answered with error") && sale.err.contains(refused), "{sale:?}");
    let open = shop.open_orders().await;
    let no = open[0]["order_no"].as_str().unwrap();
    let asked = people(&shop, &["order", "query", no]).await;
    assert_eq!(asked.code, Some(4), "{asked:?}");
    assert!(asked.err.contains(refused) && asked.err.contains("otherwise the next launch does"), "{asked:?}");
    let shown = people(&shop, &["order", "show", no]).await;
    assert!(shown.out.contains(refused), "{shown:?}");
    let shown = shop.run(&["order", "show", no]).await;
    assert_eq!(shown.last()["create_trouble"]["said"]["reaction"], "check_keys", "{shown:?}");
}

#[tokio::test]
async fn an_order_that_the_gateway_refused_has_lost_no_code_and_is_not_to_be_sold_again_as_it_is() {
    let shop = Shop::open().await;
    let refused = "The gateway refused this order and gave nothing to pay it with";
    let sale = [&SALE[..], &["--no-wait"]].concat();
    let refuse = async |code| {
        let fault = Fault::Code { code, msg: "拒绝".into(), processed: false };
        shop.stage.sandbox.control().fault(Scope::Create, fault).await.unwrap();
    };
    let right = |told: &str| {
        let misled = ["lost", "ell again"].iter().any(|words| told.contains(words));
        told.matches(refused).count() == 1 && !misled
    };
    for (code, why) in [(101, "The gateway refuses the key"), (202, "This channel is not enabled")] {
        refuse(code).await;
        let sold = people(&shop, &sale).await;
        let told = format!("{}{}", sold.out, sold.err);
        assert!(sold.code == Some(4) && right(&told) && told.contains(why), "{told}");
        let no = told.split_whitespace().find(|word| word.starts_with("TK")).unwrap();
        let shown = people(&shop, &["order", "show", no]).await.out;
        assert!(right(&shown) && shown.contains(why), "{shown}");
    }
    refuse(202).await;
    let sold = shop.run(&sale).await;
    assert!(sold.last()["state"] == "create_unknown" && right(&sold.err), "{sold:?}");
}

#[tokio::test]
async fn what_a_gateway_writes_neither_steers_the_terminal_nor_makes_a_line_of_its_own() {
    let shop = Shop::open().await;
    let forged = "TK06B7HNYEW7E4X8ZVKAMFN00RX1  12.50 CNY  Paid";
    let msg = format!("\u{1b}[2J\u{9b}H\r\n{forged}\u{202e}\u{2028}\u{1b}[8m");
    let shown_as = format!("\u{fffd}[2J\u{fffd}H\u{fffd}\u{fffd}{forged}\u{fffd}\u{fffd}\u{fffd}[8m");
    let control = shop.stage.sandbox.control();
    let fault = |code| Fault::Code { code, msg: msg.clone(), processed: false };
    control.fault(Scope::Create, fault(202)).await.unwrap();
    control.fault_times(Scope::Query, 1_000, fault(601)).await.unwrap();
    let sold = people(&shop, &[&SALE[..], &["--no-wait"]].concat()).await;
    let no = sold.out.split_whitespace().find(|word| word.starts_with("TK")).unwrap().to_owned();
    let shown = people(&shop, &["order", "show", &no]).await;
    let checked = people(&shop, &["account", "check", "outside"]).await;
    let asked = people(&shop, &["order", "query", &no]).await;
    for (ran, quotes) in [(&sold, true), (&shown, true), (&checked, true), (&asked, false)] {
        let told = format!("{}{}", ran.out, ran.err);
        assert!(!quotes || told.contains(&shown_as), "{told:?}");
        let steers = |letter: char| letter != '\n' && (letter.is_control() || "\u{202e}\u{2028}".contains(letter));
        assert!(!told.contains(steers), "{told:?}");
        assert!(!told.lines().any(|line| line.trim_start().starts_with("TK06B7HNYEW7E4X8ZVKAMFN00RX1")), "{told:?}");
    }
    let kept = shop.run(&["order", "show", &no]).await;
    assert_eq!(kept.last()["create_trouble"]["said"]["text"], shown_as, "the window and the exports read it so too");
}

#[tokio::test]
async fn a_question_that_was_not_answered_says_why_and_who_asks_again() {
    let shop = Shop::open().await;
    shop.stage.sandbox.control().down(Down::Refuse).await.unwrap();
    let sale = people(&shop, &[&SALE[..], &["--no-wait"]].concat()).await;
    assert!(sale.err.contains("The gateway could not be reached, or"), "{sale:?}");
    shop.stage.sandbox.control().up().await.unwrap();
    let open = shop.open_orders().await;
    let asked = people(&shop, &["order", "query", open[0]["order_no"].as_str().unwrap()]).await;
    assert_eq!(asked.code, Some(4), "{asked:?}");
    assert!(asked.err.contains("The gateway says it has no such order."), "{asked:?}");
    assert!(!asked.err.contains("relied on") && asked.err.contains("otherwise the next launch does"), "{asked:?}");
}

#[tokio::test]
async fn serve_says_once_that_a_gateway_is_silent_that_it_answers_again_and_anew_that_it_is_silent() {
    let shop = Shop::open().await;
    let control = shop.stage.sandbox.control();
    assert_eq!(shop.run(&[&SALE[..], &["--no-wait"]].concat()).await.code, Some(0));
    control.down(Down::Refuse).await.unwrap();
    let mut serve = shop.command(&["serve"]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(serve.stderr.take().expect("it is a pipe")).lines();
    let mut line =
        async || tokio::time::timeout(crate::shop::DEADLINE, said.next_line()).await.expect("in time").unwrap();
    let asked_on = async |more: usize| {
        let before = control.received(0).await.unwrap().len();
        let asked = async {
            while control.received(0).await.unwrap().len() < before + more {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(crate::shop::DEADLINE, asked).await.expect("it is asked on");
    };
    for again in [false, true] {
        let silent = line().await.expect("it serves");
        assert!(silent.starts_with("Three times in a row the gateway of “outside” gave no answer"), "{silent}");
        assert_eq!(line().await.as_deref(), Some("  The gateway could not be reached, or the connection broke off."));
        asked_on(1).await;
        if !again {
            control.up().await.unwrap();
            assert_eq!(line().await.as_deref(), Some("The gateway of “outside” answers again."));
            asked_on(2).await;
            control.down(Down::Refuse).await.unwrap();
        }
    }
    let pid = serve.id().expect("it serves").to_string();
    assert!(std::process::Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    assert_eq!(line().await, None, "nothing is told twice");
    assert_eq!(serve.wait().await.unwrap().code(), Some(0));
}

#[tokio::test]
async fn training_says_that_nothing_is_sent_to_an_address_elsewhere_and_makes_no_order() {
    let shop = Shop::open().await;
    let moved = shop.run(&["account", "set", "outside", "--base-url", "https://gateway.example.com"]).await;
    assert_eq!(moved.code, Some(0), "{moved:?}");
    let sale = people(&shop, &[&SALE[..], &["--no-wait"]].concat()).await;
    assert_eq!(sale.code, Some(2), "{sale:?}");
    assert!(sale.err.contains("Nothing was sent; no money can move by it."), "{sale:?}");
    assert!(sale.err.contains("Training reaches addresses on this computer only."), "{sale:?}");
    assert_eq!(shop.open_orders().await, [] as [serde_json::Value; 0], "there is no order that could not be ended");
    assert!(!log(&shop).contains("Unreachable"), "{}", log(&shop));
}

#[tokio::test]
async fn a_close_that_must_wait_says_how_long_and_what_ctrl_c_leaves() {
    let shop = Shop::open().await;
    let longer = shop.run(&["account", "set", "outside", "--set", "plan.close_floor_s=300"]).await;
    assert_eq!(longer.code, Some(0), "{longer:?}");
    let sale = shop.run(&[&SALE[..], &["--no-wait"]].concat()).await;
    assert_eq!(sale.code, Some(0), "{sale:?}");
    let mut close = bare(shop.data.path());
    close.args(["--training", "order", "close", sale.last()["order_no"].as_str().unwrap()]);
    let mut close = close.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(close.stderr.take().expect("it is a pipe")).lines();
    let waits = tokio::time::timeout(crate::shop::DEADLINE, said.next_line()).await.expect("at once").unwrap().unwrap();
    let says = |time: &str| waits.contains(&format!("ended in {time}"));
    assert!((says("5:00") || says("4:")) && waits.contains("Ctrl-C"), "{waits}");
    let interrupted = std::process::Command::new("kill").args(["-INT", &close.id().unwrap().to_string()]).status();
    assert!(interrupted.unwrap().success());
    let left = tokio::time::timeout(crate::shop::DEADLINE, said.next_line()).await.expect("at once").unwrap().unwrap();
    assert!(left.starts_with("No longer waiting."), "{left}");
    assert_eq!(close.wait().await.unwrap().code(), Some(4));
}

#[tokio::test]
async fn without_a_display_the_window_says_so_in_the_language_asked_for() {
    for (language, words) in
        [("zh-CN", "没有可用的显示器"), ("zh-HK", "沒有可用的顯示器"), ("en", "There is no display")]
    {
        let data = tempfile::tempdir().unwrap();
        // None is named, or one that nobody serves.
        for display in [None, Some(":65535")] {
            let mut window = bare(data.path());
            window.args(["--lang", language]).envs(display.map(|display| ("DISPLAY", display)));
            let said = run(window).await;
            assert_eq!(said.code, Some(5), "{said:?}");
            assert!(said.err.contains(words) && !said.err.contains("panicked"), "{said:?}");
        }
    }
}

#[tokio::test]
async fn training_bears_its_shops_name_in_the_language_asked_for_and_else_in_that_of_the_system() {
    let shop = Shop::open().await;
    let mut sale = shop.command(&[&SALE[..], &["--no-wait", "--lang", "zh-HK"]].concat());
    sale.env("LANG", "en_GB.UTF-8");
    assert_eq!(run(sale).await.code, Some(0));
    let trades = shop.stage.sandbox.control().trades().await.unwrap();
    assert!(trades.iter().all(|known| known.trade.body == "練習小店"), "{trades:?}");
    for (language, name) in [("en_GB.UTF-8", "Practice shop"), ("zh_HK.UTF-8", "練習小店"), ("zh_CN.UTF-8", "练习小店")]
    {
        let mut sale = shop.command(&[&SALE[..], &["--no-wait"]].concat());
        sale.env("LANG", language);
        assert_eq!(run(sale).await.code, Some(0));
        let trades = shop.stage.sandbox.control().trades().await.unwrap();
        assert!(trades.iter().any(|known| known.trade.body == name), "{language}");
    }
}

#[tokio::test]
async fn the_pretend_gateways_alone_refuse_an_address_that_others_reach() {
    let data = tempfile::tempdir().unwrap();
    let mut sandbox = bare(data.path());
    sandbox.args(["sandbox", "--listen", "0.0.0.0:0"]);
    let said = run(sandbox).await;
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(said.err.contains("0.0.0.0:0") && said.err.contains("127.0.0.1:PORT"), "{said:?}");

    let other = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = other.local_addr().unwrap().to_string();
    let mut sandbox = bare(data.path());
    sandbox.args(["sandbox", "--listen", &address]);
    let said = run(sandbox).await;
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(said.err.contains(&address) && said.err.contains("this port cannot be had"), "{said:?}");
}

#[tokio::test]
async fn the_help_of_an_export_names_every_state_that_it_can_be_narrowed_to() {
    let data = tempfile::tempdir().unwrap();
    let mut help = bare(data.path());
    help.args(["journal", "export", "--help"]);
    let said = run(help).await.out;
    for state in State::ALL {
        assert!(said.contains(state.word()), "{} in {said}", state.word());
    }
}

#[tokio::test]
async fn an_order_in_doubt_says_to_people_what_contradicts() {
    let shop = Shop::open().await;
    let sale = shop.run(&[&SALE[..], &["--no-wait"]].concat()).await;
    let no = sale.last()["order_no"].as_str().unwrap();
    let control = shop.stage.sandbox.control();
    control.pay(Some(no)).await.unwrap();
    control.fault_times(Scope::Query, 1_000, Fault::WrongAmount).await.unwrap();
    let asked = people(&shop, &["order", "query", no]).await;
    assert!(asked.out.contains("(Another amount)"), "{asked:?}");
    assert_eq!(asked.code, Some(4), "how it stands is not known: {asked:?}");
    let shown = people(&shop, &["order", "list"]).await;
    assert!(shown.out.contains("(Another amount)"), "{shown:?}");
}

#[tokio::test]
async fn who_asks_while_an_answer_contradicts_itself_is_told_what_came_of_the_question_after_it() {
    let shop = Shop::open().await;
    let sale = shop.run(&[&SALE[..], &["--no-wait"]].concat()).await;
    let no = sale.last()["order_no"].as_str().unwrap();
    let control = shop.stage.sandbox.control();
    control.pay(Some(no)).await.unwrap();
    control.fault_times(Scope::Query, 1, Fault::ResultCode).await.unwrap();
    let asked = people(&shop, &["order", "query", no]).await;
    assert_eq!(asked.code, Some(0), "the answer after it is clear: {asked:?}");
    assert_eq!(shop.run(&["order", "show", no]).await.last()["state"], "paid", "{asked:?}");
}

#[tokio::test]
async fn a_command_that_ends_well_leaves_no_fault_in_the_log() {
    let shop = Shop::open().await;
    shop.stage.sandbox.control().auto_pay(Some(0)).await.unwrap();
    for _ in 0..8 {
        assert_eq!(shop.run(&SALE).await.code, Some(0));
        assert_eq!(shop.run(&["account", "check", "outside"]).await.code, Some(0));
    }
    let log = log(&shop);
    assert!(!log.contains("cancelled") && !log.contains("ERROR"), "{log}");
}

#[tokio::test]
async fn a_journal_in_which_no_till_has_begun_is_called_empty() {
    let data = tempfile::tempdir().unwrap();
    let mut refused = bare(data.path());
    refused.args(["account", "add", "pooul", "mine"]);
    assert_eq!(run(refused).await.code, Some(5), "there is no keyring");
    let mut verify = bare(data.path());
    verify.args(["journal", "verify"]);
    let said = run(verify).await;
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.out.starts_with("The journal is empty") && !said.out.contains("whole"), "{said:?}");
}
