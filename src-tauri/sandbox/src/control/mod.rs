//! The control surface: the test's or the trainer's hand inside the pretend gateways. Only for this machine, whatever
//! the stage listens on, and never for a page in a browser.
//!
//! Every route is `POST /control/<name>` with a JSON object (an empty body is `{}`); the last eight also answer `GET`.
//! Replies are JSON: what is asked for, the trade as it now is (with `phone_url`), or `{}`; errors are
//! `{"error": "..."}` with status 400 (no such command or field), 404 (no such trade or refund), 403 or 500. `order_no` may be left out: the newest trade.
//!
//! | route | fields | what it does |
//! |---|---|---|
//! | `pay` | `order_no?` | books the payment, even after expiry or close; a second time changes nothing |
//! | `decline` | `order_no?` | state 7; the wallet may try again |
//! | `dawdle` | `order_no?` | state 6, reported as 2 once the trade has expired |
//! | `unpay` | `order_no?` | back to 2, the payment is forgotten |
//! | `close` | `order_no?` | state 3, behind the till's back |
//! | `reverse` | `order_no?` | state 4 |
//! | `refund` | `order_no?` | state 1 |
//! | `set_state` | `order_no?`, `state` | any number |
//! | `forget` | `order_no?` | the trade never existed; the count of its creates stays |
//! | `fault` | `operation?` (`any`), `order_no?` (any order), `times?` (1), `fault` | plans a [`Fault`](crate::Fault), for example `{"fault":{"kind":"drop_after"}}` |
//! | `clear_faults` | | takes back all planned faults |
//! | `down` | `how`: `refuse` or `silent` | the gateways are out of reach; phone pages and this surface stay |
//! | `up` | | they are back |
//! | `close_floor` | `seconds` | no close before that age (300) |
//! | `skew` | `seconds` | the gateway's clock: its `Date` header, expiry, times of payment |
//! | `takes_any_time` | `on` | Dingdang takes requests whatever the time in their signature |
//! | `auto_pay` | `after_ms?` | every later trade is paid by itself; null: not |
//! | `coupon` | `minor?` | a coupon bears so much of every payment, and answers say who bore what; null: they do not |
//! | `beijing_rural` | `on` | `sub_appid` and `sub_openid` must be empty |
//! | `channels` | `enabled` | the other channels of all gateways are refused |
//! | `currency` | `code` | what BlueOcean trades in (`HKD`) |
//! | `notifications` | `on?` (true), `copies?` (1), `json?` (false), `state?` (false) | how payments are notified, see [`Notifications`](crate::Notifications); faults of the operation `notification` strike them, `drop_before` loses one |
//! | `notify` | `order_no?` | one more notification, whatever state the trade is in |
//! | `jubao_signs` | `on` | Jubao signs its answers |
//! | `tickets` | `hold_s`, nullable | how long a ticket of the official account holds; without, its server gives none |
//! | `voice_order` | `trade_no?`, `items` (`[{"itemId":"...","quantity":1,"amount":100}]`), `partner?` | an order at Dingdang's speaker, of whose making the till knows nothing; the trade. Its notices go to `partner`, if there is one |
//! | `speak` | `partner` (`http://127.0.0.1:PORT/dingdang/ACCOUNT`), `items`, `user_token`, `nonce?` (a new one), `total?` (the sum) | Dingdang has its partner make an order; `notified` has the answer, and once there is a number the trade is known here |
//! | `notify_refund` | `refund_no` | one more notice of a refund to Dingdang's partner |
//! | `give_back` | `order_no` | Dingdang gives the money back by itself, and says so to its partner |
//! | `dialect` | `dialect` | how answers are worded, see [`Dialect`] |
//! | `dialect_seed` | `seed`, `restless?` | a drawn dialect; restless: a new one for every answer (`pay_url` excepted) |
//! | `reverse_floor` | `seconds` | no reverse before that age (15) |
//! | `mint_code` | `manner?` (`at_once`, `confirm`, `refused`), `purse?` (`wechat`, `alipay`, `qq`, `unionpay`) | a new [`PaymentCode`](crate::PaymentCode) |
//! | `settle_refund` | `refund_no?` | the money is back |
//! | `fail_refund` | `refund_no?` | it stays with the merchant |
//! | `auto_refund` | `after_ms?` | every later refund is done by itself (2000); null: not |
//! | `faults` | | the faults still planned |
//! | `settings` | | all of the above as set |
//! | `trades` | | all trades, newest first, with `phone_url` |
//! | `refunds` | | all refunds, newest first |
//! | `codes` | | all payment codes, newest first |
//! | `received` | `after?` | what arrived after that index, oldest first; never a signature, a key or a payment code |
//! | `notified` | | the notifications that were sent, oldest first, and what was answered |
//! | `creates` | | how many creates arrived per number, refused and dropped ones too |

