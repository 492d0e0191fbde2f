//! The gateway's clock, which can be wrong on purpose.

use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

/// The machine's time in milliseconds since 1970.
pub(crate) fn now_ms() -> i64 {
    Timestamp::now().as_millisecond()
}

/// What the gateway believes the time is, in seconds since 1970.
pub(crate) fn gateway_s(skew_s: i64) -> i64 {
    Timestamp::now().as_second().saturating_add(skew_s)
}

/// The value of a `Date` header by the gateway's clock.
pub(crate) fn http_date(skew_s: i64) -> Option<String> {
    let at = Timestamp::now().checked_add(SignedDuration::from_secs(skew_s)).ok()?;
    jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&at).ok()
}

/// `yyyyMMddHHmmss` in Beijing time, as some samples print `time_end`.
pub(crate) fn beijing_digits(seconds: i64) -> Option<String> {
    let at = Timestamp::from_second(seconds).ok()?;
    let beijing = TimeZone::fixed(Offset::constant(8));
    Some(at.to_zoned(beijing).strftime("%Y%m%d%H%M%S").to_string())
}
