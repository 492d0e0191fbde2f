//! The customer's page in real Chromium, with the apps' bridges scripted.

use crate::desk::PATIENCE;
use crate::pages::{CHANNELS, NEVER, Street};
use serde_json::{Value, json};
use till_core::order::State;
use till_core::rights::Actor;
use till_tests::browser::{ALIPAY, PLAIN, Phone, QQ, WECHAT};

const OPEN: &str = "document.getElementById('order').dataset.standing === 'open'";
const PAID: &str = "document.getElementById('order').dataset.standing === 'paid'";
const ENDED: &str = "document.getElementById('order').dataset.standing === 'ended'";

/// The page is as wide as the phone, and fingers find every button.
pub async fn fits(phone: &Phone, what: &str) {
    let wide = "return [innerWidth, document.documentElement.scrollWidth, document.images.length]";
    assert_eq!(phone.run(wide).await, json!([360, 360, 0]), "{what}");
    let small = "return [...document.querySelectorAll('button')].filter((one) => one.offsetHeight < 48).length";
    assert_eq!(phone.run(small).await, json!(0), "{what}");
}

/// Puts an app's bridge beside the page, which keeps what it is called with and answers `answer`, or never.
async fn bridge(phone: &Phone, channel: &str, answer: Option<&Value>) {
    let answer = answer.map_or_else(String::new, |answer| format!("setTimeout(() => back({answer}), 20)"));
    let called = format!("(...all) => {{ const back = all.pop(); window.called = all; {answer} }}");
    let script = match channel {
        "qq.jsapi" => format!("window.mqq = {{ tenpay: {{ pay: {called} }} }}"),
        "alipay.jsapi" => format!("window.AlipayJSBridge = {{ call: {called} }}"),
        _ => format!("window.WeixinJSBridge = {{ invoke: {called} }}"),
    };
    phone.run(&script).await;
}

/// What a bridge can answer, and what the page makes of it.
fn answers(channel: &str) -> Vec<(Value, &'static str)> {
    match channel {
        "qq.jsapi" => vec![
            (json!({ "resultCode": 0, "retmsg": "", "data": { "total_fee": 1250 } }), "ok"),
            (json!({ "resultCode": -1, "retmsg": "<b>user cancel</b>" }), "failed"),
            (json!({ "resultCode": "0" }), "ok"),
            (json!(null), "other"),
            (json!({}), "other"),
        ],
        "alipay.jsapi" => ["9000", "8000", "4000", "6001", "6002", "99", "7"]
            .into_iter()
            .zip(["ok", "pending", "failed", "cancelled", "network", "left", "other"])
            .map(|(code, word)| (json!({ "resultCode": code }), word))
            .collect(),
        _ => ["ok", "cancel", "fail", "what"]
            .into_iter()
            .zip(["ok", "cancelled", "failed", "other"])
            .map(|(code, word)| (json!({ "err_msg": format!("get_brand_wcpay_request:{code}") }), word))
            .collect(),
    }
}

