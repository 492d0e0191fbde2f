//! What gateways send by themselves: signed here by hand, read by every gateway that sends, and changed by an opponent.

pub(crate) mod senders;

use crate::given::{ORDER_NO, account, extra, keys};
use crate::{blueocean, jubao};
use proptest::prelude::*;
use senders::{BLUEOCEAN, JUBAO, KEY, POOUL, SENDERS, Sender, Written, escaped, form, md5, pairs};
use serde_json::{Map, Value, json};
use till_core::gateway::call::BODY_LIMIT;
use till_core::gateway::notification::{NOT_ACCEPTED, Told};
use till_core::gateway::reaction::Reaction;
use till_core::gateway::{CreateIntent, REGISTRY, Unreadable, named};
use till_core::order::parts::Parts;
use till_core::order::report::{Stated, TradeState};

/// Jubao's number of the order in its notification.
const JUBAO_NO: &str = "20210217200340112233";

#[test]
fn every_gateway_that_notifies_is_among_the_senders() {
    for gateway in REGISTRY {
        let name = gateway.descriptor().name;
        let is_there = SENDERS.iter().any(|sender| sender.gateway == name);
        assert_eq!(is_there, gateway.notifying().is_some(), "{name}: see `notifications/senders.rs`");
    }
}

#[test]
fn dingdang_sends_nothing_that_is_read_here() {
    assert!(named("dingdang").unwrap().notifying().is_none());
}

#[test]
fn ruling_16_a_notification_without_a_state_is_a_reason_to_ask_and_one_with_a_state_is_a_report() {
    for sender in SENDERS {
        let mut plain = (sender.fields)();
        plain.as_object_mut().unwrap().remove(sender.state);
        assert!(states_none(&sender, &sender.told(&plain)), "{}", sender.gateway);
        let paid = sender.kit().trade.proving_words[0];
        let Told::Report(report) = sender.told(&sender.with(sender.state, paid.into())) else {
            panic!("{}", sender.gateway)
        };
        assert_eq!((report.state, report.amount_minor), (TradeState::Paid, Some(1250)), "{}", sender.gateway);
        assert!(report.proves_paid(1250) && !report.proves_paid(1251), "{}", sender.gateway);
        assert_eq!(report.merchant, Stated::Ours, "{}", sender.gateway);
        let strange = sender.told(&sender.with(sender.state, "STRANGE".into()));
        assert!(states_none(&sender, &strange), "{}: a word that nobody knows states nothing", sender.gateway);
    }
}

/// A reason to ask and nothing more, beside the number where that alone can be asked by.
fn states_none(sender: &Sender, told: &Told) -> bool {
    match told {
        Told::Ask(said) => said.is_none() && sender.gateway != "jubao",
        Told::Number(names) => sender.gateway == "jubao" && names.confirms_number(JUBAO_NO, 1250),
        Told::Report(_) => false,
    }
}

#[test]
fn ruling_16_without_a_state_jubaos_number_is_read_where_nothing_else_can_be_asked_by() {
    for state in ["", "9"] {
        let fields = JUBAO.with("status", state.into());
        assert!(states_none(&JUBAO, &JUBAO.told(&fields)), "{state:?}");
        let without = |name: &str| {
            let mut fields = fields.clone();
            fields.as_object_mut().unwrap().remove(name);
            JUBAO.told(&fields)
        };
        assert_eq!(without("order_sn"), Told::Ask(None), "{state:?}");
        let mut other = fields.clone();
        other["total_fee"] = "1251".into();
        let Told::Number(names) = JUBAO.told(&other) else { panic!("it names a number") };
        assert!(!names.confirms_number(JUBAO_NO, 1250), "another amount names no number of this order");
    }
}

/// Nothing would notice a `coupon_fee` that somebody made out of the end of another field's text.
#[test]
fn a_notification_tells_of_a_payment_and_not_who_bore_it() {
    for (sender, paid) in [(POOUL, json!(0)), (JUBAO, json!(2)), (BLUEOCEAN, json!("SUCCESS"))] {
        let mut fields = sender.with(sender.state, paid);
        for (name, value) in [("coupon_fee", 250), ("cash_fee", 1000), ("pay_amount", 1000), ("discount", 250)] {
            fields[name] = value.into();
        }
        let Told::Report(report) = sender.told(&fields) else { panic!("{}: it is a report", sender.gateway) };
        assert_eq!((report.state, report.parts), (TradeState::Paid, Parts::default()), "{}", sender.gateway);
    }
}

