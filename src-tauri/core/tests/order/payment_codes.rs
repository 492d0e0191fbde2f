//! Payment codes, reverses, orders made elsewhere, numbers that a person names, and what the orders of a sale share.

use super::given::{
    AMOUNT, LINK, START, Story, created, draft, report, terms, terms_with_reverse, terms_without_close,
};
use std::collections::BTreeMap;
use till_core::account::Account;
use till_core::gateway::call::NoAnswer;
use till_core::gateway::descriptor::{Channel, DEFAULT_PLAN, Descriptor, PAYMENT_CODE_PLAN, Presented};
use till_core::gateway::reaction::{Reaction, Said};
use till_core::gateway::{CloseOutcome, Created, Read, ReverseOutcome, Unreadable, named};
use till_core::money::{Currency, Money};
use till_core::order::asking::{Asking, Ending, Terms, Unproven};
use till_core::order::decide::{Command, Evidence};
use till_core::order::due::{Step, next_due};
use till_core::order::event::{CloseWhy, Item, OrderEvent};
use till_core::order::evolve::evolve;
use till_core::order::further::{NotYet, further_order};
use till_core::order::refund::{RefundDraft, RefundState};
use till_core::order::report::{Stated, TradeReport, TradeState};
use till_core::order::sale::{
    ExpiryOutOfRange, Flagging, adds_up, expiry, flag_after_giving_back, flag_after_payment, flagged_beside,
    is_paid_twice, kept_beside, may_join,
};
use till_core::order::{Attention, DisputeReason, Order, State};
use till_core::time::{DAY, HOUR, MINUTE, SECOND};

/// The answer to a create that is the payment itself.
fn charged(report: TradeReport) -> Read<Created> {
    let Read::Means(silent) = created(None) else { panic!("it means something") };
    Read::Means(Created { report: Some(report), ..silent })
}

fn asked_to_ask() -> Read<Created> {
    Read::Says(Said::new(Reaction::Ask, "10003", Some("等待用户付款")))
}

/// A payment code was sent and the customer is paying.
fn paying(terms: Terms) -> Story {
    Story::scanned(terms).telling(Command::SendCreate).answered(charged(report(TradeState::Paying)))
}

fn expired(terms: Terms) -> Story {
    paying(terms).after(30 * SECOND).telling(Command::Close(CloseWhy::Expired))
}

fn evidence(story: &Story) -> Evidence {
    Evidence { asked: story.now, raw: None }
}

fn reverse_says(story: &mut Story, read: Read<ReverseOutcome>) -> Vec<OrderEvent> {
    let evidence = evidence(story);
    story.tell(Command::ReverseAnswered(read, evidence))
}

fn due_step(story: &Story) -> Option<Step> {
    next_due(&story.order, &story.asking, &story.terms, story.now).map(|due| due.step)
}

#[test]
fn what_the_answer_to_a_payment_code_says_counts_at_once() {
    for (state, expected) in [
        (TradeState::Paid, State::Paid),
        (TradeState::Paying, State::Paying),
        (TradeState::Unpaid, State::AwaitingPayment),
        (TradeState::Failed, State::Failed),
        (TradeState::Closed, State::Closed),
        (TradeState::Reversed, State::Reversed),
    ] {
        let story = Story::scanned(terms()).telling(Command::SendCreate).answered(charged(report(state)));
        assert_eq!(story.order.state, expected);
        assert!(story.order.attention.is_empty() && !story.order.late, "{state:?}");
    }
    let other = TradeReport { amount_minor: Some(AMOUNT + 1), ..report(TradeState::Paid) };
    let story = Story::scanned(terms()).telling(Command::SendCreate).answered(charged(other));
    assert_eq!((story.order.state, story.order.payment), (State::Disputed, None));
}

#[test]
fn a_declined_payment_code_ends_at_once_and_the_sale_may_go_on() {
    let sent = Story::scanned(terms()).telling(Command::SendCreate);
    assert_eq!(further_order(&sent.order), Err(NotYet::BeingCreated));
    let declined = sent.answered(charged(report(TradeState::Failed)));
    assert_eq!(further_order(&declined.order), Ok(()));
    let events: Vec<&str> = declined.events.iter().map(|(event, _)| event.word()).collect();
    assert_eq!(events, ["drafted", "create_sent", "created", "ended"]);
    assert_ne!(due_step(&declined), Some(Step::Close));
}

#[test]
fn ruling_14_a_payment_code_is_asked_about_every_five_seconds_six_times_and_then_reversed() {
    let answers = [charged(report(TradeState::Paying)), asked_to_ask()];
    for (answer, jitter) in
        answers.into_iter().flat_map(|answer| [0, 500, 1_000].map(|jitter| (answer.clone(), jitter)))
    {
        let mut story = Story::scanned(terms_with_reverse()).telling(Command::SendCreate).answered(answer);
        story.asking.jitter_permille = jitter;
        let mut asked = vec![];
        loop {
            let due = next_due(&story.order, &story.asking, &story.terms, story.now).expect("something is due");
            story.now = story.now.plus((due.at - story.now.boot).max(0));
            match due.step {
                Step::Ask => {
                    asked.push(story.now.since(START) / SECOND);
                    story.asking.sent(story.now);
                    story.report(report(TradeState::Paying), story.now);
                }
                Step::Expire => drop(story.tell(Command::Close(CloseWhy::Expired))),
                Step::SendReverse => break,
                Step::SendCreate | Step::Close | Step::Reverse | Step::Settle | Step::SendRefund | Step::AskRefund => {
                    panic!("{:?}", due.step)
                }
            }
        }
        assert_eq!(asked, [5, 10, 15, 20, 25, 30], "the sixth makes sure before it is reversed");
        assert_eq!(story.now.since(START) / SECOND, 30);
    }
}

