//! What the suite needs to know of a gateway, and its recorded exchanges.

use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::Path;
use till_core::account::{Account, Keys};
use till_core::gateway::call::HttpAnswer;
use till_core::gateway::descriptor::Channel;
use till_core::gateway::reaction::Said;
use till_core::gateway::{CloseOutcome, CreateIntent, Created, Dealing, Gateway, Read, Subject, Unreadable, named};
use till_core::money::{Currency, Money};
use till_core::order::report::TradeReport;

/// Every gateway's kit.
pub(crate) static KITS: [&Kit; 1] = [&crate::pooul::KIT];

/// What the suite must know of a gateway to play its opponent.
pub(crate) struct Kit {
    /// Its name in the registry, and the folder of its recorded exchanges.
    pub(crate) gateway: &'static str,
    pub(crate) account: fn() -> Account,
    pub(crate) keys: fn() -> Keys,
    /// The object of an answer that holds the payment's fields.
    pub(crate) content: fn(&mut Value) -> &mut Map<String, Value>,
    /// Signs an answer as the gateway would.
    pub(crate) seal: fn(&mut Value),
    /// Whether an answer bears a right signature.
    pub(crate) sealed: fn(&Value) -> bool,
    /// Takes the signature off.
    pub(crate) unseal: fn(&mut Value),
    pub(crate) state: &'static str,
    pub(crate) amount: &'static str,
    pub(crate) number: &'static str,
    pub(crate) merchant: &'static str,
    /// The account's value of it.
    pub(crate) our_merchant: &'static str,
    /// Every name of the currency's field.
    pub(crate) currency: &'static [&'static str],
    pub(crate) currency_words: &'static [&'static str],
    pub(crate) paid_words: &'static [&'static str],
    /// Words that no document knows, or that end nothing.
    pub(crate) strange_words: &'static [&'static str],
}

impl Kit {
    pub(crate) fn gateway(&self) -> &'static dyn Gateway {
        named(self.gateway).expect("a kit names a gateway of the registry")
    }

    pub(crate) fn channel(&self, name: &str) -> &'static Channel {
        Account::channel(self.gateway().descriptor(), name).expect("a channel of the gateway")
    }

    /// The recorded exchanges of the kit's folder, by file name.
    pub(crate) fn exchanges(&self) -> Vec<Exchange> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance").join(self.gateway);
        let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.retain(|file| file.extension().is_some_and(|kind| kind == "json"));
        files.sort();
        let mut exchanges = Vec::new();
        for file in files {
            let name = file.file_stem().unwrap().to_string_lossy().into_owned();
            let mut recorded: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).expect(&name);
            let text = |key: &str| recorded[key].as_str().unwrap_or_else(|| panic!("{name}: {key}")).to_owned();
            let asked = match text("call").as_str() {
                "create" => Asked::Create,
                "query" => Asked::Query,
                "close" => Asked::Close,
                other => panic!("{name}: {other}"),
            };
            let (channel, order_no) = (self.channel(&text("channel")), text("order_no"));
            assert!(!text("document").is_empty(), "{name} says where it comes from");
            let mut answer = recorded["answer"].take();
            (self.seal)(&mut answer);
            let amount_minor = recorded["amount_minor"].as_i64().unwrap();
            exchanges.push(Exchange {
                name,
                asked,
                channel,
                order_no,
                amount_minor,
                means: recorded["means"].take(),
                answer,
            });
        }
        exchanges
    }

    /// The exchanges whose answer says that the customer has paid.
    pub(crate) fn paid(&self) -> Vec<Exchange> {
        self.exchanges().into_iter().filter(|exchange| exchange.means["state"] == "paid").collect()
    }

    /// What core hears in `body` as the answer to the exchange's call.
    pub(crate) fn hear(&self, exchange: &Exchange, body: &[u8]) -> Heard {
        self.hear_answer(
            exchange,
            &HttpAnswer { status: 200, body: body.to_vec(), date: None, retry_after: None, authorization: None },
        )
    }

    pub(crate) fn hear_value(&self, exchange: &Exchange, answer: &Value) -> Heard {
        self.hear(exchange, answer.to_string().as_bytes())
    }

    pub(crate) fn hear_answer(&self, exchange: &Exchange, answer: &HttpAnswer) -> Heard {
        let (account, keys, extra) = ((self.account)(), (self.keys)(), BTreeMap::new());
        let dealing = Dealing {
            account: &account,
            keys: &keys,
            nonce: "0123456789abcdefghijklmnopqrstuv",
            seconds: 1_767_225_600,
        };
        let gateway = self.gateway();
        let subject = Subject { order_no: &exchange.order_no, channel: exchange.channel, gateway_no: None };
        match exchange.asked {
            Asked::Create => {
                let intent = CreateIntent {
                    order_no: &exchange.order_no,
                    channel: exchange.channel,
                    amount: Money { minor: exchange.amount_minor, currency: Currency::Cny },
                    body: "天虹龙华店-食品",
                    device_info: "92883",
                    client_ip: "127.0.0.1",
                    time_start: 1_767_225_600,
                    time_expire: 1_767_225_900,
                    extra: &extra,
                    payment_code: None,
                };
                let creating = gateway.creating().expect("a gateway with a recorded create creates");
                Heard::of(creating.read_create(dealing, &intent, answer), Heard::Created)
            }
            Asked::Query => Heard::of(gateway.read_query(dealing, &subject, answer), Heard::Report),
            Asked::Close => {
                let closing = gateway.closing().expect("a gateway with a recorded close closes");
                Heard::of(closing.read_close(dealing, &subject, answer), Heard::Close)
            }
        }
    }

    /// The exchange's answer with one field of its content changed, signed again. `None` takes the field away.
    pub(crate) fn with(&self, exchange: &Exchange, name: &str, value: Option<Value>) -> Value {
        let mut answer = exchange.answer.clone();
        let content = (self.content)(&mut answer);
        match value {
            Some(value) => drop(content.insert(name.to_owned(), value)),
            None => drop(content.remove(name)),
        }
        (self.seal)(&mut answer);
        answer
    }
}

