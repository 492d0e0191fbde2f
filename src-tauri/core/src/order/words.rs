//! What people read about an order: its state, what is wrong with it, and why something must wait.

use super::further::NotYet;
use super::refund::RefundState;
use super::{Attention, DisputeReason, EndReason, State};
use crate::gateway::Unreadable;
use crate::gateway::reaction::Reaction;
use crate::rights::Action;
use crate::words::Label;

impl State {
    /// Its name on a screen.
    #[must_use]
    pub const fn label(self) -> Label {
        match self {
            Self::Drafted => Label::new("准备中", "準備中", "Prepared"),
            Self::Creating => Label::new("正在下单", "正在建立訂單", "Being created"),
            Self::CreateUnknown => Label::new("下单结果未知", "建立結果未明", "Creation unknown"),
            Self::AwaitingPayment => Label::new("等待付款", "等候付款", "Awaiting payment"),
            Self::Paying => Label::new("顾客正在付款", "顧客正在付款", "Customer is paying"),
            Self::Expiring => Label::new("正在关闭", "正在關閉", "Being closed"),
            Self::Paid => Label::new("已付款", "已付款", "Paid"),
            Self::Closed => Label::new("已关闭，没有得知付款", "已關閉，未得知付款", "Closed, no payment known"),
            Self::Failed => Label::new("付款失败", "付款失敗", "Failed"),
            Self::Reversed => Label::new("已撤销", "已撤銷", "Reversed"),
            Self::Disputed => Label::new("有疑问，须核对", "有疑問，須核對", "In doubt"),
        }
    }
}

impl RefundState {
    /// Its name on a screen.
    #[must_use]
    pub const fn label(self) -> Label {
        match self {
            Self::Requested => Label::new("准备退款", "準備退款", "Refund prepared"),
            Self::Sent => Label::new("退款已发出", "退款已發出", "Refund sent"),
            Self::Processing => Label::new("平台正在退款", "平台正在退款", "Refund under way"),
            Self::Succeeded => Label::new("已退款", "已退款", "Refunded"),
            Self::Failed => Label::new("退款失败", "退款失敗", "Refund failed"),
            Self::Unknown => Label::new("退款结果未知", "退款結果未明", "Refund unknown"),
            Self::Withdrawn => Label::new("已撤回，没有发出", "已撤回，沒有發出", "Withdrawn, never sent"),
        }
    }
}

impl Attention {
    /// What is the matter.
    #[must_use]
    pub const fn label(self) -> Label {
        match self {
            Self::Disputed => Label::new(
                "网关的回答与这张订单不符。",
                "網關的回覆與這張訂單不符。",
                "The gateway's answer does not match this order.",
            ),
            Self::DoublePayment => {
                Label::new("同一笔生意付了两次款。", "同一宗交易付款兩次。", "One sale was paid twice.")
            }
            Self::LatePayment => {
                Label::new("订单结束之后才收到付款。", "訂單結束後才收到付款。", "Paid after the order had ended.")
            }
            Self::RefundedElsewhere => Label::new(
                "这笔付款已在别处退款。",
                "這筆付款已在別處退款。",
                "The payment was refunded, but not by this till.",
            ),
            Self::CannotBeAsked => Label::new(
                "暂时无法向网关查询这张订单。",
                "暫時無法向網關查詢這張訂單。",
                "The gateway cannot be asked about this order yet.",
            ),
            Self::ExpiredHere => Label::new(
                "订单已到期，但这个网关不能关闭订单，之后仍可能有人付款。",
                "訂單已到期，但這個網關不能關閉訂單，其後仍可能有人付款。",
                "Expired here, but this gateway cannot close orders: a payment may still come.",
            ),
            Self::EndRefused => Label::new(
                "网关的查询还没有显示这张订单已撤销或关闭，顾客的付款码仍可能扣款。",
                "網關的查詢仍未顯示這張訂單已撤銷或關閉，顧客的付款碼仍可能扣款。",
                "The gateway's query does not show yet that it has ended: the customer may still be charged.",
            ),
            Self::OpenForAWeek => {
                Label::new("七天了还没有结果。", "七天仍未有結果。", "Still without a result after seven days.")
            }
            Self::RefundDisputed => Label::new(
                "网关关于退款的说法与这张订单不符。",
                "網關關於退款的說法與這張訂單不符。",
                "What the gateway says of refunds does not match this order.",
            ),
            Self::RefundFailed => Label::new(
                "网关说退款没有成功，顾客还没有拿到钱。",
                "網關表示退款不成功，顧客尚未收回款項。",
                "The gateway says that a refund came to nothing: the customer does not have the money back.",
            ),
            Self::RefundUnknown => Label::new(
                "有一笔退款一直没有结果。",
                "有一筆退款一直未有結果。",
                "A refund is still without an outcome.",
            ),
            Self::MarkContradicted => Label::new(
                "网关的回答与人工标记不符。",
                "網關的回覆與人手標記不符。",
                "The gateway contradicts what was marked by hand.",
            ),
        }
    }

