//! A payment code leaves in its create and stays nowhere: neither in what is kept of an answer nor in the words that were
//! read in it, should the gateway repeat the code.
//!
//! The code itself is known in the run that sent it, and only there. In any other run every row of digits that is long
//! enough to be one is blotted, but for numbers that are known: those of the order, of its refunds and of its account, and
//! those that a verified answer names in the fields of the gateway's and the wallet's numbers. So a raw answer that is kept
//! then lacks its other long numbers, such as a time without separators; what was read in them is in the event beside it.
//! A code is found in groups, too. What is not found is one in the field of such a number.

use till_core::gateway::reaction::Said;
use till_core::gateway::refund::RefundReport;
use till_core::gateway::{CloseOutcome, Created, PAYMENT_CODE_DIGITS, Read, ReverseOutcome, Unreadable};
use till_core::order::report::{Stated, TradeReport};

/// So much of a code's beginning at the end of a text that was cut is blotted too, in bytes.
const SHORTEST_BEGINNING: usize = 4;

/// Texts of gateways are cut at so many characters or more.
const SHORTEST_CUT: usize = 64;

/// The most bytes that stand between two digits of a code which is known.
const WIDEST_GAP: usize = 3;

/// What stands between groups of digits that could be a code. A dot does in addresses.
const BETWEEN_GROUPS: [u8; 3] = *b" -_";

/// What must not be kept of an order's answers.
pub(super) enum Unsaid<'a> {
    /// The order has no payment code: everything is kept.
    Nothing,
    /// This code.
    Code(&'a str),
    /// Whatever could be a code, but for these numbers.
    Any(Vec<String>),
}

impl Unsaid<'_> {
    /// An answer as it may be kept: what was read in it, and its body.
    pub(super) fn kept<T: Quoting>(mut self, read: Read<T>, body: &[u8]) -> (Read<T>, Vec<u8>) {
        if let (Self::Any(known), Read::Means(meant)) = (&mut self, &read) {
            known.extend(meant.numbers().into_iter().map(str::to_owned));
        }
        let read = match read {
            Read::Says(said) => Read::Says(self.said(said)),
            Read::Unreadable(Unreadable::UnknownWord(word)) => {
                Read::Unreadable(Unreadable::UnknownWord(self.text(word)))
            }
            Read::Unreadable(Unreadable::BadField(name)) => Read::Unreadable(Unreadable::BadField(self.text(name))),
            Read::Unreadable(why) => Read::Unreadable(why),
            Read::Means(meant) => Read::Means(meant.quoted(&self)),
        };
        (read, self.bytes(body))
    }

    fn bytes(&self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Nothing => bytes.to_vec(),
            Self::Code(code) => without_code(code.as_bytes(), bytes),
            Self::Any(known) => without_rows(known, bytes),
        }
    }

    /// A text that is kept whole or not at all: its end is its own.
    fn whole(&self, text: String) -> String {
        match self {
            Self::Nothing => text,
            // What is blotted is ASCII, and so is the ink.
            Self::Code(_) | Self::Any(_) => String::from_utf8_lossy(&self.bytes(text.as_bytes())).into_owned(),
        }
    }

    /// A text that may have been cut to what a screen shows, in the middle of a code.
    fn text(&self, text: String) -> String {
        let text = self.whole(text);
        let bytes = text.as_bytes();
        let from = match self {
            Self::Nothing => None,
            Self::Any(_) if text.chars().count() < SHORTEST_CUT => None,
            Self::Code(_) | Self::Any(_) => (0..bytes.len()).find(|from| {
                let end = bytes.get(*from..).unwrap_or_default();
                let (digits, taken) = match self {
                    Self::Code(code) => walked(code.as_bytes(), end),
                    Self::Nothing | Self::Any(_) => grouped(&[], end),
                };
                let behind = end.get(taken..).unwrap_or_default();
                digits >= SHORTEST_BEGINNING && behind.iter().all(|byte| BETWEEN_GROUPS.contains(byte))
            }),
        };
        let Some((before, end)) = from.and_then(|from| text.split_at_checked(from)) else { return text };
        let blotted = end.chars().map(|letter| if letter.is_ascii_digit() { '*' } else { letter });
        before.chars().chain(blotted).collect()
    }

    /// A number of the gateway's or the wallet's, in a field of its own.
    fn number(&self, number: String) -> String {
        match self {
            Self::Nothing | Self::Any(_) => number,
            Self::Code(_) => self.whole(number),
        }
    }

    fn said(&self, said: Said) -> Said {
        let text = said.text.map(|text| self.text(text));
        Said { reaction: said.reaction, code: self.text(said.code), text }
    }

    fn stated(&self, stated: Stated) -> Stated {
        match stated {
            Stated::Other(other) => Stated::Other(self.text(other)),
            plain @ (Stated::Not | Stated::Ours) => plain,
        }
    }
}

