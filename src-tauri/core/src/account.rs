//! A merchant's account at one gateway. Its secrets are elsewhere: an account knows only which are set.

use crate::gateway::descriptor::{AccountField, Channel, Descriptor, FieldKind, NOTIFY_URL, is_listed_number, listed};
use crate::gateway::partner::Interface;
use crate::gateway::{Gateway, keys};
use crate::money::Currency;
use secrecy::SecretSlice;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An account as it stood at one version. Orders keep the version they were made with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Immutable id.
    pub id: String,
    /// The merchant's word for it: unique, never changed.
    pub name: String,
    /// The gateway's name in the registry.
    pub gateway: String,
    /// Counts the changes, from 1.
    pub version: u32,
    /// Absolute address without a slash at its end.
    pub base_url: String,
    /// Fields that are not secret, by the descriptor's names; `plan.*` too.
    pub fields: BTreeMap<String, String>,
    /// Secret fields that are set, with a hint such as `...a1b2`.
    pub secrets: BTreeMap<String, String>,
    /// Taken out of use; its orders are asked on.
    pub retired: bool,
}

impl Account {
    /// Its address without a slash at its end.
    #[must_use]
    pub fn address(&self) -> &str {
        self.base_url.trim_end_matches('/')
    }

    /// A field's value; an empty one counts as absent.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// A yes/no field; absent means no.
    #[must_use]
    pub fn yes(&self, name: &str) -> bool {
        self.field(name) == Some("yes")
    }

    /// The currency that it sells in: the one that its field names, where its gateway takes that, else its gateway's first.
    #[must_use]
    pub fn currency(&self, descriptor: &Descriptor) -> Currency {
        let named = self.field("currency");
        let taken = |currency: &&Currency| named == Some(currency.code());
        let offered = descriptor.currencies;
        offered.iter().find(taken).or(offered.first()).copied().unwrap_or(Currency::Cny)
    }

    /// Whether the address leads to this machine: outside training such an account is not a real gateway.
    #[must_use]
    pub fn on_loopback(&self) -> bool {
        is_loopback_url(&self.base_url)
    }

    /// Fields that the account still needs before it can sell or ask, in the descriptor's order.
    #[must_use]
    pub fn missing(&self, descriptor: &Descriptor) -> Vec<&'static str> {
        descriptor
            .fields
            .iter()
            .filter(|field| {
                let needed = |(other, value)| self.field(other) == Some(value);
                field.required || field.needed_where.is_some_and(needed)
            })
            .filter(|field| {
                if field.kind.is_secret() {
                    !self.secrets.contains_key(field.name)
                } else {
                    self.field(field.name).is_none()
                }
            })
            .map(|field| field.name)
            .collect()
    }

    /// The account as it sells while the till itself receives notifications at `public`, an address without a slash at its end
    /// (ruling 10): it goes before an address that the gateway demands, and stands in for one that may be missing.
    #[must_use]
    pub fn notified_at(&self, public: &str, gateway: &dyn Gateway) -> Self {
        let mut account = self.clone();
        let field = gateway.descriptor().fields.iter().find(|field| field.name == NOTIFY_URL.name);
        let here = field.filter(|field| field.required || self.field(field.name).is_none());
        if let (Some(field), Some(_)) = (here, gateway.notifying()) {
            let address = format!("{public}/notify/{}/{}", self.gateway, self.name);
            account.fields.insert(field.name.to_owned(), address);
        }
        account
    }

    /// The addresses of the partner that the gateway's platform is to be given while the till itself receives at `public`, an
    /// address without a slash at its end; none where the gateway asks nothing of a partner.
    #[must_use]
    pub fn called_at(&self, public: &str, gateway: &dyn Gateway) -> Vec<String> {
        let interfaces = gateway.partnering().map(|_| Interface::ALL).into_iter().flatten();
        interfaces.map(|(_, word)| format!("{public}/{}/{}/{word}", self.gateway, self.name)).collect()
    }

    /// A channel of the account's gateway by its name.
    #[must_use]
    pub fn channel(descriptor: &Descriptor, name: &str) -> Option<&'static Channel> {
        descriptor.channels.iter().find(|channel| channel.name == name)
    }
}

