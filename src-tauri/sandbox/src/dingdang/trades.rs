//! Orders made by voice, and `orderquery` (004:96-135).

use serde_json::{Map, Value, json};

use super::{NAME, ORDER, check};
use crate::answer::Answered;
use crate::clock;
use crate::fields::{Fields, Refusal};
use crate::stage::Book;
use crate::trade::{Item, Trade, TradeState};

impl Book {
    /// A customer orders at the speaker: the platform has asked the merchant's back end for a number and got this one.
    /// Nothing if the number is taken, or if there is nothing to pay.
    pub(crate) fn order_by_voice(&mut self, trade_no: Option<String>, items: Vec<Item>) -> Option<Trade> {
        let sequence = self.kept.next_sequence;
        let ids = &self.kept.ids;
        let order_no = trade_no.unwrap_or_else(|| format!("V{}", ids.short("voice order", sequence)));
        let amount_minor = items.iter().try_fold(0_i64, |sum, item| sum.checked_add(item.amount))?;
        let known = order_no.bytes().all(|byte| byte.is_ascii_alphanumeric()) && (1..=32).contains(&order_no.len());
        if !known || amount_minor <= 0 || self.kept.trades.contains_key(&order_no) {
            return None;
        }
        let trade = Trade {
            gateway: NAME.to_owned(),
            order_no: order_no.clone(),
            gateway_no: ids.digits("dingdang transaction", sequence).chars().take(28).collect(),
            wallet_no: None,
            channel: super::CHANNEL.to_owned(),
            amount_minor,
            currency: "CNY".to_owned(),
            body: items.iter().map(|item| item.item_id.as_str()).collect::<Vec<_>>().join(", "),
            items,
            by_code: false,
            attach: None,
            device_info: None,
            notify_url: String::new(),
            user_token: None,
            expires_at: None,
            created_ms: clock::now_ms(),
            paid_ms: None,
            state: TradeState::Unpaid,
            token: ids.draw("phone", sequence),
            sequence,
        };
        self.kept.next_sequence += 1;
        self.kept.trades.insert(order_no, trade.clone());
        self.touch();
        Some(trade)
    }
}

pub(crate) fn query(book: &Book, fields: &Fields) -> Result<Answered, Refusal> {
    check(book, fields, &["transactionId", "tradeNo"], "orderquery")?;
    let trade = meant(book, fields)?;
    let (status, said) = match trade.state_at(book.gateway_s()) {
        TradeState::Unpaid => ("NOTPAY", "未支付"),
        TradeState::Paying => ("PROCESSING", "支付中"),
        // No word of the document tells a refunded order from a paid one (004:133).
        TradeState::Paid | TradeState::Refunded | TradeState::Reversed => ("SUCCESS", "支付成功"),
        TradeState::Failed | TradeState::Closed | TradeState::Revoked => ("FAIL", "支付失败"),
        TradeState::Other(_) => ("UNKNOWN", "未知"),
    };
    let mut data = about(book, trade);
    data.insert("tradeStatus".to_owned(), json!(status));
    data.insert("tradeStatusDesc".to_owned(), json!(said));
    let (number, amount_minor) = (trade.order_no.clone(), trade.amount_minor);
    Ok(Answered { data, key: String::new(), code: 0, number, amount_minor, names: ORDER })
}

/// What every reply echoes about an order.
pub(crate) fn about(book: &Book, trade: &Trade) -> Map<String, Value> {
    [
        ("skillId", json!(book.dingdang.skill_id)),
        ("transactionId", json!(trade.gateway_no)),
        ("tradeNo", json!(trade.order_no)),
        ("totalAmt", json!(trade.amount_minor)),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

/// The order that a request names by exactly one of the two numbers (004:105).
pub(crate) fn meant<'s>(book: &'s Book, fields: &Fields) -> Result<&'s Trade, Refusal> {
    let named = (fields.short_text("transactionId", 32)?, fields.short_text("tradeNo", 32)?);
    if named.0.is_some() == named.1.is_some() {
        return Err(Refusal::field("tradeNo", "or transactionId, one of two"));
    }
    find(book, named.0, named.1).ok_or_else(|| Refusal::new(1, "no such order"))
}

pub(crate) fn find<'s>(book: &'s Book, gateway_no: Option<&str>, order_no: Option<&str>) -> Option<&'s Trade> {
    let trade = match (gateway_no, order_no) {
        (Some(gateway_no), _) => book.kept.trades.values().find(|trade| trade.gateway_no == gateway_no),
        (None, Some(order_no)) => book.kept.trades.get(order_no),
        (None, None) => None,
    };
    trade.filter(|trade| trade.gateway == NAME)
}
