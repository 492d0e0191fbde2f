//! Money: integer minor units and a currency. No float anywhere.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A currency that some gateway of the registry takes. All of them have two decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "UPPERCASE")]
pub enum Currency {
    /// Renminbi.
    Cny,
    /// Hong Kong dollar.
    Hkd,
    /// Australian dollar.
    Aud,
}

impl Currency {
    /// Every currency.
    pub const ALL: [Self; 3] = [Self::Cny, Self::Hkd, Self::Aud];

    /// The currency of a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|currency| currency.code() == code)
    }

    /// ISO 4217 code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Cny => "CNY",
            Self::Hkd => "HKD",
            Self::Aud => "AUD",
        }
    }
}

/// An amount in minor units (fen, cents).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// Minor units.
    pub minor: i64,
    /// The currency; amounts of two currencies are never added.
    pub currency: Currency,
}

impl Money {
    /// Reads what a person typed. See [`parse_amount`].
    pub fn parse(text: &str, currency: Currency, limit_minor: i64) -> Result<Self, AmountRefusal> {
        parse_amount(text, limit_minor).map(|minor| Self { minor, currency })
    }
}

/// `12.50`: two decimals, no grouping, no sign of the currency.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.minor < 0 { "-" } else { "" };
        let minor = self.minor.unsigned_abs();
        write!(f, "{sign}{}.{:02}", minor / 100, minor % 100)
    }
}

/// Why a typed amount was refused. Nothing is sent in any of these cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AmountRefusal {
    /// Nothing was typed.
    Empty,
    /// More than two decimals.
    Decimals,
    /// A grouping mark, as in `1,250`: it could be meant as a decimal point.
    Grouped,
    /// A minus sign.
    Negative,
    /// Digits that are not a plain amount, as `1e3`, `12.`, `007`.
    NotAnAmount,
    /// Zero.
    Zero,
    /// More than the channel takes.
    OverLimit {
        /// The limit in minor units.
        limit_minor: i64,
    },
}

/// Reads `12`, `12.5` or `12.50` as minor units. Full-width digits and the points that a Chinese input method makes of
/// `.` (`。`, `．`, `｡`) are read as what the keys say.
pub fn parse_amount(text: &str, limit_minor: i64) -> Result<i64, AmountRefusal> {
    let plain = half_width(text.trim());
    if plain.is_empty() {
        return Err(AmountRefusal::Empty);
    }
    if plain.starts_with('-') {
        return Err(AmountRefusal::Negative);
    }
    if plain.contains(',') {
        return Err(AmountRefusal::Grouped);
    }
    let (whole, fraction) = match plain.split_once('.') {
        Some((whole, fraction)) if !fraction.is_empty() => (whole, fraction),
        Some(_) => return Err(AmountRefusal::NotAnAmount),
        None => (plain.as_str(), ""),
    };
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) || (whole.len() > 1 && whole.starts_with('0')) {
        return Err(AmountRefusal::NotAnAmount);
    }
    if fraction.len() > 2 {
        return Err(AmountRefusal::Decimals);
    }
    let over = AmountRefusal::OverLimit { limit_minor };
    let minor: i64 = format!("{whole}{fraction:0<2}").parse().map_err(|_| over)?;
    if minor == 0 {
        return Err(AmountRefusal::Zero);
    }
    if minor > limit_minor {
        return Err(over);
    }
    Ok(minor)
}

/// What the keys say, where a Chinese input method made full-width characters and marks of them.
#[must_use]
pub fn half_width(typed: &str) -> String {
    let plain = |typed: char| match typed {
        '。' | '｡' => '.',
        '−' => '-',
        '\u{3000}' => ' ',
        '\u{ff01}'..='\u{ff5e}' => u32::from(typed).checked_sub(0xfee0).and_then(char::from_u32).unwrap_or(typed),
        other => other,
    };
    typed.chars().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LIMIT: i64 = 5_000_000;

    #[test]
    fn amounts_are_read_as_they_are_written() {
        for (text, minor) in [
            ("12.50", 1250),
            ("12.5", 1250),
            ("12", 1200),
            ("0.01", 1),
            ("１２．５０", 1250),
            ("12。5", 1250),
            ("１２｡５", 1250),
            (" 8 ", 800),
            ("19.90", 1990),
            ("50000", LIMIT),
        ] {
            assert_eq!(parse_amount(text, LIMIT), Ok(minor), "{text}");
        }
    }

    #[test]
    fn what_is_not_an_amount_is_refused_for_its_own_reason() {
        use AmountRefusal::{Decimals, Empty, Grouped, Negative, NotAnAmount, OverLimit, Zero};
        let over = OverLimit { limit_minor: LIMIT };
        for (text, refusal) in [
            ("", Empty),
            ("  ", Empty),
            ("12.505", Decimals),
            ("1,250", Grouped),
            ("1，250", Grouped),
            ("-1", Negative),
            ("－1", Negative),
            ("1e3", NotAnAmount),
            ("12.", NotAnAmount),
            (".5", NotAnAmount),
            ("007", NotAnAmount),
            ("1.2.3", NotAnAmount),
            ("+1", NotAnAmount),
            ("0x10", NotAnAmount),
            ("12 50", NotAnAmount),
            ("٣", NotAnAmount),
            ("0", Zero),
            ("0.00", Zero),
            ("50000.01", over),
            ("99999999999999999999", over),
        ] {
            assert_eq!(parse_amount(text, LIMIT), Err(refusal), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_back(minor in 1..=i64::MAX) {
            let money = Money { minor, currency: Currency::Cny };
            prop_assert_eq!(Money::parse(&money.to_string(), Currency::Cny, i64::MAX), Ok(money));
        }

        #[test]
        fn nothing_typed_panics_or_passes_the_limit(text in "\\PC{0,24}", limit in 1..=i64::MAX) {
            if let Ok(minor) = parse_amount(&text, limit) {
                prop_assert!(minor > 0 && minor <= limit);
            }
        }
    }
}
