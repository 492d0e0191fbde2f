//! Whole ways of an order through the pretend BlueOcean, and what it refuses.

use crate::shop::{Shop, get, http};
use md5::{Digest, Md5};
use serde_json::{Map, Value, json};
use till_sandbox::{Dialect, Fault, Manner, Purse, Scope};

fn signature(fields: &Map<String, Value>, key: &str) -> String {
    let mut line = String::new();
    for (name, value) in fields.iter().filter(|(name, _)| *name != "sign") {
        line.extend([name, "=", &value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned), "&"]);
    }
    data_encoding::HEXUPPER.encode(&Md5::digest(line + "key=" + key))
}

struct Bay {
    shop: Shop,
    base: String,
    appid: String,
    key: String,
}

impl Bay {
    async fn open() -> Self {
        let shop = Shop::open().await;
        let (base, appid) = shop.gateway("blueocean", "appid");
        let (_, key) = shop.gateway("blueocean", "key");
        Self { shop, base, appid, key }
    }

    fn signed(&self, fields: Value) -> Map<String, Value> {
        let Value::Object(mut fields) = fields else { panic!("an object") };
        fields.insert("appid".to_owned(), json!(self.appid));
        fields.insert("sign".to_owned(), json!(signature(&fields, &self.key)));
        fields
    }

    async fn raw(&self, path: &str, fields: Value) -> String {
        let body = Value::Object(self.signed(fields)).to_string();
        let json = [("Content-Type", "application/json")];
        http("POST", &format!("{}{path}", self.base), &json, body.as_bytes()).await.unwrap().text()
    }

    async fn ask(&self, path: &str, fields: Value) -> Value {
        serde_json::from_str(&self.raw(path, fields).await).unwrap()
    }

    async fn pay(&self, order_no: &str, payment: &str) -> Value {
        let mut fields = json!({ "payment": payment, "out_trade_no": order_no, "total_fee": 1250, "body": "奶茶" });
        let further = match payment {
            "wechat.mweb" => json!({ "spbill_create_ip": "127.0.0.1" }),
            "wechat.app" => json!({ "sub_appid": "wx1" }),
            "wechat.jsapi" => json!({ "sub_appid": "wx1", "sub_openid": "o1" }),
            _ => json!({}),
        };
        fields.as_object_mut().unwrap().extend(further.as_object().unwrap().clone());
        self.ask("/payment/pay", fields).await
    }

    async fn present(&self, order_no: &str, code: &str) -> Value {
        let fields = json!({ "payment": "micropay", "out_trade_no": order_no, "total_fee": "1250", "code": code });
        self.ask("/payment/pay", fields).await
    }

    async fn about(&self, operation: &str, order_no: &str) -> Value {
        self.ask(&format!("/order/{operation}"), json!({ "out_trade_no": order_no })).await
    }

    fn verifies(&self, answer: &Value) -> bool {
        let data = answer["data"].as_object().unwrap();
        data["sign"] == json!(signature(data, &self.key))
    }
}

#[tokio::test]
async fn every_channel_gives_what_its_document_says() {
    let bay = Bay::open().await;
    for (count, (payment, gives, state)) in [
        ("alipay.qrcode", "qrcode", "NOTPAY"),
        ("wechat.qrcode", "qrcode", "NOTPAY"),
        ("blueocean.qrcode", "qrcode", "NOTPAY"),
        ("unionpay.qrcode", "qrcode", "NOTPAY"),
        ("unionpay.link", "qrcode", "USERPAYING"),
        ("alipay.wappay", "qrcode", "NOTPAY"),
        ("wechat.mweb", "mweb_url", "NOTPAY"),
        ("alipay.app", "app", "NOTPAY"),
        ("wechat.app", "app", "NOTPAY"),
        ("wechat.jsapi", "jsapi", "NOTPAY"),
    ]
    .into_iter()
    .enumerate()
    {
        let order_no = format!("TK{count}");
        let answer = bay.pay(&order_no, payment).await;
        assert_eq!((&answer["code"], &answer["data"]["trade_state"]), (&json!(200), &json!(state)), "{payment}");
        assert!(bay.verifies(&answer), "{payment}");
        let data = &answer["data"];
        assert_eq!((&data["fee_type"], &data["total_fee"]), (&json!("HKD"), &json!(1250)));
        assert_eq!((&data["appid"], &data["transaction_id"]), (&json!(bay.appid), &json!("")));
        let text = data[gives].as_str().unwrap();
        if gives == "app" || gives == "jsapi" {
            assert!(serde_json::from_str::<Value>(text).unwrap().is_object(), "{text}");
            assert_eq!(data["qrcode"], "");
        } else {
            assert_eq!(Some(text), bay.shop.sandbox.phone_url(&order_no).as_deref());
        }
    }
}

