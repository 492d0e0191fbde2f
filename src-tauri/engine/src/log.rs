//! The log in `<data-dir>/logs/`: plain lines, one file a day, bounded in number and size, without secrets.
//!
//! Code does not hand secrets to the log in the first place. Behind that stands this layer: a field whose name says that
//! it could be one is written without its value, wherever it comes from.

mod files;

use crate::settings::LogLevel;
use data_encoding::{Encoding, Specification};
use files::Files;
use std::error::Error;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use tracing::field::Field;
use tracing::level_filters::LevelFilter;
use tracing::{Dispatch, dispatcher};
use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::field::MakeExt;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::format::{Writer, debug_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::reload;

/// Name of the folder in the data folder.
pub const FOLDER: &str = "logs";

/// How many files are kept.
const KEEP: usize = 14;

/// The size in bytes at which a file is followed by the next, within a day too.
const SIZE: u64 = 8 << 20;

/// How many lines wait for the disk at most; beyond, the newest are dropped rather than the till held up.
const WAITING: usize = 8_192;

/// Our crates, which log at the level of the settings. All others do from warnings up: what they say below could hold
/// bodies of calls.
const OURS: [&str; 4] = ["till_core", "till_engine", "till_sandbox", "tillkeeper"];

/// Keeps the log alive; what still waits is written when it is dropped.
#[must_use = "without its guard the log ends at once"]
pub struct LogGuard {
    _worker: WorkerGuard,
    filter: Box<dyn Fn(Targets) + Send + Sync>,
}

impl LogGuard {
    /// From now on lines of this level and above are written.
    pub fn set_level(&self, level: LogLevel) {
        (self.filter)(targets(level));
    }
}

impl fmt::Debug for LogGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LogGuard")
    }
}

/// There will be no log. The till works without one.
#[derive(Debug, thiserror::Error)]
pub enum LogFault {
    /// The folder or its newest file cannot be written.
    #[error("the log in {folder} cannot be written: {error}")]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// This process has a log already.
    #[error("this process has a log already")]
    Twice,
}

/// Starts the log of this process. Call it once, early.
pub fn start(data_folder: &Path, level: LogLevel) -> Result<LogGuard, LogFault> {
    let (dispatch, guard) = dispatch(data_folder, level)?;
    dispatcher::set_global_default(dispatch).map_err(|_| LogFault::Twice)?;
    Ok(guard)
}

/// The log as a subscriber, for a part of a process.
pub fn dispatch(data_folder: &Path, level: LogLevel) -> Result<(Dispatch, LogGuard), LogFault> {
    let folder = data_folder.join(FOLDER);
    let files = Files::open(&folder, KEEP, SIZE, today).map_err(|error| LogFault::Folder { folder, error })?;
    let (writer, worker) =
        NonBlockingBuilder::default().buffered_lines_limit(WAITING).thread_name("till-log").finish(files);
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(writer)
        .with_ansi(false)
        .fmt_fields(debug_fn(write_field).delimited(" "));
    let (filter, handle) = reload::Layer::new(targets(level));
    let subscriber = tracing_subscriber::registry().with(lines).with(filter);
    let filter = Box::new(move |targets| {
        if let Err(error) = handle.reload(targets) {
            tracing::warn!(%error, "the log keeps its level");
        }
    });
    Ok((Dispatch::new(subscriber), LogGuard { _worker: worker, filter }))
}

fn targets(level: LogLevel) -> Targets {
    let ours = match level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    };
    Targets::new().with_default(ours.min(LevelFilter::WARN)).with_targets(OURS.map(|target| (target, ours)))
}

/// The local day, `YYYY-MM-DD`.
fn today() -> String {
    jiff::Zoned::now().date().to_string()
}

