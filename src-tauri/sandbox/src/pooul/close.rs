//! `order_close`: ending an unpaid trade.

use serde_json::{Map, json};

use super::ORDER;
use super::query::meant;
use super::request::authenticate;
use crate::answer::Answered;
use crate::clock;
use crate::fields::{Fields, Refusal};
use crate::stage::Book;
use crate::trade::TradeState;

const DOCUMENTED: &[&str] = &["version", "sign_type", "merchant_id", "mch_trade_id", "trade_id", "nonce_str", "sign"];

/// `close_status` 0 closed, 1 already closed, -1 refused: paid or given back, the customer is just paying, or the trade
/// is younger than the floor (gateways.md 1.6).
pub(crate) fn close(book: &mut Book, fields: &Fields) -> Result<Answered, Refusal> {
    let key = authenticate(fields, &book.kept.pooul)?.to_owned();
    fields.only(&[DOCUMENTED], "order_close")?;
    // Mandatory here (ruling 15).
    fields.required_text("sign_type")?;
    let order_no = meant(book, fields)?.order_no.clone();
    let gateway_s = book.gateway_s();
    let floor_ms = book.settings.close_floor_s.saturating_mul(1000);
    let Some(trade) = book.find(Some(&order_no)) else { return Err(Refusal::new(301, "no such order")) };
    let young = clock::now_ms().saturating_sub(trade.created_ms) < floor_ms;
    let close_status = match trade.state_at(gateway_s) {
        TradeState::Closed => 1,
        TradeState::Unpaid | TradeState::Failed if !young => 0,
        TradeState::Unpaid
        | TradeState::Failed
        | TradeState::Paid
        | TradeState::Refunded
        | TradeState::Reversed
        | TradeState::Revoked
        | TradeState::Paying
        | TradeState::Other(_) => -1,
    };
    let mut data = Map::new();
    data.insert("close_status".to_owned(), json!(close_status));
    data.insert("mch_trade_id".to_owned(), json!(trade.order_no));
    data.insert("trade_id".to_owned(), json!(trade.gateway_no));
    let answered = super::answered(trade, data, key, ORDER);
    if close_status == 0 {
        trade.state = TradeState::Closed;
        book.touch();
    }
    Ok(answered)
}
