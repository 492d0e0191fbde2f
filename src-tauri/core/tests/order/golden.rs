//! Files that are written by a test and read by people.

use std::path::PathBuf;

/// A file of the repository by its path from the root.
pub(crate) fn path(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "..", "..", name].iter().collect()
}

/// Whether golden files are to be written instead of compared.
pub(crate) fn updating() -> bool {
    std::env::var_os("UPDATE_GOLDEN").is_some()
}

/// Compares `text` with the file, or writes it with `UPDATE_GOLDEN=1`.
pub(crate) fn same(name: &str, text: &str) {
    let path = path(name);
    if updating() {
        std::fs::write(&path, text).expect("the golden file can be written");
    }
    let kept = std::fs::read_to_string(&path).expect("the golden file can be read");
    if let Some((line, (new, old))) = text.lines().zip(kept.lines()).enumerate().find(|(_, (new, old))| new != old) {
        panic!("{name}:{} differs; UPDATE_GOLDEN=1 writes it\n  is  {old}\n  new {new}", line + 1);
    }
    assert_eq!(text, kept, "{name} differs in length; UPDATE_GOLDEN=1 writes it");
}
