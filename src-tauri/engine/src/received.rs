//! When the last notification was accepted for each account, told on from run to run in a file of the till's folder.
//!
//! The journal does not say it: a notification that states no state makes the till ask, and leaves no event (ruling 16). It is for
//! people who wonder whether notifications come at all; nothing else goes by it, so that a file that is lost or broken is none.

use crate::whole_file::{self, Readers};
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

/// Name of the file in the data folder.
const FILE: &str = "received.json";

/// What the file says, UTC microseconds by account; nothing where there is none that can be read.
#[must_use]
pub fn read(folder: &Path) -> BTreeMap<String, i64> {
    let read = match fs::read(folder.join(FILE)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return BTreeMap::new(),
        Err(error) => Err(error),
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(io::Error::from),
    };
    read.unwrap_or_else(|error| {
        tracing::warn!(%error, "{FILE} cannot be read");
        BTreeMap::new()
    })
}

/// Replaces the file. One at a time may.
pub fn write(folder: &Path, accepted: &BTreeMap<String, i64>) -> io::Result<()> {
    whole_file::replace(&folder.join(FILE), &serde_json::to_vec(accepted)?, Readers::AsUsual)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_again_and_a_file_that_is_broken_is_none() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(read(folder.path()), BTreeMap::new());
        let accepted = BTreeMap::from([("main".to_owned(), 1_790_000_000_000_000), ("小店".to_owned(), 1)]);
        write(folder.path(), &accepted).unwrap();
        assert_eq!(read(folder.path()), accepted);
        fs::write(folder.path().join(FILE), "{\"main\":").unwrap();
        assert_eq!(read(folder.path()), BTreeMap::new());
    }
}
