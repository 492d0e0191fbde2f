//! `settings.toml`: what belongs to the machine. No secret, no account, no operator.
//!
//! The file is the merchant's: comments, order and keys that this program does not know are kept. A file that cannot be
//! understood is never overwritten.

use crate::whole_file::{self, Readers};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use till_core::account::is_absolute_url;
use toml_edit::{Document, DocumentMut, Item, TableLike, Value, table};

/// The longest public address, in characters: with the longest path behind it a gateway's 255 are kept.
pub(crate) const PUBLIC_LIMIT: usize = 180;

/// Name of the file in the data folder.
pub const FILE: &str = "settings.toml";

/// Declares a setting with fixed words: the enum, and how it is read and written.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$more:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
        pub enum $name {
            $($(#[$more])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// Every word that may stand in the file.
            pub const WORDS: &'static [&'static str] = &[$($word),+];

            /// The word in the file.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }

        impl FromStr for $name {
            type Err = String;

            fn from_str(word: &str) -> Result<Self, String> {
                match word {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(format!("is none of {}", Self::WORDS.join(", "))),
                }
            }
        }
    };
}

words! {
    /// A language of the screens.
    Language {
        /// Chinese, simplified.
        Simplified = "zh-CN",
        /// Chinese, traditional, Hong Kong.
        Traditional = "zh-HK",
        /// English.
        English = "en",
    }
}

words! {
    /// Light or dark.
    Theme {
        /// As the system has it.
        System = "system",
        /// Light.
        Light = "light",
        /// Dark.
        Dark = "dark",
    }
}

words! {
    /// When the customer's window is shown.
    CustomerWindow {
        /// If there is a second monitor.
        Auto = "auto",
        /// At every launch.
        Always = "always",
        /// Only on demand.
        Never = "never",
    }
}

words! {
    /// How much is logged.
    LogLevel {
        /// Errors only.
        Error = "error",
        /// And warnings.
        Warn = "warn",
        /// And what happens.
        Info = "info",
        /// And how.
        Debug = "debug",
        /// Everything.
        Trace = "trace",
    }
}

/// The machine's settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Settings {
    /// The language; without one, the system's.
    pub language: Option<Language>,
    /// Light or dark.
    pub theme: Theme,
    /// The shop's name, as customers see it; may be empty.
    pub shop_name: String,
    /// This till's name; may be empty.
    pub till_name: String,
    /// When the customer's window is shown.
    pub customer_window: CustomerWindow,
    /// The terminal's address for gateways that want one; without it, the outbound address.
    pub spbill_create_ip: Option<IpAddr>,
    /// How much is logged.
    pub log_level: LogLevel,
    /// Where notifications come in.
    pub receiver: Receiver,
    /// The daily backup.
    pub backup: Backup,
    /// What the journal keeps.
    pub journal: Keeping,
    /// The practice till's customers.
    pub training: Training,
}

/// Where notifications come in: the table `receiver` of the file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
pub struct Receiver {
    /// The address to listen on; without it nothing is received.
    pub listen: Option<SocketAddr>,
    /// How gateways reach that address from outside, without a slash at its end; without it each account says where it is
    /// notified.
    pub public_address: Option<String>,
    /// The proxy whose `X-Forwarded-For` is believed.
    pub proxy: Option<IpAddr>,
}

/// The daily backup: the table `backup` of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Backup {
    /// The folder that it goes into, an absolute path; without one there is none.
    pub folder: Option<String>,
    /// How many days it is kept.
    pub keep: u32,
}

impl Default for Backup {
    fn default() -> Self {
        Self { folder: None, keep: 30 }
    }
}

/// What the journal keeps: the table `journal` of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
pub struct Keeping {
    /// After how many days the gateways' raw answers go; without it they stay.
    pub keep_raw_days: Option<u32>,
}

/// The practice till's customers: the table `training` of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
pub struct Training {
    /// This machine's address in the shop's network, where phones there reach the practice customer's page; without it only
    /// this machine does.
    pub phone_address: Option<IpAddr>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            language: None,
            theme: Theme::System,
            shop_name: String::new(),
            till_name: String::new(),
            customer_window: CustomerWindow::Auto,
            spbill_create_ip: None,
            log_level: LogLevel::Info,
            receiver: Receiver::default(),
            backup: Backup::default(),
            journal: Keeping::default(),
            training: Training::default(),
        }
    }
}

/// What a file says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Read {
    /// The settings, with defaults for what is not there.
    pub settings: Settings,
    /// Keys that this program does not know, in the order of the file. They are kept.
    pub unknown: Vec<String>,
}

