//! Selling from a terminal: what is printed and what the process ends with.

use crate::shop::{Running, SALE, Shop, command, run};
use serde_json::Value;
use std::collections::BTreeSet;
use till_engine::transport::{HttpTransport, Timeouts, Transport as _};
use till_sandbox::{Control, Down, Fault, Scope};

/// What design.md section 8 says that an order has.
const FIELDS: [&str; 28] = [
    "order_no",
    "sale",
    "account",
    "channel",
    "amount",
    "amount_minor",
    "currency",
    "state",
    "late",
    "attention",
    "attentions",
    "mark",
    "by_hand",
    "qr",
    "parameters",
    "gateway_no",
    "paid_minor",
    "refunded_minor",
    "refunded_elsewhere",
    "beyond_paid_minor",
    "elsewhere_marked",
    "created_at",
    "expires_at",
    "paid_at",
    "gateway_time",
    "next_query_at",
    "reason",
    "items",
];

fn fields(line: &Value) -> BTreeSet<&str> {
    line.as_object().unwrap().keys().map(String::as_str).collect()
}

#[tokio::test]
async fn a_paid_sale_ends_with_0_and_prints_every_field_of_the_order_at_each_change() {
    let shop = Shop::open().await;
    shop.stage.sandbox.control().auto_pay(Some(400)).await.unwrap();
    let sale = shop.run(&SALE).await;
    assert_eq!(sale.code, Some(0), "{sale:?}");
    let mut states = sale.states();
    states.dedup();
    assert_eq!(states.last(), Some(&"paid"));
    assert!(states.contains(&"awaiting_payment"), "{states:?}");
    let expected: BTreeSet<&str> = FIELDS.into();
    for line in &sale.lines {
        assert_eq!(fields(line), expected);
    }
    let shown = sale.lines.iter().find(|line| line["state"] == "awaiting_payment").unwrap();
    assert!(shown["qr"].as_str().is_some_and(|qr| qr.contains("/phone/")), "{shown}");
    let paid = sale.last();
    assert_eq!(
        (&paid["amount"], &paid["amount_minor"], &paid["paid_minor"]),
        (&"12.50".into(), &1250.into(), &1250.into())
    );
    assert_eq!(paid["mark"], "training");
    let listed = shop.run(&["order", "list"]).await;
    assert_eq!(listed.last(), paid);
    let mut shown = shop.run(&["order", "show", paid["order_no"].as_str().unwrap()]).await.last().clone();
    for none in ["refunds", "paid_beside"] {
        assert_eq!(shown.as_object_mut().unwrap().remove(none), Some(Value::Array(Vec::new())));
    }
    for beside in ["paid_beside_fault", "create_trouble", "said"] {
        assert_eq!(shown.as_object_mut().unwrap().remove(beside), Some(Value::Null));
    }
    assert_eq!(&shown, paid);
}

#[tokio::test]
async fn an_order_is_shown_with_what_of_it_went_back() {
    let shop = Shop::open().await;
    shop.stage.sandbox.control().auto_pay(Some(0)).await.unwrap();
    shop.stage.sandbox.control().auto_refund(Some(0)).await.unwrap();
    let sale = shop.run(&SALE).await;
    let no = sale.last()["order_no"].as_str().unwrap();
    for amount in ["2.50", "10"] {
        let given = shop.run(&["refund", no, amount, "--reason", "wrong size"]).await;
        assert_eq!((given.code, &given.last()["state"]), (Some(0), &"succeeded".into()), "{given:?}");
        let shown = shop.run(&["order", "show", no]).await;
        let mut told = given.last().clone();
        // Only a running till knows that.
        told["can_send_again"] = Value::Null;
        assert_eq!(shown.last()["refunds"].as_array().unwrap().last(), Some(&told));
    }
    let shown = shop.run(&["order", "show", no]).await;
    assert_eq!((&shown.last()["refunded_minor"], shown.last()["refunds"].as_array().unwrap().len()), (&1250.into(), 2));
}

