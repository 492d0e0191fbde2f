//! What gateways send by themselves: signed here by hand, read by every gateway that sends, and changed by an opponent.

use crate::given::{ORDER_NO, account, dealing, extra, keys};
use crate::jubao;
use md5::{Digest, Md5};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use till_core::gateway::call::BODY_LIMIT;
use till_core::gateway::notification::{NOT_ACCEPTED, Told};
use till_core::gateway::reaction::Reaction;
use till_core::gateway::{CreateIntent, Notifying, Subject, Unreadable, named};
use till_core::order::parts::Parts;
use till_core::order::report::{Stated, TradeState};

const KEY: &str = "0123456789abcdef0123456789abcdef";

/// A gateway that notifies, and how it writes.
struct Sender {
    gateway: &'static str,
    number: &'static str,
    state: &'static str,
    fields: fn() -> Value,
    seal: fn(&Value) -> Vec<u8>,
}

const POOUL: Sender = Sender {
    gateway: "pooul",
    number: "mch_trade_id",
    state: "trade_state",
    // The sample of 001:152-171, with the numbers of an order of ours.
    fields: || {
        json!({
            "out_trade_id": "4003542001201707070970238937", "ch_trade_id": "7552910001201707071150964424",
            "bank_type": "CFT", "fee_type": "CNY", "is_subscribe": "N", "total_fee": 1250, "sub_is_subscribe": "Y",
            "trade_id": "59880aaaaaaaa3085a30", "mch_trade_id": ORDER_NO, "merchant_id": "1000000000000001",
            "pay_type": "wechat.scan", "time_end": 1_496_910_905,
        })
    },
    seal: |data| {
        let data = data.as_object().unwrap();
        let mut line: Vec<_> = pairs(data).into_iter().filter(|(_, value)| !value.is_empty()).collect();
        line.sort();
        let line: Vec<_> = line.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        let sign = md5(&format!("{}&key={KEY}", line.join("&")));
        json!({ "code": 0, "msg": null, "data": data, "version": "1.0", "sign_type": "md5", "sign": sign })
            .to_string()
            .into_bytes()
    },
};

const JUBAO: Sender = Sender {
    gateway: "jubao",
    number: "out_trade_no",
    state: "status",
    fields: || {
        json!({
            "mch_id": "10502105689001", "out_trade_no": ORDER_NO, "order_sn": "20210217200340112233",
            "pay_channel_id": "201", "body": "天虹龙华店-食品 & 1+1=2", "total_fee": 1250, "status": 2, "attach": "",
            "cash_fee": 1250, "finish_time": "2021-02-17 20:03:40", "nonce_str": "O2r8GjZ46e",
        })
    },
    seal: |fields| form(&signed_by_jubao(fields)),
};

const BLUEOCEAN: Sender = Sender {
    gateway: "blueocean",
    number: "out_trade_no",
    state: "trade_state",
    // The table of 002:768-781.
    fields: || {
        json!({
            "bank_type": "CFT", "cash_fee": 1250, "cash_fee_type": "CNY", "fee_type": "HKD", "out_trade_no": ORDER_NO,
            "transaction_id": "P5631VZG299QZN94JD", "time_end": "20190402162714", "total_fee": 1250,
            "trade_type": "NATIVE", "appid": "1000258", "nonce_str": "O2r8GjZ46e",
        })
    },
    seal: |fields| form(&signed_by_blueocean(fields)),
};

const SENDERS: [Sender; 3] = [POOUL, JUBAO, BLUEOCEAN];

fn md5(text: &str) -> String {
    data_encoding::HEXUPPER.encode(&Md5::digest(text))
}

fn pairs(fields: &Map<String, Value>) -> Vec<(String, String)> {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    let mut pairs: Vec<_> = fields.iter().map(|(name, value)| (name.clone(), text(value))).collect();
    pairs.sort();
    pairs
}

fn signed_by_jubao(fields: &Value) -> Value {
    let line: String = pairs(fields.as_object().unwrap()).into_iter().flat_map(|(name, value)| [name, value]).collect();
    let mut signed = fields.clone();
    signed["sign"] = md5(&format!("{KEY}{line}{KEY}")).into();
    signed
}

fn signed_by_blueocean(fields: &Value) -> Value {
    let mut line: Vec<_> =
        pairs(fields.as_object().unwrap()).into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    line.push(format!("key={KEY}"));
    let mut signed = fields.clone();
    signed["sign"] = md5(&line.join("&")).into();
    signed
}

/// Names and equals signs as [`form`] writes them.
fn escaped(text: &str) -> String {
    text.replace('_', "%5f")
}

fn form(fields: &Value) -> Vec<u8> {
    let escaped = |text: &str| -> String {
        text.bytes()
            .map(|byte| match byte {
                b' ' => "+".to_owned(),
                plain if plain.is_ascii_alphanumeric() => char::from(plain).to_string(),
                other => format!("%{other:02x}"),
            })
            .collect()
    };
    let pairs: Vec<_> = pairs(fields.as_object().unwrap())
        .into_iter()
        .map(|(name, value)| format!("{}={}", escaped(&name), escaped(&value)))
        .collect();
    pairs.join("&").into_bytes()
}

