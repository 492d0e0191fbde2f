//! A payment code leaves in its create and stays nowhere: neither in what is kept of an answer nor in the words that were
//! read in it, should the gateway repeat the code.
//!
//! Every row of digits that is long enough to be a code is blotted, but for numbers that are known: those of the order, of its
//! refunds and of its account, and those that a verified answer names in the fields of the gateway's and the wallet's numbers.
//! So a raw answer that is kept lacks its other long numbers, such as a time without separators; what was read in them is in the
//! event beside it. A code is found in groups, too, whichever sign stands between them, and in the digits of any script. What is
//! not found is one in the field of such a number, and one that is grouped like amounts, times or addresses. The run that sent
//! the code, and only that one, knows it, and finds it there as well.

mod rows;

use rows::{blot, next_sign, row_at_the_end, without_rows};
use till_core::gateway::reaction::Said;
use till_core::gateway::refund::RefundReport;
use till_core::gateway::{CloseOutcome, Created, Read, ReverseOutcome, Unreadable};
use till_core::order::report::{Stated, TradeReport};

/// So much of a code's beginning at the end of a text that was cut is blotted too, in bytes.
const SHORTEST_BEGINNING: usize = 4;

/// Texts of gateways are cut at so many characters or more.
const SHORTEST_CUT: usize = 64;

/// The most signs that stand between two digits of a code which is known.
const WIDEST_GAP: usize = 3;

/// What must not be kept of an order's answers.
pub(super) enum Unsaid<'a> {
    /// The order has no payment code: everything is kept.
    Nothing,
    /// This code, and whatever else could be one, but for these numbers.
    Code(&'a str, Vec<String>),
    /// Whatever could be a code, but for these numbers.
    Any(Vec<String>),
}

