//! What became of the money, why, and the next step: what people read whose sale or command came to something else.

use crate::gateways::shop_at;
use crate::shop::{DEADLINE, Ran, SALE, Shop, bare, program, run, run_with};
use std::process::Stdio;
use till_sandbox::{Down, Fault, Manner, Purse, Scope};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::ChildStdout;

/// What people read who run this in training.
async fn people(shop: &Shop, arguments: &[&str]) -> Ran {
    let mut command = bare(shop.data.path());
    command.args(["--training", "--lang", "en"]).args(arguments);
    run(command).await
}

#[tokio::test]
async fn a_sale_that_fails_says_why_what_of_the_money_and_what_next() {
    let shop = Shop::open().await;
    let by_code = ["sale", "outside", "wechat.micro", "12.50", "--payment-code", "134567890123456789"];
    let sale = people(&shop, &by_code).await;
    assert_eq!(sale.code, Some(3), "{sale:?}");
    let said = ["AUTH_CODE_INVALID “no such code”", "no money moved", "Ask for a fresh payment code"];
    assert!(said.iter().all(|said| sale.out.contains(said)), "{sale:?}");
    let no = sale.out.split_whitespace().next().unwrap();
    let shown = people(&shop, &["order", "show", no]).await;
    assert!(said.iter().all(|said| shown.out.contains(said)), "{shown:?}");
    let listed = people(&shop, &["order", "list"]).await;
    assert!(!listed.out.contains("AUTH_CODE_INVALID"), "a list has a line for each: {listed:?}");
}

#[tokio::test]
async fn a_customer_who_has_to_confirm_is_told_as_that_and_not_as_an_error() {
    let shop = Shop::open().await;
    let code = shop.stage.sandbox.control().mint_code(Manner::Confirm, Purse::Wechat).await.unwrap().code;
    let by_code = ["sale", "outside", "wechat.micro", "12.50", "--no-wait", "--payment-code", &code];
    let sale = people(&shop, &by_code).await;
    assert_eq!(sale.code, Some(4), "{sale:?}");
    assert!(sale.out.contains("has to confirm on the phone") && sale.out.contains("Nothing is paid yet"), "{sale:?}");
    assert!(!sale.out.contains("error") && !sale.err.contains("error"), "{sale:?}");
}

#[tokio::test]
async fn a_create_whose_outcome_is_unknown_says_what_that_means_for_the_money() {
    let shop = Shop::open().await;
    shop.stage.sandbox.control().down(Down::Refuse).await.unwrap();
    let sale = people(&shop, &[&SALE[..], &["--no-wait"]].concat()).await;
    assert!(sale.out.contains("No code of it was shown here, so no customer pays it"), "{sale:?}");
    let by_code = ["sale", "outside", "wechat.micro", "12.50", "--no-wait", "--payment-code", "134567890123456789"];
    let sale = people(&shop, &by_code).await;
    assert!(sale.out.contains("do not scan another payment code"), "{sale:?}");
    let no = sale.out.split_whitespace().next().unwrap();
    let shown = people(&shop, &["order", "show", no]).await;
    assert!(shown.out.contains("do not scan another payment code"), "{shown:?}");
    let checked = people(&shop, &["account", "check", "outside"]).await;
    assert_eq!(checked.code, Some(4), "{checked:?}");
    assert!(
        checked.out.contains(
            "The gateway could not be reached, or the connection broke off.\n  Check this computer's network"
        ),
        "{checked:?}"
    );
    assert!(!checked.out.contains("answer="), "{checked:?}");
}

