//! What comes of a presented payment code (gateways.md 1.4).

use serde_json::{Map, Value, json};

use super::ORDER;
use super::query::paid;
use crate::answer::Answered;
use crate::clock;
use crate::fields::Refusal;
use crate::stage::Book;
use crate::trade::TradeState;
use crate::wallet::{Purse, Verdict};

/// Lets the wallet decide. A refusal is definite: `need_query` N, and state -1 as that document counts it.
pub(crate) fn present(book: &mut Book, order_no: &str, auth_code: &str, key: String) -> Result<Answered, Refusal> {
    let gone = || Refusal::new(301, "no such order");
    let taken = match book.kept.trades.get(order_no).ok_or_else(gone)?.channel.as_str() {
        "wechat.micro" => Purse::Wechat,
        "alipay.micro" => Purse::Alipay,
        _ => Purse::Qq,
    };
    let verdict = book.present(auth_code, Some(taken), order_no);
    let ids = book.kept.ids.clone();
    let trade = book.kept.trades.get_mut(order_no).ok_or_else(gone)?;
    let mut data = Map::new();
    match verdict {
        Verdict::Pays => trade.pay(ids.digits("wallet", trade.sequence), clock::now_ms()),
        Verdict::AwaitsConfirmation => {
            trade.state = TradeState::Paying;
            data = unpaid(6, "Y", "USERPAYING", "the customer must confirm");
        }
        Verdict::Refuses => data = unpaid(-1, "N", "TRADE_ERROR", "the wallet refuses"),
        Verdict::Used => data = unpaid(-1, "N", "AUTHCODEEXPIRE", "the code was used before"),
        Verdict::Invalid => data = unpaid(-1, "N", "AUTH_CODE_INVALID", "no such code"),
    }
    if matches!(verdict, Verdict::Refuses | Verdict::Used | Verdict::Invalid) {
        trade.state = TradeState::Failed;
    }
    let trade = trade.clone();
    if verdict == Verdict::Pays {
        data = paid(book, &trade);
        data.insert("trade_state".to_owned(), json!(0));
    } else {
        data.insert("pay_type".to_owned(), json!(trade.channel));
        data.insert("trade_id".to_owned(), json!(trade.gateway_no));
        data.insert("mch_trade_id".to_owned(), json!(trade.order_no));
        data.insert("total_fee".to_owned(), json!(trade.amount_minor));
    }
    Ok(super::answered(&trade, data, key, ORDER))
}

fn unpaid(state: i64, need_query: &str, err_code: &str, err_msg: &str) -> Map<String, Value> {
    [
        ("result_code", json!(1)),
        ("trade_state", json!(state)),
        ("need_query", json!(need_query)),
        ("err_code", json!(err_code)),
        ("err_msg", json!(err_msg)),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}
