//! Money that goes back: events of its order's life, so that one compare-and-set guards the ceiling.
//!
//! A refund's number and amount are set aside before its first byte leaves. It is sent once; what became of it is asked for
//! until the gateway has said so. Only what the gateway said came to nothing, or never knew, is sent again, under its number.

pub(super) mod decide;
pub(super) mod evolve;
pub mod first;

use super::asking::RefundAsking;
use super::event::Item;
use super::mark::{Marked, is_doubted_by_hand, uncontradicted_minor};
use super::sale::adds_up;
use super::{Attention, Order, State};
use crate::foreign::{ends_a_line, is_hidden};
use crate::gateway::descriptor::{RefundOffer, Resend};
use crate::gateway::reaction::{Reaction, Said};
use crate::gateway::refund::{RefundReport, RefundState as Word};
use crate::money::Money;
use crate::time::{HOUR, Moment};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A sending of which nothing was heard is taken to be still on its way for this long.
const ON_ITS_WAY: i64 = 2 * HOUR;

/// Where a refund stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum RefundState {
    /// Its amount is set aside; nothing was sent.
    Requested,
    /// It left, and its answer is awaited.
    Sent,
    /// The gateway has taken it on.
    Processing,
    /// The money is back.
    Succeeded,
    /// It came to nothing.
    Failed,
    /// It left, and nobody knows what became of it.
    Unknown,
    /// A person took it back before it ever left.
    Withdrawn,
}

impl RefundState {
    /// Every state.
    pub const ALL: [Self; 7] =
        [Self::Requested, Self::Sent, Self::Processing, Self::Succeeded, Self::Failed, Self::Unknown, Self::Withdrawn];

    /// The word in the journal's projections, in `--json` and in exports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Sent => "sent",
            Self::Processing => "processing",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Reads a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }

    /// Whether no money went back by it, or ever will: it counts under no ceiling and no limit.
    #[must_use]
    pub fn came_to_nothing(self) -> bool {
        matches!(self, Self::Failed | Self::Withdrawn)
    }

    /// Whether the gateway has said how it ended, or it never left and never will.
    #[must_use]
    pub fn has_ended(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Withdrawn)
    }
}

/// What a refund is meant to be. Never changed afterwards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundDraft {
    /// Our number of it, the same however often it is sent.
    pub refund_no: String,
    /// Minor units, in the order's currency.
    pub amount_minor: i64,
    /// Why.
    pub reason: String,
    /// Who asked for it first: an operator's name, or `owner`.
    pub by: String,
    /// The second person then, where one was needed.
    pub second: Option<String>,
    /// The lines that go back, where the gateway goes by lines.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<Item>,
}

/// A refund, as its order's events tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refund {
    /// What was intended.
    pub draft: RefundDraft,
    /// Where it stands.
    pub state: RefundState,
    /// Who gives it: whoever asked for it last, and answers for it that day.
    pub by: String,
    /// The second person then.
    pub second: Option<String>,
    /// When it was asked for last.
    pub requested: Moment,
    /// When it left last.
    pub sent: Option<Moment>,
    /// It had left before it left last.
    pub sent_again: bool,
    /// When an earlier sending left of which nothing was heard.
    pub unheard: Option<Moment>,
    /// When the gateway said how it ended.
    pub ended: Option<Moment>,
    /// The gateway's number of it.
    pub gateway_refund_no: Option<String>,
    /// An error code of the gateway, from the last answer that left its outcome unknown.
    pub said: Option<Said>,
    /// When the newest applied report arrived.
    pub newest_report: Option<Moment>,
    /// An authentic answer contradicted it.
    pub disputed: bool,
}

impl Refund {
    /// Its number.
    #[must_use]
    pub fn no(&self) -> &str {
        &self.draft.refund_no
    }

    /// The gateway is still asked about it: it has not said how it ended, or contradicts that.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.disputed || !self.state.has_ended()
    }

    /// It left, and what became of it is not known.
    fn left_in_the_dark(&self) -> bool {
        self.disputed || matches!(self.state, RefundState::Sent | RefundState::Unknown)
    }

    /// It waits to be sent for the first time: no money went back by it.
    fn never_left(&self) -> bool {
        self.state == RefundState::Requested && self.sent.is_none()
    }
}

