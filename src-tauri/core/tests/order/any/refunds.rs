//! Anything that may happen to refunds, marks and attentions.

use super::{Story, attention, raw, said, stated, tally, unreadable};
use crate::given::{AMOUNT, report as report_of};
use proptest::prelude::*;
use till_core::gateway::Read;
use till_core::gateway::call::NoAnswer;
use till_core::gateway::refund::{RefundReport, RefundState};
use till_core::order::Attention;
use till_core::order::decide::{Command, Evidence};
use till_core::order::event::{NoOutcome, OrderEvent, RefundReported};
use till_core::order::further::NotYet;
use till_core::order::mark::{HandMark, Marked, Verdict};
use till_core::order::refund::RefundDraft;
use till_core::order::report::TradeState;
use till_core::time::{MINUTE, SECOND};

/// One thing that happens.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    Ask(String, i64),
    Again(String),
    Send(String),
    Answer(String, Read<RefundReport>, i64),
    NoAnswer(String),
    Report(String, RefundReport, i64),
    /// A question so many microseconds ago was answered with "no such refund".
    NotFound(String, i64),
    Mark(Marked, i64, Option<String>),
    Handle(Attention),
}

fn no() -> impl Strategy<Value = String> {
    (1..4_u8).prop_map(|number| format!("TR06G3A9QZ07H3PX00000000000{number}"))
}

fn minor() -> impl Strategy<Value = i64> {
    prop_oneof![4 => 1..=AMOUNT, 1 => Just(AMOUNT), 1 => any::<i64>()]
}

fn draft() -> impl Strategy<Value = Box<RefundDraft>> {
    (no(), minor(), any::<bool>()).prop_map(|(refund_no, amount_minor, with)| {
        let second = with.then(|| "Chan".to_owned());
        Box::new(RefundDraft {
            refund_no,
            amount_minor,
            reason: "退货".into(),
            by: "Lin".into(),
            second,
            items: vec![],
        })
    })
}

fn state() -> impl Strategy<Value = RefundState> {
    prop::sample::select(vec![RefundState::Processing, RefundState::Succeeded, RefundState::Failed])
}

fn report() -> impl Strategy<Value = RefundReport> {
    (state(), stated(), stated(), prop_oneof![5 => Just(None), 1 => minor().prop_map(Some)], stated(), stated())
        .prop_map(|(state, refund_no, order_no, amount_minor, merchant, currency)| RefundReport {
            state,
            refund_no,
            order_no,
            amount_minor,
            merchant,
            currency,
            gateway_refund_no: Some("59faeb32".to_owned()),
        })
}

fn reported() -> impl Strategy<Value = Box<RefundReported>> {
    (report(), any::<i64>(), raw(), tally())
        .prop_map(|(report, took, raw, tally)| Box::new(RefundReported { report, took, raw, tally }))
}

fn marked() -> impl Strategy<Value = Marked> {
    prop::sample::select(vec![Marked::Paid, Marked::Refunded])
}

fn mark(what: Marked, amount_minor: i64, refund_no: Option<String>) -> HandMark {
    let (note, by, second) = ("收据".to_owned(), "Lin".to_owned(), "Chan".to_owned());
    HandMark { what, amount_minor, refund_no, note, by, second }
}

/// Any event, whether or not it makes sense where it stands.
pub(super) fn event() -> impl Strategy<Value = OrderEvent> {
    let trouble = prop_oneof![
        Just(NoOutcome::NoAnswer("timed_out".to_owned())),
        said().prop_map(NoOutcome::Said),
        unreadable().prop_map(NoOutcome::Unreadable),
        Just(NoOutcome::Stopped),
        Just(NoOutcome::AnotherUnheard),
    ];
    let verdicts = vec![Verdict::Open, Verdict::Confirmed, Verdict::Contradicted];
    prop_oneof![
        draft().prop_map(|refund| OrderEvent::RefundRequested { refund }),
        no().prop_map(|refund_no| OrderEvent::RefundAgain { refund_no, by: "Lin".to_owned(), second: None }),
        no().prop_map(|refund_no| OrderEvent::RefundSent { refund_no }),
        (no(), reported()).prop_map(|(refund_no, reported)| OrderEvent::RefundProcessing { refund_no, reported }),
        (no(), reported()).prop_map(|(refund_no, reported)| OrderEvent::RefundSucceeded { refund_no, reported }),
        (no(), reported()).prop_map(|(refund_no, reported)| OrderEvent::RefundFailed { refund_no, reported }),
        (no(), reported()).prop_map(|(refund_no, reported)| OrderEvent::RefundDisputed { refund_no, reported }),
        (no(), trouble, raw()).prop_map(|(refund_no, trouble, raw)| OrderEvent::RefundUnknown {
            refund_no,
            trouble,
            raw
        }),
        (marked(), minor(), prop::option::of(no()))
            .prop_map(|(what, minor, no)| OrderEvent::MarkedByHand { mark: Box::new(mark(what, minor, no)) }),
        (marked(), prop::option::of(no()), prop::sample::select(verdicts))
            .prop_map(|(what, refund_no, verdict)| OrderEvent::MarkJudged { what, refund_no, verdict }),
        Just(OrderEvent::FurtherOverruled { not_yet: NotYet::Unconfirmed }),
    ]
}

