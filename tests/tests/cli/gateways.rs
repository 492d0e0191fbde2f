//! Every gateway from a terminal: payment codes, numbers that a person types, orders that were made elsewhere.

use crate::shop::{Ran, Shop, bare, run, run_with};
use data_encoding::{BASE64_NOPAD, HEXLOWER};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use till_sandbox::{Control, Dialect, Fault, Item, Manner, Operation, Purse, Scope, Trade, TradeState};

/// A shop with the account `there` at `gateway`, besides Pooul's `outside`.
pub async fn shop_at(gateway: &str, fields: &[&str]) -> Shop {
    let shop = Shop::open().await;
    control(&shop).reverse_floor(0).await.unwrap();
    let announced = shop.stage.sandbox.announcement();
    let offered = &announced["gateways"][gateway];
    let credentials = offered["credentials"].as_object().unwrap();
    let is_secret = |name: &str| matches!(name, "key" | "skill_private_key");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let usual = ["plan.poll_ms=100"].into_iter().filter(|_| !fields.iter().any(|own| own.starts_with("plan.poll_ms=")));
    let plan = usual.chain(fields.iter().copied()).map(str::to_owned);
    let open = credentials.iter().filter(|(name, _)| !is_secret(name));
    let set = open.map(|(name, value)| format!("{name}={}", text(value))).chain(plan);
    let mut arguments: Vec<String> = ["account", "add", gateway, "there", "--base-url"].map(str::to_owned).into();
    arguments.push(text(&offered["base_url"]));
    arguments.extend(set.flat_map(|field| ["--set".to_owned(), field]));
    let added = shop.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>()).await;
    assert_eq!(added.code, Some(0), "{added:?}");
    for (name, value) in credentials.iter().filter(|(name, _)| is_secret(name)) {
        let set = secret(&shop, name, &text(value)).await;
        assert_eq!((set.code, &set.last()["missing"]), (Some(0), &json!([])), "{set:?}");
        assert!(!set.out.contains(&text(value)), "a secret never comes out again");
    }
    shop
}

fn control(shop: &Shop) -> Control {
    shop.stage.sandbox.control()
}

async fn secret(shop: &Shop, field: &str, value: &str) -> Ran {
    run_with(shop.command(&["account", "secret", "there", field]), format!("{value}\n").as_bytes()).await
}

/// Sells 12.50 by the code on the customer's phone, which comes by standard input.
async fn scan(shop: &Shop, account: &str, channel: &str, code: &str, options: &[&str]) -> Ran {
    let sale = [&["sale", account, channel, "12.50", "--payment-code", "-"], options].concat();
    run_with(shop.command(&sale), format!("{code}\n").as_bytes()).await
}

/// What people read.
async fn people(shop: &Shop, arguments: &[&str]) -> Ran {
    let mut command = crate::shop::bare(shop.data.path());
    command.arg("--training").args(arguments);
    crate::shop::run(command).await
}

async fn mint(shop: &Shop, manner: Manner) -> String {
    control(shop).mint_code(manner, Purse::Wechat).await.unwrap().code
}

fn order_no(ran: &Ran) -> &str {
    ran.last()["order_no"].as_str().unwrap()
}

fn names(line: &Value) -> BTreeSet<&str> {
    line.as_object().unwrap().keys().map(String::as_str).collect()
}

/// The names of the order that the gateway's first line has, as every other line of an order has them.
async fn is_an_order(shop: &Shop, line: &Value) {
    let reference = shop.run(&["sale", "outside", "wechat.scan", "1", "--no-wait"]).await;
    assert_eq!(names(line), names(reference.last()));
    assert_eq!(names(line).len(), 28);
}

#[tokio::test]
async fn a_scanned_code_ends_with_0_if_paid_3_if_refused_and_4_if_nobody_knows_yet() {
    let shop = shop_at("blueocean", &["plan.reverse_floor_s=0"]).await;
    for (account, channel) in [("outside", "wechat.micro"), ("there", "micropay")] {
        let code = mint(&shop, Manner::AtOnce).await;
        for options in [&[][..], &["--no-wait"]] {
            let code = if options.is_empty() { code.clone() } else { mint(&shop, Manner::AtOnce).await };
            // Typed from the phone it has the gaps that the phone shows.
            let typed = format!("{} {}", &code[..4], &code[4..]);
            let paid = scan(&shop, account, channel, &typed, options).await;
            assert_eq!((paid.code, &paid.last()["state"]), (Some(0), &"paid".into()), "{paid:?}");
            assert_eq!((&paid.last()["paid_minor"], &paid.last()["qr"]), (&1250.into(), &Value::Null));
            is_an_order(&shop, paid.last()).await;
        }
        let confirm = mint(&shop, Manner::Confirm).await;
        let open = scan(&shop, account, channel, &confirm, &["--no-wait"]).await;
        assert_eq!(open.code, Some(4), "{open:?}");
        control(&shop).pay(order_no(&open)).await.unwrap();
        let asked = shop.run(&["order", "query", order_no(&open)]).await;
        assert_eq!((asked.code, &asked.last()["state"]), (Some(0), &"paid".into()), "{asked:?}");
    }
    let used = mint(&shop, Manner::AtOnce).await;
    assert_eq!(scan(&shop, "outside", "wechat.micro", &used, &[]).await.code, Some(0));
    for code in [mint(&shop, Manner::Refused).await, used] {
        let failed = scan(&shop, "outside", "wechat.micro", &code, &[]).await;
        assert_eq!((failed.code, &failed.last()["state"]), (Some(3), &"failed".into()), "{failed:?}");
        assert_eq!(failed.last()["reason"], "gateway");
    }
    let received = control(&shop).received(0).await.unwrap();
    let creates = received.iter().filter(|request| request.operation == Operation::Create).count();
    let numbers = control(&shop).creates().await.unwrap();
    assert_eq!((creates, numbers.values().max()), (numbers.len(), Some(&1)));
}

