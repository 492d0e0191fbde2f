//! What BlueOcean offers and what an account of it consists of.

use super::request::REASON_LIMIT;
use crate::account::Account;
use crate::gateway::bridge::{Bridge, PayPage};
use crate::gateway::descriptor::{
    AccountField, Channel, DEFAULT_PLAN, Descriptor, ExtraField, FieldKind, Gives, MD5_KEY, NOTIFY_URL, Plan,
    RefundOffer, Resend, SUB_OPENID, URL_LIMIT, Wallet,
};
use crate::money::Currency;
use crate::words::Label;

/// BlueOcean. An order is reversed 15 s after the create at the earliest (gateways.md 0, 5). No document prints a floor for
/// closing: 0 is a guess, and a close that comes too early is refused and asked for again.
pub(super) static DESCRIPTOR: Descriptor = Descriptor {
    name: "blueocean",
    label: Label::new("蓝海支付", "藍海支付", "BlueOcean Pay"),
    base_url: "https://api.hk.blueoceanpay.com",
    fields: ACCOUNT_FIELDS,
    channels: CHANNELS,
    currencies: CURRENCIES,
    plan: DEFAULT_PLAN,
    close_floor_s: Some(0),
    reverse_floor_s: Some(15),
    reverse_switch: None,
    creates: true,
    // No document says what follows on REFUNDCLOSE; a number that was used is refused (493001).
    refunds: Some(RefundOffer {
        by_lines: false,
        reason_limit: REASON_LIMIT,
        resend: Resend::NewNumber,
        one_word_for_errors: false,
    }),
    refunds_elsewhere: None,
    tells_refunded: true,
    asked_by_our_number: true,
};

/// Those that the document names (002:252, 778).
const CURRENCIES: &[Currency] = &[Currency::Hkd, Currency::Cny, Currency::Aud];

/// The currency of an account: HKD unless it says otherwise.
pub(super) fn currency(account: &Account) -> Currency {
    account.currency(&DESCRIPTOR)
}

/// An order by link is USERPAYING from its birth (002:701, ruling 14), so that word does not quicken the asking.
const NEVER_QUICKER: Plan = Plan { paying_ms: None, ..DEFAULT_PLAN };

