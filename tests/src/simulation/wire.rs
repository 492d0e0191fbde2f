//! What the gateway says on the wire: its own signing, its own reading, and every way in which an answer can be wrong.

use super::chance::Chance;
use super::gateway::{Trade, Truth};
use super::world::{H, S, World};
use md5::{Digest, Md5};
use serde_json::{Map, Value, json};
use till_core::gateway::call::{HttpAnswer, HttpCall};

/// What a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `/pay`.
    Create,
    /// `/query`.
    Query,
    /// `/order_close`.
    Close,
}

impl Kind {
    /// For the story.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Query => "query",
            Self::Close => "close",
        }
    }
}

/// A request as the gateway reads it.
#[derive(Debug, Clone)]
pub struct Request {
    /// What for.
    pub kind: Kind,
    /// Its fields.
    pub fields: Map<String, Value>,
    /// When it left, world time.
    pub left: i64,
}

impl Request {
    /// Reads a call to one of the gateway's addresses.
    #[must_use]
    pub fn read(call: &HttpCall, left: i64) -> Option<Self> {
        let kind = match call.url.strip_prefix("https://gateway.example.com/paygate/merchant_info/")? {
            "pay" => Kind::Create,
            "query" => Kind::Query,
            "order_close" => Kind::Close,
            _ => return None,
        };
        let Ok(Value::Object(fields)) = serde_json::from_slice(&call.body) else { return None };
        let request = Self { kind, fields, left };
        (!request.order_no().is_empty() && !request.merchant().is_empty()).then_some(request)
    }

    /// A field as text.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        self.fields.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    fn whole(&self, name: &str) -> Option<i64> {
        self.fields.get(name).and_then(Value::as_i64)
    }

    /// Our number.
    #[must_use]
    pub fn order_no(&self) -> &str {
        self.text("mch_trade_id")
    }

    /// The merchant.
    #[must_use]
    pub fn merchant(&self) -> &str {
        self.text("merchant_id")
    }
}

/// The gateway's rule for signatures.
fn signature(fields: &Map<String, Value>, key: &str) -> String {
    let mut pairs: Vec<(String, String)> = Vec::new();
    for (name, value) in fields {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Bool(yes) => yes.to_string(),
            Value::Null | Value::Array(_) | Value::Object(_) => continue,
        };
        if name != "sign" && !text.is_empty() {
            pairs.push((name.clone(), text));
        }
    }
    pairs.sort();
    let mut line: Vec<String> = pairs.into_iter().map(|(name, text)| format!("{name}={text}")).collect();
    line.push(format!("key={key}"));
    let digest = Md5::digest(line.join("&").as_bytes());
    digest.iter().map(|byte| format!("{byte:02X}")).collect()
}

/// What an answer, as it is delivered, proves about the order that was asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Proof {
    /// Nothing at all.
    Nothing,
    /// The gateway says, unsigned, that it knows no such order.
    NoSuchOrder,
    /// An error code, unsigned.
    Code,
    /// The create was accepted.
    Created,
    /// Unpaid.
    Unpaid,
    /// Paying.
    Paying,
    /// Paid.
    Paid,
    /// Refunded.
    Refunded,
    /// Closed.
    Closed,
    /// Reversed.
    Reversed,
    /// A close was done, now or before.
    CloseDone,
    /// A close was refused.
    CloseRefused,
    /// It is authentic and not about this order, or says two things.
    Contradiction,
}

/// What the gateway means to say.
#[derive(Debug, Clone)]
pub enum Reply {
    /// A signed answer.
    Data(Map<String, Value>, Proof, String),
    /// A code, unsigned.
    Code(i64),
}

/// What is done to an answer on its way, or by a gateway in disorder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dress {
    /// Nothing.
    Plain,
    /// An error of the server, before or after it has done what was asked.
    Status(u16, bool),
    /// A page.
    Html,
    /// Cut off.
    Cut,
    /// Nothing in it.
    Empty,
    /// A wrong signature.
    WrongSign,
    /// No signature, and it says paid.
    UnsignedPaid,
    /// A field twice, the second one saying paid.
    Twice,
    /// An error code.
    Code(i64),
    /// Code 0 without a state.
    Stateless,
    /// Another order's number, signed.
    OtherNumber,
    /// Another amount, signed.
    OtherAmount,
    /// Another merchant, signed.
    OtherMerchant,
    /// Another currency, signed.
    OtherCurrency,
    /// It says paid and failed.
    Torn,
    /// A word that no document knows.
    UnknownWord,
}

impl Dress {
    /// Whether the request was worked on.
    #[must_use]
    pub fn reaches_the_gateway(self) -> bool {
        !matches!(self, Self::Status(_, false) | Self::Code(301 | 101 | 108))
    }
}

