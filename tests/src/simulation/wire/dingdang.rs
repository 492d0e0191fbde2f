//! Tencent Dingdang: TSK-RSA2 in the `Authorization` header, over the body and the time. It makes no orders and has no word
//! for one that is closed.

use super::{Asked, Dress, Fault, Fields, Kind, Number, Proof, Reply, Request, Said, Saying, Speaker, back, cut};
use crate::simulation::chance::Chance;
use crate::simulation::gateway::{Merchant, Trade, Truth};
use crate::simulation::world::World;
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, UnparsedPublicKey};
use data_encoding::BASE64;
use serde_json::{Value, json};
use std::sync::LazyLock;
use till_core::gateway::call::HttpCall;

pub(super) struct Dingdang;

const REFUNDS: back::Words = back::Words {
    order: "tradeNo",
    refund: "refundTradeNo",
    amount: "refundAmt",
    theirs: "refundTransactionId",
    merchant: "skillId",
    currency: None,
    state: "refundStatus",
    under_way: "PROCESSING",
    done: "SUCCESS",
    failed: "FAIL",
    tells_at_once: false,
    numbers: false,
};

/// Made when the process first needs them: the till's, and the gateway's own.
static SKILL: LazyLock<KeyPair> = LazyLock::new(|| KeyPair::generate(KeySize::Rsa2048).unwrap());
static TSK: LazyLock<KeyPair> = LazyLock::new(|| KeyPair::generate(KeySize::Rsa2048).unwrap());

/// The skill's private key as a person types it.
#[must_use]
pub fn skill_key_pem() -> String {
    let der: Pkcs8V1Der<'_> = SKILL.as_der().unwrap();
    let lines = BASE64.encode(der.as_ref());
    let lines: Vec<&str> = lines.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", lines.join("\n"))
}

/// The gateway's public key as it hands it out.
#[must_use]
pub fn tsk_public_key() -> String {
    let der: PublicKeyX509Der<'_> = TSK.public_key().as_der().unwrap();
    BASE64.encode(der.as_ref())
}

fn datetime(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).unwrap().strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// The header by which the gateway proves that a body is its own.
pub(super) fn seal(body: &str, seconds: i64) -> String {
    seal_with(&TSK, body, seconds)
}

/// The same by somebody whose key is not the gateway's.
pub(super) fn seal_of_another(body: &str, seconds: i64) -> String {
    seal_with(&SKILL, body, seconds)
}

fn seal_with(key: &KeyPair, body: &str, seconds: i64) -> String {
    let datetime = datetime(seconds);
    let mut signature = vec![0; key.public_modulus_len()];
    let content = format!("{body}{datetime}");
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), content.as_bytes(), &mut signature).unwrap();
    format!("TSK-RSA2 Datetime={datetime}, Signature={}", BASE64.encode(&signature))
}

/// The time that a header states, if the till's own signature over it and the body is right.
pub(super) fn sealed_at<'a>(header: &'a str, body: &[u8]) -> Option<&'a str> {
    let rest = header.strip_prefix("TSK-RSA2 ")?;
    let value =
        |name: &str| rest.split(',').find_map(|pair| pair.trim().split_once('=').filter(|(known, _)| *known == name));
    let ((_, stamp), (_, signature)) = (value("Datetime")?, value("Signature")?);
    let mut content = body.to_vec();
    content.extend_from_slice(stamp.as_bytes());
    let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, SKILL.public_key());
    let signature = BASE64.decode(signature.as_bytes()).ok()?;
    key.verify(&content, &signature).ok().map(|()| stamp)
}

