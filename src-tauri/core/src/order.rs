//! The life of an order: a state machine whose only way forward is events.
//!
//! `decide` turns a state and a command into events, `evolve` applies one event, `next_due` says what to do when. All are
//! pure: events replayed give the same order as events lived.

pub mod again;
pub mod asking;
pub mod decide;
pub mod due;
pub mod event;
pub mod evolve;
pub mod further;
pub mod latency;
pub mod mark;
pub mod notified;
pub mod one_payment;
pub mod page;
pub mod parts;
pub mod proof;
pub mod refund;
pub mod report;
mod reported;
pub mod sale;
pub mod words;

use crate::gateway::bridge::Bridge;
use crate::gateway::descriptor::{Channel, Gives, Presented};
use crate::gateway::reaction::{Reaction, Said};
use crate::money::Money;
use crate::time::{Moment, SECOND};
use event::{Draft, Ordered};
use mark::ByHand;
use parts::Parts;
use proof::Proof;
use refund::Refund;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Where an order's life stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Intended; nothing was sent.
    Drafted,
    /// The one create may have left.
    Creating,
    /// The create's outcome is unknown; the order is asked for.
    CreateUnknown,
    /// The gateway knows it, unpaid.
    AwaitingPayment,
    /// The customer is paying.
    Paying,
    /// No code is on any screen any more; asked, closed, asked again.
    Expiring,
    /// Paid.
    Paid,
    /// Ended unpaid.
    Closed,
    /// Failed for good.
    Failed,
    /// Reversed: the money went back.
    Reversed,
    /// An authentic answer contradicts what was asked for.
    Disputed,
}

impl State {
    /// Every state, in the order of the life.
    pub const ALL: [Self; 11] = [
        Self::Drafted,
        Self::Creating,
        Self::CreateUnknown,
        Self::AwaitingPayment,
        Self::Paying,
        Self::Expiring,
        Self::Paid,
        Self::Closed,
        Self::Failed,
        Self::Reversed,
        Self::Disputed,
    ];

    /// Whether the plan's asking is over. Disputed is not an end: it is asked on.
    #[must_use]
    pub fn has_ended(self) -> bool {
        matches!(self, Self::Paid | Self::Closed | Self::Failed | Self::Reversed)
    }

    /// Whether the gateway has spoken of an open order: it stands like that only by the gateway's word, or has a number of the
    /// gateway's.
    #[must_use]
    pub fn is_known_there(self, gateway_no: Option<&str>) -> bool {
        gateway_no.is_some() || matches!(self, Self::AwaitingPayment | Self::Paying | Self::Disputed)
    }

    /// Whether an order that stands like that can be asked about: by our number, or by the gateway's. One that cannot ends only
    /// by its gateway's notice or by a number that a person names, which both may come whenever.
    #[must_use]
    pub fn can_be_asked_about(self, asked_by_our_number: bool, gateway_no: Option<&str>) -> bool {
        asked_by_our_number || gateway_no.is_some() || !matches!(self, Self::CreateUnknown | Self::Disputed)
    }

    /// The word in the journal, in `--json` and in exports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Drafted => "drafted",
            Self::Creating => "creating",
            Self::CreateUnknown => "create_unknown",
            Self::AwaitingPayment => "awaiting_payment",
            Self::Paying => "paying",
            Self::Expiring => "expiring",
            Self::Paid => "paid",
            Self::Closed => "closed",
            Self::Failed => "failed",
            Self::Reversed => "reversed",
            Self::Disputed => "disputed",
        }
    }

    /// Reads a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// Why an order ended, where the gateway's state alone does not say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// The gateway said so.
    Gateway,
    /// The create never arrived: only "no such order", from the create until well after expiry.
    NeverCreated,
    /// Expired, at a gateway that cannot close.
    ExpiredHere,
}