#[tokio::test]
async fn a_refund_of_more_than_can_be_counted_is_told_what_can_still_go_back() {
    let shop = Shop::open().await;
    shop.stage.sandbox.control().auto_pay(Some(0)).await.unwrap();
    let sale = shop.run(&SALE).await;
    let no = sale.last()["order_no"].as_str().unwrap();
    for amount in ["12.51", "99999999999999999999"] {
        let refused = shop.run(&["refund", no, amount, "--reason", "wrong size"]).await;
        assert_eq!((refused.code, refused.refusal()), (Some(2), "refund_over_ceiling"), "{refused:?}");
        assert!(refused.last()["error"]["message"].as_str().unwrap().contains("At most 12.50"), "{refused:?}");
    }
}

#[tokio::test]
async fn an_amount_without_a_digit_in_it_gives_nothing_back() {
    let shop = Shop::open().await;
    shop.stage.sandbox.control().auto_pay(Some(0)).await.unwrap();
    let sale = shop.run(&SALE).await;
    let no = sale.last()["order_no"].as_str().unwrap();
    for amount in ["", "  "] {
        let given = shop.run(&["refund", no, amount, "--reason", "wrong size"]).await;
        assert!(
            given.code == Some(2) && given.err.contains("amount_empty") | given.out.contains("amount_empty"),
            "{given:?}"
        );
    }
    let shown = shop.run(&["order", "show", no]).await;
    assert_eq!(shown.last()["refunds"].as_array().map(Vec::len), Some(0));
}

#[tokio::test]
async fn a_sale_that_is_closed_elsewhere_ends_with_3_and_the_closing_with_0() {
    let shop = Shop::open().await;
    let mut sale = shop.start(&SALE);
    let open = sale.until("awaiting_payment").await;
    let close = shop.run(&["order", "close", open["order_no"].as_str().unwrap()]).await;
    assert_eq!((close.code, &close.last()["state"]), (Some(0), &"closed".into()), "{close:?}");
    let closed = sale.until("closed").await;
    assert!(closed["qr"].is_null());
    assert_eq!(sale.ends_with().await, Some(3));
    let again = shop.run(&["order", "close", open["order_no"].as_str().unwrap()]).await;
    assert_eq!(
        (again.code, &again.last()["state"]),
        (Some(0), &"closed".into()),
        "closed is what it was to be: {again:?}"
    );
    assert!(again.err.contains("has ended; there is nothing to close"), "{again:?}");
}

#[tokio::test]
async fn closing_what_ended_otherwise_ends_with_3() {
    let shop = Shop::open().await;
    shop.stage.sandbox.control().auto_pay(Some(0)).await.unwrap();
    let paid = shop.run(&SALE).await;
    let close = shop.run(&["order", "close", paid.last()["order_no"].as_str().unwrap()]).await;
    assert_eq!((close.code, close.refusal()), (Some(3), "order_ended"), "{close:?}");
}

#[tokio::test]
async fn a_field_that_is_set_twice_is_refused_and_nothing_is_made_of_either_value() {
    let shop = Shop::open().await;
    let twice = |name: &str| ["--set".to_owned(), format!("{name}=1"), "--set".to_owned(), format!("{name}=2")];
    for (command, field) in [
        (&["account", "add", "pooul", "other"][..], "merchant_id"),
        (&["account", "set", "outside"][..], "plan.poll_ms"),
        (&["sale", "outside", "alipay.jsapi", "1"][..], "buyer_id"),
    ] {
        let set = twice(field);
        let arguments: Vec<&str> = command.iter().copied().chain(set.iter().map(String::as_str)).collect();
        let refused = shop.run(&arguments).await;
        assert_eq!((refused.code, refused.refusal()), (Some(2), "bad_request"), "{refused:?}");
        let message = refused.last()["error"]["message"].as_str().unwrap();
        assert!(message.contains(&format!("--set gives “{field}” more than one value")), "{message}");
    }
    assert!(shop.stage.sandbox.control().creates().await.unwrap().is_empty());
    let accounts = shop.run(&["account", "list"]).await;
    assert!(accounts.lines.iter().all(|account| account["name"] != "other"), "{accounts:?}");
    let outside = accounts.lines.iter().find(|account| account["name"] == "outside").unwrap();
    assert_eq!(outside["fields"]["plan.poll_ms"], "100", "{outside}");
}

