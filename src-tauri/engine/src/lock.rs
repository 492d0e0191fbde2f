//! One engine per data folder.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

/// Name of the lock file in the data folder.
const FILE: &str = "lock";

/// What asking for a data folder came to.
#[derive(Debug)]
pub enum Lock {
    /// It is ours until the guard is dropped or this process ends, however it ends.
    Held(LockGuard),
    /// Another engine has it.
    TakenBy {
        /// Process id that the holder wrote down; for people to read, never to act on.
        pid: Option<u32>,
    },
}

/// Holds a data folder. Whoever changes what only one engine may change asks for a reference to it.
#[derive(Debug)]
pub struct LockGuard {
    folder: PathBuf,
    _file: File,
}

impl LockGuard {
    /// The data folder that is held.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

/// The lock file could not be opened or locked: a folder that is missing or read-only, or a file system without locks.
#[derive(Debug, thiserror::Error)]
#[error("the lock {path} cannot be taken: {error}")]
pub struct LockFault {
    /// The lock file.
    pub path: PathBuf,
    /// What the system said.
    pub error: std::io::Error,
}

/// Asks for `folder`, which must exist, without waiting. The file stays behind afterwards: removing it would let two
/// engines each lock a file of that name.
pub fn acquire(folder: &Path) -> Result<Lock, LockFault> {
    let path = folder.join(FILE);
    let fault = |error| LockFault { path: path.clone(), error };
    let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(fault)?;
    match file.try_lock() {
        Ok(()) => {
            write_pid(&mut file).map_err(fault)?;
            Ok(Lock::Held(LockGuard { folder: folder.to_owned(), _file: file }))
        }
        Err(TryLockError::WouldBlock) => Ok(Lock::TakenBy { pid: read_pid(&mut file) }),
        Err(TryLockError::Error(error)) => Err(fault(error)),
    }
}

/// On a full disk the lock holds without its note.
fn write_pid(file: &mut File) -> std::io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    match writeln!(file, "{}", std::process::id()) {
        Err(error) if error.kind() == std::io::ErrorKind::StorageFull => Ok(()),
        done => done,
    }
}

fn read_pid(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.take(32).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufRead, BufReader};
    use std::process::{Child, Command, Stdio};
    use std::time::{Duration, Instant};

    const ROLE: &str = "TILL_TEST_LOCK_FOLDER";

    /// This test once more in a process of its own, which holds the folder and says so.
    fn holder(folder: &Path) -> Child {
        let name = std::thread::current().name().unwrap().to_owned();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", &name, "--nocapture"])
            .env(ROLE, folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let said = BufReader::new(child.stdout.as_mut().unwrap()).lines();
        assert!(said.map(Result::unwrap).any(|line| line.ends_with("held")), "the holder ended without holding");
        child
    }

    fn hold_if_told() -> bool {
        let Some(folder) = std::env::var_os(ROLE) else { return false };
        let Lock::Held(_guard) = acquire(Path::new(&folder)).unwrap() else { panic!("taken") };
        println!("\nheld");
        let mut rest = String::new();
        std::io::stdin().read_to_string(&mut rest).unwrap();
        true
    }

    #[test]
    fn a_second_process_is_told_who_holds_the_folder_and_kill_9_frees_it() {
        if hold_if_told() {
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let mut other = holder(folder.path());
        let Lock::TakenBy { pid } = acquire(folder.path()).unwrap() else { panic!("two hold it") };
        assert_eq!(pid, Some(other.id()));
        other.kill().unwrap();
        other.wait().unwrap();
        let Lock::Held(guard) = acquire(folder.path()).unwrap() else { panic!("not freed") };
        assert_eq!(guard.folder(), folder.path());
        let written = std::fs::read_to_string(folder.path().join(FILE)).unwrap();
        assert_eq!(written, format!("{}\n", std::process::id()));
    }

    #[test]
    fn a_process_that_ends_by_itself_frees_the_folder() {
        if hold_if_told() {
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let mut other = holder(folder.path());
        drop(other.stdin.take());
        assert!(other.wait().unwrap().success());
        assert!(matches!(acquire(folder.path()).unwrap(), Lock::Held(_)));
    }

    #[test]
    fn the_same_process_cannot_hold_a_folder_twice_but_two_folders_at_once() {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let Lock::Held(guard) = acquire(one.path()).unwrap() else { panic!() };
        assert!(matches!(acquire(one.path()).unwrap(), Lock::TakenBy { pid: Some(_) }));
        assert!(matches!(acquire(two.path()).unwrap(), Lock::Held(_)));
        drop(guard);
        // A process that another test is just starting holds what was open here until it has become another program.
        let deadline = Instant::now() + Duration::from_secs(10);
        while !matches!(acquire(one.path()).unwrap(), Lock::Held(_)) {
            assert!(Instant::now() < deadline, "it is not freed");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    #[test]
    fn a_missing_folder_is_a_fault_that_names_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let fault = acquire(&folder.path().join("gone")).unwrap_err();
        assert_eq!(fault.error.kind(), std::io::ErrorKind::NotFound);
        assert!(fault.to_string().contains("gone"), "{fault}");
    }
}
