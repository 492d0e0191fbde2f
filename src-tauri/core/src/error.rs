//! What people are told when something does not go: one code per thing that a screen treats differently.

mod file_cause;
mod sentence;
pub mod words;

pub use file_cause::FileCause;
pub use sentence::{NO_WHOLE_JOURNAL, Sentences};

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A code of an error that people see. Written in `snake_case` everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// No amount was typed.
    AmountEmpty,
    /// More than two decimals.
    AmountDecimals,
    /// A grouping mark in the amount.
    AmountGrouped,
    /// A negative amount.
    AmountNegative,
    /// Not an amount.
    AmountNotANumber,
    /// Zero.
    AmountZero,
    /// Above the channel's limit. Facts: `limit`.
    AmountOverLimit,
    /// No account of that name. Facts: `name`.
    UnknownAccount,
    /// The account was taken out of use. Facts: `name`.
    AccountRetired,
    /// The account lacks a field or secret; `secret` is `true` or `false`. Facts: `name`, `field`, `secret`.
    AccountIncomplete,
    /// The gateway has no such channel. Facts: `channel`.
    UnknownChannel,
    /// The channel needs a field that was not given. Facts: `field`.
    ChannelFieldMissing,
    /// The channel needs one of several fields, and none was given. Facts: `fields`.
    ChannelOneOfMissing,
    /// A field that the channel does not take, or not with this value. Facts: `field`.
    ChannelFieldBad,
    /// A channel's or an account's field has a value that is none of its choices. Facts: `field`, `values`.
    ChannelFieldChoice,
    /// A text is longer than the gateway takes. Facts: `field`.
    ValueDoesNotFit,
    /// Nothing was typed where something must be. Facts: `field`.
    ValueEmpty,
    /// A text has more characters than are sent. Facts: `field`, `limit`.
    ValueTooLong,
    /// A text holds the name of a field of the gateway's notifications. Facts: `field`, `word`.
    TextHoldsFieldName,
    /// The expiry is not between 60 and 7,200 seconds.
    ExpireOutOfRange,
    /// A further order of this sale is not allowed yet. Facts: `why`, `seconds`.
    FurtherOrderNotYet,
    /// The sale is for another amount, or in another currency. Facts: `amount`, `currency`.
    OtherAmount,
    /// The amount was shown in another currency than the account takes. Facts: `name`, `shown`, `taken`.
    OtherCurrency,
    /// No order of that number. Facts: `order_no`.
    UnknownOrder,
    /// The order has ended; there is nothing to close. Facts: `order_no`.
    OrderEnded,
    /// The gateway cannot do that. Facts: `what`.
    GatewayCannot,
    /// The order is asked about without a person naming the gateway's number. Facts: `order_no`.
    NumberNotNeeded,
    /// The account's gateway has no orders that are made elsewhere. Facts: `name`.
    AdoptsNothing,
    /// The channel needs the customer's payment code, or cannot use what was read.
    PaymentCodeBad,
    /// A payment code came with a channel that takes none. Facts: `channel`.
    PaymentCodeNotTaken,
    /// The lines named do not add up to the amount, or are not those that the order has.
    LinesDoNotAddUp,
    /// A line that the order does not have, or not so much of it any more. Facts: `line`.
    RefundLineNotLeft,
    /// The number that a person typed belongs to another order. Facts: `number`.
    NumberOfAnother,
    /// The gateway's answer about the number that a person typed names the order and contradicts or lacks something of it. Facts: `number`, `doubt`.
    AnswerDoesNotFit,
    /// The gateway's answer about the number that a person typed names no order. Facts: `number`.
    AnswerNamesNoOrder,
    /// The gateway did not confirm what a person typed, and the number may be why. Facts: `reason`, `name`; of an error also `code`, `reaction`.
    NotConfirmed,
    /// No answer came that could confirm what a person typed, for a reason that is not the number. Facts: `reason`, `name`; of an error also `code`, `reaction`.
    NotVerified,
    /// The answer about what a person typed is rightly signed, at a time too far from the gateway's as the till knows it. Facts: `seconds`, `name`.
    SignatureStale,
    /// No gateway of that name. Facts: `name`.
    UnknownGateway,
    /// A name that an account cannot have. Facts: `name`.
    BadAccountName,
    /// The name is taken. Facts: `name`.
    AccountNameTaken,
    /// The name is that of an account that was taken out of use: its orders keep it. Facts: `name`.
    AccountNameKept,
    /// The gateway's accounts have no such field. Facts: `field`, `fields`, those that there are.
    UnknownField,
    /// A secret came in with the other fields. Facts: `field`.
    SecretField,
    /// A secret that cannot be used as it is. Facts: `field`, `reason`.
    SecretUnusable,
    /// A value does not fit its field. Facts: `field`.
    BadValue,
    /// A field takes a list of numbers, and an entry is none. Facts: `field`, `entry`.
    BadListEntry,
    /// An address is not absolute, or plain `http` to another machine.
    BadAddress,
    /// The gateway's final answer on orders or refunds of the account is awaited.
    /// Facts: `name`, `count`, of the orders, `refunds`, how many of them.
    AccountHasOpenOrders,
    /// The gateway's final answer on orders of the account that it knows, or on refunds, is awaited: it cannot become another merchant's.
    /// Facts: `name`, `count`, of the orders, `refunds`, how many of them.
    MerchantHasOpenOrders,
    /// The actor may not do that. Facts: `action`.
    MissingRight,
    /// Nobody of that name is at this till. Facts: `name`.
    OperatorUnknown,
    /// The name is, or was, somebody's. Facts: `name`.
    OperatorNameTaken,
    /// A name that nobody can have. Facts: `name`.
    BadOperatorName,
    /// Not 4 to 12 digits, or one digit over and over.
    BadPin,
    /// A PIN was asked for and not given. Facts: `name`.
    PinNeeded,
    /// The PIN is wrong. Facts: `name`, `left`.
    PinWrong,
    /// The PIN was set under a pepper that the keyring no longer holds: right or wrong, nobody can tell. Facts: `name`.
    PinOutdated,
    /// Too many wrong PINs; a right one is not looked at either. Facts: `name`, `minutes`.
    LockedOut,
    /// The last manager cannot go.
    LastManager,
    /// So much of one order, with what went back of it before, that a second person has to agree.
    /// Facts: `above`, `currency`, `again`.
    SecondPersonNeeded,
    /// The second person is the first.
    SecondPersonSame,
    /// A limit that makes no sense. Facts: `field`, `values`, those that it can have.
    LimitsBad,
    /// A notice: a PIN was replaced by whoever owns the machine. Facts: `name`, `day`.
    PinReplaced,
    /// There is no keyring service.
    KeyringAbsent,
    /// The keyring is locked, or its service has no default keyring yet.
    KeyringLocked,
    /// The keyring failed.
    KeyringFailed,
    /// The keyring does not hold what the PINs were made with.
    PinsLost,
    /// A notice: the keyring does not hold the till's signing key, or another one.
    SealGone,
    /// The disk is full.
    DiskFull,
    /// There is little space left for the journal. Facts: `left`.
    DiskLow,
    /// The folder cannot be written. Facts: `folder`.
    FolderReadOnly,
    /// The journal is damaged. Facts: `place`, an event's number or the file.
    JournalDamaged,
    /// The journal cannot be opened, not even to be read. Facts: `place`.
    JournalUnopenable,
    /// Part of the journal cannot be read and stands still, nothing else does. Facts: `part`, a subject or an event's number.
    JournalPartUnreadable,
    /// A verification found the journal changed behind what opening checks; the till goes on. Facts: `place`.
    JournalNotWhole,
    /// The journal's file turned out to be damaged while the till runs. Facts: `place`.
    JournalCannotRecord,
    /// A practice till's folder was opened as a real till's, or the other way round.
    JournalOfOtherKind,
    /// The journal was written by a newer version. Facts: `found`, `known`.
    JournalNewer,
    /// `settings.toml` cannot be read or written. Facts: `place`.
    SettingsBroken,
    /// Another till uses this folder and does not answer.
    TillInUse,
    /// Another process has the till of this folder and is well.
    TillElsewhere,
    /// This computer's clock and the gateway's differ. Facts: `seconds`.
    ClockWrong,
    /// The monitor that showed the customer's window is gone.
    CustomerScreenGone,
    /// No display can be reached, and the window needs one.
    NoDisplay,
    /// The address of an account is none that this till sends to: training stays within this computer. Facts: `name`.
    AddressNotReached,
    /// No address with a port that the receiver could listen on.
    ReceiverListenBad,
    /// No address that a gateway could be told as the receiver's.
    ReceiverAddressBad,
    /// No IP address that could be a proxy's.
    ReceiverProxyBad,
    /// The receiver's address could not be had: nothing is received. Facts: `listen`, `cause`.
    ReceiverNotListening,
    /// The settings say where to receive, and no process that runs does. Facts: `listen`.
    ReceiverNotRunning,
    /// The settings name a public address, and none to listen on: nothing is received. Facts: `address`.
    ReceiverHasNoListen,
    /// Requests come through a proxy that the settings do not name: all of them count as one source. Facts: `proxy`.
    ReceiverProxyUnnamed,
    /// What comes from there is not read for up to a minute: too much of it was refused. Facts: `source`.
    ReceiverSourceUnread,
    /// The same of the proxy that the settings name, which does not say for whom it passes on. Facts: `proxy`.
    ReceiverProxySilent,
    /// The same of somebody for whom the proxy that the settings name passes on. Facts: `source`.
    ReceiverStrangerUnread,
    /// The till sends nothing to its own public address. Facts: `address`.
    OutsideNotAsked,
    /// Nothing takes a connection at the public address. Facts: `address`.
    OutsideUnreachable,
    /// The certificate at the public address is not accepted. Facts: `address`.
    OutsideUntrusted,
    /// No answer came from the public address in time. Facts: `address`.
    OutsideTimedOut,
    /// The public address leads on to another one. Facts: `address`.
    OutsideRedirected,
    /// An error was answered at the public address, and nothing came in here. Facts: `address`, `status`.
    OutsideRefused,
    /// Somebody else answers at the public address. Facts: `address`.
    OutsideAnotherAnswers,
    /// What was sent to the public address came in here, and its answer did not come back as it left. Facts: `address`.
    OutsideAnswerChanged,
    /// The official account's server gave no ticket: pages of the Hong Kong wallet cannot be signed. Facts: `name`.
    TicketNotHad,
    /// The account's list of prices cannot be used: orders by voice are refused. Facts: `name`, `file`.
    CatalogueUnusable,
    /// Notifications to the account could not be looked into or stored by this computer. Facts: `name`.
    NotificationsNotKept,
    /// The newest notifications to the account were not signed, or wrongly. Facts: `name`.
    NotificationsUnverified,
    /// None of the notifications to the account was taken. Facts: `name`.
    NotificationsRefused,
    /// No payment of the order is booked: nothing can go back. Facts: none.
    RefundNotPaid,
    /// An answer contradicts the order: nothing can go back before a later one settles that. Facts: none.
    RefundInDispute,
    /// More than what is left of the payment. Facts: `left`, `currency`.
    RefundOverCeiling,
    /// All of the payment went back, is on its way or is set aside.
    RefundNothingLeft,
    /// What became of an earlier refund is not known. Facts: `refund_no`.
    RefundUnknownBefore,
    /// An earlier refund failed and keeps its amount for being sent again under its number; what it leaves is less, or was not named.
    /// Facts: `order_no`, `refund_no`, `amount`, `left`.
    RefundFailedBefore,
    /// The same, and nothing is left beside it. Facts: `order_no`, `refund_no`, `amount`.
    RefundFailedAlone,
    /// No answer that counts came about the order of a refund that is to be sent again: it was not.
    /// Facts: `refund_no`, `reason`, `code`, `reaction`.
    RefundNotLookedAt,
    /// The gateway says that it does not have the order of a refund that is to be sent again: it was not.
    /// Facts: `refund_no`, `reason`, `code`, `reaction`.
    RefundOrderNotThere,
    /// The order was paid before the journal was restored, and no answer that counts came about it: no refund was made.
    /// Facts: `reason`, `code`, `reaction`.
    RefundAfterRestore,
    /// An earlier refund has not left yet. Facts: `refund_no`.
    RefundWaitsBefore,
    /// A refund of the order is sent once more: no other one before its outcome is known. Facts: `refund_no`.
    RefundAgainBefore,
    /// The reason is longer than the gateway takes. Facts: `limit`, bytes.
    RefundReasonTooLong,
    /// The reason holds a line break, a tab or another control character, by its number in Unicode. Facts: `letter`.
    RefundReasonNotOneLine,
    /// The reason holds a character that shows nothing or turns the direction of the text, by its number in Unicode. Facts: `letter`.
    RefundReasonHidden,
    /// More than one refund may be; `again` is `true` where it may have left before. Facts: `limit`, `currency`, `again`.
    RefundOverLimit,
    /// More than one person may give back in a day; `again` as above. Facts: `limit`, `currency`, `left`, `again`.
    RefundOverDay,
    /// The payment is older than refunds are made of; `again` as above. Facts: `days`, `again`.
    RefundTooOld,
    /// A refund needs a reason; `again` as above. Facts: `again`.
    ReasonNeeded,
    /// The gateway goes by lines, and none were named.
    RefundLinesNeeded,
    /// The same of an order whose lines nobody knows here: it was taken in without any.
    RefundLinesUnknown,
    /// The lines of a refund do not add up to its amount.
    RefundLinesDoNotAddUp,
    /// No refund of that number. Facts: `refund_no`.
    UnknownRefund,
    /// The refund cannot be sent again. Facts: `refund_no`.
    RefundNotAgain,
    /// The refund has left and cannot be taken back. Facts: `refund_no`.
    RefundLeft,
    /// The gateway gives nothing back through its interface. Facts: `gateway`.
    RefundElsewhere,
    /// Money went back elsewhere: a person looks first.
    RefundedElsewhereFirst,
    /// There is nothing for such a mark to say. Facts: `order_no`.
    MarkNotNeeded,
    /// A mark or a settled attention needs a note.
    NoteNeeded,
    /// The order needs nobody for that any more. Facts: `order_no`.
    AttentionNotThere,
    /// The till stopped while this was being done.
    AnswerLost,
    /// The input is not understood. Facts: `reason`.
    BadRequest,
    /// A file or folder could not be written or read. Facts: `file`, `cause`.
    FileFailed,
    /// An export goes into a new folder, and this one is there. Facts: `folder`.
    FolderTaken,
    /// What is written goes into a new file, and this one is there. Facts: `file`.
    FileTaken,
    /// The first day lies after the last. Facts: `from`, `to`.
    DaysReversed,
    /// A backup goes into a new file, and this one is there. Facts: `file`.
    BackupTaken,
    /// A program keeps the folder in step with others elsewhere. Facts: `folder`, `client`.
    BackupFolderSynced,
    /// The backup does not verify. Facts: `file`, `place`.
    BackupDamaged,
    /// The backup is another till's. Facts: `file`, `theirs`, `ours`.
    BackupOfAnother,
    /// Nothing here tells whether the backup is this till's. Facts: `file`, `theirs`.
    BackupOfUnknown,
    /// The backup is training's, and this is a real till. Facts: `file`.
    BackupIsTraining,
    /// The backup is a real till's, and this is training. Facts: `file`.
    BackupIsReal,
    /// A notice: the daily backup was not made. Facts: `folder`, `cause`.
    BackupFailed,
    /// A notice: a backup was put in the journal's place, and something after it is gone. Facts: `day`, `until`, `open`.
    JournalRestored,
    /// Nothing in the journal goes by this name. Facts: `name`.
    NothingSoNamed,
    /// An export was given up before it was whole.
    ExportCancelled,
    /// Something unexpected. Facts: `incident`.
    Unexpected,
}

