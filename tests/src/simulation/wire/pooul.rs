//! Pooul v1: MD5 over `k=v&...&key=`, an envelope whose `data` alone is signed.

use super::{Asked, Dress, Fault, Fields, Kind, Number, Proof, Reply, Request, Said, Saying, Speaker};
use super::{back, contradicting, cut, md5_hex, misnumbered, signed_text};
use crate::simulation::chance::Chance;
use crate::simulation::gateway::{Making, Merchant, NotMade, Trade, Truth, Way};
use crate::simulation::world::World;
use serde_json::{Value, json};
use till_core::gateway::call::HttpCall;

pub(super) struct Pooul;

const REFUNDS: back::Words = back::Words {
    order: "mch_trade_id",
    refund: "mch_refund_id",
    amount: "refund_fee",
    theirs: "refund_id",
    merchant: "merchant_id",
    currency: Some("fee_type"),
    state: "refund_status",
    under_way: "1",
    done: "0",
    failed: "-1",
    tells_at_once: true,
    numbers: true,
};

/// The gateway's rule for signatures.
fn signature(fields: &Fields, key: &str) -> String {
    let mut pairs: Vec<(&str, String)> = fields
        .iter()
        .filter(|(name, value)| *name != "sign" && !value.is_null())
        .filter_map(|(name, value)| Some((name.as_str(), signed_text(value)?)))
        .filter(|(_, text)| !text.is_empty())
        .collect();
    pairs.sort();
    let mut line: Vec<String> = pairs.into_iter().map(|(name, text)| format!("{name}={text}")).collect();
    line.push(format!("key={key}"));
    md5_hex(&line.join("&"))
}

