//! Reading answers: what is the same whichever gateway answers.

use super::call::HttpAnswer;
use super::json::Object;
use super::reaction::Said;
use super::{Read, Unreadable};
use crate::foreign::seen;
use crate::order::report::{Stated, TradeState};
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};

/// The longest text that a QR code of the till carries, in bytes.
const LINK_LIMIT: usize = 2_000;

/// The longest id or foreign value that is kept of an answer, in characters.
const KEPT_LIMIT: usize = 64;

/// Why an answer has no authentic content.
pub(super) enum Unusable {
    /// It names an error.
    Says(Said),
    /// It cannot be relied on.
    Unreadable(Unreadable),
}

impl From<Unreadable> for Unusable {
    fn from(why: Unreadable) -> Self {
        Self::Unreadable(why)
    }
}

/// What reading came to.
pub(super) fn into_read<T>(result: Result<T, Unusable>) -> Read<T> {
    match result {
        Ok(meaning) => Read::Means(meaning),
        Err(Unusable::Says(said)) => Read::Says(said),
        Err(Unusable::Unreadable(why)) => Read::Unreadable(why),
    }
}

/// The JSON of an answer that came with status 200.
pub(super) fn envelope(answer: &HttpAnswer) -> Result<Object, Unreadable> {
    if answer.status == 200 { Object::read(&answer.body) } else { Err(Unreadable::Status(answer.status)) }
}

/// Whether what an answer states is ours.
pub(super) fn stated(said: Option<&str>, ours: Option<&str>) -> Stated {
    match said {
        None => Stated::Not,
        Some(said) if ours == Some(said) => Stated::Ours,
        Some(other) => Stated::Other(kept(other)),
    }
}

/// The same where another value makes the answer useless: it is not about this order.
pub(super) fn ours_or_bad(data: &Object, name: &str, ours: Option<&str>) -> Result<Stated, Unreadable> {
    match stated(data.text(name)?, ours) {
        Stated::Other(_) => Err(Unreadable::BadField(name.to_owned())),
        fine @ (Stated::Ours | Stated::Not) => Ok(fine),
    }
}

/// Another amount than ours, minor units, makes the answer useless. None is fine.
pub(super) fn our_amount_or_bad(data: &Object, name: &str, minor: i64) -> Result<(), Unreadable> {
    let other = data.minor_units(name)?.is_some_and(|said| said != minor);
    if other { Err(Unreadable::BadField(name.to_owned())) } else { Ok(()) }
}

/// The text of the QR, from the first of `names` that holds one: printable ASCII of a known scheme (gateways.md 1.3). What cannot
/// be shown is none, and the order that it came with is there all the same. Hosts are not judged: the upstream's may change.
pub(super) fn link(data: &Object, names: &[&str]) -> Result<Option<String>, Unreadable> {
    for name in names {
        let Some(link) = data.text(name)? else { continue };
        let known = link.split_once("://").is_some_and(|(scheme, rest)| {
            !rest.is_empty()
                && ["http", "https", "weixin", "alipays"].iter().any(|known| scheme.eq_ignore_ascii_case(known))
        });
        if known && link.len() <= LINK_LIMIT && link.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Ok(Some(link.to_owned()));
        }
    }
    Ok(None)
}

/// Ruling 6: the gateway's number of an order is adopted only from an answer that names ours beside it.
pub(super) fn beside_ours(gateway_no: Option<String>, order_no: &Stated) -> Option<String> {
    gateway_no.filter(|_| *order_no == Stated::Ours)
}

/// Which field an answer about a refund lacks of those that its gateway states beside every state. A refund tells of a payment,
/// and without its number and amount that could be another's (ruling 5). Paid proves nothing without them anyway.
pub(super) fn lacking(state: TradeState, always: [(&str, bool); 2]) -> Option<String> {
    let missing = always.into_iter().find(|(_, is_there)| !is_there).filter(|_| state == TradeState::Refunded);
    missing.map(|(name, _)| name.to_owned())
}

/// An id of the gateway's, unless it is longer than any real one.
pub(super) fn id(text: &str) -> Option<String> {
    (text.chars().count() <= KEPT_LIMIT).then(|| text.to_owned())
}

/// As much of a foreign value as is worth keeping, on one line.
pub(super) fn kept(text: &str) -> String {
    text.chars().take(KEPT_LIMIT).map(seen).collect()
}

/// Seconds (10 digits), milliseconds (13) or the calendar of UTC+8 (`20170823182445`, `2017-08-23 18:24:45`), as UTC
/// seconds since 1970. Anything else, such as 0 before the payment, is no time: it decides nothing.
pub(super) fn gateway_time(text: &str) -> Option<i64> {
    if text.contains('-') {
        return calendar_of_china("%Y-%m-%d %H:%M:%S", text);
    }
    if !text.bytes().all(|byte| byte.is_ascii_digit()) || text.starts_with('0') {
        return None;
    }
    match text.len() {
        10 => text.parse().ok(),
        13 => text.parse::<i64>().ok().map(|millis| millis.div_euclid(1_000)),
        14 => calendar_of_china("%Y%m%d%H%M%S", text),
        _ => None,
    }
}

fn calendar_of_china(form: &str, text: &str) -> Option<i64> {
    let local = DateTime::strptime(form, text).ok()?;
    let zoned = local.to_zoned(TimeZone::fixed(Offset::constant(8))).ok()?;
    // The first second of 1970 and what lies before it stand for no time at all.
    Some(zoned.timestamp().as_second()).filter(|seconds| *seconds > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_seconds_milliseconds_or_the_calendar_of_china() {
        for (text, expected) in [
            ("1496910905", Some(1_496_910_905)),
            ("1496910905123", Some(1_496_910_905)),
            ("20170823182445", Some(1_503_483_885)),
            ("2017-08-23 18:24:45", Some(1_503_483_885)),
            ("20171323182445", None),
            ("2017-13-23 18:24:45", None),
            ("2017-08-23", None),
            ("2017-08-23 18:24:45 x", None),
            ("1970-01-01 08:00:00", None),
            ("0000-00-00 00:00:00", None),
            ("0", None),
            ("", None),
            ("0000000000", None),
            ("149691090", None),
            ("-496910905", None),
        ] {
            assert_eq!(gateway_time(text), expected, "{text}");
        }
    }
}
