//! The words of every error: what happened, what it means for the money, and the next step.
//!
//! Total over [`Code`], so that a new code does not compile without its words. `{limit}` and the like stand for the facts
//! that the code's documentation names.

mod backup;
mod journal;
mod keyring;
mod notifications;
mod people;
mod receiver;
mod refunds;

use super::Code;
use crate::rights::Action;
use crate::words::Label;
use serde::Serialize;

/// How much a screen makes of it. Vermilion is for money in doubt only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Something to correct and go on.
    Info,
    /// It does not go on without somebody doing something.
    Warning,
    /// Money may be in doubt, or nothing can be recorded.
    Danger,
}

/// What people read about one code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, specta::Type)]
pub struct Words {
    /// How much is made of it.
    pub severity: Severity,
    /// What happened.
    pub what: Label,
    /// What it means for the money.
    pub money: Label,
    /// The next step.
    pub next: Label,
}

/// What people read about one code where the refund that it refuses may have left before, instead of the same two of [`Words`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, specta::Type)]
pub struct AgainWords {
    /// What it means for the money.
    pub money: Label,
    /// The next step; none where that of [`Words`] holds then, too.
    pub next: Option<Label>,
}

/// What people read about one code where a check-up finds it, instead of the same two of [`Words`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, specta::Type)]
pub struct FoundWords {
    /// What it means for selling.
    pub money: Label,
    /// The next step.
    pub next: Label,
}

const fn words(severity: Severity, what: Label, money: Label, next: Label) -> Words {
    Words { severity, what, money, next }
}

const NOTHING_SENT: Label =
    Label::new("没有发出请求，没有收款。", "沒有發出請求，沒有收款。", "Nothing was sent; no money moved.");

const NO_MONEY: Label = Label::new("这不涉及任何款项。", "這不涉及任何款項。", "No money is involved.");

const TYPE_AGAIN: Label =
    Label::new("请重新输入，例如 12.50。", "請重新輸入，例如 12.50。", "Type it again, for example 12.50.");

const OTHER_NAME: Label = Label::new("请换一个名称。", "請改用另一個名稱。", "Choose another name.");

const CORRECT_FIELD: Label =
    Label::new("请改正“{field}”再试。", "請改正「{field}」再試。", "Correct “{field}” and try again.");

/// The computer's clock jumped or is far from the gateway's. Not an error: the till goes on and says so.
pub const CLOCK: Words = words(
    Severity::Warning,
    Label::new("这台电脑的时间不准。", "這部電腦的時間不準。", "This computer's clock is wrong."),
    Label::new(
        "款项不受影响：有效时间按网关的时钟计算。流水里的日期和时间可能不对。",
        "款項不受影響：有效時間按網關的時鐘計算。流水內的日期和時間可能不對。",
        "Payments are safe: expiry follows the gateway's clock. Dates and times in the journal may be wrong.",
    ),
    Label::new(
        "请在系统设置里打开自动校时。收款可以继续。",
        "請在系統設定開啟自動校時。收款可以繼續。",
        "Turn on automatic time in the system's settings. Selling can go on.",
    ),
);

/// What to do where a right is missing that everybody has who gave a PIN.
pub(crate) const ANYBODY_SIGNS_IN: Label = Label::new(
    "请用姓名和密码登录后操作；这里的每个人都可以。",
    "請以姓名及密碼登入後操作；這裏的每個人都可以。",
    "Sign in with a name and a PIN; everybody who has one here may.",
);

/// What to do where a gateway cannot do what was asked.
pub(crate) const INSTEAD: [(Action, Label); 3] = [
    (
        Action::Sell,
        Label::new(
            "这个网关的订单由顾客在别处下单：请按单号接入（order adopt）。",
            "這個網關的訂單由顧客在別處落單：請按單號接入（order adopt）。",
            "Customers make the orders of this gateway elsewhere: take the order in by its number (order adopt).",
        ),
    ),
    (
        Action::Reverse,
        Label::new(
            "还没有付款的话：网关能关闭订单的，可以关闭（order close）；不能的，会继续查询，直到它结束。账户有 micro_reverse 这项设置的，只有打开它之后收的顾客付款码订单可以撤销。",
            "如未付款：網關能關閉訂單的，可以關閉（order close）；不能的，會繼續查詢，直到它完結。帳戶有 micro_reverse 這項設定的，只有開啟它之後以顧客付款碼收款的訂單可以撤銷。",
            "If it is unpaid: where the gateway has a close, close the order (order close); where it has none, the order is asked about \
             until it ends. Where the account has the setting micro_reverse, only orders by the customer's payment code that were made \
             while it was on can be reversed.",
        ),
    ),
    (
        Action::Close,
        Label::new(
            "请等订单自己结束；到那时为止会继续查询。",
            "請等候訂單自行完結；在此之前會繼續查詢。",
            "Wait until the order ends by itself; it is asked about until then.",
        ),
    ),
];

impl Code {
    /// Its words where a check-up finds it; none where those of a refusal hold then, too.
    #[must_use]
    pub fn found_words(self) -> Option<FoundWords> {
        keyring::FOUND.into_iter().find(|(code, _)| *code == self).map(|(_, words)| words)
    }

    /// Its words where the refund that it refuses may have left before, as its fact `again` says; none where that makes no difference.
    #[must_use]
    pub fn again_words(self) -> Option<AgainWords> {
        let next = self.next_again();
        self.money_again().map(|money| AgainWords { money, next })
    }

    /// What it means for the money where the refund that it refuses may have left before; none where that makes no difference.
    #[must_use]
    pub fn money_again(self) -> Option<Label> {
        let refuses_again = matches!(
            self,
            Self::RefundOverLimit
                | Self::RefundOverDay
                | Self::RefundTooOld
                | Self::ReasonNeeded
                | Self::SecondPersonNeeded
        );
        refuses_again.then_some(refunds::NOTHING_SENT_NOW)
    }

    /// The next step where the refund that it refuses may have left before; none where that makes no difference.
    #[must_use]
    pub fn next_again(self) -> Option<Label> {
        matches!(self, Self::RefundTooOld).then_some(refunds::TOO_OLD_AGAIN)
    }

