//! What Dingdang asks of its partner by itself: the words of each call, its proof, and every way in which one can be wrong.

use super::answer::{Proof, cut};
use super::dingdang::{seal, seal_of_another, sealed_at};
use super::{Dialect, Fields, tail};
use crate::simulation::chance::Chance;
use crate::simulation::gateway::{About, HOUSES, Standing};
use crate::simulation::world::World;
use serde_json::{Value, json};

/// Stands in every customer's token, so that one is recognised wherever it turns up.
pub const TOKEN_MARK: &str = "tokenqzx";

/// What is done to a call, by somebody else or by a gateway in disorder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spoil {
    /// Nothing.
    No,
    /// Another body is signed.
    WrongSign,
    /// The key that signs is not the gateway's.
    OtherKey,
    /// No signature.
    Unsigned,
    /// Signed, and changed afterwards.
    Altered,
    /// Its proof twice.
    TwoProofs,
    /// It goes to an account of another gateway.
    Astray,
    /// Signed so many seconds from now.
    Stale(i64),
    /// Cut off, and signed so.
    Cut,
    /// A field twice, signed.
    Twice,
    /// Without its random text, signed.
    Incomplete,
    /// It goes to the gateway's other account.
    Misled,
    /// About an order of nobody, signed.
    OtherNumber,
    /// Another sum than that of the lines or of the order, signed.
    OtherSum,
    /// Another merchant, signed.
    OtherMerchant,
    /// Another customer, signed.
    OtherCustomer,
}

/// One of the ways; for half of the calls none.
pub fn some_spoil(chance: &mut Chance) -> Spoil {
    use Spoil::{
        Altered, Astray, Cut, Incomplete, Misled, No, OtherCustomer, OtherKey, OtherMerchant, OtherNumber, OtherSum,
        Stale, Twice, TwoProofs, Unsigned, WrongSign,
    };
    if chance.permille(500) {
        return No;
    }
    let stale = *chance.one_of(&[-86_400, -10_800, -600, -206, 206, 600, 86_400]);
    let all = [
        WrongSign,
        OtherKey,
        Unsigned,
        Altered,
        TwoProofs,
        Astray,
        Stale(stale),
        Stale(stale),
        Stale(-150),
        Cut,
        Twice,
        Incomplete,
        Misled,
        OtherNumber,
        OtherSum,
        OtherSum,
        OtherMerchant,
        OtherCustomer,
    ];
    *chance.one_of(&all)
}

/// What has to become of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// Taken, if nothing at the till is out of order.
    Taken,
    /// Nobody can tell what the till's clock makes of it.
    Either,
    /// Refused in a signed reply.
    Refused,
    /// Either of these two, as the till's clock has it.
    NotTaken,
    /// Turned away like anybody who is not the gateway.
    TurnedAway,
}

/// A call as it is written. It is signed anew whenever it leaves.
#[derive(Debug, Clone)]
pub struct Letter {
    /// What about.
    pub about: About,
    /// What is wrong with it.
    pub spoil: Spoil,
    /// The account to which it goes.
    pub account: &'static str,
    /// The order, in truth; empty where it asks for one.
    pub order_no: String,
    /// What it says.
    pub body: String,
    /// The same as a till may keep it: without the customer's token.
    pub kept: String,
    /// What it proves.
    pub proofs: Vec<Proof>,
    /// World time.
    pub made: i64,
    signed: String,
}