/// When the reverse of a payment code leaves, seconds after its draft, where every question that `leaves` brings `came`; none: not
/// within an hour.
fn reversed_after(mut story: Story, came: Unproven, leaves: bool) -> Option<i64> {
    story.asking.jitter_permille = 0;
    loop {
        let due = next_due(&story.order, &story.asking, &story.terms, story.now).expect("something is due");
        story.now = story.now.plus((due.at - story.now.boot).max(0));
        if story.now.since(START) > HOUR {
            return None;
        }
        match due.step {
            Step::Ask => {
                story.asking.sent(story.now);
                if leaves {
                    story.asking.left(story.now);
                }
                story.asking.unverified(came, None, story.now);
            }
            Step::Expire => drop(story.tell(Command::Close(CloseWhy::Expired))),
            Step::SendReverse => return Some(story.now.since(START) / SECOND),
            Step::SendCreate | Step::Close | Step::Reverse | Step::Settle | Step::SendRefund | Step::AskRefund => {
                panic!("{:?}", due.step)
            }
        }
    }
}

#[test]
fn ruling_14_a_payment_code_that_nobody_can_be_asked_about_is_reversed_after_the_six_questions_all_the_same() {
    for came in [Unproven::Nothing, Unproven::NoSuchOrder, Unproven::SomethingElse] {
        let sent = || Story::scanned(terms_with_reverse()).telling(Command::SendCreate);
        for story in [
            sent().answered(charged(report(TradeState::Paying))),
            sent().answered(charged(report(TradeState::Unpaid))),
            sent().answered(asked_to_ask()),
            sent().telling(Command::CreateUnanswered(NoAnswer::TimedOut)),
        ] {
            let mut here = story.clone();
            here.asking.charged = true;
            assert_eq!(reversed_after(here.clone(), came, true), Some(30), "{came:?}");
            assert_eq!(reversed_after(here, came, false), None, "what no key lets out asked nobody");
            assert_eq!(reversed_after(story.clone(), came, true), None, "in another run the customer may have gone");
            let mut late = story.after(2 * MINUTE);
            late.asking.charged = true;
            assert_eq!(reversed_after(late, came, true), None, "so may one who waited for long");
        }
    }
}

#[test]
fn ruling_14_an_answer_that_put_a_payment_code_in_doubt_shortens_nothing_of_its_rhythm() {
    let other = TradeReport { amount_minor: Some(AMOUNT + 1), ..report(TradeState::Paid) };
    let disputed = paying(terms_with_reverse()).after(5 * SECOND).reporting(other);
    assert_eq!(disputed.order.state, State::Disputed);
    let cleared = disputed.after(5 * SECOND).reporting(report(TradeState::Paying));
    assert_eq!(cleared.order.state, State::Paying);
    let at_the_floor = cleared.after(6 * SECOND).reporting(report(TradeState::Paying));
    assert_eq!(due_step(&at_the_floor), Some(Step::Ask));
    let after_six = at_the_floor.after(14 * SECOND).reporting(report(TradeState::Paying));
    assert_eq!(due_step(&after_six), Some(Step::SendReverse));
    for cleared in [TradeState::Paying, TradeState::Unpaid] {
        let other = TradeReport { amount_minor: Some(AMOUNT + 1), ..report(TradeState::Paid) };
        let disputed = paying(terms_with_reverse()).after(5 * SECOND).reporting(other);
        let mut by_a_person = disputed.after(SECOND).reporting(report(cleared));
        let wanted = OrderEvent::CloseRequested { why: CloseWhy::Person };
        assert_eq!(by_a_person.tell(Command::Close(CloseWhy::Person)), [wanted], "{cleared:?}");
        assert_eq!(by_a_person.tell(Command::Close(CloseWhy::Person)), [], "once");
        let ripe = by_a_person.after(9 * SECOND).reporting(report(cleared));
        assert_eq!(due_step(&ripe), Some(Step::SendReverse), "whoever wants it ended does not wait for the six");
    }
}

#[test]
fn ends_of_a_payment_code_that_bring_none_are_told_to_a_person_at_the_third() {
    let ends: [fn(&mut Story); 3] = [
        |story| drop(story.tell(Command::ReverseUnanswered)),
        |story| drop(reverse_says(story, Read::Unreadable(Unreadable::NotJson))),
        |story| drop(reverse_says(story, Read::Means(ReverseOutcome::Reversed))),
    ];
    for end in ends {
        let mut story = expired(terms_with_reverse());
        end(&mut story);
        end(&mut story);
        assert!(story.order.attention.is_empty(), "{:?}", story.order.attention);
        // A repeated answer is no event: what did not come of it counts by what the till can tell.
        story.tell(Command::ReverseUnanswered);
        assert_eq!(story.order.first_attention(), Some(Attention::EndRefused));
    }
}

