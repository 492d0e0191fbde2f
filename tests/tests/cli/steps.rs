//! What became of the money, why, and the next step: what people read whose sale or command came to something else.

use crate::shop::{DEADLINE, Ran, SALE, Shop, bare, program, run, run_with};
use std::process::Stdio;
use till_sandbox::{Down, Manner, Purse};
use tokio::io::{AsyncBufReadExt as _, BufReader};

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
    assert!(checked.out.contains("The gateway could not be reached.\n  Check this computer's network"), "{checked:?}");
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
async fn a_training_sale_says_where_the_customers_phone_is() {
    let shop = Shop::open().await;
    let sale = people(&shop, &[&SALE[..], &["--no-wait"]].concat()).await;
    let phone = format!("{}/phone", shop.stage.sandbox.control_url().trim_end_matches("/control"));
    assert!(sale.err.contains(&phone), "{phone}: {sale:?}");
}
