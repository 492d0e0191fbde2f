//! A payment code leaves in its create and stays nowhere: neither in what is kept of the answer nor in the words that were
//! read in it, should the gateway repeat the code.

use secrecy::{ExposeSecret, SecretString};
use till_core::gateway::reaction::Said;
use till_core::gateway::{Created, Read, Unreadable};
use till_core::order::report::{Stated, TradeReport};

/// So much of a code's beginning at the end of a text that was cut is blotted too, in bytes.
const SHORTEST_BEGINNING: usize = 4;

/// An answer's body without the code.
pub(super) fn without(payment_code: Option<&SecretString>, body: Vec<u8>) -> Vec<u8> {
    let Some(code) = code_of(payment_code).map(str::as_bytes) else { return body };
    let mut kept = Vec::with_capacity(body.len());
    let mut rest = body.as_slice();
    while let Some(byte) = rest.first() {
        if let Some(after) = rest.strip_prefix(code) {
            kept.extend(std::iter::repeat_n(b'*', code.len()));
            rest = after;
        } else {
            kept.push(*byte);
            rest = rest.get(1..).unwrap_or_default();
        }
    }
    kept
}

/// What was read in an answer, without the code.
pub(super) fn unsaid(payment_code: Option<&SecretString>, read: Read<Created>) -> Read<Created> {
    let Some(code) = code_of(payment_code) else { return read };
    let (text, whole) = (|text: String| blotted(code, &text), |text: String| replaced(code, &text));
    match read {
        Read::Says(said) => Read::Says(unsaid_words(code, said)),
        Read::Unreadable(Unreadable::UnknownWord(word)) => Read::Unreadable(Unreadable::UnknownWord(text(word))),
        Read::Unreadable(Unreadable::BadField(name)) => Read::Unreadable(Unreadable::BadField(text(name))),
        Read::Unreadable(why) => Read::Unreadable(why),
        Read::Means(created) => Read::Means(Created {
            link: created.link.map(whole),
            gateway_no: created.gateway_no.map(whole),
            pay_info: created.pay_info.map(whole),
            parameters: created.parameters.map(whole),
            report: created.report.map(|report| reported(code, report)),
        }),
    }
}

/// What a report says, without the code.
pub(super) fn report_unsaid(payment_code: Option<&SecretString>, report: TradeReport) -> TradeReport {
    match code_of(payment_code) {
        Some(code) => reported(code, report),
        None => report,
    }
}

/// An error as the gateway said it, without the code.
pub(super) fn said_unsaid(payment_code: Option<&SecretString>, said: Said) -> Said {
    let Some(code) = code_of(payment_code) else { return said };
    unsaid_words(code, said)
}

fn unsaid_words(code: &str, said: Said) -> Said {
    Said { reaction: said.reaction, code: blotted(code, &said.code), text: said.text.map(|text| blotted(code, &text)) }
}

fn reported(code: &str, report: TradeReport) -> TradeReport {
    let (text, whole) = (|text: String| blotted(code, &text), |text: String| replaced(code, &text));
    let stated = |stated: Stated| match stated {
        Stated::Other(other) => Stated::Other(text(other)),
        plain @ (Stated::Not | Stated::Ours) => plain,
    };
    TradeReport {
        order_no: stated(report.order_no),
        currency: stated(report.currency),
        merchant: stated(report.merchant),
        contradicts_itself: report.contradicts_itself.map(text),
        gateway_no: report.gateway_no.map(whole),
        wallet_no: report.wallet_no.map(whole),
        said: report.said.map(|said| unsaid_words(code, said)),
        ..report
    }
}

/// A text that is kept whole or not at all, such as a number of the gateway's: its end is its own.
fn replaced(code: &str, text: &str) -> String {
    text.replace(code, &"*".repeat(code.len()))
}

/// A text may have been cut to what a screen shows, in the middle of the code.
fn blotted(code: &str, text: &str) -> String {
    let text = replaced(code, text);
    let beginnings = (SHORTEST_BEGINNING..code.len()).rev().filter_map(|bytes| code.get(..bytes));
    for beginning in beginnings {
        if let Some(before) = text.strip_suffix(beginning) {
            return format!("{before}{}", "*".repeat(beginning.len()));
        }
    }
    text
}

fn code_of(payment_code: Option<&SecretString>) -> Option<&str> {
    payment_code.map(ExposeSecret::expose_secret).filter(|code| !code.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use till_core::gateway::reaction::Reaction;
    use till_core::order::report::TradeState;

    const CODE: &str = "134567890123456789";

    fn code() -> SecretString {
        SecretString::from(CODE)
    }

    #[test]
    fn a_body_is_kept_without_the_code_and_otherwise_as_it_is() {
        let body = format!("{{\"a\":\"{CODE}\",\"b\":13456}}");
        let kept = without(Some(&code()), body.clone().into_bytes());
        assert_eq!(kept, b"{\"a\":\"******************\",\"b\":13456}");
        assert_eq!(without(None, body.clone().into_bytes()), body.into_bytes());
    }

    #[test]
    fn the_words_of_a_refusal_do_not_repeat_the_code_even_where_they_were_cut() {
        let long = format!("{}{CODE}", "x".repeat(190));
        for text in [format!("auth_code {CODE} is not valid, {CODE}"), long] {
            let said = Said::new(Reaction::Ask, CODE, Some(&text));
            let Read::Says(said) = unsaid(Some(&code()), Read::Says(said)) else { panic!("it says nothing") };
            let all = format!("{} {}", said.code, said.text.unwrap_or_default());
            assert!(!all.contains("1345"), "{all}");
            assert!(all.contains('*'), "{all}");
        }
        let untouched = Said::new(Reaction::Ask, "600", Some("order of 134 yuan"));
        assert_eq!(unsaid(Some(&code()), Read::Says(untouched.clone())), Read::Says(untouched));
    }

    #[test]
    fn nothing_that_is_read_in_an_answer_repeats_the_code() {
        let one = || Some(CODE.to_owned());
        let other = || Stated::Other(CODE.to_owned());
        let report = TradeReport {
            order_no: other(),
            currency: other(),
            merchant: other(),
            contradicts_itself: one(),
            gateway_no: one(),
            wallet_no: one(),
            said: Some(Said::new(Reaction::Refused, CODE, Some(CODE))),
            ..TradeReport::of(TradeState::Paid)
        };
        let created =
            Created { link: one(), gateway_no: one(), pay_info: one(), parameters: one(), report: Some(report) };
        let reads = [
            Read::Means(created),
            Read::Unreadable(Unreadable::UnknownWord(CODE.to_owned())),
            Read::Unreadable(Unreadable::BadField(CODE.to_owned())),
        ];
        for read in reads {
            let read = unsaid(Some(&code()), read);
            assert!(!format!("{read:?}").contains(CODE), "{read:?}");
        }
    }
}
