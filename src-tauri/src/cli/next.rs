//! What on the command line puts right what was refused. The sentences of a refusal name the window's places.

use super::arguments::Options;
use std::ffi::OsString;
use till_core::error::{Code, Refusal};
use till_core::foreign::one_line;
use till_core::words::{Label, Language};

/// A next step.
#[derive(Clone, Copy)]
enum Step {
    /// A command, behind the program's name.
    Command(&'static str),
    /// A command for a field that is not a secret.
    Field(&'static str),
    /// A command for a field that is one.
    Secret(&'static str),
    /// A command, where a fact counts what it lists.
    Counted(&'static str, &'static str),
    /// An option that was missing.
    Option(&'static str),
    /// An option whose PIN comes by standard input.
    Pins(&'static str, Label),
    /// The same, where behind it stands a PIN that is set.
    Signed(&'static str),
    /// Words.
    Words(Label),
}

const PIN: Label = Label::new(
    "：标准输入的第一行是此人的密码（例如 < pin.txt）；在终端上会提示输入",
    "：標準輸入的第一行是此人的密碼（例如 < pin.txt）；在終端機上會提示輸入",
    ": the first line of standard input is their PIN (as in < pin.txt); at a terminal it is asked for",
);

const PIN_AND_NEW: Label = Label::new(
    "：标准输入的第一行是此人的密码（例如 < pin.txt），要设的新密码在下一行；在终端上会提示输入",
    "：標準輸入的第一行是此人的密碼（例如 < pin.txt），要設的新密碼在下一行；在終端機上會提示輸入",
    ": the first line of standard input is their PIN (as in < pin.txt), a new PIN to set is the line behind it; at a terminal they are asked for",
);

/// The fact of a refusal to set somebody's PIN.
pub(super) const NEW_PIN: &str = "new_pin";

const PINS: Label = Label::new(
    "：标准输入的前两行是两人的密码（例如 < pins.txt）；在终端上会提示输入",
    "：標準輸入的首兩行是兩人的密碼（例如 < pins.txt）；在終端機上會提示輸入",
    ": the first two lines of standard input are their PINs (as in < pins.txt); at a terminal they are asked for",
);

const WITHOUT_A_DESKTOP: Label = Label::new(
    "没有桌面的话，先结束这个会话里运行着的密钥环服务（gnome-keyring-daemon），再按 README 里 dbus-run-session 那一行，在单独的会话里启动收银台。",
    "如沒有桌面，請先結束這個工作階段內運行中的密鑰圈服務（gnome-keyring-daemon），再按 README 內 dbus-run-session 那一行，在獨立的工作階段啟動收銀台。",
    "Without a desktop end the keyring's service that runs in this session (gnome-keyring-daemon), then start the till in a session of its own by the README's line with dbus-run-session.",
);

const ANOTHER_PASSWORD: Label = Label::new(
    "刚刚已经这样做了的话，多半是给出的密码与当初设这个密钥环时的不同：请用当初的密码。找不回来的话，把 ~/.local/share/keyrings 里的密钥环移到别处再启动，会另设一个新的；新的里面没有密钥：各账户的密钥要重新录入，人员的密码要重新给，营业日不再签名。",
    "如剛剛已經這樣做，多半是給出的密碼與當初設定這個密鑰圈時的不同：請用當初的密碼。如找不回來，請把 ~/.local/share/keyrings 內的密鑰圈移到別處再啟動，會另設一個新的；新的內沒有密鑰：各帳戶的密鑰須重新輸入，人員的密碼須重新給予，營業日不再簽署。",
    "If that was just done, the password given is most likely not the one that this keyring was made with: use the first one. Where that is lost, move the keyring out of ~/.local/share/keyrings and start again, which makes a new one. The new one holds no keys: enter those of every account again, give everybody a new PIN, and days are no longer signed.",
);

const MARKED_IN_THE_WINDOW: Label = Label::new(
    "人工标记和“标为已处理”在窗口的“退款”里做，命令行没有。",
    "人手標記及「標記為已處理」在視窗的「退款」內做，命令列沒有。",
    "Marks by hand, and marking a matter as handled, are done in the window, under Refunds. The command line has neither.",
);

const UNKNOWN_THERE: Label = Label::new(
    "网关说没有这笔退款的话，可以再发一次：refund ORDER_NO --again {refund_no}",
    "如網關表示沒有這筆退款，可以再送一次：refund ORDER_NO --again {refund_no}",
    "or send it again, if the gateway says that there is none: refund ORDER_NO --again {refund_no}",
);

/// By code. Capitals stand for what a person fills in, braces for the refusal's facts.
const STEPS: [(Code, Step); 47] = [
    (Code::PinNeeded, Step::Signed("--operator NAME")),
    (Code::MissingRight, Step::Signed("--operator NAME")),
    (Code::SecondPersonNeeded, Step::Pins("--operator NAME --second NAME", PINS)),
    (Code::OperatorUnknown, Step::Command("operator list")),
    (Code::UnknownAccount, Step::Command("account list")),
    (Code::AccountRetired, Step::Command("account list")),
    (Code::AccountIncomplete, Step::Field("account set {name} --set {field}=VALUE")),
    (Code::AccountIncomplete, Step::Secret("account secret {name} {field}")),
    (Code::PaymentCodeBad, Step::Option("--payment-code -")),
    (Code::UnknownGateway, Step::Command("channels")),
    (Code::UnknownChannel, Step::Command("channels ACCOUNT")),
    (Code::ChannelFieldMissing, Step::Option("--set {field}=...")),
    (Code::UnknownOrder, Step::Command("order list")),
    (Code::NumberNotNeeded, Step::Command("order query {order_no}")),
    (Code::NotVerified, Step::Command("account check {name}")),
    (Code::SignatureStale, Step::Command("account check {name}")),
    (Code::AdoptsNothing, Step::Command("order list")),
    (Code::AccountHasOpenOrders, Step::Counted("count", "order list --open")),
    (Code::AccountHasOpenOrders, Step::Counted("refunds", "refunds --open")),
    (Code::MerchantHasOpenOrders, Step::Counted("count", "order list --open")),
    (Code::MerchantHasOpenOrders, Step::Counted("refunds", "refunds --open")),
    (Code::RefundOverLimit, Step::Command("limits set --currency {currency} --per-refund AMOUNT --operator NAME")),
    (Code::RefundOverDay, Step::Command("limits set --currency {currency} --per-day AMOUNT --operator NAME")),
    (Code::RefundTooOld, Step::Command("limits set --window-days N --operator NAME")),
    (Code::RefundFailedBefore, Step::Command("refund {order_no} --again {refund_no}")),
    (Code::RefundFailedAlone, Step::Command("refund {order_no} --again {refund_no}")),
    (Code::RefundLinesNeeded, Step::Option("--item ID:QTY:AMOUNT")),
    (Code::RefundLinesUnknown, Step::Option("--item ID:QTY:AMOUNT")),
    (Code::RefundUnknownBefore, Step::Words(MARKED_IN_THE_WINDOW)),
    (Code::RefundElsewhere, Step::Words(MARKED_IN_THE_WINDOW)),
    (Code::RefundInDispute, Step::Words(MARKED_IN_THE_WINDOW)),
    (Code::RefundedElsewhereFirst, Step::Words(MARKED_IN_THE_WINDOW)),
    (Code::RefundNotAgain, Step::Command("order show ORDER_NO")),
    (Code::RefundLeft, Step::Command("order show ORDER_NO")),
    (Code::RefundLeft, Step::Words(UNKNOWN_THERE)),
    (Code::JournalDamaged, Step::Command("journal rebuild")),
    (Code::JournalDamaged, Step::Command("journal export --format csv --output FOLDER")),
    (Code::JournalDamaged, Step::Command("journal restore FILE")),
    (Code::JournalUnopenable, Step::Command("journal restore FILE")),
    (Code::JournalPartUnreadable, Step::Command("journal export --format csv --output FOLDER")),
    (Code::JournalCannotRecord, Step::Command("journal rebuild")),
    (Code::JournalNotWhole, Step::Command("journal verify")),
    (Code::BackupDamaged, Step::Command("journal verify {file}")),
    (Code::KeyringLocked, Step::Words(WITHOUT_A_DESKTOP)),
    (Code::KeyringLocked, Step::Words(ANOTHER_PASSWORD)),
    (Code::ReceiverNotRunning, Step::Command("serve")),
    (Code::CatalogueUnusable, Step::Command("account check {name}")),
];

/// The next steps behind `refusal`, a line each. `called`: see [`called`].
pub(super) fn lines(refusal: &Refusal, called: &str, language: Language) -> Vec<String> {
    let steps = STEPS.iter().filter(|(code, _)| *code == refusal.code);
    let secret = refusal.facts.get("secret").is_some_and(|secret| secret == "true");
    let command = |command: &str| format!("{called} {}", filled(command, refusal));
    let written = steps.filter_map(|(_, step)| match step {
        Step::Command(known) => Some(command(known)),
        Step::Field(known) => (!secret).then(|| command(known)),
        Step::Secret(known) => secret.then(|| command(known)),
        Step::Counted(fact, known) => counts(refusal, fact).then(|| command(known)),
        Step::Option(option) => Some(filled(option, refusal)),
        Step::Pins(option, pins) => Some(format!("{option}{}", pins.in_language(language))),
        Step::Signed(option) => {
            let pin = if refusal.facts.contains_key(NEW_PIN) { PIN_AND_NEW } else { PIN };
            Some(format!("{option}{}", pin.in_language(language)))
        }
        Step::Words(words) => Some(filled(words.in_language(language), refusal)),
    });
    written.collect()
}

fn counts(refusal: &Refusal, fact: &str) -> bool {
    refusal.facts.get(fact).is_some_and(|count| count != "0")
}

fn filled(step: &str, refusal: &Refusal) -> String {
    let fill = |text: String, (name, value): (&String, &String)| {
        text.replace(&format!("{{{name}}}"), &quoted(&one_line(value)))
    };
    refusal.facts.iter().fold(step.to_owned(), fill)
}

/// The program as a shell finds it again, with the options that choose the till.
pub(super) fn called(program: Option<&OsString>, options: &Options) -> String {
    let program = program.map(|program| program.to_string_lossy()).filter(|program| !program.is_empty());
    let mut called = quoted(program.as_deref().unwrap_or("tillkeeper"));
    if let Some(folder) = &options.data_dir {
        called.extend([" --data-dir ".to_owned(), quoted(&folder.to_string_lossy())]);
    }
    if options.training {
        called.push_str(" --training");
    }
    called
}

/// One word of a shell.
fn quoted(word: &str) -> String {
    let plain = |letter: char| letter.is_alphanumeric() || "/._-+:=@%,\\".contains(letter);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use till_core::gateway::Unbuildable;

    #[test]
    fn what_an_account_lacks_has_the_one_command_that_takes_it() {
        for (lacking, command) in [
            (Unbuildable::AccountField("merchant_id"), "till account set main --set merchant_id=VALUE"),
            (Unbuildable::Secret("key"), "till account secret main key"),
        ] {
            assert_eq!(lines(&Refusal::from(lacking).with("name", "main"), "till", Language::En), [command]);
        }
    }

    #[test]
    fn what_keeps_an_account_in_use_is_listed_where_there_is_some_of_it() {
        let (orders, refunds) = ("till order list --open", "till refunds --open");
        for code in [Code::AccountHasOpenOrders, Code::MerchantHasOpenOrders] {
            for (count, unfinished, listed) in
                [(0, 1, vec![refunds]), (2, 0, vec![orders]), (1, 1, vec![orders, refunds])]
            {
                let kept = Refusal::of(code).with("name", "main").with("count", count).with("refunds", unfinished);
                assert_eq!(lines(&kept, "till", Language::En), listed, "{code:?}");
            }
        }
    }

    #[test]
    fn an_answer_that_confirms_nothing_leads_to_the_check_of_the_account_that_was_asked() {
        for code in [Code::NotVerified, Code::SignatureStale] {
            let told = lines(&Refusal::of(code).with("name", "voice"), "till", Language::En);
            assert_eq!(told, ["till account check voice"], "{code:?}");
        }
    }

    #[test]
    fn a_keyring_that_stays_locked_is_told_to_have_another_password_and_what_a_new_one_loses() {
        for (language, first, lost) in [
            (Language::ZhCn, "请用当初的密码", "重新录入"),
            (Language::ZhHk, "請用當初的密碼", "重新輸入"),
            (Language::En, "use the first one", "enter those of every account again"),
        ] {
            let told = lines(&Refusal::of(Code::KeyringLocked), "till", language);
            assert!(told.iter().any(|line| line.contains(first) && line.contains(lost)), "{told:?}");
        }
    }

    #[test]
    fn that_a_new_pin_stands_behind_the_pin_is_said_only_where_one_is_set() {
        for (language, new) in
            [(Language::En, "a new PIN to set"), (Language::ZhCn, "要设的新密码"), (Language::ZhHk, "要設的新密碼")]
        {
            for code in [Code::MissingRight, Code::PinNeeded] {
                let refused = Refusal::of(code);
                let told = lines(&refused, "till", language);
                assert!(told.iter().all(|line| line.starts_with("--operator NAME") && !line.contains(new)), "{told:?}");
                let told = lines(&refused.with(NEW_PIN, true), "till", language);
                assert!(told.iter().any(|line| line.contains(new)), "{told:?}");
            }
        }
    }

    #[test]
    fn a_refund_that_left_is_sent_again_where_the_gateway_does_not_know_it() {
        let left = Refusal::of(Code::RefundLeft).with("refund_no", "TR1");
        for language in [Language::En, Language::ZhCn, Language::ZhHk] {
            let told = lines(&left, "till", language);
            assert!(told.iter().any(|line| line.ends_with("refund ORDER_NO --again TR1")), "{told:?}");
        }
    }

    #[test]
    fn what_a_shell_would_take_apart_is_quoted() {
        assert_eq!(quoted("/a/b-c_1.2"), "/a/b-c_1.2");
        assert_eq!(quoted("收银/a"), "收银/a");
        assert_eq!(quoted("my till"), "'my till'");
        assert_eq!(quoted("it's; rm"), r"'it'\''s; rm'");
        assert_eq!(quoted(""), "''");
    }
}
