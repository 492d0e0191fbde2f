//! Whole ways of an order through the pretend Jubao, and what it refuses.

use crate::shop::{Reply, Shop, http};
use md5::{Digest, Md5};
use serde_json::{Map, Value, json};
use till_sandbox::{Fault, Scope, TradeState};

const CREATE: &str = "_m=pay_gateway&_a=apply_pay";
const QUERY: &str = "_m=payment&_a=query";

fn signature(fields: &Map<String, Value>, key: &str) -> String {
    let mut line = key.to_owned();
    for (name, value) in fields.iter().filter(|(name, _)| *name != "sign") {
        line += name;
        line += &value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
    }
    data_encoding::HEXUPPER.encode(&Md5::digest(line + key))
}

struct Mill {
    shop: Shop,
    base: String,
    mch_id: String,
    key: String,
}

impl Mill {
    async fn open() -> Self {
        let shop = Shop::open().await;
        let (base, mch_id) = shop.gateway("jubao", "mch_id");
        let (_, key) = shop.gateway("jubao", "key");
        Self { shop, base, mch_id, key }
    }

    fn order(&self, order_no: &str) -> Value {
        json!({
            "mch_id": self.mch_id, "pay_channel_id": "201", "total_fee": "1250", "out_trade_no": order_no,
            "body": "奶茶 & 蛋糕", "attach": "", "version": "2",
        })
    }

    fn signed(&self, fields: Value) -> Map<String, Value> {
        let Value::Object(mut fields) = fields else { panic!("an object") };
        fields.insert("sign".to_owned(), json!(signature(&fields, &self.key)));
        fields
    }

    async fn send(&self, address: &str, kind: &str, body: &str) -> Option<Reply> {
        let url = format!("{}/index.php?{address}", self.base);
        http("POST", &url, &[("Content-Type", kind)], body.as_bytes()).await
    }

    async fn ask(&self, address: &str, fields: Value) -> Value {
        let body = Value::Object(self.signed(fields)).to_string();
        self.send(address, "application/json", &body).await.unwrap().json()
    }

    async fn query(&self, order_sn: &Value) -> Value {
        self.ask(QUERY, json!({ "mch_id": self.mch_id, "order_sn": order_sn, "version": "2" })).await
    }
}

#[tokio::test]
async fn an_order_is_made_asked_for_by_its_order_sn_and_paid() {
    let mill = Mill::open().await;
    let created = mill.ask(CREATE, mill.order("TK0001")).await;
    assert_eq!((&created["ret"], &created["msg"]), (&json!(0), &json!("success")));
    let data = &created["data"];
    assert_eq!(data["out_trade_no"], "TK0001");
    assert_eq!(data["code_url"], json!(mill.shop.sandbox.phone_url("TK0001")));
    assert!(data.get("sign").is_none(), "no sample is signed");
    let unpaid = mill.query(&data["order_sn"]).await;
    assert_eq!((&unpaid["data"]["status"], &unpaid["data"]["finish_time"]), (&json!(1), &json!("")));
    mill.shop.control.pay("TK0001").await.unwrap();
    let paid = mill.query(&data["order_sn"]).await["data"].clone();
    assert_eq!((&paid["status"], &paid["total_fee"]), (&json!(2), &json!(1250)));
    assert_eq!((&paid["out_trade_no"], &paid["mch_id"]), (&json!("TK0001"), &json!(mill.mch_id)));
    assert_eq!(paid["finish_time"].as_str().unwrap().len(), 19);
    mill.shop.control.refund("TK0001").await.unwrap();
    assert_eq!(mill.query(&data["order_sn"]).await["data"]["status"], 3);
    mill.shop.control.close("TK0001").await.unwrap();
    assert_eq!(mill.query(&data["order_sn"]).await["data"]["status"], 4);
    mill.shop.control.set_state("TK0001", TradeState::from(9)).await.unwrap();
    assert_eq!(mill.query(&data["order_sn"]).await["data"]["status"], 9);
}

#[tokio::test]
async fn a_form_says_the_same_as_json_and_nothing_may_be_said_twice() {
    let mill = Mill::open().await;
    let mut fields = mill.order("TK0001");
    fields["body"] = json!("Tea & cake=1+1");
    let sign = signature(fields.as_object().unwrap(), &mill.key);
    let body = format!(
        "mch_id={}&pay_channel_id=201&total_fee=1250&out_trade_no=TK0001&body=Tea+%26+cake%3D1%2B1&attach=&version=2&sign={sign}",
        mill.mch_id
    );
    let form = "application/x-www-form-urlencoded; charset=utf-8";
    let twice = mill.send(CREATE, form, &format!("{body}&version=2")).await.unwrap().json();
    assert_eq!(twice["ret"], 4001);
    let created = mill.send(CREATE, form, &body).await.unwrap().json();
    assert_eq!(created["ret"], 0, "{created}");
    assert_eq!(mill.shop.control.trade("TK0001").await.unwrap().trade.body, "Tea & cake=1+1");
}

