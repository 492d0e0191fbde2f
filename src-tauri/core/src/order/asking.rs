//! What the poller remembers about one order between events. It lives in memory; its counts are written with the next event.

use super::Order;
use super::event::{OrderEvent, Tally};
use super::refund::{Refund, went_back_besides};
use super::report::{TradeReport, TradeState};
use crate::account::Account;
use crate::gateway::Unreadable;
use crate::gateway::descriptor::{Channel, Descriptor, Plan, Presented, RefundOffer};
use crate::gateway::reaction::{Reaction, Said};
use crate::time::{MINUTE, Moment, SECOND};
use std::collections::BTreeMap;

/// The longest patience that an answer which proves nothing can ask for: the plan's own longest pause of the first day.
const PATIENCE_LIMIT: i64 = 5 * MINUTE;

/// Reverses answered with an error code before a code on our own screen is closed instead: the first may have been a hiccup.
pub(super) const TURNED_DOWN: u32 = 2;

/// The terms an order is asked and closed under: its gateway's, with its account's overrides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// The rhythm.
    pub plan: Plan,
    /// Replaces every pause before expiry, microseconds.
    pub poll: Option<i64>,
    /// Microseconds after the draft before a close; `None`: the gateway cannot close.
    pub close_floor: Option<i64>,
    /// Microseconds after the draft before a reverse; `None`: the gateway cannot reverse, or the account does not want it.
    pub reverse_floor: Option<i64>,
    /// Microseconds after expiry before `never_created`.
    pub grace: i64,
    /// Whether our number suffices to ask.
    pub asked_by_our_number: bool,
    /// How money goes back; `None`: not through this gateway's interface.
    pub refunds: Option<RefundOffer>,
    /// Whether the gateway has a word for an order that was given back.
    pub tells_refunded: bool,
}

/// How an unpaid order is ended at its gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// By a close.
    Close,
    /// By a reverse: what was paid in between goes back.
    Reverse,
}

impl Terms {
    /// The terms of a channel through an account at a gateway.
    #[must_use]
    pub fn of(descriptor: &Descriptor, account: &Account, channel: &Channel) -> Self {
        let whole = |name: &str| account.field(name).and_then(|value| value.parse::<i64>().ok());
        let floor = |of_gateway: Option<u32>, name: &str| {
            of_gateway.map(|floor| whole(name).unwrap_or(i64::from(floor)).saturating_mul(SECOND))
        };
        let switched = descriptor.reverse_switch.is_none_or(|switch| account.yes(switch));
        let reverses = switched && descriptor.may_reverse(channel);
        Self {
            plan: channel.plan.unwrap_or(descriptor.plan),
            poll: whole("plan.poll_ms").map(|ms| ms.saturating_mul(1_000)),
            close_floor: floor(descriptor.close_floor_s, "plan.close_floor_s"),
            reverse_floor: floor(descriptor.reverse_floor_s, "plan.reverse_floor_s").filter(|_| reverses),
            grace: whole("plan.grace_s").map_or(10 * MINUTE, |seconds| seconds.saturating_mul(SECOND)),
            asked_by_our_number: descriptor.asked_by_our_number,
            refunds: descriptor.refunds,
            tells_refunded: descriptor.tells_refunded,
        }
    }

    /// How `order` is ended, and how long after its draft at the earliest (microseconds). A payment code that was sent may be
    /// charged at any moment: where the gateway can, such an order is reversed (ruling 14).
    #[must_use]
    pub fn ending(&self, order: &Order) -> Option<(Ending, i64)> {
        let by_code = order.draft.presented == Presented::Consumer;
        // A code on our own screen can still be closed where the gateway does not reverse it.
        let turned_down = order.closing.refused > 0 || order.closing.turned_down >= TURNED_DOWN;
        let reversed = by_code || (order.reverse_wanted && !turned_down);
        let reverse = self.reverse_floor.filter(|_| reversed).map(|floor| (Ending::Reverse, floor));
        reverse.or(self.close_floor.map(|floor| (Ending::Close, floor)))
    }
}

/// "No such order" answers in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotFound {
    /// How many.
    pub count: u32,
    /// The first.
    pub first: Moment,
    /// The last.
    pub last: Moment,
}