mod client;
mod command;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{ConnectInfo, Path, Query, State};
use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use self::command::Command;
use crate::connection::Peer;
use crate::dialect::Dialect;
use crate::fault::PlannedFault;
use crate::notify::Due;
use crate::refund::RefundState;
use crate::stage::{Book, Stage};
use crate::trade::{Trade, TradeState};

pub use client::Control;

/// Why a command was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// No trade or refund of this number, or none at all.
    #[error("no such trade or refund")]
    NoSuchTrade,
    /// The command cannot be read or cannot be carried out.
    #[error("not a command: {0}")]
    NotACommand(String),
    /// The state could not be written to its folder.
    #[error("not saved: {0}")]
    NotSaved(#[source] std::io::Error),
    /// The stage cannot be reached, or says something unexpected.
    #[error("the stage does not answer: {0}")]
    Unreachable(String),
}

/// A trade, and where its customer pays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TradeView {
    /// The trade as the gateway holds it.
    #[serde(flatten)]
    pub trade: Trade,
    /// The customer's page.
    pub phone_url: String,
}

pub(crate) fn router() -> Router<Arc<Stage>> {
    Router::new().route("/control/{name}", any(answer))
}

/// Whether a request comes from this machine and was not made by somebody's web page: a page of another site sends an
/// `Origin`, or a `Host` that is not ours.
pub(crate) fn is_local(peer: SocketAddr, headers: &HeaderMap) -> bool {
    let ip = peer.ip().to_canonical();
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name).trim_matches(['[', ']']);
    let ours = name == "localhost" || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    ip.is_loopback() && ours && !headers.contains_key(ORIGIN)
}

