//! BlueOcean: MD5 over `k=v&` of every field, empty ones too, then the key; the signature stands inside `data`.

use super::{Asked, Dress, Fault, Fields, Kind, Number, Proof, Reply, Request, Said, Saying, Speaker};
use super::{back, contradicting, cut, md5_hex, misnumbered, signed_text, written};
use crate::simulation::chance::Chance;
use crate::simulation::gateway::{Making, Merchant, NotMade, Trade, Truth, Way};
use crate::simulation::world::World;
use serde_json::{Value, json};
use till_core::gateway::call::HttpCall;

pub(super) struct BlueOcean;

const REFUNDS: back::Words = back::Words {
    order: "out_trade_no",
    refund: "out_refund_no",
    amount: "refund_fee",
    theirs: "refund_id",
    merchant: "appid",
    currency: Some("fee_type"),
    state: "refund_status",
    under_way: "PROCESSING",
    done: "SUCCESS",
    failed: "REFUNDCLOSE",
    tells_at_once: true,
    numbers: false,
};

/// Stands for parameters whose quotes nobody escaped.
const BROKEN: &str = "@broken@";

/// The gateway's rule for signatures.
fn signature(fields: &Fields, key: &str, with_empty: bool) -> String {
    let mut pairs: Vec<(&str, String)> = fields
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "sign" | "key"))
        .filter_map(|(name, value)| Some((name.as_str(), signed_text(value)?)))
        .filter(|(_, text)| with_empty || !text.is_empty())
        .collect();
    pairs.sort();
    let line: String = pairs.into_iter().map(|(name, text)| format!("{name}={text}&")).collect();
    md5_hex(&format!("{line}key={key}"))
}

