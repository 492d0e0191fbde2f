//! Words for codes while nothing else speaks: the app exports its own.
import type { Code, ErrorWords, Label, Severity } from "../contract.ts";

const label = (zhCN: string, zhHK: string, en: string): Label => ({ "zh-CN": zhCN, "zh-HK": zhHK, en });
const untouched = label("没有发生任何扣款。", "沒有發生任何扣款。", "No money moved.");
const words = (severity: Severity, what: Label, next: Label, money: Label = untouched): ErrorWords => ({
  severity,
  what,
  money,
  next,
});
const correct = label("改正后再试。", "更正後再試。", "Correct it and try again.");
const plain = (zhCN: string, zhHK: string, en: string): ErrorWords => words("warning", label(zhCN, zhHK, en), correct);

export const standIn: { [code in Code]?: ErrorWords } = {
  amount_empty: plain("还没有输入金额。", "尚未輸入金額。", "No amount was typed."),
  amount_decimals: plain("金额最多两位小数。", "金額最多兩位小數。", "An amount has two decimals at most."),
  amount_grouped: plain(
    "金额里不要写分隔符，例如 1250。",
    "金額不要寫分隔符，例如 1250。",
    "Write the amount without grouping, as 1250.",
  ),
  amount_negative: plain("金额不能是负数。", "金額不能是負數。", "An amount cannot be negative."),
  amount_not_a_number: plain("这不是金额。", "這不是金額。", "This is not an amount."),
  amount_zero: plain("金额不能是零。", "金額不能是零。", "An amount cannot be zero."),
  amount_over_limit: plain(
    "超过这种付款方式的上限 {limit}。",
    "超過這種付款方式的上限 {limit}。",
    "More than this way to pay takes: {limit}.",
  ),
  unknown_account: plain("没有名为“{name}”的账户。", "沒有名為「{name}」的帳戶。", "There is no account “{name}”."),
  account_retired: plain("账户“{name}”已停用。", "帳戶「{name}」已停用。", "The account “{name}” is out of use."),
  account_incomplete: plain("账户还缺少“{field}”。", "帳戶尚欠「{field}」。", "The account still needs “{field}”."),
  unknown_channel: plain("网关没有这种付款方式。", "網關沒有這種付款方式。", "The gateway has no such way to pay."),
  channel_field_missing: plain("还缺少“{field}”。", "尚欠「{field}」。", "“{field}” is needed."),
  channel_field_bad: plain("“{field}”的内容不对。", "「{field}」的內容不對。", "“{field}” does not fit."),
  value_does_not_fit: plain("“{field}”太长。", "「{field}」太長。", "“{field}” is too long."),
  expire_out_of_range: plain(
    "有效期须在 60 到 7200 秒之间。",
    "有效期須在 60 至 7200 秒之間。",
    "Expiry must be 60 to 7,200 seconds.",
  ),
  further_order_not_yet: plain(
    "还不能换一种方式付款。",
    "暫時不能改用其他方式付款。",
    "Another way to pay is not allowed yet.",
  ),
  unknown_order: plain("没有这个订单号。", "沒有這個訂單編號。", "There is no order of that number."),
  order_ended: plain("订单已经结束。", "訂單已經結束。", "The order has ended already."),
  gateway_cannot: plain("网关做不到：{what}。", "網關做不到：{what}。", "The gateway cannot do that: {what}."),
  unknown_gateway: plain("没有这个网关。", "沒有這個網關。", "There is no such gateway."),
  bad_account_name: plain(
    "账户名不能用“{name}”。",
    "帳戶名稱不能用「{name}」。",
    "“{name}” cannot be an account's name.",
  ),
  account_name_taken: plain("“{name}”已被使用。", "「{name}」已被使用。", "“{name}” is taken."),
  unknown_field: plain("没有“{field}”这一项。", "沒有「{field}」這一項。", "There is no field “{field}”."),
  secret_field: plain("密钥要单独填写。", "密鑰要另外填寫。", "A secret goes in by itself."),
  bad_value: plain("“{field}”的内容不对。", "「{field}」的內容不對。", "“{field}” does not fit."),
  bad_address: plain("地址要以 https:// 开头。", "網址要以 https:// 開頭。", "The address must begin with https://."),
  account_has_open_orders: plain(
    "账户还有 {count} 笔未结束的订单。",
    "帳戶尚有 {count} 筆未完結的訂單。",
    "The account has {count} open orders.",
  ),
  missing_right: plain("没有权限。", "沒有權限。", "You may not do that."),
  keyring_absent: words(
    "danger",
    label("这台电脑没有密钥环服务。", "這部電腦沒有密鑰圈服務。", "This computer has no keyring service."),
    label(
      "安装 gnome-keyring 后重新启动；练习模式不需要它。",
      "安裝 gnome-keyring 後重新啟動；練習模式不需要它。",
      "Install gnome-keyring and start again; training works without it.",
    ),
  ),
  keyring_locked: words(
    "warning",
    label("密钥环锁着，正在等它打开。", "密鑰圈已上鎖，正在等候解鎖。", "The keyring is locked; waiting for it."),
    label("在系统里解锁密钥环。", "請在系統解鎖密鑰圈。", "Unlock it in the system."),
  ),
  keyring_failed: plain("密钥环出错：{reason}", "密鑰圈出錯：{reason}", "The keyring failed: {reason}"),
  disk_full: words(
    "danger",
    label("磁盘已满，流水无法写入。", "磁碟已滿，流水無法寫入。", "The disk is full; the journal cannot be written."),
    label("腾出空间后会自动继续。", "騰出空間後會自動繼續。", "Free some space; it goes on by itself."),
    label("新的收款不会发出。", "新的收款不會發出。", "No new payment is asked for."),
  ),
  folder_read_only: plain(
    "文件夹不能写：{folder}",
    "資料夾不能寫入：{folder}",
    "The folder cannot be written: {folder}",
  ),
  journal_damaged: words(
    "danger",
    label("流水文件损坏。", "流水檔案損壞。", "The journal is damaged."),
    label("从备份恢复，或联系支持。", "從備份還原，或聯絡支援。", "Restore a backup or call support."),
    label("已收的款在网关仍有记录。", "已收的款在網關仍有紀錄。", "What was paid is still known to the gateway."),
  ),
  journal_newer: plain(
    "流水由更新的版本写成。",
    "流水由較新的版本寫成。",
    "The journal was written by a newer version.",
  ),
  settings_broken: plain("设置文件读不懂。", "設定檔無法讀取。", "The settings cannot be read."),
  till_in_use: plain(
    "另一个收银台正在使用这个文件夹。",
    "另一個收銀台正在使用這個資料夾。",
    "Another till is using this folder.",
  ),
  customer_screen_gone: plain("顾客屏断开了。", "顧客屏幕已斷開。", "The customer's screen is gone."),
  bad_request: plain("看不懂输入：{reason}", "無法理解輸入：{reason}", "Not understood: {reason}"),
  file_failed: plain("文件出错：{reason}", "檔案出錯：{reason}", "A file failed: {reason}"),
  unexpected: words(
    "danger",
    label("出了意外的错误。", "發生意外錯誤。", "Something unexpected happened."),
    label(
      "再试一次；仍不行请报编号 {incident}。",
      "請再試一次；仍不行請提供編號 {incident}。",
      "Try again; if it stays, give the number {incident}.",
    ),
    label(
      "已开的订单仍在询问，不会丢失。",
      "已開的訂單仍在查詢，不會遺失。",
      "Open orders are still asked for; none is lost.",
    ),
  ),
};
