//! Two processes at one folder.

use crate::shop::{Ran, SALE, Shop, bare, run, run_with};
use serde_json::Value;
use till_sandbox::{Fault, Scope};

#[tokio::test]
async fn a_second_process_hands_its_sale_to_the_engine_that_has_the_folder() {
    let shop = Shop::open().await;
    shop.stage.sandbox.control().auto_pay(Some(300)).await.unwrap();
    let mut serve = shop.serve().await;
    let sale = shop.run(&SALE).await;
    assert_eq!((sale.code, &sale.last()["state"]), (Some(0), &"paid".into()), "{sale:?}");
    let served = serve.until("paid").await;
    assert_eq!(served["order_no"], sale.last()["order_no"], "the engine that was there did it");
    let second = shop.run(&["serve"]).await;
    assert_eq!((second.code, second.refusal()), (Some(5), "till_elsewhere"));
    let said = second.last()["error"]["message"].as_str().unwrap();
    assert!(said.contains("tillkeeper serve"), "{said}");
    serve.signal("TERM");
    assert_eq!(serve.ends_with().await, Some(0));
}

#[tokio::test]
async fn an_engine_that_does_not_answer_is_said_with_5_and_reading_works_beside_it() {
    let shop = Shop::open().await;
    let serve = shop.serve().await;
    let sale = shop.run(&[&SALE[..], &["--no-wait"]].concat()).await;
    assert_eq!(sale.code, Some(0), "{sale:?}");
    serve.signal("STOP");
    let refused = shop.run(&SALE).await;
    assert_eq!((refused.code, refused.refusal()), (Some(5), "till_in_use"), "{refused:?}");
    for reading in [
        &["order", "list"][..],
        &["order", "show", sale.last()["order_no"].as_str().unwrap()],
        &["account", "list"],
        &["journal", "list"],
        &["journal", "verify"],
        &["channels", "outside"],
    ] {
        let read = shop.run(reading).await;
        assert_eq!(read.code, Some(0), "{reading:?}: {read:?}");
        assert!(!read.lines.is_empty(), "{reading:?}");
    }
    serve.signal("CONT");
    serve.signal("TERM");
    assert_eq!(serve.ends_with().await, Some(0));
    assert_eq!(shop.stage.sandbox.control().creates().await.unwrap().len(), 1, "the refused sale was never made");
}

#[tokio::test]
async fn what_came_of_the_questions_about_a_refund_is_shown_as_the_engine_that_runs_knows_it() {
    let shop = Shop::open().await;
    let control = shop.stage.sandbox.control();
    control.auto_pay(Some(0)).await.unwrap();
    let sold = shop.run(&SALE).await;
    let no = sold.last()["order_no"].as_str().unwrap();
    control.fault(Scope::Refund, Fault::DropBefore).await.unwrap();
    let serve = shop.serve().await;
    // It is watched until the gateway says that it does not know it.
    let lost = shop.run(&["refund", no, "2.50", "--reason", "wrong size"]).await;
    assert_eq!((lost.code, &lost.last()["trouble"]["said"]["code"]), (Some(4), &"301".into()), "{lost:?}");
    let shown = shop.run(&["order", "show", no]).await;
    let refund = &shown.last()["refunds"][0];
    assert_eq!((&refund["trouble"], &refund["can_send_again"]), (&lost.last()["trouble"], &true.into()), "{shown:?}");
    let mut people = bare(shop.data.path());
    people.args(["--training", "--lang", "en", "order", "show", no]);
    let said = run(people).await;
    assert!(said.out.contains("The gateway says that it does not know this refund (code 301)."), "{said:?}");
    serve.signal("TERM");
    assert_eq!(serve.ends_with().await, Some(0));
    let shown = shop.run(&["order", "show", no]).await;
    assert_eq!(shown.last()["refunds"][0]["trouble"], Value::Null, "nobody asks");
}

