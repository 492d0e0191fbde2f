//! The gateways' wire: four dialects, each with its own signing and its own reading. Nothing here knows how the till thinks.

mod answer;
mod back;
mod blueocean;
mod dingdang;
mod dress;
mod jubao;
mod notification;
mod partner;
mod pooul;
mod request;

pub use answer::{Fault, Proof, Reply, answer, dressed};
pub use dingdang::{skill_key_pem, tsk_public_key};
pub use dress::{Dress, some_dress, some_note};
pub use notification::notification;
pub use partner::{Due, Letter, Replied, Spoil, TOKEN_MARK, letter, reply, some_spoil};
pub use request::{Kind, Request};

use super::chance::Chance;
use super::gateway::{Merchant, Trade};
use super::world::World;
use answer::{Said, Saying, contradicting, cut, misnumbered};
use md5::{Digest, Md5};
use notification::written;
use request::{Asked, Number};
use serde_json::{Map, Value};
use till_core::gateway::call::HttpCall;

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
    /// What it calls its own number of an order.
    fn number_field(&self) -> &'static str;

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