/// Whether an address begins with `http` or `https` and a host of this machine.
#[must_use]
pub fn is_loopback_url(url: &str) -> bool {
    let Some((_, rest)) = url.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host_and_port = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    if host_and_port == "[::1]" || host_and_port.starts_with("[::1]:") {
        return true;
    }
    let host = host_and_port.split(':').next().unwrap_or_default();
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<std::net::Ipv4Addr>().is_ok_and(|address| address.is_loopback())
}

/// What may be changed about an account, before it is checked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountChange {
    /// A new address.
    pub base_url: Option<String>,
    /// Fields to set; an empty value removes one.
    pub fields: BTreeMap<String, String>,
}

/// Why a change of an account was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountRefusal {
    /// No gateway of that name.
    UnknownGateway,
    /// The name is empty, too long or holds what cannot stand in an address: `[A-Za-z0-9_-]{1,32}`.
    BadName,
    /// The name is taken.
    NameTaken,
    /// The name is that of an account that was taken out of use.
    NameKept,
    /// The gateway has no such field, but these.
    UnknownField(String, Vec<&'static str>),
    /// Secrets do not go in with the other fields.
    SecretField(String),
    /// The value does not fit the field.
    BadValue(String),
    /// The field takes one of these, and the value is none.
    NotOneOf(String, &'static [&'static str]),
    /// The field takes a list of numbers, and this entry is none.
    NoNumber(String, String),
    /// The address is not absolute, or plain `http` to another machine.
    BadAddress,
}

/// The names of a gateway's fields that are `secret`, or are not.
#[must_use]
pub fn names(descriptor: &Descriptor, secret: bool) -> Vec<&'static str> {
    descriptor.fields.iter().filter(|field| field.kind.is_secret() == secret).map(|field| field.name).collect()
}

/// Fields that every account has besides its gateway's: overrides of the plan, all whole numbers.
pub const PLAN_FIELDS: [(&str, u32, u32); 5] = [
    ("plan.poll_ms", 100, 3_600_000),
    ("plan.expire_s", 60, 7_200),
    ("plan.grace_s", 1, 86_400),
    ("plan.close_floor_s", 0, 86_400),
    ("plan.reverse_floor_s", 0, 86_400),
];

impl AccountChange {
    /// Applies the change to `account`, checked against what its gateway describes.
    pub fn apply(&self, account: &Account, descriptor: &Descriptor) -> Result<Account, AccountRefusal> {
        let mut changed = account.clone();
        if let Some(url) = &self.base_url {
            changed.base_url = checked_base_url(url)?;
        }
        for (name, value) in &self.fields {
            let value = value.trim();
            check_field(descriptor, name, value)?;
            if value.is_empty() {
                changed.fields.remove(name);
            } else {
                changed.fields.insert(name.clone(), value.to_owned());
            }
        }
        Ok(changed)
    }
}

/// Whether `changed` is another merchant's account than `account` was: a text that the gateway cannot do without, such as the
/// merchant's number, is another one. Keys belong to the account, not to a version of it: what was made for the merchant before
/// could not be asked about any more.
#[must_use]
pub fn is_another_merchant(account: &Account, changed: &Account, descriptor: &Descriptor) -> bool {
    let names = |field: &&AccountField| field.required && matches!(field.kind, FieldKind::Text);
    descriptor.fields.iter().filter(names).any(|field| {
        let before = account.field(field.name);
        before.is_some() && before != changed.field(field.name)
    })
}

