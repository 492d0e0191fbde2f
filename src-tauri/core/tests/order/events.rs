//! Every event ever written, as its bytes were: `golden/events-v1.jsonl`. A line is never changed, only added.

use super::given::{LINK, draft, report};
use super::golden;
use std::collections::{BTreeMap, BTreeSet};
use till_core::account::Account;
use till_core::gateway::bridge::Bridge;
use till_core::gateway::descriptor::Presented;
use till_core::gateway::reaction::{Reaction, Said};
use till_core::gateway::refund::{RefundReport, RefundState};
use till_core::gateway::{CloseOutcome, ReverseOutcome, Unreadable};
use till_core::journal::{AccountEvent, Event, OPERATORS, Point, TillEvent, for_people, read, write};
use till_core::limits::{Limits, LimitsEvent, RefundLimits};
use till_core::money::{Currency, Money};
use till_core::operator::OperatorEvent;
use till_core::operator::pin::PinHash;
use till_core::order::event::{
    BackElsewhere, CloseWhy, Draft, Item, NoOutcome, OrderEvent, Ordered, RefundReported, Reported, Tally,
};
use till_core::order::further::NotYet;
use till_core::order::mark::{HandMark, Marked, Verdict};
use till_core::order::parts::Parts;
use till_core::order::refund::RefundDraft;
use till_core::order::report::{Signature, Stated, TradeReport, TradeState};
use till_core::order::{Attention, DisputeReason, EndReason, State};
use till_core::rights::Role;

const FILE: &str = "src-tauri/core/tests/golden/events-v1.jsonl";

/// The kinds of events, each with a number. A new variant does not compile until it has one here, and then fails without
/// its line.
fn kind(event: &Event) -> u8 {
    match event {
        Event::Till { event } => match event {
            TillEvent::Opened { .. } => 0,
            TillEvent::DayHead { .. } => 1,
            TillEvent::ClockJumped { .. } => 2,
            TillEvent::Restored { .. } => 49,
            TillEvent::AnswersRemoved { .. } => 50,
            // Never written: what an older program makes of a newer event.
            TillEvent::Unknown => 3,
        },
        Event::Account { event } => match event {
            AccountEvent::Added { .. } => 4,
            AccountEvent::Changed { .. } => 5,
            AccountEvent::Retired { .. } => 6,
        },
        Event::Order { event } => match event {
            OrderEvent::Drafted(_) => 7,
            OrderEvent::CreateSent => 8,
            OrderEvent::Created { .. } => 9,
            OrderEvent::CreateUnknown { .. } => 10,
            OrderEvent::Unpaid(_) => 11,
            OrderEvent::Paying(_) => 12,
            OrderEvent::Paid { .. } => 13,
            OrderEvent::Ended { .. } => 14,
            OrderEvent::SelfContradiction(_) => 15,
            OrderEvent::Disputed { .. } => 16,
            OrderEvent::CloseRequested { .. } => 17,
            OrderEvent::CloseAnswered { .. } => 18,
            OrderEvent::AttentionRaised { .. } => 19,
            OrderEvent::AttentionCleared { .. } => 20,
            OrderEvent::Adopted { .. } => 21,
            OrderEvent::ReverseRequested { .. } => 22,
            OrderEvent::ReverseAnswered { .. } => 23,
            OrderEvent::GatewayNoNamed { .. } => 24,
            OrderEvent::AttentionHandled { .. } => 25,
            OrderEvent::RefundRequested { .. } => 26,
            OrderEvent::RefundAgain { .. } => 27,
            OrderEvent::RefundSent { .. } => 28,
            OrderEvent::RefundProcessing { .. } => 29,
            OrderEvent::RefundSucceeded { .. } => 30,
            OrderEvent::RefundFailed { .. } => 31,
            OrderEvent::RefundUnknown { .. } => 32,
            OrderEvent::RefundDisputed { .. } => 33,
            OrderEvent::MarkedByHand { .. } => 34,
            OrderEvent::MarkJudged { .. } => 35,
            OrderEvent::FurtherOverruled { .. } => 36,
            OrderEvent::ReverseSent => 47,
            OrderEvent::RefundWithdrawn { .. } => 48,
        },
        Event::Operators { event } => match event {
            OperatorEvent::Added { .. } => 37,
            OperatorEvent::PinChanged { .. } => 38,
            OperatorEvent::Removed { .. } => 39,
            OperatorEvent::PinRefused { .. } => 40,
            OperatorEvent::PinAccepted { .. } => 41,
            OperatorEvent::SignedIn { .. } => 42,
            OperatorEvent::SignedOut { .. } => 43,
            OperatorEvent::LockedOut { .. } => 44,
            OperatorEvent::LockServed { .. } => 45,
        },
        Event::Limits { event } => match event {
            LimitsEvent::Changed { .. } => 46,
        },
    }
}

