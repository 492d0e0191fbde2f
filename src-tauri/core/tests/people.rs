//! People at the till: the lock-out's arithmetic, who can go, what a session is worth, and that replay is life.

#![allow(clippy::expect_used, clippy::panic, reason = "tests say what they expect")]

use proptest::prelude::*;
use secrecy::SecretString;
use std::sync::LazyLock;
use till_core::error::{Code, Refusal};
use till_core::operator::pin::{self, Cost, KeptPin, PEPPER, SALT};
use till_core::operator::{LOCKED_S, OperatorEvent, People, SERVED_EVERY_S, TRIES};
use till_core::rights::{Action, Actor, NotBeside, Role, may, may_stand_beside};
use till_core::time::{DAY, Moment, SECOND};

/// Hashing is slow by design; no rule here looks into it.
static KEPT: LazyLock<KeptPin> = LazyLock::new(|| {
    pin::hash(&SecretString::from("2580"), &vec![7; PEPPER].into(), [1; SALT], Cost::Least).expect("a PIN")
});

fn at(second: u32) -> Moment {
    Moment { wall: 1_800_000_000_000_000, boot: SECOND * i64::from(second) }
}

fn add(people: &mut People, name: &str, role: Role) {
    let event = people.add(name, role, KEPT.clone()).expect("it can be added");
    people.evolve(&event, at(0));
}

fn till() -> People {
    let mut people = People::default();
    add(&mut people, "Lin", Role::Manager);
    add(&mut people, "Mei", Role::Cashier);
    people
}

/// A PIN of `name` is tried; what is written happens.
fn give(people: &mut People, name: &str, right: bool, now: Moment) -> Result<Actor, Refusal> {
    let (events, verdict) = people.tried(name, right, false, now);
    for event in &events {
        people.evolve(event, now);
    }
    verdict
}

fn fact(refusal: &Refusal, name: &str) -> String {
    refusal.facts.get(name).cloned().unwrap_or_default()
}

fn lock_out(people: &mut People, name: &str, now: Moment) {
    for _ in 0..TRIES {
        give(people, name, false, now).expect_err("it is wrong");
    }
    assert!(people.named(name).expect("here").locked_for_s(now).is_some());
}

fn manager() -> Actor {
    Actor::Operator { name: "Lin".to_owned(), role: Role::Manager }
}

#[test]
fn the_sixth_wrong_pin_in_a_row_locks_out_and_each_before_it_says_how_many_are_left() {
    let mut people = till();
    for left in (1..TRIES).rev() {
        let refusal = give(&mut people, "Lin", false, at(0)).expect_err("wrong");
        assert_eq!((refusal.code, fact(&refusal, "left")), (Code::PinWrong, left.to_string()));
        assert_eq!(fact(&refusal, "name"), "Lin", "beside somebody else it must be clear whose PIN it was");
    }
    let refusal = give(&mut people, "Lin", false, at(0)).expect_err("wrong");
    assert_eq!((refusal.code, fact(&refusal, "minutes")), (Code::LockedOut, "30".to_owned()));
    assert!(give(&mut people, "Mei", true, at(0)).is_ok(), "somebody else is not locked out");
}

#[test]
fn a_right_pin_while_locked_out_is_refused_like_a_wrong_one_and_changes_nothing() {
    let mut people = till();
    lock_out(&mut people, "Lin", at(0));
    let before = people.clone();
    let refused = [true, false].map(|right| give(&mut people, "Lin", right, at(61)).expect_err("locked out"));
    assert_eq!(refused[0], refused[1]);
    assert_eq!((refused[0].code, fact(&refused[0], "minutes")), (Code::LockedOut, "29".to_owned()));
    assert_eq!(people, before);
}

#[test]
fn a_right_pin_makes_the_wrong_ones_before_it_forgotten() {
    let mut people = till();
    for _ in 0..3 {
        for _ in 1..TRIES {
            assert_eq!(give(&mut people, "Mei", false, at(0)).expect_err("wrong").code, Code::PinWrong);
        }
        assert!(give(&mut people, "Mei", true, at(0)).is_ok());
        assert_eq!(people.named("Mei").expect("here").wrong_tries, 0);
    }
}

#[test]
fn a_lock_out_that_is_over_leaves_six_tries_again() {
    let mut people = till();
    lock_out(&mut people, "Lin", at(0));
    assert_eq!(
        give(&mut people, "Lin", true, at(LOCKED_S - 1)).expect_err("one second too early").code,
        Code::LockedOut
    );
    let refusal = give(&mut people, "Lin", false, at(LOCKED_S)).expect_err("wrong");
    assert_eq!((refusal.code, fact(&refusal, "left")), (Code::PinWrong, (TRIES - 1).to_string()));
    assert!(give(&mut people, "Lin", true, at(LOCKED_S)).is_ok());
}

