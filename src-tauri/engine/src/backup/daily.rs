//! The daily backup: one file a business day, of which the newest days are kept.
//!
//! Its files are known by their names, and no other file of the folder is ever touched.

use super::{BackedUp, PART, Part, fault_of_output, folder_of, make, with_end};
use crate::off_thread::off_thread;
use crate::settings;
use crate::till::{fault_of_file, unexpected};
use jiff::civil::Date;
use jiff::{Span, Timestamp};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use till_core::error::{Code, FileCause, Refusal};

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
    /// When it was made.
    pub at: Timestamp,
}

impl Daily {
    /// As the settings have it; none where they name no folder.
    #[must_use]
    pub fn of(settings: &settings::Backup, till_id: &str) -> Option<Self> {
        let folder = PathBuf::from(settings.folder.as_ref()?);
        Some(Self { folder, keep: settings.keep, till_id: till_id.to_owned() })
    }

    /// The newest one. Each was verified before it got its name.
    pub fn newest(&self) -> Result<Option<Made>, Refusal> {
        let files = self.files().map_err(|error| self.failed(&fault_of_file(self.folder.display(), &error)))?;
        let newest = files.into_iter().max_by(|(one, _), (other, _)| one.cmp(other));
        Ok(newest.and_then(|(day, path)| {
            let made = path.metadata().and_then(|file| file.modified()).ok()?;
            Some(Made { day: day.to_string(), at: Timestamp::try_from(made).ok()? })
        }))
    }

    /// Whether there is none of `day` yet.
    #[must_use]
    pub fn is_due(&self, day: &str) -> bool {
        self.path(day).symlink_metadata().is_err()
    }

    /// Makes the one of `day` of the journal at `journal`, then takes away those that are older than they are kept. What goes wrong with
    /// making it is said as a failure of the daily backup; an old one that cannot be removed is none.
    pub async fn make(&self, journal: &Path, day: &str) -> Result<BackedUp, Refusal> {
        let (daily, journal, day) = (self.clone(), journal.to_owned(), day.to_owned());
        let made = off_thread(move || {
            let made = make(&journal, &daily.path(&day)).map_err(|refusal| daily.failed(&refusal))?;
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
        let (daily, path) = (self.clone(), self.path(day));
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

    fn path(&self, day: &str) -> PathBuf {
        self.folder.join(format!("{}{day}{END}", self.begins()))
    }

    /// The day that a name of ours tells, and what stands behind the day.
    fn told<'a>(&self, name: &'a str) -> Option<(Date, &'a str)> {
        let rest = name.strip_prefix(&self.begins())?;
        let (day, end) = rest.split_at_checked(DAY)?;
        Some((day.parse().ok()?, end))
    }

    fn files(&self) -> io::Result<Vec<(Date, PathBuf)>> {
        self.named(|end| end == END)
    }

    fn named(&self, ends: impl Fn(&str) -> bool) -> io::Result<Vec<(Date, PathBuf)>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let name: OsString = entry.file_name();
            if let Some((day, _)) = name.to_str().and_then(|name| self.told(name)).filter(|(_, end)| ends(end))
                && entry.file_type()?.is_file()
            {
                found.push((day, entry.path()));
            }
        }
        Ok(found)
    }

    fn rotate(&self, today: &str) -> io::Result<()> {
        let Ok(today) = today.parse::<Date>() else { return Ok(()) };
        let kept_from = today.checked_sub(Span::new().days(self.keep)).unwrap_or(today);
        // What a killed process left half is of no use from the next day on.
        let half =
            self.named(|end| end.starts_with(END) && end.contains(PART))?.into_iter().filter(|(day, _)| *day < today);
        let old = self.files()?.into_iter().filter(|(day, _)| *day <= kept_from);
        half.chain(old).try_for_each(|(_, path)| fs::remove_file(path))
    }
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

/// Letters of a day.
const DAY: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::{Journal, Options};

    fn daily(folder: &Path, keep: u32) -> Daily {
        let settings = settings::Backup { folder: Some(folder.display().to_string()), keep };
        Daily::of(&settings, "T1").unwrap()
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[tokio::test]
    async fn one_a_day_is_made_and_only_files_of_its_own_go_when_they_are_old() {
        let (till, backups) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let journal = till.path().join("journal.sqlite");
        drop(Journal::open(&journal, Options::default()).unwrap());
        let others = [
            "tillkeeper-T2-2026-01-01.sqlite",
            "tillkeeper-T1-2026-01-01.sqlite.mine",
            "tillkeeper-T1-2026-13-01.sqlite",
            "tillkeeper-T1-.sqlite",
            "journal.sqlite",
        ];
        let old = ["tillkeeper-T1-2026-01-01.sqlite", "tillkeeper-T1-2026-01-02.sqlite.77.part"];
        for name in others.iter().chain(&old) {
            fs::write(backups.path().join(name), "x").unwrap();
        }
        fs::create_dir(backups.path().join("tillkeeper-T1-2026-01-03.sqlite")).unwrap();
        let daily = daily(backups.path(), 2);
        for day in ["2026-11-26", "2026-11-27", "2026-11-28"] {
            assert!(daily.is_due(day));
            daily.make(&journal, day).await.unwrap();
            assert!(!daily.is_due(day));
            assert_eq!(daily.newest().unwrap().unwrap().day, day);
        }
        let mut kept: Vec<String> = others.map(str::to_owned).to_vec();
        kept.extend(["01-03", "11-27", "11-28"].map(|day| format!("tillkeeper-T1-2026-{day}.sqlite")));
        kept.sort();
        assert_eq!(names(backups.path()), kept);
    }

    #[tokio::test]
    async fn without_a_new_one_no_old_one_goes_and_the_failure_names_its_cause() {
        let (till, backups) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let journal = till.path().join("journal.sqlite");
        fs::write(&journal, [7; 9_000]).unwrap();
        let daily = daily(backups.path(), 1);
        fs::write(backups.path().join("tillkeeper-T1-2026-01-01.sqlite"), "x").unwrap();
        let failed = daily.make(&journal, "2026-11-26").await.unwrap_err();
        assert_eq!(failed.code, Code::BackupFailed);
        assert_eq!(names(backups.path()), ["tillkeeper-T1-2026-01-01.sqlite"]);
        assert_eq!(daily.try_folder("2026-11-26").await, Ok(()));
        assert_eq!(names(backups.path()), ["tillkeeper-T1-2026-01-01.sqlite"], "a try leaves nothing");
        fs::create_dir(backups.path().join(".stfolder")).unwrap();
        drop(fs::remove_file(&journal));
        drop(Journal::open(&journal, Options::default()).unwrap());
        let failed = daily.make(&journal, "2026-11-26").await.unwrap_err();
        assert_eq!((failed.code, failed.facts["cause"].as_str()), (Code::BackupFailed, "synced"));
        assert_eq!(daily.try_folder("2026-11-26").await, Err(failed));
        let gone = Daily { folder: backups.path().join("gone"), ..daily };
        assert_eq!(gone.newest().unwrap_err().facts["cause"], "not_there");
        assert_eq!(gone.make(&journal, "2026-11-26").await.unwrap_err().facts["cause"], "not_there");
    }
}
