//! What Pooul sends by itself (000:164-197, 001:127-215, 003; gateways.md 1.8; rulings 1 to 4, 7, 12, 16 and 17).

use super::answer::{authentic_fields, report};
use crate::gateway::answer::{into_read, kept};
use crate::gateway::json::Object;
use crate::gateway::notification::{self, Told, is_unambiguous, number, told, without_parts};
use crate::gateway::reaction::{Reaction, Said};
use crate::gateway::{Dealing, Subject, Unreadable};

/// The field of our number.
const NUMBER: &str = "mch_trade_id";

pub(super) fn order_named(dealing: Dealing<'_>, body: &[u8]) -> Result<String, Unreadable> {
    number(&verified(dealing, body)?, NUMBER)
}

/// No table of a notification lists `trade_state`, one sample has it (001:165): where it stands, it is a report. A text in
/// `pay_info` says why a payment failed (000:182), whatever else is said.
pub(super) fn read(dealing: Dealing<'_>, subject: &Subject<'_>, body: &[u8]) -> Result<Told, Unreadable> {
    let data = verified(dealing, body)?;
    match data.text("pay_info")? {
        None => told(report(dealing, subject.order_no, subject.channel, &data).map(without_parts)),
        Some(text) => {
            let code = data.first_text(&["err_code"]).map(kept).unwrap_or_default();
            Ok(Told::Ask(Some(Said::new(Reaction::Refused, code, Some(text)))))
        }
    }
}

/// The envelope is an answer's, and so is what its signature covers (gateways.md 1.2, 4).
fn verified(dealing: Dealing<'_>, body: &[u8]) -> Result<Object, Unreadable> {
    let data = notification::signed(into_read(authentic_fields(dealing, Object::read(body)?)))?;
    if is_unambiguous(&data, [NUMBER, "total_fee"]) { Ok(data) } else { Err(Unreadable::WrongSignature) }
}