const KINDS: u8 = 51;

fn account() -> Account {
    let pair = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    Account {
        id: "TA06G3A9QZ07H3PX0000000000AA".to_owned(),
        name: "shop".to_owned(),
        gateway: "pooul".to_owned(),
        version: 1,
        base_url: "https://gateway.pooulcloud.cn".to_owned(),
        fields: [("merchant_id", "5399355381712172"), ("plan.poll_ms", "500")].map(pair).into(),
        secrets: [("key", "...a1b2")].map(pair).into(),
        retired: false,
    }
}

fn reported(report: TradeReport) -> Box<Reported> {
    let tally = Tally { asked: 7, unanswered: 2, painted: None };
    Box::new(Reported { report, took: 84_211, raw: Some("a1".repeat(32)), tally })
}

fn tills() -> Vec<TillEvent> {
    let opened = |training| TillEvent::Opened {
        till_id: "7H3PX".to_owned(),
        public_key: "0f".repeat(32),
        version: "0.1.0".to_owned(),
        training,
    };
    vec![
        opened(false),
        opened(true),
        TillEvent::DayHead {
            day: "2026-11-20".to_owned(),
            seq: 4_211,
            hash: "c3".repeat(32),
            signature: "5a".repeat(64),
        },
        TillEvent::ClockJumped { by: -3_600_000_000 },
        TillEvent::Unknown,
    ]
}

fn restores() -> Vec<TillEvent> {
    let point = |seq, hash: &str| Point { seq, hash: hash.repeat(32) };
    let kept = "journal.before-restore-20261129T014500.sqlite".to_owned();
    vec![
        TillEvent::Restored { old: None, backup: point(7, "1c"), kept: None },
        TillEvent::Restored { old: Some(point(9, "2d")), backup: point(7, "1c"), kept: Some(kept) },
        TillEvent::AnswersRemoved { until: 1_795_000_000_000_000, days: 90, answers: 412 },
    ]
}

fn accounts() -> Vec<AccountEvent> {
    let bare = Account { fields: BTreeMap::new(), secrets: BTreeMap::new(), ..account() };
    let changed = Account { version: 2, ..account() };
    vec![
        AccountEvent::Added { account: bare },
        AccountEvent::Added { account: account() },
        AccountEvent::Changed { account: changed.clone(), secret: None },
        AccountEvent::Changed { account: changed, secret: Some("key".to_owned()) },
        AccountEvent::Retired { account: Account { version: 3, retired: true, ..account() } },
    ]
}

