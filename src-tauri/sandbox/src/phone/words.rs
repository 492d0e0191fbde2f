//! What the customer's phone page says, in three languages.

use crate::trade::Standing;
use crate::wallet::{Manner, Purse};

/// The page's languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    SimplifiedChinese,
    TraditionalChinese,
    English,
}

impl Language {
    /// The asked-for one, else the best of an `Accept-Language` header, else English.
    pub(crate) fn choose(asked: Option<&str>, accepted: Option<&str>) -> Self {
        if let Some(language) = asked.and_then(Self::of_tag) {
            return language;
        }
        let mut wishes: Vec<(&str, Self)> = accepted
            .unwrap_or_default()
            .split(',')
            .filter_map(|wish| {
                let (tag, weight) = wish.split_once(';').unwrap_or((wish, "q=1"));
                // "0.8" and "1" sort as texts in the order of their numbers.
                Some((weight.trim().strip_prefix("q=")?.trim(), Self::of_tag(tag.trim())?))
            })
            .collect();
        wishes.sort_by(|(left, _), (right, _)| right.cmp(left));
        wishes.first().map_or(Self::English, |(_, language)| *language)
    }

    fn of_tag(tag: &str) -> Option<Self> {
        let tag = tag.to_ascii_lowercase();
        let mut parts = tag.split('-');
        match parts.next() {
            Some("zh") if parts.any(|part| matches!(part, "hk" | "tw" | "mo" | "hant")) => {
                Some(Self::TraditionalChinese)
            }
            Some("zh") => Some(Self::SimplifiedChinese),
            Some("en") => Some(Self::English),
            _ => None,
        }
    }

    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::SimplifiedChinese => "zh-CN",
            Self::TraditionalChinese => "zh-HK",
            Self::English => "en",
        }
    }

    pub(crate) fn words(self) -> &'static Words {
        match self {
            Self::SimplifiedChinese => &SIMPLIFIED,
            Self::TraditionalChinese => &TRADITIONAL,
            Self::English => &ENGLISH,
        }
    }
}

pub(crate) struct Words {
    pub(crate) practice: &'static str,
    pub(crate) practice_note: &'static str,
    pub(crate) languages: &'static str,
    pub(crate) offline: &'static str,
    pub(crate) wallet: &'static str,
    pub(crate) number: &'static str,
    pub(crate) pay: &'static str,
    pub(crate) pay_again: &'static str,
    pub(crate) confirm: &'static str,
    pub(crate) decline: &'static str,
    pub(crate) dawdle: &'static str,
    pub(crate) list: &'static str,
    pub(crate) list_note: &'static str,
    pub(crate) list_empty: &'static str,
    pub(crate) code: &'static str,
    pub(crate) code_note: &'static str,
    pub(crate) code_show: &'static str,
    pub(crate) purse_label: &'static str,
    pub(crate) manner_label: &'static str,
    /// WeChat, Alipay, QQ, UnionPay.
    purses: [&'static str; 4],
    /// At once, after a confirmation, never.
    manners: [&'static str; 3],
    pub(crate) missing: (&'static str, &'static str),
    open: (&'static str, &'static str),
    paying: (&'static str, &'static str),
    declined: (&'static str, &'static str),
    paid: (&'static str, &'static str),
    expired: (&'static str, &'static str),
    closed: (&'static str, &'static str),
    given_back: (&'static str, &'static str),
    unclear: (&'static str, &'static str),
}

impl Words {
    pub(crate) fn purse(&self, purse: Purse) -> &'static str {
        let [wechat, alipay, qq, unionpay] = self.purses;
        match purse {
            Purse::Wechat => wechat,
            Purse::Alipay => alipay,
            Purse::Qq => qq,
            Purse::Unionpay => unionpay,
        }
    }

    pub(crate) fn manner(&self, manner: Manner) -> &'static str {
        let [at_once, confirm, refused] = self.manners;
        match manner {
            Manner::AtOnce => at_once,
            Manner::Confirm => confirm,
            Manner::Refused => refused,
        }
    }

    /// A sentence about the trade, and what it means for the customer.
    pub(crate) fn said(&self, standing: Standing) -> (&'static str, &'static str) {
        match standing {
            Standing::Open => self.open,
            Standing::Paying => self.paying,
            Standing::Declined => self.declined,
            Standing::Paid => self.paid,
            Standing::Expired => self.expired,
            Standing::Closed => self.closed,
            Standing::GivenBack => self.given_back,
            Standing::Unclear => self.unclear,
        }
    }
}

