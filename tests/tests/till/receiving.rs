//! How long and how much the receiver listens, on a machine whose clock jumps: over real connections, without waiting.

use crate::machine::{Machine, notification, pass, selling};
use std::time::Duration;
use till_core::order::State;
use till_core::rights::Actor;
use till_engine::receiver::{Options, Receiver};
use till_engine::till::Till;
use till_engine::view::receiver::NotTaken;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::Instant;

const PATH: &str = "/notify/pooul/main";

async fn receiving(till: &Till) -> Receiver {
    let options = Options { listen: "127.0.0.1:0".parse().unwrap(), proxy: None };
    Receiver::open(till.clone(), options).await.unwrap()
}

/// What comes back for these bytes until the connection ends, and how long that takes. Those who are hung up on may lose what
/// they were still sending.
async fn sent(receiver: &Receiver, bytes: &[u8]) -> (String, Duration) {
    let mut stream = TcpStream::connect(receiver.addr()).await.unwrap();
    let began = Instant::now();
    drop(stream.write_all(bytes).await);
    let mut answer = Vec::new();
    drop(stream.read_to_end(&mut answer).await);
    (String::from_utf8_lossy(&answer).into_owned(), began.elapsed())
}

fn post(path: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("POST {path} HTTP/1.1\r\nHost: till\r\n{headers}Content-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// Why something was refused for no account, and how often.
fn refused(till: &Till) -> Vec<(NotTaken, u32)> {
    let view = till.receiver(&Actor::Owner).unwrap();
    view.elsewhere.reasons.iter().map(|one| (one.why, one.count)).collect()
}

fn about(seconds: u64, took: Duration) -> bool {
    (Duration::from_secs(seconds)..Duration::from_millis(seconds * 1_000 + 500)).contains(&took)
}

#[tokio::test(start_paused = true)]
async fn ruling_17_what_is_not_in_the_journal_within_4_seconds_is_answered_fail_and_the_next_copy_is_accepted() {
    let machine = Machine::new();
    let (till, order) = selling(&machine).await;
    let (receiver, order_no) = (receiving(&till).await, order.order.order_no);
    let request = post(PATH, "", &notification(&order_no, "SUCCESS"));
    machine.disk.slow(Duration::from_secs(6));
    let (answer, took) = sent(&receiver, &request).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("\r\n\r\nfail"), "{answer}");
    assert!(about(4, took), "{took:?}");
    assert_eq!(
        till.order(&order_no).await.unwrap().order.state,
        State::AwaitingPayment,
        "nothing is shown as paid yet"
    );
    let came = till.receiver(&Actor::Owner).unwrap().accounts.remove(0).came;
    assert_eq!((came.accepted, came.refused, came.reasons[0].why), (0, 1, NotTaken::TooLate));

    machine.disk.slow(Duration::ZERO);
    pass(Duration::from_secs(10)).await;
    let (answer, _) = sent(&receiver, &request).await;
    assert!(answer.ends_with("\r\n\r\nsuccess"), "{answer}");
    let paid = till.order(&order_no).await.unwrap();
    assert_eq!((paid.order.state, paid.order.paid_minor), (State::Paid, Some(1250)));
    let timeline = till.timeline(&Actor::Owner, &order_no).await.unwrap();
    assert_eq!(
        timeline.entries.iter().filter(|entry| entry.kind == "paid").count(),
        1,
        "what was on its way is booked once"
    );
}

#[tokio::test(start_paused = true)]
async fn a_connection_is_over_after_8_seconds_whatever_it_has_not_said_and_that_is_told_by_its_reason() {
    let machine = Machine::new();
    let (till, _) = selling(&machine).await;
    let receiver = receiving(&till).await;
    for (number, half) in ["", "POST /notify/pooul/main HTTP/1.1\r\nHost: t"].into_iter().enumerate() {
        let (answer, took) = sent(&receiver, half.as_bytes()).await;
        assert_eq!(answer, "", "nobody is told why");
        assert!(about(8, took), "{took:?}");
        assert_eq!(refused(&till), [(NotTaken::TooSlow, u32::try_from(number + 1).unwrap())]);
    }
    // A body is waited for as long as an answer may take.
    let (answer, took) =
        sent(&receiver, format!("POST {PATH} HTTP/1.1\r\nContent-Length: 9\r\n\r\n{{").as_bytes()).await;
    assert!(answer.ends_with("fail") && about(4, took), "{answer} {took:?}");
    let view = till.receiver(&Actor::Owner).unwrap();
    assert_eq!(view.accounts[0].came.reasons.iter().map(|one| one.why).collect::<Vec<_>>(), [NotTaken::NoBody]);
}

#[tokio::test(start_paused = true)]
async fn a_head_that_takes_most_of_the_time_leaves_a_route_what_is_left_and_no_request_goes_without_a_reason() {
    let machine = Machine::new();
    let (till, order) = selling(&machine).await;
    let receiver = receiving(&till).await;
    machine.disk.slow(Duration::from_secs(3));
    let request = post(PATH, "", &notification(&order.order.order_no, "SUCCESS"));
    let mut stream = TcpStream::connect(receiver.addr()).await.unwrap();
    let (begin, rest) = request.split_at(20);
    stream.write_all(begin).await.unwrap();
    pass(Duration::from_secs(7)).await;
    stream.write_all(rest).await.unwrap();
    let mut answer = Vec::new();
    drop(stream.read_to_end(&mut answer).await);
    assert_eq!(answer, b"", "its time was over before the commit");
    assert_eq!(refused(&till), [(NotTaken::TooSlow, 1)]);
}

#[tokio::test(start_paused = true)]
async fn a_connection_is_read_to_96_kilobytes_and_a_body_to_64() {
    let machine = Machine::new();
    let (till, _) = selling(&machine).await;
    let receiver = receiving(&till).await;
    let header = |length: usize| format!("X-Long: {}\r\n", "x".repeat(length));
    // 90 KiB in all are a request like any other, whose body is read.
    let (answer, _) = sent(&receiver, &post(PATH, &header(30 * 1024), &[b' '; 60 * 1024])).await;
    assert!(answer.ends_with("fail"), "{answer}");
    let (answer, _) = sent(&receiver, &post(PATH, "", &[b' '; 64 * 1024 + 1])).await;
    assert!(answer.is_empty() || answer.ends_with("fail"), "{answer}");
    let came = || till.receiver(&Actor::Owner).unwrap().accounts.remove(0).came;
    let reasons: Vec<_> = came().reasons.iter().map(|one| (one.why, one.count)).collect();
    assert_eq!(reasons, [(NotTaken::NoBody, 1), (NotTaken::Unverified, 1)]);
    assert_eq!(refused(&till), []);
    // Beyond, no head is waited for.
    let (answer, took) = sent(&receiver, &post(PATH, &header(96 * 1024), b"")).await;
    assert!(answer.is_empty() && took < Duration::from_secs(1), "{answer} {took:?}");
    assert_eq!(refused(&till), [(NotTaken::Malformed, 1)]);
}