impl Unsaid<'_> {
    /// An answer as it may be kept: what was read in it, and its body.
    pub(super) fn kept<T: Quoting>(mut self, read: Read<T>, body: &[u8]) -> (Read<T>, Vec<u8>) {
        if let (Self::Code(_, known) | Self::Any(known), Read::Means(meant)) = (&mut self, &read) {
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
            Self::Code(code, known) => without_rows(known, &without_code(code, bytes)),
            Self::Any(known) => without_rows(known, bytes),
        }
    }

    /// A text that is kept whole or not at all: its end is its own.
    fn whole(&self, text: String) -> String {
        match self {
            Self::Nothing => text,
            // Whole characters are blotted, and the ink is ASCII.
            Self::Code(..) | Self::Any(_) => String::from_utf8_lossy(&self.bytes(text.as_bytes())).into_owned(),
        }
    }

    /// A text that may have been cut to what a screen shows, in the middle of a code.
    fn text(&self, text: String) -> String {
        let text = self.whole(text);
        let bytes = text.as_bytes();
        let row = |known: &[String]| {
            let cut = text.chars().count() >= SHORTEST_CUT;
            row_at_the_end(known, bytes, SHORTEST_BEGINNING).filter(|_| cut)
        };
        let from = match self {
            Self::Nothing => None,
            Self::Code(code, known) => code_at_the_end(code, bytes).into_iter().chain(row(known)).min(),
            Self::Any(known) => row(known),
        };
        let Some((before, end)) = from.and_then(|from| text.split_at_checked(from)) else { return text };
        let blotted = end.chars().map(|letter| if letter.is_numeric() { '*' } else { letter });
        before.chars().chain(blotted).collect()
    }

    /// A number of the gateway's or the wallet's, in a field of its own.
    fn number(&self, number: String) -> String {
        match self {
            Self::Nothing | Self::Any(_) => number,
            Self::Code(code, _) => String::from_utf8_lossy(&without_code(code, number.as_bytes())).into_owned(),
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

fn without_code(code: &str, text: &[u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let (digits, taken) = walked(code, rest);
        let whole = digits > 0 && digits == code.chars().count();
        let (own, behind) = rest.split_at_checked(if whole { taken } else { 1 }).unwrap_or((rest, &[]));
        if whole {
            blot(&mut kept, own);
        } else {
            kept.extend_from_slice(own);
        }
        rest = behind;
    }
    kept
}

/// Where the beginning of a code stands at the end of a text, which may have been cut there.
fn code_at_the_end(code: &str, text: &[u8]) -> Option<usize> {
    (0..text.len()).find(|from| {
        let end = text.get(*from..).unwrap_or_default();
        let (digits, taken) = walked(code, end);
        let behind = || String::from_utf8_lossy(end.get(taken..).unwrap_or_default());
        digits >= SHORTEST_BEGINNING && !behind().chars().any(char::is_alphanumeric)
    })
}

/// How many of the code's characters begin a text, and how many bytes they take with what stands between them.
fn walked(code: &str, text: &[u8]) -> (usize, usize) {
    let (mut found, mut taken) = (0_usize, 0_usize);
    for wanted in code.chars() {
        let widest = if found == 0 { 0 } else { WIDEST_GAP };
        let Some(bytes) = text.get(taken..).and_then(|behind| reached(wanted, widest, behind)) else { break };
        found = found.saturating_add(1);
        taken = taken.saturating_add(bytes);
    }
    (found, taken)
}

/// How many bytes a text takes up to this character of a code and with it, where at most `widest` signs stand before it.
fn reached(wanted: char, widest: usize, text: &[u8]) -> Option<usize> {
    let mut taken = 0_usize;
    for _ in 0..=widest {
        let sign = next_sign(text.get(taken..)?)?;
        taken = taken.saturating_add(sign.bytes);
        if sign.may_be(wanted) {
            return Some(taken);
        }
        if sign.is_digit() {
            return None;
        }
    }
    None
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
        let known = || vec!["TK000000000000000000000000AB".into(), NUMBER.into()];
        [Unsaid::Code(CODE, known()), Unsaid::Any(known())]
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
    fn only_known_numbers_are_kept_of_those_that_could_be_a_code() {
        let text =
            format!("TK000000000000000000000000AB 支付 {NUMBER} 1799997600 {NUMBER}7 20270115152000 x{CODE}x{CODE}7");
        let stars = ["*".repeat(29), "*".repeat(14), "*".repeat(18), "*".repeat(19)];
        let [longer, time, code, beside] = stars;
        let kept = format!("TK000000000000000000000000AB 支付 {NUMBER} 1799997600 {longer} {time} x{code}x{beside}");
        let [own, any] = runs();
        assert_eq!(body(any, &text), kept);
        let known = kept.strip_suffix('*').map(|kept| format!("{kept}7"));
        assert_eq!(Some(body(own, &text)), known, "what stands beside the code is none of it");
    }

    #[test]
    fn a_code_in_groups_is_blotted_too_and_dates_addresses_and_what_stands_between_stay() {
        let groups = ["1345 6789 0123 4567 89", "134567-890123-456789", "13456789_0123456789"];
        for unsaid in runs() {
            for group in groups {
                let blotted: String = group.chars().map(|one| if one.is_ascii_digit() { '*' } else { one }).collect();
                let runs: Unsaid<'_> = match &unsaid {
                    Unsaid::Any(known) => Unsaid::Any(known.clone()),
                    Unsaid::Code(_, known) => Unsaid::Code(CODE, known.clone()),
                    Unsaid::Nothing => Unsaid::Nothing,
                };
                let rest = format!("at 2027-01-15 15:20:00 from 192.168.100.200, {NUMBER}");
                assert_eq!(body(runs, &format!("code {group} {rest}")), format!("code {blotted} {rest}"));
            }
        }
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
        for unsaid in [Unsaid::Code(CODE, Vec::new()), Unsaid::Any(Vec::new())] {
            let (read, kept) = unsaid.kept(Read::Means(report.clone()), answer.as_bytes());
            assert_eq!(read, Read::Means(report.clone()));
            assert_eq!(kept, b"220027011512345678,******************");
        }
    }

    #[test]
    fn a_code_that_is_known_is_found_where_no_row_is() {
        let wide = |text: &str| -> String {
            text.chars().map(|one| char::from_u32(u32::from(one) + 0xfee0).unwrap()).collect()
        };
        let groups = ["1345", "6789", "0123", "4567", "89"];
        let blotted = |sign: &str| ["****", "****", "****", "****", "**"].join(sign);
        for sign in [", ", " - ", "\u{3000}\u{3000}", "\\u00a0", "\\u00a0\\u00a0", "\\u3000-", "码"] {
            for code in [groups.join(sign), groups.map(wide).join(sign)] {
                let kept = without_code(CODE, format!("x {code} 1250").as_bytes());
                assert_eq!(String::from_utf8(kept).unwrap(), format!("x {} 1250", blotted(sign)));
            }
        }
        let unsaid = Unsaid::Code(CODE, vec![CODE.into()]);
        assert_eq!(body(unsaid, "1, 3, 4567890123456789"), "*, *, ****************");
        let cut = Said::new(Reaction::Ask, "1", Some(&wide("13456")));
        let read = quoted(Unsaid::Code(CODE, Vec::new()), Read::<TradeReport>::Says(cut));
        assert_eq!(read, Read::Says(Said::new(Reaction::Ask, "1", Some("*****"))));
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
            Unsaid::Code(..) => one(),
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