    /// What to do about it.
    #[must_use]
    pub const fn next(self) -> Label {
        match self {
            Self::Disputed => Label::new(
                "不要当作已收款。请店长在网关的商户后台核对；这里会继续查询。",
                "切勿當作已收款。請店長在網關的商戶後台核對；這裏會繼續查詢。",
                "Do not count it as paid. Have a manager check the gateway's back office; the till goes on asking.",
            ),
            Self::DoublePayment => Label::new(
                "请店长核对，把其中一笔退还给顾客。",
                "請店長核對，把其中一筆退還顧客。",
                "Have a manager check it and give one payment back.",
            ),
            Self::LatePayment => Label::new(
                "钱已收到。顾客没有拿到商品的话，请店长退款。",
                "款項已收到。如顧客未取得商品，請店長退款。",
                "The money is there. If the customer left without the goods, have a manager refund it.",
            ),
            Self::RefundedElsewhere => Label::new(
                "请店长在网关的商户后台核对退了多少，先把这笔金额人工标记，再标为已处理。",
                "請店長在網關的商戶後台核對退了多少，先把該筆金額人手標記，再標記為已處理。",
                "Have a manager look up in the gateway's back office how much went back, mark that amount by hand first, and only then \
                 mark the matter as handled.",
            ),
            Self::CannotBeAsked => Label::new(
                "网关通知，或输入平台的订单号之后，才知道结果。可以马上另开订单。",
                "網關通知，或輸入平台的訂單編號後，才知道結果。可以即時另開訂單。",
                "Known once the gateway notifies or the platform's number is entered. A new order can be made at once.",
            ),
            Self::ExpiredHere => Label::new(
                "不用做什么；一天之内会再查几次，有人付款会马上显示。",
                "毋須處理；一天之內會再查詢數次，有人付款會即時顯示。",
                "Nothing to do: it is asked about again within a day, and a payment will show at once.",
            ),
            Self::EndRefused => Label::new(
                "请顾客看手机上有没有扣款；这里会继续查询，有结果会马上显示。不要再扫一次付款码。",
                "請顧客查看手機有沒有扣款；這裏會繼續查詢，有結果會即時顯示。切勿再掃一次付款碼。",
                "Ask the customer whether the phone shows a payment; the till goes on asking. Do not scan another code.",
            ),
            Self::OpenForAWeek => Label::new(
                "请店长在网关的商户后台核对；这里每天查询一次。",
                "請店長在網關的商戶後台核對；這裏每天查詢一次。",
                "Have a manager check the gateway's back office; the till asks once a day.",
            ),
            Self::RefundDisputed => Label::new(
                "不要再退一次。请店长在网关的商户后台核对这张订单的所有退款。",
                "切勿再退一次。請店長在網關的商戶後台核對這張訂單的所有退款。",
                "Do not refund again. Have a manager compare all refunds of this order with the gateway's back office.",
            ),
            Self::RefundFailed => Label::new(
                "请店长查看原因，再退一次，或用别的办法把钱还给顾客。",
                "請店長查看原因，再退一次，或以其他方式把款項交還顧客。",
                "Have a manager see why and refund again, or give the money back another way.",
            ),
            Self::RefundUnknown => Label::new(
                "不要另外再退。请店长查看这笔退款到了哪一步，已经发出的在网关的商户后台核对。",
                "切勿另行退款。請店長查看這筆退款到了哪一步，已經送出的在網關的商戶後台核對。",
                "Do not give the money back another way yet. Have a manager see how far it came, and look one that was sent up in the back office.",
            ),
            Self::MarkContradicted => Label::new(
                "请做标记的两个人对照凭据和网关的商户后台，核对清楚之前不要再退款或再收款。",
                "請做標記的兩位同事對照憑據及網關的商戶後台，核對清楚之前切勿再退款或再收款。",
                "Have the two people who put the mark check their proof against the gateway's back office; until then neither refund nor charge again.",
            ),
        }
    }

