//! What the gateways say on the wire: four dialects, each with its own signing, its own reading, and every way in which an
//! answer can be wrong.

mod back;
mod blueocean;
mod dingdang;
mod jubao;
mod pooul;

pub use dingdang::{skill_key_pem, tsk_public_key};

use super::chance::Chance;
use super::gateway::{Merchant, Trade};
use super::world::World;
use md5::{Digest, Md5};
use serde_json::{Map, Value};
use till_core::gateway::call::{HttpAnswer, HttpCall};

/// The fields of a message.
type Fields = Map<String, Value>;

/// A gateway's language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dialect {
    /// Pooul v1.
    Pooul,
    /// Jubao, the `mch_id` half of document 002.
    Jubao,
    /// BlueOcean, the `appid` half of document 002.
    BlueOcean,
    /// Tencent Dingdang.
    Dingdang,
}

impl Dialect {
    const ALL: [Self; 4] = [Self::Pooul, Self::Jubao, Self::BlueOcean, Self::Dingdang];

    /// Its gateway's name in the registry.
    #[must_use]
    pub fn gateway(self) -> &'static str {
        match self {
            Self::Pooul => "pooul",
            Self::Jubao => "jubao",
            Self::BlueOcean => "blueocean",
            Self::Dingdang => "dingdang",
        }
    }

    /// The dialect of a gateway.
    #[must_use]
    pub fn of(gateway: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dialect| dialect.gateway() == gateway)
    }

    /// Where it is spoken.
    #[must_use]
    pub fn base_url(self) -> String {
        format!("https://{}.example.com", self.gateway())
    }

    /// The account's field that names the merchant.
    #[must_use]
    pub fn merchant_field(self) -> &'static str {
        match self {
            Self::Pooul => "merchant_id",
            Self::Jubao => "mch_id",
            Self::BlueOcean => "appid",
            Self::Dingdang => "skill_id",
        }
    }

    /// Whether an unpaid order can be closed.
    #[must_use]
    pub fn closes(self) -> bool {
        matches!(self, Self::Pooul | Self::BlueOcean)
    }

    fn speaker(self) -> &'static dyn Speaker {
        match self {
            Self::Pooul => &pooul::Pooul,
            Self::Jubao => &jubao::Jubao,
            Self::BlueOcean => &blueocean::BlueOcean,
            Self::Dingdang => &dingdang::Dingdang,
        }
    }
}

/// One dialect.
trait Speaker: Sync {
    /// Reads a call to an address below the gateway's own.
    fn read(&self, path: &str, call: &HttpCall) -> Option<Asked>;

    /// Whether the request is signed as this gateway wants it, by its clock.
    fn is_signed(&self, request: &Request, merchant: &Merchant, seconds: i64) -> bool;

    /// Works on a signed request.
    fn answer(&self, world: &mut World, request: &Request, place: usize) -> Reply;

    /// The body that says an error, and what it proves.
    fn fault(&self, chance: &mut Chance, fault: Fault, text: &str) -> (Value, Proof);

    /// The answer as text, signed; dressed as the network or a gateway in disorder would have it.
    fn dressed(&self, chance: &mut Chance, saying: Saying<'_>) -> Said;

    /// What the gateway sends by itself about an order, dressed likewise; none: it sends nothing. `saying` bears no data yet.
    fn notification(&self, _chance: &mut Chance, _trade: &Trade, _saying: Saying<'_>) -> Option<Said> {
        None
    }
}

/// What a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Makes an order.
    Create,
    /// Asks about one.
    Query,
    /// Closes one.
    Close,
    /// Reverses one.
    Reverse,
    /// Gives money back.
    Refund,
    /// Asks about a refund.
    RefundQuery,
}

impl Kind {
    /// For the story.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Query => "query",
            Self::Close => "close",
            Self::Reverse => "reverse",
            Self::Refund => "refund",
            Self::RefundQuery => "refund query",
        }
    }

    /// Whether it is about money that goes back.
    #[must_use]
    pub fn is_of_a_refund(self) -> bool {
        matches!(self, Self::Refund | Self::RefundQuery)
    }
}

/// How a request names its order.
enum Number {
    /// By the merchant's number.
    Ours(String),
    /// By the gateway's.
    Theirs(String),
    /// By the merchant's number of a refund of it.
    Refunds,
}

/// What a dialect reads in a call.
struct Asked {
    kind: Kind,
    merchant: String,
    number: Number,
    /// The merchant's number of the refund, where there is one.
    refund_no: String,
    minor: Option<i64>,
    code: Option<String>,
    fields: Fields,
}