/// Why nothing more can go back at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum NotRefundable {
    /// No payment is booked.
    NotPaid,
    /// An answer contradicts the order.
    Disputed,
    /// Money went back elsewhere, perhaps more than notices told: a person looks first.
    RefundedElsewhere,
    /// Everything went back, or is on its way.
    NothingLeft,
    /// What became of an earlier refund is not known.
    RefundUnknown,
    /// An earlier refund has never left yet.
    RefundWaits,
    /// An earlier refund left before, and is sent once more.
    RefundAgain,
    /// The gateway gives nothing back through its interface.
    GatewayCannot,
}

/// Why a refund is not made. Nothing was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefundRefusal {
    /// Nothing can go back at the moment.
    Not(NotRefundable),
    /// More than what is left, minor units.
    OverCeiling(i64),
    /// The gateway goes by lines: name them.
    LinesNeeded,
    /// The lines do not add up to the amount, or one of them is for nothing.
    LinesDoNotAddUp,
    /// A line is not one of the order's, or went back before, or not so much of it is left, or it is named twice. Its id.
    LineNotLeft(String),
    /// The reason is longer than the gateway takes, in bytes.
    ReasonTooLong(usize),
    /// The reason is no single line, or holds a tab or another control character. Which.
    ReasonNotOneLine(char),
    /// The reason holds a character that shows nothing, or turns the direction of what is read behind it. Which.
    ReasonHidden(char),
}

impl Order {
    /// What went back, minor units.
    #[must_use]
    pub fn refunded_minor(&self) -> i64 {
        sum(&self.refunds, |refund| refund.state == RefundState::Succeeded)
    }

    /// What may still go back by refunds that have not ended, minor units.
    #[must_use]
    pub fn reserved_minor(&self) -> i64 {
        sum(&self.refunds, |refund| !refund.state.has_ended())
    }

    /// What can still go back: paid, less what went back by the till or by hand, less what is set aside. Minor units.
    #[must_use]
    pub fn left_minor(&self) -> i64 {
        let paid = self.payment.as_ref().map_or(0, |payment| payment.minor);
        let gone = self.refunded_minor().saturating_add(self.reserved_minor()).saturating_add(self.by_hand_minor());
        paid.saturating_sub(gone).max(0)
    }

    /// What notices told of refunds that are none of the till's, less what was marked as given back beside the till's refunds: what
    /// a mark of it comes to, and never more than a mark can say. Minor units. There may be more of which no notice told.
    #[must_use]
    pub fn elsewhere_unmarked_minor(&self) -> i64 {
        self.told_elsewhere_minor().saturating_sub(uncontradicted_minor(self)).clamp(0, self.left_minor())
    }

    /// Whether what went back elsewhere is marked by hand, as far as the till knows how much that is: what notices told of, or, where
    /// none did, anything at all.
    #[must_use]
    pub fn elsewhere_is_marked(&self) -> bool {
        let marked = uncontradicted_minor(self);
        marked > 0 && marked >= self.told_elsewhere_minor()
    }

    /// What notices told of refunds that are none of the till's, minor units.
    pub(super) fn told_elsewhere_minor(&self) -> i64 {
        self.elsewhere.values().fold(0, |sum: i64, minor| sum.saturating_add(*minor))
    }

    /// How much more went back, by the till's refunds and by what notices told of others, than was paid or could be. Minor units.
    #[must_use]
    pub fn beyond_paid_minor(&self) -> i64 {
        let paid = self.payment.as_ref().map_or_else(|| self.amount().minor, |payment| payment.minor);
        self.refunded_minor().saturating_add(self.told_elsewhere_minor()).saturating_sub(paid).max(0)
    }

    /// How much of what is left is kept for refunds that came to nothing and may go out again under their own numbers, minor units:
    /// one of more than what is left does not, nor one that two people saw go back, whose mark sets its money aside.
    #[must_use]
    pub fn kept_minor(&self, offer: &RefundOffer) -> i64 {
        let left = self.left_minor();
        let keeps = |refund: &Refund| {
            refund.state == RefundState::Failed
                && refund.draft.amount_minor <= left
                && !is_doubted_by_hand(self, refund.no())
        };
        match offer.resend {
            Resend::SameNumber => sum(&self.refunds, keeps).min(left),
            Resend::NewNumber => 0,
        }
    }

    /// What a refund with a new number may give back at most. Minor units.
    #[must_use]
    pub fn left_for_new(&self, offer: &RefundOffer) -> i64 {
        self.left_minor().saturating_sub(self.kept_minor(offer))
    }

