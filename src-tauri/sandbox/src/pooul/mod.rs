//! Pooul v1 (documents 000, 001, 003; gateways.md sections 1 and 7), as strict as its documents.

mod answer;
mod channel;
mod close;
mod create;
mod micro;
mod query;
mod refund;
mod request;
mod reverse;
mod sign;

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::post;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::answer::{Answered, Names, Said};
use crate::connection::Peer;
use crate::exchange::{Asked, Gateway, exchange, spoken_as_json};
use crate::fault::{Fault, Operation};
use crate::fields::{Fields, Refusal, Why};
use crate::ids::{Ids, PRETEND_APP};
use crate::notify::Letter;
use crate::stage::{Book, Stage};
use crate::store::Merchants;
use crate::trade::Trade;

pub use channel::CHANNELS;

/// What answers about an order state.
const ORDER: Names = Names {
    amount: "total_fee",
    number: "mch_trade_id",
    merchant: "merchant_id",
    currency: "fee_type",
    state: "trade_state",
    result: "result_code",
};

/// What answers about a refund state.
const REFUND: Names = Names { amount: "refund_fee", number: "mch_refund_id", state: "refund_status", ..ORDER };

/// The gateway's name, and the first part of its paths.
pub(crate) const NAME: &str = "pooul";

/// Throw-away credentials, made when the stage starts for the first time.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Credentials {
    merchant_id: String,
    key: String,
    sign_agentno: String,
    agent_key: String,
}

impl Credentials {
    pub(crate) fn drawn(ids: &Ids, known: &Merchants) -> Self {
        let (merchant_id, sign_agentno) = (known.field(NAME, "merchant_id"), known.field(NAME, "sign_agentno"));
        Self {
            merchant_id: merchant_id.unwrap_or_else(|| ids.digits("pooul merchant", 0).chars().take(16).collect()),
            key: ids.draw("pooul key", 0),
            sign_agentno: sign_agentno.unwrap_or_else(|| ids.digits("pooul agent", 0).chars().take(8).collect()),
            agent_key: ids.draw("pooul agent key", 0),
        }
    }
}

/// What a till needs to trade here. Contains the keys.
pub(crate) fn announcement(credentials: &Credentials, base_url: &str, origin: &str) -> Value {
    json!({
        "base_url": base_url,
        "channels": CHANNELS,
        "credentials": credentials,
        "notify_url": format!("{origin}/{NAME}/nobody-is-notified"),
        "sub_appid": PRETEND_APP,
    })
}

/// The documented paths under the gateway's base address, and the guessed one of a reverse.
pub(crate) fn router() -> Router<Arc<Stage>> {
    let at = |operation: Operation| {
        post(
            move |State(stage): State<Arc<Stage>>,
                  ConnectInfo(peer): ConnectInfo<Peer>,
                  headers: HeaderMap,
                  body: Bytes| { answer(stage, peer, operation, headers, body) },
        )
    };
    Router::new()
        .route("/paygate/merchant_info/pay", at(Operation::Create))
        .route("/paygate/merchant_info/query", at(Operation::Query))
        .route("/paygate/merchant_info/order_close", at(Operation::Close))
        .route("/paygate/merchant_info/reverse", at(Operation::Reverse))
        .route("/paygate/merchant_info/refund", at(Operation::Refund))
        .route("/paygate/merchant_info/refund_query", at(Operation::RefundQuery))
}

async fn answer(stage: Arc<Stage>, peer: Peer, operation: Operation, headers: HeaderMap, body: Bytes) -> Response {
    exchange::<Pooul>(&stage, &peer, operation, &headers, &body).await
}

/// An answer about this order.
fn answered(trade: &Trade, data: Map<String, Value>, key: String, names: Names) -> Answered {
    Answered { data, key, code: 0, number: trade.order_no.clone(), amount_minor: trade.amount_minor, names }
}

/// What is sent once a trade is paid: its fields, in an envelope like an answer's (000:164-197, 001:140-171).
pub(crate) fn notification(book: &Book, trade: &Trade, fault: Option<&Fault>) -> Letter {
    let Credentials { merchant_id, key, .. } = &book.kept.pooul;
    let mut data = query::paid(book, trade);
    data.insert("merchant_id".to_owned(), json!(merchant_id));
    data.insert("nonce_str".to_owned(), json!(book.nonce()));
    if book.settings.notifications.state {
        data.insert("trade_state".to_owned(), json!(i64::from(trade.state_at(book.gateway_s()))));
    }
    let mut answered = answered(trade, data, key.clone(), ORDER);
    if let Some(fault) = fault {
        answered.falsify(fault);
    }
    let body = answer::granted(answered, &book.dialect(), fault);
    Letter { content_type: "application/json", body, authorization: None }
}

struct Pooul;

impl Gateway for Pooul {
    const NAME: &'static str = NAME;

    fn read(asked: &Asked<'_>) -> Result<Fields, Refusal> {
        if spoken_as_json(asked.headers) {
            Fields::read(asked.body)
        } else {
            Err(Refusal::unreadable("JSON parse error: the content type is another"))
        }
    }

    fn order_no(book: &Book, operation: Operation, fields: &Fields) -> Option<String> {
        if operation == Operation::RefundQuery {
            let refund = book.refund(NAME, fields.text("refund_id"), fields.text("mch_refund_id"))?;
            return Some(refund.order_no.clone());
        }
        match fields.text("trade_id") {
            Some(gateway_no) if operation != Operation::Create => book
                .kept
                .trades
                .values()
                .find(|trade| trade.gateway_no == gateway_no)
                .map(|trade| trade.order_no.clone()),
            _ => fields.text("mch_trade_id").map(ToOwned::to_owned),
        }
    }

    fn process(stage: &Stage, book: &mut Book, asked: &Asked<'_>, fields: &Fields) -> Result<Answered, Refusal> {
        match asked.operation {
            Operation::Create => create::create(stage, book, fields),
            Operation::Query => query::query(book, fields),
            Operation::Close => close::close(book, fields),
            Operation::Reverse => reverse::reverse(book, fields),
            Operation::Refund => refund::refund(book, fields),
            Operation::RefundQuery => refund::query(book, fields),
        }
        .map(|mut answered| {
            let data = &mut answered.data;
            data.insert("merchant_id".to_owned(), json!(book.kept.pooul.merchant_id));
            data.insert("nonce_str".to_owned(), json!(book.nonce()));
            if book.dialect().no_merchant_id {
                data.remove("merchant_id");
            }
            answered
        })
    }

    fn granted(book: &Book, answered: Answered, fault: Option<&Fault>) -> Said {
        Said::plain(0, answer::granted(answered, &book.dialect(), fault))
    }

    fn refused(_: &Book, refusal: &Refusal) -> Said {
        let code = match refusal.why {
            Why::Unreadable => 100,
            Why::Missing | Why::Malformed => 103,
            Why::Code(code) => code,
        };
        Said::plain(code, answer::refused(code, &refusal.msg))
    }

    fn unsigned_paid(book: &Book, order_no: &str, amount_minor: i64) -> Said {
        Said::plain(0, answer::unsigned_paid(&book.kept.pooul.merchant_id, order_no, amount_minor))
    }
}