#[tokio::test]
async fn a_code_that_is_none_or_not_asked_for_is_refused_with_2_before_anything_is_sent() {
    let shop = Shop::open().await;
    for (channel, code, refusal) in [
        ("wechat.scan", "130000000000000000", "payment_code_not_taken"),
        ("wechat.micro", "not a code", "payment_code_bad"),
        ("wechat.micro", "", "payment_code_bad"),
    ] {
        let refused = scan(&shop, "outside", channel, code, &[]).await;
        assert_eq!((refused.code, refused.refusal()), (Some(2), refusal), "{refused:?}");
        assert!(code.is_empty() || !refused.out.contains(code), "{refused:?}");
    }
    let none = shop.run(&["sale", "outside", "wechat.micro", "12.50"]).await;
    assert_eq!((none.code, none.refusal()), (Some(2), "payment_code_bad"), "{none:?}");
    assert!(control(&shop).creates().await.unwrap().is_empty());
}

/// Forms in which a careless program would leave a code behind.
fn forms(code: &str) -> Vec<Vec<u8>> {
    let wide = code.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let listed: Vec<String> = code.bytes().map(|byte| byte.to_string()).collect();
    let mut forms = vec![code.into(), wide, listed.join(",").into_bytes(), listed.join(", ").into_bytes()];
    forms.push(HEXLOWER.encode(code.as_bytes()).into_bytes());
    // Inside a longer text a code can begin at any of three places of a group.
    forms.extend((0..3).map(|before| {
        let shifted = [&b"xxx"[..before], code.as_bytes()].concat();
        let whole = BASE64_NOPAD.encode(&shifted[..shifted.len() / 3 * 3]);
        whole.as_bytes()[(before * 4).div_ceil(3)..].to_vec()
    }));
    forms
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

fn every_file(folder: &Path, each: &mut impl FnMut(&Path, &[u8])) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let (path, kind) = (entry.path(), entry.file_type().unwrap());
        if kind.is_dir() {
            every_file(&path, each);
        } else if kind.is_file() {
            each(&path, &fs::read(&path).unwrap());
        }
    }
}

#[tokio::test]
async fn a_payment_code_is_left_behind_nowhere() {
    let shop = shop_at("blueocean", &["plan.reverse_floor_s=0"]).await;
    fs::write(shop.folder().join("settings.toml"), "log_level = \"trace\"\n").unwrap();
    let (mut codes, mut orders, mut printed) = (Vec::new(), Vec::new(), Vec::new());
    for served in [false, true] {
        let serve = if served { Some(shop.serve().await) } else { None };
        for (account, channel) in [("outside", "wechat.micro"), ("there", "micropay")] {
            for (manner, fault) in [
                (Manner::AtOnce, None),
                (Manner::Confirm, None),
                (Manner::Refused, None),
                (Manner::AtOnce, Some(Fault::DropAfter)),
                (Manner::AtOnce, Some(Fault::Truncated)),
                (Manner::AtOnce, Some(Fault::WrongNumber)),
            ] {
                let code = mint(&shop, manner).await;
                if let Some(fault) = &fault {
                    control(&shop).fault(Scope::Create, fault.clone()).await.unwrap();
                }
                // A gateway that repeats the code in its words is as likely as any.
                if manner == Manner::Refused {
                    let repeat = Fault::Code { code: 601, msg: format!("code {code} refused"), processed: true };
                    control(&shop).fault(Scope::Create, repeat).await.unwrap();
                }
                let sale = scan(&shop, account, channel, &code, &["--no-wait"]).await;
                orders.push(order_no(&sale).to_owned());
                printed.extend([sale.out, sale.err]);
                let asked = shop.run(&["order", "query", orders.last().unwrap()]).await;
                printed.extend([asked.out, asked.err]);
                codes.push(code);
            }
        }
        if let Some(serve) = serve {
            serve.signal("TERM");
            assert_eq!(serve.ends_with().await, Some(0));
        }
    }
    let used = control(&shop).codes().await.unwrap();
    assert!(codes.iter().all(|code| used.iter().any(|known| known.code == *code && known.used_by.is_some())));
    for format in ["csv", "jsonl"] {
        let folder = shop.data.path().join(format);
        let export = ["journal", "export", "--format", format, "--output", folder.to_str().unwrap()];
        assert_eq!(shop.run(&export).await.code, Some(0));
    }
    for arguments in [&["journal", "list"][..], &["order", "list"], &["account", "list"], &["journal", "verify"]] {
        let ran = shop.run(arguments).await;
        assert_eq!(ran.code, Some(0), "{ran:?}");
        printed.extend([ran.out, ran.err]);
    }
    let mut seen = BTreeSet::new();
    let sought: Vec<Vec<u8>> = codes.iter().flat_map(|code| forms(code)).collect();
    every_file(shop.data.path(), &mut |path, bytes| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        for (place, order_no) in orders.iter().enumerate() {
            if holds(bytes, order_no.as_bytes()) {
                seen.insert((name.clone(), place));
            }
        }
        for form in &sought {
            assert!(!holds(bytes, form), "{} holds {}", path.display(), String::from_utf8_lossy(form));
        }
    });
    // The same search finds every order in the journal, in the exports, and in a log.
    for name in ["journal.sqlite", "orders.csv", "orders.jsonl"] {
        assert!((0..orders.len()).all(|place| seen.contains(&(name.to_owned(), place))), "{name}: {seen:?}");
    }
    assert!(seen.iter().any(|(name, _)| name.contains("log")), "{seen:?}");
    for text in printed {
        assert!(sought.iter().all(|form| !holds(text.as_bytes(), form)), "{text}");
    }
}

