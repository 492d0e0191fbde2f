//! Deciding: a state, what the poller remembers, and a command give events. Nothing here has an effect.

use super::asking::{Asking, Ending, TURNED_DOWN, Terms};
use super::due::{askable, tail_over};
use super::event::{BackElsewhere, CloseWhy, NoOutcome, OrderEvent, Tally};
use super::evolve::evolve;
use super::further::{NotYet, further_order, may_overrule};
use super::mark::{HandMark, still_paid};
use super::refund::{RefundDraft, may_be_carried_out_until};
use super::report::TradeReport;
use super::reported::{is_overtaken, judged, reported};
use super::{Attention, EndReason, Order, State, mark, notified, refund};
use crate::gateway::call::NoAnswer;
use crate::gateway::descriptor::Presented;
use crate::gateway::reaction::{Reaction, Said};
use crate::gateway::refund::RefundReport;
use crate::gateway::{CloseOutcome, Created, Read, ReverseOutcome, Unreadable};
use crate::time::{DAY, Moment};

/// What an answer rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// When the question left.
    pub asked: Moment,
    /// SHA-256 of the raw answer, in hex.
    pub raw: Option<String>,
}

/// What is asked of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Commit to the one create.
    SendCreate,
    /// The create was answered.
    CreateAnswered(Read<Created>, Evidence),
    /// The create was not answered.
    CreateUnanswered(NoAnswer),
    /// The till stopped while the create was in flight.
    Stopped,
    /// A verified answer.
    Report(TradeReport, Evidence),
    /// A verified notification that is a report, and the SHA-256 of its body in hex. Nobody asked: it rests on its arrival.
    Notified(TradeReport, String),
    /// A verified notification that states no state and names the gateway's number, and the SHA-256 of its body in hex. The
    /// report's state says nothing.
    NumberTold(TradeReport, String),
    /// A verified notice of money that went back by a refund that is none of the till's, and what it says of the payment.
    RefundedElsewhere(TradeReport, Box<BackElsewhere>),
    /// Take the code off and close.
    Close(CloseWhy),
    /// A close was answered.
    CloseAnswered(Read<CloseOutcome>, Evidence),
    /// A close was not answered.
    CloseUnanswered,
    /// Take the code off and reverse.
    Reverse(CloseWhy),
    /// Commit to a reverse.
    SendReverse,
    /// A reverse was answered.
    ReverseAnswered(Read<ReverseOutcome>, Evidence),
    /// A reverse was not answered.
    ReverseUnanswered,
    /// A person named the gateway's number, and this is what a verified answer to a question by it said.
    NameGatewayNo(String, TradeReport, Evidence),
    /// Another order of the sale is paid too.
    DoublePayment,
    /// Give money back.
    Refund(Box<RefundDraft>),
    /// Send a refund again under its number: its number, who wants it, and the second person.
    RefundAgain(String, String, Option<String>),
    /// Take a refund back that never left.
    WithdrawRefund(String),
    /// Another order of the sale is given back: this payment is the only one.
    SinglePayment,
    /// Commit to one sending of a refund.
    SendRefund(String),
    /// The sending of a refund was answered.
    RefundAnswered(String, Read<RefundReport>, Evidence),
    /// The sending of a refund was not answered.
    RefundUnanswered(String, NoAnswer),
    /// A verified answer to a question about a refund, or a notification of one.
    RefundReport(String, RefundReport, Evidence),
    /// Two people saw proof that the till cannot get.
    Mark(Box<HandMark>),
    /// A person has dealt with something, and says how.
    Handle(Attention, String),
    /// A manager lets the sale have a further order although this one stands in its way.
    Overrule(NotYet),
    /// Look whether time, or answers that prove nothing, add up to something.
    Settle,
}

