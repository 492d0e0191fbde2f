//! `query`: how a trade stands.

use serde_json::{Map, Value, json};

use super::ORDER;
use super::request::authenticate;
use crate::answer::Answered;
use crate::fields::{Fields, Refusal};
use crate::stage::Book;
use crate::trade::{Trade, TradeState};

const DOCUMENTED: &[&str] =
    &["pay_type", "version", "sign_type", "merchant_id", "mch_trade_id", "trade_id", "nonce_str", "sign"];

/// Only a paid trade is described; every other state comes alone (000:296).
pub(crate) fn query(book: &Book, fields: &Fields) -> Result<Answered, Refusal> {
    let key = authenticate(fields, &book.kept.pooul)?.to_owned();
    fields.only(&[DOCUMENTED], "query")?;
    let trade = meant(book, fields)?;
    if let Some(pay_type) = fields.optional_text("pay_type")? {
        // Only the QQ document lists it (000:240).
        if !trade.channel.starts_with("qq.") || pay_type != trade.channel {
            return Err(Refusal::field("pay_type", "is not a field of this query"));
        }
    }
    let reported = trade.state_at(book.gateway_s());
    let mut data = Map::new();
    data.insert("trade_state".to_owned(), json!(i64::from(reported)));
    if reported == TradeState::Paid {
        data.extend(paid(book, trade));
    }
    Ok(super::answered(trade, data, key, ORDER))
}

/// What is said about a paid trade.
pub(crate) fn paid(book: &Book, trade: &Trade) -> Map<String, Value> {
    let mut data = Map::new();
    let mut put = |name: &str, value: Value| data.insert(name.to_owned(), value);
    put("result_code", json!(0));
    put("pay_type", json!(trade.channel));
    put("trade_id", json!(trade.gateway_no));
    put("mch_trade_id", json!(trade.order_no));
    put("total_fee", json!(trade.amount_minor));
    put("fee_type", json!("CNY"));
    put("bank_type", json!("CFT"));
    if let Some(wallet_no) = &trade.wallet_no {
        put("out_trade_id", json!(wallet_no));
        put("ch_trade_id", json!(wallet_no.chars().rev().collect::<String>()));
    }
    if let Some(attach) = &trade.attach {
        put("attach", json!(attach));
    }
    if let Some(device) = &trade.device_info {
        put("device_info", json!(device));
    }
    if let Some(minor) = book.settings.coupon_minor {
        let (customer, coupon) = trade.borne(minor);
        put("coupon_fee", json!(coupon));
        // In yuan (003:265-272); the coupon is the wallet's, and the merchant gets all of it.
        if trade.channel.starts_with("alipay.") {
            put("buyer_pay_amount", json!(yuan(customer)));
            put("receipt_amount", json!(yuan(trade.amount_minor)));
        }
    }
    let paid_ms = trade.paid_ms.unwrap_or(trade.created_ms);
    put("time_end", json!((paid_ms / 1000).saturating_add(book.settings.skew_s)));
    data
}

fn yuan(fen: i64) -> String {
    format!("{}.{:02}", fen / 100, fen % 100)
}

/// The trade that a query, a close, a reverse or a refund is about; `trade_id` wins (000:244). Code 301 if there is none.
pub(crate) fn meant<'s>(book: &'s Book, fields: &Fields) -> Result<&'s Trade, Refusal> {
    let trade = match (fields.optional_text("trade_id")?, fields.optional_text("mch_trade_id")?) {
        (Some(gateway_no), _) => book.kept.trades.values().find(|trade| trade.gateway_no == gateway_no),
        (None, Some(order_no)) => book.kept.trades.get(order_no),
        (None, None) => return Err(Refusal::field("mch_trade_id", "and trade_id must not both be missing")),
    };
    trade.filter(|trade| trade.gateway == super::NAME).ok_or_else(|| Refusal::new(301, "no such order"))
}
