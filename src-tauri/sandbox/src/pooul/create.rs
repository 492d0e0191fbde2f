//! `pay`: a new trade.

use std::net::IpAddr;

use serde_json::{Map, json};

use super::ORDER;
use super::channel::{COMMON, Channel, Gives, channel};
use super::micro;
use super::request::authenticate;
use crate::answer::Answered;
use crate::clock;
use crate::fields::{Fields, Refusal, check_address};
use crate::stage::{Book, Stage};
use crate::trade::{Trade, TradeState};

/// Ten digits.
const TIMES: std::ops::RangeInclusive<i64> = 1_000_000_000..=9_999_999_999;

/// The shortest time that WeChat's public documents allow from start to expiry, in seconds. That Pooul refuses less by itself is a
/// guess: its documents do not speak of it.
const WECHAT_LASTS_S: i64 = 60;

/// How long a wallet waits for the customer to confirm a payment code, in seconds, however long the order lasts: WeChat's own limit
/// (gateways.md section 0, 5), taken for all.
const WALLET_WAITS_S: i64 = 45;

/// Books the trade and says how the customer reaches it.
pub(crate) fn create(stage: &Stage, book: &mut Book, fields: &Fields) -> Result<Answered, Refusal> {
    let key = authenticate(fields, &book.kept.pooul)?.to_owned();
    let pay_type = fields.required_text("pay_type")?;
    let channel = channel(pay_type)
        .filter(|_| book.settings.channels.iter().any(|enabled| enabled == pay_type))
        .ok_or_else(|| Refusal::new(202, format!("pay_type {pay_type} is not enabled")))?;
    let notified: &[&str] = if channel.gives == Gives::Payment { &[] } else { &["notify_url"] };
    fields.only(&[COMMON, notified, channel.required, channel.optional], pay_type)?;
    check_channel_fields(fields, &channel, book.settings.beijing_rural)?;
    let trade = trade(book, fields, &channel)?;
    if book.kept.trades.contains_key(&trade.order_no) {
        return Err(Refusal::new(107, format!("duplicate mch_trade_id {}", trade.order_no)));
    }
    let order_no = trade.order_no.clone();
    let answered = answered(stage, book, &trade, channel.gives, key.clone());
    book.kept.next_sequence += 1;
    book.kept.trades.insert(order_no.clone(), trade);
    book.touch();
    if channel.gives == Gives::Payment {
        return micro::present(book, &order_no, fields.required_text("auth_code")?, key);
    }
    Ok(answered)
}

fn trade(book: &Book, fields: &Fields, channel: &Channel) -> Result<Trade, Refusal> {
    let order_no = fields.required_text("mch_trade_id")?;
    let known = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '.';
    if !(5..=32).contains(&order_no.len()) || !order_no.chars().all(known) {
        return Err(Refusal::field("mch_trade_id", "must be 5 to 32 letters, digits, underscores or dots"));
    }
    let amount_minor = fields.required_amount("total_fee")?;
    let body = fields.required_text("body")?.to_owned();
    if fields.required_text("spbill_create_ip")?.parse::<IpAddr>().is_err() {
        return Err(Refusal::field("spbill_create_ip", "must be an IP address"));
    }
    let notify_url = if channel.gives == Gives::Payment { "" } else { fields.required_text("notify_url")? };
    if !notify_url.is_empty() {
        check_address("notify_url", notify_url)?;
    }
    let sequence = book.kept.next_sequence;
    let ids = &book.kept.ids;
    Ok(Trade {
        gateway: super::NAME.to_owned(),
        order_no: order_no.to_owned(),
        gateway_no: ids.short("trade", sequence),
        wallet_no: None,
        channel: channel.pay_type.to_owned(),
        amount_minor,
        currency: "CNY".to_owned(),
        items: Vec::new(),
        by_code: channel.gives == Gives::Payment,
        body,
        attach: fields.optional_text("attach")?.map(ToOwned::to_owned),
        device_info: fields.optional_text("device_info")?.map(ToOwned::to_owned),
        notify_url: notify_url.to_owned(),
        user_token: None,
        expires_at: expiry(fields, channel, book.gateway_s())?,
        created_ms: clock::now_ms(),
        paid_ms: None,
        state: TradeState::Unpaid,
        token: ids.draw("phone", sequence),
        sequence,
    })
}

