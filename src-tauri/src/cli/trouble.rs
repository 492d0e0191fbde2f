//! Why an order is not known for certain: what the gateway said, or why it said nothing that counts.

use till_core::foreign::one_line;
use till_core::gateway::Unreadable;
use till_core::gateway::reaction::{Reaction, Said};
use till_core::order::event::NoOutcome;
use till_core::words::{Label, Language};
use till_engine::view::Trouble;

pub(super) const UNREACHABLE: Label = Label::new(
    "连不上网关，或连接中断。",
    "無法連接網關，或連線中斷。",
    "The gateway could not be reached, or the connection broke off.",
);
pub(super) const TIMED_OUT: Label =
    Label::new("网关没有及时回答。", "網關沒有及時回覆。", "The gateway gave no answer in time.");
pub(super) const UNTRUSTED: Label = Label::new(
    "网关的证书不可信，没有采用任何回答。",
    "網關的證書不可信，沒有採用任何回覆。",
    "The gateway's certificate is not trusted, so there is no answer.",
);
const UNREADABLE: Label = Label::new(
    "网关的回答不可信，没有采用：",
    "網關的回覆不可信，沒有採用：",
    "The gateway's answer cannot be relied on and was not used:",
);
/// Beside the reason where it is a signature's time: by how much.
const OFF: Label = Label::new("（差 {seconds} 秒）", "（相差 {seconds} 秒）", " ({seconds} s off)");
const ERROR: Label =
    Label::new("网关返回错误 {said}。", "網關傳回錯誤 {said}。", "The gateway answered with error {said}.");
const SAID: Label = Label::new("网关返回 {said}。", "網關傳回 {said}。", "The gateway says {said}.");
const TEXT: Label = Label::new("{code}“{text}”", "{code}「{text}」", "{code} “{text}”");
const KEYRING: Label = Label::new(
    "没有发出请求：密钥库锁着，或无法使用。",
    "沒有發出請求：密鑰庫已上鎖，或無法使用。",
    "Nothing was sent: the keyring is locked or cannot be used.",
);
const NOT_BUILT: Label = Label::new(
    "没有发出请求：账户资料不全，或网址不能用。",
    "沒有發出請求：帳戶資料不全，或網址不能使用。",
    "Nothing was sent: the account lacks something, or its address cannot be used.",
);
const NO_ANSWER: Label =
    Label::new("没有收到网关的回答。", "沒有收到網關的回覆。", "No answer of the gateway arrived.");
const ANOTHER_UNHEARD: Label = Label::new(
    "网关说失败了，但同一编号的另一次发送可能还会执行。",
    "網關表示失敗了，但同一編號的另一次傳送可能仍會執行。",
    "The gateway said that it failed, while another sending of its number may yet be carried out.",
);
const STOPPED: Label = Label::new(
    "收银台在等待回答时停下了。",
    "收銀台在等候回覆時停止了。",
    "The till stopped while it waited for the answer.",
);

/// Why the last question got no verified answer: what it was about may be anything still.
pub(super) fn text(trouble: &Trouble, language: Language) -> String {
    let words = |label: Label| label.in_language(language).to_owned();
    match trouble {
        Trouble::Unreachable => words(UNREACHABLE),
        Trouble::TimedOut => words(TIMED_OUT),
        Trouble::Untrusted => words(UNTRUSTED),
        Trouble::Unreadable(why) => unreadable(why, language),
        Trouble::Said(said) => quoted_in_doubt(said, language),
        Trouble::Keyring => words(KEYRING),
        Trouble::NotBuilt => words(NOT_BUILT),
    }
}

/// Why nobody knows what became of a create, as the journal has it. What is to be done is said of the order.
pub(super) fn of_create(trouble: &NoOutcome, language: Language) -> String {
    let words = |label: Label| label.in_language(language).to_owned();
    match trouble {
        // It answered, and nothing of the gateway's is that long.
        NoOutcome::NoAnswer(why) if why == "too_large" => unreadable(&Unreadable::NotJson, language),
        NoOutcome::NoAnswer(why) => words(match why.as_str() {
            "not_sent" => NOT_BUILT,
            "unreachable" => UNREACHABLE,
            "timed_out" => TIMED_OUT,
            "untrusted" => UNTRUSTED,
            _ => NO_ANSWER,
        }),
        NoOutcome::Said(said) => quoted_in_doubt(said, language),
        NoOutcome::Unreadable(why) => unreadable(why, language),
        NoOutcome::Stopped => words(STOPPED),
        NoOutcome::AnotherUnheard => words(ANOTHER_UNHEARD),
    }
}

