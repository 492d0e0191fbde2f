//! What a process ends with (design.md section 8).

use std::process::ExitCode;
use till_core::error::{Code, Refusal};
use till_core::order::State;
use till_core::order::refund::RefundState;

/// How a command ended; of several the later in this list is the gravest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Exit {
    /// Done.
    Done,
    /// Usage, or input that is refused.
    Refused,
    /// Ended, but not as wanted.
    EndedOtherwise,
    /// Not ended, or not known yet.
    NotYet,
    /// Something unexpected.
    Unexpected,
    /// Keyring, settings, folder, disk, PIN, lock-out, rights, or a till that does not answer.
    Machine,
    /// A journal that is damaged, newer, or not what it should be.
    Journal,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Unexpected => 1,
            Exit::Refused => 2,
            Exit::EndedOtherwise => 3,
            Exit::NotYet => 4,
            Exit::Machine => 5,
            Exit::Journal => 6,
        })
    }
}

impl Exit {
    /// Of a refusal.
    #[expect(clippy::too_many_lines, reason = "a total table, one row a code")]
    pub(super) fn of(refusal: &Refusal) -> Self {
        match refusal.code {
            Code::AmountEmpty
            | Code::AmountDecimals
            | Code::AmountGrouped
            | Code::AmountNegative
            | Code::AmountNotANumber
            | Code::AmountZero
            | Code::AmountOverLimit
            | Code::UnknownAccount
            | Code::AccountRetired
            | Code::AccountIncomplete
            | Code::UnknownChannel
            | Code::ChannelFieldMissing
            | Code::ChannelOneOfMissing
            | Code::ChannelFieldBad
            | Code::ChannelFieldChoice
            | Code::ValueDoesNotFit
            | Code::ValueEmpty
            | Code::ValueTooLong
            | Code::TextHoldsFieldName
            | Code::ExpireOutOfRange
            | Code::FurtherOrderNotYet
            | Code::OtherAmount
            | Code::OtherCurrency
            | Code::UnknownOrder
            | Code::GatewayCannot
            | Code::NumberNotNeeded
            | Code::AdoptsNothing
            | Code::PaymentCodeBad
            | Code::PaymentCodeNotTaken
            | Code::LinesDoNotAddUp
            | Code::NumberOfAnother
            | Code::UnknownGateway
            | Code::BadAccountName
            | Code::AccountNameTaken
            | Code::AccountNameKept
            | Code::UnknownField
            | Code::SecretField
            | Code::SecretUnusable
            | Code::BadValue
            | Code::BadListEntry
            | Code::BadAddress
            | Code::AddressNotReached
            | Code::AccountHasOpenOrders
            | Code::MerchantHasOpenOrders
            | Code::RefundNotPaid
            | Code::RefundInDispute
            | Code::RefundOverCeiling
            | Code::RefundNothingLeft
            | Code::RefundLineNotLeft
            | Code::RefundUnknownBefore
            | Code::RefundAgainBefore
            | Code::RefundFailedBefore
            | Code::RefundFailedAlone
            | Code::RefundWaitsBefore
            | Code::RefundReasonTooLong
            | Code::RefundReasonNotOneLine
            | Code::RefundReasonHidden
            | Code::RefundOverLimit
            | Code::RefundOverDay
            | Code::RefundTooOld
            | Code::ReasonNeeded
            | Code::RefundLinesNeeded
            | Code::RefundLinesUnknown
            | Code::RefundLinesDoNotAddUp
            | Code::UnknownRefund
            | Code::RefundNotAgain
            | Code::RefundLeft
            | Code::RefundElsewhere
            | Code::RefundedElsewhereFirst
            | Code::MarkNotNeeded
            | Code::NoteNeeded
            | Code::AttentionNotThere
            | Code::OperatorUnknown
            | Code::OperatorNameTaken
            | Code::BadOperatorName
            | Code::BadPin
            | Code::LastManager
            | Code::SecondPersonNeeded
            | Code::SecondPersonSame
            | Code::LimitsBad
            | Code::FolderTaken
            | Code::FileTaken
            | Code::DaysReversed
            | Code::BackupTaken
            | Code::BackupFolderSynced
            | Code::BackupOfAnother
            | Code::BackupOfUnknown
            | Code::BackupIsTraining
            | Code::BackupIsReal
            | Code::NothingSoNamed
            | Code::ReceiverListenBad
            | Code::ReceiverAddressBad
            | Code::ReceiverProxyBad
            | Code::BadRequest => Self::Refused,
            Code::OrderEnded => Self::EndedOtherwise,
            Code::NotConfirmed
            | Code::AnswerDoesNotFit
            | Code::AnswerNamesNoOrder
            | Code::NotVerified
            | Code::RefundNotLookedAt
            | Code::RefundOrderNotThere
            | Code::RefundAfterRestore
            | Code::SignatureStale
            | Code::AnswerLost
            | Code::ExportCancelled
            | Code::OutsideNotAsked
            | Code::OutsideUnreachable
            | Code::OutsideUntrusted
            | Code::OutsideTimedOut
            | Code::OutsideRedirected
            | Code::OutsideRefused
            | Code::OutsideAnotherAnswers
            | Code::OutsideAnswerChanged
            | Code::TicketNotHad
            | Code::ReceiverNotRunning
            | Code::ReceiverHasNoListen
            | Code::ReceiverProxyUnnamed
            | Code::ReceiverSourceUnread
            | Code::ReceiverProxySilent
            | Code::ReceiverStrangerUnread
            | Code::CatalogueUnusable
            | Code::NotificationsUnverified
            | Code::NotificationsRefused => Self::NotYet,
            Code::MissingRight
            | Code::PinNeeded
            | Code::PinWrong
            | Code::PinOutdated
            | Code::LockedOut
            | Code::PinReplaced
            | Code::KeyringAbsent
            | Code::KeyringLocked
            | Code::KeyringFailed
            | Code::PinsLost
            | Code::SealGone
            | Code::DiskFull
            | Code::DiskLow
            | Code::JournalOfOtherKind
            | Code::FolderReadOnly
            | Code::SettingsBroken
            | Code::TillInUse
            | Code::TillElsewhere
            | Code::ClockWrong
            | Code::CustomerScreenGone
            | Code::NoDisplay
            | Code::ReceiverNotListening
            | Code::NotificationsNotKept
            | Code::BackupFailed
            | Code::JournalRestored
            | Code::FileFailed => Self::Machine,
            Code::JournalDamaged
            | Code::JournalUnopenable
            | Code::JournalPartUnreadable
            | Code::JournalNotWhole
            | Code::JournalCannotRecord
            | Code::JournalNewer
            | Code::BackupDamaged => Self::Journal,
            Code::Unexpected => Self::Unexpected,
        }
    }

