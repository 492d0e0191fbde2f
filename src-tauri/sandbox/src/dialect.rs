//! How answers are worded, where a gateway has the choice. The documents' own samples differ from their tables (gateways.md section 4), so an honest
//! gateway may speak in any of these ways.

use serde::{Deserialize, Serialize};

/// Spellings of the currency that all mean CNY (gateways.md ruling 1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CurrencyWord {
    /// `CNY`
    #[default]
    Cny,
    /// `1` (000:265)
    One,
    /// `RMB`
    Rmb,
    /// An empty text.
    Empty,
    /// No currency at all.
    Absent,
}

/// Spellings of the time of payment (gateways.md 1.5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeWord {
    /// Ten digits.
    #[default]
    Seconds,
    /// Thirteen digits.
    Millis,
    /// `yyyyMMddHHmmss` in Beijing time.
    Calendar,
}

/// The spoken ways; the default is plain, with the tables' modern names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(clippy::struct_excessive_bools, reason = "every knob is independent of the others")]
pub struct Dialect {
    /// Numbers in `data`, and `code`, are texts (000:266).
    pub numbers_as_text: bool,
    /// `transaction_id`, `out_transaction_id`, `Token_Id`, `currency_type`, `end_time` (000:259, 003:110).
    pub old_names: bool,
    /// `SUCCESS` for 0 and so on (000:267).
    pub state_words: bool,
    /// How the currency is said.
    pub currency: CurrencyWord,
    /// Fields that no table knows, among them amounts in yuan (003:265).
    pub unknown_fields: bool,
    /// Nulls and empty texts where there is nothing to say.
    pub nulls: bool,
    /// `merchant_id` is left out, as the samples do (000:258).
    pub no_merchant_id: bool,
    /// `close_status` is spelt `close_staus`.
    pub close_staus: bool,
    /// The envelope holds a `debug` object.
    pub debug: bool,
    /// How the time of payment is said.
    pub time: TimeWord,
    /// `alipay.jsapi` and `qq.jsapi` give a `pay_url` too (000:102, 003:106).
    pub pay_url: bool,
    /// BlueOcean leaves empty texts out of its own signature (gateways.md ruling 8).
    pub empties_unsigned: bool,
    /// BlueOcean answers a payment code that awaits confirmation with 200 and `NOTPAY` (002:446-471), not with 201.
    pub notpay: bool,
    /// BlueOcean prints what a refund says without the envelope (gateways.md 2.6).
    pub bare_refunds: bool,
    /// BlueOcean says CHANGE of a refund that came to nothing: the bank sent it back, and somebody settles it by hand.
    pub sent_back: bool,
    /// BlueOcean gives an official account parameters for the Hong Kong wallet, which are signed with SHA1 (002:751).
    pub hong_kong: bool,
}

impl Dialect {
    /// A dialect drawn from a seed; the same seed gives the same one.
    #[must_use]
    pub fn from_seed(seed: u64) -> Self {
        let mut mixed = seed;
        let mut draw = |sides: u64| {
            // splitmix64: enough to shuffle knobs, and the same on every machine.
            mixed = mixed.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut word = mixed;
            word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            (word ^ (word >> 31)) % sides
        };
        Self {
            numbers_as_text: draw(2) == 0,
            old_names: draw(2) == 0,
            state_words: draw(2) == 0,
            currency: match draw(5) {
                0 => CurrencyWord::One,
                1 => CurrencyWord::Rmb,
                2 => CurrencyWord::Empty,
                3 => CurrencyWord::Absent,
                _ => CurrencyWord::Cny,
            },
            unknown_fields: draw(2) == 0,
            nulls: draw(2) == 0,
            no_merchant_id: draw(2) == 0,
            close_staus: draw(2) == 0,
            debug: draw(2) == 0,
            time: match draw(3) {
                0 => TimeWord::Millis,
                1 => TimeWord::Calendar,
                _ => TimeWord::Seconds,
            },
            pay_url: draw(2) == 0,
            empties_unsigned: draw(2) == 0,
            notpay: draw(2) == 0,
            bare_refunds: draw(2) == 0,
            sent_back: false,
            hong_kong: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Dialect;

    #[test]
    fn a_seed_always_gives_the_same_dialect_and_seeds_differ() {
        assert_eq!(Dialect::from_seed(7), Dialect::from_seed(7));
        assert!((0..20).any(|seed| Dialect::from_seed(seed) != Dialect::from_seed(seed + 1)));
    }
}
