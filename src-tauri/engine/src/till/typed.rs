//! What a person typed to find an order or a refund: one reading for both lists.

use jiff::civil::{Date, Time};
use till_core::money::{half_width, parse_amount};
use till_core::time::{MINUTE, SECOND};

/// Digits up to which a plain number may be an amount: no gateway's number is as short.
const AMOUNT_DIGITS: usize = 7;

/// What may stand before an amount.
const CURRENCY_SIGNS: [&str; 4] = ["HK$", "$", "¥", "￥"];

/// The text as it is understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Typed {
    /// Nothing was typed.
    Nothing,
    /// A second, a minute or a day.
    When(When),
    /// Nothing but an amount, minor units.
    Amount(i64),
    /// A number or a part of one, and what it is as an amount.
    Number { number: String, amount_minor: Option<i64> },
}

/// A time of a day, a time of whichever day is looked at, or a whole day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct When {
    pub date: Option<Date>,
    pub time: Option<TimeOfDay>,
}

/// A time of day, and how long it lasts, in microseconds: a second where one was typed, else a minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TimeOfDay {
    pub from: Time,
    pub lasts: i64,
}

/// Reads a time (`15:40`, `15:40:07`, `11-27 15:40`, `2026-11-27 15:40`), a day (`2026-11-27`), an amount (`15.00`, `¥15`), or a
/// number. Full-width characters are what the keys say.
pub(super) fn typed(text: &str, today: Date) -> Typed {
    let text = half_width(text);
    let text = text.trim();
    if text.is_empty() {
        return Typed::Nothing;
    }
    if let Some(when) = when(text, today) {
        return Typed::When(when);
    }
    let signed = CURRENCY_SIGNS.iter().find_map(|sign| text.strip_prefix(sign));
    let minor = parse_amount(signed.unwrap_or(text), i64::MAX).ok();
    let plain = text.bytes().all(|byte| byte.is_ascii_digit());
    match minor {
        Some(minor) if signed.is_some() || !plain => Typed::Amount(minor),
        amount => Typed::Number {
            number: text.trim_start_matches('…').to_owned(),
            amount_minor: amount.filter(|_| text.len() <= AMOUNT_DIGITS),
        },
    }
}

fn when(text: &str, today: Date) -> Option<When> {
    let (day, time) = match text.rsplit_once(char::is_whitespace) {
        Some((day, time)) => (Some(day.trim_end()), Some(clock_time(time)?)),
        None => match clock_time(text) {
            Some(time) => (None, Some(time)),
            None => (Some(text), None),
        },
    };
    let date = match day {
        // Eight digits are a number.
        Some(day) if !day.contains('-') => return None,
        Some(day) => Some(day.parse().ok().or_else(|| of_the_year(day, today).filter(|_| time.is_some()))?),
        None => None,
    };
    Some(When { date, time })
}

/// `10:43` or `10:43:07` as a time of day.
fn clock_time(text: &str) -> Option<TimeOfDay> {
    let (hour, rest) = text.split_once(':')?;
    let (minute, second, lasts) = match rest.split_once(':') {
        Some((minute, second)) => (minute, second, SECOND),
        None => (rest, "0", MINUTE),
    };
    let from = Time::new(hour.parse().ok()?, minute.parse().ok()?, second.parse().ok()?, 0).ok()?;
    Some(TimeOfDay { from, lasts })
}

/// `11-27` as the last such day up to today. The four years before reach every 29 February.
fn of_the_year(text: &str, today: Date) -> Option<Date> {
    let (month, day) = text.split_once('-')?;
    let (month, day) = (month.parse().ok()?, day.parse().ok()?);
    let years = (0..=4).filter_map(|back| today.year().checked_sub(back));
    years.filter_map(|year| Date::new(year, month, day).ok()).find(|date| *date <= today)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn today() -> Date {
        "2026-11-28".parse().unwrap()
    }

    fn when_of(date: Option<&str>, time: Option<(i8, i8)>) -> Typed {
        let date = date.map(|date| date.parse().unwrap());
        let time_of_day = |(hour, minute)| TimeOfDay { from: Time::new(hour, minute, 0, 0).unwrap(), lasts: MINUTE };
        Typed::When(When { date, time: time.map(time_of_day) })
    }

    #[test]
    fn a_time_is_read_with_and_without_its_day_and_in_full_width() {
        for text in ["15:40", "15：40", "１５：４０", " 15:40 "] {
            assert_eq!(typed(text, today()), when_of(None, Some((15, 40))), "{text}");
        }
        for text in ["11-27 15:40", "2026-11-27 15:40", "11－27　１５：４０", "2026-11-27  15:40"] {
            assert_eq!(typed(text, today()), when_of(Some("2026-11-27"), Some((15, 40))), "{text}");
        }
        assert_eq!(typed("2026-11-27", today()), when_of(Some("2026-11-27"), None));
        assert_eq!(typed("11-29 08:00", today()), when_of(Some("2025-11-29"), Some((8, 0))), "not tomorrow");
        assert_eq!(typed("02-29 08:00", today()), when_of(Some("2024-02-29"), Some((8, 0))));
    }

    #[test]
    fn a_time_as_it_is_shown_is_read_to_the_second() {
        let time = Some(TimeOfDay { from: Time::new(18, 3, 32, 0).unwrap(), lasts: SECOND });
        for (text, date) in [
            ("18:03:32", None),
            ("１８：０３：３２", None),
            ("11-27 18:03:32", Some("2026-11-27")),
            ("2026-11-27 18:03:32", Some("2026-11-27")),
        ] {
            let date = date.map(|date| date.parse().unwrap());
            assert_eq!(typed(text, today()), Typed::When(When { date, time }), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_a_number() {
        let no_times = ["25:00", "18:03:", "18:03:61", "18:03:32:1", "2026-13-01", "02-30 10:00", "abc 10:00"];
        for text in no_times.into_iter().chain(["20261127", "11-27", "TK7H 3M9Q", "-05"]) {
            assert_eq!(typed(text, today()), Typed::Number { number: text.into(), amount_minor: None }, "{text}");
        }
    }

    #[test]
    fn an_amount_has_a_point_or_a_sign_or_is_a_short_plain_number() {
        for text in ["15.00", "15.0", "¥15.00", "￥15", "HK$15", "$15.0", "１５．００", "¥ 15"] {
            assert_eq!(typed(text, today()), Typed::Amount(1500), "{text}");
        }
        let number = |number: &str, amount_minor| Typed::Number { number: number.into(), amount_minor };
        assert_eq!(typed("15", today()), number("15", Some(1500)));
        assert_eq!(typed("1234567", today()), number("1234567", Some(123_456_700)));
        assert_eq!(typed("12345678", today()), number("12345678", None), "too long for an amount");
        assert_eq!(typed("0042", today()), number("0042", None), "no amount begins with a zero");
        assert_eq!(typed("…ef15", today()), number("ef15", None));
        assert_eq!(typed("  ", today()), Typed::Nothing);
    }
}
