//! The facts of a finding in words: what the doctor and the check of an account found, and what to do about it.

use super::trouble;
use till_core::gateway::reaction::Reaction;
use till_core::words::{Label, Language};
use till_engine::view::Finding;

/// Names of facts, with the place of their value.
const FACTS: [(&str, Label); 10] = [
    ("latency_ms", Label::new("{value} 毫秒后应答", "{value} 毫秒後回覆", "answered after {value} ms")),
    ("signature", Label::new("应答的签名：{value}", "回覆的簽名：{value}", "signature of the answer: {value}")),
    ("not_proven", Label::new("未能证实：{value}", "未能證實：{value}", "not proven by it: {value}")),
    ("free_bytes", Label::new("剩余 {value} 字节", "剩餘 {value} 位元組", "{value} bytes free")),
    (
        "ahead_s",
        Label::new("本机的时钟快 {value} 秒", "本機的時鐘快 {value} 秒", "this computer's clock is {value} s ahead"),
    ),
    (
        "gateway_ahead_s",
        Label::new("网关的时钟快 {value} 秒", "網關的時鐘快 {value} 秒", "the gateway's clock is {value} s ahead"),
    ),
    (
        "ticket",
        Label::new("公众号 ticket：{value}", "公眾號 ticket：{value}", "the official account's ticket: {value}"),
    ),
    ("code", Label::new("代码 {value}", "代碼 {value}", "code {value}")),
    ("text", Label::new("平台原话“{value}”", "平台原話「{value}」", "in its own words “{value}”")),
    ("unknown", Label::new("不认识的项：{value}", "不認識的項目：{value}", "unknown entries: {value}")),
];

/// Where nobody answered, the time until that was known is no answer's.
const WAITED: Label = Label::new("等了 {value} 毫秒", "等候了 {value} 毫秒", "waited {value} ms");

/// Values that are words of ours.
const VALUES: [(&str, Label); 15] = [
    ("verified", Label::new("已核对", "已核對", "verified")),
    ("unsigned", Label::new("没有签名", "沒有簽名", "it bears none")),
    (
        "stale",
        Label::new(
            "签名对，但时间和这台电脑相差太多",
            "簽名正確，但時間與這部電腦相差太多",
            "right, but its time is too far from this computer's",
        ),
    ),
    (
        "own_signature",
        Label::new("网关是否认可我们的签名", "網關是否接受我們的簽名", "that the gateway takes our signature"),
    ),
    (
        "with_empty",
        Label::new("已核对，算上空字段", "已核對，連同空白欄位", "verified over all fields, empty ones too"),
    ),
    (
        "without_empty",
        Label::new("已核对，不算空字段", "已核對，不計空白欄位", "verified over fields that are not empty"),
    ),
    ("either", Label::new("已核对，两种都对", "已核對，兩種皆可", "verified over either reading")),
    ("encoded_twice", Label::new("已核对，编码后的文字", "已核對，編碼後的文字", "verified over encoded text")),
    ("plain", Label::new("已核对，原文", "已核對，原文", "verified over plain text")),
    ("Had", Label::new("已取得", "已取得", "given")),
    (
        "NoTicket",
        Label::new("回答里没有可用的 ticket", "回覆中沒有可用的 ticket", "none in the answer that can be used"),
    ),
    ("Unreachable", Label::new("连不上", "無法連接", "its server is not reached")),
    ("TimedOut", Label::new("没有及时回答", "沒有及時回覆", "no answer in time")),
    ("Untrusted", Label::new("证书不可信", "憑證不可信", "its certificate is not trusted")),
    ("NotSent", Label::new("网址不能用", "網址不能使用", "its address is not asked")),
];

const UNUSABLE: Label = Label::new(
    "网关的回答不可信，没有采用（{value}）。",
    "網關的回覆不可信，沒有採用（{value}）。",
    "The gateway's answer cannot be relied on and was not used ({value}).",
);
const NOT_SENT: Label = Label::new(
    "没有发出请求：网址不能用。",
    "沒有發出請求：網址不能使用。",
    "Nothing was sent: the address cannot be used.",
);
const UNSIGNED: Label = Label::new("没有签名", "沒有簽名", "no signature");
const WRONG_SIGNATURE: Label = Label::new("签名不对", "簽名不正確", "wrong signature");
const CHECK_NETWORK: Label = Label::new(
    "请检查这台电脑的网络和账户的网址，再检查一次。在此之前收款会没有结果。",
    "請檢查這部電腦的網絡及帳戶的網址，再檢查一次。在此之前收款會沒有結果。",
    "Check this computer's network and the account's address, then check again. Until then a sale gets no answer.",
);
const CHECK_CLOCK: Label = Label::new(
    "请检查这台电脑的时间和账户的网址。网址没错的话，不要收款，联系网关。",
    "請檢查這部電腦的時間及帳戶的網址。如網址正確，切勿收款，並聯絡網關。",
    "Check this computer's time and the account's address. If the address is right, do not sell and call the gateway.",
);
const CHECK_ADDRESS: Label = Label::new(
    "请核对账户的网址和密钥。都没错的话，联系网关。",
    "請核對帳戶的網址及密鑰。如均正確，請聯絡網關。",
    "Check the account's address and key. If both are right, call the gateway.",
);

