//! Reading who bore what of a payment. None of these fields decides anything, so none makes an answer unreadable: one that is
//! not what its document says it is, is passed over, and where two contradict each other nothing is known.

use super::json::Object;
use crate::order::parts::Parts;
use crate::order::report::TradeState;

/// Whether parts can be said of a payment in this state. Before it the samples print zeros (002:293, 002:304).
pub(super) fn are_known(state: TradeState) -> bool {
    matches!(state, TradeState::Paid | TradeState::Refunded)
}

/// Minor units that are written as digits.
pub(super) fn minor(data: &Object, name: &str) -> Option<i64> {
    data.minor_units(name).ok().flatten()
}

/// Minor units of an amount in major units. The table types these fields as whole numbers and the samples print decimals
/// (contradiction 15): without a decimal point nobody knows the unit.
pub(super) fn major(data: &Object, name: &str) -> Option<i64> {
    let (whole, fraction) = data.first_text(&[name])?.split_once('.')?;
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || fraction.len() > 2 {
        return None;
    }
    format!("{whole}{fraction:0<2}").parse().ok()
}

/// What the customer paid, by two fields of one answer, and the discount beside it; nothing where the two contradict each other.
pub(super) fn agreed(one: Option<i64>, other: Option<i64>, parts: Parts) -> Parts {
    match (one, other) {
        (Some(one), Some(other)) if one != other => Parts::default(),
        (one, other) => Parts { customer_paid_minor: one.or(other), ..parts },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_in_major_units_has_a_decimal_point_and_one_or_two_decimals() {
        for (text, expected) in [
            ("0.12", Some(12)),
            ("12.5", Some(1250)),
            ("12.50", Some(1250)),
            ("0.00", Some(0)),
            ("12", None),
            ("12.", None),
            (".5", None),
            ("12.505", None),
            ("-0.12", None),
            ("1e2.5", None),
            ("１.２", None),
            ("92233720368547758.08", None),
        ] {
            let object = Object::read(format!("{{\"receipt_amount\":\"{text}\"}}").as_bytes()).unwrap();
            assert_eq!(major(&object, "receipt_amount"), expected, "{text}");
        }
    }
}
