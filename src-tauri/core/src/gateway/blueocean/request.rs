//! What is sent to BlueOcean (the request samples of 002:269-667; gateways.md 2.6; rulings 6, 14 and 15).

use super::notification::BOUND;
use super::offer::{DESCRIPTOR, currency};
use super::signing;
use crate::account::Account;
use crate::gateway::call::HttpCall;
use crate::gateway::descriptor::Presented;
use crate::gateway::refund::{RefundIntent, RefundSubject};
use crate::gateway::request::{
    BODY_LIMIT, Fields, account_field, account_url, amount, carried_back, channel, client_ip, extra, is_url, line,
    payment_code, secret,
};
use crate::gateway::{CreateIntent, Dealing, Subject, Unbuildable};
use secrecy::ExposeSecret;
use std::ops::RangeInclusive;

/// The longest reason of a refund, in bytes. No document names one: the upstream's customary limit.
pub(super) const REASON_LIMIT: usize = 80;

/// What the gateway wants every request to bear (section 1.3 of the public documents).
const USER_AGENT: &str = "BoPayPos/1.1.0 NetType/WIFI Language/zh_CN";

/// How long our numbers are: `String(32)` in the tables of refunds.
const NUMBER_LENGTH: RangeInclusive<usize> = 1..=32;

/// `POST /payment/pay`
pub(super) fn create(dealing: Dealing<'_>, intent: &CreateIntent<'_>) -> Result<HttpCall, Unbuildable> {
    let channel = channel(&DESCRIPTOR, dealing, intent, "payment")?;
    if (channel.presented == Presented::Consumer) != intent.payment_code.is_some() {
        return Err(Unbuildable::PaymentCode);
    }

    let mut request = common(dealing)?;
    request.text("payment", channel.name);
    request.number("out_trade_no", intent.order_no, NUMBER_LENGTH)?;
    request.int("total_fee", amount(intent.amount, currency(dealing.account), channel.limit_minor, "total_fee")?);
    // Answers carry it back (002:278-712), and so may notifications, whose fields their signature does not keep apart.
    let body = line(intent.body, BODY_LIMIT, "body")?.map(|text| carried_back("body", text, BOUND));
    request.optional("body", body.transpose()?);
    request.optional("notify_url", account_url(dealing, "notify_url")?);
    request.optional("store_id", dealing.account.field("store_id"));
    let landing = landing(intent)?;
    match channel.name {
        "micropay" => request.text("code", payment_code(intent)?),
        "alipay.qrcode" | "unionpay.link" => wallet(&mut request, dealing),
        "alipay.wappay" | "alipay.app" => {
            wallet(&mut request, dealing);
            request.optional("h5_redirect_url", landing);
        }
        "wechat.mweb" => {
            request.text("spbill_create_ip", client_ip(intent, "spbill_create_ip")?);
            request.optional("h5_redirect_url", landing);
        }
        // Official account, mini-program and app: `sub_appid` is mandatory. A mini-program has one of its own.
        "wechat.jsapi" | "wechat.app" => {
            wallet(&mut request, dealing);
            let sub_appid = extra(intent, "sub_appid").or_else(|| dealing.account.field("sub_appid"));
            request.text("sub_appid", sub_appid.ok_or(Unbuildable::AccountField("sub_appid"))?);
            request.optional("sub_openid", extra(intent, "sub_openid"));
            request.optional("h5_redirect_url", landing);
        }
        _ => {}
    }
    into_call(request, dealing, "/payment/pay")
}

/// `POST /order/query`, `/order/close` and `/order/reverse` take the same fields. By our number alone: `sn` would win over
/// it (ruling 6).
pub(super) fn about_order(dealing: Dealing<'_>, subject: &Subject<'_>, path: &str) -> Result<HttpCall, Unbuildable> {
    let mut request = common(dealing)?;
    request.number("out_trade_no", subject.order_no, NUMBER_LENGTH)?;
    into_call(request, dealing, path)
}

/// `POST /payment/refund`, always with `refund_fee`: without it the gateway gives everything back (ruling 15).
pub(super) fn refund(dealing: Dealing<'_>, intent: &RefundIntent<'_>) -> Result<HttpCall, Unbuildable> {
    if intent.paid.currency != intent.amount.currency {
        return Err(Unbuildable::BadValue("refund_fee"));
    }
    let mut request = common(dealing)?;
    request.number("out_trade_no", intent.order.order_no, NUMBER_LENGTH)?;
    request.number("out_refund_no", intent.refund_no, NUMBER_LENGTH)?;
    request.int("refund_fee", amount(intent.amount, currency(dealing.account), intent.paid.minor, "refund_fee")?);
    request.optional("refund_desc", line(intent.reason, REASON_LIMIT, "refund_desc")?);
    if let Some(password) = dealing.keys.get("refund_password") {
        let password = str::from_utf8(password.expose_secret()).map_err(|_| Unbuildable::BadValue("password"))?;
        request.optional("password", Some(password).filter(|password| !password.is_empty()));
    }
    into_call(request, dealing, "/payment/refund")
}

/// `POST /order/refundquery`, by our number of the refund.
pub(super) fn query_refund(dealing: Dealing<'_>, subject: &RefundSubject<'_>) -> Result<HttpCall, Unbuildable> {
    let mut request = common(dealing)?;
    request.number("customer_refund_no", subject.refund_no, NUMBER_LENGTH)?;
    into_call(request, dealing, "/order/refundquery")
}

fn common(dealing: Dealing<'_>) -> Result<Fields, Unbuildable> {
    let mut request = Fields::default();
    request.text("appid", account_field(dealing, "appid")?);
    Ok(request)
}

/// Goes where a sample of the document carries it (002:277, 329, 489, 551, 608, 664).
fn wallet(request: &mut Fields, dealing: Dealing<'_>) {
    request.optional("wallet", dealing.account.field("wallet"));
}

fn into_call(mut request: Fields, dealing: Dealing<'_>, path: &str) -> Result<HttpCall, Unbuildable> {
    let key = secret(dealing, "key")?;
    request.sign(|fields| signing::sign(fields.iter().copied(), key));
    Ok(HttpCall {
        url: format!("{}{path}", base_url(dealing.account)),
        content_type: "application/json",
        headers: vec![("user-agent", USER_AGENT.to_owned())],
        body: request.json()?,
    })
}

/// The region's host, unless the account has an address of its own (section 1.5 of the public documents). The usual address is
/// none of its own.
pub(super) fn base_url(account: &Account) -> String {
    let address = account.address();
    match account.field("region") {
        Some(region) if address == DESCRIPTOR.base_url => format!("https://api.{region}.blueoceanpay.com"),
        _ => address.to_owned(),
    }
}

/// The page that the customer lands on, as the cashier gave it.
fn landing<'a>(intent: &CreateIntent<'a>) -> Result<Option<&'a str>, Unbuildable> {
    let name = "h5_redirect_url";
    let url = extra(intent, name);
    if url.is_none_or(is_url) { Ok(url) } else { Err(Unbuildable::BadExtra(name.to_owned())) }
}
