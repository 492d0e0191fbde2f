//! Whole ways of an order through the pretend Pooul.

use crate::shop::{self, Shop};
use serde_json::{Map, Value, json};
use till_sandbox::{CHANNELS, Dialect, Options, TradeState};

#[tokio::test]
async fn an_order_is_created_queried_paid_and_then_cannot_be_closed() {
    let shop = Shop::open().await;
    let created = shop.create("TK0001", "wechat.scan").await;
    assert_eq!(created["code"], 0);
    assert!(shop.verifies(&created));
    assert_eq!(created["data"]["code_url"], json!(shop.sandbox.phone_url("TK0001")));

    let unpaid = shop.query("TK0001").await;
    assert!(shop.verifies(&unpaid));
    let names: Vec<&String> = unpaid["data"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["merchant_id", "nonce_str", "trade_state"]);
    assert_eq!(unpaid["data"]["trade_state"], 2);

    shop.control.pay("TK0001").await.unwrap();
    let paid = shop.query("TK0001").await;
    assert!(shop.verifies(&paid));
    assert_eq!(paid["data"]["trade_state"], 0);
    assert_eq!(paid["data"]["total_fee"], 1250);
    assert_eq!(paid["data"]["mch_trade_id"], "TK0001");
    assert_eq!(paid["data"]["fee_type"], "CNY");

    assert_eq!(shop.close("TK0001").await["data"]["close_status"], -1);
}

#[tokio::test]
async fn every_announced_channel_gives_what_its_document_says() {
    let shop = Shop::open().await;
    let expected = [
        ("wechat.scan", ["code_url", "code_img_url"]),
        ("alipay.scan", ["code_url", "code_img_url"]),
        ("qq.scan", ["code_url", "code_img_url"]),
        ("wechat.jsurl", ["token_id", "pay_url"]),
        ("alipay.jsapi", ["token_id", "trade_id"]),
        ("qq.jsapi", ["token_id", "pay_info"]),
    ];
    assert_eq!(expected.map(|(channel, _)| channel), CHANNELS[..6], "the others take a payment code");
    for (count, (channel, gives)) in expected.into_iter().enumerate() {
        let created = shop.create(&format!("TK000{count}"), channel).await;
        for name in gives {
            assert!(created["data"][name].is_string(), "{channel} gives {name}: {created}");
        }
        assert!(shop.verifies(&created));
    }
    let info = shop.create("TK0010", "qq.jsapi").await["data"]["pay_info"].clone();
    let info: Value = serde_json::from_str(info.as_str().unwrap()).unwrap();
    assert!(info["tokenId"].is_string());
}

#[tokio::test]
async fn an_agents_order_is_signed_with_the_agents_key_and_answered_with_it() {
    let shop = Shop::open().await;
    let mut fields = shop.order("TK0001", "qq.jsapi");
    fields.insert("sign_agentno".to_owned(), json!(shop.agent));
    let refused = shop.send("pay", shop.signed(fields.clone())).await.unwrap().json();
    assert_eq!(refused["code"], 101);
    let sign = shop::signature(&fields, &shop.agent_key);
    fields.insert("sign".to_owned(), json!(sign));
    let created = shop.send("pay", fields).await.unwrap().json();
    assert_eq!(created["code"], 0);
    let data = created["data"].as_object().unwrap();
    assert_eq!(created["sign"], json!(shop::signature(data, &shop.agent_key)));
}

#[tokio::test]
async fn a_close_ends_an_unpaid_order_and_a_second_one_says_so() {
    let shop = Shop::open().await;
    shop.create("TK0001", "alipay.scan").await;
    let closed = shop.close("TK0001").await;
    assert!(shop.verifies(&closed));
    assert_eq!(closed["data"]["close_status"], 0);
    assert_eq!(shop.close("TK0001").await["data"]["close_status"], 1);
    assert_eq!(shop.query("TK0001").await["data"]["trade_state"], 3);
    shop.control.pay("TK0001").await.unwrap();
    assert_eq!(shop.query("TK0001").await["data"]["trade_state"], 0, "a late payment is possible");
}

#[tokio::test]
async fn a_close_before_the_floor_or_while_the_customer_pays_is_refused() {
    let shop = Shop::open_with(Options::default()).await;
    shop.create("TK0001", "wechat.scan").await;
    assert_eq!(shop.close("TK0001").await["data"]["close_status"], -1);
    shop.control.close_floor(0).await.unwrap();
    shop.control.dawdle("TK0001").await.unwrap();
    assert_eq!(shop.close("TK0001").await["data"]["close_status"], -1);
    shop.control.decline("TK0001").await.unwrap();
    assert_eq!(shop.close("TK0001").await["data"]["close_status"], 0);
}