impl Speaker for Pooul {
    fn number_field(&self) -> &'static str {
        "trade_id"
    }

    fn read(&self, path: &str, call: &HttpCall) -> Option<Asked> {
        let kind = match path.strip_prefix("paygate/merchant_info/")? {
            "pay" => Kind::Create,
            "query" => Kind::Query,
            "order_close" => Kind::Close,
            "reverse" => Kind::Reverse,
            "refund" => Kind::Refund,
            "refund_query" => Kind::RefundQuery,
            _ => return None,
        };
        let Ok(Value::Object(fields)) = serde_json::from_slice(&call.body) else { return None };
        let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        Some(Asked {
            kind,
            merchant: text("merchant_id"),
            number: if kind == Kind::RefundQuery { Number::Refunds } else { Number::Ours(text("mch_trade_id")) },
            refund_no: text("mch_refund_id"),
            minor: fields.get("total_fee").or(fields.get("refund_fee")).and_then(Value::as_i64),
            code: Some(text("auth_code")).filter(|code| !code.is_empty()),
            fields,
        })
    }

    fn is_signed(&self, request: &Request, merchant: &Merchant, _seconds: i64) -> bool {
        signature(&request.fields, &merchant.key) == request.text("sign")
    }

    fn answer(&self, world: &mut World, request: &Request, place: usize) -> Reply {
        let key = world.platform.merchants[place].key.clone();
        let none = || Reply::Fault(Fault::NoSuchOrder, "no such order".to_owned());
        match request.kind {
            Kind::Create => create(world, request, place, key),
            Kind::Refund | Kind::RefundQuery => back::answer(world, request, &REFUNDS, key),
            Kind::Query => match world.platform.trades.get(&request.order_no).cloned() {
                None => none(),
                Some(trade) => query(&mut world.chance, request, &trade, key),
            },
            Kind::Close => match world.close_trade(&request.order_no) {
                None => none(),
                Some(status) => {
                    let proof = if status == -1 { Proof::EndRefused } else { Proof::EndDone };
                    let chance = &mut world.chance;
                    let status = if chance.permille(500) { json!(status.to_string()) } else { json!(status) };
                    let name = if chance.permille(300) { "close_staus" } else { "close_status" };
                    let mut data = base(chance, request);
                    data.insert(name.to_owned(), status);
                    Reply::Data(data, vec![proof], key)
                }
            },
            Kind::Reverse => {
                if !world.platform.merchants[place].reverses {
                    return Reply::Fault(Fault::Missing, "no such interface".to_owned());
                }
                let Some(done) = world.reverse_trade(&request.order_no) else { return none() };
                let state = world.platform.trades[&request.order_no].truth;
                let chance = &mut world.chance;
                let mut data = base(chance, request);
                if done {
                    let word = if state == Truth::Closed { ("3", "CLOSED") } else { ("4", "REVERSE") };
                    let word = if chance.permille(500) { word.0 } else { word.1 };
                    data.insert("trade_state".to_owned(), json!(word));
                    Reply::Data(data, vec![Proof::EndDone], key)
                } else {
                    data.insert("result_code".to_owned(), json!(1));
                    data.insert("err_code".to_owned(), json!("REVERSE_REFUSED"));
                    Reply::Data(data, vec![Proof::EndRefused], key)
                }
            }
        }
    }

    fn fault(&self, _chance: &mut Chance, fault: Fault, text: &str) -> (Value, Proof) {
        let code = match fault {
            Fault::NoSuchOrder => 301,
            Fault::BadSign => 101,
            Fault::Busy => 108,
            Fault::Upstream | Fault::CodeUsed | Fault::Balance | Fault::TooLate => 600,
            Fault::AskLater => 601,
            Fault::Duplicate | Fault::RefundTwice => 107,
            Fault::Missing => 103,
            Fault::NoMerchant => 200,
        };
        let proof = if fault == Fault::NoSuchOrder { Proof::NoSuchOrder } else { Proof::Code };
        (json!({"code": code, "msg": text, "data": Value::Null}), proof)
    }

    fn dressed(&self, chance: &mut Chance, saying: Saying<'_>) -> Said {
        let Saying { request, mut data, proofs, key, dress, .. } = saying;
        if request.kind.is_of_a_refund() {
            data.extend(base(chance, request).into_iter().filter(|(name, _)| *name != REFUNDS.order));
            let proofs = back::spoil(chance, (request.kind, &REFUNDS), dress, &mut data, proofs);
            let signing_key = if dress == Dress::WrongSign { "not the key" } else { key.as_str() };
            let mut text = sealed(chance, &data, signing_key, dress);
            back::mangle(&mut text, dress, &REFUNDS);
            return Said { text, authorization: None, proofs };
        }
        let paid_words = |data: &mut Fields| {
            data.insert("trade_state".to_owned(), json!(0));
            data.insert("mch_trade_id".to_owned(), json!(request.order_no));
            data.entry("total_fee".to_owned()).or_insert(json!(1));
        };
        let query = request.kind == Kind::Query;
        let tells = query || request.code.is_some();
        let contradicted = match dress {
            Dress::OtherNumber => {
                data.insert("mch_trade_id".to_owned(), json!("TK0000000000000000000000000X"));
                true
            }
            Dress::OtherMerchant => {
                data.insert("merchant_id".to_owned(), json!("1000000000000001"));
                true
            }
            Dress::OtherAmount if matches!(request.kind, Kind::Create | Kind::Query) => {
                data.insert("total_fee".to_owned(), json!(999_999_900 + chance.between(1, 99)));
                true
            }
            Dress::OtherCurrency if query => {
                data.remove("currency_type");
                data.insert("fee_type".to_owned(), json!("USD"));
                true
            }
            Dress::Torn if query => {
                data.insert("trade_state".to_owned(), json!("0"));
                data.insert("result_code".to_owned(), json!(1));
                data.insert("err_code".to_owned(), json!("SYSTEMERROR"));
                true
            }
            _ => false,
        };
        match dress {
            Dress::Stateless => {
                for name in ["trade_state", "close_status", "close_staus", "result_code"] {
                    if name != "result_code" || request.kind != Kind::Create {
                        data.remove(name);
                    }
                }
            }
            Dress::UnknownWord => {
                let name = if request.kind == Kind::Close { "close_status" } else { "trade_state" };
                data.insert(name.to_owned(), json!("5"));
                if request.kind == Kind::Reverse {
                    data.remove("result_code");
                }
                data.remove("close_staus");
            }
            Dress::UnsignedPaid => paid_words(&mut data),
            _ => {}
        }
        let refusal = data.get("result_code").and_then(signed_text).is_some_and(|code| code != "0");
        if dress == Dress::WrongSign {
            paid_words(&mut data);
        }
        let mut text = sealed(chance, &data, if dress == Dress::WrongSign { "not the key" } else { &key }, dress);
        if dress == Dress::Cut {
            cut(&mut text);
        }
        if dress == Dress::Twice {
            text = text.replacen("\"nonce_str\"", "\"trade_state\":\"0\",\"trade_state\":0,\"nonce_str\"", 1);
        }
        let proofs = match dress {
            Dress::Cut | Dress::WrongSign | Dress::UnsignedPaid | Dress::Twice => vec![Proof::Nothing],
            // A failure that needs no query needs no state; what speaks of money beside it is asked about.
            Dress::Stateless if refusal && request.code.is_some() && request.kind == Kind::Create => proofs,
            Dress::Stateless | Dress::UnknownWord if tells || request.kind != Kind::Create => vec![Proof::Nothing],
            _ if contradicted => contradicting(request),
            _ => proofs,
        };
        Said { text, authorization: None, proofs }
    }

    fn notification(&self, chance: &mut Chance, trade: &Trade, saying: Saying<'_>) -> Option<Said> {
        let Saying { request, others, key, .. } = saying;
        let Reply::Data(mut data, proofs, key) = query(chance, request, trade, key) else { return None };
        data.insert("mch_trade_id".to_owned(), json!(request.order_no));
        let proofs = misnumbered(request, others, &mut data, proofs);
        Some(self.dressed(chance, Saying { data, proofs, key, others: None, ..saying }))
    }
}