    /// Of a refund that was to succeed.
    pub(super) fn refunded(state: RefundState) -> Self {
        match state {
            RefundState::Succeeded => Self::Done,
            RefundState::Failed | RefundState::Withdrawn => Self::EndedOtherwise,
            RefundState::Requested | RefundState::Sent | RefundState::Processing | RefundState::Unknown => Self::NotYet,
        }
    }

    /// Of a refund that was to be accepted.
    pub(super) fn accepted(state: RefundState) -> Self {
        match state {
            RefundState::Processing => Self::Done,
            other => Self::refunded(other),
        }
    }

    /// Of an order that was to be paid.
    pub(super) fn paid(state: State) -> Self {
        match state {
            State::Paid => Self::Done,
            State::Closed | State::Failed | State::Reversed => Self::EndedOtherwise,
            State::Drafted
            | State::Creating
            | State::CreateUnknown
            | State::AwaitingPayment
            | State::Paying
            | State::Expiring
            | State::Disputed => Self::NotYet,
        }
    }

    /// Of an order whose create was to be answered.
    pub(super) fn created(state: State) -> Self {
        match state {
            State::AwaitingPayment | State::Paying => Self::Done,
            other => Self::paid(other),
        }
    }

    /// Of an order that was to be reversed.
    pub(super) fn reversed(state: State) -> Self {
        match state {
            State::Reversed => Self::Done,
            State::Paid => Self::EndedOtherwise,
            other => Self::paid(other),
        }
    }

    /// Of an order that was to be closed.
    pub(super) fn closed(state: State) -> Self {
        match state {
            State::Closed => Self::Done,
            State::Paid => Self::EndedOtherwise,
            other => Self::paid(other),
        }
    }
}
