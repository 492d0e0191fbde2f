//! The total table of order state and trade report.

use super::given::{AMOUNT, Story, created, report, terms, terms_without_close};
use super::golden;
use std::fmt::Write as _;
use till_core::gateway::call::NoAnswer;
use till_core::order::asking::NotFound;
use till_core::order::decide::{Command, Evidence};
use till_core::order::event::CloseWhy;
use till_core::order::report::{Stated, TradeReport, TradeState};
use till_core::order::{EndReason, State};
use till_core::time::{MINUTE, SECOND};

const PREFACE: &str = "\
# What a trade report does to an order

Written by a test (`cargo test -p till-core --test order`, with `UPDATE_GOLDEN=1`), which fails as long as the code does
otherwise. There is one table for each trade state that a gateway can report. A row is where the order stood, a column what
kind of answer reported it.

A cell reads: the state afterwards; `late` where the payment came after an end; `+` and `-` before an attention that was
raised or cleared; `noted` where something was written down and nothing else changed. `-` alone: nothing changes and nothing
is written.

| column | the answer |
|---|---|
| matching | states our number, amount, merchant and currency |
| bare | states nothing but the state |
| older | matching, but its question left before the newest applied answer arrived (as matching where none was applied) |
| older, amount | as before, with another amount |
| number, amount, merchant, currency | states another one than ours |
| itself, 1st and 2nd | contradicts itself, for the first and the second time |
| itself, bare | states nothing but the state, at a gateway that always states number and amount |
| declined | matching, and says that the customer's last attempt failed |

The fixed points that the tables show: only a complete matching Paid, or Refunded (bare only where its
gateway may leave number and amount out), makes an order paid. A booked payment is
never lost: Paid, then Closed, Failed or Reversed, is disputed with the payment still booked. A payment after an end is paid
and late. An older answer moves nothing backwards and ends no dispute. A contradiction leads into a dispute from everywhere,
but an older answer leads no paid order there; only a later matching answer leads out.
";

fn never_created() -> Story {
    let mut story = Story::sent().telling(Command::CreateUnanswered(NoAnswer::TimedOut)).after(901 * SECOND);
    story.asking.not_found = Some(NotFound { count: 5, first: story.now.plus(-15 * MINUTE), last: story.now });
    story.telling(Command::Settle)
}

fn expired_here() -> Story {
    let mut shown = Story::sent();
    shown.terms = terms_without_close();
    shown
        .answered(created(Some("weixin://x")))
        .after(300 * SECOND)
        .telling(Command::Close(CloseWhy::Expired))
        .reporting(report(TradeState::Unpaid))
        .telling(Command::Settle)
}

pub(crate) fn rows() -> Vec<(&'static str, Story)> {
    let wrong_amount = TradeReport { amount_minor: Some(AMOUNT - 1), ..report(TradeState::Paid) };
    let odd = TradeReport { contradicts_itself: Some("1".to_owned()), ..report(TradeState::Paid) };
    let unknown = || Story::sent().telling(Command::CreateUnanswered(NoAnswer::TimedOut));
    vec![
        ("drafted", Story::drafted(terms())),
        ("creating", Story::sent()),
        ("create_unknown, never heard of", unknown()),
        ("create_unknown, known there", unknown().reporting(odd)),
        ("awaiting_payment", Story::shown()),
        (
            "awaiting_payment, declined before",
            Story::shown().reporting(TradeReport { declined: true, ..report(TradeState::Unpaid) }),
        ),
        ("paying, code shown", Story::shown().reporting(report(TradeState::Paying))),
        ("paying, code taken off", Story::taken_off().reporting(report(TradeState::Paying))),
        ("paying, link lost", unknown().reporting(report(TradeState::Paying))),
        ("expiring, unpaid not yet confirmed", Story::taken_off()),
        ("expiring, unpaid confirmed", Story::taken_off().reporting(report(TradeState::Unpaid))),
        ("expiring, never heard of", unknown().after(SECOND).telling(Command::Close(CloseWhy::Expired))),
        ("paid", Story::shown().reporting(report(TradeState::Paid))),
        ("paid, late", Story::shown().reporting(report(TradeState::Closed)).reporting(report(TradeState::Paid))),
        ("closed by the gateway", Story::shown().reporting(report(TradeState::Closed))),
        ("closed, never_created", never_created()),
        ("closed, expired_here", expired_here()),
        ("failed", Story::shown().reporting(report(TradeState::Failed))),
        ("reversed", Story::shown().reporting(report(TradeState::Reversed))),
        ("disputed, no payment booked", Story::shown().reporting(wrong_amount.clone())),
        ("disputed after an end", Story::shown().reporting(report(TradeState::Closed)).reporting(wrong_amount)),
        (
            "disputed, payment booked",
            Story::shown().reporting(report(TradeState::Paid)).reporting(report(TradeState::Closed)),
        ),
    ]
}