async fn answer(
    State(stage): State<Arc<Stage>>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    Path(name): Path<String>,
    Query(query): Query<Vec<(String, String)>>,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if !is_local(peer.addr, &headers) {
        return refuse(StatusCode::FORBIDDEN, "only for this machine");
    }
    let command = match read(&name, &query, &body) {
        Ok(command) => command,
        Err(error) => return refuse(StatusCode::BAD_REQUEST, &error),
    };
    if !(method == Method::POST || (method == Method::GET && command.only_reads())) {
        return refuse(StatusCode::METHOD_NOT_ALLOWED, "POST");
    }
    match perform(&stage, command).await {
        Ok(value) => Json(value).into_response(),
        Err(ControlError::NotACommand(why)) => refuse(StatusCode::BAD_REQUEST, &why),
        Err(error @ ControlError::NoSuchTrade) => refuse(StatusCode::NOT_FOUND, &error.to_string()),
        Err(error) => refuse(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}

fn refuse(status: StatusCode, why: &str) -> Response {
    (status, Json(json!({ "error": why }))).into_response()
}

/// A command from a route's name, a query (numbers only) and a body.
fn read(name: &str, query: &[(String, String)], body: &[u8]) -> Result<Command, String> {
    let mut fields: Map<String, Value> =
        if body.is_empty() { Map::new() } else { serde_json::from_slice(body).map_err(|error| error.to_string())? };
    for (field, value) in query {
        fields.insert(field.clone(), serde_json::from_str(value).map_err(|error| error.to_string())?);
    }
    fields.insert("do".to_owned(), json!(name));
    serde_json::from_value(Value::Object(fields)).map_err(|error| error.to_string())
}

/// Carries a command out; returns once its consequence is saved.
pub(crate) async fn perform(stage: &Arc<Stage>, command: Command) -> Result<Value, ControlError> {
    let value = stage.with(|book| carry_out(stage, book, command))?;
    stage.save().await.map_err(ControlError::NotSaved)?;
    Ok(value)
}

fn carry_out(stage: &Stage, book: &mut Book, command: Command) -> Result<Value, ControlError> {
    match command {
        Command::Pay { order_no } => {
            let paid = book.pay(order_no.as_deref()).ok_or(ControlError::NoSuchTrade)?;
            change(stage, book, Some(&paid), |_| {})
        }
        Command::Decline { order_no } => set(stage, book, order_no.as_deref(), TradeState::Failed),
        Command::Dawdle { order_no } => set(stage, book, order_no.as_deref(), TradeState::Paying),
        Command::Unpay { order_no } => change(stage, book, order_no.as_deref(), Trade::unpay),
        Command::Close { order_no } => set(stage, book, order_no.as_deref(), TradeState::Closed),
        Command::Reverse { order_no } => set(stage, book, order_no.as_deref(), TradeState::Reversed),
        Command::Refund { order_no } => set(stage, book, order_no.as_deref(), TradeState::Refunded),
        Command::SetState { order_no, state: wanted } => set(stage, book, order_no.as_deref(), wanted),
        Command::Forget { order_no } => {
            let order_no = book.find(order_no.as_deref()).ok_or(ControlError::NoSuchTrade)?.order_no.clone();
            book.kept.trades.remove(&order_no);
            book.touch();
            Ok(json!({}))
        }
        Command::Fault { operation, order_no, times, fault } => {
            book.faults.push(PlannedFault { operation, order_no, times, fault });
            Ok(json!({}))
        }
        Command::ClearFaults {} => {
            book.faults.clear();
            Ok(json!({}))
        }
        Command::Down { how } => {
            stage.down.send_replace(Some(how));
            Ok(json!({}))
        }
        Command::Up {} => {
            stage.down.send_replace(None);
            Ok(json!({}))
        }
        Command::CloseFloor { seconds } => setting(book, |settings| settings.close_floor_s = seconds),
        Command::ReverseFloor { seconds } => setting(book, |settings| settings.reverse_floor_s = seconds),
        Command::MintCode { manner, purse } => say(&book.mint(manner, purse)),
        Command::SettleRefund { refund_no } => decide_refund(book, refund_no.as_deref(), RefundState::Done),
        Command::FailRefund { refund_no } => decide_refund(book, refund_no.as_deref(), RefundState::Failed),
        Command::AutoRefund { after_ms } => setting(book, |settings| settings.auto_refund_ms = after_ms),
        Command::Skew { seconds } => setting(book, |settings| settings.skew_s = seconds),
        Command::TakesAnyTime { on } => setting(book, |settings| settings.takes_any_time = on),
        Command::AutoPay { after_ms } => setting(book, |settings| settings.auto_pay_ms = after_ms),
        Command::Coupon { minor } => setting(book, |settings| settings.coupon_minor = minor),
        Command::BeijingRural { on } => setting(book, |settings| settings.beijing_rural = on),
        Command::Channels { enabled } => setting(book, |settings| settings.channels = enabled),
        Command::Currency { code } => setting(book, |settings| settings.blueocean_currency = code),
        Command::JubaoSigns { on } => setting(book, |settings| settings.jubao_signs = on),
        Command::Tickets { hold_s } => setting(book, |settings| settings.ticket_s = hold_s),
        Command::Notifications(how) => setting(book, |settings| settings.notifications = how),
        Command::Notify { order_no } => {
            let order_no = book.find(order_no.as_deref()).ok_or(ControlError::NoSuchTrade)?.order_no.clone();
            book.send(Due::Payment(order_no));
            Ok(json!({}))
        }
        Command::NotifyRefund { refund_no } => Ok(send(book, Due::Refund(refund_no))),
        Command::GiveBack { order_no } => {
            let refund = book.give_back_here(&order_no).ok_or(ControlError::NoSuchTrade)?;
            book.notify_refund(refund.refund_no.clone());
            say(&refund)
        }
        Command::Speak(speech) => Ok(send(book, Due::Order(Box::new(speech)))),
        Command::Notified {} => say(&book.notified),
        Command::VoiceOrder { trade_no, items, partner } => {
            let refused = "the number is taken, or there is nothing to pay";
            let made = book.order_by_voice(trade_no, items);
            let mut trade = made.ok_or_else(|| ControlError::NotACommand(refused.to_owned()))?;
            if let Some(partner) = partner {
                trade = book.belongs_to(&trade.order_no, &partner, "a stranger").unwrap_or(trade);
            }
            say(&view(stage, &trade))
        }
        Command::Dialect { dialect } => setting(book, |settings| {
            settings.dialect = dialect;
            settings.restless_seed = None;
        }),
        Command::DialectSeed { seed, restless } => setting(book, |settings| {
            settings.dialect = Dialect::from_seed(seed);
            settings.restless_seed = restless.then_some(seed);
        }),
        Command::Faults {} => say(&book.faults),
        Command::Settings {} => say(&book.settings),
        Command::Trades {} => {
            let mut trades: Vec<TradeView> = book.kept.trades.values().map(|trade| view(stage, trade)).collect();
            trades.sort_by_key(|view| std::cmp::Reverse(view.trade.sequence));
            say(&trades)
        }
        Command::Refunds {} => {
            let mut refunds: Vec<_> = book.kept.refunds.values().collect();
            refunds.sort_by_key(|refund| std::cmp::Reverse(refund.sequence));
            say(&refunds)
        }
        Command::Codes {} => say(&book.kept.codes.iter().rev().collect::<Vec<_>>()),
        Command::Received { after } => say(&book.received.after(after)),
        Command::Creates {} => say(&book.kept.creates),
    }
}

fn say(value: &impl Serialize) -> Result<Value, ControlError> {
    serde_json::to_value(value).map_err(|error| ControlError::Unreachable(error.to_string()))
}

fn decide_refund(book: &mut Book, refund_no: Option<&str>, state: RefundState) -> Result<Value, ControlError> {
    let refund = book.decide_refund(refund_no, state).ok_or(ControlError::NoSuchTrade)?;
    book.notify_refund(refund.refund_no.clone());
    say(&refund)
}

fn send(book: &Book, due: Due) -> Value {
    book.send(due);
    json!({})
}

fn setting(book: &mut Book, change: impl FnOnce(&mut crate::Settings)) -> Result<Value, ControlError> {
    change(&mut book.settings);
    say(&book.settings)
}

fn set(stage: &Stage, book: &mut Book, order_no: Option<&str>, wanted: TradeState) -> Result<Value, ControlError> {
    change(stage, book, order_no, |trade| trade.state = wanted)
}

fn change(
    stage: &Stage,
    book: &mut Book,
    order_no: Option<&str>,
    change: impl FnOnce(&mut Trade),
) -> Result<Value, ControlError> {
    let trade = book.find(order_no).ok_or(ControlError::NoSuchTrade)?;
    change(trade);
    let view = view(stage, trade);
    book.touch();
    say(&view)
}

fn view(stage: &Stage, trade: &Trade) -> TradeView {
    TradeView { phone_url: stage.phone_url(&trade.token), trade: trade.clone() }
}

#[cfg(test)]
mod tests {
    use super::{is_local, read};
    use axum::http::HeaderMap;
    use axum::http::header::{HOST, ORIGIN};

    fn headers(host: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, host.parse().unwrap());
        headers
    }

    #[test]
    fn only_this_machine_may_turn_the_knobs() {
        let ours = headers("127.0.0.1:8080");
        assert!(is_local("127.0.0.1:5000".parse().unwrap(), &ours));
        assert!(is_local("[::1]:5000".parse().unwrap(), &headers("[::1]:8080")));
        assert!(is_local("[::ffff:127.0.0.1]:5000".parse().unwrap(), &headers("localhost:8080")));
        assert!(!is_local("192.168.1.20:5000".parse().unwrap(), &ours));
        assert!(!is_local("[fe80::1]:5000".parse().unwrap(), &ours));
    }

    #[test]
    fn a_web_page_may_not_turn_the_knobs() {
        let peer = "127.0.0.1:5000".parse().unwrap();
        assert!(!is_local(peer, &headers("rebound.example:8080")));
        let mut foreign = headers("127.0.0.1:8080");
        foreign.insert(ORIGIN, "https://example.com".parse().unwrap());
        assert!(!is_local(peer, &foreign));
    }

    #[test]
    fn a_misspelt_command_or_field_is_an_error() {
        assert!(read("pay", &[], b"").is_ok());
        assert!(read("pay", &[], br#"{"order":"x"}"#).is_err());
        assert!(read("pya", &[], b"").is_err());
        assert!(read("fault", &[], br#"{"fault":{"kind":"html"}}"#).is_ok());
        assert!(read("fault", &[], br#"{"fault":{"kind":"status"}}"#).is_err());
    }
}