#[tokio::test]
async fn an_order_is_paid_and_then_neither_closed_nor_made_again() {
    let bay = Bay::open().await;
    bay.pay("TK0001", "wechat.qrcode").await;
    bay.shop.control.pay("TK0001").await.unwrap();
    let paid = bay.about("query", "TK0001").await;
    assert!(bay.verifies(&paid));
    let data = &paid["data"];
    assert_eq!((&data["trade_state"], &data["out_trade_no"]), (&json!("SUCCESS"), &json!("TK0001")));
    assert!(data["time_end"].as_i64().unwrap() > 1_700_000_000 && data["transaction_id"] != "");
    assert_eq!(bay.about("close", "TK0001").await["code"], 40101);
    assert_eq!(bay.pay("TK0001", "wechat.qrcode").await["code"], 40106);
    let by_sn = bay.ask("/order/query", json!({ "sn": data["sn"], "out_trade_no": "TK9" })).await;
    assert_eq!(by_sn["data"]["out_trade_no"], "TK0001", "sn wins");
}

#[tokio::test]
async fn the_customers_page_says_the_currency() {
    let bay = Bay::open().await;
    bay.pay("TK0001", "wechat.qrcode").await;
    let text = get(&bay.shop.sandbox.phone_url("TK0001").unwrap(), &[]).await.text();
    assert!(text.contains("HK$") && !text.contains('¥') && text.contains("12.50"));
    bay.shop.create("TK0002", "wechat.scan").await;
    let text = get(&bay.shop.sandbox.phone_url("TK0002").unwrap(), &[]).await.text();
    assert!(text.contains('¥') && !text.contains("HK$"));
}

#[tokio::test]
async fn an_order_of_another_gateway_is_unknown_here() {
    let bay = Bay::open().await;
    bay.shop.create("TK0001", "wechat.scan").await;
    assert_eq!(bay.about("query", "TK0001").await["code"], 40102);
    bay.pay("TK0002", "wechat.qrcode").await;
    assert_eq!(bay.shop.query("TK0002").await["code"], 301);
    assert_eq!(bay.shop.close("TK0002").await["code"], 301);
}

#[tokio::test]
async fn close_and_reverse_end_an_order_once() {
    let bay = Bay::open().await;
    bay.pay("TK0001", "unionpay.link").await;
    assert_eq!(bay.about("close", "TK0001").await["data"]["trade_state"], "CLOSED");
    assert_eq!(bay.about("close", "TK0001").await["code"], 40103);
    assert_eq!(bay.about("reverse", "TK0001").await["code"], 40103);
    bay.pay("TK0002", "wechat.qrcode").await;
    bay.shop.control.dawdle("TK0002").await.unwrap();
    assert_eq!(bay.about("close", "TK0002").await["code"], 40100, "the customer is just paying");
    assert_eq!(bay.about("reverse", "TK0002").await["code"], 40100, "too young");
    bay.shop.control.reverse_floor(0).await.unwrap();
    assert_eq!(bay.about("reverse", "TK0002").await["data"]["trade_state"], "REVOKED");
    assert_eq!(bay.about("reverse", "TK0002").await["code"], 40104);
    for operation in ["query", "close", "reverse"] {
        assert_eq!(bay.about(operation, "TK0009").await["code"], 40102);
    }
}

