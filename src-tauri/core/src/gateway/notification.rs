//! What a gateway sends by itself: what is the same whichever gateway sends it (rulings 16 to 18).

use super::form;
use super::json::Object;
use super::reaction::Said;
use super::{Read, Unreadable};
use crate::order::parts::Parts;
use crate::order::report::TradeReport;

/// The whole answer to a notification that is not accepted, at every gateway (ruling 17; 001:215).
pub const NOT_ACCEPTED: &str = "fail";

/// The longest number of an order that a notification can name: the longest that any document allows.
const NUMBER_LIMIT: usize = 32;

/// What a verified notification comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// It states a state: one more trade report.
    Report(Box<TradeReport>),
    /// It states none that can be relied on: a reason to ask at once and nothing more (ruling 16). A failure's text is quoted.
    Ask(Option<Said>),
    /// It states none either, and names the gateway's number of the order, which is all that the gateway can be asked by. The
    /// state of this report says nothing: what it names is held against the order, as far as that goes.
    Number(Box<TradeReport>),
}

/// The fields of a body that comes as a form or as JSON (ruling 18). They are told apart by how they begin: senders are
/// careless about the content type, and the signature decides anyway. Below the fields nothing may lie, since no signature
/// would cover it.
pub(super) fn fields(body: &[u8]) -> Result<Object, Unreadable> {
    let text = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body);
    let fields = if text.trim_ascii_start().starts_with(b"{") { Object::read(body) } else { form::read(body) }?;
    if let Some(name) = fields.nested().next() {
        return Err(Unreadable::BadField(name.to_owned()));
    }
    Ok(fields)
}

/// Whether the signed text can be split into fields in this way only, as far as `names` go.
///
/// The signing rules join names and values without quoting: whoever chooses a value, such as the description of a sale,
/// could write a whole other notification into it and shift the borders between the fields without touching the signature.
/// Then one of `names` stands somewhere inside another field.
pub(super) fn is_unambiguous(fields: &Object, names: [&str; 2]) -> bool {
    fields.all_scalars().all(|(name, value)| {
        let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        plain && names.iter().all(|bound| !value.contains(bound) && (name == *bound || !name.contains(bound)))
    })
}

/// Our number in the field `name`, which a notification must have.
pub(super) fn number(fields: &Object, name: &str) -> Result<String, Unreadable> {
    let bad = || Unreadable::BadField(name.to_owned());
    let number = fields.text(name)?.ok_or_else(bad)?;
    let fits = number.len() <= NUMBER_LIMIT
        && number.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    if fits { Ok(number.to_owned()) } else { Err(bad()) }
}

/// A notification's report without who bore what. Those fields may be missing, so one that somebody made out of another
/// field's text would not be noticed (see [`is_unambiguous`]).
pub(super) fn without_parts(report: TradeReport) -> TradeReport {
    TradeReport { parts: Parts::default(), ..report }
}

/// What a report that was read comes to. Without a state, or with a word that nobody knows, it states none.
pub(super) fn told(read: Result<TradeReport, Unreadable>) -> Result<Told, Unreadable> {
    match read {
        Ok(report) => Ok(Told::Report(Box::new(report))),
        Err(Unreadable::NoState | Unreadable::UnknownWord(_)) => Ok(Told::Ask(None)),
        Err(why) => Err(why),
    }
}

/// A notification that names an error instead of a payment bears no signature: it is none.
pub(super) fn signed<T>(read: Read<T>) -> Result<T, Unreadable> {
    match read {
        Read::Means(fields) => Ok(fields),
        Read::Says(_) => Err(Unreadable::Unsigned),
        Read::Unreadable(why) => Err(why),
    }
}
