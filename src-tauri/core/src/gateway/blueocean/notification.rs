//! What BlueOcean sends by itself (002:764-789; gateways.md 2.6; rulings 1, 2, 8 and 16 to 18).

use super::answer::report;
use super::signing::verify;
use crate::gateway::json::Object;
use crate::gateway::notification::{Told, fields, is_unambiguous, number, told, without_parts};
use crate::gateway::{Dealing, Subject, Unreadable};

/// The field of our number.
const NUMBER: &str = "out_trade_no";

/// The fields that a notification is nothing without.
pub(super) const BOUND: [&str; 2] = [NUMBER, "total_fee"];

pub(super) fn order_named(dealing: Dealing<'_>, body: &[u8]) -> Result<String, Unreadable> {
    number(&verified(dealing, body)?, NUMBER)
}

/// The table has no state (002:768-781). Should one stand there, it is an answer's.
pub(super) fn read(dealing: Dealing<'_>, subject: &Subject<'_>, body: &[u8]) -> Result<Told, Unreadable> {
    told(report(dealing, subject.order_no, &verified(dealing, body)?).map(without_parts))
}

fn verified(dealing: Dealing<'_>, body: &[u8]) -> Result<Object, Unreadable> {
    let fields = fields(body)?;
    let claimed = fields.text("sign")?.ok_or(Unreadable::Unsigned)?;
    let key = dealing.keys.get("key").ok_or(Unreadable::WrongSignature)?;
    // The signing rule passes over a field of this name, and so would not notice one that was added.
    let whole = fields.as_sent("key").is_none() && is_unambiguous(&fields, BOUND);
    if whole && verify(fields.all_scalars(), key, claimed).is_some() {
        Ok(fields)
    } else {
        Err(Unreadable::WrongSignature)
    }
}
