//! What is wrong with a journal, in words.

use till_core::words::{Label, Language};
use till_engine::journal::Flaw;

pub(super) const AT: Label = Label::new("（第 {seq} 条）", "（第 {seq} 項）", " (event {seq})");

/// `begins`: what the sentence says before it comes to the flaw.
pub(super) fn sentence(begins: Label, kind: Flaw, first_bad_seq: Option<u64>, language: Language) -> String {
    let at = first_bad_seq.map(|seq| AT.in_language(language).replace("{seq}", &seq.to_string()));
    let gap = if language == Language::En { " " } else { "" };
    let (begins, what) = (begins.in_language(language), meaning(kind).in_language(language));
    format!("{begins}{gap}{what}{}", at.unwrap_or_default())
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
            "记录与在别处记下的不同：整段被重算过，与已签名的日结或拿来核对的导出不符",
            "記錄與在別處記下的不同：整段被重新計算過，與已簽署的日結或用來核對的匯出不符",
            "the chain is not the one that is remembered elsewhere: it contradicts a signed day head, or the export that it is compared with",
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