#[tokio::test]
async fn ruling_28_whatever_a_bridge_says_the_page_shows_what_a_query_says() {
    for (gateway, channel, app, _) in CHANNELS {
        let street = Street::open(gateway, &[NEVER]).await;
        let phone = Phone::open(app, "zh-CN").await;
        for (answer, word) in answers(channel) {
            // An order of its own: its gateway has not been asked yet, and is at once.
            phone.go(&street.sell(channel).await.order.qr.unwrap()).await;
            bridge(&phone, channel, Some(&answer)).await;
            phone.tap("#pay").await;
            phone.until(&format!("document.getElementById('hint').dataset.word === '{word}'")).await;
            phone.until("!document.getElementById('check').disabled").await;
            phone.until(OPEN).await;
            assert_eq!(phone.text("#outcome .said").await.as_deref(), Some("等待付款"), "{channel} {answer}");
            let hint = phone.text("#hint").await.unwrap();
            assert_eq!(hint.contains("<b>user cancel</b>"), answer["retmsg"] == "<b>user cancel</b>", "quoted: {hint}");
        }
        let called = phone.run("return window.called").await;
        match channel {
            "qq.jsapi" => {
                let given = called[0].as_object().unwrap();
                assert_eq!((given.len(), &given["pubAcc"], &given["pubAccHint"]), (3, &json!(""), &json!("")));
                assert!(given.values().all(Value::is_string), "000:109: {called}");
            }
            "alipay.jsapi" => {
                assert_eq!(called[0], "tradePay");
                assert_eq!(called[1].as_object().unwrap().keys().collect::<Vec<_>>(), ["tradeNO"], "{called}");
            }
            _ => {
                assert_eq!(called[0], "getBrandWCPayRequest");
                assert_eq!(called[1].as_object().unwrap().len(), 6, "{called}");
            }
        }
        // The wallet says no, the gateway says paid: what the gateway says is shown.
        let order = street.sell(channel).await.order;
        street.counter.control.pay(&order.order_no).await.unwrap();
        phone.go(&order.qr.unwrap()).await;
        let (no, _) = answers(channel).into_iter().find(|(_, word)| *word == "failed").unwrap();
        bridge(&phone, channel, Some(&no)).await;
        phone.tap("#pay").await;
        phone.until(PAID).await;
        assert_eq!(phone.text("#outcome .said").await.as_deref(), Some("已付款"), "{channel}");
        assert_eq!(phone.text("#pay").await, None, "nobody pays twice");
        assert_eq!(phone.text("#hint").await, None, "{channel}: the wallet's no does not stand under it");
        phone.close().await;
    }
}

#[tokio::test]
async fn ruling_24_an_app_that_never_answers_is_asked_around_by_the_check_button() {
    let street = Street::open("pooul", &[NEVER]).await;
    let order = street.sell("qq.jsapi").await.order;
    let phone = Phone::open(QQ, "en").await;
    phone.go(&order.qr.unwrap()).await;
    bridge(&phone, "qq.jsapi", None).await;
    phone.tap("#pay").await;
    phone.until("window.called").await;
    assert_eq!(phone.text("#hint").await.as_deref(), Some("Opening the wallet …"));
    street.counter.control.pay(&order.order_no).await.unwrap();
    phone.until("!document.getElementById('pay').disabled").await;
    assert_eq!(phone.text("#hint").await, None, "nothing is being opened any more");
    assert_eq!(phone.text("#outcome .said").await.as_deref(), Some("Waiting for your payment"));
    phone.tap("#check").await;
    phone.until(PAID).await;
    let known = street.counter.till.order(&order.order_no).await.unwrap();
    assert_eq!(known.order.state, State::Paid, "the till asked its gateway");
    phone.close().await;
}

#[tokio::test]
async fn without_a_touch_the_page_follows_what_the_till_comes_to_know() {
    let street = Street::open("blueocean", &[]).await;
    let order = street.sell("wechat.jsapi").await.order;
    let phone = Phone::open(WECHAT, "zh-HK").await;
    phone.go(&order.qr.unwrap()).await;
    assert_eq!(phone.text("#outcome .said").await.as_deref(), Some("等待付款"));
    assert_eq!(phone.text("#check").await.as_deref(), Some("查詢付款結果"));
    street.counter.control.pay(&order.order_no).await.unwrap();
    phone.until(PAID).await;

    // A page that says "ended" follows as well: what is paid late may be known only later.
    let order = street.sell("wechat.jsapi").await.order;
    street.counter.till.close(&Actor::Owner, &order.order_no).await.unwrap();
    street.counter.until(&order.order_no, "closed", |order| order.order.state == State::Closed).await;
    phone.go(order.qr.as_deref().unwrap()).await;
    phone.until(ENDED).await;
    street.counter.control.pay(&order.order_no).await.unwrap();
    street.counter.till.ask(&Actor::Owner, &order.order_no).await.unwrap();
    phone.until(PAID).await;
    phone.close().await;
}