#[test]
fn another_pin_lifts_no_lock_out_whoever_sets_it() {
    for lost in [false, true] {
        let mut people = till();
        lock_out(&mut people, "Lin", at(0));
        let event = people.change_pin("Lin", KEPT.clone(), lost).expect("it can be changed");
        people.evolve(&event, at(10));
        assert!(people.named("Lin").expect("here").locked_for_s(at(10)).is_some());
        let replaced = people.named("Lin").expect("here").pin_replaced_at;
        assert_eq!(replaced, lost.then_some(at(10).wall), "what was done without any PIN is remembered");
    }
}

#[test]
fn a_session_is_worth_what_its_person_is_now() {
    let mut people = People::default();
    assert_eq!(people.worth(&Actor::Owner, at(0)), Actor::Owner);
    add(&mut people, "Mei", Role::Cashier);
    assert_eq!(people.worth(&Actor::Owner, at(0)), Actor::Owner, "a cashier does not end the owner's rights");
    add(&mut people, "Lin", Role::Manager);
    assert_eq!(people.worth(&Actor::Owner, at(0)), Actor::Nobody);
    assert_eq!(people.visitor(), Actor::Nobody);
    let promoted = Actor::Operator { name: "Mei".to_owned(), role: Role::Manager };
    let cashier = Actor::Operator { name: "Mei".to_owned(), role: Role::Cashier };
    assert_eq!(people.worth(&promoted, at(0)), cashier, "the role is the recorded one");
    people.evolve(&people.remove("Mei", at(0)).expect("she can go"), at(0));
    assert_eq!(people.worth(&cashier, at(0)), Actor::Nobody, "who was removed is nobody");
    assert_eq!(people.worth(&manager(), at(0)), manager());
    lock_out(&mut people, "Lin", at(0));
    assert_eq!(people.worth(&manager(), at(1)), Actor::Nobody, "who is locked out is nobody");
    assert_eq!(people.worth(&manager(), at(LOCKED_S)), manager());
    let stranger = Actor::Operator { name: "Wu".to_owned(), role: Role::Manager };
    assert_eq!(people.worth(&stranger, at(0)), Actor::Nobody);
    assert_eq!(people.worth(&Actor::Engine, at(0)), Actor::Engine);
}

#[test]
fn a_manager_goes_only_while_another_one_can_sign_in() {
    let mut people = till();
    assert_eq!(people.remove("Lin", at(0)).expect_err("the only one").code, Code::LastManager);
    add(&mut people, "Wong", Role::Manager);
    lock_out(&mut people, "Wong", at(0));
    assert_eq!(people.remove("Lin", at(1)).expect_err("nobody could refund").code, Code::LastManager);
    assert!(people.remove("Wong", at(1)).is_ok(), "who is locked out may go");
    assert!(people.remove("Lin", at(LOCKED_S)).is_ok(), "the lock-out is over");
}

#[test]
fn people_who_cannot_be_read_leave_nobody_with_a_right_over_money() {
    let people = People::unreadable();
    for actor in [Actor::Owner, Actor::Nobody, manager()] {
        assert!(!may(&people.worth(&actor, at(0)), Action::Refund), "{actor:?}");
        assert!(may(&people.worth(&actor, at(0)), Action::Sell), "{actor:?}");
    }
    assert_eq!(people.can_add("Wu").expect_err("nobody comes").code, Code::JournalPartUnreadable);
    assert_eq!(people.to_be_tried("Lin", at(0)).expect_err("no PIN").code, Code::JournalPartUnreadable);
}

#[test]
fn a_name_is_given_once_for_ever() {
    let mut people = till();
    for taken in ["Mei", " mei ", "MEI"] {
        assert_eq!(people.can_add(taken).expect_err("taken").code, Code::OperatorNameTaken, "{taken}");
    }
    people.evolve(&people.remove("Mei", at(0)).expect("she can go"), at(0));
    assert_eq!(people.can_add("Mei").expect_err("still taken").code, Code::OperatorNameTaken);
    assert_eq!(people.can_add("a:b").expect_err("bad").code, Code::BadOperatorName);
    assert_eq!(people.present("Mei").expect_err("gone").code, Code::OperatorUnknown);
}

