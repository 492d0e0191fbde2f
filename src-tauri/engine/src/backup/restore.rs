//! Putting a backup in the journal's place, while no till runs in the folder.
//!
//! The backup is copied into the folder, verified there and given the event that says what happened; then the file that was there gets
//! another name, and the copy its place. Until that last step the old journal is as it was, and after it the new one is whole.

use super::swap::{Kept, swap};
use super::{Part, at_fault, fault_of_copy, fault_of_output, reads_otherwise, verifies};
use crate::clock::Clock;
use crate::journal::{CopyFault, Journal, Options, copy};
use crate::keyring::Keyring;
use crate::lock::LockGuard;
use crate::off_thread::off_thread;
use crate::reading::{FILE, OrdersWanted, Reading};
use crate::seal::Seal;
use crate::storage::{Append, NewEvent, Storage, StorageFault};
use crate::till::{day_of, fault_of_file, fault_of_storage, rfc3339, unexpected};
use crate::view::OrderView;
use data_encoding::HEXLOWER;
use serde::Serialize;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use till_core::error::{Code, NO_WHOLE_JOURNAL, Refusal};
use till_core::journal::{self, Event, Point, TillEvent};
use till_core::rights::Actor;
use till_core::time::Stamp;

mod agreement;
mod lost;

use lost::Beside;
pub use lost::{Lost, LostRefund};

/// What a backup was put in the place of.
#[derive(Debug)]
enum Before {
    /// No till has been here.
    Nothing,
    /// A till's journal.
    Till { till_id: String, head: Option<Point> },
    /// A file that cannot be read as one.
    Unreadable,
}

/// A backup that was copied beside the journal, and is whole, this till's and of its kind.
#[derive(Debug)]
pub struct Candidate {
    backup: PathBuf,
    folder: PathBuf,
    part: Part,
    before: Before,
    till_id: String,
    newest: Point,
    made: Stamp,
}

/// What became of a restore.
#[derive(Debug, Serialize)]
pub struct Restored {
    /// The backup.
    pub file: String,
    /// Its till.
    pub till_id: String,
    /// Its newest event.
    pub head: u64,
    /// When that happened, RFC 3339: nothing after it is in the journal any more.
    pub until: String,
    /// The newest event of the journal that was there; none where there was none, or it cannot be told.
    pub old_head: Option<u64>,
    /// The old file under its new name.
    pub kept: Option<String>,
    /// Orders that have not ended in the backup: their gateways are asked at the next start.
    pub open: Vec<String>,
    /// Orders that the old journal knows more of than the backup; none where it cannot be read.
    pub lost: Option<Vec<Lost>>,
    /// Whether `lost` is all that there is: whatever cannot be read of the old journal is missing there.
    pub lost_is_whole: bool,
    /// The newest event that the backup has in common with the journal that was there, where it is no earlier state of that one: from
    /// there on they tell different stories, or the backup goes on behind the other's end. Absent where it is an earlier state, or
    /// that cannot be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub differs_after: Option<u64>,
    /// Whether nobody has a PIN any more: whoever is at the till may do everything.
    pub forgets_people: bool,
}

