//! What Pooul answers (gateways.md 1.4 to 1.7; rulings 1 to 7 and 12).

use super::micro;
use super::signing::verifies;
use crate::gateway::answer::{
    Unusable, beside_ours, envelope, gateway_time, id, into_read, kept, link, our_amount_or_bad, ours_or_bad, stated,
};
use crate::gateway::bridge::{self, Bridge};
use crate::gateway::call::HttpAnswer;
use crate::gateway::descriptor::{Channel, Presented};
use crate::gateway::json::Object;
use crate::gateway::parts;
use crate::gateway::reaction::{Reaction, Said};
use crate::gateway::{
    CloseOutcome, CreateIntent, Created, Dealing, Read, Subject, UNSIGNED, Unreadable, VERIFIED, WRONG,
};
use crate::order::parts::Parts;
use crate::order::report::{Signature, Stated, TradeReport, TradeState};

/// Fields that belong to the envelope, should a reply come without `data`.
const ENVELOPE: [&str; 8] = ["code", "msg", "data", "version", "sign_type", "sign", "time_elapsed", "debug"];

/// Reads the answer to a create. Its link is shown only if nothing in it names another order, amount or merchant.
pub(super) fn read_create(dealing: Dealing<'_>, intent: &CreateIntent<'_>, answer: &HttpAnswer) -> Read<Created> {
    into_read(created(dealing, intent, answer))
}

fn created(dealing: Dealing<'_>, intent: &CreateIntent<'_>, answer: &HttpAnswer) -> Result<Created, Unusable> {
    let data = authentic(dealing, answer)?;
    if intent.channel.presented == Presented::Consumer {
        return micro::created(dealing, intent, &data);
    }
    let order_no = ours_or_bad(&data, "mch_trade_id", Some(intent.order_no))?;
    ours_or_bad(&data, "merchant_id", dealing.account.field("merchant_id"))?;
    our_amount_or_bad(&data, "total_fee", intent.amount.minor)?;
    if let Some(code) = data.text("result_code")?.filter(|code| *code != "0") {
        let code = data.first_text(&["err_code"]).unwrap_or(code);
        return Err(Unusable::Says(Said::new(Reaction::Upstream, kept(code), data.first_text(&["err_msg"]))));
    }
    if let Stated::Other(_) = currency(&data)? {
        return Err(Unreadable::BadField("fee_type".to_owned()).into());
    }
    let link = link(&data, &["code_url", "pay_url"])?;
    let (sent, token) = (data.as_sent("pay_info"), data.first_text(&["token_id", "Token_Id"]));
    let page = intent.channel.page.and_then(|page| Some((page.bridge, bridge::usable(page.bridge, sent, token)?)));
    Ok(Created {
        gateway_no: beside_ours(gateway_no(&data), &order_no),
        pay_info: page.map(|(_, given)| given).or(sent).or(token).map(str::to_owned),
        parameters: None,
        // 003:100-105: Alipay's own page goes before ours; QQ's is for trial only (000:102).
        bridge: page.map(|(bridge, _)| bridge).filter(|bridge| *bridge != Bridge::Alipay || link.is_none()),
        link,
        report: None,
    })
}

/// Reads the answer to a query.
///
/// Paid must carry `trade_state` 0 in a signed answer. All else that Paid needs stands in the report, as far as the
/// answer states it: in other states the documents promise none of it (000:296, 001:293, 003:360).
pub(super) fn read_query(dealing: Dealing<'_>, subject: &Subject<'_>, answer: &HttpAnswer) -> Read<TradeReport> {
    into_read(
        authentic(dealing, answer).and_then(|data| Ok(report(dealing, subject.order_no, subject.channel, &data)?)),
    )
}