/// Decides. Returns the events to commit, in order; none: nothing changes.
#[must_use]
pub fn decide(order: &Order, asking: &Asking, terms: &Terms, command: Command, now: Moment) -> Vec<OrderEvent> {
    match command {
        Command::SendCreate => match order.state {
            State::Drafted => vec![OrderEvent::CreateSent],
            _ => vec![],
        },
        Command::CreateAnswered(read, evidence) => create_answered(order, asking, terms, read, &evidence, now),
        Command::CreateUnanswered(no_answer) => {
            create_failed(order, terms, NoOutcome::NoAnswer(no_answer.word().to_owned()), None)
        }
        Command::Stopped => {
            let mut events = create_failed(order, terms, NoOutcome::Stopped, None);
            events.extend(refund::decide::stopped(order));
            events
        }
        Command::Report(report, evidence) => {
            let mut events = reported(order, asking.tally, &report, &evidence, now);
            if terms.tells_refunded {
                events.extend(still_paid(order, &report, evidence.asked));
            }
            events
        }
        Command::Notified(report, raw) => notified::told(order, asking, terms, report, raw, now),
        Command::NumberTold(report, raw) => notified::number_told(order, &report, raw),
        Command::RefundedElsewhere(told, back) => notified::refunded_elsewhere(order, asking, terms, told, back, now),
        Command::Close(why) => close(order, terms, why),
        Command::CloseAnswered(read, evidence) => {
            let (outcome, said) = meaning(read);
            let accepted = outcome.map(|outcome| outcome != CloseOutcome::Refused);
            let refused = said.as_ref().is_some_and(refuses_an_end);
            let event = OrderEvent::CloseAnswered { outcome, said, raw: evidence.raw, tally: asking.tally };
            end_answered(order, accepted, refused, event)
        }
        Command::CloseUnanswered => {
            let event = OrderEvent::CloseAnswered { outcome: None, said: None, raw: None, tally: asking.tally };
            end_answered(order, None, false, event)
        }
        Command::Reverse(why) => reverse(order, terms, why),
        Command::SendReverse => send_reverse(order),
        Command::ReverseAnswered(read, evidence) => {
            let (outcome, said) = meaning(read);
            let accepted = outcome.map(|outcome| outcome != ReverseOutcome::Refused);
            let refused = said.as_ref().is_some_and(refuses_an_end);
            let event = OrderEvent::ReverseAnswered { outcome, said, raw: evidence.raw, tally: asking.tally };
            end_answered(order, accepted, refused, event)
        }
        Command::ReverseUnanswered => {
            let event = OrderEvent::ReverseAnswered { outcome: None, said: None, raw: None, tally: asking.tally };
            end_answered(order, None, false, event)
        }
        Command::NameGatewayNo(gateway_no, report, evidence) => {
            name_gateway_no(order, asking.tally, gateway_no, &report, &evidence, now)
        }
        Command::DoublePayment => raise(order, Attention::DoublePayment),
        Command::Refund(draft) => refund::decide::request(order, terms.refunds.as_ref(), draft),
        Command::RefundAgain(refund_no, by, second) => {
            let memory = asking.refunds.get(&refund_no);
            refund::decide::again(order, terms.refunds.as_ref(), memory, refund_no, by, second)
        }
        Command::WithdrawRefund(refund_no) => refund::decide::withdraw(order, refund_no),
        Command::SinglePayment => {
            let attention = Attention::DoublePayment;
            let flagged = order.attention.contains(&attention);
            if flagged { vec![OrderEvent::AttentionCleared { attention }] } else { vec![] }
        }
        Command::SendRefund(refund_no) => refund::decide::send(order, refund_no),
        Command::RefundAnswered(refund_no, read, evidence) => {
            if let Read::Means(report) = &read
                && may_be_carried_out_until(order, terms.refunds.as_ref(), &refund_no, report, evidence.asked).is_some()
            {
                return refund::decide::unanswered(order, &refund_no, NoOutcome::AnotherUnheard, evidence.raw);
            }
            refund::decide::answered(order, asking.tally_of(&refund_no), &refund_no, read, &evidence, now)
        }
        Command::RefundUnanswered(refund_no, no_answer) => {
            refund::decide::unanswered(order, &refund_no, NoOutcome::NoAnswer(no_answer.word().to_owned()), None)
        }
        Command::RefundReport(refund_no, report, evidence) => {
            let offer = terms.refunds.as_ref();
            if may_be_carried_out_until(order, offer, &refund_no, &report, evidence.asked).is_some() {
                return vec![];
            }
            refund::decide::reported(order, asking.tally_of(&refund_no), &refund_no, report, &evidence, now)
        }
        Command::Mark(mark) => mark::put(order, mark),
        Command::Handle(attention, note) => {
            let there = order.attention.contains(&attention);
            if there { vec![OrderEvent::AttentionHandled { attention, note }] } else { vec![] }
        }
        // The order may have moved on since somebody looked: what stands in the way now is another thing.
        Command::Overrule(not_yet) => match further_order(order) {
            Err(now) if now == not_yet && may_overrule(order, now) => vec![OrderEvent::FurtherOverruled { not_yet }],
            Err(_) | Ok(()) => vec![],
        },
        Command::Settle => settle(order, asking, terms, now),
    }
}