/// Something that can be wanted of people.
#[derive(Debug, Clone, Copy)]
enum Step {
    Add(u8, Role),
    Remove(u8),
    Try(u8, bool, bool),
    NewPin(u8, bool),
    Pass(u32),
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    let who = 0..5_u8;
    prop_oneof![
        2 => (who.clone(), prop_oneof![Just(Role::Cashier), Just(Role::Manager)]).prop_map(|(who, role)| Step::Add(who, role)),
        1 => who.clone().prop_map(Step::Remove),
        8 => (who.clone(), prop::bool::weighted(0.2), any::<bool>()).prop_map(|(who, right, stay)| Step::Try(who, right, stay)),
        1 => (who, any::<bool>()).prop_map(|(who, lost)| Step::NewPin(who, lost)),
        3 => (0..LOCKED_S).prop_map(Step::Pass),
        1 => Just(Step::Restart),
    ]
}

/// A till whose people are lived, with all that was written down about them.
struct Life {
    people: People,
    written: Vec<(OperatorEvent, i64)>,
    now: Moment,
}

impl Life {
    fn write(&mut self, events: Vec<OperatorEvent>) {
        for event in events {
            self.people.evolve(&event, self.now);
            self.written.push((event, self.now.wall));
        }
    }

    fn replayed(&self, now: Moment) -> People {
        let mut people = People::default();
        for (event, wall) in &self.written {
            people.evolve(event, Moment { wall: *wall, boot: now.boot });
        }
        people
    }

    /// Time passes while an engine runs: what is due is written down when it is due.
    fn pass(&mut self, seconds: u32) {
        let end = self.now.boot + SECOND * i64::from(seconds);
        while let Some(due) = self.people.serving_due().filter(|due| *due <= end) {
            self.move_to(due);
            self.write(self.people.serve(self.now));
        }
        self.move_to(end);
    }

    fn move_to(&mut self, boot: i64) {
        // Somebody turns the wall clock as they like.
        self.now = Moment { wall: self.now.wall ^ 0x5_5555_5555, boot };
    }

    fn take(&mut self, step: Step) {
        let name = |who: u8| format!("p{who}");
        match step {
            Step::Add(who, role) => {
                if let Ok(event) = self.people.add(&name(who), role, KEPT.clone()) {
                    self.write(vec![event]);
                }
            }
            Step::Remove(who) => {
                if let Ok(event) = self.people.remove(&name(who), self.now) {
                    self.write(vec![event]);
                }
            }
            Step::Try(who, right, stay) => {
                let (events, _) = self.people.tried(&name(who), right, stay, self.now);
                self.write(events);
            }
            Step::NewPin(who, lost) => {
                if let Ok(event) = self.people.change_pin(&name(who), KEPT.clone(), lost) {
                    self.write(vec![event]);
                }
            }
            Step::Pass(seconds) => self.pass(seconds),
            Step::Restart => {
                // A new run: its boot clock may begin anywhere.
                self.now = Moment { wall: self.now.wall, boot: self.now.boot / 3 };
                self.people = self.replayed(self.now);
            }
        }
    }
}

proptest! {
    #[test]
    fn whatever_happens_replay_is_life_and_a_till_that_had_a_manager_has_one(steps in prop::collection::vec(step(), 0..80)) {
        let mut life = Life { people: People::default(), written: vec![], now: at(1_000_000) };
        let mut had_manager = false;
        for step in steps {
            life.take(step);
            had_manager |= life.people.have_manager();
            prop_assert_eq!(life.people.have_manager(), had_manager);
            prop_assert_eq!(life.people.visitor() == Actor::Owner, !had_manager);
            let replayed = life.replayed(life.now);
            for (lived, read) in life.people.all().zip(replayed.all()) {
                prop_assert_eq!((&lived.name, lived.role, lived.removed), (&read.name, read.role, read.removed));
                prop_assert_eq!((lived.wrong_tries, lived.pin_replaced_at), (read.wrong_tries, read.pin_replaced_at));
                // A restart loses at most what was not yet written down, never to the advantage of whoever is locked out.
                let left = |operator: &till_core::operator::Operator| operator.locked_for_s(life.now).unwrap_or(0);
                prop_assert!((left(lived)..=left(lived) + SERVED_EVERY_S).contains(&left(read)), "{lived:?} {read:?}");
            }
        }
    }

    #[test]
    fn a_lock_out_lasts_thirty_minutes_of_running_however_they_are_cut_up(cuts in prop::collection::vec(1..1_200_u32, 1..40)) {
        let mut life = Life { people: till(), written: vec![], now: at(5_000) };
        for name in ["Lin", "Mei"] {
            let role = if name == "Lin" { Role::Manager } else { Role::Cashier };
            let (name, pin) = (name.to_owned(), KEPT.hash.clone());
            life.written.push((OperatorEvent::Added { name, role, pin, pepper: None }, life.now.wall));
        }
        for _ in 0..TRIES {
            let (events, _) = life.people.tried("Lin", false, false, life.now);
            life.write(events);
        }
        let (mut ran, mut restarts) = (0, 0);
        for cut in cuts {
            life.pass(cut);
            ran += cut;
            let locked = life.people.named("Lin").expect("here").locked_for_s(life.now).is_some();
            prop_assert!(ran >= LOCKED_S || locked, "{ran} s are not thirty minutes");
            prop_assert!(ran < LOCKED_S + restarts * SERVED_EVERY_S || !locked, "{ran} s and {restarts} restarts are enough");
            life.take(Step::Restart);
            restarts += 1;
        }
    }
}

