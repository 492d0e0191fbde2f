//! The people at the till, and what refunds are held to.

use super::arguments::{Job, LimitsCommand, LimitsSet, LimitsWanted, OperatorCommand, Reason};
use super::engine::{self, Followed};
use super::exit::Exit;
use super::{Session, bad_request, input, next};
use crate::premises::{self, Entry, Stay};
use secrecy::ExposeSecret;
use till_core::error::{Code, Refusal};
use till_core::money::Currency;
use till_core::rights::Role;
use till_core::words::{Label, Language};
use till_engine::request::{Hidden, Reply, Request};
use till_engine::view::people::{LimitsChange, LimitsView, OperatorView};

const NEW_PIN: Label = Label::new(
    "请输入“{name}”的新密码（4 到 12 位数字，不显示）：",
    "請輸入「{name}」的新密碼（4 至 12 位數字，不顯示）：",
    "Enter a new PIN for “{name}” (4 to 12 digits, not shown):",
);
const ONCE_MORE: Label = Label::new("请再输入一次：", "請再輸入一次：", "Enter it once more:");
const DIFFERENT: Label =
    Label::new("两次输入不同，请重新输入。", "兩次輸入不同，請重新輸入。", "The two differ. Enter it anew.");
const LINE_TOO_MANY: Label = Label::new(
    "多了一行：“{name}”的新密码只写一次，放在最后一行，前面只有 --operator 那位的密码",
    "多了一行：「{name}」的新密碼只寫一次，放在最後一行，前面只有 --operator 那位的密碼",
    "a line too many: the new PIN of “{name}” stands once, on the last line, behind nothing but the PIN of whoever --operator names",
);
const NOBODY: Label = Label::new("还没有人员。", "尚未有人員。", "There is nobody yet.");

const CLOSE_FIRST: Label = Label::new(
    "请先关闭收银台：没有密码而重设密码，须独占数据文件夹。",
    "請先關閉收銀台：沒有密碼而重設密碼，須獨佔資料夾。",
    "Close the till first: a PIN is replaced without any PIN only where nothing else has the folder.",
);

const CASHIER: Label = Label::new("收银员", "收銀員", "cashier");
const MANAGER: Label = Label::new("店长", "店長", "manager");
const REMOVED: Label = Label::new("已移除", "已移除", "removed");
const WRONG: Label = Label::new("输错次数", "輸錯次數", "wrong PINs");
const LOCKED: Label = Label::new("锁定剩余秒数（至多）", "鎖定剩餘秒數（至多）", "locked out for seconds at most");
const REPLACED: Label = Label::new("未用原密码重设于", "未用原密碼重設於", "PIN replaced without the old one");
const PER_REFUND: Label = Label::new("每笔", "每筆", "a refund");
const PER_DAY: Label = Label::new("每人每天", "每人每日", "a person and day");
const SECOND: Label = Label::new(
    "同一订单连同以前退的，超过须第二人",
    "同一訂單連同先前退還的，超過須第二人",
    "of one order, with what went back of it before, a second person above",
);
const REASON: Label = Label::new("须填原因", "須填原因", "a reason is required");
const NO_REASON: Label = Label::new("可不填原因", "可不填原因", "a reason is optional");
const WINDOW: Label = Label::new("付款后可退天数", "付款後可退日數", "days after the payment");
const IDLE: Label =
    Label::new("闲置锁定秒数（0 为从不）", "閒置鎖定秒數（0 為從不）", "idle lock in seconds (0: never)");

/// Somebody comes, goes, or gets another PIN.
pub(super) async fn operator(session: &Session, command: OperatorCommand) -> Result<Exit, Refusal> {
    let request = match command {
        OperatorCommand::List => {
            let reading = session.reading().await?;
            let operators = reading.operators().await?;
            if operators.is_empty() && reading.is_there() {
                session.output.none(NOBODY);
            }
            for operator in operators {
                print(session, &operator);
            }
            return Ok(Exit::Done);
        }
        OperatorCommand::Pin { name, lost: true } => return replace_lost_pin(session, &name).await,
        OperatorCommand::Pin { name, lost: false } => Request::SetPin { pin: new_pin(session, &name)?, name },
        OperatorCommand::Add { name, role } => {
            let role = match role {
                Job::Cashier => Role::Cashier,
                Job::Manager => Role::Manager,
            };
            Request::AddOperator { pin: new_pin(session, &name)?, name, role }
        }
        OperatorCommand::Remove { name } => Request::RemoveOperator { name },
    };
    let sets_pin = !matches!(request, Request::RemoveOperator { .. });
    let done = done(session, request).await;
    done.map_err(|refusal| if sets_pin { refusal.with(next::NEW_PIN, true) } else { refusal })
}

