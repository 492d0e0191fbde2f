//! The list of refunds: read from the journal.

use super::arguments::Refunds;
use super::exit::Exit;
use super::whom::{OWNER, whom};
use super::{Session, by_hand, order, refund};
use till_core::error::{Code, Refusal};
use till_core::foreign::one_line;
use till_core::journal::order_subject;
use till_core::rights::Actor;
use till_core::words::{Label, Language};
use till_engine::reading::{Reading, RefundsWanted};
use till_engine::storage::RefundRow;
use till_engine::view::refunds::RefundView;

const NONE: Label = Label::new("还没有退款。", "尚未有退款。", "There are no refunds yet.");
const NONE_SUCH: Label = Label::new("没有符合的退款。", "沒有符合的退款。", "No refund is like that.");

impl From<Refunds> for RefundsWanted {
    fn from(asked: Refunds) -> Self {
        let Refunds { open, states, by, from, to, number, amount } = asked;
        Self { open, states, by, from, to, number, amount_minor: amount }
    }
}

/// Every refund that is asked for, newest first.
pub(super) async fn list(session: &Session, asked: Refunds) -> Result<Exit, Refusal> {
    let mut wanted = RefundsWanted::from(asked);
    let none = if wanted == RefundsWanted::default() { NONE } else { NONE_SUCH };
    let reading = session.reading().await?;
    if let Some(by) = &mut wanted.by
        && reading.is_there()
    {
        *by = whom(session, &reading, by).await?;
    }
    let (mut last, mut exit, today) = (None, Exit::Done, order::today());
    loop {
        let page = reading.refund_rows(&wanted, last.as_ref()).await?;
        if page.is_empty() && last.is_none() && reading.is_there() {
            session.output.none(none);
        }
        let room = order::longest(page.iter().map(|row| row.order_no.as_str()));
        for row in &page {
            match found(session, &reading, row).await {
                Ok((found, tag)) => {
                    if !session.output.line(&found, || line(&found, tag, (&today, room), session.output.language)) {
                        return Ok(exit);
                    }
                }
                // One order that cannot be read takes nobody else's refunds off the list.
                Err(refusal) => exit = session.output.refuse(&refusal),
            }
        }
        let Some(end) = page.into_iter().next_back() else { return Ok(exit) };
        last = Some(end);
    }
}

/// The refund of a row, and what became of what was marked of it by hand.
async fn found(session: &Session, reading: &Reading, row: &RefundRow) -> Result<(RefundView, Option<Label>), Refusal> {
    let refunds = order::refunds(session, reading, &row.order_no).await?;
    let found = listed(refunds, &row.order_no, &row.refund_no)?;
    if found.by_hand.is_none() {
        return Ok((found, None));
    }
    let marks = reading.background(&row.order_no).await?.by_hand;
    Ok((found, by_hand::of_refund(&marks, &row.refund_no)))
}

/// The refund of a row among its order's. Where they lack it, the order cannot be read whole.
fn listed(refunds: Vec<RefundView>, order_no: &str, refund_no: &str) -> Result<RefundView, Refusal> {
    let found = refunds.into_iter().find(|refund| refund.refund_no == refund_no);
    found.ok_or_else(|| Refusal::of(Code::JournalPartUnreadable).with("part", order_subject(order_no)))
}

/// A refund of the list: when, of which order, which one, how much, how it stands, who gave it and why. Below it stands what its
/// gateway said of it. `tag`: what became of what was marked of it by hand. `room`: of its order's number.
fn line(refund: &RefundView, tag: Option<Label>, (today, room): (&str, usize), language: Language) -> String {
    let words = |label: Label| label.in_language(language);
    let by = if refund.by == Actor::Owner.word() { words(OWNER).to_owned() } else { one_line(&refund.by) };
    let second = refund.second.as_ref().map(|second| format!(" + {}", one_line(second))).unwrap_or_default();
    let tags = refund.mark.map(order::tag_of).into_iter().chain(tag);
    let mark = tags.fold(String::new(), |before, tag| format!("{before}  [{}]", words(tag)));
    let line = format!(
        "{:>16}  {:<room$}  {}  {:>10} {}  {}{mark}  {by}{second}  {}",
        order::made_at(&refund.requested_at, today),
        one_line(&refund.order_no),
        refund.refund_no,
        refund.amount,
        refund.currency,
        words(refund.state.label()),
        one_line(&refund.reason)
    );
    refund::with_said(line, refund, language)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use till_engine::view::Trouble;

    #[test]
    fn a_row_whose_refund_its_order_does_not_tell_of_is_refused_and_not_left_out() {
        let refused = listed(vec![], "TK1", "TR1").unwrap_err();
        assert_eq!((refused.code, Exit::of(&refused)), (Code::JournalPartUnreadable, Exit::Journal));
        assert_eq!(refused.facts["part"], "order/TK1");
    }

    #[test]
    fn a_refund_is_listed_with_its_order_its_giver_and_what_the_last_question_brought() {
        let refund = json!({
            "refund_no": "TR1", "order_no": "TK1\n2", "account": "main", "channel": "wechat.scan", "amount": "2.50",
            "amount_minor": 250, "currency": "CNY", "state": "unknown", "reason": "wrong size", "by": "Lin",
            "second": "Mei", "items": [], "requested_at": "2026-01-05T10:42:00+08:00", "unanswered": 1,
            "trouble": Trouble::TimedOut, "can_be_made_anew": false, "can_withdraw": false, "can_be_marked": false,
            "mark": "training",
        });
        let refund: RefundView = serde_json::from_value(refund).unwrap();
        for language in [Language::En, Language::ZhCn, Language::ZhHk] {
            let words = |label: Label| label.in_language(language);
            let (state, training) = (words(refund.state.label()), words(order::tag_of(refund.mark.unwrap())));
            for (today, at) in [("2026-01-05", "           10:42"), ("2026-01-06", "2026-01-05 10:42")] {
                let first =
                    format!("{at}  TK1\u{fffd}2  TR1        2.50 CNY  {state}  [{training}]  Lin + Mei  wrong size");
                let told = line(&refund, None, (today, 0), language);
                assert_eq!(told.lines().next(), Some(first.as_str()));
                assert_eq!(told.lines().nth(1), Some(words(super::super::trouble::TIMED_OUT)));
            }
            let of_the_owner = RefundView { by: "owner".to_owned(), second: None, ..refund.clone() };
            let told = line(&of_the_owner, Some(by_hand::OPEN), ("2026-01-05", 0), language);
            let marked = format!("  [{training}]  [{}]  {}  wrong size", words(by_hand::OPEN), words(OWNER));
            assert!(told.contains(&marked), "{told}");
        }
    }
}
