//! Reading the events that nearly every order has field by field, as they come. Of an enum with its tag inside serde keeps every field
//! until it has seen the tag; the till writes the tag first.

use crate::gateway::bridge::Bridge;
use crate::order::event::{Draft, OrderEvent, Reported};
use serde::de::value::{CowStrDeserializer, MapAccessDeserializer};
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::borrow::Cow;
use std::fmt::{self, Formatter};

/// An event whose type stands first and is one of those that are read here. An error says that it is to be read by its tag.
pub(super) struct InOnePass(pub(super) OrderEvent);

impl<'de> Deserialize<'de> for InOnePass {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(TypeFirst).map(Self)
    }
}

/// The field that says which event it is.
const TYPE: &str = "type";

struct TypeFirst;

impl<'de> Visitor<'de> for TypeFirst {
    type Value = OrderEvent;

    fn expecting(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str("an event whose type stands first")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<OrderEvent, A::Error> {
        let first: Option<(Text<'de>, Text<'de>)> = map.next_entry()?;
        let Some((_, Text(word))) = first.filter(|(Text(name), _)| name == TYPE) else {
            return Err(A::Error::custom("its type does not stand first"));
        };
        let fields = MapAccessDeserializer::new(Fields(map));
        match word.as_ref() {
            "drafted" => Box::<Draft>::deserialize(fields).map(OrderEvent::Drafted),
            "create_sent" => IgnoredAny::deserialize(fields).map(|_| OrderEvent::CreateSent),
            "created" => Created::deserialize(fields).map(OrderEvent::from),
            "unpaid" => Box::<Reported>::deserialize(fields).map(OrderEvent::Unpaid),
            "paying" => Box::<Reported>::deserialize(fields).map(OrderEvent::Paying),
            "paid" => Paid::deserialize(fields).map(OrderEvent::from),
            _ => Err(A::Error::custom("it is read by its tag")),
        }
    }
}

/// A name or a word.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// What stands behind the type; a second type does not.
struct Fields<A>(A);

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Fields<A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        let name: Option<Text<'de>> = self.0.next_key()?;
        match name {
            Some(Text(name)) if name == TYPE => Err(A::Error::duplicate_field(TYPE)),
            Some(Text(name)) => seed.deserialize(CowStrDeserializer::new(name)).map(Some),
            None => Ok(None),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.0.next_value_seed(seed)
    }
}

/// The fields of [`OrderEvent::Created`].
#[derive(Deserialize)]
struct Created {
    link: Option<String>,
    pay_info: Option<String>,
    parameters: Option<String>,
    bridge: Option<Bridge>,
    gateway_no: Option<String>,
    took: i64,
    raw: Option<String>,
}

impl From<Created> for OrderEvent {
    fn from(created: Created) -> Self {
        let Created { link, pay_info, parameters, bridge, gateway_no, took, raw } = created;
        Self::Created { link, pay_info, parameters, bridge, gateway_no, took, raw }
    }
}

/// The fields of [`OrderEvent::Paid`].
#[derive(Deserialize)]
#[expect(clippy::struct_field_names, reason = "they are named as in the journal")]
struct Paid {
    reported: Box<Reported>,
    paid_minor: i64,
    late: bool,
    under: Option<String>,
}

impl From<Paid> for OrderEvent {
    fn from(paid: Paid) -> Self {
        let Paid { reported, paid_minor, late, under } = paid;
        Self::Paid { reported, paid_minor, late, under }
    }
}