fn beginnings() -> Vec<OrderEvent> {
    let extra = BTreeMap::from([("sub_openid".to_owned(), "o6_bm".to_owned())]);
    let hkd = Money { minor: 99, currency: Currency::Hkd };
    let unknown = |trouble, raw: Option<&str>| OrderEvent::CreateUnknown { trouble, raw: raw.map(str::to_owned) };
    let unreadable = [
        Unreadable::Status(502),
        Unreadable::Empty,
        Unreadable::NotJson,
        Unreadable::DuplicatedKey,
        Unreadable::Unsigned,
        Unreadable::WrongSignature,
        Unreadable::NoState,
        Unreadable::UnknownWord("5".to_owned()),
        Unreadable::BadField("total_fee".to_owned()),
    ];
    let mut events = vec![
        OrderEvent::Drafted(Box::new(draft())),
        OrderEvent::Drafted(Box::new(Draft { extra, amount: hkd, mark: None, ..draft() })),
        OrderEvent::CreateSent,
        OrderEvent::Created {
            link: Some(LINK.to_owned()),
            pay_info: Some("{\"appId\":\"wx1\"}".to_owned()),
            parameters: None,
            bridge: None,
            gateway_no: Some("59706a00fd4eb0196a03e898".to_owned()),
            took: 51_000,
            raw: Some("b2".repeat(32)),
        },
        OrderEvent::Created {
            link: None,
            pay_info: None,
            parameters: None,
            bridge: None,
            gateway_no: None,
            took: 0,
            raw: None,
        },
        unknown(NoOutcome::NoAnswer("timed_out".to_owned()), None),
        unknown(NoOutcome::Stopped, None),
    ];
    for reaction in [
        Reaction::Ask,
        Reaction::NoSuchOrder,
        Reaction::DuplicateNumber,
        Reaction::CheckKeys,
        Reaction::CheckAccount,
        Reaction::ChannelOff,
        Reaction::OutOfHours,
        Reaction::OurFault,
        Reaction::Upstream,
    ] {
        events.push(unknown(NoOutcome::Said(Said::new(reaction, "202", Some("渠道未开通"))), Some("d4")));
    }
    events.extend(unreadable.map(|why| unknown(NoOutcome::Unreadable(why), Some("d4"))));
    events
}

fn reports() -> Vec<OrderEvent> {
    let whole = TradeReport {
        wallet_no: Some("4200000000".to_owned()),
        paid_at: Some(1_795_000_042),
        ..report(TradeState::Paid)
    };
    let odd = TradeReport { contradicts_itself: Some("1".to_owned()), ..report(TradeState::Paid) };
    let ended = |state, reason, reported| OrderEvent::Ended { state, reason, reported, tally: Tally::default() };
    let gateway = |state, trade| ended(state, EndReason::Gateway, Some(reported(TradeReport::of(trade))));
    let paid = |report, late| OrderEvent::Paid { reported: reported(report), paid_minor: 1_250, late, under: None };
    let other = || Stated::Other("another".to_owned());
    let disputed = |reason, report| OrderEvent::Disputed { reason, reported: reported(report) };
    vec![
        OrderEvent::Unpaid(reported(TradeReport::of(TradeState::Unpaid))),
        OrderEvent::Unpaid(reported(TradeReport { declined: true, ..report(TradeState::Unpaid) })),
        OrderEvent::Paying(reported(report(TradeState::Paying))),
        paid(whole, false),
        paid(report(TradeState::Paid), true),
        paid(TradeReport::of(TradeState::Refunded), false),
        gateway(State::Closed, TradeState::Closed),
        gateway(State::Failed, TradeState::Failed),
        gateway(State::Reversed, TradeState::Reversed),
        ended(State::Closed, EndReason::NeverCreated, None),
        ended(State::Closed, EndReason::ExpiredHere, None),
        OrderEvent::SelfContradiction(reported(odd.clone())),
        disputed(DisputeReason::Number, TradeReport { order_no: other(), ..report(TradeState::Paid) }),
        disputed(DisputeReason::Amount, TradeReport { amount_minor: Some(1), ..report(TradeState::Paid) }),
        disputed(DisputeReason::Merchant, TradeReport { merchant: other(), ..report(TradeState::Paid) }),
        disputed(DisputeReason::Currency, TradeReport { currency: other(), ..report(TradeState::Paid) }),
        disputed(DisputeReason::Itself, odd),
        disputed(DisputeReason::Incomplete, TradeReport::of(TradeState::Paid)),
        disputed(DisputeReason::PaidThenEnded, report(TradeState::Closed)),
    ]
}