impl Letter {
    /// The end of the path to which it goes.
    #[must_use]
    pub fn interface(&self) -> &'static str {
        match self.about {
            About::Speech(_) => "create",
            About::Paid(_) => "ship",
            About::Back(_) | About::BackElsewhere(..) => "refund",
        }
    }

    /// Its headers of proof as it leaves at `seconds` of the gateway's clock, and the time that they state.
    #[must_use]
    pub fn proofs_at(&self, seconds: i64) -> (Vec<String>, i64) {
        let at = if let Spoil::Stale(by) = self.spoil { seconds + by } else { seconds };
        let headers = match self.spoil {
            Spoil::Unsigned => vec![],
            Spoil::WrongSign => vec![seal("another body", at)],
            Spoil::OtherKey => vec![seal_of_another(&self.signed, at)],
            Spoil::TwoProofs => vec![seal(&self.signed, at), seal(&self.signed, at)],
            _ => vec![seal(&self.signed, at)],
        };
        (headers, at)
    }

    /// What has to become of it, where its time is surely, or possibly, now for the till.
    #[must_use]
    pub fn due(&self, (surely, possibly): (bool, bool)) -> Due {
        let right = match self.spoil {
            Spoil::No | Spoil::Stale(_) => Due::Taken,
            Spoil::WrongSign
            | Spoil::OtherKey
            | Spoil::Unsigned
            | Spoil::Altered
            | Spoil::TwoProofs
            | Spoil::Astray => return Due::TurnedAway,
            Spoil::Cut | Spoil::Twice | Spoil::Incomplete | Spoil::Misled | Spoil::OtherNumber => Due::Refused,
            // What contradicts an order is committed as a dispute.
            Spoil::OtherSum | Spoil::OtherMerchant if !matches!(self.about, About::Speech(_)) => Due::Taken,
            Spoil::OtherCustomer if matches!(self.about, About::Paid(_)) => Due::Taken,
            Spoil::OtherSum | Spoil::OtherMerchant | Spoil::OtherCustomer => Due::Refused,
        };
        match (surely, possibly) {
            (true, _) => right,
            (false, true) if right == Due::Refused => Due::NotTaken,
            (false, true) => Due::Either,
            (false, false) => Due::TurnedAway,
        }
    }
}

/// Writes a call. None: there is nothing of that sort to tell.
pub fn letter(world: &mut World, about: &About, spoil: Spoil) -> Option<Letter> {
    let (place, order_no, mut data, proofs) = said(world, about)?;
    let nonce = format!("n{}x", world.platform.calls.nonce());
    let merchant = &world.platform.merchants[place].id;
    data.insert("skillId".to_owned(), json!(merchant));
    data.entry("nonceStr".to_owned()).or_insert(json!(nonce));
    let signed = Value::Object(data.clone()).to_string();
    let mut proofs = proofs;
    let asks = matches!(about, About::Speech(_));
    match spoil {
        Spoil::OtherSum => {
            let name = if matches!(about, About::Back(_)) { "refundAmt" } else { "totalAmt" };
            data.insert(name.to_owned(), json!(data[name].as_i64()? + 1));
            proofs = vec![Proof::Contradiction];
        }
        Spoil::OtherMerchant => {
            data.insert("skillId".to_owned(), json!("another"));
            proofs = vec![Proof::Contradiction];
        }
        Spoil::OtherCustomer if matches!(about, About::Paid(_)) => {
            data.insert("userToken".to_owned(), json!(format!("{TOKEN_MARK} of another")));
            proofs = vec![Proof::Contradiction];
        }
        Spoil::OtherCustomer | Spoil::Incomplete => {
            data.remove("nonceStr");
        }
        Spoil::OtherNumber if asks => {
            data.remove("nonceStr");
        }
        Spoil::OtherNumber => {
            for name in ["tradeNo", "refundTradeNo"] {
                data.insert(name.to_owned(), json!("TK0000000000000000000000000X"));
            }
        }
        Spoil::Altered => {
            data.insert("news".to_owned(), json!(1));
        }
        _ => {}
    }
    let printed = |data: &Fields| {
        let mut text = Value::Object(data.clone()).to_string();
        match spoil {
            Spoil::Cut => cut(&mut text),
            Spoil::Twice => text = text.replacen('{', "{\"totalAmt\":1,", 1),
            _ => {}
        }
        text
    };
    let body = printed(&data);
    let mut hidden = data.clone();
    if hidden.contains_key("userToken") {
        hidden.insert("userToken".to_owned(), json!("***"));
    }
    let signed = if spoil == Spoil::Altered { signed } else { body.clone() };
    let account = match spoil {
        Spoil::Misled => {
            HOUSES
                .iter()
                .enumerate()
                .find(|(other, (_, dialect))| *dialect == Dialect::Dingdang && *other != place)?
                .1
                .0
        }
        Spoil::Astray => HOUSES[0].0,
        _ => HOUSES[place].0,
    };
    let made = world.now;
    Some(Letter { about: about.clone(), spoil, account, order_no, kept: printed(&hidden), body, proofs, made, signed })
}

