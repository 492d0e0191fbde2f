//! The words of what goes wrong with people, PINs and limits.

use super::{NO_MONEY, Severity, Words, words};
use crate::words::Label;

const NOTHING_DONE: Label = Label::new(
    "什么都没有做，款项不变。",
    "沒有執行任何操作，款項不變。",
    "Nothing was done; the money stays as it is.",
);

pub(super) const OPERATOR_UNKNOWN: Words = words(
    Severity::Info,
    Label::new(
        "没有名为“{name}”的人员。",
        "沒有名為「{name}」的人員。",
        "There is nobody named “{name}” at this till.",
    ),
    NOTHING_DONE,
    Label::new("请核对姓名，或请店长添加。", "請核對姓名，或請店長新增。", "Check the name, or have a manager add it."),
);

pub(super) const OPERATOR_NAME_TAKEN: Words = words(
    Severity::Info,
    Label::new(
        "“{name}”这个名字已经用过了。已移除人员的名字也不能再用。",
        "「{name}」這個名字已經用過。已移除人員的名字亦不可再用。",
        "The name “{name}” has been used. Names of people who were removed are not given again.",
    ),
    NO_MONEY,
    Label::new("请换一个名字。", "請改用另一個名字。", "Choose another name."),
);

pub(super) const BAD_OPERATOR_NAME: Words = words(
    Severity::Info,
    Label::new("名字不能是“{name}”。", "名字不可以是「{name}」。", "Nobody can be named “{name}”."),
    NO_MONEY,
    Label::new(
        "请用 1 到 40 个看得见的字，不要冒号。",
        "請用 1 至 40 個看得見的字，不可有冒號。",
        "Use 1 to 40 characters that can be seen, without a colon.",
    ),
);

pub(super) const BAD_PIN: Words = words(
    Severity::Info,
    Label::new("这不能用作密码。", "這不可用作密碼。", "This cannot be a PIN."),
    NO_MONEY,
    Label::new(
        "请用 4 到 12 位数字，不要全部相同。",
        "請用 4 至 12 位數字，不可全部相同。",
        "Use 4 to 12 digits, not all the same.",
    ),
);

pub(super) const PIN_NEEDED: Words = words(
    Severity::Info,
    Label::new("还没有“{name}”的密码。", "尚未有「{name}」的密碼。", "The PIN of “{name}” is missing."),
    NOTHING_DONE,
    Label::new("请让“{name}”输入密码。", "請「{name}」輸入密碼。", "Have “{name}” enter it."),
);

pub(super) const PIN_WRONG: Words = words(
    Severity::Warning,
    Label::new("“{name}”的密码不对。", "「{name}」的密碼不正確。", "The PIN of “{name}” is wrong."),
    NOTHING_DONE,
    Label::new(
        "请再输入一次。还可以试 {left} 次，之后会锁定 30 分钟。",
        "請再輸入一次。尚可嘗試 {left} 次，其後會鎖定 30 分鐘。",
        "Enter it again. Tries left before a lock-out of 30 minutes: {left}.",
    ),
);

pub(super) const PIN_OUTDATED: Words = words(
    Severity::Warning,
    Label::new(
        "“{name}”需要店长给一个新密码：原来的密码是用这台电脑的密钥环里已经没有的东西保存的，核对不了。",
        "「{name}」需要店長給一個新密碼：原來的密碼是以這部電腦的密鑰圈內已經沒有的資料儲存的，無法核對。",
        "“{name}” needs a new PIN from a manager: the one that was set is kept by something that this computer's keyring no longer holds, \
         so it cannot be checked.",
    ),
    Label::new(
        "什么都没有做，也没有算作输错。",
        "沒有執行任何操作，亦不算輸錯。",
        "Nothing was done, and no try was counted as wrong.",
    ),
    Label::new(
        "请店长给“{name}”一个新密码：在窗口里，或在终端用 operator pin。没有店长能登录的话，在这台电脑上用 operator pin 名字 --lost。",
        "請店長給「{name}」一個新密碼：在視窗內，或在終端機用 operator pin。如沒有店長可以登入，在這部電腦上用 operator pin 名字 --lost。",
        "Have a manager give “{name}” a new one: in the window, or in a terminal with operator pin. Where no manager can sign in, use \
         operator pin NAME --lost at this computer.",
    ),
);