fn endings() -> Vec<OrderEvent> {
    let answered = |outcome, said| OrderEvent::CloseAnswered {
        outcome,
        said,
        raw: Some("e5".repeat(32)),
        tally: Tally { asked: 1, unanswered: 0, painted: None },
    };
    let mut events: Vec<OrderEvent> =
        [CloseWhy::Person, CloseWhy::Expired, CloseWhy::LinkLost].map(|why| OrderEvent::CloseRequested { why }).into();
    events.extend([
        answered(Some(CloseOutcome::Closed), None),
        answered(Some(CloseOutcome::AlreadyClosed), None),
        answered(Some(CloseOutcome::Refused), None),
        answered(None, Some(Said::new(Reaction::Upstream, "600", None))),
        OrderEvent::CloseAnswered { outcome: None, said: None, raw: None, tally: Tally::default() },
    ]);
    for attention in [
        Attention::Disputed,
        Attention::DoublePayment,
        Attention::LatePayment,
        Attention::RefundedElsewhere,
        Attention::CannotBeAsked,
        Attention::ExpiredHere,
        Attention::OpenForAWeek,
    ] {
        events.push(OrderEvent::AttentionRaised { attention, elsewhere: None });
    }
    events.push(OrderEvent::AttentionCleared { attention: Attention::ExpiredHere });
    events
}

/// What came with payment codes, reverses and orders made elsewhere.
fn of_every_gateway() -> Vec<OrderEvent> {
    let answered = |outcome, said| OrderEvent::ReverseAnswered {
        outcome,
        said,
        raw: Some("f6".repeat(32)),
        tally: Tally { asked: 2, unanswered: 1, painted: None },
    };
    let items = vec![Item { id: "tea-001".to_owned(), quantity: 2, amount_minor: 1_250 }];
    let mut events = vec![
        OrderEvent::Drafted(Box::new(Draft { presented: Presented::Consumer, ..draft() })),
        OrderEvent::Adopted {
            draft: Box::new(Draft { presented: Presented::Elsewhere, items, ..draft() }),
            ordered: None,
        },
        OrderEvent::Created {
            link: None,
            pay_info: None,
            parameters: Some("{\"partnerid\":\"1\"}".to_owned()),
            bridge: None,
            gateway_no: None,
            took: 7,
            raw: None,
        },
        OrderEvent::ReverseRequested { why: CloseWhy::Expired },
        answered(Some(ReverseOutcome::Reversed), None),
        answered(Some(ReverseOutcome::Refused), None),
        answered(None, Some(Said::new(Reaction::Busy, "4006", Some("系统繁忙")))),
        OrderEvent::GatewayNoNamed { gateway_no: "2021021722001".to_owned(), raw: None },
        OrderEvent::AttentionRaised { attention: Attention::EndRefused, elsewhere: None },
    ];
    for reaction in [
        Reaction::Busy,
        Reaction::FreshCode,
        Reaction::BalanceShort,
        Reaction::RefundTooLate,
        Reaction::DuplicateRefund,
        Reaction::Unsupported,
        Reaction::ExchangeRate,
    ] {
        let trouble = NoOutcome::Said(Said::new(reaction, "40111", None));
        events.push(OrderEvent::CreateUnknown { trouble, raw: None });
    }
    events.push(OrderEvent::ReverseSent);
    let refused = Some(Said::new(Reaction::Refused, "AUTH_CODE_INVALID", Some("付款码已失效")));
    let refused = TradeReport { said: refused, ..report(TradeState::Failed) };
    let (state, reason, tally) = (State::Failed, EndReason::Gateway, Tally::default());
    events.push(OrderEvent::Ended { state, reason, reported: Some(reported(refused)), tally });
    let finished = TradeReport { contradicts_itself: Some("4".to_owned()), ..report(TradeState::Reversed) };
    events.push(OrderEvent::Disputed { reason: DisputeReason::PaidOrReversed, reported: reported(finished) });
    events
}

