//! Every way in which what a gateway says can be wrong: on its way, or by a gateway in disorder.

use super::Fault;
use crate::simulation::chance::Chance;

/// What is done to an answer on its way, or by a gateway in disorder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dress {
    /// Nothing.
    Plain,
    /// An error of the server, before or after it has done what was asked.
    Status(u16, bool),
    /// A page.
    Html,
    /// Cut off.
    Cut,
    /// Nothing in it.
    Empty,
    /// A wrong signature, and it says paid.
    WrongSign,
    /// No signature, and it says paid.
    UnsignedPaid,
    /// A field twice, the second one saying paid.
    Twice,
    /// An error code.
    Fault(Fault),
    /// Success without a state.
    Stateless,
    /// Another order's number, signed.
    OtherNumber,
    /// Another amount, signed.
    OtherAmount,
    /// Another merchant, signed.
    OtherMerchant,
    /// Another currency, signed.
    OtherCurrency,
    /// The gateway's number of another order, which was paid under it, signed.
    OthersPayment,
    /// It says paid and failed.
    Torn,
    /// A word that no document knows.
    UnknownWord,
}

impl Dress {
    /// Whether the request was worked on.
    #[must_use]
    pub fn reaches_the_gateway(self) -> bool {
        !matches!(self, Self::Status(_, false) | Self::Fault(Fault::NoSuchOrder | Fault::BadSign | Fault::Busy))
    }
}

/// One of the ways.
pub fn some_dress(chance: &mut Chance) -> Dress {
    let all = [
        Dress::Status(500, chance.permille(500)),
        Dress::Status(503, false),
        Dress::Status(429, false),
        Dress::Html,
        Dress::Cut,
        Dress::Empty,
        Dress::WrongSign,
        Dress::UnsignedPaid,
        Dress::Twice,
        Dress::Fault(Fault::NoSuchOrder),
        Dress::Fault(Fault::BadSign),
        Dress::Fault(Fault::Busy),
        Dress::Fault(Fault::Upstream),
        Dress::Fault(Fault::Balance),
        Dress::Stateless,
        Dress::OtherNumber,
        Dress::OtherAmount,
        Dress::OtherAmount,
        Dress::OtherMerchant,
        Dress::OtherCurrency,
        Dress::OthersPayment,
        Dress::Torn,
        Dress::UnknownWord,
    ];
    *chance.one_of(&all)
}

/// One of the ways in which a notification can be wrong.
pub fn some_note(chance: &mut Chance) -> Dress {
    let all = [
        Dress::Stateless,
        Dress::Stateless,
        Dress::WrongSign,
        Dress::UnsignedPaid,
        Dress::Twice,
        Dress::Cut,
        Dress::OtherNumber,
        Dress::OtherAmount,
        Dress::OtherMerchant,
        Dress::OtherCurrency,
        Dress::OthersPayment,
        Dress::Torn,
        Dress::UnknownWord,
    ];
    *chance.one_of(&all)
}
