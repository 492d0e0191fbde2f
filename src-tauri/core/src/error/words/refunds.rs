//! The words of what is refused about refunds, marks and attentions.

use super::{Severity, Words, words};
use crate::words::Label;

const NOTHING_WENT_BACK: Label =
    Label::new("没有发出退款，没有退钱。", "沒有發出退款，沒有退款項。", "No refund was sent; no money went back.");

/// Where a refund may have been sent before.
pub(super) const NOTHING_SENT_NOW: Label = Label::new(
    "这次没有发出。如果以前发出过，那一次怎么样仍以网关为准。",
    "這次沒有送出。如以前送出過，那一次如何仍以網關為準。",
    "Nothing was sent now. What was sent before, if anything was, stands as it does at the gateway.",
);

const NOTHING_CHANGED: Label =
    Label::new("订单和款项都没有改变。", "訂單和款項都沒有改變。", "Neither the order nor any money changed.");

const ASK_A_MANAGER: Label = Label::new(
    "请店长调整限额：在设置里，或在终端用 limits set。还没有发出过的退款也可以退少一些。",
    "請店長調整限額：在設定內，或在終端機用 limits set。尚未送出過的退款也可以退少一些。",
    "Have a manager change the limit: in Settings, or in a terminal with limits set. A refund that was never sent may also be smaller.",
);

pub(super) const NOT_PAID: Words = words(
    Severity::Warning,
    Label::new(
        "这张订单没有确认的付款，不能退款。",
        "這張訂單沒有已確認的付款，不能退款。",
        "No confirmed payment is booked for this order, so nothing can go back.",
    ),
    NOTHING_WENT_BACK,
    Label::new("请先查询订单。", "請先查詢訂單。", "Ask about the order first."),
);

pub(super) const IN_DISPUTE: Words = words(
    Severity::Warning,
    Label::new(
        "网关的回答和这张订单有矛盾，现在不能退款。",
        "網關的回覆與這張訂單有矛盾，現在不能退款。",
        "An answer of the gateway contradicts this order, so nothing can go back now.",
    ),
    NOTHING_WENT_BACK,
    Label::new(
        "请在网关的商户后台核对，要退就在那里退。这张订单能标记“已退款”的就人工标记，不能的就在标为已处理时写明。这里会一直查询。",
        "請在網關的商戶後台核對，要退款就在該處退。這張訂單可以標記「已退款」的便人手標記，不可以的便在標記為已處理時寫明。這裏會一直查詢。",
        "Check the gateway's back office; give money back there if it is due. Mark that by hand where this order takes such a mark, \
         else write it down when you mark the matter as handled. The till goes on asking.",
    ),
);

pub(super) const OVER_CEILING: Words = words(
    Severity::Warning,
    Label::new(
        "最多还可以退 {left} {currency}。已退的、正在退的和待重发的都算在内。",
        "最多還可以退 {left} {currency}。已退的、正在退的和待重發的都計算在內。",
        "At most {left} {currency} can still go back: what went back, is on its way or is to be sent again is counted.",
    ),
    NOTHING_WENT_BACK,
    Label::new("请改小金额。", "請改小金額。", "Enter a smaller amount."),
);

pub(super) const FAILED_BEFORE: Words = words(
    Severity::Warning,
    Label::new(
        "退款 {refund_no}（{amount}）没有成功，它的金额留着等重发；除它以外最多还可以退 {left}。",
        "退款 {refund_no}（{amount}）不成功，它的金額留待重發；除此以外最多尚可退 {left}。",
        "Refund {refund_no} of {amount} failed and keeps its amount for being sent again; beside it at most {left} can go back.",
    ),
    NOTHING_WENT_BACK,
    Label::new(
        "要退那一笔，就用同一编号重发：在窗口里，或在终端用 --again {refund_no}。要退别的，请写明金额，最多 {left}。",
        "要退那一筆，便以同一編號重發：在視窗內，或在終端機用 --again {refund_no}。要退其他的，請寫明金額，最多 {left}。",
        "To give that money back, send it again under its number: in the window, or in a terminal with --again {refund_no}. For something \
         else, name an amount of {left} at most.",
    ),
);

