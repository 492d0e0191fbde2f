//! Orders to tell stories about.

use std::collections::BTreeMap;
use till_core::gateway::descriptor::{
    DEFAULT_PLAN, PAYMENT_CODE_EXPIRE_S, PAYMENT_CODE_PLAN, Presented, RefundOffer, Resend,
};
use till_core::gateway::{Created, Read};
use till_core::money::{Currency, Money};
use till_core::order::Order;
use till_core::order::asking::{Asking, Terms};
use till_core::order::decide::{Command, Evidence, decide};
use till_core::order::event::{CloseWhy, Draft, OrderEvent, Ordered};
use till_core::order::evolve::evolve;
use till_core::order::report::{Stated, TradeReport, TradeState};
use till_core::time::{MINUTE, Moment, SECOND};

pub(crate) const AMOUNT: i64 = 1_250;
pub(crate) const START: Moment = Moment { wall: 1_795_000_000_000_000, boot: 1_000 * SECOND };
pub(crate) const LINK: &str = "weixin://wxpay/bizpayurl?pr=AbCdEf";
pub(crate) const EXPIRE: i64 = 300 * SECOND;

pub(crate) fn draft() -> Draft {
    Draft {
        order_no: "TK06G3A9QZ07H3PXABCDEFGHJKMN".to_owned(),
        sale: "TS06G3A9QZ07H3PX0123456789AB".to_owned(),
        account_id: "TA06G3A9QZ07H3PX0000000000AA".to_owned(),
        account: "shop".to_owned(),
        account_version: 2,
        gateway: "pooul".to_owned(),
        channel: "wechat.scan".to_owned(),
        amount: Money { minor: AMOUNT, currency: Currency::Cny },
        body: "茶".to_owned(),
        extra: BTreeMap::new(),
        client_ip: "127.0.0.1".to_owned(),
        page: None,
        expire_s: 300,
        time_start: 1_795_000_000,
        mark: Some("training".to_owned()),
        presented: Presented::Merchant,
        items: vec![],
    }
}

pub(crate) fn terms() -> Terms {
    Terms {
        plan: DEFAULT_PLAN,
        poll: None,
        close_floor: Some(300 * SECOND),
        grace: 10 * MINUTE,
        tells_refunded: true,
        asked_by_our_number: true,
        reverse_floor: None,
        refunds: Some(RefundOffer {
            by_lines: false,
            reason_limit: 200,
            resend: Resend::SameNumber,
            one_word_for_errors: false,
        }),
    }
}

/// A gateway that cannot close.
pub(crate) fn terms_without_close() -> Terms {
    Terms { close_floor: None, ..terms() }
}

/// Payment codes at a gateway that reverses.
pub(crate) fn terms_with_reverse() -> Terms {
    Terms { plan: PAYMENT_CODE_PLAN, reverse_floor: Some(15 * SECOND), ..terms() }
}

/// A report that states everything, all of it ours.
pub(crate) fn report(state: TradeState) -> TradeReport {
    TradeReport {
        order_no: Stated::Ours,
        amount_minor: Some(AMOUNT),
        currency: Stated::Ours,
        merchant: Stated::Ours,
        gateway_no: Some("59706a00fd4eb0196a03e898".to_owned()),
        ..TradeReport::of(state)
    }
}

pub(crate) fn created(link: Option<&str>) -> Read<Created> {
    Read::Means(Created {
        link: link.map(str::to_owned),
        gateway_no: None,
        pay_info: None,
        parameters: None,
        bridge: None,
        report: None,
    })
}

/// One order, its memory, its clock and all that happened to it.
#[derive(Debug, Clone)]
pub(crate) struct Story {
    pub(crate) order: Order,
    pub(crate) asking: Asking,
    pub(crate) terms: Terms,
    pub(crate) now: Moment,
    pub(crate) events: Vec<(OrderEvent, Moment)>,
}

impl Story {
    pub(crate) fn drafted(terms: Terms) -> Self {
        Self::beginning(OrderEvent::Drafted(Box::new(draft())), terms)
    }

    /// A payment code was read.
    pub(crate) fn scanned(terms: Terms) -> Self {
        let draft = Draft {
            channel: "wechat.micro".to_owned(),
            presented: Presented::Consumer,
            expire_s: PAYMENT_CODE_EXPIRE_S,
            ..draft()
        };
        Self::beginning(OrderEvent::Drafted(Box::new(draft)), terms)
    }

    /// Made elsewhere and taken in, at a gateway that neither closes nor reverses.
    pub(crate) fn adopted() -> Self {
        let draft = Draft { gateway: "dingdang".to_owned(), presented: Presented::Elsewhere, ..draft() };
        Self::beginning(OrderEvent::Adopted { draft: Box::new(draft), ordered: None }, terms_without_close())
    }

    /// The same, made by a call of its gateway's.
    pub(crate) fn ordered() -> Self {
        let draft = Draft { gateway: "dingdang".to_owned(), presented: Presented::Elsewhere, ..draft() };
        let ordered = Some(Box::new(Ordered { customer: "c1".to_owned(), raw: "d2".to_owned() }));
        Self::beginning(OrderEvent::Adopted { draft: Box::new(draft), ordered }, terms_without_close())
    }

    pub(crate) fn beginning(event: OrderEvent, terms: Terms) -> Self {
        let order = evolve(None, &event, START).expect("it begins an order");
        Self { order, asking: Asking::default(), terms, now: START, events: vec![(event, START)] }
    }

    pub(crate) fn sent() -> Self {
        Self::drafted(terms()).telling(Command::SendCreate)
    }

    /// Its code is on the screen.
    pub(crate) fn shown() -> Self {
        Self::sent().answered(created(Some(LINK)))
    }

    /// The code was taken off by a person.
    pub(crate) fn taken_off() -> Self {
        Self::shown().after(SECOND).telling(Command::Close(CloseWhy::Person))
    }

    pub(crate) fn after(mut self, micros: i64) -> Self {
        self.now = self.now.plus(micros);
        self
    }

    pub(crate) fn telling(mut self, command: Command) -> Self {
        self.tell(command);
        self
    }

    pub(crate) fn answered(mut self, read: Read<Created>) -> Self {
        let asked = self.now;
        self.now = self.now.plus(SECOND / 10);
        self.tell(Command::CreateAnswered(read, Evidence { asked, raw: None }));
        self
    }

    /// A question leaves a second later and is answered at once.
    pub(crate) fn reporting(mut self, report: TradeReport) -> Self {
        self.now = self.now.plus(SECOND);
        self.report(report, self.now);
        self
    }

    pub(crate) fn report(&mut self, report: TradeReport, asked: Moment) -> Vec<OrderEvent> {
        self.asking.verified(asked, self.now);
        self.tell(Command::Report(report, Evidence { asked, raw: None }))
    }

    /// Decides and lives the events.
    pub(crate) fn tell(&mut self, command: Command) -> Vec<OrderEvent> {
        let events = decide(&self.order, &self.asking, &self.terms, command, self.now);
        for event in &events {
            self.order = evolve(Some(self.order.clone()), event, self.now).expect("an order stays one");
            self.events.push((event.clone(), self.now));
        }
        if !events.is_empty() {
            self.asking.written(&events);
        }
        events
    }
}