#[tokio::test]
async fn a_payment_code_pays_awaits_or_is_refused() {
    let bay = Bay::open().await;
    let control = &bay.shop.control;
    let code = |manner, purse| async move { control.mint_code(manner, purse).await.unwrap().code };
    let pays = code(Manner::AtOnce, Purse::Unionpay).await;
    let answer = bay.present("TK0001", &pays).await;
    assert_eq!((&answer["code"], &answer["data"]["trade_state"]), (&json!(200), &json!("SUCCESS")));
    assert!(bay.verifies(&answer));
    assert_eq!(bay.present("TK0002", &pays).await["code"], 40111, "each code once");
    assert_eq!(bay.about("query", "TK0002").await["data"]["trade_state"], "PAYERROR");
    let received = serde_json::to_string(&control.received(0).await.unwrap()).unwrap();
    assert!(received.contains("TK0002") && !received.contains(&pays), "{received}");

    let confirm = code(Manner::Confirm, Purse::Wechat).await;
    assert_eq!(bay.present("TK0003", &confirm).await["code"], 201);
    assert_eq!(bay.about("query", "TK0003").await["data"]["trade_state"], "USERPAYING");
    control.pay("TK0003").await.unwrap();
    assert_eq!(bay.about("query", "TK0003").await["data"]["trade_state"], "SUCCESS");

    control.dialect(Dialect { notpay: true, ..Dialect::default() }).await.unwrap();
    let answer = bay.present("TK0004", &code(Manner::Confirm, Purse::Wechat).await).await;
    assert_eq!((&answer["code"], &answer["data"]["trade_state"]), (&json!(200), &json!("NOTPAY")));
    control.dialect(Dialect::default()).await.unwrap();

    assert_eq!(bay.present("TK0005", &code(Manner::Refused, Purse::Alipay).await).await["code"], 40500);
    let foreign = json!({
        "payment": "micropay", "out_trade_no": "TK0006", "total_fee": 1, "provider": "alipay",
        "code": code(Manner::AtOnce, Purse::Wechat).await,
    });
    assert_eq!(bay.ask("/payment/pay", foreign).await["code"], 40500);
}

#[tokio::test]
async fn a_refund_without_an_amount_takes_everything() {
    let bay = Bay::open().await;
    bay.shop.control.auto_refund(None).await.unwrap();
    bay.pay("TK0001", "wechat.qrcode").await;
    let refund = |fields: Value| bay.ask("/payment/refund", fields);
    let early = refund(json!({ "out_trade_no": "TK0001", "out_refund_no": "TR1", "refund_fee": 1 })).await;
    assert_eq!(early["code"], 40100);
    bay.shop.control.pay("TK0001").await.unwrap();
    let part = json!({ "out_trade_no": "TK0001", "out_refund_no": "TR1", "refund_fee": 250, "password": "hidden" });
    let part = refund(part).await;
    assert!(bay.verifies(&part));
    let received = bay.shop.control.received(0).await.unwrap();
    assert!(received.iter().all(|entry| !entry.fields.contains_key("password")));
    assert_eq!((&part["data"]["refund_fee"], &part["data"]["refund_status"]), (&json!(250), &json!("PROCESSING")));
    let again = refund(json!({ "out_trade_no": "TK0001", "out_refund_no": "TR1", "refund_fee": 1 })).await;
    assert_eq!(again["code"], 493_001);
    let much = refund(json!({ "out_trade_no": "TK0001", "out_refund_no": "TR2", "refund_fee": 1001 })).await;
    assert_eq!(much["code"], 40100);
    let all = refund(json!({ "out_trade_no": "TK0001", "out_refund_no": "TR3" })).await;
    assert_eq!(all["data"]["refund_fee"], 1000, "all that is left");
    let query = |refund_no: &'static str| bay.ask("/order/refundquery", json!({ "customer_refund_no": refund_no }));
    bay.shop.control.settle_refund(Some("TR1")).await.unwrap();
    bay.shop.control.fail_refund(Some("TR3")).await.unwrap();
    assert_eq!(query("TR1").await["data"]["refund_status"], "SUCCESS");
    assert_eq!(query("TR3").await["data"]["refund_status"], "REFUNDCLOSE");
    bay.shop.control.dialect(Dialect { sent_back: true, ..Dialect::default() }).await.unwrap();
    assert_eq!(query("TR3").await["data"]["refund_status"], "CHANGE");
    assert_eq!(query("TR9").await["code"], 492_002);
    bay.shop.control.dialect(Dialect { bare_refunds: true, ..Dialect::default() }).await.unwrap();
    let bare = query("TR1").await;
    assert!(bare.get("code").is_none() && bare["out_refund_no"] == "TR1");
}

