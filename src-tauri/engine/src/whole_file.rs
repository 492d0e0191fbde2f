//! Files that are replaced whole: a reader sees the old content or the new one, after any crash.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// Who may read a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Readers {
    /// As the user's mask says.
    AsUsual,
    /// The owner alone.
    Owner,
}

/// Replaces `path` by `bytes`: a new file beside it, synced, renamed over it, the folder synced. On an error the old
/// file is as it was. Callers see to it that one at a time writes.
pub(crate) fn replace(path: &Path, bytes: &[u8], readers: Readers) -> io::Result<()> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a file's path"));
    };
    let mut beside = name.to_owned();
    beside.push(".new");
    let beside = folder.join(beside);
    let done = write(&beside, bytes, readers).and_then(|()| fs::rename(&beside, path));
    if let Err(error) = done {
        // What was begun may be left, where even removing fails: it is never read and the next writing replaces it.
        let _left = fs::remove_file(&beside);
        return Err(error);
    }
    sync_folder(folder)
}

fn write(path: &Path, bytes: &[u8], readers: Readers) -> io::Result<()> {
    // A leftover could have other permissions or be a link: a new file it must be.
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if readers == Readers::Owner {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    #[cfg(not(unix))]
    let _ = readers;
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    File::open(folder)?.sync_all()
}

/// Elsewhere a folder cannot be opened for syncing; the rename itself is ordered by the file system.
#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}
