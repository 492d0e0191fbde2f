//! From what is true to the text that is sent: dialect, signature, envelope.

use serde_json::{Map, Value, json};

use super::sign::sign;
use crate::answer::Answered;
use crate::clock;
use crate::dialect::{CurrencyWord, Dialect, TimeWord};
use crate::fault::Fault;

/// The text of an answer to a granted request.
pub(crate) fn granted(answered: Answered, dialect: &Dialect, fault: Option<&Fault>) -> String {
    let Answered { mut data, key, number, names, .. } = answered;
    speak(&mut data, dialect);
    let mut envelope = Map::new();
    envelope.insert("code".to_owned(), if dialect.numbers_as_text { json!("0") } else { json!(0) });
    envelope.insert("msg".to_owned(), Value::Null);
    envelope.insert("version".to_owned(), json!("1.0"));
    envelope.insert("sign_type".to_owned(), json!("MD5"));
    envelope.insert("time_elapsed".to_owned(), json!(0.0312));
    if dialect.debug {
        envelope.insert("debug".to_owned(), json!({ "node": "stage", "took": [1, 2, 3] }));
    }
    match fault {
        Some(Fault::MissingSignature) => {}
        Some(Fault::WrongSignature) => {
            envelope.insert("sign".to_owned(), json!(sign(&data, "the key of somebody else")));
        }
        _ => {
            envelope.insert("sign".to_owned(), json!(sign(&data, &key)));
        }
    }
    envelope.insert("data".to_owned(), Value::Object(data));
    let text = Value::Object(envelope).to_string();
    if fault == Some(&Fault::DuplicatedKeys) {
        let (state, named) = (names.state, names.number);
        let twice = format!(r#""data":{{"{state}":0,"{named}":"{number}","nonce_str":"first","#);
        // The texts inside are escaped, so this matches the envelope's own key alone.
        return text.replacen(r#""data":{"#, &twice, 1);
    }
    text
}

/// The unsigned text of a refusal (gateways.md 1.2, 5).
pub(crate) fn refused(code: i64, msg: &str) -> String {
    json!({ "code": code, "msg": msg, "version": "1.0", "sign_type": "MD5" }).to_string()
}

/// An unsigned text that says paid, with everything right but the missing signature.
pub(crate) fn unsigned_paid(merchant_id: &str, order_no: &str, amount_minor: i64) -> String {
    json!({
        "code": 0, "msg": null, "version": "1.0", "sign_type": "MD5",
        "data": {
            "merchant_id": merchant_id, "mch_trade_id": order_no, "total_fee": amount_minor, "trade_state": "0",
            "result_code": 0, "fee_type": "CNY",
        },
    })
    .to_string()
}

fn speak(data: &mut Map<String, Value>, dialect: &Dialect) {
    speak_currency(data, dialect.currency);
    speak_time(data, dialect.time);
    if dialect.unknown_fields {
        data.insert("is_subscribe".to_owned(), json!("N"));
        data.insert("invoice_amount".to_owned(), json!("0.12"));
        data.insert("fund_bill_list".to_owned(), json!(r#"[{"amount":"0.12","fundChannel":"BANKCARD"}]"#));
        data.insert("field_of_next_year".to_owned(), json!(20_270_101));
    }
    if dialect.nulls {
        for name in ["err_code", "device_info", "coupon_fee", "bank_billno"] {
            data.entry(name).or_insert(Value::Null);
        }
        for name in ["err_msg", "attach"] {
            data.entry(name).or_insert(json!(""));
        }
    }
    if dialect.state_words
        && let Some(word) = data.get("trade_state").and_then(Value::as_i64).and_then(state_word)
    {
        data.insert("trade_state".to_owned(), json!(word));
    }
    if dialect.numbers_as_text {
        for value in data.values_mut() {
            if let Value::Number(number) = value {
                *value = json!(number.to_string());
            }
        }
    }
    if dialect.close_staus {
        rename(data, "close_status", "close_staus");
    }
    if dialect.old_names {
        rename(data, "trade_id", "transaction_id");
        rename(data, "out_trade_id", "out_transaction_id");
        rename(data, "token_id", "Token_Id");
        rename(data, "fee_type", "currency_type");
        rename(data, "time_end", "end_time");
        rename(data, "refund_status", "refund_state");
    }
}

fn speak_currency(data: &mut Map<String, Value>, word: CurrencyWord) {
    // A falsified currency stays as it is.
    if data.get("fee_type") != Some(&json!("CNY")) {
        return;
    }
    let word = match word {
        CurrencyWord::Cny => "CNY",
        CurrencyWord::One => "1",
        CurrencyWord::Rmb => "RMB",
        CurrencyWord::Empty => "",
        CurrencyWord::Absent => {
            data.remove("fee_type");
            return;
        }
    };
    data.insert("fee_type".to_owned(), json!(word));
}

fn speak_time(data: &mut Map<String, Value>, word: TimeWord) {
    let Some(seconds) = data.get("time_end").and_then(Value::as_i64) else { return };
    let said = match word {
        TimeWord::Seconds => json!(seconds),
        TimeWord::Millis => json!(seconds.saturating_mul(1000)),
        TimeWord::Calendar => json!(clock::beijing_digits(seconds).unwrap_or_default()),
    };
    data.insert("time_end".to_owned(), said);
}

fn rename(data: &mut Map<String, Value>, from: &str, to: &str) {
    if let Some(value) = data.remove(from) {
        data.insert(to.to_owned(), value);
    }
}

/// The words of the upstream's own list (gateways.md 1.5).
fn state_word(state: i64) -> Option<&'static str> {
    match state {
        0 => Some("SUCCESS"),
        1 => Some("REFUND"),
        2 => Some("NOTPAY"),
        3 => Some("CLOSED"),
        4 => Some("REVERSE"),
        5 => Some("REVOK"),
        6 => Some("USERPAYING"),
        7 => Some("PAYERROR"),
        _ => None,
    }
}
