//! Jubao: MD5 over `key k v k v ... key`, JSON or a form, answers that need no signature, and questions by its own number alone.

use super::{Asked, Dress, Fault, Fields, Kind, Number, Proof, Reply, Request, Said, Saying, Speaker};
use super::{cut, md5_hex, misnumbered, signed_text, written};
use crate::simulation::chance::Chance;
use crate::simulation::gateway::{Making, Merchant, NotMade, Trade, Truth, Way};
use crate::simulation::world::World;
use serde_json::{Value, json};
use till_core::gateway::call::HttpCall;

pub(super) struct Jubao;

/// The gateway's rule for signatures: names and values without anything between them, the key at both ends.
fn signature(fields: &Fields, key: &str) -> String {
    let mut pairs: Vec<(&str, String)> = fields
        .iter()
        .filter(|(name, _)| *name != "sign")
        .filter_map(|(name, value)| Some((name.as_str(), signed_text(value)?)))
        .collect();
    pairs.sort();
    let mut line = key.to_owned();
    for (name, text) in pairs {
        line.push_str(name);
        line.push_str(&text);
    }
    md5_hex(&(line + key))
}

/// A form's fields.
fn form(body: &[u8]) -> Option<Fields> {
    let mut fields = Fields::new();
    for pair in std::str::from_utf8(body).ok()?.split('&') {
        let (name, value) = pair.split_once('=')?;
        let mut bytes = Vec::new();
        let mut rest = value.bytes();
        while let Some(byte) = rest.next() {
            bytes.push(match byte {
                b'+' => b' ',
                b'%' => {
                    let digit = |byte: u8| char::from(byte).to_digit(16);
                    let (high, low) = (digit(rest.next()?)?, digit(rest.next()?)?);
                    u8::try_from(high * 16 + low).ok()?
                }
                other => other,
            });
        }
        if fields.insert(name.to_owned(), json!(String::from_utf8(bytes).ok()?)).is_some() {
            return None;
        }
    }
    Some(fields)
}

impl Speaker for Jubao {
    fn number_field(&self) -> &'static str {
        "order_sn"
    }

    fn read(&self, path: &str, call: &HttpCall) -> Option<Asked> {
        let kind = match path {
            "index.php?_m=pay_gateway&_a=apply_pay" => Kind::Create,
            "index.php?_m=payment&_a=query" => Kind::Query,
            _ => return None,
        };
        let fields = match call.content_type {
            "application/x-www-form-urlencoded" => form(&call.body)?,
            _ => match serde_json::from_slice(&call.body) {
                Ok(Value::Object(fields)) => fields,
                _ => return None,
            },
        };
        let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let number = match kind {
            Kind::Create => Number::Ours(text("out_trade_no")),
            _ => Number::Theirs(text("order_sn")),
        };
        let minor = text("total_fee").parse().ok();
        Some(Asked { kind, merchant: text("mch_id"), number, refund_no: String::new(), minor, code: None, fields })
    }

    fn is_signed(&self, request: &Request, merchant: &Merchant, _seconds: i64) -> bool {
        signature(&request.fields, &merchant.key) == request.text("sign") && request.text("version") == "2"
    }

    fn answer(&self, world: &mut World, request: &Request, place: usize) -> Reply {
        let key = world.platform.merchants[place].key.clone();
        match request.kind {
            Kind::Create => create(world, request, place, key),
            _ => match world.platform.trades.get(&request.order_no).cloned() {
                Some(trade) if trade.place == place => query(&mut world.chance, request, &trade, key),
                Some(_) | None => Reply::Fault(Fault::NoSuchOrder, "订单不存在".to_owned()),
            },
        }
    }

    fn fault(&self, chance: &mut Chance, fault: Fault, text: &str) -> (Value, Proof) {
        let code = match fault {
            Fault::NoSuchOrder => 40_102,
            Fault::BadSign => 4_004,
            Fault::Busy => 4_006,
            Fault::Upstream | Fault::AskLater | Fault::CodeUsed | Fault::Balance | Fault::TooLate => 40_500,
            Fault::Duplicate | Fault::RefundTwice => 40_106,
            Fault::Missing => 4_003,
            Fault::NoMerchant => 4_002,
        };
        let proof = if fault == Fault::NoSuchOrder { Proof::NoSuchOrder } else { Proof::Code };
        let body = if chance.permille(500) {
            json!({"ret": code, "msg": text})
        } else {
            json!({"code": code, "message": text})
        };
        (body, proof)
    }

    fn dressed(&self, chance: &mut Chance, saying: Saying<'_>) -> Said {
        let Saying { request, mut data, proofs, key, dress, .. } = saying;
        let query = request.kind == Kind::Query;
        let contradicted = spoil(chance, &mut data, dress, query);
        // No document promises a signature. One that stands there must be right.
        match dress {
            Dress::WrongSign | Dress::UnsignedPaid => {
                data.insert("status".to_owned(), json!("2"));
                data.insert("sign".to_owned(), json!(signature(&data, "not the key")));
            }
            _ if chance.permille(200) => {
                data.insert("sign".to_owned(), json!(signature(&data, &key)));
            }
            _ => {}
        }
        let envelope = match chance.below(3) {
            0 => json!({"code": 200, "message": "OK", "data": data}),
            1 => json!({"ret": "0", "msg": "success", "data": data, "_trace_no": "1"}),
            _ => json!({"ret": 0, "msg": "success", "data": data}),
        };
        let mut text = envelope.to_string();
        match dress {
            Dress::Cut => cut(&mut text),
            Dress::Twice => text = text.replacen("\"order_sn\"", "\"status\":\"2\",\"status\":2,\"order_sn\"", 1),
            _ => {}
        }
        let proofs = match dress {
            Dress::Cut | Dress::WrongSign | Dress::UnsignedPaid | Dress::Twice => vec![Proof::Nothing],
            Dress::Stateless | Dress::UnknownWord if query => vec![Proof::Nothing],
            _ if contradicted => vec![Proof::Contradiction],
            _ => proofs,
        };
        Said { text, authorization: None, proofs }
    }

    fn notification(&self, chance: &mut Chance, trade: &Trade, saying: Saying<'_>) -> Option<Said> {
        let Saying { request, key, dress, others, .. } = saying;
        let Reply::Data(mut data, proofs, key) = query(chance, request, trade, key) else { return None };
        let mut proofs = misnumbered(request, others, &mut data, proofs);
        if spoil(chance, &mut data, dress, true) {
            proofs = vec![Proof::Contradiction];
        }
        match dress {
            Dress::Stateless | Dress::UnknownWord => proofs = vec![Proof::Number],
            Dress::WrongSign | Dress::UnsignedPaid => {
                data.insert("status".to_owned(), json!("2"));
            }
            _ => {}
        }
        if dress != Dress::UnsignedPaid {
            let key = if dress == Dress::WrongSign { "not the key" } else { &key };
            data.insert("sign".to_owned(), json!(signature(&data, key)));
        }
        let mut text = written(chance, &data);
        match dress {
            Dress::Cut => cut(&mut text),
            Dress::Twice if text.starts_with('{') => text = text.replacen('{', "{\"status\":2,", 1),
            Dress::Twice => text.push_str("&status=2"),
            _ => {}
        }
        Some(Said { text, authorization: None, proofs })
    }
}

