//! Every refusal of the pretend Pooul: unsigned, with the documented code, and without consequence.

use crate::shop::{self, Shop, http};
use serde_json::{Map, Value, json};
use till_sandbox::Operation;

async fn refused(shop: &Shop, path: &str, fields: Map<String, Value>) -> (i64, String) {
    let answer = shop.send(path, fields).await.unwrap().json();
    assert!(answer.get("sign").is_none() && answer.get("data").is_none(), "{answer}");
    (answer["code"].as_i64().unwrap(), answer["msg"].as_str().unwrap().to_owned())
}

/// A wechat.scan order with one field changed (null: taken away).
fn changed(shop: &Shop, channel: &str, name: &str, value: Value) -> Map<String, Value> {
    let mut fields = shop.order("TK0001", channel);
    if value.is_null() {
        fields.remove(name);
    } else {
        fields.insert(name.to_owned(), value);
    }
    shop.signed(fields)
}

#[tokio::test]
async fn what_is_not_one_json_object_is_100() {
    let shop = Shop::open().await;
    let url = shop.url("pay");
    for body in ["", "{", "[]", "pay_type=wechat.scan", r#"{"a":1,"a":1}"#, r#"{"a":1} {"b":2}"#] {
        let answer = http("POST", &url, &[], body.as_bytes()).await.unwrap().json();
        assert_eq!(answer["code"], 100, "{body}");
        assert!(answer.get("sign").is_none());
    }
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    let body = Value::Object(shop.signed(shop.order("TK0001", "wechat.scan"))).to_string();
    assert_eq!(http("POST", &url, &form, body.as_bytes()).await.unwrap().json()["code"], 100);
}

#[tokio::test]
async fn every_required_field_is_asked_for_by_name() {
    let shop = Shop::open().await;
    for (channel, name) in [
        ("wechat.scan", "pay_type"),
        ("wechat.scan", "merchant_id"),
        ("wechat.scan", "mch_trade_id"),
        ("wechat.scan", "body"),
        ("wechat.scan", "total_fee"),
        ("wechat.scan", "spbill_create_ip"),
        ("wechat.scan", "notify_url"),
        ("alipay.scan", "subject"),
        ("qq.scan", "device_info"),
        ("wechat.jsurl", "sub_appid"),
        ("wechat.jsurl", "sub_openid"),
        ("alipay.jsapi", "buyer_id"),
    ] {
        let (code, msg) = refused(&shop, "pay", changed(&shop, channel, name, Value::Null)).await;
        assert_eq!(code, 103, "{channel} without {name}");
        assert!(msg.contains(name), "{msg}");
    }
    let mut unsigned = shop.signed(shop.order("TK0001", "wechat.scan"));
    unsigned.remove("sign");
    assert_eq!(refused(&shop, "pay", unsigned).await, (103, "sign is missing".to_owned()));
    assert!(shop.control.trades().await.unwrap().is_empty());
}

#[tokio::test]
async fn values_of_another_kind_are_refused_by_name() {
    let shop = Shop::open().await;
    for (name, value) in [
        ("total_fee", json!("1250")),
        ("total_fee", json!(0)),
        ("total_fee", json!(-1)),
        ("total_fee", json!(12.5)),
        ("notify_url", json!("/notify")),
        ("notify_url", json!("https://")),
        ("notify_url", json!(format!("https://example.com/{}", "n".repeat(240)))),
        ("mch_trade_id", json!("TK01")),
        ("mch_trade_id", json!("TK-0001")),
        ("mch_trade_id", json!("T".repeat(33))),
        ("mch_trade_id", json!(1_234_567)),
        ("time_start", json!(1_767_225_600_000_i64)),
        ("time_start", json!("1767225600")),
        ("time_expire", json!(1_000_000_000)),
        ("spbill_create_ip", json!("till")),
        ("sign_type", json!("RSA")),
        ("nonce_str", json!("n".repeat(33))),
        ("version", json!("2.0")),
        ("attach", json!({ "shop": 1 })),
    ] {
        let (code, msg) = refused(&shop, "pay", changed(&shop, "wechat.scan", name, value.clone())).await;
        assert_eq!(code, 103, "{name} {value}");
        assert!(msg.contains(name), "{msg}");
    }
    for (name, value) in [("settle_type", json!("0")), ("settle_type", json!(2)), ("limit_pay", json!("yes"))] {
        let (code, msg) = refused(&shop, "pay", changed(&shop, "wechat.jsurl", name, value)).await;
        assert!(code == 103 && msg.contains(name), "{msg}");
    }
}