#[tokio::test]
async fn an_address_with_a_port_that_there_cannot_be_is_refused_when_it_is_entered() {
    let shop = Shop::open().await;
    let address = "https://gateway.example.com:65536";
    for command in [&["account", "add", "pooul", "far"][..], &["account", "set", "outside"]] {
        let refused = shop.run(&[command, &["--base-url", address]].concat()).await;
        assert_eq!((refused.code, refused.refusal()), (Some(2), "bad_address"), "{refused:?}");
    }
    let accounts = shop.run(&["account", "list"]).await;
    let kept = |account: &Value| account["base_url"] != address && account["name"] != "far";
    assert!(accounts.lines.iter().all(kept), "{accounts:?}");
}

#[tokio::test]
async fn a_create_that_is_never_answered_ends_with_4_and_the_order_stays_in_sight() {
    let shop = Shop::open().await;
    shop.stage.sandbox.control().down(Down::Refuse).await.unwrap();
    let sale = shop.run(&[&SALE[..], &["--no-wait"]].concat()).await;
    assert_eq!((sale.code, &sale.last()["state"]), (Some(4), &"create_unknown".into()), "{sale:?}");
    let open = shop.open_orders().await;
    assert_eq!(open.len(), 1);
    let asked = shop.run(&["order", "query", open[0]["order_no"].as_str().unwrap()]).await;
    assert_eq!(asked.code, Some(4), "the gateway is still away: {asked:?}");
}

#[tokio::test]
async fn a_terminal_says_that_a_code_was_lost_or_never_came_and_that_nobody_can_pay() {
    let shop = Shop::open().await;
    let none = shop.run(&["sale", "outside", "qq.jsapi", "1.00"]).await;
    assert_eq!(none.code, Some(3), "{none:?}");
    let said = "gave no usable code for it: nobody can pay it";
    assert_eq!((none.err.matches(said).count(), none.err.contains("lost")), (1, false), "{none:?}");
    shop.stage.sandbox.control().fault(Scope::Create, Fault::DropAfter).await.unwrap();
    let lost = shop.run(&SALE).await;
    assert_eq!(lost.code, Some(3), "{lost:?}");
    assert_eq!(lost.err.matches("The code was lost: nobody can pay this order").count(), 1, "{lost:?}");

    let people = async |arguments: &[&str]| {
        let mut command = crate::shop::bare(shop.data.path());
        command.arg("--training").args(arguments);
        let ran = crate::shop::run(command).await;
        format!("{}{}", ran.out, ran.err)
    };
    let none = people(&["sale", "outside", "qq.jsapi", "1.00", "--no-wait"]).await;
    assert_eq!((none.matches(said).count(), none.contains("lost")), (1, false), "{none}");
    let number = none.split_whitespace().find(|word| word.starts_with("TK")).unwrap();
    let shown = people(&["order", "show", number]).await;
    assert_eq!((shown.matches(said).count(), shown.contains("lost")), (1, false), "{shown}");
    shop.stage.sandbox.control().fault(Scope::Create, Fault::DropAfter).await.unwrap();
    let lost = people(&SALE).await;
    assert_eq!((lost.matches("The code was lost").count(), lost.contains(said)), (1, false), "{lost}");
}

#[tokio::test]
async fn one_of_several_fields_is_asked_for_as_one_of_them() {
    let shop = Shop::open().await;
    let refused = shop.run(&["sale", "outside", "alipay.jsapi", "1"]).await;
    assert_eq!((refused.code, refused.refusal()), (Some(2), "channel_one_of_missing"), "{refused:?}");
    let message = refused.last()["error"]["message"].as_str().unwrap();
    assert_eq!(message, "This channel needs one of buyer_id / buyer_logon_id.");
    let mut people = crate::shop::bare(shop.data.path());
    people.args(["--training", "channels", "outside"]);
    let listed = crate::shop::run(people).await;
    let line = listed.out.lines().find(|line| line.contains("alipay.jsapi")).unwrap();
    let either = "  buyer_id=Buyer's Alipay user ID | buyer_logon_id=Buyer's Alipay account  goods_tag?=";
    assert!(line.contains(either), "{line}");
}