/// What was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    Create,
    Query,
    Close,
}

/// A call and its answer, as a document prints them.
#[derive(Debug, Clone)]
pub(crate) struct Exchange {
    pub(crate) name: String,
    pub(crate) asked: Asked,
    pub(crate) channel: &'static Channel,
    pub(crate) order_no: String,
    pub(crate) amount_minor: i64,
    /// The answer, signed.
    pub(crate) answer: Value,
    /// What it must be read as.
    pub(crate) means: Value,
}

/// What core made of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Heard {
    Created(Created),
    Report(TradeReport),
    Close(CloseOutcome),
    Says(Said),
    Nothing(Unreadable),
}

impl Heard {
    fn of<T>(read: Read<T>, meaning: fn(T) -> Self) -> Self {
        match read {
            Read::Means(meant) => meaning(meant),
            Read::Says(said) => Self::Says(said),
            Read::Unreadable(why) => Self::Nothing(why),
        }
    }

    /// Whether the till would book a payment.
    pub(crate) fn pays(&self, exchange: &Exchange) -> bool {
        matches!(self, Self::Report(report) if report.proves_paid(exchange.amount_minor))
    }

    /// Whether the till would show a code.
    pub(crate) fn shows_a_code(&self) -> bool {
        matches!(self, Self::Created(created) if created.link.is_some())
    }

    /// Whether the till would keep an authentic contradiction.
    pub(crate) fn contradicts(&self, exchange: &Exchange) -> bool {
        matches!(self, Self::Report(report) if report.contradiction(exchange.amount_minor).is_some())
    }

    pub(crate) fn is_unreadable(&self) -> bool {
        matches!(self, Self::Nothing(_))
    }

    /// Whether nothing is believed but, at most, that an error was named.
    pub(crate) fn believes_nothing(&self) -> bool {
        matches!(self, Self::Nothing(_) | Self::Says(_))
    }
}
