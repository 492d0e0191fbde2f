//! What a verification says: of a journal, or of an export.

use super::exit::Exit;
use super::{Session, bundle};
use serde_json::json;
use std::path::{Path, PathBuf};
use till_core::error::{Code, Refusal};
use till_core::foreign::one_line;
use till_core::words::{Label, Language};
use till_engine::bundle::is_bundle;
use till_engine::day_head;
use till_engine::export::{Checked, Difference, check, is_export};
use till_engine::journal::{Flaw, Journal, Verification};
use till_engine::reading::FILE;
use till_engine::storage::{Storage, StorageFault};
use till_engine::till::{fault_of_file, fault_of_storage};

const WHOLE: Label = Label::new("流水完好。", "流水完好。", "The journal is whole.");
const EMPTY: Label = Label::new(
    "流水是空的：这里还没有收银台。",
    "流水是空的：這裏尚未有收銀台。",
    "The journal is empty: no till has begun here.",
);
const BROKEN: Label = Label::new("流水有问题：", "流水有問題：", "The journal has a fault:");
pub(super) const AT: Label = Label::new("（第 {seq} 条）", "（第 {seq} 項）", " (event {seq})");
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
const KEEP_OR_RESTORE: Label = Label::new(
    "请先把整个数据文件夹复制到安全的地方，再导出记录，或用备份恢复：",
    "請先把整個資料夾複製到安全的地方，再匯出記錄，或以備份還原：",
    "Copy the whole data folder to a safe place first, then export the records, or put a backup in the journal's place:",
);
const EXPORT: &str = "journal export --format csv --output FOLDER";
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
const EXPORT_WHOLE: Label =
    Label::new("这份导出完好，签名相符。", "這份匯出完好，簽署相符。", "The export is whole, and signed.");
const EXPORT_UNSIGNED: Label = Label::new(
    "这份导出前后一致，但没有签名：谁都可能整份重写过。",
    "這份匯出前後一致，但沒有簽署：任何人都可能整份重寫過。",
    "The export agrees with itself, but is not signed: anybody may have written it anew.",
);
const PART_SIGNED: Label = Label::new(
    "这只是流水的一部分：所选的有没有少，只由签名担保。",
    "這只是流水的一部分：所選的有沒有缺少，只由簽署擔保。",
    "It is a part of the journal: that nothing which belongs to that part is missing, the signature alone vouches for.",
);
const PART_UNSIGNED: Label = Label::new(
    "这只是流水的一部分：所选的有没有少，从它本身看不出来。",
    "這只是流水的一部分：所選的有沒有缺少，從它本身看不出來。",
    "It is a part of the journal: whether something which belongs to that part is missing cannot be told from it.",
);
const EXPORT_BROKEN: Label = Label::new("这份导出有问题：", "這份匯出有問題：", "The export is not as it was written:");
pub(super) const KEY: Label = Label::new(
    "收银台的公钥，与流水第一条里的核对（tillkeeper journal list --json 的第一行）：",
    "收銀台的公鑰，與流水第一項內的核對（tillkeeper journal list --json 的第一行）：",
    "The till's public key; compare it with the one in the first event of its journal (the first line of `tillkeeper journal list --json`):",
);

pub(super) async fn perform(session: &Session, path: Option<PathBuf>) -> Result<Exit, Refusal> {
    let path = path.unwrap_or_else(|| session.place.folder());
    if is_export(&path) {
        return of_export(session, path).await;
    }
    if is_bundle(&path) {
        return bundle::verify(session, path).await;
    }
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
        match verification {
            Some(_) => advise(session, kind, &path),
            None => advise_without_journal(session, &path),
        }
    }
    Ok(if ok { Exit::Done } else { Exit::Journal })
}

/// What to do about a flaw.
fn advise(session: &Session, kind: Option<Flaw>, path: &Path) {
    let output = &session.output;
    output.note(NOTHING_CHANGED);
    let (next, commands): (Label, &[&str]) = match kind {
        Some(Flaw::ProjectionDiffers) => (REBUILD_IT, &["journal rebuild"]),
        // What is wrong with another file is no reason to put anything in the journal's place.
        Some(Flaw::SchemaDiffers | Flaw::FileDamaged) if path == session.place.folder().join(FILE) => {
            (KEEP_OR_RESTORE, &[EXPORT, "journal restore FILE"])
        }
        Some(_) | None => (KEEP_IT, &[EXPORT]),
    };
    output.note(next);
    for command in commands {
        output.aside(&format!("  {} {command}", output.called));
    }
}

