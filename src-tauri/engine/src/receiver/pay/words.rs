//! What a customer's page says, in three languages. It states what the till knows, never more.

use till_core::order::page::Standing;
use till_core::words::{Label, Language};

/// The best language of an `Accept-Language` header that the till speaks, else English.
pub(super) fn language(accepted: Option<&str>) -> Language {
    let wishes = accepted.unwrap_or_default().split(',').filter_map(|wish| {
        let (tag, weight) = wish.split_once(';').unwrap_or((wish, "q=1"));
        Some((permille(weight.trim().strip_prefix("q=")?)?, spoken(tag.trim())?))
    });
    // Of equal ones the first is meant.
    let best = wishes.reduce(|best, wish| if wish.0 > best.0 { wish } else { best });
    best.filter(|(weight, _)| *weight > 0).map_or(Language::En, |(_, language)| language)
}

fn spoken(tag: &str) -> Option<Language> {
    let tag = tag.to_ascii_lowercase();
    let mut parts = tag.split('-');
    match parts.next()? {
        // The script is named only where it is not the place's own.
        "zh" if parts.clone().any(|part| part == "hans") => Some(Language::ZhCn),
        "zh" if parts.any(|part| matches!(part, "hk" | "tw" | "mo" | "hant")) => Some(Language::ZhHk),
        "zh" => Some(Language::ZhCn),
        "en" => Some(Language::En),
        _ => None,
    }
}

/// A weight of at most three digits behind the point, in thousandths.
fn permille(weight: &str) -> Option<u32> {
    let (whole, part) = weight.trim().split_once('.').unwrap_or((weight.trim(), ""));
    let part: String = part.chars().chain("000".chars()).take(3).collect();
    whole.parse::<u32>().ok()?.checked_mul(1_000)?.checked_add(part.parse().ok()?)
}

/// How an order stands: a sentence, and what it means for the customer.
pub(super) fn said(standing: Standing) -> (Label, Label) {
    match standing {
        Standing::Open => (
            Label::new("等待付款", "等待付款", "Waiting for your payment"),
            Label::new(
                "支付平台还没有告知收银台付款结果。",
                "支付平台尚未通知收銀台付款結果。",
                "The till has no word of a payment from the payment platform yet.",
            ),
        ),
        Standing::Paying => (
            Label::new("正在付款", "正在付款", "The payment is under way"),
            Label::new(
                "支付平台说付款正在进行，还没有完成。",
                "支付平台表示付款正在進行，尚未完成。",
                "The payment platform says that it has begun and is not done yet.",
            ),
        ),
        Standing::Declined => (
            Label::new("上一次付款没有成功", "上一次付款沒有成功", "The last try did not go through"),
            Label::new("您可以再试一次。", "您可以再試一次。", "You can try again."),
        ),
        Standing::Ending => (
            Label::new("这笔订单正在关闭", "這筆訂單正在關閉", "This order is being closed"),
            Label::new(
                "请不要再付款。如果已经付款，请告诉收银员。",
                "請不要再付款。如已付款，請告知收銀員。",
                "Please do not pay it any more. If you have paid, tell the cashier.",
            ),
        ),
        Standing::Paid => (
            Label::new("已付款", "已付款", "Paid"),
            Label::new(
                "收银台已收到支付平台的确认。",
                "收銀台已收到支付平台的確認。",
                "The payment platform has confirmed it to the till.",
            ),
        ),
        Standing::GivenBack => (
            Label::new("已付款，并已退款", "已付款，並已退款", "Paid, and given back"),
            Label::new("款项已全部退回。", "款項已全數退回。", "All of the money has been given back."),
        ),
        Standing::Ended => (
            // Its gateway may be one that cannot close orders.
            Label::new("这笔订单已结束", "這筆訂單已結束", "This order has ended"),
            Label::new(
                "请不要再付款。如果您的钱包显示已付款，请告诉收银员。",
                "請不要再付款。如您的錢包顯示已付款，請告知收銀員。",
                "Please do not pay it any more. If your wallet shows a payment, tell the cashier.",
            ),
        ),
        Standing::Unclear => (
            Label::new("收银台还不清楚这笔付款的情况", "收銀台尚未清楚這筆付款的情況", "The till cannot tell yet"),
            Label::new(
                "现在请不要付款，请问收银员。",
                "現在請不要付款，請向收銀員查詢。",
                "Please do not pay now, and ask the cashier.",
            ),
        ),
    }
}

