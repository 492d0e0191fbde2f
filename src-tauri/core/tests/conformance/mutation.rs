//! Answers as an opponent, a broken proxy or a careless gateway would make them: for every exchange of every kit.
//!
//! Cases are counted per gateway and operation, over all exchanges of it: 20,000 of each, 360,000 in all; `make fuzz` tries
//! a million of each. Chance begins with `PROPTEST_RNG_SEED`, as for every property, else with a number of the run's own;
//! a failure says which, so that it can be had again.

use crate::exchange::{Asked, Awaiting, Exchange, Heard};
use crate::kit::{KITS, Kit, Seal, Unsigned};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::strategy::ValueTree;
use proptest::test_runner::{RngSeed, TestError, TestRng, TestRunner};
use serde_json::{Map, Value, json};
use std::cell::Cell;
use till_core::gateway::call::HttpAnswer;
use till_core::gateway::{CloseOutcome, ReverseOutcome};
use till_core::order::State;
use till_core::order::report::{TradeReport, TradeState};

/// Cases of each operation of each gateway, unless `TILL_CASES` says how many.
const CASES: usize = 20_000;

/// Gateways whose documents promise neither number nor amount beside a refund (rulings 3 and 5; 000:296). Everywhere else it books
/// no payment without them.
const BARE_REFUNDS: [&str; 1] = ["pooul"];

/// What the suite's own reader says of a number that is larger than any float.
const BEYOND_A_FLOAT: &str = "number out of range";

/// One change of an answer.
#[derive(Debug, Clone)]
enum Change {
    /// A field of the content, by its place among all of them, becomes this.
    Set(Index, Value),
    /// A field that the suite knows to matter becomes this.
    SetNamed(Index, Value),
    /// A field that matters takes the value of another field.
    Copy(Index, Index),
    Remove(Index),
    /// A field of the envelope becomes this.
    Outside(Index, Value),
    RemoveOutside(Index),
    /// A field becomes a text of so many thousand letters.
    Huge(Index, u16),
    /// The answer loses its shell: its content moves outside.
    Flatten,
    /// The content is wrapped into its own text, as careless gateways do.
    Enclose,
    Unseal,
}

/// A change of the printed answer.
#[derive(Debug, Clone)]
enum Scratch {
    None,
    Flip(Index, u8),
    Cut(Index),
    Insert(Index, String),
    /// A key of the printed answer stands twice.
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

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let change = prop_oneof![
        4 => (any::<Index>(), values()).prop_map(|(place, value)| Change::Set(place, value)),
        6 => (any::<Index>(), values()).prop_map(|(place, value)| Change::SetNamed(place, value)),
        1 => (any::<Index>(), any::<Index>()).prop_map(|(to, from)| Change::Copy(to, from)),
        2 => any::<Index>().prop_map(Change::Remove),
        2 => (any::<Index>(), values()).prop_map(|(place, value)| Change::Outside(place, value)),
        1 => any::<Index>().prop_map(Change::RemoveOutside),
        1 => (any::<Index>(), 0u16..4).prop_map(|(place, thousands)| Change::Huge(place, thousands)),
        1 => Just(Change::Flatten),
        1 => Just(Change::Enclose),
        1 => Just(Change::Unseal),
    ];
    prop::collection::vec(change, 0..4)
}

