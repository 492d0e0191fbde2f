//! Against servers written by hand, byte for byte.

use super::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

/// What a server does with a connection after it has read one request from it.
type Then = fn(TcpStream) -> futures_util::future::BoxFuture<'static, ()>;

/// A server on loopback; counts connections and whole requests, and keeps the text of the last one.
struct Server {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
    requests: Arc<AtomicUsize>,
    last: Arc<std::sync::Mutex<String>>,
}

async fn server(then: Then) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (connections, requests) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let last = Arc::new(std::sync::Mutex::new(String::new()));
    let server = Server { address, connections: connections.clone(), requests: requests.clone(), last: last.clone() };
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            connections.fetch_add(1, Ordering::SeqCst);
            let (requests, last) = (requests.clone(), last.clone());
            tokio::spawn(async move {
                let Some(request) = read_request(&mut stream).await else { return };
                requests.fetch_add(1, Ordering::SeqCst);
                *last.lock().unwrap() = request;
                then(stream).await;
            });
        }
    });
    server
}

async fn read_request<S: AsyncRead + Unpin>(stream: &mut S) -> Option<String> {
    let mut seen = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&seen).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ").map(str::to_owned))
                .map_or(0, |length| length.parse().unwrap());
            if body.len() >= length {
                return Some(text);
            }
        }
        let read = stream.read(&mut buffer).await.ok()?;
        if read == 0 {
            return None;
        }
        seen.extend_from_slice(&buffer[..read]);
    }
}

async fn say<S: AsyncWrite + Unpin>(stream: &mut S, text: &str) {
    // The client may have gone already: that is what some tests are about.
    let _ = stream.write_all(text.as_bytes()).await;
    let _ = stream.flush().await;
}

fn call(url: String) -> HttpCall {
    HttpCall {
        url,
        content_type: "application/json; charset=utf-8",
        headers: vec![("x-till", "T1".into())],
        body: b"{\"total_fee\":1250}".to_vec(),
    }
}

fn to(server: &Server) -> HttpCall {
    call(format!("http://{}/pay?a=1", server.address))
}

fn transport() -> HttpTransport {
    HttpTransport::new(Timeouts::default()).unwrap()
}

#[tokio::test]
async fn one_post_leaves_with_exactly_the_bytes_that_were_signed() {
    let server = server(|mut stream| {
        Box::pin(async move {
            say(&mut stream, "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 4\r\n\r\nfine")
                .await;
        })
    })
    .await;
    let answer = transport().send(to(&server)).await.unwrap();
    assert_eq!((answer.status, answer.body.as_slice()), (200, b"fine".as_slice()));
    assert_eq!(answer.date, Some(784_111_777));
    assert_eq!(answer.retry_after, None);
    let request = server.last.lock().unwrap().clone();
    let lower = request.to_ascii_lowercase();
    assert!(request.starts_with("POST /pay?a=1 HTTP/1.1\r\n"), "{request}");
    assert!(lower.contains("\r\ncontent-type: application/json; charset=utf-8\r\n"), "{request}");
    assert!(lower.contains(concat!("\r\nuser-agent: tillkeeper/", env!("CARGO_PKG_VERSION"), "\r\n")), "{request}");
    assert!(lower.contains("\r\nx-till: t1\r\n"), "{request}");
    assert!(request.ends_with("\r\n\r\n{\"total_fee\":1250}"), "{request}");
}

