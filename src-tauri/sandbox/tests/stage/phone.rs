//! The customer's phone page.

use crate::shop::{Reply, Shop, get, http};
use till_sandbox::TradeState;

async fn tap(page: &str, act: &str) -> Reply {
    http("POST", &format!("{page}/{act}"), &[], b"").await.unwrap()
}

async fn order() -> (Shop, String) {
    let shop = Shop::open().await;
    let created = shop.create("TK0001", "wechat.scan").await;
    let page = created["data"]["code_url"].as_str().unwrap().to_owned();
    (shop, page)
}

#[tokio::test]
async fn the_page_says_amount_goods_and_that_no_money_moves() {
    let (_shop, page) = order().await;
    let reply = get(&page, &[("Accept-Language", "en")]).await;
    let text = reply.text();
    assert!(text.contains("12.50") && text.contains("Tea &amp; &lt;cake&gt;"));
    assert!(text.contains("No real money moves."));
    assert!(text.contains("width=device-width"));
}

#[tokio::test]
async fn the_page_speaks_the_phones_language_and_can_be_switched() {
    let (_shop, page) = order().await;
    for (accepted, lang, word) in [
        ("zh-CN,zh;q=0.9", "lang=\"zh-CN\">", "不会有任何真实的钱转出"),
        ("zh-HK,zh;q=0.9", "lang=\"zh-HK\">", "不會有任何真實款項轉出"),
        ("en-GB", "lang=\"en\">", "No real money moves"),
    ] {
        let text = get(&page, &[("Accept-Language", accepted)]).await.text();
        assert!(text.contains(lang) && text.contains(word), "{accepted}");
    }
    let switched = get(&format!("{page}?lang=zh-HK"), &[("Accept-Language", "en")]).await.text();
    assert!(switched.contains("不會有任何真實款項轉出"));
    assert!(switched.contains("pay?lang=zh-HK"), "the choice survives a tap");
}

#[tokio::test]
async fn the_page_loads_nothing_from_elsewhere_and_its_policy_forbids_it() {
    let (shop, page) = order().await;
    let reply = get(&page, &[]).await;
    let policy = reply.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'self';") && !policy.contains("unsafe"));
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    let text = reply.text();
    assert!(!text.contains("http://") && !text.contains("https://") && !text.contains("style="));
    for (file, kind) in [("style.css", "text/css"), ("script.js", "text/javascript"), ("icon.svg", "image/svg+xml")] {
        assert!(text.contains(&format!("/phone/{file}")));
        let served = get(&format!("{}/{file}", shop.sandbox.phone_list_url()), &[]).await;
        assert_eq!(served.status, 200);
        assert!(served.header("content-type").unwrap().starts_with(kind));
    }
}

#[tokio::test]
async fn paying_twice_pays_once() {
    let (shop, page) = order().await;
    let reply = tap(&page, "pay").await;
    assert_eq!(reply.status, 303);
    let first = shop.control.trade("TK0001").await.unwrap().trade;
    assert_eq!(first.state, TradeState::Paid);
    tap(&page, "pay").await;
    tap(&page, "decline").await;
    tap(&page, "dawdle").await;
    assert_eq!(shop.control.trade("TK0001").await.unwrap().trade, first);
    let text = get(&page, &[]).await.text();
    assert!(text.contains("data-standing=\"paid\"") && !text.contains("<button"));
}

#[tokio::test]
async fn a_customer_may_hesitate_decline_and_try_again() {
    let (shop, page) = order().await;
    tap(&page, "dawdle").await;
    assert_eq!(shop.query("TK0001").await["data"]["trade_state"], 6);
    tap(&page, "decline").await;
    assert_eq!(shop.query("TK0001").await["data"]["trade_state"], 7);
    assert!(get(&page, &[]).await.text().contains("data-standing=\"declined\""));
    tap(&page, "pay").await;
    assert_eq!(shop.query("TK0001").await["data"]["trade_state"], 0);
}

#[tokio::test]
async fn an_ended_order_cannot_be_paid_and_the_page_says_why() {
    let (shop, page) = order().await;
    shop.close("TK0001").await;
    tap(&page, "pay").await;
    assert_eq!(shop.query("TK0001").await["data"]["trade_state"], 3);
    let text = get(&page, &[("Accept-Language", "en")]).await.text();
    assert!(text.contains("The order is closed") && !text.contains("<button"));
    shop.control.refund("TK0001").await.unwrap();
    assert!(get(&page, &[("Accept-Language", "en")]).await.text().contains("The money was given back"));
    let nobody = get(&format!("{}/0123", shop.sandbox.phone_list_url()), &[]).await;
    assert_eq!(nobody.status, 404);
    assert_eq!(tap(&page, "steal").await.status, 404);
}

#[tokio::test]
async fn the_list_shows_what_can_be_paid_newest_first() {
    let (shop, page) = order().await;
    shop.create("TK0002", "alipay.scan").await;
    shop.create("TK0003", "qq.scan").await;
    shop.control.pay("TK0002").await.unwrap();
    let text = get(&shop.sandbox.phone_list_url(), &[]).await.text();
    let third = text.find("data-order=\"TK0003\"").unwrap();
    let first = text.find("data-order=\"TK0001\"").unwrap();
    assert!(third < first && !text.contains("TK0002"));
    assert!(text.contains(page.rsplit('/').next().unwrap()));
    let rebound = [("Origin", "https://example.com")];
    assert_eq!(get(&shop.sandbox.phone_list_url(), &rebound).await.status, 404);
}