/// Writes one field, on one line whatever it holds.
fn write_field(writer: &mut Writer<'_>, field: &Field, value: &dyn fmt::Debug) -> fmt::Result {
    let name = field.name();
    if could_be_secret(name) {
        return write!(writer, "{name}=[removed]");
    }
    if name != "message" {
        write!(writer, "{name}=")?;
    }
    for character in format!("{value:?}").chars() {
        if character.is_control() {
            write!(writer, "{}", character.escape_default())?;
        } else {
            writer.write_char(character)?;
        }
    }
    Ok(())
}

/// Words that, as a part of a field's name, forbid its value.
const SECRET_WORDS: [&str; 8] = ["key", "sign", "signature", "secret", "pin", "password", "pepper", "token"];

/// Names that, as the end of a field's name, forbid its value.
const SECRET_NAMES: [&str; 2] = ["auth_code", "payment_code"];

fn could_be_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SECRET_NAMES.iter().any(|secret| name.ends_with(secret))
        || name.split(|character: char| !character.is_ascii_alphanumeric()).any(|word| SECRET_WORDS.contains(&word))
}

/// Logs an error that nobody foresaw, with all its causes, under a number of six characters that a screen can show and
/// a person can find in the log. The error's text must be fit for a log.
#[must_use]
pub fn incident(error: &(dyn Error + 'static)) -> String {
    let number = number();
    let causes = std::iter::successors(Some(error), |cause| <dyn Error>::source(*cause));
    let story = causes.map(ToString::to_string).collect::<Vec<_>>().join(": ");
    tracing::error!(target: "till_engine", incident = %number, "unexpected: {story}");
    number
}

/// Six characters of Crockford's base32. Random, or where no random bytes can be had, of the clock: it is only a name.
fn number() -> String {
    let bits = getrandom::u32().unwrap_or_else(|_| {
        let since = std::time::SystemTime::now().duration_since(std::time::SystemTime::UNIX_EPOCH).unwrap_or_default();
        since.subsec_nanos()
    });
    let text = CROCKFORD.as_ref().map_or_else(|| format!("{bits:08X}"), |base32| base32.encode(&bits.to_be_bytes()));
    text.chars().take(6).collect()
}

static CROCKFORD: LazyLock<Option<Encoding>> = LazyLock::new(|| {
    let mut specification = Specification::new();
    specification.symbols.push_str("0123456789ABCDEFGHJKMNPQRSTVWXYZ");
    specification.encoding().ok()
});

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    /// What `act` leaves in the log.
    fn logged(level: LogLevel, act: impl FnOnce()) -> String {
        let folder = tempfile::tempdir().unwrap();
        let (dispatch, guard) = dispatch(folder.path(), level).unwrap();
        dispatcher::with_default(&dispatch, act);
        drop(dispatch);
        drop(guard);
        written(folder.path())
    }

    /// All that stands in the log of a folder.
    fn written(folder: &Path) -> String {
        let files = fs::read_dir(folder.join(FOLDER)).unwrap();
        files.map(|file| fs::read_to_string(file.unwrap().path()).unwrap()).collect()
    }

    #[test]
    fn fields_that_could_be_secrets_are_named_but_not_printed_in_events_and_in_spans() {
        let text = logged(LogLevel::Trace, || {
            let span = tracing::error_span!(target: "till_engine", "asking", agent_key = "MARKED", order = "TK1");
            let _in = span.enter();
            tracing::error!(
                target: "till_engine",
                key = "MARKED", sign = "MARKED", secret = "MARKED", pin = 4711, auth_code = "MARKED",
                payment_code = "MARKED", account.key = %"MARKED", refund_password = ?"MARKED", PIN = "4711",
                micro.auth_code = "MARKED", monkey = "shown", signal = "shown", code = 7,
                "asked"
            );
        });
        assert!(!text.contains("MARKED") && !text.contains("4711"), "{text}");
        for part in [
            "key=[removed]",
            "pin=[removed]",
            "agent_key=[removed]",
            "account.key=[removed]",
            "order=\"TK1\"",
            "monkey=\"shown\"",
            "signal=\"shown\"",
            "code=7",
            "asked",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }

    #[test]
    fn a_field_recorded_later_is_held_back_too() {
        let text = logged(LogLevel::Info, || {
            let span = tracing::info_span!(target: "till_engine", "call", secret = tracing::field::Empty);
            span.record("secret", "MARKED");
            let _in = span.enter();
            tracing::info!(target: "till_engine", "called");
        });
        assert!(!text.contains("MARKED"), "{text}");
        assert!(text.contains("secret=[removed]"), "{text}");
    }

    #[test]
    fn line_breaks_in_what_others_said_cannot_forge_a_line() {
        let text = logged(LogLevel::Info, || {
            tracing::info!(target: "till_engine", said = %"a\nb\u{1b}[2J", "one\ntwo");
        });
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(text.contains("one\\ntwo") && text.contains("a\\nb\\u{1b}[2J"), "{text}");
    }

    #[test]
    fn ours_follow_the_level_and_others_are_heard_from_warnings_up() {
        let say = || {
            tracing::debug!(target: "till_core", "ours low");
            tracing::info!(target: "till_engine::poller", "ours");
            tracing::warn!(target: "hyper", "theirs");
            tracing::info!(target: "hyper", "theirs low");
        };
        let debug = logged(LogLevel::Debug, say);
        assert!(debug.contains("ours low") && debug.contains("theirs") && !debug.contains("theirs low"), "{debug}");
        let info = logged(LogLevel::Info, say);
        assert!(info.contains("ours") && !info.contains("ours low"), "{info}");
        assert_eq!(logged(LogLevel::Error, say), "");
    }

    #[test]
    fn another_level_takes_effect_from_the_next_line_on_in_both_directions() {
        let folder = tempfile::tempdir().unwrap();
        let (dispatch, guard) = dispatch(folder.path(), LogLevel::Error).unwrap();
        dispatcher::with_default(&dispatch, || {
            let say = |when: &str| {
                tracing::trace!(target: "till_engine", "ours low {when}");
                tracing::error!(target: "till_engine", "ours {when}");
                tracing::info!(target: "hyper", "theirs {when}");
            };
            say("before");
            guard.set_level(LogLevel::Trace);
            say("while tracing");
            guard.set_level(LogLevel::Warn);
            say("afterwards");
        });
        drop(dispatch);
        drop(guard);
        let text = written(folder.path());
        assert_eq!(text.matches("ours low").count(), 1, "{text}");
        assert!(text.contains("ours low while tracing"), "{text}");
        for when in ["before", "while tracing", "afterwards"] {
            assert!(text.contains(&format!("ours {when}")), "{text}");
        }
        assert!(!text.contains("theirs"), "what others say low could hold bodies of calls: {text}");
    }

    #[test]
    fn an_incident_is_found_in_the_log_by_its_number_with_all_causes() {
        #[derive(Debug, thiserror::Error)]
        #[error("the drawer is stuck")]
        struct Stuck(#[source] std::io::Error);
        let mut number = String::new();
        let text = logged(LogLevel::Error, || number = incident(&Stuck(std::io::Error::other("no oil"))));
        assert!(text.contains(&format!("incident={number}")), "{text}");
        assert!(text.contains("the drawer is stuck: no oil"), "{text}");
    }

    #[test]
    fn incidents_have_six_characters_that_cannot_be_misread_and_differ() {
        let numbers: std::collections::HashSet<String> = (0..200).map(|_| number()).collect();
        assert!(numbers.len() > 195);
        for number in numbers {
            assert_eq!(number.len(), 6);
            assert!(number.chars().all(|c| c.is_ascii_digit() || c.is_ascii_uppercase()), "{number}");
            assert!(!number.contains(['I', 'L', 'O', 'U']), "{number}");
        }
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_said() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(FOLDER), "in the way").unwrap();
        let fault = dispatch(folder.path(), LogLevel::Info).unwrap_err();
        assert!(matches!(fault, LogFault::Folder { .. }), "{fault}");
    }
}
