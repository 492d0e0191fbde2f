//! Payment codes at the pretend Pooul, and the guessed reverse that may follow.

use crate::shop::{Shop, http};
use serde_json::json;
use till_sandbox::{Manner, Purse, TradeState};

#[tokio::test]
async fn a_code_that_pays_at_once_is_answered_with_the_whole_payment() {
    let shop = Shop::open().await;
    for (order_no, channel, purse) in [
        ("TK0001", "wechat.micro", Purse::Wechat),
        ("TK0002", "alipay.micro", Purse::Alipay),
        ("TK0003", "qq.micro", Purse::Qq),
    ] {
        let minted = shop.control.mint_code(Manner::AtOnce, purse).await.unwrap();
        assert_eq!(minted.code.len(), 18);
        let answer = shop.present(order_no, channel, &minted.code).await;
        assert!(shop.verifies(&answer));
        let data = &answer["data"];
        assert_eq!((&data["result_code"], &data["trade_state"]), (&json!(0), &json!(0)));
        assert_eq!((&data["total_fee"], &data["mch_trade_id"]), (&json!(1250), &json!(order_no)));
        assert_eq!(shop.query(order_no).await["data"]["trade_state"], 0);
        let codes = shop.control.codes().await.unwrap();
        assert_eq!(codes[0].used_by.as_deref(), Some(order_no));
        let received = serde_json::to_string(&shop.control.received(0).await.unwrap()).unwrap();
        assert!(received.contains(order_no) && !received.contains(&minted.code), "{received}");
    }
}

#[tokio::test]
async fn a_code_whose_customer_must_confirm_is_paying_until_somebody_pays() {
    let shop = Shop::open().await;
    let minted = shop.control.mint_code(Manner::Confirm, Purse::Wechat).await.unwrap();
    let data = shop.present("TK0001", "wechat.micro", &minted.code).await["data"].clone();
    assert_eq!((&data["result_code"], &data["trade_state"]), (&json!(1), &json!(6)));
    assert_eq!((&data["need_query"], &data["err_code"]), (&json!("Y"), &json!("USERPAYING")));
    assert_eq!(shop.query("TK0001").await["data"]["trade_state"], 6);
    let page = shop.sandbox.phone_url("TK0001").unwrap();
    assert_eq!(http("POST", &format!("{page}/pay"), &[], b"").await.unwrap().status, 303);
    assert_eq!(shop.query("TK0001").await["data"]["trade_state"], 0);
}

#[tokio::test]
async fn a_refused_used_foreign_or_invented_code_is_a_definite_failure() {
    let shop = Shop::open().await;
    let refused = shop.control.mint_code(Manner::Refused, Purse::Wechat).await.unwrap().code;
    let used = shop.control.mint_code(Manner::AtOnce, Purse::Wechat).await.unwrap().code;
    shop.present("TK0000", "wechat.micro", &used).await;
    let foreign = shop.control.mint_code(Manner::AtOnce, Purse::Alipay).await.unwrap().code;
    for (order_no, code, err_code) in [
        ("TK0001", refused.as_str(), "TRADE_ERROR"),
        ("TK0002", &used, "AUTHCODEEXPIRE"),
        ("TK0003", &foreign, "AUTH_CODE_INVALID"),
        ("TK0004", "134567890123456789", "AUTH_CODE_INVALID"),
    ] {
        let answer = shop.present(order_no, "wechat.micro", code).await;
        assert!(shop.verifies(&answer));
        let data = &answer["data"];
        assert_eq!((&data["need_query"], &data["err_code"]), (&json!("N"), &json!(err_code)));
        assert_ne!(data["result_code"], 0);
        assert_eq!(shop.query(order_no).await["data"]["trade_state"], 7);
    }
    let page = shop.sandbox.phone_url("TK0001").unwrap();
    http("POST", &format!("{page}/pay"), &[], b"").await.unwrap();
    assert_eq!(shop.query("TK0001").await["data"]["trade_state"], 7, "the customer cannot try the same code again");
}

#[tokio::test]
async fn a_wechat_payment_code_lasts_a_minute_at_least() {
    let shop = Shop::open().await;
    let now = jiff::Timestamp::now().as_second();
    for (order_no, lasts_s, code) in [("TK0001", 30, 103), ("TK0002", 59, 103), ("TK0003", 60, 0), ("TK0004", 300, 0)] {
        let mut fields = shop.micro(order_no, "wechat.micro", "134567890123456789");
        fields.insert("time_start".to_owned(), json!(now));
        fields.insert("time_expire".to_owned(), json!(now + lasts_s));
        let answer = shop.send("pay", shop.signed(fields)).await.unwrap().json();
        assert_eq!(answer["code"], code, "{lasts_s}: {answer}");
        assert!(code == 0 || answer["msg"].as_str().unwrap().contains("time_expire"), "{answer}");
    }
}

#[tokio::test]
async fn a_payment_codes_create_takes_its_own_fields_and_no_others() {
    let shop = Shop::open().await;
    for (channel, name) in [
        ("wechat.micro", "auth_code"),
        ("alipay.micro", "subject"),
        ("alipay.micro", "device_info"),
        ("qq.micro", "device_info"),
    ] {
        let mut fields = shop.micro("TK0001", channel, "134567890123456789");
        fields.remove(name);
        let answer = shop.send("pay", shop.signed(fields)).await.unwrap().json();
        assert_eq!(answer["code"], 103, "{channel} without {name}");
        assert!(answer["msg"].as_str().unwrap().contains(name));
    }
    for (name, value) in [("notify_url", "https://example.com/n"), ("limit_pay", "1"), ("sign_agentno", "1")] {
        let mut fields = shop.micro("TK0001", "wechat.micro", "134567890123456789");
        fields.insert(name.to_owned(), json!(value));
        let code = shop.send("pay", shop.signed(fields)).await.unwrap().json()["code"].clone();
        assert!(code == 103 || (name == "sign_agentno" && code == 101), "{name}: {code}");
    }
    assert!(shop.control.trades().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_reverse_gives_back_what_a_code_paid_but_not_before_its_floor() {
    let shop = Shop::open().await;
    let minted = shop.control.mint_code(Manner::AtOnce, Purse::Wechat).await.unwrap();
    shop.present("TK0001", "wechat.micro", &minted.code).await;
    let reverse = || async { shop.send("reverse", shop.about("TK0001")).await.unwrap().json() };
    assert_eq!(reverse().await["data"]["reverse_status"], -1, "too young");
    shop.control.reverse_floor(0).await.unwrap();
    let answer = reverse().await;
    assert!(shop.verifies(&answer));
    assert_eq!((&answer["data"]["reverse_status"], &answer["data"]["trade_state"]), (&json!(0), &json!(4)));
    assert_eq!(reverse().await["data"]["reverse_status"], 1);
    assert_eq!(shop.query("TK0001").await["data"]["trade_state"], 4);
    shop.create("TK0002", "wechat.scan").await;
    let scanned = shop.send("reverse", shop.about("TK0002")).await.unwrap().json();
    assert_eq!(scanned["data"]["reverse_status"], -1, "only a payment code's order is reversed");
    assert_eq!(shop.control.trade("TK0002").await.unwrap().trade.state, TradeState::Unpaid);
}
