//! The manual mark: two people saw proof that the till cannot get. It changes no state, and the asking goes on: the gateway's
//! word confirms or contradicts it later.

use super::decide::raise;
use super::event::OrderEvent;
use super::refund::RefundState;
use super::report::{TradeReport, TradeState};
use super::{Attention, Order, State};
use crate::money::{Currency, Money};
use crate::time::{DAY, Moment};
use serde::{Deserialize, Serialize};

/// What was marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum Marked {
    /// The customer paid.
    Paid,
    /// The customer has the money back.
    Refunded,
}

impl Marked {
    /// Everything that can be marked.
    pub const ALL: [Self; 2] = [Self::Paid, Self::Refunded];

    /// The word in `--json` and in exports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Paid => "paid",
            Self::Refunded => "refunded",
        }
    }
}

/// A mark as it was put.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandMark {
    /// What.
    pub what: Marked,
    /// How much, minor units in the order's currency.
    pub amount_minor: i64,
    /// The till's own refund that the proof is of, where it is of one whose outcome the till does not know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refund_no: Option<String>,
    /// What proof was seen.
    pub note: String,
    /// Who put it.
    pub by: String,
    /// Who stood beside them.
    pub second: String,
}

/// What the gateway has said of a mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nothing yet.
    Open,
    /// It was right.
    Confirmed,
    /// It was wrong.
    Contradicted,
}

/// A mark and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ByHand {
    /// The mark.
    pub mark: HandMark,
    /// When it was put.
    pub at: Moment,
    /// What the gateway said of it.
    pub verdict: Verdict,
    /// When.
    pub judged: Option<Moment>,
}

/// Nothing that two people marked is asked about for longer: of a part that went back no gateway has to say anything at all.
pub(super) const ASKED_FOR: i64 = 90 * DAY;

impl ByHand {
    fn is_of(&self, what: Marked, refund_no: Option<&str>) -> bool {
        self.mark.what == what && self.mark.refund_no.as_deref() == refund_no
    }

    /// As `--json` and exports write it: never to be taken for what the gateway said.
    fn words(&self, currency: Currency) -> String {
        let verdict = match self.verdict {
            Verdict::Open => "marked by hand, not confirmed",
            Verdict::Confirmed => "marked by hand, confirmed",
            Verdict::Contradicted => "marked by hand, contradicted",
        };
        let HandMark { what, amount_minor, refund_no, by, second, note: _ } = &self.mark;
        let amount = Money { minor: *amount_minor, currency };
        let of = refund_no.as_ref().map(|refund_no| format!(" (refund {refund_no})")).unwrap_or_default();
        format!("{} {amount}{of}: {verdict} ({by} with {second})", what.word())
    }
}

impl Order {
    /// Every mark as `--json` and exports write it, the oldest first; none: nothing was marked.
    #[must_use]
    pub fn marks_in_words(&self) -> Option<String> {
        self.in_words(self.marks.iter())
    }

    /// The marks of one refund as `--json` and exports write them; none: nothing was marked of it.
    #[must_use]
    pub fn marks_of_refund_in_words(&self, refund_no: &str) -> Option<String> {
        self.in_words(self.marks.iter().filter(|by_hand| by_hand.mark.refund_no.as_deref() == Some(refund_no)))
    }

    /// What was marked as given back beside the till's own refunds, minor units: what is marked of one of those is set aside by
    /// it until it ends. A mark that the gateway contradicts counts on until a person has dealt with that: the two who put it saw
    /// money go back.
    #[must_use]
    pub fn by_hand_minor(&self) -> i64 {
        let counts = |by_hand: &&ByHand| match by_hand.mark.refund_no.as_deref() {
            None => by_hand.is_of(Marked::Refunded, None) && !is_cleared(self, by_hand),
            Some(refund_no) => is_doubt(self, by_hand, refund_no),
        };
        self.marks.iter().filter(counts).fold(0, |sum, by_hand| sum.saturating_add(by_hand.mark.amount_minor))
    }

