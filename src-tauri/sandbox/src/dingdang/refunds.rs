//! `refund` and `refundquery` (004:139-236).

use serde_json::{Value, json};

use super::trades::{about, meant};
use super::{NAME, REFUND, check};
use crate::answer::Answered;
use crate::clock;
use crate::fields::{Fields, Refusal};
use crate::refund::{NoRefund, Refund, RefundState, Wish};
use crate::stage::Book;
use crate::trade::{Item, Trade};

const DOCUMENTED: &[&str] =
    &["transactionId", "tradeNo", "refundTradeNo", "totalAmt", "refundAmt", "refundDesc", "refundDetails"];

/// Accepts a refund: the lines are mandatory, belong to the order, and sum to the amount (ruling 21).
pub(crate) fn refund(book: &mut Book, fields: &Fields) -> Result<Answered, Refusal> {
    check(book, fields, DOCUMENTED, "refund")?;
    let trade = meant(book, fields)?.clone();
    let refund_no = fields.required_text("refundTradeNo")?;
    fields.short_text("refundTradeNo", 32)?;
    if !refund_no.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(Refusal::field("refundTradeNo", "takes letters and digits"));
    }
    if fields.required_amount("totalAmt")? != trade.amount_minor {
        return Err(Refusal::field("totalAmt", "is not the order's"));
    }
    let amount_minor = fields.required_amount("refundAmt")?;
    fields.short_text("refundDesc", 64)?;
    let items = lines(book, fields, &trade, amount_minor)?;
    let wish = Wish {
        gateway: NAME,
        order_no: &trade.order_no,
        refund_no,
        amount_minor: Some(amount_minor),
        items,
        turns_order: false,
    };
    match book.give_back(wish) {
        Ok(refund) => Ok(answered(book, &trade, &refund, false)),
        Err(NoRefund::Duplicated) => Err(Refusal::new(1, "refundTradeNo was used before")),
        Err(NoRefund::NotPaid) => Err(Refusal::new(1, "the order is not paid")),
        Err(NoRefund::AlreadyRefunded | NoRefund::TooMuch) => Err(Refusal::new(1, "more than what is left")),
    }
}

fn lines(book: &Book, fields: &Fields, trade: &Trade, amount_minor: i64) -> Result<Vec<Item>, Refusal> {
    let wrong = |what: &str| Refusal::field("refundDetails", what);
    let details = fields.0.get("refundDetails").filter(|details| !details.is_null());
    let details = details.ok_or_else(|| Refusal::missing("refundDetails"))?;
    let items: Vec<Item> = serde_json::from_value(details.clone()).map_err(|_| wrong("cannot be read"))?;
    let sum = items.iter().try_fold(0_i64, |sum, item| sum.checked_add(item.amount));
    if items.is_empty() || sum != Some(amount_minor) {
        return Err(wrong("must sum to refundAmt"));
    }
    let live = |refund: &&Refund| refund.order_no == trade.order_no && refund.state != RefundState::Failed;
    let gone: Vec<&Item> = book.kept.refunds.values().filter(live).flat_map(|refund| &refund.items).collect();
    let paid: Vec<&Item> = trade.items.iter().collect();
    let asked: Vec<&Item> = items.iter().collect();
    let of = |lines: &[&Item], id: &str| -> i64 {
        lines.iter().filter(|item| item.item_id == id).map(|item| item.amount).fold(0, i64::saturating_add)
    };
    let fits = |item: &Item| {
        let id = item.item_id.as_str();
        item.amount > 0 && item.quantity > 0 && of(&asked, id).saturating_add(of(&gone, id)) <= of(&paid, id)
    };
    if items.iter().all(fits) { Ok(items) } else { Err(wrong("has a foreign line")) }
}

pub(crate) fn query(book: &Book, fields: &Fields) -> Result<Answered, Refusal> {
    check(book, fields, &["refundTransactionId", "refundTradeNo"], "refundquery")?;
    let named = (fields.short_text("refundTransactionId", 32)?, fields.short_text("refundTradeNo", 32)?);
    if named.0.is_some() == named.1.is_some() {
        return Err(Refusal::field("refundTradeNo", "or its twin, one of two"));
    }
    let refund = book.refund(NAME, named.0, named.1).ok_or_else(|| Refusal::new(1, "no such refund"))?;
    let trade = book.kept.trades.get(&refund.order_no).ok_or_else(|| Refusal::new(1, "no such order"))?;
    Ok(answered(book, trade, refund, true))
}

pub(super) fn answered(book: &Book, trade: &Trade, refund: &Refund, with_state: bool) -> Answered {
    let mut data = about(book, trade);
    let mut put = |name: &str, value: Value| data.insert(name.to_owned(), value);
    put("refundTransactionId", json!(refund.gateway_no));
    put("refundTradeNo", json!(refund.refund_no));
    put("refundAmt", json!(refund.amount_minor));
    if with_state {
        let (status, said) = match refund.state_at(clock::now_ms()) {
            RefundState::Processing => ("PROCESSING", "退款中"),
            RefundState::Done => ("SUCCESS", "退款成功"),
            RefundState::Failed => ("FAIL", "退款失败"),
        };
        put("refundStatus", json!(status));
        put("refundStatusDesc", json!(said));
    }
    let (number, amount_minor) = (refund.refund_no.clone(), refund.amount_minor);
    Answered { data, key: String::new(), code: 0, number, amount_minor, names: REFUND }
}
