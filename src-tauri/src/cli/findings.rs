//! The facts of a finding in words: what the doctor and the check of an account found, and what to do about it.

use super::trouble;
use till_core::catalogue::Wrong;
use till_core::error::words::FoundWords;
use till_core::error::{Code, FileCause, Refusal};
use till_core::foreign::one_line;
use till_core::gateway::call::NoAnswer;
use till_core::gateway::reaction::Reaction;
use till_core::gateway::{STALE, UNCHECKED, WRONG, unheard};
use till_core::words::{Label, Language};
use till_engine::doctor::clock_off_by;
use till_engine::view::Finding;

/// The fact whose value is why the system does not give a file.
const UNREAD: &str = "catalogue_unread";

/// The fact that is there where clocks are further apart than signatures may be: how far those may.
const SKEW_LIMIT: &str = "skew_limit_s";

/// The fact whose value is how much space is left, in bytes.
const FREE_BYTES: &str = "free_bytes";

/// The fact by whose clock a question was signed, where that is not ours.
const SIGNED_BY: &str = "signed_by";

/// Names of facts, with the place of their value.
const FACTS: [(&str, Label); 35] = [
    ("latency_ms", Label::new("{value} 毫秒后应答", "{value} 毫秒後回覆", "answered after {value} ms")),
    ("signature", Label::new("应答的签名：{value}", "回覆的簽署：{value}", "signature of the answer: {value}")),
    ("not_proven", Label::new("未能证实：{value}", "未能證實：{value}", "not proven by it: {value}")),
    (
        "other_merchant",
        Label::new(
            "应答写的是另一个商户：{value}",
            "回覆寫的是另一個商戶：{value}",
            "the answer names another merchant: {value}",
        ),
    ),
    (
        "other_currency",
        Label::new(
            "应答写的是另一种货币：{value}",
            "回覆寫的是另一種貨幣：{value}",
            "the answer names another currency: {value}",
        ),
    ),
    (FREE_BYTES, Label::new("剩余 {value}", "剩餘 {value}", "{value} free")),
    (
        "signed_off_s",
        Label::new("签名的时间差了 {value} 秒", "簽署的時間相差 {value} 秒", "the signature's time is {value} s off"),
    ),
    (
        "ahead_s",
        Label::new("本机的时钟快 {value} 秒", "本機的時鐘快 {value} 秒", "this computer's clock is {value} s ahead"),
    ),
    (
        "gateway_ahead_s",
        Label::new("网关的时钟快 {value} 秒", "網關的時鐘快 {value} 秒", "the gateway's clock is {value} s ahead"),
    ),
    (
        SKEW_LIMIT,
        Label::new(
            "签名的时间最多可以差 {value} 秒",
            "簽署的時間最多可相差 {value} 秒",
            "a signature's time may be {value} s off at most",
        ),
    ),
    (SIGNED_BY, Label::new("签名用的时间：{value}", "簽署所用的時間：{value}", "signed by {value}")),
    (
        "ticket",
        Label::new("公众号 ticket：{value}", "公眾號 ticket：{value}", "the official account's ticket: {value}"),
    ),
    ("state", Label::new("接收通知：{value}", "接收通知：{value}", "receiving: {value}")),
    ("listen", Label::new("监听 {value}", "監聽 {value}", "listens at {value}")),
    ("public_address", Label::new("公网地址 {value}", "公網地址 {value}", "public address {value}")),
    ("since", Label::new("从 {value} 起", "由 {value} 起", "since {value}")),
    (
        "accepted",
        Label::new(
            "这次打开后已接受 {value} 条",
            "今次開啟後已接受 {value} 項",
            "accepted {value} since the till was opened",
        ),
    ),
    ("accepted_at", Label::new("最近一次 {value}", "最近一次 {value}", "the last one at {value}")),
    ("refused", Label::new("已拒绝 {value} 条", "已拒絕 {value} 項", "refused {value}")),
    ("refused_at", Label::new("最近拒绝 {value}", "最近拒絕 {value}", "the last refused at {value}")),
    (
        "fails_otherwise",
        Label::new("因别的原因不通：{value}", "因其他原因不通：{value}", "fails for another reason: {value}"),
    ),
    (
        "refused_elsewhere",
        Label::new(
            "不属于任何账户而拒绝 {value} 条",
            "不屬於任何帳戶而拒絕 {value} 項",
            "refused {value} that named no account",
        ),
    ),
    ("code", Label::new("代码 {value}", "代碼 {value}", "code {value}")),
    ("text", Label::new("平台原话“{value}”", "平台原話「{value}」", "in its own words “{value}”")),
    ("particular", Label::new("具体是 {value}", "具體是 {value}", "namely {value}")),
    ("folder", Label::new("{value}", "{value}", "{value}")),
    ("due", Label::same("{value}")),
    ("made_at", Label::new("最近一份 {value}", "最近一份 {value}", "the newest {value}")),
    ("unknown", Label::new("不认识的项：{value}", "不認識的項目：{value}", "unknown entries: {value}")),
    ("not_known", Label::same("{value}")),
    ("keys", Label::same("{value}")),
    (
        "catalogue_late",
        Label::new(
            "商品目录没有及时读出来，等了 {value}",
            "商品目錄未能及時讀出，等候了 {value}",
            "the catalogue was not read within {value}",
        ),
    ),
    (
        "catalogue_not_there",
        Label::new("找不到商品目录 {value}", "找不到商品目錄 {value}", "the catalogue is not found: {value}"),
    ),
    (
        UNREAD,
        Label::new("商品目录读不出来：{value}", "商品目錄讀不出：{value}", "the catalogue cannot be read: {value}"),
    ),
    (
        "catalogue_error",
        Label::new(
            "商品目录读不出来，系统的错误编号是 {value}",
            "商品目錄讀不出，系統的錯誤編號是 {value}",
            "the catalogue cannot be read, the system's error is number {value}",
        ),
    ),
];

