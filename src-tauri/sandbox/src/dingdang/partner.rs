//! Dingdang's own calls to its partner (004:29-102, 004:226-258): a customer orders, has paid, or gets money back. Written for the
//! stage alone, signing and all.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::keys::Header;
use super::trades::about;
use super::{NAME, ORDER, refunds};
use crate::answer::Answered;
use crate::fault::Fault;
use crate::notify::Letter;
use crate::refund::{Refund, RefundState, Wish};
use crate::stage::Book;
use crate::trade::{Item, Trade};

/// What a customer says at the speaker, and to which partner it goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Speech {
    /// The partner's address: `http://127.0.0.1:PORT/dingdang/ACCOUNT`.
    pub partner: String,
    /// The lines.
    pub items: Vec<Item>,
    /// Whom the partner knows the customer as.
    pub user_token: String,
    /// Calls with the same one are the same order. Nothing: a new one.
    #[serde(default)]
    pub nonce: Option<String>,
    /// Fen. Nothing: what the lines add up to.
    #[serde(default)]
    pub total: Option<i64>,
}

/// Interface 1.
pub(crate) fn create(book: &Book, speech: &Speech, fault: Option<&Fault>) -> Letter {
    let sum = speech.items.iter().map(|item| item.amount).fold(0, i64::saturating_add);
    let amount_minor = speech.total.unwrap_or(sum);
    let data = [
        ("skillId", json!(book.dingdang.skill_id)),
        ("userToken", json!(speech.user_token)),
        ("details", json!(speech.items)),
        ("totalAmt", json!(amount_minor)),
        ("nonceStr", json!(speech.nonce.clone().unwrap_or_else(|| book.nonce()))),
    ];
    let data = data.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    call(book, Answered { data, key: String::new(), code: 0, number: String::new(), amount_minor, names: ORDER }, fault)
}

/// Interface 2.
pub(crate) fn ship(book: &Book, trade: &Trade, fault: Option<&Fault>) -> Letter {
    let mut data = about(book, trade);
    data.insert("userToken".to_owned(), json!(trade.user_token));
    data.insert("nonceStr".to_owned(), json!(book.nonce()));
    let (number, amount_minor) = (trade.order_no.clone(), trade.amount_minor);
    call(book, Answered { data, key: String::new(), code: 0, number, amount_minor, names: ORDER }, fault)
}

/// Interface 6.
pub(crate) fn refund(book: &Book, trade: &Trade, refund: &Refund, fault: Option<&Fault>) -> Letter {
    let mut told = refunds::answered(book, trade, refund, true);
    told.data.insert("nonceStr".to_owned(), json!(book.nonce()));
    call(book, told, fault)
}

fn call(book: &Book, mut told: Answered, fault: Option<&Fault>) -> Letter {
    if let Some(fault) = fault {
        told.falsify(fault);
    }
    let Answered { mut data, number, names, .. } = told;
    if fault == Some(&Fault::WrongCustomer) {
        data.insert("userToken".to_owned(), json!("somebody else"));
    }
    if fault == Some(&Fault::WrongTransaction)
        && let Some(number) = data.get_mut("transactionId")
    {
        *number = json!("90000000000000000001");
    }
    let mut body = Value::Object(data).to_string();
    if fault == Some(&Fault::DuplicatedKeys) {
        body = body.replacen('{', &format!(r#"{{"{}":"{number}","#, names.number), 1);
    }
    let keys = &book.dingdang.keys;
    let now = book.gateway_s();
    let authorization = match fault {
        Some(Fault::MissingSignature) => None,
        Some(Fault::WrongSignature) => keys.sign_wrongly(&body, now),
        Some(Fault::Stale { seconds }) => keys.sign_reply(&body, now.saturating_sub(*seconds)),
        _ => keys.sign_reply(&body, now),
    };
    Letter { content_type: "application/json;charset=UTF-8", body, authorization }
}

impl Book {
    /// Whether the partner signed this answer.
    pub(crate) fn is_the_partners(&self, body: &str, authorization: &str) -> bool {
        Header::read(authorization).is_some_and(|header| self.dingdang.keys.verifies(body.as_bytes(), &header))
    }

    /// The partner gave an order its number: from now on the customer can pay it.
    pub(crate) fn ordered(&mut self, speech: &Speech, answer: &str) {
        let answer: Map<String, Value> = serde_json::from_str(answer).unwrap_or_default();
        let text = |name: &str| answer.get(name).and_then(Value::as_str);
        let (Some("SUCCESS"), Some(trade_no)) = (text("retCode"), text("tradeNo")) else { return };
        if self.order_by_voice(Some(trade_no.to_owned()), speech.items.clone()).is_some() {
            self.belongs_to(trade_no, &speech.partner, &speech.user_token);
        }
    }

    /// Whom an order's notices go to.
    pub(crate) fn belongs_to(&mut self, order_no: &str, partner: &str, user_token: &str) -> Option<Trade> {
        let trade = self.kept.trades.get_mut(order_no)?;
        partner.clone_into(&mut trade.notify_url);
        trade.user_token = Some(user_token.to_owned());
        let trade = trade.clone();
        self.touch();
        Some(trade)
    }

    /// The platform gives an order's money back by itself, under a number of its own.
    pub(crate) fn give_back_here(&mut self, order_no: &str) -> Option<Refund> {
        let refund_no = self.kept.ids.short("refund of the platform", self.kept.next_refund);
        let wish = Wish {
            gateway: NAME,
            order_no,
            refund_no: &refund_no,
            amount_minor: None,
            items: Vec::new(),
            turns_order: false,
        };
        self.give_back(wish).ok()?;
        self.decide_refund(Some(&refund_no), RefundState::Done)
    }
}