impl Speaker for Dingdang {
    fn number_field(&self) -> &'static str {
        "transactionId"
    }

    fn read(&self, path: &str, call: &HttpCall) -> Option<Asked> {
        let kind = match path.strip_prefix("paycgi/")? {
            "orderquery" => Kind::Query,
            "refund" => Kind::Refund,
            "refundquery" => Kind::RefundQuery,
            _ => return None,
        };
        let Ok(Value::Object(fields)) = serde_json::from_slice(&call.body) else { return None };
        let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let number = match (text("tradeNo"), text("transactionId")) {
            _ if kind == Kind::RefundQuery => Number::Refunds,
            (ours, theirs) if theirs.is_empty() => Number::Ours(ours),
            (ours, theirs) if ours.is_empty() => Number::Theirs(theirs),
            _ => return None,
        };
        let minor = fields.get("refundAmt").and_then(Value::as_i64);
        let (merchant, refund_no) = (text("skillId"), text("refundTradeNo"));
        Some(Asked { kind, merchant, number, refund_no, minor, code: None, fields })
    }

    fn is_signed(&self, request: &Request, _merchant: &Merchant, seconds: i64) -> bool {
        let header = request.authorization.as_deref();
        let Some(stamp) = header.and_then(|header| sealed_at(header, &request.body)) else { return false };
        // Three minutes either way.
        (-180..=180).any(|skew| datetime(seconds + skew) == stamp) && !request.text("nonceStr").is_empty()
    }

    fn answer(&self, world: &mut World, request: &Request, place: usize) -> Reply {
        if request.kind == Kind::Refund && lines(request) != request.minor {
            return Reply::Fault(Fault::Missing, "refundDetails".to_owned());
        }
        if request.kind.is_of_a_refund() {
            return back::answer(world, request, &REFUNDS, String::new());
        }
        match world.platform.trades.get(&request.order_no).cloned() {
            Some(trade) if trade.place == place => query(&mut world.chance, request, &trade),
            Some(_) | None => Reply::Fault(Fault::NoSuchOrder, "订单不存在".to_owned()),
        }
    }

    fn fault(&self, _chance: &mut Chance, _fault: Fault, text: &str) -> (Value, Proof) {
        (json!({"retCode": "FAIL", "retMsg": text}), Proof::Code)
    }

    fn dressed(&self, chance: &mut Chance, saying: Saying<'_>) -> Said {
        let Saying { request, known, refuses_unsigned, seconds, mut data, proofs, dress, .. } = saying;
        if request.kind.is_of_a_refund() {
            data.insert("retCode".to_owned(), json!("SUCCESS"));
            data.insert("skillId".to_owned(), json!(request.merchant));
            let proofs = back::spoil(chance, (request.kind, &REFUNDS), dress, &mut data, proofs);
            let mut text = Value::Object(data).to_string();
            back::mangle(&mut text, dress, &REFUNDS);
            let authorization = sealed(chance, &text, seconds, (refuses_unsigned, dress));
            return Said { text, authorization, proofs };
        }
        let mut proofs = proofs;
        // An authentic lie about an order that nobody here knows would have nothing to be compared with.
        match dress {
            Dress::OtherNumber if known => {
                data.insert("tradeNo".to_owned(), json!("TK0000000000000000000000000X"));
                proofs = vec![Proof::Contradiction];
            }
            Dress::OtherAmount if known => {
                data.insert("totalAmt".to_owned(), json!(999_999_900 + chance.between(1, 99)));
                proofs = vec![Proof::Contradiction];
            }
            Dress::OtherMerchant => {
                data.insert("skillId".to_owned(), json!("another"));
                proofs = vec![Proof::Contradiction];
            }
            Dress::Stateless => {
                data.remove("tradeStatus");
                proofs = vec![Proof::Nothing];
            }
            Dress::UnknownWord => {
                data.insert("tradeStatus".to_owned(), json!("REFUND"));
                proofs = vec![Proof::Nothing];
            }
            Dress::WrongSign | Dress::UnsignedPaid => {
                data.insert("tradeStatus".to_owned(), json!("SUCCESS"));
                proofs = vec![Proof::Nothing];
            }
            Dress::Cut | Dress::Twice => proofs = vec![Proof::Nothing],
            _ => {}
        }
        let mut text = Value::Object(data).to_string();
        match dress {
            Dress::Cut => cut(&mut text),
            Dress::Twice => {
                text = text.replacen(
                    "\"tradeNo\"",
                    "\"tradeStatus\":\"SUCCESS\",\"tradeStatus\":\"SUCCESS\",\"tradeNo\"",
                    1,
                );
            }
            _ => {}
        }
        let authorization = sealed(chance, &text, seconds, (refuses_unsigned, dress));
        Said { text, authorization, proofs }
    }
}

/// The header that signs an answer, where it has one.
fn sealed(chance: &mut Chance, text: &str, seconds: i64, (refuses_unsigned, dress): (bool, Dress)) -> Option<String> {
    match dress {
        Dress::UnsignedPaid if refuses_unsigned => None,
        Dress::WrongSign | Dress::UnsignedPaid => Some(seal("another body", seconds)),
        _ if refuses_unsigned || chance.permille(400) => Some(seal(text, seconds)),
        _ => None,
    }
}

/// What the lines of a refund add up to.
fn lines(request: &Request) -> Option<i64> {
    let lines = request.fields.get("refundDetails")?.as_array()?;
    lines.iter().map(|line| line["amount"].as_i64()).sum()
}

fn query(chance: &mut Chance, request: &Request, trade: &Trade) -> Reply {
    let (word, proof) = match trade.truth {
        Truth::Unpaid => ("NOTPAY", Proof::Unpaid),
        Truth::Paying => ("PROCESSING", Proof::Paying),
        Truth::Paid | Truth::Refunded | Truth::Reversed => ("SUCCESS", Proof::Paid),
        Truth::Failed | Truth::Closed => ("FAIL", Proof::Failed),
    };
    let mut data = Fields::new();
    data.insert("retCode".to_owned(), json!("SUCCESS"));
    data.insert("skillId".to_owned(), json!(request.merchant));
    data.insert("tradeNo".to_owned(), json!(request.order_no));
    data.insert("transactionId".to_owned(), json!(trade.gateway_no));
    let fen = if chance.permille(500) { json!(trade.minor) } else { json!(trade.minor.to_string()) };
    data.insert("totalAmt".to_owned(), fen);
    data.insert("tradeStatus".to_owned(), json!(word));
    if chance.permille(300) {
        data.insert("tradeStatusDesc".to_owned(), json!("说明"));
        data.insert("news".to_owned(), json!({"a": 1}));
    }
    Reply::Data(data, vec![proof], String::new())
}
