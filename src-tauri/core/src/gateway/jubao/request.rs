//! What is sent to Jubao (002:5-44 and 202-231; gateways.md 2.1 to 2.3).

use super::offer::{DESCRIPTOR, OTHER};
use super::signing::sign;
use crate::account::Account;
use crate::gateway::call::HttpCall;
use crate::gateway::descriptor::URL_LIMIT;
use crate::gateway::{CreateIntent, Dealing, Subject, Unbuildable};
use crate::money::Currency;
use std::collections::BTreeMap;

/// The longest description of a sale, in characters. The document names none: the upstream's customary limit.
const BODY_LIMIT: usize = 127;

/// The longest number of ours, in characters. The document names none: the narrowest rule of the other gateways.
const NUMBER_LIMIT: usize = 32;

/// The fields of one request, all of them text as in the document's example (002:25-35). None is empty.
struct Request(BTreeMap<&'static str, String>);

/// `POST /index.php?_m=pay_gateway&_a=apply_pay`
pub(super) fn create(dealing: Dealing<'_>, intent: &CreateIntent<'_>) -> Result<HttpCall, Unbuildable> {
    let channel = DESCRIPTOR
        .channels
        .iter()
        .find(|channel| channel.name == intent.channel.name)
        .ok_or(Unbuildable::BadValue("pay_channel_id"))?;
    channel.check_extra(dealing.account, intent.extra)?;
    // Jubao reads no customer's code.
    if intent.payment_code.is_some() {
        return Err(Unbuildable::PaymentCode);
    }
    let given = |name: &str| intent.extra.get(name).map(String::as_str).filter(|value| !value.is_empty());

    let mut request = Request::new(dealing)?;
    request.text(
        "pay_channel_id",
        match channel.name {
            OTHER => further(dealing.account, given("pay_channel_id").unwrap_or_default())?,
            name => name,
        },
    );
    request.text("total_fee", &amount(intent, channel.limit_minor)?.to_string());
    request.text("out_trade_no", order_no(intent.order_no)?);
    request.text("body", described(intent.body)?);
    request.optional("attach", given("attach"));
    request.optional("notify_url", url(dealing, "notify_url")?);
    request.optional("return_url", url(dealing, "return_url")?);
    request.into_call(dealing, "pay_gateway", "apply_pay")
}

/// `POST /index.php?_m=payment&_a=query`, by the gateway's number: no document knows a query by ours.
pub(super) fn query(dealing: Dealing<'_>, subject: &Subject<'_>) -> Result<HttpCall, Unbuildable> {
    let gateway_no = subject.gateway_no.filter(|number| !number.is_empty());
    let mut request = Request::new(dealing)?;
    request.text("order_sn", gateway_no.ok_or(Unbuildable::BadValue("order_sn"))?);
    request.into_call(dealing, "payment", "query")
}

impl Request {
    /// What every request carries. `version` 2 asks for the signature over plain UTF-8 (002:102; gateways.md 2.2).
    fn new(dealing: Dealing<'_>) -> Result<Self, Unbuildable> {
        let mut request = Self(BTreeMap::new());
        request.text("mch_id", dealing.account.field("mch_id").ok_or(Unbuildable::AccountField("mch_id"))?);
        request.text("version", "2");
        Ok(request)
    }

    fn text(&mut self, name: &'static str, value: &str) {
        self.0.insert(name, value.to_owned());
    }

    fn optional(&mut self, name: &'static str, value: Option<&str>) {
        if let Some(value) = value {
            self.text(name, value);
        }
    }

    /// Module and action stand in the address and are not signed (002:210).
    fn into_call(mut self, dealing: Dealing<'_>, module: &str, action: &str) -> Result<HttpCall, Unbuildable> {
        let key = dealing.keys.get("key").ok_or(Unbuildable::Secret("key"))?;
        let signature = sign(self.0.iter().map(|(name, value)| (*name, value.as_str())), key);
        self.0.insert("sign", signature);
        // JSON by the document (002:9), a form by each of the vendor's demonstrations (gateways.md 2.1).
        let (content_type, body) = match dealing.account.field("encoding") {
            None | Some("json") => {
                let body = serde_json::to_vec(&self.0).map_err(|_| Unbuildable::BadValue("sign"))?;
                ("application/json", body)
            }
            Some("form") => ("application/x-www-form-urlencoded", self.form().into_bytes()),
            Some(_) => return Err(Unbuildable::BadValue("encoding")),
        };
        let base = dealing.account.base_url.trim_end_matches('/');
        let url = format!("{base}/index.php?_m={module}&_a={action}");
        Ok(HttpCall { url, content_type, headers: Vec::new(), body })
    }

    fn form(&self) -> String {
        let pairs: Vec<String> = self.0.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
        pairs.join("&")
    }
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
    let listed = account.field("channels").ok_or(Unbuildable::AccountField("channels"))?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let known = listed.split([',', '，', '、']).any(|listed| listed.trim() == number);
    if is_number && known { Ok(number) } else { Err(Unbuildable::BadExtra("pay_channel_id".to_owned())) }
}

fn order_no(order_no: &str) -> Result<&str, Unbuildable> {
    let fits = (1..=NUMBER_LIMIT).contains(&order_no.len())
        && order_no.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if fits { Ok(order_no) } else { Err(Unbuildable::BadValue("out_trade_no")) }
}

/// An address of the account: absolute.
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

fn amount(intent: &CreateIntent<'_>, limit_minor: i64) -> Result<i64, Unbuildable> {
    let minor = intent.amount.minor;
    if intent.amount.currency != Currency::Cny || !(1..=limit_minor).contains(&minor) {
        return Err(Unbuildable::BadValue("total_fee"));
    }
    Ok(minor)
}
