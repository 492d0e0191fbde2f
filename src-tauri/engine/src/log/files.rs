//! The files of the log: `till-YYYY-MM-DD.NNNN.log`.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The longest line in bytes; what is beyond is cut off.
const LINE: usize = 16 << 10;

/// Writes lines to the newest file, begins the next one with the day or when the size is reached, and removes the
/// oldest ones.
#[derive(Debug)]
pub(super) struct Files {
    folder: PathBuf,
    keep: usize,
    size: u64,
    today: fn() -> String,
    day: String,
    part: u32,
    file: File,
    written: u64,
}

impl Files {
    /// Makes the folder where needed and goes on where the last run ended.
    pub(super) fn open(folder: &Path, keep: usize, size: u64, today: fn() -> String) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let day = today();
        let part = last_part(folder, &day)?;
        let (file, written) = open(folder, &day, part)?;
        let mut files = Self { folder: folder.into(), keep, size, today, day, part, file, written };
        files.prune()?;
        Ok(files)
    }

    fn next_if_due(&mut self, bytes: usize) -> io::Result<()> {
        let day = (self.today)();
        let full =
            self.written > 0 && self.written.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX)) > self.size;
        let (day, part) = if day != self.day {
            let part = last_part(&self.folder, &day)?;
            (day, part)
        } else if full {
            (day, self.part.saturating_add(1))
        } else {
            return Ok(());
        };
        let (file, written) = open(&self.folder, &day, part)?;
        (self.day, self.part, self.file, self.written) = (day, part, file, written);
        self.prune()
    }

    /// Removes the oldest files, by name, never the one in use.
    fn prune(&mut self) -> io::Result<()> {
        let current = name(&self.day, self.part);
        let mut others: Vec<String> = names(&self.folder)?.into_iter().filter(|name| *name != current).collect();
        others.sort_unstable();
        let surplus = others.len().saturating_add(1).saturating_sub(self.keep);
        for name in others.into_iter().take(surplus) {
            fs::remove_file(self.folder.join(name))?;
        }
        Ok(())
    }
}

impl Write for Files {
    /// Takes one whole line at a time, as the log's own thread hands them over.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let kept = line.get(..LINE).unwrap_or(line);
        self.next_if_due(kept.len())?;
        self.file.write_all(kept)?;
        if kept.len() < line.len() {
            self.file.write_all(b" ...\n")?;
        }
        self.written = self.written.saturating_add(u64::try_from(kept.len()).unwrap_or(u64::MAX));
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn name(day: &str, part: u32) -> String {
    format!("till-{day}.{part:04}.log")
}

fn open(folder: &Path, day: &str, part: u32) -> io::Result<(File, u64)> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(folder.join(name(day, part)))?;
    let written = file.metadata()?.len();
    Ok((file, written))
}

/// Names of the log's files in the folder; others are left alone.
fn names(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let Ok(name) = entry?.file_name().into_string() else { continue };
        if name.strip_prefix("till-").and_then(|rest| rest.strip_suffix(".log")).is_some() {
            names.push(name);
        }
    }
    Ok(names)
}

/// The highest part of a day that is there, or 0.
fn last_part(folder: &Path, day: &str) -> io::Result<u32> {
    let prefix = format!("till-{day}.");
    let parts = names(folder)?;
    Ok(parts
        .iter()
        .filter_map(|name| name.strip_prefix(&prefix)?.strip_suffix(".log")?.parse().ok())
        .max()
        .unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(folder: &Path) -> Vec<String> {
        let mut names = names(folder).unwrap();
        names.sort_unstable();
        names
    }

    #[test]
    fn a_file_at_its_size_is_followed_by_the_next_and_the_oldest_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let mut files = Files::open(folder.path(), 3, 100, || "2026-11-20".into()).unwrap();
        fs::write(folder.path().join("notes.txt"), "not ours").unwrap();
        for line in 0..50 {
            files.write_all(format!("{line:029}\n").as_bytes()).unwrap();
        }
        assert_eq!(
            sorted(folder.path()),
            ["till-2026-11-20.0014.log", "till-2026-11-20.0015.log", "till-2026-11-20.0016.log"]
        );
        for name in sorted(folder.path()) {
            assert!(fs::metadata(folder.path().join(name)).unwrap().len() <= 100);
        }
        let newest = fs::read_to_string(folder.path().join("till-2026-11-20.0016.log")).unwrap();
        assert!(newest.ends_with("49\n"));
        assert!(folder.path().join("notes.txt").exists());
    }

    #[test]
    fn the_next_run_goes_on_in_the_days_newest_file() {
        let folder = tempfile::tempdir().unwrap();
        for part in ["till-2026-11-19.0007.log", "till-2026-11-20.0002.log"] {
            fs::write(folder.path().join(part), "before\n").unwrap();
        }
        let mut files = Files::open(folder.path(), 14, 100, || "2026-11-20".into()).unwrap();
        files.write_all(b"after\n").unwrap();
        let newest = fs::read_to_string(folder.path().join("till-2026-11-20.0002.log")).unwrap();
        assert_eq!(newest, "before\nafter\n");
    }

    #[test]
    fn a_new_day_begins_a_new_file_and_fourteen_are_kept() {
        use std::sync::atomic::{AtomicU32, Ordering};
        static DAY: AtomicU32 = AtomicU32::new(1);
        let folder = tempfile::tempdir().unwrap();
        let today = || format!("2026-11-{:02}", DAY.load(Ordering::SeqCst));
        let mut files = Files::open(folder.path(), 14, 1000, today).unwrap();
        for day in 1..=20 {
            DAY.store(day, Ordering::SeqCst);
            files.write_all(b"a line\n").unwrap();
            files.write_all(b"another\n").unwrap();
        }
        let names = sorted(folder.path());
        assert_eq!(names.len(), 14);
        assert_eq!(names.first().unwrap(), "till-2026-11-07.0000.log");
        assert_eq!(names.last().unwrap(), "till-2026-11-20.0000.log");
    }

    #[test]
    fn an_endless_line_is_cut() {
        let folder = tempfile::tempdir().unwrap();
        let mut files = Files::open(folder.path(), 3, 100, || "2026-11-20".into()).unwrap();
        files.write_all(&vec![b'x'; 1 << 20]).unwrap();
        files.write_all(b"next\n").unwrap();
        let total: u64 =
            sorted(folder.path()).iter().map(|name| fs::metadata(folder.path().join(name)).unwrap().len()).sum();
        assert!(total < 20_000, "{total}");
    }
}
