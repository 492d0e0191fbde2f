//! `/payment/refund` and `/order/refundquery` (gateways.md 2.6).

use serde_json::{Map, Value, json};

use super::order::meant;
use super::{GRANTED, NAME, REFUND, authenticate};
use crate::answer::Answered;
use crate::clock;
use crate::fields::{Fields, Refusal};
use crate::refund::{NoRefund, Refund, RefundState, Wish};
use crate::stage::Book;

const DOCUMENTED: &[&str] =
    &["appid", "sign", "sn", "out_trade_no", "out_refund_no", "refund_fee", "refund_desc", "password"];

/// Accepts a refund. Without `refund_fee` it takes all that is left: the trap that the document sets.
pub(crate) fn refund(book: &mut Book, fields: &Fields) -> Result<Answered, Refusal> {
    authenticate(fields, &book.blueocean)?;
    fields.only(&[DOCUMENTED], "refund")?;
    let order_no = meant(book, fields)?.order_no.clone();
    let made: String = book.kept.ids.digits("blueocean refund", book.kept.next_refund).chars().take(28).collect();
    let refund_no = fields.short_text("out_refund_no", 32)?.unwrap_or(&made);
    fields.optional_text("refund_desc")?;
    let wish = Wish {
        gateway: NAME,
        order_no: &order_no,
        refund_no,
        amount_minor: fields.spoken_amount("refund_fee")?,
        items: Vec::new(),
        turns_order: true,
    };
    match book.give_back(wish) {
        Ok(refund) => Ok(answered(book, &refund)),
        Err(NoRefund::Duplicated) => Err(Refusal::new(493_001, "退款单号重复")),
        Err(NoRefund::NotPaid) => Err(Refusal::new(40100, "订单未支付")),
        Err(NoRefund::AlreadyRefunded) => Err(Refusal::new(40105, "订单已退款")),
        Err(NoRefund::TooMuch) => Err(Refusal::new(40100, "退款金额超过可退金额")),
    }
}

/// 492002 for a refund that nobody asked for.
pub(crate) fn query(book: &Book, fields: &Fields) -> Result<Answered, Refusal> {
    authenticate(fields, &book.blueocean)?;
    fields.only(&[&["appid", "sign", "customer_refund_no"]], "refundquery")?;
    let refund_no = fields.required_text("customer_refund_no")?;
    let refund = book.refund(NAME, None, Some(refund_no)).ok_or_else(|| Refusal::new(492_002, "数据不存在"))?;
    Ok(answered(book, refund))
}

fn answered(book: &Book, refund: &Refund) -> Answered {
    let refund_status = match refund.state_at(clock::now_ms()) {
        RefundState::Done => "SUCCESS",
        RefundState::Processing => "PROCESSING",
        RefundState::Failed if book.dialect().sent_back => "CHANGE",
        RefundState::Failed => "REFUNDCLOSE",
    };
    let mut data = Map::new();
    let mut put = |name: &str, value: Value| data.insert(name.to_owned(), value);
    if let Some(trade) = book.kept.trades.get(&refund.order_no) {
        put("sn", json!(trade.gateway_no));
        put("transaction_id", json!(trade.wallet_no));
        put("total_fee", json!(trade.amount_minor));
        put("fee_type", json!(trade.currency));
        put("refund_fee_type", json!(trade.currency));
    }
    put("out_trade_no", json!(refund.order_no));
    put("out_refund_no", json!(refund.refund_no));
    put("refund_id", json!(refund.gateway_no));
    put("refund_fee", json!(refund.amount_minor));
    put("refund_desc", json!(""));
    put("refund_status", json!(refund_status));
    put("refund_time", json!((refund.created_ms / 1000).saturating_add(book.settings.skew_s).to_string()));
    put("cash_fee", json!("0"));
    put("cash_fee_type", json!(""));
    put("appid", json!(book.blueocean.appid));
    put("nonce_str", json!(book.nonce()));
    let (number, amount_minor) = (refund.refund_no.clone(), refund.amount_minor);
    let key = book.blueocean.key.clone();
    Answered { data, key, code: GRANTED, number, amount_minor, names: REFUND }
}