/// An order that its gateway's call made, and a notice of it that names somebody else.
fn of_a_call() -> [OrderEvent; 2] {
    let items = vec![Item { id: "tea-001".to_owned(), quantity: 2, amount_minor: 1_250 }];
    let ordered = Ordered { customer: "c1".repeat(32), raw: "d2".repeat(32) };
    let stranger = TradeReport { customer: Stated::Other("c2".repeat(32)), ..report(TradeState::Paid) };
    [
        OrderEvent::Adopted {
            draft: Box::new(Draft { presented: Presented::Elsewhere, items, ..draft() }),
            ordered: Some(Box::new(ordered)),
        },
        OrderEvent::Disputed { reason: DisputeReason::Customer, reported: reported(stranger) },
    ]
}

/// Money that goes back, what people mark, and what they deal with.
fn of_refunds() -> Vec<OrderEvent> {
    let no = || "TR06G3A9QZ07H3PX0123456789AB".to_owned();
    let items = vec![Item { id: "tea-001".to_owned(), quantity: 1, amount_minor: 300 }];
    let draft = |second: Option<&str>, items| {
        let (by, reason, second) = ("Lin".to_owned(), "顾客退货".to_owned(), second.map(str::to_owned));
        Box::new(RefundDraft { refund_no: no(), amount_minor: 300, reason, by, second, items })
    };
    let said = |state| {
        let report = RefundReport {
            state,
            refund_no: Stated::Ours,
            order_no: Stated::Ours,
            amount_minor: Some(300),
            merchant: Stated::Not,
            currency: Stated::Ours,
            gateway_refund_no: Some("59faeb32fd4eb0751a4f8c50".to_owned()),
        };
        let tally = Tally { asked: 3, unanswered: 1, painted: None };
        Box::new(RefundReported { report, took: 51_000, raw: Some("b7".repeat(32)), tally })
    };
    let unknown = |trouble| OrderEvent::RefundUnknown { refund_no: no(), trouble, raw: None };
    let mark = |what| marked(what, None);
    let mut events = vec![
        OrderEvent::RefundRequested { refund: draft(None, vec![]) },
        OrderEvent::RefundRequested { refund: draft(Some("Chan"), items) },
        OrderEvent::RefundAgain { refund_no: no(), by: "Lin".to_owned(), second: None },
        OrderEvent::RefundSent { refund_no: no() },
        OrderEvent::RefundProcessing { refund_no: no(), reported: said(RefundState::Processing) },
        OrderEvent::RefundSucceeded { refund_no: no(), reported: said(RefundState::Succeeded) },
        OrderEvent::RefundFailed { refund_no: no(), reported: said(RefundState::Failed) },
        OrderEvent::RefundDisputed { refund_no: no(), reported: said(RefundState::Succeeded) },
        unknown(NoOutcome::NoAnswer("timed_out".to_owned())),
        unknown(NoOutcome::Said(Said::new(Reaction::BalanceShort, "40107", Some("余额不足")))),
        mark(Marked::Paid),
        mark(Marked::Refunded),
        OrderEvent::AttentionHandled { attention: Attention::LatePayment, note: "顾客已取走商品".to_owned() },
        OrderEvent::FurtherOverruled { not_yet: NotYet::Unconfirmed },
    ];
    let verdicts = [Verdict::Confirmed, Verdict::Contradicted];
    events.extend(verdicts.map(|verdict| OrderEvent::MarkJudged { what: Marked::Paid, refund_no: None, verdict }));
    let new =
        [Attention::RefundDisputed, Attention::RefundFailed, Attention::RefundUnknown, Attention::MarkContradicted];
    events.extend(new.map(|attention| OrderEvent::AttentionRaised { attention, elsewhere: None }));
    events
}

fn marked(what: Marked, refund_no: Option<String>) -> OrderEvent {
    let (note, by, second) = ("看到顾客手机上的扣款记录".to_owned(), "Lin".to_owned(), "Chan".to_owned());
    OrderEvent::MarkedByHand { mark: Box::new(HandMark { what, amount_minor: 1_250, refund_no, note, by, second }) }
}

const PIN: &str =
    "\"$argon2id$v=19$m=19456,t=2,p=1$AQEBAQEBAQEBAQEBAQEBAQ$dGhpcyBpcyBubyBoYXNoIGF0IGFsbCwgb25seSAzMiE\"";