pub(super) const FAILED_ALONE: Words = words(
    Severity::Warning,
    Label::new(
        "退款 {refund_no}（{amount}）没有成功，它的金额留着等重发；除它以外没有可以再退的钱。",
        "退款 {refund_no}（{amount}）不成功，它的金額留待重發；除此以外沒有可以再退的款項。",
        "Refund {refund_no} of {amount} failed and keeps its amount for being sent again; beside it nothing is left to go back.",
    ),
    NOTHING_WENT_BACK,
    Label::new(
        "请用同一编号重发：在窗口里，或在终端用 --again {refund_no}。",
        "請以同一編號重發：在視窗內，或在終端機用 --again {refund_no}。",
        "Send it again under its number: in the window, or in a terminal with --again {refund_no}.",
    ),
);

pub(super) const NOTHING_LEFT: Words = words(
    Severity::Warning,
    Label::new(
        "这张订单没有可以再退的钱。已退的、正在退的、待重发的和人工标记已退的都算在内。",
        "這張訂單沒有可以再退的款項。已退的、正在退的、待重發的和人手標記已退的都計算在內。",
        "Nothing of this order is left to go back: what went back, is on its way, is to be sent again or was marked by hand is counted.",
    ),
    NOTHING_WENT_BACK,
    Label::new(
        "请查看这张订单的退款记录和标记。",
        "請查看這張訂單的退款記錄和標記。",
        "Look at the refunds and the marks of this order.",
    ),
);

pub(super) const LINE_NOT_LEFT: Words = words(
    Severity::Warning,
    Label::new(
        "这张订单没有商品行“{line}”，或者它没有这么多可退，或者重复列出。",
        "這張訂單沒有商品「{line}」，或可退的沒有這麼多，或重複列出。",
        "“{line}” is not a line of this order, or not as much of it is left, or it was named twice.",
    ),
    NOTHING_WENT_BACK,
    Label::new(
        "请核对订单的商品和之前的退款。没有商品行的订单请只填金额。",
        "請核對訂單的商品和之前的退款。沒有商品的訂單請只填金額。",
        "Check the order's lines and its earlier refunds. Of an order without lines, name the amount alone.",
    ),
);

pub(super) const UNKNOWN_BEFORE: Words = words(
    Severity::Danger,
    Label::new(
        "之前的退款 {refund_no} 还没有结果，现在不能再退。",
        "之前的退款 {refund_no} 還沒有結果，現在不能再退。",
        "What became of refund {refund_no} is not known yet, so no other can be made.",
    ),
    Label::new(
        "没有发出第二笔退款：否则同一笔钱可能退两次。",
        "沒有發出第二筆退款：否則同一筆款項可能退兩次。",
        "No second refund was sent: the same money could go back twice.",
    ),
    Label::new(
        "请等待结果，这里会一直查询。着急的话，先到网关的商户后台核对 {refund_no} 有没有退：只有后台确认没有退、网关又一直不肯退的，才在后台退，再由两个人在窗口里人工标记。",
        "請等待結果，這裏會一直查詢。如急用，先到網關的商戶後台核對 {refund_no} 有否退回：只有後台確認未退、網關又一直不肯退的，才在後台退款，再由兩位同事在視窗內人手標記。",
        "Wait: the till goes on asking. If it is urgent, first look up {refund_no} in the gateway's back office: only what did not go back \
         there, and the gateway refuses again and again, is given back there and then marked in the window by two people.",
    ),
);

pub(super) const WAITS_BEFORE: Words = words(
    Severity::Warning,
    Label::new(
        "之前的退款 {refund_no} 还没有发出，现在不能再退。",
        "之前的退款 {refund_no} 尚未送出，現在不能再退。",
        "Refund {refund_no} has not been sent yet, so no other can be made.",
    ),
    NOTHING_WENT_BACK,
    Label::new(
        "它一有可能就会发出。请等它，或者先撤回它再退。",
        "它一有可能便會送出。請等候，或先撤回它再退。",
        "It is sent as soon as it can be. Wait for it, or withdraw it first.",
    ),
);