/// What an answer means, as far as it quotes the gateway.
pub(super) trait Quoting: Sized {
    /// Numbers of the gateway's and the wallet's that it names.
    fn numbers(&self) -> Vec<&str>;

    /// The same without what must not be kept.
    fn quoted(self, unsaid: &Unsaid<'_>) -> Self;
}

impl Quoting for Created {
    fn numbers(&self) -> Vec<&str> {
        let reported = self.report.as_ref().map(TradeReport::numbers).unwrap_or_default();
        self.gateway_no.as_deref().into_iter().chain(reported).collect()
    }

    fn quoted(self, unsaid: &Unsaid<'_>) -> Self {
        Self {
            link: self.link.map(|link| unsaid.whole(link)),
            gateway_no: self.gateway_no.map(|number| unsaid.number(number)),
            pay_info: self.pay_info.map(|info| unsaid.whole(info)),
            parameters: self.parameters.map(|parameters| unsaid.whole(parameters)),
            bridge: self.bridge,
            report: self.report.map(|report| report.quoted(unsaid)),
        }
    }
}

impl Quoting for TradeReport {
    fn numbers(&self) -> Vec<&str> {
        [&self.gateway_no, &self.wallet_no].into_iter().filter_map(Option::as_deref).collect()
    }

    fn quoted(self, unsaid: &Unsaid<'_>) -> Self {
        Self {
            order_no: unsaid.stated(self.order_no),
            currency: unsaid.stated(self.currency),
            merchant: unsaid.stated(self.merchant),
            customer: unsaid.stated(self.customer),
            contradicts_itself: self.contradicts_itself.map(|word| unsaid.text(word)),
            gateway_no: self.gateway_no.map(|number| unsaid.number(number)),
            wallet_no: self.wallet_no.map(|number| unsaid.number(number)),
            said: self.said.map(|said| unsaid.said(said)),
            ..self
        }
    }
}

impl Quoting for RefundReport {
    fn numbers(&self) -> Vec<&str> {
        self.gateway_refund_no.as_deref().into_iter().collect()
    }

    fn quoted(self, unsaid: &Unsaid<'_>) -> Self {
        Self {
            refund_no: unsaid.stated(self.refund_no),
            order_no: unsaid.stated(self.order_no),
            merchant: unsaid.stated(self.merchant),
            currency: unsaid.stated(self.currency),
            gateway_refund_no: self.gateway_refund_no.map(|number| unsaid.number(number)),
            ..self
        }
    }
}

impl Quoting for CloseOutcome {
    fn numbers(&self) -> Vec<&str> {
        Vec::new()
    }

    fn quoted(self, _unsaid: &Unsaid<'_>) -> Self {
        self
    }
}

impl Quoting for ReverseOutcome {
    fn numbers(&self) -> Vec<&str> {
        Vec::new()
    }

