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

#[tokio::test]
async fn the_customer_shows_a_payment_code_and_confirms_on_the_same_page() {
    let shop = Shop::open().await;
    let page = shop.sandbox.payment_code_url();
    assert_eq!(shop.sandbox.announcement()["payment_code"], page.as_str());
    let empty = get(&page, &[("Accept-Language", "en")]).await.text();
    assert!(empty.contains("Show a new payment code") && !empty.contains("<svg"));
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    let reply = http("POST", &format!("{page}/code?lang=en"), &form, b"purse=wechat&manner=confirm").await.unwrap();
    assert_eq!(reply.status, 303);
    let minted = shop.control.codes().await.unwrap().remove(0);
    let shown = get(&page, &[("Accept-Language", "en")]).await.text();
    assert!(shown.contains(&format!("data-code=\"{}\"", minted.code)) && shown.contains("<svg class=\"qr\""));
    assert!(shown.contains("Waits for me to confirm"));
    shop.present("TK0001", "wechat.micro", &minted.code).await;
    let asked = get(&page, &[("Accept-Language", "en")]).await.text();
    assert!(asked.contains("data-standing=\"paying\"") && asked.contains("Confirm payment"));
    tap(&shop.sandbox.phone_url("TK0001").unwrap(), "decline").await;
    let declined = get(&page, &[("Accept-Language", "en")]).await.text();
    assert!(declined.contains("data-standing=\"declined\"") && !declined.contains("/pay?"), "{declined}");
    for (lang, word) in [("zh-CN", "我的付款码"), ("zh-HK", "我的付款碼")] {
        assert!(get(&format!("{page}?lang={lang}"), &[]).await.text().contains(word));
    }
}

#[tokio::test]
async fn a_payment_code_is_made_only_on_its_own_page_and_every_page_leads_there() {
    let (shop, page) = order().await;
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    let body = b"purse=wechat&manner=at_once";
    assert_eq!(http("POST", &format!("{page}/code"), &form, body).await.unwrap().status, 404);
    let unreadable =
        http("POST", &format!("{}/code", shop.sandbox.payment_code_url()), &form, b"purse=x").await.unwrap();
    assert!((400..500).contains(&unreadable.status));
    assert!(shop.control.codes().await.unwrap().is_empty());
    let token = shop.sandbox.payment_code_url().rsplit('/').next().unwrap().to_owned();
    for address in [page, shop.sandbox.phone_list_url()] {
        assert!(get(&address, &[]).await.text().contains(&token));
    }
}
