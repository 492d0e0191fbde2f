//! Customers and strangers at the orders' own pages, through the routes of the till's receiver.

use super::book::{self, Told};
use super::chance::Chance;
use super::wire::tail;
use super::world::{S, Stage};
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::header::{ACCEPT_LANGUAGE, LOCATION, USER_AGENT};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use serde_json::Value;
use std::net::{Ipv4Addr, SocketAddr};
use till_core::error::Code;
use till_engine::receiver::Peer;
use tower::ServiceExt;

/// Where the till is reached from outside.
pub const PUBLIC: &str = "https://till.example.com/shop";

/// A link that leads nowhere: what whoever guesses has to see as well.
const NOWHERE: &str = "TK05N7D3JN0EMQAZJ2VW17WZM5A8-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

/// How somebody comes to a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visit {
    /// Opens it.
    Page,
    /// Their browser looks how the order stands.
    State,
    /// Wants to know: the gateway is asked.
    Check,
    /// Guesses its link in one way or another.
    Guess(u64, bool),
}

/// What somebody sees.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

/// So many people come to the page of a recent order that has one.
pub fn come(stage: &Stage, place: usize, visit: Visit, copies: usize) {
    let order_no = {
        let world = stage.still();
        let with_page = |no: &&String| world.book.orders[*no].page.is_some();
        world.book.drafted.iter().rev().filter(with_page).nth(place).cloned()
    };
    let Some(order_no) = order_no else { return };
    for _ in 0..copies {
        let (stage, order_no) = (stage.clone(), order_no.clone());
        tokio::spawn(async move { comes(&stage, &order_no, visit).await });
    }
}

async fn comes(stage: &Stage, order_no: &str, visit: Visit) {
    let (link, guess, agent, language, from) = {
        let mut world = stage.now();
        let told = &world.book.orders[order_no];
        let link = told.page.as_deref().and_then(|page| page.rsplit('/').next()).unwrap_or_default().to_owned();
        let others = world.book.orders.values().filter(|other| other.order_no != order_no);
        let other = others.filter_map(|other| other.page.as_deref()?.rsplit('/').next()).next_back().map(str::to_owned);
        let guess = guessed(&link, other.as_deref(), visit);
        let agent = *world.chance.one_of(&["MicroMessenger/8.0", "QQ/9.1", "AlipayClient/10", "Chrome/120"]);
        let language = *world.chance.one_of(&["zh-CN", "zh-HK", "en"]);
        *world.network.counts.entry(if guess.is_some() { "links guessed" } else { "pages visited" }).or_default() += 1;
        (link, guess, agent, language, anybody(&mut world.chance))
    };
    let (method, end) = match visit {
        Visit::Page | Visit::Guess(_, false) => (Method::GET, ""),
        Visit::State => (Method::GET, "/state"),
        Visit::Check | Visit::Guess(_, true) => (Method::POST, "/state"),
    };
    let look =
        async |link: &str| look(stage, method.clone(), &format!("/pay/{link}{end}"), (agent, language), from).await;
    if let Some(guess) = guess {
        let (Some(guessed), Some(nowhere)) = (look(&guess).await, look(NOWHERE).await) else { return };
        let mut world = stage.now();
        let unread = |seen: &Seen| seen.status == StatusCode::SERVICE_UNAVAILABLE && world.has_struck(Code::Unexpected);
        if unread(&guessed) || unread(&nowhere) {
            return;
        }
        if guessed.status != StatusCode::NOT_FOUND || guessed != nowhere {
            world.fail("a guessed link reveals nothing", format!("{order_no} {guess}: {}", guessed.status));
        }
        return;
    }
    let before = {
        let mut world = stage.now();
        if visit == Visit::Check {
            book::wants_to_know(&mut world, order_no);
        }
        world.book.orders[order_no].clone()
    };
    let Some(seen) = look(&link).await else { return };
    let mut world = stage.now();
    let after = world.book.orders[order_no].clone();
    world.tell(format_args!("visit {visit:?} {}: {}", tail(order_no), seen.status));
    let gone = before.page_is_gone(&world) && after.page_is_gone(&world);
    let there = !(before.page_may_be_gone(&world) || after.page_may_be_gone(&world));
    let wrong = match seen.status {
        StatusCode::NOT_FOUND if there => Some("it is not there".to_owned()),
        StatusCode::NOT_FOUND => None,
        StatusCode::OK | StatusCode::SEE_OTHER if gone => Some("it is there long after its end".to_owned()),
        StatusCode::SEE_OTHER if visit == Visit::Check => {
            let back = seen.headers.get(LOCATION).and_then(|value| value.to_str().ok());
            (back != Some(&format!("../{link}"))).then(|| format!("it leads to {back:?}"))
        }
        StatusCode::SERVICE_UNAVAILABLE if world.has_struck(Code::Unexpected) => None,
        StatusCode::OK if visit != Visit::Check => wrong_words(&seen.text, visit, &before, &after, world.now),
        other => Some(format!("{other}")),
    };
    if let Some(wrong) = wrong {
        world.fail("a page shows what holds", format!("{order_no} is {}: {wrong}", after.state));
    }
}

