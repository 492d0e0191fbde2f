//! What is sent to Pooul (gateways.md 1.1 to 1.3, 1.6; rulings 6, 10 to 15).

use super::offer::DESCRIPTOR;
use super::signing;
use crate::gateway::call::HttpCall;
use crate::gateway::descriptor::{Presented, Wallet};
use crate::gateway::refund::{RefundIntent, RefundSubject};
use crate::gateway::request::{
    Fields, account_field, account_url, amount, base_url, channel, client_ip, described, extra, is_url, payment_code,
    secret,
};
use crate::gateway::{CreateIntent, Dealing, Subject, Unbuildable};
use crate::money::Currency;
use secrecy::SecretSlice;
use std::ops::RangeInclusive;

/// The longest `device_info`, in characters. No document names one.
const DEVICE_LIMIT: usize = 32;

/// How long our numbers are: the narrowest rule of the public documents.
const NUMBER_LENGTH: RangeInclusive<usize> = 5..=32;

/// How long after its start a payment code's order expires at the gateway at the earliest, in seconds: what the one sample with
/// both times says (public document, qq.micro). The till stops waiting after 30 (ruling 14), which is no end for the gateway: a
/// clock that is behind by more would send a time that has passed, and WeChat's public documents want more than a minute between
/// the two. That 300 suits wechat.micro and alipay.micro as well is a guess: there the end is optional, and no sample has one.
const PAYMENT_CODE_LASTS_S: i64 = 300;

/// `POST /paygate/merchant_info/pay`
pub(super) fn create(dealing: Dealing<'_>, intent: &CreateIntent<'_>) -> Result<HttpCall, Unbuildable> {
    let channel = channel(&DESCRIPTOR, dealing, intent, "pay_type")?;
    // Asked about with the merchant's key even where the agent's signs the create.
    let key = secret(dealing, "key")?;

    let mut request = common(dealing)?;
    request.text("pay_type", channel.name);
    request.number("mch_trade_id", intent.order_no, NUMBER_LENGTH)?;
    request.text("body", described(intent.body)?);
    request.int("total_fee", amount(intent.amount, Currency::Cny, channel.limit_minor, "total_fee")?);
    request.text("spbill_create_ip", client_ip(intent, "spbill_create_ip")?);
    if channel.presented == Presented::Consumer {
        request.text("auth_code", payment_code(intent)?);
    } else {
        request.text("notify_url", account_url(dealing, "notify_url")?.ok_or(Unbuildable::AccountField("notify_url"))?);
    }
    let device_needed = channel.wallet == Wallet::Qq || channel.name == "alipay.micro";
    request.optional("device_info", device_info(intent.device_info, device_needed)?);
    times(&mut request, intent)?;
    let mut signed_with = key;
    match channel.name {
        // Mandatory in the public document; the sale's description serves as the title.
        "alipay.scan" => request.text("subject", described(intent.body)?),
        "alipay.micro" => {
            request.text("subject", described(intent.body)?);
            extras(&mut request, intent, &["scene"]);
        }
        "wechat.jsurl" => {
            request.optional("callback_url", landing(dealing, intent)?);
            // 001:46-47: both stay empty through Beijing Rural Commercial Bank.
            if !dealing.account.yes("bjrcb") {
                request.text("sub_appid", account_field(dealing, "sub_appid")?);
                extras(&mut request, intent, &["sub_openid"]);
            }
            extras(&mut request, intent, &["goods_tag", "limit_pay"]);
            same_day(&mut request, intent);
        }
        "alipay.jsapi" => {
            request.optional("op_user_id", dealing.account.field("op_user_id"));
            extras(&mut request, intent, &["buyer_id", "buyer_logon_id", "goods_tag", "product_id", "limit_pay"]);
            same_day(&mut request, intent);
        }
        "qq.jsapi" => {
            request.optional("callback_url", landing(dealing, intent)?);
            // 000:45, ruling 12: the agent signs these creates and no other request.
            if let Some(agent) = dealing.account.field("sign_agentno") {
                request.text("sign_agentno", agent);
                signed_with = secret(dealing, "agent_key")?;
            }
        }
        _ => {}
    }
    into_call(request, dealing, "pay", signed_with)
}

/// `POST /paygate/merchant_info/query`, by our number alone: `trade_id` would win over it (000:244, ruling 6).
pub(super) fn query(dealing: Dealing<'_>, subject: &Subject<'_>) -> Result<HttpCall, Unbuildable> {
    let mut request = common(dealing)?;
    request.number("mch_trade_id", subject.order_no, NUMBER_LENGTH)?;
    // 000:240: the QQ document alone lists it.
    if subject.channel.wallet == Wallet::Qq {
        request.text("pay_type", subject.channel.name);
    }
    into_call(request, dealing, "query", secret(dealing, "key")?)
}

/// `POST /paygate/merchant_info/order_close`, by our number alone.
pub(super) fn close(dealing: Dealing<'_>, subject: &Subject<'_>) -> Result<HttpCall, Unbuildable> {
    let mut request = common(dealing)?;
    request.number("mch_trade_id", subject.order_no, NUMBER_LENGTH)?;
    into_call(request, dealing, "order_close", secret(dealing, "key")?)
}

