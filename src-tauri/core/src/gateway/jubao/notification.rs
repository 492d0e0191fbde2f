//! What Jubao sends by itself: the fields of an answer to a query, signed (gateways.md 2.5; rulings 9, 17 and 18).

use super::answer::{report, stating};
use super::signing::{joined, verifies};
use crate::gateway::json::Object;
use crate::gateway::notification::{Told, fields, is_unambiguous, number, told, without_parts};
use crate::gateway::{Dealing, Subject, Unreadable};
use crate::order::report::{Signature, TradeState};

/// The field of our number.
const NUMBER: &str = "out_trade_no";

/// The fields that a notification is nothing without.
const BOUND: [&str; 2] = [NUMBER, "total_fee"];

/// The fields that a notification is only a reason to ask without.
const STATED: [&str; 4] = ["status", "mch_id", "order_sn", "finish_time"];

/// The names that a text must not hold which notifications carry back (gateways.md 2.5). The order is not known by its number at the
/// gateway before an answer has come, and where none came nothing but a notification tells it: one that could not be relied on would
/// leave the order to a person.
pub(super) fn bound_names() -> impl Iterator<Item = &'static str> {
    BOUND.into_iter().chain(STATED)
}

pub(super) fn order_named(dealing: Dealing<'_>, body: &[u8]) -> Result<String, Unreadable> {
    number(&verified(dealing, body)?, NUMBER)
}

/// `status` is the payment's. One about another `order_sn` than the order is known by is no notification of it; one whose
/// other fields are not bound by their signature is a reason to ask. One without a state makes the number known that alone the order
/// can be asked for by.
pub(super) fn read(dealing: Dealing<'_>, subject: &Subject<'_>, body: &[u8]) -> Result<Told, Unreadable> {
    let fields = verified(dealing, body)?;
    if !are_bound(&fields, &STATED) {
        return Ok(Told::Ask(None));
    }
    let told = told(report(dealing, subject, &fields, Signature::Verified).map(without_parts))?;
    if subject.gateway_no.is_some() || told != Told::Ask(None) {
        return Ok(told);
    }
    let names = stating(dealing, subject, &fields, Signature::Verified, TradeState::Unpaid);
    // Its other name is not bound: it could be the end of another field's text.
    let bound = fields.text("order_sn")?;
    let names = names.ok().filter(|names| bound.is_some() && names.gateway_no.as_deref() == bound);
    Ok(names.map_or(told, |names| Told::Number(Box::new(without_parts(names)))))
}

fn verified(dealing: Dealing<'_>, body: &[u8]) -> Result<Object, Unreadable> {
    let fields = fields(body)?;
    let claimed = fields.text("sign")?.ok_or(Unreadable::Unsigned)?;
    let key = dealing.keys.get("key").ok_or(Unreadable::WrongSignature)?;
    let bound = is_unambiguous(&fields, BOUND) && are_bound(&fields, &BOUND);
    if bound && verifies(fields.all_scalars(), key, claimed) { Ok(fields) } else { Err(Unreadable::WrongSignature) }
}

/// Whether each of `names` stands in the signed text where it is a field, and nowhere else. Nothing separates a name from its
/// value there, or a value from the next name.
fn are_bound(fields: &Object, names: &[&str]) -> bool {
    let text = joined(fields.all_scalars());
    names.iter().all(|name| {
        let here = fields.all_scalars().filter(|(field, _)| field == name).count();
        text.matches(name).count() == here
    })
}
