//! The journal: its events as a feed, its verification, and files made of it.

use super::arguments::{FileFormat, JournalCommand};
use super::exit::Exit;
use super::{Session, stop};
use crate::premises;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::time::Duration;
use till_core::error::{Code, Refusal};
use till_core::words::{Label, Language};
use till_engine::day_head;
use till_engine::export::{Days, Format, export};
use till_engine::journal::{Flaw, Journal, Verification};
use till_engine::reading::{EventLine, FILE, Reading};
use till_engine::storage::{Storage, StorageFault};
use till_engine::till::{fault_of_file, fault_of_storage};

/// How often a follower looks for new events.
const LOOK: Duration = Duration::from_millis(200);

const WHOLE: Label = Label::new("流水完好。", "流水完好。", "The journal is whole.");
const EMPTY: Label = Label::new(
    "流水是空的：这里还没有收银台。",
    "流水是空的：這裏尚未有收銀台。",
    "The journal is empty: no till has begun here.",
);
const BROKEN: Label = Label::new("流水有问题：", "流水有問題：", "The journal is not as it was written:");
const AT: Label = Label::new("（第 {seq} 条）", "（第 {seq} 項）", " (event {seq})");
const NOTHING_CHANGED: Label = Label::new(
    "核验没有改动任何记录。款项以网关的商户后台为准。",
    "核驗沒有改動任何記錄。款項以網關的商戶後台為準。",
    "Verifying changed nothing. For the money trust the gateway's back office.",
);
const KEEP_IT: Label = Label::new(
    "请先把整个数据文件夹复制到安全的地方，再导出记录：",
    "請先把整個資料夾複製到安全的地方，再匯出記錄：",
    "Copy the whole data folder to a safe place first, then export the records:",
);
const REBUILD_IT: Label = Label::new(
    "事件本身没有问题，由它们可以重建：",
    "事件本身沒有問題，由它們可以重建：",
    "The events themselves are whole; the rest can be made anew from them:",
);
const NO_JOURNAL: Label = Label::new(
    "这不是流水，或者连文件开头都读不出来：",
    "這不是流水，或者連檔案開頭都無法讀取：",
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
        let what = kind.map(|kind| session.output.words(meaning(kind))).unwrap_or_default();
        let at = first_bad_seq.map(|seq| session.output.words(AT).replace("{seq}", &seq.to_string()));
        let gap = if session.output.language == Language::En { " " } else { "" };
        format!("{}{gap}{what}{}", session.output.words(BROKEN), at.unwrap_or_default())
    });
    if !ok && !session.output.json {
        advise(session, kind);
    }
    Ok(if ok { Exit::Done } else { Exit::Journal })
}

/// What to do about a flaw.
fn advise(session: &Session, kind: Option<Flaw>) {
    let output = &session.output;
    output.note(NOTHING_CHANGED);
    let (next, command) = match kind {
        Some(Flaw::ProjectionDiffers) => (REBUILD_IT, "journal rebuild"),
        Some(_) | None => (KEEP_IT, "journal export --format csv --output FOLDER"),
    };
    output.aside(&format!("{}\n  {} {command}", output.words(next), output.called));
}

/// What a flaw is, for people.
const fn meaning(flaw: Flaw) -> Label {
    match flaw {
        Flaw::Unreadable => Label::new("有一条记录读不出来", "有一項記錄無法讀取", "an event cannot be read"),
        Flaw::Edited => Label::new("有一条记录被改过", "有一項記錄被改過", "an event was edited"),
        Flaw::Deleted => Label::new("少了一条记录", "缺少一項記錄", "an event is gone"),
        Flaw::Swapped => {
            Label::new("记录的次序或内容被调换", "記錄的次序或內容被調換", "an event stands in another's place")
        }
        Flaw::Inserted => Label::new(
            "多出一条不是收银台写的记录",
            "多出一項並非由收銀台寫入的記錄",
            "an event was not written by the till",
        ),
        Flaw::CutOff => Label::new("后面的记录被截掉", "其後的記錄被截去", "the events behind this one are gone"),
        Flaw::Rewritten => Label::new(
            "整段记录被重算，与已签名的日结不符",
            "整段記錄被重新計算，與已簽署的日結不符",
            "the chain was computed anew and contradicts a signed day head",
        ),
        Flaw::WrongSignature => {
            Label::new("一份日结的签名不对", "一份日結的簽署不正確", "the signature of a day head is wrong")
        }
        Flaw::AnswerDiffers => Label::new(
            "保存的平台原文与记录不符",
            "保存的平台原文與記錄不符",
            "a kept answer of the gateway is not the one that was recorded",
        ),
        Flaw::ProjectionDiffers => Label::new(
            "列表里的一行与记录不符",
            "列表內的一行與記錄不符",
            "a row of the lists is not what the events amount to",
        ),
        Flaw::SchemaDiffers => {
            Label::new("数据库的结构被改过", "資料庫的結構被改過", "the tables are not those that the program makes")
        }
        Flaw::FileDamaged => Label::new("文件已损坏", "檔案已損毀", "the file is damaged"),
    }
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
