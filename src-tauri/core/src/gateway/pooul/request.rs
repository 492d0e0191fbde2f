//! What is sent to Pooul (gateways.md 1.1 to 1.3, 1.6; rulings 6, 10 to 15).

use super::offer::DESCRIPTOR;
use super::signing::sign;
use crate::gateway::call::HttpCall;
use crate::gateway::descriptor::URL_LIMIT;
use crate::gateway::descriptor::{Presented, Wallet};
use crate::gateway::refund::{RefundIntent, RefundSubject};
use crate::gateway::{CreateIntent, Dealing, Subject, Unbuildable};
use crate::money::Currency;
use secrecy::{ExposeSecret, SecretSlice};
use serde::Serialize;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::ops::RangeInclusive;

/// The longest description of a sale, in characters. No document names one: the upstream's customary limit.
const BODY_LIMIT: usize = 127;

/// The longest `device_info`, in characters. No document names one.
const DEVICE_LIMIT: usize = 32;

/// How many digits a payment code has: wallets print 16 to 24, and nothing documents a limit. A guard against reading
/// something else.
const PAYMENT_CODE_DIGITS: RangeInclusive<usize> = 12..=32;

/// A value of a request: integers go out as JSON integers, and the signature covers their digits.
#[derive(Serialize)]
#[serde(untagged)]
enum Sent {
    Text(String),
    Int(i64),
}