pub(super) const AGAIN_BEFORE: Words = words(
    Severity::Danger,
    Label::new(
        "之前的退款 {refund_no} 要再发一次，有结果之前不能再退。",
        "之前的退款 {refund_no} 要再送一次，有結果之前不能再退。",
        "Refund {refund_no} is sent once more, so no other can be made before its outcome is known.",
    ),
    Label::new(
        "没有发出第二笔退款：否则同一笔钱可能退两次。",
        "沒有發出第二筆退款：否則同一筆款項可能退兩次。",
        "No second refund was sent: the same money could go back twice.",
    ),
    Label::new(
        "请等它：一有可能就以同一编号再发。这期间不要在别处退。",
        "請等候：一有可能便會以同一編號再送。其間切勿在別處退款。",
        "Wait for it: it is sent under its own number as soon as it can be. Give nothing back elsewhere meanwhile.",
    ),
);

pub(super) const NOT_LOOKED_AT: Words = words(
    Severity::Warning,
    Label::new(
        "退款 {refund_no} 没有重发：重发前要先问这张订单，而网关的回答不算数：{reason}。",
        "退款 {refund_no} 沒有重送：重送前要先查詢這張訂單，而網關的回覆不作數：{reason}。",
        "Refund {refund_no} was not sent again: its order is asked about first, and no answer to that counts: {reason}.",
    ),
    NOTHING_SENT_NOW,
    Label::new(
        "请稍后再重发。一直这样的话，请负责人向网关核对账户；着急的话，先到网关的商户后台核对 {refund_no}。",
        "請稍後再重送。如持續如此，請負責人向網關核對帳戶；如急用，先到網關的商戶後台核對 {refund_no}。",
        "Send it again in a moment. If it stays so, have the account checked with the gateway; if it is urgent, look up {refund_no} in the \
         gateway's back office first.",
    ),
);

pub(super) const ORDER_NOT_THERE: Words = words(
    Severity::Warning,
    Label::new(
        "退款 {refund_no} 没有重发：重发前要先问这张订单，而网关的回答是：{reason}。",
        "退款 {refund_no} 沒有重送：重送前要先查詢這張訂單，而網關的回覆是：{reason}。",
        "Refund {refund_no} was not sent again: its order is asked about first, and the gateway answered with {reason}.",
    ),
    NOTHING_SENT_NOW,
    Label::new(
        "再试一次多半没有用。请在网关的商户后台查这张订单和 {refund_no}；那里也没有的话，请联系网关的客服。查清之前不要另外退钱。",
        "再試一次多半沒有用。請在網關的商戶後台查這張訂單和 {refund_no}；如那裏也沒有，請聯絡網關的客戶服務。查清之前切勿另行退款。",
        "Trying again will hardly help. Look the order and {refund_no} up in the gateway's back office; if it is not there either, ask the \
         gateway's support. Until then do not give the money back another way.",
    ),
);

pub(super) const AFTER_RESTORE: Words = words(
    Severity::Warning,
    Label::new(
        "没有发出退款：这张订单付款之后，流水用备份恢复过，所以退款前要先问网关，而网关的回答不算数：{reason}。",
        "沒有送出退款：這張訂單付款之後，流水以備份還原過，所以退款前要先查詢網關，而網關的回覆不作數：{reason}。",
        "No refund was sent: the journal was restored from a backup after this order was paid, so the gateway is asked about it first, \
         and no answer to that counts: {reason}.",
    ),
    Label::new(
        "这次没有发出。恢复之前有没有退过，只有网关知道。",
        "這次沒有送出。還原之前有沒有退過，只有網關知道。",
        "Nothing was sent now. Whether it went back before the restore, only the gateway knows.",
    ),
    Label::new(
        "请稍后再退。一直这样的话，请在网关的商户后台核对这笔付款有没有退过；那里也没有这张订单的话，请联系网关的客服。查清之前不要另外退钱。",
        "請稍後再退。如持續如此，請在網關的商戶後台核對這筆付款有沒有退過；如那裏也沒有這張訂單，請聯絡網關的客戶服務。查清之前切勿另行退款。",
        "Try again in a moment. If it stays so, look in the gateway's back office whether this payment was given back already; if the order is \
         not there either, ask the gateway's support. Until then do not give the money back another way.",
    ),
);

