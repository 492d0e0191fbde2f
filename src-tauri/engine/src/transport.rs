//! The transport seam: one request, one answer, no retry; and HTTP itself.

use async_trait::async_trait;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, DATE, HeaderMap, RETRY_AFTER};
use reqwest::{Client, ClientBuilder, RequestBuilder, Response, Url};
use std::error::Error;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::{Duration, SystemTime};
use till_core::gateway::call::{BODY_LIMIT, HttpAnswer, HttpCall, NoAnswer};

/// Sends a call once.
#[async_trait]
pub trait Transport: Send + Sync {
    /// Sends `call` exactly once and reads the whole answer; any status is an answer.
    async fn send(&self, call: HttpCall) -> Result<HttpAnswer, NoAnswer>;
    /// Gets what lies at that address, in the same way.
    async fn get(&self, url: &str) -> Result<HttpAnswer, NoAnswer>;
    /// Whether anything is sent to that address at all: what is not is refused before there is an order.
    fn may_reach(&self, url: &str) -> bool;
}

/// How long an exchange may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// Until the connection stands.
    pub connect: Duration,
    /// From the first step to the last byte of the answer.
    pub total: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(5), total: Duration::from_secs(20) }
    }
}

/// How long a connection may lie idle and be used again. Common servers close theirs after 5 s or later; a request
/// written into a connection that is just being closed would have an unknown outcome, so ours are given up before.
const IDLE: Duration = Duration::from_secs(4);

/// The HTTP client could not be made: the machine's TLS or proxy settings are unusable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no HTTP client: {0}")]
pub struct TransportFault(pub String);

/// HTTP/1.1 over TLS with the platform's roots. No retries, no redirects; the system's proxy, except to loopback.
#[derive(Debug, Clone)]
pub struct HttpTransport {
    /// For loopback: no proxy.
    near: Client,
    /// For everybody else; `None`: nobody else is spoken to.
    far: Option<Client>,
    moved: Moved,
}

/// A service of this computer that has listened at other ports before: what leads there goes where it is now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Moved {
    /// Where it was.
    pub from: Vec<u16>,
    /// Where it is.
    pub to: u16,
}

impl HttpTransport {
    /// A transport with these timeouts.
    pub fn new(timeouts: Timeouts) -> Result<Self, TransportFault> {
        let fault = |error: reqwest::Error| TransportFault(story(&error));
        let loopback = [SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), SocketAddr::from((Ipv6Addr::LOCALHOST, 0))];
        Ok(Self {
            near: base(timeouts).no_proxy().resolve_to_addrs("localhost", &loopback).build().map_err(fault)?,
            far: Some(base(timeouts).build().map_err(fault)?),
            moved: Moved::default(),
        })
    }

    /// The same, but nothing leaves this computer. For training, whatever address an account there was given; orders of a stage that
    /// has `moved` go on there.
    #[must_use]
    pub fn within_this_computer(self, moved: Moved) -> Self {
        Self { far: None, moved, ..self }
    }

    /// Through which client an address is spoken to; none: it is not.
    fn way(&self, url: &str) -> Option<(&Client, Url)> {
        let mut url = Url::parse(url).ok()?;
        let near = is_loopback(&url);
        if near && url.port().is_some_and(|port| self.moved.from.contains(&port)) {
            url.set_port(Some(self.moved.to)).ok()?;
        }
        let secure = url.scheme() == "https" || (url.scheme() == "http" && near);
        let client = if near { Some(&self.near) } else { self.far.as_ref() };
        client.filter(|_| secure).map(|client| (client, url))
    }
}

fn base(timeouts: Timeouts) -> ClientBuilder {
    Client::builder()
        .user_agent(concat!("tillkeeper/", env!("CARGO_PKG_VERSION")))
        .retry(reqwest::retry::never())
        .redirect(reqwest::redirect::Policy::none())
        .http1_only()
        .connect_timeout(timeouts.connect)
        .timeout(timeouts.total)
        .pool_idle_timeout(IDLE)
}

