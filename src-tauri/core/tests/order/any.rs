//! Anything that may happen: strategies for reports, events and whole stories.

pub(crate) mod refunds;

use super::given::{AMOUNT, LINK, Story, draft, terms, terms_with_reverse, terms_without_close};
use proptest::prelude::*;
use till_core::gateway::call::NoAnswer;
use till_core::gateway::descriptor::Presented;
use till_core::gateway::reaction::{Reaction, Said};
use till_core::gateway::{CloseOutcome, Created, Read, ReverseOutcome, Unreadable};
use till_core::order::asking::Unproven;
use till_core::order::decide::{Command, Evidence};
use till_core::order::event::{BackElsewhere, CloseWhy, Draft, NoOutcome, OrderEvent, Ordered, Reported, Tally};
use till_core::order::parts::Parts;
use till_core::order::report::{Signature, Stated, TradeReport, TradeState};
use till_core::order::{Attention, DisputeReason, EndReason, State};
use till_core::time::{DAY, HOUR, MINUTE, SECOND};

/// So many cases, or `PROPTEST_CASES`. Failures print their input; no file is written into the source tree.
pub(crate) fn cases(cases: u32) -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|wanted| wanted.parse().ok()).unwrap_or(cases);
    ProptestConfig {
        cases,
        failure_persistence: None,
        max_global_rejects: cases.saturating_mul(100),
        ..ProptestConfig::default()
    }
}

pub(crate) fn stated() -> impl Strategy<Value = Stated> {
    prop_oneof![4 => Just(Stated::Ours), 3 => Just(Stated::Not), 1 => Just(Stated::Other("another".to_owned()))]
}

/// Whose the gateway's number is, as a till finds out: another order's, or nobody's that it knows.
fn whose() -> impl Strategy<Value = Stated> {
    prop_oneof![9 => Just(Stated::Not), 1 => Just(Stated::Other("another".to_owned()))]
}

pub(crate) fn trade_state() -> impl Strategy<Value = TradeState> {
    prop::sample::select(super::table::TRADE_STATES.to_vec())
}

prop_compose! {
    pub(crate) fn report()(
        state in trade_state(),
        order_no in stated(),
        amount_minor in prop_oneof![5 => Just(Some(AMOUNT)), 3 => Just(None), 1 => any::<i64>().prop_map(Some)],
        currency in stated(),
        (merchant, whose_number) in (stated(), whose()),
        odd in prop::option::weighted(0.1, Just("1".to_owned())),
        gateway_no in prop::option::of(Just("59706a00".to_owned())),
        wallet_no in prop::option::of(Just("4200".to_owned())),
        paid_at in prop::option::of(any::<i64>()),
        declined in prop::bool::weighted(0.2),
        said in prop::option::weighted(0.1, said()),
        signature in prop::sample::select(vec![None, Some(Signature::Verified), Some(Signature::Absent)]),
    ) -> TradeReport {
        let contradicts_itself = odd;
        TradeReport {
            state, order_no, amount_minor, currency, merchant, contradicts_itself, gateway_no, wallet_no, paid_at, declined, said,
            customer: Stated::Not,
            whose_number,
            signature,
            parts: Parts::default(),
        }
    }
}

fn said() -> impl Strategy<Value = Said> {
    let reactions = vec![
        Reaction::Ask,
        Reaction::NoSuchOrder,
        Reaction::DuplicateNumber,
        Reaction::CheckKeys,
        Reaction::CheckAccount,
        Reaction::ChannelOff,
        Reaction::OutOfHours,
        Reaction::OurFault,
        Reaction::Upstream,
        Reaction::FreshCode,
        Reaction::Unsupported,
    ];
    (prop::sample::select(reactions), prop::option::of(Just("服务器繁忙")))
        .prop_map(|(reaction, text)| Said::new(reaction, "301", text))
}

fn unreadable() -> impl Strategy<Value = Unreadable> {
    prop_oneof![
        any::<u16>().prop_map(Unreadable::Status),
        Just(Unreadable::Empty),
        Just(Unreadable::NotJson),
        Just(Unreadable::DuplicatedKey),
        Just(Unreadable::Unsigned),
        Just(Unreadable::WrongSignature),
        any::<u32>().prop_map(Unreadable::Stale),
        Just(Unreadable::NoState),
        Just(Unreadable::UnknownWord("PENDING".to_owned())),
        Just(Unreadable::BadField("total_fee".to_owned())),
    ]
}