/// What to do where there is no journal to go by: nothing can be exported from it.
fn advise_without_journal(session: &Session, path: &Path) {
    session.output.note(NOTHING_CHANGED);
    if path == session.place.folder().join(FILE) {
        let unopenable = Refusal::of(Code::JournalUnopenable).with("place", FILE);
        session.output.aside(&unopenable.sentence(session.output.language).next);
    }
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
        Flaw::AnswerMissing => Label::new(
            "一条记录所依据的平台原文不见了，流水里没有说删过它",
            "一項記錄所依據的平台原文不見了，流水沒有記下曾把它刪除",
            "the gateway's answer that an event rests on is gone, and the journal does not say that it was removed",
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
    let done = tokio::task::spawn_blocking(move || day_head::verify_all(&owned, true)).await;
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

async fn of_export(session: &Session, folder: PathBuf) -> Result<Exit, Refusal> {
    let shown = folder.display().to_string();
    let done = tokio::task::spawn_blocking(move || check(&folder)).await;
    let done =
        done.map_err(|error| Refusal::of(Code::Unexpected).with("incident", till_engine::log::incident(&error)))?;
    let checked = done.map_err(|error| fault_of_file(shown, &error))?;
    session.output.line(&checked, || said_of_export(session, &checked));
    if checked.ok && !session.output.json {
        if checked.partial {
            session.output.note(if checked.signed { PART_SIGNED } else { PART_UNSIGNED });
        }
        session.output.aside(&format!("{} {}", session.output.words(KEY), one_line(&checked.public_key)));
    }
    Ok(if checked.ok { Exit::Done } else { Exit::Journal })
}

fn said_of_export(session: &Session, checked: &Checked) -> String {
    let output = &session.output;
    let Some(kind) = checked.kind else {
        return output.words(if checked.signed { EXPORT_WHOLE } else { EXPORT_UNSIGNED }).to_owned();
    };
    let at = checked.first_bad_seq.map(|seq| output.words(AT).replace("{seq}", &seq.to_string()));
    let gap = if output.language == Language::En { " " } else { "" };
    let (what, file) = (output.words(difference(kind)), one_line(checked.file.as_deref().unwrap_or_default()));
    format!("{}{gap}{file}: {what}{}", output.words(EXPORT_BROKEN), at.unwrap_or_default())
}

/// How an export differs, for people.
const fn difference(kind: Difference) -> Label {
    match kind {
        Difference::NoManifest => Label::new("不是导出的清单", "不是匯出的清單", "not the manifest of an export"),
        Difference::NewerFormat => Label::new(
            "由较新版本的程序写成，请用新版本核验",
            "由較新版本的程式寫成，請用新版本核驗",
            "a newer version of the program wrote it; verify with that one",
        ),
        Difference::WrongSignature => Label::new("签名不对", "簽署不正確", "the signature is wrong"),
        Difference::FileMissing => Label::new("文件不见了", "檔案不見了", "the file is gone"),
        Difference::FileAdded => {
            Label::new("这个文件不属于这份导出", "這個檔案不屬於這份匯出", "the file is not part of this export")
        }
        Difference::FileDiffers => {
            Label::new("文件与导出时不同", "檔案與匯出時不同", "the file is not what was exported")
        }
        Difference::Edited => Label::new("有一条记录被改过", "有一項記錄被改過", "an event was edited"),
        Difference::Deleted => Label::new("少了一条记录", "缺少一項記錄", "an event is gone"),
        Difference::Swapped => Label::new("记录的次序被调换", "記錄的次序被調換", "an event stands in another's place"),
        Difference::Rewritten => Label::new(
            "整段记录被重算，与已签名的日结不符",
            "整段記錄被重新計算，與已簽署的日結不符",
            "the chain was computed anew and contradicts a signed day head",
        ),
    }
}
