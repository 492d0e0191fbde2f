//! Refunds at the pretend Pooul.

use crate::shop::Shop;
use serde_json::json;
use till_sandbox::{Fault, Options, Scope};

async fn paid() -> Shop {
    let shop = Shop::open().await;
    shop.control.auto_refund(None).await.unwrap();
    shop.create("TK0001", "wechat.scan").await;
    shop.control.pay("TK0001").await.unwrap();
    shop
}

#[tokio::test]
async fn a_refund_is_accepted_then_done_or_failed_by_the_gateways_decision() {
    let shop = paid().await;
    let accepted = shop.refund("TK0001", "TR1", 250).await;
    assert!(shop.verifies(&accepted));
    assert_eq!((&accepted["data"]["refund_status"], &accepted["data"]["refund_fee"]), (&json!(1), &json!(250)));
    assert_eq!(shop.query("TK0001").await["data"]["trade_state"], 1, "a part turns the whole order");
    shop.control.settle_refund(Some("TR1")).await.unwrap();
    let done = shop.refund_query("TR1").await;
    assert!(shop.verifies(&done));
    assert_eq!((&done["data"]["refund_status"], &done["data"]["mch_refund_id"]), (&json!(0), &json!("TR1")));
    shop.refund("TK0001", "TR2", 1000).await;
    shop.control.fail_refund(None).await.unwrap();
    assert_eq!(shop.refund_query("TR2").await["data"]["refund_status"], -1);
    assert_eq!(shop.control.refunds().await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_failed_refund_gives_the_order_back_and_may_be_asked_for_again_under_its_number() {
    let shop = paid().await;
    shop.refund("TK0001", "TR1", 1250).await;
    shop.control.fail_refund(Some("TR1")).await.unwrap();
    assert_eq!(shop.query("TK0001").await["data"]["trade_state"], 0);
    assert_eq!(shop.refund("TK0001", "TR1", 1250).await["data"]["refund_status"], 1);
}

#[tokio::test]
async fn a_refund_settles_by_itself_if_nobody_holds_it() {
    let shop = paid().await;
    shop.control.auto_refund(Some(0)).await.unwrap();
    assert_eq!(shop.refund("TK0001", "TR1", 1250).await["data"]["refund_status"], 0);
}

#[tokio::test]
async fn a_refund_is_refused_twice_above_the_payment_and_before_it() {
    let shop = paid().await;
    assert_eq!(shop.refund("TK0001", "TR1", 1251).await["code"], 600);
    assert_eq!(shop.refund("TK0001", "TR1", 1000).await["code"], 0);
    assert_eq!(shop.refund("TK0001", "TR1", 100).await["code"], 107, "the number is taken");
    assert_eq!(shop.refund("TK0001", "TR2", 251).await["code"], 600, "only 250 are left");
    assert_eq!(shop.refund("TK0001", "TR2", 0).await["code"], 103);
    shop.create("TK0002", "wechat.scan").await;
    assert_eq!(shop.refund("TK0002", "TR3", 1).await["code"], 600);
    assert_eq!(shop.refund("TK0009", "TR3", 1).await["code"], 301);
    assert_eq!(shop.refund_query("TR9").await["code"], 301);
    assert_eq!(shop.control.refunds().await.unwrap().len(), 1);
}

#[tokio::test]
async fn sign_type_is_mandatory_and_unlisted_fields_are_refused() {
    let shop = paid().await;
    for (path, fields) in [
        ("refund", json!({ "mch_trade_id": "TK0001", "mch_refund_id": "TR1", "refund_fee": 1 })),
        ("refund_query", json!({ "mch_refund_id": "TR1" })),
        ("reverse", json!({ "mch_trade_id": "TK0001" })),
    ] {
        let mut fields = fields.as_object().unwrap().clone();
        fields.insert("merchant_id".to_owned(), json!(shop.merchant));
        let untyped = shop.send(path, shop.signed(fields.clone())).await.unwrap().json();
        assert_eq!((&untyped["code"], &untyped["msg"]), (&json!(103), &json!("sign_type is missing")), "{path}");
        fields.insert("sign_type".to_owned(), json!("MD5"));
        fields.insert("total_fee".to_owned(), json!(1250));
        assert_eq!(shop.send(path, shop.signed(fields)).await.unwrap().json()["code"], 103, "{path}");
    }
}

#[tokio::test]
async fn a_refund_meets_faults_of_its_own() {
    let shop = paid().await;
    shop.control.fault(Scope::Refund, Fault::DropAfter).await.unwrap();
    let fields = json!({
        "merchant_id": shop.merchant, "mch_trade_id": "TK0001", "mch_refund_id": "TR1", "refund_fee": 5, "sign_type": "MD5",
    });
    let fields = shop.signed(fields.as_object().unwrap().clone());
    assert!(shop.send("refund", fields).await.is_none());
    shop.control.fault_for("TK0001", Scope::RefundQuery, 1, Fault::WrongAmount).await.unwrap();
    let wrong = shop.refund_query("TR1").await;
    assert!(shop.verifies(&wrong));
    assert_eq!(wrong["data"]["refund_fee"], 6);
    shop.control.fault(Scope::RefundQuery, Fault::WrongNumber).await.unwrap();
    assert_ne!(shop.refund_query("TR1").await["data"]["mch_refund_id"], "TR1");
    assert_eq!(shop.refund_query("TR1").await["data"]["refund_fee"], 5);
}

#[tokio::test]
async fn refunds_and_codes_outlive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let options = || Options { state_folder: Some(folder.path().to_owned()), ..Options::default() };
    let shop = Shop::open_with(options()).await;
    shop.create("TK0001", "wechat.scan").await;
    shop.control.pay("TK0001").await.unwrap();
    shop.control.auto_refund(None).await.unwrap();
    shop.refund("TK0001", "TR1", 5).await;
    let minted = shop.control.mint_code(till_sandbox::Manner::AtOnce, till_sandbox::Purse::Qq).await.unwrap();
    shop.sandbox.stop().await.unwrap();
    let shop = Shop::open_with(options()).await;
    assert_eq!(shop.refund_query("TR1").await["data"]["refund_status"], 1);
    assert_eq!(shop.control.codes().await.unwrap(), [minted]);
}