#[test]
fn a_payment_code_of_an_earlier_run_about_which_nobody_answers_is_told_to_a_person() {
    for charged in [false, true] {
        let mut story = expired(terms_with_reverse());
        story.asking.charged = charged;
        for _ in 0..3 {
            assert!(story.order.attention.is_empty());
            story.asking.unverified(Unproven::Nothing, None, story.now);
            story.tell(Command::Settle);
        }
        let expected = (!charged).then_some(Attention::EndRefused);
        assert_eq!(story.order.first_attention(), expected, "where it was sent, its reverse tells");
        let paid = story.reporting(report(TradeState::Paid));
        assert!(paid.order.attention.is_empty() && paid.order.state == State::Paid);
    }
}

#[test]
fn errors_do_not_slow_the_rhythm_of_a_payment_code() {
    let mut story = paying(terms_with_reverse());
    story.asking.jitter_permille = 0;
    let mut asked = vec![];
    while asked.len() < 5 {
        let due = next_due(&story.order, &story.asking, &story.terms, story.now).expect("it is asked about");
        assert_eq!(due.step, Step::Ask);
        story.now = story.now.plus((due.at - story.now.boot).max(0));
        asked.push(story.now.since(START) / SECOND);
        story.asking.sent(story.now);
        story.asking.unverified(Unproven::Nothing, None, story.now);
    }
    assert_eq!(asked, [5, 10, 15, 20, 25]);
}

#[test]
fn ruling_14_without_a_reverse_a_payment_code_is_closed_at_the_floor() {
    let story = expired(Terms { plan: PAYMENT_CODE_PLAN, ..terms() });
    assert_eq!(story.terms.ending(&story.order), Some((Ending::Close, 300 * SECOND)));
    assert_eq!(due_step(&story), Some(Step::Ask));
    let at_the_floor = story.after(270 * SECOND).reporting(report(TradeState::Unpaid));
    assert_eq!(due_step(&at_the_floor), Some(Step::Close));
    let neither = expired(terms_without_close());
    assert_eq!(neither.terms.ending(&neither.order), None);
}

#[test]
fn ruling_14_without_a_reverse_a_payment_code_that_nobody_answers_about_is_closed_at_the_floor_and_told_to_a_person() {
    for charged in [true, false] {
        let mut story = expired(Terms { plan: PAYMENT_CODE_PLAN, ..terms() });
        story.asking.charged = charged;
        story.asking.unverified(Unproven::Nothing, None, story.now);
        let (mut closes, mut told) = (vec![], None);
        while closes.is_empty() || told.is_none() {
            let due = next_due(&story.order, &story.asking, &story.terms, story.now).expect("something is due");
            story.now = story.now.plus((due.at - story.now.boot).max(0));
            match due.step {
                Step::Ask => {
                    story.asking.sent(story.now);
                    story.asking.left(story.now);
                    story.asking.unverified(Unproven::SomethingElse, None, story.now);
                    story.tell(Command::Settle);
                }
                Step::Close => {
                    closes.push(story.now.since(START) / SECOND);
                    story.asking.closing(story.now);
                    story.tell(Command::CloseUnanswered);
                }
                other => panic!("{other:?}"),
            }
            let attention = story.order.attention.contains(&Attention::EndRefused);
            told = told.or_else(|| attention.then(|| story.now.since(START) / SECOND));
        }
        assert_eq!((closes, story.order.state), (vec![300], State::Expiring));
        let told = told.expect("a person is told");
        assert!(if charged { (300..=330).contains(&told) } else { told < 300 }, "{told} s");
    }
}

#[test]
fn a_payment_code_that_the_gateway_does_not_know_is_not_closed_there() {
    let mut story = Story::scanned(Terms { plan: PAYMENT_CODE_PLAN, ..terms() })
        .telling(Command::SendCreate)
        .telling(Command::CreateUnanswered(NoAnswer::TimedOut))
        .after(400 * SECOND)
        .telling(Command::Close(CloseWhy::Expired));
    story.asking.sent(story.now);
    story.asking.left(story.now);
    story.asking.unverified(Unproven::NoSuchOrder, None, story.now);
    assert_eq!(due_step(&story), Some(Step::Ask));
    let mut silent = story.after(SECOND);
    silent.asking.sent(silent.now);
    silent.asking.left(silent.now);
    silent.asking.unverified(Unproven::Nothing, None, silent.now);
    assert_eq!(due_step(&silent), Some(Step::Close), "what it said once says nothing of what it knows since");
}

#[test]
fn a_reverse_waits_for_its_floor_and_for_a_fresh_answer() {
    let story = paying(terms_with_reverse()).after(SECOND).telling(Command::Close(CloseWhy::Person));
    assert_eq!(story.order.state, State::Expiring);
    assert_eq!(due_step(&story), Some(Step::Ask), "it rests on an answer from after that");
    let early = story.reporting(report(TradeState::Unpaid));
    let due = next_due(&early.order, &early.asking, &early.terms, early.now).expect("something is due");
    assert!(due.step != Step::SendReverse || due.at >= START.boot + 15 * SECOND);
    let ripe = early.after(14 * SECOND).reporting(report(TradeState::Unpaid));
    assert_eq!(due_step(&ripe), Some(Step::SendReverse));
}

#[test]
fn a_payment_code_is_never_closed_because_its_link_was_lost() {
    let unknown = || Story::scanned(terms_with_reverse()).telling(Command::SendCreate);
    for story in [
        unknown().answered(created(None)),
        unknown().answered(asked_to_ask()).reporting(report(TradeState::Unpaid)),
        unknown().telling(Command::CreateUnanswered(NoAnswer::TimedOut)).reporting(report(TradeState::Unpaid)),
        unknown().telling(Command::Stopped).reporting(report(TradeState::Paying)).reporting(report(TradeState::Unpaid)),
    ] {
        let closes = story.events.iter().any(|(event, _)| matches!(event, OrderEvent::CloseRequested { .. }));
        assert!(!closes && !story.order.link_lost(), "{:?}", story.events);
        assert_eq!(further_order(&story.order), Err(NotYet::PaymentCodeSent));
    }
}