impl Code {
    /// Every code.
    pub const ALL: [Self; 157] = [
        Self::AmountEmpty,
        Self::AmountDecimals,
        Self::AmountGrouped,
        Self::AmountNegative,
        Self::AmountNotANumber,
        Self::AmountZero,
        Self::AmountOverLimit,
        Self::UnknownAccount,
        Self::AccountRetired,
        Self::AccountIncomplete,
        Self::UnknownChannel,
        Self::ChannelFieldMissing,
        Self::ChannelOneOfMissing,
        Self::ChannelFieldBad,
        Self::ChannelFieldChoice,
        Self::ValueDoesNotFit,
        Self::ValueEmpty,
        Self::ValueTooLong,
        Self::TextHoldsFieldName,
        Self::ExpireOutOfRange,
        Self::FurtherOrderNotYet,
        Self::OtherAmount,
        Self::OtherCurrency,
        Self::UnknownOrder,
        Self::OrderEnded,
        Self::GatewayCannot,
        Self::NumberNotNeeded,
        Self::AdoptsNothing,
        Self::PaymentCodeBad,
        Self::PaymentCodeNotTaken,
        Self::LinesDoNotAddUp,
        Self::RefundLineNotLeft,
        Self::NumberOfAnother,
        Self::AnswerDoesNotFit,
        Self::AnswerNamesNoOrder,
        Self::NotConfirmed,
        Self::NotVerified,
        Self::SignatureStale,
        Self::UnknownGateway,
        Self::BadAccountName,
        Self::AccountNameTaken,
        Self::AccountNameKept,
        Self::UnknownField,
        Self::SecretField,
        Self::SecretUnusable,
        Self::BadValue,
        Self::BadListEntry,
        Self::BadAddress,
        Self::AccountHasOpenOrders,
        Self::MerchantHasOpenOrders,
        Self::MissingRight,
        Self::OperatorUnknown,
        Self::OperatorNameTaken,
        Self::BadOperatorName,
        Self::BadPin,
        Self::PinNeeded,
        Self::PinWrong,
        Self::PinOutdated,
        Self::LockedOut,
        Self::LastManager,
        Self::SecondPersonNeeded,
        Self::SecondPersonSame,
        Self::LimitsBad,
        Self::PinReplaced,
        Self::KeyringAbsent,
        Self::KeyringLocked,
        Self::KeyringFailed,
        Self::PinsLost,
        Self::SealGone,
        Self::DiskFull,
        Self::DiskLow,
        Self::FolderReadOnly,
        Self::JournalDamaged,
        Self::JournalUnopenable,
        Self::JournalPartUnreadable,
        Self::JournalNotWhole,
        Self::JournalCannotRecord,
        Self::JournalOfOtherKind,
        Self::JournalNewer,
        Self::SettingsBroken,
        Self::TillInUse,
        Self::TillElsewhere,
        Self::ClockWrong,
        Self::CustomerScreenGone,
        Self::NoDisplay,
        Self::AddressNotReached,
        Self::ReceiverListenBad,
        Self::ReceiverAddressBad,
        Self::ReceiverProxyBad,
        Self::ReceiverNotListening,
        Self::ReceiverNotRunning,
        Self::ReceiverHasNoListen,
        Self::ReceiverProxyUnnamed,
        Self::ReceiverSourceUnread,
        Self::ReceiverProxySilent,
        Self::ReceiverStrangerUnread,
        Self::OutsideNotAsked,
        Self::OutsideUnreachable,
        Self::OutsideUntrusted,
        Self::OutsideTimedOut,
        Self::OutsideRedirected,
        Self::OutsideRefused,
        Self::OutsideAnotherAnswers,
        Self::OutsideAnswerChanged,
        Self::TicketNotHad,
        Self::CatalogueUnusable,
        Self::NotificationsNotKept,
        Self::NotificationsUnverified,
        Self::NotificationsRefused,
        Self::RefundNotPaid,
        Self::RefundInDispute,
        Self::RefundOverCeiling,
        Self::RefundNothingLeft,
        Self::RefundUnknownBefore,
        Self::RefundFailedBefore,
        Self::RefundFailedAlone,
        Self::RefundNotLookedAt,
        Self::RefundOrderNotThere,
        Self::RefundAfterRestore,
        Self::RefundWaitsBefore,
        Self::RefundAgainBefore,
        Self::RefundReasonTooLong,
        Self::RefundReasonNotOneLine,
        Self::RefundReasonHidden,
        Self::RefundOverLimit,
        Self::RefundOverDay,
        Self::RefundTooOld,
        Self::ReasonNeeded,
        Self::RefundLinesNeeded,
        Self::RefundLinesUnknown,
        Self::RefundLinesDoNotAddUp,
        Self::UnknownRefund,
        Self::RefundNotAgain,
        Self::RefundLeft,
        Self::RefundElsewhere,
        Self::RefundedElsewhereFirst,
        Self::MarkNotNeeded,
        Self::NoteNeeded,
        Self::AttentionNotThere,
        Self::AnswerLost,
        Self::BadRequest,
        Self::FileFailed,
        Self::FolderTaken,
        Self::FileTaken,
        Self::DaysReversed,
        Self::BackupTaken,
        Self::BackupFolderSynced,
        Self::BackupDamaged,
        Self::BackupOfAnother,
        Self::BackupOfUnknown,
        Self::BackupIsTraining,
        Self::BackupIsReal,
        Self::BackupFailed,
        Self::JournalRestored,
        Self::NothingSoNamed,
        Self::ExportCancelled,
        Self::Unexpected,
    ];

