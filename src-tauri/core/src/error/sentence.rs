//! A refusal's words with its facts filled in.

use super::words::{ANYBODY_SIGNS_IN, INSTEAD, Words};
use super::{Code, FileCause, Refusal};
use crate::foreign::one_line;
use crate::gateway::reaction::Reaction;
use crate::gateway::unheard;
use crate::journal;
use crate::order::DisputeReason;
use crate::order::further::NotYet;
use crate::rights::{Action, may_once_signed_in};
use crate::words::{Label, Language};
use serde::Serialize;
use std::collections::BTreeMap;

/// What stands where a fact is missing.
const DASH: &str = "—";

/// An error as people read it, in one language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sentences {
    /// What happened.
    pub what: String,
    /// What it means for the money.
    pub money: String,
    /// The next step.
    pub next: String,
}

impl Refusal {
    /// What people read. A fact that is missing leaves a dash.
    #[must_use]
    pub fn sentence(&self, language: Language) -> Sentences {
        let Words { what, money, next, severity: _ } = self.code.words();
        let filled = |label: Label| filled(label.in_language(language), &self.facts, language);
        let next = self.instead().unwrap_or(next);
        let again = self.is_of_one_that_may_have_left();
        let money = self.code.money_again().filter(|_| again).unwrap_or(money);
        Sentences { what: filled(what), money: filled(money), next: filled(next) }
    }

    /// Whether the refund that it refuses may have left before.
    fn is_of_one_that_may_have_left(&self) -> bool {
        self.facts.get("again").is_some_and(|again| again == "true")
    }

    /// The next step where the gateway, or whoever asked, cannot do what was asked, by what that was, and where a refund may have left
    /// before.
    fn instead(&self) -> Option<Label> {
        match self.code {
            Code::GatewayCannot => {
                let asked = self.facts.get("what")?;
                INSTEAD.into_iter().find(|(action, _)| action.word() == asked).map(|(_, next)| next)
            }
            Code::MissingRight => {
                let asked = self.facts.get("action")?;
                let action = Action::ALL.into_iter().find(|action| action.word() == asked)?;
                may_once_signed_in(action).then_some(ANYBODY_SIGNS_IN)
            }
            code => code.next_again().filter(|_| self.is_of_one_that_may_have_left()),
        }
    }
}

