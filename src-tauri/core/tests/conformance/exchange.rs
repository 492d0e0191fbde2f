//! Recorded exchanges: a call and its answer as a document prints them, and what core hears in it.
//!
//! A file holds `document` (where it comes from), `call` (see [`Asked`]), `order_no`, `amount_minor` (of a refund: what goes
//! back), `answer` and `means` (see [`Heard::means`]). Where it matters also `channel`, `gateway_no`, `refund_no`,
//! `paid_minor`, `items`, `currency`, `payment_code`, `by` (a look: `trade_no` or `transaction_id`) and `set` (fields of the
//! account).

use crate::given::{Extra, ORDER_NO, REFUND_NO, dealing};
use crate::kit::{Kit, SECONDS};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use till_core::gateway::call::HttpAnswer;
use till_core::gateway::descriptor::Channel;
use till_core::gateway::reaction::Said;
use till_core::gateway::refund::{RefundIntent, RefundReport, RefundSubject};
use till_core::gateway::{
    AdoptBy, Adopted, CloseOutcome, CreateIntent, Created, Read, ReverseOutcome, Subject, Unreadable,
};
use till_core::money::{Currency, Money};
use till_core::order::Order;
use till_core::order::asking::{Asking, Terms};
use till_core::order::decide::{Command, Evidence, decide};
use till_core::order::event::{Draft, Item, OrderEvent, Reported, Tally};
use till_core::order::evolve::evolve;
use till_core::order::refund::{RefundDraft, RefundState};
use till_core::order::report::{TradeReport, TradeState};
use till_core::time::{Moment, SECOND};

/// What was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Asked {
    Create,
    Query,
    Close,
    Reverse,
    Refund,
    RefundQuery,
    Look,
}

impl Asked {
    /// Calls whose answers speak of one thing.
    pub(crate) fn family(self) -> u8 {
        match self {
            Self::Create | Self::Query | Self::Look => 0,
            Self::Refund | Self::RefundQuery => 1,
            Self::Close => 2,
            Self::Reverse => 3,
        }
    }
}

/// A file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Recorded {
    document: String,
    call: Asked,
    channel: Option<String>,
    order_no: String,
    amount_minor: i64,
    paid_minor: Option<i64>,
    currency: Option<Currency>,
    gateway_no: Option<String>,
    refund_no: Option<String>,
    #[serde(default)]
    items: Vec<Item>,
    payment_code: Option<String>,
    by: Option<String>,
    #[serde(default)]
    set: BTreeMap<String, String>,
    answer: Value,
    means: Value,
}

/// A call and its answer, as a document prints them.
#[derive(Debug, Clone)]
pub(crate) struct Exchange {
    pub(crate) name: String,
    pub(crate) asked: Asked,
    pub(crate) channel: &'static Channel,
    pub(crate) order_no: String,
    /// What was asked for or, of a refund, what goes back.
    pub(crate) amount_minor: i64,
    /// Of a refund: what had been paid.
    pub(crate) paid_minor: i64,
    pub(crate) currency: Currency,
    pub(crate) gateway_no: Option<String>,
    pub(crate) refund_no: String,
    pub(crate) items: Vec<Item>,
    pub(crate) payment_code: String,
    /// A look asks by the gateway's number.
    pub(crate) by_gateway_no: bool,
    /// Fields of the account for this exchange alone.
    pub(crate) set: BTreeMap<String, String>,
    /// The answer, not signed yet.
    pub(crate) answer: Value,
    /// What it must be read as.
    pub(crate) means: Value,
}

impl Exchange {
    /// An exchange of a kit that a test fills in itself.
    pub(crate) fn about(kit: &Kit, asked: Asked, channel: &str) -> Self {
        Self {
            name: format!("{asked:?} {channel}"),
            asked,
            channel: kit.channel(channel),
            order_no: ORDER_NO.into(),
            amount_minor: 1250,
            paid_minor: 1250,
            currency: kit.money,
            gateway_no: None,
            refund_no: REFUND_NO.into(),
            items: vec![],
            payment_code: "134567890123456789".into(),
            by_gateway_no: false,
            set: BTreeMap::new(),
            answer: Value::Null,
            means: Value::Null,
        }
    }