#[test]
fn ruling_16_a_text_in_pay_info_is_a_failures_and_proves_no_payment() {
    let mut fields = POOUL.with("pay_info", "余额不足".into());
    for state in [Value::Null, json!(0)] {
        fields["trade_state"] = state;
        let Told::Ask(Some(said)) = POOUL.told(&fields) else { panic!("a failure is asked about") };
        assert_eq!((said.reaction, said.text.as_deref()), (Reaction::Refused, Some("余额不足")));
    }
    let nested = POOUL.with("pay_info", json!({ "tokenId": "0V41" }));
    assert!(POOUL.read(&POOUL.seal(&nested)).1.is_err(), "no signature covers an object");
}

#[test]
fn ruling_17_each_gateway_has_the_words_that_it_takes_for_an_answer() {
    let words: Vec<_> = SENDERS.iter().map(|sender| sender.notifying().accepted()).collect();
    assert_eq!((words, NOT_ACCEPTED), (vec!["success", "SUCCESS", "SUCCESS"], "fail"));
}

#[test]
fn contradiction_38_a_callback_has_no_state_and_its_word_of_acceptance_is_not_poouls() {
    let callback = (BLUEOCEAN.fields)();
    assert!(callback.get(BLUEOCEAN.state).is_none(), "002:768-781 has none");
    assert_eq!(BLUEOCEAN.told(&callback), Told::Ask(None));
    assert_eq!((BLUEOCEAN.notifying().accepted(), POOUL.notifying().accepted()), ("SUCCESS", "success"));
}

#[test]
fn ruling_18_form_and_json_say_the_same_and_the_signature_covers_unknown_fields_too() {
    for sender in [JUBAO, BLUEOCEAN] {
        let fields = sender.with("field_of_next_year", "新 + 字段".into());
        let told = sender.told(&fields);
        let json = sender.signed(&fields).to_string();
        assert_eq!(sender.read(json.as_bytes()).1, Ok(told.clone()), "{}", sender.gateway);
        assert_eq!(sender.read(format!("\u{feff} {json}").as_bytes()).1, Ok(told), "{}", sender.gateway);
        let mut added = sender.signed(&sender.with("x", "1".into()));
        added["x"] = "2".into();
        assert_eq!(sender.read(&form(&added)).0, Err(Unreadable::WrongSignature), "{}", sender.gateway);
        let mut nested = sender.signed(&fields);
        nested["more"] = json!({ "total_fee": 1 });
        let refused = Err(Unreadable::BadField("more".into()));
        assert_eq!(sender.read(nested.to_string().as_bytes()).0, refused, "{}", sender.gateway);
    }
    let mut keyed = BLUEOCEAN.signed(&(BLUEOCEAN.fields)());
    keyed["key"] = "x".into();
    assert_eq!(BLUEOCEAN.read(&form(&keyed)).0, Err(Unreadable::WrongSignature), "its rule passes over that name");
}

#[test]
fn rulings_8_and_9_both_readings_of_a_signature_count_in_a_notification() {
    let mut twice = (JUBAO.fields)();
    let line: String = pairs(twice.as_object().unwrap()).into_iter().flat_map(|(name, value)| [name, value]).collect();
    let line: String = line.bytes().map(char::from).collect();
    twice["sign"] = md5(&format!("{KEY}{line}{KEY}")).into();
    assert_eq!(JUBAO.read(&form(&twice)).0.as_deref(), Ok(ORDER_NO));
    let mut with_empty = BLUEOCEAN.signed(&(BLUEOCEAN.fields)());
    with_empty["attach"] = "".into();
    assert_eq!(BLUEOCEAN.read(&form(&with_empty)).0.as_deref(), Ok(ORDER_NO), "empty fields may count or not");
}

#[test]
fn what_is_not_signed_or_names_no_order_is_refused_by_its_reason() {
    for sender in SENDERS {
        for (body, why) in [
            (&b""[..], Unreadable::Empty),
            (b"<html></html>", if sender.gateway == "pooul" { Unreadable::NotJson } else { Unreadable::Unsigned }),
            (b"{\"code\":0,\"code\":0}", Unreadable::DuplicatedKey),
            (b"{\"code\":1,\"msg\":\"no\"}", Unreadable::Unsigned),
            (&vec![b'a'; BODY_LIMIT + 1], Unreadable::NotJson),
        ] {
            assert_eq!(sender.read(body).0, Err(why), "{}", sender.gateway);
        }
        for odd in [Value::Null, "".into(), "a b".into(), "T".repeat(33).into()] {
            let body = sender.seal(&sender.with(sender.number, odd));
            assert_eq!(sender.read(&body).0, Err(Unreadable::BadField(sender.number.into())), "{}", sender.gateway);
        }
        let decimal = sender.seal(&sender.with("total_fee", "12.50".into()));
        if sender.gateway == "jubao" {
            assert_eq!(sender.read(&decimal).1, Err(Unreadable::BadField("total_fee".into())));
        }
    }
}