impl Candidate {
    /// Copies `backup` beside the journal of the folder that `held` holds, and looks whether it may take its place. `training`: what
    /// the folder's till is.
    pub async fn prepare(
        held: &LockGuard,
        backup: &Path,
        training: bool,
        keyring: &dyn Keyring,
    ) -> Result<Self, Refusal> {
        let (backup, folder) = (backup.to_owned(), held.folder().to_owned());
        if !backup.is_file() {
            return Err(fault_of_file(backup.display(), &ErrorKind::NotFound.into()));
        }
        let before = before(&folder).await;
        let place = folder.join(FILE);
        let part = Part::beside(&place).map_err(|error| fault_of_output(&place, &error))?;
        let (from, to) = (backup.clone(), part.path.clone());
        let copied = off_thread(move || copied(&from, &to)).await.map_err(|error| unexpected(&error))?;
        let part = copied.map(|()| part)?;
        let damaged = || damaged(&backup, None);
        let reading = Reading::open_file(&part.path).await.map_err(|_| damaged())?;
        let newest = reading.newest().await?.ok_or_else(damaged)?;
        let (till_id, public_key) = (reading.till_id().to_owned(), reading.public_key().to_owned());
        if till_id.is_empty() {
            return Err(damaged());
        }
        match (reading.is_training(), training) {
            (true, false) => return Err(Refusal::of(Code::BackupIsTraining).with("file", backup.display())),
            (false, true) => return Err(Refusal::of(Code::BackupIsReal).with("file", backup.display())),
            (true, true) | (false, false) => {}
        }
        match &before {
            Before::Till { till_id: ours, .. } if *ours != till_id => {
                let refusal = Refusal::of(Code::BackupOfAnother).with("file", backup.display());
                return Err(refusal.with("theirs", till_id).with("ours", ours));
            }
            Before::Unreadable if Seal::of_till(keyring, &till_id, Some(&public_key)).await.is_err() => {
                let refusal = Refusal::of(Code::BackupOfUnknown).with("file", backup.display());
                return Err(refusal.with("theirs", till_id));
            }
            Before::Nothing | Before::Till { .. } | Before::Unreadable => {}
        }
        let newest_point = Point { seq: newest.seq, hash: HEXLOWER.encode(&newest.hash) };
        Ok(Self { backup, folder, part, before, till_id, newest: newest_point, made: newest.at })
    }

    /// Whether a till has been in the folder: without one, nobody has a right there to be asked for.
    #[must_use]
    pub fn has_predecessor(&self) -> bool {
        !matches!(self.before, Before::Nothing)
    }

    /// The copy, as a journal: who may act is written there where the old one cannot be read.
    #[must_use]
    pub fn journal(&self) -> &Path {
        &self.part.path
    }

    /// Puts it in the journal's place. Nothing else may have the journal open.
    pub async fn put_in_place(self, actor: &Actor, clock: &dyn Clock) -> Result<Restored, Refusal> {
        let place = self.folder.join(FILE);
        let open = open_orders(&self.part.path).await?;
        let Beside { lost, lost_is_whole, differs_after } = match self.before {
            Before::Nothing => Beside { lost: Some(Vec::new()), lost_is_whole: true, differs_after: None },
            Before::Till { .. } => lost::beside(&place, &self.part.path).await,
            Before::Unreadable => Beside::default(),
        };
        // An old journal that cannot be read may have known somebody.
        let forgets_people = self.has_predecessor()
            && !knows_people(&self.part.path).await?
            && knows_people(&place).await.unwrap_or(true);
        let now = clock.now().wall;
        let offset_minutes = clock.offset_minutes(now);
        let at = Stamp { wall: now, offset_minutes, day: day_of(now, offset_minutes) };
        let kept = Kept::named(&place, &rfc3339(now, offset_minutes));
        let old = match self.before {
            Before::Till { head, .. } => head,
            Before::Nothing | Before::Unreadable => None,
        };
        let event =
            TillEvent::Restored { old: old.clone(), backup: self.newest.clone(), kept: kept.as_ref().map(Kept::name) };
        say(&self.part.path, event, at, actor).await?;
        let (part, to) = (self.part, place.clone());
        let swapped = off_thread(move || swap(&part, &to, kept.as_ref(), &mut |_| Ok(())).map(|()| kept)).await;
        let kept =
            swapped.map_err(|error| unexpected(&error))?.map_err(|error| fault_of_file(place.display(), &error))?;
        Ok(Restored {
            file: self.backup.display().to_string(),
            till_id: self.till_id,
            head: self.newest.seq,
            until: rfc3339(self.made.wall, self.made.offset_minutes),
            old_head: old.map(|old| old.seq),
            kept: kept.map(|kept| kept.path().display().to_string()),
            open,
            lost,
            lost_is_whole,
            differs_after,
            forgets_people,
        })
    }
}

