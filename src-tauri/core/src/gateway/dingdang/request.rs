//! What is sent to Dingdang (004:106-122, 004:143-164, 004:187-201; gateways.md 3.1 and 3.3; rulings 21 and 22).

use super::offer::REFUSES_UNSIGNED;
use super::signing::authorization;
use crate::gateway::call::HttpCall;
use crate::gateway::refund::{RefundIntent, RefundSubject};
use crate::gateway::request::{account_field, amount, base_url};
use crate::gateway::{AdoptBy, Dealing, Subject, Unbuildable};
use crate::money::Currency;
use crate::order::event::Item;
use serde::Serialize;

/// The longest id of any kind, in characters (004:116-120, 004:156, 004:196-197).
pub(super) const ID_LIMIT: usize = 32;

/// The longest `refundDesc` (004:159). Nobody says whether it counts characters or bytes: bytes satisfy both.
pub(super) const REASON_LIMIT: usize = 64;

/// Interface 3.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OrderQuery<'a> {
    #[serde(flatten)]
    common: Common<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trade_no: Option<&'a str>,
}

/// Interface 4.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RefundCall<'a> {
    #[serde(flatten)]
    common: Common<'a>,
    trade_no: &'a str,
    refund_trade_no: &'a str,
    total_amt: i64,
    refund_amt: i64,
    #[serde(skip_serializing_if = "str::is_empty")]
    refund_desc: &'a str,
    refund_details: Vec<Line<'a>>,
}

/// A line of `refundDetails` (004:160).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    item_id: &'a str,
    quantity: u32,
    amount: i64,
}

/// Interface 5.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RefundQuery<'a> {
    #[serde(flatten)]
    common: Common<'a>,
    refund_trade_no: &'a str,
}

/// What every request carries. `version` is left out: 1.0 is its default.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Common<'a> {
    skill_id: &'a str,
    nonce_str: &'a str,
}

/// `POST /paycgi/orderquery`, by our number alone (ruling 6).
pub(super) fn query(dealing: Dealing<'_>, subject: &Subject<'_>) -> Result<HttpCall, Unbuildable> {
    look(dealing, AdoptBy::TradeNo(subject.order_no))
}

/// `POST /paycgi/orderquery`, by the number that somebody typed (ruling 22).
pub(super) fn look(dealing: Dealing<'_>, by: AdoptBy<'_>) -> Result<HttpCall, Unbuildable> {
    let (transaction_id, trade_no) = match by {
        AdoptBy::TradeNo(number) => (None, Some(trade_number("tradeNo", number)?)),
        AdoptBy::TransactionId(number) => (Some(gateway_number(number)?), None),
    };
    call(dealing, "orderquery", &OrderQuery { common: common(dealing)?, transaction_id, trade_no })
}

/// `POST /paycgi/refund`.
pub(super) fn refund(dealing: Dealing<'_>, intent: &RefundIntent<'_>) -> Result<HttpCall, Unbuildable> {
    let total_amt = amount(intent.paid, Currency::Cny, i64::MAX, "totalAmt")?;
    let refund_amt = amount(intent.amount, Currency::Cny, total_amt, "refundAmt")?;
    let refund = RefundCall {
        common: common(dealing)?,
        trade_no: trade_number("tradeNo", intent.order.order_no)?,
        refund_trade_no: trade_number("refundTradeNo", intent.refund_no)?,
        total_amt,
        refund_amt,
        refund_desc: reason(intent.reason.trim())?,
        refund_details: lines(intent.items, refund_amt)?,
    };
    call(dealing, "refund", &refund)
}

/// `POST /paycgi/refundquery`, by our number of the refund.
pub(super) fn query_refund(dealing: Dealing<'_>, subject: &RefundSubject<'_>) -> Result<HttpCall, Unbuildable> {
    let refund_trade_no = trade_number("refundTradeNo", subject.refund_no)?;
    call(dealing, "refundquery", &RefundQuery { common: common(dealing)?, refund_trade_no })
}

/// The signature covers exactly the bytes that leave: they are made once.
fn call(dealing: Dealing<'_>, path: &str, request: &impl Serialize) -> Result<HttpCall, Unbuildable> {
    let body = serde_json::to_vec(request).map_err(|_| Unbuildable::BadValue("body"))?;
    let authorization = authorization(dealing, &body)?;
    Ok(HttpCall {
        url: format!("{}/paycgi/{path}", base_url(dealing)),
        content_type: "application/json;charset=UTF-8",
        headers: vec![("authorization", authorization)],
        body,
    })
}

fn common(dealing: Dealing<'_>) -> Result<Common<'_>, Unbuildable> {
    let skill_id = account_field(dealing, "skill_id")?;
    // No reply could be believed that nobody can check: nothing is asked, and no refund leaves.
    if refuses_unsigned(dealing) {
        account_field(dealing, "tsk_public_key")?;
    }
    if dealing.nonce.is_empty() || dealing.nonce.chars().count() > ID_LIMIT {
        return Err(Unbuildable::BadValue("nonceStr"));
    }
    Ok(Common { skill_id, nonce_str: dealing.nonce })
}

/// Whether the account believes rightly signed replies only.
pub(super) fn refuses_unsigned(dealing: Dealing<'_>) -> bool {
    let (field, refuse) = REFUSES_UNSIGNED;
    dealing.account.field(field) == Some(refuse)
}

/// Whether a number can be an order's or a refund's: 1 to 32 letters and digits (004:66, 004:156).
pub(super) fn is_trade_number(number: &str) -> bool {
    (1..=ID_LIMIT).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn trade_number<'a>(name: &'static str, number: &'a str) -> Result<&'a str, Unbuildable> {
    if is_trade_number(number) { Ok(number) } else { Err(Unbuildable::BadValue(name)) }
}

/// 1 to 32 characters (004:117); nobody says which.
fn gateway_number(number: &str) -> Result<&str, Unbuildable> {
    let fits = (1..=ID_LIMIT).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_graphic());
    if fits { Ok(number) } else { Err(Unbuildable::BadValue("transactionId")) }
}

/// Ruling 21: lines are mandatory and add up to what goes back, which is more than nothing; the quantity is not multiplied
/// (ruling 20).
fn lines(items: &[Item], amount_minor: i64) -> Result<Vec<Line<'_>>, Unbuildable> {
    if total(items) != Some(amount_minor) {
        return Err(Unbuildable::RefundLines);
    }
    items.iter().map(line).collect()
}

fn line(item: &Item) -> Result<Line<'_>, Unbuildable> {
    if !(1..=ID_LIMIT).contains(&item.id.chars().count()) {
        return Err(Unbuildable::BadValue("itemId"));
    }
    // `Int` (004:52).
    if item.quantity < 1 || i32::try_from(item.quantity).is_err() {
        return Err(Unbuildable::BadValue("quantity"));
    }
    Ok(Line { item_id: &item.id, quantity: item.quantity, amount: item.amount_minor })
}

/// What lines add up to, minor units; `None` where one of them is negative or the sum is beyond counting.
pub(super) fn total(items: &[Item]) -> Option<i64> {
    items.iter().map(|item| item.amount_minor).try_fold(
        0_i64,
        |sum, minor| {
            if minor < 0 { None } else { sum.checked_add(minor) }
        },
    )
}

fn reason(text: &str) -> Result<&str, Unbuildable> {
    if text.len() > REASON_LIMIT { Err(Unbuildable::BadValue("refundDesc")) } else { Ok(text) }
}
