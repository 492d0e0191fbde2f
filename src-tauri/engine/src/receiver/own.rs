//! The till's own request, which went out through the public address: see `till/outside.rs`.
//!
//! Whoever else knocks here is answered, and counted, as at an account that there is not: that there is such a path is not to be
//! told from any other.

use super::{Desk, Peer, answer, notify};
use axum::extract::rejection::PathRejection;
use axum::extract::{ConnectInfo, Path, Request, State};
use axum::http::{Method, StatusCode};
use axum::response::Response;
use std::sync::Arc;

pub(super) async fn arrives(
    State(desk): State<Arc<Desk>>,
    peer: ConnectInfo<Peer>,
    path: Result<Path<String>, PathRejection>,
    request: Request,
) -> Response {
    if let Ok(Path(token)) = &path
        && request.method() == Method::POST
        && let Some(own) = desk.till.answer_to_own(token)
    {
        return answer(StatusCode::OK, own);
    }
    let named = path.map(|Path(token)| Path((String::new(), token)));
    notify(State(desk), peer, named, request).await
}