    /// Whether the till can send nothing for as long as it says this.
    #[must_use]
    pub const fn hinders_sending(self) -> bool {
        matches!(
            self,
            Self::KeyringAbsent | Self::KeyringLocked | Self::KeyringFailed | Self::DiskFull | Self::FolderReadOnly
        )
    }
}

/// An error as it leaves the engine: a code and the facts that its sentence names. Never a secret, never a chain of causes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type, thiserror::Error)]
#[error("{code:?} {facts:?}")]
pub struct Refusal {
    /// What kind.
    pub code: Code,
    /// Values for the sentence's placeholders.
    pub facts: BTreeMap<String, String>,
}

impl Refusal {
    /// A refusal without facts.
    #[must_use]
    pub fn of(code: Code) -> Self {
        Self { code, facts: BTreeMap::new() }
    }

    /// The refusal with one more fact.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "callers hand over literals, numbers and owned texts alike")]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.facts.insert(name.to_owned(), value.to_string());
        self
    }

    /// An account lacks `field`, which is a `secret` or is not.
    #[must_use]
    pub fn incomplete(field: &str, secret: bool) -> Self {
        Self::of(Code::AccountIncomplete).with("field", field).with("secret", secret)
    }
}

impl From<crate::money::AmountRefusal> for Refusal {
    fn from(refusal: crate::money::AmountRefusal) -> Self {
        use crate::money::{AmountRefusal, Currency, Money};
        match refusal {
            AmountRefusal::Empty => Self::of(Code::AmountEmpty),
            AmountRefusal::Decimals => Self::of(Code::AmountDecimals),
            AmountRefusal::Grouped => Self::of(Code::AmountGrouped),
            AmountRefusal::Negative => Self::of(Code::AmountNegative),
            AmountRefusal::NotAnAmount => Self::of(Code::AmountNotANumber),
            AmountRefusal::Zero => Self::of(Code::AmountZero),
            AmountRefusal::OverLimit { limit_minor } => {
                Self::of(Code::AmountOverLimit).with("limit", Money { minor: limit_minor, currency: Currency::Cny })
            }
        }
    }
}