/// A request as the gateway reads it.
#[derive(Debug, Clone)]
pub struct Request {
    /// Its language.
    pub dialect: Dialect,
    /// What for.
    pub kind: Kind,
    /// The merchant.
    pub merchant: String,
    /// The merchant's number of the order; where only the gateway's was given, the truth knows whose it is.
    pub order_no: String,
    /// The number that it named, whoever's.
    pub named: String,
    /// The merchant's number of the refund; empty where it is about none.
    pub refund_no: String,
    /// Minor units, where it makes an order or gives money back.
    pub minor: Option<i64>,
    /// The customer's payment code.
    pub code: Option<String>,
    /// When it left, world time.
    pub left: i64,
    fields: Fields,
    authorization: Option<String>,
    body: Vec<u8>,
}

impl Request {
    /// Reads a call to one of the gateways' addresses.
    #[must_use]
    pub fn read(world: &World, call: &HttpCall) -> Option<Self> {
        let (dialect, path) = Dialect::ALL
            .into_iter()
            .find_map(|dialect| Some((dialect, call.url.strip_prefix(&format!("{}/", dialect.base_url()))?)))?;
        let Asked { kind, merchant, number, refund_no, minor, code, fields } = dialect.speaker().read(path, call)?;
        let (order_no, named) = match number {
            Number::Ours(no) => (no.clone(), no),
            Number::Theirs(no) => {
                let ours = world.platform.ours(dialect, &no).map(str::to_owned);
                (ours.unwrap_or_else(|| format!("?{no}")), no)
            }
            Number::Refunds => {
                let ours = world.book.order_of_refund(&refund_no).map(str::to_owned);
                (ours.unwrap_or_else(|| format!("?{refund_no}")), refund_no.clone())
            }
        };
        if order_no.is_empty() || merchant.is_empty() || kind.is_of_a_refund() == refund_no.is_empty() {
            return None;
        }
        let authorization = call.headers.iter().find(|(name, _)| *name == "authorization");
        Some(Self {
            dialect,
            kind,
            merchant,
            order_no,
            named,
            refund_no,
            minor,
            code,
            left: world.now,
            fields,
            authorization: authorization.map(|(_, value)| value.clone()),
            body: call.body.clone(),
        })
    }

    fn text(&self, name: &str) -> &str {
        self.fields.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    fn whole(&self, name: &str) -> Option<i64> {
        self.fields.get(name).and_then(Value::as_i64)
    }
}

/// The end of a number, for the story.
#[must_use]
pub fn tail(number: &str) -> &str {
    number.char_indices().rev().nth(3).map_or(number, |(at, _)| &number[at..])
}

/// A value as signatures see it; none: nothing that is signed.
fn signed_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(yes) => Some(yes.to_string()),
        Value::Null => Some(String::new()),
        Value::Array(_) | Value::Object(_) => None,
    }
}

fn md5_hex(text: &str) -> String {
    Md5::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02X}")).collect()
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
    /// Failed for good.
    Failed,
    /// A close or a reverse was done, now or before.
    EndDone,
    /// A close or a reverse was refused.
    EndRefused,
    /// The refund was taken on.
    RefundUnderWay,
    /// The refund's money is back.
    RefundDone,
    /// The refund came to nothing.
    RefundFailed,
    /// It is authentic and not about this order, or says two things.
    Contradiction,
}

/// A gateway's error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It knows no such order.
    NoSuchOrder,
    /// The signature is wrong.
    BadSign,
    /// It does not serve now.
    Busy,
    /// The system behind it has a fault.
    Upstream,
    /// The number was used before.
    Duplicate,
    /// Something is missing in the request.
    Missing,
    /// It knows no such merchant.
    NoMerchant,
    /// The payment code was used before.
    CodeUsed,
    /// Nobody knows yet what the payment code will bring.
    AskLater,
    /// The refund's number was used before.
    RefundTwice,
    /// The merchant's balance does not reach for a refund.
    Balance,
    /// The payment is too long ago for a refund.
    TooLate,
}

/// What the gateway means to say.
#[derive(Debug, Clone)]
pub enum Reply {
    /// An answer, what it proves, and the key that signs it.
    Data(Fields, Vec<Proof>, String),
    /// An error, in free words.
    Fault(Fault, String),
}

/// An answer about to be said.
struct Saying<'a> {
    request: &'a Request,
    /// Whether the journal holds the order: what is said of another one cannot be compared with anything.
    known: bool,
    refuses_unsigned: bool,
    /// What the merchant is paid in.
    currency: &'static str,
    seconds: i64,
    data: Fields,
    proofs: Vec<Proof>,
    key: String,
    dress: Dress,
}

