//! What Dingdang answers (004:124-139, 004:166-181, 004:206-224; gateways.md 3.3; rulings 21 to 23).
//!
//! Texts are quoted as they come: the documents' limits for them (contradiction 42) are not ours to enforce.

use super::request::{is_trade_number, refuses_unsigned};
use super::signing::{Seal, seal};
use crate::gateway::answer::{
    Unusable, beside_ours, envelope, id, into_read, kept, our_amount_or_bad, ours_or_bad, stated,
};
use crate::gateway::call::HttpAnswer;
use crate::gateway::json::Object;
use crate::gateway::reaction::{Reaction, Said};
use crate::gateway::refund::{RefundIntent, RefundReport, RefundState, RefundSubject};
use crate::gateway::{AdoptBy, Adopted, Dealing, Read, Subject, Unreadable};
use crate::money::{Currency, Money};
use crate::order::report::{Signature, Stated, TradeReport, TradeState};

/// Reads the answer to an orderquery. Paid must carry `tradeStatus` SUCCESS, our `tradeNo`, the `totalAmt` and our
/// `skillId` (004:134-138). No currency is ever stated: all amounts are fen.
pub(super) fn read_query(dealing: Dealing<'_>, subject: &Subject<'_>, answer: &HttpAnswer) -> Read<TradeReport> {
    into_read(authentic(dealing, answer).and_then(|(data, signature)| {
        Ok(TradeReport { signature: Some(signature), ..report(dealing, subject.order_no, &data)? })
    }))
}

fn report(dealing: Dealing<'_>, order_no: &str, data: &Object) -> Result<TradeReport, Unreadable> {
    let state = trade_state(data)?;
    let merchant = stated(data.text("skillId")?, dealing.account.field("skill_id"));
    if state == TradeState::Paid && merchant == Stated::Not {
        return Err(bad("skillId"));
    }
    let order_no = stated(data.text("tradeNo")?, Some(order_no));
    Ok(TradeReport {
        amount_minor: data.minor_units("totalAmt")?,
        merchant,
        gateway_no: beside_ours(data.text("transactionId")?.and_then(id), &order_no),
        order_no,
        ..TradeReport::of(state)
    })
}

/// Reads the answer to an orderquery about an order that the journal does not hold yet (ruling 22). It must state the
/// number that was asked for, an order number, an amount and our skill.
pub(super) fn read_look(dealing: Dealing<'_>, by: AdoptBy<'_>, answer: &HttpAnswer) -> Read<Adopted> {
    into_read(authentic(dealing, answer).and_then(|(data, signature)| Ok(adopted(dealing, by, &data, signature)?)))
}

fn adopted(dealing: Dealing<'_>, by: AdoptBy<'_>, data: &Object, signature: Signature) -> Result<Adopted, Unreadable> {
    let (name, asked) = match by {
        AdoptBy::TradeNo(number) => ("tradeNo", number),
        AdoptBy::TransactionId(number) => ("transactionId", number),
    };
    must_be_ours(data, name, Some(asked))?;
    must_be_ours(data, "skillId", dealing.account.field("skill_id"))?;
    let order_no = data.text("tradeNo")?.filter(|number| is_trade_number(number)).ok_or_else(|| bad("tradeNo"))?;
    let minor = data.minor_units("totalAmt")?.filter(|minor| *minor > 0).ok_or_else(|| bad("totalAmt"))?;
    Ok(Adopted {
        order_no: order_no.to_owned(),
        amount: Money { minor, currency: Currency::Cny },
        report: TradeReport { signature: Some(signature), ..report(dealing, order_no, data)? },
    })
}

/// Reads the answer to a refund: SUCCESS says that it was taken on, never that the money is back (004:168,
/// contradiction 41). An answer that names no refund accepts none.
pub(super) fn read_refund(dealing: Dealing<'_>, intent: &RefundIntent<'_>, answer: &HttpAnswer) -> Read<RefundReport> {
    into_read(authentic(dealing, answer).and_then(|(data, _)| {
        our_amount_or_bad(&data, "totalAmt", intent.paid.minor)?;
        let state = RefundState::Processing;
        let report = refund_report(dealing, &intent.subject(), state, &data)?;
        if report.refund_no == Stated::Not { Err(bad("refundTradeNo").into()) } else { Ok(report) }
    }))
}