/// What the fields of a rightly signed answer or notification say.
pub(super) fn report(
    dealing: Dealing<'_>,
    order_no: &str,
    channel: &Channel,
    data: &Object,
) -> Result<TradeReport, Unreadable> {
    let (state, declined) = state(data, channel)?;
    let result_code = data.text("result_code")?.filter(|code| *code != "0" && state == TradeState::Paid);
    let wallet_no = data.first_text(&["out_trade_id", "out_transaction_id"]).and_then(id);
    // 1.5: the later protocol's 4 is "finished", paid and not to be refunded. Beside the wallet's number it may be meant.
    let finished = data.text("trade_state")?.filter(|word| *word == "4" && wallet_no.is_some());
    let amount_minor = data.minor_units("total_fee")?;
    let order_no = stated(data.text("mch_trade_id")?, Some(order_no));
    Ok(TradeReport {
        state,
        amount_minor,
        currency: currency(data)?,
        merchant: stated(data.text("merchant_id")?, dealing.account.field("merchant_id")),
        customer: Stated::Not,
        whose_number: Stated::Not,
        contradicts_itself: result_code.or(finished).map(kept),
        gateway_no: beside_ours(gateway_no(data), &order_no),
        wallet_no,
        paid_at: data.first_text(&["time_end", "end_time"]).and_then(gateway_time),
        declined,
        said: if declined || state == TradeState::Failed { refusal(data) } else { None },
        signature: Some(Signature::Verified),
        parts: if parts::are_known(state) { borne(data, amount_minor) } else { Parts::default() },
        order_no,
    })
}

/// Who bore what: a coupon's part in fen, the rest of the total being what the customer paid (000:306, 001:305, 003:370); for
/// Alipay what the buyer paid and what the merchant received, in yuan (003:265-272, 003:379-382).
fn borne(data: &Object, total: Option<i64>) -> Parts {
    let discount_minor = parts::minor(data, "coupon_fee");
    let without_it = discount_minor.zip(total).and_then(|(coupon, total)| total.checked_sub(coupon));
    let received_minor = parts::major(data, "receipt_amount");
    let beside = Parts { received_minor, discount_minor, ..Parts::default() };
    parts::agreed(parts::major(data, "buyer_pay_amount"), without_it, beside).of_total(total)
}

/// Why the customer's wallet did not pay, in its words.
pub(super) fn refusal(data: &Object) -> Option<Said> {
    let text = data.first_text(&["err_msg"])?;
    Some(Said::new(Reaction::Refused, data.first_text(&["err_code"]).map(kept).unwrap_or_default(), Some(text)))
}

/// Reads the answer to a close: `close_status` 0, 1 or -1, printed as a string in the sample and misspelt in the table.
pub(super) fn read_close(dealing: Dealing<'_>, subject: &Subject<'_>, answer: &HttpAnswer) -> Read<CloseOutcome> {
    into_read(authentic(dealing, answer).and_then(|data| {
        ours_or_bad(&data, "mch_trade_id", Some(subject.order_no))?;
        ours_or_bad(&data, "merchant_id", dealing.account.field("merchant_id"))?;
        let status = data.text("close_status")?;
        let status = if status.is_some() { status } else { data.text("close_staus")? };
        match status {
            Some("0") => Ok(CloseOutcome::Closed),
            Some("1") => Ok(CloseOutcome::AlreadyClosed),
            Some("-1") => Ok(CloseOutcome::Refused),
            Some(word) => Err(Unreadable::UnknownWord(kept(word)).into()),
            None => Err(Unreadable::NoState.into()),
        }
    }))
}

/// The signed fields of a successful answer. An error code is believed as far as it informs, signed or not (1.2, 5).
pub(super) fn authentic(dealing: Dealing<'_>, answer: &HttpAnswer) -> Result<Object, Unusable> {
    authentic_fields(dealing, envelope(answer)?)
}

/// The same of an envelope, however it came.
pub(super) fn authentic_fields(dealing: Dealing<'_>, envelope: Object) -> Result<Object, Unusable> {
    match envelope.text("code")? {
        Some("0") => {}
        Some(code) => {
            return Err(Unusable::Says(Said::new(reaction(code), kept(code), envelope.as_sent("msg"))));
        }
        None => return Err(Unreadable::BadField("code".to_owned()).into()),
    }
    let data = envelope.object("data")?;
    let claimed = claimed(&envelope, data.as_ref())?.ok_or(Unreadable::Unsigned)?;
    let verified = is_signed(dealing, &envelope, data.as_ref(), claimed);
    if verified { Ok(data.unwrap_or(envelope)) } else { Err(Unreadable::WrongSignature.into()) }
}