    fn in_words<'a>(&self, marks: impl Iterator<Item = &'a ByHand>) -> Option<String> {
        let currency = self.amount().currency;
        let marks: Vec<String> = marks.map(|by_hand| by_hand.words(currency)).collect();
        if marks.is_empty() { None } else { Some(marks.join("; ")) }
    }

    /// Whether the gateway is still asked to confirm or contradict what was marked.
    #[must_use]
    pub fn waits_for_a_verdict(&self, now: Moment) -> bool {
        self.open_marks().any(|open| now.since(open.at) < ASKED_FOR)
    }

    /// Marks that the gateway has not spoken on.
    pub fn open_marks(&self) -> impl Iterator<Item = &ByHand> {
        self.marks.iter().filter(|by_hand| by_hand.verdict == Verdict::Open)
    }

    /// The open mark of that kind beside the order, or beside one refund of it.
    pub(super) fn open_mark(&self, what: Marked, refund_no: Option<&str>) -> Option<&ByHand> {
        self.open_marks().find(|by_hand| by_hand.is_of(what, refund_no))
    }
}

/// What was marked as given back beside the till's own refunds, minor units, but for marks that the gateway contradicts.
pub(super) fn uncontradicted_minor(order: &Order) -> i64 {
    let stands = |by_hand: &&ByHand| by_hand.is_of(Marked::Refunded, None) && by_hand.verdict != Verdict::Contradicted;
    order.marks.iter().filter(stands).fold(0, |sum, by_hand| sum.saturating_add(by_hand.mark.amount_minor))
}

/// Two people saw a refund go back of which the gateway said that it came to nothing, and nobody has dealt with that.
pub(super) fn is_doubted_by_hand(order: &Order, refund_no: &str) -> bool {
    order.marks.iter().any(|by_hand| is_doubt(order, by_hand, refund_no))
}

fn is_doubt(order: &Order, by_hand: &ByHand, refund_no: &str) -> bool {
    let failed = order.refund(refund_no).is_some_and(|refund| refund.state == RefundState::Failed);
    let contradicted = by_hand.verdict == Verdict::Contradicted && !is_cleared(order, by_hand);
    failed && contradicted && by_hand.is_of(Marked::Refunded, Some(refund_no))
}

/// The gateway contradicted it, and a person has dealt with that.
fn is_cleared(order: &Order, by_hand: &ByHand) -> bool {
    let dealt_with = order.dealt_with.get(&Attention::MarkContradicted);
    let since = dealt_with.zip(by_hand.judged).is_some_and(|(dealt_with, judged)| dealt_with.boot >= judged.boot);
    by_hand.verdict == Verdict::Contradicted && since
}

/// Whether there is something for such a mark to say: a payment that is not booked, money that is, or a refund that the
/// gateway had and does not tell the end of.
#[must_use]
pub fn may_mark(order: &Order, what: Marked, amount_minor: i64, refund_no: Option<&str>) -> bool {
    if let Some(refund_no) = refund_no {
        let untold = order.refund(refund_no).filter(|refund| match refund.state {
            RefundState::Processing | RefundState::Unknown => true,
            RefundState::Requested
            | RefundState::Sent
            | RefundState::Succeeded
            | RefundState::Failed
            | RefundState::Withdrawn => false,
        });
        let whole = untold.is_some_and(|refund| refund.draft.amount_minor == amount_minor);
        return what == Marked::Refunded && whole && order.open_mark(what, Some(refund_no)).is_none();
    }
    match what {
        Marked::Paid => {
            let open = match order.state {
                State::CreateUnknown
                | State::AwaitingPayment
                | State::Paying
                | State::Expiring
                | State::Closed
                | State::Failed
                | State::Reversed
                | State::Disputed => true,
                State::Drafted | State::Creating | State::Paid => false,
            };
            open && order.payment.is_none() && amount_minor > 0 && order.open_mark(what, None).is_none()
        }
        Marked::Refunded => (1..=order.left_minor()).contains(&amount_minor),
    }
}