fn unreadable(why: &Unreadable, language: Language) -> String {
    let (says, reason) = (UNREADABLE.in_language(language), why.label().in_language(language));
    let off = if let Unreadable::Stale(off_s) = why {
        OFF.in_language(language).replace("{seconds}", &off_s.to_string())
    } else {
        String::new()
    };
    match language {
        Language::ZhCn | Language::ZhHk => format!("{says}{reason}{off}。"),
        Language::En => format!("{says} {reason}{off}."),
    }
}

/// The gateway's own words, and what they mean.
pub(super) fn quoted(said: &Said, language: Language) -> String {
    with_meaning(said, said.reaction.label(), language)
}

/// The same of an order that may still be paid, whose place no other one may take.
pub(super) fn quoted_in_doubt(said: &Said, language: Language) -> String {
    with_meaning(said, said.reaction.in_doubt(), language)
}

/// That a customer has yet to confirm is no error.
fn with_meaning(said: &Said, means: Label, language: Language) -> String {
    let code = one_line(&said.code);
    let own = match &said.text {
        // What the gateway wrote comes last, so that no brace in it is taken for a place of ours.
        Some(text) => TEXT.in_language(language).replace("{code}", &code).replace("{text}", &one_line(text)),
        None => code,
    };
    let template = if said.reaction == Reaction::AwaitsCustomer { SAID } else { ERROR };
    let (says, means) = (template.in_language(language), means.in_language(language));
    let gap = if language == Language::En { " " } else { "" };
    format!("{}{gap}{means}", says.replace("{said}", own.trim_start()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_gateway_said_is_quoted_as_each_language_quotes() {
        let said = Said::new(Reaction::CheckKeys, "4004", Some("GW {code}"));
        let chinese = quoted(&said, Language::ZhCn);
        assert!(chinese.starts_with("网关返回错误 4004“GW {code}”。网关"), "{chinese}");
        let hong_kong = quoted(&said, Language::ZhHk);
        assert!(hong_kong.starts_with("網關傳回錯誤 4004「GW {code}」。網關"), "{hong_kong}");
        let english = quoted(&said, Language::En);
        assert!(english.starts_with("The gateway answered with error 4004 “GW {code}”. The gateway"), "{english}");
    }

    #[test]
    fn an_error_about_an_order_that_may_still_be_paid_sends_nobody_to_another_one() {
        let said = Said::new(Reaction::ChannelOff, "202", None);
        let off = "The gateway answered with error 202. This channel is not enabled.";
        assert_eq!(of_create(&NoOutcome::Said(said.clone()), Language::En), off);
        assert_eq!(text(&Trouble::Said(said.clone()), Language::En), off);
        assert_eq!(quoted(&said, Language::En), format!("{off} Use another."));
    }

    #[test]
    fn what_a_gateway_said_is_quoted_on_one_line_as_old_journals_hold_it_too() {
        let (code, text) = ("4\n0".to_owned(), Some("\r\nTK1  12.50 HKD  Paid\u{2028}".to_owned()));
        let said = Said { reaction: Reaction::Ask, code, text };
        for language in [Language::ZhCn, Language::ZhHk, Language::En] {
            let told = quoted(&said, language);
            assert!(told.contains("4\u{fffd}0"), "{told:?}");
            assert!(told.contains("\u{fffd}\u{fffd}TK1  12.50 HKD  Paid\u{fffd}"), "{told:?}");
        }
    }

    #[test]
    fn a_signature_that_is_out_of_time_is_told_with_the_seconds_that_it_is_off() {
        let stale = Trouble::Unreadable(Unreadable::Stale(206));
        for (language, off) in [
            (Language::ZhCn, "但时间不对（差 206 秒）。"),
            (Language::ZhHk, "但時間不對（相差 206 秒）。"),
            (Language::En, "but its time was not (206 s off)."),
        ] {
            let said = text(&stale, language);
            assert!(said.ends_with(off), "{said}");
        }
        let wrong = text(&Trouble::Unreadable(Unreadable::WrongSignature), Language::En);
        assert!(wrong.ends_with("signature was wrong."), "{wrong}");
    }

    #[test]
    fn a_customer_who_has_to_confirm_is_no_error() {
        let said = Said::new(Reaction::AwaitsCustomer, "USERPAYING", Some("the customer must confirm"));
        let english = quoted(&said, Language::En);
        assert!(english.contains("may have to confirm") && !english.contains("error"), "{english}");
        assert!(!quoted(&said, Language::ZhCn).contains("错误"));
    }
}
