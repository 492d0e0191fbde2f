//! Folders of a measurement: on the disk that the program itself lies on, or in memory, where a sync costs nothing.

use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// The variable that says where on the disk.
pub const DISK: &str = "TILL_BENCH_DISK";
/// The variable that says where in memory.
pub const MEMORY: &str = "TILL_BENCH_MEMORY";

/// A folder on the disk: where [`DISK`] says, else beside this program.
pub fn on_disk() -> TempDir {
    let this = std::env::current_exe().expect("this program's path");
    let beside = this.parent().expect("a folder").to_owned();
    folder_in(&std::env::var_os(DISK).map_or(beside, PathBuf::from))
}

/// A folder in memory: where [`MEMORY`] says, else at the system's place for it.
pub fn in_memory() -> TempDir {
    folder_in(&std::env::var_os(MEMORY).map_or_else(|| PathBuf::from("/dev/shm"), PathBuf::from))
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