impl Code {
    /// The facts that its words may name.
    #[must_use]
    #[expect(clippy::too_many_lines, reason = "a total table")]
    pub const fn facts(self) -> &'static [&'static str] {
        match self {
            Self::AmountEmpty
            | Self::AmountDecimals
            | Self::AmountGrouped
            | Self::AmountNegative
            | Self::AmountNotANumber
            | Self::AmountZero
            | Self::ExpireOutOfRange
            | Self::PaymentCodeBad
            | Self::LinesDoNotAddUp
            | Self::RefundNotPaid
            | Self::RefundInDispute
            | Self::RefundNothingLeft
            | Self::RefundLinesNeeded
            | Self::RefundLinesUnknown
            | Self::RefundLinesDoNotAddUp
            | Self::RefundedElsewhereFirst
            | Self::NoteNeeded
            | Self::AnswerLost
            | Self::BadAddress
            | Self::KeyringLocked
            | Self::KeyringAbsent
            | Self::KeyringFailed
            | Self::PinsLost
            | Self::SealGone
            | Self::DiskFull
            | Self::JournalOfOtherKind
            | Self::TillInUse
            | Self::TillElsewhere
            | Self::BadPin
            | Self::LastManager
            | Self::SecondPersonSame
            | Self::CustomerScreenGone
            | Self::NoDisplay
            | Self::ReceiverListenBad
            | Self::ReceiverAddressBad
            | Self::ReceiverProxyBad
            | Self::ExportCancelled => &[],
            Self::OutsideNotAsked
            | Self::OutsideUnreachable
            | Self::OutsideUntrusted
            | Self::OutsideTimedOut
            | Self::OutsideRedirected
            | Self::OutsideAnotherAnswers
            | Self::OutsideAnswerChanged
            | Self::ReceiverHasNoListen => &["address"],
            Self::OutsideRefused => &["address", "status"],
            Self::AmountOverLimit | Self::RefundReasonTooLong => &["limit"],
            Self::RefundOverLimit => &["limit", "currency", "again"],
            Self::ReasonNeeded => &["again"],
            Self::RefundReasonNotOneLine | Self::RefundReasonHidden => &["letter"],
            Self::UnknownAccount
            | Self::AccountRetired
            | Self::UnknownGateway
            | Self::BadAccountName
            | Self::AccountNameTaken
            | Self::AccountNameKept
            | Self::OperatorUnknown
            | Self::OperatorNameTaken
            | Self::BadOperatorName
            | Self::AddressNotReached
            | Self::TicketNotHad
            | Self::NotificationsNotKept
            | Self::NotificationsUnverified
            | Self::NotificationsRefused
            | Self::AdoptsNothing
            | Self::PinNeeded
            | Self::PinOutdated
            | Self::NothingSoNamed => &["name"],
            Self::DiskLow => &["left"],
            Self::RefundOverCeiling => &["left", "currency"],
            Self::PinWrong => &["name", "left"],
            Self::LockedOut => &["name", "minutes"],
            Self::SecondPersonNeeded => &["above", "currency", "again"],
            Self::PinReplaced => &["name", "day"],
            Self::AccountIncomplete => &["name", "field", "secret"],
            Self::UnknownChannel | Self::PaymentCodeNotTaken => &["channel"],
            Self::NumberOfAnother | Self::AnswerNamesNoOrder => &["number"],
            Self::AnswerDoesNotFit => &["number", "doubt"],
            Self::ChannelFieldMissing
            | Self::ChannelFieldBad
            | Self::ValueDoesNotFit
            | Self::ValueEmpty
            | Self::SecretField
            | Self::BadValue => &["field"],
            Self::SecretUnusable => &["field", "reason"],
            Self::UnknownField => &["field", "fields"],
            Self::BadListEntry => &["field", "entry"],
            Self::ValueTooLong => &["field", "limit"],
            Self::LimitsBad | Self::ChannelFieldChoice => &["field", "values"],
            Self::TextHoldsFieldName => &["field", "word"],
            Self::ChannelOneOfMissing => &["fields"],
            Self::FurtherOrderNotYet => &["why", "seconds"],
            Self::OtherAmount => &["amount", "currency"],
            Self::OtherCurrency => &["name", "shown", "taken"],
            Self::UnknownOrder
            | Self::OrderEnded
            | Self::NumberNotNeeded
            | Self::MarkNotNeeded
            | Self::AttentionNotThere => &["order_no"],
            Self::RefundUnknownBefore
            | Self::RefundWaitsBefore
            | Self::RefundAgainBefore
            | Self::UnknownRefund
            | Self::RefundNotAgain
            | Self::RefundLeft => &["refund_no"],
            Self::RefundFailedBefore => &["order_no", "refund_no", "amount", "left"],
            Self::RefundFailedAlone => &["order_no", "refund_no", "amount"],
            Self::RefundNotLookedAt | Self::RefundOrderNotThere => &["refund_no", "reason", "code", "reaction"],
            Self::RefundOverDay => &["limit", "currency", "left", "again"],
            Self::RefundTooOld => &["days", "again"],
            Self::RefundLineNotLeft => &["line"],
            Self::ClockWrong => &["seconds"],
            Self::SignatureStale => &["seconds", "name"],
            Self::RefundElsewhere => &["gateway"],
            Self::GatewayCannot => &["what"],
            Self::AccountHasOpenOrders | Self::MerchantHasOpenOrders => &["name", "count", "refunds"],
            Self::MissingRight => &["action"],
            Self::JournalDamaged
            | Self::JournalUnopenable
            | Self::JournalNotWhole
            | Self::JournalCannotRecord
            | Self::SettingsBroken => &["place"],
            Self::JournalPartUnreadable => &["part"],
            Self::NotConfirmed | Self::NotVerified => &["reason", "name", "code", "reaction"],
            Self::BadRequest => &["reason"],
            Self::RefundAfterRestore => &["reason", "code", "reaction"],
            Self::FileFailed => &["file", "cause"],
            Self::ReceiverNotListening => &["listen", "cause"],
            Self::ReceiverNotRunning => &["listen"],
            Self::ReceiverProxyUnnamed | Self::ReceiverProxySilent => &["proxy"],
            Self::ReceiverSourceUnread | Self::ReceiverStrangerUnread => &["source"],
            Self::CatalogueUnusable => &["name", "file"],
            Self::FolderReadOnly | Self::FolderTaken => &["folder"],
            Self::DaysReversed => &["from", "to"],
            Self::FileTaken | Self::BackupTaken | Self::BackupIsTraining | Self::BackupIsReal => &["file"],
            Self::BackupFolderSynced => &["folder", "client"],
            Self::BackupFailed => &["folder", "cause"],
            Self::BackupDamaged => &["file", "place"],
            Self::BackupOfAnother => &["file", "theirs", "ours"],
            Self::BackupOfUnknown => &["file", "theirs"],
            Self::JournalRestored => &["day", "until", "open"],
            Self::JournalNewer => &["found", "known"],
            Self::Unexpected => &["incident"],
        }
    }
}