    /// The same for an order with all of `matters`; none where the step of another goes before. Where what went back elsewhere is
    /// marked by hand nothing is left but to handle it, and no question ends a doubt about what the gateway cannot be asked about.
    #[must_use]
    pub fn next_among(self, matters: &[Self], elsewhere_is_marked: bool) -> Option<Label> {
        let beside = |other: Self| matters.contains(&other);
        match self {
            Self::CannotBeAsked if beside(Self::Disputed) => None,
            Self::RefundFailed if beside(Self::MarkContradicted) => None,
            Self::Disputed if beside(Self::CannotBeAsked) => Some(Label::new(
                "不要当作已收款，也不要再收一次。请店长在网关的商户后台核对；与订单相符的通知，或输入平台的订单号，会消除疑问。",
                "切勿當作已收款，也不要再收一次。請店長在網關的商戶後台核對；與訂單相符的通知，或輸入平台的訂單編號，會消除疑問。",
                "Do not count it as paid, and do not charge again. Have a manager check the gateway's back office; a notification that \
                 fits the order, or the platform's number once it is entered, ends the doubt.",
            )),
            Self::RefundedElsewhere if elsewhere_is_marked => Some(Label::new(
                "在别处退的已经人工标记。请店长与网关的商户后台核对，没有更多的话，标为已处理。",
                "在別處退的已人手標記。請店長與網關的商戶後台核對，沒有更多的話，標記為已處理。",
                "What went back elsewhere is marked by hand. Have a manager compare it with the gateway's back office and, if that shows no \
                 more, mark the matter as handled.",
            )),
            _ => Some(self.next()),
        }
    }
}

impl DisputeReason {
    /// What contradicts.
    #[must_use]
    pub const fn label(self) -> Label {
        match self {
            Self::Number => Label::new(
                "订单号不符，或网关单号不符",
                "訂單編號不符，或網關單號不符",
                "Another order's number, or another number at the gateway",
            ),
            Self::Amount => Label::new("金额不符", "金額不符", "Another amount"),
            Self::Merchant => Label::new("商户不符", "商戶不符", "Another merchant"),
            Self::Currency => Label::new("币种不符", "貨幣不符", "Another currency"),
            Self::Customer => Label::new("顾客不符", "顧客不符", "Another customer"),
            Self::GatewayNo => Label::new(
                "付款的网关单号是另一张订单的",
                "付款的網關單號屬於另一張訂單",
                "Paid under the gateway's number of another order",
            ),
            Self::Itself => Label::new("回答自相矛盾", "回覆自相矛盾", "The answer contradicts itself"),
            Self::Incomplete => Label::new(
                "回答说已付款或已退款，却没有订单号或金额",
                "回覆指已付款或已退款，卻沒有訂單編號或金額",
                "Says paid or refunded, without number or amount",
            ),
            Self::PaidThenEnded => {
                Label::new("先说已付款，后来又说没有付款", "先稱已付款，其後又稱未付款", "Paid at first, later not")
            }
            Self::PaidOrReversed => Label::new(
                "回答可能是已撤销，也可能是已付款",
                "回覆可能是已撤銷，也可能是已付款",
                "It may mean reversed, it may mean paid",
            ),
        }
    }
}

impl EndReason {
    /// Why it ended.
    #[must_use]
    pub const fn label(self) -> Label {
        match self {
            Self::Gateway => Label::new("网关已确认", "網關已確認", "Confirmed by the gateway"),
            Self::NeverCreated => Label::new("网关没有这张订单", "網關沒有這張訂單", "The gateway has no such order"),
            Self::ExpiredHere => Label::new(
                "已到期，网关不能关闭订单",
                "已到期，網關不能關閉訂單",
                "Expired; the gateway cannot close orders",
            ),
        }
    }
}

