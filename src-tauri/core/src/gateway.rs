//! Gateways: what each one speaks, as pure functions from intentions to HTTP calls and from HTTP answers to meaning.
//!
//! Building fails = nothing was sent. Reading fails = the outcome is unknown. The two never share a type.

mod answer;
pub mod blueocean;
pub mod bridge;
pub mod call;
pub mod descriptor;
pub mod dingdang;
mod form;
pub mod json;
pub mod jubao;
mod keyed_md5;
pub mod keys;
pub mod notification;
pub mod official_account;
pub mod partner;
mod parts;
pub mod pooul;
pub mod reaction;
pub mod refund;
mod request;
pub mod response_code;
pub mod unheard;

use crate::account::{Account, Keys};
use crate::money::Money;
use crate::order::report::TradeReport;
use bridge::Bridge;
use call::{HttpAnswer, HttpCall};
use descriptor::{Channel, Descriptor};
use notification::Told;
use partner::Partnering;
use reaction::Said;
use refund::{RefundIntent, RefundReport, RefundSubject};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// Every gateway of the product. A new one is a file beside this one and a line here.
pub static REGISTRY: [&dyn Gateway; 4] = [&pooul::Pooul, &jubao::Jubao, &dingdang::Dingdang, &blueocean::BlueOcean];

/// The gateway of that name.
#[must_use]
pub fn named(name: &str) -> Option<&'static dyn Gateway> {
    REGISTRY.into_iter().find(|gateway| gateway.descriptor().name == name)
}

/// Who talks, and what one call needs besides its intention.
#[derive(Clone, Copy)]
pub struct Dealing<'a> {
    /// The account, in the version of the order.
    pub account: &'a Account,
    /// The account's secrets.
    pub keys: &'a Keys,
    /// 32 random characters of `[0-9a-z]`.
    pub nonce: &'a str,
    /// Now, UTC seconds by the gateway's clock.
    pub seconds: i64,
}

/// The intention to ask a customer for money, once.
#[derive(Debug, Clone)]
pub struct CreateIntent<'a> {
    /// Our number.
    pub order_no: &'a str,
    /// The channel.
    pub channel: &'static Channel,
    /// What is asked for.
    pub amount: Money,
    /// What the customer reads.
    pub body: &'a str,
    /// The till's id.
    pub device_info: &'a str,
    /// The address that the order is made from.
    pub client_ip: &'a str,
    /// UTC seconds, 10 digits, by the gateway's clock.
    pub time_start: i64,
    /// UTC seconds, 10 digits, by the gateway's clock.
    pub time_expire: i64,
    /// The channel's extra fields, by the gateway's names.
    pub extra: &'a BTreeMap<String, String>,
    /// Where the customer lands after paying, unless the account says otherwise.
    pub return_to: Option<&'a str>,
    /// What the scanner read from the customer's phone, where the channel is consumer-presented. Never stored.
    pub payment_code: Option<&'a SecretString>,
}

/// How many digits a payment code has: wallets print 16 to 24, and nothing documents a limit. A guard against reading
/// something else, and the measure of what must not be kept.
pub const PAYMENT_CODE_DIGITS: RangeInclusive<usize> = 12..=32;

/// Which order a query or a close is about.
#[derive(Debug, Clone)]
pub struct Subject<'a> {
    /// Our number.
    pub order_no: &'a str,
    /// The channel it was made on.
    pub channel: &'static Channel,
    /// The gateway's number, adopted from a verified answer.
    pub gateway_no: Option<&'a str>,
}