    fn quoted(self, _unsaid: &Unsaid<'_>) -> Self {
        self
    }
}

fn without_code(code: &[u8], text: &[u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let (digits, taken) = walked(code, rest);
        let whole = !code.is_empty() && digits == code.len();
        rest = put(&mut kept, rest, if whole { taken } else { 1 }, whole);
    }
    kept
}

/// How many of the code's characters begin a text, and how many bytes they take with what stands between them.
fn walked(code: &[u8], text: &[u8]) -> (usize, usize) {
    let (mut found, mut taken) = (0_usize, 0_usize);
    for wanted in code {
        let widest = if found == 0 { 0 } else { WIDEST_GAP };
        let behind = text.get(taken..).unwrap_or_default();
        let gap = behind.iter().take_while(|byte| !byte.is_ascii_digit() && *byte != wanted).count();
        if gap > widest || behind.get(gap) != Some(wanted) {
            break;
        }
        found = found.saturating_add(1);
        taken = taken.saturating_add(gap).saturating_add(1);
    }
    (found, taken)
}

/// Without rows of digits, in one piece or in groups, that are long enough to be a code or to hold one.
fn without_rows(known: &[String], text: &[u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let number = known_at(known, rest);
        let (digits, taken) = grouped(known, rest);
        let row = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let long = *PAYMENT_CODE_DIGITS.start();
        let blots = digits >= long && number.is_none_or(|number| number < long);
        rest = put(&mut kept, rest, if blots { taken } else { number.unwrap_or(row).max(1) }, blots);
    }
    kept
}

/// How many digits begin a text, in groups with at most one byte between two, and how many bytes they take. A number that is known,
/// or long enough to be a code itself, is no group of another one.
fn grouped(known: &[String], text: &[u8]) -> (usize, usize) {
    let (mut digits, mut taken) = (0_usize, 0_usize);
    loop {
        let behind = text.get(taken..).unwrap_or_default();
        let gap = usize::from(digits > 0 && behind.first().is_some_and(|byte| BETWEEN_GROUPS.contains(byte)));
        let group = behind.get(gap..).unwrap_or_default();
        let row = group.iter().take_while(|byte| byte.is_ascii_digit()).count();
        // A short one may be a group of a code by chance.
        let long = *PAYMENT_CODE_DIGITS.start();
        let one = digits > 0 && row >= long;
        if row == 0 || one || known_at(known, group).is_some_and(|known| known >= long) {
            return (digits, taken);
        }
        digits = digits.saturating_add(row);
        taken = taken.saturating_add(gap).saturating_add(row);
    }
}

/// The length of the longest known number that comes next.
fn known_at(known: &[String], text: &[u8]) -> Option<usize> {
    known.iter().map(String::as_bytes).filter(|number| begins_with(text, number)).map(<[u8]>::len).max()
}

/// Puts so many bytes of a text down, its digits blotted or not; what is left of it.
fn put<'a>(kept: &mut Vec<u8>, text: &'a [u8], bytes: usize, blots: bool) -> &'a [u8] {
    let (taken, rest) = text.split_at_checked(bytes).unwrap_or((text, &[]));
    kept.extend(taken.iter().map(|byte| if blots && byte.is_ascii_digit() { b'*' } else { *byte }));
    rest
}

/// Whether this number comes next, and is not the beginning of a longer one.
fn begins_with(text: &[u8], number: &[u8]) -> bool {
    let digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
    let longer = |after: &[u8]| digit(number.last()) && digit(after.first());
    text.strip_prefix(number).is_some_and(|after| !number.is_empty() && !longer(after))
}

#[cfg(test)]
mod tests {
    use super::*;
    use till_core::gateway::reaction::Reaction;
    use till_core::order::report::TradeState;

    const CODE: &str = "134567890123456789";
    const NUMBER: &str = "4200001234202701155678901234";

    /// The run that knows the code, and any other.
    fn runs() -> [Unsaid<'static>; 2] {
        [Unsaid::Code(CODE), Unsaid::Any(vec!["TK000000000000000000000000AB".into(), NUMBER.into()])]
    }

    fn quoted<T: Quoting>(unsaid: Unsaid<'_>, read: Read<T>) -> Read<T> {
        unsaid.kept(read, b"").0
    }

    fn body(unsaid: Unsaid<'_>, body: &str) -> String {
        let (_, kept) = unsaid.kept(Read::Means(CloseOutcome::Closed), body.as_bytes());
        String::from_utf8(kept).unwrap()
    }

    #[test]
    fn a_body_is_kept_without_the_code_and_otherwise_as_it_is() {
        let whole = format!("{{\"a\":\"{CODE}\",\"b\":13456}}");
        for unsaid in runs() {
            assert_eq!(body(unsaid, &whole), "{\"a\":\"******************\",\"b\":13456}");
        }
        assert_eq!(body(Unsaid::Nothing, &whole), whole);
    }

    #[test]
    fn where_the_code_is_not_known_only_known_numbers_are_kept_of_those_that_could_be_one() {
        let [_, any] = runs();
        let text =
            format!("TK000000000000000000000000AB 支付 {NUMBER} 1799997600 {NUMBER}7 20270115152000 x{CODE}x{CODE}7");
        let stars = ["*".repeat(29), "*".repeat(14), "*".repeat(18), "*".repeat(19)];
        let [longer, time, code, beside] = stars;
        let kept = format!("TK000000000000000000000000AB 支付 {NUMBER} 1799997600 {longer} {time} x{code}x{beside}");
        assert_eq!(body(any, &text), kept);
    }

