//! Rows of digits that could be a payment code, in one piece or in groups.
//!
//! Between two groups stands one sign, whichever, that is no letter. Digits are those of every script: a gateway may repeat a code
//! as a person typed it, and JSON may escape it. What a known number, a time, an amount or an address looks like is no group.

use till_core::gateway::PAYMENT_CODE_DIGITS;

/// The most groups of something that is known by its shape: a time with a fraction and an offset.
const LONGEST_SHAPE: usize = 6;

/// Without rows of digits that are long enough to be a code or to hold one.
pub(super) fn without_rows(known: &[String], text: &[u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(text.len());
    for piece in Pieces::of(known, text) {
        if piece.digits >= *PAYMENT_CODE_DIGITS.start() {
            blot(&mut kept, piece.text);
        } else {
            kept.extend_from_slice(piece.text);
        }
    }
    kept
}

/// Where a row of `shortest` digits or more begins that goes on to the end of a text, which may have been cut there.
pub(super) fn row_at_the_end(known: &[String], text: &[u8], shortest: usize) -> Option<usize> {
    let ends = |piece: &Piece<'_>| {
        let behind = text.get(piece.at.saturating_add(piece.taken)..).unwrap_or_default();
        next_sign(behind).is_none_or(|sign| sign.parts() && sign.bytes == behind.len())
    };
    Pieces::of(known, text).find(|piece| piece.digits >= shortest && ends(piece)).map(|piece| piece.at)
}

/// A character and the bytes that it takes in a text.
#[derive(Clone, Copy)]
pub(super) struct Sign {
    what: char,
    pub(super) bytes: usize,
}

impl Sign {
    pub(super) fn is_digit(self) -> bool {
        self.what.is_numeric()
    }

    /// Whether it may stand for this one: a digit of another script may stand for any.
    pub(super) fn may_be(self, other: char) -> bool {
        self.what == other || (self.is_digit() && !self.what.is_ascii())
    }

    /// Whether it can stand between two groups.
    fn parts(self) -> bool {
        !self.what.is_alphanumeric()
    }
}

/// The first character of a text, escaped or not. What is no UTF-8 is taken byte by byte.
pub(super) fn next_sign(text: &[u8]) -> Option<Sign> {
    if text.is_empty() {
        return None;
    }
    let plain = || {
        let head = text.get(..4).unwrap_or(text);
        let what = head.utf8_chunks().next()?.valid().chars().next()?;
        Some(Sign { what, bytes: what.len_utf8() })
    };
    let unreadable = Sign { what: char::REPLACEMENT_CHARACTER, bytes: 1 };
    Some(escaped(text).or_else(plain).unwrap_or(unreadable))
}

/// A character as JSON escapes it.
fn escaped(text: &[u8]) -> Option<Sign> {
    let [b'\\', kind, rest @ ..] = text else { return None };
    match kind {
        b'u' => {
            let low = rest.get(4..).and_then(|behind| behind.strip_prefix(b"\\u")).and_then(utf16);
            let what = char::decode_utf16(std::iter::once(utf16(rest)?).chain(low)).next()?.ok()?;
            Some(Sign { what, bytes: what.len_utf16().saturating_mul(6) })
        }
        b'"' | b'\\' | b'/' => Some(Sign { what: char::from(*kind), bytes: 2 }),
        b'b' | b'f' | b'n' | b'r' | b't' => Some(Sign { what: ' ', bytes: 2 }),
        _ => None,
    }
}

/// Four hexadecimal digits.
fn utf16(text: &[u8]) -> Option<u16> {
    let digits = text.get(..4).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))?;
    u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

/// A part of a text that is blotted, or kept, as a whole.
struct Piece<'a> {
    /// Where it begins, in bytes.
    at: usize,
    text: &'a [u8],
    /// How many digits the groups have that begin here; none where it is known to be no code.
    digits: usize,
    /// How many bytes these groups take.
    taken: usize,
}

struct Pieces<'a> {
    known: &'a [String],
    rest: &'a [u8],
    at: usize,
    /// The last piece ends in a digit.
    after_digits: bool,
    /// What joins the next piece to the digits before it.
    joint: Option<char>,
}