/// The facts of a finding on one line.
pub(super) fn facts(finding: &Finding, language: Language) -> String {
    let unheard = finding.facts.get("answer").is_some_and(|answer| advice(answer).is_some());
    let told = FACTS.iter().filter_map(|(name, label)| {
        let value = finding.facts.get(*name)?;
        let label = if *name == "latency_ms" && unheard { WAITED } else { *label };
        Some(label.in_language(language).replace("{value}", said(value, language)))
    });
    told.collect::<Vec<_>>().join(if language == Language::En { ", " } else { "，" })
}

fn said(value: &str, language: Language) -> &str {
    let known = VALUES.iter().find(|(word, _)| *word == value);
    known.map_or(value, |(_, label)| label.in_language(language))
}

/// What a finding without a refusal of ours means, and what to do; nothing where it is well.
pub(super) fn meaning(finding: &Finding, language: Language) -> Vec<String> {
    let words = |label: Label| label.in_language(language).to_owned();
    if finding.well {
        return Vec::new();
    }
    if let Some(answer) = finding.facts.get("answer") {
        if let Some([what, next]) = advice(answer) {
            return vec![words(what), words(next)];
        }
        let value = match answer.as_str() {
            "Unsigned" => UNSIGNED.in_language(language),
            "WrongSignature" => WRONG_SIGNATURE.in_language(language),
            other => other,
        };
        return vec![UNUSABLE.in_language(language).replace("{value}", value), words(CHECK_ADDRESS)];
    }
    let reaction = match finding.facts.get("reaction").map(String::as_str) {
        Some("check_keys") => Some(Reaction::CheckKeys),
        Some("check_account") => Some(Reaction::CheckAccount),
        _ => None,
    };
    match reaction {
        Some(reaction) => vec![words(reaction.label())],
        None if finding.facts.contains_key("code") => vec![words(CHECK_ADDRESS)],
        None => Vec::new(),
    }
}

/// What became of a question that nobody answered, and what to do.
fn advice(answer: &str) -> Option<[Label; 2]> {
    match answer {
        "Unreachable" | "TooLarge" => Some([trouble::UNREACHABLE, CHECK_NETWORK]),
        "TimedOut" => Some([trouble::TIMED_OUT, CHECK_NETWORK]),
        "Untrusted" => Some([trouble::UNTRUSTED, CHECK_CLOCK]),
        "NotSent" => Some([NOT_SENT, CHECK_ADDRESS]),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use till_core::gateway::call::NoAnswer;

    fn found(facts: &[(&str, &str)]) -> Finding {
        let facts = facts.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Finding { what: "gateway:main".to_owned(), well: false, facts, fault: None }
    }

    #[test]
    fn every_way_to_stay_without_an_answer_has_a_sentence_and_a_next_step() {
        use NoAnswer::{NotSent, TimedOut, TooLarge, Unreachable, Untrusted};
        for no_answer in [NotSent, Unreachable, TimedOut, TooLarge, Untrusted] {
            let finding = found(&[("answer", &format!("{no_answer:?}")), ("latency_ms", "2")]);
            assert_eq!(meaning(&finding, Language::En).len(), 2, "{no_answer:?}");
            assert_eq!(facts(&finding, Language::En), "waited 2 ms");
        }
    }

    #[test]
    fn what_came_of_asking_for_a_ticket_is_said_in_words() {
        for (word, said) in
            [("Had", "given"), ("NoTicket", "none in the answer that can be used"), ("TimedOut", "no answer in time")]
        {
            let line = facts(&found(&[("ticket", word)]), Language::En);
            assert_eq!(line, format!("the official account's ticket: {said}"));
        }
    }

    #[test]
    fn an_error_code_is_written_as_the_gateway_writes_it_with_what_it_means() {
        let finding =
            found(&[("code", "40102"), ("reaction", "check_keys"), ("text", "sign"), ("signature", "unsigned")]);
        let line = facts(&finding, Language::ZhHk);
        assert_eq!(line, "回覆的簽名：沒有簽名，代碼 40102，平台原話「sign」");
        assert_eq!(meaning(&finding, Language::En), [Reaction::CheckKeys.label().en]);
    }
}