#[tokio::test]
async fn within_this_computer_nothing_leaves_it_and_what_stays_is_sent() {
    let server = server(|mut stream| {
        Box::pin(async move { say(&mut stream, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine").await })
    })
    .await;
    let transport = transport().within_this_computer(Moved::default());
    assert_eq!(transport.send(to(&server)).await.unwrap().status, 200);
    for elsewhere in ["https://gateway.example.com/pay", "https://192.0.2.1/pay"] {
        assert_eq!(transport.send(call(elsewhere.to_owned())).await, Err(NoAnswer::NotSent), "{elsewhere}");
        assert!(!transport.may_reach(elsewhere) && transport.may_reach(&to(&server).url), "{elsewhere}");
    }
}

#[tokio::test]
async fn what_leads_to_where_a_service_of_this_computer_was_goes_where_it_is() {
    let server = server(|mut stream| {
        Box::pin(async move { say(&mut stream, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine").await })
    })
    .await;
    let transport = transport().within_this_computer(Moved { from: vec![1, 2], to: server.address.port() });
    for (sent, former) in [1, 2].into_iter().enumerate() {
        assert_eq!(transport.send(call(format!("http://127.0.0.1:{former}/pay"))).await.unwrap().status, 200);
        assert_eq!(server.requests.load(Ordering::SeqCst), sent + 1);
    }
    assert_eq!(transport.send(call("http://127.0.0.1:3/pay".to_owned())).await, Err(NoAnswer::Unreachable));
    assert_eq!(transport.send(call("https://192.0.2.1:1/pay".to_owned())).await, Err(NoAnswer::NotSent));
}

#[tokio::test]
async fn what_lies_at_an_address_is_asked_for_once_with_nothing_but_the_address() {
    let server = server(|mut stream| {
        Box::pin(
            async move { say(&mut stream, "HTTP/1.1 302 Found\r\nLocation: /on\r\nContent-Length: 0\r\n\r\n").await },
        )
    })
    .await;
    let transport = transport();
    let answer = transport.get(&format!("http://{}/ticket?of=1", server.address)).await.unwrap();
    assert_eq!(answer.status, 302, "it leads nowhere else");
    assert_eq!(server.requests.load(Ordering::SeqCst), 1);
    let request = server.last.lock().unwrap().clone();
    assert!(request.starts_with("GET /ticket?of=1 HTTP/1.1\r\n") && request.ends_with("\r\n\r\n"), "{request}");
    assert!(!request.to_ascii_lowercase().contains("authorization"), "{request}");
    for (transport, elsewhere) in [
        (transport.clone(), "http://192.0.2.1/ticket"),
        (transport.within_this_computer(Moved::default()), "https://192.0.2.1/ticket"),
    ] {
        assert_eq!(transport.get(elsewhere).await, Err(NoAnswer::NotSent), "{elsewhere}");
    }
}

#[tokio::test]
async fn a_server_that_reads_the_request_and_closes_sees_it_once() {
    let server = server(|stream| Box::pin(async move { drop(stream) })).await;
    assert_eq!(transport().send(to(&server)).await, Err(NoAnswer::Unreachable));
    // A repetition would come on a new connection: offer it every chance before counting.
    tokio::time::timeout(Duration::from_millis(300), async {
        while server.connections.load(Ordering::SeqCst) < 2 {
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap_err();
    assert_eq!(server.requests.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_request_lost_on_a_kept_connection_is_not_repeated_on_a_new_one() {
    let server = server(|mut stream| {
        Box::pin(async move {
            say(&mut stream, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await;
            read_request(&mut stream).await.unwrap();
        })
    })
    .await;
    let transport = transport();
    transport.send(to(&server)).await.unwrap();
    assert_eq!(transport.send(to(&server)).await, Err(NoAnswer::Unreachable));
    assert_eq!(server.connections.load(Ordering::SeqCst), 1, "the second request went over the kept connection only");
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let server = server(|mut stream| {
        Box::pin(async move {
            say(
                &mut stream,
                "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            )
            .await;
        })
    })
    .await;
    assert_eq!(transport().send(to(&server)).await.unwrap().status, 302);
    assert_eq!(server.requests.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn errors_of_the_server_are_answers_with_their_bodies() {
    let server = server(|mut stream| {
        Box::pin(async move {
            say(&mut stream, "HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 5\r\n\r\nlater").await;
        })
    })
    .await;
    let answer = transport().send(to(&server)).await.unwrap();
    assert_eq!((answer.status, answer.body.as_slice(), answer.retry_after), (503, b"later".as_slice(), Some(7)));
}

async fn chunks(mut stream: TcpStream, bytes: usize) {
    say(&mut stream, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").await;
    let mut left = bytes;
    while left > 0 {
        let size = left.min(8192);
        say(&mut stream, &format!("{size:x}\r\n{}\r\n", "x".repeat(size))).await;
        left -= size;
    }
    say(&mut stream, "0\r\n\r\n").await;
}

#[tokio::test]
async fn a_body_of_exactly_the_limit_is_read_and_one_byte_more_is_not() {
    let whole = server(|stream| Box::pin(chunks(stream, BODY_LIMIT))).await;
    assert_eq!(transport().send(to(&whole)).await.unwrap().body.len(), BODY_LIMIT);
    let more = server(|stream| Box::pin(chunks(stream, BODY_LIMIT + 1))).await;
    assert_eq!(transport().send(to(&more)).await, Err(NoAnswer::TooLarge));
}

#[tokio::test]
async fn an_endless_body_is_cut_at_the_limit() {
    let server = server(|stream| Box::pin(chunks(stream, usize::MAX))).await;
    let answer = tokio::time::timeout(Duration::from_secs(10), transport().send(to(&server))).await.unwrap();
    assert_eq!(answer, Err(NoAnswer::TooLarge));
}

#[tokio::test]
async fn a_body_shorter_than_its_announced_length_is_no_answer() {
    let server = server(|mut stream| {
        Box::pin(async move { say(&mut stream, "HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{\"code\":0").await })
    })
    .await;
    assert_eq!(transport().send(to(&server)).await, Err(NoAnswer::Unreachable));
}

#[tokio::test]
async fn bytes_beyond_the_announced_length_are_not_read_as_the_answer() {
    let server = server(|mut stream| {
        Box::pin(async move { say(&mut stream, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok, and paid").await })
    })
    .await;
    assert_eq!(transport().send(to(&server)).await.unwrap().body, b"ok");
}

#[tokio::test]
async fn something_that_is_not_http_is_no_answer() {
    let server = server(|mut stream| Box::pin(async move { say(&mut stream, "SSH-2.0-OpenSSH\r\n").await })).await;
    assert_eq!(transport().send(to(&server)).await, Err(NoAnswer::Unreachable));
}

#[tokio::test]
async fn silence_before_and_inside_the_body_times_out() {
    let quick =
        HttpTransport::new(Timeouts { connect: Duration::from_secs(5), total: Duration::from_millis(400) }).unwrap();
    let silent = server(|stream| {
        Box::pin(async move {
            std::future::pending::<()>().await;
            drop(stream);
        })
    })
    .await;
    assert_eq!(quick.send(to(&silent)).await, Err(NoAnswer::TimedOut));
    let slow = server(|mut stream| {
        Box::pin(async move {
            say(&mut stream, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{").await;
            std::future::pending::<()>().await;
        })
    })
    .await;
    assert_eq!(quick.send(to(&slow)).await, Err(NoAnswer::TimedOut));
}

#[tokio::test]
async fn a_server_that_takes_the_connection_and_never_speaks_tls_times_out_and_is_not_called_unreachable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    for (connect, total) in [(300, 20_000), (20_000, 300)] {
        let [connect, total] = [connect, total].map(Duration::from_millis);
        let transport = HttpTransport::new(Timeouts { connect, total }).unwrap();
        assert_eq!(transport.send(call(format!("https://{address}/"))).await, Err(NoAnswer::TimedOut));
    }
    drop(listener);
}

#[tokio::test]
async fn a_port_where_nobody_listens_is_unreachable() {
    // Taken, so that nobody else listens there by chance.
    let held = TcpSocket::new_v4().unwrap();
    held.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = held.local_addr().unwrap();
    assert_eq!(transport().send(call(format!("http://{address}/"))).await, Err(NoAnswer::Unreachable));
    drop(held);
}

#[tokio::test]
async fn plain_http_to_a_host_that_is_not_loopback_is_refused_before_anything_leaves() {
    // 192.0.2.0/24 leads nowhere: a connect would take until its deadline, a refusal takes no time.
    let long =
        HttpTransport::new(Timeouts { connect: Duration::from_secs(30), total: Duration::from_mins(1) }).unwrap();
    for url in ["http://192.0.2.1/pay", "http://localhost.example/", "http://127.0.0.1.example/", "http://[::2]/"] {
        let refused = tokio::time::timeout(Duration::from_secs(3), long.send(call(url.into()))).await.unwrap();
        assert_eq!(refused, Err(NoAnswer::NotSent), "{url}");
    }
}

#[tokio::test]
async fn addresses_that_are_none_and_headers_that_are_none_are_not_sent() {
    for url in ["", "pay", "ftp://127.0.0.1/", "http://", "https:///", "file:///etc/passwd", "http://127.0.0.1:99999/"]
    {
        assert_eq!(transport().send(call(url.into())).await, Err(NoAnswer::NotSent), "{url}");
    }
    let server = server(|stream| Box::pin(async move { drop(stream) })).await;
    let mut broken = to(&server);
    broken.headers.push(("x-broken", "a\nb".into()));
    assert_eq!(transport().send(broken).await, Err(NoAnswer::NotSent));
    assert_eq!(server.connections.load(Ordering::SeqCst), 0);
}

#[test]
fn loopback_is_told_by_its_address_and_by_the_name_localhost_only() {
    for (url, loopback) in [
        ("http://127.0.0.1/", true),
        ("http://127.9.8.7:80/", true),
        ("http://[::1]:8080/", true),
        ("http://[::ffff:127.0.0.1]/", true),
        ("http://2130706433/", true),
        ("http://LOCALHOST/", true),
        ("http://localhost.example/", false),
        ("http://10.0.0.1/", false),
        ("http://[::ffff:10.0.0.1]/", false),
        ("http://0.0.0.0/", false),
    ] {
        assert_eq!(is_loopback(&Url::parse(url).unwrap()), loopback, "{url}");
    }
}

#[tokio::test]
async fn localhost_by_name_reaches_this_machine() {
    let server = server(|mut stream| {
        Box::pin(async move { say(&mut stream, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await })
    })
    .await;
    let url = format!("http://localhost:{}/", server.address.port());
    assert_eq!(transport().send(call(url)).await.unwrap().status, 200);
}

#[test]
fn a_pause_can_be_asked_for_in_seconds_or_until_a_date() {
    let asked = |text: &str, date: Option<i64>| {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, text.parse().unwrap());
        retry_after(&headers, date)
    };
    assert_eq!(asked("120", None), Some(120));
    assert_eq!(asked("99999999999999", None), Some(u32::MAX));
    assert_eq!(asked("Sun, 06 Nov 1994 08:49:37 GMT", Some(784_111_777 - 30)), Some(30));
    assert_eq!(asked("Sun, 06 Nov 1994 08:49:37 GMT", Some(784_111_777 + 30)), Some(0));
    assert_eq!(asked("Sun, 06 Nov 1994 08:49:37 GMT", None), Some(0));
    assert_eq!(asked("soon", None), None);
    assert_eq!(asked("-3", None), None);
    assert_eq!(asked("", None), None);
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_untrusted() {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".into(), "127.0.0.1".into()]).unwrap();
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
    let seen = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        match acceptor.accept(stream).await {
            Ok(mut stream) => read_request(&mut stream).await,
            Err(_) => None,
        }
    });
    assert_eq!(transport().send(call(format!("https://{address}/pay"))).await, Err(NoAnswer::Untrusted));
    assert_eq!(seen.await.unwrap(), None, "nothing of the request was sent");
}

/// Runs itself once more with a proxy in the environment, since a process must not change its own.
#[tokio::test]
async fn a_proxy_is_used_for_the_world_and_passed_by_for_loopback() {
    const DIRECT: &str = "TILL_TEST_DIRECT";
    let Ok(direct) = std::env::var(DIRECT) else {
        let direct = server(|mut stream| {
            Box::pin(async move { say(&mut stream, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await })
        })
        .await;
        let proxy = server(|mut stream| {
            Box::pin(async move {
                say(&mut stream, "HTTP/1.1 502 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").await;
            })
        })
        .await;
        let name = std::thread::current().name().unwrap().to_owned();
        let through = format!("http://{}", proxy.address);
        let status = tokio::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", &name, "--nocapture"])
            .env(DIRECT, direct.address.to_string())
            .envs([
                ("HTTP_PROXY", &through),
                ("http_proxy", &through),
                ("HTTPS_PROXY", &through),
                ("https_proxy", &through),
            ])
            .env_remove("NO_PROXY")
            .env_remove("no_proxy")
            .status()
            .await
            .unwrap();
        assert!(status.success());
        assert_eq!(direct.requests.load(Ordering::SeqCst), 1);
        assert_eq!(proxy.requests.load(Ordering::SeqCst), 1, "the world only");
        assert!(proxy.last.lock().unwrap().starts_with("CONNECT gateway.invalid:443 "));
        return;
    };
    assert_eq!(transport().send(call(format!("http://{direct}/"))).await.unwrap().status, 200);
    assert_eq!(transport().send(call("https://gateway.invalid/".into())).await, Err(NoAnswer::Unreachable));
}
