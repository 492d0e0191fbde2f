//! The customer's page of an order: amount and shop, how it stands, and the way to pay inside a wallet (rulings 24 to 28).
//!
//! | route | what it does |
//! |---|---|
//! | `GET /pay/{link}` | the page, also for a customer whom the gateway sends back |
//! | `GET /pay/{link}/state` | how the order stands, as a part of that page |
//! | `POST /pay/{link}/state` | has the till ask the gateway, then leads back to the page |
//!
//! A page decides nothing: it shows what the till knows. What a bridge is called with is on the page only inside the app whose
//! bridge it is, while the customer may pay. Apart from QQ's and WeChat's own scripts nothing is loaded from anywhere.

mod app;
mod template;
mod words;

use super::caller::Caller;
use super::{Desk, Refused};
use crate::till::{NotAccepted, PayPage};
use crate::view::Mark;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use axum::http::header::{
    ACCEPT_LANGUAGE, CACHE_CONTROL, CONNECTION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, REFERRER_POLICY,
    USER_AGENT, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use data_encoding::BASE64;
use sha2::{Digest, Sha256};
use std::sync::{Arc, LazyLock};
use template::{Piece, fill};
use till_core::gateway::bridge::{Arguments, Bridge};
use till_core::gateway::official_account::PageSignature;
use till_core::money::Currency;
use till_core::order::page::Standing;
use till_core::words::{Label, Language};

/// Whoever asks for anything below this is a customer, and sees a page whatever is there.
pub(super) const BELOW: &str = "/pay/";

const SCRIPT: &str = include_str!("pay/script.js");
const STYLE: &str = include_str!("pay/style.css");

/// What the policy knows the page's own script and style by.
static OWN_SCRIPT: LazyLock<String> = LazyLock::new(|| hash(SCRIPT));
static OWN_STYLE: LazyLock<String> = LazyLock::new(|| hash(STYLE));

fn hash(text: &str) -> String {
    format!("'sha256-{}'", BASE64.encode(&Sha256::digest(text)))
}

/// How an order's number ends on the page, in characters: as on the cashier's screen.
const TAIL: usize = 4;

type Link = Result<Path<String>, PathRejection>;

/// A customer's request: who asks, in which words and from which app.
struct Visit {
    caller: Caller,
    headers: HeaderMap,
}

pub(super) async fn page(
    State(desk): State<Arc<Desk>>,
    caller: Caller,
    link: Link,
    RawQuery(query): RawQuery,
    method: Method,
    headers: HeaderMap,
) -> Response {
    let visit = Visit { caller, headers };
    match desk.visited(&visit, link, is_a_look(&method)).await {
        Ok((link, order)) => {
            let signature = match visit.inside(&order) {
                Some((Bridge::HongKong, _)) => desk.till.sign_page(&order, query.as_deref()).await,
                Some((Bridge::Qq | Bridge::Alipay | Bridge::Wechat, _)) | None => None,
            };
            visit.shown(&link, &order, signature.as_ref())
        }
        Err(turned_away) => turned_away,
    }
}

pub(super) async fn state(
    State(desk): State<Arc<Desk>>,
    caller: Caller,
    link: Link,
    method: Method,
    headers: HeaderMap,
) -> Response {
    let visit = Visit { caller, headers };
    match desk.visited(&visit, link, is_a_look(&method) || method == Method::POST).await {
        Ok((link, order)) if method == Method::POST => {
            desk.till.ask_for_customer(&order.order_no).await;
            let Ok(back) = HeaderValue::try_from(format!("../{link}")) else { return visit.missing() };
            guarded(StatusCode::SEE_OTHER, String::new(), None, Some((LOCATION, back)))
        }
        Ok((_, order)) => guarded(StatusCode::OK, outcome(order.standing, visit.language()), None, None),
        Err(turned_away) => turned_away,
    }
}

/// HEAD is GET whose answer leaves its body out, which the server below does.
fn is_a_look(method: &Method) -> bool {
    method == Method::GET || method == Method::HEAD
}

impl Desk {
    /// What whoever asks below the pages for what no link leads to sees.
    pub(super) fn no_page(&self, caller: Caller, headers: HeaderMap) -> Response {
        let visit = Visit { caller, headers };
        let Caller::Heard(source) = caller else { return visit.offline() };
        let _told_in_words = self.refuse(source, "", &Refused::NotHere);
        visit.missing()
    }

    /// The page that a link leads to, or what whoever has a wrong one sees. A right one never counts against its source.
    async fn visited(&self, visit: &Visit, link: Link, known_method: bool) -> Result<(String, PayPage), Response> {
        let Caller::Heard(source) = visit.caller else { return Err(visit.offline()) };
        let link = link.ok().filter(|_| known_method).map(|Path(link)| link);
        let found = match &link {
            Some(link) => self.till.pay_page(link).await,
            None => Ok(None),
        };
        match (link, found) {
            (Some(link), Ok(Some(order))) => Ok((link, order)),
            (_, Ok(_)) => {
                let _told_in_words = self.refuse(source, "", &Refused::NotHere);
                Err(visit.missing())
            }
            (_, Err(refusal)) => {
                self.note(source, "", &NotAccepted::NotLooked(refusal.code).into());
                Err(visit.offline())
            }
        }
    }
}

impl Visit {
    fn header(&self, name: HeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    fn language(&self) -> Language {
        words::language(self.header(ACCEPT_LANGUAGE))
    }

    /// The bridge of the app that the page is opened in, and what it is called with.
    fn inside<'o>(&self, order: &'o PayPage) -> Option<&'o (Bridge, Arguments)> {
        let agent = self.header(USER_AGENT).unwrap_or_default();
        order.call.as_ref().filter(|(bridge, _)| app::has_bridge(*bridge, agent))
    }

    fn shown(&self, link: &str, order: &PayPage, signature: Option<&PageSignature>) -> Response {
        let language = self.language();
        let say = |label: Label| label.in_language(language);
        let inside = self.inside(order);
        let here = inside.filter(|(bridge, _)| *bridge != Bridge::HongKong || signature.is_some());
        let way = match (&order.call, here) {
            (_, Some((bridge, arguments))) => pay_button(order, *bridge, arguments, signature, language),
            (Some(_), None) if inside.is_some() => fill(
                include_str!("pay/unsigned.html"),
                &[("said", Piece::Text(say(words::UNSIGNED))), ("detail", Piece::Text(say(words::UNSIGNED_DETAIL)))],
            ),
            (Some((bridge, _)), None) => fill(
                include_str!("pay/elsewhere.html"),
                &[
                    ("open_in", Piece::Text(say(words::OPEN_IN))),
                    ("app", Piece::Text(say(app::name(*bridge)))),
                    ("scan_again", Piece::Text(say(words::SCAN_AGAIN))),
                ],
            ),
            (None, _) => String::new(),
        };
        let what = if order.body == order.shop {
            String::new()
        } else {
            fill(r#"<p class="what">{{body}}</p>"#, &[("body", Piece::Text(&order.body))])
        };
        let main = fill(
            include_str!("pay/order.html"),
            &[
                ("standing", Piece::Text(word(order.standing))),
                ("link", Piece::Text(link)),
                ("shop", Piece::Text(&order.shop)),
                ("sign", Piece::Text(sign(order.amount.currency))),
                ("amount", Piece::Text(&order.amount.to_string())),
                ("what", Piece::Html(&what)),
                ("outcome", Piece::Html(&outcome(order.standing, language))),
                ("way", Piece::Html(&way)),
                ("check", Piece::Text(say(words::CHECK))),
                ("offline", Piece::Text(say(words::OFFLINE))),
                ("number_label", Piece::Text(say(words::NUMBER))),
                ("number", Piece::Text(tail(&order.order_no))),
            ],
        );
        let mark = order.mark.map(|mark| match mark {
            Mark::Training => words::TRAINING,
            Mark::NotARealGateway => words::NOT_REAL,
        });
        let mark = mark.map(|mark| fill(r#"<p class="mark">{{mark}}</p>"#, &[("mark", Piece::Text(say(mark)))]));
        let bridge = here.map(|(bridge, _)| *bridge);
        let html = laid_out(language, &order.shop, mark.as_deref().unwrap_or_default(), &main, &scripts(bridge));
        guarded(StatusCode::OK, html, bridge, None)
    }

    fn missing(&self) -> Response {
        self.without_order(StatusCode::NOT_FOUND, words::MISSING, Some(words::MISSING_DETAIL))
    }

    fn offline(&self) -> Response {
        self.without_order(StatusCode::SERVICE_UNAVAILABLE, words::OFFLINE, None)
    }

    fn without_order(&self, status: StatusCode, said: Label, detail: Option<Label>) -> Response {
        let language = self.language();
        let said = said.in_language(language);
        let detail = detail.map(|detail| detail.in_language(language)).unwrap_or_default();
        let main = fill(
            r#"<article class="card"><h1 class="said">{{said}}</h1><p class="detail">{{detail}}</p></article>"#,
            &[("said", Piece::Text(said)), ("detail", Piece::Text(detail))],
        );
        guarded(status, laid_out(language, said, "", &main, ""), None, None)
    }
}

fn laid_out(language: Language, title: &str, mark: &str, main: &str, scripts: &str) -> String {
    fill(
        include_str!("pay/layout.html"),
        &[
            ("lang", Piece::Text(language.tag())),
            ("title", Piece::Text(title)),
            ("style", Piece::Html(STYLE)),
            ("mark", Piece::Html(mark)),
            ("main", Piece::Html(main)),
            ("scripts", Piece::Html(scripts)),
        ],
    )
}

fn outcome(standing: Standing, language: Language) -> String {
    let (said, detail) = words::said(standing);
    fill(
        include_str!("pay/outcome.html"),
        &[
            ("standing", Piece::Text(word(standing))),
            ("said", Piece::Text(said.in_language(language))),
            ("detail", Piece::Text(detail.in_language(language))),
        ],
    )
}

fn pay_button(
    order: &PayPage,
    bridge: Bridge,
    arguments: &Arguments,
    signature: Option<&PageSignature>,
    language: Language,
) -> String {
    // Names and plain values alone: it cannot fail, and would call the bridge with nothing.
    let arguments = serde_json::to_string(arguments).unwrap_or_default();
    let signature = serde_json::to_string(&signature).unwrap_or_default();
    let hint = |(name, text): (&str, Label)| {
        let pieces = [("name", Piece::Text(name)), ("text", Piece::Text(text.in_language(language)))];
        fill(r#" data-{{name}}="{{text}}""#, &pieces)
    };
    let hints: String = words::HINTS.into_iter().map(hint).collect();
    fill(
        include_str!("pay/bridge.html"),
        &[
            ("bridge", Piece::Text(app::word(bridge))),
            ("arguments", Piece::Text(&arguments)),
            ("signature", Piece::Text(&signature)),
            ("hints", Piece::Html(&hints)),
            ("pay", Piece::Text(words::PAY.in_language(language))),
            ("sign", Piece::Text(sign(order.amount.currency))),
            ("amount", Piece::Text(&order.amount.to_string())),
            ("needs_script", Piece::Text(words::NEEDS_SCRIPT.in_language(language))),
        ],
    )
}

fn scripts(bridge: Option<Bridge>) -> String {
    let theirs = bridge.and_then(app::script);
    let theirs = theirs.map(|src| fill(r#"<script async src="{{src}}"></script>"#, &[("src", Piece::Text(src))]));
    [theirs.as_deref().unwrap_or_default(), "<script>", SCRIPT, "</script>"].concat()
}

fn guarded(
    status: StatusCode,
    html: String,
    bridge: Option<Bridge>,
    further: Option<(HeaderName, HeaderValue)>,
) -> Response {
    let (scripts, frames) = bridge.map_or(("", "'none'"), app::policy);
    let (script, style) = (&*OWN_SCRIPT, &*OWN_STYLE);
    let policy = format!(
        "default-src 'none'; script-src {script}{scripts}; style-src {style}; img-src data:; connect-src 'self'; \
         frame-src {frames}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    let mut response = (status, html).into_response();
    let own = [
        (CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (CONNECTION, HeaderValue::from_static("close")),
    ];
    let policy = HeaderValue::try_from(policy).ok().map(|policy| (CONTENT_SECURITY_POLICY, policy));
    for (name, value) in own.into_iter().chain(policy).chain(further) {
        response.headers_mut().insert(name, value);
    }
    response
}

fn word(standing: Standing) -> &'static str {
    match standing {
        Standing::Open => "open",
        Standing::Paying => "paying",
        Standing::Declined => "declined",
        Standing::Ending => "ending",
        Standing::Paid => "paid",
        Standing::GivenBack => "given_back",
        Standing::Ended => "ended",
        Standing::Unclear => "unclear",
    }
}

fn sign(currency: Currency) -> &'static str {
    match currency {
        Currency::Cny => "¥",
        Currency::Hkd => "HK$",
        Currency::Aud => "A$",
    }
}

fn tail(order_no: &str) -> &str {
    order_no.len().checked_sub(TAIL).and_then(|start| order_no.get(start..)).unwrap_or(order_no)
}
