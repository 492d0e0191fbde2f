//! What the tests of every gateway start from: an account, its keys, a sale, and the fields of an answer.

use crate::kit::{Kit, SECONDS};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use till_core::account::{Account, Keys};
use till_core::gateway::call::HttpCall;
use till_core::gateway::{CreateIntent, Dealing, Unbuildable, named};
use till_core::money::Money;

pub(crate) const NONCE: &str = "0123456789abcdefghijklmnopqrstuv";
pub(crate) const ORDER_NO: &str = "TK01JB2W3Y4Z5A6B7C8D9E";
pub(crate) const REFUND_NO: &str = "TR01JB2W3Y4Z5A6B7C8D9E";

/// Extra fields of a sale.
pub(crate) type Extra = BTreeMap<String, String>;

pub(crate) fn extra(pairs: &[(&str, &str)]) -> Extra {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// An account of the gateway, at its own address.
pub(crate) fn account(gateway: &str, fields: &[(&str, &str)]) -> Account {
    Account {
        id: "a1".into(),
        name: "shop".into(),
        gateway: gateway.into(),
        version: 1,
        base_url: named(gateway).expect("a gateway of the registry").descriptor().base_url.into(),
        fields: extra(fields),
        secrets: BTreeMap::new(),
        retired: false,
    }
}

pub(crate) fn keys(pairs: &[(&str, &str)]) -> Keys {
    let mut keys = Keys::default();
    for (name, value) in pairs {
        keys.insert(*name, value.as_bytes().to_vec().into());
    }
    keys
}

pub(crate) fn dealing<'a>(account: &'a Account, keys: &'a Keys) -> Dealing<'a> {
    Dealing { account, keys, nonce: NONCE, seconds: SECONDS }
}

/// Addresses, and whether they fit (ruling 10: absolute, at most 255 characters).
pub(crate) fn urls() -> Vec<(String, bool)> {
    let longest = format!("https://example.com/{}", "n".repeat(235));
    let too_long = format!("{longest}n");
    let mut urls = vec![(longest, true), (too_long, false), ("http://cb.example.com/n".into(), true)];
    urls.extend(["/notify", "example.com/notify", "https://", "javascript:x"].map(|odd| (odd.into(), false)));
    urls
}

impl Kit {
    /// The gateway's usual account, with these fields besides.
    pub(crate) fn account_with(&self, fields: &[(&str, &str)]) -> Account {
        let mut account = (self.account)();
        account.fields.extend(extra(fields));
        account
    }

    /// A plain sale.
    pub(crate) fn intent<'a>(&self, channel: &str, extra: &'a Extra) -> CreateIntent<'a> {
        CreateIntent {
            order_no: ORDER_NO,
            channel: self.channel(channel),
            amount: Money { minor: 1250, currency: self.money },
            body: "天虹龙华店-食品",
            device_info: "T1",
            client_ip: "127.0.0.1",
            return_to: None,
            time_start: SECONDS,
            time_expire: SECONDS + 300,
            extra,
            payment_code: None,
        }
    }

    /// The call of that sale.
    pub(crate) fn build(
        &self,
        account: &Account,
        keys: &Keys,
        intent: &CreateIntent<'_>,
    ) -> Result<HttpCall, Unbuildable> {
        self.gateway().creating().expect("it makes orders").create(dealing(account, keys), intent)
    }
}

/// The object that holds the payment's fields: `data`, or the whole answer where it has none.
pub(crate) fn data_or_all(answer: &mut Value) -> &mut Map<String, Value> {
    if answer["data"].is_object() { answer["data"].as_object_mut().unwrap() } else { answer.as_object_mut().unwrap() }
}

/// The text of a scalar that is neither null nor empty.
pub(crate) fn spoken(value: &Value) -> Option<String> {
    let text = match value {
        Value::Null | Value::Object(_) | Value::Array(_) => return None,
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    Some(text).filter(|text| !text.is_empty())
}

/// `fields`, with `changes` over them.
pub(crate) fn with(mut fields: Value, changes: &Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        fields[name] = value.clone();
    }
    fields
}