pub(super) const LOCKED_OUT: Words = words(
    Severity::Warning,
    Label::new(
        "“{name}”输错密码太多次，已锁定。",
        "「{name}」輸錯密碼次數過多，已鎖定。",
        "“{name}” is locked out after too many wrong PINs.",
    ),
    NOTHING_DONE,
    Label::new(
        "约 {minutes} 分钟后再试。收银台须开着，这段时间才计算在内。",
        "約 {minutes} 分鐘後再試。收銀台須開着，這段時間才計算在內。",
        "Try again in about {minutes} min. Only time in which the till is running counts.",
    ),
);

pub(super) const LAST_MANAGER: Words = words(
    Severity::Warning,
    Label::new(
        "没有另一位店长现在能登录，所以不能移除这一位。",
        "沒有另一位店長現在可以登入，所以不可移除這一位。",
        "No other manager can sign in now, so this one cannot be removed.",
    ),
    NO_MONEY,
    Label::new(
        "请先添加另一位店长；有店长被锁定的话，等锁定结束。",
        "請先新增另一位店長；如有店長被鎖定，請等候鎖定結束。",
        "Add another manager first; if one is locked out, wait until that is over.",
    ),
);

pub(super) const SECOND_PERSON_NEEDED: Words = words(
    Severity::Info,
    Label::new(
        "一张订单连同以前退的超过 {above} {currency}，须由第二个人同意。",
        "一張訂單連同先前退還的超過 {above} {currency}，須由第二人同意。",
        "Above {above} {currency} of one order, with what went back of it before, a second person has to agree.",
    ),
    NOTHING_DONE,
    Label::new(
        "请另一位人员输入自己的姓名和密码。",
        "請另一位人員輸入自己的姓名及密碼。",
        "Have somebody else enter their name and PIN.",
    ),
);

pub(super) const SECOND_PERSON_SAME: Words = words(
    Severity::Info,
    Label::new("第二个人不能是本人。", "第二人不可以是本人。", "The second person cannot be the same as the first."),
    NOTHING_DONE,
    Label::new(
        "请另一位人员输入自己的姓名和密码。",
        "請另一位人員輸入自己的姓名及密碼。",
        "Have somebody else enter their name and PIN.",
    ),
);

pub(super) const LIMITS_BAD: Words = words(
    Severity::Info,
    Label::new("“{field}”的值不能用。", "「{field}」的值不可用。", "The value of “{field}” cannot be used."),
    NO_MONEY,
    Label::new(
        "请改正后再试，可以是：{values}。限额没有改变。",
        "請改正後再試，可以是：{values}。限額沒有改變。",
        "Correct it and try again. It can be: {values}. The limits stay as they were.",
    ),
);

pub(super) const PIN_REPLACED: Words = words(
    Severity::Warning,
    Label::new(
        "“{name}”的密码于 {day} 在这台电脑上被重设，没有用原密码。",
        "「{name}」的密碼於 {day} 在這部電腦上重設，沒有使用原密碼。",
        "The PIN of “{name}” was replaced on {day} at this computer, without the old one.",
    ),
    Label::new(
        "款项本身不受影响。此后的退款请核对。",
        "款項本身不受影響。其後的退款請核對。",
        "Money did not move by this. Check the refunds since then.",
    ),
    Label::new(
        "如果没有人承认，请换掉这台电脑的系统密码，并查看流水。",
        "如沒有人承認，請更換這部電腦的系統密碼，並查看流水。",
        "If nobody owns up to it, change this computer's password and look at the journal.",
    ),
);
