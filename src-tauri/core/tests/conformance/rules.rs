//! What holds for every gateway and every recorded exchange.

use crate::kit::{Asked, Exchange, Heard, KITS, Kit};
use serde_json::{Value, json};
use till_core::gateway::call::HttpAnswer;
use till_core::gateway::{REGISTRY, Unreadable};

fn each(check: impl Fn(&Kit, &Exchange)) {
    for kit in KITS {
        for exchange in kit.exchanges() {
            check(kit, &exchange);
        }
    }
}

#[test]
fn every_gateway_has_a_kit_with_every_kind_of_exchange() {
    for gateway in REGISTRY {
        let name = gateway.descriptor().name;
        let kit = KITS.into_iter().find(|kit| kit.gateway == name).unwrap_or_else(|| panic!("{name} has no kit"));
        let exchanges = kit.exchanges();
        let any = |wanted: &dyn Fn(&Exchange) -> bool| exchanges.iter().any(wanted);
        assert!(!kit.paid().is_empty(), "{name}: paid");
        assert!(any(&|exchange| exchange.means["state"] == "unpaid"), "{name}: unpaid");
        assert!(any(&|exchange| exchange.means["state"] == "closed"), "{name}: closed");
        for channel in gateway.descriptor().channels {
            let created =
                |exchange: &Exchange| exchange.asked == Asked::Create && exchange.channel.name == channel.name;
            assert!(any(&created), "{name}: a create through {}", channel.name);
        }
        assert_eq!(any(&|exchange| exchange.asked == Asked::Close), gateway.closing().is_some(), "{name}: close");
    }
}

#[test]
fn descriptors_are_whole() {
    for gateway in REGISTRY {
        let descriptor = gateway.descriptor();
        let (fields, channels) = (descriptor.fields, descriptor.channels);
        let mut labels = vec![descriptor.label];
        labels.extend(fields.iter().flat_map(|field| [Some(field.label), field.help]).flatten());
        labels.extend(channels.iter().flat_map(|channel| [Some(channel.label), channel.note]).flatten());
        labels.extend(channels.iter().flat_map(|channel| channel.fields).map(|field| field.label));
        for label in labels {
            for text in [label.zh_cn, label.zh_hk, label.en] {
                assert!(!text.trim().is_empty() && text.trim() == text, "{label:?}");
                assert!(!text.contains("  "), "{label:?}");
            }
            assert!(label.en.is_ascii(), "{label:?}");
        }
        let unique = |names: Vec<&str>| {
            let mut sorted = names.clone();
            sorted.sort_unstable();
            sorted.dedup();
            assert_eq!(sorted.len(), names.len(), "{names:?}");
        };
        unique(fields.iter().map(|field| field.name).collect());
        unique(channels.iter().map(|channel| channel.name).collect());
        for channel in channels {
            unique(channel.fields.iter().map(|field| field.name).collect());
            assert!(channel.limit_minor > 0);
            for field in channel.fields {
                let known = field.unless.is_none_or(|name| fields.iter().any(|field| field.name == name));
                assert!(known, "{} depends on a field of the account", field.name);
            }
        }
        assert!(descriptor.base_url.starts_with("https://") && !descriptor.base_url.ends_with('/'));
        assert_eq!(descriptor.close_floor_s.is_some(), gateway.closing().is_some());
        assert!(!descriptor.currencies.is_empty());
    }
}

#[test]
fn recorded_answers_mean_what_the_documents_say() {
    each(|kit, exchange| {
        let heard = kit.hear_value(exchange, &exchange.answer);
        let means = match &heard {
            Heard::Created(created) => json!({
                "link": created.link, "gateway_no": created.gateway_no, "pay_info": created.pay_info
            }),
            Heard::Report(report) => json!({
                "state": report.state, "gateway_no": report.gateway_no, "wallet_no": report.wallet_no,
                "paid_at": report.paid_at
            }),
            Heard::Close(outcome) => json!({ "close": outcome }),
            Heard::Says(_) | Heard::Nothing(_) => panic!("{}: {heard:?}", exchange.name),
        };
        assert_eq!(means, exchange.means, "{}", exchange.name);
        assert_eq!(heard.pays(exchange), exchange.means["state"] == "paid", "{}: {heard:?}", exchange.name);
        assert!(!heard.contradicts(exchange), "{}: {heard:?}", exchange.name);
    });
}