pub(super) const REASON_TOO_LONG: Words = words(
    Severity::Warning,
    Label::new(
        "退款原因太长：网关只收一行，最多 {limit} 字节，一个汉字算 3 个。",
        "退款原因過長：網關只接受一行，最多 {limit} 個位元組，一個漢字算 3 個。",
        "The reason is too long: the gateway takes one line of {limit} bytes, and a Chinese character is three.",
    ),
    NOTHING_WENT_BACK,
    Label::new("请把原因写短一些。", "請把原因寫短一些。", "Shorten the reason."),
);

pub(super) const REASON_NOT_ONE_LINE: Words = words(
    Severity::Info,
    Label::new(
        "退款原因里有换行、制表符或其他控制字符（{letter}）。",
        "退款原因內有換行、定位字元或其他控制字元（{letter}）。",
        "The reason holds a line break, a tab or another control character ({letter}).",
    ),
    NOTHING_WENT_BACK,
    Label::new(
        "请把原因写成一行，只用看得见的字和空格。",
        "請把原因寫成一行，只用看得見的字和空格。",
        "Write it in one line, with letters that can be seen and spaces alone.",
    ),
);

pub(super) const REASON_HIDDEN: Words = words(
    Severity::Info,
    Label::new(
        "退款原因里有看不见的字符，或改变文字方向的字符（{letter}）：它读起来会和写的不一样。",
        "退款原因內有看不見的字元，或改變文字方向的字元（{letter}）：讀起來會與所寫的不同。",
        "The reason holds a character that shows nothing or turns the direction of the text ({letter}): it would not read as it was written.",
    ),
    NOTHING_WENT_BACK,
    Label::new(
        "请重新输入原因，不要粘贴。",
        "請重新輸入原因，不要貼上。",
        "Type the reason anew instead of pasting it.",
    ),
);

pub(super) const OVER_LIMIT: Words = words(
    Severity::Warning,
    Label::new(
        "每笔退款最多 {limit} {currency}。",
        "每筆退款最多 {limit} {currency}。",
        "One refund may be {limit} {currency} at most.",
    ),
    NOTHING_WENT_BACK,
    ASK_A_MANAGER,
);

pub(super) const OVER_DAY: Words = words(
    Severity::Warning,
    Label::new(
        "每人每天最多退 {limit} {currency}，今天还可以退 {left} {currency}。",
        "每人每天最多退 {limit} {currency}，今天還可以退 {left} {currency}。",
        "One person may refund {limit} {currency} a day; {left} {currency} is left for today.",
    ),
    NOTHING_WENT_BACK,
    Label::new(
        "请另一位店长退款，或请店长调整限额：在设置里，或在终端用 limits set。",
        "請另一位店長退款，或請店長調整限額：在設定內，或在終端機用 limits set。",
        "Have another manager refund it, or change the limit: in Settings, or in a terminal with limits set.",
    ),
);

pub(super) const TOO_OLD: Words = words(
    Severity::Warning,
    Label::new(
        "付款已经超过 {days} 天，不能在这里退款。",
        "付款已超過 {days} 天，不能在這裏退款。",
        "The payment is older than the {days}-day limit for refunds, so it is not refunded here.",
    ),
    NOTHING_WENT_BACK,
    Label::new(
        "请用别的办法退钱，或请店长延长期限：在设置里，或在终端用 limits set。",
        "請以其他方式退款，或請店長延長期限：在設定內，或在終端機用 limits set。",
        "Give the money back another way, or have a manager lengthen the time: in Settings, or in a terminal with limits set.",
    ),
);

/// The next step where the refund that is too old to be sent again may have left before.
pub(super) const TOO_OLD_AGAIN: Label = Label::new(
    "这笔退款的结果没有确定之前，不要用别的办法退钱；要再发送一次，请店长延长期限：在设置里，或在终端用 limits set。",
    "這筆退款的結果未確定之前，切勿以其他方式退款；如要再送出一次，請店長延長期限：在設定內，或在終端機用 limits set。",
    "Do not give the money back another way before it is known what became of this refund. To send it again, have a manager lengthen the \
     time: in Settings, or in a terminal with limits set.",
);

pub(super) const REASON: Words = words(
    Severity::Info,
    Label::new("还没有填写退款原因。", "尚未填寫退款原因。", "A refund needs a reason."),
    NOTHING_WENT_BACK,
    Label::new("请填写原因再试。", "請填寫原因再試。", "Enter the reason and try again."),
);

