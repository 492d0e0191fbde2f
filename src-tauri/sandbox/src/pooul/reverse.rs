//! `reverse`: taking a payment code's trade back. The path and this answer are a guess that no v1 document prints
//! (gateways.md 1.1); the later API has such an operation.

use serde_json::{Map, json};

use super::ORDER;
use super::query::meant;
use super::request::authenticate;
use crate::answer::Answered;
use crate::clock;
use crate::fields::{Fields, Refusal};
use crate::stage::Book;
use crate::trade::TradeState;

const TAKEN: &[&str] = &["version", "sign_type", "merchant_id", "mch_trade_id", "trade_id", "nonce_str", "sign"];

/// `reverse_status` 0 reversed, 1 reversed before, -1 refused: not a payment code's, closed, given back, or younger than
/// the floor. `trade_state` says how the trade then stands.
pub(crate) fn reverse(book: &mut Book, fields: &Fields) -> Result<Answered, Refusal> {
    let key = authenticate(fields, &book.kept.pooul)?.to_owned();
    fields.only(&[TAKEN], "reverse")?;
    fields.required_text("sign_type")?;
    let order_no = meant(book, fields)?.order_no.clone();
    let gateway_s = book.gateway_s();
    let floor_ms = book.settings.reverse_floor_s.saturating_mul(1000);
    let given_back = book.given_back(&order_no) > 0;
    let Some(trade) = book.kept.trades.get_mut(&order_no) else { return Err(Refusal::new(301, "no such order")) };
    let young = clock::now_ms().saturating_sub(trade.created_ms) < floor_ms;
    let reverse_status = match trade.state {
        TradeState::Reversed => 1,
        TradeState::Unpaid | TradeState::Paying | TradeState::Failed | TradeState::Paid
            if trade.by_code && !young && !given_back =>
        {
            0
        }
        TradeState::Unpaid
        | TradeState::Paying
        | TradeState::Failed
        | TradeState::Paid
        | TradeState::Closed
        | TradeState::Refunded
        | TradeState::Revoked
        | TradeState::Other(_) => -1,
    };
    if reverse_status == 0 {
        trade.state = TradeState::Reversed;
    }
    let mut data = Map::new();
    data.insert("reverse_status".to_owned(), json!(reverse_status));
    data.insert("result_code".to_owned(), json!(i64::from(reverse_status < 0)));
    data.insert("trade_state".to_owned(), json!(i64::from(trade.state_at(gateway_s))));
    data.insert("mch_trade_id".to_owned(), json!(trade.order_no));
    data.insert("trade_id".to_owned(), json!(trade.gateway_no));
    let answered = super::answered(trade, data, key, ORDER);
    book.touch();
    Ok(answered)
}
