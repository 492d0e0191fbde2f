//! What is sent to Jubao (002:5-44 and 202-231; gateways.md 2.1 to 2.3).

use super::notification::bound_names;
use super::offer::{DESCRIPTOR, OTHER};
use super::signing;
use crate::account::Account;
use crate::gateway::call::HttpCall;
use crate::gateway::descriptor::listed;
use crate::gateway::request::{
    Fields, account_field, account_url, amount, base_url, carried_back, channel, described, extra, secret,
};
use crate::gateway::{CreateIntent, Dealing, Subject, Unbuildable};
use crate::money::Currency;

/// The longest number of ours, in characters. The document names none: the narrowest rule of the other gateways.
const NUMBER_LIMIT: usize = 32;

/// `POST /index.php?_m=pay_gateway&_a=apply_pay`
pub(super) fn create(dealing: Dealing<'_>, intent: &CreateIntent<'_>) -> Result<HttpCall, Unbuildable> {
    let channel = channel(&DESCRIPTOR, dealing, intent, "pay_channel_id")?;
    // Jubao reads no customer's code.
    if intent.payment_code.is_some() {
        return Err(Unbuildable::PaymentCode);
    }

    let mut request = common(dealing)?;
    request.text(
        "pay_channel_id",
        match channel.name {
            OTHER => further(dealing.account, extra(intent, "pay_channel_id").unwrap_or_default())?,
            name => name,
        },
    );
    request.text("total_fee", &amount(intent.amount, Currency::Cny, channel.limit_minor, "total_fee")?.to_string());
    request.number("out_trade_no", intent.order_no, 1..=NUMBER_LIMIT)?;
    request.text("body", carried_back("body", described(intent.body)?, bound_names())?);
    let attach = extra(intent, "attach").map(|text| carried_back("attach", text, bound_names()));
    request.optional("attach", attach.transpose()?);
    request.optional("notify_url", account_url(dealing, "notify_url")?);
    request.optional("return_url", account_url(dealing, "return_url")?);
    into_call(request, dealing, "pay_gateway", "apply_pay")
}

/// `POST /index.php?_m=payment&_a=query`, by the gateway's number: no document knows a query by ours.
pub(super) fn query(dealing: Dealing<'_>, subject: &Subject<'_>) -> Result<HttpCall, Unbuildable> {
    let gateway_no = subject.gateway_no.filter(|number| !number.is_empty());
    let mut request = common(dealing)?;
    request.text("order_sn", gateway_no.ok_or(Unbuildable::BadValue("order_sn"))?);
    into_call(request, dealing, "payment", "query")
}

/// What every request carries. `version` 2 asks for the signature over plain UTF-8 (002:102; gateways.md 2.2). All fields are
/// text, as in the document's example (002:25-35).
fn common(dealing: Dealing<'_>) -> Result<Fields, Unbuildable> {
    let mut request = Fields::default();
    request.text("mch_id", account_field(dealing, "mch_id")?);
    request.text("version", "2");
    Ok(request)
}

/// Module and action stand in the address and are not signed (002:210).
fn into_call(mut request: Fields, dealing: Dealing<'_>, module: &str, action: &str) -> Result<HttpCall, Unbuildable> {
    let key = secret(dealing, "key")?;
    request.sign(|fields| signing::sign(fields.iter().copied(), key));
    // JSON by the document (002:9), a form by each of the vendor's demonstrations (gateways.md 2.1).
    let (content_type, body) = match dealing.account.field("encoding") {
        None | Some("json") => ("application/json", request.json()?),
        Some("form") => ("application/x-www-form-urlencoded", form(&request).into_bytes()),
        Some(_) => return Err(Unbuildable::BadValue("encoding")),
    };
    let url = format!("{}/index.php?_m={module}&_a={action}", base_url(dealing));
    Ok(HttpCall { url, content_type, headers: Vec::new(), body })
}

fn form(request: &Fields) -> String {
    let pairs = request.texts().into_iter().map(|(name, value)| format!("{name}={}", escaped(&value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// A value as a form carries it: letters, digits and `*-._` as they are, the space as `+`, every other byte as `%XX`.
fn escaped(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for byte in value.bytes() {
        match byte {
            b' ' => escaped.push('+'),
            b'*' | b'-' | b'.' | b'_' => escaped.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => escaped.push(char::from(byte)),
            _ => {
                escaped.push('%');
                escaped.push_str(&data_encoding::HEXUPPER.encode(&[byte]));
            }
        }
    }
    escaped
}

/// A further channel's number, which must be among those that the account lists.
fn further<'a>(account: &Account, number: &'a str) -> Result<&'a str, Unbuildable> {
    let list = account.field("channels").ok_or(Unbuildable::AccountField("channels"))?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let known = listed(list).any(|one| one == number);
    if is_number && known { Ok(number) } else { Err(Unbuildable::BadExtra("pay_channel_id".to_owned())) }
}