#[tokio::test]
async fn an_app_without_its_bridge_says_so_and_a_wrong_app_says_which_one_it_takes() {
    let street = Street::open("pooul", &[NEVER]).await;
    let order = street.sell("alipay.jsapi").await.order;
    let phone = Phone::open(ALIPAY, "en").await;
    phone.go(&order.qr.unwrap()).await;
    phone.tap("#pay").await;
    phone.until("document.getElementById('hint').dataset.word === 'absent'").await;
    phone.close().await;

    let order = street.sell("alipay.jsapi").await.order;
    let phone = Phone::open(PLAIN, "en").await;
    phone.go(&order.qr.unwrap()).await;
    let told = phone.text("#elsewhere").await.unwrap();
    assert!(told.starts_with("Please open this in Alipay"), "{told}");
    fits(&phone, "in a wrong app").await;
    assert_eq!(phone.text("#pay").await, None);
    street.counter.control.pay(&order.order_no).await.unwrap();
    phone.tap("#check").await;
    phone.until(PAID).await;
    assert_eq!(phone.text("#elsewhere").await, None, "there is nothing to open any more");
    phone.close().await;
}

#[tokio::test]
async fn a_page_whose_order_ends_under_the_customers_eyes_says_so_and_takes_the_way_to_pay_away() {
    let street = Street::open("pooul", &[]).await;
    let order = street.sell("qq.jsapi").await.order;
    let address = order.qr.unwrap();
    let phone = Phone::open(QQ, "en").await;
    phone.go(&address).await;
    assert!(phone.text("#pay").await.is_some_and(|label| label == "Pay ¥12.50"));
    street.counter.till.close(&Actor::Owner, &order.order_no).await.unwrap();
    phone.until(ENDED).await;
    assert_eq!(phone.text("#pay").await, None);
    assert!(phone.text("#check").await.is_some());
    phone.go(&address).await;
    phone.until("document.getElementById('pay') === null").await;
    fits(&phone, "ended").await;

    // Paid all the same: what the button wants is asked once the question that found the end is two seconds old.
    street.counter.control.pay(&order.order_no).await.unwrap();
    let pressing = async {
        while phone.run(&format!("return {ENDED}")).await == json!(true) {
            phone.tap("#check").await;
            phone.until("!document.getElementById('check').disabled").await;
        }
    };
    tokio::time::timeout(PATIENCE, pressing).await.expect("the page says paid");
    phone.until(PAID).await;
    assert_eq!(phone.text("#pay").await, None, "nobody pays twice");

    phone.go(&format!("{address}x")).await;
    assert_eq!(phone.text("h1").await.as_deref(), Some("There is no payment here"));
    assert_eq!(phone.run("return document.querySelectorAll('button, script').length").await, json!(0));
    fits(&phone, "a wrong link").await;
    phone.close().await;
}

#[tokio::test]
async fn a_page_fits_a_narrow_phone_and_a_text_of_the_sale_stays_a_text() {
    let street = Street::open("pooul", &[NEVER]).await;
    let body = "<img src=x onerror=alert(1)>{{amount}}AVeryLongWordThatGoesOnAndOnAndOnAndOnAndOnAndOnAndOn";
    let request = till_engine::view::SaleRequest {
        account: "main".into(),
        channel: "qq.jsapi".into(),
        amount: "50000.00".into(),
        body: Some(body.into()),
        ..Default::default()
    };
    let order = street.counter.till.sell(&Actor::Owner, &request, None, None).await.unwrap().order;
    street.counter.till.created(&order.order_no).await;
    let address = street.counter.till.order(&order.order_no).await.unwrap().order.qr.unwrap();
    for language in ["zh-CN", "zh-HK", "en"] {
        let phone = Phone::open(QQ, language).await;
        phone.go(&address).await;
        assert_eq!(phone.run("return document.documentElement.lang").await, language);
        assert_eq!(phone.text(".what").await.as_deref(), Some(body));
        assert!(phone.text(".mark").await.is_some(), "the stage is no real gateway");
        fits(&phone, language).await;
        let stranger = "const one = document.createElement('script'); one.textContent = 'window.stranger = 1'; \
                        document.head.append(one); return window.stranger ?? null";
        assert_eq!(phone.run(stranger).await, Value::Null, "no other script runs");
        phone.close().await;
    }
}