#[test]
fn the_end_of_a_payment_code_that_is_refused_needs_a_person_until_it_has_ended() {
    let refusals = [Read::Means(ReverseOutcome::Refused), Read::Says(Said::new(Reaction::Unsupported, "492003", None))];
    for refusal in refusals {
        for end in [TradeState::Paid, TradeState::Reversed, TradeState::Failed, TradeState::Closed] {
            let mut story = expired(terms_with_reverse());
            let events = reverse_says(&mut story, refusal.clone());
            let raised = OrderEvent::AttentionRaised { attention: Attention::EndRefused, elsewhere: None };
            assert!(events.contains(&raised));
            assert_eq!(story.order.state, State::Expiring, "it ends nothing");
            assert!(due_step(&story).is_some(), "the asking goes on");
            assert_eq!(story.order.first_attention(), Some(Attention::EndRefused));
            let again = reverse_says(&mut story, refusal.clone());
            assert!(!again.iter().any(|event| matches!(event, OrderEvent::AttentionRaised { .. })), "once");
            let ended = story.reporting(report(end));
            assert!(ended.order.attention.is_empty(), "{end:?}: {:?}", ended.order.attention);
        }
    }
    let mut silent = expired(terms_with_reverse());
    silent.tell(Command::ReverseUnanswered);
    assert!(silent.order.attention.is_empty(), "no answer refuses nothing");
    let mut paid = expired(terms_with_reverse()).reporting(report(TradeState::Paid));
    reverse_says(&mut paid, Read::Means(ReverseOutcome::Refused));
    assert!(paid.order.attention.is_empty(), "refused because it was paid, as is known by now");
}

#[test]
fn a_code_on_our_own_screen_that_is_not_closed_needs_nobody() {
    let mut story = Story::taken_off();
    let answered = evidence(&story);
    story.tell(Command::CloseAnswered(Read::Means(CloseOutcome::Refused), answered));
    assert!(story.order.attention.is_empty());
}

#[test]
fn reversed_is_what_a_verified_report_says_and_not_the_answer_to_the_reverse() {
    let mut story = expired(terms_with_reverse());
    reverse_says(&mut story, Read::Means(ReverseOutcome::Reversed));
    assert_eq!((story.order.state, story.order.closing.accepted), (State::Expiring, true));
    let reversed = story.reporting(TradeReport::of(TradeState::Reversed));
    assert_eq!((reversed.order.state, reversed.order.payment), (State::Reversed, None));
}

#[test]
fn a_reverse_that_is_repeated_without_news_is_not_written_again_and_again() {
    let mut story = expired(terms_with_reverse());
    let written = (0..9).filter(|_| !story.tell(Command::ReverseUnanswered).is_empty()).count();
    assert_eq!(written, 4);
    assert!(!reverse_says(&mut story, Read::Means(ReverseOutcome::Reversed)).is_empty(), "that is news");
    assert!(reverse_says(&mut story, Read::Means(ReverseOutcome::Reversed)).is_empty());
}

#[test]
fn a_reverse_that_is_asked_for_under_the_create_is_not_forgotten() {
    let mut story = Story::scanned(terms_with_reverse()).telling(Command::SendCreate);
    let wanted = OrderEvent::ReverseRequested { why: CloseWhy::Person };
    assert_eq!(story.tell(Command::Reverse(CloseWhy::Person)), vec![wanted]);
    assert_eq!(story.tell(Command::Reverse(CloseWhy::Person)), vec![], "once is enough");
    let paying = story.reporting(report(TradeState::Paying));
    assert!(paying.order.reverse_wanted, "it is reversed at its floor");
}

#[test]
fn a_person_may_reverse_what_is_open_where_the_gateway_reverses() {
    for presented in [Story::shown(), Story::taken_off(), paying(terms_with_reverse())] {
        let mut story = presented;
        story.terms = terms_with_reverse();
        let events = story.tell(Command::Reverse(CloseWhy::Person));
        assert_eq!(events, [OrderEvent::ReverseRequested { why: CloseWhy::Person }]);
        assert_eq!((story.order.state, story.order.qr()), (State::Expiring, None));
        assert_eq!(story.terms.ending(&story.order), Some((Ending::Reverse, 15 * SECOND)));
        assert_eq!(story.tell(Command::Reverse(CloseWhy::Person)), vec![], "once");
        let ripe = story.after(15 * SECOND).reporting(report(TradeState::Unpaid));
        assert_eq!(due_step(&ripe), Some(Step::SendReverse));
    }
    let disputed = || Story::shown().reporting(TradeReport { amount_minor: Some(1), ..report(TradeState::Paid) });
    for story in [
        Story::drafted(terms()),
        Story::shown().reporting(report(TradeState::Paid)),
        Story::shown().reporting(report(TradeState::Closed)),
        disputed(),
    ] {
        let (mut can, mut cannot) = (story.clone(), Story { order: Story::shown().order, ..story });
        can.terms = terms_with_reverse();
        assert_eq!(can.tell(Command::Reverse(CloseWhy::Person)), vec![], "{:?}", can.order.state);
        assert_eq!(cannot.tell(Command::Reverse(CloseWhy::Person)), vec![], "nothing to reverse it with");
    }
}

