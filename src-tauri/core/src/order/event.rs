//! The events of an order's life, as the journal keeps them. Fields are only ever added, as options.

use super::further::NotYet;
use super::mark::{HandMark, Marked, Verdict};
use super::refund::RefundDraft;
use super::report::TradeReport;
use super::{Attention, DisputeReason, EndReason};
use crate::gateway::bridge::Bridge;
use crate::gateway::descriptor::Presented;
use crate::gateway::reaction::Said;
use crate::gateway::refund::RefundReport;
use crate::gateway::{CloseOutcome, ReverseOutcome, Unreadable};
use crate::money::Money;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A line of what was bought, where a gateway goes by lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// The merchant's id of the goods, at most 32 characters (004:160).
    pub id: String,
    /// How many.
    pub quantity: u32,
    /// Minor units of the whole line: the quantity is in it.
    pub amount_minor: i64,
}

/// What an order is meant to be. Never changed afterwards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// Our number.
    pub order_no: String,
    /// The sale's number.
    pub sale: String,
    /// The account's id.
    pub account_id: String,
    /// The account's name.
    pub account: String,
    /// The account's version that this order keeps for ever.
    pub account_version: u32,
    /// The gateway.
    pub gateway: String,
    /// The channel.
    pub channel: String,
    /// What is asked for.
    pub amount: Money,
    /// What the customer reads.
    pub body: String,
    /// The channel's extra fields.
    pub extra: BTreeMap<String, String>,
    /// Address that the order is made from, as sent.
    pub client_ip: String,
    /// Seconds from the draft to expiry.
    pub expire_s: u32,
    /// `time_start` as sent: UTC seconds by the gateway's clock.
    pub time_start: i64,
    /// `training`, `not_a_real_gateway`, or none.
    pub mark: Option<String>,
    /// Who shows a code.
    #[serde(default, skip_serializing_if = "shown_by_the_till")]
    pub presented: Presented,
    /// Lines, where the gateway goes by lines.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<Item>,
    /// The address of the order's page at the till's receiver. Whoever has it can look at the order and pay it, as with the
    /// gateway's own links.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn shown_by_the_till(presented: &Presented) -> bool {
    *presented == Presented::Merchant
}

/// The call of a gateway that an order was made by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ordered {
    /// Whose it is: a hash to know the customer's token again by.
    pub customer: String,
    /// SHA-256 of the call's body as it is kept, in hex.
    pub raw: String,
}

/// Questions and their fate since the event before, from the poller's memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tally {
    /// Questions sent.
    pub asked: u32,
    /// Of them, without a verified answer.
    pub unanswered: u32,
    /// When the order's code was painted for the first time, or handed to the command line, UTC microseconds; none where that was not
    /// since the event before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub painted: Option<i64>,
}

/// A report and what it rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reported {
    /// What the answer said.
    pub report: TradeReport,
    /// Microseconds that the question took to be answered; 0 where nobody asked: a notification.
    pub took: i64,
    /// SHA-256 of the raw answer, in hex.
    pub raw: Option<String>,
    /// Questions since the event before.
    pub tally: Tally,
}

/// A report on a refund and what it rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundReported {
    /// What the answer said.
    pub report: RefundReport,
    /// Microseconds that the request took to be answered.
    pub took: i64,
    /// SHA-256 of the raw answer, in hex.
    pub raw: Option<String>,
    /// Questions about this refund since the event before.
    pub tally: Tally,
}

/// Money that went back by a refund that is none of the till's, as a notice of its gateway's tells of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackElsewhere {
    /// The number that the notice gives the refund.
    pub refund_no: String,
    /// Minor units that went back by it.
    pub amount_minor: i64,
    /// SHA-256 of the notice's body as it is kept, in hex.
    pub raw: String,
}

/// Why nobody knows what became of a request that may have been carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoOutcome {
    /// No answer: unreachable, timed out, untrusted.
    NoAnswer(String),
    /// An error code of the gateway.
    Said(Said),
    /// An answer that cannot be relied on.
    Unreadable(Unreadable),
    /// The till stopped while the answer was awaited.
    Stopped,
    /// The gateway says that it failed while another sending of its number, of which nothing was heard, may yet be carried out.
    AnotherUnheard,
}

/// Why an order is to be closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum CloseWhy {
    /// A person asked for it.
    Person,
    /// It expired.
    Expired,
    /// Its link never reached the till: nobody can pay it.
    LinkLost,
}