/// The envelope around what is said, signed with `key`, unless the dress is to have no signature.
fn sealed(chance: &mut Chance, data: &Fields, key: &str, dress: Dress) -> String {
    let mut sign = signature(data, key);
    if chance.permille(300) {
        sign = sign.to_lowercase();
    }
    let code = if chance.permille(500) { json!(0) } else { json!("0") };
    let mut envelope = json!({"code": code, "msg": "OK", "data": data});
    if dress != Dress::UnsignedPaid {
        envelope["sign"] = json!(sign);
    }
    envelope.to_string()
}

fn base(chance: &mut Chance, request: &Request) -> Fields {
    let mut data = Fields::new();
    data.insert("mch_trade_id".to_owned(), json!(request.order_no));
    if chance.permille(700) {
        data.insert("merchant_id".to_owned(), json!(request.merchant));
    }
    data.insert("nonce_str".to_owned(), json!(format!("{:016x}", chance.number())));
    if chance.permille(200) {
        data.insert("news".to_owned(), json!({"a": [1, 2]}));
        data.insert("attach".to_owned(), Value::Null);
    }
    data
}

fn create(world: &mut World, request: &Request, place: usize, key: String) -> Reply {
    let missing = || Reply::Fault(Fault::Missing, "missing field".to_owned());
    let (Some(minor), Some(start), Some(expires)) =
        (request.minor, request.whole("time_start"), request.whole("time_expire"))
    else {
        return missing();
    };
    let pay_type = request.text("pay_type").to_owned();
    let short = request.text("spbill_create_ip").is_empty()
        || (request.code.is_none() && request.text("notify_url").is_empty())
        || (request.code.is_some() != pay_type.ends_with(".micro"));
    if short || request.text("body").is_empty() || minor <= 0 || expires <= start {
        return missing();
    }
    let chance = &mut world.chance;
    let token = format!("{:020x}", chance.number());
    let link = match pay_type.as_str() {
        _ if request.code.is_some() => None,
        "wechat.scan" => Some(("code_url", format!("weixin://wxpay/bizpayurl?pr={token}"))),
        "alipay.scan" | "qq.scan" => Some(("code_url", format!("https://qr.example.com/{token}"))),
        "wechat.jsurl" => Some(("pay_url", format!("https://pay.example.com/{token}"))),
        _ => chance.permille(600).then(|| ("pay_url", format!("https://pay.example.com/{token}"))),
    };
    let made = world.create_trade(Making {
        order_no: &request.order_no,
        place,
        minor,
        expires: Some(expires),
        channel: &pay_type,
        link: link.as_ref().map(|(_, link)| link.clone()),
        way: request.code.clone().map_or(Way::Shown, Way::Code),
    });
    match made {
        Ok(()) => {}
        Err(NotMade::Duplicate) => return Reply::Fault(Fault::Duplicate, "duplicate".to_owned()),
        Err(NotMade::Trouble) => return Reply::Fault(Fault::Upstream, "SYSTEMERROR".to_owned()),
        Err(NotMade::CodeUsed) => {
            let code = request.code.as_deref().unwrap_or_default();
            return Reply::Fault(Fault::CodeUsed, format!("AUTHCODEEXPIRE: auth_code {code} cannot be used"));
        }
    }
    let trade = world.platform.trades[&request.order_no].clone();
    let chance = &mut world.chance;
    let mut data = base(chance, request);
    data.insert("pay_type".to_owned(), json!(pay_type));
    if let Some(code) = &request.code {
        return charged(chance, data, &trade, code, key);
    }
    data.insert("result_code".to_owned(), json!(0));
    data.insert("trade_id".to_owned(), json!(trade.gateway_no));
    if !pay_type.ends_with(".scan") {
        data.insert("token_id".to_owned(), json!(token));
    }
    if let Some((name, link)) = &link {
        data.insert((*name).to_owned(), json!(link));
    }
    Reply::Data(data, vec![Proof::Created], key)
}

