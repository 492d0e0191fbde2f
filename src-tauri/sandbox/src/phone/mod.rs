//! The customer's phone: a calm wallet page for one trade, and a list of unpaid trades for people without a phone.
//!
//! | route | what it does |
//! |---|---|
//! | `GET /phone` | the trades that can be paid, newest first; only for this machine, since it shows every page's address |
//! | `GET /phone/{token}` | one trade; the token cannot be guessed |
//! | `POST /phone/{token}/pay` | pays once; a trade that is paid, closed, given back or expired stays as it is |
//! | `POST /phone/{token}/decline` | trade state 7; the same link may be tried again, as with a real wallet, a payment code not |
//! | `POST /phone/{token}/dawdle` | trade state 6 until the customer goes on or the trade expires |
//! | `GET /phone/{code token}` | the customer's payment code, to be scanned or typed; every page leads to it |
//! | `POST /phone/{code token}/code` | a new one: `purse` and `manner` as the control surface's `mint_code` takes them |
//!
//! `?lang=` chooses the language, else `Accept-Language`. Nothing is loaded from anywhere else.

mod code;
mod template;
mod words;

use std::sync::Arc;

use axum::Router;
use axum::extract::{ConnectInfo, Path, Query, State};
use axum::http::header::{
    ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use serde::Deserialize;

use self::template::{Piece, fill};
use self::words::{Language, Words};
use crate::connection::Peer;
use crate::control::is_local;
use crate::stage::Stage;
use crate::trade::{Standing, Tap, Trade};

pub(crate) fn router() -> Router<Arc<Stage>> {
    Router::new()
        .route("/phone", get(list))
        .route("/phone/style.css", get(style))
        .route("/phone/script.js", get(script))
        .route("/phone/icon.svg", get(icon))
        .route("/phone/{token}", get(show))
        .route("/phone/{token}/code", post(code::mint))
        .route("/phone/{token}/{act}", post(act))
}

#[derive(Deserialize)]
struct Asked {
    lang: Option<String>,
}

async fn style() -> Response {
    guarded(([(CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("style.css")).into_response())
}

async fn script() -> Response {
    guarded(([(CONTENT_TYPE, "text/javascript; charset=utf-8")], include_str!("script.js")).into_response())
}

async fn icon() -> Response {
    guarded(([(CONTENT_TYPE, "image/svg+xml")], include_str!("icon.svg")).into_response())
}

async fn list(
    State(stage): State<Arc<Stage>>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Response {
    if !is_local(peer.addr, &headers) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let language = language(&asked, &headers);
    let words = language.words();
    let gateway_s = stage.with(|book| book.gateway_s());
    let rows: String = stage
        .trades_newest_first()
        .iter()
        .filter(|trade| payable(trade, gateway_s))
        .map(|trade| row(trade, language, gateway_s))
        .collect();
    let note = if rows.is_empty() { words.list_empty } else { words.list_note };
    let main = fill(
        include_str!("list.html"),
        &[("title", Piece::Text(words.list)), ("note", Piece::Text(note)), ("rows", Piece::Html(&rows))],
    );
    let token = stage.with(|book| book.code_token());
    page(StatusCode::OK, language, words.list, &(main + &to_code(&token, language)))
}

async fn show(
    State(stage): State<Arc<Stage>>,
    Path(token): Path<String>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Response {
    let language = language(&asked, &headers);
    let code_token = stage.with(|book| book.code_token());
    if token == code_token {
        let main = code::codes(&stage, &token, language);
        return page(StatusCode::OK, language, language.words().code, &main);
    }
    let found = stage.with(|book| book.by_token(&token).cloned().map(|trade| (trade, book.gateway_s())));
    match found {
        Some((trade, gateway_s)) => {
            let main = wallet(&trade, language, gateway_s) + &to_code(&code_token, language);
            page(StatusCode::OK, language, language.words().wallet, &main)
        }
        None => missing(language),
    }
}

async fn act(
    State(stage): State<Arc<Stage>>,
    Path((token, act)): Path<(String, String)>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Response {
    let language = language(&asked, &headers);
    let tap = match act.as_str() {
        "pay" => Tap::Pay,
        "decline" => Tap::Decline,
        "dawdle" => Tap::Dawdle,
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    if stage.with(|book| book.tap(&token, tap)).is_none() {
        return missing(language);
    }
    if let Err(error) = stage.save().await {
        return (StatusCode::INTERNAL_SERVER_ERROR, format!("not saved: {error}")).into_response();
    }
    // The page is asked for again, so that going back or reloading repeats nothing.
    let back = format!("/phone/{token}?lang={}", language.tag());
    guarded((StatusCode::SEE_OTHER, [(LOCATION, back)]).into_response())
}

fn language(asked: &Asked, headers: &HeaderMap) -> Language {
    let accepted = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    Language::choose(asked.lang.as_deref(), accepted)
}

fn payable(trade: &Trade, gateway_s: i64) -> bool {
    match trade.standing(gateway_s) {
        Standing::Open | Standing::Paying => true,
        Standing::Declined => !trade.by_code,
        Standing::Paid | Standing::Expired | Standing::Closed | Standing::GivenBack | Standing::Unclear => false,
    }
}

fn missing(language: Language) -> Response {
    let (said, detail) = language.words().missing;
    let main =
        format!("<article class=\"card\"><h1 class=\"said\">{said}</h1><p class=\"detail\">{detail}</p></article>");
    page(StatusCode::NOT_FOUND, language, said, &main)
}

/// The way to the customer's payment code.
fn to_code(token: &str, language: Language) -> String {
    let pieces = [
        ("token", Piece::Text(token)),
        ("lang", Piece::Text(language.tag())),
        ("label", Piece::Text(language.words().code)),
    ];
    fill(r#"<p class="to-code"><a href="/phone/{{token}}?lang={{lang}}">{{label}}</a></p>"#, &pieces)
}

fn wallet(trade: &Trade, language: Language, gateway_s: i64) -> String {
    let words = language.words();
    let standing = trade.standing(gateway_s);
    let (said, detail) = words.said(standing);
    let offered = if trade.by_code && standing == Standing::Declined { Vec::new() } else { buttons(standing, words) };
    let buttons: String = offered
        .iter()
        .map(|(act, label)| {
            let pieces = [
                ("token", Piece::Text(trade.token.as_str())),
                ("act", Piece::Text(act)),
                ("lang", Piece::Text(language.tag())),
                ("label", Piece::Text(label)),
            ];
            fill(include_str!("button.html"), &pieces)
        })
        .collect();
    fill(
        include_str!("trade.html"),
        &[
            ("standing", Piece::Text(standing_name(standing))),
            ("channel", Piece::Text(words.wallet)),
            ("body", Piece::Text(&trade.body)),
            ("sign", Piece::Text(&sign(&trade.currency))),
            ("amount", Piece::Text(&major(trade.amount_minor))),
            ("said", Piece::Text(said)),
            ("detail", Piece::Text(detail)),
            ("buttons", Piece::Html(&buttons)),
            ("number_label", Piece::Text(words.number)),
            ("order_no", Piece::Text(&trade.order_no)),
        ],
    )
}

fn buttons(standing: Standing, words: &Words) -> Vec<(&'static str, &'static str)> {
    match standing {
        Standing::Open => vec![("pay", words.pay), ("dawdle", words.dawdle), ("decline", words.decline)],
        Standing::Paying => vec![("pay", words.confirm), ("decline", words.decline)],
        Standing::Declined => vec![("pay", words.pay_again), ("dawdle", words.dawdle)],
        Standing::Paid | Standing::Expired | Standing::Closed | Standing::GivenBack | Standing::Unclear => Vec::new(),
    }
}

fn standing_name(standing: Standing) -> &'static str {
    match standing {
        Standing::Open => "open",
        Standing::Paying => "paying",
        Standing::Declined => "declined",
        Standing::Paid => "paid",
        Standing::Expired => "expired",
        Standing::Closed => "closed",
        Standing::GivenBack => "given_back",
        Standing::Unclear => "unclear",
    }
}

fn row(trade: &Trade, language: Language, gateway_s: i64) -> String {
    let (said, _) = language.words().said(trade.standing(gateway_s));
    fill(
        include_str!("row.html"),
        &[
            ("token", Piece::Text(&trade.token)),
            ("lang", Piece::Text(language.tag())),
            ("order_no", Piece::Text(&trade.order_no)),
            ("body", Piece::Text(&trade.body)),
            ("sign", Piece::Text(&sign(&trade.currency))),
            ("amount", Piece::Text(&major(trade.amount_minor))),
            ("channel", Piece::Text(&trade.channel)),
            ("said", Piece::Text(said)),
        ],
    )
}

/// Yuan or dollars.
fn major(minor: i64) -> String {
    format!("{}.{:02}", minor / 100, minor % 100)
}

fn sign(currency: &str) -> String {
    match currency {
        "CNY" => "¥".to_owned(),
        "HKD" => "HK$".to_owned(),
        other => format!("{other} "),
    }
}

fn page(status: StatusCode, language: Language, title: &str, main: &str) -> Response {
    let words = language.words();
    let html = fill(
        include_str!("layout.html"),
        &[
            ("lang", Piece::Text(language.tag())),
            ("title", Piece::Text(title)),
            ("practice", Piece::Text(words.practice)),
            ("practice_note", Piece::Text(words.practice_note)),
            ("main", Piece::Html(main)),
            ("offline", Piece::Text(words.offline)),
            ("languages", Piece::Text(words.languages)),
        ],
    );
    guarded((status, Html(html)).into_response())
}

fn guarded(mut response: Response) -> Response {
    let policy = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