/// The poller's memory of one order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Asking {
    /// Questions since the last event.
    pub tally: Tally,
    /// Whether its code was painted in this run.
    pub was_painted: bool,
    /// Questions in this run.
    pub asked: u32,
    /// Questions in a row without a verified answer.
    pub unanswered: u32,
    /// When the last question left.
    pub last_sent: Option<Moment>,
    /// When the last one left that really did: one that no key or no address holds back does not.
    pub last_left: Option<Moment>,
    /// Whether its payment code left in this run: the customer still stands here.
    pub charged: bool,
    /// When the last verified answer came.
    pub answered: Option<Moment>,
    /// When the question left that was answered last.
    pub answered_question: Option<Moment>,
    /// "No such order" answers, and nothing verified since the first of them.
    pub not_found: Option<NotFound>,
    /// The gateway asked for patience until this boot time.
    pub not_before: Option<i64>,
    /// When the last close or reverse left.
    pub close_sent: Option<Moment>,
    /// Closes and reverses in this run.
    pub closes: u32,
    /// A question is wanted at once: after launch, after a close, by a person.
    pub wanted: bool,
    /// A refund was found waiting by this run: it leaves after an answer that speaks of its order's payment, which may have been
    /// given back elsewhere meanwhile.
    pub look_before_refunds: bool,
    /// The payment was told without being stated: asked about until a question that left since then is answered.
    pub unconfirmed_since: Option<Moment>,
    /// A question was put once more because this machine's clock had spoiled it, and none was answered since.
    pub put_again: bool,
    /// 0 to 1,000, drawn anew for each question.
    pub jitter_permille: u16,
    /// What is remembered of each refund, by its number.
    pub refunds: BTreeMap<String, RefundAsking>,
}

/// The poller's memory of one refund.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RefundAsking {
    /// Questions since the last event about it.
    pub tally: Tally,
    /// Questions in a row without a verified answer; before its sending: tries to send it that came to nothing here.
    pub unanswered: u32,
    /// Answers since it was sent that nothing can rest on, and no other one since the first: unreadable, or an end that names no refund.
    pub unusable: u32,
    /// What the verified reports of this run about it, since it was sent, are worth; none came.
    pub worth: Option<Worth>,
    /// When the last question left.
    pub last_sent: Option<Moment>,
    /// When the last verified answer came.
    pub answered: Option<Moment>,
    /// When the question left that was answered last with what lets the refund be sent again: "no such refund", or what was
    /// said of an older sending.
    pub not_arrived: Option<Moment>,
    /// How many questions since it was sent were answered with "no such refund", and none with a verified report since the first.
    pub not_there: u32,
    /// When the question left that the gateway answered last with the order given back, which nothing but this refund explains.
    pub told_back: Option<Moment>,
    /// The last answer said that it failed, which is not its end before this: an older sending may yet be carried out.
    pub may_succeed_until: Option<Moment>,
    /// Nothing about it leaves before this boot time.
    pub not_before: Option<i64>,
}

/// What verified reports about a refund are worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worth {
    /// Each lacked something: nothing can rest on any.
    Nothing,
    /// One at least lacked nothing.
    Something,
}

/// Whether a verified answer about an order of so much money speaks of its payment.
fn speaks_of_the_payment(report: &TradeReport, minor: i64) -> bool {
    let of_the_payment = match report.state {
        TradeState::Paid => report.shortcoming().is_none(),
        TradeState::Refunded => true,
        TradeState::Unpaid | TradeState::Paying | TradeState::Closed | TradeState::Failed | TradeState::Reversed => {
            false
        }
    };
    of_the_payment && report.contradiction(minor).is_none()
}

impl RefundAsking {
    /// It is sent: what was said of the sendings before holds no longer.
    pub fn leaves(&mut self) {
        self.may_succeed_until = None;
        self.not_there = 0;
        self.unusable = 0;
        self.worth = None;
    }

    /// A question leaves.
    pub fn sent(&mut self, now: Moment) {
        self.tally.asked = self.tally.asked.saturating_add(1);
        self.last_sent = Some(now);
    }

    /// An answer came that nothing can rest on.
    pub fn unusable(&mut self) {
        self.unusable = self.unusable.saturating_add(1);
    }

    /// A verified report came, `whole` if it lacks nothing.
    pub fn verified(&mut self, whole: bool, now: Moment) {
        if whole {
            self.unusable = 0;
            self.worth = Some(Worth::Something);
        } else {
            self.worth.get_or_insert(Worth::Nothing);
        }
        self.unanswered = 0;
        self.answered = Some(now);
        self.not_arrived = None;
        self.not_there = 0;
        self.told_back = None;
        self.may_succeed_until = None;
        self.not_before = None;
    }

    /// Nothing to rely on came back for the question that left at `asked`.
    pub fn unverified(&mut self, none: bool, asked: Moment, retry_after_s: Option<u32>, now: Moment) {
        self.tally.unanswered = self.tally.unanswered.saturating_add(1);
        self.unanswered = self.unanswered.saturating_add(1);
        if none {
            self.not_arrived = Some(asked);
            self.not_there = self.not_there.saturating_add(1);
        }
        self.patient(retry_after_s, now);
    }

