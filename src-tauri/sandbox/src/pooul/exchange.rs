//! One request and its answer, with whatever faults strike.

use std::sync::Arc;

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, DATE, LOCATION, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};

use super::answer::{Answered, granted, refused, unsigned_paid};
use super::request::{Fields, Refusal};
use super::{Dialect, close, create, query};
use crate::clock;
use crate::connection::Peer;
use crate::fault::{Fault, Operation, Struck, strike};
use crate::received::Received;
use crate::stage::{Book, Stage};

/// Processes a request and answers it, unless a fault says otherwise.
pub(crate) async fn exchange(
    stage: &Arc<Stage>,
    peer: &Peer,
    operation: Operation,
    headers: &HeaderMap,
    body: &[u8],
) -> Response {
    let fields = if spoken_as_json(headers) {
        Fields::read(body)
    } else {
        Err(Refusal::new(100, "JSON parse error: the content type is another"))
    };
    let order_no = stage.with(|book| arrive(book, operation, fields.as_ref().ok()));
    if stage.is_down() {
        stage.with(|book| note(book, operation, order_no, fields.as_ref().ok(), (false, None), None));
        stage.silence().await;
        peer.hang_up();
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let (text, created, struck) = stage.with(|book| work(stage, book, operation, order_no, &fields));
    if let Some(created) = created {
        stage.pay_by_itself(created);
    }
    let mut response = match stage.save().await {
        Ok(()) => wrap(text, struck.fault.as_ref()),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("not saved: {error}")).into_response(),
    };
    if struck.delay_ms > 0 {
        stage.pause(struck.delay_ms).await;
    }
    if matches!(struck.fault, Some(Fault::DropAfter | Fault::DropBefore)) {
        peer.hang_up();
    }
    let skew_s = stage.with(|book| book.settings.skew_s);
    if let Some(date) = clock::http_date(skew_s).and_then(|date| HeaderValue::try_from(date).ok()) {
        response.headers_mut().insert(DATE, date);
    }
    response
}

/// An absent content type is accepted: no document asks for one.
fn spoken_as_json(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_none_or(|kind| kind.to_str().is_ok_and(|kind| kind.starts_with("application/json")))
}

/// Counts a create before anything can go wrong with it, and finds out which order a request is about.
fn arrive(book: &mut Book, operation: Operation, fields: Option<&Fields>) -> Option<String> {
    let fields = fields?;
    let order_no = match fields.text("trade_id") {
        Some(gateway_no) if operation != Operation::Create => {
            book.kept.trades.values().find(|trade| trade.gateway_no == gateway_no)?.order_no.clone()
        }
        _ => fields.text("mch_trade_id")?.to_owned(),
    };
    if operation == Operation::Create {
        *book.kept.creates.entry(order_no.clone()).or_default() += 1;
        book.touch();
    }
    Some(order_no)
}

/// The answer's text, the number of a new trade, and the faults that struck.
fn work(
    stage: &Stage,
    book: &mut Book,
    operation: Operation,
    order_no: Option<String>,
    fields: &Result<Fields, Refusal>,
) -> (String, Option<String>, Struck) {
    let struck = strike(&mut book.faults, operation, order_no.as_deref());
    let fault = struck.fault.as_ref();
    let outcome = match fields {
        Err(refusal) => Err(refusal.clone()),
        Ok(_) if fault.is_some_and(|fault| !fault.processes()) => Err(Refusal::new(601, "not processed")),
        Ok(fields) => process(stage, book, operation, fields),
    };
    let accepted = outcome.is_ok();
    let created = outcome.as_ref().ok().filter(|_| operation == Operation::Create).map(|new| new.order_no.clone());
    book.answers += 1;
    let nonce = book.kept.ids.short("nonce", book.answers);
    let dialect = dialect(book);
    let merchant_id = book.kept.pooul.merchant_id.clone();
    let (text, code) = match (fault, outcome) {
        (Some(Fault::Code { code, msg, .. }), _) => (refused(&Refusal::new(*code, msg)), Some(*code)),
        (Some(Fault::UnsignedPaid), _) => {
            let order_no = order_no.clone().unwrap_or_default();
            let amount_minor = book.kept.trades.get(&order_no).map_or(0, |trade| trade.amount_minor);
            (unsigned_paid(&merchant_id, &order_no, amount_minor), Some(0))
        }
        (_, Ok(answered)) => (granted(answered, &merchant_id, &nonce, &dialect, fault), Some(0)),
        (_, Err(refusal)) => (refused(&refusal), Some(refusal.code)),
    };
    let code = code.filter(|_| !fault.is_some_and(hides_the_code));
    note(book, operation, order_no, fields.as_ref().ok(), (accepted, code), fault.cloned());
    (text, created, struck)
}

fn process(stage: &Stage, book: &mut Book, operation: Operation, fields: &Fields) -> Result<Answered, Refusal> {
    match operation {
        Operation::Create => create::create(stage, book, fields),
        Operation::Query => query::query(book, fields),
        Operation::Close => close::close(book, fields),
    }
}

fn dialect(book: &Book) -> Dialect {
    match book.settings.restless_seed {
        Some(seed) => Dialect::from_seed(seed.wrapping_add(book.answers)),
        None => book.settings.dialect.clone(),
    }
}

fn hides_the_code(fault: &Fault) -> bool {
    matches!(
        fault,
        Fault::DropAfter
            | Fault::DropBefore
            | Fault::Status { .. }
            | Fault::Redirect { .. }
            | Fault::Html
            | Fault::Empty
            | Fault::Truncated
            | Fault::Garbage
    )
}

fn note(
    book: &mut Book,
    operation: Operation,
    order_no: Option<String>,
    fields: Option<&Fields>,
    (accepted, code): (bool, Option<i64>),
    fault: Option<Fault>,
) {
    let mut fields: Map<String, Value> = fields.map(|fields| fields.0.clone()).unwrap_or_default();
    fields.remove("sign");
    book.received.note(Received {
        index: 0,
        at_ms: clock::now_ms(),
        gateway: super::NAME.to_owned(),
        operation,
        order_no,
        fields,
        accepted,
        code,
        fault,
    });
}

/// The HTTP reply around an answer's text.
fn wrap(text: String, fault: Option<&Fault>) -> Response {
    let json = |body: Body| ([(CONTENT_TYPE, "application/json; charset=utf-8")], body).into_response();
    match fault {
        Some(Fault::Status { status, retry_after_s }) => {
            let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let mut response = (status, "the gateway is not well").into_response();
            if let Some(seconds) = retry_after_s {
                response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(*seconds));
            }
            response
        }
        Some(Fault::Redirect { location }) => match HeaderValue::try_from(location.as_str()) {
            Ok(location) => (StatusCode::FOUND, [(LOCATION, location)]).into_response(),
            Err(_) => StatusCode::FOUND.into_response(),
        },
        Some(Fault::Html) => (
            [(CONTENT_TYPE, "text/html; charset=utf-8")],
            "<!doctype html><html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>",
        )
            .into_response(),
        Some(Fault::Empty) => json(Body::empty()),
        Some(Fault::Truncated) => {
            let half = text.chars().count() / 2;
            json(Body::from(text.chars().take(half).collect::<String>()))
        }
        Some(Fault::Garbage) => json(Body::from(vec![0xFF, 0xFE, 0x00, 0x9D, 0x80, b'{', 0xC3, 0x28])),
        Some(Fault::Huge { bytes }) => json(Body::from(" ".repeat(*bytes) + &text)),
        _ => json(Body::from(text)),
    }
}
