//! Where a request ends. One that two readers could end at different places is refused before any route hears of it.

use super::caller::Caller;
use super::{Desk, Refused, answer};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use std::sync::Arc;

pub(super) async fn plain(State(desk): State<Arc<Desk>>, request: Request, next: Next) -> Response {
    if is_plain(request.headers()) {
        return next.run(request).await;
    }
    let (mut parts, _) = request.into_parts();
    if let Ok(Caller::Heard(source)) = Caller::from_request_parts(&mut parts, &desk).await {
        desk.note(source, "", &Refused::Malformed);
    }
    answer(StatusCode::BAD_REQUEST, "")
}

/// Whether the end is told once: by a length, or by exactly one `chunked`. A length that stands beside a `Transfer-Encoding` is
/// dropped by the server below before anybody sees it, as RFC 9112 allows, so that such a request is read as chunks alone.
fn is_plain(headers: &HeaderMap) -> bool {
    let mut codings = headers.get_all(TRANSFER_ENCODING).iter();
    let Some(first) = codings.next() else { return true };
    let chunked = first.as_bytes().trim_ascii().eq_ignore_ascii_case(b"chunked");
    chunked && codings.next().is_none() && !headers.contains_key(CONTENT_LENGTH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_request_is_told_once() {
        for (told, is) in [
            (&[][..], true),
            (&[("content-length", "5")], true),
            (&[("transfer-encoding", "chunked")], true),
            (&[("transfer-encoding", "Chunked")], true),
            (&[("transfer-encoding", "chunked, chunked")], false),
            (&[("transfer-encoding", "gzip, chunked")], false),
            (&[("transfer-encoding", "chunked"), ("transfer-encoding", "chunked")], false),
            (&[("transfer-encoding", "")], false),
            (&[("content-length", "5"), ("transfer-encoding", "chunked")], false),
        ] {
            let mut headers = HeaderMap::new();
            for (name, value) in told {
                headers.append(*name, value.parse().unwrap());
            }
            assert_eq!(is_plain(&headers), is, "{told:?}");
        }
    }
}