impl NotYet {
    /// Reads a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.word() == word)
    }

    /// Every reason.
    pub const ALL: [Self; 9] = [
        Self::BeingCreated,
        Self::CodeShown,
        Self::Unconfirmed,
        Self::Paying,
        Self::Disputed,
        Self::PaymentCodeSent,
        Self::MadeElsewhere,
        Self::OtherAmount,
        Self::AlreadyPaid,
    ];

    /// Why a further order must wait, as a sentence.
    #[must_use]
    pub const fn label(self) -> Label {
        match self {
            Self::BeingCreated => Label::new(
                "上一张订单还在下单，二维码可能随时出现。",
                "上一張訂單仍在建立，二維碼可能隨時出現。",
                "The previous one is being created; its code may still appear.",
            ),
            Self::CodeShown => Label::new(
                "上一张订单的二维码还在屏幕上，请先关闭它。",
                "上一張訂單的二維碼仍在螢幕上，請先關閉它。",
                "The previous one's code is still on a screen; close it first.",
            ),
            Self::Unconfirmed => Label::new(
                "上一张订单的二维码已收起，正等网关确认没有人付款。",
                "上一張訂單的二維碼已收起，正等候網關確認沒有人付款。",
                "The previous one's code was taken off; the gateway has yet to confirm that nobody paid.",
            ),
            Self::Paying => Label::new(
                "顾客正在为上一张订单付款。",
                "顧客正為上一張訂單付款。",
                "The customer is paying the previous one.",
            ),
            Self::Disputed => Label::new(
                "上一张订单有疑问，须先核对。",
                "上一張訂單有疑問，須先核對。",
                "The previous one is in doubt and must be checked first.",
            ),
            Self::PaymentCodeSent => Label::new(
                "顾客的付款码已经送出，要等上一张订单结束。",
                "顧客的付款碼已經送出，須等上一張訂單結束。",
                "The customer's payment code was sent; the previous one must end first.",
            ),
            Self::MadeElsewhere => Label::new(
                "这张订单是在别处下的，要等它结束。",
                "這張訂單是在別處建立的，須等它結束。",
                "It was made elsewhere and must end first.",
            ),
            Self::OtherAmount => Label::new(
                "这笔生意的金额不同，请另开一笔。",
                "這宗交易的金額不同，請另開一宗。",
                "The sale is for another amount; start a new one.",
            ),
            Self::AlreadyPaid => Label::new(
                "这笔生意已经付款，不用再收。",
                "這宗交易已經付款，毋須再收。",
                "It is paid already; there is nothing more to collect.",
            ),
        }
    }
}

