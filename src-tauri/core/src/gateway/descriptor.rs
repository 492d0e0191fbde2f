//! What a gateway is and offers, as data. The settings form, the channel picker and the command line are rendered from it.

use super::Unbuildable;
use super::bridge::PayPage;
use crate::account::Account;
use crate::money::Currency;
use crate::words::Label;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A gateway's description.
#[derive(Debug, Serialize, specta::Type)]
pub struct Descriptor {
    /// Its name in the registry and on the command line.
    pub name: &'static str,
    /// Its name for people.
    pub label: Label,
    /// Base address, unless the account has its own.
    pub base_url: &'static str,
    /// What an account consists of.
    pub fields: &'static [AccountField],
    /// Ways to pay.
    pub channels: &'static [Channel],
    /// Currencies; the first is the default.
    pub currencies: &'static [Currency],
    /// How often it is asked.
    pub plan: Plan,
    /// Seconds after the create before an unpaid order may be closed; `None`: it cannot be closed.
    pub close_floor_s: Option<u32>,
    /// Seconds after the create before an order may be reversed; `None`: it cannot be reversed.
    pub reverse_floor_s: Option<u32>,
    /// A yes/no field of the account without whose yes nothing is reversed.
    pub reverse_switch: Option<&'static str>,
    /// Whether the till makes orders here. Where it does not, it takes in those that were made elsewhere.
    pub creates: bool,
    /// How money goes back; `None`: not through its interface, see `refunds_elsewhere`.
    pub refunds: Option<RefundOffer>,
    /// Where a merchant gives money back that the till cannot.
    pub refunds_elsewhere: Option<Label>,
    /// Whether its answers have a word for an order that was given back.
    pub tells_refunded: bool,
    /// Whether an order can be asked for by our own number.
    pub asked_by_our_number: bool,
}

impl Descriptor {
    /// Whether orders of `channel` are ever reversed: what an account has to switch on is meant for payment codes alone.
    #[must_use]
    pub fn may_reverse(&self, channel: &Channel) -> bool {
        self.reverse_floor_s.is_some() && (self.reverse_switch.is_none() || channel.presented == Presented::Consumer)
    }
}

/// How a gateway gives money back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, specta::Type)]
pub struct RefundOffer {
    /// Whether it wants to know which lines go back.
    pub by_lines: bool,
    /// The longest reason, in bytes: where a document does not say what it counts, they satisfy every reading.
    pub reason_limit: usize,
    /// What follows on a refund that the gateway says came to nothing.
    pub resend: Resend,
    /// Whether it has one word for every error, so that it can never say that it knows no such refund.
    pub one_word_for_errors: bool,
}

/// How a refund that came to nothing may be tried once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum Resend {
    /// Under its own number.
    SameNumber,
    /// As a new refund with a new number.
    NewNumber,
}

/// The rhythm of asking. Milliseconds and seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, specta::Type)]
pub struct Plan {
    /// Pause while the order is young.
    pub young_ms: u32,
    /// How long it is young.
    pub young_s: u32,
    /// Pause from then until expiry.
    pub later_ms: u32,
    /// Pause while the gateway says that the customer is paying; `None`: that word says nothing here.
    pub paying_ms: Option<u32>,
}

/// design.md section 4: 2 s for 30 s, then 5 s, 1 s while paying.
pub const DEFAULT_PLAN: Plan = Plan { young_ms: 2_000, young_s: 30, later_ms: 5_000, paying_ms: Some(1_000) };

/// The documented rhythm of payment codes: 5 s, six times (gateways.md section 0, 5; ruling 14).
pub const PAYMENT_CODE_PLAN: Plan = Plan { young_ms: 5_000, young_s: 30, later_ms: 5_000, paying_ms: Some(5_000) };

/// Where that rhythm ends, the order expires. Seconds.
pub const PAYMENT_CODE_EXPIRE_S: u32 = 30;

/// The largest amount of a sale, in minor units: a guard against slips of the keypad that is ours alone. No document names a
/// limit.
pub const LIMIT_MINOR: i64 = 5_000_000;

/// The longest address that goes out, in characters: Pooul's limit (000:52-53). The other documents name none.
pub const URL_LIMIT: usize = 255;

/// A field of an account.
#[derive(Debug, Serialize, specta::Type)]
pub struct AccountField {
    /// The gateway's own name for it.
    pub name: &'static str,
    /// Its name for people.
    pub label: Label,
    /// What a merchant must know to fill it in.
    pub help: Option<Label>,
    /// What it takes.
    pub kind: FieldKind,
    /// Whether the account cannot sell without it.
    pub required: bool,
    /// Another field, and the value of it with which the account cannot do without this one.
    pub needed_where: Option<(&'static str, &'static str)>,
    /// The longest value, in characters.
    pub max_chars: usize,
}

