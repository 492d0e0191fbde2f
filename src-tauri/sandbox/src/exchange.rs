//! One request and its answer at any gateway, with whatever faults strike.

use std::sync::Arc;

use axum::body::Body;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, DATE, LOCATION, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};

use crate::answer::{Answered, Said};
use crate::clock;
use crate::connection::Peer;
use crate::fault::{Fault, Operation, Struck, strike};
use crate::fields::{Fields, Refusal};
use crate::received::Received;
use crate::stage::{Book, Stage};

/// A request as it arrived.
pub(crate) struct Asked<'r> {
    pub(crate) operation: Operation,
    pub(crate) headers: &'r HeaderMap,
    pub(crate) body: &'r [u8],
}

/// How one gateway speaks and what it does.
pub(crate) trait Gateway {
    /// The first part of its paths.
    const NAME: &'static str;

    fn read(asked: &Asked<'_>) -> Result<Fields, Refusal>;

    /// The order that a request is about, by the merchant's number, as far as it says so.
    fn order_no(book: &Book, operation: Operation, fields: &Fields) -> Option<String>;

    /// Does what is asked.
    fn process(stage: &Stage, book: &mut Book, asked: &Asked<'_>, fields: &Fields) -> Result<Answered, Refusal>;

    /// The text of an answer to a granted request. What the fault makes wrong in the data is done already.
    fn granted(book: &Book, answered: Answered, fault: Option<&Fault>) -> Said;

    fn refused(book: &Book, refusal: &Refusal) -> Said;

    /// An unsigned text that says paid, with everything right but the missing signature.
    fn unsigned_paid(book: &Book, order_no: &str, amount_minor: i64) -> Said;
}

/// Processes a request and answers it, unless a fault says otherwise.
pub(crate) async fn exchange<G: Gateway>(
    stage: &Arc<Stage>,
    peer: &Peer,
    operation: Operation,
    headers: &HeaderMap,
    body: &[u8],
) -> Response {
    let asked = Asked { operation, headers, body };
    let fields = G::read(&asked);
    let order_no = stage.with(|book| arrive::<G>(book, operation, fields.as_ref().ok()));
    if stage.is_down() {
        stage.with(|book| note::<G>(book, operation, order_no, fields.as_ref().ok(), (false, None), None));
        stage.silence().await;
        peer.hang_up();
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let (said, created, struck) = stage.with(|book| work::<G>(stage, book, &asked, order_no, &fields));
    if let Some(created) = created {
        stage.pay_by_itself(created);
    }
    let mut response = match stage.save().await {
        Ok(()) => wrap(said, struck.fault.as_ref()),
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

/// Whether a body is said to be JSON. An absent content type is accepted: no document asks for one.
pub(crate) fn spoken_as_json(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_none_or(|kind| kind.to_str().is_ok_and(|kind| kind.starts_with("application/json")))
}

/// Counts a create before anything can go wrong with it, and finds out which order a request is about.
fn arrive<G: Gateway>(book: &mut Book, operation: Operation, fields: Option<&Fields>) -> Option<String> {
    let order_no = G::order_no(book, operation, fields?)?;
    if operation == Operation::Create {
        *book.kept.creates.entry(order_no.clone()).or_default() += 1;
        book.touch();
    }
    Some(order_no)
}

/// The answer, the number of a new trade, and the faults that struck.
fn work<G: Gateway>(
    stage: &Stage,
    book: &mut Book,
    asked: &Asked<'_>,
    order_no: Option<String>,
    fields: &Result<Fields, Refusal>,
) -> (Said, Option<String>, Struck) {
    let operation = asked.operation;
    let struck = strike(&mut book.faults, operation, order_no.as_deref());
    let fault = struck.fault.as_ref();
    book.answers += 1;
    let outcome = match fields {
        Err(refusal) => Err(refusal.clone()),
        Ok(_) if fault.is_some_and(|fault| !fault.processes()) => Err(Refusal::unreadable("not processed")),
        Ok(fields) => G::process(stage, book, asked, fields),
    };
    let accepted = outcome.is_ok();
    let created = outcome.as_ref().ok().filter(|_| operation == Operation::Create).map(|new| new.number.clone());
    let said = match (fault, outcome) {
        (Some(Fault::Code { code, msg, .. }), _) => {
            Said { authorization: None, ..G::refused(book, &Refusal::new(*code, msg)) }
        }
        (Some(Fault::UnsignedPaid), _) => {
            let order_no = order_no.clone().unwrap_or_default();
            let amount_minor = book.kept.trades.get(&order_no).map_or(0, |trade| trade.amount_minor);
            G::unsigned_paid(book, &order_no, amount_minor)
        }
        (_, Ok(mut answered)) => {
            if let Some(fault) = fault {
                answered.falsify(fault);
            }
            G::granted(book, answered, fault)
        }
        (_, Err(refusal)) => G::refused(book, &refusal),
    };
    let code = Some(said.code).filter(|_| !fault.is_some_and(hides_the_code));
    note::<G>(book, operation, order_no, fields.as_ref().ok(), (accepted, code), fault.cloned());
    (said, created, struck)
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

fn note<G: Gateway>(
    book: &mut Book,
    operation: Operation,
    order_no: Option<String>,
    fields: Option<&Fields>,
    (accepted, code): (bool, Option<i64>),
    fault: Option<Fault>,
) {
    let fields: Map<String, Value> = fields.map(|fields| fields.0.clone()).unwrap_or_default();
    book.received.note(Received {
        index: 0,
        at_ms: clock::now_ms(),
        gateway: G::NAME.to_owned(),
        operation,
        order_no,
        fields,
        accepted,
        code,
        fault,
    });
}

/// The HTTP reply around an answer.
fn wrap(said: Said, fault: Option<&Fault>) -> Response {
    let Said { text, authorization, .. } = said;
    let json = |body: Body| {
        let mut response = ([(CONTENT_TYPE, "application/json; charset=utf-8")], body).into_response();
        if let Some(header) = authorization.and_then(|header| HeaderValue::try_from(header).ok()) {
            response.headers_mut().insert(AUTHORIZATION, header);
        }
        response
    };
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