impl<'a> Pieces<'a> {
    fn of(known: &'a [String], text: &'a [u8]) -> Self {
        Self { known, rest: text, at: 0, after_digits: false, joint: None }
    }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        let sign = next_sign(self.rest)?;
        let long = *PAYMENT_CODE_DIGITS.start();
        let number = known_at(self.known, self.rest);
        let other = number.filter(|number| *number >= long).or_else(|| shaped(self.joint, self.rest));
        let (digits, taken) = if other.is_some() { (0, 0) } else { grouped(self.known, self.rest) };
        let short = || number.unwrap_or(row(self.rest).1).max(sign.bytes);
        let bytes = other.unwrap_or_else(|| if digits >= long { taken } else { short() });
        let (text, rest) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, &[]));
        let piece = Piece { at: self.at, text, digits, taken };
        self.joint = Some(sign.what).filter(|_| self.after_digits && sign.parts());
        self.after_digits = digits > 0 || text.last().is_some_and(u8::is_ascii_digit);
        self.at = self.at.saturating_add(text.len());
        self.rest = rest;
        Some(piece)
    }
}

/// Puts a text down with its digits blotted.
pub(super) fn blot(kept: &mut Vec<u8>, text: &[u8]) {
    let mut rest = text;
    while let Some(sign) = next_sign(rest) {
        let (own, behind) = rest.split_at_checked(sign.bytes).unwrap_or((rest, &[]));
        kept.extend_from_slice(if sign.is_digit() { b"*" } else { own });
        rest = behind;
    }
}

/// How many digits begin a text, in one piece, and how many bytes they take.
fn row(text: &[u8]) -> (usize, usize) {
    let (mut digits, mut taken) = (0_usize, 0_usize);
    while let Some(sign) = text.get(taken..).and_then(next_sign).filter(|sign| sign.is_digit()) {
        digits = digits.saturating_add(1);
        taken = taken.saturating_add(sign.bytes);
    }
    (digits, taken)
}

/// How many digits begin a text, in groups with at most one sign between two, and how many bytes they take. A number that is known,
/// or long enough to be a code itself, is no group of another one, and neither is what has a shape of its own, unless its first group
/// makes the row as long as a code.
fn grouped(known: &[String], text: &[u8]) -> (usize, usize) {
    let (mut digits, mut taken) = (0_usize, 0_usize);
    loop {
        let behind = text.get(taken..).unwrap_or_default();
        let gap = next_sign(behind).filter(|sign| digits > 0 && sign.parts());
        let gap_bytes = gap.map_or(0, |gap| gap.bytes);
        let group = behind.get(gap_bytes..).unwrap_or_default();
        let (row, bytes) = row(group);
        // A short one may be a group of a code by chance.
        let long = *PAYMENT_CODE_DIGITS.start();
        let shorter = digits.saturating_add(row) < long;
        let one = gap.is_some_and(|gap| row >= long || (shorter && shaped(Some(gap.what), group).is_some()));
        if row == 0 || one || known_at(known, group).is_some_and(|known| known >= long) {
            return (digits, taken);
        }
        digits = digits.saturating_add(row);
        taken = taken.saturating_add(gap_bytes).saturating_add(bytes);
    }
}

/// The length of the longest known number that comes next.
fn known_at(known: &[String], text: &[u8]) -> Option<usize> {
    known.iter().map(String::as_bytes).filter(|number| begins_with(text, number)).map(<[u8]>::len).max()
}

/// Whether this number comes next, and is not the beginning of a longer one.
fn begins_with(text: &[u8], number: &[u8]) -> bool {
    let digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
    let longer = |after: &[u8]| digit(number.last()) && digit(after.first());
    text.strip_prefix(number).is_some_and(|after| !number.is_empty() && !longer(after))
}

/// A group of ASCII digits.
struct Group<'a> {
    /// What stands between the group before and this one.
    sign: Option<char>,
    digits: &'a [u8],
    /// Where it ends, in bytes.
    end: usize,
}

/// The groups that begin a text: one more than the longest shape has.
fn groups(text: &[u8]) -> Vec<Group<'_>> {
    let (mut groups, mut sign, mut at) = (Vec::new(), None, 0_usize);
    while groups.len() <= LONGEST_SHAPE {
        let rest = text.get(at..).unwrap_or_default();
        let row = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if row == 0 {
            break;
        }
        let end = at.saturating_add(row);
        groups.push(Group { sign, digits: rest.get(..row).unwrap_or_default(), end });
        let Some(gap) = text.get(end..).and_then(next_sign).filter(|gap| gap.parts()) else { break };
        sign = Some(gap.what);
        at = end.saturating_add(gap.bytes);
    }
    groups
}

/// How many bytes something takes that comes next and by its shape is a time, a day, an address or an amount. `joint`: what joins it
/// to digits before it. Where the signs inside it go on outside, it is a piece of something longer.
fn shaped(joint: Option<char>, text: &[u8]) -> Option<usize> {
    let groups = groups(text);
    (2..=groups.len()).rev().find_map(|count| {
        let (own, after) = groups.split_at_checked(count)?;
        let inside: String = own.iter().filter_map(|group| group.sign).collect();
        let digits: Vec<&[u8]> = own.iter().map(|group| group.digits).collect();
        let next = after.first().and_then(|group| group.sign);
        let alone = joint.into_iter().chain(next).all(|sign| !matches!(sign, ':' | '.') && !inside.contains(sign));
        let has_shape = [is_time, is_day, is_address, is_amount].iter().any(|is| is(&inside, &digits));
        own.last().filter(|_| alone && has_shape).map(|last| last.end)
    })
}