#[tokio::test]
async fn the_invalid_nested_json_of_the_sample_can_be_printed() {
    let bay = Bay::open().await;
    bay.shop.control.fault(Scope::Create, Fault::NestedJson).await.unwrap();
    let fields = json!({ "payment": "alipay.app", "out_trade_no": "TK0001", "total_fee": 20 });
    let text = bay.raw("/payment/pay", fields).await;
    assert!(text.contains(r#""app":"{"_input_charset":"UTF-8""#), "{text}");
    assert!(serde_json::from_str::<Value>(&text).is_err());
    assert_eq!(bay.about("query", "TK0001").await["data"]["trade_state"], "NOTPAY", "the order exists");
}

#[tokio::test]
async fn what_the_documents_forbid_is_refused_with_its_code() {
    let bay = Bay::open().await;
    let good = json!({ "payment": "wechat.qrcode", "out_trade_no": "TK0001", "total_fee": 10 });
    for (name, value, code) in [
        ("payment", json!("wechat.scan"), 492_003),
        ("total_fee", json!(0), 492_001),
        ("total_fee", json!("1.5"), 492_001),
        ("total_fee", Value::Null, 4003),
        ("time_expire", json!(1_767_225_900), 492_001),
        ("code", json!("134567890123456789"), 492_001),
        ("wallet", json!("US"), 492_001),
        ("notify_url", json!("/n"), 492_001),
        ("out_trade_no", json!("T".repeat(33)), 492_001),
        ("attach", json!({}), 492_001),
    ] {
        let mut fields = good.clone();
        fields[name] = value.clone();
        fields.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        assert_eq!(bay.ask("/payment/pay", fields).await["code"], code, "{name} {value}");
    }
    for (payment, name) in [
        ("micropay", "code"),
        ("wechat.jsapi", "sub_openid"),
        ("wechat.app", "sub_appid"),
        ("wechat.mweb", "spbill_create_ip"),
    ] {
        let mut fields = good.clone();
        fields["payment"] = json!(payment);
        fields["sub_appid"] = json!("wx1");
        if name == "sub_appid" {
            fields["sub_appid"] = json!("");
        }
        if payment == "micropay" || payment == "wechat.mweb" {
            fields.as_object_mut().unwrap().remove("sub_appid");
        }
        let answer = bay.ask("/payment/pay", fields).await;
        assert_eq!(answer["code"], 4003, "{payment} without {name}: {answer}");
        assert!(answer["message"].as_str().unwrap().contains(name));
    }
    let mut forged = bay.signed(good.clone());
    forged.insert("total_fee".to_owned(), json!(1));
    let url = format!("{}/payment/pay", bay.base);
    let url = url.as_str();
    let send =
        |body: String| async move { http("POST", url, &[], body.as_bytes()).await.unwrap().json()["code"].clone() };
    assert_eq!(send(Value::Object(forged.clone()).to_string()).await, 4004);
    forged.insert("appid".to_owned(), json!("1"));
    assert_eq!(send(Value::Object(forged).to_string()).await, 4002);
    assert_eq!(send("payment=micropay".to_owned()).await, 4001);
    assert!(bay.shop.control.trades().await.unwrap().is_empty());
}

#[tokio::test]
async fn faults_strike_here_too_and_contradictions_are_authentic() {
    let bay = Bay::open().await;
    bay.pay("TK0001", "wechat.qrcode").await;
    bay.shop.control.pay("TK0001").await.unwrap();
    for (fault, name, honest) in [
        (Fault::WrongAmount, "total_fee", json!(1250)),
        (Fault::WrongNumber, "out_trade_no", json!("TK0001")),
        (Fault::WrongMerchant, "appid", json!(bay.appid)),
        (Fault::WrongCurrency, "fee_type", json!("HKD")),
        (Fault::NoTradeState, "trade_state", json!("SUCCESS")),
    ] {
        bay.shop.control.fault(Scope::Query, fault.clone()).await.unwrap();
        let answer = bay.about("query", "TK0001").await;
        assert!(bay.verifies(&answer), "{fault:?}");
        assert_ne!(answer["data"][name], honest, "{fault:?}");
    }
    bay.shop.control.fault(Scope::Query, Fault::WrongSignature).await.unwrap();
    assert!(!bay.verifies(&bay.about("query", "TK0001").await));
    bay.shop.control.fault(Scope::Query, Fault::MissingSignature).await.unwrap();
    assert!(bay.about("query", "TK0001").await["data"].get("sign").is_none());
    bay.shop.control.fault(Scope::Query, Fault::DuplicatedKeys).await.unwrap();
    let text = bay.raw("/order/query", json!({ "out_trade_no": "TK0001" })).await;
    assert_eq!(text.matches("\"trade_state\"").count(), 2);
    let code = Fault::Code { code: 4006, msg: "busy".to_owned(), processed: false };
    bay.shop.control.fault(Scope::Query, code).await.unwrap();
    assert_eq!(bay.about("query", "TK0001").await["code"], 4006);
    bay.shop.control.currency("AUD").await.unwrap();
    assert_eq!(bay.pay("TK0002", "wechat.qrcode").await["data"]["fee_type"], "AUD");
}
