//! Orders made by voice at the pretend Dingdang.

use crate::shop::{Reply, Shop, http};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, UnparsedPublicKey};
use data_encoding::BASE64;
use jiff::{Span, Timestamp};
use serde_json::{Value, json};
use till_sandbox::{Fault, Item, Scope};

struct Speaker {
    shop: Shop,
    base: String,
    skill_id: String,
    key: RsaKeyPair,
    platform: Vec<u8>,
}

impl Speaker {
    async fn open() -> Self {
        let shop = Shop::open().await;
        let (base, skill_id) = shop.gateway("dingdang", "skill_id");
        let (_, pem) = shop.gateway("dingdang", "skill_private_key");
        let body: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
        let key = RsaKeyPair::from_pkcs8(&BASE64.decode(body.as_bytes()).unwrap()).unwrap();
        let (_, platform) = shop.gateway("dingdang", "tsk_public_key");
        Self { shop, base, skill_id, key, platform: BASE64.decode(platform.as_bytes()).unwrap() }
    }

    async fn order(&self) -> (String, String) {
        let items = [("tea", 2, 1000), ("cake", 1, 250)].map(|(id, quantity, amount)| Item {
            item_id: id.to_owned(),
            quantity,
            amount,
        });
        let trade = self.shop.control.voice_order(None, &items).await.unwrap().trade;
        (trade.order_no, trade.gateway_no)
    }

    fn header(&self, body: &str, off_s: i64) -> String {
        let at = Timestamp::now() + Span::new().seconds(off_s);
        let datetime = at.strftime("%Y%m%dT%H%M%SZ").to_string();
        let mut signature = vec![0; self.key.public_modulus_len()];
        let content = format!("{body}{datetime}");
        self.key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), content.as_bytes(), &mut signature).unwrap();
        format!("TSK-RSA2 Datetime={datetime}, Signature={}", BASE64.encode(&signature))
    }

    async fn send(&self, path: &str, body: &str, header: &str) -> Reply {
        let headers = [("Content-Type", "application/json;charset=UTF-8"), ("Authorization", header)];
        http("POST", &format!("{}/paycgi/{path}", self.base), &headers, body.as_bytes()).await.unwrap()
    }

    fn body(&self, mut fields: Value) -> String {
        fields["skillId"] = json!(self.skill_id);
        fields["nonceStr"] = json!("0123456789abcdef");
        fields.to_string()
    }

    async fn reply(&self, path: &str, fields: Value) -> Reply {
        let body = self.body(fields);
        let header = self.header(&body, 0);
        self.send(path, &body, &header).await
    }

    async fn ask(&self, path: &str, fields: Value) -> Value {
        self.reply(path, fields).await.json()
    }

    fn verifies(&self, reply: &Reply) -> bool {
        let header = reply.header("authorization").unwrap();
        let (datetime, signature) = header
            .strip_prefix("TSK-RSA2 Datetime=")
            .and_then(|rest| rest.split_once(", Signature="))
            .unwrap_or_else(|| panic!("{header}"));
        let content = [reply.body.as_slice(), datetime.as_bytes()].concat();
        let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &self.platform);
        public.verify(&content, &BASE64.decode(signature.as_bytes()).unwrap()).is_ok()
    }
}