impl Sender {
    fn notifying(&self) -> &'static dyn Notifying {
        named(self.gateway).unwrap().notifying().unwrap()
    }

    /// What the till makes of a body: the order that it names, and what it says of our order.
    fn read(&self, body: &[u8]) -> (Result<String, Unreadable>, Result<Told, Unreadable>) {
        let merchant = match self.gateway {
            "pooul" => ("merchant_id", "1000000000000001"),
            "jubao" => ("mch_id", "10502105689001"),
            _ => ("appid", "1000258"),
        };
        let (account, keys) = (account(self.gateway, &[merchant]), keys(&[("key", KEY)]));
        let channel = &named(self.gateway).unwrap().descriptor().channels[0];
        let subject = Subject { order_no: ORDER_NO, channel, gateway_no: None };
        let dealing = dealing(&account, &keys);
        (self.notifying().order_named(dealing, body), self.notifying().read_notification(dealing, &subject, body))
    }

    fn told(&self, fields: &Value) -> Told {
        let (order_no, told) = self.read(&(self.seal)(fields));
        assert_eq!(order_no.as_deref(), Ok(ORDER_NO), "{}", self.gateway);
        told.unwrap()
    }

    fn with(&self, name: &str, value: Value) -> Value {
        let mut fields = (self.fields)();
        fields[name] = value;
        fields
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
        assert_eq!(sender.told(&plain), Told::Ask(None), "{}", sender.gateway);
        let paid = if sender.gateway == "jubao" { "2" } else { "SUCCESS" };
        let Told::Report(report) = sender.told(&sender.with(sender.state, paid.into())) else {
            panic!("{}", sender.gateway)
        };
        assert_eq!((report.state, report.amount_minor), (TradeState::Paid, Some(1250)), "{}", sender.gateway);
        assert!(report.proves_paid(1250) && !report.proves_paid(1251), "{}", sender.gateway);
        assert_eq!(report.merchant, Stated::Ours, "{}", sender.gateway);
        let strange = sender.told(&sender.with(sender.state, "STRANGE".into()));
        assert_eq!(strange, Told::Ask(None), "{}: a word that nobody knows states nothing", sender.gateway);
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
    assert!(POOUL.read(&(POOUL.seal)(&nested)).1.is_err(), "no signature covers an object");
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
    for (sender, signed) in
        [(JUBAO, signed_by_jubao as fn(&Value) -> Value), (BLUEOCEAN, signed_by_blueocean as fn(&Value) -> Value)]
    {
        let fields = sender.with("field_of_next_year", "新 + 字段".into());
        let told = sender.told(&fields);
        let json = signed(&fields).to_string();
        assert_eq!(sender.read(json.as_bytes()).1, Ok(told.clone()), "{}", sender.gateway);
        assert_eq!(sender.read(format!("\u{feff} {json}").as_bytes()).1, Ok(told), "{}", sender.gateway);
        let mut added = signed(&sender.with("x", "1".into()));
        added["x"] = "2".into();
        assert_eq!(sender.read(&form(&added)).0, Err(Unreadable::WrongSignature), "{}", sender.gateway);
        let mut nested = signed(&fields);
        nested["more"] = json!({ "total_fee": 1 });
        let refused = Err(Unreadable::BadField("more".into()));
        assert_eq!(sender.read(nested.to_string().as_bytes()).0, refused, "{}", sender.gateway);
    }
    let mut keyed = signed_by_blueocean(&(BLUEOCEAN.fields)());
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
    let mut with_empty = signed_by_blueocean(&(BLUEOCEAN.fields)());
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
            let body = (sender.seal)(&sender.with(sender.number, odd));
            assert_eq!(sender.read(&body).0, Err(Unreadable::BadField(sender.number.into())), "{}", sender.gateway);
        }
        let decimal = (sender.seal)(&sender.with("total_fee", "12.50".into()));
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
    let signed = signed_by_jubao(&cheap);
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

    let signed = form(&signed_by_jubao(&(JUBAO.fields)()));
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
    let cheap: Value = serde_json::from_slice(&(POOUL.seal)(&POOUL.with("attach", hidden.into()))).unwrap();
    let mut plain = (POOUL.fields)();
    plain["attach"] = "".into();
    let rest = pairs(plain.as_object().unwrap()).into_iter().filter(|(_, value)| !value.is_empty());
    let rest: Vec<_> = rest.map(|(name, value)| format!("{name}={value}")).collect();
    let dear = (POOUL.seal)(&json!({
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
    fn a_changed_field_is_never_verified(which in 0..3_usize, change in any_change()) {
        let sender = &SENDERS[which];
        let body = match sender.gateway {
            "pooul" => {
                let mut sealed: Value = serde_json::from_slice(&(sender.seal)(&(sender.fields)())).unwrap();
                let before = sealed["data"].as_object().unwrap().clone();
                let after = changed(&before, &change);
                prop_assume!(after.get("sign").is_none() && pairs(&after) != pairs(&before));
                sealed["data"] = after.into();
                sealed.to_string().into_bytes()
            }
            gateway => {
                let fields = (sender.fields)();
                let signed = if gateway == "jubao" { signed_by_jubao(&fields) } else { signed_by_blueocean(&fields) };
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
        which in 0..3_usize,
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        how in 0..4_u8,
    ) {
        let sender = &SENDERS[which];
        let mut body = (sender.seal)(&(sender.fields)());
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
