//! The folder of an export while it is written: under another name beside its place, and renamed once it is whole.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// A folder that is being written. Dropped before it is complete, it goes.
pub(super) struct Half {
    pub(super) folder: PathBuf,
    complete: bool,
}

impl Half {
    pub(super) fn begin(output: &Path) -> io::Result<Self> {
        let name = output.file_name().ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        let mut half = name.to_owned();
        half.push(format!(".{}.part", std::process::id()));
        let folder = beside(output).join(half);
        fs::create_dir(&folder)?;
        Ok(Self { folder, complete: false })
    }

    pub(super) fn complete(mut self, output: &Path) -> io::Result<()> {
        sync(&self.folder)?;
        fs::rename(&self.folder, output)?;
        self.complete = true;
        sync(beside(output))
    }
}

impl Drop for Half {
    fn drop(&mut self) {
        if !self.complete
            && let Err(error) = fs::remove_dir_all(&self.folder)
        {
            tracing::warn!(%error, "a half export could not be removed");
        }
    }
}

fn beside(output: &Path) -> &Path {
    output.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn sync(folder: &Path) -> io::Result<()> {
    // Windows gives no handle on a folder, and keeps names by itself.
    if cfg!(windows) { Ok(()) } else { File::open(folder)?.sync_all() }
}
