//! Pooul v1: its kit, and every contradiction of gateways.md section 4 and ruling of section 7 that concerns it.

mod contradictions;
mod payment_codes;
mod refunds;
mod requests;
mod rulings;

use crate::exchange::{Asked, Exchange, Heard};
use crate::given::{self, data_or_all, spoken, with};
use crate::kit::{End, Fields, Kit, Seal, Unsigned};
use data_encoding::HEXUPPER;
use md5::{Digest, Md5};
use serde_json::{Map, Value, json};
use till_core::account::{Account, Keys};
use till_core::money::Currency;
use till_core::order::report::TradeReport;

/// The key printed in the gateway's public document, section 3.2.
const KEY: &str = "m4X2zlJufeTWZLNHOrmNCbJ4TQrKuaCo";
const AGENT_KEY: &str = "fedcba9876543210fedcba9876543210";
const MERCHANT: &str = "59382e3cffea0e5fcd0cfc3e";

/// Names of the envelope, for replies without `data`.
const ENVELOPE: [&str; 7] = ["code", "msg", "version", "sign_type", "sign", "time_elapsed", "debug"];

pub(crate) static KIT: Kit = Kit {
    gateway: "pooul",
    account,
    keys,
    money: Currency::Cny,
    content: data_or_all,
    fine: |_, answer| spoken(&answer["code"]).as_deref() == Some("0"),
    seal: Seal::Field { put: seal, right, take: unseal },
    unsigned: Unsigned::Refused,
    trade: Fields {
        state: &["trade_state"],
        proving_words: &["0", "SUCCESS"],
        strange_words: &[
            "5", "-1", "8", "00", "REVOK", "REVOKED", "success", "Paid", "成功", "TRUE", "0 ", " 0", "0.0",
        ],
        amount: "total_fee",
        number: "mch_trade_id",
        order: None,
        merchant: "merchant_id",
        currency: &["fee_type", "currency_type"],
        currency_words: &["1", "RMB", "CNY"],
    },
    refund: Some(Fields {
        state: &["refund_status", "refund_state", "refund_ status"],
        proving_words: &["0"],
        strange_words: &["2", "3", "00", "SUCCESS", "Succeeded", "退款成功", " 0", "0.0", "-2"],
        amount: "refund_fee",
        number: "mch_refund_id",
        order: Some("mch_trade_id"),
        merchant: "merchant_id",
        currency: &["fee_type", "currency_type"],
        currency_words: &["1", "RMB", "CNY"],
    }),
    ends: &[
        End { asked: Asked::Close, status: &["close_status", "close_staus"], words: &["0", "1"], refusal: None },
        End {
            asked: Asked::Reverse,
            status: &["trade_state"],
            words: &["3", "CLOSED", "4", "REVERSE"],
            refusal: Some("result_code"),
        },
    ],
    our_merchant: MERCHANT,
    never_closed: None,
    foreign_merchant_in_create: None,
    alike: &[
        (
            Asked::Create,
            Asked::Reverse,
            "a failure has one form for every call, and a reverse that was refused ends nothing: the order is asked on",
        ),
        (
            Asked::Query,
            Asked::Reverse,
            "reversed and closed are the same words whoever asks, and it is asked once more",
        ),
    ],
};

fn account() -> Account {
    given::account("pooul", &[("merchant_id", MERCHANT), ("notify_url", "https://example.com/notify")])
}

fn account_with(fields: &[(&str, &str)]) -> Account {
    KIT.account_with(fields)
}

fn keys() -> Keys {
    given::keys(&[("key", KEY)])
}

fn both_keys() -> Keys {
    given::keys(&[("key", KEY), ("agent_key", AGENT_KEY)])
}

fn seal(answer: &mut Value) {
    let sign = signature(data_or_all(answer), KEY, &[]);
    answer["sign"] = json!(sign);
}

fn unseal(answer: &mut Value) {
    data_or_all(answer).remove("sign");
    answer.as_object_mut().unwrap().remove("sign");
}

fn right(answer: &Value) -> Option<bool> {
    let claimed = [&answer["data"]["sign"], &answer["sign"]].into_iter().find_map(spoken)?;
    let mut answer = answer.clone();
    let flat = !answer["data"].is_object();
    let fields = data_or_all(&mut answer);
    let rest: &[&str] = if flat { &ENVELOPE } else { &[] };
    Some([signature(fields, KEY, &[]), signature(fields, KEY, rest)].contains(&claimed.to_uppercase()))
}

/// The signature as the public document words it, written a second time.
fn signature(fields: &Map<String, Value>, key: &str, without: &[&str]) -> String {
    let mut pairs: Vec<String> = Vec::new();
    let mut names: Vec<&String> = fields.keys().filter(|name| *name != "sign").collect();
    names.retain(|name| !without.contains(&name.as_str()));
    names.sort_by_key(|name| name.as_bytes());
    for name in names {
        if let Some(text) = spoken(&fields[name]) {
            pairs.push(format!("{name}={text}"));
        }
    }
    pairs.push(format!("key={key}"));
    HEXUPPER.encode(&Md5::digest(pairs.join("&")))
}

/// A query's answer with these fields, signed.
fn answer(data: &Value) -> Value {
    let mut answer = json!({"code": 0, "msg": null, "data": data, "version": "1.0", "sign_type": "md5"});
    seal(&mut answer);
    answer
}

fn exchange(asked: Asked, channel: &str) -> Exchange {
    Exchange::about(&KIT, asked, channel)
}

/// The fields of a plain paid answer to [`exchange`].
fn paid() -> Value {
    json!({"trade_state": 0, "mch_trade_id": "TK01JB2W3Y4Z5A6B7C8D9E", "total_fee": 1250, "merchant_id": MERCHANT})
}

/// What a query hears in signed `data`.
fn asked(data: &Value) -> Heard {
    KIT.hear_value(&exchange(Asked::Query, "wechat.scan"), &answer(data))
}

fn report(data: &Value) -> TradeReport {
    asked(data).into_report()
}

/// Whether a query that hears signed `data` proves the payment.
fn pays(data: &Value) -> bool {
    asked(data).pays(&exchange(Asked::Query, "wechat.scan"))
}