    fn of(kit: &Kit, name: &str, recorded: Recorded) -> Self {
        assert!(!recorded.document.is_empty(), "{name} says where it comes from");
        let descriptor = kit.gateway().descriptor();
        let by_gateway_no = match recorded.by.as_deref() {
            None | Some("trade_no") => false,
            Some("transaction_id") => true,
            Some(other) => panic!("{name}: {other}"),
        };
        let channel = recorded.channel.as_deref().unwrap_or(descriptor.channels[0].name);
        Self {
            name: format!("{}/{name}", kit.gateway),
            order_no: recorded.order_no,
            amount_minor: recorded.amount_minor,
            paid_minor: recorded.paid_minor.unwrap_or(recorded.amount_minor),
            currency: recorded.currency.unwrap_or(kit.money),
            gateway_no: recorded.gateway_no,
            refund_no: recorded.refund_no.unwrap_or_default(),
            items: recorded.items,
            payment_code: recorded.payment_code.unwrap_or_else(|| "134567890123456789".into()),
            by_gateway_no,
            set: recorded.set,
            answer: recorded.answer,
            means: recorded.means,
            ..Self::about(kit, recorded.call, channel)
        }
    }

    /// Whether the answer means something: it is neither an error code nor unreadable.
    pub(crate) fn speaks(&self) -> bool {
        self.means.get("says").is_none() && self.means.get("unreadable").is_none()
    }

    /// Whether the answer proves money: a payment or that a refund is back.
    pub(crate) fn proves(&self) -> bool {
        let again = self.means.get("asked_again").is_some();
        (self.means["state"] == "paid" && !again) || self.means["state"] == "succeeded"
    }
}

impl Kit {
    /// The recorded exchanges of the kit's folder, by file name.
    pub(crate) fn exchanges(&self) -> Vec<Exchange> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance").join(self.gateway);
        let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.retain(|file| file.extension().is_some_and(|kind| kind == "json"));
        files.sort();
        let read = |file: &std::path::PathBuf| {
            let name = file.file_stem().unwrap().to_string_lossy().into_owned();
            let recorded =
                serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap_or_else(|e| panic!("{name}: {e}"));
            Exchange::of(self, &name, recorded)
        };
        files.iter().map(read).collect()
    }

    /// The exchanges whose answer proves money.
    pub(crate) fn proofs(&self) -> Vec<Exchange> {
        self.exchanges().into_iter().filter(Exchange::proves).collect()
    }

    /// What core hears in `answer` as the answer to the exchange's call.
    pub(crate) fn hear_answer(&self, exchange: &Exchange, answer: &HttpAnswer) -> Heard {
        let (mut account, keys, extra) = ((self.account)(), (self.keys)(), Extra::new());
        account.fields.extend(exchange.set.clone());
        let dealing = dealing(&account, &keys);
        let gateway = self.gateway();
        let gateway_no = exchange.gateway_no.as_deref();
        let order = Subject { order_no: &exchange.order_no, channel: exchange.channel, gateway_no };
        let money = |minor| Money { minor, currency: exchange.currency };
        let amount = money(exchange.amount_minor);
        let refund_no = exchange.refund_no.as_str();
        let code = exchange.payment_code.clone().into();
        match exchange.asked {
            Asked::Create => {
                let intent = CreateIntent {
                    order_no: &exchange.order_no,
                    channel: exchange.channel,
                    amount,
                    payment_code: Some(&code),
                    ..self.intent(exchange.channel.name, &extra)
                };
                let creating = gateway.creating().expect("a gateway with a recorded create creates");
                Heard::of(creating.read_create(dealing, &intent, answer), Heard::Created)
            }
            Asked::Query => Heard::of(gateway.read_query(dealing, &order, answer), Heard::Report),
            Asked::Close => {
                let closing = gateway.closing().expect("a gateway with a recorded close closes");
                Heard::of(closing.read_close(dealing, &order, answer), Heard::Close)
            }
            Asked::Reverse => {
                let reversing = gateway.reversing().expect("a gateway with a recorded reverse reverses");
                Heard::of(reversing.read_reverse(dealing, &order, answer), Heard::Reverse)
            }
            Asked::Refund => {
                let (paid, reason, items) = (money(exchange.paid_minor), "退货", exchange.items.as_slice());
                let intent = RefundIntent { refund_no, order, paid, amount, reason, items };
                let refunding = gateway.refunding().expect("a gateway with a recorded refund refunds");
                Heard::of(refunding.read_refund(dealing, &intent, answer), Heard::Refund)
            }
            Asked::RefundQuery => {
                let subject = RefundSubject { refund_no, order, amount };
                let refunding = gateway.refunding().expect("a gateway with a recorded refund refunds");
                Heard::of(refunding.read_query_refund(dealing, &subject, answer), Heard::Refund)
            }
            Asked::Look => {
                let by = match gateway_no.filter(|_| exchange.by_gateway_no) {
                    Some(number) => AdoptBy::TransactionId(number),
                    None => AdoptBy::TradeNo(&exchange.order_no),
                };
                let adopting = gateway.adopting().expect("a gateway with a recorded look adopts");
                Heard::of(adopting.read_look(dealing, by, answer), Heard::Adopted)
            }
        }
    }
}