/// What refunds are held to.
pub(super) async fn limits(session: &Session, command: LimitsCommand) -> Result<Exit, Refusal> {
    match command {
        LimitsCommand::Show => {
            print_limits(session, &session.reading().await?.limits().await?);
            Ok(Exit::Done)
        }
        LimitsCommand::Set(set) => done(session, Request::SetLimits { change: changed(set) }).await,
    }
}

async fn done(session: &Session, request: Request) -> Result<Exit, Refusal> {
    let followed = engine::ask(session, request, |reply| {
        if let Reply::Operator(operator) = &reply {
            print(session, operator);
        }
        if let Reply::Limits(limits) = &reply {
            print_limits(session, limits);
        }
    })
    .await?;
    Ok(if followed == Followed::Answered { Exit::Done } else { Exit::NotYet })
}

/// The PIN that `name` gets: what is left of standard input. A person who types it unseen does so twice.
fn new_pin(session: &Session, name: &str) -> Result<Hidden, Refusal> {
    let output = &session.output;
    let prompt = output.words(NEW_PIN).replace("{name}", name);
    loop {
        let pin = input::secret(session, &prompt)?;
        let given = pin.bytes().expose_secret().trim_ascii();
        if given.is_empty() {
            return Err(Refusal::of(Code::PinNeeded).with("name", name).with(next::NEW_PIN, true));
        }
        if given.contains(&b'\n') {
            return Err(bad_request(output.words(LINE_TOO_MANY).replace("{name}", name)));
        }
        if !input::is_typed() || is_same(&input::line(session, output.words(ONCE_MORE))?, &pin) {
            return Ok(pin);
        }
        output.note(DIFFERENT);
    }
}

fn is_same(one: &Hidden, other: &Hidden) -> bool {
    one.bytes().expose_secret() == other.bytes().expose_secret()
}

/// Gives somebody another PIN without any PIN. Only where this process has the till to itself: whoever can close the till and
/// read its keyring owns it anyway.
async fn replace_lost_pin(session: &Session, name: &str) -> Result<Exit, Refusal> {
    if session.claims() {
        return Err(bad_request("--lost: --operator"));
    }
    let pin = new_pin(session, name)?.text().ok_or_else(|| Refusal::of(Code::BadPin))?;
    let premises = match premises::enter(&session.place, Stay::Short).await? {
        Entry::Ours(premises) => premises,
        Entry::Taken => {
            session.output.note(CLOSE_FIRST);
            return Err(premises::taken(&session.place).await);
        }
    };
    let replaced = premises.till.replace_lost_pin(name, &pin).await;
    let operator = replaced.and_then(|()| premises.till.operator(name));
    session.keep(premises.leave().await);
    print(session, &operator?);
    Ok(Exit::Done)
}

fn changed(LimitsSet { currency, wanted }: LimitsSet) -> LimitsChange {
    let LimitsWanted { per_refund, per_day, second_above, reason, window_days, idle_lock_s } = wanted;
    let reason_required = reason.map(|reason| match reason {
        Reason::Required => true,
        Reason::Optional => false,
    });
    LimitsChange { currency, per_refund, per_day, second_above, reason_required, window_days, idle_lock_s }
}

fn print(session: &Session, operator: &OperatorView) -> bool {
    session.output.line(operator, || text(operator, session.output.language))
}

fn text(operator: &OperatorView, language: Language) -> String {
    let words = |label: Label| label.in_language(language);
    let role = match operator.role {
        Role::Cashier => CASHIER,
        Role::Manager => MANAGER,
    };
    let mut text = format!("{}  {}", operator.name, words(role));
    if operator.removed {
        text.extend([format!("  [{}]", words(REMOVED))]);
    }
    let told = [
        (WRONG, (operator.wrong_tries > 0).then(|| operator.wrong_tries.to_string())),
        (LOCKED, operator.locked_for_s.map(|left| left.to_string())),
        (REPLACED, operator.pin_replaced_at.clone()),
    ];
    for (label, value) in told {
        if let Some(value) = value {
            text.extend([format!("\n  {}: {value}", words(label))]);
        }
    }
    text
}

fn print_limits(session: &Session, limits: &LimitsView) -> bool {
    session.output.line(limits, || limits_text(limits, session.output.language))
}

fn limits_text(limits: &LimitsView, language: Language) -> String {
    let words = |label: Label| label.in_language(language);
    let mut lines: Vec<String> = Vec::new();
    for currency in Currency::ALL {
        let Some(held) = limits.refunds.get(&currency) else { continue };
        lines.push(format!(
            "{}  {} {}  {} {}  {} {}",
            currency.code(),
            words(PER_REFUND),
            held.per_refund,
            words(PER_DAY),
            held.per_day,
            words(SECOND),
            held.second_above
        ));
    }
    lines.push(words(if limits.reason_required { REASON } else { NO_REASON }).to_owned());
    lines.push(format!("{}: {}", words(WINDOW), limits.window_days));
    lines.push(format!("{}: {}", words(IDLE), limits.idle_lock_s));
    lines.join("\n")
}