#[tokio::test]
async fn a_voice_order_is_asked_for_by_either_number_and_replies_are_signed() {
    let speaker = Speaker::open().await;
    let (trade_no, transaction_id) = speaker.order().await;
    let reply = speaker.reply("orderquery", json!({ "tradeNo": trade_no })).await;
    assert!(speaker.verifies(&reply));
    let unpaid = reply.json();
    assert_eq!((&unpaid["retCode"], &unpaid["tradeStatus"]), (&json!("SUCCESS"), &json!("NOTPAY")));
    assert_eq!((&unpaid["totalAmt"], &unpaid["skillId"]), (&json!(1250), &json!(speaker.skill_id)));
    speaker.shop.control.dawdle(trade_no.as_str()).await.unwrap();
    assert_eq!(speaker.ask("orderquery", json!({ "tradeNo": trade_no })).await["tradeStatus"], "PROCESSING");
    speaker.shop.control.pay(trade_no.as_str()).await.unwrap();
    let paid = speaker.ask("orderquery", json!({ "transactionId": transaction_id })).await;
    assert_eq!((&paid["tradeStatus"], &paid["tradeNo"]), (&json!("SUCCESS"), &json!(trade_no)));
    speaker.shop.control.decline(trade_no.as_str()).await.unwrap();
    assert_eq!(speaker.ask("orderquery", json!({ "tradeNo": trade_no })).await["tradeStatus"], "FAIL");
    let items = [Item { item_id: "tea".to_owned(), quantity: 1, amount: 5 }];
    assert!(speaker.shop.control.voice_order(Some(&trade_no), &items).await.is_err(), "the number is taken");
    assert_eq!(speaker.shop.control.voice_order(Some("PARTNER1"), &items).await.unwrap().trade.order_no, "PARTNER1");
    assert!(speaker.shop.control.voice_order(None, &[]).await.is_err());
}

#[tokio::test]
async fn a_timestamp_more_than_three_minutes_off_is_refused_by_name() {
    let speaker = Speaker::open().await;
    let (trade_no, _) = speaker.order().await;
    let body = speaker.body(json!({ "tradeNo": trade_no }));
    for (off_s, granted) in [(-170, true), (170, true), (-240, false), (240, false)] {
        let reply = speaker.send("orderquery", &body, &speaker.header(&body, off_s)).await.json();
        assert_eq!(reply["retCode"] == "SUCCESS", granted, "{off_s}: {reply}");
        if !granted {
            let msg = reply["retMsg"].as_str().unwrap();
            let off: i64 = msg.split(' ').find_map(|word| word.parse().ok()).unwrap();
            assert!((off + off_s).abs() < 10 && msg.contains("timestamp"), "{msg}");
        }
    }
    speaker.shop.control.skew(3600).await.unwrap();
    let skewed = speaker.ask("orderquery", json!({ "tradeNo": trade_no })).await;
    assert!(skewed["retMsg"].as_str().unwrap().contains("3600"), "{skewed}");
}

#[tokio::test]
async fn a_missing_foreign_or_stale_signature_is_refused() {
    let speaker = Speaker::open().await;
    let (trade_no, _) = speaker.order().await;
    let body = speaker.body(json!({ "tradeNo": trade_no }));
    let other = speaker.body(json!({ "tradeNo": "X" }));
    for header in ["", "TSK-RSA2 Datetime=20170720T193559Z", &speaker.header(&other, 0)] {
        let reply = speaker.send("orderquery", &body, header).await.json();
        assert_eq!(reply["retCode"], "FAIL", "{header}");
        assert!(reply.get("tradeStatus").is_none() && reply["retMsg"].as_str().unwrap().chars().count() <= 32);
    }
}

#[tokio::test]
async fn requests_are_read_as_strictly_as_the_document() {
    let speaker = Speaker::open().await;
    let (trade_no, transaction_id) = speaker.order().await;
    for (path, fields) in [
        ("orderquery", json!({})),
        ("orderquery", json!({ "tradeNo": trade_no, "transactionId": transaction_id })),
        ("orderquery", json!({ "tradeNo": trade_no, "totalAmt": 1250 })),
        ("orderquery", json!({ "tradeNo": trade_no, "version": "2.0" })),
        ("orderquery", json!({ "tradeNo": 1 })),
        ("orderquery", json!({ "tradeNo": "unknown" })),
        ("refundquery", json!({ "refundTradeNo": "TR1" })),
    ] {
        let reply = speaker.ask(path, fields.clone()).await;
        assert_eq!(reply["retCode"], "FAIL", "{path} {fields}");
    }
}

