//! Where the socket of a data folder lies.

use super::SocketFault;
use interprocess::local_socket::Name;
#[cfg(unix)]
use interprocess::local_socket::{GenericFilePath, ToFsName};
#[cfg(not(unix))]
use interprocess::local_socket::{GenericNamespaced, ToNsName};
use sha2::{Digest, Sha256};
use std::io;
use std::path::{Path, PathBuf};

/// Name of the socket.
#[cfg(unix)]
const FILE: &str = "socket";

/// The longest path that a socket can have, in bytes.
#[cfg(unix)]
const LONGEST: usize = if cfg!(target_os = "linux") { 107 } else { 103 };

/// One place where the socket may lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// The socket's path, or on Windows the pipe's name.
    pub(super) path: PathBuf,
    /// A folder made for it, that must be ours alone.
    apart: Option<PathBuf>,
}

/// The places for a data folder, the best first: in the folder itself, and where that does not do (the path is too
/// long, or the file system has no sockets) in a folder apart that is named after it.
#[cfg(unix)]
pub(super) fn places(folder: &Path) -> io::Result<Vec<Place>> {
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").filter(|runtime| !runtime.is_empty()).map(PathBuf::from);
    Ok(places_with(&folder.canonicalize()?, runtime))
}

#[cfg(unix)]
pub(super) fn places_with(folder: &Path, runtime: Option<PathBuf>) -> Vec<Place> {
    let name = name_of(folder);
    let user = rustix::process::geteuid().as_raw();
    let mut places = vec![Place { path: folder.join(FILE), apart: None }];
    let apart = runtime
        .map(|runtime| runtime.join(&name))
        .into_iter()
        .chain([Path::new("/tmp").join(format!("{name}-{user}"))]);
    places.extend(apart.map(|apart| Place { path: apart.join(FILE), apart: Some(apart) }));
    places.retain(|place| place.path.as_os_str().len() <= LONGEST);
    places
}

/// On Windows the pipe is named after the folder; the system's default lets only its creator and administrators write.
#[cfg(not(unix))]
pub(super) fn places(folder: &Path) -> io::Result<Vec<Place>> {
    Ok(vec![Place { path: name_of(&folder.canonicalize()?).into(), apart: None }])
}

fn name_of(folder: &Path) -> String {
    let hash = Sha256::digest(folder.as_os_str().as_encoded_bytes());
    let hash = data_encoding::HEXLOWER.encode(&hash);
    let short: String = hash.chars().take(16).collect();
    format!("tillkeeper-{short}")
}

impl Place {
    /// The name to listen on or to connect to.
    pub(super) fn name(&self) -> io::Result<Name<'_>> {
        #[cfg(unix)]
        return self.path.as_path().to_fs_name::<GenericFilePath>();
        #[cfg(not(unix))]
        return self.path.as_os_str().to_ns_name::<GenericNamespaced>();
    }

    pub(super) fn fault(&self, error: io::Error) -> SocketFault {
        SocketFault::System { path: self.path.clone(), error }
    }

    /// Makes the folder apart, where the place has one, and removes what a dead engine has left. Only for the holder of
    /// the data folder's lock: nobody else can then be listening there.
    #[cfg(unix)]
    pub(super) fn clear(&self) -> Result<(), SocketFault> {
        use std::os::unix::fs::{DirBuilderExt, FileTypeExt};
        if let Some(apart) = &self.apart {
            match std::fs::DirBuilder::new().mode(0o700).create(apart) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(self.fault(error)),
                _ => self.check()?,
            }
        }
        match std::fs::symlink_metadata(&self.path) {
            Ok(found) if found.file_type().is_socket() => {
                std::fs::remove_file(&self.path).map_err(|error| self.fault(error))
            }
            Ok(_) => Err(self.fault(io::Error::new(io::ErrorKind::AlreadyExists, "something else is in the way"))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(self.fault(error)),
        }
    }

    /// Pipes leave nothing behind.
    #[cfg(not(unix))]
    #[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "the same shape as on Unix")]
    pub(super) fn clear(&self) -> Result<(), SocketFault> {
        Ok(())
    }

    /// Whether the folder apart is a folder, ours, and closed to others. In `/tmp` anybody could have made it first.
    #[cfg(unix)]
    pub(super) fn check(&self) -> Result<(), SocketFault> {
        use std::os::unix::fs::MetadataExt;
        let Some(apart) = &self.apart else { return Ok(()) };
        let found = match std::fs::symlink_metadata(apart) {
            Ok(found) => found,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(SocketFault::NobodyListens),
            Err(error) => return Err(self.fault(error)),
        };
        let ours =
            found.is_dir() && found.uid() == rustix::process::geteuid().as_raw() && found.mode() & 0o777 == 0o700;
        if ours { Ok(()) } else { Err(SocketFault::Foreign(apart.clone())) }
    }

    /// There is no folder.
    #[cfg(not(unix))]
    #[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "the same shape as on Unix")]
    pub(super) fn check(&self) -> Result<(), SocketFault> {
        Ok(())
    }
}

/// Whether the other side of a connection runs as the same user. Where the system cannot tell, the socket's permissions
/// have to do.
pub(super) fn same_user(stream: &interprocess::local_socket::tokio::Stream) -> bool {
    #[cfg(unix)]
    {
        use interprocess::local_socket::traits::StreamCommon;
        match stream.peer_creds().map(|peer| peer.euid()) {
            Ok(Some(user)) => user == rustix::process::geteuid().as_raw(),
            Ok(None) => true,
            Err(_) => false,
        }
    }
    #[cfg(not(unix))]
    {
        let _ = stream;
        true
    }
}
