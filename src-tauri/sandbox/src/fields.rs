//! Reading a request as strictly as the documents allow. Which code says what is each gateway's own matter.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_json::{Map, Value};

/// What a gateway dislikes about a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// It is not one object of differently named fields.
    Unreadable,
    /// A field is missing or empty.
    Missing,
    /// A field is of another kind, out of bounds, or not documented.
    Malformed,
    /// Something that the gateway has a number of its own for.
    Code(i64),
}

/// The gateway says no.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) why: Why,
    pub(crate) msg: String,
}

impl Refusal {
    pub(crate) fn new(code: i64, msg: impl Into<String>) -> Self {
        Self { why: Why::Code(code), msg: msg.into() }
    }

    pub(crate) fn unreadable(msg: impl Into<String>) -> Self {
        Self { why: Why::Unreadable, msg: msg.into() }
    }

    pub(crate) fn missing(name: &str) -> Self {
        Self { why: Why::Missing, msg: format!("{name} is missing") }
    }

    /// Names the field.
    pub(crate) fn field(name: &str, what: &str) -> Self {
        Self { why: Why::Malformed, msg: format!("{name} {what}") }
    }

    /// Its number in the table that Jubao and BlueOcean share (002:123-163).
    pub(crate) fn code_of_document_002(&self) -> i64 {
        match self.why {
            Why::Unreadable => 4001,
            Why::Missing => 4003,
            Why::Malformed => 492_001,
            Why::Code(code) => code,
        }
    }
}

/// The top-level fields of a request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fields(pub(crate) Map<String, Value>);

impl Fields {
    /// Unreadable: anything but one JSON object whose names are all different.
    pub(crate) fn read(body: &[u8]) -> Result<Self, Refusal> {
        serde_json::from_slice(body).map_err(|error| Refusal::unreadable(format!("JSON parse error: {error}")))
    }

    /// The text of a field, if it is there and not empty.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// A text that is there and not empty.
    pub(crate) fn required_text(&self, name: &str) -> Result<&str, Refusal> {
        self.optional_text(name)?.ok_or_else(|| Refusal::missing(name))
    }

    /// Malformed if it is there but not a text; empty counts as absent.
    pub(crate) fn optional_text(&self, name: &str) -> Result<Option<&str>, Refusal> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.as_str()).filter(|text| !text.is_empty())),
            Some(_) => Err(Refusal::field(name, "must be a String")),
        }
    }

    /// A text of at most so many characters.
    pub(crate) fn short_text(&self, name: &str, max_chars: usize) -> Result<Option<&str>, Refusal> {
        let text = self.optional_text(name)?;
        if text.is_some_and(|text| text.chars().count() > max_chars) {
            return Err(Refusal::field(name, &format!("must not be longer than {max_chars}")));
        }
        Ok(text)
    }

    /// Malformed if it is there but not an Int; a text of digits is not one.
    pub(crate) fn optional_int(&self, name: &str) -> Result<Option<i64>, Refusal> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => value.as_i64().map(Some).ok_or_else(|| Refusal::field(name, "must be an Int")),
        }
    }

    /// An amount above zero, in minor units, where the document takes Ints alone.
    pub(crate) fn required_amount(&self, name: &str) -> Result<i64, Refusal> {
        above_zero(name, self.optional_int(name)?.ok_or_else(|| Refusal::missing(name))?)
    }

    /// An amount above zero where the document's samples also print digits as a text (002:322).
    pub(crate) fn spoken_amount(&self, name: &str) -> Result<Option<i64>, Refusal> {
        let digits = match self.0.get(name) {
            Some(Value::String(text)) if text.is_empty() => return Ok(None),
            Some(Value::String(text)) if text.bytes().all(|byte| byte.is_ascii_digit()) => text,
            _ => return self.optional_int(name)?.map(|minor| above_zero(name, minor)).transpose(),
        };
        let minor = digits.parse().map_err(|_| Refusal::field(name, "is too large"))?;
        above_zero(name, minor).map(Some)
    }

    /// Malformed if a field is there that the document of this operation does not list.
    pub(crate) fn only(&self, documented: &[&[&str]], of: &str) -> Result<(), Refusal> {
        match self.0.keys().find(|name| !documented.iter().any(|names| names.contains(&name.as_str()))) {
            Some(stranger) => Err(Refusal::field(stranger, &format!("is not a field of {of}"))),
            None => Ok(()),
        }
    }

    /// Malformed if a field holds a list or an object.
    pub(crate) fn scalars_only(&self) -> Result<(), Refusal> {
        match self.0.iter().find(|(_, value)| value.is_array() || value.is_object()) {
            Some((name, _)) => Err(Refusal::field(name, "must be a String or an Int")),
            None => Ok(()),
        }
    }
}

fn above_zero(name: &str, minor: i64) -> Result<i64, Refusal> {
    if minor > 0 { Ok(minor) } else { Err(Refusal::field(name, "must be more than 0")) }
}

/// An absolute address of at most 255 characters (000:52-53).
pub(crate) fn check_address(name: &str, address: &str) -> Result<(), Refusal> {
    let rest = address.strip_prefix("http://").or_else(|| address.strip_prefix("https://"));
    let host = rest.and_then(|rest| rest.split(['/', '?', '#']).next()).unwrap_or_default();
    if host.is_empty() || address.contains(char::is_whitespace) {
        return Err(Refusal::field(name, "must be an absolute address"));
    }
    if address.chars().count() > 255 {
        return Err(Refusal::field(name, "must not be longer than 255"));
    }
    Ok(())
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
