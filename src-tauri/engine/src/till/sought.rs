//! What a query of a list asks for, orders or refunds alike.

use super::Inner;
use super::typed::{TimeOfDay, Typed, When, typed};
use crate::clock::Clock;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use till_core::error::{Code, Refusal};
use till_core::time::{MINUTE, Moment};

/// Rows of a page.
pub(super) const PAGE: u32 = 60;

/// A query as a search of the journal takes it. Times are UTC microseconds.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Sought {
    /// The row that the page before ended with: its time and its number.
    pub after: Option<(i64, String)>,
    /// The day that is looked at: at or after, and before.
    pub day: Option<(i64, i64)>,
    /// The second, the minute or the day that was typed, which counts instead.
    pub when: Option<(i64, i64)>,
    pub number: Option<String>,
    pub amount_minor: Option<i64>,
}

/// Where the next page begins after a row; none where the page was not full.
pub(super) fn next_page<R>(rows: &[R], place: impl Fn(&R) -> (i64, &str)) -> Option<String> {
    let full = u32::try_from(rows.len()).unwrap_or(u32::MAX) >= PAGE;
    let (at, number) = rows.last().filter(|_| full).map(place)?;
    Some(format!("{at}/{number}"))
}

impl Inner {
    /// Reads a query. `after`: as [`next_page`] wrote it; `day`: `2026-11-27`; `text`: whatever a person typed.
    pub(super) fn sought(&self, after: Option<&str>, day: Option<&str>, text: &str) -> Result<Sought, Refusal> {
        let bad = |reason: &str| Refusal::of(Code::BadRequest).with("reason", reason);
        let mut sought = Sought::default();
        if let Some(after) = after {
            let (at, number) = after.split_once('/').ok_or_else(|| bad("after"))?;
            sought.after = Some((at.parse().map_err(|_| bad("after"))?, number.to_owned()));
        }
        let looked_at = day.map(|day| day.parse::<Date>().map_err(|_| bad("day"))).transpose()?;
        if let Some(day) = looked_at {
            let next = day.tomorrow().map_err(|_| bad("day"))?;
            sought.day = Some((self.midnight(day), self.midnight(next)));
        }
        let today = self.today(self.seams.clock.now())?;
        match typed(text, today) {
            Typed::Nothing => {}
            Typed::Number { number, amount_minor } => {
                sought.number = Some(number);
                sought.amount_minor = amount_minor;
            }
            Typed::Amount(minor) => sought.amount_minor = Some(minor),
            Typed::When(when) => sought.when = Some(self.span(when, looked_at.unwrap_or(today))),
        }
        Ok(sought)
    }

    /// The business day of a moment.
    pub(super) fn today(&self, now: Moment) -> Result<Date, Refusal> {
        self.stamp(now).day.parse().map_err(|_| Refusal::of(Code::BadRequest).with("reason", "day"))
    }

    /// Where a business day begins, UTC microseconds.
    pub(super) fn midnight(&self, date: Date) -> i64 {
        self.instant(date, Time::midnight())
    }

    /// From when until when. `looked_at`: the day that a time without one is of.
    fn span(&self, when: When, looked_at: Date) -> (i64, i64) {
        let date = when.date.unwrap_or(looked_at);
        if let Some(TimeOfDay { from, lasts }) = when.time {
            let from = self.instant(date, from);
            return (from, from.saturating_add(lasts));
        }
        (self.midnight(date), date.tomorrow().map_or(i64::MAX, |next| self.midnight(next)))
    }

    /// A local time of day as UTC microseconds, by the seam's own idea of the place.
    fn instant(&self, date: Date, time: Time) -> i64 {
        instant(self.seams.clock.as_ref(), date, time)
    }
}

/// A local time of day as UTC microseconds, by a clock's own idea of the place.
pub(crate) fn instant(clock: &dyn Clock, date: Date, time: Time) -> i64 {
    let utc = date.to_datetime(time).to_zoned(TimeZone::UTC).map_or(0, |zoned| zoned.timestamp().as_microsecond());
    utc.saturating_sub(i64::from(clock.offset_minutes(utc)).saturating_mul(MINUTE))
}