pub(super) fn act() -> impl Strategy<Value = Act> {
    let ago = || prop_oneof![3 => Just(0), 1 => 0..5 * MINUTE];
    prop_oneof![
        3 => (no(), minor()).prop_map(|(no, minor)| Act::Ask(no, minor)),
        1 => no().prop_map(Act::Again),
        3 => no().prop_map(Act::Send),
        3 => (no(), prop_oneof![
            4 => report().prop_map(Read::Means),
            1 => said().prop_map(Read::Says),
            1 => unreadable().prop_map(Read::Unreadable),
        ], ago()).prop_map(|(no, read, ago)| Act::Answer(no, read, ago)),
        1 => no().prop_map(Act::NoAnswer),
        3 => (no(), report(), ago()).prop_map(|(no, report, ago)| Act::Report(no, report, ago)),
        1 => (no(), ago()).prop_map(|(no, ago)| Act::NotFound(no, ago)),
        1 => (marked(), minor(), prop::option::of(no())).prop_map(|(what, minor, no)| Act::Mark(what, minor, no)),
        1 => attention().prop_map(Act::Handle),
    ]
}

/// Lets one thing happen; gives the events it led to.
pub(super) fn happen(story: &mut Story, act: Act) -> Vec<OrderEvent> {
    story.now = story.now.plus(SECOND / 10);
    let evidence = |story: &Story, ago: i64| Evidence { asked: story.now.plus(-ago), raw: None };
    match act {
        Act::Ask(refund_no, amount_minor) => {
            let draft = RefundDraft {
                refund_no,
                amount_minor,
                reason: "退货".into(),
                by: "Lin".into(),
                second: None,
                items: vec![],
            };
            story.tell(Command::Refund(Box::new(draft)))
        }
        Act::Again(no) => story.tell(Command::RefundAgain(no, "Lin".to_owned(), None)),
        Act::Send(no) => story.tell(Command::SendRefund(no)),
        Act::Answer(no, read, ago) => {
            let evidence = evidence(story, ago);
            story.tell(Command::RefundAnswered(no, read, evidence))
        }
        Act::NoAnswer(no) => story.tell(Command::RefundUnanswered(no, NoAnswer::TimedOut)),
        Act::Report(no, report, ago) => {
            let evidence = evidence(story, ago);
            story.asking.refund(&no).verified(true, story.now);
            story.tell(Command::RefundReport(no, report, evidence))
        }
        Act::NotFound(no, ago) => {
            let (asked, now) = (story.now.plus(-ago), story.now);
            story.asking.refund(&no).unverified(true, asked, None, now);
            vec![]
        }
        Act::Mark(what, minor, no) => story.tell(Command::Mark(Box::new(mark(what, minor, no)))),
        Act::Handle(attention) => story.tell(Command::Handle(attention, "看过了".to_owned())),
    }
}

/// A story that began with a payment and is mostly about giving it back.
pub(crate) fn story() -> impl Strategy<Value = Story> {
    let one = prop_oneof![
        6 => act().prop_map(super::Act::Refund),
        1 => super::act(),
        1 => (0..3 * MINUTE).prop_map(super::Act::Wait),
    ];
    prop::collection::vec(one, 0..24).prop_map(|acts| {
        let mut story = Story::shown().reporting(report_of(TradeState::Paid));
        for act in acts {
            super::happen(&mut story, act);
        }
        story
    })
}
