//! Who may call: nobody but Dingdang, as often as it likes.

use super::{NEVER, NOBODY, Shop, body, order_no};
use till_core::rights::Actor;
use till_engine::till::Receiving;
use till_engine::view::receiver::NotTaken;
use till_sandbox::{Fault, Notified, Scope};

#[tokio::test]
async fn whoever_is_not_dingdang_or_not_now_makes_no_order_and_learns_nothing() {
    let shop = Shop::open(&[NEVER]).await;
    for fault in [
        Fault::WrongSignature,
        Fault::MissingSignature,
        Fault::Stale { seconds: 200 },
        Fault::Stale { seconds: -200 },
        Fault::Truncated,
        Fault::Empty,
    ] {
        shop.counter.control.fault(Scope::Notification, fault.clone()).await.unwrap();
        let sent = shop.speak(shop.speech()).await;
        assert_eq!((sent.answer.as_deref(), sent.signed), (Some(NOBODY), None), "{fault:?}");
    }
    shop.counter.control.fault(Scope::Notification, Fault::Stale { seconds: 170 }).await.unwrap();
    let sent = shop.speak(shop.speech()).await;
    let first = order_no(&sent);
    let header = format!("Authorization: {}\r\n", sent.authorization.as_deref().unwrap());
    let more = sent.body.replace("1000", "1001");
    for (path, headers, sent) in [
        ("/dingdang/main/create", header.clone(), more.as_str()),
        ("/dingdang/nobody/create", header.clone(), &sent.body),
        ("/dingdang/main/ship", String::new(), &sent.body),
        ("/dingdang/main/create", header.repeat(2), &sent.body),
    ] {
        let answer = shop.knock(path, &headers, sent).await;
        assert!(answer.starts_with("HTTP/1.1 200") && body(&answer) == NOBODY, "{path} {answer}");
        assert!(!answer.to_lowercase().contains("authorization"), "{answer}");
    }
    for request in [
        "GET /dingdang/main/create HTTP/1.1\r\nHost: till\r\n\r\n",
        "POST /dingdang/main/pay HTTP/1.1\r\nHost: till\r\nContent-Length: 0\r\n\r\n",
        "POST /dingdang/main HTTP/1.1\r\nHost: till\r\nContent-Length: 0\r\n\r\n",
    ] {
        let answer = shop.raw(request.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 404") && body(&answer).is_empty(), "{answer}");
    }
    let huge = "POST /dingdang/main/create HTTP/1.1\r\nHost: till\r\nContent-Length: 99999999\r\n\r\n";
    assert_eq!(body(&shop.raw(huge.as_bytes()).await), NOBODY);
    assert_eq!(shop.numbers().await, [first]);
    // Refusals count against their source, and only they.
    for _ in 0..60 {
        shop.knock("/dingdang/main/create", "", "{}").await;
    }
    let not_read = || {
        let view = shop.counter.till.receiver(&Actor::Owner).unwrap();
        view.elsewhere.reasons.iter().find(|one| one.why == NotTaken::NotRead).map_or(0, |one| one.count)
    };
    let before = not_read();
    let answer = shop.again(&sent).await;
    assert_eq!((body(&answer), not_read()), (NOBODY, before + 1), "not even what is right, for a while");
}

#[tokio::test]
async fn the_addresses_that_the_platform_is_to_be_given_are_shown_while_there_is_a_way_to_them() {
    let shop = Shop::open(&[NEVER]).await;
    let till = &shop.counter.till;
    let shown = || till.receiver(&Actor::Owner).unwrap().accounts.remove(0);
    assert_eq!((shown().notify_url, shown().partner_urls), (None, vec![]));
    let listen = shop.receiver.addr();
    till.set_receiving(Receiving::On { listen, public_address: Some(format!("http://{listen}")) });
    assert_eq!(shown().notify_url, None);
    assert_eq!(shown().partner_urls, ["create", "ship", "refund"].map(|word| format!("{}/{word}", shop.partner())));
}

#[tokio::test]
async fn what_is_right_never_counts_against_its_source() {
    let shop = Shop::open(&[NEVER]).await;
    let sent = shop.speak(shop.speech()).await;
    let first = order_no(&sent);
    for _ in 0..100 {
        assert!(shop.again(&sent).await.contains(&first), "the same bytes are the same order");
    }
}

#[tokio::test]
async fn a_partner_without_dingdangs_key_takes_no_call() {
    let shop = Shop::open(&[NEVER, ("tsk_public_key", "")]).await;
    let sent = shop.speak(shop.speech()).await;
    assert_eq!((sent.answer.as_deref(), sent.signed), (Some(NOBODY), None));
    for interface in ["/ship", "/refund"] {
        let call = Notified { url: sent.url.replace("/create", interface), ..sent.clone() };
        assert_eq!(body(&shop.again(&call).await), NOBODY, "{interface}");
    }
    assert_eq!(shop.numbers().await, Vec::<String>::new());
}
