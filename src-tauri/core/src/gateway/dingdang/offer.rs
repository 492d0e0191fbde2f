//! What Dingdang offers and what an account of it consists of.

use super::request::REASON_LIMIT;
use crate::gateway::descriptor::{
    AccountField, Channel, DEFAULT_PLAN, Descriptor, FieldKind, Presented, RefundOffer, Resend, Wallet,
};
use crate::money::Currency;
use crate::words::Label;

/// The longest `skillId`, in characters (004:116).
const SKILL_ID_LIMIT: usize = 32;

/// Room for a public key of 8192 bits in PEM, in characters.
const PUBLIC_KEY_LIMIT: usize = 2_048;

/// Room for a private key of 8192 bits in PEM, in characters: what is too long for a keyring is refused with its reason.
const PRIVATE_KEY_LIMIT: usize = 8_192;

/// Room for a path, in characters.
const PATH_LIMIT: usize = 1_024;

/// Dingdang's interfaces 3 to 5. It creates nothing: orders come from a speaker (004, flows 1 and 2).
pub(super) static DESCRIPTOR: Descriptor = Descriptor {
    name: "dingdang",
    label: Label::new("腾讯叮当", "騰訊叮噹", "Tencent Dingdang"),
    base_url: "https://aiwx.html5.qq.com",
    fields: ACCOUNT_FIELDS,
    channels: CHANNELS,
    currencies: &[Currency::Cny],
    plan: DEFAULT_PLAN,
    close_floor_s: None,
    reverse_floor_s: None,
    reverse_switch: None,
    creates: false,
    // `refundTradeNo` is unique (004:156), so that sending one again cannot give back twice; nothing is said of doing so after
    // `refundStatus` FAIL. `retCode` FAIL is the only word for every error (ruling 23).
    refunds: Some(RefundOffer {
        by_lines: true,
        reason_limit: REASON_LIMIT,
        resend: Resend::NewNumber,
        one_word_for_errors: true,
    }),
    refunds_elsewhere: None,
    tells_refunded: false,
    asked_by_our_number: true,
};

/// The account's field, and the word in it, by which only rightly signed replies are believed.
pub(super) const REFUSES_UNSIGNED: (&str, &str) = ("unsigned_replies", "refuse");

/// The account's fields (004:116, gateways.md 3.2).
const ACCOUNT_FIELDS: &[AccountField] = &[
    AccountField {
        required: true,
        help: Some(Label::new(
            "叮当开放平台为您的技能分配的 ID。",
            "叮噹開放平台為您的技能分配的 ID。",
            "The ID that the Dingdang open platform gave your skill.",
        )),
        ..AccountField::new("skill_id", Label::new("技能 ID", "技能 ID", "Skill ID"), FieldKind::Text, SKILL_ID_LIMIT)
    },
    AccountField {
        required: true,
        help: Some(Label::new(
            "至少 2048 位的 RSA 私钥，PEM 格式（PKCS#1 或 PKCS#8），不带口令；对应的公钥须提交给叮当。只保存在系统的密钥环中，保存后不再显示。",
            "至少 2048 位元的 RSA 私鑰，PEM 格式（PKCS#1 或 PKCS#8），不設密碼；對應的公鑰須提交給叮噹。只儲存於系統的密鑰圈，儲存後不再顯示。",
            "An RSA key of 2048 bits or more in PEM (PKCS#1 or PKCS#8), without a passphrase; Dingdang holds its public half. It \
             is kept in the system's keyring only and never shown again.",
        )),
        ..AccountField::new(
            "skill_private_key",
            Label::new("技能私钥", "技能私鑰", "Skill's private key"),
            FieldKind::PrivateKey,
            PRIVATE_KEY_LIMIT,
        )
    },
    AccountField {
        needed_where: Some(REFUSES_UNSIGNED),
        help: Some(Label::new(
            "叮当提供的 TSK 公钥，PEM 格式或其中的 Base64 内容，用于核验叮当的签名。",
            "叮噹提供的 TSK 公鑰，PEM 格式或其中的 Base64 內容，用於核驗叮噹的簽署。",
            "The TSK public key that Dingdang gave you, as PEM or the Base64 inside it. It proves what Dingdang signed.",
        )),
        ..AccountField::new(
            "tsk_public_key",
            Label::new("叮当平台公钥", "叮噹平台公鑰", "Dingdang's public key"),
            FieldKind::PublicKey,
            PUBLIC_KEY_LIMIT,
        )
    },
    AccountField {
        help: Some(Label::new(
            "叮当的文档没有说明应答是否带签名。accept：接受通过加密连接收到的未签名应答（默认）；refuse：只相信签名正确的应答，须填写叮当平台公钥。",
            "叮噹的文件沒有說明回覆是否帶簽署。accept：接受經加密連線收到的未簽署回覆（預設）；refuse：只相信簽署正確的回覆，須填寫叮噹平台公鑰。",
            "No document says whether replies are signed. accept: believe unsigned ones that came over the encrypted connection \
             (the default); refuse: believe rightly signed ones only, which needs Dingdang's public key.",
        )),
        ..AccountField::new(
            REFUSES_UNSIGNED.0,
            Label::new("未签名的应答", "未簽署的回覆", "Unsigned replies"),
            FieldKind::Choice(&["accept", REFUSES_UNSIGNED.1]),
            6,
        )
    },
    AccountField {
        help: Some(Label::new(
            "商品目录文件的完整路径，可不填：CSV（第一行 id,name,price）或 JSON（[{\"id\":\"1\",\"name\":\"红茶\",\"price\":500}]），价格为整数，单位分。填写后，语音下单只接受目录中的商品，且每行金额须等于单价乘以数量。",
            "商品目錄檔案的完整路徑，可不填：CSV（首行 id,name,price）或 JSON（[{\"id\":\"1\",\"name\":\"紅茶\",\"price\":500}]），價格為整數，單位為分。填寫後，語音落單只接受目錄中的商品，且每行金額須等於單價乘以數量。",
            "The full path of a file with your goods, if you have one: CSV (first line id,name,price) or JSON \
             ([{\"id\":\"1\",\"name\":\"Tea\",\"price\":500}]), prices in whole fen. With it, an order by voice is taken for goods of the \
             file only, each line at the price times the quantity.",
        )),
        ..AccountField::new(
            "catalogue",
            Label::new("商品目录文件", "商品目錄檔案", "Catalogue file"),
            FieldKind::Text,
            PATH_LIMIT,
        )
    },
];

const CHANNELS: &[Channel] = &[Channel {
    presented: Presented::Elsewhere,
    note: Some(Label::new(
        "顾客在音箱上下单并付款；收银台只收录、查询和退款。",
        "顧客在音箱上下單並付款；收銀台只收錄、查詢及退款。",
        "Customers order and pay at their speaker; the till takes such orders in, asks about them and refunds them.",
    )),
    ..Channel::new("voice", Wallet::Other, Label::new("语音订单", "語音訂單", "Voice orders"))
}];
