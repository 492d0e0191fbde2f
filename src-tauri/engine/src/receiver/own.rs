//! The till's own requests, which went out through the public address: see `till/outside.rs`.
//!
//! They lie below the paths that others use, and whoever else knocks there meets what he would have met without them: that the
//! till sends any is not to be told from outside. They are read although their source was refused too often.

use super::{Desk, answer};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;
use std::sync::Arc;

pub(super) async fn first(State(desk): State<Arc<Desk>>, request: Request, next: Next) -> Response {
    let Some(own) = desk.till.answer_to_own(request.method().as_str(), request.uri().path()) else {
        return next.run(request).await;
    };
    // Whoever brings the till's own is the merchant's proxy, whichever one the settings name.
    if let Some(proxy) = desk.unnamed_proxy(&request) {
        desk.till.note_passed_on(proxy);
    }
    answer(StatusCode::OK, own)
}