#[test]
fn parameters_for_an_integrator_are_no_lost_link() {
    let Read::Means(silent) = created(None) else { panic!("it means something") };
    let parameters = Some("{\"package\":\"prepay_id=1\"}".to_owned());
    let story = Story::sent().answered(Read::Means(Created { parameters: parameters.clone(), ..silent }));
    assert_eq!((story.order.state, story.order.link_lost()), (State::AwaitingPayment, false));
    assert_eq!((story.order.qr(), story.order.shown_parameters()), (None, parameters.as_deref()));
    assert_eq!(further_order(&story.order), Err(NotYet::CodeShown));
    let off = story.after(SECOND).telling(Command::Close(CloseWhy::Person));
    assert_eq!(off.order.shown_parameters(), None);
    assert_eq!(further_order(&off.order), Err(NotYet::Unconfirmed));
}

#[test]
fn an_order_made_elsewhere_is_asked_about_and_never_created_shown_or_closed() {
    let mut story = Story::adopted();
    assert_eq!((story.order.state, story.order.known_there), (State::AwaitingPayment, true));
    assert_eq!((story.order.qr(), story.order.link_lost()), (None, false));
    assert_eq!(story.tell(Command::SendCreate), vec![]);
    assert_eq!(further_order(&story.order), Err(NotYet::MadeElsewhere));
    assert_eq!(due_step(&story), Some(Step::Ask));
    let paid = story.clone().reporting(report(TradeState::Paid));
    assert_eq!((paid.order.state, paid.order.late), (State::Paid, false));
    let expired = story.after(300 * SECOND).telling(Command::Close(CloseWhy::Expired));
    let unpaid = expired.reporting(report(TradeState::Unpaid)).telling(Command::Settle);
    assert_eq!(unpaid.order.first_attention(), Some(Attention::ExpiredHere));
    assert_eq!(unpaid.reporting(report(TradeState::Paid)).order.state, State::Paid);
}

/// An order whose create was not answered, at a gateway that goes by its own number.
fn cannot_be_asked() -> Story {
    let mut story = Story::sent();
    story.terms = Terms { asked_by_our_number: false, ..terms_without_close() };
    let story = story.telling(Command::CreateUnanswered(NoAnswer::TimedOut));
    assert_eq!(story.order.first_attention(), Some(Attention::CannotBeAsked));
    story
}

const NUMBER: &str = "59706a00fd4eb0196a03e898";

fn name(story: &mut Story, number: &str, report: TradeReport) -> Vec<OrderEvent> {
    let evidence = evidence(story);
    story.tell(Command::NameGatewayNo(number.to_owned(), report, evidence))
}

#[test]
fn a_number_that_a_person_names_is_taken_with_an_answer_that_names_this_order() {
    for (state, expected) in
        [(TradeState::Paid, State::Paid), (TradeState::Unpaid, State::Expiring), (TradeState::Closed, State::Closed)]
    {
        let mut story = cannot_be_asked();
        name(&mut story, NUMBER, report(state));
        assert_eq!((story.order.gateway_no.as_deref(), story.order.state), (Some(NUMBER), expected));
        assert!(story.order.attention.is_empty());
        assert_eq!(name(&mut story, "another", report(state)), vec![], "it has one");
    }
}

#[test]
fn a_slip_of_the_hand_changes_nothing() {
    for slip in [
        TradeReport { order_no: Stated::Other("TK0".to_owned()), ..report(TradeState::Paid) },
        TradeReport { order_no: Stated::Not, ..report(TradeState::Paid) },
        TradeReport { amount_minor: Some(AMOUNT + 1), ..report(TradeState::Paid) },
        TradeReport { merchant: Stated::Other("1".to_owned()), ..report(TradeState::Unpaid) },
        TradeReport { currency: Stated::Other("HKD".to_owned()), ..report(TradeState::Paid) },
        TradeReport { gateway_no: Some("another".to_owned()), ..report(TradeState::Paid) },
    ] {
        let mut story = cannot_be_asked();
        let before = story.order.clone();
        assert_eq!(name(&mut story, NUMBER, slip.clone()), vec![], "{slip:?}");
        assert_eq!(story.order, before);
    }
}

fn pooul() -> (&'static Descriptor, Account) {
    let descriptor = named("pooul").expect("it is registered").descriptor();
    let account = Account {
        id: "TA1".to_owned(),
        name: "shop".to_owned(),
        gateway: "pooul".to_owned(),
        version: 1,
        base_url: descriptor.base_url.to_owned(),
        fields: BTreeMap::new(),
        secrets: BTreeMap::new(),
        retired: false,
    };
    (descriptor, account)
}

fn channel(name: &str) -> &'static Channel {
    Account::channel(pooul().0, name).expect("a channel of pooul")
}

#[test]
fn the_cashier_sets_the_expiry_else_the_channel_else_the_account_else_five_minutes() {
    let (_, mut account) = pooul();
    let (code, shown) = (channel("wechat.micro"), channel("wechat.scan"));
    assert_eq!((expiry(None, shown, &account), expiry(None, code, &account)), (Ok(300), Ok(30)));
    account.fields.insert("plan.expire_s".to_owned(), "600".to_owned());
    assert_eq!((expiry(None, shown, &account), expiry(None, code, &account)), (Ok(600), Ok(30)));
    assert_eq!((expiry(Some(90), shown, &account), expiry(Some(90), code, &account)), (Ok(90), Ok(90)));
    for (wanted, fits) in [(0, false), (59, false), (60, true), (7_200, true), (7_201, false), (u32::MAX, false)] {
        assert_eq!(expiry(Some(wanted), shown, &account), if fits { Ok(wanted) } else { Err(ExpiryOutOfRange) });
    }
}

