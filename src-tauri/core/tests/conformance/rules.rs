//! What may be believed: meanings, signatures, contradictions, and what is missing. For every gateway and exchange.

use crate::exchange::{Asked, Exchange, Heard};
use crate::kit::{KITS, Kit, Unsigned};
use serde_json::{Value, json};
use till_core::gateway::Unreadable;
use till_core::gateway::call::HttpAnswer;
use till_core::order::State;
use till_core::order::report::Signature;

/// Every exchange whose answer means something.
pub(crate) fn each(check: impl Fn(&Kit, &Exchange)) {
    for kit in KITS {
        for exchange in kit.exchanges().iter().filter(|exchange| exchange.speaks()) {
            check(kit, exchange);
        }
    }
}

/// Every exchange whose answer proves money.
pub(crate) fn each_proof(check: impl Fn(&Kit, &Exchange)) {
    for kit in KITS {
        kit.proofs().iter().for_each(|exchange| check(kit, exchange));
    }
}

#[test]
fn recorded_answers_mean_what_the_documents_say() {
    for kit in KITS {
        for exchange in kit.exchanges() {
            let heard = kit.hear_signed(&exchange, &exchange.answer);
            assert_eq!(heard.means(), exchange.means, "{}: {heard:?}", exchange.name);
            assert_eq!(heard.proves(&exchange), exchange.proves(), "{}: {heard:?}", exchange.name);
            assert!(!heard.contradicts(&exchange), "{}: {heard:?}", exchange.name);
        }
    }
}

#[test]
fn an_answer_without_a_signature_is_unreadable_unless_the_gateway_need_not_sign() {
    each(|kit, exchange| {
        let reply = kit.reply(&exchange.answer);
        let signed = kit.hear_answer(exchange, &reply);
        let bare = kit.hear_answer(exchange, &kit.bare(&reply));
        match kit.unsigned {
            Unsigned::Refused => assert_eq!(bare, Heard::Nothing(Unreadable::Unsigned), "{}", exchange.name),
            Unsigned::Accepted(why) => {
                let (bare, signed) = (bare.apart_from_signature(), signed.apart_from_signature());
                assert_eq!(bare, signed, "{}: {why}", exchange.name);
            }
        }
    });
}

#[test]
fn a_report_says_whether_a_signature_proves_it() {
    each(|kit, exchange| {
        let reply = kit.reply(&exchange.answer);
        let (signed, bare) = (kit.hear_answer(exchange, &reply), kit.hear_answer(exchange, &kit.bare(&reply)));
        let by = |heard: &Heard| heard.report().map(|report| report.signature);
        if kit.signed(&reply).is_some() {
            assert!(matches!(by(&signed), None | Some(Some(Signature::Verified))), "{}: {signed:?}", exchange.name);
        }
        assert!(matches!(by(&bare), None | Some(Some(Signature::Absent))), "{}: {bare:?}", exchange.name);
    });
}

#[test]
fn a_wrong_signature_makes_an_answer_unreadable() {
    each(|kit, exchange| {
        let reply = kit.reply(&exchange.answer);
        if kit.signed(&reply).is_none() {
            return;
        }
        let whole: Value = serde_json::from_slice(&reply.body).unwrap();
        let tampered = |changed: &Value| HttpAnswer { body: changed.to_string().into_bytes(), ..reply.clone() };
        // Every field of the content is covered: changing any of them without signing again is noticed.
        let names: Vec<String> = (kit.content)(&mut whole.clone()).keys().cloned().collect();
        for name in names {
            let mut changed = whole.clone();
            let content = (kit.content)(&mut changed);
            if content[&name].is_null()
                || content[&name].is_object()
                || content[&name].is_array()
                || content[&name] == ""
            {
                continue;
            }
            content.insert(name.clone(), json!("changed"));
            let heard = kit.hear_answer(exchange, &tampered(&changed));
            assert!(heard.believes_nothing(), "{}: {name} changed: {heard:?}", exchange.name);
            (kit.content)(&mut changed).remove(&name);
            // Where the signature itself is gone, the rule on unsigned answers holds.
            if kit.signed(&tampered(&changed)).is_some() {
                let heard = kit.hear_answer(exchange, &tampered(&changed));
                assert!(heard.believes_nothing(), "{}: {name} removed: {heard:?}", exchange.name);
            }
        }
        let mut added = whole.clone();
        (kit.content)(&mut added).insert("added".into(), json!("x"));
        let heard = kit.hear_answer(exchange, &tampered(&added));
        assert_eq!(heard, Heard::Nothing(Unreadable::WrongSignature), "{}: added", exchange.name);
    });
}