    /// What went back or may by the till's refunds beside this one, minor units.
    #[must_use]
    pub fn given_besides_minor(&self, refund_no: &str) -> i64 {
        sum(&self.refunds, |refund| refund.no() != refund_no && !refund.state.came_to_nothing())
    }

    /// Whether all that was paid went back, by the till or by hand.
    #[must_use]
    pub fn is_given_back(&self) -> bool {
        let gone = self.refunded_minor().saturating_add(self.by_hand_minor());
        self.payment.as_ref().is_some_and(|payment| gone >= payment.minor)
    }

    /// A refund of which is not known what became of it, or else what becomes of it: a second one could give the same money back
    /// twice.
    #[must_use]
    pub fn in_the_dark(&self) -> Option<&Refund> {
        let find = |which: fn(&Refund) -> bool| self.refunds.iter().find(|refund| which(refund));
        let left = find(Refund::left_in_the_dark);
        left.or_else(|| find(|refund| refund.state == RefundState::Requested && !refund.never_left()))
            .or_else(|| find(Refund::never_left))
    }

    /// A refund by its number.
    #[must_use]
    pub fn refund(&self, refund_no: &str) -> Option<&Refund> {
        self.refunds.iter().find(|refund| refund.no() == refund_no)
    }

    /// Whether money of this till's refunds went back, or may have: what the gateway then says of "refunded" is ours.
    #[must_use]
    pub fn has_refunded(&self) -> bool {
        let came_to_nothing = |refund: &Refund| match refund.state {
            RefundState::Failed => true,
            // Each sending of it was answered with that, and the next one has not left.
            RefundState::Requested => refund.unheard.is_none(),
            RefundState::Sent
            | RefundState::Processing
            | RefundState::Succeeded
            | RefundState::Unknown
            | RefundState::Withdrawn => false,
        };
        self.refunds.iter().any(|refund| refund.sent.is_some() && !came_to_nothing(refund))
    }
}

fn sum(refunds: &[Refund], which: impl Fn(&Refund) -> bool) -> i64 {
    refunds.iter().filter(|refund| which(refund)).fold(0, |sum, refund| sum.saturating_add(refund.draft.amount_minor))
}

/// Whether anything can go back now, and how much at most (minor units). A refund that was sent and not heard of blocks
/// every other: a second number could give the same money back twice.
pub fn refundable(order: &Order, offer: Option<&RefundOffer>) -> Result<i64, NotRefundable> {
    match order.state {
        State::Paid => {}
        State::Disputed => return Err(NotRefundable::Disputed),
        State::Drafted
        | State::Creating
        | State::CreateUnknown
        | State::AwaitingPayment
        | State::Paying
        | State::Expiring
        | State::Closed
        | State::Failed
        | State::Reversed => return Err(NotRefundable::NotPaid),
    }
    let Some(offer) = offer else { return Err(NotRefundable::GatewayCannot) };
    if let Some(refund) = order.in_the_dark() {
        return Err(if refund.left_in_the_dark() {
            NotRefundable::RefundUnknown
        } else if refund.never_left() {
            NotRefundable::RefundWaits
        } else {
            // A person can neither count on its money nor take it back.
            NotRefundable::RefundAgain
        });
    }
    if order.attention.contains(&Attention::RefundedElsewhere) {
        return Err(NotRefundable::RefundedElsewhere);
    }
    match order.left_for_new(offer) {
        0 => Err(NotRefundable::NothingLeft),
        left => Ok(left),
    }
}

/// Whether `draft` may be made of `order` now.
pub fn may_refund(order: &Order, offer: Option<&RefundOffer>, draft: &RefundDraft) -> Result<(), RefundRefusal> {
    let left = refundable(order, offer).map_err(RefundRefusal::Not)?;
    if draft.amount_minor < 1 || draft.amount_minor > left {
        return Err(RefundRefusal::OverCeiling(left));
    }
    let Some(offer) = offer else { return Err(RefundRefusal::Not(NotRefundable::GatewayCannot)) };
    fits_as_reason(&draft.reason, offer)?;
    if offer.by_lines && draft.items.is_empty() {
        return Err(RefundRefusal::LinesNeeded);
    }
    let amount = Money { minor: draft.amount_minor, currency: order.amount().currency };
    if let Some(line) = not_left(order, offer, &draft.items) {
        return Err(RefundRefusal::LineNotLeft(line.id.clone()));
    }
    // A gateway refuses a line for nothing, and the whole refund with it.
    let for_nothing = draft.items.iter().any(|line| line.amount_minor < 1);
    if adds_up(&draft.items, amount) && !for_nothing { Ok(()) } else { Err(RefundRefusal::LinesDoNotAddUp) }
}