/// An order that the till asks about: what it is, and the terms it is asked under.
#[derive(Debug, Clone)]
pub(crate) struct Awaiting {
    pub(crate) order: Order,
    terms: Terms,
    now: Moment,
}

impl Kit {
    /// The exchange's order, made by this till and not paid yet, by the gateway's number that the exchange asks by.
    pub(crate) fn awaiting(&self, exchange: &Exchange) -> Awaiting {
        let (account, now) = ((self.account)(), Moment { wall: SECONDS * SECOND, boot: SECOND });
        let draft = Draft {
            order_no: exchange.order_no.clone(),
            sale: "TS01JB2W3Y4Z5A6B7C8D9E".into(),
            account_id: account.id.clone(),
            account: account.name.clone(),
            account_version: account.version,
            gateway: self.gateway.into(),
            channel: exchange.channel.name.into(),
            amount: Money { minor: exchange.amount_minor, currency: exchange.currency },
            body: "茶".into(),
            extra: BTreeMap::new(),
            client_ip: "127.0.0.1".into(),
            expire_s: 300,
            time_start: SECONDS,
            mark: None,
            presented: exchange.channel.presented,
            items: vec![],
            page: None,
        };
        let created = OrderEvent::Created {
            link: Some("https://example.com/pay".into()),
            pay_info: None,
            parameters: None,
            bridge: None,
            gateway_no: exchange.gateway_no.clone(),
            took: 0,
            raw: None,
        };
        let lived = [OrderEvent::Drafted(Box::new(draft)), OrderEvent::CreateSent, created];
        let order = lived.iter().fold(None, |order, event| evolve(order, event, now)).expect("it was drafted");
        Awaiting { order, terms: Terms::of(self.gateway().descriptor(), &account, exchange.channel), now }
    }
}

impl Awaiting {
    /// What becomes of it by the answer to a question that leaves a second later.
    pub(crate) fn hearing(&self, report: &TradeReport) -> Self {
        let now = self.now.plus(SECOND);
        let command = Command::Report(report.clone(), Evidence { asked: now, raw: None });
        let events = decide(&self.order, &Asking::default(), &self.terms, command, now);
        let lives = |order, event| evolve(Some(order), event, now).expect("an order stays one");
        Self { order: events.iter().fold(self.order.clone(), lives), terms: self.terms.clone(), now }
    }

    /// What becomes of the exchange's refund by the answer to a question that leaves a second after it did.
    pub(crate) fn refund_hearing(&self, exchange: &Exchange, report: &RefundReport) -> RefundState {
        let (now, refund_no) = (self.now.plus(SECOND), exchange.refund_no.clone());
        let paid = Reported { report: TradeReport::of(TradeState::Paid), took: 0, raw: None, tally: Tally::default() };
        let refund = RefundDraft {
            refund_no: refund_no.clone(),
            amount_minor: exchange.amount_minor,
            reason: "退货".into(),
            by: "owner".into(),
            second: None,
            items: exchange.items.clone(),
        };
        let lived = [
            OrderEvent::Paid { reported: Box::new(paid), paid_minor: exchange.paid_minor, late: false, under: None },
            OrderEvent::RefundRequested { refund: Box::new(refund) },
            OrderEvent::RefundSent { refund_no: refund_no.clone() },
        ];
        let step = |order, event: &OrderEvent| evolve(Some(order), event, self.now).expect("an order stays one");
        let sent = lived.iter().fold(self.order.clone(), step);
        let command = Command::RefundReport(refund_no, report.clone(), Evidence { asked: now, raw: None });
        let events = decide(&sent, &Asking::default(), &self.terms, command, now);
        let order = events.iter().fold(sent, step);
        order.refund(&exchange.refund_no).expect("it was requested").state
    }

    /// The order's payment, minor units.
    pub(crate) fn paid_minor(&self) -> Option<i64> {
        self.order.payment.as_ref().map(|payment| payment.minor)
    }
}