#[test]
fn a_wrong_or_missing_signature_makes_an_answer_unreadable() {
    each(|kit, exchange| {
        let mut unsigned = exchange.answer.clone();
        (kit.unseal)(&mut unsigned);
        assert_eq!(kit.hear_value(exchange, &unsigned), Heard::Nothing(Unreadable::Unsigned), "{}", exchange.name);
        // Every field of the content is covered: changing any of them without signing again is noticed.
        let names: Vec<String> = (kit.content)(&mut unsigned).keys().cloned().collect();
        for name in names {
            let mut changed = exchange.answer.clone();
            let content = (kit.content)(&mut changed);
            if content[&name].is_null() || content[&name].is_object() || content[&name] == "" {
                continue;
            }
            content.insert(name.clone(), json!("changed"));
            assert!(kit.hear_value(exchange, &changed).believes_nothing(), "{}: {name} changed", exchange.name);
            (kit.content)(&mut changed).remove(&name);
            assert!(kit.hear_value(exchange, &changed).believes_nothing(), "{}: {name} removed", exchange.name);
        }
        let mut added = exchange.answer.clone();
        (kit.content)(&mut added).insert("added".into(), json!("x"));
        assert!(kit.hear_value(exchange, &added).is_unreadable(), "{}: added", exchange.name);
    });
}

#[test]
fn an_answer_cut_at_any_byte_is_unreadable() {
    each(|kit, exchange| {
        let whole = exchange.answer.to_string();
        for end in 0..whole.len() {
            let heard = kit.hear(exchange, &whole.as_bytes()[..end]);
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
            let heard = kit.hear(exchange, page);
            assert!(heard.is_unreadable(), "{}: {heard:?}", exchange.name);
        }
        for status in [201, 204, 301, 302, 400, 403, 404, 429, 500, 502, 503, 504] {
            let body = exchange.answer.to_string().into_bytes();
            let answer = HttpAnswer { status, body, date: None, retry_after: None, authorization: None };
            let heard = kit.hear_answer(exchange, &answer);
            assert_eq!(heard, Heard::Nothing(Unreadable::Status(status)), "{}", exchange.name);
        }
        let doubled = format!("{0}{0}", exchange.answer);
        assert!(kit.hear(exchange, doubled.as_bytes()).is_unreadable(), "{}", exchange.name);
    });
}

#[test]
fn a_payment_of_another_amount_number_merchant_or_currency_is_an_authentic_contradiction() {
    for kit in KITS {
        for exchange in kit.paid() {
            let other_amount = json!(exchange.amount_minor + 1);
            for (name, value) in [
                (kit.amount, other_amount.clone()),
                (kit.amount, json!(other_amount.to_string())),
                (kit.amount, json!(exchange.amount_minor * 100)),
                (kit.amount, json!(0)),
                (kit.number, json!("TK00000000000000000000000001")),
                (kit.number, json!(exchange.order_no.to_lowercase() + "x")),
                (kit.number, json!(1)),
                (kit.merchant, json!("5938000000000000000000ff")),
            ]
            .into_iter()
            .chain(
                kit.currency.iter().flat_map(|name| [(*name, json!("HKD")), (*name, json!("USD")), (*name, json!(2))]),
            ) {
                let heard = kit.hear_value(&exchange, &kit.with(&exchange, name, Some(value.clone())));
                assert!(!heard.pays(&exchange), "{}: {name} {value}", exchange.name);
                assert!(heard.contradicts(&exchange), "{}: {name} {value}: {heard:?}", exchange.name);
            }
        }
    }
}

#[test]
fn a_create_answer_about_something_else_shows_no_code() {
    each(|kit, exchange| {
        if exchange.asked != Asked::Create {
            return;
        }
        for (name, value) in [
            (kit.number, json!("TK00000000000000000000000001")),
            (kit.merchant, json!("5938000000000000000000ff")),
            (kit.amount, json!(exchange.amount_minor + 1)),
            (kit.amount, json!("1.00")),
        ] {
            let heard = kit.hear_value(exchange, &kit.with(exchange, name, Some(value)));
            assert_eq!(heard, Heard::Nothing(Unreadable::BadField(name.into())), "{}", exchange.name);
        }
    });
}