    /// Its words.
    #[must_use]
    #[expect(clippy::too_many_lines, reason = "one table, one arm per code")]
    pub const fn words(self) -> Words {
        match self {
            Self::AmountEmpty => words(
                Severity::Info,
                Label::new("还没有输入金额。", "尚未輸入金額。", "No amount was typed."),
                NOTHING_SENT,
                Label::new(
                    "请输入金额，例如 12.50。",
                    "請輸入金額，例如 12.50。",
                    "Type the amount, for example 12.50.",
                ),
            ),
            Self::AmountDecimals => words(
                Severity::Info,
                Label::new("金额最多两位小数。", "金額最多兩個小數位。", "An amount has two decimals at most."),
                NOTHING_SENT,
                TYPE_AGAIN,
            ),
            Self::AmountGrouped => words(
                Severity::Info,
                Label::new(
                    "金额里有逗号，看不出是不是小数点。",
                    "金額內有逗號，未能分辨是否小數點。",
                    "The amount has a comma, which could also be meant as the decimal point.",
                ),
                NOTHING_SENT,
                Label::new(
                    "请不用逗号输入，例如 1250 或 12.50。",
                    "請不用逗號輸入，例如 1250 或 12.50。",
                    "Type it without a comma, for example 1250 or 12.50.",
                ),
            ),
            Self::AmountNegative => words(
                Severity::Info,
                Label::new("金额不能是负数。", "金額不可為負數。", "An amount cannot be negative."),
                NOTHING_SENT,
                TYPE_AGAIN,
            ),
            Self::AmountNotANumber => words(
                Severity::Info,
                Label::new("这不是金额。", "這不是金額。", "This is not an amount."),
                NOTHING_SENT,
                Label::new(
                    "请写成 12、12.5 或 12.50 的样子：只用数字，小数点前后都要有数字，前面没有多余的零。",
                    "請寫成 12、12.5 或 12.50 的樣子：只用數字，小數點前後都要有數字，前面沒有多餘的零。",
                    "Write it like 12, 12.5 or 12.50: digits only, a decimal point only between digits, no zero in front.",
                ),
            ),
            Self::AmountZero => words(
                Severity::Info,
                Label::new("金额是零。", "金額為零。", "The amount is zero."),
                NOTHING_SENT,
                TYPE_AGAIN,
            ),
            Self::AmountOverLimit => words(
                Severity::Warning,
                Label::new(
                    "金额超过这种付款方式的上限 {limit}。",
                    "金額超過這個付款方式的上限 {limit}。",
                    "The amount is above this channel's limit of {limit}.",
                ),
                NOTHING_SENT,
                Label::new(
                    "请核对金额。金额无误的话，换一种付款方式，或分几次收款。",
                    "請核對金額。如金額無誤，請改用其他付款方式，或分幾次收款。",
                    "Check the amount. If it is right, use another channel or split it into several sales.",
                ),
            ),
            Self::UnknownAccount => words(
                Severity::Info,
                Label::new(
                    "没有名为“{name}”的收款账户。",
                    "沒有名為「{name}」的收款帳戶。",
                    "There is no account named “{name}”.",
                ),
                NOTHING_SENT,
                Label::new(
                    "请在设置里核对账户名称，或先添加账户。",
                    "請在設定核對帳戶名稱，或先新增帳戶。",
                    "Check the name in the settings, or add the account first.",
                ),
            ),
            Self::AccountRetired => words(
                Severity::Warning,
                Label::new(
                    "收款账户“{name}”已停用。",
                    "收款帳戶「{name}」已停用。",
                    "The account “{name}” was taken out of use.",
                ),
                NOTHING_SENT,
                Label::new("请换一个账户收款。", "請改用另一個帳戶收款。", "Use another account."),
            ),
            Self::AccountIncomplete => words(
                Severity::Warning,
                Label::new(
                    "收款账户“{name}”还缺“{field}”。",
                    "收款帳戶「{name}」仍欠「{field}」。",
                    "The account “{name}” still lacks “{field}”.",
                ),
                NOTHING_SENT,
                Label::new(
                    "请负责人在设置里填好“{field}”，然后再试。",
                    "請負責人在設定填妥「{field}」，然後再試。",
                    "Have “{field}” filled in in the settings, then try again.",
                ),
            ),
            Self::UnknownChannel => words(
                Severity::Info,
                Label::new(
                    "这个账户没有付款方式“{channel}”。",
                    "這個帳戶沒有付款方式「{channel}」。",
                    "This account has no channel “{channel}”.",
                ),
                NOTHING_SENT,
                Label::new("请选另一种付款方式。", "請選擇其他付款方式。", "Choose another channel."),
            ),
            Self::ChannelFieldMissing => words(
                Severity::Info,
                Label::new(
                    "这种付款方式需要填写“{field}”。",
                    "這個付款方式需要填寫「{field}」。",
                    "This channel needs “{field}”.",
                ),
                NOTHING_SENT,
                Label::new(
                    "请填写“{field}”再收款，或换一种付款方式。",
                    "請填寫「{field}」再收款，或改用其他付款方式。",
                    "Fill in “{field}” and try again, or use another channel.",
                ),
            ),
            Self::ChannelOneOfMissing => words(
                Severity::Info,
                Label::new(
                    "这种付款方式需要填写其中一项：{fields}。",
                    "這個付款方式需要填寫其中一項：{fields}。",
                    "This channel needs one of {fields}.",
                ),
                NOTHING_SENT,
                Label::new(
                    "请填写其中一项再收款，或换一种付款方式。",
                    "請填寫其中一項再收款，或改用其他付款方式。",
                    "Fill in one of them and try again, or use another channel.",
                ),
            ),
            Self::ChannelFieldBad => words(
                Severity::Info,
                Label::new(
                    "这种付款方式不接受这样的“{field}”。",
                    "這個付款方式不接受這樣的「{field}」。",
                    "This channel does not take “{field}”, or not with this value.",
                ),
                NOTHING_SENT,
                CORRECT_FIELD,
            ),
            Self::ChannelFieldChoice => words(
                Severity::Info,
                Label::new(
                    "“{field}”只接受其中之一：{values}。",
                    "「{field}」只接受其中之一：{values}。",
                    "“{field}” takes one of these: {values}.",
                ),
                NOTHING_SENT,
                CORRECT_FIELD,
            ),
            Self::ValueDoesNotFit => words(
                Severity::Info,
                Label::new(
                    "“{field}”太长，或含有网关不接受的字符。",
                    "「{field}」太長，或含有網關不接受的字元。",
                    "“{field}” is too long for the gateway, or holds characters that it does not take.",
                ),
                NOTHING_SENT,
                Label::new(
                    "请缩短或改正“{field}”再试。",
                    "請縮短或改正「{field}」再試。",
                    "Shorten or correct “{field}” and try again.",
                ),
            ),
            Self::ValueEmpty => words(
                Severity::Info,
                Label::new("“{field}”是空的。", "「{field}」是空白的。", "“{field}” is empty."),
                NOTHING_SENT,
                Label::new("请填写“{field}”再试。", "請填寫「{field}」再試。", "Fill in “{field}” and try again."),
            ),
            Self::ValueTooLong => words(
                Severity::Info,
                Label::new(
                    "“{field}”太长：最多 {limit} 个字。",
                    "「{field}」太長：最多 {limit} 個字。",
                    "“{field}” is too long: it may have {limit} characters at most.",
                ),
                NOTHING_SENT,
                Label::new("请缩短“{field}”再试。", "請縮短「{field}」再試。", "Shorten “{field}” and try again."),
            ),
            Self::TextHoldsFieldName => words(
                Severity::Info,
                Label::new(
                    "“{field}”里有“{word}”：网关的通知里有同名的字段，这样的通知无法可靠核对。",
                    "「{field}」內有「{word}」：網關的通知內有同名的欄位，這樣的通知無法可靠核對。",
                    "“{field}” holds “{word}”, which is also the name of a field in the gateway's notifications: one with both could \
                     not be verified.",
                ),
                NOTHING_SENT,
                Label::new(
                    "请在“{field}”里去掉“{word}”，或改用大写字母，再试。没有填写商品名称时，用的是店名。",
                    "請在「{field}」內刪去「{word}」，或改用大寫字母，再試。沒有填寫商品名稱時，用的是店名。",
                    "Write “{field}” without “{word}”, or with capital letters, and try again. Where a sale has no text of its own \
                     it is the shop's name.",
                ),
            ),
            Self::ExpireOutOfRange => words(
                Severity::Info,
                Label::new(
                    "有效时间须在 60 到 7200 秒之间。",
                    "有效時間須介乎 60 至 7200 秒。",
                    "The time to pay must be between 60 and 7,200 seconds.",
                ),
                NOTHING_SENT,
                Label::new("请改正有效时间再试。", "請改正有效時間再試。", "Correct it and try again."),
            ),
            Self::FurtherOrderNotYet => words(
                Severity::Warning,
                Label::new(
                    "这笔生意暂时不能另开订单：{why}",
                    "這宗交易暫時不可另開訂單：{why}",
                    "This sale cannot have another order yet: {why}",
                ),
                Label::new(
                    "没有发出请求。现在另开订单，顾客可能会付两次。",
                    "沒有發出請求。現在另開訂單，顧客可能會付款兩次。",
                    "Nothing was sent. With another order now, the customer might pay twice.",
                ),
                Label::new(
                    "请先看上一张订单：约 {seconds} 秒后会再次查询。",
                    "請先查看上一張訂單：約 {seconds} 秒後會再次查詢。",
                    "Look at the previous order first: it is asked about again in about {seconds} s.",
                ),
            ),
            Self::OtherAmount => words(
                Severity::Warning,
                Label::new(
                    "这笔生意是 {amount} {currency}，不能按别的金额或货币再开订单。",
                    "這宗交易為 {amount} {currency}，不能按其他金額或貨幣再開訂單。",
                    "This sale is for {amount} {currency}; it takes no order of another amount or currency.",
                ),
                Label::new(
                    "没有发出请求，没有收款；上一张订单照旧。",
                    "沒有發出請求，沒有收款；上一張訂單照舊。",
                    "Nothing was sent and no money moved; the order before stands as it did.",
                ),
                Label::new(
                    "请选择收 {currency} 的付款方式；要收别的金额，请另开一笔。",
                    "請選擇收取 {currency} 的付款方式；要收取其他金額，請另開一宗。",
                    "Choose a way to pay in {currency}; for another amount start a new sale.",
                ),
            ),
            Self::OtherCurrency => words(
                Severity::Warning,
                Label::new(
                    "金额显示的货币是 {shown}，账户“{name}”收的却是 {taken}。",
                    "金額顯示的貨幣為 {shown}，帳戶「{name}」收取的卻是 {taken}。",
                    "The amount was shown in {shown}, but the account “{name}” takes {taken}.",
                ),
                NOTHING_SENT,
                Label::new(
                    "请看清屏幕上的货币，按这种货币重新输入金额，再收一次。",
                    "請看清螢幕上的貨幣，按該貨幣重新輸入金額，再收一次。",
                    "Look at the currency on the screen, type the amount anew in it, and charge again.",
                ),
            ),
            Self::UnknownOrder => words(
                Severity::Info,
                Label::new("没有订单 {order_no}。", "沒有訂單 {order_no}。", "There is no order {order_no}."),
                NOTHING_SENT,
                Label::new(
                    "请核对订单号，或在订单列表里搜索。",
                    "請核對訂單編號，或在訂單列表搜尋。",
                    "Check the number, or search the list of orders.",
                ),
            ),
            Self::OrderEnded => words(
                Severity::Info,
                Label::new(
                    "订单 {order_no} 已经结束，不用关闭或撤销。",
                    "訂單 {order_no} 已經結束，毋須關閉或撤銷。",
                    "Order {order_no} has ended; there is nothing to close or to reverse.",
                ),
                Label::new(
                    "没有发出请求。款项以订单显示的状态为准。",
                    "沒有發出請求。款項以訂單顯示的狀態為準。",
                    "Nothing was sent. The money is as the order's state says.",
                ),
                Label::new("请查看这张订单的状态。", "請查看這張訂單的狀態。", "Look at the order's state."),
            ),
            Self::GatewayCannot => words(
                Severity::Warning,
                Label::new(
                    "这个网关做不到：{what}。",
                    "這個網關做不到：{what}。",
                    "This gateway cannot do that: {what}.",
                ),
                Label::new(
                    "没有发出请求，款项不变。",
                    "沒有發出請求，款項不變。",
                    "Nothing was sent; the money stays as it is.",
                ),
                Label::new(
                    "请在网关的商户后台处理。",
                    "請在網關的商戶後台處理。",
                    "Do it in the gateway's back office.",
                ),
            ),
            Self::NumberNotNeeded => words(
                Severity::Info,
                Label::new(
                    "订单 {order_no} 不用填写平台单号：网关按订单号就能查询，或已经知道这个单号。",
                    "訂單 {order_no} 毋須填寫平台單號：網關按訂單編號已可查詢，或已知道這個單號。",
                    "Order {order_no} needs no number of the gateway: it is asked about by its own, or the gateway's is known.",
                ),
                Label::new(
                    "没有发出请求，款项不变。",
                    "沒有發出請求，款項不變。",
                    "Nothing was sent; the money stays as it is.",
                ),
                Label::new("可以直接查询这张订单。", "可以直接查詢這張訂單。", "Ask about the order as it is."),
            ),
            Self::AdoptsNothing => words(
                Severity::Info,
                Label::new(
                    "收款账户“{name}”的网关没有在别处下的订单可以接入：它的订单都由收银台下。",
                    "收款帳戶「{name}」的網關沒有在別處建立的訂單可以接入：它的訂單都由收銀台建立。",
                    "The gateway of the account “{name}” has no orders to take in: its orders are made by a till.",
                ),
                Label::new(
                    "没有发出请求，款项不变。",
                    "沒有發出請求，款項不變。",
                    "Nothing was sent; the money stays as it is.",
                ),
                Label::new(
                    "请在下单的收银台查看这张订单。",
                    "請在建立訂單的收銀台查看這張訂單。",
                    "Look at the order at the till that made it.",
                ),
            ),
            Self::PaymentCodeBad => words(
                Severity::Info,
                Label::new(
                    "没有可用的付款码：付款码是 12 到 32 位数字。",
                    "沒有可用的付款碼：付款碼為 12 至 32 位數字。",
                    "There is no payment code that can be used: one has 12 to 32 digits.",
                ),
                NOTHING_SENT,
                Label::new(
                    "请让顾客打开付款码，再扫一次。",
                    "請讓顧客開啟付款碼，再掃一次。",
                    "Ask the customer to open the payment code and scan it again.",
                ),
            ),
            Self::PaymentCodeNotTaken => words(
                Severity::Info,
                Label::new(
                    "“{channel}”由顾客扫码，不接收付款码。",
                    "「{channel}」由顧客掃碼，不接收付款碼。",
                    "“{channel}” shows a code to the customer and takes no payment code.",
                ),
                NOTHING_SENT,
                Label::new(
                    "请选择扫顾客付款码的渠道。",
                    "請選擇掃顧客付款碼的渠道。",
                    "Choose a channel that scans the customer's payment code.",
                ),
            ),
            Self::LinesDoNotAddUp => words(
                Severity::Info,
                Label::new(
                    "所列商品不符：金额合计须等于总额，订单已有的商品行不能更改。",
                    "所列商品不符：金額合計須等於總額，訂單已有的商品行不能更改。",
                    "The lines named do not fit: they must add up to the amount, and lines that an order has cannot be \
                     changed.",
                ),
                Label::new(
                    "什么都没有改变，没有动用款项。",
                    "沒有任何改變，沒有動用款項。",
                    "Nothing was changed; no money moved.",
                ),
                Label::new(
                    "请核对每一行的金额再试。已经接入的订单，不要再填商品行。",
                    "請核對每一行的金額再試。已接入的訂單，毋須再填商品行。",
                    "Check the amount of each line and try again. For an order that was taken in already, name no lines.",
                ),
            ),
            Self::AnswerLost => words(
                Severity::Danger,
                Label::new(
                    "收银台在处理时停止了，不知道有没有做成。",
                    "收銀台在處理時停止了，不知道有沒有完成。",
                    "The till stopped while this was being done; whether it was is not known here.",
                ),
                Label::new(
                    "可能已经生效：流水里有记录的，下次启动时会继续。",
                    "可能已經生效：流水內有記錄的，下次啟動時會繼續。",
                    "It may have been done: what is in the journal is taken up at the next launch.",
                ),
                Label::new(
                    "不要马上重做。请先看订单和退款记录。",
                    "切勿立即重做。請先查看訂單和退款記錄。",
                    "Do not do it again before you have looked at the order and its refunds.",
                ),
            ),
            Self::RefundNotPaid => refunds::NOT_PAID,
            Self::RefundInDispute => refunds::IN_DISPUTE,
            Self::RefundOverCeiling => refunds::OVER_CEILING,
            Self::RefundFailedBefore => refunds::FAILED_BEFORE,
            Self::RefundFailedAlone => refunds::FAILED_ALONE,
            Self::RefundNotLookedAt => refunds::NOT_LOOKED_AT,
            Self::RefundOrderNotThere => refunds::ORDER_NOT_THERE,
            Self::RefundAfterRestore => refunds::AFTER_RESTORE,
            Self::RefundNothingLeft => refunds::NOTHING_LEFT,
            Self::RefundLineNotLeft => refunds::LINE_NOT_LEFT,
            Self::RefundUnknownBefore => refunds::UNKNOWN_BEFORE,
            Self::RefundWaitsBefore => refunds::WAITS_BEFORE,
            Self::RefundAgainBefore => refunds::AGAIN_BEFORE,
            Self::RefundReasonTooLong => refunds::REASON_TOO_LONG,
            Self::RefundReasonNotOneLine => refunds::REASON_NOT_ONE_LINE,
            Self::RefundReasonHidden => refunds::REASON_HIDDEN,
            Self::RefundOverLimit => refunds::OVER_LIMIT,
            Self::RefundOverDay => refunds::OVER_DAY,
            Self::RefundTooOld => refunds::TOO_OLD,
            Self::ReasonNeeded => refunds::REASON,
            Self::RefundLinesNeeded => refunds::LINES,
            Self::RefundLinesUnknown => refunds::LINES_UNKNOWN,
            Self::RefundLinesDoNotAddUp => refunds::LINES_DO_NOT_ADD_UP,
            Self::UnknownRefund => refunds::UNKNOWN,
            Self::RefundNotAgain => refunds::NOT_AGAIN,
            Self::RefundLeft => refunds::LEFT,
            Self::RefundElsewhere => refunds::ELSEWHERE,
            Self::RefundedElsewhereFirst => refunds::ELSEWHERE_FIRST,
            Self::MarkNotNeeded => refunds::MARK,
            Self::NoteNeeded => refunds::NOTE,
            Self::AttentionNotThere => refunds::NOT_THERE,
            Self::NumberOfAnother => words(
                Severity::Warning,
                Label::new(
                    "{number} 是另一笔订单的单号。",
                    "{number} 是另一筆訂單的單號。",
                    "{number} is the number of another order.",
                ),
                Label::new(
                    "流水没有改变，款项不变。",
                    "流水沒有改變，款項不變。",
                    "The journal stays as it is, and so does the money.",
                ),
                Label::new(
                    "请在网关的商户后台核对单号，再输入一次。",
                    "請在網關的商戶後台核對單號，再輸入一次。",
                    "Look the number up in the gateway's back office and type it again.",
                ),
            ),
            Self::AnswerDoesNotFit => words(
                Severity::Warning,
                Label::new(
                    "网关关于 {number} 的回答与这张订单不符：{doubt}。",
                    "網關關於 {number} 的回覆與這張訂單不符：{doubt}。",
                    "The gateway's answer about {number} does not fit this order: {doubt}.",
                ),
                Label::new(
                    "没有记为已付款。顾客说已经付款的话，请在网关的商户后台核对。",
                    "沒有記為已付款。如顧客表示已付款，請在網關的商戶後台核對。",
                    "Nothing is known as paid. If the customer says they paid, look in the gateway's back office.",
                ),
                Label::new(
                    "请核对单号后再试。单号没错的话，请负责人向网关查问这张订单。",
                    "請核對單號後再試。如單號無誤，請負責人向網關查詢這張訂單。",
                    "Check the number and try again. If it is right, have the order looked into with the gateway.",
                ),
            ),
            Self::AnswerNamesNoOrder => words(
                Severity::Warning,
                Label::new(
                    "网关关于 {number} 的回答没有说明是哪张订单。",
                    "網關關於 {number} 的回覆沒有說明是哪張訂單。",
                    "The gateway's answer about {number} does not say which order it is of.",
                ),
                Label::new(
                    "没有记为已付款。顾客说已经付款的话，请在网关的商户后台核对。",
                    "沒有記為已付款。如顧客表示已付款，請在網關的商戶後台核對。",
                    "Nothing is known as paid. If the customer says they paid, look in the gateway's back office.",
                ),
                Label::new(
                    "请核对单号，稍后再试。一直这样的话，请负责人向网关查问这张订单。",
                    "請核對單號，稍後再試。如持續如此，請負責人向網關查詢這張訂單。",
                    "Check the number and try again in a moment. If it stays so, have the order looked into with the gateway.",
                ),
            ),
            Self::NotConfirmed => words(
                Severity::Warning,
                Label::new(
                    "网关没有确认：{reason}。",
                    "網關沒有確認：{reason}。",
                    "The gateway did not confirm it: {reason}.",
                ),
                Label::new(
                    "流水没有改变，款项不变。",
                    "流水沒有改變，款項不變。",
                    "The journal stays as it is, and so does the money.",
                ),
                Label::new(
                    "请核对单号，稍后再试。",
                    "請核對單號，稍後再試。",
                    "Check the number and try again in a moment.",
                ),
            ),
            Self::NotVerified => words(
                Severity::Warning,
                Label::new(
                    "网关没有确认：{reason}。",
                    "網關沒有確認：{reason}。",
                    "The gateway did not confirm it: {reason}.",
                ),
                Label::new(
                    "流水没有改变，款项不变。",
                    "流水沒有改變，款項不變。",
                    "The journal stays as it is, and so does the money.",
                ),
                Label::new(
                    "请稍后再试。一直这样的话，请负责人向网关核对账户。",
                    "請稍後再試。如持續如此，請負責人向網關核對帳戶。",
                    "Try again in a moment. If it stays so, have the account checked with the gateway.",
                ),
            ),
            Self::SignatureStale => words(
                Severity::Warning,
                Label::new(
                    "网关没有确认：回答的签名对，但它的时间和收银台所知的网关时间差了 {seconds} 秒，没有采用。",
                    "網關沒有確認：回覆的簽署正確，但它的時間與收銀台所知的網關時間相差 {seconds} 秒，沒有採用。",
                    "The gateway did not confirm it: its answer is rightly signed, but {seconds} s off the gateway's time \
                     as the till knows it, and was not used.",
                ),
                Label::new(
                    "流水没有改变，款项不变。",
                    "流水沒有改變，款項不變。",
                    "The journal stays as it is, and so does the money.",
                ),
                Label::new(
                    "请再试一次。一直这样的话，请负责人检查账户：那里会说明这台电脑的时间是否不对。",
                    "請再試一次。如持續如此，請負責人檢查帳戶：那裏會說明這部電腦的時間是否不正確。",
                    "Try again. If it stays so, have the account checked: that says whether this computer's clock is \
                     wrong.",
                ),
            ),
            Self::UnknownGateway => words(
                Severity::Info,
                Label::new(
                    "没有名为“{name}”的网关。",
                    "沒有名為「{name}」的網關。",
                    "There is no gateway named “{name}”.",
                ),
                NO_MONEY,
                Label::new("请从列表里选一个。", "請從列表選擇一個。", "Choose one from the list."),
            ),
            Self::BadAccountName => words(
                Severity::Info,
                Label::new(
                    "账户名称不能是“{name}”。",
                    "帳戶名稱不可以是「{name}」。",
                    "An account cannot be named “{name}”.",
                ),
                NO_MONEY,
                Label::new(
                    "请用 1 到 32 个英文字母、数字、- 或 _。",
                    "請用 1 至 32 個英文字母、數字、- 或 _。",
                    "Use 1 to 32 English letters, digits, - or _.",
                ),
            ),
            Self::AccountNameTaken => words(
                Severity::Info,
                Label::new(
                    "已经有名为“{name}”的账户。",
                    "已有名為「{name}」的帳戶。",
                    "There is already an account named “{name}”.",
                ),
                NO_MONEY,
                OTHER_NAME,
            ),
            Self::AccountNameKept => words(
                Severity::Info,
                Label::new(
                    "“{name}”是一个已停用的账户：这个名称仍属于它的订单，不能再用。",
                    "「{name}」是一個已停用的帳戶：這個名稱仍屬於它的訂單，不能再用。",
                    "An account named “{name}” was taken out of use: the name stays with its orders and cannot be used again.",
                ),
                NO_MONEY,
                OTHER_NAME,
            ),
            Self::UnknownField => words(
                Severity::Info,
                Label::new(
                    "这个网关的账户没有“{field}”这一项。",
                    "這個網關的帳戶沒有「{field}」這一項。",
                    "Accounts of this gateway have no field “{field}”.",
                ),
                NO_MONEY,
                Label::new(
                    "这里可以填的是：{fields}。什么都没有保存。",
                    "這裏可以填的是：{fields}。沒有儲存任何資料。",
                    "What can be entered here: {fields}. Nothing was saved.",
                ),
            ),
            Self::SecretField => words(
                Severity::Warning,
                Label::new(
                    "“{field}”是密钥，不能和其他字段一起填。",
                    "「{field}」是密鑰，不可與其他欄位一併填寫。",
                    "“{field}” is a secret and does not go in with the other fields.",
                ),
                Label::new(
                    "这不涉及任何款项。密钥没有保存。",
                    "這不涉及任何款項。密鑰沒有儲存。",
                    "No money is involved. The secret was not saved.",
                ),
                Label::new(
                    "请单独录入密钥。如果刚才写在了命令行里，请先到网关更换它。",
                    "請另行輸入密鑰。如剛才寫在命令列，請先到網關更換。",
                    "Enter the secret by itself. If it stood on a command line, have the gateway replace it first.",
                ),
            ),
            Self::SecretUnusable => words(
                Severity::Info,
                Label::new(
                    "“{field}”不能这样保存：{reason}。",
                    "「{field}」不能這樣儲存：{reason}。",
                    "“{field}” was not saved. {reason}.",
                ),
                Label::new(
                    "这不涉及任何款项。这样的密钥，网关或密钥环不会接受。",
                    "這不涉及任何款項。這樣的密鑰，網關或密鑰圈不會接受。",
                    "No money is involved. The gateway, or the keyring, would not take it so.",
                ),
                Label::new(
                    "请换一个能用的，或从生成它的地方重新复制，再输入一次。以前保存的没有改动。",
                    "請換一個能用的，或從產生它的地方重新複製，再輸入一次。以前儲存的沒有改動。",
                    "Use one that fits, or copy it anew from where it was made, and enter it again. What was saved before is unchanged.",
                ),
            ),
            Self::BadValue => words(
                Severity::Info,
                Label::new("“{field}”的内容不对。", "「{field}」的內容不正確。", "The value does not fit “{field}”."),
                NO_MONEY,
                CORRECT_FIELD,
            ),
            Self::BadListEntry => words(
                Severity::Info,
                Label::new(
                    "“{field}”里的“{entry}”不是编号。",
                    "「{field}」內的「{entry}」不是編號。",
                    "“{entry}” in “{field}” is not a number.",
                ),
                NO_MONEY,
                Label::new(
                    "请填写 1 到 9 位数字的编号，用逗号分隔，再试。",
                    "請填寫 1 至 9 位數字的編號，以逗號分隔，再試。",
                    "Write numbers of 1 to 9 digits, separated by commas, and try again.",
                ),
            ),
            Self::BadAddress => words(
                Severity::Info,
                Label::new("这个网址不能用。", "這個網址不能使用。", "This address cannot be used."),
                NO_MONEY,
                Label::new(
                    "请填写以 https:// 开头的完整网址，端口在 1 到 65535 之间。http:// 只能用于本机。",
                    "請填寫以 https:// 開頭的完整網址，連接埠介乎 1 至 65535。http:// 只可用於本機。",
                    "Give a complete address that begins with https://, its port from 1 to 65535. http:// is for this computer only.",
                ),
            ),
            Self::MerchantHasOpenOrders => words(
                Severity::Warning,
                Label::new(
                    "收款账户“{name}”现在的商户还有在等网关最终回答的：订单 {count} 张，退款 {refunds} 笔。不能换成另一个商户，什么都没有改。",
                    "收款帳戶「{name}」現時的商戶仍有等候網關最終回覆的：訂單 {count} 張，退款 {refunds} 筆。不能換成另一個商戶，什麼都沒有更改。",
                    "The account “{name}” cannot become another merchant's: the gateway's final answer on these of its present merchant is still awaited. Orders: {count}. Refunds: {refunds}. Nothing was changed.",
                ),
                Label::new(
                    "它们只能用现在的商户号和密钥查询：换掉之后，收到的款、退回的款就查不到了。",
                    "它們只能以現時的商戶編號和密鑰查詢：換掉之後，收到的款項、退回的款項便查不到了。",
                    "They can be asked about with the present merchant's number and key only: after the change nobody would learn of their money.",
                ),
                Label::new(
                    "请为另一个商户新添一个收款账户，等它们都有了最终回答再停用这一个。",
                    "請為另一個商戶新增一個收款帳戶，待它們都有最終回覆後再停用這一個。",
                    "Add an account of its own for the other merchant, and take this one out of use once every final answer is there.",
                ),
            ),
            Self::AccountHasOpenOrders => words(
                Severity::Warning,
                Label::new(
                    "收款账户“{name}”还有在等网关最终回答的：订单 {count} 张，退款 {refunds} 笔。不能停用。",
                    "收款帳戶「{name}」尚有等候網關最終回覆的：訂單 {count} 張，退款 {refunds} 筆。不能停用。",
                    "The account “{name}” cannot be taken out of use: the gateway's final answer on these is still awaited. Orders: {count}. Refunds: {refunds}.",
                ),
                Label::new(
                    "订单仍可能收到款，退款仍可能退成，或与先前的回答不同，都会继续查询。",
                    "訂單仍可能收到款項，退款仍可能退成，或與先前的回覆不同，都會繼續查詢。",
                    "An order may still be paid, and a refund may still go through or turn out otherwise than was said; they are asked about as before.",
                ),
                Label::new(
                    "请等它们都有了最终回答，再停用账户；订单也可以先关闭。账户的密钥不对的话，先把它改正，否则等不到。",
                    "請等候它們都有最終回覆，再停用帳戶；訂單亦可先關閉。如帳戶的密鑰不正確，請先更正，否則等不到。",
                    "Wait until every final answer is there, then take the account out of use; an order may also be closed first. If its key or \
                     address is wrong, set that right first: none comes before.",
                ),
            ),
            Self::MissingRight => words(
                Severity::Warning,
                Label::new(
                    "您没有这项权限：{action}。",
                    "您沒有這項權限：{action}。",
                    "You may not do this: {action}.",
                ),
                Label::new(
                    "什么都没有做，款项不变。",
                    "沒有執行任何操作，款項不變。",
                    "Nothing was done; the money stays as it is.",
                ),
                Label::new(
                    "请有这项权限的人登录后操作；店长都有。",
                    "請有這項權限的人登入後操作；店長都有。",
                    "Have somebody sign in who may; a manager may.",
                ),
            ),
            Self::ReceiverListenBad => receiver::RECEIVER_LISTEN_BAD,
            Self::ReceiverAddressBad => receiver::RECEIVER_ADDRESS_BAD,
            Self::ReceiverProxyBad => receiver::RECEIVER_PROXY_BAD,
            Self::ReceiverNotListening => receiver::RECEIVER_NOT_LISTENING,
            Self::ReceiverNotRunning => receiver::RECEIVER_NOT_RUNNING,
            Self::ReceiverHasNoListen => receiver::RECEIVER_HAS_NO_LISTEN,
            Self::ReceiverProxyUnnamed => receiver::RECEIVER_PROXY_UNNAMED,
            Self::ReceiverSourceUnread => receiver::RECEIVER_SOURCE_UNREAD,
            Self::ReceiverProxySilent => receiver::RECEIVER_PROXY_SILENT,
            Self::ReceiverStrangerUnread => receiver::RECEIVER_STRANGER_UNREAD,
            Self::OutsideNotAsked => receiver::OUTSIDE_NOT_ASKED,
            Self::OutsideUnreachable => receiver::OUTSIDE_UNREACHABLE,
            Self::OutsideUntrusted => receiver::OUTSIDE_UNTRUSTED,
            Self::OutsideTimedOut => receiver::OUTSIDE_TIMED_OUT,
            Self::OutsideRedirected => receiver::OUTSIDE_REDIRECTED,
            Self::OutsideRefused => receiver::OUTSIDE_REFUSED,
            Self::OutsideAnotherAnswers => receiver::OUTSIDE_ANOTHER_ANSWERS,
            Self::OutsideAnswerChanged => receiver::OUTSIDE_ANSWER_CHANGED,
            Self::TicketNotHad => receiver::TICKET_NOT_HAD,
            Self::CatalogueUnusable => notifications::CATALOGUE_UNUSABLE,
            Self::NotificationsNotKept => notifications::NOT_KEPT,
            Self::NotificationsUnverified => notifications::UNVERIFIED,
            Self::NotificationsRefused => notifications::REFUSED,
            Self::OperatorUnknown => people::OPERATOR_UNKNOWN,
            Self::OperatorNameTaken => people::OPERATOR_NAME_TAKEN,
            Self::BadOperatorName => people::BAD_OPERATOR_NAME,
            Self::BadPin => people::BAD_PIN,
            Self::PinNeeded => people::PIN_NEEDED,
            Self::PinWrong => people::PIN_WRONG,
            Self::PinOutdated => people::PIN_OUTDATED,
            Self::LockedOut => people::LOCKED_OUT,
            Self::LastManager => people::LAST_MANAGER,
            Self::SecondPersonNeeded => people::SECOND_PERSON_NEEDED,
            Self::SecondPersonSame => people::SECOND_PERSON_SAME,
            Self::LimitsBad => people::LIMITS_BAD,
            Self::PinReplaced => people::PIN_REPLACED,
            Self::KeyringAbsent => words(
                Severity::Warning,
                Label::new(
                    "这台电脑没有可用的密钥环服务。",
                    "這部電腦沒有可用的密鑰圈服務。",
                    "This computer has no keyring service that can be used.",
                ),
                Label::new(
                    "没有密钥，所以没有发出请求，款项没有变动。已经开出的订单仍可能有人付款，但在密钥环恢复之前无法查询。",
                    "沒有密鑰，所以沒有發出請求，款項沒有變動。已開出的訂單仍可能有人付款，但在密鑰圈恢復之前無法查詢。",
                    "Without keys nothing was sent and no money moved. Orders already made may still be paid, but cannot be asked \
                     about until the keyring is back.",
                ),
                keyring::INSTALL,
            ),
            Self::KeyringLocked => words(
                Severity::Warning,
                Label::new(
                    "密钥环已锁定，或还没有设置。",
                    "密鑰圈已鎖定，或尚未設定。",
                    "The keyring is locked, or was never set up.",
                ),
                Label::new(
                    "没有发出请求，款项没有变动。已经开出的订单仍可能有人付款，解锁后会立即查询。",
                    "沒有發出請求，款項沒有變動。已開出的訂單仍可能有人付款，解鎖後會立即查詢。",
                    "Nothing was sent; no money moved. Orders already made may still be paid and are asked about once it is unlocked.",
                ),
                Label::new(
                    "请在系统弹出的窗口里解锁，第一次则设置密码：未结束的订单会自动继续查询；刚才被拒绝、没有发出的，收款请再收一次，退款请再退一次。",
                    "請在系統彈出的視窗解鎖，首次則設定密碼：未結束的訂單會自動繼續查詢；剛才被拒絕、沒有發出的，收款請再收一次，退款請再退一次。",
                    "Unlock it in the system's dialog, or choose a password there the first time: open orders are then asked about by themselves; make again only what was refused just now and not sent.",
                ),
            ),
            Self::KeyringFailed => words(
                Severity::Warning,
                Label::new("密钥环出错。", "密鑰圈出錯。", "The keyring failed."),
                Label::new(
                    "没有密钥就不发出请求。已经开出的订单仍可能有人付款，密钥环恢复后会继续查询。",
                    "沒有密鑰就不會發出請求。已開出的訂單仍可能有人付款，密鑰圈恢復後會繼續查詢。",
                    "Without keys nothing is sent. Orders already made may still be paid and are asked about once it works again.",
                ),
                Label::new(
                    "请再试一次。还是不行的话，重新登录系统，再运行“检查”（doctor）。",
                    "請再試一次。如仍不成功，請重新登入系統，再執行「檢查」（doctor）。",
                    "Try again. If it fails again, log in to the system anew and run the check (doctor).",
                ),
            ),
            Self::PinsLost => words(
                Severity::Warning,
                Label::new(
                    "这台电脑的密钥环里没有核对密码要用的东西，所以谁的密码都核对不了。",
                    "這部電腦的密鑰圈內沒有核對密碼所需的資料，所以無法核對任何人的密碼。",
                    "This computer's keyring does not hold what PINs are checked with, so nobody's can be.",
                ),
                Label::new(
                    "什么都没有做，也没有算作输错。不需要密码的照常进行。",
                    "什麼都沒有做，亦不算輸錯。不需要密碼的照常進行。",
                    "Nothing was done, and no try was counted as wrong. What needs no PIN goes on as ever.",
                ),
                Label::new(
                    "关闭收银台，在这台电脑上按“忘记密码”的办法给店长一个新密码（tillkeeper operator pin 名字 --lost），再由店长给其他人新密码。",
                    "關閉收銀台，在這部電腦按「忘記密碼」的方法給店長新密碼（tillkeeper operator pin 名字 --lost），再由店長給其他人新密碼。",
                    "Close the till and give a manager a new PIN at this computer, as for a forgotten one (tillkeeper operator pin NAME --lost); that manager gives the others theirs.",
                ),
            ),
            Self::SealGone => words(
                Severity::Warning,
                Label::new(
                    "密钥环里没有这台收银台的签名密钥。",
                    "密鑰圈內沒有這部收銀台的簽署密鑰。",
                    "The keyring does not hold this till's signing key.",
                ),
                Label::new(
                    "收款、查询和退款照常。营业日和导出没有签名。",
                    "收款、查詢及退款照常。營業日及匯出沒有簽署。",
                    "Sales, questions and refunds go on as ever. Days and exports are not signed.",
                ),
                Label::new(
                    "从别的电脑恢复的流水一直如此：原来的密钥只在原来的密钥环里。请把这件事告诉会计。",
                    "從別的電腦還原的流水一直如此：原來的密鑰只在原來的密鑰圈內。請告知會計。",
                    "A journal that was restored from another computer stays so: its key is in that computer's keyring only. Tell whoever keeps the books.",
                ),
            ),
            Self::DiskLow => journal::DISK_LOW,
            Self::DiskFull => words(
                Severity::Danger,
                Label::new("磁盘已满，无法保存。", "磁碟已滿，無法儲存。", "The disk is full; nothing can be saved."),
                Label::new(
                    "存不下的收款不会发出，所以没有新的请求。已经开出的订单仍可能有人付款，有空间后会再次查询。",
                    "未能儲存的收款不會發出，所以沒有新的請求。已開出的訂單仍可能有人付款，有空間後會再次查詢。",
                    "What cannot be stored first is not sent, so nothing new was sent. Orders already made may still be paid and are \
                     asked about again once there is space.",
                ),
                Label::new(
                    "请在这个磁盘上腾出空间，再试一次。不要删除数据文件夹里的文件。",
                    "請在這個磁碟騰出空間，再試一次。切勿刪除資料夾內收銀台的檔案。",
                    "Free some space on this disk and try again. Delete nothing in the till's own folder.",
                ),
            ),
            Self::FolderReadOnly => words(
                Severity::Danger,
                Label::new(
                    "数据文件夹不能写入：{folder}",
                    "資料夾不能寫入：{folder}",
                    "The till's folder cannot be written: {folder}",
                ),
                Label::new(
                    "存不下的收款不会发出，所以没有新的请求。已经开出的订单仍可能有人付款，能写入后会再次查询。",
                    "未能儲存的收款不會發出，所以沒有新的請求。已開出的訂單仍可能有人付款，可以寫入後會再次查詢。",
                    "What cannot be stored first is not sent, so nothing new was sent. Orders already made may still be paid and are \
                     asked about again once the folder can be written.",
                ),
                Label::new(
                    "请检查文件夹的权限，以及磁盘是否只读，再重新启动。",
                    "請檢查資料夾的權限，以及磁碟是否唯讀，再重新啟動。",
                    "Check the folder's permissions and whether the disk is read-only, then start again.",
                ),
            ),
            Self::JournalDamaged => journal::JOURNAL_DAMAGED,
            Self::JournalUnopenable => journal::JOURNAL_UNOPENABLE,
            Self::JournalPartUnreadable => journal::JOURNAL_PART_UNREADABLE,
            Self::JournalNotWhole => journal::JOURNAL_NOT_WHOLE,
            Self::JournalCannotRecord => journal::JOURNAL_CANNOT_RECORD,
            Self::JournalOfOtherKind => journal::JOURNAL_OF_OTHER_KIND,
            Self::JournalNewer => journal::JOURNAL_NEWER,
            Self::SettingsBroken => words(
                Severity::Warning,
                Label::new(
                    "设置文件读不了，或写不进去：{place}",
                    "設定檔無法讀取或寫入：{place}",
                    "The settings cannot be read or written: {place}",
                ),
                Label::new(
                    "没有收款，流水没有改动。未结束的订单在启动之后继续查询。",
                    "沒有收款，流水沒有改動。未結束的訂單會在啟動後繼續查詢。",
                    "No money moved and the journal is untouched. Open orders are asked about once the till has started.",
                ),
                Label::new(
                    "请改正这个文件，或把它移走以使用默认设置，再重新启动。",
                    "請改正這個檔案，或把它移走以使用預設設定，再重新啟動。",
                    "Correct the file, or move it away to use the defaults, and start again.",
                ),
            ),
            Self::TillElsewhere => words(
                Severity::Warning,
                Label::new(
                    "这个数据文件夹的收银台正由另一个进程运行（已打开的窗口、没有窗口的 tillkeeper serve，或还没有结束的命令）。",
                    "這個資料夾的收銀台正由另一個程式執行（已開啟的視窗、沒有視窗的 tillkeeper serve，或尚未結束的命令）。",
                    "Another process runs the till of this data folder (an open window, `tillkeeper serve` without one, or a command that has not ended).",
                ),
                Label::new(
                    "这里什么都没有做。未结束的订单由那个进程继续查询。",
                    "這裏沒有執行任何操作。未結束的訂單由該程式繼續查詢。",
                    "Nothing was done here. That process goes on asking about open orders.",
                ),
                Label::new(
                    "请先结束那个进程，再试一次。",
                    "請先結束該程式，再試一次。",
                    "End that process, then try again.",
                ),
            ),
            Self::ClockWrong => words(
                Severity::Warning,
                Label::new(
                    "这台电脑的时钟和网关的相差 {seconds} 秒。",
                    "這部電腦的時鐘與網關的相差 {seconds} 秒。",
                    "This computer's clock is {seconds} s off the gateway's.",
                ),
                Label::new(
                    "运行中的收银台量出差值后，会修正发给这家网关的时间；在此之前发出的订单可能被拒收，或过早、过晚到期。是否收款以查询结果为准。",
                    "執行中的收銀台量出差值後，會修正發給這家網關的時間；在此之前發出的訂單可能被拒收，或過早、過遲到期。是否收款以查詢結果為準。",
                    "A till that runs corrects the times that it sends to this gateway once it has seen this. An order that left before \
                     may be refused, or end too early or too late. Whether money came is what asking says.",
                ),
                Label::new(
                    "请校准这台电脑的时间，最好打开自动对时。",
                    "請校準這部電腦的時間，最好開啟自動對時。",
                    "Set this computer's time, best automatically.",
                ),
            ),
            Self::TillInUse => words(
                Severity::Warning,
                Label::new(
                    "另一个收银台程序正在使用这个数据文件夹，但没有回应。",
                    "另一個收銀台程式正在使用這個資料夾，但沒有回應。",
                    "Another till uses this data folder and does not answer.",
                ),
                Label::new(
                    "这一次什么都没有确认：没有看到订单之前，不要当作已经收款。未结束的订单由那个程序负责。",
                    "這一次沒有確認任何結果：未見到訂單之前，切勿當作已經收款。未結束的訂單由該程式負責。",
                    "Nothing was confirmed here: count no money until you see the order. Open orders are in the hands of that till.",
                ),
                Label::new(
                    "请先看已经打开的窗口。如果它没有反应，结束它，再试一次。",
                    "請先查看已開啟的視窗。如沒有反應，請結束它，再試一次。",
                    "Look at the window that is already open. If it does not react, end it and try again.",
                ),
            ),
            Self::CustomerScreenGone => words(
                Severity::Warning,
                Label::new(
                    "顾客屏幕断开了，顾客窗口已关闭。",
                    "顧客螢幕已斷開，顧客視窗已關閉。",
                    "The customer's screen is gone, and its window was closed.",
                ),
                Label::new(
                    "收款照常进行，款项不受影响。",
                    "收款如常進行，款項不受影響。",
                    "Sales go on; no money is affected.",
                ),
                Label::new(
                    "请把收银员的屏幕转给顾客扫码，或重新接上顾客屏幕。",
                    "請把收銀員的螢幕轉向顧客掃碼，或重新接上顧客螢幕。",
                    "Turn your own screen to the customer, or connect the other one again.",
                ),
            ),
            Self::NoDisplay => words(
                Severity::Warning,
                Label::new(
                    "没有可用的显示器，窗口打不开。",
                    "沒有可用的顯示器，無法開啟視窗。",
                    "There is no display, so the window cannot be opened.",
                ),
                Label::new(
                    "没有启动收银台，款项不受影响。",
                    "沒有啟動收銀台，款項不受影響。",
                    "No till was started; no money is affected.",
                ),
                Label::new(
                    "命令行不需要显示器，用法见 --help。",
                    "命令列毋須顯示器，用法見 --help。",
                    "The subcommands work without one, see --help.",
                ),
            ),
            Self::AddressNotReached => words(
                Severity::Warning,
                Label::new(
                    "本机不会向收款账户“{name}”的网址发送请求。",
                    "本機不會向收款帳戶「{name}」的網址發送請求。",
                    "Nothing is sent to the address of the account “{name}” from here.",
                ),
                Label::new(
                    "没有发出请求，不会因此收到款项。",
                    "沒有發出請求，不會因此收到款項。",
                    "Nothing was sent; no money can move by it.",
                ),
                Label::new(
                    "练习只连本机的网址。正式收款请用以 https:// 开头的网址。",
                    "練習只連接本機的網址。正式收款請用以 https:// 開頭的網址。",
                    "Training reaches addresses on this computer only. For real sales give one that begins with https://.",
                ),
            ),
            Self::BadRequest => words(
                Severity::Info,
                Label::new(
                    "看不懂这个输入（{reason}）。",
                    "未能理解這個輸入（{reason}）。",
                    "The input is not understood ({reason}).",
                ),
                NOTHING_SENT,
                Label::new(
                    "请改正再试。命令行的用法见 --help。",
                    "請改正再試。命令列用法見 --help。",
                    "Correct it and try again. For the command line see --help.",
                ),
            ),
            Self::FolderTaken => words(
                Severity::Info,
                Label::new("{folder} 已经存在。", "{folder} 已經存在。", "{folder} is there already."),
                Label::new(
                    "什么都没有导出，流水没有受影响。",
                    "沒有匯出任何資料，流水不受影響。",
                    "Nothing was exported; the journal is not affected.",
                ),
                Label::new(
                    "请换一个新文件夹的名字，或先把它移走。",
                    "請改用一個新資料夾的名稱，或先把它移走。",
                    "Name a folder that is not there yet, or move this one away.",
                ),
            ),
            Self::FileTaken => words(
                Severity::Info,
                Label::new("{file} 已经存在。", "{file} 已經存在。", "{file} is there already."),
                Label::new(
                    "什么都没有写出，流水没有受影响。",
                    "沒有寫出任何資料，流水不受影響。",
                    "Nothing was written; the journal is not affected.",
                ),
                Label::new(
                    "请换一个新的文件名，或先把这个文件移走。",
                    "請改用新的檔案名稱，或先把此檔案移走。",
                    "Name a file that is not there yet, or move this one away.",
                ),
            ),
            Self::DaysReversed => words(
                Severity::Info,
                Label::new("{from} 在 {to} 之后。", "{from} 在 {to} 之後。", "{from} lies after {to}."),
                Label::new(
                    "什么都没有找，也没有导出；流水没有受影响。",
                    "沒有尋找，也沒有匯出任何資料；流水不受影響。",
                    "Nothing was looked for or exported; the journal is not affected.",
                ),
                Label::new("请先写较早的一天。", "請先寫較早的一天。", "Name the earlier day first."),
            ),
            Self::BackupTaken => backup::BACKUP_TAKEN,
            Self::BackupFolderSynced => backup::BACKUP_FOLDER_SYNCED,
            Self::BackupDamaged => backup::BACKUP_DAMAGED,
            Self::BackupOfAnother => backup::BACKUP_OF_ANOTHER,
            Self::BackupOfUnknown => backup::BACKUP_OF_UNKNOWN,
            Self::BackupIsTraining => backup::BACKUP_IS_TRAINING,
            Self::BackupIsReal => backup::BACKUP_IS_REAL,
            Self::BackupFailed => backup::BACKUP_FAILED,
            Self::JournalRestored => backup::JOURNAL_RESTORED,
            Self::NothingSoNamed => journal::NOTHING_SO_NAMED,
            Self::ExportCancelled => journal::EXPORT_CANCELLED,
            Self::FileFailed => words(
                Severity::Warning,
                Label::new(
                    "{file} 读写失败：{cause}。",
                    "{file} 讀寫失敗：{cause}。",
                    "{file} could not be written or read: {cause}.",
                ),
                Label::new(
                    "款项不变，流水没有受影响。",
                    "款項不變，流水不受影響。",
                    "The money stays as it is; the journal is not affected.",
                ),
                Label::new(
                    "请检查路径、权限和剩余空间，或换一个位置再试。",
                    "請檢查路徑、權限及剩餘空間，或改用另一個位置再試。",
                    "Check path, permissions and free space, or use another place.",
                ),
            ),
            Self::Unexpected => words(
                Severity::Danger,
                Label::new(
                    "出了没有料到的问题（编号 {incident}）。",
                    "發生未能預料的問題（編號 {incident}）。",
                    "Something unexpected happened (number {incident}).",
                ),
                Label::new(
                    "如果刚才正在收款，请求可能已经发出。以订单列表里的状态为准。",
                    "如剛才正在收款，請求可能已經發出。以訂單列表的狀態為準。",
                    "If a sale was under way, its request may have left. Trust the state in the list of orders.",
                ),
                Label::new(
                    "请先查看订单，不要急着再收一次。把编号告诉技术支持，凭它可以在日志里找到原因。",
                    "請先查看訂單，切勿急於再收一次。把編號告知技術支援，憑它可在日誌找到原因。",
                    "Look at the order before asking for the money again. Tell support the number; it finds the cause in the log.",
                ),
            ),
        }
    }
}
