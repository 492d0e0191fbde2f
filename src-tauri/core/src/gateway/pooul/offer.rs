//! What Pooul offers and what an account of it consists of.

use crate::gateway::bridge::{Bridge, PayPage};
use crate::gateway::descriptor::{
    AccountField, Channel, DEFAULT_PLAN, Descriptor, ExtraField, FieldKind, MD5_KEY, NOTIFY_URL, RefundOffer, Resend,
    SUB_OPENID, URL_LIMIT, Wallet,
};
use crate::money::Currency;
use crate::words::Label;

/// Pooul v1. Closing before 300 s is refused: the only floor printed anywhere (gateways.md 1.6). Reversing is documented for
/// v2 alone, no sooner than 15 s after the create: here it is a guess, and off until the account says yes (ruling 14).
pub(super) static DESCRIPTOR: Descriptor = Descriptor {
    name: "pooul",
    label: Label::new("普尔", "普爾", "Pooul"),
    base_url: "https://gateway.pooulcloud.cn",
    fields: ACCOUNT_FIELDS,
    channels: CHANNELS,
    currencies: &[Currency::Cny],
    plan: DEFAULT_PLAN,
    close_floor_s: Some(300),
    reverse_floor_s: Some(15),
    reverse_switch: Some(MICRO_REVERSE),
    creates: true,
    // "-1" is re-submitted with the same `mch_refund_id` (gateways.md 1.6, from v2's rule). The reason does not go out.
    refunds: Some(RefundOffer {
        by_lines: false,
        reason_limit: 200,
        resend: Resend::SameNumber,
        one_word_for_errors: false,
    }),
    refunds_elsewhere: None,
    tells_refunded: true,
    asked_by_our_number: true,
};

/// The account's field without whose yes nothing is reversed.
const MICRO_REVERSE: &str = "micro_reverse";