/// The people at the till, and what refunds are held to.
fn of_the_shop() -> Vec<Event> {
    let name = || "林小姐".to_owned();
    let pin = || serde_json::from_str::<PinHash>(PIN).expect("a text");
    let operators = [
        OperatorEvent::Added { name: name(), role: Role::Manager, pin: pin(), pepper: None },
        OperatorEvent::Added { name: "Mei".to_owned(), role: Role::Cashier, pin: pin(), pepper: None },
        OperatorEvent::PinChanged { name: name(), pin: pin(), lost: false, pepper: None },
        OperatorEvent::PinChanged { name: name(), pin: pin(), lost: true, pepper: None },
        OperatorEvent::Removed { name: "Mei".to_owned() },
        OperatorEvent::PinRefused { name: name() },
        OperatorEvent::PinAccepted { name: name() },
        OperatorEvent::SignedIn { name: name() },
        OperatorEvent::SignedOut { name: name() },
        OperatorEvent::LockedOut { name: name() },
        OperatorEvent::LockServed { name: name(), served_s: 300 },
    ];
    let hkd = RefundLimits { per_refund_minor: 100_000, per_day_minor: 250_000, second_above_minor: 0 };
    let after = Limits {
        refunds: BTreeMap::from([(Currency::Hkd, hkd)]),
        reason_required: false,
        window_days: 30,
        idle_lock_s: 0,
    };
    let limits = LimitsEvent::Changed { before: Limits::default(), after };
    let operators = operators.into_iter().map(|event| Event::Operators { event });
    operators.chain([Event::Limits { event: limits }]).collect()
}

/// What the lines of the file say, in their order. New ones go to the end.
fn written() -> Vec<Event> {
    let mut events: Vec<Event> = tills().into_iter().map(|event| Event::Till { event }).collect();
    events.extend(accounts().into_iter().map(|event| Event::Account { event }));
    let orders = [beginnings(), reports(), endings(), of_every_gateway(), of_refunds()].concat();
    events.extend(orders.into_iter().map(|event| Event::Order { event }));
    events.extend(of_the_shop());
    let refund_no = || "TR06G3A9QZ07H3PX0123456789AB".to_owned();
    let (what, verdict) = (Marked::Refunded, Verdict::Confirmed);
    let later = [
        OrderEvent::RefundWithdrawn { refund_no: refund_no() },
        marked(what, Some(refund_no())),
        OrderEvent::MarkJudged { what, refund_no: Some(refund_no()), verdict },
        OrderEvent::RefundUnknown {
            refund_no: refund_no(),
            trouble: NoOutcome::AnotherUnheard,
            raw: Some("d4".to_owned()),
        },
    ];
    events.extend(later.map(|event| Event::Order { event }));
    events.extend([Signature::Verified, Signature::Absent, Signature::Unchecked].map(|signature| {
        let report = TradeReport { signature: Some(signature), ..report(TradeState::Paid) };
        let event = OrderEvent::Paid { reported: reported(report), paid_minor: 1_250, late: false, under: None };
        Event::Order { event }
    }));
    events.extend(of_a_call().map(|event| Event::Order { event }));
    let page = Some("https://pay.example.com/pay/TK06G3A9QZ07H3PXABCDEFGHJKMN-abcdefghijklmnop".to_owned());
    let hong_kong = OrderEvent::Created {
        link: None,
        pay_info: None,
        parameters: Some("{}".to_owned()),
        bridge: Some(Bridge::HongKong),
        gateway_no: None,
        took: 9,
        raw: None,
    };
    let with_a_page = [
        OrderEvent::Drafted(Box::new(Draft { page, ..draft() })),
        OrderEvent::Created {
            link: None,
            pay_info: Some("0V41fae".to_owned()),
            parameters: None,
            bridge: Some(Bridge::Qq),
            gateway_no: None,
            took: 9,
            raw: None,
        },
        hong_kong,
    ];
    events.extend(with_a_page.map(|event| Event::Order { event }));
    events.extend(restores().into_iter().map(|event| Event::Till { event }));
    let all = Parts { customer_paid_minor: Some(1_150), received_minor: Some(1_250), discount_minor: Some(100) };
    events.extend([all, Parts { customer_paid_minor: Some(1_250), ..Parts::default() }].map(|parts| {
        let report = TradeReport { parts, ..report(TradeState::Paid) };
        let event = OrderEvent::Paid { reported: reported(report), paid_minor: 1_250, late: false, under: None };
        Event::Order { event }
    }));
    let tally = Tally { asked: 7, unanswered: 0, painted: Some(1_800_000_000_000_000) };
    let ended = OrderEvent::Ended { state: State::Closed, reason: EndReason::ExpiredHere, reported: None, tally };
    events.push(Event::Order { event: ended });
    let back = BackElsewhere { refund_no: "EX1".to_owned(), amount_minor: 300, raw: "e5".repeat(32) };
    let elsewhere = Some(Box::new(back));
    let raised = OrderEvent::AttentionRaised { attention: Attention::RefundedElsewhere, elsewhere };
    events.push(Event::Order { event: raised });
    let another = Stated::Other("TK06G3A9QZ07H3PX01ANOTHERONE".to_owned());
    let twice = reported(TradeReport { whose_number: another, ..report(TradeState::Paid) });
    let disputed = OrderEvent::Disputed { reason: DisputeReason::GatewayNo, reported: twice };
    events.push(Event::Order { event: disputed });
    let trouble = NoOutcome::Unreadable(Unreadable::Stale(206));
    let unknown = OrderEvent::RefundUnknown { refund_no: refund_no(), trouble, raw: Some("d4".to_owned()) };
    events.push(Event::Order { event: unknown });
    let (paid, under) = (report(TradeState::Paid), Some("59706a00fd4eb0196a03e89a".to_owned()));
    let paid = OrderEvent::Paid { reported: reported(paid), paid_minor: 1_250, late: false, under };
    events.push(Event::Order { event: paid });
    events.extend(of_known_peppers().map(|event| Event::Operators { event }));
    let named = OrderEvent::GatewayNoNamed { gateway_no: "2021021722001".to_owned(), raw: Some("f7".repeat(32)) };
    events.push(Event::Order { event: named });
    events
}