/// Why a call could not be built. Nothing was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unbuildable {
    /// A field of the account is not set.
    AccountField(&'static str),
    /// A secret of the account is not set.
    Secret(&'static str),
    /// An extra field that the channel needs is not given.
    ExtraField(&'static str),
    /// None of these extra fields is given, and the channel needs one of them.
    OneOf(Vec<&'static str>),
    /// An extra field that the channel does not take, or with a value that it does not take.
    BadExtra(String),
    /// An extra field has a value that is none of its choices.
    NoChoice {
        /// The field, by the gateway's name.
        field: &'static str,
        /// What it takes.
        choices: &'static [&'static str],
    },
    /// A value does not fit the gateway's rules, by the gateway's field name.
    BadValue(&'static str),
    /// A text has more characters than are sent.
    TooLong {
        /// The text, by the gateway's field name.
        field: &'static str,
        /// How many it may have.
        limit: usize,
    },
    /// A text holds the name of a field that the gateway's notifications are nothing without. They carry the text back, and under
    /// their signature it could not be told from that field.
    HoldsName {
        /// The text, by the gateway's field name.
        field: &'static str,
        /// The name in it.
        name: &'static str,
    },
    /// The channel needs the customer's payment code, or cannot use what was given.
    PaymentCode,
    /// A refund needs lines whose amounts add up to it.
    RefundLines,
}

/// What reading an answer gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Read<T> {
    /// An authentic answer and what it means.
    Means(T),
    /// An error code of the gateway, signed or not. It may inform or lead to a question; it ends nothing.
    Says(Said),
    /// Nothing that can be relied on. The outcome is unknown.
    Unreadable(Unreadable),
}

impl<T> Read<T> {
    /// Whether they are the gateway's own words, so that its `Date` beside them is believed: also where a right signature is out of
    /// time, for then it is one of the two clocks that is.
    #[must_use]
    pub fn is_the_gateways(&self) -> bool {
        match self {
            Self::Means(_) | Self::Says(_) => true,
            Self::Unreadable(why) => matches!(why, Unreadable::Stale(_)),
        }
    }
}

/// Why an answer cannot be relied on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum Unreadable {
    /// An HTTP status other than 200.
    Status(u16),
    /// An empty body.
    Empty,
    /// Not the gateway's format: HTML, truncated, wrong encoding.
    NotJson,
    /// A key stands twice, so that two readers could read two things.
    DuplicatedKey,
    /// No signature where the gateway signs.
    Unsigned,
    /// The signature does not match.
    WrongSignature,
    /// The signature is right, and was made so many seconds ago, or ahead: too far for either side to believe the other's.
    Stale(u32),
    /// No state where one must stand.
    NoState,
    /// A word or number that no document knows.
    UnknownWord(String),
    /// A field has a form that cannot be read, by its name.
    BadField(String),
}

/// What an authentic answer to a create gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Created {
    /// The text of the QR code, where the answer carries one.
    pub link: Option<String>,
    /// The gateway's number.
    pub gateway_no: Option<String>,
    /// Parameters for a script bridge, as the gateway sent them.
    pub pay_info: Option<String>,
    /// What an integrator's app pays with, as the gateway sent it: shown and copied, never drawn as a code.
    pub parameters: Option<String>,
    /// The script bridge that can be called with what is above, on a page of the till's own.
    pub bridge: Option<Bridge>,
    /// What the answer says about the payment itself, where it says something (payment codes).
    pub report: Option<TradeReport>,
}

/// What an authentic answer to a close says. The order is asked again whatever it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum CloseOutcome {
    /// Closed now.
    Closed,
    /// It had been closed before.
    AlreadyClosed,
    /// Not closed: perhaps it is paid.
    Refused,
}

/// What an authentic answer to a reverse says. The order is asked again whatever it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum ReverseOutcome {
    /// Reversed: whatever was paid went back.
    Reversed,
    /// Not reversed.
    Refused,
}

/// How an order that was made elsewhere is asked for, to be taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AdoptBy<'a> {
    /// The number that the merchant's own system gave it.
    TradeNo(&'a str),
    /// The gateway's number.
    TransactionId(&'a str),
}

/// An order that was made elsewhere, as a verified answer tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adopted {
    /// The number it goes by from now on.
    pub order_no: String,
    /// What the customer was asked for.
    pub amount: Money,
    /// What the answer says of the payment.
    pub report: TradeReport,
}

/// One gateway. Every function is pure.
pub trait Gateway: Send + Sync {
    /// What it is and offers, as data.
    fn descriptor(&self) -> &'static Descriptor;

    /// The address that is called for an account, without a slash at its end.
    fn base_url(&self, account: &Account) -> String {
        account.address().to_owned()
    }

    /// Making orders, where the gateway offers it.
    fn creating(&self) -> Option<&dyn Creating>;

    /// Builds a query.
    fn query(&self, dealing: Dealing<'_>, subject: &Subject<'_>) -> Result<HttpCall, Unbuildable>;

    /// Reads the answer to a query.
    fn read_query(&self, dealing: Dealing<'_>, subject: &Subject<'_>, answer: &HttpAnswer) -> Read<TradeReport>;