#[tokio::test]
async fn a_field_that_takes_a_choice_is_listed_and_refused_with_what_it_takes() {
    let shop = Shop::open().await;
    let mut people = crate::shop::bare(shop.data.path());
    people.args(["--training", "channels", "outside"]);
    let listed = crate::shop::run(people).await;
    let line = listed.out.lines().find(|line| line.contains("alipay.jsapi")).unwrap();
    assert!(line.contains("settle_type?=Same-day settlement (D0) [yes|no]"), "{line}");
    assert!(line.contains("limit_pay?=Ban credit cards (1 ban, 0 allow) [0|1]"), "{line}");
    for (field, value, takes) in [("settle_type", "D0", "yes / no"), ("limit_pay", "2", "0 / 1")] {
        let set = format!("{field}={value}");
        let sale = ["sale", "outside", "alipay.jsapi", "1", "--set", "buyer_id=2088", "--set", &set];
        let refused = shop.run(&sale).await;
        assert_eq!((refused.code, refused.refusal()), (Some(2), "channel_field_choice"), "{refused:?}");
        let expected = format!("“{field}” takes one of these: {takes}.");
        assert_eq!(refused.last()["error"]["message"].as_str(), Some(expected.as_str()));
    }
}

#[tokio::test]
async fn no_wait_ends_with_0_as_soon_as_the_code_is_known() {
    let shop = Shop::open().await;
    let sale = shop.run(&[&SALE[..], &["--no-wait"]].concat()).await;
    assert_eq!((sale.code, &sale.last()["state"]), (Some(0), &"awaiting_payment".into()), "{sale:?}");
    assert!(sale.last()["qr"].is_string());
    assert!(sale.err.contains("first have serve or a window run"), "this command's page is gone: {sale:?}");
    shop.stage.sandbox.control().pay(None).await.unwrap();
    let asked = shop.run(&["order", "query", sale.last()["order_no"].as_str().unwrap()]).await;
    assert_eq!((asked.code, &asked.last()["state"]), (Some(0), &"paid".into()), "{asked:?}");
}

#[tokio::test]
async fn beside_a_till_that_runs_its_phone_is_named_and_nobody_is_told_to_have_one_run() {
    let shop = Shop::open().await;
    let serve = shop.serve().await;
    let sale = shop.run(&[&SALE[..], &["--no-wait"]].concat()).await;
    assert_eq!(sale.code, Some(0), "{sale:?}");
    assert!(sale.err.contains("/phone in a browser"), "{sale:?}");
    assert!(sale.err.contains("as long as the serve or window that is running"), "{sale:?}");
    assert!(!sale.err.contains("first have serve"), "{sale:?}");
    serve.signal("TERM");
    assert_eq!(serve.ends_with().await, Some(0));
}

#[tokio::test]
async fn ctrl_c_stops_watching_with_4_and_the_next_serve_finishes_the_order() {
    let shop = Shop::open().await;
    let mut sale = shop.start(&SALE);
    let order = sale.until("awaiting_payment").await;
    sale.signal("INT");
    assert_eq!(sale.ends_with().await, Some(4));
    assert_eq!(shop.open_orders().await.len(), 1);
    shop.stage.sandbox.control().pay(None).await.unwrap();
    let mut serve = shop.serve().await;
    assert_eq!(serve.until("paid").await["order_no"], order["order_no"]);
    serve.signal("TERM");
    assert_eq!(serve.ends_with().await, Some(0));
}

