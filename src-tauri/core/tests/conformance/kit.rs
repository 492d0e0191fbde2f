//! What the suite needs to know of a gateway to play its opponent.

use crate::exchange::{Asked, Exchange, Heard};
use serde_json::{Map, Value};
use till_core::account::{Account, Keys};
use till_core::gateway::call::HttpAnswer;
use till_core::gateway::descriptor::Channel;
use till_core::gateway::{Gateway, named};
use till_core::money::Currency;

/// Every gateway's kit.
pub(crate) static KITS: [&Kit; 4] =
    [&crate::pooul::KIT, &crate::jubao::KIT, &crate::dingdang::KIT, &crate::blueocean::KIT];

/// Now by the gateway's clock, in every exchange of the suite. UTC seconds.
pub(crate) const SECONDS: i64 = 1_767_225_600;

/// What the suite must know of a gateway to play its opponent.
pub(crate) struct Kit {
    /// Its name in the registry, and the folder of its recorded exchanges.
    pub(crate) gateway: &'static str,
    pub(crate) account: fn() -> Account,
    pub(crate) keys: fn() -> Keys,
    /// The currency of the recorded amounts, unless an exchange names its own.
    pub(crate) money: Currency,
    /// The object of an answer that holds the payment's fields.
    pub(crate) content: fn(&mut Value) -> &mut Map<String, Value>,
    /// Whether an answer to that call says by its envelope that the call was successful.
    pub(crate) fine: fn(Asked, &Value) -> bool,
    /// Where signatures stand.
    pub(crate) seal: Seal,
    /// Answers without a signature.
    pub(crate) unsigned: Unsigned,
    /// The fields of a payment, in answers to creates, queries and looks; those of closes and reverses as far as stated.
    pub(crate) trade: Fields,
    /// The fields of a refund, where the gateway refunds.
    pub(crate) refund: Option<Fields>,
    /// How its answers to closes and reverses say that the order has ended, for each of the two that it has.
    pub(crate) ends: &'static [End],
    /// The account's value of the merchant's field.
    pub(crate) our_merchant: &'static str,
    /// Why there is no answer that says "closed", where there is none.
    pub(crate) never_closed: Option<&'static str>,
    /// Why another merchant in the answer to a create is borne, where it is.
    pub(crate) foreign_merchant_in_create: Option<&'static str>,
    /// Answers to the first call that cannot be told from answers to the second, and why that does no harm.
    pub(crate) alike: &'static [(Asked, Asked, &'static str)],
}

/// Where a gateway's signature stands. Signing a second time must give the same answer.
pub(crate) enum Seal {
    /// Among the fields.
    Field {
        /// Signs as the gateway would, where it may.
        put: fn(&mut Value),
        /// Whether the signature is right; `None`: there is none.
        right: fn(&Value) -> Option<bool>,
        /// Takes the signature off.
        take: fn(&mut Value),
    },
    /// In the `Authorization` header, over the very bytes of the body.
    Header {
        /// The header that the gateway would send, at [`SECONDS`].
        put: fn(&[u8]) -> String,
        /// Whether the header is right for these bytes.
        right: fn(&[u8], &str) -> bool,
    },
}

/// What becomes of answers without a signature.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unsigned {
    /// They are unreadable.
    Refused,
    /// They are read as if they were signed, and why. A signature that is there must still be right.
    Accepted(&'static str),
}

/// The names of an answer's fields, and the words in them.
pub(crate) struct Fields {
    /// Every name of the state's field; the first is the usual one.
    pub(crate) state: &'static [&'static str],
    /// Words that mean paid or, of a refund, that the money is back.
    pub(crate) proving_words: &'static [&'static str],
    /// Words that no document knows, or that end nothing.
    pub(crate) strange_words: &'static [&'static str],
    pub(crate) amount: &'static str,
    /// Our number: the order's or, of a refund, the refund's.
    pub(crate) number: &'static str,
    /// Of a refund, our number of the order, where answers name it.
    pub(crate) order: Option<&'static str>,
    pub(crate) merchant: &'static str,
    /// Every name of the currency's field.
    pub(crate) currency: &'static [&'static str],
    pub(crate) currency_words: &'static [&'static str],
}

/// How an answer says that an order has ended by a close or a reverse.
pub(crate) struct End {
    pub(crate) asked: Asked,
    /// Every name of the status, the one that goes before first.
    pub(crate) status: &'static [&'static str],
    /// The words that say so.
    pub(crate) words: &'static [&'static str],
    /// A field that refuses, whatever the status says, unless it is 0.
    pub(crate) refusal: Option<&'static str>,
}