impl Speaker for BlueOcean {
    fn number_field(&self) -> &'static str {
        "sn"
    }

    fn read(&self, path: &str, call: &HttpCall) -> Option<Asked> {
        let kind = match path {
            "payment/pay" => Kind::Create,
            "order/query" => Kind::Query,
            "order/close" => Kind::Close,
            "order/reverse" => Kind::Reverse,
            "payment/refund" => Kind::Refund,
            "order/refundquery" => Kind::RefundQuery,
            _ => return None,
        };
        let Ok(Value::Object(fields)) = serde_json::from_slice(&call.body) else { return None };
        let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let asks = kind == Kind::RefundQuery;
        Some(Asked {
            kind,
            merchant: text("appid"),
            number: if asks { Number::Refunds } else { Number::Ours(text("out_trade_no")) },
            refund_no: text(if asks { "customer_refund_no" } else { "out_refund_no" }),
            minor: fields.get("total_fee").or(fields.get("refund_fee")).and_then(Value::as_i64),
            code: Some(text("code")).filter(|code| !code.is_empty()),
            fields,
        })
    }

    fn is_signed(&self, request: &Request, merchant: &Merchant, _seconds: i64) -> bool {
        signature(&request.fields, &merchant.key, true) == request.text("sign")
    }

    fn answer(&self, world: &mut World, request: &Request, place: usize) -> Reply {
        let key = world.platform.merchants[place].key.clone();
        if request.kind == Kind::Create {
            return create(world, request, place, key);
        }
        if request.kind.is_of_a_refund() {
            return back::answer(world, request, &REFUNDS, key);
        }
        let done = match request.kind {
            Kind::Close => world.close_trade(&request.order_no).map(|status| status != -1),
            Kind::Reverse => world.reverse_trade(&request.order_no),
            Kind::Create | Kind::Query | Kind::Refund | Kind::RefundQuery => None,
        };
        let Some(trade) = world.platform.trades.get(&request.order_no).cloned() else {
            return Reply::Fault(Fault::NoSuchOrder, "订单不存在".to_owned());
        };
        let currency = world.platform.merchants[place].currency;
        let chance = &mut world.chance;
        let (data, state) = told(chance, request, &trade, currency);
        let proof = match done {
            None => state,
            Some(true) => Proof::EndDone,
            Some(false) if chance.permille(300) => return Reply::Fault(Fault::Upstream, "不能撤销".to_owned()),
            Some(false) => Proof::EndRefused,
        };
        Reply::Data(data, vec![proof], key)
    }

    fn fault(&self, chance: &mut Chance, fault: Fault, text: &str) -> (Value, Proof) {
        let code = match fault {
            Fault::NoSuchOrder => 40_102,
            Fault::BadSign => 4_004,
            Fault::Busy => 4_006,
            Fault::Upstream => 40_500,
            Fault::AskLater => 201,
            Fault::CodeUsed => 40_111,
            Fault::Duplicate => 40_106,
            Fault::RefundTwice => 493_001,
            Fault::Balance => 40_107,
            Fault::TooLate => 40_108,
            Fault::Missing => 4_003,
            Fault::NoMerchant => 4_002,
        };
        let proof = if fault == Fault::NoSuchOrder { Proof::NoSuchOrder } else { Proof::Code };
        let code = if chance.permille(500) { json!(code) } else { json!(code.to_string()) };
        (json!({"code": code, "message": text, "data": Value::Null}), proof)
    }

    fn dressed(&self, chance: &mut Chance, saying: Saying<'_>) -> Said {
        let Saying { request, mut data, proofs, key, dress, .. } = saying;
        if request.kind.is_of_a_refund() {
            let proofs = back::spoil(chance, (request.kind, &REFUNDS), dress, &mut data, proofs);
            let mut text = sealed(chance, data, &key, dress).to_string();
            back::mangle(&mut text, dress, &REFUNDS);
            return Said { text, authorization: None, proofs };
        }
        let create = request.kind == Kind::Create;
        let mut proofs = proofs;
        let broken = proofs == [Proof::Nothing];
        match dress {
            Dress::OtherNumber => {
                data.insert("out_trade_no".to_owned(), json!("TK0000000000000000000000000X"));
                proofs = contradicting(request);
            }
            // A create does not fail on another `appid` (002:621); what it says of a payment is not believed then.
            Dress::OtherMerchant => {
                data.insert("appid".to_owned(), json!(1_000_343));
                proofs.retain(|proof| create && *proof == Proof::Created);
                if !create || request.code.is_some() {
                    proofs.push(Proof::Contradiction);
                }
            }
            Dress::OtherAmount if matches!(request.kind, Kind::Create | Kind::Query) => {
                data.insert("total_fee".to_owned(), json!(999_999_900 + chance.between(1, 99)));
                proofs = contradicting(request);
            }
            Dress::OtherCurrency if matches!(request.kind, Kind::Create | Kind::Query) => {
                data.insert("fee_type".to_owned(), json!("USD"));
                proofs = contradicting(request);
            }
            Dress::Stateless => {
                data.remove("trade_state");
                proofs = if create { vec![Proof::Created] } else { vec![Proof::Nothing] };
            }
            Dress::UnknownWord => {
                data.insert("trade_state".to_owned(), json!("PARTPAID"));
                proofs = vec![Proof::Nothing];
            }
            Dress::UnsignedPaid | Dress::WrongSign => {
                data.insert("trade_state".to_owned(), json!("SUCCESS"));
                proofs = vec![Proof::Nothing];
            }
            Dress::Cut | Dress::Twice => proofs = vec![Proof::Nothing],
            _ => {}
        }
        let envelope = sealed(chance, data, &key, dress);
        let mut text = envelope.to_string().replace(&format!("\"{BROKEN}\""), "\"{\"prepayid\":\"1\"}\"");
        match dress {
            Dress::Cut => cut(&mut text),
            Dress::Twice => {
                text = text.replacen("\"sn\"", "\"trade_state\":\"SUCCESS\",\"trade_state\":\"SUCCESS\",\"sn\"", 1);
            }
            _ => {}
        }
        Said { text, authorization: None, proofs: if broken { vec![Proof::Nothing] } else { proofs } }
    }

    fn notification(&self, chance: &mut Chance, trade: &Trade, saying: Saying<'_>) -> Option<Said> {
        let Saying { request, key, dress, currency, others, .. } = saying;
        let (mut data, proof) = told(chance, request, trade, currency);
        let mut proofs = misnumbered(request, others, &mut data, vec![proof]);
        let mut set = |name: &str, value: Value, proves: Proof| {
            data.insert(name.to_owned(), value);
            proofs = vec![proves];
        };
        match dress {
            Dress::OtherNumber => set("out_trade_no", json!("TK0000000000000000000000000X"), Proof::Contradiction),
            Dress::OtherMerchant => set("appid", json!(1_000_343), Proof::Contradiction),
            Dress::OtherAmount => {
                set("total_fee", json!(999_999_900 + chance.between(1, 99)), Proof::Contradiction);
            }
            Dress::OtherCurrency => set("fee_type", json!("USD"), Proof::Contradiction),
            Dress::UnknownWord => set("trade_state", json!("PARTPAID"), Proof::Nothing),
            Dress::WrongSign | Dress::UnsignedPaid => set("trade_state", json!("SUCCESS"), Proof::Nothing),
            Dress::Stateless => {
                data.remove("trade_state");
                proofs = vec![Proof::Nothing];
            }
            _ => {}
        }
        if dress != Dress::UnsignedPaid {
            let key = if dress == Dress::WrongSign { "not the key" } else { &key };
            data.insert("sign".to_owned(), json!(signature(&data, key, chance.permille(500))));
        }
        let mut text = written(chance, &data);
        match dress {
            Dress::Cut => cut(&mut text),
            Dress::Twice if text.starts_with('{') => text = text.replacen('{', "{\"trade_state\":\"SUCCESS\",", 1),
            Dress::Twice => text.push_str("&trade_state=SUCCESS"),
            _ => {}
        }
        Some(Said { text, authorization: None, proofs })
    }
}