#[tokio::test]
async fn closing_where_the_gateway_has_no_close_says_what_follows() {
    let shop = Shop::open().await;
    let sale = shop.run(&["sale", "practice-jubao", "201", "12.50", "--no-wait"]).await;
    assert_eq!(sale.code, Some(0), "{sale:?}");
    let mut close = bare(shop.data.path());
    close.args(["--training", "order", "close", sale.last()["order_no"].as_str().unwrap()]);
    let mut close = close.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut said = BufReader::new(close.stdout.take().expect("it is a pipe")).lines();
    let told = async {
        while let Some(line) = said.next_line().await.unwrap() {
            if line.contains("This gateway has no close") {
                return line;
            }
        }
        panic!("it ended without a word")
    };
    let line = tokio::time::timeout(DEADLINE, told).await.expect("at once");
    assert!(line.contains("asking goes on") && line.contains("expired"), "{line}");
    let interrupted = std::process::Command::new("kill").args(["-INT", &close.id().unwrap().to_string()]).status();
    assert!(interrupted.unwrap().success());
    assert_eq!(close.wait().await.unwrap().code(), Some(4));
}

/// What is said up to a line with these words.
async fn until(said: &mut Lines<BufReader<ChildStdout>>, words: &str) -> String {
    let read = async {
        let mut all = String::new();
        while !all.contains(words) {
            let line = said.next_line().await.unwrap().unwrap_or_else(|| panic!("ended before “{words}”: {all}"));
            all.extend([line.as_str(), "\n"]);
        }
        all
    };
    tokio::time::timeout(DEADLINE, read).await.expect("in time")
}

#[tokio::test]
async fn what_the_gateway_answers_to_a_close_is_said_where_it_is_closed_as_the_order_shows_it() {
    let shop = Shop::open().await;
    let sale = shop.run(&[&SALE[..], &["--no-wait"]].concat()).await;
    let no = sale.last()["order_no"].as_str().unwrap();
    let refused = Fault::Code { code: 601, msg: "上游超时".into(), processed: false };
    shop.stage.sandbox.control().fault_times(Scope::Close, 10_000, refused).await.unwrap();
    let mut close = bare(shop.data.path());
    close.args(["--training", "--lang", "en", "order", "close", no]);
    let mut close = close.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut closing = BufReader::new(close.stdout.take().expect("it is a pipe")).lines();
    let answer = "The gateway answered with error 601 “上游超时”.";
    until(&mut closing, answer).await;
    let interrupted = std::process::Command::new("kill").args(["-INT", &close.id().unwrap().to_string()]).status();
    assert!(interrupted.unwrap().success());
    assert_eq!(close.wait().await.unwrap().code(), Some(4));
    let shown = people(&shop, &["order", "show", no]).await;
    assert!(shown.out.contains(answer), "{shown:?}");
}