fn create_answered(
    order: &Order,
    asking: &Asking,
    terms: &Terms,
    read: Read<Created>,
    evidence: &Evidence,
    now: Moment,
) -> Vec<OrderEvent> {
    let created = match read {
        Read::Means(created) => created,
        Read::Says(said) => return create_failed(order, terms, NoOutcome::Said(said), evidence.raw.clone()),
        Read::Unreadable(why) => {
            return create_failed(order, terms, NoOutcome::Unreadable(why), evidence.raw.clone());
        }
    };
    if order.answered.is_some() {
        return vec![];
    }
    // It names another order's number: what was made could never be asked about, so nobody is to pay it.
    if !askable(order, terms) && created.gateway_no.is_none() {
        let why = Unreadable::BadField("gateway_no".to_owned());
        return create_failed(order, terms, NoOutcome::Unreadable(why), evidence.raw.clone());
    }
    let silent = created.report.is_none();
    let contradicts = |report: &TradeReport| report.contradiction(order.amount().minor).is_some();
    let report = created.report.filter(|report| report.may_answer_a_create() || contradicts(report));
    // The number that it was paid under stays.
    let gateway_no = created.gateway_no.filter(|_| order.payment.is_none() || order.gateway_no.is_none());
    let answered = OrderEvent::Created {
        link: created.link,
        pay_info: created.pay_info,
        parameters: created.parameters,
        bridge: created.bridge,
        gateway_no,
        took: now.since(evidence.asked),
        raw: evidence.raw.clone(),
    };
    let Some(after) = evolve(Some(order.clone()), &answered, now) else { return vec![] };
    let mut events = vec![answered];
    if !askable(&after, terms) {
        events.extend(raise(&after, Attention::CannotBeAsked));
    }
    if let Some(report) = report {
        // It came with the create's answer: what that answer itself made known does not overtake it.
        let overtaken = is_overtaken(order, evidence);
        events.extend(judged(&after, overtaken, asking.tally, &report, evidence, now));
    } else if silent && after.link_lost() {
        events.extend(close(&after, terms, CloseWhy::LinkLost));
    }
    events
}

fn create_failed(order: &Order, terms: &Terms, trouble: NoOutcome, raw: Option<String>) -> Vec<OrderEvent> {
    let open = match order.state {
        State::Drafted | State::Creating => true,
        // Somebody closed it while its create was under way: what cannot be asked for can only wait for a person.
        State::Expiring => order.answered.is_none() && !askable(order, terms),
        // It was contradicted meanwhile, and the number that would have come with the answer did not.
        State::Disputed => order.answered.is_none() && !order.create_lost && !askable(order, terms),
        State::CreateUnknown
        | State::AwaitingPayment
        | State::Paying
        | State::Paid
        | State::Closed
        | State::Failed
        | State::Reversed => false,
    };
    if !open {
        return vec![];
    }
    let mut events = vec![OrderEvent::CreateUnknown { trouble, raw }];
    if !askable(order, terms) {
        events.extend(raise(order, Attention::CannotBeAsked));
    }
    events
}

fn close(order: &Order, terms: &Terms, why: CloseWhy) -> Vec<OrderEvent> {
    match order.state {
        // It has no code to take off, and waits for a notification or a person to make it askable.
        State::CreateUnknown if !askable(order, terms) => vec![],
        // While the create is under way its code may still come: it is then never shown.
        State::Creating | State::CreateUnknown | State::AwaitingPayment | State::Paying | State::Expiring
            if order.qr_off.is_none() || (order.draft.presented == Presented::Consumer && !order.end_wanted) =>
        {
            vec![OrderEvent::CloseRequested { why }]
        }
        State::CreateUnknown
        | State::AwaitingPayment
        | State::Paying
        | State::Drafted
        | State::Creating
        | State::Expiring
        | State::Paid
        | State::Closed
        | State::Failed
        | State::Reversed
        | State::Disputed => vec![],
    }
}

