//! The daily backup: one file a business day, of which the newest days are kept.
//!
//! Its files are known by their names, and no other file of the folder is ever touched. A file of such a name counts as a backup only if
//! it opens as a journal of the till.

use super::look::{event, journal};
use super::{BackedUp, PART, Part, fault_of_output, folder_of, make, with_end};
use crate::off_thread::off_thread;
use crate::settings;
use crate::storage::{Storage, StoredEvent};
use crate::till::{fault_of_file, unexpected};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use till_core::error::{Code, FileCause, Refusal};
use till_core::journal::{self as events, Event, TillEvent};

/// Where one till's daily backups go, and for how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Daily {
    folder: PathBuf,
    keep: u32,
    till_id: String,
}

/// A daily backup that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// Its business day.
    pub day: String,
    /// When it was made, by its file. Where that is of another day than its name, as of a file that was copied, when its newest event
    /// happened.
    pub at: Timestamp,
}

impl Daily {
    /// As the settings have it; none where they name no folder.
    #[must_use]
    pub fn of(settings: &settings::Backup, till_id: &str) -> Option<Self> {
        let folder = PathBuf::from(settings.folder.as_ref()?);
        Some(Self { folder, keep: settings.keep, till_id: till_id.to_owned() })
    }

    /// The newest one by the days in their names. Each was verified before it got its name.
    pub async fn newest(&self) -> Result<Option<Made>, Refusal> {
        let mut files = self.files().map_err(|error| self.failed(&fault_of_file(self.folder.display(), &error)))?;
        files.sort_unstable();
        for ((day, _), path) in files.into_iter().rev() {
            let newest = self.newest_event(&path).await;
            if let Some(at) = newest.and_then(|newest| made_at(&path, day, &newest)) {
                return Ok(Some(Made { day: day.to_string(), at }));
            }
        }
        Ok(None)
    }

    /// Whether there is none of `day` yet.
    pub async fn is_due(&self, day: &str) -> bool {
        // Where there are several, the newest is the backup.
        for number in (1..=NAMES).rev() {
            let path = self.path(day, number);
            if path.is_file() && self.newest_event(&path).await.is_some() {
                return false;
            }
        }
        true
    }

    /// Makes the one of `day` of the journal at `journal`, then takes away those that are older than they are kept. What goes wrong with
    /// making it is said as a failure of the daily backup; an old one that cannot be removed is none. What has its name already is left
    /// as it is, and the backup gets a further one.
    pub async fn make(&self, journal: &Path, day: &str) -> Result<BackedUp, Refusal> {
        let (daily, journal, day) = (self.clone(), journal.to_owned(), day.to_owned());
        let made = off_thread(move || {
            let made = make(&journal, &daily.free(&day)).map_err(|refusal| daily.failed(&refusal))?;
            if let Err(error) = daily.rotate(&day) {
                tracing::warn!(%error, "old backups stay");
            }
            Ok(made)
        });
        made.await.map_err(|error| unexpected(&error))?
    }

    /// Tries whether the folder takes one: a file is written there, and goes at once. One that a killed process leaves goes as a half
    /// backup of `day` does.
    pub async fn try_folder(&self, day: &str) -> Result<(), Refusal> {
        let (daily, path) = (self.clone(), self.path(day, 1));
        let tried = off_thread(move || write_beside(&path).map_err(|refusal| daily.failed(&refusal)));
        tried.await.map_err(|error| unexpected(&error))?
    }

    /// What a notice says of a failure.
    #[must_use]
    pub fn failed(&self, refusal: &Refusal) -> Refusal {
        let cause = match refusal.code {
            Code::BackupFailed => return refusal.clone(),
            Code::BackupFolderSynced => FileCause::Synced.word(),
            Code::JournalNotWhole => FileCause::NotWhole.word(),
            _ => refusal.facts.get("cause").map_or(FileCause::Other.word(), String::as_str),
        };
        self.because(cause)
    }