#[tokio::test]
async fn a_field_that_the_channel_does_not_document_is_103() {
    let shop = Shop::open().await;
    for (channel, name) in [
        ("wechat.scan", "goods_tag"),
        ("wechat.scan", "callback_url"),
        ("wechat.scan", "subject"),
        ("alipay.scan", "limit_pay"),
        ("alipay.jsapi", "callback_url"),
        ("alipay.jsapi", "sign_agentno"),
        ("wechat.jsurl", "product_id"),
        ("qq.jsapi", "settle_type"),
        ("qq.jsapi", "unheard_of"),
    ] {
        let mut fields = shop.order("TK0001", channel);
        fields.insert(name.to_owned(), json!("1"));
        if name == "sign_agentno" {
            fields.insert(name.to_owned(), json!(shop.agent));
            let sign = shop::signature(&fields, &shop.agent_key);
            fields.insert("sign".to_owned(), json!(sign));
        } else {
            fields = shop.signed(fields);
        }
        let (code, msg) = refused(&shop, "pay", fields).await;
        assert_eq!(code, 103, "{channel} with {name}");
        assert!(msg.contains(name), "{msg}");
    }
    let mut fields = shop.about("TK0001");
    shop.create("TK0001", "wechat.scan").await;
    fields.insert("pay_type".to_owned(), json!("wechat.scan"));
    assert_eq!(refused(&shop, "query", shop.signed(fields)).await.0, 103, "only QQ queries name their channel");
}

#[tokio::test]
async fn the_beijing_rural_channel_wants_no_openid() {
    let shop = Shop::open().await;
    shop.control.beijing_rural(true).await.unwrap();
    let with = shop.signed(shop.order("TK0001", "wechat.jsurl"));
    assert_eq!(refused(&shop, "pay", with).await.0, 103);
    let mut without = shop.order("TK0001", "wechat.jsurl");
    without.remove("sub_appid");
    without.remove("sub_openid");
    assert_eq!(shop.send("pay", shop.signed(without)).await.unwrap().json()["code"], 0);
}

#[tokio::test]
async fn signature_merchant_channel_number_and_order_have_their_codes() {
    let shop = Shop::open().await;
    let mut forged = shop.signed(shop.order("TK0001", "wechat.scan"));
    forged.insert("total_fee".to_owned(), json!(1));
    assert_eq!(refused(&shop, "pay", forged).await.0, 101);
    let stranger = changed(&shop, "wechat.scan", "merchant_id", json!("12345"));
    assert_eq!(refused(&shop, "pay", stranger).await.0, 200);
    let wap = changed(&shop, "wechat.scan", "pay_type", json!("wechat.wap"));
    assert_eq!(refused(&shop, "pay", wap).await.0, 202);
    assert_eq!(refused(&shop, "query", shop.about("TK0001")).await.0, 301);
    assert_eq!(refused(&shop, "order_close", shop.about("TK0001")).await.0, 301);
    shop.create("TK0001", "wechat.scan").await;
    let again = shop.signed(shop.order("TK0001", "alipay.scan"));
    assert_eq!(refused(&shop, "pay", again).await.0, 107);
    shop.control.channels(&["alipay.scan"]).await.unwrap();
    let disabled = shop.signed(shop.order("TK0002", "wechat.scan"));
    assert_eq!(refused(&shop, "pay", disabled).await.0, 202);
    let mut nothing = shop.about("TK0001");
    nothing.remove("mch_trade_id");
    assert_eq!(refused(&shop, "query", shop.signed(nothing)).await.0, 103);
    let mut untyped = shop.about("TK0001");
    untyped.remove("sign_type");
    assert_eq!(refused(&shop, "order_close", shop.signed(untyped)).await, (103, "sign_type is missing".to_owned()));
}

#[tokio::test]
async fn the_list_of_requests_proves_one_create_each_and_keeps_no_signature() {
    let shop = Shop::open().await;
    shop.create("TK0001", "wechat.scan").await;
    shop.create("TK0001", "wechat.scan").await;
    shop.create("TK0002", "wechat.scan").await;
    shop.query("TK0002").await;
    let creates = shop.control.creates().await.unwrap();
    assert_eq!((creates["TK0001"], creates["TK0002"]), (2, 1));
    let received = shop.control.received(0).await.unwrap();
    let seen: Vec<_> = received.iter().map(|entry| (entry.operation, entry.accepted, entry.code)).collect();
    assert_eq!(
        seen,
        [
            (Operation::Create, true, Some(0)),
            (Operation::Create, false, Some(107)),
            (Operation::Create, true, Some(0)),
            (Operation::Query, true, Some(0)),
        ]
    );
    assert!(received.iter().all(|entry| !entry.fields.contains_key("sign")));
    assert_eq!(received[3].order_no.as_deref(), Some("TK0002"));
    assert_eq!(shop.control.received(3).await.unwrap().len(), 1);
}

#[tokio::test]
async fn unknown_paths_and_endless_bodies_are_turned_away() {
    let shop = Shop::open().await;
    for path in ["revoke", "bill", ""] {
        let reply = http("POST", &shop.url(path), &[], b"{}").await.unwrap();
        assert_eq!(reply.status, 404);
    }
    let endless = vec![b' '; 256 * 1024 + 1];
    assert_eq!(http("POST", &shop.url("pay"), &[], &endless).await.unwrap().status, 413);
}
