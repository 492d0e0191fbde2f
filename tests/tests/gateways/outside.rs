//! Whether a till finds out how it is reached from outside, and what it says of what came in.

use crate::desk::open;
use crate::notifications::Post;
use std::net::SocketAddr;
use std::sync::Arc;
use till_core::error::Code;
use till_core::rights::Actor;
use till_engine::receiver::{Options, Receiver};
use till_engine::settings;
use till_engine::till::Receiving;
use till_engine::view::Finding;
use till_engine::view::receiver::{NotTaken, ReceiverState};
use till_tests::counter::Counter;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

/// A counter whose receiver is reached at `public`, or where it listens.
async fn receiving(public: Option<String>) -> (Counter, Receiver) {
    let counter = open("pooul", &[("plan.poll_ms", "3600000")]).await;
    let options = Options { listen: "127.0.0.1:0".parse().unwrap(), proxy: None };
    let receiver = Receiver::open(counter.till.clone(), options).await.unwrap();
    let listen = receiver.addr();
    let public_address = Some(public.unwrap_or_else(|| format!("http://{listen}")));
    counter.till.set_receiving(Receiving::On { listen, public_address });
    (counter, receiver)
}

async fn found(counter: &Counter) -> Finding {
    counter.till.check_receiver(&Actor::Owner).await.unwrap().remove(0)
}

/// Answers every request with these bytes; without any, never.
async fn stranger(answer: Option<&'static str>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let mut kept = Vec::new();
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _read = stream.read(&mut [0; 1024]).await;
            if let Some(answer) = answer {
                drop(stream.write_all(answer.as_bytes()).await);
            } else {
                kept.push(stream);
            }
        }
    });
    address
}

/// Speaks TLS with a certificate that nobody vouches for.
async fn unvouched() -> SocketAddr {
    let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".into()]).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            assert!(acceptor.accept(stream).await.is_err(), "nothing is said to it");
        }
    });
    address
}

/// A proxy that passes on what lies below these paths with a line of its own among the headers. Its address.
async fn proxy(to: SocketAddr, passes: &'static [&'static str], line: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let public = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (mut visitor, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                let mut request = Vec::new();
                while !request.windows(4).any(|four| four == b"\r\n\r\n") {
                    visitor.read_buf(&mut request).await.unwrap();
                }
                let request = String::from_utf8(request).unwrap();
                let (first, rest) = request.split_once("\r\n").unwrap();
                let path = first.split(' ').nth(1).unwrap();
                let mut answer = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_vec();
                if passes.iter().any(|below| path.starts_with(below)) {
                    let mut till = TcpStream::connect(to).await.unwrap();
                    till.write_all(format!("{first}\r\n{line}{rest}").as_bytes()).await.unwrap();
                    answer.clear();
                    till.read_to_end(&mut answer).await.unwrap();
                }
                visitor.write_all(&answer).await.unwrap();
            });
        }
    });
    public
}

const EVERYTHING: &[&str] = &["/"];
const FORWARDED: &str = "X-Forwarded-For: 203.0.113.7\r\n";

/// What is wrong with the receiver itself.
async fn fault(counter: &Counter) -> Option<(Code, String)> {
    let findings = counter.till.examine_receiver(&Actor::Owner).await.unwrap();
    assert_eq!((findings[0].what.as_str(), findings[0].well), ("receiver", findings[0].fault.is_none()));
    let fault = findings[0].fault.clone()?;
    Some((fault.code, fault.facts.values().next().cloned().unwrap_or_default()))
}

/// What is answered to a request without a body, but for the time of the answer.
async fn knock(receiver: &Receiver, request: &str) -> String {
    knock_with(receiver, request, "").await
}