pub(super) const PAY: Label = Label::new("付款", "付款", "Pay");
pub(super) const CHECK: Label = Label::new("查询付款结果", "查詢付款結果", "Check the payment");
pub(super) const NUMBER: Label = Label::new("订单尾号", "訂單尾號", "Order ending in");
pub(super) const NEEDS_SCRIPT: Label = Label::new(
    "这里需要 JavaScript 才能打开付款。",
    "此處需要 JavaScript 才能開啟付款。",
    "Opening the payment here needs JavaScript.",
);
pub(super) const OPEN_IN: Label = Label::new("请用这个应用打开：", "請用這個應用程式開啟：", "Please open this in");
pub(super) const SCAN_AGAIN: Label = Label::new(
    "用它再扫一次收银台上的二维码。在这里不能付款。",
    "用它再掃一次收銀台上的二維碼。在此處不能付款。",
    "Scan the code at the till again with that app. It cannot be paid here.",
);
pub(super) const UNSIGNED: Label =
    Label::new("现在不能在这里付款", "現在不能在此處付款", "It cannot be paid here just now");
pub(super) const UNSIGNED_DETAIL: Label = Label::new(
    "收银台没有拿到公众号的页面签名。请告诉收银员，或稍后重新打开这个页面。",
    "收銀台未能取得公眾號的頁面簽署。請告知收銀員，或稍後重新開啟此頁面。",
    "The till could not get the signature of the official account. Please tell the cashier, or open this page again later.",
);
pub(super) const OFFLINE: Label = Label::new(
    "暂时连不上收银台，正在重试。",
    "暫時連不上收銀台，正在重試。",
    "The till cannot be reached just now. Trying again.",
);
pub(super) const MISSING: Label = Label::new("这里没有付款", "此處沒有付款", "There is no payment here");
pub(super) const MISSING_DETAIL: Label = Label::new(
    "链接不对，或者订单早已结束。请看收银台，或再扫一次码。",
    "連結不正確，或訂單早已結束。請看收銀台，或再掃一次碼。",
    "The link is wrong, or its order ended a while ago. Please look at the till or scan its code again.",
);
pub(super) const TRAINING: Label =
    Label::new("练习：不会有真实的钱转出。", "練習：不會有真實款項轉出。", "Practice: no real money moves.");
pub(super) const NOT_REAL: Label =
    Label::new("这不是真实的支付平台。", "這不是真實的支付平台。", "This is not a real payment platform.");

/// What an app's bridge says. The order's own state stands above it and is asked for anew each time.
pub(super) const HINTS: [(&str, Label); 10] = [
    ("begun", Label::new("正在打开钱包……", "正在開啟錢包……", "Opening the wallet …")),
    (
        "ok",
        Label::new(
            "钱包说付款完成，以上面的结果为准。",
            "錢包表示付款完成，以上面的結果為準。",
            "Your wallet says it is done. What holds is the result above.",
        ),
    ),
    (
        "pending",
        Label::new("钱包说付款正在处理。", "錢包表示付款正在處理。", "Your wallet says it is being processed."),
    ),
    ("cancelled", Label::new("钱包说付款已取消。", "錢包表示付款已取消。", "Your wallet says it was cancelled.")),
    ("failed", Label::new("钱包说付款没有成功。", "錢包表示付款沒有成功。", "Your wallet says it did not go through.")),
    ("network", Label::new("钱包说网络连接出错。", "錢包表示網絡連線出錯。", "Your wallet says its network failed.")),
    (
        "left",
        Label::new(
            "您离开了钱包（忘记密码）。",
            "您離開了錢包（忘記密碼）。",
            "You left the wallet (forgotten password).",
        ),
    ),
    (
        "other",
        Label::new(
            "钱包的回答看不明白。",
            "未能理解錢包的回覆。",
            "Your wallet gave an answer that this page does not know.",
        ),
    ),
    (
        "unaccepted",
        Label::new(
            "微信没有接受这个页面，付款没有打开。请告诉收银员。",
            "微信沒有接受此頁面，付款未有開啟。請告知收銀員。",
            "WeChat did not accept this page, so nothing was opened. Please tell the cashier.",
        ),
    ),
    (
        "absent",
        Label::new(
            "没有找到钱包，付款没有打开。",
            "未找到錢包，付款未有開啟。",
            "The wallet was not found, so nothing was opened.",
        ),
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_language_that_the_phone_accepts_is_spoken() {
        for (accepted, expected) in [
            ("zh-CN,zh;q=0.9,en;q=0.8", Language::ZhCn),
            ("zh-HK", Language::ZhHk),
            ("zh-Hant-TW", Language::ZhHk),
            ("zh-Hans-HK", Language::ZhCn),
            ("fr, en;q=0.2, zh;q=0.75", Language::ZhCn),
            ("en;q=0.9, zh-HK;q=0.95", Language::ZhHk),
            ("en, zh-HK", Language::En),
            ("zh;q=0", Language::En),
            ("zh;q=x, fr", Language::En),
            ("zh;q=99999999999", Language::En),
            ("", Language::En),
        ] {
            assert_eq!(language(Some(accepted)), expected, "{accepted}");
        }
        assert_eq!(language(None), Language::En);
    }
}