pub(super) const LINES: Words = words(
    Severity::Info,
    Label::new(
        "这个网关按商品退款，还没有选商品。",
        "這個網關按商品退款，尚未選擇商品。",
        "This gateway refunds by lines, and none were named.",
    ),
    NOTHING_WENT_BACK,
    Label::new("请选择要退的商品和金额。", "請選擇要退的商品和金額。", "Choose the lines that go back."),
);

pub(super) const LINES_UNKNOWN: Words = words(
    Severity::Info,
    Label::new(
        "这个网关按商品退款，而这张订单收进来时没有商品行，这里不知道它卖了什么。",
        "這個網關按商品退款，而這張訂單接收時沒有商品，這裏不知道它售出了甚麼。",
        "This gateway refunds by lines, and this order was taken in without any: what it sold is not known here.",
    ),
    NOTHING_WENT_BACK,
    Label::new(
        "请在终端写明要退的每一行：--item 编号:数量:金额（ID:QTY:AMOUNT），编号照顾客下单时的。",
        "請在終端機寫明要退的每一項：--item 編號:數量:金額（ID:QTY:AMOUNT），編號按顧客下單時的。",
        "Name each line that goes back, in a terminal: --item ID:QTY:AMOUNT, by the id that it was ordered under.",
    ),
);

pub(super) const LINES_DO_NOT_ADD_UP: Words = words(
    Severity::Info,
    Label::new(
        "所列商品的金额合计不等于退款金额。",
        "所列商品的金額合計不等於退款金額。",
        "The lines named do not add up to the amount.",
    ),
    NOTHING_WENT_BACK,
    Label::new(
        "请让商品合计等于金额，或不填金额：那就是所列商品的合计；商品也不列，就是退剩下的全部。",
        "請使商品合計等於金額，或不填金額：即為所列商品的合計；商品也不列，即退餘下的全部。",
        "Let the lines add up to the amount, or leave it out: then it is what they come to, and without lines all that is left.",
    ),
);

pub(super) const UNKNOWN: Words = words(
    Severity::Info,
    Label::new("没有编号为 {refund_no} 的退款。", "沒有編號為 {refund_no} 的退款。", "There is no refund {refund_no}."),
    NOTHING_WENT_BACK,
    Label::new("请核对编号。", "請核對編號。", "Check the number."),
);

pub(super) const NOT_AGAIN: Words = words(
    Severity::Warning,
    Label::new(
        "退款 {refund_no} 现在不能重发。",
        "退款 {refund_no} 現在不能重發。",
        "Refund {refund_no} cannot be sent again now.",
    ),
    Label::new(
        "没有重发，钱不会退两次。",
        "沒有重發，款項不會退兩次。",
        "It was not sent again; no money can go back twice.",
    ),
    Label::new(
        "请看这笔退款在订单里的状态。没有结果或正在退的，请等待，这里会一直查询；网关说没有这笔退款，才可以用原编号重发。网关说编号用过，\
         或说订单已经退款的，可能已经退了，不能重发。已经失败的，网关肯收原编号就用原编号重发，不肯收就重新做一笔，编号是新的；\
         都要等订单没有疑问，没有别的退款待发或没有结果，在别处退过的款和被网关否定的标记都已处理，而且付款还剩这么多。\
         剩得不够的，是别的退款或标记已经占去。",
        "請查看這筆退款在訂單內的狀態。沒有結果或正在退的，請等待，這裏會一直查詢；網關表示沒有這筆退款，才可以用原編號重發。網關表示編號已用過，\
         或表示訂單已退款的，可能已經退還，不能重發。已失敗的，網關肯收原編號便以原編號重發，不肯收便重新做一筆，編號是新的；\
         都要待訂單沒有疑問，沒有其他退款待發或沒有結果，在別處退過的款項和被網關否定的標記都已處理，而且付款尚餘這麼多。\
         所餘不足的，是其他退款或標記已經佔去。",
        "Look at its state in the order. Without an outcome, or on its way, wait: the till goes on asking, and only what the gateway does not know \
         can be sent again. Where it calls the number used, or the order refunded, it may have been carried out and is not sent again. One that \
         failed goes out again under its number where the gateway takes a number twice, and is refunded anew, under a new number, where it does \
         not: either only while the order is not in doubt, no other refund waits or is without an outcome, what went back elsewhere and marks \
         that the gateway contradicts are dealt with, and so much of the payment is left. If less is left, other refunds or marks account for it.",
    ),
);