#[tokio::test]
async fn a_code_that_no_terminal_shows_is_to_be_put_away_and_whoever_closes_claims_nothing_of_a_screen() {
    let shop = Shop::open().await;
    let longer = shop.run(&["account", "set", "outside", "--set", "plan.close_floor_s=300"]).await;
    assert_eq!(longer.code, Some(0), "{longer:?}");
    let talk = |arguments: &[&str]| {
        let mut command = bare(shop.data.path());
        command.args(["--training", "--lang", "en"]).args(arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let said = BufReader::new(child.stdout.take().expect("it is a pipe")).lines();
        (child, said)
    };
    let (mut sale, mut sold) = talk(&SALE);
    until(&mut sold, "▀").await;
    let open = shop.open_orders().await;
    let (mut close, mut closing) = talk(&["order", "close", open[0]["order_no"].as_str().unwrap()]);
    let by_who_closes = until(&mut closing, "It is asked about until it is closed").await;
    let by_who_sold = until(&mut sold, "It is asked about until it is closed").await;
    assert!(by_who_closes.contains("Put away one that stands in another terminal or on paper."), "{by_who_closes}");
    assert!(
        by_who_sold.contains("Put away whatever shows it") && by_who_sold.contains("still be scanned"),
        "{by_who_sold}"
    );
    for said in [by_who_closes, by_who_sold] {
        assert!(!said.contains("off the screen") && !said.contains("\x1b[2J"), "{said}");
    }
    for child in [&mut close, &mut sale] {
        let interrupted = std::process::Command::new("kill").args(["-INT", &child.id().unwrap().to_string()]).status();
        assert!(interrupted.unwrap().success());
        assert_eq!(child.wait().await.unwrap().code(), Some(4));
    }
}

#[tokio::test]
async fn a_number_that_nobody_needs_is_refused_with_the_real_cause() {
    let shop = Shop::open().await;
    let sale = shop.run(&[&SALE[..], &["--no-wait"]].concat()).await;
    let no = sale.last()["order_no"].as_str().unwrap();
    let named = shop.run(&["order", "adopt", no, "--gateway-no", "5"]).await;
    assert_eq!((named.code, named.refusal()), (Some(2), "number_not_needed"), "{named:?}");
    let adopted = shop.run(&["order", "adopt", "outside", "--trade-no", "5"]).await;
    assert_eq!((adopted.code, adopted.refusal()), (Some(2), "adopts_nothing"), "{adopted:?}");
    let named = people(&shop, &["order", "adopt", no, "--gateway-no", "5"]).await;
    assert!(named.err.ends_with(&format!(" --training order query {no}\n")), "{named:?}");
}

#[tokio::test]
async fn the_next_command_means_the_same_till_and_a_missing_pin_is_called_by_its_person() {
    let shop = Shop::open().await;
    let folder = shop.data.path().display().to_string();
    let mut unknown = bare(shop.data.path());
    unknown.env_remove("TILLKEEPER_HOME").args(["order", "show", "TKNONE", "--data-dir", &folder, "--training"]);
    let unknown = run(unknown).await;
    let next = format!("\n  {} --data-dir {folder} --training order list\n", program().display());
    assert!(unknown.err.ends_with(&next), "{unknown:?}");

    let ask = async |arguments: &[&str], input: &str| {
        let mut command = bare(shop.data.path());
        command.args(["--training", "--lang", "en"]).args(arguments);
        run_with(command, input.as_bytes()).await
    };
    for (name, pin) in [("Lin", "2580\n"), ("Mei", "2580\n1470\n")] {
        let (role, operator) = if name == "Lin" { ("manager", None) } else { ("cashier", Some("Lin")) };
        let mut arguments = vec!["operator", "add", name, "--role", role];
        arguments.extend(operator.into_iter().flat_map(|operator| ["--operator", operator]));
        assert_eq!(ask(&arguments, pin).await.code, Some(0));
    }
    let refund = ["refund", "TKNONE", "2.50", "--operator", "Lin", "--second", "Mei"];
    let second = ask(&refund, "2580\n").await;
    assert_eq!(second.code, Some(5), "{second:?}");
    assert!(second.err.starts_with("The PIN of “Mei” is missing.") && second.err.contains("< pin.txt"), "{second:?}");
    let new = ask(&["operator", "add", "Bob", "--role", "cashier", "--operator", "Lin"], "2580\n").await;
    assert_eq!(new.code, Some(5), "{new:?}");
    assert!(new.err.starts_with("The PIN of “Bob” is missing."), "{new:?}");
}

#[tokio::test]
async fn empty_lists_mistyped_gateways_and_missing_fields_say_what_helps() {
    let shop = Shop::open().await;
    let listed = people(&shop, &["order", "list"]).await;
    assert_eq!((listed.out.as_str(), listed.err.as_str()), ("", "There are no orders yet.\n"));
    assert_eq!(people(&shop, &["order", "list", "--open"]).await.err, "No order is open.\n");
    assert_eq!(people(&shop, &["operator", "list"]).await.err, "There is nobody yet.\n");
    assert_eq!(shop.run(&["order", "list"]).await.err, "");
    let mistyped = people(&shop, &["account", "add", "puul", "main"]).await;
    assert!(mistyped.err.ends_with(" --training channels\n"), "{mistyped:?}");
    let field = people(&shop, &["sale", "outside", "wechat.jsurl", "1"]).await;
    assert!(field.err.ends_with("\n  --set sub_openid=...\n"), "{field:?}");
    for option in ["--per-refund", "--per-day", "--second-above"] {
        let negative = shop.run(&["limits", "set", option, "-3"]).await;
        assert_eq!((negative.code, negative.refusal()), (Some(2), "limits_bad"), "{negative:?}");
    }
}

#[tokio::test]
async fn what_an_account_lacks_is_told_with_the_one_command_that_takes_it() {
    let shop = Shop::open().await;
    let url = shop.stage.sandbox.base_url();
    let add = ["account", "add", "pooul", "bare", "--base-url", &url];
    assert_eq!(shop.run(&add).await.code, Some(0));
    let commands: [&[&str]; 3] = [&["sale", "bare", "wechat.scan", "1"], &["account", "check", "bare"], &["doctor"]];
    let (field, secret) = (" --training account set bare --set ", " --training account secret bare ");
    let sale = people(&shop, commands[0]).await;
    assert!(sale.err.ends_with(&format!("{field}merchant_id=VALUE\n")) && !sale.err.contains(secret), "{sale:?}");
    let set = ["account", "set", "bare", "--set", "merchant_id=1", "--set", "notify_url=http://127.0.0.1:9/nobody"];
    assert_eq!(shop.run(&set).await.last()["missing"], serde_json::json!(["key"]));
    for command in commands {
        let told = people(&shop, command).await;
        let said = format!("{}{}", told.out, told.err);
        assert!(said.contains(&format!("{secret}key\n")) && !said.contains(field), "{command:?}: {told:?}");
    }
}

#[tokio::test]
async fn a_sale_that_was_written_wrongly_says_what_is_wrong_and_repeats_no_long_text() {
    let shop = Shop::open().await;
    let body = "咖啡".repeat(1_500);
    let long = people(&shop, &[&SALE[..], &["--body", &body]].concat()).await;
    assert_eq!(long.code, Some(2), "{long:?}");
    assert!(long.err.contains("127 characters at most") && !long.err.contains("咖啡"), "{long:?}");
    let zero = people(&shop, &[&SALE[..], &["--item", "cup:1:0"]].concat()).await;
    assert!(zero.code == Some(2) && zero.err.contains("The amount is zero."), "{zero:?}");
    let by_code = ["sale", "outside", "wechat.micro", "12.50", "--payment-code", "12345"];
    let short = people(&shop, &by_code).await;
    assert!(short.code == Some(2) && short.err.contains("12 to 32 digits"), "{short:?}");
    let mut real = bare(shop.data.path());
    real.args(["--lang", "en"]).args(SALE).arg("--play-customer");
    let real = run(real).await;
    assert!(real.code == Some(2) && real.err.contains("in training only: add --training"), "{real:?}");
}

#[tokio::test]
async fn a_limit_in_the_way_of_a_refund_is_changed_in_the_currency_of_its_order() {
    let shop = shop_at("blueocean", &[]).await;
    let sale = shop.run(&["sale", "there", "wechat.qrcode", "12.50", "--no-wait"]).await;
    assert_eq!((sale.code, &sale.last()["currency"]), (Some(0), &"HKD".into()), "{sale:?}");
    let no = sale.last()["order_no"].as_str().unwrap();
    shop.stage.sandbox.control().pay(no).await.unwrap();
    let paid = shop.run(&["order", "query", no]).await;
    assert_eq!(paid.last()["state"], "paid", "{paid:?}");
    for option in ["--per-refund", "--per-day"] {
        let set = shop.run(&["limits", "set", "--currency", "HKD", option, "1"]).await;
        assert_eq!(set.code, Some(0), "{set:?}");
        let refused = people(&shop, &["refund", no, "2", "--reason", "returned"]).await;
        let next = format!(" --training limits set --currency HKD {option} AMOUNT --operator NAME\n");
        assert_eq!(refused.code, Some(2), "{refused:?}");
        assert!(refused.err.ends_with(&next) && refused.err.contains("1.00 HKD"), "{refused:?}");
        assert!(refused.err.contains("in Settings, or in a terminal with limits set"), "{refused:?}");
        let set = shop.run(&["limits", "set", "--currency", "HKD", option, "1000"]).await;
        assert_eq!(set.code, Some(0), "{set:?}");
    }
}

#[tokio::test]
async fn a_refund_that_failed_is_told_with_how_it_goes_out_again_and_stands_before_all_that_is_left() {
    let shop = Shop::open().await;
    let control = shop.stage.sandbox.control();
    control.auto_pay(Some(0)).await.unwrap();
    control.auto_refund(None).await.unwrap();
    let sale = shop.run(&SALE).await;
    let no = sale.last()["order_no"].as_str().unwrap();
    let mut given = shop.start(&["refund", no, "8.50", "--reason", "wrong size"]);
    given.until("processing").await;
    control.fail_refund(None).await.unwrap();
    let failed = given.until("failed").await;
    assert_eq!((&failed["can_send_again"], &failed["can_be_made_anew"]), (&true.into(), &false.into()), "{failed}");
    assert_eq!(given.ends_with().await, Some(3));
    let again = format!("--again {}", failed["refund_no"].as_str().unwrap());
    let shown = people(&shop, &["order", "show", no]).await;
    assert!(shown.out.contains(&format!("{again} sends it once more under its number")), "{shown:?}");
    for rest in [&["refund", no, "--reason", "returned"][..], &["refund", no, "5", "--reason", "returned"]] {
        assert_eq!(shop.run(rest).await.refusal(), "refund_failed_before", "{rest:?}");
        let told = people(&shop, rest).await;
        assert!(told.code == Some(2) && told.err.contains("name an amount of 4.00 at most"), "{told:?}");
        assert!(told.err.ends_with(&format!(" --training refund {no} {again}\n")), "{told:?}");
    }
    control.auto_refund(Some(0)).await.unwrap();
    let sent = shop.run(&["refund", no, "--again", failed["refund_no"].as_str().unwrap()]).await;
    assert_eq!((sent.code, &sent.last()["state"]), (Some(0), &"succeeded".into()), "{sent:?}");
}

#[tokio::test]
async fn a_training_sale_says_where_the_customers_phone_is() {
    let shop = Shop::open().await;
    let sale = people(&shop, &[&SALE[..], &["--no-wait"]].concat()).await;
    let phone = format!("{}/phone", shop.stage.sandbox.control_url().trim_end_matches("/control"));
    assert!(sale.err.contains(&phone), "{phone}: {sale:?}");
}

#[tokio::test]
async fn a_training_sale_that_leads_elsewhere_names_no_phone_and_nobody_who_pays() {
    let shop = Shop::open().await;
    // The same gateway by an address that is not the stage's own.
    let elsewhere = format!("{}/.", shop.stage.sandbox.base_url());
    let moved = shop.run(&["account", "set", "outside", "--base-url", &elsewhere]).await;
    assert_eq!(moved.code, Some(0), "{moved:?}");
    let sale = people(&shop, &[&SALE[..], &["--no-wait"]].concat()).await;
    assert_eq!((sale.code, sale.err.as_str()), (Some(0), ""), "{sale:?}");

    let mut played = bare(shop.data.path());
    played.args(["--training", "--lang", "en"]).args(SALE).arg("--play-customer");
    let mut played = played.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(played.stderr.take().expect("it is a pipe")).lines();
    let line = tokio::time::timeout(DEADLINE, said.next_line()).await.expect("at once").unwrap().unwrap();
    assert!(line.starts_with("Training: this account does not lead to the practice gateway"), "{line}");
    let interrupted = std::process::Command::new("kill").args(["-INT", &played.id().unwrap().to_string()]).status();
    assert!(interrupted.unwrap().success());
    assert_eq!(played.wait().await.unwrap().code(), Some(4));
}