/// `POST /paygate/merchant_info/reverse`. A guess: the documents of v1 tell to call it and name no address, v2 has
/// `/v2/pay/reverse` (gateways.md 1.1).
pub(super) fn reverse(dealing: Dealing<'_>, subject: &Subject<'_>) -> Result<HttpCall, Unbuildable> {
    let mut request = common(dealing)?;
    request.number("mch_trade_id", subject.order_no, NUMBER_LENGTH)?;
    into_call(request, dealing, "reverse", secret(dealing, "key")?)
}

/// `POST /paygate/merchant_info/refund`, by our numbers alone (gateways.md 1.6).
pub(super) fn refund(dealing: Dealing<'_>, intent: &RefundIntent<'_>) -> Result<HttpCall, Unbuildable> {
    let mut request = common(dealing)?;
    request.number("mch_trade_id", intent.order.order_no, NUMBER_LENGTH)?;
    request.number("mch_refund_id", intent.refund_no, NUMBER_LENGTH)?;
    if intent.paid.currency != Currency::Cny {
        return Err(Unbuildable::BadValue("refund_fee"));
    }
    request.int("refund_fee", amount(intent.amount, Currency::Cny, intent.paid.minor, "refund_fee")?);
    into_call(request, dealing, "refund", secret(dealing, "key")?)
}

/// `POST /paygate/merchant_info/refund_query`, by our number alone: `refund_id` would win over it.
pub(super) fn query_refund(dealing: Dealing<'_>, subject: &RefundSubject<'_>) -> Result<HttpCall, Unbuildable> {
    let mut request = common(dealing)?;
    request.number("mch_refund_id", subject.refund_no, NUMBER_LENGTH)?;
    into_call(request, dealing, "refund_query", secret(dealing, "key")?)
}

/// What every request carries (ruling 15: `sign_type` always).
fn common(dealing: Dealing<'_>) -> Result<Fields, Unbuildable> {
    if dealing.nonce.is_empty() || dealing.nonce.len() > 32 {
        return Err(Unbuildable::BadValue("nonce_str"));
    }
    let mut request = Fields::default();
    request.text("merchant_id", account_field(dealing, "merchant_id")?);
    request.text("nonce_str", dealing.nonce);
    request.text("sign_type", "MD5");
    Ok(request)
}

fn extras(request: &mut Fields, intent: &CreateIntent<'_>, names: &[&'static str]) {
    for name in names {
        request.optional(name, extra(intent, name));
    }
}

/// Where the customer lands after paying (000:53, 001:52): the merchant's own page goes before the order's.
fn landing<'a>(dealing: Dealing<'a>, intent: &CreateIntent<'a>) -> Result<Option<&'a str>, Unbuildable> {
    let landing = account_url(dealing, "callback_url")?.or(intent.return_to);
    if landing.is_none_or(is_url) { Ok(landing) } else { Err(Unbuildable::BadValue("callback_url")) }
}

/// D0 (ruling 11): 0 when on, left out when off.
fn same_day(request: &mut Fields, intent: &CreateIntent<'_>) {
    if extra(intent, "settle_type") == Some("yes") {
        request.int("settle_type", 0);
    }
}

fn device_info(device: &str, mandatory: bool) -> Result<Option<&str>, Unbuildable> {
    if device.chars().count() > DEVICE_LIMIT || (mandatory && device.is_empty()) {
        return Err(Unbuildable::BadValue("device_info"));
    }
    Ok(Some(device).filter(|device| !device.is_empty()))
}

/// Absolute seconds of 10 digits (000:54-55, ruling 13).
fn times(request: &mut Fields, intent: &CreateIntent<'_>) -> Result<(), Unbuildable> {
    let ten_digits = 1_000_000_000..=9_999_999_999;
    if !ten_digits.contains(&intent.time_start) {
        return Err(Unbuildable::BadValue("time_start"));
    }
    let time_expire = match intent.channel.presented {
        Presented::Consumer => intent.time_expire.max(intent.time_start.saturating_add(PAYMENT_CODE_LASTS_S)),
        Presented::Merchant | Presented::Elsewhere => intent.time_expire,
    };
    if !ten_digits.contains(&time_expire) || intent.time_expire <= intent.time_start {
        return Err(Unbuildable::BadValue("time_expire"));
    }
    request.int("time_start", intent.time_start);
    request.int("time_expire", time_expire);
    Ok(())
}

fn into_call(
    mut request: Fields,
    dealing: Dealing<'_>,
    path: &str,
    key: &SecretSlice<u8>,
) -> Result<HttpCall, Unbuildable> {
    request.sign(|fields| signing::sign(fields.iter().copied(), key));
    Ok(HttpCall {
        url: format!("{}/paygate/merchant_info/{path}", base_url(dealing)),
        content_type: "application/json",
        headers: Vec::new(),
        body: request.json()?,
    })
}
