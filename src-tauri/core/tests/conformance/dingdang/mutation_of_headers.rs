//! The header beside a right body, as an opponent or a broken proxy would make it: over every recorded answer.

use super::openssl::{skill, tsk};
use super::{DATETIME, KIT, answer_with, content, exchange, is_right, paid};
use crate::chance::{Seeds, cases, seed};
use crate::exchange::Asked;
use crate::mutation::check;
use data_encoding::{BASE64, HEXLOWER};
use proptest::prelude::*;
use proptest::sample::Index;
use till_core::gateway::call::HttpAnswer;

/// Times that a header may state: the right one, as far off as may be, too far off, and none.
const TIMES: [&str; 11] = [
    DATETIME,
    "20260101T000300Z",
    "20251231T235700Z",
    "20260101T000301Z",
    "20251231T235659Z",
    "20270101T000000Z",
    "20261301T000000Z",
    "20260101T000000",
    "2026-01-01T00:00:00Z",
    "now",
    "",
];

const SCHEMES: [&str; 9] = [
    "tsk-rsa2",
    "  TSK-RSA2 ",
    "TSK-RSA2\t",
    "TSK-RSA",
    "TSK-RSA2 TSK-RSA2",
    "TSK-HMAC-SHA256-BASIC",
    "Bearer",
    "TSK-RSA2,",
    "",
];

