//! Reading a gateway's JSON: strictly about form, tolerantly about types.
//!
//! A signature covers the text of a value, so every scalar is kept as it was printed. A key that stands twice is refused
//! at every level, since two readers could then read two things. Numbers, strings and booleans are all text here; null,
//! missing and empty are equal (gateways.md section 0, rules 7 and 8).

use super::Unreadable;
use super::call::BODY_LIMIT;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::fmt;

/// How deep objects and arrays may lie in each other. Documented answers need three levels.
const DEPTH_LIMIT: usize = 16;

/// A JSON object whose keys are unique, at every level below it too.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Object(BTreeMap<String, Value>);

/// What stands at a key.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Value {
    Null,
    /// A string, decoded; a number or boolean as it was printed.
    Scalar(String),
    /// An object or array as it was printed.
    Nested(String),
}

impl Object {
    /// Reads a body of UTF-8 JSON whose outermost value is an object. A byte order mark before it is passed over.
    pub fn read(body: &[u8]) -> Result<Self, Unreadable> {
        if body.len() > BODY_LIMIT {
            return Err(Unreadable::NotJson);
        }
        let text = str::from_utf8(body).map_err(|_| Unreadable::NotJson)?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if text.trim_ascii().is_empty() {
            return Err(Unreadable::Empty);
        }
        Self::read_text(text, 0)
    }

    fn read_text(text: &str, depth: usize) -> Result<Self, Unreadable> {
        let Pairs(pairs) = serde_json::from_str(text).map_err(|_| Unreadable::NotJson)?;
        let mut fields = BTreeMap::new();
        for (name, raw) in pairs {
            if fields.insert(name, Value::read(raw, depth)?).is_some() {
                return Err(Unreadable::DuplicatedKey);
            }
        }
        Ok(Self(fields))
    }

    /// An object of these texts, whose names must differ.
    pub(super) fn of_texts(texts: impl IntoIterator<Item = (String, String)>) -> Result<Self, Unreadable> {
        let mut fields = BTreeMap::new();
        for (name, text) in texts {
            if fields.insert(name, Value::Scalar(text)).is_some() {
                return Err(Unreadable::DuplicatedKey);
            }
        }
        Ok(Self(fields))
    }

    /// The names at which an object or an array stands.
    pub(super) fn nested(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter(|(_, value)| matches!(value, Value::Nested(_))).map(|(name, _)| name.as_str())
    }

    /// The text of a scalar; `None` where it is missing, null or empty. An object or array is refused.
    pub fn text(&self, name: &str) -> Result<Option<&str>, Unreadable> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Scalar(text)) => Ok(Some(text.as_str()).filter(|text| !text.is_empty())),
            Some(Value::Nested(_)) => Err(Unreadable::BadField(name.to_owned())),
        }
    }

    /// The first of several names that holds a text. For fields that decide nothing: objects and arrays are passed over.
    #[must_use]
    pub fn first_text(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.text(name).ok().flatten())
    }

    /// An amount in minor units: ASCII digits only. A decimal point would mean another unit, so it is refused.
    pub fn minor_units(&self, name: &str) -> Result<Option<i64>, Unreadable> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let bad = || Unreadable::BadField(name.to_owned());
        if !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(bad());
        }
        text.parse().map(Some).map_err(|_| bad())
    }

    /// An object below this one; `None` where it is missing, null or empty text. Anything else is refused.
    pub fn object(&self, name: &str) -> Result<Option<Self>, Unreadable> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Scalar(text)) if text.is_empty() => Ok(None),
            Some(Value::Nested(text)) if text.starts_with('{') => Self::read_text(text, 1).map(Some),
            Some(Value::Scalar(_) | Value::Nested(_)) => Err(Unreadable::BadField(name.to_owned())),
        }
    }

    /// The objects of an array; empty where it is missing, null or empty text. Anything else is refused.
    pub fn objects(&self, name: &str) -> Result<Vec<Self>, Unreadable> {
        let bad = || Unreadable::BadField(name.to_owned());
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(Value::Scalar(text)) if text.is_empty() => Ok(Vec::new()),
            Some(Value::Nested(text)) if text.starts_with('[') => {
                let items: Vec<&RawValue> = serde_json::from_str(text).map_err(|_| bad())?;
                let object = |item: &RawValue| {
                    if item.get().starts_with('{') { Self::read_text(item.get(), 2) } else { Err(bad()) }
                };
                items.into_iter().map(object).collect()
            }
            Some(Value::Scalar(_) | Value::Nested(_)) => Err(bad()),
        }
    }

    /// A value as the gateway sent it, be it text, object or array; `None` where it is missing, null or empty.
    #[must_use]
    pub fn as_sent(&self, name: &str) -> Option<&str> {
        match self.0.get(name)? {
            Value::Null => None,
            Value::Scalar(text) | Value::Nested(text) => Some(text.as_str()).filter(|text| !text.is_empty()),
        }
    }

    /// Every scalar that is neither null nor empty, sorted by name in byte order.
    pub fn scalars(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().filter_map(|(name, value)| match value {
            Value::Scalar(text) if !text.is_empty() => Some((name.as_str(), text.as_str())),
            Value::Scalar(_) | Value::Null | Value::Nested(_) => None,
        })
    }

    /// Every scalar, null and empty as empty text, sorted by name in byte order: for signatures that empty values are part of.
    pub fn all_scalars(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().filter_map(|(name, value)| match value {
            Value::Scalar(text) => Some((name.as_str(), text.as_str())),
            Value::Null => Some((name.as_str(), "")),
            Value::Nested(_) => None,
        })
    }
}

