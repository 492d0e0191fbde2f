//! What the suite itself reads in a body, JSON or a form: written here a second time.

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::fmt;

/// The pairs of a body that core has believed, in their order, a name as often as it stands there.
#[derive(Debug)]
pub(crate) struct Pairs {
    /// Names and texts: nothing for null, numbers and words as they are printed.
    pub(crate) texts: Vec<(String, String)>,
    /// Names and what is printed there of an object or an array.
    pub(crate) nested: Vec<(String, String)>,
    /// No name stands twice, at any depth.
    pub(crate) are_unlike: bool,
}

impl Pairs {
    /// The pairs of an object, which begins with a brace, or of a form.
    pub(crate) fn of(body: &[u8]) -> Self {
        let object = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body).trim_ascii();
        if object.starts_with(b"{") { Self::of_object(str::from_utf8(object).unwrap()) } else { Self::of_form(body) }
    }

    fn of_object(text: &str) -> Self {
        let Printed(pairs) = serde_json::from_str(text).unwrap();
        let (mut texts, mut nested) = (vec![], vec![]);
        for (name, value) in pairs {
            let printed = value.get();
            match printed.as_bytes()[0] {
                b'{' | b'[' => nested.push((name, printed.to_owned())),
                b'"' => texts.push((name, serde_json::from_str(printed).unwrap())),
                b'n' => texts.push((name, String::new())),
                _ => texts.push((name, printed.to_owned())),
            }
        }
        Self { texts, nested, are_unlike: are_unlike(text) }
    }

    fn of_form(body: &[u8]) -> Self {
        let pairs = body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty());
        let halves = pairs.map(|pair| {
            let end = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
            (decoded(&pair[..end]), decoded(pair.get(end + 1..).unwrap_or_default()))
        });
        let texts: Vec<(String, String)> = halves.collect();
        let names: BTreeSet<&String> = texts.iter().map(|(name, _)| name).collect();
        let are_unlike = names.len() == texts.len();
        Self { texts, nested: vec![], are_unlike }
    }

    /// The text of a name, where it is neither null nor empty.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        let there = self.texts.iter().find(|(known, text)| known == name && !text.is_empty());
        there.map(|(_, text)| text.as_str())
    }

    /// The number of a name, digits alone.
    pub(crate) fn digits(&self, name: &str) -> Option<i64> {
        self.text(name).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))?.parse().ok()
    }

    /// What is printed of the object or the array of a name.
    pub(crate) fn below(&self, name: &str) -> Option<&str> {
        self.nested.iter().find(|(known, _)| known == name).map(|(_, printed)| printed.as_str())
    }

    /// The objects of an array.
    pub(crate) fn objects(&self, name: &str) -> Vec<Self> {
        let Some(printed) = self.below(name) else { return vec![] };
        let objects: Vec<Box<RawValue>> = serde_json::from_str(printed).unwrap();
        objects.iter().map(|object| Self::of_object(object.get())).collect()
    }

    /// The texts as an object.
    pub(crate) fn content(&self) -> Map<String, Value> {
        self.texts.iter().map(|(name, text)| (name.clone(), text.as_str().into())).collect()
    }
}

/// Whether no name stands twice in what is printed, at any depth.
fn are_unlike(printed: &str) -> bool {
    match printed.as_bytes()[0] {
        b'{' => {
            let Printed(pairs) = serde_json::from_str(printed).unwrap();
            let names: BTreeSet<&String> = pairs.iter().map(|(name, _)| name).collect();
            names.len() == pairs.len() && pairs.iter().all(|(_, value)| are_unlike(value.get()))
        }
        b'[' => {
            let items: Vec<Box<RawValue>> = serde_json::from_str(printed).unwrap();
            items.iter().all(|item| are_unlike(item.get()))
        }
        _ => true,
    }
}

/// A half of a form's pair.
fn decoded(half: &[u8]) -> String {
    let (mut bytes, mut text) = (half.iter().copied(), vec![]);
    while let Some(byte) = bytes.next() {
        text.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [bytes.next().unwrap(), bytes.next().unwrap()];
                u8::from_str_radix(str::from_utf8(&digits).unwrap(), 16).unwrap()
            }
            plain => plain,
        });
    }
    String::from_utf8(text).unwrap()
}

/// The pairs of a JSON object in their order.
struct Printed(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Printed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Printed;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Printed, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Printed(pairs))
            }
        }

        deserializer.deserialize_map(InOrder)
    }
}

#[test]
fn the_suite_reads_every_pair_as_it_stands() {
    let json =
        Pairs::of("\u{feff} {\"a\":1.50,\"b\":null,\"c\":\"\\u5929\",\"d\":[{\"e\":1e999}],\"f\":true}".as_bytes());
    let texts: Vec<_> = json.texts.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    assert_eq!(texts, [("a", "1.50"), ("b", ""), ("c", "天"), ("f", "true")]);
    assert!(json.are_unlike && json.text("b").is_none() && json.digits("a").is_none());
    assert_eq!(json.objects("d")[0].text("e"), Some("1e999"));
    let form = Pairs::of(b"a=1+2%2b&b&c=%E5%a4%a9&d=007");
    let texts: Vec<_> = form.texts.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    assert_eq!(texts, [("a", "1 2+"), ("b", ""), ("c", "天"), ("d", "007")]);
    assert!(form.are_unlike && form.digits("d") == Some(7));
}

#[test]
fn the_suite_sees_a_name_that_stands_twice_at_any_depth() {
    for twice in ["{\"a\":1,\"b\":2,\"\\u0061\":1}", "{\"a\":[{\"b\":{\"c\":1,\"c\":1}}]}", "a=1&b=2&a=1", "a&%61="] {
        assert!(!Pairs::of(twice.as_bytes()).are_unlike, "{twice}");
    }
}