/// The account's fields, by the gateway's names (000:41-57, 001:39-59, 003:40-61).
const ACCOUNT_FIELDS: &[AccountField] = &[
    AccountField {
        required: true,
        ..AccountField::new("merchant_id", Label::new("商户号", "商戶編號", "Merchant ID"), FieldKind::Text, 64)
    },
    MD5_KEY,
    AccountField {
        required: true,
        help: Some(Label::new(
            "普尔要求必填，须为完整网址，最长 255 个字符。收银台会自行查询付款结果，不依赖通知：填写您自己服务器上接收通知的网址即可；没有服务器时，填写您网站的网址。",
            "普爾要求必填，須為完整網址，最長 255 個字元。收銀台會自行查詢付款結果，不倚賴通知：填寫您自己伺服器上接收通知的網址即可；如沒有伺服器，可填寫您網站的網址。",
            "Pooul demands a complete address of at most 255 characters. The till asks for results itself and does not rely on \
             notifications: give the address on your own server that takes them or, without one, your website's.",
        )),
        ..NOTIFY_URL
    },
    AccountField {
        help: Some(Label::new(
            "渠道为北京农商银行时选“是”：微信公众号支付将不发送公众号和用户标识。",
            "渠道為北京農商銀行時選「是」：微信公眾號支付將不傳送公眾號及用戶識別碼。",
            "Yes if your channel is Beijing Rural Commercial Bank: WeChat account payments then carry neither app ID nor OpenID.",
        )),
        ..AccountField::new(
            "bjrcb",
            Label::new("北京农商银行渠道", "北京農商銀行渠道", "Beijing Rural Commercial Bank"),
            FieldKind::YesNo,
            3,
        )
    },
    AccountField {
        help: Some(Label::new(
            "普尔 v1 文档没有写明撤销接口：地址是推测的，默认关闭。关闭时，未确认的付款码订单改为关闭订单；向普尔确认后再选“是”。",
            "普爾 v1 文件沒有列明撤銷介面：網址屬推測，預設關閉。關閉時，未確認的付款碼訂單改為關閉訂單；向普爾確認後才選「是」。",
            "Reversing is not documented in v1: its address is a guess, so it is off by default. While it is off, unconfirmed \
             payment code orders are closed instead. Say yes only after Pooul has confirmed it.",
        )),
        ..AccountField::new(
            MICRO_REVERSE,
            Label::new("撤销付款码订单（推测）", "撤銷付款碼訂單（推測）", "Reverse payment code orders (a guess)"),
            FieldKind::YesNo,
            3,
        )
    },
    AccountField {
        help: Some(Label::new(
            "顾客付款后跳转的页面，仅用于微信公众号支付和 QQ 钱包公众号支付。它不代表付款结果。",
            "顧客付款後跳轉的頁面，只用於微信公眾號支付及 QQ 錢包公眾號支付。它不代表付款結果。",
            "Where the customer lands after paying, for WeChat and QQ account payments only. It says nothing about the result.",
        )),
        ..AccountField::new(
            "callback_url",
            Label::new("前台地址", "返回網址", "Return address"),
            FieldKind::Url,
            URL_LIMIT,
        )
    },
    AccountField {
        help: Some(Label::new(
            "微信公众平台的 AppID。微信公众号支付必填（北京农商银行渠道除外）。",
            "微信公眾平台的 AppID。微信公眾號支付必填（北京農商銀行渠道除外）。",
            "The AppID of your WeChat official account. WeChat account payments need it, except through Beijing Rural \
             Commercial Bank.",
        )),
        ..AccountField::new(
            "sub_appid",
            Label::new("公众号 AppID", "公眾號 AppID", "WeChat AppID"),
            FieldKind::Text,
            64,
        )
    },
    AccountField {
        help: Some(Label::new(
            "由授权渠道接入时填写。QQ 钱包公众号支付将用授权渠道密钥签名。",
            "經授權渠道接入時填寫。QQ 錢包公眾號支付將以授權渠道密鑰簽署。",
            "If you came through an authorised agent: QQ account payments are then signed with the agent's key.",
        )),
        ..AccountField::new(
            "sign_agentno",
            Label::new("授权渠道编号", "授權渠道編號", "Agent number"),
            FieldKind::Text,
            64,
        )
    },
    AccountField::new("agent_key", Label::new("授权渠道密钥", "授權渠道密鑰", "Agent key"), FieldKind::Secret, 256),
    AccountField {
        help: Some(Label::new(
            "平台上的操作员账号，默认为商户号。仅用于支付宝服务窗支付。",
            "平台上的操作員帳號，預設為商戶編號。只用於支付寶服務窗支付。",
            "Operator name at the platform; the merchant ID by default. For Alipay in-app payments only.",
        )),
        ..AccountField::new("op_user_id", Label::new("操作员", "操作員", "Operator"), FieldKind::Text, 64)
    },
];

const CHANNELS: &[Channel] = &[
    Channel::new("wechat.scan", Wallet::Wechat, Label::new("微信支付", "微信支付", "WeChat Pay")),
    Channel::new("alipay.scan", Wallet::Alipay, Label::new("支付宝", "支付寶", "Alipay")),
    Channel::new("qq.scan", Wallet::Qq, Label::new("QQ 钱包", "QQ 錢包", "QQ Wallet")),
    Channel::payment_code(
        "wechat.micro",
        Wallet::Wechat,
        Label::new("微信付款码", "微信付款碼", "WeChat payment code"),
    ),
    Channel {
        fields: &[SCENE],
        ..Channel::payment_code(
            "alipay.micro",
            Wallet::Alipay,
            Label::new("支付宝付款码", "支付寶付款碼", "Alipay payment code"),
        )
    },
    Channel::payment_code(
        "qq.micro",
        Wallet::Qq,
        Label::new("QQ 钱包付款码", "QQ 錢包付款碼", "QQ Wallet payment code"),
    ),
    Channel {
        fields: &[OPENID_UNLESS_RURAL, GOODS_TAG, LIMIT_PAY, SETTLE_TYPE],
        note: Some(Label::new(
            "须在微信内打开：顾客用微信扫码，并使用填写的 OpenID 所属的微信账号。",
            "須於微信內開啟：顧客以微信掃碼，並使用所填 OpenID 所屬的微信帳戶。",
            "Opens inside WeChat only: the customer scans with WeChat, signed in as the owner of the OpenID given.",
        )),
        returns: true,
        ..Channel::new(
            "wechat.jsurl",
            Wallet::Wechat,
            Label::new("微信公众号支付", "微信公眾號支付", "WeChat account payment"),
        )
    },
    Channel {
        fields: &[BUYER_ID, BUYER_LOGON_ID, GOODS_TAG, PRODUCT_ID, LIMIT_PAY, SETTLE_TYPE],
        note: Some(ONE_BUYER),
        // A page of the platform's goes before the till's own.
        page: Some(PayPage { bridge: Bridge::Alipay, note: ONE_BUYER }),
        ..Channel::new(
            "alipay.jsapi",
            Wallet::Alipay,
            Label::new("支付宝服务窗支付", "支付寶服務窗支付", "Alipay in-app payment"),
        )
    },
    Channel {
        note: Some(Label::new(
            "支付链接仅供体验，平台文档不建议用作支付界面。",
            "支付連結只供試用，平台文件不建議用作付款頁面。",
            "The payment link is for trial only; the platform's document advises against using it as a payment page.",
        )),
        page: Some(PayPage {
            bridge: Bridge::Qq,
            note: Label::new(
                "顾客用手机 QQ 扫码，在收银台的付款页上付款。",
                "顧客以手機 QQ 掃碼，於收銀台的付款頁上付款。",
                "The customer scans with QQ and pays on the till's own page.",
            ),
        }),
        returns: true,
        ..Channel::new(
            "qq.jsapi",
            Wallet::Qq,
            Label::new("QQ 钱包公众号支付", "QQ 錢包公眾號支付", "QQ Wallet account payment"),
        )
    },
];

