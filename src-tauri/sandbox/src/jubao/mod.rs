//! Jubao (document 002; gateways.md 2.1 to 2.4), as strict as its documents.

mod sign;
mod trades;

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, Query, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use self::sign::sign;
use crate::answer::{Answered, Names, Said};
use crate::connection::Peer;
use crate::exchange::{Asked, Gateway, exchange, spoken_as_json};
use crate::fault::{Fault, Operation};
use crate::fields::{Fields, Refusal};
use crate::ids::Ids;
use crate::notify::Letter;
use crate::stage::{Book, Stage};
use crate::store::Merchants;
use crate::trade::Trade;

/// The gateway's name, and the first part of its paths.
pub(crate) const NAME: &str = "jubao";

/// The documented ids of `pay_channel_id`; a merchant may have been given others.
pub(crate) const CHANNELS: &[&str] = &["101", "201"];

const ORDER: Names = Names {
    amount: "total_fee",
    number: "out_trade_no",
    merchant: "mch_id",
    currency: "fee_type",
    state: "status",
    result: "",
};

/// Throw-away credentials, made when the stage starts for the first time.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Credentials {
    mch_id: String,
    key: String,
}

impl Credentials {
    pub(crate) fn drawn(ids: &Ids, known: &Merchants) -> Self {
        let mch_id = known.field(NAME, "mch_id");
        Self {
            mch_id: mch_id.unwrap_or_else(|| ids.digits("jubao merchant", 0).chars().take(14).collect()),
            key: ids.draw("jubao key", 0),
        }
    }
}

/// What a till needs to trade here. Contains the key.
pub(crate) fn announcement(credentials: &Credentials, origin: &str) -> Value {
    json!({
        "base_url": format!("{origin}/{NAME}"),
        "channels": CHANNELS,
        "credentials": credentials,
        "notify_url": format!("{origin}/{NAME}/nobody-is-notified"),
    })
}

/// The one path; the query says which operation is meant (gateways.md 2.1).
pub(crate) fn router() -> Router<Arc<Stage>> {
    Router::new().route("/index.php", post(answer))
}

#[derive(Deserialize)]
struct Address {
    #[serde(rename = "_m")]
    module: String,
    #[serde(rename = "_a")]
    action: String,
}

async fn answer(
    State(stage): State<Arc<Stage>>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    Query(address): Query<Address>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let operation = match (address.module.as_str(), address.action.as_str()) {
        ("pay_gateway", "apply_pay") => Operation::Create,
        ("payment", "query") => Operation::Query,
        _ => return axum::Json(json!({ "ret": 404, "msg": "接口地址错误" })).into_response(),
    };
    exchange::<Jubao>(&stage, &peer, operation, &headers, &body).await
}

/// Merchant (4002) and signature (4004). A parameter named `_sign` is refused, as the vendor's function does (002:92).
fn authenticate(fields: &Fields, credentials: &Credentials) -> Result<(), Refusal> {
    if fields.0.contains_key("_sign") {
        return Err(Refusal::new(4004, "签名错误"));
    }
    if fields.required_text("mch_id")? != credentials.mch_id {
        return Err(Refusal::new(4002, "无效AppId"));
    }
    fields.scalars_only()?;
    let given = fields.required_text("sign")?;
    if sign(&fields.0, &credentials.key) == given { Ok(()) } else { Err(Refusal::new(4004, "签名错误")) }
}

/// A form's fields, all texts, no name twice.
fn form(body: &[u8]) -> Result<Fields, Refusal> {
    let unreadable = || Refusal::unreadable("请求数据格式错误");
    let text = std::str::from_utf8(body).map_err(|_| unreadable())?;
    let uri: Uri = format!("/?{text}").parse().map_err(|_| unreadable())?;
    let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(&uri).map_err(|_| unreadable())?;
    let mut fields = Map::new();
    for (name, value) in pairs {
        if fields.insert(name, json!(value)).is_some() {
            return Err(unreadable());
        }
    }
    Ok(Fields(fields))
}

/// What is sent once a trade is paid. Nothing in it says which version signs it, so what is not ASCII is encoded twice.
pub(crate) fn notification(book: &Book, trade: &Trade, fault: Option<&Fault>) -> Letter {
    let mut answered = trades::told(book, trade);
    if let Some(fault) = fault {
        answered.falsify(fault);
    }
    let Answered { mut data, key, .. } = answered;
    let key = if fault == Some(&Fault::WrongSignature) { "the key of somebody else" } else { key.as_str() };
    if fault != Some(&Fault::MissingSignature) {
        data.insert("sign".to_owned(), json!(sign(&data, key)));
    }
    Letter::of(&data, book.settings.notifications.json)
}

struct Jubao;

impl Gateway for Jubao {
    const NAME: &'static str = NAME;

    fn read(asked: &Asked<'_>) -> Result<Fields, Refusal> {
        let kind = asked.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if kind.starts_with("application/x-www-form-urlencoded") {
            form(asked.body)
        } else if spoken_as_json(asked.headers) {
            Fields::read(asked.body)
        } else {
            Err(Refusal::unreadable("请使用JSON数据格式"))
        }
    }

    fn order_no(book: &Book, operation: Operation, fields: &Fields) -> Option<String> {
        match operation {
            Operation::Create => fields.text("out_trade_no").map(ToOwned::to_owned),
            _ => trades::by_order_sn(book, fields.text("order_sn")?).map(|trade| trade.order_no.clone()),
        }
    }

    fn process(stage: &Stage, book: &mut Book, asked: &Asked<'_>, fields: &Fields) -> Result<Answered, Refusal> {
        match asked.operation {
            Operation::Create => trades::apply_pay(stage, book, fields),
            Operation::Query => trades::query(book, fields),
            // No document has them.
            Operation::Close | Operation::Reverse | Operation::Refund | Operation::RefundQuery => {
                Err(Refusal::new(404, "接口地址错误"))
            }
        }
    }

    fn granted(book: &Book, answered: Answered, fault: Option<&Fault>) -> Said {
        let Answered { mut data, key, code, number, names, .. } = answered;
        if book.dialect().numbers_as_text {
            for value in data.values_mut() {
                if let Value::Number(number) = value {
                    *value = json!(number.to_string());
                }
            }
        }
        // The table lists a signature, no sample has one (gateways.md 2.3).
        match fault {
            Some(Fault::WrongSignature) => {
                data.insert("sign".to_owned(), json!(sign(&data, "the key of somebody else")));
            }
            Some(Fault::MissingSignature) => {}
            _ if book.settings.jubao_signs => {
                data.insert("sign".to_owned(), json!(sign(&data, &key)));
            }
            _ => {}
        }
        let text = json!({ "ret": code, "msg": "success", "data": data, "_trace_no": book.nonce() }).to_string();
        if fault == Some(&Fault::DuplicatedKeys) {
            let (state, named) = (names.state, names.number);
            let twice = format!(r#""data":{{"{state}":2,"{named}":"{number}","#);
            return Said::plain(code, text.replacen(r#""data":{"#, &twice, 1));
        }
        Said::plain(code, text)
    }

    fn refused(_: &Book, refusal: &Refusal) -> Said {
        let code = refusal.code_of_document_002();
        Said::plain(code, json!({ "ret": code, "msg": refusal.msg }).to_string())
    }

    fn unsigned_paid(book: &Book, order_no: &str, amount_minor: i64) -> Said {
        let data = json!({
            "mch_id": book.jubao.mch_id, "out_trade_no": order_no, "total_fee": amount_minor, "status": 2,
        });
        Said::plain(0, json!({ "ret": 0, "msg": "success", "data": data }).to_string())
    }
}