#[tokio::test]
async fn serve_says_nothing_of_an_ended_order_that_stays_as_it_was() {
    let shop = Shop::open().await;
    let control = shop.stage.sandbox.control();
    let closed = shop.run(&[&SALE[..], &["--no-wait"]].concat()).await;
    let closed = closed.last()["order_no"].as_str().unwrap().to_owned();
    assert_eq!(shop.run(&["order", "close", &closed]).await.code, Some(0));
    let open = shop.run(&[&SALE[..], &["--no-wait"]].concat()).await;
    let open = open.last()["order_no"].as_str().unwrap().to_owned();
    let before = control.received(0).await.unwrap().last().map_or(0, |request| request.index);
    let mut serve = shop.serve().await;
    // The launch asks for both; then the open one is paid, which is the only news.
    while !control.received(before).await.unwrap().iter().any(|request| request.order_no.as_ref() == Some(&closed)) {
        tokio::task::yield_now().await;
    }
    control.pay(open.as_str()).await.unwrap();
    let first = serve.line().await.expect("a line");
    assert_eq!((&first["order_no"], &first["state"]), (&open.into(), &"paid".into()), "{first}");
    serve.signal("TERM");
    assert_eq!(serve.ends_with().await, Some(0));
}

#[tokio::test]
async fn a_phone_of_the_shops_network_reaches_the_practice_customer_where_the_settings_allow_it() {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().join("training");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("settings.toml"), "[training]\nphone_address = \"127.0.0.2\"\n").unwrap();
    let mut serve = Running::start(command(data.path(), &["serve"]));
    let announced = serve.line().await.expect("the first line");
    let sale = crate::shop::run(command(data.path(), &["sale", "practice", "wechat.scan", "12.50", "--no-wait"])).await;
    let link = sale.last()["qr"].as_str().expect("a code").to_owned();
    assert!(link.starts_with("http://127.0.0.2:"), "{link}");
    let page = HttpTransport::new(Timeouts::default()).unwrap().get(&link).await.unwrap();
    assert_eq!(page.status, 200);
    assert!(String::from_utf8(page.body).unwrap().contains(sale.last()["order_no"].as_str().unwrap()));
    // What is for this computer alone stays there.
    assert!(announced["control"].as_str().unwrap().starts_with("http://127.0.0.1:"), "{announced}");
    serve.signal("TERM");
    assert_eq!(serve.ends_with().await, Some(0));
}

#[tokio::test]
async fn refused_input_ends_with_2_and_says_what_it_means_for_the_money() {
    let shop = Shop::open().await;
    for (arguments, code) in [
        (["sale", "outside", "wechat.scan", "12.505"], "amount_decimals"),
        (["sale", "outside", "wechat.scan", "1,250"], "amount_grouped"),
        (["sale", "outside", "wechat.scan", "-1"], "amount_negative"),
        (["sale", "outside", "wechat.scan", "0"], "amount_zero"),
        (["sale", "outside", "wechat.scan", "1e3"], "amount_not_a_number"),
        (["sale", "outside", "wechat.scan", "00012.50"], "amount_not_a_number"),
        (["sale", "outside", "wechat.scan", "12."], "amount_not_a_number"),
        (["sale", "outside", "wechat.scan", ".5"], "amount_not_a_number"),
        (["sale", "nobody", "wechat.scan", "1"], "unknown_account"),
        (["sale", "outside", "wechat.nothing", "1"], "unknown_channel"),
        (["sale", "outside", "wechat.scan", "--nonsense"], "bad_request"),
        (["order", "list", "--second", "ann"], "bad_request"),
    ] {
        let refused = shop.run(&arguments).await;
        assert_eq!((refused.code, refused.refusal()), (Some(2), code), "{arguments:?}");
        let error = &refused.last()["error"];
        assert_eq!(fields(error), BTreeSet::from(["code", "message", "money", "next"]));
        assert!(error.as_object().unwrap().values().all(|text| !text.as_str().unwrap().is_empty()), "{error}");
    }
    assert!(shop.stage.sandbox.control().creates().await.unwrap().is_empty());
    let refused = shop.run(&["sale", "outside", "wechat.scan", "12."]).await;
    let next = refused.last()["error"]["next"].as_str().unwrap();
    assert!(next.contains("only between digits, no zero in front"), "{next}");
}

