//! The till's own request, which went out through the public address: see `till/outside.rs`.
//!
//! Whoever else knocks here is answered, and counted, as at an account that there is not: that there is such a path is not to be
//! told from any other.

use super::caller::Caller;
use super::{Desk, answer, notify};
use axum::RequestExt;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::{Method, StatusCode};
use axum::response::Response;
use std::sync::Arc;

pub(super) async fn arrives(
    State(desk): State<Arc<Desk>>,
    path: Result<Path<String>, PathRejection>,
    mut request: Request,
) -> Response {
    if let Ok(Path(token)) = &path
        && request.method() == Method::POST
        && let Some(own) = desk.till.answer_to_own(token)
    {
        return answer(StatusCode::OK, own);
    }
    let Ok(caller) = request.extract_parts_with_state::<Caller, _>(&desk).await;
    let named = path.map(|Path(token)| Path((String::new(), token)));
    notify(State(desk), caller, named, request).await
}