/// Whoever writes the description of a cheap sale must not get a signature for a dear one.
#[test]
fn borders_between_fields_cannot_be_shifted_under_one_signature() {
    let hidden = "x\u{0}cash_fee1mch_id10502105689001out_trade_noTKDEARstatus2total_fee999999zzz";
    let cheap = JUBAO.with("body", hidden.into());
    let signed = JUBAO.signed(&cheap);
    let line: String = pairs(cheap.as_object().unwrap()).into_iter().flat_map(|(name, value)| [name, value]).collect();
    let (_, swallowed) = line.split_once("total_fee999999zzz").unwrap();
    let dear = json!({
        "attach": "", "body": "x\u{0}", "cash_fee": "1", "mch_id": "10502105689001", "out_trade_no": "TKDEAR",
        "status": "2", "total_fee": "999999", "zzz": swallowed, "sign": signed["sign"],
    });
    let again: String = pairs(dear.as_object().unwrap())
        .into_iter()
        .filter(|(name, _)| name != "sign")
        .flat_map(|(name, value)| [name, value])
        .collect();
    assert_eq!(again, line, "one signature for both");
    assert_eq!(JUBAO.read(&form(&dear)).0, Err(Unreadable::WrongSignature));

    let signed = form(&JUBAO.signed(&(JUBAO.fields)()));
    let signed = String::from_utf8(signed).unwrap();
    for (whole, shifted) in [("status=2", "status2"), ("status=2", "statu=s2"), ("order_sn=", "order_sn")] {
        let read =
            JUBAO.read(signed.replace(&format!("&{}", escaped(whole)), &format!("&{}", escaped(shifted))).as_bytes());
        assert_eq!(read, (Ok(ORDER_NO.to_owned()), Ok(Told::Ask(None))), "{shifted}: no report comes of it");
    }
    for shifted in ["total_fee1250", "total_fe=e1250"] {
        let read = JUBAO.read(signed.replace("total%5ffee=1250", &escaped(shifted)).as_bytes());
        assert_eq!(read.0, Err(Unreadable::WrongSignature), "{shifted}");
    }

    let hidden = "x&cash_fee=1&mch_trade_id=TKDEAR&total_fee=999999&trade_state=0&zzz=";
    let cheap = POOUL.signed(&POOUL.with("attach", hidden.into()));
    let mut plain = (POOUL.fields)();
    plain["attach"] = "".into();
    let rest = pairs(plain.as_object().unwrap()).into_iter().filter(|(_, value)| !value.is_empty());
    let rest: Vec<_> = rest.map(|(name, value)| format!("{name}={value}")).collect();
    let dear = POOUL.seal(&json!({
        "attach": "x", "cash_fee": "1", "mch_trade_id": "TKDEAR", "total_fee": "999999", "trade_state": "0",
        "zzz": format!("&{}", rest.join("&")),
    }));
    let sign = serde_json::from_slice::<Value>(&dear).unwrap()["sign"].take();
    assert_eq!(sign, cheap["sign"], "one signature for both");
    assert_eq!(POOUL.read(&dear).0, Err(Unreadable::WrongSignature));
}

/// Texts that could hold a field's name, or make one together with what stands beside them.
fn any_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "out_trade_no",
            "total_fee",
            "status",
            "mch_id",
            "order_sn",
            "finish_time",
            "out_",
            "total",
            "stat",
            "us",
            "mch",
            "_id",
            "order",
            "_sn",
            "s",
            "time",
            "天",
            "STATUS",
            " ",
        ])
        .prop_map(str::to_owned),
        "[a-z_]{1,3}",
    ];
    prop::collection::vec(piece, 1..4).prop_map(|pieces| pieces.concat())
}

/// What may be done to a field.
#[derive(Debug, Clone)]
enum Change {
    Value(usize, String),
    Name(usize, String),
    Gone(usize),
    Added(String, String),
}

fn any_change() -> impl Strategy<Value = Change> {
    let text = "[a-z0-9_=&\u{5929} ]{1,12}";
    prop_oneof![
        (any::<prop::sample::Index>(), text).prop_map(|(at, text)| Change::Value(at.index(64), text)),
        (any::<prop::sample::Index>(), text).prop_map(|(at, text)| Change::Name(at.index(64), text)),
        any::<prop::sample::Index>().prop_map(|at| Change::Gone(at.index(64))),
        (text, text).prop_map(|(name, value)| Change::Added(name, value)),
    ]
}

