//! BlueOcean (document 002's `appid`/`payment` half; gateways.md 2.6), as strict as its documents.

mod channel;
mod create;
mod order;
mod refund;
mod sign;
mod speak;

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, State};
use axum::http::HeaderMap;
use axum::routing::post;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use self::sign::sign;
use crate::answer::{Answered, Names, Said};
use crate::connection::Peer;
use crate::exchange::{Asked, Gateway, exchange, spoken_as_json};
use crate::fault::{Fault, Operation};
use crate::fields::{Fields, Refusal};
use crate::ids::{Ids, PRETEND_APP};
use crate::notify::Letter;
use crate::official_account;
use crate::stage::{Book, Stage};
use crate::store::Merchants;
use crate::trade::Trade;

pub(crate) use channel::CHANNELS;
use speak::describe;

/// The gateway's name, and the first part of its paths.
pub(crate) const NAME: &str = "blueocean";

/// The envelope's number of success.
const GRANTED: i64 = 200;

/// A presented code's payment is not known yet: to be asked for (002:127).
const UNKNOWN_OUTCOME: i64 = 201;

const ORDER: Names = Names {
    amount: "total_fee",
    number: "out_trade_no",
    merchant: "appid",
    currency: "fee_type",
    state: "trade_state",
    result: "",
};

const REFUND: Names = Names { amount: "refund_fee", number: "out_refund_no", state: "refund_status", ..ORDER };

/// Throw-away credentials, made when the stage starts for the first time.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Credentials {
    appid: String,
    key: String,
}

impl Credentials {
    pub(crate) fn drawn(ids: &Ids, known: &Merchants) -> Self {
        let drawn = || ids.digits("blueocean appid", 0).chars().skip_while(|digit| *digit == '0').take(7).collect();
        Self { appid: known.field(NAME, "appid").unwrap_or_else(drawn), key: ids.draw("blueocean key", 0) }
    }
}

/// What a till needs to trade here. Contains the key.
pub(crate) fn announcement(credentials: &Credentials, origin: &str, currency: &str) -> Value {
    json!({
        "base_url": format!("{origin}/{NAME}"),
        "channels": CHANNELS,
        "currency": currency,
        "credentials": credentials,
        "notify_url": format!("{origin}/{NAME}/nobody-is-notified"),
        "sub_appid": PRETEND_APP,
        "ticket_url": format!("{origin}{}", official_account::TICKET),
    })
}

/// The documented paths under the gateway's base address.
pub(crate) fn router() -> Router<Arc<Stage>> {
    let at = |operation: Operation| {
        post(move |stage: State<Arc<Stage>>, peer: ConnectInfo<Peer>, headers: HeaderMap, body: Bytes| async move {
            exchange::<BlueOcean>(&stage, &peer, operation, &headers, &body).await
        })
    };
    Router::new()
        .route("/payment/pay", at(Operation::Create))
        .route("/order/query", at(Operation::Query))
        .route("/order/close", at(Operation::Close))
        .route("/order/reverse", at(Operation::Reverse))
        .route("/payment/refund", at(Operation::Refund))
        .route("/order/refundquery", at(Operation::RefundQuery))
}

/// Merchant (4002) and signature (4004).
fn authenticate(fields: &Fields, credentials: &Credentials) -> Result<(), Refusal> {
    if fields.required_text("appid")? != credentials.appid {
        return Err(Refusal::new(4002, "无效AppId"));
    }
    fields.scalars_only()?;
    let given = fields.required_text("sign")?;
    if sign(&fields.0, &credentials.key, true) == given { Ok(()) } else { Err(Refusal::new(4004, "签名错误")) }
}

/// What is sent once a trade is paid (002:764-781).
pub(crate) fn notification(book: &Book, trade: &Trade, fault: Option<&Fault>) -> Letter {
    let mut answered = speak::told(book, trade);
    if let Some(fault) = fault {
        answered.falsify(fault);
    }
    let Answered { mut data, key, .. } = answered;
    let key = if fault == Some(&Fault::WrongSignature) { "the key of somebody else" } else { key.as_str() };
    if fault != Some(&Fault::MissingSignature) {
        data.insert("sign".to_owned(), json!(sign(&data, key, !book.dialect().empties_unsigned)));
    }
    Letter::of(&data, book.settings.notifications.json)
}

struct BlueOcean;

impl Gateway for BlueOcean {
    const NAME: &'static str = NAME;

    fn read(asked: &Asked<'_>) -> Result<Fields, Refusal> {
        if spoken_as_json(asked.headers) {
            Fields::read(asked.body)
        } else {
            Err(Refusal::unreadable("请使用JSON数据格式"))
        }
    }

    fn order_no(book: &Book, operation: Operation, fields: &Fields) -> Option<String> {
        let (sn, order_no) = (fields.text("sn"), fields.text("out_trade_no"));
        match operation {
            Operation::Create => order_no.map(ToOwned::to_owned),
            Operation::RefundQuery => {
                book.refund(NAME, None, fields.text("customer_refund_no")).map(|refund| refund.order_no.clone())
            }
            Operation::Query | Operation::Close | Operation::Reverse | Operation::Refund => {
                let found = order::find(book, sn, order_no, fields.text("transaction_id"));
                found.map(|trade| trade.order_no.clone()).or_else(|| order_no.map(ToOwned::to_owned))
            }
        }
    }

    fn process(stage: &Stage, book: &mut Book, asked: &Asked<'_>, fields: &Fields) -> Result<Answered, Refusal> {
        match asked.operation {
            Operation::Create => create::create(stage, book, fields),
            Operation::Query => order::query(stage, book, fields),
            Operation::Close => order::close(stage, book, fields),
            Operation::Reverse => order::reverse(stage, book, fields),
            Operation::Refund => refund::refund(book, fields),
            Operation::RefundQuery => refund::query(book, fields),
        }
    }

    fn granted(book: &Book, answered: Answered, fault: Option<&Fault>) -> Said {
        Said::plain(answered.code, speak::granted(answered, &book.dialect(), fault))
    }

    fn refused(_: &Book, refusal: &Refusal) -> Said {
        let code = refusal.code_of_document_002();
        Said::plain(code, json!({ "code": code, "message": refusal.msg }).to_string())
    }

    fn unsigned_paid(book: &Book, order_no: &str, amount_minor: i64) -> Said {
        let data = json!({
            "appid": book.blueocean.appid, "out_trade_no": order_no, "total_fee": amount_minor,
            "trade_state": "SUCCESS", "fee_type": book.settings.blueocean_currency,
        });
        Said::plain(GRANTED, json!({ "code": GRANTED, "message": "success", "data": data }).to_string())
    }
}
