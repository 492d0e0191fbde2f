//! The sieges: what strangers send, how much of it, and what they see of it.

use super::super::proxy::{Letter, connect, exchange};
use super::super::till::PARTNER;
use crate::browser::QQ;
use futures_util::future::{BoxFuture, join_all};
use std::fmt::{self, Display};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::watch;
use tokio::time::MissedTickBehavior;

/// Those who speak slowly.
const SLOW: usize = 400;
/// Between two of their bytes.
const SLOWLY: Duration = Duration::from_millis(500);
/// Those who say nothing.
const IDLE: usize = 10_000;
/// When one of either was shown out, it comes again after this time.
const BACK: Duration = Duration::from_secs(5);
/// Requests a second of a flood.
const FLOOD: u32 = 1_000;
/// Requests a second with nonsense in them.
const NONSENSE: u32 = 200;
/// Bodies a second that are too long, and their length.
const OVERSIZED: (u32, usize) = (50, 1 << 20);
/// A stranger does not wait longer for an answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// One siege.
pub(super) struct Attack {
    pub(super) name: &'static str,
    run: fn(Arc<Siege>) -> BoxFuture<'static, ()>,
}

/// What strangers saw.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    connections: usize,
    answers: usize,
    pub(super) accepted: usize,
    /// Connections that got more answers than one.
    pub(super) several: usize,
    lasted: Duration,
}

impl Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { connections, answers, lasted, .. } = self;
        write!(f, "{connections} connections and {answers} answers in {:.1} s", lasted.as_secs_f64())
    }
}

/// A siege that goes on.
struct Siege {
    till: SocketAddr,
    /// An honest notification that has not been sent yet.
    letter: Letter,
    /// The path of a page on which an order can be paid.
    page: String,
    stopped: watch::Receiver<bool>,
    connections: AtomicUsize,
    answers: AtomicUsize,
    accepted: AtomicUsize,
    several: AtomicUsize,
}

/// All of them.
pub(super) fn all() -> Vec<Attack> {
    vec![
        Attack { name: "400 who send their head a byte in half a second", run: |siege| Box::pin(slow_heads(siege)) },
        Attack { name: "400 who send their body so", run: |siege| Box::pin(slow_bodies(siege)) },
        Attack { name: "1,000 forged a second from one source", run: |siege| Box::pin(flood_from_one(siege)) },
        Attack { name: "1,000 forged a second from 1,000 sources", run: |siege| Box::pin(flood_from_many(siege)) },
        Attack { name: "1,000 of Dingdang's calls a second, forged", run: |siege| Box::pin(forged_calls(siege)) },
        Attack { name: "1,000 looks a second at a right page", run: |siege| Box::pin(right_links(siege)) },
        Attack { name: "1,000 guessed links a second from 1,000 sources", run: |siege| Box::pin(guessed_links(siege)) },
        Attack { name: "50 bodies of 1 MiB a second", run: |siege| Box::pin(oversized(siege)) },
        Attack { name: "200 broken or smuggling requests a second", run: |siege| Box::pin(nonsense(siege)) },
        Attack { name: "10,000 idle, back 5 s after they are shown out", run: |siege| Box::pin(idle(siege)) },
    ]
}

impl Attack {
    /// Goes on until stopped.
    pub(super) fn run(
        &self,
        till: SocketAddr,
        letter: Letter,
        page: String,
        stopped: watch::Receiver<bool>,
    ) -> impl Future<Output = Seen> + Send + 'static {
        let run = self.run;
        async move {
            let count = AtomicUsize::default;
            let (connections, answers, accepted, several) = (count(), count(), count(), count());
            let began = Instant::now();
            let siege = Arc::new(Siege { till, letter, page, stopped, connections, answers, accepted, several });
            run(Arc::clone(&siege)).await;
            let read = |count: &AtomicUsize| count.load(Ordering::Relaxed);
            Seen {
                connections: read(&siege.connections),
                answers: read(&siege.answers),
                accepted: read(&siege.accepted),
                several: read(&siege.several),
                lasted: began.elapsed(),
            }
        }
    }
}