/// An answer as it was said.
struct Said {
    text: String,
    authorization: Option<String>,
    proofs: Vec<Proof>,
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
    /// A wrong signature, and it says paid.
    WrongSign,
    /// No signature, and it says paid.
    UnsignedPaid,
    /// A field twice, the second one saying paid.
    Twice,
    /// An error code.
    Fault(Fault),
    /// Success without a state.
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
        !matches!(self, Self::Status(_, false) | Self::Fault(Fault::NoSuchOrder | Fault::BadSign | Fault::Busy))
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
        Dress::Fault(Fault::NoSuchOrder),
        Dress::Fault(Fault::BadSign),
        Dress::Fault(Fault::Busy),
        Dress::Fault(Fault::Upstream),
        Dress::Fault(Fault::Balance),
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

/// One of the ways in which a notification can be wrong.
pub fn some_note(chance: &mut Chance) -> Dress {
    let all = [
        Dress::Stateless,
        Dress::Stateless,
        Dress::WrongSign,
        Dress::UnsignedPaid,
        Dress::Twice,
        Dress::Cut,
        Dress::OtherNumber,
        Dress::OtherAmount,
        Dress::OtherMerchant,
        Dress::OtherCurrency,
        Dress::Torn,
        Dress::UnknownWord,
    ];
    *chance.one_of(&all)
}

/// What the gateway sends by itself about an order as it stands now, and what that proves.
pub fn notification(world: &mut World, order_no: &str, dress: Dress) -> Option<(Vec<u8>, Vec<Proof>)> {
    let trade = world.platform.trades.get(order_no)?.clone();
    let merchant = world.platform.merchants[trade.place].clone();
    let request = Request {
        dialect: merchant.dialect,
        kind: Kind::Query,
        merchant: merchant.id,
        order_no: order_no.to_owned(),
        named: order_no.to_owned(),
        refund_no: String::new(),
        minor: None,
        code: None,
        left: world.now,
        fields: Fields::new(),
        authorization: None,
        body: vec![],
    };
    let saying = Saying {
        request: &request,
        known: true,
        refuses_unsigned: merchant.refuses_unsigned,
        currency: merchant.currency,
        seconds: world.gateway_seconds(),
        data: Fields::new(),
        proofs: vec![],
        key: merchant.key,
        dress,
    };
    let said = merchant.dialect.speaker().notification(&mut world.chance, &trade, saying)?;
    Some((said.text.into_bytes(), said.proofs))
}

/// A notification's fields as JSON or as a form.
fn written(chance: &mut Chance, data: &Fields) -> String {
    if chance.permille(500) {
        return Value::Object(data.clone()).to_string();
    }
    let encoded = |text: &str| -> String {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        text.bytes()
            .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
            .collect()
    };
    let pair = |(name, value): (&String, &Value)| {
        format!("{}={}", encoded(name), encoded(&signed_text(value).unwrap_or_default()))
    };
    data.iter().map(pair).collect::<Vec<_>>().join("&")
}

/// The gateway works on a request.
pub fn answer(world: &mut World, request: &Request) -> Reply {
    let Some(place) = world.platform.merchant(request.dialect, &request.merchant) else {
        return Reply::Fault(Fault::NoMerchant, "no such merchant".to_owned());
    };
    let seconds = world.gateway_seconds();
    let speaker = request.dialect.speaker();
    if !speaker.is_signed(request, &world.platform.merchants[place], seconds) {
        return Reply::Fault(Fault::BadSign, "refused".to_owned());
    }
    speaker.answer(world, request, place)
}

/// The answer as it is delivered, and what it proves.
pub fn dressed(world: &mut World, request: &Request, reply: Option<Reply>, dress: Dress) -> (HttpAnswer, Vec<Proof>) {
    let seconds = world.gateway_seconds();
    let known = world.book.orders.contains_key(&request.order_no);
    let place = world.platform.merchant(request.dialect, &request.merchant);
    let refuses_unsigned = place.is_some_and(|place| world.platform.merchants[place].refuses_unsigned);
    let currency = place.map_or("CNY", |place| world.platform.merchants[place].currency);
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
        return (answer, vec![Proof::Nothing]);
    }
    let speaker = request.dialect.speaker();
    let text = match (dress, reply) {
        (Dress::Html, _) => "<html><body>trade_state=0&status=2</body></html>".to_owned(),
        (Dress::Empty, _) => String::new(),
        (Dress::Fault(fault), _) => {
            let (body, proof) = speaker.fault(chance, fault, "refused");
            answer.body = body.to_string().into_bytes();
            return (answer, vec![proof]);
        }
        (_, Some(Reply::Fault(fault, text))) => {
            let (body, proof) = speaker.fault(chance, fault, &text);
            answer.body = body.to_string().into_bytes();
            return (answer, vec![proof]);
        }
        (_, None) => "{}".to_owned(),
        (dress, Some(Reply::Data(data, proofs, key))) => {
            let saying = Saying { request, known, refuses_unsigned, currency, seconds, data, proofs, key, dress };
            let said = speaker.dressed(chance, saying);
            answer.body = said.text.into_bytes();
            answer.authorization = said.authorization;
            return (answer, said.proofs);
        }
    };
    answer.body = text.into_bytes();
    (answer, vec![Proof::Nothing])
}

/// Two thirds of a text.
fn cut(text: &mut String) {
    let mut end = text.len() * 2 / 3;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
}