#[tokio::test]
async fn reversing_ends_with_0_if_reversed_3_if_paid_and_2_where_the_gateway_cannot() {
    let shop = shop_at("blueocean", &["plan.reverse_floor_s=0"]).await;
    let sold = shop.run(&["sale", "there", "alipay.qrcode", "12.50", "--no-wait"]).await;
    assert_eq!((sold.code, &sold.last()["currency"]), (Some(0), &"HKD".into()), "{sold:?}");
    let reversed = shop.run(&["order", "reverse", order_no(&sold)]).await;
    assert_eq!((reversed.code, &reversed.last()["state"]), (Some(0), &"reversed".into()), "{reversed:?}");
    assert_eq!((&reversed.last()["qr"], &reversed.last()["attention"]), (&Value::Null, &Value::Null));
    is_an_order(&shop, reversed.last()).await;
    let again = shop.run(&["order", "reverse", order_no(&sold)]).await;
    assert_eq!((again.code, again.refusal()), (Some(3), "order_ended"), "{again:?}");

    let sold = shop.run(&["sale", "there", "wechat.qrcode", "12.50", "--no-wait"]).await;
    control(&shop).pay(order_no(&sold)).await.unwrap();
    let paid = shop.run(&["order", "reverse", order_no(&sold)]).await;
    assert_eq!(paid.code, Some(3), "the payment is known before anything is reversed: {paid:?}");
    let shown = shop.run(&["order", "show", order_no(&sold)]).await;
    assert_eq!((&shown.last()["state"], &shown.last()["paid_minor"]), (&"paid".into(), &1250.into()));

    let sold = shop.run(&["sale", "outside", "wechat.scan", "12.50", "--no-wait"]).await;
    let cannot = shop.run(&["order", "reverse", order_no(&sold)]).await;
    assert_eq!((cannot.code, cannot.refusal()), (Some(2), "gateway_cannot"), "{cannot:?}");
    let nobody = shop.run(&["order", "reverse", "TK00000000000000000000000000"]).await;
    assert_eq!((nobody.code, nobody.refusal()), (Some(2), "unknown_order"), "{nobody:?}");
}

#[tokio::test]
async fn a_refund_that_never_arrived_is_sent_again_by_a_process_that_has_just_begun() {
    let shop = Shop::open().await;
    control(&shop).auto_pay(Some(0)).await.unwrap();
    control(&shop).auto_refund(Some(0)).await.unwrap();
    let sold = shop.run(&["sale", "outside", "wechat.scan", "12.50"]).await;
    control(&shop).fault(Scope::Refund, Fault::DropBefore).await.unwrap();
    let lost = shop.run(&["refund", order_no(&sold), "2.50", "--reason", "wrong size", "--no-wait"]).await;
    assert_eq!((lost.code, &lost.last()["state"]), (Some(4), &"unknown".into()), "{lost:?}");
    let refund_no = lost.last()["refund_no"].as_str().unwrap();
    let shown = shop.run(&["order", "show", order_no(&sold)]).await;
    assert_eq!(shown.last()["refunds"][0]["can_send_again"], Value::Null, "only a running till knows");
    let again = shop.run(&["refund", order_no(&sold), "--again", refund_no]).await;
    assert_eq!((again.code, &again.last()["state"]), (Some(0), &"succeeded".into()), "{again:?}");
    assert_eq!(control(&shop).refunds().await.unwrap().len(), 1);
}

#[tokio::test]
async fn parameters_for_an_app_are_no_code() {
    let shop = shop_at("blueocean", &[]).await;
    let sold = shop.run(&["sale", "there", "alipay.app", "12.50", "--no-wait"]).await;
    assert_eq!((sold.code, &sold.last()["qr"]), (Some(0), &Value::Null), "{sold:?}");
    let parameters = sold.last()["parameters"].as_str().expect("what an app pays with").to_owned();
    for arguments in [&["order", "show", order_no(&sold)][..], &["sale", "there", "alipay.app", "12.50", "--no-wait"]] {
        let mut people = bare(shop.data.path());
        people.args(["--training", "--lang", "en"]).args(arguments);
        let said = run(people).await;
        assert!(said.out.contains("Payment parameters, for an integrator's app"), "{said:?}");
        assert!(arguments[0] != "order" || said.out.contains(&parameters), "{said:?}");
    }
    let missing = shop.run(&["sale", "there", "wechat.jsapi", "12.50", "--no-wait"]).await;
    assert_eq!((missing.code, missing.refusal()), (Some(2), "channel_field_missing"), "{missing:?}");
}