#[test]
fn a_payment_without_number_amount_or_state_is_not_one() {
    for kit in KITS {
        for exchange in kit.paid() {
            for nothing in [None, Some(Value::Null), Some(json!(""))] {
                for name in [kit.number, kit.amount, kit.state] {
                    let heard = kit.hear_value(&exchange, &kit.with(&exchange, name, nothing.clone()));
                    assert!(!heard.pays(&exchange), "{}: {name} {nothing:?}", exchange.name);
                    assert!(!heard.contradicts(&exchange), "{}: {name} {nothing:?}", exchange.name);
                    if name == kit.state {
                        assert_eq!(heard, Heard::Nothing(Unreadable::NoState), "{}", exchange.name);
                    }
                }
                // What an answer need not state does not stand in the way.
                for name in kit.currency.iter().chain([&kit.merchant]) {
                    let heard = kit.hear_value(&exchange, &kit.with(&exchange, name, nothing.clone()));
                    assert!(heard.pays(&exchange), "{}: {name} {nothing:?}", exchange.name);
                }
            }
        }
    }
}

#[test]
fn words_that_no_document_knows_end_nothing() {
    for kit in KITS {
        for exchange in kit.paid() {
            for word in kit.strange_words {
                let heard = kit.hear_value(&exchange, &kit.with(&exchange, kit.state, Some(json!(word))));
                assert_eq!(heard, Heard::Nothing(Unreadable::UnknownWord((*word).into())), "{}", exchange.name);
            }
            for odd in [json!({"state": 0}), json!([0]), json!(true), json!(false), json!(0.0)] {
                let heard = kit.hear_value(&exchange, &kit.with(&exchange, kit.state, Some(odd.clone())));
                assert!(heard.is_unreadable(), "{}: {odd}", exchange.name);
            }
        }
    }
}

#[test]
fn amounts_that_are_not_plain_digits_are_never_read() {
    for kit in KITS {
        for exchange in kit.paid() {
            let minor = exchange.amount_minor;
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
                let heard = kit.hear_value(&exchange, &kit.with(&exchange, kit.amount, Some(odd.clone())));
                assert_eq!(heard, Heard::Nothing(Unreadable::BadField(kit.amount.into())), "{}: {odd}", exchange.name);
            }
        }
    }
}

#[test]
fn numbers_may_be_strings_and_strings_numbers() {
    each(|kit, exchange| {
        let before = kit.hear_value(exchange, &exchange.answer);
        let swapped = swap(&exchange.answer);
        assert_ne!(swapped, exchange.answer, "{}", exchange.name);
        assert_eq!(kit.hear_value(exchange, &swapped), before, "{}", exchange.name);
    });
}

/// Every integer as a string, every string of plain digits as a number, at every level.
fn swap(value: &Value) -> Value {
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
        let before = kit.hear_value(exchange, &exchange.answer);
        for unknown in [json!("x"), json!(7), json!(true), json!(null), json!(""), json!({"total_fee": 9}), json!([1])]
        {
            let answer = kit.with(exchange, "zz_unknown", Some(unknown.clone()));
            assert_eq!(kit.hear_value(exchange, &answer), before, "{}: {unknown} in the content", exchange.name);
            let mut answer = exchange.answer.clone();
            answer["zz_unknown"] = unknown.clone();
            (kit.seal)(&mut answer);
            assert_eq!(kit.hear_value(exchange, &answer), before, "{}: {unknown} outside", exchange.name);
        }
    });
}

#[test]
fn a_key_that_stands_twice_makes_an_answer_unreadable() {
    each(|kit, exchange| {
        let whole = exchange.answer.to_string();
        let content = Value::Object((kit.content)(&mut exchange.answer.clone()).clone());
        let inner = content.to_string();
        for object in [&exchange.answer, &content] {
            let printed = object.to_string();
            for (name, value) in object.as_object().unwrap() {
                for twin in [value.clone(), json!("other"), Value::Null] {
                    let doubled = format!("{{{}:{twin},{}", json!(name), &printed[1..]);
                    let text = if printed == whole { doubled } else { whole.replacen(&inner, &doubled, 1) };
                    assert!(text.len() > whole.len());
                    let heard = kit.hear(exchange, text.as_bytes());
                    assert_eq!(heard, Heard::Nothing(Unreadable::DuplicatedKey), "{}: {name}", exchange.name);
                }
            }
        }
    });
}

#[test]
fn an_answer_meant_for_another_call_pays_nothing() {
    for kit in KITS {
        let exchanges = kit.exchanges();
        for exchange in &exchanges {
            for other in exchanges.iter().filter(|other| other.asked != exchange.asked) {
                let asked = Exchange { asked: other.asked, ..exchange.clone() };
                let heard = kit.hear_value(&asked, &exchange.answer);
                let pretended = heard.pays(&asked) || matches!(heard, Heard::Close(_)) || heard.shows_a_code();
                assert!(!pretended, "{} as {:?}: {heard:?}", exchange.name, other.asked);
            }
        }
    }
}
