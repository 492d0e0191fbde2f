//! The merchant's list of prices: what is in it is sold at its price, and nothing while it cannot be used.

use super::{NEVER, Shop, is_refused, is_taken, order_no};
use till_core::error::Code;
use till_core::rights::Actor;
use till_engine::till::Receiving;
use till_sandbox::{Item as Spoken, Speech};

#[tokio::test]
async fn ruling_20_with_a_catalogue_goods_are_sold_that_are_in_it_at_their_price() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("goods.csv");
    std::fs::write(&file, "id,name,price\ntea,红茶,500\ncake,蛋糕,250\n").unwrap();
    let shop = Shop::open(&[NEVER, ("catalogue", file.to_str().unwrap())]).await;
    let order_no = shop.order().await;
    let known = shop.speech();
    for (id, quantity, amount) in [("coffee", 1, 500), ("tea", 2, 999), ("tea", 2, 500), ("tea", 1, 1000)] {
        let items = vec![Spoken { item_id: id.into(), quantity, amount }];
        is_refused(&shop.speak(Speech { items, ..known.clone() }).await, "商品不存在或价格不符");
    }
    std::fs::write(&file, r#"[{"id":"tea","name":"红茶","price":501},{"id":"cake","name":"蛋糕","price":248}]"#)
        .unwrap();
    is_refused(&shop.speak(known.clone()).await, "价格不符");
    for broken in ["id,name,price\ntea,红茶,5.00\n", "[{]"] {
        std::fs::write(&file, broken).unwrap();
        is_refused(&shop.speak(known.clone()).await, "暂时无法处理");
    }
    std::fs::remove_file(&file).unwrap();
    is_refused(&shop.speak(known).await, "暂时无法处理");
    assert_eq!(shop.numbers().await, [order_no], "what nobody can price makes no order");
}

#[cfg(unix)]
#[tokio::test]
async fn ruling_20_a_catalogue_that_does_not_open_keeps_no_other_account_waiting() {
    use std::io::Write as _;

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("goods.csv");
    let good = "id,name,price\ntea,红茶,500\ncake,蛋糕,250\n";
    std::fs::write(&file, good).unwrap();
    let shop = Shop::open(&[NEVER, ("catalogue", file.to_str().unwrap())]).await;
    shop.second_account().await;
    std::fs::remove_file(&file).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(&file).status().unwrap().success());
    let control = &shop.counter.control;
    let beside = Speech { partner: shop.partner().replace("/main", "/second"), ..shop.speech() };
    let both = async || {
        control.speak(shop.speech()).await.unwrap();
        control.speak(beside).await.unwrap();
    };
    let sent = shop.answers(2, both).await;
    assert!(sent[0].url.contains("/second/"), "answered first: {sent:?}");
    order_no(&sent[0]);
    is_refused(&sent[1], "暂时无法处理");

    // It opens at last, and is a file again. A writer alone would wait for a reader that may have gone.
    let both_ends = std::fs::OpenOptions::new().read(true).write(true).open(&file);
    both_ends.unwrap().write_all(good.as_bytes()).unwrap();
    std::fs::remove_file(&file).unwrap();
    std::fs::write(&file, good).unwrap();
    order_no(&shop.speak(shop.speech()).await);
}

#[tokio::test]
async fn a_catalogue_that_cannot_be_used_is_said_as_that_until_it_can() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("goods.csv");
    let path = file.to_str().unwrap();
    let good = "id,name,price\ntea,红茶,500\ncake,蛋糕,250\n";
    std::fs::write(&file, good).unwrap();
    let shop = Shop::open(&[NEVER, ("catalogue", path)]).await;
    let till = &shop.counter.till;
    till.set_receiving(Receiving::On { listen: shop.receiver.addr(), public_address: None });
    let unusable = async || {
        let checked = till.check_account(&Actor::Owner, "main").await.unwrap();
        let came = till.examine_receiver(&Actor::Owner).await.unwrap().pop().unwrap();
        assert_eq!(came.what, "notifications:main");
        [checked, came].map(|finding| {
            assert_eq!(finding.well, finding.fault.is_none(), "{finding:?}");
            finding.fault.map(|fault| (fault.code, fault.facts["file"].clone()))
        })
    };
    let sold = shop.order().await;
    assert_eq!(unusable().await, [None, None]);

    std::fs::write(&file, "id,name\n").unwrap();
    let said = Some((Code::CatalogueUnusable, path.to_owned()));
    assert_eq!(unusable().await, [said.clone(), None], "nobody has ordered yet");
    is_refused(&shop.speak(shop.speech()).await, "暂时无法处理");
    shop.pays_in_silence(&sold).await;
    assert!(is_taken(&shop.ships(&sold, None).await));
    assert_eq!(unusable().await, [said.clone(), said], "a notice that is taken says nothing of it");

    std::fs::write(&file, good).unwrap();
    order_no(&shop.speak(shop.speech()).await);
    assert_eq!(unusable().await, [None, None]);
}