/// Why settings were not read or not written. The file is as it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsFault {
    /// Not TOML.
    #[error("{file} line {line}: {reason}", file = path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// What is wrong there.
        reason: String,
    },
    /// A known key has a value that it cannot have.
    #[error("{file} line {line}: {key} {reason}", file = path.display())]
    Wrong {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// The key.
        key: &'static str,
        /// What is wrong with its value.
        reason: String,
    },
    /// No space left on the disk.
    #[error("the disk is full: {path} is unchanged", path = .0.display())]
    DiskFull(PathBuf),
    /// The disk or the system said no.
    #[error("{file}: {reason}", file = path.display())]
    Disk {
        /// The file.
        path: PathBuf,
        /// What it said.
        reason: String,
    },
}

/// Reads the settings of a data folder. A missing file is a file with no keys.
pub fn read(folder: &Path) -> Result<Read, SettingsFault> {
    let path = folder.join(FILE);
    let text = text(&path)?;
    let document = parse(&path, &text)?;
    understand(&path, &document)
}

/// Writes the settings of a data folder and leaves everything else in the file as it is. Refused, with the file
/// untouched, while the file cannot be understood. One at a time may write: the holder of the folder's lock.
pub fn write(folder: &Path, settings: &Settings) -> Result<(), SettingsFault> {
    let path = folder.join(FILE);
    let text = text(&path)?;
    let document = parse(&path, &text)?;
    let before = understand(&path, &document)?.settings;
    let mut document = document.into_mut();
    for (key, old, new) in changes(&before, settings) {
        if old != new {
            put(&mut document, key, new);
        }
    }
    let new = document.to_string();
    if new == text {
        return Ok(());
    }
    whole_file::replace(&path, new.as_bytes(), Readers::AsUsual).map_err(|error| disk(&path, &error))
}

fn text(path: &Path) -> Result<String, SettingsFault> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(disk(path, &error)),
    }
}

fn disk(path: &Path, error: &std::io::Error) -> SettingsFault {
    match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => SettingsFault::DiskFull(path.into()),
        _ => SettingsFault::Disk { path: path.into(), reason: error.to_string() },
    }
}

fn parse<'a>(path: &Path, text: &'a str) -> Result<Document<&'a str>, SettingsFault> {
    Document::parse(text).map_err(|error| SettingsFault::Unreadable {
        path: path.into(),
        line: line(text, error.span()),
        reason: error.message().lines().collect::<Vec<_>>().join("; "),
    })
}

/// The line, from 1, at which a span begins.
fn line(text: &str, span: Option<std::ops::Range<usize>>) -> usize {
    let start = span.map_or(0, |span| span.start);
    1 + text.bytes().take(start).filter(|&byte| byte == b'\n').count()
}

fn understand(path: &Path, document: &Document<&str>) -> Result<Read, SettingsFault> {
    let mut settings = Settings::default();
    let mut unknown = Vec::new();
    for (name, item) in document.as_table() {
        let wrong_at = |Bad { key, item, reason }: Bad<'_>| SettingsFault::Wrong {
            path: path.into(),
            line: line(document.raw(), item.span()),
            key,
            reason,
        };
        let wrong = |key, reason| wrong_at(Bad { key, item, reason });
        match name {
            "language" => settings.language = Some(word(item).map_err(|reason| wrong("language", reason))?),
            "theme" => settings.theme = word(item).map_err(|reason| wrong("theme", reason))?,
            "shop_name" => settings.shop_name = name_of(item).map_err(|reason| wrong("shop_name", reason))?,
            "till_name" => settings.till_name = name_of(item).map_err(|reason| wrong("till_name", reason))?,
            "customer_window" => {
                settings.customer_window = word(item).map_err(|reason| wrong("customer_window", reason))?;
            }
            "spbill_create_ip" => {
                settings.spbill_create_ip = Some(address(item).map_err(|reason| wrong("spbill_create_ip", reason))?);
            }
            "log_level" => settings.log_level = word(item).map_err(|reason| wrong("log_level", reason))?,
            "receiver" => {
                let (receiver, strange) = receiver(item).map_err(wrong_at)?;
                settings.receiver = receiver;
                unknown.extend(strange);
            }
            "backup" => {
                let (backup, strange) = backup(item).map_err(wrong_at)?;
                settings.backup = backup;
                unknown.extend(strange);
            }
            "journal" => {
                let (keeping, strange) = keeping(item).map_err(wrong_at)?;
                settings.journal = keeping;
                unknown.extend(strange);
            }
            "training" => {
                let (training, strange) = training(item).map_err(|(key, reason)| wrong(key, reason))?;
                settings.training = training;
                unknown.extend(strange);
            }
            other => unknown.push(other.to_owned()),
        }
    }
    Ok(Read { settings, unknown })
}

