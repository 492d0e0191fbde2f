//! What BlueOcean answers (002:236-712; gateways.md 2.4 and 2.6; rulings 1, 2, 6 and 8).

use super::offer::currency;
use super::signing::{Reading, verify};
use crate::account::Account;
use crate::gateway::answer::{
    Unusable, beside_ours, envelope, gateway_time, id, into_read, kept, lacking, link, our_amount_or_bad, ours_or_bad,
    stated,
};
use crate::gateway::bridge::Bridge;
use crate::gateway::call::HttpAnswer;
use crate::gateway::descriptor::{Channel, Gives, Presented};
use crate::gateway::json::Object;
use crate::gateway::parts;
use crate::gateway::refund::{RefundIntent, RefundReport, RefundState, RefundSubject};
use crate::gateway::response_code::{About, Verdict, verdict};
use crate::gateway::{
    CloseOutcome, CreateIntent, Created, Dealing, Read, ReverseOutcome, Subject, UNSIGNED, Unreadable, WRONG,
};
use crate::order::parts::Parts;
use crate::order::report::{Signature, Stated, TradeReport, TradeState};

/// The longest parameters for an app that are kept, in bytes. The document's own are under 2,000.
const PARAMETERS_LIMIT: usize = 16 * 1024;

/// How the answer's signature verifies, for the check of an account (ruling 8), that it does not, or that it bears none.
#[must_use]
pub(super) fn reading(dealing: Dealing<'_>, answer: &HttpAnswer) -> Option<&'static str> {
    let envelope = envelope(answer).ok()?;
    let data = envelope.object("data").ok()?.unwrap_or(envelope);
    match data.text("sign").ok()? {
        None => Some(UNSIGNED),
        Some(claimed) => {
            Some(verify(data.all_scalars(), dealing.keys.get("key")?, claimed).map_or(WRONG, Reading::word))
        }
    }
}

/// Reads the answer to a create. What it gives to pay with is shown only if nothing in it names another order, amount or
/// currency. Another `appid` is no reason to refuse it (002:621, ruling 2).
pub(super) fn read_create(dealing: Dealing<'_>, intent: &CreateIntent<'_>, answer: &HttpAnswer) -> Read<Created> {
    let by_code = intent.channel.presented == Presented::Consumer;
    let about = if by_code { About::CreateByPaymentCode } else { About::Create };
    into_read(authentic(dealing, about, answer).and_then(|data| Ok(created(dealing, intent, &data)?)))
}

fn created(dealing: Dealing<'_>, intent: &CreateIntent<'_>, data: &Object) -> Result<Created, Unreadable> {
    let channel = intent.channel;
    let state = if data.text("trade_state")?.is_some() { Some(state(data)?) } else { None };
    // What tells how a payment went contradicts the order where it is another's or of another sum, and is no answer to set aside.
    let tells = channel.presented == Presented::Consumer && state.is_some();
    let order_no = stated(data.text("out_trade_no")?, Some(intent.order_no));
    if !tells {
        ours_or_bad(data, "out_trade_no", Some(intent.order_no))?;
        ours_or_bad(data, "fee_type", Some(currency(dealing.account).code()))?;
        our_amount_or_bad(data, "total_fee", intent.amount.minor)?;
    }
    // Queries repeat the code, so a code alone does not mean that somebody can still pay with it.
    let payable = state.is_none_or(|(state, _)| matches!(state, TradeState::Unpaid | TradeState::Paying));
    let by_our_code = channel.presented == Presented::Merchant && payable;
    let link = match channel.gives {
        Gives::Code if by_our_code => link(data, &["qrcode", "code_url", "mweb_url"])?,
        Gives::Code | Gives::Parameters => None,
    };
    let parameters = match channel.gives {
        Gives::Parameters if by_our_code => parameters(data, channel),
        Gives::Code | Gives::Parameters => None,
    };
    // Only with a payment code does the answer tell how the payment went: code 200 alone does not (002:446-471).
    let report = if tells {
        // Ruling 2: another merchant contradicts a payment, and no more than that.
        let told = report(dealing, intent.order_no, data)?;
        let merchant_aside = TradeReport { merchant: Stated::Not, ..told.clone() };
        let by_merchant = matches!(told.merchant, Stated::Other(_));
        let only_by_it = by_merchant && merchant_aside.contradiction(intent.amount.minor).is_none();
        Some(told).filter(|_| !payable || !only_by_it)
    } else {
        None
    };
    let gateway_no = beside_ours(gateway_no(data), &order_no);
    let bridge = parameters.as_deref().filter(|_| channel.page.is_some());
    let bridge = bridge.and_then(|given| opened_by(dealing.account, given));
    Ok(Created { link, gateway_no, pay_info: None, parameters, bridge, report })
}

/// What opens parameters of an official account on a page (rulings 26 and 27). That of the Hong Kong wallet must be signed by the
/// official account that the parameters name, and the account's `ticket_url` is that of its own.
fn opened_by(account: &Account, given: &str) -> Option<Bridge> {
    if Bridge::Wechat.arguments(given).is_some() {
        return Some(Bridge::Wechat);
    }
    let arguments = Bridge::HongKong.arguments(given)?;
    let own = account.field("sub_appid").filter(|_| account.field("ticket_url").is_some());
    (arguments.get("appId").map(String::as_str) == Some(own?)).then_some(Bridge::HongKong)
}

/// What an app or a WeChat page pays with, as the gateway sent it: `jsapi` (002:575), `app` (002:505, 633), or Alipay's
/// ready-made line (002:506). What is too long is not kept.
fn parameters(data: &Object, channel: &Channel) -> Option<String> {
    let names: &[&str] = if channel.name == "wechat.jsapi" { &["jsapi"] } else { &["app", "app_format"] };
    let text = names.iter().find_map(|name| data.as_sent(name))?;
    (text.len() <= PARAMETERS_LIMIT).then(|| text.to_owned())
}

/// Reads the answer to a query. Paid must carry `trade_state` SUCCESS in a signed answer; all else that Paid needs stands
/// in the report as far as the answer states it. A refund must carry `out_trade_no` and `total_fee` as well: every printed answer
/// has both.
pub(super) fn read_query(dealing: Dealing<'_>, subject: &Subject<'_>, answer: &HttpAnswer) -> Read<TradeReport> {
    let by_code = subject.channel.presented == Presented::Consumer;
    let about = if by_code { About::PaymentCode } else { About::Other };
    into_read(authentic(dealing, about, answer).and_then(|data| Ok(report(dealing, subject.order_no, &data)?)))
}

/// What the fields of a rightly signed answer or notification say. `total_fee` is what was asked for; `pay_amount` and `discount` tell something else (002:468-470, 637-643).
pub(super) fn report(dealing: Dealing<'_>, order_no: &str, data: &Object) -> Result<TradeReport, Unreadable> {
    let (state, declined) = state(data)?;
    let amount_minor = data.minor_units("total_fee")?;
    let order_no = stated(data.text("out_trade_no")?, Some(order_no));
    let lacks = lacking(state, [("out_trade_no", order_no != Stated::Not), ("total_fee", amount_minor.is_some())]);
    Ok(TradeReport {
        state,
        amount_minor,
        currency: fee_type(dealing.account, data)?,
        merchant: merchant(dealing.account, data)?,
        customer: Stated::Not,
        whose_number: Stated::Not,
        contradicts_itself: lacks,
        gateway_no: beside_ours(gateway_no(data), &order_no),
        wallet_no: data.first_text(&["transaction_id"]).and_then(id),
        paid_at: data.first_text(&["time_end"]).and_then(gateway_time),
        declined,
        said: None,
        signature: Some(Signature::Verified),
        parts: if parts::are_known(state) { borne(dealing.account, data, amount_minor) } else { Parts::default() },
        order_no,
    })
}

/// Who bore what: `pay_amount` and `discount` where they make up the total (002:468-470; not in 002:637-643, contradiction 32), and
/// `cash_fee` where it is in the order's currency (002:776-777). A `cash_fee` of 0 stands in every sample and says nothing.
fn borne(account: &Account, data: &Object, total: Option<i64>) -> Parts {
    let (paid, discount_minor) = (parts::minor(data, "pay_amount"), parts::minor(data, "discount"));
    let whole = paid.zip(discount_minor).map(|(paid, discount)| paid.checked_add(discount));
    if whole.is_some_and(|whole| whole != total) {
        return Parts::default();
    }
    let ours = data.first_text(&["cash_fee_type"]) == Some(currency(account).code());
    let cash = parts::minor(data, "cash_fee").filter(|cash| ours && *cash > 0);
    parts::agreed(paid, cash, Parts { discount_minor, ..Parts::default() }).of_total(total)
}

/// Reads the answer to a close. No document prints one: it is taken to be the order, as a query answers it.
pub(super) fn read_close(dealing: Dealing<'_>, subject: &Subject<'_>, answer: &HttpAnswer) -> Read<CloseOutcome> {
    into_read(end(dealing, subject, answer).map(|state| match state {
        TradeState::Closed => CloseOutcome::Closed,
        TradeState::Reversed => CloseOutcome::AlreadyClosed,
        TradeState::Unpaid | TradeState::Paying | TradeState::Paid | TradeState::Failed | TradeState::Refunded => {
            CloseOutcome::Refused
        }
    }))
}

/// Reads the answer to a reverse, taken to be like that to a close. An order that is closed unpaid needs no reverse.
pub(super) fn read_reverse(dealing: Dealing<'_>, subject: &Subject<'_>, answer: &HttpAnswer) -> Read<ReverseOutcome> {
    into_read(end(dealing, subject, answer).map(|state| match state {
        TradeState::Reversed | TradeState::Closed => ReverseOutcome::Reversed,
        TradeState::Unpaid | TradeState::Paying | TradeState::Paid | TradeState::Failed | TradeState::Refunded => {
            ReverseOutcome::Refused
        }
    }))
}

fn end(dealing: Dealing<'_>, subject: &Subject<'_>, answer: &HttpAnswer) -> Result<TradeState, Unusable> {
    let data = authentic(dealing, About::Other, answer)?;
    ours_or_bad(&data, "out_trade_no", Some(subject.order_no))?;
    if matches!(merchant(dealing.account, &data)?, Stated::Other(_)) {
        return Err(Unreadable::BadField("appid".to_owned()).into());
    }
    Ok(state(&data)?.0)
}

/// Reads the answer to a refund. Its table has no `refund_status`: without one the refund that it names is taken on, nothing
/// more.
pub(super) fn read_refund(dealing: Dealing<'_>, intent: &RefundIntent<'_>, answer: &HttpAnswer) -> Read<RefundReport> {
    into_read(authentic_refund(dealing, answer).and_then(|data| {
        let named = data.text("out_refund_no")?.is_some();
        let state = match refund_state(&data)? {
            Some(state) => state,
            None if named => RefundState::Processing,
            None => return Err(Unreadable::NoState.into()),
        };
        Ok(refund_report(dealing, &intent.subject(), state, &data)?)
    }))
}

/// Reads the answer to a question about a refund.
pub(super) fn read_query_refund(
    dealing: Dealing<'_>,
    subject: &RefundSubject<'_>,
    answer: &HttpAnswer,
) -> Read<RefundReport> {
    into_read(authentic_refund(dealing, answer).and_then(|data| {
        let state = refund_state(&data)?.ok_or(Unreadable::NoState)?;
        Ok(refund_report(dealing, subject, state, &data)?)
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
        refund_no: stated(data.text("out_refund_no")?, Some(subject.refund_no)),
        order_no: stated(data.text("out_trade_no")?, Some(subject.order.order_no)),
        amount_minor: data.minor_units("refund_fee")?,
        merchant: merchant(dealing.account, data)?,
        currency: fee_type(dealing.account, data)?,
        gateway_refund_no: data.first_text(&["refund_id"]).and_then(id),
    })
}

/// The words of `/refund/list`. CHANGE is a refund that the bank sent back and that the merchant settles by hand in the
/// gateway's back office: neither done nor come to nothing.
fn refund_state(data: &Object) -> Result<Option<RefundState>, Unreadable> {
    match data.text("refund_status")? {
        None => Ok(None),
        Some("SUCCESS") => Ok(Some(RefundState::Succeeded)),
        Some("PROCESSING" | "CHANGE") => Ok(Some(RefundState::Processing)),
        Some("REFUNDCLOSE") => Ok(Some(RefundState::Failed)),
        Some(other) => Err(Unreadable::UnknownWord(kept(other))),
    }
}

/// The signed fields of a successful answer: `data`, or the answer itself where it is flat (ruling 7). The signature stands
/// among them (002:313). An error code is believed as far as it informs, signed or not; an answer that names neither success
/// nor an error says nothing (2.4).
fn authentic(dealing: Dealing<'_>, about: About, answer: &HttpAnswer) -> Result<Object, Unusable> {
    let envelope = envelope(answer)?;
    match verdict(&envelope, about)? {
        Verdict::Success => {}
        Verdict::Says(said) => return Err(Unusable::Says(said)),
        Verdict::Bare => return Err(Unreadable::BadField("code".to_owned()).into()),
    }
    let data = envelope.object("data")?.unwrap_or(envelope);
    Ok(verified(dealing, data)?)
}

/// The same of an answer about a refund, which the document prints without an envelope, too (2.6): its fields stand outside then.
fn authentic_refund(dealing: Dealing<'_>, answer: &HttpAnswer) -> Result<Object, Unusable> {
    let bare = envelope(answer)?;
    if verdict(&bare, About::Other)? != Verdict::Bare || bare.object("data")?.is_some() {
        return authentic(dealing, About::Other, answer);
    }
    Ok(verified(dealing, bare)?)
}

fn verified(dealing: Dealing<'_>, data: Object) -> Result<Object, Unreadable> {
    let claimed = data.text("sign")?.ok_or(Unreadable::Unsigned)?;
    let verified = dealing.keys.get("key").and_then(|key| verify(data.all_scalars(), key, claimed));
    if verified.is_some() { Ok(data) } else { Err(Unreadable::WrongSignature) }
}

/// Gateways.md 2.6. PAYERROR is "abnormal", which ends nothing: an attempt failed, and a query says what became of the
/// order, whoever showed the code.
fn state(data: &Object) -> Result<(TradeState, bool), Unreadable> {
    let state = match data.text("trade_state")?.ok_or(Unreadable::NoState)? {
        "NOTPAY" => TradeState::Unpaid,
        "USERPAYING" => TradeState::Paying,
        "SUCCESS" => TradeState::Paid,
        "REFUND" => TradeState::Refunded,
        "CLOSED" => TradeState::Closed,
        "REVOKED" => TradeState::Reversed,
        "PAYERROR" => return Ok((TradeState::Unpaid, true)),
        other => return Err(Unreadable::UnknownWord(kept(other))),
    };
    Ok((state, false))
}

/// Ruling 1: the currency that was asked in, never `cash_fee_type`, the customer's own.
fn fee_type(account: &Account, data: &Object) -> Result<Stated, Unreadable> {
    Ok(stated(data.text("fee_type")?, Some(currency(account).code())))
}

/// Ruling 2: the account's `appid`, or one of those that it lists besides.
fn merchant(account: &Account, data: &Object) -> Result<Stated, Unreadable> {
    let said = data.text("appid")?;
    let listed = account.field("appid_also").into_iter().flat_map(|list| list.split([',', '，'])).map(str::trim);
    let ours = said.filter(|said| listed.into_iter().any(|also| also == *said)).or(account.field("appid"));
    Ok(stated(said, ours))
}

fn gateway_no(data: &Object) -> Option<String> {
    data.first_text(&["sn"]).and_then(id)
}
