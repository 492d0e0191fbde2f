//! Pooul v1 (documents 000, 001, 003; gateways.md sections 1 and 7), as strict as its documents.

mod answer;
mod channel;
mod close;
mod create;
mod dialect;
mod exchange;
mod query;
mod request;
mod sign;

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::post;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::connection::Peer;
use crate::fault::Operation;
use crate::ids::Ids;
use crate::stage::Stage;

pub use channel::CHANNELS;
pub use dialect::{CurrencyWord, Dialect, TimeWord};

/// The gateway's name, and the first part of its paths.
pub(crate) const NAME: &str = "pooul";

/// Throw-away credentials, made when the stage starts for the first time.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Credentials {
    merchant_id: String,
    key: String,
    sign_agentno: String,
    agent_key: String,
}

impl Credentials {
    pub(crate) fn drawn(ids: &Ids) -> Self {
        Self {
            merchant_id: ids.digits("pooul merchant", 0).chars().take(16).collect(),
            key: ids.draw("pooul key", 0),
            sign_agentno: ids.digits("pooul agent", 0).chars().take(8).collect(),
            agent_key: ids.draw("pooul agent key", 0),
        }
    }
}

/// What a till needs to trade here. Contains the keys.
pub(crate) fn announcement(credentials: &Credentials, base_url: &str, origin: &str) -> Value {
    json!({
        "base_url": base_url,
        "channels": CHANNELS,
        "credentials": credentials,
        "notify_url": format!("{origin}/{NAME}/nobody-is-notified"),
    })
}

/// The documented paths under the gateway's base address.
pub(crate) fn router() -> Router<Arc<Stage>> {
    Router::new()
        .route("/paygate/merchant_info/pay", post(create))
        .route("/paygate/merchant_info/query", post(query))
        .route("/paygate/merchant_info/order_close", post(close))
}

async fn create(stage: State<Arc<Stage>>, peer: ConnectInfo<Peer>, headers: HeaderMap, body: Bytes) -> Response {
    exchange::exchange(&stage, &peer, Operation::Create, &headers, &body).await
}

async fn query(stage: State<Arc<Stage>>, peer: ConnectInfo<Peer>, headers: HeaderMap, body: Bytes) -> Response {
    exchange::exchange(&stage, &peer, Operation::Query, &headers, &body).await
}

async fn close(stage: State<Arc<Stage>>, peer: ConnectInfo<Peer>, headers: HeaderMap, body: Bytes) -> Response {
    exchange::exchange(&stage, &peer, Operation::Close, &headers, &body).await
}
