//! Which till, and where its folder is.

use crate::spoken::spoken;
use std::fs;
use std::io;
use std::net::{IpAddr, Ipv4Addr, UdpSocket};
use std::path::{Path, PathBuf};
use till_core::error::{Code, Refusal};
use till_core::words::{Label, Language};
use till_engine::settings::{self, Read};
use till_engine::till::{fault_of_file, fault_of_settings};

/// The variable that names the data folder.
const HOME: &str = "TILLKEEPER_HOME";

/// Training's folder inside the data folder.
const TRAINING: &str = "training";

/// What customers of training read.
const PRACTICE_SHOP: Label = Label::new("练习小店", "練習小店", "Practice shop");

/// An address of a documentation network (RFC 5737): connecting a datagram socket to it sends nothing.
const ELSEWHERE: (Ipv4Addr, u16) = (Ipv4Addr::new(192, 0, 2, 1), 9);

/// One till of this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Where {
    /// The data folder.
    pub(crate) data_dir: PathBuf,
    /// Its training till, which has a folder of its own.
    pub(crate) training: bool,
    /// The language that the command was asked to speak, if one was.
    pub(crate) language: Option<Language>,
}

impl Where {
    /// The till of `data_dir`, else of `TILLKEEPER_HOME`, else of the platform's folder for data.
    pub(crate) fn of(data_dir: Option<PathBuf>, training: bool, language: Option<Language>) -> Result<Self, Refusal> {
        let named = data_dir.or_else(|| std::env::var_os(HOME).filter(|home| !home.is_empty()).map(PathBuf::from));
        let platform = || directories::ProjectDirs::from("", "", "tillkeeper").map(|dirs| dirs.data_dir().to_owned());
        let data_dir = named.or_else(platform).ok_or_else(|| fault_of_file(HOME, &io::ErrorKind::NotFound.into()))?;
        // What is relative now must not depend on where another process stands.
        let data_dir = std::path::absolute(&data_dir).unwrap_or(data_dir);
        Ok(Self { data_dir, training, language })
    }

    /// The till's own folder.
    pub(crate) fn folder(&self) -> PathBuf {
        if self.training { self.data_dir.join(TRAINING) } else { self.data_dir.clone() }
    }

    /// Makes the folder, for its owner only.
    pub(super) fn prepare(&self) -> Result<PathBuf, Refusal> {
        let folder = self.folder();
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&folder).map_err(|error| fault_of(&folder, &error))?;
        Ok(folder)
    }

    /// The machine's settings for this till.
    pub(crate) fn read_settings(&self) -> Result<Read, Refusal> {
        let mut read = settings::read(&self.folder()).map_err(|fault| fault_of_settings(&fault))?;
        let names = ["", PRACTICE_SHOP.zh_cn, PRACTICE_SHOP.zh_hk, PRACTICE_SHOP.en];
        if self.training && names.contains(&read.settings.shop_name.as_str()) {
            let set = || read.settings.language.and_then(|language| Language::from_tag(language.word()));
            let language = self.language.or_else(set).unwrap_or_else(|| spoken(|name| std::env::var(name).ok()));
            PRACTICE_SHOP.in_language(language).clone_into(&mut read.settings.shop_name);
        }
        Ok(read)
    }
}

/// What the system said about the folder.
pub(super) fn fault_of(folder: &Path, error: &io::Error) -> Refusal {
    match error.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            Refusal::of(Code::FolderReadOnly).with("folder", folder.display())
        }
        _ => fault_of_file(folder.display(), error),
    }
}

/// The address from which this machine reaches others; its loopback address where it reaches none.
pub(super) fn outbound_address() -> String {
    let found = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).and_then(|socket| {
        socket.connect(ELSEWHERE)?;
        socket.local_addr()
    });
    found.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |address| address.ip()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn training_lives_in_a_folder_of_its_own_inside_the_data_folder() {
        let real = Where::of(Some("/somewhere".into()), false, None).unwrap();
        let training = Where::of(Some("/somewhere".into()), true, None).unwrap();
        assert_eq!(real.folder(), Path::new("/somewhere"));
        assert_eq!(training.folder(), Path::new("/somewhere/training"));
    }

    #[test]
    fn the_practice_shop_is_called_in_the_language_of_the_settings_whichever_name_of_it_they_hold() {
        let data = tempfile::tempdir().unwrap();
        let training = Where::of(Some(data.path().to_owned()), true, None).unwrap();
        let folder = training.prepare().unwrap();
        for (held, called) in [("练习小店", "Practice shop"), ("Corner", "Corner")] {
            fs::write(folder.join(settings::FILE), format!("shop_name = \"{held}\"\nlanguage = \"en\"\n")).unwrap();
            assert_eq!(training.read_settings().unwrap().settings.shop_name, called);
        }
    }
}
