//! Tencent Dingdang (document 004; gateways.md section 3), as strict as its documents.

mod keys;
mod partner;
mod refunds;
mod trades;

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, State};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::routing::post;
use serde_json::{Value, json};

use self::keys::{Header, Keys};
use crate::answer::{Answered, Names, Said};
use crate::connection::Peer;
use crate::exchange::{Asked, Gateway, exchange, spoken_as_json};
use crate::fault::{Fault, Operation};
use crate::fields::{Fields, Refusal, Why};
use crate::ids::Ids;
use crate::stage::{Book, Stage};
use crate::store::Merchants;

pub(crate) use keys::KeptKeys;
pub use partner::Speech;
pub(crate) use partner::{create, refund, ship};

/// The gateway's name, and the first part of its paths.
pub(crate) const NAME: &str = "dingdang";

/// Orders come from a speaker.
pub(crate) const CHANNEL: &str = "voice";

/// A request signed further away than this is refused, in seconds (gateways.md 3.2).
const MOST_SKEW_S: u64 = 180;

/// No `retMsg` is longer (004:112).
const LONGEST_MSG: usize = 32;

const ORDER: Names = Names {
    amount: "totalAmt",
    number: "tradeNo",
    merchant: "skillId",
    currency: "",
    state: "tradeStatus",
    result: "",
};

const REFUND: Names = Names { amount: "refundAmt", number: "refundTradeNo", state: "refundStatus", ..ORDER };

/// The skill and both pairs of keys.
pub(crate) struct Credentials {
    pub(crate) skill_id: String,
    keys: Keys,
}

impl Credentials {
    /// Nothing if the keys cannot be read.
    pub(crate) fn of(ids: &Ids, known: &Merchants, kept: &KeptKeys) -> Option<Self> {
        let skill_id = known.field(NAME, "skill_id").unwrap_or_else(|| ids.short("dingdang skill", 0));
        Some(Self { skill_id, keys: Keys::of(kept)? })
    }
}

/// What a till needs to trade here. Contains the merchant's private key.
pub(crate) fn announcement(credentials: &Credentials, origin: &str) -> Value {
    json!({
        "base_url": format!("{origin}/{NAME}"),
        "channels": [CHANNEL],
        "credentials": {
            "skill_id": credentials.skill_id,
            "skill_private_key": credentials.keys.skill_pem(),
            "tsk_public_key": credentials.keys.platform_public(),
        },
    })
}

/// The documented paths under the gateway's base address.
pub(crate) fn router() -> Router<Arc<Stage>> {
    let at = |operation: Operation| {
        post(move |stage: State<Arc<Stage>>, peer: ConnectInfo<Peer>, headers: HeaderMap, body: Bytes| async move {
            exchange::<Dingdang>(&stage, &peer, operation, &headers, &body).await
        })
    };
    Router::new()
        .route("/paycgi/orderquery", at(Operation::Query))
        .route("/paycgi/refund", at(Operation::Refund))
        .route("/paycgi/refundquery", at(Operation::RefundQuery))
}

/// What every request holds besides the fields of its own.
fn check(book: &Book, fields: &Fields, own: &[&str], of: &str) -> Result<(), Refusal> {
    fields.only(&[&["skillId", "version", "nonceStr"], own], of)?;
    if fields.required_text("skillId")? != book.dingdang.skill_id {
        return Err(Refusal::new(1, "no such skill"));
    }
    fields.required_text("nonceStr")?;
    fields.short_text("nonceStr", 32)?;
    if fields.optional_text("version")?.is_some_and(|version| version != "1.0") {
        return Err(Refusal::field("version", "must be 1.0"));
    }
    Ok(())
}

/// The signature covers the body as it came and a time that is not far away.
fn authenticate(book: &Book, asked: &Asked<'_>) -> Result<(), Refusal> {
    let header = asked.headers.get(AUTHORIZATION).and_then(|header| header.to_str().ok());
    let header = header.and_then(Header::read).ok_or_else(|| Refusal::new(1, "Authorization cannot be read"))?;
    let skew_s = book.gateway_s().saturating_sub(header.signed_at);
    if skew_s.unsigned_abs() > MOST_SKEW_S && !book.settings.takes_any_time {
        return Err(Refusal::new(1, format!("timestamp is off by {skew_s} s")));
    }
    if book.dingdang.keys.verifies(asked.body, &header) { Ok(()) } else { Err(Refusal::new(1, "signature error")) }
}