#[tokio::test]
async fn a_refund_whose_outcome_nobody_knows_is_listed_beside_the_engine_that_runs_and_without_one() {
    let shop = Shop::open().await;
    let control = shop.stage.sandbox.control();
    control.auto_pay(Some(0)).await.unwrap();
    let none = shop.run(&["refunds"]).await;
    assert_eq!((none.code, none.lines.len()), (Some(0), 0), "{none:?}");
    let sold = shop.run(&SALE).await;
    let no = sold.last()["order_no"].as_str().unwrap();
    control.fault(Scope::Refund, Fault::DropBefore).await.unwrap();
    let serve = shop.serve().await;
    let lost = shop.run(&["refund", no, "2.50", "--reason", "wrong size"]).await;
    let refund_no = lost.last()["refund_no"].as_str().unwrap();
    assert_eq!((lost.code, &lost.last()["state"]), (Some(4), &"unknown".into()), "{lost:?}");
    let listed = shop.run(&["refunds", "--state", "unknown"]).await;
    assert_eq!((listed.code, listed.lines.len()), (Some(0), 1), "{listed:?}");
    assert_eq!((&listed.last()["refund_no"], &listed.last()["trouble"]), (&refund_no.into(), &lost.last()["trouble"]));
    let mut people = bare(shop.data.path());
    people.args(["--training", "--lang", "en", "refunds", "--open"]);
    let said = run(people).await;
    assert!(said.out.contains(&format!("{no}  {refund_no}")) && said.out.contains("wrong size"), "{said:?}");
    assert!(said.out.contains("The gateway says that it does not know this refund (code 301)."), "{said:?}");
    let kept = shop.run(&["account", "remove", "outside"]).await;
    assert_eq!((kept.code, kept.refusal()), (Some(2), "account_has_open_orders"), "{kept:?}");
    serve.signal("TERM");
    assert_eq!(serve.ends_with().await, Some(0));

    let day = &lost.last()["requested_at"].as_str().unwrap()[..10];
    let (part, other) = (&refund_no[refund_no.len() - 6..], "2020-01-01");
    let filtered: [(&[&str], usize); 15] = [
        (&["--state", "unknown"], 1),
        (&["--state", "succeeded"], 0),
        (&["--state", "succeeded", "--state", "unknown"], 1),
        (&["--by", "owner"], 1),
        (&["--by", " Owner"], 1),
        (&["--by", "店主"], 1),
        (&["--by", "owner", "--state", "failed"], 0),
        (&["--by", "nobody"], 0),
        (&["--number", part], 1),
        (&["--number", no], 1),
        (&["--number", "TRNONE"], 0),
        (&["--amount", "2.5"], 1),
        (&["--amount", "2.51"], 0),
        (&["--from", day, "--to", day], 1),
        (&["--to", other], 0),
    ];
    for (filters, rows) in filtered {
        let listed = shop.run(&[&["refunds"][..], filters].concat()).await;
        assert_eq!((listed.code, listed.lines.len()), (Some(0), rows), "{filters:?}: {listed:?}");
    }
    let reversed = shop.run(&["refunds", "--from", day, "--to", other]).await;
    assert_eq!((reversed.code, reversed.refusal()), (Some(2), "days_reversed"), "{reversed:?}");
    let nobody = shop.run(&["refunds", "--by", "Lin"]).await;
    assert_eq!((nobody.code, nobody.refusal()), (Some(2), "nothing_so_named"), "{nobody:?}");
}