fn value(digits: &[u8]) -> Option<u32> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

fn is_within(digits: &[u8], longest: usize, most: u32) -> bool {
    digits.len() <= longest && value(digits).is_some_and(|value| value <= most)
}

/// `15:20`, `15:20:00`, `15:20:00.123+08:00`.
fn is_time(inside: &str, digits: &[&[u8]]) -> bool {
    let known = matches!(
        inside,
        ":" | "::" | "::." | "::," | ":+:" | ":-:" | "::+:" | "::-:" | "::.+:" | "::.-:" | "::,+:" | "::,-:"
    );
    let begins = digits.first().is_some_and(|hour| is_within(hour, 2, 24));
    let goes_on = digits.iter().skip(1).zip(inside.chars()).all(|(digits, sign)| match sign {
        ':' => digits.len() == 2 && is_within(digits, 2, 60),
        '+' | '-' => digits.len() == 2 && is_within(digits, 2, 14),
        _ => digits.len() <= 9,
    });
    known && begins && goes_on
}

/// `2027-01-15`, `2027/1/15`, `15.01.2027`.
fn is_day(inside: &str, digits: &[&[u8]]) -> bool {
    let &[first, second, third] = digits else { return false };
    let year = |digits: &[u8]| digits.len() == 4 && value(digits).is_some_and(|year| (1900..2200).contains(&year));
    let part = |digits: &[u8]| is_within(digits, 2, 31);
    let ordered = (year(first) && part(third)) || (part(first) && year(third));
    matches!(inside, "--" | "//" | "..") && part(second) && ordered
}

/// `192.168.100.200`, also with a port or the length of its network.
fn is_address(inside: &str, digits: &[&[u8]]) -> bool {
    matches!(inside, "..." | "...:" | ".../")
        && digits.iter().take(4).all(|digits| is_within(digits, 3, 255))
        && digits.iter().skip(4).all(|digits| is_within(digits, 5, 65_535))
}

