//! The words of what goes wrong with that which gateways send: why it was refused, account by account.

use super::{Severity, Words, words};
use crate::words::Label;

/// What was refused may have been a notice of a payment, or a platform's call that was to make an order.
const NO_ORDER_MADE: Label = Label::new(
    "本机已有订单的款项不受影响：收银台照常主动查询。被拒绝的下单请求没有在这里生成订单。",
    "本機已有訂單的款項不受影響：收銀台照常主動查詢。被拒絕的下單請求沒有在此處產生訂單。",
    "Payments of orders that are here are safe: the till asks the gateway as before. Calls that were refused made no order here.",
);

pub(super) const CATALOGUE_UNUSABLE: Words = words(
    Severity::Warning,
    Label::new(
        "账户 {name} 的商品目录不能用：{file}。",
        "帳戶 {name} 的商品目錄不能使用：{file}。",
        "The catalogue of account {name} cannot be used: {file}.",
    ),
    Label::new(
        "在此之前不接新的语音订单；已有的订单不受影响。",
        "在此之前不接新的語音訂單；已有的訂單不受影響。",
        "No new voice orders are taken meanwhile. Orders that there are stay as they are.",
    ),
    Label::new(
        "请确认写的是完整路径、文件在那里而且能读：CSV 的第一行要有 id、name、price 三列（或用 JSON），价格是整数分，编号不重复。然后检查账户。",
        "請確認所寫的是完整路徑、檔案在該處而且可讀：CSV 的首行須有 id、name、price 三欄（或用 JSON），價錢為整數分，編號不重複。然後檢查帳戶。",
        "Check that it is a full path and that the file is there and can be read: CSV whose first line names id, name and price, or JSON; prices in whole fen, no id twice. Then check the account.",
    ),
);

pub(super) const NOT_KEPT: Words = words(
    Severity::Warning,
    Label::new(
        "发给账户 {name} 的通知，这台电脑没能核对或没能及时写入流水，所以没有接受。",
        "發給帳戶 {name} 的通知，這部電腦未能核對或未能及時寫入流水，所以沒有接受。",
        "Notifications to account {name} were not taken: this computer could not check them, or not store them in time.",
    ),
    NO_ORDER_MADE,
    Label::new(
        "请看其他检查结果里的密钥环和磁盘，原因在日志里。网关会再发。",
        "請查看其他檢查結果內的密鑰圈及磁碟，原因在日誌內。網關會再發送。",
        "Look at what the check-up says of keyring and disk; the log has the reason. Gateways send again.",
    ),
);

pub(super) const UNVERIFIED: Words = words(
    Severity::Warning,
    Label::new(
        "发给账户 {name} 的最近几条通知没有签名，或签名不对，都被拒绝了。",
        "發給帳戶 {name} 的最近幾則通知沒有簽署，或簽署不正確，全被拒絕。",
        "The newest notifications to account {name} were not signed, or wrongly, and were refused.",
    ),
    NO_ORDER_MADE,
    Label::new(
        "如果确实是网关发的，请核对账户的密钥；没有签名的谁都能发。",
        "如確實由網關發出，請核對帳戶的密鑰；沒有簽署的任何人都可發送。",
        "Where they are the gateway's own, check the account's key. Anybody can send what is not signed.",
    ),
);

pub(super) const REFUSED: Words = words(
    Severity::Warning,
    Label::new(
        "发给账户 {name} 的通知都没有被接受。",
        "發給帳戶 {name} 的通知全部不獲接受。",
        "No notification to account {name} was taken.",
    ),
    NO_ORDER_MADE,
    Label::new(
        "请看“设置”的“通知接收”里写的原因：不是这台收银台的订单，说明别处也在用这个账户；看不懂的，请带着日志联系网关。",
        "請查看「設定」的「通知接收」內所寫的原因：如非這部收銀台的訂單，即另有他處使用此帳戶；如無法解讀，請帶同日誌聯絡網關。",
        "See the reasons in Settings, Receiver: orders that are not this till's mean that the account is used elsewhere too; with what cannot be read, call the gateway, log in hand.",
    ),
);
