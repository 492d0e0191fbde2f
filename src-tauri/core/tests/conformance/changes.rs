//! What an opponent, a broken proxy or a careless gateway does to a body: to its fields, and to what is printed of them.

use crate::forms::swap;
use crate::given::spoken;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Map, Value, json};

/// Where changes find the fields of a body.
pub(crate) struct Places<'a> {
    /// The object that holds the fields that matter.
    pub(crate) content: fn(&mut Value) -> &mut Map<String, Value>,
    /// Their names.
    pub(crate) names: Vec<&'a str>,
    /// Takes the signature off, where it is a field.
    pub(crate) unseal: Option<fn(&mut Value)>,
}

impl Places<'_> {
    fn name(&self, place: Index) -> String {
        self.names[place.index(self.names.len())].to_owned()
    }
}

/// One change of a body's fields.
#[derive(Debug, Clone)]
pub(crate) enum Change {
    /// A field of the content, by its place among all of them, becomes this.
    Set(Index, Value),
    /// A field that the suite knows to matter becomes this.
    SetNamed(Index, Value),
    /// A field that matters takes the value of another field.
    Copy(Index, Index),
    /// A field that matters keeps its text and takes another type.
    Retype(Index),
    Remove(Index),
    /// A field comes to them that no document knows.
    Add(String, Value),
    /// A field of the envelope becomes this.
    Outside(Index, Value),
    RemoveOutside(Index),
    /// A field becomes a text of so many thousand letters.
    Huge(Index, u16),
    /// The body loses its shell: its content moves outside.
    Flatten,
    /// The content is wrapped into its own text, as careless gateways do.
    Enclose,
    Unseal,
}

/// A change of the printed body.
#[derive(Debug, Clone)]
pub(crate) enum Scratch {
    None,
    Flip(Index, u8),
    Cut(Index),
    Insert(Index, String),
    /// A name of the printed body stands twice.
    Double(Index, Value),
    /// Another encoding: every character as UTF-16, or as one byte.
    Utf16,
    Latin1,
}

fn values() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        Just(json!("")),
        prop::sample::select(vec![
            "0", "1", "2", "3", "4", "7", "SUCCESS", "success", "FAIL", "NOTPAY", "PAYERROR", "REFUND", "CLOSED",
            "REVERSE", "REVOKED", "N", "Y", "CNY", "RMB", "HKD", "OK", "0.00", "-1", "200", "201", "1250"
        ])
        .prop_map(|word| json!(word)),
        (-2i64..20).prop_map(|number| json!(number)),
        prop::sample::select(vec![200u64, 201, 1250, 1 << 40, u64::MAX]).prop_map(|number| json!(number)),
        prop::sample::select(vec![0.0, 0.5, 12.5, 1250.0, -1.25]).prop_map(|float| json!(float)),
        any::<bool>().prop_map(|yes| json!(yes)),
        "\\PC{0,8}".prop_map(|text| json!(text)),
        Just(json!({"trade_state": 0})),
        Just(json!([0])),
        (1usize..40).prop_map(|depth| (0..depth).fold(json!(0), |inner, _| json!([inner]))),
    ]
}

pub(crate) fn changes() -> impl Strategy<Value = Vec<Change>> {
    let change = prop_oneof![
        4 => (any::<Index>(), values()).prop_map(|(place, value)| Change::Set(place, value)),
        6 => (any::<Index>(), values()).prop_map(|(place, value)| Change::SetNamed(place, value)),
        1 => (any::<Index>(), any::<Index>()).prop_map(|(to, from)| Change::Copy(to, from)),
        1 => any::<Index>().prop_map(Change::Retype),
        2 => any::<Index>().prop_map(Change::Remove),
        1 => ("[a-z_]{1,12}", values()).prop_map(|(name, value)| Change::Add(name, value)),
        2 => (any::<Index>(), values()).prop_map(|(place, value)| Change::Outside(place, value)),
        1 => any::<Index>().prop_map(Change::RemoveOutside),
        1 => (any::<Index>(), 0u16..4).prop_map(|(place, thousands)| Change::Huge(place, thousands)),
        1 => Just(Change::Flatten),
        1 => Just(Change::Enclose),
        1 => Just(Change::Unseal),
    ];
    prop::collection::vec(change, 0..4)
}

pub(crate) fn scratches() -> impl Strategy<Value = Scratch> {
    prop_oneof![
        8 => Just(Scratch::None),
        1 => (any::<Index>(), any::<u8>()).prop_map(|(place, byte)| Scratch::Flip(place, byte)),
        1 => any::<Index>().prop_map(Scratch::Cut),
        1 => (any::<Index>(), "[\"{}:,0-9a \\\\]{1,6}").prop_map(|(place, text)| Scratch::Insert(place, text)),
        1 => (any::<Index>(), values()).prop_map(|(place, value)| Scratch::Double(place, value)),
        1 => prop_oneof![Just(Scratch::Utf16), Just(Scratch::Latin1)],
    ]
}