/// The envelope around what is said, signed as the dress will have it.
fn sealed(chance: &mut Chance, mut data: Fields, key: &str, dress: Dress) -> Value {
    let with_empty = chance.permille(500);
    match dress {
        Dress::UnsignedPaid => {}
        Dress::WrongSign => {
            data.insert("sign".to_owned(), json!(signature(&data, "not the key", true)));
        }
        _ => {
            data.insert("sign".to_owned(), json!(signature(&data, key, with_empty)));
        }
    }
    match chance.below(4) {
        0 => json!({"ret": 0, "msg": "OK", "data": data}),
        1 => json!({"code": "200", "message": "OK", "data": data}),
        _ => json!({"code": 200, "message": "OK", "data": data}),
    }
}

/// An order as this gateway tells it, and what that proves.
fn told(chance: &mut Chance, request: &Request, trade: &Trade, currency: &str) -> (Fields, Proof) {
    // These two say that the customer is paying before anybody has scanned (002:701).
    let from_birth = matches!(trade.channel.as_str(), "unionpay.link" | "wechat.mweb");
    let by_code = matches!(trade.way, Way::Code(_));
    let (word, proof) = match trade.truth {
        Truth::Unpaid if trade.declined => ("PAYERROR", Proof::Unpaid),
        Truth::Unpaid if from_birth => ("USERPAYING", Proof::Paying),
        Truth::Unpaid => ("NOTPAY", Proof::Unpaid),
        Truth::Paying if by_code && chance.permille(300) => ("NOTPAY", Proof::Unpaid),
        Truth::Paying => ("USERPAYING", Proof::Paying),
        Truth::Paid => ("SUCCESS", Proof::Paid),
        Truth::Closed => ("CLOSED", Proof::Closed),
        Truth::Refunded => ("REFUND", Proof::Refunded),
        Truth::Reversed => ("REVOKED", Proof::Reversed),
        Truth::Failed => ("PAYERROR", Proof::Unpaid),
    };
    let mut data = Fields::new();
    data.insert("out_trade_no".to_owned(), json!(request.order_no));
    data.insert("sn".to_owned(), json!(trade.gateway_no));
    data.insert("trade_state".to_owned(), json!(word));
    let fee = if chance.permille(500) { json!(trade.minor) } else { json!(trade.minor.to_string()) };
    data.insert("total_fee".to_owned(), fee);
    if chance.permille(700) {
        data.insert("appid".to_owned(), json!(request.merchant.parse::<i64>().unwrap()));
    }
    if chance.permille(700) {
        data.insert("fee_type".to_owned(), json!(currency));
    }
    // The customer's own currency decides nothing.
    data.insert("cash_fee_type".to_owned(), json!("THB"));
    data.insert("pay_amount".to_owned(), json!(trade.minor / 2));
    data.insert("attach".to_owned(), if chance.permille(500) { Value::Null } else { json!("") });
    data.insert("time_end".to_owned(), json!(trade.paid_at.unwrap_or(0)));
    if let Some(wallet) = &trade.wallet_no {
        data.insert("transaction_id".to_owned(), json!(wallet));
    }
    (data, proof)
}