impl AccountField {
    /// A field that may stay empty, without a help.
    #[must_use]
    pub const fn new(name: &'static str, label: Label, kind: FieldKind, max_chars: usize) -> Self {
        Self { name, label, help: None, kind, required: false, needed_where: None, max_chars }
    }
}

/// The key that gateways with MD5 signatures give their merchants.
pub const MD5_KEY: AccountField = AccountField {
    required: true,
    help: Some(Label::new(
        "平台分配的 MD5 密钥。只保存在系统的密钥环中，保存后不再显示。",
        "平台分配的 MD5 密鑰。只儲存於系統的密鑰圈，儲存後不再顯示。",
        "The MD5 key that the platform gave you. It is kept in the system's keyring only and never shown again.",
    )),
    ..AccountField::new("key", Label::new("密钥", "密鑰", "Key"), FieldKind::Secret, 256)
};

/// Where a gateway sends its notifications. What they are good for differs, and so does the help.
pub const NOTIFY_URL: AccountField = AccountField::new(
    "notify_url",
    Label::new("通知地址", "通知網址", "Notification address"),
    FieldKind::Url,
    URL_LIMIT,
);

/// What a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// One line of text.
    Text,
    /// Numbers of 1 to 9 digits, with commas between them.
    Numbers,
    /// An absolute address.
    Url,
    /// An absolute address that the till itself asks: `https` or, on this machine only, `http`.
    CalledUrl,
    /// `yes` or `no`.
    YesNo,
    /// One of these.
    Choice(&'static [&'static str]),
    /// A secret: goes into the keyring, never comes out.
    Secret,
    /// A secret RSA key: comes as PEM, is kept as DER.
    PrivateKey,
    /// An RSA key for checking signatures, PEM or its bare Base64. No secret.
    PublicKey,
}

impl FieldKind {
    /// Whether its value belongs into the keyring.
    #[must_use]
    pub fn is_secret(self) -> bool {
        matches!(self, Self::Secret | Self::PrivateKey)
    }

    /// What it takes one of; none where a person writes what they like.
    #[must_use]
    pub const fn choices(self) -> Option<&'static [&'static str]> {
        match self {
            Self::YesNo => Some(&["yes", "no"]),
            Self::Choice(choices) => Some(choices),
            Self::Text
            | Self::Numbers
            | Self::Url
            | Self::CalledUrl
            | Self::Secret
            | Self::PrivateKey
            | Self::PublicKey => None,
        }
    }
}

/// The most digits of a number in a [`FieldKind::Numbers`].
pub const LISTED_DIGITS: usize = 9;

/// What stands in a list between its commas, of either script.
pub fn listed(list: &str) -> impl Iterator<Item = &str> {
    list.split([',', '，', '、']).map(str::trim).filter(|entry| !entry.is_empty())
}

/// Whether it can stand in a [`FieldKind::Numbers`].
pub(crate) fn is_listed_number(entry: &str) -> bool {
    (1..=LISTED_DIGITS).contains(&entry.len()) && entry.bytes().all(|byte| byte.is_ascii_digit())
}

/// The wallet that the customer opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum Wallet {
    /// WeChat Pay.
    Wechat,
    /// Alipay.
    Alipay,
    /// QQ Wallet.
    Qq,
    /// UnionPay.
    Unionpay,
    /// The gateway's own, or several.
    Other,
}

/// Who shows a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum Presented {
    /// The till shows a QR, the customer scans it.
    #[default]
    Merchant,
    /// The customer shows a payment code, the scanner reads it.
    Consumer,
    /// Nobody at this till: the customer orders and pays in the gateway's own place.
    Elsewhere,
}

/// What a create gives for the customer to pay with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum Gives {
    /// A link that is drawn as a code, or the payment itself.
    Code,
    /// Parameters for an integrator's app.
    Parameters,
}

/// One way to pay.
#[derive(Debug, Serialize, specta::Type)]
pub struct Channel {
    /// The gateway's own name for it.
    pub name: &'static str,
    /// The wallet.
    pub wallet: Wallet,
    /// Its name for people.
    pub label: Label,
    /// Who shows a code.
    pub presented: Presented,
    /// What a create gives.
    pub gives: Gives,
    /// Its own rhythm, where it has one.
    pub plan: Option<Plan>,
    /// A field of the account without which the channel is not offered.
    pub needs: Option<&'static str>,
    /// Seconds to its own expiry. A documented rhythm keeps it: only what the cashier sets goes before it, not what the account sets.
    pub expire_s: Option<u32>,
    /// What the cashier must or may give besides the amount.
    pub fields: &'static [ExtraField],
    /// The largest amount, in minor units.
    pub limit_minor: i64,
    /// What the cashier should know before choosing it.
    pub note: Option<Label>,
    /// What it is where the receiver serves the till's own pay page.
    pub page: Option<PayPage>,
    /// Whether the gateway sends the customer back to an address after paying.
    pub returns: bool,
}

