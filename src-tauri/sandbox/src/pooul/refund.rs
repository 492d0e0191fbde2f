//! `refund` and `refund_query` (gateways.md 1.6).

use serde_json::{Map, json};

use super::query::meant;
use super::request::authenticate;
use super::{NAME, REFUND};
use crate::answer::Answered;
use crate::clock;
use crate::fields::{Fields, Refusal};
use crate::refund::{NoRefund, Refund, RefundState, Wish};
use crate::stage::Book;

const COMMON: &[&str] = &["version", "sign_type", "merchant_id", "nonce_str", "sign"];

/// Accepts a refund; what is answered about it is only its beginning.
pub(crate) fn refund(book: &mut Book, fields: &Fields) -> Result<Answered, Refusal> {
    let key = authenticate(fields, &book.kept.pooul)?.to_owned();
    fields.only(&[COMMON, &["mch_refund_id", "refund_fee", "mch_trade_id", "trade_id"]], "refund")?;
    fields.required_text("sign_type")?;
    let refund_no = fields.required_text("mch_refund_id")?;
    fields.short_text("mch_refund_id", 32)?;
    let amount_minor = fields.required_amount("refund_fee")?;
    let order_no = meant(book, fields)?.order_no.clone();
    let wish = Wish {
        gateway: NAME,
        order_no: &order_no,
        refund_no,
        amount_minor: Some(amount_minor),
        items: Vec::new(),
        turns_order: true,
    };
    match book.give_back(wish) {
        Ok(refund) => Ok(answered(book, &refund, key)),
        Err(NoRefund::Duplicated) => Err(Refusal::new(107, format!("duplicate mch_refund_id {refund_no}"))),
        // The upstream's own words are passed through.
        Err(NoRefund::NotPaid) => Err(Refusal::new(600, r#"{"TRADE_STATE_ERROR":"the order is not paid"}"#)),
        Err(NoRefund::AlreadyRefunded | NoRefund::TooMuch) => {
            Err(Refusal::new(600, r#"{"REFUND_FEE_INVALID":"more than what is left of the payment"}"#))
        }
    }
}

/// `refund_id` wins. 301 for a refund that nobody asked for.
pub(crate) fn query(book: &Book, fields: &Fields) -> Result<Answered, Refusal> {
    let key = authenticate(fields, &book.kept.pooul)?.to_owned();
    fields.only(&[COMMON, &["mch_refund_id", "refund_id"]], "refund_query")?;
    // Mandatory here (ruling 15).
    fields.required_text("sign_type")?;
    let (gateway_no, refund_no) = (fields.optional_text("refund_id")?, fields.optional_text("mch_refund_id")?);
    if gateway_no.or(refund_no).is_none() {
        return Err(Refusal::field("mch_refund_id", "and refund_id must not both be missing"));
    }
    let refund =
        book.refund(NAME, gateway_no, refund_no).cloned().ok_or_else(|| Refusal::new(301, "no such refund"))?;
    Ok(answered(book, &refund, key))
}

fn answered(book: &Book, refund: &Refund, key: String) -> Answered {
    let refund_status = match refund.state_at(clock::now_ms()) {
        RefundState::Done => 0,
        RefundState::Processing => 1,
        RefundState::Failed => -1,
    };
    let trade_id = book.kept.trades.get(&refund.order_no).map(|trade| trade.gateway_no.clone());
    let mut data = Map::new();
    data.insert("mch_trade_id".to_owned(), json!(refund.order_no));
    data.insert("trade_id".to_owned(), json!(trade_id));
    data.insert("refund_id".to_owned(), json!(refund.gateway_no));
    data.insert("mch_refund_id".to_owned(), json!(refund.refund_no));
    data.insert("refund_fee".to_owned(), json!(refund.amount_minor));
    data.insert("refund_status".to_owned(), json!(refund_status));
    let (number, amount_minor) = (refund.refund_no.clone(), refund.amount_minor);
    Answered { data, key, code: 0, number, amount_minor, names: REFUND }
}
