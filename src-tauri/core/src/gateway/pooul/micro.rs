//! What Pooul answers to a payment code, and to a reverse (gateways.md 1.4 and 1.5; ruling 14).

use super::answer::{authentic, gateway_no, refusal, report};
use crate::gateway::answer::{Unusable, beside_ours, into_read, kept, our_amount_or_bad, ours_or_bad, stated};
use crate::gateway::call::HttpAnswer;
use crate::gateway::json::Object;
use crate::gateway::reaction::{Reaction, Said};
use crate::gateway::{CreateIntent, Created, Dealing, Read, ReverseOutcome, Subject, Unreadable};
use crate::order::report::{Signature, Stated, TradeReport, TradeState};

/// What an authentic answer to a payment code makes of the order.
///
/// `result_code` 0: `trade_state` says what became of it. Missing, as in the samples of wechat.micro and alipay.micro: nothing
/// is certain yet, and beside a paid state it is asked about at once. Another one is the end only if `need_query` is `N` and
/// nothing beside it speaks of money. All else is asked about. A state that is another's or of another sum contradicts the order.
pub(super) fn created(dealing: Dealing<'_>, intent: &CreateIntent<'_>, data: &Object) -> Result<Created, Unusable> {
    let order_no = stated(data.text("mch_trade_id")?, Some(intent.order_no));
    let result = data.text("result_code")?;
    let report = match result {
        Some("0") => report(dealing, intent.order_no, intent.channel, data)?,
        None => {
            let stated = report(dealing, intent.order_no, intent.channel, data)?;
            if stated.state != TradeState::Paid && stated.contradiction(intent.amount.minor).is_none() {
                return Err(ask(data, "result_code"));
            }
            TradeReport { contradicts_itself: Some("result_code".to_owned()), ..stated }
        }
        Some(code) => {
            ours_or_bad(data, "mch_trade_id", Some(intent.order_no))?;
            ours_or_bad(data, "merchant_id", dealing.account.field("merchant_id"))?;
            our_amount_or_bad(data, "total_fee", intent.amount.minor)?;
            let certain = data.text("need_query")? == Some("N") && order_no == Stated::Ours && !speaks_of_money(data)?;
            if !certain {
                return Err(ask(data, code));
            }
            failed(data)
        }
    };
    let gateway_no = beside_ours(gateway_no(data), &order_no);
    Ok(Created { link: None, gateway_no, pay_info: None, parameters: None, bridge: None, report: Some(report) })
}

/// A definite failure. Number, merchant and amount have been compared before.
fn failed(data: &Object) -> TradeReport {
    TradeReport {
        order_no: Stated::Ours,
        gateway_no: gateway_no(data),
        said: refusal(data),
        signature: Some(Signature::Verified),
        ..TradeReport::of(TradeState::Failed)
    }
}

/// Whether the state beside a failure says that money moved, or may be moving.
fn speaks_of_money(data: &Object) -> Result<bool, Unreadable> {
    let harmless = ["-1", "2", "NOTPAY", "3", "CLOSED", "7", "PAYERROR"];
    Ok(data.text("trade_state")?.is_some_and(|word| !harmless.contains(&word)))
}

/// The outcome is not known: a query tells. State 6 and its word say that the customer has yet to confirm (1.5).
fn ask(data: &Object, code: &str) -> Unusable {
    let code = data.first_text(&["err_code"]).unwrap_or(code);
    let confirms = |word: &str| matches!(word, "6" | "USERPAYING");
    let awaited = [code].into_iter().chain(data.first_text(&["trade_state"])).any(confirms);
    let reaction = if awaited { Reaction::AwaitsCustomer } else { Reaction::Ask };
    Unusable::Says(Said::new(reaction, kept(code), data.first_text(&["err_msg"])))
}

/// Reads the answer to a reverse. No document of v1 shows one, so only what cannot be mistaken counts: a state that says
/// reversed or closed, or a `result_code` other than 0. All else says nothing, and the query after it decides.
pub(super) fn read_reverse(dealing: Dealing<'_>, subject: &Subject<'_>, answer: &HttpAnswer) -> Read<ReverseOutcome> {
    into_read(authentic(dealing, answer).and_then(|data| {
        ours_or_bad(&data, "mch_trade_id", Some(subject.order_no))?;
        ours_or_bad(&data, "merchant_id", dealing.account.field("merchant_id"))?;
        if data.text("result_code")?.is_some_and(|code| code != "0") {
            return Ok(ReverseOutcome::Refused);
        }
        match data.text("trade_state")? {
            Some("4" | "REVERSE" | "3" | "CLOSED") => Ok(ReverseOutcome::Reversed),
            Some(word) => Err(Unreadable::UnknownWord(kept(word)).into()),
            None => Err(Unreadable::NoState.into()),
        }
    }))
}
