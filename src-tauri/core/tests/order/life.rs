//! Whole lives against a gateway that lies at first and tells the truth in the end.

use super::any::cases;
use super::given::{EXPIRE, LINK, START, Story, created, terms, terms_with_reverse, terms_without_close};
use proptest::prelude::*;
use till_core::gateway::call::NoAnswer;
use till_core::gateway::descriptor::{PAYMENT_CODE_EXPIRE_S, Presented};
use till_core::gateway::reaction::{Reaction, Said};
use till_core::gateway::{CloseOutcome, Created, Read, ReverseOutcome, Unreadable};
use till_core::order::asking::{Ending, Unproven};
use till_core::order::decide::{Command, Evidence};
use till_core::order::due::{Step, askable, next_due};
use till_core::order::event::{CloseWhy, OrderEvent};
use till_core::order::report::{TradeReport, TradeState};
use till_core::order::{Attention, EndReason, State};
use till_core::time::{MINUTE, Moment, SECOND};

/// What one exchange comes to.
#[derive(Debug, Clone)]
enum Reply {
    Truth,
    Lie(Box<TradeReport>),
    NoSuchOrder,
    Garbled { retry_after_s: Option<u32> },
}

/// What the gateway knows.
#[derive(Debug, Clone)]
struct Gateway {
    /// The create arrived.
    exists: bool,
    /// The create's answer arrives.
    answers_create: bool,
    /// When the customer pays, boot time.
    pays_at: Option<i64>,
    closed_at: Option<i64>,
    /// Whatever was paid went back then.
    reversed_at: Option<i64>,
    lies: Vec<Reply>,
}

impl Gateway {
    fn paid(&self, now: Moment) -> bool {
        let ended = self.closed_at.or(self.reversed_at);
        self.pays_at.is_some_and(|at| at <= now.boot && ended.is_none_or(|ended| at < ended))
    }

    /// What a truthful answer to a question that left then says.
    fn truth(&self, asked: Moment) -> TradeReport {
        let before = |at: Option<i64>| at.is_some_and(|at| at <= asked.boot);
        if before(self.reversed_at) {
            TradeReport::of(TradeState::Reversed)
        } else if self.paid(asked) {
            super::given::report(TradeState::Paid)
        } else if before(self.closed_at) {
            TradeReport::of(TradeState::Closed)
        } else {
            TradeReport::of(TradeState::Unpaid)
        }
    }
}

struct Life {
    story: Story,
    gateway: Gateway,
    creates: u32,
    steps: u32,
    /// When the last question left.
    questioned: Option<Moment>,
}

impl Life {
    fn lived(story: Story, gateway: Gateway, latency: i64) -> Result<Self, TestCaseError> {
        let mut life = Self { story, gateway, creates: 0, steps: 0, questioned: None };
        while !life.story.order.state.has_ended() && life.steps < 600 {
            life.steps += 1;
            let story = &life.story;
            let Some(due) = next_due(&story.order, &story.asking, &story.terms, story.now) else {
                prop_assert!(!askable(&story.order, &story.terms), "nothing is due in {:?}", story.order.state);
                break;
            };
            life.story.now = story.now.plus((due.at - story.now.boot).max(0));
            life.step(due.step, latency)?;
            life.story.tell(Command::Settle);
        }
        Ok(life)
    }