/// One thing that happened to an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum OrderEvent {
    /// It was intended.
    Drafted(Box<Draft>),
    /// It was made elsewhere and taken in, by a verified answer or a verified call of its gateway's.
    Adopted {
        /// What it is, as the answer and the person who took it in say, or the call.
        draft: Box<Draft>,
        /// The call.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ordered: Option<Box<Ordered>>,
    },
    /// Its one create leaves after this is durable.
    CreateSent,
    /// The create was answered readably.
    Created {
        /// The QR's text.
        link: Option<String>,
        /// Script bridge parameters.
        pay_info: Option<String>,
        /// An integrator's parameters.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        parameters: Option<String>,
        /// The script bridge that can be called with these.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bridge: Option<Bridge>,
        /// The gateway's number.
        gateway_no: Option<String>,
        /// Microseconds that the answer took.
        took: i64,
        /// SHA-256 of the raw answer, in hex.
        raw: Option<String>,
    },
    /// The create's outcome is unknown.
    CreateUnknown {
        /// Why.
        trouble: NoOutcome,
        /// SHA-256 of the raw answer, in hex.
        raw: Option<String>,
    },
    /// The gateway says unpaid.
    Unpaid(Box<Reported>),
    /// The gateway says that the customer is paying.
    Paying(Box<Reported>),
    /// Paid.
    Paid {
        /// What says so.
        reported: Box<Reported>,
        /// Minor units.
        paid_minor: i64,
        /// It had ended before.
        late: bool,
        /// The gateway's number that it goes by from here on: it went by another one, and was paid under this one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        under: Option<String>,
    },
    /// Ended unpaid: closed, failed or reversed.
    Ended {
        /// `closed`, `failed` or `reversed`.
        state: super::State,
        /// Why.
        reason: EndReason,
        /// What says so; none where the till itself decided (`never_created`, `expired_here`).
        reported: Option<Box<Reported>>,
        /// Questions since the event before, where no report says so.
        tally: Tally,
    },
    /// An authentic answer says paid and contradicts itself, or lacks what Paid needs; asked again.
    SelfContradiction(Box<Reported>),
    /// An authentic answer contradicts what was asked for.
    Disputed {
        /// What contradicts.
        reason: DisputeReason,
        /// What says so.
        reported: Box<Reported>,
    },
    /// The code goes off every screen, and the order is closed as soon as its gateway lets it.
    CloseRequested {
        /// Why.
        why: CloseWhy,
    },
    /// A close was answered.
    CloseAnswered {
        /// What the gateway said in a verified answer; none where nothing could be relied on.
        outcome: Option<CloseOutcome>,
        /// An error code.
        said: Option<Said>,
        /// SHA-256 of the raw answer, in hex.
        raw: Option<String>,
        /// Questions since the event before.
        tally: Tally,
    },
    /// The code goes off every screen, and the order is reversed as soon as its gateway lets it.
    ReverseRequested {
        /// Why.
        why: CloseWhy,
    },
    /// A reverse leaves after this is durable; each further one of this order rests on it, too.
    ReverseSent,
    /// A reverse was answered.
    ReverseAnswered {
        /// What the gateway said in a verified answer; none where nothing could be relied on.
        outcome: Option<ReverseOutcome>,
        /// An error code.
        said: Option<Said>,
        /// SHA-256 of the raw answer, in hex.
        raw: Option<String>,
        /// Questions since the event before.
        tally: Tally,
    },
    /// A person named the gateway's number, and a verified answer to a question by it names this order; or the gateway named it
    /// in a notification that states no state.
    GatewayNoNamed {
        /// The gateway's number.
        gateway_no: String,
        /// SHA-256 of the raw answer or notification, in hex; none in journals from before this was kept.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        raw: Option<String>,
    },
    /// A person is needed.
    AttentionRaised {
        /// Why.
        attention: Attention,
        /// The refund that a notice told of, where that is why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        elsewhere: Option<Box<BackElsewhere>>,
    },
    /// No longer needed.
    AttentionCleared {
        /// Which.
        attention: Attention,
    },
    /// A person has dealt with it.
    AttentionHandled {
        /// With what.
        attention: Attention,
        /// What they did.
        note: String,
    },
    /// Money is to go back: its number and its amount are set aside before anything is sent.
    RefundRequested {
        /// What is to go back.
        refund: Box<RefundDraft>,
    },
    /// A refund is to be sent again, under its own number.
    RefundAgain {
        /// Its number.
        refund_no: String,
        /// Who wants it.
        by: String,
        /// The second person.
        second: Option<String>,
    },
    /// A person took a refund back before it ever left.
    RefundWithdrawn {
        /// Its number.
        refund_no: String,
    },
    /// A refund leaves after this is durable.
    RefundSent {
        /// Its number.
        refund_no: String,
    },
    /// The gateway has taken a refund on.
    RefundProcessing {
        /// Its number.
        refund_no: String,
        /// What says so.
        reported: Box<RefundReported>,
    },
    /// The money of a refund is back.
    RefundSucceeded {
        /// Its number.
        refund_no: String,
        /// What says so.
        reported: Box<RefundReported>,
    },
    /// A refund came to nothing.
    RefundFailed {
        /// Its number.
        refund_no: String,
        /// What says so.
        reported: Box<RefundReported>,
    },
    /// A refund was sent, and nobody knows what became of it.
    RefundUnknown {
        /// Its number.
        refund_no: String,
        /// Why.
        trouble: NoOutcome,
        /// SHA-256 of the raw answer, in hex.
        raw: Option<String>,
    },
    /// An authentic answer about a refund contradicts what was asked for.
    RefundDisputed {
        /// Its number.
        refund_no: String,
        /// What says so.
        reported: Box<RefundReported>,
    },
    /// Two people put a mark beside the order: they saw proof that the till cannot get.
    MarkedByHand {
        /// The mark.
        mark: Box<HandMark>,
    },
    /// The gateway's word on what was marked by hand.
    MarkJudged {
        /// What was marked.
        what: Marked,
        /// The refund that the mark is of.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        refund_no: Option<String>,
        /// Whether it was right.
        verdict: Verdict,
    },
    /// A manager let the sale have a further order although this one stood in its way.
    FurtherOverruled {
        /// How it stood in the way.
        not_yet: NotYet,
    },
}