const ACCOUNT_FIELDS: &[AccountField] = &[
    AccountField {
        required: true,
        help: Some(Label::new(
            "商户后台提供的应用编号。",
            "商戶後台提供的應用編號。",
            "The application number that the merchant's back office shows.",
        )),
        ..AccountField::new("appid", Label::new("AppId", "AppId", "AppId"), FieldKind::Text, 64)
    },
    MD5_KEY,
    AccountField {
        help: Some(Label::new(
            "账户所在的业务区域：hk 香港、au 澳大利亚、us 美国、uk 英国，默认为香港。填写了不同于默认的接口地址时不起作用。",
            "帳戶所屬的業務區域：hk 香港、au 澳洲、us 美國、uk 英國，預設為香港。如填寫了不同於預設的接口網址則不適用。",
            "The region of your account: hk Hong Kong (the default), au Australia, us United States, uk United Kingdom. An \
             address other than the usual one goes before it.",
        )),
        ..AccountField::new(
            "region",
            Label::new("区域", "區域", "Region"),
            FieldKind::Choice(&["hk", "au", "us", "uk"]),
            2,
        )
    },
    AccountField {
        help: Some(Label::new(
            "向顾客收款的币种，默认为 HKD。平台的回答若写明其他币种，收银台不会记为已付款。",
            "向顧客收款的貨幣，預設為 HKD。平台的回覆如註明其他貨幣，收銀台不會記作已付款。",
            "What customers are charged in, HKD by default. An answer that names another currency is never booked as paid.",
        )),
        ..AccountField::new(
            "currency",
            Label::new("币种", "貨幣", "Currency"),
            FieldKind::Choice(&["HKD", "CNY", "AUD"]),
            3,
        )
    },
    AccountField {
        help: Some(Label::new(
            "选填，须为完整网址，最长 255 个字符。收银台会自行查询付款结果，不依赖通知。",
            "選填，須為完整網址，最長 255 個字元。收銀台會自行查詢付款結果，不倚賴通知。",
            "Optional: a complete address of at most 255 characters. The till asks for results itself and does not rely on \
             notifications.",
        )),
        ..NOTIFY_URL
    },
    AccountField {
        help: Some(Label::new(
            "选填，平台上的门店编号。",
            "選填，平台上的分店編號。",
            "Optional: the number of this shop at the platform.",
        )),
        ..AccountField::new("store_id", Label::new("门店编号", "分店編號", "Store ID"), FieldKind::Text, 32)
    },
    AccountField {
        help: Some(Label::new(
            "限定顾客钱包的地区：HK 香港，CN 内地。不选则不限定。只对 alipay.qrcode、alipay.wappay、alipay.app、unionpay.link、wechat.jsapi、wechat.app 有效。",
            "限定顧客錢包的地區：HK 香港，CN 內地。不選則不限定。只對 alipay.qrcode、alipay.wappay、alipay.app、unionpay.link、wechat.jsapi、wechat.app 有效。",
            "Limits payment to wallets of one place: HK Hong Kong, CN the mainland. Empty means no limit. Only for \
             alipay.qrcode, alipay.wappay, alipay.app, unionpay.link, wechat.jsapi and wechat.app.",
        )),
        ..AccountField::new(
            "wallet",
            Label::new("钱包地区", "錢包地區", "Wallet region"),
            FieldKind::Choice(&["HK", "CN"]),
            2,
        )
    },
    AccountField {
        help: Some(Label::new(
            "微信公众号、小程序或应用的 AppID。微信公众号、小程序和应用支付必填。",
            "微信公眾號、小程序或應用程式的 AppID。微信公眾號、小程序及應用程式支付必填。",
            "The AppID of your WeChat official account, mini-program or app. Payments through any of these need it.",
        )),
        ..AccountField::new("sub_appid", Label::new("微信 AppID", "微信 AppID", "WeChat AppID"), FieldKind::Text, 64)
    },
    AccountField {
        help: Some(Label::new(
            "平台设置了退款密码时填写。只保存在系统的密钥环中，保存后不再显示。",
            "如平台設有退款密碼才須填寫。只儲存於系統的密鑰圈，儲存後不再顯示。",
            "If the platform asks for a password with refunds. It is kept in the system's keyring only and never shown again.",
        )),
        ..AccountField::new(
            "refund_password",
            Label::new("退款密码", "退款密碼", "Refund password"),
            FieldKind::Secret,
            256,
        )
    },
    AccountField {
        help: Some(Label::new(
            "平台有时以另一个 AppId（如上级商户）回答。请只填写平台确认属于您的编号，用逗号分隔。",
            "平台有時以另一個 AppId（如上級商戶）回覆。請只填寫平台確認屬於您的編號，以逗號分隔。",
            "The platform sometimes answers with another AppId, such as the head merchant's. List only those that it confirmed \
             to be yours, separated by commas.",
        )),
        ..AccountField::new(
            "appid_also",
            Label::new("同样认可的 AppId", "同樣認可的 AppId", "AppIds also accepted"),
            FieldKind::Text,
            255,
        )
    },
    AccountField {
        help: Some(Label::new(
            "您自己的服务器上提供该公众号 jsapi_ticket 的网址，香港微信钱包的付款页用它签名；须为 https，最长 255 个字符。没有时香港钱包的订单只显示支付参数。",
            "您自己的伺服器上提供該公眾號 jsapi_ticket 的網址，香港微信錢包的付款頁以此簽署；須為 https，最長 255 個字元。如沒有，香港錢包的訂單只會顯示支付參數。",
            "The address on your own server that gives the jsapi_ticket of that official account; pages of the Hong Kong WeChat \
             wallet are signed with it. https, at most 255 characters. Without one, orders of that wallet show their payment \
             parameters only.",
        )),
        ..AccountField::new(
            "ticket_url",
            Label::new("公众号 ticket 地址", "公眾號 ticket 網址", "Official account's ticket address"),
            FieldKind::CalledUrl,
            URL_LIMIT,
        )
    },
];

