//! The merchant's proxy in small: it keeps what the gateways send, signed by them, and sends it on when it is told to.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::mpsc;

/// How a number of ours begins, and how long it is.
const NUMBER: (&str, usize) = ("TK", 28);

/// What a signature stands behind, in a form and in JSON.
const SIGNED: [&str; 2] = ["sign=", "\"sign\":\""];

/// So long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// A notification that a gateway sent.
#[derive(Debug, Clone)]
pub struct Letter {
    /// The order that it names.
    pub order_no: String,
    path: String,
    content_type: String,
    body: Vec<u8>,
}

/// Where the gateways send to.
#[derive(Debug)]
pub struct Proxy {
    addr: SocketAddr,
    kept: mpsc::UnboundedReceiver<Letter>,
}

impl Proxy {
    /// Listens until it is dropped.
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let addr = listener.local_addr().expect("an address");
        let (keep, kept) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while !keep.is_closed() {
                let Ok((stream, _)) = listener.accept().await else { continue };
                let keep = keep.clone();
                tokio::spawn(async move {
                    let letter = received(stream).await.expect("a notification");
                    // Whoever wanted it may be done.
                    let _gone = keep.send(letter);
                });
            }
        });
        Self { addr, kept }
    }

    /// Its address, without a path.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// What comes next.
    pub async fn next(&mut self) -> Letter {
        self.kept.recv().await.expect("the proxy listens")
    }
}

impl Letter {
    /// The request as it goes to the till.
    #[must_use]
    pub fn request(&self) -> Vec<u8> {
        let Self { path, content_type, body, .. } = self;
        let length = body.len();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: till\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\n\r\n"
        );
        [head.as_bytes(), body].concat()
    }

    /// Sends it on from an address of this machine. Whether the till took it, and when its answer was there.
    pub async fn send(&self, from: Ipv4Addr, to: SocketAddr) -> (bool, Instant) {
        let answer = tokio::time::timeout(PATIENCE, exchange(from, to, &self.request())).await;
        let taken = answer.is_ok_and(|answer| {
            let answer = answer.unwrap_or_default();
            let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
            answer.starts_with("HTTP/1.1 200") && body.eq_ignore_ascii_case("success")
        });
        (taken, Instant::now())
    }

    /// The same words under a signature that is wrong in one digit: whoever looks at it has to compute the right one.
    #[must_use]
    pub fn forged(&self) -> Vec<u8> {
        let mut body = self.body.clone();
        let behind = |name: &&str| {
            let found = body.windows(name.len()).position(|part| part == name.as_bytes());
            found.map(|at| at + name.len())
        };
        let digit = SIGNED.iter().find_map(behind).expect("it is signed");
        body[digit] = if body[digit] == b'0' { b'1' } else { b'0' };
        Self { body, ..self.clone() }.request()
    }
}

/// A connection from an address of this machine.
pub async fn connect(from: Ipv4Addr, to: SocketAddr) -> io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::from((from, 0)))?;
    socket.connect(to).await
}

/// Everything that comes back for these bytes. A connection that is cut while they are written has an answer all the same.
pub async fn exchange(from: Ipv4Addr, to: SocketAddr, bytes: &[u8]) -> io::Result<String> {
    let mut stream = connect(from, to).await?;
    let written = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    let read = stream.read_to_end(&mut answer).await;
    if answer.is_empty() {
        written?;
        read?;
    }
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// Reads one request, whose length is given, and takes it.
async fn received(mut stream: TcpStream) -> Option<Letter> {
    let mut all = Vec::new();
    loop {
        stream.read_buf(&mut all).await.ok().filter(|read| *read > 0)?;
        let Some(end) = all.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = String::from_utf8(all[..end].to_vec()).ok()?;
        let field = |name: &str| {
            let named = head.lines().filter_map(|line| line.split_once(": "));
            named.filter(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned()).next()
        };
        let body = &all[end + 4..];
        if body.len() < field("content-length")?.parse::<usize>().ok()? {
            continue;
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\nConnection: close\r\n\r\nsuccess").await.ok()?;
        let (path, content_type) = (head.split(' ').nth(1)?.to_owned(), field("content-type")?);
        return Some(Letter { order_no: number(body)?, path, content_type, body: body.to_vec() });
    }
}

/// The number of ours in a body.
fn number(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?;
    text.match_indices(NUMBER.0).find_map(|(at, _)| {
        let found = text.get(at..at + NUMBER.1)?;
        found.bytes().all(|byte| byte.is_ascii_alphanumeric()).then(|| found.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forged_letter_is_signed_and_differs_from_the_honest_one_in_one_digit() {
        for (body, forged) in [
            ("order_sn=1&sign=A1B2&status=2", "order_sn=1&sign=01B2&status=2"),
            (r#"{"order_sn":1,"sign":"0A1B"}"#, r#"{"order_sn":1,"sign":"1A1B"}"#),
        ] {
            let (order_no, path) = ("TK1".to_owned(), "/notify/jubao/jubao".to_owned());
            let letter = Letter { order_no, path, content_type: "text/plain".to_owned(), body: body.into() };
            let sent = String::from_utf8(letter.forged()).unwrap();
            assert!(sent.ends_with(&format!("\r\n\r\n{forged}")), "{sent}");
        }
    }
}
