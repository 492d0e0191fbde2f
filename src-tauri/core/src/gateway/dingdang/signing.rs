//! TSK-RSA2 (gateways.md 3.2, from `security.md` of the gateway's public documents): the bytes of the body, then the time
//! without a separator, signed with RSA PKCS#1 v1.5 and SHA-256, in the `Authorization` header.

use crate::gateway::call::HttpAnswer;
use crate::gateway::keys::{public_key, sign, verifies};
use crate::gateway::request::secret;
use crate::gateway::{Dealing, STALE, UNCHECKED, UNSIGNED, Unbuildable, Unreadable, VERIFIED, WRONG};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// The scheme of the header.
const SCHEME: &str = "TSK-RSA2";

/// UTC, as `20170720T193559Z`.
const DATETIME: &str = "%Y%m%dT%H%M%SZ";

/// How far the clocks of the two sides may lie apart, in seconds: "generally over 3 minutes may be refused".
pub const SKEW_LIMIT_S: i64 = 180;

/// How an answer is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seal {
    /// Rightly, and just now.
    Right,
    /// Rightly, at a time that is so many seconds away: the clocks differ, or somebody sends an old answer again.
    Stale(u32),
    /// Rightly, at no time that can be read.
    Untimed,
    /// Not at all, or nobody can tell: the account holds no key to check it with.
    Absent,
}

/// The header over `body`, signed by the account's key at `dealing.seconds`.
pub(super) fn authorization(dealing: Dealing<'_>, body: &[u8]) -> Result<String, Unbuildable> {
    let key = secret(dealing, "skill_private_key")?;
    let datetime = datetime(dealing.seconds).ok_or(Unbuildable::BadValue("Datetime"))?;
    let signature = sign(key, &content(body, &datetime)).map_err(|_| Unbuildable::Secret("skill_private_key"))?;
    Ok(format!("{SCHEME} Datetime={datetime}, Signature={signature}"))
}

/// Checks the signature of an answer, where it bears one. No document says that answers do, nor where: this is the header
/// of the requests, over the answer's body (gateways.md 3.2, 7).
pub(super) fn seal(dealing: Dealing<'_>, answer: &HttpAnswer) -> Result<Seal, Unreadable> {
    let Some(header) = &answer.authorization else { return Ok(Seal::Absent) };
    let Some(key) = dealing.account.field("tsk_public_key") else { return Ok(Seal::Absent) };
    sealed(dealing, key, header, &answer.body)
}

/// Checks the signature of a call that the gateway makes by itself: nothing else proves who makes it, and from long ago it may
/// be somebody else's second sending.
pub(super) fn must_be_sealed(dealing: Dealing<'_>, header: Option<&str>, body: &[u8]) -> Result<(), Unreadable> {
    let header = header.ok_or(Unreadable::Unsigned)?;
    let key = dealing.account.field("tsk_public_key").ok_or_else(|| bad("tsk_public_key"))?;
    sealed(dealing, key, header, body)?.out_of_time().map_or(Ok(()), Err)
}

/// When a right signature is from; a wrong one is an error.
fn sealed(dealing: Dealing<'_>, key: &str, header: &str, body: &[u8]) -> Result<Seal, Unreadable> {
    let key = public_key(key).map_err(|_| Unreadable::WrongSignature)?;
    let Stamped { datetime, signature } = stamped(header).ok_or(Unreadable::WrongSignature)?;
    if !verifies(&key, &content(body, datetime), signature) {
        return Err(Unreadable::WrongSignature);
    }
    let Some(then) = seconds_of(datetime) else { return Ok(Seal::Untimed) };
    let off_s = then.saturating_sub(dealing.seconds).saturating_abs();
    Ok(if off_s > SKEW_LIMIT_S { Seal::Stale(u32::try_from(off_s).unwrap_or(u32::MAX)) } else { Seal::Right })
}

fn bad(name: &str) -> Unreadable {
    Unreadable::BadField(name.to_owned())
}