/// PINs that are kept with the mark of their pepper.
fn of_known_peppers() -> [OperatorEvent; 2] {
    let name = || "林小姐".to_owned();
    let pin = || serde_json::from_str::<PinHash>(PIN).expect("a text");
    let pepper = || Some(serde_json::from_str("\"0f1e2d3c4b5a6978\"").expect("a text"));
    [
        OperatorEvent::Added { name: name(), role: Role::Manager, pin: pin(), pepper: pepper() },
        OperatorEvent::PinChanged { name: name(), pin: pin(), lost: true, pepper: pepper() },
    ]
}

fn line(event: &Event) -> String {
    String::from_utf8(write(event).expect("it can be written")).expect("JSON is text")
}

#[test]
fn every_event_ever_written_reads_as_what_it_was() {
    let expected = written();
    if golden::updating() {
        let kept = std::fs::read_to_string(golden::path(FILE)).unwrap_or_default();
        let added = expected.iter().skip(kept.lines().count()).map(|event| line(event) + "\n");
        std::fs::write(golden::path(FILE), kept.clone() + &added.collect::<String>()).expect("the file can be written");
    }
    let kept = std::fs::read_to_string(golden::path(FILE)).expect("the golden file can be read");
    assert_eq!(kept.lines().count(), expected.len(), "each event has its line; UPDATE_GOLDEN=1 adds new ones");
    for (number, (line, event)) in kept.lines().zip(&expected).enumerate() {
        assert_eq!(read(line.as_bytes()).as_ref(), Ok(event), "line {}", number + 1);
    }
}

#[test]
fn every_kind_of_event_has_its_line() {
    let kept = std::fs::read_to_string(golden::path(FILE)).expect("the golden file can be read");
    let kinds: BTreeSet<u8> =
        kept.lines().map(|line| kind(&read(line.as_bytes()).expect("every line can be read"))).collect();
    assert_eq!(kinds, (0..KINDS).collect());
}