/// The fields of one request. Nothing in it is null or empty, and nothing is a bool, a float or an object.
struct Request(BTreeMap<&'static str, Sent>);

/// `POST /paygate/merchant_info/pay`
pub(super) fn create(dealing: Dealing<'_>, intent: &CreateIntent<'_>) -> Result<HttpCall, Unbuildable> {
    let channel = DESCRIPTOR
        .channels
        .iter()
        .find(|channel| channel.name == intent.channel.name)
        .ok_or(Unbuildable::BadValue("pay_type"))?;
    channel.check_extra(dealing.account, intent.extra)?;
    // Asked about with the merchant's key even where the agent's signs the create.
    let key = secret(dealing, "key")?;

    let mut request = Request::new(dealing)?;
    request.text("pay_type", channel.name);
    request.order_no(intent.order_no)?;
    request.text("body", described(intent.body)?);
    request.int("total_fee", amount(intent, channel.limit_minor)?);
    request.text("spbill_create_ip", address(intent.client_ip)?);
    if channel.presented == Presented::Consumer {
        request.text("auth_code", payment_code(intent)?);
    } else {
        request.text("notify_url", url(dealing, "notify_url")?.ok_or(Unbuildable::AccountField("notify_url"))?);
    }
    let device_needed = channel.wallet == Wallet::Qq || channel.name == "alipay.micro";
    request.device_info(intent.device_info, device_needed)?;
    request.times(intent)?;
    let mut signed_with = key;
    match channel.name {
        // Mandatory in the public document; the sale's description serves as the title.
        "alipay.scan" => request.text("subject", described(intent.body)?),
        "alipay.micro" => {
            request.text("subject", described(intent.body)?);
            request.extra(intent, &["scene"]);
        }
        "wechat.jsurl" => {
            request.optional("callback_url", url(dealing, "callback_url")?);
            // 001:46-47: both stay empty through Beijing Rural Commercial Bank.
            if !dealing.account.yes("bjrcb") {
                request.text("sub_appid", account_field(dealing, "sub_appid")?);
                request.extra(intent, &["sub_openid"]);
            }
            request.extra(intent, &["goods_tag", "limit_pay"]);
            request.same_day(intent);
        }
        "alipay.jsapi" => {
            request.optional("op_user_id", dealing.account.field("op_user_id"));
            request.extra(intent, &["buyer_id", "buyer_logon_id", "goods_tag", "product_id", "limit_pay"]);
            request.same_day(intent);
        }
        "qq.jsapi" => {
            request.optional("callback_url", url(dealing, "callback_url")?);
            // 000:45, ruling 12: the agent signs these creates and no other request.
            if let Some(agent) = dealing.account.field("sign_agentno") {
                request.text("sign_agentno", agent);
                signed_with = secret(dealing, "agent_key")?;
            }
        }
        _ => {}
    }
    request.into_call(dealing, "pay", signed_with)
}

/// `POST /paygate/merchant_info/query`, by our number alone: `trade_id` would win over it (000:244, ruling 6).
pub(super) fn query(dealing: Dealing<'_>, subject: &Subject<'_>) -> Result<HttpCall, Unbuildable> {
    let mut request = Request::new(dealing)?;
    request.order_no(subject.order_no)?;
    // 000:240: the QQ document alone lists it.
    if subject.channel.wallet == Wallet::Qq {
        request.text("pay_type", subject.channel.name);
    }
    request.into_call(dealing, "query", secret(dealing, "key")?)
}

/// `POST /paygate/merchant_info/order_close`, by our number alone.
pub(super) fn close(dealing: Dealing<'_>, subject: &Subject<'_>) -> Result<HttpCall, Unbuildable> {
    let mut request = Request::new(dealing)?;
    request.order_no(subject.order_no)?;
    request.into_call(dealing, "order_close", secret(dealing, "key")?)
}

/// `POST /paygate/merchant_info/reverse`. A guess: the documents of v1 tell to call it and name no address, v2 has
/// `/v2/pay/reverse` (gateways.md 1.1).
pub(super) fn reverse(dealing: Dealing<'_>, subject: &Subject<'_>) -> Result<HttpCall, Unbuildable> {
    let mut request = Request::new(dealing)?;
    request.order_no(subject.order_no)?;
    request.into_call(dealing, "reverse", secret(dealing, "key")?)
}

/// `POST /paygate/merchant_info/refund`, by our numbers alone (gateways.md 1.6).
pub(super) fn refund(dealing: Dealing<'_>, intent: &RefundIntent<'_>) -> Result<HttpCall, Unbuildable> {
    let mut request = Request::new(dealing)?;
    request.order_no(intent.order.order_no)?;
    request.number("mch_refund_id", intent.refund_no)?;
    let cny = intent.amount.currency == Currency::Cny && intent.paid.currency == Currency::Cny;
    if !cny || !(1..=intent.paid.minor).contains(&intent.amount.minor) {
        return Err(Unbuildable::BadValue("refund_fee"));
    }
    request.int("refund_fee", intent.amount.minor);
    request.into_call(dealing, "refund", secret(dealing, "key")?)
}

/// `POST /paygate/merchant_info/refund_query`, by our number alone: `refund_id` would win over it.
pub(super) fn query_refund(dealing: Dealing<'_>, subject: &RefundSubject<'_>) -> Result<HttpCall, Unbuildable> {
    let mut request = Request::new(dealing)?;
    request.number("mch_refund_id", subject.refund_no)?;
    request.into_call(dealing, "refund_query", secret(dealing, "key")?)
}

impl Request {
    /// What every request carries (ruling 15: `sign_type` always).
    fn new(dealing: Dealing<'_>) -> Result<Self, Unbuildable> {
        if dealing.nonce.is_empty() || dealing.nonce.len() > 32 {
            return Err(Unbuildable::BadValue("nonce_str"));
        }
        let mut request = Self(BTreeMap::new());
        request.text("merchant_id", account_field(dealing, "merchant_id")?);
        request.text("nonce_str", dealing.nonce);
        request.text("sign_type", "MD5");
        Ok(request)
    }

    fn text(&mut self, name: &'static str, value: &str) {
        self.0.insert(name, Sent::Text(value.to_owned()));
    }

    fn int(&mut self, name: &'static str, value: i64) {
        self.0.insert(name, Sent::Int(value));
    }

    fn optional(&mut self, name: &'static str, value: Option<&str>) {
        if let Some(value) = value {
            self.text(name, value);
        }
    }

    fn extra(&mut self, intent: &CreateIntent<'_>, names: &[&'static str]) {
        for name in names {
            self.optional(name, intent.extra.get(*name).map(String::as_str).filter(|value| !value.is_empty()));
        }
    }

    /// D0 (ruling 11): 0 when on, left out when off.
    fn same_day(&mut self, intent: &CreateIntent<'_>) {
        if intent.extra.get("settle_type").is_some_and(|value| value == "yes") {
            self.int("settle_type", 0);
        }
    }

    fn order_no(&mut self, order_no: &str) -> Result<(), Unbuildable> {
        self.number("mch_trade_id", order_no)
    }

    /// 5 to 32 letters, digits and underscores: the narrowest rule of the public documents.
    fn number(&mut self, name: &'static str, number: &str) -> Result<(), Unbuildable> {
        let fits =
            (5..=32).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if !fits {
            return Err(Unbuildable::BadValue(name));
        }
        self.text(name, number);
        Ok(())
    }

    fn device_info(&mut self, device: &str, mandatory: bool) -> Result<(), Unbuildable> {
        if device.chars().count() > DEVICE_LIMIT || (mandatory && device.is_empty()) {
            return Err(Unbuildable::BadValue("device_info"));
        }
        self.optional("device_info", Some(device).filter(|device| !device.is_empty()));
        Ok(())
    }

    /// Absolute seconds of 10 digits (000:54-55, ruling 13).
    fn times(&mut self, intent: &CreateIntent<'_>) -> Result<(), Unbuildable> {
        let ten_digits = 1_000_000_000..=9_999_999_999;
        if !ten_digits.contains(&intent.time_start) {
            return Err(Unbuildable::BadValue("time_start"));
        }
        if !ten_digits.contains(&intent.time_expire) || intent.time_expire <= intent.time_start {
            return Err(Unbuildable::BadValue("time_expire"));
        }
        self.int("time_start", intent.time_start);
        self.int("time_expire", intent.time_expire);
        Ok(())
    }

    fn into_call(mut self, dealing: Dealing<'_>, path: &str, key: &SecretSlice<u8>) -> Result<HttpCall, Unbuildable> {
        let texts: Vec<(&str, String)> = self.0.iter().map(|(name, value)| (*name, value.text())).collect();
        let signature = sign(texts.iter().map(|(name, text)| (*name, text.as_str())), key);
        self.0.insert("sign", Sent::Text(signature));
        let body = serde_json::to_vec(&self.0).map_err(|_| Unbuildable::BadValue("sign"))?;
        let base = dealing.account.base_url.trim_end_matches('/');
        Ok(HttpCall {
            url: format!("{base}/paygate/merchant_info/{path}"),
            content_type: "application/json",
            headers: Vec::new(),
            body,
        })
    }
}