/// What the signature of an answer comes to. How far the clocks lie apart is told beside it.
pub(super) fn reading(dealing: Dealing<'_>, answer: &HttpAnswer) -> Option<&'static str> {
    match seal(dealing, answer) {
        Ok(Seal::Right) => Some(VERIFIED),
        Ok(Seal::Stale(_)) => Some(STALE),
        Ok(Seal::Absent) => Some(if answer.authorization.is_some() { UNCHECKED } else { UNSIGNED }),
        Err(Unreadable::WrongSignature) => Some(WRONG),
        Ok(Seal::Untimed) | Err(_) => None,
    }
}

/// The time by the gateway's clock, UTC seconds, as the `Datetime` of the answer's signature tells it or, without one, its `Date`.
/// More than [`SKEW_LIMIT_S`] off either way, and neither side believes the other's signatures.
pub(super) fn time_stated(answer: &HttpAnswer) -> Option<i64> {
    let signed = answer.authorization.as_deref().and_then(stamped).and_then(|stamped| seconds_of(stamped.datetime));
    signed.or(answer.date)
}

impl Seal {
    /// Why one that is right does not count for its time.
    pub(super) fn out_of_time(self) -> Option<Unreadable> {
        match self {
            Self::Stale(off_s) => Some(Unreadable::Stale(off_s)),
            Self::Untimed => Some(bad("Datetime")),
            Self::Right | Self::Absent => None,
        }
    }
}

/// What the header states.
#[derive(Debug, PartialEq, Eq)]
struct Stamped<'a> {
    datetime: &'a str,
    signature: &'a str,
}

/// The header's two values, each named once; others are passed over. Base64 may end in `=`, so only the first one parts a
/// name from its value.
fn stamped(header: &str) -> Option<Stamped<'_>> {
    let (scheme, rest) = header.trim().split_once(' ')?;
    if !scheme.eq_ignore_ascii_case(SCHEME) {
        return None;
    }
    let (mut datetime, mut signature) = (None, None);
    for pair in rest.split(',') {
        let (name, value) = pair.trim().split_once('=')?;
        let place = match name {
            "Datetime" => &mut datetime,
            "Signature" => &mut signature,
            _ => continue,
        };
        if place.replace(value).is_some() {
            return None;
        }
    }
    Some(Stamped { datetime: datetime?, signature: signature? })
}

fn content(body: &[u8], datetime: &str) -> Vec<u8> {
    [body, datetime.as_bytes()].concat()
}

fn datetime(seconds: i64) -> Option<String> {
    let time = Timestamp::from_second(seconds).ok()?.to_zoned(TimeZone::UTC).datetime();
    (0..=9_999).contains(&time.year()).then(|| time.strftime(DATETIME).to_string())
}

fn seconds_of(datetime: &str) -> Option<i64> {
    let time = DateTime::strptime(DATETIME, datetime).ok()?;
    Some(time.to_zoned(TimeZone::UTC).ok()?.timestamp().as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_is_printed_and_read_as_the_document_prints_it() {
        assert_eq!(datetime(1_500_579_359).as_deref(), Some("20170720T193559Z"));
        assert_eq!(seconds_of("20170720T193559Z"), Some(1_500_579_359));
        for seconds in [0, 951_782_400, 1_767_225_600, 4_102_444_799] {
            assert_eq!(datetime(seconds).as_deref().and_then(seconds_of), Some(seconds));
        }
        for odd in ["", "20170720T193559", "20171320T193559Z", "2017-07-20T19:35:59Z", "20170720T193559Z "] {
            assert_eq!(seconds_of(odd), None, "{odd:?}");
        }
        assert_eq!(datetime(i64::MAX), None);
    }

    #[test]
    fn the_header_parts_at_the_first_equals_sign() {
        let expected = Some(Stamped { datetime: "20170720T193559Z", signature: "AbC+/w==" });
        for header in [
            "TSK-RSA2 Datetime=20170720T193559Z, Signature=AbC+/w==",
            "TSK-RSA2 Datetime=20170720T193559Z,Signature=AbC+/w==",
            "  tsk-rsa2  Signature=AbC+/w== ,  Datetime=20170720T193559Z  ",
            "TSK-RSA2 Datetime=20170720T193559Z, Signature=AbC+/w==, Version=2",
        ] {
            assert_eq!(stamped(header), expected, "{header}");
        }
        for header in [
            "",
            "TSK-RSA2",
            "TSK-RSA2 ",
            "TSK-RSA2 Datetime=20170720T193559Z",
            "TSK-RSA2 Signature=AbC+/w==",
            "TSK-RSA2 Datetime, Signature=AbC+/w==",
            "TSK-HMAC-SHA256-BASIC Datetime=20170720T193559Z, Signature=AbC+/w==",
            "TSK-RSA2 Datetime=20170720T193559Z, Signature=AbC+/w==, Signature=AbC+/w==",
            "TSK-RSA2 Datetime=20170720T193559Z, Datetime=20170720T193559Z, Signature=AbC+/w==",
        ] {
            assert_eq!(stamped(header), None, "{header}");
        }
    }
}