impl OrderEvent {
    /// Whether a question follows at once: the last one before a close, or the one that confirms or contradicts.
    #[must_use]
    pub fn is_asked_about(&self) -> bool {
        matches!(self, Self::CloseRequested { .. } | Self::SelfContradiction(_))
    }

    /// Whether money may be with the customer again by it.
    #[must_use]
    pub fn gives_back(&self) -> bool {
        matches!(self, Self::RefundSucceeded { .. } | Self::MarkedByHand { .. })
    }

    /// What the poller's memory held since the event before, where this one says it.
    #[must_use]
    pub fn tally(&self) -> Option<&Tally> {
        match self {
            Self::Unpaid(reported) | Self::Paying(reported) | Self::SelfContradiction(reported) => {
                Some(&reported.tally)
            }
            Self::Paid { reported, .. } | Self::Disputed { reported, .. } => Some(&reported.tally),
            Self::Ended { reported, tally, .. } => Some(reported.as_deref().map_or(tally, |reported| &reported.tally)),
            Self::CloseAnswered { tally, .. } | Self::ReverseAnswered { tally, .. } => Some(tally),
            Self::Drafted(_)
            | Self::Adopted { .. }
            | Self::CreateSent
            | Self::Created { .. }
            | Self::CreateUnknown { .. }
            | Self::CloseRequested { .. }
            | Self::ReverseRequested { .. }
            | Self::ReverseSent
            | Self::GatewayNoNamed { .. }
            | Self::AttentionRaised { .. }
            | Self::AttentionCleared { .. }
            | Self::AttentionHandled { .. }
            | Self::RefundRequested { .. }
            | Self::RefundAgain { .. }
            | Self::RefundWithdrawn { .. }
            | Self::RefundSent { .. }
            | Self::RefundProcessing { .. }
            | Self::RefundSucceeded { .. }
            | Self::RefundFailed { .. }
            | Self::RefundUnknown { .. }
            | Self::RefundDisputed { .. }
            | Self::MarkedByHand { .. }
            | Self::MarkJudged { .. }
            | Self::FurtherOverruled { .. } => None,
        }
    }

    /// The event's type as the journal writes it.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Drafted(_) => "drafted",
            Self::Adopted { .. } => "adopted",
            Self::CreateSent => "create_sent",
            Self::Created { .. } => "created",
            Self::CreateUnknown { .. } => "create_unknown",
            Self::Unpaid(_) => "unpaid",
            Self::Paying(_) => "paying",
            Self::Paid { .. } => "paid",
            Self::Ended { .. } => "ended",
            Self::SelfContradiction(_) => "self_contradiction",
            Self::Disputed { .. } => "disputed",
            Self::CloseRequested { .. } => "close_requested",
            Self::CloseAnswered { .. } => "close_answered",
            Self::ReverseRequested { .. } => "reverse_requested",
            Self::ReverseSent => "reverse_sent",
            Self::ReverseAnswered { .. } => "reverse_answered",
            Self::GatewayNoNamed { .. } => "gateway_no_named",
            Self::AttentionRaised { .. } => "attention_raised",
            Self::AttentionCleared { .. } => "attention_cleared",
            Self::AttentionHandled { .. } => "attention_handled",
            Self::RefundRequested { .. } => "refund_requested",
            Self::RefundAgain { .. } => "refund_again",
            Self::RefundWithdrawn { .. } => "refund_withdrawn",
            Self::RefundSent { .. } => "refund_sent",
            Self::RefundProcessing { .. } => "refund_processing",
            Self::RefundSucceeded { .. } => "refund_succeeded",
            Self::RefundFailed { .. } => "refund_failed",
            Self::RefundUnknown { .. } => "refund_unknown",
            Self::RefundDisputed { .. } => "refund_disputed",
            Self::MarkedByHand { .. } => "marked_by_hand",
            Self::MarkJudged { .. } => "mark_judged",
            Self::FurtherOverruled { .. } => "further_overruled",
        }
    }
}