impl Reaction {
    /// What a gateway's code means, and what to do. The gateway's own text is quoted beside it.
    #[must_use]
    pub const fn label(self) -> Label {
        match self {
            Self::Ask => {
                Label::new("单凭这个回答还不能定论。", "單憑這個回覆未能定論。", "This answer alone decides nothing.")
            }
            Self::NoSuchOrder => {
                Label::new("网关说没有这张订单。", "網關表示沒有這張訂單。", "The gateway says it has no such order.")
            }
            Self::DuplicateNumber => Label::new(
                "网关说已有这个编号的订单。",
                "網關表示已有這個編號的訂單。",
                "The gateway says it already has an order of this number.",
            ),
            Self::CheckKeys => Label::new(
                "网关不接受密钥或商户号。请负责人在设置里核对。",
                "網關不接受密鑰或商戶編號。請負責人在設定核對。",
                "The gateway refuses the key or the merchant ID. Have them checked in the settings.",
            ),
            Self::CheckAccount => Label::new(
                "网关不认识这个商户，或商户未启用。请联系平台。",
                "網關不認識這個商戶，或商戶未啟用。請聯絡平台。",
                "The gateway does not know this merchant, or it is not active. Contact the gateway.",
            ),
            Self::ChannelOff => Label::new(
                "这种付款方式没有开通。请换一种。",
                "這個付款方式尚未開通。請改用其他方式。",
                "This channel is not enabled. Use another.",
            ),
            Self::ChannelMisconfigured => Label::new(
                "网关说它那边的这个通道没有配置好。请换一种付款方式，并联系平台。",
                "網關表示它那邊的這個渠道未設定妥當。請改用其他付款方式，並聯絡平台。",
                "The gateway says that it has this channel set up wrongly. Use another, and tell the gateway.",
            ),
            Self::OutOfHours => Label::new(
                "不在服务时间。请换一种付款方式。",
                "非服務時間。請改用其他付款方式。",
                "Outside service hours. Use another channel.",
            ),
            Self::OurFault => Label::new(
                "网关不接受这样的请求。如果收银台说这台电脑的时钟不准，请先校准时钟再收；否则是本程序的问题，请换一种付款方式，并告诉技术支持。",
                "網關不接受這樣的請求。如收銀台表示這部電腦的時鐘不準，請先校準時鐘再收；否則是本程式的問題，請改用其他付款方式，並通知技術支援。",
                "The gateway does not take a request like this one. If the till says that this computer's clock is off, set the clock and sell again; \
                 otherwise it is a fault of this program: use another channel and tell support.",
            ),
            Self::Upstream => {
                Label::new("网关背后的系统出错。", "網關背後的系統出錯。", "A system behind the gateway failed.")
            }
            Self::Busy => Label::new("网关正忙。", "網關正忙。", "The gateway is busy."),
            Self::FreshCode => Label::new(
                "这个付款码已用过或已过期。请顾客刷新付款码，等这一次结束之后再扫。",
                "這個付款碼已用過或已過期。請顧客更新付款碼，等這一次完結後再掃。",
                "The payment code was used before or has run out. Ask for a fresh one, and scan it once this attempt has ended.",
            ),
            Self::BalanceShort => Label::new(
                "商户在网关的余额不足。请先充值，或联系平台。",
                "商戶在網關的餘額不足。請先充值，或聯絡平台。",
                "The merchant's balance at the gateway is too low. Top it up first, or contact the gateway.",
            ),
            Self::RefundTooLate => Label::new(
                "已超过退款期限。请用别的方式退给顾客。",
                "已超過退款期限。請以其他方式退還顧客。",
                "It is too late for a refund. Give the money back in another way.",
            ),
            Self::DuplicateRefund => Label::new(
                "网关说退款单号已用过。",
                "網關表示退款編號已用過。",
                "The gateway says the refund's number was used before.",
            ),
            Self::Unsupported => Label::new(
                "网关不支持这个操作。如果是在收款，请换一种付款方式。",
                "網關不支援這項操作。如正在收款，請改用其他付款方式。",
                "The gateway does not support this. If it was a new sale, use another channel.",
            ),
            Self::ExchangeRate => Label::new(
                "网关暂时没有汇率。请稍后再试或换一种付款方式。",
                "網關暫時沒有匯率。請稍後再試或改用其他付款方式。",
                "The gateway has no exchange rate right now. Try later or use another channel.",
            ),
            Self::Refused => Label::new(
                "顾客的钱包或银行没有同意付款，请顾客查看手机，或换一种方式。",
                "顧客的錢包或銀行沒有同意付款，請顧客查看手機，或改用其他方式。",
                "The customer's wallet or bank refused the payment: look at the phone, or pay another way.",
            ),
            Self::AwaitsCustomer => Label::new(
                "付款还没有完成，顾客可能要在手机上确认。不要再扫一次付款码。",
                "付款尚未完成，顧客可能要在手機上確認。切勿再掃一次付款碼。",
                "The payment is not through yet: the customer may have to confirm on the phone. Do not scan another payment code.",
            ),
        }
    }

