//! What strangers send so that two readers of the same bytes take them for different requests.

use crate::notifications::{NEVER, Post, text};
use till_core::order::State;
use till_sandbox::Notifications;

#[tokio::test]
async fn a_notification_that_is_smuggled_behind_another_request_is_not_read() {
    let post = Post::open("jubao", &[NEVER]).await;
    let path = "/notify/jubao/main";
    // Somebody has got hold of what the gateway signed, before it came here.
    post.counter.control.notifications(Notifications { on: false, ..Notifications::default() }).await.unwrap();
    post.notified_at("/notify/jubao/nobody").await;
    let order_no = post.sell().await;
    post.counter.control.pay(&order_no).await.unwrap();
    post.counter.control.notify(&order_no).await.unwrap();
    let signed = post.answered(1).await.pop().unwrap();
    assert_eq!(signed.answer.as_deref(), Some("fail"));
    let honest =
        format!("POST {path} HTTP/1.1\r\nHost: till\r\nContent-Length: {}\r\n\r\n{}", signed.body.len(), signed.body);

    let begin = format!("POST {path} HTTP/1.1\r\nHost: till\r\n");
    for shape in [
        format!("{begin}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        format!("{begin}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"),
        format!("{begin}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n"),
        format!("{begin}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
        format!("{begin}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"),
        format!("{begin}Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        format!("{begin}Transfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 5\r\n\r\n"),
        format!("{begin}Transfer-Encoding: chunked\r\n\r\nffffffffffffffff1\r\n"),
        format!("{begin}Content-Length: 0\r\nContent-Length: 5\r\n\r\n"),
        format!("{begin}Content-Length: 5\r\nContent-Length: 0\r\n\r\n"),
        format!("{begin}Content-Length: 0, 0\r\n\r\n"),
        format!("{begin}Content-Length: +0\r\n\r\n"),
        format!("{begin}Content-Length: 0x0\r\n\r\n"),
        format!("{begin}X: folded\r\n Content-Length: 5\r\nContent-Length: 0\r\n\r\n"),
        format!("POST {path} HTTP/1.1\nHost: till\nContent-Length: 0\n\n"),
        format!("{begin}Connection: keep-alive\r\nContent-Length: 0\r\n\r\n"),
        format!("{begin}Expect: 100-continue\r\nContent-Length: 0\r\n\r\n"),
        format!("{begin}Connection: upgrade\r\nUpgrade: h2c\r\nContent-Length: 0\r\n\r\n"),
    ] {
        let answer = post.raw(format!("{shape}{honest}").as_bytes()).await;
        assert!(answer.matches("HTTP/1.1 ").count() <= 1, "one answer at most: {shape} {answer}");
        assert!(!answer.to_ascii_lowercase().contains("success"), "{shape} {answer}");
        assert_eq!(post.order(&order_no).await.order.state, State::AwaitingPayment, "{shape}");
    }
    let chunks = format!("{:x}\r\n{}\r\n0\r\n\r\n", signed.body.len(), signed.body);
    for coding in ["chunked, chunked", "identity, chunked", "chunked\r\nTransfer-Encoding: chunked"] {
        let answer = post.raw(format!("{begin}Transfer-Encoding: {coding}\r\n\r\n{chunks}").as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 400 ") && text(&answer).is_empty(), "{coding} {answer}");
        assert_eq!(post.order(&order_no).await.order.state, State::AwaitingPayment, "{coding}");
    }
    assert_eq!(text(&post.raw(honest.as_bytes()).await), "SUCCESS", "by itself it is read");
    assert_eq!(post.order(&order_no).await.order.state, State::Paid);
    let answer = post.raw(format!("{begin}Transfer-Encoding: chunked\r\n\r\n{chunks}").as_bytes()).await;
    assert_eq!(text(&answer), "SUCCESS", "in chunks too");
}
