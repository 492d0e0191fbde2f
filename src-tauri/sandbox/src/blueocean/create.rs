//! `/payment/pay`: a new trade.

use std::net::IpAddr;

use serde_json::json;

use super::channel::{COMMON, Channel, Gives, channel};
use super::{NAME, UNKNOWN_OUTCOME, authenticate, describe};
use crate::answer::Answered;
use crate::clock;
use crate::fields::{Fields, Refusal, check_address};
use crate::stage::{Book, Stage};
use crate::trade::{Trade, TradeState};
use crate::wallet::{Purse, Verdict};

/// Books the trade and says how the customer reaches it, or what the presented code did.
pub(crate) fn create(stage: &Stage, book: &mut Book, fields: &Fields) -> Result<Answered, Refusal> {
    authenticate(fields, &book.blueocean)?;
    let payment = fields.required_text("payment")?;
    let channel = channel(payment)
        .filter(|_| book.settings.channels.iter().any(|enabled| enabled == payment))
        .ok_or_else(|| Refusal::new(492_003, format!("payment {payment} is not supported")))?;
    fields.only(&[COMMON, channel.required, channel.optional], payment)?;
    check(fields, &channel)?;
    let trade = trade(book, fields, &channel)?;
    let order_no = trade.order_no.clone();
    if book.kept.trades.contains_key(&order_no) {
        return Err(Refusal::new(40106, "订单号重复"));
    }
    book.kept.next_sequence += 1;
    book.kept.trades.insert(order_no.clone(), trade);
    book.touch();
    if channel.gives == Gives::Payment {
        present(book, &order_no, fields.required_text("code")?, fields.optional_text("provider")?)?;
    }
    let trade = book.kept.trades.get(&order_no).ok_or_else(|| Refusal::new(40600, "未知错误"))?;
    let mut answered = describe(stage, book, trade);
    if trade.by_code && trade.state == TradeState::Paying {
        if book.dialect().notpay {
            answered.data.insert("trade_state".to_owned(), json!("NOTPAY"));
        } else {
            answered.code = UNKNOWN_OUTCOME;
        }
    }
    Ok(answered)
}

fn check(fields: &Fields, channel: &Channel) -> Result<(), Refusal> {
    for name in channel.required {
        fields.required_text(name)?;
    }
    for name in ["notify_url", "h5_redirect_url"] {
        if let Some(address) = fields.optional_text(name)? {
            check_address(name, address)?;
        }
    }
    if fields.optional_text("spbill_create_ip")?.is_some_and(|address| address.parse::<IpAddr>().is_err()) {
        return Err(Refusal::field("spbill_create_ip", "must be an IP address"));
    }
    if fields.optional_text("wallet")?.is_some_and(|wallet| wallet != "HK" && wallet != "CN") {
        return Err(Refusal::field("wallet", "must be HK or CN"));
    }
    Ok(())
}

fn trade(book: &Book, fields: &Fields, channel: &Channel) -> Result<Trade, Refusal> {
    let sequence = book.kept.next_sequence;
    let ids = &book.kept.ids;
    // The platform makes a number if the merchant has none.
    let made: String = ids.digits("blueocean order", sequence).chars().take(28).collect();
    let order_no = fields.short_text("out_trade_no", 32)?.unwrap_or(&made);
    if !order_no.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-') {
        return Err(Refusal::field("out_trade_no", "must be letters, digits, - or _"));
    }
    let amount_minor = fields.spoken_amount("total_fee")?.ok_or_else(|| Refusal::missing("total_fee"))?;
    Ok(Trade {
        gateway: NAME.to_owned(),
        order_no: order_no.to_owned(),
        gateway_no: ids.digits("blueocean sn", sequence).chars().take(30).collect(),
        wallet_no: None,
        channel: channel.payment.to_owned(),
        amount_minor,
        currency: book.settings.blueocean_currency.clone(),
        items: Vec::new(),
        by_code: channel.gives == Gives::Payment,
        body: fields.optional_text("body")?.unwrap_or("Shopping").to_owned(),
        attach: fields.optional_text("attach")?.map(ToOwned::to_owned),
        device_info: None,
        notify_url: fields.optional_text("notify_url")?.unwrap_or_default().to_owned(),
        user_token: None,
        expires_at: None,
        created_ms: clock::now_ms(),
        paid_ms: None,
        state: TradeState::Unpaid,
        token: ids.draw("phone", sequence),
        sequence,
    })
}

/// Lets the wallet decide. A refused payment is an error and a trade in `PAYERROR`.
fn present(book: &mut Book, order_no: &str, code: &str, provider: Option<&str>) -> Result<(), Refusal> {
    let purse = Purse::of_code(code);
    let verdict = match provider {
        Some(provider) if purse.is_none_or(|purse| purse.name() != provider) => Verdict::Invalid,
        _ => book.present(code, None, order_no),
    };
    let ids = book.kept.ids.clone();
    let Some(trade) = book.kept.trades.get_mut(order_no) else { return Ok(()) };
    match verdict {
        Verdict::Pays => trade.pay(ids.digits("wallet", trade.sequence), clock::now_ms()),
        Verdict::AwaitsConfirmation => trade.state = TradeState::Paying,
        Verdict::Refuses | Verdict::Used | Verdict::Invalid => trade.state = TradeState::Failed,
    }
    match verdict {
        Verdict::Pays | Verdict::AwaitsConfirmation => Ok(()),
        Verdict::Refuses => Err(Refusal::new(40500, "余额不足")),
        Verdict::Used => Err(Refusal::new(40111, "每个二维码只可以用一次")),
        Verdict::Invalid => Err(Refusal::new(40500, "付款码无效")),
    }
}