/// What a clock's fact says where its value is negative, without the sign.
const BEHIND: [(&str, Label); 2] = [
    (
        "ahead_s",
        Label::new("本机的时钟慢 {value} 秒", "本機的時鐘慢 {value} 秒", "this computer's clock is {value} s behind"),
    ),
    (
        "gateway_ahead_s",
        Label::new("网关的时钟慢 {value} 秒", "網關的時鐘慢 {value} 秒", "the gateway's clock is {value} s behind"),
    ),
];

/// What a clock's fact says where the clocks agree.
const EVEN: [(&str, Label); 2] = [
    (
        "ahead_s",
        Label::new("本机的时钟和网关一致", "本機的時鐘與網關一致", "this computer's clock agrees with the gateways'"),
    ),
    (
        "gateway_ahead_s",
        Label::new(
            "就所能得知，网关的时钟和本机一致",
            "就所能得知，網關的時鐘與本機一致",
            "as far as can be told, the gateway's clock agrees with this computer's",
        ),
    ),
];

/// Where nobody answered, the time until that was known is no answer's.
const WAITED: Label = Label::new("等了 {value} 毫秒", "等候了 {value} 毫秒", "waited {value} ms");

/// Faults of a look from outside to which nobody answered.
const NOBODY_ANSWERED: [Code; 4] =
    [Code::OutsideNotAsked, Code::OutsideUnreachable, Code::OutsideUntrusted, Code::OutsideTimedOut];

