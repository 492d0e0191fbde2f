//! What two people marked by hand, in words that nobody takes for the gateway's.

use till_core::order::mark::{Marked, Verdict};
use till_core::words::{Label, Language};
use till_engine::view::refunds::ByHandView;

/// Nothing has confirmed it yet.
pub(super) const OPEN: Label =
    Label::new("人工标记，未经平台确认", "人手標記，未經平台確認", "marked by hand, not confirmed");
const CONFIRMED: Label =
    Label::new("人工标记，后来平台已确认", "人手標記，其後平台已確認", "marked by hand, confirmed later");
const CONTRADICTED: Label =
    Label::new("人工标记，平台说法相反", "人手標記，平台說法相反", "marked by hand, contradicted by the gateway");
const PAID: Label = Label::new("已付款", "已付款", "paid");
const REFUNDED: Label = Label::new("已退款", "已退款", "refunded");

/// A mark on one line: what became of it, what was seen, how much, of which refund, and who saw it.
pub(super) fn line(mark: &ByHandView, currency: &str, language: Language) -> String {
    let what = match mark.what {
        Marked::Paid => PAID,
        Marked::Refunded => REFUNDED,
    };
    let [verdict, what] = [tag_of(mark.verdict), what].map(|label| label.in_language(language));
    let of = mark.refund_no.as_ref().map(|refund_no| format!("  {refund_no}")).unwrap_or_default();
    format!("[{verdict}]  {what} {} {currency}{of}  {} + {}", mark.amount, mark.by, mark.second)
}

fn tag_of(verdict: Verdict) -> Label {
    match verdict {
        Verdict::Open => OPEN,
        Verdict::Confirmed => CONFIRMED,
        Verdict::Contradicted => CONTRADICTED,
    }
}

/// What became of the newest mark of a refund, among the marks of its order; none: nothing was marked of it.
pub(super) fn of_refund(marks: &[ByHandView], refund_no: &str) -> Option<Label> {
    let newest = marks.iter().rfind(|mark| mark.refund_no.as_deref() == Some(refund_no));
    newest.map(|mark| tag_of(mark.verdict))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(verdict: Verdict, refund_no: Option<&str>) -> ByHandView {
        ByHandView {
            what: Marked::Refunded,
            amount: "2.50".to_owned(),
            refund_no: refund_no.map(str::to_owned),
            note: "back office, 10:42".to_owned(),
            by: "Lin".to_owned(),
            second: "Chan".to_owned(),
            at: "2026-01-05T10:42:00+08:00".to_owned(),
            verdict,
        }
    }

    #[test]
    fn a_refund_bears_what_became_of_its_own_newest_mark() {
        let marks = [
            mark(Verdict::Contradicted, Some("TR1")),
            mark(Verdict::Open, Some("TR1")),
            mark(Verdict::Confirmed, None),
            mark(Verdict::Contradicted, Some("TR2")),
        ];
        for (refund_no, tag) in [("TR1", Some(OPEN)), ("TR2", Some(CONTRADICTED)), ("TR3", None)] {
            assert_eq!(of_refund(&marks, refund_no), tag, "{refund_no}");
        }
    }

    #[test]
    fn a_mark_says_what_became_of_it_what_was_seen_and_who_saw_it_in_every_language() {
        for (verdict, refund_no, language, expected) in [
            (Verdict::Open, None, Language::En, "[marked by hand, not confirmed]  refunded 2.50 CNY  Lin + Chan"),
            (
                Verdict::Contradicted,
                Some("TR1"),
                Language::En,
                "[marked by hand, contradicted by the gateway]  refunded 2.50 CNY  TR1  Lin + Chan",
            ),
            (Verdict::Confirmed, None, Language::ZhCn, "[人工标记，后来平台已确认]  已退款 2.50 CNY  Lin + Chan"),
            (Verdict::Open, Some("TR1"), Language::ZhHk, "[人手標記，未經平台確認]  已退款 2.50 CNY  TR1  Lin + Chan"),
        ] {
            assert_eq!(line(&mark(verdict, refund_no), "CNY", language), expected);
        }
    }
}
