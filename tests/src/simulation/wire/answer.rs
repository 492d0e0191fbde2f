//! What a gateway answers, and what each answer, as it is delivered, proves.

use super::{Dress, Fields, Kind, Request};
use crate::simulation::world::World;
use serde_json::Value;
use till_core::gateway::call::HttpAnswer;

/// What an answer, as it is delivered, proves about the order that was asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Proof {
    /// Nothing at all.
    Nothing,
    /// Nothing but the gateway's number of the order.
    Number,
    /// The gateway says, unsigned, that it knows no such order.
    NoSuchOrder,
    /// An error code, unsigned.
    Code,
    /// The create was accepted.
    Created,
    /// Unpaid.
    Unpaid,
    /// Paying.
    Paying,
    /// Paid.
    Paid,
    /// Refunded.
    Refunded,
    /// Closed.
    Closed,
    /// Reversed.
    Reversed,
    /// Failed for good.
    Failed,
    /// A close or a reverse was done, now or before.
    EndDone,
    /// A close or a reverse was refused.
    EndRefused,
    /// The refund was taken on.
    RefundUnderWay,
    /// The refund's money is back.
    RefundDone,
    /// The refund came to nothing.
    RefundFailed,
    /// It is authentic and not about this order, or says two things.
    Contradiction,
}

/// A gateway's error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It knows no such order.
    NoSuchOrder,
    /// The signature is wrong.
    BadSign,
    /// It does not serve now.
    Busy,
    /// The system behind it has a fault.
    Upstream,
    /// The number was used before.
    Duplicate,
    /// Something is missing in the request.
    Missing,
    /// It knows no such merchant.
    NoMerchant,
    /// The payment code was used before.
    CodeUsed,
    /// Nobody knows yet what the payment code will bring.
    AskLater,
    /// The refund's number was used before.
    RefundTwice,
    /// The merchant's balance does not reach for a refund.
    Balance,
    /// The payment is too long ago for a refund.
    TooLate,
}

/// What the gateway means to say.
#[derive(Debug, Clone)]
pub enum Reply {
    /// An answer, what it proves, and the key that signs it.
    Data(Fields, Vec<Proof>, String),
    /// An error, in free words.
    Fault(Fault, String),
}

/// An answer about to be said.
pub(super) struct Saying<'a> {
    pub(super) request: &'a Request,
    /// Whether the journal holds the order: what is said of another one cannot be compared with anything.
    pub(super) known: bool,
    pub(super) refuses_unsigned: bool,
    /// What the merchant is paid in.
    pub(super) currency: &'static str,
    pub(super) seconds: i64,
    pub(super) data: Fields,
    pub(super) proofs: Vec<Proof>,
    pub(super) key: String,
    pub(super) dress: Dress,
    /// For a notification: the number of another order's payment, which is to stand in it.
    pub(super) others: Option<String>,
}

/// An answer as it was said.
pub(super) struct Said {
    pub(super) text: String,
    pub(super) authorization: Option<String>,
    pub(super) proofs: Vec<Proof>,
}

/// The gateway works on a request.
pub fn answer(world: &mut World, request: &Request) -> Reply {
    let Some(place) = world.platform.merchant(request.dialect, &request.merchant) else {
        return Reply::Fault(Fault::NoMerchant, "no such merchant".to_owned());
    };
    let seconds = world.gateway_seconds();
    let speaker = request.dialect.speaker();
    if !speaker.is_signed(request, &world.platform.merchants[place], seconds) {
        return Reply::Fault(Fault::BadSign, "refused".to_owned());
    }
    speaker.answer(world, request, place)
}

/// The answer as it is delivered, and what it proves.
pub fn dressed(world: &mut World, request: &Request, reply: Option<Reply>, dress: Dress) -> (HttpAnswer, Vec<Proof>) {
    let seconds = world.gateway_seconds();
    // An order that is asked for by a number of the gateway's, and has not learned it yet, has nothing to compare an answer with.
    let held = world.book.orders.get(&request.order_no);
    let known = held.is_some_and(|told| request.named == told.order_no || told.gateway_no.is_some());
    let place = world.platform.merchant(request.dialect, &request.merchant);
    let refuses_unsigned = place.is_some_and(|place| world.platform.merchants[place].refuses_unsigned);
    let currency = place.map_or("CNY", |place| world.platform.merchants[place].currency);
    let others = (dress == Dress::OthersPayment).then(|| world.book.payment_of_another(&request.order_no)).flatten();
    *world.network.counts.entry("others' payments").or_default() += u64::from(others.is_some());
    let chance = &mut world.chance;
    let mut answer = HttpAnswer {
        status: 200,
        body: Vec::new(),
        date: chance.permille(800).then_some(seconds),
        retry_after: None,
        authorization: None,
    };
    let status = match dress {
        Dress::Status(status, _) => Some(status),
        Dress::Plain if reply.is_none() => Some(502),
        _ => None,
    };
    if let Some(status) = status {
        answer.status = status;
        answer.body = b"<html>busy</html>".to_vec();
        answer.retry_after = (status != 500).then(|| u32::try_from(chance.below(40)).unwrap());
        return (answer, vec![Proof::Nothing]);
    }
    let speaker = request.dialect.speaker();
    let text = match (dress, reply) {
        (Dress::Html, _) => "<html><body>trade_state=0&status=2</body></html>".to_owned(),
        (Dress::Empty, _) => String::new(),
        (Dress::Fault(fault), _) => {
            let (body, proof) = speaker.fault(chance, fault, "refused");
            answer.body = body.to_string().into_bytes();
            return (answer, vec![proof]);
        }
        (_, Some(Reply::Fault(fault, text))) => {
            let (body, proof) = speaker.fault(chance, fault, &text);
            answer.body = body.to_string().into_bytes();
            return (answer, vec![proof]);
        }
        (_, None) => "{}".to_owned(),
        (dress, Some(Reply::Data(mut data, mut proofs, key))) => {
            if !request.kind.is_of_a_refund() {
                proofs = misnumbered(request, others, &mut data, proofs);
            }
            let saying =
                Saying { request, known, refuses_unsigned, currency, seconds, data, proofs, key, dress, others: None };
            let said = speaker.dressed(chance, saying);
            answer.body = said.text.into_bytes();
            answer.authorization = said.authorization;
            return (answer, said.proofs);
        }
    };
    answer.body = text.into_bytes();
    (answer, vec![Proof::Nothing])
}

/// What an answer proves that is not about this order: to a payment code it tells how the payment went all the same.
pub(super) fn contradicting(request: &Request) -> Vec<Proof> {
    let charges = request.kind == Kind::Create && request.code.is_some();
    if charges { vec![Proof::Created, Proof::Contradiction] } else { vec![Proof::Contradiction] }
}

/// Where the number of another order's payment is to stand in it, what it tells of a payment contradicts; the rest is as it was.
pub(super) fn misnumbered(
    request: &Request,
    others: Option<String>,
    data: &mut Fields,
    proofs: Vec<Proof>,
) -> Vec<Proof> {
    let Some(number) = others else { return proofs };
    data.insert(request.dialect.speaker().number_field().to_owned(), Value::String(number));
    let pays = proofs.iter().any(|proof| matches!(proof, Proof::Paid | Proof::Refunded));
    if pays { contradicting(request) } else { proofs }
}

/// Two thirds of a text.
pub(super) fn cut(text: &mut String) {
    let mut end = text.len() * 2 / 3;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
}