    /// The newest one is not of today or yesterday.
    #[must_use]
    pub fn late(&self) -> Refusal {
        self.because(FileCause::Old.word())
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn because(&self, cause: &str) -> Refusal {
        Refusal::of(Code::BackupFailed).with("folder", self.folder.display()).with("cause", cause)
    }

    fn begins(&self) -> String {
        format!("tillkeeper-{}-", self.till_id)
    }

    /// The name of a day's file: the day's own, or a further one where something else has that.
    fn path(&self, day: &str, number: u32) -> PathBuf {
        let further = if number == 1 { String::new() } else { format!("-{number}") };
        self.folder.join(format!("{}{day}{further}{END}", self.begins()))
    }

    /// The first name of a day that nothing has; the last one where all are taken.
    fn free(&self, day: &str) -> PathBuf {
        let is_free = |path: &PathBuf| path.symlink_metadata().is_err();
        let free = (1..=NAMES).map(|number| self.path(day, number)).find(is_free);
        free.unwrap_or_else(|| self.path(day, NAMES))
    }

    /// The newest event of the file at `path`, where that opens as a journal of this till. No more of it is read than that and the first.
    async fn newest_event(&self, path: &Path) -> Option<StoredEvent> {
        let journal = journal(path).await?;
        let first = event(&journal, 1).await?;
        let Ok(Event::Till { event: TillEvent::Opened { till_id, .. } }) = events::read(&first.payload) else {
            return None;
        };
        let (newest, _) = journal.head().await.ok()??;
        if till_id == self.till_id { event(&journal, newest).await } else { None }
    }

    /// The day and the number on that day that a name of ours tells, and what stands behind them.
    fn told<'a>(&self, name: &'a str) -> Option<(Date, u32, &'a str)> {
        let rest = name.strip_prefix(&self.begins())?;
        let (day, end) = rest.split_at_checked(DAY)?;
        let further = (2..=NAMES).find_map(|number| Some((number, end.strip_prefix(&format!("-{number}"))?)));
        let (number, end) = further.unwrap_or((1, end));
        Some((day.parse().ok()?, number, end))
    }

    fn files(&self) -> io::Result<Vec<((Date, u32), PathBuf)>> {
        self.named(|end| end == END)
    }

    fn named(&self, ends: impl Fn(&str) -> bool) -> io::Result<Vec<((Date, u32), PathBuf)>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let name: OsString = entry.file_name();
            let told = name.to_str().and_then(|name| self.told(name)).filter(|(_, _, end)| ends(end));
            if let Some((day, number, _)) = told
                && entry.file_type()?.is_file()
            {
                found.push(((day, number), entry.path()));
            }
        }
        Ok(found)
    }

    fn rotate(&self, today: &str) -> io::Result<()> {
        let Ok(today) = today.parse::<Date>() else { return Ok(()) };
        let kept_from = today.checked_sub(Span::new().days(self.keep)).unwrap_or(today);
        // What a killed process left half is of no use from the next day on.
        let half = self
            .named(|end| end.starts_with(END) && end.contains(PART))?
            .into_iter()
            .filter(|((day, _), _)| *day < today);
        let old = self.files()?.into_iter().filter(|((day, _), _)| *day <= kept_from);
        half.chain(old).try_for_each(|(_, path)| fs::remove_file(path))
    }
}

/// When a backup of `day` was made, as far as its file tells: the time of one that was copied since is that of the copy.
fn made_at(path: &Path, day: Date, newest: &StoredEvent) -> Option<Timestamp> {
    let of_file = path.metadata().and_then(|file| file.modified()).ok().and_then(|at| Timestamp::try_from(at).ok());
    let of_day = of_file.filter(|at| at.to_zoned(TimeZone::system()).date() == day);
    of_day.or_else(|| Timestamp::from_microsecond(newest.at.wall).ok())
}

/// Writes a file beside `output`, where backups are written, and takes it away again.
fn write_beside(output: &Path) -> Result<(), Refusal> {
    folder_of(output)?;
    let try_no = TRIES.fetch_add(1, Ordering::Relaxed);
    let part = Part { path: with_end(output, &format!(".try.{}.{try_no}{PART}", std::process::id())) };
    part.remove().and_then(|()| write_little(&part.path)).map_err(|error| fault_of_output(output, &error))
}

fn write_little(path: &Path) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(b"x")?;
    file.sync_all()
}

/// How many tries of a folder this process has begun: no two write the same file.
static TRIES: AtomicU64 = AtomicU64::new(0);

/// How a file's name ends.
const END: &str = ".sqlite";

/// How many names a day has. Further ones are for where something that is no backup has the first.
const NAMES: u32 = 9;

/// Letters of a day.
const DAY: usize = 10;

#[cfg(test)]
mod tests;