fn expiry(fields: &Fields, channel: &Channel, now: i64) -> Result<Option<i64>, Refusal> {
    let start = fields.optional_int("time_start")?;
    let end = fields.optional_int("time_expire")?;
    for (name, time) in [("time_start", start), ("time_expire", end)] {
        if time.is_some_and(|time| !TIMES.contains(&time)) {
            return Err(Refusal::field(name, "must be seconds since 1970, 10 digits"));
        }
    }
    if end.is_some_and(|end| end <= start.unwrap_or(now)) {
        return Err(Refusal::field("time_expire", "must be later than time_start"));
    }
    let lasts_s = end.map(|end| end.saturating_sub(start.unwrap_or(now)));
    if channel.pay_type == "wechat.micro" && lasts_s.is_some_and(|lasts_s| lasts_s < WECHAT_LASTS_S) {
        return Err(Refusal::field("time_expire", "must be a minute later than time_start"));
    }
    if end.is_some_and(|end| end <= now) {
        return Err(Refusal::field("time_expire", "has already passed"));
    }
    let wallet_waits = (channel.gives == Gives::Payment).then(|| now.saturating_add(WALLET_WAITS_S));
    Ok(end.map(|end| wallet_waits.map_or(end, |until| until.min(end))))
}

fn check_channel_fields(fields: &Fields, channel: &Channel, beijing_rural: bool) -> Result<(), Refusal> {
    for name in channel.required {
        fields.required_text(name)?;
    }
    for name in channel.optional {
        match *name {
            "settle_type" => {
                if fields.optional_int(name)?.is_some_and(|kind| kind != 0 && kind != 1) {
                    return Err(Refusal::field(name, "must be 0 or 1"));
                }
            }
            "Is_D0" => {
                if fields.optional_int(name)?.is_some_and(|kind| kind != 1) {
                    return Err(Refusal::field(name, "must be 1"));
                }
            }
            "scene" => {
                if fields.optional_text(name)?.is_some_and(|scene| scene != "bar_code" && scene != "wave_code") {
                    return Err(Refusal::field(name, "must be bar_code or wave_code"));
                }
            }
            "limit_pay" => {
                if fields.optional_text(name)?.is_some_and(|limit| limit != "0" && limit != "1") {
                    return Err(Refusal::field(name, "must be \"0\" or \"1\""));
                }
            }
            "callback_url" => {
                if let Some(address) = fields.optional_text(name)? {
                    check_address(name, address)?;
                }
            }
            "sub_appid" | "sub_openid" if beijing_rural => {
                if fields.optional_text(name)?.is_some() {
                    return Err(Refusal::field(name, "must be empty for this merchant's channel"));
                }
            }
            "sub_appid" | "sub_openid" => {
                fields.required_text(name)?;
            }
            _ => {
                fields.optional_text(name)?;
            }
        }
    }
    if channel.gives == Gives::Token && fields.text("buyer_id").or_else(|| fields.text("buyer_logon_id")).is_none() {
        return Err(Refusal::field("buyer_id", "and buyer_logon_id must not both be missing"));
    }
    Ok(())
}

fn answered(stage: &Stage, book: &Book, trade: &Trade, gives: Gives, key: String) -> Answered {
    let link = stage.phone_url(&trade.token);
    let token_id = book.kept.ids.draw("token", trade.sequence);
    let mut data = Map::new();
    let mut put = |name: &str, value: serde_json::Value| data.insert(name.to_owned(), value);
    put("pay_type", json!(trade.channel));
    put("mch_trade_id", json!(trade.order_no));
    put("trade_id", json!(trade.gateway_no));
    put("result_code", json!(0));
    if let Some(attach) = &trade.attach {
        put("attach", json!(attach));
    }
    if let Some(device) = &trade.device_info {
        put("device_info", json!(device));
    }
    let pay_url = book.settings.dialect.pay_url;
    match gives {
        Gives::Code => {
            put("code_img_url", json!(format!("{link}/code.png")));
            put("code_url", json!(link));
        }
        Gives::PayUrl => {
            put("token_id", json!(token_id));
            put("pay_url", json!(link));
        }
        Gives::Token => {
            put("token_id", json!(token_id));
            if pay_url {
                put("pay_url", json!(link));
            }
        }
        // What became of the code is not known yet; `micro` says it.
        Gives::Payment => {}
        Gives::PayInfo => {
            let pay_info = json!({ "tokenId": token_id, "pubAcc": "", "pubAccHint": "" });
            put("pay_info", json!(pay_info.to_string()));
            put("token_id", json!(token_id));
            if pay_url {
                put("pay_url", json!(link));
            }
        }
    }
    super::answered(trade, data, key, ORDER)
}