/// What contradicts in a disputed order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum DisputeReason {
    /// Another order's number, or another one at the gateway than the order's.
    Number,
    /// Another amount.
    Amount,
    /// Another merchant.
    Merchant,
    /// Another currency.
    Currency,
    /// Another customer.
    Customer,
    /// It tells of a payment under a number of the gateway's that is another order's.
    GatewayNo,
    /// The answer contradicts itself, twice.
    Itself,
    /// It lacks number or amount and says paid.
    Incomplete,
    /// It was paid, and then closed, failed or reversed, not by us.
    PaidThenEnded,
    /// Its word for "reversed" can also mean "paid for good".
    PaidOrReversed,
}

impl DisputeReason {
    /// Every reason.
    pub const ALL: [Self; 10] = [
        Self::Number,
        Self::Amount,
        Self::Merchant,
        Self::Currency,
        Self::Customer,
        Self::GatewayNo,
        Self::Itself,
        Self::Incomplete,
        Self::PaidThenEnded,
        Self::PaidOrReversed,
    ];

    /// Reads a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.word() == word)
    }

    /// The word in the journal, in `--json` and in exports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Amount => "amount",
            Self::Merchant => "merchant",
            Self::Currency => "currency",
            Self::Customer => "customer",
            Self::GatewayNo => "gateway_no",
            Self::Itself => "itself",
            Self::Incomplete => "incomplete",
            Self::PaidThenEnded => "paid_then_ended",
            Self::PaidOrReversed => "paid_or_reversed",
        }
    }
}

/// Why a person is needed. It does not stop the asking. The order of the list is the order of weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum Attention {
    /// An authentic answer contradicts what was asked for.
    Disputed,
    /// An authentic answer about a refund contradicts what was asked for, or more went back than was paid.
    RefundDisputed,
    /// Two orders of one sale are paid.
    DoublePayment,
    /// A refund came to nothing: the customer has not got the money back.
    RefundFailed,
    /// What became of a refund is not known for a while.
    RefundUnknown,
    /// Paid after it had ended.
    LatePayment,
    /// The gateway contradicts what was marked by hand.
    MarkContradicted,
    /// Refunded, not by this till.
    RefundedElsewhere,
    /// No query has shown that closing or reversing ended it, or the gateway refused that: a payment code may still be charged.
    EndRefused,
    /// The gateway cannot be asked by our number, and its own is not known.
    CannotBeAsked,
    /// Still not ended after seven days.
    OpenForAWeek,
    /// Expired at a gateway that cannot close; a payment may still come.
    ExpiredHere,
}

impl Attention {
    /// Every attention, weightiest first.
    pub const ALL: [Self; 12] = [
        Self::Disputed,
        Self::RefundDisputed,
        Self::DoublePayment,
        Self::RefundFailed,
        Self::RefundUnknown,
        Self::LatePayment,
        Self::MarkContradicted,
        Self::RefundedElsewhere,
        Self::EndRefused,
        Self::CannotBeAsked,
        Self::OpenForAWeek,
        Self::ExpiredHere,
    ];

    /// Whether the till's records and a gateway's word, or two payments, stand against each other.
    #[must_use]
    pub fn is_doubt(self) -> bool {
        match self {
            Self::Disputed | Self::RefundDisputed | Self::DoublePayment | Self::MarkContradicted | Self::EndRefused => {
                true
            }
            Self::RefundFailed
            | Self::RefundUnknown
            | Self::LatePayment
            | Self::RefundedElsewhere
            | Self::CannotBeAsked
            | Self::OpenForAWeek
            | Self::ExpiredHere => false,
        }
    }

    /// Whether giving back all of the payment puts it right.
    #[must_use]
    pub fn ends_by_full_refund(self) -> bool {
        match self {
            Self::DoublePayment | Self::LatePayment => true,
            Self::Disputed
            | Self::RefundDisputed
            | Self::RefundFailed
            | Self::RefundUnknown
            | Self::MarkContradicted
            | Self::RefundedElsewhere
            | Self::EndRefused
            | Self::CannotBeAsked
            | Self::OpenForAWeek
            | Self::ExpiredHere => false,
        }
    }