    /// The gateway asks for patience, or no longer does.
    pub fn patient(&mut self, retry_after_s: Option<u32>, now: Moment) {
        self.not_before =
            retry_after_s.map(|s| now.boot.saturating_add(i64::from(s).saturating_mul(SECOND).min(PATIENCE_LIMIT)));
    }

    /// It could not be sent: no key, or nothing to build it from. Tried again after a pause that doubles.
    pub fn held_up(&mut self, now: Moment) {
        self.unanswered = self.unanswered.saturating_add(1);
        let doubled = SECOND.saturating_mul(1_i64.checked_shl(self.unanswered.min(10)).unwrap_or(i64::MAX));
        self.not_before = Some(now.boot.saturating_add(doubled.min(PATIENCE_LIMIT)));
    }
}

impl Asking {
    /// What is remembered of a refund.
    pub fn refund(&mut self, refund_no: &str) -> &mut RefundAsking {
        self.refunds.entry(refund_no.to_owned()).or_default()
    }

    /// Questions about a refund since the last event about it.
    #[must_use]
    pub fn tally_of(&self, refund_no: &str) -> Tally {
        self.refunds.get(refund_no).map_or_else(Tally::default, |memory| memory.tally)
    }

    /// A question leaves.
    pub fn sent(&mut self, now: Moment) {
        self.tally.asked = self.tally.asked.saturating_add(1);
        self.asked = self.asked.saturating_add(1);
        self.last_sent = Some(now);
        self.wanted = false;
    }

    /// The question had to wait for its turn and left only `at`: the next pause runs from there.
    pub fn left(&mut self, at: Moment) {
        self.last_sent = Some(at);
        self.last_left = Some(at);
    }

    /// A close or a reverse leaves; whatever comes of it, the order is asked at once afterwards.
    pub fn closing(&mut self, now: Moment) {
        self.close_sent = Some(now);
        self.closes = self.closes.saturating_add(1);
        self.wanted = true;
    }

    /// A verified report answered the question that left at `asked`.
    pub fn verified(&mut self, asked: Moment, now: Moment) {
        self.unanswered = 0;
        self.answered = Some(now);
        self.answered_question = Some(asked);
        self.not_found = None;
        self.not_before = None;
        self.put_again = false;
        self.unconfirmed_since = self.unconfirmed_since.filter(|told| asked.boot < told.boot);
    }

    /// A question was refused while this machine's clock turned out to be off: whether it is put once more, at once, with the
    /// gateway's time. Only once until an answer is verified: a gateway whose clocks disagree would be asked without a pause.
    pub fn again_for_the_clock(&mut self, now: Moment) -> bool {
        if self.put_again || self.not_before.is_some_and(|patience| patience > now.boot) {
            return false;
        }
        self.put_again = true;
        self.wanted = true;
        true
    }

    /// A verified answer about an order of so much money says `report`: whether a refund may rest on it.
    pub fn looked(&mut self, report: &TradeReport, minor: i64) -> bool {
        let looked = speaks_of_the_payment(report, minor);
        self.look_before_refunds &= !looked;
        looked
    }

    /// A verified answer to a question about `order` that left at `asked` says `report`: that it was given back speaks for each of
    /// its refunds that had left and alone explains it, until a later answer says that it is paid and no more.
    pub fn told(&mut self, order: &Order, report: &TradeReport, asked: Moment) {
        let given_back = match report.state {
            TradeState::Refunded => true,
            TradeState::Paid if report.shortcoming().is_none() => false,
            TradeState::Paid
            | TradeState::Unpaid
            | TradeState::Paying
            | TradeState::Closed
            | TradeState::Failed
            | TradeState::Reversed => return,
        };
        if report.contradiction(order.amount().minor).is_some() {
            return;
        }
        let had_left = |refund: &&Refund| refund.sent.is_some_and(|sent| sent.boot <= asked.boot);
        for refund in order.refunds.iter().filter(had_left) {
            let memory = self.refund(refund.no());
            if memory.told_back.is_some_and(|newer| newer.boot > asked.boot) {
                continue;
            }
            if !given_back {
                memory.told_back = None;
            } else if !went_back_besides(order, refund.no()) {
                memory.told_back = Some(asked);
            }
        }
    }

    /// Nothing to rely on came back.
    pub fn unverified(&mut self, came: Unproven, retry_after_s: Option<u32>, now: Moment) {
        self.tally.unanswered = self.tally.unanswered.saturating_add(1);
        self.unanswered = self.unanswered.saturating_add(1);
        match came {
            Unproven::Nothing => {}
            Unproven::NoSuchOrder => {
                let before = self.not_found.unwrap_or(NotFound { count: 0, first: now, last: now });
                self.not_found = Some(NotFound { count: before.count.saturating_add(1), last: now, ..before });
            }
            Unproven::SomethingElse => self.not_found = None,
        }
        self.not_before =
            retry_after_s.map(|s| now.boot.saturating_add(i64::from(s).saturating_mul(SECOND).min(PATIENCE_LIMIT)));
    }