/// Whether a reason can go out, and reads as what it is wherever it is read.
fn fits_as_reason(reason: &str, offer: &RefundOffer) -> Result<(), RefundRefusal> {
    if let Some(letter) = reason.chars().find(|letter| ends_a_line(*letter)) {
        return Err(RefundRefusal::ReasonNotOneLine(letter));
    }
    if let Some(letter) = reason.chars().find(|letter| is_hidden(*letter)) {
        return Err(RefundRefusal::ReasonHidden(letter));
    }
    if reason.len() > offer.reason_limit { Err(RefundRefusal::ReasonTooLong(offer.reason_limit)) } else { Ok(()) }
}

/// Whether a refund that was asked for may leave now: its order is not in doubt, neither is what became of another one, and
/// nothing went back elsewhere. Each may have come up since.
#[must_use]
pub fn may_leave(order: &Order, refund: &Refund) -> bool {
    let another = |other: &Refund| other.no() != refund.no() && other.left_in_the_dark();
    let elsewhere = order.attention.contains(&Attention::RefundedElsewhere);
    let in_doubt = order.state != State::Paid || elsewhere || order.refunds.iter().any(another);
    refund.state == RefundState::Requested && !in_doubt
}

/// All lines of which money has not gone back, for a refund of everything that is left (ruling 21). What they come to counts, as
/// lines add up by their amounts alone (ruling 20). Where every piece went back for less than its money, the rest of that goes back
/// under one of them: no document counts the pieces of several refunds together. A guess.
#[must_use]
pub fn lines_left(order: &Order) -> Vec<Item> {
    let lines = order.draft.items.iter().map(|bought| {
        let (quantity, minor) = gone(order, &bought.id);
        Item {
            id: bought.id.clone(),
            quantity: bought.quantity.saturating_sub(quantity).max(1),
            amount_minor: bought.amount_minor.saturating_sub(minor),
        }
    });
    lines.filter(|line| line.amount_minor > 0).collect()
}

/// Quantity and minor units of a line in refunds that did not come to nothing.
fn gone(order: &Order, id: &str) -> (u32, i64) {
    let refunds = order.refunds.iter().filter(|refund| !refund.state.came_to_nothing());
    let lines = refunds.flat_map(|refund| &refund.draft.items).filter(|line| line.id == id);
    lines.fold((0, 0), |(quantity, minor), line| {
        (quantity.saturating_add(line.quantity), minor.saturating_add(line.amount_minor))
    })
}

/// The first line that is not one of the order's with so much of it left. Where the gateway goes by lines, those of an order
/// that was taken in without any are not known here: the gateway judges them.
fn not_left<'a>(order: &Order, offer: &RefundOffer, lines: &'a [Item]) -> Option<&'a Item> {
    if order.draft.items.is_empty() && offer.by_lines {
        return None;
    }
    let left = lines_left(order);
    let mut seen = BTreeSet::new();
    lines.iter().find(|line| {
        let fits = |of: &Item| of.id == line.id && line.quantity <= of.quantity && line.amount_minor <= of.amount_minor;
        !seen.insert(&line.id) || !left.iter().any(fits)
    })
}

/// Until when "failed" is not the end of a refund yet: another sending of the same number, of which nothing was heard, could still
/// be on its way and be carried out.
#[must_use]
pub fn may_be_carried_out_until(
    order: &Order,
    offer: Option<&RefundOffer>,
    refund_no: &str,
    report: &RefundReport,
    asked: Moment,
) -> Option<Moment> {
    let taken_once_more = offer.is_some_and(|offer| offer.resend == Resend::SameNumber);
    let refund = order.refund(refund_no).filter(|_| taken_once_more && report.state == Word::Failed)?;
    let newest = refund.sent.filter(|_| refund.sent_again && refund.state == RefundState::Unknown);
    let unheard = newest.into_iter().chain(refund.unheard).max_by_key(|sent| sent.boot)?;
    let on_its_way = asked.since(unheard) < ON_ITS_WAY && report.is_ours(refund.draft.amount_minor);
    on_its_way.then(|| unheard.plus(ON_ITS_WAY))
}