#[tokio::test]
async fn a_played_customer_pays_by_parameters_too() {
    let shop = shop_at("blueocean", &[]).await;
    let sold = shop.run(&["sale", "there", "alipay.app", "12.50", "--play-customer"]).await;
    assert_eq!((sold.code, &sold.last()["state"]), (Some(0), &"paid".into()), "{sold:?}");
}

#[tokio::test]
async fn whoever_takes_an_account_out_of_use_is_told_of_its_open_orders_that_nobody_asks_about() {
    let shop = shop_at("jubao", &[]).await;
    control(&shop).fault(Scope::Create, Fault::DropAfter).await.unwrap();
    let lost = shop.run(&["sale", "there", "101", "12.50", "--no-wait"]).await;
    assert_eq!((lost.code, &lost.last()["attention"]), (Some(4), &"cannot_be_asked".into()), "{lost:?}");
    let removed = shop.run(&["account", "remove", "there"]).await;
    assert_eq!((removed.code, &removed.last()["retired"]), (Some(0), &true.into()), "{removed:?}");
    assert!(removed.err.contains("cannot be asked about: 1."), "{removed:?}");
}

#[tokio::test]
async fn a_lost_jubao_order_is_named_by_its_right_number_and_by_no_other() {
    let shop = shop_at("jubao", &[]).await;
    let sale = ["sale", "there", "101", "12.50", "--no-wait"];
    control(&shop).fault(Scope::Create, Fault::DropAfter).await.unwrap();
    let lost = shop.run(&sale).await;
    let no = order_no(&lost).to_owned();
    assert_eq!((lost.code, &lost.last()["state"]), (Some(4), &"create_unknown".into()), "{lost:?}");
    assert_eq!((&lost.last()["attention"], &lost.last()["qr"]), (&"cannot_be_asked".into(), &Value::Null));
    let other = shop.run(&sale).await;
    assert_eq!(other.code, Some(0), "another order may be made at once: {other:?}");
    assert!(other.last()["gateway_no"].is_string());
    let asked = shop.run(&["order", "query", &no]).await;
    assert_eq!((asked.code, &asked.last()["state"]), (Some(4), &"create_unknown".into()), "{asked:?}");

    let before = shop.run(&["order", "show", &no]).await.lines;
    let events = shop.run(&["journal", "list"]).await.lines.len();
    let adopt = async |number: &str| shop.run(&["order", "adopt", &no, "--gateway-no", number]).await;
    for nothing in ["", " "] {
        let empty = adopt(nothing).await;
        assert_eq!((empty.code, empty.refusal()), (Some(2), "value_empty"), "{empty:?}");
    }
    let wrong = adopt("20202020202020202020").await;
    assert_eq!((wrong.code, wrong.refusal()), (Some(4), "not_confirmed"), "{wrong:?}");
    let anothers = adopt(other.last()["gateway_no"].as_str().unwrap()).await;
    assert_eq!((anothers.code, anothers.refusal()), (Some(2), "number_of_another"), "{anothers:?}");
    assert_eq!(shop.run(&["order", "show", &no]).await.lines, before);
    assert_eq!(shop.run(&["journal", "list"]).await.lines.len(), events, "nothing changed");

    let right = control(&shop).pay(no.as_str()).await.unwrap().trade.gateway_no;
    let known = shop.run(&["order", "adopt", &no.to_lowercase(), "--gateway-no", &right]).await;
    assert_eq!((known.code, &known.last()["state"]), (Some(0), &"paid".into()), "{known:?}");
    assert_eq!((&known.last()["gateway_no"], &known.last()["attention"]), (&right.clone().into(), &Value::Null));
    is_an_order(&shop, known.last()).await;
    for (arguments, code) in [
        (vec!["order", "adopt", no.as_str(), "--gateway-no", right.as_str()], "number_not_needed"),
        (vec!["order", "adopt", no.as_str()], "bad_request"),
        (vec!["order", "adopt", no.as_str(), "--gateway-no", "1", "--trade-no", "2"], "bad_request"),
        (vec!["order", "adopt", "TK00000000000000000000000000", "--gateway-no", "1"], "unknown_order"),
        (vec!["order", "adopt", "there", "--trade-no", "2"], "adopts_nothing"),
    ] {
        let refused = shop.run(&arguments).await;
        assert_eq!((refused.code, refused.refusal()), (Some(2), code), "{arguments:?}: {refused:?}");
    }
}

