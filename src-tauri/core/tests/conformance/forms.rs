//! The form of answers: cut, not JSON, other statuses, doubled keys, other types, fields that nobody knows.

use crate::exchange::{Asked, Heard};
use crate::kit::KITS;
use crate::rules::{each, each_proof};
use serde_json::{Value, json};
use till_core::gateway::Unreadable;
use till_core::gateway::call::HttpAnswer;

#[test]
fn an_answer_cut_at_any_byte_is_unreadable() {
    each(|kit, exchange| {
        let whole = kit.reply(&exchange.answer);
        for end in 0..whole.body.len() {
            let cut = HttpAnswer { body: whole.body[..end].to_vec(), ..whole.clone() };
            let heard = kit.hear_answer(exchange, &cut);
            assert!(heard.is_unreadable(), "{} cut at {end}: {heard:?}", exchange.name);
        }
    });
}

#[test]
fn pages_empty_bodies_and_other_statuses_are_unreadable() {
    each(|kit, exchange| {
        let pages: [&[u8]; 8] = [
            b"",
            b" \r\n",
            b"<!DOCTYPE html><html><body><h1>502 Bad Gateway</h1></body></html>",
            b"success",
            b"null",
            b"[]",
            b"{}",
            b"\xff\xfe{\x00}\x00",
        ];
        for page in pages {
            let heard = kit.hear_answer(exchange, &kit.sent(page.to_vec()));
            assert!(heard.is_unreadable(), "{}: {heard:?}", exchange.name);
        }
        let reply = kit.reply(&exchange.answer);
        for status in [201, 204, 301, 302, 400, 403, 404, 429, 500, 502, 503, 504] {
            let heard = kit.hear_answer(exchange, &HttpAnswer { status, ..reply.clone() });
            assert_eq!(heard, Heard::Nothing(Unreadable::Status(status)), "{}", exchange.name);
        }
        let doubled = [reply.body.clone(), reply.body].concat();
        assert!(kit.hear_answer(exchange, &kit.sent(doubled)).is_unreadable(), "{}", exchange.name);
    });
}

#[test]
fn amounts_that_are_not_plain_digits_are_never_read() {
    each_proof(|kit, exchange| {
        let (minor, amount) = (exchange.amount_minor, kit.fields(exchange.asked).amount);
        for odd in [
            json!(format!("{minor}.00")),
            json!(format!("+{minor}")),
            json!(format!("-{minor}")),
            json!(format!(" {minor}")),
            json!(format!("{minor} ")),
            json!(format!("{minor}e0")),
            json!(format!("0x{minor}")),
            json!("99999999999999999999999"),
            json!(-minor),
            json!([minor]),
            json!({ "minor": minor }),
            json!(true),
        ] {
            let heard = kit.hear_with(exchange, amount, Some(odd.clone()));
            assert_eq!(heard, Heard::Nothing(Unreadable::BadField(amount.into())), "{}: {odd}", exchange.name);
        }
    });
}

#[test]
fn numbers_may_be_strings_and_strings_numbers() {
    let swapped_somewhere = std::cell::RefCell::new(Vec::new());
    each(|kit, exchange| {
        let before = kit.hear_signed(exchange, &exchange.answer);
        let swapped = swap(&exchange.answer);
        if swapped != exchange.answer {
            swapped_somewhere.borrow_mut().push(kit.gateway);
        }
        assert_eq!(kit.hear_signed(exchange, &swapped), before, "{}", exchange.name);
    });
    for kit in KITS {
        assert!(swapped_somewhere.borrow().contains(&kit.gateway), "{}", kit.gateway);
    }
}

/// Every integer as a string, every string of plain digits as a number, at every level.
pub(crate) fn swap(value: &Value) -> Value {
    match value {
        Value::Number(number) if number.is_i64() => json!(number.to_string()),
        Value::String(text) => match text.parse::<i64>() {
            Ok(number) if number.to_string() == *text => json!(number),
            _ => value.clone(),
        },
        Value::Object(map) => map.iter().map(|(name, inner)| (name.clone(), swap(inner))).collect(),
        other => other.clone(),
    }
}

#[test]
fn unknown_fields_change_nothing() {
    each(|kit, exchange| {
        let before = kit.hear_signed(exchange, &exchange.answer);
        for unknown in [json!("x"), json!(7), json!(true), json!(null), json!(""), json!({"total_fee": 9}), json!([1])]
        {
            let heard = kit.hear_with(exchange, "zz_unknown", Some(unknown.clone()));
            assert_eq!(heard, before, "{}: {unknown} in the content", exchange.name);
            let mut answer = exchange.answer.clone();
            answer["zz_unknown"] = unknown.clone();
            assert_eq!(kit.hear_signed(exchange, &answer), before, "{}: {unknown} outside", exchange.name);
        }
    });
}

#[test]
fn a_key_that_stands_twice_makes_an_answer_unreadable() {
    each(|kit, exchange| {
        let signed: Value = serde_json::from_slice(&kit.reply(&exchange.answer).body).unwrap();
        let whole = signed.to_string();
        let content = Value::Object((kit.content)(&mut signed.clone()).clone());
        let inner = content.to_string();
        for object in [&signed, &content] {
            let printed = object.to_string();
            for (name, value) in object.as_object().unwrap() {
                for twin in [value.clone(), json!("other"), Value::Null] {
                    let doubled = format!("{{{}:{twin},{}", json!(name), &printed[1..]);
                    let text = if printed == whole { doubled } else { whole.replacen(&inner, &doubled, 1) };
                    assert!(text.len() > whole.len());
                    let heard = kit.hear_answer(exchange, &kit.sent(text.into_bytes()));
                    assert_eq!(heard, Heard::Nothing(Unreadable::DuplicatedKey), "{}: {name}", exchange.name);
                }
            }
        }
    });
}

#[test]
fn an_error_code_ends_and_proves_nothing_whatever_stands_beside_it() {
    for kit in KITS {
        let exchanges = kit.exchanges();
        let errors: Vec<_> = exchanges.iter().filter(|exchange| exchange.means.get("says").is_some()).collect();
        for error in errors {
            for proof in exchanges.iter().filter(|exchange| exchange.proves() && exchange.asked == error.asked) {
                let mut answer = error.answer.clone();
                let content = (kit.content)(&mut proof.answer.clone()).clone();
                (kit.content)(&mut answer).extend(content);
                let envelope_fine = (kit.fine)(proof.asked, &answer);
                let heard = kit.hear_signed(proof, &answer);
                assert!(envelope_fine || heard.believes_nothing(), "{} beside {}", proof.name, error.name);
            }
        }
        let closes = exchanges.iter().filter(|exchange| exchange.asked == Asked::Close);
        assert!(closes.into_iter().all(|exchange| !exchange.proves()));
    }
}