#[test]
fn a_channels_own_rhythm_wins_over_its_gateways() {
    let (descriptor, account) = pooul();
    assert_eq!(Terms::of(descriptor, &account, channel("wechat.micro")).plan, PAYMENT_CODE_PLAN);
    assert_eq!(Terms::of(descriptor, &account, channel("wechat.scan")).plan, DEFAULT_PLAN);
}

#[test]
fn a_further_order_of_a_sale_is_for_the_same_amount_and_waits_for_every_earlier_one() {
    let ended = Story::shown().reporting(report(TradeState::Closed)).order;
    let open = Story::shown().order;
    assert_eq!(open.qr(), Some(LINK));
    let amount = draft().amount;
    assert_eq!(may_join(&ended, amount), Ok(()));
    assert_eq!(may_join(&open, amount), Err(NotYet::CodeShown));
    let other = Money { minor: AMOUNT + 1, ..amount };
    assert_eq!(may_join(&ended, other), Err(NotYet::OtherAmount));
    let other = Money { currency: Currency::Hkd, ..amount };
    assert_eq!(may_join(&ended, other), Err(NotYet::OtherAmount));
}

#[test]
fn one_order_of_a_sale_that_is_paid_twice_bears_the_flag_until_one_payment_is_left() {
    let mut orders = [Story::shown(), Story::shown()].map(|story| story.reporting(report(TradeState::Paid)).order);
    orders[1].draft.order_no = "TKSECOND".to_owned();
    let first = orders[0].no().to_owned();
    assert_eq!(flag_after_payment(&orders[..1], &first), Flagging::Stays);
    assert_eq!(flag_after_payment(&orders, "TKSECOND"), Flagging::Raised("TKSECOND"));
    orders[1].attention.insert(Attention::DoublePayment);
    assert_eq!(flag_after_payment(&orders, &first), Flagging::Stays, "one bears it already");
    assert_eq!(flag_after_giving_back(&orders), Flagging::Stays, "nothing went back");
    assert_eq!(flag_after_giving_back(&orders[1..]), Flagging::Taken(vec!["TKSECOND"]));
    assert_eq!(flag_after_giving_back(&orders[..1]), Flagging::Taken(vec![]));
}

