//! Business days as a list is asked for them.

use super::Reading;
use crate::till::instant;
use jiff::civil::{Date, Time};
use till_core::error::{Code, Refusal};

impl Reading {
    /// Where the first of two business days begins and where the last one is over, UTC microseconds.
    pub(super) fn days(&self, from: Option<&str>, to: Option<&str>) -> Result<(Option<i64>, Option<i64>), Refusal> {
        let (from, to) = (read(from)?, read(to)?);
        if let (Some(from), Some(to)) = (from, to)
            && from > to
        {
            return Err(Refusal::of(Code::DaysReversed).with("from", from).with("to", to));
        }
        let over = to.map(|day| day.tomorrow().map_or(i64::MAX, |next| self.midnight(next)));
        Ok((from.map(|day| self.midnight(day)), over))
    }

    fn midnight(&self, day: Date) -> i64 {
        instant(&self.clock, day, Time::midnight())
    }
}

fn read(day: Option<&str>) -> Result<Option<Date>, Refusal> {
    let read = day.map(str::parse::<Date>).transpose();
    read.map_err(|_| Refusal::of(Code::BadRequest).with("reason", "day"))
}
