//! What is done about a gateway's code: one finite set, so that the words for people are written once.

use crate::foreign::{one_line, seen};
use serde::{Deserialize, Serialize};

/// What a code of a gateway leads to. "Stop" speaks of new creates: an order that exists is asked on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum Reaction {
    /// Ask: the outcome is not known.
    Ask,
    /// The gateway knows no such order.
    NoSuchOrder,
    /// The gateway already has an order of this number: the first attempt arrived. Ask.
    DuplicateNumber,
    /// Signature or key refused: the account's key or merchant number is wrong.
    CheckKeys,
    /// The account itself is unknown or not active.
    CheckAccount,
    /// The channel is not enabled: use another.
    ChannelOff,
    /// The gateway itself has the channel set up wrongly: use another.
    ChannelMisconfigured,
    /// Outside service hours: use another channel.
    OutOfHours,
    /// The request was malformed: a wrong clock here, or a fault of this program.
    OurFault,
    /// The system behind the gateway answered with an error.
    Upstream,
    /// The gateway is busy or in trouble of its own: the same question later.
    Busy,
    /// A payment code that was used before or has run out: ask the customer for a fresh one.
    FreshCode,
    /// The merchant's balance at the gateway is too low for what was asked.
    BalanceShort,
    /// Too late for a refund.
    RefundTooLate,
    /// The refund's number was used before: ask for that refund.
    DuplicateRefund,
    /// The gateway cannot do this.
    Unsupported,
    /// No exchange rate at the moment.
    ExchangeRate,
    /// The customer's wallet or bank said no to the payment.
    Refused,
    /// The customer has to confirm the payment on the phone. Ask.
    AwaitsCustomer,
}

impl Reaction {
    /// Every reaction.
    pub const ALL: [Self; 19] = [
        Self::Ask,
        Self::NoSuchOrder,
        Self::DuplicateNumber,
        Self::CheckKeys,
        Self::CheckAccount,
        Self::ChannelOff,
        Self::ChannelMisconfigured,
        Self::OutOfHours,
        Self::OurFault,
        Self::Upstream,
        Self::Busy,
        Self::FreshCode,
        Self::BalanceShort,
        Self::RefundTooLate,
        Self::DuplicateRefund,
        Self::Unsupported,
        Self::ExchangeRate,
        Self::Refused,
        Self::AwaitsCustomer,
    ];

    /// The reaction behind a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reaction| reaction.word() == word)
    }

    /// The word in the journal, in facts and in `--json`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ask => "ask",
            Self::NoSuchOrder => "no_such_order",
            Self::DuplicateNumber => "duplicate_number",
            Self::CheckKeys => "check_keys",
            Self::CheckAccount => "check_account",
            Self::ChannelOff => "channel_off",
            Self::ChannelMisconfigured => "channel_misconfigured",
            Self::OutOfHours => "out_of_hours",
            Self::OurFault => "our_fault",
            Self::Upstream => "upstream",
            Self::Busy => "busy",
            Self::FreshCode => "fresh_code",
            Self::BalanceShort => "balance_short",
            Self::RefundTooLate => "refund_too_late",
            Self::DuplicateRefund => "duplicate_refund",
            Self::Unsupported => "unsupported",
            Self::ExchangeRate => "exchange_rate",
            Self::Refused => "refused",
            Self::AwaitsCustomer => "awaits_customer",
        }
    }

    /// Whether a create that is answered so has arrived, as the gateway says.
    #[must_use]
    pub fn tells_that_a_create_arrived(self) -> bool {
        matches!(self, Self::DuplicateNumber | Self::AwaitsCustomer)
    }

    /// Whether a create that is answered so is refused as it stands: another like it fares no better before the account, the
    /// way to pay or the hour is another. It is no proof that the gateway has no such order.
    #[must_use]
    pub fn refuses_a_create(self) -> bool {
        match self {
            Self::CheckKeys
            | Self::CheckAccount
            | Self::ChannelOff
            | Self::ChannelMisconfigured
            | Self::OutOfHours
            | Self::OurFault
            | Self::BalanceShort
            | Self::Unsupported
            | Self::ExchangeRate => true,
            Self::Ask
            | Self::NoSuchOrder
            | Self::DuplicateNumber
            | Self::Upstream
            | Self::Busy
            | Self::FreshCode
            | Self::RefundTooLate
            | Self::DuplicateRefund
            | Self::Refused
            | Self::AwaitsCustomer => false,
        }
    }

    /// Whether an error may come of a wrong number. A gateway with one word for every error leaves that open.
    #[must_use]
    pub fn may_be_the_number(self) -> bool {
        match self {
            Self::NoSuchOrder | Self::Ask => true,
            Self::DuplicateNumber
            | Self::CheckKeys
            | Self::CheckAccount
            | Self::ChannelOff
            | Self::ChannelMisconfigured
            | Self::OutOfHours
            | Self::OurFault
            | Self::Upstream
            | Self::Busy
            | Self::FreshCode
            | Self::BalanceShort
            | Self::RefundTooLate
            | Self::DuplicateRefund
            | Self::Unsupported
            | Self::ExchangeRate
            | Self::Refused
            | Self::AwaitsCustomer => false,
        }
    }
}

/// An error code as the gateway said it. Its text is shown as a quotation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
pub struct Said {
    /// What it leads to.
    pub reaction: Reaction,
    /// The gateway's code.
    pub code: String,
    /// The gateway's text, shortened to 200 characters.
    pub text: Option<String>,
}

impl Said {
    /// A code and its text, trimmed and cut to what a screen can show, each on one line: see [`one_line`].
    #[must_use]
    pub fn new(reaction: Reaction, code: impl Into<String>, text: Option<&str>) -> Self {
        let code: String = code.into();
        let text = text.map(|text| text.trim().chars().take(200).map(seen).collect());
        Self { reaction, code: one_line(&code), text }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_of_a_reaction_is_the_one_that_is_written_down() {
        for reaction in Reaction::ALL {
            assert_eq!(serde_json::to_value(reaction).unwrap(), reaction.word());
            assert_eq!(Reaction::from_word(reaction.word()), Some(reaction));
        }
    }

    #[test]
    fn what_a_gateway_writes_is_on_one_line_and_neither_steers_a_terminal_nor_turns_what_stands_beside_it() {
        let forged = "TK06B7HNYEW7E4X8ZVKAMFN00RX1  12.50 HKD  Paid";
        let text = format!("\u{1b}[2J\u{9b}H\r\n{forged}\u{202e} \n");
        let said = Said::new(Reaction::Ask, "40500\n", Some(&text));
        let shown = format!("\u{fffd}[2J\u{fffd}H\u{fffd}\u{fffd}{forged}\u{fffd}");
        assert_eq!((said.code.as_str(), said.text), ("40500\u{fffd}", Some(shown)));
        let long = Said::new(Reaction::Ask, "1", Some(&"\u{1b}".repeat(201)));
        assert_eq!(long.text, Some("\u{fffd}".repeat(200)));
    }

    #[test]
    fn what_a_journal_holds_is_read_as_it_was_written() {
        let written = r#"{"reaction":"ask","code":"4\n0","text":"\u001b[2J\u202e"}"#;
        let said: Said = serde_json::from_str(written).unwrap();
        assert_eq!((said.code.as_str(), said.text.as_deref()), ("4\n0", Some("\u{1b}[2J\u{202e}")));
    }
}