impl Sent {
    fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Int(number) => number.to_string(),
        }
    }
}

fn account_field<'a>(dealing: Dealing<'a>, name: &'static str) -> Result<&'a str, Unbuildable> {
    dealing.account.field(name).ok_or(Unbuildable::AccountField(name))
}

fn secret<'a>(dealing: Dealing<'a>, name: &'static str) -> Result<&'a SecretSlice<u8>, Unbuildable> {
    dealing.keys.get(name).ok_or(Unbuildable::Secret(name))
}

/// An address of the account: absolute, at most 255 characters (ruling 10).
fn url<'a>(dealing: Dealing<'a>, name: &'static str) -> Result<Option<&'a str>, Unbuildable> {
    let Some(url) = dealing.account.field(name) else { return Ok(None) };
    let absolute = ["https://", "http://"].iter().any(|scheme| url.len() > scheme.len() && url.starts_with(scheme));
    if !absolute || url.chars().count() > URL_LIMIT {
        return Err(Unbuildable::BadValue(name));
    }
    Ok(Some(url))
}

fn described(body: &str) -> Result<&str, Unbuildable> {
    if body.trim().is_empty() || body.chars().count() > BODY_LIMIT || body.chars().any(char::is_control) {
        return Err(Unbuildable::BadValue("body"));
    }
    Ok(body)
}

fn payment_code<'a>(intent: &CreateIntent<'a>) -> Result<&'a str, Unbuildable> {
    let code = intent.payment_code.ok_or(Unbuildable::PaymentCode)?.expose_secret();
    let fits = PAYMENT_CODE_DIGITS.contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit());
    if fits { Ok(code) } else { Err(Unbuildable::PaymentCode) }
}

fn amount(intent: &CreateIntent<'_>, limit_minor: i64) -> Result<i64, Unbuildable> {
    let minor = intent.amount.minor;
    if intent.amount.currency != Currency::Cny || !(1..=limit_minor).contains(&minor) {
        return Err(Unbuildable::BadValue("total_fee"));
    }
    Ok(minor)
}

fn address(text: &str) -> Result<&str, Unbuildable> {
    text.parse::<IpAddr>().map(|_| text).map_err(|_| Unbuildable::BadValue("spbill_create_ip"))
}