#[test]
fn the_word_of_an_event_is_what_the_journal_writes() {
    for event in written() {
        if let Event::Order { event: order } = &event {
            let typed = format!("\"type\":\"{}\"", order.word());
            assert!(line(&event).contains(&typed), "{} lacks {typed}", line(&event));
        }
    }
}

#[test]
fn what_was_added_later_may_be_missing_in_older_lines() {
    let old = r#"{"v":1,"subject":"order","event":{"type":"created","took":5}}"#;
    let bare = OrderEvent::Created {
        link: None,
        pay_info: None,
        parameters: None,
        bridge: None,
        gateway_no: None,
        took: 5,
        raw: None,
    };
    assert_eq!(read(old.as_bytes()), Ok(Event::Order { event: bare }));
    let unknown = r#"{"v":1,"subject":"till","event":{"type":"fiscal_printer_joined","port":3}}"#;
    assert_eq!(read(unknown.as_bytes()), Ok(Event::Till { event: TillEvent::Unknown }));
}

/// What a payload reads as, and what it reads as behind a blank, where no event is read in one pass.
fn read_both_ways(stored: &str) -> (Option<Event>, Option<Event>) {
    (read(stored.as_bytes()).ok(), read(format!(" {stored}").as_bytes()).ok())
}

#[test]
fn an_event_reads_the_same_in_one_pass_and_by_its_tag() {
    for event in written() {
        let stored = line(&event);
        assert_eq!(read_both_ways(&stored), (Some(event.clone()), Some(event)), "{stored}");
    }
}

#[test]
fn what_an_event_lacks_or_has_too_much_is_judged_the_same_in_one_pass_and_by_its_tag() {
    for event in written() {
        let Event::Order { event: order } = &event else { continue };
        let (stored, word) = (line(&event), format!("\"type\":\"{}\"", order.word()));
        let further = stored.replacen(&word, &format!("{word},\"further\":[1,{{}}]"), 1);
        assert_eq!(read_both_ways(&further), (Some(event.clone()), Some(event)), "{further}");
        let twice = stored.replacen(&word, &format!("{word},{word}"), 1);
        assert_eq!(read_both_ways(&twice), (None, None), "{twice}");
        let value: serde_json::Value = serde_json::from_str(&stored).expect("JSON");
        let mut fields = value["event"].as_object().expect("an object").clone();
        fields.remove("type");
        for name in fields.keys() {
            for other in [None, Some("null"), Some("7"), Some("\"x\""), Some("[]"), Some("{}"), Some("true")] {
                let field = |(key, value): (&String, &serde_json::Value)| match other {
                    Some(other) if key == name => format!(",\"{key}\":{other}"),
                    None if key == name => String::new(),
                    Some(_) | None => format!(",\"{key}\":{value}"),
                };
                let fields: String = fields.iter().map(field).collect();
                let changed = format!(r#"{{"v":1,"subject":"order","event":{{{word}{fields}}}}}"#);
                let (in_one_pass, by_its_tag) = read_both_ways(&changed);
                assert_eq!(in_one_pass, by_its_tag, "{changed}");
            }
        }
    }
}

#[test]
fn what_is_kept_of_a_pin_stays_in_the_journal_and_everything_else_leaves_it_byte_for_byte() {
    for event in written() {
        let stored = line(&event);
        let subject = if matches!(event, Event::Operators { .. }) { OPERATORS } else { "order/TK1" };
        let shown = for_people(subject, stored.clone().into_bytes());
        let shown = std::str::from_utf8(&shown).expect("JSON is text");
        assert!(!shown.contains("argon2id"), "{shown}");
        if subject != OPERATORS {
            assert_eq!(shown, stored);
        } else if stored.contains("argon2id") {
            let read: serde_json::Value = serde_json::from_str(shown).expect("still JSON");
            assert!(read["event"]["pin"].is_null() && read["event"]["name"].is_string(), "{shown}");
        }
    }
}