/// What the charge of a payment code came to.
fn charged(chance: &mut Chance, mut data: Fields, trade: &Trade, code: &str, key: String) -> Reply {
    data.insert("trade_id".to_owned(), json!(trade.gateway_no));
    data.insert("total_fee".to_owned(), json!(trade.minor));
    if chance.permille(200) {
        data.insert("auth_code".to_owned(), json!(code));
    }
    let proofs = match trade.truth {
        Truth::Paid => {
            let whole = chance.permille(700);
            if whole {
                data.insert("result_code".to_owned(), json!("0"));
            }
            data.insert("trade_state".to_owned(), if chance.permille(500) { json!(0) } else { json!("SUCCESS") });
            // Success is `result_code` 0 (1.4).
            vec![Proof::Created, if whole { Proof::Paid } else { Proof::Contradiction }]
        }
        Truth::Failed => {
            data.insert("result_code".to_owned(), json!(1));
            data.insert("need_query".to_owned(), json!("N"));
            data.insert("err_code".to_owned(), json!("AUTH_CODE_INVALID"));
            data.insert("err_msg".to_owned(), json!(format!("auth_code {code} is not valid")));
            if chance.permille(500) {
                data.insert("trade_state".to_owned(), json!(7));
            }
            vec![Proof::Created, Proof::Failed]
        }
        _ if chance.permille(500) => {
            data.insert("result_code".to_owned(), json!(0));
            data.insert("need_query".to_owned(), json!("Y"));
            data.insert("trade_state".to_owned(), json!("USERPAYING"));
            vec![Proof::Created, Proof::Paying]
        }
        _ => {
            data.insert("result_code".to_owned(), json!(1));
            data.insert("err_code".to_owned(), json!("USERPAYING"));
            data.insert("err_msg".to_owned(), json!(format!("waiting for {code}")));
            if chance.permille(500) {
                data.insert("need_query".to_owned(), json!("Y"));
            }
            vec![Proof::Code]
        }
    };
    Reply::Data(data, proofs, key)
}

fn query(chance: &mut Chance, request: &Request, trade: &Trade, key: String) -> Reply {
    let mut data = base(chance, request);
    let (number, word, proof) = match trade.truth {
        Truth::Unpaid if trade.declined => (7, "PAYERROR", Proof::Unpaid),
        Truth::Unpaid => (2, "NOTPAY", Proof::Unpaid),
        Truth::Paying => (6, "USERPAYING", Proof::Paying),
        Truth::Paid => (0, "SUCCESS", Proof::Paid),
        Truth::Closed => (3, "CLOSED", Proof::Closed),
        Truth::Refunded => (1, "REFUND", Proof::Refunded),
        Truth::Reversed => (4, "REVERSE", Proof::Reversed),
        Truth::Failed => (7, "PAYERROR", Proof::Failed),
    };
    let state = match chance.below(3) {
        0 => json!(number),
        1 => json!(number.to_string()),
        _ => json!(word),
    };
    data.insert("trade_state".to_owned(), state);
    if trade.truth == Truth::Paid || chance.permille(300) {
        let fen = if chance.permille(500) { json!(trade.minor) } else { json!(trade.minor.to_string()) };
        data.insert("total_fee".to_owned(), fen);
        data.insert("trade_id".to_owned(), json!(trade.gateway_no));
        let currency = *chance.one_of(&["", "1", "CNY", "RMB"]);
        data.insert(if chance.permille(500) { "fee_type" } else { "currency_type" }.to_owned(), json!(currency));
    } else if chance.permille(400) {
        data.remove("mch_trade_id");
    }
    if let (Some(at), Some(wallet)) = (trade.paid_at, &trade.wallet_no) {
        data.insert(if chance.permille(500) { "time_end" } else { "end_time" }.to_owned(), json!(at));
        data.insert("out_trade_id".to_owned(), json!(wallet));
    }
    Reply::Data(data, vec![proof], key)
}
