//! What Jubao offers and what an account of it consists of.

use crate::gateway::descriptor::{
    AccountField, Channel, DEFAULT_PLAN, Descriptor, ExtraField, FieldKind, LISTED_DIGITS, MD5_KEY, NOTIFY_URL,
    URL_LIMIT, Wallet,
};
use crate::money::Currency;
use crate::words::Label;

/// The longest `attach`, in characters (002:222).
const ATTACH_LIMIT: usize = 128;

/// The channel of every further `pay_channel_id`.
pub(super) const OTHER: &str = "other";

/// Jubao. No document knows a close, a reverse or a refund, nor a query by the merchant's number (gateways.md 2.3).
pub(super) static DESCRIPTOR: Descriptor = Descriptor {
    name: "jubao",
    label: Label::new("聚宝", "聚寶", "Jubao"),
    base_url: "https://api.epepsb.cn",
    fields: ACCOUNT_FIELDS,
    channels: CHANNELS,
    currencies: &[Currency::Cny],
    plan: DEFAULT_PLAN,
    close_floor_s: None,
    reverse_floor_s: None,
    reverse_switch: None,
    creates: true,
    refunds: None,
    refunds_elsewhere: Some(Label::new(
        "聚宝没有退款接口：请在聚宝的商户后台退款。",
        "聚寶沒有退款介面：請在聚寶的商戶後台退款。",
        "Jubao has no interface for refunds: give the money back in Jubao's merchant back office.",
    )),
    tells_refunded: true,
    asked_by_our_number: false,
};

/// The account's fields, by the gateway's names (002:216-223); `encoding` and `channels` are the till's own.
const ACCOUNT_FIELDS: &[AccountField] = &[
    AccountField {
        required: true,
        help: Some(Label::new(
            "平台分配的商户号，可在商户后台查到。退款、关闭订单也须在商户后台办理。",
            "平台分配的商戶編號，可於商戶後台查閱。退款及關閉訂單亦須在商戶後台辦理。",
            "The number that the platform gave you; its back office shows it. Refunds and closing orders are done there too.",
        )),
        ..AccountField::new("mch_id", Label::new("商户号", "商戶編號", "Merchant ID"), FieldKind::Text, 64)
    },
    MD5_KEY,
    AccountField {
        help: Some(Label::new(
            "选填，须为完整网址。收银台会自行查询付款结果，不依赖通知；但下单结果丢失时，只有通知能带来平台的订单号。",
            "選填，須為完整網址。收銀台會自行查詢付款結果，不倚賴通知；但遺失建立訂單的結果時，只有通知能帶來平台的訂單編號。",
            "Optional, a complete address. The till asks for results itself; but if the answer to a new order is lost, only a \
             notification brings the platform's number of it.",
        )),
        ..NOTIFY_URL
    },
    AccountField {
        help: Some(Label::new(
            "选填，顾客付款后跳转的页面，须为完整网址。它不代表付款结果。",
            "選填，顧客付款後跳轉的頁面，須為完整網址。它不代表付款結果。",
            "Optional, a complete address: where the customer lands after paying. It says nothing about the result.",
        )),
        ..AccountField::new(
            "return_url",
            Label::new("前台地址", "返回網址", "Return address"),
            FieldKind::Url,
            URL_LIMIT,
        )
    },
    AccountField {
        help: Some(Label::new(
            "请求的格式：json（平台文档的说法，默认）或 form（平台示例代码的做法）。下单总是失败时可换另一种再试。",
            "請求的格式：json（平台文件的說法，預設）或 form（平台範例程式的做法）。建立訂單總是失敗時可改用另一種再試。",
            "How requests are written: json, as the platform's document says (the default), or form, as its sample code does. \
             If no order can be made, try the other one.",
        )),
        ..AccountField::new(
            "encoding",
            Label::new("请求格式", "請求格式", "Request encoding"),
            FieldKind::Choice(&["json", "form"]),
            4,
        )
    },
    AccountField {
        help: Some(Label::new(
            "平台为您开通的其他支付渠道编号，用逗号分隔，例如 304。101 和 201 不用填写。",
            "平台為您開通的其他支付渠道編號，以逗號分隔，例如 304。101 及 201 毋須填寫。",
            "Numbers of further payment channels that the platform opened for you, separated by commas, such as 304. 101 and \
             201 need not be given.",
        )),
        ..AccountField::new(
            "channels",
            Label::new("其他渠道编号", "其他渠道編號", "Further channel numbers"),
            FieldKind::Numbers,
            200,
        )
    },
];

/// The channels of the document (002:225-231), and one for whatever else the account lists.
const CHANNELS: &[Channel] = &[
    Channel {
        fields: &[ATTACH],
        note: Some(OPENS_A_PAGE),
        ..Channel::new("101", Wallet::Alipay, Label::new("支付宝（网页）", "支付寶（網頁）", "Alipay (web page)"))
    },
    Channel {
        fields: &[ATTACH],
        note: Some(OPENS_A_PAGE),
        ..Channel::new(
            "201",
            Wallet::Wechat,
            Label::new("微信支付（网页）", "微信支付（網頁）", "WeChat Pay (web page)"),
        )
    },
    Channel {
        needs: Some("channels"),
        fields: &[PAY_CHANNEL_ID, ATTACH],
        note: Some(Label::new(
            "填写渠道编号；只能使用账户设置“其他渠道编号”里列出的编号。退款请在平台的商户后台办理。",
            "填寫渠道編號；只能使用帳戶設定「其他渠道編號」內列出的編號。退款請在平台的商戶後台辦理。",
            "Give the channel's number: one of the further channel numbers in the account's settings. Refunds are made in the \
             platform's back office.",
        )),
        ..Channel::new(OTHER, Wallet::Other, Label::new("其他渠道", "其他渠道", "Another channel"))
    },
];

/// Both are products for a phone's browser (gateways.md 2.3).
const OPENS_A_PAGE: Label = Label::new(
    "二维码是一个网页：顾客用手机扫码，在手机浏览器中打开，再转到钱包付款。退款请在平台的商户后台办理。",
    "二維碼是一個網頁：顧客用手機掃碼，於手機瀏覽器開啟，再轉到錢包付款。退款請在平台的商戶後台辦理。",
    "The code is a web page: the customer opens it in the phone's browser, which leads on to the wallet. Refunds are made in \
     the platform's back office.",
);

/// 002:217. The document's own example uses an id that its list does not have (002:28).
const PAY_CHANNEL_ID: ExtraField = ExtraField {
    required: true,
    ..ExtraField::new(
        "pay_channel_id",
        Label::new("渠道编号", "渠道編號", "Channel number"),
        FieldKind::Text,
        LISTED_DIGITS,
    )
};

/// 002:222.
const ATTACH: ExtraField =
    ExtraField::new("attach", Label::new("附加数据", "附加資料", "Attached text"), FieldKind::Text, ATTACH_LIMIT);