/// What the signature of an answer comes to. Errors come without one (1.2, 5).
pub(super) fn reading(dealing: Dealing<'_>, answer: &HttpAnswer) -> Option<&'static str> {
    let envelope = envelope(answer).ok()?;
    let data = envelope.object("data").ok()?;
    match claimed(&envelope, data.as_ref()).ok()? {
        None => Some(UNSIGNED),
        Some(_) if dealing.keys.get("key").is_none() => None,
        Some(claimed) if is_signed(dealing, &envelope, data.as_ref(), claimed) => Some(VERIFIED),
        Some(_) => Some(WRONG),
    }
}

fn claimed<'a>(envelope: &'a Object, data: Option<&'a Object>) -> Result<Option<&'a str>, Unreadable> {
    match data.map(|data| data.text("sign")).transpose()?.flatten() {
        Some(inside) => Ok(Some(inside)),
        None => Ok(envelope.text("sign")?),
    }
}

fn is_signed(dealing: Dealing<'_>, envelope: &Object, data: Option<&Object>, claimed: &str) -> bool {
    // Ruling 12: either key, where an agent stands between.
    let agent = dealing.account.field("sign_agentno").and_then(|_| dealing.keys.get("agent_key"));
    dealing.keys.get("key").into_iter().chain(agent).any(|key| match data {
        Some(data) => verifies(data.scalars(), key, claimed),
        // Ruling 7. Nobody says what the signature of a flat reply covers: all of it, or what `data` would have held.
        None => {
            verifies(envelope.scalars(), key, claimed)
                || verifies(envelope.scalars().filter(|(name, _)| !ENVELOPE.contains(name)), key, claimed)
        }
    })
}

/// Gateways.md 1.7.
fn reaction(code: &str) -> Reaction {
    match code {
        "100" | "103" => Reaction::OurFault,
        "101" => Reaction::CheckKeys,
        "107" => Reaction::DuplicateNumber,
        "108" => Reaction::OutOfHours,
        "200" | "201" => Reaction::CheckAccount,
        "202" => Reaction::ChannelOff,
        "1500" => Reaction::ChannelMisconfigured,
        "301" => Reaction::NoSuchOrder,
        "600" | "601" => Reaction::Upstream,
        _ => Reaction::Ask,
    }
}

/// Gateways.md 1.5; 000:294 and the words of 000:267. State 5 and -1 are contradictory and end nothing.
///
/// State 7 with a code on our screen says that one attempt failed: the code may still be paid, so the order is unpaid and
/// the attempt declined. With the customer's own code it is the end.
fn state(data: &Object, channel: &Channel) -> Result<(TradeState, bool), Unreadable> {
    let word = data.text("trade_state")?.ok_or(Unreadable::NoState)?;
    let state = match word {
        "0" | "SUCCESS" => TradeState::Paid,
        "1" | "REFUND" => TradeState::Refunded,
        "2" | "NOTPAY" => TradeState::Unpaid,
        "3" | "CLOSED" => TradeState::Closed,
        "4" | "REVERSE" => TradeState::Reversed,
        "6" | "USERPAYING" => TradeState::Paying,
        "7" | "PAYERROR" => match channel.presented {
            Presented::Merchant | Presented::Elsewhere => return Ok((TradeState::Unpaid, true)),
            Presented::Consumer => TradeState::Failed,
        },
        other => return Err(Unreadable::UnknownWord(kept(other))),
    };
    Ok((state, false))
}

/// Ruling 1. Two names for one thing: either may contradict.
pub(super) fn currency(data: &Object) -> Result<Stated, Unreadable> {
    let mut found = Stated::Not;
    for name in ["fee_type", "currency_type"] {
        match data.text(name)? {
            None => {}
            Some("1" | "RMB" | "CNY") => found = Stated::Ours,
            Some(other) => return Ok(Stated::Other(kept(other))),
        }
    }
    Ok(found)
}

pub(super) fn gateway_no(data: &Object) -> Option<String> {
    data.first_text(&["trade_id", "transaction_id", "Trade_id"]).and_then(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_code_has_its_reaction() {
        for (code, expected) in [
            ("100", Reaction::OurFault),
            ("101", Reaction::CheckKeys),
            ("103", Reaction::OurFault),
            ("107", Reaction::DuplicateNumber),
            ("108", Reaction::OutOfHours),
            ("1500", Reaction::ChannelMisconfigured),
            ("200", Reaction::CheckAccount),
            ("201", Reaction::CheckAccount),
            ("202", Reaction::ChannelOff),
            ("301", Reaction::NoSuchOrder),
            ("600", Reaction::Upstream),
            ("601", Reaction::Upstream),
            ("-1", Reaction::Ask),
            ("0.0", Reaction::Ask),
            ("SUCCESS", Reaction::Ask),
        ] {
            assert_eq!(reaction(code), expected, "{code}");
        }
    }
}
