//! Payment codes: what a customer's wallet shows to the till's scanner.

use serde::{Deserialize, Serialize};

use crate::stage::Book;

/// What happens when a till presents the code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Manner {
    /// It pays at once.
    #[default]
    AtOnce,
    /// The customer must confirm: paying until somebody pays or declines.
    Confirm,
    /// The wallet refuses, for good.
    Refused,
}

/// Whose code it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purse {
    /// Begins with 10 to 15.
    #[default]
    Wechat,
    /// Begins with 25 to 30.
    Alipay,
    /// Begins with 91.
    Qq,
    /// Begins with 62.
    Unionpay,
}

impl Purse {
    /// By the first two digits.
    pub(crate) fn of_code(code: &str) -> Option<Self> {
        let prefix: u8 = code.get(..2)?.parse().ok()?;
        match prefix {
            10..=15 => Some(Self::Wechat),
            25..=30 => Some(Self::Alipay),
            91 => Some(Self::Qq),
            62 => Some(Self::Unionpay),
            _ => None,
        }
    }

    /// As the gateways name the provider.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Wechat => "wechat",
            Self::Alipay => "alipay",
            Self::Qq => "qq",
            Self::Unionpay => "unionpay",
        }
    }

    fn prefix(self) -> &'static str {
        match self {
            Self::Wechat => "13",
            Self::Alipay => "28",
            Self::Qq => "91",
            Self::Unionpay => "62",
        }
    }
}

/// One payment code. It can be used once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentCode {
    /// 18 digits.
    pub code: String,
    /// What it does.
    pub manner: Manner,
    /// Whose it is.
    pub purse: Purse,
    /// The order that used it.
    pub used_by: Option<String>,
}

/// What a wallet says to a presented code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Pays,
    AwaitsConfirmation,
    Refuses,
    /// Another order has used it.
    Used,
    /// No such code, or one of another wallet.
    Invalid,
}

impl Book {
    /// A new code.
    pub(crate) fn mint(&mut self, manner: Manner, purse: Purse) -> PaymentCode {
        let count = self.kept.next_code;
        self.kept.next_code += 1;
        let digits = self.kept.ids.digits("payment code", count);
        let code: String = purse.prefix().chars().chain(digits.chars()).take(18).collect();
        let minted = PaymentCode { code, manner, purse, used_by: None };
        self.kept.codes.push(minted.clone());
        self.touch();
        minted
    }

    /// Uses a code for an order, if it is one of the wallet that the channel takes (`None`: of any).
    pub(crate) fn present(&mut self, code: &str, taken: Option<Purse>, order_no: &str) -> Verdict {
        let known = self.kept.codes.iter_mut().find(|known| known.code == code);
        let Some(known) = known.filter(|known| taken.is_none_or(|purse| purse == known.purse)) else {
            return Verdict::Invalid;
        };
        if known.used_by.is_some() {
            return Verdict::Used;
        }
        known.used_by = Some(order_no.to_owned());
        let verdict = match known.manner {
            Manner::AtOnce => Verdict::Pays,
            Manner::Confirm => Verdict::AwaitsConfirmation,
            Manner::Refused => Verdict::Refuses,
        };
        self.touch();
        verdict
    }
}

#[cfg(test)]
mod tests {
    use super::Purse;

    #[test]
    fn a_code_tells_its_wallet_by_its_first_digits() {
        for purse in [Purse::Wechat, Purse::Alipay, Purse::Qq, Purse::Unionpay] {
            assert_eq!(Purse::of_code(&format!("{}4567890123456789", purse.prefix())), Some(purse));
        }
        assert_eq!(Purse::of_code("99"), None);
        assert_eq!(Purse::of_code("付款"), None);
    }
}