/// Reads the answer to a refundquery. Succeeded must carry `refundStatus` SUCCESS, our `refundTradeNo`, the `refundAmt` and
/// our `skillId` (004:215-223).
pub(super) fn read_query_refund(
    dealing: Dealing<'_>,
    subject: &RefundSubject<'_>,
    answer: &HttpAnswer,
) -> Read<RefundReport> {
    into_read(authentic(dealing, answer).and_then(|(data, _)| {
        let state = refund_state(&data)?;
        let report = refund_report(dealing, subject, state, &data)?;
        if state == RefundState::Succeeded && report.merchant == Stated::Not {
            return Err(bad("skillId").into());
        }
        if state == RefundState::Succeeded && report.amount_minor.is_none() {
            return Err(bad("refundAmt").into());
        }
        Ok(report)
    }))
}

fn refund_report(
    dealing: Dealing<'_>,
    subject: &RefundSubject<'_>,
    state: RefundState,
    data: &Object,
) -> Result<RefundReport, Unreadable> {
    Ok(RefundReport {
        state,
        refund_no: stated(data.text("refundTradeNo")?, Some(subject.refund_no)),
        order_no: stated(data.text("tradeNo")?, Some(subject.order.order_no)),
        amount_minor: data.minor_units("refundAmt")?,
        merchant: stated(data.text("skillId")?, dealing.account.field("skill_id")),
        currency: Stated::Not,
        gateway_refund_no: data.text("refundTransactionId")?.and_then(id),
    })
}

/// The fields of an answer that may be believed, and what they are proved by. FAIL informs, signed or not, and says nothing of the outcome (ruling 23):
/// there is no table of its texts. A gateway that finds our clock wrong says by how much, at a time that we find wrong: what
/// it says is heard.
fn authentic(dealing: Dealing<'_>, answer: &HttpAnswer) -> Result<(Object, Signature), Unusable> {
    let data = envelope(answer)?;
    let seal = seal(dealing, answer)?;
    match data.text("retCode")?.ok_or_else(|| bad("retCode"))? {
        "SUCCESS" => {}
        "FAIL" => {
            return Err(Unusable::Says(Said::new(Reaction::Ask, "FAIL", data.as_sent("retMsg"))));
        }
        word => return Err(Unreadable::UnknownWord(kept(word)).into()),
    }
    if let Some(why) = seal.out_of_time() {
        return Err(why.into());
    }
    let signature = match seal {
        Seal::Right | Seal::Stale(_) | Seal::Untimed => Signature::Verified,
        Seal::Absent if answer.authorization.is_some() => Signature::Unchecked,
        Seal::Absent => Signature::Absent,
    };
    let refused = signature != Signature::Verified && refuses_unsigned(dealing);
    if refused { Err(Unreadable::Unsigned.into()) } else { Ok((data, signature)) }
}

/// 004:138. There is no word for a closed or refunded order (contradiction 41).
fn trade_state(data: &Object) -> Result<TradeState, Unreadable> {
    match data.text("tradeStatus")?.ok_or(Unreadable::NoState)? {
        "NOTPAY" => Ok(TradeState::Unpaid),
        "PROCESSING" => Ok(TradeState::Paying),
        "SUCCESS" => Ok(TradeState::Paid),
        "FAIL" => Ok(TradeState::Failed),
        word => Err(Unreadable::UnknownWord(kept(word))),
    }
}

/// 004:222.
pub(super) fn refund_state(data: &Object) -> Result<RefundState, Unreadable> {
    match data.text("refundStatus")?.ok_or(Unreadable::NoState)? {
        "PROCESSING" => Ok(RefundState::Processing),
        "SUCCESS" => Ok(RefundState::Succeeded),
        "FAIL" => Ok(RefundState::Failed),
        word => Err(Unreadable::UnknownWord(kept(word))),
    }
}

fn must_be_ours(data: &Object, name: &str, ours: Option<&str>) -> Result<(), Unreadable> {
    match ours_or_bad(data, name, ours)? {
        Stated::Ours => Ok(()),
        Stated::Not | Stated::Other(_) => Err(bad(name)),
    }
}

fn bad(name: &str) -> Unreadable {
    Unreadable::BadField(name.to_owned())
}