    /// The same of an order that may still be paid: no other order may take its place yet, so none is spoken of.
    #[must_use]
    pub const fn in_doubt(self) -> Label {
        match self {
            Self::ChannelOff => {
                Label::new("这种付款方式没有开通。", "這個付款方式尚未開通。", "This channel is not enabled.")
            }
            Self::ChannelMisconfigured => Label::new(
                "网关说它那边的这个通道没有配置好。请联系平台。",
                "網關表示它那邊的這個渠道未設定妥當。請聯絡平台。",
                "The gateway says that it has this channel set up wrongly. Tell the gateway.",
            ),
            Self::OutOfHours => Label::new("不在服务时间。", "非服務時間。", "Outside service hours."),
            Self::OurFault => Label::new(
                "网关不接受这样的请求。如果收银台说这台电脑的时钟不准，请校准时钟；否则是本程序的问题，请告诉技术支持。",
                "網關不接受這樣的請求。如收銀台表示這部電腦的時鐘不準，請校準時鐘；否則是本程式的問題，請通知技術支援。",
                "The gateway does not take a request like this one. If the till says that this computer's clock is off, set the clock; \
                 otherwise it is a fault of this program: tell support.",
            ),
            Self::Unsupported => {
                Label::new("网关不支持这个操作。", "網關不支援這項操作。", "The gateway does not support this.")
            }
            Self::ExchangeRate => {
                Label::new("网关暂时没有汇率。", "網關暫時沒有匯率。", "The gateway has no exchange rate right now.")
            }
            Self::Refused => Label::new(
                "顾客的钱包或银行没有同意付款，请顾客查看手机。",
                "顧客的錢包或銀行沒有同意付款，請顧客查看手機。",
                "The customer's wallet or bank refused the payment: look at the phone.",
            ),
            Self::Ask
            | Self::NoSuchOrder
            | Self::DuplicateNumber
            | Self::CheckKeys
            | Self::CheckAccount
            | Self::Upstream
            | Self::Busy
            | Self::FreshCode
            | Self::BalanceShort
            | Self::RefundTooLate
            | Self::DuplicateRefund
            | Self::AwaitsCustomer => self.label(),
        }
    }
}

impl Unreadable {
    /// Why an answer was set aside. It changes nothing about the money: the order is asked about again.
    #[must_use]
    pub const fn label(&self) -> Label {
        match self {
            Self::Status(_) => {
                Label::new("网关的服务器报错", "網關的伺服器出錯", "The gateway's server reported an error")
            }
            Self::Empty => Label::new("回答是空的", "回覆是空白的", "The answer was empty"),
            Self::NotJson => Label::new(
                "回答不完整或不是约定的格式",
                "回覆不完整或格式不符",
                "The answer was cut off or not in the gateway's format",
            ),
            Self::DuplicatedKey => {
                Label::new("回答里有重复的字段", "回覆內有重複的欄位", "The answer named a field twice")
            }
            Self::Unsigned => Label::new("回答没有签名", "回覆沒有簽署", "The answer was not signed"),
            Self::WrongSignature => {
                Label::new("回答的签名不对", "回覆的簽署不正確", "The answer's signature was wrong")
            }
            Self::Stale(_) => Label::new(
                "回答的签名对，但时间不对",
                "回覆的簽署正確，但時間不對",
                "The answer's signature was right, but its time was not",
            ),
            Self::NoState => {
                Label::new("回答没有说明付款状态", "回覆沒有說明付款狀態", "The answer did not say the state")
            }
            Self::UnknownWord(_) => {
                Label::new("回答里有不认识的状态", "回覆內有不認識的狀態", "The answer used an unknown word")
            }
            Self::BadField(_) => Label::new(
                "回答里有看不懂的内容，或与这里的不符",
                "回覆內有無法理解的內容，或與這裏的不符",
                "The answer held something that cannot be read, or that does not match what was asked",
            ),
        }
    }
}

