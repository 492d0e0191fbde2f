//! What Jubao answers (002:165-262; gateways.md 2.3 and 2.4; rulings 6, 9 and 18).
//!
//! No document says that answers are signed: what comes over TLS is believed. Where a signature stands there it must be right.

use super::signing::{self, verifies};
use crate::gateway::answer::{
    Unusable, beside_ours, envelope, gateway_time, id, into_read, kept, lacking, link, our_amount_or_bad, ours_or_bad,
    stated,
};
use crate::gateway::call::HttpAnswer;
use crate::gateway::json::Object;
use crate::gateway::parts;
use crate::gateway::response_code::{About, Verdict, verdict};
use crate::gateway::{CreateIntent, Created, Dealing, Read, Subject, UNSIGNED, Unreadable, WRONG};
use crate::order::parts::Parts;
use crate::order::report::{Signature, Stated, TradeReport, TradeState};

/// Which reading the signature of an answer matches, if any, or that it bears none, inside `data` or outside.
pub(super) fn reading(dealing: Dealing<'_>, answer: &HttpAnswer) -> Option<&'static str> {
    let envelope = envelope(answer).ok()?;
    let data = envelope.object("data").ok()?;
    let inside = data.as_ref().map(|data| data.text("sign")).transpose().ok()?.flatten();
    let outside = envelope.text("sign").ok()?;
    let Some(claimed) = inside.or(outside) else { return Some(UNSIGNED) };
    let key = dealing.keys.get("key")?;
    let of_data = data.as_ref().and_then(|data| signing::reading(data.all_scalars(), key, claimed));
    let of_all = || outside.and_then(|claimed| signing::reading(envelope.all_scalars(), key, claimed));
    Some(of_data.or_else(of_all).unwrap_or(WRONG))
}

/// Reads the answer to a create. A link is shown only beside the number that the order can be asked for by, in an answer
/// that names our order and no other amount, merchant or currency.
pub(super) fn read_create(dealing: Dealing<'_>, intent: &CreateIntent<'_>, answer: &HttpAnswer) -> Read<Created> {
    let data = authentic(dealing, About::Create, answer);
    into_read(data.and_then(|(data, _)| Ok(created(dealing, intent, &data)?)))
}

fn created(dealing: Dealing<'_>, intent: &CreateIntent<'_>, data: &Object) -> Result<Created, Unreadable> {
    // Ruling 6. Every printed answer names the order. One that does not may hold the number and the code of another.
    if ours_or_bad(data, "out_trade_no", Some(intent.order_no))? == Stated::Not {
        return Err(Unreadable::BadField("out_trade_no".to_owned()));
    }
    ours_or_bad(data, "mch_id", dealing.account.field("mch_id"))?;
    our_amount_or_bad(data, "total_fee", intent.amount.minor)?;
    if let Stated::Other(_) = currency(data)? {
        return Err(Unreadable::BadField("fee_type".to_owned()));
    }
    Ok(Created {
        link: link(data, &["code_url", "qrcode"])?,
        // A code that nobody could ever ask about is not shown.
        gateway_no: Some(gateway_no(data)?.ok_or_else(|| Unreadable::BadField("order_sn".to_owned()))?),
        pay_info: None,
        parameters: None,
        bridge: None,
        report: None,
    })
}

/// Reads the answer to a query.
///
/// Paid must carry `status` 2, `out_trade_no` and `total_fee`, and so must a refund beside its 3: the documents print both beside
/// every status (2.3). `mch_id` and `fee_type` are compared where they are stated.
/// An answer about another `order_sn` than was asked for is none.
pub(super) fn read_query(dealing: Dealing<'_>, subject: &Subject<'_>, answer: &HttpAnswer) -> Read<TradeReport> {
    let data = authentic(dealing, About::Other, answer);
    into_read(data.and_then(|(data, signature)| Ok(report(dealing, subject, &data, signature)?)))
}

/// What the fields of an answer or a notification say that is proved by `signature`.
pub(super) fn report(
    dealing: Dealing<'_>,
    subject: &Subject<'_>,
    data: &Object,
    signature: Signature,
) -> Result<TradeReport, Unreadable> {
    stating(dealing, subject, data, signature, state(data)?)
}

/// The same where `state` is what they say.
pub(super) fn stating(
    dealing: Dealing<'_>,
    subject: &Subject<'_>,
    data: &Object,
    signature: Signature,
    state: TradeState,
) -> Result<TradeReport, Unreadable> {
    let order_no = stated(data.text("out_trade_no")?, Some(subject.order_no));
    let gateway_no = gateway_no(data)?;
    if subject.gateway_no.zip(gateway_no.as_deref()).is_some_and(|(asked, said)| asked != said) {
        return Err(Unreadable::BadField("order_sn".to_owned()));
    }
    let word = data.text("trade_state")?.filter(|word| *word != "SUCCESS");
    let amount_minor = data.minor_units("total_fee")?;
    let lacks = lacking(state, [("out_trade_no", order_no != Stated::Not), ("total_fee", amount_minor.is_some())]);
    Ok(TradeReport {
        state,
        amount_minor,
        currency: currency(data)?,
        merchant: stated(data.text("mch_id")?, dealing.account.field("mch_id")),
        customer: Stated::Not,
        whose_number: Stated::Not,
        contradicts_itself: word.filter(|_| state == TradeState::Paid).map(kept).or(lacks),
        gateway_no: beside_ours(gateway_no, &order_no),
        wallet_no: data.first_text(&["transaction_id"]).and_then(id),
        paid_at: data.first_text(&["finish_time", "time_end"]).and_then(gateway_time),
        declined: false,
        said: None,
        signature: Some(signature),
        parts: if parts::are_known(state) { borne(data, amount_minor) } else { Parts::default() },
        order_no,
    })
}

/// What the customer paid (002:776). 0 stands in samples of unpaid orders and says nothing; in another currency it is no part of
/// the total.
fn borne(data: &Object, total: Option<i64>) -> Parts {
    let ours = data.first_text(&["cash_fee_type"]).is_none_or(|word| matches!(word, "CNY" | "RMB"));
    let customer_paid_minor = parts::minor(data, "cash_fee").filter(|cash| ours && *cash > 0);
    Parts { customer_paid_minor, ..Parts::default() }.of_total(total)
}

/// The fields of a successful answer, and what they are proved by. An error code is believed as far as it informs.
fn authentic(dealing: Dealing<'_>, about: About, answer: &HttpAnswer) -> Result<(Object, Signature), Unusable> {
    let envelope = envelope(answer)?;
    match verdict(&envelope, about)? {
        Verdict::Success => {}
        Verdict::Says(said) => return Err(Unusable::Says(said)),
        Verdict::Bare => return Err(Unreadable::BadField("ret".to_owned()).into()),
    }
    let data = envelope.object("data")?.ok_or_else(|| Unreadable::BadField("data".to_owned()))?;
    // The table has `sign` among the fields of `data` (002:263). One that stands outside covers, for all that is known,
    // either those fields or the envelope's.
    let mut signature = Signature::Absent;
    for (claimed, outside) in [(data.text("sign")?, false), (envelope.text("sign")?, true)] {
        let Some(claimed) = claimed else { continue };
        let key = dealing.keys.get("key").ok_or(Unreadable::WrongSignature)?;
        let right =
            verifies(data.all_scalars(), key, claimed) || (outside && verifies(envelope.all_scalars(), key, claimed));
        if !right {
            return Err(Unreadable::WrongSignature.into());
        }
        signature = Signature::Verified;
    }
    Ok((data, signature))
}

/// 002:237-242. Only `status` decides: `trade_state` is the other gateway's word.
fn state(data: &Object) -> Result<TradeState, Unreadable> {
    match data.text("status")?.ok_or(Unreadable::NoState)? {
        "1" => Ok(TradeState::Unpaid),
        "2" => Ok(TradeState::Paid),
        "3" => Ok(TradeState::Refunded),
        "4" => Ok(TradeState::Closed),
        other => Err(Unreadable::UnknownWord(kept(other))),
    }
}

/// Jubao takes CNY alone; the table's examples of another currency (002:252) are the other gateway's.
fn currency(data: &Object) -> Result<Stated, Unreadable> {
    Ok(match data.text("fee_type")? {
        None => Stated::Not,
        Some("CNY" | "RMB") => Stated::Ours,
        Some(other) => Stated::Other(kept(other)),
    })
}

/// The gateway's number, by the name of its answers or of its table (002:251).
fn gateway_no(data: &Object) -> Result<Option<String>, Unreadable> {
    for name in ["order_sn", "sn"] {
        if let Some(number) = data.text(name)? {
            return id(number).map(Some).ok_or_else(|| Unreadable::BadField(name.to_owned()));
        }
    }
    Ok(None)
}
