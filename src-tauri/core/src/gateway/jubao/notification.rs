//! What Jubao sends by itself: the fields of an answer to a query, signed (gateways.md 2.5; rulings 9, 17 and 18).

use super::answer::report;
use super::signing::verifies;
use crate::gateway::json::Object;
use crate::gateway::notification::{Told, fields, is_unambiguous, number, told};
use crate::gateway::{Dealing, Subject, Unreadable};

/// The field of our number.
const NUMBER: &str = "out_trade_no";

pub(super) fn order_named(dealing: Dealing<'_>, body: &[u8]) -> Result<String, Unreadable> {
    number(&verified(dealing, body)?, NUMBER)
}

/// `status` is the payment's. One about another `order_sn` than the order is known by is no notification of it.
pub(super) fn read(dealing: Dealing<'_>, subject: &Subject<'_>, body: &[u8]) -> Result<Told, Unreadable> {
    told(report(dealing, subject, &verified(dealing, body)?))
}

fn verified(dealing: Dealing<'_>, body: &[u8]) -> Result<Object, Unreadable> {
    let fields = fields(body)?;
    let claimed = fields.text("sign")?.ok_or(Unreadable::Unsigned)?;
    let key = dealing.keys.get("key").ok_or(Unreadable::WrongSignature)?;
    let right = verifies(fields.all_scalars(), key, claimed) && is_unambiguous(&fields, [NUMBER, "total_fee"]);
    if right { Ok(fields) } else { Err(Unreadable::WrongSignature) }
}