/// How a report comes: fields, whether it is older than the newest applied one, and earlier self-contradictions.
struct Column {
    name: &'static str,
    shape: fn(TradeState) -> TradeReport,
    older: bool,
    contradictions: u32,
}

fn columns() -> Vec<Column> {
    let column = |name, shape: fn(TradeState) -> TradeReport| Column { name, shape, older: false, contradictions: 0 };
    vec![
        column("matching", report),
        column("bare", TradeReport::of),
        Column { older: true, ..column("older", report) },
        Column {
            older: true,
            ..column("older, amount", |state| TradeReport { amount_minor: Some(AMOUNT + 1), ..report(state) })
        },
        column("number", |state| TradeReport { order_no: Stated::Other("TK1".to_owned()), ..report(state) }),
        column("amount", |state| TradeReport { amount_minor: Some(AMOUNT + 1), ..report(state) }),
        column("merchant", |state| TradeReport { merchant: Stated::Other("M1".to_owned()), ..report(state) }),
        column("currency", |state| TradeReport { currency: Stated::Other("USD".to_owned()), ..report(state) }),
        column("itself, 1st", |state| TradeReport { contradicts_itself: Some("1".to_owned()), ..report(state) }),
        Column {
            contradictions: 1,
            ..column("itself, 2nd", |state| TradeReport { contradicts_itself: Some("1".to_owned()), ..report(state) })
        },
        column("itself, bare", |state| TradeReport {
            contradicts_itself: Some("1".to_owned()),
            ..TradeReport::of(state)
        }),
        column("declined", |state| TradeReport { declined: true, ..report(state) }),
    ]
}

pub(crate) const TRADE_STATES: [TradeState; 7] = [
    TradeState::Unpaid,
    TradeState::Paying,
    TradeState::Paid,
    TradeState::Closed,
    TradeState::Failed,
    TradeState::Reversed,
    TradeState::Refunded,
];

fn cell(story: &Story, column: &Column, state: TradeState) -> String {
    let mut story = story.clone().after(SECOND);
    story.order.self_contradictions = column.contradictions;
    let before = story.order.clone();
    let asked = match before.newest_report {
        Some(newest) if column.older => newest.plus(-1),
        Some(_) | None => story.now,
    };
    let events = story.tell(Command::Report((column.shape)(state), Evidence { asked, raw: None }));
    if events.is_empty() {
        return "-".to_owned();
    }
    let after = &story.order;
    let mut text = if after.state == before.state { String::new() } else { after.state.word().to_owned() };
    if after.late && !before.late {
        text.push_str(" late");
    }
    for raised in after.attention.difference(&before.attention) {
        write!(text, " +{}", raised.word()).expect("a string takes all");
    }
    for cleared in before.attention.difference(&after.attention) {
        write!(text, " -{}", cleared.word()).expect("a string takes all");
    }
    if text.is_empty() { "noted".to_owned() } else { text.trim_start().to_owned() }
}

fn table() -> String {
    let (rows, columns) = (rows(), columns());
    let mut text = PREFACE.to_owned();
    for state in TRADE_STATES {
        write!(text, "\n## {state:?}\n\n| the order was |").expect("a string takes all");
        for column in &columns {
            write!(text, " {} |", column.name).expect("a string takes all");
        }
        text.push_str("\n|---|");
        text.push_str(&"---|".repeat(columns.len()));
        for (name, story) in &rows {
            write!(text, "\n| {name} |").expect("a string takes all");
            for column in &columns {
                write!(text, " {} |", cell(story, column, state)).expect("a string takes all");
            }
        }
        text.push('\n');
    }
    text
}

#[test]
fn the_table_in_the_documents_is_what_the_code_does() {
    golden::same("docs/order-states.md", &table());
}

#[test]
fn the_rows_are_what_they_are_called_and_leave_no_state_out() {
    let rows = rows();
    for (name, story) in &rows {
        let called = name.split([' ', ',']).next().expect("a first word");
        assert_eq!(story.order.state.word(), called, "{name}");
    }
    assert!(State::ALL.into_iter().all(|state| rows.iter().any(|(_, story)| story.order.state == state)));
    let reason = |name: &str| {
        rows.iter().find(|(row, _)| *row == name).and_then(|(_, story)| story.order.end).map(|end| end.reason)
    };
    assert_eq!(reason("closed by the gateway"), Some(EndReason::Gateway));
    assert_eq!(reason("closed, never_created"), Some(EndReason::NeverCreated));
    assert_eq!(reason("closed, expired_here"), Some(EndReason::ExpiredHere));
}