impl From<crate::account::AccountRefusal> for Refusal {
    fn from(refusal: crate::account::AccountRefusal) -> Self {
        use crate::account::AccountRefusal;
        match refusal {
            AccountRefusal::UnknownGateway => Self::of(Code::UnknownGateway),
            AccountRefusal::BadName => Self::of(Code::BadAccountName),
            AccountRefusal::NameTaken => Self::of(Code::AccountNameTaken),
            AccountRefusal::NameKept => Self::of(Code::AccountNameKept),
            AccountRefusal::UnknownField(field, known) => {
                Self::of(Code::UnknownField).with("field", field).with("fields", known.join(", "))
            }
            AccountRefusal::SecretField(field) => Self::of(Code::SecretField).with("field", field),
            AccountRefusal::BadValue(field) => Self::of(Code::BadValue).with("field", field),
            AccountRefusal::NotOneOf(field, choices) => {
                Self::of(Code::ChannelFieldChoice).with("field", field).with("values", choices.join(" / "))
            }
            AccountRefusal::NoNumber(field, entry) => {
                Self::of(Code::BadListEntry).with("field", field).with("entry", entry)
            }
            AccountRefusal::BadAddress => Self::of(Code::BadAddress),
        }
    }
}

impl From<crate::gateway::Unbuildable> for Refusal {
    fn from(unbuildable: crate::gateway::Unbuildable) -> Self {
        use crate::gateway::Unbuildable;
        match unbuildable {
            Unbuildable::AccountField(field) => Self::incomplete(field, false),
            Unbuildable::Secret(field) => Self::incomplete(field, true),
            Unbuildable::ExtraField(field) => Self::of(Code::ChannelFieldMissing).with("field", field),
            Unbuildable::OneOf(fields) => Self::of(Code::ChannelOneOfMissing).with("fields", fields.join(" / ")),
            Unbuildable::BadExtra(field) => Self::of(Code::ChannelFieldBad).with("field", field),
            Unbuildable::NoChoice { field, choices } => {
                Self::of(Code::ChannelFieldChoice).with("field", field).with("values", choices.join(" / "))
            }
            Unbuildable::BadValue(field) => Self::of(Code::ValueDoesNotFit).with("field", field),
            Unbuildable::TooLong { field, limit } => {
                Self::of(Code::ValueTooLong).with("field", field).with("limit", limit)
            }
            Unbuildable::HoldsName { field, name } => {
                Self::of(Code::TextHoldsFieldName).with("field", field).with("word", name)
            }
            Unbuildable::PaymentCode => Self::of(Code::PaymentCodeBad),
            Unbuildable::RefundLines => Self::of(Code::RefundLinesDoNotAddUp),
        }
    }
}