/// Where nothing can be reversed, or the order has no business being reversed, this is nothing. Disputed is left by a
/// matching report alone.
fn reverse(order: &Order, terms: &Terms, why: CloseWhy) -> Vec<OrderEvent> {
    let open = match order.state {
        State::CreateUnknown => askable(order, terms),
        // Under its create, too: a code that still comes is then never shown.
        State::Creating | State::AwaitingPayment | State::Paying | State::Expiring => true,
        State::Drafted | State::Paid | State::Closed | State::Failed | State::Reversed | State::Disputed => false,
    };
    let wanted = open && order.payment.is_none() && terms.reverse_floor.is_some() && !order.reverse_wanted;
    if wanted { vec![OrderEvent::ReverseRequested { why }] } else { vec![] }
}

/// Once: whether one or several left, the journal knows that a payment may be taken back.
fn send_reverse(order: &Order) -> Vec<OrderEvent> {
    match order.state {
        State::CreateUnknown | State::AwaitingPayment | State::Paying | State::Expiring if !order.reverse_left => {
            vec![OrderEvent::ReverseSent]
        }
        State::CreateUnknown
        | State::AwaitingPayment
        | State::Paying
        | State::Expiring
        | State::Drafted
        | State::Creating
        | State::Paid
        | State::Closed
        | State::Failed
        | State::Reversed
        | State::Disputed => vec![],
    }
}

fn meaning<T>(read: Read<T>) -> (Option<T>, Option<Said>) {
    match read {
        Read::Means(outcome) => (Some(outcome), None),
        Read::Says(said) => (None, Some(said)),
        Read::Unreadable(_) => (None, None),
    }
}

/// That the gateway knows no such order refuses nothing: nobody is charged by what is not there.
fn refuses_an_end(said: &Said) -> bool {
    said.reaction != Reaction::NoSuchOrder
}

/// After so many closes and reverses of a payment code that brought no end, or questions about one of an earlier run that nobody
/// answers, a person is told.
const ENDED_IN_VAIN: u32 = 3;

/// A close or a reverse was answered, or may have been: `accepted` by a verified answer, or `refused` by an error code.
fn end_answered(order: &Order, accepted: Option<bool>, refused: bool, event: OrderEvent) -> Vec<OrderEvent> {
    // One that is repeated without news is not written again: the journal grows with trade, not with time.
    let counts =
        matches!(event, OrderEvent::ReverseAnswered { said: Some(_), .. }) && order.closing.turned_down < TURNED_DOWN;
    let news = order.closing.tries < 4 || (accepted == Some(true) && !order.closing.accepted) || counts;
    let mut events = if news { vec![event] } else { vec![] };
    // Whoever sent a payment code may be charged for as long as the gateway does not let it go.
    let chargeable =
        order.draft.presented == Presented::Consumer && !order.state.has_ended() && order.payment.is_none();
    let dealt_with = order.dealt_with.contains_key(&Attention::EndRefused);
    let in_vain = order.closing.tries.saturating_add(1) >= ENDED_IN_VAIN && !dealt_with;
    if chargeable && (refused || accepted == Some(false) || in_vain) {
        events.extend(raise(order, Attention::EndRefused));
    }
    events
}

/// The number is taken only with an answer that names this order and contradicts nothing; a slip of the hand changes nothing.
fn name_gateway_no(
    order: &Order,
    tally: Tally,
    gateway_no: String,
    report: &TradeReport,
    evidence: &Evidence,
    now: Moment,
) -> Vec<OrderEvent> {
    if !report.confirms_number(&gateway_no, order.amount().minor) || order.gateway_no.is_some() {
        return vec![];
    }
    let named = OrderEvent::GatewayNoNamed { gateway_no, raw: evidence.raw.clone() };
    let Some(after) = evolve(Some(order.clone()), &named, now) else { return vec![] };
    let mut events = vec![named];
    events.extend(reported(&after, tally, report, evidence, now));
    events
}