/// Who is told, of which order, what, and what that proves.
fn said(world: &World, about: &About) -> Option<(usize, String, Fields, Vec<Proof>)> {
    let mut data = Fields::new();
    let mut set = |name: &str, value: Value| {
        data.insert(name.to_owned(), value);
    };
    let of_order = match about {
        About::Speech(place) => {
            let speech = world.platform.calls.speeches.get(*place)?;
            let line = |(id, quantity, amount): &(&str, u32, i64)| json!({"itemId": id, "quantity": quantity, "amount": amount});
            set("userToken", json!(speech.token));
            set("nonceStr", json!(speech.nonce));
            set("details", speech.lines.iter().map(line).collect());
            set("totalAmt", json!(speech.minor()));
            return Some((speech.place, String::new(), data, vec![]));
        }
        About::Paid(order_no) | About::BackElsewhere(order_no, _) => order_no.clone(),
        About::Back(refund_no) => world.platform.returns.get(refund_no)?.order_no.clone(),
    };
    let trade = world.platform.trades.get(&of_order)?;
    if world.platform.merchants[trade.place].dialect != Dialect::Dingdang || !trade.ever_paid {
        return None;
    }
    set("tradeNo", json!(of_order));
    set("transactionId", json!(trade.gateway_no));
    set("totalAmt", json!(trade.minor));
    let mut back = |refund_no: &str, theirs: &str, minor: i64, word: &str| {
        set("refundTradeNo", json!(refund_no));
        set("refundTransactionId", json!(theirs));
        set("refundAmt", json!(minor));
        set("refundStatus", json!(word));
        set("refundStatusDesc", json!("说明"));
    };
    let proof = match about {
        About::Speech(_) => return None,
        About::Paid(_) => {
            set("userToken", json!(world.platform.calls.token_of(&of_order)));
            Proof::Paid
        }
        About::Back(refund_no) => {
            let known = &world.platform.returns[refund_no];
            let (word, proof) = match known.standing {
                Standing::UnderWay => ("PROCESSING", Proof::RefundUnderWay),
                Standing::Done => ("SUCCESS", Proof::RefundDone),
                Standing::Failed => ("FAIL", Proof::RefundFailed),
            };
            back(refund_no, &known.gateway_no, known.minor, word);
            proof
        }
        About::BackElsewhere(_, minor) => {
            back(&format!("EX{minor}{}", tail(&of_order)), "5970elsewhere", *minor, "SUCCESS");
            Proof::Refunded
        }
    };
    Some((trade.place, of_order, data, vec![proof]))
}

/// What the till replied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Replied {
    /// Taken; the order's number where one was asked for.
    Taken(Option<String>),
    /// Refused, in words.
    Refused(String),
    /// Turned away.
    TurnedAway,
}

/// Reads a reply strictly; else what is wrong with it.
pub fn reply(authorization: Option<&str>, body: &[u8]) -> Result<Replied, &'static str> {
    let Some(header) = authorization else {
        return if body == br#"{"retCode":"FAIL"}"# { Ok(Replied::TurnedAway) } else { Err("unsigned words") };
    };
    if sealed_at(header, body).is_none() {
        return Err("the signature is not the till's");
    }
    let Ok(Value::Object(said)) = serde_json::from_slice(body) else { return Err("no object") };
    let text = |name: &str| said.get(name).and_then(Value::as_str).map(str::to_owned);
    match (text("retCode").as_deref(), text("tradeNo"), text("retMsg")) {
        (Some("SUCCESS"), number, None) => Ok(Replied::Taken(number)),
        (Some("FAIL"), None, Some(words)) if words.chars().count() <= 32 => Ok(Replied::Refused(words)),
        _ => Err("other words than documented"),
    }
}