fn scratches() -> impl Strategy<Value = Scratch> {
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

fn apply(kit: &Kit, asked: Asked, answer: &mut Value, change: &Change) {
    let names = kit.names(asked);
    let content = (kit.content)(answer);
    match change {
        Change::Set(place, value) => {
            if let Some(name) = key_at(content, *place) {
                content.insert(name, value.clone());
            }
        }
        Change::SetNamed(place, value) => {
            content.insert(names[place.index(names.len())].to_owned(), value.clone());
        }
        Change::Copy(to, from) => {
            if let Some(value) = key_at(content, *from).map(|name| content[&name].clone()) {
                content.insert(names[to.index(names.len())].to_owned(), value);
            }
        }
        Change::Remove(place) => {
            if let Some(name) = key_at(content, *place) {
                content.remove(&name);
            }
        }
        Change::Huge(place, thousands) => {
            content
                .insert(names[place.index(names.len())].to_owned(), json!("9".repeat(usize::from(*thousands) * 1_000)));
        }
        Change::Outside(place, value) => {
            let envelope = answer.as_object_mut().unwrap();
            if let Some(name) = key_at(envelope, *place).filter(|name| !envelope[name].is_object()) {
                envelope.insert(name, value.clone());
            }
        }
        Change::RemoveOutside(place) => {
            let envelope = answer.as_object_mut().unwrap();
            if let Some(name) = key_at(envelope, *place).filter(|name| !envelope[name].is_object()) {
                envelope.remove(&name);
            }
        }
        Change::Flatten => {
            let content = content.clone();
            let envelope = answer.as_object_mut().unwrap();
            envelope.retain(|_, value| !value.is_object());
            envelope.extend(content);
        }
        Change::Enclose => {
            let envelope = answer.as_object_mut().unwrap();
            for value in envelope.values_mut().filter(|value| value.is_object()) {
                *value = json!(value.to_string());
            }
        }
        // A header is left out where the answer is sent.
        Change::Unseal => {
            if let Seal::Field { take, .. } = kit.seal {
                take(answer);
            }
        }
    }
}

/// Where every key of a printed answer stands, and how it is printed: a text that a colon follows.
fn keys_in(text: &str) -> Vec<(usize, String)> {
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

fn scratched(mut body: Vec<u8>, scratch: &Scratch) -> Vec<u8> {
    let length = body.len();
    match scratch {
        Scratch::None => {}
        Scratch::Flip(place, byte) => body[place.index(length)] ^= byte,
        Scratch::Cut(place) => body.truncate(place.index(length)),
        Scratch::Insert(place, text) => {
            let at = place.index(length);
            body.splice(at..at, text.bytes());
        }
        Scratch::Double(place, value) => {
            let text = String::from_utf8(body).unwrap();
            let keys = keys_in(&text);
            body = if keys.is_empty() {
                text.into_bytes()
            } else {
                let (at, name) = &keys[place.index(keys.len())];
                format!("{}{name}:{value},{}", &text[..*at], &text[*at..]).into_bytes()
            };
        }
        Scratch::Utf16 => {
            body = String::from_utf8(body).unwrap().encode_utf16().flat_map(u16::to_le_bytes).collect();
        }
        Scratch::Latin1 => {
            body = String::from_utf8(body).unwrap().chars().map(|c| u8::try_from(c as u32).unwrap_or(0xb2)).collect();
        }
    }
    body
}

/// The answer that a case makes of the signed one to such a call.
fn mutated(
    kit: &Kit,
    asked: Asked,
    before: &HttpAnswer,
    changes: &[Change],
    signed_again: bool,
    scratch: &Scratch,
) -> HttpAnswer {
    let mut answer: Value = serde_json::from_slice(&before.body).unwrap();
    for change in changes {
        apply(kit, asked, &mut answer, change);
    }
    let unsealed = changes.iter().any(|change| matches!(change, Change::Unseal));
    let printed = if signed_again { kit.printed(&answer) } else { answer.to_string().into_bytes() };
    let body = scratched(printed, scratch);
    let authorization = if signed_again {
        // The header goes over what really is sent.
        kit.header(&body)
    } else {
        before.authorization.clone().filter(|_| !unsealed)
    };
    HttpAnswer { body, authorization, ..before.clone() }
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

/// What the answer makes of an order that awaits its payment: nothing that is another's books a payment or is its end, and a
/// payment is booked by nothing that lacks what counts.
fn check_decided(
    kit: &Kit,
    exchange: &Exchange,
    awaiting: &Awaiting,
    report: &TradeReport,
    content: &Map<String, Value>,
) -> Result<(), TestCaseError> {
    let (fields, order) = (&kit.trade, awaiting.hearing(report).order);
    let booked = order.payment.is_some();
    prop_assert!(booked == (order.state == State::Paid), "{:?}: {report:?}", order.state);
    if !booked && order.end.is_none() {
        return Ok(());
    }
    let number = text(content, fields.number).map(|number| number == exchange.order_no);
    let amount = text(content, fields.amount).map(|amount| amount.parse::<i64>() == Ok(exchange.amount_minor));
    let merchant = text(content, fields.merchant).map(|merchant| merchant == kit.our_merchant);
    let anothers = [number, amount, merchant].contains(&Some(false));
    prop_assert!(!anothers, "{:?} by another's: {report:?}", order.state);
    if booked {
        let bare = report.state == TradeState::Refunded && BARE_REFUNDS.contains(&kit.gateway);
        prop_assert!(bare || (number.is_some() && amount.is_some()), "booked without number or amount: {report:?}");
        for name in fields.currency {
            let word = text(content, name);
            prop_assert!(word.is_none_or(|word| fields.currency_words.contains(&word.as_str())), "{report:?}");
        }
    }
    Ok(())
}

/// Everything that must be true before money counts as received or given back, a code is shown, or an order ends.
fn check(kit: &Kit, exchange: &Exchange, awaiting: &Awaiting, reply: &HttpAnswer) -> Result<(), TestCaseError> {
    let heard = kit.hear_answer(exchange, reply);
    if heard.believes_nothing() {
        return Ok(());
    }
    let body = reply.body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&reply.body);
    let mut answer: Value = match serde_json::from_slice(body) {
        Ok(answer) => answer,
        // Core keeps numbers as text; this reader of the suite makes floats of them and has no room for 1e999.
        Err(why) if why.to_string().starts_with(BEYOND_A_FLOAT) => return Ok(()),
        Err(why) => panic!("what has a meaning is JSON: {why}"),
    };
    let signed = kit.signed(&HttpAnswer { body: body.to_vec(), ..reply.clone() });
    match kit.unsigned {
        Unsigned::Refused => prop_assert_eq!(signed, Some(true), "believed without a right signature: {:?}", heard),
        Unsigned::Accepted(_) => prop_assert_ne!(signed, Some(false), "believed with a wrong signature: {:?}", heard),
    }
    prop_assert!((kit.fine)(exchange.asked, &answer), "believed although the envelope names an error: {heard:?}");
    let fields = kit.fields(exchange.asked);
    let content = (kit.content)(&mut answer).clone();
    let ours = |name: &str, expected: &str| text(&content, name).is_none_or(|text| text == expected);
    let (our_number, order) = match heard {
        Heard::Refund(_) => (&exchange.refund_no, fields.order),
        _ => (&exchange.order_no, None),
    };
    if heard.proves(exchange) {
        let state = fields.state.iter().find_map(|name| text(&content, name)).unwrap_or_default();
        prop_assert!(fields.proving_words.contains(&state.as_str()), "{state}");
        prop_assert_eq!(text(&content, fields.number), Some(our_number.clone()));
        let amount = text(&content, fields.amount).map(|amount| amount.parse());
        let unstated = amount.is_none() && matches!(heard, Heard::Refund(_));
        prop_assert!(unstated || amount == Some(Ok(exchange.amount_minor)), "{:?}", amount);
        prop_assert!(order.is_none_or(|name| ours(name, &exchange.order_no)));
        prop_assert!(ours(fields.merchant, kit.our_merchant));
        for name in fields.currency {
            let word = text(&content, name);
            prop_assert!(word.is_none_or(|word| fields.currency_words.contains(&word.as_str())));
        }
    }
    // A look speaks of an order that nobody here knows yet.
    if let Some(report) = heard.report().filter(|_| exchange.asked != Asked::Look) {
        check_decided(kit, exchange, awaiting, report, &content)?;
    }
    if let Heard::Close(CloseOutcome::Closed | CloseOutcome::AlreadyClosed) | Heard::Reverse(ReverseOutcome::Reversed) =
        heard
    {
        let end = kit.ends.iter().find(|end| end.asked == exchange.asked).expect("the kit knows how an order ends");
        let status = end.status.iter().find_map(|name| text(&content, name)).unwrap_or_default();
        prop_assert!(end.words.contains(&status.as_str()), "ended although it says {status:?}: {heard:?}");
        let refused = end.refusal.and_then(|name| text(&content, name)).filter(|word| word != "0");
        prop_assert_eq!(refused, None, "ended although it was refused");
    }
    // Ruling 6. A look tells of an order that nobody here knows yet.
    if heard.gateway_no().is_some() && exchange.asked != Asked::Look {
        prop_assert_eq!(text(&content, fields.number), Some(exchange.order_no.clone()), "adopted: {:?}", heard);
    }
    if heard.shows_a_code() || matches!(heard, Heard::Close(_) | Heard::Reverse(_)) {
        prop_assert!(ours(fields.number, &exchange.order_no));
        if exchange.asked != Asked::Create || kit.foreign_merchant_in_create.is_none() {
            prop_assert!(ours(fields.merchant, kit.our_merchant));
        }
    }
    if heard.shows_a_code() {
        let amount = text(&content, fields.amount).map(|amount| amount.parse());
        prop_assert!(amount.is_none() || amount == Some(Ok(exchange.amount_minor)), "{:?}", amount);
        for name in fields.currency {
            let word = text(&content, name);
            prop_assert!(word.is_none_or(|word| fields.currency_words.contains(&word.as_str())));
        }
    }
    Ok(())
}

/// One exchange, how often it is changed, and the chance by which, which began with the seed.
struct Trial {
    kit: &'static Kit,
    exchange: Exchange,
    config: ProptestConfig,
    chance: TestRng,
    seed: u64,
}

impl Trial {
    fn run(self) {
        let Self { kit, exchange, config, chance, seed } = self;
        let (before, awaiting) = (kit.reply(&exchange.answer), kit.awaiting(&exchange));
        let (cases, cases_run) = (config.cases, Cell::new(0_u32));
        let tried = TestRunner::new_with_rng(config, chance).run(
            &(changes(), prop::bool::weighted(0.7), scratches()),
            |(changes, signed_again, scratch)| {
                cases_run.set(cases_run.get() + 1);
                let reply = mutated(kit, exchange.asked, &before, &changes, signed_again, &scratch);
                check(kit, &exchange, &awaiting, &reply)
            },
        );
        if let Err(TestError::Fail(why, case)) = &tried {
            panic!("{}: {why}\n{case:#?}\nwith PROPTEST_RNG_SEED={seed}", exchange.name);
        }
        tried.unwrap();
        assert_eq!(cases_run.get(), cases, "{}", exchange.name);
    }
}

/// What the chance of a run begins with.
fn seed() -> u64 {
    match ProptestConfig::default().rng_seed {
        RngSeed::Fixed(seed) => seed,
        RngSeed::Random => {
            let mut bytes = [0; 8];
            aws_lc_rs::rand::fill(&mut bytes).unwrap();
            u64::from_le_bytes(bytes)
        }
    }
}

/// `cases` for each operation of each gateway, shared among its exchanges.
fn trials(cases: usize, seed: u64) -> Vec<Trial> {
    // One seed, and each exchange is still changed in other ways.
    let mut seeds = TestRunner::new(ProptestConfig { rng_seed: RngSeed::Fixed(seed), ..ProptestConfig::default() });
    let mut trials = Vec::new();
    for kit in KITS {
        let exchanges = kit.exchanges();
        for exchange in &exchanges {
            let alike = exchanges.iter().filter(|other| other.asked == exchange.asked).count();
            let cases = u32::try_from(cases.div_ceil(alike)).unwrap();
            let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
            trials.push(Trial { kit, exchange: exchange.clone(), config, chance: seeds.new_rng(), seed });
        }
    }
    trials
}

#[test]
fn no_mutated_answer_panics_or_is_believed_beyond_what_it_proves() {
    let wanted = std::env::var("TILL_CASES").ok().map(|cases| cases.parse().expect("TILL_CASES is a number"));
    // On two cores: every other one elsewhere.
    let (mut here, mut there) = (Vec::new(), Vec::new());
    for (place, trial) in trials(wanted.unwrap_or(CASES), seed()).into_iter().enumerate() {
        if place % 2 == 0 { here.push(trial) } else { there.push(trial) }
    }
    std::thread::scope(|scope| {
        let others = scope.spawn(|| there.into_iter().for_each(Trial::run));
        here.into_iter().for_each(Trial::run);
        others.join().unwrap();
    });
}

#[test]
fn a_seed_makes_the_same_changes_again_and_others_for_every_exchange() {
    let first = |seed: u64| -> Vec<String> {
        let drawn = |trial: Trial| {
            let mut runner = TestRunner::new_with_rng(trial.config, trial.chance);
            let eight = prop::collection::vec(changes(), 8).new_tree(&mut runner).unwrap();
            format!("{:?}", eight.current())
        };
        trials(1, seed).into_iter().map(drawn).collect()
    };
    let of_seven = first(7);
    assert_eq!(of_seven, first(7));
    assert_ne!(of_seven, first(8));
    let different: std::collections::BTreeSet<&String> = of_seven.iter().collect();
    assert_eq!(different.len(), of_seven.len());
}

#[test]
fn a_doubled_key_may_be_any_that_an_answer_prints() {
    assert_eq!(keys_in(r#"{"a":"b\":{","c":[{"d":"e:"}]}"#).iter().map(|(at, _)| *at).collect::<Vec<_>>(), [1, 13, 19]);
    for kit in KITS {
        for exchange in kit.proofs() {
            let printed = String::from_utf8(kit.reply(&exchange.answer).body).unwrap();
            let names: Vec<String> = keys_in(&printed).into_iter().map(|(_, name)| name.replace('"', "")).collect();
            let fields = kit.fields(exchange.asked);
            let is_there = |name: &&str| printed.contains(&format!("\"{name}\":"));
            for name in fields.names().into_iter().filter(is_there) {
                assert!(names.iter().any(|key| key == name), "{}: {name}", exchange.name);
            }
            assert!(fields.state.iter().any(|name| names.iter().any(|key| key == name)), "{}", exchange.name);
        }
    }
}

#[test]
fn the_mutations_reach_both_sides() {
    for kit in KITS {
        let proofs = kit.proofs();
        for exchange in &proofs {
            let before = kit.reply(&exchange.answer);
            let whole = mutated(kit, exchange.asked, &before, &[], true, &Scratch::None);
            check(kit, exchange, &kit.awaiting(exchange), &whole).unwrap();
            assert!(kit.hear_answer(exchange, &whole).proves(exchange), "{}", exchange.name);
        }
        assert!(!proofs.is_empty(), "{}", kit.gateway);
    }
}

#[test]
fn a_number_beyond_any_float_is_text_like_any_other() {
    let why = serde_json::from_str::<Value>(r#"{"zz_unknown":1e999}"#).unwrap_err();
    assert!(why.to_string().starts_with(BEYOND_A_FLOAT), "{why}");
    for kit in KITS.into_iter().filter(|kit| matches!(kit.seal, Seal::Header { .. })) {
        for exchange in kit.proofs() {
            let body = exchange.answer.to_string().replacen('{', r#"{"zz_unknown":1e999,"#, 1);
            let reply = kit.sent(body.into_bytes());
            assert!(kit.hear_answer(&exchange, &reply).proves(&exchange), "{}", exchange.name);
            check(kit, &exchange, &kit.awaiting(&exchange), &reply).unwrap();
        }
    }
}
