//! Folders of a measurement: on the disk that the program itself lies on, or in memory, where a sync costs nothing.

use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// A folder on the disk.
pub fn on_disk() -> TempDir {
    let this = std::env::current_exe().expect("this program's path");
    folder_in(this.parent().expect("a folder"))
}

/// A folder in memory.
pub fn in_memory() -> TempDir {
    folder_in(Path::new("/dev/shm"))
}

/// Copies the files of a till that does not run.
pub fn copy(from: &Path, to: &Path) {
    let done = Command::new("cp").arg("-a").arg(from.join(".")).arg(to).status().expect("cp");
    assert!(done.success(), "{} cannot be copied", from.display());
}

fn folder_in(parent: &Path) -> TempDir {
    let made = tempfile::Builder::new().prefix("till-bench").tempdir_in(parent);
    made.unwrap_or_else(|error| panic!("no folder in {}: {error}", parent.display()))
}