/// Values that are words of ours.
const VALUES: [(&str, Label); 27] = [
    ("verified", Label::new("已核对", "已核對", "verified")),
    ("unsigned", Label::new("没有签名", "沒有簽署", "it bears none")),
    (WRONG, Label::new("不对", "不正確", "wrong")),
    (STALE, Label::new("签名对，但时间不对", "簽署正確，但時間不對", "right, but its time is not")),
    (
        UNCHECKED,
        Label::new(
            "有签名，但账户没有核对它的公钥",
            "有簽署，但帳戶沒有核對它的公鑰",
            "not checked: the account holds no key for it",
        ),
    ),
    (
        "own_signature",
        Label::new("网关是否认可我们的签名", "網關是否接受我們的簽署", "that the gateway takes our signature"),
    ),
    ("gateways_clock", Label::new("网关的时钟", "網關的時鐘", "the gateway's clock")),
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
    (
        "first_backup",
        Label::new(
            "第一份还没有做，运行中的收银台会在一小时内做",
            "第一份尚未製作，運行中的收銀台會在一小時內製作",
            "the first one is due: a till that runs makes it within the hour",
        ),
    ),
    ("had", Label::new("已取得", "已取得", "given")),
    (
        "no_ticket",
        Label::new("回答里没有可用的 ticket", "回覆中沒有可用的 ticket", "none in the answer that can be used"),
    ),
    ("unreachable", Label::new("连不上", "無法連接", "its server is not reached")),
    ("timed_out", Label::new("没有及时回答", "沒有及時回覆", "no answer in time")),
    ("untrusted", Label::new("证书不可信", "憑證不可信", "its certificate is not trusted")),
    ("on", Label::new("开着", "開啟", "on")),
    ("off", Label::new("关着", "關閉", "off")),
    ("failed", Label::new("不能监听", "不能監聽", "cannot listen")),
    ("no_till_runs", Label::new("现在没有", "現在沒有", "not now")),
    ("not_sent", Label::new("网址不能用", "網址不能使用", "its address is not asked")),
    (
        "no_gateway_time",
        Label::new("没有网关在应答里给出时间", "沒有網關在回覆中給出時間", "no gateway has answered with its time"),
    ),
    (
        "keyring_of_open_till",
        Label::new(
            "打开着的收银台用它自己会话的密钥环，从这个终端看不到",
            "開啟中的收銀台使用它自己工作階段的密鑰圈，從這個終端機看不到",
            "the till that is open uses the keyring of its own session, which this terminal does not see",
        ),
    ),
    (
        "of_open_till",
        Label::new(
            "打开着的收银台从它自己会话的密钥环取得了密钥",
            "開啟中的收銀台從它自己工作階段的密鑰圈取得了密鑰",
            "the till that is open has its keys from the keyring of its own session",
        ),
    ),
    (
        "of_open_till_locked",
        Label::new(
            "密钥环锁着：打开着的收银台已经有了密钥，下次启动时要先解锁",
            "密鑰圈已上鎖：開啟中的收銀台已有密鑰，下次啟動時須先解鎖",
            "it is locked: the till that is open has its keys already, and needs it unlocked at its next start",
        ),
    ),
];

const UNUSABLE: Label = Label::new(
    "网关的回答不可信，没有采用：{value}。",
    "網關的回覆不可信，沒有採用：{value}。",
    "The gateway's answer cannot be relied on and was not used: {value}.",
);
const NOT_SENT: Label = Label::new(
    "没有发出请求：网址不能用。练习只连这台电脑的网址。",
    "沒有發出請求：網址不能使用。練習只連接這部電腦的網址。",
    "Nothing was sent: the address cannot be used. Training speaks to this computer alone.",
);
const TOO_LARGE: Label = Label::new(
    "网关的回答太长，没有采用。",
    "網關的回覆過長，沒有採用。",
    "The gateway's answer was too long and was not used.",
);
const CLOCKS_APART: Label = Label::new(
    "这台电脑和网关的时钟相差太多，网关的回答没有作数。",
    "這部電腦與網關的時鐘相差太多，網關的回覆不予採用。",
    "The clocks of this computer and of the gateway are too far apart for the gateway's answer to count.",
);
const SET_CLOCK: Label = Label::new(
    "请让这台电脑自动校时，再检查一次。这台电脑的时间没错的话，联系网关。",
    "請讓這部電腦自動校正時間，再檢查一次。如這部電腦的時間正確，請聯絡網關。",
    "Have this computer set its clock by the network and check again. If its time is right, call the gateway.",
);
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

const WHOSE_ANSWER: Label = Label::new(
    "账户没有网关的公钥，无法知道这是不是网关的回答。",
    "帳戶沒有網關的公鑰，無法得知這是否網關的回覆。",
    "The account holds no public key of the gateway, so nobody can tell whether this is the gateway's answer.",
);
const FILL_IN_KEY: Label = Label::new(
    "请在账户里填写网关的公钥，再检查一次。",
    "請在帳戶填寫網關的公鑰，再檢查一次。",
    "Fill the gateway's public key in in the account and check again.",
);

/// What a fault that was found means, and what to do. A look at things asks for no sale that could have been refused.
pub(super) fn of_fault(fault: &Refusal, language: Language) -> Vec<String> {
    let said = fault.sentence(language);
    match fault.code.found_words() {
        Some(FoundWords { money, next }) => {
            let words = |label: Label| label.in_language(language).to_owned();
            vec![said.what, words(money), words(next)]
        }
        None => vec![said.what, said.next],
    }
}