async fn knock_with(receiver: &Receiver, request: &str, headers: &str) -> String {
    let mut stream = TcpStream::connect(receiver.addr()).await.unwrap();
    let text = format!("{request} HTTP/1.1\r\nHost: till\r\n{headers}Content-Length: 0\r\n\r\n");
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer.lines().filter(|line| !line.starts_with("date:")).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn a_till_that_is_reached_through_its_public_address_finds_itself_every_time() {
    let (counter, receiver) = receiving(None).await;
    for _ in 0..3 {
        let finding = found(&counter).await;
        assert_eq!((finding.what.as_str(), finding.well, &finding.fault), ("receiver:outside", true, &None));
    }
    let view = counter.till.receiver(&Actor::Owner).unwrap();
    assert_eq!((view.accounts[0].came.refused, view.elsewhere.refused), (0, 0), "its own requests are nobody's");
    receiver.close().await;
}

#[tokio::test]
async fn the_way_in_of_its_own_request_tells_a_stranger_nothing() {
    let (_counter, receiver) = receiving(None).await;
    let token = "00000000000000000000000000000000";
    for (guessed, alike) in [
        (format!("/notify/self-check/{token}"), "/notify/pooul/nobody"),
        (format!("/dingdang/self-check/{token}"), "/dingdang/nobody/nothing"),
        (format!("/pay/{token}"), "/pay/nothing"),
    ] {
        for method in ["POST", "GET", "PUT"] {
            let own = knock(&receiver, &format!("{method} {guessed}")).await;
            assert_eq!(own, knock(&receiver, &format!("{method} {alike}")).await, "{method} {guessed}");
        }
    }
    assert!(knock(&receiver, &format!("POST /notify/self-check/{token}")).await.ends_with("fail"));
    receiver.close().await;
}

#[tokio::test]
async fn a_till_knows_its_own_request_once() {
    let (counter, receiver) = receiving(None).await;
    let here = receiver.addr();
    // A proxy that keeps what it passes on, and sends it once more.
    let proxy = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let public = format!("http://{}", proxy.local_addr().unwrap());
    let passed = tokio::spawn(async move {
        let mut answers = Vec::new();
        for _ in 0..2 {
            let (mut asked, _) = proxy.accept().await.unwrap();
            let mut request = vec![0; 1024];
            let length = asked.read(&mut request).await.unwrap();
            for first in [true, false] {
                let mut till = TcpStream::connect(here).await.unwrap();
                till.write_all(&request[..length]).await.unwrap();
                let mut answer = String::new();
                till.read_to_string(&mut answer).await.unwrap();
                if first {
                    asked.write_all(answer.as_bytes()).await.unwrap();
                }
                answers.push((first, answer.starts_with("HTTP/1.1 200") && !answer.ends_with("fail")));
            }
        }
        answers
    });
    counter.till.set_receiving(Receiving::On { listen: here, public_address: Some(public) });
    assert!(found(&counter).await.well);
    let answers = passed.await.unwrap();
    assert!(answers.iter().all(|(first, known)| first == known), "{answers:?}");
    receiver.close().await;
}

#[tokio::test]
async fn each_path_that_the_till_uses_is_tried_and_the_one_that_does_not_come_through_is_named() {
    for (gateway, passes, missing) in [
        ("pooul", &["/notify/"][..], Some("/pay/")),
        ("pooul", &["/pay/"], Some("/notify/")),
        ("pooul", &["/notify/", "/pay/"], None),
        ("dingdang", &["/notify/", "/pay/"], Some("")),
        ("dingdang", &["/dingdang/"], None),
    ] {
        let counter = open(gateway, &[]).await;
        let options = Options { listen: "127.0.0.1:0".parse().unwrap(), proxy: None };
        let receiver = Receiver::open(counter.till.clone(), options).await.unwrap();
        let listen = receiver.addr();
        let public = proxy(listen, passes, "").await;
        counter.till.set_receiving(Receiving::On { listen, public_address: Some(public.clone()) });
        let fault = found(&counter).await.fault.map(|fault| (fault.code, fault.facts["address"].clone()));
        let named = missing.map(|missing| (Code::OutsideRefused, format!("{public}{missing}")));
        assert_eq!(fault, named, "{gateway} {passes:?}");
        receiver.close().await;
    }
}

#[tokio::test]
async fn a_proxy_that_the_settings_do_not_name_is_told_of_until_they_do() {
    let (counter, receiver) = receiving(None).await;
    assert_eq!(fault(&counter).await, None);
    let through = proxy(receiver.addr(), EVERYTHING, FORWARDED).await;
    counter.till.set_receiving(Receiving::On { listen: receiver.addr(), public_address: Some(through) });
    let unnamed = Some((Code::ReceiverProxyUnnamed, "127.0.0.1".to_owned()));
    assert_eq!(fault(&counter).await, unnamed, "the till's own request came through it");
    let set = settings::Receiver { proxy: Some("192.0.2.1".parse().unwrap()), ..settings::Receiver::default() };
    counter.till.set_receiver(&set);
    assert_eq!(fault(&counter).await, unnamed, "another one is named");
    receiver.close().await;

    let proxy = Some("127.0.0.1".parse().unwrap());
    counter.till.set_receiver(&settings::Receiver { proxy, ..settings::Receiver::default() });
    let options = Options { listen: receiver_address(), proxy };
    let named = Receiver::open(counter.till.clone(), options).await.unwrap();
    let through = self::proxy(named.addr(), EVERYTHING, FORWARDED).await;
    counter.till.set_receiving(Receiving::On { listen: named.addr(), public_address: Some(through) });
    knock_with(&named, "GET /", FORWARDED).await;
    assert_eq!(fault(&counter).await, None);
    for _ in 0..62 {
        knock_with(&named, "GET /", FORWARDED).await;
    }
    let stranger = Some((Code::ReceiverStrangerUnread, "203.0.113.7".to_owned()));
    assert_eq!(fault(&counter).await, stranger, "whom the proxy names is no proxy");
    named.close().await;
}

fn receiver_address() -> SocketAddr {
    "127.0.0.1:0".parse().unwrap()
}

#[tokio::test]
async fn what_a_stranger_says_of_himself_is_no_proxy_whether_or_not_one_is_named() {
    for proxy in [None, Some("192.0.2.1".parse().unwrap())] {
        let (counter, receiver) = receiving(None).await;
        let options = Options { listen: receiver_address(), proxy };
        let knocked_at = Receiver::open(counter.till.clone(), options).await.unwrap();
        for request in ["POST /notify/pooul/main", "POST /notify/pooul/nobody", "GET /pay/nothing", "GET /"] {
            knock_with(&knocked_at, request, FORWARDED).await;
            assert_eq!(fault(&counter).await, None, "{request} {proxy:?}");
        }
        knocked_at.close().await;
        receiver.close().await;
    }
}

#[tokio::test]
async fn what_stands_in_the_way_is_said_plainly_each_by_itself() {
    // Taken, so that nobody else listens there by chance, and without a listener.
    let held = TcpSocket::new_v4().unwrap();
    held.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let nobody = held.local_addr().unwrap();
    let moved = "HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n";
    let page = "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nwelcome";
    let another_till = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfail";
    let bad_gateway = "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n";
    for (public, code) in [
        (format!("http://{nobody}"), Code::OutsideUnreachable),
        (format!("http://{}", stranger(Some(moved)).await), Code::OutsideRedirected),
        (format!("http://{}/till", stranger(Some(page)).await), Code::OutsideAnotherAnswers),
        (format!("http://{}", stranger(Some(another_till)).await), Code::OutsideAnotherAnswers),
        (format!("http://{}", stranger(Some(bad_gateway)).await), Code::OutsideRefused),
        (format!("http://{}", stranger(None).await), Code::OutsideTimedOut),
        (format!("https://{}", stranger(None).await), Code::OutsideTimedOut),
        (format!("https://{}", unvouched().await), Code::OutsideUntrusted),
        ("http://192.0.2.1".to_owned(), Code::OutsideNotAsked),
    ] {
        let (counter, receiver) = receiving(Some(public.clone())).await;
        let finding = found(&counter).await;
        let fault = finding.fault.unwrap();
        assert_eq!((finding.well, fault.code, &fault.facts["address"]), (false, code, &public));
        receiver.close().await;
    }
    drop(held);
}

#[tokio::test]
async fn what_came_in_is_counted_by_account_and_by_reason() {
    let (counter, receiver) = receiving(None).await;
    let order_no = counter.sell_on("wechat.scan", &[]).await.order.order_no;
    counter.control.pay(&order_no).await.unwrap();
    counter.until(&order_no, "paid", |order| order.order.paid_minor == Some(1_250)).await;
    knock(&receiver, "POST /notify/pooul/main").await;
    knock(&receiver, "POST /notify/jubao/main").await;
    knock(&receiver, "GET /").await;
    let view = counter.till.receiver(&Actor::Owner).unwrap();
    assert_eq!(view.state, ReceiverState::On);
    let [main] = &view.accounts[..] else { panic!("{view:?}") };
    assert_eq!(main.notify_url, Some(format!("http://{}/notify/pooul/main", receiver.addr())));
    assert_eq!((main.came.accepted, main.came.refused), (1, 1), "{view:?}");
    assert!(main.came.accepted_at.is_some() && main.came.refused_at.is_some());
    assert_eq!(main.came.reasons.iter().map(|one| one.why).collect::<Vec<_>>(), [NotTaken::Unverified]);
    let elsewhere: Vec<_> = view.elsewhere.reasons.iter().map(|one| (one.why, one.count)).collect();
    assert_eq!(elsewhere, [(NotTaken::NothingHere, 1), (NotTaken::UnknownAccount, 1)]);

    let findings = counter.till.examine_receiver(&Actor::Owner).await.unwrap();
    let said: Vec<_> = findings.iter().map(|finding| (finding.what.as_str(), finding.well)).collect();
    assert_eq!(said, [("receiver", true), ("receiver:outside", true), ("notifications:main", true)]);
    assert_eq!(findings[0].facts["refused_elsewhere"], "2");
    assert_eq!(findings[2].facts["refused.unverified"], "1");
    receiver.close().await;
}

#[tokio::test]
async fn what_is_not_read_any_more_is_counted_too() {
    let (counter, receiver) = receiving(None).await;
    for _ in 0..63 {
        knock(&receiver, "GET /").await;
    }
    let view = counter.till.receiver(&Actor::Owner).unwrap();
    let reasons: Vec<_> = view.elsewhere.reasons.iter().map(|one| (one.why, one.count)).collect();
    assert_eq!(reasons, [(NotTaken::NothingHere, 60), (NotTaken::NotRead, 3)]);
    assert!(found(&counter).await.well, "the till's own request is read all the same");
    assert_eq!(fault(&counter).await, Some((Code::ReceiverSourceUnread, "127.0.0.1".to_owned())));
    receiver.close().await;
}

#[tokio::test]
async fn an_account_of_which_only_refused_ones_came_is_not_well() {
    let (counter, receiver) = receiving(None).await;
    knock(&receiver, "POST /notify/pooul/main").await;
    let findings = counter.till.examine_receiver(&Actor::Owner).await.unwrap();
    let main = findings.iter().find(|finding| finding.what == "notifications:main").unwrap();
    assert_eq!(main.fault.as_ref().map(|fault| fault.code), Some(Code::NotificationsUnverified), "{main:?}");
    receiver.close().await;
}

#[tokio::test]
async fn an_account_whose_newest_ones_were_badly_signed_is_not_well_although_one_was_accepted_before() {
    let post = Post::open("pooul", &[("plan.poll_ms", "3600000")]).await;
    let listen = post.receiver.addr();
    post.counter.till.set_receiving(Receiving::On { listen, public_address: None });
    let fault = || post.counter.till.receiver(&Actor::Owner).unwrap().accounts[0].fault.clone().map(|fault| fault.code);
    let order_no = post.sell().await;
    post.counter.control.pay(&order_no).await.unwrap();
    post.answered(1).await;
    for bad in 1..=3 {
        assert_eq!(fault(), None, "{bad}: a stranger's guess says nothing");
        knock(&post.receiver, "POST /notify/pooul/main").await;
    }
    assert_eq!(fault(), Some(Code::NotificationsUnverified));
    post.counter.control.notify(&order_no).await.unwrap();
    post.answered(2).await;
    assert_eq!(fault(), None);
}
