//! Whether a bundle is as the till wrote it: by its file alone, without journal, keyring or network.

use super::lines::{Answer, Cover, FORMAT, Line, Row, Summary, message};
use crate::export::SignedDay;
use crate::journal::{START, chain_value, rests_on};
use crate::seal::is_signed;
use crate::storage::StoredEvent;
use crate::till::replay;
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use till_core::journal::{self, Event, TillEvent};
use till_core::time::Moment;

/// The longest file that is looked at as a bundle: an order has a few dozen events, and answers are capped.
const LONGEST: u64 = 256 << 20;

/// What is wrong with a bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// The file is no bundle, or a line of it is not one of a bundle's.
    NotABundle,
    /// A later version of the program wrote it.
    NewerFormat,
    /// The till did not sign it, or a day head in it.
    WrongSignature,
    /// The journal's first event names another till or key than the cover.
    AnotherTill,
    /// An event is not what it was.
    Edited,
    /// An event is gone.
    Deleted,
    /// An event stands where it does not belong.
    Swapped,
    /// An event is not the order's.
    Inserted,
    /// A signed day contradicts the events.
    Rewritten,
    /// An answer is not the one that the event rests on.
    AnswerDiffers,
    /// The answer that an event rests on is not there.
    AnswerMissing,
    /// An answer that no event rests on.
    AnswerAdded,
    /// The cover says something else than the events.
    CoverDiffers,
}

/// The outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// Whether everything fits.
    pub ok: bool,
    /// The first event that does not, where one can be named.
    pub first_bad_seq: Option<u64>,
    /// What is wrong.
    pub kind: Option<Fault>,
    /// The order.
    pub order_no: String,
    /// Whether it bears the signature of the key that it names.
    pub signed: bool,
    /// That key, hex: whoever knows the till's compares it.
    pub public_key: String,
    /// How many answers of the gateway were removed for their age before it was made.
    pub answers_removed: u64,
}

type Finding = Option<(Fault, Option<u64>)>;

/// Whether a file begins like a bundle.
#[must_use]
pub fn is_bundle(path: &Path) -> bool {
    let mut beginning = Vec::new();
    let begins = br#"{"cover":{"format":"tillkeeper bundle "#;
    let length = u64::try_from(begins.len()).unwrap_or(u64::MAX);
    File::open(path).and_then(|file| file.take(length).read_to_end(&mut beginning)).is_ok() && beginning == begins
}

/// Checks the bundle at `path`. Blocks. Fails only where the file cannot be read.
pub fn check(path: &Path) -> io::Result<Checked> {
    let mut bytes = Vec::new();
    File::open(path)?.take(LONGEST).read_to_end(&mut bytes)?;
    Ok(checked(&bytes))
}

fn checked(bytes: &[u8]) -> Checked {
    let mut outcome = Checked {
        ok: false,
        first_bad_seq: None,
        kind: None,
        order_no: String::new(),
        signed: false,
        public_key: String::new(),
        answers_removed: 0,
    };
    let finding = match Parts::read(bytes) {
        Ok(parts) => {
            outcome.order_no.clone_from(&parts.cover.order.order_no);
            outcome.public_key.clone_from(&parts.cover.public_key);
            let removed = parts.answers.iter().filter(|answer| answer.is_gone()).count();
            outcome.answers_removed = u64::try_from(removed).unwrap_or(u64::MAX);
            outcome.signed = parts.is_signed();
            // The rows first: there it can be said which one it is.
            parts.look().or((parts.signature.is_some() && !outcome.signed).then_some((Fault::WrongSignature, None)))
        }
        Err(fault) => Some((fault, None)),
    };
    if let Some((kind, seq)) = finding {
        (outcome.kind, outcome.first_bad_seq) = (Some(kind), seq);
    }
    outcome.ok = outcome.kind.is_none();
    outcome
}