    /// The code is on a screen. Only the first time of a run counts; it is written with the next event that has a place for it.
    pub fn painted(&mut self, now: Moment) {
        if !self.was_painted {
            self.was_painted = true;
            self.tally.painted = Some(now.wall);
        }
    }

    /// Events were written: the counts since the last one are in them.
    pub fn written(&mut self, events: &[OrderEvent]) {
        let told = events.iter().filter_map(OrderEvent::tally).any(|tally| tally.painted.is_some());
        let painted = self.tally.painted.filter(|_| !told);
        self.tally = Tally { painted, ..Tally::default() };
        for memory in self.refunds.values_mut() {
            memory.tally = Tally::default();
        }
    }
}

/// What came back to a question and proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unproven {
    /// Nothing that is the gateway's own, or nothing about the order: no answer, something that stood between, trouble of the
    /// gateway's.
    Nothing,
    /// An error code: the gateway knows no such order.
    NoSuchOrder,
    /// Any other word in the gateway's form. It ends nothing, but an order of which the gateway says different things is not one
    /// of which it has never heard.
    SomethingElse,
}

impl From<&Said> for Unproven {
    fn from(said: &Said) -> Self {
        match said.reaction {
            Reaction::NoSuchOrder => Self::NoSuchOrder,
            Reaction::Busy | Reaction::Upstream | Reaction::OutOfHours => Self::Nothing,
            Reaction::Ask
            | Reaction::DuplicateNumber
            | Reaction::CheckKeys
            | Reaction::CheckAccount
            | Reaction::ChannelOff
            | Reaction::ChannelMisconfigured
            | Reaction::OurFault
            | Reaction::FreshCode
            | Reaction::BalanceShort
            | Reaction::RefundTooLate
            | Reaction::DuplicateRefund
            | Reaction::Unsupported
            | Reaction::ExchangeRate
            | Reaction::Refused
            | Reaction::AwaitsCustomer => Self::SomethingElse,
        }
    }
}

impl From<&Unreadable> for Unproven {
    fn from(why: &Unreadable) -> Self {
        match why {
            Unreadable::Status(_) | Unreadable::Empty | Unreadable::NotJson => Self::Nothing,
            Unreadable::DuplicatedKey
            | Unreadable::Unsigned
            | Unreadable::WrongSignature
            | Unreadable::Stale(_)
            | Unreadable::NoState
            | Unreadable::UnknownWord(_)
            | Unreadable::BadField(_) => Self::SomethingElse,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn when_the_code_was_painted_is_kept_until_an_event_has_said_it_and_said_once() {
        use crate::order::EndReason;
        use crate::order::State;
        use crate::order::event::CloseWhy;
        let mut asking = Asking::default();
        asking.painted(Moment { wall: 5, boot: 0 });
        asking.painted(Moment { wall: 9, boot: 4 });
        asking.sent(Moment { wall: 9, boot: 4 });
        asking.written(&[OrderEvent::CloseRequested { why: CloseWhy::Person }]);
        assert_eq!(asking.tally, Tally { painted: Some(5), ..Tally::default() }, "a close has no place for it");
        let tally = asking.tally;
        let ended = OrderEvent::Ended { state: State::Closed, reason: EndReason::ExpiredHere, reported: None, tally };
        asking.written(&[ended]);
        assert_eq!(asking.tally, Tally::default());
        asking.painted(Moment { wall: 12, boot: 7 });
        assert_eq!(asking.tally, Tally::default(), "shown again it is not painted first");
    }

    #[test]
    fn a_question_that_the_clock_spoiled_is_put_again_once_until_one_is_answered() {
        let now = Moment { wall: 0, boot: 7 };
        let mut asking = Asking::default();
        assert!(asking.again_for_the_clock(now) && asking.wanted);
        asking.sent(now);
        assert!(!asking.again_for_the_clock(now) && !asking.wanted, "clocks that disagree");
        asking.verified(now, now);
        asking.unverified(Unproven::Nothing, Some(60), now);
        assert!(!asking.again_for_the_clock(now), "the gateway asked for patience");
        assert!(asking.again_for_the_clock(now.plus(60 * SECOND)));
    }

    #[test]
    fn no_answer_silences_the_till_for_longer_than_five_minutes() {
        let now = Moment { wall: 0, boot: 7 };
        let mut asking = Asking::default();
        asking.unverified(Unproven::Nothing, Some(90), now);
        assert_eq!(asking.not_before, Some(7 + 90 * SECOND));
        asking.unverified(Unproven::Nothing, Some(u32::MAX), now);
        assert_eq!(asking.not_before, Some(7 + 5 * MINUTE));
    }
}
