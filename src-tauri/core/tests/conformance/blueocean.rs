//! BlueOcean: its kit, and every contradiction of gateways.md section 4 and ruling of section 7 that concerns it.

mod contradictions;
mod requests;
mod rulings;

use crate::exchange::{Asked, Exchange, Heard};
use crate::given::{self, data_or_all, with};
use crate::kit::{End, Fields, Kit, Seal, Unsigned};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;
use till_core::account::{Account, Keys};
use till_core::money::Currency;
use till_core::order::report::TradeReport;

const KEY: &str = "0123456789abcdef0123456789abcdef";
const APPID: &str = "1000258";

/// Why closes and reverses hear something in other answers.
const AS_A_QUERY: &str = "no document prints the answer to a close or a reverse: it is taken to be the order, as a query \
                          answers it, and the order is asked for again whatever it says";

pub(crate) static KIT: Kit = Kit {
    gateway: "blueocean",
    account,
    keys,
    money: Currency::Hkd,
    content: data_or_all,
    fine,
    seal: Seal::Field { put: seal, right, take: unseal },
    unsigned: Unsigned::Refused,
    trade: Fields {
        state: &["trade_state"],
        proving_words: &["SUCCESS"],
        strange_words: &["success", "Success", "PAID", "2", "0", "OK", "SUCCESS ", " SUCCESS", "FINISHED", "已支付"],
        amount: "total_fee",
        number: "out_trade_no",
        order: None,
        merchant: "appid",
        currency: &["fee_type"],
        currency_words: &["HKD"],
    },
    refund: Some(Fields {
        state: &["refund_status"],
        proving_words: &["SUCCESS"],
        strange_words: &["success", "REFUND", "FAIL", "0", "1", "REFUNDCLOSED", "SUCCESS "],
        amount: "refund_fee",
        number: "out_refund_no",
        order: Some("out_trade_no"),
        merchant: "appid",
        currency: &["fee_type"],
        currency_words: &["HKD"],
    }),
    ends: &[
        End { asked: Asked::Close, status: &["trade_state"], words: &["CLOSED", "REVOKED"], refusal: None },
        End { asked: Asked::Reverse, status: &["trade_state"], words: &["CLOSED", "REVOKED"], refusal: None },
    ],
    our_merchant: APPID,
    never_closed: None,
    foreign_merchant_in_create: Some("ruling 2: the document's own sample answers another appid (002:621)"),
    alike: &[
        (Asked::Create, Asked::Close, AS_A_QUERY),
        (Asked::Query, Asked::Close, AS_A_QUERY),
        (Asked::Reverse, Asked::Close, AS_A_QUERY),
        (Asked::Refund, Asked::Close, AS_A_QUERY),
        (Asked::Create, Asked::Reverse, AS_A_QUERY),
        (Asked::Query, Asked::Reverse, AS_A_QUERY),
        (Asked::Close, Asked::Reverse, AS_A_QUERY),
        (Asked::Refund, Asked::Reverse, AS_A_QUERY),
    ],
};

fn account() -> Account {
    given::account("blueocean", &[("appid", APPID)])
}

fn account_with(fields: &[(&str, &str)]) -> Account {
    KIT.account_with(fields)
}

fn keys() -> Keys {
    given::keys(&[("key", KEY)])
}

/// 2.4; only answers about a refund are printed without an envelope, too (2.6).
fn fine(asked: Asked, answer: &Value) -> bool {
    let said = |name: &str| Some(printed(&answer[name])).filter(|text| !text.is_empty());
    match (said("code").as_deref(), said("ret").as_deref()) {
        (Some("200"), None | Some("0")) | (None, Some("0")) => true,
        (None, None) => matches!(asked, Asked::Refund | Asked::RefundQuery) && !answer["data"].is_object(),
        (Some(_), _) | (None, Some(_)) => false,
    }
}

fn seal(answer: &mut Value) {
    let sign = signature(data_or_all(answer), KEY, true);
    data_or_all(answer).insert("sign".into(), json!(sign));
}

fn unseal(answer: &mut Value) {
    data_or_all(answer).remove("sign");
}

fn right(answer: &Value) -> Option<bool> {
    let mut answer = answer.clone();
    let fields = data_or_all(&mut answer);
    let claimed = fields.get("sign").filter(|sign| !sign.is_object() && !sign.is_array()).map(printed)?;
    let claimed = Some(claimed).filter(|claimed| !claimed.is_empty())?.to_uppercase();
    Some([signature(fields, KEY, true), signature(fields, KEY, false)].contains(&claimed))
}

/// A value as PHP puts it into a string, as far as the gateway is known to sign it; nothing for null.
fn printed(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The signature as the public document's PHP function makes it, written a second time: with empty fields or without.
fn signature(fields: &Map<String, Value>, key: &str, with_empty: bool) -> String {
    let sorted: BTreeMap<&[u8], (&String, String)> = fields
        .iter()
        .filter(|(name, value)| !["sign", "key"].contains(&name.as_str()) && !value.is_object() && !value.is_array())
        .map(|(name, value)| (name.as_bytes(), (name, printed(value))))
        .collect();
    let mut text = String::new();
    for (name, value) in sorted.values().filter(|(_, value)| with_empty || !value.is_empty()) {
        write!(text, "{name}={value}&").unwrap();
    }
    write!(text, "key={key}").unwrap();
    let mut hash = String::new();
    for byte in <md5::Md5 as md5::Digest>::digest(text) {
        write!(hash, "{byte:02X}").unwrap();
    }
    hash
}

/// An answer with these fields, signed.
fn answer(data: &Value) -> Value {
    let mut answer = json!({"code": 200, "message": "success", "data": data});
    seal(&mut answer);
    answer
}

fn exchange(asked: Asked, channel: &str) -> Exchange {
    Exchange::about(&KIT, asked, channel)
}

/// The fields of a plain paid answer to [`exchange`].
fn paid() -> Value {
    json!({"trade_state": "SUCCESS", "out_trade_no": "TK01JB2W3Y4Z5A6B7C8D9E", "total_fee": 1250, "appid": APPID,
        "fee_type": "HKD", "cash_fee_type": "CNY", "attach": ""})
}

/// What a query hears in signed `data`.
fn asked(data: &Value) -> Heard {
    KIT.hear_value(&exchange(Asked::Query, "wechat.qrcode"), &answer(data))
}

fn report(data: &Value) -> TradeReport {
    asked(data).into_report()
}

/// Whether a query that hears signed `data` proves the payment.
fn pays(data: &Value) -> bool {
    asked(data).pays(&exchange(Asked::Query, "wechat.qrcode"))
}
