//! What is sent to BlueOcean (the request samples of 002:269-667; gateways.md 2.6; rulings 6, 14 and 15).

use super::offer::{CHANNELS, DESCRIPTOR, currency};
use super::signing::sign;
use crate::gateway::call::HttpCall;
use crate::gateway::descriptor::Presented;
use crate::gateway::descriptor::URL_LIMIT;
use crate::gateway::refund::{RefundIntent, RefundSubject};
use crate::gateway::{CreateIntent, Dealing, Subject, Unbuildable};
use crate::money::Money;
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use serde::Serialize;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// The longest description of a sale, in characters. No document names one: the upstream's customary limit.
const BODY_LIMIT: usize = 127;

/// The longest reason of a refund, in characters. No document names one: the upstream's customary limit.
const REASON_LIMIT: usize = 80;

/// What the gateway wants every request to bear (section 1.3 of the public documents).
const USER_AGENT: &str = "BoPayPos/1.1.0 NetType/WIFI Language/zh_CN";

/// A value of a request: integers go out as JSON integers, and the signature covers their digits.
#[derive(Serialize)]
#[serde(untagged)]
enum Sent {
    Text(String),
    Int(i64),
}

/// The fields of one request. Nothing in it is null or empty, and nothing is a bool, a float or an object.
struct Request(BTreeMap<&'static str, Sent>);

/// `POST /payment/pay`
pub(super) fn create(dealing: Dealing<'_>, intent: &CreateIntent<'_>) -> Result<HttpCall, Unbuildable> {
    let channel =
        CHANNELS.iter().find(|channel| channel.name == intent.channel.name).ok_or(Unbuildable::BadValue("payment"))?;
    channel.check_extra(dealing.account, intent.extra)?;
    if (channel.presented == Presented::Consumer) != intent.payment_code.is_some() {
        return Err(Unbuildable::PaymentCode);
    }

    let mut request = Request::new(dealing)?;
    request.text("payment", channel.name);
    request.number("out_trade_no", intent.order_no)?;
    request.int("total_fee", amount(dealing, intent.amount, channel.limit_minor, "total_fee")?);
    request.optional("body", described(intent.body)?);
    request.optional("notify_url", url(dealing, "notify_url")?);
    request.optional("store_id", dealing.account.field("store_id"));
    let landing = landing(intent)?;
    let extra = |name: &str| intent.extra.get(name).map(String::as_str).filter(|value| !value.is_empty());
    match channel.name {
        "micropay" => request.text("code", payment_code(intent.payment_code)?),
        "alipay.qrcode" | "unionpay.link" => request.wallet(dealing),
        "alipay.wappay" | "alipay.app" => {
            request.wallet(dealing);
            request.optional("h5_redirect_url", landing);
        }
        "wechat.mweb" => {
            request.text("spbill_create_ip", address(intent.client_ip)?);
            request.optional("h5_redirect_url", landing);
        }
        // Official account, mini-program and app: `sub_appid` is mandatory. A mini-program has one of its own.
        "wechat.jsapi" | "wechat.app" => {
            request.wallet(dealing);
            let sub_appid = extra("sub_appid").or_else(|| dealing.account.field("sub_appid"));
            request.text("sub_appid", sub_appid.ok_or(Unbuildable::AccountField("sub_appid"))?);
            request.optional("sub_openid", extra("sub_openid"));
            request.optional("h5_redirect_url", landing);
        }
        _ => {}
    }
    request.into_call(dealing, "/payment/pay")
}

/// `POST /order/query`, `/order/close` and `/order/reverse` take the same fields. By our number alone: `sn` would win over
/// it (ruling 6).
pub(super) fn about_order(dealing: Dealing<'_>, subject: &Subject<'_>, path: &str) -> Result<HttpCall, Unbuildable> {
    let mut request = Request::new(dealing)?;
    request.number("out_trade_no", subject.order_no)?;
    request.into_call(dealing, path)
}

/// `POST /payment/refund`, always with `refund_fee`: without it the gateway gives everything back (ruling 15).
pub(super) fn refund(dealing: Dealing<'_>, intent: &RefundIntent<'_>) -> Result<HttpCall, Unbuildable> {
    if intent.paid.currency != intent.amount.currency {
        return Err(Unbuildable::BadValue("refund_fee"));
    }
    let mut request = Request::new(dealing)?;
    request.number("out_trade_no", intent.order.order_no)?;
    request.number("out_refund_no", intent.refund_no)?;
    request.int("refund_fee", amount(dealing, intent.amount, intent.paid.minor, "refund_fee")?);
    request.optional("refund_desc", line(intent.reason, REASON_LIMIT, "refund_desc")?);
    if let Some(password) = dealing.keys.get("refund_password") {
        let password = str::from_utf8(password.expose_secret()).map_err(|_| Unbuildable::BadValue("password"))?;
        request.optional("password", Some(password).filter(|password| !password.is_empty()));
    }
    request.into_call(dealing, "/payment/refund")
}

/// `POST /order/refundquery`, by our number of the refund.
pub(super) fn query_refund(dealing: Dealing<'_>, subject: &RefundSubject<'_>) -> Result<HttpCall, Unbuildable> {
    let mut request = Request::new(dealing)?;
    request.number("customer_refund_no", subject.refund_no)?;
    request.into_call(dealing, "/order/refundquery")
}

impl Request {
    fn new(dealing: Dealing<'_>) -> Result<Self, Unbuildable> {
        let mut request = Self(BTreeMap::new());
        request.text("appid", dealing.account.field("appid").ok_or(Unbuildable::AccountField("appid"))?);
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

    /// Goes where a sample of the document carries it (002:277, 329, 489, 551, 608, 664).
    fn wallet(&mut self, dealing: Dealing<'_>) {
        self.optional("wallet", dealing.account.field("wallet"));
    }

    /// A number of ours: at most 32 characters (`String(32)` in the tables of refunds), letters, digits and underscores.
    fn number(&mut self, name: &'static str, number: &str) -> Result<(), Unbuildable> {
        let fits =
            (1..=32).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if !fits {
            return Err(Unbuildable::BadValue(name));
        }
        self.text(name, number);
        Ok(())
    }

    fn into_call(mut self, dealing: Dealing<'_>, path: &str) -> Result<HttpCall, Unbuildable> {
        let key: &SecretSlice<u8> = dealing.keys.get("key").ok_or(Unbuildable::Secret("key"))?;
        let texts: Vec<(&str, String)> = self.0.iter().map(|(name, value)| (*name, value.text())).collect();
        let signature = sign(texts.iter().map(|(name, text)| (*name, text.as_str())), key);
        self.0.insert("sign", Sent::Text(signature));
        let body = serde_json::to_vec(&self.0).map_err(|_| Unbuildable::BadValue("sign"))?;
        Ok(HttpCall {
            url: format!("{}{path}", host(dealing)),
            content_type: "application/json",
            headers: vec![("user-agent", USER_AGENT.to_owned())],
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

/// The region's host, unless the account has an address of its own (section 1.5 of the public documents).
fn host(dealing: Dealing<'_>) -> String {
    let base = dealing.account.base_url.trim_end_matches('/');
    match dealing.account.field("region") {
        Some(region) if base == DESCRIPTOR.base_url => format!("https://api.{region}.blueoceanpay.com"),
        _ => base.to_owned(),
    }
}

/// An address of the account: absolute, at most 255 characters.
fn url<'a>(dealing: Dealing<'a>, name: &'static str) -> Result<Option<&'a str>, Unbuildable> {
    let url = dealing.account.field(name);
    if url.is_none_or(is_absolute) { Ok(url) } else { Err(Unbuildable::BadValue(name)) }
}

/// The page that the customer lands on, as the cashier gave it.
fn landing<'a>(intent: &CreateIntent<'a>) -> Result<Option<&'a str>, Unbuildable> {
    let name = "h5_redirect_url";
    let url = intent.extra.get(name).map(String::as_str).filter(|url| !url.is_empty());
    if url.is_none_or(is_absolute) { Ok(url) } else { Err(Unbuildable::BadExtra(name.to_owned())) }
}

fn is_absolute(url: &str) -> bool {
    let rest = ["https://", "http://"].iter().find_map(|scheme| url.strip_prefix(scheme));
    rest.is_some_and(|rest| !rest.is_empty()) && url.chars().count() <= URL_LIMIT
}

fn described(body: &str) -> Result<Option<&str>, Unbuildable> {
    line(body, BODY_LIMIT, "body")
}

/// One line of text, or nothing.
fn line<'a>(text: &'a str, limit: usize, name: &'static str) -> Result<Option<&'a str>, Unbuildable> {
    if text.chars().count() > limit || text.chars().any(char::is_control) {
        return Err(Unbuildable::BadValue(name));
    }
    Ok(Some(text).filter(|text| !text.trim().is_empty()))
}

fn amount(dealing: Dealing<'_>, money: Money, most: i64, name: &'static str) -> Result<i64, Unbuildable> {
    if money.currency != currency(dealing.account) || !(1..=most).contains(&money.minor) {
        return Err(Unbuildable::BadValue(name));
    }
    Ok(money.minor)
}

/// Digits; whose wallet they belong to is the gateway's business. 10 and 32 only keep out what is no payment code at all.
fn payment_code(code: Option<&SecretString>) -> Result<&str, Unbuildable> {
    code.map(ExposeSecret::expose_secret)
        .filter(|code| (10..=32).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit()))
        .ok_or(Unbuildable::PaymentCode)
}

fn address(text: &str) -> Result<&str, Unbuildable> {
    text.parse::<IpAddr>().map(|_| text).map_err(|_| Unbuildable::BadValue("spbill_create_ip"))
}