/// One of the ways.
pub fn some_dress(chance: &mut Chance) -> Dress {
    let all = [
        Dress::Status(500, chance.permille(500)),
        Dress::Status(503, false),
        Dress::Status(429, false),
        Dress::Html,
        Dress::Cut,
        Dress::Empty,
        Dress::WrongSign,
        Dress::UnsignedPaid,
        Dress::Twice,
        Dress::Code(301),
        Dress::Code(101),
        Dress::Code(108),
        Dress::Code(600),
        Dress::Stateless,
        Dress::OtherNumber,
        Dress::OtherAmount,
        Dress::OtherAmount,
        Dress::OtherMerchant,
        Dress::OtherCurrency,
        Dress::Torn,
        Dress::UnknownWord,
    ];
    *chance.one_of(&all)
}

/// The gateway works on a request.
pub fn answer(world: &mut World, request: &Request) -> Reply {
    let Some(place) = world.platform.merchants.iter().position(|known| known.id == request.merchant()) else {
        return Reply::Code(200);
    };
    let key = world.platform.merchants[place].key.clone();
    if signature(&request.fields, &key) != request.text("sign") {
        return Reply::Code(101);
    }
    match request.kind {
        Kind::Create => create(world, request, key),
        Kind::Query => {
            let Some(trade) = world.platform.trades.get(request.order_no()) else { return Reply::Code(301) };
            let trade = trade.clone();
            query(&mut world.chance, request, &trade, key)
        }
        Kind::Close => match world.close_trade(request.order_no()) {
            None => Reply::Code(301),
            Some(status) => {
                let proof = if status == -1 { Proof::CloseRefused } else { Proof::CloseDone };
                let chance = &mut world.chance;
                let status = if chance.permille(500) { json!(status.to_string()) } else { json!(status) };
                let name = if chance.permille(300) { "close_staus" } else { "close_status" };
                let mut data = base(chance, request);
                data.insert(name.to_owned(), status);
                Reply::Data(data, proof, key)
            }
        },
    }
}

fn base(chance: &mut Chance, request: &Request) -> Map<String, Value> {
    let mut data = Map::new();
    data.insert("mch_trade_id".to_owned(), json!(request.order_no()));
    if chance.permille(700) {
        data.insert("merchant_id".to_owned(), json!(request.merchant()));
    }
    data.insert("nonce_str".to_owned(), json!(format!("{:016x}", chance.number())));
    if chance.permille(200) {
        data.insert("news".to_owned(), json!({"a": [1, 2]}));
        data.insert("attach".to_owned(), Value::Null);
    }
    data
}

fn create(world: &mut World, request: &Request, key: String) -> Reply {
    let no = request.order_no().to_owned();
    if world.platform.trades.contains_key(&no) {
        return Reply::Code(107);
    }
    let (Some(fen), Some(start), Some(expires)) =
        (request.whole("total_fee"), request.whole("time_start"), request.whole("time_expire"))
    else {
        return Reply::Code(103);
    };
    let short = request.text("spbill_create_ip").is_empty() || request.text("notify_url").is_empty();
    if short || request.text("body").is_empty() || fen <= 0 || expires <= start {
        return Reply::Code(103);
    }
    // An order that has expired before it begins is refused.
    if expires <= world.gateway_seconds() || (!world.fair && world.chance.permille(15)) {
        return Reply::Code(600);
    }
    let pay_type = request.text("pay_type").to_owned();
    let trade_id = world.platform.number();
    let chance = &mut world.chance;
    let token = format!("{:020x}", chance.number());
    let mut data = base(chance, request);
    data.insert("result_code".to_owned(), json!(0));
    data.insert("trade_id".to_owned(), json!(trade_id));
    data.insert("pay_type".to_owned(), json!(pay_type));
    let link = match pay_type.as_str() {
        "wechat.scan" => Some(("code_url", format!("weixin://wxpay/bizpayurl?pr={token}"))),
        "alipay.scan" | "qq.scan" => Some(("code_url", format!("https://qr.example.com/{token}"))),
        "wechat.jsurl" => Some(("pay_url", format!("https://pay.example.com/{token}"))),
        _ => chance.permille(600).then(|| ("pay_url", format!("https://pay.example.com/{token}"))),
    };
    if !pay_type.ends_with(".scan") {
        data.insert("token_id".to_owned(), json!(token));
    }
    if let Some((name, link)) = &link {
        data.insert((*name).to_owned(), json!(link));
    }
    let trade = Trade {
        trade_id,
        wallet_id: None,
        fen,
        created: world.now,
        expires,
        link: link.map(|(_, link)| link),
        truth: Truth::Unpaid,
        declined: false,
        paid_at: None,
        changes: 0,
        ever_paid: false,
    };
    world.tell(format_args!("gateway: {} created", &no[24..]));
    world.platform.trades.insert(no.clone(), trade);
    world.customer_comes(&no);
    if !world.fair && world.chance.permille(200) {
        let after = world.chance.between(300 * S, 2 * H);
        world.later(after, &no, super::gateway::Deed::CloseItself);
    }
    Reply::Data(data, Proof::Created, key)
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
    };
    let state = match chance.below(3) {
        0 => json!(number),
        1 => json!(number.to_string()),
        _ => json!(word),
    };
    data.insert("trade_state".to_owned(), state);
    if trade.truth == Truth::Paid || chance.permille(300) {
        let fen = if chance.permille(500) { json!(trade.fen) } else { json!(trade.fen.to_string()) };
        data.insert("total_fee".to_owned(), fen);
        data.insert("trade_id".to_owned(), json!(trade.trade_id));
        let currency = *chance.one_of(&["", "1", "CNY", "RMB"]);
        data.insert(if chance.permille(500) { "fee_type" } else { "currency_type" }.to_owned(), json!(currency));
    } else if chance.permille(400) {
        data.remove("mch_trade_id");
    }
    if let (Some(at), Some(wallet)) = (trade.paid_at, &trade.wallet_id) {
        data.insert(if chance.permille(500) { "time_end" } else { "end_time" }.to_owned(), json!(at));
        data.insert("out_trade_id".to_owned(), json!(wallet));
    }
    Reply::Data(data, proof, key)
}