/// What a mark can say of an order as it stands, its refunds aside.
#[must_use]
pub fn markable(order: &Order) -> Vec<Marked> {
    Marked::ALL.into_iter().filter(|what| may_mark(order, *what, 1, None)).collect()
}

pub(super) fn put(order: &Order, mark: Box<HandMark>) -> Vec<OrderEvent> {
    let may = may_mark(order, mark.what, mark.amount_minor, mark.refund_no.as_deref());
    if may { vec![OrderEvent::MarkedByHand { mark }] } else { vec![] }
}

/// The gateway's word on an open mark of that kind, where there is one.
pub(super) fn judge(order: &Order, what: Marked, refund_no: Option<&str>, verdict: Verdict) -> Vec<OrderEvent> {
    if order.open_mark(what, refund_no).is_none() {
        return vec![];
    }
    let mut events = vec![OrderEvent::MarkJudged { what, refund_no: refund_no.map(str::to_owned), verdict }];
    if verdict == Verdict::Contradicted {
        events.extend(raise(order, Attention::MarkContradicted));
    }
    events
}

/// Whether marks come to all that was paid: "refunded", which names no amount, confirms them, and says nothing of a part.
pub(super) fn is_marked_back(order: &Order) -> bool {
    order.payment.as_ref().is_some_and(|payment| uncontradicted_minor(order) >= payment.minor)
}

/// Notices that named what went back by refunds that are none of the till's: they confirm marks that come to no more than that.
pub(super) fn named_back(order: &Order) -> Vec<OrderEvent> {
    let named = uncontradicted_minor(order) <= order.told_elsewhere_minor();
    if named { judge(order, Marked::Refunded, None, Verdict::Confirmed) } else { vec![] }
}

/// "Paid" in answer to a question that left a day or more after all of the payment had gone back, at least a part of it by marks
/// that are open, from a gateway that has a word for what went back. Of a part alone "paid" says nothing: that is the state of a
/// payment which was given back in part, too, and no state names an amount.
pub(super) fn still_paid(order: &Order, report: &TradeReport, asked: Moment) -> Vec<OrderEvent> {
    let Some(payment) = order.payment.as_ref().filter(|_| order.state == State::Paid) else { return vec![] };
    let plain = report.contradiction(order.amount().minor).is_none() && report.shortcoming().is_none();
    let told = order.newest_report.is_some_and(|newest| asked.boot < newest.boot);
    if report.state != TradeState::Paid || !plain || told {
        return vec![];
    }
    let by_hand = order
        .marks
        .iter()
        .filter(|by_hand| by_hand.is_of(Marked::Refunded, None) && by_hand.verdict != Verdict::Contradicted);
    let by_refund = order.refunds.iter().filter(|refund| refund.state == RefundState::Succeeded);
    let marked = by_hand.map(|by_hand| (by_hand.mark.amount_minor, Some(by_hand.at)));
    let gone = marked.chain(by_refund.map(|refund| (refund.draft.amount_minor, refund.ended)));
    let long_ago = |at: Option<Moment>| at.is_some_and(|at| asked.since(at) >= DAY);
    let gone = gone.filter(|(_, at)| long_ago(*at)).fold(0_i64, |sum, (minor, _)| sum.saturating_add(minor));
    if gone >= payment.minor { judge(order, Marked::Refunded, None, Verdict::Contradicted) } else { vec![] }
}

pub(super) fn marked(order: &mut Order, mark: &HandMark, at: Moment) {
    order.marks.push(ByHand { mark: mark.clone(), at, verdict: Verdict::Open, judged: None });
}

pub(super) fn judged(order: &mut Order, what: Marked, refund_no: Option<&str>, verdict: Verdict, at: Moment) {
    let open = |by_hand: &&mut ByHand| by_hand.is_of(what, refund_no) && by_hand.verdict == Verdict::Open;
    for by_hand in order.marks.iter_mut().filter(open) {
        (by_hand.verdict, by_hand.judged) = (verdict, Some(at));
    }
}