/// A link that is not this order's own, where somebody guesses.
fn guessed(link: &str, other: Option<&str>, visit: Visit) -> Option<String> {
    let Visit::Guess(how, _) = visit else { return None };
    let (number, secret) = link.split_once('-').unwrap_or((link, ""));
    let others = other.and_then(|other| other.split_once('-')).unwrap_or(("TK0", "aaaa"));
    Some(match how % 7 {
        0 => format!("{number}-{}", others.1),
        1 => number.to_owned(),
        2 => format!("{number}-"),
        3 => format!("{number}-{}", secret.to_ascii_uppercase()),
        4 => link[..link.len() - 1].to_owned(),
        5 => format!("{link}a"),
        _ => format!("{}-{secret}", others.0),
    })
}

fn anybody(chance: &mut Chance) -> Ipv4Addr {
    Ipv4Addr::from_bits(0x0a00_0000 + u32::try_from(chance.below(1 << 24)).expect("an address"))
}

async fn look(
    stage: &Stage,
    method: Method,
    path: &str,
    (agent, language): (&str, &str),
    from: Ipv4Addr,
) -> Option<Seen> {
    let routes = stage.still().run.receiver.clone()?;
    let request =
        Request::builder().method(method).uri(path).header(USER_AGENT, agent).header(ACCEPT_LANGUAGE, language);
    let mut request = request.body(Body::empty()).expect("a request");
    request.extensions_mut().insert(ConnectInfo(Peer(SocketAddr::from((from, 5_000)))));
    let (head, body) = routes.oneshot(request).await.expect("an answer").into_parts();
    let body = to_bytes(body, usize::MAX).await.expect("a body");
    let text = String::from_utf8_lossy(&body).into_owned();
    Some(Seen { status: head.status, headers: head.headers, text })
}

/// What is wrong with what a page says of an order that was `before` and is `after`.
fn wrong_words(text: &str, visit: Visit, before: &Told, after: &Told, now: i64) -> Option<String> {
    // Before it stands the style, which knows every word.
    let text = text.split_once("<main>").map_or(text, |(_, main)| main);
    let standings: Vec<&str> =
        text.split("data-standing=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let Some(standing) = standings.first().copied() else { return Some("it says nothing".to_owned()) };
    if standings.iter().any(|other| *other != standing) {
        return Some(format!("it says {standings:?}"));
    }
    if !(before.may_be_said_to_be(standing, now) || after.may_be_said_to_be(standing, now)) {
        return Some(format!("it says {standing}"));
    }
    let offered = ["id=\"pay\"", "id=\"elsewhere\""].iter().any(|way| text.contains(way));
    if !offered {
        return None;
    }
    if visit == Visit::State || !(before.may_be_paid_on_its_page() || after.may_be_paid_on_its_page()) {
        return Some("it offers a way to pay".to_owned());
    }
    let shown = text.split("data-arguments=\"").nth(1).and_then(|rest| rest.split('"').next())?;
    let shown = shown.replace("&quot;", "\"").replace("&#34;", "\"").replace("&amp;", "&");
    let Ok(Value::Object(shown)) = serde_json::from_str(&shown) else { return Some(format!("it pays with {shown}")) };
    let given = after.given.as_deref().unwrap_or_default();
    let fits = match serde_json::from_str(given) {
        Ok(Value::Object(given)) => shown.iter().all(|(name, value)| given.get(name) == Some(value)),
        _ => shown.values().any(|value| value == given),
    };
    (!fits).then(|| format!("it pays with {shown:?}, not {given}"))
}

/// Longer than the till keeps a page after the end of its order, and surely not longer.
pub const LINGERS: (i64, i64) = (3_600 * S + 5 * S, 3_600 * S - 5 * S);
