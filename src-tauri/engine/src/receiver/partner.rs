//! What a gateway asks of its partner comes in here: `POST /dingdang/{account}/create`, `/ship` and `/refund`.
//!
//! A reply is signed for the gateway whose call was verified. Everybody else gets one answer for everything.

use super::caller::Caller;
use super::{DEADLINE, Desk, Refused, whole};
use crate::till::CallRefused;
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::header::{AUTHORIZATION, CONNECTION, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, Method};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;
use till_core::gateway::named;
use till_core::gateway::partner::{Interface, SignedReply};
use tokio::time::{Instant, timeout_at};

/// The paths.
pub(super) const ROUTE: &str = "/dingdang/{account}/{interface}";

/// The gateway that calls there.
const GATEWAY: &str = "dingdang";

pub(super) async fn called(
    State(desk): State<Arc<Desk>>,
    caller: Caller,
    path: Result<Path<(String, String)>, PathRejection>,
    request: Request,
) -> Response {
    let Caller::Heard(source) = caller else { return reply(None) };
    let Ok(Path((account, word))) = path else { return desk.refuse(source, "", &Refused::NotHere) };
    let interface = Interface::from_word(&word).filter(|_| request.method() == Method::POST);
    let Some(interface) = interface else { return desk.refuse(source, "", &Refused::NotHere) };
    let authorization = the_only(request.headers()).map(str::to_owned);
    let proxy = desk.unnamed_proxy(&request);
    let taken = desk.take_call(&account, interface, authorization.as_deref(), request.into_body()).await;
    desk.note_way_here(proxy, taken.as_ref().err().map(|(why, _)| why));
    match taken {
        Ok(signed) => {
            desk.till.count_accepted(&account);
            reply(Some(signed))
        }
        Err((why, signed)) => {
            desk.note(source, &account, &why);
            reply(signed)
        }
    }
}

impl Desk {
    async fn take_call(
        &self,
        account: &str,
        interface: Interface,
        authorization: Option<&str>,
        body: Body,
    ) -> Result<SignedReply, (Refused, Option<SignedReply>)> {
        let ends = Instant::now() + DEADLINE;
        let body = whole(body, ends).await.map_err(|why| (why, None))?;
        match timeout_at(ends, self.till.called(GATEWAY, account, interface, authorization, &body)).await {
            Ok(Ok(signed)) => Ok(signed),
            Ok(Err(CallRefused { why, reply })) => Err((Refused::NotAccepted(why), reply)),
            Err(_) => Err((Refused::TooLate, None)),
        }
    }
}

/// The header that proves who calls. Two of them would be two proofs.
fn the_only(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let only = values.next().filter(|_| values.next().is_none())?;
    only.to_str().ok()
}

/// One request a connection, as everywhere here.
fn reply(signed: Option<SignedReply>) -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("application/json;charset=UTF-8")),
        (CONNECTION, HeaderValue::from_static("close")),
    ];
    let turned_away =
        || named(GATEWAY).and_then(|gateway| gateway.partnering()).map_or("", |there| there.turned_away());
    match signed {
        Some(SignedReply { body, authorization }) => (headers, [(AUTHORIZATION, authorization)], body).into_response(),
        None => (headers, turned_away()).into_response(),
    }
}
