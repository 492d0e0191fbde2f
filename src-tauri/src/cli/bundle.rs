//! One order's evidence in a file: writing it, and what a verification of it says.

use super::exit::Exit;
use super::flaw::AT;
use super::verify::KEY;
use super::{Session, export};
use std::path::{Path, PathBuf};
use till_core::error::{Code, Refusal};
use till_core::foreign::one_line;
use till_core::words::{Label, Language};
use till_engine::bundle::{Checked, Fault, bundle, check};
use till_engine::till::fault_of_file;

const WRITTEN: Label = Label::new("已写入", "已寫入", "Written to");
const GONE: Label = Label::new(
    "有 {answers} 份平台原文不在其中：已按设置的天数删除，或已经不见。",
    "有 {answers} 份平台原文不在其中：已按設定的日數刪除，或已不見。",
    "{answers} of the gateway's answers are not in it: they were removed after the days of the settings, or are gone.",
);
const WHOLE: Label = Label::new(
    "订单 {order_no} 的证据完好，签名相符。",
    "訂單 {order_no} 的證據完好，簽署相符。",
    "The evidence of order {order_no} is whole, and signed.",
);
const UNSIGNED: Label = Label::new(
    "订单 {order_no} 的证据前后一致，但没有签名：谁都可能整份重写过。",
    "訂單 {order_no} 的證據前後一致，但沒有簽署：任何人都可能整份重寫過。",
    "The evidence of order {order_no} agrees with itself, but is not signed: anybody may have written it anew.",
);
const BROKEN: Label = Label::new("这份证据有问题：", "這份證據有問題：", "The evidence is not as it was written:");
const REMOVED: Label = Label::new(
    "有 {answers} 份平台原文在写出之前已按设置的天数删除。",
    "有 {answers} 份平台原文在寫出之前已按設定的日數刪除。",
    "{answers} of the gateway's answers had been removed after the days of the settings before it was written.",
);

pub(super) async fn perform(session: &Session, order_no: &str, output: &Path) -> Result<Exit, Refusal> {
    let reading = session.reading().await?;
    let seal = export::seal(session, &reading).await;
    let program = (env!("CARGO_PKG_VERSION"), seal.as_ref().ok().and_then(Option::as_ref));
    let bundled = bundle(&reading, order_no, output, program).await?;
    if let Err(fault) = &seal {
        export::say_unsigned(session, fault);
    }
    session.output.line(&bundled, || format!("{} {}", session.output.words(WRITTEN), bundled.file));
    if bundled.answers_gone > 0 {
        let words = session.output.words(GONE).replace("{answers}", &bundled.answers_gone.to_string());
        session.output.aside(&words);
    }
    Ok(Exit::Done)
}

pub(super) async fn verify(session: &Session, file: PathBuf) -> Result<Exit, Refusal> {
    let shown = file.display().to_string();
    let done = tokio::task::spawn_blocking(move || check(&file)).await;
    let done =
        done.map_err(|error| Refusal::of(Code::Unexpected).with("incident", till_engine::log::incident(&error)))?;
    let checked = done.map_err(|error| fault_of_file(shown, &error))?;
    session.output.line(&checked, || said(session, &checked));
    if checked.ok && !session.output.json {
        if checked.answers_removed > 0 {
            let words = session.output.words(REMOVED).replace("{answers}", &checked.answers_removed.to_string());
            session.output.aside(&words);
        }
        session.output.aside(&format!("{} {}", session.output.words(KEY), one_line(&checked.public_key)));
    }
    Ok(if checked.ok { Exit::Done } else { Exit::Journal })
}

fn said(session: &Session, checked: &Checked) -> String {
    let output = &session.output;
    let Some(fault) = checked.kind else {
        let words = output.words(if checked.signed { WHOLE } else { UNSIGNED });
        return words.replace("{order_no}", &one_line(&checked.order_no));
    };
    let at = checked.first_bad_seq.map(|seq| output.words(AT).replace("{seq}", &seq.to_string()));
    let gap = if output.language == Language::En { " " } else { "" };
    format!("{}{gap}{}{}", output.words(BROKEN), output.words(meaning(fault)), at.unwrap_or_default())
}

/// What is wrong, for people.
const fn meaning(fault: Fault) -> Label {
    match fault {
        Fault::NotABundle => Label::new(
            "它缺了一部分，或者有一行不是证据里的",
            "它缺了一部分，或者有一行不屬於證據",
            "a part of it is missing, or a line of it is none of such a file",
        ),
        Fault::NewerFormat => Label::new(
            "由较新版本的程序写成，请用新版本核验",
            "由較新版本的程式寫成，請用新版本核驗",
            "a newer version of the program wrote it; verify with that one",
        ),
        Fault::WrongSignature => Label::new("签名不对", "簽署不正確", "the signature is wrong"),
        Fault::AnotherTill => Label::new(
            "流水的第一条说的是另一台收银台，或另一个公钥",
            "流水的第一項所說的是另一部收銀台，或另一個公鑰",
            "the journal's first event names another till, or another key",
        ),
        Fault::Edited => Label::new("有一条记录被改过", "有一項記錄被改過", "an event was edited"),
        Fault::Deleted => Label::new("少了一条记录", "缺少一項記錄", "an event is gone"),
        Fault::Swapped => Label::new("记录的次序被调换", "記錄的次序被調換", "an event stands in another's place"),
        Fault::Inserted => {
            Label::new("多出一条别的订单的记录", "多出一項屬於其他訂單的記錄", "an event is not this order's")
        }
        Fault::Rewritten => {
            Label::new("记录与已签名的日结不符", "記錄與已簽署的日結不符", "an event contradicts a signed day head")
        }
        Fault::AnswerDiffers => Label::new(
            "平台原文不是记录所依据的那一份",
            "平台原文並非記錄所依據的那一份",
            "an answer of the gateway is not the one that the event rests on",
        ),
        Fault::AnswerMissing => Label::new(
            "一条记录所依据的平台原文不见了，也没有说删过它",
            "一項記錄所依據的平台原文不見了，亦沒有記下曾把它刪除",
            "the gateway's answer that an event rests on is gone, and nothing says that it was removed",
        ),
        Fault::AnswerAdded => Label::new(
            "多出一份没有记录依据的平台原文",
            "多出一份沒有記錄依據的平台原文",
            "an answer of the gateway is in it that no event rests on",
        ),
        Fault::CoverDiffers => Label::new(
            "开头的摘要与记录不符",
            "開頭的摘要與記錄不符",
            "the first line does not say what the events say",
        ),
    }
}