/// A bundle, line by line.
struct Parts<'a> {
    cover: Cover,
    opened: Row,
    events: Vec<Row>,
    answers: Vec<Answer>,
    day_heads: Vec<SignedDay>,
    /// What the signature covers, and the signature.
    signature: Option<(&'a [u8], String)>,
}

/// What every version's cover says of itself.
#[derive(Deserialize)]
struct Named {
    cover: Format,
}

#[derive(Deserialize)]
struct Format {
    format: String,
}

impl<'a> Parts<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self, Fault> {
        let mut lines = Vec::new();
        let mut begin = 0;
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            lines.push((begin, line));
            begin += line.len();
        }
        // What a later version says besides need not be known here.
        let first = lines.first().map_or(&[][..], |(_, line)| line);
        if serde_json::from_slice::<Named>(first).is_ok_and(|named| is_newer(&named.cover.format)) {
            return Err(Fault::NewerFormat);
        }
        let (mut cover, mut opened, mut signature) = (None, None, None);
        let (mut events, mut answers, mut day_heads) = (Vec::new(), Vec::new(), Vec::new());
        for (place, (begin, line)) in lines.into_iter().enumerate() {
            // A line that was cut short has no end; and nothing stands behind the signature.
            let whole = line.ends_with(b"\n") && signature.is_none();
            let line = serde_json::from_slice(line).ok().filter(|_| whole).ok_or(Fault::NotABundle)?;
            match line {
                Line::Cover(read) if place == 0 => cover = Some(*read),
                Line::Opened(row) if place == 1 => opened = Some(row),
                Line::Event(row) if answers.is_empty() && day_heads.is_empty() => events.push(row),
                Line::Answer(answer) if day_heads.is_empty() => answers.push(answer),
                Line::DayHead(day) => day_heads.push(day),
                Line::Signature(hex) => signature = Some((bytes.get(..begin).unwrap_or_default(), hex)),
                Line::Cover(_) | Line::Opened(_) | Line::Event(_) | Line::Answer(_) => return Err(Fault::NotABundle),
            }
        }
        let (Some(cover), Some(opened)) = (cover, opened) else { return Err(Fault::NotABundle) };
        if cover.format != FORMAT {
            return Err(Fault::NotABundle);
        }
        Ok(Self { cover, opened, events, answers, day_heads, signature })
    }

    fn is_signed(&self) -> bool {
        let signed = |(covered, hex): &(&[u8], String)| is_signed(&message(covered), hex, &self.cover.public_key);
        self.signature.as_ref().is_some_and(signed)
    }

    fn look(&self) -> Finding {
        let chained = match self.chained() {
            Ok(events) => events,
            Err((fault, seq)) => return Some((fault, Some(seq))),
        };
        self.days(&chained).or_else(|| self.answers(&chained)).or_else(|| self.summary(&chained))
    }

    /// The order's events, each by its own chain value, all of them and in order.
    fn chained(&self) -> Result<Vec<StoredEvent>, (Fault, u64)> {
        let opened = linked(&self.opened).filter(|event| event.seq == 1).ok_or((Fault::Edited, 1))?;
        if self.opened.prev != HEXLOWER.encode(&START) {
            return Err((Fault::Edited, 1));
        }
        match journal::read(&opened.payload) {
            Ok(Event::Till { event: TillEvent::Opened { till_id, public_key, training, .. } })
                if till_id == self.cover.till_id
                    && public_key == self.cover.public_key
                    && training == self.cover.training => {}
            Ok(_) | Err(_) => return Err((Fault::AnotherTill, 1)),
        }
        let subject = journal::order_subject(&self.cover.order.order_no);
        let mut prior = opened;
        let mut events: Vec<StoredEvent> = Vec::new();
        for (expected, row) in (1..).zip(&self.events) {
            let seq = row.row.seq;
            let event = linked(row).ok_or((Fault::Edited, seq))?;
            if event.subject != subject {
                return Err((Fault::Inserted, seq));
            }
            if event.subject_seq != expected {
                let moved = event.subject_seq < expected || self.is_there(expected);
                return Err((if moved { Fault::Swapped } else { Fault::Deleted }, seq));
            }
            let adjacent = prior.seq.checked_add(1) == Some(seq);
            if seq <= prior.seq || (adjacent && row.prev != HEXLOWER.encode(&prior.hash)) {
                return Err((Fault::Edited, seq));
            }
            prior = event.clone();
            events.push(event);
        }
        let count = u64::try_from(events.len()).unwrap_or(u64::MAX);
        if count != self.cover.events || events.is_empty() {
            return Err((Fault::Deleted, prior.seq.saturating_add(1)));
        }
        if prior.seq > self.cover.head.seq {
            return Err((Fault::CoverDiffers, prior.seq));
        }
        if prior.seq == self.cover.head.seq && HEXLOWER.encode(&prior.hash) != self.cover.head.hash {
            return Err((Fault::CoverDiffers, prior.seq));
        }
        Ok(events)
    }

    fn is_there(&self, subject_seq: u64) -> bool {
        self.events.iter().any(|row| row.row.subject_seq == Some(subject_seq))
    }

    fn days(&self, events: &[StoredEvent]) -> Finding {
        for day in &self.day_heads {
            if !day.is_genuine(&self.cover.till_id, &self.cover.public_key) {
                return Some((Fault::WrongSignature, Some(day.seq())));
            }
            let signed = events.iter().find(|event| event.seq == day.seq());
            if signed.is_some_and(|event| HEXLOWER.encode(&event.hash) != day.hash()) {
                return Some((Fault::Rewritten, Some(day.seq())));
            }
        }
        None
    }

    fn answers(&self, events: &[StoredEvent]) -> Finding {
        let resting: Vec<(u64, String)> =
            events.iter().filter_map(|event| Some((event.seq, HEXLOWER.encode(&rests_on(&event.payload)?)))).collect();
        for (seq, sha256) in &resting {
            let found = self.answers.iter().find(|answer| answer.seq == *seq && answer.sha256 == *sha256);
            let Some(answer) = found else { return Some((Fault::AnswerMissing, Some(*seq))) };
            if answer.is_gone() {
                if answer.removed_after_days.is_none() {
                    return Some((Fault::AnswerMissing, Some(*seq)));
                }
                continue;
            }
            let fits = answer.bytes().is_some_and(|bytes| HEXLOWER.encode(&Sha256::digest(bytes)) == *sha256);
            if !fits {
                return Some((Fault::AnswerDiffers, Some(*seq)));
            }
        }
        let rested = |answer: &&Answer| resting.contains(&(answer.seq, answer.sha256.clone()));
        match self.answers.iter().find(|answer| !rested(answer)) {
            Some(added) => Some((Fault::AnswerAdded, Some(added.seq))),
            None => (self.answers.len() != resting.len()).then_some((Fault::AnswerAdded, None)),
        }
    }

    fn summary(&self, events: &[StoredEvent]) -> Finding {
        let end_of_time = Moment { wall: i64::MAX, boot: i64::MAX };
        let told = replay(events, end_of_time).ok().flatten().map(|order| Summary::of(&order));
        let answers = u64::try_from(self.answers.len()).unwrap_or(u64::MAX);
        let same = told.as_ref() == Some(&self.cover.order) && answers == self.cover.answers;
        (!same).then_some((Fault::CoverDiffers, None))
    }
}

/// The event of a row, if it carries the chain value that it ought to behind the one that is named.
fn linked(row: &Row) -> Option<StoredEvent> {
    let event = row.row.stored()?;
    let prev = HEXLOWER.decode(row.prev.as_bytes()).ok()?.try_into().ok()?;
    (chain_value(&event, &prev) == event.hash).then_some(event)
}

fn is_newer(format: &str) -> bool {
    format != FORMAT && format.strip_prefix("tillkeeper bundle ").is_some()
}