fn operator(name: &str) -> Actor {
    Actor::Operator { name: name.to_owned(), role: Role::Cashier }
}

#[test]
fn nobody_is_added_whose_name_looks_like_that_of_somebody_else() {
    let mut people = till();
    add(&mut people, "Jose\u{301}", Role::Cashier);
    add(&mut people, "Mei\u{a0}\u{a0}Lin", Role::Cashier);
    assert_eq!(people.named("Mei Lin").expect("one space is kept").name, "Mei Lin");
    let gone = people.remove("Jos\u{e9}", at(0)).expect("here, however it is typed");
    people.evolve(&gone, at(1));
    for (typed, kept) in [
        ("Jos\u{e9}", "Jos\u{e9}"),
        ("JOSE\u{301}", "Jos\u{e9}"),
        ("mei\u{3000}lin", "Mei Lin"),
        ("MeiLin", "Mei Lin"),
        ("L in", "Lin"),
        ("\u{41c}\u{435}i", "Mei"),
    ] {
        let refusal = people.add(typed, Role::Cashier, KEPT.clone()).expect_err(typed);
        assert_eq!((refusal.code, fact(&refusal, "name").as_str()), (Code::OperatorNameTaken, kept));
    }
    for typed in ["\u{ff2f}wner", "\u{2800}", "Mei\u{ff1a}Lin"] {
        assert_eq!(people.can_add(typed).expect_err(typed).code, Code::BadOperatorName);
    }
}

/// A journal from before may hold any of these names.
#[test]
fn people_who_were_added_with_names_that_look_alike_stay_two_and_can_both_sign_in() {
    let mut people = till();
    let names = ["Jos\u{e9}", "Jose\u{301}", "Ann\u{a0}Lee", "\u{ff2f}wner", "\u{2800}"];
    for name in names {
        let (name, pin) = (name.to_owned(), KEPT.hash.clone());
        let event = OperatorEvent::Added { name, role: Role::Cashier, pin, pepper: None };
        people.evolve(&event, at(0));
    }
    for name in names {
        assert_eq!(give(&mut people, name, true, at(1)).expect("the right PIN"), operator(name));
    }
    assert_eq!(give(&mut people, "ann lee", true, at(1)).expect("typed with a space"), operator("Ann\u{a0}Lee"));
    let second = may_stand_beside(&operator(names[0]), &operator(names[1]));
    assert_eq!(second, Err(NotBeside::Same), "nobody could tell whose second signature it is");

    lock_out(&mut people, names[1], at(2));
    assert!(give(&mut people, names[0], true, at(3)).is_ok(), "what happens to one does not happen to the other");
    let gone = people.remove(names[1], at(0)).expect("here");
    people.evolve(&gone, at(4));
    assert_eq!(give(&mut people, names[1], true, at(5)).expect_err("gone").code, Code::OperatorUnknown);
    assert_eq!(people.worth(&operator(names[1]), at(5)), Actor::Nobody, "what was theirs is not the other one's");
    assert_eq!(give(&mut people, names[0], true, at(5)).expect("still here"), operator(names[0]));
}

#[test]
fn a_pin_that_was_replaced_without_any_is_told_of_for_its_time_even_when_that_person_is_removed() {
    let mut people = till();
    let lost = people.change_pin("Mei", KEPT.clone(), true).expect("here");
    people.evolve(&lost, at(0));
    let own = people.change_pin("Lin", KEPT.clone(), false).expect("here");
    people.evolve(&own, at(0));
    let gone = people.remove("Mei", at(0)).expect("here");
    people.evolve(&gone, at(1));
    let after = |wall: i64| Moment { wall: at(0).wall + wall, boot: 0 };
    let told = |now| people.pins_replaced(now, 7 * DAY).collect::<Vec<_>>();
    assert_eq!(told(after(0)), [("Mei", at(0).wall)]);
    assert_eq!(told(after(7 * DAY - 1)), [("Mei", at(0).wall)]);
    assert_eq!(told(after(7 * DAY)), []);
}
