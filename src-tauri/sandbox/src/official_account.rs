//! The merchant's official account at WeChat: its server, which gives the ticket that pages are signed with, and how WeChat looks at
//! a page (its documents on JS-SDK).

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use data_encoding::HEXLOWER;
use serde_json::{Value, json};

use crate::clock;
use crate::ids::PRETEND_APP;
use crate::stage::{Book, Stage};

/// Where the ticket lies.
pub(crate) const TICKET: &str = "/official-account/ticket";

/// A page may have been signed so many seconds ago.
const PAGE_AGE_S: u64 = 600;

pub(crate) fn router() -> Router<Arc<Stage>> {
    Router::new().route(TICKET, get(ticket))
}

/// A new ticket each time, and those given before are worth nothing any more: whoever asks must keep it.
async fn ticket(State(stage): State<Arc<Stage>>) -> Json<Value> {
    stage.with(|book| {
        book.tickets += 1;
        Json(match book.settings.ticket_s {
            Some(seconds) => json!({ "errcode": 0, "errmsg": "ok", "ticket": newest(book), "expires_in": seconds }),
            None => json!({ "errcode": 40001, "errmsg": "invalid credential, access_token is invalid or not latest" }),
        })
    })
}

fn newest(book: &Book) -> String {
    book.kept.ids.draw("jsapi ticket", book.tickets)
}

/// Whether WeChat would let a page at `address` call what it asks for in `config`, its call of `wx.config`.
pub(crate) fn accepts(book: &Book, config: &Value, address: &str) -> bool {
    let text = |name: &str| config[name].as_str().unwrap_or_default();
    let Some(timestamp) = config["timestamp"].as_i64() else { return false };
    let whole = config["beta"] == true && config["debug"] == false && text("appId") == PRETEND_APP;
    let asks = config["jsApiList"] == json!(["getH5PrepayRequest"]) && !text("nonceStr").is_empty();
    let fresh = clock::gateway_s(0).abs_diff(timestamp) <= PAGE_AGE_S;
    let fields = BTreeMap::from([
        ("url", address.split('#').next().unwrap_or_default().to_owned()),
        ("timestamp", timestamp.to_string()),
        ("noncestr", text("nonceStr").to_owned()),
        ("jsapi_ticket", newest(book)),
    ]);
    whole && asks && fresh && text("signature") == signature(&fields)
}

/// All fields, sorted by name, as they are.
fn signature(fields: &BTreeMap<&str, String>) -> String {
    let pairs: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
    HEXLOWER.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, pairs.join("&").as_bytes()).as_ref())
}

#[cfg(test)]
mod tests {
    use super::signature;
    use std::collections::BTreeMap;

    #[test]
    fn a_page_is_signed_as_wechats_documents_print_it() {
        let ticket = "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg";
        let fields = [
            ("noncestr", "Wm3WZYTPz0wzccnW"),
            ("jsapi_ticket", ticket),
            ("timestamp", "1414587457"),
            ("url", "http://mp.weixin.qq.com?params=value"),
        ];
        let fields = BTreeMap::from(fields.map(|(name, value)| (name, value.to_owned())));
        assert_eq!(signature(&fields), "0f9de62fce790f9a083d5c99e95740ceb90c27ed");
    }
}
