//! The latency ledger: how long the parts of a sale took, as the journal tells it.

use crate::shop::{SALE, Shop, bare, run};

#[tokio::test]
async fn the_ledger_adds_up_an_account_and_a_day_and_counts_only_what_is_known() {
    let shop = Shop::open().await;
    let none = shop.run(&["journal", "latency"]).await;
    assert_eq!((none.code, none.lines.len()), (Some(0), 0), "{none:?}");
    for _ in 0..2 {
        let sale = shop.run(&[&SALE[..], &["--play-customer"]].concat()).await;
        assert_eq!(sale.code, Some(0), "{sale:?}");
    }
    let left = shop.run(&[&SALE[..], &["--no-wait"]].concat()).await;
    assert_eq!(left.code, Some(0), "{left:?}");

    let told = shop.run(&["journal", "latency"]).await;
    assert_eq!((told.code, told.lines.len()), (Some(0), 1), "{told:?}");
    let line = told.last();
    assert_eq!((&line["account"], &line["orders"]), (&left.last()["account"], &3.into()));
    let orders = |part: &str| line[part]["orders"].as_u64().unwrap();
    assert_eq!(orders("answered"), 3);
    assert_eq!(orders("painted"), 2, "nothing happened yet to the order that was left: nothing says that it was shown");
    assert_eq!((orders("paid"), orders("known")), (2, 2));
    for part in ["answered", "painted", "paid", "known"] {
        let at = |name: &str| line[part][name].as_i64().unwrap();
        assert!(at("p50_ms") <= at("p95_ms"), "{part}: {told:?}");
    }
    let at = |part: &str| line[part]["p50_ms"].as_i64().unwrap();
    // No part is compared with another: each counts the orders of which it is known.
    assert!(at("answered") < 60_000 && at("painted") < 60_000 && at("known") < 60_000, "{told:?}");

    let day = line["day"].as_str().unwrap();
    assert_eq!(shop.run(&["journal", "latency", "--from", day, "--to", day]).await.lines.len(), 1);
    assert_eq!(shop.run(&["journal", "latency", "--from", "2999-01-01"]).await.lines.len(), 0);
    assert_eq!(shop.run(&["journal", "latency", "--to", "2000-01-01"]).await.lines.len(), 0);
    let reversed = shop.run(&["journal", "latency", "--from", "2999-01-01", "--to", day]).await;
    assert_eq!((reversed.code, reversed.refusal()), (Some(2), "days_reversed"), "{reversed:?}");

    let mut people = bare(shop.data.path());
    people.args(["--training", "--lang", "en", "journal", "latency"]);
    let people = run(people).await;
    assert!(people.out.contains("orders: 3") && people.out.contains("code to payment"), "{people:?}");
}
