//! Tencent Dingdang: its kit, and every contradiction of gateways.md section 4 and ruling of section 7 that concerns it.
//!
//! Keys are made by the openssl command line when a test first needs one, and are never stored.

mod mutation_of_calls;
mod mutation_of_headers;
mod openssl;
mod partner;
mod replies;
mod requests;
mod rulings;
mod typed_keys;

use crate::exchange::{Asked, Exchange, Heard};
use crate::given::{self, dealing, with};
use crate::kit::{Fields, Kit, Seal, Unsigned};
use openssl::{skill, tsk};
use secrecy::SecretSlice;
use serde_json::{Value, json};
use std::sync::OnceLock;
use till_core::account::{Account, Keys};
use till_core::gateway::call::HttpAnswer;
use till_core::gateway::descriptor::FieldKind;
use till_core::gateway::keys::stored_form;
use till_core::money::Currency;
use till_core::order::report::TradeReport;

const SKILL: &str = "8d0e1e2c4b5a";

/// [`SECONDS`] as the header writes it.
const DATETIME: &str = "20260101T000000Z";

pub(crate) static KIT: Kit = Kit {
    gateway: "dingdang",
    account,
    keys,
    money: Currency::Cny,
    content: |answer| answer.as_object_mut().unwrap(),
    fine: |_, answer| answer["retCode"] == "SUCCESS",
    seal: Seal::Header { put: |body| header(body, DATETIME), right: is_right },
    unsigned: Unsigned::Accepted(
        "no document says where the signature of a reply stands (3.2, 7); TLS holds it together",
    ),
    trade: Fields {
        state: &["tradeStatus"],
        proving_words: &["SUCCESS"],
        strange_words: STRANGE,
        amount: "totalAmt",
        number: "tradeNo",
        order: None,
        merchant: "skillId",
        currency: &[],
        currency_words: &[],
    },
    refund: Some(Fields {
        state: &["refundStatus"],
        proving_words: &["SUCCESS"],
        strange_words: STRANGE,
        amount: "refundAmt",
        number: "refundTradeNo",
        order: Some("tradeNo"),
        merchant: "skillId",
        currency: &[],
        currency_words: &[],
    }),
    ends: &[],
    our_merchant: SKILL,
    never_closed: Some("tradeStatus has no word for a closed order (contradiction 41)"),
    foreign_merchant_in_create: None,
    alike: &[],
};

const STRANGE: &[&str] =
    &["success", "Success", "OK", "PAID", "REFUND", "CLOSED", "SUCCESS ", " FAIL", "0", "支付成功"];

fn account() -> Account {
    given::account("dingdang", &[("skill_id", SKILL), ("tsk_public_key", &tsk().public)])
}

fn account_with(fields: &[(&str, &str)]) -> Account {
    KIT.account_with(fields)
}

/// The usual key is proved once: each of many thousand answers is heard with it.
fn keys() -> Keys {
    static STORED: OnceLock<SecretSlice<u8>> = OnceLock::new();
    keys_of(STORED.get_or_init(|| stored(&skill().pkcs8)).clone())
}

fn keys_from(pem: &str) -> Keys {
    keys_of(stored(pem))
}

fn keys_of(skill_private_key: SecretSlice<u8>) -> Keys {
    let mut keys = Keys::default();
    keys.insert("skill_private_key", skill_private_key);
    keys
}

fn stored(pem: &str) -> SecretSlice<u8> {
    stored_form(FieldKind::PrivateKey, &pem.as_bytes().to_vec().into()).unwrap()
}

/// The header that the gateway would send, as the public document words it, written a second time.
fn header(body: &[u8], datetime: &str) -> String {
    header_by(tsk(), body, datetime)
}

fn header_by(key: &openssl::Key, body: &[u8], datetime: &str) -> String {
    format!("TSK-RSA2 Datetime={datetime}, Signature={}", key.sign(&content(body, datetime)))
}

fn content(body: &[u8], datetime: &str) -> Vec<u8> {
    [body, datetime.as_bytes()].concat()
}

/// Whether a header is right for these bytes: of the scheme, from just now, and by the gateway's key, and says each once. A key makes
/// one signature of this sort over a content, and Base64 writes it in one way.
fn is_right(body: &[u8], claimed: &str) -> bool {
    let Some((scheme, rest)) = claimed.trim().split_once(' ') else { return false };
    let (times, signatures) = (parts(rest, "Datetime"), parts(rest, "Signature"));
    let ([datetime], [signature]) = (times.as_slice(), signatures.as_slice()) else { return false };
    let is_of_the_scheme = scheme.eq_ignore_ascii_case("TSK-RSA2");
    is_of_the_scheme && is_from_just_now(datetime) && *signature == tsk().sign(&content(body, datetime))
}

/// What a header says by that name.
fn parts<'a>(header: &'a str, name: &str) -> Vec<&'a str> {
    let pairs = header.split(',').filter_map(|part| part.trim().split_once('='));
    pairs.filter(|(known, _)| *known == name).map(|(_, value)| value).collect()
}

/// Whether a time is at most three minutes from [`DATETIME`].
fn is_from_just_now(datetime: &str) -> bool {
    let form = datetime.replace(|letter: char| letter.is_ascii_digit(), "0");
    form == "00000000T000000Z" && ("20251231T235700Z"..="20260101T000300Z").contains(&datetime)
}

/// An answer with this header.
fn answer_with(answer: &Value, authorization: Option<String>) -> HttpAnswer {
    let body = answer.to_string().into_bytes();
    HttpAnswer { status: 200, body, date: None, retry_after: None, authorization }
}

fn exchange(asked: Asked) -> Exchange {
    Exchange::about(&KIT, asked, "voice")
}

/// The fields of a plain paid answer to [`exchange`].
fn paid() -> Value {
    json!({
        "retCode": "SUCCESS", "skillId": SKILL, "transactionId": "1000", "tradeNo": "TK01JB2W3Y4Z5A6B7C8D9E",
        "totalAmt": 1250, "tradeStatus": "SUCCESS", "tradeStatusDesc": "支付成功"
    })
}

/// The fields of an answer that says that the refund of [`exchange`] is back.
fn given_back() -> Value {
    json!({
        "retCode": "SUCCESS", "skillId": SKILL, "transactionId": "1000", "tradeNo": "TK01JB2W3Y4Z5A6B7C8D9E",
        "refundTransactionId": "5000", "refundTradeNo": "TR01JB2W3Y4Z5A6B7C8D9E", "totalAmt": 1250, "refundAmt": 1250,
        "refundStatus": "SUCCESS", "refundStatusDesc": "退款成功"
    })
}

/// What a call hears in a signed answer.
fn hear(asked: Asked, fields: &Value) -> Heard {
    KIT.hear_signed(&exchange(asked), fields)
}

fn report(fields: &Value) -> TradeReport {
    hear(Asked::Query, fields).into_report()
}