#[tokio::test]
async fn the_gateways_number_wins_over_the_merchants() {
    let shop = Shop::open().await;
    let first = shop.create("TK0001", "wechat.scan").await;
    shop.create("TK0002", "wechat.scan").await;
    shop.control.pay("TK0001").await.unwrap();
    let mut fields = shop.about("TK0002");
    fields.insert("trade_id".to_owned(), first["data"]["trade_id"].clone());
    let answer = shop.send("query", shop.signed(fields)).await.unwrap().json();
    assert_eq!(answer["data"]["mch_trade_id"], "TK0001");
}

#[tokio::test]
async fn every_state_is_reported_by_its_number() {
    let shop = Shop::open().await;
    shop.create("TK0001", "wechat.scan").await;
    for number in [1, 3, 4, 5, 6, 7, -1, 42, 2] {
        shop.control.set_state("TK0001", TradeState::from(number)).await.unwrap();
        assert_eq!(shop.query("TK0001").await["data"]["trade_state"], number);
    }
    shop.control.reverse(None).await.unwrap();
    assert_eq!(shop.query("TK0001").await["data"]["trade_state"], 4);
    shop.control.refund(None).await.unwrap();
    assert_eq!(shop.query("TK0001").await["data"]["trade_state"], 1);
    shop.control.close(None).await.unwrap();
    assert_eq!(shop.query("TK0001").await["data"]["trade_state"], 3);
    shop.control.unpay(None).await.unwrap();
    assert_eq!(shop.query("TK0001").await["data"]["trade_state"], 2);
}

#[tokio::test]
async fn an_order_can_be_paid_by_itself() {
    let shop = Shop::open().await;
    shop.control.auto_pay(Some(0)).await.unwrap();
    shop.create("TK0001", "wechat.scan").await;
    let paid = async { while shop.query("TK0001").await["data"]["trade_state"] != 0 {} };
    tokio::time::timeout(std::time::Duration::from_mins(1), paid).await.expect("paid by itself");
}

#[tokio::test]
async fn a_dialect_changes_the_words_but_never_the_signature() {
    let shop = Shop::open().await;
    shop.create("TK0001", "wechat.scan").await;
    shop.control.pay("TK0001").await.unwrap();
    let loud = json!({
        "numbers_as_text": true, "old_names": true, "state_words": true, "currency": "one", "unknown_fields": true,
        "nulls": true, "no_merchant_id": true, "close_staus": true, "debug": true, "time": "calendar", "pay_url": true,
    });
    shop.control.dialect(serde_json::from_value(loud).unwrap()).await.unwrap();
    let paid = shop.query("TK0001").await;
    assert!(shop.verifies(&paid));
    let data = &paid["data"];
    assert_eq!(paid["code"], "0");
    assert!(paid["debug"].is_object());
    assert_eq!(data["trade_state"], "SUCCESS");
    assert_eq!(data["total_fee"], "1250");
    assert_eq!(data["currency_type"], "1");
    assert!(data["transaction_id"].is_string() && data["out_transaction_id"].is_string());
    assert_eq!(data["end_time"].as_str().unwrap().len(), 14);
    assert!(data.get("merchant_id").is_none() && data["coupon_fee"].is_null());
    assert_eq!(shop.close("TK0001").await["data"]["close_staus"], "-1");
    let token = shop.create("TK0002", "alipay.jsapi").await;
    assert!(token["data"]["Token_Id"].is_string() && token["data"]["pay_url"].is_string());
}

#[tokio::test]
async fn a_restless_gateway_words_its_answers_differently_and_all_verify() {
    let shop = Shop::open().await;
    shop.create("TK0001", "wechat.scan").await;
    shop.control.pay("TK0001").await.unwrap();
    shop.control.dialect_seed(7, true).await.unwrap();
    let mut shapes: Vec<Map<String, Value>> = Vec::new();
    for _ in 0..12 {
        let mut answer = shop.query("TK0001").await;
        assert!(shop.verifies(&answer), "{answer}");
        let mut data = answer["data"].take().as_object().unwrap().clone();
        data.remove("nonce_str");
        shapes.push(data);
    }
    assert!(shapes.iter().any(|shape| Some(shape) != shapes.first()));
    assert_eq!(shop.control.dialect(Dialect::default()).await.unwrap().restless_seed, None);
}