/// The fields after a change, under the signature from before it.
fn changed(signed: &Map<String, Value>, change: &Change) -> Map<String, Value> {
    let names: Vec<_> = signed.keys().filter(|name| *name != "sign").cloned().collect();
    let mut fields = signed.clone();
    match change {
        Change::Value(at, text) => {
            fields.insert(names[at % names.len()].clone(), text.clone().into());
        }
        Change::Name(at, text) => {
            let value = fields.remove(&names[at % names.len()]).unwrap();
            fields.insert(text.clone(), value);
        }
        Change::Gone(at) => {
            fields.remove(&names[at % names.len()]);
        }
        Change::Added(name, value) => {
            fields.insert(name.clone(), value.clone().into());
        }
    }
    fields
}

proptest! {
    /// Jubao's order whose create was never answered is known by nothing else.
    #[test]
    fn whatever_texts_a_jubao_order_left_with_its_notification_is_a_report(body in any_text(), attach in any_text()) {
        let attached = extra(&[("attach", &attach)]);
        let intent = CreateIntent { body: &body, ..jubao::KIT.intent("201", &attached) };
        let keys = keys(&[("key", KEY)]);
        let built = jubao::KIT.build(&account("jubao", &[("mch_id", "10502105689001")]), &keys, &intent);
        prop_assume!(built.is_ok());
        let mut fields = JUBAO.with("body", body.as_str().into());
        fields["attach"] = attach.as_str().into();
        prop_assert!(matches!(JUBAO.told(&fields), Told::Report(_)), "{}", fields);
    }

    #[test]
    fn whatever_text_a_blueocean_order_left_with_its_notification_is_verified(body in any_text()) {
        let none = extra(&[]);
        let intent = CreateIntent { body: &body, ..blueocean::KIT.intent("wechat.qrcode", &none) };
        let keys = keys(&[("key", KEY)]);
        let built = blueocean::KIT.build(&account("blueocean", &[("appid", "1000258")]), &keys, &intent);
        prop_assume!(built.is_ok());
        let carried = BLUEOCEAN.with("body", body.as_str().into());
        prop_assert_eq!(BLUEOCEAN.read(&BLUEOCEAN.seal(&carried)).0, Ok(ORDER_NO.to_owned()), "{}", carried);
    }

    #[test]
    fn a_changed_field_is_never_verified(which in 0..SENDERS.len(), change in any_change()) {
        let sender = &SENDERS[which];
        let body = match sender.written {
            Written::Enveloped => {
                let mut sealed = sender.signed(&(sender.fields)());
                let before = sealed["data"].as_object().unwrap().clone();
                let after = changed(&before, &change);
                prop_assume!(after.get("sign").is_none() && pairs(&after) != pairs(&before));
                sealed["data"] = after.into();
                sealed.to_string().into_bytes()
            }
            Written::Bare => {
                let signed = sender.signed(&(sender.fields)());
                let after = changed(signed.as_object().unwrap(), &change);
                let filled = |fields: &Map<String, Value>| {
                    pairs(fields).into_iter().filter(|(_, value)| !value.is_empty()).collect::<Vec<_>>()
                };
                prop_assume!(filled(&after) != filled(signed.as_object().unwrap()) && after.get("sign") == signed.get("sign"));
                form(&after.into())
            }
        };
        let (order_no, told) = sender.read(&body);
        prop_assert!(order_no.is_err() && told.is_err(), "{} {change:?}", sender.gateway);
    }

    #[test]
    fn a_body_with_other_bytes_is_refused_or_says_no_more_than_was_signed(
        which in 0..SENDERS.len(),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        how in 0..4_u8,
    ) {
        let sender = &SENDERS[which];
        let mut body = sender.seal(&(sender.fields)());
        let signed = sender.read(&body);
        let at = at.index(body.len());
        match how {
            0 => body[at] = byte,
            1 => body.insert(at, byte),
            2 => drop(body.remove(at)),
            _ => body.truncate(at),
        }
        let read = sender.read(&body);
        if read.0.is_ok() || read.1.is_ok() {
            prop_assert_eq!(&read.0, &signed.0, "{}", sender.gateway);
            prop_assert!(read.1 == signed.1 || read.1 == Ok(Told::Ask(None)), "{} {:?}", sender.gateway, read.1);
        }
    }
}