/// What a gateway in disorder says of another order, or says twice. True: it contradicts.
fn spoil(chance: &mut Chance, data: &mut Fields, dress: Dress, query: bool) -> bool {
    match dress {
        Dress::OtherNumber => {
            data.insert("out_trade_no".to_owned(), json!("TK0000000000000000000000000X"));
            true
        }
        Dress::OtherMerchant => {
            data.insert("mch_id".to_owned(), json!("10000000000001"));
            true
        }
        Dress::OtherAmount => {
            data.insert("total_fee".to_owned(), json!((999_999_900 + chance.between(1, 99)).to_string()));
            true
        }
        Dress::OtherCurrency => {
            data.insert("fee_type".to_owned(), json!("USD"));
            true
        }
        Dress::Torn if query => {
            data.insert("status".to_owned(), json!(2));
            data.insert("trade_state".to_owned(), json!("NOTPAY"));
            true
        }
        Dress::Stateless => {
            data.remove("status");
            false
        }
        Dress::UnknownWord => {
            data.insert("status".to_owned(), json!(5));
            false
        }
        _ => false,
    }
}

fn create(world: &mut World, request: &Request, place: usize, key: String) -> Reply {
    let Some(minor) = request.minor.filter(|minor| *minor > 0 && !request.text("pay_channel_id").is_empty()) else {
        return Reply::Fault(Fault::Missing, "缺少参数".to_owned());
    };
    let link = format!("http://pay.example.com/h5?t={:020x}", world.chance.number());
    let made = world.create_trade(Making {
        order_no: &request.order_no,
        place,
        minor,
        expires: None,
        channel: request.text("pay_channel_id"),
        link: Some(link.clone()),
        way: Way::Shown,
    });
    match made {
        Ok(()) => {}
        Err(NotMade::Duplicate) => return Reply::Fault(Fault::Duplicate, "订单号重复".to_owned()),
        Err(NotMade::Trouble | NotMade::CodeUsed) => return Reply::Fault(Fault::Upstream, "支付错误".to_owned()),
    }
    let mut data = Fields::new();
    data.insert("out_trade_no".to_owned(), json!(request.order_no));
    data.insert("order_sn".to_owned(), json!(world.platform.trades[&request.order_no].gateway_no));
    let name = if world.chance.permille(700) { "code_url" } else { "qrcode" };
    data.insert(name.to_owned(), json!(link));
    Reply::Data(data, vec![Proof::Created], key)
}

fn query(chance: &mut Chance, request: &Request, trade: &Trade, key: String) -> Reply {
    // A customer who is at it is still unpaid: there is no word for that here.
    let (status, proof) = match trade.truth {
        Truth::Unpaid | Truth::Paying => (1, Proof::Unpaid),
        Truth::Paid => (2, Proof::Paid),
        Truth::Refunded => (3, Proof::Refunded),
        Truth::Closed | Truth::Reversed | Truth::Failed => (4, Proof::Closed),
    };
    let loose = |chance: &mut Chance, number: i64| match chance.permille(500) {
        true => json!(number),
        false => json!(number.to_string()),
    };
    let mut data = Fields::new();
    data.insert("out_trade_no".to_owned(), json!(request.order_no));
    data.insert("order_sn".to_owned(), json!(trade.gateway_no));
    data.insert("status".to_owned(), loose(chance, status));
    data.insert("total_fee".to_owned(), loose(chance, trade.minor));
    if chance.permille(700) {
        data.insert("mch_id".to_owned(), json!(request.merchant));
    }
    data.insert("attach".to_owned(), if chance.permille(500) { Value::Null } else { json!("") });
    data.insert(
        "finish_time".to_owned(),
        if trade.paid_at.is_some() { json!("2026-03-02 12:00:00") } else { json!("") },
    );
    Reply::Data(data, vec![proof], key)
}
