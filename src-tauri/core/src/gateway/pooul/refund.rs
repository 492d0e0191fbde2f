//! What Pooul says of a refund (gateways.md 1.6; ruling 15).

use super::answer::{authentic, currency};
use crate::gateway::answer::{Unusable, id, into_read, kept, stated};
use crate::gateway::call::HttpAnswer;
use crate::gateway::json::Object;
use crate::gateway::reaction::{Reaction, Said};
use crate::gateway::refund::{RefundIntent, RefundReport, RefundState, RefundSubject};
use crate::gateway::{Dealing, Read, Unreadable};
use crate::order::report::Stated;

/// Reads the answer to a refund. `code` 0 says that it was taken on, nothing more; a state beside it is read as a query's is.
pub(super) fn read_refund(dealing: Dealing<'_>, intent: &RefundIntent<'_>, answer: &HttpAnswer) -> Read<RefundReport> {
    let read = authentic(dealing, answer).and_then(|data| {
        let stated = state(&data)?;
        let report = report(dealing, &intent.subject(), stated.unwrap_or(RefundState::Processing), &data)?;
        // What names neither a state nor a refund is no answer to a refund.
        if stated.is_none() && report.refund_no == Stated::Not { Err(Unreadable::NoState.into()) } else { Ok(report) }
    });
    match into_read(read) {
        // 107 is the order's code for a number that was used before (gateways.md 1.7): here the number is the refund's.
        Read::Says(said) if said.reaction == Reaction::DuplicateNumber => {
            Read::Says(Said { reaction: Reaction::DuplicateRefund, ..said })
        }
        read => read,
    }
}

/// Reads the answer to a question about a refund: it must state a state.
pub(super) fn read_query_refund(
    dealing: Dealing<'_>,
    subject: &RefundSubject<'_>,
    answer: &HttpAnswer,
) -> Read<RefundReport> {
    into_read(authentic(dealing, answer).and_then(|data| {
        let state = state(&data)?.ok_or(Unreadable::NoState)?;
        report(dealing, subject, state, &data)
    }))
}

fn report(
    dealing: Dealing<'_>,
    subject: &RefundSubject<'_>,
    state: RefundState,
    data: &Object,
) -> Result<RefundReport, Unusable> {
    if let Some(code) = data.text("result_code")?.filter(|code| *code != "0") {
        let code = data.first_text(&["err_code"]).unwrap_or(code);
        return Err(Unusable::Says(Said::new(Reaction::Ask, kept(code), data.first_text(&["err_msg"]))));
    }
    Ok(RefundReport {
        state,
        refund_no: stated(data.text("mch_refund_id")?, Some(subject.refund_no)),
        order_no: stated(data.text("mch_trade_id")?, Some(subject.order.order_no)),
        amount_minor: data.minor_units("refund_fee")?,
        merchant: stated(data.text("merchant_id")?, dealing.account.field("merchant_id")),
        currency: currency(data)?,
        gateway_refund_no: data.first_text(&["refund_id"]).and_then(id),
    })
}

/// 0 back, 1 under way, -1 failed. The table writes the name with a space, other places `refund_state`.
fn state(data: &Object) -> Result<Option<RefundState>, Unreadable> {
    let mut found = None;
    for name in ["refund_status", "refund_state", "refund_ status"] {
        let state = match data.text(name)? {
            None => continue,
            Some("0") => RefundState::Succeeded,
            Some("1") => RefundState::Processing,
            Some("-1") => RefundState::Failed,
            Some(word) => return Err(Unreadable::UnknownWord(kept(word))),
        };
        if found.is_some_and(|other| other != state) {
            return Err(Unreadable::BadField(name.to_owned()));
        }
        found = Some(state);
    }
    Ok(found)
}
