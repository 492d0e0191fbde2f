//! Folders that a program keeps in step with other computers, by what such programs leave in them (see `docs/backup.md`).
//!
//! Each sign holds for the folder and everything below it. Names are compared without regard to case.

use std::fs;
use std::path::Path;

/// What tells that a folder is the root of a synchronised one.
enum Sign {
    /// The folder's own name.
    Name(&'static str),
    /// The beginning of the folder's own name.
    NameBegins(&'static str),
    /// The folder's name, in the folder in which macOS keeps all that its cloud programs mount.
    Mounted(&'static str),
    /// A file in it.
    File(&'static str),
    /// A file or a folder in it.
    Entry(&'static str),
    /// A file in it whose name begins and ends like this.
    FileLike(&'static str, &'static str),
}

use Sign::{Entry, File, FileLike, Mounted, Name, NameBegins};

const CLIENTS: &[(&str, &[Sign])] = &[
    // The home folder may hold a folder `.dropbox`, with the program's own settings: a file it must be.
    ("Dropbox", &[File(".dropbox"), Entry(".dropbox.cache"), Mounted("Dropbox")]),
    (
        "OneDrive",
        &[
            Entry(".849C9593-D756-4E56-8D6E-42412F2A707B"),
            Name("OneDrive"),
            NameBegins("OneDrive - "),
            Mounted("OneDrive"),
        ],
    ),
    ("iCloud Drive", &[Name("com~apple~CloudDocs"), Name("iCloudDrive"), Name("iCloud Drive")]),
    (
        "Nextcloud / ownCloud",
        &[FileLike(".sync_", ".db"), FileLike("._sync_", ".db"), File(".nextcloudsync.log"), File(".owncloudsync.log")],
    ),
    ("Syncthing", &[Entry(".stfolder")]),
    (
        "Google Drive",
        &[
            Entry(".tmp.drivedownload"),
            Entry(".tmp.driveupload"),
            Entry(".shortcut-targets-by-id"),
            Mounted("GoogleDrive"),
        ],
    ),
    ("百度网盘 Baidu Netdisk", &[Name("BaiduSyncdisk"), Name("百度云同步盘"), Name("百度网盘工作空间")]),
    ("坚果云 Nutstore", &[Name("我的坚果云"), Name("Nutstore Files"), Name("坚果云")]),
];

/// Who keeps `folder` in step, where that can be told.
#[must_use]
pub fn client_of(folder: &Path) -> Option<&'static str> {
    // Its own way there may lead through a link.
    let real = fs::canonicalize(folder).ok();
    let ways = [Some(folder), real.as_deref()];
    ways.into_iter().flatten().flat_map(Path::ancestors).find_map(client_at)
}

fn client_at(folder: &Path) -> Option<&'static str> {
    let name = folder.file_name().map(|name| name.to_string_lossy().to_lowercase());
    let mounts = folder.parent().is_some_and(|parent| parent.ends_with("Library/CloudStorage"));
    let shows = |sign: &Sign| match sign {
        Name(known) => name.as_ref().is_some_and(|name| *name == known.to_lowercase()),
        NameBegins(known) => name.as_ref().is_some_and(|name| name.starts_with(&known.to_lowercase())),
        Mounted(known) => mounts && name.as_ref().is_some_and(|name| name.starts_with(&known.to_lowercase())),
        File(known) => folder.join(known).is_file(),
        Entry(known) => folder.join(known).exists(),
        FileLike(begins, ends) => holds_like(folder, begins, ends),
    };
    CLIENTS.iter().find(|(_, signs)| signs.iter().any(shows)).map(|(client, _)| *client)
}

fn holds_like(folder: &Path, begins: &str, ends: &str) -> bool {
    let Ok(entries) = fs::read_dir(folder) else { return false };
    entries.flatten().any(|entry| {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        name.starts_with(begins) && name.ends_with(ends) && entry.path().is_file()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a program leaves, made by hand: a name that ends with a stroke is a folder.
    fn with(left: &str) -> (tempfile::TempDir, std::path::PathBuf) {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join(left);
        if left.ends_with('/') {
            fs::create_dir_all(&path).unwrap();
        } else {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, "").unwrap();
        }
        let below = root.path().join("shop/backups");
        fs::create_dir_all(&below).unwrap();
        (root, below)
    }

    #[test]
    fn what_each_client_leaves_in_a_folder_is_known_in_it_and_below_it() {
        for (left, client) in [
            (".dropbox", "Dropbox"),
            (".dropbox.cache/", "Dropbox"),
            (".849C9593-D756-4E56-8D6E-42412F2A707B", "OneDrive"),
            (".sync_0a1b2c3d4e5f.db", "Nextcloud / ownCloud"),
            ("._sync_0a1b2c3d4e5f.db", "Nextcloud / ownCloud"),
            (".nextcloudsync.log", "Nextcloud / ownCloud"),
            (".owncloudsync.log", "Nextcloud / ownCloud"),
            (".stfolder/", "Syncthing"),
            (".tmp.drivedownload/", "Google Drive"),
            (".tmp.driveupload/", "Google Drive"),
            (".shortcut-targets-by-id/", "Google Drive"),
        ] {
            let (root, below) = with(left);
            assert_eq!(client_of(root.path()), Some(client), "{left}");
            assert_eq!(client_of(&below), Some(client), "below {left}");
        }
        for (name, client) in [
            ("OneDrive", "OneDrive"),
            ("OneDrive - Some Shop", "OneDrive"),
            ("Library/Mobile Documents/com~apple~CloudDocs", "iCloud Drive"),
            ("iCloudDrive", "iCloud Drive"),
            ("Library/CloudStorage/GoogleDrive-shop@example.com", "Google Drive"),
            ("Library/CloudStorage/Dropbox", "Dropbox"),
            ("Library/CloudStorage/OneDrive-Personal", "OneDrive"),
            ("BaiduSyncdisk", "百度网盘 Baidu Netdisk"),
            ("我的坚果云", "坚果云 Nutstore"),
            ("Nutstore Files", "坚果云 Nutstore"),
        ] {
            let root = tempfile::tempdir().unwrap();
            let below = root.path().join(name).join("till");
            fs::create_dir_all(&below).unwrap();
            assert_eq!(client_of(&below), Some(client), "{name}");
        }
    }

    #[test]
    fn a_folder_beside_or_above_a_synchronised_one_and_a_programs_own_settings_are_nobodys() {
        let (root, below) = with(".dropbox/");
        assert_eq!(client_of(&below), None, "the program's settings stand in the home folder");
        fs::create_dir_all(root.path().join("synced/.stfolder")).unwrap();
        assert_eq!(client_of(root.path()), None);
        assert_eq!(client_of(&root.path().join("synced")), Some("Syncthing"));
        fs::write(root.path().join("sync_a.db"), "").unwrap();
        fs::create_dir_all(root.path().join("OneDriveX")).unwrap();
        assert_eq!(client_of(&root.path().join("OneDriveX")), None);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_into_a_synchronised_folder_is_followed() {
        let (root, below) = with(".stfolder/");
        let elsewhere = tempfile::tempdir().unwrap();
        let link = elsewhere.path().join("backups");
        std::os::unix::fs::symlink(&below, &link).unwrap();
        assert_eq!(client_of(&link), Some("Syncthing"));
        drop(root);
    }
}