#[tokio::test]
async fn orders_are_listed_by_state_person_day_number_and_amount() {
    let shop = Shop::open().await;
    let none = shop.run(&["order", "list", "--sold-by", "owner"]).await;
    assert_eq!((none.code, none.lines.len()), (Some(0), 0), "{none:?}");
    let first = shop.run(&[&SALE[..], &["--no-wait"]].concat()).await;
    let pin = |input: &'static str, arguments: &[&str]| run_with(shop.command(arguments), input.as_bytes());
    assert_eq!(pin("2580\n", &["operator", "add", "Lin", "--role", "manager"]).await.code, Some(0));
    shop.stage.sandbox.control().auto_pay(Some(0)).await.unwrap();
    let second = pin("2580\n", &["sale", "outside", "wechat.scan", "3.20", "--operator", "Lin"]).await;
    assert_eq!((second.code, &second.last()["state"]), (Some(0), &"paid".into()), "{second:?}");
    let no = |ran: &Ran| ran.last()["order_no"].as_str().unwrap().to_owned();
    let (first, second) = (no(&first), no(&second));
    let day = &shop.run(&["order", "show", &first]).await.last()["created_at"].as_str().unwrap()[..10].to_owned();
    let part = &second[12..22];
    let narrowed: [(&[&str], &[&str]); 14] = [
        (&[], &[&second, &first]),
        (&["--sold-by", "owner"], &[&first]),
        (&["--sold-by", " lin"], &[&second]),
        (&["--sold-by", "Lin", "--state", "paid"], &[&second]),
        (&["--sold-by", "Lin", "--state", "closed"], &[]),
        (&["--sold-by", "gateway"], &[]),
        (&["--state", "paid"], &[&second]),
        (&["--open"], &[&first]),
        (&["--open", "--sold-by", "Lin"], &[]),
        (&["--amount", "3.2"], &[&second]),
        (&["--amount", "3.21"], &[]),
        (&["--number", part], &[&second]),
        (&["--from", day, "--to", day, "--sold-by", "Lin"], &[&second]),
        (&["--to", "2020-01-01"], &[]),
    ];
    for (options, expected) in narrowed {
        let listed = shop.run(&[&["order", "list"][..], options].concat()).await;
        let numbers: Vec<_> = listed.lines.iter().map(|line| line["order_no"].as_str().unwrap()).collect();
        assert_eq!((listed.code, &numbers[..]), (Some(0), expected), "{options:?}: {listed:?}");
    }
    let mut people = bare(shop.data.path());
    people.args(["--training", "--lang", "en", "order", "list", "--amount", "77"]);
    let said = run(people).await;
    assert!(said.err.contains("No order is like that.") || said.out.contains("No order is like that."), "{said:?}");
    let nobody = shop.run(&["order", "list", "--sold-by", "Mei"]).await;
    assert_eq!((nobody.code, nobody.refusal()), (Some(2), "nothing_so_named"), "{nobody:?}");
}

#[tokio::test]
async fn whoever_does_not_wait_for_a_refund_is_told_why_its_outcome_is_not_known_and_who_asks_on() {
    let shop = Shop::open().await;
    let control = shop.stage.sandbox.control();
    control.auto_pay(Some(0)).await.unwrap();
    let sold = shop.run(&SALE).await;
    let no = sold.last()["order_no"].as_str().unwrap();
    control.fault(Scope::Refund, Fault::DropBefore).await.unwrap();
    let serve = shop.serve().await;
    let mut people = bare(shop.data.path());
    people.args(["--training", "--lang", "en", "refund", no, "2.50", "--reason", "wrong size", "--no-wait"]);
    let said = run(people).await;
    assert_eq!(said.code, Some(4), "{said:?}");
    assert!(said.out.contains("Refund unknown") && said.out.contains("the connection broke off"), "{said:?}");
    assert!(said.err.contains("do not give this money back another way"), "{said:?}");
    serve.signal("TERM");
    assert_eq!(serve.ends_with().await, Some(0));
}

#[tokio::test]
async fn a_sale_is_watched_on_when_the_engine_that_made_it_is_killed() {
    let shop = Shop::open().await;
    let mut serve = shop.serve().await;
    let mut sale = shop.start(&SALE);
    let order = sale.until("awaiting_payment").await;
    serve.child.kill().await.unwrap();
    shop.stage.sandbox.control().pay(None).await.unwrap();
    assert_eq!(sale.until("paid").await["order_no"], order["order_no"]);
    assert_eq!(sale.ends_with().await, Some(0));
    let creates = shop.stage.sandbox.control().creates().await.unwrap();
    assert_eq!(creates.into_values().collect::<Vec<_>>(), [1]);
}

#[tokio::test]
async fn an_engine_that_ends_leaves_the_sales_it_was_handed_to_those_who_handed_them() {
    let shop = Shop::open().await;
    let serve = shop.serve().await;
    let mut sale = shop.start(&SALE);
    sale.until("awaiting_payment").await;
    serve.signal("TERM");
    assert_eq!(serve.ends_with().await, Some(0));
    shop.stage.sandbox.control().pay(None).await.unwrap();
    sale.until("paid").await;
    assert_eq!(sale.ends_with().await, Some(0));
}