#[test]
fn beside_an_order_of_a_sale_stand_the_payments_of_the_others_that_did_not_go_back() {
    let called = |story: Story, order_no: &str| {
        let mut order = story.order;
        order.draft.order_no = order_no.to_owned();
        order
    };
    let paid = |story: Story| story.reporting(report(TradeState::Paid));
    let orders = [
        called(paid(Story::shown().after(2 * MINUTE)), "TKLAST"),
        called(paid(Story::shown()), "TKOWN"),
        called(Story::shown(), "TKOPEN"),
        called(paid(Story::shown().after(MINUTE)), "TKFIRST"),
    ];
    let beside = |orders: &[Order], order_no: &str| {
        kept_beside(orders, order_no).iter().map(|order| order.no().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(beside(&orders, "TKOWN"), ["TKFIRST", "TKLAST"]);
    assert_eq!(beside(&orders, "TKOPEN"), ["TKOWN", "TKFIRST", "TKLAST"]);
    assert!(beside(&orders[1..3], "TKOWN").is_empty());
    let mut back = orders;
    let draft = RefundDraft {
        refund_no: "TR1".to_owned(),
        amount_minor: AMOUNT,
        reason: String::new(),
        by: "Lin".to_owned(),
        second: None,
        items: vec![],
    };
    let at = back[3].drafted;
    let requested = OrderEvent::RefundRequested { refund: Box::new(draft) };
    back[3] = evolve(Some(back[3].clone()), &requested, at).unwrap();
    assert_eq!(beside(&back, "TKOWN"), ["TKFIRST", "TKLAST"], "it has not gone back yet");
    back[3].refunds[0].state = RefundState::Succeeded;
    assert_eq!(beside(&back, "TKOWN"), ["TKLAST"]);
}

#[test]
fn beside_every_other_payment_of_a_sale_stands_the_order_that_bears_the_flag() {
    let paid = Story::shown().reporting(report(TradeState::Paid)).order;
    let mut orders = [paid.clone(), paid, Story::shown().order];
    for (order, order_no) in orders.iter_mut().zip(["TKFLAGGED", "TKOTHER", "TKOPEN"]) {
        order.draft.order_no = order_no.to_owned();
    }
    let beside = |orders: &[Order], order_no: &str| flagged_beside(orders, order_no).map(|order| order.no().to_owned());
    assert_eq!(beside(&orders, "TKOTHER"), None, "none bears it");
    orders[0].attention.insert(Attention::DoublePayment);
    assert_eq!(beside(&orders, "TKOTHER").as_deref(), Some("TKFLAGGED"));
    assert_eq!((beside(&orders, "TKFLAGGED"), beside(&orders, "TKOPEN")), (None, None));
    let draft = RefundDraft {
        refund_no: "TR1".to_owned(),
        amount_minor: AMOUNT,
        reason: String::new(),
        by: "Lin".to_owned(),
        second: None,
        items: vec![],
    };
    for back in [0, 1] {
        let mut orders = orders.clone();
        let requested = OrderEvent::RefundRequested { refund: Box::new(draft.clone()) };
        orders[back] = evolve(Some(orders[back].clone()), &requested, orders[back].drafted).unwrap();
        assert_eq!(beside(&orders, "TKOTHER").as_deref(), Some("TKFLAGGED"), "it has not gone back yet");
        orders[back].refunds[0].state = RefundState::Succeeded;
        assert_eq!(beside(&orders, "TKOTHER"), None);
    }
}

#[test]
fn a_sale_is_paid_twice_where_two_of_its_orders_have_a_payment_booked() {
    let paid = Story::shown().reporting(report(TradeState::Paid));
    let disputed = paid.clone().reporting(report(TradeState::Closed)).order;
    assert_eq!(disputed.state, State::Disputed);
    let (paid, open) = (paid.order, Story::shown().order);
    assert!(!is_paid_twice([]) && !is_paid_twice([&paid]) && !is_paid_twice([&paid, &open]));
    assert!(is_paid_twice([&paid, &open, &paid]) && is_paid_twice([&paid, &disputed]));
}

#[test]
fn a_sale_that_was_paid_twice_and_dealt_with_is_not_paid_twice_until_another_payment_is_known() {
    let paid = Story::shown().reporting(report(TradeState::Paid));
    let first = paid.order.clone();
    let handled = paid
        .after(SECOND)
        .telling(Command::DoublePayment)
        .telling(Command::Handle(Attention::DoublePayment, "given back in cash".to_owned()));
    assert!(!is_paid_twice([&first, &handled.order]));
    let later = Story::shown().after(MINUTE).reporting(report(TradeState::Paid)).order;
    assert!(is_paid_twice([&first, &handled.order, &later]));
}

#[test]
fn lines_add_up_to_the_amount_or_there_are_none() {
    let line = |quantity, amount_minor| Item { id: "1".to_owned(), quantity, amount_minor };
    let amount = draft().amount;
    for (items, fits) in [
        (vec![], true),
        (vec![line(3, AMOUNT)], true),
        (vec![line(1, 1_000), line(2, 250)], true),
        (vec![line(1, AMOUNT), line(1, 0)], true),
        (vec![line(2, 625)], false),
        (vec![line(0, AMOUNT)], false),
        (vec![line(1, AMOUNT + 1), line(1, -1)], false),
        (vec![line(1, i64::MAX), line(1, i64::MAX)], false),
    ] {
        assert_eq!(adds_up(&items, amount), fits, "{items:?}");
    }
    assert_eq!(draft().presented, Presented::Merchant);
}

#[test]
fn a_question_that_is_still_wanted_goes_before_a_reverse() {
    let mut story = expired(terms_with_reverse());
    story.report(TradeReport { amount_minor: None, ..report(TradeState::Paid) }, story.now);
    assert_eq!((story.order.state, story.order.self_contradictions), (State::Expiring, 1));
    story.asking.wanted = true;
    assert_eq!(due_step(&story), Some(Step::Ask), "the gateway spoke of a payment");
    story.asking.wanted = false;
    assert_eq!(due_step(&story), Some(Step::SendReverse));
}

#[test]
fn section_1_5_reversed_that_may_mean_paid_ends_nothing_and_needs_a_person() {
    let doubtful = || TradeReport { contradicts_itself: Some("4".to_owned()), ..report(TradeState::Reversed) };
    for story in [Story::shown(), Story::taken_off(), paying(terms_with_reverse()), expired(terms_with_reverse())] {
        let story = story.reporting(doubtful());
        assert_eq!((story.order.state, story.order.payment.as_ref()), (State::Disputed, None));
        assert_eq!(story.order.dispute, Some(DisputeReason::PaidOrReversed));
        assert_eq!(story.order.first_attention(), Some(Attention::Disputed));
        assert!(further_order(&story.order).is_err(), "the customer may have paid");
        assert_eq!(due_step(&story), Some(Step::Ask), "the asking goes on");
        assert_eq!(story.clone().tell(Command::Report(doubtful(), evidence(&story))), [], "once");
        for (state, expected) in [(TradeState::Paid, State::Paid), (TradeState::Reversed, State::Reversed)] {
            let settled = story.clone().reporting(report(state));
            assert_eq!((settled.order.state, settled.order.first_attention()), (expected, None));
        }
    }
    let paid = Story::shown().reporting(report(TradeState::Paid)).reporting(doubtful());
    assert_eq!((paid.order.state, paid.order.payment.is_some()), (State::Disputed, true));
    let mut ours = expired(terms_with_reverse());
    reverse_says(&mut ours, Read::Means(ReverseOutcome::Reversed));
    assert_eq!(ours.reporting(doubtful()).order.state, State::Reversed, "the gateway took our reverse on");
    let closed = Command::CloseAnswered(Read::Means(CloseOutcome::Closed), evidence(&Story::taken_off()));
    let closed = Story::taken_off().telling(closed).reporting(doubtful());
    assert_eq!(closed.order.state, State::Disputed, "a close takes nothing back");
    let known = Story::shown().reporting(report(TradeState::Reversed)).reporting(doubtful());
    assert_eq!(known.order.state, State::Reversed);
}

#[test]
fn a_reverse_is_in_the_journal_before_it_leaves() {
    let mut story = expired(terms_with_reverse()).reporting(report(TradeState::Unpaid));
    assert_eq!(due_step(&story), Some(Step::SendReverse), "the intention first");
    assert_eq!(story.tell(Command::SendReverse), [OrderEvent::ReverseSent]);
    assert_eq!(due_step(&story), Some(Step::Reverse));
    assert_eq!(story.tell(Command::SendReverse), [], "each further one rests on it");
    for known in [TradeState::Paid, TradeState::Closed, TradeState::Reversed] {
        let mut ended = expired(terms_with_reverse()).reporting(report(known));
        assert_eq!(ended.tell(Command::SendReverse), [], "nothing leaves after {known:?}");
    }
}

#[test]
fn a_run_that_finds_a_payment_beside_a_reverse_from_before_looks_after_it() {
    // The till stopped between the reverse and its answer, and the next run's first question found the payment.
    let story = expired(terms_with_reverse()).reporting(report(TradeState::Unpaid)).telling(Command::SendReverse);
    let paid = story.after(SECOND).reporting(report(TradeState::Paid));
    for later in [SECOND, 3 * HOUR, 6 * DAY] {
        let mut run = Story { asking: Asking::default(), ..paid.clone().after(later) };
        assert_eq!(due_step(&run), Some(Step::Ask), "after {later} µs");
        run.asking.sent(run.now);
        let due = next_due(&run.order, &run.asking, &run.terms, run.now);
        assert!(due.is_none_or(|due| due.at > run.now.boot), "once at first: {due:?}");
        run.asking.unverified(Unproven::Nothing, None, run.now);
        let due = next_due(&run.order, &run.asking, &run.terms, run.now).map(|due| due.at - run.now.boot);
        assert!(due.is_some_and(|pause| pause <= 2 * MINUTE), "a look without an answer was not taken: {due:?}");
        let taken_back = run.reporting(report(TradeState::Reversed));
        assert_eq!(
            (taken_back.order.state, taken_back.order.first_attention()),
            (State::Disputed, Some(Attention::Disputed))
        );
    }
}

#[test]
fn a_payment_seen_after_a_reverse_had_left_is_looked_after_for_a_day() {
    let mut story = expired(terms_with_reverse());
    story.tell(Command::ReverseUnanswered);
    let mut paid = story.reporting(report(TradeState::Paid));
    assert_eq!(paid.order.state, State::Paid);
    paid.asking.wanted = false;
    let due = next_due(&paid.order, &paid.asking, &paid.terms, paid.now).expect("it is looked after");
    assert_eq!((due.step, due.at - paid.now.boot), (Step::Ask, 60 * SECOND));
    let mut taken_back = paid.clone().after(60 * SECOND);
    taken_back.report(report(TradeState::Reversed), taken_back.now);
    assert_eq!(taken_back.order.state, State::Disputed);
    let refused = Read::Means(ReverseOutcome::Refused);
    let mut story = expired(terms_with_reverse());
    reverse_says(&mut story, refused);
    let mut paid = story.reporting(report(TradeState::Paid));
    paid.asking.wanted = false;
    assert_eq!(due_step(&paid), None, "a reverse that was refused takes nothing back");
}

#[test]
fn an_answer_that_speaks_of_a_payment_takes_the_further_order_back() {
    let confirmed = Story::taken_off().reporting(report(TradeState::Unpaid));
    assert_eq!(further_order(&confirmed.order), Ok(()));
    let in_doubt = confirmed.reporting(TradeReport { amount_minor: None, ..report(TradeState::Paid) });
    assert_eq!(further_order(&in_doubt.order), Err(NotYet::Unconfirmed));
}

#[test]
fn a_code_on_our_own_screen_that_cannot_be_reversed_is_closed() {
    let mut story = Story::shown();
    story.terms = Terms { close_floor: Some(0), ..terms_with_reverse() };
    story.tell(Command::Reverse(CloseWhy::Person));
    assert_eq!(story.terms.ending(&story.order).map(|(ending, _)| ending), Some(Ending::Reverse));
    reverse_says(&mut story, Read::Means(ReverseOutcome::Refused));
    assert_eq!(story.terms.ending(&story.order).map(|(ending, _)| ending), Some(Ending::Close));
}

#[test]
fn a_code_of_our_own_is_closed_where_its_reverse_is_answered_with_error_codes() {
    let mut story = Story::shown();
    story.terms = terms_with_reverse();
    story.terms.close_floor = Some(0);
    story.tell(Command::Reverse(CloseWhy::Person));
    let refusal = || Read::Says(Said::new(Reaction::Ask, "40100", Some("失败")));
    let ending = |story: &Story| story.terms.ending(&story.order).map(|(ending, _)| ending);
    // However many went unanswered before, so that nothing more is written of those.
    for _ in 0..5 {
        story.tell(Command::ReverseUnanswered);
    }
    assert_eq!(ending(&story), Some(Ending::Reverse));
    assert_eq!(reverse_says(&mut story, refusal()).len(), 1);
    assert_eq!(ending(&story), Some(Ending::Reverse), "the first may have been a hiccup");
    assert_eq!(reverse_says(&mut story, refusal()).len(), 1);
    assert_eq!(ending(&story), Some(Ending::Close));
    let mut charged = expired(terms_with_reverse());
    reverse_says(&mut charged, refusal());
    reverse_says(&mut charged, refusal());
    assert_eq!(ending(&charged), Some(Ending::Reverse), "what was scanned can be charged at any moment");
}