    fn step(&mut self, step: Step, latency: i64) -> Result<(), TestCaseError> {
        let asked = self.story.now;
        let evidence = || Evidence { asked, raw: None };
        match step {
            Step::SendRefund | Step::AskRefund => panic!("nobody gives money back here"),
            Step::SendCreate => {
                self.creates += 1;
                prop_assert!(!self.story.tell(Command::SendCreate).is_empty());
                prop_assert_eq!(self.story.tell(Command::SendCreate), vec![], "the create leaves once");
                self.story.asking.charged = self.story.order.draft.presented == Presented::Consumer;
                self.story.now = self.story.now.plus(latency);
                if self.gateway.answers_create {
                    let answer = match self.story.order.draft.presented {
                        Presented::Merchant | Presented::Elsewhere => created(Some(LINK)),
                        Presented::Consumer => {
                            let Read::Means(silent) = created(None) else { panic!("it means something") };
                            Read::Means(Created { report: Some(self.gateway.truth(asked)), ..silent })
                        }
                    };
                    self.story.tell(Command::CreateAnswered(answer, evidence()));
                } else {
                    self.story.tell(Command::CreateUnanswered(NoAnswer::TimedOut));
                }
            }
            Step::Expire => {
                self.story.tell(Command::Close(CloseWhy::Expired));
                prop_assert_eq!(self.story.order.qr(), None);
            }
            Step::Ask => {
                if let Some(patience) = self.story.asking.not_before {
                    prop_assert!(asked.boot >= patience, "the gateway asked for patience");
                }
                self.story.asking.sent(asked);
                self.story.asking.left(asked);
                self.questioned = Some(asked);
                self.story.now = self.story.now.plus(latency);
                self.reply(asked);
            }
            Step::Close => {
                self.may_end(self.story.terms.close_floor, asked)?;
                self.story.asking.closing(asked);
                self.story.now = self.story.now.plus(latency);
                let command = match self.gateway.lies.pop() {
                    Some(Reply::Garbled { .. } | Reply::NoSuchOrder) => Command::CloseUnanswered,
                    Some(Reply::Lie(_)) => Command::CloseAnswered(Read::Means(CloseOutcome::Closed), evidence()),
                    Some(Reply::Truth) | None if !self.gateway.exists => {
                        Command::CloseAnswered(Read::Says(no_such_order()), evidence())
                    }
                    Some(Reply::Truth) | None => {
                        let paid = self.gateway.paid(asked);
                        if !paid {
                            self.gateway.closed_at.get_or_insert(asked.boot);
                        }
                        let outcome = if paid { CloseOutcome::Refused } else { CloseOutcome::Closed };
                        Command::CloseAnswered(Read::Means(outcome), evidence())
                    }
                };
                self.story.tell(command);
            }
            Step::SendReverse => {
                prop_assert_eq!(self.story.tell(Command::SendReverse), vec![OrderEvent::ReverseSent]);
                prop_assert_eq!(self.story.tell(Command::SendReverse), vec![], "it is written once");
            }
            Step::Reverse => {
                prop_assert!(self.story.order.reverse_left, "its intention is in the journal");
                let consumer = self.story.order.draft.presented == Presented::Consumer;
                prop_assert!(consumer, "a code on our own screen is closed, not reversed");
                self.may_end(self.story.terms.reverse_floor, asked)?;
                self.story.asking.closing(asked);
                self.story.now = self.story.now.plus(latency);
                let command = match self.gateway.lies.pop() {
                    Some(Reply::Garbled { .. } | Reply::NoSuchOrder) => Command::ReverseUnanswered,
                    Some(Reply::Lie(_)) => Command::ReverseAnswered(Read::Means(ReverseOutcome::Refused), evidence()),
                    Some(Reply::Truth) | None if !self.gateway.exists => {
                        Command::ReverseAnswered(Read::Says(no_such_order()), evidence())
                    }
                    Some(Reply::Truth) | None => {
                        self.gateway.reversed_at.get_or_insert(asked.boot);
                        Command::ReverseAnswered(Read::Means(ReverseOutcome::Reversed), evidence())
                    }
                };
                self.story.tell(command);
            }
            Step::Settle => {}
        }
        Ok(())
    }

    /// A close or a reverse leaves no sooner than its floor, with the code off, and on a fresh answer; that of a payment code on a
    /// question that left after the rhythm of six, a reverse only while its customer waits.
    fn may_end(&self, floor: Option<i64>, asked: Moment) -> Result<(), TestCaseError> {
        let (order, asking) = (&self.story.order, &self.story.asking);
        let floor = floor.expect("a gateway that ends it so");
        prop_assert!(asked.boot >= order.there_since().boot + floor, "before its floor");
        let off = order.qr_off.expect("the code is off");
        let fresh = asking.answered.is_some_and(|answered| asked.since(answered) <= 10 * SECOND)
            && asking.answered_question.is_some_and(|question| question.boot >= off.boot);
        let rhythm = START.plus(i64::from(PAYMENT_CODE_EXPIRE_S) * SECOND);
        let waits_here = order.draft.presented == Presented::Consumer && asked.since(rhythm) <= MINUTE;
        let by_close = self.story.terms.ending(order).is_some_and(|(ending, _)| ending == Ending::Close);
        let may_in_vain = waits_here || (by_close && order.draft.presented == Presented::Consumer);
        let asked_in_vain = may_in_vain && self.questioned.is_some_and(|question| question.boot >= rhythm.boot);
        prop_assert!(fresh || asked_in_vain, "it rests on a fresh answer");
        Ok(())
    }

    fn reply(&mut self, asked: Moment) {
        let now = self.story.now;
        match self.gateway.lies.pop().unwrap_or(Reply::Truth) {
            Reply::Garbled { retry_after_s } => self.story.asking.unverified(Unproven::Nothing, retry_after_s, now),
            Reply::NoSuchOrder => self.story.asking.unverified(Unproven::NoSuchOrder, None, now),
            Reply::Truth | Reply::Lie(_) if !self.gateway.exists => {
                self.story.asking.unverified(Unproven::NoSuchOrder, None, now);
            }
            Reply::Lie(report) => {
                self.story.report(*report, asked);
            }
            Reply::Truth => {
                self.story.report(self.gateway.truth(asked), asked);
            }
        }
    }
}

fn no_such_order() -> Said {
    Said::new(Reaction::NoSuchOrder, "301", None)
}

fn reply() -> impl Strategy<Value = Reply> {
    prop_oneof![
        2 => Just(Reply::Truth),
        2 => super::any::report().prop_map(|report| Reply::Lie(Box::new(report))),
        1 => Just(Reply::NoSuchOrder),
        2 => prop::option::weighted(0.2, 0_u32..200).prop_map(|retry_after_s| Reply::Garbled { retry_after_s }),
    ]
}