#[async_trait]
impl Transport for HttpTransport {
    async fn send(&self, call: HttpCall) -> Result<HttpAnswer, NoAnswer> {
        let (client, url) = self.way(&call.url).ok_or(NoAnswer::NotSent)?;
        let mut request = client.post(url).header(CONTENT_TYPE, call.content_type);
        for (name, value) in &call.headers {
            request = request.header(*name, value);
        }
        exchange(client, request.body(call.body)).await
    }

    async fn get(&self, url: &str) -> Result<HttpAnswer, NoAnswer> {
        let (client, url) = self.way(url).ok_or(NoAnswer::NotSent)?;
        exchange(client, client.get(url)).await
    }

    fn may_reach(&self, url: &str) -> bool {
        self.way(url).is_some()
    }
}

async fn exchange(client: &Client, request: RequestBuilder) -> Result<HttpAnswer, NoAnswer> {
    let request = request.build().map_err(|_| NoAnswer::NotSent)?;
    read(client.execute(request).await.map_err(|error| no_answer(&error))?).await
}

/// Whether the address is this machine, by its literal address or as `localhost` (which is never looked up).
fn is_loopback(url: &Url) -> bool {
    let Some(host) = url.host_str() else { return false };
    let literal = host.trim_start_matches('[').trim_end_matches(']');
    match literal.parse::<IpAddr>() {
        Ok(address) => address.to_canonical().is_loopback(),
        Err(_) => host.eq_ignore_ascii_case("localhost"),
    }
}

/// Reads the whole body, whatever `Content-Length` says, up to the limit.
async fn read(mut answer: Response) -> Result<HttpAnswer, NoAnswer> {
    let status = answer.status().as_u16();
    let date = answer.headers().get(DATE).and_then(|value| http_date(value.to_str().ok()?));
    let retry_after = retry_after(answer.headers(), date);
    let authorization = answer.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| no_answer(&error))? {
        if chunk.len() > BODY_LIMIT.saturating_sub(body.len()) {
            return Err(NoAnswer::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(HttpAnswer { status, body, date, retry_after, authorization })
}

/// An HTTP date as UTC seconds since 1970.
fn http_date(text: &str) -> Option<i64> {
    let since = httpdate::parse_http_date(text).ok()?.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    i64::try_from(since.as_secs()).ok()
}

/// `Retry-After` in seconds from now, given as seconds or as a date. A date is measured against the answer's own
/// `Date`, so that a wrong clock here does not matter; without one, against our clock.
fn retry_after(headers: &HeaderMap, date: Option<i64>) -> Option<u32> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(text.parse().unwrap_or(u32::MAX));
    }
    let then = http_date(text)?;
    let now = match date {
        Some(date) => date,
        None => i64::try_from(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).ok()?.as_secs()).ok()?,
    };
    u32::try_from(then.saturating_sub(now).max(0)).ok()
}

/// A failed connect is [`NoAnswer::Unreachable`] although nothing can have been sent: only what this code itself
/// refused is certain enough for [`NoAnswer::NotSent`]. One that is still under way when its time is over has not failed:
/// somebody may have taken it and say nothing, as where TLS never comes to stand.
fn no_answer(error: &reqwest::Error) -> NoAnswer {
    if error.is_builder() {
        NoAnswer::NotSent
    } else if untrusted(error) {
        NoAnswer::Untrusted
    } else if error.is_timeout() {
        NoAnswer::TimedOut
    } else {
        NoAnswer::Unreachable
    }
}

/// Whether the chain of causes holds a refused certificate. An IO error answers `source` with its content's source, so
/// the content itself is looked at first.
fn untrusted(error: &(dyn Error + 'static)) -> bool {
    if let Some(tls) = error.downcast_ref::<rustls::Error>() {
        return matches!(tls, rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented);
    }
    match error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
        Some(content) => untrusted(content),
        None => error.source().is_some_and(untrusted),
    }
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |cause| <dyn Error>::source(*cause))
}

fn story(error: &(dyn Error + 'static)) -> String {
    causes(error).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

#[cfg(test)]
mod tests;
