//! Refunds on the wire: one way of being wrong for all dialects, which differ in their words alone.

use super::{Dress, Fault, Fields, Kind, Proof, Reply, Request, cut};
use crate::simulation::chance::Chance;
use crate::simulation::gateway::{NotReturned, Return, Standing};
use crate::simulation::world::World;
use serde_json::{Value, json};

/// What a dialect calls the parts of a refund.
pub(super) struct Words {
    pub(super) order: &'static str,
    pub(super) refund: &'static str,
    pub(super) amount: &'static str,
    pub(super) theirs: &'static str,
    pub(super) merchant: &'static str,
    /// Nothing where no currency is ever stated.
    pub(super) currency: Option<&'static str>,
    pub(super) state: &'static str,
    pub(super) under_way: &'static str,
    pub(super) done: &'static str,
    pub(super) failed: &'static str,
    /// Whether the answer to a refund itself tells a state.
    pub(super) tells_at_once: bool,
    /// Whether a state may stand there as a number.
    pub(super) numbers: bool,
}

/// The gateway gives money back, or tells of it.
pub(super) fn answer(world: &mut World, request: &Request, words: &Words, key: String) -> Reply {
    let back = if request.kind == Kind::Refund {
        match world.take_on(request, request.minor.unwrap_or(0)) {
            Ok(back) => back,
            Err(why) => return refused(why),
        }
    } else {
        let known = world.platform.returns.get(&request.refund_no).cloned();
        // What has just arrived may not be found for a moment.
        match known.filter(|_| world.fair || !world.chance.permille(50)) {
            Some(back) => back,
            None => return Reply::Fault(Fault::NoSuchOrder, "退款单不存在".to_owned()),
        }
    };
    let (data, proof) = told(&mut world.chance, request, words, &back);
    Reply::Data(data, vec![proof], key)
}

fn refused(why: NotReturned) -> Reply {
    let (fault, text) = match why {
        NotReturned::NoOrder => (Fault::NoSuchOrder, "订单不存在"),
        NotReturned::TooMuch => (Fault::Upstream, "退款金额大于支付金额"),
        NotReturned::Duplicate => (Fault::RefundTwice, "退款单号重复"),
        NotReturned::Balance => (Fault::Balance, "余额不足"),
        NotReturned::TooLate => (Fault::TooLate, "订单已超过可退款期限"),
    };
    Reply::Fault(fault, text.to_owned())
}

fn told(chance: &mut Chance, request: &Request, words: &Words, back: &Return) -> (Fields, Proof) {
    let mut data = Fields::new();
    let mut set = |name: &str, value: Value| data.insert(name.to_owned(), value);
    set(words.refund, json!(request.refund_no));
    if chance.permille(700) {
        set(words.order, json!(request.order_no));
    }
    if chance.permille(800) || words.currency.is_none() {
        set(words.amount, if chance.permille(500) { json!(back.minor) } else { json!(back.minor.to_string()) });
    }
    if chance.permille(700) {
        set(words.theirs, json!(back.gateway_no));
    }
    let (word, proof) = match back.standing {
        Standing::UnderWay => (words.under_way, Proof::RefundUnderWay),
        Standing::Done => (words.done, Proof::RefundDone),
        Standing::Failed => (words.failed, Proof::RefundFailed),
    };
    if request.kind == Kind::Refund && (!words.tells_at_once || chance.permille(500)) {
        return (data, Proof::RefundUnderWay);
    }
    set(words.state, stated(chance, words, word));
    (data, proof)
}

fn stated(chance: &mut Chance, words: &Words, word: &str) -> Value {
    match word.parse::<i64>() {
        Ok(number) if words.numbers && chance.permille(500) => json!(number),
        Ok(_) | Err(_) => json!(word),
    }
}

/// What a network or a gateway in disorder makes of the fields of such an answer, and what it then proves.
pub(super) fn spoil(
    chance: &mut Chance,
    (kind, words): (Kind, &Words),
    dress: Dress,
    data: &mut Fields,
    proofs: Vec<Proof>,
) -> Vec<Proof> {
    let contradiction = vec![Proof::Contradiction];
    let asks = kind == Kind::RefundQuery;
    match dress {
        Dress::OtherNumber => {
            let name = if chance.permille(500) { words.refund } else { words.order };
            data.insert(name.to_owned(), json!("TR0000000000000000000000000X"));
            contradiction
        }
        Dress::OtherAmount => {
            data.insert(words.amount.to_owned(), json!(999_999_900 + chance.between(1, 99)));
            contradiction
        }
        Dress::OtherMerchant => {
            data.insert(words.merchant.to_owned(), json!("1000000000000001"));
            contradiction
        }
        Dress::OtherCurrency => match words.currency {
            Some(name) => {
                data.insert(name.to_owned(), json!("USD"));
                contradiction
            }
            None => proofs,
        },
        // It does not say which refund it speaks of: that ends none.
        Dress::Torn => {
            data.remove(words.refund);
            let stated = data.contains_key(words.state);
            let under_way = proofs == [Proof::RefundUnderWay] && stated;
            if under_way { proofs } else { vec![Proof::Nothing] }
        }
        Dress::Stateless => {
            data.remove(words.state);
            if asks { vec![Proof::Nothing] } else { vec![Proof::RefundUnderWay] }
        }
        Dress::UnknownWord => {
            data.insert(words.state.to_owned(), json!("PARTLY"));
            if asks || words.tells_at_once { vec![Proof::Nothing] } else { proofs }
        }
        Dress::WrongSign | Dress::UnsignedPaid => {
            data.insert(words.state.to_owned(), json!(words.done));
            vec![Proof::Nothing]
        }
        Dress::Cut | Dress::Twice => vec![Proof::Nothing],
        Dress::Plain | Dress::Status(..) | Dress::Html | Dress::Empty | Dress::Fault(_) | Dress::OthersPayment => {
            proofs
        }
    }
}

/// What is done to the text of such an answer once it is signed.
pub(super) fn mangle(text: &mut String, dress: Dress, words: &Words) {
    match dress {
        Dress::Cut => cut(text),
        Dress::Twice => {
            let (name, state, done) = (words.refund, words.state, words.done);
            let twice = format!("\"{state}\":\"{done}\",\"{state}\":\"{done}\",\"{name}\"");
            *text = text.replacen(&format!("\"{name}\""), &twice, 1);
        }
        _ => {}
    }
}