/// One change of a header.
#[derive(Debug, Clone)]
pub(super) enum HeaderChange {
    /// It is signed at another time.
    SignedAt(&'static str),
    /// It is the signature of another body.
    OfAnother(&'static str),
    /// Somebody else signs.
    ByAnother,
    /// A part becomes this under the signature as it is.
    Value(Index, &'static str),
    Name(Index, &'static str),
    Scheme(&'static str),
    Remove(Index),
    /// A part stands twice: as it is, or with this value, before or behind.
    Double(Index, Option<&'static str>, bool),
    Add(&'static str, &'static str),
    /// The parts change places.
    Turn,
    /// What stands between the parts.
    Between(&'static str),
    /// What stands between a part's name and its value.
    Equals(&'static str),
    Base64(Base64),
    /// A letter becomes this one.
    Letter(Index, char),
}

/// How else a signature is written.
#[derive(Debug, Clone, Copy)]
pub(super) enum Base64 {
    LowerCase,
    /// With `-` and `_`.
    UrlSafe,
    Unpadded,
    Padded,
    /// The bits that the last letter has to spare are not 0.
    Spare,
    /// A space stands in it.
    Broken,
    Cut,
    Hex,
}

impl Base64 {
    fn written(self, signature: &str) -> String {
        let plain = signature.trim_end_matches('=');
        match self {
            Self::LowerCase => signature.to_ascii_lowercase(),
            Self::UrlSafe => signature.replace('+', "-").replace('/', "_"),
            Self::Unpadded => plain.to_owned(),
            Self::Padded => format!("{signature}="),
            Self::Spare => {
                let padding = &signature[plain.len()..];
                let Some(last) = plain.bytes().last() else { return String::new() };
                format!("{}{}{padding}", &plain[..plain.len() - 1], char::from(last + 1))
            }
            Self::Broken => format!("{} {}", &signature[..plain.len() / 2], &signature[plain.len() / 2..]),
            Self::Cut => signature[..plain.len() / 2].to_owned(),
            Self::Hex => {
                BASE64.decode(signature.as_bytes()).map_or_else(|_| String::new(), |bytes| HEXLOWER.encode(&bytes))
            }
        }
    }
}

pub(super) fn header_changes() -> impl Strategy<Value = Vec<HeaderChange>> {
    let time = || prop::sample::select(TIMES.to_vec());
    let change = prop_oneof![
        4 => time().prop_map(HeaderChange::SignedAt),
        1 => prop::sample::select(vec!["{}", "", "{\"retCode\":\"SUCCESS\"}"]).prop_map(HeaderChange::OfAnother),
        1 => Just(HeaderChange::ByAnother),
        3 => (any::<Index>(), time()).prop_map(|(place, value)| HeaderChange::Value(place, value)),
        1 => (any::<Index>(), prop::sample::select(vec!["datetime", "signature", "Datetime", "Signature", "Sign", ""]))
            .prop_map(|(place, name)| HeaderChange::Name(place, name)),
        2 => prop::sample::select(SCHEMES.to_vec()).prop_map(HeaderChange::Scheme),
        1 => any::<Index>().prop_map(HeaderChange::Remove),
        2 => (any::<Index>(), prop::option::of(time()), any::<bool>())
            .prop_map(|(place, value, before)| HeaderChange::Double(place, value, before)),
        1 => prop::sample::select(vec![("Version", "2"), ("Nonce", ""), ("", "")])
            .prop_map(|(name, value)| HeaderChange::Add(name, value)),
        1 => Just(HeaderChange::Turn),
        2 => prop::sample::select(vec![",", " , ", ",\t", "  ,  ", " ", ";", ",,", ", ,"]).prop_map(HeaderChange::Between),
        1 => prop::sample::select(vec![" =", "= ", " = ", "", "==", ":"]).prop_map(HeaderChange::Equals),
        3 => prop::sample::select(vec![
            Base64::LowerCase,
            Base64::UrlSafe,
            Base64::Unpadded,
            Base64::Padded,
            Base64::Spare,
            Base64::Broken,
            Base64::Cut,
            Base64::Hex,
        ])
        .prop_map(HeaderChange::Base64),
        2 => (any::<Index>(), prop::sample::select(vec!['a', 'Z', '0', ' ', ',', '=', '+', '\t']))
            .prop_map(|(place, letter)| HeaderChange::Letter(place, letter)),
    ];
    prop::collection::vec(change, 1..4)
}

/// A header in its parts.
struct Header {
    scheme: String,
    parts: Vec<(String, String)>,
    between: &'static str,
    equals: &'static str,
}

impl Header {
    /// The one over `body`, signed once: of the changes of who signs what and when the last counts.
    fn of(body: &[u8], changes: &[HeaderChange]) -> Self {
        let (mut key, mut signed, mut datetime) = (tsk(), body, DATETIME);
        for change in changes {
            match change {
                HeaderChange::SignedAt(time) => datetime = *time,
                HeaderChange::OfAnother(other) => signed = other.as_bytes(),
                HeaderChange::ByAnother => key = skill(),
                HeaderChange::Value(..)
                | HeaderChange::Name(..)
                | HeaderChange::Scheme(_)
                | HeaderChange::Remove(_)
                | HeaderChange::Double(..)
                | HeaderChange::Add(..)
                | HeaderChange::Turn
                | HeaderChange::Between(_)
                | HeaderChange::Equals(_)
                | HeaderChange::Base64(_)
                | HeaderChange::Letter(..) => {}
            }
        }
        let signature = key.sign(&content(signed, datetime));
        let parts = vec![("Datetime".to_owned(), datetime.to_owned()), ("Signature".to_owned(), signature)];
        Self { scheme: "TSK-RSA2".to_owned(), parts, between: ", ", equals: "=" }
    }

    fn apply(&mut self, change: &HeaderChange) {
        let parts = &mut self.parts;
        let at = |place: &Index, parts: &[(String, String)]| (!parts.is_empty()).then(|| place.index(parts.len()));
        match change {
            HeaderChange::Value(place, value) => {
                if let Some(at) = at(place, parts) {
                    (*value).clone_into(&mut parts[at].1);
                }
            }
            HeaderChange::Name(place, name) => {
                if let Some(at) = at(place, parts) {
                    (*name).clone_into(&mut parts[at].0);
                }
            }
            HeaderChange::Remove(place) => {
                if let Some(at) = at(place, parts) {
                    parts.remove(at);
                }
            }
            HeaderChange::Double(place, value, before) => {
                if let Some(at) = at(place, parts) {
                    let (name, same) = parts[at].clone();
                    let twin = (name, value.map_or(same, str::to_owned));
                    parts.insert(if *before { at } else { at + 1 }, twin);
                }
            }
            HeaderChange::Add(name, value) => parts.push(((*name).to_owned(), (*value).to_owned())),
            HeaderChange::Turn => parts.reverse(),
            HeaderChange::Base64(how) => {
                for (_, value) in parts.iter_mut().filter(|(name, _)| name == "Signature") {
                    *value = how.written(value);
                }
            }
            HeaderChange::Scheme(scheme) => (*scheme).clone_into(&mut self.scheme),
            HeaderChange::Between(text) => self.between = *text,
            HeaderChange::Equals(text) => self.equals = *text,
            // Those are in it already, and letters are changed where it is printed.
            HeaderChange::SignedAt(_)
            | HeaderChange::OfAnother(_)
            | HeaderChange::ByAnother
            | HeaderChange::Letter(..) => {}
        }
    }

    fn printed(&self) -> String {
        let Self { scheme, parts, between, equals } = self;
        let parts: Vec<String> = parts.iter().map(|(name, value)| format!("{name}{equals}{value}")).collect();
        format!("{scheme} {}", parts.join(*between))
    }
}

/// The header that changes make of the right one over `body`.
pub(super) fn changed(body: &[u8], changes: &[HeaderChange]) -> String {
    let mut header = Header::of(body, changes);
    for change in changes {
        header.apply(change);
    }
    let mut letters: Vec<char> = header.printed().chars().collect();
    for change in changes {
        if let HeaderChange::Letter(place, letter) = change {
            let at = place.index(letters.len());
            letters[at] = *letter;
        }
    }
    letters.into_iter().collect()
}

/// As many cases as an operation has, shared among the exchanges.
#[test]
fn no_answer_is_believed_beside_a_header_that_is_not_right() {
    let (mut seeds, exchanges) = (Seeds::of(seed()), KIT.exchanges());
    for exchange in &exchanges {
        let (reply, awaiting) = (KIT.reply(&exchange.answer), KIT.awaiting(exchange));
        seeds.cases(cases().div_ceil(exchanges.len())).try_all(&exchange.name, &header_changes(), |changes| {
            let authorization = Some(changed(&reply.body, &changes));
            check(&KIT, exchange, &awaiting, &HttpAnswer { authorization, ..reply.clone() })
        });
    }
}

#[test]
fn the_changes_of_a_header_reach_both_sides() {
    let body = paid().to_string().into_bytes();
    for (changes, right) in [
        (vec![], true),
        (vec![HeaderChange::Turn, HeaderChange::Add("Version", "2")], true),
        (vec![HeaderChange::SignedAt("20260101T000300Z"), HeaderChange::Between(" , ")], true),
        (vec![HeaderChange::Scheme("tsk-rsa2")], true),
        (vec![HeaderChange::SignedAt("20260101T000301Z")], false),
        (vec![HeaderChange::SignedAt("now")], false),
        (vec![HeaderChange::Scheme("Bearer")], false),
        (vec![HeaderChange::OfAnother("{}")], false),
        (vec![HeaderChange::ByAnother], false),
        (vec![HeaderChange::Add("Datetime", DATETIME)], false),
        (vec![HeaderChange::Equals(" = ")], false),
        (vec![HeaderChange::Base64(Base64::Unpadded)], false),
        (vec![HeaderChange::Base64(Base64::Spare)], false),
        (vec![HeaderChange::Base64(Base64::Broken)], false),
    ] {
        let header = changed(&body, &changes);
        assert_eq!(is_right(&body, &header), right, "{header}");
        let heard = KIT.hear_answer(&exchange(Asked::Query), &answer_with(&paid(), Some(header)));
        assert_eq!(heard.believes_nothing(), !right, "{changes:?}: {heard:?}");
    }
}