/// The answer as it is delivered, and what it proves.
pub fn dressed(world: &mut World, request: &Request, reply: Option<Reply>, dress: Dress) -> (HttpAnswer, Proof) {
    let seconds = world.gateway_seconds();
    let chance = &mut world.chance;
    let mut answer = HttpAnswer {
        status: 200,
        body: Vec::new(),
        date: chance.permille(800).then_some(seconds),
        retry_after: None,
        authorization: None,
    };
    let status = match dress {
        Dress::Status(status, _) => Some(status),
        Dress::Plain if reply.is_none() => Some(502),
        _ => None,
    };
    if let Some(status) = status {
        answer.status = status;
        answer.body = b"<html>busy</html>".to_vec();
        answer.retry_after = (status != 500).then(|| u32::try_from(chance.below(40)).unwrap());
        return (answer, Proof::Nothing);
    }
    let text = match (dress, reply) {
        (Dress::Html, _) => "<html><body>trade_state=0</body></html>".to_owned(),
        (Dress::Empty, _) => String::new(),
        (Dress::Code(code), _) | (_, Some(Reply::Code(code))) => {
            answer.body = json!({"code": code, "msg": "refused", "data": Value::Null}).to_string().into_bytes();
            return (answer, if code == 301 { Proof::NoSuchOrder } else { Proof::Code });
        }
        (_, None) => "{}".to_owned(),
        (dress, Some(Reply::Data(data, proof, key))) => {
            let (text, proof) = signed(chance, request, data, proof, &key, dress);
            answer.body = text.into_bytes();
            return (answer, proof);
        }
    };
    answer.body = text.into_bytes();
    (answer, Proof::Nothing)
}

fn signed(
    chance: &mut Chance,
    request: &Request,
    mut data: Map<String, Value>,
    proof: Proof,
    key: &str,
    dress: Dress,
) -> (String, Proof) {
    let paid_words = |data: &mut Map<String, Value>| {
        data.insert("trade_state".to_owned(), json!(0));
        data.insert("mch_trade_id".to_owned(), json!(request.order_no()));
        data.entry("total_fee".to_owned()).or_insert(json!(1));
    };
    let query = request.kind == Kind::Query;
    let contradicted = match dress {
        Dress::OtherNumber => {
            data.insert("mch_trade_id".to_owned(), json!("TK0000000000000000000000000X"));
            true
        }
        Dress::OtherMerchant => {
            data.insert("merchant_id".to_owned(), json!("1000000000000001"));
            true
        }
        Dress::OtherAmount if request.kind != Kind::Close => {
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
            for name in ["trade_state", "close_status", "close_staus"] {
                data.remove(name);
            }
        }
        Dress::UnknownWord => {
            data.insert(if query { "trade_state" } else { "close_status" }.to_owned(), json!("5"));
            data.remove("close_staus");
        }
        Dress::UnsignedPaid => paid_words(&mut data),
        _ => {}
    }
    let mut sign = signature(&data, key);
    if dress == Dress::WrongSign {
        paid_words(&mut data);
        sign = signature(&data, "not the key");
    } else if chance.permille(300) {
        sign = sign.to_lowercase();
    }
    let mut envelope =
        json!({"code": if chance.permille(500) { json!(0) } else { json!("0") }, "msg": "OK", "data": data});
    if dress != Dress::UnsignedPaid {
        envelope["sign"] = json!(sign);
    }
    let mut text = envelope.to_string();
    if dress == Dress::Cut {
        let mut end = text.len() * 2 / 3;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
    }
    if dress == Dress::Twice {
        text = text.replacen("\"nonce_str\"", "\"trade_state\":\"0\",\"trade_state\":0,\"nonce_str\"", 1);
    }
    let proof = match dress {
        Dress::Cut | Dress::WrongSign | Dress::UnsignedPaid | Dress::Twice => Proof::Nothing,
        Dress::Stateless | Dress::UnknownWord if request.kind != Kind::Create => Proof::Nothing,
        _ if contradicted => Proof::Contradiction,
        _ => proof,
    };
    (text, proof)
}
