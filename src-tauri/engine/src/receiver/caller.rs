//! Who knocks, as every route takes it first.

use super::door::Peer;
use super::{Desk, Refused};
use axum::extract::{ConnectInfo, FromRequestParts, Request};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// What a proxy writes whom it passes on into.
const FORWARDED: &str = "x-forwarded-for";

/// Who knocks. Of one that was refused too often nothing is read, and each route has its own answer to that.
#[derive(Debug, Clone, Copy)]
pub(super) enum Caller {
    Heard(IpAddr),
    NotRead,
}

impl FromRequestParts<Arc<Desk>> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, desk: &Arc<Desk>) -> Result<Self, Infallible> {
        // Every connection of the door has its peer; one without would be nobody's, and is not read.
        let Some(ConnectInfo(Peer(peer))) = parts.extensions.get::<ConnectInfo<Peer>>() else {
            return Ok(Self::NotRead);
        };
        let source = source(peer.ip(), &parts.headers, desk.proxy);
        if desk.failures.may_knock(source) {
            return Ok(Self::Heard(source));
        }
        desk.till.note_unread(source, source != peer.ip().to_canonical());
        desk.note(source, "", &Refused::NotRead);
        Ok(Self::NotRead)
    }
}

/// The peer, where it says that it passes on what somebody else sent. Anybody can say so.
pub(super) fn passed_on_by(request: &Request) -> Option<IpAddr> {
    let ConnectInfo(Peer(peer)) = request.extensions().get::<ConnectInfo<Peer>>()?;
    request.headers().contains_key(FORWARDED).then(|| peer.ip().to_canonical())
}

/// Who knocks: the peer or, where that is the named proxy, whoever it says came to it last.
fn source(peer: IpAddr, headers: &HeaderMap, proxy: Option<IpAddr>) -> IpAddr {
    let peer = peer.to_canonical();
    if proxy.map(|proxy| proxy.to_canonical()) != Some(peer) {
        return peer;
    }
    let last = headers.get_all(FORWARDED).iter().next_back().and_then(|value| value.to_str().ok());
    let told = last.and_then(|value| address(value.rsplit(',').next()?.trim()));
    told.map_or(peer, |address| address.to_canonical())
}

/// An address as proxies write it: alone, or with the port that the visitor came from, or in the brackets of one with a port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok().map(IpAddr::V6);
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    text.parse().ok().or_else(with_port).or_else(bare)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_named_proxy_is_believed_about_who_knocks() {
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-for", "10.0.0.1".parse().unwrap());
        headers.append("x-forwarded-for", "198.51.100.1, 203.0.113.7".parse().unwrap());
        let proxy: IpAddr = "127.0.0.1".parse().unwrap();
        let other: IpAddr = "192.0.2.9".parse().unwrap();
        let told: IpAddr = "203.0.113.7".parse().unwrap();
        assert_eq!(source(proxy, &headers, Some(proxy)), told);
        assert_eq!(source("::ffff:127.0.0.1".parse().unwrap(), &headers, Some(proxy)), told);
        assert_eq!(source(other, &headers, Some(proxy)), other);
        assert_eq!(source(proxy, &headers, None), proxy);
        headers.append("x-forwarded-for", "unknown".parse().unwrap());
        assert_eq!(source(proxy, &headers, Some(proxy)), proxy);
    }

    #[test]
    fn who_knocks_is_known_although_the_proxy_writes_a_port_behind_the_address() {
        let proxy: IpAddr = "127.0.0.1".parse().unwrap();
        for (written, told) in [
            ("203.0.113.7:5555", "203.0.113.7"),
            ("198.51.100.1, [2001:db8::1]:443", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("2001:db8::1", "2001:db8::1"),
            ("[::ffff:203.0.113.7]:1", "203.0.113.7"),
            ("203.0.113.7:", "127.0.0.1"),
            ("[203.0.113.7]", "127.0.0.1"),
        ] {
            let headers = HeaderMap::from_iter([("x-forwarded-for".parse().unwrap(), written.parse().unwrap())]);
            assert_eq!(source(proxy, &headers, Some(proxy)), told.parse::<IpAddr>().unwrap(), "{written}");
        }
    }
}
