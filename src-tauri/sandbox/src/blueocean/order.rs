//! `/order/query`, `/order/close` and `/order/reverse`, which take the same fields (gateways.md 2.6).

use super::{NAME, authenticate, describe};
use crate::answer::Answered;
use crate::clock;
use crate::fields::{Fields, Refusal};
use crate::stage::{Book, Stage};
use crate::trade::{Trade, TradeState};

const DOCUMENTED: &[&str] = &["appid", "sign", "sn", "out_trade_no", "transaction_id"];

pub(crate) fn query(stage: &Stage, book: &Book, fields: &Fields) -> Result<Answered, Refusal> {
    Ok(describe(stage, book, asked_for(book, fields, "query")?))
}

/// Ends an unpaid trade; one that the customer is just paying stays.
pub(crate) fn close(stage: &Stage, book: &mut Book, fields: &Fields) -> Result<Answered, Refusal> {
    let order_no = asked_for(book, fields, "close")?.order_no.clone();
    end(stage, book, &order_no, |trade| match trade.state {
        TradeState::Unpaid | TradeState::Failed => Ok(TradeState::Closed),
        TradeState::Paid => Err(Refusal::new(40101, "订单已支付")),
        TradeState::Closed => Err(Refusal::new(40103, "订单已关闭")),
        TradeState::Reversed | TradeState::Revoked => Err(Refusal::new(40104, "订单已撤销")),
        TradeState::Refunded => Err(Refusal::new(40105, "订单已退款")),
        TradeState::Paying | TradeState::Other(_) => Err(Refusal::new(40100, "用户支付中，无法关闭")),
    })
}

/// Ends a trade and gives back what was paid; not before the floor, and not after a refund.
pub(crate) fn reverse(stage: &Stage, book: &mut Book, fields: &Fields) -> Result<Answered, Refusal> {
    let order_no = asked_for(book, fields, "reverse")?.order_no.clone();
    let floor_ms = book.settings.reverse_floor_s.saturating_mul(1000);
    end(stage, book, &order_no, |trade| match trade.state {
        TradeState::Unpaid | TradeState::Paying | TradeState::Failed | TradeState::Paid => {
            if clock::now_ms().saturating_sub(trade.created_ms) < floor_ms {
                return Err(Refusal::new(40100, "请稍后再撤销"));
            }
            Ok(TradeState::Reversed)
        }
        TradeState::Closed => Err(Refusal::new(40103, "订单已关闭")),
        TradeState::Reversed | TradeState::Revoked => Err(Refusal::new(40104, "订单已撤销")),
        TradeState::Refunded => Err(Refusal::new(40105, "订单已退款")),
        TradeState::Other(_) => Err(Refusal::new(40100, "无效请求")),
    })
}

fn end(
    stage: &Stage,
    book: &mut Book,
    order_no: &str,
    next: impl FnOnce(&Trade) -> Result<TradeState, Refusal>,
) -> Result<Answered, Refusal> {
    let no_order = || Refusal::new(40102, "订单不存在");
    let trade = book.kept.trades.get_mut(order_no).ok_or_else(no_order)?;
    trade.state = next(trade)?;
    book.touch();
    let trade = book.kept.trades.get(order_no).ok_or_else(no_order)?;
    Ok(describe(stage, book, trade))
}

fn asked_for<'s>(book: &'s Book, fields: &Fields, of: &str) -> Result<&'s Trade, Refusal> {
    authenticate(fields, &book.blueocean)?;
    fields.only(&[DOCUMENTED], of)?;
    meant(book, fields)
}

/// The trade that a request is about; `sn` wins. 40102 if there is none.
pub(crate) fn meant<'s>(book: &'s Book, fields: &Fields) -> Result<&'s Trade, Refusal> {
    let [sn, order_no, wallet_no] =
        [fields.optional_text("sn")?, fields.optional_text("out_trade_no")?, fields.optional_text("transaction_id")?];
    if sn.or(order_no).or(wallet_no).is_none() {
        return Err(Refusal::missing("out_trade_no"));
    }
    find(book, sn, order_no, wallet_no).ok_or_else(|| Refusal::new(40102, "订单不存在"))
}

/// The trade of the first number that is given.
pub(crate) fn find<'s>(
    book: &'s Book,
    sn: Option<&str>,
    order_no: Option<&str>,
    wallet_no: Option<&str>,
) -> Option<&'s Trade> {
    let mut trades = book.kept.trades.values().filter(|trade| trade.gateway == NAME);
    match (sn, order_no, wallet_no) {
        (Some(sn), _, _) => trades.find(|trade| trade.gateway_no == sn),
        (None, Some(order_no), _) => book.kept.trades.get(order_no).filter(|trade| trade.gateway == NAME),
        (None, None, Some(wallet_no)) => trades.find(|trade| trade.wallet_no.as_deref() == Some(wallet_no)),
        (None, None, None) => None,
    }
}