impl Fields {
    /// The state's usual name.
    pub(crate) fn state(&self) -> &'static str {
        self.state[0]
    }

    /// Every field whose value matters.
    pub(crate) fn names(&self) -> Vec<&'static str> {
        let mut names = vec![self.amount, self.number, self.merchant];
        names.extend(self.state.iter().chain(self.currency).chain(self.order.as_ref()));
        names
    }
}

impl Kit {
    pub(crate) fn gateway(&self) -> &'static dyn Gateway {
        named(self.gateway).expect("a kit names a gateway of the registry")
    }

    pub(crate) fn channel(&self, name: &str) -> &'static Channel {
        Account::channel(self.gateway().descriptor(), name).expect("a channel of the gateway")
    }

    /// The fields of an answer to that call.
    pub(crate) fn fields(&self, asked: Asked) -> &Fields {
        match asked {
            Asked::Refund | Asked::RefundQuery => self.refund.as_ref().expect("who refunds has a refund's fields"),
            Asked::Create | Asked::Query | Asked::Close | Asked::Reverse | Asked::Look => &self.trade,
        }
    }

    /// Every field of an answer to that call whose value matters.
    pub(crate) fn names(&self, asked: Asked) -> Vec<&'static str> {
        let ends = self.ends.iter().filter(|end| end.asked == asked);
        let statuses = ends.flat_map(|end| end.status.iter().copied().chain(end.refusal));
        self.fields(asked).names().into_iter().chain(statuses).collect()
    }

    /// An answer as the gateway sends it, signed.
    pub(crate) fn reply(&self, answer: &Value) -> HttpAnswer {
        self.sent(self.printed(answer))
    }

    /// The body of such an answer, signed where the signature is one of its fields.
    pub(crate) fn printed(&self, answer: &Value) -> Vec<u8> {
        let mut answer = answer.clone();
        if let Seal::Field { put, .. } = self.seal {
            put(&mut answer);
        }
        answer.to_string().into_bytes()
    }

    /// These very bytes from the gateway: signed only where the signature stands beside them.
    pub(crate) fn sent(&self, body: Vec<u8>) -> HttpAnswer {
        let authorization = self.header(&body);
        HttpAnswer { status: 200, body, date: None, retry_after: None, authorization }
    }

    /// The signature beside these bytes, where it stands there.
    pub(crate) fn header(&self, body: &[u8]) -> Option<String> {
        match self.seal {
            Seal::Header { put, .. } => Some(put(body)),
            Seal::Field { .. } => None,
        }
    }

    /// A signed answer with its signature taken off.
    pub(crate) fn bare(&self, reply: &HttpAnswer) -> HttpAnswer {
        match self.seal {
            Seal::Header { .. } => HttpAnswer { authorization: None, ..reply.clone() },
            Seal::Field { take, .. } => {
                let mut answer: Value = serde_json::from_slice(&reply.body).unwrap();
                take(&mut answer);
                HttpAnswer { body: answer.to_string().into_bytes(), ..reply.clone() }
            }
        }
    }

    /// Whether an answer's signature is right; `None`: it bears none. The body is JSON.
    pub(crate) fn signed(&self, reply: &HttpAnswer) -> Option<bool> {
        match self.seal {
            Seal::Header { right, .. } => reply.authorization.as_deref().map(|header| right(&reply.body, header)),
            Seal::Field { right, .. } => right(&serde_json::from_slice(&reply.body).unwrap()),
        }
    }

    /// What core hears in `answer`, printed and signed anew.
    pub(crate) fn hear_signed(&self, exchange: &Exchange, answer: &Value) -> Heard {
        self.hear_answer(exchange, &self.reply(answer))
    }

    /// What core hears in `answer` just as it stands, without a header.
    pub(crate) fn hear_value(&self, exchange: &Exchange, answer: &Value) -> Heard {
        self.hear(exchange, answer.to_string().as_bytes())
    }

    /// What core hears in these bytes, without a header.
    pub(crate) fn hear(&self, exchange: &Exchange, body: &[u8]) -> Heard {
        let body = body.to_vec();
        let answer = HttpAnswer { status: 200, body, date: None, retry_after: None, authorization: None };
        self.hear_answer(exchange, &answer)
    }

    /// What core hears in the exchange's answer with one field of its content changed, signed anew. `None` takes it away.
    pub(crate) fn hear_with(&self, exchange: &Exchange, name: &str, value: Option<Value>) -> Heard {
        self.hear_signed(exchange, &self.with(exchange, name, value))
    }

    /// The exchange's answer with one field of its content changed. `None` takes the field away.
    pub(crate) fn with(&self, exchange: &Exchange, name: &str, value: Option<Value>) -> Value {
        let mut answer = exchange.answer.clone();
        let content = (self.content)(&mut answer);
        match value {
            Some(value) => drop(content.insert(name.to_owned(), value)),
            None => drop(content.remove(name)),
        }
        answer
    }
}
