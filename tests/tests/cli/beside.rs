//! Two processes at one folder.

use crate::shop::{SALE, Shop};

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