#[tokio::test]
async fn without_a_version_the_vendors_double_encoding_is_expected() {
    let mill = Mill::open().await;
    let mut fields = mill.order("TK0001");
    fields.as_object_mut().unwrap().remove("version");
    assert_eq!(mill.ask(CREATE, fields.clone()).await["ret"], 4004, "plain UTF-8 needs version 2");
    fields["body"] = json!("Tea");
    assert_eq!(mill.ask(CREATE, fields).await["ret"], 0, "ASCII is the same both ways");
}

#[tokio::test]
async fn an_order_cannot_be_asked_for_by_the_merchants_number() {
    let mill = Mill::open().await;
    mill.ask(CREATE, mill.order("TK0001")).await;
    let by_ours = json!({ "mch_id": mill.mch_id, "out_trade_no": "TK0001", "version": "2" });
    let refused = mill.ask(QUERY, by_ours).await;
    assert!(refused["ret"] == 492_001 && refused["msg"].as_str().unwrap().contains("out_trade_no"), "{refused}");
    assert_eq!(mill.ask(QUERY, json!({ "mch_id": mill.mch_id, "version": "2" })).await["ret"], 4003);
    assert_eq!(mill.query(&json!("20200101")).await["ret"], 40102);
    assert_eq!(mill.query(&json!("TK0001")).await["ret"], 40102);
}

#[tokio::test]
async fn what_the_document_forbids_is_refused_with_its_code() {
    let mill = Mill::open().await;
    for (name, value, ret) in [
        ("mch_id", json!("1"), 4002),
        ("pay_channel_id", json!("304"), 492_003),
        ("pay_channel_id", json!(""), 4003),
        ("total_fee", json!("0"), 492_001),
        ("total_fee", json!("12.5"), 492_001),
        ("attach", json!("a".repeat(129)), 492_001),
        ("notify_url", json!("n"), 492_001),
        ("time_expire", json!("1767225900"), 492_001),
        ("_sign", json!("1"), 4004),
    ] {
        let mut fields = mill.order("TK0001");
        fields[name] = value.clone();
        assert_eq!(mill.ask(CREATE, fields).await["ret"], ret, "{name} {value}");
    }
    let mut forged = mill.signed(mill.order("TK0001"));
    forged.insert("total_fee".to_owned(), json!("1"));
    let forged = Value::Object(forged).to_string();
    assert_eq!(mill.send(CREATE, "application/json", &forged).await.unwrap().json()["ret"], 4004);
    assert_eq!(mill.send(CREATE, "text/plain", "{}").await.unwrap().json()["ret"], 4001);
    assert_eq!(mill.ask("_m=payment&_a=refund", mill.order("TK0001")).await["ret"], 404);
    assert!(mill.shop.control.trades().await.unwrap().is_empty());
    mill.ask(CREATE, mill.order("TK0001")).await;
    assert_eq!(mill.ask(CREATE, mill.order("TK0001")).await["ret"], 40106);
    mill.shop.control.channels(&["304"]).await.unwrap();
    let mut given = mill.order("TK0002");
    given["pay_channel_id"] = json!(304);
    assert_eq!(mill.ask(CREATE, given).await["ret"], 0, "an id that the merchant was given");
}

#[tokio::test]
async fn faults_strike_here_too_and_answers_can_be_signed() {
    let mill = Mill::open().await;
    mill.shop.control.fault(Scope::Create, Fault::DropAfter).await.unwrap();
    let body = Value::Object(mill.signed(mill.order("TK0001"))).to_string();
    assert!(mill.send(CREATE, "application/json", &body).await.is_none());
    let order_sn = json!(mill.shop.control.trade("TK0001").await.unwrap().trade.gateway_no);
    mill.shop.control.pay("TK0001").await.unwrap();
    for (fault, name, honest) in [
        (Fault::WrongAmount, "total_fee", json!(1250)),
        (Fault::WrongNumber, "out_trade_no", json!("TK0001")),
        (Fault::WrongMerchant, "mch_id", json!(mill.mch_id)),
        (Fault::NoTradeState, "status", json!(2)),
        (Fault::WrongCurrency, "fee_type", Value::Null),
        (Fault::WrongSignature, "sign", Value::Null),
    ] {
        mill.shop.control.fault_for("TK0001", Scope::Query, 1, fault.clone()).await.unwrap();
        assert_ne!(mill.query(&order_sn).await["data"][name], honest, "{fault:?}");
    }
    mill.shop.control.jubao_signs(true).await.unwrap();
    let data = mill.query(&order_sn).await["data"].as_object().unwrap().clone();
    assert_eq!(data["sign"].as_str().unwrap().len(), 32);
}