impl Action {
    /// What is done, for people.
    #[must_use]
    pub const fn label(self) -> Label {
        match self {
            Self::Sell => Label::new("收款", "收款", "sell"),
            Self::Ask => Label::new("查询订单", "查詢訂單", "ask about orders"),
            Self::Close => Label::new("关闭订单", "關閉訂單", "close orders"),
            Self::Reverse => Label::new("撤销订单", "撤銷訂單", "reverse orders"),
            Self::Adopt => Label::new("接入别处的订单", "接入別處的訂單", "take in orders"),
            Self::Read => Label::new("查看记录", "查看記錄", "read the records"),
            Self::Export => Label::new("导出和核验", "匯出及核驗", "export and verify"),
            Self::ManageAccounts => Label::new("管理收款账户", "管理收款帳戶", "manage accounts"),
            Self::ManageSettings => Label::new("更改设置", "更改設定", "change settings"),
            Self::Refund => Label::new("退款", "退款", "refund"),
            Self::MarkByHand => Label::new("人工标记", "人手標記", "mark by hand"),
            Self::HandleAttention => Label::new("处理待办事项", "處理待辦事項", "handle attentions"),
            Self::Overrule => Label::new("允许重开订单", "允許另開訂單", "overrule the wait for a further order"),
            Self::ManageOperators => Label::new("管理人员", "管理人員", "manage people"),
            Self::ManageLimits => Label::new("更改退款限额", "更改退款限額", "change refund limits"),
            Self::Restore => Label::new("用备份恢复流水", "以備份還原流水", "restore the journal"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;
    use crate::error::words::{CLOCK, INSTEAD};

    /// Characters that only one of the two scripts uses, pair by pair.
    const SCRIPTS: &str = "额額 约約 数數 输輸 负負 账賬 户戶 设設 号號 订訂 单單 关關 闭閉 没沒 发發 请請 这這 张張 种種 钥鑰 环環 锁鎖 盘盤 满滿 无無 网網 页頁 对對 实實 现現 \
        间間 时時 钟鐘 钱錢 货貨 币幣 顾顧 还還 进進 过過 处處 备備 导導 记記 录錄 读讀 写寫 错錯 误誤 权權 检檢 验驗 签簽 复覆 认認 识識 说說 启啟 动動 损損 \
        坏壞 软軟 应應 开開 结結 经經 须須 从從 继繼 续續 询詢 个個 为為 与與 两兩 总總 达達 运運 连連 远遠 长長 门門 问問 闻聞 阅閱 难難 项項 顺順 领領 频頻 \
        题題 马馬 驱驅";

    fn every_label() -> Vec<Label> {
        let mut labels = vec![];
        for words in Code::ALL.into_iter().map(Code::words).chain([CLOCK]) {
            labels.extend([words.what, words.money, words.next]);
        }
        labels.extend(INSTEAD.map(|(_, next)| next));
        labels.extend(Code::ALL.into_iter().filter_map(Code::money_again));
        labels.extend(Code::ALL.into_iter().filter_map(Code::next_again));
        labels.extend(State::ALL.map(State::label));
        labels.extend(NotYet::ALL.map(NotYet::label));
        labels.extend(Action::ALL.map(Action::label));
        for attention in [
            Attention::Disputed,
            Attention::DoublePayment,
            Attention::LatePayment,
            Attention::RefundDisputed,
            Attention::RefundedElsewhere,
            Attention::CannotBeAsked,
            Attention::ExpiredHere,
            Attention::OpenForAWeek,
            Attention::EndRefused,
        ] {
            labels.extend([attention.label(), attention.next()]);
            labels.extend(attention.next_among(&[Attention::CannotBeAsked], true));
        }
        labels.extend(DisputeReason::ALL.map(DisputeReason::label));
        labels.extend([EndReason::Gateway, EndReason::NeverCreated, EndReason::ExpiredHere].map(EndReason::label));
        labels.extend(
            [
                Reaction::Ask,
                Reaction::NoSuchOrder,
                Reaction::DuplicateNumber,
                Reaction::CheckKeys,
                Reaction::CheckAccount,
                Reaction::ChannelOff,
                Reaction::ChannelMisconfigured,
                Reaction::OutOfHours,
                Reaction::OurFault,
                Reaction::Upstream,
                Reaction::BalanceShort,
                Reaction::Unsupported,
                Reaction::Refused,
                Reaction::AwaitsCustomer,
            ]
            .map(Reaction::label),
        );
        labels.extend(Reaction::ALL.map(Reaction::in_doubt));
        labels.extend(
            [
                Unreadable::Status(502),
                Unreadable::Empty,
                Unreadable::NotJson,
                Unreadable::DuplicatedKey,
                Unreadable::Unsigned,
                Unreadable::WrongSignature,
                Unreadable::Stale(206),
                Unreadable::NoState,
                Unreadable::UnknownWord(String::new()),
                Unreadable::BadField(String::new()),
            ]
            .iter()
            .map(Unreadable::label),
        );
        labels
    }

    /// The till raises it for a refund that could not be sent, for one that it asks about, and for one that is being carried out.
    #[test]
    fn a_refund_without_an_outcome_is_not_said_to_have_left() {
        let label = Attention::RefundUnknown.label();
        for (said, sent) in [(label.zh_cn, "发出"), (label.zh_hk, "發出"), (label.en, "sent")] {
            assert!(!said.contains(sent), "{said}");
        }
    }

    /// A reverse may have been answered with "reversed" while the queries after it say something else.
    #[test]
    fn an_end_that_no_query_shows_is_not_said_to_be_refused_or_unconfirmed_by_the_gateway() {
        let label = Attention::EndRefused.label();
        for (said, query, denials) in [
            (label.zh_cn, "查询", ["拒绝", "没有确认"]),
            (label.zh_hk, "查詢", ["拒絕", "未有確認"]),
            (label.en, "query", ["refused", "has not confirmed"]),
        ] {
            assert!(said.contains(query) && !denials.iter().any(|denial| said.contains(denial)), "{said}");
        }
    }

    /// A code may name a state: 40101 says paid, 40103 closed (002:137-141).
    #[test]
    fn an_answer_that_leads_to_a_question_is_not_said_to_hold_no_result() {
        let label = Reaction::Ask.label();
        for (said, result) in [(label.zh_cn, "结果"), (label.zh_hk, "結果"), (label.en, "result")] {
            assert!(!said.contains(result), "{said}");
        }
    }

    /// A question, a close, a reverse and a refund are answered so, too (492003).
    #[test]
    fn another_channel_is_only_for_a_new_sale_where_a_gateway_does_not_support_something() {
        let label = Reaction::Unsupported.label();
        for (said, sale) in
            [(label.zh_cn, "如果是在收款"), (label.zh_hk, "如正在收款"), (label.en, "If it was a new sale")]
        {
            assert!(said.contains(sale), "{said}");
        }
    }

    /// What Pooul answers to a create with 108 or 202 is unsigned: of a payment code nothing is known by it.
    #[test]
    fn an_order_that_may_still_be_paid_sends_nobody_to_another_one() {
        for reaction in Reaction::ALL {
            let label = reaction.in_doubt();
            for (said, another) in [
                (label.zh_cn, ["换", "再收", "再试"]),
                (label.zh_hk, ["改用", "再收", "再試"]),
                (label.en, ["se another", "pay another", "again"]),
            ] {
                assert!(!another.iter().any(|word| said.contains(word)), "{said}");
            }
        }
    }

    /// A gateway says it of a create, too (002:143).
    #[test]
    fn a_balance_that_is_too_low_is_not_said_to_be_too_low_for_a_refund() {
        let label = Reaction::BalanceShort.label();
        for (said, refund) in [(label.zh_cn, "退款"), (label.zh_hk, "退款"), (label.en, "refund")] {
            assert!(!said.contains(refund), "{said}");
        }
    }

    /// Of an order whose refunds are more than was paid, none may be open: nothing is asked.
    #[test]
    fn whoever_reads_of_a_disputed_refund_is_promised_no_question() {
        let next = Attention::RefundDisputed.next();
        for (said, asking) in [(next.zh_cn, "查询"), (next.zh_hk, "查詢"), (next.en, "asking")] {
            assert!(!said.contains(asking), "{said}");
        }
    }

    /// A gateway may answer a create with the state of the order that has the number (002:137, 002:139-141).
    #[test]
    fn a_number_that_has_an_order_is_not_said_to_be_called_used() {
        let label = Reaction::DuplicateNumber.label();
        for (said, used) in [(label.zh_cn, "用过"), (label.zh_hk, "用過"), (label.en, "used")] {
            assert!(!said.contains(used), "{said}");
        }
    }

    #[test]
    fn no_text_is_empty_and_none_is_in_the_wrong_language() {
        for label in every_label() {
            for text in [label.zh_cn, label.zh_hk, label.en] {
                assert!(!text.trim().is_empty(), "{label:?}");
            }
            let chinese = |text: &str| text.chars().any(|letter| ('\u{4e00}'..='\u{9fff}').contains(&letter));
            assert!(chinese(label.zh_cn) && chinese(label.zh_hk) && !chinese(label.en), "{label:?}");
        }
    }

    #[test]
    fn hong_kong_reads_traditional_characters_and_the_mainland_simplified_ones() {
        for pair in SCRIPTS.split_whitespace() {
            let simplified = pair.chars().next().expect("two characters");
            let traditional = pair.chars().nth(1).expect("two characters");
            for label in every_label() {
                assert!(!label.zh_hk.contains(simplified), "{simplified} in {}", label.zh_hk);
                assert!(!label.zh_cn.contains(traditional), "{traditional} in {}", label.zh_cn);
            }
        }
    }
}
