//! Building calls: what is the same whichever gateway is called. A value that does not fit is named by the gateway's own name.

use super::descriptor::{Channel, Descriptor, URL_LIMIT};
use super::{CreateIntent, Dealing, PAYMENT_CODE_DIGITS, Unbuildable};
use crate::money::{Currency, Money};
use secrecy::{ExposeSecret, SecretSlice};
use serde::Serialize;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::ops::RangeInclusive;

/// The longest description of a sale, in characters. No document names one: the upstream's customary limit.
pub(super) const BODY_LIMIT: usize = 127;

/// The fields of one request, by name. Nothing in it is null or empty, and nothing is a bool, a float or an object.
#[derive(Default)]
pub(super) struct Fields(BTreeMap<&'static str, Sent>);

/// A value of a request: integers go out as JSON integers, and signatures cover their digits.
#[derive(Serialize)]
#[serde(untagged)]
enum Sent {
    Text(String),
    Int(i64),
}

impl Fields {
    pub(super) fn text(&mut self, name: &'static str, value: &str) {
        self.0.insert(name, Sent::Text(value.to_owned()));
    }

    pub(super) fn int(&mut self, name: &'static str, value: i64) {
        self.0.insert(name, Sent::Int(value));
    }

    pub(super) fn optional(&mut self, name: &'static str, value: Option<&str>) {
        if let Some(value) = value {
            self.text(name, value);
        }
    }

    /// A number of ours: letters, digits and underscores, that many of them.
    pub(super) fn number(
        &mut self,
        name: &'static str,
        number: &str,
        length: RangeInclusive<usize>,
    ) -> Result<(), Unbuildable> {
        let fits =
            length.contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if !fits {
            return Err(Unbuildable::BadValue(name));
        }
        self.text(name, number);
        Ok(())
    }

    /// Adds what `signature` makes of all fields, as `sign`.
    pub(super) fn sign(&mut self, signature: impl FnOnce(&[(&str, &str)]) -> String) {
        let texts = self.texts();
        let fields: Vec<_> = texts.iter().map(|(name, text)| (*name, text.as_str())).collect();
        let signature = signature(&fields);
        self.text("sign", &signature);
    }

    /// Names and values as they are signed, by name.
    pub(super) fn texts(&self) -> Vec<(&'static str, String)> {
        let text = |value: &Sent| match value {
            Sent::Text(text) => text.clone(),
            Sent::Int(number) => number.to_string(),
        };
        self.0.iter().map(|(name, value)| (*name, text(value))).collect()
    }

    /// The body of a call.
    pub(super) fn json(&self) -> Result<Vec<u8>, Unbuildable> {
        serde_json::to_vec(&self.0).map_err(|_| Unbuildable::BadValue("sign"))
    }
}

/// The gateway's channel of a sale, whose extra fields are what it takes. `name` is that of the channel's field.
pub(super) fn channel(
    descriptor: &'static Descriptor,
    dealing: Dealing<'_>,
    intent: &CreateIntent<'_>,
    name: &'static str,
) -> Result<&'static Channel, Unbuildable> {
    let mut channels = descriptor.channels.iter();
    let channel = channels.find(|channel| channel.name == intent.channel.name).ok_or(Unbuildable::BadValue(name))?;
    channel.check_extra(dealing.account, intent.extra)?;
    Ok(channel)
}

/// The account's address of the gateway, without a slash at its end.
pub(super) fn base_url(dealing: Dealing<'_>) -> &str {
    dealing.account.address()
}

/// A field that the account must have.
pub(super) fn account_field<'a>(dealing: Dealing<'a>, name: &'static str) -> Result<&'a str, Unbuildable> {
    dealing.account.field(name).ok_or(Unbuildable::AccountField(name))
}

/// A secret that the account must have.
pub(super) fn secret<'a>(dealing: Dealing<'a>, name: &'static str) -> Result<&'a SecretSlice<u8>, Unbuildable> {
    dealing.keys.get(name).ok_or(Unbuildable::Secret(name))
}

/// An address of the account, where it has one: see [`is_url`].
pub(super) fn account_url<'a>(dealing: Dealing<'a>, name: &'static str) -> Result<Option<&'a str>, Unbuildable> {
    let url = dealing.account.field(name);
    if url.is_none_or(is_url) { Ok(url) } else { Err(Unbuildable::BadValue(name)) }
}

/// Whether it is an absolute address of at most 255 characters (ruling 10).
pub(super) fn is_url(text: &str) -> bool {
    let rest = ["https://", "http://"].iter().find_map(|scheme| text.strip_prefix(scheme));
    rest.is_some_and(|rest| !rest.is_empty()) && text.chars().count() <= URL_LIMIT
}

/// An extra field of the sale, if it is given.
pub(super) fn extra<'a>(intent: &CreateIntent<'a>, name: &str) -> Option<&'a str> {
    intent.extra.get(name).map(String::as_str).filter(|value| !value.is_empty())
}

/// The description of a sale, which must not be missing.
pub(super) fn described(body: &str) -> Result<&str, Unbuildable> {
    line(body, BODY_LIMIT, "body")?.ok_or(Unbuildable::BadValue("body"))
}

/// One line of text, or nothing.
pub(super) fn line<'a>(text: &'a str, limit: usize, name: &'static str) -> Result<Option<&'a str>, Unbuildable> {
    if text.chars().count() > limit {
        return Err(Unbuildable::TooLong { field: name, limit });
    }
    if text.chars().any(char::is_control) {
        return Err(Unbuildable::BadValue(name));
    }
    Ok(Some(text).filter(|text| !text.trim().is_empty()))
}

/// A text that notifications carry back, which must hold none of `names`: under their signature it could not be told from the field
/// of that name.
pub(super) fn carried_back<'a>(
    field: &'static str,
    text: &'a str,
    names: impl IntoIterator<Item = &'static str>,
) -> Result<&'a str, Unbuildable> {
    match names.into_iter().find(|name| text.contains(name)) {
        Some(name) => Err(Unbuildable::HoldsName { field, name }),
        None => Ok(text),
    }
}

/// Minor units of `money`, which is in that currency and from 1 to `most`.
pub(super) fn amount(money: Money, currency: Currency, most: i64, name: &'static str) -> Result<i64, Unbuildable> {
    let fits = money.currency == currency && (1..=most).contains(&money.minor);
    if fits { Ok(money.minor) } else { Err(Unbuildable::BadValue(name)) }
}

/// The customer's payment code. Whose wallet its digits belong to is the gateway's business.
pub(super) fn payment_code<'a>(intent: &CreateIntent<'a>) -> Result<&'a str, Unbuildable> {
    let code = intent.payment_code.ok_or(Unbuildable::PaymentCode)?.expose_secret();
    let fits = PAYMENT_CODE_DIGITS.contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit());
    if fits { Ok(code) } else { Err(Unbuildable::PaymentCode) }
}

/// The address that the order is made from.
pub(super) fn client_ip<'a>(intent: &CreateIntent<'a>, name: &'static str) -> Result<&'a str, Unbuildable> {
    let ip = intent.client_ip;
    if ip.parse::<IpAddr>().is_ok() { Ok(ip) } else { Err(Unbuildable::BadValue(name)) }
}