/// The `payment` words of gateways.md 2.6. The document's `聚宝.qrcode` (002:385) is `blueocean.qrcode` after a
/// find-and-replace.
const CHANNELS: &[Channel] = &[
    Channel::new("wechat.qrcode", Wallet::Wechat, Label::new("微信支付", "微信支付", "WeChat Pay")),
    Channel::new("alipay.qrcode", Wallet::Alipay, Label::new("支付宝", "支付寶", "Alipay")),
    Channel::new(
        "blueocean.qrcode",
        Wallet::Other,
        Label::new("混合二维码", "混合二維碼", "One code for several wallets"),
    ),
    Channel::new("unionpay.qrcode", Wallet::Unionpay, Label::new("银联二维码", "銀聯二維碼", "UnionPay QR")),
    Channel::payment_code(
        "micropay",
        Wallet::Other,
        Label::new("扫顾客付款码", "掃顧客付款碼", "Customer's payment code"),
    ),
    Channel {
        plan: Some(NEVER_QUICKER),
        note: OPENS_IN_BROWSER,
        ..Channel::new("unionpay.link", Wallet::Unionpay, Label::new("银联在线", "銀聯在線", "UnionPay online"))
    },
    Channel {
        fields: &[H5_REDIRECT_URL],
        note: OPENS_IN_BROWSER,
        ..Channel::new(
            "alipay.wappay",
            Wallet::Alipay,
            Label::new("支付宝网页支付", "支付寶網頁支付", "Alipay web payment"),
        )
    },
    // Its public sample is USERPAYING from its birth, as that of `unionpay.link` is.
    Channel {
        plan: Some(NEVER_QUICKER),
        fields: &[H5_REDIRECT_URL],
        note: OPENS_IN_BROWSER,
        ..Channel::new("wechat.mweb", Wallet::Wechat, Label::new("微信 H5 支付", "微信 H5 支付", "WeChat web payment"))
    },
    Channel {
        gives: Gives::Parameters,
        fields: &[SUB_OPENID, SUB_APPID, H5_REDIRECT_URL],
        note: FOR_INTEGRATORS,
        page: Some(PayPage {
            bridge: Bridge::Wechat,
            note: Label::new(
                "顾客用微信扫码，在收银台的付款页上付款；支付参数也供您自己的公众号或小程序使用。香港钱包的订单要有账户的公众号 ticket 地址才有付款页。",
                "顧客以微信掃碼，於收銀台的付款頁上付款；支付參數亦可供您自己的公眾號或小程序使用。香港錢包的訂單須有帳戶的公眾號 ticket 網址才有付款頁。",
                "The customer scans with WeChat and pays on the till's own page; the parameters are there for your own official \
                 account or mini-program too. An order of the Hong Kong wallet has that page only with the account's ticket address.",
            ),
        }),
        ..Channel::new(
            "wechat.jsapi",
            Wallet::Wechat,
            Label::new("微信公众号、小程序支付", "微信公眾號、小程序支付", "WeChat account or mini-program"),
        )
    },
    Channel {
        gives: Gives::Parameters,
        fields: &[SUB_APPID],
        note: FOR_INTEGRATORS,
        ..Channel::new(
            "wechat.app",
            Wallet::Wechat,
            Label::new("微信应用支付", "微信應用程式支付", "WeChat app payment"),
        )
    },
    Channel {
        gives: Gives::Parameters,
        fields: &[H5_REDIRECT_URL],
        note: FOR_INTEGRATORS,
        ..Channel::new(
            "alipay.app",
            Wallet::Alipay,
            Label::new("支付宝应用支付", "支付寶應用程式支付", "Alipay app payment"),
        )
    },
];

const OPENS_IN_BROWSER: Option<Label> = Some(Label::new(
    "顾客扫码后在手机浏览器中打开付款页面。",
    "顧客掃碼後於手機瀏覽器中開啟付款頁面。",
    "The code opens a payment page in the browser of the customer's phone.",
));

const FOR_INTEGRATORS: Option<Label> = Some(Label::new(
    "只给出支付参数，供您自己的应用、公众号或小程序调起支付；没有二维码。",
    "只提供支付參數，供您自己的應用程式、公眾號或小程序啟動支付；沒有二維碼。",
    "Gives parameters that your own app, official account or mini-program pays with; there is no code to scan.",
));

/// For a mini-program or an app besides the account's own.
const SUB_APPID: ExtraField = ExtraField::new(
    "sub_appid",
    Label::new("微信 AppID（默认用账户的）", "微信 AppID（預設用帳戶的）", "WeChat AppID, unless the account's"),
    FieldKind::Text,
    64,
);

const H5_REDIRECT_URL: ExtraField = ExtraField::new(
    "h5_redirect_url",
    Label::new("付款后跳转网址", "付款後跳轉網址", "Where the customer lands after paying"),
    FieldKind::Url,
    URL_LIMIT,
);
