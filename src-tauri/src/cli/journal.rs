//! The journal: its events as a feed, its verification, and files made of it.

use super::arguments::{FileFormat, JournalCommand};
use super::exit::Exit;
use super::{Session, stop};
use crate::premises;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::time::Duration;
use till_core::error::{Code, Refusal};
use till_core::words::Label;
use till_engine::day_head;
use till_engine::export::{Days, Format, export};
use till_engine::journal::{Flaw, Journal, Verification};
use till_engine::reading::{EventLine, FILE, Reading};
use till_engine::storage::{Storage, StorageFault};
use till_engine::till::{fault_of_file, fault_of_storage};

/// How often a follower looks for new events.
const LOOK: Duration = Duration::from_millis(200);

const WHOLE: Label = Label::new("账本完好。", "帳簿完好。", "The journal is whole.");
const EMPTY: Label = Label::new(
    "账本是空的：这里还没有收银台。",
    "帳簿是空的：這裏尚未有收銀台。",
    "The journal is empty: no till has begun here.",
);
const BROKEN: Label = Label::new("账本有问题：", "帳簿有問題：", "The journal is not as it was written:");
const NO_JOURNAL: Label = Label::new(
    "这不是账本，或者连文件开头都读不出来：",
    "這不是帳簿，或者連檔案開頭都無法讀取：",
    "This is not a journal, or not even its beginning can be read:",
);
const REBUILT: Label = Label::new("已重建的记录数：", "已重建的記錄數：", "Rows made anew:");
const UNREADABLE: Label = Label::new(
    "以下订单的记录已损坏，未能写入订单表；其余全部已导出：",
    "以下訂單的記錄已損壞，未能寫入訂單表；其餘全部已匯出：",
    "These orders are damaged and stand in no row of the orders; everything else was exported:",
);
const EXPORTED: Label = Label::new("已导出到", "已匯出至", "Exported to");

pub(super) async fn perform(session: &Session, command: JournalCommand) -> Result<Exit, Refusal> {
    match command {
        JournalCommand::List { after, follow } => list(session, after, follow).await,
        JournalCommand::Export { format, output, from, to } => {
            let format = match format {
                FileFormat::Csv => Format::Csv,
                FileFormat::Jsonl => Format::JsonLines,
            };
            let reading = session.reading().await?;
            let exported = export(&reading, &output, format, &Days { from, to }).await?;
            session.output.line(&exported, || format!("{} {}", session.output.words(EXPORTED), exported.folder));
            if exported.unreadable.is_empty() {
                return Ok(Exit::Done);
            }
            let numbers = exported.unreadable.join(" ");
            session.output.aside(&format!("{} {numbers}", session.output.words(UNREADABLE)));
            Ok(Exit::Journal)
        }
        JournalCommand::Verify { path } => verify(session, path).await,
        JournalCommand::Rebuild => {
            let rebuilt = premises::rebuild(&session.place).await?;
            session.output.line(&json!({ "rows": rebuilt.rows, "unreadable": rebuilt.unreadable }), || {
                format!("{} {}", session.output.words(REBUILT), rebuilt.rows)
            });
            Ok(Exit::Done)
        }
    }
}

async fn list(session: &Session, after: u64, follow: bool) -> Result<Exit, Refusal> {
    let folder = session.place.folder();
    let mut reading = session.reading().await?;
    let (mut seq, mut exit) = (after, Exit::Done);
    let asked = follow.then(stop::asked);
    loop {
        let page = reading.events(seq).await?;
        for event in &page {
            seq = event.seq;
            if event.fault.is_some() {
                exit = Exit::Journal;
            }
            if !session.output.line(event, || text(event)) {
                return Ok(exit);
            }
        }
        let Some(asked) = &asked else {
            if page.is_empty() {
                return Ok(exit);
            }
            continue;
        };
        if page.is_empty() {
            tokio::select! {
                () = stop::wait(asked.clone()) => return Ok(exit),
                () = tokio::time::sleep(LOOK) => {}
            }
            if reading.till_id().is_empty() {
                reading = Reading::open(&folder).await?;
            }
        }
    }
}

fn text(event: &EventLine) -> String {
    let kind = event.event.as_ref().and_then(|event| {
        let value: serde_json::Value = serde_json::from_str(event.get()).ok()?;
        Some(value.pointer("/event/type")?.as_str()?.to_owned())
    });
    let or_dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    let what = kind.or_else(|| event.fault.clone()).unwrap_or_default();
    let (at, actor, subject) = (or_dash(&event.at), or_dash(&event.actor), or_dash(&event.subject));
    format!("{:>6}  {at}  {actor}  {subject}  {what}", event.seq)
}

async fn verify(session: &Session, path: Option<PathBuf>) -> Result<Exit, Refusal> {
    let path = path.unwrap_or_else(|| session.place.folder());
    let path = if path.is_dir() { path.join(FILE) } else { path };
    if !path.is_file() {
        return Err(fault_of_file(path.display(), &std::io::ErrorKind::NotFound.into()));
    }
    let verification = verified(&path).await?;
    let begun = head(&path).await;
    let (ok, first_bad_seq, kind) = match &verification {
        Some(Verification { ok, first_bad_seq, kind }) => (*ok, *first_bad_seq, *kind),
        None => (false, None, Some(Flaw::FileDamaged)),
    };
    session.output.line(&json!({ "ok": ok, "first_bad_seq": first_bad_seq, "kind": kind }), || {
        if ok {
            return session.output.words(if begun == Some(0) { EMPTY } else { WHOLE }).to_owned();
        }
        if verification.is_none() {
            return format!("{} {}", session.output.words(NO_JOURNAL), path.display());
        }
        let kind = serde_json::to_value(kind).unwrap_or_default();
        let seq = first_bad_seq.map(|seq| format!(" #{seq}")).unwrap_or_default();
        format!("{} {}{seq}", session.output.words(BROKEN), kind.as_str().unwrap_or_default())
    });
    Ok(if ok { Exit::Done } else { Exit::Journal })
}

/// `None`: not even its beginning can be read as a journal.
async fn verified(path: &Path) -> Result<Option<Verification>, Refusal> {
    let owned = path.to_owned();
    let done = tokio::task::spawn_blocking(move || day_head::verify_all(&owned)).await;
    let done =
        done.map_err(|error| Refusal::of(Code::Unexpected).with("incident", till_engine::log::incident(&error)))?;
    match done {
        Ok(verification) => Ok(Some(verification)),
        Err(StorageFault::Damaged(_)) => Ok(None),
        Err(fault) => Err(fault_of_storage(&fault)),
    }
}

/// Position of the newest event, where it can be read.
async fn head(path: &Path) -> Option<u64> {
    let owned = path.to_owned();
    let opened = tokio::task::spawn_blocking(move || Journal::open_read_only(&owned)).await;
    let head = opened.ok()?.ok()?.head().await.ok()?;
    Some(head.map_or(0, |(seq, _)| seq))
}
