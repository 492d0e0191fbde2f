//! The words of a keyring that a check-up finds to be missing or locked: nobody sold anything that could have been refused.

use super::{Code, FoundWords};
use crate::words::Label;

/// What to do where there is no keyring.
pub(super) const INSTALL: Label = Label::new(
    "Linux 上请安装 gnome-keyring 或其他 Secret Service，登录后重新启动；没有桌面的话，按 README 里 dbus-run-session 那一行启动收银台。训练模式照常可用。",
    "Linux 請安裝 gnome-keyring 或其他 Secret Service，登入後重新啟動；如沒有桌面，請按 README 內 dbus-run-session 那一行啟動收銀台。訓練模式照常可用。",
    "On Linux, install gnome-keyring or another Secret Service, log in and start again; without a desktop start the till by the README's line with dbus-run-session. Training works without it.",
);

pub(super) const FOUND: [(Code, FoundWords); 2] = [
    (
        Code::KeyringAbsent,
        FoundWords {
            money: Label::new(
                "没有密钥环就取不出密钥；没有密钥的收银台发不出收款、查询和退款。看订单和导出照常。",
                "沒有密鑰圈就無法取出密鑰；沒有密鑰的收銀台不能發出收款、查詢及退款。查看訂單及匯出如常。",
                "Without it there are no keys, and a till without keys sends no sale, question or refund. Orders can be read and exported.",
            ),
            next: INSTALL,
        },
    ),
    (
        Code::KeyringLocked,
        FoundWords {
            money: Label::new(
                "锁着的时候取不出密钥；没有密钥的收银台发不出收款、查询和退款。看订单和导出照常。",
                "上鎖期間無法取出密鑰；沒有密鑰的收銀台不能發出收款、查詢及退款。查看訂單及匯出如常。",
                "While it is locked no key comes out of it, and a till without keys sends no sale, question or refund. Orders can be read and exported.",
            ),
            next: Label::new(
                "请在系统弹出的窗口里解锁，第一次则设置密码；开着的收银台随后会自动继续。",
                "請在系統彈出的視窗解鎖，首次則設定密碼；開啟中的收銀台隨後會自動繼續。",
                "Unlock it in the system's dialog, or choose a password there the first time. A till that is open then goes on by itself.",
            ),
        },
    ),
];
