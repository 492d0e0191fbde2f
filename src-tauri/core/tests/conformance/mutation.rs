//! Answers as an opponent, a broken proxy or a careless gateway would make them.

use crate::kit::{Exchange, Heard, KITS, Kit};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// One change of an answer.
#[derive(Debug, Clone)]
enum Change {
    /// A field of the content, by its place among all of them, becomes this.
    Set(prop::sample::Index, Value),
    /// A field that the suite knows to matter becomes this.
    SetNamed(prop::sample::Index, Value),
    Remove(prop::sample::Index),
    /// A field of the envelope becomes this.
    Outside(prop::sample::Index, Value),
    /// The answer loses its `data` shell: its content moves outside.
    Flatten,
    Unseal,
}

/// A change of the printed answer.
#[derive(Debug, Clone)]
enum Scratch {
    None,
    Flip(prop::sample::Index, u8),
    Cut(prop::sample::Index),
    Insert(prop::sample::Index, String),
}

fn values() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        Just(json!("")),
        prop::sample::select(vec![
            "0", "1", "2", "3", "7", "SUCCESS", "success", "CNY", "RMB", "HKD", "OK", "0.00", "-1"
        ])
        .prop_map(|word| json!(word)),
        (-2i64..20).prop_map(|number| json!(number)),
        prop::sample::select(vec![1u64 << 40, u64::MAX]).prop_map(|number| json!(number)),
        any::<bool>().prop_map(|yes| json!(yes)),
        "\\PC{0,8}".prop_map(|text| json!(text)),
        Just(json!({"trade_state": 0})),
        Just(json!([0])),
    ]
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    use prop::sample::Index;
    let change = prop_oneof![
        4 => (any::<Index>(), values()).prop_map(|(place, value)| Change::Set(place, value)),
        6 => (any::<Index>(), values()).prop_map(|(place, value)| Change::SetNamed(place, value)),
        2 => any::<Index>().prop_map(Change::Remove),
        2 => (any::<Index>(), values()).prop_map(|(place, value)| Change::Outside(place, value)),
        1 => Just(Change::Flatten),
        1 => Just(Change::Unseal),
    ];
    prop::collection::vec(change, 0..4)
}

fn scratches() -> impl Strategy<Value = Scratch> {
    use prop::sample::Index;
    prop_oneof![
        6 => Just(Scratch::None),
        1 => (any::<Index>(), any::<u8>()).prop_map(|(place, byte)| Scratch::Flip(place, byte)),
        1 => any::<Index>().prop_map(Scratch::Cut),
        1 => (any::<Index>(), "[\"{}:,0-9a \\\\]{1,6}").prop_map(|(place, text)| Scratch::Insert(place, text)),
    ]
}

fn key_at(map: &Map<String, Value>, place: prop::sample::Index) -> Option<String> {
    (!map.is_empty()).then(|| map.keys().nth(place.index(map.len())).unwrap().clone())
}

fn apply(kit: &Kit, answer: &mut Value, change: &Change) {
    let named = [&[kit.state, kit.amount, kit.number, kit.merchant], kit.currency].concat();
    match change {
        Change::Set(place, value) => {
            let content = (kit.content)(answer);
            if let Some(name) = key_at(content, *place) {
                content.insert(name, value.clone());
            }
        }
        Change::SetNamed(place, value) => {
            (kit.content)(answer).insert(named[place.index(named.len())].to_owned(), value.clone());
        }
        Change::Remove(place) => {
            let content = (kit.content)(answer);
            if let Some(name) = key_at(content, *place) {
                content.remove(&name);
            }
        }
        Change::Outside(place, value) => {
            let envelope = answer.as_object_mut().unwrap();
            if let Some(name) = key_at(envelope, *place).filter(|name| !envelope[name].is_object()) {
                envelope.insert(name, value.clone());
            }
        }
        Change::Flatten => {
            let content = (kit.content)(answer).clone();
            let envelope = answer.as_object_mut().unwrap();
            envelope.retain(|_, value| !value.is_object());
            envelope.extend(content);
        }
        Change::Unseal => (kit.unseal)(answer),
    }
}