/// `1250.00`, `1,250.00`, or seconds with three decimals: before the decimals fewer digits than a code has.
fn is_amount(inside: &str, digits: &[&[u8]]) -> bool {
    let [whole, others @ ..] = digits else { return false };
    match inside {
        "." => others.iter().all(|cents| {
            let seconds = whole.len() == 10 && cents.len() == 3;
            seconds || (whole.len() < *PAYMENT_CODE_DIGITS.start() && cents.len() <= 2)
        }),
        "," | ",," | ",." | ",,." => {
            let goes_on =
                |(digits, sign): (&&[u8], char)| if sign == ',' { digits.len() == 3 } else { digits.len() <= 2 };
            whole.len() <= 3 && others.iter().zip(inside.chars()).all(goes_on)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::Unsaid;
    use super::*;

    const CODE: &str = "134567890123456789";
    const NUMBER: &str = "4200001234202701155678901234";

    /// In the run that knows the code as in any other.
    fn kept(text: &str) -> String {
        let known = || vec![NUMBER.to_owned()];
        let of = |unsaid: Unsaid<'_>| String::from_utf8(unsaid.bytes(text.as_bytes())).unwrap();
        let kept = of(Unsaid::Any(known()));
        assert_eq!(of(Unsaid::Code(CODE, known())), kept);
        kept
    }

    #[test]
    fn a_code_in_groups_is_blotted_whichever_sign_stands_between_them() {
        let signs = " -_./,:;|+~*#'\"\t\u{a0}\u{2009}\u{202f}\u{3000}\u{200b}\u{2013}\u{ff0e}";
        let groups: [&[&str]; 5] = [
            &["1345", "6789", "0123", "4567", "89"],
            &["134567", "890123", "456789"],
            &["134", "567", "890", "123", "456", "789"],
            &["13", "45", "07", "08", "01", "23", "45", "07", "09"],
            &["2512", "10", "11", "1234", "56", "78"],
        ];
        for sign in signs.chars() {
            for groups in groups {
                let stars: Vec<String> = groups.iter().map(|group| "*".repeat(group.len())).collect();
                let (code, blotted) = (groups.join(&sign.to_string()), stars.join(&sign.to_string()));
                assert_eq!(kept(&format!("码 {code} {NUMBER} x")), format!("码 {blotted} {NUMBER} x"), "{sign:?}");
            }
        }
    }

    #[test]
    fn a_code_is_blotted_in_the_digits_of_any_script_and_as_json_escapes_it() {
        let ascii = CODE;
        let wide: String = ascii.chars().map(|one| char::from_u32(u32::from(one) + 0xfee0).unwrap()).collect();
        let arabic: String = ascii.chars().map(|one| char::from_u32(u32::from(one) + 0x630).unwrap()).collect();
        let bold: String = ascii.chars().map(|one| char::from_u32(u32::from(one) + 0x1_d79e).unwrap()).collect();
        let escaped = |text: &str| {
            let units = text.encode_utf16().map(|unit| format!("\\u{unit:04x}"));
            units.collect::<Vec<_>>().concat()
        };
        for code in [&wide, &arabic, &bold] {
            assert_eq!(kept(&format!("码{code}。")), format!("码{}。", "*".repeat(18)));
            let json = format!("{{\"a\":\"{}\",\"b\":1250}}", escaped(code));
            assert_eq!(kept(&json), format!("{{\"a\":\"{}\",\"b\":1250}}", "*".repeat(18)));
        }
        let short: String = wide.chars().take(11).collect();
        assert_eq!(kept(&short), short);
        for sign in ["\\u00a0", "\\u3000", "\\/", "\\t"] {
            let code = ["1345", "6789", "0123", "4567", "89"].join(sign);
            assert_eq!(kept(&code), ["****", "****", "****", "****", "**"].join(sign));
        }
        assert_eq!(without_rows(&[], b"1345\xa06789\xa00123"), b"****\xa0****\xa0****", "no UTF-8");
    }

    #[test]
    fn times_days_amounts_addresses_and_known_numbers_stay() {
        for text in [
            "2027-01-15 15:20:00",
            "2027-01-15\u{a0}15:20:00",
            "2027/01/15 15:20:00",
            "15.01.2027 15:20:00, 1250",
            "2027-01-15T15:20:00.123456+08:00",
            "2027-01-15 15:20:00.123456789-05:00",
            "2027-01-15/2027-02-15",
            "10:00:00-12:30:00 2027-01-15_15:20",
            r#"{"time_end":"2027-01-15 15:20:00","day":"2027\/01\/15 15:20:00"}"#,
            "12.50 1250.00 99,999,999.99",
            "12.50,1250.00,300.00;12500.00|7.00",
            "1,250.00 2,500.00 3,750.00 4,000,000.00",
            "12.50 1250 2027-01-15",
            "1799997600.123 1799997600",
            "192.168.100.200",
            "http://192.168.100.200:8080/123456?n=192.168.100.201",
            "1250, 1250, 1250, 1250",
            "\\u652f\\u4ed8 1250",
            "12345678901",
            "4200001234202701155678901234",
            "15:20:00 4200001234202701155678901234 12.50",
            "4200001234202701155678901234/1250",
        ] {
            assert_eq!(kept(text), text);
        }
    }

    #[test]
    fn what_only_begins_like_something_else_is_blotted() {
        for (text, blotted) in [
            ("2027-01-15-15-20-00", "****-**-**-**-**-**"),
            ("20270115152000", "**************"),
            ("10:11:12:13:14:15:16:17:18", "**:**:**:**:**:**:**:**:**"),
            ("134.167.190.123.45", "***.***.***.***.**"),
            ("134.567.890.123", "***.***.***.***"),
            ("134,567,890,123", "***,***,***,***"),
            ("134567890.123456789", "*********.*********"),
            ("281234567 890123456.1", "********* *********.*"),
            ("281234567 890123456.00", "********* *********.**"),
            ("281234567-890-123-456.00", "*********-***-***-***.**"),
            ("2812345678 90:12:34:56", "********** **:**:**:**"),
            ("2812345678 10:12:34", "********** **:**:**"),
            ("42000012342027011556789012347", "*****************************"),
        ] {
            assert_eq!(kept(text), blotted);
        }
    }

    #[test]
    fn a_row_at_the_end_may_be_the_beginning_of_a_code_and_a_time_or_an_amount_is_none() {
        let at = |text: &str| row_at_the_end(&[NUMBER.to_owned()], text.as_bytes(), 4);
        assert_eq!(at("code 1345.6789.01"), Some(5));
        assert_eq!(at("code 1345\u{a0}6789\u{a0}"), Some(5));
        assert_eq!(at("code １３４５"), Some(5));
        for text in ["12.50", "on 2027-01-15", "at 15:20:00", "code 134", "1345 x", "1345).", NUMBER] {
            assert_eq!(at(text), None, "{text}");
        }
    }
}