fn tally() -> impl Strategy<Value = Tally> {
    any::<(u32, u32, Option<i64>)>().prop_map(|(asked, unanswered, painted)| Tally { asked, unanswered, painted })
}

fn raw() -> impl Strategy<Value = Option<String>> {
    prop::option::of(Just("a1".repeat(32)))
}

fn reported() -> impl Strategy<Value = Box<Reported>> {
    (report(), any::<i64>(), raw(), tally())
        .prop_map(|(report, took, raw, tally)| Box::new(Reported { report, took, raw, tally }))
}

pub(crate) fn close_why() -> impl Strategy<Value = CloseWhy> {
    prop::sample::select(vec![CloseWhy::Person, CloseWhy::Expired, CloseWhy::LinkLost])
}

fn outcome() -> impl Strategy<Value = CloseOutcome> {
    prop::sample::select(vec![CloseOutcome::Closed, CloseOutcome::AlreadyClosed, CloseOutcome::Refused])
}

fn reverse_outcome() -> impl Strategy<Value = ReverseOutcome> {
    prop::sample::select(vec![ReverseOutcome::Reversed, ReverseOutcome::Refused])
}

fn any_draft() -> impl Strategy<Value = Box<Draft>> {
    let presented = prop::sample::select(vec![Presented::Merchant, Presented::Consumer, Presented::Elsewhere]);
    (any::<u32>(), presented).prop_map(|(expire_s, presented)| Box::new(Draft { expire_s, presented, ..draft() }))
}

fn attention() -> impl Strategy<Value = Attention> {
    prop::sample::select(Attention::ALL.to_vec())
}

fn dispute() -> impl Strategy<Value = DisputeReason> {
    prop::sample::select(vec![
        DisputeReason::Number,
        DisputeReason::Amount,
        DisputeReason::Merchant,
        DisputeReason::Currency,
        DisputeReason::GatewayNo,
        DisputeReason::Itself,
        DisputeReason::Incomplete,
        DisputeReason::PaidThenEnded,
        DisputeReason::PaidOrReversed,
    ])
}

fn link() -> impl Strategy<Value = Option<String>> {
    prop::option::of(Just(LINK.to_owned()))
}

/// Any event, whether or not it makes sense where it stands.
pub(crate) fn event() -> impl Strategy<Value = OrderEvent> {
    let trouble = prop_oneof![
        Just(NoOutcome::NoAnswer("timed_out".to_owned())),
        said().prop_map(NoOutcome::Said),
        unreadable().prop_map(NoOutcome::Unreadable),
        Just(NoOutcome::Stopped),
        Just(NoOutcome::AnotherUnheard),
    ];
    let reasons = vec![EndReason::Gateway, EndReason::NeverCreated, EndReason::ExpiredHere];
    prop_oneof![
        any_draft().prop_map(OrderEvent::Drafted),
        (any_draft(), prop::option::of(Just("c1".repeat(32))), "[0-9a-f]{64}").prop_map(|(draft, customer, raw)| {
            let ordered = customer.map(|customer| Box::new(Ordered { customer, raw }));
            OrderEvent::Adopted { draft, ordered }
        }),
        Just(OrderEvent::CreateSent),
        (link(), link(), link(), any::<i64>(), raw()).prop_map(|(link, pay_info, parameters, took, raw)| {
            OrderEvent::Created { link, gateway_no: pay_info.clone(), pay_info, parameters, bridge: None, took, raw }
        }),
        (trouble, raw()).prop_map(|(trouble, raw)| OrderEvent::CreateUnknown { trouble, raw }),
        reported().prop_map(OrderEvent::Unpaid),
        reported().prop_map(OrderEvent::Paying),
        (reported(), any::<i64>(), any::<bool>(), link())
            .prop_map(|(reported, paid_minor, late, under)| { OrderEvent::Paid { reported, paid_minor, late, under } }),
        (
            prop::sample::select(State::ALL.to_vec()),
            prop::sample::select(reasons),
            prop::option::of(reported()),
            tally()
        )
            .prop_map(|(state, reason, reported, tally)| OrderEvent::Ended { state, reason, reported, tally }),
        reported().prop_map(OrderEvent::SelfContradiction),
        (dispute(), reported()).prop_map(|(reason, reported)| OrderEvent::Disputed { reason, reported }),
        close_why().prop_map(|why| OrderEvent::CloseRequested { why }),
        (prop::option::of(outcome()), prop::option::of(said()), raw(), tally())
            .prop_map(|(outcome, said, raw, tally)| OrderEvent::CloseAnswered { outcome, said, raw, tally }),
        close_why().prop_map(|why| OrderEvent::ReverseRequested { why }),
        Just(OrderEvent::ReverseSent),
        (prop::option::of(reverse_outcome()), prop::option::of(said()), raw(), tally())
            .prop_map(|(outcome, said, raw, tally)| OrderEvent::ReverseAnswered { outcome, said, raw, tally }),
        raw().prop_map(|raw| OrderEvent::GatewayNoNamed { gateway_no: "59706a00".to_owned(), raw }),
        (attention(), prop::option::of(1..2_000_i64)).prop_map(|(attention, amount_minor)| {
            let back = |amount_minor| BackElsewhere { refund_no: "EX1".to_owned(), amount_minor, raw: "e5".to_owned() };
            OrderEvent::AttentionRaised { attention, elsewhere: amount_minor.map(back).map(Box::new) }
        }),
        attention().prop_map(|attention| OrderEvent::AttentionCleared { attention }),
        attention().prop_map(|attention| OrderEvent::AttentionHandled { attention, note: "看过了".to_owned() }),
        refunds::event(),
    ]
}

