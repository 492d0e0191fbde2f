//! Reading a request as strictly as the documents allow.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_json::{Map, Value};

use super::Credentials;
use super::sign::sign;

/// The gateway says no: code and text of an unsigned reply (gateways.md 1.7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: i64,
    pub(crate) msg: String,
}

impl Refusal {
    pub(crate) fn new(code: i64, msg: impl Into<String>) -> Self {
        Self { code, msg: msg.into() }
    }

    /// 103, naming the field.
    pub(crate) fn field(name: &str, why: &str) -> Self {
        Self::new(103, format!("{name} {why}"))
    }
}

/// The top-level fields of a request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fields(pub(crate) Map<String, Value>);

impl Fields {
    /// Code 100 for anything but one JSON object whose names are all different.
    pub(crate) fn read(body: &[u8]) -> Result<Self, Refusal> {
        serde_json::from_slice(body).map_err(|error| Refusal::new(100, format!("JSON parse error: {error}")))
    }

    /// The text of a field, if it is there and not empty.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// Code 103 if it is missing, empty or not a text.
    pub(crate) fn required_text(&self, name: &str) -> Result<&str, Refusal> {
        match self.0.get(name) {
            None | Some(Value::Null) => Err(Refusal::field(name, "is missing")),
            Some(Value::String(text)) if text.is_empty() => Err(Refusal::field(name, "is missing")),
            Some(Value::String(text)) => Ok(text),
            Some(_) => Err(Refusal::field(name, "must be a String")),
        }
    }

    /// Code 103 if it is there but not a text; empty counts as absent.
    pub(crate) fn optional_text(&self, name: &str) -> Result<Option<&str>, Refusal> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.as_str()).filter(|text| !text.is_empty())),
            Some(_) => Err(Refusal::field(name, "must be a String")),
        }
    }

    /// Code 103 if it is there but not an Int; a text of digits is not one.
    pub(crate) fn optional_int(&self, name: &str) -> Result<Option<i64>, Refusal> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => value.as_i64().map(Some).ok_or_else(|| Refusal::field(name, "must be an Int")),
        }
    }

    /// Code 103 if a field is there that the document of this operation does not list.
    pub(crate) fn only(&self, documented: &[&[&str]], of: &str) -> Result<(), Refusal> {
        match self.0.keys().find(|name| !documented.iter().any(|names| names.contains(&name.as_str()))) {
            Some(stranger) => Err(Refusal::field(stranger, &format!("is not a field of {of}"))),
            None => Ok(()),
        }
    }

    /// Merchant (200), `sign_type` (103) and signature (101, or 103 if it is missing). Gives the key that signed,
    /// which signs the answer too.
    pub(crate) fn authenticate<'c>(&self, credentials: &'c Credentials) -> Result<&'c str, Refusal> {
        if self.required_text("merchant_id")? != credentials.merchant_id {
            return Err(Refusal::new(200, "no such merchant"));
        }
        if let Some((name, _)) = self.0.iter().find(|(_, value)| value.is_array() || value.is_object()) {
            return Err(Refusal::field(name, "must be a String or an Int"));
        }
        if self.optional_text("sign_type")?.is_some_and(|kind| !kind.eq_ignore_ascii_case("MD5")) {
            return Err(Refusal::field("sign_type", "must be MD5"));
        }
        let given = self.required_text("sign")?;
        let key = match self.optional_text("sign_agentno")? {
            None => &credentials.key,
            Some(agent) if agent == credentials.sign_agentno => &credentials.agent_key,
            Some(_) => return Err(Refusal::new(101, "signature error: no such agent")),
        };
        if sign(&self.0, key) == given { Ok(key) } else { Err(Refusal::new(101, "signature error")) }
    }
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Once;

        impl<'de> Visitor<'de> for Once {
            type Value = Fields;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Fields, A::Error> {
                let mut fields = Map::new();
                while let Some((name, value)) = access.next_entry::<String, Value>()? {
                    if fields.contains_key(&name) {
                        return Err(A::Error::custom(format!("{name} is there twice")));
                    }
                    fields.insert(name, value);
                }
                Ok(Fields(fields))
            }
        }

        deserializer.deserialize_map(Once)
    }
}