/// Whether a refund may be sent again under its number: the gateway said that it came to nothing and takes the number once
/// more, or it answered a question that left after the sending with "no such refund", or with what it had said before. That word is
/// signed by nobody: it does not count where the sending was answered with "used before", or the order is said to be given back.
#[must_use]
pub fn may_send_again(
    order: &Order,
    offer: Option<&RefundOffer>,
    asking: Option<&RefundAsking>,
    refund_no: &str,
) -> bool {
    let (Some(refund), Some(offer), State::Paid) = (order.refund(refund_no), offer, order.state) else { return false };
    match refund.state {
        // What it had set aside was given free: it must fit once more, and nothing else may be in the dark.
        RefundState::Failed => {
            let elsewhere = order.attention.contains(&Attention::RefundedElsewhere);
            offer.resend == Resend::SameNumber
                && !elsewhere
                && !is_doubted_by_hand(order, refund_no)
                && order.in_the_dark().is_none()
                && refund.draft.amount_minor <= order.left_minor()
        }
        RefundState::Unknown => {
            let since_it_left = |asked: Option<Moment>| {
                asked.is_some_and(|asked| refund.sent.is_some_and(|sent| asked.boot >= sent.boot))
            };
            let unknown_there = since_it_left(asking.and_then(|asking| asking.not_arrived));
            let carried_out = since_it_left(asking.and_then(|asking| asking.told_back));
            let arrived = refund.said.as_ref().is_some_and(|said| said.reaction == Reaction::DuplicateRefund);
            // What two people saw go back under another number the gateway would give back once more.
            let seen = order.open_mark(Marked::Refunded, Some(refund_no)).is_some();
            unknown_there && !carried_out && !arrived && !refund.disputed && !seen
        }
        RefundState::Requested
        | RefundState::Sent
        | RefundState::Processing
        | RefundState::Succeeded
        | RefundState::Withdrawn => false,
    }
}

/// Whether something else than this refund explains that money of its order went back: another refund, somebody elsewhere, or what
/// was marked by hand.
pub(super) fn went_back_besides(order: &Order, refund_no: &str) -> bool {
    let other = |refund: &Refund| refund.no() != refund_no && refund.sent.is_some() && !refund.state.came_to_nothing();
    order.refunds.iter().any(other)
        || !order.elsewhere.is_empty()
        || order.dealt_with.contains_key(&Attention::RefundedElsewhere)
        || order.by_hand_minor() > 0
}

/// A refund that came to nothing and keeps its amount for being sent again under its number, which it can be now.
#[must_use]
pub fn failed_before<'a>(order: &'a Order, offer: Option<&RefundOffer>) -> Option<&'a Refund> {
    let failed = |refund: &&Refund| refund.state == RefundState::Failed;
    order.refunds.iter().filter(failed).find(|refund| may_send_again(order, offer, None, refund.no()))
}

/// Whether a refund that came to nothing is made anew, under a new number: its gateway takes none twice, so much is left, and no
/// later refund may stand for it.
#[must_use]
pub fn may_be_made_anew(order: &Order, offer: Option<&RefundOffer>, refund_no: &str) -> bool {
    let failed = order.refund(refund_no).filter(|refund| refund.state == RefundState::Failed);
    let left = refundable(order, offer).unwrap_or(0);
    let mut later = order.refunds.iter().skip_while(|refund| refund.no() != refund_no).skip(1);
    offer.is_some_and(|offer| offer.resend == Resend::NewNumber)
        && later.all(|refund| refund.state.came_to_nothing())
        && failed.is_some_and(|refund| refund.draft.amount_minor <= left)
}

/// Whether a person may take a refund back: nothing of it ever left.
#[must_use]
pub fn may_withdraw(refund: &Refund) -> bool {
    refund.never_left()
}

/// Whether an error code in answer to a question lets a refund be sent again under its number: the gateway knows no such
/// refund, or has one word for every error and takes a number only once.
#[must_use]
pub fn lets_send_again(offer: Option<&RefundOffer>, said: &Said) -> bool {
    said.reaction == Reaction::NoSuchOrder || offer.is_some_and(|offer| offer.one_word_for_errors)
}