prop_compose! {
    fn gateway()(
        exists in prop::bool::weighted(0.8),
        answers_create in prop::bool::weighted(0.8),
        pays in prop::option::of(0..400 * SECOND),
        lies in prop::collection::vec(reply(), 0..60),
    ) -> Gateway {
        let answers_create = exists && answers_create;
        // Nobody can pay by a code that never reached the till.
        let pays_at = pays.filter(|_| answers_create).map(|after| START.boot + after);
        Gateway { exists, answers_create, pays_at, closed_at: None, reversed_at: None, lies }
    }
}

proptest! {
    #![proptest_config(cases(384))]

    #[test]
    fn every_order_ends_once_the_gateway_tells_the_truth(gateway in gateway(), closes: bool, latency in 0..20 * SECOND) {
        let terms = if closes { terms() } else { terms_without_close() };
        let life = Life::lived(Story::drafted(terms), gateway, latency)?;
        let order = &life.story.order;
        prop_assert_eq!(life.creates, 1);
        // A lie that booked a payment can only be settled by a person.
        let in_doubt = order.state == State::Disputed && order.payment.is_some();
        prop_assert!(order.state.has_ended() || in_doubt, "{:?} after {} steps", order, life.steps);
    }

    #[test]
    fn without_authentic_lies_the_till_ends_where_the_gateway_does(mut gateway in gateway(), latency in 0..20 * SECOND) {
        gateway.lies.retain(|reply| matches!(reply, Reply::Truth | Reply::Garbled { .. }));
        let exists = gateway.exists;
        let life = Life::lived(Story::drafted(terms()), gateway, latency)?;
        let order = &life.story.order;
        let expected = if life.gateway.paid(life.story.now) { State::Paid } else { State::Closed };
        prop_assert_eq!(order.state, expected);
        prop_assert!(!order.late && order.attention.is_empty());
        if !exists {
            prop_assert_eq!(order.end.map(|end| end.reason), Some(EndReason::NeverCreated));
            prop_assert!(life.story.now.since(START) >= EXPIRE + 10 * MINUTE);
        }
    }

    #[test]
    fn every_payment_code_ends_once_the_gateway_tells_the_truth(gateway in gateway(), reverses: bool, latency in 0..20 * SECOND) {
        let terms = if reverses { terms_with_reverse() } else { terms() };
        let life = Life::lived(Story::scanned(terms), gateway, latency)?;
        let order = &life.story.order;
        let in_doubt = order.state == State::Disputed && order.payment.is_some();
        prop_assert!(order.state.has_ended() || in_doubt, "{:?} after {} steps", order, life.steps);
        prop_assert!(in_doubt || !order.attention.contains(&Attention::EndRefused));
    }

    #[test]
    fn without_authentic_lies_a_payment_code_ends_as_its_gateway_says(mut gateway in gateway(), reverses: bool, latency in 0..20 * SECOND) {
        gateway.lies.retain(|reply| matches!(reply, Reply::Truth | Reply::Garbled { .. }));
        // A payment code that arrived may be charged although nothing was answered.
        gateway.pays_at = gateway.pays_at.filter(|_| gateway.exists);
        let terms = if reverses { terms_with_reverse() } else { terms() };
        let life = Life::lived(Story::scanned(terms), gateway, latency)?;
        let order = &life.story.order;
        let expected = if life.gateway.reversed_at.is_some() {
            State::Reversed
        } else if life.gateway.paid(life.story.now) {
            State::Paid
        } else {
            State::Closed
        };
        prop_assert_eq!(order.state, expected);
        prop_assert!(!order.late && order.attention.is_empty());
    }
}

#[test]
fn with_a_gateway_that_never_answers_it_is_asked_for_ever_and_ends_by_nothing() {
    let mut story = Story::shown();
    let mut asked = 0;
    let mut steps = 0;
    while story.now.since(START) < 8 * 24 * 60 * MINUTE {
        steps += 1;
        assert!(steps < 5_000, "time stands still: {:?}", story.order);
        let due = next_due(&story.order, &story.asking, &story.terms, story.now).expect("something is due");
        story.now = story.now.plus((due.at - story.now.boot).max(0));
        match due.step {
            Step::Expire => {
                story.tell(Command::Close(CloseWhy::Expired));
            }
            Step::Ask => {
                story.asking.sent(story.now);
                story.asking.unverified(Unproven::Nothing, None, story.now);
                asked += 1;
            }
            Step::SendCreate
            | Step::Close
            | Step::SendReverse
            | Step::Reverse
            | Step::Settle
            | Step::SendRefund
            | Step::AskRefund => {
                panic!("{:?} without an answer", due.step)
            }
        }
        story.tell(Command::Settle);
        assert!(!story.order.state.has_ended());
    }
    assert!((400..700).contains(&asked), "{asked} questions in eight days");
    assert!(story.order.attention.contains(&Attention::OpenForAWeek));
    assert!(story.events.len() < 6, "the journal grows with trade, not with time");
    let unreadable =
        Command::CreateAnswered(Read::Unreadable(Unreadable::NotJson), Evidence { asked: story.now, raw: None });
    assert_eq!(story.tell(unreadable), vec![]);
}
