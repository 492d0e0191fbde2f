//! An export: its progress while it runs, and being told to give it up.

use super::arguments::FileFormat;
use super::exit::Exit;
use super::verify::MADE_OF_BROKEN;
use super::{Session, flaw, stop};
use crate::premises;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;
use std::time::Duration;
use till_core::error::Refusal;
use till_core::foreign::one_line;
use till_core::words::Label;
use till_engine::export::{Choice, Exported, Format, Found, Progress, export};
use till_engine::reading::{FILE, Reading};
use till_engine::seal::{NoSeal, Seal};
use till_engine::till::{fault_of_file, fault_of_keyring};

/// How often progress is shown.
const SHOWN: Duration = Duration::from_millis(200);

const UNREADABLE: Label = Label::new(
    "以下订单的记录已损坏，未能写入订单表；其余全部已导出：",
    "以下訂單的記錄已損壞，未能寫入訂單表；其餘全部已匯出：",
    "These orders are damaged and stand in no row of the orders; everything else was exported:",
);
const UNSIGNED: Label = Label::new(
    "没有签名：密钥环里取不到收银台的密钥。",
    "沒有簽署：無法從密鑰圈取得收銀台的密鑰。",
    "Not signed: the till's key could not be had from the keyring.",
);
const KEY_GONE: Label = Label::new("密钥环里没有它。", "密鑰圈內沒有它。", "The keyring does not hold it.");
const KEY_OF_ANOTHER: Label = Label::new(
    "密钥环里的不是流水所说的那一把。",
    "密鑰圈內的並非流水所說的那一個。",
    "The one that the keyring holds is not the one that the journal names.",
);
const KEY_UNUSABLE: Label = Label::new(
    "密钥环里存的不是可用的密钥。",
    "密鑰圈內儲存的並非可用的密鑰。",
    "What the keyring holds in its place is no key that can be used.",
);
const EXPORTED: Label = Label::new("已导出到", "已匯出至", "Exported to");
const SO_FAR: Label = Label::new(
    "正在导出：{done} / {of}（Ctrl-C 取消）",
    "正在匯出：{done} / {of}（Ctrl-C 取消）",
    "Exporting: {done} of {of} (Ctrl-C cancels)",
);

pub(super) async fn perform(
    session: &Session,
    format: FileFormat,
    output: &Path,
    choice: &Choice,
) -> Result<Exit, Refusal> {
    let format = match format {
        FileFormat::Csv => Format::Csv,
        FileFormat::Xlsx => Format::Xlsx,
        FileFormat::Jsonl => Format::JsonLines,
    };
    let folder = session.place.folder();
    let reading = Reading::open(&folder).await?;
    // A folder whose name is mistyped is not a shop that sold nothing.
    if !reading.is_there() {
        return Err(fault_of_file(folder.join(FILE).display(), &io::ErrorKind::NotFound.into()));
    }
    let seal = seal(session, &reading).await;
    let program = (env!("CARGO_PKG_VERSION"), seal.as_ref().ok().and_then(Option::as_ref));
    let progress = Progress::default();
    let writing = Box::pin(export(&reading, output, (format, choice), program, &progress));
    let exported = watched(session, writing, &progress).await?;
    if let Err(fault) = &seal {
        say_unsigned(session, fault);
    }
    session.output.line(&exported, || format!("{} {}", session.output.words(EXPORTED), exported.folder));
    if !exported.unreadable.is_empty() {
        let numbers = one_line(&exported.unreadable.join(" "));
        session.output.aside(&format!("{} {numbers}", session.output.words(UNREADABLE)));
    }
    if let Some(Found { kind, first_bad_seq }) = exported.found {
        session.output.aside(&flaw::sentence(MADE_OF_BROKEN, kind, first_bad_seq, session.output.language));
    }
    let is_whole = exported.unreadable.is_empty() && exported.found.is_none();
    Ok(if is_whole { Exit::Done } else { Exit::Journal })
}

/// Shows how far it has come where somebody looks, and cancels it when it is told to end.
async fn watched(
    session: &Session,
    writing: impl Future<Output = Result<Exported, Refusal>>,
    progress: &Progress,
) -> Result<Exported, Refusal> {
    let looked_at = io::stderr().is_terminal();
    let asked = stop::asked();
    let mut writing = std::pin::pin!(writing);
    let mut told = false;
    let ended = loop {
        tokio::select! {
            ended = &mut writing => break ended,
            () = stop::wait(asked.clone()), if !told => {
                told = true;
                progress.cancel();
            }
            () = tokio::time::sleep(SHOWN), if looked_at => show(session, progress),
        }
    };
    if looked_at {
        wipe();
    }
    ended
}

fn show(session: &Session, progress: &Progress) {
    let (done, of) = progress.so_far();
    if of > 0 {
        let words = session.output.words(SO_FAR).replace("{done}", &done.to_string()).replace("{of}", &of.to_string());
        // Nobody is told less because a line of progress could not be written.
        let _ = write!(io::stderr().lock(), "\r\x1b[K{words}");
    }
}

fn wipe() {
    let _ = write!(io::stderr().lock(), "\r\x1b[K");
}

/// The till's key, where there is a till; without it what is handed out is not signed.
pub(super) async fn seal(session: &Session, reading: &Reading) -> Result<Option<Seal>, NoSeal> {
    if reading.till_id().is_empty() {
        return Ok(None);
    }
    premises::seal(&session.place, reading).await.map(Some)
}

/// Tells people why what was written is not signed. The system's own words are for whoever reads the log.
pub(super) fn say_unsigned(session: &Session, fault: &NoSeal) {
    let output = &session.output;
    output.note(UNSIGNED);
    let why = match fault {
        // What it means for selling is no matter of who hands something out.
        NoSeal::Keyring(fault) => return output.aside(&fault_of_keyring(fault).sentence(output.language).what),
        NoSeal::Gone => KEY_GONE,
        NoSeal::AnotherTill => KEY_OF_ANOTHER,
        NoSeal::Unusable(_) => KEY_UNUSABLE,
    };
    tracing::warn!("{fault}");
    output.note(why);
}