fn create(world: &mut World, request: &Request, place: usize, key: String) -> Reply {
    let payment = request.text("payment").to_owned();
    let Some(minor) = request.minor.filter(|minor| *minor > 0) else {
        return Reply::Fault(Fault::Missing, "缺少参数".to_owned());
    };
    if request.code.is_some() != (payment == "micropay") {
        return Reply::Fault(Fault::Missing, "缺少参数".to_owned());
    }
    let token = format!("{:020x}", world.chance.number());
    // The parameters of `alipay.app` come as nested JSON that is not valid (002:505): then the whole answer is none.
    let broken = payment == "alipay.app" && world.chance.permille(300);
    let (name, given) = match payment.as_str() {
        "micropay" => ("", None),
        "wechat.jsapi" if world.chance.permille(300) => ("jsapi", Some(json!({"prepay_id": token}).to_string())),
        "wechat.jsapi" => {
            let package = format!("prepay_id={token}");
            let given = json!({"appId": "wx1", "timeStamp": "1772415600", "nonceStr": "n", "package": package,
                "signType": "MD5", "paySign": token});
            ("jsapi", Some(given.to_string()))
        }
        "wechat.app" | "alipay.app" => ("app", Some(json!({"prepayid": token, "appid": "wx1"}).to_string())),
        "wechat.mweb" => ("mweb_url", Some(format!("https://wx.example.com/{token}"))),
        _ => ("qrcode", Some(format!("https://qr.example.com/{token}"))),
    };
    let made = world.create_trade(Making {
        order_no: &request.order_no,
        place,
        minor,
        expires: None,
        channel: &payment,
        link: given.clone(),
        way: request.code.clone().map_or(Way::Shown, Way::Code),
    });
    match made {
        Ok(()) => {}
        Err(NotMade::Duplicate) => return Reply::Fault(Fault::Duplicate, "订单号重复".to_owned()),
        Err(NotMade::Trouble) => return Reply::Fault(Fault::Upstream, "余额不足".to_owned()),
        Err(NotMade::CodeUsed) => {
            let code = request.code.as_deref().unwrap_or_default();
            return Reply::Fault(Fault::CodeUsed, format!("付款码 {code} 已使用过"));
        }
    }
    let trade = world.platform.trades[&request.order_no].clone();
    let currency = world.platform.merchants[place].currency;
    let chance = &mut world.chance;
    let (mut data, state) = told(chance, request, &trade, currency);
    let Some(code) = &request.code else {
        if let Some(given) = given {
            data.insert(name.to_owned(), json!(given));
        }
        if broken {
            data.insert(name.to_owned(), json!(BROKEN));
            return Reply::Data(data, vec![Proof::Nothing], key);
        }
        return Reply::Data(data, vec![Proof::Created], key);
    };
    if trade.truth == Truth::Failed && chance.permille(500) {
        return Reply::Fault(Fault::Upstream, format!("付款码 {code} 无效"));
    }
    if trade.truth == Truth::Paying && chance.permille(400) {
        return Reply::Fault(Fault::AskLater, format!("等待 {code} 支付"));
    }
    if chance.permille(200) {
        data.insert("code".to_owned(), json!(code));
    }
    Reply::Data(data, vec![Proof::Created, state], key)
}