/// One thing that happens to an order.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    Wait(i64),
    Sent,
    Unverified {
        came: Unproven,
        retry_after_s: Option<u32>,
    },
    /// A report whose question left so many microseconds ago.
    Report(TradeReport, i64),
    Create(Read<Created>),
    CreateUnanswered,
    Stopped,
    SendCreate,
    Close(CloseWhy),
    CloseSays(Read<CloseOutcome>),
    CloseUnanswered,
    Reverse(CloseWhy),
    SendReverse,
    ReverseSays(Read<ReverseOutcome>),
    ReverseUnanswered,
    /// A person names a number, and a question by it, which left so many microseconds ago, is answered.
    Name(String, TradeReport, i64),
    DoublePayment,
    Settle,
    /// Something about a refund, a mark or an attention.
    Refund(refunds::Act),
}

/// What proves nothing, mostly "no such order".
pub(crate) fn came() -> impl Strategy<Value = Unproven> {
    prop_oneof![
        16 => Just(Unproven::NoSuchOrder),
        2 => Just(Unproven::Nothing),
        1 => Just(Unproven::SomethingElse),
    ]
}

fn wait() -> impl Strategy<Value = i64> {
    prop_oneof![0..2 * SECOND, 0..MINUTE, 0..10 * MINUTE, 0..2 * HOUR, 0..2 * DAY, Just(0)]
}

fn read_created() -> impl Strategy<Value = Read<Created>> {
    prop_oneof![
        4 => (link(), prop::option::weighted(0.2, link()), prop::option::weighted(0.2, report())).prop_map(
            |(link, parameters, report)| {
                let parameters = parameters.flatten();
                Read::Means(Created { link, gateway_no: None, pay_info: None, parameters, bridge: None, report })
            }
        ),
        1 => said().prop_map(Read::Says),
        1 => unreadable().prop_map(Read::Unreadable),
    ]
}