#[test]
fn money_of_another_amount_number_merchant_or_currency_is_an_authentic_contradiction() {
    each_proof(|kit, exchange| {
        let fields = kit.fields(exchange.asked);
        let minor = exchange.amount_minor;
        let mut odd: Vec<(&str, Value)> = vec![
            (fields.amount, json!(minor + 1)),
            (fields.amount, json!((minor + 1).to_string())),
            (fields.amount, json!(minor * 100)),
            (fields.amount, json!(0)),
            (fields.merchant, json!("5938000000000000000000ff")),
        ];
        for name in [Some(fields.number), fields.order].into_iter().flatten() {
            for number in [json!("TK00000000000000000000000001"), json!("another"), json!(1)] {
                odd.push((name, number));
            }
        }
        for name in fields.currency {
            odd.extend(["HKD", "CNY", "USD", "2"].map(|word| (*name, json!(word))));
        }
        for (name, value) in odd {
            if fields.currency.contains(&name)
                && value.as_str().is_some_and(|word| fields.currency_words.contains(&word))
            {
                continue;
            }
            let heard = kit.hear_with(exchange, name, Some(value.clone()));
            assert!(!heard.proves(exchange), "{}: {name} {value}: {heard:?}", exchange.name);
            // A look is then about nothing of ours; whoever asks after an order or a refund, or pays by a code, hears it.
            let kept = match (exchange.asked, &heard) {
                (Asked::Look, Heard::Nothing(_) | Heard::Says(_)) => true,
                // No order of ours stands beside a look: its amount is what the answer says.
                (Asked::Look, Heard::Adopted(adopted)) if name == fields.amount => adopted.amount.minor != minor,
                _ => heard.contradicts(exchange),
            };
            assert!(kept, "{}: {name} {value}: {heard:?}", exchange.name);
        }
    });
}

#[test]
fn an_answer_to_a_query_that_names_another_books_no_payment_and_ends_no_order() {
    each(|kit, exchange| {
        if exchange.asked != Asked::Query {
            return;
        }
        let awaiting = kit.awaiting(exchange);
        let settled = awaiting.hearing(&kit.hear_signed(exchange, &exchange.answer).into_report());
        if settled.paid_minor().is_none() && settled.order.end.is_none() {
            return;
        }
        for (name, other) in [
            (kit.trade.number, json!("TK00000000000000000000000001")),
            (kit.trade.amount, json!(exchange.amount_minor + 1)),
            (kit.trade.merchant, json!("5938000000000000000000ff")),
        ] {
            let after = awaiting.hearing(&kit.hear_with(exchange, name, Some(other)).into_report());
            assert_eq!(after.order.state, State::Disputed, "{}: {name}", exchange.name);
            assert!(after.paid_minor().is_none() && after.order.end.is_none(), "{}: {name}", exchange.name);
        }
    });
}

#[test]
fn a_create_answer_about_something_else_shows_no_code() {
    each(|kit, exchange| {
        if exchange.asked != Asked::Create {
            return;
        }
        let fields = kit.fields(exchange.asked);
        for (name, value) in [
            (fields.number, json!("TK00000000000000000000000001")),
            (fields.amount, json!(exchange.amount_minor + 1)),
            (fields.amount, json!("1.00")),
        ] {
            let heard = kit.hear_with(exchange, name, Some(value.clone()));
            let report = heard.report().is_some_and(|_| heard.contradicts(exchange));
            assert!(heard.believes_nothing() || report, "{}: {name} {value}: {heard:?}", exchange.name);
            assert!(!heard.shows_a_code(), "{}: {name} {value}: {heard:?}", exchange.name);
        }
        for name in fields.currency {
            let heard = kit.hear_with(exchange, name, Some(json!("XTS")));
            assert!(!heard.shows_a_code() && !heard.pays(exchange), "{}: {name}: {heard:?}", exchange.name);
        }
        let heard = kit.hear_with(exchange, fields.merchant, Some(json!("5938000000000000000000ff")));
        let before = kit.hear_signed(exchange, &exchange.answer);
        match kit.foreign_merchant_in_create {
            Some(why) => assert_eq!(heard.shows_a_code(), before.shows_a_code(), "{}: {why}", exchange.name),
            None => assert!(heard.believes_nothing() || heard.contradicts(exchange), "{}: {heard:?}", exchange.name),
        }
        assert!(!heard.pays(exchange), "{}: {heard:?}", exchange.name);
    });
}

#[test]
fn ruling_6_a_number_of_the_gateway_is_adopted_only_from_an_answer_that_names_our_order() {
    each(|kit, exchange| {
        // A look asks for an order that nobody here knows yet: its answer tells both numbers.
        if !matches!(exchange.asked, Asked::Create | Asked::Query) {
            return;
        }
        let another = json!("TK00000000000000000000000001");
        for other in [None, Some(Value::Null), Some(json!("")), Some(another)] {
            let heard = kit.hear_with(exchange, kit.trade.number, other.clone());
            assert_eq!(heard.gateway_no(), None, "{}: {other:?}: {heard:?}", exchange.name);
        }
    });
}