/// Puts facts into `{placeholders}`, each on one line. What a fact says is never looked into for placeholders again.
fn filled(template: &str, facts: &BTreeMap<String, String>, language: Language) -> String {
    let mut text = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else { break };
        text.push_str(before);
        match facts.get(name) {
            Some(value) => {
                let error = if name == "reason" { answered(value, facts, language) } else { None };
                text.push_str(&one_line(&error.unwrap_or_else(|| spoken(name, value, language))));
            }
            None => text.push_str(DASH),
        }
        rest = after;
    }
    text.push_str(rest);
    text
}

/// A gateway's error where it is the reason that a question was not answered: its code, its own text and, where that is told, what it
/// means, without the last full stop.
fn answered(reason: &str, facts: &BTreeMap<String, String>, language: Language) -> Option<String> {
    let code = facts.get("code")?;
    let quoted = match (language, Some(reason).filter(|text| text != code)) {
        (Language::ZhCn, Some(text)) => format!("错误 {code}“{text}”"),
        (Language::ZhHk, Some(text)) => format!("錯誤 {code}「{text}」"),
        (Language::En, Some(text)) => format!("error {code} “{text}”"),
        (Language::ZhCn, None) => format!("错误 {code}"),
        (Language::ZhHk, None) => format!("錯誤 {code}"),
        (Language::En, None) => format!("error {code}"),
    };
    let Some(reaction) = facts.get("reaction").and_then(|word| Reaction::from_word(word)) else { return Some(quoted) };
    let means = reaction.in_doubt().in_language(language).trim_end_matches(['.', '。']);
    Some(match language {
        Language::ZhCn | Language::ZhHk => format!("{quoted}。{means}"),
        Language::En => format!("{quoted}. {means}"),
    })
}

/// The `place` of what is wrong with a file of which no event can be named.
pub const NO_WHOLE_JOURNAL: &str = "no_whole_journal";

/// Facts that are words of ours are said in the reader's language.
fn spoken(name: &str, value: &str, language: Language) -> String {
    if name == "part" {
        return part(value, language);
    }
    let label = match name {
        "why" => NotYet::from_word(value).map(NotYet::label),
        "action" | "what" => Action::ALL.into_iter().find(|action| action.word() == value).map(Action::label),
        "reason" => unheard::label_of(value),
        "doubt" => DisputeReason::from_word(value).map(DisputeReason::label),
        "field" => own_field(value),
        "cause" => FileCause::ALL.into_iter().find(|cause| cause.word() == value).map(FileCause::label),
        "place" if value == NO_WHOLE_JOURNAL => {
            Some(Label::new("不是完整的流水文件", "不是完整的流水檔案", "it is no whole journal"))
        }
        _ => None,
    };
    label.map_or_else(|| value.to_owned(), |label| label.in_language(language).to_owned())
}

/// A field of the till's own as its forms call it. Those of gateways keep the gateway's names.
fn own_field(name: &str) -> Option<Label> {
    Some(match name {
        "reason" => Label::new("退款原因", "退款原因", "the reason"),
        "note" => Label::new("说明", "說明", "the note"),
        "gateway_no" => Label::new("平台的单号", "平台的單號", "the gateway's number"),
        "per_refund" => Label::new("每笔退款上限", "每筆退款上限", "the limit of one refund"),
        "per_day" => Label::new("每人每天上限", "每人每天上限", "the limit of a person's day"),
        "second_above" => Label::new(
            "一张订单须由第二个人同意的金额",
            "一張訂單須由第二人同意的金額",
            "the amount of one order above which a second person agrees",
        ),
        "window_days" => Label::new("退款期限（天）", "退款期限（天）", "the days in which refunds are allowed"),
        "idle_lock_s" => Label::new("无人操作后锁定（秒）", "無人操作後鎖定（秒）", "the seconds until the till locks"),
        "backup.folder" => Label::new("备份文件夹", "備份資料夾", "the folder of backups"),
        "backup.keep" => Label::new("备份保留天数", "備份保留天數", "the days that backups are kept"),
        "journal.keep_raw_days" => {
            Label::new("原始回答保留天数", "原始回覆保留天數", "the days that raw answers are kept")
        }
        "spbill_create_ip" => Label::new("终端 IP 地址", "終端 IP 地址", "the terminal's IP address"),
        _ => return None,
    })
}