pub(crate) fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => wait().prop_map(Act::Wait),
        2 => Just(Act::Sent),
        3 => (came(), prop::option::weighted(0.2, 0_u32..100))
            .prop_map(|(came, retry_after_s)| Act::Unverified { came, retry_after_s }),
        8 => (report(), prop_oneof![3 => Just(0), 1 => 0..5 * MINUTE]).prop_map(|(report, ago)| Act::Report(report, ago)),
        2 => read_created().prop_map(Act::Create),
        1 => Just(Act::CreateUnanswered),
        1 => Just(Act::Stopped),
        1 => Just(Act::SendCreate),
        2 => close_why().prop_map(Act::Close),
        1 => prop_oneof![
            outcome().prop_map(Read::Means), said().prop_map(Read::Says), unreadable().prop_map(Read::Unreadable),
        ].prop_map(Act::CloseSays),
        1 => Just(Act::CloseUnanswered),
        1 => close_why().prop_map(Act::Reverse),
        1 => prop_oneof![
            reverse_outcome().prop_map(Read::Means), said().prop_map(Read::Says),
            unreadable().prop_map(Read::Unreadable),
        ].prop_map(Act::ReverseSays),
        1 => Just(Act::SendReverse),
        1 => Just(Act::ReverseUnanswered),
        1 => (prop::sample::select(vec!["59706a00", "4200"]), report(), prop_oneof![3 => Just(0), 1 => 0..5 * MINUTE])
            .prop_map(|(number, report, ago)| Act::Name(number.to_owned(), report, ago)),
        1 => Just(Act::DoublePayment),
        2 => Just(Act::Settle),
        4 => refunds::act().prop_map(Act::Refund),
    ]
}

/// A story that began as orders do: drafted, and mostly sent and answered.
pub(crate) fn story() -> impl Strategy<Value = Story> {
    let beginning = prop_oneof![
        1 => Just(vec![]),
        1 => Just(vec![Act::SendCreate]),
        2 => Just(vec![Act::SendCreate, Act::CreateUnanswered]),
        6 => Just(vec![Act::SendCreate, Act::Create(super::given::created(Some(LINK)))]),
    ];
    let presented =
        prop_oneof![3 => Just(Presented::Merchant), 2 => Just(Presented::Consumer), 1 => Just(Presented::Elsewhere)];
    let terms = prop::sample::select(vec![terms(), terms_without_close(), terms_with_reverse()]);
    (presented, terms, beginning, prop::collection::vec(act(), 0..14)).prop_map(
        |(presented, terms, beginning, acts)| {
            let mut story = match presented {
                Presented::Merchant => Story::drafted(terms),
                Presented::Consumer => Story::scanned(terms),
                Presented::Elsewhere => Story::adopted(),
            };
            for act in beginning.into_iter().chain(acts) {
                happen(&mut story, act);
            }
            story
        },
    )
}

/// Lets one thing happen; gives the events it led to.
pub(crate) fn happen(story: &mut Story, act: Act) -> Vec<OrderEvent> {
    let evidence = |story: &Story| Evidence { asked: story.now, raw: None };
    match act {
        Act::Wait(micros) => {
            story.now = story.now.plus(micros);
            vec![]
        }
        Act::Sent => {
            story.asking.sent(story.now);
            vec![]
        }
        Act::Unverified { came, retry_after_s } => {
            story.asking.unverified(came, retry_after_s, story.now);
            vec![]
        }
        Act::Report(report, ago) => {
            let asked = story.now.plus(-ago);
            story.report(report, asked)
        }
        Act::Create(read) => story.tell(Command::CreateAnswered(read, evidence(story))),
        Act::CreateUnanswered => story.tell(Command::CreateUnanswered(NoAnswer::Unreachable)),
        Act::Stopped => story.tell(Command::Stopped),
        Act::SendCreate => story.tell(Command::SendCreate),
        Act::Close(why) => story.tell(Command::Close(why)),
        Act::CloseSays(read) => story.tell(Command::CloseAnswered(read, evidence(story))),
        Act::CloseUnanswered => story.tell(Command::CloseUnanswered),
        Act::Reverse(why) => story.tell(Command::Reverse(why)),
        Act::SendReverse => story.tell(Command::SendReverse),
        Act::ReverseSays(read) => story.tell(Command::ReverseAnswered(read, evidence(story))),
        Act::ReverseUnanswered => story.tell(Command::ReverseUnanswered),
        Act::Name(number, report, ago) => {
            let asked = story.now.plus(-ago);
            story.tell(Command::NameGatewayNo(number, report, Evidence { asked, raw: None }))
        }
        Act::DoublePayment => story.tell(Command::DoublePayment),
        Act::Settle => story.tell(Command::Settle),
        Act::Refund(act) => refunds::happen(story, act),
    }
}