/// A value that its key cannot have.
struct Bad<'a> {
    key: &'static str,
    /// Where the value stands.
    item: &'a Item,
    reason: String,
}

/// A key's value as what it shall be.
fn read_as<'a, T>(
    key: &'static str,
    item: &'a Item,
    read: impl FnOnce(&'a Item) -> Result<T, String>,
) -> Result<T, Bad<'a>> {
    read(item).map_err(|reason| Bad { key, item, reason })
}

fn table_of(item: &Item) -> Result<&dyn TableLike, String> {
    item.as_table_like().ok_or_else(|| "is not a table".to_owned())
}

/// The receiver's table, and the keys in it that this program does not know.
fn receiver(item: &Item) -> Result<(Receiver, Vec<String>), Bad<'_>> {
    let mut receiver = Receiver::default();
    let mut unknown = Vec::new();
    for (name, item) in read_as("receiver", item, table_of)?.iter() {
        match name {
            "listen" => receiver.listen = Some(read_as("receiver.listen", item, listen)?),
            "public_address" => receiver.public_address = Some(read_as("receiver.public_address", item, public)?),
            "proxy" => receiver.proxy = Some(read_as("receiver.proxy", item, address)?),
            other => unknown.push(format!("receiver.{other}")),
        }
    }
    Ok((receiver, unknown))
}

/// The daily backup's table, and the keys in it that this program does not know.
fn backup(item: &Item) -> Result<(Backup, Vec<String>), Bad<'_>> {
    let (mut backup, mut unknown) = (Backup::default(), Vec::new());
    for (name, item) in read_as("backup", item, table_of)?.iter() {
        match name {
            "folder" => backup.folder = Some(read_as("backup.folder", item, folder)?),
            "keep" => backup.keep = read_as("backup.keep", item, days)?,
            other => unknown.push(format!("backup.{other}")),
        }
    }
    Ok((backup, unknown))
}

fn folder(item: &Item) -> Result<String, String> {
    backup_folder(string(item)?).ok_or_else(|| "is no complete path of a folder".to_owned())
}

/// A folder as the daily backup takes it: by its whole path.
#[must_use]
pub fn backup_folder(text: &str) -> Option<String> {
    let text = text.trim();
    (Path::new(text).is_absolute() && !text.chars().any(char::is_control)).then(|| text.to_owned())
}

/// What the journal keeps, and the keys in its table that this program does not know.
fn keeping(item: &Item) -> Result<(Keeping, Vec<String>), Bad<'_>> {
    let (mut keeping, mut unknown) = (Keeping::default(), Vec::new());
    for (name, item) in read_as("journal", item, table_of)?.iter() {
        match name {
            "keep_raw_days" => keeping.keep_raw_days = Some(read_as("journal.keep_raw_days", item, days)?),
            other => unknown.push(format!("journal.{other}")),
        }
    }
    Ok((keeping, unknown))
}

/// The practice till's customers, and the keys in their table that this program does not know.
fn training(item: &Item) -> Result<(Training, Vec<String>), (&'static str, String)> {
    let table = item.as_table_like().ok_or_else(|| ("training", "is not a table".to_owned()))?;
    let (mut training, mut unknown) = (Training::default(), Vec::new());
    for (name, item) in table.iter() {
        match name {
            "phone_address" => {
                let phone = address(item).map_err(|reason| ("training.phone_address", reason))?;
                training.phone_address = Some(phone);
            }
            other => unknown.push(format!("training.{other}")),
        }
    }
    Ok((training, unknown))
}

/// The most days that anything can be kept for: ten years.
pub const MOST_DAYS: u32 = 3_650;

/// A number of days.
fn days(item: &Item) -> Result<u32, String> {
    let days = item.as_integer().and_then(|days| u32::try_from(days).ok());
    days.filter(|days| (1..=MOST_DAYS).contains(days)).ok_or_else(|| format!("is no number from 1 to {MOST_DAYS}"))
}

fn listen(item: &Item) -> Result<SocketAddr, String> {
    string(item).and_then(|text| SocketAddr::from_str(text).map_err(|_| "is no IP address with a port".to_owned()))
}