#[tokio::test]
async fn a_person_sees_the_code_drawn_and_the_sentences_in_the_language_asked_for() {
    let shop = Shop::open().await;
    shop.stage.sandbox.control().auto_pay(Some(200)).await.unwrap();
    let mut command = crate::shop::bare(shop.data.path());
    command.args(SALE).args(["--training", "--lang", "zh-HK"]);
    let sale = crate::shop::run(command).await;
    assert_eq!(sale.code, Some(0), "{sale:?}");
    assert!(sale.out.contains('▀') && sale.out.contains("已付款") && sale.out.contains("等候付款"), "{}", sale.out);
}

#[tokio::test]
async fn an_order_of_training_goes_on_where_its_stage_has_gone() {
    let data = tempfile::tempdir().unwrap();
    let sale = ["sale", "practice", "wechat.scan", "8.00", "--no-wait"];
    let sold = run(command(data.path(), &sale)).await;
    assert_eq!(sold.code, Some(0), "{sold:?}");
    let order_no = sold.last()["order_no"].as_str().unwrap().to_owned();
    let kept = std::fs::read(data.path().join("training/sandbox.json")).unwrap();
    let port = serde_json::from_slice::<serde_json::Value>(&kept).unwrap()["port"].as_u64().unwrap();
    let taken = std::net::TcpListener::bind(("127.0.0.1", u16::try_from(port).unwrap())).unwrap();
    let mut serve = Running::start(command(data.path(), &["serve"]));
    serve.line().await.expect("it serves");
    serve.child.kill().await.unwrap();
    drop(taken);
    let mut serve = Running::start(command(data.path(), &["serve"]));
    let control = serve.line().await.expect("it serves")["control"].as_str().unwrap().to_owned();
    Control::at(&control).unwrap().pay(&order_no).await.unwrap();
    serve.until("paid").await;
    serve.child.kill().await.unwrap();
}

#[tokio::test]
async fn training_sells_on_where_its_gateways_are_made_anew_while_an_order_is_open() {
    let data = tempfile::tempdir().unwrap();
    let sale = ["sale", "practice", "wechat.scan", "8.00", "--no-wait"];
    let sold = run(command(data.path(), &sale)).await;
    assert_eq!(sold.code, Some(0), "{sold:?}");
    let open = sold.last()["order_no"].as_str().unwrap().to_owned();
    let backup = data.path().join("backup.sqlite").display().to_string();
    let made = run(command(data.path(), &["journal", "backup", &backup])).await;
    assert_eq!(made.code, Some(0), "{made:?}");
    std::fs::remove_file(data.path().join("training/sandbox.json")).unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let restored = run(command(elsewhere.path(), &["journal", "restore", &backup])).await;
    assert_eq!(restored.code, Some(0), "{restored:?}");
    for folder in [data.path(), elsewhere.path()] {
        let sold = run(command(folder, &sale)).await;
        assert_eq!((sold.code, &sold.last()["state"]), (Some(0), &"awaiting_payment".into()), "{sold:?}");
        let listed = run(command(folder, &["order", "list", "--open"])).await;
        let numbers: BTreeSet<&str> = listed.lines.iter().map(|line| line["order_no"].as_str().unwrap()).collect();
        assert_eq!(numbers, BTreeSet::from([open.as_str(), sold.last()["order_no"].as_str().unwrap()]));
        // Merchant and keys are right for the order before, too.
        let mut asked = crate::shop::bare(folder);
        asked.args(["--training", "order", "query", &open]);
        let asked = run(asked).await;
        assert_eq!(asked.code, Some(4), "{asked:?}");
        assert!(asked.err.contains("The gateway says it has no such order."), "{asked:?}");
        for account in ["practice", "practice-jubao", "practice-blueocean", "practice-dingdang"] {
            let checked = run(command(folder, &["account", "check", account])).await;
            assert_eq!(checked.code, Some(0), "{checked:?}");
        }
    }
}