    /// The word in the journal, in `--json` and in exports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Disputed => "disputed",
            Self::DoublePayment => "double_payment",
            Self::LatePayment => "late_payment",
            Self::RefundedElsewhere => "refunded_elsewhere",
            Self::CannotBeAsked => "cannot_be_asked",
            Self::ExpiredHere => "expired_here",
            Self::EndRefused => "end_refused",
            Self::OpenForAWeek => "open_for_a_week",
            Self::RefundDisputed => "refund_disputed",
            Self::RefundFailed => "refund_failed",
            Self::RefundUnknown => "refund_unknown",
            Self::MarkContradicted => "mark_contradicted",
        }
    }
}

/// What is known of the payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// Minor units that the customer paid.
    pub minor: i64,
    /// When the till knew.
    pub known: Moment,
    /// When the customer paid by the gateway's clock, UTC seconds.
    pub gateway_time: Option<i64>,
    /// What the answer that told of it stated.
    pub proof: Proof,
    /// Who bore what, as far as that answer says it.
    pub parts: Parts,
}

impl Payment {
    /// When the customer paid, UTC microseconds: as the gateway says it where that is before the till knew. A payment that was
    /// taken in late is as old as that.
    #[must_use]
    pub fn made(&self) -> i64 {
        let known = self.known.wall;
        self.gateway_time.map_or(known, |seconds| seconds.saturating_mul(SECOND).min(known))
    }
}

/// How an order ended unpaid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct End {
    /// When.
    pub at: Moment,
    /// `Closed`, `Failed` or `Reversed`.
    pub state: State,
    /// Why.
    pub reason: EndReason,
}

/// What closing or reversing has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Closing {
    /// Closes and reverses that were answered, or may have been.
    pub tries: u32,
    /// Those that the gateway refused.
    pub refused: u32,
    /// Reverses that it answered with an error code.
    pub turned_down: u32,
    /// Whether the gateway said "closed" or "reversed" in a verified answer.
    pub accepted: bool,
    /// Whether it said so of a reverse: what had been paid was taken back.
    pub reversed: bool,
}

/// An order, as its events tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own that some event told")]
pub struct Order {
    /// What was intended.
    pub draft: Draft,
    /// The gateway's call that it was made by.
    pub ordered: Option<Ordered>,
    /// Events so far.
    pub seen: u64,
    /// Where it stands.
    pub state: State,
    /// When it was drafted.
    pub drafted: Moment,
    /// When the create was answered readably.
    pub answered: Option<Moment>,
    /// What the gateway said instead of answering the create.
    pub said_to_create: Option<Reaction>,
    /// Its create came to nothing that the till knows of.
    pub create_lost: bool,
    /// The QR's text, once the create's answer is committed.
    pub link: Option<String>,
    /// Parameters for a script bridge.
    pub pay_info: Option<String>,
    /// Parameters for an integrator's app.
    pub parameters: Option<String>,
    /// The script bridge that can be called with what the create gave.
    pub bridge: Option<Bridge>,
    /// A reverse may have left: a payment that is seen from now on may still be taken back.
    pub reverse_left: bool,
    /// A person asked for it to be reversed, not closed.
    pub reverse_wanted: bool,
    /// Its expiry, or a person, wants it ended.
    pub end_wanted: bool,
    /// Any verified answer showed that the gateway knows it.
    pub known_there: bool,
    /// The gateway's number, from a verified matching answer.
    pub gateway_no: Option<String>,
    /// The wallet's number.
    pub wallet_no: Option<String>,
    /// When the QR was taken off every screen.
    pub qr_off: Option<Moment>,
    /// A question that left after that was answered with a verified Unpaid.
    pub unpaid_after_qr_off: bool,
    /// The customer's last try failed; another is possible.
    pub declined: bool,
    /// When the newest applied report arrived.
    pub newest_report: Option<Moment>,
    /// Answers that contradicted themselves.
    pub self_contradictions: u32,
    /// The payment.
    pub payment: Option<Payment>,
    /// Paid after an end.
    pub late: bool,
    /// The end that the payment came after.
    pub late_after: Option<End>,
    /// The end, if it ended unpaid.
    pub end: Option<End>,
    /// What contradicts.
    pub dispute: Option<DisputeReason>,
    /// What closing has come to.
    pub closing: Closing,
    /// The error code that the last close or reverse was answered with; none where it was not answered with one.
    pub end_said: Option<Said>,
    /// What a person must look at.
    pub attention: BTreeSet<Attention>,
    /// Refunds, in the order they were asked for.
    pub refunds: Vec<Refund>,
    /// What people marked by hand.
    pub marks: Vec<ByHand>,
    /// What a person was needed for and is no longer, and since when.
    pub dealt_with: BTreeMap<Attention, Moment>,
    /// Refunds that are none of the till's and that notices told of: minor units by their number. The till's own books count
    /// none of them.
    pub elsewhere: BTreeMap<String, i64>,
}