impl Siege {
    /// One after another, so many a second, each in a task of its own.
    async fn each(self: &Arc<Self>, a_second: u32, one: impl Fn(u32) -> (Ipv4Addr, Vec<u8>)) {
        let mut next = tokio::time::interval(Duration::from_secs(1) / a_second);
        // What a busy machine kept it from sending is not sent in a heap afterwards.
        next.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let mut number = 0;
        let mut under_way = Vec::new();
        while !self.is_over() {
            next.tick().await;
            let (from, bytes) = one(number);
            number += 1;
            let siege = Arc::clone(self);
            under_way.push(tokio::spawn(async move { siege.exchange(from, &bytes).await }));
        }
        join_all(under_way).await;
    }

    async fn exchange(&self, from: Ipv4Addr, bytes: &[u8]) {
        self.connections.fetch_add(1, Ordering::Relaxed);
        if let Ok(Ok(answer)) = tokio::time::timeout(PATIENCE, exchange(from, self.till, bytes)).await {
            self.heard(&answer);
        }
    }

    fn heard(&self, answer: &str) {
        let lines = answer.matches("HTTP/1.1 ").count();
        self.answers.fetch_add(lines, Ordering::Relaxed);
        self.several.fetch_add(usize::from(lines > 1), Ordering::Relaxed);
        self.accepted.fetch_add(usize::from(answer.to_ascii_lowercase().contains("success")), Ordering::Relaxed);
    }

    /// So many at a time, each of which comes again after it was shown out.
    async fn hold(self: &Arc<Self>, count: usize, begin: &'static [u8], more: Option<u8>) {
        let guests = (0..count).map(|number| {
            let siege = Arc::clone(self);
            tokio::spawn(async move {
                while !siege.is_over() {
                    siege.stay(stranger(number), begin, more).await;
                    siege.over_within(BACK).await;
                }
            })
        });
        join_all(guests.collect::<Vec<_>>()).await;
    }

    /// Stays until it is shown out or the siege is over.
    async fn stay(&self, from: Ipv4Addr, begin: &[u8], more: Option<u8>) {
        let mut stopped = self.stopped.clone();
        let staying = async {
            let mut stream = connect(from, self.till).await?;
            self.connections.fetch_add(1, Ordering::Relaxed);
            stream.write_all(begin).await?;
            let (mut reading, mut writing) = stream.split();
            let mut answer = Vec::new();
            let speaking = async {
                while let Some(byte) = more {
                    tokio::time::sleep(SLOWLY).await;
                    writing.write_all(&[byte]).await?;
                }
                std::future::pending::<std::io::Result<()>>().await
            };
            tokio::select! {
                _ = reading.read_to_end(&mut answer) => {}
                ended = speaking => ended?,
            }
            self.heard(&String::from_utf8_lossy(&answer));
            Ok::<_, std::io::Error>(())
        };
        tokio::select! {
            // A stranger who is not let in tries again like the others.
            _ = staying => {}
            _ = stopped.wait_for(|stopped| *stopped) => {}
        }
    }

    fn is_over(&self) -> bool {
        *self.stopped.borrow()
    }

    async fn over_within(&self, pause: Duration) {
        let mut stopped = self.stopped.clone();
        let _over = tokio::time::timeout(pause, stopped.wait_for(|stopped| *stopped)).await;
    }
}

/// One of a thousand addresses of this machine.
fn stranger(number: usize) -> Ipv4Addr {
    let [high, low] = u16::try_from(number % 1_000).unwrap_or(0).to_be_bytes();
    Ipv4Addr::new(127, 1, high, low.max(1))
}

async fn slow_heads(siege: Arc<Siege>) {
    siege.hold(SLOW, b"POST /notify/jubao/jubao HTTP/1.1\r\nHost: till\r\nX: ", Some(b'x')).await;
}

async fn slow_bodies(siege: Arc<Siege>) {
    siege
        .hold(SLOW, b"POST /notify/jubao/jubao HTTP/1.1\r\nHost: till\r\nContent-Length: 900\r\n\r\na", Some(b'='))
        .await;
}

async fn idle(siege: Arc<Siege>) {
    siege.hold(IDLE, b"", None).await;
}

async fn flood_from_one(siege: Arc<Siege>) {
    let forged = siege.letter.forged();
    siege.each(FLOOD, |_| (Ipv4Addr::new(127, 0, 0, 2), forged.clone())).await;
}