/// Whether a name can be an account's.
#[must_use]
pub fn is_account_name(name: &str) -> bool {
    (1..=32).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

fn checked_base_url(url: &str) -> Result<String, AccountRefusal> {
    let url = url.trim().trim_end_matches('/');
    // Paths are put behind it: what stands behind a question mark would swallow them.
    if is_callable_url(url) && !url.contains(['?', '#']) { Ok(url.to_owned()) } else { Err(AccountRefusal::BadAddress) }
}

/// Whether the till may call an address.
fn is_callable_url(url: &str) -> bool {
    is_absolute_url(url) && (url.starts_with("https://") || is_loopback_url(url))
}

/// Whether an address is absolute: `http` or `https`, a host, a port that there can be, and no letter that cannot stand in one. A
/// name and a password in it would be sent, and would stand in the journal.
#[must_use]
pub fn is_absolute_url(url: &str) -> bool {
    let rest = ["https://", "http://"].iter().find_map(|scheme| url.strip_prefix(scheme));
    let authority = rest.and_then(|rest| rest.split(['/', '?', '#']).next());
    authority.is_some_and(|authority| !authority.is_empty() && !authority.contains('@') && has_possible_port(authority))
        && url.chars().all(|letter| letter.is_ascii_graphic())
}

/// Whether a port that stands behind the host is one that there can be: digits, from 1 to 65535.
fn has_possible_port(authority: &str) -> bool {
    // An IPv6 address has colons of its own, in brackets.
    let behind = authority.rsplit_once(']').map_or(authority, |(_, behind)| behind);
    let digits = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
    let port = behind.split_once(':').map(|(_, port)| port).filter(|port| !port.is_empty());
    port.is_none_or(|port| digits(port) && port.parse::<u16>().is_ok_and(|port| port > 0))
}

fn check_field(descriptor: &Descriptor, name: &str, value: &str) -> Result<(), AccountRefusal> {
    let bad = || AccountRefusal::BadValue(name.to_owned());
    if let Some((_, least, most)) = PLAN_FIELDS.iter().find(|(plan, _, _)| *plan == name) {
        let fits = value.is_empty() || value.parse::<u32>().is_ok_and(|number| (*least..=*most).contains(&number));
        return if fits { Ok(()) } else { Err(bad()) };
    }
    let field = descriptor
        .fields
        .iter()
        .find(|field| field.name == name)
        .ok_or_else(|| AccountRefusal::UnknownField(name.to_owned(), names(descriptor, false)))?;
    if let Some(choices) = field.kind.choices()
        && !value.is_empty()
        && !choices.contains(&value)
    {
        return Err(AccountRefusal::NotOneOf(name.to_owned(), choices));
    }
    let fits = match field.kind {
        FieldKind::Secret | FieldKind::PrivateKey => return Err(AccountRefusal::SecretField(name.to_owned())),
        _ if value.is_empty() => true,
        FieldKind::Text | FieldKind::YesNo | FieldKind::Choice(_) => true,
        FieldKind::PublicKey => keys::check_public_key(value).is_ok(),
        FieldKind::Url => is_absolute_url(value),
        FieldKind::CalledUrl => is_callable_url(value),
        FieldKind::Numbers => listed(value).next().is_some(),
    };
    if !fits || value.chars().count() > field.max_chars {
        return Err(bad());
    }
    let odd = listed(value).find(|entry| field.kind == FieldKind::Numbers && !is_listed_number(entry));
    odd.map_or(Ok(()), |entry| Err(AccountRefusal::NoNumber(name.to_owned(), entry.to_owned())))
}

/// An account's secrets, by field name, as they came from the keyring. Gone from memory when dropped.
#[derive(Default)]
pub struct Keys(BTreeMap<String, SecretSlice<u8>>);

impl Keys {
    /// Adds a secret.
    pub fn insert(&mut self, field: impl Into<String>, secret: SecretSlice<u8>) {
        self.0.insert(field.into(), secret);
    }

    /// The secret of a field.
    #[must_use]
    pub fn get(&self, field: &str) -> Option<&SecretSlice<u8>> {
        self.0.get(field)
    }
}

/// What a screen may show of a secret: its last four characters, or nothing of a short one.
#[must_use]
pub fn hint_of(secret: &[u8]) -> String {
    let text = String::from_utf8_lossy(secret);
    let letters: Vec<char> = text.chars().collect();
    match letters.len().checked_sub(4) {
        Some(start) if letters.len() >= 16 && letters.iter().all(char::is_ascii_graphic) => {
            let tail: String = letters.iter().skip(start).collect();
            format!("...{tail}")
        }
        _ => "...".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::descriptor::URL_LIMIT;
    use crate::words::Language;

    fn shop(gateway: &str, set: &[(&str, &str)]) -> Account {
        Account {
            id: "a1".into(),
            name: "shop".into(),
            gateway: gateway.into(),
            version: 1,
            base_url: String::new(),
            fields: set.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
            secrets: BTreeMap::new(),
            retired: false,
        }
    }

    #[test]
    fn the_addresses_of_a_partner_are_those_that_the_receiver_serves() {
        let called = |gateway: &str| {
            let account = shop(gateway, &[]);
            account.called_at("https://pay.example.com/till", crate::gateway::named(gateway).unwrap())
        };
        let all = ["create", "ship", "refund"];
        assert_eq!(called("dingdang"), all.map(|word| format!("https://pay.example.com/till/dingdang/shop/{word}")));
        assert!(all.iter().all(|word| Interface::from_word(word).is_some()));
        assert_eq!(called("pooul"), Vec::<String>::new());
    }

    #[test]
    fn ruling_10_a_receiver_with_a_public_address_is_where_orders_are_notified() {
        let here = |gateway: &str, set: &[(&str, &str)]| {
            let account = shop(gateway, set);
            let gateway = crate::gateway::named(gateway).unwrap();
            account.notified_at("https://pay.example.com/till", gateway).field("notify_url").map(str::to_owned)
        };
        let own = [("notify_url", "https://shop.example/n")];
        let at = |gateway: &str| Some(format!("https://pay.example.com/till/notify/{gateway}/shop"));
        assert_eq!((here("pooul", &[]), here("pooul", &own)), (at("pooul"), at("pooul")), "Pooul demands one");
        for gateway in ["jubao", "blueocean"] {
            assert_eq!(here(gateway, &[]), at(gateway));
            assert_eq!(
                here(gateway, &own).as_deref(),
                Some("https://shop.example/n"),
                "{gateway}: the merchant's word"
            );
        }
        assert_eq!(here("dingdang", &[]), None);
    }

    #[test]
    fn only_addresses_of_this_machine_are_loopback() {
        for (url, expected) in [
            ("http://127.0.0.1:8000/pooul", true),
            ("http://localhost", true),
            ("http://[::1]:9/x", true),
            ("http://user@127.0.0.1/", true),
            ("https://gateway.pooulcloud.cn", false),
            ("http://127.0.0.1.example.com/", false),
            ("http://127.0.0.1@example.com/", false),
            ("http://localhost.example.com", false),
            ("nonsense", false),
        ] {
            assert_eq!(is_loopback_url(url), expected, "{url}");
        }
    }

    #[test]
    fn plain_http_to_another_machine_is_refused() {
        assert_eq!(checked_base_url("http://gateway.pooulcloud.cn"), Err(AccountRefusal::BadAddress));
        assert_eq!(checked_base_url("https://gateway.pooulcloud.cn/").as_deref(), Ok("https://gateway.pooulcloud.cn"));
        assert_eq!(checked_base_url("http://127.0.0.1:81").as_deref(), Ok("http://127.0.0.1:81"));
        assert_eq!(checked_base_url("gateway.pooulcloud.cn"), Err(AccountRefusal::BadAddress));
    }

    #[test]
    fn a_port_that_there_cannot_be_is_refused_when_it_is_entered() {
        let host = "https://gateway.example.com";
        for fits in [":443", ":65535/pay", ":65535", "/pay:65536", ""].map(|behind| format!("{host}{behind}")) {
            assert_eq!(checked_base_url(&fits).as_deref(), Ok(fits.as_str()));
        }
        assert_eq!(checked_base_url("http://[::1]:8080").as_deref(), Ok("http://[::1]:8080"));
        let odd = [":65536", ":65536/pay", ":99999999999", ":+443", ":4x3", ":44:3", ":0", ":0/pay", ":000"];
        for odd in odd.map(|behind| format!("{host}{behind}")) {
            assert_eq!(checked_base_url(&odd), Err(AccountRefusal::BadAddress), "{odd}");
        }
        for odd in ["http://[::1]:65536", "http://[::1]:0", "http://127.0.0.1:0/"] {
            assert_eq!(checked_base_url(odd), Err(AccountRefusal::BadAddress), "{odd}");
        }
    }

    #[test]
    fn an_address_that_the_till_itself_asks_is_checked_like_a_gateways() {
        let gateway = crate::gateway::named("blueocean").unwrap().descriptor();
        let set = |value: &str| check_field(gateway, "ticket_url", value);
        let longest = format!("https://shop.example/{}", "t".repeat(URL_LIMIT - 21));
        for fits in ["https://shop.example/wx/ticket?of=1", "http://127.0.0.1:81/ticket", "", &longest] {
            assert_eq!(set(fits), Ok(()), "{fits}");
        }
        let long = format!("{longest}t");
        let named = "https://name:word@shop.example/ticket";
        for odd in ["http://shop.example/ticket", "shop.example/ticket", "https://shop.example/a b", named, &long] {
            assert_eq!(set(odd), Err(AccountRefusal::BadValue("ticket_url".into())), "{odd}");
        }
    }

    #[test]
    fn a_field_that_takes_a_few_values_names_them_when_it_is_given_another() {
        for gateway in crate::gateway::REGISTRY {
            let descriptor = gateway.descriptor();
            for field in descriptor.fields {
                let Some(choices) = field.kind.choices() else { continue };
                for fits in choices.iter().chain(&[""]) {
                    assert_eq!(check_field(descriptor, field.name, fits), Ok(()), "{} {fits}", field.name);
                }
                for odd in ["true", "YES", "yes/no"] {
                    let refused = check_field(descriptor, field.name, odd).unwrap_err();
                    let told = crate::error::Refusal::from(refused);
                    for language in [Language::ZhCn, Language::ZhHk, Language::En] {
                        let what = told.sentence(language).what;
                        assert!(what.contains(field.name) && what.contains(&choices.join(" / ")), "{what}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_list_of_numbers_names_its_first_entry_that_is_none() {
        let gateway = crate::gateway::named("jubao").unwrap().descriptor();
        let set = |value: &str| check_field(gateway, "channels", value);
        for fits in ["", "304", "304,305", " 305 , 304 ", "305，304、101", "304,", "123456789"] {
            assert_eq!(set(fits), Ok(()), "{fits}");
        }
        for (list, odd) in [
            ("abc", "abc"),
            ("304, abc、x", "abc"),
            ("304 305", "304 305"),
            ("1234567890", "1234567890"),
            ("３０４", "３０４"),
        ] {
            let refused = AccountRefusal::NoNumber("channels".into(), odd.into());
            assert_eq!(set(list), Err(refused.clone()), "{list}");
            let told = crate::error::Refusal::from(refused);
            for language in [Language::ZhCn, Language::ZhHk, Language::En] {
                let what = told.sentence(language).what;
                assert!(what.contains("channels") && what.contains(odd), "{what}");
            }
        }
        for none in [",", "，、", &"3,".repeat(101)] {
            assert_eq!(set(none), Err(AccountRefusal::BadValue("channels".into())), "{none}");
        }
    }

    #[test]
    fn a_hint_shows_little_of_a_long_secret_and_nothing_of_a_short_one() {
        assert_eq!(hint_of(b"0123456789abcdef0123456789aba1b2"), "...a1b2");
        assert_eq!(hint_of(b"hunter2"), "...");
    }
}
