//! What a verification says: of a journal, or of an export.

use super::exit::Exit;
use super::flaw::{self, AT};
use super::{Session, bad_request, bundle};
use crate::premises::Where;
use serde_json::json;
use std::path::{Path, PathBuf};
use till_core::error::{Code, Refusal};
use till_core::foreign::one_line;
use till_core::words::{Label, Language};
use till_engine::bundle::is_bundle;
use till_engine::day_head;
use till_engine::export::{Checked, Difference, Found, check, head_of, is_export};
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
const VOUCHED: Label = Label::new(
    "收银台的密钥签到了第 {seq} 条；其后 {behind} 条还没有签名担保，能改文件的人也能重写它们。",
    "收銀台的密鑰簽到了第 {seq} 項；其後 {behind} 項尚未有簽署擔保，能改檔案的人也能重寫它們。",
    "The till's key vouches for it up to event {seq}. No signature vouches for the {behind} behind that: whoever can write the file could have written them anew.",
);
const UNVOUCHED: Label = Label::new(
    "还没有一个营业日由收银台的密钥签过名：能改文件的人可能整份重写过。与导出或备份核对。",
    "尚未有一個營業日由收銀台的密鑰簽署：能改檔案的人可能整份重寫過。請與匯出或備份核對。",
    "No business day of it is signed by the till's key: whoever can write the file could have written all of it anew. Compare it with an export or a backup.",
);
const BROKEN: Label = Label::new("流水有问题：", "流水有問題：", "The journal has a fault:");
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
    "文件与清单所列的相符，但没有人为清单担保：它没有签名，谁都可能整份重写过。",
    "檔案與清單所列的相符，但沒有人為清單擔保：它沒有簽署，任何人都可能整份重寫過。",
    "The files are those that the manifest names, but nobody vouches for the manifest: it is not signed, and anybody may have written all of it anew.",
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
pub(super) const MADE_OF_BROKEN: Label = Label::new(
    "导出所依据的流水有问题，这份导出里少了什么，从它本身看不出来：",
    "匯出所依據的流水有問題，這份匯出缺少甚麼，從它本身看不出來：",
    "The journal that it was made from has a fault, and what the export lacks because of that cannot be seen in it:",
);
const EXPORT_BROKEN: Label = Label::new("这份导出有问题：", "這份匯出有問題：", "The export is not as it was written:");
pub(super) const KEY: Label = Label::new(
    "收银台的公钥，与流水第一条里的核对（tillkeeper journal list --json 的第一行）：",
    "收銀台的公鑰，與流水第一項內的核對（tillkeeper journal list --json 的第一行）：",
    "The till's public key; compare it with the one in the first event of its journal (the first line of `tillkeeper journal list --json`):",
);

pub(super) async fn perform(
    session: &Session,
    path: Option<PathBuf>,
    export: Option<PathBuf>,
) -> Result<Exit, Refusal> {
    let path = path.unwrap_or_else(|| session.place.folder());
    if export.is_some() && (is_export(&path) || is_bundle(&path)) {
        return Err(bad_request("--export"));
    }
    let known = match export {
        Some(folder) => match known_by(session, folder).await? {
            Ok(known) => known,
            Err(exit) => return Ok(exit),
        },
        None => None,
    };
    if is_export(&path) {
        return of_export(session, path).await;
    }
    if is_bundle(&path) {
        return bundle::verify(session, path).await;
    }
    let path = journal_of(&session.place, path);
    if !path.is_file() {
        return Err(fault_of_file(path.display(), &std::io::ErrorKind::NotFound.into()));
    }
    let verification = verified(&path, known).await?;
    let begun = head(&path).await;
    let (ok, first_bad_seq, kind) = match &verification {
        Some(Verification { ok, first_bad_seq, kind, signed_to: _ }) => (*ok, *first_bad_seq, *kind),
        None => (false, None, Some(Flaw::FileDamaged)),
    };
    let signed_to = verification.and_then(|verification| verification.signed_to);
    let said = json!({ "ok": ok, "first_bad_seq": first_bad_seq, "kind": kind, "signed_to": signed_to });
    session.output.line(&said, || match kind {
        None if begun == Some(0) => session.output.words(EMPTY).to_owned(),
        None => format!("{}\n{}", session.output.words(WHOLE), vouched(signed_to, begun, session.output.language)),
        Some(_) if verification.is_none() => format!("{} {}", session.output.words(NO_JOURNAL), path.display()),
        Some(kind) => flaw::sentence(BROKEN, kind, first_bad_seq, session.output.language),
    });
    if !ok && !session.output.json {
        match verification {
            Some(_) => advise(session, kind, &path),
            None => advise_without_journal(session, &path),
        }
    }
    Ok(if ok { Exit::Done } else { Exit::Journal })
}