    #[test]
    fn a_code_in_groups_is_blotted_too_and_dates_addresses_and_what_stands_between_stay() {
        let groups = ["1345 6789 0123 4567 89", "134567-890123-456789", "13456789_0123456789"];
        for unsaid in runs() {
            for group in groups {
                let blotted: String = group.chars().map(|one| if one.is_ascii_digit() { '*' } else { one }).collect();
                let runs: Unsaid<'_> = match &unsaid {
                    Unsaid::Any(known) => Unsaid::Any(known.clone()),
                    Unsaid::Code(_) | Unsaid::Nothing => Unsaid::Code(CODE),
                };
                let rest = format!("at 2027-01-15 15:20:00 from 192.168.100.200, {NUMBER}");
                assert_eq!(body(runs, &format!("code {group} {rest}")), format!("code {blotted} {rest}"));
            }
        }
        assert_eq!(body(Unsaid::Code(CODE), "1, 3, 4567890123456789"), "*, *, ****************");
        for end in [" 1345 6789 01", " 1345 6789 0123 "] {
            let long = format!("{}{end}", "x".repeat(200 - end.len()));
            for unsaid in runs() {
                let said = Said::new(Reaction::Ask, "1", Some(&long));
                let Read::Says(said) = quoted(unsaid, Read::<TradeReport>::Says(said)) else { panic!("nothing said") };
                let text = said.text.unwrap_or_default();
                assert!(!text.bytes().any(|byte| byte.is_ascii_digit()) && text.contains('*'), "{text}");
            }
        }
        let short = Unsaid::Any(vec!["3000".into()]);
        assert_eq!(body(short, "1345 3000 0123 4567 89, 3000"), "**** **** **** **** **, 3000");
        let short = Unsaid::Any(vec!["3000".into()]);
        assert_eq!(body(short, "3000 1345 0123 4567 89, 3000"), "**** **** **** **** **, 3000");
    }

    #[test]
    fn the_numbers_that_an_answer_names_are_kept_wherever_it_names_them() {
        let report = TradeReport {
            wallet_no: Some("220027011512345678".into()),
            said: Some(Said::new(Reaction::Ask, "0", Some("220027011512345678 is paid"))),
            ..TradeReport::of(TradeState::Paid)
        };
        let answer = format!("220027011512345678,{CODE}");
        let (read, kept) = Unsaid::Any(Vec::new()).kept(Read::Means(report.clone()), answer.as_bytes());
        assert_eq!(read, Read::Means(report));
        assert_eq!(kept, b"220027011512345678,******************");
    }

    #[test]
    fn the_words_of_a_refusal_do_not_repeat_the_code_even_where_they_were_cut() {
        let long = format!("{}{CODE}", "x".repeat(190));
        for text in [format!("auth_code {CODE} is not valid, {CODE}"), long] {
            for unsaid in runs() {
                let said = Said::new(Reaction::Ask, CODE, Some(&text));
                let Read::Says(said) = quoted(unsaid, Read::<TradeReport>::Says(said)) else {
                    panic!("it says nothing")
                };
                let all = format!("{} {}", said.code, said.text.unwrap_or_default());
                assert!(!all.contains("1345"), "{all}");
                assert!(all.contains('*'), "{all}");
            }
        }
        for unsaid in runs() {
            let untouched = Read::<TradeReport>::Says(Said::new(Reaction::Ask, "600", Some("order of 134 yuan")));
            assert_eq!(quoted(unsaid, untouched.clone()), untouched);
        }
    }

    #[test]
    fn nothing_that_is_read_in_an_answer_repeats_the_code() {
        let one = || Some(CODE.to_owned());
        let other = || Stated::Other(CODE.to_owned());
        let named = |unsaid: &Unsaid<'_>| match unsaid {
            Unsaid::Code(_) => one(),
            Unsaid::Nothing | Unsaid::Any(_) => None,
        };
        for unsaid in runs() {
            let report = TradeReport {
                order_no: other(),
                currency: other(),
                merchant: other(),
                customer: other(),
                contradicts_itself: one(),
                gateway_no: named(&unsaid),
                wallet_no: named(&unsaid),
                said: Some(Said::new(Reaction::Refused, CODE, Some(CODE))),
                ..TradeReport::of(TradeState::Paid)
            };
            let created = Created {
                link: one(),
                gateway_no: named(&unsaid),
                pay_info: one(),
                parameters: one(),
                bridge: None,
                report: Some(report),
            };
            let read = quoted(unsaid, Read::Means(created));
            assert!(!format!("{read:?}").contains(CODE), "{read:?}");
        }
        for unsaid in runs() {
            let report = RefundReport {
                state: till_core::gateway::refund::RefundState::Failed,
                refund_no: other(),
                order_no: other(),
                amount_minor: None,
                merchant: other(),
                currency: other(),
                gateway_refund_no: named(&unsaid),
            };
            let read = quoted(unsaid, Read::Means(report));
            assert!(!format!("{read:?}").contains(CODE), "{read:?}");
        }
        for word in [Unreadable::UnknownWord(CODE.to_owned()), Unreadable::BadField(CODE.to_owned())] {
            for unsaid in runs() {
                let read = quoted(unsaid, Read::<TradeReport>::Unreadable(word.clone()));
                assert!(!format!("{read:?}").contains(CODE), "{read:?}");
            }
        }
    }
}