#[tokio::test]
async fn whoever_closes_an_order_in_doubt_is_told_that_nothing_ends_it_and_what_of_the_money() {
    let shop = shop_at("blueocean", &["plan.reverse_floor_s=600"]).await;
    let in_doubt = async |no: &str| {
        let asked = shop.run(&["order", "query", no]).await;
        assert_eq!((asked.code, &asked.last()["state"]), (Some(4), &"disputed".into()), "{asked:?}");
        let close = people(&shop, &["order", "close", no]).await;
        assert_eq!(close.code, Some(4), "{close:?}");
        assert!(close.err.contains("the gateway is not asked to end it"), "{close:?}");
        assert!(!close.err.contains("lets it be ended in"), "{close:?}");
        close.err
    };
    let sale = ["sale", "outside", "wechat.scan", "12.50", "--no-wait"];
    let paid = shop.run(&sale).await;
    control(&shop).pay(order_no(&paid)).await.unwrap();
    assert_eq!(shop.run(&["order", "query", order_no(&paid)]).await.last()["state"], "paid");
    control(&shop).set_state(order_no(&paid), TradeState::Closed).await.unwrap();
    assert!(in_doubt(order_no(&paid)).await.contains("It was booked as paid"));

    let by_screen = shop.run(&sale).await;
    let code = mint(&shop, Manner::Confirm).await;
    let by_code = scan(&shop, "there", "micropay", &code, &["--no-wait"]).await;
    control(&shop).fault_times(Scope::Query, 10_000, Fault::WrongAmount).await.unwrap();
    for (order, money) in [
        (&by_screen, "the customer may have paid, or may yet pay"),
        (&by_code, "the customer may have been charged, or may yet be. Do not scan another payment code."),
    ] {
        control(&shop).pay(order_no(order)).await.unwrap();
        let said = in_doubt(order_no(order)).await;
        assert!(said.contains(money) && said.contains("after one that says unpaid"), "{said}");
    }
    let received = control(&shop).received(0).await.unwrap();
    let ends = |operation| matches!(operation, Operation::Close | Operation::Reverse);
    assert!(!received.iter().any(|request| ends(request.operation)), "{received:?}");
}

#[tokio::test]
async fn a_lost_order_that_nothing_closes_is_not_said_to_close_by_itself() {
    let shop = shop_at("jubao", &[]).await;
    control(&shop).fault(Scope::Create, Fault::DropAfter).await.unwrap();
    let lost = people(&shop, &["sale", "there", "101", "12.50", "--no-wait"]).await;
    let told = format!("{}{}", lost.out, lost.err);
    assert!(!told.contains("closed by itself") && !told.contains("code was lost"), "{told}");
    let no = lost.out.split_whitespace().find(|word| word.starts_with("TK")).unwrap();
    let number = control(&shop).trade(no).await.unwrap().trade.gateway_no;
    let known = people(&shop, &["order", "adopt", no, "--gateway-no", &number]).await;
    let shown = people(&shop, &["order", "show", no]).await;
    for told in [format!("{}{}", known.out, known.err), format!("{}{}", shown.out, shown.err)] {
        assert_eq!(told.matches("The code was lost").count(), 1, "{told}");
        assert!(told.contains("ends here as expired") && !told.contains("closed by itself"), "{told}");
    }
}

#[tokio::test]
async fn an_order_that_jubao_refused_is_told_as_refused_and_never_as_one_that_is_asked_about() {
    let shop = shop_at("jubao", &[]).await;
    let sale = ["sale", "there", "101", "12.50", "--no-wait"];
    let refuse = async || {
        let fault = Fault::Code { code: 4004, msg: "拒绝".into(), processed: false };
        control(&shop).fault(Scope::Create, fault).await.unwrap();
    };
    let right = |told: &str| {
        let promised = ["asked about until", "Wait for", "ell again"].iter().any(|words| told.contains(words));
        told.matches("The gateway refused this order").count() == 1 && !promised
    };
    refuse().await;
    let sold = people(&shop, &sale).await;
    assert_eq!(sold.code, Some(4), "{sold:?}");
    let no = sold.out.split_whitespace().find(|word| word.starts_with("TK")).unwrap();
    let asked = people(&shop, &["order", "query", no]).await;
    let shown = people(&shop, &["order", "show", no]).await;
    for told in [&sold, &asked, &shown] {
        let told = format!("{}{}", told.out, told.err);
        assert!(right(&told) && told.contains("cannot be asked about"), "{told}");
    }
    refuse().await;
    let sold = shop.run(&sale).await;
    assert!(right(&sold.err), "{sold:?}");
    assert_eq!(sold.last()["attentions"], serde_json::json!(["cannot_be_asked"]));
}

#[tokio::test]
async fn a_payment_code_that_was_declined_is_told_as_that_with_what_the_gateway_said() {
    let shop = shop_at("blueocean", &["plan.reverse_floor_s=600"]).await;
    let code = mint(&shop, Manner::Refused).await;
    let sold = scan(&shop, "there", "micropay", &code, &["--no-wait"]).await;
    let no = order_no(&sold);
    let asked = shop.run(&["order", "query", no]).await;
    assert_eq!(asked.last()["state"], "awaiting_payment", "{asked:?}");
    for (command, quotes) in [("query", false), ("show", true)] {
        let told = people(&shop, &["order", command, no]).await.out;
        assert!(told.contains("The payment did not go through"), "{told}");
        assert!(told.contains("余额不足") || !quotes, "the journal knows what the create was answered: {told}");
        assert!(!told.contains("has to confirm"), "{told}");
    }
}

/// A customer orders for 12.50 at the speaker.
async fn order_by_voice(shop: &Shop) -> Trade {
    let line = |id: &str, quantity, amount| Item { item_id: id.into(), quantity, amount };
    control(shop).voice_order(None, &[line("tea", 2, 1000), line("sku:7", 1, 250)]).await.unwrap().trade
}