impl Order {
    /// Our number.
    #[must_use]
    pub fn no(&self) -> &str {
        &self.draft.order_no
    }

    /// What was asked for.
    #[must_use]
    pub fn amount(&self) -> Money {
        self.draft.amount
    }

    /// Since when the gateway has had it, at the latest. Its floors count from when the create came there, which is between the draft
    /// and the answer.
    #[must_use]
    pub fn there_since(&self) -> Moment {
        self.answered.unwrap_or(self.drafted)
    }

    /// When the customer can no longer pay, on this run's clocks.
    #[must_use]
    pub fn expires(&self) -> Moment {
        self.drafted.plus(i64::from(self.draft.expire_s).saturating_mul(SECOND))
    }

    /// The QR's text while it may be on a screen.
    #[must_use]
    pub fn qr(&self) -> Option<&str> {
        self.pay_page().or(self.link.as_deref()).filter(|_| self.is_shown())
    }

    /// The integrator's parameters while the customer may pay with them.
    #[must_use]
    pub fn shown_parameters(&self) -> Option<&str> {
        self.parameters.as_deref().filter(|_| self.is_shown())
    }

    /// Whether an integrator's app pays it, through `channel`, and no code is ever shown.
    #[must_use]
    pub fn is_paid_by_parameters(&self, channel: &Channel) -> bool {
        channel.gives == Gives::Parameters && self.draft.page.is_none()
    }

    /// The address of its own page, where the customer can pay there.
    #[must_use]
    pub fn pay_page(&self) -> Option<&str> {
        self.draft.page.as_deref().filter(|_| self.bridge.is_some())
    }

    /// Whether the customer may pay with what the create gave.
    fn is_shown(&self) -> bool {
        matches!(self.state, State::AwaitingPayment | State::Paying) && self.qr_off.is_none()
    }

    /// Whether a create gave the customer something to pay with at this till.
    #[must_use]
    pub fn has_link(&self) -> bool {
        self.link.is_some() || self.parameters.is_some() || self.pay_page().is_some()
    }

    /// Whose order it is, as its gateway's calls name the customer; none where no call made it.
    #[must_use]
    pub fn customer(&self) -> Option<&str> {
        self.ordered.as_ref().map(|ordered| ordered.customer.as_str())
    }

    /// The create is over and no link came of it: nobody can pay by a code of this till.
    #[must_use]
    pub fn link_lost(&self) -> bool {
        self.draft.presented == Presented::Merchant
            && !self.has_link()
            && !matches!(self.state, State::Drafted | State::Creating)
    }

    /// The gateway took the order on and gave nothing to pay it with: no code of it ever existed.
    #[must_use]
    pub fn gave_no_code(&self) -> bool {
        self.link_lost() && self.answered.is_some()
    }

    /// The gateway refused the create, so that no code came of it, and has not shown since that it knows the order.
    #[must_use]
    pub fn create_refused(&self) -> bool {
        self.link_lost() && !self.known_there && self.said_to_create.is_some_and(Reaction::refuses_a_create)
    }

    /// The weightiest attention.
    #[must_use]
    pub fn first_attention(&self) -> Option<Attention> {
        self.attention.first().copied()
    }
}