pub(super) const LEFT: Words = words(
    Severity::Warning,
    Label::new(
        "退款 {refund_no} 已经发出过，不能撤回。",
        "退款 {refund_no} 已經發出過，不能撤回。",
        "Refund {refund_no} has left the till and cannot be taken back.",
    ),
    Label::new(
        "钱有没有退给顾客，看这笔退款的状态；没有结果的可能已经退了。",
        "款項有否退還顧客，請看這筆退款的狀態；沒有結果的可能已經退還。",
        "Its state says whether the money went back; without an outcome it may be on its way to the customer.",
    ),
    Label::new(
        "请看这笔退款现在的状态。没有结果的请等待，这里会一直查询；网关说没有这笔退款的，可以用原编号重发。",
        "請查看這筆退款現在的狀態。沒有結果的請等待，這裏會一直查詢；網關表示沒有這筆退款的，可以用原編號重發。",
        "Look at the refund as it is now. Without an outcome, wait: the till goes on asking. One that the gateway does not know can be sent \
         again.",
    ),
);

pub(super) const ELSEWHERE: Words = words(
    Severity::Warning,
    Label::new(
        "这个网关没有退款接口（{gateway}）。",
        "這個網關沒有退款介面（{gateway}）。",
        "This gateway ({gateway}) gives nothing back through its interface.",
    ),
    NOTHING_WENT_BACK,
    Label::new(
        "请在它的商户后台退款，然后在这里由两个人做标记。",
        "請在其商戶後台退款，然後在這裏由兩位同事做標記。",
        "Refund it in its back office, then mark it here with a second person.",
    ),
);

pub(super) const ELSEWHERE_FIRST: Words = words(
    Severity::Danger,
    Label::new(
        "网关说这笔付款已经在别处退过款。",
        "網關表示這筆付款已在別處退款。",
        "The gateway says that money of this payment went back elsewhere.",
    ),
    Label::new(
        "没有发出退款：否则可能退两次。",
        "沒有發出退款：否則可能退兩次。",
        "No refund was sent: the money could go back twice.",
    ),
    Label::new(
        "退了多少，网关通知里说过的写在订单经过里，没有说的请在商户后台核对。先把这笔金额人工标记（标记过的不用再标），再把这条提醒标为已处理，之后才能在这里退剩下的。",
        "退了多少，網關通知內說過的寫在訂單經過內，沒有說的請在商戶後台核對。先把該筆金額人手標記（標記過的毋須再標），再把這項提示標記為已處理，之後才可在這裏退餘下的。",
        "How much went back stands in the order's course where a notice of the gateway's said it; else look it up in the back office. First mark that amount by hand, unless that is done, then mark the matter as handled: only then \
         can the rest be refunded here.",
    ),
);

pub(super) const MARK: Words = words(
    Severity::Info,
    Label::new(
        "这张订单现在不需要这个标记，或金额不对。",
        "這張訂單現在不需要這個標記，或金額不正確。",
        "Such a mark says nothing about this order now, or not with this amount.",
    ),
    NOTHING_CHANGED,
    Label::new("请看订单现在的状态。", "請查看訂單現在的狀態。", "Look at the order as it is now."),
);

pub(super) const NOTE: Words = words(
    Severity::Info,
    Label::new("还没有写说明。", "尚未寫說明。", "It needs a note."),
    NOTHING_CHANGED,
    Label::new(
        "请写下看到了什么凭证，或怎么处理的。",
        "請寫下看到甚麼憑證，或如何處理。",
        "Write what proof was seen, or what was done.",
    ),
);

pub(super) const NOT_THERE: Words = words(
    Severity::Info,
    Label::new("这条提醒已经不在了。", "這項提示已經不在。", "The order needs nobody for that any more."),
    NOTHING_CHANGED,
    Label::new("请看订单现在的状态。", "請查看訂單現在的狀態。", "Look at the order as it is now."),
);