/// The facts of a finding on one line.
pub(super) fn facts(finding: &Finding, language: Language) -> String {
    let nobody = finding.fault.as_ref().is_some_and(|refusal| NOBODY_ANSWERED.contains(&refusal.code));
    let unheard = nobody || finding.facts.get("answer").is_some_and(|answer| advice(answer).is_some());
    let told = FACTS.iter().filter_map(|(name, label)| {
        let value = finding.facts.get(*name)?;
        let even = EVEN.iter().find(|(fact, _)| fact == name && value == "0");
        let behind = BEHIND.iter().find(|(fact, _)| fact == name).zip(value.strip_prefix('-'));
        let (label, value) = match (even, behind) {
            (Some((_, even)), _) => (*even, value.as_str()),
            (None, Some(((_, behind), seconds))) => (*behind, seconds),
            (None, None) if *name == "latency_ms" && unheard => (WAITED, value.as_str()),
            (None, None) => (*label, value.as_str()),
        };
        let shown = one_line(said(name, value, language));
        let shown = if *name == FREE_BYTES { space(value).unwrap_or(shown) } else { shown };
        Some(label.in_language(language).replace("{value}", &shown))
    });
    told.collect::<Vec<_>>().join(if language == Language::En { ", " } else { "，" })
}

/// Bytes as people read them; none where that is no number.
fn space(bytes: &str) -> Option<String> {
    let megabytes = bytes.parse::<u64>().ok()? / 1_000_000;
    let tenths = megabytes / 100;
    Some(if megabytes < 1_000 { format!("{megabytes} MB") } else { format!("{}.{} GB", tenths / 10, tenths % 10) })
}

fn said<'a>(name: &str, value: &'a str, language: Language) -> &'a str {
    let known = if name == UNREAD {
        FileCause::ALL.into_iter().find(|cause| cause.word() == value).map(FileCause::label)
    } else {
        VALUES.iter().find(|(word, _)| *word == value).map(|(_, label)| *label)
    };
    known.map_or(value, |label| label.in_language(language))
}

/// What a finding means beside its fault, and what to do; nothing where it is well.
pub(super) fn meaning(finding: &Finding, language: Language) -> Vec<String> {
    if finding.well {
        return Vec::new();
    }
    let mut said: Vec<String> = of_catalogue(finding, language).into_iter().collect();
    said.extend(of_answer(finding, language));
    said.extend(clock_beside(finding).iter().flat_map(|apart| of_fault(apart, language)));
    said
}

/// What is wrong with the list of prices, in which line, and what to do.
fn of_catalogue(finding: &Finding, language: Language) -> Option<String> {
    let wrong = Wrong::from_word(finding.facts.get("catalogue_wrong")?)?;
    let line = finding.facts.get("catalogue_line").map_or("", String::as_str);
    Some(wrong.label().in_language(language).replace("{line}", line))
}

/// Clocks that are too far apart, where another fault stands in their place.
fn clock_beside(finding: &Finding) -> Option<Refusal> {
    let other = finding.fault.as_ref().is_some_and(|fault| fault.code != Code::ClockWrong);
    let ahead = finding.facts.get("gateway_ahead_s").filter(|_| other && finding.facts.contains_key(SKEW_LIMIT))?;
    Some(clock_off_by(ahead.parse().ok()?))
}

/// What an answer that is not well, or none, means, and what to do.
fn of_answer(finding: &Finding, language: Language) -> Vec<String> {
    let words = |label: Label| label.in_language(language).to_owned();
    // A signature that is right but for its time says more than the error that it bears.
    if finding.facts.get("signature").is_some_and(|reading| reading == STALE) {
        return vec![words(CLOCKS_APART), words(SET_CLOCK)];
    }
    if let Some(answer) = finding.facts.get("answer") {
        if let Some([what, next]) = advice(answer) {
            return vec![words(what), words(next)];
        }
        let value = unheard::label_of(answer).map_or(answer.as_str(), |label| label.in_language(language));
        return vec![UNUSABLE.in_language(language).replace("{value}", value), words(CHECK_ADDRESS)];
    }
    let reaction = match finding.facts.get("reaction").map(String::as_str) {
        Some("check_keys") => Some(Reaction::CheckKeys),
        Some("check_account") => Some(Reaction::CheckAccount),
        _ => None,
    };
    match reaction {
        Some(reaction) => vec![words(reaction.label())],
        None if !finding.facts.contains_key("code") => Vec::new(),
        None if finding.facts.get("signature").is_some_and(|reading| reading == UNCHECKED) => {
            vec![words(WHOSE_ANSWER), words(FILL_IN_KEY)]
        }
        // Clocks that are apart may be why, and are said on their own.
        None if finding.facts.contains_key(SKEW_LIMIT) && !finding.facts.contains_key(SIGNED_BY) => Vec::new(),
        None => vec![words(CHECK_ADDRESS)],
    }
}

