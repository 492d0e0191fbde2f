//! What Dingdang has to tell or to ask of its partner: what customers said to a speaker, and the calls that wait for their answer.

use super::{Making, NotMade, Way};
use crate::simulation::wire::{Dialect, Letter, Spoil, TOKEN_MARK, letter, tail};
use crate::simulation::world::{MIN, S, World};
use std::collections::BTreeMap;

/// What a call is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// What a customer said, by its place among all: an order is to be made of it.
    Speech(usize),
    /// An order is paid.
    Paid(String),
    /// How a refund of the till's stands, by its number.
    Back(String),
    /// So many minor units of an order went back without the till.
    BackElsewhere(String, i64),
}

/// What a customer said to a speaker.
#[derive(Debug, Clone)]
pub struct Speech {
    /// To whose speaker.
    pub place: usize,
    /// Tells it from every other one.
    pub nonce: String,
    /// Who the customer is for the partner.
    pub token: String,
    /// What for: which goods, how many, minor units.
    pub lines: Vec<(&'static str, u32, i64)>,
    /// The number that the partner gave.
    pub order_no: Option<String>,
}

impl Speech {
    /// What its lines add up to, minor units.
    #[must_use]
    pub fn minor(&self) -> i64 {
        self.lines.iter().map(|(_, _, minor)| minor).sum()
    }
}

/// A call that has not been answered yet.
struct Owed {
    letter: Letter,
    attempts: u32,
    /// The run of the till in which somebody is at it.
    run: u32,
}

/// Calls, and what they are about.
#[derive(Default)]
pub struct Calls {
    /// What customers said.
    pub speeches: Vec<Speech>,
    /// Every time that money went back without the till: of which order, and how much.
    pub elsewhere: Vec<(String, i64)>,
    owed: BTreeMap<u64, Owed>,
    counter: u64,
}

impl Calls {
    /// A text that is like no other, in letters: whoever hides long numbers leaves it as it is.
    pub fn nonce(&mut self) -> String {
        self.counter += 1;
        let letter = |digit: u8| char::from(digit - b'0' + b'a');
        self.counter.to_string().bytes().map(letter).collect()
    }

    /// Who the customer of an order is for the partner.
    #[must_use]
    pub fn token_of(&self, order_no: &str) -> String {
        let said = self.speeches.iter().find(|speech| speech.order_no.as_deref() == Some(order_no));
        said.map_or_else(|| format!("{TOKEN_MARK} of a stranger"), |speech| speech.token.clone())
    }

    /// Whether every call was answered.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.owed.is_empty()
    }

    /// The calls that nobody makes in this run yet.
    pub fn taken_up(&mut self, run: u32) -> Vec<u64> {
        let fresh = self.owed.iter_mut().filter(|(_, owed)| owed.run != run);
        fresh
            .map(|(id, owed)| {
                owed.run = run;
                *id
            })
            .collect()
    }

    /// A call that is still to be made, and after how many attempts.
    #[must_use]
    pub fn owed(&self, id: u64) -> Option<(Letter, u32)> {
        self.owed.get(&id).map(|owed| (owed.letter.clone(), owed.attempts))
    }

    /// What it was first, for the story.
    #[must_use]
    pub fn first(&self) -> Option<String> {
        self.owed.values().next().map(|owed| format!("{:?}", owed.letter.about))
    }
}

impl World {
    /// A customer says what they want.
    pub fn says(&mut self, place: usize, minor: i64) -> usize {
        let nonce = self.platform.calls.nonce();
        let first = self.chance.between(0, minor);
        let mut lines = vec![("tea", 2, minor - first)];
        if first > 0 {
            lines.push(("2", 1, first));
        }
        let token = format!("{TOKEN_MARK} {nonce}");
        self.platform.calls.speeches.push(Speech {
            place,
            nonce: format!("said {nonce}"),
            token,
            lines,
            order_no: None,
        });
        self.platform.calls.speeches.len() - 1
    }

    /// The gateway has something to tell or to ask, and makes the call until it is answered.
    pub fn owes(&mut self, about: &About) {
        let Some(letter) = letter(self, about, Spoil::No) else { return };
        let calls = &mut self.platform.calls;
        calls.counter += 1;
        calls.owed.insert(calls.counter, Owed { letter, attempts: 0, run: 0 });
        self.run.post.notify_one();
    }

    /// Whether the order's gateway makes calls.
    #[must_use]
    pub fn is_called_by(&self, order_no: &str) -> bool {
        let trade = self.platform.trades.get(order_no);
        trade.is_some_and(|trade| self.platform.merchants[trade.place].dialect == Dialect::Dingdang)
    }

    /// An order was paid: most of them are told of.
    pub fn tells_of(&mut self, order_no: &str) {
        if self.is_called_by(order_no) && self.chance.permille(700) {
            self.owes(&About::Paid(order_no.to_owned()));
        }
    }

    /// A call was answered with yes: nobody makes it any more.
    pub fn is_answered(&mut self, id: u64) {
        self.platform.calls.owed.remove(&id);
    }

    /// A call was not answered with yes. Some customers go; a notice is given up after many attempts.
    pub fn is_not_answered(&mut self, id: u64) {
        let gives_up = !self.fair && self.chance.permille(60);
        let Some(owed) = self.platform.calls.owed.get_mut(&id) else { return };
        owed.attempts += 1;
        if gives_up && owed.attempts > 3 {
            let about = owed.letter.about.clone();
            self.tell(format_args!("gateway: nobody waits for {about:?} any more"));
            self.is_answered(id);
        }
    }

    /// A speech has its number: the customer can pay. False: the gateway has trouble of its own.
    pub fn gets_number(&mut self, place: usize, order_no: &str) -> bool {
        let Some(speech) = self.platform.calls.speeches.get_mut(place) else { return false };
        if speech.order_no.is_some() {
            return true;
        }
        let (house, minor) = (speech.place, speech.minor());
        let making =
            Making { order_no, place: house, minor, expires: None, channel: "voice", link: None, way: Way::Elsewhere };
        match self.create_trade(making) {
            Ok(()) => {
                self.platform.calls.speeches[place].order_no = Some(order_no.to_owned());
                self.platform.elsewhere.push(order_no.to_owned());
                true
            }
            Err(NotMade::Duplicate) => {
                self.fail("one order for each speech", format!("{order_no} is another's, {}", tail(order_no)));
                false
            }
            Err(NotMade::Trouble | NotMade::CodeUsed) => false,
        }
    }

    /// How long the gateway waits before it makes a call, microseconds.
    pub fn waits(&mut self, attempts: u32) -> i64 {
        let longest = match attempts {
            0 => 3 * S,
            1 => 10 * S,
            2 => MIN,
            _ if self.fair => MIN,
            3 => 5 * MIN,
            _ => 30 * MIN,
        };
        self.chance.between(0, longest)
    }
}