/// How far the till's own key vouches for a whole journal: what is behind that, whoever can write the file may have written.
fn vouched(signed_to: Option<u64>, newest: Option<u64>, language: Language) -> String {
    let Some(seq) = signed_to else { return UNVOUCHED.in_language(language).to_owned() };
    let behind = newest.unwrap_or(seq).saturating_sub(seq);
    VOUCHED.in_language(language).replace("{seq}", &seq.to_string()).replace("{behind}", &behind.to_string())
}

/// The journal that a path means: the file itself, or a data folder's. In training a data folder that has none of its own means
/// that of the training till inside it.
fn journal_of(place: &Where, path: PathBuf) -> PathBuf {
    if !path.is_dir() {
        return path;
    }
    let own = path.join(FILE);
    let inside = Where { data_dir: path, training: place.training, language: place.language }.folder().join(FILE);
    if !own.is_file() && inside.is_file() { inside } else { own }
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

/// `None`: not even its beginning can be read as a journal.
async fn verified(path: &Path, known: Known) -> Result<Option<Verification>, Refusal> {
    let owned = path.to_owned();
    let done = tokio::task::spawn_blocking(move || day_head::verify_against(&owned, true, known)).await;
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

/// The position of an event and its chain value, as somebody outside the journal remembers it.
type Known = Option<(u64, [u8; 32])>;

/// The newest event of the journal as an export of it remembers it. Of an export that is not as it was written that is told instead.
async fn known_by(session: &Session, folder: PathBuf) -> Result<Result<Known, Exit>, Refusal> {
    let checked = checked(folder.clone()).await?;
    if checked.kind.is_some() {
        session.output.line(&checked, || said_of_export(session, &checked));
        return Ok(Err(Exit::Journal));
    }
    match head_of(&folder).map_err(|error| fault_of_file(folder.display(), &error))? {
        // Of an empty journal nothing is remembered.
        None => Err(bad_request("--export")),
        known => {
            if !checked.signed && !session.output.json {
                session.output.note(EXPORT_UNSIGNED);
            }
            Ok(Ok(known))
        }
    }
}

async fn checked(folder: PathBuf) -> Result<Checked, Refusal> {
    let shown = folder.display().to_string();
    let done = tokio::task::spawn_blocking(move || check(&folder)).await;
    let done =
        done.map_err(|error| Refusal::of(Code::Unexpected).with("incident", till_engine::log::incident(&error)))?;
    done.map_err(|error| fault_of_file(shown, &error))
}

async fn of_export(session: &Session, folder: PathBuf) -> Result<Exit, Refusal> {
    let checked = checked(folder).await?;
    session.output.line(&checked, || said_of_export(session, &checked));
    if let Some(Found { kind, first_bad_seq }) = checked.found.filter(|_| checked.kind.is_none()) {
        session.output.aside(&flaw::sentence(MADE_OF_BROKEN, kind, first_bad_seq, session.output.language));
    }
    if checked.kind.is_none() && !session.output.json {
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
            Label::new("文件与清单所说的不符", "檔案與清單所說的不符", "the file is not what the manifest says of it")
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn in_training_a_folder_without_a_journal_of_its_own_means_that_of_the_training_till_inside_it() {
        let data = tempfile::tempdir().unwrap();
        let (own, inside) = (data.path().join(FILE), data.path().join("training").join(FILE));
        let meant = |training: bool, path: &Path| {
            journal_of(&Where::of(Some("elsewhere".into()), training, None).unwrap(), path.to_owned())
        };
        fs::create_dir(data.path().join("training")).unwrap();
        assert_eq!(meant(true, data.path()), own, "neither is there");
        fs::write(&inside, "").unwrap();
        assert_eq!(meant(true, data.path()), inside);
        assert_eq!(meant(false, data.path()), own, "the real till is never taken for the training till");
        assert_eq!(meant(true, &data.path().join("training")), inside);
        assert_eq!(meant(true, &inside), inside);
        fs::write(&own, "").unwrap();
        assert_eq!(meant(true, data.path()), own);
    }
}
