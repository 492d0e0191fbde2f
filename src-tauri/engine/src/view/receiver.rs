//! Pictures of the receiver: whether it listens, and what came in.

use serde::{Deserialize, Serialize};
use specta::Type;
use till_core::error::Refusal;

/// Whether notifications are received.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ReceiverState {
    /// By no process, although the settings say where: a till receives only while a window or `serve` is open.
    NoTillRuns,
    /// Nobody gave the till an address.
    Off,
    /// Yes.
    On,
    /// The address could not be had.
    Failed,
}

impl ReceiverState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::NoTillRuns, Self::Off, Self::On, Self::Failed];

    /// The word in facts.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::NoTillRuns => "no_till_runs",
            Self::Off => "off",
            Self::On => "on",
            Self::Failed => "failed",
        }
    }
}

/// Why something that came was not taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum NotTaken {
    /// Nothing is at that path, or not by that method.
    NothingHere,
    /// Its source was refused too often within a minute: it was not read.
    NotRead,
    /// All connections were taken, and it was the one that had been longest without its whole request.
    Crowded,
    /// It had not said all and been answered within the time of a connection.
    TooSlow,
    /// It was no request that can be read.
    Malformed,
    /// The body was too long, too slow or broken.
    NoBody,
    /// It was not in the journal in time.
    TooLate,
    /// No account of that name at that gateway.
    UnknownAccount,
    /// Not signed, or wrongly.
    Unverified,
    /// The journal holds no such order.
    UnknownOrder,
    /// The order is another account's.
    OfAnotherAccount,
    /// Verified, and not readable.
    Unread,
    /// Verified, and only the gateway's own answer proves it: it is asked.
    Unconfirmed,
    /// Verified, and it says too little of an order whose gateway cannot be asked.
    SaysTooLittle,
    /// It asks for what the merchant does not sell at that price.
    NotForSale,
    /// The merchant's list of prices cannot be used.
    NoCatalogue,
    /// The till could not look into its own keyring or journal.
    NotLooked,
    /// What follows from it could not be stored.
    NotStored,
}

impl NotTaken {
    /// The word in facts.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::NothingHere => "nothing_here",
            Self::NotRead => "not_read",
            Self::Crowded => "crowded",
            Self::TooSlow => "too_slow",
            Self::Malformed => "malformed",
            Self::NoBody => "no_body",
            Self::TooLate => "too_late",
            Self::UnknownAccount => "unknown_account",
            Self::Unverified => "unverified",
            Self::UnknownOrder => "unknown_order",
            Self::OfAnotherAccount => "of_another_account",
            Self::Unread => "unread",
            Self::Unconfirmed => "unconfirmed",
            Self::SaysTooLittle => "says_too_little",
            Self::NotForSale => "not_for_sale",
            Self::NoCatalogue => "no_catalogue",
            Self::NotLooked => "not_looked",
            Self::NotStored => "not_stored",
        }
    }
}

/// How often something was refused for one reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct RefusedFor {
    /// The reason.
    pub why: NotTaken,
    /// How often.
    pub count: u32,
}

/// What came in since the till began to receive.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
pub struct CameIn {
    /// How much was accepted.
    pub accepted: u32,
    /// When the last one was, RFC 3339, also of an earlier run.
    pub accepted_at: Option<String>,
    /// How much was refused.
    pub refused: u32,
    /// When the last one was, RFC 3339.
    pub refused_at: Option<String>,
    /// Why, the most frequent first.
    pub reasons: Vec<RefusedFor>,
}

/// What came in for one account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct AccountNotified {
    /// Its name.
    pub account: String,
    /// Where its orders ask to be notified, as they are made now.
    pub notify_url: Option<String>,
    /// What its gateway's platform is to be given as the partner's addresses, as they are served now.
    pub partner_urls: Vec<String>,
    /// What came.
    pub came: CameIn,
    /// What is wrong with it, by why the newest were refused.
    pub fault: Option<Refusal>,
}

/// The receiver as the settings show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ReceiverView {
    /// Whether it receives.
    pub state: ReceiverState,
    /// Where it listens, or is to.
    pub listen: Option<String>,
    /// How it is reached from outside, or is to be.
    pub public_address: Option<String>,
    /// Since when it receives, RFC 3339: what came in is counted from then on.
    pub since: Option<String>,
    /// What is wrong with it.
    pub fault: Option<Refusal>,
    /// Accounts in use whose gateways notify, by name.
    pub accounts: Vec<AccountNotified>,
    /// What came for no account of this till, or was refused before it named one.
    pub elsewhere: CameIn,
}