impl Channel {
    /// A channel whose link the till shows as a code, in the gateway's rhythm, offered by every account, without extra fields.
    #[must_use]
    pub const fn new(name: &'static str, wallet: Wallet, label: Label) -> Self {
        Self {
            name,
            wallet,
            label,
            presented: Presented::Merchant,
            gives: Gives::Code,
            plan: None,
            needs: None,
            expire_s: None,
            fields: &[],
            limit_minor: LIMIT_MINOR,
            note: None,
            page: None,
            returns: false,
        }
    }

    /// A channel whose code the customer shows and the scanner reads: 5 s six times, then the end (ruling 14).
    #[must_use]
    pub const fn payment_code(name: &'static str, wallet: Wallet, label: Label) -> Self {
        Self {
            presented: Presented::Consumer,
            plan: Some(PAYMENT_CODE_PLAN),
            expire_s: Some(PAYMENT_CODE_EXPIRE_S),
            ..Self::new(name, wallet, label)
        }
    }

    /// Whether the customer meets a page of the till's own, to pay or to come back to, where the receiver serves one.
    #[must_use]
    pub fn leads_to_a_page(&self) -> bool {
        self.page.is_some() || self.returns
    }

    /// Whether `account` can sell by it.
    #[must_use]
    pub fn is_offered_by(&self, account: &Account) -> bool {
        self.presented != Presented::Elsewhere && self.needs.is_none_or(|field| account.field(field).is_some())
    }

    /// The fields that the cashier is asked for when selling through `account`.
    pub fn fields_for(&self, account: &Account) -> impl Iterator<Item = &'static ExtraField> {
        self.fields.iter().filter(|field| !field.unless.is_some_and(|name| account.yes(name)))
    }

    /// The fields of an `either` group: one of them is enough.
    pub fn group(&self, either: &str) -> impl Iterator<Item = &'static ExtraField> {
        self.fields.iter().filter(move |field| field.either == Some(either))
    }

    /// Checks what came with a sale against what the channel takes. An empty value counts as not given.
    pub fn check_extra(&self, account: &Account, extra: &BTreeMap<String, String>) -> Result<(), Unbuildable> {
        let given = |name: &str| extra.get(name).is_some_and(|value| !value.is_empty());
        for (name, value) in extra.iter().filter(|(_, value)| !value.is_empty()) {
            let bad = || Unbuildable::BadExtra(name.clone());
            let known = self.fields.iter().find(|field| field.name == name.as_str()).ok_or_else(bad)?;
            if !known.takes(value) {
                let choices = known.kind.choices();
                return Err(choices.map_or_else(bad, |choices| Unbuildable::NoChoice { field: known.name, choices }));
            }
        }
        for field in self.fields_for(account) {
            if let Some(group) = field.either {
                let either: Vec<_> = self.group(group).map(|other| other.name).collect();
                if !either.iter().any(|name| given(name)) {
                    return Err(Unbuildable::OneOf(either));
                }
            } else if field.required && !given(field.name) {
                return Err(Unbuildable::ExtraField(field.name));
            }
        }
        Ok(())
    }
}

/// A field of a channel that the cashier gives with the sale.
#[derive(Debug, Serialize, specta::Type)]
pub struct ExtraField {
    /// The gateway's own name for it.
    pub name: &'static str,
    /// Its name for people.
    pub label: Label,
    /// What it takes; never a secret.
    pub kind: FieldKind,
    /// Whether the channel cannot sell without it. Fields of one `either` group: one of them.
    pub required: bool,
    /// A yes/no field of the account that, when yes, takes this field away: it is not asked for and not sent.
    pub unless: Option<&'static str>,
    /// Fields with the same word here: at least one must be given.
    pub either: Option<&'static str>,
    /// The longest value, in characters.
    pub max_chars: usize,
}

impl ExtraField {
    /// A field that may stay empty, whatever else is given.
    #[must_use]
    pub const fn new(name: &'static str, label: Label, kind: FieldKind, max_chars: usize) -> Self {
        Self { name, label, kind, required: false, unless: None, either: None, max_chars }
    }

    /// Whether a value that is not empty fits.
    fn takes(&self, value: &str) -> bool {
        let fits = match self.kind {
            FieldKind::Text | FieldKind::Url | FieldKind::CalledUrl => true,
            FieldKind::Numbers => listed(value).all(is_listed_number),
            FieldKind::YesNo | FieldKind::Choice(_) => {
                self.kind.choices().is_some_and(|choices| choices.contains(&value))
            }
            FieldKind::Secret | FieldKind::PrivateKey | FieldKind::PublicKey => false,
        };
        fits && value.chars().count() <= self.max_chars && !value.chars().any(char::is_control)
    }
}

/// Who pays inside WeChat, by the number that the merchant's official account knows them by.
pub const SUB_OPENID: ExtraField = ExtraField {
    required: true,
    ..ExtraField::new("sub_openid", Label::new("用户 OpenID", "用戶 OpenID", "Customer's OpenID"), FieldKind::Text, 128)
};