#[test]
fn an_answer_to_a_close_or_a_reverse_of_another_order_counts_for_nothing() {
    each(|kit, exchange| {
        if !matches!(exchange.asked, Asked::Close | Asked::Reverse) {
            return;
        }
        let heard = kit.hear_with(exchange, kit.trade.number, Some(json!("TK00000000000000000000000001")));
        assert!(heard.believes_nothing(), "{}: {heard:?}", exchange.name);
    });
}

#[test]
fn money_without_number_amount_or_state_is_not_proved() {
    each_proof(|kit, exchange| {
        let fields = kit.fields(exchange.asked);
        let refund = kit.hear_signed(exchange, &exchange.answer).report().is_none();
        for nothing in [None, Some(Value::Null), Some(json!(""))] {
            // A refund's amount need not be stated: its number is ours alone, and so is its amount.
            let needed = [Some(fields.number), Some(fields.state()), Some(fields.amount).filter(|_| !refund)];
            for name in needed.into_iter().flatten() {
                let mut answer = kit.with(exchange, name, nothing.clone());
                // Other names of the state go with it.
                let others = fields.state.iter().filter(|other| name == fields.state() && **other != name);
                others.for_each(|other| drop((kit.content)(&mut answer).remove(*other)));
                let heard = kit.hear_signed(exchange, &answer);
                assert!(!heard.proves(exchange), "{}: {name} {nothing:?}: {heard:?}", exchange.name);
                assert!(!heard.contradicts(exchange), "{}: {name} {nothing:?}: {heard:?}", exchange.name);
                if name == fields.state() && matches!(exchange.asked, Asked::Query | Asked::RefundQuery) {
                    assert_eq!(heard, Heard::Nothing(Unreadable::NoState), "{}", exchange.name);
                }
            }
            // What an answer need not state does not stand in the way.
            for name in fields.currency.iter().chain(fields.order.as_ref()) {
                let heard = kit.hear_with(exchange, name, nothing.clone());
                assert!(heard.proves(exchange), "{}: {name} {nothing:?}: {heard:?}", exchange.name);
            }
            // A gateway whose document promises the merchant may insist on it.
            let heard = kit.hear_with(exchange, fields.merchant, nothing.clone());
            let insists = heard == Heard::Nothing(Unreadable::BadField(fields.merchant.into()));
            assert!(heard.proves(exchange) || insists, "{}: {nothing:?}: {heard:?}", exchange.name);
        }
    });
}

#[test]
fn words_that_no_document_knows_end_nothing() {
    each_proof(|kit, exchange| {
        let fields = kit.fields(exchange.asked);
        let asked = matches!(exchange.asked, Asked::Query | Asked::RefundQuery | Asked::Look);
        for word in fields.strange_words {
            let heard = kit.hear_with(exchange, fields.state(), Some(json!(word)));
            assert!(!heard.proves(exchange), "{}: {word}: {heard:?}", exchange.name);
            if asked {
                let unknown = Heard::Nothing(Unreadable::UnknownWord((*word).into()));
                assert_eq!(heard, unknown, "{}", exchange.name);
            }
        }
        for odd in [json!({"state": 0}), json!([0]), json!(true), json!(false), json!(0.0)] {
            let heard = kit.hear_with(exchange, fields.state(), Some(odd.clone()));
            assert!(!heard.proves(exchange), "{}: {odd}: {heard:?}", exchange.name);
            assert!(!asked || heard.is_unreadable(), "{}: {odd}: {heard:?}", exchange.name);
        }
    });
}

#[test]
fn an_answer_meant_for_another_call_proves_nothing() {
    for kit in KITS {
        let exchanges = kit.exchanges();
        let mut alike = vec![];
        for exchange in exchanges.iter().filter(|exchange| exchange.speaks()) {
            for other in exchanges.iter().filter(|other| other.asked.family() != exchange.asked.family()) {
                let meant = Exchange { asked: other.asked, refund_no: other.refund_no.clone(), ..exchange.clone() };
                let heard = kit.hear_signed(&meant, &exchange.answer);
                let known = kit.alike.iter().find(|(from, to, _)| (*from, *to) == (exchange.asked, other.asked));
                let ends = matches!(heard, Heard::Close(_) | Heard::Reverse(_) | Heard::Refund(_));
                if let Some((from, to, why)) = known {
                    assert!(!why.is_empty() && !heard.proves(&meant), "{}", exchange.name);
                    if ends {
                        alike.push((*from, *to));
                    }
                    continue;
                }
                let pretends = heard.proves(&meant) || ends || heard.shows_a_code();
                assert!(!pretends, "{} as {:?}: {heard:?}", exchange.name, other.asked);
            }
        }
        for (from, to, why) in kit.alike {
            assert!(alike.contains(&(*from, *to)), "{}: {from:?} and {to:?} are told apart: {why}", kit.gateway);
        }
    }
}