pub(super) fn raise(order: &Order, attention: Attention) -> Vec<OrderEvent> {
    if order.attention.contains(&attention) {
        vec![]
    } else {
        vec![OrderEvent::AttentionRaised { attention, elsewhere: None }]
    }
}

fn settle(order: &Order, asking: &Asking, terms: &Terms, now: Moment) -> Vec<OrderEvent> {
    let mut events = refund::decide::settle(order, asking, terms, now);
    events.extend(settle_order(order, asking, terms, now));
    events
}

fn settle_order(order: &Order, asking: &Asking, terms: &Terms, now: Moment) -> Vec<OrderEvent> {
    if let Some(end) = order.end.filter(|_| order.state.has_ended()) {
        let over =
            now.boot >= tail_over(order, asking, terms, end) && order.attention.contains(&Attention::ExpiredHere);
        return if over { vec![OrderEvent::AttentionCleared { attention: Attention::ExpiredHere }] } else { vec![] };
    }
    match order.state {
        State::CreateUnknown | State::Expiring if never_created(order, asking, terms, now) => {
            vec![end_here(EndReason::NeverCreated, asking.tally)]
        }
        State::Expiring if expired_here(order, asking, terms, now) => {
            let mut events = vec![end_here(EndReason::ExpiredHere, asking.tally)];
            events.extend(raise(order, Attention::ExpiredHere));
            events
        }
        State::Expiring if is_left_behind(order, asking, terms) => raise(order, Attention::EndRefused),
        State::CreateUnknown | State::AwaitingPayment | State::Paying | State::Expiring | State::Disputed
            if now.since(order.expires()) >= 7 * DAY =>
        {
            raise(order, Attention::OpenForAWeek)
        }
        State::CreateUnknown
        | State::AwaitingPayment
        | State::Paying
        | State::Expiring
        | State::Disputed
        | State::Drafted
        | State::Creating
        | State::Paid
        | State::Closed
        | State::Failed
        | State::Reversed => vec![],
    }
}

/// A payment code about which nobody answers, and which nothing ends: of an earlier run, or closed in vain.
fn is_left_behind(order: &Order, asking: &Asking, terms: &Terms) -> bool {
    let Some((ending, _)) = terms.ending(order) else { return false };
    let by_code = order.draft.presented == Presented::Consumer;
    let in_vain = !asking.charged || (ending == Ending::Close && asking.closes > 0);
    let told =
        order.attention.contains(&Attention::EndRefused) || order.dealt_with.contains_key(&Attention::EndRefused);
    by_code && in_vain && asking.unanswered >= ENDED_IN_VAIN && !told
}

fn end_here(reason: EndReason, tally: Tally) -> OrderEvent {
    OrderEvent::Ended { state: State::Closed, reason, reported: None, tally }
}

/// Only "no such order", five times or more, over at least the grace, and still so after expiry and grace.
fn never_created(order: &Order, asking: &Asking, terms: &Terms, now: Moment) -> bool {
    let deadline = order.expires().plus(terms.grace);
    // What the create was answered with says that it arrived: unsigned, it ends nothing, but it is not silence either.
    let arrived = order.said_to_create.is_some_and(Reaction::tells_that_a_create_arrived);
    !order.known_there
        && !arrived
        && askable(order, terms)
        && asking.not_found.is_some_and(|answers| {
            answers.count >= 5
                && answers.last.boot >= deadline.boot
                && answers.last.since(answers.first) >= terms.grace
                && now.boot >= deadline.boot
        })
}

/// No close at this gateway: a question that left after the code was taken off said unpaid, and so did the newest one
/// after expiry. While another question is wanted at once, the newest is not the last word: it contradicted itself.
fn expired_here(order: &Order, asking: &Asking, terms: &Terms, now: Moment) -> bool {
    let expires = order.expires().boot;
    terms.ending(order).is_none()
        && now.boot >= expires
        && order.unpaid_after_qr_off
        && asking.unanswered == 0
        && !asking.wanted
        && asking.answered_question.is_some_and(|asked| asked.boot >= expires)
}
