//! The one file in which the stage keeps its trades and its throw-away credentials.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::dingdang::KeptKeys;
use crate::ids::Ids;
use crate::pooul;
use crate::refund::Refund;
use crate::trade::Trade;
use crate::wallet::PaymentCode;

const FILE: &str = "sandbox.json";

/// Merchants by gateway, each by the fields that a till's account there holds.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Merchants(pub BTreeMap<String, BTreeMap<String, String>>);

impl Merchants {
    /// What the gateway's merchant is known by.
    pub(crate) fn field(&self, gateway: &str, field: &str) -> Option<String> {
        self.0.get(gateway)?.get(field).cloned()
    }
}

/// What a till knows of a stage whose file is gone.
#[derive(Clone, Debug, Default)]
pub struct Remembered {
    /// Its merchants.
    pub merchants: Merchants,
    /// The ports at which it listened, the last one last.
    pub ports: Vec<u16>,
}

/// What outlives a restart.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Kept {
    pub(crate) ids: Ids,
    /// The port of the last start: the links in the till's journal go on working if it is free.
    pub(crate) port: Option<u16>,
    /// Ports of starts before that, where another program had one meanwhile.
    #[serde(default)]
    pub(crate) former_ports: Vec<u16>,
    /// Merchants of a stage before this one, which it goes on as.
    #[serde(default)]
    pub(crate) merchants: Merchants,
    pub(crate) pooul: pooul::Credentials,
    pub(crate) next_sequence: u64,
    pub(crate) trades: BTreeMap<String, Trade>,
    /// Nothing until the first start of a stage that plays Dingdang.
    #[serde(default)]
    pub(crate) dingdang: Option<KeptKeys>,
    #[serde(default)]
    pub(crate) next_refund: u64,
    #[serde(default)]
    pub(crate) refunds: BTreeMap<String, Refund>,
    #[serde(default)]
    pub(crate) next_code: u64,
    #[serde(default)]
    pub(crate) codes: Vec<PaymentCode>,
    /// How many creates arrived per number, refused ones too.
    pub(crate) creates: BTreeMap<String, u64>,
}

impl Kept {
    /// It listens at `port` now.
    pub(crate) fn moved_to(&mut self, port: u16) {
        self.former_ports.extend(self.port.replace(port));
        self.former_ports.sort_unstable();
        self.former_ports.dedup();
        self.former_ports.retain(|former| *former != port);
    }

    /// A stage made anew goes on as the merchants that are remembered, with keys and trades of its own.
    pub(crate) fn new(ids: Ids, remembered: &Remembered) -> Self {
        let pooul = pooul::Credentials::drawn(&ids, &remembered.merchants);
        let mut kept = Self {
            ids,
            port: None,
            former_ports: Vec::new(),
            merchants: remembered.merchants.clone(),
            pooul,
            next_sequence: 1,
            trades: BTreeMap::new(),
            dingdang: None,
            next_refund: 1,
            refunds: BTreeMap::new(),
            next_code: 1,
            codes: Vec::new(),
            creates: BTreeMap::new(),
        };
        for port in &remembered.ports {
            kept.moved_to(*port);
        }
        kept
    }
}

/// The folder of the file.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    folder: PathBuf,
}

impl Store {
    /// Makes the folder if it is missing.
    pub(crate) fn open(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        Ok(Self { folder: folder.to_owned() })
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.join(FILE)
    }

    /// Nothing on the first start. A file that cannot be read is an error, never an empty stage.
    pub(crate) fn load(&self) -> io::Result<Option<Kept>> {
        match fs::read(self.path()) {
            Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes)?)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Replaces the file as a whole, so that a crash leaves the old or the new one.
    pub(crate) fn save(&self, bytes: &[u8]) -> io::Result<()> {
        let draft = self.folder.join(format!("{FILE}.new"));
        let mut file = create_private(&draft)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        drop(file);
        fs::rename(&draft, self.path())
    }
}

#[cfg(unix)]
fn create_private(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)
}

#[cfg(not(unix))]
fn create_private(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(true).open(path)
}