/// What became of a question that nobody answered, and what to do.
fn advice(answer: &str) -> Option<[Label; 2]> {
    Some(match NoAnswer::from_word(answer)? {
        NoAnswer::Unreachable => [trouble::UNREACHABLE, CHECK_NETWORK],
        NoAnswer::TimedOut => [trouble::TIMED_OUT, CHECK_NETWORK],
        NoAnswer::TooLarge => [TOO_LARGE, CHECK_ADDRESS],
        NoAnswer::Untrusted => [trouble::UNTRUSTED, CHECK_CLOCK],
        NoAnswer::NotSent => [NOT_SENT, CHECK_ADDRESS],
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use till_core::gateway::Unreadable;
    use till_engine::doctor::{clock, is_unknown};
    use till_engine::view::receiver::ReceiverState;

    fn found(facts: &[(&str, &str)]) -> Finding {
        let facts = facts.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Finding { what: "gateway:main".to_owned(), well: false, facts, fault: None }
    }

    #[test]
    fn free_space_is_said_in_gigabytes_and_where_little_is_left_in_megabytes() {
        for (bytes, free) in
            [("51174821888", "51.1 GB free"), ("1000000000", "1.0 GB free"), ("67108864", "67 MB free")]
        {
            assert_eq!(facts(&found(&[("free_bytes", bytes)]), Language::En), free);
        }
    }

    #[test]
    fn a_locked_or_missing_keyring_that_is_found_speaks_of_no_sale_that_was_refused() {
        let (locked, absent) = (Refusal::of(Code::KeyringLocked), Refusal::of(Code::KeyringAbsent));
        for language in [Language::ZhCn, Language::ZhHk, Language::En] {
            for (fault, same_step) in [(&locked, false), (&absent, true)] {
                let said = fault.sentence(language);
                let found = of_fault(fault, language);
                assert_eq!((found.len(), &found[0]), (3, &said.what));
                assert!(!found.contains(&said.money) && found.contains(&said.next) == same_step, "{found:?}");
            }
        }
        let other = Refusal::of(Code::DiskLow).with("left", "9 MB");
        let said = other.sentence(Language::En);
        assert_eq!(of_fault(&other, Language::En), [said.what, said.next]);
    }

    #[test]
    fn every_way_to_stay_without_an_answer_has_a_sentence_and_a_next_step() {
        for no_answer in NoAnswer::ALL {
            let finding = found(&[("answer", no_answer.word()), ("latency_ms", "2")]);
            assert_eq!(meaning(&finding, Language::En).len(), 2, "{no_answer:?}");
            assert_eq!(facts(&finding, Language::En), "waited 2 ms");
        }
        let unsent = meaning(&found(&[("answer", NoAnswer::NotSent.word())]), Language::En);
        assert!(unsent[0].contains("Training speaks to this computer alone"), "{unsent:?}");
    }

    #[test]
    fn a_clock_that_nothing_is_known_of_says_why_and_is_no_fault() {
        let clock = clock(&[found(&[("answer", "unreachable")])]);
        for (language, said) in [
            (Language::ZhCn, "没有网关在应答里给出时间"),
            (Language::ZhHk, "沒有網關在回覆中給出時間"),
            (Language::En, "no gateway has answered with its time"),
        ] {
            assert_eq!((facts(&clock, language).as_str(), meaning(&clock, language).len()), (said, 0));
        }
        assert!(is_unknown(&clock) && clock.fault.is_none());
    }

    #[test]
    fn what_came_of_asking_for_a_ticket_is_said_in_words() {
        for (word, said) in
            [("had", "given"), ("no_ticket", "none in the answer that can be used"), ("timed_out", "no answer in time")]
        {
            let line = facts(&found(&[("ticket", word)]), Language::En);
            assert_eq!(line, format!("the official account's ticket: {said}"));
        }
    }

    #[test]
    fn why_a_catalogue_cannot_be_read_is_said_in_words_or_by_the_systems_number() {
        for language in [Language::ZhCn, Language::ZhHk, Language::En] {
            for cause in FileCause::ALL {
                let line = facts(&found(&[(UNREAD, cause.word())]), language);
                assert!(line.ends_with(cause.label().in_language(language)), "{line}");
            }
            let line = facts(&found(&[("catalogue_error", "5")]), language);
            assert!(line.ends_with(" 5"), "{line}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_catalogue_is_a_sentence_that_names_its_line() {
        for language in [Language::ZhCn, Language::ZhHk, Language::En] {
            for wrong in Wrong::ALL {
                let finding = found(&[("catalogue_wrong", wrong.word()), ("catalogue_line", "37")]);
                let [said] = meaning(&finding, language).try_into().unwrap();
                let label = wrong.label().in_language(language);
                assert_eq!(said, label.replace("{line}", "37"));
                assert_eq!(facts(&finding, language), "", "it is said once");
            }
        }
        assert_eq!(meaning(&found(&[("catalogue_late", "2 s")]), Language::En), Vec::<String>::new());
    }

    #[test]
    fn what_a_gateway_wrote_makes_no_line_of_its_own_among_the_facts() {
        let told = facts(&found(&[("code", "40500"), ("text", "\u{1b}[2J\r\nTK1  Paid")]), Language::En);
        assert!(told.ends_with("“\u{fffd}[2J\u{fffd}\u{fffd}TK1  Paid”"), "{told:?}");
    }

    #[test]
    fn every_state_of_the_receiver_is_said_in_words() {
        for state in ReceiverState::ALL {
            for language in [Language::ZhCn, Language::ZhHk, Language::En] {
                let line = facts(&found(&[("state", state.word())]), language);
                let (_, said) = line.split_once([':', '：']).unwrap();
                assert!(!said.trim().is_empty() && !said.contains('_'), "{state:?}: {line}");
                assert!(language == Language::En || !said.contains(state.word()), "{state:?}: {line}");
            }
        }
    }

    #[test]
    fn every_answer_that_cannot_be_relied_on_is_told_in_words_and_not_by_a_name_of_ours() {
        for why in Unreadable::all() {
            let finding = found(&[("answer", why.word())]);
            for language in [Language::ZhCn, Language::ZhHk, Language::En] {
                let [what, _] = meaning(&finding, language).try_into().unwrap();
                assert!(what.contains(why.label().in_language(language)), "{what}");
                assert!(!what.contains(&format!("{why:?}")), "{what}");
            }
        }
        let finding = found(&[("answer", "status"), ("particular", "502")]);
        assert_eq!(facts(&finding, Language::En), "namely 502");
    }

    #[test]
    fn none_accepted_in_this_run_does_not_contradict_when_the_last_one_was() {
        let came = found(&[("accepted", "0"), ("accepted_at", "2026-05-04T23:14:04+08:00")]);
        let said = facts(&came, Language::En);
        assert!(said.contains("accepted 0 since the till was opened"), "{said}");
        assert!(said.contains("the last one at "), "{said}");
    }

    #[test]
    fn paths_that_fail_for_another_reason_are_told_of() {
        let outside = found(&[("fails_otherwise", "https://pay.example.com/pay/")]);
        assert_eq!(facts(&outside, Language::En), "fails for another reason: https://pay.example.com/pay/");
    }

    #[test]
    fn clocks_that_are_too_far_apart_come_before_the_address_and_behind_is_no_negative_ahead() {
        let error = found(&[("signature", STALE), ("code", "FAIL"), ("gateway_ahead_s", "-400")]);
        let unread = found(&[("signature", STALE), ("answer", "wrong_signature"), ("ahead_s", "-12")]);
        for finding in [&error, &unread] {
            assert_eq!(meaning(finding, Language::En), [CLOCKS_APART.en, SET_CLOCK.en]);
        }
        assert!(facts(&error, Language::En).contains("the gateway's clock is 400 s behind"));
        assert!(facts(&error, Language::ZhHk).contains("網關的時鐘慢 400 秒"));
        assert!(facts(&unread, Language::ZhCn).contains("本机的时钟慢 12 秒"));
        assert!(facts(&found(&[("gateway_ahead_s", "400")]), Language::En).contains("400 s ahead"));
        let even = found(&[("ahead_s", "0"), ("gateway_ahead_s", "0")]);
        assert_eq!(facts(&even, Language::ZhCn), "本机的时钟和网关一致，就所能得知，网关的时钟和本机一致");
    }

    #[test]
    fn an_error_beside_clocks_that_are_apart_does_not_lead_to_the_address() {
        let alone = found(&[("code", "FAIL"), ("signature", "unsigned")]);
        let of_clocks = [("code", "FAIL"), ("signature", "unsigned"), (SKEW_LIMIT, "300")];
        let apart = Finding { fault: Some(clock_off_by(7_200)), ..found(&of_clocks) };
        for (language, seconds) in
            [(Language::ZhCn, "7200 秒"), (Language::ZhHk, "7200 秒"), (Language::En, "7200 s off")]
        {
            assert_eq!(meaning(&apart, language), Vec::<String>::new());
            assert_eq!(meaning(&alone, language), [CHECK_ADDRESS.in_language(language)]);
            let said = apart.fault.as_ref().map(|fault| of_fault(fault, language)).unwrap();
            assert!(said[0].contains(seconds), "{said:?}");
        }
    }

    #[test]
    fn an_error_to_a_question_that_was_signed_by_the_gateways_clock_leads_to_the_address() {
        let in_time = [("code", "FAIL"), ("signature", "unsigned"), (SKEW_LIMIT, "300"), (SIGNED_BY, "gateways_clock")];
        let finding = Finding { fault: Some(clock_off_by(7_200)), ..found(&in_time) };
        for (language, said) in [
            (Language::ZhCn, "签名的时间最多可以差 300 秒，签名用的时间：网关的时钟"),
            (Language::ZhHk, "簽署的時間最多可相差 300 秒，簽署所用的時間：網關的時鐘"),
            (Language::En, "a signature's time may be 300 s off at most, signed by the gateway's clock"),
        ] {
            assert_eq!(meaning(&finding, language), [CHECK_ADDRESS.in_language(language)]);
            assert!(facts(&finding, language).contains(said), "{}", facts(&finding, language));
        }
    }

    #[test]
    fn clocks_that_are_too_far_apart_are_said_beside_another_fault() {
        let beside = [("gateway_ahead_s", "-7200"), (SKEW_LIMIT, "300")];
        let fault = Refusal::of(Code::TicketNotHad).with("name", "main");
        let finding = Finding { fault: Some(fault), ..found(&beside) };
        let alone = Finding { fault: Some(clock_off_by(7_200)), ..finding.clone() };
        for language in [Language::ZhCn, Language::ZhHk, Language::En] {
            assert_eq!(meaning(&finding, language), of_fault(&clock_off_by(7_200), language));
            assert!(meaning(&alone, language).is_empty());
        }
    }

    #[test]
    fn an_error_whose_signature_nobody_can_check_leads_to_the_key_before_the_address() {
        let finding = found(&[("signature", UNCHECKED), ("code", "FAIL"), ("text", "no such order")]);
        for language in [Language::ZhCn, Language::ZhHk, Language::En] {
            let expected = [WHOSE_ANSWER, FILL_IN_KEY].map(|label| label.in_language(language));
            assert_eq!(meaning(&finding, language), expected);
            assert!(!facts(&finding, language).contains(UNCHECKED));
        }
        assert!(meaning(&Finding { well: true, ..finding }, Language::En).is_empty());
    }

    #[test]
    fn an_error_code_is_written_as_the_gateway_writes_it_with_what_it_means() {
        let finding =
            found(&[("code", "40102"), ("reaction", "check_keys"), ("text", "sign"), ("signature", "unsigned")]);
        let line = facts(&finding, Language::ZhHk);
        assert_eq!(line, "回覆的簽署：沒有簽署，代碼 40102，平台原話「sign」");
        assert_eq!(meaning(&finding, Language::En), [Reaction::CheckKeys.label().en]);
    }
}