async fn flood_from_many(siege: Arc<Siege>) {
    let forged = siege.letter.forged();
    siege.each(FLOOD, |number| (stranger(number as usize), forged.clone())).await;
}

/// Each has a signature of the right form and length, which only the platform's public key tells from a right one.
async fn forged_calls(siege: Arc<Siege>) {
    let body = r#"{"skillId":"1","userToken":"u","details":[{"itemId":"tea","quantity":1,"amount":1}],"totalAmt":1,"nonceStr":"n"}"#;
    let signature = format!("{}EQ==", "ERER".repeat(85));
    let request = format!(
        "POST /dingdang/{PARTNER}/create HTTP/1.1\r\nHost: till\r\nContent-Type: application/json\r\n\
         Authorization: TSK-RSA2 Datetime=20260101T000000Z, Signature={signature}\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    siege.each(FLOOD, |number| (stranger(number as usize), request.clone().into_bytes())).await;
}

async fn right_links(siege: Arc<Siege>) {
    let request = format!("GET {} HTTP/1.1\r\nHost: till\r\nUser-Agent: {QQ}\r\n\r\n", siege.page);
    siege.each(FLOOD, |number| (stranger(number as usize), request.clone().into_bytes())).await;
}

/// Every other one knows an order's number, and guesses what stands behind it; the others' numbers are looked for in vain.
async fn guessed_links(siege: Arc<Siege>) {
    let known = siege.letter.order_no.clone();
    siege
        .each(FLOOD, |number| {
            let order_no = if number.is_multiple_of(2) { known.clone() } else { format!("TK{number:026}") };
            let get = format!("GET /pay/{order_no}-{} HTTP/1.1\r\nHost: till\r\n\r\n", "a".repeat(32));
            (stranger(number as usize), get.into_bytes())
        })
        .await;
}

async fn oversized(siege: Arc<Siege>) {
    let (a_second, length) = OVERSIZED;
    let head = format!("POST /notify/jubao/jubao HTTP/1.1\r\nHost: till\r\nContent-Length: {length}\r\n\r\n");
    let whole = [head.into_bytes(), vec![b'a'; length]].concat();
    siege.each(a_second, |number| (stranger(number as usize), whole.clone())).await;
}

/// What two readers of the same bytes could take for different requests, and what nobody can read. Behind it stands an
/// honest notification, which must not be read.
async fn nonsense(siege: Arc<Siege>) {
    let honest = siege.letter.request();
    let post = "POST /notify/jubao/jubao HTTP/1.1\r\nHost: till\r\n";
    let shapes = [
        format!("{post}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        format!("{post}Transfer-Encoding: chunked\r\nContent-Length: 900\r\n\r\n0\r\n\r\n"),
        format!("{post}Content-Length: 1\r\nContent-Length: 0\r\n\r\n"),
        format!("{post}Content-Length: 0, 1\r\n\r\n"),
        format!("{post}Content-Length: 0\r\n\r\n"),
        format!("{post}X: a\r\n Content-Length: 900\r\nContent-Length: 0\r\n\r\n"),
        "POST /notify/jubao/jubao HTTP/1.1\nHost: till\nContent-Length: 0\n\n".to_owned(),
        format!("{post}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
        format!("{post}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"),
        format!("{post}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n"),
        format!("{post}Transfer-Encoding: chunked\r\n\r\nzz\r\n"),
        format!("{post}Transfer-Encoding: chunked\r\n\r\nffffffffffffffff1\r\n"),
        format!("{post}Transfer-Encoding: chunked\r\n\r\n1;{}\r\na\r\n0\r\n\r\n", "x".repeat(20_000)),
        format!("{post}Transfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 900\r\n\r\n"),
        format!("{post}Content-Length: -1\r\n\r\n"),
        format!("{post}Content-Length: 0x0\r\n\r\n"),
        format!("{post}Content-Length: 99999999999999999999\r\n\r\n"),
        "GET http://till/notify/jubao/jubao HTTP/0.9\r\n\r\n".to_owned(),
    ];
    let requests: Vec<Vec<u8>> = shapes.iter().map(|shape| [shape.as_bytes(), &honest].concat()).collect();
    siege
        .each(NONSENSE, |number| {
            let number = number as usize;
            (stranger(number), requests[number % requests.len()].clone())
        })
        .await;
}