/// A part of the journal as people know it.
fn part(subject: &str, language: Language) -> String {
    let (kind, name) = subject.split_once('/').unwrap_or((subject, ""));
    let label = match (kind, name) {
        ("order", _) => Label::new("订单 {name}", "訂單 {name}", "order {name}"),
        ("account", "") => Label::new("一个账户", "一個帳戶", "an account"),
        ("account", _) => Label::new("账户 {name}", "帳戶 {name}", "account {name}"),
        (journal::OPERATORS, "") => Label::new("人员", "人員", "the people at the till"),
        (journal::LIMITS, "") => Label::new("退款限额", "退款限額", "the limits of refunds"),
        (journal::TILL, "") => Label::new("收银台自身的记录", "收銀台自身的記錄", "the till's own events"),
        _ => return subject.to_owned(),
    };
    label.in_language(language).replace("{name}", name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::{PAYMENT_CODE_DIGITS, Unbuildable, Unreadable};

    const LANGUAGES: [Language; 3] = [Language::ZhCn, Language::ZhHk, Language::En];

    fn placeholders(text: &str) -> Vec<&str> {
        text.split('{').skip(1).map(|part| part.split_once('}').expect("a closing brace").0).collect()
    }

    fn labels(code: Code) -> Vec<Label> {
        let Words { what, money, next, severity: _ } = code.words();
        let found = code.found_words().map(|found| [found.money, found.next]);
        [what, money, next]
            .into_iter()
            .chain(found.into_iter().flatten())
            .chain(code.money_again())
            .chain(code.next_again())
            .collect()
    }

    #[test]
    fn the_list_of_codes_is_whole() {
        #[expect(clippy::as_conversions, reason = "the last variant's place counts the variants")]
        let last = Code::Unexpected as usize;
        let distinct: std::collections::BTreeSet<Code> = Code::ALL.into_iter().collect();
        assert_eq!((distinct.len(), Code::ALL.len()), (last + 1, last + 1));
    }

    #[test]
    fn a_refund_that_is_too_old_to_be_sent_again_is_not_given_back_another_way_before_its_end_is_known() {
        for language in [Language::En, Language::ZhCn, Language::ZhHk] {
            let said = |again: bool| Refusal::of(Code::RefundTooOld).with("days", "1").with("again", again);
            let (fresh, again) = (said(false).sentence(language), said(true).sentence(language));
            let own = Code::RefundTooOld.next_again().expect("a next step of its own");
            assert_eq!(again.next, own.in_language(language));
            assert_ne!(fresh.next, again.next);
        }
    }

    #[test]
    fn whoever_may_not_send_a_refund_again_is_told_what_either_way_out_needs() {
        let next = Code::RefundNotAgain.words().next;
        for (language, needs) in [
            (Language::En, ["not in doubt", "no other refund waits", "elsewhere", "so much of the payment is left"]),
            (Language::ZhCn, ["没有疑问", "没有别的退款待发", "在别处退过", "付款还剩这么多"]),
            (Language::ZhHk, ["沒有疑問", "沒有其他退款待發", "在別處退過", "付款尚餘這麼多"]),
        ] {
            let said = next.in_language(language);
            assert!(needs.iter().all(|need| said.contains(need)), "{said}");
        }
    }

    #[test]
    fn over_the_limit_only_what_was_never_sent_is_said_to_go_out_smaller() {
        for (language, smaller) in [
            (Language::En, "A refund that was never sent may also be smaller."),
            (Language::ZhCn, "还没有发出过的退款也可以退少一些。"),
            (Language::ZhHk, "尚未送出過的退款也可以退少一些。"),
        ] {
            let refusal = Refusal::of(Code::RefundOverLimit).with("again", "true");
            assert!(refusal.sentence(language).next.ends_with(smaller), "{language:?}");
        }
    }

    #[test]
    fn every_placeholder_is_a_documented_fact_and_stands_in_every_language_alike() {
        for code in Code::ALL {
            for label in labels(code) {
                let sorted = |language| {
                    let mut names = placeholders(label.in_language(language));
                    names.sort_unstable();
                    names
                };
                let english = sorted(Language::En);
                assert!(english.iter().all(|name| code.facts().contains(name)), "{code:?} {english:?}");
                assert_eq!((sorted(Language::ZhCn), sorted(Language::ZhHk)), (english.clone(), english), "{code:?}");
            }
        }
    }

    #[test]
    fn facts_are_what_the_documentation_of_each_code_names() {
        let source = include_str!("../error.rs");
        for code in Code::ALL {
            let (before, _) = source.split_once(&format!("    {code:?},\n")).expect("the variant stands in the source");
            let documented = before.lines().next_back().expect("a line of documentation");
            let named: Vec<&str> = documented
                .split_once("Facts: ")
                .map(|(_, facts)| facts.split('`').skip(1).step_by(2).collect())
                .unwrap_or_default();
            assert_eq!(code.facts(), named, "{code:?}");
        }
    }

    #[test]
    fn a_keyring_that_a_check_up_finds_missing_or_locked_speaks_of_no_sale_that_was_refused() {
        for code in [Code::KeyringAbsent, Code::KeyringLocked] {
            let (refused, found) = (code.words(), code.found_words().expect("it has words of its own"));
            for language in LANGUAGES {
                let told = [found.money, found.next].map(|label| label.in_language(language));
                assert!(!told.contains(&refused.money.in_language(language)), "{told:?}");
                assert!(told.iter().all(|text| !text.contains("刚才") && !text.contains("剛才")), "{told:?}");
                assert!(!told.join(" ").contains("refused"), "{told:?}");
            }
        }
        assert_eq!(Code::DiskLow.found_words(), None);
    }

    #[test]
    fn with_its_facts_no_sentence_shows_a_brace_or_a_dash() {
        for code in Code::ALL {
            let refusal = code.facts().iter().fold(Refusal::of(code), |refusal, fact| refusal.with(fact, "12"));
            for language in LANGUAGES {
                let Sentences { what, money, next } = refusal.sentence(language);
                for text in [what, money, next] {
                    assert!(!text.contains(['{', '}']) && !text.contains(DASH), "{code:?}: {text}");
                }
            }
        }
    }

    #[test]
    fn hong_kong_reads_its_own_words_for_a_screen_and_a_command_line() {
        for code in Code::ALL {
            for label in labels(code) {
                assert!(!label.zh_hk.contains("屏幕") && !label.zh_hk.contains("命令行"), "{}", label.zh_hk);
            }
        }
    }

    #[test]
    fn a_missing_fact_leaves_a_dash_and_a_fact_stays_as_it_is_on_one_line() {
        let missing = Refusal::of(Code::UnknownAccount).sentence(Language::En);
        assert_eq!(missing.what, "There is no account named “—”.");
        let odd = Refusal::of(Code::UnknownAccount).with("name", "{name}").sentence(Language::En);
        assert_eq!(odd.what, "There is no account named “{name}”.");
        let forged = Refusal::of(Code::UnknownAccount).with("name", "\u{1b}[2Jx\nTK1  Paid\u{202e}");
        let forged = forged.sentence(Language::En);
        assert_eq!(forged.what, "There is no account named “\u{fffd}[2Jx\u{fffd}TK1  Paid\u{fffd}”.");
    }

    #[test]
    fn what_speaks_no_tls_is_among_what_could_not_be_connected_to() {
        let refusal = Refusal::of(Code::OutsideUnreachable).with("address", "https://pay.example.com");
        for language in LANGUAGES {
            let what = refusal.sentence(language).what;
            assert!(what.contains("TLS"), "{what}");
        }
    }

    #[test]
    fn what_a_gateway_cannot_do_has_the_next_step_of_what_was_asked() {
        let refused = |what: Action| Refusal::of(Code::GatewayCannot).with("what", what.word());
        for language in LANGUAGES {
            let [sell, reverse] = [Action::Sell, Action::Reverse].map(|what| refused(what).sentence(language).next);
            assert!(sell.contains("order adopt"), "{sell}");
            assert!(!sell.contains("micro_reverse") && !sell.contains("close"), "{sell}");
            assert!(reverse.contains("order close") && reverse.contains("micro_reverse"), "{reverse}");
            assert!(!reverse.contains("adopt"), "{reverse}");
            let conditions = match language {
                Language::ZhCn => ["网关能关闭订单的", "账户有 micro_reverse 这项设置的，只有打开它之后"],
                Language::ZhHk => ["網關能關閉訂單的", "帳戶有 micro_reverse 這項設定的，只有開啟它之後"],
                Language::En => ["where the gateway has a close", "setting micro_reverse, only orders by"],
            };
            // Not every gateway has a close, or takes payment codes; and the setting may be on already.
            assert!(conditions.iter().all(|condition| reverse.contains(condition)), "{reverse}");
            let other = refused(Action::Ask).sentence(language).next;
            assert_eq!(other, Code::GatewayCannot.words().next.in_language(language));
        }
    }

    #[test]
    fn whoever_lacks_a_right_is_told_who_has_it() {
        for action in Action::ALL {
            let refused = Refusal::of(Code::MissingRight).with("action", action.word());
            for language in LANGUAGES {
                let anybody = refused.sentence(language).next == ANYBODY_SIGNS_IN.in_language(language);
                assert_eq!(anybody, may_once_signed_in(action), "{action:?}");
            }
        }
        assert!(may_once_signed_in(Action::Adopt) && !may_once_signed_in(Action::Refund));
    }

    #[test]
    fn words_of_ours_inside_a_sentence_are_said_in_the_readers_language() {
        let refusal = Refusal::of(Code::FurtherOrderNotYet).with("why", NotYet::Paying.word()).with("seconds", 3);
        let said = refusal.sentence(Language::ZhHk);
        assert!(said.what.ends_with(NotYet::Paying.label().zh_hk) && said.next.contains("約 3 秒"), "{said:?}");
        let right = Refusal::of(Code::MissingRight).with("action", Action::ManageAccounts.word());
        assert!(right.sentence(Language::ZhCn).what.contains(Action::ManageAccounts.label().zh_cn));
        let unsigned = Refusal::of(Code::NotVerified).with("reason", Unreadable::Unsigned.word());
        assert_eq!(unsigned.sentence(Language::ZhHk).what, "網關沒有確認：回覆沒有簽署。");
        let error = Refusal::of(Code::NotConfirmed).with("code", "4002").with("reaction", "no_such_order");
        for (reason, language, what) in [
            ("无单", Language::ZhCn, "网关没有确认：错误 4002“无单”。网关说没有这张订单。"),
            ("无单", Language::ZhHk, "網關沒有確認：錯誤 4002「无单」。網關表示沒有這張訂單。"),
            (
                "-",
                Language::En,
                "The gateway did not confirm it: error 4002 “-”. The gateway says it has no such order.",
            ),
            (
                "4002",
                Language::En,
                "The gateway did not confirm it: error 4002. The gateway says it has no such order.",
            ),
        ] {
            assert_eq!(error.clone().with("reason", reason).sentence(language).what, what);
        }
        let unfit =
            Refusal::of(Code::AnswerDoesNotFit).with("number", "SN1").with("doubt", DisputeReason::Amount.word());
        assert_eq!(unfit.sentence(Language::ZhCn).what, "网关关于 SN1 的回答与这张订单不符：金额不符。");
        let stale = Refusal::of(Code::SignatureStale).with("seconds", 206);
        for (language, off) in
            [(Language::ZhCn, "差了 206 秒"), (Language::ZhHk, "相差 206 秒"), (Language::En, "206 s off")]
        {
            assert!(stale.sentence(language).what.contains(off), "{language:?}");
        }
        let file = Refusal::of(Code::FileFailed).with("file", "/a/b").with("cause", FileCause::NotThere.word());
        assert_eq!(file.sentence(Language::En).what, "/a/b could not be written or read: not found.");
    }

    #[test]
    fn what_a_gateway_says_instead_of_an_answer_about_a_refunds_order_is_quoted_with_its_code_and_is_no_word_of_ours() {
        for (code, reaction, reason) in [("600", Reaction::Upstream, "SUCCESS"), ("301", Reaction::NoSuchOrder, "x")] {
            for refused in [Code::RefundNotLookedAt, Code::RefundOrderNotThere, Code::RefundAfterRestore] {
                let refused = Refusal::of(refused).with("refund_no", "TR1").with("reason", reason).with("code", code);
                let refused = refused.with("reaction", reaction.word());
                for (language, quoted) in [
                    (Language::En, format!("error {code} “{reason}”. ")),
                    (Language::ZhCn, format!("错误 {code}“{reason}”。")),
                    (Language::ZhHk, format!("錯誤 {code}「{reason}」。")),
                ] {
                    let what = refused.sentence(language).what;
                    let means = reaction.in_doubt().in_language(language);
                    assert!(what.ends_with(&format!("{quoted}{means}")), "{what}");
                }
            }
        }
    }

    #[test]
    fn a_field_of_the_tills_own_is_named_in_the_readers_language_and_a_gateways_by_its_own_name() {
        let what = |field: &str| Refusal::of(Code::ValueDoesNotFit).with("field", field).sentence(Language::ZhCn).what;
        assert_eq!(what("reason"), "“退款原因”太长，或含有网关不接受的字符。");
        assert_eq!(what("sub_openid"), "“sub_openid”太长，或含有网关不接受的字符。");
        let empty = Refusal::of(Code::ValueEmpty).with("field", "gateway_no").sentence(Language::En);
        assert_eq!(empty.what, "“the gateway's number” is empty.");
    }

    #[test]
    fn a_payment_code_that_cannot_be_used_is_told_with_how_many_digits_one_has() {
        for language in LANGUAGES {
            let what = Refusal::of(Code::PaymentCodeBad).sentence(language).what;
            for digits in [PAYMENT_CODE_DIGITS.start(), PAYMENT_CODE_DIGITS.end()] {
                assert!(what.contains(&digits.to_string()), "{what}");
            }
        }
    }

    #[test]
    fn a_text_that_is_too_long_is_told_with_how_long_it_may_be() {
        let long = Refusal::from(Unbuildable::TooLong { field: "body", limit: 127 });
        for language in LANGUAGES {
            let what = long.sentence(language).what;
            assert!(what.contains("body") && what.contains("127"), "{what}");
        }
    }

    #[test]
    fn a_keyring_in_the_way_of_a_refund_is_not_told_as_a_sale() {
        for code in [Code::KeyringAbsent, Code::KeyringLocked, Code::UnknownRefund] {
            for language in LANGUAGES {
                let money = Refusal::of(code).sentence(language).money;
                assert!(!money.contains("没有收款") && !money.contains("沒有收款"), "{money}");
            }
        }
    }

    #[test]
    fn a_limit_is_told_with_its_currency_and_where_it_is_changed() {
        for code in [Code::RefundOverLimit, Code::RefundOverDay, Code::SecondPersonNeeded] {
            let limit = if code == Code::SecondPersonNeeded { "above" } else { "limit" };
            let over = Refusal::of(code).with("currency", "HKD").with("left", "1.00").with(limit, "500.00");
            for language in LANGUAGES {
                let Sentences { what, next, .. } = over.sentence(language);
                assert!(what.contains("500.00 HKD"), "{what}");
                assert!(code == Code::SecondPersonNeeded || next.contains("limits set"), "{next}");
            }
        }
        let bad = Refusal::of(Code::LimitsBad).with("field", "window_days").with("values", "1 – 3650");
        for language in LANGUAGES {
            assert!(bad.sentence(language).next.contains("1 – 3650"), "{language:?}");
        }
    }

    #[test]
    fn one_minute_that_is_left_of_a_lock_out_is_no_plural() {
        let locked = Refusal::of(Code::LockedOut).with("name", "Lin").with("minutes", 1).sentence(Language::En);
        assert!(locked.next.contains("about 1 min.") && !locked.next.contains("minutes"), "{locked:?}");
    }

    #[test]
    fn a_limit_of_one_day_for_refunds_is_no_plural() {
        for (days, limit) in [(1, "the 1-day limit"), (90, "the 90-day limit")] {
            let old = Refusal::of(Code::RefundTooOld).with("days", days).sentence(Language::En);
            assert!(old.what.contains(limit) && !old.what.contains("days"), "{old:?}");
        }
    }

    #[test]
    fn a_refund_that_failed_and_keeps_its_amount_is_named_with_both_ways_on() {
        let failed = Refusal::of(Code::RefundFailedBefore).with("refund_no", "TR1").with("amount", "8.50");
        for language in LANGUAGES {
            let Sentences { what, next, .. } = failed.clone().with("left", "4.00").sentence(language);
            assert!(what.contains("TR1") && what.contains("8.50") && what.contains("4.00"), "{what}");
            assert!(next.contains("--again TR1") && next.contains("4.00"), "{next}");
        }
        let alone = Refusal::of(Code::RefundFailedAlone).with("refund_no", "TR1").with("amount", "8.50");
        for language in LANGUAGES {
            let Sentences { what, next, .. } = alone.sentence(language);
            assert!(what.contains("TR1") && next.contains("--again TR1") && !next.contains("0.00"), "{what} {next}");
        }
    }

    #[test]
    fn that_no_money_went_back_is_said_of_a_refund_that_was_never_sent_and_of_no_other() {
        let claims = |refusal: &Refusal, language| {
            let money = refusal.sentence(language).money;
            ["没有退钱", "沒有退款項", "no money went back"].iter().any(|claim| money.contains(claim))
        };
        for language in LANGUAGES {
            for code in [Code::RefundOverLimit, Code::RefundOverDay, Code::RefundTooOld, Code::ReasonNeeded] {
                let refused = |again: bool| Refusal::of(code).with("again", again);
                assert!(claims(&refused(false), language), "{code:?} in {language:?}");
                assert!(!claims(&refused(true), language), "{code:?} in {language:?}");
            }
            for code in [Code::RefundNotLookedAt, Code::RefundOrderNotThere, Code::RefundAfterRestore] {
                assert!(!claims(&Refusal::of(code), language), "{code:?} in {language:?}");
            }
        }
    }

    #[test]
    fn that_the_money_stays_is_not_said_of_a_refund_that_may_have_left_before_a_second_person_is_asked_for() {
        for (language, stays, not_now) in [
            (Language::En, "the money stays as it is", "Nothing was sent now."),
            (Language::ZhCn, "款项不变", "这次没有发出。"),
            (Language::ZhHk, "款項不變", "這次沒有送出。"),
        ] {
            let needed = |again: bool| Refusal::of(Code::SecondPersonNeeded).with("again", again);
            let money = |again: bool| needed(again).sentence(language).money;
            assert!(money(false).contains(stays) && !money(true).contains(stays), "{language:?}");
            assert!(money(true).starts_with(not_now), "{language:?}");
        }
    }

    #[test]
    fn what_keeps_an_account_in_use_is_counted_apart_and_nothing_is_said_of_orders_where_only_refunds_are_open() {
        for code in [Code::AccountHasOpenOrders, Code::MerchantHasOpenOrders] {
            let kept = Refusal::of(code).with("name", "main").with("count", 0).with("refunds", 1);
            for (language, counted) in [
                (Language::En, "Orders: 0. Refunds: 1."),
                (Language::ZhCn, "订单 0 张，退款 1 笔"),
                (Language::ZhHk, "訂單 0 張，退款 1 筆"),
            ] {
                let Sentences { what, money, next } = kept.sentence(language);
                assert!(what.contains(counted), "{what}");
                for said in [money, next] {
                    let of_orders_alone = ["These orders", "这些订单", "這些訂單"];
                    assert!(!of_orders_alone.iter().any(|words| said.contains(words)), "{said}");
                }
            }
        }
    }

    #[test]
    fn what_keeps_an_account_in_use_is_not_said_to_be_without_an_end_for_a_refund_may_have_one_that_is_contradicted() {
        for code in [Code::AccountHasOpenOrders, Code::MerchantHasOpenOrders] {
            let kept = Refusal::of(code).with("name", "main").with("count", 0).with("refunds", 1);
            for (language, awaited) in
                [(Language::En, "final answer"), (Language::ZhCn, "最终回答"), (Language::ZhHk, "最終回覆")]
            {
                let Sentences { what, money, next } = kept.sentence(language);
                assert!(what.contains(awaited) && next.contains(awaited), "{what} {next}");
                for said in [what, money, next] {
                    let no_end = ["ended", "没结束", "没有结束", "未結束"];
                    assert!(!no_end.iter().any(|words| said.contains(words)), "{said}");
                }
            }
        }
    }

    #[test]
    fn a_part_of_the_journal_is_named_as_people_know_it() {
        let named = |part: &str, language| {
            let Sentences { what, .. } = Refusal::of(Code::JournalPartUnreadable).with("part", part).sentence(language);
            what.split_once([':', '：']).expect("it is named").1.trim().trim_end_matches(['.', '。']).to_owned()
        };
        assert_eq!(named("order/TK0001", Language::ZhHk), "訂單 TK0001");
        assert_eq!(named("account/main", Language::En), "account main");
        assert_eq!(named(journal::OPERATORS, Language::ZhCn), "人员");
        assert_eq!(named(journal::LIMITS, Language::En), "the limits of refunds");
        assert_eq!(named("#17", Language::En), "#17");
    }
}