#[tokio::test]
async fn orders_of_a_speaker_are_taken_in_by_either_number_with_lines_that_add_up() {
    let shop = shop_at("dingdang", &[]).await;
    let sale = shop.run(&["sale", "there", "voice", "12.50"]).await;
    assert_eq!((sale.code, sale.refusal()), (Some(2), "gateway_cannot"), "{sale:?}");
    let next = sale.last()["error"]["next"].as_str().unwrap();
    assert!(next.contains("order adopt") && !next.contains("micro_reverse"), "only what helps a sale: {next}");
    let spoken = order_by_voice(&shop).await;
    let by = |option: &'static str, number: &str, items: &[&str]| {
        let items = items.iter().flat_map(|item| ["--item".to_owned(), (*item).to_owned()]);
        let named = ["order", "adopt", "there", option, number].map(str::to_owned);
        named.into_iter().chain(items).collect::<Vec<_>>()
    };
    let adopt =
        async |arguments: Vec<String>| shop.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let wrong = adopt(by("--trade-no", &spoken.order_no, &["tea:2:10.00", "sku:7:1:2.51"])).await;
    assert_eq!((wrong.code, wrong.refusal()), (Some(2), "lines_do_not_add_up"), "{wrong:?}");
    let nobody = adopt(by("--trade-no", "V404", &[])).await;
    assert_eq!((nobody.code, nobody.refusal()), (Some(4), "not_confirmed"), "{nobody:?}");
    assert!(nobody.last()["error"]["message"].as_str().unwrap().contains("no such order"), "{nobody:?}");
    for item in ["tea", "tea:0:1", "tea:2:1,0", ":1:1"] {
        let refused = adopt(by("--trade-no", &spoken.order_no, &[item])).await;
        assert_eq!((refused.code, refused.refusal()), (Some(2), "bad_request"), "{item}: {refused:?}");
    }
    assert_eq!(shop.open_orders().await, Vec::<Value>::new());

    let adopted = adopt(by("--transaction-id", &spoken.gateway_no, &["tea:2:10", "sku:7:1:2.50"])).await;
    let order = adopted.last();
    assert_eq!((adopted.code, &order["state"]), (Some(0), &"awaiting_payment".into()), "{adopted:?}");
    assert_eq!((&order["order_no"], &order["gateway_no"]), (&json!(spoken.order_no), &json!(spoken.gateway_no)));
    let lines = json!([
        { "id": "tea", "quantity": 2, "amount_minor": 1000 },
        { "id": "sku:7", "quantity": 1, "amount_minor": 250 },
    ]);
    assert_eq!((&order["items"], &order["amount"], &order["channel"]), (&lines, &"12.50".into(), &"voice".into()));
    is_an_order(&shop, order).await;
    let again = adopt(by("--trade-no", &spoken.order_no, &[])).await;
    assert_eq!((again.code, &again.last()["order_no"]), (Some(0), &order["order_no"]), "{again:?}");
    assert_eq!(shop.run(&["order", "list"]).await.lines.iter().filter(|line| line["account"] == "there").count(), 1);
    let shown = people(&shop, &["order", "show", &spoken.order_no]).await;
    assert!(shown.out.contains("tea:2:10.00\n") && shown.out.contains("sku:7:1:2.50\n"), "{shown:?}");
    control(&shop).pay(spoken.order_no.as_str()).await.unwrap();
    let paid = shop.run(&["order", "query", &spoken.order_no]).await;
    assert_eq!(
        (paid.code, &paid.last()["state"], &paid.last()["items"]),
        (Some(0), &"paid".into(), &lines),
        "{paid:?}"
    );

    let failed = order_by_voice(&shop).await;
    control(&shop).decline(failed.order_no.as_str()).await.unwrap();
    let failed = adopt(by("--trade-no", &failed.order_no, &[])).await;
    assert_eq!((failed.code, &failed.last()["state"]), (Some(0), &"failed".into()), "{failed:?}");
}

#[tokio::test]
async fn a_key_in_either_form_of_pem_is_taken_whole_and_a_wrong_clock_is_named_in_seconds() {
    let shop = shop_at("dingdang", &["unsigned_replies=refuse"]).await;
    let announced = shop.stage.sandbox.announcement();
    let pem = announced["gateways"]["dingdang"]["credentials"]["skill_private_key"].as_str().unwrap();
    let traditional = openssl(&["rsa", "-traditional"], pem);
    assert!(traditional.starts_with("-----BEGIN RSA PRIVATE KEY-----"));
    for pem in [pem, traditional.trim()] {
        assert_eq!(secret(&shop, "skill_private_key", pem).await.code, Some(0));
        let spoken = order_by_voice(&shop).await;
        let adopted = shop.run(&["order", "adopt", "there", "--trade-no", &spoken.order_no]).await;
        assert_eq!(adopted.code, Some(0), "{adopted:?}");
    }
    let bad = secret(&shop, "skill_private_key", "MIIEpAIBAAKCAQEA").await;
    assert_eq!((bad.code, bad.refusal()), (Some(2), "secret_unusable"), "{bad:?}");
    assert!(bad.last()["error"]["message"].as_str().unwrap().contains("not a whole private key of PKCS#1"), "{bad:?}");
    let check = shop.run(&["account", "check", "there"]).await;
    assert_eq!((check.code, &check.last()["well"]), (Some(0), &true.into()), "{check:?}");

    let spoken = order_by_voice(&shop).await;
    let arguments = ["order", "adopt", "there", "--trade-no", &spoken.order_no];
    // The two that were taken in are asked about at every launch: their questions meet the fault, too.
    control(&shop).fault_times(Scope::Query, 50, Fault::MissingSignature).await.unwrap();
    let unsigned = shop.run(&arguments).await;
    assert_eq!((unsigned.code, unsigned.refusal()), (Some(4), "not_verified"), "{unsigned:?}");
    let error = &unsigned.last()["error"];
    assert_eq!(error["message"], "The gateway did not confirm it: The answer was not signed.");
    assert!(!error["next"].as_str().unwrap().contains("number"), "the number is not the cause: {error}");
    let told = people(&shop, &arguments).await;
    assert!(told.err.contains(" account check there\n"), "the account is named: {told:?}");
    control(&shop).clear_faults().await.unwrap();
    control(&shop).skew(-600).await.unwrap();
    let adopted = shop.run(&arguments).await;
    assert_eq!(adopted.code, Some(0), "the question that the clock spoiled is put once more: {adopted:?}");
    let check = shop.run(&["account", "check", "there"]).await;
    assert_eq!((check.code, &check.last()["well"]), (Some(4), &false.into()), "{check:?}");
    let told = people(&shop, &["account", "check", "there"]).await.out;
    assert!(told.contains(" s behind") && told.contains("clocks of this computer and of the gateway"), "{told}");
    assert!(!told.contains("address and key"), "{told}");
    let ahead: i64 = check.last()["facts"]["gateway_ahead_s"].as_str().unwrap().parse().unwrap();
    assert!((-610..=-590).contains(&ahead), "{check:?}");
}

