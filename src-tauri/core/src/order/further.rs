//! When a sale may have a further order (design.md section 4).

use super::{Order, State};
use crate::gateway::descriptor::Presented;
use serde::{Deserialize, Serialize};

/// Why a further order must wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum NotYet {
    /// The create is under way: its code may still appear.
    BeingCreated,
    /// The code is on a screen: take it off first.
    CodeShown,
    /// The code was taken off; the gateway has not yet confirmed "unpaid" to a question sent after that.
    Unconfirmed,
    /// The customer is paying.
    Paying,
    /// An answer contradicts what was asked for.
    Disputed,
    /// A payment code was sent: only its end allows another.
    PaymentCodeSent,
    /// It was made elsewhere: only its end allows another.
    MadeElsewhere,
    /// The sale is for another amount.
    OtherAmount,
    /// The sale is paid.
    AlreadyPaid,
}

impl NotYet {
    /// The word in errors and in `--json`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::BeingCreated => "being_created",
            Self::CodeShown => "code_shown",
            Self::Unconfirmed => "unconfirmed",
            Self::Paying => "paying",
            Self::Disputed => "disputed",
            Self::PaymentCodeSent => "payment_code_sent",
            Self::MadeElsewhere => "made_elsewhere",
            Self::OtherAmount => "other_amount",
            Self::AlreadyPaid => "already_paid",
        }
    }
}

/// Whether a manager may let a further order pass although `previous` stands in its way as `not_yet` says: two payments of one
/// sale can follow, which is then an attention. Not while a code is or may come onto a screen, nor once the sale is paid: there
/// the way is another one.
#[must_use]
pub fn may_overrule(previous: &Order, not_yet: NotYet) -> bool {
    match not_yet {
        NotYet::Unconfirmed | NotYet::Disputed | NotYet::PaymentCodeSent | NotYet::MadeElsewhere => true,
        NotYet::Paying => previous.qr_off.is_some(),
        NotYet::BeingCreated | NotYet::CodeShown | NotYet::OtherAmount | NotYet::AlreadyPaid => false,
    }
}

/// Whether the sale of `previous` may have a further order.
///
/// Allowed when it (a) has ended unpaid; or (b) is merchant-presented and its link never reached the till; or (c) had its
/// code taken off every screen and a question sent after that was answered with a verified Unpaid.
pub fn further_order(previous: &Order) -> Result<(), NotYet> {
    match previous.state {
        State::Closed | State::Failed | State::Reversed => return Ok(()),
        State::Paid => return Err(NotYet::AlreadyPaid),
        State::Disputed => return Err(NotYet::Disputed),
        State::Drafted | State::Creating => return Err(NotYet::BeingCreated),
        State::CreateUnknown | State::AwaitingPayment | State::Paying | State::Expiring => {}
    }
    match previous.draft.presented {
        Presented::Consumer => return Err(NotYet::PaymentCodeSent),
        Presented::Elsewhere => return Err(NotYet::MadeElsewhere),
        Presented::Merchant => {}
    }
    if !previous.has_link() {
        return Ok(());
    }
    match (previous.state, previous.qr_off) {
        (State::Paying, _) => Err(NotYet::Paying),
        (_, None) => Err(NotYet::CodeShown),
        (_, Some(_)) if previous.unpaid_after_qr_off => Ok(()),
        (_, Some(_)) => Err(NotYet::Unconfirmed),
    }
}