/// What core made of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Heard {
    Created(Created),
    Report(TradeReport),
    Close(CloseOutcome),
    Reverse(ReverseOutcome),
    Refund(RefundReport),
    Adopted(Adopted),
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

    /// What was heard, as the recorded exchanges write it.
    pub(crate) fn means(&self) -> Value {
        match self {
            Self::Created(created) => {
                let mut means =
                    json!({"link": created.link, "gateway_no": created.gateway_no, "pay_info": created.pay_info});
                if let Some(parameters) = &created.parameters {
                    means["parameters"] = json!(parameters);
                }
                if let Some(report) = &created.report {
                    means["state"] = json!(report.state);
                    if let Some(what) = &report.contradicts_itself {
                        means["asked_again"] = json!(what);
                    }
                }
                means
            }
            Self::Report(report) => {
                let mut means = json!({
                    "state": report.state, "gateway_no": report.gateway_no, "wallet_no": report.wallet_no,
                    "paid_at": report.paid_at
                });
                if report.declined {
                    means["declined"] = json!(true);
                }
                means
            }
            Self::Close(outcome) => json!({ "close": outcome }),
            Self::Reverse(outcome) => json!({ "reverse": outcome }),
            Self::Refund(refund) => json!({"state": refund.state, "gateway_refund_no": refund.gateway_refund_no}),
            Self::Adopted(adopted) => json!({
                "order_no": adopted.order_no, "amount_minor": adopted.amount.minor,
                "currency": adopted.amount.currency, "state": adopted.report.state,
                "gateway_no": adopted.report.gateway_no
            }),
            Self::Says(said) => json!({"says": said.reaction, "code": said.code}),
            Self::Nothing(why) => json!({ "unreadable": why }),
        }
    }

    /// The report on a payment, wherever it came with.
    pub(crate) fn report(&self) -> Option<&TradeReport> {
        match self {
            Self::Report(report) => Some(report),
            Self::Created(created) => created.report.as_ref(),
            Self::Adopted(adopted) => Some(&adopted.report),
            Self::Close(_) | Self::Reverse(_) | Self::Refund(_) | Self::Says(_) | Self::Nothing(_) => None,
        }
    }

    /// The gateway's number of the order, where the till would take it up.
    pub(crate) fn gateway_no(&self) -> Option<&str> {
        if let Self::Created(Created { gateway_no: Some(number), .. }) = self {
            return Some(number);
        }
        self.report()?.gateway_no.as_deref()
    }

    /// What was heard, without a word on what it is proved by.
    pub(crate) fn apart_from_signature(mut self) -> Self {
        let report = match &mut self {
            Self::Report(report) => Some(report),
            Self::Created(created) => created.report.as_mut(),
            Self::Adopted(adopted) => Some(&mut adopted.report),
            Self::Close(_) | Self::Reverse(_) | Self::Refund(_) | Self::Says(_) | Self::Nothing(_) => None,
        };
        if let Some(report) = report {
            report.signature = None;
        }
        self
    }

    /// The report of a query.
    pub(crate) fn into_report(self) -> TradeReport {
        match self {
            Self::Report(report) => report,
            other => panic!("{other:?}"),
        }
    }

    /// Whether it proves that this order was paid. A refund books a payment, too: see [`Awaiting::hearing`].
    pub(crate) fn pays(&self, exchange: &Exchange) -> bool {
        let adopts_another = matches!(self, Self::Adopted(adopted) if adopted.order_no != exchange.order_no
            || adopted.amount != Money { minor: exchange.amount_minor, currency: exchange.currency });
        !adopts_another && self.report().is_some_and(|report| report.proves_paid(exchange.amount_minor))
    }

    /// Whether it proves money: a payment of this order, or that this refund is back.
    pub(crate) fn proves(&self, exchange: &Exchange) -> bool {
        match self {
            Self::Refund(refund) => refund.proves_succeeded(exchange.amount_minor),
            _ => self.pays(exchange),
        }
    }

    /// Whether the till would show a code, or parameters to pay with.
    pub(crate) fn shows_a_code(&self) -> bool {
        matches!(self, Self::Created(created) if created.link.is_some() || created.parameters.is_some())
    }

    /// Whether the till would keep an authentic contradiction.
    pub(crate) fn contradicts(&self, exchange: &Exchange) -> bool {
        match self {
            Self::Refund(refund) => refund.contradicts(exchange.amount_minor),
            _ => self.report().is_some_and(|report| report.contradiction(exchange.amount_minor).is_some()),
        }
    }

    pub(crate) fn is_unreadable(&self) -> bool {
        matches!(self, Self::Nothing(_))
    }

    /// Whether nothing is believed but, at most, that an error was named.
    pub(crate) fn believes_nothing(&self) -> bool {
        matches!(self, Self::Nothing(_) | Self::Says(_))
    }
}