/// How others reach this machine. The paths behind it must leave room within what a gateway takes.
fn public(item: &Item) -> Result<String, String> {
    public_address(string(item)?)
        .ok_or_else(|| format!("is no absolute address of at most {PUBLIC_LIMIT} characters, without ? and #"))
}

/// An address that gateways can be told, without a slash at its end; none if it cannot be one.
#[must_use]
pub fn public_address(text: &str) -> Option<String> {
    let text = text.trim_end_matches('/');
    let fits = is_absolute_url(text) && !text.contains(['?', '#']) && text.len() <= PUBLIC_LIMIT;
    fits.then(|| text.to_owned())
}

fn address(item: &Item) -> Result<IpAddr, String> {
    string(item).and_then(|text| IpAddr::from_str(text).map_err(|_| "is no IP address".to_owned()))
}

fn string(item: &Item) -> Result<&str, String> {
    item.as_str().ok_or_else(|| "is not a text in quotes".to_owned())
}

fn word<W: FromStr<Err = String>>(item: &Item) -> Result<W, String> {
    string(item)?.parse()
}

/// A name for people: one line.
fn name_of(item: &Item) -> Result<String, String> {
    let text = string(item)?;
    if text.chars().any(char::is_control) {
        return Err("holds a line break or another control character".to_owned());
    }
    Ok(text.to_owned())
}

/// What stands behind a key.
#[derive(Debug, PartialEq, Eq)]
enum Written {
    Text(String),
    Number(u32),
}

/// Every key that this program writes, with what stands behind it and what shall; `None` where the key is not to be in the file. A
/// dot stands between a table and its key.
fn changes(old: &Settings, new: &Settings) -> Vec<(&'static str, Option<Written>, Option<Written>)> {
    let texts = texts(old, new).into_iter();
    let texts = texts.map(|(key, old, new)| (key, old.map(Written::Text), new.map(Written::Text)));
    texts
        .chain(numbers(old, new).map(|(key, old, new)| (key, old.map(Written::Number), new.map(Written::Number))))
        .collect()
}

fn numbers(old: &Settings, new: &Settings) -> [(&'static str, Option<u32>, Option<u32>); 2] {
    let both = |key, of: fn(&Settings) -> Option<u32>| (key, of(old), of(new));
    [
        both("backup.keep", |settings| Some(settings.backup.keep)),
        both("journal.keep_raw_days", |settings| settings.journal.keep_raw_days),
    ]
}

fn texts(old: &Settings, new: &Settings) -> [(&'static str, Option<String>, Option<String>); 12] {
    let both = |key, of: fn(&Settings) -> Option<String>| (key, of(old), of(new));
    [
        both("language", |settings| settings.language.map(|language| language.word().to_owned())),
        both("theme", |settings| Some(settings.theme.word().to_owned())),
        both("shop_name", |settings| Some(settings.shop_name.clone())),
        both("till_name", |settings| Some(settings.till_name.clone())),
        both("customer_window", |settings| Some(settings.customer_window.word().to_owned())),
        both("spbill_create_ip", |settings| settings.spbill_create_ip.map(|address| address.to_string())),
        both("log_level", |settings| Some(settings.log_level.word().to_owned())),
        both("receiver.listen", |settings| settings.receiver.listen.map(|listen| listen.to_string())),
        both("receiver.public_address", |settings| settings.receiver.public_address.clone()),
        both("receiver.proxy", |settings| settings.receiver.proxy.map(|proxy| proxy.to_string())),
        both("backup.folder", |settings| settings.backup.folder.clone()),
        both("training.phone_address", |settings| settings.training.phone_address.map(|address| address.to_string())),
    ]
}

fn put(document: &mut DocumentMut, key: &str, written: Option<Written>) {
    let (table, key): (&mut dyn TableLike, &str) = match key.split_once('.') {
        None => (document.as_table_mut(), key),
        Some((name, key)) => {
            // Understood before, so it is a table if it is there.
            let Some(table) = document.entry(name).or_insert_with(table).as_table_like_mut() else { return };
            (table, key)
        }
    };
    let Some(written) = written else {
        table.remove(key);
        return;
    };
    let mut value = match written {
        Written::Text(text) => Value::from(text),
        Written::Number(number) => Value::from(i64::from(number)),
    };
    match table.get_mut(key).and_then(Item::as_value_mut) {
        // What stands before and behind the value is the merchant's comment.
        Some(old) => {
            *value.decor_mut() = old.decor().clone();
            *old = value;
        }
        None => {
            table.insert(key, Item::Value(value));
        }
    }
}

#[cfg(test)]
mod tests;