const ONE_BUYER: Label = Label::new(
    "须先填写买家的支付宝账号或用户 ID，只有该买家可以付款。",
    "須先填寫買家的支付寶帳號或用戶 ID，只有該買家可以付款。",
    "Needs the buyer's Alipay account or user ID first; only that buyer can pay.",
);

/// 001:46: must be empty through Beijing Rural Commercial Bank.
const OPENID_UNLESS_RURAL: ExtraField = ExtraField { unless: Some("bjrcb"), ..SUB_OPENID };

/// 003:59; the document's `buger_id` (003:58) is this.
const BUYER_ID: ExtraField = ExtraField {
    either: Some("buyer"),
    ..ExtraField::new(
        "buyer_id",
        Label::new("买家支付宝用户 ID", "買家支付寶用戶 ID", "Buyer's Alipay user ID"),
        FieldKind::Text,
        64,
    )
};

/// 003:58.
const BUYER_LOGON_ID: ExtraField = ExtraField {
    either: Some("buyer"),
    ..ExtraField::new(
        "buyer_logon_id",
        Label::new("买家支付宝账号", "買家支付寶帳號", "Buyer's Alipay account"),
        FieldKind::Text,
        100,
    )
};

/// 001:55, 003:55.
const GOODS_TAG: ExtraField = ExtraField::new(
    "goods_tag",
    Label::new("商品标记（优惠用）", "商品標記（優惠用）", "Goods tag for promotions"),
    FieldKind::Text,
    32,
);

/// 003:56.
const PRODUCT_ID: ExtraField =
    ExtraField::new("product_id", Label::new("商品 ID", "商品 ID", "Product ID"), FieldKind::Text, 32);

/// 001:57, 003:51: `1` bans credit cards, `0` or nothing does not.
const LIMIT_PAY: ExtraField = ExtraField::new(
    "limit_pay",
    Label::new("禁用信用卡（1 禁用，0 不限）", "禁用信用卡（1 禁用，0 不限）", "Ban credit cards (1 ban, 0 allow)"),
    FieldKind::Choice(&["0", "1"]),
    1,
);

/// 001:59, 003:61: on sends 0, off sends nothing (ruling 11).
const SETTLE_TYPE: ExtraField = ExtraField::new(
    "settle_type",
    Label::new("D0 当日结算", "D0 即日結算", "Same-day settlement (D0)"),
    FieldKind::YesNo,
    3,
);

/// Public document, alipay.micro: a bar code unless it says otherwise.
const SCENE: ExtraField = ExtraField::new(
    "scene",
    Label::new("支付场景（条码或声波）", "付款場景（條碼或聲波）", "Scene: bar code or sound wave"),
    FieldKind::Choice(&["bar_code", "wave_code"]),
    9,
);