    /// What the signature of `answer` comes to, in one word: which reading of the signing rule it matched, [`VERIFIED`] where
    /// there is one reading only, [`WRONG`], [`UNSIGNED`] or [`UNCHECKED`]; `None` where nobody can tell. For the check of an account.
    fn signature_reading(&self, dealing: Dealing<'_>, answer: &HttpAnswer) -> Option<&'static str>;

    /// The time by the gateway's clock that `answer` states, UTC seconds.
    fn time_stated(&self, answer: &HttpAnswer) -> Option<i64> {
        answer.date
    }

    /// How many seconds its clock and ours may lie apart either way, where signatures bear their time: beyond that neither side
    /// believes the other's. `None` where they bear none.
    fn skew_limit_s(&self) -> Option<i64> {
        None
    }

    /// Closing unpaid orders, where the gateway offers it.
    fn closing(&self) -> Option<&dyn Closing>;

    /// Reversing orders, where the gateway offers it.
    fn reversing(&self) -> Option<&dyn Reversing>;

    /// Giving money back, where the gateway offers it.
    fn refunding(&self) -> Option<&dyn Refunding>;

    /// Taking in orders that were made elsewhere, where the gateway offers it.
    fn adopting(&self) -> Option<&dyn Adopting>;

    /// Reading what the gateway sends by itself, where it sends something.
    fn notifying(&self) -> Option<&dyn Notifying>;

    /// Answering what the gateway asks of its partner, where it asks something.
    fn partnering(&self) -> Option<&dyn Partnering>;
}

/// An answer's signature is right.
pub const VERIFIED: &str = "verified";
/// An answer's signature is right and from so long ago, or so far ahead, that neither side believes the other's.
pub const STALE: &str = "stale";
/// An answer's signature is not what its content and the account's key give.
pub const WRONG: &str = "wrong";
/// An answer bears no signature.
pub const UNSIGNED: &str = "unsigned";
/// An answer bears a signature that nobody can check: the account holds no key for it.
pub const UNCHECKED: &str = "unchecked";

/// Making orders.
pub trait Creating: Send + Sync {
    /// Builds the one create of an order.
    fn create(&self, dealing: Dealing<'_>, intent: &CreateIntent<'_>) -> Result<HttpCall, Unbuildable>;

    /// Reads the answer to a create. An answer about another order, amount or merchant is not a link for this one.
    fn read_create(&self, dealing: Dealing<'_>, intent: &CreateIntent<'_>, answer: &HttpAnswer) -> Read<Created>;
}

/// Closing an unpaid order.
pub trait Closing: Send + Sync {
    /// Builds a close.
    fn close(&self, dealing: Dealing<'_>, subject: &Subject<'_>) -> Result<HttpCall, Unbuildable>;

    /// Reads the answer to a close.
    fn read_close(&self, dealing: Dealing<'_>, subject: &Subject<'_>, answer: &HttpAnswer) -> Read<CloseOutcome>;
}

/// Reversing an order: unpaid ones end, paid ones give the money back.
pub trait Reversing: Send + Sync {
    /// Builds a reverse.
    fn reverse(&self, dealing: Dealing<'_>, subject: &Subject<'_>) -> Result<HttpCall, Unbuildable>;

    /// Reads the answer to a reverse.
    fn read_reverse(&self, dealing: Dealing<'_>, subject: &Subject<'_>, answer: &HttpAnswer) -> Read<ReverseOutcome>;
}

/// Giving money back. A refund that was answered is only accepted: a query says what became of it.
pub trait Refunding: Send + Sync {
    /// Builds a refund.
    fn refund(&self, dealing: Dealing<'_>, intent: &RefundIntent<'_>) -> Result<HttpCall, Unbuildable>;

    /// Reads the answer to a refund.
    fn read_refund(&self, dealing: Dealing<'_>, intent: &RefundIntent<'_>, answer: &HttpAnswer) -> Read<RefundReport>;

    /// Builds a question about a refund.
    fn query_refund(&self, dealing: Dealing<'_>, subject: &RefundSubject<'_>) -> Result<HttpCall, Unbuildable>;

    /// Reads the answer to a question about a refund.
    fn read_query_refund(
        &self,
        dealing: Dealing<'_>,
        subject: &RefundSubject<'_>,
        answer: &HttpAnswer,
    ) -> Read<RefundReport>;
}

/// Taking in orders that were made elsewhere.
pub trait Adopting: Send + Sync {
    /// Builds a question about an order that the journal does not hold yet.
    fn look(&self, dealing: Dealing<'_>, by: AdoptBy<'_>) -> Result<HttpCall, Unbuildable>;

    /// Reads the answer.
    fn read_look(&self, dealing: Dealing<'_>, by: AdoptBy<'_>, answer: &HttpAnswer) -> Read<Adopted>;
}

/// Reading notifications. Nothing in one is believed before its signature is right.
pub trait Notifying: Send + Sync {
    /// Our number of the order that a verified notification names.
    fn order_named(&self, dealing: Dealing<'_>, body: &[u8]) -> Result<String, Unreadable>;

    /// What a verified notification says of the order that it names.
    fn read_notification(&self, dealing: Dealing<'_>, subject: &Subject<'_>, body: &[u8]) -> Result<Told, Unreadable>;

    /// The whole answer to a notification whose consequence is committed, or that has none (ruling 17). Every other one is
    /// answered with [`notification::NOT_ACCEPTED`].
    fn accepted(&self) -> &'static str;
}