impl Value {
    fn read(raw: &RawValue, depth: usize) -> Result<Self, Unreadable> {
        let text = raw.get();
        if depth >= DEPTH_LIMIT {
            return Err(Unreadable::NotJson);
        }
        match text.as_bytes().first() {
            Some(b'{') => {
                Object::read_text(text, depth + 1)?;
                Ok(Self::Nested(text.to_owned()))
            }
            Some(b'[') => {
                let items: Vec<&RawValue> = serde_json::from_str(text).map_err(|_| Unreadable::NotJson)?;
                for item in items {
                    Self::read(item, depth + 1)?;
                }
                Ok(Self::Nested(text.to_owned()))
            }
            Some(b'"') => serde_json::from_str(text).map(Self::Scalar).map_err(|_| Unreadable::NotJson),
            Some(b'n') => Ok(Self::Null),
            _ => Ok(Self::Scalar(text.to_owned())),
        }
    }
}

/// The pairs of an object in their order, repeated keys and all.
struct Pairs<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Pairs<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PairsVisitor;
        impl<'de> Visitor<'de> for PairsVisitor {
            type Value = Pairs<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(PairsVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Result<Object, Unreadable> {
        Object::read(text.as_bytes())
    }

    #[test]
    fn scalars_keep_the_text_they_were_printed_with() {
        let object = read(r#"{"a":1.50,"b":"1.50","c":1e3,"d":true,"e":-0,"f":"\u5929\n","g":99999999999999999999}"#);
        let object = object.unwrap();
        let texts: Vec<_> = object.scalars().collect();
        assert_eq!(
            texts,
            [
                ("a", "1.50"),
                ("b", "1.50"),
                ("c", "1e3"),
                ("d", "true"),
                ("e", "-0"),
                ("f", "天\n"),
                ("g", "99999999999999999999")
            ]
        );
    }

    #[test]
    fn null_missing_and_empty_are_equal() {
        let object = read(r#"{"a":null,"b":""}"#).unwrap();
        for name in ["a", "b", "c"] {
            assert_eq!(object.text(name), Ok(None));
            assert_eq!(object.minor_units(name), Ok(None));
            assert_eq!(object.object(name), Ok(None));
            assert_eq!(object.as_sent(name), None);
        }
        assert_eq!(object.scalars().count(), 0);
    }

    #[test]
    fn a_key_that_stands_twice_is_refused_at_every_level() {
        for text in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"{"a":{"b":1,"b":2}}"#,
            r#"{"a":[{"b":{"c":1,"c":1}}]}"#,
            r#"{"a":null,"a":null}"#,
        ] {
            assert_eq!(read(text), Err(Unreadable::DuplicatedKey), "{text}");
        }
    }

    #[test]
    fn what_is_not_one_whole_object_is_not_json() {
        for text in [
            "<html><body>502</body></html>",
            "{\"a\":1",
            "{\"a\":1}}",
            "{\"a\":1} {}",
            "[1]",
            "1",
            "null",
            "{\"a\":1,}",
            "{'a':1}",
            "{\"a\"=>1}",
            "{\"a\":\"\\ud800\"}",
            "{\"a\":[{\"b\":\"\\ud800\"}]}",
            "{\"a\":01}",
        ] {
            assert_eq!(read(text), Err(Unreadable::NotJson), "{text}");
        }
        assert_eq!(Object::read(b"{\"a\":\"\xff\"}"), Err(Unreadable::NotJson));
        for text in ["", " \r\n\t", "\u{feff}"] {
            assert_eq!(read(text), Err(Unreadable::Empty), "{text:?}");
        }
        assert!(read("\u{feff}{\"a\":1}\r\n").is_ok());
    }

    #[test]
    fn depth_and_size_are_bounded() {
        let nested = |depth: usize| format!("{{\"a\":{}1{}}}", "[".repeat(depth), "]".repeat(depth));
        assert!(read(&nested(10)).is_ok());
        assert_eq!(read(&nested(DEPTH_LIMIT)), Err(Unreadable::NotJson));
        assert_eq!(read(&nested(100_000)), Err(Unreadable::NotJson));
        assert_eq!(read(&format!("{{\"a\":\"{}\"}}", "x".repeat(BODY_LIMIT))), Err(Unreadable::NotJson));
    }

    #[test]
    fn an_amount_is_digits_and_nothing_else() {
        for text in ["1.00", "-1", "+1", "1e3", "１", " 1", "0x1", "9223372036854775808", "true"] {
            let object = read(&format!("{{\"total_fee\":\"{text}\"}}")).unwrap();
            assert_eq!(object.minor_units("total_fee"), Err(Unreadable::BadField("total_fee".into())), "{text}");
        }
        for (text, minor) in [("1", 1), ("\"1\"", 1), ("0", 0), ("\"012\"", 12), ("9223372036854775807", i64::MAX)] {
            let object = read(&format!("{{\"total_fee\":{text}}}")).unwrap();
            assert_eq!(object.minor_units("total_fee"), Ok(Some(minor)), "{text}");
        }
    }

    #[test]
    fn objects_and_arrays_are_kept_as_sent_and_are_no_text() {
        let object = read(r#"{"data":{ "x" : 1 },"list":[1, 2],"s":"t"}"#).unwrap();
        assert_eq!(object.as_sent("data"), Some(r#"{ "x" : 1 }"#));
        assert_eq!(object.as_sent("list"), Some("[1, 2]"));
        assert_eq!(object.text("data"), Err(Unreadable::BadField("data".into())));
        assert_eq!(object.object("list"), Err(Unreadable::BadField("list".into())));
        assert_eq!(object.object("s"), Err(Unreadable::BadField("s".into())));
        assert_eq!(object.object("data").unwrap().unwrap().text("x"), Ok(Some("1")));
        assert_eq!(object.first_text(&["data", "s"]), Some("t"));
    }

    #[test]
    fn the_objects_of_an_array_are_read_one_by_one_and_nothing_else_is() {
        let object = read(r#"{"lines":[{"a":1},{"a":"2"}],"none":[],"null":null,"mixed":[{"a":1},2],"one":{"a":1}}"#);
        let object = object.unwrap();
        let lines = object.objects("lines").unwrap();
        assert_eq!(lines.iter().map(|line| line.text("a").unwrap()).collect::<Vec<_>>(), [Some("1"), Some("2")]);
        for name in ["none", "null", "missing"] {
            assert_eq!(object.objects(name), Ok(vec![]), "{name}");
        }
        for name in ["mixed", "one"] {
            assert_eq!(object.objects(name), Err(Unreadable::BadField(name.into())));
        }
    }

    proptest! {
        #[test]
        fn nothing_read_panics(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Object::read(&body);
        }

        #[test]
        fn nothing_that_looks_like_json_panics(text in "[\\[\\]{}\":,a0-9.e\\\\u n]{0,60}") {
            let _ = read(&text);
        }
    }
}