fn key_at(map: &Map<String, Value>, place: Index) -> Option<String> {
    (!map.is_empty()).then(|| map.keys().nth(place.index(map.len())).unwrap().clone())
}

impl Change {
    pub(crate) fn apply(&self, places: &Places<'_>, body: &mut Value) {
        let content = (places.content)(body);
        match self {
            Self::Set(place, value) => {
                if let Some(name) = key_at(content, *place) {
                    content.insert(name, value.clone());
                }
            }
            Self::SetNamed(place, value) => {
                content.insert(places.name(*place), value.clone());
            }
            Self::Copy(to, from) => {
                if let Some(value) = key_at(content, *from).map(|name| content[&name].clone()) {
                    content.insert(places.name(*to), value);
                }
            }
            Self::Retype(place) => {
                if let Some(value) = content.get_mut(&places.name(*place)) {
                    *value = swap(value);
                }
            }
            Self::Remove(place) => {
                if let Some(name) = key_at(content, *place) {
                    content.remove(&name);
                }
            }
            Self::Add(name, value) => {
                content.insert(name.clone(), value.clone());
            }
            Self::Huge(place, thousands) => {
                content.insert(places.name(*place), json!("9".repeat(usize::from(*thousands) * 1_000)));
            }
            Self::Outside(place, value) => {
                let envelope = body.as_object_mut().unwrap();
                if let Some(name) = key_at(envelope, *place).filter(|name| !envelope[name].is_object()) {
                    envelope.insert(name, value.clone());
                }
            }
            Self::RemoveOutside(place) => {
                let envelope = body.as_object_mut().unwrap();
                if let Some(name) = key_at(envelope, *place).filter(|name| !envelope[name].is_object()) {
                    envelope.remove(&name);
                }
            }
            Self::Flatten => {
                let content = content.clone();
                let envelope = body.as_object_mut().unwrap();
                envelope.retain(|_, value| !value.is_object());
                envelope.extend(content);
            }
            Self::Enclose => {
                let envelope = body.as_object_mut().unwrap();
                for value in envelope.values_mut().filter(|value| value.is_object()) {
                    *value = json!(value.to_string());
                }
            }
            // A header is left out where the body is sent.
            Self::Unseal => {
                if let Some(unseal) = places.unseal {
                    unseal(body);
                }
            }
        }
    }
}

/// Where every key of printed JSON stands, and how it is printed: a text that a colon follows.
pub(crate) fn keys_in(text: &str) -> Vec<(usize, String)> {
    let mut keys = Vec::new();
    let mut begun: Option<usize> = None;
    let mut escaped = false;
    for (at, letter) in text.char_indices() {
        match (begun, letter) {
            (None, '"') => begun = Some(at),
            (Some(_), _) if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(from), '"') => {
                begun = None;
                if text[at + 1..].starts_with(':') {
                    keys.push((from, text[from..=at].to_owned()));
                }
            }
            (None | Some(_), _) => {}
        }
    }
    keys
}

/// Printed JSON or a form in which a name stands twice, with this value first.
fn doubled(text: &str, place: Index, value: &Value) -> String {
    let (keys, pairs) = (keys_in(text), text.split('&').filter(|pair| pair.contains('=')).collect::<Vec<_>>());
    match (keys.as_slice(), pairs.as_slice()) {
        ([], []) => text.to_owned(),
        ([], pairs) => {
            let (name, _) = pairs[place.index(pairs.len())].split_once('=').unwrap();
            format!("{name}={}&{text}", spoken(value).unwrap_or_default())
        }
        (keys, _) => {
            let (at, name) = &keys[place.index(keys.len())];
            format!("{}{name}:{value},{}", &text[..*at], &text[*at..])
        }
    }
}

pub(crate) fn scratched(mut body: Vec<u8>, scratch: &Scratch) -> Vec<u8> {
    let length = body.len();
    match scratch {
        Scratch::None => {}
        Scratch::Flip(place, byte) => body[place.index(length)] ^= byte,
        Scratch::Cut(place) => body.truncate(place.index(length)),
        Scratch::Insert(place, text) => {
            let at = place.index(length);
            body.splice(at..at, text.bytes());
        }
        Scratch::Double(place, value) => body = doubled(str::from_utf8(&body).unwrap(), *place, value).into_bytes(),
        Scratch::Utf16 => {
            body = String::from_utf8(body).unwrap().encode_utf16().flat_map(u16::to_le_bytes).collect();
        }
        Scratch::Latin1 => {
            body = String::from_utf8(body).unwrap().chars().map(|c| u8::try_from(c as u32).unwrap_or(0xb2)).collect();
        }
    }
    body
}