#[tokio::test]
async fn a_refund_names_its_lines_and_is_followed_to_its_end() {
    let speaker = Speaker::open().await;
    speaker.shop.control.auto_refund(None).await.unwrap();
    let (trade_no, _) = speaker.order().await;
    let refund = |refund_no: &str, fen: i64, details: Value| {
        let mut fields = json!({ "tradeNo": trade_no, "refundTradeNo": refund_no, "totalAmt": 1250, "refundAmt": fen });
        if !details.is_null() {
            fields["refundDetails"] = details;
        }
        speaker.ask("refund", fields)
    };
    let cake = || json!([{ "itemId": "cake", "quantity": 1, "amount": 250 }]);
    assert_eq!(refund("TR1", 250, cake()).await["retCode"], "FAIL", "not paid yet");
    speaker.shop.control.pay(trade_no.as_str()).await.unwrap();
    for (fen, details) in [
        (250, Value::Null),
        (250, json!([])),
        (251, cake()),
        (1251, json!([{ "itemId": "tea", "quantity": 2, "amount": 1251 }])),
        (5, json!([{ "itemId": "coffee", "quantity": 1, "amount": 5 }])),
        (300, json!([{ "itemId": "cake", "quantity": 1, "amount": 300 }])),
    ] {
        assert_eq!(refund("TR1", fen, details.clone()).await["retCode"], "FAIL", "{fen} {details}");
    }
    let accepted = refund("TR1", 250, cake()).await;
    assert_eq!((&accepted["retCode"], &accepted["refundAmt"]), (&json!("SUCCESS"), &json!(250)), "{accepted}");
    assert!(accepted["refundTransactionId"].is_string() && accepted.get("refundStatus").is_none());
    assert_eq!(refund("TR1", 250, cake()).await["retCode"], "FAIL", "the number is taken");
    assert_eq!(refund("TR2", 250, cake()).await["retCode"], "FAIL", "the cake went back already");
    let query = || speaker.ask("refundquery", json!({ "refundTradeNo": "TR1" }));
    assert_eq!(query().await["refundStatus"], "PROCESSING");
    speaker.shop.control.settle_refund(Some("TR1")).await.unwrap();
    assert_eq!(query().await["refundStatus"], "SUCCESS");
    assert_eq!(speaker.ask("orderquery", json!({ "tradeNo": trade_no })).await["tradeStatus"], "SUCCESS");
    speaker.shop.control.fail_refund(Some("TR1")).await.unwrap();
    assert_eq!(query().await["refundStatus"], "FAIL");
}

#[tokio::test]
async fn a_reply_can_be_unsigned_wrongly_signed_or_wrong() {
    let speaker = Speaker::open().await;
    let (trade_no, _) = speaker.order().await;
    let ask = |fault: Fault| async {
        speaker.shop.control.fault(Scope::Query, fault).await.unwrap();
        speaker.reply("orderquery", json!({ "tradeNo": trade_no })).await
    };
    assert!(ask(Fault::MissingSignature).await.header("authorization").is_none());
    assert!(!speaker.verifies(&ask(Fault::WrongSignature).await));
    let [stale, fresh] = [ask(Fault::Stale { seconds: 200 }).await, ask(Fault::Delay { ms: 0 }).await];
    assert!(speaker.verifies(&stale) && speaker.verifies(&fresh));
    assert!(stale.header("authorization") < fresh.header("authorization"), "it was made before the other");
    let wrong = ask(Fault::WrongAmount).await;
    assert!(speaker.verifies(&wrong) && wrong.json()["totalAmt"] == 1251);
    let foreign = ask(Fault::WrongMerchant).await;
    assert!(speaker.verifies(&foreign) && foreign.json()["skillId"] != json!(speaker.skill_id));
    let twice = ask(Fault::DuplicatedKeys).await;
    assert!(speaker.verifies(&twice) && twice.text().matches("\"tradeStatus\"").count() == 2);
    let unsigned = ask(Fault::UnsignedPaid).await;
    assert!(unsigned.header("authorization").is_none() && unsigned.json()["tradeStatus"] == "SUCCESS");
}