/// A reply signed in its header, unless a fault leaves the signature off.
fn said(book: &Book, code: i64, text: String, fault: Option<&Fault>) -> Said {
    let keys = &book.dingdang.keys;
    let authorization = match fault {
        Some(Fault::MissingSignature) => None,
        Some(Fault::WrongSignature) => keys.sign_wrongly(&text, book.gateway_s()),
        Some(Fault::Stale { seconds }) => keys.sign_reply(&text, book.gateway_s().saturating_sub(*seconds)),
        _ => keys.sign_reply(&text, book.gateway_s()),
    };
    Said { text, authorization, code }
}

struct Dingdang;

impl Gateway for Dingdang {
    const NAME: &'static str = NAME;

    fn read(asked: &Asked<'_>) -> Result<Fields, Refusal> {
        if spoken_as_json(asked.headers) { Fields::read(asked.body) } else { Err(Refusal::unreadable("not JSON")) }
    }

    fn order_no(book: &Book, operation: Operation, fields: &Fields) -> Option<String> {
        if operation == Operation::RefundQuery {
            let refund = book.refund(NAME, fields.text("refundTransactionId"), fields.text("refundTradeNo"))?;
            return Some(refund.order_no.clone());
        }
        let (gateway_no, order_no) = (fields.text("transactionId"), fields.text("tradeNo"));
        let found = trades::find(book, gateway_no, order_no).map(|trade| trade.order_no.clone());
        found.or_else(|| order_no.map(ToOwned::to_owned))
    }

    fn process(_: &Stage, book: &mut Book, asked: &Asked<'_>, fields: &Fields) -> Result<Answered, Refusal> {
        authenticate(book, asked)?;
        match asked.operation {
            Operation::Query => trades::query(book, fields),
            Operation::Refund => refunds::refund(book, fields),
            Operation::RefundQuery => refunds::query(book, fields),
            // No document has them.
            Operation::Create | Operation::Close | Operation::Reverse => Err(Refusal::new(1, "no such interface")),
        }
    }

    fn granted(book: &Book, answered: Answered, fault: Option<&Fault>) -> Said {
        let Answered { mut data, code, number, names, .. } = answered;
        data.insert("retCode".to_owned(), json!("SUCCESS"));
        let dialect = book.dialect();
        if dialect.unknown_fields {
            data.insert("fieldOfNextYear".to_owned(), json!(20_270_101));
        }
        if dialect.nulls {
            data.insert("retMsg".to_owned(), Value::Null);
        }
        let mut text = Value::Object(data).to_string();
        if fault == Some(&Fault::DuplicatedKeys) {
            let (state, named) = (names.state, names.number);
            text = text.replacen('{', &format!(r#"{{"{state}":"SUCCESS","{named}":"{number}","#), 1);
        }
        said(book, code, text, fault)
    }

    fn refused(book: &Book, refusal: &Refusal) -> Said {
        let code = match refusal.why {
            Why::Unreadable | Why::Missing | Why::Malformed => 1,
            Why::Code(code) => code,
        };
        let msg: String = refusal.msg.chars().take(LONGEST_MSG).collect();
        said(book, code, json!({ "retCode": "FAIL", "retMsg": msg }).to_string(), None)
    }

    fn unsigned_paid(book: &Book, order_no: &str, amount_minor: i64) -> Said {
        let gateway_no = book.kept.trades.get(order_no).map(|trade| trade.gateway_no.clone());
        let text = json!({
            "retCode": "SUCCESS", "skillId": book.dingdang.skill_id, "transactionId": gateway_no, "tradeNo": order_no,
            "totalAmt": amount_minor, "tradeStatus": "SUCCESS", "tradeStatusDesc": "支付成功",
        });
        Said::plain(0, text.to_string())
    }
}