/// Copies and verifies.
fn copied(backup: &Path, to: &Path) -> Result<(), Refusal> {
    let place = to.with_file_name(FILE);
    let not_whole = || at_fault(backup, &place, |seq| damaged(backup, seq));
    copy(backup, to).map_err(|fault| match fault {
        CopyFault::Unopenable(StorageFault::Newer { found, known }) => {
            Refusal::of(Code::JournalNewer).with("found", found).with("known", known)
        }
        CopyFault::Unopenable(StorageFault::ReadOnly(_)) => {
            fault_of_file(backup.display(), &ErrorKind::PermissionDenied.into())
        }
        CopyFault::Unopenable(fault) | CopyFault::Unread(fault) => {
            tracing::warn!("{fault}");
            damaged(backup, None)
        }
        fault if reads_otherwise(&fault) => not_whole(),
        other => fault_of_copy(&place, &other),
    })?;
    if verifies(to, true) { Ok(()) } else { Err(not_whole()) }
}

/// The backup is not whole: from an event on, or as a file.
fn damaged(backup: &Path, seq: Option<u64>) -> Refusal {
    let place = seq.map_or_else(|| NO_WHOLE_JOURNAL.to_owned(), |seq| format!("#{seq}"));
    Refusal::of(Code::BackupDamaged).with("file", backup.display()).with("place", place)
}

/// What is in the folder now.
async fn before(folder: &Path) -> Before {
    let Ok(reading) = Reading::open(folder).await else { return Before::Unreadable };
    if !reading.is_there() {
        return Before::Nothing;
    }
    let head = reading.head().await;
    match reading.till_id() {
        // A file in which no till ever began.
        "" if matches!(head, Ok(None)) => Before::Nothing,
        "" => Before::Unreadable,
        till_id => {
            let head = head.ok().flatten().map(|(seq, hash)| Point { seq, hash: HEXLOWER.encode(&hash) });
            Before::Till { till_id: till_id.to_owned(), head }
        }
    }
}

async fn open_orders(journal: &Path) -> Result<Vec<String>, Refusal> {
    let reading = Reading::open_file(journal).await?;
    let mut open: Vec<String> = Vec::new();
    let mut last = None;
    loop {
        let page = reading.order_rows(&OrdersWanted::open(), last.as_ref()).await?;
        open.extend(page.iter().map(|row| row.order_no.clone()));
        let Some(end) = page.into_iter().next_back() else { return Ok(open) };
        last = Some(end);
    }
}

/// Whether anybody has a PIN by this journal.
async fn knows_people(journal: &Path) -> Result<bool, Refusal> {
    let people = Reading::open_file(journal).await?.operators().await?;
    Ok(people.iter().any(|operator| !operator.removed))
}

/// Appends the event to the copy, and closes it as one whole file.
async fn say(copy: &Path, event: TillEvent, at: Stamp, actor: &Actor) -> Result<(), Refusal> {
    let fault = |fault: StorageFault| fault_of_storage(&fault);
    let path = copy.to_owned();
    // All of it was verified just now.
    let options = Options { checked_from: u64::MAX };
    let opened = off_thread(move || Journal::open(&path, options)).await.map_err(|error| unexpected(&error))?;
    let journal = opened.map_err(fault)?.journal;
    let payload = journal::write(&Event::Till { event }).map_err(|error| unexpected(&error))?;
    let seen = journal.stream(journal::TILL).await.map_err(fault)?.len();
    let append = Append {
        subject: journal::TILL.to_owned(),
        seen: u64::try_from(seen).unwrap_or(u64::MAX),
        events: vec![NewEvent { at, actor: actor.word(), payload }],
        row: None,
        raw: None,
    };
    journal.append(vec![append]).await.map_err(fault)?;
    off_thread(move || drop(journal)).await.map_err(|error| unexpected(&error))
}

/// How much of an order's money and life two journals agree on.
fn same(one: &OrderView, other: &OrderView) -> bool {
    let told = |order: &OrderView| {
        (order.state, order.paid_minor, order.refunded_minor, order.late, order.attention, order.by_hand.is_some())
    };
    told(one) == told(other)
}
