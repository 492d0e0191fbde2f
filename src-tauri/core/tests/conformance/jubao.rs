//! Jubao: its kit, and every contradiction of gateways.md section 4 and ruling of section 7 that concerns it.

mod contradictions;
mod requests;
mod rulings;

use crate::exchange::{Asked, Exchange, Heard};
use crate::given::{self, data_or_all, spoken, with};
use crate::kit::{Fields, Kit, Seal, Unsigned};
use data_encoding::HEXUPPER;
use md5::{Digest, Md5};
use serde_json::{Map, Value, json};
use till_core::account::{Account, Keys};
use till_core::money::Currency;
use till_core::order::report::TradeReport;

/// The key printed at 002:44.
const KEY: &str = "685c6e3eca5c964b2b8240aa151cb75d";
/// The merchant of the document's examples (002:26).
const MERCHANT: &str = "10502105689001";
const GATEWAY_NO: &str = "20210223213715012841";

pub(crate) static KIT: Kit = Kit {
    gateway: "jubao",
    account,
    keys,
    money: Currency::Cny,
    content: data_or_all,
    fine,
    seal: Seal::Field { put: seal, right, take: unseal },
    unsigned: Unsigned::Accepted("no document says that answers are signed, and every printed one has no signature"),
    trade: Fields {
        state: &["status"],
        proving_words: &["2"],
        strange_words: &["0", "5", "-1", "02", "20", "2.0", " 2", "2 ", "SUCCESS", "NOTPAY", "paid", "支付成功", "２"],
        amount: "total_fee",
        number: "out_trade_no",
        order: None,
        merchant: "mch_id",
        currency: &["fee_type"],
        currency_words: &["CNY", "RMB"],
    },
    refund: None,
    ends: &[],
    our_merchant: MERCHANT,
    never_closed: None,
    foreign_merchant_in_create: None,
    alike: &[],
};

fn account() -> Account {
    given::account("jubao", &[("mch_id", MERCHANT)])
}

fn account_with(fields: &[(&str, &str)]) -> Account {
    KIT.account_with(fields)
}

fn keys() -> Keys {
    given::keys(&[("key", KEY)])
}

/// 002:171-173 and 002:184: the two envelopes have a success of their own.
fn fine(_: Asked, answer: &Value) -> bool {
    let (ret, code) = (spoken(&answer["ret"]), spoken(&answer["code"]));
    matches!((ret.as_deref(), code.as_deref()), (Some("0"), None | Some("200")) | (None, Some("200")))
}

fn seal(answer: &mut Value) {
    if let Some(data) = answer["data"].as_object_mut() {
        let sign = signature(data, KEY, false);
        data.insert("sign".into(), json!(sign));
    }
}

fn unseal(answer: &mut Value) {
    data_or_all(answer).remove("sign");
    answer.as_object_mut().unwrap().remove("sign");
}

fn right(answer: &Value) -> Option<bool> {
    let envelope = answer.as_object().unwrap();
    let data = answer["data"].as_object();
    let signs = |claimed: &str, fields: &Map<String, Value>| {
        [false, true].into_iter().any(|encoded| signature(fields, KEY, encoded) == claimed.to_uppercase())
    };
    let inside = spoken(&answer["data"]["sign"]).map(|claimed| data.is_some_and(|data| signs(&claimed, data)));
    let outside = spoken(&answer["sign"])
        .map(|claimed| data.is_some_and(|data| signs(&claimed, data)) || signs(&claimed, envelope));
    match (inside, outside) {
        (None, None) => None,
        (inside, outside) => Some(inside != Some(false) && outside != Some(false)),
    }
}

/// The signature as 002:23-59 words it and 002:89-109 computes it, written a second time. `encoded`: the reading without
/// `version` 2 (002:105).
fn signature(fields: &Map<String, Value>, key: &str, encoded: bool) -> String {
    let mut names: Vec<&String> = fields.keys().filter(|name| *name != "sign").collect();
    names.retain(|name| !fields[*name].is_object() && !fields[*name].is_array());
    names.sort_by_key(|name| name.as_bytes());
    let mut bytes = Vec::new();
    for name in names {
        bytes.extend(name.bytes());
        bytes.extend(spoken(&fields[name]).unwrap_or_default().bytes());
    }
    if encoded {
        bytes = bytes
            .into_iter()
            .flat_map(|byte| if byte < 0x80 { vec![byte] } else { vec![0xc0 | (byte >> 6), 0x80 | (byte & 0x3f)] })
            .collect();
    }
    HEXUPPER.encode(&Md5::digest([key.as_bytes(), &bytes, key.as_bytes()].concat()))
}

/// A successful answer with these fields, not signed: as the documents print it.
fn answer(data: &Value) -> Value {
    json!({"ret": 0, "msg": "success", "data": data})
}

fn exchange(asked: Asked, channel: &str) -> Exchange {
    let gateway_no = Some(GATEWAY_NO.into()).filter(|_| asked != Asked::Create);
    Exchange { gateway_no, ..Exchange::about(&KIT, asked, channel) }
}

/// The fields of a plain paid answer to [`exchange`].
fn paid() -> Value {
    json!({
        "status": 2, "out_trade_no": "TK01JB2W3Y4Z5A6B7C8D9E", "order_sn": GATEWAY_NO, "total_fee": 1250,
        "mch_id": MERCHANT
    })
}

/// The fields of a plain answer to a create.
fn created() -> Value {
    json!({"out_trade_no": "TK01JB2W3Y4Z5A6B7C8D9E", "order_sn": GATEWAY_NO, "code_url": "https://boxpay.cn/x"})
}

/// What a query hears in `data`.
fn asked(data: &Value) -> Heard {
    KIT.hear_value(&exchange(Asked::Query, "201"), &answer(data))
}

/// What a create hears in `data`.
fn made(data: &Value) -> Heard {
    KIT.hear_value(&exchange(Asked::Create, "201"), &answer(data))
}

fn report(data: &Value) -> TradeReport {
    asked(data).into_report()
}

/// Whether a query that hears `data` proves the payment.
fn pays(data: &Value) -> bool {
    asked(data).pays(&exchange(Asked::Query, "201"))
}