static SIMPLIFIED: Words = Words {
    practice: "练习付款。",
    practice_note: "不会有任何真实的钱转出。",
    languages: "语言",
    offline: "暂时连不上收银台，正在重试。",
    wallet: "练习钱包",
    number: "订单号",
    pay: "付款",
    pay_again: "重新付款",
    confirm: "确认付款",
    decline: "拒绝付款",
    dawdle: "先不输密码",
    list: "待付款的订单",
    list_note: "手边没有手机时，可以在这里扮演顾客。",
    list_empty: "现在没有待付款的订单。",
    code: "我的付款码",
    code_note: "请收银员扫描，或在收银台输入号码。只能用一次。",
    code_show: "出示新的付款码",
    purse_label: "钱包",
    manner_label: "扫描之后",
    purses: ["微信支付", "支付宝", "QQ 钱包", "银联"],
    manners: ["直接付款", "等我确认", "拒绝付款"],
    missing: ("没有这笔付款", "请重新扫描收银台上的二维码。"),
    open: ("等待您付款", "请核对金额。"),
    paying: ("正在付款", "收银台会看到顾客正在付款。"),
    declined: ("付款没有成功", "您可以重新付款，或者离开此页。"),
    paid: ("已付款", "请把此页给收银员看。"),
    expired: ("付款时间已过", "请让收银员重新生成二维码。"),
    closed: ("订单已关闭", "已不能付款，请让收银员重新下单。"),
    given_back: ("款项已退回", "这笔订单已结束。"),
    unclear: ("订单状态特殊", "现在不能付款。"),
};

static TRADITIONAL: Words = Words {
    practice: "練習付款。",
    practice_note: "不會有任何真實款項轉出。",
    languages: "語言",
    offline: "暫時連不上收銀台，正在重試。",
    wallet: "練習錢包",
    number: "訂單編號",
    pay: "付款",
    pay_again: "重新付款",
    confirm: "確認付款",
    decline: "拒絕付款",
    dawdle: "先不輸入密碼",
    list: "待付款的訂單",
    list_note: "手邊沒有手機時，可以在這裏扮演顧客。",
    list_empty: "現在沒有待付款的訂單。",
    code: "我的付款碼",
    code_note: "請收銀員掃描，或在收銀台輸入號碼。只能使用一次。",
    code_show: "出示新的付款碼",
    purse_label: "錢包",
    manner_label: "掃描之後",
    purses: ["微信支付", "支付寶", "QQ 錢包", "銀聯"],
    manners: ["直接付款", "等我確認", "拒絕付款"],
    missing: ("沒有這筆付款", "請重新掃描收銀台上的二維碼。"),
    open: ("等待您付款", "請核對金額。"),
    paying: ("正在付款", "收銀台會看到顧客正在付款。"),
    declined: ("付款沒有成功", "您可以重新付款，或離開此頁。"),
    paid: ("已付款", "請把此頁給收銀員看。"),
    expired: ("付款時間已過", "請讓收銀員重新產生二維碼。"),
    closed: ("訂單已關閉", "已不能付款，請讓收銀員重新下單。"),
    given_back: ("款項已退回", "這筆訂單已結束。"),
    unclear: ("訂單狀態特殊", "現在不能付款。"),
};

static ENGLISH: Words = Words {
    practice: "Practice payment.",
    practice_note: "No real money moves.",
    languages: "Language",
    offline: "The till cannot be reached just now. Trying again.",
    wallet: "Practice wallet",
    number: "Order",
    pay: "Pay",
    pay_again: "Try again",
    confirm: "Confirm payment",
    decline: "Decline",
    dawdle: "Hesitate",
    list: "Waiting for payment",
    list_note: "Without a phone at hand you can be the customer here.",
    list_empty: "Nothing waits for payment now.",
    code: "My payment code",
    code_note: "Let the cashier scan it, or type the number at the till. It works once.",
    code_show: "Show a new payment code",
    purse_label: "Wallet",
    manner_label: "Once scanned",
    purses: ["WeChat Pay", "Alipay", "QQ Wallet", "UnionPay"],
    manners: ["Pays at once", "Waits for me to confirm", "Refuses"],
    missing: ("There is no such payment", "Please scan the code at the till again."),
    open: ("Waiting for you to pay", "Please check the amount."),
    paying: ("Payment begun", "The till sees that the customer is paying."),
    declined: ("The payment did not go through", "You can try again, or leave this page."),
    paid: ("Paid", "Please show this page to the cashier."),
    expired: ("The time to pay is over", "Please ask the cashier for a new code."),
    closed: ("The order is closed", "It can no longer be paid. Please ask the cashier for a new one."),
    given_back: ("The money was given back", "This order has ended."),
    unclear: ("The order is in an unusual state", "It cannot be paid now."),
};

#[cfg(test)]
mod tests {
    use super::Language;

    #[test]
    fn the_best_language_that_the_phone_accepts_is_spoken() {
        let choose = |accepted| Language::choose(None, Some(accepted));
        assert_eq!(choose("zh-CN,zh;q=0.9,en;q=0.8"), Language::SimplifiedChinese);
        assert_eq!(choose("zh-HK"), Language::TraditionalChinese);
        assert_eq!(choose("zh-Hant-TW"), Language::TraditionalChinese);
        assert_eq!(choose("fr, en;q=0.2, zh;q=0.7"), Language::SimplifiedChinese);
        assert_eq!(choose("fr"), Language::English);
        assert_eq!(Language::choose(None, None), Language::English);
    }

    #[test]
    fn the_switch_on_the_page_wins_over_the_phone() {
        assert_eq!(Language::choose(Some("zh-HK"), Some("en")), Language::TraditionalChinese);
    }
}