fn printed(answer: &Value, scratch: &Scratch) -> Vec<u8> {
    let mut body = answer.to_string().into_bytes();
    let length = body.len();
    match scratch {
        Scratch::None => {}
        Scratch::Flip(place, byte) => body[place.index(length)] ^= byte,
        Scratch::Cut(place) => body.truncate(place.index(length)),
        Scratch::Insert(place, text) => {
            let at = place.index(length);
            body.splice(at..at, text.bytes());
        }
    }
    body
}

/// What the suite itself reads in a body: text of a scalar, nothing for null and empty.
fn text(content: &Map<String, Value>, name: &str) -> Option<String> {
    let text = match content.get(name)? {
        Value::Null => return None,
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    Some(text).filter(|text| !text.is_empty())
}

/// Everything that must be true before money counts as received or a code is shown.
fn check(kit: &Kit, exchange: &Exchange, body: &[u8]) -> Result<(), TestCaseError> {
    let heard = kit.hear(exchange, body);
    let paid = heard.pays(exchange);
    if !paid && !matches!(heard, Heard::Created(_) | Heard::Close(_) | Heard::Report(_)) {
        return Ok(());
    }
    let mut answer: Value = serde_json::from_slice(body).expect("what has a meaning is JSON");
    prop_assert!((kit.sealed)(&answer), "believed without a right signature: {heard:?}");
    let content = (kit.content)(&mut answer).clone();
    let ours = |name: &str, expected: &str| text(&content, name).is_none_or(|text| text == expected);
    if paid {
        let state = text(&content, kit.state).unwrap_or_default();
        prop_assert!(kit.paid_words.contains(&state.as_str()), "{state}");
        prop_assert_eq!(text(&content, kit.number), Some(exchange.order_no.clone()));
        let amount = text(&content, kit.amount).unwrap_or_default();
        prop_assert_eq!(amount.parse(), Ok(exchange.amount_minor));
        prop_assert!(ours(kit.merchant, kit.our_merchant));
        for name in kit.currency {
            let word = text(&content, name);
            prop_assert!(word.is_none_or(|word| kit.currency_words.contains(&word.as_str())));
        }
    }
    if heard.shows_a_code() || matches!(heard, Heard::Close(_)) {
        prop_assert!(ours(kit.number, &exchange.order_no));
        prop_assert!(ours(kit.merchant, kit.our_merchant));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_mutated_answer_panics_or_is_believed_beyond_what_it_proves(
        gateway in any::<prop::sample::Index>(),
        place in any::<prop::sample::Index>(),
        changes in changes(),
        sealed_again in prop::bool::weighted(0.7),
        scratch in scratches(),
    ) {
        thread_local! {
            static EXCHANGES: Vec<(&'static Kit, Vec<Exchange>)> =
                KITS.into_iter().map(|kit| (kit, kit.exchanges())).collect();
        }
        EXCHANGES.with(|kits| {
            let (kit, exchanges) = &kits[gateway.index(kits.len())];
            let exchange = &exchanges[place.index(exchanges.len())];
            let mut answer = exchange.answer.clone();
            for change in &changes {
                apply(kit, &mut answer, change);
            }
            if sealed_again {
                (kit.seal)(&mut answer);
            }
            check(kit, exchange, &printed(&answer, &scratch))
        })?;
    }
}

#[test]
fn the_mutations_reach_both_sides() {
    let mut believed = 0;
    for kit in KITS {
        for exchange in kit.paid() {
            check(kit, &exchange, exchange.answer.to_string().as_bytes()).unwrap();
            believed += usize::from(kit.hear_value(&exchange, &exchange.answer).pays(&exchange));
        }
    }
    assert!(believed >= KITS.len());
}