#[tokio::test]
async fn replies_of_which_only_signed_ones_count_need_the_key_that_they_are_checked_with() {
    let shop = shop_at("dingdang", &["unsigned_replies=refuse"]).await;
    let spoken = order_by_voice(&shop).await;
    let set = shop.run(&["account", "set", "there", "--set", "tsk_public_key="]).await;
    assert_eq!((set.code, &set.last()["missing"]), (Some(0), &json!(["tsk_public_key"])), "{set:?}");
    let adopt = ["order", "adopt", "there", "--trade-no", &spoken.order_no];
    for arguments in [&["account", "check", "there"][..], &adopt] {
        let refused = shop.run(arguments).await;
        assert_eq!(refused.refusal(), "account_incomplete", "{refused:?}");
        let error = &refused.last()["error"];
        assert!(error.to_string().contains("tsk_public_key"), "{error}");
        assert!(!error.to_string().contains("not signed"), "{error}");
    }
    let accepting = shop.run(&["account", "set", "there", "--set", "unsigned_replies=accept"]).await;
    assert_eq!(accepting.last()["missing"], json!([]), "{accepting:?}");
    assert_eq!(shop.run(&adopt).await.code, Some(0));
}

fn openssl(arguments: &[&str], input: &str) -> String {
    use std::io::Write;
    let mut command = Command::new("openssl");
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().expect("openssl is installed");
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "openssl {arguments:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn channels_tell_what_each_takes_and_an_account_has_those_that_it_can_offer() {
    let shop = shop_at("jubao", &["channels=304"]).await;
    let all = shop.run(&["channels"]).await;
    assert_eq!(all.code, Some(0));
    let expected = BTreeSet::from([
        "gateway",
        "account",
        "channel",
        "wallet",
        "label",
        "presented",
        "limit",
        "limit_minor",
        "note",
        "page_note",
        "fields",
    ]);
    for line in &all.lines {
        assert_eq!(names(line), expected);
        assert_eq!(line["account"], Value::Null);
        for field in line["fields"].as_array().unwrap() {
            assert_eq!(names(field), BTreeSet::from(["name", "label", "kind", "required", "either", "max_chars"]));
        }
    }
    let of = |ran: &Ran, gateway: &str, presented: &str| -> Vec<String> {
        let lines = ran.lines.iter().filter(|line| line["gateway"] == gateway && line["presented"] == presented);
        lines.map(|line| line["channel"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(of(&all, "pooul", "consumer"), ["wechat.micro", "alipay.micro", "qq.micro"]);
    assert_eq!(of(&all, "blueocean", "consumer"), ["micropay"]);
    assert_eq!(of(&all, "blueocean", "merchant").len(), 10);
    assert_eq!(of(&all, "jubao", "merchant"), ["101", "201", "other"]);
    assert_eq!(of(&all, "dingdang", "elsewhere"), ["voice"]);
    let registered = till_core::gateway::REGISTRY.iter().map(|gateway| gateway.descriptor().channels.len());
    assert_eq!(all.lines.len(), registered.sum::<usize>());
    let there = shop.run(&["channels", "there"]).await;
    assert_eq!(of(&there, "jubao", "merchant"), ["101", "201", "other"]);
    assert!(there.lines.iter().all(|line| line["account"] == "there"));
    let odd = people(&shop, &["account", "set", "there", "--set", "channels=304,abc,x"]).await;
    assert!(odd.code == Some(2) && odd.err.contains("“abc” in “channels” is not a number"), "{odd:?}");
    assert_eq!(of(&shop.run(&["channels", "there"]).await, "jubao", "merchant"), ["101", "201", "other"]);
    assert_eq!(shop.run(&["account", "set", "there", "--set", "channels="]).await.code, Some(0));
    assert_eq!(of(&shop.run(&["channels", "there"]).await, "jubao", "merchant"), ["101", "201"]);
    let sale = shop.run(&["sale", "there", "other", "1", "--set", "pay_channel_id=304"]).await;
    assert_eq!((sale.code, sale.refusal()), (Some(2), "unknown_channel"), "{sale:?}");
    let nobody = shop.run(&["channels", "nobody"]).await;
    assert_eq!((nobody.code, nobody.refusal()), (Some(2), "unknown_account"));
}

#[tokio::test]
async fn a_check_tells_what_a_signed_error_proves_and_where_nothing_was_signed() {
    let voice = shop_at("dingdang", &[]).await;
    let check = ["account", "check", "there"];
    let fresh = voice.run(&check).await;
    assert_eq!((fresh.code, &fresh.last()["well"]), (Some(0), &true.into()), "{fresh:?}");
    let facts = &fresh.last()["facts"];
    assert_eq!((&facts["signature"], &facts["not_proven"]), (&"verified".into(), &"own_signature".into()), "{fresh:?}");
    control(&voice).skew(400).await.unwrap();
    let late = voice.run(&check).await;
    assert_eq!((late.code, &late.last()["well"]), (Some(4), &false.into()), "{late:?}");
    assert_eq!(late.last()["facts"]["signature"], "stale", "{late:?}");
    let off: i64 = late.last()["facts"]["signed_off_s"].as_str().unwrap().parse().unwrap();
    assert!((390..=410).contains(&off), "{late:?}");

    let counter = Shop::open().await;
    let check = ["account", "check", "outside"];
    let fresh = counter.run(&check).await;
    assert_eq!((fresh.code, &fresh.last()["facts"]["signature"]), (Some(0), &"unsigned".into()), "{fresh:?}");
    let sold = counter.run(&["sale", "outside", "wechat.scan", "12.50", "--no-wait"]).await;
    assert_eq!(sold.code, Some(0), "{sold:?}");
    let known = counter.run(&check).await;
    assert_eq!((known.code, &known.last()["facts"]["signature"]), (Some(0), &"verified".into()), "{known:?}");
}

#[tokio::test]
async fn a_check_without_the_gateways_public_key_says_that_it_is_missing() {
    let shop = shop_at("dingdang", &[]).await;
    let taken_out = shop.run(&["account", "set", "there", "--set", "tsk_public_key="]).await;
    assert_eq!(taken_out.code, Some(0), "{taken_out:?}");
    let check = ["account", "check", "there"];
    let found = shop.run(&check).await;
    assert_eq!((found.code, &found.last()["facts"]["signature"]), (Some(4), &"unchecked".into()), "{found:?}");
    let told = people(&shop, &check).await;
    assert!(told.out.contains("nobody can tell") && told.out.contains("Fill the gateway's public key in"), "{told:?}");
    assert!(!told.out.contains("address and key"), "{told:?}");
}

#[tokio::test]
async fn a_usage_error_is_said_in_the_language_that_was_asked_for() {
    let shop = Shop::open().await;
    for (arguments, words) in [(&["--lang", "zh-HK", "sale"][..], "未能理解"), (&["sale", "--lang=en"], "The input")]
    {
        let refused = shop.run(arguments).await;
        assert_eq!((refused.code, refused.refusal()), (Some(2), "bad_request"), "{refused:?}");
        assert!(refused.last()["error"]["message"].as_str().unwrap().contains(words), "{refused:?}");
    }
}

#[tokio::test]
async fn a_check_says_whether_the_key_is_right_and_which_reading_of_the_signature_matched() {
    for (gateway, channel, readings) in [
        ("blueocean", "wechat.qrcode", [(false, "with_empty"), (true, "without_empty")]),
        ("jubao", "101", [(false, "encoded_twice"), (true, "encoded_twice")]),
    ] {
        let shop = shop_at(gateway, &[]).await;
        control(&shop).jubao_signs(true).await.unwrap();
        let check = ["account", "check", "there"];
        let fresh = shop.run(&check).await;
        assert_eq!((fresh.code, &fresh.last()["well"]), (Some(0), &true.into()), "{gateway}: {fresh:?}");
        assert_eq!(names(fresh.last()), BTreeSet::from(["what", "well", "facts", "fault"]));
        assert_eq!((&fresh.last()["what"], &fresh.last()["facts"]["code"]), (&"gateway:there".into(), &"40102".into()));
        let number = |ran: &Ran, fact: &str| ran.last()["facts"][fact].as_str().unwrap().parse::<i64>().unwrap();
        assert!((0..10_000).contains(&number(&fresh, "latency_ms")) && number(&fresh, "gateway_ahead_s").abs() <= 5);

        // A text whose letters are encoded tells apart the ways to sign it.
        let sold = shop.run(&["sale", "there", channel, "12.50", "--body", "茶", "--no-wait"]).await;
        assert_eq!(sold.code, Some(0), "{sold:?}");
        for (empties_unsigned, reading) in readings {
            control(&shop).dialect(Dialect { empties_unsigned, ..Dialect::default() }).await.unwrap();
            let known = shop.run(&check).await;
            assert_eq!((known.code, &known.last()["facts"]["signature"]), (Some(0), &reading.into()), "{known:?}");
        }
        let before = shop.run(&["order", "show", order_no(&sold)]).await.lines;
        assert_eq!(before[0]["state"], "awaiting_payment", "a check changes no order");

        assert_eq!(secret(&shop, "key", "the key of somebody else").await.code, Some(0));
        let wrong = shop.run(&check).await;
        assert_eq!((wrong.code, &wrong.last()["well"]), (Some(4), &false.into()), "{wrong:?}");
        assert_eq!(wrong.last()["facts"]["code"], "4004", "{wrong:?}");
    }
}
